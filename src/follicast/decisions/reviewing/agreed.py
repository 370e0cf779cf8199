"""The stop rule of a plan as its reviews will judge it: at which booked count, and below which reading.

One function says in the plan and in the review which count can tell (`Reviewer.first_days`), and one what it says
(`verdict.judge`), so that the two never differ.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

import numpy as np

from follicast.decisions.booking.courses import measuring_days
from follicast.decisions.planning.stored_forecast import StoredForecast
from follicast.decisions.planning.telling import held_against, own_count
from follicast.decisions.result import PlanLine, PlanResult, StopRule
from follicast.decisions.reviewing.comparable import withheld
from follicast.decisions.reviewing.expected import Setting, setting_of
from follicast.decisions.reviewing.reading import Reviewer
from follicast.decisions.reviewing.verdict import chance_to_tell, judge
from follicast.decisions.reviewing.words import label, never_tells
from follicast.knowledge.load import Knowledge
from follicast.knowledge.review_rule import review_rule
from follicast.people.person import Measurement, Person

_HAIR: Final = 1.0


def with_agreed_rule(result: PlanResult, person: Person, knowledge: Knowledge, forecast: StoredForecast) -> PlanResult:
    """The answer with the stop rule that a review of it will go by; unchanged where there is no baseline.

    Args:
        result: the answer.
        person: whose it is.
        knowledge: in force.
        forecast: kept with the answer.
    """
    rule = agreed_rule(person, knowledge, forecast)
    if rule is None or result.stop_rule is None:
        return result
    lines = [_single(line, rule) for line in result.lines] if len(result.lines) == 1 else result.lines
    return result.model_copy(update={"stop_rule": rule, "lines": lines})


def _single(line: PlanLine, rule: StopRule) -> PlanLine:
    """The only line of a plan is judged as the plan is."""
    return line.model_copy(update={"stop_rules": [rule]})


def agreed_rule(person: Person, knowledge: Knowledge, forecast: StoredForecast) -> StopRule | None:
    """The stop rule of the plan; None without a baseline that later counts can be held against."""
    own = own_count(person)
    if own is None or forecast.course("plan") is None:
        return None
    last = max(measuring_days(forecast.horizon_days).items(), default=None)
    if last is None:
        return None
    m = replace(own, date=person.as_of + timedelta(days=last[1]), matched_site=True)
    reviewer = Reviewer(forecast, person, (m,), knowledge, review_rule())
    setting = setting_of(forecast, m, reviewer.later, person, knowledge)
    if setting is None or withheld(forecast, m, person) is not None:
        return None
    _, told = reviewer.first_days(m, setting)
    month = next((k for k, day in measuring_days(forecast.horizon_days).items() if day == told), None)
    if told is None or month is None:
        chance = _chance(reviewer, m, setting, last[1])
        return StopRule(
            basis="in the plan", month=None, threshold=None, probability=chance, words=never_tells(forecast, label(own))
        )
    return _rule(reviewer, own, setting, month, told)


def _chance(reviewer: Reviewer, m: Measurement, setting: Setting, day: float) -> float:
    """How often a reading on that day tells the plan from nothing, where the plan works."""
    plan, nothing = (reviewer.expected(role, m, setting, day) for role in (reviewer.plan.role, "nothing"))
    return 0.0 if plan is None or nothing is None else chance_to_tell(plan, nothing, reviewer.rule)


def _rule(reviewer: Reviewer, own: Measurement, setting: Setting, month: int, day: float) -> StopRule | None:
    """The highest reading of that day, in whole hairs, that a review would call below."""
    plan, nothing = (reviewer.expected(role, own, setting, day) for role in (reviewer.plan.role, "nothing"))
    if plan is None or nothing is None:
        return None
    readings = np.arange(np.ceil(float(np.median(plan.values))), 0.0, -_HAIR)
    for reading in readings.tolist():
        found = judge(reading, plan, nothing, day, False, lambda: False, reviewer.rule)
        if found.verdict == "below":
            limit = reading + _HAIR
            rule = StopRule(
                basis="in the plan",
                month=month,
                threshold=limit,
                probability=nothing.below(limit - 0.5 * _HAIR),
                words="",
                change=limit - own.value,
            )
            return held_against(rule, own)
    return None
