"""schedule.json: every appointment of a plan with its state, and the history of every change.

The file is this record as JSON. It is versioned: each change makes `version` one higher, so that of two writers who
began from the same version only one can win. Nothing is ever deleted; what does not take place keeps its entry.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from follicast.decisions.booking.openings import Busy, minutes_of, moment, shared
from follicast.decisions.result import AppointmentStatus, Course, Event, PlanResult, Record
from follicast.language import say
from follicast.quantities import InputError

KINDS: Final = ("session", "measure", "surgery")
GIVEN: Final = ("done", "partial")
LIVE: Final = ("planned", "booked", "arrived", "done", "partial")
"""What takes place, or did; the others (missed, cancelled, void) only leave their trace."""
MAY_MOVE: Final = ("planned", "booked")
TRANSITIONS: Final[dict[AppointmentStatus, tuple[AppointmentStatus, ...]]] = {
    "planned": ("booked", "arrived", "done", "partial", "missed", "cancelled"),
    "booked": ("planned", "arrived", "done", "partial", "missed", "cancelled"),
    "arrived": ("done", "partial", "missed", "cancelled", "void"),
    "done": ("void",),
    "partial": ("done", "void"),
    "missed": ("void",),
    "cancelled": (),
    "void": (),
}
"""What each state may become. Void takes back what was entered by mistake."""
STATES: Final[dict[AppointmentStatus, str]] = {
    "planned": "planned",
    "booked": "booked",
    "arrived": "arrived",
    "done": "done",
    "partial": "partly done",
    "missed": "missed",
    "cancelled": "cancelled",
    "void": "void",
}
"""The states in words."""


def _utc(when: dt.datetime) -> dt.datetime:
    if when.tzinfo is None:
        raise ValueError("needs a time zone")
    return when.astimezone(dt.UTC)


Instant = Annotated[dt.datetime, AfterValidator(_utc)]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Waiver(Record):
    """Who set the least interval or a protected window aside, and why."""

    by: str
    reason: str
    on: dt.date


class Appointment(Record):
    """One appointment. `id` is what people call it; `uid` and `sequence` are those of the calendar entry.

    `number` of `of` is the place in the course; `round` counts courses (2 after a restart), `attempt` the tries at one
    place (2 makes up for a missed one). `earliest` and `latest` are how far it may move. `changed` is when the calendar
    entry last changed. `text` says what it is and is for the clinic only. `by_hand` says that
    somebody chose this date, so that planning keeps it while it can.
    """

    id: str
    uid: str
    kind: Literal["session", "measure", "surgery"]
    therapy: str | None
    number: int | None
    of: int | None
    round: int = 1
    attempt: int = 1
    status: AppointmentStatus
    date: dt.date
    time: Clock | None
    minutes: int = Field(gt=0)
    room: str | None
    staff: str | None
    earliest: dt.date
    latest: dt.date
    text: str
    sequence: int = Field(ge=0)
    changed: Instant
    waiver: Waiver | None = None
    by_hand: bool = False

    @property
    def live(self) -> bool:
        """Whether it takes place, or did."""
        return self.status in LIVE

    def busy(self, zone: ZoneInfo) -> Busy | None:
        """The time it takes; None for a whole day or for what does not take place."""
        if self.time is None or not self.live:
            return None
        start = moment(zone, self.date, minutes_of(self.time))
        return Busy(start, start + dt.timedelta(minutes=self.minutes), self.room, self.staff, self.id)


class Change(Record):
    """One entry of the history: the version it made, when it was written, for which day, what, why and by whom."""

    version: int
    at: Instant
    on: dt.date
    what: list[str]
    why: str
    by: str


class Choice(Record):
    """One way to go on after a long gap: sessions still to come, the last of them, and the mean drive of a year.

    `drive` is the mean share of the full effect of the sessions over the year from now on, by the model of the therapy.
    """

    what: Literal["restart", "continue", "stop"]
    sessions: int
    last: dt.date | None
    drive: float


class Pending(Record):
    """A decision that somebody must take: a course in which the gap between two sessions has become too long.

    The sessions from `next_date` on are only planned until then. `place` names the gap for `Schedule.continued`.
    """

    therapy: str
    place: str
    before: dt.date
    next_date: dt.date
    gap_days: int
    limit_days: int
    choices: list[Choice]


class Schedule(Record):
    """Every appointment of one plan. `key` is the stem of calendar names; `continued` lists gaps that were accepted.

    `time_zone` is that of the clinic (None = whole days). `alarm_hours` is how long before a calendar should remind,
    `language` the tag of the language its texts are in.
    """

    format: Literal[1] = 1
    version: int = Field(ge=1)
    key: str
    person: str
    as_of: dt.date
    time_zone: str | None
    alarm_hours: int | None = Field(default=None, ge=0, le=24 * 28)
    language: str = "en"
    courses: list[Course]
    appointments: list[Appointment]
    pending: list[Pending] = []
    continued: list[str] = []
    history: list[Change] = []

    @model_validator(mode="after")
    def _names_are_unique(self) -> Schedule:
        for names in ([a.id for a in self.appointments], [a.uid for a in self.appointments]):
            if len(set(names)) < len(names):
                raise ValueError("has the same appointment twice")
        return self

    def course(self, therapy: str | None) -> Course | None:
        """The course of a therapy."""
        return next((course for course in self.courses if course.therapy == therapy), None)

    def chain(self, therapy: str) -> list[Appointment]:
        """The sessions of a therapy that take place, or did, in their order."""
        own = [a for a in self.appointments if a.therapy == therapy and a.kind == "session" and a.live]
        return sorted(own, key=lambda a: (a.round, a.number or 0, a.attempt))

    def operations(self) -> list[dt.date]:
        """Days of operations that take place, or did."""
        return [a.date for a in self.appointments if a.kind == "surgery" and a.live]

    def conflicts(self, others: Iterable[Busy] = ()) -> list[str]:
        """Pairs of appointments that claim the same person, room or member of staff at once, in words."""
        if self.time_zone is None:
            return []
        zone, taken = ZoneInfo(self.time_zone), list(others)
        own = [(a, busy) for a in in_diary_order(self.appointments) if (busy := a.busy(zone))]
        found = []
        for k, (a, busy) in enumerate(own):
            for b, other in own[k + 1 :]:
                claims = shared(busy, other)
                if claims:
                    found.append(f"{a.id} and {b.id} on {a.date} at {a.time} and {b.time}: {', '.join(claims)}.")
            for other in taken:
                claims = shared(busy, other)
                if claims:
                    found.append(f"{a.id} on {a.date} at {a.time}: {', '.join(claims)} is taken.")
        return found


def person_key(result: PlanResult) -> str:
    """The stem of a person's calendar names: the same for a plan made again, another for another label."""
    person = result.person
    words = "|".join((person.label, person.sex, person.jurisdiction or ""))
    return hashlib.sha256(words.encode()).hexdigest()[:32]


