"""The day on which a phase ends: inversion of a clock that treatment, season and androgen speed up and slow down."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from follicast.biology.follicle import (
    ANAGEN_CLOCK,
    ANAGEN_RELIEF,
    CLOCK_COLUMNS,
    Guide,
    capped_sensitivity,
    end_on_clock,
    fill_guide,
    integral_at,
)

FAST = st.floats(0.05, 3.0)
RELIEF = st.floats(0.0, 1.0)
FACTOR = st.floats(-0.8, 0.8)
START = st.floats(0.0, 1.0)


@njit
def solve(clock: Any, c: float, start: float, span: float, cells: int = 20) -> float:
    day = np.empty(cells, np.float32)
    return end_on_clock(clock, Guide(day, fill_guide(clock, ANAGEN_CLOCK, day)), ANAGEN_CLOCK, c, start, span)


def table(speed: npt.NDArray[np.float64], relief: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The clock that runs at those daily speeds under that daily relief."""
    clock = np.zeros((speed.size + 1, len(CLOCK_COLUMNS)))
    clock[1:, ANAGEN_CLOCK] = np.cumsum(speed)
    clock[1:, ANAGEN_RELIEF] = np.cumsum(speed * relief)
    return clock


def run_between(speed: npt.NDArray[np.float64], start: float, end: float) -> float:
    """Clock days between two moments, day by day."""
    edges = np.arange(speed.size + 1.0)
    overlap = np.minimum(edges[1:], end) - np.maximum(edges[:-1], start)
    return float((np.maximum(overlap, 0.0) * speed).sum())


@given(
    days=st.lists(st.tuples(FAST, RELIEF), min_size=1, max_size=200),
    c=FACTOR,
    at=START,
    share=st.floats(0.0, 1.5),
    cells=st.integers(2, 300),
)
def test_exactly_the_span_runs_on_the_clock_before_the_phase_ends(
    days: list[tuple[float, float]], c: float, at: float, share: float, cells: int
) -> None:
    speed, relief = np.array(days).T
    start = at * speed.size
    total = speed * (1.0 + c * relief)
    left = run_between(total, start, speed.size)
    end = solve(table(speed, relief), c, start, share * left, cells)
    if share < 1.0 - 1e-9 and left > 1e-9:
        assert start <= end < speed.size + 1e-9
        assert run_between(total, start, end) == pytest.approx(share * left, abs=1e-7)
    elif share > 1.0 + 1e-9 and left > 1e-6:
        assert end == math.inf


@given(
    days=st.lists(st.tuples(FAST, RELIEF), min_size=2, max_size=100),
    c=FACTOR,
    at=START,
    span=st.floats(0.0, 100.0),
    cells=st.tuples(st.integers(2, 200), st.integers(2, 200)),
)
def test_where_the_search_begins_does_not_change_the_answer(
    days: list[tuple[float, float]],
    c: float,
    at: float,
    span: float,
    cells: tuple[int, int],
) -> None:
    speed, relief = np.array(days).T
    clock = table(speed, relief)
    one, other = (solve(clock, c, at * speed.size, span, n) for n in cells)
    assert one == other


@given(st.lists(st.tuples(FAST, RELIEF), min_size=3, max_size=60), FACTOR, START, st.floats(0.0, 30.0), st.data())
def test_what_comes_after_the_end_does_not_change_it(
    days: list[tuple[float, float]], c: float, at: float, span: float, data: st.DataObject
) -> None:
    speed, relief = np.array(days).T
    start = at * speed.size
    end = solve(table(speed, relief), c, start, span, 50)
    if end < speed.size - 1:
        later = data.draw(st.lists(st.tuples(FAST, RELIEF), min_size=1, max_size=30))
        other = np.array(days[: math.floor(end) + 1] + later).T
        assert solve(table(*other), c, start, span, 50) == end


@pytest.mark.parametrize("span", [0.0, 0.3, 2.0, 7.0])
def test_a_phase_that_ends_on_the_stroke_of_midnight_ends_then(span: float) -> None:
    clock = table(np.full(10, 0.5), np.zeros(10))
    assert solve(clock, 0.4, 2.0, 0.5) == 3.0
    assert solve(clock, 0.4, 3.0, 0.0) == 3.0
    assert solve(clock, 0.4, 0.0, 5.0) == math.inf
    assert solve(clock, 0.4, 1.0, span) == (1.0 + 2.0 * span if span < 4.5 else math.inf)


@pytest.mark.parametrize(("start", "span", "end"), [(-10.0, 2.0, -6.0), (-10.0, 5.0, 0.0), (-1.0, 1.5, 2.0)])
def test_before_its_first_day_a_clock_runs_as_on_that_day(start: float, span: float, end: float) -> None:
    clock = table(np.array([0.5, 0.5, 1.0, 1.0]), np.zeros(4))
    assert solve(clock, 0.0, start, span) == pytest.approx(end, abs=1e-12)
    assert integral_at(clock, ANAGEN_CLOCK, start) == 0.0


@pytest.mark.parametrize("bad", [math.nan, math.inf, 1e300])
def test_a_span_that_is_no_number_of_days_never_ends(bad: float) -> None:
    assert solve(table(np.full(50, 0.7), np.full(50, 0.5)), 0.3, 3.5, bad) == math.inf


@given(st.floats(-5.0, 5.0), st.floats(0.0, 50.0))
def test_relief_never_slows_a_clock_below_a_fifth(coefficient: float, sensitivity: float) -> None:
    assert 1.0 + capped_sensitivity(coefficient, sensitivity) >= 0.2 - 1e-12
    assert abs(capped_sensitivity(coefficient, sensitivity)) <= abs(coefficient * sensitivity)
