"""Claims put to simulated twins: every arm of a test on the same members and draws, and what a clinic would count.

A clinic that counts before and after, unblinded and without a control, sees more than what happens to the hair: the
control arms of trials move too, by needles, saline, careful counting and because people come when it is worst
(regression to the mean). `share_counted_up` adds that movement, as calibrated to trials, and the error of two counts.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from follicast.decisions.claims.result import Cell, TestResult, as_data, from_data, made_of, rounded
from follicast.decisions.planning.candidates import FIRST_SESSION_DAY, option
from follicast.decisions.planning.workbench import Workbench
from follicast.inference.diagnostics import effective_size, quantile
from follicast.inference.forecast import Outlook, Regimen
from follicast.inference.history import YEAR_DAYS
from follicast.inference.refine import Progress
from follicast.inference.reweight import whole_scalp
from follicast.inference.store import Store, key_of
from follicast.knowledge.claim_tests import SHARES, Arm, ClaimTest, Column, claim_people
from follicast.knowledge.claims import CLAIMS
from follicast.knowledge.load import Knowledge
from follicast.knowledge.therapy import Certainty
from follicast.measurement.instruments import detectable_change, mean_rate
from follicast.people.beliefs import believed, named_normals
from follicast.people.person import Person, Proposal
from follicast.people.read import parse_person
from follicast.quantities import DAYS_PER_YEAR
from follicast.version import VERSION

Floats = npt.NDArray[np.float64]
Reading: TypeAlias = Callable[["_Played", "_Played", Column], Floats]

_CERTAINTIES: Final[tuple[Certainty, ...]] = ("very low", "low", "moderate", "high")
_RESAMPLES: Final = 200
_TERMINAL_UM: Final = 60.0
_MM_PER_CM: Final = 10.0
_LEVELS: Final = np.array([0.10, 0.50, 0.90])


@dataclass(frozen=True)
class _Played:
    """One arm played: its outlook on the days the test reads, member by member, and who the members are."""

    arm: Arm
    bench: Workbench
    outlook: Outlook

    @property
    def weights(self) -> Floats:
        return self.bench.posterior.weights

    @property
    def seen(self) -> float:
        """Smallest change that two counts of a marked site can show, hairs/cm2."""
        return detectable_change(self.bench.knowledge.parameters["instrument.count_sd_matched"].value)

    def on(self, day: int, column: Column) -> Floats:
        """The measure of a column on a day after today, by member."""
        values: Floats = getattr(self.outlook, column.measure)
        return np.asarray(values[int(np.searchsorted(self.outlook.days, day))])

    def moved_by_itself(self) -> Floats:
        """What the control arm of such a trial gains without any effect, by member, hairs/cm2."""
        numbers = self.bench.knowledge.parameters
        seed, members = self.bench.seed, self.bench.posterior.number
        shared = self.bench.knowledge.shared
        name = f"control.{self.arm.control}"
        own = believed(numbers[name], name, seed, members, shared)
        spread = believed(numbers["control.spread"], "control.spread", seed, members, shared)
        return np.asarray(own + spread * named_normals(seed, members, "claim.clinic"))

    def miscounted(self) -> Floats:
        """Error of the difference of two counts of a marked site, by member."""
        sd = self.bench.knowledge.parameters["instrument.count_sd_matched"].value
        seed, members = self.bench.seed, self.bench.posterior.number
        return np.asarray(np.sqrt(2.0) * sd * named_normals(seed, members, "claim.count"))


def run_test(
    test: ClaimTest,
    knowledge: Knowledge,
    seed: int,
    progress: Progress,
    store: Store | None = None,
    today: dt.date | None = None,
) -> TestResult:
    """What would become of people like these, arm by arm?

    Args:
        test: as declared in claims.toml.
        knowledge: in force; the arms' overrides and hypotheses of regrowth are laid over it.
        seed: same seed, knowledge and version: same numbers.
        progress: called with a step's name and the fraction done.
        store: of results made before; None = the user's own.
        today: the date to write on the result.

    Returns:
        The result, from the store if it was made before.
    """
    store = store or Store.for_user()
    # What people prefer ranks plans; it moves no hair.
    keys = tuple(sorted(key for key in knowledge.parameters if not key.startswith("preference.")))
    identity = made_of(test, keys)
    key = key_of("claim test", identity, knowledge.hash, seed)
    found = store.get(key)
    if found is not None:
        return from_data(json.loads(str(found["result"])))
    benches = _benches(test, knowledge, seed, store, progress)
    played = {}
    for done, arm in enumerate(test.arms):
        progress(f"Testing: {test.title}", done / len(test.arms))
        played[arm.key] = _play(arm, benches[_who(arm)], test)
    progress(f"Testing: {test.title}", 1.0)
    base = played[test.against]
    result = TestResult(
        test=test.id,
        cells={arm.key: {c.key: _cell(played[arm.key], base, c) for c in test.columns} for arm in test.arms},
        certainty={arm.key: certainty_of(arm, knowledge) for arm in test.arms},
        twins=min(p.weights.size for p in played.values()),
        effective_size=rounded(min(_size(p) for p in played.values())) or 0.0,
        seed=seed,
        version=VERSION,
        date=(today or dt.datetime.now().astimezone().date()).isoformat(),
        knowledge_hash=knowledge.hash,
        made_of=identity,
        parameters=keys,
    )
    store.put(key, {"result": np.array(json.dumps(as_data(result)))})
    return result


def person_of(name: str, knowledge: Knowledge, horizon_days: int = 0) -> Person:
    """A person of the tests by name, with a horizon to plan to."""
    far = dt.date(2100, 1, 1)  # their dates are part of the data, so no clock decides what is "after today"
    person = parse_person(claim_people()[name], f"{CLAIMS}: person.{name}", frozenset(knowledge.therapies), far)
    months = max(1, round(horizon_days * 12.0 / DAYS_PER_YEAR))
    return replace(person, goals=replace(person.goals, horizon_months=months))


def certainty_of(arm: Arm, knowledge: Knowledge) -> Certainty | None:
    """Certainty of the evidence on an arm: as declared, else of its least certain line; None = nothing is done."""
    if arm.certainty is not None or not arm.lines:
        return arm.certainty
    return _CERTAINTIES[min(_CERTAINTIES.index(knowledge.therapies[name].certainty) for name in arm.lines)]


def _who(arm: Arm) -> tuple[object, ...]:
    """Arms that agree in this are played on the same twins."""
    return (arm.person, arm.regrowth, *sorted(arm.overrides.items()))


def _benches(
    test: ClaimTest, knowledge: Knowledge, seed: int, store: Store, progress: Progress
) -> Mapping[tuple[object, ...], Workbench]:
    made: dict[tuple[object, ...], Workbench] = {}
    for arm in test.arms:
        if _who(arm) not in made:
            mine = Knowledge.load({"command line": dict(arm.overrides)}) if arm.overrides else knowledge
            mine = mine if mine.regrowth == arm.regrowth else mine.under(arm.regrowth)
            person = person_of(arm.person, mine, test.horizon_days)
            made[_who(arm)] = Workbench(person, mine, seed, store, progress)
    return made


def _play(arm: Arm, bench: Workbench, test: ClaimTest) -> _Played:
    """The arm's outlook on every day that a column reads."""
    days = sorted({0} | {day for c in test.columns for day in (*c.days, c.from_days)})
    regimen = _regimen(arm, bench)
    stage = bench.stage(regimen.transplants)
    return _Played(arm, bench, stage.outlook(regimen, days[-1], np.array(days, np.int64)))


