"""The drawings of the science pages: predicted intervals beside what was reported, and bands over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from follicast.outputs.palette import HAIRLINE, INK, MUTED, PAPER, PLAN_A, STOP
from follicast.outputs.report.bands import nice_ticks, spread
from follicast.outputs.science.sheet import Drawing
from follicast.outputs.svg import FONT, WIDE_WIDTH, Frame, render
from follicast.outputs.wording import wrapped

_ROW: Final = 22.0


@dataclass(frozen=True)
class Row:
    """One interval: 80 % as a bar, 95 % as a line, a tick at its middle; a mark at what was reported.

    `hollow` rows are drawn in grey (not fitted); `outside` rows have a square for a mark; `back` is a pale bar behind.
    """

    label: str
    middle: float
    low80: float
    high80: float
    low95: float | None = None
    high95: float | None = None
    observed: float | None = None
    hollow: bool = False
    outside: bool = False
    right: str = ""
    back: tuple[float, float] | None = None


def forest(rows: Sequence[Row], axis: str, key: str, left: float = 290.0, zero: bool = True) -> Drawing:
    """Rows of intervals that share one axis.

    Args:
        rows: from the top.
        axis: quantity and unit.
        key: makes ids unique.
        left: room for the labels in pixels.
        zero: whether zero must be on the axis and marked.
    """
    letters = int(left / 7.2)
    right = 96.0 if any(row.right for row in rows) else 24.0
    frame = Frame(WIDE_WIDTH, _ROW * len(rows), left, right, 6.0, 40.0, 11.5)
    ticks = _ticks(rows, zero)
    x = _axis(ticks, axis)
    layers: list[Any] = []
    if zero:
        layers.append(_data([{"x": 0.0}]).mark_rule(color=INK, strokeWidth=1.0).encode(x=x("x")))
    y = _rows_axis(len(rows))
    back = [{"y": k + 0.5, "low": row.back[0], "high": row.back[1]} for k, row in enumerate(rows) if row.back]
    if back:
        layers.insert(0, _data(back).mark_rule(color=HAIRLINE, strokeWidth=13.0).encode(x=x("low"), x2="high:Q", y=y))
    for hollow in (True, False):
        chosen = [(k, row) for k, row in enumerate(rows) if row.hollow is hollow]
        if chosen:
            layers += _intervals(chosen, x, y, MUTED if hollow else PLAN_A)
    layers += _marks(rows, x, y)
    words = [{"y": k + 0.5, "text": wrapped(row.label, letters, 1)[0]} for k, row in enumerate(rows)]
    layers.append(_words(words, -left + 2.0, y, frame.font, INK))
    beside = [{"y": k + 0.5, "text": row.right} for k, row in enumerate(rows) if row.right]
    if beside:
        layers.append(_words(beside, frame.plot_width + 8.0, y, frame.font - 0.5, MUTED))
    return Drawing(render(layers, frame, key))


def _ticks(rows: Sequence[Row], zero: bool) -> list[float]:
    ends = [v for r in rows for v in (r.low80, r.high80, r.low95, r.high95, r.observed, r.middle) if v is not None]
    ends += [v for r in rows for v in (r.back or ())]
    if zero:
        ends.append(0.0)
    low, high = min(ends), max(ends)
    pad = 0.02 * (high - low) or 1.0
    return nice_ticks(low - pad, high + pad, 8)


def _data(values: list[dict[str, Any]]) -> Any:
    import altair as alt

    return alt.Chart(alt.InlineData(values=values))


def _axis(ticks: list[float], title: str) -> Any:
    import altair as alt

    style: dict[str, Any] = {"domain": False, "ticks": False, "labelPadding": 6, "titlePadding": 6}
    axis = alt.Axis(values=ticks, title=title, format=_format(ticks), **style)
    scale = alt.Scale(domain=[ticks[0], ticks[-1]], nice=False, zero=False)
    return lambda name: alt.X(f"{name}:Q", scale=scale, axis=axis)


def _format(ticks: Sequence[float]) -> str:
    """As many decimals as the ticks need."""
    if all(tick == round(tick) for tick in ticks):
        return ",.0f"
    return ".1f" if all(abs(10.0 * tick - round(10.0 * tick)) < 1e-6 for tick in ticks) else ".2f"


def _rows_axis(count: int) -> Any:
    import altair as alt

    return alt.Y("y:Q", scale=alt.Scale(domain=[count, 0], nice=False, zero=False), axis=None)


def _intervals(rows: list[tuple[int, Row]], x: Any, y: Any, colour: str) -> list[Any]:
    def values(names: tuple[str, str]) -> list[dict[str, Any]]:
        found = []
        for k, row in rows:
            low, high = getattr(row, names[0]), getattr(row, names[1])
            if low is not None and high is not None:
                found.append({"y": k + 0.5, "low": low, "high": high})
        return found

    wide, narrow = values(("low95", "high95")), values(("low80", "high80"))
    layers = []
    for data, style in ((wide, {"strokeWidth": 1.4}), (narrow, {"strokeWidth": 7.0, "opacity": 0.45})):
        if data:
            layers.append(_data(data).mark_rule(color=colour, **style).encode(x=x("low"), x2="high:Q", y=y))
    ticks = _data([{"y": k + 0.5, "x": row.middle} for k, row in rows])
    layers.append(ticks.mark_tick(color=colour, thickness=2.5, size=14).encode(x=x("x"), y=y))
    return layers


def _marks(rows: Sequence[Row], x: Any, y: Any) -> list[Any]:
    """What was reported: a diamond; outside its 95 % interval, a hollow red square with a cross stroke's weight."""
    layers = []
    for outside in (False, True):
        values = [
            {"y": k + 0.5, "x": row.observed}
            for k, row in enumerate(rows)
            if row.observed is not None and row.outside is outside
        ]
        if not values:
            continue
        if outside:
            mark = _data(values).mark_point(
                shape="square", fill=PAPER, stroke=STOP, strokeWidth=2.2, size=62, opacity=1
            )
        else:
            mark = _data(values).mark_point(
                shape="diamond", fill=INK, stroke=PAPER, strokeWidth=0.8, size=62, opacity=1
            )
        layers.append(mark.encode(x=x("x"), y=y))
    return layers


