"""A virtual trial held many times: power by size, bias, coverage, type I error, looks, flow, the control arm's change.

People are simulated once (`inference.trial_pool`); replicates draw from them (`trial_draws`) and are analysed all at
once (`trial_estimates`). A replicate's draws follow from (seed, size, block), so no answer depends on the machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.decisions.trials import words as trial_words
from follicast.decisions.trials.check import Sides, largest_difference, mixed
from follicast.decisions.trials.draws import Draw, Stage, expected_reading, true_effects
from follicast.decisions.trials.estimates import Estimates, adjusted, one_sample, two_samples
from follicast.decisions.trials.result import (
    Check,
    ControlChange,
    Course,
    CoursePoint,
    EndpointResult,
    Estimated,
    Flow,
    FlowArm,
    Look,
    MixedResult,
    Proportion,
    SizePower,
    TrialResult,
)
from follicast.decisions.trials.spending import bounds
from follicast.inference.trial_pool import Pool, Progress, simulate_pool
from follicast.knowledge.load import Knowledge
from follicast.people.design import COUNTS, Design
from follicast.people.read_design import TOGETHER
from follicast.quantities import InputError
from follicast.version import VERSION

Floats = npt.NDArray[np.float64]

_CHECKED: Final = 5
_INTERVAL: Final = (2.5, 50.0, 97.5)


def blocks(
    design: Design, seed: int, people: int, *, null: bool
) -> Iterator[tuple[npt.NDArray[np.int64], np.random.Generator]]:
    """Numbers of the replicates that are drawn together, and the draws that are theirs."""
    for number, first in enumerate(range(0, design.replicates, TOGETHER)):
        rows = np.arange(first, min(first + TOGETHER, design.replicates))
        yield rows, np.random.default_rng([seed, int(null), people, number])


def estimates(stage: Stage, draw: Draw, k: int, people: int) -> Estimates:
    """Effect on endpoint k in every replicate, with the first `people` of each arm."""
    design, at = stage.design, stage.visit
    y = draw.readings[k][:, :people]
    if design.kind == "crossover":
        late = design.visits.index(2.0 * design.period_weeks + design.washout_weeks)
        steps = y[..., at] - y[..., late]
        found = two_samples(steps[:, :, 0], steps[:, :, 1])
        return Estimates(0.5 * found.effect, 0.5 * found.error, found.freedom)
    has_baseline = design.endpoints[k].has_baseline
    later = y[..., at] - y[..., 0] if has_baseline else y[..., at]
    if design.kind == "split-scalp":
        return one_sample(later[:, :, 0] - later[:, :, 1])
    test, other = (_side(later, arms) for arms in (design.analysis.test, design.analysis.against))
    if design.analysis.method == "difference" or not has_baseline:
        return two_samples(test, other)
    first = [_side(y[..., 0], arms) for arms in (design.analysis.test, design.analysis.against)]
    return adjusted(test, first[0], other, first[1])


def _side(values: Floats, arms: tuple[int, ...]) -> Floats:
    """People of some arms one after the other [replicate, person]."""
    return np.concatenate([values[:, :, arm] for arm in arms], axis=1)


@dataclass
class _Held:
    """All replicates of one size: estimates by endpoint, significance of the primary one, the look that stopped."""

    found: list[Estimates]
    significant: npt.NDArray[np.bool_]
    sign: Floats
    stopped: npt.NDArray[np.int64]


def _joined(parts: list[Estimates]) -> Estimates:
    return Estimates(*(np.concatenate([getattr(p, name) for p in parts]) for name in ("effect", "error", "freedom")))


def _hold(
    stage: Stage, people: int, *, null: bool, keep: Callable[[Draw], None] | None = None, only_primary: bool = False
) -> _Held:
    """All replicates with so many people."""
    design = stage.design
    looks = design.analysis.looks
    bound = bounds(looks, design.analysis.alpha, design.analysis.spending)
    ends = range(1 if only_primary else len(design.endpoints))
    found: list[list[Estimates]] = [[] for _ in ends]
    at_looks: list[Floats] = []
    for rows, rng in blocks(design, stage.seed, people, null=null):
        draw = stage.draw(people, rows, rng, null=null)
        for k in ends:
            found[k].append(estimates(stage, draw, k, people))
        early = [estimates(stage, draw, 0, max(3, math.ceil(share * people))).z() for share in looks[:-1]]
        at_looks.append(np.stack([*early, found[0][-1].z()], axis=1))
        if keep is not None:
            keep(draw)
    z = np.concatenate(at_looks)
    crossed = np.abs(z) > bound
    first = np.where(crossed.any(axis=1), crossed.argmax(axis=1), len(looks))
    sign = np.sign(z[np.arange(z.shape[0]), np.minimum(first, len(looks) - 1)])
    return _Held([_joined(parts) for parts in found], np.asarray(crossed.any(axis=1)), sign, first)


def proportion(happens: npt.NDArray[np.bool_]) -> Proportion:
    """A share of replicates with its Monte Carlo error; never an error of nothing at 0 or 1 (rule of three)."""
    n = happens.size
    value = float(happens.mean())
    inner = min(max(value, 1.0 / (n + 2.0)), 1.0 - 1.0 / (n + 2.0))
    return Proportion(value=_short(value), error=_short(math.sqrt(inner * (1.0 - inner) / n)), replicates=n)


def _short(value: float) -> float:
    return float(f"{value:.6g}")


@dataclass
class _Kept:
    """Sums over the replicates of the trial's own size, block by block."""

    changes: list[Floats]
    flows: list[Floats]
    arms: list[Floats]
    first_error: list[Floats]
    offset: list[Floats]
    sides: list[Sides]

    def note(self, stage: Stage, draw: Draw) -> None:
        """Takes what is needed of a block; the block itself is let go."""
        import warnings

        design = stage.design
        y = draw.readings[0]
        change = y - y[..., :1] if design.primary.has_baseline else y
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            self.changes.append(np.nanmean(change, axis=1))
        self.flows.append(np.stack([draw.candidates, draw.not_stage, draw.not_density], axis=1).astype(float))
        there = np.isfinite(y[..., stage.visit])
        stopped, left = np.isfinite(draw.stopped), np.isfinite(draw.left)
        self.arms.append(np.stack([part.sum(axis=1) for part in (stopped, left, there)], axis=2).astype(float))
        self.first_error.append(draw.first_error)
        self.offset.append(draw.offset.mean(axis=1))
        held = sum(part.test.shape[0] for part in self.sides)
        wanted = design.analysis.mixed_replicates if design.analysis.method == "mixed" else _CHECKED
        if design.kind == "parallel" and held < wanted:
            self.sides.append(_sides(stage, draw, wanted - held))


