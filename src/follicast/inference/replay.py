"""What the calibrated model predicts for every row of a table of trials, and how far that was from what was reported.

The answer for a row is a distribution of the number its trial would print: the model's effect over joint draws of the
shared numbers, the trial's own deviation, what its control arm moves by itself where no control was subtracted, and the
sampling error of arms of its size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from follicast.inference.evidence import observed_effect
from follicast.inference.rehearsed import Rehearsed, printed, rehearse, widened
from follicast.inference.trial_effects import comparison
from follicast.knowledge.load import Knowledge
from follicast.knowledge.trial import Refused, TrialRow, TrialTable

Floats = npt.NDArray[np.float64]
Progress = Callable[[str, float], None]
Kind = Literal["net effect", "change", "level"]

DRAWS: Final = 48
PEOPLE: Final = 240
_PROBABILITIES: Final = (0.025, 0.10, 0.50, 0.90, 0.975)


@dataclass(frozen=True)
class Predicted:
    """One row as predicted and as reported, in the row's own unit.

    `observed` is the net effect where the row has a control in the table. `effect` is the model's mean without any
    noise; the intervals are for the number that a trial of this size prints. `unit_size` is one standard unit (one
    hair/cm2) in the row's own; `certainty` is that of the least certain therapy of the row. `crps` is the continuous
    ranked probability score against `observed`, own unit.
    """

    row: TrialRow
    kind: Kind
    observed: float | None
    mean: float
    median: float
    low80: float
    high80: float
    low95: float
    high95: float
    effect: float
    unit_size: float
    crps: float | None
    control: str | None
    certainty: str


@dataclass(frozen=True)
class Replay:
    """A table replayed: rows predicted, rows that cannot be, and what was simulated."""

    name: str
    predicted: tuple[Predicted, ...]
    refused: tuple[Refused, ...]
    draws: int
    people: int


def replay(
    table: TrialTable, knowledge: Knowledge, seed: int, progress: Progress, draws: int = DRAWS, people: int = PEOPLE
) -> Replay:
    """Predicts every row of a table.

    Args:
        table: the rows.
        knowledge: in force, with its calibrated draws.
        seed: of the virtual people and of the noise.
        progress: called with a step's name and the fraction done.
        draws: joint draws of the shared numbers.
        people: virtual people of each kind for every draw.

    Returns:
        Predictions in the order of the rows, and the rows refused.
    """
    wide = widened(knowledge, draws, seed)
    found = rehearse(table.rows, wide, people, seed, progress)
    by_line = {row.line: row for row in table.rows}
    predicted, refused = [], list(table.refused)
    for i, row in enumerate(table.rows):
        if not np.isfinite(found.net[:, i]).all():
            reason = f"no assay of {row.measure.quantity} is known for {row.drug}"
            refused.append(Refused(row.line, row.trial_id, reason, row.observed, row.unit.text))
            continue
        predicted.append(_predicted(row, i, found, printed(found, i, wide, seed), by_line, knowledge))
    refused.sort(key=lambda entry: entry.line)
    return Replay(table.name, tuple(predicted), tuple(refused), wide.shared.draws, people)


def certainty_of(row: TrialRow, knowledge: Knowledge) -> str:
    """Certainty of the evidence behind a row's arms: the lowest of its therapies; of the natural course without any."""
    names = {*row.arm.active, *(row.against.active if row.against is not None else ())}
    order = ("very low", "low", "moderate", "high")
    return min((knowledge.therapies[name].certainty for name in names), key=order.index, default="moderate")


def _predicted(
    row: TrialRow, i: int, found: Rehearsed, numbers: Floats, by_line: dict[int, TrialRow], knowledge: Knowledge
) -> Predicted:
    contrast = comparison(row, by_line) is not None
    observed = None if row.observed is None else observed_effect(row, by_line)
    low95, low80, median, high80, high95 = np.quantile(numbers, _PROBABILITIES)
    kind: Kind = "net effect" if contrast else ("level" if row.level else "change")
    return Predicted(
        row=row,
        kind=kind,
        observed=observed,
        mean=float(numbers.mean()),
        median=float(median),
        low80=float(low80),
        high80=float(high80),
        low95=float(low95),
        high95=float(high95),
        effect=float(found.net[:, i].mean()),
        unit_size=float(found.unit[:, i].mean()),
        crps=None if observed is None else crps(numbers.ravel(), observed),
        control=by_line[row.control_line].trial_id if row.control_line is not None else None,
        certainty=certainty_of(row, knowledge),
    )


def crps(sample: Floats, observed: float) -> float:
    """Continuous ranked probability score of a sample: mean |x - y| less half the mean |x - x'|; 0 is perfect.

    Source: Gneiting & Raftery 2007, equation 21.
    """
    ranked = np.sort(sample)
    n = ranked.size
    within = float((ranked * (2.0 * np.arange(1, n + 1) - n - 1.0)).sum()) / n**2
    return float(np.abs(sample - observed).mean()) - within


@dataclass(frozen=True)
class Score:
    """How a set of predictions did, in hairs/cm2 (counts only) but for coverage.

    `mae_no_effect` is that of predicting nothing. `mae_drug_mean` is that of the mean net effect of the drug in its
    other calibration trials, over the `n_drug_mean` rows that have any; `mae_there` is the model's on the same rows.
    """

    n: int
    coverage80: float | None
    coverage95: float | None
    mae: float | None
    mae_no_effect: float | None
    mae_drug_mean: float | None
    mae_there: float | None
    n_drug_mean: int
    crps: float | None


def scored(predicted: Sequence[Predicted]) -> list[Predicted]:
    """The predictions that the score is about: net effects of counts with a reported number."""
    return [
        p for p in predicted if p.kind == "net effect" and p.observed is not None and p.row.measure.quantity == "count"
    ]


def score(predicted: Sequence[Predicted], drug_mean: Callable[[TrialRow], float | None]) -> Score:
    """Coverage and errors of net effects of counts, against predicting nothing and against the drug's own mean."""
    rows = scored(predicted)
    if not rows:
        return Score(0, None, None, None, None, None, None, 0, None)
    unit = np.array([p.unit_size for p in rows])
    observed = np.array([p.observed or 0.0 for p in rows]) / unit
    model = np.array([p.mean for p in rows]) / unit
    means = [drug_mean(p.row) for p in rows]
    known = np.array([value is not None for value in means])
    error = np.abs(model - observed)
    usual = np.array([value for value in means if value is not None])
    return Score(
        n=len(rows),
        coverage80=float(np.mean([p.low80 <= (p.observed or 0.0) <= p.high80 for p in rows])),
        coverage95=float(np.mean([p.low95 <= (p.observed or 0.0) <= p.high95 for p in rows])),
        mae=float(error.mean()),
        mae_no_effect=float(np.abs(observed).mean()),
        mae_drug_mean=float(np.abs(usual - observed[known]).mean()) if known.any() else None,
        mae_there=float(error[known].mean()) if known.any() else None,
        n_drug_mean=int(known.sum()),
        crps=float(np.mean([(p.crps or 0.0) / p.unit_size for p in rows])),
    )
