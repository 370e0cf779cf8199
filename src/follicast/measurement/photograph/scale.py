"""How many micrometres of skin a pixel shows: told, or read from a scale bar or a circle that a microscope printed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

import cv2
import numpy as np
import numpy.typing as npt

from follicast.language import say
from follicast.quantities import InputError

Picture = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Levels = npt.NDArray[np.int16]
Source = Literal["told", "bar", "circle", "unknown"]

FINEST_UM, COARSEST_UM = 0.5, 30.0
"""Scales that a photograph of hair can have."""
LEAST_BAR_PX: Final = 60
# A printed line differs from what lies on both sides of it by so many levels (the clearest is tried first), and is at
# most so thick. One that has no second line at a right angle must differ more, be black or white, and no banner's part.
_STEPS, _THICKEST_PX = (22, 14), 9
_ALONE_STEP, _ALONE_PX, _BLACK, _WHITE, _FLAT, _BANNER_SHARE = 25, 60, 75, 215, 10.0, 0.05
# A line with a second one of its own length at a right angle to its end is a bar before any other.
_SAME_LENGTH = 0.04
# Hairs that cross a line cut it: small gaps are closed, pieces of one row are joined over larger ones.
_GAP_PX, _PIECE_PX, _JOIN_PX, _BEYOND_PX = 9, 10, 70, 25
_RED_STEP = 50


@dataclass(frozen=True, slots=True)
class Scale:
    """The scale of a photograph.

    Attributes:
        um_per_px: None where it is not known; then nothing is said in mm.
        source: told by the user, read from a bar or a circle, or unknown.
        how: the same in words.
        error_share: standard error as a share of the scale.
    """

    um_per_px: float | None
    source: Source
    how: str
    error_share: float


@dataclass(frozen=True, slots=True)
class _Line:
    """A printed line along an axis of the picture, px: where it begins, ends, lies across; `sole`: clear alone."""

    start: int
    end: int
    across: int
    sole: bool

    @property
    def length(self) -> int:
        """From its first to its last pixel, px."""
        return self.end - self.start + 1


UNKNOWN: Final = Scale(None, "unknown", "not known", 0.0)


# Lengths that printed bars have, and how far a told scale may put one from them.
_USUAL_BARS_MM: Final = (0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
_BAR_OFF: Final = 0.06


def told_scale(um_per_px: float, image: Picture | None = None) -> Scale:
    """The scale as the user gives it.

    Args:
        um_per_px: um of skin that a pixel shows.
        image: RGB, whole; where a bar is printed on it whose length would be none that bars have, that is said.

    Raises:
        InputError: no photograph of hair has that scale.
    """
    if not FINEST_UM <= um_per_px <= COARSEST_UM:
        raise InputError(f"--um-per-px {um_per_px:g}: allowed are {FINEST_UM:g} to {COARSEST_UM:g} um.")
    told = say("told: {scale} µm per pixel", scale=f"{um_per_px:g}")
    bars = [] if image is None else [length * um_per_px / 1000.0 for length in _bars(image)]
    if bars and max(bars) <= 1.02 * min(bars) + 0.02:
        nearest = min(_USUAL_BARS_MM, key=lambda mm: abs(math.log(bars[0] / mm)))
        if abs(bars[0] / nearest - 1.0) > _BAR_OFF:
            doubt = say("but the bar printed on it would be {long} mm; check it", long=f"{bars[0]:.2f}")
            told = f"{told}; {doubt}"
    return Scale(um_per_px, "told", told, 0.0)


def scale_of_bar(image: Picture, bar_mm: float, name: str) -> Scale:
    """The scale by the bar that is printed on a photograph.

    Args:
        image: RGB, whole.
        bar_mm: how long the bar says it is.
        name: of the photograph, for messages.

    Raises:
        InputError: no bar is found, several are, or the scale would be none of a photograph of hair.
    """
    if not 0.01 <= bar_mm <= 50.0:
        raise InputError(f"--bar-mm {bar_mm:g}: allowed are 0.01 to 50 mm.")
    lengths = _bars(image)
    if not lengths:
        raise InputError(f"{name}: no printed scale bar is found; give the scale with --um-per-px.")
    if max(lengths) > 1.02 * min(lengths) + 2:
        found = " and ".join(f"{length} px" for length in sorted(lengths)[:4])
        raise InputError(
            f"{name}: several printed lines could be the scale bar ({found}); give the scale with --um-per-px."
        )
    length = float(np.mean(lengths))
    scale = 1000.0 * bar_mm / length
    if not FINEST_UM <= scale <= COARSEST_UM:
        raise InputError(f"{name}: a bar of {length:.0f} px for {bar_mm:g} mm is no scale of a photograph of hair.")
    return Scale(
        scale,
        "bar",
        say("printed bar of {long} mm, {count} px long", long=f"{bar_mm:g}", count=f"{length:.0f}"),
        0.7 / length,
    )


def scale_of_circle(image: Picture, radius_mm: float, name: str) -> Scale:
    """The scale by the coloured circle that software draws round the measured area.

    Args:
        image: RGB, whole.
        radius_mm: radius of the circle, as the software prints it.
        name: of the photograph, for messages.

    Raises:
        InputError: no circle is found, or the scale would be none of a photograph of hair.
    """
    if not 0.05 <= radius_mm <= 50.0:
        raise InputError(f"--circle-mm {radius_mm:g}: allowed are 0.05 to 50 mm.")
    radius = _circle(image)
    if radius is None:
        raise InputError(f"{name}: no printed red circle is found; give the scale with --um-per-px.")
    scale = 1000.0 * radius_mm / radius
    if not FINEST_UM <= scale <= COARSEST_UM:
        raise InputError(f"{name}: a circle of {radius:.0f} px for {radius_mm:g} mm is no scale of hair.")
    return Scale(
        scale,
        "circle",
        say("printed circle of radius {long} mm, {count} px", long=f"{radius_mm:g}", count=f"{radius:.0f}"),
        1.0 / radius,
    )


def _bars(image: Picture) -> list[int]:
    """Lengths of what may be the scale bar, px: the pairs at a right angle, else single lines."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.int16)
    turned = np.ascontiguousarray(grey.T)
    for step in _STEPS:
        flat, upright = _lines(grey, step), _lines(turned, step)
        pairs = [
            max(a.length, b.length)  # what crosses a line only shortens it
            for a in flat
            for b in upright
            if abs(a.length - b.length) <= _SAME_LENGTH * a.length + 2 and _meet(a, b)
        ]
        if pairs:
            return pairs
    edge = _BANNER_SHARE * image.shape[0]
    return [line.length for line in _lines(grey, _ALONE_STEP) if line.sole and edge < line.across < image.shape[0] - 4]


