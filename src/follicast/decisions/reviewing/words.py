"""The words of a review: what a reading is called, why its verdict is what it is, and what follows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from follicast.decisions.planning.condition import zone_label
from follicast.decisions.planning.stored_forecast import ForecastCourse, StoredForecast
from follicast.decisions.reviewing.comparable import threshold_words
from follicast.decisions.reviewing.record import ReviewedReading, Verdict
from follicast.decisions.reviewing.verdict import Judgement
from follicast.knowledge.review_rule import review_rule
from follicast.language import say, say_number
from follicast.people.person import Measurement
from follicast.people.words import quantity_word
from follicast.quantities import DAYS_PER_YEAR

_DAYS_PER_MONTH: Final = DAYS_PER_YEAR / 12.0
# Odds beyond this are only said to be beyond it.
_MOST_ODDS: Final = 100.0


def _unit(name: str) -> str:
    return {"hairs/cm2": say("hairs/cm2"), "um": say("um"), "hairs/day": say("hairs/day")}[name]


def label(m: Measurement) -> str:
    """What a reading is called: quantity, threshold and site."""
    name = quantity_word(m.quantity)
    if m.threshold_um is not None:
        name = say("{name} of {um} and more", name=name, um=threshold_words(m.threshold_um))
    return name if m.zone is None else say("{name}, {zone}", name=name, zone=zone_label(m.zone))


def amount(value: float, unit: str, sign: bool = False) -> str:
    """A number with its unit; shares in percentage points when they are differences."""
    plus = "+" if sign else ""
    if unit == "fraction":
        number = f"{100.0 * value:{plus}.0f}"
        return say("{number} percentage points", number=number) if sign else say("{number} %", number=number)
    number = f"{value:{plus}.{1 if unit == 'um' else 0}f}"
    return say("{number} {unit}", number=number, unit=_unit(unit))


def percent(part: float, whole: float, sign: bool = True) -> str:
    """A difference as a share of what it started from."""
    return f"{100.0 * part / whole:{'+' if sign else ''}.0f} %" if whole > 0.0 else say("not a share of nothing")


def verdict_words(verdict: Verdict) -> str:
    """One of the five verdicts, as the first word of a sentence."""
    return {
        "too early": say("Too early"),
        "cannot tell": say("Cannot tell"),
        "on track": say("On track"),
        "below": say("Below the forecast"),
        "above": say("Above the forecast"),
    }[verdict]


def beyond(forecast: StoredForecast) -> str:
    """A reading after the last day of the forecast, or of something that was not forecast."""
    return say(
        "Withheld: the forecast of {date} does not reach this reading. Make a new plan.",
        date=forecast.as_of.isoformat(),
    )


def never_tells(forecast: StoredForecast, what: str) -> str:
    """No booked reading of a kind is likely enough to tell."""
    return say(
        "No booked count ({what}) tells the plan from nothing in 8 of 10 within {months} months: its expected effect "
        "is too small or too uncertain.",
        what=what,
        months=round(forecast.horizon_days / _DAYS_PER_MONTH),
    )


def changed(reading: ReviewedReading) -> str:
    """The change in one phrase: from, to, and how much that is."""
    assert reading.baseline_value is not None
    assert reading.change is not None
    assert reading.baseline_date is not None
    told = {
        "then": amount(reading.baseline_value, reading.unit),
        "now": amount(reading.value, reading.unit),
        "change": percent(reading.change, reading.baseline_value),
        "date": reading.baseline_date.isoformat(),
    }
    return say("from {then} on {date} to {now} ({change})", **told)


def reason(reading: ReviewedReading, judgement: Judgement, plan: ForecastCourse, window_end: dt.date | None) -> str:
    """Why the verdict is what it is, in two or three short sentences.

    Args:
        reading: with everything but the reason.
        judgement: the verdict and what it rests on.
        plan: the course it was held against.
        window_end: last day of expected early shedding, if any.
    """
    first = say("{label}: {change}.", label=reading.label, change=changed(reading))
    return " ".join([first, *_because(reading, judgement, plan, window_end)])


def _because(reading: ReviewedReading, j: Judgement, plan: ForecastCourse, window_end: dt.date | None) -> list[str]:
    if j.verdict == "too early":
        return _early(reading, j, window_end)
    if j.verdict == "cannot tell":
        return _undecided(reading)
    expected = say("Forecast with the plan: {range}.", range=_range(reading))
    if j.verdict == "on track":
        if not plan.therapies:
            return [expected, say("That is what was forecast without treatment.")]
        return [
            expected,
            say("Such a reading is {odds} likelier with the plan than with nothing.", odds=_times(j.odds)),
        ]
    if j.verdict == "above":
        return [expected, say("{share} would read so high.", share=_few(1.0 - j.lower))]
    if j.lower >= review_rule().tail:
        return [expected, say("Such a reading is {odds} likelier with nothing.", odds=_times(1.0 / j.odds))]
    return [expected, say("{share} would read so low.", share=_few(j.lower))]


def _early(reading: ReviewedReading, j: Judgement, window_end: dt.date | None) -> list[str]:
    found = []
    if j.shedding and window_end is not None:
        found.append(
            say(
                "This is inside the expected shedding window: until about {date} more hairs than usual are shed.",
                date=window_end.isoformat(),
            )
        )
    if reading.tells_from is not None:
        found.append(
            say("A reading of this kind can tell from {date} on, in 8 of 10.", date=reading.tells_from.isoformat())
        )
    elif not found:
        found.append(say("So soon no reading of this kind can tell the plan from nothing."))
    return found


def _undecided(reading: ReviewedReading) -> list[str]:
    assert reading.smallest_change is not None
    assert reading.change is not None
    assert reading.baseline_value is not None
    smallest = percent(reading.smallest_change, reading.baseline_value, sign=False)
    if abs(reading.change) <= reading.smallest_change:
        within = say(
            "Two such readings differ by chance by up to {smallest}, so this may be no change.", smallest=smallest
        )
    else:
        within = say("That is more than two such readings differ by chance ({smallest}).", smallest=smallest)
    ranges = say(
        "Forecast with the plan: {range}; with nothing: {nothing}.", range=_range(reading), nothing=_range(reading, 1)
    )
    return [within, ranges, say("It fits both.")]


def _range(reading: ReviewedReading, nothing: int = 0) -> str:
    """The central 80 % of a forecast change."""
    found = reading.nothing if nothing else reading.expected
    assert found is not None
    low, high = amount(found.lo80, reading.unit, True), amount(found.hi80, reading.unit, True)
    return say("{low} to {high} in 8 of 10", low=low.split(" ")[0], high=high)


def _times(odds: float) -> str:
    if odds >= _MOST_ODDS:
        return say("more than {number} times", number=f"{_MOST_ODDS:.0f}")
    return say("{number} times", number=f"{odds:.0f}")


def _few(share: float) -> str:
    """A small probability as a natural frequency."""
    if share < 0.001:
        return say("Fewer than 1 of 1,000 like this")
    if share < 0.01:
        return say("Fewer than 1 of 100 like this")
    return say("{number} of 100 like this", number=f"{100.0 * share:.0f}")


def headline(verdict: Verdict, deciding: ReviewedReading | None, plan: str) -> str:
    """The sentence that answers."""
    if deciding is None:
        return say("Cannot tell. No reading made since the plan can be judged against it.")
    months = round(deciding.day / _DAYS_PER_MONTH)
    when = say_number("{number} month", "{number} months", months)
    told = {"plan": plan, "label": deciding.label, "months": when}
    return {
        "too early": say("Too early to say whether {plan} works, after {months}.", **told),
        "cannot tell": say(
            "Cannot tell whether {plan} works: what was read after {months} fits it and no treatment alike.", **told
        ),
        "on track": say("On track after {months} of {plan}: {label}.", **told),
        "below": say("Below the forecast after {months} of {plan}: {label}.", **told),
        "above": say("Above the forecast after {months} of {plan}: {label}.", **told),
    }[verdict]


def disagreeing(verdict: Verdict, readings: Sequence[ReviewedReading]) -> list[str]:
    """Other readings of the visit that point elsewhere."""
    told = ("on track", "below", "above")
    return [
        say("{label} of {date} points elsewhere: {verdict}.", label=r.label, date=r.date.isoformat(), verdict=r.verdict)
        for r in readings
        if r.verdict in told and r.verdict != verdict
    ]
