"""Weights: known answers of importance sampling, and when the diagnostics must say no."""

import numpy as np
import pytest

from follicast.inference.diagnostics import (
    GOOD_PARETO_K,
    HOPELESS_PARETO_K,
    effective_size,
    normalised,
    quantile,
    smoothed,
    tempered,
)

DRAWS = 4000


def sampled(spread: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draws from N(0, spread) and their log weights for the target N(0.5, 1), up to a constant."""
    x = np.random.default_rng(seed).normal(0.0, spread, DRAWS)
    return x, -0.5 * (x - 0.5) ** 2 + 0.5 * (x / spread) ** 2


def test_a_good_proposal_gives_the_target_back_and_a_small_k() -> None:
    x, log_weights = sampled(1.5)
    weights, k = smoothed(log_weights + 1234.5)
    assert weights.sum() == pytest.approx(1.0)
    assert k < 0.5
    error = 1.0 / np.sqrt(effective_size(weights))
    assert abs(weights @ x - 0.5) < 3 * error
    assert weights @ (x - 0.5) ** 2 == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize("seed", range(4))
def test_a_proposal_too_narrow_for_its_target_is_told_by_k(seed: int) -> None:
    assert smoothed(sampled(0.25, seed)[1])[1] > GOOD_PARETO_K


@pytest.mark.parametrize("rest", [np.full(500, -2000.0), np.linspace(-9e5, -800.0, 500), np.full(500, -1e308)])
def test_weight_on_a_handful_of_draws_is_hopeless_and_still_a_number(rest: np.ndarray) -> None:
    log_weights = rest.copy()
    log_weights[:3] = 0.0
    weights, k = smoothed(log_weights)
    assert k == HOPELESS_PARETO_K > GOOD_PARETO_K
    assert np.isfinite(weights).all()
    assert weights.sum() == pytest.approx(1.0)


def test_equal_weights_are_the_lightest_tail() -> None:
    for log_weights in (np.zeros(1000), np.where(np.arange(1000) < 500, 0.0, -1.0)):
        weights, k = smoothed(log_weights)
        assert k < GOOD_PARETO_K
        assert weights == pytest.approx(normalised(log_weights))


def test_the_effective_size_counts_the_draws_that_matter() -> None:
    assert effective_size(np.full(80, 1 / 80)) == pytest.approx(80.0)
    assert effective_size(np.array([0.5, 0.5, 0.0, 0.0])) == pytest.approx(2.0)
    assert effective_size(np.array([1.0, 0.0])) == pytest.approx(1.0)


def test_weights_are_in_proportion_whatever_their_scale() -> None:
    assert normalised(np.log([1.0, 3.0]) - 5000.0) == pytest.approx(np.array([0.25, 0.75]))


def test_quantiles_under_equal_weights_are_those_of_numpy() -> None:
    values = np.random.default_rng(2).normal(size=(3, 2, 101))
    levels = np.array([0.1, 0.25, 0.5, 0.9])
    expected = np.quantile(values, levels, axis=-1, method="hazen")
    assert quantile(values, np.full(101, 1 / 101), levels) == pytest.approx(np.moveaxis(expected, 0, -1))


def test_a_draw_of_no_weight_moves_no_quantile() -> None:
    values = np.random.default_rng(3).normal(size=50)
    weights = np.random.default_rng(4).uniform(size=50)
    weights[values > 1.0] = 0.0
    weights /= weights.sum()
    moved = np.where(values > 1.0, 1e6, values)
    assert quantile(moved, weights, np.array([0.1, 0.5])) == pytest.approx(
        quantile(values, weights, np.array([0.1, 0.5]))
    )


def test_half_the_weight_lies_below_the_median() -> None:
    values = np.arange(1000.0)
    weights = normalised(-values / 100.0)
    median = quantile(values, weights, np.array([0.5]))[0]
    assert weights[values < median].sum() == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("least", [5.0, 100.0, 900.0])
def test_tempered_weights_keep_their_order_and_enough_of_them(least: float) -> None:
    log_weights = np.random.default_rng(4).normal(0.0, 6.0, 1000)
    weights = tempered(log_weights, least)
    assert effective_size(weights) >= least * 0.999
    assert np.argsort(weights).tolist() == np.argsort(log_weights).tolist()
    assert weights.sum() == pytest.approx(1.0)


def test_weights_that_are_even_enough_are_left_alone() -> None:
    log_weights = np.random.default_rng(4).normal(0.0, 0.1, 1000)
    assert tempered(log_weights, 100.0).tolist() == normalised(log_weights).tolist()
