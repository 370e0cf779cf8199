"""Chance by address: a stream of random numbers for each (seed, purpose, number), so that no part moves another's."""

from __future__ import annotations

import math
import zlib

import numpy as np
import numpy.typing as npt

from follicast.knowledge.appearance import appearance
from follicast.knowledge.number import Prior

Floats = npt.NDArray[np.float64]


class Dice:
    """Random numbers of one purpose. What one purpose draws, or how often, never changes another's.

    Args:
        seed: of the patch or of the photograph, 0 or more.
        purpose: what the numbers are for, for example "furrows".
        number: of the thing, where there are several.
    """

    def __init__(self, seed: int, purpose: str, number: int = 0) -> None:
        self.stream = np.random.default_rng([seed, zlib.crc32(purpose.encode()), number])

    def of(self, key: str) -> float:
        """One draw of a number of appearance.toml from its spread, in its own unit."""
        return float(self.many(key, 1)[0])

    def many(self, key: str, size: int) -> Floats:
        """Independent draws [size] of a number of appearance.toml from its spread, in its own unit."""
        number = appearance()[key]
        if number.prior.kind == "fixed":
            return np.full(size, number.value)
        return self._drawn(number.prior, size)

    def _drawn(self, prior: Prior, size: int) -> Floats:
        first, second = prior.args
        if prior.kind == "uniform":
            return self.stream.uniform(first, second, size)
        if prior.kind == "lognormal":
            return first * np.exp(second * self.stream.standard_normal(size))
        if prior.kind == "beta":
            weight = first * (1.0 - first) / second**2 - 1.0
            return self.stream.beta(first * weight, (1.0 - first) * weight, size)
        if prior.kind == "normal":
            return first + second * self.stream.standard_normal(size)
        raise ValueError(f"no spread between drawings is meant by {prior.kind}")

    def whole(self, mean: float) -> int:
        """A Poisson number with this mean."""
        return int(self.stream.poisson(mean))

    def turn(self) -> float:
        """An angle in radians, any as likely as any other."""
        return float(self.stream.uniform(0.0, 2.0 * math.pi))

    def happens(self, chance: float) -> bool:
        """True with this probability."""
        return bool(self.stream.uniform() < chance)
