"""From one look at a head to another: only ever a probability, and no improvement out of a second opinion."""

from __future__ import annotations

from datetime import date

import pytest

from follicast.measurement.grade_agreement import Spread, grade_change, second_look
from follicast.measurement.grades import patterns
from follicast.people.person import SYSTEM_LABELS, Grade, GradeSystem, Rater

FIRST, LATER = date(2025, 11, 20), date(2026, 11, 20)


def norwood(grade: str, rater: Rater = "clinician", to: GradeSystem = "norwood-hamilton") -> Spread:
    return second_look("norwood-hamilton", grade, to, "male", rater)


@pytest.mark.parametrize("to", ["norwood-hamilton", "basp"])
def test_a_second_look_is_a_whole_of_probabilities_and_never_one_grade(to) -> None:
    for grade in patterns("norwood-hamilton"):
        chances = norwood(grade, to=to).chances
        assert sum(chances.values()) == pytest.approx(1.0)
        assert set(chances) == set(patterns(to))
        assert max(chances.values()) < 0.9
        assert list(chances.values()) == sorted(chances.values(), reverse=True)


def test_the_same_grade_is_the_likeliest_second_opinion_but_far_from_sure() -> None:
    for grade in patterns("norwood-hamilton"):
        spread = norwood(grade)
        assert next(iter(spread.chances)) == grade
        assert 0.2 < spread.chances[grade] < 0.8


def test_a_grade_by_the_person_says_less_than_one_by_a_clinician() -> None:
    assert norwood("IV", "self").chances["IV"] < norwood("IV", "photo").chances["IV"] < norwood("IV").chances["IV"]


def test_a_worse_grade_makes_worse_types_of_another_system_likelier() -> None:
    def expected(grade: str) -> float:
        chances = norwood(grade, to="basp").chances
        return sum(p * sum(patterns("basp")[name]) for name, p in chances.items())

    means = [expected(grade) for grade in ("I", "II", "III", "IV", "V", "VI", "VII")]
    assert means == sorted(means)
    ludwig = second_look("ludwig", "III", "sinclair", "female").chances
    assert ludwig["5"] > ludwig["3"] > ludwig["1"]


def test_the_same_question_gets_the_same_answer() -> None:
    again = second_look.__wrapped__("norwood-hamilton", "IV", "basp", "male")
    assert again == second_look("norwood-hamilton", "IV", "basp", "male")


def test_every_system_has_a_pattern_and_a_label() -> None:
    for system in SYSTEM_LABELS:
        assert patterns(system)


@pytest.mark.parametrize("raters", [("clinician", "photo"), ("self", "clinician")])
def test_scenario_42_a_regress_by_another_rater_is_noted_and_not_called_improvement(raters) -> None:
    before = Grade(FIRST, "norwood-hamilton", "IV", raters[0])
    change = grade_change(before, Grade(LATER, "norwood-hamilton", "III", raters[1]), "male")
    assert change.called == "not called a change"
    assert "by another rater: noted, not called a change" in change.words
    assert "Raters agree poorly" in change.words
    assert "improve" not in change.words
    far = grade_change(before, Grade(LATER, "norwood-hamilton", "I", raters[1]), "male")
    assert far.called == "not called a change"


def test_of_the_same_rater_a_step_is_noise_and_a_leap_may_be_a_change() -> None:
    before = Grade(FIRST, "norwood-hamilton", "IV", "clinician")
    called = {
        grade: grade_change(before, Grade(LATER, "norwood-hamilton", grade, "clinician"), "male").called
        for grade in ("IV", "IIIvertex", "V", "I", "VII")
    }
    assert called == {
        "IV": "no change",
        "IIIvertex": "not called a change",
        "V": "not called a change",
        "I": "may be a change",
        "VII": "may be a change",
    }
