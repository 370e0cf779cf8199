"""How does the kernel compare with the same model written for starsim, mesa, simpy and NumPy? Prints a table.

    pip install ".[bench]"; python bench/peers.py [--follicles 100000] [--years 30] [--only NAME ...]

The model is the cycle alone: anagen, catagen, telogen and sometimes kenogen, each of lognormal length, no rule and no
drive besides; all five begin with the same follicles in the same phases. The kernel and simpy go from event to event;
NumPy, starsim and mesa go day by day, as their tutorials do, and carry what is left of a day over; "numpy lean" is the
leanest that we could write. What is too slow
for the full size runs a smaller one, and a row of half its follicle-years beside it says whether its cost is linear.
Only the running is timed, not the making of objects. Every row is the median of runs that take turns.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import math
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from kernel import healthy, scene

from follicast.biology.follicle import (
    ANAGEN,
    ANAGEN_LOG_MEDIAN,
    ANAGEN_SD,
    CATAGEN,
    CATAGEN_LOG_MEDIAN,
    CATAGEN_SD,
    KENOGEN,
    KENOGEN_LOG_MEDIAN,
    KENOGEN_PROBABILITY,
    KENOGEN_SD,
    TELOGEN,
    TELOGEN_LOG_MEDIAN,
    TELOGEN_SD,
)
from follicast.biology.simulate import begin, simulate

DAYS_A_YEAR = 365
TARGETS = {"starsim": 500.0, "numpy daily": 15.0}
STANDARD_ERRORS = 4.0
NEXT = np.array([CATAGEN, TELOGEN, KENOGEN, ANAGEN])


@dataclass(frozen=True)
class Cycle:
    """The model that all five run: log medians and log sds by phase, chance of kenogen, and how the follicles begin."""

    medians: list[float]
    sds: list[float]
    empty: float
    phase: Any
    left: Any


@dataclass(frozen=True)
class Peer:
    """A way to run it: `make(cycle, days, seed)` gives what to time, which returns the phases at the end."""

    name: str
    package: str | None
    follicles: int
    years: float
    make: Callable[[Cycle, int, int], Callable[[], Any]]


def cycle_of(follicles: int) -> tuple[Cycle, Any]:
    """A healthy scalp in its stationary mix of phases, and the scene in which the kernel runs it."""
    whole = healthy(scene(1, follicles))
    usual = whole.follicles.take(np.arange(whole.follicles.count))
    usual.scale_log[:], usual.ageing_day[:], usual.sensitivity[:] = 0.0, np.inf, 0.0
    same = type(whole)(whole.people, whole.sites, usual, whole.drives)
    rates = whole.drives.rates[0]
    state = begin(usual, whole.drives.rates)
    medians = rates[[ANAGEN_LOG_MEDIAN, CATAGEN_LOG_MEDIAN, TELOGEN_LOG_MEDIAN, KENOGEN_LOG_MEDIAN]]
    sds = rates[[ANAGEN_SD, CATAGEN_SD, TELOGEN_SD, KENOGEN_SD]]
    empty = float(rates[KENOGEN_PROBABILITY])
    return Cycle(medians.tolist(), sds.tolist(), empty, state.phase.astype(np.int64), state.span.copy()), same


def first(cycle: Cycle, count: int) -> Cycle:
    """The model with only some of its follicles, taken evenly over all of them."""
    rows = np.linspace(0, cycle.phase.size - 1, count).astype(int)
    return Cycle(cycle.medians, cycle.sds, cycle.empty, cycle.phase[rows], cycle.left[rows])


def numpy_daily(cycle: Cycle, days: int, seed: int) -> Callable[[], Any]:
    """All follicles a day at a time, a mask a phase: those that are due move on and draw anew."""

    def run() -> Any:
        rng = np.random.default_rng(seed)
        phase, left = cycle.phase.copy(), cycle.left.copy()
        for _ in range(days):
            left -= 1.0
            over = left <= 0.0
            leaving = [over & (phase == k) for k in (ANAGEN, CATAGEN, TELOGEN, KENOGEN)]
            for k, mask in enumerate(leaving):
                after = np.full(int(mask.sum()), NEXT[k])
                after[(after == KENOGEN) & (rng.random(after.size) >= cycle.empty)] = ANAGEN
                phase[mask] = after
                left[mask] += rng.lognormal(np.array(cycle.medians)[after], np.array(cycle.sds)[after])
        return phase

    return run


def numpy_lean(cycle: Cycle, days: int, seed: int) -> Callable[[], Any]:
    """The same without masks: one pass to count down, one to find who is due, and nothing done for anybody else."""
    medians, sds = np.array(cycle.medians), np.array(cycle.sds)

    def run() -> Any:
        rng = np.random.default_rng(seed)
        phase, left = cycle.phase.copy(), cycle.left.copy()
        for _ in range(days):
            left -= 1.0
            due = np.flatnonzero(left <= 0.0)
            after = NEXT[phase[due]]
            after[(after == KENOGEN) & (rng.random(due.size) >= cycle.empty)] = ANAGEN
            phase[due] = after
            left[due] += rng.lognormal(medians[after], sds[after])
        return phase

    return run


def simpy_events(cycle: Cycle, days: int, seed: int) -> Callable[[], Any]:
    """A process a follicle, which sleeps until its phase ends."""
    import random

    import simpy

    draw = random.Random(seed)
    phases = cycle.phase.tolist()

    def live(env: Any, number: int, phase: int, left: float) -> Any:
        yield env.timeout(left)
        while True:
            phase = int(NEXT_LIST[phase])
            if phase == KENOGEN and draw.random() >= cycle.empty:
                phase = ANAGEN
            phases[number] = phase
            yield env.timeout(draw.lognormvariate(cycle.medians[phase], cycle.sds[phase]))

    env = simpy.Environment()
    for number, (phase, left) in enumerate(zip(cycle.phase.tolist(), cycle.left.tolist(), strict=True)):
        env.process(live(env, number, phase, left))

    def run() -> Any:
        env.run(until=days)
        return np.array(phases)

    return run


NEXT_LIST = NEXT.tolist()


def mesa_agents(cycle: Cycle, days: int, seed: int) -> Callable[[], Any]:
    """An agent a follicle, asked every day."""
    import mesa

    class Follicle(mesa.Agent):  # type: ignore[misc]
        def __init__(self, model: Any, phase: int, left: float) -> None:
            super().__init__(model)
            self.phase, self.left = phase, left

        def step(self) -> None:
            self.left -= 1.0
            if self.left <= 0.0:
                draw = self.model.random
                phase = NEXT_LIST[self.phase]
                if phase == KENOGEN and draw.random() >= cycle.empty:
                    phase = ANAGEN
                self.phase = phase
                self.left += draw.lognormvariate(cycle.medians[phase], cycle.sds[phase])

    class Scalp(mesa.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(seed=seed)
            Follicle.create_agents(self, cycle.phase.size, cycle.phase.tolist(), cycle.left.tolist())

        def step(self) -> None:
            self.agents.do("step")

    scalp = Scalp()

    def run() -> Any:
        for _ in range(days):
            scalp.step()
        return np.array([agent.phase for agent in scalp.agents])

    return run


def starsim_module(cycle: Cycle, days: int, seed: int) -> Callable[[], Any]:
    """A module as in its tutorial: a state a phase, the step at which it ends, a distribution a phase."""
    import starsim as ss

    names = ("anagen", "catagen", "telogen", "kenogen")

    class Hair(ss.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(name="hair")
            self.define_states(*(ss.BoolState(name) for name in names), ss.FloatArr("ti_next", default=0.0))
            self.spans = [
                ss.lognorm_im(mean=m, sigma=sd, name=f"span{k}")
                for k, (m, sd) in enumerate(zip(cycle.medians, cycle.sds, strict=True))
            ]
            self.empty = ss.bernoulli(p=cycle.empty)

        def init_post(self) -> None:
            super().init_post()
            for k, name in enumerate(names):
                getattr(self, name)[:] = cycle.phase == k
            self.ti_next[:] = cycle.left

        def enter(self, k: int, uids: Any) -> None:
            getattr(self, names[k])[uids] = True
            self.ti_next[uids] = self.ti_next[uids] + self.spans[k].rvs(uids)

        def step(self) -> None:
            over = self.ti_next <= self.ti
            leaving = [(getattr(self, name) & over).uids for name in names]
            for k, uids in enumerate(leaving):
                if len(uids):
                    getattr(self, names[k])[uids] = False
                    if k == TELOGEN:
                        empty, full = self.empty.split(uids)
                        self.enter(KENOGEN, empty)
                        self.enter(ANAGEN, full)
                    else:
                        self.enter(int(NEXT[k]), uids)

    hair = Hair()
    stop = ss.date("2000-01-01") + ss.days(days - 1)
    sim = ss.Sim(
        modules=hair, n_agents=cycle.phase.size, dt=ss.days(1), start="2000-01-01", stop=stop, rand_seed=seed, verbose=0
    )
    sim.init()

    def run() -> Any:
        sim.run()
        made = next(iter(sim.modules))
        return np.argmax([np.asarray(getattr(made, name).values) for name in names], axis=0)

    return run


def kernel_on(same: Any, threads: int) -> Callable[[Cycle, int, int], Callable[[], Any]]:
    """The kernel on so many threads; what it begins with and draws is in the scene."""

    def make(_cycle: Cycle, days: int, _seed: int) -> Callable[[], Any]:
        def run() -> Any:
            numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
            rates = same.drives.rates
            return simulate(same.follicles, same.drives, begin(same.follicles, rates), np.array([float(days)])).phase[0]

        return run

    return make


def missing(peer: Peer) -> bool:
    """Whether what the peer needs is not installed."""
    try:
        return peer.package is not None and not importlib.metadata.version(peer.package)
    except importlib.metadata.PackageNotFoundError:
        return True


def measure(peers: list[Peer], cycle: Cycle, repeats: int, *, cpu: bool) -> dict[str, tuple[float, float, float]]:
    """Median seconds at full and at half size, and the anagen share at the end, by peer; runs take turns."""
    taken: dict[str, list[list[float]]] = {peer.name: [[], []] for peer in peers}
    shares: dict[str, list[float]] = {peer.name: [] for peer in peers}
    for repeat in range(-1, repeats):
        for peer in peers:
            for half in (0, 1):
                days = round(peer.years * DAYS_A_YEAR / (2 if half else 1))
                run = peer.make(first(cycle, peer.follicles), days, 1 + repeat)
                began, spent = time.perf_counter(), time.process_time()
                phase = run()
                seconds = time.process_time() - spent if cpu else time.perf_counter() - began
                if repeat >= 0:
                    taken[peer.name][half].append(seconds)
                    if not half:
                        shares[peer.name].append(anagen_share(phase))
        print(f"  round {repeat + 2} of {repeats + 1} done", file=sys.stderr, flush=True)
    return {
        name: (statistics.median(whole), statistics.median(half), shares[name][0])
        for name, (whole, half) in taken.items()
    }


def anagen_share(phase: Any) -> float:
    return float(np.mean(np.asarray(phase) == ANAGEN))


def table(peers: list[Peer], found: dict[str, tuple[float, float, float]], best: str) -> bool:
    """Print the rows; whether all agree in their anagen share."""
    head = ("follicles", "years", "seconds", "ns / fol.-year", "half size", "anagen %", "off by")
    print(f"{'':<20}" + "".join(f"{word:>15}" for word in head) + f"{best + ' is faster':>26}")
    rate = {p.name: found[p.name][0] / (p.follicles * p.years) for p in peers}
    reference = found[best][2]
    agree = True
    for peer in peers:
        seconds, half, share = found[peer.name]
        error = math.sqrt(share * (1.0 - share) * (1.0 / peer.follicles + 1.0 / peers[0].follicles))
        off = abs(share - reference) / error
        agree &= off < STANDARD_ERRORS
        linear = half / seconds * 2.0
        target = TARGETS.get(peer.name)
        wanted = f" (target {target:g})" if target else ""
        print(
            f"{peer.name:<20}{peer.follicles:>15,}{peer.years:>15g}{seconds:>15.3f}{1e9 * rate[peer.name]:>15,.1f}"
            f"{linear:>14.2f}x{1e2 * share:>15.2f}{off:>12.1f} se{rate[peer.name] / rate[best]:>12,.1f} times{wanted}",
            flush=True,
        )
    return agree


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--follicles", type=int, default=100_000)
    parser.add_argument("--years", type=float, default=30.0)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", nargs="*", help="names of peers")
    parser.add_argument(
        "--cpu", action="store_true", help="seconds of processor, summed over threads: on a busy machine"
    )
    asked = parser.parse_args()
    cycle, same = cycle_of(asked.follicles)
    n = cycle.phase.size
    best = "kernel, 1 thread" if asked.cpu else "kernel, 2 threads"
    peers = [
        Peer("kernel, 1 thread", None, n, asked.years, kernel_on(same, 1)),
        Peer("kernel, 2 threads", None, n, asked.years, kernel_on(same, 2)),
        Peer("numpy daily", "numpy", n, asked.years, numpy_daily),
        Peer("numpy lean", "numpy", n, asked.years, numpy_lean),
        Peer("starsim", "starsim", n, min(asked.years, 2.0), starsim_module),
        Peer("simpy", "simpy", min(n, 5_000), asked.years, simpy_events),
        Peer("mesa", "mesa", min(n, 2_000), min(asked.years, 4.0), mesa_agents),
    ]
    absent = [peer.name for peer in peers if missing(peer)]
    if absent:
        print(f'NOT MEASURED, not installed: {", ".join(absent)}; pip install ".[bench]" brings them.')
    chosen = [p for p in peers if p.name not in absent and (not asked.only or p.name in asked.only or p.name == best)]
    versions = (f"{p.package} {importlib.metadata.version(p.package)}" for p in chosen if p.package)
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; {', '.join(versions)}", flush=True)
    agree = table(chosen, measure(chosen, cycle, asked.repeats, cpu=asked.cpu), best)
    print("'half size' is the cost of a follicle-year at half the years over that at the full ones: 1 is linear.")
    print(f"The anagen shares at the end agree within {STANDARD_ERRORS:g} standard errors: {'yes' if agree else 'NO'}.")
    if not agree:
        sys.exit("not the same model")


if __name__ == "__main__":
    main()
