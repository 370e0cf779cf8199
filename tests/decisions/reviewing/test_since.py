"""What the record says was done since the plan, and the person as they lived since."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest
from tests.decisions.reviewing.reviews import MAN, MINOXIDIL, PLANNED, later
from tests.outputs.review.reviews import a_forecast

from follicast.decisions.booking.record import Appointment, Schedule
from follicast.decisions.planning.stored_forecast import ForecastCourse, StoredForecast
from follicast.decisions.reviewing.since import lines_since, lived_since, sessions_so_far
from follicast.knowledge.load import Knowledge
from follicast.people.doses import DoseEntry
from follicast.people.person import Treatment


def course_of(forecast: StoredForecast) -> ForecastCourse:
    found = forecast.course("plan")
    assert found is not None
    return found


def appointment(number: int, when: date, status: str) -> Appointment:
    stamp = datetime(2026, 1, 10, tzinfo=timezone.utc)  # noqa: UP017
    return Appointment.model_validate(
        {
            "id": f"prp-{number}",
            "uid": f"u{number}",
            "kind": "session",
            "therapy": "prp",
            "number": number,
            "of": 4,
            "status": status,
            "date": when,
            "time": None,
            "minutes": 45,
            "room": None,
            "staff": None,
            "earliest": when,
            "latest": when,
            "text": "PRP",
            "sequence": 0,
            "changed": stamp,
        }
    )


def a_schedule(*statuses: str) -> Schedule:
    made = [appointment(k + 1, PLANNED + timedelta(days=30 * (k + 1)), status) for k, status in enumerate(statuses)]
    return Schedule(version=1, key="k", person="Man", as_of=PLANNED, time_zone=None, courses=[], appointments=made)


@pytest.mark.parametrize(
    ("used", "taken"),
    [
        (Treatment(PLANNED, MINOXIDIL, None, 0.7, (), ""), 0.7),
        (Treatment(PLANNED, MINOXIDIL, None, None, (), ""), None),
        (Treatment(PLANNED - timedelta(days=400), MINOXIDIL, None, 0.4, (), ""), 0.4),
        (Treatment(PLANNED, MINOXIDIL, PLANNED + timedelta(days=50), 0.9, (), ""), 0.9),
    ],
    ids=["said", "not said", "used before", "stopped"],
)
def test_the_share_of_doses_is_that_of_the_record(knowledge: Knowledge, used: Treatment, taken) -> None:
    person = replace(later(100), treatments=(used,))
    forecast = a_forecast()
    (line,) = lines_since(person, forecast, course_of(forecast), knowledge)
    assert line.taken == (None if taken is None else pytest.approx(taken))
    assert line.begun == PLANNED
    assert ("stopped on" in line.words()) is (used.end is not None)


def test_a_break_in_the_dose_log_lowers_the_share(knowledge: Knowledge) -> None:
    forecast = a_forecast()
    used = Treatment(PLANNED, MINOXIDIL, None, 0.9, (), "")
    person = replace(later(100), treatments=(used,))
    stretches = ((0, 10, True), (11, 30, False), (31, 99, True))
    log = tuple(
        DoseEntry(MINOXIDIL, PLANNED + timedelta(days=first), PLANNED + timedelta(days=last), taken)
        for first, last, taken in stretches
    )
    (whole,) = lines_since(person, forecast, course_of(forecast), knowledge)
    (broken,) = lines_since(replace(person, doses=log), forecast, course_of(forecast), knowledge)
    assert whole.taken == pytest.approx(0.9)
    assert broken.taken is not None
    assert broken.taken == pytest.approx(0.8, abs=0.03)


def test_a_line_nobody_speaks_of_counts_as_begun_with_unknown_regularity(knowledge: Knowledge) -> None:
    forecast = a_forecast()
    person = replace(later(100), treatments=())
    lines = lines_since(person, forecast, course_of(forecast), knowledge)
    assert "does not say whether it was begun" in lines[0].words()
    (added,) = lived_since(person, forecast, lines, None, knowledge).treatments
    assert (added.therapy, added.start, added.end, added.adherence) == (MINOXIDIL, PLANNED, None, None)
    told = later(100)
    lines = lines_since(told, forecast, course_of(forecast), knowledge)
    assert lived_since(told, forecast, lines, None, knowledge) == told


def test_only_sessions_that_took_place_count_as_lived(knowledge: Knowledge) -> None:
    plan = course_of(a_forecast()).model_copy(update={"therapies": ["prp"], "adherence": {}})
    forecast = a_forecast(courses=[a_forecast().courses[0], plan])
    person = replace(later(130), treatments=())
    lines = lines_since(person, forecast, plan, knowledge)
    schedule = a_schedule("done", "missed", "partial", "planned")
    (added,) = lived_since(person, forecast, lines, schedule, knowledge).treatments
    assert added.sessions == (PLANNED + timedelta(days=30), PLANNED + timedelta(days=90))
    assert lived_since(person, forecast, lines, None, knowledge).treatments == ()
    (told,) = sessions_so_far(schedule, person.as_of, knowledge)
    assert (told.planned, told.done, told.partial, told.missed, told.unsaid) == (4, 1, 1, 1, 1)
    assert "2 of 4 sessions done, 1 missed" in told.words
    assert "nobody has said" in told.words
    assert sessions_so_far(None, person.as_of, knowledge) == []


def test_a_session_that_makes_up_for_a_missed_one_is_not_one_more(knowledge: Knowledge) -> None:
    schedule = a_schedule("done", "missed", "planned", "planned")
    again = schedule.appointments[1].model_copy(update={"id": "again", "uid": "again", "attempt": 2, "status": "done"})
    made_up = schedule.model_copy(update={"appointments": [*schedule.appointments, again]})
    (told,) = sessions_so_far(made_up, PLANNED + timedelta(days=130), knowledge)
    assert (told.planned, told.done, told.missed) == (4, 2, 1)
    anew = [a.model_copy(update={"id": f"r{a.id}", "uid": f"r{a.uid}", "round": 2}) for a in schedule.appointments]
    old = [a.model_copy(update={"status": "cancelled"}) if a.status == "planned" else a for a in schedule.appointments]
    restarted = schedule.model_copy(update={"appointments": [*old, *anew]})
    (told,) = sessions_so_far(restarted, PLANNED + timedelta(days=130), knowledge)
    assert told.planned == 2 + 4


def test_a_person_without_the_plan_keeps_their_own_past(knowledge: Knowledge) -> None:
    own = Treatment(PLANNED - timedelta(days=900), "finasteride-oral", PLANNED - timedelta(days=300), 0.5, (), "")
    person = replace(MAN, as_of=PLANNED + timedelta(days=90), treatments=(own,))
    forecast = a_forecast()
    lines = lines_since(person, forecast, course_of(forecast), knowledge)
    assert [t.therapy for t in lived_since(person, forecast, lines, None, knowledge).treatments] == [
        "finasteride-oral",
        MINOXIDIL,
    ]
