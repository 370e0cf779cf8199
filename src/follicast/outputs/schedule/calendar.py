"""calendar.ics: the dates a person must keep, with neutral words, so that a shared calendar tells nobody why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from follicast.decisions.booking.openings import minutes_of, moment
from follicast.decisions.booking.record import Appointment, Schedule, schedule_of
from follicast.decisions.result import PlanResult
from follicast.language import say
from follicast.outputs.wording import long_date

if TYPE_CHECKING:
    import icalendar

STATUS: Final = {"planned": "TENTATIVE", "cancelled": "CANCELLED", "void": "CANCELLED", "missed": "CANCELLED"}
"""What a calendar says of each state; every other one is CONFIRMED."""


def _description(a: Appointment) -> str:
    """What a stranger may read: which of how many, and how far it may move."""
    words = say("Number {number} of {of}.", number=a.number, of=a.of) + " " if a.number and a.of else ""
    if a.time is not None or not a.live:
        return words.rstrip()
    unset = say("The time is not set yet.")
    if a.earliest == a.latest:
        return f"{words}{unset}"
    window = say(
        "It may move to any day from {first} to {last}.", first=long_date(a.earliest), last=long_date(a.latest)
    )
    return f"{words}{window} {unset}"


def render_calendar(plan: PlanResult | Schedule) -> bytes:
    """Write the appointments as an iCalendar file (RFC 5545).

    One event a session, measurement or operation, with a name that it keeps whatever becomes of it; timed where a
    clinic's diary gave it a time, else all day. What was cancelled stays in the file as cancelled, because a calendar
    only forgets what it is told to. Starts and ends of drugs stay in the report. Nothing in the file depends on when or
    where it is made.

    Args:
        plan: a plan as it was made, or its schedule as it stands.
    """
    import icalendar

    schedule = schedule_of(plan) if isinstance(plan, PlanResult) else plan
    zone = None if schedule.time_zone is None else ZoneInfo(schedule.time_zone)
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Follicast//plan//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    timed = [a.date for a in schedule.appointments if a.time is not None]
    if zone is not None and timed:
        calendar.add_component(time_zone(zone, min(timed), max(timed)))
    for a in sorted(schedule.appointments, key=lambda a: (a.date, a.time or "", a.uid)):
        calendar.add_component(_entry(a, zone, schedule.alarm_hours))
    return bytes(calendar.to_ical())


def _entry(a: Appointment, zone: ZoneInfo | None, alarm_hours: int | None) -> icalendar.Event:
    import icalendar

    entry = icalendar.Event()
    entry.add("uid", a.uid)
    entry.add("dtstamp", a.changed.astimezone(UTC).replace(microsecond=0))
    if a.time is None or zone is None:
        entry.add("dtstart", a.date)
        entry.add("dtend", a.date + timedelta(days=1))
    else:
        start = moment(zone, a.date, minutes_of(a.time))
        entry.add("dtstart", start.astimezone(zone))
        entry.add("dtend", (start + timedelta(minutes=a.minutes)).astimezone(zone))
    entry.add("summary", say("Appointment"))
    words = _description(a)
    if words:
        entry.add("description", words)
    entry.add("class", "PRIVATE")
    entry.add("sequence", a.sequence)
    entry.add("status", STATUS.get(a.status, "CONFIRMED"))
    entry.add("transp", "TRANSPARENT" if a.time is None else "OPAQUE")
    if alarm_hours is not None and a.status in ("planned", "booked"):
        alarm = icalendar.Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", say("Appointment"))
        alarm.add("trigger", timedelta(hours=-alarm_hours))
        entry.add_component(alarm)
    return entry


def time_zone(zone: ZoneInfo, first: date, last: date) -> icalendar.Timezone:
    """The rules of a time zone from before the year of `first` to the year after `last`, as a VTIMEZONE.

    Each change of the clocks is written out at the local time before it, as RFC 5545 (3.6.5) wants it.
    """
    import icalendar

    component = icalendar.Timezone()
    component.add("tzid", zone.key)
    begin, end = datetime(first.year - 1, 12, 1, tzinfo=UTC), datetime(last.year + 2, 1, 1, tzinfo=UTC)
    component.add_component(_observance(zone, begin, begin))
    for instant in _changes(zone, begin, end):
        component.add_component(_observance(zone, instant, instant - timedelta(seconds=1)))
    return component


def _observance(zone: ZoneInfo, instant: datetime, before: datetime) -> icalendar.Component:
    """What holds from an instant on, where `before` is an instant of what held until then."""
    import icalendar

    now, then = instant.astimezone(zone), before.astimezone(zone)
    part: icalendar.Component = icalendar.TimezoneDaylight() if now.dst() else icalendar.TimezoneStandard()
    offset = then.utcoffset() or timedelta(0)
    part.add("dtstart", (instant + offset).replace(tzinfo=None))
    part.add("tzoffsetfrom", offset)
    part.add("tzoffsetto", now.utcoffset() or timedelta(0))
    part.add("tzname", now.tzname() or zone.key)
    return part


def _changes(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    """The instants (UTC) at which the offset of a zone changes, to the second."""

    def offset(instant: datetime) -> timedelta | None:
        return instant.astimezone(zone).utcoffset()

    day = begin
    while day < end:
        low, high = day, day + timedelta(days=1)
        if offset(low) != offset(high):
            while high - low > timedelta(seconds=1):
                middle = (low + (high - low) / 2).replace(microsecond=0)
                low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
            yield high
        day += timedelta(days=1)
