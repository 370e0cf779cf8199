"""A site is found again by the pattern of its roots, turned, shifted and stretched; another site is not."""

import math

import numpy as np
import pytest

from follicast.measurement.photograph.alignment import LEAST_HAIRS, Alignment, align
from follicast.measurement.photograph.hair import SeenHair
from follicast.measurement.photograph.sight import Sight
from follicast.quantities import InputError

UM = 6.0
SIZE = (1200, 1000)
BLANK = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)


def roots(seed: int, count: int = 60) -> np.ndarray:
    """Roots of a site [hair, (x, y)], px, in units of one to three."""
    dice = np.random.default_rng(seed)
    units = dice.uniform((40.0, 40.0), (SIZE[0] - 40.0, SIZE[1] - 40.0), (count // 2, 2))
    return np.asarray(np.concatenate([units, units + dice.normal(0.0, 20.0, units.shape)]))


def sight(place: np.ndarray, turn: float = 0.5, um: float = UM) -> Sight:
    """A photograph with hairs that point one way, more or less."""
    ways = turn + np.random.default_rng(len(place)).normal(0.0, 0.15, len(place))
    hairs = []
    for root, way in zip(place, ways, strict=True):
        line = root + np.linspace(0.0, 80.0, 5)[:, None] * [math.cos(way), math.sin(way)]
        ends = [(float(x), float(y)) for x, y in (line[0], line[-1])]
        hairs.append(SeenHair(ends[0], ends[1], line, 10.0, 0.95, 0.95))
    return Sight(BLANK, um, tuple(hairs))


def moved(place: np.ndarray, angle: float, scale: float, shift: tuple[float, float]) -> np.ndarray:
    """The same roots on a photograph that is turned, scaled about the middle and shifted."""
    middle = np.array(SIZE) / 2.0
    turn = scale * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return np.asarray((place - middle) @ turn.T + middle + shift)


def noisy(place: np.ndarray, seed: int, missed: float = 0.1) -> np.ndarray:
    """Roots as a counter sees them: 20 um off, some missed, some where none is."""
    dice = np.random.default_rng([seed, 1])
    kept = place[dice.uniform(size=len(place)) > missed]
    false = dice.uniform((0.0, 0.0), SIZE, (4, 2))
    return np.concatenate([kept + dice.normal(0.0, 20.0 / UM, kept.shape), false])


@pytest.mark.parametrize(
    ("angle", "scale", "shift"),
    [
        (0.0, 1.0, (0.0, 0.0)),
        (0.08, 1.02, (40.0, -60.0)),
        (-0.5, 0.97, (-90.0, 30.0)),
        (math.pi, 1.0, (20.0, 10.0)),
        (0.03, 1.0, (500.0, 60.0)),
    ],
)
def test_a_site_is_found_again_however_the_camera_is_turned(
    angle: float, scale: float, shift: tuple[float, float]
) -> None:
    place = roots(3, 80)
    other = moved(place, angle, scale, shift)
    shown = np.all((other > 0) & (other < SIZE), axis=1)
    found = align(sight(noisy(place, 1)), sight(noisy(other[shown], 2), 0.5 + angle))
    back = found.to_first(other[shown] * UM / 1000.0)
    error_um = 1000.0 * np.hypot(*(back - place[shown] * UM / 1000.0).T)
    assert np.median(error_um) < 20.0
    assert np.percentile(error_um, 95) < 60.0
    assert math.cos(math.radians(found.turn_deg) + angle) == pytest.approx(1.0, abs=1e-3)
    assert found.scale == pytest.approx(1.0 / scale, abs=0.02)
    assert found.log10_chance < -6.0


def test_what_is_laid_on_the_first_and_back_is_where_it_was() -> None:
    place = roots(5)
    x, y = place.T
    stretched = place + np.stack([6.0 * np.sin(y / 300.0), 5.0 * np.cos(x / 350.0)], axis=1)
    found = align(sight(place), sight(stretched))
    there = stretched * UM / 1000.0
    assert found.to_second(found.to_first(there)) == pytest.approx(there, abs=1e-6)
    # Skin drawn by the probe is followed: an affine map alone leaves twice as much.
    left = np.hypot(*(found.to_first(there) - place * UM / 1000.0).T)
    flat = Alignment(found.matrix, np.empty((0, 2)), np.empty((0, 2)), 0, 0, 0.0, 0.0)
    rough = np.hypot(*(flat.to_first(there) - place * UM / 1000.0).T)
    assert np.median(left) < 0.5 * np.median(rough)


@pytest.mark.parametrize("seed", range(4))
def test_another_site_is_refused(seed: int) -> None:
    with pytest.raises(InputError, match="does not show the site of the first"):
        align(sight(roots(seed)), sight(roots(seed + 100)))


def test_a_mirrored_photograph_is_named_as_such() -> None:
    place = roots(3)
    flipped = np.stack([SIZE[0] - 1 - place[:, 0], place[:, 1]], axis=1)
    with pytest.raises(InputError, match="mirrored"):
        align(sight(noisy(place, 1)), sight(noisy(flipped, 2), math.pi - 0.5))


def test_too_few_hairs_are_no_constellation() -> None:
    place = roots(3)
    with pytest.raises(InputError, match=f"second photograph: found {LEAST_HAIRS - 1} hairs"):
        align(sight(place), sight(place[: LEAST_HAIRS - 1]))


def test_a_tip_taken_for_the_root_does_not_hide_the_site() -> None:
    place = roots(9)
    found = align(sight(noisy(place, 1)), sight(noisy(moved(place, 0.05, 1.0, (30.0, 0.0)), 2), 0.5 + math.pi))
    assert found.found > 0.6 * len(place)
