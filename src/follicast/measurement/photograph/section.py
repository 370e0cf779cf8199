"""Profiles across shafts: the light on lines square to a hair's axis, neighbours left out, many lines made one."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from follicast.measurement.photograph.hair import SeenHair

Floats = npt.NDArray[np.float64]
Layer = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]

STATIONS: Final = 24
SAMPLES: Final = 64
# Part of the axis that is looked at: near the root the skin lies over it, near the tip it ends.
_FROM, _TO = 0.3, 0.85
# Lines that must be free of neighbours at a place for it to count, and to count fully.
_LEAST_FREE, _FULLY_FREE = 5, 12.0
_SLACK_PX: Final = 1.5

_level = np.arange(256) / 255.0
_LINEAR: Final = np.where(_level <= 0.04045, _level / 12.92, ((_level + 0.055) / 1.055) ** 2.4).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Sections:
    """One profile a hair.

    Attributes:
        across_px: places across the axis [hair, sample].
        light: linear light there [hair, sample, (red, green, blue)].
        weight: how far a place is free of neighbours, 0 to 1 [hair, sample].
        both: free on both sides and over the core [hair].
        one: free over the core and on one side at least [hair].
    """

    across_px: Floats
    light: Floats
    weight: Floats
    both: npt.NDArray[np.bool_]
    one: npt.NDArray[np.bool_]


def linear_light(image: Picture) -> Layer:
    """Levels of sRGB as linear light, 0 to 1."""
    return np.asarray(_LINEAR[image], np.float32)


def sections(image: Picture, hairs: Sequence[SeenHair], width_px: Floats, blur_px: float) -> Sections:
    """The profile across each hair.

    Args:
        image: RGB.
        hairs: at least one.
        width_px: about how wide each is.
        blur_px: about how blurred the photograph is, standard deviation.
    """
    light = linear_light(image)
    place, ahead = _stations(hairs)
    half = 0.68 * width_px + 4.5 * blur_px + 2.0
    across = half[:, None] * np.linspace(-1.0, 1.0, SAMPLES)
    crowd = _crowd(image.shape[:2], hairs, width_px)
    seen, free = _sample(light, crowd, place, ahead, across, width_px)
    place = _straightened(place, ahead, across, seen, free, width_px, blur_px)
    seen, free = _sample(light, crowd, place, ahead, across, width_px)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a place that is never free has no median
        middle = np.nanmedian(np.where(free[..., None], seen, np.nan), axis=1)
    enough = free.sum(axis=1) >= _LEAST_FREE
    weight = np.where(enough, np.minimum(free.sum(axis=1) / _FULLY_FREE, 1.0), 0.0)
    core = _share(enough, np.abs(across) < 0.4 * width_px[:, None]) > 0.6
    left = _share(enough, across < -0.5 * width_px[:, None])
    right = _share(enough, across > 0.5 * width_px[:, None])
    both, one = core & (np.minimum(left, right) > 0.5), core & (np.maximum(left, right) > 0.5)
    return Sections(across, np.nan_to_num(middle), weight, both, one)


def _share(flag: npt.NDArray[np.bool_], of: npt.NDArray[np.bool_]) -> Floats:
    return np.asarray((flag & of).sum(axis=1) / np.maximum(of.sum(axis=1), 1))


def _stations(hairs: Sequence[SeenHair]) -> tuple[Floats, Floats]:
    """Places on each axis [hair, station, (x, y)] and the way ahead there."""
    place = np.empty((len(hairs), STATIONS, 2))
    ahead = np.empty_like(place)
    for k, hair in enumerate(hairs):
        run = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(hair.path_px, axis=0).T))])
        at = np.linspace(_FROM, _TO, STATIONS) * run[-1]
        for axis in (0, 1):
            place[k, :, axis] = np.interp(at, run, hair.path_px[:, axis])
            before, behind = (np.interp(np.clip(at + by, 0, run[-1]), run, hair.path_px[:, axis]) for by in (-2.0, 2.0))
            ahead[k, :, axis] = behind - before
    return place, ahead / np.maximum(np.hypot(ahead[..., 0], ahead[..., 1]), 1e-9)[..., None]


def _crowd(shape: tuple[int, ...], hairs: Sequence[SeenHair], width_px: Floats) -> Layer:
    """How many shafts lie over each pixel, with a little room round them."""
    count = np.zeros(shape, np.float32)
    for hair, width in zip(hairs, width_px, strict=True):
        low = np.maximum(np.floor(hair.path_px.min(axis=0) - width - 3).astype(int), 0)
        high = np.minimum(np.ceil(hair.path_px.max(axis=0) + width + 4).astype(int), (shape[1], shape[0]))
        if np.any(high <= low):
            continue
        part = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
        line = np.round((hair.path_px - low) * 16).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(part, [line], False, 1, max(1, round(width + 2 * _SLACK_PX)), cv2.LINE_8, 4)
        count[low[1] : high[1], low[0] : high[0]] += part
    return count


def _sample(
    light: Layer, crowd: Layer, place: Floats, ahead: Floats, across: Floats, width_px: Floats
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Light [hair, station, sample, colour] and whether the place belongs to this hair or to bare skin."""
    x = (place[..., 0:1] - ahead[..., 1:2] * across[:, None]).astype(np.float32)
    y = (place[..., 1:2] + ahead[..., 0:1] * across[:, None]).astype(np.float32)
    flat = x.shape[0] * x.shape[1]
    maps = x.reshape(flat, -1), y.reshape(flat, -1)
    seen = cv2.remap(light, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).reshape(*x.shape, 3)
    lying = cv2.remap(crowd, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).reshape(x.shape)
    own = np.abs(across)[:, None] < (0.5 * width_px + 2.0 * _SLACK_PX)[:, None, None]
    inside = (x > 0) & (y > 0) & (x < light.shape[1] - 1) & (y < light.shape[0] - 1)
    return np.asarray(seen, np.float64), np.asarray(inside & (lying <= np.where(own, 1.2, 0.2)))


