"""The scalp: zones, follicular units on sites, and the fixed traits of each follicle.

A site is a patch of one zone that is simulated follicle by follicle (1 cm2 of vertex, say); a whole scalp is six sites
with the zones' full areas. Sensitivity of a follicle = person x zone field x rank in its unit x noise; a graft keeps
the donor zone's field wherever it is put.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from follicast.biology import draws
from follicast.biology.compiled import compiled
from follicast.biology.simulate import Follicles
from follicast.biology.treatment import GROUPS
from follicast.quantities import ZONES

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

TOP_ZONES = frozenset({"frontal-hairline", "temples", "mid-scalp", "vertex"})
DONOR_ZONE = "occipital-donor"

# Follicle numbers of grafts begin here, so that a transplant never shifts the draws of the native follicles.
_FIRST_GRAFT = 1 << 40
_FOLLICLES_PER_SITE = 1 << 24

# Events of the TRAIT purpose: one independent draw each.
_NATIVE, _VELLUS, _NOISE, _AGEING, _HARVEST, _SURVIVE, _GROWTH_IN, _ROUND, _UNIT, _DIRECTION = range(10)


@dataclass(frozen=True)
class Site:
    """A patch of one zone: area in cm2."""

    zone: str
    area_cm2: float

    @property
    def group(self) -> int:
        """Drive group of the zone: the treated top, or the rim."""
        return GROUPS.index("top" if self.zone in TOP_ZONES else "rim")


@dataclass(frozen=True)
class Scalps:
    """What the scalps of p people need, one row a person.

    Attributes:
        number: the person's number in the draws (stable under reordering).
        density: follicles per cm2, [person, zone].
        native_um: mean native shaft diameter of terminal follicles.
        native_sd: log sd between follicles.
        vellus_share: share of follicles that are vellus by nature.
        vellus_um: their median diameter.
        vellus_anagen_log: log factor on their anagen.
        sensitivity: median androgen sensitivity, [person, zone].
        sensitivity_sd: log sd between follicles.
        secondary_log: log factor on the sensitivity of secondaries of a unit.
        ageing_rate: follicles lost a day by age alone.
        adult_day: day from which ageing counts.
        unit_shares: probability of units of one, two, three and four follicles.
    """

    number: Ints
    density: Floats
    native_um: Floats
    native_sd: Floats
    vellus_share: Floats
    vellus_um: Floats
    vellus_anagen_log: Floats
    sensitivity: Floats
    sensitivity_sd: Floats
    secondary_log: Floats
    ageing_rate: Floats
    adult_day: Floats
    unit_shares: Floats

    def take(self, rows: Ints) -> Scalps:
        """The same people, those rows only, in that order."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return Scalps(**{name: (v if name == "unit_shares" else v[rows]) for name, v in fields.items()})


@dataclass(frozen=True)
class Transplant:
    """One operation. Per-person arrays: survival share, growth-in median in days.

    Attributes:
        day: day on the run's axis.
        hairs: follicles moved in all.
        zones: recipient zones; follicles spread over their areas.
        areas_cm2: area of each recipient zone.
        donor_area_cm2: area they are taken from.
        survival: [person], probability that a graft survives.
        growth_in_log_median: [person], log days of dormancy.
        growth_in_sd: log sd of the dormancy.
    """

    day: float
    hairs: float
    zones: tuple[str, ...]
    areas_cm2: tuple[float, ...]
    donor_area_cm2: float
    survival: Floats
    growth_in_log_median: Floats
    growth_in_sd: float

    @property
    def density(self) -> float:
        """Follicles added per cm2 of recipient area."""
        return self.hairs / sum(self.areas_cm2)


@dataclass(frozen=True)
class Units:
    """Follicular units of a set of follicles: unit number and rank in it (0 = primary), and place in mm in the site."""

    unit: Ints
    rank: Ints
    x_mm: Floats
    y_mm: Floats


@compiled()
def _units(keys: Any, first: Any, cumulative: Any) -> Any:
    """Deal follicles into units in order; a new site starts a new unit. `first` marks the first follicle of a site."""
    n = keys.size
    unit = np.empty(n, np.int64)
    rank = np.empty(n, np.int64)
    number = -1
    left = 0
    for i in range(n):
        if first[i] or left == 0:
            number += 1
            u = draws.uniform(keys[i], draws.TRAIT, _UNIT)
            left = 1
            while left < cumulative.size and u > cumulative[left - 1]:
                left += 1
            rank[i] = 0
        else:
            rank[i] = rank[i - 1] + 1
        unit[i] = number
        left -= 1
    return unit, rank


