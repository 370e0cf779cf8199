"""Virtual trials: known answers on people made up, and what must hold on simulated ones (scenarios 56 to 58)."""

import math

import numpy as np
import pytest
from statsmodels.stats.power import TTestIndPower
from tests.decisions.trials.made_trials import design_of, normal_pool

from follicast.decisions.trials.draws import Stage
from follicast.decisions.trials.result import Proportion, SizePower, TrialResult
from follicast.decisions.trials.trial import hold_on, hold_trial, wanted_people
from follicast.decisions.trials.words import assumptions, certainty
from follicast.inference.trial_pool import simulate_pool
from follicast.knowledge.load import Knowledge

EXOSOME = {
    "title": "Exosomes against sham on minoxidil",
    "people": 150,
    "sizes": [150],
    "replicates": 2000,
    "pool": 1000,
    "visits": [0, 12, 24],
    "background": [{"therapy": "minoxidil-topical-5", "from_week": -26}],
    "arms": [
        {"name": "Exosomes", "treatments": [{"therapy": "exosome", "sessions": 6, "interval_days": 24}]},
        {"name": "Sham", "sham": "exosome"},
    ],
    "conduct": {"leave": 0.12, "stop": 0.08, "adherence": [0.6, 1.0]},
    "analysis": {"method": "ancova", "week": 24},
}
EXACT = {"replicates": 2000, "conduct": {"individual": "simulated"}}
COUNTED_EXACTLY = [{"name": "Total count", "measure": "total", "error_sd": 0.0}]


def quiet(_: str, __: float) -> None:
    return


def near(found: Proportion, expected: float, sds: float = 3.5) -> bool:
    return abs(found.value - expected) <= sds * math.sqrt(expected * (1.0 - expected) / found.replicates)


@pytest.fixture(scope="module")
def exosome(knowledge: Knowledge) -> TrialResult:
    return hold_trial(design_of(knowledge, **EXOSOME), knowledge, 0, quiet)[0]


def test_power_of_a_normal_outcome_is_the_formula_at_every_size(knowledge: Knowledge) -> None:
    design = design_of(knowledge, endpoints=COUNTED_EXACTLY, **EXACT)
    result, _ = hold_on(design, knowledge, normal_pool(6.0, 12.0), 4, quiet)
    assert [point.people for point in result.curve] == [30, 60, 90]
    for point in result.curve:
        assert near(point.power, TTestIndPower().power(0.5, point.people, 0.05))


def test_measurement_error_costs_the_power_that_the_formula_says(knowledge: Knowledge) -> None:
    counted = [{"name": "Total count", "measure": "total", "error_sd": 9.0}]
    design = design_of(knowledge, endpoints=counted, **EXACT)
    result, _ = hold_on(design, knowledge, normal_pool(6.0, 12.0), 4, quiet)
    sd = math.sqrt(12.0**2 + 2.0 * 9.0**2)
    assert near(result.endpoints[0].power, TTestIndPower().power(6.0 / sd, 60, 0.05))


def test_estimates_are_unbiased_and_intervals_hold_the_truth(knowledge: Knowledge) -> None:
    design = design_of(knowledge, endpoints=COUNTED_EXACTLY, **EXACT)
    effect = hold_on(design, knowledge, normal_pool(6.0, 12.0), 4, quiet)[0].endpoints[0].effect
    assert effect.truth == pytest.approx(6.0)
    assert abs(effect.bias) < 3.5 * effect.bias_error
    assert near(effect.coverage, 0.95)


def test_looks_spend_alpha_and_stop_early_when_there_is_an_effect(knowledge: Knowledge) -> None:
    looks = {"week": 24, "looks": [0.5], "spending": "pocock"}
    design = design_of(knowledge, endpoints=COUNTED_EXACTLY, analysis=looks, sizes=[60], **EXACT)
    result, _ = hold_on(design, knowledge, normal_pool(8.0, 12.0), 4, quiet)
    assert near(result.endpoints[0].type_one, 0.05)
    assert result.looks[0].stops.value > 0.5 > result.looks[0].stops_null.value
    assert result.mean_people < 50.0


