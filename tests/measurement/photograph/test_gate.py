"""A photograph of shaved scalp passes; anything else, and a scalp that cannot be read, is refused with a reason."""

import dataclasses
from functools import cache

import cv2
import numpy as np
import pytest

from follicast.measurement.drawing.closeup import draw_closeup, sample_closeup
from follicast.measurement.drawing.hairs import Pigment
from follicast.measurement.drawing.patch import sample_patch
from follicast.measurement.drawing.view import View, sample_view
from follicast.measurement.photograph.gate import look_at
from follicast.measurement.photograph.measured import Measured, Refused, measure
from follicast.measurement.photograph.scale import UNKNOWN, told_scale

UM = 5.57
Picture = np.ndarray


@cache
def scalp(seed: int, tone: int, hair: Pigment, *, shaven: bool = True) -> Picture:
    return sample_closeup(seed, UM, tone, hair, width_px=900, height_px=720, shaven=shaven, units_per_cm2=80).image


def seen_through(**camera: float) -> Picture:
    """One patch with black hair, photographed so."""
    view: View = dataclasses.replace(
        sample_view(9, um_per_px=UM, width_px=900, height_px=720), prints=frozenset(), **camera
    )
    return draw_closeup(sample_patch(9, field_mm=view.field_mm, grain_um=UM, tone=3, hair="black"), view).image


def reasons(image: Picture, um: float | None = UM) -> str:
    result = measure(image, UNKNOWN if um is None else told_scale(um))
    return " ".join(result.quality.reasons)


def page_of_text(*, photographed: bool) -> Picture:
    page = np.full((800, 1000, 3), 250, np.uint8)
    for y in range(40, 790, 34):
        cv2.putText(page, "The quick brown fox jumps over the lazy", (30, y), 0, 1.0, (20, 20, 20), 2, cv2.LINE_AA)
    if not photographed:
        return page
    dirt = np.random.default_rng(0).normal(0, 4, page.shape)
    soft = cv2.GaussianBlur(page, (0, 0), 1.2).astype(float)
    return np.clip(0.8 * soft + dirt + [0, -6, -14], 0, 255).astype(np.uint8)


def fur() -> Picture:
    """The coat of a cat: hairs of all lights one over another, and no skin between them."""
    stream = np.random.default_rng(1)
    coat = np.full((800, 1000, 3), (150, 110, 80), np.uint8)
    for _ in range(6000):
        x, y, turn, long = (
            stream.uniform(0, 1000),
            stream.uniform(0, 800),
            stream.normal(0.6, 0.4),
            stream.uniform(30, 90),
        )
        shade = tuple(int(v) for v in np.minimum(np.array([150, 110, 80]) * stream.uniform(0.4, 1.5), 255))
        end = int(x + long * np.cos(turn)), int(y + long * np.sin(turn))
        cv2.line(coat, (int(x), int(y)), end, shade, int(stream.integers(1, 4)), cv2.LINE_AA)
    return cv2.GaussianBlur(coat, (0, 0), 1.0)


def landscape() -> Picture:
    land = np.zeros((600, 900, 3))
    land[:300], land[300:] = (120, 170, 230), (70, 130, 50)
    return np.clip(land + np.random.default_rng(2).normal(0, 12, land.shape), 0, 255).astype(np.uint8)


def even(level: int) -> Picture:
    return np.full((600, 800, 3), level, np.uint8)


def chequered() -> Picture:
    fields = np.indices((600, 800)).sum(axis=0) // 40 % 2 * 180 + 40
    return np.repeat(fields[..., None], 3, axis=2).astype(np.uint8)


def gradient() -> Picture:
    return np.repeat(np.tile(np.linspace(60, 220, 800), (600, 1))[..., None], 3, axis=2).astype(np.uint8)


def snow() -> Picture:
    return np.random.default_rng(3).integers(0, 255, (600, 800, 3)).astype(np.uint8)


OTHER = {
    "black": even(0),
    "white": even(255),
    "one skin colour": even(150),
    "page of text": page_of_text(photographed=False),
    "photograph of a page": page_of_text(photographed=True),
    "cat": fur(),
    "landscape": landscape(),
    "chess board": chequered(),
    "gradient": gradient(),
    "noise": snow(),
}


@pytest.mark.parametrize("um", [UM, None])
@pytest.mark.parametrize("name", OTHER)
def test_what_is_no_scalp_is_refused_with_a_reason_and_without_a_number(name: str, um: float | None) -> None:
    result = measure(OTHER[name], UNKNOWN if um is None else told_scale(um))
    assert isinstance(result, Refused)
    assert result.quality.reasons
    assert all(sentence.endswith(".") for sentence in result.quality.reasons)
    assert {field.name for field in dataclasses.fields(result)} == {"quality", "scale"}


@pytest.mark.parametrize("tone", [1, 2, 3, 4, 5, 6])
def test_black_stubble_is_measured_on_every_skin(tone: int) -> None:
    result = measure(scalp(40 + tone, tone, "black"), told_scale(UM))
    assert isinstance(result, Measured), result.quality.reasons


def test_long_hair_is_refused() -> None:
    assert "too long" in reasons(scalp(1, 3, "black", shaven=False)) or "no bare skin" in reasons(
        scalp(1, 3, "black", shaven=False)
    )


def test_a_photograph_out_of_focus_is_refused_and_a_sharp_one_is_not() -> None:
    assert "out of focus" in reasons(seen_through(blur_um=45.0))
    assert reasons(seen_through(blur_um=5.0)) == ""


def test_wet_skin_that_mirrors_the_lamp_is_refused() -> None:
    assert "as on wet or greasy skin" in reasons(seen_through(glare=10.0))
    assert reasons(seen_through(glare=0.05)) == ""


def test_hair_lighter_than_the_skin_is_refused_rather_than_miscounted() -> None:
    assert "lighter than the skin" in reasons(scalp(506, 6, "white"))


@pytest.mark.parametrize("tone", [1, 3, 6])
def test_grey_hair_is_refused_because_its_white_part_is_missed(tone: int) -> None:
    assert "lighter than the skin" in reasons(scalp(508, tone, "grey"))


def test_hair_that_hardly_stands_out_is_refused() -> None:
    faint = seen_through()
    skin = np.median(faint, axis=(0, 1))
    pale = np.clip(skin + 0.22 * (faint - skin), 0, 255).astype(np.uint8)
    assert not look_at(pale, UM).reasons
    assert reasons(pale) != ""


def test_a_wrong_scale_is_noticed_by_the_thickness_of_the_hair() -> None:
    thick = sample_closeup(41, UM, 1, "black", width_px=900, height_px=720, mean_um=95.0, miniaturised=0.0).image
    assert "hairs would be" in reasons(thick, 12.0)
    assert "check the scale" in reasons(scalp(41, 1, "black"), 25.0)


def test_too_little_skin_is_refused_with_how_little() -> None:
    assert "mm²" in reasons(scalp(41, 1, "black")[:300, :300])
