"""What a trial reads of its people, in standard units: counts by class and phase, diameters, weight, shares, sheds.

Trials define their own classes of hair (30 or 40 um, anagen only, below 20 um), so these readings are made from single
hairs; `measurement.instruments` makes the usual ones for everybody else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.biology.androgen import dose_effect
from follicast.biology.follicle import ANAGEN, GROWTH_INTERCEPT, GROWTH_SLOPE, TELOGEN
from follicast.biology.simulate import Course
from follicast.inference.trial_people import Standing
from follicast.knowledge.load import Knowledge
from follicast.knowledge.therapy import EmaxExposure
from follicast.knowledge.trial import Arm, Measure
from follicast.measurement.instruments import KERATIN_MG_PER_MM3, MOST_MISREAD, USUAL_MM_PER_DAY
from follicast.people.beliefs import centre

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_UM_PER_MM: Final = 1000.0


def read_people(standing: Standing, course: Course, row: int, measure: Measure) -> Floats:
    """One reading of every person and site, without instrument error.

    Args:
        standing: the people.
        course: what they went through.
        row: which of its days.
        measure: what is read.

    Returns:
        [person, site] in the standard unit of the quantity; shedding is what fell since the course's first day.
    """
    um = course.diameter_um[row].astype(float)
    hairs = um > 0.0
    inside = hairs & (um >= measure.above_um) & (um < measure.below_um)
    return _READERS[measure.quantity](standing, course, row, measure, um, inside)


def _summed(standing: Standing, amount: Floats | Mask) -> Floats:
    """Sum over the follicles of each person and site, per cm2."""
    sites = len(standing.sites)
    place = standing.follicles.person * sites + standing.follicles.site
    sums = np.bincount(place, weights=amount, minlength=standing.members.size * sites)
    area = np.array([site.area_cm2 for site in standing.sites])
    return np.asarray(sums.reshape(standing.members.size, sites) / area)


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0.0)


def _count(standing: Standing, course: Course, row: int, measure: Measure, um: Floats, inside: Mask) -> Floats:
    if not measure.phases:
        return _summed(standing, inside)
    phase = course.phase[row]
    growing = inside & (phase == ANAGEN)
    taken = growing * _misread(standing, um)
    if measure.phases == ("anagen",):
        return _summed(standing, growing - taken)
    return _summed(standing, (inside & (phase == TELOGEN)) + taken)


def _diameter(standing: Standing, _: Course, __: int, ___: Measure, um: Floats, inside: Mask) -> Floats:
    return _ratio(_summed(standing, um * inside), _summed(standing, inside))


def _thickness(standing: Standing, _: Course, __: int, ___: Measure, um: Floats, inside: Mask) -> Floats:
    return _summed(standing, um * inside) / _UM_PER_MM


def _growth(standing: Standing, um: Floats) -> Floats:
    """Growth of each follicle's hair in mm a day."""
    rates = standing.members.rates[standing.follicles.person]
    return np.asarray(rates[:, GROWTH_INTERCEPT] + rates[:, GROWTH_SLOPE] * um)


def _misread(standing: Standing, um: Floats) -> Floats:
    """Chance that each follicle's growing hair is taken for a resting one, as `instruments.phototrichogram_anagen`."""
    usual = standing.members.slow_misread[standing.follicles.person]
    return np.asarray(np.minimum(MOST_MISREAD, usual * USUAL_MM_PER_DAY / _growth(standing, um)))


def _weight(standing: Standing, course: Course, row: int, _: Measure, um: Floats, inside: Mask) -> Floats:
    growing = inside & (course.phase[row] == ANAGEN)
    section = 0.25 * math.pi * (um / _UM_PER_MM) ** 2
    return _summed(standing, growing * section * _growth(standing, um) * KERATIN_MG_PER_MM3)


def _growth_rate(standing: Standing, course: Course, row: int, _: Measure, um: Floats, inside: Mask) -> Floats:
    growing = inside & (course.phase[row] == ANAGEN)
    return _UM_PER_MM * _ratio(_summed(standing, growing * _growth(standing, um)), _summed(standing, growing))


