"""Finds the hairs of a shaved close-up: with a network, and by dark patches that are taken apart into shafts."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from scipy import ndimage

from follicast.measurement.photograph.agreement import LEAST, agreed
from follicast.measurement.photograph.capsules import shafts_of
from follicast.measurement.photograph.contrast import WORKING_UM, standing_out
from follicast.measurement.photograph.decoding import hairs_on
from follicast.measurement.photograph.ends import along_with_the_others, out_of_the_skin, rooted
from follicast.measurement.photograph.hair import SeenHair

Floats = npt.NDArray[np.float64]
Plane = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]

# At the working scale, px: the least of a patch, of a shaft, and the room round a patch.
_LEAST_AREA, _LEAST_LENGTH, _ROOM = 60, 14.0, 8
_FAINT, _LEAST_CONTRAST, _OWN_SHARE, _SOFT = 0.15, 0.3, 0.65, 0.06
_PRICE, _PRIOR = 2.0, 1.0


def detect(image: Picture, um_per_px: float | None) -> tuple[SeenHair, ...]:
    """Which hairs are seen on a shaved close-up? The same photograph gives the same hairs.

    Args:
        image: RGB [h, w, 3].
        um_per_px: scale on the skin; it only sets the size of what is sought. None: taken as the usual one.
    """
    scale = WORKING_UM if um_per_px is None else um_per_px
    return agreed(hairs_on(image, scale, LEAST), shafts_on(image, um_per_px), scale)


def shafts_on(image: Picture, um_per_px: float | None) -> tuple[SeenHair, ...]:
    """Which hairs are seen without the network: every dark patch as shafts, each with its root.

    Args:
        image: RGB [h, w, 3].
        um_per_px: as in `detect`.
    """
    scale = WORKING_UM if um_per_px is None else um_per_px
    zoom = scale / WORKING_UM
    picture = image if abs(zoom - 1.0) < 0.02 else _resized(image, zoom)
    zoom = picture.shape[1] / image.shape[1]
    contrast = standing_out(picture)
    shafts = _shafts(contrast)
    shafts = out_of_the_skin(contrast, along_with_the_others(rooted(picture, shafts)))
    return tuple(_seen(shaft, zoom) for shaft in shafts)


def _resized(image: Picture, zoom: float) -> Picture:
    size = max(round(image.shape[1] * zoom), 1), max(round(image.shape[0] * zoom), 1)
    method = cv2.INTER_AREA if zoom < 1.0 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, size, interpolation=method), np.uint8)


def _seen(shaft: Floats, zoom: float) -> SeenHair:
    # Pixel centres are whole numbers: the corner of the picture is at -0.5 at every scale.
    root, tip = (shaft[:2] + 0.5) / zoom - 0.5, (shaft[2:4] + 0.5) / zoom - 0.5
    return SeenHair(
        (float(root[0]), float(root[1])),
        (float(tip[0]), float(tip[1])),
        np.stack([root, tip]),
        2.0 * float(shaft[4]) / zoom,
        0.8,
        0.9,
    )


def _shafts(contrast: Plane) -> Floats:
    """Shafts [shaft, (ax, ay, bx, by, half)] of which the dark patches are made."""
    if (contrast > _FAINT).sum() < 50:
        return np.empty((0, 5))
    level = max(_LEAST_CONTRAST, 0.95 * _otsu(contrast[contrast > _FAINT]))
    dark = (contrast > level).astype(np.uint8)
    mask = np.asarray(cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)), np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    patches = np.asarray(labels, np.int32)
    usual = _usual_half(mask)
    found = [np.empty((0, 5))]
    for number in range(1, len(stats)):
        if stats[number, cv2.CC_STAT_AREA] < _LEAST_AREA:
            continue
        left, top, width, height = (int(v) for v in stats[number, :4])
        box = (
            slice(max(top - _ROOM, 0), top + height + _ROOM),
            slice(max(left - _ROOM, 0), left + width + _ROOM),
        )
        found.append(
            _patch(contrast[box], patches[box], number, usual) + np.array([*[box[1].start, box[0].start] * 2, 0])
        )
    shafts = np.concatenate(found)
    length = np.hypot(shafts[:, 2] - shafts[:, 0], shafts[:, 3] - shafts[:, 1])
    return shafts[(length > _LEAST_LENGTH) & (length > 1.52 * shafts[:, 4])]


def _patch(contrast: Plane, patches: npt.NDArray[np.int32], number: int, usual: float) -> Floats:
    own = patches == number
    level = max(_OWN_SHARE * float(np.quantile(contrast[own], 0.8)), 0.25)
    dark = 1.0 / (1.0 + np.exp(-(contrast.astype(np.float64) - level) / _SOFT))
    dark[(patches > 0) & ~own] = 0.0
    near = cv2.dilate(own.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    step = 2 if own.sum() > 300 else 1
    y, x = np.nonzero(near[::step, ::step])
    if x.size < 12:
        return np.empty((0, 5))
    values = dark[::step, ::step][y, x]
    unit = usual * usual / (step * step)
    return shafts_of(step * x.astype(float), step * y.astype(float), values, usual, _PRICE * unit, _PRIOR * unit)


def _usual_half(mask: npt.NDArray[np.uint8]) -> float:
    """Half the width that most shafts of a mask have, px."""
    deep = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
    ridge = (deep == ndimage.maximum_filter(deep, 3)) & (deep > 1.5)
    return float(np.quantile(deep[ridge], 0.4)) if ridge.any() else 6.0


def _otsu(values: Plane) -> float:
    """The level that parts values best in two."""
    count, edges = np.histogram(values, 256)
    middle = 0.5 * (edges[1:] + edges[:-1])
    below, above = np.cumsum(count), np.cumsum(count[::-1])[::-1]
    low = np.cumsum(count * middle) / np.maximum(below, 1)
    high = (np.cumsum((count * middle)[::-1]) / np.maximum(np.cumsum(count[::-1]), 1))[::-1]
    apart = below[:-1] * above[1:] * (low[:-1] - high[1:]) ** 2
    return float(middle[int(np.argmax(apart))])
