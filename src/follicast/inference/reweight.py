"""How well does each member explain what was measured? Log likelihoods of counts, diameters, shares, sheds and grades.

Counts of the same marked site share that site's error, so their difference is known better than either; so do counts of
one field on one day with different thresholds. Readings at unmarked sites do not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.inference.history import WINDOW_DAYS, visit_index
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
# Hairs a day below which a collection is as good as empty.
_FEWEST_SHED: Final = 0.5
# Nested counts that are as good as equal still differ by where each diameter falls.
_MOST_ALIKE: Final = 0.98


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
        seen = phototrichogram_anagen(readings.anagen_share[row], readings.slowness[row], members.slow_misread)
        return np.asarray(seen[:, site])
    name = _DIAMETERS[m.threshold_um] if m.quantity == "mean_diameter" else _COUNTS[m.threshold_um]
    return np.asarray(getattr(readings, name)[row, :, site])


def error_sds(m: Measurement, knowledge: Knowledge) -> tuple[float, float]:
    """Standard deviations of a reading's error: of its site, shared between matched visits, and of the visit.

    Of hairs shed a day it is that of their logarithm.
    """
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
    return 0.0, max(p["instrument.shed_sd_log"].value, (m.sd or 0.0) / max(m.value, _FEWEST_SHED))


def site_series(person: Person) -> list[list[Measurement]]:
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


@dataclass(frozen=True)
class Reported:
    """What was measured, on the scale on which errors are normal (hairs shed as logs), and how far off it may be.

    `readings` are in the order of the rows: `values` [k], `covariance` of their errors [k, k].
    """

    readings: tuple[Measurement, ...]
    values: Floats
    covariance: Floats


def reported(person: Person, knowledge: Knowledge) -> Reported:
    """The person's measurements with the errors that they share and those of their own."""
    series = site_series(person)
    readings = tuple(m for group in series for m in group)
    covariance = np.zeros((len(readings), len(readings)))
    first = 0
    for group in series:
        sds = np.array([error_sds(m, knowledge) for m in group])
        rows = slice(first, first + len(group))
        covariance[rows, rows] = np.outer(sds[:, 0], sds[:, 0]) + np.outer(sds[:, 1], sds[:, 1]) * _alike(group)
        first += len(group)
    return Reported(readings, np.array([float(_scaled(m, np.array(m.value))) for m in readings]), covariance)


def _alike(group: list[Measurement]) -> Floats:
    """Correlation of the visits' errors of some rows [k, k].

    Counts of the same hairs under different thresholds, whose whole error is stated, err together: a hair that is
    missed or invented is so in all of them. Counts that lie in one another, as n of N hairs, correlate by
    the root of n / N.
    """
    found = np.eye(len(group))
    for i, one in enumerate(group):
        for j, other in enumerate(group[:i]):
            if _same_field(one, other) and one.sd is not None and other.sd is not None:
                low, high = sorted((max(one.value, 0.0), max(other.value, 0.0)))
                found[i, j] = found[j, i] = min(math.sqrt(low / high), _MOST_ALIKE) if high > 0.0 else 0.0
    return found


def explained(person: Person, readings: Readings, members: Population, knowledge: Knowledge) -> Floats:
    """What each member's instruments would have read without error, [k, member], in rows as in `reported`."""
    row = visit_index(person)
    asked = [m for group in site_series(person) for m in group]
    rows = [_scaled(m, predicted(m, row[int(person.day(m.date))], readings, members, knowledge)) for m in asked]
    return np.stack(rows) if rows else np.empty((0, members.size))


def _scaled(m: Measurement, values: Floats) -> Floats:
    return np.log(np.maximum(values, _FEWEST_SHED)) if m.quantity == "shed_per_day" else values


def _normal_log_density(residual: Floats, covariance: Floats) -> Floats:
    """Normal log density of residuals [k, member]; constants kept."""
    chol = np.linalg.cholesky(covariance)
    white = np.linalg.solve(chol, residual)
    log_norm = np.log(np.diag(chol)).sum() + 0.5 * len(chol) * math.log(2 * math.pi)
    return np.asarray(-0.5 * (white**2).sum(axis=0) - log_norm)


def graded_look(
    g: Grade, row: int, readings: Readings, members: Population, knowledge: Knowledge
) -> tuple[Floats, Floats]:
    """What the rater of a grade looks at: visible loss [member, graded zone], and how far a look is off [member]."""
    zones = [ZONES.index(zone) for zone in graded_zones()]
    full = knowledge.parameters["coverage.full"].value
    loss = visible_loss(coverage_by_zone(readings, knowledge)[row][:, zones], full)
    tolerance = members.grade_tolerance * knowledge.parameters[f"grade.rater.{g.rater}"].value
    return loss, tolerance


def log_likelihood(person: Person, readings: Readings, members: Population, knowledge: Knowledge) -> Floats:
    """Log probability of everything measured, by member.

    Args:
        person: with the measurements and grades.
        readings: of the members on `history.visit_days`, one site a zone as in `history.sites_for`.
        members: who they are.
        knowledge: in force.

    Returns:
        Log likelihood [member]; zeros when nothing was measured.
    """
    return log_likelihood_of(reported(person, knowledge), explained(person, readings, members, knowledge)) + (
        grade_log_likelihood(person, readings, members, knowledge)
    )


def log_likelihood_of(told: Reported, means: Floats) -> Floats:
    """Log probability of the measurements by member, given what each would have read without error [k, member]."""
    if not told.readings:
        return np.zeros(means.shape[1])
    return _normal_log_density(told.values[:, None] - means, told.covariance)


def grade_log_likelihood(person: Person, readings: Readings, members: Population, knowledge: Knowledge) -> Floats:
    """Log probability of the grades by member."""
    assert tuple(site.zone for site in readings.sites) == ZONES
    row = visit_index(person)
    total = np.zeros(members.size)
    for g in independent_grades(person.grades):
        look = graded_look(g, row[int(person.day(g.date))], readings, members, knowledge)
        total += grade_likelihood(g.system, g.grade, *look)
    return total


def independent_grades(grades: Sequence[Grade]) -> list[Grade]:
    """Grades that count as separate looks: of one system on one day, only the last."""
    latest = {(g.system, g.date): g for g in grades}
    return list(latest.values())