def _anagen_share(standing: Standing, course: Course, row: int, _: Measure, um: Floats, inside: Mask) -> Floats:
    growing = inside & (course.phase[row] == ANAGEN)
    seen = _summed(standing, growing * (1.0 - _misread(standing, um)))
    return 100.0 * _ratio(seen, _summed(standing, inside))


def _shedding(standing: Standing, course: Course, row: int, _: Measure, __: Floats, ___: Mask) -> Floats:
    return _summed(standing, course.sheds[row].astype(float))


_READERS: Final[Mapping[str, Callable[[Standing, Course, int, Measure, Floats, Mask], Floats]]] = {
    "count": _count,
    "diameter": _diameter,
    "thickness": _thickness,
    "weight": _weight,
    "growth rate": _growth_rate,
    "anagen share": _anagen_share,
    "shedding": _shedding,
}
SIMULATED: Final = frozenset(_READERS)
"""Quantities that are read of simulated people."""
ASSAYED: Final = frozenset({"scalp DHT", "serum DHT"})
"""Quantities that a laboratory reads, from the dose-effect curves of the therapies."""


def assay_change(knowledge: Knowledge, arm: Arm, quantity: str) -> float | None:
    """Percent change of DHT that a laboratory would report in an arm; None where no assay of its drug is known.

    Serum follows each drug's own curve. The scalp is read as biopsies were: with the fall that the placebo arm showed
    by itself, and from the follicle's androgen channel where no curve of its own was measured.
    """
    place = "scalp" if quantity == "scalp DHT" else "serum"
    left = 1.0
    for use in arm.uses:
        kept = _kept(knowledge, use.therapy, use.dose, place)
        if kept is None:
            return None
        left *= kept
    drift = knowledge.therapies["finasteride-oral"].assay["scalp_dht_placebo"].value if place == "scalp" else 0.0
    measured_with_drift = any(f"{place}_hill" in knowledge.therapies[use.therapy].assay for use in arm.uses)
    if not measured_with_drift:
        left *= 1.0 - drift
    return 100.0 * (left - 1.0)


def _kept(knowledge: Knowledge, name: str, dose: float, place: str) -> float | None:
    """Share of DHT that one drug at this dose leaves."""
    therapy = knowledge.therapies[name]
    exposure, assay = therapy.exposure, therapy.assay
    if "androgen" not in therapy.channels:
        return 1.0
    drug_dose = dose * exposure.dose.value if isinstance(exposure, EmaxExposure) else dose
    if f"{place}_hill" in assay:
        top, half, hill = (assay[f"{place}_{part}"].value for part in ("emax", "ed50", "hill"))
        return 1.0 - top * float(dose_effect(drug_dose, half, hill))
    if place == "serum" and "serum_emax" in assay:
        return 1.0 - assay["serum_emax"].value * float(dose_effect(drug_dose, assay["serum_ed50"].value, 1.0))
    if place == "serum":
        if "serum_dht" not in assay:
            return None
        full = assay["serum_dht"].value
        return 1.0 - full if not isinstance(exposure, EmaxExposure) else _scaled(full, drug_dose, exposure)
    top = centre(therapy.channels["androgen"], f"{therapy.draws}.effect", knowledge.shared)
    if not isinstance(exposure, EmaxExposure):
        return 1.0 - top
    half = centre(exposure.ed50, f"{therapy.draws}.exposure.ed50", knowledge.shared)
    hill = centre(exposure.hill, f"{therapy.draws}.exposure.hill", knowledge.shared)
    return 1.0 - top * float(dose_effect(drug_dose, half, hill))


def _scaled(full: float, drug_dose: float, exposure: EmaxExposure) -> float:
    """Share left at another dose, from what the full dose does and the drug's half dose."""
    half, usual = exposure.ed50.value, exposure.dose.value
    return 1.0 - min(0.99, full * float(dose_effect(drug_dose, half, 1.0) / dose_effect(usual, half, 1.0)))
