"""Titles must follow from the numbers: change the numbers and the words change."""

from __future__ import annotations

from tests.outputs.fixture import CHOSEN, HAIRS, interval, man_of_40, minimal, untreated, woman_of_45

from follicast.decisions.result import Candidate, Interval, PlanResult
from follicast.outputs.report import findings


def _with_gain(result: PlanResult, gain: Interval) -> PlanResult:
    def changed(c: Candidate) -> Candidate:
        return c.model_copy(update={"gain": gain}) if c.id == result.chosen else c

    return result.model_copy(update={"candidates": [changed(c) for c in result.candidates]})


def test_hero_says_how_sure_the_gain_is() -> None:
    result = man_of_40()
    assert "24 hairs/cm² ahead of nothing" in findings.hero(result)
    assert "between 13 and 35 ahead" in findings.hero(result)
    unsure = findings.hero(_with_gain(result, interval(9.0, 12.0, HAIRS)))
    assert "includes no gain at all" in unsure
    worse = findings.hero(_with_gain(result, interval(-9.0, 3.0, HAIRS)))
    assert "9 hairs/cm² behind nothing" in worse
    assert "between 5 and 13 behind" in worse
    assert "level with nothing" in findings.hero(_with_gain(result, interval(0.0, 0.0, HAIRS)))


def test_hero_when_nothing_is_recommended() -> None:
    assert findings.hero(untreated()).startswith("With nothing, we expect 126 hairs/cm²")


def test_lines_separate_what_is_clear_from_what_is_not() -> None:
    title = findings.lines(man_of_40())
    assert title.startswith("Oral finasteride and topical minoxidil 5")
    assert "at least 9 of 10" in title
    assert title.endswith("for stem-cell exosomes the 80 % interval includes zero")
    assert findings.lines(minimal()).startswith("Oral finasteride adds hairs")


def test_candidates_count_overlaps() -> None:
    result = man_of_40()
    assert findings.candidates(result) == (
        "The recommended plan ranks first of 15; the 80 % intervals of 11 of the 13 others overlap with its own"
    )
    sure = _with_gain(result, Interval(median=90, lo50=88, hi50=92, lo80=85, hi80=95, unit=HAIRS))
    assert "no other 80 % interval overlaps" in findings.candidates(sure)
    assert findings.candidates(untreated()).startswith("Nothing ranks first of 15")


def test_pool_says_when_it_is_in_balance() -> None:
    result = man_of_40()
    assert "cannot be told from balance" not in findings.pool(result)
    even = result.pool.model_copy(update={"balance_per_year": interval(-300.0, 900.0, "hairs/year")})
    assert "cannot be told from balance" in findings.pool(result.model_copy(update={"pool": even}))


def test_offer_names_the_lines_that_cannot_be_told_from_nothing() -> None:
    result = man_of_40()
    title = findings.offer(result, result.offers[0])
    assert title.startswith("The clinic's offer ranks 5 of 15: after 24 months it is 16 hairs/cm² ahead of nothing")
    assert "what stem-cell exosomes and antifungal shampoo add cannot be told from nothing" in title


def test_schedule_counts_what_there_is() -> None:
    assert findings.schedule(man_of_40()) == "6 sessions and 3 measurements, from 13 March 2026 to 12 March 2027"
    assert findings.schedule(minimal()) == "There are no dates"


def test_quantity_compares_at_the_horizon_even_without_a_plan() -> None:
    assert "with the alternative" in findings.quantity(untreated(), "coverage")
    assert "with the plan" in findings.quantity(woman_of_45(), "shed_per_day")
    only = man_of_40()
    bands = [b for b in only.forecasts.bands if b.plan != CHOSEN or b.quantity != "coverage"]
    only = only.model_copy(update={"forecasts": only.forecasts.model_copy(update={"bands": bands})})
    assert findings.quantity(only, "coverage") == "Coverage after 12 months: 79 %"
