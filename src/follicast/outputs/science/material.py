"""What the science pages are made from, computed once: calibrations, replays, forecasts, facts, natural history."""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from follicast.inference.evidence import SHIPPED_TABLES, left_out, shipped_drug_means, shipped_tables
from follicast.inference.facts import Check, check_facts, fitted_facts
from follicast.inference.rehearsed import Rehearsed, rehearse, widened
from follicast.inference.replay import Predicted, replay
from follicast.inference.store import Store, key_of
from follicast.knowledge.load import DATA, Knowledge
from follicast.knowledge.posterior import REGROWTHS, Regrowth, read_draws, table_name
from follicast.knowledge.trial import Refused, TrialRow, TrialTable
from follicast.outputs.science.history import History, live
from follicast.outputs.science.imagined import forecast_rows, schedule_rows
from follicast.quantities import InputError

Progress = Callable[[str, float], None]

SEED: Final = 0
_SECOND: Final = 1_000_000


@dataclass(frozen=True)
class Settings:
    """How much is simulated: joint draws and virtual people of each step."""

    draws: int = 32
    other_draws: int = 16
    people: int = 240
    schedule_draws: int = 48
    history_draws: int = 10
    history_people: int = 160
    all_facts: bool = True


QUICK: Final = Settings(2, 1, 12, 3, 1, 12, all_facts=False)
"""Enough to see that pages are made; no number means anything."""


@dataclass(frozen=True)
class View:
    """One hypothesis of regrowth: its numbers, how they were calibrated, what they say of the trials and of arms.

    `wide` has the joint draws that were played: the calibrated ones thinned, and a place for every other number.
    """

    regrowth: Regrowth
    knowledge: Knowledge
    wide: Knowledge
    calibration: Mapping[str, Any]
    predicted: tuple[Predicted, ...]
    forecast: Rehearsed


@dataclass(frozen=True)
class Material:
    """What the pages are made from.

    `views` has the shipped hypothesis first; `whole` is all tables as one; `lines` are rows of the source files.
    """

    settings: Settings
    tables: tuple[TrialTable, ...]
    whole: TrialTable
    lines: Mapping[int, Mapping[str, str]]
    views: tuple[View, ...]
    checks: Sequence[Check]
    history: History
    schedule: Rehearsed
    drug_mean: Callable[[TrialRow], float | None]
    rank_check: Sequence[Mapping[str, Any]]
    review_check: Mapping[str, Any] | None

    @property
    def main(self) -> View:
        """The shipped hypothesis."""
        return self.views[0]

    @property
    def rows(self) -> tuple[TrialRow, ...]:
        """Rows of all tables, under lines that are unique."""
        return self.whole.rows

    @property
    def refused(self) -> tuple[Refused, ...]:
        """Refused rows of all tables, likewise."""
        return self.whole.refused


def joined(tables: Sequence[TrialTable]) -> TrialTable:
    """The tables as one; lines of the second begin a million later."""
    rows: list[TrialRow] = []
    refused: list[Refused] = []
    for k, table in enumerate(tables):
        for row in table.rows:
            control = None if row.control_line is None else row.control_line + k * _SECOND
            rows.append(replace(row, line=row.line + k * _SECOND, control_line=control))
        refused += [replace(entry, line=entry.line + k * _SECOND) for entry in table.refused]
    return TrialTable("+".join(table.name for table in tables), tuple(rows), tuple(refused))


@cache
def file_lines() -> Mapping[int, Mapping[str, str]]:
    """Cells of the shipped tables by the lines of `joined`."""
    found: dict[int, Mapping[str, str]] = {}
    for k, name in enumerate(SHIPPED_TABLES):
        with (DATA / name).open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            begins = 2
            for cells in reader:
                found[begins + k * _SECOND] = {key: (value or "").strip() for key, value in cells.items() if key}
                begins = reader.line_num + 1
    return found


def read_calibration(folder: Path, regrowth: Regrowth) -> Mapping[str, Any] | None:
    """Diagnostics of a calibration, None where there are none.

    Raises:
        InputError: the file is not one that `follicast calibrate` writes.
    """
    path = folder / f"calibration-{regrowth}.json"
    if not path.is_file():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        assert {"names", "rows", "facts", "runs"} <= set(found)
    except (ValueError, AssertionError, TypeError) as error:
        raise InputError(f"{path}: not a calibration ({error}); allowed: what `follicast calibrate` wrote") from error
    return dict(found)


