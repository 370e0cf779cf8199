"""What changed between two visits months apart, on the skin that both photographs show.

The same hairs are compared, so what differs from site to site drops out: the error is that of the hairs that are in one
photograph only, not that of two counts. The interval comes from a bootstrap over follicular units, hair and detector
together; the smallest change that could be told from none is printed beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.measurement.photograph.pair import Pairing, pair_up
from follicast.measurement.photograph.sight import Sight
from follicast.quantities import InputError

Floats = npt.NDArray[np.float64]

LEAST_SHARE: Final = 0.3
"""Share of the earlier field that the later photograph must show."""
LEAST_HAIRS: Final = 15
"""Fewer hairs in the common area than this are not compared."""
DIAMETER_BIAS_UM: Final = 1.0
"""How far the mean diameter of the same hairs differs between two photographs, by focus and light alone."""

_REPLICATES = 2000
# A hair that is gone is taken for overlooked, and the other way: what is left of that, as a share of the count, on 42
# drawn visits of bench/pairs.py.
_TAKEN_FOR_OVERLOOKED = 0.028
# Half of an 80 % interval, in standard errors.
_Z80 = 1.2816
_MM2_PER_CM2 = 100.0


@dataclass(frozen=True, slots=True)
class Difference:
    """A change and what is known of it, in the unit of its name.

    Attributes:
        before: at the earlier visit.
        after: at the later visit.
        change: after minus before, on the same skin.
        low: lower end of the 80 % interval of the change.
        high: upper end.
        detectable: the smallest change that differs from none in 19 of 20 pairs of visits.
    """

    before: float
    after: float
    change: float
    low: float
    high: float
    detectable: float


@dataclass(frozen=True, slots=True)
class Change:
    """What changed between two visits.

    Attributes:
        pairing: of the hairs, the earlier photograph first.
        hairs: hairs in the common area.
        per_cm2: hairs per cm2.
        thickness: cumulative thickness in mm per cm2; None where widths are not known.
        lost: hairs that are gone, as expected number.
        new: hairs that are new, as expected number.
        area_mm2: that is compared.
        share_of_earlier: that area as a share of the earlier field.
    """

    pairing: Pairing = field(repr=False)
    hairs: Difference
    per_cm2: Difference
    thickness: Difference | None
    lost: float
    new: float
    area_mm2: float
    share_of_earlier: float


def changed_between(earlier: Sight, later: Sight, seed: int = 0) -> Change:
    """What changed on the skin that two visits both show?

    Args:
        earlier: photograph of the earlier visit.
        later: photograph of the later visit.
        seed: of the bootstrap.

    Raises:
        InputError: the same site was not found, too little of it is in both, or they are one photograph.
    """
    pairing = pair_up(earlier, later)
    if pairing.share_of_first < LEAST_SHARE:
        raise InputError(
            f"later photograph: shows {100 * pairing.share_of_first:.0f} % of the earlier field; at least "
            f"{100 * LEAST_SHARE:.0f} % is needed to compare."
        )
    matched = np.flatnonzero(pairing.common)
    lost, new = pairing.lost, pairing.new
    if matched.size < LEAST_HAIRS:
        raise InputError(
            f"later photograph: {matched.size} hairs of the earlier are found again; at least {LEAST_HAIRS} are needed."
        )
    both = matched.size + float(lost.overlooked.sum() + new.overlooked.sum())
    before, after = both + float(lost.gone.sum()), both + float(new.gone.sum())
    unit, lost_unit, new_unit = pairing.units()
    number = int(np.concatenate([unit, lost_unit, new_unit]).max()) + 1
    net = np.asarray(np.bincount(new_unit, new.gone, number) - np.bincount(lost_unit, lost.gone, number), np.float64)
    doubt = sum(np.bincount(u, a.gone * (1.0 - a.gone), number) for u, a in ((lost_unit, lost), (new_unit, new)))
    noise = math.sqrt(float(np.sum(doubt)) + _unseen(pairing) + (_TAKEN_FOR_OVERLOOKED * both) ** 2)
    change, spread, error = _resampled(net, noise, seed)
    hairs = _difference(before, after, change, spread, error)
    density = _scaled(hairs, _MM2_PER_CM2 / pairing.area_mm2)
    thickness = _thickness(pairing, matched, number, (unit, lost_unit, new_unit), noise, seed)
    return Change(
        pairing=pairing,
        hairs=hairs,
        per_cm2=density,
        thickness=thickness,
        lost=float(lost.gone.sum()),
        new=float(new.gone.sum()),
        area_mm2=pairing.area_mm2,
        share_of_earlier=pairing.share_of_first,
    )


def _unseen(pairing: Pairing) -> float:
    """Variance from hairs that both photographs could have overlooked or mistaken: never less than half a hair."""
    return 0.25 + 0.5 * float((pairing.lost.false * (1.0 - pairing.lost.false)).sum()) / 4.0


def _resampled(net: Floats, noise: float, seed: int) -> tuple[float, float, float]:
    """Change, its standard deviation by bootstrap over units with the doubt about each hair, and the doubt alone."""
    dice = np.random.default_rng([seed, 7])
    pick = dice.integers(0, net.size, (_REPLICATES, net.size))
    drawn = net[pick].sum(axis=1) + noise * dice.standard_normal(_REPLICATES)
    return float(net.sum()), float(drawn.std()), noise


def _difference(before: float, after: float, change: float, spread: float, error: float) -> Difference:
    return Difference(before, after, change, change - _Z80 * spread, change + _Z80 * spread, 1.96 * error)


def _scaled(found: Difference, by: float) -> Difference:
    values = (found.before, found.after, found.change, found.low, found.high, found.detectable)
    return Difference(*(by * value for value in values))


def _thickness(
    pairing: Pairing,
    matched: npt.NDArray[np.int64],
    number: int,
    units: tuple[npt.NDArray[np.int64], ...],
    noise: float,
    seed: int,
) -> Difference | None:
    """Change of cumulative thickness, mm per cm2: hairs that stay by their widths, the others by theirs."""
    one, two = pairing.one.widths_um, pairing.two.widths_um * pairing.alignment.scale
    before, after = one[pairing.first[matched]], two[pairing.second[matched]]
    known = np.isfinite(before) & np.isfinite(after)
    if known.sum() < LEAST_HAIRS:
        return None
    typical = float(np.median(before[known])), float(np.median(after[known]))
    before, after = np.where(known, before, typical[0]), np.where(known, after, typical[1])
    gone, came = one[pairing.lost.rows], two[pairing.new.rows]
    gone = np.where(np.isfinite(gone), gone, typical[0]) * pairing.lost.gone
    came = np.where(np.isfinite(came), came, typical[1]) * pairing.new.gone
    unit, lost_unit, new_unit = units
    stayed, added, taken = (
        np.bincount(u, um, number) for u, um in ((unit, after - before), (new_unit, came), (lost_unit, gone))
    )
    net = np.asarray(stayed + added - taken, np.float64)
    # Widths are biased alike in one photograph: a blur makes every hair wider.
    bias = DIAMETER_BIAS_UM * matched.size
    jitter = float(np.std((after - before)[known])) * math.sqrt(matched.size)
    error = math.hypot(noise * typical[0], bias, jitter)
    change, spread, _ = _resampled(net, math.hypot(noise * typical[0], bias), seed)
    overlooked = float(pairing.lost.overlooked.sum() + pairing.new.overlooked.sum()) * typical[0]
    start = float(before.sum() + gone.sum()) + overlooked
    found = _difference(start, start + change, change, spread, error)
    return _scaled(found, 1e-3 * _MM2_PER_CM2 / pairing.area_mm2)
