"""What the other hypothesis of regrowth would say of the same plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from follicast.inference.diagnostics import quantile
from follicast.inference.forecast import Outlook, Regimen
from follicast.knowledge.posterior import REGROWTHS, Regrowth

if TYPE_CHECKING:
    from follicast.decisions.plan import Judged, Workbench

Floats = npt.NDArray[np.float64]

_BELIEF: dict[Regrowth, str] = {
    "reversal": "small hairs grow large again",
    "waking": "only dormant terminal follicles wake",
}


def disputed_regrowth(bench: Workbench, chosen: Judged, nothing: Outlook) -> str:
    """One sentence: the gain of the chosen plan under each hypothesis of how hair comes back.

    Args:
        bench: the person and the hypothesis in force.
        chosen: the recommended option.
        nothing: the forecast without treatment under the hypothesis in force.

    Returns:
        The sentence.
    """
    here = bench.knowledge.regrowth
    said = "How hair comes back is disputed, and the data do not settle it."
    if not chosen.option.therapies:
        return said
    (other,) = (name for name in REGROWTHS if name != here)
    rival = bench.under(other)
    theirs = rival.outlook(chosen.option.regimen), rival.outlook(Regimen())
    own = _gain(chosen.outlook, nothing, bench.posterior.weights)
    return (
        f"{said} If {_BELIEF[here]} (assumed here), the plan gains {own} hairs/cm2 against nothing at the end; if "
        f"{_BELIEF[other]}, {_gain(*theirs, rival.posterior.weights)}."
    )


def _gain(plan: Outlook, nothing: Outlook, weights: Floats) -> str:
    low, median, high = quantile(plan.density[-1] - nothing.density[-1], weights, np.array([0.10, 0.50, 0.90]))
    return f"{median:+.0f} (8 of 10: {low:+.0f} to {high:+.0f})"
