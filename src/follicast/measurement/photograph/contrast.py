"""How far each pixel stands out from the skin round it, as a shaft does: darker in every colour, or lighter."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from scipy import ndimage

Plane = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]

WORKING_UM: Final = 5.57
"""Scale to which a photograph is brought before hairs are sought, um per px."""
# Skin is looked up on a coarse grid: how coarse, px, which part of the pixels is skin, in how wide a window, cells.
_CELL_PX, _SKIN_SHARE, _WINDOW, _SMOOTH = 8, 70, 25, 6.0


def standing_out(picture: Picture) -> Plane:
    """Contrast [h, w] of each pixel of an RGB photograph against its skin, as a share of the skin's level.

    A shaft is dark in every colour, a root under the skin only in red: the lightest colour of a pixel tells them apart.
    """
    level = cv2.GaussianBlur(picture.max(axis=2).astype(np.float32), (0, 0), 0.8)
    skin = _background(level)
    return np.asarray(np.clip((skin - level) / np.maximum(skin, 10.0), -1.0, 1.0), np.float32)


def _background(level: Plane) -> Plane:
    small = cv2.resize(level, None, fx=1 / _CELL_PX, fy=1 / _CELL_PX, interpolation=cv2.INTER_AREA)
    skin = cv2.GaussianBlur(ndimage.percentile_filter(small, _SKIN_SHARE, size=_WINDOW), (0, 0), _SMOOTH)
    return np.asarray(cv2.resize(skin, level.shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)