def _meet(flat: _Line, upright: _Line) -> bool:
    """Whether an end of each is the same corner."""
    near_x = min(abs(upright.across - flat.start), abs(upright.across - flat.end)) <= 4
    near_y = min(abs(flat.across - upright.start), abs(flat.across - upright.end)) <= 4
    return near_x and near_y


def _lines(grey: Levels, least_step: int) -> list[_Line]:
    """Printed lines along the rows: even, thin, and straight to the pixel."""
    height, width = grey.shape
    found: list[_Line] = []
    for reach in (2, _THICKEST_PX):
        padded = np.pad(grey, ((reach, reach), (0, 0)), mode="edge")
        above, below = padded[:height], padded[2 * reach :]
        for sign in (1, -1):
            step = sign * grey
            stands = np.minimum(step - sign * above, step - sign * below) >= least_step
            closed = cv2.morphologyEx(stands.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((1, _GAP_PX), np.uint8))
            opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((1, _PIECE_PX), np.uint8))
            clear = np.minimum(step - sign * above, step - sign * below)
            count, _, boxes, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
            for x, y, long, thick in _joined([tuple(int(v) for v in box[:4]) for box in boxes[1:count]]):
                if thick > _THICKEST_PX or long < max(8 * thick, LEAST_BAR_PX) or long > 0.97 * width:
                    continue
                row = y + thick // 2
                part = slice(y, y + thick), slice(x, x + long)
                if _even(grey[row, x : x + long], stands[part]):
                    before, behind = slice(max(x - _BEYOND_PX, 0), x), slice(x + long, x + long + _BEYOND_PX)
                    ends = tuple((clear[y : y + thick, part_of], grey[row, part_of]) for part_of in (before, behind))
                    found.append(_Line(x, x + long - 1, row, _sole(grey[row, x : x + long], clear[part], ends)))
    return _distinct(found)


