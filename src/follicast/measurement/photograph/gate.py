"""May this photograph be measured? If not, why, a sentence each; what it would have given is not said then.

Two looks: at the picture before hairs are sought in it, and at what was found. The bounds were chosen on drawn
photographs of every skin and hair tone, against pictures of other things.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from follicast.language import say
from follicast.measurement.photograph.contrast import WORKING_UM, standing_out
from follicast.measurement.photograph.hair import SeenHair

Picture = npt.NDArray[np.uint8]
Layer = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

# One colour, black, white: spread of the light, and levels.
LEAST_SPREAD, BLACK, WHITE = 4.0, 18.0, 240.0
# Paper and screens: share of the picture that is one neutral, light or unmixed level.
MOST_FLAT: Final = 0.35
# Green over the mean of red and blue, and blue over red, as shares of the light: skin under any lamp stays below.
MOST_GREEN, MOST_BLUE = 0.22, 0.45
MOST_BLUR_UM, MOST_BLUR_PX, SHARP_PX = 17.0, 4.0, 2.2
COARSEST_UM: Final = 12.0
MOST_GLARE: Final = 0.03
LEAST_HAIRS: Final = 3
# Long hair: how long, which share of the hair, and how much of the picture hair may cover.
LONG_UM, MOST_LONG, MOST_COVER = 3000.0, 0.30, 0.30
_LONG_SHARE_OF_SIDE: Final = 0.45
LEAST_TOGETHER: Final = 0.48
"""How far hairs that stand near one another point one way, 0 to 1: hair does, print and fibres do not."""
LEAST_CONTRAST: Final = 0.25
"""Below this the finder misses most hairs of drawings: blond and red hair on light skin."""
MOST_BUSY: Final = 0.48
"""Share of the picture that differs from the skin round it: fur and cloth have no bare skin between the hairs."""
MOST_LIGHT, MOST_LIGHT_SHARE = 5, 0.6
"""Shafts lighter than the skin, and their share of the dark ones: the finder sees dark hair only."""
LIGHTER, MOST_LIGHTER = 0.06, 0.2
"""A hair so much lighter than its skin is light; the share of light ones above which others like them are missed."""
MOST_PER_CM2: Final = 400.0
LETTERS_CONTRAST, LEAST_SLIM = 0.45, 0.08
"""Dark marks of which fewer than this share are long and slim are letters; of drawn dark hair a fifth and more are."""
WIDTHS_UM: Final = (12.0, 130.0)
LEAST_AREA_MM2: Final = 4.0


@dataclass(frozen=True, slots=True)
class Quality:
    """What was looked at, and what is wrong.

    Attributes:
        passed: nothing is wrong.
        reasons: a sentence for each thing that is wrong.
        figures: what was measured of the picture by name, for the record.
    """

    passed: bool
    reasons: tuple[str, ...]
    figures: dict[str, float] = field(default_factory=dict)


def look_at(image: Picture, um_per_px: float | None) -> Quality:
    """Can hairs be sought in this picture at all?

    Args:
        image: RGB.
        um_per_px: None where the scale is not known.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    spread, level = float(grey.std()), float(grey.mean())
    figures = {"light": level, "spread": spread}
    if spread < LEAST_SPREAD:
        what = (
            say("It is black: no photograph of skin with hair.")
            if level < BLACK
            else say("It is white: no photograph of skin with hair.")
            if level > WHITE
            else say("It is of one even colour: no photograph of skin with hair.")
        )
        return Quality(False, (what,), figures)
    flat = _flat_share(image)
    green, blue = _tint(image)
    blur = _blur_px(np.asarray(grey, np.uint8))
    glare = float((image.min(axis=2) > 243).mean())
    blur_um = None if um_per_px is None else blur * um_per_px
    figures |= {"flat_share": flat, "green": green, "blue": blue, "blur_px": blur, "glare_share": glare}
    reasons = []
    if flat > MOST_FLAT:
        reasons.append(say("It is no photograph of skin: much of it is one level, as on paper, a screen or a drawing."))
    elif green > MOST_GREEN or blue > MOST_BLUE:
        reasons.append(say("It is no photograph of skin: its colours are not those of skin under any lamp."))
    if blur > MOST_BLUR_PX * max(1.0, _short(image) / 1000.0) or (
        blur_um is not None and blur_um > MOST_BLUR_UM and blur > SHARP_PX
    ):
        reasons.append(say("It is out of focus: edges are blurred over more than a thin hair is wide; take it again."))
    if glare > MOST_GLARE and flat <= MOST_FLAT:
        reasons.append(
            say(
                "Light is mirrored on {share} % of it, as on wet or greasy skin; dry the skin or turn the lamp.",
                share=f"{100 * glare:.0f}",
            )
        )
    if um_per_px is not None and um_per_px > COARSEST_UM:
        reasons.append(
            say(
                "At {scale} µm per pixel a thin hair is hardly two pixels wide; magnify more, or check the scale.",
                scale=f"{um_per_px:g}",
            )
        )
    if um_per_px is not None:
        area = image.shape[0] * image.shape[1] * um_per_px**2 / 1e6
        figures["field_mm2"] = area
        if area < LEAST_AREA_MM2:
            reasons.append(
                say(
                    "It shows only {area} mm² of skin, and at least {least} mm² are needed for a count.",
                    area=f"{area:.1f}",
                    least=f"{LEAST_AREA_MM2:g}",
                )
            )
    return Quality(not reasons, tuple(reasons), figures)


