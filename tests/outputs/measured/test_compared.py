"""Two photographs compared by the command: JSON, words, a picture, and refusals that write nothing."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import cv2
import pytest

from follicast.cli import main
from follicast.cli.options import REFUSED
from follicast.language import speaking
from follicast.measurement.drawing.closeup import draw_closeup
from follicast.measurement.drawing.counter import seen_by
from follicast.measurement.drawing.patch import later, revisited, sample_patch
from follicast.measurement.drawing.photograph import Photograph
from follicast.measurement.drawing.view import View, again
from follicast.measurement.photograph.file import PhotoFile
from follicast.measurement.photograph.measured import Measured, measure
from follicast.measurement.photograph.scale import UNKNOWN, told_scale
from follicast.outputs.measured.compared import PAIR_PICTURE, VISIT_PICTURE, Compared, compare_pair, compare_visits
from follicast.quantities import InputError

UM, DAYS = 6.0, 2.0
VIEW = View(seed=3, lamp=3, um_per_px=UM, width_px=1000, height_px=850, flakes_per_cm2=0.0)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def drawn() -> dict[str, Photograph]:
    """A site, the same two days and half a year later, and another site."""
    patch, other = (
        sample_patch(seed, field_mm=VIEW.field_mm, grain_um=UM, tone=2, hair="black", units_per_cm2=95.0)
        for seed in (25, 77)
    )
    return {
        "first": draw_closeup(patch, VIEW),
        "grown": draw_closeup(later(patch, DAYS), again(VIEW, 31)),
        "revisit": draw_closeup(revisited(patch, 180.0, lost=0.1, gained=0.0), again(VIEW, 32)),
        "other": draw_closeup(other, VIEW),
    }


def photo(drawn: Photograph, name: str, seed: int, *, known: bool = True) -> tuple[PhotoFile, Measured]:
    """A drawing as a file that was measured, its hairs seen by a counter that errs."""
    scale = told_scale(UM) if known else UNKNOWN
    result = measure(drawn.image, scale, hairs=seen_by(drawn, seed), name=name)
    assert isinstance(result, Measured)
    return PhotoFile(name, "0" * 64, drawn.image, had_place=False), result


@pytest.fixture(scope="module")
def pair(drawn: dict[str, Photograph]) -> Compared:
    """The pair of photographs compared."""
    return compare_pair(photo(drawn["first"], "a.png", 1), photo(drawn["grown"], "b.png", 2), DAYS)


@pytest.fixture(scope="module")
def visits(drawn: dict[str, Photograph]) -> Compared:
    """The two visits compared."""
    return compare_visits(photo(drawn["first"], "a.png", 1), photo(drawn["revisit"], "c.png", 2))


def test_a_pair_says_its_share_its_growth_and_what_it_assumes(pair: Compared) -> None:
    told = json.loads(json.dumps(pair.record, allow_nan=False))["pair"]
    assert told["days"] == DAYS
    assert 0.0 <= told["anagen_share_low"] <= told["anagen_share"] <= told["anagen_share_high"] <= 1.0
    assert 100.0 < told["growth_um_per_day"] < 600.0
    assert told["photograph"]["file"] == "b.png"
    seconds = [hair["second"] for hair in told["matched"]]
    assert max(seconds) < len(told["photograph"]["each_hair"])
    assert all(0.0 <= hair["anagen"] <= 1.0 for hair in told["matched"])
    assert "not again before the second" in told["assumes"][0]
    words = "\n".join(pair.lines)
    assert f"{100 * told['anagen_share']:.0f} %" in words
    assert "a.png and b.png, 2 days later" in words


def test_visits_say_the_change_and_the_smallest_that_can_be_told_from_none(visits: Compared) -> None:
    told = json.loads(json.dumps(visits.record, allow_nan=False))["visit"]
    hairs = told["hairs"]
    assert hairs["change"] == pytest.approx(hairs["after"] - hairs["before"], abs=0.11)
    assert hairs["low"] < hairs["change"] < hairs["high"]
    assert hairs["smallest_detectable"] > 0.0
    assert told["density_per_cm2"]["change"] == pytest.approx(100 * hairs["change"] / told["area_mm2"], abs=0.5)
    assert told["photograph"]["file"] == "a.png"
    assert f"less than {hairs['smallest_detectable']:.0f} cannot be told from none" in "\n".join(visits.lines)


def test_every_compared_hair_is_marked_in_the_picture(pair: Compared, visits: Compared) -> None:
    for compared, name, key in ((pair, PAIR_PICTURE, "pair"), (visits, VISIT_PICTURE, "visit")):
        root = ET.fromstring(compared.files[name])
        halves = root.findall(f"{SVG}svg")
        assert len(halves) == len(root.findall(f"{SVG}image")) == 2
        told = compared.record[key]
        for half, alone in zip(halves, ("only_in_first", "only_in_second"), strict=True):
            casings = [line for line in half.findall(f"{SVG}line") if line.get("stroke-width") == "3.6"]
            assert len(casings) == told["pairs"] + len(told[alone])
        crosses = [path for path in halves[0].findall(f"{SVG}path") if path.get("stroke-width") == "3"]
        assert len(crosses) == sum(hair["gone"] > 0.5 for hair in told["only_in_first"])


def test_the_words_are_said_in_the_language_that_is_asked_for(drawn: dict[str, Photograph]) -> None:
    with speaking("zh-Hans"):
        told = compare_visits(photo(drawn["first"], "a.png", 1), photo(drawn["revisit"], "c.png", 2))
    assert "同一块皮肤" in "\n".join(told.lines)
    assert "再次找到".encode() in told.files[VISIT_PICTURE]


def test_without_a_scale_nothing_is_compared(drawn: dict[str, Photograph]) -> None:
    with pytest.raises(InputError, match=r"a\.png: its scale is not known"):
        compare_pair(photo(drawn["first"], "a.png", 1, known=False), photo(drawn["grown"], "b.png", 2), DAYS)


@pytest.fixture(scope="module")
def files(drawn: dict[str, Photograph], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The drawings as files."""
    folder = tmp_path_factory.mktemp("photographs")
    for name, one in drawn.items():
        assert cv2.imwrite(str(folder / f"{name}.png"), cv2.cvtColor(one.image, cv2.COLOR_RGB2BGR))
    return {name: str(folder / f"{name}.png") for name in drawn}


