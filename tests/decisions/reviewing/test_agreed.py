"""The plan and its reviews name the same count that can tell, and the same reading that says it has not worked."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from follicast.decisions.planning.plan import Planned, plan_and_forecast
from follicast.decisions.reviewing.agreed import agreed_rule
from follicast.decisions.reviewing.review import reviewer_of
from follicast.inference.store import Store
from follicast.knowledge.load import Knowledge
from follicast.knowledge.review_rule import review_rule
from follicast.people.person import Measurement, Person
from follicast.people.read import read_person

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture(scope="module")
def woman(knowledge: Knowledge) -> Person:
    return read_person(EXAMPLES / "woman-45.toml", knowledge.therapies, date(2026, 11, 20))


@pytest.fixture(scope="module")
def planned(woman: Person, knowledge: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> Planned:
    return plan_and_forecast(woman, knowledge, store=Store(tmp_path_factory.mktemp("store")))


def later(person: Person, when: date, value: float) -> Measurement:
    """The person's own count of the same marked site, on another day."""
    own = next(m for m in reversed(person.measurements) if m.quantity == "nonvellus_density")
    return replace(own, date=when, value=value, matched_site=True)


def test_the_month_in_the_plan_is_the_date_in_the_review(woman: Person, knowledge: Knowledge, planned: Planned) -> None:
    m = later(woman, woman.as_of + timedelta(days=120), 150.0)
    person = replace(woman, as_of=m.date, measurements=(*woman.measurements, m))
    read = reviewer_of(planned.forecast, person, knowledge, review_rule())[0].read(m)
    rule = planned.result.stop_rule
    assert rule is not None
    booked = {event.id: event.date for event in planned.result.schedule if event.kind == "measure"}
    assert read.tells_from == (None if rule.month is None else booked[f"measure-{rule.month}"])


def test_below_the_stop_rule_the_review_says_below_and_at_it_no_more(
    woman: Person, knowledge: Knowledge, planned: Planned
) -> None:
    # The forecast made more certain, so that a count tells: every version of the plan 30 hairs above nothing.
    forecast = planned.forecast
    nothing = next(c for c in forecast.courses if c.role == "nothing")
    raised = [
        s.model_copy(update={"values": [[v + 30.0 * min(1.0, k / 6) for v in day] for k, day in enumerate(s.values)]})
        for s in nothing.series
    ]
    plan = forecast.course("plan")
    assert plan is not None
    sure = plan.model_copy(update={"series": raised, "shedding": None})
    courses = [sure if c.role == "plan" else c for c in forecast.courses]
    clear = forecast.model_copy(update={"courses": courses})
    rule = agreed_rule(woman, knowledge, clear)
    assert rule is not None
    assert rule.threshold is not None
    assert rule.month is not None
    assert rule.quantity == "nonvellus_density"
    assert "Non-vellus hairs of 30" in rule.words
    when = woman.as_of + timedelta(days=round(rule.month * 30.4375))
    for value, called in ((rule.threshold - 1.0, True), (rule.threshold + 1.0, False)):
        m = later(woman, when, value)
        person = replace(woman, as_of=when, measurements=(*woman.measurements, m))
        verdict = reviewer_of(clear, person, knowledge, review_rule())[0].read(m).verdict
        assert (verdict == "below") == called


def test_without_a_baseline_nothing_is_agreed_that_no_review_could_hold_against_anything(
    woman: Person, knowledge: Knowledge, planned: Planned
) -> None:
    assert agreed_rule(replace(woman, measurements=()), knowledge, planned.forecast) is None
