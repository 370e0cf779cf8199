"""Definitions of grades: every one has its words, a picture where it has a pattern, and its source."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from follicast.knowledge.grading import grading
from follicast.knowledge.load import sources
from follicast.measurement.grades import patterns
from follicast.outputs.grades.pictures import head_svg
from follicast.outputs.grades.shown import PAGE, render_page, show_grades
from follicast.people.person import SYSTEM_LABELS
from follicast.people.read import GRADES
from follicast.quantities import InputError


def show(capsys: pytest.CaptureFixture[str], *words: str | None, **options: object) -> str:
    told = [*words, None, None, None][:3]
    show_grades(
        *told, "clinician", out=options.pop("out", None), as_json=bool(options.pop("as_json", False)), quiet=False
    )  # type: ignore[arg-type]
    return capsys.readouterr().out


def test_every_grade_a_person_file_takes_has_a_definition_and_every_system_a_source() -> None:
    for system, allowed in GRADES.items():
        assert set(allowed) == set(grading()[system].grades)
    for system in grading().values():
        assert system.sources
        assert set(system.sources) <= set(sources())
        assert all(text.endswith(".") for text in system.grades.values())
    assert {"salt", "hair-pull", "rakowska", "sebum"} <= set(grading())


def test_the_two_published_specificities_of_the_rakowska_criteria_are_both_said() -> None:
    note = grading()["rakowska"].note
    assert "98 %" in note
    assert "92 %" in note
    assert grading()["rakowska"].sources == ("rakowska2009", "rakowska2008")


def opacities(svg: str) -> list[float]:
    return [float(value) for value in re.findall(r'fill-opacity="([\d.]+)"', svg)]


@pytest.mark.parametrize("system", list(SYSTEM_LABELS))
def test_a_picture_lets_through_exactly_what_the_pattern_says_is_lost(system: str) -> None:
    for grade, (hairline, temples, middle, vertex) in patterns(system).items():
        svg = head_svg((hairline, temples, middle, vertex), "x")
        ET.fromstring(svg)
        assert opacities(svg) == pytest.approx([hairline, temples, temples, middle, vertex]), grade


def test_the_page_has_a_picture_for_every_grade_with_a_pattern_and_unique_ids() -> None:
    page = render_page(list(grading().values())).decode()
    pictured = sum(len(grading()[system].grades) for system in SYSTEM_LABELS)
    assert page.count("<svg") == pictured
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert "http://www.w3.org" in page
    assert not re.search(r'(src|href)="https?://', page)
    for system in grading().values():
        assert system.label in page


def test_definitions_are_printed_on_request(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    told = show(capsys, "norwood-hamilton")
    assert "IIIvertex" in told
    assert "least that Norwood called baldness" in " ".join(told.split())
    whole = json.loads(show(capsys, None, as_json=True))
    assert [entry["system"] for entry in whole] == list(grading())
    assert str(tmp_path / "new" / PAGE) in show(capsys, "ludwig", out=tmp_path / "new")
    assert (tmp_path / "new" / PAGE).read_bytes() == render_page([grading()["ludwig"]])


def test_a_conversion_is_told_as_chances(capsys: pytest.CaptureFixture[str]) -> None:
    told = show(capsys, None, "norwood-hamilton:IV")
    assert "A probability, never a translation" in told
    assert told.count("%") > 10
    (only,) = json.loads(show(capsys, None, "norwood-hamilton:IV", "basp", as_json=True))
    assert sum(only["chances"].values()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("norwood",), "norwood-hamilton"),
        ((None, "salt:S1"), "SYSTEM:GRADE"),
        ((None, "ludwig:IV"), "no grade 'IV'"),
        ((None, "ludwig:I", "norwood-hamilton"), "allowed here are"),
    ],
)
def test_what_is_no_grade_is_refused(capsys: pytest.CaptureFixture[str], words, part: str) -> None:
    with pytest.raises(InputError, match=part):
        show(capsys, *words)