def _words(values: list[dict[str, Any]], at: float, y: Any, size: float, colour: str) -> Any:
    import altair as alt

    style: dict[str, Any] = {"align": "left", "baseline": "middle", "fontSize": size, "color": colour, "font": FONT}
    return _data(values).mark_text(**style).encode(x=alt.value(at), y=y, text="text:N")


@dataclass(frozen=True)
class Line:
    """A line over x with a band around it; `label` stands at its end."""

    label: str
    x: Sequence[float]
    middle: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    colour: str = PLAN_A
    dash: tuple[int, ...] = ()


@dataclass(frozen=True)
class Curves:
    """Lines in one frame, and points that somebody reported: (x, y, half of the tolerance, words)."""

    lines: Sequence[Line]
    x_title: str
    y_title: str
    points: Sequence[tuple[float, float, float, str]] = field(default=())
    zero: bool = True
    x_ticks: Sequence[float] = ()


def curves(drawn: Curves, key: str, size: tuple[float, float] = (WIDE_WIDTH / 2, 200.0)) -> Drawing:
    """Lines with bands over time, points with tolerances, each line named at its end."""
    import altair as alt

    ends = any(line.label for line in drawn.lines)
    longest = max((len(line.label) for line in drawn.lines), default=0)
    frame = Frame(size[0], size[1], 52.0, 8.0 + 6.3 * longest if ends else 16.0, 10.0, 42.0, 11.5)
    x_values = [v for line in drawn.lines for v in line.x] + [p[0] for p in drawn.points]
    y_values = [v for line in drawn.lines for v in (*line.middle, *line.low, *line.high)]
    y_values += [p[1] + s * p[2] for p in drawn.points for s in (-1.0, 1.0)]
    if drawn.zero:
        y_values.append(0.0)
    pad = 0.03 * (max(y_values) - min(y_values)) or 1.0
    low = min(y_values) - (0.0 if min(y_values) == 0.0 else pad)
    y_ticks = nice_ticks(low, max(y_values) + (0.0 if max(y_values) == 0.0 else pad), 5)
    x_ticks = list(drawn.x_ticks) or nice_ticks(min(x_values), max(x_values), 6)
    x_range = [min(x_ticks[0], *x_values), max(x_values)]
    if drawn.x_ticks:
        x_range[1] = max(x_range[1], drawn.x_ticks[-1])
    x = _axis([t for t in x_ticks if t <= x_range[1] + 1e-9], drawn.x_title)
    scale_x = alt.Scale(domain=x_range, nice=False, zero=False)
    scale_y = alt.Scale(domain=[y_ticks[0], y_ticks[-1]], nice=False, zero=False)
    style: dict[str, Any] = {"domain": False, "ticks": False, "labelPadding": 6, "titlePadding": 8}
    y_axis = alt.Axis(values=y_ticks, title=drawn.y_title, format=_format(y_ticks), **style)

    def at(name: str) -> Any:
        return x(name).scale(scale_x)

    def up(name: str) -> Any:
        return alt.Y(f"{name}:Q", scale=scale_y, axis=y_axis)

    layers: list[Any] = []
    for line in drawn.lines:
        layers += _line(line, at, up)
    layers += _points(drawn.points, at, up)
    if y_ticks[0] < 0.0 < y_ticks[-1]:
        layers.insert(0, _data([{"y": 0.0}]).mark_rule(color=INK, strokeWidth=1.0).encode(y=up("y")))
    height = y_ticks[-1] - y_ticks[0]
    wanted = [(y_ticks[-1] - line.middle[-1]) / height * size[1] for line in drawn.lines if line.label]
    named = [line for line in drawn.lines if line.label]
    for line, pixel in zip(named, spread(wanted, 13.0, 4.0, size[1] - 4.0), strict=True):
        words = _data([{"text": line.label}]).mark_text(
            align="left", baseline="middle", fontSize=frame.font, color=_ink(line.colour), font=FONT
        )
        layers.append(words.encode(x=alt.value(frame.plot_width + 5.0), y=alt.value(pixel), text="text:N"))
    return Drawing(render(layers, frame, key))