def knowledge_of(folder: Path, regrowth: Regrowth) -> Knowledge:
    """The knowledge under a hypothesis, with the draws of that folder where it has them."""
    knowledge = Knowledge.load(regrowth=regrowth)
    drawn = read_draws(folder / table_name(regrowth))
    return replace(knowledge, shared=drawn) if drawn.names else knowledge


def gather(folder: Path, settings: Settings, progress: Progress) -> Material:
    """Computes everything the pages need; stored answers to the same questions are used.

    Args:
        folder: of the calibration.
        settings: how much to simulate.
        progress: called with a step's name and the fraction done.

    Raises:
        InputError: the folder holds no calibration of the shipped hypothesis.
    """
    views: list[View] = []
    tables: tuple[TrialTable, ...] = ()
    for k, regrowth in enumerate(REGROWTHS):
        calibration = read_calibration(folder, regrowth)
        if calibration is None:
            if k == 0:
                raise InputError(f"{folder}: no calibration-{regrowth}.json; allowed: what `follicast calibrate` wrote")
            continue
        knowledge = knowledge_of(folder, regrowth)
        tables = tables or shipped_tables(knowledge)
        draws = settings.draws if k == 0 else settings.other_draws
        wide = widened(knowledge, draws, SEED)
        predicted = _replayed(joined(tables), wide, draws, settings.people, progress)
        forecast = rehearse(forecast_rows(), wide, settings.people, SEED, progress)
        views.append(View(regrowth, knowledge, wide, calibration, predicted, forecast))
    main = knowledge_of(folder, REGROWTHS[0])
    checks = check_facts(main, SEED, progress) if settings.all_facts else fitted_facts(main, SEED, 0.1)
    many = widened(main, settings.schedule_draws, SEED)
    return Material(
        settings=settings,
        tables=tables,
        whole=joined(tables),
        lines=file_lines(),
        views=tuple(views),
        checks=checks,
        history=live(views[0].wide, settings.history_draws, settings.history_people, SEED, progress),
        schedule=rehearse(schedule_rows(), many, settings.people, SEED, progress),
        drug_mean=shipped_drug_means(main),
        rank_check=_read_rank_check(folder),
        review_check=_read_review_check(folder),
    )


def _read_rank_check(folder: Path) -> Sequence[Mapping[str, Any]]:
    """What `bench/rank_check.py` found, nothing where it was not run."""
    path = folder / "rank-check.json"
    return list(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else []


def _read_review_check(folder: Path) -> Mapping[str, Any] | None:
    """What `bench/review.py` found, None where it was not run."""
    path = folder / "review-check.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


def _replayed(
    table: TrialTable, knowledge: Knowledge, draws: int, people: int, progress: Progress
) -> tuple[Predicted, ...]:
    """A table replayed, or the stored answer."""
    store = Store.for_user()
    shared = knowledge.shared
    z = shared.z.round(9).tobytes().hex()
    key = key_of("replayed", _told(), table.rows, knowledge.hash, shared.names, z, draws, people, SEED)
    kept = store.get(key)
    if kept is None:
        made = replay(table, knowledge, SEED, progress, draws, people).predicted
        kept = {"line": np.array([p.row.line for p in made])}
        for name in _told():
            values = [getattr(p, name) for p in made]
            text = any(isinstance(value, str) for value in values)
            kept[name] = np.array(
                [value or "" for value in values] if text else [np.nan if v is None else v for v in values]
            )
        store.put(key, kept)
    by_line = {row.line: row for row in table.rows}
    found = []
    for k, line in enumerate(kept["line"]):
        told = {name: kept[name][k].item() for name in _told()}
        told = {name: None if value == "" or value != value else value for name, value in told.items()}
        found.append(Predicted(row=by_line[int(line)], **told))
    return tuple(found)


def _told() -> list[str]:
    """Fields of a prediction besides its row: numbers, words, or none."""
    return [field.name for field in fields(Predicted) if field.name != "row"]


def reason_left_out(row: TrialRow) -> str | None:
    """Why a row is not fitted, None if it is."""
    return left_out(row)


@cache
def miss_reasons() -> Mapping[str, Mapping[str, str]]:
    """Likely reasons of misses by the beginning of a trial_id or fact: misses.toml."""
    return tomllib.loads((DATA / "misses.toml").read_text(encoding="utf-8"))


def reason_of(name: str) -> tuple[str, str]:
    """Where the fault of a miss likely lies, and why; ("not known", "no reason known") where nobody said."""
    best = max((key for key in miss_reasons() if name.startswith(key)), key=len, default=None)
    if best is None:
        return "not known", "no reason known"
    return miss_reasons()[best]["blame"], miss_reasons()[best]["reason"]
