"""The picture to check a count by: every hair that was seen drawn over the photograph, with what is not counted veiled.

Marks differ in shape as well as in colour: a counted hair has a filled root, one that is not counted a hollow one, one
that a person added a square. Hairs of one unit are joined by a thin line.
"""

from __future__ import annotations

import io
import math
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from follicast.language import language, say
from follicast.measurement.photograph.measured import Measured
from follicast.outputs.palette import INK, MUTED, PAPER, PLAN_A, PLAN_B
from follicast.version import VERSION

Point = tuple[float, float]

LEAST_WIDTH, MOST_WIDTH = 1100, 2000
_SUPER: Final = 2
_STRIP_ROWS, _ROW_PX, _PAD = 3, 30, 16
_ROOT_PX: Final = 6.0
_TICK_PX, _TICK_APART = 100, 90
_VEIL: Final = (28, 43, 51, 95)


def draw_overlay(result: Measured, title: str) -> bytes:
    """A PNG of the photograph with the hairs that were found, and a legend under it.

    Args:
        result: the measured photograph.
        title: what it is called.
    """
    height, width = result.image.shape[:2]
    zoom = min(max(1.0, LEAST_WIDTH / width), MOST_WIDTH / width)
    size = round(width * zoom), round(height * zoom)
    picture = Image.fromarray(result.image).resize(size, Image.Resampling.LANCZOS).convert("RGBA")
    veil = Image.fromarray(np.where(result.area, 0, 255).astype(np.uint8)).resize(size, Image.Resampling.NEAREST)
    picture.paste(Image.alpha_composite(picture, Image.new("RGBA", size, _VEIL)), (0, 0), veil)
    marks = Image.new("RGBA", (size[0] * _SUPER, size[1] * _SUPER), (0, 0, 0, 0))
    _marks(ImageDraw.Draw(marks), result, zoom * _SUPER)
    picture = Image.alpha_composite(picture, marks.resize(size, Image.Resampling.LANCZOS))
    _ticks(ImageDraw.Draw(picture), result, size, zoom)
    sheet = Image.new("RGB", (size[0], size[1] + _STRIP_ROWS * _ROW_PX + 2 * _PAD), PAPER)
    sheet.paste(picture.convert("RGB"), (0, 0))
    _legend(ImageDraw.Draw(sheet), result, title, size, zoom)
    out = io.BytesIO()
    sheet.save(out, "PNG", optimize=False)
    return out.getvalue()


def _marks(draw: ImageDraw.ImageDraw, result: Measured, zoom: float) -> None:
    def at(place: Point) -> Point:
        return (place[0] + 0.5) * zoom, (place[1] + 0.5) * zoom

    for number in range(int(result.unit.max()) + 1 if result.unit.size else 0):
        roots = [at(result.hairs[k].root_px) for k in np.flatnonzero((result.unit == number) & result.count.counted)]
        middle = (sum(x for x, _ in roots) / max(len(roots), 1), sum(y for _, y in roots) / max(len(roots), 1))
        for root in roots if len(roots) > 1 else []:
            draw.line([middle, root], fill="white", width=round(5 * _SUPER))
            draw.line([middle, root], fill=INK, width=round(2.5 * _SUPER))
    for k, hair in enumerate(result.hairs):
        counted = bool(result.count.counted[k])
        line = [at((float(x), float(y))) for x, y in hair.path_px]
        colour = PLAN_B if counted else MUTED
        draw.line(line, fill="white", width=round(4 * _SUPER), joint="curve")
        draw.line(line, fill=colour, width=round(2 * _SUPER), joint="curve")
    for k, hair in enumerate(result.hairs):
        _root(draw, at(hair.root_px), counted=bool(result.count.counted[k]), added=bool(result.added[k]), size=_SUPER)


def _ticks(draw: ImageDraw.ImageDraw, result: Measured, size: tuple[int, int], zoom: float) -> None:
    """Pixels of the whole photograph along two sides, as a corrections file names them."""
    font = _font(400, 13)
    each = _TICK_PX * max(1, math.ceil(_TICK_APART / (_TICK_PX * zoom)))
    for axis, first in enumerate((0, 0) if result.crop is None else result.crop[:2]):
        for pixel in range(math.ceil((first + 1) / each) * each, first + result.image.shape[1 - axis], each):
            at = (pixel - first + 0.5) * zoom
            words = str(pixel)
            long = draw.textlength(words, font=font)
            if at + long > size[axis]:
                continue
            draw.line([(at, 0), (at, 8)] if axis == 0 else [(0, at), (8, at)], fill="white", width=2)
            place = (at + 4, 1.0) if axis == 0 else (11.0, at - 8)
            draw.text(place, words, fill="white", font=font, stroke_width=2, stroke_fill=INK)


