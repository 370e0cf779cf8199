"""Records that several parts of the answer share, and those of what is weighed: harms, burden, doses, stopping.

They are fields of `decisions.result`, which names them again; docs/reference/plan-json.md is made from both.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict

Certainty = Literal["high", "moderate", "low", "very low"]
Severity = Literal["passing", "mild", "moderate", "serious"]


class Record(BaseModel):
    """Base of every part of the answer: frozen, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Interval(Record):
    """A forecast quantity: median with the central 50 % and 80 % intervals, in `unit`."""

    median: float
    lo50: float
    hi50: float
    lo80: float
    hi80: float
    unit: str


class Cost(Record):
    """Money over the horizon. Defaults are editable, never facts."""

    low: float
    high: float
    currency: str
    basis: str


class Harm(Record):
    """One harm of one therapy with its rate on treatment and on control where a trial gives both.

    `per_100` and `control_per_100` are the same rates as numbers, `among` whom they hold for; `words` says them as
    natural frequencies. `severity` is its class where it is weighed, and `counted_per_100` the excess it is weighed
    with: the rate less that of the control arm, the whole rate where there was none, an assumed rate where none was
    read (`assumed`).
    """

    name: str
    rate: str
    control_rate: str | None
    sources: list[str]
    per_100: float | None = None
    control_per_100: float | None = None
    among: Literal["men", "women", "people"] = "people"
    words: str = ""
    severity: Severity | None = None
    counted_per_100: float | None = None
    assumed: bool = False


class Status(Record):
    """Legal status of one therapy in one jurisdiction, dated."""

    jurisdiction: str
    status: str
    checked_on: dt.date
    sources: list[str]


class Burden(Record):
    """What a regimen asks for: hours a year (daily use and visits), visits a year, tablets and minutes a day."""

    hours_per_year: float
    visits_per_year: float
    tablets_per_day: float
    minutes_per_day: float


class LeftOut(Record):
    """The plan without one line.

    `loses` is what goes with the line (`PlanLine.adds`, median); `saves` the money over the horizon, `visits` and
    `hours` the visits and the hours a year that are no longer needed, `harms` what can no longer happen, in words, and
    `harm_score` by how much the harm score falls. `rank` is where the plan without the line stands among those compared
    (1 = it would be the recommendation) and `value` what it is worth after deductions.
    """

    loses: float
    saves: Cost
    visits: int
    hours: float
    harms: list[str]
    harm_score: float
    rank: int
    value: float


class Doses(Record):
    """What it costs to take part of the doses only.

    `share` is the share of daily doses that was simulated beside the planned one, `gain` the gain against nothing at
    the horizon with it, and `costs` what is lost by it against the plan as it stands, person by person.
    """

    share: float
    gain: Interval
    costs: Interval


class Stopping(Record):
    """What happens to the gain when everything stops `month` months after the start, from simulation.

    `gain` is against nothing (hairs/cm2) at that month and `after` months later; `share_left` the part of the mean gain
    that is left at each, None where there is less than 1 hair/cm2 to lose.
    """

    month: int
    after: list[int]
    gain: list[Interval]
    share_left: list[float | None]


class StopRule(Record):
    """When a count of the same marked site can tell whether a line, or the plan, works, and what says that it does not.

    `month` is that of the first booked count that tells; None = none within the horizon. Of a line: there at least 8 of
    10 in whom it does nothing read below, and 9 of 10 in whom it works as forecast above. Of the plan, where there is
    a baseline: as `follicast review` judges, the first that tells 8 of 10 in whom it works from nothing, and what would
    be called below there. `change` (hairs/cm2) is against the baseline; `threshold` is the reading, None without a
    baseline. `quantity`, `threshold_um`, `zone` and `baseline` are those of the person's own count. `probability` is
    that of reading below where it does nothing, then or at the last count. `basis` says what was compared: the line
    within the plan, or begun by itself.
    """

    basis: Literal["in the plan", "begun alone"]
    month: int | None
    threshold: float | None
    probability: float
    words: str
    change: float | None = None
    quantity: str | None = None
    threshold_um: float | None = None
    zone: str | None = None
    baseline: float | None = None


class Staged(Record):
    """The same plan begun one line at a time, so that each can be judged by itself, and what the waiting costs.

    `starts` are (therapy, day after today, why then), fast ones first. `costs` is what the plan begun at once has more
    at the horizon, person by person; `gain` what the staged one has against nothing.
    """

    starts: list[tuple[str, int, str]]
    gain: Interval
    costs: Interval
    words: str


class SurvivalAdjunct(Record):
    """Something added at grafting; `gain` is hairs that survive more, of all that are moved."""

    name: str
    gain: Interval
    certainty: Certainty
    evidence: str


class GraftFacts(Record):
    """What a transplantation would mean for this person; grafts, shares 0 to 1.

    `lifetime` is what a donor area gives in a life, `moved` what was moved so far (an operation without a number counts
    as a usual one), `planned` this operation and `left` what then remains. `shock_loss` is the share of native hair in
    the grafted area that is shed for months; the simulation leaves it out, because it grows back.
    """

    lifetime: float
    moved: float
    planned: int
    left: float
    survival: Interval
    hairs: Interval
    shock_loss: Interval
    adjuncts: list[SurvivalAdjunct]
    words: list[str]


class GuidelineGrade(Record):
    """What one guideline says of one therapy, as written; grades of different guidelines are never merged."""

    guideline: str
    version: str
    population: str
    grade: str
    verify: bool
    sources: list[str]


class TherapyRow(Record):
    """One therapy in the comparison of all, for this person.

    `excluded` says why it is not for them; then nothing was simulated. `onset_month` is the first at which the median
    gain of the therapy alone exceeds the smallest detectable change (None = not within the horizon), `peak_month` and
    `peak` where its median gain is largest. `unseen` is the probability that two counts show no gain at the horizon.
    `not_recommended` says why it is compared only. `status` is that where the person lives; `stands_in` are the
    jurisdictions in which it stands for hair loss, `not_in` those in which it does not.
    """

    therapy: str
    label: str
    excluded: str | None
    gain: Interval | None
    onset: str
    onset_month: int | None
    peak_month: int | None
    peak: Interval | None
    stopping: Stopping | None
    stopping_text: str
    unseen: float | None
    harms: list[Harm]
    harm_score: float
    cost_per_year: Cost
    burden: Burden
    certainty: Certainty
    guidelines: list[GuidelineGrade]
    status: Status | None
    stands_in: list[str]
    not_in: list[str]
    rank: int | None
    not_recommended: str | None
