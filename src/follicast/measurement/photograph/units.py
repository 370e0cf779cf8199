"""Which hairs come out of the skin together: follicular units, by how near their roots lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage

from follicast.measurement.photograph.hair import SeenHair

Ints = npt.NDArray[np.int64]

UNIT_UM: Final = 340.0
"""Roots of one unit lie this near to one another on average: neighbours 50 to 250 um apart, outer ones farther."""
# Where the scale is not known: the same in widths of a usual hair.
_UNIT_WIDTHS: Final = 5.0


def units_of(hairs: Sequence[SeenHair], um_per_px: float | None) -> Ints:
    """The number of the unit of each hair, from 0.

    Args:
        hairs: that were seen.
        um_per_px: None where the scale is not known; then the width of the hairs is the measure.
    """
    if len(hairs) < 2:
        return np.zeros(len(hairs), np.int64)
    if um_per_px is None:
        known = [hair.width_px for hair in hairs if np.isfinite(hair.width_px)]
        reach = _UNIT_WIDTHS * float(np.median(known or [10.0]))
    else:
        reach = UNIT_UM / um_per_px
    roots = np.array([hair.root_px for hair in hairs])
    number = fcluster(linkage(roots, "average"), reach, "distance")
    _, first, unit = np.unique(number, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first))
    return np.asarray(order[unit], np.int64)
