"""Bare skin of a patch: its colour and its relief, with furrows, streaks, vessels and redness."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from follicast.knowledge.appearance import by_colour, usual
from follicast.measurement.drawing.dice import Dice
from follicast.measurement.drawing.frame import Frame
from follicast.measurement.drawing.patch import Patch

Floats = npt.NDArray[np.float64]
Layer = npt.NDArray[np.float32]

# Sets of furrows and fibres that lie over one another.
_LINE_SETS = 7


@dataclass(frozen=True, slots=True)
class Skin:
    """Skin as the camera will see it.

    Attributes:
        colour: reflectance, linear RGB [h, w, 3].
        relief: height in arbitrary units [h, w].
        gloss: fine unevenness that decides where moist skin mirrors a lamp [h, w], standard normal in the mean.
    """

    colour: Layer
    relief: Layer
    gloss: Layer


def tone_colour(patch: Patch) -> Floats:
    """Reflectance of a patch's skin, linear RGB, from the L*a*b* of its tone."""
    dice = Dice(patch.seed, "tone")
    lightness, a, b = (dice.of(f"skin.tone{patch.tone}.{axis}") for axis in "lab")
    fy = (lightness + 16.0) / 116.0
    xyz = np.array([0.95047, 1.0, 1.08883]) * [_from_lab(f) for f in (fy + a / 500.0, fy, fy - b / 200.0)]
    to_rgb = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])
    return np.asarray(np.clip(to_rgb @ xyz, 0.005, 0.95))


def _from_lab(f: float) -> float:
    return f**3 if f > 6.0 / 29.0 else 3.0 * (6.0 / 29.0) ** 2 * (f - 4.0 / 29.0)


def noise(dice: Dice, shape: tuple[int, int], sigma: float, stretch: float = 1.0, turn_rad: float = 0.0) -> Layer:
    """Smooth noise [rows, columns], mean 0 and standard deviation 1.

    Args:
        dice: what it is drawn from.
        shape: rows and columns.
        sigma: width of its features in steps.
        stretch: how much longer than wide they are.
        turn_rad: direction in which they are long.
    """
    # Worked out no finer than its features need, then enlarged.
    step = max(1, int(sigma / 1.5))
    rows, columns = (math.ceil(n / step) + 2 for n in shape)
    raw = dice.stream.standard_normal((rows, columns), dtype=np.float32)
    wide = max(sigma / step, 0.3)
    if stretch == 1.0:
        smooth = cv2.GaussianBlur(raw, (0, 0), wide, borderType=cv2.BORDER_REFLECT)
    else:
        smooth = cv2.filter2D(raw, -1, _long_kernel(wide, wide * stretch, turn_rad), borderType=cv2.BORDER_REFLECT)
    smooth = (smooth - smooth.mean()) / max(float(smooth.std()), 1e-6)
    if step > 1:
        smooth = cv2.resize(smooth, None, fx=step, fy=step, interpolation=cv2.INTER_CUBIC)
    return np.ascontiguousarray(smooth[: shape[0], : shape[1]], np.float32)


def _long_kernel(wide: float, long: float, turn_rad: float) -> Layer:
    reach = math.ceil(2.5 * long)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float64)
    along, aside = x * math.cos(turn_rad) + y * math.sin(turn_rad), y * math.cos(turn_rad) - x * math.sin(turn_rad)
    weight = np.exp(-0.5 * ((along / long) ** 2 + (aside / wide) ** 2))
    return np.asarray(weight / weight.sum(), np.float32)


def _lines(field: Layer, width: float) -> Layer:
    """Lines of even width (steps) where a smooth field passes through zero, 1 on the line."""
    gx, gy = cv2.Sobel(field, cv2.CV_32F, 1, 0, scale=0.125), cv2.Sobel(field, cv2.CV_32F, 0, 1, scale=0.125)
    slope = cv2.magnitude(gx, gy)
    typical = float(slope.mean())
    away = np.abs(field) / np.maximum(slope, 0.35 * typical)
    return np.asarray(np.exp(-0.5 * (away / width) ** 2), np.float32)


