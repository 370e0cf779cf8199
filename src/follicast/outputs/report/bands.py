"""The forecast figures: bands over time, one line a plan, measurements as points, the expected shedding shaded."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from follicast.decisions.result import Band, Interval, Measured, PlanResult
from follicast.language import say
from follicast.outputs.palette import INK, MUTED, PAPER, WATCH, PlanStyle, plan_styles
from follicast.outputs.report import findings
from follicast.outputs.report.reading import at_day, band_of
from follicast.outputs.svg import FONT, NARROW_WIDTH, WIDE_WIDTH, Figure, Frame, render
from follicast.outputs.wording import DAYS_PER_MONTH, between, months, number, short_date, shown, unit_words

HERO_WIDE = Frame(WIDE_WIDTH, 320.0, 44.0, 150.0, 38.0, 44.0, 13.0)
HERO_NARROW = Frame(NARROW_WIDTH, 260.0, 34.0, 100.0, 38.0, 42.0, 12.0)
SMALL_WIDE = Frame(236.0, 150.0, 34.0, 42.0, 36.0, 40.0, 12.0)
SMALL_NARROW = Frame(NARROW_WIDTH, 150.0, 38.0, 46.0, 36.0, 40.0, 12.0)
COUNTS = ("density", "nonvellus_density", "shed_per_day")
OLDEST_POINT_DAYS = 366


@dataclass(frozen=True)
class Axes:
    """The region of a time figure: months across, the quantity upwards."""

    x: tuple[float, float]
    y: tuple[float, float]
    x_ticks: list[float]
    y_ticks: list[float]

    def y_at(self, pixel: float, height: float) -> float:
        """The quantity at a height in pixels from the top."""
        return self.y[1] - pixel / height * (self.y[1] - self.y[0])

    def pixel(self, value: float, height: float) -> float:
        """The height in pixels from the top of a quantity."""
        return (self.y[1] - value) / (self.y[1] - self.y[0]) * height


@dataclass(frozen=True)
class Course:
    """Everything one time figure draws."""

    result: PlanResult
    quantity: str
    unit: str
    bands: list[tuple[PlanStyle, Band]]
    points: list[Measured]
    axes: Axes
    frame: Frame
    full: bool


def nice_ticks(low: float, high: float, count: int) -> list[float]:
    """Round numbers that span low..high in about `count` steps; the first is <= low, the last >= high."""
    raw = max(high - low, 1e-9) / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * power >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(k * step, 9) for k in range(first, last + 1)]


def spread(wanted: list[float], gap: float, low: float, high: float) -> list[float]:
    """Move labels apart so that neighbours are at least `gap` pixels from each other, staying within low..high."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = list(wanted)
    floor = low
    for i in order:
        placed[i] = max(placed[i], floor)
        floor = placed[i] + gap
    ceiling = high
    for i in reversed(order):
        placed[i] = min(placed[i], ceiling)
        ceiling = placed[i] - gap
    return placed


def _points(result: PlanResult, quantity: str) -> list[Measured]:
    zone = result.forecasts.goal_zone
    return [
        m
        for m in result.measurements
        if m.quantity == quantity and m.zone in (zone, None) and 0 <= (result.as_of - m.date).days <= OLDEST_POINT_DAYS
    ]


def _month(result: PlanResult, day: Any) -> float:
    return float((day - result.as_of).days) / DAYS_PER_MONTH


