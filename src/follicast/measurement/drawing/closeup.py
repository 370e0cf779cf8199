"""Photographs of a patch of scalp, drawn, with the truth about every hair in them.

drawn = sample_closeup(seed=7)                     some scalp, some skin, some camera
drawn.image, drawn.truth.root_px[drawn.truth.visible]

patch = sample_patch(7, tone=3, hair="black")      two photographs of one patch, two days apart
first = draw_closeup(patch, sample_view(1))
second = draw_closeup(later(patch, 2.0), again(sample_view(1), 2))
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from follicast.knowledge.appearance import by_colour, usual
from follicast.measurement.drawing.camera import exposed, in_focus, stored
from follicast.measurement.drawing.debris import Clippings, cast_shadow, ink, loose_clippings, scales, under_skin
from follicast.measurement.drawing.dice import Dice
from follicast.measurement.drawing.frame import Frame
from follicast.measurement.drawing.hairs import Pigment
from follicast.measurement.drawing.light import Light, lamps, lit
from follicast.measurement.drawing.overlay import printed
from follicast.measurement.drawing.patch import Patch, sample_patch
from follicast.measurement.drawing.photograph import Photograph, Truth
from follicast.measurement.drawing.shaft import TRAITS, paint
from follicast.measurement.drawing.shape import axes
from follicast.measurement.drawing.skin import bare_skin, noise
from follicast.measurement.drawing.view import View, check, sample_view

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Layer = npt.NDArray[np.float32]

# Points on the axis of a stub, and of a long hair.
_STUB_POINTS, _LONG_POINTS, _LONG_UM = 12, 64, 3000.0
# A hair of which more than this is hidden, or whose root is not in the frame, is not counted against a counter.
_HIDDEN, _FAINT = 0.6, 0.05


@dataclass(frozen=True, slots=True)
class _Shafts:
    """What is painted: rows of the patch's hairs, axes [hair, point, (x, y, height)] in mm and in px, radii."""

    rows: Ints
    line_mm: Floats
    line_px: Floats
    radius_px: Floats = field(repr=False)


def sample_closeup(
    seed: int,
    um_per_px: float = 5.57,
    tone: int | None = None,
    hair: Pigment | None = None,
    *,
    width_px: int = 1280,
    height_px: int = 1024,
    units_per_cm2: float | None = None,
    mean_um: float | None = None,
    miniaturised: float | None = None,
    shaven: bool = True,
) -> Photograph:
    """A photograph of some scalp with some camera: everything that is not given is drawn by the seed.

    Args:
        seed: the same seed and arguments make the same bytes.
        um_per_px: scale on the skin.
        tone: skin tone 1 to 6.
        hair: colour of the hair.
        width_px: of the photograph.
        height_px: of the photograph.
        units_per_cm2: density of follicular units.
        mean_um: mean diameter of the terminal hairs.
        miniaturised: share of them that are miniaturised.
        shaven: clipped a day or two ago, or long.

    Raises:
        InputError: an argument is outside its range.
    """
    view = sample_view(seed, um_per_px=um_per_px, width_px=width_px, height_px=height_px)
    patch = sample_patch(
        seed,
        field_mm=view.field_mm,
        grain_um=um_per_px,
        tone=tone,
        hair=hair,
        units_per_cm2=units_per_cm2,
        mean_um=mean_um,
        miniaturised=miniaturised,
        shaven=shaven,
    )
    return draw_closeup(patch, view)


def draw_closeup(patch: Patch, view: View) -> Photograph:
    """The photograph of a patch in a view, with its truth; the same arguments make the same bytes.

    Raises:
        InputError: the scale or the size of the view is outside its range.
    """
    check(view)
    frame = view.frame(patch)
    shafts = _shafts(patch, frame)
    light = lamps(view.lamp, frame, view.glare)
    image = _skin_under_light(patch, view, frame, shafts, light)
    loose = loose_clippings(view.seed, patch, frame, view.clippings_per_cm2)
    contrast, top = _paint_all(patch, view, frame, shafts, light, loose, image)
    units = frame.to_px(patch.units_mm)
    cover, white = scales(
        view.seed, frame, units, shafts.line_px[..., :2], shafts.radius_px.mean(axis=1), view.flakes_per_cm2
    )
    flake = (
        white[..., None] * light.falling * (0.8 + 0.1 * noise(Dice(view.seed, "flakes"), frame.shape, 1.2)[..., None])
    )
    image += cover[..., None] * (flake + 0.5 * light.mirrored - image)
    picture = exposed(view.lamp, view.seed, in_focus(view.lamp, frame, image, view.blur_um), view.noise)
    picture, words = printed(view.seed, frame, picture, view.prints)
    hides = (cover > 0.5) | words
    truth = _truth(patch, frame, shafts, contrast, _hidden(shafts, top, hides), units, loose)
    return Photograph(stored(view.lamp, picture, view.jpeg_quality), view.um_per_px, truth, patch, view)


