"""What published numbers say about the shared numbers: the likelihood of a set of trials and facts.

A trial's net effect is the model's effect, plus the trial's own deviation, plus sampling error. Rows of one trial share
its deviation and, where they share one, their control arm. Deviations have heavy tails, so one odd trial cannot drag
the posterior. What a control arm moves by itself is a nuisance offset of its trial, by kind of dummy; facts have their
published tolerances.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.knowledge.load import Knowledge
from follicast.knowledge.trial import Arm, TrialRow
from follicast.people.beliefs import quantiles

Floats = npt.NDArray[np.float64]

# Degrees of freedom of a trial's deviation: heavy tails, finite variance.
TAILS: Final = 5.0
# Share of a trial's deviation (variance) that all its rows have in common.
_COMMON: Final = 0.7
# Half the width of a fact's tolerance is this many standard deviations.
FACT_DEVIATIONS: Final = 2.0
# Settings whose trials differ as procedures do.
_PROCEDURES: Final = ("device", "injection", "surgery")
_DRUGS: Final = "between_trial.relative.drug"
_OTHERS: Final = "between_trial.relative.procedure"
_FIXED: Final[Mapping[str, str]] = {
    "diameter": "between_trial.diameter",
    "growth rate": "between_trial.growth_rate",
    "weight": "between_trial.percent",
    "thickness": "between_trial.percent",
    "shedding": "between_trial.percent",
    "anagen share": "between_trial.share",
    "scalp DHT": "between_trial.share",
    "serum DHT": "between_trial.share",
    "graft survival": "between_trial.grafts",
    "donor removed": "between_trial.grafts",
}


@dataclass(frozen=True)
class Scales:
    """How far a row's trial may lie from the model, for draws of the shared numbers.

    The deviation of row i has standard deviation sqrt((additive x unit_i)^2 + (relative_i x effect_i)^2), or the fixed
    one of its quantity where that is not a count. Arrays are [draw] or [draw, row].
    """

    additive: Floats
    relative: Floats
    fixed: Floats
    unit: Floats

    def deviation(self, effect: Floats) -> Floats:
        """Standard deviation of the trials' own deviations for these effects [draw, row]."""
        counts = np.hypot(self.additive[:, None] * self.unit, self.relative * effect)
        return np.where(np.isnan(self.fixed), counts, self.fixed)


def is_procedure(arm: Arm) -> bool:
    """Whether trials of this arm differ as those of devices, injections and needling do."""
    return arm.setting in _PROCEDURES


def drawn(knowledge: Knowledge, key: str, draw: Callable[[str], Floats | None], count: int) -> Floats:
    """A parameter for `count` draws: at the places that `draw` gives by name, else its shipped value."""
    number = knowledge.parameters[key]
    place = draw(key)
    if place is None:
        return np.full(count, number.value)
    from scipy.special import ndtr

    return quantiles(number, np.asarray(ndtr(place)))


def scales(
    knowledge: Knowledge, rows: Sequence[TrialRow], unit: Floats, draw: Callable[[str], Floats | None], count: int
) -> Scales:
    """The scales of these rows for `count` draws of the shared numbers; arguments as `drawn`, unit in hairs/cm2."""
    drug, other = (drawn(knowledge, key, draw, count) for key in (_DRUGS, _OTHERS))
    procedure = np.array([is_procedure(row.arm) for row in rows])
    fixed = [
        knowledge.parameters[_FIXED[row.measure.quantity]].value if row.measure.quantity in _FIXED else np.nan
        for row in rows
    ]
    return Scales(
        additive=drawn(knowledge, "between_trial.additive", draw, count),
        relative=np.where(procedure, other[:, None], drug[:, None]),
        fixed=np.array(fixed),
        unit=unit,
    )


def sampling_error(knowledge: Knowledge, row: TrialRow, unit: float, spread: float, contrast: bool) -> float:
    """Standard error of a row's number from the size of its arms, in its own unit.

    Printed errors are used where there are any; else the individual standard deviation that the trial prints, or the
    usual one of a count, or (for other quantities) the spread between the model's people.
    """
    if row.se is not None and (row.against is not None or not contrast):
        return row.se
    p = knowledge.parameters
    usual = p["between_trial.individual_sd"].value * unit
    sd = row.sd if row.sd is not None else (usual if row.measure.quantity == "count" else spread)
    arm = row.n or p["between_trial.people"].value
    other = row.n_control or arm
    return float(sd * np.sqrt(1.0 / arm + (1.0 / other if contrast else 0.0)))


def offset(knowledge: Knowledge, arm: Arm, draw: Callable[[str], Floats | None], count: int) -> Floats:
    """What an arm of this setting reads above the model by itself, hairs/cm2, for `count` draws."""
    return drawn(knowledge, f"control.{arm.setting}", draw, count)


@dataclass(frozen=True)
class Block:
    """Rows of one trial whose numbers belong together: their places among the rows, numbers, errors and control.

    `covariance` holds sampling and emulation error, shared control included; `common` is 1 where two rows share the
    trial's deviation (`_COMMON` of it off the diagonal).
    """

    rows: npt.NDArray[np.int64]
    observed: Floats
    covariance: Floats
    common: Floats


def blocks(
    rows: Sequence[TrialRow], chosen: Sequence[int], observed: Floats, errors: Floats, shared_control: Floats
) -> list[Block]:
    """Chosen rows by trial.

    Args:
        rows: all rows.
        chosen: places of those with a net effect to fit.
        observed: net effects of all rows, own units.
        errors: their standard errors, own units.
        shared_control: variance that comes from each row's control arm, own units.

    Returns:
        One block a trial.
    """
    by_trial: dict[str, list[int]] = {}
    for i in chosen:
        by_trial.setdefault(rows[i].trial, []).append(i)
    made = []
    for places in by_trial.values():
        k = np.array(places)
        same = np.array([[rows[a].control_line == rows[b].control_line for b in places] for a in places])
        control = np.sqrt(np.outer(shared_control[k], shared_control[k])) * same
        np.fill_diagonal(control, 0.0)
        common = np.where(np.eye(k.size, dtype=bool), 1.0, _COMMON)
        made.append(Block(k, observed[k], np.diag(errors[k] ** 2) + control, common))
    return made


def block_log_likelihood(block: Block, effect: Floats, deviation: Floats) -> Floats:
    """Log likelihood of one trial for draws: multivariate t with `TAILS` degrees of freedom.

    Args:
        block: the trial.
        effect: the model's effects [draw, row of all].
        deviation: standard deviation of the trials' deviations, same shape.

    Returns:
        [draw].
    """
    k = block.rows.size
    own = deviation[:, block.rows]
    scale = (TAILS - 2.0) / TAILS
    covariance = scale * (block.covariance + block.common * own[:, :, None] * own[:, None, :])
    rest = block.observed - effect[:, block.rows]
    chol = np.linalg.cholesky(covariance)
    white = np.linalg.solve(chol, rest[:, :, None])[:, :, 0]
    log_size = 2.0 * np.log(np.diagonal(chol, axis1=1, axis2=2)).sum(axis=1)
    return np.asarray(-0.5 * log_size - 0.5 * (TAILS + k) * np.log1p((white**2).sum(axis=1) / TAILS))
