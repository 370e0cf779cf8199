"""What is to be booked: the sessions of each course with their windows, operations, and days to measure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from follicast.decisions.booking.openings import Slot
from follicast.decisions.booking.search import Chain, Step
from follicast.decisions.planning.candidates import FIRST_SESSION_DAY, TRANSPLANT, Option
from follicast.decisions.result import Course, Event
from follicast.inference.forecast import PlannedLine
from follicast.knowledge.load import Knowledge, therapies
from follicast.knowledge.protocol import protocol, protocol_days
from follicast.knowledge.therapy import SessionExposure, Therapy
from follicast.people.clinic import MEASURE, Clinic
from follicast.people.person import Person, Proposal
from follicast.quantities import InputError

_DAY: Final = timedelta(days=1)
_MONTH_DAYS: Final = 30.4375
# Earlier a count cannot tell growth from early shedding.
_MEASURE_MONTHS: Final = (6, 12, 24, 36, 48, 60)


def measuring_days(horizon_days: int) -> dict[int, int]:
    """The days after a plan's first on which the site is counted again, by month; only they are there to judge on."""
    days = {month: round(month * _MONTH_DAYS) for month in _MEASURE_MONTHS}
    return {month: day for month, day in days.items() if day <= horizon_days + 1}


@dataclass(frozen=True, slots=True)
class Window:
    """How many days after the one before a session may be: least, meant, and most without being late."""

    shortest: int
    target: int
    longest: int


def courses(person: Person, knowledge: Knowledge, chosen: Option) -> list[Course]:
    """How the sessions of each session therapy of a plan hang together."""
    proposal = next((p for p in person.proposals if p.name == chosen.proposal), None)
    return [
        course_of(person, knowledge, line, proposal)
        for line in chosen.regimen.lines
        if line.sessions and isinstance(knowledge.therapies[line.therapy].exposure, SessionExposure)
    ]


def course_of(person: Person, knowledge: Knowledge, line: PlannedLine, proposal: Proposal | None) -> Course:
    """How the sessions of one planned line hang together.

    Args:
        person: whose operations so far keep the first session away.
        knowledge: in force.
        line: with the days of its sessions.
        proposal: whose own interval is used, as far as it is no shorter than the therapy's least.
    """
    therapy = knowledge.therapies[line.therapy]
    interval = None if proposal is None else proposal.interval_days
    gaps = [0, *(later - day for day, later in pairwise(line.sessions))]
    healed = [t.date + timedelta(days=protocol_days("transplant_after") + 1) for t in person.transplants]
    return _course(therapy, gaps, interval, max([person.as_of + timedelta(days=FIRST_SESSION_DAY), *healed]))


def usual_course(name: str, count: int | None, interval: tuple[int, int] | None, first_day: date) -> Course:
    """A course of a therapy that is asked for outside a plan.

    Args:
        name: id of a therapy given in sessions.
        count: how many sessions; None = as usual.
        interval: shortest and longest days between sessions; None = as usual, and never shorter than the usual least.
        first_day: earliest day of the first session.

    Raises:
        InputError: there is no such therapy, or it is not given in sessions.
    """
    known = {n: t for n, t in therapies().items() if isinstance(t.exposure, SessionExposure)}
    if name not in known:
        raise InputError(f"{name} is no therapy that is given in sessions; those are {', '.join(known)}.")
    exposure = known[name].exposure
    assert isinstance(exposure, SessionExposure)
    gap = exposure.interval_target_days.value if interval is None else sum(interval) / 2.0
    days = [round(gap * k) for k in range(count or round(exposure.sessions.value))]
    return _course(known[name], [0, *(b - a for a, b in pairwise(days))], interval, first_day)


def _course(therapy: Therapy, gaps: Sequence[int], interval: tuple[int, int] | None, first_day: date) -> Course:
    exposure = therapy.exposure
    assert isinstance(exposure, SessionExposure)
    shortest, longest = round(exposure.interval_min_days.value), round(exposure.interval_max_days.value)
    if interval is not None:
        shortest = max(shortest, interval[0])
        longest = max(shortest, interval[1])
    gaps = [0, *(max(shortest, gap) for gap in gaps[1:])]
    after = protocol_days("transplant_after")
    return Course(
        therapy=therapy.id,
        label=therapy.name,
        gaps=gaps,
        shortest_days=shortest,
        longest_days=longest,
        grace_days=protocol_days("grace"),
        restart_gap_days=round(protocol()["restart_gap"].value * longest),
        booster_slack_days=protocol_days("booster_slack"),
        protected_before_days=protocol_days("transplant_before"),
        protected_after_days=after,
        minutes=protocol_days("length_session"),
        first_day=first_day,
    )


