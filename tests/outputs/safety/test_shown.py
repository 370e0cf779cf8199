"""The findings as people read them: terminal, JSON, the letter in place of a plan, and the report."""

from __future__ import annotations

import io
import json
import re
from datetime import date
from pathlib import Path

import pytest
from markupsafe import escape
from rich.console import Console
from tests.outputs.fixture import man_of_40
from tests.program import ROOT

from follicast.cli import main
from follicast.decisions.result import PlanResult
from follicast.decisions.safety.answer import SafetyAnswer, safety_answer
from follicast.knowledge.load import Knowledge, sources
from follicast.outputs.report.page import render_report
from follicast.outputs.report.patient import patient_content
from follicast.outputs.report.reading import before_start
from follicast.outputs.safety.referral import render_letter
from follicast.outputs.safety.shown import print_safety, render_safety_json, summary_lines
from follicast.outputs.terminal import print_summary
from follicast.people.read import parse_person

TODAY = date(2026, 11, 22)
SCAR = """
as_of = 2026-11-20
[person]
label = "<b>A & B</b>"
sex = "male"
age = 35
jurisdiction = "GB"
[[grades]]
system = "norwood-hamilton"
grade = "III"
date = 2026-11-20
[examination]
absent_ostia = true
perifollicular_scale = true
[[labs]]
analyte = "ferritin"
value = 18
unit = "ng/mL"
date = 2026-11-10
[[medications]]
name = "apixaban"
"""
GIRL = 'as_of = 2026-11-20\n[person]\nsex = "female"\nage = 16\n'


def answer_of(text: str) -> SafetyAnswer:
    knowledge = Knowledge.load()
    return safety_answer(parse_person(text, "p.toml", tuple(knowledge.therapies), TODAY), knowledge)


def printed(answer: SafetyAnswer) -> str:
    out = io.StringIO()
    print_safety(answer, {}, console=Console(file=out, width=100))
    return out.getvalue()


def test_findings_are_printed_in_full_with_the_strictest_first() -> None:
    answer = answer_of(SCAR)
    told = printed(answer)
    places = [told.index(finding.title) for finding in answer.findings]
    assert places == sorted(places)
    for part in (
        "RF-SCAR, version 1",
        "no follicle openings",
        "To do: Refer urgently",
        "Nobody may set this rule aside",
    ):
        assert part in told
    assert "Reviewed by nobody yet. Not a diagnosis." in told


def test_safety_json_reads_back_and_is_the_same_for_the_same_person() -> None:
    data = render_safety_json(answer_of(SCAR))
    assert data == render_safety_json(answer_of(SCAR))
    assert SafetyAnswer.model_validate_json(data) == answer_of(SCAR)
    told = json.loads(data)
    assert told["forecast_refused"] is True
    assert told["versions"]["RF-SCAR"] == 1
    assert {key for f in told["findings"] for key in f["sources"]} == {c["key"] for c in told["citations"]}


def test_the_letter_says_why_what_is_known_and_what_is_asked_and_needs_no_network() -> None:
    page = render_letter(answer_of(SCAR)).decode()
    for part in ("Signs of scarring hair loss", "Refer urgently", "Graded Norwood-Hamilton III", "Ferritin 18 ng/mL"):
        assert part in re.sub(r"\s+", " ", page.replace("\u00a0", " "))
    assert "Takes apixaban" in page.replace("\u00a0", " ")
    assert "<b>A" not in page
    assert "&lt;b&gt;A &amp; B&lt;/b&gt;" in page
    assert not re.search(r'(src|href)="(?!https?://|data:|#)', page)
    assert "<script" not in page
    assert "Name and signature" in page
    assert "No clinician has reviewed the rules yet" in page


def test_scenario_07_the_letter_of_a_minor_holds_a_plan_to_observe() -> None:
    page = render_letter(answer_of(GIRL)).decode().replace("\u00a0", " ")
    assert "What can be done meanwhile: observe" in page
    assert "22 May 2027" in page
    assert "A parent or guardian agrees in writing" in page
    assert "Girl, 16 years old" in page


