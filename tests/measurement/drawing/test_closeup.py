"""Drawn photographs: the truth is what is drawn, the same seed gives the same bytes, and every option draws."""

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest

from follicast.measurement.drawing.closeup import draw_closeup, sample_closeup
from follicast.measurement.drawing.overlay import PRINTS
from follicast.measurement.drawing.patch import Patch, later, sample_patch
from follicast.measurement.drawing.photograph import Photograph
from follicast.measurement.drawing.view import View, again, sample_view
from follicast.quantities import InputError

CLEAN = View(
    seed=4, lamp=4, flakes_per_cm2=0.0, clippings_per_cm2=0.0, glare=0.0, noise=0.0, blur_um=3.0, jpeg_quality=98
)
SMALL = (420, 360)


@pytest.fixture(scope="module")
def patch() -> Patch:
    """Thick dark hair on light skin."""
    return sample_patch(11, tone=2, hair="black", mean_um=85.0, miniaturised=0.1)


@pytest.fixture(scope="module")
def clean(patch: Patch) -> Photograph:
    """A photograph of it without dust, glare and noise."""
    return draw_closeup(patch, CLEAN)


def lonely(drawn: Photograph, reach_px: float) -> np.ndarray:
    """Visible hairs of some length whose axis stays so far from every other axis and clipping and from the border."""
    truth = drawn.truth
    line = truth.polyline_px
    apart = np.sqrt(((line[:, None, :, None] - line[None, :, None, :]) ** 2).sum(axis=4)).min(axis=(2, 3))
    np.fill_diagonal(apart, np.inf)
    long = np.hypot(*(truth.tip_px - truth.root_px).T) > 35.0
    return np.flatnonzero(
        (apart.min(axis=1) > reach_px) & long & truth.visible & truth.within(70, drawn.image.shape[:2])
    )


def cross_section(drawn: Photograph, hair: int, share: float) -> np.ndarray:
    """Light across the axis of a hair, linear, 1/10 px apart, from -25 to 25 px.

    Linear, since a blurred edge keeps its place in light and not in the levels of a file.
    """
    line = drawn.truth.polyline_px[hair]
    k = min(int(share * (len(line) - 1)), len(line) - 2)
    step = (line[k + 1] - line[k]) / np.hypot(*(line[k + 1] - line[k]))
    middle = line[k] + (share * (len(line) - 1) - k) * (line[k + 1] - line[k])
    off = np.arange(-25.0, 25.01, 0.1)
    x, y = (middle[0] - off * step[1]).astype(np.float32), (middle[1] + off * step[0]).astype(np.float32)
    light = (((drawn.image / 255.0 + 0.055) / 1.055) ** 2.4).mean(axis=2).astype(np.float32)
    return np.asarray(cv2.remap(light, x[None], y[None], cv2.INTER_LINEAR)[0])


def dark_run(cut: np.ndarray) -> tuple[float, float]:
    """Middle and width (px) of the dark run at the middle of a cross section, at half its depth."""
    skin = (np.median(cut[:80]) + np.median(cut[-80:])) / 2.0
    level = (skin + cut[230:271].min()) / 2.0
    left = right = 230 + int(np.argmin(cut[230:271]))
    while left > 0 and cut[left] < level:
        left -= 1
    while right < cut.size - 1 and cut[right] < level:
        right += 1
    return (left + right) / 20.0 - 25.0, (right - left) / 10.0


def test_a_shaft_is_dark_where_the_truth_says_and_as_wide(clean: Photograph) -> None:
    hairs = [h for h in lonely(clean, 30.0) if clean.truth.diameter_um[h] > 45.0]
    runs = [dark_run(cross_section(clean, h, share)) for h in hairs for share in (0.25, 0.5, 0.7)]
    width = np.repeat([clean.truth.width_px[h].mean() for h in hairs], 3)
    off, wide = np.array(runs).T
    assert len(hairs) >= 8
    assert np.abs(off).max() < 1.0
    assert abs(float(np.median(wide - width))) < 1.0
    # Away from focus, and on the side of a shaft's own shadow, an edge moves a little.
    assert np.abs(wide - width).max() < 2.5


