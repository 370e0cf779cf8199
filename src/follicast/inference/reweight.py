"""How well does each member explain what was measured? Log likelihoods of counts, diameters, shares, sheds and grades.

Counts of the same marked site share that site's error, so their difference is known better than either; so do counts of
one field on one day with different thresholds. Readings at unmarked sites do not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.inference.history import WINDOW_DAYS, sites_for, visit_index
from follicast.knowledge.load import Knowledge
from follicast.measurement.grades import grade_likelihood, graded_zones, visible_loss
from follicast.measurement.instruments import Readings, coverage_score, mean_rate, phototrichogram_anagen
from follicast.people.person import DENSITIES, Grade, Measurement, Person
from follicast.people.population import Population
from follicast.quantities import ZONES

Floats = npt.NDArray[np.float64]

# Which reading answers a count, and which a diameter, by the thinnest hair counted (um; None = every hair seen).
_COUNTS: Final = {None: "total", 30.0: "nonvellus", 40.0: "nonvellus40", 60.0: "terminal"}
_DIAMETERS: Final = {None: "mean_diameter", 30.0: "nonvellus_diameter", 40.0: "nonvellus40_diameter"}


def whole_scalp(per_cm2: Floats, knowledge: Knowledge) -> Floats:
    """Totals over the scalp of a quantity per cm2, [..., site] with one site a zone, in the order of ZONES."""
    areas = np.array([knowledge.parameters[f"zone.area.{zone}"].value for zone in ZONES])
    return np.asarray(per_cm2 @ areas)


def coverage_by_zone(readings: Readings, knowledge: Knowledge) -> Floats:
    """Scalp coverage score in %, [day, person, zone]."""
    p = knowledge.parameters
    return coverage_score(readings.ttcc, p["coverage.intercept"], p["coverage.slope"], p["coverage.full"])


def predicted(m: Measurement, row: int, readings: Readings, members: Population, knowledge: Knowledge) -> Floats:
    """What each member's instrument would have read for one measurement, without error, in its canonical unit."""
    if m.quantity == "shed_per_day":
        last = float(readings.days[row])
        rate = mean_rate(readings.sheds, readings.days, max(0.0, last - WINDOW_DAYS), last)
        return whole_scalp(rate, knowledge) * members.shed_factor
    site = ZONES.index(m.zone or ZONES[0])
    if m.quantity == "anagen_share":
        return phototrichogram_anagen(readings.anagen_share[row], members.slow_misread)[:, site]
    name = _DIAMETERS[m.threshold_um] if m.quantity == "mean_diameter" else _COUNTS[m.threshold_um]
    return np.asarray(getattr(readings, name)[row, :, site])


def error_sds(m: Measurement, knowledge: Knowledge) -> tuple[float, float]:
    """Standard deviations of a reading's error: of its site, shared between matched visits, and of the visit."""
    p = knowledge.parameters
    if m.quantity in DENSITIES:
        total = p["instrument.count_sd_unmatched"].value / math.sqrt(min(m.area_cm2, 1.0))
        visit = p["instrument.count_sd_matched"].value / math.sqrt(min(m.area_cm2, 1.0))
        if m.sd is not None:
            visit = m.sd
            total = max(total, m.sd)
        return math.sqrt(max(total**2 - visit**2, 0.0)), visit
    if m.quantity == "mean_diameter":
        return 0.0, m.sd or p["instrument.diameter_sd"].value
    if m.quantity == "anagen_share":
        return 0.0, m.sd or p["instrument.anagen_share_sd"].value
    return 0.0, 0.0


def _site_series(person: Person) -> list[list[Measurement]]:
    """Measurements in series that share a site's error: a marked site over time, a field counted in several ways."""

    def kind(m: Measurement) -> tuple[str, str]:
        return m.zone or "", "count" if m.quantity in DENSITIES else m.quantity

    series: list[list[Measurement]] = []
    in_order = sorted(person.measurements, key=lambda m: (*kind(m), m.date, not m.matched_site))
    for _, group in groupby(in_order, key=kind):
        current: list[Measurement] = []
        for m in group:
            if current and not (m.matched_site or _same_field(m, current[-1])):
                series.append(current)
                current = []
            current.append(m)
        series.append(current)
    return series


def _same_field(one: Measurement, other: Measurement) -> bool:
    """Whether two counts are of the same hairs, under different thresholds."""
    same = one.date == other.date and one.area_cm2 == other.area_cm2 and one.method == other.method
    return same and one.threshold_um != other.threshold_um


def _series_log_likelihood(values: Floats, means: Floats, site: Floats, visit: Floats) -> Floats:
    """Normal log density of the residuals [visit, person] with a shared site error; constants kept."""
    covariance = np.outer(site, site) + np.diag(visit**2)
    residual = values[:, None] - means
    chol = np.linalg.cholesky(covariance)
    white = np.linalg.solve(chol, residual)
    return np.asarray(
        -0.5 * (white**2).sum(axis=0) - np.log(np.diag(chol)).sum() - 0.5 * values.size * math.log(2 * math.pi)
    )


def _shed_log_likelihood(m: Measurement, mean: Floats, knowledge: Knowledge) -> Floats:
    sd = max(knowledge.parameters["instrument.shed_sd_log"].value, (m.sd or 0.0) / max(m.value, 0.5))
    z = (math.log(max(m.value, 0.5)) - np.log(np.maximum(mean, 0.5))) / sd
    return np.asarray(-0.5 * z**2 - math.log(sd))


def _grade_log_likelihood(g: Grade, row: int, readings: Readings, members: Population, knowledge: Knowledge) -> Floats:
    zones = [ZONES.index(zone) for zone in graded_zones()]
    full = knowledge.parameters["coverage.full"].value
    loss = visible_loss(coverage_by_zone(readings, knowledge)[row][:, zones], full)
    tolerance = members.grade_tolerance * knowledge.parameters[f"grade.rater.{g.rater}"].value
    return grade_likelihood(g.system, g.grade, loss, tolerance)


def log_likelihood(person: Person, readings: Readings, members: Population, knowledge: Knowledge) -> Floats:
    """Log probability of everything measured, by member.

    Args:
        person: with the measurements and grades.
        readings: of the members on `history.visit_days`, on the sites of `history.sites_for`.
        members: who they are.
        knowledge: in force.

    Returns:
        Log likelihood [member]; zeros when nothing was measured.
    """
    assert readings.sites == sites_for(person)
    row = visit_index(person)
    total = np.zeros(members.size)
    for series in _site_series(person):
        rows = [row[int(person.day(m.date))] for m in series]
        means = np.stack([predicted(m, r, readings, members, knowledge) for m, r in zip(series, rows, strict=True)])
        if series[0].quantity == "shed_per_day":
            total += sum(_shed_log_likelihood(m, mean, knowledge) for m, mean in zip(series, means, strict=True))
            continue
        sds = np.array([error_sds(m, knowledge) for m in series])
        total += _series_log_likelihood(np.array([m.value for m in series]), means, sds[:, 0], sds[:, 1])
    for g in _independent_grades(person.grades):
        total += _grade_log_likelihood(g, row[int(person.day(g.date))], readings, members, knowledge)
    return total


def _independent_grades(grades: Sequence[Grade]) -> list[Grade]:
    """Grades that count as separate looks: of one system on one day, only the last."""
    latest = {(g.system, g.date): g for g in grades}
    return list(latest.values())
