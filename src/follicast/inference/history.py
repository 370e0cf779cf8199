"""An ensemble lives this person's own past: the same treatments, operations and insults, on the same days.

A `Scene` is a handful of members as they stand today, ready for any future. Scenes are made in groups small enough that
memory stays bounded whatever the number of members, and each is the same however it is grouped.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.biology.follicle import ANAGEN
from follicast.biology.scalp import Site, Transplant, place_follicles
from follicast.biology.simulate import Drives, Follicles, Pulses, State, begin, simulate
from follicast.biology.treatment import Line, build_clocks
from follicast.knowledge.load import Knowledge
from follicast.knowledge.therapy import EmaxExposure, SessionExposure
from follicast.measurement.grades import graded_zones
from follicast.measurement.instruments import Readings, read
from follicast.people import person as people
from follicast.people.beliefs import believed
from follicast.people.person import Person
from follicast.people.population import Population, draw_population
from follicast.quantities import ZONES

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Members simulated together hold about this many bytes of clocks.
_CLOCK_BYTES: Final = 96e6
_BYTES_PER_DAY: Final = 2 * 8 * 8
WINDOW_DAYS: Final = 61
YEAR_DAYS: Final = 365
_MEASURED_CM2: Final = 1.0
_OTHER_CM2: Final = 0.6
# Too small for a follicle.
_BARE_CM2: Final = 1e-9
# Recipient zones when the person does not know them: the usual ones.
_USUAL_RECIPIENT: Final = ("frontal-hairline", "mid-scalp", "vertex")


@dataclass(frozen=True)
class Scene:
    """A group of members today: who they are, their follicles and state, and the lines of treatment lived so far."""

    members: Population
    follicles: Follicles
    state: State
    sites: tuple[Site, ...]
    past: tuple[Line, ...]


def sites_for(person: Person) -> tuple[Site, ...]:
    """One site a zone: 1 cm2 where the person was measured or wants to be judged, smaller elsewhere."""
    large = {m.zone for m in person.measurements} | {person.goal_zone}
    return tuple(Site(zone, _MEASURED_CM2 if zone in large else _OTHER_CM2) for zone in ZONES)


def telling_sites(person: Person) -> tuple[Site, ...]:
    """The sites of `sites_for`, bare of follicles where nothing was read: for who asks about the goal zone only."""
    read_at = {m.zone for m in person.measurements} | {person.goal_zone}
    if person.grades:
        read_at |= set(graded_zones())
    if any(m.zone is None for m in person.measurements):
        read_at |= set(ZONES)
    return tuple(site if site.zone in read_at else Site(site.zone, _BARE_CM2) for site in sites_for(person))


def goal_sites(person: Person) -> tuple[Site, ...]:
    """The sites of `sites_for`, bare of follicles everywhere but at the goal zone, whose follicles stay the same."""
    return tuple(site if site.zone == person.goal_zone else Site(site.zone, _BARE_CM2) for site in sites_for(person))


def visit_days(person: Person) -> list[int]:
    """Days relative to today (0) on which something was read.

    Each has a day two months before it for what is shed, and today one a year before it for the balance of the pool.
    """
    dates = {m.date for m in person.measurements} | {g.date for g in person.grades}
    days = {int(person.day(when)) for when in dates} | {0}
    return sorted(days | {day - WINDOW_DAYS for day in days} | {-YEAR_DAYS})


def past_therapies(person: Person) -> tuple[str, ...]:
    """Therapies of the person's past, in the order of first use."""
    return tuple(dict.fromkeys(t.therapy for t in person.treatments if t.therapy != "transplant"))


def usual_dose(person: Person, knowledge: Knowledge, therapy: str) -> float:
    """What somebody like this person is given of a therapy's full daily dose: women less where it says so."""
    exposure = knowledge.therapies[therapy].exposure
    if person.sex == "male" or not isinstance(exposure, EmaxExposure) or exposure.female_dose_share is None:
        return 1.0
    return exposure.female_dose_share.value


def past_lines(person: Person, knowledge: Knowledge, ids: Sequence[str], today: int) -> tuple[Line, ...]:
    """The person's treatments so far as lines on the run's axis; unknown adherence takes the believed value."""
    lines = []
    for t in person.lived:
        if t.therapy not in ids:
            continue
        start = today + person.day(t.start)
        stop = math.inf if t.end is None else today + person.day(t.end)
        adherence = knowledge.parameters["adherence.unknown"].value if t.adherence is None else t.adherence
        sessions = tuple(today + person.day(when) for when in t.sessions)
        exposure = knowledge.therapies[t.therapy].exposure
        if isinstance(exposure, SessionExposure) and not sessions:
            gap = exposure.interval_target_days.value
            last = min(stop, float(today))
            sessions = tuple(np.arange(start, last + 1.0, gap)[: int(exposure.sessions.value)].tolist())
        dose = usual_dose(person, knowledge, t.therapy)
        lines.append(Line(ids.index(t.therapy), start, stop, adherence, sessions, dose=dose))
    return tuple(lines)


