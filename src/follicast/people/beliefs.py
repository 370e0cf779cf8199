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
from follicast.knowledge.posterior import Shared

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


def _rows(shared: Shared, seed: int, members: Ints) -> Ints:
    """Row of the shared draws that each member holds: all rows equally often, beginning anywhere."""
    return np.asarray((members + zlib.crc32(f"shared {seed}".encode())) % shared.draws)


def believed(number: Number, name: str, seed: int, members: Ints, shared: Shared) -> Floats:
    """One value of the number a member: from the calibrated draws where they know the name, else from its prior.

    Args:
        number: with its prior.
        name: of the draw.
        seed: of the run.
        members: member numbers [n].
        shared: calibrated draws.

    Returns:
        Values [n] in the number's unit; fractions stay within 0 to 1.
    """
    column = shared.column(name)
    if column is None:
        values = quantiles(number, named_uniforms(seed, members, name))
    else:
        from scipy.special import ndtr

        # On the table of draws, which is shorter than most ensembles, and then handed out.
        values = quantiles(number, np.asarray(ndtr(column)))[_rows(shared, seed, members)]
    return np.clip(values, 0.0, 1.0) if number.unit == "fraction" else values


def centre(number: Number, name: str, shared: Shared) -> float:
    """The middle of what is believed about a number: the median of the calibrated draws, else the shipped value."""
    column = shared.column(name)
    if column is None:
        return number.value
    from scipy.special import ndtr

    return float(np.median(quantiles(number, np.asarray(ndtr(column)))))
