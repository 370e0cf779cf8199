"""The lines that shafts follow above the skin: bent, and side by side where two stick together."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from follicast.measurement.drawing.hairs import Hairs

Floats = npt.NDArray[np.float64]


def axes(hairs: Hairs, points: int) -> Floats:
    """Axis of each hair from the mouth of its follicle to its tip.

    Args:
        hairs: of a patch.
        points: on each axis, evenly spaced along the shaft.

    Returns:
        Places in mm [hair, point, (x, y, height above the skin)]; all at the root where no hair is out.
    """
    s = np.maximum(hairs.length_um, 0.0)[:, None] * np.linspace(0.0, 1.0, points) / 1000.0
    rows = np.arange(hairs.count)
    plane = _free(hairs, rows, s)
    stuck = np.flatnonzero(hairs.mate >= 0)
    if stuck.size:
        plane[stuck] = _beside(hairs, stuck, s[stuck], plane[stuck])
    return np.concatenate([plane, (s * np.sin(hairs.exit_rad)[:, None])[..., None]], axis=2)


def _free(hairs: Hairs, rows: npt.NDArray[np.int64], s: Floats) -> Floats:
    """Axes in the plane of the skin of hairs that stand alone: arcs of circles; `s` in mm along the shaft."""
    bend = hairs.curvature_per_mm[rows][:, None]
    turn = hairs.direction_rad[rows][:, None]
    half = 0.5 * bend * s
    chord = s * np.sinc(half / math.pi) * np.cos(hairs.exit_rad[rows])[:, None]
    x = hairs.x_mm[rows][:, None] + chord * np.cos(turn + half)
    y = hairs.y_mm[rows][:, None] + chord * np.sin(turn + half)
    return np.stack([x, y], axis=2)


def _beside(hairs: Hairs, rows: npt.NDArray[np.int64], s: Floats, own: Floats) -> Floats:
    """Axes of hairs that come to lie along their mates and leave them again at the tip."""
    mate = hairs.mate[rows]
    turn = hairs.direction_rad[mate]
    ahead = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    aside = np.sign(hairs.side[rows])[:, None] * np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)
    apart = np.stack([hairs.x_mm[rows] - hairs.x_mm[mate], hairs.y_mm[rows] - hairs.y_mm[mate]], axis=1)
    lead = (apart * ahead).sum(axis=1)[:, None]
    lateral = np.abs((apart * aside).sum(axis=1))
    along = _free(hairs, mate, s + lead / np.cos(hairs.exit_rad[mate])[:, None])
    gap = 0.5e-3 * (np.abs(hairs.side[rows]) * (hairs.diameter_um[rows] + hairs.diameter_um[mate]))[:, None]
    parted = np.maximum(0.0, s - 1e-3 * hairs.split_um[rows][:, None]) * np.tan(hairs.split_rad[rows])[:, None]
    target = along + (gap + parted)[..., None] * aside[:, None, :]
    join = np.maximum(1e-3 * hairs.join_um[rows], 2.5 * lateral)[:, None]
    # Straight towards the mate, with a soft bend where it is reached.
    share = np.clip(s / np.maximum(join, 1e-3), 0.0, 1.0)
    blend = (1.0 - (1.0 - share) ** 1.5)[..., None]
    return np.asarray(own * (1.0 - blend) + target * blend)
