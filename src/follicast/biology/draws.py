"""Counter-based random numbers: (seed, person, follicle) make a key; (key, purpose, event) make a uniform.

Nothing here has a state, so any follicle can be simulated alone, in any chunk, on any thread, or resumed, and still see
the same draws; two plans that differ share every draw (common random numbers).

The generator is SplitMix64 (Steele, Lea & Flood 2014) addressed by position instead of by iteration. All integer
constants are wrapped in `np.uint64`: in numba a mixed signed/unsigned operation would silently leave 64-bit arithmetic.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from follicast.biology.compiled import compiled, rule, step

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX2 = np.uint64(0x94D049BB133111EB)
_S30 = np.uint64(30)
_S27 = np.uint64(27)
_S31 = np.uint64(31)
_S12 = np.uint64(12)
_SLOTS = np.uint64(16)
_ONE = np.uint64(1)
# 52 bits and half a step: with 53 the largest number would round to 1.
_TO_UNIT = 2.0**-52
_HALF_STEP = 2.0**-53

# Purposes of a draw at one event of one follicle; fewer than _SLOTS of them.
SPAN = 0
KENOGEN = 1
INITIAL_PHASE = 2
INITIAL_AGE = 3
PULSE = 4
PULSE_DELAY = 5
TRAIT = 6

_TABLE_SIZE = 4096
_TAIL_CELLS = 32


@rule
def mix64(x: np.uint64) -> Any:
    """Finalise a 64-bit counter into 64 random bits (SplitMix64's output function)."""
    x = (x ^ (x >> _S30)) * _MIX1
    x = (x ^ (x >> _S27)) * _MIX2
    return x ^ (x >> _S31)


@rule
def follicle_key(seed: int, person: int, follicle: int) -> Any:
    """Key of one follicle of one person under one seed."""
    key = mix64(np.uint64(seed) + GOLDEN)
    key = mix64(key ^ (np.uint64(person) * GOLDEN + _ONE))
    return mix64(key ^ (np.uint64(follicle) * GOLDEN + _ONE))


@rule
def uniform(key: np.uint64, purpose: int, event: int) -> Any:
    """Uniform in (0, 1), never 0 or 1, for one purpose at one event of the follicle with this key."""
    position = np.uint64(event) * _SLOTS + np.uint64(purpose) + _ONE
    return np.float64(mix64(key + position * GOLDEN) >> _S12) * _TO_UNIT + _HALF_STEP


# Wichura 1988, Applied Statistics algorithm AS 241 (PPND16), tails only: numerator, denominator, constant term first.
_NEAR_NUM = np.array(
    [
        1.42343711074968357734e0,
        4.63033784615654529590e0,
        5.76949722146069140550e0,
        3.64784832476320460504e0,
        1.27045825245236838258e0,
        2.41780725177450611770e-1,
        2.27238449892691845833e-2,
        7.74545014278341407640e-4,
    ]
)
_NEAR_DEN = np.array(
    [
        1.0,
        2.05319162663775882187e0,
        1.67638483018380384940e0,
        6.89767334985100004550e-1,
        1.48103976427480074590e-1,
        1.51986665636164571966e-2,
        5.47593808499534494600e-4,
        1.05075007164441684324e-9,
    ]
)
_FAR_NUM = np.array(
    [
        6.65790464350110377720e0,
        5.46378491116411436990e0,
        1.78482653991729133580e0,
        2.96560571828504891230e-1,
        2.65321895265761230930e-2,
        1.24266094738807843860e-3,
        2.71155556874348757815e-5,
        2.01033439929228813265e-7,
    ]
)
_FAR_DEN = np.array(
    [
        1.0,
        5.99832206555887937690e-1,
        1.36929880922735805310e-1,
        1.48753612908506148525e-2,
        7.86869131745613259100e-4,
        1.84631831751005468180e-5,
        1.42151175831644588870e-7,
        2.04426310338993978564e-15,
    ]
)


@step
def _polynomial(coefficients: npt.NDArray[np.float64], x: float) -> float:
    total = 0.0
    for k in range(coefficients.size - 1, -1, -1):
        total = total * x + coefficients[k]
    return total


@step
def _tail_quantile(u: float) -> float:
    """Standard normal quantile for u outside 0.075 to 0.925, relative error about 1e-16."""
    r = math.sqrt(-math.log(min(u, 1.0 - u)))
    if r <= 5.0:
        z = _polynomial(_NEAR_NUM, r - 1.6) / _polynomial(_NEAR_DEN, r - 1.6)
    else:
        z = _polynomial(_FAR_NUM, r - 5.0) / _polynomial(_FAR_DEN, r - 5.0)
    return -z if u < 0.5 else z


def _quantile_table() -> npt.NDArray[np.float64]:
    normal = NormalDist()
    cells = np.arange(1, _TABLE_SIZE) / _TABLE_SIZE
    inner = np.array([normal.inv_cdf(float(u)) for u in cells])
    return np.concatenate([[np.nan], inner, [np.nan]])


# A table look-up instead of a quantile function in the event loop; its error is below 5e-5 standard deviations.
_TABLE = _quantile_table()


@rule
def normal_quantile(u: float) -> float:
    """Standard normal quantile of a uniform: table with linear interpolation, exact formula in the tails."""
    x = u * _TABLE_SIZE
    cell = int(x)
    if cell < _TAIL_CELLS or cell >= _TABLE_SIZE - _TAIL_CELLS:
        return _tail_quantile(u)
    low = _TABLE[np.uint64(cell)]
    return low + (x - cell) * (_TABLE[np.uint64(cell + 1)] - low)


@compiled()
def follicle_keys(seed: int, persons: npt.NDArray[np.int64], follicles: npt.NDArray[np.int64]) -> Any:
    """Keys of many follicles: two equal-length integer arrays in, one uint64 array out."""
    keys = np.empty(persons.size, np.uint64)
    for i in range(persons.size):
        keys[i] = follicle_key(seed, persons[i], follicles[i])
    return keys


@compiled()
def uniforms(keys: npt.NDArray[np.uint64], purpose: int, event: int) -> Any:
    """One uniform per key, for fixed purpose and event."""
    out = np.empty(keys.size, np.float64)
    for i in range(keys.size):
        out[i] = uniform(keys[i], purpose, event)
    return out


@compiled()
def normals(keys: npt.NDArray[np.uint64], purpose: int, event: int) -> Any:
    """One standard normal per key, for fixed purpose and event."""
    out = np.empty(keys.size, np.float64)
    for i in range(keys.size):
        out[i] = normal_quantile(uniform(keys[i], purpose, event))
    return out
