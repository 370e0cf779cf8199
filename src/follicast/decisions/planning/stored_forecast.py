"""forecast.json: what was forecast when the plan was made, draw by draw, so that later readings can be held against it.

A forecast is never changed. It says what the instruments would read, without error, of each of some hundred versions of
the person under the plan, under nothing and under at most one alternative, and what they would have read at baseline.
`outputs.write` keeps an earlier one beside it when a plan is made again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from follicast.decisions.planning.stopping import HALF, with_doses
from follicast.decisions.records import Record
from follicast.inference.forecast import Regimen, Stage, outlook_days
from follicast.inference.refine import Posterior
from follicast.inference.reweight import predicted, whole_scalp
from follicast.inference.store import code_fingerprint
from follicast.knowledge.load import Knowledge
from follicast.measurement.instruments import Readings
from follicast.people.person import CANONICAL_UNITS, DENSITIES, Measurement, Method, Person, Quantity
from follicast.people.population import Population
from follicast.version import VERSION

Floats = npt.NDArray[np.float64]
Role = Literal["nothing", "plan", "alternative", "all doses", "half of the doses"]

SCHEMA_VERSION: Final = 1
DRAWS: Final = 300
DIGITS: Final = 4
_BY_THRESHOLD: Final[dict[float | None, tuple[Quantity, float | None]]] = {
    None: ("total_density", None),
    30.0: ("nonvellus_density", 30.0),
    40.0: ("nonvellus_density", 40.0),
    60.0: ("terminal_density", 60.0),
}


class Baseline(Record):
    """A measurement the forecast knows: the reading with its instrument, and what each draw would have read then.

    `expected` is without error, in the unit of the quantity. `matched_site`, `method`, `threshold_um`, `area_cm2` and
    `sd` are as in the person file.
    """

    date: dt.date
    zone: str | None
    quantity: Quantity
    threshold_um: float | None
    value: float
    sd: float | None
    area_cm2: float
    method: Method | None
    matched_site: bool
    expected: list[float]


class DrawnSeries(Record):
    """What an instrument would read of one quantity at one site, without error: one list a day, one number a draw."""

    quantity: Quantity
    zone: str | None
    threshold_um: float | None
    unit: str
    values: list[list[float]]


class ForecastCourse(Record):
    """One course of events. `shedding` are the first and last day of expected early shedding, None = none.

    `adherence` is the share of daily doses by therapy.
    """

    role: Role
    plan: str
    label: str
    therapies: list[str]
    adherence: dict[str, float]
    shedding: tuple[int, int] | None
    series: list[DrawnSeries]


class StoredForecast(Record):
    """The whole forecast. `days` are days after `as_of`; draws have equal weight and the same order everywhere.

    `code` is a digest of the program's model, `input_hash` of what was known of the person. `individual` is False where
    nothing was measured or graded: then it is a forecast of people like this one. `adherence_known` says whether
    anybody had said how many of the doses would be taken.
    """

    schema_version: int
    follicast_version: str
    code: str
    knowledge_hash: str
    regrowth: str
    input_hash: str
    seed: int
    as_of: dt.date
    person: str
    goal_zone: str
    horizon_days: int
    individual: bool
    trustworthy: bool
    adherence_known: bool
    draws: int
    days: list[int]
    baseline: list[Baseline]
    courses: list[ForecastCourse]

    def course(self, role: Role) -> ForecastCourse | None:
        """The course with that role."""
        return next((course for course in self.courses if course.role == role), None)

    def day(self, when: dt.date) -> int:
        """Days from the forecast's first day."""
        return (when - self.as_of).days


def series_key(m: Measurement) -> tuple[Quantity, str | None, float | None]:
    """Quantity, zone and threshold under which readings of one kind are found; the same hairs have the same name."""
    if m.quantity not in DENSITIES:
        return m.quantity, m.zone, m.threshold_um
    quantity, threshold = _BY_THRESHOLD[m.threshold_um]
    return quantity, m.zone, threshold


def wanted_series(person: Person) -> list[tuple[Quantity, str | None, float | None]]:
    """What is stored: at the goal zone and wherever something was measured, and hairs shed a day."""
    zones = dict.fromkeys([person.goal_zone, *(m.zone for m in person.measurements if m.zone is not None)])
    usual: list[tuple[Quantity, float | None]] = [
        ("total_density", None),
        ("nonvellus_density", 30.0),
        ("terminal_density", 60.0),
        ("mean_diameter", None),
        ("anagen_share", None),
    ]
    keys: list[tuple[Quantity, str | None, float | None]] = [(q, zone, um) for zone in zones for q, um in usual]
    keys += [series_key(m) for m in person.measurements]
    return list(dict.fromkeys([*keys, ("shed_per_day", None, None)]))


def template(key: tuple[Quantity, str | None, float | None], when: dt.date) -> Measurement:
    """A reading of that kind without a value."""
    quantity, zone, threshold = key
    return Measurement(when, zone, quantity, 0.0, threshold, 1.0, None, None, False)


def chosen_draws(weights: Floats, draws: int) -> npt.NDArray[np.int64]:
    """Rows that stand for the weighted members, each draw with the same weight (systematic resampling)."""
    points = (np.arange(draws) + 0.5) / draws
    return np.asarray(np.minimum(np.searchsorted(np.cumsum(weights), points), weights.size - 1), np.int64)


