"""The Pareto front: nobody on it is beaten, who is off it is beaten by one that is named; what the plan gives up."""

from collections.abc import Callable

import pytest
from tests.outputs.fixture import HAIRS, interval

from follicast.decisions.planning.front import Place, place_of, trade_offs, with_front
from follicast.decisions.result import Burden, Candidate, Cost, PlanResult

YEAR = 365


def candidate(
    name: str,
    rank: int,
    gain: float,
    harm: float,
    cost: float,
    hours: float,
    certainty: str = "high",
    barred: str | None = None,
) -> Candidate:
    zero = interval(0.0, 0.0, HAIRS)
    return Candidate.model_validate(
        {
            "id": name, "label": name, "therapies": [name], "gain": zero, "gain_from_now": zero, "gain_nonvellus": zero,
            "gain_coverage": zero, "improves_probability": 0.5, "clinic_visits": 0, "certainty": certainty,
            "cost": Cost(low=cost, high=cost, currency="USD", basis=""), "value": gain - harm, "deductions": {},
            "rank": rank, "not_recommended": barred, "assured_gain": gain, "harm_score": harm,
            "burden": Burden(hours_per_year=hours, visits_per_year=0.0, tablets_per_day=0.0, minutes_per_day=0.0),
        }
    )  # fmt: skip


BEST = candidate("best", 1, 20.0, 2.0, 500.0, 50.0)
CHEAP = candidate("cheap", 2, 10.0, 2.0, 100.0, 10.0)
WORSE = candidate("worse", 3, 10.0, 3.0, 100.0, 10.0)
SURE = candidate("sure", 4, 9.0, 1.0, 600.0, 80.0)


def test_one_that_is_worse_in_one_thing_and_better_in_none_is_beaten() -> None:
    found = {c.id: c for c in with_front([BEST, CHEAP, WORSE, SURE], YEAR)}
    assert [name for name, c in found.items() if c.on_front] == ["best", "cheap", "sure"]
    assert found["worse"].beaten_by == "cheap"


def test_a_difference_below_the_grid_is_none() -> None:
    twin = candidate("twin", 2, 20.2, 2.1, 503.0, 52.0)
    assert place_of(twin, YEAR) == place_of(BEST, YEAR)
    assert all(c.on_front for c in with_front([BEST, twin], YEAR))


def test_what_may_not_be_recommended_neither_stands_on_the_front_nor_beats() -> None:
    barred = candidate("barred", 9, 50.0, 0.0, 0.0, 0.0, barred="refused")
    found = {c.id: c for c in with_front([BEST, barred], YEAR)}
    assert found["best"].on_front
    assert not found["barred"].on_front


@pytest.mark.parametrize("name", ["man-40", "woman-45"])
def test_of_a_real_plan_everything_off_the_front_is_beaten_by_the_one_it_names(
    example: Callable[[str], PlanResult], name: str
) -> None:
    result = example(name)
    known = {c.id: c for c in result.candidates}
    places = {c.id: place_of(c, result.horizon_days) for c in result.candidates}
    assert known["none"].on_front
    for c in result.candidates:
        if c.beaten_by is not None:
            assert places[c.beaten_by].beats(places[c.id])
            assert not c.on_front
        elif c.on_front:
            free = [other.id for other in result.candidates if other.not_recommended is None]
            assert not any(places[other].beats(places[c.id]) for other in free)


def test_nothing_beats_itself_and_beating_goes_one_way() -> None:
    a, b = Place(2, 2, 0, 0, 0), Place(1, 2, 0, 0, 0)
    assert a.beats(b)
    assert not b.beats(a)
    assert not a.beats(a)


def test_what_the_plan_gives_up_is_told_of_the_next_best_first_with_its_differences() -> None:
    offs = trade_offs(with_front([BEST, CHEAP, WORSE, SURE], YEAR), YEAR)
    assert offs[0].candidate == "cheap"
    assert offs[0].assured_gain == -10.0
    assert "assured gain 10 hairs/cm2 lower" in offs[0].words
    assert "USD a year cheaper" in offs[0].words
    assert {off.candidate for off in offs} == {"cheap", "sure"}
    assert trade_offs([BEST.model_copy(update={"id": "none"}), CHEAP], YEAR) == []
