"""The answer of the main job: everything plan.json, the report and the terminal may say.

One object, filled by `decisions.plan` and only read by `outputs`. Its JSON form is plan.json, so a field added here is
a field documented there (docs/reference/plan-json.md is checked against this file by a test).
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from follicast.decisions.records import Burden as Burden
from follicast.decisions.records import Certainty as Certainty
from follicast.decisions.records import Cost as Cost
from follicast.decisions.records import Doses as Doses
from follicast.decisions.records import GraftFacts as GraftFacts
from follicast.decisions.records import GuidelineGrade as GuidelineGrade
from follicast.decisions.records import Harm as Harm
from follicast.decisions.records import Interval as Interval
from follicast.decisions.records import LeftOut as LeftOut
from follicast.decisions.records import Record as Record
from follicast.decisions.records import Severity as Severity
from follicast.decisions.records import Staged as Staged
from follicast.decisions.records import Status as Status
from follicast.decisions.records import Stopping as Stopping
from follicast.decisions.records import StopRule as StopRule
from follicast.decisions.records import SurvivalAdjunct as SurvivalAdjunct
from follicast.decisions.records import TherapyRow as TherapyRow


class PersonSummary(Record):
    """Who the answer is about, in the words of the person file."""

    label: str
    sex: Literal["male", "female"]
    age_years: float
    jurisdiction: str | None
    facts: list[str]


class FitQuality(Record):
    """How well the person's twin is pinned down; `trustworthy` is False when the weights ran thin.

    `pareto_k` is the generalised-Pareto tail index of the weights (None when nothing was measured, so the posterior is
    the population); below 0.7 is good.
    """

    draws: int
    effective_size: float
    pareto_k: float | None
    rounds: int
    trustworthy: bool
    used: list[str]
    missing: list[str]
    messages: list[str]


class ZoneCondition(Record):
    """One zone today. Shares are fractions, 0 to 1: the anagen share of hairs, the other two of follicles."""

    zone: str
    label: str
    area_cm2: float
    density: Interval
    nonvellus_density: Interval
    mean_diameter: Interval
    anagen_share: Interval
    kenogen_share: Interval
    miniaturised_share: Interval
    coverage: Interval


class Pool(Record):
    """The hair pool of the whole scalp: hairs entering and leaving a day, and their balance a year."""

    inflow_per_day: Interval
    outflow_per_day: Interval
    balance_per_year: Interval
    hairs_now: Interval


class Band(Record):
    """One quantity of one plan over time; the lists have the same length as `Forecasts.days`."""

    plan: str
    quantity: Literal["density", "nonvellus_density", "mean_diameter", "coverage", "shed_per_day"]
    unit: str
    zone: str
    q10: list[float]
    q25: list[float]
    q50: list[float]
    q75: list[float]
    q90: list[float]


class Measured(Record):
    """One measurement of this person, drawn as a point; `lo80` and `hi80` are 1.28 standard errors either side."""

    date: dt.date
    zone: str | None
    quantity: Literal["density", "nonvellus_density", "mean_diameter", "coverage", "shed_per_day"]
    value: float
    lo80: float
    hi80: float
    unit: str


class Forecasts(Record):
    """Bands for the plans that are drawn: nothing, the recommended one, and at most one alternative.

    `days` are days after `as_of`. Bands are given for the goal zone ("scalp" for sheds); a density band for every other
    zone as well lets the report draw the scalp now and at the horizon. `shedding_windows` are (plan, first day, last
    day, why) of expected early shedding; `shedding_causes` say what has happened that sheds hair whatever is planned.
    """

    goal_zone: str
    days: list[int]
    plans: list[str]
    bands: list[Band]
    shedding_windows: list[tuple[str, int, int, str]]
    shedding_causes: list[str] = []


class PlanLine(Record):
    """One line of the recommended plan, with what it adds, costs and risks.

    `adds` is the change in hairs/cm2 at the goal zone at the horizon, plan with the line minus plan without it, person
    by person on common random numbers. `alone` is the line by itself minus nothing. `adds_nothing_probability` is the
    share of draws in which the line adds less than 1 hair/cm2, `unseen` that in which it adds less than two counts can
    show. `call_doctor` are the signs that mean: stop and call a doctor. `half` is None for what is not taken every day.
    """

    therapy: str
    label: str
    what: str
    mechanism: str
    adds: Interval
    alone: Interval
    adds_nothing_probability: float
    certainty: Certainty
    evidence: str
    onset: str
    stopping: str
    harms: list[Harm]
    do_not_use: list[str]
    cost: Cost
    status: list[Status]
    sham_note: str | None
    sources: list[str]
    call_doctor: list[str] = []
    unseen: float = 1.0
    left_out: LeftOut | None = None
    half: Doses | None = None
    stopping_forecast: Stopping | None = None
    stop_rules: list[StopRule] = []
    harm_score: float = 0.0
    burden: Burden | None = None
    guidelines: list[GuidelineGrade] = []


class LineEffect(Record):
    """What one line adds to the others of an offered course, month by month, in hairs/cm2 at the goal zone."""

    therapy: str
    label: str
    adds: list[Interval]
    adds_nothing_probability: float
    certainty: Certainty
    sham_note: str | None


class Offer(Record):
    """A course that somebody proposed to the person, taken apart.

    The lists have one entry for each of `months`; `gain` is against nothing, `lines` what each line adds to the others.
    `adds_nothing_probability` is the share of draws in which a line adds less than 1 hair/cm2 in every one of `months`.
    """

    name: str
    label: str
    months: list[int]
    gain: list[Interval]
    lines: list[LineEffect]
    rank: int
    cost: Cost


class Candidate(Record):
    """One regimen that was simulated.

    `gain` is hairs/cm2 at the goal zone at the horizon minus the same person under nothing; `gain_from_now` minus the
    same person today. `improves_probability` is P(gain > smallest detectable change). `value` is what it was ranked by,
    in hairs/cm2 after deductions, `deductions` names each. Rank 1 is the recommended plan. `not_recommended` says why a
    regimen is compared but may not be the recommendation (None = it may).

    `loss_avoided` and `regained` split the gain in non-vellus hairs: up to the count of today, and above it.
    `assured_gain` is what the less lucky half gain on average, weighed by what the person wants. `unseen` is the
    probability that two counts show no gain against nothing, `unseen_from_now` that they show none against today.
    `harm_score` is the expected harm in hairs/cm2 (weights: parameters `preference.harm`). `on_front` says that no
    other regimen is at least as good in assured gain, certainty, harm, cost and burden at once; else `beaten_by` names
    one.
    """

    id: str
    label: str
    therapies: list[str]
    gain: Interval
    gain_from_now: Interval
    gain_nonvellus: Interval
    gain_coverage: Interval
    improves_probability: float
    cost: Cost
    clinic_visits: int
    certainty: Certainty
    value: float
    deductions: dict[str, float]
    rank: int
    not_recommended: str | None = None
    loss_avoided: Interval | None = None
    regained: Interval | None = None
    assured_gain: float = 0.0
    unseen: float = 1.0
    unseen_from_now: float = 1.0
    harm_score: float = 0.0
    burden: Burden | None = None
    on_front: bool = False
    beaten_by: str | None = None


class TradeOff(Record):
    """What the plan gives up against another that is not beaten either; differences are other minus plan."""

    candidate: str
    label: str
    assured_gain: float
    harm_score: float
    cost_per_year: float
    hours_per_year: float
    words: str


class Excluded(Record):
    """A therapy that was not considered for this person, and why."""

    therapy: str
    label: str
    reason: str


class Override(Record):
    """Who set a safety finding aside, in what role, why and when."""

    by: str
    role: str
    reason: str
    date: dt.date


class Finding(Record):
    """One safety rule that fires for this person, in words for the clinician (`text`) and the person (`text_patient`).

    `because` are the recorded facts that fired it, unknown ones included. `bars` says what it stops: the forecast, the
    plan, therapies, or only their recommendation. `therapies` are the ids it bars; empty for a warn or info, and while
    `overridden_by` stands. `concerns` are the therapies it is about, barred or not. `pauses` are therapies in use that
    wait, `pausing` says of each how, and `cancels_sessions` says that future sessions are to be cancelled. `override`
    is who may set it aside.
    """

    rule: str
    version: int
    severity: Literal["block", "hold", "warn", "info"]
    title: str
    because: list[str]
    bars: list[Literal["forecast", "plan", "therapies", "recommendation"]]
    therapies: list[str]
    concerns: list[str]
    pauses: list[str]
    pausing: list[str] = []
    cancels_sessions: bool
    forecast_refused: bool
    text: str
    text_patient: str
    action: str
    hold_days: int | None
    sources: list[str]
    jurisdiction_text: str | None
    override: Literal["nobody", "prescriber", "clinician"]
    overridden_by: Override | None
    reviewed_by: str


AppointmentStatus = Literal["planned", "booked", "arrived", "done", "partial", "missed", "cancelled", "void"]


class Event(Record):
    """One dated step of the plan; it may move from `earliest` to `latest`. `private` is for the report only.

    The windows of neighbouring sessions hold together: wherever in its own window each of them falls, the least
    interval is kept. Where a clinic file was given, `time` is the local time in `time_zone` and the rest says where and
    by whom; else it is a whole day. `id` is its name in schedule.json.
    """

    date: dt.date
    earliest: dt.date
    latest: dt.date
    private: str
    therapy: str | None
    kind: Literal["session", "start", "stop", "measure", "surgery"]
    number: int | None
    of: int | None
    id: str | None = None
    status: AppointmentStatus = "planned"
    time: str | None = None
    time_zone: str | None = None
    minutes: int | None = None
    room: str | None = None
    staff: str | None = None


class Course(Record):
    """How far apart the sessions of one therapy are kept.

    `gaps` are the days meant between each session and the one before, 0 for the first, which is not before `first_day`.
    A gap longer than `longest_days` is that of a booster, which may move by `booster_slack_days`. A session may be
    `grace_days` late without a word; after `restart_gap_days` without one somebody decides how to go on. No session is
    nearer to an operation than the protected days before and after it.
    """

    therapy: str
    label: str
    gaps: list[int]
    shortest_days: int
    longest_days: int
    grace_days: int
    restart_gap_days: int
    booster_slack_days: int
    protected_before_days: int
    protected_after_days: int
    minutes: int
    first_day: dt.date


class Break(Record):
    """A stretch without a dose, from the dose log: `last_dose` to `resumed` (None = not yet), and what that is called.

    An interruption is 8 to 30 days, a stop more; shorter ones only lower the share of doses taken. `entered_late` says
    that some of it was written down afterwards.
    """

    therapy: str
    last_dose: dt.date | None
    resumed: dt.date | None
    days: int
    kind: Literal["late", "gap", "interruption", "stopped"]
    entered_late: bool


class Citation(Record):
    """A source the answer rests on."""

    key: str
    text: str
    url: str | None


class PlanResult(Record):
    """The whole answer. Deterministic: same input, seed and version give the same object, whatever the threads.

    `referral_signs` are the signs, whatever the plan, that this forecast does not apply and a doctor should look first.
    `language` is the tag of the language its texts are in; keys, ids and the words of fixed sets stay English.
    `safety` are the rules that fire, strictest first; `safety_versions` the version of every rule that was asked.
    `trade_offs` are what the plan gives up against others; `half` and `full` the plan at half and at all of its daily
    doses, `adherence` what was taken to be the share of doses; `stopping` what is left of its gain when it stops;
    `stop_rule` when a count can tell whether it works; `staged` the plan begun line by line; `comparison` all therapies
    side by side; `grafts` what a transplantation would mean.
    """

    schema_version: int
    follicast_version: str
    knowledge_hash: str
    seed: int
    as_of: dt.date
    horizon_days: int
    person: PersonSummary
    answer: str
    fit: FitQuality
    zones: list[ZoneCondition]
    pool: Pool
    forecasts: Forecasts
    smallest_detectable_change: float
    candidates: list[Candidate]
    excluded: list[Excluded]
    chosen: str
    reasons: list[str]
    lines: list[PlanLine]
    offers: list[Offer]
    schedule: list[Event]
    unknowns: list[str]
    method: list[str]
    citations: list[Citation]
    measurements: list[Measured] = []
    referral_signs: list[str] = []
    courses: list[Course] = []
    breaks: list[Break] = []
    language: str = "en"
    safety: list[Finding] = []
    safety_versions: dict[str, int] = {}
    trade_offs: list[TradeOff] = []
    adherence: str = ""
    half: Doses | None = None
    full: Doses | None = None
    stopping: Stopping | None = None
    stop_rule: StopRule | None = None
    staged: Staged | None = None
    comparison: list[TherapyRow] = []
    grafts: GraftFacts | None = None
