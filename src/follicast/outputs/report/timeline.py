"""The schedule figure: one lane a therapy, its running time as a line, its dates as marks, the room to move as bars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from follicast.decisions.result import Break, Event, PlanResult
from follicast.language import say
from follicast.outputs.palette import INK, MUTED, PAPER, PLAN_A
from follicast.outputs.report import findings
from follicast.outputs.report.reading import therapy_labels
from follicast.outputs.svg import FONT, NARROW_WIDTH, WIDE_WIDTH, Figure, Frame, render
from follicast.outputs.wording import capital, counted, month_name, short_date

LANE = 46.0
LOOKS_BACK = -180
"""The earliest day that is drawn, after today; only where doses were left out."""
LABEL_WIDTH = 64.0
"""Room in pixels for the name of a month with its year."""
SHAPES = {"start": "triangle-right", "session": "circle", "stop": "cross", "measure": "diamond", "surgery": "square"}


@dataclass(frozen=True)
class Lane:
    """One row of the timeline. `runs` are (first day, last day, goes on) stretches of continuous use.

    `breaks` are (first day, last day) stretches of the past without a dose, from the dose log.
    """

    label: str
    span: str
    events: list[Event]
    runs: list[tuple[int, int, bool]]
    breaks: list[tuple[int, int]]


def _words(label: str, events: list[Event]) -> tuple[str, str]:
    """What a lane is called, and what happens when."""
    first, last = short_date(events[0].date), short_date(events[-1].date)
    for kind, word in (("session", "session"), ("surgery", "operation"), ("measure", "measurement")):
        same = [e for e in events if e.kind == kind]
        if same:
            first, last = short_date(same[0].date), short_date(same[-1].date)
            count = counted(len(same), word)
            words = say("{therapy}: {count}", therapy=label, count=count) if label else count
            return words, first if first == last else say("{first} to {last}", first=first, last=last)
    if all(e.kind == "stop" for e in events):
        return label, say("not in this plan, {date}", date=first)
    if any(e.kind == "stop" for e in events):
        return label, say("{first} to {last}", first=first, last=last)
    return label, say("from {date}, goes on", date=first)


def lanes(result: PlanResult) -> list[Lane]:
    """The events by therapy, in order of their first date; measurements last."""
    labels = therapy_labels(result)
    groups: dict[str | None, list[Event]] = {}
    for event in sorted(result.schedule, key=lambda e: (e.date, e.private)):
        groups.setdefault(event.therapy, []).append(event)
    rows = []
    for therapy in sorted(groups, key=lambda t: (t is None, groups[t][0].date, t or "")):
        events = groups[therapy]
        label = capital(labels.get(therapy, therapy)) if therapy else ""
        words, span = _words(label, events)
        own = [b for b in result.breaks if b.therapy == therapy]
        past = [stretch for b in own if (stretch := _stretch(result, b)) is not None]
        span = "; ".join([span, *(_break_words(b) for b in own)])
        rows.append(Lane(words or say("Other dates"), span, events, _runs(result, events), past))
    return rows


def _stretch(result: PlanResult, stretch: Break) -> tuple[int, int] | None:
    """The days of a stretch without a dose, as far as the figure looks back; None = before that."""
    first = (stretch.last_dose - result.as_of).days + 1 if stretch.last_dose else LOOKS_BACK
    last = (stretch.resumed - result.as_of).days if stretch.resumed else 0
    return (max(first, LOOKS_BACK), last) if last > LOOKS_BACK else None


def _break_words(stretch: Break) -> str:
    if stretch.resumed is None:
        return say("no dose for {days} days", days=stretch.days)
    return say("no dose for {days} days until {date}", days=stretch.days, date=short_date(stretch.resumed))


def _runs(result: PlanResult, events: list[Event]) -> list[tuple[int, int, bool]]:
    runs: list[tuple[int, int, bool]] = []
    start: int | None = None
    for event in events:
        day = (event.date - result.as_of).days
        if event.kind == "start":
            start = day
        elif event.kind == "stop" and start is not None:
            runs.append((start, day, False))
            start = None
    if start is not None:
        runs.append((start, max(result.horizon_days, start), True))
    return runs


def _month_starts(result: PlanResult, first: int, last: int, step: int) -> list[tuple[int, str]]:
    """Days from as_of to the first of every `step`-th month between two days, with its name."""
    ticks: list[tuple[int, str]] = []
    year, month = result.as_of.year, result.as_of.month
    for k in range(first // 28, 1 + last // 28):
        total = month - 1 + k
        when = date(year + total // 12, total % 12 + 1, 1)
        day = (when - result.as_of).days
        if day > last:
            break
        if day > first and (when.month - 1) % step == 0:
            ticks.append((day, month_name(when, year=when.month <= step or not ticks)))
    return ticks


def _draw(result: PlanResult, frame: Frame, last: int, rows: list[Lane]) -> list[Any]:
    import altair as alt

    first = min([-6, *(start - 6 for lane in rows for start, _ in lane.breaks)])
    month = frame.plot_width / max((last - first) / 30.4, 1.0)
    step = next((step for step in (1, 3, 6) if step * month >= LABEL_WIDTH), 12)
    ticks = _month_starts(result, first, last, step)
    names = {str(day): name for day, name in ticks}
    label = f"({names!r})[datum.value] || ''".replace("'", '"')
    axis = alt.Axis(
        values=[day for day, _ in ticks],
        title=None,
        labelExpr=label,
        domainColor=MUTED,
        labelPadding=4,
        gridDash=[2, 3],
    )

    def x(field: str) -> Any:
        scale = alt.Scale(domain=[first, last + 6], nice=False, zero=False)
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    def y(field: str) -> Any:
        return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[len(rows), 0], nice=False, zero=False), axis=None)

    layers: list[Any] = []
    for k, lane in enumerate(rows):
        layers += _lane(result, lane, k + 0.7, x, y, frame)
    return layers


def _lane(result: PlanResult, lane: Lane, at: float, x: Any, y: Any, frame: Frame) -> list[Any]:
    import altair as alt

    def data(rows: list[dict[str, Any]]) -> Any:
        return alt.Chart(alt.InlineData(values=rows))

    ink = PLAN_A if lane.events[0].therapy else INK
    words = lane.label
    if frame.width >= WIDE_WIDTH:
        counts = lane.events[-1].number or not lane.events[0].therapy
        words = say("{label}, {span}" if counts else "{label}: {span}", label=lane.label, span=lane.span)
    title = data([{"y": at, "text": words}]).mark_text(
        align="left", baseline="middle", dy=-19, fontSize=frame.font, color=INK, font=FONT, stroke=PAPER, strokeWidth=4
    )
    layers = [title.encode(x=alt.value(0.0), y=y("y"), text="text:N")]
    for start, end, goes_on in lane.runs:
        run = data([{"x": start, "x2": end, "y": at}])
        layers.append(run.mark_rule(color=ink, strokeWidth=3).encode(x=x("x"), x2="x2:Q", y=y("y")))
        if goes_on:
            tip = run.mark_point(shape="triangle-right", filled=True, color=ink, size=70, opacity=1)
            layers.append(tip.encode(x=x("x2"), y=y("y")))
    if lane.breaks:
        gone = data([{"x": start, "x2": end, "y": at} for start, end in lane.breaks])
        dashes = gone.mark_rule(color=MUTED, strokeWidth=3, strokeDash=[4, 4])
        layers.append(dashes.encode(x=x("x"), x2="x2:Q", y=y("y")))
    rows: list[dict[str, Any]] = [
        {
            "x": (e.date - result.as_of).days,
            "lo": (e.earliest - result.as_of).days,
            "hi": (e.latest - result.as_of).days,
            "y": at,
            "shape": SHAPES[e.kind],
        }
        for e in lane.events
    ]
    moving = [row for row in rows if row["hi"] > row["lo"]]
    if moving:
        bars = data(moving).mark_rule(color=ink, strokeWidth=8, opacity=0.25)
        layers.append(bars.encode(x=x("lo"), x2="hi:Q", y=y("y")))
    for shape in dict.fromkeys(SHAPES[e.kind] for e in lane.events if e.kind != "start"):
        marks = data([row for row in rows if row["shape"] == shape])
        dot = marks.mark_point(shape=shape, filled=True, fill=ink, stroke=PAPER, strokeWidth=1, size=90, opacity=1)
        layers.append(dot.encode(x=x("x"), y=y("y")))
    starts = [row for row in rows if row["shape"] == SHAPES["start"]]
    if starts:
        tick = data(starts).mark_tick(color=ink, thickness=3, size=12, orient="vertical")
        layers.append(tick.encode(x=x("x"), y=y("y")))
    return layers


def schedule_figure(result: PlanResult) -> Figure | None:
    """The dates of the plan over the horizon; None when there are no dates."""
    rows = lanes(result)
    if not rows:
        return None
    last = max(result.horizon_days, *((e.latest - result.as_of).days for e in result.schedule))
    drawings = []
    for size, width, font in (("w", WIDE_WIDTH, 13.0), ("n", NARROW_WIDTH, 12.0)):
        frame = Frame(width, LANE * len(rows), 8.0, 24.0, 4.0, 26.0, font)
        drawings.append(render(_draw(result, frame, last, rows), frame, f"schedule-{size}"))
    note = say(
        "Circle: session. Diamond: measurement. Square: operation. Cross: end. Arrow: goes on. Pale bar: the days it "
        "may move to."
    )
    if any(lane.breaks for lane in rows):
        note = f"{note} {say('Dashed: no dose was taken.')}"
    return Figure("schedule", findings.schedule(result), note, *drawings)
