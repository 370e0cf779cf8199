"""A head from above for every grade: each zone lets as much skin through as the grade's pattern says is lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from follicast.measurement.grades import graded_zones
from follicast.outputs.palette import MUTED, PAPER

WIDTH, HEIGHT = 200.0, 232.0
HAIR, SKIN = "#46545b", "#efe6da"
_CENTRE: Final = (100.0, 124.0)
_SCALP: Final = (78.0, 96.0)
# Where each zone lies: centre x, y, radii, and a turn in degrees; the second temple is the mirror of the first.
_ZONES: Final[dict[str, tuple[float, float, float, float, float]]] = {
    "frontal-hairline": (100.0, 40.0, 46.0, 30.0, 0.0),
    "temples": (46.0, 66.0, 24.0, 42.0, 32.0),
    "mid-scalp": (100.0, 102.0, 52.0, 44.0, 0.0),
    "vertex": (100.0, 166.0, 46.0, 42.0, 0.0),
}


def head_svg(loss: Sequence[float], key: str) -> str:
    """Draws the head.

    Args:
        loss: visible loss by zone, 0 none to 1 bare, in the order of `graded_zones`.
        key: makes ids unique within the page.

    Returns:
        Inline SVG; the nose is at the top.
    """
    x, y = _CENTRE
    rx, ry = _SCALP
    top = y - ry
    line = f'fill="{PAPER}" stroke="{MUTED}" stroke-width="1"'
    face = (
        f'<path d="M{x - 10:g},{top + 3:g} Q{x - 4:g},{top - 2:g} {x - 4:g},{top - 8:g} Q{x:g},{top - 15:g} {x + 4:g},'
        f'{top - 8:g} Q{x + 4:g},{top - 2:g} {x + 10:g},{top + 3:g}" {line}/>'
    )
    ears = "".join(f'<ellipse cx="{x + s * (rx + 4):g}" cy="{y:g}" rx="6" ry="14" {line}/>' for s in (-1, 1))
    scalp = f'<ellipse cx="{x:g}" cy="{y:g}" rx="{rx:g}" ry="{ry:g}"'
    bare = "".join(_zone(zone, share) for zone, share in zip(graded_zones(), loss, strict=True))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" style="max-width:{WIDTH:g}px" '
        f'aria-hidden="true" focusable="false"><defs><clipPath id="{key}-scalp">{scalp}/></clipPath>'
        f'<filter id="{key}-soft" x="-20%" y="-20%" width="140%" height="140%"><feGaussianBlur stdDeviation="5"/>'
        f'</filter></defs>{face}{ears}{scalp} fill="{HAIR}"/><g clip-path="url(#{key}-scalp)">'
        f'<g filter="url(#{key}-soft)">{bare}</g></g>{scalp} fill="none" stroke="{MUTED}" stroke-width="1"/></svg>'
    )


def _zone(zone: str, share: float) -> str:
    """The skin of one zone, as opaque as the share that is lost."""
    cx, cy, rx, ry, turn = _ZONES[zone]
    sides = (1, -1) if zone == "temples" else (1,)
    return "".join(
        f'<ellipse cx="{cx if side == 1 else WIDTH - cx:g}" cy="{cy:g}" rx="{rx:g}" ry="{ry:g}" fill="{SKIN}" '
        f'fill-opacity="{share:g}" transform="rotate({side * turn:g} {cx if side == 1 else WIDTH - cx:g} {cy:g})"/>'
        for side in sides
    )
