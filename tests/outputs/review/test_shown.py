"""A review on the screen, as a page and as JSON."""

import io
import json
import re
from pathlib import Path

import pytest
from rich.console import Console
from tests.outputs.review.reviews import a_reading, a_review, span

from follicast.decisions.reviewing.record import Alarm, Review
from follicast.outputs.report.plan_json import render_record
from follicast.outputs.review.cells import COLOURS, SHAPES, rows
from follicast.outputs.review.page import render_review
from follicast.outputs.review.reference import reference_page
from follicast.outputs.review.shown import print_review, write_review

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "review-json.md"


def screen(review: Review) -> str:
    out = io.StringIO()
    print_review(review, [Path("x/review.html"), Path("x/review.json")], console=Console(file=out, width=80))
    return out.getvalue()


def test_the_screen_answers_first_and_names_the_page_last() -> None:
    lines = screen(a_review()).splitlines()
    assert lines[0].startswith("Below the forecast after 6 months")
    assert lines[-1].endswith("x/review.html")
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    for words in ("22 (", "+7 to +43", "8 to +12", "7 (5 %)", "Thyroid", "2 of 3.", "10 January 2027", "Check again"):
        assert words in text
    assert "all doses" not in text


def test_a_new_block_is_read_before_the_verdict_on_the_screen_the_page_and_in_json() -> None:
    words = ["You are pregnant.", "Topical minoxidil 5 %: if no doctor prescribed it to you, pause it today."]
    alarm = Alarm(rule="PREG-NOW", severity="block", title="Pregnancy", words=words)
    review = a_review(alarms=[alarm])
    lines = screen(review).splitlines()
    assert lines[0] == "block: Pregnancy (PREG-NOW)"
    assert "pause it today" in lines[2]
    for text in (screen(review), render_review(review).decode().partition("<main>")[2]):
        assert text.index("pause it today") < text.index(review.headline[:20])
    text = render_record(review).decode()
    assert text.index("PREG-NOW") < min(text.index('"headline"'), text.index('"verdict"'))
    assert json.loads(render_record(a_review()))["alarms"] == []


def test_doses_that_nobody_speaks_of_show_all_and_half() -> None:
    review = a_review(adherence_known=False)
    text = screen(review)
    assert "all doses +9 to +45" in text
    assert "half +4 to +37" in text
    page = render_review(review).decode()
    assert "All doses" in page
    assert "+4 to +37" in page


def test_a_reading_without_a_verdict_shows_the_band_of_people_like_this_one() -> None:
    bare = a_reading(
        verdict=None,
        withheld="There is no baseline.",
        reason="There is no baseline.",
        change=None,
        smallest_change=None,
        expected=None,
        nothing=None,
        full=None,
        half=None,
        baseline_value=None,
        baseline_date=None,
        band=span(110.0, 180.0),
    )
    review = a_review(readings=[bare], deciding=None, verdict="cannot tell", figure=None, headline="Cannot tell.")
    (row,) = rows(review)
    assert row.expected == "110 to 180 for people like this one"
    assert (row.verdict, row.change) == ("withheld", "")
    page = render_review(review).decode()
    assert "There is no baseline." in page
    assert "<svg" not in page


def test_every_verdict_has_a_word_a_shape_and_a_colour_of_its_meaning() -> None:
    assert set(SHAPES) == set(COLOURS) == {"too early", "cannot tell", "on track", "below", "above", None}
    assert len(set(SHAPES.values())) == len(SHAPES)


def test_the_page_stands_alone_and_escapes_what_people_wrote() -> None:
    page = render_review(a_review()).decode()
    assert "Man &amp; &lt;b&gt;wife&lt;/b&gt;" in page
    assert "<script" not in page
    assert not re.search(r'(src|href)="https?:', page)
    assert page.count("<svg") == 2
    for words in ("shedding expected", "smallest change two", "forecast-1.json", "0.2.0", "Check safety again", "TSH"):
        assert words in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert not re.search(r"\b(nan|None|inf)\b", re.sub(r"<svg.*?</svg>|<style>.*?</style>", "", page, flags=re.DOTALL))


@pytest.mark.parametrize(
    ("unit", "value", "change"), [("um", 57.0, -1.0), ("fraction", 0.72, -0.05), ("hairs/day", 90.0, 30.0)]
)
def test_other_quantities_have_their_own_words(unit: str, value: float, change: float) -> None:
    reading = a_reading(
        unit=unit,
        value=value,
        baseline_value=value - change,
        change=change,
        smallest_change=0.1 * value,
        expected=span(-0.1 * value, 0.1 * value, unit),
    )
    (row,) = rows(a_review(readings=[reading]))
    assert "%" in row.change
    assert row.read.split(" ")[-1] in ("µm", "%", "day")


def test_both_files_are_written_and_the_json_reads_back(tmp_path: Path) -> None:
    review = a_review()
    paths = write_review(review, tmp_path / "out")
    assert [path.name for path in paths] == ["review.html", "review.json"]
    data = paths[1].read_bytes()
    assert data == render_record(review)
    assert Review.model_validate_json(data) == review
    assert json.loads(data)["verdict"] == "below"


def test_the_reference_page_is_current() -> None:
    assert REFERENCE.read_text(encoding="utf-8") == reference_page(), (
        "run: python -m follicast.outputs.review.reference > docs/reference/review-json.md"
    )
