"""The recommended plan as dated steps: starts, sessions in their windows, an operation, and days to measure again."""

from __future__ import annotations

from datetime import date, timedelta

from follicast.decisions.candidates import TRANSPLANT, Option
from follicast.decisions.result import Event
from follicast.knowledge.load import Knowledge
from follicast.knowledge.therapy import SessionExposure
from follicast.people.person import Person, Proposal

_MONTH_DAYS = 30.4375
# Earlier a count cannot tell growth from early shedding; the window is a fortnight either side.
_MEASURE_MONTHS = (6, 12, 24, 36, 48, 60)
_MEASURE_WINDOW = timedelta(days=14)


def schedule(person: Person, knowledge: Knowledge, chosen: Option, horizon_days: int) -> list[Event]:
    """Dated steps of a plan, in order of date.

    Args:
        person: whose `as_of` the days are counted from.
        knowledge: in force.
        chosen: the plan.
        horizon_days: last day.

    Returns:
        Events with the window each may move in; no two sessions of a course are closer than its minimum interval.
    """
    events = _starts(person, knowledge, chosen)
    proposal = next((p for p in person.proposals if p.name == chosen.proposal), None)
    for line in chosen.regimen.lines:
        exposure = knowledge.therapies[line.therapy].exposure
        if isinstance(exposure, SessionExposure) and line.sessions:
            events += _sessions(person, knowledge, line.therapy, line.sessions, exposure, proposal)
    for operation in chosen.regimen.transplants:
        text = f"{knowledge.therapies[TRANSPLANT].name}, {operation.grafts} grafts"
        events.append(_event(operation.date, timedelta(days=30), text, TRANSPLANT, "surgery"))
    events += _measurements(person, horizon_days)
    return sorted(events, key=lambda e: (e.date, e.kind, e.private))


def _event(when: date, slack: timedelta, text: str, therapy: str | None, kind: str) -> Event:
    return Event.model_validate(
        {
            "date": when,
            "earliest": when - slack,
            "latest": when + slack,
            "private": text,
            "therapy": therapy,
            "kind": kind,
            "number": None,
            "of": None,
        }
    )


def _starts(person: Person, knowledge: Knowledge, chosen: Option) -> list[Event]:
    running = {t.therapy for t in person.treatments if t.end is None}
    events = []
    for line in chosen.regimen.lines:
        if line.sessions:
            continue
        therapy = knowledge.therapies[line.therapy]
        verb = "Go on with" if line.therapy in running else "Start"
        text = f"{verb} {therapy.name}: {therapy.dose}, {therapy.frequency}"
        events.append(_event(person.as_of + timedelta(days=line.start), timedelta(0), text, line.therapy, "start"))
    for name in sorted(running - set(chosen.therapies)):
        text = f"{knowledge.therapies[name].name} is not part of this plan: ask who prescribed it before stopping"
        events.append(_event(person.as_of, timedelta(0), text, name, "stop"))
    return events


def _sessions(
    person: Person,
    knowledge: Knowledge,
    name: str,
    days: tuple[int, ...],
    exposure: SessionExposure,
    proposal: Proposal | None,
) -> list[Event]:
    shortest, longest = exposure.interval_min_days.value, exposure.interval_max_days.value
    if proposal is not None and proposal.interval_days is not None:
        shortest, longest = proposal.interval_days
    events = []
    for k, day in enumerate(days):
        when = person.as_of + timedelta(days=day)
        gap = day - days[k - 1] if k else None
        early, late = _slack(gap, shortest, longest)
        event = {
            "date": when,
            "earliest": when - early,
            "latest": when + late,
            "private": f"{knowledge.therapies[name].name}, session {k + 1} of {len(days)}",
            "therapy": name,
            "kind": "session",
            "number": k + 1,
            "of": len(days),
        }
        events.append(Event.model_validate(event))
    return events


def _slack(gap: int | None, shortest: float, longest: float) -> tuple[timedelta, timedelta]:
    """How far a session may move either way, counted from the one before; a first one or a booster by a fortnight."""
    if gap is None:
        return timedelta(0), timedelta(days=14)
    if gap > longest:
        return timedelta(days=14), timedelta(days=14)
    return timedelta(days=max(0, int(gap - shortest))), timedelta(days=int(longest - gap))


def _measurements(person: Person, horizon_days: int) -> list[Event]:
    events = []
    if not any((person.as_of - m.date).days <= 60 for m in person.measurements):
        text = "Count and photograph before starting: without a baseline nobody can tell later whether it worked"
        events.append(_event(person.as_of, timedelta(0), text, None, "measure"))
    for month in _MEASURE_MONTHS:
        day = round(month * _MONTH_DAYS)
        if day <= horizon_days + 1:
            text = f"Count the same marked site again, month {month}"
            when = person.as_of + timedelta(days=day)
            events.append(_event(when, _MEASURE_WINDOW, text, None, "measure"))
    return events
