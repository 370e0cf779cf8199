"""When a clinic can see a person: opening hours, rooms, staff and what is booked already, asked day by day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from follicast.people.clinic import Clinic, Resource

_DAY_MINUTES: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class Slot:
    """One place in the diary. `time` is local, "10:00"; None = a whole day, as where no clinic file is given."""

    date: date
    time: str | None = None
    room: str | None = None
    staff: str | None = None


@dataclass(frozen=True, slots=True)
class Busy:
    """A stretch of time (UTC) that is taken. `whose` names the appointment where it is the person's own, else empty."""

    start: datetime
    end: datetime
    room: str | None
    staff: str | None
    whose: str = ""

    def meets(self, start: datetime, end: datetime) -> bool:
        """Whether it shares time with the stretch from start to end."""
        return self.start < end and start < self.end


def clock(minutes: int) -> str:
    """Minutes after midnight as "10:00"."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def minutes_of(text: str) -> int:
    """A time "10:00" as minutes after midnight."""
    hours, minutes = text.split(":")
    return 60 * int(hours) + int(minutes)


def moment(zone: ZoneInfo, day: date, minutes: int) -> datetime:
    """The instant (UTC) of a local time, in minutes after midnight; 1440 is the midnight that ends the day.

    A time that comes twice (clocks set back) is the first of the two, as RFC 5545 reads it.
    """
    day, minutes = (day + timedelta(days=1), 0) if minutes == _DAY_MINUTES else (day, minutes)
    return datetime.combine(day, time(minutes // 60, minutes % 60), zone).astimezone(UTC)


def local_time_problem(zone: ZoneInfo, day: date, text: str) -> str | None:
    """What is odd about a local time where clocks change: it does not exist or comes twice; None = nothing."""
    minutes = minutes_of(text)
    naive = datetime.combine(day, time(minutes // 60, minutes % 60))
    there = naive.replace(tzinfo=zone)
    if there.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != naive:
        return "does not exist"
    return "comes twice" if there.utcoffset() != there.replace(fold=1).utcoffset() else None


class Desk:
    """Finds free times. Without a clinic every day from `first_day` on is free, as a whole day."""

    def __init__(self, clinic: Clinic | None = None, taken: Iterable[Busy] = (), first_day: date | None = None) -> None:
        """`taken` adds to the clinic's own bookings; `first_day` is the earliest day that may be given away."""
        self.clinic = clinic
        self.first_day = first_day
        self._taken: dict[date, list[Busy]] = {}
        self._others: list[Busy] = []
        if clinic is not None:
            for booking in clinic.bookings:
                start = booking.start.replace(tzinfo=clinic.zone).astimezone(UTC)
                end = start + timedelta(minutes=booking.minutes)
                self._add(Busy(start, end, booking.room, booking.staff))
        for busy in taken:
            self._add(busy)

    def _add(self, busy: Busy) -> None:
        self._others.append(busy)
        day = busy.start.date() - timedelta(days=1)
        while day <= busy.end.date() + timedelta(days=1):
            self._taken.setdefault(day, []).append(busy)
            day += timedelta(days=1)

    def plus(self, taken: Iterable[Busy]) -> Desk:
        """The same desk with more time taken."""
        desk = Desk(None, (), self.first_day)
        desk.clinic = self.clinic
        for busy in (*self._others, *taken):
            desk._add(busy)
        return desk

    def busy(self, slot: Slot, minutes: int, whose: str) -> Busy | None:
        """The time that this slot takes; None for a whole day, which keeps nobody from anything."""
        if self.clinic is None or slot.time is None:
            return None
        start = moment(self.clinic.zone, slot.date, minutes_of(slot.time))
        return Busy(start, start + timedelta(minutes=minutes), slot.room, slot.staff, whose)

    def nobody(self, task: str) -> str | None:
        """Why no day at all will do, if no room is for this task, or nobody does it; else None."""
        if self.clinic is None:
            return None
        if not any(room.can(task) for room in self.clinic.rooms):
            return f"no room is for {task}"
        return None if any(who.can(task) for who in self.clinic.staff) else f"no member of staff does {task}"

    def free(self, task: str, minutes: int, day: date, near: str | None = None) -> Slot | None:
        """The free time on that day nearest to `near` (else the first of the day), or None."""
        if self.first_day is not None and day < self.first_day:
            return None
        if self.clinic is None:
            return Slot(day)
        if self.clinic.shut(day) is not None:
            return None
        wanted = minutes_of(near) if near is not None else 0
        for start in sorted(self._starts(day, minutes), key=lambda m: (abs(m - wanted), m)):
            found = self.place(task, minutes, day, clock(start))
            if found is not None:
                return found
        return None

    def place(self, task: str, minutes: int, day: date, at: str) -> Slot | None:
        """That very time with a free room and a free member of staff; None if it is not to be had."""
        rooms, staff, person = self._there(task, minutes, day, at)
        return Slot(day, at, rooms[0], staff[0]) if rooms and staff and person else None

    def holds(self, task: str, minutes: int, slot: Slot) -> bool:
        """Whether a slot given earlier can be kept as it is."""
        if self.first_day is not None and slot.date < self.first_day:
            return False
        if self.clinic is None or slot.time is None:
            return self.clinic is None
        if self.clinic.shut(slot.date) is not None or not self._within(slot.date, minutes_of(slot.time), minutes):
            return False
        rooms, staff, person = self._there(task, minutes, slot.date, slot.time)
        return person and slot.room in rooms and slot.staff in staff

    def why_not(self, task: str, minutes: int, day: date, at: str | None = None) -> str:
        """Why a day, or a time of it, cannot be had; for days on which `free` found nothing."""
        if self.first_day is not None and day < self.first_day:
            return f"before {self.first_day}"
        assert self.clinic is not None
        shut = self.clinic.shut(day)
        if shut is not None:
            return shut
        if at is not None and not self._within(day, minutes_of(at), minutes):
            problem = local_time_problem(self.clinic.zone, day, at)
            return f"{at} {problem} on that day" if problem == "does not exist" else "outside the opening hours"
        starts = [at] if at is not None else [clock(m) for m in self._starts(day, minutes)]
        there = [self._there(task, minutes, day, start) for start in starts]
        if not there:
            return "no opening hours long enough"
        if not any(rooms for rooms, _, _ in there):
            return "no free room"
        if not any(staff for _, staff, _ in there):
            return "no free member of staff"
        if not any(rooms and staff for rooms, staff, _ in there):
            return "no room and member of staff free together"
        return "the person has another appointment"

    def _within(self, day: date, start: int, minutes: int) -> bool:
        """Whether something so long may begin at that minute: the time exists, and it ends while the clinic is open."""
        clinic = self.clinic
        assert clinic is not None
        if local_time_problem(clinic.zone, day, clock(start)) == "does not exist":
            return False
        end = moment(clinic.zone, day, start) + timedelta(minutes=minutes)
        return any(
            first <= start and end <= moment(clinic.zone, day, last) for first, last in clinic.hours[day.weekday()]
        )

    def _starts(self, day: date, minutes: int) -> Iterator[int]:
        """Minutes of the day at which appointments are given, none within a change of the clocks."""
        clinic = self.clinic
        assert clinic is not None
        for first, last in clinic.hours[day.weekday()]:
            close = moment(clinic.zone, day, last)
            for start in range(first, last, clinic.slot_minutes):
                if local_time_problem(clinic.zone, day, clock(start)) is not None:
                    continue
                if moment(clinic.zone, day, start) + timedelta(minutes=minutes) <= close:
                    yield start

    def _there(self, task: str, minutes: int, day: date, at: str) -> tuple[list[str], list[str], bool]:
        """Free rooms and free staff for the task at that time, and whether the person is free."""
        clinic = self.clinic
        assert clinic is not None
        start = moment(clinic.zone, day, minutes_of(at))
        end = start + timedelta(minutes=minutes)
        met = [busy for busy in self._taken.get(day, ()) if busy.meets(start, end)]
        rooms, staff = {busy.room for busy in met}, {busy.staff for busy in met}
        return (
            _names(clinic.rooms, task, day, rooms),
            _names(clinic.staff, task, day, staff),
            not any(busy.whose for busy in met),
        )


def _names(resources: Sequence[Resource], task: str, day: date, taken: set[str | None]) -> list[str]:
    return [r.name for r in resources if r.serves(task, day) and r.name not in taken]


def shared(first: Busy, second: Busy) -> list[str]:
    """What two appointments that meet in time both claim: the person, a room, a member of staff."""
    if not first.meets(second.start, second.end):
        return []
    claims = ["the same person"] if first.whose and second.whose else []
    if first.room is not None and first.room == second.room:
        claims.append(f"room {first.room}")
    if first.staff is not None and first.staff == second.staff:
        claims.append(f"{first.staff}")
    return claims


def without(busy: Iterable[Busy], whose: str) -> list[Busy]:
    """The others: what is left when the appointments of one name are taken out."""
    return [replace(b) for b in busy if b.whose != whose]
