"""A plan's dates brought into a clinic's diary, and a plan made again brought together with what has happened since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from follicast.decisions.booking.courses import at_clinic, length_of, new_chain, single_chain, slots_of, task_of
from follicast.decisions.booking.openings import Busy, Desk, Slot
from follicast.decisions.booking.record import (
    KINDS,
    MAY_MOVE,
    Appointment,
    Change,
    Schedule,
    in_diary_order,
    person_key,
    schedule_of,
)
from follicast.decisions.booking.search import Chain, book
from follicast.decisions.planning.candidates import FIRST_SESSION_DAY
from follicast.decisions.planning.schedule import in_order, session_events
from follicast.decisions.result import Course, Event, PlanResult
from follicast.knowledge.protocol import protocol_days
from follicast.language import say
from follicast.people.clinic import Clinic
from follicast.quantities import InputError


def arranged(
    result: PlanResult,
    clinic: Clinic | None = None,
    start: date | None = None,
    earlier: Schedule | None = None,
    others: Iterable[Busy] = (),
) -> tuple[PlanResult, Schedule]:
    """The plan with its dates arranged, and the schedule to go on from.

    Args:
        result: a plan with whole-day dates.
        clinic: where times are booked; None = whole days.
        start: the first day that a session may be on.
        earlier: the schedule of the plan that this one takes the place of. Courses that have begun keep their entries.
        others: what other plans have booked in the clinic.

    Returns:
        The plan with these dates, and its schedule.

    Raises:
        InputError: no booking was found, `start` lies before the plan, or the earlier schedule is another person's.
    """
    if start is not None and start < result.as_of:
        raise InputError(f"--start {start}: is before the plan's own day, {result.as_of}.")
    earlier = _own(result, earlier)
    kept = _kept(earlier)
    if clinic is not None or start is not None or kept:
        result = _booked(result, clinic, start, kept, others)
    made = schedule_of(result)
    if earlier is not None:
        made = _joined(made, earlier, kept)
        result = shown(result, made)
    return result, made


def shown(result: PlanResult, schedule: Schedule) -> PlanResult:
    """The plan with the dates of its schedule: what takes place from the plan's day on."""
    events = [event for event in result.schedule if event.kind not in KINDS]
    live = [a for a in schedule.appointments if a.live and a.date >= result.as_of]
    events += [_event(a, schedule.time_zone) for a in live]
    return result.model_copy(update={"schedule": in_order(events), "courses": schedule.courses})


def _event(a: Appointment, zone: str | None) -> Event:
    return Event(
        date=a.date,
        earliest=min(a.earliest, a.date),
        latest=max(a.latest, a.date),
        private=a.text,
        therapy=a.therapy,
        kind=a.kind,
        number=a.number,
        of=a.of,
        id=a.id,
        status=a.status,
        time=a.time,
        time_zone=zone if a.time is not None else None,
        minutes=a.minutes,
        room=a.room,
        staff=a.staff,
    )


def _own(result: PlanResult, earlier: Schedule | None) -> Schedule | None:
    """The earlier schedule if it is this person's."""
    if earlier is None or earlier.key == person_key(result):
        return earlier
    if earlier.version > 1:
        raise InputError(
            f"schedule.json in that folder is that of {earlier.person!r}, with what has happened since; "
            "give another folder with --out."
        )
    return None


def _kept(earlier: Schedule | None) -> list[Appointment]:
    """What of the earlier schedule stands: every session of a course that has begun, and all that has happened."""
    if earlier is None:
        return []
    begun = {a.therapy for a in earlier.appointments if a.kind == "session" and a.status not in MAY_MOVE}
    return [a for a in earlier.appointments if a.status not in MAY_MOVE or (a.kind == "session" and a.therapy in begun)]


def _booked(
    result: PlanResult, clinic: Clinic | None, start: date | None, kept: list[Appointment], others: Iterable[Busy]
) -> PlanResult:
    """The events of the plan with slots, but for those that stand already."""
    standing = {a.id for a in kept}
    began = {a.therapy for a in kept if a.kind == "session"}
    courses = [_from(course, clinic, start, result.as_of) for course in result.courses]
    first = max([result.as_of, *([clinic.first_date] if clinic is not None and clinic.first_date is not None else [])])
    zone = None if clinic is None else clinic.zone
    taken = [busy for a in kept if zone is not None and (busy := a.busy(zone)) is not None]
    desk = Desk(clinic, (*others, *taken), first)
    rest = [e for e in result.schedule if e.kind in KINDS and e.kind != "session" and e.id not in standing]
    surgery = [e for e in rest if e.kind == "surgery" and desk.nobody(task_of("surgery", e.therapy)) is None]
    found = book([_single(e, clinic, first, courses, result.as_of) for e in surgery], desk)
    operations = [found[e.id].date if e.id in found else e.date for e in rest if e.kind == "surgery" and e.id]
    operations += [a.date for a in kept if a.kind == "surgery" and a.live]
    desk = desk.plus(b for e in surgery if e.id and (b := desk.busy(found[e.id], _minutes(e, clinic), e.id)))
    measures = [e for e in rest if e.kind == "measure"]
    fresh = [course for course in courses if course.therapy not in began]
    chains: list[Chain] = [_single(e, clinic, first, courses, result.as_of) for e in measures[:1]]
    chains += [new_chain(course, course.first_day, operations) for course in fresh]
    chains += [_single(e, clinic, first, courses, result.as_of) for e in measures[1:]]
    found |= book(chains, desk)
    events = [e for e in result.schedule if e.kind not in KINDS]
    events += [_placed(e, found[e.id], clinic) if e.id in found and e.id else e for e in rest]
    for course in fresh:
        slots = slots_of(found, course)
        made = session_events(course, [slot.date for slot in slots])
        events += [_placed(e, slot, clinic) for e, slot in zip(made, slots, strict=True)]
    return result.model_copy(update={"schedule": in_order(events), "courses": courses})


