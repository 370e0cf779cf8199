"""The main job: fit the twin, forecast nothing and every candidate, rank them, and take the best one apart.

The steps, in order: (1) posterior of the person, from the store if it was fitted before; (2) each allowed therapy
alone; (3) pairs of the best, then triples around the best pair, the person's proposals and what is used today; (4)
rank by what the person wants; (5) the chosen plan with and without each line. All on the same members and draws.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from follicast.decisions import answer
from follicast.decisions.candidates import (
    NONE,
    TRANSPLANT,
    Option,
    compatible,
    excluded,
    least_interval,
    ongoing,
    option,
)
from follicast.decisions.result import Excluded, PlanResult
from follicast.decisions.value import cost_of, deductions, visits_of, worth
from follicast.inference.forecast import Outlook, Regimen, Stage
from follicast.inference.history import past_therapies, sites_for
from follicast.inference.refine import Posterior, Progress, fit
from follicast.inference.store import Store, key_of
from follicast.knowledge.load import Knowledge
from follicast.knowledge.posterior import Regrowth
from follicast.measurement.instruments import Readings
from follicast.people.person import Person, Transplant

Floats = npt.NDArray[np.float64]

# Combinations to judge, each with the index of the proposal whose course it follows, if any.
_Work: TypeAlias = list[tuple[tuple[str, ...], int | None]]

# How many of the best single therapies are paired, and how many lines a plan of ours may have.
_PAIRED: Final = 5
_MOST_LINES: Final = 3
# Below this a plan is not worth its name, and nothing is recommended (hairs/cm2 after deductions).
_WORTH_DOING: Final = 0.5


@dataclass(frozen=True)
class Judged:
    """An option with its forecast and its worth."""

    option: Option
    outlook: Outlook
    gross: float
    deductions: dict[str, float]
    barred: str | None

    @property
    def value(self) -> float:
        """Worth after deductions, in hairs/cm2."""
        return self.gross - sum(self.deductions.values())


class Workbench:
    """Forecasts for one person, each made once: from the store, or played on a stage set up when first needed."""

    def __init__(self, person: Person, knowledge: Knowledge, seed: int, store: Store, progress: Progress) -> None:
        """Prepares nothing yet; `posterior` fits or finds the twin."""
        self.person = person
        self.knowledge = knowledge
        self.seed = seed
        self.horizon_days = round(person.goals.horizon_months * 30.4375)
        self.progress = progress
        self._store = store
        self._stages: dict[tuple[Transplant, ...], Stage] = {}
        self._outlooks: dict[Regimen, Outlook] = {}
        past = {name: repr(knowledge.therapies[name]) for name in (*past_therapies(person), TRANSPLANT)}
        told = (dict(knowledge.parameters), past, knowledge.regrowth, self._calibrated(past))
        self._key = key_of(person.history_key(), sites_for(person), *told, seed)
        self.posterior = self._fitted()

    def under(self, regrowth: Regrowth) -> Workbench:
        """The same person under a hypothesis of regrowth."""
        return Workbench(self.person, self.knowledge.under(regrowth), self.seed, self._store, self.progress)

    def _calibrated(self, therapies: Collection[str]) -> str:
        """Identity of the calibrated draws that matter when these therapies are used."""
        heads = {self.knowledge.therapies[name].draws for name in therapies} | set(therapies)
        return self.knowledge.shared.digest(heads, self.knowledge.parameters)

    def _fitted(self) -> Posterior:
        found = self._store.get(self._key)
        if found is not None:
            k = float(found["pareto_k"])
            return Posterior(
                found["number"],
                found["latents"],
                found["weights"],
                float(found["effective_size"]),
                None if np.isnan(k) else k,
                int(found["rounds"]),
                int(found["drawn"]),
            )
        posterior = fit(self.person, self.knowledge, self.seed, self.progress)
        arrays = {f.name: getattr(posterior, f.name) for f in fields(posterior)}
        arrays["pareto_k"] = np.nan if posterior.pareto_k is None else posterior.pareto_k
        self._store.put(self._key, arrays)
        return posterior

    def stage(self, planned: tuple[Transplant, ...] = ()) -> Stage:
        """The members standing today, with a place for these operations."""
        if planned not in self._stages:
            self._stages[planned] = Stage(
                self.person, self.knowledge, self.posterior, self.seed, planned, self.progress
            )
        return self._stages[planned]

    def today(self) -> Readings:
        """Readings up to today, from the store or from the stage."""
        key = key_of(self._key, "today")
        found = self._store.get(key)
        names = [f.name for f in fields(Readings) if f.name != "sites"]
        if found is not None:
            return Readings(sites=sites_for(self.person), **{name: found[name] for name in names})
        readings = self.stage().today
        self._store.put(key, {name: getattr(readings, name) for name in names})
        return readings

    def outlook(self, regimen: Regimen) -> Outlook:
        """Forecast under a regimen."""
        if regimen not in self._outlooks:
            self._outlooks[regimen] = self._found_or_played(regimen)
        return self._outlooks[regimen]

    def _found_or_played(self, regimen: Regimen) -> Outlook:
        used = {line.therapy: repr(self.knowledge.therapies[line.therapy]) for line in regimen.lines}
        key = key_of(self._key, self.person.goal_zone, regimen, used, self._calibrated(used), self.horizon_days)
        found = self._store.get(key)
        if found is not None:
            return Outlook(**found)
        outlook = self.stage(regimen.transplants).outlook(regimen, self.horizon_days)
        self._store.put(key, {f.name: getattr(outlook, f.name) for f in fields(outlook)})
        return outlook


class _Bench:
    """Judges options for one person against nothing."""

    def __init__(self, bench: Workbench, left_out: Sequence[Excluded]) -> None:
        self.bench = bench
        self.left_out = {e.therapy: e for e in left_out}
        self.nothing = bench.outlook(Regimen())
        self.judged: dict[str, Judged] = {}

    def judge(self, names: tuple[str, ...], proposal_index: int | None = None) -> Judged:
        """Judge one combination once."""
        b = self.bench
        proposal = None if proposal_index is None else b.person.proposals[proposal_index]
        made = option(b.person, b.knowledge, names, b.horizon_days, proposal)
        if made.id not in self.judged:
            outlook = b.outlook(made.regimen)
            cost = cost_of(names, made.regimen, b.knowledge, b.horizon_days)
            visits = visits_of(names, made.regimen, b.knowledge, b.horizon_days)
            years = b.horizon_days / 365.25
            taken = deductions(b.person, b.knowledge, names, cost, visits, years)
            gross = worth(b.person, outlook, self.nothing, b.posterior.weights)
            self.judged[made.id] = Judged(made, outlook, gross, taken, self._bar(made, cost.low / years))
        return self.judged[made.id]

    def _bar(self, made: Option, least_per_year: float) -> str | None:
        """Why this combination may not be the recommendation, though it is compared."""
        person, knowledge = self.bench.person, self.bench.knowledge
        names = made.therapies
        for name in names:
            if name in self.left_out:
                return f"{self.left_out[name].label} is left out. {self.left_out[name].reason}"
        if not compatible(knowledge, names):
            return "Two of its lines do the same and are not used together."
        for line in made.regimen.lines:
            least = least_interval(knowledge.therapies[line.therapy])
            if any(later - day < least for day, later in itertools.pairwise(line.sessions)):
                return f"{knowledge.therapies[line.therapy].name} needs {least:.0f} days between sessions."
        if person.budget is not None and least_per_year > person.budget.per_year:
            return f"At least {least_per_year:.0f} USD a year, over the budget of {person.budget.per_year:.0f}."
        asked = TRANSPLANT in person.considers or person.goals.coverage >= 2.0
        if TRANSPLANT in names and not asked:
            return "Surgery is compared, not recommended: it needs an examination, and the person did not ask for it."
        return None


def _combinations(bench: _Bench, allowed: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Pairs of the best single therapies, one of each exclusive group, and the very best with a transplant."""
    knowledge = bench.bench.knowledge
    single = sorted((bench.judged[name] for name in allowed), key=lambda j: (-j.value, j.option.id))
    best: list[str] = []
    for judged in single:
        name = judged.option.therapies[0]
        if name != TRANSPLANT and compatible(knowledge, [*best, name]):
            best.append(name)
    pairs: list[tuple[str, ...]] = list(itertools.combinations(best[:_PAIRED], 2))
    if TRANSPLANT in allowed and best:
        pairs.append((best[0], TRANSPLANT))
    return pairs


