"""The science pages are whole: every page, every row, every figure, and no number that is none."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.outputs.science.calibration import made_up

from follicast.knowledge.load import Knowledge
from follicast.outputs.science import __main__ as program
from follicast.outputs.science.limits_page import INDEX
from follicast.outputs.science.material import QUICK, Material, gather, miss_reasons, reason_of
from follicast.outputs.science.model_page import OTHERS, RULES, keys_of
from follicast.outputs.science.pages import contents
from follicast.outputs.science.regrowth_page import regrowth_page
from follicast.outputs.science.scores import left_out_rows, left_out_score
from follicast.outputs.science.words import fixed, num, span, table
from follicast.quantities import InputError

SCIENCE = Path(__file__).parents[3] / "docs" / "science"
NOTHING = re.compile(r"\b(nan|inf|None)\b")


def quiet(name: str, fraction: float) -> None:
    """Says nothing."""


@pytest.fixture(scope="module", autouse=True)
def own_cache(shared_folder: Path) -> Iterator[None]:
    """What one test has simulated the next one finds; the user's own results are left alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOLLICAST_CACHE", str(shared_folder / "science"))
        yield


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    folder = tmp_path_factory.mktemp("calibration")
    made_up(folder, "reversal")
    made_up(folder, "waking")
    return gather(folder, QUICK, quiet)


@pytest.fixture(scope="module")
def pages(material: Material) -> dict[str, str]:
    return {name: data.decode() for name, data in contents(material).items()}


def test_every_page_of_the_index_is_made(pages: dict[str, str]) -> None:
    assert {name for name in pages if name.endswith(".md")} == {"README.md", *(name for name, _ in INDEX)}


def test_every_shipped_row_is_in_the_data_page_and_refused_ones_too(pages: dict[str, str], material: Material) -> None:
    shown = re.findall(r"^\| `([^`]+)` \|", pages["data.md"], re.MULTILINE)
    shipped = [row.trial_id for row in material.rows] + [entry.trial_id for entry in material.refused]
    assert sorted(shown) == sorted(shipped)
    assert len(shipped) == len(material.lines)


def test_every_number_of_the_model_is_in_its_page_once(pages: dict[str, str], material: Material) -> None:
    knowledge = material.main.knowledge
    groups = [starts for _, starts in RULES.values()] + [*OTHERS.values(), ()]
    keys = [key for starts in groups for key in keys_of(starts, knowledge)]
    assert sorted(keys) == sorted(knowledge.parameters)
    for key in knowledge.parameters:
        assert pages["model.md"].count(f"| `{key}` |") == 1
    for therapy in knowledge.therapies.values():
        assert f"### {therapy.name}" in pages["model.md"]


def test_figures_are_svg_with_a_title_and_every_one_is_shown(pages: dict[str, str]) -> None:
    figures = {name: text for name, text in pages.items() if name.endswith(".svg")}
    shown = {f"figures/{name}.svg" for text in pages.values() for name in re.findall(r"\(figures/([^)]+)\.svg\)", text)}
    assert shown == set(figures)
    for text in figures.values():
        root = ET.fromstring(text)
        assert root.tag.endswith("svg")
        assert root.findtext("{http://www.w3.org/2000/svg}title")
        ids = re.findall(r'\bid="([^"]+)"', text)
        assert len(ids) == len(set(ids))


def test_nothing_is_written_that_is_no_number(pages: dict[str, str]) -> None:
    assert {name: hit[0] for name, text in pages.items() if (hit := NOTHING.search(text))} == {}


def test_links_between_pages_lead_somewhere(pages: dict[str, str]) -> None:
    for name, text in pages.items():
        for target, anchor in re.findall(r"\]\(([a-z-]+\.md)(?:#([^)]+))?\)", text):
            # Some pages beside these are written by benches.
            assert target in pages or (SCIENCE / target).is_file(), name
            assert not anchor or f'id="{anchor}"' in pages[target], (name, anchor)


