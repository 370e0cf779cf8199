"""Group-sequential bounds: how far a statistic must lie out at each look so that the looks together keep alpha.

Lan and DeMets 1983: a spending function says how much of alpha may be used by a share of the information, and the
bound at each look uses what is due. The chance of crossing is integrated over the looks (Armitage, McPherson and Rowe
1969), so unequal looks are exact too. Two-sided and symmetric, half of alpha on each side.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.people.design import Spending

Floats = npt.NDArray[np.float64]

_POINTS: Final = 2001
_FARTHEST: Final = 9.0


def spent(share: float, alpha: float, spending: Spending) -> float:
    """Part of one side's alpha that may be used by this share of the information (0 to 1].

    O'Brien-Fleming: 2 - 2 Phi(z / sqrt(share)), z the quantile of 1 - alpha / 2; Pocock: alpha ln(1 + (e - 1) share).
    """
    from scipy.stats import norm

    if spending == "pocock":
        return alpha * math.log(1.0 + (math.e - 1.0) * share)
    return float(2.0 * norm.sf(norm.isf(0.5 * alpha) / math.sqrt(share)))


def bounds(looks: Sequence[float], alpha: float, spending: Spending) -> Floats:
    """Bounds of |z| at each look.

    Args:
        looks: shares of the information, rising; the last is 1.
        alpha: of both sides together.
        spending: the function.

    Returns:
        One bound a look.
    """
    from scipy.optimize import brentq
    from scipy.stats import norm

    side = 0.5 * alpha
    found: list[float] = []
    grid, density = np.empty(0), np.empty(0)
    before = 0.0
    for share in looks:
        due = spent(share, side, spending) - (spent(before, side, spending) if before else 0.0)
        if _crossing(_FARTHEST, share, share - before, grid, density) >= due:
            bound = _FARTHEST
        else:
            asked = (share, share - before, grid, density)
            bound = float(brentq(lambda z, due, asked: _crossing(z, *asked) - due, 0.0, _FARTHEST, args=(due, asked)))
        found.append(bound)
        # The score process (Brownian motion at time `share`) among those who have not crossed yet.
        inside = np.linspace(-bound * math.sqrt(share), bound * math.sqrt(share), _POINTS)
        if before:
            step = share - before
            kernel = norm.pdf((inside[:, None] - grid[None, :]) / math.sqrt(step)) / math.sqrt(step)
            density = np.trapezoid(kernel * density[None, :], grid, axis=1)
        else:
            density = norm.pdf(inside / math.sqrt(share)) / math.sqrt(share)
        grid, before = inside, share
    return np.array(found)


def _crossing(z: float, share: float, step: float, grid: Floats, density: Floats) -> float:
    """Chance of first crossing the upper bound z at a look, `step` of information after the last one."""
    from scipy.stats import norm

    if not grid.size:
        return float(norm.sf(z))
    beyond = norm.sf((z * math.sqrt(share) - grid) / math.sqrt(step))
    return float(np.trapezoid(density * beyond, grid))
