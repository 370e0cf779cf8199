"""The answer of a review: everything review.json, review.html and the terminal may say.

Filled by `decisions.review` and only read by `outputs`. A field added here is documented in
docs/reference/review-json.md, which a test checks against this file.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from follicast.decisions.records import Interval, Record

Verdict = Literal["too early", "cannot tell", "on track", "below", "above"]
Quantity = Literal[
    "total_density", "nonvellus_density", "terminal_density", "mean_diameter", "anagen_share", "shed_per_day"
]


class ReviewedReading(Record):
    """One measurement made after the forecast, held against it.

    Values are in `unit`; `value_sd` is the error of the reading at this visit. `change` is against the baseline
    reading, `smallest_change` the smallest one that is not measurement error in 19 of 20. `expected` is what was
    forecast of the change under the plan, `nothing` under nothing, `full` and `half` with all and with half of the
    daily doses; all with the error of the reading. `band` is given in place of these where there is no baseline: what
    people like this one would read, not this one. `verdict` is None where it is withheld, and `withheld` says why.
    `lower` is the probability, under the plan, of a reading as low or lower; `odds` how many times likelier the reading
    is under the plan than under nothing; `telling` the chance, under the plan, that a reading of this kind on that day
    is told from nothing; `tells_from` the first date of the forecast from which that is 8 of 10.
    """

    date: dt.date
    day: int
    label: str
    quantity: Quantity
    zone: str | None
    threshold_um: float | None
    method: str | None
    unit: str
    value: float
    value_sd: float
    baseline_date: dt.date | None
    baseline_value: float | None
    matched: bool
    change: float | None
    smallest_change: float | None
    expected: Interval | None
    nothing: Interval | None
    full: Interval | None
    half: Interval | None
    band: Interval | None
    verdict: Verdict | None
    withheld: str | None
    reason: str
    lower: float | None
    odds: float | None
    telling: float | None
    tells_from: dt.date | None


class ReviewBand(Record):
    """What the same instrument would read at the same site, without error, over the days of the forecast."""

    role: str
    label: str
    q10: list[float]
    q25: list[float]
    q50: list[float]
    q75: list[float]
    q90: list[float]


class ReviewPoint(Record):
    """One reading to draw, with its 80 % error at this visit."""

    day: int
    value: float
    lo80: float
    hi80: float


class ReviewFigure(Record):
    """The forecast of the reading that decides, and the readings; `shedding` is when early shedding is expected."""

    label: str
    unit: str
    days: list[int]
    bands: list[ReviewBand]
    points: list[ReviewPoint]
    smallest_change: float | None
    shedding: tuple[int, int] | None


class SessionsSoFar(Record):
    """Sessions of one therapy up to the day of the review, by what became of them; `unsaid` are past and open."""

    therapy: str
    label: str
    planned: int
    done: int
    partial: int
    missed: int
    cancelled: int
    unsaid: int
    words: str


class KeptForecast(Record):
    """One forecast of this plan that was kept, and what it says of the reading that decides."""

    file: str
    as_of: dt.date
    follicast_version: str
    code: str
    seed: int
    decides: bool
    verdict: Verdict | None
    expected: Interval | None


class Replanned(Record):
    """The plan made again with the new measurements: what is first now, and what changed, in words."""

    chosen: str
    label: str
    rank_of_plan: int | None
    stays: bool
    words: list[str]


class Alarm(Record):
    """A safety rule that stops something now and did not when the plan was made: it comes before any verdict.

    `words` are for the person: what it means, then how each line in use waits.
    """

    rule: str
    severity: Literal["block", "hold"]
    title: str
    words: list[str]


class Review(Record):
    """The whole answer.

    `verdict` is that of the reading at `deciding` in `readings`: of the latest visit the matched one that tells most.
    `checks` are what to look at when hair is below the forecast. `next_date` is the first at which a reading of the
    same kind tells the plan from nothing in 8 of 10. `alarms` are safety rules that stop something now and did not at
    the plan: they are read before the verdict. `safety` are the others that changed since the plan or fire now.
    """

    schema_version: int
    follicast_version: str
    knowledge_hash: str
    seed: int
    language: str
    on: dt.date
    person: str
    plan_as_of: dt.date
    plan: str
    plan_label: str
    alarms: list[Alarm] = []
    verdict: Verdict
    headline: str
    reasons: list[str]
    deciding: int | None
    readings: list[ReviewedReading]
    checks: list[str]
    next_date: dt.date | None
    next_words: str
    doses: list[str]
    adherence_known: bool
    sessions: list[SessionsSoFar]
    grades: list[str]
    safety: list[str]
    replanned: Replanned | None
    figure: ReviewFigure | None
    forecasts: list[KeptForecast]
    method: list[str]