def _shafts(patch: Patch, frame: Frame) -> _Shafts:
    """The hairs that reach into the frame, in the order in which they are painted."""
    hairs = patch.hairs
    points = _STUB_POINTS if float(hairs.length_um.max(initial=0.0)) < _LONG_UM else _LONG_POINTS
    line = axes(hairs, points)
    px = frame.to_px(line[..., :2])
    own = Dice(patch.seed, "widths").many("shaft.width_sd_log", hairs.count)[:, None]
    wave = np.cos(
        Dice(patch.seed, "waves").stream.uniform(0.0, 2.0 * math.pi, hairs.count)[:, None] + np.linspace(0, 3, points)
    )
    radius = 0.5 * hairs.diameter_um[:, None] * (1.0 + own * wave) / frame.um_per_px
    point = np.where(hairs.tapered[:, None], np.sqrt(1.0 - np.linspace(0.0, 0.98, points)), 1.0)
    reach = radius.max(axis=1)[:, None]
    into = (px[..., 0] > -reach) & (px[..., 1] > -reach)
    into &= (px[..., 0] < frame.width_px + reach) & (px[..., 1] < frame.height_px + reach)
    shown = np.flatnonzero(hairs.out & into.any(axis=1))
    return _Shafts(shown, line[shown], px[shown], (radius * point)[shown])


def _absorption(eumelanin: float, pheomelanin: float, frame: Frame) -> Floats:
    """Absorption by colour for a path of one px."""
    of = np.array(by_colour("hair.eumelanin")) * eumelanin + np.array(by_colour("hair.pheomelanin")) * pheomelanin
    return of * frame.um_per_px / usual("hair.usual_radius_um")


def _skin_under_light(patch: Patch, view: View, frame: Frame, shafts: _Shafts, light: Light) -> Layer:
    hairs, rows = patch.hairs, shafts.rows
    skin = bare_skin(patch, frame)
    ahead = shafts.line_px[:, 1, :2] - shafts.line_px[:, 0, :2]
    back = -ahead / np.maximum(np.hypot(*ahead.T), 1e-6)[:, None]
    um = hairs.diameter_um[rows]
    red = (
        usual("hair.eumelanin.green") * hairs.eumelanin[rows]
        + usual("hair.pheomelanin.green") * hairs.pheomelanin[rows]
    )
    dark = 1.0 - np.exp(-red * 0.8 * um / usual("hair.usual_radius_um"))
    colour = skin.colour * under_skin(frame, shafts.line_px[:, 0, :2], back, um, dark)
    colour *= cast_shadow(frame, shafts.line_px[..., :2], um, Dice(view.lamp, "shadow").turn())
    if view.ink:
        colour *= ink(patch, frame)
    return lit(replace(skin, colour=colour), light, view.lamp)


