"""Is it working? The scenarios by number, and what no verdict may ever rest on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from tests.decisions.reviewing.reviews import (
    MAN,
    MINOXIDIL,
    PLANNED,
    THICK,
    WIDE,
    again,
    folder,
    later,
)

from follicast.decisions.planning.plan import plan_and_forecast
from follicast.decisions.planning.stored_forecast import StoredForecast, chosen_draws
from follicast.decisions.result import PlanResult
from follicast.decisions.reviewing.expected import expectation, setting_of, smallest_change
from follicast.decisions.reviewing.plan_folder import PlanFolder
from follicast.decisions.reviewing.record import Review, ReviewedReading
from follicast.decisions.reviewing.review import review
from follicast.inference.reweight import error_sds
from follicast.inference.store import Store
from follicast.knowledge.load import Knowledge
from follicast.measurement.instruments import detectable_change
from follicast.outputs.report.plan_json import render_record
from follicast.people.health import Health, Lab
from follicast.people.person import Grade, Insult, Person, Transplant
from follicast.quantities import InputError

Once = Callable[[str, Callable[[], str]], str]
Judge = Callable[..., Review]


@pytest.fixture(scope="module")
def kept(once: Once, store: Store, knowledge: Knowledge) -> tuple[PlanResult, StoredForecast]:
    """The plan of minoxidil and the forecast kept with it."""

    def make() -> str:
        plan, forecast, _ = plan_and_forecast(MAN, knowledge, 0, store=store)
        return f"{plan.model_dump_json()}\n{forecast.model_dump_json()}"

    plan, forecast = once("review-plan", make).split("\n")
    return PlanResult.model_validate_json(plan), StoredForecast.model_validate_json(forecast)


@pytest.fixture
def judged(kept: tuple[PlanResult, StoredForecast], store: Store, knowledge: Knowledge) -> Judge:
    """The review of a person against that forecast, without ranking anew unless asked."""

    def made(person: Person, *, replan: bool = False) -> Review:
        return review(person, knowledge, folder(kept[1], kept[0]), 0, store=store, replan=replan)

    return made


def deciding(found: Review) -> ReviewedReading:
    assert found.deciding is not None
    return found.readings[found.deciding]


def test_scenario_36_another_threshold_is_never_compared_and_the_reason_is_said(judged: Judge) -> None:
    found = judged(later(183, again(183, 140.0, THICK)))
    (reading,) = found.readings
    assert (reading.verdict, found.verdict, found.deciding) == (None, "cannot tell", None)
    assert "counts hairs from 40 um on, the baseline from 30 um on" in str(reading.withheld)
    assert "never compared" in found.reasons[0]
    assert reading.expected is None
    assert found.figure is None


def test_scenario_37_six_per_cent_with_five_per_cent_error_cannot_tell(judged: Judge) -> None:
    found = judged(later(365, again(365, 180.2, WIDE, sd=9.0)))
    reading = deciding(found)
    assert reading.change == pytest.approx(0.06 * 170.0)
    assert found.verdict == "cannot tell"
    assert 100.0 * reading.smallest_change / 170.0 == pytest.approx(14.0, abs=0.5)
    assert "up to 14 %" in reading.reason
    assert "(+6 %)" in reading.reason
    assert found.headline.startswith("Cannot tell")


def test_scenario_38_at_week_8_a_fall_is_early_shedding_and_at_week_20_it_is_below(
    judged: Judge, kept: tuple[PlanResult, StoredForecast]
) -> None:
    assert kept[0].chosen == MINOXIDIL
    early = judged(later(56, again(56, 139.5)))
    assert early.verdict == "too early"
    assert "expected shedding window" in early.reasons[0]
    assert "(-7 %)" in early.reasons[0]
    assert early.checks == []
    assert early.figure is not None
    assert early.figure.shedding is not None
    assert early.figure.shedding[0] <= 56 <= early.figure.shedding[1]
    late = judged(later(140, again(140, 120.0)))
    assert late.verdict == "below"
    reading = deciding(late)
    assert reading.expected is not None
    assert reading.change is not None
    assert reading.change < reading.expected.lo80
    text = " ".join(late.checks)
    assert "80 % of the doses taken" in text
    assert "TSH" in text
    assert "ferritin" in text


def test_scenario_39_doses_not_said_are_shown_as_all_and_as_half_never_as_all(judged: Judge) -> None:
    found = judged(later(183, again(183, 165.0), taken=None))
    reading = deciding(found)
    assert not found.adherence_known
    assert reading.full is not None
    assert reading.half is not None
    assert reading.half.median < reading.full.median
    assert found.figure is not None
    assert [band.role for band in found.figure.bands] == ["nothing", "all doses", "half of the doses"]
    assert any("not said does not mean all" in words for words in found.doses)
    said = judged(later(183, again(183, 165.0), taken=0.5))
    assert said.adherence_known
    assert said.figure is not None
    assert [band.role for band in said.figure.bands] == ["nothing", "plan"]
    assert "50 % of the doses taken, 80 % planned" in said.doses[0]


def test_scenario_42_a_grade_by_another_rater_is_noted_and_not_called_a_change(judged: Judge) -> None:
    on = PLANNED + timedelta(days=183)
    grades = (*MAN.grades, Grade(on, "norwood-hamilton", "III", "photo"))
    found = judged(later(183, grades=grades))
    assert found.verdict == "cannot tell"
    (words,) = found.grades
    assert "IV, then III" in words
    assert "not called a change" in words
    assert "by another rater" in words
    assert "2026-07-12" in words
    assert not any("improve" in text.lower() for text in (*found.grades, *found.reasons, found.headline))
    same = judged(later(183, grades=(*MAN.grades, Grade(on, "norwood-hamilton", "III", "clinician"))))
    assert "a count can tell" in same.grades[0]
    assert same.verdict == "cannot tell"


def test_scenario_43_without_a_baseline_there_is_a_band_of_people_like_this_one_and_no_verdict(
    store: Store, knowledge: Knowledge
) -> None:
    bare = replace(MAN, measurements=(), grades=())
    plan, forecast, _ = plan_and_forecast(bare, knowledge, 0, store=store)
    assert not forecast.individual
    assert "people like you, not of you" in plan.fit.messages[0]
    person = replace(later(183), measurements=(again(183, 140.0),), grades=())
    found = review(person, knowledge, folder(forecast, plan), 0, store=store, replan=False)
    (reading,) = found.readings
    assert (reading.verdict, reading.expected, found.verdict) == (None, None, "cannot tell")
    assert reading.band is not None
    assert reading.band.lo80 < reading.band.median < reading.band.hi80
    assert "people like this one" in str(reading.withheld)
    assert any("people like this one" in words for words in found.reasons)


def test_scenario_44_the_same_seed_and_version_give_the_same_bytes(
    kept: tuple[PlanResult, StoredForecast], store: Store, knowledge: Knowledge
) -> None:
    second = plan_and_forecast(MAN, knowledge, 0, store=Store(None)).forecast
    assert render_record(second) == render_record(kept[1])
    other = plan_and_forecast(MAN, knowledge, 1, store=store).forecast
    assert render_record(other) != render_record(kept[1])


def test_scenario_44_two_forecasts_of_one_plan_are_both_shown_and_the_first_decides(
    kept: tuple[PlanResult, StoredForecast], store: Store, knowledge: Knowledge
) -> None:
    plan, first = kept
    newer = first.model_copy(update={"follicast_version": "99.0", "code": "another"})
    both = PlanFolder((("forecast-1.json", first), ("forecast.json", newer)), plan, None)
    found = review(later(140, again(140, 120.0)), knowledge, both, 0, store=store, replan=False)
    assert [(f.file, f.follicast_version, f.decides) for f in found.forecasts] == [
        ("forecast-1.json", first.follicast_version, True),
        ("forecast.json", "99.0", False),
    ]
    assert [f.verdict for f in found.forecasts] == ["below", "below"]


@pytest.mark.parametrize(
    ("reading", "why"),
    [
        (again(183, 160.0, method="trichoscopy"), "another method"),
        (again(183, 160.0, method=None), "another method"),
        (again(183, 160.0, zone="temples"), "another site"),
        (again(183, 58.0, quantity="mean_diameter", threshold_um=None), "no baseline"),
    ],
    ids=["method", "method not said", "site", "quantity"],
)
def test_what_is_not_comparable_gets_no_verdict(judged: Judge, reading, why: str) -> None:
    found = judged(later(183, reading))
    assert found.readings[0].verdict is None
    assert why in str(found.readings[0].withheld)
    assert found.verdict == "cannot tell"


@pytest.mark.parametrize(
    ("when", "zones", "barred"),
    [
        (date(2024, 6, 1), ("vertex",), True),
        (date(2026, 4, 1), (), True),
        (date(2026, 4, 1), ("frontal-hairline",), False),
        (date(2026, 7, 12), ("vertex",), False),
    ],
    ids=["long before", "zones not known", "elsewhere", "after the reading"],
)
def test_a_transplant_in_the_site_withholds_the_verdict(judged: Judge, when, zones, barred: bool) -> None:
    grafts = Transplant(when, 1500, zones, (), None, "fue")
    found = judged(later(184, again(182, 120.0), transplants=(grafts,)))
    assert (found.readings[0].verdict is None) is barred
    if barred:
        assert "transplant of" in str(found.readings[0].withheld)


def test_a_matched_site_is_judged_by_its_own_smallest_change(
    kept: tuple[PlanResult, StoredForecast], knowledge: Knowledge
) -> None:
    forecast = kept[1]
    for matched, name in ((True, "instrument.count_sd_matched"), (False, "instrument.count_sd_unmatched")):
        m = again(183, 160.0, matched_site=matched)
        person = later(183, m)
        setting = setting_of(forecast, m, (m,), person, knowledge)
        assert setting is not None
        assert setting.matched is matched
        assert smallest_change(m, setting) == pytest.approx(detectable_change(knowledge.parameters[name].value))


def test_what_is_expected_of_a_matched_site_is_what_the_errors_of_both_readings_say(
    kept: tuple[PlanResult, StoredForecast], knowledge: Knowledge
) -> None:
    forecast = kept[1]
    m = again(183, 160.0)
    setting = setting_of(forecast, m, (m,), later(183, m), knowledge)
    assert setting is not None
    plan = forecast.course("plan")
    assert plan is not None
    found = expectation(plan, m, setting, forecast.days, 183.0)
    assert found is not None
    # By brute force: draw site and visit errors, keep those that give the baseline reading for one draw.
    site, visit = error_sds(m, knowledge)
    rng = np.random.default_rng(3)
    then = forecast.baseline[0].expected[0]
    now = next(s for s in plan.series if (s.quantity, s.zone) == ("nonvellus_density", "vertex")).values[6][0]
    shared = site * rng.standard_normal(4_000_000)
    first = then + shared + visit * rng.standard_normal(shared.size)
    second = now + shared + visit * rng.standard_normal(shared.size)
    held = second[np.abs(first - 150.0) < 0.25]
    assert held.size > 1000
    assert found.values[0] == pytest.approx(held.mean(), abs=0.3)
    assert found.sd == pytest.approx(held.std(), rel=0.05)


def test_the_headline_rests_on_the_marked_site_of_the_latest_visit_whatever_it_reads(judged: Judge) -> None:
    readings = (
        again(183, 168.0),
        again(365, 120.0, WIDE, matched_site=False),
        again(365, 152.0),
        again(365, 130.0, THICK),
    )
    found = judged(later(365, *readings))
    reading = deciding(found)
    assert (reading.zone, reading.threshold_um, reading.value) == ("vertex", 30.0, 152.0)
    assert found.verdict == reading.verdict
    assert len(found.readings) == 4


def test_a_fall_beyond_every_error_is_below_and_a_rise_beyond_it_is_above(judged: Judge) -> None:
    assert judged(later(183, again(183, 90.0))).verdict == "below"
    above = judged(later(183, again(183, 230.0)))
    assert above.verdict == "above"
    assert above.checks == []
    assert "This reading tells" in above.next_words


def test_a_reading_that_tells_nothing_names_the_date_that_can_or_says_that_none_can(judged: Judge) -> None:
    marked, unmarked = (judged(later(183, again(183, 158.0, matched_site=m))) for m in (True, False))
    for found in (marked, unmarked):
        assert found.verdict in ("too early", "cannot tell")
        reading = deciding(found)
        if found.next_date is None:
            assert "tell the plan from nothing" in found.next_words or "tells the plan from nothing" in found.next_words
        else:
            assert found.next_date.isoformat() in found.next_words
            assert found.next_date == reading.tells_from
    assert "Mark the site" in unmarked.next_words


def test_what_the_record_answers_is_said_beside_what_to_check(judged: Judge) -> None:
    when = PLANNED + timedelta(days=100)
    health = Health(
        labs=(Lab(when, "tsh", 9.0, 0.4, 4.0, "9 mU/L"), Lab(when, "ferritin", 80.0, 30.0, 300.0, "80 ug/L"))
    )
    found = judged(later(183, again(183, 100.0), health=health, insults=(Insult(when, "fever"),)))
    text = "\n".join(found.checks)
    assert "Thyroid: TSH. On record: 9 mU/L on 2026-04-20, out of range" in text
    assert "80 ug/L on 2026-04-20, in range" in text
    assert "On record: 2026-04-20." in text
    assert "sessions" not in text


def test_a_plan_begun_late_is_read_from_the_day_it_was_begun(judged: Judge) -> None:
    late = judged(later(183, again(183, 140.0), begun=120))
    assert late.verdict == "too early"
    assert any("120 days late" in words for words in late.reasons)
    assert judged(later(183, again(183, 140.0), begun=10)).verdict != "too early"


def test_a_review_needs_something_read_after_the_plan(judged: Judge) -> None:
    with pytest.raises(InputError, match="no measurement or grade after 2026-01-10"):
        judged(later(183))


def test_the_plan_is_ranked_again_and_the_old_forecast_stays(
    judged: Judge, kept: tuple[PlanResult, StoredForecast]
) -> None:
    before = render_record(kept[1])
    found = judged(later(365, again(365, 120.0)), replan=True)
    assert found.verdict == "below"
    assert found.replanned is not None
    assert found.replanned.rank_of_plan is not None
    assert found.replanned.stays is (found.replanned.rank_of_plan == 1)
    text = " ".join(found.replanned.words)
    assert ("stays first" in text) is found.replanned.stays
    assert ("ranks before the plan" in text) is not found.replanned.stays
    assert "With the new readings" in text
    assert render_record(kept[1]) == before
    assert b"NaN" not in render_record(found)


def test_draws_stand_for_the_weights() -> None:
    weights = np.array([0.5, 0.25, 0.125, 0.125])
    rows = chosen_draws(weights, 400)
    assert np.bincount(rows, minlength=4).tolist() == pytest.approx([200, 100, 50, 50], abs=1)