def _rounded(amount: Floats, keys: npt.NDArray[np.uint64]) -> Ints:
    """Whole numbers with the given means: the fraction is decided by a draw, so small patches are not biased."""
    floor = np.floor(amount)
    return (floor + (draws.uniforms(keys, draws.TRAIT, _ROUND) < amount - floor)).astype(np.int64)


def _rows(seed: int, number: Ints, amount: Floats, base: int) -> tuple[Ints, Ints, npt.NDArray[np.uint64]]:
    """Person row, number within the person, and key of `amount[person]` follicles a person, numbered from `base`."""
    people = number.size
    count = _rounded(amount, draws.follicle_keys(seed, number, np.full(people, base + _FOLLICLES_PER_SITE - 1)))
    person = np.repeat(np.arange(people), count)
    within = np.arange(person.size) - np.repeat(np.cumsum(count) - count, count)
    return person, within, draws.follicle_keys(seed, number[person], base + within)


def _natives(seed: int, scalps: Scalps, site: Site, index: int) -> Follicles:
    zone = ZONES.index(site.zone)
    amount = scalps.density[:, zone] * site.area_cm2
    person, within, key = _rows(seed, scalps.number, amount, index * _FOLLICLES_PER_SITE)
    _, rank = _units(key, within == 0, np.cumsum(scalps.unit_shares))
    vellus = draws.uniforms(key, draws.TRAIT, _VELLUS) < scalps.vellus_share[person]
    spread = np.exp(scalps.native_sd[person] * draws.normals(key, draws.TRAIT, _NATIVE))
    mean_to_median = np.exp(-0.5 * scalps.native_sd[person] ** 2)
    noise = np.exp(scalps.sensitivity_sd[person] * draws.normals(key, draws.TRAIT, _NOISE))
    secondary = np.where(rank > 0, np.exp(scalps.secondary_log[person]), 1.0)
    life = -np.log(draws.uniforms(key, draws.TRAIT, _AGEING)) / scalps.ageing_rate[person]
    n = key.size
    return Follicles(
        key=key,
        person=person,
        group=np.full(n, site.group),
        site=np.full(n, index),
        native_um=np.where(vellus, scalps.vellus_um[person], scalps.native_um[person] * mean_to_median) * spread,
        sensitivity=scalps.sensitivity[person, zone] * secondary * noise,
        scale_log=np.where(vellus, scalps.vellus_anagen_log[person], 0.0),
        ageing_day=scalps.adult_day[person] + life,
        placed_day=np.full(n, -math.inf),
        growth_in_days=np.full(n, math.inf),
        harvested_day=np.full(n, math.inf),
    )


def _harvested(follicles: Follicles, scalps: Scalps, transplants: Sequence[tuple[int, Transplant]]) -> Follicles:
    """Donor follicles with the day on which each is taken, if it is."""
    day = follicles.harvested_day.copy()
    zone = ZONES.index(DONOR_ZONE)
    used = np.zeros(scalps.number.size)
    for number, operation in transplants:
        # What earlier operations took is gone, so that this one takes a larger share of what they left.
        left = np.maximum(scalps.density[:, zone] * operation.donor_area_cm2 - used, operation.hairs)
        share = np.divide(operation.hairs, left, out=np.zeros_like(left), where=left > 0.0)
        used += operation.hairs
        u = draws.uniforms(follicles.key, draws.TRAIT, 16 * (number + 1) + _HARVEST)
        taken = (u < share[follicles.person]) & np.isinf(day)
        day[taken] = operation.day
    return Follicles(**{**{k: getattr(follicles, k) for k in follicles.__dataclass_fields__}, "harvested_day": day})