def _root(draw: ImageDraw.ImageDraw, place: Point, *, counted: bool, added: bool, size: float) -> None:
    """The mark of a root: filled, hollow, or a square."""
    radius = _ROOT_PX * size
    box = (place[0] - radius, place[1] - radius, place[0] + radius, place[1] + radius)
    fill = PLAN_A if counted else None
    edge = "white" if counted else MUTED
    if not counted:
        wide = 1.5 * size
        draw.ellipse(
            (box[0] - wide, box[1] - wide, box[2] + wide, box[3] + wide), outline="white", width=round(4 * size)
        )
    if added:
        draw.rectangle(box, fill=fill, outline=edge, width=round(1.5 * size))
    else:
        draw.ellipse(box, fill=fill, outline=edge, width=round(1.5 * size))


def _legend(draw: ImageDraw.ImageDraw, result: Measured, title: str, size: tuple[int, int], zoom: float) -> None:
    top = size[1] + _PAD
    text = _text(result, title)
    draw.text((_PAD, top), text, fill=INK, font=_font(600, 19))
    x, y = float(_PAD), top + _ROW_PX + 12.0
    for counted, added, words in (
        (True, False, say("counted hair, its root")),
        (False, False, say("seen, not counted")),
        (True, True, say("added by hand")),
    ):
        if added and not result.added.any():
            continue
        draw.line([(x + 8, y), (x + 40, y)], fill=PLAN_B if counted else MUTED, width=3)
        _root(draw, (x + 8, y), counted=counted, added=added, size=1.0)
        draw.text((x + 48, y - 11), words, fill=INK, font=_font(400, 17))
        x += 72 + draw.textlength(words, font=_font(400, 17))
    draw.line([(x, y), (x + 26, y)], fill=INK, width=2)
    words = say("one unit")
    draw.text((x + 34, y - 11), words, fill=INK, font=_font(400, 17))
    x += 58 + draw.textlength(words, font=_font(400, 17))
    draw.rectangle((x, y - 9, x + 24, y + 9), fill="#9aa3a8")
    draw.text((x + 32, y - 11), say("not in the counted area"), fill=INK, font=_font(400, 17))
    y = top + 2.0 * _ROW_PX
    draw.text((_PAD, y), say("Check it: add or remove hairs with --corrections."), fill=MUTED, font=_font(400, 16))
    _scale_bar(draw, result, (size[0] - _PAD, round(y + 6)), zoom)


def _scale_bar(draw: ImageDraw.ImageDraw, result: Measured, corner: tuple[int, int], zoom: float) -> None:
    """A bar of 1 mm, or the words that there is no scale; its right end at the corner."""
    um = result.scale.um_per_px
    font = _font(400, 16)
    if um is None:
        words = say("scale not known")
        draw.text((corner[0] - draw.textlength(words, font=font), corner[1] - 8), words, fill=MUTED, font=font)
        return
    long = 1000.0 * zoom / um
    x, y = corner[0] - long, corner[1] + 4
    draw.line([(x, y), (corner[0], y)], fill=INK, width=3)
    for end in (x, corner[0]):
        draw.line([(end, y - 6), (end, y + 6)], fill=INK, width=3)
    words = "1 mm"
    draw.text((x - 10 - draw.textlength(words, font=font), y - 11), words, fill=INK, font=font)


def _text(result: Measured, title: str) -> str:
    count = result.count
    if count.per_cm2 is None or count.area_mm2 is None:
        return say("{title}: {hairs} hairs in {units} units", title=title, hairs=round(count.hairs), units=count.units)
    return say(
        "{title}: {hairs} hairs in {units} units on {area} mm²: {density} ± {error} hairs/cm²  (Follicast {version})",
        title=title,
        hairs=round(count.hairs),
        units=count.units,
        area=f"{count.area_mm2:.1f}",
        density=f"{count.per_cm2:.0f}",
        error=f"{count.per_cm2_se or 0.0:.0f}",
        version=VERSION,
    )


@cache
def _font(weight: int, size: int) -> ImageFont.FreeTypeFont:
    face = "han" if language() != "en" else "sans"
    kind = "otf" if face == "han" else "ttf"
    path = files("follicast.outputs").joinpath("fonts", f"follicast-{face}-{weight}.{kind}")
    return ImageFont.truetype(io.BytesIO(path.read_bytes()), math.ceil(size))
