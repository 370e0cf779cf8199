"""Small tables of trials for tests: columns, a good row of each format, and the therapies to read them with."""

import csv
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from follicast.knowledge.load import therapies
from follicast.knowledge.therapy import EmaxExposure, Therapy
from follicast.knowledge.trial import Arm

DRUG = """trial_id first_author year doi_or_pmid sex n_arm age_mean stage_inclusion region target_area_cm2 measure
drug dose route frequency week baseline_mean baseline_sd change_mean change_sd change_se ci_low ci_high unit
verification""".split()
PROCEDURE = """trial_id first_author year design sex n_arm age_mean stage_inclusion region measure therapy
source_or_device dose route sessions interval_days followup_week baseline_mean baseline_sd change_mean change_sd ci_low
ci_high unit control_type""".split()
GOOD = {
    DRUG[0]: "A_1",
    "sex": "M",
    "measure": "total",
    "drug": "finasteride",
    "week": "24",
    "change_mean": "10",
    "unit": "hairs/cm2",
}
SESSION = {
    PROCEDURE[0]: "B1",
    "sex": "M+F",
    "measure": "total density",
    "therapy": "PRP",
    "followup_week": "24",
    "change_mean": "10",
    "unit": "hairs/cm2",
}
MG_A_DAY = {"minoxidil-topical-5": 100.0, "minoxidil-topical-2": 40.0, "minoxidil-oral": 5.0}


def with_doses() -> Mapping[str, Therapy]:
    """The therapies with minoxidil answering to its dose, whatever the shipped form of its exposure is."""
    model = therapies()["finasteride-oral"].exposure
    assert isinstance(model, EmaxExposure)
    exposures = {name: replace(model, dose=replace(model.dose, value=full)) for name, full in MG_A_DAY.items()}
    return {name: replace(each, exposure=exposures.get(name, each.exposure)) for name, each in therapies().items()}


def written(folder: Path, columns: list[str], rows: list[dict[str, str]]) -> Path:
    path = folder / "table.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def given(arm: Arm) -> dict[str, float]:
    return {use.therapy: pytest.approx(use.dose) for use in arm.uses}
