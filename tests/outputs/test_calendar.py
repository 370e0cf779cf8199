from __future__ import annotations

from datetime import date

import icalendar
import pytest
from tests.outputs.fixture import ALL, man_of_40

from follicast.outputs.calendar import render_calendar

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