def operations(
    person: Person,
    knowledge: Knowledge,
    seed: int,
    members: Ints,
    today: int,
    planned: Sequence[people.Transplant] = (),
) -> list[Transplant]:
    """Transplants so far and planned, as the scalp understands them, with each member's graft survival."""
    graft = knowledge.therapies["transplant"].graft
    if graft is None:
        return []
    area = {zone: knowledge.parameters[f"zone.area.{zone}"].value for zone in ZONES}
    made = []
    for number, t in enumerate((*person.transplants, *planned)):
        zones = t.zones or _USUAL_RECIPIENT
        grafts = float(t.grafts or graft.grafts_first_session.value)
        parts: tuple[tuple[str, float], ...] = t.grafts_by_zone or tuple(
            (zone, grafts * area[zone] / sum(area[z] for z in zones)) for zone in zones
        )
        survival = believed(graft.survival, f"transplant.{number}.survival", seed, members, knowledge.shared)
        if t.survival is not None:
            survival = np.full(members.size, t.survival)
        median = believed(graft.growth_in_median_days, "transplant.growth_in", seed, members, knowledge.shared)
        for zone, share in parts:
            made.append(
                Transplant(
                    # One from before the run begins has grown in by the time anybody looks.
                    day=max(0.0, today + person.day(t.date)),
                    hairs=share * graft.hairs_per_graft.value,
                    zones=(zone,),
                    areas_cm2=(area[zone],),
                    donor_area_cm2=area["occipital-donor"],
                    survival=survival,
                    growth_in_log_median=np.log(median),
                    growth_in_sd=graft.growth_in_sd_log.value,
                )
            )
    return made


def _pulses(person: Person, knowledge: Knowledge, population: Population) -> Pulses:
    days = np.array([population.today + person.day(i.date) for i in person.insults])
    spread = np.full(days.size, knowledge.parameters["insult.spread"].value)
    share = np.repeat(population.insult_share[:, None], days.size, axis=1)
    return Pulses(days, np.full(days.size, ANAGEN, np.int64), share, spread)


def drives_of(
    scene_members: Population, person: Person, knowledge: Knowledge, lines: Sequence[Line], days: int
) -> Drives:
    """Drives of these members under these lines for that many days of the run's axis."""
    clocks = build_clocks(scene_members.pharmacy, scene_members.drives, lines, scene_members.season(days))
    return Drives(scene_members.rates, clocks, _pulses(person, knowledge, scene_members))


def group_size(person: Person, knowledge: Knowledge, horizon_days: int) -> int:
    """Members to simulate together so that their clocks fit the memory set aside."""
    years = person.age_years - knowledge.parameters["onset.earliest"].value
    if person.years_of_loss is not None:
        years = min(years, person.years_of_loss[1] * 1.2 + 1.0)
    return max(8, int(_CLOCK_BYTES / (_BYTES_PER_DAY * (365.25 * max(years, 1.0) + horizon_days))))


def live_through(
    person: Person,
    knowledge: Knowledge,
    ids: Sequence[str],
    seed: int,
    members: Ints,
    latents: Floats,
    sites: Sequence[Site],
    planned: Sequence[people.Transplant] = (),
) -> Iterator[tuple[Scene, Readings]]:
    """Simulate members from before their onset to today, group by group.

    Args:
        person: whose past they live.
        knowledge: in force.
        ids: therapies in play, past and planned.
        seed: of the run.
        members: member numbers [n].
        latents: their latents [n, LATENTS].
        sites: where to look.
        planned: transplants still to come, whose grafts must have a place.

    Yields:
        For each group of members, the scene today and the readings on `visit_days` (the last is today).
    """
    step = group_size(person, knowledge, 0)
    relative = visit_days(person)
    for first in range(0, members.size, step):
        part = slice(first, first + step)
        population = draw_population(person, knowledge, ids, seed, members[part], latents[part])
        moved = operations(person, knowledge, seed, population.number, population.today, planned)
        follicles = place_follicles(seed, population.scalps, sites, moved)
        past = past_lines(person, knowledge, ids, population.today)
        drives = drives_of(population, person, knowledge, past, population.today + 1)
        days = np.maximum(np.array(relative, float) + population.today, 0.0)
        course = simulate(follicles, drives, begin(follicles, population.rates), days)
        yield (
            Scene(population, follicles, course.state, tuple(sites), past),
            read(course, follicles, population.rates, sites),
        )


def visit_index(person: Person) -> Mapping[int, int]:
    """Row of the readings for each day relative to today."""
    return {day: row for row, day in enumerate(visit_days(person))}
