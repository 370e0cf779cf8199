"""Fine, middling and thick hairs: shares as probabilities, and how much hair there is in mm of thickness per cm2."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

VELLUS_UM, TERMINAL_UM = 30.0, 60.0
_DRAWS: Final = 400
# Fewer hairs with a diameter, or units of them, say nothing of a share or a mean.
_LEAST_HAIRS, _LEAST_UNITS = 5, 3
# Which hairs are overlooked (the fine ones) or measured with a neighbour is no matter of chance: this much is in the
# errors of a share and of the mean, however many hairs there are (docs/science/photographs.md says what then holds).
_OVERLOOKED, _OVERLOOKED_UM = 0.08, 6.0


@dataclass(frozen=True, slots=True)
class Part:
    """A share and its standard error; both None where too few diameters were measured."""

    share: float | None
    se: float | None


@dataclass(frozen=True, slots=True)
class Shares:
    """Hairs by diameter.

    Attributes:
        measured: number of hairs whose diameter was measured; shares and means are of these.
        vellus: thinner than 30 um.
        intermediate: from 30 um to 60 um.
        terminal: 60 um and more.
        over: share at or above a bound of the user's own, by its um.
        mean_um: mean diameter; None, as every share, where too few diameters were measured.
        mean_um_se: its standard error.
        thickness_mm_per_cm2: sum of the diameters on a cm2; None without a density.
        thickness_se: its standard error.
    """

    measured: int
    vellus: Part
    intermediate: Part
    terminal: Part
    over: dict[float, Part]
    mean_um: float | None
    mean_um_se: float | None
    thickness_mm_per_cm2: float | None
    thickness_se: float | None


def shares_of(
    diameter_um: Floats,
    error_um: Floats,
    unit: Ints,
    per_cm2: float | None,
    per_cm2_se: float | None,
    also_um: tuple[float, ...] = (),
) -> Shares:
    """Shares of the counted hairs whose diameter is known, with errors from drawing whole units again.

    Args:
        diameter_um: of each counted hair, NaN where not measured.
        error_um: standard error of each.
        unit: number of the unit of each.
        per_cm2: density of hairs, for the cumulative thickness.
        per_cm2_se: its standard error.
        also_um: bounds for `over`.
    """
    known = np.isfinite(diameter_um)
    size, error, unit = diameter_um[known], np.maximum(error_um[known], 1e-6), unit[known]
    none = Part(None, None)
    if size.size < _LEAST_HAIRS or np.unique(unit).size < _LEAST_UNITS:
        return Shares(int(size.size), none, none, none, dict.fromkeys(also_um, none), None, None, None, None)
    above = {bound: ndtr((size - bound) / error) for bound in {VELLUS_UM, TERMINAL_UM, *also_um}}
    again = _resampled(unit)
    fine, thick = 1.0 - above[VELLUS_UM], above[TERMINAL_UM]
    mean, mean_se = float(size.mean()), _spread(size, again)
    thickness = None if per_cm2 is None else per_cm2 * mean / 1000.0
    # Hairs that are overlooked make the count too low and the mean too high: the thickness is right by itself.
    relative = math.hypot(mean_se / mean, (per_cm2_se or 0.0) / per_cm2) if per_cm2 else 0.0
    return Shares(
        int(size.size),
        _part(fine, again),
        _part(1.0 - fine - thick, again),
        _part(thick, again),
        {bound: _part(above[bound], again) for bound in also_um},
        mean,
        math.hypot(mean_se, _OVERLOOKED_UM),
        thickness,
        None if thickness is None else thickness * relative,
    )


def _resampled(unit: Ints) -> Floats:
    """How often each hair is drawn [draw, hair] when whole units are drawn with replacement."""
    _, unit = np.unique(unit, return_inverse=True)
    count = int(unit.max()) + 1
    return np.random.default_rng(0).multinomial(count, np.full(count, 1.0 / count), _DRAWS)[:, unit].astype(float)


def _part(probability: Floats, again: Floats) -> Part:
    """A share; none of 20 hairs may still be some of 200, so its error is no less than that of so few hairs."""
    n, share = probability.size, float(probability.mean())
    likely = (n * share + 1.0) / (n + 2.0)
    sampled = max(_spread(probability, again), math.sqrt(likely * (1.0 - likely) / (n + 3.0)))
    return Part(share, math.hypot(sampled, _OVERLOOKED))


def _spread(value: Floats, again: Floats) -> float:
    total = again.sum(axis=1)
    drawn = total > 0
    return float(((again @ value)[drawn] / total[drawn]).std())
