"""How a patch is photographed: the instrument, where it is put, and what is on the picture besides hair and skin."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from follicast.measurement.drawing.dice import Dice
from follicast.measurement.drawing.frame import Frame
from follicast.measurement.drawing.overlay import PRINTS, Print
from follicast.measurement.drawing.patch import MARGIN_MM, Patch
from follicast.quantities import InputError


@dataclass(frozen=True, slots=True)
class View:
    """How a patch is photographed. What is None is drawn from appearance.toml by the seeds.

    Attributes:
        seed: of this photograph: noise, scales, clippings, words.
        lamp: seed of the light and the camera, the same for photographs with one instrument.
        um_per_px: scale on the skin.
        width_px: of the photograph.
        height_px: of the photograph.
        shift_mm: how far the probe is off the middle of the patch.
        turn_rad: how far it is turned.
        flakes_per_cm2: scales on the skin; 0 leaves those on roots and shafts out too.
        clippings_per_cm2: loose clippings.
        ink: an ink dot marks the place.
        prints: what the software prints on the photograph.
        glare: light that the skin mirrors.
        blur_um: blur in focus.
        noise: of the sensor.
        jpeg_quality: of the file.
    """

    seed: int = 0
    lamp: int = 0
    um_per_px: float = 5.57
    width_px: int = 1280
    height_px: int = 1024
    shift_mm: tuple[float, float] = (0.0, 0.0)
    turn_rad: float = 0.0
    flakes_per_cm2: float | None = None
    clippings_per_cm2: float | None = None
    ink: bool = False
    prints: frozenset[Print] = frozenset()
    glare: float | None = None
    blur_um: float | None = None
    noise: float | None = None
    jpeg_quality: int | None = None

    @property
    def field_mm(self) -> tuple[float, float]:
        """Width and height of what is photographed."""
        return self.width_px * self.um_per_px / 1000.0, self.height_px * self.um_per_px / 1000.0

    def frame(self, patch: Patch) -> Frame:
        """Where the camera stands over the patch."""
        centre = patch.width_mm / 2.0 + self.shift_mm[0], patch.height_mm / 2.0 + self.shift_mm[1]
        return Frame(self.width_px, self.height_px, self.um_per_px, centre, self.turn_rad)


def check(view: View) -> None:
    """Refuse a view that cannot be drawn.

    Raises:
        InputError: the scale or the size is outside its range.
    """
    if not 1.0 <= view.um_per_px <= 20.0:
        raise InputError(f"um per px: found {view.um_per_px:g}; allowed: 1 to 20")
    if not all(64 <= side <= 8192 for side in (view.width_px, view.height_px)):
        raise InputError(f"photograph: found {view.width_px} x {view.height_px} px; allowed: 64 to 8192 a side")


def sample_view(seed: int, *, um_per_px: float = 5.57, width_px: int = 1280, height_px: int = 1024) -> View:
    """A photograph with some camera under some light, with words on it or without.

    Raises:
        InputError: the scale or the size is outside its range.
    """
    dice = Dice(seed, "view")
    prints: frozenset[Print] = frozenset(p for p in PRINTS if dice.happens(0.35))
    view = View(seed, seed, um_per_px, width_px, height_px, ink=dice.happens(0.15), prints=prints)
    check(view)
    return view


def again(view: View, seed: int) -> View:
    """The same instrument put back on the spot: not quite there, with other dust, noise and glare."""
    dice = Dice(seed, "again")
    shift = dice.of("pair.shift_mm"), dice.of("pair.shift_mm")
    scale = view.um_per_px * math.exp(dice.of("pair.scale_log"))
    glare = Dice(view.lamp, "light again", seed).of("light.glare") if view.glare is None else view.glare
    limit = 0.6 * MARGIN_MM
    return replace(
        view,
        seed=seed,
        um_per_px=scale,
        shift_mm=(max(-limit, min(limit, shift[0])), max(-limit, min(limit, shift[1]))),
        turn_rad=view.turn_rad + math.radians(dice.of("pair.turn")),
        glare=glare,
    )