def test_the_command_compares_a_pair_and_an_earlier_visit(
    files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    asked = ["measure", files["first"], "--um-per-px", str(UM), "--out", str(out), "--json"]
    assert main([*asked, "--pair", files["grown"], "--days", "2", "--visit", files["revisit"]]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["pair"]["pairs"] > 20
    assert told["visit"]["pairs"] > 20
    assert json.loads((out / "first.json").read_text())["pair"] == told["pair"]
    assert (out / f"first-{PAIR_PICTURE}").read_bytes().startswith(b"<svg")
    assert (out / f"first-{VISIT_PICTURE}").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--pair", "first", "--days", "2"], "is the first one again"),
        (["--pair", "other", "--days", "2"], "does not show the site"),
        (["--pair", "grown", "--days", "0"], "days: found 0"),
        (["--pair", "grown"], "--pair, --days: belong together"),
        (["--visit", "other"], "does not show the site"),
        (["--visit", "first"], "is the first one again"),
    ],
)
def test_what_cannot_be_compared_is_refused_and_nothing_is_written(
    files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    asked = [files.get(word, word) for word in words]
    out = tmp_path / "out"
    assert main(["measure", files["first"], "--um-per-px", str(UM), "--out", str(out), *asked]) == REFUSED
    assert sentence in capsys.readouterr().err
    assert not out.exists()