def _relief(patch: Patch, shape: tuple[int, int]) -> tuple[Layer, Layer]:
    """Height of the skin over the patch, and its gloss."""
    dice, per = Dice(patch.seed, "relief"), 1.0 / patch.grain_um
    main, furrow = dice.turn(), dice.of("skin.furrow_um") * per
    width = max(dice.of("skin.furrow_width_um") * per, 0.6)
    furrows, fibres = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for k in range(_LINE_SETS):
        own = Dice(patch.seed, "furrows", k)
        # The plates between furrows are a few sizes one within the other, and lie in a few directions.
        size = furrow * math.exp(own.stream.uniform(-0.7, 1.2))
        turn = main + own.stream.choice((0.0, 1.05, 1.9)) + 0.25 * own.stream.standard_normal()
        plates = noise(own, shape, 0.5 * size, own.of("skin.furrow_stretch"), turn)
        share = own.stream.uniform(0.2, 1.0) * np.clip(0.5 + 0.5 * noise(own, shape, 220.0 * per), 0.0, 1.2)
        target = furrows if k % 3 else fibres
        np.maximum(target, share * _lines(plates, width * own.stream.uniform(0.6, 1.6)), out=target)
    streaks = noise(Dice(patch.seed, "streaks"), shape, max(6.0 * per, 0.7), 4.0, main + 0.2)
    streaks *= np.clip(0.4 + 0.6 * noise(Dice(patch.seed, "streaks", 2), shape, 150.0 * per), 0.0, 2.0)
    other = noise(Dice(patch.seed, "streaks", 1), shape, max(6.0 * per, 0.7), 3.0, main + 1.3)
    swell = noise(Dice(patch.seed, "swell"), shape, 45.0 * per) + noise(
        Dice(patch.seed, "swell", 1), shape, 130.0 * per
    )
    small = noise(Dice(patch.seed, "swell", 2), shape, 16.0 * per)
    height = 2.0 * dice.of("skin.furrow_depth") * (0.7 * fibres - furrows)
    height += dice.of("skin.streak_depth") * (0.25 * streaks + 0.2 * other + 0.3 * small)
    height += dice.of("skin.swell_depth") * swell
    fine = noise(Dice(patch.seed, "grains"), shape, max(4.0 * per, 0.5))
    patchy = noise(Dice(patch.seed, "grains", 1), shape, 22.0 * per) + noise(
        Dice(patch.seed, "grains", 2), shape, 90.0 * per
    )
    gloss = 0.75 * fine + 0.25 * streaks + 0.2 * other + 0.4 * patchy + 1.2 * fibres - 0.9 * furrows
    return np.asarray(height, np.float32), np.asarray(gloss / gloss.std(), np.float32)


def _vessels(patch: Patch, shape: tuple[int, int]) -> Layer:
    """Blood in small vessels over the patch: wandering lines, blurred by the skin above them."""
    dice, per = Dice(patch.seed, "vessels"), 1.0 / patch.grain_um
    area = patch.width_mm * patch.height_mm / 100.0
    told = np.zeros(shape, np.float32)
    wide = dice.of("skin.vessel_um") * per
    sharp, soft = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    for _ in range(dice.whole(dice.of("skin.vessels_per_cm2") * area)):
        place = dice.stream.uniform(size=2) * [shape[1], shape[0]]
        steps = int(dice.stream.integers(8, 40))
        turns = dice.turn() + np.cumsum(0.28 * dice.stream.standard_normal(steps))
        path = place + np.cumsum(np.stack([np.cos(turns), np.sin(turns)], axis=1), axis=0) * 30.0 * per
        target = sharp if dice.happens(0.45) else soft
        shade = int(dice.stream.uniform(70, 255))
        line = np.round(path * 16).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(target, [line], False, shade, max(1, round(0.5 * wide)), cv2.LINE_AA, 4)
    for layer, blur in ((sharp, 0.5 * wide), (soft, 1.5 * wide)):
        told += cv2.GaussianBlur(layer.astype(np.float32) / 255.0, (0, 0), max(blur, 0.6)) * (
            1.0 if layer is sharp else 1.6
        )
    return told * dice.of("skin.vessel_depth")


