"""Draws from what is believed: one value of a number for each member of an ensemble, reproducible by name.

The draw of a number depends on the seed, the member and the number's name only, so adding or changing another number,
or another therapy, leaves it as it was.
"""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt

from follicast.biology import draws
from follicast.knowledge.number import Number

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Draws by name live far from the follicles' own keys.
_NAMED = 1 << 60


def named_uniforms(seed: int, members: Ints, name: str) -> Floats:
    """One uniform in (0, 1) a member for this name."""
    slot = np.full(members.size, _NAMED + zlib.crc32(name.encode()))
    keys = draws.follicle_keys(seed, members, slot)
    return np.asarray(draws.uniforms(keys, draws.TRAIT, 0))


def named_normals(seed: int, members: Ints, name: str) -> Floats:
    """One standard normal a member for this name."""
    slot = np.full(members.size, _NAMED + zlib.crc32(name.encode()))
    return np.asarray(draws.normals(draws.follicle_keys(seed, members, slot), draws.TRAIT, 0))


def quantiles(number: Number, u: Floats) -> Floats:
    """The number's prior at these probabilities; a fixed number is its value everywhere.

    Args:
        number: with its prior.
        u: probabilities in (0, 1).

    Returns:
        Values in the number's unit, same shape as u.
    """
    prior = number.prior
    if prior.kind == "fixed":
        return np.full(u.shape, number.value)
    if prior.kind == "uniform":
        return prior["low"] + (prior["high"] - prior["low"]) * u
    if prior.kind == "beta":
        from scipy.special import betaincinv

        mean, sd = prior["mean"], prior["sd"]
        size = mean * (1.0 - mean) / sd**2 - 1.0
        return np.asarray(betaincinv(mean * size, (1.0 - mean) * size, u))
    if prior.kind.startswith("zero_or_"):
        zero = prior["p_zero"]
        inner = np.clip((u - zero) / (1.0 - zero), 1e-12, 1.0 - 1e-12)
        return np.where(u < zero, 0.0, _bell(prior.kind, prior.args[1], prior.args[2], inner))
    return _bell(prior.kind, prior.args[0], prior.args[1], u)


def _bell(kind: str, centre: float, spread: float, u: Floats) -> Floats:
    z = standard_normals(u)
    return centre * np.exp(spread * z) if kind.endswith("lognormal") else centre + spread * z


def standard_normals(u: Floats) -> Floats:
    """Standard normal quantiles of probabilities in (0, 1)."""
    from scipy.special import ndtri

    return np.asarray(ndtri(u))


def believed(number: Number, name: str, seed: int, members: Ints) -> Floats:
    """One value of the number a member, from its prior; fractions stay within 0 to 1."""
    values = quantiles(number, named_uniforms(seed, members, name))
    return np.clip(values, 0.0, 1.0) if number.unit == "fraction" else values
