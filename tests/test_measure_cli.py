"""`follicast measure` from the command line: numbers where it can, a refusal without a number where it cannot."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from follicast.cli import main
from follicast.measurement.drawing.closeup import draw_closeup
from follicast.measurement.drawing.patch import sample_patch
from follicast.measurement.drawing.view import View
from follicast.people.read import read_person
from follicast.quantities import ZONES

UM = 5.57
PERSON = 'as_of = 2026-11-01\n[person]\nsex = "male"\nage = 40\n'


def closeup(seed: int = 9, **camera: float) -> np.ndarray:
    view = View(seed, seed, UM, 1000, 800, ink=False, prints=frozenset({"bar"}), **camera)
    return draw_closeup(sample_patch(seed, field_mm=view.field_mm, grain_um=UM, tone=3, hair="black"), view).image


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    return closeup(glare=0.05, blur_um=5.0)


@pytest.fixture
def folder(tmp_path: Path, photo: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Image.fromarray(photo).save("vertex.png")
    Path("me.toml").write_text(PERSON)
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, list[Any], str]]:
    def call(*words: str) -> tuple[int, list[Any], str]:
        code = main(["measure", *words, "--json"])
        told = capsys.readouterr()
        return code, [json.loads(line) for line in told.out.splitlines()], told.err

    return call


def test_one_photograph_gives_one_object_with_count_density_diameters_and_scale(folder: Path, run: Any) -> None:
    code, (answer,), _ = run("vertex.png", "--um-per-px", str(UM), "--also-um", "40")
    assert code == 0
    assert answer["scale_source"] == "told"
    assert 20 < answer["hairs"] < 70
    assert answer["density_per_cm2"] == pytest.approx(100.0 * answer["hairs"] / answer["area_mm2"], rel=0.01)
    assert 0 < answer["hairs_se"] < answer["hairs"]
    assert 40 < np.mean(answer["diameters_um"]) < 110
    parts = [answer["shares"][name]["share"] for name in ("vellus", "intermediate", "terminal")]
    assert sum(parts) == pytest.approx(1.0, abs=0.003)
    assert answer["shares"]["over"][0]["um"] == 40.0
    assert answer["quality"]["passed"] is True
    assert json.loads((folder / "vertex-measured" / "vertex.json").read_text()) == answer
    with Image.open(folder / "vertex-measured" / "vertex-check.png") as picture:
        assert picture.width >= 1000
        assert picture.height > 800
        assert not picture.getexif()


def test_a_printed_bar_gives_the_same_as_the_scale_told(folder: Path, run: Any) -> None:
    Image.fromarray(closeup(6, glare=0.05, blur_um=5.0)).save("bar.png")
    (told,), (read,) = run("bar.png", "--um-per-px", str(UM))[1], run("bar.png", "--bar-mm", "1")[1]
    assert read["scale_source"] == "bar"
    assert read["density_per_cm2"] == pytest.approx(told["density_per_cm2"], rel=0.05)


def test_without_a_scale_there_are_counts_and_nothing_in_mm(folder: Path, run: Any) -> None:
    _, (answer,), _ = run("vertex.png")
    assert answer["scale_source"] == "unknown"
    assert answer["hairs"] > 20
    assert answer["diameters_um"] == []
    assert {answer[key] for key in ("density_per_cm2", "density_se", "area_mm2", "units_per_cm2", "shares")} == {None}


def test_scenario_40_a_wet_and_cropped_photo_is_refused_kept_and_leaves_the_person_as_it_was(
    folder: Path, run: Any
) -> None:
    wet = closeup(glare=2.0)[:330, :330]
    Image.fromarray(wet).save("month-6.png")
    before = hashlib.sha256(Path("month-6.png").read_bytes()).hexdigest()
    person = ("--person", "me.toml", "--site", "vertex", "--date", "2026-10-20")
    code, (answer,), _ = run("month-6.png", "--um-per-px", str(UM), *person)
    assert code == 2
    said = " ".join(answer["quality"]["reasons"])
    assert "wet" in said
    assert "mm²" in said
    assert not {"hairs", "density_per_cm2", "units", "diameters_um", "shares", "each_hair"} & set(answer)
    assert hashlib.sha256(Path("month-6.png").read_bytes()).hexdigest() == before
    assert Path("me.toml").read_text() == PERSON
    assert sorted(p.name for p in (folder / "month-6-measured").iterdir()) == ["month-6.json"]


def test_one_refused_photograph_does_not_stop_the_others(folder: Path, run: Any) -> None:
    Image.new("RGB", (400, 400), "black").save("black.png")
    Path("cut.jpg").write_bytes(b"\xff\xd8\xff\xe0 not much")
    code, answers, _ = run("black.png", "cut.jpg", "vertex.png", "--um-per-px", str(UM))
    assert code == 2
    assert [("hairs" in a, "error" in a) for a in answers] == [(False, False), (False, True), (True, False)]
    assert (folder / "black-measured" / "3-vertex-check.png").exists()


def test_the_result_goes_into_a_person_file_with_its_error_once_and_comes_out_again(folder: Path, run: Any) -> None:
    words = ("vertex.png", "--um-per-px", str(UM), "--person", "me.toml", "--site", "vertex", "--date", "2026-10-20")
    _, (answer,), _ = run(*words)
    text = Path("me.toml").read_text()
    assert text.startswith(PERSON)
    assert "vertex.png, measured with Follicast" in text
    import datetime as dt

    found = read_person(Path("me.toml"), frozenset(), dt.date(2026, 11, 1)).measurements
    total = next(m for m in found if m.quantity == "total_density")
    assert total.value == pytest.approx(answer["density_per_cm2"], abs=0.1)
    assert total.sd == pytest.approx(answer["density_se"], abs=0.1)
    assert total.method == "trichoscopy"
    assert total.area_cm2 == pytest.approx(answer["area_mm2"] / 100.0, abs=1e-3)
    assert {m.quantity for m in found} == {"total_density", "nonvellus_density", "terminal_density", "mean_diameter"}
    run(*words)
    assert Path("me.toml").read_text() == text
    (batch,) = (folder / "me.toml.imports").glob("*.json")
    assert main(["import", "--undo", batch.stem, "--into", "me.toml", "--quiet"]) == 0
    assert Path("me.toml").read_text() == PERSON


def test_corrections_are_honoured_and_recorded(folder: Path, run: Any) -> None:
    _, (before,), _ = run("vertex.png", "--um-per-px", str(UM))
    hair = next(h for h in before["each_hair"] if h["counted"])
    middle = {"x": (hair["x"] + hair["tip_x"]) / 2, "y": (hair["y"] + hair["tip_y"]) / 2}
    Path("put-right.json").write_text(json.dumps({"remove": [middle]}))
    _, (after,), _ = run("vertex.png", "--um-per-px", str(UM), "--corrections", "put-right.json")
    assert after["hairs"] == before["hairs"] - 1
    assert after["corrections"] == {"added": 0, "removed": 1}


def test_a_crop_keeps_the_places_of_the_whole_photograph(folder: Path, run: Any) -> None:
    _, (part,), _ = run("vertex.png", "--um-per-px", str(UM), "--crop", "300,200,600,500")
    assert part["crop"] == [300, 200, 600, 500]
    assert all(h["x"] >= 270 and h["y"] >= 170 for h in part["each_hair"])
    assert part["area_mm2"] < 600 * 500 * UM**2 / 1e6


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--um-per-px", "5", "--bar-mm", "1"), "give one of them"),
        (("--um-per-px", "500"), "allowed are 0.5 to 30 um"),
        (("--crop", "1,2,3"), "x,y,width,height"),
        (("--crop", "0,0,5000,50"), "is 1000 x 800 px"),
        (("--person", "me.toml"), "needs --site and --date"),
        (("--site", "vertex"), "belong to --person"),
        (("--corrections", "none.toml"), "cannot be read"),
        (("--um-per-px", "5.57", "--person", "me.toml", "--site", "chin", "--date", "2026-10-20"), ZONES[0]),
        (("--person", "me.toml", "--site", "vertex", "--date", "2026-10-20"), "without a scale there is no density"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_and_changes_nothing(
    folder: Path, run: Any, words: tuple[str, ...], says: str
) -> None:
    code, (answer,), err = run("vertex.png", *words)
    assert code == 2
    assert says in answer["error"]
    assert says in err
    assert Path("me.toml").read_text() == PERSON


def test_the_table_says_the_answer_first_and_where_to_check(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["measure", "vertex.png", "--um-per-px", str(UM), "--out", "seen"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split()[:3] == ["Hairs", "per", "cm2"]
    assert lines[-1].endswith("seen/vertex-check.png")
    assert main(["measure", "vertex.png", "--um-per-px", str(UM), "--quiet"]) == 0
    assert capsys.readouterr().out == ""
