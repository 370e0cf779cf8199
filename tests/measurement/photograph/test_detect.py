"""Hairs of a shaved close-up are found: at any usual scale, the same each time, and none where there are none."""

import numpy as np
import pytest

from follicast.measurement.drawing.closeup import sample_closeup
from follicast.measurement.drawing.photograph import Photograph
from follicast.measurement.photograph.detect import detect
from follicast.measurement.photograph.hair import SeenHair

GUARD_UM = 150.0
NEAR_UM = 60.0


def drawn(um_per_px: float, seed: int = 31, tone: int = 3) -> Photograph:
    size = {"width_px": round(4400 / um_per_px), "height_px": round(3400 / um_per_px)}
    return sample_closeup(seed, um_per_px, tone, "black", **size)


def scored(photograph: Photograph, found: tuple[SeenHair, ...], um_per_px: float) -> tuple[float, float]:
    """Shares of clear true roots that were found, and of found roots that are true, away from the border."""
    high, wide = photograph.image.shape[:2]

    def inside(places: np.ndarray) -> np.ndarray:
        guard = GUARD_UM / um_per_px
        return np.all((places >= guard) & (places <= np.array([wide, high]) - guard), axis=1)

    truth = photograph.truth
    seen = np.array([hair.root_px for hair in found if hair.probability >= 0.5])
    apart = np.hypot(*(truth.root_px[:, None] - seen[None]).transpose(2, 0, 1)) * um_per_px
    wanted = truth.visible & (truth.contrast > 0.25) & inside(truth.root_px)
    assert wanted.sum() >= 8
    return float((apart[wanted].min(axis=1) < NEAR_UM).mean()), float(
        (apart.min(axis=0)[inside(seen)] < NEAR_UM).mean()
    )


@pytest.mark.parametrize(("um_per_px", "at_least"), [(3.0, 0.7), (5.57, 0.7), (9.0, 0.55)])
def test_most_dark_hairs_are_found_and_most_finds_are_hairs(um_per_px: float, at_least: float) -> None:
    photograph = drawn(um_per_px)
    found, true = scored(photograph, detect(photograph.image, um_per_px), um_per_px)
    assert found >= at_least
    assert true >= 0.7


def test_the_same_photograph_gives_the_same_hairs() -> None:
    photograph = drawn(5.57)
    first, again = (detect(photograph.image, 5.57) for _ in range(2))
    assert [hair.root_px for hair in first] == [hair.root_px for hair in again]
    assert [hair.probability for hair in first] == [hair.probability for hair in again]


def test_every_hair_leads_from_its_root_to_its_tip() -> None:
    for hair in detect(drawn(5.57).image, 5.57):
        assert tuple(hair.path_px[0]) == pytest.approx(hair.root_px)
        assert tuple(hair.path_px[-1]) == pytest.approx(hair.tip_px)
        assert 0.0 <= hair.probability <= 1.0


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (190, 150, 130), (60, 40, 30)])
def test_bare_skin_shows_no_hair(colour: tuple[int, int, int]) -> None:
    assert detect(np.full((600, 800, 3), colour, np.uint8), 5.57) == ()