def _straightened(
    place: Floats,
    ahead: Floats,
    across: Floats,
    seen: Floats,
    free: npt.NDArray[np.bool_],
    width_px: Floats,
    blur_px: float,
) -> Floats:
    """The stations moved to the middle of what is seen, along a curve of second order."""
    beside = free & np.asarray(np.abs(across) > (0.5 * width_px + 1.5 * blur_px)[:, None])[:, None]
    slim = np.asarray(np.maximum(width_px / 3.0, 0.8))
    core = free & np.asarray(np.abs(across) < slim[:, None])[:, None]
    skin, shaft = ((seen * of[..., None]).sum((1, 2)) / np.maximum(of.sum((1, 2)), 1)[:, None] for of in (beside, core))
    towards = shaft - skin
    share = np.einsum("hksc,hc->hks", seen - skin[:, None, None], towards)
    share /= np.maximum((towards**2).sum(axis=1), 1e-12)[:, None, None]
    near = np.asarray(np.abs(across) < (0.5 * width_px + 2.5 * blur_px)[:, None])[:, None]
    share = np.clip(share, 0.0, 1.5) * near
    middle = (share * across[:, None]).sum(axis=2) / np.maximum(share.sum(axis=2), 1e-6)
    whole = np.asarray((free | ~near).all(axis=2))
    along, moved = np.linspace(-1.0, 1.0, STATIONS), place.copy()
    for k in range(len(place)):
        use = np.flatnonzero(whole[k])
        if use.size < 8:
            continue
        powers = np.vander(along, 3 if use.size > 14 else 1)
        for _ in range(2):
            curve = np.linalg.lstsq(powers[use], middle[k, use], rcond=None)[0]
            off = np.abs(middle[k, use] - powers[use] @ curve)
            use = use[off < 2.0 * np.median(off) + 0.2]
        shift = np.clip(powers @ curve, -2.5, 2.5)[:, None]
        moved[k] += shift * np.column_stack([-ahead[k, :, 1], ahead[k, :, 0]])
    return moved
