"""The check of verdicts: stories really differ, results repeat, and the score counts what it says."""

import pytest

from follicast.decisions.reviewing.check import CheckedReview, Story, Visit, check_review, story_of
from follicast.decisions.reviewing.score import is_wrong, on_the_other_side, summary
from follicast.knowledge.load import Knowledge


def person(number: int, story: Story, *visits: tuple[int, str, float]) -> CheckedReview:
    """Somebody with (month, verdict, rank of the true change)."""
    made = tuple(Visit(month, 5.0, rank, 5.0, 7.0, verdict, 0.5, 1.0, 0.5) for month, verdict, rank in visits)
    return CheckedReview(number, story, "male", "finasteride-oral", True, True, made)


def test_a_virtual_person_is_the_same_again_and_lives_as_the_story_says(small: None, knowledge: Knowledge) -> None:
    numbers = (0, 17)
    assert [story_of(number) for number in numbers] == ["as planned", "not taken, and a fever"]
    planned, fever = (check_review(number, knowledge, 5) for number in numbers)
    assert check_review(0, knowledge, 5) == planned
    for one in (planned, fever):
        assert [visit.month for visit in one.visits] == [2, 6, 12]
        assert one.visits[0].verdict == "too early"
        assert all(0.0 <= visit.rank <= 1.0 for visit in one.visits)
    assert fever.visits[1].change < 0.0


def test_the_score_counts_verdicts_of_who_takes_the_plan_and_of_who_does_not() -> None:
    people = [
        person(0, "as planned", (6, "on track", 0.5), (12, "below", 0.3)),
        person(1, "as planned", (6, "below", 0.02), (12, "cannot tell", 0.5)),
        person(2, "not taken", (6, "below", 0.4), (12, "on track", 0.4)),
        person(3, "more than planned", (6, "above", 0.97), (12, "above", 0.4)),
    ]
    told = summary(people)
    assert told["wrong"]["month 6"] == {"readings": 2.0, "share": 0.5}
    assert told["wrong"]["month 12"] == {"readings": 2.0, "share": 0.5}
    assert told["wrong of those said"]["verdicts"] == 5.0
    assert told["wrong of those said"]["share"] == pytest.approx(2 / 5)
    assert told["false on track"] == {"readings": 2.0, "share": 0.5}
    assert told["by story"]["not taken"]["month 6"]["below"] == 1.0
    assert told["true change inside the smallest detectable one"]["readings"] == 8.0


@pytest.mark.parametrize(
    ("story", "verdict", "rank", "wrong", "other"),
    [
        ("as planned", "below", 0.05, False, False),
        ("as planned", "below", 0.3, True, False),
        ("as planned", "below", 0.7, True, True),
        ("not taken", "below", 0.7, False, False),
        ("more than planned", "above", 0.95, False, False),
        ("as planned", "above", 0.8, True, False),
        ("not taken", "above", 0.3, True, True),
    ],
)
def test_when_a_verdict_is_wrong(story: Story, verdict: str, rank: float, wrong: bool, other: bool) -> None:
    one = person(0, story, (6, verdict, rank))
    case = (one, one.visits[0])
    assert is_wrong(case) is wrong
    assert on_the_other_side(case) is other
