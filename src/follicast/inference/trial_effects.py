"""What the model expects every row of a trial table to report, for one set of shared numbers.

The rows are sorted by the people they need and the arms they play, so that people live once and an arm is played once
however many rows read it. An effect is formed as the trial formed it: net of its control arm where it has one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.biology.simulate import Course
from follicast.inference.trial_people import (
    Setup,
    Standing,
    entry_weights,
    play,
    setups_of,
    stage_weights,
    stand,
    zones_by_setup,
)
from follicast.inference.trial_reading import ASSAYED, assay_change, read_people
from follicast.knowledge.load import Knowledge
from follicast.knowledge.therapy import Graft
from follicast.knowledge.trial import Arm, Measure, TrialRow, Use
from follicast.people.beliefs import centre

Floats = npt.NDArray[np.float64]

_TOTAL: Final = Measure("count")
_NOTHING: Final = Arm((), "untreated")
# What is shed is counted over the four weeks before a reading.
_SHED_WEEKS: Final = 4.0
GRAFTS: Final = frozenset({"graft survival", "donor removed"})
"""Quantities that follow from the numbers of an operation alone."""


@dataclass(frozen=True)
class Effects:
    """What each row should report, in the row's own unit, one entry a row.

    `net` is the effect against the row's comparison, or the arm's own change where it has none (a level for a row that
    reports one). `own` is the arm's own change. `error` is the standard error of `net` from simulating few people,
    `spread` the standard deviation of the individual changes between people, and `unit` the size of one standard unit
    (one hair/cm2, say) in the row's own: 5.07 in a circle, 100 / baseline in percent of it.
    """

    net: Floats
    own: Floats
    error: Floats
    spread: Floats
    unit: Floats


@dataclass(frozen=True)
class _Seen:
    """Weighted means of a row's net effect and own change, with simulation error, spread between people and unit."""

    net: float
    own: float
    error: float
    spread: float
    unit: float


def therapies_simulated(knowledge: Knowledge) -> tuple[str, ...]:
    """Therapies that act through channels, by id."""
    return tuple(sorted(name for name, therapy in knowledge.therapies.items() if therapy.exposure is not None))


def comparison(row: TrialRow, rows_by_line: Mapping[int, TrialRow]) -> Arm | None:
    """The arm that a row's number is net of, or None where it is a change from the arm's own start."""
    if row.against is not None:
        return row.against
    return rows_by_line[row.control_line].arm if row.control_line is not None else None


class Rehearsal:
    """Rows sorted into people, arms and weeks; `effects` plays them for the shared numbers it is given."""

    def __init__(self, rows: Sequence[TrialRow], therapies: Sequence[str]) -> None:
        """Sorts the rows. `therapies` are those that arms may name."""
        self.rows = tuple(rows)
        self._therapies = tuple(therapies)
        by_line = {row.line: row for row in rows}
        self._against = [comparison(row, by_line) for row in rows]
        self._simulated = [i for i, row in enumerate(rows) if row.measure.quantity not in ASSAYED | GRAFTS]
        self._zones = zones_by_setup([rows[i] for i in self._simulated])
        self._weeks: dict[tuple[Setup, tuple[Use, ...]], list[float]] = {}
        for i in self._simulated:
            self._ask(i)

    def _ask(self, i: int) -> None:
        row, against = self.rows[i], self._against[i]
        arms = [row.arm] + ([against] if against is not None else [])
        weeks = [row.week]
        if row.measure.quantity == "shedding":
            arms.append(_NOTHING)
            weeks = [max(0.0, row.week - _SHED_WEEKS), row.week]
        for setup in setups_of(row.who):
            for arm in arms:
                asked = self._weeks.setdefault((setup, arm.uses), [])
                asked.extend(week for week in weeks if week not in asked)

    def effects(self, knowledge: Knowledge, people: int, seed: int) -> Effects:
        """What every row should report if the shared numbers are those of `knowledge`.

        Args:
            knowledge: in force; with one joint draw of the shared numbers, the answer is that draw's.
            people: how many of each kind.
            seed: of their draws; the same people for any shared numbers.

        Returns:
            The effects, in the order of the rows.
        """
        parts: list[list[_Seen]] = [[] for _ in self.rows]
        for setup, zones in self._zones.items():
            standing = stand(knowledge, setup, zones, self._therapies, people, seed)
            courses = {
                uses: (sorted(weeks), play(standing, Arm(uses, "untreated"), sorted(weeks)))
                for (who, uses), weeks in self._weeks.items()
                if who == setup
            }
            for i in self._simulated:
                if setup in setups_of(self.rows[i].who):
                    parts[i].append(_seen(knowledge, standing, courses, self.rows[i], self._against[i]))
        table = np.array([self._row(knowledge, i, parts[i]) for i in range(len(self.rows))])
        return Effects(*table.reshape(-1, 5).T)

    def _row(self, knowledge: Knowledge, i: int, parts: Sequence[_Seen]) -> tuple[float, ...]:
        row = self.rows[i]
        if row.measure.quantity in ASSAYED:
            change = _assayed(knowledge, row, row.arm)
            other = 0.0 if self._against[i] is None else _assayed(knowledge, row, self._against[i])
            return change - other, change, 0.0, 0.0, row.unit.per_standard
        if row.measure.quantity in GRAFTS:
            value = row.unit.per_standard * _grafted(knowledge, row, row.arm)
            against = self._against[i]
            other = 0.0 if against is None else row.unit.per_standard * _grafted(knowledge, row, against)
            return value - other, value, 0.0, 0.0, row.unit.per_standard
        seen = np.array([[part.net, part.own, part.error, part.spread, part.unit] for part in parts])
        net, own, _, spread, unit = seen.mean(axis=0)
        error = np.sqrt((seen[:, 2] ** 2).sum()) / len(parts)
        return float(net), float(own), float(error), float(spread), float(unit)