def _ink(colour: str) -> str:
    return MUTED if colour not in (PLAN_A, INK) and colour.startswith("#7d") else colour


def _line(line: Line, at: Any, up: Any) -> list[Any]:
    layers = []
    if line.low and line.high:
        band = [{"x": a, "low": b, "high": c} for a, b, c in zip(line.x, line.low, line.high, strict=True)]
        area = _data(band).mark_area(color=line.colour, opacity=0.2)
        layers.append(area.encode(x=at("x"), y=up("low"), y2="high:Q"))
    values = [{"x": a, "y": b} for a, b in zip(line.x, line.middle, strict=True)]
    mark = _data(values).mark_line(color=line.colour, strokeWidth=2.2, strokeDash=list(line.dash) or [1, 0])
    return [*layers, mark.encode(x=at("x"), y=up("y"))]


def _points(points: Sequence[tuple[float, float, float, str]], at: Any, up: Any) -> list[Any]:
    if not points:
        return []
    values = [{"x": x, "y": y, "low": y - half, "high": y + half} for x, y, half, _ in points]
    rules = _data(values).mark_rule(color=INK, strokeWidth=1.4).encode(x=at("x"), y=up("low"), y2="high:Q")
    marks = _data(values).mark_point(shape="diamond", fill=INK, stroke=PAPER, strokeWidth=0.8, size=70, opacity=1)
    layers = [rules, marks.encode(x=at("x"), y=up("y"))]
    named = [{"x": x, "y": y, "text": words} for x, y, _, words in points if words]
    if named:
        text = _data(named).mark_text(align="left", dx=7, dy=5, fontSize=11, color=INK, font=FONT)
        layers.append(text.encode(x=at("x"), y=up("y"), text="text:N"))
    return layers
