"""What is known of the hair today: each zone, the pool of hairs, and readings that can be drawn beside a forecast."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.decisions.planning.value import interval
from follicast.decisions.result import Interval, Measured, Pool, ZoneCondition
from follicast.inference.history import YEAR_DAYS
from follicast.inference.reweight import coverage_by_zone, error_sds, whole_scalp
from follicast.knowledge.load import Knowledge
from follicast.language import say
from follicast.measurement.instruments import Readings, mean_rate
from follicast.people.person import Person
from follicast.quantities import DAYS_PER_YEAR, ZONES

Floats = npt.NDArray[np.float64]

HAIRS: Final = "hairs/cm2"
ZONE_LABELS: Final = {
    "frontal-hairline": "frontal hairline",
    "temples": "temples",
    "mid-scalp": "mid-scalp",
    "vertex": "vertex (crown)",
    "occipital-donor": "back of the head (donor area)",
    "sides": "sides",
}


def zone_label(zone: str) -> str:
    """What a zone is called."""
    return say(ZONE_LABELS[zone])


def zones_today(today: Readings, weights: Floats, knowledge: Knowledge) -> list[ZoneCondition]:
    """Every zone today, as the members read it."""
    coverage = coverage_by_zone(today, knowledge)
    conditions = []
    for i, zone in enumerate(ZONES):

        def now(values: Floats, unit: str, site: int = i) -> Interval:
            return interval(values[-1, :, site], weights, unit)

        conditions.append(
            ZoneCondition(
                zone=zone,
                label=zone_label(zone),
                area_cm2=knowledge.parameters[f"zone.area.{zone}"].value,
                density=now(today.total, HAIRS),
                nonvellus_density=now(today.nonvellus, HAIRS),
                mean_diameter=now(today.mean_diameter, "um"),
                anagen_share=now(today.anagen_share, "fraction"),
                kenogen_share=now(today.kenogen_share, "fraction"),
                miniaturised_share=now(today.miniaturised_share, "fraction"),
                coverage=now(coverage, "%"),
            )
        )
    return conditions


def hair_pool(today: Readings, weights: Floats, knowledge: Knowledge) -> Pool:
    """Mean flows over the last year, so that the season does not pass for loss."""
    last = float(today.days[-1])

    def yearly(rate: Floats) -> Floats:
        return whole_scalp(mean_rate(rate, today.days, last - YEAR_DAYS, last), knowledge)

    inflow, outflow = yearly(today.starts), yearly(today.sheds)
    return Pool(
        inflow_per_day=interval(inflow, weights, "hairs/day"),
        outflow_per_day=interval(outflow, weights, "hairs/day"),
        balance_per_year=interval(DAYS_PER_YEAR * (inflow - outflow), weights, "hairs/year"),
        hairs_now=interval(whole_scalp(today.total[-1], knowledge), weights, "hairs"),
    )


def measured_so_far(person: Person, knowledge: Knowledge) -> list[Measured]:
    """Readings that can be drawn beside the bands, with their 80 % error; those of another threshold cannot."""
    names: dict[tuple[str, float | None], str] = {
        ("total_density", None): "density",
        ("nonvellus_density", 30.0): "nonvellus_density",
        ("mean_diameter", None): "mean_diameter",
    }
    made = []
    for m in person.measurements:
        if (m.quantity, m.threshold_um) in names:
            half = 1.2816 * math.hypot(*error_sds(m, knowledge))
            made.append(
                Measured.model_validate(
                    {
                        "date": m.date,
                        "zone": m.zone,
                        "quantity": names[m.quantity, m.threshold_um],
                        "value": m.value,
                        "lo80": max(0.0, m.value - half),
                        "hi80": m.value + half,
                        "unit": "um" if m.quantity == "mean_diameter" else HAIRS,
                    }
                )
            )
    return made