def _axes(result: PlanResult, quantity: str, bands: list[Band], points: list[Measured], frame: Frame) -> Axes:
    unit = bands[0].unit
    values = [shown(v, unit) for b in bands for v in (*b.q10, *b.q90)]
    values += [shown(v, p.unit) for p in points for v in (p.lo80, p.hi80)]
    low, high = min(values), max(values)
    if quantity in COUNTS or unit_words(unit) == "%":
        low = min(0.0, low)
    if high - low < 1e-6 * max(abs(high), 1.0):
        low, high = min(low - 0.1 * abs(low), low), high + max(0.1 * abs(high), 1.0)
    room = high + 0.04 * (high - low)
    if unit_words(unit) == "%":
        room = min(max(room, 10.0), 100.0) if high <= 100.0 else room
    ticks = nice_ticks(low, room, 4 if frame.height < 200 else 5)
    last = result.forecasts.days[-1] / DAYS_PER_MONTH
    last = max(last, float(round(last)))
    first = min([0.0, *(_month(result, p.date) - 0.5 for p in points)])
    step = 12 if last > 30 else 6 if last > 12 else 3
    x_ticks = [float(k) for k in range(0, round(last) + 1, step)]
    return Axes((first, max(last, 1.0)), (ticks[0], ticks[-1]), x_ticks, ticks)


def course(result: PlanResult, quantity: str, frame: Frame, full: bool) -> Course | None:
    """Collect what one time figure draws; None when the quantity was not forecast."""
    styled = [(style, band_of(result, plan, quantity)) for plan, style in plan_styles(result).items()]
    bands = [(style, band) for style, band in styled if band is not None]
    if not bands:
        return None
    points = _points(result, quantity)
    axes = _axes(result, quantity, [band for _, band in bands], points, frame)
    return Course(result, quantity, bands[0][1].unit, bands, points, axes, frame, full)


def draw(c: Course) -> list[Any]:
    """All layers: shading first, then bands, lines, points, labels."""
    layers = [*_shedding(c)]
    for style, band in c.bands:
        layers += _band(c, style, band)
    layers += [*_horizon(c), *_today(c)]
    layers += _end_labels(c)
    if c.full:
        layers += _scale_bar(c)
    return layers


def _x(c: Course, field: str) -> Any:
    import altair as alt

    labels = f"datum.value == 0 ? {json.dumps(say('today'))} : datum.value"
    title = say("months from {date}", date=short_date(c.result.as_of))
    axis = alt.Axis(
        values=c.axes.x_ticks, title=title, labelExpr=labels, grid=False, ticks=True, domainColor=MUTED, titlePadding=6
    )
    return alt.X(f"{field}:Q", scale=alt.Scale(domain=list(c.axes.x), nice=False, zero=False), axis=axis)


def quantity_axis(axes: Axes, frame: Frame, unit: str, field: str) -> Any:
    """The quantity upwards, its unit above the axis."""
    import altair as alt

    digits = ".1f" if any(tick != round(tick) for tick in axes.y_ticks) else ",.0f"
    axis = alt.Axis(
        values=axes.y_ticks,
        title=unit_words(unit),
        titleAngle=0,
        titleAlign="left",
        titleAnchor="start",
        titleX=-frame.left + 2.0,
        titleY=-19,
        titleBaseline="bottom",
        domain=False,
        ticks=False,
        format=digits,
        labelPadding=6,
    )
    return alt.Y(f"{field}:Q", scale=alt.Scale(domain=list(axes.y), nice=False, zero=False), axis=axis)


def _y(c: Course, field: str) -> Any:
    return quantity_axis(c.axes, c.frame, c.unit, field)


def _band(c: Course, style: PlanStyle, band: Band) -> list[Any]:
    import altair as alt

    times = [day / DAYS_PER_MONTH for day in c.result.forecasts.days]
    keys = ("q10", "q25", "q50", "q75", "q90")
    columns = [[shown(v, band.unit) for v in getattr(band, key)] for key in keys]
    rows = [dict(zip(("x", *keys), row, strict=True)) for row in zip(times, *columns, strict=True)]
    base = alt.Chart(alt.InlineData(values=rows))
    return [
        base.mark_area(color=style.colour, opacity=0.10).encode(x=_x(c, "x"), y=_y(c, "q10"), y2="q90:Q"),
        base.mark_area(color=style.colour, opacity=0.20).encode(x=_x(c, "x"), y=_y(c, "q25"), y2="q75:Q"),
        *(
            base.mark_line(color=style.colour, strokeWidth=0.8, opacity=0.7).encode(x=_x(c, "x"), y=_y(c, edge))
            for edge in ("q10", "q90")
        ),
        base.mark_line(color=style.colour, strokeWidth=2.4, strokeDash=list(style.dash)).encode(
            x=_x(c, "x"), y=_y(c, "q50")
        ),
    ]


