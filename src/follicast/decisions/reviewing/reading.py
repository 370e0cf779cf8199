"""One reading after the plan, held against the forecast: comparable or not, its verdict, and the reason in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from follicast.decisions.booking.courses import measuring_days
from follicast.decisions.planning.stored_forecast import ForecastCourse, Role, StoredForecast, series_key
from follicast.decisions.records import Interval
from follicast.decisions.reviewing import words
from follicast.decisions.reviewing.comparable import withheld
from follicast.decisions.reviewing.expected import (
    Setting,
    expectation,
    measurement_of,
    natural,
    on_log_scale,
    scaled,
    setting_of,
    smallest_change,
    true_values,
)
from follicast.decisions.reviewing.record import ReviewedReading
from follicast.decisions.reviewing.verdict import Expectation, Judgement, chance_to_tell, judge
from follicast.inference.reweight import error_sds
from follicast.knowledge.load import Knowledge
from follicast.knowledge.review_rule import ReviewRule
from follicast.people.person import CANONICAL_UNITS, Measurement, Person
from follicast.quantities import Day

LEVELS: Final = (0.5, 0.25, 0.75, 0.1, 0.9)


@dataclass
class Reviewer:
    """Holds readings against one stored forecast.

    `later` is every measurement after the forecast; `delay` the days by which the plan was begun late.
    """

    forecast: StoredForecast
    person: Person
    later: Sequence[Measurement]
    knowledge: Knowledge
    rule: ReviewRule
    delay: Day = 0.0
    _tells: dict[object, tuple[Day | None, Day | None]] = field(default_factory=dict)

    @property
    def plan(self) -> ForecastCourse:
        """The course that was agreed: the plan, or nothing where nothing was."""
        return self.forecast.course("plan") or self.nothing

    @property
    def nothing(self) -> ForecastCourse:
        """No treatment."""
        return next(course for course in self.forecast.courses if course.role == "nothing")

    def expected(self, role: Role, m: Measurement, setting: Setting, day: Day) -> Expectation | None:
        """What would be read on a day; a plan begun late is read from the day it was begun."""
        course = self.nothing if role == "nothing" else self.forecast.course(role)
        if course is None:
            return None
        on = day if role == "nothing" else max(0.0, day - self.delay)
        return expectation(course, m, setting, self.forecast.days, on)

    def sheds(self, day: Day) -> bool:
        """Whether the plan is expected to shed early on that day."""
        window = self.plan.shedding
        return window is not None and window[0] <= day - self.delay <= window[1]

    def first_days(self, m: Measurement, setting: Setting) -> tuple[Day | None, Day | None]:
        """First day on which such a reading more likely tells than not, and first booked day that tells in 8 of 10."""
        key = (series_key(m), setting.matched, setting.error_sd, setting.baseline.date)
        if key not in self._tells:
            likely = told = None
            booked = set(measuring_days(self.forecast.horizon_days).values())
            for day in self.forecast.days:
                if day < self.rule.earliest or self.sheds(day):
                    continue
                plan = self.expected(self.plan.role, m, setting, day)
                nothing = self.expected("nothing", m, setting, day)
                if plan is None or nothing is None or self.plan is self.nothing:
                    continue
                chance = chance_to_tell(plan, nothing, self.rule)
                likely = day if likely is None and chance >= self.rule.too_early else likely
                if chance >= self.rule.tells and day in booked:
                    told = day
                    break
            self._tells[key] = (likely, told)
        return self._tells[key]

    def judged(self, m: Measurement, setting: Setting) -> Judgement | None:
        """The verdict; None beyond the horizon or where the quantity was not forecast."""
        day = float(self.forecast.day(m.date))
        plan, nothing = (self.expected(role, m, setting, day) for role in (self.plan.role, "nothing"))
        if plan is None or nothing is None:
            return None

        def later() -> bool:
            likely, _ = self.first_days(m, setting)
            return likely is not None and likely > day

        value = float(scaled(m, np.array([m.value]))[0])
        found = judge(value, plan, nothing, day - self.delay, self.sheds(day), later, self.rule)
        if self.plan is self.nothing and found.verdict == "cannot tell":
            return Judgement("on track", found.lower, found.odds, found.telling, found.shedding)
        return found

    def read(self, m: Measurement) -> ReviewedReading:
        """Everything there is to say of one reading."""
        barred = withheld(self.forecast, m, self.person)
        setting = setting_of(self.forecast, m, self.later, self.person, self.knowledge)
        if setting is None or barred is not None:
            return self._without_verdict(m, barred or "")
        judgement = self.judged(m, setting)
        if judgement is None:
            return self._without_verdict(m, words.beyond(self.forecast))
        day = float(self.forecast.day(m.date))
        first = setting.baseline.value
        _, told = self.first_days(m, setting)
        seen = {
            "expected": self._change(self.plan.role, m, setting, day),
            "nothing": self._change("nothing", m, setting, day),
            "full": self._change("all doses", m, setting, day),
            "half": self._change("half of the doses", m, setting, day),
        }
        smallest = smallest_change(m, setting)
        reading = self._plain(m).model_copy(
            update={
                "baseline_date": setting.baseline.date,
                "baseline_value": first,
                "matched": setting.matched,
                "change": m.value - first,
                "smallest_change": smallest,
                "verdict": judgement.verdict,
                "lower": judgement.lower,
                "odds": judgement.odds,
                "telling": judgement.telling,
                "tells_from": self._date(told),
                **seen,
            }
        )
        return reading.model_copy(update={"reason": words.reason(reading, judgement, self.plan, self._window_end())})

    def _window_end(self) -> dt.date | None:
        window = self.plan.shedding
        return None if window is None else self._date(window[1] + self.delay)

    def _date(self, day: Day | None) -> dt.date | None:
        return None if day is None else self.forecast.as_of + dt.timedelta(days=round(day))

    def _change(self, role: Role, m: Measurement, setting: Setting, day: Day) -> Interval | None:
        """The forecast of the change from the baseline reading, the error of this reading included."""
        found = self.expected(role, m, setting, day)
        return None if found is None else _interval(m, found, setting.baseline.value)

    def _plain(self, m: Measurement) -> ReviewedReading:
        """The reading by itself."""
        _, visit = error_sds(m, self.knowledge)
        return ReviewedReading(
            date=m.date,
            day=self.forecast.day(m.date),
            label=words.label(m),
            quantity=m.quantity,
            zone=m.zone,
            threshold_um=m.threshold_um,
            method=m.method,
            unit=CANONICAL_UNITS[m.quantity],
            value=m.value,
            value_sd=m.value * visit if on_log_scale(m) else visit,
            baseline_date=None,
            baseline_value=None,
            matched=False,
            change=None,
            smallest_change=None,
            expected=None,
            nothing=None,
            full=None,
            half=None,
            band=None,
            verdict=None,
            withheld=None,
            reason="",
            lower=None,
            odds=None,
            telling=None,
            tells_from=None,
        )

    def _without_verdict(self, m: Measurement, why: str) -> ReviewedReading:
        """The reading with the reason why nothing is said of it, and the band of people like this one."""
        site, visit = error_sds(m, self.knowledge)
        day = float(self.forecast.day(m.date))
        values = true_values(self.plan, m, self.forecast.days, max(0.0, day - self.delay))
        band = None
        if values is not None:
            error = (site**2 + visit**2) ** 0.5
            band = _interval(m, Expectation(scaled(m, values), error), 0.0)
        return self._plain(m).model_copy(update={"withheld": why, "reason": why, "band": band})


def baseline_points(forecast: StoredForecast, m: Measurement) -> list[Measurement]:
    """The baseline readings of the same kind."""
    return [told for b in forecast.baseline if series_key(told := measurement_of(b)) == series_key(m)]


def _interval(m: Measurement, found: Expectation, less: float) -> Interval:
    median, lo50, hi50, lo80, hi80 = (natural(m, q) - less for q in found.quantiles(LEVELS))
    unit = CANONICAL_UNITS[m.quantity]
    return Interval(median=median, lo50=lo50, hi50=hi50, lo80=lo80, hi80=hi80, unit=unit)