def test_the_mixed_model_agrees_with_the_fast_one_where_nothing_is_missing(knowledge: Knowledge) -> None:
    analysis = {"week": 24, "method": "mixed", "mixed_replicates": 40}
    design = design_of(knowledge, endpoints=COUNTED_EXACTLY, analysis=analysis, sizes=[60], **EXACT)
    result, _ = hold_on(design, knowledge, normal_pool(8.0, 12.0, baseline_sd=20.0), 4, quiet)
    assert result.mixed is not None
    assert result.mixed.failed == 0
    assert abs(result.mixed.bias) < 3.5 * result.mixed.bias_error
    assert result.check.largest_difference < 1e-6


def test_people_are_taken_in_by_a_measured_count_and_screening_is_counted(knowledge: Knowledge) -> None:
    people = {"sex": "male", "density": [100, 150]}
    counted = [{"name": "Total count", "measure": "total", "error_sd": 10.0}]
    design = design_of(knowledge, population=people, endpoints=counted, sizes=[60], **EXACT)
    result, stage = hold_on(design, knowledge, normal_pool(0.0, 5.0, baseline_sd=20.0), 4, quiet)
    draw = stage.draw(60, np.arange(20), np.random.default_rng(0))
    first = draw.readings[0][..., 0]
    assert first.min() >= 100.0
    assert first.max() <= 150.0
    flow = result.flow
    assert flow.screened == pytest.approx(flow.randomised + flow.not_density, abs=0.01)
    assert flow.screened == pytest.approx(flow.randomised / result.eligible_share, rel=0.03)


def test_the_size_for_a_power_is_read_off_the_curve() -> None:
    def point(people: int, power: float) -> SizePower:
        share = Proportion(value=power, error=0.01, replicates=2000)
        return SizePower(people=people, power=share, wrong=share)

    curve = [point(25, 0.4), point(100, 0.9)]
    middle, fewest, most = wanted_people(curve, 0.8)
    assert middle == 81
    assert fewest is not None
    assert most is not None
    assert fewest < middle < most
    assert wanted_people(curve, 0.95) == (None, None, None)


def test_scenario_56_exosome_against_sham_prints_power_bias_and_coverage_and_twice_the_same(
    knowledge: Knowledge, exosome: TrialResult
) -> None:
    primary = exosome.endpoints[0]
    assert exosome.flow.randomised == 300
    assert 0.0 < primary.power.value < 1.0
    assert abs(primary.effect.bias) < 4.0 * primary.effect.bias_error
    assert near(primary.effect.coverage, 0.95, 4.0)
    assert exosome.certainty == "very low"
    assert exosome.check.largest_difference < 1e-9
    for arm in exosome.flow.arms:
        assert arm.left == pytest.approx(18.0, abs=0.5)
        assert arm.stopped == pytest.approx(12.0, abs=0.5)
    again, _ = hold_trial(design_of(knowledge, **EXOSOME), knowledge, 0, quiet)
    assert again.model_dump_json() == exosome.model_dump_json()
    other, _ = hold_trial(design_of(knowledge, **EXOSOME | {"replicates": 100}), knowledge, 1, quiet)
    assert other.endpoints[0].effect != exosome.endpoints[0].effect


def test_scenario_57_an_arm_against_itself_is_significant_in_5_of_100_trials(exosome: TrialResult) -> None:
    by_chance = exosome.endpoints[0].type_one
    assert by_chance.replicates == 2000
    assert near(by_chance, 0.05, 3.0)


def test_scenario_58_regression_to_the_mean_in_the_sham_arm_is_reported_and_not_subtracted(
    knowledge: Knowledge,
) -> None:
    thin = {"sex": "male", "age": [25, 50], "density": [60, 150]}
    design = design_of(knowledge, **EXOSOME | {"population": thin, "replicates": 400})
    result, _ = hold_trial(design, knowledge, 0, quiet)
    control = result.control
    assert control.arm == "Sham"
    assert control.regression > 0.3
    parts = control.hair + control.dummy + control.regression
    assert control.measured == pytest.approx(parts + control.rest, abs=1e-3)
    assert abs(control.rest) < 0.1
    sham = next(course for course in result.courses if course.arm == "Sham").points[-1]
    assert sham.middle == pytest.approx(control.measured, abs=0.5)


