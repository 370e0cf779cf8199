"""One photograph measured: gate, hairs, counts, diameters and shares, in one record."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from follicast.measurement.photograph.corrections import Corrections, corrected
from follicast.measurement.photograph.density import Count, count_hairs, counted_area, guard_px
from follicast.measurement.photograph.detect import detect
from follicast.measurement.photograph.diameter import Widths, widths
from follicast.measurement.photograph.gate import Quality, judge, look_at
from follicast.measurement.photograph.hair import SeenHair
from follicast.measurement.photograph.printed import printed_area
from follicast.measurement.photograph.scale import Scale
from follicast.measurement.photograph.shares import Shares, shares_of
from follicast.measurement.photograph.units import units_of
from follicast.quantities import InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Picture = npt.NDArray[np.uint8]
Box = tuple[int, int, int, int]

LEAST_CROP_PX = 200
MOST_ERROR_UM = 6.0
"""A diameter that is less sure than this is not among the measured ones."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A photograph that is not measured: why, and nothing else that could be taken for a result."""

    quality: Quality
    scale: Scale


@dataclass(frozen=True, slots=True)
class Measured:
    """What a photograph showed, arrays [hair]; places in px of the picture that was measured (after the crop).

    Attributes:
        image: RGB.
        quality: what the gate saw.
        scale: um per px and where it comes from.
        hairs: that were seen, corrected if they were.
        added: hairs that a person added.
        removed: number of hairs that a person took away.
        unit: number of the follicular unit.
        area: pixels that are counted.
        hidden: pixels under print.
        count: hairs and units, with errors.
        width_px: measured width, NaN where none.
        diameter_um: the same in um; all NaN without a scale.
        diameter_error_um: its standard error.
        blur_px: blur of the photograph, standard deviation.
        shares: by diameter; None without a scale.
        crop: x, y, width and height of what was measured in the whole photograph; None = all of it.
    """

    image: Picture
    quality: Quality
    scale: Scale
    hairs: tuple[SeenHair, ...]
    added: Flags
    removed: int
    unit: Ints
    area: Flags
    hidden: Flags
    count: Count
    width_px: Floats
    diameter_um: Floats
    diameter_error_um: Floats
    blur_px: float
    shares: Shares | None
    crop: Box | None


def cropped(image: Picture, crop: Box | None, name: str) -> Picture:
    """The part of a photograph.

    Raises:
        InputError: the part does not lie in it, or is too small.
    """
    if crop is None:
        return image
    x, y, wide, high = crop
    if min(x, y) < 0 or x + wide > image.shape[1] or y + high > image.shape[0]:
        raise InputError(f"--crop {x},{y},{wide},{high}: {name} is {image.shape[1]} x {image.shape[0]} px.")
    if min(wide, high) < LEAST_CROP_PX:
        raise InputError(f"--crop {x},{y},{wide},{high}: at least {LEAST_CROP_PX} px a side are needed.")
    return np.ascontiguousarray(image[y : y + high, x : x + wide])


def measure(
    whole: Picture,
    scale: Scale,
    *,
    crop: Box | None = None,
    corrections: Corrections | None = None,
    hairs: tuple[SeenHair, ...] | None = None,
    also_um: tuple[float, ...] = (),
    name: str = "photograph",
) -> Measured | Refused:
    """What a close-up of shaved scalp shows, or why it is not measured. The same photograph gives the same answer.

    Args:
        whole: RGB.
        scale: of the photograph.
        crop: the part to measure.
        corrections: what a person puts right, px of the whole photograph.
        hairs: already found in the part; None finds them.
        also_um: further bounds for the share of thick hairs.
        name: what messages call the photograph.

    Raises:
        InputError: the crop or a correction does not fit to the photograph.
    """
    image = cropped(whole, crop, name)
    before = look_at(image, scale.um_per_px)
    if not before.passed:
        return Refused(before, scale)
    hidden = printed_area(image)
    seen = detect(image, scale.um_per_px) if hairs is None else hairs
    seen = tuple(hair for hair in seen if not _under(hair, hidden))
    fitted = widths(image, seen, scale.um_per_px)
    quality = judge(image, scale.um_per_px, seen, before, fitted.px)
    if not quality.passed:
        return Refused(quality, scale)
    added = np.zeros(len(seen), np.bool_)
    if corrections is not None:
        origin = (0.0, 0.0) if crop is None else (float(crop[0]), float(crop[1]))
        seen, added = corrected(seen, corrections, image.shape, name, origin)
        fitted = widths(image, seen, scale.um_per_px)
    removed = 0 if corrections is None else len(corrections.removed)
    return _counted(image, quality, scale, seen, hidden, (added, removed), fitted, also_um, crop)


def _under(hair: SeenHair, hidden: Flags) -> bool:
    """Whether most of a hair lies under print, so that it is a letter."""
    x, y = np.clip(
        np.rint(hair.path_px).astype(np.int64).T, 0, np.array([[hidden.shape[1] - 1], [hidden.shape[0] - 1]])
    )
    return bool(hidden[y, x].mean() >= 0.5)


def _counted(
    image: Picture,
    quality: Quality,
    scale: Scale,
    hairs: tuple[SeenHair, ...],
    hidden: Flags,
    touched: tuple[Flags, int],
    fitted: Widths,
    also_um: tuple[float, ...],
    crop: Box | None,
) -> Measured:
    """Counts, diameters and shares of the hairs that are there in the end."""
    um = scale.um_per_px
    area = counted_area(hidden, guard_px(hairs, um))
    unit = units_of(hairs, um)
    count = count_hairs(hairs, unit, area, um, certain=touched[0])
    factor = np.nan if um is None else um
    diameter, error = fitted.px * factor, fitted.error_px * factor
    diameter = np.where(error <= MOST_ERROR_UM, diameter, np.nan)
    on = count.counted
    shares = (
        None if um is None else shares_of(diameter[on], error[on], unit[on], count.per_cm2, count.per_cm2_se, also_um)
    )
    return Measured(
        image,
        quality,
        scale,
        hairs,
        touched[0],
        touched[1],
        unit,
        area,
        hidden,
        count,
        fitted.px,
        diameter,
        error,
        fitted.blur_px,
        shares,
        crop,
    )