def judge(
    image: Picture,
    um_per_px: float | None,
    hairs: Sequence[SeenHair],
    before: Quality,
    widths_px: npt.NDArray[np.float64],
) -> Quality:
    """Is what was found hair on shaved skin, and can it be trusted?

    Args:
        image: RGB.
        um_per_px: None where the scale is not known.
        hairs: that were found.
        before: what `look_at` said.
        widths_px: measured width of each hair, NaN where none was.
    """
    reasons, figures = list(before.reasons), dict(before.figures)
    cover, long, busy = _hair_cover(image, um_per_px)
    dark, light = _shafts(image, um_per_px)
    figures |= {"hair_cover": cover, "long_share": long, "busy": busy, "dark_shafts": dark, "light_shafts": light}
    if busy > MOST_BUSY:
        reasons.append(say("There is no bare skin between the hairs, as on fur, cloth or an unclipped scalp."))
    elif cover > MOST_COVER or long > MOST_LONG:
        reasons.append(
            say("The hair is too long: hairs hide one another's roots; clip it to about 1 mm and take it again.")
        )
    much_light = light > MOST_LIGHT and light > MOST_LIGHT_SHARE * dark
    if much_light:
        reasons.append(say("Much of the hair is lighter than the skin, which is not counted surely; dye the stubble."))
    if len(hairs) < LEAST_HAIRS:
        reasons.append(say("No hair is seen on it: it may be a picture of something else; enter a bare site by hand."))
        return Quality(False, tuple(reasons), figures)
    together = _together(hairs)
    figures["together"] = together
    if together < LEAST_TOGETHER and len(hairs) >= 8:
        reasons.append(say("What is seen on it points all ways, as print or fibres do and hair does not."))
    against = _against_skin(image, hairs)
    contrast = float(np.median(np.abs(against))) if against.size else 0.0
    lighter = float((against > LIGHTER).mean()) if against.size else 0.0
    figures |= {"contrast": contrast, "lighter_share": lighter}
    if lighter > MOST_LIGHTER and not much_light:
        reasons.append(say("Part of the hair is white or lighter than the skin, and is missed; dye the stubble."))
    if contrast < LEAST_CONTRAST:
        reasons.append(say("The hair hardly stands out from the skin; change the light, or dye the stubble."))
    if contrast > LETTERS_CONTRAST and len(hairs) >= 20 and dark < LEAST_SLIM * len(hairs):
        reasons.append(say("What is seen on it are short marks, as of print, and no shafts."))
    if um_per_px is not None and len(hairs) > MOST_PER_CM2 * figures["field_mm2"] / 100.0:
        reasons.append(say("There would be more hairs on it than any scalp has; check the scale."))
    known = widths_px[np.isfinite(widths_px)]
    if um_per_px is not None and known.size >= 5:
        usual = float(np.median(known)) * um_per_px
        figures["median_um"] = usual
        if not WIDTHS_UM[0] <= usual <= WIDTHS_UM[1]:
            reasons.append(
                say(
                    "By this scale its hairs would be {width} µm thick, which hair is not; check the scale.",
                    width=f"{usual:.0f}",
                )
            )
    return Quality(not reasons, tuple(reasons), figures)


def _short(image: Picture) -> int:
    return int(min(image.shape[:2]))


def _flat_share(image: Picture) -> float:
    """Share of the pixels that differ from none of their neighbours, or are the white of paper."""
    wide = image.astype(np.int16)
    across = np.abs(np.diff(wide, axis=1)).max(axis=2)[:-1]
    down = np.abs(np.diff(wide, axis=0)).max(axis=2)[:, :-1]
    same = float(((across == 0) & (down == 0)).mean())
    low, high = wide.min(axis=2), wide.max(axis=2)
    paper = float(((low > 225) & (high - low < 14)).mean())
    return max(same, paper)