def test_the_same_material_gives_the_same_bytes(material: Material, pages: dict[str, str]) -> None:
    assert {name: data.decode() for name, data in contents(material).items()} == pages


def test_certainty_is_in_sight_wherever_sessions_are(pages: dict[str, str]) -> None:
    assert "VERY LOW" in pages["schedule.md"].splitlines()[4]
    rows = [line for line in pages["schedule.md"].splitlines() if line.startswith("| exosome | ") and "to" in line]
    assert rows
    assert "Certainty of the effect: very low" in pages["figures/schedule-exosome.svg"]


def test_forecasts_of_people_that_are_off_are_marked(pages: dict[str, str]) -> None:
    told = pages["people.md"]
    off = [line for line in told.splitlines() if "more than 3 points off" in line]
    assert [line.split("|")[1].strip() for line in off] == ["androgen sensitivity"] * 2
    assert "figures/people-sparse.svg" in told
    assert "figures/people-rich.svg" in told


def test_a_miss_is_shown_with_a_reason_or_says_that_none_is_known(pages: dict[str, str], material: Material) -> None:
    misses = [p for p in material.main.predicted if p.observed is not None and not p.low95 <= p.observed <= p.high95]
    section = pages["validation.md"].split("## Misses")[1].split("\n## ")[0]
    assert len(re.findall(r"^\| `", section, re.MULTILINE)) == len(misses)
    assert reason_of("NOBODY2099") == ("not known", "no reason known")
    assert reason_of("VANNESTE2020_LHGR_GE60")[1] != reason_of("VANNESTE2020_anagen_GE20um")[1]


def test_every_reason_belongs_to_a_row_or_fact_that_exists(material: Material) -> None:
    known = [row.trial_id for row in material.rows] + [entry.trial_id for entry in material.refused]
    known += [check.fact for check in material.checks]
    assert [start for start in miss_reasons() if not any(name.startswith(start) for name in known)] == []
    assert {entry["blame"] for entry in miss_reasons().values()} <= {"model", "data", "unit", "not known"}


def test_the_score_without_a_trial_counts_what_is_inside(material: Material) -> None:
    rows = left_out_rows(material.main.calibration)
    counts = [row for row in rows if row.measure == "count"]
    found = left_out_score(rows, material.drug_mean, material.rows)
    assert found.n == len(counts)
    assert found.coverage95 == sum(row.low95 <= row.observed <= row.high95 for row in counts) / len(counts)
    row = counts[0]
    assert row.log_score < 0.0


def test_without_a_calibration_it_is_refused_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main([str(tmp_path / "docs"), str(tmp_path), "--quick"]) == 2
    assert "no calibration-reversal.json" in capsys.readouterr().err
    (tmp_path / "calibration-reversal.json").write_text("[]", encoding="utf-8")
    with pytest.raises(InputError, match="not a calibration"):
        gather(tmp_path, QUICK, quiet)


def test_numbers_and_tables_in_words() -> None:
    assert [num(x) for x in (0.0, 1234.5, -0.01234, 12.0, 1e-9, None)] == ["0", "1230", "−0.0123", "12", "1e-09", "-"]
    assert [fixed(x) for x in (-0.04, -1.25, None)] == ["0.0", "−1.2", "-"]
    assert span(-1.0, 2.5) == "−1 to 2.5"
    assert table(("a", "b"), [("x|y", 1)], right=(1,)) == "| a | b |\n|---|--:|\n| x\\|y | 1 |\n"


def test_one_hypothesis_alone_is_enough(tmp_path: Path) -> None:
    alone = gather(made_up(tmp_path), QUICK, quiet)
    text, figures = regrowth_page(alone)
    assert "Only one hypothesis was calibrated" in text
    assert figures == {}
    assert alone.main.knowledge.regrowth == Knowledge.load().regrowth
