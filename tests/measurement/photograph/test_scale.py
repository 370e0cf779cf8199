"""The scale is told, or read from print, or not known; print that is not there is never read."""

import dataclasses

import numpy as np
import pytest

from follicast.measurement.drawing.closeup import draw_closeup
from follicast.measurement.drawing.overlay import Print
from follicast.measurement.drawing.patch import sample_patch
from follicast.measurement.drawing.view import sample_view
from follicast.measurement.photograph.printed import printed_area
from follicast.measurement.photograph.scale import scale_of_bar, scale_of_circle, told_scale
from follicast.quantities import InputError


def drawn(seed: int, um: float, *prints: Print) -> np.ndarray:
    view = dataclasses.replace(sample_view(seed, um_per_px=um), prints=frozenset(prints))
    return draw_closeup(sample_patch(seed, field_mm=view.field_mm, grain_um=um, tone=2, hair="black"), view).image


@pytest.mark.parametrize(("seed", "um"), [(0, 3.0), (2, 5.57), (6, 4.2), (8, 8.0), (4, 11.0)])
def test_a_printed_bar_gives_the_scale_to_one_per_cent(seed: int, um: float) -> None:
    scale = scale_of_bar(drawn(seed, um, "bar", "banner"), 1.0, "a.png")
    assert scale.um_per_px == pytest.approx(um, rel=0.012)
    assert scale.source == "bar"
    assert "1 mm" in scale.how


@pytest.mark.parametrize("seed", range(6))
def test_no_bar_is_seen_where_none_is(seed: int) -> None:
    with pytest.raises(InputError, match="no printed scale bar"):
        scale_of_bar(drawn(seed, 5.57, "banner"), 1.0, "a.png")


def test_a_lone_bar_on_even_ground_is_read() -> None:
    picture = np.random.default_rng(0).normal([190, 150, 130], 3, (400, 600, 3)).clip(0, 255).astype(np.uint8)
    picture[350:354, 100:300] = 250
    assert scale_of_bar(picture, 1.0, "a.png").um_per_px == pytest.approx(5.0, rel=0.011)


def test_two_different_bars_are_one_too_many() -> None:
    picture = np.full((400, 600, 3), 150, np.uint8)
    picture[350:353, 100:300] = picture[300:303, 100:180] = 250
    with pytest.raises(InputError, match="several printed lines"):
        scale_of_bar(picture, 1.0, "a.png")


@pytest.mark.parametrize("seed", [1, 3])
def test_a_printed_circle_gives_the_scale(seed: int) -> None:
    scale = scale_of_circle(drawn(seed, 5.57, "circle"), 0.44 * 1024 * 5.57 / 1000, "a.png")
    assert scale.um_per_px == pytest.approx(5.57, rel=0.01)
    with pytest.raises(InputError, match="no printed red circle"):
        scale_of_circle(drawn(seed, 5.57), 2.5, "a.png")


@pytest.mark.parametrize("um", [0.0, 0.1, -3.0, 100.0, float("nan")])
def test_a_scale_that_no_photograph_of_hair_has_is_refused(um: float) -> None:
    with pytest.raises(InputError, match="um-per-px"):
        told_scale(um)


def test_a_told_scale_that_the_printed_bar_contradicts_says_so() -> None:
    image = drawn(2, 5.57, "bar", "banner")
    assert "check it" not in told_scale(5.57, image).how
    assert "the bar printed on it would be 1.44 mm" in told_scale(8.0, image).how


def test_words_and_boxes_are_no_skin_and_hair_is() -> None:
    words, box, bare = (printed_area(drawn(*of)) for of in ((6, 5.57, "banner", "bar"), (1, 5.57, "box"), (9, 5.57)))
    assert words[8:16, 10:200].mean() > 0.8
    assert words[980:996, 215:250].all()
    assert 0.01 < box.mean() < 0.03
    assert bare.mean() < 0.002
