"""What the software of a microscope prints on a photograph: a banner, a measured circle, its numbers, a scale bar."""

from __future__ import annotations

import math
from typing import Final, Literal, get_args

import cv2
import numpy as np
import numpy.typing as npt

from follicast.measurement.drawing.dice import Dice
from follicast.measurement.drawing.frame import Frame

Picture = npt.NDArray[np.uint8]
Print = Literal["banner", "circle", "box", "bar"]

PRINTS: Final = get_args(Print)
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_WHITE, _RED, _BLUE, _GREY = (235, 235, 235), (215, 30, 30), (20, 20, 200), (70, 70, 70)


def printed(
    seed: int, frame: Frame, picture: Picture, prints: frozenset[Print]
) -> tuple[Picture, npt.NDArray[np.bool_]]:
    """The picture with words and lines on it, and the pixels that they hide.

    Args:
        seed: of the photograph.
        frame: of the photograph.
        picture: RGB.
        prints: what is printed.
    """
    made, hides = picture.copy(), np.zeros(frame.shape, np.bool_)
    size = frame.width_px / 1280.0
    if "circle" in prints or "box" in prints:
        _circle(seed, frame, made, hides, size, prints)
    if "banner" in prints:
        _banner(seed, frame, made, hides, size)
    if "bar" in prints:
        _bar(frame, made, hides, size)
    return made, hides


def _banner(seed: int, frame: Frame, made: Picture, hides: npt.NDArray[np.bool_], size: float) -> None:
    dice = Dice(seed, "banner")
    day = f"20{dice.stream.integers(20, 27)}/{dice.stream.integers(1, 13):02d}/{dice.stream.integers(1, 29):02d}"
    texts = (f"A{dice.stream.integers(100, 999)}", f"{frame.width_px}x{frame.height_px}", day, "unit: mm", "70x")
    x, high = 4, max(8, round(20 * size))
    for text in texts:
        (wide, _), _ = cv2.getTextSize(text, _FONT, 0.45 * size, 1)
        cv2.rectangle(made, (x, 2), (x + wide + 8, high), (60, 60, 65), -1)
        cv2.putText(made, text, (x + 4, high - max(3, round(5 * size))), _FONT, 0.45 * size, _WHITE, 1, cv2.LINE_AA)
        hides[2 : high + 1, x : x + wide + 9] = True
        x += wide + 10


def _circle(
    seed: int, frame: Frame, made: Picture, hides: npt.NDArray[np.bool_], size: float, prints: frozenset[Print]
) -> None:
    dice = Dice(seed, "circle")
    middle = frame.width_px * dice.stream.uniform(0.4, 0.6), frame.height_px * dice.stream.uniform(0.42, 0.55)
    radius, turn = 0.44 * frame.height_px, dice.stream.uniform(-0.3, 0.6)
    end = round(middle[0] + radius * math.cos(turn)), round(middle[1] + radius * math.sin(turn))
    centre = round(middle[0]), round(middle[1])
    if "circle" in prints:
        cv2.circle(made, centre, round(radius), _RED, 1, cv2.LINE_AA)
        cv2.line(made, centre, end, _RED, 1, cv2.LINE_AA)
    if "box" in prints:
        mm = radius * frame.um_per_px / 1000.0
        lines = ("RC0", f"C={2 * math.pi * mm:.3f} mm", f"A={math.pi * mm * mm:.3f} mm^2", f"r={mm:.3f} mm")
        high, wide = round(34 * size), round(205 * size)
        x, y = min(end[0], frame.width_px - wide // 2), min(end[1], frame.height_px - 4 * high - 10)
        part = made[y : y + 4 * high + 8, max(x, 0) : x + wide]
        part[:] = (0.45 * part + 0.55 * np.array([205, 200, 185])).astype(np.uint8)
        hides[y : y + 4 * high + 8, max(x, 0) : x + wide] = True
        for k, text in enumerate(lines):
            place = x + round(8 * size), y + round((k + 0.8) * high)
            cv2.putText(made, text, place, _FONT, 0.85 * size, _BLUE, max(1, round(2 * size)), cv2.LINE_AA)


def _bar(frame: Frame, made: Picture, hides: npt.NDArray[np.bool_], size: float) -> None:
    """A bar of one millimetre in the lower left corner, as long as it says."""
    long = round(1000.0 / frame.um_per_px)
    if long > 0.8 * frame.width_px:
        return
    x, y = round(22 * size), frame.height_px - round(36 * size)
    cv2.line(made, (x, y), (x + long, y), _GREY, 1)
    cv2.line(made, (x, y), (x, max(0, y - long)), _GREY, 1)
    (wide, high), _ = cv2.getTextSize("1.0 mm", _FONT, 0.45 * size, 1)
    cv2.rectangle(made, (x + long + 5, y - high), (x + long + wide + 12, y + high // 2 + 2), (60, 60, 65), -1)
    cv2.putText(made, "1.0 mm", (x + long + 8, y + high // 3), _FONT, 0.45 * size, _WHITE, 1, cv2.LINE_AA)
    hides[max(0, y - high) : y + high // 2 + 3, x + long + 5 : x + long + wide + 13] = True
