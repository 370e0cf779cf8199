"""The report on paper and the patient's two pages."""

import re
import subprocess
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from tests.outputs.fixture import ALL, man_of_40, minimal

from follicast.decisions.result import PlanResult
from follicast.language import LANGUAGES, speaking
from follicast.outputs.palette import plan_styles
from follicast.outputs.report.charts import figures
from follicast.outputs.report.page import render_report
from follicast.outputs.report.patient import patient_content
from follicast.outputs.report.pdf import breakable, render_patient_pdf, render_pdf
from follicast.outputs.report.pdf_blocks import blocks
from follicast.outputs.report.reading import chosen_candidate, visit_days
from follicast.outputs.svg import Figure

EXAMPLES = ("man-33", "man-40", "minimal", "woman-45")
HOSTILE = "#panic(1) $x^2$ *bold* _it_ <label> & @cite \\ `raw` // # [a] \"q\" 'q' ~ = head"


@cache
def drawn_minimal() -> dict[str, Figure]:
    """The figures of the least that is known; no label is in them."""
    return figures(minimal())


def made(result: PlanResult, tag: str = "en", drawn: dict[str, Figure] | None = None) -> tuple[bytes, bytes]:
    """The whole report and the patient's pages."""
    result = result.model_copy(update={"language": tag})
    with speaking(tag):
        drawn = drawn or figures(result)
    return render_pdf(result, render_report(result, drawn)), render_patient_pdf(result, drawn)


def words(pdf: bytes) -> str:
    """What a reader of the file would find, white space and places to break made one space or none."""
    done = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True)
    return re.sub(r"[\s\u00a0]+", " ", done.stdout.decode().replace("\u200b", ""))


def tight(text: str) -> str:
    """Without white space: a line of Chinese may break anywhere."""
    return re.sub(r"[\s\u00a0\u200b]+", "", text)


def pages(pdf: bytes, tmp_path: Path) -> list[tuple[float, float]]:
    """The size of each page in points."""
    path = tmp_path / "x.pdf"
    path.write_bytes(pdf)
    text = subprocess.run(["pdfinfo", "-l", "-1", str(path)], capture_output=True, check=True, text=True).stdout
    return [(float(w), float(h)) for w, h in re.findall(r"size:\s+([\d.]+) x ([\d.]+) pts", text)]


@pytest.fixture(scope="module")
def papers() -> dict[str, tuple[bytes, bytes]]:
    return {name: made(make()) for name, make in ALL.items()}


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_patients_pages_are_two_pages_of_a4(
    example: Callable[[str], PlanResult], tmp_path: Path, name: str, tag: str
) -> None:
    _, patient = made(example(name), tag)
    sizes = pages(patient, tmp_path)
    assert len(sizes) == 2
    assert all(abs(w - 595.28) < 0.5 and abs(h - 841.89) < 0.5 for w, h in sizes)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_scenario_53_a_report_in_two_languages_carries_version_uncertainty_status_and_not_a_diagnosis(tag: str) -> None:
    result = man_of_40()
    for text in (words(paper) for paper in made(result, tag)):
        assert result.follicast_version in text
        assert result.knowledge_hash[:12] in tight(text)
        assert {"en": "Not a diagnosis", "zh-Hans": "不是诊断"}[tag] in text
        assert tight({"en": "8 of 10 people like you", "zh-Hans": "与您情况相似的10人中"}[tag]) in tight(text)
        assert {"en": "not a medical device", "zh-Hans": "不是医疗器械"}[tag] in text
        assert tight({"en": "20 Feb 2026", "zh-Hans": "2026年2月20日"}[tag]) in tight(text)
        for certainty in {line.certainty for line in result.lines}:
            word = {"high": "高", "moderate": "中", "low": "低", "very low": "很低"}[certainty]
            assert (certainty if tag == "en" else word) in text


