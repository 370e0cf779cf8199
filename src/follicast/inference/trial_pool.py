"""Virtual people of a designed trial, lived once through every arm: what is true of each at every visit.

Replicates of the trial only draw people from the pool and add what a trial adds (errors, dummies, people who leave), so
thousands of trials cost little more than one. Every arm is lived with the same draws, so the pool's effect is exact.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from follicast.biology.scalp import Site
from follicast.biology.simulate import Course
from follicast.biology.treatment import Line
from follicast.inference.rehearsed import uncertain_names, widened
from follicast.inference.trial_people import START, Setup, Standing, play_lines, stage_weights, stand_on
from follicast.knowledge.load import Knowledge
from follicast.knowledge.posterior import Shared
from follicast.knowledge.therapy import Graft
from follicast.knowledge.trial import Use
from follicast.knowledge.trial_design import assumed
from follicast.measurement.instruments import Readings, coverage_score, phototrichogram_anagen, read
from follicast.people.beliefs import believed, named_uniforms, quantiles
from follicast.people.design import Design, Endpoint
from follicast.quantities import DAYS_PER_WEEK, DAYS_PER_YEAR

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Progress = Callable[[str, float], None]

# People who live together: their daily clocks fill the memory, and each group has an age and an adherence of its own,
# so a world has as many groups as these, that its people differ in both, and in sex, whatever the world.
_TOGETHER, _GROUPS = 125, 8
_GOES_ON: Final = -1


@dataclass(frozen=True)
class Cell:
    """One thing that can befall a person's site: an arm, the half of the scalp, and the arm of each period."""

    arm: int
    half: int = 0
    second: int | None = None


@dataclass(frozen=True)
class Pool:
    """What is true of virtual people.

    `truth[endpoint, cell, state, visit, person]`, in each endpoint's unit (photographs: see `latent_photograph`); state
    0 goes on to the end, state k gives up half way to visit k. `entry` is the total hairs/cm2 where the first endpoint
    is read, before the trial; `stage` the chance that a rater finds the stage that the design takes in. `world` is the
    number of the joint draw, people of one world standing together.
    """

    cells: tuple[Cell, ...]
    truth: Floats
    entry: Floats
    stage: Floats
    world: Ints
    female: npt.NDArray[np.bool_]
    age: Floats
    adherence: Floats

    @property
    def size(self) -> int:
        """How many people."""
        return int(self.world.size)

    @property
    def worlds(self) -> int:
        """How many joint draws."""
        return int(self.world[-1]) + 1


def cells_of(design: Design) -> tuple[Cell, ...]:
    """The cells that a design needs, the arms first, then what its null comparison needs beside them."""
    if design.kind == "split-scalp":
        test, other = design.analysis.test[0], design.analysis.against[0]
        return (Cell(test, 0), Cell(other, 1), Cell(other, 0), Cell(test, 1))
    if design.kind == "crossover":
        return (Cell(0, 0, 1), Cell(1, 0, 0), Cell(1, 0, 1))
    return tuple(Cell(k) for k in range(len(design.arms)))


def worlds_of(design: Design, knowledge: Knowledge, seed: int) -> list[Knowledge]:
    """The joint draws in which the trial is held, each as knowledge that all its people share.

    Args:
        design: whose `truth` says which.
        knowledge: in force.
        seed: of the places of numbers that were not calibrated.

    Returns:
        One for a fixed truth, else as many as the design asks for.
    """
    if design.truth.drawn:
        wide = widened(knowledge, design.truth.draws, seed)
        return [replace(wide, shared=wide.shared.at(k)) for k in range(wide.shared.draws)]
    from scipy.special import ndtri

    shared = knowledge.shared
    places = dict.fromkeys(uncertain_names(knowledge), 0.0)
    places |= {name: float(np.median(shared.z[:, i])) for i, name in enumerate(shared.names)}
    places |= {name: float(ndtri(chance)) for name, chance in design.truth.places}
    middle = Shared(tuple(places), np.array([list(places.values())]), shared.provenance)
    return [replace(knowledge, shared=middle)]