def _paint_all(
    patch: Patch, view: View, frame: Frame, shafts: _Shafts, light: Light, loose: Clippings, image: Layer
) -> tuple[Floats, npt.NDArray[np.int32]]:
    """Paint clippings and shafts; returns the contrast of each shaft and the uppermost shaft of each pixel."""
    hairs = patch.hairs
    top = np.full(frame.shape, -1, np.int32)
    room = tuple(np.full(frame.shape, value, np.float32) for value in (np.inf, 0.0, 0.0))
    spread = usual("hair.grain")
    rough = np.exp(
        spread * noise(Dice(view.seed, "sheen"), frame.shape, max(9.0 / frame.um_per_px, 0.7)) - 0.5 * spread**2
    )
    work = np.zeros((*frame.shape, 6), np.float32)
    work[..., :3] = image
    looks = _looks(patch, frame)
    dye = _absorption(usual("hair.dye_eumelanin"), 0.2, frame)
    for k in range(len(loose.diameter_um)):
        line, radius = (
            np.linspace(loose.from_px[k], loose.to_px[k], 3),
            np.full(3, 0.5 * loose.diameter_um[k] / frame.um_per_px),
        )
        sigma = _absorption(float(loose.eumelanin[k]), float(loose.pheomelanin[k]), frame)
        traits = looks[k % len(looks)].copy()
        # A clipping has two cut ends and lies on the skin; nothing of it is under it.
        traits[TRAITS.index("emerge_px")], traits[TRAITS.index("tapered")] = 0.5, 0.0
        traits[TRAITS.index("dyed_from_px")] = np.inf
        paint(work, light.falling, top, -2, line, radius, sigma, dye, rough, traits, room)
    contrast = np.zeros(shafts.rows.size)
    for k, row in enumerate(shafts.rows):
        sigma = _absorption(float(hairs.eumelanin[row]), float(hairs.pheomelanin[row]), frame)
        line = np.ascontiguousarray(shafts.line_px[k, :, :2])
        contrast[k] = paint(work, light.falling, top, k, line, shafts.radius_px[k], sigma, dye, rough, looks[row], room)
    image[...] = work[..., :3]
    return contrast, top


def _looks(patch: Patch, frame: Frame) -> Floats:
    """Traits of each hair of the patch for the brush [hair, TRAITS]."""
    hairs, dice = patch.hairs, Dice(patch.seed, "looks")
    n = hairs.count
    column = {
        "cut_slope": np.tan(np.clip(hairs.cut_rad, -1.0, 1.0)),
        "emerge_px": np.full(n, max(usual("root.emerge_um") / frame.um_per_px, 0.5)),
        "dyed_from_px": hairs.dyed_from_um * np.cos(hairs.exit_rad) / frame.um_per_px,
        "medulla": hairs.medulla,
        "sheen": dice.many("hair.sheen", n),
        "line": dice.many("hair.line", n),
        "scatter": np.full(n, usual("hair.scatter")),
        "edge": np.full(n, usual("hair.edge")),
        "tip_light": dice.stream.uniform(-0.5, 1.5, n),
        "tapered": hairs.tapered.astype(np.float64),
        "ragged": dice.stream.uniform(0.0, 0.6, n),
    }
    return np.stack([column[name] for name in TRAITS], axis=1)


def _hidden(shafts: _Shafts, top: npt.NDArray[np.int32], hides: npt.NDArray[np.bool_]) -> Floats:
    """Share of the part of each axis in the frame that is under something; 1 where none of it is in the frame."""
    height, width = hides.shape
    place = np.rint(shafts.line_px[..., :2]).astype(np.int64)
    x, y = place[..., 0], place[..., 1]
    inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    over = top[y, x] > np.arange(len(place))[:, None]
    seen = (inside & ~hides[y, x] & ~over).sum(axis=1)
    return np.asarray(1.0 - seen / np.maximum(inside.sum(axis=1), 1))


def _truth(
    patch: Patch, frame: Frame, shafts: _Shafts, contrast: Floats, hidden: Floats, units: Floats, loose: Clippings
) -> Truth:
    hairs, rows = patch.hairs, shafts.rows
    root = shafts.line_px[:, 0, :2]
    limit = np.array([frame.width_px, frame.height_px]) - 0.5
    inside, unit_inside = (np.all((place >= -0.5) & (place < limit), axis=1) for place in (root, units))
    return Truth(
        ident=hairs.ident[rows],
        unit=hairs.unit[rows],
        root_px=root,
        tip_px=shafts.line_px[:, -1, :2],
        polyline_px=shafts.line_px[..., :2],
        width_px=2.0 * shafts.radius_px,
        root_mm=shafts.line_mm[:, 0, :2],
        width_um=2.0 * shafts.radius_px * frame.um_per_px,
        diameter_um=hairs.diameter_um[rows],
        length_um=hairs.length_um[rows],
        kind=hairs.kind[rows],
        phase=hairs.phase[rows],
        growth_um_per_day=np.where(hairs.phase[rows] == 0, hairs.growth_um_per_day[rows], 0.0),
        eumelanin=hairs.eumelanin[rows],
        inside=inside,
        hidden=hidden,
        contrast=contrast,
        visible=inside & (hidden <= _HIDDEN) & (contrast >= _FAINT),
        units_px=units[unit_inside],
        clippings_px=np.stack([loose.from_px, loose.to_px], axis=1),
    )
