import cv2
import numpy as np
import pytest

from follicast.measurement.photograph.emergence import marked_on_um

UM_PER_PX = 5.5
ROOT, TIP = np.array([[60.0, 80.0]]), np.array([[160.0, 80.0]])


def photograph(slow_px: int, shaft: int = 40, skin: int = 180) -> np.ndarray:
    """A level shaft from x = 60 to 160, not fully its own for the first px."""
    level = np.full((160, 220), float(skin))
    cover = np.clip((np.arange(60, 160) - 60 + 1) / max(slow_px, 1), 0.0, 1.0)
    level[74:87, 60:160] += (shaft - skin) * cover
    return np.repeat(cv2.GaussianBlur(level, (0, 0), 0.8)[..., None], 3, axis=2).astype(np.uint8)


def shaft_map() -> np.ndarray:
    shown = np.zeros((160, 220), np.float32)
    shown[74:87, 60:160] = 1.0
    return np.asarray(cv2.resize(shown, (75, 54), interpolation=cv2.INTER_AREA))


def on_um(picture: np.ndarray) -> float:
    return float(marked_on_um(picture, UM_PER_PX, ROOT, TIP, shaft_map())[0])


def test_a_root_is_marked_further_on_the_more_slowly_its_shaft_comes_out() -> None:
    assert on_um(photograph(1)) == pytest.approx(0.0, abs=6.0)
    assert on_um(photograph(1)) < on_um(photograph(12)) < on_um(photograph(24))


def test_a_light_shaft_on_dark_skin_is_read_likewise() -> None:
    assert on_um(photograph(20, shaft=190, skin=60)) == pytest.approx(on_um(photograph(20)), abs=6.0)


def test_a_shaft_that_hardly_stands_out_keeps_its_root() -> None:
    assert on_um(photograph(20, shaft=174)) == 0.0


def test_no_hair_has_no_mark() -> None:
    assert marked_on_um(photograph(1), UM_PER_PX, np.empty((0, 2)), np.empty((0, 2)), shaft_map()).shape == (0,)


def test_half_the_pixels_give_the_same_place() -> None:
    picture = photograph(20)
    half = np.asarray(cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    ends = [(place + 0.5) / 2 - 0.5 for place in (ROOT, TIP)]
    found = float(marked_on_um(half, 2 * UM_PER_PX, *ends, shaft_map())[0])
    assert found == pytest.approx(on_um(picture), abs=9.0)
