"""The hairs of a drawn head: each stands for one simulated follicle, at a place that never changes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from numba import prange

from follicast.biology.compiled import compiled
from follicast.biology.scalp import Site
from follicast.biology.simulate import Course, Follicles
from follicast.measurement.drawing.head import looks, places, semi_axes
from follicast.quantities import ZONES, InputError

Floats = npt.NDArray[np.float64]
POINTS: Final = 12
_STREAM: Final = 7002


@dataclass(frozen=True, slots=True)
class ZoneHair:
    """The simulated follicles of one zone on one day, in an order that is the same on every day.

    Attributes:
        area_cm2: of the patch that was simulated.
        diameter_um: of the hair of each follicle; 0 where none is out.
        length_mm: of the hair out of the skin, never cut.
    """

    area_cm2: float
    diameter_um: Floats
    length_mm: Floats

    def __post_init__(self) -> None:
        """Refuses patches that cannot be drawn."""
        if not self.area_cm2 > 0.0:
            raise InputError(f"area_cm2 of a patch is {self.area_cm2:g}; it must be above 0.")
        if self.diameter_um.shape != self.length_mm.shape:
            raise InputError("A patch needs one length for every diameter.")


def of_person(
    course: Course, follicles: Follicles, sites: Sequence[Site], person: int, day: int
) -> dict[str, ZoneHair]:
    """The simulated follicles of one person on one day of a course, by zone, ready to be drawn.

    Args:
        course: what was simulated.
        follicles: that it was simulated of; the same ones under another regimen keep their places in the picture.
        sites: patches they stand on.
        person: row of the person.
        day: row of the day in the course.
    """
    hair = {}
    for index, site in enumerate(sites):
        mine = np.flatnonzero((follicles.person == person) & (follicles.site == index))
        diameter, length = (a[day, mine].astype(float) for a in (course.diameter_um, course.length_mm))
        hair[site.zone] = ZoneHair(site.area_cm2, diameter, length)
    return hair


@dataclass(frozen=True, slots=True)
class Style:
    """How the hair is worn: cut length in mm, waviness 0 (straight) to 1, and whether it is parted in the middle."""

    cut_mm: float = 28.0
    waviness: float = 0.25
    parted: bool = False

    def __post_init__(self) -> None:
        """Refuses lengths that cannot be drawn."""
        if not 1.0 <= self.cut_mm <= 120.0:
            raise InputError(f"cut_mm is {self.cut_mm:g}; it must be from 1 to 120.")


@dataclass(frozen=True, slots=True)
class Strands:
    """Polylines of hairs in mm, [hair, POINTS, 3], with the diameter, tint and zone of each."""

    points: npt.NDArray[np.float32]
    diameter_um: Floats
    tint: Floats
    zone: npt.NDArray[np.int64]


@compiled(parallel=True)
def _grow(
    root: Any, length: Any, aside: Any, wave: Any, phase: Any, lift: Any, axes: Any, whorl: Any, parted: Any, out: Any
) -> None:
    """March each hair along the flow of the scalp, kept above the skin."""
    points = out.shape[1]
    for i in prange(root.shape[0]):
        x, y, z = root[i, 0] * axes[0], root[i, 1] * axes[1], root[i, 2] * axes[2]
        step = length[i] / (points - 1)
        for k in range(points):
            out[i, k, 0], out[i, k, 1], out[i, k, 2] = x, y, z
            nx, ny, nz = x / axes[0] ** 2, y / axes[1] ** 2, z / axes[2] ** 2
            size = math.sqrt(nx * nx + ny * ny + nz * nz)
            nx, ny, nz = nx / size, ny / size, nz / size
            fx, fy, fz = x / axes[0] - whorl[0], y / axes[1] - whorl[1], z / axes[2] - whorl[2]
            far = math.sqrt(fx * fx + fy * fy + fz * fz)
            turn = 1.15 * math.exp(-((far / 0.33) ** 2)) + 0.1
            if parted:
                # The parting runs out before the whorl, without an edge.
                held = min(max((y / axes[1] + 0.5) / 0.4, 0.0), 1.0)
                side = min(max(root[i, 0] / 0.03, -1.0), 1.0)
                near = (1.0 - held) / (far + 1e-9)
                fx, fy, fz = held * side + near * fx, held * 0.15 + near * fy, near * fz - held * 0.4
                turn *= 1.0 - held
            dot = fx * nx + fy * ny + fz * nz
            fx, fy, fz = fx - dot * nx, fy - dot * ny, fz - dot * nz
            size = math.sqrt(fx * fx + fy * fy + fz * fz) + 1e-9
            fx, fy, fz = fx / size, fy / size, fz / size
            gx, gy, gz = ny * fz - nz * fy, nz * fx - nx * fz, nx * fy - ny * fx
            share = k / (points - 1)
            a = turn + aside[i] * (0.5 + 0.8 * share) + wave[i] * math.sin(phase[i] + 0.42 * step * k)
            up = lift[i, 0] * (1.0 - share) ** 2 + lift[i, 1]
            c, s, rise = math.cos(a) * math.cos(up), math.sin(a) * math.cos(up), math.sin(up)
            x += step * (c * fx + s * gx + rise * nx)
            y += step * (c * fy + s * gy + rise * ny)
            z += step * (c * fz + s * gz + rise * nz)
            level = math.sqrt((x / axes[0]) ** 2 + (y / axes[1]) ** 2 + (z / axes[2]) ** 2)
            if level < 1.002:
                x, y, z = x * 1.002 / level, y * 1.002 / level, z * 1.002 / level


def grow(patches: Mapping[str, ZoneHair], style: Style, seed: int = 0) -> Strands:
    """The hairs of a whole head.

    A follicle of a patch stands at every place of its zone that was dealt its number; what a zone's patch holds never
    moves or changes a hair of another zone, and the same patch on another day keeps every place.

    Args:
        patches: simulated follicles by zone; a zone that is missing is left bare.
        style: how the hair is worn.
        seed: of the places.

    Raises:
        InputError: a zone that does not exist.
    """
    for name in patches:
        if name not in ZONES:
            raise InputError(f"Zone {name!r} cannot be drawn; allowed: {', '.join(ZONES)}.")
    ground = places(seed)
    rng = np.random.default_rng([seed, _STREAM])
    dealt, free = rng.random(ground.rank.size), rng.standard_normal((ground.rank.size, 4))
    diameter, length = np.zeros(ground.rank.size), np.zeros(ground.rank.size)
    for index, name in enumerate(ZONES):
        patch = patches.get(name)
        if patch is None or patch.diameter_um.size == 0:
            continue
        per_mm2 = patch.diameter_um.size / (100.0 * patch.area_cm2)
        here = np.flatnonzero((ground.zone == index) & (ground.rank < per_mm2 * ground.area_mm2))
        which = (dealt[here] * patch.diameter_um.size).astype(np.int64)
        diameter[here], length[here] = patch.diameter_um[which], patch.length_mm[which]
    out = np.flatnonzero((diameter > 0.0) & (length > 0.0))
    numbers = looks()["strand"]
    root, draw = ground.direction[out], free[out]
    cell = np.floor(root * semi_axes() / numbers["clump_mm"] + 64.0).astype(np.int64)
    mixed = (cell[:, 0] * 73856093) ^ (cell[:, 1] * 19349663) ^ (cell[:, 2] * 83492791)
    tuft = np.random.default_rng([seed, _STREAM + 1]).standard_normal((4096, 3))[mixed % 4096]
    worn = np.minimum(length[out], style.cut_mm * np.exp(0.10 * draw[:, 0] + 0.06 * tuft[:, 2]))
    aside = np.radians(numbers["clump_degrees"] * tuft[:, 0] + numbers["own_degrees"] * draw[:, 1])
    wave = style.waviness * (0.5 + 0.15 * np.abs(draw[:, 2]))
    lift = np.radians(
        np.stack([numbers["exit_degrees"] + 7.0 * draw[:, 3], numbers["lie_degrees"] + 3.0 * tuft[:, 2]], axis=1)
    )
    points = np.empty((out.size, POINTS, 3), np.float32)
    whorl = np.array(looks()["head"]["whorl"])
    _grow(root, worn, aside, wave, 2.0 * tuft[:, 1] + 0.4 * draw[:, 2], lift, semi_axes(), whorl, style.parted, points)
    tint = np.exp(0.16 * draw[:, 2] + 0.10 * tuft[:, 1])
    return Strands(points, diameter[out], tint, ground.zone[out])
