"""One photograph with the hairs seen in it, on a scale of millimetres: what two photographs are compared by."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from follicast.measurement.photograph.hair import SeenHair
from follicast.quantities import InputError

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Sight:
    """A photograph and what was seen in it.

    Places in mm are px times the scale, from the centre of the first pixel, x to the right and y downwards.

    Attributes:
        image: red, green and blue [h, w, 3].
        um_per_px: its scale.
        hairs: seen in it.
        diameters_um: measured diameter of each [hair], NaN where none could be; None takes the width that it has for
            the detector.
        hidden: pixels that nothing is counted in [h, w]: words, glare, ink; None for none.
    """

    image: Picture
    um_per_px: float
    hairs: tuple[SeenHair, ...]
    diameters_um: Floats | None = field(default=None, repr=False)
    hidden: Flags | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Refuses what cannot be a photograph with a scale."""
        if not (np.isfinite(self.um_per_px) and self.um_per_px > 0.0):
            raise InputError(f"um per px: found {self.um_per_px:g}; allowed: more than 0")

    @property
    def count(self) -> int:
        """Number of hairs."""
        return len(self.hairs)

    @property
    def ends_mm(self) -> Floats:
        """Roots and tips [hair, (root, tip), (x, y)]."""
        ends = [(hair.root_px, hair.tip_px) for hair in self.hairs]
        return np.array(ends, np.float64).reshape(-1, 2, 2) * (self.um_per_px / 1000.0)

    @property
    def slack(self) -> Floats:
        """How much longer each axis is than the straight line between its ends [hair], 1 or more."""
        straight = [float(np.hypot(*np.subtract(h.tip_px, h.root_px))) for h in self.hairs]
        return np.array([max(1.0, h.length_px / max(s, 1e-6)) for h, s in zip(self.hairs, straight, strict=True)])

    @property
    def probability(self) -> Floats:
        """That each is a hair [hair]."""
        return np.array([hair.probability for hair in self.hairs], np.float64)

    @property
    def root_certain(self) -> Floats:
        """That the root of each is not its tip [hair]."""
        return np.array([hair.root_certain for hair in self.hairs], np.float64)

    @property
    def widths_um(self) -> Floats:
        """Diameters as measured, or else as the detector saw them [hair]; NaN where neither is known."""
        seen = np.array([hair.width_px for hair in self.hairs], np.float64) * self.um_per_px
        return seen if self.diameters_um is None else np.asarray(self.diameters_um, np.float64)

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height."""
        height, width = self.image.shape[:2]
        return width * self.um_per_px / 1000.0, height * self.um_per_px / 1000.0

    def shows(self, place_mm: Floats, guard_um: float) -> Flags:
        """Which places [..., (x, y)] lie in the photograph, not hidden, and so far from its border."""
        height, width = self.image.shape[:2]
        px, guard = place_mm * (1000.0 / self.um_per_px), guard_um / self.um_per_px
        inside = np.all((px >= guard) & (px <= np.array([width - 1, height - 1]) - guard), axis=-1)
        if self.hidden is None:
            return np.asarray(inside)
        x, y = (np.clip(np.rint(px[..., k]).astype(np.int64), 0, top - 1) for k, top in ((0, width), (1, height)))
        return np.asarray(inside & ~self.hidden[y, x])
