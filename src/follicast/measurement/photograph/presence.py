"""Is there a shaft where a hair of the other photograph should be? Asked of the pixels, not of the detector.

A hair that was seen in one photograph and not in the other is gone, or it was overlooked. Its place in the other
photograph is known from the alignment: along it the light is measured against the skin on both sides, shafts of other
hairs left out. What that reading is where a hair stands is learned from the hairs seen in both photographs, and what it
is on bare skin from places aside of them; the two together give the odds.
"""

from __future__ import annotations

import math
import warnings
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from follicast.measurement.photograph.sight import Sight

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Labels = npt.NDArray[np.int32]

MOST_ODDS: Final = 50.0
"""No reading of pixels is believed more than so many times to one: a flake can lie on a root."""
NOBODY: Final = -1

# Part of the axis that is read, from the root, um; at how many points, and how many of them must be free.
_FROM_UM, _READ_UM, _POINTS, _LEAST_POINTS = 40.0, 260.0, 12, 4
# How far aside the shaft is sought and the skin is read, um; how far a shaft shades its surroundings, um.
_SOUGHT_UM, _SKIN_UM, _SHADE_UM = (0.0, -15.0, 15.0, -30.0, 30.0), (-105.0, -80.0, 80.0, 105.0), 24.0
# The first of these are near the place itself.
_MIDDLE = 3
# Where bare skin is read for comparison: so far aside of a hair, um.
_ASIDE_UM = (-330.0, -220.0, 220.0, 330.0)
_LEAST_EXAMPLES = 8
# Below nothing there is nothing less, and more than the whole shaft says no more.
_ENDS = (0.0, 1.1)


def territories(sight: Sight) -> Labels:
    """Which hair each pixel of a photograph belongs to [h, w]: its row, -1 for none."""
    labels = np.full(sight.image.shape[:2], NOBODY, np.int32)
    usual = float(np.nanmedian(sight.widths_um)) if np.isfinite(sight.widths_um).any() else 60.0
    for row, (hair, um) in enumerate(zip(sight.hairs, sight.widths_um, strict=True)):
        wide = ((um if math.isfinite(um) else usual) + _SHADE_UM) / sight.um_per_px
        line = np.rint(np.asarray(hair.path_px)).astype(np.int32)
        cv2.polylines(labels, [line], False, row, max(1, round(wide)))
    return labels


