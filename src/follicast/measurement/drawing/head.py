"""A head for drawing: its surface, the zones on it, places for follicles, and the views of a clinic."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from follicast.knowledge import load
from follicast.quantities import ZONES

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
ViewName = Literal["vertex", "midline", "frontal", "temporal"]

_CANDIDATES: Final = 1_200_000
_STREAM: Final = 7001


@cache
def looks() -> dict[str, Any]:
    """The numbers of appearance of a drawn head: portrait.toml."""
    return dict(load.read_toml(Path(load.__file__).parent / "portrait.toml"))


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the camera stands: direction to it from the head, and what is up (x right, y front, z up)."""

    towards: tuple[float, float, float]
    up: tuple[float, float, float]

    def axes(self) -> Floats:
        """Rows: right, down and towards the camera, as unit vectors."""
        near = np.array(self.towards) / np.linalg.norm(self.towards)
        right = np.cross(self.up, near)
        right /= np.linalg.norm(right)
        return np.stack([right, -np.cross(near, right), near])


POSES: Final[dict[ViewName, Pose]] = {
    "vertex": Pose((0.0, -0.62, 0.78), (0.0, 0.78, 0.62)),
    "midline": Pose((0.0, 0.12, 1.0), (0.0, 1.0, -0.12)),
    "frontal": Pose((0.0, 0.80, 0.60), (0.0, -0.60, 0.80)),
    "temporal": Pose((0.80, 0.45, 0.40), (0.0, 0.0, 1.0)),
}


def semi_axes() -> Floats:
    """Half width, half length and half height of the head, mm."""
    return np.array(looks()["head"]["semi_axes_mm"])


def zone_at(directions: Floats, aside_degrees: Floats | float = 0.0) -> Ints:
    """Which zone of ZONES a place lies in, -1 where no hair grows.

    Args:
        directions: unit vectors of the sphere that the head is stretched from, [place, 3].
        aside_degrees: added to both angles, to blur the borders.
    """
    numbers = looks()["head"]
    down = np.degrees(np.arccos(np.clip(directions[:, 2], -1.0, 1.0))) + aside_degrees
    round_ = np.abs(np.degrees(np.arctan2(directions[:, 0], directions[:, 1]))) + aside_degrees
    border = np.interp(round_, numbers["border_at"], numbers["border_degrees"])
    zone = np.where(
        directions[:, 1] + np.radians(aside_degrees) > -0.22, ZONES.index("mid-scalp"), ZONES.index("vertex")
    )
    zone = np.where((round_ > 118.0) & (down > 56.0), ZONES.index("occipital-donor"), zone)
    zone = np.where((round_ > 64.0) & (round_ <= 118.0) & (down > 48.0), ZONES.index("sides"), zone)
    zone = np.where((round_ <= 64.0) & (down > border - 17.0), ZONES.index("temples"), zone)
    zone = np.where((round_ <= 30.0) & (down > border - 17.0), ZONES.index("frontal-hairline"), zone)
    return np.where(down > border, -1, zone).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Places:
    """Places on the head where a follicle may stand, dense enough for any scalp.

    Attributes:
        direction: unit vectors, [place, 3].
        zone: index into ZONES.
        area_mm2: skin that one place stands for.
        rank: 0 to 1; a place is taken when the follicles it stands for exceed it.
    """

    direction: Floats
    zone: Ints
    area_mm2: Floats
    rank: Floats


@cache
def places(seed: int) -> Places:
    """Places for follicles: an even spiral, jittered, so that hair neither clumps nor stands in rows."""
    rng = np.random.default_rng([seed, _STREAM])
    number = np.arange(_CANDIDATES)
    z = 1.0 - 2.0 * (number + rng.random(_CANDIDATES)) / _CANDIDATES
    turn = number * np.pi * (3.0 - np.sqrt(5.0)) + rng.normal(0.0, 0.002, _CANDIDATES)
    flat = np.sqrt(np.maximum(0.0, 1.0 - z * z))
    direction = np.stack([flat * np.cos(turn), flat * np.sin(turn), z], axis=1)
    axes = semi_axes()
    area = np.prod(axes) * np.linalg.norm(direction / axes, axis=1) * 4.0 * np.pi / _CANDIDATES
    rank = rng.random(_CANDIDATES)
    zone = zone_at(direction, rng.normal(0.0, looks()["head"]["blur_degrees"], _CANDIDATES))
    keep = zone >= 0
    return Places(direction[keep], zone[keep], area[keep], rank[keep])


def zone_areas_cm2(seed: int) -> dict[str, float]:
    """Skin of each zone on the drawn head."""
    all_places = places(seed)
    sums = np.bincount(all_places.zone, weights=all_places.area_mm2, minlength=len(ZONES)) / 100.0
    return {name: float(total) for name, total in zip(ZONES, sums, strict=True)}
