"""What a regimen is worth to this person: hairs first, then what they would rather not pay, swallow or travel for.

The unit is hairs/cm2. A plan is worth the mean gain of the less lucky half of people like this one (so an uncertain
therapy has to earn its place), hairs kept and hairs regained each weighed by what the person wants, less deductions for
cost, visits, expected harms, tablets, action on the whole body, lack of approval where the person lives, and each
further line. The exchange rates are assumptions, in parameters.toml under `preference`, and every deduction is shown.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from follicast.decisions.planning.candidates import standing
from follicast.decisions.planning.harms import harm_score
from follicast.decisions.result import Burden, Cost, Interval
from follicast.inference.diagnostics import quantile
from follicast.inference.forecast import Outlook, Regimen
from follicast.knowledge.load import Knowledge
from follicast.knowledge.therapy import SessionExposure, Therapy
from follicast.language import say, say_number
from follicast.people.person import Person
from follicast.quantities import DAYS_PER_YEAR

Floats = npt.NDArray[np.float64]

LEVELS = np.array([0.10, 0.25, 0.50, 0.75, 0.90])
_LESS_LUCKY = np.arange(1, 20) / 40.0
# What is sold over the counter for other things, or is surgery, needs no approval for hair.
_NEEDS_APPROVAL = ("drug", "session")


def interval(values: Floats, weights: Floats, unit: str) -> Interval:
    """Median with the central 50 % and 80 % of weighted draws."""
    lo80, lo50, median, hi50, hi80 = (float(q) for q in quantile(values, weights, LEVELS))
    return Interval(median=median, lo50=lo50, hi50=hi50, lo80=lo80, hi80=hi80, unit=unit)


def chance(weights: Floats, happens: npt.ArrayLike) -> float:
    """Share of weighted draws in which something happens."""
    return min(1.0, float(weights @ np.asarray(happens)))


def _times(therapy: Therapy, regimen: Regimen, horizon_days: int) -> tuple[float, str]:
    """How many of the units its cost is given in a therapy takes to the horizon, in words too."""
    unit = therapy.cost.low.unit.partition("/")[2]
    months = horizon_days / 30.4375
    if unit == "month":
        return months, say_number("{number} month", "{number} months", round(months))
    if unit == "graft":
        grafts = sum(t.grafts or 0 for t in regimen.transplants)
        return float(grafts), say_number("{number} graft", "{number} grafts", grafts)
    if unit == "session":
        sessions = sum(len(line.sessions) for line in regimen.lines if line.therapy == therapy.id)
        return float(sessions), say_number("{number} session", "{number} sessions", sessions)
    return 1.0, say("one device")


def cost_of(names: Sequence[str], regimen: Regimen, knowledge: Knowledge, horizon_days: int) -> Cost:
    """Range of money over the horizon; the sum of the therapies' editable defaults."""
    low = high = 0.0
    parts = []
    for name in names:
        therapy = knowledge.therapies[name]
        times, words = _times(therapy, regimen, horizon_days)
        low += times * therapy.cost.low.value
        high += times * therapy.cost.high.value
        parts.append(
            say(
                "{therapy}: {times} at {low} to {high} {unit}",
                therapy=say(therapy.short),
                times=words,
                low=f"{therapy.cost.low.value:g}",
                high=f"{therapy.cost.high.value:g}",
                unit=say(therapy.cost.low.unit),
            )
        )
    basis = "; ".join(parts) if parts else say("nothing to pay")
    basis = say("{parts} (editable defaults, not quotations)", parts=basis)
    return Cost(low=low, high=high, currency="USD", basis=basis)


def visits_of(names: Sequence[str], regimen: Regimen, knowledge: Knowledge, horizon_days: int) -> int:
    """Clinic visits to the horizon: sessions given there, check-ups, and the operation."""
    visits = 0.0
    for name in names:
        therapy = knowledge.therapies[name]
        if isinstance(therapy.exposure, SessionExposure):
            visits += sum(len(line.sessions) for line in regimen.lines if line.therapy == name)
        else:
            visits += therapy.visits_per_year.value * horizon_days / 365.25
    return round(visits)