def simulate_pool(design: Design, knowledge: Knowledge, seed: int, progress: Progress) -> Pool:
    """Lets the people of a design live once through every arm.

    Args:
        design: the trial.
        knowledge: in force.
        seed: of the people; the same people for any arms.
        progress: called with a step's name and the fraction done.

    Returns:
        The pool, people in the order of their numbers.
    """
    parts: list[Pool] = []
    groups = list(_groups(design, knowledge, seed))
    for done, group in enumerate(groups):
        progress("Virtual people", done / len(groups))
        parts.append(_grafted(design, group, seed) if design.grafts else _lived(design, group, seed))
    progress("Virtual people", 1.0)
    return Pool(
        cells=parts[0].cells,
        truth=np.concatenate([part.truth for part in parts], axis=-1),
        **{
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in ("entry", "stage", "world", "female", "age", "adherence")
        },
    )


@dataclass(frozen=True)
class _Group:
    """People who live together: of one world, sex, age and adherence."""

    knowledge: Knowledge
    world: int
    numbers: Ints
    setup: Setup
    adherence: float


def _spread(name: str, seed: int, count: int, low: float, high: float) -> Floats:
    """Values spread evenly over a range, in an order of their own."""
    order = np.random.default_rng([seed, zlib.crc32(name.encode())]).permutation(count)
    return np.asarray(low + (high - low) * (order + 0.5) / count)


