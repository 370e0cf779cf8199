"""The Pareto figure: what each plan gains against what it costs, its certainty as a shape, those not beaten filled."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final, Literal

from follicast.decisions.result import Candidate, Certainty, PlanResult
from follicast.language import say
from follicast.outputs.palette import HAIRLINE, INK, MUTED, PAPER, PLAN_A
from follicast.outputs.report import findings
from follicast.outputs.report.bands import nice_ticks, spread
from follicast.outputs.svg import FONT, NARROW_WIDTH, WIDE_WIDTH, Figure, Frame, render
from follicast.outputs.wording import DAYS_PER_MONTH, wrapped

WIDE = Frame(WIDE_WIDTH, 320.0, 34.0, 312.0, 30.0, 44.0, 13.0)
NARROW = Frame(NARROW_WIDTH, 280.0, 30.0, 24.0, 30.0, 42.0, 12.0)
LETTERS: Final = 42
"""Letters that fit beside the wide figure."""
SHAPES: Final[dict[Certainty, str]] = {
    "high": "circle",
    "moderate": "square",
    "low": "triangle-up",
    "very low": "cross",
}
COSTS: Final = (0, 100, 300, 1000, 3000, 10000, 30000)
"""Marks of the cost axis in dollars a year; it is linear up to about the first and logarithmic beyond."""
LINEAR: Final = 100.0


@dataclass(frozen=True)
class Dot:
    """One plan in the figure: dollars a year, assured gain, and whether it is the recommendation."""

    candidate: Candidate
    cost: float
    chosen: bool


@dataclass(frozen=True)
class Area:
    """The plot: gains from `low` to `high` upwards, dollars a year from 0 to `most` across."""

    frame: Frame
    low: float
    high: float
    most: float

    def at(self, dot: Dot) -> tuple[float, float]:
        """Where a plan stands, in pixels from the left and from the top."""
        across = math.log1p(dot.cost / LINEAR) / math.log1p(self.most / LINEAR)
        up = (dot.candidate.assured_gain - self.low) / (self.high - self.low)
        return across * self.frame.plot_width, (1.0 - up) * self.frame.height


def _dots(result: PlanResult) -> list[Dot]:
    years = result.horizon_days / DAYS_PER_MONTH / 12.0
    return [
        Dot(c, 0.5 * (c.cost.low + c.cost.high) / years, c.id == result.chosen)
        for c in result.candidates
        if c.burden is not None and c.not_recommended is None
    ]


def front_figure(result: PlanResult) -> Figure | None:
    """Assured gain against cost a year; None where nothing was weighed."""
    dots = _dots(result)
    if len(dots) < 2:
        return None
    drawings = [render(_draw(dots, frame), frame, f"front-{size}") for size, frame in (("w", WIDE), ("n", NARROW))]
    note = say(
        "Numbers: rank in the table below. Filled: not beaten. Shape: certainty, circle high, square moderate, "
        "triangle low, cross very low. The axis of cost is stretched at its low end. Plans that are compared only are "
        "left out."
    )
    return Figure("front", findings.front(result), note, *drawings)


def _draw(dots: list[Dot], frame: Frame) -> list[Any]:
    import altair as alt

    gains = [dot.candidate.assured_gain for dot in dots]
    ticks = nice_ticks(0.0, max(gains) * 1.03 + 1.0, 5)
    low = min(0.0, *gains) - 0.03 * ticks[-1]
    costs = [c for c in COSTS if c <= 1.2 * max(dot.cost for dot in dots)] or [0, 100]
    marks = [c for k, c in enumerate(costs) if frame.width > NARROW_WIDTH or k % 2 == 0 or k == len(costs) - 1]
    top = max(1.25 * max(dot.cost for dot in dots), 150.0)
    across = alt.Scale(type="symlog", constant=LINEAR, domain=[0, top], nice=False)
    title = say("USD a year")
    x = alt.X(
        "x:Q",
        scale=across,
        axis=alt.Axis(values=marks, title=title, format=",.0f", domain=False, ticks=False, labelPadding=6),
    )
    y = alt.Y(
        "y:Q",
        scale=alt.Scale(domain=[low, ticks[-1]], nice=False, zero=False),
        axis=alt.Axis(
            values=ticks,
            title=say("assured gain, hairs/cm²"),
            titleAngle=0,
            titleAlign="left",
            titleAnchor="start",
            titleX=-frame.left + 2.0,
            titleY=-14,
            titleBaseline="bottom",
            domain=False,
            ticks=False,
            format=",.0f",
            labelPadding=6,
        ),
    )
    layers: list[Any] = [_zero(ticks, x, y)]
    groups = [(certainty, on) for certainty in SHAPES for on in (False, True)]
    for certainty, on in groups:
        rows = [_row(dot) for dot in dots if (dot.candidate.certainty, dot.candidate.on_front) == (certainty, on)]
        if not rows:
            continue
        base = alt.Chart(alt.InlineData(values=rows))
        shape = base.mark_point(shape=SHAPES[certainty], filled=True, strokeWidth=1.6, opacity=1)
        fill = alt.Color("colour:N", scale=None) if on else alt.value(PAPER)
        layers.append(
            shape.encode(
                x=x,
                y=y,
                fill=fill,
                stroke=alt.Stroke("colour:N", scale=None),
                size=alt.Size("size:Q", scale=None),
            )
        )
    shown = sorted((dot for dot in dots if dot.candidate.on_front), key=lambda dot: dot.candidate.rank)
    area = Area(frame, low, ticks[-1], top)
    return [*layers, *(_names(shown, area, x, y) if frame.width > NARROW_WIDTH else _numbers(shown, area, x, y))]


def _zero(ticks: list[float], x: Any, y: Any) -> Any:
    import altair as alt

    line = alt.Chart(alt.InlineData(values=[{"x": 0.0, "y": 0.0}])).mark_rule(color=INK, strokeWidth=1.0)
    return line.encode(y=y) if ticks[0] <= 0.0 else line.encode(x=x)


def _row(dot: Dot) -> dict[str, Any]:
    colour = PLAN_A if dot.chosen else INK if dot.candidate.on_front else MUTED
    size = 170 if dot.chosen else 90 if dot.candidate.on_front else 45
    return {"x": dot.cost, "y": dot.candidate.assured_gain, "colour": colour, "size": size}


def _style(dot: Dot, frame: Frame) -> dict[str, Any]:
    return {
        "baseline": "middle",
        "font": FONT,
        "fontSize": frame.font - 1.0,
        "fontWeight": "bold" if dot.chosen else "normal",
        "color": PLAN_A if dot.chosen else INK,
    }


def _names(shown: list[Dot], area: Area, x: Any, y: Any) -> list[Any]:
    """Rank and name of each plan that is not beaten, on the right, with a thin line from its mark."""
    import altair as alt

    height, width = area.frame.height, area.frame.plot_width
    order = sorted(shown, key=lambda dot: area.at(dot)[1])
    placed = spread([area.at(dot)[1] for dot in order], 16.0, 6.0, height - 6.0)
    layers: list[Any] = []
    for dot, at in zip(order, placed, strict=True):
        words = wrapped(f"{dot.candidate.rank}. {dot.candidate.label}", LETTERS, 1)[0]
        base = alt.Chart(alt.InlineData(values=[{"x": dot.cost, "y": dot.candidate.assured_gain, "text": words}]))
        leader = base.mark_rule(color=PLAN_A if dot.chosen else HAIRLINE, strokeWidth=1.0)
        layers.append(leader.encode(x=x, y=y, x2=alt.value(width + 4.0), y2=alt.value(at)))
        text = base.mark_text(align="left", **_style(dot, area.frame))
        layers.append(text.encode(x=alt.value(width + 8.0), y=alt.value(at), text="text:N"))
    return layers


def _numbers(shown: list[Dot], area: Area, x: Any, y: Any) -> list[Any]:
    """The ranks alone, each at the side of its mark where no other number stands."""
    import altair as alt

    taken: list[tuple[float, float]] = []
    layers: list[Any] = []
    for dot in shown:
        px, py = area.at(dot)
        places = [(9.0, 0.0), (9.0, -12.0), (9.0, 12.0), (-9.0, 0.0), (-9.0, -12.0), (-9.0, 12.0)]
        free = [p for p in places if all(abs(px + p[0] - a) > 18.0 or abs(py + p[1] - b) > 11.0 for a, b in taken)]
        dx, dy = (free or places)[0]
        taken.append((px + dx, py + dy))
        row = {"x": dot.cost, "y": dot.candidate.assured_gain, "text": str(dot.candidate.rank)}
        base = alt.Chart(alt.InlineData(values=[row]))
        side: Literal["left", "right"] = "left" if dx > 0 else "right"
        text = base.mark_text(align=side, dx=dx, dy=dy, stroke=PAPER, strokeWidth=3, **_style(dot, area.frame))
        layers.append(text.encode(x=x, y=y, text="text:N"))
    return layers
