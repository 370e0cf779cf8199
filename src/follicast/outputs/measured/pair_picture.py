"""Two photographs beside each other with every hair marked as it was compared: a picture to check the answer by.

The second photograph is laid on the first, so that a hair stands at the same place in both halves. Each kind of hair
has a colour and a shape of its own, and every mark a light edge, so that it is seen on any skin, in grey too.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from html import escape

import cv2
import numpy as np
import numpy.typing as npt

from follicast.language import say
from follicast.measurement.photograph.growth import UNDECIDED, Growth
from follicast.measurement.photograph.pair import Pairing
from follicast.measurement.photograph.visits import Change
from follicast.outputs.palette import INK, MUTED, PAPER

Floats = npt.NDArray[np.float64]

GREW, RESTED, OPEN, GONE, CAME, DOUBTFUL = "#0072b2", "#e69f00", "#cc79a7", "#d55e00", "#009e73", "#454d53"
"""Colours that colour-blind readers tell apart (Okabe and Ito), and dark grey for what is not believed."""

_PANEL, _GAP, _TOP, _LINE = 760, 16, 34, 24


@dataclass(frozen=True, slots=True)
class _Mark:
    """One hair: its ends in mm of the first photograph, its look, and the half (0, 1) that it is drawn in."""

    ends: Floats
    colour: str
    shape: str
    half: int
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class _Key:
    """One line of the legend."""

    colour: str
    shape: str
    text: str


def growth_picture(growth: Growth) -> bytes:
    """The pair with its hairs in anagen, at rest, undecided, gone and new, as SVG."""
    pairing = growth.pairing
    marks = []
    for row, anagen in zip(growth.rows, growth.anagen, strict=True):
        colour, shape = (GREW, "dot") if anagen >= UNDECIDED[1] else (OPEN, "ring")
        colour, shape = (RESTED, "square") if anagen <= UNDECIDED[0] else (colour, shape)
        marks += [_Mark(_ends(pairing, row, half), colour, shape, half) for half in (0, 1)]
    keys = [
        _Key(GREW, "dot", say("grew: in anagen")),
        _Key(RESTED, "square", say("did not grow: at rest")),
        _Key(OPEN, "ring", say("undecided")),
        *_alone_keys(),
    ]
    return _svg(
        pairing,
        [*marks, *_alone(pairing)],
        keys,
        (say("First photograph"), say("{days} days later", days=_plain(growth.days))),
    )


def change_picture(change: Change) -> bytes:
    """The two visits with the hairs found again, gone and new, as SVG."""
    pairing = change.pairing
    rows = [int(row) for row in np.flatnonzero(pairing.common)]
    marks = [_Mark(_ends(pairing, row, half), GREW, "dot", half) for row in rows for half in (0, 1)]
    keys = [_Key(GREW, "dot", say("found again")), *_alone_keys()]
    return _svg(pairing, [*marks, *_alone(pairing)], keys, (say("Earlier visit"), say("Later visit")))


def _plain(value: float) -> str:
    return f"{value:g}"


def _alone_keys() -> list[_Key]:
    return [
        _Key(GONE, "cross", say("only in the first: gone")),
        _Key(CAME, "plus", say("only in the second: new")),
        _Key(DOUBTFUL, "dash", say("only in one: overlooked in the other, or no hair")),
    ]


def _ends(pairing: Pairing, row: int, half: int) -> Floats:
    """Root and tip of a matched hair, mm of the first photograph."""
    sight, which = (pairing.one, pairing.first) if half == 0 else (pairing.two, pairing.second)
    ends = sight.ends_mm[which[row]]
    ends = ends[::-1] if pairing.turned[row, half] else ends
    return ends if half == 0 else pairing.alignment.to_first(ends)


def _alone(pairing: Pairing) -> list[_Mark]:
    marks = []
    for alone, sight, half, look in (
        (pairing.lost, pairing.one, 0, (GONE, "cross")),
        (pairing.new, pairing.two, 1, (CAME, "plus")),
    ):
        for row, gone in zip(alone.rows, alone.gone, strict=True):
            ends = sight.ends_mm[row]
            ends = ends if half == 0 else pairing.alignment.to_first(ends)
            believed = gone > 0.5
            colour, shape = look if believed else (DOUBTFUL, "dash")
            marks.append(_Mark(ends, colour, shape, half, dashed=not believed))
    return marks


def _svg(pairing: Pairing, marks: list[_Mark], keys: list[_Key], titles: tuple[str, str]) -> bytes:
    height, width = pairing.one.image.shape[:2]
    scale = _PANEL / width
    high = round(height * scale)
    whole = 2 * _PANEL + 3 * _GAP, _TOP + high + _GAP + _LINE * ((len(keys) + 2) // 3) + 8
    per_mm = 1000.0 / pairing.one.um_per_px * scale
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole[0]} {whole[1]}" '
        f'width="{whole[0]}" height="{whole[1]}" font-family="sans-serif" font-size="15">',
        f'<rect width="100%" height="100%" fill="{PAPER}"/>',
    ]
    for half, picture in enumerate((pairing.one.image, _laid(pairing))):
        left = _GAP + half * (_PANEL + _GAP)
        parts.append(f'<text x="{left}" y="23" fill="{INK}" font-weight="600">{escape(titles[half])}</text>')
        parts.append(
            f'<image x="{left}" y="{_TOP}" width="{_PANEL}" height="{high}" '
            f'href="data:image/jpeg;base64,{_jpeg(picture)}"/>'
        )
        parts.append(f'<svg x="{left}" y="{_TOP}" width="{_PANEL}" height="{high}">')
        parts += [_drawn(mark, per_mm) for mark in marks if mark.half == half]
        parts.append("</svg>")
    for k, key in enumerate(keys):
        x, y = _GAP + 12 + (k % 3) * (whole[0] // 3), _TOP + high + _GAP + 14 + _LINE * (k // 3)
        parts.append(_sign(x, y - 5.0, key.colour, key.shape))
        parts.append(f'<text x="{x + 16}" y="{y}" fill="{MUTED}">{escape(key.text)}</text>')
    return "\n".join([*parts, "</svg>", ""]).encode()


def _laid(pairing: Pairing) -> npt.NDArray[np.uint8]:
    """The second photograph as it lies on the first, grey where it shows nothing."""
    height, width = pairing.one.image.shape[:2]
    one, two = pairing.one.um_per_px / 1000.0, pairing.two.um_per_px / 1000.0
    matrix = np.hstack([pairing.alignment.matrix[:, :2] * two / one, pairing.alignment.matrix[:, 2:] / one])
    moved = cv2.warpAffine(
        pairing.two.image, matrix, (width, height), flags=cv2.INTER_AREA, borderValue=(200, 200, 200)
    )
    return np.asarray(moved, np.uint8)


def _jpeg(picture: npt.NDArray[np.uint8]) -> str:
    _, data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 85])
    return base64.b64encode(data.tobytes()).decode()


def _drawn(mark: _Mark, per_mm: float) -> str:
    """A line beside nothing but along the hair, and its sign at the root."""
    (x, y), (to_x, to_y) = mark.ends * per_mm
    line = f'x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}" stroke-linecap="round"'
    dashes = ' stroke-dasharray="3 4"' if mark.dashed else ""
    return (
        f'<line {line} stroke="#fff" stroke-opacity="0.75" stroke-width="3.6"/>'
        f'<line {line} stroke="{mark.colour}" stroke-width="1.8"{dashes}/>' + _sign(x, y, mark.colour, mark.shape)
    )


def _sign(x: float, y: float, colour: str, shape: str) -> str:
    edge = 'stroke="#fff" stroke-width="1.2"'
    if shape == "dot":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{colour}" {edge}/>'
    if shape == "ring":
        return (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="none" stroke="#fff" stroke-width="4"/>'
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="none" stroke="{colour}" stroke-width="2.2"/>'
        )
    if shape == "square":
        return f'<rect x="{x - 4.5:.1f}" y="{y - 4.5:.1f}" width="9" height="9" fill="{colour}" {edge}/>'
    if shape == "dash":
        return (
            f'<line x1="{x - 5:.1f}" y1="{y:.1f}" x2="{x + 5:.1f}" y2="{y:.1f}" stroke="{colour}" stroke-width="2.5"/>'
        )
    d = 6.0 if shape == "cross" else 7.5
    path = f"M-{d} -{d}L{d} {d}M-{d} {d}L{d} -{d}" if shape == "cross" else f"M-{d} 0H{d}M0 -{d}V{d}"
    at = f'transform="translate({x:.1f} {y:.1f})" fill="none" d="{path}"'
    return f'<path {at} stroke="#fff" stroke-width="6"/><path {at} stroke="{colour}" stroke-width="3"/>'
