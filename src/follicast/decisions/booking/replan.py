"""The chain after a change: what still fits stays, the rest finds new dates, and too long a gap asks for a decision."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from math import exp
from typing import Final

from follicast.decisions.booking.courses import (
    Window,
    at_clinic,
    free_windows,
    protected,
    session_name,
    task_of,
    window_of,
)
from follicast.decisions.booking.diary import zone_of
from follicast.decisions.booking.openings import Busy, Desk, Slot
from follicast.decisions.booking.record import MAY_MOVE, Appointment, Choice, Pending, Schedule, in_diary_order
from follicast.decisions.booking.search import Chain, Step, book
from follicast.decisions.result import Course
from follicast.knowledge.load import therapies
from follicast.knowledge.therapy import SessionExposure
from follicast.people.clinic import Clinic
from follicast.quantities import InputError

_YEAR: Final = 365
_DAY: Final = timedelta(days=1)


def replanned(
    schedule: Schedule,
    clinic: Clinic | None,
    on: date,
    undated: Collection[str] = (),
    fixed: Collection[str] = (),
    others: Iterable[Busy] = (),
) -> Schedule:
    """The schedule with every coming session at a date it may have.

    Args:
        schedule: after a change.
        clinic: where times are found; None = whole days, or a schedule with times of which none need to change.
        on: the day of the change: what is due until then stays.
        undated: appointments that are still to be given a date.
        fixed: appointments that were given theirs just now.
        others: what others have booked in the clinic.

    Returns:
        The schedule with new dates, windows, states and decisions to take.

    Raises:
        InputError: no date was found, or times are needed and there is no clinic file.
    """
    if clinic is not None:
        if schedule.time_zone not in (None, clinic.time_zone):
            raise InputError(
                f"clinic.time_zone = {clinic.time_zone} is not that of the schedule, {schedule.time_zone}; "
                "give the clinic file it was made with."
            )
        courses = [at_clinic(course, clinic) for course in schedule.courses]
        schedule = schedule.model_copy(update={"courses": courses, "time_zone": clinic.time_zone})
    chains = [_chain(schedule, course, on, undated, fixed) for course in schedule.courses]
    chains += [_single(a, on, undated, fixed) for a in schedule.appointments if a.kind == "measure" and moves(a, on)]
    chains = [chain for chain in chains if chain.steps]
    if clinic is None and schedule.time_zone is not None:
        _stands(chains, undated)
        return _settled(schedule, on)
    ours = {step.id for chain in chains for step in chain.steps if not step.fixed}
    zone = zone_of(schedule)
    standing = [b for a in schedule.appointments if zone is not None and a.id not in ours and (b := a.busy(zone))]
    desk = Desk(clinic, (*others, *standing), on + _DAY)
    found = book(chains, desk)
    made = [_moved(a, found[a.id]) if a.id in ours else a for a in schedule.appointments]
    return _settled(schedule.model_copy(update={"appointments": made}), on)


def moves(a: Appointment, on: date) -> bool:
    """Whether planning may give it another date."""
    return a.status in MAY_MOVE and a.date > on and a.waiver is None


def _moved(a: Appointment, slot: Slot) -> Appointment:
    return a.model_copy(
        update={"date": slot.date, "time": slot.time, "room": slot.room, "staff": slot.staff}
        | {"by_hand": a.by_hand and slot.date == a.date}
        | {"earliest": min(a.earliest, slot.date), "latest": max(a.latest, slot.date)}
    )


def window_in(schedule: Schedule, course: Course, a: Appointment) -> Window:
    """The window of a session within its course, counted from the one before."""
    if schedule.chain(course.therapy)[0].id == a.id:
        return window_of(course, 0)
    if a.number == 1:
        return Window(course.shortest_days, course.shortest_days, course.longest_days)
    return window_of(course, min((a.number or 1) - 1, len(course.gaps) - 1))


def _chain(schedule: Schedule, course: Course, on: date, undated: Collection[str], fixed: Collection[str]) -> Chain:
    """The coming sessions of a course, counted from the last one that stands."""
    live = schedule.chain(course.therapy)

    def stays(k: int) -> bool:
        a = live[k]
        if a.id in fixed or a.id in undated or a.status not in MAY_MOVE or a.waiver is not None:
            return a.id not in undated
        near = k > 0 and (a.date - live[k - 1].date).days < window_in(schedule, course, a).shortest
        return not near and not moves(a, on)

    lead = 0
    while lead < len(live) and stays(lead):
        lead += 1
    steps = []
    for a in live[lead:]:
        # What was due after a session that now finds a new date, and is not recorded, waits for it too.
        overdue = a.date <= on and a.status in MAY_MOVE and a.waiver is None and a.id not in fixed
        window = window_in(schedule, course, a)
        limit = max(course.restart_gap_days, window.longest + course.grace_days)
        step = Step(
            id=a.id,
            name=session_name(course.label, a.number or 0, a.of or 0),
            task=course.therapy,
            minutes=a.minutes,
            shortest=window.shortest,
            target=window.target,
            longest=window.longest,
            grace=course.grace_days,
            farthest=limit,
            wish=None if a.id in undated or overdue else Slot(a.date, a.time, a.room, a.staff),
            fixed=(not overdue and a.id not in undated and not moves(a, on)) or a.id in fixed,
            waived=a.waiver is not None,
            by_hand=a.by_hand and not overdue and a.id not in undated,
        )
        steps.append(step)
    anchor = live[lead - 1].date if lead else max(course.first_day, on + _DAY)
    after = f"counted from {live[lead - 1].id} on {anchor}" if lead else ""
    closed = protected(course, schedule.operations())
    return Chain(anchor, tuple(steps), closed, on + _DAY, after=after)


def _single(a: Appointment, on: date, undated: Collection[str], fixed: Collection[str]) -> Chain:
    """A measurement within its own window."""
    first = max(a.earliest, on + _DAY)
    last = max(a.latest, first)
    step = Step(
        id=a.id,
        name=a.text,
        task=task_of(a.kind, a.therapy),
        minutes=a.minutes,
        shortest=0,
        target=max(0, (a.date - first).days),
        longest=(last - first).days,
        wish=None if a.id in undated else Slot(a.date, a.time, a.room, a.staff),
        fixed=a.id in fixed,
        by_hand=a.by_hand and a.id not in undated,
    )
    return Chain(first, (step,), (), on + _DAY)


def _stands(chains: Sequence[Chain], undated: Collection[str]) -> None:
    """Refuses if a chain with times cannot stay as it is, since nobody can say which times are free."""
    for chain in chains:
        before = chain.anchor
        for step in chain.steps:
            assert step.wish is not None or step.id in undated
            fits = step.wish is not None and (
                step.waived
                or (
                    before + step.shortest * _DAY <= step.wish.date <= before + (step.longest + step.grace) * _DAY
                    and not any(start <= step.wish.date <= end for start, end in chain.closed)
                )
            )
            if not fits:
                raise InputError(f"{step.name} needs another time: give --clinic CLINIC.toml to find one.")
            assert step.wish is not None
            before = step.wish.date


def _settled(schedule: Schedule, on: date) -> Schedule:
    """Windows, decisions and states that follow from the dates."""
    states = {a.id: a for a in schedule.appointments}
    pending = []
    for course in schedule.courses:
        live = schedule.chain(course.therapy)
        windows = [window_in(schedule, course, a) for a in live]
        for a, (earliest, latest) in zip(live, free_windows([a.date for a in live], windows), strict=True):
            free = moves(a, on)
            span = (max(earliest, min(a.date, on + _DAY)), latest) if free else (a.date, a.date)
            states[a.id] = a.model_copy(update={"earliest": span[0], "latest": span[1]})
        found = _pending(schedule, course, live, windows, on)
        pending += [found] if found is not None else []
        for a in live:
            if a.status in MAY_MOVE:
                waits = found is not None and a.date >= found.next_date
                status = "planned" if waits or a.time is None else "booked"
                states[a.id] = states[a.id].model_copy(update={"status": status})
    for a in schedule.appointments:
        if a.kind != "session" and a.status in MAY_MOVE and a.time is not None:
            states[a.id] = a.model_copy(update={"status": "booked"})
    made = in_diary_order(states.values())
    return schedule.model_copy(update={"appointments": made, "pending": pending})


def _pending(
    schedule: Schedule, course: Course, live: Sequence[Appointment], windows: Sequence[Window], on: date
) -> Pending | None:
    """The first gap of a course that is too long to go on without a word."""
    for (before, a), window in zip(pairwise(live), windows[1:], strict=True):
        limit = max(course.restart_gap_days, window.longest)
        gap = (a.date - before.date).days
        place = f"{course.therapy}:{a.round}:{a.number}"
        if gap <= limit or not moves(a, on) or place in schedule.continued:
            continue
        return Pending(
            therapy=course.therapy,
            place=place,
            before=before.date,
            next_date=a.date,
            gap_days=gap,
            limit_days=limit,
            choices=_choices(course, live, a, on),
        )
    return None


def _choices(course: Course, live: Sequence[Appointment], waits: Appointment, on: date) -> list[Choice]:
    """Restart, continue or stop, each with the sessions that come and what it does to the drive of the next year."""
    past = [a.date for a in live if a.date <= on]
    rest = [a.date for a in live if a.date > on]
    before = [day for day in rest if day < waits.date]
    anew, day = [], waits.date
    for gap in course.gaps:
        day += timedelta(days=gap)
        anew.append(day)
    ways = {"restart": [*before, *anew], "continue": rest, "stop": before}
    return [
        Choice.model_validate(
            {"what": what, "sessions": len(days), "last": max(days, default=None)}
            | {"drive": round(_drive(course.therapy, [*past, *days], on), 3)}
        )
        for what, days in ways.items()
    ]


def _drive(therapy: str, days: Sequence[date], on: date) -> float:
    """Mean share of the full effect over the year after `on`, by the therapy's own numbers (as in the simulator)."""
    exposure = therapies()[therapy].exposure if therapy in therapies() else None
    if not isinstance(exposure, SessionExposure) or not days:
        return 0.0
    held = {day: days.count(day) for day in days}
    level = memory = total = 0.0
    day = min(days)
    while day < on + _YEAR * _DAY:
        level += held.get(day, 0) / (1.0 + exposure.repeat_loss.value * memory)
        if day >= on:
            total += level / (level + exposure.half_saturation.value)
        level *= exp(-1.0 / exposure.decay_days.value)
        memory = (memory + held.get(day, 0)) * exp(-1.0 / exposure.memory_days.value)
        day += _DAY
    return total / _YEAR
