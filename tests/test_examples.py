"""The examples: orderings and invariants that the science supports, never a wished-for result."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise

import pytest

from follicast.decisions.result import Band, Interval, LineEffect, Offer, PlanResult
from follicast.outputs.report.plan_json import render_json

NAMES = ("man-40", "man-33", "woman-45", "minimal")
Example = Callable[[str], PlanResult]


@pytest.fixture(params=NAMES)
def each(request: pytest.FixtureRequest, example: Example) -> PlanResult:
    """Every example in turn."""
    return example(request.param)


def gains(result: PlanResult) -> dict[str, Interval]:
    """Gain of each therapy alone over nothing, at the horizon."""
    return {c.therapies[0]: c.gain for c in result.candidates if len(c.therapies) == 1 and c.id == c.therapies[0]}


def line(offer: Offer, therapy: str) -> LineEffect:
    return next(entry for entry in offer.lines if entry.therapy == therapy)


def untreated(result: PlanResult, zone: str, quantity: str = "density") -> Band:
    bands = result.forecasts.bands
    return next(b for b in bands if (b.plan, b.zone, b.quantity) == ("none", zone, quantity))


def width(interval: Interval) -> float:
    return interval.hi80 - interval.lo80


def test_an_example_gives_a_plan_in_finite_numbers(each: PlanResult) -> None:
    assert b"NaN" not in render_json(each)
    assert each.horizon_days == 730
    assert each.forecasts.days[-1] == 730
    assert each.answer.endswith(".")
    assert each.citations


def test_with_nothing_the_hair_of_who_is_losing_it_does_not_come_back(example: Example) -> None:
    for name in ("man-40", "man-33"):
        result = example(name)
        band = untreated(result, result.forecasts.goal_zone)
        assert band.q50[-1] <= band.q50[0]
        assert band.q90[-1] <= band.q90[0] + result.smallest_detectable_change


def test_the_back_of_the_head_keeps_what_the_top_loses(each: PlanResult) -> None:
    zones = {zone.zone: zone for zone in each.zones}
    donor, goal = zones["occipital-donor"], zones[each.forecasts.goal_zone]
    assert donor.miniaturised_share.median < 0.1
    assert donor.miniaturised_share.median <= goal.miniaturised_share.median
    assert donor.density.median > goal.density.median
    band = untreated(each, "occipital-donor")
    assert band.q50[-1] > 0.95 * band.q50[0]


def test_the_hair_pool_of_a_man_who_loses_hair_is_not_in_surplus(example: Example) -> None:
    for name in ("man-40", "man-33"):
        pool = example(name).pool
        assert pool.balance_per_year.median < 0.0
        assert pool.inflow_per_day.median < pool.outflow_per_day.median


def test_in_the_offer_to_the_man_of_40_finasteride_adds_more_than_exosomes(example: Example) -> None:
    (offer,) = example("man-40").offers
    assert offer.months[-1] == 24
    tablet, exosomes = line(offer, "finasteride-oral"), line(offer, "exosome")
    assert tablet.adds[-1].median > exosomes.adds[-1].median
    assert tablet.adds[-1].lo80 > exosomes.adds[-1].lo80
    assert tablet.adds_nothing_probability < exosomes.adds_nothing_probability


@pytest.mark.parametrize("name", ["man-40", "man-33"])
def test_exosomes_may_do_nothing_and_the_answer_says_so(example: Example, name: str) -> None:
    result = example(name)
    (offer,) = result.offers
    exosomes = line(offer, "exosome")
    assert exosomes.certainty == "very low"
    assert exosomes.adds[-1].lo80 <= 0.0
    assert exosomes.adds_nothing_probability > 0.2
    assert exosomes.sham_note
    alone = next(c for c in result.candidates if c.id == "exosome")
    assert (alone.certainty, alone.gain.lo80 <= 0.0) == ("very low", True)
    assert "very low" in " ".join(result.unknowns)


def test_what_the_sham_does_is_told_wherever_sessions_are_offered(each: PlanResult) -> None:
    sessions = {"exosome", "prp", "microneedling"}
    told = [entry for offer in each.offers for entry in offer.lines] + list(each.lines)
    assert all(entry.sham_note for entry in told if entry.therapy in sessions)


def test_more_dose_is_not_less(each: PlanResult) -> None:
    found = gains(each)
    assert found["minoxidil-topical-5"].median >= found["minoxidil-topical-2"].median


def test_who_loses_hair_to_dht_gains_no_less_from_the_stronger_block(example: Example) -> None:
    for name in ("man-40", "man-33"):
        found = gains(example(name))
        assert found["dutasteride-oral"].median >= found["finasteride-oral"].median > 0.0


def test_a_shampoo_changes_the_number_of_hairs_hardly(each: PlanResult) -> None:
    shampoo = gains(each)["shampoo-antifungal"]
    assert abs(shampoo.median) < 3.0
    assert shampoo.hi80 < each.smallest_detectable_change


def test_the_offers_keep_their_own_sessions(example: Example) -> None:
    for name, sessions in (("man-40", 6), ("man-33", 5)):
        result = example(name)
        (offer,) = result.offers
        assert f"Exosomes: {sessions} sessions at" in offer.cost.basis
        offered = next(c for c in result.candidates if c.id == offer.name)
        assert offered.cost == offer.cost
        assert offered.clinic_visits >= sessions


def test_a_scheduled_course_keeps_its_distance(each: PlanResult) -> None:
    for therapy in {event.therapy for event in each.schedule if event.kind == "session"}:
        dates = [e.date for e in each.schedule if (e.kind, e.therapy) == ("session", therapy)]
        assert all(later - day >= timedelta(days=7) for day, later in pairwise(dates))
    assert all(event.earliest <= event.date <= event.latest for event in each.schedule)
    assert all(event.date >= date(2026, 11, 20) for event in each.schedule)


def test_the_less_is_known_the_wider_the_answer(example: Example) -> None:
    def relative(name: str) -> float:
        result = example(name)
        zone = next(zone for zone in result.zones if zone.zone == result.forecasts.goal_zone)
        return width(zone.density) / zone.density.median

    measured, graded, bare = (relative(name) for name in ("woman-45", "man-40", "minimal"))
    assert measured < 0.6 * bare
    assert measured < graded
    assert example("minimal").fit.missing[0].startswith("No hair count")
    assert "people like you, not of you" in example("minimal").fit.messages[0]


def test_the_womans_twin_has_her_count(example: Example) -> None:
    result = example("woman-45")
    count = next(m for m in result.measurements if m.quantity == "nonvellus_density" and m.value == 144.0)
    zone = next(zone for zone in result.zones if zone.zone == "mid-scalp")
    assert count.lo80 < zone.nonvellus_density.median < count.hi80
    assert {entry.therapy for entry in result.excluded} >= {"finasteride-oral", "dutasteride-oral", "transplant"}
    assert all(c.not_recommended for c in result.candidates if c.cost.low > 2 * 1200.0)


def test_what_works_on_dht_is_not_for_her_and_spironolactone_not_for_them(example: Example) -> None:
    assert "spironolactone-oral" in gains(example("woman-45"))
    assert "finasteride-oral" not in gains(example("woman-45"))
    for name in ("man-40", "man-33", "minimal"):
        assert "spironolactone-oral" not in gains(example(name))


def test_surgery_is_recommended_to_nobody_who_did_not_ask(each: PlanResult) -> None:
    assert all("transplant" not in entry.therapy for entry in each.lines)