def uid_of(key: str, appointment_id: str) -> str:
    """The name of a calendar entry, which says nothing of what it is."""
    return f"{hashlib.sha256(f'{key}|{appointment_id}'.encode()).hexdigest()[:32]}@follicast"


def schedule_of(result: PlanResult) -> Schedule:
    """The appointments of a plan as it was made, before anything has happened."""
    key = person_key(result)
    stamp = dt.datetime.combine(result.as_of, dt.time(), tzinfo=dt.UTC)
    made: list[Appointment] = []
    seen: dict[str, int] = {}
    zones = [e.time_zone for e in result.schedule if e.time_zone is not None]
    for event in result.schedule:
        if event.kind not in KINDS:
            continue
        stem = event.therapy or event.kind
        seen[stem] = seen.get(stem, 0) + 1
        name = event.id or f"{stem}-{event.number or seen[stem]}"
        made.append(_appointment(event, name, uid_of(key, name), stamp))
    return Schedule(
        version=1,
        key=key,
        person=result.person.label,
        as_of=result.as_of,
        time_zone=zones[0] if zones else None,
        language=result.language,
        courses=result.courses,
        appointments=in_diary_order(made),
        history=[Change(version=1, at=stamp, on=result.as_of, what=[say("The plan was made.")], why="", by="")],
    )


def in_diary_order(appointments: Iterable[Appointment]) -> list[Appointment]:
    """By date, time and name."""
    return sorted(appointments, key=lambda a: (a.date, a.time or "", a.id))


def _appointment(event: Event, name: str, uid: str, stamp: dt.datetime) -> Appointment:
    return Appointment.model_validate(
        {
            "id": name,
            "uid": uid,
            "kind": event.kind,
            "therapy": event.therapy,
            "number": event.number,
            "of": event.of,
            "status": event.status,
            "date": event.date,
            "time": event.time,
            "minutes": event.minutes or 30,
            "room": event.room,
            "staff": event.staff,
            "earliest": event.earliest,
            "latest": event.latest,
            "text": event.private,
            "sequence": 0,
            "changed": stamp,
        }
    )


def sessions_done(schedule: Schedule) -> list[Appointment]:
    """The sessions that were given, whole or in part, in order of date."""
    given = [a for a in schedule.appointments if a.kind == "session" and a.status in GIVEN]
    return sorted(given, key=lambda a: (a.date, a.id))


def stepped(appointment: Appointment, status: AppointmentStatus) -> Appointment:
    """The appointment in another state.

    Raises:
        InputError: it cannot go from the one to the other.
    """
    allowed = TRANSITIONS[appointment.status]
    if status not in allowed:
        may = f"it can only become {', '.join(allowed)}" if allowed else "that is final"
        raise InputError(f"{appointment.id} is {appointment.status} and cannot become {status}; {may}.")
    return appointment.model_copy(update={"status": status})
