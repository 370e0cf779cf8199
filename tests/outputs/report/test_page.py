from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.outputs.fixture import ALL, Z50, Z80, man_of_40, minimal

from follicast.decisions.result import PlanResult
from follicast.outputs.report.charts import figures
from follicast.outputs.report.page import render_report

BANNED = (
    "clinically proven",
    "guarantee",
    "restored",
    " may help",
    " could ",
    "miracle",
    "breakthrough",
    "best results",
)


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return {name: render_report(make()).decode() for name, make in ALL.items()}


def _words(page: str) -> str:
    body = re.sub(r"<(style|svg)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


@pytest.mark.parametrize("name", ALL)
def test_self_contained_and_small(pages: dict[str, str], name: str) -> None:
    page = pages[name]
    assert len(page.encode()) < 1_500_000
    assert "<script" not in page
    assert not re.search(r"(?:src|href)=\"(?!#|data:|https?://)", page)
    assert not re.search(r"<(?:img|link|iframe|object|embed)\b[^>]*(?:src|href)=\"http", page)
    assert not re.search(r"url\((?!#|data:)", page)
    assert "default-src 'none'" in page


@pytest.mark.parametrize("name", ALL)
def test_ids_are_unique_and_links_lead_somewhere(pages: dict[str, str], name: str) -> None:
    ids = re.findall(r"\bid=\"([^\"]+)\"", pages[name])
    assert len(ids) == len(set(ids))
    targets = set(re.findall(r"href=\"#([^\"]+)\"", pages[name])) | set(re.findall(r"url\(#([^)]+)\)", pages[name]))
    assert targets <= set(ids)


@pytest.mark.parametrize("name", ALL)
def test_tone(pages: dict[str, str], name: str) -> None:
    words = _words(pages[name])
    assert "!" not in words
    assert "Not a diagnosis" in words
    assert not [phrase for phrase in BANNED if phrase in words.lower()]
    assert not re.search(r"\b(nan|None|inf)\b", words)


@pytest.mark.parametrize("name", ALL)
def test_order_of_sections(pages: dict[str, str], name: str) -> None:
    order = ["answer", "now", "nothing", "outlook", "plan", "each", "offers", "compared", "therapies"]
    order += ["evidence", "harms", "unknown", "fit", "method"]
    found = re.findall(r"<section id=\"([a-z]+)\"", pages[name])
    assert found == [section for section in order if section in found]
    assert {"answer", "now", "nothing", "outlook", "plan", "compared", "harms", "unknown", "fit", "method"} <= set(
        found
    )


def test_warns_in_plain_words_when_the_fit_is_not_trustworthy(pages: dict[str, str]) -> None:
    assert "Warning: this forecast is weakly founded" in _words(pages["minimal"])
    assert "Warning" not in _words(pages["man-40"])


def test_empty_states(pages: dict[str, str]) -> None:
    words = _words(pages["minimal"])
    for sentence in (
        "No count or diameter was given",
        "There are no dates to keep",
        "We do not know its legal status",
        "We do not know its harms",
        "not applicable: nothing was measured",
    ):
        assert sentence in words
    assert "The plan is no treatment" in _words(pages["untreated"])


def test_evidence_is_dated_by_jurisdiction_with_the_persons_own_first(pages: dict[str, str]) -> None:
    words = _words(pages["man-40"])
    assert "20 Feb 2026" in words
    assert re.search(r"EU yours .*? US", words)


def test_every_certainty_word_is_explained(pages: dict[str, str]) -> None:
    words = _words(pages["man-40"])
    for word in ("High", "Moderate", "Low", "Very low"):
        assert f" {word} " in words


def test_person_words_are_escaped() -> None:
    result = man_of_40()
    nasty = '<script>alert("1")</script>'
    person = result.person.model_copy(update={"label": nasty, "facts": [nasty]})
    zones = [zone.model_copy(update={"label": nasty}) for zone in result.zones]
    candidates = [c.model_copy(update={"label": nasty}) for c in result.candidates]
    changed = result.model_copy(update={"person": person, "zones": zones, "candidates": candidates, "answer": nasty})
    page = render_report(changed).decode()
    assert "<script" not in page
    assert "&lt;script" in page


def test_links_are_only_web_addresses() -> None:
    result = man_of_40()
    citations = [c.model_copy(update={"url": "javascript:alert(1)"}) for c in result.citations]
    assert "javascript:" not in render_report(result.model_copy(update={"citations": citations})).decode()


def test_same_answer_same_bytes() -> None:
    assert render_report(minimal()) == render_report(minimal())


def _flat(result: PlanResult) -> PlanResult:
    """Every forecast a constant, every interval a point."""
    bands = [
        band.model_copy(update={q: [band.q50[0]] * len(band.q50) for q in ("q10", "q25", "q50", "q75", "q90")})
        for band in result.forecasts.bands
    ]
    zero = result.candidates[-1].gain
    candidates = [c.model_copy(update={"gain": zero}) for c in result.candidates]
    return result.model_copy(
        update={
            "forecasts": result.forecasts.model_copy(update={"bands": bands}),
            "candidates": candidates,
            "smallest_detectable_change": 0.0,
        }
    )


def test_zero_width_intervals_are_drawn() -> None:
    page = render_report(_flat(man_of_40())).decode()
    assert "NaN" not in page
    assert "level with nothing" in _words(page)


def test_many_combinations_are_cut_but_nothing_the_offer_and_each_therapy_stay() -> None:
    result = man_of_40()
    many = [
        result.candidates[2].model_copy(update={"id": f"x{k}", "label": f"plan {k}", "rank": k + 1}) for k in range(40)
    ]
    many[0] = result.candidates[0]
    many[37] = result.candidates[12].model_copy(update={"rank": 38})
    many[38] = many[38].model_copy(update={"label": result.offers[0].label})
    many.append(result.candidates[-1].model_copy(update={"rank": 41}))
    page = _words(render_report(result.model_copy(update={"candidates": many})).decode())
    assert "25 more were simulated" in page
    for row in ("38. Stem-cell exosomes", "39. The clinic's offer", "41. Nothing"):
        assert row.replace("'", "&#39;") in page


def test_every_figure_has_a_title_and_both_sizes() -> None:
    drawn = figures(man_of_40())
    wanted = {"pictures", "condition", "pool", "forecast", "mean-diameter", "coverage", "shed-per-day"}
    assert wanted | {"schedule", "lines", "offer-1", "candidates"} == set(drawn)
    for figure in drawn.values():
        assert len(figure.title) > 20
        assert "<svg" in figure.wide
        assert figure.key in ("pictures", "condition") or "<svg" in figure.narrow
        assert "NaN" not in figure.wide + figure.narrow


def test_without_zone_forecasts_there_are_no_pictures_of_later() -> None:
    result = man_of_40()
    bands = [band for band in result.forecasts.bands if band.zone in ("vertex", "scalp")]
    forecasts = result.forecasts.model_copy(update={"bands": bands})
    assert "pictures" not in figures(result.model_copy(update={"forecasts": forecasts}))


def test_zero_is_on_the_axis_of_counts() -> None:
    hero = figures(man_of_40())["forecast"].wide
    assert re.search(r"<text[^>]*>0</text>", hero)


def test_drawing_is_quick() -> None:
    start = time.process_time()
    render_report(man_of_40())
    assert time.process_time() - start < 20.0


def test_importing_the_outputs_does_not_import_altair() -> None:
    source = str(Path(__file__).parents[3] / "src")
    environment = os.environ | {"PYTHONPATH": source}
    code = (
        "import sys; import follicast.outputs.report.page, follicast.outputs.write, follicast.outputs.terminal;"
        "print([m for m in ('altair', 'vl_convert', 'icalendar', 'rich') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == "[]"


def test_fixture_bands_are_ordered() -> None:
    assert Z50 < Z80
    for band in man_of_40().forecasts.bands:
        for low, high in zip(band.q10, band.q90, strict=True):
            assert low <= high
