"""Replicates of a trial drawn from its pool: screening on measured hair, errors, dummies, people who stop and leave."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from follicast.inference.literature import TAILS, drawn
from follicast.inference.trial_pool import Pool, worlds_of
from follicast.knowledge.load import Knowledge
from follicast.knowledge.trial_design import assumed
from follicast.people.design import COUNTS, Design, Endpoint
from follicast.quantities import InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# Fewer of the pool than this can be taken in: such a trial could not be filled.
_FEWEST_ELIGIBLE: Final = 0.002
_ATTEMPTS: Final = 8
_PROCEDURES: Final = ("device", "injection", "surgery")


@dataclass(frozen=True)
class Errors:
    """How far readings of one endpoint scatter about the truth, standard deviations in its unit.

    `instrument` is one reading's; `individual` what is added so that changes scatter as published; `relative` is a
    share of the reading instead.
    """

    instrument: float
    individual: float
    relative: float

    @property
    def total(self) -> float:
        """Of one reading."""
        return math.hypot(self.instrument, self.individual)


@dataclass(frozen=True)
class Draw:
    """Replicates: `readings[endpoint][replicate, place, column, visit]`, missing ones not-a-number.

    `person` is the row in the pool; `cell` what befell the column; `stopped` and `left` the week (inf = never);
    `candidates` were screened, of whom `not_stage` and `not_density` were not taken. `first_error` is the mean over
    people of measured minus true first reading of the primary endpoint, `offset` what each column moved by itself.
    """

    readings: tuple[Floats, ...]
    person: Ints
    cell: Ints
    stopped: Floats
    left: Floats
    candidates: Ints
    not_stage: Ints
    not_density: Ints
    first_error: Floats
    offset: Floats


class Stage:
    """A pool with everything that replicates add to it."""

    def __init__(self, design: Design, knowledge: Knowledge, pool: Pool, seed: int) -> None:
        """Works out errors, eligibility and the parameters of each world."""
        self.design, self.knowledge, self.pool, self.seed = design, knowledge, pool, seed
        self.starts = np.searchsorted(pool.world, np.arange(pool.worlds))
        self.sizes = np.bincount(pool.world)
        worlds = worlds_of(design, knowledge, seed)
        self._worlds = worlds if len(worlds) == pool.worlds else worlds[:1] * pool.worlds
        bare = [self._instrument(e) for e in design.endpoints]
        self.errors = tuple(Errors(sd, 0.0, share) for sd, share in bare)
        self.eligible = self.eligibility()
        self.errors = tuple(Errors(sd, self._individual(k, sd), share) for k, (sd, share) in enumerate(bare))
        self.eligible = self.eligibility()

    def _instrument(self, endpoint: Endpoint) -> tuple[float, float]:
        """Error of one reading, and the share of the reading that it is."""
        p = self.knowledge.parameters
        if endpoint.error_sd is not None:
            return endpoint.error_sd, 0.0
        if endpoint.measure in COUNTS:
            key = "instrument.count_sd_matched" if endpoint.matched else "instrument.count_sd_unmatched"
            return p[key].value / math.sqrt(min(endpoint.area_cm2, 1.0)), 0.0
        fixed = {
            "diameter": p["instrument.diameter_sd"].value,
            "anagen": 100.0 * p["instrument.anagen_share_sd"].value,
            "coverage": assumed()["coverage_sd"].value,
            "photograph": assumed()["photograph_sd"].value,
        }
        return fixed.get(endpoint.measure, 0.0), assumed()["weight_sd"].value if endpoint.measure == "weight" else 0.0

    def eligibility(self) -> Floats:
        """Chance that each person of the pool would be taken in, by a rater's stage and a measured density.

        Raises:
            InputError: hardly anybody would.
        """
        chance = self.pool.stage.copy()
        wanted = self.design.population.density
        if wanted is not None:
            sd = max(self.screening_error, 1e-9)
            low, high = ((end - self.pool.entry) / sd for end in wanted)
            chance *= ndtr(high) - ndtr(low)
        if float(chance.mean()) < _FEWEST_ELIGIBLE:
            raise InputError(
                f"{self.design.study}: population takes in {100.0 * float(chance.mean()):.2f} % of the people whom it "
                "describes; widen norwood, density or age."
            )
        return chance

    @property
    def screening_error(self) -> float:
        """Error of the count that screening goes by."""
        primary = self.design.primary
        if primary.measure in COUNTS:
            return self.errors[0].total
        key = "instrument.count_sd_matched" if primary.matched else "instrument.count_sd_unmatched"
        return self.knowledge.parameters[key].value / math.sqrt(min(primary.area_cm2, 1.0))

    def spread_of_change(self, k: int) -> float:
        """Standard deviation of the true changes of endpoint k between people on the other side of the comparison."""
        found = []
        for cell in self.cells(self.design.analysis.against):
            change = self.pool.truth[k, cell, 0, self.visit] - self.pool.truth[k, cell, 0, 0]
            mean = np.average(change, weights=self.eligible)
            found.append(np.average((change - mean) ** 2, weights=self.eligible))
        return math.sqrt(float(np.mean(found)))

    def _individual(self, k: int, instrument: float) -> float:
        endpoint = self.design.endpoints[k]
        if self.design.conduct.individual != "published" or endpoint.measure not in ("total", "nonvellus"):
            return 0.0
        published = self.knowledge.parameters["between_trial.individual_sd"].value
        rest = published**2 - self.spread_of_change(k) ** 2 - 2.0 * instrument**2
        return math.sqrt(max(0.0, 0.5 * rest))

    @property
    def visit(self) -> int:
        """Index of the visit that the analysis is about."""
        return self.design.visits.index(self.design.analysis.week)

    def cells(self, arms: Sequence[int]) -> list[int]:
        """Cells of these arms that people may be put into."""
        return [k for k, cell in enumerate(self.pool.cells) if cell.arm in arms and (cell.second != cell.arm)]

    def _screen(self, rng: np.random.Generator, world: Ints, wanted: int) -> tuple[Ints, Floats, Ints, Ints, Ints]:
        """People in the order in which they were taken in, the error of their first count, and who was not."""
        rate = float(np.min([self.eligible[s : s + n].mean() for s, n in zip(self.starts, self.sizes, strict=True)]))
        rate = max(rate, _FEWEST_ELIGIBLE)
        asked = math.ceil((wanted + 5.0 * math.sqrt(wanted) + 10.0) / rate)
        density = self.design.population.density
        for _ in range(_ATTEMPTS):
            u = rng.random((world.size, asked))
            person = self.starts[world][:, None] + (u * self.sizes[world][:, None]).astype(np.int64)
            z = rng.standard_normal(person.shape)
            stage = rng.random(person.shape) < self.pool.stage[person]
            inside = np.ones(person.shape, bool)
            if density is not None:
                measured = self.pool.entry[person] + self.screening_error * z
                inside = (measured >= density[0]) & (measured <= density[1])
            taken = stage & inside
            order = np.cumsum(taken, axis=1)
            if int(order[:, -1].min()) >= wanted:
                break
            asked *= 2
        else:
            raise InputError(f"{self.design.study}: population cannot be filled; widen norwood, density or age.")
        chosen = taken & (order <= wanted)
        seen = 1 + np.argmax(order >= wanted, axis=1)
        before = np.arange(asked) < seen[:, None]
        rows = np.nonzero(chosen)
        shape = (world.size, wanted)
        not_stage, not_density = ((before & part).sum(axis=1) for part in (~stage, stage & ~inside))
        return person[rows].reshape(shape), z[rows].reshape(shape), seen, not_stage, not_density

    def draw(self, people: int, replicates: Ints, rng: np.random.Generator, *, null: bool = False) -> Draw:
        """Replicates with these numbers.

        Args:
            people: of each arm, sequence, or trial of split scalps.
            replicates: their numbers, which say the world each is held in.
            rng: of everything that a trial adds.
            null: whether the tested arms get what the others get.

        Returns:
            Them.
        """
        design, pool = self.design, self.pool
        columns = design.columns
        own = 1 if design.kind == "split-scalp" else columns
        world = replicates % pool.worlds
        person, z, candidates, not_stage, not_density = self._screen(rng, world, people * own)
        shape = (replicates.size, people, own)
        person = np.repeat(person.reshape(shape), columns // own, axis=2)
        z = np.repeat(z.reshape(shape), columns // own, axis=2)
        cell = self._cells_drawn(person.shape, rng, null)
        stopped, left = (
            np.repeat(self._weeks(rng, share, shape), columns // own, axis=2)
            for share in (design.conduct.stop, design.conduct.leave)
        )
        state = self._states(stopped)
        offset = self._offsets(rng, world, cell, null=null)
        missing = self._missing(stopped, left)
        shared: dict[tuple[object, ...], Floats] = {}
        readings, first_error = [], np.zeros(replicates.size)
        half = np.array([c.half for c in pool.cells])[cell]
        for k, endpoint in enumerate(design.endpoints):
            truth = pool.truth[k][cell, state, :, person]
            key = ("count", endpoint.zone, endpoint.area_cm2) if endpoint.measure in COUNTS else (k,)
            if key not in shared:
                shared[key] = rng.standard_normal(truth.shape)
                if key == ("count", design.primary.zone, design.primary.area_cm2):
                    shared[key][..., 0] = np.where(half == 0, z, shared[key][..., 0])
            seen = self._read(k, truth, shared[key], rng)
            if endpoint.measure in COUNTS:
                seen[..., 1:] += offset[..., None]
                seen = np.maximum(seen, 0.0)
            if k == 0:
                first_error = (seen[..., 0] - truth[..., 0])[..., self._others()].mean(axis=(1, 2))
            readings.append(np.where(missing, np.nan, seen))
        return Draw(
            tuple(readings), person, cell, stopped, left, candidates, not_stage, not_density, first_error, offset
        )

    def _others(self) -> list[int]:
        """Columns on the other side of the comparison."""
        return [1] if self.design.kind != "parallel" else list(self.design.analysis.against)

    def _cells_drawn(self, shape: tuple[int, ...], rng: np.random.Generator, null: bool) -> Ints:
        """Cell of each column; halves of a scalp are given to the treatments by a coin."""
        design = self.design
        if design.kind == "split-scalp":
            coin = rng.random(shape[:2]) < 0.5
            pairs = np.array([[2, 1], [1, 2]] if null else [[0, 1], [3, 2]])
            return np.asarray(pairs[coin.astype(int)])
        cells = np.arange(design.columns)
        if null and design.kind == "crossover":
            cells = np.array([2, 2])
        elif null:
            against = design.analysis.against
            for place, arm in enumerate(design.analysis.test):
                cells[arm] = against[place % len(against)]
        return np.broadcast_to(cells, shape).copy()

    def _weeks(self, rng: np.random.Generator, share: float, shape: tuple[int, ...]) -> Floats:
        """Week at which each person does it, if a share does so by the last visit at a steady rate; inf = never."""
        if share <= 0.0:
            return np.full(shape, np.inf)
        last = self.design.visits[-1]
        weeks = rng.exponential(-last / math.log1p(-share), shape)
        return np.where(weeks <= last, weeks, np.inf)

    def _states(self, stopped: Floats) -> Ints:
        """State of the pool's truth that a person follows who stops in that week."""
        after = np.searchsorted(np.array(self.design.visits), stopped)
        return np.where(np.isfinite(stopped), np.maximum(after, 1), 0)

    def _missing(self, stopped: Floats, left: Floats) -> Bools:
        """Readings that are not there: after leaving, and after stopping where the estimand looks away from it."""
        visits = np.array(self.design.visits)
        last = left
        if self.design.analysis.estimand == "hypothetical":
            last = np.minimum(left, stopped)
        return np.asarray((visits >= last[..., None]) & (visits > 0.0))

    def _offsets(self, rng: np.random.Generator, world: Ints, cell: Ints, *, null: bool) -> Floats:
        """What each column moves by itself after week 0, hairs/cm2: dummy, this trial's luck, its own deviation."""
        arm = np.array([c.arm for c in self.pool.cells])[cell]
        settings = [a.setting for a in self.design.arms]
        by_world = np.array([[self._control(s, k) for s in settings] for k in range(self.pool.worlds)])
        moved = by_world[world[:, None, None], arm]
        luck = {s: rng.standard_normal(world.size) for s in sorted(set(settings))}
        spread = np.array([self._at("control.spread", k) for k in range(self.pool.worlds)])[world]
        shared = np.stack([luck[s] for s in settings], axis=1) * spread[:, None]
        moved = moved + shared[np.arange(world.size)[:, None, None], arm]
        if self.design.truth.drawn:
            own = self._deviation(world) * rng.standard_t(TAILS, world.size) * math.sqrt((TAILS - 2.0) / TAILS)
            tested = np.isin(arm, self.design.analysis.test) & (not null) & (self.design.kind != "crossover")
            moved = moved + np.where(tested, own[:, None, None], 0.0)
        return np.asarray(moved)

    def _at(self, key: str, world: int) -> float:
        """A parameter in one world."""
        mine = self._worlds[world]
        return float(drawn(mine, key, mine.shared.column, 1)[0])

    def _control(self, setting: str, world: int) -> float:
        return self._at(f"control.{setting}", world)

    def _deviation(self, world: Ints) -> Floats:
        """Standard deviation of a trial's own departure from the model, as the published trials showed it."""
        procedure = any(self.design.arms[k].setting in _PROCEDURES for k in self.design.analysis.test)
        kind = "procedure" if procedure else "drug"
        effect = true_effects(self, 0)
        found = [
            math.hypot(self._at("between_trial.additive", k), self._at(f"between_trial.relative.{kind}", k) * effect[k])
            for k in range(self.pool.worlds)
        ]
        return np.array(found)[world]

    def _read(self, k: int, truth: Floats, z: Floats, rng: np.random.Generator) -> Floats:
        """Readings with error."""
        endpoint, errors = self.design.endpoints[k], self.errors[k]
        if endpoint.measure == "graft_survival":
            return 100.0 * rng.binomial(endpoint.grafts, np.clip(truth / 100.0, 0.0, 1.0)) / endpoint.grafts
        if endpoint.measure == "photograph":
            most = assumed()["most_grade"].value
            found = np.clip(np.rint(truth + errors.total * z), -most, most)
            found[..., 0] = 0.0
            return found
        return truth + (errors.total + errors.relative * truth) * z


