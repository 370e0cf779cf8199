"""Looking up the one number a figure or a sentence needs in a `PlanResult`."""

from __future__ import annotations

from datetime import date

from follicast.decisions.result import Band, Candidate, Finding, Interval, PlanResult
from follicast.outputs.palette import NOTHING_ID

WHOLE = "scalp"
"""The zone of what is read over the whole scalp."""
MAX_ROWS = 16
"""Rows of the figure and the table that compare candidates, if the therapies by themselves leave room for them."""


def band_of(result: PlanResult, plan: str, quantity: str, zone: str | None = None) -> Band | None:
    """The forecast of one quantity of one plan, at the goal zone unless said otherwise."""
    found = {band.zone: band for band in result.forecasts.bands if (band.plan, band.quantity) == (plan, quantity)}
    return found.get(zone or result.forecasts.goal_zone) or (found.get(WHOLE) if zone is None else None)


def at_day(result: PlanResult, band: Band, day: int) -> Interval:
    """The band at the forecast day nearest to `day`."""
    days = result.forecasts.days
    k = min(range(len(days)), key=lambda i: abs(days[i] - day))
    return Interval(
        median=band.q50[k], lo50=band.q25[k], hi50=band.q75[k], lo80=band.q10[k], hi80=band.q90[k], unit=band.unit
    )


def at_horizon(result: PlanResult, plan: str, quantity: str, zone: str | None = None) -> Interval | None:
    """The forecast of one quantity of one plan at the horizon; None when it was not forecast."""
    band = band_of(result, plan, quantity, zone)
    return at_day(result, band, result.horizon_days) if band else None


def chosen_candidate(result: PlanResult) -> Candidate | None:
    """The recommended regimen."""
    return next((c for c in result.candidates if c.id == result.chosen), None)


def visit_days(result: PlanResult) -> list[date]:
    """The days on which the plan asks somebody to come: sessions, an operation, counts."""
    return sorted({event.date for event in result.schedule if event.kind in ("session", "surgery", "measure")})


def therapy_labels(result: PlanResult) -> dict[str, str]:
    """What each therapy of the answer is called."""
    labels = {e.therapy: e.label for e in result.excluded}
    labels |= {c.therapies[0]: c.label for c in result.candidates if len(c.therapies) == 1}
    return labels | {line.therapy: line.label for line in result.lines}


def before_start(result: PlanResult) -> tuple[list[Finding], list[Finding]]:
    """Safety findings on the plan, the person or what was offered; and those on therapies that are only compared."""
    meant = {line.therapy for line in result.lines} | {line.therapy for offer in result.offers for line in offer.lines}
    own = [f for f in result.safety if f.pauses or f.cancels_sessions or not f.concerns or meant & set(f.concerns)]
    return own, [f for f in result.safety if f not in own]


def ranked(result: PlanResult) -> list[Candidate]:
    """All candidates, best first."""
    return sorted(result.candidates, key=lambda c: (c.rank, c.id))


def compared(result: PlanResult) -> list[Candidate]:
    """The candidates that are shown, best first.

    Always nothing, the drawn plans, what was offered, each therapy by itself and what is not beaten; then the best of
    the rest.
    """
    offered = {offer.label for offer in result.offers}
    drawn = {NOTHING_ID, result.chosen, *result.forecasts.plans}
    must = {
        c.id for c in result.candidates if c.id in drawn or c.label in offered or len(c.therapies) == 1 or c.on_front
    }
    rest = [c.id for c in ranked(result) if c.id not in must]
    shown = must | set(rest[: max(0, MAX_ROWS - len(must))])
    return [c for c in ranked(result) if c.id in shown]
