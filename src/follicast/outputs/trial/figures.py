"""The figures of a virtual trial: power by size, courses of the arms, who was screened, left and was analysed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from follicast.decisions.trials.result import Course, TrialResult
from follicast.outputs.palette import HAIRLINE, INK, MUTED, NOTHING, PAPER, PLAN_A, PLAN_B, PLAN_C
from follicast.outputs.svg import text_element

_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_STYLES: Final = ((PLAN_A, ""), (NOTHING, "4 3"), (PLAN_B, "7 3"), (PLAN_C, "2 2"))


@dataclass(frozen=True)
class _Sheet:
    """A drawing's size in pixels, and its margins."""

    width: float
    height: float
    left: float = 58.0
    right: float = 20.0
    top: float = 26.0
    bottom: float = 44.0
    font: float = 14.0


WIDE: Final = _Sheet(720.0, 340.0, right=150.0)
NARROW: Final = _Sheet(328.0, 300.0)


def ticks(low: float, high: float, about: int = 5, *, whole: bool = False) -> list[float]:
    """Round values that hold a range."""
    rough = max(high - low, 1e-9) / about
    size = 10.0 ** math.floor(math.log10(rough))
    steps = (size * s for s in _STEPS if size * s >= rough * (1.0 - 1e-9))
    step = next(s for s in steps if not whole or float(s).is_integer())
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [step * k for k in range(first, last + 1)]


