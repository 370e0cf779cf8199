"""Photographs made worse and other: focus, glints, light, texture, colour, noise and JPEG, at random."""

import math

import cv2
import numpy as np
import numpy.typing as npt

Layer = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]


def clouds(dice: np.random.Generator, size: int, grain_px: float) -> Layer:
    """Smooth noise of spread 1 whose grains are about so large."""
    coarse = max(2, int(size / grain_px) + 2)
    noise = dice.standard_normal((coarse, coarse)).astype(np.float32)
    return np.asarray(cv2.resize(noise, (size, size), interpolation=cv2.INTER_CUBIC))


def photographed(dice: np.random.Generator, picture: Picture) -> Picture:
    """A square picture as some other instrument would have made it."""
    light = _softened(dice, picture.astype(np.float32) / 255.0)
    size = light.shape[0]
    if dice.uniform() < 0.35:
        glint = clouds(dice, size, float(dice.uniform(1.5, 4))) + 0.7 * clouds(dice, size, float(dice.uniform(8, 25)))
        glint += 0.6 * clouds(dice, size, 60)
        glint = np.clip(glint - float(dice.uniform(0.8, 2.2)), 0, 2) * float(dice.uniform(0.1, 0.5))
        glint = cv2.GaussianBlur(glint, (0, 0), 0.7)
        light = light + glint[..., None] * (1 - light) * np.array([0.95, 0.97, 1.0], np.float32)
    if dice.uniform() < 0.5:
        uneven = float(dice.uniform(0.05, 0.3)) * clouds(dice, size, float(dice.uniform(60, 200)))
        light = light * np.exp(uneven)[..., None]
    if dice.uniform() < 0.5:
        texture = clouds(dice, size, float(dice.uniform(1.0, 10.0)))
        light = light * (1 + float(dice.uniform(0, 0.08)) * texture[..., None])
    if dice.uniform() < 0.6:
        light = _toned(dice, light)
    if dice.uniform() < 0.25:
        strength = float(dice.uniform(0.3, 1.2))
        light = light + strength * (light - cv2.GaussianBlur(light, (0, 0), float(dice.uniform(0.8, 2))))
    if dice.uniform() < 0.4:
        strength = float(dice.uniform(0, 0.04))
        grain = dice.standard_normal(light.shape).astype(np.float32)
        light = light + strength * cv2.GaussianBlur(grain, (0, 0), float(dice.uniform(0.3, 1.0)))
    made = np.clip(light * 255, 0, 255).astype(np.uint8)
    if dice.uniform() < 0.35:
        _, file = cv2.imencode(".jpg", made, [cv2.IMWRITE_JPEG_QUALITY, int(dice.integers(45, 95))])
        made = np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(made)


def _softened(dice: np.random.Generator, light: Layer) -> Layer:
    """Out of focus, from a coarser camera, or moved."""
    size = light.shape[0]
    if dice.uniform() < 0.35:
        light = np.asarray(cv2.GaussianBlur(light, (0, 0), float(dice.uniform(0.4, 2.0))))
    if dice.uniform() < 0.12:
        coarse = max(16, int(size * float(dice.uniform(0.4, 0.8))))
        small = cv2.resize(light, (coarse, coarse), interpolation=cv2.INTER_AREA)
        light = np.asarray(cv2.resize(small, (size, size), interpolation=cv2.INTER_LINEAR))
    if dice.uniform() < 0.1:
        reach = int(dice.integers(3, 8))
        turn, middle = dice.uniform(0, math.pi), (reach - 1) / 2
        step = middle * np.array([math.cos(turn), math.sin(turn)])
        trace = np.zeros((reach, reach), np.float32)
        ends = [tuple(round(float(at)) for at in middle + way * step) for way in (-1, 1)]
        cv2.line(trace, ends[0], ends[1], 1.0, 1)
        light = np.asarray(cv2.filter2D(light, -1, trace / trace.sum()))
    return light


def _toned(dice: np.random.Generator, light: Layer) -> Layer:
    """Other exposure, white balance, curve, contrast and saturation."""
    gain = np.exp(dice.normal(0, 0.07, 3) + dice.normal(0, 0.15)).astype(np.float32)
    light = np.power(np.clip(light * gain, 0, 1), float(np.exp(dice.normal(0, 0.22))))
    mean = float(light.mean())
    light = (light - mean) * float(np.exp(dice.normal(0, 0.15))) + mean + float(dice.normal(0, 0.04))
    if dice.uniform() < 0.1:
        light = light.mean(axis=2, keepdims=True) * np.ones(3, np.float32)
    elif dice.uniform() < 0.4:
        grey = light.mean(axis=2, keepdims=True)
        light = grey + (light - grey) * float(dice.uniform(0.3, 1.8))
    return np.asarray(light, np.float32)
