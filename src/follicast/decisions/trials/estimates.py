"""Estimators of a trial's effect for many replicates at once; not-a-number marks a reading that is missing.

Each gives the estimate, its standard error and degrees of freedom by replicate. They are the textbook ones, and
`trial_check` holds some replicates against statsmodels in every run.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# A side of which nobody is left gives not-a-number, which is what its readers look for; numpy need not say so as well.
_silent = np.errstate(divide="ignore", invalid="ignore")


@dataclass(frozen=True)
class Estimates:
    """Estimate, standard error and degrees of freedom, [replicate] each."""

    effect: Floats
    error: Floats
    freedom: Floats

    @_silent
    def p(self) -> Floats:
        """Two-sided p by replicate; 1 where nothing could be estimated."""
        from scipy.special import stdtr

        found = 2.0 * stdtr(np.maximum(self.freedom, 1.0), -np.abs(self.effect / self.error))
        return np.where(np.isfinite(found), found, 1.0)

    def z(self) -> Floats:
        """Normal quantile of p, with the sign of the effect."""
        from scipy.special import ndtri

        return np.asarray(-ndtri(np.clip(0.5 * self.p(), 1e-300, 0.5)) * np.sign(self.effect))

    def half_width(self, alpha: float) -> Floats:
        """Half the width of the 1 - alpha interval."""
        from scipy.special import stdtrit

        return np.asarray(stdtrit(np.maximum(self.freedom, 1.0), 1.0 - 0.5 * alpha) * self.error)


@dataclass(frozen=True)
class _Sums:
    """Number, mean and sum of squares about the mean of the readings that are there."""

    n: Floats
    mean: Floats
    squares: Floats


def _sums(values: Floats) -> _Sums:
    there = np.isfinite(values)
    n = there.sum(axis=1).astype(float)
    mean = np.where(there, values, 0.0).sum(axis=1) / n
    squares = np.where(there, (values - mean[:, None]) ** 2, 0.0).sum(axis=1)
    return _Sums(n, mean, squares)


@_silent
def two_samples(test: Floats, against: Floats) -> Estimates:
    """Difference of two means with the pooled variance (Student's t), [replicate, person] each."""
    a, b = _sums(test), _sums(against)
    freedom = a.n + b.n - 2.0
    variance = (a.squares + b.squares) / freedom
    return Estimates(a.mean - b.mean, np.sqrt(variance * (1.0 / a.n + 1.0 / b.n)), freedom)


@_silent
def one_sample(differences: Floats) -> Estimates:
    """Mean of differences within persons, [replicate, person]."""
    d = _sums(differences)
    return Estimates(d.mean, np.sqrt(d.squares / (d.n - 1.0) / d.n), d.n - 1.0)


@_silent
def adjusted(test: Floats, test_first: Floats, against: Floats, against_first: Floats) -> Estimates:
    """Difference adjusted for the baseline: analysis of covariance with one slope, [replicate, person] each."""
    sides = []
    for later, first in ((test, test_first), (against, against_first)):
        y, x = _sums(later), _sums(np.where(np.isfinite(later), first, np.nan))
        there = np.isfinite(later)
        products = np.where(there, (later - y.mean[:, None]) * (first - x.mean[:, None]), 0.0).sum(axis=1)
        sides.append((y, x, products))
    (ya, xa, pa), (yb, xb, pb) = sides
    within = xa.squares + xb.squares
    slope = (pa + pb) / within
    effect = ya.mean - yb.mean - slope * (xa.mean - xb.mean)
    freedom = ya.n + yb.n - 3.0
    variance = (ya.squares + yb.squares - slope * (pa + pb)) / freedom
    error = np.sqrt(variance * (1.0 / ya.n + 1.0 / yb.n + (xa.mean - xb.mean) ** 2 / within))
    return Estimates(effect, error, freedom)