def _svg(sheet: _Sheet, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {sheet.width:g} {sheet.height:g}" '
        f'style="max-width:{sheet.width:g}px" aria-hidden="true" focusable="false">{"".join(parts)}</svg>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1.0, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width:g}"{dashed}/>'


def _path(points: Sequence[tuple[float, float]], colour: str, dash: str, width: float = 2.0) -> str:
    steps = " ".join(f"{'M' if k == 0 else 'L'}{x:.1f} {y:.1f}" for k, (x, y) in enumerate(points))
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path d="{steps}" fill="none" stroke="{colour}" stroke-width="{width:g}"{dashed}/>'


def _label(x: float, y: float, words: str, colour: str = INK, anchor: str = "middle", size: float = 14.0) -> str:
    return text_element(x, y, words, size, fill=colour, text_anchor=anchor)


class _Plane:
    """Two axes: values to pixels, and the grid."""

    def __init__(self, sheet: _Sheet, across: list[float], up: list[float]) -> None:
        self.sheet, self.across, self.up = sheet, across, up

    def x(self, value: float) -> float:
        """Pixels from the left."""
        share = (value - self.across[0]) / (self.across[-1] - self.across[0])
        return self.sheet.left + share * (self.sheet.width - self.sheet.left - self.sheet.right)

    def y(self, value: float) -> float:
        """Pixels from the top."""
        share = (value - self.up[0]) / (self.up[-1] - self.up[0])
        return self.sheet.height - self.sheet.bottom - share * (self.sheet.height - self.sheet.top - self.sheet.bottom)

    def grid(self, title_x: str, title_y: str, words: Callable[[float], str]) -> list[str]:
        """Grid, tick labels and the titles of both axes."""
        s = self.sheet
        right, foot = s.width - s.right, s.height - s.bottom
        parts = [_label(0.0, 14.0, title_y, MUTED, "start")]
        for value in self.up:
            parts.append(_line(s.left, self.y(value), right, self.y(value), HAIRLINE))
            parts.append(_label(s.left - 8.0, self.y(value) + 5.0, words(value), anchor="end"))
        parts += [_label(self.x(v), foot + 18.0, f"{v:g}") for v in self.across]
        parts.append(_label(right, s.height - 4.0, title_x, MUTED, "end"))
        return parts


def power_figure(result: TrialResult, sheet: _Sheet) -> str:
    """Power by people in each arm, each point with its Monte Carlo error, the wanted power and the trial's own size."""
    points = [(p.people, p.power) for p in result.curve]
    plane = _Plane(sheet, ticks(0.0, float(points[-1][0]), whole=True), [0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
    across = "people in the trial" if result.kind == "split-scalp" else "people in each arm"
    parts = plane.grid(across, "power", lambda v: f"{100.0 * v:.0f} %")
    wanted = plane.y(result.wanted_power)
    parts.append(_line(sheet.left, wanted, sheet.width - sheet.right, wanted, PLAN_B, 1.5, "7 3"))
    # Curves rise from the left: the words stand where the curve has passed the line, or has not come to it.
    beneath = points[-1][1].value > result.wanted_power
    words = f"wanted, {100.0 * result.wanted_power:.0f} %"
    parts.append(_label(sheet.width - sheet.right, wanted + (17.0 if beneath else -6.0), words, PLAN_B, "end"))
    parts.append(_path([(plane.x(n), plane.y(p.value)) for n, p in points], PLAN_A, ""))
    for people, power in points:
        x = plane.x(people)
        low, high = (min(1.0, max(0.0, power.value + side * 1.96 * power.error)) for side in (-1.0, 1.0))
        parts.append(_line(x, plane.y(low), x, plane.y(high), PLAN_A, 1.5))
        own = people == result.people
        fill = PLAN_A if own else PAPER
        parts.append(
            f'<circle cx="{x:.1f}" cy="{plane.y(power.value):.1f}" r="{5.5 if own else 4.0:g}" fill="{fill}" '
            f'stroke="{PLAN_A}" stroke-width="2"/>'
        )
        if own:
            words = f"this trial, {100.0 * power.value:.0f} %"
            late = x > 0.6 * sheet.width
            under = plane.y(power.value) + (24.0 if power.value > 0.12 else -12.0)
            parts.append(_label(x + (-8.0 if late else 8.0), under, words, PLAN_A, "end" if late else "start"))
    return _svg(sheet, parts)


def course_figure(result: TrialResult, sheet: _Sheet) -> str:
    """Mean change of each arm by week: band of 95 of 100 trials, line of their median, dots for what is true."""
    values = [v for c in result.courses for p in c.points for v in (p.low, p.high, p.true)]
    weeks = sorted({p.week for c in result.courses for p in c.points})
    plane = _Plane(sheet, weeks if len(weeks) > 1 else [0.0, *weeks], ticks(min(0.0, *values), max(0.0, *values)))
    unit = result.endpoints[0].unit
    parts = plane.grid("week", f"mean change, {unit}" if weeks[0] == 0.0 else f"mean, {unit}", lambda v: f"{v:g}")
    parts.append(_line(sheet.left, plane.y(0.0), sheet.width - sheet.right, plane.y(0.0), MUTED))
    shown = result.courses[: len(_STYLES)]
    for course, (colour, dash) in zip(shown, _STYLES, strict=False):
        parts += _course(course, plane, colour, dash)
    return _svg(sheet, parts + _names(shown, plane))


def _course(course: Course, plane: _Plane, colour: str, dash: str) -> list[str]:
    edge = [(plane.x(p.week), plane.y(p.high)) for p in course.points]
    edge += [(plane.x(p.week), plane.y(p.low)) for p in reversed(course.points)]
    corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in edge)
    parts = [f'<polygon points="{corners}" fill="{colour}" fill-opacity="0.14"/>']
    parts.append(_path([(plane.x(p.week), plane.y(p.middle)) for p in course.points], colour, dash))
    parts += [
        f'<circle cx="{plane.x(p.week):.1f}" cy="{plane.y(p.true):.1f}" r="3.5" fill="{PAPER}" stroke="{colour}" '
        'stroke-width="1.5"/>'
        for p in course.points
    ]
    return parts


def _names(courses: Sequence[Course], plane: _Plane) -> list[str]:
    """Names at the right ends of the lines, moved apart; above the plot where there is no room beside it."""
    sheet = plane.sheet
    if sheet.right < 100.0:
        return [
            _label(sheet.width, sheet.height - sheet.bottom - 8.0 - 17.0 * k, c.arm[:30], _ink(k), "end")
            for k, c in enumerate(reversed(courses))
        ]
    places = sorted((plane.y(c.points[-1].middle), k) for k, c in enumerate(courses))
    parts, last = [], -math.inf
    for y, k in places:
        last = max(y, last + 17.0)
        parts.append(_label(plane.x(plane.across[-1]) + 8.0, last + 5.0, courses[k].arm[:20], _ink(k), "start"))
    return parts


def _ink(k: int) -> str:
    colour = _STYLES[k % len(_STYLES)][0]
    return MUTED if colour == NOTHING else colour


def flow_figure(result: TrialResult, narrow: bool) -> str:
    """Screened, randomised, stopped, left, analysed: mean numbers of a trial, as CONSORT draws them."""
    flow = result.flow
    arms = flow.arms
    width = 328.0 if narrow else 720.0
    size = 11.5 if narrow else 14.0
    one = width / len(arms) - 12.0
    parts: list[str] = []

    def box(x: float, y: float, wide: float, lines: Sequence[str]) -> float:
        high = 12.0 + 19.0 * len(lines)
        parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}" fill="{PAPER}" stroke="{MUTED}"/>'
        )
        parts.extend(_label(x + 0.5 * wide, y + 20.0 + 19.0 * k, line, size=size) for k, line in enumerate(lines))
        return y + high

    middle = 0.5 * width
    screened = [f"Screened {flow.screened:,.0f}"]
    if flow.not_stage + flow.not_density > 0.5:
        screened.append(f"not taken in: stage {flow.not_stage:,.0f}, density {flow.not_density:,.0f}")
    foot = box(middle - 150.0, 2.0, 300.0, screened)
    parts.append(_line(middle, foot, middle, foot + 20.0, MUTED))
    foot = box(middle - 110.0, foot + 20.0, 220.0, [f"Randomised {flow.randomised:,}"])
    parts.append(_line(middle, foot, middle, foot + 14.0, MUTED))
    centres = [(k + 0.5) * width / len(arms) for k in range(len(arms))]
    parts.append(_line(centres[0], foot + 14.0, centres[-1], foot + 14.0, MUTED))
    last = foot
    for centre, arm in zip(centres, arms, strict=True):
        parts.append(_line(centre, foot + 14.0, centre, foot + 28.0, MUTED))
        letters = int(one / (0.55 * size))
        lines = [arm.arm[:letters], f"randomised {arm.randomised:,}", f"stopped treatment {arm.stopped:,.1f}"]
        lines += [f"lost to follow-up {arm.left:,.1f}", f"analysed {arm.analysed:,.1f}"]
        last = box(centre - 0.5 * one, foot + 28.0, one, lines)
    return _svg(_Sheet(width, last + 4.0), parts)


def described(result: TrialResult) -> str:
    """The power figure in words, for who cannot see it."""
    points = ", ".join(f"{p.people} people {100.0 * p.power.value:.0f} %" for p in result.curve)
    return escape(f"Power by people in each arm: {points}.")
