"""One answer of two finders: the network, which counts better, and shafts fitted to dark patches, which lie better.

Two hairs cannot lie in one place: of finds that would, the more probable one is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from follicast.measurement.photograph.decoding import FoundHairs
from follicast.measurement.photograph.hair import COUNTS_FROM, SeenHair

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LEAST: Final = 0.1
"""Probability by the network from which a hair may be one, if a shaft says so too."""
# Two finds are of one hair when their roots and their directions are nearer than this.
_ROOTS_UM, _TURN_DEG = 90.0, 30.0
# Log odds by the network to log odds with and without a shaft: constant and slope, from ten labelled fields.
_WITH, _WITHOUT = (0.59, 0.61), (-1.14, 0.73)
_SHARE_OF_NETWORK = 0.4
# Shafts side by side lie further apart than this: across at the roots, and half of that at the tips, um.
_APART_UM, _TOGETHER_DEG, _OVERLAP = 70.0, 25.0, 0.4
# Of the hairs that are found, the share whose root is not their tip.
_ROOT_CERTAIN = 0.97


def agreed(found: FoundHairs, shafts: Sequence[SeenHair], um_per_px: float) -> tuple[SeenHair, ...]:
    """Hairs that the network is sure of, or that both finders see; the most probable first.

    Args:
        found: by the network, from `LEAST` on.
        shafts: found in the dark patches of the same photograph.
        um_per_px: its scale.
    """
    ends = np.concatenate([found.root_px, found.tip_px], axis=1)
    theirs = np.array([[*shaft.root_px, *shaft.tip_px] for shaft in shafts], np.float64).reshape(-1, 4)
    i, j = _same(ends, found.probability, theirs, um_per_px)
    ends[i] = _SHARE_OF_NETWORK * ends[i] + (1.0 - _SHARE_OF_NETWORK) * theirs[j]
    width = found.width_px.copy()
    width[i] = [shafts[k].width_px for k in j]
    rule = np.tile(_WITHOUT, (len(ends), 1))
    rule[i] = _WITH
    share = np.clip(found.probability, 1e-4, 1.0 - 1e-4)
    probability = 1.0 / (1.0 + np.exp(-(rule[:, 0] + rule[:, 1] * np.log(share / (1.0 - share)))))
    order = np.argsort(-probability, kind="stable")
    order = order[probability[order] >= COUNTS_FROM]
    order = order[_first_in_place(ends[order] * um_per_px)]
    return tuple(
        SeenHair(
            (float(ends[k, 0]), float(ends[k, 1])),
            (float(ends[k, 2]), float(ends[k, 3])),
            ends[k].reshape(2, 2),
            float(width[k]),
            float(probability[k]),
            _ROOT_CERTAIN,
        )
        for k in order
    )


def _first_in_place(ends_um: Floats) -> npt.NDArray[np.bool_]:
    """Which hairs [hair, (root x, root y, tip x, tip y)] lie where none before them does, um."""
    root, way = ends_um[:, None, :2], ends_um[:, None, 2:] - ends_um[:, None, :2]
    long = np.maximum(np.hypot(*way.transpose(2, 0, 1)), 1e-6)
    ahead = way / long[..., None]
    # Both ends of the second index, in the frame of the first: along its shaft and across it.
    along, across = [], []
    for end in (ends_um[None, :, :2], ends_um[None, :, 2:]):
        off = end - root
        along.append((off * ahead).sum(axis=2))
        across.append(np.abs(off[..., 0] * ahead[..., 1] - off[..., 1] * ahead[..., 0]))
    low, high = np.minimum(*along), np.maximum(*along)
    shared = np.clip(np.minimum(high, long) - np.maximum(low, 0.0), 0.0, None) / np.minimum(long, long.T)
    turn = np.degrees(np.arccos(np.clip((ahead * ahead.transpose(1, 0, 2)).sum(axis=2), -1.0, 1.0)))
    by_root, by_tip = (np.maximum(part, part.T) for part in across)
    one = (by_root + 0.5 * by_tip < _APART_UM) & (turn < _TOGETHER_DEG) & (np.minimum(shared, shared.T) >= _OVERLAP)
    first = np.ones(len(ends_um), np.bool_)
    for k in range(1, len(ends_um)):
        first[k] = not (one[k, :k] & first[:k]).any()
    return first


def _same(ends: Floats, probability: Floats, theirs: Floats, um_per_px: float) -> tuple[Ints, Ints]:
    """Rows of both that are one hair, each at most once: as many as can be, the likest first."""
    if not (len(ends) and len(theirs)):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    away_um = np.hypot(*(ends[:, None, :2] - theirs[None, :, :2]).transpose(2, 0, 1)) * um_per_px
    ways = [(e[:, 2] - e[:, 0]) + 1j * (e[:, 3] - e[:, 1]) for e in (ends, theirs)]
    turn_deg = np.abs(np.angle(ways[0][:, None] * np.conj(ways[1])[None], deg=True))
    near = (away_um < _ROOTS_UM) & (turn_deg < _TURN_DEG)
    unlike = away_um / 60.0 + turn_deg / 15.0 + (1.0 - probability)[:, None]
    i, j = linear_sum_assignment(np.where(near, unlike - 100.0, 0.0))
    return i[near[i, j]], j[near[i, j]]
