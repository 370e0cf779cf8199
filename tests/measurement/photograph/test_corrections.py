"""What a person adds and removes is honoured and recorded, and a bad file is refused in a sentence."""

from pathlib import Path

import numpy as np
import pytest

from follicast.measurement.drawing.closeup import sample_closeup
from follicast.measurement.photograph.corrections import Added, Corrections, corrected, read_corrections
from follicast.measurement.photograph.hair import SeenHair
from follicast.measurement.photograph.measured import Measured, measure
from follicast.measurement.photograph.scale import told_scale
from follicast.quantities import InputError

SHAPE = (600, 800, 3)
PLACES = (
    ("remove", '[{ "x" : 100, "y" : 100 }]'),
    ("add", '[{"x": 10, "y": 20}, {"x": 5, "y": 5, "tip_x": 30, "tip_y": 9}]'),
)
JSON = "{" + ", ".join(f'"{key}": {value}' for key, value in (("by", '"a nurse"'), *PLACES)) + "}"
TOML = "\n".join(f"{key} = {value.replace(':', ' =')}" for key, value in (("by", '"a nurse"'), *PLACES))


def hair(x: float, y: float) -> SeenHair:
    return SeenHair((x, y), (x + 30, y), np.array([[x, y], [x + 30, y]]), 8.0, 0.9, 0.9)


@pytest.mark.parametrize(("name", "text"), [("c.toml", TOML), ("c.json", JSON)])
def test_toml_and_json_say_the_same(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    said = read_corrections(tmp_path / name, SHAPE)
    assert said == Corrections(
        (Added((10.0, 20.0), None), Added((5.0, 5.0), (30.0, 9.0))), ((100.0, 100.0),), "a nurse"
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("add = [{ x = 900, y = 20 }]", r"add\[1\].x is 900; allowed are 0 to 799"),
        ("add = [{ x = nan, y = 20 }]", "allowed are"),
        ("add = [{ x = true, y = 20 }]", "allowed are"),
        ("add = [{ x = 10 }]", r"add\[1\] must be a place"),
        ("add = [{ x = 10, y = 5, tip_x = 4 }]", "both tip_x and tip_y"),
        ("remove = [3]", r"remove\[1\] must be a place"),
        ("remove = 3", "must be a list"),
        ("take = []", "take is not a known key"),
        ("by = 'a'", "says nothing"),
        ("add = [", "not valid TOML"),
        ("[[[[", "not valid TOML"),
    ],
)
def test_a_bad_file_is_refused_with_what_is_wrong(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "c.toml").write_text(text)
    with pytest.raises(InputError, match=says):
        read_corrections(tmp_path / "c.toml", SHAPE)


def test_the_nearest_hair_is_removed_and_one_far_from_all_is_refused() -> None:
    hairs = (hair(100, 100), hair(300, 300))
    left, added = corrected(hairs, Corrections((), ((310.0, 305.0),)), SHAPE, "c.toml")
    assert left == hairs[:1]
    assert not added.any()
    with pytest.raises(InputError, match="no hair was found there"):
        corrected(hairs, Corrections((), ((600.0, 500.0),)), SHAPE, "c.toml")


def test_a_hair_is_not_added_where_one_is_counted_and_places_are_those_of_the_whole_photograph() -> None:
    hairs = (hair(100, 100),)
    with pytest.raises(InputError, match=r"add\[1\] \(502, 401\): a hair has its root there already"):
        corrected(hairs, Corrections((Added((502.0, 401.0), None),)), SHAPE, "c.toml", (400.0, 300.0))
    with pytest.raises(InputError, match=r"remove\[1\] \(900, 700\): no hair"):
        corrected(hairs, Corrections((), ((900.0, 700.0),)), SHAPE, "c.toml", (400.0, 300.0))


def test_an_added_hair_points_as_the_others_do() -> None:
    left, added = corrected((hair(100, 100),), Corrections((Added((400.0, 200.0), None),)), SHAPE, "c.toml")
    assert left[1].tip_px == pytest.approx((430.0, 200.0))
    assert added.tolist() == [False, True]


def test_the_count_honours_the_corrections() -> None:
    image = sample_closeup(43, 5.57, 3, "black", width_px=900, height_px=720).image
    scale = told_scale(5.57)
    before = measure(image, scale)
    assert isinstance(before, Measured)
    gone = [before.hairs[k].path_px.mean(axis=0) for k in np.flatnonzero(before.count.counted)[:2]]
    wanted = Corrections((Added((450.0, 360.0), None),), tuple((float(x), float(y)) for x, y in gone))
    after = measure(image, scale, corrections=wanted)
    assert isinstance(after, Measured)
    assert after.count.hairs == before.count.hairs - 1
    assert (int(after.added.sum()), after.removed) == (1, 2)
