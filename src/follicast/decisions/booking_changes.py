"""What happens to a schedule: done, missed, moved, cancelled, stopped, restarted, an operation added.

Every function takes a schedule and returns another; `changed` does all that was asked at once, plans the chain anew and
writes the history. What was done never moves, what comes is never lost, and no session comes nearer than its least
interval unless somebody signs for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from follicast.decisions.booking import Busy, Desk, Slot, clock, local_time_problem, minutes_of
from follicast.decisions.booking_plan import continued, zone_of
from follicast.decisions.booking_record import (
    GIVEN,
    LIVE,
    MAY_MOVE,
    Appointment,
    Change,
    Schedule,
    Waiver,
    in_diary_order,
    stepped,
    uid_of,
)
from follicast.decisions.booking_replan import moves, replanned, window_in
from follicast.decisions.candidates import TRANSPLANT
from follicast.decisions.courses import length_of, protected, task_of
from follicast.decisions.result import AppointmentStatus, Course
from follicast.language import say
from follicast.people.clinic import Clinic
from follicast.quantities import InputError

ALL: Final = "all"
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Move:
    """An appointment to another day, or to a time of it."""

    word: str
    day: date
    time: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for on day `on`. Appointments are named by id, or by number where there is only one course.

    `done` and `partial` may carry the day on which it really was. `stop`, `restart` and `go_on` name a therapy, or
    "all". `waiver` signs for a session that is too near to another one or to an operation.
    """

    on: date
    done: tuple[tuple[str, date | None], ...] = ()
    partial: tuple[tuple[str, date | None], ...] = ()
    arrived: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    cancel: tuple[str, ...] = ()
    void: tuple[str, ...] = ()
    move: tuple[Move, ...] = ()
    stop: str | None = None
    restart: str | None = None
    go_on: str | None = None
    transplant: date | None = None
    waiver: Waiver | None = None
    by: str = ""
    why: str = ""


@dataclass
class _Work:
    """A schedule being changed, and what the planning of the chain must know of it."""

    schedule: Schedule
    request: Request
    clinic: Clinic | None
    others: tuple[Busy, ...]
    undated: set[str]
    fixed: set[str]

    def put(self, new: Appointment) -> None:
        rest = [a for a in self.schedule.appointments if a.id != new.id]
        self.schedule = self.schedule.model_copy(update={"appointments": [*rest, new]})

    def desk(self, without: Iterable[str]) -> Desk:
        """Times that are free when these appointments are left aside."""
        aside, zone = set(without), zone_of(self.schedule)
        own = [b for a in self.schedule.appointments if zone and a.id not in aside and (b := a.busy(zone)) is not None]
        return Desk(self.clinic, (*self.others, *own), self.request.on)


def changed(
    schedule: Schedule,
    request: Request,
    at: dt.datetime,
    clinic: Clinic | None = None,
    others: Iterable[Busy] = (),
) -> Schedule:
    """The schedule after what is asked for, with the chain planned anew.

    Args:
        schedule: as it stands.
        request: what is asked for.
        at: the instant of writing (UTC).
        clinic: where times are found; needed where a schedule with times needs another time.
        others: what other plans have booked in the clinic.

    Returns:
        The schedule, one version further; the same one if nothing changed.

    Raises:
        InputError: something that is asked for cannot be; nothing is changed then.
    """
    work = _Work(schedule, request, clinic, tuple(others), set(), set())
    given: list[tuple[str, date | None, AppointmentStatus]] = [(word, day, "done") for word, day in request.done]
    given += [(word, day, "partial") for word, day in request.partial]
    for word, day, status in sorted(given, key=lambda g: find(schedule, g[0]).date):
        _give(work, word, status, day)
    for word in request.arrived:
        work.put(stepped(find(work.schedule, word), "arrived"))
    for word in request.missed:
        _miss(work, word)
    for word in request.void:
        _void(work, word)
    for word in request.cancel:
        _cancel(work, word)
    _stop(work)
    _restart(work)
    _operate(work)
    for move in request.move:
        _move(work, move)
    _continue(work)
    coming = request.cancel or request.missed or request.void or request.move or request.done or request.partial
    if coming or clinic is not None or request.transplant or request.restart or request.go_on or request.stop:
        work.schedule = replanned(work.schedule, clinic, request.on, work.undated, work.fixed, work.others)
    return _sealed(schedule, work.schedule, request, at)