def _even(along: Levels, stands: Mask) -> bool:
    """Whether a run is print, all of one grey, and not a hair that happens to lie along a row."""
    share = float(stands.any(axis=0).mean())
    low, high = np.quantile(along, [0.1, 0.9])
    return share > 0.75 and float(high - low) < 30.0


def _joined(boxes: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Boxes (x, y, long, thick), pieces of one line put together."""
    made: list[tuple[int, ...]] = []
    for x, y, long, thick in sorted(boxes, key=lambda box: (box[1], box[0])):
        last = made[-1] if made else None
        if last and last[1] == y and last[3] == thick and 0 < x - last[0] - last[2] <= _JOIN_PX:
            made[-1] = (last[0], y, x + long - last[0], thick)
        else:
            made.append((x, y, long, thick))
    return made


def _sole(along: Levels, clear: Levels, ends: tuple[tuple[Levels, Levels], ...]) -> bool:
    """Whether a line can be a bar without a second one beside it: clear and flat all along, and ending where it ends.

    A line that ends in something of its own grey may go on in it, under a hair.
    """
    level, step = float(np.median(along)), clear.max(axis=0)
    low, high = np.quantile(along, [0.1, 0.9])
    if along.size < _ALONE_PX or float(high - low) > _FLAT or _BLACK < level < _WHITE:
        return False
    stops = all(
        end.size == 0
        or (
            float(end.max(axis=0).mean()) < 0.25 * float(np.median(step))
            and abs(float(np.median(beyond)) - level) >= _ALONE_STEP
        )
        for end, beyond in ends
    )
    return stops and float((step >= _ALONE_STEP).mean()) > 0.95


def _distinct(lines: list[_Line]) -> list[_Line]:
    """Lines that are not one line found twice."""
    kept: list[_Line] = []
    for line in sorted(lines, key=lambda one: -one.length):
        if all(abs(line.across - old.across) > 6 or line.start > old.end or line.end < old.start for old in kept):
            kept.append(line)
    return kept


def _circle(image: Picture) -> float | None:
    """Radius of a thin red circle, px, by least squares on its pixels; None where there is none."""
    red = red_print(image)
    y, x = np.nonzero(red)
    if x.size < 200:
        return None
    stream = np.random.default_rng(0)
    best, most = None, 0
    for _ in range(300):
        pick = stream.choice(x.size, 3, replace=False)
        fit = _round(x[pick].astype(float), y[pick].astype(float))
        if fit is None or not 0.1 * min(red.shape) < fit[2] < max(red.shape):
            continue
        near = np.abs(np.hypot(x - fit[0], y - fit[1]) - fit[2]) < 2.0
        if int(near.sum()) > most:
            best, most = near, int(near.sum())
    if best is None or most < 0.4 * x.size:
        return None
    fit = _round(x[best].astype(float), y[best].astype(float))
    # Most of the way round: a part of a circle may be a scratch.
    if fit is None:
        return None
    turn = np.arctan2(y[best] - fit[1], x[best] - fit[0])
    return fit[2] if len(np.unique(np.floor(turn * 36 / (2 * math.pi)))) >= 24 else None


def red_print(image: Picture) -> Mask:
    """Pixels of a red that skin does not have."""
    red, green, blue = (image[..., k].astype(np.int16) for k in range(3))
    return np.asarray((red - green > _RED_STEP + 20) & (red - blue > _RED_STEP + 20) & (np.abs(green - blue) < 40))


def _round(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> tuple[float, float, float] | None:
    """Centre and radius of the circle through points."""
    system = np.column_stack([2 * x, 2 * y, np.ones_like(x)])
    found, _, rank, _ = np.linalg.lstsq(system, x**2 + y**2, rcond=None)
    if rank < 3:
        return None
    square = float(found[2] + found[0] ** 2 + found[1] ** 2)
    return (float(found[0]), float(found[1]), math.sqrt(square)) if square > 0 else None