def _from(course: Course, clinic: Clinic | None, start: date | None, as_of: date) -> Course:
    """The course at this clinic, beginning on the first day that is asked for and possible."""
    first = course.first_day
    if start is not None:
        first = start if first == as_of + timedelta(days=FIRST_SESSION_DAY) else max(start, first)
    if clinic is None:
        return course.model_copy(update={"first_day": first})
    return at_clinic(course, clinic).model_copy(update={"first_day": max(first, clinic.first_date or first)})


def _minutes(event: Event, clinic: Clinic | None) -> int:
    return length_of(event.kind, None, clinic)


def _single(event: Event, clinic: Clinic | None, first: date, courses: Sequence[Course], as_of: date) -> Chain:
    """An operation or measurement; a baseline may wait for the first session but not come after it."""
    opens = event.kind == "measure" and event.date == as_of
    if opens and clinic is not None:
        begins = min((course.first_day for course in courses), default=first)
        last = max(begins, first) + timedelta(days=protocol_days("first_session_slack"))
        event = event.model_copy(update={"date": first, "earliest": first, "latest": last})
    return single_chain(event, _minutes(event, clinic), first, opens)


def _placed(event: Event, slot: Slot, clinic: Clinic | None) -> Event:
    """The event in its slot."""
    fixed = event.earliest == event.latest
    update: dict[str, object] = {
        "date": slot.date,
        "earliest": slot.date if fixed else min(event.earliest, slot.date),
        "latest": slot.date if fixed else max(event.latest, slot.date),
        "time": slot.time,
        "room": slot.room,
        "staff": slot.staff,
    }
    if clinic is not None and slot.time is not None:
        length = clinic.lengths.get(task_of(event.kind, event.therapy))
        usual = protocol_days("length_session") if event.kind == "session" else _minutes(event, clinic)
        update |= {"time_zone": clinic.time_zone, "minutes": length or usual, "status": "booked"}
    return event.model_copy(update=update)


def _joined(made: Schedule, earlier: Schedule, kept: Sequence[Appointment]) -> Schedule:
    """The new schedule with what stands of the earlier one, each calendar entry going on under its name."""
    stamp = max([made.history[0].at, *(a.changed for a in earlier.appointments)])
    before = {a.uid: a for a in earlier.appointments}
    standing = {a.uid for a in kept}
    joined = list(kept)
    for a in made.appointments:
        if a.uid in standing:
            continue
        joined.append(continued(before[a.uid], a, stamp) if a.uid in before else a)
    names = {a.uid for a in joined}
    gone = [a for a in earlier.appointments if a.uid not in names]
    joined += [continued(a, a.model_copy(update={"status": "cancelled"}), stamp) for a in gone]
    courses = [c for c in earlier.courses if c.therapy in {a.therapy for a in kept}]
    courses += [c for c in made.courses if c.therapy not in {c.therapy for c in courses}]
    zone = made.time_zone or earlier.time_zone
    update = {"appointments": in_diary_order(joined), "courses": courses, "key": earlier.key, "time_zone": zone}
    new = earlier.model_copy(update=update | {"person": made.person, "as_of": made.as_of})
    if new == earlier:
        return earlier
    version = earlier.version + 1
    change = Change(version=version, at=stamp, on=made.as_of, what=[say("The plan was made again.")], why="", by="")
    return new.model_copy(update={"version": version, "history": [*earlier.history, change]})


def continued(old: Appointment, new: Appointment, stamp: dt.datetime) -> Appointment:
    """The new state of an appointment; its calendar entry counts one further where a calendar would show a change."""
    moved = visible(old) != visible(new)
    sequence, changed = (old.sequence + 1, max(stamp, old.changed)) if moved else (old.sequence, old.changed)
    return new.model_copy(update={"uid": old.uid, "sequence": sequence, "changed": changed})


def visible(a: Appointment) -> tuple[object, ...]:
    """What a calendar shows of an appointment."""
    off = dict.fromkeys(("cancelled", "void", "missed"), "cancelled")
    standing = ({"planned": "tentative"} | off).get(a.status, "confirmed")
    window = (a.earliest, a.latest) if a.time is None else ()
    return (a.date, a.time, a.minutes, standing, *window)


def zone_of(schedule: Schedule) -> ZoneInfo | None:
    """The time zone of a schedule with times."""
    return None if schedule.time_zone is None else ZoneInfo(schedule.time_zone)
