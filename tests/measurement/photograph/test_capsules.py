"""A dark patch is taken apart into the shafts it was drawn from."""

import numpy as np
import pytest

from follicast.measurement.photograph.capsules import shafts_of

HALF_PX = 5.0
SIDE = 100


def drawn(shafts: list[tuple[float, float, float, float]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pixels of shafts of half width 5 px, by their distance alone: another way than the fit's own union."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(float)
    away = np.full(x.shape, np.inf)
    for ax, ay, bx, by in shafts:
        steps = np.linspace(0, 1, 200)[:, None, None]
        away = np.minimum(away, np.hypot(x - ax - steps * (bx - ax), y - ay - steps * (by - ay)).min(axis=0))
    return x.ravel(), y.ravel(), np.clip(HALF_PX + 0.5 - away, 0, 1).ravel()


def ends(shafts: np.ndarray) -> np.ndarray:
    """Each shaft from its upper end, the shafts in order."""
    turned = [s[[0, 1, 2, 3]] if s[1] < s[3] else s[[2, 3, 0, 1]] for s in shafts]
    return np.array(sorted(turned, key=lambda s: (s[2], s[3])))


@pytest.mark.parametrize(
    "truth",
    [
        pytest.param([(30.0, 20.0, 50.0, 75.0)], id="one"),
        pytest.param([(30.0, 20.0, 35.0, 75.0), (34.0, 22.0, 65.0, 70.0)], id="a pair that parts at its tips"),
        pytest.param([(20.0, 20.0, 75.0, 75.0), (75.0, 22.0, 20.0, 70.0)], id="a crossing"),
    ],
)
def test_the_shafts_of_a_patch_are_found_with_their_ends_and_width(truth: list[tuple[float, ...]]) -> None:
    found = shafts_of(*drawn(truth), usual_half_px=6.0, price=50.0, prior=25.0)
    assert len(found) == len(truth)
    assert np.abs(ends(found) - ends(np.array(truth))).max() < 3.0
    assert found[:, 4] == pytest.approx(HALF_PX, abs=0.8)
