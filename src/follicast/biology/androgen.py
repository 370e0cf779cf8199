"""Androgen at the follicle: when it begins to act, and what a dose takes away."""

from __future__ import annotations

from follicast.biology.compiled import rule


@rule
def maturity(day: float, onset_day: float, ramp_days: float) -> float:
    """Share of its full androgen response that the scalp shows: 0 before onset, 1 after the ramp, linear between."""
    return min(1.0, max(0.0, (day - onset_day) / ramp_days))


@rule
def dose_effect(dose: float, ed50: float, hill: float) -> float:
    """Share of the maximal effect at a dose: dose^h / (ed50^h + dose^h); 0 at no dose, rising with dose.

    Source: Drake 1999 dose-response for finasteride (hill 1), Olsen 2006 for dutasteride.
    """
    if dose <= 0.0:
        return 0.0
    if hill == 1.0:
        return dose / (ed50 + dose)
    return 1.0 / (1.0 + (ed50 / dose) ** hill)
