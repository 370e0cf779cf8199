"""The picture to check shows every hair, what is not counted, and its scale; the record and the table agree with it."""

import dataclasses
import io
import json
from functools import cache

import numpy as np
import pytest
from PIL import Image

from follicast.language import speaking
from follicast.measurement.drawing.closeup import sample_closeup
from follicast.measurement.drawing.counter import NONE, seen_by
from follicast.measurement.photograph.file import PhotoFile
from follicast.measurement.photograph.measured import Measured, Refused, measure
from follicast.measurement.photograph.scale import UNKNOWN, Scale, told_scale
from follicast.outputs.measured.overlay import draw_overlay
from follicast.outputs.measured.record import record_of, render
from follicast.outputs.measured.table import lines_of
from follicast.outputs.palette import PLAN_A

UM = 5.57


@cache
def measured(scale: Scale) -> Measured:
    drawn = sample_closeup(43, UM, 3, "black", width_px=900, height_px=720)
    result = measure(drawn.image, scale, hairs=seen_by(drawn, 1, NONE))
    assert isinstance(result, Measured)
    return result


def photo(result: Measured | Refused) -> PhotoFile:
    pixels = result.image if isinstance(result, Measured) else np.zeros((9, 9, 3), np.uint8)
    return PhotoFile("vertex.png", "ab" * 32, pixels, False)


def picture(result: Measured) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(draw_overlay(result, "vertex.png"))).convert("RGB")).astype(int)


def test_every_counted_root_has_its_mark_and_nothing_else_has() -> None:
    result = measured(told_scale(UM))
    shown = picture(result)
    zoom = shown.shape[1] / result.image.shape[1]
    teal = np.array([int(PLAN_A[k : k + 2], 16) for k in (1, 3, 5)])

    def marked(place: tuple[float, float]) -> bool:
        x, y = (round((v + 0.5) * zoom) for v in place)
        part = shown[max(y - 2, 0) : y + 3, max(x - 2, 0) : x + 3]
        return bool(part.size and np.abs(part - teal).sum(axis=2).min() < 40)

    counted = result.count.counted
    assert counted.sum() > 10
    assert all(marked(hair.root_px) for k, hair in enumerate(result.hairs) if counted[k])
    left = [hair.root_px for k, hair in enumerate(result.hairs) if not counted[k]]
    assert sum(marked(root) for root in left) <= 0.2 * len(left)


def test_what_is_not_counted_is_veiled_and_the_rest_is_as_it_was() -> None:
    result = measured(told_scale(UM))
    shown = picture(result)[: round(result.image.shape[0] * 1100 / 900)]
    assert shown[:20].mean() < 0.85 * shown[200:600].mean()


def test_the_same_measurement_draws_the_same_bytes_in_either_language() -> None:
    result = measured(told_scale(UM))
    assert draw_overlay(result, "a") == draw_overlay(result, "a")
    with speaking("zh-Hans"):
        chinese = draw_overlay(result, "a")
    assert chinese != draw_overlay(result, "a")


def test_a_record_holds_every_hair_and_no_number_that_json_does_not_know() -> None:
    for scale in (told_scale(UM), UNKNOWN):
        result = measured(scale)
        record = json.loads(render(record_of(photo(result), result)))
        assert len(record["each_hair"]) == len(result.hairs)
        assert sum(hair["counted"] for hair in record["each_hair"]) == record["hairs"]
        assert len(record["diameters_um"]) <= record["hairs"]


def test_the_table_gives_an_interval_with_each_number_and_none_of_a_refused_photograph() -> None:
    result = measured(told_scale(UM))
    lines = lines_of(photo(result), result, None)
    density = next(line for line in lines if "Hairs per cm²" in line)
    low, high = (float(density.split()[k]) for k in (-3, -1))
    assert result.count.per_cm2 is not None
    assert low < result.count.per_cm2 < high
    refused = Refused(dataclasses.replace(result.quality, passed=False, reasons=("It is wet.",)), result.scale)
    said = lines_of(photo(refused), refused, None)
    assert said[1:] == ["  It is wet."]
    assert not any(letter.isdigit() for line in said for letter in line)


@pytest.mark.parametrize("scale", [told_scale(UM), UNKNOWN])
def test_the_table_is_said_in_chinese(scale: Scale) -> None:
    result = measured(scale)
    with speaking("zh-Hans"):
        assert all(
            any("\u4e00" <= letter <= "\u9fff" for letter in line) for line in lines_of(photo(result), result, None)[:3]
        )
