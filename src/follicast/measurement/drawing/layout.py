"""Where follicular units stand on a patch, how many hairs each has, and which way they point."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from follicast.knowledge.appearance import usual
from follicast.knowledge.load import parameters
from follicast.measurement.drawing.dice import Dice
from follicast.quantities import InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# A patch that cannot be filled at the asked density gives up after so many tries a unit.
_TRIES = 400


@dataclass(frozen=True, slots=True)
class Layout:
    """Places of units [unit, (x, y)] and hairs [hair] in mm, and how the hairs leave the skin.

    `rank` is the hair's number in its unit; `mate` the row of the hair it sticks to (-1 for none), `side` on which side
    of it and how far aside.
    """

    units_mm: Floats
    flow_rad: float
    unit: Ints
    rank: Ints
    x_mm: Floats
    y_mm: Floats
    direction_rad: Floats
    exit_rad: Floats
    mate: Ints
    side: Floats


def hard_core(seed: int, size_mm: tuple[float, float], per_cm2: float) -> Floats:
    """Places of units [unit, (x, y)] in mm: at random, but none nearer to another than a share of the mean spacing.

    Raises:
        InputError: the density is outside 1 to 250 units per cm2.
    """
    if not 1.0 <= per_cm2 <= 250.0:
        raise InputError(f"follicular units per cm2: found {per_cm2:g}; allowed: 1 to 250")
    dice = Dice(seed, "units")
    spacing = 10.0 / math.sqrt(per_cm2)
    count = max(1, round(size_mm[0] * size_mm[1] / spacing**2))
    free = (usual("unit.hard_core") * spacing) ** 2
    places = np.empty((0, 2))
    for place in dice.stream.uniform(size=(_TRIES * count, 2)) * size_mm:
        if len(places) == count:
            break
        if not places.size or ((places - place) ** 2).sum(axis=1).min() >= free:
            places = np.vstack([places, place])
    return places


def lay_out(seed: int, size_mm: tuple[float, float], per_cm2: float, unit: Ints | None = None) -> Layout:
    """Units and hairs of a patch.

    Args:
        seed: of the patch.
        size_mm: its width and height.
        per_cm2: follicular units per cm2.
        unit: number of the unit of each hair, ascending, where the hairs are given; None draws how many each has.

    Raises:
        InputError: the density is outside its range, or fewer units are given than the patch holds.
    """
    places = hard_core(seed, size_mm, per_cm2)
    members = _drawn_members(seed, len(places)) if unit is None else _given_members(unit, len(places))
    unit = np.repeat(np.arange(len(places)), members)
    rank = np.arange(unit.size) - np.repeat(np.cumsum(members) - members, members)
    flow, direction = _directions(seed, size_mm, places)
    dx, dy = _offsets(seed, rank, direction[unit])
    dice = Dice(seed, "exits")
    own = direction[unit] + np.radians(dice.of("flow.hair_sd")) * dice.stream.standard_normal(unit.size)
    exits = dice.of("exit.angle") + usual("exit.hair_sd") * dice.stream.standard_normal(unit.size)
    x, y = places[unit, 0] + dx, places[unit, 1] + dy
    mate, side = _mates(seed, rank, x, y, own)
    return Layout(places, flow, unit, rank, x, y, own, np.radians(np.clip(exits, 8.0, 80.0)), mate, side)


def _drawn_members(seed: int, units: int) -> Ints:
    known = parameters()
    share = np.array([known[f"unit.share.{name}"].value for name in ("one", "two", "three", "four")])
    return np.asarray(Dice(seed, "members").stream.choice(4, units, p=share / share.sum()) + 1, np.int64)


def _given_members(unit: Ints, units: int) -> Ints:
    if np.any(np.diff(unit) < 0):
        raise InputError("unit: found numbers out of order; allowed: ascending, one a follicle")
    _, members = np.unique(unit, return_counts=True)
    if members.size < units:
        raise InputError(f"unit: found {members.size} units; allowed: at least the {units} that the patch holds")
    return np.asarray(members[:units], np.int64)


def _directions(seed: int, size_mm: tuple[float, float], places: Floats) -> tuple[float, Floats]:
    """Mean direction of the patch, and that of each unit: it turns evenly over the patch, and a little at random."""
    dice = Dice(seed, "flow")
    flow, turn, towards = dice.turn(), math.radians(dice.of("flow.turn_per_cm")), dice.turn()
    along = ((places - np.array(size_mm) / 2.0) @ [math.cos(towards), math.sin(towards)]) / 10.0
    return flow, flow + turn * along + np.radians(dice.of("flow.unit_sd")) * dice.stream.standard_normal(len(places))


def _offsets(seed: int, rank: Ints, direction: Floats) -> tuple[Floats, Floats]:
    """Places of hairs against the place of their unit, mm: mostly in a row across the flow, on alternating sides."""
    dice, n = Dice(seed, "offsets"), rank.size
    across = dice.stream.uniform(size=n) < usual("unit.across_share")
    turn = np.where(
        across, 0.5 * math.pi + 0.25 * dice.stream.standard_normal(n), math.pi * dice.stream.uniform(size=n)
    )
    step = 1e-3 * np.clip(dice.many("unit.offset_um", n), 50.0, 250.0) * ((rank + 1) // 2)
    sign = np.where(rank % 2 == 1, 1.0, -1.0)
    return sign * step * np.cos(direction + turn), sign * step * np.sin(direction + turn)


def _mates(seed: int, rank: Ints, x: Floats, y: Floats, direction: Floats) -> tuple[Ints, Floats]:
    """The hair each sticks to, -1 for none, and on which side: a near one that sticks to none itself."""
    dice, n = Dice(seed, "mates"), rank.size
    share, reach_mm = dice.of("adhere.share"), 1e-3 * usual("adhere.reach_um")
    mate, side = np.full(n, -1), np.ones(n)
    sticks = dice.stream.uniform(size=n) < share
    for i in np.flatnonzero((rank > 0) & sticks):
        free = [j for j in range(i - rank[i], i) if mate[j] < 0]
        j = min(free, key=lambda k: math.hypot(x[k] - x[i], y[k] - y[i]))
        if math.hypot(x[j] - x[i], y[j] - y[i]) < reach_mm:
            mate[i] = j
            left = (y[i] - y[j]) * math.cos(direction[j]) - (x[i] - x[j]) * math.sin(direction[j])
            side[i] = math.copysign(dice.of("adhere.aside"), left)
    return mate, side
