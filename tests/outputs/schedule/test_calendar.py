from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from tests.decisions.booking.diaries import AT, booked, clinic, course, state
from tests.outputs.fixture import ALL, man_of_40

from follicast.decisions.booking.changes import changed
from follicast.decisions.booking.record import Schedule
from follicast.decisions.booking.request import Move, Request
from follicast.outputs.schedule.calendar import render_calendar, time_zone

TELLING = (
    "finasteride minoxidil dutasteride spironolactone exosome prp plasma needl light transplant graft shampoo hair"
    " scalp alopecia follicle photograph session tablet man-40"
).split()


def _events(data: bytes) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(data).walk("VEVENT"))


def test_one_event_an_appointment_all_day_and_private() -> None:
    events = _events(render_calendar(man_of_40()))
    assert len(events) == 9
    for event in events:
        assert event["SUMMARY"] == "Appointment"
        assert event["CLASS"] == "PRIVATE"
        assert event["SEQUENCE"] == 0
        assert type(event.decoded("DTSTART")) is date
        assert (event.decoded("DTEND") - event.decoded("DTSTART")).days == 1
        assert event.decoded("DTSTAMP").isoformat() == "2026-03-12T00:00:00+00:00"


@pytest.mark.parametrize("name", ALL)
def test_says_nothing_about_why(name: str) -> None:
    data = render_calendar(ALL[name]())
    for event in _events(data):
        words = f"{event['SUMMARY']} {event['DESCRIPTION']}".lower()
        assert not [word for word in TELLING if word in words]
    visible = data.decode().lower().replace("-//follicast//", "").replace("@follicast", "")
    assert not [word for word in TELLING if word in visible and len(word) > 3]


def test_uids_are_unique_stable_and_differ_between_people() -> None:
    result = man_of_40()
    uids = [event["UID"] for event in _events(render_calendar(result))]
    assert len(set(uids)) == len(uids)
    later = [event.model_copy(update={"date": event.latest}) for event in result.schedule]
    moved = _events(render_calendar(result.model_copy(update={"schedule": later})))
    assert {event["UID"] for event in moved} == set(uids)
    other = result.person.model_copy(update={"label": "another"})
    others = _events(render_calendar(result.model_copy(update={"person": other})))
    assert not {event["UID"] for event in others} & set(uids)


def test_unnumbered_events_keep_apart() -> None:
    result = man_of_40()
    bare = [event.model_copy(update={"number": None, "of": None}) for event in result.schedule]
    events = _events(render_calendar(result.model_copy(update={"schedule": bare})))
    assert len({event["UID"] for event in events}) == 9
    assert all(event["DESCRIPTION"].startswith("It may move") for event in events)


def test_rfc_5545_lines() -> None:
    data = render_calendar(man_of_40())
    assert data == render_calendar(man_of_40())
    assert data.count(b"\n") == data.count(b"\r\n")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))


def test_no_dates_is_still_a_calendar() -> None:
    assert _events(render_calendar(man_of_40(schedule=[]))) == []


def _booked(zone: str, start: date = date(2027, 3, 3)) -> Schedule:
    return booked(course(), at=clinic(time_zone=zone, slot_minutes=60), start=start)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Taipei", "Australia/Lord_Howe"])
@pytest.mark.parametrize("viewer", ["America/Los_Angeles", "Asia/Tokyo", "Europe/London"])
def test_scenario_27_the_hour_is_right_wherever_it_is_read(zone: str, viewer: str) -> None:
    schedule = _booked(zone, date(2027, 3, 3))
    data = render_calendar(schedule)
    events = {event["UID"]: event for event in _events(data)}
    component = icalendar.Calendar.from_ical(data).walk("VTIMEZONE")[0]
    rules = component.to_tz(lookup_tzid=False)
    for a in schedule.appointments:
        event = events[a.uid]
        assert a.time is not None
        assert event["DTSTART"].params["TZID"] == zone
        local = event.decoded("DTSTART").replace(tzinfo=None)
        assert local.strftime("%Y-%m-%d %H:%M") == f"{a.date} {a.time}"
        # As a program reads it that only knows the rules in the file, and as the person's own telephone shows it.
        instant = local.replace(tzinfo=rules).astimezone(UTC)
        assert instant == local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        there = instant.astimezone(ZoneInfo(viewer))
        assert there.astimezone(ZoneInfo(zone)).strftime("%H:%M") == a.time
        assert (event.decoded("DTEND") - event.decoded("DTSTART")) == timedelta(minutes=a.minutes)


