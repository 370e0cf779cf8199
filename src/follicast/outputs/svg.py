"""From an altair definition to an SVG that can stand in a page next to others: no script, no size, unique ids."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import Any

from follicast.outputs.palette import HAIRLINE, INK, MUTED

FONT = "sans-serif"
NARROW_WIDTH = 328.0
WIDE_WIDTH = 720.0
AXIS: dict[str, Any] = {
    "labelColor": INK,
    "titleColor": MUTED,
    "titleFontWeight": "normal",
    "gridColor": HAIRLINE,
    "domainColor": HAIRLINE,
    "tickColor": HAIRLINE,
    "labelFlush": False,
}


@dataclass(frozen=True)
class Frame:
    """The size of one drawing in pixels: the whole width, the height of the plot, and the room around the plot."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    font: float

    @property
    def plot_width(self) -> float:
        """The width between the axes."""
        return self.width - self.left - self.right


@dataclass(frozen=True)
class Figure:
    """One figure of the report: its title (the finding), what it shows, and its drawings.

    `narrow` is for phones; empty where `wide` serves both. `moving` is an animated WebP in base64, which a page lets
    the reader play and paper leaves out.
    """

    key: str
    title: str
    note: str
    wide: str
    narrow: str
    moving: str = ""


def render(layers: list[Any], frame: Frame, key: str) -> str:
    """Draw layers as inline SVG exactly as wide and high as its frame says.

    Args:
        layers: altair charts without size or theme, the lowest first.
        frame: the room to draw in; axes and labels live in its margins.
        key: makes the ids of this drawing unique within the page.
    """
    import altair as alt
    import vl_convert

    spec: dict[str, Any] = alt.layer(*layers).to_dict(validate=False)
    spec |= {
        "width": frame.plot_width,
        "height": frame.height,
        "autosize": {"type": "none"},
        "padding": {"left": frame.left, "right": frame.right, "top": frame.top, "bottom": frame.bottom},
        "config": {"font": FONT, "background": "transparent", "view": {"stroke": None}, "axis": AXIS | _sizes(frame)},
    }
    return clean(str(vl_convert.vegalite_to_svg(spec)), key)


def _sizes(frame: Frame) -> dict[str, Any]:
    return {"labelFontSize": frame.font, "titleFontSize": frame.font}


def clean(svg: str, key: str) -> str:
    """Make an SVG fit for a page: sized by CSS, ids prefixed with `key`, roles removed (the figure names itself)."""
    svg = re.sub(r"\s(?:aria-[a-z]+|role|pointer-events)=\"[^\"]*\"", "", svg)
    svg = re.sub(r"\sclass=\"(?!halo)[^\"]*\"", "", svg)
    svg = re.sub(r"\bid=\"([^\"]+)\"", rf'id="{key}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{key}-\1)", svg)
    svg = re.sub(r"href=\"#([^\"]+)\"", rf'href="#{key}-\1"', svg)
    width, height = re.findall(r"viewBox=\"0 0 ([\d.]+) ([\d.]+)\"", svg)[0]
    return re.sub(
        r"<svg[^>]*>",
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" style="max-width:{width}px"'
        ' aria-hidden="true" focusable="false">',
        svg,
        count=1,
    )


def text_element(x: float, y: float, words: str, size: float, **attributes: str) -> str:
    """One centred SVG text, for the drawings made without altair."""
    extra = "".join(f' {name.replace("_", "-")}="{escape(value)}"' for name, value in attributes.items())
    anchor = "" if "text_anchor" in attributes else ' text-anchor="middle"'
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:g}"{anchor}{extra}>{escape(words)}</text>'