def _ordered(allowed: tuple[str, ...], names: set[str]) -> tuple[str, ...]:
    return tuple(name for name in allowed if name in names)


def _survey(bench: _Bench, allowed: tuple[str, ...]) -> None:
    """Judge singles, pairs, triples, proposals and what is used today."""
    person, progress = bench.bench.person, bench.bench.progress
    work: _Work = [((name,), None) for name in allowed]
    work += [(proposal.lines, index) for index, proposal in enumerate(person.proposals)]
    current = tuple(name for name in bench.bench.knowledge.therapies if name in ongoing(person))
    if current:
        work.append((current, None))
    _judge_all(bench, work, "Forecasting each therapy", progress)
    pairs = _combinations(bench, allowed)
    _judge_all(bench, [(_ordered(allowed, set(pair)), None) for pair in pairs], "Forecasting pairs", progress)
    ranked = [j for j in _ranked(bench) if len(j.option.therapies) == 2 and j.option.proposal is None]
    if not ranked:
        return
    best = set(ranked[0].option.therapies)
    thirds = [name for name in allowed if name not in best and compatible(bench.bench.knowledge, [*best, name])]
    triples: _Work = [(_ordered(allowed, best | {name}), None) for name in thirds if name != TRANSPLANT]
    _judge_all(bench, triples, "Forecasting combinations", progress)