def cancel_future(
    schedule: Schedule,
    therapies: Sequence[str],
    note: str,
    *,
    on: date | None = None,
    at: dt.datetime | None = None,
    by: str = "",
) -> Schedule:
    """The schedule with the coming sessions of these therapies cancelled, as when a safety rule pauses a line.

    Args:
        schedule: as it stands.
        therapies: whose sessions are cancelled; what was given stays.
        note: why, for the history; nothing of it goes into a calendar.
        on: from which day on; the plan's own day if not given.
        at: the instant of writing (UTC); the day's midnight if not given.
        by: who does it.
    """
    day = on or schedule.as_of
    work = _Work(schedule, Request(day, why=note, by=by), None, (), set(), set())
    for a in schedule.appointments:
        if a.kind == "session" and a.therapy in therapies:
            _drop(work, a)
    pending = [p for p in schedule.pending if p.therapy not in therapies]
    work.schedule = work.schedule.model_copy(update={"pending": pending})
    return _sealed(schedule, work.schedule, work.request, at or dt.datetime.combine(day, dt.time(), dt.UTC))


def find(schedule: Schedule, word: str) -> Appointment:
    """The appointment that a word means: its id, or the number of a session where there is one course.

    Raises:
        InputError: there is none, or there are several.
    """
    exact = next((a for a in schedule.appointments if a.id == word), None)
    if exact is not None:
        return exact
    ids = [a.id for a in schedule.appointments if a.live]
    if not word.isdigit():
        raise InputError(f"{word} is no appointment of this schedule; there are {', '.join(ids) or 'none'}.")
    therapies = list(dict.fromkeys(a.therapy for a in schedule.appointments if a.kind == "session"))
    if len(therapies) > 1:
        raise InputError(f"{word} could be of several courses; say which, as in {therapies[0]}-{word}.")
    own = [a for a in schedule.appointments if a.kind == "session" and a.number == int(word)]
    if not own:
        raise InputError(f"there is no session {word}; there are {', '.join(ids) or 'none'}.")
    return max(own, key=lambda a: (a.live, a.round, a.attempt))


def _give(work: _Work, word: str, status: AppointmentStatus, day: date | None) -> None:
    a, on = find(work.schedule, word), work.request.on
    new = stepped(a, status)
    when = day or a.date
    if when > on:
        raise InputError(f"{a.id} is on {when}, after {on}; give --on with the day on which it was {status}.")
    if a.kind == "session" and a.therapy is not None:
        chain = work.schedule.chain(a.therapy)
        place = next(k for k, b in enumerate(chain) if b.id == a.id)
        waiting = next((b for b in chain[:place] if b.status not in GIVEN), None)
        if waiting is not None:
            raise InputError(f"{waiting.id} comes before {a.id}: say whether it was done, missed or cancelled.")
        if place and day is not None:
            new = _apart(work, chain[place - 1], new, when)
    if when != a.date:
        new = new.model_copy(update={"time": None, "room": None, "staff": None})
    work.put(new.model_copy(update={"date": when, "earliest": when, "latest": when}))


def _apart(work: _Work, before: Appointment, a: Appointment, when: date) -> Appointment:
    """The appointment, signed for where it is too near to the one before."""
    course = work.schedule.course(a.therapy)
    assert course is not None
    least = window_in(work.schedule, course, a).shortest
    gap = (when - before.date).days
    if gap >= least:
        return a
    if work.request.waiver is not None and gap > 0:
        return a.model_copy(update={"waiver": work.request.waiver})
    allowed = f'at least {least} days are kept, or give --override "NAME: REASON"' if gap > 0 else "it comes later"
    raise InputError(f"{a.id} on {when} is {gap} days after {before.id} on {before.date}; {allowed}.")


