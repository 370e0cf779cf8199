"""Bands over time of the plans that are drawn: nothing, the recommended one, and at most one alternative."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from follicast.decisions.planning.candidates import NONE, TRANSPLANT, Option, ongoing, option
from follicast.decisions.planning.condition import HAIRS
from follicast.decisions.planning.judge import Judged
from follicast.decisions.planning.shedding import shedding_causes, shedding_windows
from follicast.decisions.planning.value import LEVELS
from follicast.decisions.planning.workbench import Workbench
from follicast.decisions.result import Band, Forecasts
from follicast.inference.diagnostics import quantile
from follicast.inference.forecast import Outlook
from follicast.quantities import ZONES

Floats = npt.NDArray[np.float64]


def drawn_forecasts(
    bench: Workbench, ranked: Sequence[Judged], nothing: Outlook, waiting: Collection[str] = ()
) -> Forecasts:
    """Bands of nothing, the plan, and what the person proposed or else the best simpler alternative.

    Args:
        bench: of the person.
        ranked: every option judged, the chosen plan first.
        nothing: forecast without treatment.
        waiting: therapies in use that a safety rule pauses; a gain by them is not drawn.
    """
    best = ranked[0]
    person, knowledge = bench.person, bench.knowledge
    drawn: list[tuple[Option, Outlook]] = [(option(person, knowledge, (), bench.horizon_days), nothing)]
    if best.option.id != NONE:
        drawn.append((best.option, best.outlook))
    other = _alternative(ranked, set(ongoing(person)), set(waiting))
    if other is not None:
        drawn.append((other.option, other.outlook))
    weights = bench.posterior.weights
    zone = bench.person.goal_zone
    bands = []
    for made, outlook in drawn:
        series = (
            ("density", HAIRS, outlook.density, zone),
            ("nonvellus_density", HAIRS, outlook.nonvellus, zone),
            ("mean_diameter", "um", outlook.mean_diameter, zone),
            ("coverage", "%", outlook.coverage, zone),
            ("shed_per_day", "hairs/day", outlook.sheds, "scalp"),
        )
        for quantity, unit, values, place in series:
            bands.append(_band(made.id, quantity, unit, place, values, weights))
        others = [(i, name) for i, name in enumerate(ZONES) if name != zone]
        bands += [_band(made.id, "density", HAIRS, name, outlook.zones[:, :, i], weights) for i, name in others]
    return Forecasts(
        goal_zone=zone,
        days=nothing.days.tolist(),
        plans=[made.id for made, _ in drawn],
        bands=bands,
        shedding_windows=shedding_windows(person, knowledge, drawn, weights),
        shedding_causes=shedding_causes(person, knowledge),
    )


def _band(plan: str, quantity: str, unit: str, zone: str, values: npt.NDArray[np.floating], weights: Floats) -> Band:
    levels = quantile(values.astype(np.float64), weights, LEVELS).T.tolist()
    parts = dict(zip(("q10", "q25", "q50", "q75", "q90"), levels, strict=True))
    return Band.model_validate({"plan": plan, "quantity": quantity, "unit": unit, "zone": zone, **parts})


def _alternative(ranked: Sequence[Judged], current: set[str], waiting: set[str]) -> Judged | None:
    """What the person was offered or does now, if it is not the plan; else the best that shares no line with it."""
    best = ranked[0].option
    rest = [j for j in ranked[1:] if j.option.id != NONE and not waiting & set(j.option.therapies)]
    offered = [j for j in rest if j.option.proposal is not None]
    offered += [j for j in rest if current and set(j.option.therapies) == current]
    other = [
        j for j in rest if not set(j.option.therapies) & set(best.therapies) and TRANSPLANT not in j.option.therapies
    ]
    return next(iter(offered or other), None)