def readings(sight: Sight, labels: Labels, rows: Ints, root_mm: Floats, ahead: Floats, length_um: Floats) -> Floats:
    """Optical density of a shaft against the skin beside it, by colour, at places of a photograph.

    Args:
        sight: the photograph.
        labels: `territories` of it.
        rows: which of its hairs is read at each place [place]; other hairs are left out.
        root_mm: where the shaft leaves the skin [place, (x, y)].
        ahead: unit vectors of its direction [place, (x, y)].
        length_um: how long it is at least [place].

    Returns:
        [place, aside, colour]: ln of skin over shaft for each way of lying a little aside, NaN where others cover it.
    """
    reach = np.maximum(0.9 * np.minimum(length_um, _READ_UM), 1.5 * _FROM_UM)
    along = (_FROM_UM + (reach - _FROM_UM)[:, None] * np.linspace(0.0, 1.0, _POINTS)) / 1000.0
    across = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)
    aside = np.array(_SOUGHT_UM + _SKIN_UM) / 1000.0
    place = (
        root_mm[:, None, None]
        + along[:, None, :, None] * ahead[:, None, None]
        + aside[None, :, None, None] * across[:, None, None]
    ) * (1000.0 / sight.um_per_px)
    flat = place.reshape(place.shape[0], -1, 2)
    x, y = (np.ascontiguousarray(flat[..., k], np.float32) for k in (0, 1))
    light = cv2.remap(sight.image.astype(np.float32), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    density = np.log(light.reshape(*place.shape[:3], 3).astype(np.float64) + 8.0)
    density[_covered(labels, rows, place)] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # nothing but covered points: NaN is the answer
        lines = np.nanmedian(density, axis=2)
        skin = np.nanmedian(lines[:, len(_SOUGHT_UM) :], axis=1)
    few = np.isfinite(density[..., 0]).sum(axis=2) < _LEAST_POINTS
    lines[few] = np.nan
    # Where another shaft lies on the very place, what is left beside it tells nothing.
    lines[few[:, 0]] = np.nan
    return np.asarray(skin[:, None] - lines[:, : len(_SOUGHT_UM)])


def _covered(labels: Labels, rows: Ints, place: Floats) -> npt.NDArray[np.bool_]:
    """Which places [place, ..., (x, y)] belong to another hair, or lie outside."""
    height, width = labels.shape
    at = np.rint(place).astype(np.int64)
    outside = np.any((at < 0) | (at >= [width, height]), axis=-1)
    owner = labels[np.clip(at[..., 1], 0, height - 1), np.clip(at[..., 0], 0, width - 1)]
    return np.asarray(outside | ((owner != NOBODY) & (owner != rows[:, None, None])))


def likeness(own: Floats, other: Floats) -> Floats:
    """How much of a hair's own contrast is there in the other photograph [hair]: 1 if it is, about 0 if not.

    Args:
        own: `readings` where it was seen.
        other: `readings` where it should be; NaN in all ways makes the answer NaN.
    """
    size = np.nan_to_num(np.linalg.norm(own[:, :_MIDDLE], axis=2), nan=-1.0)
    best = own[np.arange(len(own)), np.argmax(size, axis=1)]
    share = np.einsum("hac,hc->ha", other, best) / np.maximum((best**2).sum(axis=1), 1e-4)[:, None]
    most = np.nanmax(np.nan_to_num(share, nan=-np.inf), axis=1)
    return np.where(np.isfinite(most), np.clip(most, *_ENDS), np.nan)


def odds_of_absence(
    other: Sight, own: Floats, root_mm: Floats, ahead: Floats, length_um: Floats, match: Ints, asked: Ints
) -> Floats:
    """How many times likelier the pixels are on bare skin than where a hair stands, for the hairs asked for.

    Args:
        other: the other photograph.
        own: `readings` of all hairs where they were seen.
        root_mm: where they should be in the other photograph [hair, (x, y)].
        ahead: their direction there [hair, (x, y)].
        length_um: their length [hair].
        match: their rows in the other photograph, -1 for none [hair].
        asked: rows of the hairs asked for.

    Returns:
        Odds [asked]; 1 where too little is known, NaN where other hairs cover the place.
    """
    labels = territories(other)
    seen = likeness(own, readings(other, labels, match, root_mm, ahead, length_um))
    across = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)
    nobody = np.full(len(match), NOBODY)
    empty = np.concatenate(
        [
            likeness(own, readings(other, labels, nobody, root_mm + um / 1000.0 * across, ahead, length_um))
            for um in _ASIDE_UM
        ]
    )
    present = seen[match >= 0]
    empty, present = empty[np.isfinite(empty)], present[np.isfinite(present)]
    known = np.isfinite(seen[asked])
    odds = np.where(known, 1.0, np.nan)
    if min(present.size, empty.size) < _LEAST_EXAMPLES or not known.any():
        return odds
    value = seen[asked][known]
    ratio = np.exp(_log_density(value, empty) - _log_density(value, present))
    # More of a shaft never speaks for bare skin: the odds fall along the reading.
    order = np.argsort(value)
    falling = np.empty_like(ratio)
    falling[order] = np.minimum.accumulate(ratio[order])
    odds[known] = np.clip(falling, 1.0 / MOST_ODDS, MOST_ODDS)
    return odds


def _log_density(value: Floats, examples: Floats) -> Floats:
    """Log of a density estimated from examples: normal kernels, with a little everywhere."""
    spread = min(float(examples.std()), float(np.subtract(*np.percentile(examples, [75, 25]))) / 1.35)
    width = max(0.9 * spread * examples.size**-0.2, 0.06)
    z = (value[:, None] - examples[None]) / width
    kernels = np.exp(-0.5 * z**2).mean(axis=1) / (width * math.sqrt(2.0 * math.pi))
    return np.asarray(np.log(0.97 * kernels + 0.03))