def test_a_shaft_ends_at_its_tip(clean: Photograph) -> None:
    hairs = [h for h in lonely(clean, 30.0) if clean.truth.diameter_um[h] > 55.0]
    grey = clean.image.mean(axis=2).astype(np.float32)
    missed = []
    for h in hairs:
        line = clean.truth.polyline_px[h]
        step = (line[-1] - line[-2]) / np.hypot(*(line[-1] - line[-2]))
        off = np.arange(-20.0, 20.01, 0.1)
        place = (line[-1] + off[:, None] * step).astype(np.float32)
        cut = cv2.remap(grey, place[None, :, 0], place[None, :, 1], cv2.INTER_LINEAR)[0]
        level = (cut[:60].mean() + cut[-60:].mean()) / 2.0
        missed.append(off[int(np.argmax(cut > level))])
    assert len(hairs) >= 8
    # The end is cut aslant and ragged, up to a quarter of the width.
    assert abs(float(np.median(missed))) < 1.5
    assert np.abs(missed).max() < 5.0


def test_bare_skin_has_no_shaft(patch: Patch) -> None:
    bald = replace(patch, hairs=replace(patch.hairs, length_um=np.full(patch.hairs.count, -1.0)))
    drawn = draw_closeup(bald, CLEAN)
    assert drawn.truth.count == 0
    assert len(drawn.truth.units_px) > 10
    assert drawn.image.mean(axis=2).min() > 60.0


def test_the_same_seed_gives_the_same_bytes_and_another_does_not() -> None:
    one, two, other = (sample_closeup(seed, width_px=SMALL[0], height_px=SMALL[1]) for seed in (5, 5, 6))
    assert one.image.tobytes() == two.image.tobytes()
    assert one.truth.root_px.tobytes() == two.truth.root_px.tobytes()
    assert one.image.tobytes() != other.image.tobytes()


@pytest.mark.parametrize("um_per_px", [2.0, 5.57, 12.0])
def test_the_scale_changes_the_pixels_and_not_the_skin(um_per_px: float) -> None:
    drawn = sample_closeup(3, um_per_px, width_px=SMALL[0], height_px=SMALL[1])
    truth = drawn.truth
    assert drawn.um_per_px == um_per_px
    assert truth.width_um == pytest.approx(truth.width_px * um_per_px)
    long_um = np.hypot(*np.diff(truth.polyline_px, axis=1).T).sum(axis=0) * um_per_px
    assert np.all(long_um <= truth.length_um * 1.05)