def test_scenario_27_local_time_is_kept_across_the_change_of_the_clocks_and_the_instant_moves() -> None:
    schedule = _booked("Europe/Berlin")
    times = [event.decoded("DTSTART") for event in _events(render_calendar(schedule))]
    sessions = [t for t in times if any(a.kind == "session" and a.date == t.date() for a in schedule.appointments)]
    assert len({t.strftime("%H:%M") for t in sessions}) == 1
    assert {t.astimezone(UTC).hour for t in sessions} == {sessions[0].hour - 1, sessions[0].hour - 2}


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"])
def test_the_rules_of_a_time_zone_hold_hour_by_hour(zone: str) -> None:
    own = ZoneInfo(zone)
    rules = time_zone(own, date(2027, 1, 1), date(2027, 12, 31)).to_tz(lookup_tzid=False)
    hour = datetime(2027, 1, 1)  # noqa: DTZ001 - local times, some of which come twice or never
    while hour.year == 2027:
        there = hour.replace(tzinfo=own)
        clear = there.utcoffset() == there.replace(fold=1).utcoffset()
        clear = clear and there.astimezone(UTC).astimezone(own).replace(tzinfo=None) == hour
        if clear:
            assert hour.replace(tzinfo=rules).utcoffset() == there.utcoffset(), hour
        hour += timedelta(hours=1)


def test_scenario_27_a_moved_session_keeps_its_uid_and_counts_one_further() -> None:
    there = clinic()
    before = booked(course(), at=there)
    after = changed(before, Request(date(2027, 3, 1), move=(Move("6", date(2027, 7, 2), "15:00"),)), AT, there)
    old = {event["UID"]: event for event in _events(render_calendar(before))}
    new = {event["UID"]: event for event in _events(render_calendar(after))}
    assert set(old) == set(new)
    moved = next(a.uid for a in after.appointments if a.id == "exosome-6")
    assert (old[moved]["SEQUENCE"], new[moved]["SEQUENCE"]) == (0, 1)
    assert new[moved].decoded("DTSTART").strftime("%Y-%m-%d %H:%M") == "2027-07-02 15:00"
    assert new[moved].decoded("DTSTAMP") == AT
    assert all(new[uid].to_ical() == old[uid].to_ical() for uid in old if uid != moved)


def test_scenario_28_what_was_cancelled_is_in_the_file_as_cancelled_under_its_name() -> None:
    before = booked(course())
    after = changed(before, Request(date(2027, 3, 1), cancel=("6",)), AT)
    uid = next(a.uid for a in before.appointments if a.id == "exosome-6")
    (event,) = [event for event in _events(render_calendar(after)) if event["UID"] == uid]
    assert (event["STATUS"], event["SEQUENCE"], event["SUMMARY"]) == ("CANCELLED", 1, "Appointment")
    assert len(_events(render_calendar(after))) == len(_events(render_calendar(before)))


def test_states_are_those_that_a_calendar_knows() -> None:
    whole, timed = booked(course()), booked(course(), at=clinic())
    assert {event["STATUS"] for event in _events(render_calendar(whole))} == {"TENTATIVE"}
    assert {event["STATUS"] for event in _events(render_calendar(timed))} == {"CONFIRMED"}
    assert {event["TRANSP"] for event in _events(render_calendar(timed))} == {"OPAQUE"}
    before = state(timed, "exosome-1")
    late = Request(before.date, missed=("exosome-1",))
    after = render_calendar(changed(timed, late, AT, clinic()))
    (missed,) = [event for event in _events(after) if event["UID"] == before.uid]
    assert (missed["STATUS"], missed["SEQUENCE"]) == ("CANCELLED", before.sequence + 1)


def test_an_alarm_is_there_only_if_it_was_asked_for_and_says_nothing() -> None:
    schedule = booked(course(), at=clinic())
    assert b"VALARM" not in render_calendar(schedule)
    data = render_calendar(schedule.model_copy(update={"alarm_hours": 24}))
    alarms = icalendar.Calendar.from_ical(data).walk("VALARM")
    assert len(alarms) == len(schedule.appointments)
    assert {alarm["DESCRIPTION"] for alarm in alarms} == {"Appointment"}
    assert {alarm.decoded("TRIGGER") for alarm in alarms} == {timedelta(hours=-24)}


def test_a_timed_calendar_tells_no_room_no_name_and_no_drug() -> None:
    visible = render_calendar(booked(course(), at=clinic(), label="Mr Chen")).decode().lower()
    for word in (*TELLING, "room", "nurse", "chen", "exosome"):
        assert word not in visible.replace("-//follicast//", "").replace("@follicast", "")


def test_names_are_the_same_for_a_plan_made_another_day() -> None:
    result = man_of_40()
    later = result.model_copy(update={"as_of": result.as_of + timedelta(days=30)})
    first, second = ({e["UID"] for e in _events(render_calendar(r))} for r in (result, later))
    assert first == second