def test_scenario_04_a_refused_forecast_leaves_a_letter_and_no_forecast(tmp_path: Path, capsys) -> None:
    person = tmp_path / "p.toml"
    person.write_text(SCAR, encoding="utf-8")
    out = tmp_path / "plan"
    assert main(["plan", str(person), "--out", str(out)]) == 2
    assert sorted(path.name for path in out.iterdir()) == ["referral.html", "safety.json"]
    told = capsys.readouterr().out
    assert "No forecast and no plan is made" in told
    assert "referral.html" in told
    (out / "plan.json").write_text("{}")
    assert main(["plan", str(person), "--out", str(out), "--quiet"]) == 2
    assert "an older plan in" in capsys.readouterr().err


def test_scenario_06_a_salt_score_gives_a_letter_instead_of_a_forecast(tmp_path: Path, capsys) -> None:
    person = tmp_path / "p.toml"
    person.write_text(GIRL.replace("16", "30") + '[[grades]]\nsystem = "salt"\ngrade = 22\ndate = 2026-11-01\n')
    assert main(["plan", str(person), "--out", str(tmp_path / "plan"), "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert "model is for pattern hair loss" in told["findings"][0]["text"]


def test_follicast_safety_prints_without_a_forecast(tmp_path: Path, capsys) -> None:
    assert main(["safety", str(ROOT / "examples" / "man-40.toml")]) == 0
    assert "EXO-UNAPPROVED" in capsys.readouterr().out
    assert main(["safety", str(ROOT / "examples" / "woman-45.toml"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["forecast_refused"] is False


def test_an_override_that_is_not_allowed_is_refused_in_one_sentence(tmp_path: Path, capsys) -> None:
    person = tmp_path / "p.toml"
    signed = '[[overrides]]\nrule = "RF-SCAR"\nby = "Dr A"\nrole = "clinician"\nreason = "r"\ndate = 2026-11-20\n'
    person.write_text(SCAR + signed, encoding="utf-8")
    assert main(["plan", str(person), "--out", str(tmp_path / "plan")]) == 2
    assert "RF-SCAR may not be set aside by Dr A as clinician; allowed: nobody." in capsys.readouterr().err
    assert not (tmp_path / "plan").exists()


def test_a_clinics_rules_are_read_signed_and_said(tmp_path: Path, capsys) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(
        '[rules.HEART-ASK]\nversion = 2\noff = true\nchanged_by = "Dr B"\nrole = "director"\n'
        'reason = "asked by phone"\ndate = 2026-11-01\n'
    )
    example = str(ROOT / "examples" / "man-40.toml")
    assert main(["safety", example, "--rules", str(rules)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "has switched off the rule HEART-ASK. Dr B (director), 1 November 2026: asked by phone" in told
    assert main(["safety", example, "--rules", str(tmp_path / "none.toml")]) == 2
    assert "none.toml" in capsys.readouterr().err


def findings_of(text: str):
    return answer_of(text).findings


@pytest.mark.parametrize("text", [SCAR, GIRL])
def test_the_report_says_before_you_start_with_sources_and_who_may_set_aside(text: str) -> None:
    found = findings_of(text)
    cited = [
        {"key": key, "text": sources()[key].text, "url": sources()[key].url}
        for key in {k for f in found for k in f.sources}
    ]
    result = man_of_40()
    data = result.model_dump() | {"safety": found, "citations": [*result.model_dump()["citations"], *cited]}
    page = render_report(type(result).model_validate(data)).decode()
    section = page[page.index('<section id="safety">') : page.index('<section id="now">')]
    assert "Before you start" in section
    for finding in found:
        if finding.severity != "info":
            assert str(escape(finding.title)) in section
            assert finding.rule in section
    assert "#source-" in section
    assert '<section id="safety">' not in render_report(man_of_40()).decode()


def test_the_summary_names_the_strict_ones_and_counts_the_rest() -> None:
    found = findings_of(SCAR)
    lines = [words for words, _ in summary_lines(found, len(found))]
    assert lines[0] == "block: Signs of scarring hair loss (RF-SCAR)"
    assert "more note" in lines[-1]
    assert summary_lines([], 0) == []


def test_what_concerns_other_therapies_only_stands_apart() -> None:
    found = [f.model_dump() for f in findings_of(SCAR)]
    result = man_of_40()
    lines = {line.therapy for line in result.lines}
    other = found[0] | {"concerns": ["somewhere-else"], "pauses": []}
    own = found[0] | {"concerns": sorted(lines)[:1], "pauses": []}
    made = type(result).model_validate(result.model_dump() | {"safety": [own, other]})
    assert [f.concerns for f in before_start(made)[0]] == [own["concerns"]]
    assert [f.concerns for f in before_start(made)[1]] == [["somewhere-else"]]
    assert "About therapies that are not in this plan" in render_report(made).decode()


WOMAN = 'as_of = 2026-11-20\n[person]\nsex = "female"\nage = 36\n'
USES = "".join(f'[[treatments]]\ntherapy = "{name}"\nstart = 2026-02-01\n' for name in ("minoxidil-topical-5", "light"))


def told_of(text: str) -> PlanResult:
    """A plan with minoxidil among its lines, and what the rules say of this person."""
    found = [f.model_dump() for f in findings_of(text)]
    return PlanResult.model_validate(man_of_40().model_dump() | {"safety": found, "citations": []})


def on_the_screen(result: PlanResult) -> str:
    out = io.StringIO()
    print_summary(result, [], console=Console(file=out, width=100))
    return " ".join(out.getvalue().split())


def for_the_patient(result: PlanResult) -> tuple[str, str]:
    """What stands above the answer on the page for the patient, and what below it."""
    content = patient_content(result, {})
    above, below = ([words for runs in content[key] for words, _ in runs] for key in ("alarms", "warnings"))
    return " ".join(above), " ".join(below)


def test_a_woman_who_may_conceive_reads_which_of_her_lines_a_pregnancy_ends_wherever_she_reads() -> None:
    result = told_of(f'{WOMAN}[conditions]\npregnant = false\nchildbearing = "possible"\n')
    concerned = {f.rule: set(f.concerns) for f in result.safety}["PREG-ENDS"]
    mine = [line.label for line in result.lines if line.therapy in concerned]
    assert mine
    page = render_report(result).decode()
    section = " ".join(page[page.index('<section id="safety">') : page.index('<section id="now">')].split())
    for text in (on_the_screen(result), section, for_the_patient(result)[1]):
        assert "A pregnancy would end this or make it wait" in text
        assert f"In this plan: {mine[0]}" in text
    for text in (section, for_the_patient(result)[1]):
        assert "Before you try for a child" in text


def test_what_waits_in_pregnancy_stands_before_the_answer_line_by_line() -> None:
    result = told_of(f"{WOMAN}{USES}[conditions]\npregnant = true\n")
    page = render_report(result).decode().partition("<main>")[2]
    for text in (on_the_screen(result), page):
        assert text.index("if no doctor prescribed it to you, pause it today") < text.index(result.answer[:20])
    above, _ = for_the_patient(result)
    assert "Topical minoxidil 5 %: if no doctor" in above
    assert "Low-level light device: if no doctor" in above


def test_a_pregnancy_is_told_although_no_line_in_use_is_recorded() -> None:
    result = told_of(f"{WOMAN}[conditions]\npregnant = true\n")
    assert "block: Pregnancy (PREG-NOW) In this plan: minoxidil 5 %" in on_the_screen(result)
    assert "You are pregnant" in for_the_patient(result)[1]


def test_thoughts_of_suicide_are_an_alarm_for_somebody_who_is_offered_no_such_drug() -> None:
    text = '[person]\nsex = "female"\nage = 60\n[conditions]\nsuicidal_thoughts = true\n'
    assert "RF-MOOD-ANYONE" in {finding.rule for finding in findings_of(text)}
