"""A head as a clinic would photograph it: strands over skin in soft light, marked as simulated."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final, Literal

import cv2
import numpy as np
import numpy.typing as npt
from numba import prange

from follicast.biology.compiled import compiled
from follicast.measurement.drawing.head import POSES, Pose, ViewName, looks, semi_axes
from follicast.measurement.drawing.strands import Strands
from follicast.quantities import InputError

Layer = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]
_LIGHT: Final = (0.25, 0.35, 1.0)
_BANDS: Final = 16


@dataclass(frozen=True, slots=True)
class Portrait:
    """How the head is photographed: view, edge of the square picture in px, skin and hair colour of portrait.toml."""

    view: ViewName = "vertex"
    size_px: int = 1200
    skin: Literal["light", "medium", "dark"] = "light"
    hair: Literal["black", "brown", "blond", "red", "grey"] = "brown"

    def __post_init__(self) -> None:
        """Refuses what cannot be drawn."""
        if self.view not in POSES:
            raise InputError(f"There is no view {self.view!r}; allowed: {', '.join(POSES)}.")
        if not 64 <= self.size_px <= 4000:
            raise InputError(f"size_px is {self.size_px}; it must be from 64 to 4000.")
        for part, name in (("skin", self.skin), ("hair", self.hair)):
            if name not in looks()[part]:
                raise InputError(f"There is no {part} colour {name!r}; allowed: {', '.join(looks()[part])}.")


@dataclass(frozen=True, slots=True)
class Taken:
    """A picture, RGB 8 bit, and how much of each pixel is hair (0 to 1) and whether skin lies behind it."""

    picture: Picture
    hair: Layer
    on_head: npt.NDArray[np.bool_]


@compiled(parallel=True)
def _rasterise(
    start: Any, end: Any, width: Any, shade: Any, order: Any, first: Any, size: Any, light: Any, through: Any
) -> None:
    """Lay segments front to back; each band of rows is one thread's, so that the order never depends on threads."""
    bands = first.size - 1
    for band in prange(bands):
        low, high = band * size // bands, (band + 1) * size // bands
        for at in range(first[band], first[band + 1]):
            i = order[at]
            ax, ay, bx, by = start[i, 0], start[i, 1], end[i, 0], end[i, 1]
            dx, dy = bx - ax, by - ay
            run = dx * dx + dy * dy + 1e-6
            reach = 0.5 * width[i] + 0.6
            # What the edge's ramp sums to across the shaft, so that a shaft covers what its width covers.
            spread = reach * reach if reach < 1.0 else 2.0 * reach - 1.0
            for y in range(max(low, int(min(ay, by) - reach)), min(high, int(max(ay, by) + reach) + 2)):
                for x in range(max(0, int(min(ax, bx) - reach)), min(size, int(max(ax, bx) + reach) + 2)):
                    clear = through[y, x]
                    if clear < 0.004:
                        continue
                    t = ((x - ax) * dx + (y - ay) * dy) / run
                    if t < 0.0 or t >= 1.0:
                        continue
                    off = abs((x - ax) * dy - (y - ay) * dx) / math.sqrt(run)
                    cover = min(min(max(reach - off, 0.0), 1.0) * width[i] / spread, 0.97)
                    for c in range(3):
                        light[y, x, c] += clear * cover * shade[i, c]
                    through[y, x] = clear * (1.0 - cover)


def _skin(portrait: Portrait, pose: Pose, per_mm: float) -> tuple[Layer, Layer]:
    """Linear light of skin and background, and the depth of the skin in mm (-inf beside the head)."""
    size, axes, basis = portrait.size_px, semi_axes(), pose.axes()
    v, u = (np.mgrid[0:size, 0:size] - 0.5 * size) / per_mm
    flat = u[..., None] * basis[0] + v[..., None] * basis[1]
    near = basis[2] / axes
    a, b, c = near @ near, (flat / axes) @ near, ((flat / axes) ** 2).sum(axis=2) - 1.0
    under = b * b - a * c
    on = under > 0.0
    depth = np.where(on, (np.sqrt(np.maximum(under, 0.0)) - b) / a, -np.inf)
    spot = flat + np.where(on, depth, 0.0)[..., None] * basis[2]
    normal = spot / axes**2
    normal /= np.linalg.norm(normal, axis=2, keepdims=True)
    lamp = _lamp(basis)
    soft = np.clip((normal @ lamp + 0.35) / 1.35, 0.0, 1.0)
    halfway = (lamp + basis[2]) / np.linalg.norm(lamp + basis[2])
    shine = 0.05 * np.clip(normal @ halfway, 0.0, 1.0) ** 22
    rng = np.random.default_rng(11)
    coarse = cv2.resize(rng.standard_normal((40, 40)).astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC)
    fine = cv2.GaussianBlur(rng.standard_normal((size, size)).astype(np.float32), (0, 0), 1.0)
    mottle = (1.0 + 0.03 * coarse + 0.05 * fine)[..., None]
    colour = np.array(looks()["skin"][portrait.skin])
    lit = colour * (0.18 + 0.9 * soft)[..., None] * mottle + shine[..., None]
    ground = np.array(looks()["strand"]["background"]) * (1.08 - 0.25 * np.hypot(u, v)[..., None] * per_mm / size)
    return np.where(on[..., None], lit, ground).astype(np.float32), depth.astype(np.float32)


