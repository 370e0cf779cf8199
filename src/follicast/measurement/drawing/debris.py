"""What lies on a scalp besides its hair: scales, crusts on roots and shafts, loose clippings, an ink dot."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from follicast.knowledge.appearance import by_colour, usual
from follicast.measurement.drawing.dice import Dice
from follicast.measurement.drawing.frame import Frame
from follicast.measurement.drawing.patch import MARGIN_MM, Patch

Floats = npt.NDArray[np.float64]
Layer = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Clippings:
    """Loose pieces of hair, arrays [piece]: ends in px, diameter in um, melanin."""

    from_px: Floats
    to_px: Floats
    diameter_um: Floats
    eumelanin: Floats
    pheomelanin: Floats


def loose_clippings(seed: int, patch: Patch, frame: Frame, per_cm2: float | None = None) -> Clippings:
    """Clippings of the patch's own hair that lie about in a photograph, in any direction.

    Args:
        seed: of the photograph.
        patch: whose hair they are.
        frame: of the photograph.
        per_cm2: how many; None draws it.
    """
    dice = Dice(seed, "clippings")
    mean = dice.of("clipping.per_cm2") if per_cm2 is None else per_cm2
    n = dice.whole(mean * frame.width_px * frame.height_px * (frame.um_per_px * 1e-4) ** 2)
    start = dice.stream.uniform(size=(n, 2)) * [frame.width_px, frame.height_px]
    turn = dice.stream.uniform(0.0, 2.0 * math.pi, n)
    long = np.clip(dice.many("clipping.um", n), 15.0, 1500.0) / frame.um_per_px
    step = long[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    of = dice.stream.integers(0, max(patch.hairs.count, 1), n)
    hairs = patch.hairs
    return Clippings(start, start + step, hairs.diameter_um[of], hairs.eumelanin[of], hairs.pheomelanin[of])


def scales(
    seed: int, frame: Frame, roots_px: Floats, axes_px: Floats, radius_px: Floats, per_cm2: float | None = None
) -> tuple[Layer, Layer]:
    """Scales that hide what lies under them.

    Args:
        seed: of the photograph.
        frame: of the photograph.
        roots_px: one place a unit, at which a crust may sit [unit, (x, y)].
        axes_px: of the shafts, on which specks sit [hair, point, (x, y)].
        radius_px: of the shafts [hair].
        per_cm2: scales on the skin; None draws it, and 0 means none at all, on shafts and roots neither.

    Returns:
        Two layers: cover [h, w] from 0 to 1, and their reflectance [h, w].
    """
    dice, per = Dice(seed, "scales"), 1.0 / frame.um_per_px
    cover, white = np.zeros(frame.shape, np.float32), np.full(frame.shape, dice.of("flake.white"), np.float32)
    if per_cm2 == 0.0:
        return cover, white
    most = dice.of("flake.cover")
    mean = dice.of("flake.per_cm2") if per_cm2 is None else per_cm2
    count = dice.whole(mean * frame.width_px * frame.height_px * (frame.um_per_px * 1e-4) ** 2)
    for place, um in zip(
        dice.stream.uniform(size=(count, 2)) * [frame.width_px, frame.height_px],
        dice.many("flake.um", count),
        strict=True,
    ):
        _lay(dice, cover, place, um * per, most * dice.stream.uniform(0.3, 1.0))
    share = dice.of("flake.on_root_share")
    for root in roots_px:
        if dice.happens(share):
            place = root + dice.stream.normal(0.0, 25.0 * per, 2)
            _lay(dice, cover, place, dice.of("flake.on_root_um") * per, most)
    each = dice.of("flake.on_shaft_per_mm")
    for axis, radius in zip(axes_px, radius_px, strict=True):
        long = float(np.hypot(*(axis[-1] - axis[0])))
        for _ in range(dice.whole(each * long * frame.um_per_px / 1000.0)):
            at = dice.stream.beta(1.0, 1.8) * (len(axis) - 1)
            k = min(int(at), len(axis) - 2)
            place = axis[k] + (at - k) * (axis[k + 1] - axis[k]) + dice.stream.normal(0.0, 0.5 * radius, 2)
            _lay(dice, cover, place, dice.of("flake.on_shaft_um") * per, most * dice.stream.uniform(0.4, 1.0))
    return cover, white


def _lay(dice: Dice, cover: Layer, place: Floats, size: float, most: float) -> None:
    """Put one ragged scale of about `size` px across at a place."""
    reach = math.ceil(1.3 * size) + 2
    x0, y0 = math.floor(place[0]) - reach, math.floor(place[1]) - reach
    side = 2 * reach + 1
    height, width = cover.shape
    rough = dice.stream.standard_normal((side, side)).astype(np.float32)
    stretch, turn = dice.stream.uniform(0.55, 1.0), dice.turn()
    if x0 + side <= 0 or y0 + side <= 0 or x0 >= width or y0 >= height:
        return
    rough = np.asarray(cv2.GaussianBlur(rough, (0, 0), max(0.16 * size, 0.6)), np.float32)
    rough /= max(float(rough.std()), 1e-6)
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    dx, dy = x + x0 - place[0], y + y0 - place[1]
    along, aside = dx * math.cos(turn) + dy * math.sin(turn), dy * math.cos(turn) - dx * math.sin(turn)
    away = np.sqrt(along**2 + (aside / stretch) ** 2) / max(0.5 * size, 0.4)
    blob = most * np.clip(2.2 * (1.0 + 0.33 * rough - away), 0.0, 1.0)
    ys, xs = slice(max(0, -y0), min(side, height - y0)), slice(max(0, -x0), min(side, width - x0))
    part = cover[max(0, y0) : y0 + side, max(0, x0) : x0 + side]
    np.maximum(part, blob[ys, xs], out=part)


def ink(patch: Patch, frame: Frame) -> Layer:
    """What an ink dot leaves of the light [h, w, 3]; it marks the place in every photograph of the patch."""
    dice, per = Dice(patch.seed, "ink"), 1.0 / frame.um_per_px
    inner = np.array([patch.width_mm, patch.height_mm]) - 2.0 * MARGIN_MM
    place = frame.to_px(MARGIN_MM + inner * dice.stream.uniform(0.15, 0.85, 2))
    y, x = np.mgrid[0 : frame.height_px, 0 : frame.width_px].astype(np.float32)
    radius = 0.5 * dice.of("ink.um") * per
    away = np.hypot(x - place[0], y - place[1]) / radius
    amount = dice.of("ink.depth") / (1.0 + np.exp(np.clip((away - 1.0) / 0.12, -30.0, 30.0)))
    return np.asarray(np.exp(-amount[..., None] * np.array(by_colour("ink"))), np.float32)


def under_skin(frame: Frame, roots_px: Floats, backwards: Floats, diameter_um: Floats, dark: Floats) -> Layer:
    """What the hairs' own lower parts, seen through the skin, leave of the light [h, w, 3].

    Args:
        frame: of the photograph.
        roots_px: where the hairs come out [hair, (x, y)].
        backwards: unit vectors along which they go on under the skin [hair, (x, y)].
        diameter_um: of the hairs.
        dark: share of light that each takes, 0 to 1.
    """
    per, fade = 1.0 / frame.um_per_px, usual("root.fade_um")
    total = np.zeros(frame.shape, np.float32)
    stops = np.array([-0.1, 0.2, 0.5, 0.9, 1.4, 2.1]) * fade
    for near, far in itertools.pairwise(stops):
        middle = max(0.5 * (near + far), 0.0)
        blur = (usual("root.blur_um") + usual("root.blur_per_um") * middle) * per
        step = max(1, int(blur / 2.0))
        mask = np.zeros((frame.height_px // step + 1, frame.width_px // step + 1), np.uint8)
        for root, back, um, share in zip(roots_px, backwards, diameter_um, dark, strict=True):
            aside = 0.5 * um * per * np.array([-back[1], back[0]])
            ends = root + near * per * back, root + far * per * back
            corners = np.array([ends[0] - aside, ends[0] + aside, ends[1] + aside, ends[1] - aside]) / step
            cv2.fillConvexPoly(mask, np.round(corners * 16).astype(np.int32), int(255 * share), cv2.LINE_AA, 4)
        soft = cv2.GaussianBlur(mask.astype(np.float32) / 255.0, (0, 0), blur / step)
        wide = cv2.resize(soft, None, fx=step, fy=step, interpolation=cv2.INTER_LINEAR)[
            : frame.height_px, : frame.width_px
        ]
        total += math.exp(-middle / fade) * wide
    amount = usual("root.absorbance") * total[..., None] * np.array(by_colour("root"))
    return np.asarray(np.exp(-amount), np.float32)


def cast_shadow(frame: Frame, axes_px: Floats, diameter_um: Floats, lamp_rad: float) -> Layer:
    """What the shadows of shafts on the skin leave of the light [h, w, 1].

    Args:
        frame: of the photograph.
        axes_px: of the shafts [hair, point, (x, y)].
        diameter_um: of the shafts.
        lamp_rad: direction in which shadows fall.
    """
    per, step = 1.0 / frame.um_per_px, 4
    mask = np.zeros((frame.height_px // step + 1, frame.width_px // step + 1), np.uint8)
    offset = usual("shadow.offset_um") * per * np.array([math.cos(lamp_rad), math.sin(lamp_rad)])
    for axis, um in zip(axes_px, diameter_um, strict=True):
        line = np.round((axis + offset) / step * 16).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(mask, [line], False, 255, max(1, round(um * per / step)), cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(mask.astype(np.float32) / 255.0, (0, 0), max(usual("shadow.blur_um") * per / step, 0.5))
    wide = cv2.resize(soft, None, fx=step, fy=step, interpolation=cv2.INTER_LINEAR)[: frame.height_px, : frame.width_px]
    return np.asarray(np.exp(-2.5 * usual("shadow.depth") * wide)[..., None], np.float32)
