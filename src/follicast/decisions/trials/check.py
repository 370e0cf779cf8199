"""What statsmodels says of replicates: the mixed model for repeated measures, and a check of the fast estimators."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from follicast.decisions.trials.estimates import Estimates
from follicast.people.design import Method

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sides:
    """One endpoint of some replicates: readings of the tested and of the other people [replicate, person, visit]."""

    test: Floats
    against: Floats
    has_baseline: bool


def largest_difference(sides: Sides, at: int, method: Method, found: Estimates, replicates: int) -> float:
    """Largest relative difference of estimate and standard error to statsmodels' least squares.

    Args:
        sides: the readings.
        at: index of the visit analysed.
        method: mixed counts as the analysis of covariance.
        found: by the fast estimators, same replicates.
        replicates: how many of the first to hold against it.

    Returns:
        The largest difference, as a share.
    """
    import statsmodels.api as sm  # type: ignore[import-untyped]

    largest = 0.0
    for r in np.flatnonzero(np.isfinite(found.effect[:replicates]) & (found.error[:replicates] > 0.0)):
        y = np.concatenate([sides.test[r, :, at], sides.against[r, :, at]])
        first = np.concatenate([sides.test[r, :, 0], sides.against[r, :, 0]])
        arm = np.r_[np.ones(sides.test.shape[1]), np.zeros(sides.against.shape[1])]
        columns = [np.ones(y.size), arm]
        if sides.has_baseline and method == "difference":
            y = y - first
        elif sides.has_baseline:
            columns.append(first)
        there = np.isfinite(y)
        fit = sm.OLS(y[there], np.column_stack(columns)[there]).fit()
        pairs = ((fit.params[1], found.effect[r]), (fit.bse[1], found.error[r]))
        largest = max(largest, *(abs(a - b) / max(abs(float(a)), 1e-9) for a, b in pairs))
    return largest


def mixed(sides: Sides, weeks: npt.NDArray[np.float64], at: int) -> Estimates:
    """Mixed models for repeated measures: change at every visit by arm, baseline by visit, one intercept a person.

    Args:
        sides: the readings.
        weeks: of the visits.
        at: index of the visit whose difference is asked for.

    Returns:
        Estimates by replicate, on the normal scale; not-a-number where the model did not converge.
    """
    from statsmodels.regression.mixed_linear_model import MixedLM  # type: ignore[import-untyped]

    effects, errors = [], []
    for r in range(sides.test.shape[0]):
        y, x, person = _long(sides, r, weeks, at)
        # The likelihood is searched in standard units: in hairs it stops short.
        scale = float(y.std())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                fit = MixedLM(y / scale, x, groups=person).fit(reml=True, method=["bfgs", "lbfgs", "cg"])
                told = (float(fit.fe_params[0]), float(fit.bse_fe[0])) if fit.converged else (np.nan, np.nan)
            except (np.linalg.LinAlgError, ValueError):
                told = (np.nan, np.nan)
        effects.append(scale * told[0])
        errors.append(scale * told[1])
    return Estimates(np.array(effects), np.array(errors), np.full(len(effects), 1e6))


def _long(sides: Sides, r: int, weeks: Floats, at: int) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    """Readings of one replicate one below another; the first column is the arm at the visit that is asked for."""
    later = [k for k in range(weeks.size) if weeks[k] > 0.0]
    later.sort(key=lambda k: k != at)
    readings = np.concatenate([sides.test[r], sides.against[r]])
    arm = np.r_[np.ones(sides.test.shape[1]), np.zeros(sides.against.shape[1])]
    people = readings.shape[0]
    baseline = (readings[:, 0] - readings[:, 0].mean()) / readings[:, 0].std()
    y = np.concatenate([readings[:, k] - readings[:, 0] for k in later])
    blocks = []
    for place in range(len(later)):
        own = np.zeros((people, 3 * len(later)))
        own[:, place] = arm
        own[:, len(later) + place] = 1.0
        own[:, 2 * len(later) + place] = baseline
        blocks.append(own)
    x = np.concatenate(blocks)
    person = np.tile(np.arange(people), len(later))
    there = np.isfinite(y)
    return y[there], x[there], person[there]
