"""The Pareto figure: what each plan gains against what it costs, its certainty as a shape, those not beaten filled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from follicast.decisions.result import Candidate, Certainty, PlanResult
from follicast.language import say
from follicast.outputs import findings
from follicast.outputs.bands import nice_ticks
from follicast.outputs.palette import INK, MUTED, PAPER, PLAN_A
from follicast.outputs.svg import FONT, NARROW_WIDTH, WIDE_WIDTH, Figure, Frame, render
from follicast.outputs.wording import DAYS_PER_MONTH

WIDE = Frame(WIDE_WIDTH, 300.0, 44.0, 20.0, 30.0, 44.0, 13.0)
NARROW = Frame(NARROW_WIDTH, 280.0, 34.0, 16.0, 30.0, 42.0, 12.0)
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


def _dots(result: PlanResult) -> list[Dot]:
    years = result.horizon_days / DAYS_PER_MONTH / 12.0
    return [
        Dot(c, 0.5 * (c.cost.low + c.cost.high) / years, c.id == result.chosen)
        for c in result.candidates
        if c.burden is not None
    ]


def front_figure(result: PlanResult) -> Figure | None:
    """Assured gain against cost a year; None where nothing was weighed."""
    dots = _dots(result)
    if len(dots) < 2:
        return None
    drawings = [render(_draw(dots, frame), frame, f"front-{size}") for size, frame in (("w", WIDE), ("n", NARROW))]
    note = say(
        "Numbers: rank in the table below. Filled: not beaten. Shape: certainty, circle high, square moderate, "
        "triangle low, cross very low. The axis of cost is stretched at its low end."
    )
    return Figure("front", findings.front(result), note, *drawings)


def _draw(dots: list[Dot], frame: Frame) -> list[Any]:
    import altair as alt

    gains = [dot.candidate.assured_gain for dot in dots]
    ticks = nice_ticks(min(0.0, *gains), max(gains) * 1.06 + 1.0, 5)
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
        scale=alt.Scale(domain=[ticks[0], ticks[-1]], nice=False, zero=False),
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
    return [*layers, *_numbers(dots, frame, x, y, ticks, top)]


def _zero(ticks: list[float], x: Any, y: Any) -> Any:
    import altair as alt

    line = alt.Chart(alt.InlineData(values=[{"x": 0.0, "y": 0.0}])).mark_rule(color=INK, strokeWidth=1.0)
    return line.encode(y=y) if ticks[0] <= 0.0 else line.encode(x=x)


def _row(dot: Dot) -> dict[str, Any]:
    colour = PLAN_A if dot.chosen else INK if dot.candidate.on_front else MUTED
    size = 170 if dot.chosen else 90 if dot.candidate.on_front else 45
    return {"x": dot.cost, "y": dot.candidate.assured_gain, "colour": colour, "size": size}


def _numbers(dots: list[Dot], frame: Frame, x: Any, y: Any, ticks: list[float], top: float) -> list[Any]:
    """The ranks of the plans that are not beaten, each at the side of its mark where no other number stands."""
    import altair as alt

    taken: list[tuple[float, float]] = []
    layers: list[Any] = []
    shown = sorted((d for d in dots if d.candidate.on_front), key=lambda d: d.candidate.rank)
    for dot in shown:
        px, py = _pixel(dot, frame, ticks, top)
        places = [(9.0, 0.0), (9.0, -12.0), (9.0, 12.0), (-9.0, 0.0), (-9.0, -12.0), (-9.0, 12.0)]
        free = [p for p in places if all(abs(px + p[0] - a) > 18.0 or abs(py + p[1] - b) > 11.0 for a, b in taken)]
        dx, dy = (free or places)[0]
        taken.append((px + dx, py + dy))
        words = str(dot.candidate.rank)
        if dot.chosen:
            words = say("{rank} plan", rank=dot.candidate.rank)
        base = alt.Chart(alt.InlineData(values=[{"x": dot.cost, "y": dot.candidate.assured_gain, "text": words}]))
        text = base.mark_text(
            align="left" if dx > 0 else "right",
            baseline="middle",
            dx=dx,
            dy=dy,
            font=FONT,
            fontSize=frame.font,
            fontWeight="bold" if dot.chosen else "normal",
            color=PLAN_A if dot.chosen else INK,
            stroke=PAPER,
            strokeWidth=3,
        )
        layers.append(text.encode(x=x, y=y, text="text:N"))
    return layers


def _pixel(dot: Dot, frame: Frame, ticks: list[float], top: float) -> tuple[float, float]:
    import math

    across = math.log1p(dot.cost / LINEAR) / math.log1p(top / LINEAR)
    up = (dot.candidate.assured_gain - ticks[0]) / (ticks[-1] - ticks[0])
    return across * frame.plot_width, (1.0 - up) * frame.height