def _tint(image: Picture) -> tuple[float, float]:
    """How much greener than red and blue, and bluer than red, the lighter half of the picture is."""
    light = image.reshape(-1, 3)[:: max(1, image.shape[0] * image.shape[1] // 200_000)].astype(np.float64)
    level = light.mean(axis=1)
    red, green, blue = np.median(light[level >= np.median(level)], axis=0)
    mean = max((red + green + blue) / 3.0, 1.0)
    return float((green - 0.5 * (red + blue)) / mean), float((blue - red) / mean)


def _blur_px(grey: npt.NDArray[np.uint8]) -> float:
    """Standard deviation of the blur by the steepest edges: how far the light goes over how steep it is."""
    soft = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 0.7)
    slope = cv2.magnitude(
        cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=0.125), cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=0.125)
    )
    box = np.ones((17, 17), np.uint8)
    step = cv2.dilate(soft, box) - cv2.erode(soft, box)
    strong = step >= np.quantile(step[::4, ::4], 0.9)
    peak = strong & (slope >= cv2.dilate(slope, np.ones((9, 9), np.uint8)) * 0.999) & (step > 12.0)
    if not peak.any():
        return 9.0
    sigma = step[peak] / (math.sqrt(2.0 * math.pi) * np.maximum(slope[peak], 1e-3))
    return float(math.sqrt(max(np.quantile(sigma, 0.25) ** 2 - 0.7**2, 0.05)))


def _hair_cover(image: Picture, um_per_px: float | None) -> tuple[float, float, float]:
    """Share that is dark hair, share of that which hangs together over a long way, share that is no plain skin."""
    factor = 640.0 / max(image.shape[:2])
    small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1.0 else image
    factor = min(factor, 1.0)
    contrast = standing_out(np.asarray(small, np.uint8))
    dark = (contrast > 0.3).astype(np.uint8)
    busy = float((np.abs(contrast) > 0.12).mean())
    cover = float(dark.mean())
    count, _, boxes, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    if count < 2:
        return cover, 0.0, busy
    diagonal = np.hypot(boxes[1:, cv2.CC_STAT_WIDTH], boxes[1:, cv2.CC_STAT_HEIGHT]) / factor
    limit = _LONG_SHARE_OF_SIDE * _short(image) if um_per_px is None else LONG_UM / um_per_px
    area = boxes[1:, cv2.CC_STAT_AREA].astype(np.float64)
    return cover, float(area[diagonal > limit].sum() / area.sum()), busy


def _shafts(image: Picture, um_per_px: float | None) -> tuple[int, int]:
    """Straight shapes as long and as slim as stubble, darker and lighter than the skin."""
    factor = 1.0 if um_per_px is None else um_per_px / WORKING_UM
    changed = abs(factor - 1.0) > 0.05
    small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if changed else image
    contrast = standing_out(np.asarray(small, np.uint8))
    counts = []
    for mask in (contrast > 0.3, contrast < -0.12):
        clean = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
        shapes, _ = cv2.findContours(clean, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        counts.append(sum(_slim(np.asarray(shape, np.int32)) for shape in shapes if len(shape) >= 30))
    return counts[0], counts[1]


def _slim(shape: npt.NDArray[np.int32]) -> bool:
    sides = cv2.minAreaRect(shape)[1]
    long, wide = max(sides), max(min(sides), 1.0)
    return bool(long > 35.0 and long > 3.0 * wide and wide < 40.0 and cv2.contourArea(shape) > 0.5 * long * wide)


def _together(hairs: Sequence[SeenHair]) -> float:
    """How far each hair's axis agrees with those of its nearest eight, mean of the hairs."""
    place = np.array([hair.path_px.mean(axis=0) for hair in hairs])
    double = 2.0 * np.radians([hair.direction_deg for hair in hairs])
    turn = np.stack([np.cos(double), np.sin(double)], axis=1)
    away = ((place[:, None] - place[None]) ** 2).sum(axis=2)
    near = np.argsort(away, axis=1)[:, 1 : min(9, len(hairs))]
    return float(np.mean([float(turn[k] @ turn[near[k]].mean(axis=0)) for k in range(len(hairs))]))


def _against_skin(image: Picture, hairs: Sequence[SeenHair]) -> npt.NDArray[np.float64]:
    """How much lighter the axis of each hair is than the skin beside it, as a share of the skin's light [hair]."""
    level = image.max(axis=2).astype(np.float32)
    found = []
    for hair in hairs:
        line = hair.path_px[-1] - hair.path_px[0]
        long = float(np.hypot(*line))
        if long < 2.0:
            continue
        at = hair.path_px[0] + np.linspace(0.3, 0.85, 9)[:, None] * line
        aside = np.array([-line[1], line[0]]) / long * (max(np.nan_to_num(hair.width_px), 4.0) * 1.5)
        seen = [
            cv2.remap(level, line_at[:, :1], line_at[:, 1:], cv2.INTER_LINEAR)
            for line_at in (np.asarray(at + by, np.float32) for by in (0.0 * aside, aside, -aside))
        ]
        core, left, right = (float(np.median(part)) for part in seen)
        skin = max(0.5 * (left + right), 8.0)
        found.append((core - skin) / skin)
    return np.array(found, np.float64)
