"""One row of a table of published trials, understood: who took part, what was done, what was read, when, how surely.

Rows are made by `trial_table.read_trials` and replayed by `inference.replay`. Everything is in the model's own terms:
therapies by id, doses as shares of the therapy's full daily dose, sites as zones, readings as instruments.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

TrialSex = Literal["male", "female", "mixed"]
Quantity = Literal[
    "count",
    "diameter",
    "weight",
    "thickness",
    "anagen share",
    "growth rate",
    "shedding",
    "scalp DHT",
    "serum DHT",
    "graft survival",
    "donor removed",
]
Basis = Literal["absolute", "percent of baseline"]
Setting = Literal["untreated", "tablet", "lotion", "shampoo", "device", "injection", "surgery"]

SCORED_PERCENT: tuple[Quantity, ...] = ("scalp DHT", "serum DHT", "graft survival", "anagen share", "donor removed")
"""Quantities that are themselves percentages; their changes are read in points unless the row says "of baseline"."""


@dataclass(frozen=True, slots=True)
class Use:
    """One therapy as a trial gave it, in weeks from the start of the trial.

    `dose` is the daily dose as a share of the therapy's full daily dose (finasteride 5 mg is 5.0 of the 1 mg tablet);
    `session_weeks` are the weeks of the sessions, for a therapy given in sessions only.
    """

    therapy: str
    dose: float = 1.0
    start_week: float = 0.0
    stop_week: float = math.inf
    session_weeks: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Arm:
    """What one arm got. Without uses it is a control arm; `setting` says what its dummy, or the arm's vehicle, was."""

    uses: tuple[Use, ...]
    setting: Setting

    @property
    def active(self) -> tuple[str, ...]:
        """Therapies given, sorted by id, once each."""
        return tuple(sorted({use.therapy for use in self.uses}))


@dataclass(frozen=True, slots=True)
class Participants:
    """Whom a trial took in. Ages in years; `zones` are where it read, pooled when there are several.

    `norwood` is the range of Norwood-Hamilton stages from 1 to 7 where it is given.
    """

    sex: TrialSex
    age: float
    ancestry: str | None
    zones: tuple[str, ...]
    norwood: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Measure:
    """What was read. Counts are of hairs with a shaft of `above_um` to `below_um`, in these phases (empty: any)."""

    quantity: Quantity
    above_um: float = 0.0
    below_um: float = math.inf
    phases: tuple[Literal["anagen", "catagen", "telogen"], ...] = ()


@dataclass(frozen=True, slots=True)
class Unit:
    """The row's own unit.

    `per_standard` turns the model's standard unit into the row's: hairs in a 5.07 cm2 circle have 5.07 to one hair/cm2.
    Standard units: hairs/cm2, um, mg/cm2 a day, mm/cm2, um/day, hairs a day, percent. With basis "percent of baseline"
    the reading is 100 x change / baseline and `per_standard` is 1.
    """

    text: str
    basis: Basis
    per_standard: float


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One number of one trial.

    Attributes:
        line: line of the file, the header being line 1.
        trial_id: as in the table.
        trial: key shared by the rows of one trial; they share people, control arm and the trial's own deviation.
        who: whom it took in.
        n: people in the arm, None where not given.
        n_control: people in the arm it is compared with.
        arm: what was done.
        against: what it is compared with within the row (a row that reports "drug minus placebo"), else None.
        control_line: line of the control arm's row in the same table with the same measure, unit and week, from which
            the net effect is formed; None for contrasts, control arms themselves and uncontrolled arms.
        measure: what was read.
        unit: the row's unit.
        week: weeks from the start of the trial to the reading.
        level: True when the row reports a level (a baseline), not a change.
        observed: the number in the row's unit; None when the row carries none.
        sd: standard deviation of the individual changes, in the row's unit.
        se: standard error of the observed number, as printed or from a confidence interval.
        baseline: mean before treatment, in the row's unit.
        verification: READ, RECALLED, ... as in the table.
    """

    line: int
    trial_id: str
    trial: str
    who: Participants
    n: float | None
    n_control: float | None
    arm: Arm
    against: Arm | None
    control_line: int | None
    measure: Measure
    unit: Unit
    week: float
    level: bool
    observed: float | None
    sd: float | None
    se: float | None
    baseline: float | None
    verification: str

    @property
    def contrast(self) -> bool:
        """Whether the number is a net effect: a contrast in itself, or one that can be formed with a control row."""
        return self.against is not None or self.control_line is not None

    @property
    def drug(self) -> str:
        """What is compared with what, as one key: "finasteride-oral", "dutasteride-oral over finasteride-oral"."""
        other = self.against.active if self.against is not None else ()
        name = "+".join(self.arm.active) or "nothing"
        return f"{name} over {'+'.join(other)}" if other else name


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that cannot be replayed, and why, in one sentence."""

    line: int
    trial_id: str
    reason: str
    observed: float | None
    unit: str


@dataclass(frozen=True, slots=True)
class TrialTable:
    """A table of trials: rows understood and rows refused, both in the order of the file."""

    name: str
    rows: tuple[TrialRow, ...]
    refused: tuple[Refused, ...]