def _sides(stage: Stage, draw: Draw, most: int) -> Sides:
    y = draw.readings[0][:most]
    arms = stage.design.analysis
    test, other = (np.concatenate([y[:, :, arm] for arm in side], axis=1) for side in (arms.test, arms.against))
    return Sides(test, other, stage.design.primary.has_baseline)


def hold_trial(design: Design, knowledge: Knowledge, seed: int, progress: Progress) -> tuple[TrialResult, Stage]:
    """Simulates the people of a design and holds the trial `replicates` times.

    Args:
        design: the trial.
        knowledge: in force.
        seed: same seed, version and design: same answer.
        progress: called with a step's name and the fraction done.

    Returns:
        The answer, and the stage from which single replicates can be drawn.

    Raises:
        InputError: hardly anybody of the population is eligible.
    """
    pool = simulate_pool(design, knowledge, seed, progress)
    return hold_on(design, knowledge, pool, seed, progress)


def hold_on(
    design: Design, knowledge: Knowledge, pool: Pool, seed: int, progress: Progress
) -> tuple[TrialResult, Stage]:
    """As `hold_trial`, on people who have been simulated or made up."""
    stage = Stage(design, knowledge, pool, seed)
    kept, nothing = (_Kept([], [], [], [], [], []) for _ in range(2))
    held: dict[int, _Held] = {}
    steps = len(design.sizes) + 2
    for done, people in enumerate(design.sizes):
        progress("Trials", done / steps)
        own = people == design.people
        keep = (lambda draw: kept.note(stage, draw)) if own else None
        held[people] = _hold(stage, people, null=False, keep=keep, only_primary=not own)
    progress("Trials", len(design.sizes) / steps)
    null = _hold(stage, design.people, null=True, keep=lambda draw: nothing.note(stage, draw))
    progress("Trials", (steps - 1) / steps)
    mine = held[design.people]
    curve = [_size(stage, people, held[people]) for people in design.sizes]
    truths = [true_effects(stage, k) for k in range(len(design.endpoints))]
    arms = design.analysis
    result = TrialResult(
        follicast=VERSION,
        knowledge_hash=knowledge.hash,
        regrowth=knowledge.regrowth,
        seed=seed,
        title=design.title,
        study=f"{design.study}-{seed}",
        kind=design.kind,
        synthetic=True,
        arms=[arm.name for arm in design.arms],
        test=[design.arms[k].name for k in arms.test],
        against=[design.arms[k].name for k in arms.against],
        method=arms.method,
        estimand=arms.estimand,
        estimand_words=trial_words.estimand(design),
        alpha=arms.alpha,
        week=arms.week,
        people=design.people,
        replicates=design.replicates,
        pool=pool.size,
        worlds=pool.worlds,
        eligible_share=_short(float(stage.eligible.mean())),
        certainty=trial_words.certainty(design, knowledge),
        curve=curve,
        wanted_power=arms.power,
        wanted_people=list(wanted_people(curve, arms.power)),
        endpoints=[_endpoint(stage, k, truths[k], mine, null) for k in range(len(design.endpoints))],
        looks=_looks(stage, mine, null),
        mean_people=_mean_people(design, mine),
        mixed=_mixed(stage, kept, nothing, truths[0]) if arms.method == "mixed" else None,
        flow=_flow(stage, kept),
        courses=[_course(stage, column, kept) for column in range(design.columns)],
        control=_control(stage, kept),
        unequal_dummies=_short(_unequal(stage, kept)),
        check=_check(stage, kept, mine),
        assumptions=trial_words.assumptions(design, knowledge, stage.errors[0].individual),
    )
    progress("Trials", 1.0)
    return result, stage