def test_stopping_dilutes_the_effect_of_a_treatment_policy_and_not_a_hypothetical_one(knowledge: Knowledge) -> None:
    found = {}
    for estimand in ("treatment policy", "hypothetical"):
        analysis = {"week": 52, "estimand": estimand}
        design = design_of(
            knowledge, visits=[0, 24, 52], analysis=analysis, conduct={"stop": 0.5}, replicates=200, sizes=[60]
        )
        found[estimand] = hold_trial(design, knowledge, 0, quiet)[0].endpoints[0].effect
    assert found["treatment policy"].truth < 0.9 * found["hypothetical"].truth
    for effect in found.values():
        assert abs(effect.bias) < 4.0 * effect.bias_error


def test_two_halves_of_a_scalp_need_fewer_people_than_two_arms(knowledge: Knowledge) -> None:
    arms = [
        {"name": "Lotion", "treatments": [{"therapy": "minoxidil-topical-5"}]},
        {"name": "Vehicle", "vehicle": "minoxidil-topical-5"},
    ]
    power = {}
    for kind in ("split-scalp", "parallel"):
        design = design_of(knowledge, kind=kind, arms=arms, sizes=[20], people=20, conduct={"individual": "simulated"})
        result, _ = hold_trial(design, knowledge, 0, quiet)
        power[kind] = result.endpoints[0]
        assert near(power[kind].type_one, 0.05, 4.0)
        assert abs(power[kind].effect.bias) < 4.0 * power[kind].effect.bias_error
    assert power["split-scalp"].effect.standard_error < power["parallel"].effect.standard_error


def test_what_is_carried_over_biases_a_crossover_without_a_pause(knowledge: Knowledge) -> None:
    bias = {}
    for washout in (0, 52):
        design = (
            design_of(
                knowledge,
                kind="crossover",
                period_weeks=24,
                washout_weeks=washout or None,
                visits=[0, 24, 48 + washout],
                conduct={"individual": "simulated"},
                sizes=[60],
            )
            if washout
            else design_of(
                knowledge,
                kind="crossover",
                period_weeks=24,
                visits=[0, 24, 48],
                sizes=[60],
                conduct={"individual": "simulated"},
            )
        )
        result, _ = hold_trial(design, knowledge, 0, quiet)
        assert near(result.endpoints[0].type_one, 0.05, 4.0)
        bias[washout] = result.endpoints[0].effect.bias
    assert bias[0] < bias[52]
    assert bias[0] < 0.0


def test_arms_of_a_factorial_are_pooled_at_its_margins(knowledge: Knowledge) -> None:
    tablet, lotion = {"therapy": "finasteride-oral"}, {"therapy": "minoxidil-topical-5"}
    dummies = {"placebo": "finasteride-oral", "vehicle": "minoxidil-topical-5"}
    arms = [
        {"name": "Both", "treatments": [tablet, lotion]},
        {"name": "Tablet", "treatments": [tablet], "vehicle": "minoxidil-topical-5"},
        {"name": "Lotion", "treatments": [lotion], "placebo": "finasteride-oral"},
        {"name": "Neither", **dummies},
    ]
    sides = {"week": 24, "test": ["Both", "Tablet"], "against": ["Lotion", "Neither"]}
    design = design_of(knowledge, arms=arms, analysis=sides, sizes=[30], people=30)
    result, _ = hold_trial(design, knowledge, 0, quiet)
    assert result.unequal_dummies == 0.0
    assert len(result.flow.arms) == 4
    assert near(result.endpoints[0].type_one, 0.05, 4.0)
    assert abs(result.endpoints[0].effect.bias) < 4.0 * result.endpoints[0].effect.bias_error


