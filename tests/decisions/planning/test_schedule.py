"""A plan as dated steps: windows that hold their date, sessions far enough apart, and days to measure again."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from follicast.decisions.planning.candidates import TRANSPLANT, option
from follicast.decisions.planning.schedule import schedule
from follicast.decisions.result import Event
from follicast.knowledge.load import Knowledge
from follicast.knowledge.therapy import SessionExposure
from follicast.people.person import Measurement, Person, Proposal, Treatment

TODAY = date(2026, 11, 20)
MAN = Person(as_of=TODAY, label="", sex="male", age_years=40.0)
OFFER = Proposal("offer", ("exosome", "finasteride-oral"), 6, (21, 28))


def steps(
    knowledge: Knowledge, *names: str, person: Person = MAN, horizon: int = 730, proposal: Proposal | None = None
) -> list[Event]:
    chosen = option(person, knowledge, proposal.lines if proposal else names, horizon, proposal)
    return schedule(person, knowledge, chosen, horizon)


def of(events: list[Event], kind: str) -> list[Event]:
    return [event for event in events if event.kind == kind]


def apart(events: list[Event]) -> list[int]:
    return [(later.date - event.date).days for event, later in pairwise(events)]


def test_every_window_holds_its_date_and_dates_rise(knowledge: Knowledge) -> None:
    events = steps(knowledge, "finasteride-oral", "exosome", "prp", "microneedling", TRANSPLANT)
    assert all(event.earliest <= event.date <= event.latest for event in events)
    assert all(days >= 0 for days in apart(events))
    assert {event.kind for event in events} == {"start", "session", "surgery", "measure"}


@pytest.mark.parametrize("name", ["exosome", "prp", "microneedling"])
def test_no_session_is_sooner_than_its_least_interval_even_when_moved(knowledge: Knowledge, name: str) -> None:
    exposure = knowledge.therapies[name].exposure
    assert isinstance(exposure, SessionExposure)
    sessions = of(steps(knowledge, name), "session")
    for before, event in pairwise(sessions):
        assert (event.date - before.date).days >= exposure.interval_min_days.value
        assert (event.earliest - before.date).days >= exposure.interval_min_days.value
        assert (event.latest - before.date).days <= exposure.interval_max_days.value
    assert [(event.number, event.of) for event in sessions] == [(k + 1, len(sessions)) for k in range(len(sessions))]


def test_six_sessions_three_to_four_weeks_apart_take_four_to_five_months(knowledge: Knowledge) -> None:
    person = replace(MAN, proposals=(OFFER,))
    sessions = of(steps(knowledge, person=person, proposal=OFFER), "session")
    assert len(sessions) == 6
    assert all(21 <= days <= 28 for days in apart(sessions))
    assert 105 <= (sessions[-1].date - sessions[0].date).days <= 140
    assert all((event.earliest - before.date).days >= 21 for before, event in pairwise(sessions))


def test_a_booster_may_move_by_a_fortnight_only(knowledge: Knowledge) -> None:
    prp = knowledge.therapies["prp"]
    assert isinstance(prp.exposure, SessionExposure)
    yearly = replace(prp.exposure, boosters_per_year=replace(prp.exposure.sessions, value=2.0))
    known = replace(knowledge, therapies={**knowledge.therapies, "prp": replace(prp, exposure=yearly)})
    boosters = of(steps(known, "prp"), "session")[3:]
    assert len(boosters) == 3
    assert all(event.date - event.earliest == event.latest - event.date == timedelta(14) for event in boosters)


def test_daily_lines_start_today_and_what_is_used_goes_on(knowledge: Knowledge) -> None:
    used = Treatment(TODAY - timedelta(days=99), "minoxidil-topical-5", None, None, (), "")
    person = replace(MAN, treatments=(used, replace(used, therapy="light")))
    events = steps(knowledge, "finasteride-oral", "minoxidil-topical-5", person=person)
    told = {event.therapy: event.private for event in (*of(events, "start"), *of(events, "stop"))}
    assert told["finasteride-oral"].startswith("Start oral finasteride") or told["finasteride-oral"].startswith(
        "Start "
    )
    assert told["minoxidil-topical-5"].startswith("Go on with ")
    assert "not part of this plan" in told["light"]
    assert {event.date for event in of(events, "start")} == {TODAY}


def test_the_site_is_measured_again_at_six_months_and_each_year_to_the_horizon(knowledge: Knowledge) -> None:
    for horizon, months in ((183, [0, 6]), (730, [0, 6, 12, 24]), (1826, [0, 6, 12, 24, 36, 48, 60])):
        events = of(steps(knowledge, horizon=horizon), "measure")
        assert [round((event.date - TODAY).days / 30.4375) for event in events] == months


def test_a_baseline_is_asked_for_unless_there_is_a_recent_one(knowledge: Knowledge) -> None:
    def baselines(days_ago: int) -> int:
        when = TODAY - timedelta(days=days_ago)
        read = Measurement(when, "vertex", "total_density", 200.0, None, 1.0, None, None, False)
        events = steps(knowledge, person=replace(MAN, measurements=(read,)))
        return sum(event.date == TODAY for event in of(events, "measure"))

    assert (baselines(20), baselines(200)) == (0, 1)


def test_an_operation_is_an_event_with_its_grafts(knowledge: Knowledge) -> None:
    made = option(MAN, knowledge, (TRANSPLANT,), 730).regimen.transplants[0]
    (event,) = of(steps(knowledge, TRANSPLANT), "surgery")
    assert (event.date, event.therapy) == (made.date, TRANSPLANT)
    assert f"{made.grafts} grafts" in event.private


def test_nothing_still_has_days_to_measure(knowledge: Knowledge) -> None:
    assert {event.kind for event in steps(knowledge)} == {"measure"}
