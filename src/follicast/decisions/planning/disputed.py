"""What the other hypothesis of regrowth would say of the same plan."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from follicast.decisions.planning.judge import Judged
from follicast.decisions.planning.workbench import Workbench
from follicast.inference.diagnostics import quantile
from follicast.inference.forecast import Outlook, Regimen
from follicast.knowledge.posterior import REGROWTHS, Regrowth
from follicast.language import say

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
    said = say("How hair comes back is disputed, and the data do not settle it.")
    if not chosen.option.therapies:
        return said
    (other,) = (name for name in REGROWTHS if name != here)
    rival = bench.under(other)
    months = bench.person.goals.horizon_months
    theirs = rival.course(chosen.option.regimen, months)[-1] - rival.course(Regimen(), months)[-1]
    own = chosen.outlook.density[-1] - nothing.density[-1]
    said += " "
    said += say(
        "If {here} (assumed here), the plan gains {own} hairs/cm2 against nothing at the end; if {other}, {theirs}.",
        here=say(_BELIEF[here]),
        own=_gain(own, bench.posterior.weights),
        other=say(_BELIEF[other]),
        theirs=_gain(theirs, rival.posterior.weights),
    )
    return said


def _gain(values: Floats, weights: Floats) -> str:
    low, median, high = quantile(values, weights, np.array([0.10, 0.50, 0.90]))
    return say("{middle} (8 of 10: {low} to {high})", middle=f"{median:+.0f}", low=f"{low:+.0f}", high=f"{high:+.0f}")