class Forecaster:
    """Reads courses of events off a stage, draw by draw."""

    def __init__(
        self,
        person: Person,
        knowledge: Knowledge,
        stage_for: Callable[[Regimen], Stage],
        posterior: Posterior,
        draws: int = DRAWS,
    ) -> None:
        """Keeps `draws` of the posterior's members, by weight; `stage_for` finds where a regimen can be played."""
        self.person = person
        self.knowledge = knowledge
        self.stage_for = stage_for
        self.rows = chosen_draws(posterior.weights, draws)
        self.keys = wanted_series(person)

    def baseline(self) -> list[Baseline]:
        """The person's measurements with what each draw would have read."""
        before = self.stage_for(Regimen()).told()
        return [
            Baseline(
                date=m.date,
                zone=m.zone,
                quantity=m.quantity,
                threshold_um=m.threshold_um,
                value=m.value,
                sd=m.sd,
                area_cm2=m.area_cm2,
                method=m.method,
                matched_site=m.matched_site,
                expected=_short(before[k][self.rows]),
            )
            for k, m in enumerate(self.person.measurements)
        ]

    def course(self, role: Role, plan: str, label: str, regimen: Regimen, days: Sequence[int]) -> ForecastCourse:
        """One regimen from today on."""
        played = self.stage_for(regimen).seen(regimen, np.array(days, np.int64))
        parts = [self._read(members, readings) for members, readings in played]
        values = np.concatenate(parts, axis=2)[:, :, self.rows]
        names = [line.therapy for line in regimen.lines] + (["transplant"] if regimen.transplants else [])
        return ForecastCourse(
            role=role,
            plan=plan,
            label=label,
            therapies=names,
            adherence={line.therapy: line.adherence for line in regimen.lines if not line.sessions},
            shedding=None,
            series=[
                DrawnSeries(
                    quantity=key[0],
                    zone=key[1],
                    threshold_um=key[2],
                    unit=CANONICAL_UNITS[key[0]],
                    values=[_short(day) for day in values[k]],
                )
                for k, key in enumerate(self.keys)
            ],
        )

    def _read(self, members: Population, readings: Readings) -> Floats:
        """Every series of one group of members, [series, day, member]."""
        made = []
        for key in self.keys:
            if key[0] == "shed_per_day":
                rate = whole_scalp(readings.sheds, self.knowledge) * members.shed_factor
                # The first row counts since day 0 of the run, so the first month stands for it.
                rate[0] = rate[min(1, len(rate) - 1)]
                made.append(np.concatenate([rate[:1], 0.5 * (rate[1:] + rate[:-1])]))
            else:
                asked = template(key, self.person.as_of)
                made.append(
                    np.stack(
                        [predicted(asked, row, readings, members, self.knowledge) for row in range(readings.days.size)]
                    )
                )
        return np.stack(made)


def _short(values: Floats) -> list[float]:
    """Numbers as they are written, to four digits."""
    return [float(f"{value:.{DIGITS}g}") for value in values.tolist()]


def input_hash(person: Person) -> str:
    """Digest of everything that was known of a person."""
    text = json.dumps(asdict(person), sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def stored_forecast(
    forecaster: Forecaster,
    posterior: Posterior,
    seed: int,
    courses: Sequence[tuple[Role, str, str, Regimen]],
    shedding: dict[str, tuple[int, int]],
    adherence_known: bool,
    horizon_days: int,
) -> StoredForecast:
    """The forecast to be kept.

    Args:
        forecaster: of the person.
        posterior: the twin.
        seed: of the run.
        courses: role, plan, label and regimen of each course: nothing first, then the plan, then what else is drawn.
        shedding: first and last day of expected early shedding, by plan.
        adherence_known: whether anybody said how many of the doses will be taken.
        horizon_days: last day.
    """
    person, knowledge = forecaster.person, forecaster.knowledge
    days = outlook_days(horizon_days).tolist()
    made = [
        forecaster.course(role, plan, label, regimen, days).model_copy(update={"shedding": shedding.get(plan)})
        for role, plan, label, regimen in (*courses, *_doses(courses))
    ]
    return StoredForecast(
        schema_version=SCHEMA_VERSION,
        follicast_version=VERSION,
        code=code_fingerprint()[:16],
        knowledge_hash=knowledge.hash,
        regrowth=knowledge.regrowth,
        input_hash=input_hash(person),
        seed=seed,
        as_of=person.as_of,
        person=person.label,
        goal_zone=person.goal_zone,
        horizon_days=horizon_days,
        individual=posterior.pareto_k is not None,
        trustworthy=posterior.trustworthy,
        adherence_known=adherence_known,
        draws=forecaster.rows.size,
        days=days,
        baseline=forecaster.baseline(),
        courses=made,
    )


def _doses(courses: Sequence[tuple[Role, str, str, Regimen]]) -> Iterator[tuple[Role, str, str, Regimen]]:
    """The plan with all and with half of its daily doses, where it has any and they are not those planned."""
    for role, plan, label, regimen in courses:
        if role != "plan":
            continue
        shares: tuple[tuple[Role, float], ...] = (("all doses", 1.0), ("half of the doses", HALF))
        for name, share in shares:
            other = with_doses(regimen, share)
            if other != regimen:
                yield name, plan, label, other
