"""What the report says of harms, burden, stopping and the comparison, from a plan as it is really made."""

import re
from collections.abc import Callable

import pytest
from tests.outputs.fixture import man_of_40

from follicast.decisions.result import PlanResult, Stopping
from follicast.outputs.report import findings
from follicast.outputs.report.front import front_figure
from follicast.outputs.report.page import render_report
from follicast.outputs.report.reading import compared
from follicast.outputs.report.weighing import left_out_words, parts_left, stopping_words

Example = Callable[[str], PlanResult]


@pytest.fixture(scope="module")
def page(example: Example) -> str:
    return render_report(example("man-40")).decode()


def words_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("\u00a0", " ").split())


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (1.04, "all of the gain"),
        (0.72, "about 70 % of the gain"),
        (0.06, "about 10 % of the gain"),
        (0.03, "nothing of the gain"),
        (0.0, "nothing of the gain"),
    ],
)
def test_what_is_left_is_told_to_a_tenth(share: float, words: str) -> None:
    assert parts_left(share) == words


def test_stopping_says_the_gain_then_and_what_is_left_later(example: Example) -> None:
    stop = example("man-40").stopping
    assert stop is not None
    said = stopping_words(stop)
    assert re.search(r"the gain is \d+ hairs/cm² then", said)
    assert "6 months later" in said
    assert "12 months later" in said
    nothing = Stopping(month=12, after=[6, 12], gain=stop.gain, share_left=[None, None])
    assert stopping_words(nothing).endswith("There is nothing to lose.")


def test_leaving_a_line_out_says_what_is_lost_saved_and_avoided_and_the_rank(example: Example) -> None:
    result = example("man-40")
    said = left_out_words(result.lines[0], result)
    assert said.startswith("Loses ")
    assert "saves USD" in said
    assert "It avoids:" in said
    assert f"of {len(result.candidates)}." in said


def test_the_report_tells_each_therapy_side_by_side_and_greys_what_is_left_out(page: str, example: Example) -> None:
    section = page.split('<section id="therapies">')[1].split("</section>")[0]
    result = example("man-40")
    for row in result.comparison:
        assert row.label in section.replace("\u00a0", " ")
    assert section.count('class="out"') == 2 * sum(row.excluded is not None for row in result.comparison)
    assert "Not for you: Not for men." in section


def test_harms_are_told_of_people_with_their_source(page: str) -> None:
    words = words_of(page)
    assert re.search(r"Any sexual side effect \[ \d+ \] Of 100 men, 4 with it and 2 on placebo\.", words)


def test_every_source_in_the_comparison_is_in_the_list_of_sources(page: str) -> None:
    section = page.split('<section id="therapies">')[1].split("</section>")[0]
    cited = set(re.findall(r'href="#(source-\d+)"', section))
    assert cited
    assert cited <= set(re.findall(r'id="(source-\d+)"', page))
    assert not re.search(r"\[[a-z-]+\d{4}[a-z-]*\]", re.sub(r"<[^>]+>", "", section))


def test_doses_judging_stopping_and_staging_stand_with_the_plan(page: str) -> None:
    plan = words_of(page.split('<section id="plan">')[1].split("</section>")[0])
    for head in (
        "Doses taken",
        "When a count can tell",
        "What two counts cannot show",
        "If everything stops after 12 months",
    ):
        assert head in plan
    assert "With half of the doses" in plan
    assert "One line at a time" in plan


def test_the_front_is_drawn_with_its_finding_and_stands_in_the_table(page: str, example: Example) -> None:
    result = example("man-40")
    figure = front_figure(result)
    assert figure is not None
    front = [c for c in result.candidates if c.on_front]
    assert figure.title == findings.front(result)
    free = [c for c in result.candidates if c.not_recommended is None]
    assert len(free) < len(result.candidates)
    assert figure.title.startswith(f"{len(front)} of {len(free)} plans are not beaten")
    assert {c.id for c in front} <= {c.id for c in compared(result)}
    for c in front:
        assert f">{c.rank}. {c.label[:12]}" in figure.wide.replace("\u00a0", " ")
    assert page.count("not beaten</span>") == len(front)


def test_without_weights_nothing_is_drawn() -> None:
    assert front_figure(man_of_40()) is None
