"""The whole answer for a person: what is compared, what is recommended, and that its numbers hang together."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from follicast.decisions.planning.candidates import option
from follicast.decisions.planning.plan import Workbench, make_plan
from follicast.decisions.result import Candidate, PlanResult
from follicast.inference.forecast import Regimen
from follicast.inference.store import Store
from follicast.knowledge.load import Knowledge
from follicast.outputs.report.plan_json import render_json
from follicast.people.person import Budget, Conditions, Goals, Grade, Measurement, Person, Proposal, Treatment

TODAY = date(2026, 11, 20)
MAN = Person(
    as_of=TODAY, label="", sex="male", age_years=36.0, jurisdiction="US", ancestry="caucasian", years_of_loss=(5.0, 6.0)
)
OFFER = Proposal("Offer", ("exosome", "shampoo-antifungal", "finasteride-oral"), 6, (21, 28))
Planned = Callable[..., PlanResult]


@pytest.fixture
def planned(store: Store, knowledge: Knowledge) -> Planned:
    """The plan for a man with these changes."""
    return lambda **changes: make_plan(replace(MAN, **changes), knowledge, 0, store=store)


def by_id(result: PlanResult) -> dict[str, Candidate]:
    return {candidate.id: candidate for candidate in result.candidates}


def count(value: float, days_ago: int, matched: bool = False, **changes: object) -> Measurement:
    when = TODAY - timedelta(days=days_ago)
    made = Measurement(when, "vertex", "total_density", value, None, 1.0, None, None, matched)
    return replace(made, **changes)  # type: ignore[arg-type]


def test_ranks_run_from_the_recommendation_to_what_is_barred(planned: Planned) -> None:
    result = planned()
    ranked = result.candidates
    assert [c.rank for c in ranked] == list(range(1, len(ranked) + 1))
    assert (ranked[0].id, ranked[0].not_recommended) == (result.chosen, None)
    free, barred = ([c.value for c in ranked if (c.not_recommended is None) is free] for free in (True, False))
    assert free == sorted(free, reverse=True)
    assert barred == sorted(barred, reverse=True)
    assert [c.not_recommended is None for c in ranked] == sorted(
        (c.not_recommended is None for c in ranked), reverse=True
    )


def test_every_therapy_alone_the_best_pairs_and_triples_are_compared(planned: Planned, knowledge: Knowledge) -> None:
    result = planned()
    sizes = [len(c.therapies) for c in result.candidates]
    allowed = set(knowledge.therapies) - {entry.therapy for entry in result.excluded}
    assert {c.therapies[0] for c in result.candidates if len(c.therapies) == 1} == allowed
    assert sizes.count(0) == 1
    assert sizes.count(2) == 11
    assert sizes.count(3) >= 3
    assert len({frozenset(c.therapies) for c in result.candidates}) == len(sizes)


def test_nothing_gains_nothing_exactly(planned: Planned) -> None:
    nothing = by_id(planned())["none"]
    for found in (nothing.gain, nothing.gain_nonvellus, nothing.gain_coverage):
        assert (found.lo80, found.median, found.hi80) == (0.0, 0.0, 0.0)
    assert (nothing.cost.high, nothing.value, nothing.deductions, nothing.clinic_visits) == (0.0, 0.0, {}, 0)


def test_what_each_line_adds_is_the_plan_minus_the_plan_without_it(planned: Planned, store: Store, knowledge) -> None:
    result = planned()
    bench = Workbench(MAN, knowledge, 0, store, lambda *_: None)
    chosen = by_id(result)[result.chosen].therapies

    def end(*names: str) -> np.ndarray:
        return bench.outlook(option(MAN, knowledge, names, bench.horizon_days).regimen).density[-1]

    assert len(chosen) > 1
    assert [line.therapy for line in result.lines] == chosen
    for line in result.lines:
        adds = end(*chosen) - end(*(name for name in chosen if name != line.therapy))
        alone = end(line.therapy) - end()
        middle = np.quantile(np.stack([adds, alone]), [0.1, 0.5, 0.9], axis=1, method="hazen").T
        assert [line.adds.lo80, line.adds.median, line.adds.hi80] == pytest.approx(middle[0].tolist())
        assert [line.alone.lo80, line.alone.median, line.alone.hi80] == pytest.approx(middle[1].tolist())
        assert line.adds_nothing_probability == pytest.approx((adds < 1.0).mean())


def test_an_offer_is_taken_apart_with_its_own_sessions(planned: Planned, store: Store, knowledge: Knowledge) -> None:
    (offer,) = planned(proposals=(OFFER,)).offers
    person = replace(MAN, proposals=(OFFER,))
    bench = Workbench(person, knowledge, 0, store, lambda *_: None)
    whole, without = (
        bench.outlook(option(person, knowledge, names, bench.horizon_days, OFFER).regimen).density
        for names in (OFFER.lines, OFFER.lines[1:])
    )
    assert offer.months == [3, 6, 12, 24]
    medians = np.quantile((whole - without)[offer.months], 0.5, axis=1, method="hazen")
    assert [adds.median for adds in offer.lines[0].adds] == pytest.approx(medians.tolist())
    gain = np.quantile((whole - bench.outlook(Regimen()).density)[offer.months], 0.5, axis=1, method="hazen")
    assert [entry.median for entry in offer.gain] == pytest.approx(gain.tolist())
    assert offer.lines[0].sham_note


def test_the_cost_of_the_plan_is_the_sum_of_its_lines(planned: Planned) -> None:
    for changes in ({}, {"proposals": (OFFER,), "considers": OFFER.lines}):
        result = planned(**changes)
        best = by_id(result)[result.chosen]
        assert best.cost.low == pytest.approx(sum(line.cost.low for line in result.lines))
        assert best.cost.high == pytest.approx(sum(line.cost.high for line in result.lines))


def test_a_budget_bars_what_exceeds_it_and_still_compares_it(planned: Planned) -> None:
    free, tight = planned(), planned(budget=Budget(100.0))
    assert set(by_id(tight)) >= {c.id for c in free.candidates if len(c.therapies) == 1}
    for candidate in tight.candidates:
        over = candidate.cost.low > 2 * 100.0
        assert (candidate.not_recommended is not None) >= over
        if over:
            assert "over the budget of 100" in str(candidate.not_recommended)
    assert by_id(tight)[tight.chosen].cost.low <= 200.0
    assert by_id(tight)["exosome"].gain == by_id(free)["exosome"].gain


def test_surgery_is_compared_and_recommended_only_to_who_asks(planned: Planned) -> None:
    unasked, asked = planned(), planned(considers=("transplant",))
    barred = [c for c in unasked.candidates if "transplant" in c.therapies]
    assert len(barred) >= 2
    assert all("did not ask" in str(c.not_recommended) for c in barred)
    assert by_id(asked)["transplant"].not_recommended is None
    assert by_id(planned(goals=Goals(coverage=2.0)))["transplant"].not_recommended is None


def test_when_everything_is_refused_the_answer_is_nothing(planned: Planned, knowledge: Knowledge) -> None:
    result = planned(refuses=tuple(knowledge.therapies))
    assert [c.id for c in result.candidates] == [result.chosen] == ["none"]
    assert result.lines == result.offers == []
    assert {entry.therapy for entry in result.excluded} == set(knowledge.therapies)
    assert "No therapy was left to compare" in " ".join(result.reasons)
    assert {event.kind for event in result.schedule} == {"measure"}
    assert render_json(result)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"conditions": Conditions(cancer=True)}, "is left out. Active or recent cancer (rule CI-CANCER)."),
        ({"refuses": ("finasteride-oral",)}, "is left out. Refused by the person."),
        ({"proposals": (replace(OFFER, interval_days=(3, 4)),)}, "needs 21 days between sessions."),
        ({"proposals": (replace(OFFER, lines=("finasteride-oral", "dutasteride-oral")),)}, "are not used together."),
    ],
    ids=["condition", "refusal", "interval", "same group"],
)
def test_an_offer_that_may_not_be_is_compared_but_never_recommended(planned: Planned, changes, why) -> None:
    result = planned(**{"proposals": (OFFER,)} | changes)
    offered = by_id(result)["Offer"]
    assert why in str(offered.not_recommended)
    assert result.chosen != "Offer"
    assert any(why in reason for reason in result.reasons)
    assert len(result.offers) == 1


def test_who_wants_no_tablets_or_low_cost_sees_them_fall(planned: Planned) -> None:
    usual = by_id(planned())
    wary, thrifty = (by_id(planned(goals=Goals(**wish))) for wish in ({"no_tablets": 3.0}, {"low_cost": 3.0}))
    fallen = usual["finasteride-oral"].value - wary["finasteride-oral"].value
    assert fallen > 5.0
    assert wary["finasteride-topical"].value == pytest.approx(usual["finasteride-topical"].value)
    losses = {name: usual[name].value - thrifty[name].value for name in ("exosome", "finasteride-oral")}
    assert losses["exosome"] > losses["finasteride-oral"] > 0.0
    assert wary["finasteride-oral"].rank >= usual["finasteride-oral"].rank


def test_what_is_used_today_is_compared_as_it_is(planned: Planned) -> None:
    begun = TODAY - timedelta(days=400)
    used = tuple(Treatment(begun, name, None, 0.9, (), "") for name in ("minoxidil-topical-5", "finasteride-oral"))
    result = planned(treatments=used, considers=("finasteride-oral", "minoxidil-topical-5", "light"))
    now = by_id(result)["finasteride-oral+minoxidil-topical-5"]
    assert now.label.endswith("(as now)")
    assert "that is, stopping" in result.answer or result.chosen == "none"
    assert now.gain.median > 5.0


def test_with_sex_and_age_alone_it_is_the_population_and_says_so(planned: Planned) -> None:
    fit = planned().fit
    assert (fit.pareto_k, fit.trustworthy) == (None, True)
    assert "people like you, not of you" in fit.messages[0]


def test_a_record_that_contradicts_itself_is_not_believed_and_says_so(planned: Planned) -> None:
    record = (count(250.0, 365), count(60.0, 0, matched=True))
    result = planned(measurements=record, considers=("finasteride-oral",))
    assert not result.fit.trustworthy
    assert "contradicts itself" in " ".join(result.fit.messages)
    assert "read every interval as too narrow" in " ".join(result.fit.messages)
    assert render_json(result)


def test_an_old_man_without_a_hair_on_top_gets_an_answer_of_finite_numbers(planned: Planned) -> None:
    result = planned(
        age_years=84.0,
        years_of_loss=None,
        considers=("finasteride-oral", "minoxidil-topical-5", "exosome"),
        grades=(Grade(TODAY, "basp", "U3", "clinician"),),
        measurements=(count(0.0, 10), count(0.0, 10, quantity="terminal_density", threshold_um=60.0)),
    )
    assert b"NaN" not in render_json(result)
    vertex = next(zone for zone in result.zones if zone.zone == "vertex")
    assert 0.0 <= vertex.density.lo80 <= vertex.density.median < 15.0
    assert vertex.coverage.hi80 < 20.0
    assert all(c.gain.median < 10.0 for c in result.candidates if "transplant" not in c.therapies)


def test_intervals_are_nested_and_shares_are_shares(planned: Planned) -> None:
    result = planned()
    found = [
        getattr(c, f"gain{kind}") for c in result.candidates for kind in ("", "_from_now", "_nonvellus", "_coverage")
    ]
    for zone in result.zones:
        shares = (zone.anagen_share, zone.kenogen_share, zone.miniaturised_share)
        assert all(0.0 <= share.lo80 <= share.hi80 <= 1.0 for share in shares)
        found += [zone.density, zone.nonvellus_density, zone.mean_diameter, zone.coverage, *shares]
    pool = result.pool
    found += [pool.inflow_per_day, pool.outflow_per_day, pool.balance_per_year, pool.hairs_now]
    assert all(i.lo80 <= i.lo50 <= i.median <= i.hi50 <= i.hi80 for i in found)
    assert all(0.0 <= c.improves_probability <= 1.0 for c in result.candidates)


def test_the_pool_is_that_of_the_last_year(planned: Planned, store: Store, knowledge: Knowledge) -> None:
    result = planned()
    bench = Workbench(MAN, knowledge, 0, store, lambda *_: None)
    readings = bench.today()
    areas = np.array([zone.area_cm2 for zone in result.zones])
    rows = readings.days > readings.days[-1] - 365
    days = np.diff(readings.days, prepend=0.0)[rows]
    assert days.sum() == 365
    shed = np.einsum("d,dps,s->p", days, readings.sheds[rows], areas) / 365
    assert result.pool.outflow_per_day.median == pytest.approx(np.quantile(shed, 0.5, method="hazen"))


def test_bands_cover_the_drawn_plans_and_begin_at_one_point(planned: Planned) -> None:
    drawn = planned(proposals=(OFFER,)).forecasts
    assert drawn.plans[0] == "none"
    assert "Offer" in drawn.plans
    for band in drawn.bands:
        assert len(band.q10) == len(band.q50) == len(band.q90) == len(drawn.days)
        assert all(a <= b <= c for a, b, c in zip(band.q10, band.q50, band.q90, strict=True))
    starts = {band.q50[0] for band in drawn.bands if (band.quantity, band.zone) == ("density", drawn.goal_zone)}
    assert len(starts) == 1


def test_readings_of_another_threshold_are_not_drawn_beside_the_band(planned: Planned, knowledge: Knowledge) -> None:
    refuses = tuple(knowledge.therapies)
    thick, thin = (count(150.0, 10, quantity="nonvellus_density", threshold_um=um) for um in (40.0, 30.0))
    assert planned(measurements=(thick,), refuses=refuses).measurements == []
    (point,) = planned(measurements=(thin,), refuses=refuses).measurements
    assert (point.quantity, point.value) == ("nonvellus_density", 150.0)
    assert point.hi80 - point.value == pytest.approx(1.2816 * 14.0)
    (bare,) = planned(measurements=(count(0.0, 10),), refuses=refuses).measurements
    assert bare.lo80 == 0.0
