"""The event loop: follicles through time, readings of the scalp at asked moments, resumable and thread-independent.

`Follicles` are the fixed traits, `State` is where each follicle is, `Drives` are the daily clocks. `simulate` moves a
state forward and returns `Course`, the scalp at each asked day. Each follicle is a chain of events that nobody else
influences, so the loop runs over follicles in parallel and every answer is the same for any number of threads or
chunks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numba
import numpy as np
import numpy.typing as npt
from numba import prange

from follicast.biology import draws
from follicast.biology.compiled import compiled, rule, step
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
    TELOGEN_SD,
    UNPLACED,
    Guide,
    anagen_log_median,
    capped_sensitivity,
    end_on_clock,
    fill_guide,
    growth_mm_per_day,
    kenogen_chance,
    kenogen_log_median,
    next_calibre,
    reserve_log,
    shaft_diameter,
    span_of,
    stationary_start,
    telogen_log_median,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

Device = Literal["cpu", "cuda"]

# Follicles handed to a thread at a time: enough to pay for the guide to their clocks, few enough to balance.
_RUN = 4096
# Days a cell of that guide: finer finds the right day more often, coarser stays in the cache. A short run has fewer.
_DAYS_PER_CELL = 2
_CELLS_PER_FOLLICLE = 16


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

    `calibre` and `size` are logs; `size` is that of the last anagen. `anagen_end` is inf while the hair grows. `starts`
    and `sheds` count anagen starts and exogen events since the first day; `event` counts the draws used.
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

    Each leaves within `spread_days` of the pulse's day (days on the run's axis). Source: telogen effluvium, model rule
    7.
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

    `diameter_um` and `length_mm` are 0 where no shaft is out; `starts` and `sheds` are counts since the first day;
    `size` is calibre x reserve of the last anagen. `events` is the number of phase changes simulated in this call.
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


class _Traits(NamedTuple):
    """The fields of `Follicles` that the event loop reads, as numba takes them."""

    key: Any
    person: Any
    group: Any
    native_um: Any
    sensitivity: Any
    scale_log: Any
    ageing_day: Any
    placed_day: Any
    growth_in_days: Any
    harvested_day: Any


class _Places(NamedTuple):
    """The fields of `State`, as numba takes them."""

    phase: Any
    start: Any
    span: Any
    event: Any
    calibre: Any
    size: Any
    anagen_start: Any
    anagen_end: Any
    starts: Any
    sheds: Any


@compiled(parallel=True)
def _begin(f: _Traits, rates: Any, phase: Any, span: Any, anagen_start: Any, anagen_end: Any) -> None:
    """Fill in the stationary first state of every follicle; grafts wait unplaced."""
    for i in prange(phase.size):
        own = rates[f.person[i]]
        kind, run, left = stationary_start(own, f.scale_log[i], f.key[i])
        phase[i] = kind
        span[i] = left
        grown = math.exp(anagen_log_median(own, f.scale_log[i], 0.0))
        if kind == ANAGEN:
            anagen_start[i] = -run
        else:
            anagen_end[i] = -run if kind == CATAGEN else -run - math.exp(own[CATAGEN_LOG_MEDIAN])
            anagen_start[i] = anagen_end[i] - grown
        if f.ageing_day[i] <= 0.0:
            phase[i] = LOST
        if f.placed_day[i] > -math.inf:
            phase[i] = UNPLACED


def _traits(follicles: Follicles) -> _Traits:
    return _Traits(*(getattr(follicles, name) for name in _Traits._fields))


def _places(state: State) -> _Places:
    return _Places(*(getattr(state, name) for name in _Places._fields))


def begin(follicles: Follicles, rates: Floats) -> State:
    """State on the first day: a healthy scalp in its stationary mix of phases, with grafts not yet placed.

    Args:
        follicles: traits of n follicles.
        rates: float array [person, RATES].

    Returns:
        The state of the n follicles at day 0 of the run's axis.
    """
    n = follicles.count
    state = State(
        phase=np.empty(n, np.int8),
        start=np.zeros(n),
        span=np.empty(n),
        event=np.ones(n, np.int64),
        calibre=np.zeros(n),
        size=np.zeros(n),
        anagen_start=np.zeros(n),
        anagen_end=np.full(n, math.inf),
        starts=np.zeros(n, np.int32),
        sheds=np.zeros(n, np.int32),
    )
    _begin(_traits(follicles), rates, state.phase, state.span, state.anagen_start, state.anagen_end)
    return state


@rule
def _phase_end(phase: int, start: float, span: float, clock: Any, guides: Any, speeds: Any) -> float:
    """Day on which a phase ends if nothing disturbs it; `speeds` are the follicle's factors on relief by clock."""
    if phase == ANAGEN:
        return end_on_clock(clock, guides[0], ANAGEN_CLOCK, speeds[0], start, span)
    if phase == CATAGEN:
        return start + span
    return end_on_clock(clock, guides[1], EXIT_CLOCK, speeds[1], start, span)


