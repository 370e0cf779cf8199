"""Registered trials without a result, as rows that can be played: open_trials.toml beside registered_trials.csv."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from follicast.knowledge.load import DATA
from follicast.knowledge.trial import Arm, Measure, Participants, TrialRow, Unit, Use

OPEN, REGISTERED = "open_trials.toml", "registered_trials.csv"
_MEASURES: Final = {
    "density": (Measure("count"), Unit("hairs/cm2", "absolute", 1.0)),
    "diameter": (Measure("diameter"), Unit("um", "absolute", 1.0)),
}
# Two halves of one person vary together: with a correlation of one half their difference has the error of arms twice as
# large (variance 2 s^2 (1 - 1/2) / n against 2 s^2 / n).
_WITHIN: Final = 2.0


@dataclass(frozen=True)
class Question:
    """One number that an open trial will print. `against` is None where it is an arm's own change."""

    registry: str
    arm: str
    against: str | None
    measure: str
    week: float
    n: float | None
    row: TrialRow


@dataclass(frozen=True)
class OpenTrial:
    """A registered trial in the model's terms, with what its register says and what we had to assume."""

    registry: str
    title: str
    design: str
    n: float | None
    stated: str
    assumptions: tuple[str, ...]
    questions: tuple[Question, ...]


@cache
def registered() -> Mapping[str, Mapping[str, str]]:
    """Rows of the register by id."""
    with (DATA / REGISTERED).open(encoding="utf-8", newline="") as file:
        return {row["registry_id"]: row for row in csv.DictReader(file)}


@cache
def written() -> Mapping[str, Any]:
    """open_trials.toml as it stands."""
    return tomllib.loads((DATA / OPEN).read_text(encoding="utf-8"))


def open_trials() -> tuple[OpenTrial, ...]:
    """Every trial whose arms can be expressed by regimens; their rows have lines of their own."""
    trials = []
    line = 0
    for entry in written()["trial"]:
        questions = []
        for question in _questions(entry, line):
            questions.append(question)
            line = question.row.line
        trials.append(
            OpenTrial(
                registry=entry["registry"],
                title=entry["title"],
                design=entry["design"],
                n=entry.get("n"),
                stated=entry["stated"],
                assumptions=tuple(entry["assumptions"]),
                questions=tuple(questions),
            )
        )
    return tuple(trials)


def _questions(entry: Mapping[str, Any], line: int) -> Iterator[Question]:
    arms = {name: _arm(arm) for name, arm in entry["arms"].items()}
    asked: list[tuple[str, str | None]] = [(pair["arm"], pair["against"]) for pair in entry["contrasts"]]
    asked += [(name, None) for name in entry.get("changes", ())]
    for name, against in asked:
        for reading in entry["readings"]:
            measure, unit = _MEASURES[reading["measure"]]
            for week in reading["weeks"]:
                line += 1
                row = _row(entry, line, arms[name], None if against is None else arms[against], measure, unit, week)
                yield Question(entry["registry"], name, against, reading["measure"], week, entry.get("n"), row)


def _arm(written_arm: Mapping[str, Any]) -> Arm:
    uses = []
    for use in written_arm["uses"]:
        rest = {key: value for key, value in use.items() if key not in ("therapy", "session_weeks")}
        uses.append(Use(use["therapy"], session_weeks=tuple(use.get("session_weeks", ())), **rest))
    return Arm(tuple(uses), written_arm["setting"])


def _row(
    entry: Mapping[str, Any], line: int, arm: Arm, against: Arm | None, measure: Measure, unit: Unit, week: float
) -> TrialRow:
    norwood = entry.get("norwood")
    who = Participants(
        sex=entry["sex"],
        age=entry["age"],
        ancestry=entry.get("ancestry"),
        zones=tuple(entry["zones"]),
        norwood=None if norwood is None else (norwood[0], norwood[1]),
    )
    n = entry.get("n")
    if n is not None and against is not None and entry["design"] == "within person":
        n = _WITHIN * n
    return TrialRow(
        line=line,
        trial_id=entry["registry"],
        trial=entry["registry"],
        who=who,
        n=n,
        n_control=n,
        arm=arm,
        against=against,
        control_line=None,
        measure=measure,
        unit=unit,
        week=week,
        level=False,
        observed=None,
        sd=None,
        se=None,
        baseline=None,
        verification="open",
    )
