"""The timeline: what was interrupted is drawn before today, and nothing else looks back."""

from __future__ import annotations

from datetime import timedelta

from tests.outputs.fixture import MINOXIDIL, man_of_40

from follicast.decisions.result import Break
from follicast.outputs.report.page import render_report
from follicast.outputs.report.timeline import lanes, schedule_figure


def stopped(days_ago: int, days: int, *, resumed: bool = True) -> Break:
    as_of = man_of_40().as_of
    last = as_of - timedelta(days=days_ago)
    return Break(
        therapy=MINOXIDIL,
        last_dose=last,
        resumed=last + timedelta(days=days) if resumed else None,
        days=days,
        kind="interruption",
        entered_late=False,
    )


def test_scenario_6_5_an_interruption_is_on_the_timeline() -> None:
    result = man_of_40(breaks=[stopped(60, 20)])
    lane = next(lane for lane in lanes(result) if lane.breaks)
    assert lane.breaks == [(-59, -40)]
    assert "no dose for 20 days until" in lane.span
    figure = schedule_figure(result)
    assert figure is not None
    assert "Dashed: no dose was taken." in figure.note
    assert 'stroke-dasharray="4,4"' in figure.wide


def test_one_that_goes_on_is_said_and_drawn_to_today() -> None:
    lane = next(lane for lane in lanes(man_of_40(breaks=[stopped(12, 12, resumed=False)])) if lane.breaks)
    assert lane.breaks == [(-11, 0)]
    assert "no dose for 12 days" in lane.span


def test_what_lies_far_back_is_said_and_not_drawn() -> None:
    (lane,) = [lane for lane in lanes(man_of_40(breaks=[stopped(400, 20)])) if "no dose" in lane.span]
    assert lane.breaks == []
    figure = schedule_figure(man_of_40(breaks=[stopped(400, 20)]))
    assert figure is not None
    assert "Dashed" not in figure.note


def test_booked_dates_have_their_time_and_zone_in_the_report() -> None:
    result = man_of_40()
    timed = [e.model_copy(update={"time": "10:00", "time_zone": "Asia/Taipei"}) for e in result.schedule]
    page = render_report(result.model_copy(update={"schedule": timed})).decode()
    assert "Times are those of Asia/Taipei." in page
    assert ", 10:00</th>" in page
    assert "Times are those of" not in render_report(result).decode()