def _lamp(basis: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Direction to the light: over the camera, a little to one side."""
    lamp = np.array(_LIGHT) @ (basis * np.array([[1.0], [-1.0], [1.0]]))
    return np.asarray(lamp / np.linalg.norm(lamp))


def _shades(strands: Strands, portrait: Portrait, basis: npt.NDArray[np.float64]) -> Layer:
    """Linear light of every segment, after Kajiya and Kay (1989), darker near the skin."""
    points = strands.points
    along = np.diff(points, axis=1)
    along /= np.linalg.norm(along, axis=2, keepdims=True) + 1e-6
    middle = 0.5 * (points[:, 1:] + points[:, :-1])
    outward = middle / (semi_axes() ** 2).astype(np.float32)
    outward /= np.linalg.norm(outward, axis=2, keepdims=True)
    lamp = _lamp(basis).astype(np.float32)
    to_lamp, to_eye = along @ lamp, along @ basis[2].astype(np.float32)
    sin_lamp, sin_eye = np.sqrt(np.maximum(0.0, 1.0 - to_lamp**2)), np.sqrt(np.maximum(0.0, 1.0 - to_eye**2))
    gloss = np.maximum(0.0, sin_lamp * sin_eye - to_lamp * to_eye) ** 28
    facing = np.clip((outward @ lamp + 0.3) / 1.3, 0.0, 1.0)
    height = np.linalg.norm(middle / semi_axes().astype(np.float32), axis=2) - 1.0
    lit = (1.0 - 0.72 * np.exp(-height * 85.0 / 2.5)) * facing
    colour = np.array(looks()["hair"][portrait.hair], np.float32)
    body = colour * strands.tint[:, None, None].astype(np.float32) * (0.25 + 1.1 * lit * sin_lamp)[..., None]
    shine = looks()["strand"]["highlight"] * gloss * lit
    mirrored = (0.35 + 0.65 * colour / colour.max()) * 0.4
    return np.asarray((body + shine[..., None] * mirrored).reshape(-1, 3), np.float32)


def _segments(strands: Strands, basis: Any, per_mm: float, size: int) -> tuple[Layer, Layer, Layer]:
    """Start and end of every segment in px with the distance towards the camera, and its width in px."""
    seen = strands.points @ basis.T.astype(np.float32)
    seen[..., :2] = seen[..., :2] * per_mm + 0.5 * size
    width = np.repeat(strands.diameter_um * 1e-3 * per_mm, seen.shape[1] - 1).astype(np.float32)
    return seen[:, :-1].reshape(-1, 3), seen[:, 1:].reshape(-1, 3), width


def _ordered(start: Layer, end: Layer, near: npt.NDArray[np.bool_], size: int) -> tuple[Any, Any]:
    """Segments front to back within each band of rows, and where each band begins."""
    rows = np.flatnonzero(near)
    rows = rows[np.argsort(-(start[rows, 2] + end[rows, 2]), kind="stable")]
    low, high = np.minimum(start[rows, 1], end[rows, 1]) - 2.0, np.maximum(start[rows, 1], end[rows, 1]) + 3.0
    edges = np.arange(_BANDS + 1) * size // _BANDS
    parts = [rows[(high >= edges[k]) & (low < edges[k + 1])] for k in range(_BANDS)]
    return np.concatenate(parts), np.cumsum([0, *(part.size for part in parts)])


def take(strands: Strands, portrait: Portrait, mark: str = "simulated") -> Taken:
    """Photograph a head. The same strands and portrait give the same bytes with any number of threads.

    Args:
        strands: the hairs, grown by `grow`.
        portrait: how it is photographed.
        mark: the word in the lower left corner that says that nobody sat for this, in the reader's language.

    Raises:
        InputError: the mark is empty.
    """
    if not mark.strip():
        raise InputError("The mark of a drawn head is empty; it must say that the picture is simulated.")
    size, pose = portrait.size_px, POSES[portrait.view]
    per_mm, basis = size / 225.0, pose.axes()
    skin, depth = _skin(portrait, pose, per_mm)
    start, end, width = _segments(strands, basis, per_mm, size)
    middle = 0.5 * (start + end)
    column, row = (np.clip(middle[:, k].astype(np.int64), 0, size - 1) for k in (0, 1))
    near = (middle[:, 2] > depth[row, column] - 1.5) & (middle[:, 2] > -30.0)
    order, first = _ordered(start, end, near, size)
    light = np.zeros((size, size, 3), np.float32)
    through = np.ones((size, size), np.float32)
    _rasterise(start, end, width, _shades(strands, portrait, basis), order, first, size, light, through)
    hair, on_head = 1.0 - through, np.isfinite(depth)
    # Hair keeps light off the skin beneath and beside it.
    shade = cv2.GaussianBlur(hair, (0, 0), 1.2 * per_mm)
    under = np.where(on_head, np.exp(-0.9 * shade), 1.0)
    image = light + (through * under)[..., None] * skin
    return Taken(_marked(_developed(image), mark), hair, on_head)


def _developed(image: Layer) -> Picture:
    """Linear light as sRGB, with the softness and grain of a camera."""
    soft = cv2.GaussianBlur(image, (0, 0), 0.55)
    curve = 1.055 * np.power(np.clip(1.15 * soft, 0.0, 1.0), 1.0 / 2.4) - 0.055
    grain = np.random.default_rng(12).standard_normal(image.shape[:2]).astype(np.float32)[..., None]
    return np.asarray(np.clip(255.0 * curve + 1.6 * grain, 0.0, 255.0), np.uint8)


def _marked(picture: Picture, mark: str) -> Picture:
    """The word that says what this is, in the lower left corner."""
    size, marked = picture.shape[0], np.ascontiguousarray(picture)
    where = (round(0.02 * size), round(0.98 * size))
    cv2.putText(
        marked, mark, where, cv2.FONT_HERSHEY_SIMPLEX, max(size / 560.0, 0.45), (245, 245, 245), 1 + size // 500, 16
    )
    return np.asarray(marked, np.uint8)
