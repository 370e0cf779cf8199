"""What software has printed on a photograph, banners and boxes: no skin, so nothing is counted there."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

# A box is print: letters on an even ground whose straight edges follow rows and columns; sizes as shares of the height.
_GROUND_SPREAD, _LEAST_HIGH, _MOST_HIGH = 6, 0.012, 0.25
_LETTER_STEP = 60


def printed_area(image: Picture) -> Mask:
    """Pixels under print: rectangles of one grey with letters, and a frame of one level along the border.

    Args:
        image: RGB.
    """
    height, width = image.shape[:2]
    mask = np.zeros((height, width), np.bool_)
    _frame(image, mask)
    wide = image.astype(np.int16)
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    # Even ground: the least changes between neighbours, joined across letters.
    change = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    neutral = (wide.max(axis=2) - wide.min(axis=2)) < 24
    still = ((change < _GROUND_SPREAD) & neutral & (grey < 90)).astype(np.uint8)
    high = max(3, round(_LEAST_HIGH * height))
    joined = cv2.morphologyEx(still, cv2.MORPH_CLOSE, np.ones((high, 2 * high), np.uint8))
    count, label, boxes, _ = cv2.connectedComponentsWithStats(joined, connectivity=4)
    for k in range(1, count):
        x, y, long, tall, area = (int(v) for v in boxes[k])
        if not (high <= tall <= _MOST_HIGH * height and long >= tall and area >= 0.75 * long * tall):
            continue
        part = slice(max(y - 3, 0), y + tall + 3), slice(max(x - 3, 0), x + long + 3)
        inner = grey[y : y + tall, x : x + long]
        ground = float(np.median(inner[label[y : y + tall, x : x + long] == k]))
        letters = float((inner > ground + _LETTER_STEP).mean())
        if 0.03 < letters < 0.6 and float((np.abs(inner - ground) < 8).mean()) > 0.3:
            mask[part] = True
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