def _size(stage: Stage, people: int, held: _Held) -> SizePower:
    right = np.sign(true_effects(stage, 0))[np.arange(held.sign.size) % stage.pool.worlds]
    wrong = held.significant & (held.sign != right)
    return SizePower(people=people, power=proportion(held.significant), wrong=proportion(wrong))


def wanted_people(curve: list[SizePower], power: float) -> tuple[int | None, int | None, int | None]:
    """People in each arm for that power by interpolation in the square root, then with power one MC error more or less.

    None where the curve does not reach it.
    """
    root = np.sqrt([point.people for point in curve])
    found: list[int | None] = []
    for shift in (0.0, 1.0, -1.0):
        values = np.maximum.accumulate([point.power.value + shift * 1.96 * point.power.error for point in curve])
        if values[-1] < power:
            found.append(None)
        elif values[0] >= power:
            found.append(curve[0].people)
        else:
            rising = int(np.argmax(values >= power))
            share = (power - values[rising - 1]) / (values[rising] - values[rising - 1])
            found.append(math.ceil((root[rising - 1] + share * (root[rising] - root[rising - 1])) ** 2 - 1e-9))
    return found[0], found[1], found[2]


def _estimated(stage: Stage, truths: Floats, found: Estimates) -> Estimated:
    """Bias and coverage are against the truth of the world that each replicate was held in."""
    world = np.arange(found.effect.size) % stage.pool.worlds
    off = found.effect - truths[world]
    # A replicate of which nobody was left on one side says nothing: it is counted as failed, and as not significant.
    told = np.isfinite(off) & np.isfinite(found.error)
    if not told.any():
        raise InputError(
            f"{stage.design.title}: in no replicate enough people are left to be analysed; take in more people, or "
            "lower conduct.leave and conduct.stop."
        )
    inside = np.abs(off[told]) <= found.half_width(stage.design.analysis.alpha)[told]
    off = off[told]
    low, middle, high = np.percentile(found.effect[told], _INTERVAL)
    spread = np.percentile(truths, _INTERVAL)
    return Estimated(
        truth=_short(float(truths.mean())),
        truth_low=_short(spread[0]),
        truth_high=_short(spread[2]),
        middle=_short(middle),
        low=_short(low),
        high=_short(high),
        bias=_short(float(off.mean())),
        bias_error=_short(float(off.std() / math.sqrt(off.size))),
        coverage=proportion(inside),
        standard_error=_short(float(found.error[told].mean())),
        failed=int((~told).sum()),
    )


def _endpoint(stage: Stage, k: int, truths: Floats, held: _Held, null: _Held) -> EndpointResult:
    endpoint, errors = stage.design.endpoints[k], stage.errors[k]
    alpha = stage.design.analysis.alpha
    significant = held.significant if k == 0 else held.found[k].p() < alpha
    by_chance = null.significant if k == 0 else null.found[k].p() < alpha
    return EndpointResult(
        name=endpoint.name,
        measure=endpoint.measure,
        unit=endpoint.unit,
        zone=endpoint.zone,
        area_cm2=endpoint.area_cm2,
        weeks=list(endpoint.weeks),
        effect=_estimated(stage, truths, held.found[k]),
        power=proportion(significant),
        type_one=proportion(by_chance),
        true_change_sd=_short(stage.spread_of_change(k)),
        reading_error_sd=_short(errors.instrument),
        added_individual_sd=_short(errors.individual),
    )


def _looks(stage: Stage, held: _Held, null: _Held) -> list[Look]:
    arms = stage.design.analysis
    return [
        Look(
            share=share,
            bound=_short(float(bound)),
            stops=proportion(held.stopped == k),
            stops_null=proportion(null.stopped == k),
        )
        for k, (share, bound) in enumerate(zip(arms.looks, bounds(arms.looks, arms.alpha, arms.spending), strict=True))
    ]