def _groups(design: Design, knowledge: Knowledge, seed: int) -> Iterator[_Group]:
    worlds = worlds_of(design, knowledge, seed)
    each = -(-design.pool // len(worlds))
    together = min(_TOGETHER, max(1, each // _GROUPS))
    starts = range(0, each, together)
    for world, believed_there in enumerate(worlds):
        ages = _spread(f"age {world}", seed, len(starts), *design.population.age)
        adherences = _spread(f"adherence {world}", seed, len(starts), *design.conduct.adherence)
        for k, first in enumerate(starts):
            sex = design.population.sexes[k % len(design.population.sexes)]
            numbers = np.arange(world * each + first, world * each + min(first + together, each))
            who = Setup(sex, float(ages[k]), design.population.ancestry)
            yield _Group(believed_there, world, numbers, who, float(adherences[k]))


def _pool_of(group: _Group, cells: tuple[Cell, ...], truth: Floats, entry: Floats, stage: Floats) -> Pool:
    people = group.numbers.size
    return Pool(
        cells=cells,
        truth=truth,
        entry=entry,
        stage=stage,
        world=np.full(people, group.world),
        female=np.full(people, group.setup.sex == "female"),
        age=np.full(people, group.setup.age),
        adherence=np.full(people, group.adherence),
    )


def sites_of(design: Design) -> tuple[Site, ...]:
    """Where hair is read: each place once for every half of the scalp that is treated on its own."""
    places = dict.fromkeys((e.zone, e.area_cm2) for e in design.endpoints)
    halves = 2 if design.kind == "split-scalp" else 1
    return tuple(Site(zone, area) for _ in range(halves) for zone, area in places)


def _site(sites: Sequence[Site], endpoint: Endpoint, half: int) -> int:
    ours = Site(endpoint.zone, endpoint.area_cm2)
    return [k for k, site in enumerate(sites) if site == ours][half]


def _lived(design: Design, group: _Group, seed: int) -> Pool:
    uses = [use for arm in design.arms for use in arm.uses] + list(design.population.history)
    therapies = tuple(sorted({use.therapy for use in uses}))
    run_in = max([0.0, *(-use.start_week for use in uses)])
    earlier = run_in * DAYS_PER_WEEK / DAYS_PER_YEAR
    setup = replace(group.setup, age=group.setup.age - earlier)
    sites = sites_of(design)
    standing = stand_on(group.knowledge, setup, sites, therapies, group.numbers, seed)
    cells = cells_of(design)
    states = [_GOES_ON, *range(1, len(design.visits))] if design.conduct.stop > 0.0 else [_GOES_ON]
    truth = np.zeros((len(design.endpoints), len(cells), len(states), len(design.visits), group.numbers.size))
    entry = stage = np.empty(0)
    seen: dict[tuple[int, int | None, int], tuple[Course, Readings]] = {}
    for c, cell in enumerate(cells):
        for s, state in enumerate(states):
            key = (cell.arm, cell.second, state)
            if key not in seen:
                lines = _lines(design, cell, state, group.adherence, therapies, run_in)
                course = play_lines(standing, lines, [run_in + week for week in design.visits])
                seen[key] = course, read(course, standing.follicles, standing.members.rates, sites)
            course, readings = seen[key]
            if not entry.size:
                at = _site(sites, design.primary, 0)
                entry = readings.total[0][:, at]
                before = replace(standing, first=course)
                stage = stage_weights(group.knowledge, before, design.population.norwood, [design.primary.zone])
            for e, endpoint in enumerate(design.endpoints):
                at = _site(sites, endpoint, cell.half)
                truth[e, c, s] = _reading(group.knowledge, standing, readings, endpoint, at)
    return _pool_of(group, cells, truth, entry, stage)


def _lines(
    design: Design, cell: Cell, state: int, adherence: float, therapies: Sequence[str], run_in: float
) -> list[Line]:
    """What befalls a cell, on the people's axis; who gives up does so half way to visit `state`."""
    history = [(use, 0.0, 0.0) for use in design.population.history]
    given_up = np.inf
    if state != _GOES_ON:
        given_up = 0.5 * (design.visits[state - 1] + design.visits[state])
    randomised = [(use, 0.0, given_up) for use in design.arms[cell.arm].uses]
    if cell.second is not None:
        later = design.period_weeks + design.washout_weeks
        randomised = [(use, 0.0, design.period_weeks) for use in design.arms[cell.arm].uses]
        randomised += [(use, later, np.inf) for use in design.arms[cell.second].uses if use.start_week >= 0.0]
    made = [_line(use, shift, end, adherence, therapies, run_in) for use, shift, end in history + randomised]
    return [line for line in made if line is not None]


def _line(use: Use, shift: float, end: float, adherence: float, therapies: Sequence[str], run_in: float) -> Line | None:
    """A use as a line; one that began before week 0 goes on when study treatment ends. None: nothing is left."""
    before = use.start_week < 0.0
    last = use.stop_week if before else min(use.stop_week + shift, end)

    def day(week: float) -> float:
        return START + DAYS_PER_WEEK * (run_in + week)

    sessions = tuple(day(week + shift) for week in use.session_weeks if week + shift < last)
    # A course of sessions that was given up before its first is no line; without days it would be a daily one.
    if use.session_weeks and not sessions:
        return None
    first = use.start_week + shift
    return Line(therapies.index(use.therapy), day(first), day(last), adherence, sessions, dose=use.dose)


def _reading(knowledge: Knowledge, standing: Standing, readings: Readings, endpoint: Endpoint, at: int) -> Floats:
    """What the endpoint's instrument would read without error [visit, person]."""
    measure = endpoint.measure
    if measure in ("coverage", "photograph"):
        p = knowledge.parameters
        ttcc = readings.ttcc[:, :, at]
        score = coverage_score(ttcc, p["coverage.intercept"], p["coverage.slope"], p["coverage.full"])
        return latent_photograph(score) if measure == "photograph" else score
    if measure == "anagen":
        true, slow = (part[:, :, [at]] for part in (readings.anagen_share, readings.slowness))
        return 100.0 * phototrichogram_anagen(true, slow, standing.members.slow_misread)[:, :, 0]
    name = {"diameter": "mean_diameter"}.get(measure, measure)
    return np.asarray(getattr(readings, name)[:, :, at])


def latent_photograph(score: Floats) -> Floats:
    """Change of coverage since the first visit in steps that a rater calls a grade [visit, person]."""
    return np.asarray((score - score[:1]) / assumed()["photograph_step"].value)


def _grafted(design: Design, group: _Group, seed: int) -> Pool:
    """Percent of each person's grafts that grow at each visit, by what they were held in."""
    graft = group.knowledge.therapies["transplant"].graft
    assert isinstance(graft, Graft)
    shared, people = group.knowledge.shared, group.numbers.size
    u = named_uniforms(seed, group.numbers, "trial.graft survival")
    survival = quantiles(graft.survival, u)
    cells = cells_of(design)
    truth = np.zeros((1, len(cells), 1, len(design.visits), people))
    days = DAYS_PER_WEEK * np.array(design.visits)
    median, spread = graft.growth_in_median_days.value, graft.growth_in_sd_log.value
    grown = ndtr(np.log(np.maximum(days, 1e-9) / median) / spread)
    world = np.array([group.world])
    for c, cell in enumerate(cells):
        gain = 0.0
        for use in design.arms[cell.arm].uses:
            number = graft.adjuncts[use.therapy].survival_gain
            name = f"transplant.adjunct.{use.therapy}"
            gain += float(believed(number, name, seed, world, shared)[0]) if design.truth.drawn else number.value
        truth[0, c, 0] = 100.0 * grown[:, None] * np.clip(survival + gain, 0.0, 1.0)
    return _pool_of(group, cells, truth, np.full(people, np.nan), np.ones(people))
