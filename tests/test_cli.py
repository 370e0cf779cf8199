"""The command line from outside: refusals, same bytes for the same seed, and an interruption in the middle."""

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.program import ROOT, SHIPPED, run, started

from follicast import cli

GOOD = 'as_of = 2026-11-20\n[person]\nsex = "male"\nage = 40\nyears_of_loss = [8, 9]\n'
COUNT = '[[measurements]]\nsite = "vertex"\ndate = {}\nquantity = "nonvellus_density"\nvalue = {}\nunit = "{}"\n'
EVERY_FILE = {"plan.json", "report.html", "report.pdf", "patient.pdf", "calendar.ics", "schedule.json", "forecast.json"}

BAD: dict[str, tuple[str, list[str]]] = {
    "unknown key": (GOOD + "haircolour = 3\n", ["person.haircolour"]),
    "wrong unit": (GOOD + COUNT.format("2026-11-01", 180, "hairs/mm2"), ["measurements[1].unit", "hairs/cm2"]),
    "negative age": (GOOD.replace("40", "-3"), ["person.age = -3", "12 to 120"]),
    "future date": (GOOD + COUNT.format("2096-11-01", 180, "hairs/cm2"), ["measurements[1].date", "future"]),
    "45 next to 180": (
        GOOD + COUNT.format("2025-11-01", 180, "hairs/cm2") + COUNT.format("2026-11-01", 45, "hairs/cm2"),
        ["measurements[2].value = 45", "implausible next to 180", "field_area_cm2 = 0.25"],
    ),
    "not a number": (GOOD.replace("40", "nan"), ["person.age = nan", "finite"]),
    "empty": ("", ["empty", "sex and age"]),
    "unknown therapy": (GOOD + '[[treatments]]\ntherapy = "snake-oil"\nstart = 2020-01-01\n', ["snake-oil", "prp"]),
    "10 MB of noise": ("x" * 10_000_000, ["larger than 1 MB"]),
    "binary": ("\x00\x01\ufffd", ["not valid TOML"]),
    "two offers of one name": (
        GOOD + 2 * '[[proposals]]\nname = "A"\nlines = ["prp"]\n',
        ["proposals[2].name", "earlier proposal"],
    ),
    "an offer named like a plan": (
        GOOD + '[[proposals]]\nname = "prp+light"\nlines = ["prp"]\n',
        ["proposals[1].name", "prp+light"],
    ),
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one sentence with which the command line refuses these words."""
    assert cli.main(words) == cli.REFUSED
    out, err = capsys.readouterr()
    lines = [line for line in err.splitlines() if not line.endswith("...")]
    assert len(lines) == 1
    assert lines[0].startswith("follicast: ")
    assert out == ("" if "--json" not in words else json.dumps({"error": lines[0][11:]}, ensure_ascii=False) + "\n")
    return lines[0]


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("options", [[], ["--json", "--quiet"]], ids=["words", "json"])
def test_bad_input_is_refused_in_one_sentence_and_nothing_is_written(here, capsys, tmp_path, name, options) -> None:
    text, parts = BAD[name]
    (tmp_path / "somebody.toml").write_text(text, encoding="utf-8")
    sentence = refused(["plan", str(tmp_path / "somebody.toml"), "--out", "plan", *options], capsys)
    for part in ("somebody.toml", *parts):
        assert part in sentence
    assert list(here.iterdir()) == []


def test_a_missing_file_and_a_directory_are_refused(here: Path, tmp_path: Path, capsys) -> None:
    assert "no such file" in refused(["plan", str(tmp_path / "nobody.toml")], capsys)
    assert "is a directory" in refused(["plan", str(tmp_path)], capsys)
    assert list(here.iterdir()) == []


def test_a_file_where_the_folder_should_be_is_refused_before_any_work(here: Path, tmp_path: Path, capsys) -> None:
    (here / "taken").write_text("mine")
    (tmp_path / "a.toml").write_text(GOOD)
    assert "--out taken: this is a file" in refused(["plan", str(tmp_path / "a.toml"), "--out", "taken"], capsys)
    assert [path.read_text() for path in here.iterdir()] == ["mine"]


def test_a_refusal_of_the_shipped_program_has_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(BAD["45 next to 180"][0])
    code, out, err = run("plan", "a.toml", "--quiet", here=tmp_path, program=SHIPPED)
    assert (code, out) == (2, "")
    assert err.startswith("follicast: a.toml: measurements[2].value = 45 ")
    assert [path.name for path in tmp_path.iterdir()] == ["a.toml"]


@pytest.fixture(scope="module")
def planned(once: Callable[[str, Callable[[], str]], str], shared_folder: Path) -> str:
    """plan.json of a person, from an empty cache on one thread."""

    def make() -> str:
        folder = shared_folder / "cli"
        folder.mkdir()
        (folder / "a.toml").write_text(GOOD)
        cache = str(shared_folder / "cli-cache")
        code, out, err = run("plan", "a.toml", "--json", "--threads", "1", here=folder, FOLLICAST_CACHE=cache)
        assert code == 0, err
        assert {path.name for path in (folder / "a-plan").iterdir()} == EVERY_FILE
        assert (folder / "a-plan" / "plan.json").read_text(encoding="utf-8") == out
        return out

    return once("cli-plan", make)


def again(place: Path, *words: str, cache: str) -> str:
    """plan.json of the same person, made anew in this folder."""
    (place / "a.toml").write_text(GOOD)
    code, out, err = run("plan", "a.toml", "--quiet", *words, here=place, FOLLICAST_CACHE=cache)
    assert (code, out, err) == (0, "", "")
    return (place / "a-plan" / "plan.json").read_text(encoding="utf-8")


def test_two_threads_and_no_cache_give_the_same_bytes(planned: str, tmp_path: Path) -> None:
    assert again(tmp_path, "--threads", "2", cache="") == planned


def test_a_warm_cache_gives_the_same_bytes(planned: str, tmp_path: Path, shared_folder: Path) -> None:
    assert again(tmp_path, cache=str(shared_folder / "cli-cache")) == planned


def test_another_seed_gives_another_answer(planned: str, tmp_path: Path) -> None:
    other = json.loads(again(tmp_path, "--seed", "1", cache=""))
    assert (other["seed"], json.loads(planned)["seed"]) == (1, 0)
    assert other["candidates"] != json.loads(planned)["candidates"]


def test_every_number_of_the_answer_is_finite(planned: str) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    data = json.loads(planned, parse_constant=refuse)
    assert data["chosen"] in {candidate["id"] for candidate in data["candidates"]}


def test_an_interruption_leaves_no_report_and_a_cache_that_works(planned: str, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(GOOD)
    cache = str(tmp_path / "cache")
    process = started("plan", "a.toml", here=tmp_path, FOLLICAST_CACHE=cache)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("Forecasting pairs"):
            process.send_signal(signal.SIGINT)
            break
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err.splitlines()[-1]) == (130, "", "follicast: interrupted")
    assert {path.name for path in tmp_path.iterdir()} == {"a.toml", "cache"}
    assert all(path.suffix == ".npz" for path in (tmp_path / "cache").iterdir())
    assert again(tmp_path, cache=cache) == planned


def test_progress_goes_to_standard_error_and_the_report_is_named_last(planned: str, tmp_path, shared_folder) -> None:
    (tmp_path / "a.toml").write_text(GOOD)
    cache = str(shared_folder / "cli-cache")
    code, out, err = run("plan", "a.toml", "--out", "mine", here=tmp_path, FOLLICAST_CACHE=cache)
    assert code == 0
    assert out.startswith(("With ", "Nothing "))
    assert out.rstrip().endswith("mine/report.html")
    assert err.splitlines()[0] == "Reading ..."
    assert "report" not in err.splitlines()[0]


def test_the_examples_of_the_readme_are_there() -> None:
    assert {path.stem for path in (ROOT / "examples").glob("*.toml")} == {
        "man-40",
        "man-33",
        "woman-45",
        "minimal",
        "clinic",
    }


def test_the_doctor_proves_that_the_simulator_works(tmp_path: Path) -> None:
    code, out, _ = run("doctor", "--json", here=tmp_path, FOLLICAST_CACHE=str(tmp_path / "kept"))
    found = json.loads(out)
    assert (code, found["simulator"], found["results kept in"]) == (0, "works", str(tmp_path / "kept"))
