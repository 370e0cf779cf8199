"""A figure that stands alone in a file: paper, a title that says what was found, and one or several drawings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from follicast.outputs.palette import HAIRLINE, INK, MUTED, PAPER
from follicast.outputs.svg import FONT, WIDE_WIDTH
from follicast.outputs.wording import typeset, wrapped

_MARGIN = 16.0
_TITLE, _NOTE = 15.0, 12.0
_TITLE_LETTERS, _NOTE_LETTERS = 94, 126


@dataclass(frozen=True)
class Drawing:
    """One drawing of a sheet, as `svg.render` made it, with words above it."""

    svg: str
    head: str = ""

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in pixels."""
        width, height = re.findall(r"viewBox=\"0 0 ([\d.]+) ([\d.]+)\"", self.svg)[0]
        return float(width), float(height)


def sheet(title: str, note: str, drawings: list[Drawing], columns: int = 1) -> str:
    """One SVG file: the title, what is drawn, and the drawings in rows of `columns`.

    Args:
        title: the finding.
        note: how to read it.
        drawings: in reading order, alike in size within a row.
        columns: how many stand side by side.
    """
    rows = [drawings[k : k + columns] for k in range(0, len(drawings), columns)]
    inner = max(WIDE_WIDTH, *(sum(d.size[0] for d in row) for row in rows))
    width = inner + 2 * _MARGIN
    parts: list[str] = []
    y = _MARGIN + _TITLE
    for line in wrapped(title, _TITLE_LETTERS, 3):
        parts.append(_text(_MARGIN, y, line, _TITLE, INK, "bold"))
        y += 1.3 * _TITLE
    for line in wrapped(note, _NOTE_LETTERS, 6):
        parts.append(_text(_MARGIN, y, line, _NOTE, MUTED))
        y += 1.35 * _NOTE
    for row in rows:
        x = _MARGIN
        head = 18.0 if any(d.head for d in row) else 0.0
        for drawing in row:
            if drawing.head:
                parts.append(_text(x + 2.0, y + 12.0, typeset(drawing.head), 13.0, INK, "bold"))
            parts.append(_nested(drawing, x, y + head))
            x += drawing.size[0]
        y += head + max(d.size[1] for d in row) + 6.0
    height = y + _MARGIN - 6.0
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}" role="img" aria-labelledby="title">\n'
        f'<title id="title">{escape(typeset(title))}</title>\n<desc>{escape(typeset(note))}</desc>\n'
        f'<rect x="0.5" y="0.5" width="{width - 1:g}" height="{height - 1:g}" fill="{PAPER}" stroke="{HAIRLINE}"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _nested(drawing: Drawing, x: float, y: float) -> str:
    width, height = drawing.size
    return re.sub(
        r"<svg[^>]*>",
        f'<svg x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}">',
        drawing.svg,
        count=1,
    )


def _text(x: float, y: float, words: str, size: float, colour: str, weight: str = "normal") -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-family="{FONT}" font-size="{size:g}" font-weight="{weight}" '
        f'fill="{colour}">{escape(words)}</text>'
    )