@pytest.mark.parametrize("tone", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("hair", ["black", "brown", "blond", "red", "grey", "white", "dyed"])
def test_every_skin_and_every_hair_draws(tone: int, hair: str) -> None:
    drawn = sample_closeup(21, 8.0, tone, hair, width_px=SMALL[0], height_px=SMALL[1])  # type: ignore[arg-type]
    assert drawn.image.shape == (SMALL[1], SMALL[0], 3)
    assert drawn.image.dtype == np.uint8
    assert 60.0 < drawn.image.mean() < 200.0
    assert drawn.truth.count > 3


def test_darker_skin_and_whiter_hair_are_darker_and_whiter() -> None:
    def levels(tone: int, hair: str) -> tuple[float, float]:
        made = sample_patch(8, field_mm=(2.4, 2.0), tone=tone, hair=hair)  # type: ignore[arg-type]
        drawn = draw_closeup(made, replace(CLEAN, width_px=SMALL[0], height_px=SMALL[1]))
        axis = np.rint(drawn.truth.polyline_px[drawn.truth.visible][:, 5]).astype(int)
        grey = drawn.image.mean(axis=2)
        inside = (axis > 0).all(axis=1) & (axis < [SMALL[0], SMALL[1]]).all(axis=1)
        return float(np.median(grey)), float(np.median(grey[axis[inside, 1], axis[inside, 0]]))

    assert levels(1, "black")[0] > levels(6, "black")[0]
    black, brown, white = (levels(4, hair) for hair in ("black", "brown", "white"))
    assert black[1] < brown[1] < white[1]
    assert black[1] < 0.5 * black[0]
    assert white[1] > white[0]


@pytest.mark.parametrize("print_", PRINTS)
def test_words_on_a_photograph_are_drawn_and_hide_what_they_cover(patch: Patch, print_: str) -> None:
    plain, written = (draw_closeup(patch, replace(CLEAN, prints=p)) for p in (frozenset(), frozenset({print_})))  # type: ignore[arg-type]
    assert (plain.image != written.image).any()
    assert np.all(written.truth.hidden >= plain.truth.hidden)


def test_the_scale_bar_is_a_millimetre_long(patch: Patch) -> None:
    plain, written = (draw_closeup(patch, replace(CLEAN, prints=p)) for p in (frozenset(), frozenset({"bar"})))  # type: ignore[arg-type]
    row = CLEAN.height_px - 36
    changed = np.abs(plain.image[row].astype(int) - written.image[row]).sum(axis=1) > 60
    assert np.flatnonzero(changed)[0] == pytest.approx(22, abs=2)
    assert changed[: 22 + round(1000 / CLEAN.um_per_px)].sum() == pytest.approx(1000 / CLEAN.um_per_px, abs=12)


def test_an_ink_dot_darkens_the_skin(patch: Patch) -> None:
    marked = draw_closeup(patch, replace(CLEAN, ink=True))
    plain = draw_closeup(patch, CLEAN)
    darker = plain.image.astype(int).mean(axis=2) - marked.image.mean(axis=2) > 20
    assert 1000 < darker.sum() < 60_000


def test_scales_hide_hairs_and_clippings_are_no_hairs(patch: Patch) -> None:
    plain = draw_closeup(patch, CLEAN)
    dusty = draw_closeup(patch, replace(CLEAN, flakes_per_cm2=3000.0, clippings_per_cm2=60.0))
    assert dusty.truth.hidden.mean() > plain.truth.hidden.mean() + 0.02
    assert dusty.truth.count == plain.truth.count
    assert len(dusty.truth.clippings_px) > 10
    assert len(plain.truth.clippings_px) == 0


def test_long_hair_covers_the_field() -> None:
    long = sample_closeup(9, shaven=False, tone=2, hair="black", width_px=640, height_px=512)
    short = sample_closeup(9, shaven=True, tone=2, hair="black", width_px=640, height_px=512)
    assert (long.image.mean(axis=2) < 70).mean() > 2.0 * (short.image.mean(axis=2) < 70).mean()
    assert np.median(long.truth.length_um) > 3000.0


def test_a_pair_shows_the_same_hairs_longer_by_their_growth(patch: Patch) -> None:
    view = replace(CLEAN, noise=None, glare=None)
    first, second = draw_closeup(patch, view), draw_closeup(later(patch, 2.0), again(view, 99))
    shared, one, two = np.intersect1d(first.truth.ident, second.truth.ident, return_indices=True)
    grown = second.truth.length_um[two] - first.truth.length_um[one]
    growing = first.truth.growth_um_per_day[one] > 0.0
    assert shared.size > 40
    assert grown[growing] == pytest.approx(2.0 * first.truth.growth_um_per_day[one][growing])
    assert grown[~growing] == pytest.approx(0.0)
    assert first.truth.root_mm[one] == pytest.approx(second.truth.root_mm[two])


def test_a_probe_put_back_is_turned_and_shifted_as_its_truth_says(patch: Patch) -> None:
    view, moved = CLEAN, again(CLEAN, 7)
    first, second = draw_closeup(patch, view), draw_closeup(patch, moved)
    _, one, two = np.intersect1d(first.truth.ident, second.truth.ident, return_indices=True)
    fit, _ = cv2.estimateAffinePartial2D(first.truth.root_px[one], second.truth.root_px[two])
    assert math.atan2(fit[1, 0], fit[0, 0]) == pytest.approx(moved.turn_rad, abs=1e-3)
    assert math.hypot(fit[0, 0], fit[1, 0]) == pytest.approx(view.um_per_px / moved.um_per_px, abs=1e-3)
    # The pictures move as the truth does: the first, moved so, is nearly the second.
    size = (view.width_px, view.height_px)
    brought = cv2.warpAffine(first.image.mean(axis=2).astype(np.float32), fit, size)
    inner = np.s_[150:-150, 150:-150]
    assert np.corrcoef(brought[inner].ravel(), second.image.mean(axis=2)[inner].ravel())[0, 1] > 0.9


@pytest.mark.parametrize(
    ("change", "sentence"),
    [({"um_per_px": 0.0}, "um per px: found 0"), ({"width_px": 10}, "photograph: found 10 x 1024 px")],
)
def test_a_view_that_cannot_be_drawn_is_refused(patch: Patch, change: dict[str, float], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        draw_closeup(patch, replace(CLEAN, **change))  # type: ignore[arg-type]
    with pytest.raises(InputError, match="skin tone: found 7"):
        sample_closeup(1, tone=7)
    with pytest.raises(InputError, match="um per px"):
        sample_view(1, um_per_px=100.0)