def _regimen(arm: Arm, bench: Workbench) -> Regimen:
    """The arm's lines as the planner would book them, with its own course of sessions and its own end."""
    proposal = Proposal(arm.key, arm.lines, arm.sessions, arm.interval_days) if arm.sessions is not None else None
    made = option(bench.person, bench.knowledge, arm.lines, bench.horizon_days, proposal).regimen
    earlier = 0 if arm.first_day is None else FIRST_SESSION_DAY - arm.first_day
    lines = tuple(
        replace(
            line,
            stop=line.stop if line.sessions else arm.stop_day,
            sessions=tuple(day - earlier for day in line.sessions),
        )
        for line in made.lines
    )
    return replace(made, lines=lines)


def _size(played: _Played) -> float:
    return min(effective_size(played.weights), played.bench.posterior.effective_size)


def _change(one: _Played, _: _Played, column: Column) -> Floats:
    return one.on(column.days[-1], column) - one.on(column.from_days, column)


def _gain(one: _Played, base: _Played, column: Column) -> Floats:
    return one.on(column.days[-1], column) - base.on(column.days[-1], column)


def _missing(one: _Played, _: _Played, column: Column) -> Floats:
    return one.bench.stage().before_onset() - one.on(column.days[-1], column)


def _first(one: _Played, base: _Played, column: Column) -> Floats:
    """Months until the gain can first be counted; infinite where it never can."""
    gains = np.stack([one.on(day, column) - base.on(day, column) for day in column.days])
    reached = gains > one.seen
    when = np.array(column.days)[reached.argmax(axis=0)] * 12.0 / DAYS_PER_YEAR
    return np.where(reached.any(axis=0), when, np.inf)


