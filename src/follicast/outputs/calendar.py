"""calendar.ics: the dates a person must keep, with neutral words, so that a shared calendar tells nobody why."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, time, timedelta

from follicast.decisions.result import Event, PlanResult
from follicast.outputs.wording import long_date

APPOINTMENTS = ("session", "measure", "surgery")


def event_uid(result: PlanResult, event: Event, ordinal: int) -> str:
    """A stable name for one appointment: the same plan made again for the same person and day gives the same.

    The person's label enters only through a hash, so that two people with the same plan in one calendar keep their own
    appointments. `ordinal` counts the events of one therapy and kind, and stands in where an event has no number.
    """
    parts = (
        result.as_of.isoformat(),
        result.chosen,
        result.person.label,
        event.therapy or "",
        event.kind,
        str(event.number if event.number is not None else ordinal),
    )
    return f"{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:32]}@follicast"


def _description(event: Event) -> str:
    """What a stranger may read: which of how many, and how far it may move."""
    words = f"Number {event.number} of {event.of}. " if event.number and event.of else ""
    if event.earliest == event.latest:
        return f"{words}The time is not set yet."
    window = f"It may move to any day from {long_date(event.earliest)} to {long_date(event.latest)}."
    return f"{words}{window} The time is not set yet."


def render_calendar(result: PlanResult) -> bytes:
    """Write the appointments as an iCalendar file (RFC 5545).

    One all-day event a session, measurement or operation; starts and ends of drugs stay in the report. Nothing in the
    file depends on when or where it is made.
    """
    import icalendar

    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Follicast//plan//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    stamp = datetime.combine(result.as_of, time(), tzinfo=UTC)
    seen: dict[tuple[str | None, str], int] = {}
    for event in sorted(result.schedule, key=lambda e: (e.date, e.therapy or "", e.kind, e.number or 0)):
        if event.kind not in APPOINTMENTS:
            continue
        ordinal = seen[event.therapy, event.kind] = seen.get((event.therapy, event.kind), 0) + 1
        entry = icalendar.Event()
        entry.add("uid", event_uid(result, event, ordinal))
        entry.add("dtstamp", stamp)
        entry.add("dtstart", event.date)
        entry.add("dtend", event.date + timedelta(days=1))
        entry.add("summary", "Appointment")
        entry.add("description", _description(event))
        entry.add("class", "PRIVATE")
        entry.add("sequence", 0)
        entry.add("status", "TENTATIVE")
        entry.add("transp", "TRANSPARENT")
        calendar.add_component(entry)
    return bytes(calendar.to_ical())