def _assayed(knowledge: Knowledge, row: TrialRow, arm: Arm | None) -> float:
    found = assay_change(knowledge, arm or _NOTHING, row.measure.quantity)
    return float("nan") if found is None else row.unit.per_standard * found


def _grafted(knowledge: Knowledge, row: TrialRow, arm: Arm) -> float:
    """Percent of grafts that survive in an arm, with what it adds to them, or percent of donor hairs removed."""
    graft = knowledge.therapies["transplant"].graft
    assert isinstance(graft, Graft)
    if row.measure.quantity == "graft survival":
        gain = sum(graft.adjuncts[name].survival_gain.value for name in arm.active if name in graft.adjuncts)
        return 100.0 * (centre(graft.survival, "transplant.survival", knowledge.shared) + gain)
    p = knowledge.parameters
    donor = (
        p["density.caucasian"].value * p["density.zone.occipital-donor"].value * p["zone.area.occipital-donor"].value
    )
    return 100.0 * graft.grafts_first_session.value * graft.hairs_per_graft.value / donor


Courses = Mapping[tuple[Use, ...], tuple[list[float], Course]]


def _seen(knowledge: Knowledge, standing: Standing, courses: Courses, row: TrialRow, against: Arm | None) -> _Seen:
    """One row read of one kind of people."""
    sites = [standing.site(zone) for zone in row.who.zones]
    first = _pooled(read_people(standing, standing.first, 0, row.measure), sites)
    weights = _weights(knowledge, standing, row, sites, first)
    if row.level:
        return _summary(first * row.unit.per_standard, first * row.unit.per_standard, weights, row.unit.per_standard)
    if row.measure.quantity == "shedding":
        first = _shed_rate(standing, courses[()], row, sites)
    relative = row.unit.basis == "percent of baseline"
    unit = 100.0 / max(float(weights @ first), 1e-9) if relative else row.unit.per_standard
    own = unit * (_after(standing, courses[row.arm.uses], row, sites) - first)
    other = np.zeros(own.size)
    if against is not None:
        other = unit * (_after(standing, courses[against.uses], row, sites) - first)
    return _summary(own - other, own, weights, unit)


def _after(standing: Standing, played: tuple[list[float], Course], row: TrialRow, sites: Sequence[int]) -> Floats:
    if row.measure.quantity == "shedding":
        return _shed_rate(standing, played, row, sites)
    weeks, course = played
    return _pooled(read_people(standing, course, weeks.index(row.week), row.measure), sites)


def _shed_rate(standing: Standing, played: tuple[list[float], Course], row: TrialRow, sites: Sequence[int]) -> Floats:
    """Hairs shed in the weeks before a reading."""
    weeks, course = played
    start, end = (weeks.index(week) for week in (max(0.0, row.week - _SHED_WEEKS), row.week))
    before, after = (_pooled(read_people(standing, course, k, row.measure), sites) for k in (start, end))
    return after - before


def _pooled(values: Floats, sites: Sequence[int]) -> Floats:
    return np.asarray(values[:, sites].mean(axis=1))


def _weights(knowledge: Knowledge, standing: Standing, row: TrialRow, sites: Sequence[int], first: Floats) -> Floats:
    total = _pooled(read_people(standing, standing.first, 0, _TOTAL), sites)
    stage = stage_weights(knowledge, standing, row.who.norwood, row.who.zones)
    tells = row.baseline is not None and not row.level and row.unit.basis == "absolute"
    if tells and row.measure.quantity == "count" and row.baseline is not None:
        return entry_weights(total, stage, first, row.baseline / row.unit.per_standard)
    return entry_weights(total, stage)


def _summary(net: Floats, own: Floats, weights: Floats, unit: float) -> _Seen:
    mean, change = float(weights @ net), float(weights @ own)
    variance = float(weights @ (net - mean) ** 2)
    spread = float(weights @ (own - change) ** 2)
    return _Seen(mean, change, float(np.sqrt(variance * (weights @ weights))), float(np.sqrt(spread)), unit)
