"""Which hairs grew between two photographs a few days apart: growth of each, and the share in anagen.

The hair is clipped before the first photograph and not again before the second. A hair in anagen is longer in the
second; one in telogen is not, or is shed. How much longer is measured with error, so each hair has a probability, and
hairs for which it is neither high nor low are counted as undecided.

Lengths are those in the plane of the picture. A shaft that leaves the skin at an angle grows faster than is seen, by
1 / cos of the angle; it cannot be known from above. The share in anagen does not depend on it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from follicast.knowledge.load import parameters
from follicast.measurement.photograph.pair import Pairing, pair_up
from follicast.measurement.photograph.sight import Sight
from follicast.quantities import InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DAYS: Final = (0.5, 10.0)
"""Days between the two photographs that are allowed: less shows no growth, more hides roots under long hair."""
LEAST_PAIRS: Final = 10
"""Fewer hairs seen in both than this give no share."""
LEAST_SHARE: Final = 0.3
"""Share of the first photograph's field that the second must show."""
UNDECIDED: Final = (0.1, 0.9)
"""Between these probabilities of anagen a hair is undecided."""

# Error of a difference of two lengths, um: what is believed before, and within which ends it is learned.
_ERROR_UM, _ERROR_ENDS, _ERROR_WORTH = 35.0, (15.0, 70.0), 10.0
# Growth of hairs in anagen against what is usual at their width: spread, and the ends of the person's own factor.
_SPREAD, _FACTOR_ENDS = 0.22, (0.2, 3.0)
# Badly seen tips: their share, and the range over which their growth is spread, um a day.
_BAD, _BAD_RANGE = 0.10, 1200.0
_USUAL_UM, _PRIOR_ANAGEN, _PRIOR_WORTH = 65.0, 0.85, 4.0
_REPLICATES = 2000
# Share of the hairs that is not seen in the first photograph, and how far their share in anagen may differ from that of
# the others, as a standard deviation; an assumption, so that an interval holds what no photograph showed.
_UNSEEN, _UNSEEN_SPREAD = 0.15, 0.25
# Half of an 80 % interval, in standard errors.
_Z80 = 1.2816


@dataclass(frozen=True, slots=True)
class Growth:
    """Growth between two photographs, hair by hair and of the site.

    Attributes:
        pairing: of the hairs.
        days: between the photographs.
        rows: of the pairs in the common area [hair].
        um_per_day: growth in the plane of the picture [hair]; NaN where a tip lies outside of a photograph.
        error_um_per_day: its standard error, the same for all.
        anagen: probability that each is in anagen [hair].
        share: of the first photograph's hairs that are in anagen.
        share_low: lower end of its 80 % interval.
        share_high: upper end.
        undecided: share of hairs that are neither surely in anagen nor surely not.
        hairs: how many hairs of the first photograph the share is of.
        shed: how many of them are gone in the second, as expected number.
        emerged: how many are new in the second, as expected number.
        mean_um_per_day: growth of the hairs in anagen.
        mean_error_um_per_day: its standard error.
    """

    pairing: Pairing = field(repr=False)
    days: float
    rows: Ints = field(repr=False)
    um_per_day: Floats = field(repr=False)
    error_um_per_day: float
    anagen: Floats = field(repr=False)
    share: float
    share_low: float
    share_high: float
    undecided: float
    hairs: float
    shed: float
    emerged: float
    mean_um_per_day: float
    mean_error_um_per_day: float


