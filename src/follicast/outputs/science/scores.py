"""How well predictions did, in sample and with each trial left out: coverage, errors, log scores."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from follicast.inference.replay import Score
from follicast.knowledge.trial import TrialRow

# The 90 % point of Student's t with the five degrees of freedom that a trial's deviation has.
_T5_NINETY: Final = 1.4759
_TAILS: Final = 5.0


@dataclass(frozen=True)
class LeftOutRow:
    """One fitted row predicted without its trial, in the row's own unit; `unit_size` is one standard unit in it."""

    trial_id: str
    trial: str
    drug: str
    measure: str
    week: float
    unit: str
    unit_size: float
    observed: float
    mean: float
    low95: float
    low80: float
    median: float
    high80: float
    high95: float

    @property
    def inside80(self) -> bool:
        """Whether the reported number lies in the 80 % interval."""
        return self.low80 <= self.observed <= self.high80

    @property
    def inside95(self) -> bool:
        """Likewise of the 95 % interval."""
        return self.low95 <= self.observed <= self.high95

    @property
    def log_score(self) -> float:
        """Log density of the reported number in standard units, of a t with five degrees of freedom as wide as 80 %."""
        scale = max(self.high80 - self.low80, 1e-9) / (2.0 * _T5_NINETY * self.unit_size)
        z = (self.observed - self.median) / self.unit_size / scale
        half = 0.5 * (_TAILS + 1.0)
        size = math.lgamma(half) - math.lgamma(0.5 * _TAILS) - 0.5 * math.log(_TAILS * math.pi) - math.log(scale)
        return size - half * math.log1p(z * z / _TAILS)


def left_out_rows(calibration: Mapping[str, Any]) -> list[LeftOutRow]:
    """Every fitted row without its trial."""
    return [
        LeftOutRow(
            trial_id=entry["trial_id"],
            trial=entry["trial"],
            drug=entry["drug"],
            measure=entry["measure"],
            week=entry["week"],
            unit=entry["unit"],
            unit_size=entry["unit_size"],
            observed=entry["observed"],
            mean=entry["left_out_mean"],
            low95=entry["left_out"]["lo95"],
            low80=entry["left_out"]["lo80"],
            median=entry["left_out"]["median"],
            high80=entry["left_out"]["hi80"],
            high95=entry["left_out"]["hi95"],
        )
        for entry in calibration["rows"]
    ]


def trial_names(calibration: Mapping[str, Any]) -> dict[str, str]:
    """Short name of each fitted trial by its key: the beginning that its rows' ids share, "KAUFMAN1998"."""
    return {entry["trial"]: entry["trial_id"].split("_")[0] for entry in reversed(calibration["rows"])}


def left_out_score(
    rows: Sequence[LeftOutRow], drug_mean: Callable[[TrialRow], float | None], known: Sequence[TrialRow]
) -> Score:
    """The score of counts with their own trial left out, in hairs/cm2, as `inference.replay.score` has it in sample."""
    counts = [row for row in rows if row.measure == "count"]
    if not counts:
        return Score(0, None, None, None, None, None, None, 0, None)
    by_id: dict[tuple[str, float, str], TrialRow] = {}
    for trial_row in known:
        by_id.setdefault((trial_row.trial_id, trial_row.week, trial_row.drug), trial_row)
    observed = np.array([row.observed / row.unit_size for row in counts])
    mean = np.array([row.mean / row.unit_size for row in counts])
    found = [by_id.get((row.trial_id, row.week, row.drug)) for row in counts]
    usual = [None if row is None else drug_mean(row) for row in found]
    has = np.array([value is not None for value in usual])
    means = np.array([value for value in usual if value is not None])
    error = np.abs(mean - observed)
    return Score(
        n=len(counts),
        coverage80=float(np.mean([row.inside80 for row in counts])),
        coverage95=float(np.mean([row.inside95 for row in counts])),
        mae=float(error.mean()),
        mae_no_effect=float(np.abs(observed).mean()),
        mae_drug_mean=float(np.abs(means - observed[has]).mean()) if has.any() else None,
        mae_there=float(error[has].mean()) if has.any() else None,
        n_drug_mean=int(has.sum()),
        crps=None,
    )
