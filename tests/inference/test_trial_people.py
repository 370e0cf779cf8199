"""The people of a trial: entered by their density, rebased to its first day, and played through its arms."""

import numpy as np
import pytest

from follicast.biology.scalp import Site
from follicast.inference.cohorts import cohort, person_of
from follicast.inference.trial_people import (
    ENTRY,
    Setup,
    Standing,
    entry_weights,
    play,
    setups_of,
    stage_weights,
    stand,
)
from follicast.inference.trial_reading import read_people
from follicast.knowledge.load import Knowledge
from follicast.knowledge.trial import Arm, Measure, Participants, Use

MEN = Setup("male", 35.0, "caucasian")
TOTAL = Measure("count")


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge.load()


@pytest.fixture(scope="module")
def standing(knowledge: Knowledge) -> Standing:
    return stand(knowledge, MEN, ("vertex",), ("finasteride-oral", "minoxidil-topical-5"), 60, seed=3)


@pytest.mark.parametrize("therapy", [None, "finasteride-oral"])
def test_people_rebased_to_their_trial_live_as_those_simulated_in_one_piece(
    knowledge: Knowledge, standing: Standing, therapy: str | None
) -> None:
    who = person_of("male", 35.0, "caucasian", (2.0, 14.0))
    whole = cohort(knowledge, who, 60, (Site("vertex", 0.6),), (0.0, 364.0), therapy=therapy, seed=3)
    arm = Arm((Use(therapy),) if therapy else (), "tablet")
    course = play(standing, arm, [52.0])
    rebased = read_people(standing, course, 0, TOTAL)[:, 0]
    # The cohort draws the therapies it plays; the same draws come by name. Rounding may move a rare event by a day.
    assert np.abs(rebased - whole.readings.total[1, :, 0]).max() <= 5.0
    assert float(np.mean(rebased == whole.readings.total[1, :, 0])) > 0.9


def test_arms_that_agree_until_a_week_agree_hair_by_hair_until_then(standing: Standing) -> None:
    weeks = [4.0, 26.0, 30.0]
    nothing = play(standing, Arm((), "lotion"), weeks)
    later = play(standing, Arm((Use("minoxidil-topical-5", start_week=26.0),), "lotion"), weeks)
    assert np.array_equal(nothing.diameter_um[:2], later.diameter_um[:2])
    assert not np.array_equal(nothing.phase[2], later.phase[2])


def test_thin_areas_are_entered_and_bare_or_full_ones_are_not() -> None:
    total = np.array([20.0, 60.0, 150.0, 220.0, 300.0])
    weights = entry_weights(total, np.ones(5))
    assert weights.sum() == pytest.approx(1.0)
    assert weights[2] == pytest.approx(weights[3], rel=0.1)
    assert weights[[0, 1, 4]].max() < 0.01
    assert ENTRY[0] < 150.0 < ENTRY[1]


@pytest.mark.parametrize("baseline", [150.0, 190.0])
def test_a_published_baseline_is_met(baseline: float) -> None:
    total = np.random.default_rng(0).uniform(60.0, 300.0, 4000)
    weights = entry_weights(total, np.ones(total.size), total, baseline)
    assert float(weights @ total) == pytest.approx(baseline, abs=0.5)


def test_a_baseline_out_of_reach_is_approached_not_forced() -> None:
    total = np.random.default_rng(0).uniform(60.0, 300.0, 4000)
    weights = entry_weights(total, np.ones(total.size), total, 20.0)
    assert 110.0 < float(weights @ total) < 160.0
    assert 1.0 / float(weights @ weights) > 400.0


def test_a_range_of_stages_prefers_those_who_fit_it(knowledge: Knowledge, standing: Standing) -> None:
    bald = stage_weights(knowledge, standing, (6.0, 7.0), ("vertex",))
    mild = stage_weights(knowledge, standing, (1.0, 2.0), ("vertex",))
    density = read_people(standing, standing.first, 0, TOTAL)[:, 0]
    assert float(bald @ density / bald.sum()) < float(mild @ density / mild.sum())
    assert (stage_weights(knowledge, standing, None, ("vertex",)) == 1.0).all()


def test_a_trial_of_both_sexes_has_two_kinds_of_people() -> None:
    both = setups_of(Participants("mixed", 41.0, None, ("vertex",), None))
    assert [(s.sex, s.age) for s in both] == [("male", 46.0), ("female", 46.0)]