def _again(work: _Work, a: Appointment) -> None:
    """A further try at the place of an appointment that did not take place."""
    taken = [b for b in work.schedule.appointments if (b.kind, b.therapy) == (a.kind, a.therapy)]
    same = [b for b in taken if (b.round, b.number) == (a.round, a.number) and _stem(b) == _stem(a)]
    attempt = max(b.attempt for b in same) + 1
    letter = "abcdefghijklmnopqrstuvwxyz"[attempt - 1] if attempt <= 26 else f".{attempt}"
    name = f"{_stem(a)}{letter}"
    window = {"earliest": work.request.on + _DAY, "latest": max(a.latest, work.request.on + timedelta(days=14))}
    fresh = {
        "id": name,
        "uid": uid_of(work.schedule.key, name),
        "attempt": attempt,
        "status": "planned",
        "waiver": None,
    }
    unset = {"time": None, "room": None, "staff": None, "sequence": 0}
    work.put(a.model_copy(update=fresh | unset | window))
    work.undated.add(name)


def _stem(a: Appointment) -> str:
    """The id without the letter of the attempt."""
    if a.attempt == 1:
        return a.id
    letter = "abcdefghijklmnopqrstuvwxyz"[a.attempt - 1] if a.attempt <= 26 else f".{a.attempt}"
    return a.id.removesuffix(letter)


def _miss(work: _Work, word: str) -> None:
    a, on = find(work.schedule, word), work.request.on
    new = stepped(a, "missed")
    if a.date > on:
        raise InputError(f"{a.id} is on {a.date}, after {on}; it can be cancelled or moved, not missed.")
    _nothing_given_after(work, a)
    work.put(new)
    if a.kind != "surgery":
        _again(work, a)


def _void(work: _Work, word: str) -> None:
    a = find(work.schedule, word)
    new = stepped(a, "void")
    _nothing_given_after(work, a)
    work.put(new)
    same = [b for b in work.schedule.appointments if b.live and _stem(b) == _stem(a)]
    if a.kind != "surgery" and not same:
        _again(work, a)


def _nothing_given_after(work: _Work, a: Appointment) -> None:
    later = [b for b in work.schedule.chain(a.therapy or "") if (b.round, b.number or 0) > (a.round, a.number or 0)]
    given = next((b for b in later if b.status not in MAY_MOVE), None)
    if a.kind == "session" and given is not None:
        raise InputError(f"{a.id} cannot be taken out of its place: {given.id} after it is {given.status}.")


def _cancel(work: _Work, word: str) -> None:
    a = find(work.schedule, word)
    new = stepped(a, "cancelled")
    if a.date < work.request.on:
        raise InputError(f"{a.id} was on {a.date}, before {work.request.on}; say whether it was done or missed.")
    work.put(new)


def _drop(work: _Work, a: Appointment) -> None:
    """Cancel what is still to come; what is past or under way stays."""
    if a.status in MAY_MOVE and a.date >= work.request.on:
        work.put(a.model_copy(update={"status": "cancelled"}))


def _therapies(work: _Work, word: str) -> list[str]:
    known = [course.therapy for course in work.schedule.courses]
    if word != ALL and word not in known:
        raise InputError(f"{word} is no course of this schedule; there are {', '.join(known) or 'none'}, or all.")
    return known if word == ALL else [word]


def _stop(work: _Work) -> None:
    if work.request.stop is None:
        return
    for therapy in _therapies(work, work.request.stop):
        for a in work.schedule.chain(therapy):
            _drop(work, a)


def _restart(work: _Work) -> None:
    if work.request.restart is None:
        return
    for therapy in _therapies(work, work.request.restart):
        course = work.schedule.course(therapy)
        own = [a for a in work.schedule.appointments if a.therapy == therapy and a.kind == "session"]
        assert course is not None
        for a in work.schedule.chain(therapy):
            _drop(work, a)
        number = max((a.round for a in own), default=0) + 1
        for k in range(len(course.gaps)):
            _add_session(work, course, own[0], number, k)