def grown_between(first: Sight, second: Sight, days: float, seed: int = 0) -> Growth:
    """How much did each hair grow between two photographs, and which share is in anagen?

    Args:
        first: just after the clip.
        second: the same site some days later, not clipped again.
        days: between them.
        seed: of the bootstrap of the interval.

    Raises:
        InputError: days is out of range, the photographs are not two of one site, too few hairs are in both, or what
            grew cannot be growth: the hair was clipped in between, the order or the days are wrong.
    """
    if not DAYS[0] <= days <= DAYS[1]:
        raise InputError(f"days: found {days:g}; allowed: {DAYS[0]:g} to {DAYS[1]:g} between the two photographs")
    pairing = pair_up(first, second, days)
    if pairing.share_of_first < LEAST_SHARE:
        raise InputError(
            f"second photograph: shows {100 * pairing.share_of_first:.0f} % of the first; at least "
            f"{100 * LEAST_SHARE:.0f} % is needed."
        )
    rows = np.flatnonzero(pairing.common)
    whole = ~pairing.cut_off[rows].any(axis=1)
    if whole.sum() < LEAST_PAIRS:
        raise InputError(
            f"second photograph: {whole.sum()} hairs are seen whole in both; at least {LEAST_PAIRS} are needed."
        )
    rate = np.diff(pairing.lengths_um[rows], axis=1)[:, 0] / days
    usual = _usual_growth(pairing, rows)
    fit = _mixture(rate[whole], usual[whole], days)
    anagen = fit.anagen(rate, usual, pairing.cut_off[rows])
    _check(rate[whole], anagen[whole], days)
    share, undecided = _shares(pairing, rows, anagen, seed)
    grew = whole & (anagen > 0.5)
    mean = float(np.median(rate[grew]))
    spread = 1.2533 * float(np.std(rate[grew])) / math.sqrt(max(int(grew.sum()), 1))
    return Growth(
        pairing=pairing,
        days=days,
        rows=np.asarray(rows, np.int64),
        um_per_day=np.where(whole, rate, np.nan),
        error_um_per_day=fit.error,
        anagen=anagen,
        share=share[0],
        share_low=share[1],
        share_high=share[2],
        undecided=undecided,
        hairs=float(rows.size + pairing.lost.real.sum()),
        shed=float(pairing.lost.gone.sum()),
        emerged=float(pairing.new.gone.sum()),
        mean_um_per_day=mean,
        mean_error_um_per_day=spread,
    )