def _grafts(seed: int, scalps: Scalps, site: Site, index: int, number: int, operation: Transplant) -> Follicles:
    """Follicles that one operation adds to a site: donor traits, recipient place."""
    donor = ZONES.index(DONOR_ZONE)
    amount = np.full(scalps.number.size, operation.density * site.area_cm2)
    base = _FIRST_GRAFT * (number + 1) + index * _FOLLICLES_PER_SITE
    person, _, key = _rows(seed, scalps.number, amount, base)
    spread = np.exp(scalps.native_sd[person] * draws.normals(key, draws.TRAIT, _NATIVE))
    noise = np.exp(scalps.sensitivity_sd[person] * draws.normals(key, draws.TRAIT, _NOISE))
    life = -np.log(draws.uniforms(key, draws.TRAIT, _AGEING)) / scalps.ageing_rate[person]
    dormancy = np.exp(
        operation.growth_in_log_median[person] + operation.growth_in_sd * draws.normals(key, draws.TRAIT, _GROWTH_IN)
    )
    survives = draws.uniforms(key, draws.TRAIT, _SURVIVE) < operation.survival[person]
    n = key.size
    return Follicles(
        key=key,
        person=person,
        group=np.full(n, site.group),
        site=np.full(n, index),
        native_um=scalps.native_um[person] * np.exp(-0.5 * scalps.native_sd[person] ** 2) * spread,
        sensitivity=scalps.sensitivity[person, donor] * noise,
        scale_log=np.zeros(n),
        ageing_day=np.maximum(scalps.adult_day[person] + life, operation.day + 1.0),
        placed_day=np.full(n, operation.day),
        growth_in_days=np.where(survives, dormancy, math.inf),
        harvested_day=np.full(n, math.inf),
    )


def _joined(parts: Sequence[Follicles]) -> Follicles:
    """All parts together, ordered by person so that a thread stays with one person's clocks."""
    merged = {k: np.concatenate([getattr(part, k) for part in parts]) for k in Follicles.__dataclass_fields__}
    order = np.argsort(merged["person"], kind="stable")
    return Follicles(**{k: v[order] for k, v in merged.items()})


def place_follicles(
    seed: int, scalps: Scalps, sites: Sequence[Site], transplants: Sequence[Transplant] = ()
) -> Follicles:
    """Follicles of these people on these sites, grafts included.

    Args:
        seed: of the run.
        scalps: the people.
        sites: patches to simulate; the follicle's `site` is its index here.
        transplants: operations in the order of their dates; adding one leaves every native follicle as it was.

    Returns:
        Traits of all follicles, ordered by person.
    """
    parts = []
    for index, site in enumerate(sites):
        natives = _natives(seed, scalps, site, index)
        if site.zone == DONOR_ZONE and transplants:
            natives = _harvested(natives, scalps, list(enumerate(transplants)))
        parts.append(natives)
        for number, operation in enumerate(transplants):
            if site.zone in operation.zones:
                parts.append(_grafts(seed, scalps, site, index, number, operation))
    return _joined(parts)


def follicular_units(seed: int, scalps: Scalps, site: Site, index: int, person: int) -> Units:
    """Units and places of the native follicles of one person on one site, in the order of `place_follicles`.

    Units sit on a jittered hexagonal lattice that fills a square of the site's area, their members 0.2 mm apart.

    Args:
        seed: of the run.
        scalps: the people.
        site: the patch, square, of side sqrt(area).
        index: the site's index.
        person: row of the person.

    Returns:
        Unit, rank and place (mm) of each native follicle.
    """
    one = scalps.take(np.array([person]))
    amount = one.density[:, ZONES.index(site.zone)] * site.area_cm2
    _, within, key = _rows(seed, one.number, amount, index * _FOLLICLES_PER_SITE)
    unit, rank = _units(key, within == 0, np.cumsum(one.unit_shares))
    units = int(unit[-1]) + 1 if unit.size else 0
    side = 10.0 * math.sqrt(site.area_cm2)
    pitch = side / math.sqrt(max(units, 1))
    columns = max(1, round(side / pitch))
    row, column = np.divmod(unit, columns)
    lead = key[np.searchsorted(unit, unit)]
    jitter_x = draws.uniforms(lead, draws.TRAIT, _HARVEST) - 0.5
    jitter_y = draws.uniforms(lead, draws.TRAIT, _ROUND) - 0.5
    angle = 2.0 * math.pi * draws.uniforms(key, draws.TRAIT, _DIRECTION)
    off = np.where(rank > 0, 0.2, 0.0)
    x = (column + 0.5 * (row % 2) + 0.5 * jitter_x) * pitch + off * np.cos(angle)
    y = (row + 0.5 * jitter_y) * pitch + off * np.sin(angle)
    return Units(unit, rank, x % side, y % side)
