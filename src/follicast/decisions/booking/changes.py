"""What happens to a schedule: done, missed, moved, cancelled, stopped, restarted, an operation added.

Every function takes a schedule and returns another; `changed` does all that was asked at once, plans the chain anew and
writes the history. What was done never moves, what comes is never lost, and no session comes nearer than its least
interval unless somebody signs for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final

from follicast.decisions.booking.courses import length_of, usual_course
from follicast.decisions.booking.diary import continued
from follicast.decisions.booking.moves import apart, moved
from follicast.decisions.booking.openings import Busy, Slot
from follicast.decisions.booking.record import (
    GIVEN,
    LIVE,
    MAY_MOVE,
    STATES,
    Appointment,
    Change,
    Schedule,
    in_diary_order,
    stepped,
    uid_of,
)
from follicast.decisions.booking.replan import moves, replanned
from follicast.decisions.booking.request import ALL, Order, Request, Work, find
from follicast.decisions.planning.candidates import TRANSPLANT
from follicast.decisions.result import AppointmentStatus, Course
from follicast.language import say
from follicast.people.clinic import Clinic
from follicast.quantities import InputError

_DAY: Final = timedelta(days=1)


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
    work = Work(schedule, request, clinic, tuple(others), set(), set())
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
    for order in request.book:
        _book(work, order)
    _operate(work)
    for move in request.move:
        moved(work, move)
    _continue(work)
    coming = request.cancel or request.missed or request.void or request.move or request.done or request.partial
    if (
        coming
        or clinic is not None
        or request.transplant
        or request.restart
        or request.go_on
        or request.stop
        or request.book
    ):
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
    work = Work(schedule, Request(day, why=note, by=by), None, (), set(), set())
    for a in schedule.appointments:
        if a.kind == "session" and a.therapy in therapies:
            _drop(work, a)
    pending = [p for p in schedule.pending if p.therapy not in therapies]
    work.schedule = work.schedule.model_copy(update={"pending": pending})
    return _sealed(schedule, work.schedule, work.request, at or dt.datetime.combine(day, dt.time(), dt.UTC))


def _give(work: Work, word: str, status: AppointmentStatus, day: date | None) -> None:
    a, on = find(work.schedule, word), work.request.on
    new = stepped(a, status)
    when = day or a.date
    if a.status in GIVEN and when != a.date:
        raise InputError(f"{a.id} took place on {a.date}, which stands; use --void {a.id} if that was a mistake.")
    if when > on:
        raise InputError(f"{a.id} is on {when}, after {on}; give --on with the day on which it was {status}.")
    if a.kind == "session" and a.therapy is not None:
        chain = work.schedule.chain(a.therapy)
        place = next(k for k, b in enumerate(chain) if b.id == a.id)
        waiting = next((b for b in chain[:place] if b.status not in GIVEN), None)
        if waiting is not None:
            raise InputError(f"{waiting.id} comes before {a.id}: say whether it was done, missed or cancelled.")
        if place and day is not None:
            new = apart(work, chain[place - 1], new, when)
    if when != a.date:
        new = new.model_copy(update={"time": None, "room": None, "staff": None})
    work.put(new.model_copy(update={"date": when, "earliest": when, "latest": when}))


def _again(work: Work, a: Appointment) -> None:
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
        "by_hand": False,
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


def _miss(work: Work, word: str) -> None:
    a, on = find(work.schedule, word), work.request.on
    new = stepped(a, "missed")
    if a.date > on:
        raise InputError(f"{a.id} is on {a.date}, after {on}; it can be cancelled or moved, not missed.")
    _nothing_given_after(work, a)
    work.put(new)
    if a.kind != "surgery":
        _again(work, a)


def _void(work: Work, word: str) -> None:
    a = find(work.schedule, word)
    new = stepped(a, "void")
    _nothing_given_after(work, a)
    work.put(new)
    same = [b for b in work.schedule.appointments if b.live and _stem(b) == _stem(a)]
    if a.kind != "surgery" and not same:
        _again(work, a)


def _nothing_given_after(work: Work, a: Appointment) -> None:
    later = [b for b in work.schedule.chain(a.therapy or "") if (b.round, b.number or 0) > (a.round, a.number or 0)]
    given = next((b for b in later if b.status not in MAY_MOVE), None)
    if a.kind == "session" and given is not None:
        raise InputError(f"{a.id} cannot be taken out of its place: {given.id} after it is {given.status}.")


def _cancel(work: Work, word: str) -> None:
    a = find(work.schedule, word)
    new = stepped(a, "cancelled")
    if a.date < work.request.on:
        raise InputError(f"{a.id} was on {a.date}, before {work.request.on}; say whether it was done or missed.")
    work.put(new)


def _drop(work: Work, a: Appointment) -> None:
    """Cancel what is still to come; what is past or under way stays."""
    if a.status in MAY_MOVE and a.date >= work.request.on:
        work.put(a.model_copy(update={"status": "cancelled"}))


def _therapies(work: Work, word: str) -> list[str]:
    known = [course.therapy for course in work.schedule.courses]
    if word != ALL and word not in known:
        raise InputError(f"{word} is no course of this schedule; there are {', '.join(known) or 'none'}, or all.")
    return known if word == ALL else [word]


def _stop(work: Work) -> None:
    if work.request.stop is None:
        return
    for therapy in _therapies(work, work.request.stop):
        for a in work.schedule.chain(therapy):
            _drop(work, a)


def _restart(work: Work) -> None:
    if work.request.restart is None:
        return
    for therapy in _therapies(work, work.request.restart):
        course = work.schedule.course(therapy)
        assert course is not None
        for a in work.schedule.chain(therapy):
            _drop(work, a)
        _add_course(work, course)


def _book(work: Work, order: Order) -> None:
    course = usual_course(order.therapy, order.sessions, order.interval, work.request.on + _DAY)
    if any(a.status in MAY_MOVE for a in work.schedule.chain(order.therapy)):
        raise InputError(f"a course of {order.therapy} is under way already; use --restart, or --stop it first.")
    rest = [c for c in work.schedule.courses if c.therapy != order.therapy]
    work.schedule = work.schedule.model_copy(update={"courses": [*rest, course]})
    _add_course(work, course)


def _add_course(work: Work, course: Course) -> None:
    """The sessions of a course that begins, or begins anew, still without dates."""
    own = [a for a in work.schedule.appointments if a.therapy == course.therapy and a.kind == "session"]
    number = max((a.round for a in own), default=0) + 1
    stem = course.therapy if number == 1 else f"{course.therapy}-r{number}"
    day = work.request.on + _DAY
    for k in range(len(course.gaps)):
        name = f"{stem}-{k + 1}"
        text = say("{name}, session {number} of {of}", name=say(course.label), number=k + 1, of=len(course.gaps))
        session = Appointment(
            id=name,
            uid=uid_of(work.schedule.key, name),
            kind="session",
            therapy=course.therapy,
            number=k + 1,
            of=len(course.gaps),
            round=number,
            status="planned",
            date=day,
            time=None,
            minutes=course.minutes,
            room=None,
            staff=None,
            earliest=day,
            latest=day,
            text=text,
            sequence=0,
            changed=dt.datetime.combine(day, dt.time(), dt.UTC),
        )
        work.put(session)
        work.undated.add(name)


def _continue(work: Work) -> None:
    if work.request.go_on is None:
        return
    wanted = _therapies(work, work.request.go_on)
    places = [p.place for p in work.schedule.pending if p.therapy in wanted]
    if not places:
        raise InputError(f"{work.request.go_on} waits for no decision, so there is nothing to continue.")
    work.schedule = work.schedule.model_copy(update={"continued": [*work.schedule.continued, *places]})


def _operate(work: Work) -> None:
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


def _sealed(old: Schedule, new: Schedule, request: Request, at: dt.datetime) -> Schedule:
    """The new schedule with its version, its calendar entries counted on, and its history."""
    before = {a.id: a for a in old.appointments}
    made = [
        continued(before[a.id], a, at) if a.id in before else a.model_copy(update={"changed": at})
        for a in new.appointments
    ]
    told = differences(old, made)
    told += [
        say("{therapy}: {days} days without a session: restart, continue or stop?", therapy=p.therapy, days=p.gap_days)
        for p in new.pending
        if p not in old.pending
    ]
    candidate = new.model_copy(update={"appointments": in_diary_order(made)})
    if candidate == old:
        return old
    if request.waiver is not None:
        told.append(say("Override by {name}: {reason}.", name=request.waiver.by, reason=request.waiver.reason))
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
            told.append(say("{name} is new, on {when}.", name=a.id, when=when_of(a)))
        elif a.status != was.status and (a.status not in LIVE or a.status in (*GIVEN, "arrived")):
            told.append(say("{name} on {when}: {state}.", name=a.id, when=when_of(a), state=say(STATES[a.status])))
        elif when_of(a) != when_of(was):
            told.append(say("{name} moves from {before} to {when}.", name=a.id, before=when_of(was), when=when_of(a)))
        elif (a.room, a.staff) != (was.room, was.staff):
            told.append(
                say(
                    "{name} on {when} is now in {room} with {staff}.",
                    name=a.id,
                    when=when_of(a),
                    room=a.room,
                    staff=a.staff,
                )
            )
    return told


def when_of(a: Appointment) -> str:
    """The date with its time, if it has one."""
    return f"{a.date} {a.time}" if a.time is not None else f"{a.date}"
