"""Pictures of heads in the report: one for each plan and month, marked, and none without a simulated head."""

import base64
import re

import cv2
import numpy as np
import pytest
from tests.outputs.fixture import man_of_40

from follicast.decisions.planning.pictured import Heads
from follicast.language import speaking
from follicast.measurement.drawing.strands import ZoneHair
from follicast.outputs.report.charts import figures
from follicast.outputs.report.heads import PICTURE_PX, heads_figures
from follicast.outputs.svg import Figure
from follicast.quantities import ZONES


def head(per_cm2: int, um: float = 60.0) -> dict[str, ZoneHair]:
    return {zone: ZoneHair(1.0, np.full(per_cm2, um), np.full(per_cm2, 90.0)) for zone in ZONES}


def made(plans: tuple[str, ...]) -> Heads:
    middle = {plan: {0: head(120), 12: head(110 + 40 * k), 24: head(90 + 70 * k)} for k, plan in enumerate(plans)}
    return Heads((0, 12, 24), middle, {p: head(50) for p in plans}, {p: head(180) for p in plans}, {})


@pytest.fixture(scope="module")
def drawn() -> dict[str, Figure]:
    result = man_of_40()
    return {figure.key: figure for figure in heads_figures(result, made(("none", result.chosen)))}


def pictures(svg: str) -> list[np.ndarray]:
    found = re.findall(r'href="data:image/jpeg;base64,([^"]+)"', svg)
    decoded = [cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_GRAYSCALE) for data in found]
    return [picture for picture in decoded if picture is not None]


def test_one_picture_of_today_and_one_for_each_plan_and_month(drawn: dict[str, Figure]) -> None:
    shown = pictures(drawn["heads"].wide)
    assert [picture.shape for picture in shown] == [(PICTURE_PX, PICTURE_PX)] * 5
    words = re.findall(r">([^<>]+)</text>", drawn["heads"].wide)
    assert words[0] == "Today"
    assert words[1:] == [f"With {plan}, {months} months" for plan in ("nothing", "the plan") for months in (12, 24)]


def test_more_hair_makes_a_darker_picture(drawn: dict[str, Figure]) -> None:
    today, *later = (float(picture[150:300, 150:300].mean()) for picture in pictures(drawn["heads"].wide))
    nothing, plan = later[1], later[3]
    assert plan < today < nothing


def test_a_phone_gets_the_same_pictures_in_two_columns(drawn: dict[str, Figure]) -> None:
    figure = drawn["heads"]
    assert len(pictures(figure.narrow)) == len(pictures(figure.wide))
    assert 'viewBox="0 0 328 ' in figure.narrow


def test_the_edges_of_the_forecast_stand_beside_each_other(drawn: dict[str, Figure]) -> None:
    less, more = (float(p[150:300, 150:300].mean()) for p in pictures(drawn["heads-range"].wide)[:2])
    assert more < less


def test_the_page_says_that_the_pictures_are_simulated(drawn: dict[str, Figure]) -> None:
    assert "simulated" in drawn["heads"].title
    assert "Not a photograph of you" in drawn["heads"].note


def test_pictures_speak_the_language_of_the_plan() -> None:
    result = man_of_40()
    with speaking("zh-Hans"):
        figure = heads_figures(result, made(("none", result.chosen)))[0]
    assert not re.search(r"[a-z]{4,}", re.sub(r"<[^>]*>", "", figure.wide))


def test_where_nothing_is_recommended_only_nothing_is_drawn() -> None:
    result = man_of_40().model_copy(update={"chosen": "none"})
    assert len(pictures(heads_figures(result, made(("none",)))[0].wide)) == 3


def test_an_answer_without_heads_has_no_pictures_of_them() -> None:
    assert "heads" not in figures(man_of_40())


def test_the_row_for_the_patient_holds_today_and_the_end_of_each_plan(drawn: dict[str, Figure]) -> None:
    row = drawn["heads-row"]
    assert len(pictures(row.wide)) == 3
    words = re.findall(r">([^<>]+)</text>", row.wide)
    assert words == ["Today", "With nothing, 24 months", "With the plan, 24 months"]
    assert "simulated" in row.title