def test_every_instrument_reads_and_a_null_arm_finds_nothing_with_any(knowledge: Knowledge) -> None:
    names = ("total", "nonvellus", "terminal", "diameter", "anagen", "weight", "coverage", "photograph")
    endpoints = [{"name": name, "measure": name} for name in names]
    design = design_of(knowledge, endpoints=endpoints, sizes=[60], pool=600)
    result, _ = hold_trial(design, knowledge, 0, quiet)
    for endpoint in result.endpoints:
        assert endpoint.effect.truth > 0.0, endpoint.name
        assert near(endpoint.type_one, 0.05, 4.0), endpoint.name
        assert abs(endpoint.effect.bias) < 4.0 * endpoint.effect.bias_error + 1e-9, endpoint.name


def test_worlds_drawn_from_what_is_believed_widen_what_trials_report(knowledge: Knowledge) -> None:
    spread = {}
    for truth in ({"parameters": "fixed"}, {"parameters": "drawn", "draws": 8}):
        changed = EXOSOME | {"truth": truth, "replicates": 400}
        effect = hold_trial(design_of(knowledge, **changed), knowledge, 0, quiet)[0].endpoints[0].effect
        spread[truth["parameters"]] = effect
    assert spread["drawn"].truth_high > spread["drawn"].truth_low
    assert spread["drawn"].high - spread["drawn"].low > spread["fixed"].high - spread["fixed"].low


def test_the_pool_is_the_same_people_whatever_the_arms(knowledge: Knowledge) -> None:
    one = simulate_pool(design_of(knowledge, pool=200), knowledge, 3, quiet)
    other_arms = [{"name": "Lotion", "treatments": [{"therapy": "minoxidil-topical-5"}]}, {"name": "Nothing"}]
    other = simulate_pool(design_of(knowledge, pool=200, arms=other_arms), knowledge, 3, quiet)
    assert np.array_equal(one.truth[0, 1], other.truth[0, 1])
    assert not np.array_equal(one.truth[0, 0, 0, 1], other.truth[0, 0, 0, 1])


def test_people_of_a_world_differ_in_age_adherence_and_sex_as_the_design_says(knowledge: Knowledge) -> None:
    design = design_of(
        knowledge,
        pool=200,
        population={"sex": "any", "age": [20, 60]},
        conduct={"adherence": [0.3, 1.0]},
        truth={"parameters": "drawn", "draws": 3},
    )
    pool = simulate_pool(design, knowledge, 0, quiet)
    for world in range(3):
        there = pool.world == world
        assert abs(float(pool.female[there].mean()) - 0.5) < 0.1
        assert np.ptp(pool.age[there]) > 25.0
        assert np.ptp(pool.adherence[there]) > 0.4


def test_replicates_of_which_nobody_is_left_are_counted_as_failed_and_spoil_nothing(knowledge: Knowledge) -> None:
    lost = {"leave": 0.85, "individual": "simulated"}
    design = design_of(knowledge, people=6, sizes=[6], endpoints=COUNTED_EXACTLY, conduct=lost)
    effect = hold_on(design, knowledge, normal_pool(6.0, 2.0), 0, quiet)[0].endpoints[0].effect
    assert 0 < effect.failed < design.replicates
    assert effect.coverage.replicates == design.replicates - effect.failed
    assert near(effect.coverage, 0.95, 4.0)
    assert abs(effect.bias) < 4.0 * effect.bias_error


def test_a_treatment_tried_in_one_sex_only_is_uncertain_in_the_other(knowledge: Knowledge) -> None:
    men, women = (design_of(knowledge, population={"sex": sex, "age": [30, 40]}) for sex in ("male", "female"))
    assert certainty(men, knowledge) == "high"
    assert certainty(women, knowledge) == "very low"
    assert any("in women is outside what was studied" in said for said in assumptions(women, knowledge, 0.0))


def test_a_population_that_nobody_belongs_to_is_refused(knowledge: Knowledge) -> None:
    from follicast.quantities import InputError

    design = design_of(knowledge, population={"sex": "male", "density": [440, 450]})
    with pytest.raises(InputError, match="widen"):
        Stage(design, knowledge, normal_pool(0.0, 5.0), 0)
