"""The event loop: follicles through time, readings of the scalp at asked moments, resumable and thread-independent.

`Follicles` are the fixed traits, `State` is where each follicle is, `Drives` are the daily clocks. `simulate` moves a state
forward and returns `Course`, the scalp at each asked day. Each follicle is a chain of events that nobody else influences,
so the loop runs over follicles in parallel and every answer is the same for any number of threads or chunks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit, prange

from follicast.biology import draws
from follicast.biology.follicle import (
    ANAGEN,
    ANAGEN_CLOCK,
    ANAGEN_SD,
    CATAGEN,
    CATAGEN_LOG_MEDIAN,
    CATAGEN_SD,
    CLOCK_ANAGEN,
    CLOCK_EXIT,
    EMERGENCE_DAYS,
    EXIT_CLOCK,
    HARVESTED,
    KENOGEN,
    KENOGEN_SD,
    LOST,
    RESERVE_THRESHOLD_LOG,
    TELOGEN,
    TELOGEN_LOG_MEDIAN,
    TELOGEN_SD,
    UNPLACED,
    anagen_log_median,
    capped_sensitivity,
    end_on_clock,
    growth_mm_per_day,
    kenogen_chance,
    kenogen_log_median,
    next_calibre,
    reserve_log,
    shaft_diameter,
    span_of,
    stationary_start,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Follicles handed to a thread at a time: large enough to hide the cost of scheduling, small enough to balance.
_BLOCK = 2048


@dataclass(frozen=True)
class Follicles:
    """Fixed traits, one entry a follicle. Days are on the run's axis (day 0 = the drives' first day).

    Attributes:
        key: counter-based key (uint64) of the follicle.
        person: row of the person in rates and drives.
        group: drive group of its place (see `treatment.GROUPS`).
        site: index of the site it is counted in.
        native_um: shaft diameter in um when healthy.
        sensitivity: androgen sensitivity, 0 = none.
        scale_log: log factor on this follicle's anagen (native vellus follicles have short anagen).
        ageing_day: day after which no new anagen starts.
        placed_day: day a graft is put in; -inf for native follicles.
        growth_in_days: dormancy of a surviving graft before its first anagen; inf for a graft that dies.
        harvested_day: day it is taken as a graft; inf if never.
    """

    key: npt.NDArray[np.uint64]
    person: Ints
    group: Ints
    site: Ints
    native_um: Floats
    sensitivity: Floats
    scale_log: Floats
    ageing_day: Floats
    placed_day: Floats
    growth_in_days: Floats
    harvested_day: Floats

    @property
    def count(self) -> int:
        """Number of follicles."""
        return int(self.key.size)

    def take(self, rows: Ints) -> Follicles:
        """The same follicles, those rows only, in that order."""
        return Follicles(**{name: getattr(self, name)[rows] for name in self.__dataclass_fields__})


@dataclass(frozen=True)
class State:
    """Where each follicle is. `start` and `span` (clock days) fix the end of the phase once the drives are known.

    `calibre` and `size` are logs; `size` is that of the last anagen. `anagen_end` is inf while the hair grows. `starts` and
    `sheds` count anagen starts and exogen events since the first day; `event` counts the draws used.
    """

    phase: npt.NDArray[np.int8]
    start: Floats
    span: Floats
    event: Ints
    calibre: Floats
    size: Floats
    anagen_start: Floats
    anagen_end: Floats
    starts: npt.NDArray[np.int32]
    sheds: npt.NDArray[np.int32]

    def copy(self) -> State:
        """A copy that can be moved on without touching this one."""
        return State(**{name: getattr(self, name).copy() for name in self.__dataclass_fields__})

    def take(self, rows: Ints) -> State:
        """The state of those rows only, in that order."""
        return State(**{name: getattr(self, name)[rows] for name in self.__dataclass_fields__})


@dataclass(frozen=True)
class Pulses:
    """Synchronising insults. One entry a pulse; `share[person, pulse]` of the follicles then in `phase` leave it.

    Each leaves within `spread_days` of the pulse's day (days on the run's axis). Source: telogen effluvium, model rule 7.
    """

    day: Floats
    phase: Ints
    share: Floats
    spread_days: Floats

    @classmethod
    def none(cls, persons: int) -> Pulses:
        """No insult for this many persons."""
        empty = np.empty(0)
        return cls(empty, np.empty(0, np.int64), np.empty((persons, 0)), empty)


@dataclass(frozen=True)
class Drives:
    """Everything outside the follicle: rates[person, RATES], clocks[person, group, day, CLOCK_COLUMNS] and pulses."""

    rates: Floats
    clocks: Floats
    pulses: Pulses

    def with_clocks(self, clocks: Floats) -> Drives:
        """The same people under other drives."""
        return replace(self, clocks=clocks)


@dataclass(frozen=True)
class Course:
    """The scalp at the asked days: arrays [day, follicle], and the state at the last day to resume from.

    `diameter_um` and `length_mm` are 0 where no shaft is out; `starts` and `sheds` are counts since the first day; `size`
    is calibre x reserve of the last anagen. `events` is the number of phase changes simulated in this call.
    """

    days: Floats
    phase: npt.NDArray[np.int8]
    diameter_um: npt.NDArray[np.float32]
    length_mm: npt.NDArray[np.float32]
    size: npt.NDArray[np.float32]
    starts: npt.NDArray[np.int32]
    sheds: npt.NDArray[np.int32]
    state: State
    events: int


@njit(cache=True, parallel=True)
def _begin(key: Any, person: Any, scale_log: Any, ageing_day: Any, placed_day: Any, rates: Any) -> Any:
    """Stationary first state of every follicle; grafts wait unplaced."""
    n = key.size
    phase = np.empty(n, np.int8)
    start = np.zeros(n)
    span = np.empty(n)
    anagen_start = np.zeros(n)
    anagen_end = np.full(n, math.inf)
    for i in prange(n):
        own = rates[person[i]]
        kind, run, left = stationary_start(own, scale_log[i], key[i])
        phase[i] = kind
        span[i] = left
        grown = math.exp(anagen_log_median(own, scale_log[i], 0.0))
        if kind == ANAGEN:
            anagen_start[i] = -run
        else:
            anagen_end[i] = -run if kind == CATAGEN else -run - math.exp(own[CATAGEN_LOG_MEDIAN])
            anagen_start[i] = anagen_end[i] - grown
        if ageing_day[i] <= 0.0:
            phase[i] = LOST
        if placed_day[i] > -math.inf:
            phase[i] = UNPLACED
    return phase, start, span, anagen_start, anagen_end


def begin(follicles: Follicles, rates: Floats) -> State:
    """State on the first day: a healthy scalp in its stationary mix of phases, with grafts not yet placed.

    Args:
        follicles: traits of n follicles.
        rates: float array [person, RATES].

    Returns:
        The state of the n follicles at day 0 of the run's axis.
    """
    phase, start, span, anagen_start, anagen_end = _begin(
        follicles.key, follicles.person, follicles.scale_log, follicles.ageing_day, follicles.placed_day, rates
    )
    n = follicles.count
    return State(
        phase=phase,
        start=start,
        span=span,
        event=np.ones(n, np.int64),
        calibre=np.zeros(n),
        size=np.zeros(n),
        anagen_start=anagen_start,
        anagen_end=anagen_end,
        starts=np.zeros(n, np.int32),
        sheds=np.zeros(n, np.int32),
    )


@njit(cache=True, inline="always")
def _pulse_end(key: Any, phase: int, start: float, end: float, pulses: Any, person: int) -> float:
    """End of a phase after the insults that meet it: the first that hits ends it early."""
    day, kind, share, spread = pulses
    for j in range(day.size):
        if kind[j] == phase and start < day[j] < end and draws.uniform(key, draws.PULSE, j) < share[person, j]:
            end = min(end, day[j] + spread[j] * draws.uniform(key, draws.PULSE_DELAY, j))
    return end


@njit(cache=True, inline="always")
def _phase_end(i: int, own: Any, clock: Any, ca: float, ce: float, f: Any, s: Any, pulses: Any) -> float:
    """Day on which follicle i leaves its phase under these drives, insults and harvest included."""
    key, person, placed_day, harvested_day = f
    phase, start, span = s
    kind = phase[i]
    if kind == ANAGEN:
        end = end_on_clock(clock, ANAGEN_CLOCK, ca, start[i], span[i])
    elif kind == TELOGEN or kind == KENOGEN:
        end = end_on_clock(clock, EXIT_CLOCK, ce, start[i], span[i])
    elif kind == CATAGEN:
        end = start[i] + span[i]
    elif kind == UNPLACED:
        return placed_day[i]
    else:
        return math.inf
    if pulses[0].size:
        end = _pulse_end(key[i], kind, start[i], end, pulses, person[i])
    return min(end, harvested_day[i])


@njit(cache=True)
def _advance_one(i: int, horizon: float, asked: Any, own: Any, clock: Any, traits: Any, state: Any, pulses: Any, out: Any) -> int:
    """Move follicle i to the horizon, writing its hair at each asked day; returns the number of events."""
    key, person, native_um, sensitivity, scale_log, ageing_day, placed_day, growth_in, harvested_day = traits
    phase, start, span, event, calibre, size, anagen_start, anagen_end, starts, sheds = state
    o_phase, o_diameter, o_length, o_size, o_starts, o_sheds = out
    s = sensitivity[i]
    ca = capped_sensitivity(own[CLOCK_ANAGEN], s)
    ce = capped_sensitivity(own[CLOCK_EXIT], s)
    ends = (key, person, placed_day, harvested_day)
    moved = 0
    next_asked = 0
    while True:
        end = _phase_end(i, own, clock, ca, ce, ends, (phase, start, span), pulses)
        while next_asked < asked.size and asked[next_asked] < end:
            day = asked[next_asked]
            kind = phase[i]
            o_phase[next_asked, i] = kind
            o_size[next_asked, i] = math.exp(size[i])
            o_starts[next_asked, i] = starts[i]
            o_sheds[next_asked, i] = sheds[i]
            o_diameter[next_asked, i] = 0.0
            o_length[next_asked, i] = 0.0
            if kind <= TELOGEN:
                made = min(day, anagen_end[i])
                um = shaft_diameter(own, clock, native_um[i], s, size[i], made)
                mm = growth_mm_per_day(own, um) * (made - anagen_start[i] - own[EMERGENCE_DAYS])
                if mm > 0.0:
                    o_diameter[next_asked, i] = um
                    o_length[next_asked, i] = mm
            next_asked += 1
        if not end <= horizon:
            return moved
        moved += 1
        kind = phase[i]
        if harvested_day[i] <= end:
            phase[i] = HARVESTED
        elif kind == ANAGEN:
            phase[i] = CATAGEN
            anagen_end[i] = end
            span[i] = span_of(own, own[CATAGEN_LOG_MEDIAN], own[CATAGEN_SD], draws.uniform(key[i], draws.SPAN, event[i]))
        elif kind == CATAGEN:
            phase[i] = TELOGEN
            span[i] = span_of(own, own[TELOGEN_LOG_MEDIAN], own[TELOGEN_SD], draws.uniform(key[i], draws.SPAN, event[i]))
        elif kind == UNPLACED:
            # A graft sheds its shaft and waits empty; one that does not survive never starts.
            phase[i] = KENOGEN if growth_in[i] < math.inf else LOST
            span[i] = growth_in[i]
        else:
            reserve = reserve_log(own, clock, s, end)
            if kind == TELOGEN:
                sheds[i] += 1
            if end >= ageing_day[i] or reserve < own[RESERVE_THRESHOLD_LOG]:
                phase[i] = LOST
            elif kind == TELOGEN and draws.uniform(key[i], draws.KENOGEN, event[i]) < kenogen_chance(own, size[i]):
                phase[i] = KENOGEN
                u = draws.uniform(key[i], draws.SPAN, event[i])
                span[i] = span_of(own, kenogen_log_median(own, size[i]), own[KENOGEN_SD], u)
            else:
                phase[i] = ANAGEN
                calibre[i] = next_calibre(own, clock, s, calibre[i], end)
                size[i] = calibre[i] + reserve
                anagen_start[i] = end
                anagen_end[i] = math.inf
                starts[i] += 1
                u = draws.uniform(key[i], draws.SPAN, event[i])
                span[i] = span_of(own, anagen_log_median(own, scale_log[i], size[i]), own[ANAGEN_SD], u)
        start[i] = end
        event[i] += 1


@njit(cache=True, parallel=True)
def _advance(horizon: float, asked: Any, rates: Any, clocks: Any, group: Any, traits: Any, state: Any, pulses: Any, out: Any) -> int:
    """Move every follicle to the horizon, blocks of follicles in parallel; returns the number of events."""
    n = traits[0].size
    person = traits[1]
    blocks = (n + _BLOCK - 1) // _BLOCK
    moved = np.zeros(blocks, np.int64)
    for b in prange(blocks):
        for i in range(b * _BLOCK, min(n, (b + 1) * _BLOCK)):
            p = person[i]
            moved[b] += _advance_one(i, horizon, asked, rates[p], clocks[p, group[i]], traits, state, pulses, out)
    return moved.sum()


def simulate(follicles: Follicles, drives: Drives, state: State, days: Floats) -> Course:
    """What do these follicles look like on each of these days?

    Steps, for each follicle: find the end of its phase on its clock; write its hair at every asked day before that; change
    phase (draw the new span, move calibre and reserve at an anagen start, lose it when spent); repeat to the last day.

    Args:
        follicles: traits, n follicles.
        drives: rates, clocks and pulses of their people; the clocks must reach the last day.
        state: where the follicles are; left untouched.
        days: rising days on the run's axis, none before the state's own day; the last is where the new state stands.

    Returns:
        The hairs at each day and the state at the last, from which the run can be resumed bit for bit.

    Raises:
        ValueError: days are empty, not rising, or beyond the clocks.
    """
    days = np.ascontiguousarray(days, np.float64)
    last = drives.clocks.shape[2] - 1
    if days.size == 0 or np.any(np.diff(days) < 0.0) or days[-1] > last:
        raise ValueError(f"days must rise and stay within the drives' {last} days")
    moved = state.copy()
    shape = (days.size, follicles.count)
    out = (
        np.empty(shape, np.int8),
        np.empty(shape, np.float32),
        np.empty(shape, np.float32),
        np.empty(shape, np.float32),
        np.empty(shape, np.int32),
        np.empty(shape, np.int32),
    )
    f = follicles
    traits = (
        f.key,
        f.person,
        f.native_um,
        f.sensitivity,
        f.scale_log,
        f.ageing_day,
        f.placed_day,
        f.growth_in_days,
        f.harvested_day,
    )
    arrays = tuple(getattr(moved, name) for name in moved.__dataclass_fields__)
    pulses = (drives.pulses.day, drives.pulses.phase, drives.pulses.share, drives.pulses.spread_days)
    events = _advance(float(days[-1]), days, drives.rates, drives.clocks, f.group, traits, arrays, pulses, out)
    return Course(days, *out, state=moved, events=int(events))
