"""Where people mark a root: where a shaft has come out of the skin so far that it has its own darkness.

The network's roots lie where a shaft begins to show. People mark it a little further on, and the more so the more
slowly it comes out; the profile of the photograph along the shaft tells how slowly.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from scipy.ndimage import map_coordinates

Picture = npt.NDArray[np.uint8]
Layer = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

# Along the shaft from the root, um; across it, um; share of a shaft's length where it looks like itself.
_ALONG_UM: Final = np.arange(-80.0, 340.0, 5.5)
_ACROSS_UM: Final = np.array([-11.0, -5.5, 0.0, 5.5, 11.0])
_CORE: Final = (0.35, 0.8)
# A shaft is its own from this share of its contrast on; how far it is sought, um and share of the length; what is
# believed of it.
_OWN, _SOUGHT_UM, _SOUGHT, _BELIEVED, _LEAST_UM, _MOST_UM = 0.75, 165.0, 0.4, 0.4, -60.0, 120.0
_LEAST_LENGTH_UM, _LEAST_LEVELS, _SKIN_UM = 140.0, 12.0, 110.0


def marked_on_um(image: Picture, um_per_px: float, root_px: Floats, tip_px: Floats, shaft: Layer) -> Floats:
    """How far from the root that was found, towards the tip, people would mark it [hair], um.

    Args:
        image: RGB [h, w, 3].
        um_per_px: its scale.
        root_px: roots that were found [hair, (x, y)].
        tip_px: their tips [hair, (x, y)].
        shaft: share of each place under shafts, a map of the whole photograph of any size.
    """
    if not len(root_px):
        return np.empty(0)
    grey = image.astype(np.float32).mean(axis=2)
    way = tip_px - root_px
    length_um = np.hypot(*way.T) * um_per_px
    profile = _profiles(grey, um_per_px, root_px, way)
    skin = _at(_skin(grey, um_per_px, shaft), root_px)
    middle = (_CORE[0] * length_um[:, None] < _ALONG_UM) & (_CORE[1] * length_um[:, None] > _ALONG_UM)
    core = np.array([np.median(row[own]) if own.any() else np.nan for row, own in zip(profile, middle, strict=True)])
    clear = (length_um > _LEAST_LENGTH_UM) & (np.abs(skin - core) > _LEAST_LEVELS)
    share = (skin[:, None] - profile) / np.where(clear, skin - core, 1.0)[:, None]
    # From within the shaft back to the last place where it is not yet itself.
    before = np.minimum(_SOUGHT * length_um, _SOUGHT_UM)[:, None] >= _ALONG_UM
    other = before & ~(share >= _OWN)
    last = other.shape[1] - 1 - np.argmax(other[:, ::-1], axis=1)
    begins = np.where(other.any(axis=1), _ALONG_UM[last], _ALONG_UM[0])
    return np.where(clear, _BELIEVED * np.clip(begins, _LEAST_UM, _MOST_UM), 0.0)


def _profiles(grey: Layer, um_per_px: float, root_px: Floats, way: Floats) -> Floats:
    """Grey level along each shaft [hair, place], mean of some lines side by side."""
    ahead = way / np.maximum(np.hypot(*way.T), 1e-6)[:, None]
    aside = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)
    calm = np.asarray(cv2.GaussianBlur(grey, (0, 0), max(5.5 / um_per_px, 0.5)), np.float32)
    line = root_px[:, None] + (_ALONG_UM / um_per_px)[None, :, None] * ahead[:, None]
    lines = [_at(calm, (line + off / um_per_px * aside[:, None]).reshape(-1, 2)) for off in _ACROSS_UM]
    return np.asarray(np.mean(lines, axis=0).reshape(len(root_px), -1))


def _skin(grey: Layer, um_per_px: float, shaft: Layer) -> Layer:
    """Grey level of the skin around, shafts left out."""
    size = shaft.shape[1], shaft.shape[0]
    small = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.float32)
    bare = (np.asarray(cv2.dilate(shaft, np.ones((5, 5), np.uint8))) < 0.2).astype(np.float32)
    wide = _SKIN_UM / um_per_px * size[0] / grey.shape[1]
    level = cv2.GaussianBlur(small * bare, (0, 0), wide) / np.maximum(cv2.GaussianBlur(bare, (0, 0), wide), 1e-3)
    return np.asarray(cv2.resize(level, grey.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _at(values: Layer, places: Floats) -> Floats:
    return np.asarray(map_coordinates(values, places[:, ::-1].T, order=1, mode="nearest"), np.float64)
