"""An appointment to another day: how near to others it may come, and whether the time is to be had."""

from __future__ import annotations

from datetime import date, timedelta

from follicast.decisions.booking.courses import protected, task_of
from follicast.decisions.booking.diary import zone_of
from follicast.decisions.booking.openings import Slot, local_time_problem
from follicast.decisions.booking.record import MAY_MOVE, Appointment
from follicast.decisions.booking.replan import moves, window_in
from follicast.decisions.booking.request import Move, Work, find
from follicast.quantities import InputError


def moved(work: Work, move: Move) -> None:
    """Put an appointment on the day, or at the time, that is asked for.

    Raises:
        InputError: it may not move, comes too near to another one without a signature, or the time is taken.
    """
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
            new = apart(work, chain[place - 1], new, move.day)
        new = _unprotected(work, new, move.day)
        if place and chain[place - 1].id not in work.undated:
            new = _in_window(work, chain[place - 1], new, a, move.day)
    elif a.kind == "measure":
        new = _allowed(work, new, move.day, a.earliest, a.latest)
    slot = _place(work, a, move, [b.id for b in later if moves(b, on)])
    update = {"date": slot.date, "time": slot.time, "room": slot.room, "staff": slot.staff}
    window = (a.earliest, a.latest) if a.kind == "measure" else (slot.date, slot.date)
    work.put(new.model_copy(update=update | {"earliest": window[0], "latest": window[1], "by_hand": True}))
    work.undated.discard(a.id)
    work.fixed.add(a.id)


def _in_window(work: Work, before: Appointment, new: Appointment, old: Appointment, day: date) -> Appointment:
    """The session, signed for where it comes too late after the one before.

    A further try at a missed place, a date that has passed, and the first session of a course begun anew may be as late
    as nobody need decide; a session that waits longer already may stay as far away as it is.
    """
    course = work.schedule.course(new.therapy)
    assert course is not None
    window = window_in(work.schedule, course, new)
    first, room = before.date + timedelta(days=window.shortest), timedelta(days=window.longest - window.shortest)
    late = old.attempt > 1 or old.number == 1 or old.date <= work.request.on
    most = max(window.longest, course.restart_gap_days) if late else window.longest
    last = max(before.date + timedelta(days=most), old.date)
    for start, end in protected(course, work.schedule.operations()):
        if first <= end and start <= last:
            last = max(last, end + timedelta(days=1) + room)
    # Too early is `apart`'s to refuse.
    return _allowed(work, new, day, min(first, day), last, from_=first)


def _allowed(
    work: Work, a: Appointment, day: date, earliest: date, latest: date, *, from_: date | None = None
) -> Appointment:
    """The appointment, signed for where the day is outside the days that are allowed."""
    if earliest <= day <= latest:
        return a
    if work.request.waiver is not None:
        return a.model_copy(update={"waiver": work.request.waiver})
    first = max(from_ or earliest, work.request.on)
    raise InputError(
        f'{a.id} cannot move to {day}: allowed are {first} to {latest}, or give --override "NAME: REASON".'
    )


def _unprotected(work: Work, a: Appointment, day: date) -> Appointment:
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


def _place(work: Work, a: Appointment, move: Move, aside: list[str]) -> Slot:
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
        wanted = Slot(move.day, move.time)
        made = desk.place(task, a.minutes, move.day, move.time)
        slot = made if made is not None and desk.holds(task, a.minutes, made) else None
        if slot is None:
            clash = _clash(work, a, wanted, aside)
            why = desk.nobody(task) or desk.why_not(task, a.minutes, move.day, move.time)
            raise InputError(f"{a.id} cannot be on {move.day} at {move.time}: {why}{clash}.")
    if slot is None:
        raise InputError(f"{a.id} cannot be on {move.day}: {desk.why_not(task, a.minutes, move.day)}.")
    return slot


def _clash(work: Work, a: Appointment, wanted: Slot, aside: list[str]) -> str:
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


def apart(work: Work, before: Appointment, a: Appointment, when: date) -> Appointment:
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
