"""What a regimen is worth: the less lucky half, money, visits, and what a person would rather not have."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from follicast.decisions.planning.candidates import TRANSPLANT, option
from follicast.decisions.planning.value import burden_of, cost_of, deductions, interval, split, visits_of, worth
from follicast.decisions.result import Cost
from follicast.inference.forecast import Outlook
from follicast.knowledge.load import Knowledge
from follicast.people.person import Goals, Person

MAN = Person(as_of=date(2026, 11, 20), label="", sex="male", age_years=40.0, jurisdiction="US")
HORIZON = 730
NAMES = ("finasteride-oral", "minoxidil-topical-5", "exosome", "light", TRANSPLANT)
FREE = Cost(low=0.0, high=0.0, currency="USD", basis="")


def outlook(nonvellus: np.ndarray, coverage: np.ndarray | float = 0.0, density: np.ndarray | float = 0.0) -> Outlook:
    """An outlook of two days that ends with these values, by member."""
    rows = [np.stack([np.zeros_like(nonvellus), nonvellus * 0.0 + end]) for end in (density, nonvellus, coverage)]
    zones = np.zeros((2, nonvellus.size, 6), np.float32)
    return Outlook(np.array([0, HORIZON]), rows[0], rows[1], rows[0], rows[2], rows[0], zones)


def taken(knowledge: Knowledge, person: Person, names: tuple[str, ...], visits: int = 0, cost: Cost = FREE) -> dict:
    return deductions(person, knowledge, names, cost, visits, 2.0)


def test_an_interval_is_the_median_with_the_middle_half_and_eight_of_ten() -> None:
    values = np.random.default_rng(0).normal(size=5001)
    found = interval(values, np.full(5001, 1 / 5001), "hairs/cm2")
    expected = np.quantile(values, [0.1, 0.25, 0.5, 0.75, 0.9], method="hazen")
    assert [found.lo80, found.lo50, found.median, found.hi50, found.hi80] == pytest.approx(expected.tolist())
    assert found.unit == "hairs/cm2"


def test_the_cost_of_a_plan_is_the_sum_of_its_lines(knowledge: Knowledge) -> None:
    whole = option(MAN, knowledge, NAMES, HORIZON)
    total = cost_of(NAMES, whole.regimen, knowledge, HORIZON)
    parts = [cost_of((n,), option(MAN, knowledge, (n,), HORIZON).regimen, knowledge, HORIZON) for n in NAMES]
    assert total.low == pytest.approx(sum(part.low for part in parts))
    assert total.high == pytest.approx(sum(part.high for part in parts))
    assert 0.0 < total.low < total.high


def test_a_cost_is_its_price_times_months_sessions_grafts_or_one(knowledge: Knowledge) -> None:
    operation = option(MAN, knowledge, (TRANSPLANT,), HORIZON).regimen.transplants[0]
    times = {"finasteride-oral": 730 / 30.4375, "exosome": 6.0, "light": 1.0, TRANSPLANT: float(operation.grafts or 0)}
    for name, count in times.items():
        therapy = knowledge.therapies[name]
        cost = cost_of((name,), option(MAN, knowledge, (name,), HORIZON).regimen, knowledge, HORIZON)
        assert cost.low == pytest.approx(count * therapy.cost.low.value)
        assert cost.high == pytest.approx(count * therapy.cost.high.value)
        assert therapy.short in cost.basis
        assert "not quotations" in cost.basis
    assert cost_of((), option(MAN, knowledge, (), HORIZON).regimen, knowledge, HORIZON).high == 0.0


def test_visits_are_sessions_and_check_ups(knowledge: Knowledge) -> None:
    made = option(MAN, knowledge, ("exosome", "finasteride-oral"), HORIZON)
    yearly = knowledge.therapies["finasteride-oral"].visits_per_year.value
    assert visits_of(made.therapies, made.regimen, knowledge, HORIZON) == round(6 + 2 * yearly)
    assert visits_of((), option(MAN, knowledge, (), HORIZON).regimen, knowledge, HORIZON) == 0


def test_the_worth_is_the_mean_of_the_less_lucky_half() -> None:
    gain = np.random.default_rng(1).normal(10.0, 5.0, 4000)
    weights = np.full(gain.size, 1 / gain.size)
    lower = np.sort(gain)[:2000].mean()
    nothing = outlook(np.full(gain.size, 100.0))
    assert worth(MAN, outlook(100.0 + gain), nothing, weights) == pytest.approx(lower, abs=0.25)


def test_a_gain_that_hardly_anybody_gets_is_worth_little() -> None:
    sure, lottery = np.full(1000, 5.0), np.where(np.arange(1000) < 300, 50.0, 0.0)
    weights = np.full(1000, 1 / 1000)
    nothing = outlook(np.zeros(1000))
    assert lottery.mean() > sure.mean()
    assert worth(MAN, outlook(lottery), nothing, weights) == pytest.approx(0.0)
    assert worth(MAN, outlook(sure), nothing, weights) == pytest.approx(5.0)


@pytest.mark.parametrize(("coverage", "expected"), [(0.0, 8.0), (2.0, 6.0), (6.0, 5.0)])
def test_coverage_counts_as_much_as_it_was_asked_for(coverage: float, expected: float) -> None:
    person = replace(MAN, goals=Goals(keep=1.0, regain=1.0, coverage=coverage))
    weights = np.full(10, 0.1)
    gained = outlook(np.full(10, 8.0), coverage=4.0)
    assert worth(person, gained, outlook(np.zeros(10)), weights) == pytest.approx(expected)


def test_money_counts_for_all_and_more_for_who_asks_for_low_cost(knowledge: Knowledge) -> None:
    cost = Cost(low=1000.0, high=3000.0, currency="USD", basis="")
    thrifty = replace(MAN, goals=Goals(low_cost=2.0))
    usual, more = (taken(knowledge, person, ("light",), cost=cost)["cost"] for person in (MAN, thrifty))
    rate = knowledge.parameters["preference.cost"].value * knowledge.parameters["preference.base"].value
    assert usual == pytest.approx(rate * 1000.0 / 1000.0)
    assert more > 2.0 * usual


def test_visits_count_for_all_and_more_for_who_asks_for_few(knowledge: Knowledge) -> None:
    busy = replace(MAN, goals=Goals(few_visits=3.0))
    usual, more = (taken(knowledge, person, ("exosome",), visits=8)["visits"] for person in (MAN, busy))
    assert 0.0 < usual < more
    assert taken(knowledge, MAN, ("light",))["visits"] == 0.0


def test_tablets_count_for_who_wants_none_and_reach_the_body_for_all(knowledge: Knowledge) -> None:
    wary = replace(MAN, goals=Goals(no_tablets=1.0))
    both = ("finasteride-oral", "minoxidil-oral", "light")
    assert taken(knowledge, MAN, both)["tablets"] == 0.0
    assert taken(knowledge, wary, both)["tablets"] == 2 * knowledge.parameters["preference.tablet"].value
    assert taken(knowledge, MAN, both)["acts on the whole body"] == pytest.approx(
        2 * knowledge.parameters["preference.whole_body"].value
    )


def test_standing_is_that_of_the_persons_own_place_else_of_most_known(knowledge: Knowledge) -> None:
    def off(place: str | None, name: str) -> float:
        found = taken(knowledge, replace(MAN, jurisdiction=place), (name,))["not approved for hair"]
        return found / knowledge.parameters["preference.unapproved"].value

    assert [off(place, "finasteride-topical") for place in ("US", "EU", None, "BR")] == [1.0, 0.0, 1.0, 1.0]
    assert [off(place, "finasteride-oral") for place in ("US", None)] == [0.0, 0.0]
    assert off("US", "shampoo-antifungal") == 0.0
    assert off("US", "exosome") == 1.0


def test_each_further_line_counts_and_nothing_costs_nothing(knowledge: Knowledge) -> None:
    rate = knowledge.parameters["preference.line"].value
    names = ("light", "shampoo-antifungal", "minoxidil-topical-5")
    assert [taken(knowledge, MAN, names[:k])["each further line"] for k in range(4)] == [0, 0, rate, 2 * rate]
    assert sum(taken(knowledge, MAN, ()).values()) == 0.0


TODAY_COUNT, UNTREATED = np.full(4, 100.0), np.full(4, 90.0)


def test_a_gain_is_loss_avoided_up_to_the_count_of_today_and_hair_regained_above_it() -> None:
    avoided, regained = split(np.array([85.0, 95.0, 100.0, 112.0]), UNTREATED, TODAY_COUNT)
    assert avoided.tolist() == [-5.0, 5.0, 10.0, 10.0]
    assert regained.tolist() == [0.0, 0.0, 0.0, 12.0]


def test_the_two_parts_always_add_up_to_the_gain() -> None:
    then, nothing, today = np.random.default_rng(1).uniform(0.0, 200.0, (3, 500))
    avoided, regained = split(then, nothing, today)
    assert avoided + regained == pytest.approx(then - nothing)


def test_who_wants_to_keep_and_who_wants_to_regain_value_the_same_gain_differently() -> None:
    """A plan that holds the count is worth all to who wants to keep; one that only grows new hair, to who regains."""
    weights = np.full(10, 0.1)
    start = np.full(10, 100.0)

    def lived(end: float) -> Outlook:
        found = outlook(np.full(10, end))
        return replace(found, nonvellus=np.stack([start, np.full(10, end)]))

    def value(person: Person, end: float, nothing: float) -> float:
        return worth(person, lived(end), lived(nothing), weights)

    keeper, grower = (replace(MAN, goals=Goals(keep=k, regain=r)) for k, r in ((3.0, 1.0), (1.0, 3.0)))
    held, grown = (100.0, 90.0), (110.0, 100.0)
    assert value(keeper, *held) == pytest.approx(10.0)
    assert value(keeper, *grown) == pytest.approx(10.0 / 3.0)
    assert value(grower, *held) == pytest.approx(10.0 / 3.0)
    assert value(grower, *grown) == pytest.approx(10.0)
    assert value(replace(MAN, goals=Goals(keep=0.0, regain=1.0)), *held) == 0.0
    assert value(MAN, 110.0, 90.0) == pytest.approx(20.0)


def test_expected_harms_are_taken_off_and_grow_with_every_line(knowledge: Knowledge) -> None:
    names = ("finasteride-oral", "minoxidil-oral", "exosome")
    scores = [taken(knowledge, MAN, names[:k])["harms"] for k in range(4)]
    assert scores[0] == 0.0
    assert scores == sorted(scores)
    assert scores[3] > scores[2] > scores[1] > 0.0


def test_a_burden_is_daily_minutes_and_visits_with_the_way_there(knowledge: Knowledge) -> None:
    names = ("finasteride-oral", "minoxidil-topical-5")
    minutes = [knowledge.therapies[name].minutes_per_day for name in names]
    found = burden_of(names, 4, knowledge, HORIZON)
    assert found.minutes_per_day == sum(number.value for number in minutes if number is not None)
    assert found.tablets_per_day == 1.0
    assert found.visits_per_year == pytest.approx(2.0, abs=0.01)
    visiting = found.visits_per_year * knowledge.parameters["preference.visit_hours"].value
    assert found.hours_per_year == pytest.approx(found.minutes_per_day * 365.25 / 60.0 + visiting)
