"""The skin that two photographs both show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from follicast.measurement.photograph.alignment import Alignment
from follicast.measurement.photograph.sight import Sight

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# How finely areas are summed, mm.
_STEP = 0.025


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two photographs and how they lie on each other; places are in mm of the first."""

    one: Sight
    two: Sight
    alignment: Alignment

    def in_first(self, place_mm: Floats, guard_um: float) -> Flags:
        """Which places [..., (x, y)] the first shows, not nearer than that to its border."""
        return self.one.shows(place_mm, guard_um)

    def in_second(self, place_mm: Floats, guard_um: float) -> Flags:
        """Which places [..., (x, y)] the second shows, not nearer than that to its border."""
        return self.two.shows(self.alignment.to_second(place_mm), guard_um)

    def in_both(self, place_mm: Floats, guard_um: float) -> Flags:
        """Which places [..., (x, y)] both show."""
        return np.asarray(self.in_first(place_mm, guard_um) & self.in_second(place_mm, guard_um))

    def area(self, guard_um: float) -> tuple[float, float]:
        """Area that both show in mm2, and as a share of what the first shows."""
        wide, high = self.one.size_mm
        y, x = np.mgrid[0.5 * _STEP : high : _STEP, 0.5 * _STEP : wide : _STEP]
        place = np.stack([x, y], axis=-1).reshape(-1, 2)
        alone = self.in_first(place, guard_um)
        both = self.in_both(place[alone], guard_um)
        return float(both.sum()) * _STEP**2, float(both.sum() / max(alone.sum(), 1))