def at_clinic(course: Course, clinic: Clinic) -> Course:
    """The course with what the clinic file says of it."""
    before, after = clinic.protected or (course.protected_before_days, course.protected_after_days)
    return course.model_copy(
        update={
            "grace_days": clinic.grace.get(course.therapy, course.grace_days),
            "restart_gap_days": clinic.restart_gap.get(course.therapy, course.restart_gap_days),
            "protected_before_days": before,
            "protected_after_days": after,
            "minutes": clinic.lengths.get(course.therapy, course.minutes),
        }
    )


def window_of(course: Course, k: int) -> Window:
    """The window of the k-th session (from 0), in days after the one before, or after the first day."""
    if k == 0:
        return Window(0, 0, protocol_days("first_session_slack"))
    gap = course.gaps[k]
    if gap > course.longest_days:
        # Both it and the one before may be off by the slack, so the gap may be off by twice as much.
        slack = 2 * course.booster_slack_days
        return Window(max(course.shortest_days, gap - slack), gap, gap + slack)
    return Window(course.shortest_days, max(course.shortest_days, gap), course.longest_days)


def protected(course: Course, operations: Iterable[date]) -> tuple[tuple[date, date], ...]:
    """Stretches of days, both ends included, in which no session of the course may be."""
    before, after = timedelta(days=course.protected_before_days), timedelta(days=course.protected_after_days)
    return tuple(sorted((day - before, day + after) for day in operations))


def task_of(kind: str, therapy: str | None) -> str:
    """What a room or a member of staff must be able to do for an appointment."""
    return MEASURE if kind == "measure" or therapy is None else therapy


def length_of(kind: str, course: Course | None, clinic: Clinic | None) -> int:
    """Minutes that an appointment takes."""
    task = course.therapy if course is not None else (TRANSPLANT if kind == "surgery" else MEASURE)
    usual = course.minutes if course is not None else protocol_days(f"length_{task}")
    return usual if clinic is None else clinic.lengths.get(task, usual)


def session_name(label: str, number: int, of: int) -> str:
    """What messages call a session."""
    return f"{label}, session {number} of {of}"


def new_chain(course: Course, first_day: date, operations: Iterable[date]) -> Chain:
    """A whole course still to be given dates, its first session meant on `first_day`."""
    steps = []
    for k in range(len(course.gaps)):
        window = window_of(course, k)
        steps.append(
            Step(
                id=f"{course.therapy}-{k + 1}",
                name=session_name(course.label, k + 1, len(course.gaps)),
                task=course.therapy,
                minutes=course.minutes,
                shortest=window.shortest,
                target=window.target,
                longest=window.longest,
            )
        )
    return Chain(first_day, tuple(steps), protected(course, operations))


def single_chain(event: Event, minutes: int, first_day: date, opens: bool) -> Chain:
    """An operation or a measurement as a chain of one, with the window it has."""
    first = max(event.earliest, first_day)
    last = max(event.latest, first)
    step = Step(
        id=event.id or event.kind,
        name=event.private,
        task=task_of(event.kind, event.therapy),
        minutes=minutes,
        shortest=0,
        target=max(0, (event.date - first).days),
        longest=(last - first).days,
    )
    return Chain(first, (step,), opens=opens)


def free_windows(days: Sequence[date], windows: Sequence[Window]) -> list[tuple[date, date]]:
    """From when to when each session of a course may move, whatever the others do within theirs.

    The room that two neighbours have between them is shared out, so that even if both move to the edges of their
    windows they are no nearer than the least interval, and no further apart than the longest unless they are already.
    """
    early, late = [0] * len(days), [window.longest for window in windows]
    for k in range(1, len(days)):
        gap = (days[k] - days[k - 1]).days
        near, far = max(0, gap - windows[k].shortest), max(0, windows[k].longest - gap)
        early[k], late[k] = near // 2, far - far // 2
        early[k - 1], late[k - 1] = min(early[k - 1], far // 2), min(late[k - 1], near - near // 2)
    return [(day - e * _DAY, day + n * _DAY) for day, e, n in zip(days, early, late, strict=True)]


def slots_of(found: Mapping[str, Slot], course: Course) -> list[Slot]:
    """The slots of a course in the order of its sessions."""
    return [found[f"{course.therapy}-{k + 1}"] for k in range(len(course.gaps))]
