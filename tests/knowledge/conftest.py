"""Readers of small tables of trials: a whole table, its one row, or why that row was refused."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.knowledge.trials import DRUG, GOOD, PROCEDURE, SESSION, with_doses, written

from follicast.knowledge.therapy import Therapy
from follicast.knowledge.trial import TrialRow, TrialTable
from follicast.knowledge.trial_table import read_trials


@pytest.fixture
def table(tmp_path: Path):
    def read(*rows: dict[str, str], known: Mapping[str, Therapy] | None = None) -> TrialTable:
        columns = PROCEDURE if "therapy" in rows[0] else DRUG
        return read_trials(written(tmp_path, columns, list(rows)), known or with_doses())

    return read


@pytest.fixture
def one(table):
    def read(**cells: str) -> TrialRow:
        base = SESSION if {"therapy", "sessions", "control_type", "followup_week"} & set(cells) else GOOD
        result = table(base | cells)
        assert result.refused == ()
        return result.rows[0]

    return read


@pytest.fixture
def reason(table):
    def read(**cells: str) -> str:
        base = SESSION if {"therapy", "sessions", "control_type", "followup_week"} & set(cells) else GOOD
        result = table(base | cells)
        assert result.rows == ()
        return result.refused[0].reason

    return read
