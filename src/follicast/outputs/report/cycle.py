"""The hair cycle as it was: two follicles of the person's twin, cut open, month by month to today."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from follicast.biology.follicle import ANAGEN, CATAGEN, KENOGEN, LOST, TELOGEN
from follicast.decisions.planning.follicle_life import FollicleLife, Place
from follicast.decisions.planning.pictured import Heads
from follicast.decisions.result import PlanResult
from follicast.language import say
from follicast.outputs import wording
from follicast.outputs.palette import INK, MUTED, PAPER
from follicast.outputs.svg import WIDE_WIDTH, Figure
from follicast.quantities import DAYS_PER_YEAR

Picture = npt.NDArray[np.uint8]

WIDTH: Final = 320
HEIGHT: Final = 366
STILLS: Final = 4
FRAME_MS: Final = 110
LAST_MS: Final = 2500
_FINE: Final = 2
"""Drawn this many times larger and brought down, so that edges are smooth."""
_SKIN: Final = 220
_ROOT: Final = 0.5 * WIDTH
_PX_PER_MM: Final = 0.2
_PX_PER_UM: Final = 0.13
_SHALLOW: Final = 22.0
_DEEP: Final = 0.72
"""Depth of a growing follicle in px: shallow for the finest hair, and this much deeper for each um of diameter."""
_RESTING: Final = 0.6
_LOOK: Final = {
    "dermis": "#f0dccf",
    "epidermis": "#dcb9a4",
    "sheath": "#c99b83",
    "hair": "#33271f",
    "papilla": "#a5402d",
    "club": "#8b7a6c",
    "empty": "#faf1ea",
}


def cycle_figure(result: PlanResult, heads: Heads | None) -> Figure | None:
    """Both follicles month by month, as stills and as an animation; None where no life was simulated.

    Args:
        result: the answer, for the names of zones.
        heads: with the lives of its follicles.
    """
    if heads is None or not heads.lives:
        return None
    names: dict[Place, str] = {
        "goal": wording.zone_label(result, result.forecasts.goal_zone),
        "donor": say("back of the head"),
    }
    lives = [(wording.capital(names[place]), life) for place, life in heads.lives.items()]
    days = lives[0][1].days
    frames = [np.hstack([_frame(name, life, row) for name, life in lives]) for row in range(days.size)]
    years = str(round(-float(days[0]) / DAYS_PER_YEAR))
    note = say(
        "Two simulated follicles of the head above, cut open: one at the goal zone that is among the thinner quarter "
        "today, and an ordinary one at the back of the head. Widths are drawn larger than lengths. Anagen: hair grows. "
        "Catagen: the follicle shrinks. Telogen: the hair rests, until it is shed (exogen). Kenogen: empty."
    )
    title = say("Two follicles over the last {years} years (simulated)", years=years)
    return Figure("cycle", title, note, _stills(frames), "", _animation(frames))


def _stills(frames: Sequence[Picture]) -> str:
    """A few moments, evenly spaced, the first and the last among them."""
    rows = np.linspace(0, len(frames) - 1, STILLS).round().astype(int)
    across = 2 if frames[0].shape[1] > WIDTH else STILLS
    size = WIDE_WIDTH / across
    high = size * frames[0].shape[0] / frames[0].shape[1]
    parts = []
    for k, row in enumerate(rows):
        _, data = cv2.imencode(".jpg", frames[row][..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])
        source = f"data:image/jpeg;base64,{base64.b64encode(data.tobytes()).decode('ascii')}"
        x, y = (k % across) * size, (k // across) * high
        parts.append(f'<image x="{x:g}" y="{y:g}" width="{size:g}" height="{high:g}" href="{source}"/>')
    whole = high * -(-STILLS // across)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE_WIDTH:g} {whole:g}"'
        f' style="max-width:{WIDE_WIDTH:g}px" aria-hidden="true" focusable="false">{"".join(parts)}</svg>'
    )


def _animation(frames: Sequence[Picture]) -> str:
    """The frames as one WebP that plays again and again, in base64."""
    first, *rest = (Image.fromarray(frame) for frame in frames)
    held = [FRAME_MS] * len(rest) + [LAST_MS]
    file = io.BytesIO()
    first.save(file, "WEBP", save_all=True, append_images=rest, duration=held, loop=0, quality=62, method=2)
    return base64.b64encode(file.getvalue()).decode("ascii")


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


class _Sheet:
    """A drawing in px that is kept finer than it is shown."""

    def __init__(self) -> None:
        self.pixels: Picture = np.full((HEIGHT * _FINE, WIDTH * _FINE, 3), _rgb(PAPER), np.uint8)

    def box(self, top: float, bottom: float, colour: str) -> None:
        self.pixels[round(top * _FINE) : round(bottom * _FINE)] = _rgb(colour)

    def line(self, points: npt.ArrayLike, width: float, colour: str) -> None:
        """A line of even width through points in px."""
        path = np.rint(np.asarray(points, float) * _FINE).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(self.pixels, [path], False, _rgb(colour), max(1, round(width * _FINE)), cv2.LINE_AA)

    def oval(self, x: float, y: float, across: float, high: float, colour: str) -> None:
        centre, axes = (round(x * _FINE), round(y * _FINE)), (round(across * _FINE), round(high * _FINE))
        cv2.ellipse(self.pixels, centre, axes, 0.0, 0.0, 360.0, _rgb(colour), -1, cv2.LINE_AA)

    def done(self) -> Picture:
        """As it is shown."""
        return np.asarray(cv2.resize(self.pixels, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)


def _frame(name: str, life: FollicleLife, row: int) -> Picture:
    """One follicle on one day, with its words."""
    sheet = _Sheet()
    sheet.box(_SKIN, HEIGHT - 42, _LOOK["dermis"])
    sheet.box(_SKIN, _SKIN + 7, _LOOK["epidermis"])
    phase, um, mm = int(life.phase[row]), float(life.diameter_um[row]), float(life.length_mm[row])
    known = life.diameter_um[: row + 1]
    size = um or float(known[known > 0.0][-1] if (known > 0.0).any() else life.diameter_um.max())
    shed = row > 0 and life.length_mm[row - 1] > mm + 1.0
    _follicle(sheet, phase, size)
    if shed:
        _hair(
            sheet, _SKIN - 22.0, 0.35 * float(life.length_mm[row - 1]), float(life.diameter_um[row - 1]), _LOOK["club"]
        )
    if um > 0.0:
        grown = _depth(phase, size)
        _hair(sheet, _SKIN + grown, grown / _PX_PER_MM + mm, um, _LOOK["hair"])
    picture = sheet.done()
    _write(picture, name, phase, um, shed)
    _clock(picture, life.days, row)
    return picture


def _depth(phase: int, size_um: float) -> float:
    """How deep the follicle reaches below the skin, in px."""
    deep = _SHALLOW + _DEEP * size_um
    return deep if phase == ANAGEN else (0.5 * (1.0 + _RESTING) if phase == CATAGEN else _RESTING) * deep


def _follicle(sheet: _Sheet, phase: int, size_um: float) -> None:
    if phase >= LOST:
        return
    deep, wide = _depth(phase, size_um), 7.0 + 0.16 * size_um
    end = _SKIN + deep
    sheet.line([(_ROOT, _SKIN + 1.0), (_ROOT, end)], wide, _LOOK["sheath"])
    if phase == ANAGEN:
        sheet.oval(_ROOT, end, 0.75 * wide, 0.8 * wide, _LOOK["sheath"])
        sheet.oval(_ROOT, end + 0.2 * wide, 0.3 * wide, 0.36 * wide, _LOOK["papilla"])
    elif phase == KENOGEN:
        sheet.line([(_ROOT, _SKIN - 1.0), (_ROOT, end)], 0.45 * wide, _LOOK["empty"])
    elif phase == TELOGEN:
        sheet.oval(_ROOT, end - 2.0, 0.42 * wide, 0.5 * wide, _LOOK["club"])


def _hair(sheet: _Sheet, root: float, length_mm: float, um: float, colour: str) -> None:
    """A hair from its root upwards, bending with its length."""
    up = np.linspace(0.0, length_mm * _PX_PER_MM, 40)
    out = np.maximum(up - (root - _SKIN), 0.0)
    sheet.line(np.stack([_ROOT + 0.0011 * out**2, root - up], axis=1), max(um * _PX_PER_UM, 0.8), colour)


def _phase_words(phase: int) -> str:
    return {
        ANAGEN: say("Anagen: growing"),
        CATAGEN: say("Catagen: shrinking"),
        TELOGEN: say("Telogen: resting"),
        KENOGEN: say("Kenogen: empty"),
    }.get(phase, say("Lost"))


def _text(picture: Picture, x: int, y: int, words: str, size: float, colour: str, weight: int = 1) -> None:
    cv2.putText(picture, words, (x, y), cv2.FONT_HERSHEY_SIMPLEX, size, _rgb(colour), weight, cv2.LINE_AA)


def _write(picture: Picture, name: str, phase: int, um: float, shed: bool) -> None:
    _text(picture, 14, 30, name, 0.78, INK, 2)
    _text(picture, 14, 58, _phase_words(phase), 0.7, INK)
    if um > 0.0:
        _text(picture, 14, 84, say("Hair: {um} µm thick", um=f"{um:.0f}"), 0.62, MUTED)
    if shed:
        _text(picture, 14, 110, say("Exogen: a hair is shed"), 0.62, MUTED)


def _span(years: float) -> str:
    """A time in whole years, or in months where it is less than two."""
    months = round(12.0 * years)
    return say("{years} years", years=str(round(years))) if months >= 24 else wording.counted(months, "month")


def _clock(picture: Picture, days: npt.NDArray[np.int64], row: int) -> None:
    """A bar of time to today at the foot, and how long ago this is."""
    left, right, y = 14, WIDTH - 14, HEIGHT - 30
    along = left + (right - left) * row / max(days.size - 1, 1)
    cv2.line(picture, (left, y), (right, y), _rgb(_LOOK["epidermis"]), 3, cv2.LINE_AA)
    cv2.line(picture, (left, y), (round(along), y), _rgb(INK), 3, cv2.LINE_AA)
    ago = -float(days[row]) / DAYS_PER_YEAR
    words = say("Today") if row == days.size - 1 else say("{when} ago", when=_span(ago))
    _text(picture, left, HEIGHT - 6, words, 0.6, MUTED)
