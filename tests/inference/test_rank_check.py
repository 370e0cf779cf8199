"""Simulation-based calibration: ranks that are uniform when they should be, records as the likelihood expects them."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from tests.inference.people import TODAY, lived, man, reading

from follicast.inference import rank_check as module
from follicast.inference import refine
from follicast.inference.rank_check import (
    COVERAGES,
    QUANTITIES,
    Checked,
    RankCheck,
    rank_check,
    rank_of,
    uniformity,
    virtual_facts,
    virtual_person,
)
from follicast.inference.reweight import reported
from follicast.inference.written_record import written_record
from follicast.knowledge.load import Knowledge
from follicast.measurement.grades import patterns
from follicast.people.person import Goals, Grade

PEOPLE = 1000


def conjugate_ranks(width: float) -> np.ndarray:
    """Ranks of a standard normal truth read with error 1, among weighted draws of a posterior `width` times as wide."""
    rng = np.random.default_rng(5)
    ranks = []
    for truth in rng.normal(size=PEOPLE):
        centre, sd = (truth + rng.normal()) / 2.0, width * np.sqrt(0.5)
        draws = rng.normal(centre, 1.3 * sd, 300)
        weights = np.exp(stats.norm.logpdf(draws, centre, sd) - stats.norm.logpdf(draws, centre, 1.3 * sd))
        ranks.append(rank_of(truth, draws, weights / weights.sum(), rng.uniform()))
    return np.array(ranks)


def test_ranks_of_the_right_posterior_are_uniform() -> None:
    ranks = conjugate_ranks(1.0)
    assert min(uniformity(ranks)) > 0.01
    assert ((ranks > 0.0) & (ranks < 1.0)).all()


@pytest.mark.parametrize("width", [0.7, 1.4])
def test_a_posterior_of_the_wrong_width_is_found_out(width: float) -> None:
    assert max(uniformity(conjugate_ranks(width))) < 1e-3


def test_a_rank_among_equal_draws_counts_those_below_and_shares_out_ties() -> None:
    draws, weights = np.array([1.0, 2.0, 2.0, 4.0]), np.full(4, 0.25)
    assert rank_of(3.0, draws, weights, 0.5) == pytest.approx(3.5 / 5)
    assert rank_of(2.0, draws, weights, 0.5) == pytest.approx((1 + 0.5 * 3) / 5)
    assert rank_of(0.0, draws, weights, 0.25) == pytest.approx(0.25 / 5)


def test_records_are_written_with_the_errors_that_the_likelihood_expects(knowledge: Knowledge) -> None:
    template = man(
        reading(0.0, days_ago=365),
        reading(0.0, days_ago=365, quantity="mean_diameter"),
        reading(0.0, matched=True),
        reading(0.0, quantity="shed_per_day", zone=None),
    )
    members, readings = lived(template, knowledge, 1)
    values = []
    for seed in range(800):
        record = written_record(template, readings, members, knowledge, seed).measurements
        assert [(m.date, m.quantity) for m in record] == [(m.date, m.quantity) for m in template.measurements]
        values.append([np.log(m.value) if m.quantity == "shed_per_day" else m.value for m in record])
    told = reported(template, knowledge)
    order = [template.measurements.index(m) for m in told.readings]
    found = np.cov(np.array(values).T)[np.ix_(order, order)]
    sd = np.sqrt(np.diag(told.covariance))
    assert np.sqrt(np.diag(found)) == pytest.approx(sd, rel=0.1)
    assert found / np.outer(sd, sd) == pytest.approx(told.covariance / np.outer(sd, sd), abs=0.12)


def test_grades_are_written_as_often_as_they_are_likely(knowledge: Knowledge) -> None:
    from follicast.inference.reweight import log_likelihood

    template = man(grades=(Grade(TODAY, "ludwig", "", "clinician"),), goals=Goals(zone="vertex"))
    members, readings = lived(template, knowledge, 1)
    records = [written_record(template, readings, members, knowledge, seed) for seed in range(600)]
    found = [record.grades[0].grade for record in records]
    expected = []
    for grade in patterns("ludwig"):
        person = man(grades=(Grade(TODAY, "ludwig", grade, "clinician"),), goals=Goals(zone="vertex"))
        expected.append(float(np.exp(log_likelihood(person, readings, members, knowledge)[0])))
    assert sum(expected) == pytest.approx(1.0)
    counts = [found.count(grade) for grade in patterns("ludwig")]
    for count, chance in zip(counts, expected, strict=True):
        assert count == pytest.approx(600 * chance, abs=4 * np.sqrt(600 * chance * (1 - chance)) + 1)


@pytest.mark.parametrize("record", ["sparse", "rich"])
def test_virtual_people_differ_in_what_is_known_of_them(record) -> None:
    people = [virtual_facts(record, number, 1) for number in range(60)]
    assert {p.sex for p in people} == {"male", "female"}
    assert {p.years_of_loss is None for p in people} == {True, False}
    assert min(p.age_years for p in people) < 28
    assert max(p.age_years for p in people) > 54
    assert all(p.years_of_loss is None or 1.15 * p.years_of_loss[1] < p.age_years - 14.0 for p in people)
    assert {len(p.grades) for p in people} == {1 if record == "sparse" else 0}
    assert {len({m.date for m in p.measurements}) for p in people} == {0 if record == "sparse" else 3}
    assert {p.goal_zone for p in people} == {"vertex"}


def test_a_record_that_nobody_would_write_makes_place_for_another(knowledge: Knowledge, monkeypatch) -> None:
    first, _ = virtual_person("rich", 0, knowledge, 3)
    least = max(m.value for m in first.measurements if m.quantity == "total_density")
    monkeypatch.setattr(module, "_FEWEST_HAIRS", least + 1.0)
    second, truth = virtual_person("rich", 0, knowledge, 3)
    assert min(m.value for m in second.measurements if m.quantity == "total_density") > least
    assert second.sex == first.sex
    assert np.isfinite(truth).all()


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {"FIRST_ROUND": 80, "LATER_ROUND": 60, "MOST_ROUNDS": 2, "KEPT": 40, "CANDIDATES": 3}
    for name, size in sizes.items():
        monkeypatch.setattr(refine, name, size)


@pytest.mark.parametrize("record", ["sparse", "rich"])
def test_a_run_that_was_stopped_goes_on_as_if_it_had_not(tiny, knowledge: Knowledge, tmp_path: Path, record) -> None:
    whole = rank_check(knowledge, record, 6, seed=2)
    rank_check(knowledge, record, 3, seed=2, folder=tmp_path)
    (file,) = tmp_path.iterdir()
    lines = file.read_text().splitlines()
    marked = json.loads(lines[1]) | {"rounds": 77}
    file.write_text("\n".join([json.dumps(marked), *lines[2:-1], lines[-1][:40]]))
    told: list[tuple[int, int]] = []
    resumed = rank_check(knowledge, record, 6, seed=2, folder=tmp_path, progress=lambda *now: told.append(now))
    assert told == [(n, 6) for n in (3, 4, 5, 6)]
    assert resumed.checked[0].rounds == 77
    np.testing.assert_equal(resumed.ranks, whole.ranks)
    assert repr(rank_check(knowledge, record, 6, seed=2, folder=tmp_path)) == repr(resumed)
    asked = np.isfinite(whole.ranks)
    assert asked.sum(axis=0).tolist() == [6, 6, 6, 6, 5, 5]
    assert (whole.ranks[asked] > 0.0).all()
    assert (whole.ranks[asked] < 1.0).all()
    assert whole.coverage.shape == (len(COVERAGES), len(QUANTITIES))


def test_the_table_counts_who_was_asked() -> None:
    nothing = float("nan")
    people = [
        Checked(
            n, (0.1 * n + 0.05, *[nothing] * 5), (1.0,) * 6, (1.0,) * 6, ((1.0,) * 6, (0.0,) * 6), 300, 0.1, True, 1
        )
        for n in range(10)
    ]
    check = RankCheck("rich", tuple(people))
    (row,) = check.table()
    assert row["people"] == 10
    assert row["mean rank"] == pytest.approx(0.5)
    assert (row["within 80 %"], row["within 95 %"]) == (1.0, 0.0)
    assert check.histogram(0, 5) == [2] * 5
    assert check.trusted == 1.0
    assert len(check.select(lambda c: c.number < 4).checked) == 4