def _mean_people(design: Design, held: _Held) -> float:
    """People in each arm when the trial stops, on average."""
    shares = np.array([*design.analysis.looks, 1.0])
    return _short(float(design.people * shares[held.stopped].mean()))


def _mixed(stage: Stage, kept: _Kept, nothing: _Kept, truths: Floats) -> MixedResult:
    design = stage.design
    weeks = np.array(design.visits)
    found, by_chance = (
        _joined([mixed(part, weeks, stage.visit) for part in source.sides]) for source in (kept, nothing)
    )
    good = np.isfinite(found.effect)
    told = _estimated(stage, truths, found)
    return MixedResult(
        model="change by visit and arm, baseline by visit, random intercept of each person (REML, statsmodels MixedLM)",
        replicates=int(found.effect.size),
        failed=int((~good).sum()),
        power=proportion(found.p() < design.analysis.alpha),
        type_one=proportion(by_chance.p() < design.analysis.alpha),
        estimate=_short(float(np.nanmean(found.effect))),
        bias=told.bias,
        bias_error=told.bias_error,
        coverage=told.coverage,
    )


def _flow(stage: Stage, kept: _Kept) -> Flow:
    design = stage.design
    screened, not_stage, not_density = np.concatenate(kept.flows).mean(axis=0)
    arms = np.concatenate(kept.arms).mean(axis=0)
    return Flow(
        screened=_short(screened),
        not_stage=_short(not_stage),
        not_density=_short(not_density),
        randomised=design.people * (1 if design.kind == "split-scalp" else design.columns),
        arms=[
            FlowArm(
                arm=trial_words.column(design, k),
                randomised=design.people,
                stopped=_short(row[0]),
                left=_short(row[1]),
                analysed=_short(row[2]),
            )
            for k, row in enumerate(arms)
        ],
    )


def _course(stage: Stage, column: int, kept: _Kept) -> Course:
    design = stage.design
    changes = np.concatenate(kept.changes)[:, column]
    true = true_course(stage, column)
    points = []
    for v, week in enumerate(design.visits):
        if not np.isfinite(changes[:, v]).any():
            continue
        low, middle, high = np.nanpercentile(changes[:, v], _INTERVAL)
        points.append(
            CoursePoint(week=week, middle=_short(middle), low=_short(low), high=_short(high), true=_short(true[v]))
        )
    return Course(arm=trial_words.column(design, column), points=points)


def true_course(stage: Stage, column: int) -> Floats:
    """Mean true change of the people taken in, by visit, if nobody stops or leaves."""
    truth = expected_reading(stage, 0, stage.pool.truth[0, column, 0])
    change = truth - truth[:1] if stage.design.primary.has_baseline else truth
    return np.asarray(np.average(change, axis=1, weights=stage.eligible))


def _control(stage: Stage, kept: _Kept) -> ControlChange:
    """The control arm's change taken apart."""
    design = stage.design
    columns = [1] if design.kind != "parallel" else list(design.analysis.against)
    at = stage.visit
    measured = float(np.nanmean(np.concatenate(kept.changes)[:, columns, at]))
    hair = float(np.mean([true_course(stage, k)[at] for k in columns]))
    counts = design.primary.measure in COUNTS
    dummy = float(np.concatenate(kept.offset)[:, columns].mean()) if counts else 0.0
    back = -float(np.concatenate(kept.first_error).mean()) if design.primary.has_baseline else 0.0
    return ControlChange(
        arm=" and ".join(trial_words.column(design, k) for k in columns),
        measured=_short(measured),
        hair=_short(hair),
        dummy=_short(dummy),
        regression=_short(back),
        rest=_short(measured - hair - dummy - back),
    )


def _unequal(stage: Stage, kept: _Kept) -> float:
    """How much of the difference between the sides is what their dummies do, not what the treatment does."""
    design = stage.design
    if design.kind == "crossover" or design.primary.measure not in COUNTS:
        return 0.0
    offset = np.concatenate(kept.offset).mean(axis=0)
    return float(offset[list(design.analysis.test)].mean() - offset[list(design.analysis.against)].mean())


def _check(stage: Stage, kept: _Kept, held: _Held) -> Check:
    if stage.design.kind != "parallel":
        return Check(replicates=0, largest_difference=0.0)
    sides = kept.sides[0]
    count = min(_CHECKED, sides.test.shape[0])
    largest = largest_difference(sides, stage.visit, stage.design.analysis.method, held.found[0], count)
    return Check(replicates=count, largest_difference=float(f"{largest:.1e}"))
