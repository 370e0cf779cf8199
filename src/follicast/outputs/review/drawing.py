"""The figure of a review: the forecast as the same instrument would read the same site, and what it did read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from follicast.decisions.reviewing.record import Review, ReviewBand, ReviewFigure
from follicast.language import say
from follicast.outputs.palette import HAIRLINE, INK, MUTED, NOTHING, PAPER, PLAN_A, PLAN_B, WATCH
from follicast.outputs.report.bands import HERO_NARROW, HERO_WIDE, Axes, nice_ticks, quantity_axis, spread
from follicast.outputs.svg import FONT, Figure, Frame, render
from follicast.outputs.wording import DAYS_PER_MONTH, number, short_date, shown

_BEYOND_MONTHS = 6.0
# A strip narrower than this many pixels has no room for words inside.
_WORDS_ROOM = 150.0


@dataclass(frozen=True)
class _Style:
    colour: str
    dash: tuple[int, ...]

    @property
    def ink(self) -> str:
        return MUTED if self.colour == NOTHING else self.colour


_STYLES = {
    "nothing": _Style(NOTHING, (4, 3)),
    "plan": _Style(PLAN_A, ()),
    "all doses": _Style(PLAN_A, ()),
    "half of the doses": _Style(PLAN_B, (7, 3)),
}


def review_drawing(review: Review) -> Figure | None:
    """The figure; None where nothing could be judged.

    Its title is the finding. A point is a reading with its 80 % error; the upright bar the smallest change that two
    such readings can show; the shaded strip the window of expected early shedding.
    """
    figure = review.figure
    if figure is None:
        return None
    wide, narrow = (_drawn(review, figure, frame, key) for frame, key in ((HERO_WIDE, "w"), (HERO_NARROW, "n")))
    note = say(
        "Line: median of the forecast. Dark band: half of the versions of this person; light band: 8 of 10. Points: "
        "readings with their 80 % error. Upright bar: the smallest change that two such readings can show."
    )
    if figure.shedding is not None:
        note += " " + say("Shaded: early shedding is expected.")
    return Figure("review", review.headline, note, wide, narrow)


def _drawn(review: Review, figure: ReviewFigure, frame: Frame, key: str) -> str:
    sheet = _Sheet(review, figure, frame)
    layers = [*sheet.shedding()]
    for band in figure.bands:
        layers += sheet.band(band)
    layers += [*sheet.points(), *sheet.labels(), *sheet.scale_bar()]
    return render(layers, frame, f"review-{key}")


class _Sheet:
    """Draws one figure at one width."""

    def __init__(self, review: Review, figure: ReviewFigure, frame: Frame) -> None:
        self.review, self.figure, self.frame = review, figure, frame
        last = max(p.day for p in figure.points) / DAYS_PER_MONTH + _BEYOND_MONTHS
        self.shown = [k for k, day in enumerate(figure.days) if day / DAYS_PER_MONTH <= last]
        self.last = figure.days[self.shown[-1]] / DAYS_PER_MONTH
        self.axes = self._axes()

    def _axes(self) -> Axes:
        bands, points, unit = self.figure.bands, self.figure.points, self.figure.unit
        values = [shown(row[k], unit) for b in bands for row in (b.q10, b.q90) for k in self.shown]
        values += [shown(v, unit) for p in points for v in (p.lo80, p.hi80)]
        low, high = min(values), max(values)
        if unit != "um":
            low = 0.0
        ticks = nice_ticks(low, high + 0.06 * (high - low), 5)
        first = min(0.0, *(p.day / DAYS_PER_MONTH - 0.3 for p in points))
        step = 6 if self.last > 14 else 3
        x_ticks = [float(k) for k in range(0, round(self.last) + 1, step)]
        return Axes((first, max(self.last, 1.0)), (ticks[0], ticks[-1]), x_ticks, ticks)

    def x(self, field: str) -> Any:
        """Months since the plan."""
        import altair as alt

        labels = f"datum.value == 0 ? {json.dumps(say('plan'))} : datum.value"
        title = say("months from {date}", date=short_date(self.review.plan_as_of))
        axis = alt.Axis(
            values=self.axes.x_ticks, title=title, labelExpr=labels, grid=False, ticks=True, domainColor=MUTED
        )
        return alt.X(f"{field}:Q", scale=alt.Scale(domain=list(self.axes.x), nice=False, zero=False), axis=axis)

    def y(self, field: str) -> Any:
        """The reading."""
        return quantity_axis(self.axes, self.frame, self.figure.unit, field)

    def band(self, band: ReviewBand) -> list[Any]:
        """Two bands and the median."""
        import altair as alt

        style, unit = _STYLES[band.role], self.figure.unit
        keys = ("q10", "q25", "q50", "q75", "q90")
        rows = [
            {"x": self.figure.days[k] / DAYS_PER_MONTH} | {key: shown(getattr(band, key)[k], unit) for key in keys}
            for k in self.shown
        ]
        base = alt.Chart(alt.InlineData(values=rows))
        return [
            base.mark_area(color=style.colour, opacity=0.10).encode(x=self.x("x"), y=self.y("q10"), y2="q90:Q"),
            base.mark_area(color=style.colour, opacity=0.20).encode(x=self.x("x"), y=self.y("q25"), y2="q75:Q"),
            *(
                base.mark_line(color=style.colour, strokeWidth=0.8, opacity=0.7).encode(x=self.x("x"), y=self.y(edge))
                for edge in ("q10", "q90")
            ),
            base.mark_line(color=style.colour, strokeWidth=2.4, strokeDash=list(style.dash)).encode(
                x=self.x("x"), y=self.y("q50")
            ),
        ]

    def shedding(self) -> list[Any]:
        """The window of early shedding, shaded and named."""
        import altair as alt

        if self.figure.shedding is None:
            return []
        first, last = (day / DAYS_PER_MONTH for day in self.figure.shedding)
        low, high = self.axes.y
        row = {"from": first, "to": min(last, self.axes.x[1]), "lo": low, "hi": high}
        base = alt.Chart(alt.InlineData(values=[row | {"text": say("shedding expected")}]))
        area = base.mark_rect(color=WATCH, opacity=0.12).encode(
            x=self.x("from"), x2="to:Q", y=self.y("lo"), y2=alt.Y2("hi:Q")
        )
        edge = base.mark_rule(color=HAIRLINE).encode(x=self.x("to"))
        words = base.mark_text(align="left", baseline="bottom", fontSize=self.frame.font - 1, color=MUTED, font=FONT)
        return [area, edge, words.encode(text="text:N", x=self.x("from"), y=alt.value(-5.0))]

    def points(self) -> list[Any]:
        """A rule at the plan's first day, and the readings with their errors."""
        import altair as alt

        rule = alt.Chart(alt.InlineData(values=[{"x": 0.0}])).mark_rule(color=MUTED, strokeWidth=0.8)
        unit = self.figure.unit
        rows = [
            {
                "x": p.day / DAYS_PER_MONTH,
                "y": shown(p.value, unit),
                "lo": shown(p.lo80, unit),
                "hi": shown(p.hi80, unit),
            }
            for p in self.figure.points
        ]
        base = alt.Chart(alt.InlineData(values=rows))
        bars = base.mark_rule(color=INK, strokeWidth=1.4).encode(x=self.x("x"), y=self.y("lo"), y2="hi:Q")
        dots = base.mark_point(shape="circle", filled=True, fill=INK, stroke=PAPER, strokeWidth=1, size=64, opacity=1)
        words = base.mark_text(
            align="left",
            dx=7,
            dy=9,
            baseline="middle",
            fontSize=self.frame.font,
            color=INK,
            stroke=PAPER,
            strokeWidth=3,
        )
        later = [row | {"text": number(p.value, unit)} for row, p in zip(rows, self.figure.points, strict=True)]
        values = words.properties(data=alt.InlineData(values=later)).encode(text="text:N", x=self.x("x"), y=self.y("y"))
        return [rule.encode(x=self.x("x")), bars, dots.encode(x=self.x("x"), y=self.y("y")), values]

    def labels(self) -> list[Any]:
        """Names at the right end of the lines, moved apart where they would touch."""
        import altair as alt

        height, font = self.frame.height, self.frame.font
        k, unit = self.shown[-1], self.figure.unit
        ends = [shown(band.q50[k], unit) for band in self.figure.bands]
        placed = spread([self.axes.pixel(end, height) for end in ends], 2.6 * font, 4.0, height - 1.5 * font)
        rows = []
        for band, at in zip(self.figure.bands, placed, strict=True):
            span = say("{low} to {high}", low=number(band.q10[k], unit), high=number(band.q90[k], unit))
            row = {"y": self.axes.y_at(at, height), "colour": _STYLES[band.role].ink, "first": band.label}
            rows.append(row | {"second": f"{number(band.q50[k], unit)} ({span})"})
        base = alt.Chart(alt.InlineData(values=rows))
        where = {"x": alt.value(self.frame.plot_width + 6.0), "y": self.y("y")}
        name = base.mark_text(align="left", baseline="middle", fontSize=font, fontWeight="bold", font=FONT)
        more = base.mark_text(align="left", baseline="middle", dy=font + 1, fontSize=font - 1, color=MUTED, font=FONT)
        return [
            name.encode(text="first:N", color=alt.Color("colour:N", scale=None), **where),
            more.encode(text="second:N", **where),
        ]

    def scale_bar(self) -> list[Any]:
        """The smallest detectable change as a bar of that height, low where the bands leave room."""
        import altair as alt

        change = self.figure.smallest_change
        if change is None or self.figure.unit == "um":
            return []
        size = shown(change, self.figure.unit)
        low = self.axes.y[0] + 0.05 * (self.axes.y[1] - self.axes.y[0])
        x = self.axes.x[0] + 0.04 * (self.axes.x[1] - self.axes.x[0])
        text = say("smallest change two\nreadings can show: {change}", change=number(change, self.figure.unit))
        row = {"x": x, "lo": low, "hi": low + size, "mid": low + 0.5 * size, "text": text}
        base = alt.Chart(alt.InlineData(values=[row]))
        ends = [
            base.mark_tick(color=INK, thickness=1.6, size=9, orient="horizontal").encode(x=self.x("x"), y=self.y(end))
            for end in ("lo", "hi")
        ]
        bar = base.mark_rule(color=INK, strokeWidth=1.6).encode(x=self.x("x"), y=self.y("lo"), y2="hi:Q")
        words = base.mark_text(
            align="left", baseline="middle", dx=8, fontSize=self.frame.font - 1, color=INK, lineBreak="\n"
        )
        return [bar, *ends, words.encode(x=self.x("x"), y=self.y("mid"), text="text:N")]
