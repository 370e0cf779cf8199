"""Are two files one photograph, saved twice? No skin is photographed twice with the same grain and the same glare."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from follicast.measurement.photograph.alignment import Alignment
from follicast.quantities import InputError

Picture = npt.NDArray[np.uint8]
Layer = npt.NDArray[np.float32]

ALIKE: Final = (0.93, 0.80)
"""Correlations of detail, of the whole and of the skin between the shafts, above which both two pictures are one.

Drawn pairs, on which hairs have grown or were clipped anew, stay below 0.75 and 0.70; copies lie above 0.95 and 0.86.
"""

_SENTENCE = "second photograph: is the first one again, or a copy of it; give two photographs that were taken apart."
# Detail that is compared: standard deviations of two blurs, px of a picture of this width.
_FINE, _COARSE, _WIDTH = 1.0, 5.0, 800
# Detail stronger than so many times the usual is a shaft; so much skin must be left, px.
_SHAFT, _LEAST_SKIN = 5.0, 5000


def refuse_identical(first: Picture, second: Picture) -> None:
    """Refuses two pictures that are the same to the pixel.

    Raises:
        InputError: they are.
    """
    if first.shape == second.shape and np.array_equal(first, second):
        raise InputError(_SENTENCE)


def refuse_copy(first: Picture, second: Picture, alignment: Alignment, um_per_px: tuple[float, float]) -> None:
    """Refuses two pictures of which one is the other saved, turned, cropped or brightened.

    Args:
        first: RGB.
        second: RGB.
        alignment: of the second on the first.
        um_per_px: scales of both.

    Raises:
        InputError: they are one photograph.
    """
    whole, skin = likeness_of(first, second, alignment, um_per_px)
    if whole > ALIKE[0] and skin > ALIKE[1]:
        raise InputError(_SENTENCE)


def likeness_of(
    first: Picture, second: Picture, alignment: Alignment, um_per_px: tuple[float, float]
) -> tuple[float, float]:
    """Correlation of the detail of two photographs, the second laid on the first as well as can be: whole, skin only.

    Args:
        first: RGB.
        second: RGB.
        alignment: of the second on the first, from where the best is sought.
        um_per_px: scales of both.
    """
    small = [min(1.0, _WIDTH / picture.shape[1]) for picture in (first, second)]
    # Affine from px of the small second to px of the small first, then the other way round.
    scale = np.array([um / share / 1000.0 for um, share in zip(um_per_px, small, strict=True)])
    whole = np.vstack(
        [
            np.hstack([alignment.matrix[:, :2] * scale[1] / scale[0], alignment.matrix[:, 2:] / scale[0]]),
            [0.0, 0.0, 1.0],
        ]
    )
    back = np.ascontiguousarray(np.linalg.inv(whole)[:2], np.float32)
    one, two = (_detail(picture, share) for picture, share in zip((first, second), small, strict=True))
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 1e-5)
    everything = np.full(two.shape, 255, np.uint8)
    try:
        whole_alike, warp = cv2.findTransformECC(one, two, back, cv2.MOTION_AFFINE, stop, everything, 3)
    except cv2.error:  # nothing alike to climb towards
        return 0.0, 0.0
    size = (one.shape[1], one.shape[0])
    moved = cv2.warpAffine(two, warp, size, flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP)
    shown = cv2.warpAffine(everything, warp, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
    # Shafts are alike in any two photographs of a site; the skin between them is not.
    shafts = (np.abs(one) > _SHAFT * float(np.median(np.abs(one)))).astype(np.uint8)
    skin = (cv2.dilate(shafts, np.ones((5, 5), np.uint8)) == 0) & (cv2.erode(shown, np.ones((9, 9), np.uint8)) > 0)
    if skin.sum() < _LEAST_SKIN:
        return float(whole_alike), float(whole_alike)
    return float(whole_alike), float(np.corrcoef(one[skin], moved[skin])[0, 1])


def _detail(picture: Picture, share: float) -> Layer:
    size = (round(picture.shape[1] * share), round(picture.shape[0] * share))
    light = np.log(cv2.resize(picture, size, interpolation=cv2.INTER_AREA)[..., 1].astype(np.float32) + 8.0)
    return np.asarray(cv2.GaussianBlur(light, (0, 0), _FINE) - cv2.GaussianBlur(light, (0, 0), _COARSE), np.float32)