def _shedding(c: Course) -> list[Any]:
    """The window in which early shedding is expected, over all drawn plans, as a shaded strip with its words."""
    import altair as alt

    drawn = {style.plan for style, _ in c.bands}
    windows = [w for w in c.result.forecasts.shedding_windows if w[0] in drawn]
    if not windows:
        return []
    start, end = min(w[1] for w in windows) / DAYS_PER_MONTH, max(w[2] for w in windows) / DAYS_PER_MONTH
    row = {"x": start, "x2": end, "top": c.axes.y[1], "text": say("early shedding expected")}
    base = alt.Chart(alt.InlineData(values=[row]))
    strip = base.mark_rect(color=WATCH, opacity=0.16).encode(x=_x(c, "x"), x2="x2:Q")
    if not c.full:
        return [strip]
    label = base.mark_text(align="left", baseline="bottom", dy=-3, fontSize=c.frame.font - 1, color=INK, font=FONT)
    return [strip, label.encode(x=_x(c, "x"), y=_y(c, "top"), text="text:N")]


def _today(c: Course) -> list[Any]:
    """A rule at today, and the measurements as points with their 80 % error bars."""
    import altair as alt

    rule = alt.Chart(alt.InlineData(values=[{"x": 0.0}])).mark_rule(color=MUTED, strokeWidth=0.8).encode(x=_x(c, "x"))
    if not c.points:
        return [rule]
    rows = [
        {
            "x": _month(c.result, p.date),
            "y": shown(p.value, p.unit),
            "lo": shown(p.lo80, p.unit),
            "hi": shown(p.hi80, p.unit),
        }
        for p in c.points
    ]
    base = alt.Chart(alt.InlineData(values=rows))
    bars = base.mark_rule(color=INK, strokeWidth=1.4).encode(x=_x(c, "x"), y=_y(c, "lo"), y2="hi:Q")
    dots = base.mark_point(shape="circle", filled=True, fill=INK, stroke=PAPER, strokeWidth=1, size=56, opacity=1)
    return [rule, bars, dots.encode(x=_x(c, "x"), y=_y(c, "y"))]


def _short(end: Interval) -> str:
    """The 80 % interval where there is little room."""
    return f"{number(end.lo80, end.unit)}–{number(end.hi80, end.unit)}"


def _end_labels(c: Course) -> list[Any]:
    """Direct labels at the right end of each line, moved apart where they would touch, under the time they are for."""
    import altair as alt

    height, font, wide = c.frame.height, c.frame.font, c.frame.width > 400
    last = c.result.forecasts.days[-1]
    ends = [at_day(c.result, band, last) for _, band in c.bands]
    wanted = [c.axes.pixel(shown(end.median, end.unit), height) for end in ends]
    placed = spread(wanted, (2.6 if c.full else 1.15) * font, 4.0, height - (1.5 * font if c.full else 4.0))
    rows = []
    for (style, _), end, at in zip(c.bands, ends, placed, strict=True):
        value = number(end.median, end.unit)
        first = f"{style.name} {value}" if wide else style.name
        second = say("8 of 10: {range}", range=between(end)) if wide else f"{value} ({_short(end)})"
        row = {"y": c.axes.y_at(at, height), "first": first if c.full else value, "second": second}
        rows.append(row | {"colour": style.ink})
    base = alt.Chart(alt.InlineData(values=rows))
    where = {"x": alt.value(c.frame.plot_width + 6.0), "y": _y(c, "y")}
    name = base.mark_text(align="left", baseline="middle", fontSize=font, fontWeight="bold", font=FONT)
    layers = [name.encode(text="first:N", color=alt.Color("colour:N", scale=None), **where)]
    if c.full:
        more = base.mark_text(align="left", baseline="middle", dy=font + 1, fontSize=font - 1, color=MUTED)
        layers.append(more.encode(text="second:N", **where))
    when = say("after {number} months" if c.full else "{number} mo", number=months(last))
    head = alt.Chart(alt.InlineData(values=[{"text": when}]))
    words = head.mark_text(align="left", baseline="bottom", fontSize=font - 1, color=MUTED)
    layers.append(words.encode(text="text:N", x=alt.value(c.frame.plot_width + 6.0), y=alt.value(min(placed) - font)))
    return layers


