"""What is counted, on which area: border and print leave both; clusters of roots are units."""

import math

import numpy as np
import pytest

from follicast.measurement.drawing.closeup import sample_closeup
from follicast.measurement.drawing.counter import Errors, seen_by
from follicast.measurement.photograph.density import GUARD_UM, count_hairs, counted_area, guard_px
from follicast.measurement.photograph.hair import SeenHair
from follicast.measurement.photograph.shares import shares_of
from follicast.measurement.photograph.units import units_of

UM = 10.0


def hair(x: float, y: float, probability: float = 0.95) -> SeenHair:
    return SeenHair((x, y), (x + 40, y + 10), np.array([[x, y], [x + 40, y + 10]]), 8.0, probability, 0.9)


def counted(hairs: tuple[SeenHair, ...], excluded: np.ndarray, um: float | None = UM):
    area = counted_area(excluded, guard_px(hairs, um))
    return count_hairs(hairs, units_of(hairs, um), area, um)


def test_a_hair_in_the_guard_band_is_not_counted_and_its_area_neither() -> None:
    none = np.zeros((500, 800), np.bool_)
    found = counted((hair(400, 250), hair(5, 250), hair(790, 480)), none)
    band = math.ceil(GUARD_UM / UM)
    assert found.counted.tolist() == [True, False, False]
    assert found.area_mm2 == pytest.approx((500 - 2 * band) * (800 - 2 * band) * UM**2 / 1e6)
    assert found.per_cm2 == pytest.approx(100.0 / found.area_mm2)


def test_what_is_excluded_leaves_numerator_and_denominator() -> None:
    half = np.zeros((500, 800), np.bool_)
    half[:, 400:] = True
    hairs = tuple(hair(x, y) for x in range(60, 760, 100) for y in range(60, 460, 100))
    whole, part = counted(hairs, np.zeros_like(half)), counted(hairs, half)
    assert part.hairs < whole.hairs
    assert part.area_mm2 is not None
    assert whole.area_mm2 is not None
    assert part.area_mm2 < 0.55 * whole.area_mm2
    assert part.per_cm2 == pytest.approx(whole.per_cm2, rel=0.15)


def test_without_a_scale_there_are_counts_only() -> None:
    found = counted((hair(400, 250), hair(200, 250)), np.zeros((500, 800), np.bool_), None)
    assert found.hairs == 2.0
    assert (found.area_mm2, found.per_cm2, found.per_cm2_se, found.units_per_cm2) == (None,) * 4


def test_a_doubtful_hair_widens_the_error_and_an_unlikely_one_is_left_out() -> None:
    none = np.zeros((500, 800), np.bool_)
    places = [(x, y) for x in range(60, 760, 60) for y in range(60, 460, 60)]
    sure, doubtful, unlikely = (counted(tuple(hair(x, y, p) for x, y in places), none) for p in (0.999, 0.4, 0.2))
    assert sure.hairs == doubtful.hairs == len(places)
    assert doubtful.hairs_se > sure.hairs_se > 0.0
    assert unlikely.hairs == 0.0


def test_roots_that_stand_together_are_one_unit() -> None:
    hairs = (hair(200, 200), hair(212, 205), hair(190, 196), hair(400, 300))
    assert units_of(hairs, UM).tolist() == [0, 0, 0, 1]
    assert units_of(hairs[:1], UM).tolist() == [0]
    assert units_of((), UM).size == 0


def test_hairs_per_unit_of_drawings_are_right_within_a_fifth_of_a_hair() -> None:
    off = []
    for seed in range(5):
        drawn = sample_closeup(seed, 5.57)
        hairs = seen_by(drawn, 1, Errors(0.0, 0.0, 15.0, 15.0))
        true = drawn.truth.visible.sum() / len(set(drawn.truth.unit[drawn.truth.visible].tolist()))
        off.append(len(hairs) / (units_of(hairs, 5.57).max() + 1) - true)
    assert abs(float(np.mean(off))) <= 0.2


def test_the_error_of_the_density_holds_the_truth_of_the_site_as_often_as_it_says() -> None:
    inside = []
    for seed in range(12):
        drawn = sample_closeup(seed, 5.57, 3, "black", units_per_cm2=75)
        out = drawn.patch.hairs.out
        # Of the site, the share that can be seen at all: the rest lies under scales and other hairs.
        shown = drawn.truth.visible.sum() / drawn.truth.inside.sum()
        site = 100.0 * shown * out.sum() / (drawn.patch.width_mm * drawn.patch.height_mm)
        found = counted(
            seen_by(drawn, seed, Errors(missed=0.03, false=0.03)), np.zeros(drawn.image.shape[:2], np.bool_), 5.57
        )
        assert found.per_cm2 is not None
        assert found.per_cm2_se is not None
        inside.append(abs(found.per_cm2 - site) <= 1.645 * found.per_cm2_se)
    assert np.mean(inside) >= 0.8


def test_shares_are_probabilities_and_add_up() -> None:
    size, unit = np.array([20.0, 30.0, 45.0, 60.0, 80.0, np.nan]), np.arange(6)
    found = shares_of(size, np.full(6, 3.0), unit, 150.0, 20.0, (40.0,))
    parts = [part.share for part in (found.vellus, found.intermediate, found.terminal)]
    assert found.measured == 5
    assert sum(part for part in parts if part is not None) == pytest.approx(1.0)
    assert found.vellus.share == pytest.approx(0.3, abs=0.01)
    assert found.over[40.0].share == pytest.approx(0.6, abs=0.02)
    assert found.thickness_mm_per_cm2 == pytest.approx(150.0 * 47.0 / 1000.0)
    nothing = shares_of(np.array([np.nan]), np.array([1.0]), np.array([0]), 150.0, 20.0)
    assert nothing.mean_um is None
    assert nothing.vellus.share is None


def test_none_of_twenty_hairs_does_not_rule_fine_hairs_out() -> None:
    found = shares_of(np.full(20, 80.0), np.full(20, 3.0), np.arange(20), 150.0, 20.0)
    assert found.vellus.share == pytest.approx(0.0, abs=1e-6)
    assert 0.03 < found.vellus.se < 0.13
    assert found.terminal.se == pytest.approx(found.vellus.se)


def test_a_thousand_hairs_do_not_make_a_share_or_a_mean_surer_than_the_overlooked_ones_allow() -> None:
    found = shares_of(np.full(1000, 80.0), np.full(1000, 3.0), np.arange(1000), 150.0, 20.0)
    assert 0.07 < found.terminal.se < 0.1
    assert 5.0 < found.mean_um_se < 7.0
    assert found.thickness_se == pytest.approx(20.0 * 80.0 / 1000.0)


def test_shares_of_four_hairs_are_not_told() -> None:
    few = shares_of(np.full(4, 80.0), np.full(4, 3.0), np.arange(4), 150.0, 20.0)
    assert (few.measured, few.mean_um, few.terminal.share) == (4, None, None)
