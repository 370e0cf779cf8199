"""How many hairs stand on how much skin: what is counted, on which area, and how sure that is.

A guard band along the border is left out: what lies in it is cut by the border, so that roots in it are not
told surely. Print leaves the area, and so do the hairs on it. A root decides where a hair is counted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.measurement.photograph.hair import COUNTS_FROM, SeenHair

Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

GUARD_UM: Final = 150.0
_GUARD_WIDTHS: Final = 2.5
DETECTOR_CV: Final = 0.15
"""Spread of the count about the truth from field to field, as a share, on drawn photographs of dark hair."""
# No count is surer than half a hair.
_ROUNDED: Final = 0.25
REGULARITY: Final = 0.4
"""Units keep their distance: their number varies less from place to place than at random (variance over mean)."""


@dataclass(frozen=True, slots=True)
class Count:
    """Hairs on the counted area.

    Attributes:
        counted: which hairs are counted [hair].
        hairs: expected number of hairs, the sum of what each is worth.
        hairs_se: standard error of the number in this photograph.
        units: number of follicular units.
        area_mm2: area that was read; None without a scale.
        per_cm2: hairs per cm2; None without a scale.
        per_cm2_se: standard error of the density of the site, which another photograph beside this one would also have.
        units_per_cm2: units per cm2; None without a scale.
        hairs_per_unit: mean number of hairs of a unit; None without units.
        hairs_per_unit_se: its standard error.
    """

    counted: Mask
    hairs: float
    hairs_se: float
    units: int
    area_mm2: float | None
    per_cm2: float | None
    per_cm2_se: float | None
    units_per_cm2: float | None
    hairs_per_unit: float | None
    hairs_per_unit_se: float | None


def guard_px(hairs: Sequence[SeenHair], um_per_px: float | None) -> float:
    """Width of the band along the border in which nothing is counted, px."""
    if um_per_px is not None:
        return GUARD_UM / um_per_px
    known = [hair.width_px for hair in hairs if np.isfinite(hair.width_px)]
    return _GUARD_WIDTHS * float(np.median(known or [10.0]))


def counted_area(excluded: Mask, guard: float) -> Mask:
    """The pixels whose roots are counted: inside the guard band and not excluded."""
    band = math.ceil(guard)
    area = np.zeros_like(excluded)
    area[band : max(excluded.shape[0] - band, band), band : max(excluded.shape[1] - band, band)] = True
    return np.asarray(area & ~excluded)


def count_hairs(
    hairs: Sequence[SeenHair], unit: Ints, area: Mask, um_per_px: float | None, *, certain: Mask | None = None
) -> Count:
    """The count, its density, and their errors.

    Args:
        hairs: that were seen.
        unit: number of the unit of each.
        area: pixels that are counted.
        um_per_px: None where the scale is not known: counts only.
        certain: hairs that a person has added, which are worth one each.
    """
    counted = np.array([_on(hair, area) for hair in hairs], np.bool_).reshape(len(hairs))
    worth = np.array([hair.probability for hair in hairs], np.float64).reshape(len(hairs))
    if certain is not None:
        worth = np.where(certain, 1.0, worth)
    seen = worth[counted]
    total = float((seen >= COUNTS_FROM).sum())
    own = total if certain is None else float((counted & ~certain & (worth >= COUNTS_FROM)).sum())
    misread = math.sqrt(float((seen * (1.0 - seen)).sum()) + (DETECTOR_CV * own) ** 2 / max(1.0, own / 60.0) + _ROUNDED)
    counted &= worth >= COUNTS_FROM
    members = np.bincount(unit[counted])[np.unique(unit[counted])] if counted.any() else np.empty(0, np.int64)
    mm2 = None if um_per_px is None else float(area.sum()) * um_per_px**2 / 1e6
    if mm2 is not None and mm2 <= 0.0:
        mm2 = None
    spread = math.sqrt(misread**2 + REGULARITY * float((members**2).sum()))
    per = None if mm2 is None else 100.0 / mm2
    each = float(members.mean()) if members.size else None
    return Count(
        counted,
        total,
        misread,
        int(members.size),
        mm2,
        None if per is None else per * total,
        None if per is None else per * spread,
        None if per is None else per * members.size,
        each,
        float(members.std(ddof=1) / math.sqrt(members.size)) if members.size > 1 else None,
    )


def _on(hair: SeenHair, area: Mask) -> bool:
    x, y = round(hair.root_px[0]), round(hair.root_px[1])
    return 0 <= y < area.shape[0] and 0 <= x < area.shape[1] and bool(area[y, x])
