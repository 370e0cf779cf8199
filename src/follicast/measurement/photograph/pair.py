"""Which hair of one photograph is which hair of another photograph of the same skin, and which are in one only.

pairing = pair_up(first, second, days=2.0)     taken two days apart, clipped before the first only
pairing = pair_up(first, second)               taken months apart, clipped before each
pairing.first, pairing.second                  rows of the hairs seen in both
pairing.lost.rows, pairing.lost.gone           hairs of the first that the second lacks: probability that they are gone
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage

from follicast.measurement.photograph.alignment import Alignment, align
from follicast.measurement.photograph.fate import Alone, Side, fates
from follicast.measurement.photograph.matching import TURNS, assigned, log_odds
from follicast.measurement.photograph.overlap import Overlap
from follicast.measurement.photograph.same_picture import refuse_copy, refuse_identical
from follicast.measurement.photograph.sight import Sight

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

GUARD_UM: Final = 100.0
"""Hairs whose root lies nearer to a border of either photograph are not compared."""

# A tip so near to a border may go on beyond it, um; roots so near to one another are of one unit, mm.
_TIP_UM, _UNIT_MM = 15.0, 0.30
# Length that every hair has after a clip, um, whatever it had before: only so much of it is looked for again.
_CLIPPED_UM = 180.0


@dataclass(frozen=True, slots=True)
class Pairing:
    """The hairs of two photographs, one to one. Places are in mm of the first photograph.

    Attributes:
        one: the first photograph.
        two: the second.
        alignment: of the second on the first.
        first: rows of the hairs of the first that were found again [pair].
        second: their rows in the second [pair].
        turned: whether the tip was taken for the root, in the first and in the second [pair, 2].
        probability: that the two are one hair [pair].
        root_mm: their common root [pair, (x, y)].
        common: which lie in the area that both photographs show, its guard band left out [pair].
        lengths_um: in the first and in the second, from the common root, on the scale of the first [pair, 2].
        cut_off: the tip may lie outside of the first photograph, of the second [pair, 2].
        lost: hairs of the first that have none in the second.
        new: hairs of the second that have none in the first.
        area_mm2: of the skin that both show, guard band left out.
        share_of_first: that area as a share of the same area of the first alone.
    """

    one: Sight = field(repr=False)
    two: Sight = field(repr=False)
    alignment: Alignment
    first: Ints = field(repr=False)
    second: Ints = field(repr=False)
    turned: Flags = field(repr=False)
    probability: Floats = field(repr=False)
    root_mm: Floats = field(repr=False)
    common: Flags = field(repr=False)
    lengths_um: Floats = field(repr=False)
    cut_off: Flags = field(repr=False)
    lost: Alone
    new: Alone
    area_mm2: float
    share_of_first: float

    @property
    def lost_mm(self) -> Floats:
        """Roots of the lost hairs [hair, (x, y)]."""
        return np.asarray(self.one.ends_mm[self.lost.rows, 0])

    @property
    def new_mm(self) -> Floats:
        """Roots of the new hairs [hair, (x, y)]."""
        return self.alignment.to_first(self.two.ends_mm[self.new.rows, 0])

    def units(self) -> tuple[Ints, Ints, Ints]:
        """Numbers of the follicular units of the common pairs, the lost and the new hairs; near hairs share one."""
        places = [self.root_mm[self.common], self.lost_mm, self.new_mm]
        together = np.concatenate(places)
        unit = np.zeros(len(together), np.int64)
        if len(together) > 1:
            unit = fcluster(linkage(together, "single"), _UNIT_MM, "distance").astype(np.int64) - 1
        ends = np.cumsum([len(p) for p in places])
        return unit[: ends[0]], unit[ends[0] : ends[1]], unit[ends[1] :]


def pair_up(first: Sight, second: Sight, days: float | None = None) -> Pairing:
    """Which hairs of two photographs are the same, and what became of the others?

    Args:
        first: the earlier photograph.
        second: the later one.
        days: between them, if the hair was clipped before the first only, so that none can have become much shorter.

    Raises:
        InputError: they do not show one site, the second is mirrored, or they are copies of one photograph.
    """
    refuse_identical(first.image, second.image)
    alignment = align(first, second)
    refuse_copy(first.image, second.image, alignment, (first.um_per_px, second.um_per_px))
    ends, others = first.ends_mm, alignment.to_first(second.ends_mm)
    gain, how = log_odds(first, second, ends, others, alignment.error_um, days)
    rows, columns = assigned(gain)
    turned = np.array([TURNS[k] for k in how[rows, columns]], np.bool_).reshape(-1, 2)
    one, two = _upright(ends[rows], turned[:, 0]), _upright(others[columns], turned[:, 1])
    root = 0.5 * (one[:, 0] + two[:, 0])
    overlap = Overlap(first, second, alignment)
    cut_off = [~overlap.in_first(one[:, 1], _TIP_UM), ~overlap.in_second(two[:, 1], _TIP_UM)]
    lengths = [_length(e, root, s.slack[r]) for e, s, r in ((one, first, rows), (two, second, columns))]
    lost, new = _alone(overlap, rows, columns, days)
    area, share = overlap.area(GUARD_UM)
    return Pairing(
        one=first,
        two=second,
        alignment=alignment,
        first=rows,
        second=columns,
        turned=turned,
        probability=1.0 / (1.0 + np.exp(-np.minimum(gain[rows, columns], 30.0))),
        root_mm=root,
        common=overlap.in_both(root, GUARD_UM),
        lengths_um=np.stack(lengths, axis=1),
        cut_off=np.stack(cut_off, axis=1),
        lost=lost,
        new=new,
        area_mm2=area,
        share_of_first=share,
    )


def _upright(ends: Floats, turned: Flags) -> Floats:
    return np.where(turned[:, None, None], ends[:, ::-1], ends)


def _length(ends: Floats, root: Floats, slack: Floats) -> Floats:
    """Length from the common root, um: along the axis, which is a little longer than the straight line."""
    return np.asarray(1000.0 * slack * np.hypot(*(ends[:, 1] - root).T))


def _alone(overlap: Overlap, rows: Ints, columns: Ints, days: float | None) -> tuple[Alone, Alone]:
    """What became of the hairs of each photograph that were not found in the other."""
    first, second, alignment = overlap.one, overlap.two, overlap.alignment
    told = []
    for own, other, ends, here, there in (
        (first, second, alignment.to_second(first.ends_mm), rows, columns),
        (second, first, alignment.to_first(second.ends_mm), columns, rows),
    ):
        place = own.ends_mm[:, 0] if own is first else ends[:, 0]
        alone = np.setdiff1d(np.flatnonzero(overlap.in_both(place, GUARD_UM)), here)
        match = np.full(own.count, -1)
        match[here] = there
        length = 1000.0 * np.hypot(*(ends[:, 1] - ends[:, 0]).T)
        # What is long in the second may have grown, or have been clipped less: in the first it was short.
        if days is None or own is second:
            length = np.minimum(length, _CLIPPED_UM)
        told.append(fates(Side(own, other, ends, length, match, np.asarray(alone, np.int64)), days))
    return told[0], told[1]
