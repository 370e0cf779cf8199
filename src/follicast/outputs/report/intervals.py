"""The dot-and-interval figures: the hair pool, each line with and without, and all candidates side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from follicast.decisions.result import Candidate, Interval, PlanResult
from follicast.language import say
from follicast.outputs.palette import INK, MUTED, NOTHING_ID, PAPER, PLAN_A, plan_styles
from follicast.outputs.report import findings
from follicast.outputs.report.bands import nice_ticks
from follicast.outputs.report.reading import compared
from follicast.outputs.svg import FONT, NARROW_WIDTH, WIDE_WIDTH, Figure, Frame, render
from follicast.outputs.wording import (
    between,
    capital,
    certainty_word,
    counted,
    money,
    number,
    shown,
    signed,
    unit_words,
    wrapped,
)

LETTERS = {True: 42, False: 27}
LINES = {True: 2, False: 3}
"""Letters a line and lines a label, on a phone (True) and elsewhere."""
COLUMNS = (88.0, 140.0)
"""Widths in pixels of the columns on the right: certainty, cost."""


@dataclass(frozen=True)
class Row:
    """One interval with its words: on the left what it is, on the right what goes with it."""

    label: str
    interval: Interval
    colour: str
    bold: bool = False
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Panel:
    """Rows that share one axis. `marks` are (value, words) of vertical reference lines beside zero."""

    rows: list[Row]
    title: str
    zero: bool
    marks: list[tuple[float, str]]
    heads: tuple[str, ...] = ()
    sign: bool = True


def _labels(panel: Panel, narrow: bool) -> list[list[str]]:
    return [wrapped(row.label, LETTERS[narrow], LINES[narrow]) for row in panel.rows]


def _row_height(panel: Panel, narrow: bool) -> float:
    """Room for the longest label: above its interval on a phone, beside it elsewhere."""
    most = max((len(lines) for lines in _labels(panel, narrow)), default=1)
    return 33.0 + 15.0 * most if narrow else max(30.0, 6.0 + 15.0 * most)


def _frame(panel: Panel, narrow: bool) -> Frame:
    head = 30.0 if panel.marks or panel.heads else 12.0
    height = _row_height(panel, narrow) * len(panel.rows)
    if narrow:
        return Frame(NARROW_WIDTH, height, 26.0, 74.0 if panel.heads else 26.0, head, 42.0, 12.0)
    right = sum(COLUMNS[: len(panel.heads)]) if panel.heads else 28.0
    return Frame(WIDE_WIDTH, height, 258.0, right, head, 44.0, 12.0)


def _domain(panel: Panel) -> list[float]:
    values = [shown(v, r.interval.unit) for r in panel.rows for v in (r.interval.lo80, r.interval.hi80)]
    values += [value for value, _ in panel.marks]
    if panel.zero:
        values.append(0.0)
    low, high = min(values), max(values)
    pad = 0.03 * (high - low) or 1.0
    return nice_ticks(low - (pad if low < 0 else 0.0), high + pad, 6)


class _Panel:
    """Draws one panel at one width."""

    def __init__(self, panel: Panel, narrow: bool) -> None:
        self.panel, self.narrow = panel, narrow
        self.frame = _frame(panel, narrow)
        self.ticks = _domain(panel)
        self.count = len(panel.rows)
        self.row_height = _row_height(panel, narrow)

    def row_y(self, index: int) -> float:
        """The height of the interval of a row, in rows from the top."""
        return index + (1.0 - 14.0 / self.row_height if self.narrow else 0.5)

    def x(self, field: str) -> Any:
        """The shared horizontal axis."""
        import altair as alt

        ticks = self.ticks if len(self.ticks) <= (6 if self.narrow else 12) else self.ticks[::2]
        if self.panel.zero and 0.0 not in ticks:
            ticks = sorted([*ticks, 0.0])
        digits = ".1f" if any(tick != round(tick) for tick in ticks) else ",.0f"
        axis = alt.Axis(
            values=ticks,
            title=self.panel.title,
            format=f"{'+' if self.panel.sign else ''}{digits}",
            labelExpr="datum.value == 0 ? '0' : datum.label",
            domain=False,
            ticks=False,
            labelPadding=6,
            titlePadding=6,
        )
        scale = alt.Scale(domain=[self.ticks[0], self.ticks[-1]], nice=False, zero=False)
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    def y(self, field: str) -> Any:
        """Rows from the top, without an axis of their own."""
        import altair as alt

        return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[self.count, 0], nice=False, zero=False), axis=None)

    def layers(self) -> list[Any]:
        """Reference lines, intervals, words."""
        return [*self.references(), *self.intervals(), *self.words()]

    def references(self) -> list[Any]:
        """The zero line, and the smallest detectable change where one is given."""
        import altair as alt

        layers = []
        if self.panel.zero:
            zero = alt.Chart(alt.InlineData(values=[{"x": 0.0}]))
            layers.append(zero.mark_rule(color=INK, strokeWidth=1.2).encode(x=self.x("x")))
        for value, words in self.panel.marks:
            base = alt.Chart(alt.InlineData(values=[{"x": value, "text": words}]))
            layers.append(base.mark_rule(color=MUTED, strokeWidth=1.0, strokeDash=[3, 3]).encode(x=self.x("x")))
            room = self.frame.plot_width * (self.ticks[-1] - value) / (self.ticks[-1] - self.ticks[0])
            align: Literal["left", "right"] = "left" if room > 6.0 * len(words) else "right"
            text = base.mark_text(align=align, dx=3 if align == "left" else -3, baseline="bottom")
            layers.append(
                text.encode(
                    x=self.x("x"),
                    y=alt.value(-6.0),
                    text="text:N",
                    size=alt.value(self.frame.font - 1),
                    color=alt.value(MUTED),
                )
            )
        return layers

    def intervals(self) -> list[Any]:
        """The 80 % lines, the 50 % bars, the medians: a circle, or a filled diamond for the recommended row."""
        import altair as alt

        def data(k: int, row: Row) -> dict[str, Any]:
            i = row.interval
            keys = ("lo80", "lo50", "median", "hi50", "hi80")
            return {"y": self.row_y(k), "colour": row.colour} | {key: shown(getattr(i, key), i.unit) for key in keys}

        bold = [data(k, row) for k, row in enumerate(self.panel.rows) if row.bold]
        plain = [data(k, row) for k, row in enumerate(self.panel.rows) if not row.bold]
        base = alt.Chart(alt.InlineData(values=plain + bold))
        own = alt.Color("colour:N", scale=None)
        layers = [
            base.mark_rule(strokeWidth=1.8).encode(x=self.x("lo80"), x2="hi80:Q", y=self.y("y"), color=own),
            base.mark_rule(strokeWidth=7.0, opacity=0.55).encode(
                x=self.x("lo50"), x2="hi50:Q", y=self.y("y"), color=own
            ),
        ]
        dots = base.mark_point(shape="circle", filled=True, fill=PAPER, strokeWidth=2, size=60, opacity=1)
        dots = dots.encode(x=self.x("median"), y=self.y("y"), stroke=alt.Stroke("colour:N", scale=None))
        dots.data = alt.InlineData(values=plain)
        diamonds = base.mark_point(shape="diamond", filled=True, size=120, opacity=1)
        diamonds = diamonds.encode(x=self.x("median"), y=self.y("y"), color=own)
        diamonds.data = alt.InlineData(values=bold)
        return [*layers, dots, diamonds]

    def text(self, words: list[tuple[int, str]], x: float, **style: Any) -> Any:
        """Words at rows, `x` pixels from the left edge of the plot."""
        import altair as alt

        base = alt.Chart(alt.InlineData(values=[{"y": self.row_y(k), "text": text} for k, text in words]))
        options: dict[str, Any] = {"align": "left", "baseline": "middle", "fontSize": self.frame.font, "color": INK}
        return base.mark_text(**(options | {"font": FONT} | style)).encode(x=alt.value(x), y=self.y("y"), text="text:N")

    def labels(self, group: list[tuple[int, Row]], weight: str) -> list[Any]:
        """What each row is: above its interval on a phone, on its left elsewhere."""
        texts = _labels(self.panel, self.narrow)
        step = 1.2 * self.frame.font
        layers = []
        for count in sorted({len(texts[k]) for k, _ in group}):
            words = [(k, "\n".join(texts[k])) for k, _ in group if len(texts[k]) == count]
            style: dict[str, Any] = {"fontWeight": weight, "lineBreak": "\n", "lineHeight": step}
            if self.narrow:
                style |= {"dy": -18.0 - step * (count - 1), "stroke": PAPER, "strokeWidth": 4}
            else:
                style |= {"dy": -0.5 * step * (count - 1)}
            layers.append(self.text(words, 2.0 - self.frame.left if self.narrow else -self.frame.left, **style))
        return layers

    def words(self) -> list[Any]:
        """The labels on the left (above the interval on a phone), the columns and their heads on the right."""
        rows = list(enumerate(self.panel.rows))
        write = signed if self.panel.sign else number
        layers = []
        for weight, group in (("normal", [r for r in rows if not r[1].bold]), ("bold", [r for r in rows if r[1].bold])):
            if not group:
                continue
            layers += self.labels(group, weight)
            if not self.narrow:
                values = [(k, write(row.interval.median, row.interval.unit)) for k, row in group]
                layers.append(self.text(values, -10.0, align="right", fontWeight=weight))
        heads = self.panel.heads[:1] if self.narrow else self.panel.heads
        rise = self.row_y(0) * self.row_height + 10.0
        for column, head in enumerate(heads):
            x = self.frame.plot_width + 10.0 + sum(COLUMNS[:column])
            layers.append(self.text([(k, row.columns[column]) for k, row in rows], x))
            layers.append(self.text([(0, head)], x, dy=-rise, color=MUTED, fontSize=self.frame.font - 1))
        return layers


def _draw(panels: list[Panel], key: str) -> tuple[str, str]:
    """The panels one below the other, for wide and for narrow pages."""
    both = []
    for size in ("w", "n"):
        parts = []
        for k, panel in enumerate(panels):
            drawing = _Panel(panel, narrow=size == "n")
            parts.append(render(drawing.layers(), drawing.frame, f"{key}{k}-{size}"))
        both.append("\n".join(parts))
    return both[0], both[1]


def pool_figure(result: PlanResult) -> Figure:
    """Hairs that enter and leave a day, and the balance a year."""
    p = result.pool
    daily = [
        Row(say("Entering: growth begins"), p.inflow_per_day, PLAN_A),
        Row(say("Leaving: shed or lost"), p.outflow_per_day, INK),
    ]
    panels = [
        Panel(daily, unit_words(p.inflow_per_day.unit), zero=True, marks=[], sign=False),
        Panel([Row(say("Balance"), p.balance_per_year, INK, bold=True)], say("hairs a year"), zero=True, marks=[]),
    ]
    note = say(
        "The whole scalp, about {hairs} hairs today (8 of 10 people like you: {range}).",
        hairs=number(p.hairs_now.median),
        range=between(p.hairs_now.model_copy(update={"unit": ""})),
    )
    return Figure("pool", findings.pool(result), note, *_draw(panels, "pool"))


def lines_figure(result: PlanResult) -> Figure | None:
    """What each line of the plan adds: the plan with it minus the plan without it."""
    if not result.lines:
        return None
    rows = [
        Row(capital(line.label), line.adds, PLAN_A, columns=(certainty_word(line.certainty), money(line.cost)))
        for line in result.lines
    ]
    unit = unit_words(result.lines[0].adds.unit)
    title = say("{unit} added after {when}", unit=unit, when=findings.horizon_words(result))
    panel = Panel(rows, title, True, _detectable(result), _heads())
    note = say(
        "Plan with the line minus plan without it, person by person. Line: 80 % interval. Bar: 50 %. Circle: median."
    )
    return Figure("lines", findings.lines(result), note, *_draw([panel], "lines"))


def offer_figures(result: PlanResult) -> list[Figure]:
    """Each offered course at its last month: the whole of it against nothing, and what each line adds."""
    made = []
    for k, offered in enumerate(result.offers):
        styles = plan_styles(result)
        whole = next((c for c in result.candidates if c.label == offered.label), None)
        colour = styles[whole.id].colour if whole and whole.id in styles else INK
        rows = [Row(say("The whole offer"), offered.gain[-1], colour, bold=True, columns=("", money(offered.cost)))]
        rows += [
            Row(capital(line.label), line.adds[-1], INK, columns=(certainty_word(line.certainty), ""))
            for line in offered.lines
        ]
        unit = unit_words(offered.gain[-1].unit)
        title = say("{unit} after {when}", unit=unit, when=counted(offered.months[-1], "month"))
        panel = Panel(rows, title, True, _detectable(result), _heads())
        key = f"offer-{k + 1}"
        note = say(
            "The whole offer: against nothing. Each line: the offer with it minus the offer without it. Line: 80 % "
            "interval. Bar: 50 %."
        )
        made.append(Figure(key, findings.offer(result, offered), note, *_draw([panel], key)))
    return made


def _heads() -> tuple[str, str]:
    return say("certainty"), say("cost")


def _detectable(result: PlanResult) -> list[tuple[float, str]]:
    change = result.smallest_detectable_change
    return [(change, say("smallest detectable: {amount}", amount=number(change)))] if change > 0 else []


def _candidate_row(candidate: Candidate, result: PlanResult) -> Row:
    styles = plan_styles(result)
    chosen = candidate.id == result.chosen
    colour = styles[candidate.id].colour if candidate.id in styles else INK
    label = f"{candidate.rank}. {capital(candidate.label)}"
    if candidate.not_recommended is not None:
        label = say("{plan} (compared only)", plan=label)
    certainty = "" if candidate.id == NOTHING_ID else certainty_word(candidate.certainty)
    return Row(label, candidate.gain, colour, chosen, (certainty, money(candidate.cost)))


def candidates_figure(result: PlanResult) -> Figure:
    """All candidates by rank: gain over nothing, certainty, cost."""
    rows = [_candidate_row(candidate, result) for candidate in compared(result)]
    unit = unit_words(rows[0].interval.unit) if rows else "hairs/cm²"
    title = say("{unit} against nothing, {when}", unit=unit, when=findings.horizon_words(result))
    panel = Panel(rows, title, True, _detectable(result), _heads())
    note = say("In order of rank. Diamond and bold: recommended. Line: 80 % interval. Bar: 50 %.")
    if len(rows) < len(result.candidates):
        note += " " + say(
            "Shown: the plan, each therapy by itself, what was offered, what is not beaten, and the best combinations; "
            "{number} more were simulated, and plan.json has them all.",
            number=len(result.candidates) - len(rows),
        )
    return Figure("candidates", findings.candidates(result), note, *_draw([panel], "candidates"))