def burden_of(names: Sequence[str], visits: int, knowledge: Knowledge, horizon_days: int) -> Burden:
    """Visits, tablets, minutes a day, and all of it as hours a year."""
    known = [knowledge.therapies[name] for name in names]
    minutes = sum(therapy.minutes_per_day.value for therapy in known if therapy.minutes_per_day is not None)
    yearly = visits * DAYS_PER_YEAR / horizon_days
    hours = minutes * DAYS_PER_YEAR / 60.0 + yearly * knowledge.parameters["preference.visit_hours"].value
    return Burden(
        hours_per_year=hours,
        visits_per_year=yearly,
        tablets_per_day=float(sum(therapy.route.startswith("oral") for therapy in known)),
        minutes_per_day=minutes,
    )


def yearly(cost: Cost, horizon_days: int) -> float:
    """The middle of a cost range over the horizon, a year."""
    return 0.5 * (cost.low + cost.high) * DAYS_PER_YEAR / horizon_days


def deductions(
    person: Person, knowledge: Knowledge, names: Sequence[str], cost: Cost, visits: int, years: float
) -> dict[str, float]:
    """What is taken off the gain, in hairs/cm2, by name."""
    kinds = ("cost", "visit", "tablet", "line", "base", "whole_body", "unapproved")
    rate = {k: knowledge.parameters[f"preference.{k}"].value for k in kinds}
    goals = person.goals
    known = [knowledge.therapies[n] for n in names]
    tablets = sum(therapy.route.startswith("oral") for therapy in known)
    missing = [1.0 - standing(person, therapy) for therapy in known if therapy.kind in _NEEDS_APPROVAL]
    a_year = 0.5 * (cost.low + cost.high) / years
    return {
        "cost": rate["cost"] * (rate["base"] + goals.low_cost) * a_year / 1000.0,
        "visits": rate["visit"] * (rate["base"] + goals.few_visits) * visits / years,
        "harms": sum(harm_score(therapy, person.sex, knowledge) for therapy in known),
        "tablets": rate["tablet"] * goals.no_tablets * tablets,
        "acts on the whole body": rate["whole_body"] * tablets,
        "not approved for hair": rate["unapproved"] * sum(missing),
        "each further line": rate["line"] * max(0, len(names) - 1),
    }


def split(then: Floats, untreated: Floats, today: Floats) -> tuple[Floats, Floats]:
    """A gain against nothing in two parts that add up to it: loss avoided, and hair regained.

    Args:
        then: count under the plan, by member.
        untreated: count under nothing on the same day.
        today: count today.

    Returns:
        What is gained up to the count of today, and what is gained above it; either may be negative.
    """
    avoided = np.minimum(then, today) - np.minimum(untreated, today)
    regained = np.maximum(then, today) - np.maximum(untreated, today)
    return avoided, regained


def worth(person: Person, outlook: Outlook, nothing: Outlook, weights: Floats) -> float:
    """Mean gain at the horizon of the less lucky half of the members, weighed by what the person wants, in hairs/cm2.

    A hair kept counts by `keep` and a hair regained by `regain`; what the person wants most counts in full. A point of
    scalp coverage counts as one hair/cm2 for a person who asks for coverage.
    """
    goals = person.goals
    avoided, regained = split(outlook.nonvellus[-1], nothing.nonvellus[-1], nothing.nonvellus[0])
    cover = outlook.coverage[-1] - nothing.coverage[-1]
    total = goals.keep + goals.regain + goals.coverage
    most = max(goals.keep, goals.regain)
    if total <= 0.0:
        return less_lucky(avoided + regained, weights)
    hairs = (goals.keep * avoided + goals.regain * regained) / most if most > 0.0 else np.zeros_like(avoided)
    return less_lucky(((goals.keep + goals.regain) * hairs + goals.coverage * cover) / total, weights)


def less_lucky(values: Floats, weights: Floats) -> float:
    """The mean over the less lucky half of the members."""
    return float(quantile(values, weights, _LESS_LUCKY).mean())