@pytest.mark.parametrize("name", ALL)
def test_both_papers_begin_with_the_answer(papers: dict[str, tuple[bytes, bytes]], name: str) -> None:
    answer = tight(ALL[name]().answer).replace("cm2", "")
    for paper in papers[name]:
        assert answer[:60] in tight(words(paper)).replace("cm²", "").replace("cm2", "")


def test_the_paper_holds_every_heading_and_every_table_of_the_page(papers: dict[str, tuple[bytes, bytes]]) -> None:
    page = render_report(man_of_40()).decode()
    text = tight(words(papers["man-40"][0]))
    held = blocks(page)
    assert sum(block["kind"] == "table" for block in held) == page.count("<table")
    for block in held:
        if block["kind"] == "heading":
            assert tight("".join(run for run, _ in block["runs"])) in text
        if block["kind"] == "table":
            for row in block["rows"]:
                assert tight(row["cells"][0]["runs"][0][0]) in text


def test_the_patients_second_page_names_harms_when_to_call_and_what_nobody_knows(
    papers: dict[str, tuple[bytes, bytes]],
) -> None:
    result, text = man_of_40(), words(papers["man-40"][1])
    for title in ("The plan and its cost", "Dates", "Harms", "Stop and call a doctor with", "What we do not know"):
        assert title in text
    for line in result.lines:
        for sign in line.call_doctor:
            assert tight(sign) in tight(text)


def test_same_answer_same_bytes() -> None:
    assert made(minimal()) == made(minimal())


def test_the_day_in_the_file_is_not_that_of_the_machine(papers: dict[str, tuple[bytes, bytes]]) -> None:
    for paper in papers["man-40"]:
        assert {date[:8] for date in re.findall(r"\(D:(\d+)", paper.decode("latin-1"))} <= {"20260312"}


@pytest.mark.parametrize(
    "label",
    [
        HOSTILE,
        "</p><script>alert(1)</script>",
        "王小明 👍🏽 😀",
        "محمد بن سلمان",
        "שלום עולם",
        "Łukasz Żółć ẞ Ω я",
        "x" * 120,
        "\u202egnirts\u202c \u0007 龘 \U0001f9d1\u200d\U0001f33e",
    ],
)
def test_no_label_breaks_the_paper_or_runs_as_a_command(tmp_path: Path, label: str) -> None:
    result = minimal()
    person = result.person.model_copy(update={"label": label, "facts": [label]})
    report, patient = made(result.model_copy(update={"person": person, "unknowns": [label]}), drawn=drawn_minimal())
    assert len(pages(patient, tmp_path)) == 2
    start = tight(label)[:12] if label.isascii() else ""
    assert start in tight(words(report))
    assert start in tight(words(patient))


def test_hostile_words_are_printed_as_they_are() -> None:
    result = minimal().model_copy(update={"unknowns": [HOSTILE.replace("`", "")]})
    for paper in made(result, drawn=drawn_minimal()):
        assert tight(HOSTILE.replace("`", "")) in tight(words(paper))


def test_a_long_address_may_break_and_ordinary_words_may_not() -> None:
    assert breakable("an ordinary sentence") == "an ordinary sentence"
    address = "https://example.org/" + "a" * 80
    assert breakable(address).replace("\u200b", "") == address
    assert max(map(len, breakable(address).split("\u200b"))) <= 26


def test_the_papers_are_quick() -> None:
    result = man_of_40()
    drawn = figures(result)
    page = render_report(result, drawn)
    start = time.process_time()
    render_pdf(result, page)
    render_patient_pdf(result, drawn)
    assert time.process_time() - start < 2.0


def test_a_plan_of_nothing_has_two_pages_that_say_so(tmp_path: Path) -> None:
    result = ALL["untreated"]()
    _, patient = made(result)
    assert len(pages(patient, tmp_path)) == 2
    assert "The plan is no treatment" in words(patient)


def test_more_dates_than_fit_are_counted_not_dropped_silently() -> None:
    result = man_of_40()
    many = result.model_copy(update={"schedule": result.schedule * 6})
    (dates,) = [part for part in patient_content(many, {})["parts"] if part["title"] == "Dates"]
    assert len(dates["points"]) == 12
    assert f"{len(many.schedule) - 12} more dates" in dates["note"]


