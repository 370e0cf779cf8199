"""A hair seen in a photograph, whoever saw it: a detector, a person who corrects, or the truth of a drawing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

COUNTS_FROM: Final = 0.25
"""Probability from which a hair is counted: on labelled photographs as many are invented above as are missed below."""


@dataclass(frozen=True, slots=True)
class SeenHair:
    """A hair as it was seen; places in px (x, y), the centre of the first pixel at (0, 0), as in drawn photographs.

    Attributes:
        root_px: where it leaves the skin.
        tip_px: its other end.
        path_px: its axis [point, (x, y)] from root to tip.
        width_px: how wide it looks; NaN where that is not known.
        probability: that a careful human would mark it as a hair, 0 to 1.
        root_certain: probability that the root is the root and not the tip.
    """

    root_px: tuple[float, float]
    tip_px: tuple[float, float]
    path_px: FloatArray
    width_px: float
    probability: float
    root_certain: float

    @property
    def length_px(self) -> float:
        """Length along the axis."""
        return float(np.hypot(*np.diff(self.path_px, axis=0).T).sum())

    @property
    def direction_deg(self) -> float:
        """Direction from root to tip, degrees from -180 to 180: 0 to the right, 90 downwards."""
        return math.degrees(math.atan2(self.tip_px[1] - self.root_px[1], self.tip_px[0] - self.root_px[0]))
