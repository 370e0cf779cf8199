"""What each instrument would read of simulated hairs: counts, shares, diameters, weight, sheds, coverage.

A trial or a clinic never sees a follicle, only a reading. Readings are computed per person, site and day without error;
`error_sd` says how far a real reading of that kind lies from it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from numba import prange

from follicast.biology.compiled import compiled
from follicast.biology.follicle import ANAGEN, GROWTH_INTERCEPT, GROWTH_SLOPE, KENOGEN, TELOGEN
from follicast.biology.scalp import Site
from follicast.biology.simulate import Course, Follicles
from follicast.knowledge.number import Number

Floats = npt.NDArray[np.float64]

# A hair is miniaturised when its follicle is below this share of its own healthy size.
MINIATURISED: Final = 0.7
# Keratin fibre, mg per mm3: Robbins, Chemical and Physical Behavior of Human Hair (1.32 g/cm3).
KERATIN_MG_PER_MM3: Final = 1.32
# Growth at which a phototrichogram misreads as it does in healthy Caucasian scalp: Loussouarn 2005, 367 um a day.
USUAL_MM_PER_DAY: Final = 0.367
# Slow hairs are taken for resting ones in proportion to 1 / speed, up to this share: healthy telogen is read as
# 12, 13 and 16 % at 411, 367 and 270 um a day, against 7 to 8 % in histology (facts.csv F5 to F7).
MOST_MISREAD: Final = 0.9

_SUMS: Final = tuple(
    "cycling hairs over30 over40 over60 diameter cover weight anagen kenogen telogen small starts sheds "
    "diameter30 diameter40 slow".split()
)
_CYCLING, _HAIRS, _OVER30, _OVER40, _OVER60, _DIAMETER, _COVER, _WEIGHT, _ANAGEN, _KENOGEN = range(10)
_TELOGEN, _SMALL, _STARTS, _SHEDS, _DIAMETER30, _DIAMETER40, _SLOW = range(10, 17)


@dataclass(frozen=True)
class Readings:
    """Readings without error; every array is [day, person, site].

    Densities are hairs per cm2 of skin: `total` counts every shaft out of the skin; `nonvellus` those of 30 um and
    more, `nonvellus40` of 40 um and more, `terminal` of 60 um and more. `follicles` counts cycling follicles per cm2.
    `mean_diameter` is in um over all hairs, `nonvellus_diameter` and `nonvellus40_diameter` over those counts.
    `anagen_share` is that of hairs seen by eye of a phototrichogram that misreads none, `telogen_share` likewise;
    `slowness` is the mean over anagen hairs of usual growth / own growth, which misreading goes by;
    `kenogen_share` and `miniaturised_share` are of cycling follicles. `ttcc` is the time to complete coverage in days.
    `thickness` is cumulative thickness in mm/cm2, `weight` the mass grown a day in mg/cm2. `sheds` and `starts` are per
    cm2 and day since the day before in the list (since day 0 for the first).
    """

    days: Floats
    sites: tuple[Site, ...]
    follicles: Floats
    total: Floats
    nonvellus: Floats
    nonvellus40: Floats
    terminal: Floats
    mean_diameter: Floats
    nonvellus_diameter: Floats
    nonvellus40_diameter: Floats
    anagen_share: Floats
    slowness: Floats
    telogen_share: Floats
    kenogen_share: Floats
    miniaturised_share: Floats
    thickness: Floats
    ttcc: Floats
    weight: Floats
    sheds: Floats
    starts: Floats

    def take(self, people: npt.NDArray[np.int64]) -> Readings:
        """Readings of those people only, in that order."""
        return self._mapped(lambda a: a[:, people])

    def _mapped(self, change: Any) -> Readings:
        fixed = ("days", "sites")
        fields = {k: getattr(self, k) if k in fixed else change(getattr(self, k)) for k in self.__dataclass_fields__}
        return Readings(**fields)

    @classmethod
    def joined(cls, parts: Sequence[Readings]) -> Readings:
        """Readings of several groups of people, one after the other."""
        first = parts[0]
        names = [k for k in cls.__dataclass_fields__ if k not in ("days", "sites")]
        arrays = {k: np.concatenate([getattr(p, k) for p in parts], axis=1) for k in names}
        return cls(days=first.days, sites=first.sites, **arrays)


@compiled(parallel=True)
def _tally(
    phase: Any, diameter: Any, size: Any, starts: Any, sheds: Any, person: Any, site: Any, rates: Any, out: Any
) -> None:
    for d in prange(phase.shape[0]):
        for i in range(phase.shape[1]):
            p = person[i]
            sums = out[d, p, site[i]]
            sums[_STARTS] += starts[d, i]
            sums[_SHEDS] += sheds[d, i]
            kind = phase[d, i]
            if kind > KENOGEN:
                continue
            sums[_CYCLING] += 1.0
            if size[d, i] < MINIATURISED:
                sums[_SMALL] += 1.0
            if kind == KENOGEN:
                sums[_KENOGEN] += 1.0
            um = diameter[d, i]
            if um <= 0.0:
                continue
            sums[_HAIRS] += 1.0
            sums[_DIAMETER] += um
            if um >= 30.0:
                sums[_OVER30] += 1.0
                sums[_DIAMETER30] += um
            if um >= 40.0:
                sums[_OVER40] += 1.0
                sums[_DIAMETER40] += um
            if um >= 60.0:
                sums[_OVER60] += 1.0
            mm = 1e-3 * um
            speed = rates[p, GROWTH_INTERCEPT] + rates[p, GROWTH_SLOPE] * um
            sums[_COVER] += mm * speed
            if kind == ANAGEN:
                sums[_ANAGEN] += 1.0
                sums[_SLOW] += USUAL_MM_PER_DAY / speed
                sums[_WEIGHT] += 0.25 * math.pi * mm * mm * speed * KERATIN_MG_PER_MM3
            elif kind == TELOGEN:
                sums[_TELOGEN] += 1.0


def _share(part: Floats, whole: Floats) -> Floats:
    """Ratio of part to whole, 0 where there is nothing to share."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0.0)


