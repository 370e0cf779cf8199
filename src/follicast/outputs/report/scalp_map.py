"""The scalp from above as a plain drawing: each zone shaded by a number, and the number printed in it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from follicast.decisions.result import PlanResult, ZoneCondition
from follicast.language import say
from follicast.outputs.palette import HAIRLINE, INK, MUTED, NOTHING_ID, PAPER, PlanStyle, plan_styles
from follicast.outputs.report import findings
from follicast.outputs.report.reading import at_horizon
from follicast.outputs.svg import Figure, text_element
from follicast.outputs.wording import capital, number

WIDTH, HEIGHT = 270.0, 320.0
CENTRE = (135.0, 172.0)
OUTER = (112.0, 136.0)
INNER = (54.0, 82.0)
GAP = 1.6
VERTEX_FROM = 104.0
"""Degrees from the front at which the inner oval turns from mid-scalp into vertex, on either side."""

Point = tuple[float, float]
RINGS: dict[str, list[tuple[float, float]]] = {
    "frontal-hairline": [(-30.0, 30.0)],
    "temples": [(-76.0, -30.0), (30.0, 76.0)],
    "sides": [(-132.0, -76.0), (76.0, 132.0)],
    "occipital-donor": [(132.0, 228.0)],
}
SHORT = {
    "frontal-hairline": "hairline",
    "temples": "temple",
    "mid-scalp": "mid-scalp",
    "vertex": "vertex",
    "occipital-donor": "back",
    "sides": "side",
}


@dataclass(frozen=True)
class Shade:
    """A single-hue scale: `low` and `high` are the values of the lightest and the darkest tone."""

    low: float
    high: float
    light: str
    dark: str

    def colour(self, value: float) -> str:
        """The tone of a value."""
        t = min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)
        pairs = zip(_rgb(self.light), _rgb(self.dark), strict=True)
        return "#" + "".join(f"{round(a + t * (b - a)):02x}" for a, b in pairs)


DENSITY = Shade(0.0, 220.0, "#f1f0ec", "#22343d")
MINIATURISED = Shade(0.0, 0.9, "#f6f0e2", "#6e4708")
DIAMETER = Shade(20.0, 80.0, "#f1f0ec", "#22343d")


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _ink_on(colour: str) -> str:
    """Dark or light text, whichever stands out more on this tone."""
    r, g, b = ((c / 255.0) ** 2.2 for c in _rgb(colour))
    return INK if 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.25 else PAPER


def _oval(radii: Point, degrees: float) -> Point:
    """A point of an oval round the centre, `degrees` clockwise from the front (up)."""
    a = math.radians(degrees)
    return CENTRE[0] + radii[0] * math.sin(a), CENTRE[1] - radii[1] * math.cos(a)


def _arc(radii: Point, start: float, end: float) -> list[Point]:
    steps = max(2, round(abs(end - start) / 4.0))
    return [_oval(radii, start + (end - start) * k / steps) for k in range(steps + 1)]


def _path(points: list[Point]) -> str:
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points) + "Z"


def _shapes(zone: str) -> list[tuple[list[Point], Point]]:
    """The outlines of a zone and where its number stands."""
    if zone == "mid-scalp":
        return [(_arc(INNER, -VERTEX_FROM, VERTEX_FROM), (CENTRE[0], CENTRE[1] - 30.0))]
    if zone == "vertex":
        return [(_arc(INNER, VERTEX_FROM, 360.0 - VERTEX_FROM), (CENTRE[0], CENTRE[1] + 44.0))]
    middle = ((OUTER[0] + INNER[0]) / 2.0, (OUTER[1] + INNER[1]) / 2.0)
    shapes = []
    for start, end in RINGS[zone]:
        outline = _arc(OUTER, start, end) + _arc(INNER, end, start)
        shapes.append((outline, _oval(middle, (start + end) / 2.0)))
    return shapes


def scalp_svg(values: dict[str, float], shade: Shade, unit: str, goal: str) -> str:
    """Draw the scalp from above.

    Args:
        values: one number a zone; zones without one stay empty.
        shade: the tones.
        unit: how the numbers are written.
        goal: the zone that is outlined.
    """
    parts = [_head()]
    outlines = []
    for zone in SHORT:
        value = values.get(zone)
        fill = "none" if value is None else shade.colour(value)
        for outline, (x, y) in _shapes(zone):
            path = _path(outline)
            parts.append(f'<path d="{path}" fill="{fill}" stroke="{PAPER}" stroke-width="{2 * GAP}"/>')
            if value is None:
                outlines.append(f'<path d="{path}" fill="none" stroke="{HAIRLINE}" stroke-width="1"/>')
                continue
            if zone == goal:
                outlines.append(f'<path d="{path}" fill="none" stroke="{INK}" stroke-width="2.2"/>')
            ink = _ink_on(fill)
            outlines.append(text_element(x, y + 1.0, number(value, unit), 17, fill=ink, font_weight="600"))
            outlines.append(text_element(x, y + 15.0, say(SHORT[zone]), 12.5, fill=ink))
    body = "".join([*parts, *outlines])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" style="max-width:{WIDTH:g}px"'
        f' aria-hidden="true" focusable="false">{body}</svg>'
    )


def _head() -> str:
    """Nose, ears and the outline of the head, so that front and back are plain."""
    x, y = CENTRE
    top = y - OUTER[1]
    line = f'fill="{PAPER}" stroke="{MUTED}" stroke-width="1.2"'
    nose = f'<path d="M{x - 13},{top + 4} Q{x - 6},{top - 2} {x - 5},{top - 10} Q{x},{top - 19} {x + 5},{top - 10}'
    nose += f' Q{x + 6},{top - 2} {x + 13},{top + 4}" {line}/>'
    ears = "".join(
        f'<ellipse cx="{x + side * (OUTER[0] + 5):g}" cy="{y + 2:g}" rx="8" ry="19" {line}/>' for side in (-1, 1)
    )
    skull = f'<ellipse cx="{x:g}" cy="{y:g}" rx="{OUTER[0] + 4:g}" ry="{OUTER[1] + 4:g}" {line}/>'
    return nose + ears + skull


def _map(heading: str, drawing: str) -> str:
    return f'<div class="map"><h4>{escape(heading)}</h4>{drawing}</div>'


def _later(style: PlanStyle, when: str) -> str:
    """The heading of a picture of the horizon."""
    if style.plan == NOTHING_ID:
        return capital(say("{when} with nothing (simulated)", when=when))
    if style.recommended:
        return capital(say("{when} with the plan (simulated)", when=when))
    return capital(say("{when} with the alternative (simulated)", when=when))


def pictures_figure(result: PlanResult) -> Figure | None:
    """The scalp now, at the horizon with nothing, and at the horizon with the plan: same view, marked simulated.

    None where the horizon was not forecast zone by zone.
    """
    if not result.zones:
        return None
    goal, zones = result.forecasts.goal_zone, [z.zone for z in result.zones]
    now = {z.zone: z.density.median for z in result.zones}
    maps = [_map(say("Today (estimated)"), scalp_svg(now, DENSITY, "", goal))]
    when = findings.horizon_words(result)
    for plan, style in plan_styles(result).items():
        if plan not in (NOTHING_ID, result.chosen) and result.chosen != NOTHING_ID:
            continue
        ends = {zone: at_horizon(result, plan, "density", zone) for zone in zones}
        values = {zone: end.median for zone, end in ends.items() if end is not None}
        if len(values) == len(zones):
            maps.append(_map(_later(style, when), scalp_svg(values, DENSITY, "", goal)))
    if len(maps) == 1:
        return None
    note = say(
        "Seen from above, nose at the top. Hairs per cm², medians; darker means more hair. Outlined: the goal zone."
    )
    drawing = f'<div class="maps">{"".join(maps)}</div>'
    return Figure("pictures", findings.pictures(result), note, drawing, "")


def condition_figure(result: PlanResult) -> Figure | None:
    """How many hairs each zone has, how many follicles are miniaturised, and how thick the hairs are."""
    if not result.zones:
        return None
    goal = result.forecasts.goal_zone

    def values(read: Callable[[ZoneCondition], float]) -> dict[str, float]:
        return {z.zone: read(z) for z in result.zones}

    mini = scalp_svg(values(lambda z: z.miniaturised_share.median), MINIATURISED, "fraction", goal)
    wide = scalp_svg(values(lambda z: z.mean_diameter.median), DIAMETER, "um", goal)
    many = scalp_svg(values(lambda z: z.density.median), DENSITY, "", goal)
    maps = _map(say("Hairs per cm² (darker: more)"), many)
    maps += _map(say("Miniaturised follicles, % (darker: more)"), mini)
    maps += _map(say("Mean hair diameter, µm (darker: thicker)"), wide)
    note = say("Miniaturised: a follicle that has shrunk and makes a finer, shorter hair than it once did.")
    return Figure("condition", findings.condition(result), note, f'<div class="maps">{maps}</div>', "")
