"""How fast is the follicle kernel? `PYTHONPATH=src .venv/bin/python bench/kernel.py` prints a row a question.

Each row is the median of five runs; of what is compared, runs take turns. With `--flat MOST` it prints instead what a
follicle-year costs from 10,000 follicles to MOST (100000000, say), a chunk at a time, and the most memory held.
`--quick` prints the events per second only.

The scalp is that of a man who began to lose hair at 20, seen from 20 to 50, with every rule of the model on:
finasteride, minoxidil and a session of exosomes every 25 days from the first year on, season and inflammation
included.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numba
import numpy as np
import numpy.typing as npt

from follicast.biology.scalp import Site, place_follicles
from follicast.biology.simulate import Course, Device, Drives, Follicles, Pulses, begin, simulate
from follicast.biology.treatment import INFLAMMATION_LOG, ONSET_DAY, SEASON_AMPLITUDE, Line, build_clocks
from follicast.knowledge.load import Knowledge
from follicast.measurement.instruments import read
from follicast.people.person import Person, Scalp
from follicast.people.population import Population, draw_population, prior_latents
from follicast.quantities import ZONES

YEARS = 30
DAYS = round(YEARS * 365.25) + 1
RUNS = 5
CHUNK = 100_000
THERAPIES = ("finasteride-oral", "minoxidil-topical-5", "exosome")
MAN = Person(date(2026, 11, 20), "bench", "male", 50.0, "caucasian", years_of_loss=(29.0, 30.0), scalp=Scalp("high"))
LINES = (
    Line(0, 365.0, np.inf, 1.0),
    Line(1, 365.0, np.inf, 0.8),
    Line(2, 365.0, np.inf, 1.0, tuple(float(day) for day in range(365, DAYS, 25))),
)


@dataclass(frozen=True)
class Scene:
    """Some people, their patches of scalp and follicles, and their drives."""

    people: Population
    sites: tuple[Site, ...]
    follicles: Follicles
    drives: Drives

    def place(self) -> Follicles:
        return place_follicles(0, self.people.scalps, self.sites)

    def build(self) -> npt.NDArray[np.float64]:
        return build_clocks(self.people.pharmacy, self.people.drives, LINES, self.people.season(DAYS))

    def run(self, device: Device = "cpu") -> Course:
        start = begin(self.follicles, self.drives.rates)
        return simulate(self.follicles, self.drives, start, np.array([0.0, DAYS - 1.0]), device)


def scene(people: int, follicles: int, lines: tuple[Line, ...] = LINES) -> Scene:
    """So many people with about so many follicles each, shared over the zones by area."""
    knowledge = Knowledge.load()
    members = np.arange(people)
    latents = prior_latents(0, members) if people > 1 else np.zeros_like(prior_latents(0, members))
    drawn = draw_population(MAN, knowledge, THERAPIES, 0, members, latents)
    area = np.array([knowledge.parameters[f"zone.area.{zone}"].value for zone in ZONES])
    area *= follicles / float((drawn.scalps.density @ area).mean())
    sites = tuple(Site(zone, float(cm2)) for zone, cm2 in zip(ZONES, area, strict=True))
    clocks = build_clocks(drawn.pharmacy, drawn.drives, lines, drawn.season(DAYS))
    drives = Drives(drawn.rates, clocks, Pulses.none(people))
    return Scene(drawn, sites, place_follicles(0, drawn.scalps, sites), drives)


def seconds(work: Callable[[], object], threads: int = 2) -> float:
    """Median of some runs on so many threads, after one that is not counted."""
    numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
    work()
    taken = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def row(name: str, value: float, unit: str) -> None:
    print(f"{name:<68} {value:9.3f} {unit}", flush=True)


def rate_rows(name: str, bench: Scene, target: float | None = None) -> None:
    """Events per second on one thread and on two, and what the second brings, taking turns on a machine that drifts."""
    events = bench.run().events
    taken: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(2 * RUNS):
        for threads, times in taken.items():
            numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
            begun = time.perf_counter()
            bench.run()
            times.append(time.perf_counter() - begun)
    middle = {threads: events / statistics.median(times) / 1e6 for threads, times in taken.items()}
    best = {threads: events / min(times) / 1e6 for threads, times in taken.items()}
    ratios = [one / two for one, two in zip(taken[1], taken[2], strict=True)]
    wanted = "" if target is None else f", target {target:g}"
    spent = time.process_time()
    numba.set_num_threads(1)
    bench.run()
    spent = time.process_time() - spent
    row(f"{name}, 1 thread, by processor time", events / spent / 1e6, "million events/s")
    row(f"{name}, 1 thread", middle[1], f"million events/s (best {best[1]:.1f})")
    row(f"{name}, 2 threads", middle[2], f"million events/s (best {best[2]:.1f}{wanted})")
    row(f"{name}, 2 threads / 1 thread", statistics.median(ratios), "times (pair by pair)")


def on_gpu(bench: Scene) -> None:
    """Events per second on the GPU, transfers included, and whether it agrees with the processor."""
    row(f"full rules, {bench.follicles.count:,} follicles, GPU", seconds(lambda: bench.run("cuda")), "s")
    mine, theirs = bench.run(), bench.run("cuda")
    row("events on the processor", mine.events / 1e6, "million")
    row("events on the GPU", theirs.events / 1e6, "million")
    row("follicles that end in another phase", float((mine.phase[-1] != theirs.phase[-1]).sum()), "")
    same = (mine.phase[-1] == theirs.phase[-1]) & (mine.diameter_um[-1] > 0.0)
    off = np.abs(theirs.diameter_um[-1] / np.where(same, mine.diameter_um[-1], 1.0) - 1.0)[same]
    row("largest difference of a diameter, share of it", float(off.max()) * 1e6, "millionths")


def flat(most: int) -> None:
    """Processor time of a follicle-year by number of follicles on one thread: placed, begun and moved, in chunks."""
    numba.set_num_threads(1)
    counts = [10**k for k in range(4, 19) if 10**k <= most]
    base = 0.0
    for count in counts:
        bench = scene(1, min(count, CHUNK))
        times, years = [], 0.0
        for repeat in range(RUNS if count <= 10 * CHUNK else 1):
            begun, years = time.process_time(), 0.0
            for seed in range(max(1, count // CHUNK)):
                follicles = place_follicles(1 + seed + repeat, bench.people.scalps, bench.sites)
                Scene(bench.people, bench.sites, follicles, bench.drives).run()
                years += follicles.count * YEARS
            times.append(time.process_time() - begun)
        cost = 1e9 * min(times) / years
        base = base or cost
        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        row(
            f"{count:,} follicles: a follicle-year, 1 thread",
            cost,
            f"ns ({cost / base:.2f} x the first; {held:.2f} GB)",
        )


def whole_scalp(bench: Scene) -> None:
    head = f"{bench.follicles.count:,} follicles, {YEARS} years"
    move, drive, place = seconds(bench.run), seconds(bench.build), seconds(bench.place)
    row(f"whole scalp, {head}: events", bench.run().events / 1e6, "million")
    row(f"whole scalp, {head}: simulate", move, "s")
    row(f"whole scalp, {head}: with drives and placing", move + drive + place, "s")


def ensemble(bench: Scene) -> None:
    days = np.append(np.arange(0.0, DAYS - 1, 365.25), DAYS - 1.0)
    f, d = bench.follicles, bench.drives
    course = simulate(f, d, begin(f, d.rates), days)
    head = f"{bench.people.size} people, {f.count:,} follicles, {YEARS} years"
    row(f"{head}: place follicles", seconds(bench.place), "s")
    row(f"{head}: build drives", seconds(bench.build), "s")
    row(f"{head}: simulate", seconds(bench.run), "s")
    row(f"{head}: simulate, read every year", seconds(lambda: simulate(f, d, begin(f, d.rates), days)), "s")
    row(f"{head}: instruments every year", seconds(lambda: read(course, f, d.rates, bench.sites)), "s")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--flat", type=int, metavar="MOST")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    asked = parser.parse_args()
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}", flush=True)
    if asked.device == "cuda":
        return on_gpu(scene(1, 1_000_000))
    if asked.flat is not None:
        return flat(asked.flat)
    one_scalp = scene(1, 100_000)
    rate_rows("cycle only, one scalp", healthy(one_scalp), 45.0)
    rate_rows("full rules and drives, one scalp", one_scalp, 30.0)
    rate_rows("full rules and drives, 100 people", scene(100, 1000))
    if not asked.quick:
        whole_scalp(one_scalp)
        ensemble(scene(400, 900))


def healthy(bench: Scene) -> Scene:
    """The same follicles cycling for ever: no androgen response, no season, no treatment."""
    people = bench.people
    drives = people.drives.copy()
    drives[:, [ONSET_DAY, SEASON_AMPLITUDE, INFLAMMATION_LOG]] = np.inf, 0.0, 0.0
    clocks = build_clocks(people.pharmacy, drives, (), people.season(DAYS))
    return Scene(people, bench.sites, bench.follicles, bench.drives.with_clocks(clocks))


if __name__ == "__main__":
    sys.exit(main())