def _add_session(work: _Work, course: Course, like: Appointment, number: int, k: int) -> None:
    """One session of a course that begins anew."""
    name = f"{course.therapy}-r{number}-{k + 1}"
    text = say("{name}, session {number} of {of}", name=say(course.label), number=k + 1, of=len(course.gaps))
    update = {"id": name, "uid": uid_of(work.schedule.key, name), "number": k + 1, "of": len(course.gaps)}
    update |= {"round": number, "attempt": 1, "status": "planned", "time": None, "room": None, "staff": None}
    update |= {"text": text, "sequence": 0, "waiver": None, "date": work.request.on + _DAY, "minutes": course.minutes}
    work.put(like.model_copy(update=update | {"earliest": work.request.on + _DAY, "latest": work.request.on + _DAY}))
    work.undated.add(name)


def _continue(work: _Work) -> None:
    if work.request.go_on is None:
        return
    wanted = _therapies(work, work.request.go_on)
    places = [p.place for p in work.schedule.pending if p.therapy in wanted]
    if not places:
        raise InputError(f"{work.request.go_on} waits for no decision, so there is nothing to continue.")
    work.schedule = work.schedule.model_copy(update={"continued": [*work.schedule.continued, *places]})


def _operate(work: _Work) -> None:
    day, on = work.request.transplant, work.request.on
    if day is None:
        return
    if day < on:
        raise InputError(f"--transplant {day}: is before {on}.")
    own = [a for a in work.schedule.appointments if a.kind == "surgery"]
    coming = next((a for a in own if a.status in MAY_MOVE), None)
    if coming is not None:
        raise InputError(f"{coming.id} is planned on {coming.date} already; use --move {coming.id}={day}.")
    minutes = length_of("surgery", None, work.clinic)
    desk = work.desk(a.id for a in work.schedule.appointments if moves(a, on))
    slot: Slot | None = Slot(day)
    if work.clinic is not None and desk.nobody(TRANSPLANT) is None:
        slot = desk.free(TRANSPLANT, minutes, day)
        if slot is None:
            raise InputError(f"--transplant {day}: {desk.why_not(TRANSPLANT, minutes, day)}.")
    assert slot is not None
    name = f"{TRANSPLANT}-{len(own) + 1}"
    fields: dict[str, object] = {
        "id": name,
        "uid": uid_of(work.schedule.key, name),
        "kind": "surgery",
        "therapy": TRANSPLANT,
    }
    fields |= {"status": "planned", "date": day, "time": slot.time, "room": slot.room, "staff": slot.staff}
    fields |= {"minutes": minutes, "earliest": day, "latest": day, "text": say("Hair transplantation"), "sequence": 0}
    now = dt.datetime.combine(on, dt.time(), dt.UTC)
    work.put(Appointment.model_validate(fields | {"number": None, "of": None, "changed": now}))


def _move(work: _Work, move: Move) -> None:
    a, on = find(work.schedule, move.word), work.request.on
    if a.status not in MAY_MOVE:
        raise InputError(f"{a.id} is {a.status}; only what is planned or booked can be moved.")
    if move.day < on:
        raise InputError(f"{a.id} cannot move to {move.day}, which is before {on}.")
    new = a.model_copy(update={"waiver": None})
    later: list[Appointment] = []
    if a.kind == "session" and a.therapy is not None:
        chain = work.schedule.chain(a.therapy)
        place = next(k for k, b in enumerate(chain) if b.id == a.id)
        later = chain[place + 1 :]
        if place:
            new = _apart(work, chain[place - 1], new, move.day)
        new = _unprotected(work, new, move.day)
    slot = _place(work, a, move, [b.id for b in later if moves(b, on)])
    update = {"date": slot.date, "time": slot.time, "room": slot.room, "staff": slot.staff}
    work.put(new.model_copy(update=update | {"earliest": slot.date, "latest": slot.date}))
    work.undated.discard(a.id)
    work.fixed.add(a.id)


def _unprotected(work: _Work, a: Appointment, day: date) -> Appointment:
    """The session, signed for where it comes too near to an operation."""
    course = work.schedule.course(a.therapy)
    assert course is not None
    near = [(start, end) for start, end in protected(course, work.schedule.operations()) if start <= day <= end]
    if not near:
        return a
    if work.request.waiver is not None:
        return a.model_copy(update={"waiver": work.request.waiver})
    start, end = near[0]
    raise InputError(
        f"{a.id} on {day} is too near to the operation: no session from {start} to {end}, "
        'or give --override "NAME: REASON".'
    )