def _rims(patch: Patch, shape: tuple[int, int]) -> tuple[Layer, Layer, Layer]:
    """Round the mouths of follicles: brown pigment, the pale collar outside it, and the mound behind them."""
    dice, per, hairs = Dice(patch.seed, "rims"), 1000.0 / patch.grain_um, patch.hairs
    # A mouth stays when its hair falls, so that every follicle has one.
    strength, rise = dice.stream.uniform(0.2, 1.8, hairs.count), dice.stream.uniform(0.0, 1.0, hairs.count)
    back_mm = 1e-3 * usual("skin.mound_um")
    back_x, back_y = (
        hairs.x_mm - back_mm * np.cos(hairs.direction_rad),
        hairs.y_mm - back_mm * np.sin(hairs.direction_rad),
    )
    dots = _dots(shape, hairs.x_mm * per, hairs.y_mm * per, strength)
    brown = _spread(dots, 0.055 * per)
    mound = _spread(_dots(shape, back_x * per, back_y * per, rise), 0.8 * back_mm * per)
    pale = np.maximum(_spread(dots, 0.11 * per) - brown, 0.0)
    return brown * np.float32(dice.of("skin.halo")), pale * np.float32(dice.of("skin.collar")), mound


def _dots(shape: tuple[int, int], x: Floats, y: Floats, amount: Floats) -> Layer:
    layer = np.zeros(shape, np.float32)
    column, row = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    inside = (column >= 0) & (row >= 0) & (column < shape[1]) & (row < shape[0])
    np.add.at(layer, (row[inside], column[inside]), amount[inside].astype(np.float32))
    return layer


def _spread(dots: Layer, sigma: float) -> Layer:
    """Dots as Gaussian hills of their own height."""
    return np.asarray(cv2.GaussianBlur(dots, (0, 0), sigma) * np.float32(2.0 * math.pi * sigma**2), np.float32)


def _mottle(seed: int, purpose: str, shape: tuple[int, int], wide: float, narrow: float) -> Layer:
    """Unevenness of a pigment on two scales (steps)."""
    return noise(Dice(seed, purpose), shape, wide) + np.float32(0.6) * noise(Dice(seed, purpose, 1), shape, narrow)


def bare_skin(patch: Patch, frame: Frame) -> Skin:
    """The skin of a patch under a camera, without light: the same skin in every photograph of it."""
    shape = math.ceil(1000.0 * patch.height_mm / patch.grain_um), math.ceil(1000.0 * patch.width_mm / patch.grain_um)
    dice, per = Dice(patch.seed, "colour"), 1.0 / patch.grain_um
    height, gloss = _relief(patch, shape)
    brown, pale, mound = _rims(patch, shape)
    blush = np.maximum(noise(Dice(patch.seed, "blush"), shape, 700.0 * per), 0.0) * dice.of("skin.redness")
    blood = dice.of("skin.blood_mottle") * _mottle(patch.seed, "blood", shape, 150.0 * per, 50.0 * per)
    melanin = dice.of("skin.melanin_mottle") * _mottle(patch.seed, "melanin", shape, 220.0 * per, 60.0 * per)
    seen = [
        frame.seen(np.asarray(layer, np.float32), patch.grain_um)
        for layer in (
            blood + blush + _vessels(patch, shape),
            melanin + brown - pale,
            height + 1.2 * mound,
            gloss + 0.9 * np.minimum(mound, 1.5),
        )
    ]
    base, takes = tone_colour(patch), zip(by_colour("skin.blood"), by_colour("skin.melanin"), strict=True)
    layers = [base[c] * np.exp(-b * seen[0] - m * seen[1]) for c, (b, m) in enumerate(takes)]
    return Skin(np.ascontiguousarray(np.stack(layers, axis=2), np.float32), seen[2], seen[3])
