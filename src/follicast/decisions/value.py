"""What a regimen is worth to this person: hairs first, then what they would rather not pay, swallow or travel for.

The unit is hairs/cm2. A plan is worth the mean gain of the less lucky half of people like this one (so an uncertain
therapy has to earn its place), less deductions for cost, visits, tablets, action on the whole body, lack of approval
where the person lives, and each further line. The exchange rates are assumptions, in parameters.toml under
`preference`, and every deduction is shown.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from follicast.decisions.candidates import standing
from follicast.decisions.result import Cost, Interval
from follicast.inference.diagnostics import quantile
from follicast.inference.forecast import Outlook, Regimen
from follicast.knowledge.load import Knowledge
from follicast.knowledge.therapy import SessionExposure, Therapy
from follicast.people.person import Person

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
        return months, f"{months:.0f} months"
    if unit == "graft":
        grafts = sum(t.grafts or 0 for t in regimen.transplants)
        return float(grafts), f"{grafts} grafts"
    if unit == "session":
        sessions = sum(len(line.sessions) for line in regimen.lines if line.therapy == therapy.id)
        return float(sessions), f"{sessions} sessions"
    return 1.0, "one device"


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
            f"{therapy.short}: {words} at {therapy.cost.low.value:g} to {therapy.cost.high.value:g} "
            f"{therapy.cost.low.unit}"
        )
    basis = "; ".join(parts) if parts else "nothing to pay"
    return Cost(low=low, high=high, currency="USD", basis=f"{basis} (editable defaults, not quotations)")


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
    yearly = 0.5 * (cost.low + cost.high) / years
    return {
        "cost": rate["cost"] * (rate["base"] + goals.low_cost) * yearly / 1000.0,
        "visits": rate["visit"] * (rate["base"] + goals.few_visits) * visits / years,
        "tablets": rate["tablet"] * goals.no_tablets * tablets,
        "acts on the whole body": rate["whole_body"] * tablets,
        "not approved for hair": rate["unapproved"] * sum(missing),
        "each further line": rate["line"] * max(0, len(names) - 1),
    }


def worth(person: Person, outlook: Outlook, nothing: Outlook, weights: Floats) -> float:
    """Mean gain at the horizon of the less lucky half of the members, weighed by what the person wants, in hairs/cm2.

    A point of scalp coverage counts as one hair/cm2 for a person who asks for coverage.
    """
    goals = person.goals
    hairs = outlook.nonvellus[-1] - nothing.nonvellus[-1]
    cover = outlook.coverage[-1] - nothing.coverage[-1]
    total = goals.keep + goals.regain + goals.coverage
    if total > 0.0:
        hairs = ((goals.keep + goals.regain) * hairs + goals.coverage * cover) / total
    return float(quantile(hairs, weights, _LESS_LUCKY).mean())