def expected_reading(stage: Stage, k: int, truth: Floats) -> Floats:
    """Mean of what the instrument of endpoint k reads of these true values; for photographs over a rater's doubt."""
    if stage.design.endpoints[k].measure != "photograph":
        return truth
    most = round(assumed()["most_grade"].value)
    edges = np.arange(-most, most) + 0.5
    return np.asarray(sum(ndtr((truth - edge) / stage.errors[k].total) for edge in edges) - most)


def true_effects(stage: Stage, k: int) -> Floats:
    """The effect on endpoint k that is true of the people taken in, by world, for the estimand of the design."""
    design, pool = stage.design, stage.pool
    at = stage.visit
    chances = _state_chances(stage)

    def mean(arms: Sequence[int]) -> Floats:
        total = np.zeros(pool.size)
        cells = stage.cells(arms)
        for cell in cells:
            for state, chance in enumerate(chances):
                total += chance * expected_reading(stage, k, pool.truth[k, cell, state, at])
        return total / len(cells)

    gain = mean(design.analysis.test) - mean(design.analysis.against)
    return np.array([_weighted(gain, stage.eligible, w, stage) for w in range(pool.worlds)])


def _state_chances(stage: Stage) -> list[float]:
    """Chance of each state of the pool's truth."""
    design = stage.design
    states = stage.pool.truth.shape[2]
    if states == 1 or design.analysis.estimand == "hypothetical":
        return [1.0]
    rate = -math.log1p(-design.conduct.stop) / design.visits[-1]
    still = [math.exp(-rate * week) for week in design.visits]
    return [still[-1], *(still[k - 1] - still[k] for k in range(1, states))]


def _weighted(values: Floats, weights: Floats, world: int, stage: Stage) -> float:
    rows = slice(stage.starts[world], stage.starts[world] + stage.sizes[world])
    return float(np.average(values[rows], weights=weights[rows]))
