"""From light to a file: focus, flare, exposure, white balance, noise, sharpening and JPEG."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from follicast.measurement.drawing.dice import Dice
from follicast.measurement.drawing.frame import Frame

Layer = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]

# Blurs that are mixed to the one wanted at a place, as multiples of the blur in focus.
_BLURS = (1.0, 1.7, 2.9, 5.0)


def encoded(light: Layer) -> Layer:
    """Linear light 0 to 1 as the levels 0 to 255 of sRGB."""
    light = np.clip(light, 0.0, 1.0)
    curve = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.power(np.maximum(light, 1e-6), 1.0 / 2.4) - 0.055)
    return np.asarray(255.0 * curve, np.float32)


def in_focus(seed: int, frame: Frame, image: Layer, blur_um: float | None = None) -> Layer:
    """The picture as the lens makes it: sharp where the dome of the scalp lies in focus, less so elsewhere.

    Args:
        seed: of the camera.
        frame: of the photograph.
        image: linear light [h, w, 3].
        blur_um: blur in focus; None draws it.
    """
    dice = Dice(seed, "focus")
    sharp_um = dice.of("camera.blur_um") if blur_um is None else blur_um
    least = float(np.hypot(sharp_um / frame.um_per_px, dice.of("camera.blur_px")))
    most = dice.of("camera.depth_um") / frame.um_per_px
    y, x = np.mgrid[0 : frame.height_px : 16, 0 : frame.width_px : 16].astype(np.float64)
    centre = dice.stream.normal(0.0, 0.16, 2)
    u, v = x / frame.width_px - 0.5 - centre[0], (y - 0.5 * frame.height_px) / frame.width_px - centre[1]
    tilt = dice.stream.normal(0.0, 0.5, 2)
    away = np.abs((u**2 + v**2) / 0.41 + tilt[0] * u + tilt[1] * v)
    wanted = np.hypot(least, most * np.minimum(away, 1.5)).astype(np.float32)
    wanted = cv2.resize(wanted, (frame.width_px, frame.height_px), interpolation=cv2.INTER_LINEAR)
    steps = [least * factor for factor in _BLURS]
    layers = [cv2.GaussianBlur(image, (0, 0), sigma) for sigma in steps]
    made = layers[0].copy()
    for k in range(len(steps) - 1):
        share = np.clip((wanted - steps[k]) / (steps[k + 1] - steps[k]), 0.0, 1.0)[..., None]
        if share.any():
            made += share * (layers[k + 1] - layers[k])
    return np.asarray(made, np.float32)


def exposed(seed: int, noise_seed: int, image: Layer, noise: float | None = None) -> Picture:
    """The picture as the sensor and its software make it, 8 bit sRGB.

    Args:
        seed: of the camera.
        noise_seed: of the photograph.
        image: linear light [h, w, 3] behind the lens.
        noise: standard deviation of a pixel at full light; None draws it.
    """
    dice = Dice(seed, "sensor")
    level, balance = dice.of("camera.level"), dice.of("camera.white_balance")
    mean = image.mean(axis=(0, 1))
    # The exposure follows the light of the picture most of the way, not all of it: dark skin stays darker.
    share = dice.of("camera.auto_level")
    even = mean.mean() ** share * level ** (1.0 - share)
    gain = level / even * (mean.mean() / mean) ** balance
    image = image * gain.astype(np.float32) + np.float32(dice.of("camera.flare"))
    strength = dice.of("camera.noise") if noise is None else noise
    own = Dice(noise_seed, "noise").stream
    # Demosaicing and the file share most of the noise of a place between its colours.
    grain = 0.6 * own.standard_normal(image.shape, dtype=np.float32)
    grain += own.standard_normal((*image.shape[:2], 1), dtype=np.float32)
    grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), dice.of("camera.noise_blur_px")), np.float32)
    image = image + strength * grain * np.sqrt(np.maximum(image, 0.02))
    shown = encoded(np.asarray(image, np.float32))
    halo = shown - np.asarray(cv2.GaussianBlur(shown, (0, 0), dice.of("camera.sharpen_px")))
    return np.asarray(np.clip(np.rint(shown + dice.of("camera.sharpen") * halo), 0, 255), np.uint8)


def stored(seed: int, picture: Picture, quality: int | None = None) -> Picture:
    """The picture after it was saved as JPEG and read again.

    Args:
        seed: of the camera.
        picture: RGB.
        quality: of the file, 1 to 100; None draws it.
    """
    quality = round(Dice(seed, "file").of("camera.jpeg")) if quality is None else quality
    _, data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    read = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))
    return np.asarray(cv2.cvtColor(read, cv2.COLOR_BGR2RGB), np.uint8)
