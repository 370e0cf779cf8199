"""Groups of virtual people simulated the way a study would have met them, for comparison with published facts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.biology.scalp import Site, place_follicles
from follicast.biology.simulate import Drives, Pulses, begin, simulate
from follicast.biology.treatment import Line, build_clocks
from follicast.knowledge.load import Knowledge
from follicast.knowledge.number import Prior
from follicast.measurement.grades import grade_log_probabilities, graded_zones, visible_loss
from follicast.measurement.instruments import Readings, coverage_score, read
from follicast.people.person import Person, Sex
from follicast.people.population import LATENTS, Population, draw_population, prior_latents
from follicast.quantities import DAYS_PER_YEAR

Floats = npt.NDArray[np.float64]

# Facts are compared without a season: studies were read at all times of the year.
_ANY_DATE: Final = date(2026, 1, 1)
NEVER: Final = {"onset": 4.0}
"""Latents of people whose hair loss begins beyond any age: healthy scalp."""


@dataclass(frozen=True)
class Cohort:
    """People of a study and what was read of them; `readings` is [day, person, site]."""

    members: Population
    readings: Readings


def settled(knowledge: Knowledge) -> Knowledge:
    """The same knowledge with every parameter at its value: people then differ by their traits only."""
    fixed = {name: replace(number, prior=Prior("fixed", ())) for name, number in knowledge.parameters.items()}
    return replace(knowledge, parameters=fixed)


def person_of(sex: Sex, age: float, ancestry: str = "caucasian", years: tuple[float, float] | None = None) -> Person:
    """A study's typical participant."""
    return Person(as_of=_ANY_DATE, label="", sex=sex, age_years=age, ancestry=ancestry, years_of_loss=years)


def cohort(
    knowledge: Knowledge,
    person: Person,
    people: int,
    sites: Sequence[Site],
    days: Sequence[float] = (0.0,),
    latents: Mapping[str, float] | Floats | None = None,
    therapy: str | None = None,
    sessions: Sequence[float] = (),
    seed: int = 0,
) -> Cohort:
    """People like `person`, simulated to each of `days` from now, treated from now on if a therapy is named.

    Args:
        knowledge: in force.
        person: sex, age, ancestry, years of loss.
        people: how many.
        sites: where to look.
        days: days from now at which to read, rising, none negative.
        latents: latents to force by name, or the whole matrix [people, LATENTS].
        therapy: taken in full from now on.
        sessions: days from now of its sessions, for a therapy given in sessions.
        seed: of the draws.

    Returns:
        Who they are and what was read.
    """
    members = np.arange(people)
    z = prior_latents(seed, members) if not isinstance(latents, np.ndarray) else latents
    if isinstance(latents, Mapping):
        for name, value in latents.items():
            z[:, LATENTS.index(name)] = value
    drawn = draw_population(person, knowledge, () if therapy is None else (therapy,), seed, members, z)
    follicles = place_follicles(seed, drawn.scalps, sites)
    length = drawn.today + math.ceil(max(days)) + 1
    held = tuple(drawn.today + day for day in sessions)
    lines = [] if therapy is None else [Line(0, float(drawn.today), math.inf, 1.0, held)]
    clocks = build_clocks(drawn.pharmacy, drawn.drives, lines, np.zeros(length))
    drives = Drives(drawn.rates, clocks, Pulses.none(people))
    course = simulate(follicles, drives, begin(follicles, drawn.rates), np.array(days) + drawn.today)
    return Cohort(drawn, read(course, follicles, drawn.rates, sites))


def losses(group: Cohort, knowledge: Knowledge, row: int = 0) -> Floats:
    """Visible loss by person and zone; the cohort's sites must be the graded zones in their order."""
    p = knowledge.parameters
    score = coverage_score(group.readings.ttcc[row], p["coverage.intercept"], p["coverage.slope"], p["coverage.full"])
    return visible_loss(score, p["coverage.full"].value)


def norwood_probabilities(group: Cohort, knowledge: Knowledge) -> Floats:
    """Probability of each Norwood-Hamilton grade by person."""
    return np.exp(grade_log_probabilities("norwood-hamilton", losses(group, knowledge), group.members.grade_tolerance))


def graded_sites(area_cm2: float) -> tuple[Site, ...]:
    """One site in each graded zone."""
    return tuple(Site(zone, area_cm2) for zone in graded_zones())


def years(*values: float) -> tuple[float, ...]:
    """Years as days."""
    return tuple(DAYS_PER_YEAR * value for value in values)


def twin_latents(seed: int, pairs: int, shared: float, heritability: float) -> tuple[Floats, Floats]:
    """Latents of twin pairs: every trait is sqrt(h2) genes + sqrt(1 - h2) own; `shared` is the genetic correlation."""
    draws = [prior_latents(seed + k, np.arange(pairs)) for k in range(5)]
    common, first, second, own_first, own_second = draws
    keep, rest = math.sqrt(shared), math.sqrt(1.0 - shared)
    genes, luck = math.sqrt(heritability), math.sqrt(1.0 - heritability)
    return (
        genes * (keep * common + rest * first) + luck * own_first,
        genes * (keep * common + rest * second) + luck * own_second,
    )