def _usual_growth(pairing: Pairing, rows: Ints) -> Floats:
    """Usual growth of hairs as wide as these, um a day [hair]."""
    widths = np.stack([pairing.one.widths_um[pairing.first[rows]], pairing.two.widths_um[pairing.second[rows]]])
    known = np.isfinite(widths)
    mean = np.where(known, widths, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    middle = float(np.median(mean[known.any(axis=0)])) if known.any() else _USUAL_UM
    um = np.clip(np.where(known.any(axis=0), mean, middle), 15.0, 130.0)
    numbers = parameters()
    return np.asarray(1000.0 * (numbers["growth.intercept"].value + numbers["growth.slope"].value * um))


@dataclass(frozen=True, slots=True)
class _Mixture:
    """Two kinds of hair: those that do not grow and those that grow as is usual at their width, times a factor."""

    share: float
    factor: float
    error: float

    def likelihoods(self, rate: Floats, usual: Floats) -> tuple[Floats, Floats, Floats]:
        """Of growth as measured: in anagen, not in anagen, and the spread of the former; a few are badly seen."""
        own = np.hypot(self.error, _SPREAD * self.factor * usual)
        bad = _BAD / _BAD_RANGE
        grew = (1.0 - _BAD) * norm.pdf(rate, self.factor * usual, own) + bad
        rest = (1.0 - _BAD) * norm.pdf(rate, 0.0, self.error) + bad
        return grew, rest, own

    def anagen(self, rate: Floats, usual: Floats, cut_off: npt.NDArray[np.bool_]) -> Floats:
        """Probability of anagen [hair]; a tip outside of the second photograph grew at least so far."""
        grew, rest, own = self.likelihoods(rate, usual)
        least, all_rest = norm.sf(rate, self.factor * usual, own) + _BAD, norm.sf(rate, 0.0, self.error) + _BAD
        grew, rest = np.where(cut_off[:, 1], least, grew), np.where(cut_off[:, 1], all_rest, rest)
        grew, rest = np.where(cut_off[:, 0], 1.0, grew), np.where(cut_off[:, 0], 1.0, rest)
        return np.asarray(self.share * grew / (self.share * grew + (1.0 - self.share) * rest))


def _mixture(rate: Floats, usual: Floats, days: float) -> _Mixture:
    """The two kinds as these hairs show them, by expectation and maximisation; the error is um a day."""
    believed = _ERROR_UM / days
    fit = _Mixture(_PRIOR_ANAGEN, float(np.clip(np.quantile(rate / usual, 0.7), *_FACTOR_ENDS)), believed)
    bad = _BAD / _BAD_RANGE
    for _ in range(100):
        grew, rest, own = fit.likelihoods(rate, usual)
        anagen = fit.share * grew / (fit.share * grew + (1.0 - fit.share) * rest)
        good = anagen * (1.0 - bad / grew) / own**2
        still = (1.0 - anagen) * (1.0 - bad / rest)
        square = ((still * rate**2).sum() + _ERROR_WORTH * believed**2) / (still.sum() + _ERROR_WORTH)
        fit = _Mixture(
            float((anagen.sum() + _PRIOR_WORTH * _PRIOR_ANAGEN) / (rate.size + _PRIOR_WORTH)),
            float(np.clip((good * rate * usual).sum() / max((good * usual**2).sum(), 1e-12), *_FACTOR_ENDS)),
            float(np.clip(math.sqrt(square), _ERROR_ENDS[0] / days, _ERROR_ENDS[1] / days)),
        )
    return fit


def _check(rate: Floats, anagen: Floats, days: float) -> None:
    """Refuses growth that no hair has."""
    middle = float(np.median(rate))
    if anagen.mean() < 0.25 or middle < 15.0:
        raise InputError(
            f"second photograph: hardly any hair grew in {days:g} days; the order is wrong, the hair was clipped in "
            "between, or the days are wrong."
        )
    if float(np.median(rate[anagen > 0.5])) > 750.0:
        raise InputError(
            f"days: found {days:g}; the hairs grew {middle:.0f} um a day, which none does; the days are wrong."
        )


def _shares(pairing: Pairing, rows: Ints, anagen: Floats, seed: int) -> tuple[tuple[float, float, float], float]:
    """Share in anagen with its interval, by bootstrap over units, and the undecided share.

    A hair that is gone in the second was not in anagen; one that was overlooked is as the others are.
    """
    pair_unit, lost_unit, _ = pairing.units()
    inside = np.full(pairing.first.size, -1)
    inside[pairing.common] = pair_unit
    lost = pairing.lost
    whole = np.concatenate([inside[rows], lost_unit])
    number = int(whole.max()) + 1
    grew = np.bincount(inside[rows], anagen, number)
    seen = np.bincount(inside[rows], minlength=number).astype(np.float64)
    shed = np.bincount(lost_unit, lost.gone, number)
    doubt = np.bincount(inside[rows], anagen * (1.0 - anagen), number)
    used = np.flatnonzero(np.bincount(whole, minlength=number))
    share = float(grew.sum() / (seen.sum() + shed.sum()))
    dice = np.random.default_rng([seed, 5])
    pick = dice.choice(used, (_REPLICATES, used.size))
    total = np.maximum((seen + shed)[pick].sum(axis=1), 1.0)
    drawn = (grew[pick].sum(axis=1) + np.sqrt(doubt[pick].sum(axis=1)) * dice.standard_normal(_REPLICATES)) / total
    # A bootstrap of hairs that all grow has no spread; one hair more and one less of each kind gives it one.
    hairs = float(seen.sum() + shed.sum())
    floor = math.sqrt((share * hairs + 1.0) * ((1.0 - share) * hairs + 1.0) / (hairs + 2.0) ** 3)
    spread = math.hypot(max(float(drawn.std()), floor), _UNSEEN * _UNSEEN_SPREAD)
    between = (anagen > UNDECIDED[0]) & (anagen < UNDECIDED[1])
    undecided = float((between.sum() + lost.overlooked.sum()) / max(rows.size + lost.real.sum(), 1.0))
    low, high = max(0.0, share - _Z80 * spread), min(1.0, share + _Z80 * spread)
    return (share, low, high), undecided
