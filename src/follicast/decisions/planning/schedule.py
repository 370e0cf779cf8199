"""The recommended plan as dated steps: starts, sessions in their windows, an operation, and days to measure again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta

from follicast.decisions.booking.courses import courses as courses
from follicast.decisions.booking.courses import free_windows, measuring_days, new_chain, slots_of, window_of
from follicast.decisions.booking.openings import Desk
from follicast.decisions.booking.search import book
from follicast.decisions.planning.candidates import TRANSPLANT, Option
from follicast.decisions.planning.telling import BASELINE_DAYS
from follicast.decisions.result import Break, Course, Event, Finding
from follicast.knowledge.load import Knowledge
from follicast.knowledge.protocol import protocol_days
from follicast.language import say
from follicast.people.person import Person


def schedule(
    person: Person, knowledge: Knowledge, chosen: Option, horizon_days: int, safety: Sequence[Finding] = ()
) -> list[Event]:
    """Dated steps of a plan as whole days, in order of date; `booking_plan.booked` gives them times.

    Args:
        person: whose `as_of` the days are counted from.
        knowledge: in force.
        chosen: the plan.
        horizon_days: last day.
        safety: what the safety rules say; the lines that they pause are paused in their words.

    Returns:
        Events with the window each may move in. No two sessions of a course are closer than its least interval, even
        if both move to the edges of their windows; none is in the protected days round an operation.
    """
    events = _starts(person, knowledge, chosen, safety)
    for operation in chosen.regimen.transplants:
        name = say(knowledge.therapies[TRANSPLANT].name)
        text = say("{name}, {number} grafts", name=name, number=operation.grafts)
        event = _event(operation.date, timedelta(days=protocol_days("operation_slack")), text, TRANSPLANT, "surgery")
        events.append(event.model_copy(update={"id": f"{TRANSPLANT}-1"}))
    made = courses(person, knowledge, chosen)
    operations = [t.date for t in chosen.regimen.transplants]
    found = book([new_chain(course, course.first_day, operations) for course in made], Desk())
    for course in made:
        events += session_events(course, [slot.date for slot in slots_of(found, course)])
    events += _measurements(person, horizon_days)
    return in_order(events)


def in_order(events: list[Event]) -> list[Event]:
    """Events by date and, within a day, by time, kind and words."""
    return sorted(events, key=lambda e: (e.date, e.time or "", e.kind, e.private))


def session_events(course: Course, days: list[date]) -> list[Event]:
    """The sessions of a course on these days, with the windows they may move in."""
    windows = free_windows(days, [window_of(course, k) for k in range(len(days))])
    events = []
    for k, (day, (earliest, latest)) in enumerate(zip(days, windows, strict=True)):
        text = say("{name}, session {number} of {of}", name=say(course.label), number=k + 1, of=len(days))
        event = {
            "date": day,
            "earliest": earliest,
            "latest": latest,
            "private": text,
            "therapy": course.therapy,
            "kind": "session",
            "number": k + 1,
            "of": len(days),
            "id": f"{course.therapy}-{k + 1}",
        }
        events.append(Event.model_validate(event))
    return events


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


def _starts(person: Person, knowledge: Knowledge, chosen: Option, safety: Sequence[Finding]) -> list[Event]:
    running = {t.therapy for t in person.lived if t.end is None}
    events = []
    for line in chosen.regimen.lines:
        if line.sessions:
            continue
        therapy = knowledge.therapies[line.therapy]
        dose, often = say(therapy.dose_for(person.sex)), say(therapy.frequency_for(person.sex))
        told = {"name": say(therapy.name), "dose": dose, "frequency": often}
        if line.therapy in running:
            text = say("Go on with {name}: {dose}, {frequency}", **told)
        else:
            text = say("Start {name}: {dose}, {frequency}", **told)
        events.append(_event(person.as_of + timedelta(days=line.start), timedelta(0), text, line.therapy, "start"))
    waiting = {name: words for f in reversed(safety) for name, words in zip(f.pauses, f.pausing, strict=False)}
    for name in sorted(running - set(chosen.therapies)):
        text = waiting.get(name) or say(
            "{name} is not part of this plan: ask who prescribed it before stopping",
            name=say(knowledge.therapies[name].name),
        )
        events.append(_event(person.as_of, timedelta(0), text, name, "stop"))
    return events


def _measurements(person: Person, horizon_days: int) -> list[Event]:
    events = []
    if not any((person.as_of - m.date).days <= BASELINE_DAYS for m in person.measurements):
        text = say("Count and photograph before starting: without a baseline nobody can tell later whether it worked")
        event = _event(person.as_of, timedelta(0), text, None, "measure")
        events.append(event.model_copy(update={"id": "measure-0"}))
    for month, day in measuring_days(horizon_days).items():
        text = say("Count the same marked site again, month {month}", month=month)
        when = person.as_of + timedelta(days=day)
        event = _event(when, timedelta(days=protocol_days("measurement_slack")), text, None, "measure")
        events.append(event.model_copy(update={"id": f"measure-{month}"}))
    return events


def breaks_of(person: Person) -> list[Break]:
    """Interruptions and stops of the past, from the dose log."""
    long = [b for b in person.dose_breaks if b.kind in ("interruption", "stopped")]
    return [Break.model_validate(asdict(b)) for b in long]
