"""The rule keeps its error rates whatever the forecasts look like, and says the plain thing where it is plain."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from follicast.decisions.reviewing.verdict import Expectation, chance_to_tell, decide, judge, limits_of, odds_of
from follicast.knowledge.labs import analytes
from follicast.knowledge.load import sources
from follicast.knowledge.review_rule import ANSWERED_BY_RECORD, checks, review_rule

RULE = review_rule()
DAY = 200.0


def expectation(middle: float, spread: float, sd: float, seed: int = 1) -> Expectation:
    return Expectation(middle + spread * np.random.default_rng(seed).standard_normal(300), sd)


def verdict(reading: float, plan: Expectation, nothing: Expectation, *, day: float = DAY, later: bool = False) -> str:
    return judge(reading, plan, nothing, day, False, lambda: later, RULE).verdict


def said(readings: np.ndarray, plan: Expectation, nothing: Expectation) -> list[str]:
    odds, limits = odds_of(readings, plan, nothing), limits_of(plan, nothing, RULE)
    lower = [plan.below(float(reading)) for reading in readings]
    return [decide(a, float(b), limits, False, lambda: False, RULE) for a, b in zip(lower, odds, strict=True)]


def drawn(found: Expectation, size: int) -> np.ndarray:
    rng = np.random.default_rng(7)
    return rng.choice(found.values, size) + found.sd * rng.standard_normal(size)


@settings(max_examples=40, deadline=None)
@given(
    effect=st.floats(-30.0, 60.0),
    spread=st.floats(0.5, 25.0),
    idle_spread=st.floats(0.5, 25.0),
    sd=st.floats(1.0, 20.0),
)
def test_where_the_plan_is_right_seven_in_a_hundred_at_most_are_called_below_or_above(
    effect, spread, idle_spread, sd
) -> None:
    plan, nothing = expectation(effect, spread, sd), expectation(0.0, idle_spread, sd, 2)
    found = said(drawn(plan, 400), plan, nothing)
    # 400 readings: four standard errors above the bound
    assert sum(v in ("below", "above") for v in found) / 400 <= 0.07 + 4 * np.sqrt(0.07 * 0.93 / 400)
    idle = said(drawn(nothing, 400), plan, nothing)
    assert sum(v == "on track" for v in idle) / 400 <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / 400)


def test_plain_cases() -> None:
    plan, nothing = expectation(170.0, 6.0, 3.5), expectation(145.0, 4.0, 3.5, 2)
    assert verdict(168.0, plan, nothing) == "on track"
    assert verdict(146.0, plan, nothing) == "below"
    assert verdict(120.0, plan, nothing) == "below"
    assert verdict(195.0, plan, nothing) == "above"


def test_where_both_are_plausible_nothing_is_told_and_waiting_decides_what_it_is_called() -> None:
    plan, nothing = expectation(152.0, 8.0, 10.0), expectation(147.0, 8.0, 10.0, 2)
    assert verdict(150.0, plan, nothing) == "cannot tell"
    assert verdict(150.0, plan, nothing, later=True) == "too early"
    assert chance_to_tell(plan, nothing, RULE) < RULE.too_early


@pytest.mark.parametrize("reading", [90.0, 150.0, 220.0])
def test_before_week_twelve_and_while_shedding_it_is_too_early_whatever_is_read(reading: float) -> None:
    plan, nothing = expectation(170.0, 6.0, 3.5), expectation(145.0, 4.0, 3.5, 2)
    assert verdict(reading, plan, nothing, day=RULE.earliest - 1) == "too early"
    assert judge(reading, plan, nothing, DAY, True, lambda: False, RULE).verdict == "too early"


def test_a_verdict_never_rises_when_the_reading_falls() -> None:
    order = {"below": 0, "cannot tell": 1, "on track": 2, "above": 3}
    plan, nothing = expectation(170.0, 6.0, 3.5), expectation(145.0, 4.0, 3.5, 2)
    ranks = [order[v] for v in said(np.arange(100.0, 220.0, 1.0), plan, nothing)]
    assert ranks == sorted(ranks)
    assert set(ranks) == {0, 1, 2, 3}


def test_odds_and_tails_are_those_of_the_mixture() -> None:
    plan, nothing = expectation(10.0, 3.0, 2.0), expectation(0.0, 3.0, 2.0, 2)
    grid = np.linspace(-40.0, 50.0, 4001)
    for found in (plan, nothing):
        density = np.exp(found.log_density(grid))
        assert np.trapezoid(density, grid) == pytest.approx(1.0, abs=1e-4)
        assert found.below(4.0) == pytest.approx(np.trapezoid(density[grid <= 4.0], grid[grid <= 4.0]), abs=2e-3)
    assert odds_of(np.array([9.0]), plan, nothing)[0] == pytest.approx(
        float(np.exp(plan.log_density(np.array([9.0])) - nothing.log_density(np.array([9.0])))[0])
    )
    assert np.isfinite(odds_of(np.array([-1e4, 1e4]), plan, nothing)).all()
    low, high = plan.quantiles([0.1, 0.9])
    assert plan.below(low) == pytest.approx(0.1, abs=0.02)
    assert plan.below(high) == pytest.approx(0.9, abs=0.02)


def test_every_check_asks_something_known_and_its_sources_exist() -> None:
    assert {"adherence", "tsh", "ferritin"} <= {check.asks for check in checks()}
    assert {check.asks for check in checks()} <= {*ANSWERED_BY_RECORD, *analytes()}
    assert {key for check in checks() for key in check.sources} <= set(sources())
