import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from follicast.inference.literature import TAILS, block_log_likelihood, blocks, sampling_error, scales
from follicast.knowledge.load import Knowledge
from follicast.knowledge.trial import TrialRow
from follicast.knowledge.trial_table import read_trials

HEADER = (
    "trial_id,first_author,year,doi_or_pmid,url,sex,n_arm,age_mean,stage_inclusion,region,target_area_cm2,measure,drug,"
    "dose,route,frequency,week,baseline_mean,baseline_sd,change_mean,change_sd,change_se,ci_low,ci_high,unit,"
    "placebo_controlled,notes,verification\n"
)


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge.load()


def row(tmp_path: Path, knowledge: Knowledge, **fields: str) -> TrialRow:
    usual = {
        "trial_id": "A1",
        "first_author": "A",
        "year": "2001",
        "sex": "M",
        "n_arm": "50",
        "region": "vertex",
        "target_area_cm2": "1",
        "measure": "total",
        "drug": "finasteride minus placebo",
        "dose": "1 mg",
        "route": "oral",
        "frequency": "qd",
        "week": "52",
        "change_mean": "20",
        "unit": "hairs/cm2",
    }
    cells = {**usual, **fields}
    text = HEADER + ",".join(cells.get(name, "") for name in HEADER.strip().split(",")) + "\n"
    path = tmp_path / "t.csv"
    path.write_text(text)
    table = read_trials(path, knowledge.therapies)
    assert table.refused == ()
    return table.rows[0]


def nothing(_: str) -> None:
    return None


def test_a_trials_deviation_has_a_part_of_its_own_and_one_in_proportion_to_its_effect(
    tmp_path: Path, knowledge: Knowledge
) -> None:
    one = row(tmp_path, knowledge)
    held = scales(knowledge, [one], np.array([5.07]), nothing, 1)
    p = knowledge.parameters
    additive, relative = p["between_trial.additive"].value, p["between_trial.relative.drug"].value
    assert held.deviation(np.array([[0.0]]))[0, 0] == pytest.approx(5.07 * additive)
    assert held.deviation(np.array([[100.0]]))[0, 0] == pytest.approx(math.hypot(5.07 * additive, relative * 100.0))


def test_devices_and_needles_deviate_as_procedures_do(tmp_path: Path, knowledge: Knowledge) -> None:
    light = row(tmp_path, knowledge, drug="LLLT minus sham device", dose="", route="", frequency="")
    wide = scales(knowledge, [light], np.ones(1), nothing, 1).deviation(np.array([[50.0]]))
    usual = scales(knowledge, [row(tmp_path, knowledge)], np.ones(1), nothing, 1).deviation(np.array([[50.0]]))
    assert wide[0, 0] > usual[0, 0]


def test_a_printed_error_is_used_before_any_other(tmp_path: Path, knowledge: Knowledge) -> None:
    assert sampling_error(knowledge, row(tmp_path, knowledge, change_se="2.5"), 1.0, 9.0, contrast=True) == 2.5


def test_small_arms_err_more_and_a_contrast_more_than_a_change(tmp_path: Path, knowledge: Knowledge) -> None:
    few, many = (row(tmp_path, knowledge, n_arm=n) for n in ("20", "200"))
    errors = [sampling_error(knowledge, r, 1.0, 9.0, contrast=True) for r in (few, many)]
    assert errors[0] == pytest.approx(errors[1] * math.sqrt(10.0))
    assert sampling_error(knowledge, many, 1.0, 9.0, contrast=False) < errors[1]


def test_a_single_row_has_the_likelihood_of_a_t_distribution(tmp_path: Path, knowledge: Knowledge) -> None:
    from scipy.stats import t

    one = row(tmp_path, knowledge)
    (block,) = blocks([one], [0], np.array([20.0]), np.array([3.0]), np.array([0.0]))
    effects = np.array([[15.0], [20.0], [40.0]])
    ours = block_log_likelihood(block, effects, np.full((3, 1), 4.0))
    scale = 5.0 * math.sqrt((TAILS - 2.0) / TAILS)
    theirs = t.logpdf(20.0, TAILS, loc=effects[:, 0], scale=scale)
    assert np.diff(ours) == pytest.approx(np.diff(theirs))


def test_rows_of_one_trial_count_for_less_than_two_trials(tmp_path: Path, knowledge: Knowledge) -> None:
    one = row(tmp_path, knowledge)
    same, other = replace(one, line=3, week=104.0), replace(one, line=3, trial="another")
    observed, errors, none = np.array([20.0, 20.0]), np.array([1.0, 1.0]), np.zeros(2)
    effects, deviation = np.array([[20.0, 20.0], [10.0, 10.0]]), np.full((2, 2), 5.0)

    def drop(rows: list[TrialRow]) -> float:
        made = blocks(rows, [0, 1], observed, errors, none)
        total = sum(block_log_likelihood(block, effects, deviation) for block in made)
        return float(total[0] - total[1])

    assert drop([one, same]) < drop([one, other])