def test_a_definition_with_points_keeps_its_sentence_and_the_last_disclaimer_is_on_paper() -> None:
    value = "First words <ul><li>one</li></ul>"
    page = f"<main><dl><div><dt>T</dt><dd>{value}</dd></div></dl></main><footer><p>End.</p></footer>"
    facts, last = blocks(page)
    assert (facts["items"][0]["value"], facts["items"][0]["items"]) == ([("First words", "")], [[("one", "")]])
    assert last["runs"] == [("End.", "")]
    assert (
        words(made(minimal(), drawn=drawn_minimal())[0]).count("Every picture and band in this report is simulated")
        == 1
    )


def test_a_link_into_the_page_is_not_printed_and_sources_keep_their_numbers() -> None:
    sources = '<span class="refs">[<a href="#s1">1</a>]</span>'
    page = f'<main><p>Words. <a href="#safety">Before you start</a> {sources}</p></main>'
    (paragraph,) = blocks(page)
    assert "".join(run for run, _ in paragraph["runs"]) == "Words. [1]"


def parts_of(result: PlanResult) -> dict[str, str]:
    """The parts of the patient's second page, as text."""
    return {
        part["title"]: " ".join("".join(run for run, _ in runs) for runs in part["points"]) + part["note"]
        for part in patient_content(result, {})["parts"]
    }


def test_the_patient_reads_what_concerns_this_sex_who_should_not_use_it_and_what_stopping_does() -> None:
    result = man_of_40()
    line = result.lines[0]
    harms = [
        line.harms[0].model_copy(update={"name": name, "among": among})
        for name, among in (("harm of women", "women"), ("harm of men", "men"), ("harm of both", "people"))
    ]
    own = line.model_copy(update={"harms": harms, "do_not_use": ["Not under 18 years."]})
    other = result.lines[1].model_copy(update={"do_not_use": ["Not under 18 years."]})
    parts = parts_of(result.model_copy(update={"lines": [own, other]}))
    assert "harm of men" in parts["Harms"]
    assert "harm of both" in parts["Harms"]
    assert "harm of women" not in parts["Harms"]
    assert parts["Who should not use it, or only with care"].count("Not under 18 years.") == 1
    assert line.stopping[1:] in parts["When it is stopped"]


def test_the_patient_reads_what_the_alternative_is_and_that_no_country_was_given() -> None:
    result = man_of_40()
    notes = " ".join(patient_content(result, {})["notes"])
    (other,) = [s for s in plan_styles(result).values() if s.plan not in ("none", result.chosen)]
    assert f"{other.name}: {other.label}." in notes
    nowhere = result.model_copy(update={"person": result.person.model_copy(update={"jurisdiction": None})})
    assert "No country was given" in parts_of(nowhere)["Legal status"]
    somewhere = result.model_copy(update={"person": result.person.model_copy(update={"jurisdiction": "US"})})
    assert "No country was given" not in parts_of(somewhere)["Legal status"]


def test_the_visits_of_the_plan_are_the_days_that_are_dated() -> None:
    result = man_of_40()
    days = visit_days(result)
    assert days == sorted({e.date for e in result.schedule if e.kind in ("session", "surgery", "measure")})
    page = render_report(result).decode()
    assert page.count(f"{len(days)} dated visits") == 2
    text = words(made(result)[1])
    assert text.count(f"{len(days)} dated visits") == 2


def test_the_chance_that_a_count_shows_more_is_against_today_on_every_page() -> None:
    result = man_of_40()
    best = chosen_candidate(result)
    assert best is not None
    changed = [
        c.model_copy(update={"unseen_from_now": 0.61, "improves_probability": 0.9}) if c.id == best.id else c
        for c in result.candidates
    ]
    result = result.model_copy(update={"candidates": changed})
    for text in (words(paper) for paper in made(result)):
        assert "shows more than today's" in text
        assert "4 of 10" in text
        assert "against nothing 9 of 10" in text
