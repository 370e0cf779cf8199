"""Tables replayed with few people: what a row's prediction is, and how it is scored."""

from pathlib import Path

import numpy as np
import pytest

from follicast.inference.evidence import drug_means, shipped_tables
from follicast.inference.replay import Replay, crps, replay, score, scored
from follicast.knowledge.load import Knowledge
from follicast.knowledge.trial_table import read_trials

HEADER = (
    "trial_id,first_author,year,doi_or_pmid,url,sex,n_arm,age_mean,stage_inclusion,region,target_area_cm2,measure,drug,"
    "dose,route,frequency,week,baseline_mean,baseline_sd,change_mean,change_sd,change_se,ci_low,ci_high,unit,"
    "placebo_controlled,notes,verification"
).split(",")
USUAL = {
    "first_author": "A",
    "year": "2001",
    "sex": "M",
    "n_arm": "100",
    "age_mean": "35",
    "region": "vertex",
    "target_area_cm2": "1",
    "measure": "total",
    "route": "oral",
    "frequency": "qd",
    "week": "52",
    "unit": "hairs/cm2",
    "verification": "READ",
}
FINASTERIDE = {"trial_id": "FIN", "drug": "finasteride", "dose": "1 mg", "change_mean": "15"}
PLACEBO = {"trial_id": "PBO", "drug": "placebo", "change_mean": "-5"}
CONTRAST = {"trial_id": "NET", "first_author": "B", "drug": "finasteride minus placebo", "dose": "1 mg"}


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge.load()


@pytest.fixture
def replayed(tmp_path: Path, knowledge: Knowledge):
    def run(*rows: dict[str, str]) -> Replay:
        path = tmp_path / "trials.csv"
        lines = [",".join({**USUAL, **row}.get(name, "") for name in HEADER) for row in rows]
        path.write_text("\n".join([",".join(HEADER), *lines]) + "\n")
        return replay(read_trials(path, knowledge.therapies), knowledge, 0, lambda *_: None, draws=4, people=60)

    return run


def test_an_arm_is_net_of_the_control_in_its_table(replayed) -> None:
    arm, control = replayed(FINASTERIDE, PLACEBO).predicted
    assert (arm.kind, arm.observed, arm.control) == ("net effect", 20.0, "PBO")
    assert (control.kind, control.observed, control.control) == ("change", -5.0, None)
    assert arm.effect > 5.0
    assert arm.low95 < arm.low80 < arm.median < arm.high80 < arm.high95


def test_a_contrast_and_two_arms_are_predicted_alike(replayed) -> None:
    arm, _ = replayed(FINASTERIDE, PLACEBO).predicted
    (net,) = replayed({**CONTRAST, "change_mean": "20"}).predicted
    assert net.kind == "net effect"
    assert net.effect == pytest.approx(arm.effect)


def test_a_circle_and_a_square_centimetre_say_the_same(replayed) -> None:
    circle = {"unit": "hairs per 1-inch circle", "target_area_cm2": "5.07"}
    (net,) = replayed({**CONTRAST, "change_mean": "20"}).predicted
    (round_net,) = replayed({**CONTRAST, **circle, "change_mean": "101.4"}).predicted
    assert round_net.effect == pytest.approx(5.07 * net.effect)
    assert round_net.unit_size == pytest.approx(5.07)
    nobody = drug_means([], np.empty(0))
    assert score([round_net], nobody).mae == pytest.approx(score([net], nobody).mae, abs=1.0)


def test_small_trials_have_wider_intervals(replayed) -> None:
    small, large = (replayed({**CONTRAST, "n_arm": n, "change_mean": "20"}).predicted[0] for n in ("10", "1000"))
    assert small.high80 - small.low80 > 1.5 * (large.high80 - large.low80)


def test_percent_of_baseline_is_read_against_the_same_people(replayed) -> None:
    (net,) = replayed({**CONTRAST, "change_mean": "20"}).predicted
    (percent,) = replayed({**CONTRAST, "unit": "% of baseline", "change_mean": "11"}).predicted
    assert percent.effect == pytest.approx(net.effect * percent.unit_size, rel=0.02)
    assert 0.4 < percent.unit_size < 0.8


def test_rows_that_cannot_be_replayed_are_listed_with_the_reason(replayed) -> None:
    made = replayed(FINASTERIDE, PLACEBO, {**CONTRAST, "drug": "elixir minus placebo", "change_mean": "20"})
    assert [row.trial_id for row in made.refused] == ["NET"]
    assert "elixir" in made.refused[0].reason
    assert len(made.predicted) == 2


def test_the_same_seed_gives_the_same_answer(replayed) -> None:
    first, again = (replayed(FINASTERIDE, PLACEBO) for _ in range(2))
    assert first == again


def test_the_score_is_about_net_effects_of_counts_only(replayed) -> None:
    diameter = {**CONTRAST, "trial_id": "D", "measure": "shaft diameter", "unit": "um", "change_mean": "2"}
    made = replayed(FINASTERIDE, PLACEBO, diameter)
    assert [p.row.trial_id for p in scored(made.predicted)] == ["FIN"]
    found = score(made.predicted, drug_means([], np.empty(0)))
    assert (found.n, found.mae_no_effect, found.mae_drug_mean) == (1, 20.0, None)


def test_a_drugs_mean_leaves_the_rows_own_trial_out_and_counts_trials_once(knowledge: Knowledge) -> None:
    rows = [row for row in shipped_tables(knowledge)[0].rows if row.drug == "minoxidil-topical-2" and row.contrast]
    hairs = np.arange(float(len(rows)))
    mean = drug_means(rows, hairs)
    own = rows[0]
    others: dict[str, list[float]] = {}
    for row, value in zip(rows, hairs, strict=True):
        if row.trial != own.trial:
            others.setdefault(row.trial, []).append(value)
    assert len(others) >= 2
    assert mean(own) == pytest.approx(np.mean([np.mean(values) for values in others.values()]))


def test_crps_of_a_normal_sample_is_the_formula() -> None:
    sample = np.random.default_rng(0).standard_normal(200_000)
    # Gneiting & Raftery 2007: for a standard normal and an observation of 0 it is (sqrt 2 - 1) / sqrt pi.
    assert crps(sample, 0.0) == pytest.approx((np.sqrt(2.0) - 1.0) / np.sqrt(np.pi), abs=2e-3)


def test_most_shipped_rows_with_a_number_can_be_replayed(knowledge: Knowledge) -> None:
    for table, least in zip(shipped_tables(knowledge), (0.90, 0.60), strict=True):
        told = [row for row in table.rows if row.observed is not None]
        untold = [row for row in table.refused if row.observed is not None]
        assert len(told) / (len(told) + len(untold)) >= least
