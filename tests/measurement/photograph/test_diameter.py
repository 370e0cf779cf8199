"""Diameters of drawn hairs are read from the light across them, whatever the colour."""

import numpy as np
import pytest

from follicast.measurement.drawing.closeup import sample_closeup
from follicast.measurement.drawing.hairs import Pigment
from follicast.measurement.photograph.diameter import widths
from follicast.measurement.photograph.hair import SeenHair

UM = 3.0


def errors(tone: int, hair: Pigment, seeds: tuple[int, ...]) -> np.ndarray:
    """Measured minus true diameter of the hairs that are seen, um; their places and looks are only about right."""
    stream, found = np.random.default_rng(1), []
    for seed in seeds:
        drawn = sample_closeup(seed, UM, tone, hair, units_per_cm2=120)
        truth = drawn.truth
        rows = np.flatnonzero(truth.visible & (truth.contrast > 0.15))
        hairs = []
        for k in rows:
            path = truth.polyline_px[k] + stream.normal(0, 0.3, 2)
            looks = float(truth.width_px[k].mean() * np.exp(stream.normal(0, 0.15)))
            hairs.append(SeenHair(tuple(path[0]), tuple(path[-1]), path, looks, 0.9, 0.9))
        fit = widths(drawn.image, hairs, UM)
        sure = fit.error_px * UM <= 6.0
        found.append((fit.px * UM - truth.width_um[rows].mean(axis=1))[sure])
    return np.concatenate(found)


@pytest.mark.parametrize(("tone", "hair"), [(1, "black"), (3, "black"), (6, "black"), (2, "brown"), (4, "white")])
def test_the_usual_diameter_is_right_within_four_um(tone: int, hair: Pigment) -> None:
    off = errors(tone, hair, (310, 311, 312))
    assert off.size >= 20
    assert abs(np.median(off)) <= 4.0
    low, high = np.quantile(off, [0.16, 0.84])
    assert (high - low) / 2.0 <= 8.0


def test_no_hair_has_no_diameter_and_a_hair_out_of_the_picture_none_that_is_told() -> None:
    picture = np.full((300, 300, 3), 150, np.uint8)
    assert widths(picture, (), UM).px.size == 0
    path = np.array([[100.0, 100.0], [160.0, 120.0]])
    bare = SeenHair((100.0, 100.0), (160.0, 120.0), path, 10.0, 0.9, 0.9)
    assert np.isnan(widths(picture, (bare,), UM).px).all()


def test_a_shaft_far_wider_than_the_thick_ones_around_is_taken_for_two_and_has_no_diameter() -> None:
    picture = np.full((400, 700, 3), 170, np.uint8)
    bars = [18, 20, 19, 21, 20, 40]
    hairs = []
    for k, wide in enumerate(bars):
        left = 60 + 100 * k
        picture[60:340, left : left + wide] = 40
        middle = left + 0.5 * (wide - 1)
        path = np.array([[middle, 60.0], [middle, 340.0]])
        hairs.append(SeenHair((middle, 60.0), (middle, 340.0), path, float(wide), 0.9, 0.9))
    px = widths(picture, hairs, UM).px
    assert np.isfinite(px[:5]).all()
    assert np.isnan(px[5])
    # The same shaft among others of its kind is a thick hair.
    assert np.isfinite(widths(picture, hairs[5:], UM).px).all()
