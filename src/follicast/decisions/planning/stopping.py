"""What is left of a gain when everything stops, and what it costs to take half of the doses: simulated, not assumed.

The same members and draws as the plan itself, so each difference is that of stopping, or of the doses left out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.decisions.planning.condition import HAIRS
from follicast.decisions.planning.value import interval
from follicast.decisions.planning.workbench import Workbench
from follicast.decisions.result import Doses, Stopping
from follicast.inference.forecast import PlannedLine, Regimen

Floats = npt.NDArray[np.float64]

STOP_MONTH: Final = 12
AFTER_MONTHS: Final = (6, 12)
HALF: Final = 0.5
# A smaller mean gain than this has no share that could be left (hairs/cm2).
_LEAST: Final = 1.0


def stopped(regimen: Regimen, day: int) -> Regimen:
    """The regimen with everything ended on that day; what was operated stays."""
    lines = []
    for line in regimen.lines:
        if line.sessions:
            lines.append(replace(line, sessions=tuple(d for d in line.sessions if d < day)))
        else:
            lines.append(replace(line, stop=day if line.stop is None else min(line.stop, day)))
    kept = tuple(line for line in lines if line.sessions or line.stop is not None)
    return replace(regimen, lines=kept)


def goes_on(regimen: Regimen, day: int) -> bool:
    """Is anything still done from that day on?"""
    return any((max(line.sessions) >= day) if line.sessions else line.stop is None for line in regimen.lines)


def stopping(bench: Workbench, regimen: Regimen) -> Stopping:
    """The gain of a regimen that stops after a year, then and later.

    Args:
        bench: of the person.
        regimen: from today on.

    Returns:
        Gains against nothing at the stop and 6 and 12 months later, and the share of the mean gain that is left.
    """
    day, last = round(STOP_MONTH * 30.4375), STOP_MONTH + AFTER_MONTHS[-1]
    ended = stopped(regimen, day) if goes_on(regimen, day) else regimen
    gain = bench.course(ended, last) - bench.course(Regimen(), last)
    weights = bench.posterior.weights
    months = [STOP_MONTH, *(STOP_MONTH + more for more in AFTER_MONTHS)]
    at_stop = float(gain[STOP_MONTH] @ weights)
    shares = [None if at_stop < _LEAST else max(0.0, float(gain[m] @ weights) / at_stop) for m in months[1:]]
    return Stopping(
        month=STOP_MONTH,
        after=list(AFTER_MONTHS),
        gain=[interval(gain[m], weights, HAIRS) for m in months],
        share_left=shares,
    )


def with_doses(regimen: Regimen, share: float, therapy: str | None = None) -> Regimen:
    """The regimen with that share of the daily doses, of one therapy or of all; sessions stay as they are."""

    def taken(line: PlannedLine) -> PlannedLine:
        other = line.sessions or therapy not in (None, line.therapy)
        return line if other else replace(line, adherence=share)

    return replace(regimen, lines=tuple(taken(line) for line in regimen.lines))


def doses(bench: Workbench, regimen: Regimen, share: float, therapy: str | None = None) -> Doses | None:
    """The plan with that share of its daily doses; None where it would be the plan itself.

    Args:
        bench: of the person.
        regimen: the plan.
        share: of the daily doses.
        therapy: whose doses; None = of every daily line.
    """
    other = with_doses(regimen, share, therapy)
    if other == regimen:
        return None
    months = bench.person.goals.horizon_months
    weights = bench.posterior.weights
    whole, part, nothing = (bench.course(r, months)[-1] for r in (regimen, other, Regimen()))
    return Doses(
        share=share, gain=interval(part - nothing, weights, HAIRS), costs=interval(whole - part, weights, HAIRS)
    )


def half_of(bench: Workbench, regimen: Regimen, therapy: str) -> Doses | None:
    """One daily line at half of all doses (at half of the planned ones where those are no more than that)."""
    line = next((line for line in regimen.lines if line.therapy == therapy and not line.sessions), None)
    if line is None:
        return None
    return doses(bench, regimen, HALF if line.adherence > HALF else HALF * line.adherence, therapy)
