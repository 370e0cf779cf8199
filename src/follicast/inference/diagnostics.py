"""How far can weights be trusted: effective size and the tail of the importance weights."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

GOOD_PARETO_K = 0.7
"""Above this the largest weights decide the answer (Vehtari et al. 2024, Pareto smoothed importance sampling)."""
HOPELESS_PARETO_K = 9.0
"""Stands for this and anything worse, also where hardly any draw carries weight and no tail can be fitted."""


def normalised(log_weights: Floats) -> Floats:
    """Weights that sum to one."""
    weights = np.exp(log_weights - log_weights.max())
    return np.asarray(weights / weights.sum())


def effective_size(weights: Floats) -> float:
    """Number of equally weighted draws worth as much: 1 / sum of squares of normalised weights."""
    return float(1.0 / np.sum(weights**2))


def tempered(log_weights: Floats, least: float) -> Floats:
    """Normalised weights to the highest power up to 1 that leaves an effective size of `least`; flat if none does."""
    whole = normalised(log_weights)
    if effective_size(whole) >= least:
        return whole
    low, high = 0.0, 1.0
    for _ in range(40):
        power = 0.5 * (low + high)
        if effective_size(normalised(power * log_weights)) >= least:
            low = power
        else:
            high = power
    return normalised(low * log_weights)


def smoothed(log_weights: Floats) -> tuple[Floats, float]:
    """Pareto-smoothed normalised weights and the tail index k.

    Args:
        log_weights: unnormalised, [n].

    Returns:
        Weights that sum to one, and k: below 0.7 good, above 1 the mean of the weights does not exist.
    """
    from arviz_stats.base import array_stats  # type: ignore[attr-defined]

    # arviz takes log likelihoods of left-out data, the negative of log weights.
    try:
        with np.errstate(all="ignore"):
            smooth, k = array_stats.psislw(-log_weights)  # type: ignore[no-untyped-call]
    except ValueError:  # the largest weights are all equal: a tail as light as can be
        return normalised(log_weights), 0.0
    if not k < HOPELESS_PARETO_K or np.isnan(smooth).any():
        return normalised(log_weights), HOPELESS_PARETO_K
    return normalised(np.asarray(smooth)), float(k)


def quantile(values: Floats, weights: Floats, probabilities: Floats) -> Floats:
    """Weighted quantiles along the last axis.

    Args:
        values: [..., n].
        weights: [n], summing to one.
        probabilities: [q].

    Returns:
        [..., q], linear between the midpoints of the weights.
    """
    order = np.argsort(values, axis=-1, kind="stable")
    ranked = np.take_along_axis(values, order, axis=-1)
    mass = weights[order]
    middle = np.cumsum(mass, axis=-1) - 0.5 * mass
    flat_v = ranked.reshape(-1, ranked.shape[-1])
    flat_m = middle.reshape(-1, middle.shape[-1])
    out = np.stack([np.interp(probabilities, m, v) for m, v in zip(flat_m, flat_v, strict=True)])
    return out.reshape(*values.shape[:-1], probabilities.size)