def _place(work: _Work, a: Appointment, move: Move, aside: list[str]) -> Slot:
    """Where a moved appointment goes: the time that was asked for, or the first that is free on that day."""
    clinic = work.clinic
    if clinic is None:
        if move.time is not None or work.schedule.time_zone is not None:
            raise InputError(f"{a.id} needs a time that is free: give --clinic CLINIC.toml to find one.")
        return Slot(move.day)
    task, desk = task_of(a.kind, a.therapy), work.desk([a.id, *aside])
    if move.time is not None and local_time_problem(clinic.zone, move.day, move.time) == "does not exist":
        raise InputError(f"{a.id}: {move.day} {move.time} does not exist in {clinic.time_zone}: clocks go forward.")
    slot = desk.free(task, a.minutes, move.day, a.time)
    if move.time is not None:
        wanted = Slot(move.day, clock(minutes_of(move.time)))
        made = desk.place(task, a.minutes, move.day, move.time)
        slot = made if made is not None and desk.holds(task, a.minutes, made) else None
        if slot is None:
            clash = _clash(work, a, wanted, aside)
            why = desk.nobody(task) or desk.why_not(task, a.minutes, move.day, move.time)
            raise InputError(f"{a.id} cannot be on {move.day} at {move.time}: {why}{clash}.")
    if slot is None:
        raise InputError(f"{a.id} cannot be on {move.day}: {desk.why_not(task, a.minutes, move.day)}.")
    return slot


def _clash(work: _Work, a: Appointment, wanted: Slot, aside: list[str]) -> str:
    """Which of the person's own appointments are in the way, with what else they claim."""
    zone = zone_of(work.schedule) or (work.clinic.zone if work.clinic else None)
    busy = work.desk([]).busy(wanted, a.minutes, a.id)
    if zone is None or busy is None:
        return ""
    met = []
    for b in work.schedule.appointments:
        other = b.busy(zone) if b.id not in (a.id, *aside) else None
        if other is not None and other.meets(busy.start, busy.end):
            met.append(f"{b.id} is at {b.time} in {b.room} with {b.staff}")
    return f" ({'; '.join(met)})" if met else ""


def _sealed(old: Schedule, new: Schedule, request: Request, at: dt.datetime) -> Schedule:
    """The new schedule with its version, its calendar entries counted on, and its history."""
    before = {a.id: a for a in old.appointments}
    made = [
        continued(before[a.id], a, at) if a.id in before else a.model_copy(update={"changed": at})
        for a in new.appointments
    ]
    told = differences(old, made)
    told += [
        f"{p.therapy}: {p.gap_days} days without a session: restart, continue or stop?"
        for p in new.pending
        if p not in old.pending
    ]
    candidate = new.model_copy(update={"appointments": in_diary_order(made)})
    if candidate == old:
        return old
    if request.waiver is not None:
        told.append(f"Override by {request.waiver.by}: {request.waiver.reason}.")
    version = old.version + 1
    change = Change(version=version, at=at, on=request.on, what=told, why=request.why, by=request.by)
    return candidate.model_copy(update={"version": version, "history": [*old.history, change]})


def differences(old: Schedule, appointments: Iterable[Appointment]) -> list[str]:
    """What is another than before, one sentence for each appointment."""
    before = {a.id: a for a in old.appointments}
    told = []
    for a in appointments:
        was = before.get(a.id)
        if was is None:
            told.append(f"{a.id} is new, on {when_of(a)}.")
        elif a.status != was.status and (a.status not in LIVE or a.status in (*GIVEN, "arrived")):
            told.append(f"{a.id} on {when_of(a)} is {a.status}.")
        elif when_of(a) != when_of(was):
            told.append(f"{a.id} moves from {when_of(was)} to {when_of(a)}.")
        elif (a.room, a.staff) != (was.room, was.staff):
            told.append(f"{a.id} on {when_of(a)} is now in {a.room} with {a.staff}.")
    return told


def when_of(a: Appointment) -> str:
    """The date with its time, if it has one."""
    return f"{a.date} {a.time}" if a.time is not None else f"{a.date}"
