"""follicast import and export from outside."""

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.outputs.exchange.fhir.made import PATIENT, foreign, man_plan
from tests.people.files import ROOT, THERAPIES

from follicast import cli
from follicast.people.read import read_person

# What a command writes without a date is of the day it runs on.
TODAY = dt.datetime.now().astimezone().date()
WOMAN = ROOT / "examples/woman-45.toml"
COUNTS = "patient,date,site,quantity,value,unit\n{},2026-01-05,vertex,total_density,180,hairs/cm2\n"


def done(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    assert cli.main([str(word) for word in words]) == cli.DONE
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    assert cli.main([str(word) for word in words]) == cli.REFUSED
    (line,) = capsys.readouterr().err.splitlines()
    return line


@pytest.fixture
def man(tmp_path: Path) -> Path:
    path = tmp_path / "man.toml"
    path.write_text('as_of = 2026-11-20\n[person]\nlabel = "Wang"\nsex = "male"\nage = 40\n', encoding="utf-8")
    return path


def test_a_person_goes_out_as_a_bundle_and_comes_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle, back = tmp_path / "b.json", tmp_path / "back.toml"
    done(capsys, "export", WOMAN, "--fhir", bundle, "--named")
    done(capsys, "import", bundle, "--out", back)
    assert read_person(back, THERAPIES, TODAY) == read_person(WOMAN, THERAPIES, TODAY)
    assert "# entry 8 (Observation)" in back.read_text(encoding="utf-8")


def test_tables_go_out_and_come_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, back = tmp_path / "csv", tmp_path / "back.toml"
    done(capsys, "export", WOMAN, "--csv", folder)
    assert {path.name for path in folder.iterdir()} == {"measurements.csv", "grades.csv", "insults.csv"}
    done(capsys, "import", folder, "--out", back, "--sex", "female", "--age", "45")
    one, other = (read_person(path, THERAPIES, TODAY) for path in (back, WOMAN))
    assert (one.measurements, one.grades, one.insults) == (other.measurements, other.grades, other.insults)


def test_the_example_of_the_guide_is_taken_whole(man: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "6 new rows, 0 duplicates, 0 rejected" in done(capsys, "import", ROOT / "examples/counts.csv", "--into", man)


def test_a_plan_goes_along_and_only_that_of_the_same_person(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = man_plan()
    folder, bundle, who = tmp_path / "plan", tmp_path / "b.json", tmp_path / "p.toml"
    folder.mkdir()
    (folder / "plan.json").write_text(plan.model_dump_json(), encoding="utf-8")
    label = plan.person.label
    text = f'as_of = {plan.as_of}\n[person]\nlabel = "{label}"\nsex = "male"\nage = {plan.person.age_years}\n'
    who.write_text(text, encoding="utf-8")
    done(capsys, "export", who, "--plan", folder, "--fhir", bundle, "--csv", tmp_path / "csv", "--active")
    (care,) = [
        e["resource"] for e in json.loads(bundle.read_text())["entry"] if e["resource"]["resourceType"] == "CarePlan"
    ]
    assert care["status"] == "active"
    assert (tmp_path / "csv/forecast.csv").exists()
    assert "another person" in refused(capsys, "export", WOMAN, "--plan", folder, "--fhir", bundle)
    assert "plan.json is missing" in refused(capsys, "export", WOMAN, "--plan", tmp_path, "--fhir", bundle)
    assert "nothing to write" in refused(capsys, "export", WOMAN)


def test_scenario_35_nobody_is_taken_for_somebody_by_name(
    tmp_path: Path, man: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = man.read_bytes()
    bundle = tmp_path / "b.json"
    bundle.write_bytes(foreign(patients=(PATIENT | {"name": [{"text": "Wang"}]},)))
    assert "--same-person" in refused(capsys, "import", bundle, "--into", man)
    (tmp_path / "two.csv").write_text(COUNTS.format("Wang") + "Li,2026-01-05,vertex,total_density,90,hairs/cm2\n")
    assert "2 people (Li, Wang)" in refused(capsys, "import", tmp_path / "two.csv", "--into", man)
    assert man.read_bytes() == before
    done(capsys, "import", tmp_path / "two.csv", "--into", man, "--patient", "Wang")
    assert [m.value for m in read_person(man, THERAPIES, TODAY).measurements] == [180]
    assert "--same-person" in refused(capsys, "import", tmp_path / "two.csv", "--into", man, "--patient", "Li")


def test_scenario_35_a_merge_that_somebody_asked_for_is_reversible(
    tmp_path: Path, man: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = man.read_bytes()
    done(capsys, "export", ROOT / "examples/man-40.toml", "--fhir", tmp_path / "b.json")
    answer = json.loads(done(capsys, "import", tmp_path / "b.json", "--into", man, "--same-person", "--json"))
    assert answer["rows_added"] == 3
    assert len(read_person(man, THERAPIES, TODAY).transplants) == 1
    done(capsys, "import", "--undo", answer["batch"], "--into", man)
    assert man.read_bytes() == before


def test_a_file_that_is_there_is_never_written_over(
    man: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "c.csv").write_text(COUNTS.format(""))
    before = man.read_bytes()
    assert "new file" in refused(capsys, "import", tmp_path / "c.csv", "--out", man, "--sex", "male", "--age", "40")
    assert man.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["c.csv"], "--out PERSON.toml"),
        (["c.csv", "--out", "new.toml"], "--sex and --age"),
        (["c.csv", "--out", "no/new.toml", "--sex", "male", "--age", "40"], "folder that is there"),
        (["nothing.csv", "--into", "man.toml"], "cannot be read"),
        (["c.csv", "--into", "man.toml", "--decimal", "semicolon"], "point and comma"),
        (["c.csv", "--into", "man.toml", "--map", "x"], "NAME=VALUE"),
        (["--into", "man.toml"], "give a FHIR Bundle"),
        (["--undo", "x"], "give the batch and --into"),
    ],
)
def test_wrong_words_are_refused_in_one_sentence(
    tmp_path: Path,
    man: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    sentence: str,
) -> None:
    (tmp_path / "c.csv").write_text(COUNTS.format(""))
    monkeypatch.chdir(tmp_path)
    assert sentence in refused(capsys, "import", *words)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.csv", "man.toml"]


@pytest.mark.parametrize("name", ["王小明", "محمد علي", "👩🏽‍🦱"])
def test_scenario_46_names_of_every_script_survive(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = tmp_path / f"{name}.toml", tmp_path / "back.toml"
    one.write_text(f'[person]\nlabel = "{name}"\nsex = "male"\nage = 40\n', encoding="utf-8")
    done(capsys, "export", one, "--fhir", tmp_path / "b.json", "--named")
    done(capsys, "import", tmp_path / "b.json", "--out", other)
    assert read_person(other, THERAPIES, TODAY).label == name


def test_help_does_not_wait_for_fhir() -> None:
    program = "import sys, follicast.cli; print([m for m in sys.modules if m.startswith(('fhir', 'pydantic'))])"
    around = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    found = subprocess.run([sys.executable, "-c", program], env=around, check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "[]"