def _kept(one: _Played, base: _Played, column: Column) -> Floats:
    """Gain at the end and at the start of the column, [2, member]; their medians are what is compared."""
    return np.stack([one.on(day, column) - base.on(day, column) for day in (column.days[-1], column.from_days)])


def _flow(one: _Played, which: str) -> Floats:
    """Hairs a day over the scalp in the last year."""
    today = one.bench.today()
    last = float(today.days[-1])
    rate = mean_rate(getattr(today, which), today.days, last - YEAR_DAYS, last)
    return whole_scalp(rate, one.bench.knowledge)


_READINGS: Final[Mapping[str, Reading]] = {
    "level": lambda one, _, c: one.on(c.days[-1], c),
    "change": _change,
    "share_up": lambda one, base, c: _as_float(_change(one, base, c) > one.seen),
    "share_down": lambda one, base, c: _as_float(_change(one, base, c) < -one.seen),
    "share_counted_up": lambda one, base, c: _as_float(
        _change(one, base, c) + one.moved_by_itself() + one.miscounted() > one.seen
    ),
    "gain": _gain,
    "share_gain": lambda one, base, c: _as_float(_gain(one, base, c) > one.seen),
    "kept": _kept,
    "missing": _missing,
    "share_back": lambda one, base, c: _as_float(_missing(one, base, c) <= 0.0),
    "share_counted_back": lambda one, base, c: _as_float(
        _missing(one, base, c) <= one.moved_by_itself() + one.miscounted()
    ),
    "first": _first,
    "starts": lambda one, _, __: _flow(one, "starts"),
    "sheds": lambda one, _, __: _flow(one, "sheds"),
    "balance": lambda one, _, __: DAYS_PER_YEAR * (_flow(one, "starts") - _flow(one, "sheds")),
    "length": lambda one, _, __: one.bench.stage().uncut_length(_TERMINAL_UM) / _MM_PER_CM,
}


def _as_float(happens: npt.NDArray[np.bool_]) -> Floats:
    return happens.astype(np.float64)


def _cell(one: _Played, base: _Played, column: Column) -> Cell:
    """One cell, with its Monte Carlo error from resampled twins."""
    values = np.atleast_2d(_READINGS[column.show](one, base, column))
    weights = one.weights
    if column.lost_only:
        short = one.bench.stage().before_onset() - one.on(0, column) > one.seen
        if not short.any():
            return Cell(None, None, None, None)
        weights = np.where(short, weights, 0.0) / float(weights @ short)
    value, low, high = _summary(values, weights, column)
    if not np.isfinite(value):
        return Cell(None, None, None, None)
    ends = (None, None) if column.show in SHARES else (low, high if np.isfinite(high) else None)
    again = [found for found in _resampled(values, weights, column, _size(one)) if np.isfinite(found)]
    error = float(np.std(again)) if again else None
    return Cell(rounded(value), rounded(ends[0]), rounded(ends[1]), rounded(error))


def _summary(values: Floats, weights: Floats, column: Column) -> tuple[float, float, float]:
    """Value and central 80 % of the weighted twins."""
    if column.show == "kept":
        after, before = (float(quantile(row, weights, _LEVELS)[1]) for row in values)
        kept = after / before if before > 0.0 else np.nan
        return kept, kept, kept
    if column.show in SHARES:
        share = float(values[0] @ weights)
        return share, share, share
    if column.show == "first":
        # Infinite values cannot be interpolated between: the quantile is the value of the twin it falls on.
        order = np.argsort(values[0], kind="stable")
        at = np.searchsorted(np.cumsum(weights[order]), _LEVELS - 1e-12)
        low, middle, high = (float(v) for v in values[0][order][np.minimum(at, order.size - 1)])
        return middle, low, high
    low, middle, high = (float(v) for v in quantile(values[0], weights, _LEVELS))
    return middle, low, high


def _resampled(values: Floats, weights: Floats, column: Column, size: float) -> list[float]:
    """The value again and again with as many twins drawn as the weights are worth."""
    rng = np.random.default_rng(0)
    count = max(2, round(size * float(np.count_nonzero(weights)) / weights.size))
    flat = np.full(count, 1.0 / count)
    rows = (rng.choice(weights.size, count, p=weights) for _ in range(_RESAMPLES))
    return [_summary(values[:, row], flat, column)[0] for row in rows]
