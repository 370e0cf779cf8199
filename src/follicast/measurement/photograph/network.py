"""Roots, tips and shafts of short hair by a small neural network, and the hairs that they make up.

found = hairs_of(maps(image, um_per_px=5.57))     what the network sees, as hairs with a probability each

The network was trained on drawings alone (docs/science/photographs.md, scripts/photograph_network) and is run
by OpenCV. Pixels: x right, y down, the centre of the first pixel at (0, 0).
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Layer = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

WORKING_UM: Final = 8.0
"""Scale at which the network looks at a photograph, um per px."""
STEP: Final = 2
"""Pixels of the network's picture that a cell of its maps covers."""
REACH: Final = 15.0
"""Cells that 1 in its vectors means."""
_RIM, _TILE, _MULTIPLE = 64, 1024, 16
_LOOKS: Final = ((), (0, 1), (0,), (1,))


@dataclass(frozen=True, slots=True)
class HeatMaps:
    """What the network says about every cell of a photograph, arrays [row, column].

    Attributes:
        root: how surely a hair leaves the skin here, 0 to 1.
        tip: how surely a hair ends here, 0 to 1.
        shaft: share of the cell that lies under shafts, 0 to 1.
        to_tip: from a root to its tip, cells [row, column, (x, y)].
        to_root: from a tip to its root, cells [row, column, (x, y)].
        px_per_cell: of the photograph (x, y).
    """

    root: Layer
    tip: Layer
    shaft: Layer
    to_tip: Layer
    to_root: Layer
    px_per_cell: tuple[float, float]

    def px(self, cells: Floats) -> Floats:
        """Places on the photograph of places on the maps [place, (x, y)]."""
        # The centre of a cell is the centre of the first of its pixels in the network's picture.
        return np.asarray((cells + 0.5 / STEP) * np.array(self.px_per_cell) - 0.5)

    def cells(self, px: Floats) -> Floats:
        """Places on the maps of places on the photograph [place, (x, y)]."""
        return np.asarray((px + 0.5) / np.array(self.px_per_cell) - 0.5 / STEP)


@functools.cache
def _network() -> Any:
    model = resources.files("follicast.measurement.photograph").joinpath("roots.onnx").read_bytes()
    return cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))


def maps(image: Picture, um_per_px: float) -> HeatMaps:
    """What the network sees on a photograph.

    Args:
        image: RGB [h, w, 3].
        um_per_px: its scale on the skin.
    """
    height, width = image.shape[:2]
    share = um_per_px / WORKING_UM
    columns, rows = max(STEP, round(width * share)), max(STEP, round(height * share))
    small = cv2.resize(image, (columns, rows), interpolation=cv2.INTER_AREA if share < 1.0 else cv2.INTER_LINEAR)
    made = _tiled(np.asarray(small, np.uint8))
    to_tip, to_root = (np.ascontiguousarray(made[k : k + 2].transpose(1, 2, 0) * REACH) for k in (3, 5))
    return HeatMaps(made[0], made[1], made[2], to_tip, to_root, (width / columns * STEP, height / rows * STEP))


def _tiled(picture: Picture) -> Layer:
    """The network's maps [map, row, column] of a picture at the working scale, made a tile at a time."""
    height, width = picture.shape[:2]
    # Round the picture, and up to a whole number of the coarsest cells, the picture is mirrored.
    beyond = _RIM + _MULTIPLE
    wide = cv2.copyMakeBorder(picture, _RIM, beyond, _RIM, beyond, cv2.BORDER_REFLECT)
    made = np.zeros((7, -(-height // STEP), -(-width // STEP)), np.float32)
    for y0, y1 in _tiles(height):
        for x0, x1 in _tiles(width):
            h, w = (-(-(n + 2 * _RIM) // _MULTIPLE) * _MULTIPLE for n in (y1 - y0, x1 - x0))
            seen = _seen(np.asarray(wide[y0 : y0 + h, x0 : x0 + w]))
            rim, rows, columns = _RIM // STEP, -(-(y1 - y0) // STEP), -(-(x1 - x0) // STEP)
            made[:, y0 // STEP : y0 // STEP + rows, x0 // STEP : x0 // STEP + columns] = seen[
                :, rim : rim + rows, rim : rim + columns
            ]
    return made


def _tiles(length: int) -> list[tuple[int, int]]:
    """Tiles of one side of a picture, from and to, about as long as each other; they begin at whole coarsest cells."""
    count = max(1, math.ceil(length / _TILE))
    each = -(-length // count // _MULTIPLE) * _MULTIPLE
    return [(start, min(start + each, length)) for start in range(0, length, each)]


def _seen(picture: Picture) -> Layer:
    """Mean of what the network sees in the picture, mirrored either way, and both: surer than one look."""
    looks = [_mirrored(_look(_mirrored(picture, (0, 1), axes)), (1, 2), axes) for axes in _LOOKS]
    for axes, look in zip(_LOOKS, looks, strict=True):
        look[[4, 6]] *= -1.0 if 0 in axes else 1.0
        look[[3, 5]] *= -1.0 if 1 in axes else 1.0
    return np.asarray(np.mean(looks, axis=0), np.float32)


def _mirrored(values: Any, places: tuple[int, int], axes: tuple[int, ...]) -> Any:
    """Values mirrored along some axes of (y, x), and one on, so that cells fall upon cells."""
    which = tuple(places[k] for k in axes)
    return np.roll(np.flip(values, which), [1] * len(which), which)


def _look(picture: Picture) -> Layer:
    network = _network()
    network.setInput(np.ascontiguousarray(picture.transpose(2, 0, 1)[None], np.float32) / 255.0 - 0.5)
    return np.asarray(network.forward()[0], np.float32)
