"""When a count can tell, by which count, and the plan begun line by line."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from follicast.decisions.planning.candidates import option
from follicast.decisions.planning.schedule import schedule
from follicast.decisions.planning.telling import fast_first, hairs_counted, own_count, staged, stop_rule
from follicast.decisions.planning.workbench import Workbench
from follicast.decisions.result import StopRule
from follicast.inference.forecast import Regimen
from follicast.inference.store import Store
from follicast.knowledge.load import Knowledge
from follicast.people.person import Measurement, Person, Quantity

TODAY = date(2026, 11, 20)
MAN = Person(
    as_of=TODAY, label="", sex="male", age_years=36.0, jurisdiction="US", ancestry="caucasian", years_of_loss=(5.0, 6.0)
)
ALL = ("finasteride-oral", "minoxidil-topical-5", "light")


@pytest.fixture
def bench(store: Store, knowledge: Knowledge) -> Workbench:
    return Workbench(MAN, knowledge, 0, store, lambda *_: None)


def course(bench: Workbench, a_month: float) -> np.ndarray:
    """Every member at 120 today, and so many hairs more each month."""
    members = bench.posterior.weights.size
    return 120.0 + a_month * np.arange(25.0)[:, None] * np.ones(members)[None, :]


def test_what_grows_fast_can_be_told_soon_and_what_does_nothing_never(bench: Workbench) -> None:
    fast, slow, none = (stop_rule(bench, course(bench, m), course(bench, 0.0), "in the plan") for m in (3.0, 1.0, 0.0))
    assert fast.month is not None
    assert slow.month is not None
    assert fast.month < slow.month
    assert (none.month, none.threshold) == (None, None)
    assert none.probability == pytest.approx(0.10, abs=0.03)
    assert "cannot tell within 24 months" in none.words


def test_the_threshold_lies_where_nine_of_ten_of_those_who_respond_read_above(bench: Workbench) -> None:
    rule = stop_rule(bench, course(bench, 3.0), course(bench, 0.0), "in the plan")
    assert rule.month is not None
    assert rule.change is not None
    error = np.sqrt(2.0) * bench.knowledge.parameters["instrument.count_sd_matched"].value
    assert rule.change == pytest.approx(3.0 * rule.month - 1.2816 * error, abs=0.2 * error)
    assert rule.probability >= 0.8


def test_without_a_baseline_the_rule_is_a_change_and_says_to_have_it_counted_first(bench: Workbench) -> None:
    rule = stop_rule(bench, course(bench, 3.0), course(bench, 0.0), "in the plan")
    assert (rule.threshold, rule.baseline) == (None, None)
    assert rule.words.startswith("First have all hairs of a marked site of the vertex")
    assert f"has not risen by more than {rule.change:.0f} per cm2" in rule.words
    falls = stop_rule(bench, course(bench, -1.0), course(bench, -4.0), "in the plan")
    assert falls.change is not None
    assert falls.change < 0.0
    assert f"has fallen by more than {-falls.change:.0f} per cm2" in falls.words


@pytest.mark.parametrize("months", [6, 12, 24])
def test_the_day_to_judge_is_one_that_the_schedule_books(store: Store, knowledge: Knowledge, months: int) -> None:
    person = replace(MAN, goals=replace(MAN.goals, horizon_months=months))
    bench = Workbench(person, knowledge, 0, store, lambda *_: None)
    events = schedule(person, knowledge, option(person, knowledge, ALL, bench.horizon_days), bench.horizon_days)
    booked = {event.id for event in events if event.kind == "measure"}
    for a_month in (3.0, 1.0, 0.7):
        rule = stop_rule(bench, course(bench, a_month)[: months + 1], course(bench, 0.0)[: months + 1], "in the plan")
        assert rule.month is None or f"measure-{rule.month}" in booked


@pytest.mark.parametrize(("threshold", "quantity"), [(None, "total_density"), (30.0, "nonvellus_density")])
def test_the_rule_is_in_the_persons_own_quantity_against_the_own_count(
    store: Store, knowledge: Knowledge, threshold: float | None, quantity: Quantity
) -> None:
    read = Measurement(TODAY, "vertex", quantity, 150.0, threshold, 1.0, None, None, False)
    bench = Workbench(replace(MAN, measurements=(read,)), knowledge, 0, store, lambda *_: None)
    rule = stop_rule(bench, course(bench, 3.0), course(bench, 0.0), "in the plan")
    assert rule.change is not None
    assert (rule.quantity, rule.threshold_um, rule.zone, rule.baseline) == (quantity, threshold, "vertex", 150.0)
    assert rule.threshold == pytest.approx(150.0 + rule.change)
    assert f"{rule.change:+.0f} against the 150 of 2026-11-20" in rule.words
    assert ("30" in rule.words) == (threshold is not None)
    outlook = bench.outlook(Regimen())
    told = hairs_counted(bench, outlook)
    assert np.array_equal(told, outlook.density if threshold is None else outlook.nonvellus)


def test_a_count_of_another_site_or_long_ago_is_no_baseline_of_the_goal_zone() -> None:
    here = Measurement(TODAY, "vertex", "total_density", 150.0, None, 1.0, None, None, False)
    there, old = replace(here, zone="mid-scalp"), replace(here, date=date(2026, 1, 1))
    assert own_count(replace(MAN, measurements=(there, here))) == here
    assert own_count(replace(MAN, measurements=(there,))) == there
    assert own_count(replace(MAN, measurements=(old,))) is None


def test_no_rule_tells_anybody_to_stop_a_drug(bench: Workbench) -> None:
    rule = stop_rule(bench, course(bench, 3.0), course(bench, 0.0), "in the plan")
    assert "ask who prescribed it" in rule.words


def test_the_fast_line_comes_first_and_surgery_last(bench: Workbench) -> None:
    weeks = [bench.knowledge.therapies[name].onset_weeks.value for name in fast_first(bench, ALL)]
    assert weeks == sorted(weeks)
    assert fast_first(bench, ("transplant", *ALL))[-1] == "transplant"


def test_one_line_at_a_time_waits_until_the_one_before_can_be_judged(bench: Workbench, knowledge: Knowledge) -> None:
    made = option(MAN, knowledge, ALL, bench.horizon_days)
    outlook, nothing = bench.outlook(made.regimen), bench.outlook(Regimen())
    rule = StopRule(basis="begun alone", month=5, threshold=100.0, probability=0.9, words="")
    whole, gain = outlook.density[-1], outlook.density[-1] - nothing.density[-1]
    found = staged(bench, made, lambda _: rule, gain, whole)
    assert found is not None
    assert [name for name, _, _ in found.starts] == fast_first(bench, ALL)
    assert [day for _, day, _ in found.starts] == [0, 152, 304]
    assert found.costs.lo80 <= found.costs.median <= found.costs.hi80
    assert found.gain.median == pytest.approx(np.median(gain) - found.costs.median, abs=6.0)
    assert "month 5" in found.starts[1][2]


def test_a_single_line_cannot_be_staged(bench: Workbench, knowledge: Knowledge) -> None:
    made = option(MAN, knowledge, ("light",), bench.horizon_days)
    assert staged(bench, made, lambda _: None, np.zeros(1), np.zeros(1)) is None  # type: ignore[arg-type, return-value]
