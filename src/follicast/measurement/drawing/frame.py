"""How the camera stands over a patch: millimetres of skin to pixels of the photograph."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Layer = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Frame:
    """A turned, shifted and scaled window on a patch.

    Attributes:
        width_px: of the photograph.
        height_px: of the photograph.
        um_per_px: scale on the skin.
        centre_mm: place in the patch that the middle of the photograph shows.
        turn_rad: turn of the camera.
    """

    width_px: int
    height_px: int
    um_per_px: float
    centre_mm: tuple[float, float]
    turn_rad: float

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.height_px, self.width_px

    def matrix(self) -> Floats:
        """Affine matrix [2, 3] from mm in the patch to px (centre of the first pixel at 0, 0)."""
        scale = 1000.0 / self.um_per_px
        cos, sin = scale * math.cos(self.turn_rad), scale * math.sin(self.turn_rad)
        turn = np.array([[cos, -sin], [sin, cos]])
        middle = np.array([(self.width_px - 1) / 2.0, (self.height_px - 1) / 2.0])
        return np.hstack([turn, (middle - turn @ np.array(self.centre_mm))[:, None]])

    def to_px(self, place_mm: Floats) -> Floats:
        """Places [..., (x, y)] in px of places in mm."""
        matrix = self.matrix()
        return np.asarray(place_mm @ matrix[:, :2].T + matrix[:, 2])

    def seen(self, layer: Layer, grain_um: float) -> Layer:
        """A layer worked out over the patch (from its corner, `grain_um` a step) as the camera sees it."""
        to_mm = np.diag([grain_um / 1000.0] * 2)
        step = np.full(2, grain_um / 2000.0)
        matrix = self.matrix()
        whole = np.hstack([matrix[:, :2] @ to_mm, (matrix[:, :2] @ step + matrix[:, 2])[:, None]])
        size = (self.width_px, self.height_px)
        return np.asarray(cv2.warpAffine(layer, whole, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT))