@step
def _pulse_end(key: Any, person: int, phase: int, start: float, end: float, pulses: Any) -> float:
    """End of a phase after the insults that meet it: the first that hits ends it early."""
    day, kind, share, spread = pulses
    for j in range(day.size):
        if kind[j] == phase and start < day[j] < end and draws.uniform(key, draws.PULSE, j) < share[person, j]:
            end = min(end, day[j] + spread[j] * draws.uniform(key, draws.PULSE_DELAY, j))
    return end


@step
def _record(
    row: int, i: int, day: float, phase: int, size: float, f: _Traits, s: _Places, own: Any, clock: Any, out: Any
) -> None:
    """Write follicle i and its hair, as they are on `day`, into a row of the course."""
    o_phase, o_diameter, o_length, o_size, o_starts, o_sheds = out
    o_phase[row, i] = phase
    o_size[row, i] = math.exp(size)
    o_starts[row, i] = s.starts[i]
    o_sheds[row, i] = s.sheds[i]
    o_diameter[row, i] = 0.0
    o_length[row, i] = 0.0
    if phase <= TELOGEN:
        made = min(day, s.anagen_end[i])
        um = shaft_diameter(own, clock, f.native_um[i], f.sensitivity[i], size, made)
        mm = growth_mm_per_day(own, um) * (made - s.anagen_start[i] - own[EMERGENCE_DAYS])
        if mm > 0.0:
            o_diameter[row, i] = um
            o_length[row, i] = mm


@rule
def _renew(
    i: int, phase: int, event: int, end: float, size: float, f: _Traits, s: _Places, own: Any, clock: Any
) -> Any:
    """Telogen or kenogen is over: what follows (phase, log median and log sd of its span) and log size from then on."""
    if phase == TELOGEN:
        s.sheds[i] += 1
    reserve = reserve_log(own, clock, f.sensitivity[i], end)
    if end >= f.ageing_day[i] or reserve < own[RESERVE_THRESHOLD_LOG]:
        return LOST, 0.0, 0.0, size
    if phase == TELOGEN and draws.uniform(f.key[i], draws.KENOGEN, event) < kenogen_chance(own, size):
        return KENOGEN, kenogen_log_median(own, size), own[KENOGEN_SD], size
    calibre = next_calibre(own, clock, f.sensitivity[i], s.calibre[i], end)
    s.calibre[i] = calibre
    s.anagen_start[i] = end
    s.anagen_end[i] = math.inf
    s.starts[i] += 1
    size = calibre + reserve
    return ANAGEN, anagen_log_median(own, f.scale_log[i], size), own[ANAGEN_SD], size


@rule
def _guides(clock: Any, days: Any) -> tuple[Guide, Guide]:
    """Where to look first on the two clocks; `days` is room for both."""
    anagen = Guide(days[0], fill_guide(clock, ANAGEN_CLOCK, days[0]))
    return anagen, Guide(days[1], fill_guide(clock, EXIT_CLOCK, days[1]))


@rule
def advance_one(
    i: Any, asked: Any, own: Any, clock: Any, guides: Any, f: _Traits, s: _Places, pulses: Any, out: Any
) -> int:
    """Move follicle i to the last asked day, writing its hair at each; returns the number of events."""
    horizon = asked[-1]
    key, harvested = f.key[i], f.harvested_day[i]
    phase: Any = np.int64(s.phase[i])
    start, span, event, size = s.start[i], s.span[i], s.event[i], s.size[i]
    speeds = (
        capped_sensitivity(own[CLOCK_ANAGEN], f.sensitivity[i]),
        capped_sensitivity(own[CLOCK_EXIT], f.sensitivity[i]),
    )
    row = 0
    while True:
        if phase < LOST:
            end = _phase_end(phase, start, span, clock, guides, speeds)
            if pulses[0].size:
                end = _pulse_end(key, f.person[i], phase, start, end, pulses)
            end = min(end, harvested)
        else:
            end = f.placed_day[i] if phase == UNPLACED else math.inf
        while row < asked.size and asked[row] < end:
            _record(row, i, asked[row], phase, size, f, s, own, clock, out)
            row += 1
        if not end <= horizon:
            break
        if harvested <= end:
            phase = HARVESTED
        elif phase == UNPLACED:
            # A graft sheds its shaft and waits empty; one that does not survive never starts.
            phase, span = (KENOGEN if f.growth_in_days[i] < math.inf else LOST), f.growth_in_days[i]
        else:
            if phase == ANAGEN:
                s.anagen_end[i] = end
                phase, median, sd = CATAGEN, own[CATAGEN_LOG_MEDIAN], own[CATAGEN_SD]
            elif phase == CATAGEN:
                phase, median, sd = TELOGEN, telogen_log_median(own, size), own[TELOGEN_SD]
            else:
                phase, median, sd, size = _renew(i, phase, event, end, size, f, s, own, clock)
            span = span_of(own, median, sd, draws.uniform(key, draws.SPAN, event))
        start = end
        event += 1
    moved = event - s.event[i]
    s.phase[i], s.start[i], s.span[i], s.event[i], s.size[i] = phase, start, span, event, size
    return moved


