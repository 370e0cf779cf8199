"""Light of a hand-held microscope: two tints across the field, unevenness, dark corners, and glare on moist skin."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from follicast.knowledge.appearance import by_colour, usual
from follicast.measurement.drawing.dice import Dice
from follicast.measurement.drawing.frame import Frame
from follicast.measurement.drawing.skin import Skin, noise

Layer = npt.NDArray[np.float32]
# Light changes so slowly over the field that it is worked out once for so many px.
_STEP = 16


@dataclass(frozen=True, slots=True)
class Light:
    """What falls on the skin [h, w, 3], and what moist skin would mirror if it lay right for it [h, w, 3]."""

    falling: Layer
    mirrored: Layer


def lamps(seed: int, frame: Frame, glare: float | None = None) -> Light:
    """Light of one photograph.

    Args:
        seed: of the lamps.
        frame: of the photograph.
        glare: light that the skin mirrors; None draws it.
    """
    dice = Dice(seed, "light")
    rows, columns = (math.ceil(n / _STEP) + 1 for n in frame.shape)
    y, x = np.mgrid[0:rows, 0:columns]
    across = np.stack([x / (columns - 1) - 0.5, (y / (rows - 1) - 0.5) * rows / columns])
    turn = dice.turn()
    field = across[0] * math.cos(turn) + across[1] * math.sin(turn)
    wobble = noise(Dice(seed, "light", 1), (rows, columns), 1800.0 / frame.um_per_px / _STEP)
    cool = 1.0 / (1.0 + np.exp(-5.0 * field - 0.6 * wobble))
    strength = dice.of("light.gradient")
    cold, warm = np.array(by_colour("light.cool")), np.array(by_colour("light.warm"))
    tint = 1.0 + strength * (cool[..., None] * cold + (1.0 - cool[..., None]) * warm - 1.0)
    uneven = noise(Dice(seed, "light", 2), (rows, columns), 1300.0 / frame.um_per_px / _STEP)
    radius2 = (across**2).sum(axis=0) / 0.41
    level = np.exp(dice.of("light.unevenness") * uneven) * (1.0 - dice.of("camera.vignette") * radius2)
    falling = tint * level[..., None]
    wet = noise(Dice(seed, "light", 3), (rows, columns), 500.0 / frame.um_per_px / _STEP)
    wet += 0.9 * noise(Dice(seed, "light", 4), (rows, columns), 180.0 / frame.um_per_px / _STEP)
    moist = np.exp(0.5 * wet) * (0.15 + 1.7 * cool**1.5)
    for _ in range(round(dice.of("light.spots"))):
        place = dice.stream.uniform(-0.5, 0.5, 2) * [1.0, rows / columns]
        wide = dice.of("light.spot_um") / (frame.um_per_px * frame.width_px)
        moist += dice.stream.uniform(0.5, 2.5) * np.exp(
            -((across - place[:, None, None]) ** 2).sum(axis=0) / (2.0 * wide**2)
        )
    amount = dice.of("light.glare") if glare is None else glare
    mirrored = amount * moist[..., None] * (0.25 * tint + 0.75 * cold) * level[..., None]
    size = (frame.width_px, frame.height_px)
    return Light(*(_enlarged(layer, size) for layer in (falling, mirrored)))


def _enlarged(layer: npt.NDArray[np.float64], size: tuple[int, int]) -> Layer:
    return np.ascontiguousarray(cv2.resize(layer.astype(np.float32), size, interpolation=cv2.INTER_CUBIC), np.float32)


def lit(skin: Skin, light: Light, seed: int) -> Layer:
    """Skin under light, linear RGB [h, w, 3]: its colour, the shading of its relief, and its glistening.

    Args:
        skin: as the camera sees it.
        light: that falls on it.
        seed: of the lamps.
    """
    dice = Dice(seed, "shading")
    turn = dice.turn()
    gx = cv2.Sobel(skin.relief, cv2.CV_32F, 1, 0, scale=0.125)
    gy = cv2.Sobel(skin.relief, cv2.CV_32F, 0, 1, scale=0.125)
    slope = gx * math.cos(turn) + gy * math.sin(turn)
    slope /= max(float(slope.std()), 1e-6)
    shade = 1.0 + dice.of("skin.shading") * (slope + 0.35 * skin.relief)
    spread = usual("light.glare_spread")
    glisten = np.exp(spread * np.clip(0.8 * skin.gloss + 0.6 * slope, -3.0, 3.2) - 0.5 * spread**2)
    return np.asarray(
        skin.colour * light.falling * shade[..., None] + light.mirrored * (0.5 + glisten)[..., None], np.float32
    )
