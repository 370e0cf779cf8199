"""Hair to hair: how much likelier two hairs of aligned photographs are one hair than two, and the best whole of it."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from follicast.measurement.photograph.sight import Sight

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

TURNS: Final = ((0, 0), (0, 1), (1, 0), (1, 1))
"""Ways of taking tips for roots: (in the first, in the second)."""

# Roots of one hair in two photographs: heavy tails round this standard deviation at least, um.
_LEAST_ROOT_UM, _TAILS = 18.0, 4.0
# Directions of one hair, and of two hairs of one place, degrees; share of directions that were badly seen.
_SAME_DEG, _FLOW_DEG, _BADLY = 6.0, 14.0, 0.1
# Other roots within a unit, per um2: what a chance neighbour is as likely as.
_CROWD = 6e-6
# Hair that is not clipped in between grows: error of a length, um, and the fastest growth, um a day.
_LENGTH_UM, _FASTEST = 45.0, 700.0


def log_odds(
    first: Sight, second: Sight, ends: Floats, others: Floats, root_error_um: float, days: float | None
) -> tuple[Floats, Ints]:
    """Log odds that a hair of the first is one of the second [hair, hair], and which of `TURNS` makes it so.

    Args:
        first: the earlier photograph.
        second: the later one.
        ends: roots and tips of the first, mm [hair, end, (x, y)].
        others: those of the second in mm of the first.
        root_error_um: standard deviation of a root against its like.
        days: between them if the hair was not clipped in between.
    """
    sure, sure_too = (np.clip(s.root_certain, 0.02, 0.98)[:, None] for s in (first, second))
    told = []
    for a, b in TURNS:
        one, two = ends[:, ::-1] if a else ends, others[:, ::-1] if b else others
        said = np.log((1.0 - sure if a else sure) / sure) + np.log((1.0 - sure_too if b else sure_too) / sure_too).T
        told.append(said + _near(one, two, root_error_um) + _parallel(one, two))
        if days is not None:
            told[-1] += _grown(one, two, days)
    table = np.stack(told)
    return table.max(axis=0), table.argmax(axis=0)


def assigned(gain: Floats) -> tuple[Ints, Ints]:
    """The pairs (rows, columns), one to one, whose gains add up to most; none with a loss."""
    rows, columns = linear_sum_assignment(-np.maximum(gain, 0.0))
    won = gain[rows, columns] > 0.0
    return np.asarray(rows[won], np.int64), np.asarray(columns[won], np.int64)


def _near(one: Floats, two: Floats, root_error_um: float) -> Floats:
    away = 1000.0 * np.hypot(*np.moveaxis(one[:, None, 0] - two[None, :, 0], -1, 0))
    sd = max(root_error_um, _LEAST_ROOT_UM)
    density = (1.0 + away**2 / (_TAILS * sd**2)) ** (-0.5 * _TAILS - 1.0) / (2.0 * math.pi * sd**2)
    return np.asarray(np.log(density / _CROWD))


def _parallel(one: Floats, two: Floats) -> Floats:
    way, other = (np.arctan2(*(e[:, 1] - e[:, 0]).T[::-1]) for e in (one, two))
    off = np.degrees(np.abs((way[:, None] - other[None] + math.pi) % (2.0 * math.pi) - math.pi))
    same = (1.0 - _BADLY) * np.exp(-0.5 * (off / _SAME_DEG) ** 2) / _SAME_DEG + _BADLY * math.sqrt(math.pi / 2) / 90.0
    chance = 0.7 * np.exp(-0.5 * (off / _FLOW_DEG) ** 2) / _FLOW_DEG + 0.3 * math.sqrt(math.pi / 2) / 90.0
    return np.asarray(np.log(same / chance))


def _grown(one: Floats, two: Floats, days: float) -> Floats:
    length, other = (1000.0 * np.hypot(*(e[:, 1] - e[:, 0]).T) for e in (one, two))
    more = other[None] - length[:, None]
    outside = np.maximum(0.0, -more) + np.maximum(0.0, more - _FASTEST * days)
    # Heavy tails: a tip that a neighbour hides is seen far from where it is.
    return np.asarray(-2.0 * np.log1p((outside / _LENGTH_UM) ** 2 / 4.0))
