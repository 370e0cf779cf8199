"""Which end of a shaft is its root, and where along the shaft the skin begins."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from scipy import ndimage

Floats = npt.NDArray[np.float64]
Plane = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]

MOST_TURNED_DEG: Final = 45.0
"""A shaft that lies further off the direction of the others is loose."""
# How far beyond an end the skin is looked at, px, and what share of a shaft's darkness and edge is still shaft.
_BEYOND = np.arange(6.0, 34.0, 4.0)
_SHARE, _EDGE = 0.6, 0.35


def rooted(picture: Picture, shafts: Floats) -> Floats:
    """Shafts [shaft, (ax, ay, bx, by, half)] with the root first: under the skin behind a root the hair goes on.

    What lies under the skin is seen as a blurred shadow, dark in red. The end is decided for all shafts together.
    """
    if not len(shafts):
        return shafts
    red = np.asarray(cv2.GaussianBlur(picture[:, :, 0].astype(np.float32), (0, 0), 3), np.float32)
    run = shafts[:, 2:4] - shafts[:, :2]
    length = np.hypot(*run.T)
    way = run / np.maximum(length, 1.0)[:, None]
    lighter = np.subtract(_beyond(red, shafts[:, 2:4], way), _beyond(red, shafts[:, :2], -way))
    weight = np.clip(length / 40.0, 0.3, 2.0)
    angle = np.arctan2(way[:, 1], way[:, 0])
    axis = 0.5 * np.angle(np.sum(weight * np.exp(2j * angle)))
    side = np.sign(np.cos(angle - axis))
    vote = float(np.sum(side * np.clip(lighter, -30.0, 30.0) * weight))
    turned = side * (np.sign(vote) or 1.0) < 0
    out = shafts.copy()
    out[turned, :4] = shafts[turned][:, [2, 3, 0, 1]]
    return out


def _beyond(level: Plane, end: Floats, way: Floats) -> Floats:
    place = end[:, None] + _BEYOND[None, :, None] * way[:, None]
    values = ndimage.map_coordinates(level, [place[..., 1], place[..., 0]], order=0, mode="nearest")
    return np.asarray(values.mean(axis=1), np.float64)


def along_with_the_others(shafts: Floats) -> Floats:
    """The shafts that point about where the others do."""
    run = shafts[:, 2:4] - shafts[:, :2]
    angle = np.arctan2(run[:, 1], run[:, 0])
    mean = np.angle(np.sum(np.hypot(*run.T) * np.exp(1j * angle)))
    off = np.abs((angle - mean + np.pi) % (2.0 * np.pi) - np.pi)
    return np.asarray(shafts[np.degrees(off) < MOST_TURNED_DEG], np.float64)


def out_of_the_skin(contrast: Plane, shafts: Floats) -> Floats:
    """The shafts cut where they enter the skin: there they grow pale and their edge grows soft."""
    return np.array([_cut(contrast, shaft) for shaft in shafts]).reshape(-1, 5)


def _cut(contrast: Plane, shaft: Floats) -> Floats:
    root, run = shaft[:2], shaft[2:4] - shaft[:2]
    long, half = float(np.hypot(*run)), max(float(shaft[4]), 2.0)
    way = run / max(long, 1.0)
    across = np.array([-way[1], way[0]])
    step = np.arange(-half, long + 1.0)

    def seen(aside: float) -> Floats:
        place = root + step[:, None] * way + aside * across
        return np.asarray(ndimage.map_coordinates(contrast, [place[:, 1], place[:, 0]], order=1, mode="nearest"))

    core = (seen(-0.4 * half) + seen(0.0) + seen(0.4 * half)) / 3.0
    edges = np.maximum(seen(half - 1.5) - seen(half + 2.0), seen(1.5 - half) - seen(-half - 2.0))
    edge = ndimage.uniform_filter1d(edges, 5)
    third = len(step) // 3
    shaftlike = (core > _SHARE * np.quantile(core[third:], 0.6)) & (edge > _EDGE * np.quantile(edge[third:], 0.5))
    at = len(step) * 2 // 3
    while at > 0 and shaftlike[max(0, at - 4) : at].any():
        at -= 1
    return np.concatenate([root + way * step[at], shaft[2:]])
