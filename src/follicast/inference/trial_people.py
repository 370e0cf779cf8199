"""The people of a trial: drawn to its inclusion, living untreated to its first day, then playing each of its arms.

Every arm starts from the same people in the same state with the same draws still to come, so a difference between arms
is the effect of what differs between them, and people who are simulated once serve every arm of every trial like it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from follicast.biology.follicle import ANDROGEN_DOSE
from follicast.biology.scalp import Site, place_follicles
from follicast.biology.simulate import Course, Drives, Follicles, Pulses, State, begin, simulate
from follicast.biology.treatment import DOSE_BEFORE, ONSET_DAY, Line, build_clocks
from follicast.inference.cohorts import person_of
from follicast.knowledge.load import Knowledge
from follicast.knowledge.trial import Arm, Participants, TrialRow
from follicast.measurement.grades import graded_zones, patterns, visible_loss
from follicast.measurement.instruments import coverage_score, read
from follicast.people.person import Sex
from follicast.people.population import Population, draw_population, prior_latents
from follicast.quantities import DAYS_PER_WEEK

Floats = npt.NDArray[np.float64]

# Trials take people whose loss has run for some years; nobody reports how many.
_YEARS_OF_LOSS: Final = (2.0, 14.0)
_YOUNGEST_ONSET: Final = 16.0
_AREA_CM2: Final = 0.6
# Trials share people of the nearest of these ages: with the years of loss given, age itself changes little.
_AGES: Final = (32.0, 46.0, 60.0, 74.0)
# Total hairs/cm2 at which a trial's target area is chosen: thin, not bare and not full; the edges are soft.
ENTRY: Final = (110.0, 250.0)
_EDGE: Final = 8.0
# A published baseline is met by tilting the people towards it, this many standard deviations at most.
_MOST_TILT: Final = 1.5
# Day of the trial's start on the people's own axis: the day before it is untreated.
START: Final = 1.0
_USUAL_ANCESTRY: Final = "caucasian"
# Variants of each stage, I to VII; a range reaches from its least to its most affected variant.
_STAGES: Final = (("I",), ("II", "IIa"), ("III", "IIIa", "IIIvertex"), ("IV", "IVa"), ("V", "Va"), ("VI",), ("VII",))


@dataclass(frozen=True, slots=True)
class Setup:
    """Kind of people that trials share: one sex, an age group, an ancestry."""

    sex: Sex
    age: float
    ancestry: str


def setups_of(who: Participants) -> tuple[Setup, ...]:
    """The kinds of people of a trial; one of both sexes has two, counted alike."""
    age = min(_AGES, key=lambda usual: abs(usual - who.age))
    sexes: tuple[Sex, ...] = ("male", "female") if who.sex == "mixed" else (who.sex,)
    return tuple(Setup(sex, age, who.ancestry or _USUAL_ANCESTRY) for sex in sexes)


@dataclass(frozen=True)
class Standing:
    """People on the first day of their trials. `therapies` names the rows of their pharmacy."""

    members: Population
    follicles: Follicles
    state: State
    sites: tuple[Site, ...]
    therapies: tuple[str, ...]
    first: Course

    def site(self, zone: str) -> int:
        """Index of the site in a zone."""
        return [site.zone for site in self.sites].index(zone)


def stand(
    knowledge: Knowledge, setup: Setup, zones: Sequence[str], therapies: Sequence[str], people: int, seed: int
) -> Standing:
    """People of a kind with pattern loss, simulated untreated until the day on which trials begin.

    Args:
        knowledge: in force.
        setup: the kind.
        zones: where they will be read.
        therapies: that arms will name.
        people: how many.
        seed: of their draws.

    Returns:
        Them, on an axis whose day `START` is the first of the trial.
    """
    sites = tuple(Site(zone, _AREA_CM2) for zone in zones)
    return stand_on(knowledge, setup, sites, therapies, np.arange(people), seed)


def stand_on(
    knowledge: Knowledge,
    setup: Setup,
    sites: tuple[Site, ...],
    therapies: Sequence[str],
    numbers: npt.NDArray[np.int64],
    seed: int,
) -> Standing:
    """As `stand`, for people of these numbers on these sites; a person is the same whoever stands beside."""
    people = numbers.size
    most = max(_YEARS_OF_LOSS[0] + 1.0, min(_YEARS_OF_LOSS[1], setup.age - _YOUNGEST_ONSET))
    who = person_of(setup.sex, setup.age, setup.ancestry, (_YEARS_OF_LOSS[0], most))
    drawn = draw_population(who, knowledge, therapies, seed, numbers, prior_latents(seed, numbers))
    follicles = place_follicles(seed, drawn.scalps, sites)
    clocks = build_clocks(drawn.pharmacy, drawn.drives, (), np.zeros(drawn.today + 1))
    drives = Drives(drawn.rates, clocks, Pulses.none(people))
    course = simulate(follicles, drives, begin(follicles, drawn.rates), np.array([float(drawn.today)]))
    shift = drawn.today - START
    persons = drawn.drives.copy()
    persons[:, ONSET_DAY] -= shift
    persons[:, DOSE_BEFORE] = clocks[:, 0, int(shift), ANDROGEN_DOSE]
    members = replace(drawn, drives=persons, today=int(START))
    state = course.state
    moved = replace(
        state, start=state.start - shift, anagen_start=state.anagen_start - shift, anagen_end=state.anagen_end - shift
    )
    grown = replace(follicles, ageing_day=follicles.ageing_day - shift)
    return Standing(members, grown, moved, sites, tuple(therapies), course)


def lines_of(arm: Arm, therapies: Sequence[str]) -> list[Line]:
    """An arm as lines on the people's axis, taken as the trial prescribed."""
    lines = []
    for use in arm.uses:
        start, stop = (START + DAYS_PER_WEEK * week for week in (use.start_week, use.stop_week))
        sessions = tuple(START + DAYS_PER_WEEK * week for week in use.session_weeks)
        lines.append(Line(therapies.index(use.therapy), start, stop, 1.0, sessions, dose=use.dose))
    return lines


