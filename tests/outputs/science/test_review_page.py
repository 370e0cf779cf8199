"""docs/science/review.md: what it says is what the check found."""

import json
from types import SimpleNamespace
from typing import Any, cast

from follicast.decisions.reviewing.check import STORIES, CheckedReview, Visit
from follicast.decisions.reviewing.score import summary
from follicast.outputs.science.material import Material
from follicast.outputs.science.review_page import review_page

VERDICTS = {2: "too early", 6: "cannot tell", 12: "on track"}


def told(**changes: str) -> dict[str, Any]:
    """The summary of forty people; `changes` are verdicts at 12 months by plan."""
    people = []
    for number in range(40):
        plan = ("finasteride-oral", "minoxidil-topical-5")[number % 2]
        visits = tuple(
            Visit(
                month, 3.0, 0.5, 4.0, 7.0, changes.get(plan.split("-")[0], word) if month == 12 else word, 0.4, 2.0, 0.5
            )
            for month, word in VERDICTS.items()
        )
        people.append(CheckedReview(number, STORIES[number % 20], "male", plan, number % 4 != 3, True, visits))
    return json.loads(json.dumps(summary(people)))  # type: ignore[no-any-return]


def page(found: dict[str, Any] | None) -> tuple[str, dict[str, str]]:
    return review_page(cast(Material, SimpleNamespace(review_check=found)))


def test_the_page_has_every_story_plan_and_error_and_its_figure() -> None:
    text, figures = page(told())
    assert set(figures) == {"review-verdicts"}
    assert "(figures/review-verdicts.svg)" in text
    for name in (*STORIES, "finasteride-oral", "not marked", "inside", "on track though nothing was taken"):
        assert name in text
    assert "40 virtual people" in text
    assert "more than allowed" not in text
    assert "nan" not in text


def test_an_error_rate_above_the_target_is_marked() -> None:
    text, _ = page(told(finasteride="below"))
    assert "**more than allowed**" in text
    row = next(line for line in text.splitlines() if "taken as planned, month 12" in line)
    assert "50.0 %" in row


def test_a_check_that_was_not_run_is_said() -> None:
    text, figures = page(None)
    assert figures == {}
    assert "was not run" in text