def _daily(counts: Floats, days: Floats) -> Floats:
    """Counts since day 0 turned into rates a day since the day before in the list."""
    steps = np.diff(days, prepend=0.0)
    return np.diff(counts, axis=0, prepend=0.0) / np.maximum(steps, 1.0)[:, None, None]


def read(course: Course, follicles: Follicles, rates: Floats, sites: Sequence[Site]) -> Readings:
    """What do the instruments read, day by day, person by person, site by site?

    Args:
        course: from `simulate`.
        follicles: the same follicles.
        rates: [person, RATES].
        sites: the sites they were placed on.

    Returns:
        Readings without error.
    """
    people = rates.shape[0]
    sums = np.zeros((course.days.size, people, len(sites), len(_SUMS)))
    _tally(
        course.phase,
        course.diameter_um,
        course.size,
        course.starts,
        course.sheds,
        follicles.person,
        follicles.site,
        rates,
        sums,
    )
    per_cm2 = sums / np.array([site.area_cm2 for site in sites])[None, None, :, None]
    column = dict(zip(_SUMS, np.moveaxis(per_cm2, -1, 0), strict=True))
    cover = column["cover"]
    return Readings(
        days=course.days,
        sites=tuple(sites),
        follicles=column["cycling"],
        total=column["hairs"],
        nonvellus=column["over30"],
        nonvellus40=column["over40"],
        terminal=column["over60"],
        mean_diameter=_share(column["diameter"], column["hairs"]),
        nonvellus_diameter=_share(column["diameter30"], column["over30"]),
        nonvellus40_diameter=_share(column["diameter40"], column["over40"]),
        anagen_share=_share(column["anagen"], column["hairs"]),
        slowness=_share(column["slow"], column["anagen"]),
        telogen_share=_share(column["telogen"], column["hairs"]),
        kenogen_share=_share(column["kenogen"], column["cycling"]),
        miniaturised_share=_share(column["small"], column["cycling"]),
        thickness=1e-3 * column["diameter"],
        ttcc=np.divide(100.0, cover, out=np.full_like(cover, np.inf), where=cover > 0.0),
        weight=column["weight"],
        sheds=_daily(column["sheds"], course.days),
        starts=_daily(column["starts"], course.days),
    )


def mean_rate(rate: Floats, days: Floats, first: float, last: float) -> Floats:
    """Mean of a daily rate from one day of the list to a later one; 0 where no day lies between.

    Args:
        rate: [day, ...], each since the day before in the list, as `Readings.sheds`.
        days: the list.
        first: day on which the mean begins, one of the list.
        last: day on which it ends.

    Returns:
        The mean rate [...].
    """
    inside = (days > first) & (days <= last)
    steps = np.diff(days, prepend=0.0)[inside]
    return np.asarray(np.einsum("d,d...->...", steps, rate[inside]) / max(float(steps.sum()), 1.0))


def phototrichogram_anagen(true_share: Floats, slowness: Floats, slow_misread: Floats) -> Floats:
    """Anagen share as a phototrichogram reads it: some anagen hairs, the slow ones above all, are taken for telogen.

    Args:
        true_share: [..., person, site].
        slowness: of the anagen hairs, same shape.
        slow_misread: share misread at the usual growth, by person.

    Returns:
        Shares as read, same shape.
    """
    return np.asarray(true_share * (1.0 - np.minimum(MOST_MISREAD, slowness * slow_misread[:, None])))


def coverage_score(ttcc: Floats, intercept: Number, slope: Number, full: Number) -> Floats:
    """Scalp coverage score in % from the time to complete coverage in days, limited to 0 to full.

    Source: Van Neste 2020, SCS = 106.41 - 0.72 x TTCC (R2 0.973, supported to about 140 days).
    """
    return np.clip(intercept.value - slope.value * ttcc, 0.0, full.value)


def detectable_change(sd: float) -> float:
    """Smallest change between two readings that is not measurement error in 19 of 20: 1.96 x sqrt(2) x sd."""
    return 1.96 * math.sqrt(2.0) * sd
