"""What software has printed on a photograph, banners and boxes: no skin, so nothing is counted there."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

# A box is print: a dark grey rectangle along the rows with lighter letters; sizes as shares of the height.
_DARKEST, _NEUTRAL, _FILLS, _EVEN, _LEAST_HIGH, _MOST_HIGH = 100, 30, 0.88, 8.0, 0.01, 0.25
_LETTER_STEP, _LEAST_LETTERS, _MOST_LETTERS = 50, 0.03, 0.6
# Words in pure blue: how much bluer than red and green, and how many pixels.
_BLUE_STEP, _LEAST_BLUE = 90, 60


def printed_area(image: Picture) -> Mask:
    """Pixels under print: rectangles of one grey with letters, and a frame of one level along the border.

    Args:
        image: RGB.
    """
    height, width = image.shape[:2]
    mask = np.zeros((height, width), np.bool_)
    _frame(image, mask)
    wide = image.astype(np.int16)
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.int16)
    neutral = (wide.max(axis=2) - wide.min(axis=2)) < _NEUTRAL
    dark = ((grey < _DARKEST) & neutral).astype(np.uint8)
    high = max(3, round(_LEAST_HIGH * height))
    joined = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((high // 2 + 1, high), np.uint8))
    joined = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((high, high), np.uint8))
    count, _, boxes, _ = cv2.connectedComponentsWithStats(joined, connectivity=4)
    for k in range(1, count):
        x, y, long, tall, area = (int(v) for v in boxes[k])
        if not (high <= tall <= _MOST_HIGH * height and long >= 2 * tall and area >= _FILLS * long * tall):
            continue
        inner = grey[y : y + tall, x : x + long]
        ground = float(np.median(inner))
        letters = float((inner > ground + _LETTER_STEP).mean())
        even = float(np.median(np.abs(inner - ground)))
        if _LEAST_LETTERS < letters < _MOST_LETTERS and even < _EVEN:
            mask[max(y - 3, 0) : y + tall + 3, max(x - 3, 0) : x + long + 3] = True
    blue = wide[..., 2] - np.maximum(wide[..., 0], wide[..., 1]) > _BLUE_STEP
    near = cv2.morphologyEx(blue.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3 * high, 3 * high), np.uint8))
    count, label, boxes, _ = cv2.connectedComponentsWithStats(near, connectivity=8)
    for k in range(1, count):
        x, y, long, tall, _ = (int(v) for v in boxes[k])
        if int((blue & (label == k)).sum()) >= _LEAST_BLUE and tall >= high:
            mask[max(y - high, 0) : y + tall + high, max(x - high, 0) : x + long + high] = True
    return mask


def _frame(image: Picture, mask: Mask) -> None:
    """Rows and columns along the border that are all of one level."""
    wide = image.astype(np.int16)
    for turned, into in ((wide, mask), (wide.transpose(1, 0, 2), mask.T)):
        even = (np.quantile(turned, 0.95, axis=1) - np.quantile(turned, 0.05, axis=1)).max(axis=1) <= 6
        for order in (range(len(even)), range(len(even) - 1, -1, -1)):
            for row in order:
                if not even[row]:
                    break
                into[row] = True
