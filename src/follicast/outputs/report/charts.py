"""All figures of the report, by name. Altair and vl-convert are imported only when one is drawn."""

from __future__ import annotations

from follicast.decisions.planning.pictured import Heads
from follicast.decisions.result import PlanResult
from follicast.outputs.report.bands import hero_figure, small_figures
from follicast.outputs.report.cycle import cycle_figure
from follicast.outputs.report.front import front_figure
from follicast.outputs.report.heads import heads_figures
from follicast.outputs.report.intervals import candidates_figure, lines_figure, offer_figures, pool_figure
from follicast.outputs.report.scalp_map import condition_figure, pictures_figure
from follicast.outputs.report.timeline import schedule_figure
from follicast.outputs.svg import Figure


def figures(result: PlanResult, heads: Heads | None = None) -> dict[str, Figure]:
    """Every figure that this answer has the numbers for, by its key, in the order of the report."""
    drawn = [
        *heads_figures(result, heads),
        pictures_figure(result),
        condition_figure(result),
        pool_figure(result),
        cycle_figure(result, heads),
        hero_figure(result),
        *small_figures(result),
        schedule_figure(result),
        lines_figure(result),
        *offer_figures(result),
        candidates_figure(result),
        front_figure(result),
    ]
    return {figure.key: figure for figure in drawn if figure is not None}