def play(standing: Standing, arm: Arm, weeks: Sequence[float]) -> Course:
    """The people through one arm, seen at these rising weeks after its start."""
    return play_lines(standing, lines_of(arm, standing.therapies), weeks)


def play_lines(standing: Standing, lines: Sequence[Line], weeks: Sequence[float]) -> Course:
    """As `play`, for lines on the people's axis, taken as faithfully as each says."""
    days = START + DAYS_PER_WEEK * np.array(weeks)
    season = np.zeros(math.ceil(days[-1]) + 2)
    m = standing.members
    clocks = build_clocks(m.pharmacy, m.drives, lines, season)
    return simulate(standing.follicles, Drives(m.rates, clocks, Pulses.none(m.size)), standing.state, days)


def stage_weights(
    knowledge: Knowledge, standing: Standing, norwood: tuple[float, float] | None, zones: Sequence[str]
) -> Floats:
    """How well each person fits the range of Norwood-Hamilton stages that a trial took in, by the loss where it read.

    Args:
        knowledge: in force.
        standing: the people, before treatment.
        norwood: lowest and highest stage, 1 to 7; None = any.
        zones: where it read.

    Returns:
        [people], 1 inside the range and falling outside it over a rater's tolerance; all 1 without a range.
    """
    if norwood is None:
        return np.ones(standing.members.size)
    p = knowledge.parameters
    readings = read(standing.first, standing.follicles, standing.members.rates, standing.sites)
    score = coverage_score(readings.ttcc[0], p["coverage.intercept"], p["coverage.slope"], p["coverage.full"])
    loss = visible_loss(score, p["coverage.full"].value)
    stages = patterns("norwood-hamilton")
    weights = np.ones(standing.members.size)
    for zone in zones:
        if zone not in graded_zones():
            continue
        column = graded_zones().index(zone)
        least, most = (
            np.interp(stage, range(1, 8), [edge(stages[name][column] for name in names) for names in _STAGES])
            for stage, edge in zip(norwood, (min, max), strict=True)
        )
        own = loss[:, standing.site(zone)]
        outside = np.maximum(np.maximum(least - own, own - most), 0.0)
        weights = weights * np.exp(-0.5 * (outside / standing.members.grade_tolerance) ** 2)
    return np.asarray(weights)


def entry_weights(
    total: Floats, stage: Floats, read_first: Floats | None = None, baseline: float | None = None
) -> Floats:
    """How much each person counts: those whose target area a trial would take, tilted to its published baseline.

    Args:
        total: total hairs/cm2 of each person before treatment [people].
        stage: how well each fits the stages taken in [people].
        read_first: what the trial reads, before treatment, same shape.
        baseline: its published mean, in the unit of `read_first`.

    Returns:
        Weights [people] that sum to one.
    """
    low, high = ((total - ENTRY[0]) / _EDGE, (ENTRY[1] - total) / _EDGE)
    weights: Floats = stage * expit(low) * expit(high) + 1e-12
    weights /= weights.sum()
    if read_first is None or baseline is None:
        return weights
    mean = float(weights @ read_first)
    spread = math.sqrt(max(float(weights @ (read_first - mean) ** 2), 1e-12))
    standard = (read_first - mean) / spread
    wanted = (baseline - mean) / spread
    low_tilt, high_tilt = -_MOST_TILT, _MOST_TILT
    for _ in range(40):
        tilt = 0.5 * (low_tilt + high_tilt)
        tilted = weights * np.exp(tilt * standard)
        tilted /= tilted.sum()
        if float(tilted @ standard) < wanted:
            low_tilt = tilt
        else:
            high_tilt = tilt
    return np.asarray(tilted)


def zones_by_setup(rows: Sequence[TrialRow]) -> Mapping[Setup, tuple[str, ...]]:
    """Every kind of people that these rows need, and the zones where some row reads them, in order of appearance."""
    zones: dict[Setup, dict[str, None]] = {}
    for row in rows:
        for setup in setups_of(row.who):
            zones.setdefault(setup, {}).update(dict.fromkeys(row.who.zones))
    return {setup: tuple(found) for setup, found in zones.items()}
