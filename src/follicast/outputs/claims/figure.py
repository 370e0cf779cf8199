"""The figure of a claim's test: one lane an arm and column, a mark with its interval, the sham arm on its own band."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, TypeAlias

from follicast.decisions.claims.result import Cell, TestResult
from follicast.knowledge.claim_tests import Arm, ClaimTest, Column
from follicast.language import say
from follicast.outputs.claims.ledger import number_words, rows, unit_words
from follicast.outputs.palette import HAIRLINE, INK, MUTED, PLAN_A, PLAN_B, PLAN_C
from follicast.outputs.wording import wrapped

_Rows: TypeAlias = Sequence[tuple[Arm, Mapping[str, Cell]]]

_COLOURS: Final = (PLAN_A, PLAN_B, PLAN_C)
_SHAM: Final = "#f1eee6"
_TICKS: Final = 5
_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class _Frame:
    """Sizes in pixels; `beside` = labels stand left of the lanes, else above them."""

    width: float
    left: float
    right: float
    lane: float
    font: float
    letters: int
    beside: bool


_WIDE: Final = _Frame(720, 250, 52, 20, 14, 30, beside=True)
_NARROW: Final = _Frame(328, 6, 48, 19, 14, 40, beside=False)


def figure_of(test: ClaimTest, result: TestResult) -> tuple[str, str]:
    """The drawing for a page and the one for a phone, as SVG."""
    return _draw(test, result, _WIDE), _draw(test, result, _NARROW)


def _scale(columns: list[Column], cells: list[Cell]) -> tuple[float, float, float]:
    """Lowest and highest value of the axis and the step between its ticks; shares go from none to all."""
    if columns[0].unit == "fraction":
        return 0.0, 1.0, 0.25
    ends = [v for c in cells for v in (c.value, c.lo80, c.hi80) if v is not None]
    low, high = min(0.0, *ends), max(0.0, *ends)
    rough = max(high - low, 1.0) / _TICKS
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * s for s in _STEPS if size * s >= rough * (1.0 - 1e-9))
    return step * math.floor(low / step), step * math.ceil(high / step), step


def _draw(test: ClaimTest, result: TestResult, frame: _Frame) -> str:
    columns = [c for name in test.figure for c in test.columns if c.key == name]
    arms = rows(test, result)
    low, high, step = _scale(columns, [cells[c.key] for _, cells in arms for c in columns])

    def x(value: float) -> float:
        return frame.left + (value - low) / (high - low) * (frame.width - frame.left - frame.right)

    parts, y = _legend(columns, frame)
    top = y
    body: list[str] = []
    for arm, cells in arms:
        drawn, y = _arm(arm, [(column, cells[column.key]) for column in columns], y, x, frame)
        body += drawn
    axis = _axis(columns[0], (low, high, step), (top, y), x, frame)
    height = y + 2.9 * frame.font
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {frame.width:g} {height:g}" '
        f'style="max-width:{frame.width:g}px" aria-hidden="true" focusable="false">'
        + "".join([*_bands(arms, columns, top, frame), *axis, *parts, *body])
        + "</svg>"
    )


def _height(arm: Arm, count: int, frame: _Frame) -> float:
    """Room of one arm: its lanes beside or below its label."""
    label = len(wrapped(say(arm.label), frame.letters, 3)) * 1.25 * frame.font
    lanes = count * frame.lane
    return 10 + (max(label, lanes) if frame.beside else label + lanes)


def _bands(arms: _Rows, columns: list[Column], top: float, frame: _Frame) -> list[str]:
    """A quiet band behind the sham arm, and hairlines between arms."""
    made, y = [], top
    for arm, _ in arms:
        tall = _height(arm, len(columns), frame)
        if arm.sham:
            made.append(f'<rect x="0" y="{y:g}" width="{frame.width:g}" height="{tall:g}" fill="{_SHAM}"/>')
        made.append(f'<path d="M0 {y:g}H{frame.width:g}" stroke="{HAIRLINE}"/>')
        y += tall
    return [*made, f'<path d="M0 {y:g}H{frame.width:g}" stroke="{HAIRLINE}"/>']


def _text(x: float, y: float, words: str, size: float, colour: str, anchor: str = "start", weight: int = 400) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{colour}" text-anchor="{anchor}" '
        f'font-weight="{weight}">{escape(words)}</text>'
    )


def _mark(kind: int, x: float, y: float) -> str:
    """Filled circle, hollow diamond, filled square: shapes that tell without colour."""
    colour = _COLOURS[kind % 3]
    if kind % 3 == 0:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5.5" fill="{colour}"/>'
    if kind % 3 == 1:
        return (
            f'<path d="M{x:.1f} {y - 6.5:.1f}l6.5 6.5l-6.5 6.5l-6.5 -6.5z" fill="#fff" stroke="{colour}" '
            'stroke-width="2"/>'
        )
    return f'<rect x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10" fill="{colour}"/>'


def _legend(columns: list[Column], frame: _Frame) -> tuple[list[str], float]:
    """One line a column; what stands alone needs no mark explained but its name."""
    made, y = [], frame.font
    for kind, column in enumerate(columns):
        made += [_mark(kind, 7, y - 5), _text(20, y, say(column.label), frame.font, INK)]
        y += 1.45 * frame.font
    return made, y


def _arm(
    arm: Arm, cells: list[tuple[Column, Cell]], y: float, x: Callable[[float], float], frame: _Frame
) -> tuple[list[str], float]:
    """The label and lanes of one arm; where the next begins."""
    lines = wrapped(say(arm.label), frame.letters, 3)
    weight = 600 if arm.sham else 400
    first = y + 5 + frame.font
    made = [
        _text(4, first + k * 1.25 * frame.font, line, frame.font, INK, weight=weight) for k, line in enumerate(lines)
    ]
    lane = y + 5 + 0.5 * frame.lane + (0.0 if frame.beside else len(lines) * 1.25 * frame.font)
    for kind, (column, cell) in enumerate(cells):
        made += _lane(kind, column, cell, lane + kind * frame.lane, x, frame)
    return made, y + _height(arm, len(cells), frame)


def _lane(kind: int, column: Column, cell: Cell, y: float, x: Callable[[float], float], frame: _Frame) -> list[str]:
    """One mark with its interval: of the twins, or for a share two standard errors of simulation."""
    if cell.value is None:
        return [_text(frame.left, y + 5, say("not known"), frame.font, MUTED)]
    colour = _COLOURS[kind % 3]
    low, high, thick = cell.lo80, cell.hi80, 6.0
    if low is None:
        spread = 2.0 * (cell.error or 0.0)
        low, high, thick = max(0.0, cell.value - spread), min(1.0, cell.value + spread), 2.0
    high = cell.value if high is None else high
    right = max(x(high), x(cell.value) + 6.0)
    return [
        f'<path d="M{x(low):.1f} {y:.1f}H{x(high):.1f}" stroke="{colour}" stroke-width="{thick:g}" opacity=".35"/>',
        _mark(kind, x(cell.value), y),
        _text(right + 6, y + 5, number_words(cell.value, column), frame.font, INK),
    ]


def _axis(
    column: Column,
    scale: tuple[float, float, float],
    rows_at: tuple[float, float],
    x: Callable[[float], float],
    frame: _Frame,
) -> list[str]:
    """Grid, ticks and the unit, below the lanes."""
    low, high, step = scale
    top, bottom = rows_at
    made = []
    count = round((high - low) / step)
    for k in range(count + 1):
        value = low + k * step
        colour = MUTED if value == 0.0 else HAIRLINE
        made.append(f'<path d="M{x(value):.1f} {top:g}V{bottom:g}" stroke="{colour}"/>')
        anchor = "start" if k == 0 and not frame.beside else "middle"
        made.append(
            _text(x(value), bottom + 1.2 * frame.font, number_words(value, column, False), frame.font, INK, anchor)
        )
    unit = say("of 100 twins") if column.unit == "fraction" else unit_words(column)
    made.append(_text(frame.left if frame.beside else 4, bottom + 2.5 * frame.font, unit, frame.font, MUTED))
    return made
