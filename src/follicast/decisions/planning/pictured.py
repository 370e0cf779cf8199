"""Heads to draw: members of the forecast follicle by follicle, today and later, under nothing and under the plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from follicast.decisions.planning.candidates import NONE
from follicast.decisions.planning.follicle_life import FollicleLife, Place, follicle_lives
from follicast.decisions.planning.judge import Judged
from follicast.decisions.planning.workbench import Workbench
from follicast.inference.diagnostics import quantile
from follicast.inference.forecast import Outlook, Regimen
from follicast.measurement.drawing.strands import ZoneHair

Floats = npt.NDArray[np.float64]
Head: TypeAlias = Mapping[str, ZoneHair]

MONTHS: Final = (0, 6, 12, 24)
_QUARTERS: Final = np.array([0.25, 0.5, 0.75])
_TENTHS: Final = np.array([0.1, 0.9])


@dataclass(frozen=True, slots=True)
class Heads:
    """The hair of simulated heads by plan and month, zone by zone; month 0 is today and the same under every plan.

    Every picture of `middle` is of the same follicles, so what differs between two of them is what the plan or time has
    done. `less` and `more` are of two other members, who stand for how uncertain the last month is.

    Attributes:
        months: after today, in order, the first 0.
        middle: of the member nearest to the medians, by plan, then month, then zone.
        less: by plan, the last month of a member whose scalp is covered less than that of 9 of 10.
        more: the same of one that is covered more than 9 of 10.
        lives: of two follicles of the middle head, up to today.
    """

    months: tuple[int, ...]
    middle: Mapping[str, Mapping[int, Head]]
    less: Mapping[str, Head]
    more: Mapping[str, Head]
    lives: Mapping[Place, FollicleLife]


def heads_to_draw(bench: Workbench, ranked: Sequence[Judged], nothing: Outlook) -> Heads:
    """Heads of the middle of the forecast, and of its edges at the last month, under nothing and under the plan.

    Args:
        bench: the person's forecasts.
        ranked: every option judged, the plan first.
        nothing: what comes without any treatment.
    """
    best = ranked[0]
    plans: dict[str, tuple[Regimen, Outlook]] = {NONE: (Regimen(), nothing)}
    plans[best.option.id] = (best.option.regimen, best.outlook)
    months = tuple(month for month in MONTHS if month < nothing.days.size)
    weights, days = bench.posterior.weights, nothing.days[list(months)]
    member = _middle([outlook for _, outlook in plans.values()], months, weights)
    middle, less, more = {}, {}, {}
    for plan, (regimen, outlook) in plans.items():
        middle[plan] = dict(zip(months, bench.heads(regimen, member, days), strict=True))
        low, high = _edges(outlook, months[-1], weights)
        less[plan], more[plan] = (bench.heads(regimen, edge, days[-1:])[0] for edge in (low, high))
    return Heads(months, middle, less, more, follicle_lives(bench, member))


def _middle(outlooks: Sequence[Outlook], months: Sequence[int], weights: Floats) -> int:
    """The member whose density, thickness and coverage are nearest to the medians on every day that is drawn."""
    far = np.zeros(weights.size)
    for outlook in outlooks:
        for values in (outlook.density, outlook.mean_diameter, outlook.coverage):
            shown = values[list(months)]
            low, middle, high = quantile(shown, weights, _QUARTERS).T
            far += (((shown - middle[:, None]) / np.maximum(high - low, 1e-9)[:, None]) ** 2).sum(axis=0)
    return int(np.argmin(np.where(weights > 0.0, far, np.inf)))


def _edges(outlook: Outlook, month: int, weights: Floats) -> tuple[int, int]:
    """The members whose coverage that month is nearest to what one in ten stays below, and one in ten exceeds."""
    coverage = outlook.coverage[month]
    low, high = (
        int(np.argmin(np.where(weights > 0.0, np.abs(coverage - edge), np.inf)))
        for edge in quantile(coverage[None], weights, _TENTHS)[0]
    )
    return low, high