@step
def _advance_run(
    first: int, last: int, asked: Any, rates: Any, clocks: Any, room: Any, f: _Traits, s: _Places, pulses: Any, out: Any
) -> int:
    """Move follicles first to last, all of one person and group; returns the number of events."""
    own = rates[f.person[first]]
    clock = clocks[f.person[first], f.group[first]]
    cells = min(room.shape[1], _CELLS_PER_FOLLICLE * (last - first))
    guides = _guides(clock, room[:, :cells])
    moved = 0
    for i in range(first, last):
        # Unsigned, for an index that cannot count from the end costs less.
        moved += advance_one(np.uint64(i), asked, own, clock, guides, f, s, pulses, out)
    return moved


@compiled(parallel=True)
def _advance(
    bounds: Any, asked: Any, rates: Any, clocks: Any, room: Any, f: Any, s: Any, pulses: Any, out: Any, events: Any
) -> None:
    """Move every follicle to the last asked day, runs of follicles in parallel, and count each run's events."""
    for b in prange(events.size):
        own_room = room[numba.get_thread_id()]  # type: ignore[attr-defined]
        events[b] = _advance_run(bounds[b], bounds[b + 1], asked, rates, clocks, own_room, f, s, pulses, out)


def _bounds(follicles: Follicles) -> Ints:
    """First follicle of each run of at most `_RUN` follicles of one person and group, and the end of the last run."""
    n = follicles.count
    change = (np.diff(follicles.person) != 0) | (np.diff(follicles.group) != 0)
    return np.append(np.union1d(np.arange(0, n, _RUN), np.flatnonzero(change) + 1), n)


def simulate(follicles: Follicles, drives: Drives, state: State, days: Floats, device: Device = "cpu") -> Course:
    """What do these follicles look like on each of these days?

    Steps, for each follicle: find the end of its phase on its clock; write its hair at every asked day before that;
    change phase (draw the new span, move calibre and reserve at an anagen start, lose it when spent); repeat to the
    last day.

    Args:
        follicles: traits, n follicles.
        drives: rates, clocks and pulses of their people; the clocks must reach the last day.
        state: where the follicles are; left untouched.
        days: rising days on the run's axis, none before the state's own day; the last is where the new state stands.
        device: "cuda" = on an NVIDIA GPU: the same draws, times alike to about 1e-9 (see `gpu`).

    Returns:
        The hairs at each day and the state at the last, from which the run can be resumed bit for bit.

    Raises:
        ValueError: days are empty, not rising, or beyond the clocks, or the clocks of a group were not built.
        InputError: device "cuda", and there is no GPU.
    """
    days = np.ascontiguousarray(days, np.float64)
    last = drives.clocks.shape[2] - 1
    if days.size == 0 or not np.all(np.diff(days) >= 0.0) or not days[-1] <= last or last < 1:
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
    pulses = (drives.pulses.day, drives.pulses.phase, drives.pulses.share, drives.pulses.spread_days)
    bounds = _bounds(follicles)
    if np.isnan(drives.clocks[follicles.person[bounds[:-1]], follicles.group[bounds[:-1]], 0, ANAGEN_CLOCK]).any():
        raise ValueError("the clocks of some follicles' group were not built")
    f, s, cells = _traits(follicles), _places(moved), last // _DAYS_PER_CELL + 2
    if device == "cuda":
        from follicast.biology import gpu

        moves = gpu.advance(bounds, days, drives.rates, drives.clocks, cells, f, s, pulses, out)
    else:
        room = np.empty((numba.get_num_threads(), 2, cells), np.float32)
        events = np.zeros(bounds.size - 1, np.int64)
        _advance(bounds, days, drives.rates, drives.clocks, room, f, s, pulses, out, events)
        moves = int(events.sum())
    return Course(days, *out, state=moved, events=moves)
