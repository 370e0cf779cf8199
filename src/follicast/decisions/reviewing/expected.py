"""What a later reading was expected to be, given the stored forecast and the readings of the same site at baseline.

Each draw's twin has its own true hair, then and now. A reading of the same marked skin shares the site's error with
those at baseline, and what a draw leaves unexplained at baseline tells that error: the later reading is expected that
much off, too. So a matched count is known far better than its level is, and no change is ever computed from two numbers
that do not share a site, an instrument and a threshold.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.decisions.planning.stored_forecast import Baseline, ForecastCourse, StoredForecast, series_key
from follicast.decisions.reviewing.verdict import Expectation
from follicast.inference.reweight import error_sds, site_series
from follicast.knowledge.load import Knowledge
from follicast.people.person import Measurement, Person

Floats = npt.NDArray[np.float64]

# Hairs a day below which a collection is as good as empty, as in `inference.reweight`.
_FEWEST_SHED: Final = 0.5
_REPEATED: Final = 1.96


@dataclass(frozen=True)
class Setting:
    """How one later reading stands to the baseline.

    `matched` says that it is of the same marked skin as `baseline`. `error_sd` is that of the reading around what its
    draw was expected to read; `offset` [draw] what the baseline says of the site's error; both on the scale on which
    errors are normal. `change_sd` is the error of the difference of the two readings by themselves.
    """

    baseline: Baseline
    matched: bool
    error_sd: float
    offset: Floats
    change_sd: float


def measurement_of(told: Baseline) -> Measurement:
    """A baseline reading as a measurement."""
    return Measurement(
        told.date,
        told.zone,
        told.quantity,
        told.value,
        told.threshold_um,
        told.area_cm2,
        told.method,
        told.sd,
        told.matched_site,
    )


def on_log_scale(m: Measurement) -> bool:
    """Whether errors of this quantity are those of its logarithm."""
    return m.quantity == "shed_per_day"


def scaled(m: Measurement, values: Floats) -> Floats:
    """Values on the scale on which errors are normal."""
    return np.log(np.maximum(values, _FEWEST_SHED)) if on_log_scale(m) else values


def natural(m: Measurement, value: float) -> float:
    """Back from that scale."""
    return math.exp(value) if on_log_scale(m) else value


def baseline_for(forecast: StoredForecast, m: Measurement) -> Baseline | None:
    """The latest reading of the same kind at the same site that the forecast knows."""
    same = [told for told in forecast.baseline if series_key(measurement_of(told)) == series_key(m)]
    return max(same, key=lambda told: told.date) if same else None


def setting_of(
    forecast: StoredForecast, m: Measurement, later: Sequence[Measurement], person: Person, knowledge: Knowledge
) -> Setting | None:
    """How a reading stands to the baseline; None where nothing of its kind was read at baseline.

    Args:
        forecast: the stored one.
        m: the reading.
        later: every reading after the forecast, `m` among them: they say which sites are the same.
        person: whose readings they are.
        knowledge: in force, for the instruments' errors.
    """
    told = baseline_for(forecast, m)
    if told is None:
        return None
    before = [measurement_of(b) for b in forecast.baseline]
    everything = tuple(before) + tuple(later)
    series = next(group for group in site_series(replace(person, measurements=everything)) if _holds(group, m))
    shared = [k for k, b in enumerate(before) if _holds(series, b)]
    site, visit = error_sds(m, knowledge)
    first_site, first_visit = error_sds(measurement_of(told), knowledge)
    matched = any(forecast.baseline[k] is told for k in shared)
    apart = abs(site - first_site) if matched else math.hypot(site, first_site)
    change_sd = math.sqrt(apart**2 + visit**2 + first_visit**2)
    if not shared or site == 0.0:
        offset = np.zeros(forecast.draws)
        return Setting(told, matched, math.hypot(site, visit), offset, change_sd)
    sds = np.array([error_sds(before[k], knowledge) for k in shared])
    covariance = np.outer(sds[:, 0], sds[:, 0]) + np.diag(sds[:, 1] ** 2)
    gain = np.linalg.solve(covariance, site * sds[:, 0])
    residual = np.stack(
        [
            float(scaled(before[k], np.array(before[k].value)))
            - scaled(before[k], np.array(forecast.baseline[k].expected))
            for k in shared
        ]
    )
    left = max(site**2 + visit**2 - float(gain @ (site * sds[:, 0])), visit**2)
    return Setting(told, matched, math.sqrt(left), gain @ residual, change_sd)


def _holds(group: Sequence[Measurement], m: Measurement) -> bool:
    return any(other is m for other in group)


def expectation(
    course: ForecastCourse, m: Measurement, setting: Setting, days: Sequence[int], day: float
) -> Expectation | None:
    """What the reading would be under a course on a day; None where that is not stored or lies beyond the horizon."""
    values = true_values(course, m, days, day)
    return None if values is None else Expectation(scaled(m, values) + setting.offset, setting.error_sd)


def true_values(course: ForecastCourse, m: Measurement, days: Sequence[int], day: float) -> Floats | None:
    """What the instrument would read without error under a course on a day, by draw."""
    found = next((s for s in course.series if (s.quantity, s.zone, s.threshold_um) == series_key(m)), None)
    if found is None or not days[0] <= day <= days[-1]:
        return None
    later = int(np.searchsorted(days, day))
    if days[later] == day:
        return np.array(found.values[later])
    part = (day - days[later - 1]) / (days[later] - days[later - 1])
    return (1.0 - part) * np.array(found.values[later - 1]) + part * np.array(found.values[later])


def smallest_change(m: Measurement, setting: Setting) -> float:
    """Smallest change from baseline that is not measurement error in 19 of 20, in the unit of the quantity.

    For two readings of equal error it is `measurement.instruments.detectable_change`. Of hairs shed it is the increase.
    """
    change = _REPEATED * setting.change_sd
    return setting.baseline.value * (math.exp(change) - 1.0) if on_log_scale(m) else change
