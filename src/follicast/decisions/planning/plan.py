"""The main job: fit the twin, forecast nothing and every candidate, rank them, and take the best one apart.

The steps, in order: (1) posterior of the person, from the store if it was fitted before; (2) each allowed therapy
alone; (3) pairs of the best, then triples around the best pair, the person's proposals and what is used today; (4)
rank by what the person wants; (5) the chosen plan with and without each line. All on the same members and draws.
"""

from __future__ import annotations

import itertools
from typing import Final, NamedTuple, TypeAlias

from follicast.decisions.planning import answer
from follicast.decisions.planning.candidates import NONE, TRANSPLANT, compatible, ongoing, option
from follicast.decisions.planning.front import WORTH_DOING
from follicast.decisions.planning.grafts import donor_spent
from follicast.decisions.planning.judge import Judge, Judged
from follicast.decisions.planning.kept_forecast import forecast_to_keep
from follicast.decisions.planning.left_out import excluded
from follicast.decisions.planning.pictured import Heads, heads_to_draw
from follicast.decisions.planning.stored_forecast import StoredForecast
from follicast.decisions.planning.workbench import Workbench as Workbench
from follicast.decisions.result import PlanResult
from follicast.decisions.reviewing.agreed import with_agreed_rule
from follicast.decisions.safety.rules import findings, refusals
from follicast.inference.refine import Progress
from follicast.inference.store import Store
from follicast.knowledge.load import Knowledge
from follicast.people.person import Person
from follicast.quantities import InputError

# Combinations to judge, each with the index of the proposal whose course it follows, if any.
_Work: TypeAlias = list[tuple[tuple[str, ...], int | None]]

# How many of the best single therapies are paired.
_PAIRED: Final = 5


def _combinations(judge: Judge, allowed: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Pairs of the best single therapies, one of each exclusive group, and the very best with a transplant."""
    knowledge = judge.bench.knowledge
    single = sorted((judge.judged[name] for name in allowed), key=lambda j: (-j.value, j.option.id))
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


def _survey(judge: Judge, allowed: tuple[str, ...]) -> None:
    """Judge singles, pairs, triples, proposals and what is used today."""
    person, progress = judge.bench.person, judge.bench.progress
    work: _Work = [((name,), None) for name in allowed]
    work += [(proposal.lines, index) for index, proposal in enumerate(person.proposals)]
    current = tuple(name for name in judge.bench.knowledge.therapies if name in ongoing(person))
    if current:
        work.append((current, None))
    _judge_all(judge, work, "Forecasting each therapy", progress)
    pairs = _combinations(judge, allowed)
    _judge_all(judge, [(_ordered(allowed, set(pair)), None) for pair in pairs], "Forecasting pairs", progress)
    ranked = [j for j in _ranked(judge) if len(j.option.therapies) == 2 and j.option.proposal is None]
    if not ranked:
        return
    best = set(ranked[0].option.therapies)
    thirds = [name for name in allowed if name not in best and compatible(judge.bench.knowledge, [*best, name])]
    triples: _Work = [(_ordered(allowed, best | {name}), None) for name in thirds if name != TRANSPLANT]
    _judge_all(judge, triples, "Forecasting combinations", progress)


def _judge_all(judge: Judge, work: _Work, step: str, progress: Progress) -> None:
    for done, (names, proposal) in enumerate(work):
        progress(step, done / len(work))
        judge.judge(names, proposal)
    progress(step, 1.0)


def _ranked(judge: Judge) -> list[Judged]:
    """Every option judged: those that may be recommended first, then by value."""
    return sorted(judge.judged.values(), key=lambda j: (j.barred is not None, -j.value, j.option.id))


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

    Raises:
        InputError: a safety rule forbids a forecast for this person.
    """
    return _planned(person, knowledge, seed, progress, store)[2]


class Planned(NamedTuple):
    """A plan, the forecast to keep beside it for `follicast review`, and the heads that its report draws."""

    result: PlanResult
    forecast: StoredForecast
    heads: Heads


def plan_and_forecast(
    person: Person, knowledge: Knowledge, seed: int = 0, progress: Progress = _silent, store: Store | None = None
) -> Planned:
    """The plan with all that is written beside it; arguments and errors as in `make_plan`."""
    judge, ranked, result = _planned(person, knowledge, seed, progress, store)
    heads = heads_to_draw(judge.bench, ranked, judge.judged[NONE].outlook)
    forecast = forecast_to_keep(judge, ranked, result)
    return Planned(with_agreed_rule(result, person, knowledge, forecast), forecast, heads)


def _planned(
    person: Person, knowledge: Knowledge, seed: int, progress: Progress, store: Store | None
) -> tuple[Judge, list[Judged], PlanResult]:
    """Everything judged, in order of rank, and the answer made of it."""
    refused = refusals(findings(person, knowledge))
    if refused:
        why = "; ".join(f"{finding.title} ({finding.rule})" for finding in refused)
        raise InputError(f"no forecast is made for this person: {why}; see a doctor first.")
    store = store or Store.for_user()
    left_out = excluded(person, knowledge)
    if TRANSPLANT not in {entry.therapy for entry in left_out}:
        left_out += donor_spent(person, knowledge)
    judge = Judge(Workbench(person, knowledge, seed, store, progress), left_out)
    allowed = tuple(name for name in knowledge.therapies if name not in {e.therapy for e in left_out})
    judge.judged[NONE] = judge.weigh(option(person, knowledge, (), judge.bench.horizon_days))
    _survey(judge, allowed)
    ranked = _ranked(judge)
    if ranked[0].value < WORTH_DOING:
        ranked.sort(key=lambda j: j.option.id != NONE)
    result = answer.compose(judge, ranked, left_out)
    store.trim()
    return judge, ranked, result
