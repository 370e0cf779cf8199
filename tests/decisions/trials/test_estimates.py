"""The fast estimators against statsmodels, with readings missing."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.weightstats import ttest_ind

from follicast.decisions.trials.estimates import Estimates, adjusted, one_sample, two_samples


@pytest.fixture(scope="module")
def readings() -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(3)
    first = rng.normal(150.0, 30.0, (2, 6, 40))
    later = 0.7 * first + rng.normal(10.0, 15.0, (2, 6, 40))
    later[0] += 8.0
    later[rng.random(later.shape) < 0.15] = np.nan
    return later[0], first[0], later[1], first[1]


def there(values: np.ndarray) -> np.ndarray:
    return values[np.isfinite(values)]


def test_the_difference_is_students_t(readings: tuple[np.ndarray, ...]) -> None:
    test, _, other, _ = readings
    found = two_samples(test, other)
    for r in range(6):
        t, p, freedom = ttest_ind(there(test[r]), there(other[r]), usevar="pooled")
        assert (found.effect / found.error)[r] == pytest.approx(t)
        assert found.p()[r] == pytest.approx(p)
        assert found.freedom[r] == freedom


def test_the_adjusted_difference_is_least_squares(readings: tuple[np.ndarray, ...]) -> None:
    test, first, other, other_first = readings
    found = adjusted(test, first, other, other_first)
    for r in range(6):
        y, x = np.r_[test[r], other[r]], np.r_[first[r], other_first[r]]
        arm = np.r_[np.ones(40), np.zeros(40)]
        kept = np.isfinite(y)
        fit = sm.OLS(y[kept], np.column_stack([np.ones(80), arm, x])[kept]).fit()
        assert found.effect[r] == pytest.approx(fit.params[1])
        assert found.error[r] == pytest.approx(fit.bse[1])
        assert found.p()[r] == pytest.approx(fit.pvalues[1])
        low, high = fit.conf_int()[1]
        assert 2.0 * found.half_width(0.05)[r] == pytest.approx(high - low)


def test_differences_within_people_are_the_paired_t(readings: tuple[np.ndarray, ...]) -> None:
    test, _, other, _ = readings
    found = one_sample(test - other)
    for r in range(6):
        t, p = stats.ttest_1samp(there(test[r] - other[r]), 0.0)
        assert (found.effect / found.error)[r] == pytest.approx(t)
        assert found.p()[r] == pytest.approx(p)


def test_nothing_estimated_is_nothing_found() -> None:
    nothing = Estimates(np.array([np.nan]), np.array([np.nan]), np.array([0.0]))
    assert nothing.p()[0] == 1.0
    assert nothing.z()[0] != nothing.z()[0] or nothing.z()[0] == 0.0