def _judge_all(bench: _Bench, work: _Work, step: str, progress: Progress) -> None:
    for done, (names, proposal) in enumerate(work):
        progress(step, done / len(work))
        bench.judge(names, proposal)
    progress(step, 1.0)


def _ranked(bench: _Bench) -> list[Judged]:
    """Every option judged: those that may be recommended first, then by value."""
    return sorted(bench.judged.values(), key=lambda j: (j.barred is not None, -j.value, j.option.id))


def _silent(step: str, fraction: float) -> None:
    """Says nothing about progress."""


def make_plan(
    person: Person, knowledge: Knowledge, seed: int = 0, progress: Progress = _silent, store: Store | None = None
) -> PlanResult:
    """What would happen to this person's hair, under nothing and under each treatment, and what should be done?

    Args:
        person: as read from a person file.
        knowledge: in force.
        seed: same seed, knowledge, person and version: same answer, whatever the number of threads.
        progress: called with a step's name and the fraction done.
        store: of results made before; None = the user's own.

    Returns:
        The whole answer.
    """
    store = store or Store.for_user()
    left_out = excluded(person, knowledge)
    bench = _Bench(Workbench(person, knowledge, seed, store, progress), left_out)
    allowed = tuple(name for name in knowledge.therapies if name not in {e.therapy for e in left_out})
    nothing = option(person, knowledge, (), bench.bench.horizon_days)
    bench.judged[NONE] = Judged(nothing, bench.nothing, 0.0, {}, None)
    _survey(bench, allowed)
    ranked = _ranked(bench)
    if ranked[0].value < _WORTH_DOING:
        ranked.sort(key=lambda j: j.option.id != NONE)
    result = answer.compose(bench.bench, ranked, bench.nothing, left_out)
    store.trim()
    return result
