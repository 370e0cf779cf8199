"""What a virtual trial answers: trial.json is this record."""

from __future__ import annotations

from follicast.decisions.records import Record


class Proportion(Record):
    """A share of replicates with the Monte Carlo standard error of having only so many; both 0 to 1."""

    value: float
    error: float
    replicates: int


class Estimated(Record):
    """The effect as trials of one size would report it, in the endpoint's unit.

    `middle`, `low` and `high` are the median and the central 95 % of the replicates' estimates; `truth` is the effect
    that is true of the pool; `bias` is mean estimate minus truth, with its Monte Carlo error; `coverage` is how often
    the trial's own interval holds the truth; `standard_error` is the mean of the trials' own. `failed` replicates lost
    so many people that nothing could be estimated: all this leaves them out, and power counts them as not significant.
    """

    truth: float
    truth_low: float
    truth_high: float
    middle: float
    low: float
    high: float
    bias: float
    bias_error: float
    coverage: Proportion
    standard_error: float
    failed: int


class SizePower(Record):
    """Power with so many people in each arm.

    `wrong` is the share of replicates that find a difference in the other direction than is true, or where none is.
    """

    people: int
    power: Proportion
    wrong: Proportion


class Look(Record):
    """One look: share of the people, bound of |z|, share of replicates that stop there, with and without an effect."""

    share: float
    bound: float
    stops: Proportion
    stops_null: Proportion


class EndpointResult(Record):
    """One endpoint at the trial's own size. `change_sd` are of individual changes: true, as read, and as published."""

    name: str
    measure: str
    unit: str
    zone: str
    area_cm2: float
    weeks: list[float]
    effect: Estimated
    power: Proportion
    type_one: Proportion
    true_change_sd: float
    reading_error_sd: float
    added_individual_sd: float


class MixedResult(Record):
    """The mixed model for repeated measures, by statsmodels, on fewer replicates."""

    model: str
    replicates: int
    failed: int
    power: Proportion
    type_one: Proportion
    estimate: float
    bias: float
    bias_error: float
    coverage: Proportion


class FlowArm(Record):
    """Mean numbers of one arm."""

    arm: str
    randomised: int
    stopped: float
    left: float
    analysed: float


class Flow(Record):
    """Mean numbers of people in a trial of this size, as CONSORT asks."""

    screened: float
    not_stage: float
    not_density: float
    randomised: int
    arms: list[FlowArm]


class CoursePoint(Record):
    """Mean change of an arm since week 0: what trials would report (median, central 95 %), and what is true."""

    week: float
    middle: float
    low: float
    high: float
    true: float


class Course(Record):
    """The primary endpoint of one arm over the visits."""

    arm: str
    points: list[CoursePoint]


class ControlChange(Record):
    """Where the control arm's change comes from, in the primary endpoint's unit; nothing of it is subtracted.

    `measured` is the mean change that its people would see reported; `hair` what their hair does, `dummy` what needles,
    vehicle or tablets and careful counting add in trials of this kind, `regression` the regression to the mean: people
    were taken in by a measured count, and its error does not come back. `rest` is what
    the draw of people, rounding and floors leave.
    """

    arm: str
    measured: float
    hair: float
    dummy: float
    regression: float
    rest: float


class Check(Record):
    """How the fast estimators agree with statsmodels on some replicates: largest relative difference."""

    replicates: int
    largest_difference: float


class TrialResult(Record):
    """The whole answer."""

    follicast: str
    knowledge_hash: str
    regrowth: str
    seed: int
    title: str
    study: str
    kind: str
    synthetic: bool
    arms: list[str]
    test: list[str]
    against: list[str]
    method: str
    estimand: str
    estimand_words: str
    alpha: float
    week: float
    people: int
    replicates: int
    pool: int
    worlds: int
    eligible_share: float
    certainty: str
    curve: list[SizePower]
    wanted_power: float
    wanted_people: list[int | None]
    endpoints: list[EndpointResult]
    looks: list[Look]
    mean_people: float
    mixed: MixedResult | None
    flow: Flow
    courses: list[Course]
    control: ControlChange
    unequal_dummies: float
    check: Check
    assumptions: list[str]
