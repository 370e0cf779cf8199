"""Heads to draw: the same follicles in every picture, the middle of the forecast and its edges."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from follicast.decisions.planning.candidates import NONE
from follicast.decisions.planning.pictured import Heads
from follicast.decisions.planning.plan import Planned, plan_and_forecast
from follicast.inference.store import Store
from follicast.knowledge.load import Knowledge
from follicast.people.read import read_person
from follicast.quantities import ZONES

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture(scope="module")
def planned(knowledge: Knowledge, store: Store) -> Planned:
    person = read_person(EXAMPLES / "man-40.toml", knowledge.therapies, date(2026, 11, 20))
    return plan_and_forecast(person, knowledge, 0, store=store)


def hairs(heads: Heads, plan: str, month: int, zone: str) -> int:
    return int((heads.middle[plan][month][zone].diameter_um > 0.0).sum())


def test_a_head_has_every_zone_today_and_in_6_12_and_24_months(planned: Planned) -> None:
    heads = planned.heads
    assert heads.months == (0, 6, 12, 24)
    assert list(heads.middle) == [NONE, planned.result.chosen]
    assert all(set(zones) == set(ZONES) for shown in heads.middle.values() for zones in shown.values())


def test_today_is_the_same_under_every_plan(planned: Planned) -> None:
    nothing, plan = planned.heads.middle.values()
    for zone in ZONES:
        np.testing.assert_array_equal(nothing[0][zone].diameter_um, plan[0][zone].diameter_um)
        np.testing.assert_array_equal(nothing[0][zone].length_mm, plan[0][zone].length_mm)


def test_follicles_keep_their_place_from_month_to_month(planned: Planned) -> None:
    for shown in planned.heads.middle.values():
        assert len({tuple(hair.diameter_um.size for hair in zones.values()) for zones in shown.values()}) == 1


def test_the_donor_area_changes_less_than_the_goal_zone(planned: Planned) -> None:
    zone = planned.result.forecasts.goal_zone

    def thicker(where: str) -> float:
        nothing, plan = (heads[24][where] for heads in planned.heads.middle.values())
        return float(plan.diameter_um.sum() / nothing.diameter_um.sum())

    assert thicker(zone) > 1.05
    assert thicker(zone) > thicker("occipital-donor")


def test_the_middle_has_the_hairs_that_the_forecast_expects(planned: Planned) -> None:
    zone = planned.result.forecasts.goal_zone
    for plan in planned.heads.middle:
        band = next(
            b for b in planned.result.forecasts.bands if (b.plan, b.quantity, b.zone) == (plan, "density", zone)
        )
        for month in planned.heads.months:
            head = planned.heads.middle[plan][month][zone]
            density = hairs(planned.heads, plan, month, zone) / head.area_cm2
            assert band.q10[month] <= density <= band.q90[month]


def test_the_edges_lie_on_both_sides_of_the_middle(planned: Planned) -> None:
    zone = planned.result.forecasts.goal_zone
    heads = planned.heads
    for plan, shown in heads.middle.items():
        less, middle, more = (
            float((zones[zone].diameter_um * zones[zone].length_mm.clip(max=30.0)).sum())
            for zones in (heads.less[plan], shown[24], heads.more[plan])
        )
        assert less < middle < more


def test_heads_come_from_the_store_the_second_time(knowledge: Knowledge, store: Store, planned: Planned) -> None:
    person = read_person(EXAMPLES / "man-40.toml", knowledge.therapies, date(2026, 11, 20))
    again = plan_and_forecast(person, knowledge, 0, store=store).heads
    for plan, shown in planned.heads.middle.items():
        for month, zones in shown.items():
            for zone, hair in zones.items():
                np.testing.assert_array_equal(hair.diameter_um, again.middle[plan][month][zone].diameter_um)
