"""A drawn photograph and the truth about every hair on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from follicast.measurement.drawing.patch import Patch
from follicast.measurement.drawing.view import View

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Truth:
    """What is on a photograph, arrays [hair]: every hair that is out of the skin and reaches into the frame.

    Places are in px of the photograph, (x, y), the centre of the first pixel at (0, 0).

    Attributes:
        ident: number of the follicle in its patch: pairs of photographs are matched by it.
        unit: number of its follicular unit.
        root_px: where it leaves the skin.
        tip_px: its end.
        polyline_px: its axis [hair, point, (x, y)], evenly spaced from root to tip.
        width_px: its width along the axis [hair, point].
        root_mm: where it leaves the skin, in the patch.
        width_um: its width along the axis [hair, point].
        diameter_um: its mean width.
        length_um: along the shaft, out of the skin.
        kind: class by diameter, index into `hairs.CLASSES`.
        phase: as in `biology.follicle`.
        growth_um_per_day: growth, 0 when not in anagen.
        eumelanin: concentration at the root.
        inside: the root lies in the frame.
        hidden: share of the part of the axis in the frame that lies under a scale, words or another hair.
        contrast: change of colour from what lies under the shaft to its core, as a share of the level, as it is before
            the camera; below about 0.1 a hair is there but hardly to be seen.
        visible: inside, not hidden, and with some contrast: what a counter should find.
        units_px: places of the follicular units in the frame [unit, (x, y)].
        clippings_px: ends of loose clippings [piece, end, (x, y)], which a counter should not find.
    """

    ident: Ints
    unit: Ints
    root_px: Floats
    tip_px: Floats
    polyline_px: Floats
    width_px: Floats
    root_mm: Floats
    width_um: Floats
    diameter_um: Floats
    length_um: Floats
    kind: Ints
    phase: npt.NDArray[np.int8]
    growth_um_per_day: Floats
    eumelanin: Floats
    inside: npt.NDArray[np.bool_]
    hidden: Floats
    contrast: Floats
    visible: npt.NDArray[np.bool_]
    units_px: Floats
    clippings_px: Floats

    @property
    def count(self) -> int:
        """Number of hairs, those that are not visible included."""
        return int(self.ident.size)

    def within(self, guard_px: float, shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
        """Which hairs have their root inside the frame and not nearer than `guard_px` to its border."""
        height, width = shape
        x, y = self.root_px.T
        return np.asarray(
            (x >= guard_px) & (y >= guard_px) & (x <= width - 1 - guard_px) & (y <= height - 1 - guard_px)
        )


@dataclass(frozen=True, slots=True)
class Photograph:
    """A drawn photograph: RGB [h, w, 3], its scale, what is on it, and how it was made."""

    image: Picture
    um_per_px: float
    truth: Truth
    patch: Patch
    view: View
