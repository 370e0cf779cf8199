"""How often is the verdict right? Virtual people whose true hair is known, read with real instruments' errors.

Each person is drawn from what is believed, lives, and is written down as a sparse record: sex, age, one grade and one
count. The real fit and the real forecast get that record and nothing else. Then the person's own follicles live on as
the story says (the plan as planned, half of it, none of it, none of it and a fever, or more than was planned), are
counted again after 2, 6 and 12 months, and `follicast review` judges each count.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from follicast.decisions.planning.shedding import early_shedding
from follicast.decisions.planning.stopping import with_doses
from follicast.decisions.planning.stored_forecast import Forecaster, Role, StoredForecast, series_key, stored_forecast
from follicast.decisions.reviewing.reading import Reviewer
from follicast.inference import refine
from follicast.inference.forecast import PlannedLine, Regimen, Stage, outlook_days
from follicast.inference.history import live_through, past_therapies, telling_sites
from follicast.inference.rank_check import ZONE, virtual_facts
from follicast.inference.refine import Posterior
from follicast.inference.reweight import error_sds
from follicast.inference.written_record import written_record
from follicast.knowledge.load import Knowledge
from follicast.knowledge.review_rule import review_rule
from follicast.people.beliefs import named_normals
from follicast.people.person import Insult, Measurement, Person
from follicast.people.population import prior_latents
from follicast.people.readings import RANGES
from follicast.quantities import DAYS_PER_YEAR

Floats = npt.NDArray[np.float64]
Story = Literal["as planned", "half of the doses", "not taken", "not taken, and a fever", "more than planned"]

STORIES: Final[tuple[Story, ...]] = (
    *("as planned",) * 12,
    *("half of the doses",) * 2,
    *("not taken",) * 3,
    "not taken, and a fever",
    *("more than planned",) * 2,
)
"""Of twenty people, in order of their numbers."""
MONTHS: Final = (2, 6, 12)
_MORE: Final = {"male": "finasteride-oral", "female": "minoxidil-oral"}
_FEVER_DAY: Final = 75
_HORIZON_DAYS: Final = 365
_DAYS_PER_MONTH: Final = DAYS_PER_YEAR / 12.0
# Hairs/cm2 below which nobody counts.
_FEWEST_HAIRS: Final = 20.0
# One in so many is counted without a marked site.
_UNMARKED: Final = 4


@dataclass(frozen=True)
class Visit:
    """One later count: what was true, what was read, and what was said.

    `change` is the true change in hairs/cm2, `rank` the share of the forecast's draws (without error) with a smaller
    one, `read` the measured change and `smallest` the smallest detectable one.
    """

    month: int
    change: float
    rank: float
    read: float
    smallest: float
    verdict: str
    lower: float
    odds: float
    telling: float


@dataclass(frozen=True)
class CheckedReview:
    """One virtual person with their visits."""

    number: int
    story: Story
    sex: str
    plan: str
    marked: bool
    trustworthy: bool
    visits: tuple[Visit, ...]


@dataclass(frozen=True)
class _Truth:
    """A virtual person as a file would have them, and what really happens: true counts at baseline and each visit."""

    person: Person
    baseline: float
    later: tuple[float, ...]
    site_error: float


def story_of(number: int) -> Story:
    """What virtual person `number` does."""
    return STORIES[number % len(STORIES)]


def planned(person: Person, number: int, knowledge: Knowledge) -> tuple[str, Regimen]:
    """The plan that is judged: minoxidil or, for two men of three, finasteride or both."""
    names: tuple[str, ...] = ("minoxidil-topical-5",)
    if person.sex == "male":
        names = (("minoxidil-topical-5",), ("finasteride-oral",), ("finasteride-oral", "minoxidil-topical-5"))[
            (number // len(STORIES)) % 3
        ]
    share = knowledge.parameters["adherence.plan"].value
    return "+".join(names), Regimen(tuple(PlannedLine(name, 0, None, share) for name in names))


def _lived(story: Story, person: Person, plan: Regimen) -> Regimen:
    """What is really done."""
    if story == "half of the doses":
        return with_doses(plan, 0.5 * plan.lines[0].adherence)
    if story in ("not taken", "not taken, and a fever"):
        return Regimen()
    if story == "more than planned":
        held = {line.therapy for line in plan.lines}
        more = _MORE[person.sex] if _MORE[person.sex] not in held else "dutasteride-oral"
        return replace(plan, lines=(*plan.lines, PlannedLine(more, 0, None, 1.0)))
    return plan


def _alone(number: int, seed: int) -> Posterior:
    who = np.array([number])
    return Posterior(who, prior_latents(seed, who), np.ones(1), 1.0, None, 0, 1)


def _truth(number: int, marked: bool, knowledge: Knowledge, seed: int) -> _Truth:
    """A virtual person; one whom nobody would count makes place for another, by the record alone."""
    for own in count(seed):
        template = virtual_facts("sparse", number, own)
        asked = Measurement(
            template.as_of, ZONE, "nonvellus_density", 0.0, 30.0, 1.0, "phototrichogram", None, matched_site=False
        )
        template = replace(template, measurements=(asked,))
        one, sites = _alone(number, own), telling_sites(template)
        ((scene, readings),) = live_through(
            template, knowledge, past_therapies(template), own, one.number, one.latents, sites
        )
        person = written_record(template, readings, scene.members, knowledge, own)
        story = story_of(number)
        strained = story == "not taken, and a fever"
        insults = (Insult(person.as_of + timedelta(days=_FEVER_DAY), "fever"),) if strained else ()
        stage = Stage(replace(template, insults=insults), knowledge, one, own, sites=sites)
        true = float(stage.told()[0][0])
        site, visit = error_sds(asked, knowledge)
        site_error = site * _normal(own, number, "review.site")
        read = true + site_error + visit * _normal(own, number, "review.visit.0")
        if not _FEWEST_HAIRS <= read <= RANGES["nonvellus_density"][1]:
            continue
        _, plan = planned(person, number, knowledge)
        days = np.array([0, *(round(m * _DAYS_PER_MONTH) for m in MONTHS)], np.int64)
        later = stage.outlook(_lived(story, person, plan), _HORIZON_DAYS, days).nonvellus[1:, 0]
        written = replace(person, measurements=(replace(asked, value=read),))
        return _Truth(written, true, tuple(later.tolist()), site_error if marked else math.nan)
    raise AssertionError("there is always another person")


def _normal(seed: int, number: int, name: str) -> float:
    return float(named_normals(seed, np.array([number]), name)[0])


def forecast_of(
    person: Person, plan: str, regimen: Regimen, knowledge: Knowledge, seed: int
) -> tuple[Posterior, StoredForecast]:
    """The real fit and the real stored forecast of one person, read at the vertex only."""
    posterior = refine.fit(person, knowledge, seed, _silent)
    stage = Stage(person, knowledge, posterior, seed, sites=telling_sites(person))
    forecaster = Forecaster(person, knowledge, lambda _: stage, posterior)
    forecaster.keys = [series_key(person.measurements[0])]
    window = early_shedding(
        stage.outlook(regimen, _HORIZON_DAYS), stage.outlook(Regimen(), _HORIZON_DAYS), posterior.weights
    )
    courses: list[tuple[Role, str, str, Regimen]] = [
        ("nothing", "none", "Nothing", Regimen()),
        ("plan", plan, plan, regimen),
    ]
    shedding = {} if window is None else {plan: window}
    return posterior, stored_forecast(forecaster, posterior, seed, courses, shedding, True, _HORIZON_DAYS)


def check_review(number: int, knowledge: Knowledge, seed: int) -> CheckedReview:
    """Virtual person `number`: draw, read, fit, forecast, live on as the story says, count again, judge."""
    truth_seed, fit_seed = (int(s) for s in np.random.SeedSequence([seed, number]).generate_state(2, np.uint32))
    marked = number % _UNMARKED != _UNMARKED - 1
    truth = _truth(number, marked, knowledge, truth_seed)
    person = truth.person
    plan, regimen = planned(person, number, knowledge)
    posterior, forecast = forecast_of(person, plan, regimen, knowledge, fit_seed)
    visits = tuple(_visit(k, truth, forecast, marked, number, knowledge, truth_seed) for k in range(len(MONTHS)))
    return CheckedReview(number, story_of(number), person.sex, plan, marked, posterior.trustworthy, visits)


def _visit(
    k: int, truth: _Truth, forecast: StoredForecast, marked: bool, number: int, knowledge: Knowledge, seed: int
) -> Visit:
    """One later count, read with its errors and judged."""
    first = truth.person.measurements[0]
    day = round(MONTHS[k] * _DAYS_PER_MONTH)
    site, visit = error_sds(first, knowledge)
    here = truth.site_error if marked else site * _normal(seed, number, f"review.site.{k + 1}")
    read = max(0.0, truth.later[k] + here + visit * _normal(seed, number, f"review.visit.{k + 1}"))
    m = replace(first, date=forecast.as_of + timedelta(days=day), value=read, matched_site=marked)
    reviewer = Reviewer(forecast, replace(truth.person, as_of=m.date), (m,), knowledge, review_rule())
    found = reviewer.read(m)
    assert found.verdict is not None
    assert found.lower is not None
    assert found.odds is not None
    assert found.telling is not None
    change = truth.later[k] - truth.baseline
    row = int(np.searchsorted(outlook_days(_HORIZON_DAYS), day))
    draws = np.array(reviewer.plan.series[0].values[row]) - np.array(forecast.baseline[0].expected)
    return Visit(
        month=MONTHS[k],
        change=change,
        rank=float(np.mean(draws < change)),
        read=read - first.value,
        smallest=found.smallest_change or math.nan,
        verdict=found.verdict,
        lower=found.lower,
        odds=found.odds,
        telling=found.telling,
    )


def _silent(_step: str, _done: float) -> None:
    """Says nothing."""
