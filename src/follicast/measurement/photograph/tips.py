"""Follows each shaft from its root to where it ends, step by step, in the pixels.

Growth is the difference of two lengths, so a tip must be where the shaft ends and not where a detector, which saw many
short hairs, expects it. From the root the shaft is followed by its contrast against the skin on both sides; it ends
where that is gone for longer than a gap. Whatever is wrong with it is wrong alike in both photographs of a pair.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from follicast.measurement.photograph.hair import SeenHair
from follicast.measurement.photograph.sight import Sight

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Layer = npt.NDArray[np.float32]

# A step along the shaft, how far ahead is looked, and the longest hair that is followed, um.
_STEP, _AHEAD, _LONGEST = 12.0, 36.0, 4000.0
# Where the shaft is sought aside of its heading, where the skin is read, um; how much of a turn is followed at once.
_ASIDE, _SKIN, _GAIN = np.arange(-21.0, 21.1, 7.0), (-95.0, -75.0, 75.0, 95.0), 0.25
# Half of its contrast is where a shaft and bare skin are as likely; a run that lost so much, um of full contrast, has
# left it; the part of a hair that the detector saw that is taken for granted; contrast under which nothing is followed.
_HALF, _LEFT, _GRANTED, _LEAST = 0.5, 60.0, 0.5, 0.06
_BORDER_PX = 1.5


@dataclass(slots=True)
class _Walk:
    """Where each walker is, mm, what speaks for a shaft so far (um), where most did, and where; arrays [hair]."""

    place: Floats
    heading: Floats
    skin: Floats
    score: Floats
    best: Floats
    ends: Floats
    going: Flags


def followed(sight: Sight) -> Sight:
    """The same photograph with every tip where the shaft ends; hairs that hardly stand out keep theirs."""
    if not sight.count:
        return sight
    ends = sight.ends_mm
    light = np.log(sight.image.astype(np.float32) + 8.0)
    long = 1000.0 * np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    heading = (ends[:, 1] - ends[:, 0]) / np.maximum(long, 1.0)[:, None] * 1000.0
    contrast, skin = _contrast(light, sight.um_per_px, ends[:, 0], heading, long)
    path, length = _walked(light, sight, ends[:, 0], heading, skin, contrast, _GRANTED * long)
    clear = np.linalg.norm(contrast, axis=1) > _LEAST
    hairs = [
        _ended(hair, path[k], length[k], sight.um_per_px) if clear[k] else hair for k, hair in enumerate(sight.hairs)
    ]
    return replace(sight, hairs=tuple(hairs))


def _sampled(light: Layer, um_per_px: float, place_mm: Floats) -> Floats:
    """Log light [..., colour] at places [..., (x, y)]."""
    flat = (place_mm * (1000.0 / um_per_px)).reshape(1, -1, 2)
    x, y = (np.ascontiguousarray(flat[..., k], np.float32) for k in (0, 1))
    # OpenCV looks up at most 32767 places a row.
    rows = [
        cv2.remap(light, x[:, a : a + 30000], y[:, a : a + 30000], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for a in range(0, x.shape[1], 30000)
    ]
    return np.concatenate(rows, axis=1).reshape(*place_mm.shape[:-1], 3).astype(np.float64)


def _across(heading: Floats) -> Floats:
    return np.stack([-heading[:, 1], heading[:, 0]], axis=1)


def _contrast(light: Layer, um: float, root: Floats, heading: Floats, long: Floats) -> tuple[Floats, Floats]:
    """Usual contrast of the part that the detector saw, and the level of the skin beside it [hair, colour]."""
    share = np.linspace(0.2, 0.75, 10)
    line = root[:, None] + (share[None] * long[:, None])[..., None] / 1000.0 * heading[:, None]
    side = _across(heading)[:, None] / 1000.0
    skin = np.median(np.concatenate([_sampled(light, um, line + s * side) for s in _SKIN], axis=1), axis=1)
    shafts = np.stack([np.median(_sampled(light, um, line + s * side), axis=1) for s in (-10.0, 0.0, 10.0)], axis=1)
    difference = skin[:, None] - shafts
    best = np.argmax(np.linalg.norm(difference, axis=2), axis=1)
    return np.asarray(difference[np.arange(len(root)), best]), np.asarray(skin)


def _walked(
    light: Layer, sight: Sight, root: Floats, heading: Floats, skin: Floats, contrast: Floats, granted: Floats
) -> tuple[Floats, Floats]:
    """Path of each walker [hair, step, (x, y)] in mm, and how far along it the shaft ends, um [hair]."""
    wide, high = sight.size_mm
    edge = _BORDER_PX * sight.um_per_px / 1000.0
    nothing = np.zeros(len(root))
    walk = _Walk(
        root.copy(), heading.copy(), skin.copy(), nothing, nothing, granted.copy(), np.ones(len(root), np.bool_)
    )
    usual = contrast / np.maximum((contrast**2).sum(axis=1), 1e-6)[:, None]
    path = [walk.place.copy()]
    for step in range(1, int(_LONGEST / _STEP)):
        gone = step * _STEP
        ahead = walk.place + _AHEAD / 1000.0 * walk.heading
        side = _across(walk.heading)
        seen = _sampled(light, sight.um_per_px, ahead[:, None] + _ASIDE[None, :, None] / 1000.0 * side[:, None])
        beside = _sampled(
            light, sight.um_per_px, ahead[:, None] + np.array(_SKIN)[None, :, None] / 1000.0 * side[:, None]
        )
        # The side that is more like the skin so far: on the other a neighbour may lie.
        levels = np.stack([beside[:, :2].mean(axis=1), beside[:, 2:].mean(axis=1)], axis=1)
        nearer = np.argmin(np.linalg.norm(levels - walk.skin[:, None], axis=2), axis=1)
        level = levels[np.arange(len(root)), nearer]
        walk.skin += 0.1 * (level - walk.skin)
        strength = np.einsum("hac,hc->ha", walk.skin[:, None] - seen, usual)
        pull = np.maximum(strength - 0.3, 0.0) ** 2
        aside = (pull * _ASIDE).sum(axis=1) / np.maximum(pull.sum(axis=1), 1e-9)
        # Two neighbouring places at the best of three: a thin shaft a little aside, and not every grain of the skin.
        shaft = np.clip(np.max((strength[:, 1:-2] + strength[:, 2:-1]) / 2.0, axis=1), -0.2, 1.2)
        there = shaft > _HALF
        walk.score = walk.score + np.where(walk.going, _STEP * (shaft - _HALF), 0.0)
        better = walk.going & ((walk.score > walk.best) | (gone < granted))
        walk.best = np.where(better, walk.score, walk.best)
        walk.ends = np.where(better, np.maximum(gone + _AHEAD - _STEP / 2.0, granted), walk.ends)
        turn = np.where(there, _GAIN * aside / _AHEAD, 0.0)[:, None]
        bent = walk.heading + turn * side
        walk.heading = np.where(walk.going[:, None], bent / np.hypot(*bent.T)[:, None], walk.heading)
        walk.place = walk.place + (_STEP / 1000.0) * walk.heading * walk.going[:, None]
        path.append(walk.place.copy())
        inside = np.all((walk.place > edge) & (walk.place < [wide - edge, high - edge]), axis=1)
        walk.going &= inside & ((walk.best - walk.score < _HALF * _LEFT) | (gone < granted))
        if not walk.going.any():
            break
    return np.stack(path, axis=1), walk.ends


def _ended(hair: SeenHair, path_mm: Floats, length_um: float, um_per_px: float) -> SeenHair:
    """A hair that ends so far along a path."""
    along = np.append(0.0, np.cumsum(1000.0 * np.hypot(*np.diff(path_mm, axis=0).T)))
    length = min(length_um, float(along[-1]))
    share = np.linspace(0.0, length, 9)
    line = np.stack([np.interp(share, along, path_mm[:, k]) for k in (0, 1)], axis=1) * (1000.0 / um_per_px)
    tip = float(line[-1, 0]), float(line[-1, 1])
    return replace(hair, tip_px=tip, path_px=line)