def _horizon(c: Course) -> list[Any]:
    """A dotted rule at the horizon the titles speak of, where the figure goes on beyond it."""
    import altair as alt

    day = c.result.horizon_days
    if day > 0.95 * c.result.forecasts.days[-1]:
        return []
    base = alt.Chart(alt.InlineData(values=[{"x": day / DAYS_PER_MONTH}]))
    return [base.mark_rule(color=MUTED, strokeWidth=1, strokeDash=[1, 3]).encode(x=_x(c, "x"))]


def _scale_bar(c: Course) -> list[Any]:
    """The smallest detectable change as a bar of that height, low on the left where the bands leave room."""
    import altair as alt

    change = c.result.smallest_detectable_change
    if change <= 0:
        return []
    low = c.axes.y[0] + 0.05 * (c.axes.y[1] - c.axes.y[0])
    x = c.axes.x[0] + 0.03 * (c.axes.x[1] - c.axes.x[0]) if c.axes.x[0] == 0 else 0.04 * c.axes.x[1]
    words = say("smallest change two\ncounts can show: {amount} {unit}", amount=number(change), unit=unit_words(c.unit))
    row = {"x": x, "lo": low, "hi": low + change, "mid": low + 0.5 * change, "text": words}
    base = alt.Chart(alt.InlineData(values=[row]))
    ends = [
        base.mark_tick(color=INK, thickness=1.6, size=9, orient="horizontal").encode(x=_x(c, "x"), y=_y(c, field))
        for field in ("lo", "hi")
    ]
    bar = base.mark_rule(color=INK, strokeWidth=1.6).encode(x=_x(c, "x"), y=_y(c, "lo"), y2="hi:Q")
    text = base.mark_text(
        align="left",
        baseline="middle",
        dx=8,
        dy=-0.5 * c.frame.font,
        fontSize=c.frame.font - 1,
        color=INK,
        lineBreak="\n",
        stroke=PAPER,
        strokeWidth=3,
    )
    return [bar, *ends, text.encode(x=_x(c, "x"), y=_y(c, "mid"), text="text:N")]


def _figure(result: PlanResult, quantity: str, key: str, title: str, note: str, full: bool) -> Figure | None:
    frames = (HERO_WIDE, HERO_NARROW) if full else (SMALL_WIDE, SMALL_NARROW)
    drawings = []
    for size, frame in zip(("w", "n"), frames, strict=True):
        c = course(result, quantity, frame, full)
        if c is None:
            return None
        drawings.append(render(draw(c), frame, f"{key}-{size}"))
    return Figure(key, title, note, *drawings)


def hero_figure(result: PlanResult) -> Figure | None:
    """Hairs per cm2 at the goal zone over time, under each drawn plan."""
    note = say(
        "Line: median. Dark band: half of people like you. Light band: 8 of 10. Upright bar: the smallest difference "
        "that two counts at the same spot can show."
    )
    if result.horizon_days < 0.95 * result.forecasts.days[-1]:
        note += " " + say("Dotted line: {when}.", when=findings.horizon_words(result))
    if _points(result, "density"):
        note += " " + say("Points: your measurements with their 80 % error.")
    return _figure(result, "density", "forecast", findings.hero(result), note, full=True)


def small_figures(result: PlanResult) -> list[Figure]:
    """Diameter, coverage and shedding, drawn as the first figure is."""
    quantities = ("mean_diameter", "coverage", "shed_per_day")
    figures = [
        _figure(result, name, name.replace("_", "-"), findings.quantity(result, name), "", full=False)
        for name in quantities
    ]
    return [figure for figure in figures if figure is not None]
