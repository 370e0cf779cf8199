"""How fast is the follicle kernel? `PYTHONPATH=src .venv/bin/python bench/kernel.py` prints a row a question.

Each row is the median of five runs.

The scalp is that of a man who began to lose hair at 20, seen from 20 to 50, with every rule of the model on:
finasteride, minoxidil and a session of exosomes every 25 days from the first year on, season and inflammation
included.
"""

from __future__ import annotations

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
from follicast.biology.simulate import Course, Drives, Follicles, Pulses, begin, simulate
from follicast.biology.treatment import Line, build_clocks
from follicast.knowledge.load import Knowledge
from follicast.measurement.instruments import read
from follicast.people.person import Person, Scalp
from follicast.people.population import Population, draw_population, prior_latents
from follicast.quantities import ZONES

YEARS = 30
DAYS = round(YEARS * 365.25) + 1
RUNS = 5
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

    def run(self) -> Course:
        start = begin(self.follicles, self.drives.rates)
        return simulate(self.follicles, self.drives, start, np.array([0.0, DAYS - 1.0]))


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


def rate_rows(name: str, bench: Scene) -> None:
    """Events per second on one thread and on two, and what the second brings."""
    events = bench.run().events
    one, two = (events / seconds(bench.run, threads) / 1e6 for threads in (1, 2))
    row(f"{name}, 1 thread", one, "million events/s")
    row(f"{name}, 2 threads", two, "million events/s")
    row(f"{name}, 2 threads / 1 thread", two / one, "times")


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
    one_scalp = scene(1, 100_000)
    rate_rows("full rules and drives, one scalp", one_scalp)
    rate_rows("full rules and drives, 100 people", scene(100, 1000))
    rate_rows("cycle only, one scalp", healthy(one_scalp))
    whole_scalp(one_scalp)
    ensemble(scene(400, 900))


def healthy(bench: Scene) -> Scene:
    """The same follicles cycling for ever: no androgen response, no season, no treatment."""
    people = bench.people
    drives = np.tile([np.inf, 1.0, 0.0, 0.0], (people.size, 1))
    clocks = build_clocks(people.pharmacy, drives, (), people.season(DAYS))
    return Scene(people, bench.sites, bench.follicles, bench.drives.with_clocks(clocks))


if __name__ == "__main__":
    sys.exit(main())
