"""Grades as readings of loss: probabilities, raters, and no way from one system to another."""

import inspect

import numpy as np
import pytest

from follicast.measurement import grades
from follicast.measurement.grades import (
    grade_likelihood,
    grade_log_probabilities,
    graded_zones,
    patterns,
    visible_loss,
)
from follicast.people.read import BASP, GRADES

SYSTEMS = ("norwood-hamilton", "ludwig", "sinclair", "basp")


def probabilities(system: str, loss: np.ndarray, tolerance: float = 0.2) -> np.ndarray:
    return np.exp(grade_log_probabilities(system, loss, np.full(len(loss), tolerance)))


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_grades_of_a_system_share_one_whole(system: str) -> None:
    loss = np.random.default_rng(1).uniform(size=(50, 4))
    assert probabilities(system, loss).sum(axis=1) == pytest.approx(np.ones(50))
    assert probabilities(system, loss).min() >= 0.0


@pytest.mark.parametrize("system", SYSTEMS)
def test_at_its_own_pattern_no_grade_is_likelier_than_its_own(system: str) -> None:
    table = patterns(system)
    p = probabilities(system, np.array(list(table.values())))
    assert (np.diag(p) >= p.max(axis=1) * (1 - 1e-9)).all()


@pytest.mark.parametrize("system", SYSTEMS[:3])
def test_a_wider_tolerance_is_less_certain(system: str) -> None:
    loss = np.array(list(patterns(system).values()))
    tops = [probabilities(system, loss, tolerance).max(axis=1) for tolerance in (0.1, 0.2, 0.32)]
    assert (tops[0] > tops[1]).all()
    assert (tops[1] > tops[2]).all()


def test_more_loss_is_a_higher_grade_on_average() -> None:
    loss = np.linspace(0.0, 0.95, 12)[:, None] * np.ones((1, 4))
    for system in ("ludwig", "sinclair"):
        p = probabilities(system, loss * np.array([0.2, 0.3, 1.0, 0.9]))
        assert (np.diff(p @ np.arange(p.shape[1])) > 0.0).all()


def test_the_likelihood_of_a_grade_is_its_probability() -> None:
    loss, tolerance = np.array([[0.4, 0.7, 0.2, 0.6], [0.0, 0.1, 0.0, 0.0]]), np.array([0.2, 0.3])
    order = list(patterns("norwood-hamilton"))
    whole = grade_log_probabilities("norwood-hamilton", loss, tolerance)
    one = grade_likelihood("norwood-hamilton", "IV", loss, tolerance)
    assert one == pytest.approx(whole[:, order.index("IV")])
    assert one[0] > one[1]
    alone = [grade_likelihood("norwood-hamilton", "IV", loss[[k]], tolerance[[k]])[0] for k in range(2)]
    assert one == pytest.approx(np.array(alone))


def test_every_grade_a_person_file_may_hold_has_a_pattern() -> None:
    for system, allowed in GRADES.items():
        assert set(allowed) <= set(patterns(system))
    assert all(BASP.fullmatch(name) for name in patterns("basp"))
    assert len(patterns("basp")) == 12 * 16
    assert all(len(p) == len(graded_zones()) and min(p) >= 0 and max(p) <= 1 for p in patterns("basp").values())


def test_a_bald_top_shows_in_every_zone_whatever_is_added() -> None:
    assert patterns("basp")["U3"] == (1.0, 1.0, 0.9, 0.9)
    assert patterns("basp")["U3F1V2"] == (1.0, 1.0, 0.9, 0.9)
    assert patterns("basp")["M2F1V2"] == (0.15, 0.6, 0.3, 0.55)


def test_visible_loss_falls_from_bare_to_none_with_coverage() -> None:
    assert visible_loss(np.array([0.0, 48.5, 97.0, 120.0]), 97.0).tolist() == [1.0, 0.5, 0.0, 0.0]


def test_nothing_turns_a_grade_of_one_system_into_another() -> None:
    own = {n: v for n, v in vars(grades).items() if getattr(v, "__module__", "") == grades.__name__ and n[0] != "_"}
    systems = {name: [p for p in inspect.signature(own[name]).parameters if "system" in p] for name in own}
    taking = {name for name in systems if systems[name]}
    assert taking == {"patterns", "grade_log_probabilities", "grade_likelihood"}
    assert all(len(taken) < 2 for taken in systems.values())
