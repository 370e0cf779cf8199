"""What happens without treatment: who has lost how much at which age, what stays empty, and what the year does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.biology.scalp import Site, place_follicles
from follicast.biology.simulate import Drives, Pulses, begin, simulate
from follicast.biology.treatment import build_clocks
from follicast.inference.cohorts import NEVER, cohort, graded_sites, norwood_probabilities, person_of, years
from follicast.inference.store import Store, key_of
from follicast.knowledge.load import Knowledge
from follicast.measurement.instruments import phototrichogram_anagen, read
from follicast.people.population import LATENTS, draw_population, prior_latents
from follicast.quantities import DAYS_PER_YEAR

Floats = npt.NDArray[np.float64]
Progress = Callable[[str, float], None]

AGES: Final = (20.0, 23.5, 30.0, 37.0, 44.5, 52.0, 60.0, 70.0)
KENOGEN_YEARS: Final = (0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0)
MONTHS: Final = 12
_THIRD_GRADE: Final = 3


@dataclass(frozen=True)
class History:
    """Means of people like these, one row a joint draw, in percent.

    `grade3[draw, age]` is the share of men at Norwood III or more; `kenogen[draw, year]` the share of follicles that
    are empty in women followed from 1 to 3 years of loss; `telogen[draw, kind, month]` what a phototrichogram reads in
    healthy men of 27 (0) and at the vertex of men with pattern loss (1) in the middle of each month.
    """

    grade3: Floats
    kenogen: Floats
    telogen: Floats


def live(knowledge: Knowledge, draws: int, people: int, seed: int, progress: Progress) -> History:
    """Lives the natural history for some joint draws.

    Args:
        knowledge: with its joint draws.
        draws: how many to use.
        people: in each group.
        seed: of the people.
        progress: called with a step's name and the fraction done.

    Returns:
        The means by draw.
    """
    shared = knowledge.shared
    store = Store.for_user()
    place = np.linspace(0, shared.draws - 1, min(draws, shared.draws)).astype(int)
    key = key_of("history", knowledge.hash, shared.names, shared.z[place].round(9).tobytes().hex(), people, seed, AGES)
    kept = store.get(key)
    if kept is None:
        parts: dict[str, list[Floats]] = {"grade3": [], "kenogen": [], "telogen": []}
        for done, draw in enumerate(place):
            progress("Natural history", done / place.size)
            here = replace(knowledge, shared=shared.at(int(draw)))
            parts["grade3"].append(_grades(here, people, seed))
            parts["kenogen"].append(_kenogen(here, people, seed))
            parts["telogen"].append(np.stack([_telogen(here, people, seed, healthy) for healthy in (True, False)]))
        kept = {name: np.stack(values) for name, values in parts.items()}
        store.put(key, kept)
    progress("Natural history", 1.0)
    return History(*(np.asarray(kept[name]) for name in ("grade3", "kenogen", "telogen")))


def _grades(knowledge: Knowledge, people: int, seed: int) -> Floats:
    shares = []
    for age in AGES:
        group = cohort(knowledge, person_of("male", age), people, graded_sites(0.4), seed=seed)
        shares.append(100.0 * norwood_probabilities(group, knowledge)[:, _THIRD_GRADE:].sum(axis=1).mean())
    return np.array(shares)


def _kenogen(knowledge: Knowledge, people: int, seed: int) -> Floats:
    who = person_of("female", 40.0, years=(1.0, 3.0))
    group = cohort(knowledge, who, people, (Site("mid-scalp", 0.5),), days=years(*KENOGEN_YEARS), seed=seed)
    return np.asarray(100.0 * group.readings.kenogen_share.mean(axis=(1, 2)))


def _telogen(knowledge: Knowledge, people: int, seed: int, healthy: bool) -> Floats:
    """Resting share by month of the last of three years, read as a phototrichogram reads it."""
    who = person_of("male", 27.0) if healthy else person_of("male", 33.0, years=(2.0, 14.0))
    z = prior_latents(seed, np.arange(people))
    if healthy:
        for name, value in NEVER.items():
            z[:, LATENTS.index(name)] = value
    drawn = draw_population(who, knowledge, (), seed, np.arange(people), z)
    sites = (Site("vertex", 1.0),)
    follicles = place_follicles(seed, drawn.scalps, sites)
    length = drawn.today + round(3.0 * DAYS_PER_YEAR)
    clocks = build_clocks(drawn.pharmacy, drawn.drives, (), drawn.season(length + 1))
    new_year = length - DAYS_PER_YEAR - (drawn.first_day_of_year + length) % DAYS_PER_YEAR
    days = new_year + DAYS_PER_YEAR * (np.arange(MONTHS) + 0.5) / MONTHS
    drives = Drives(drawn.rates, clocks, Pulses.none(people))
    seen = read(simulate(follicles, drives, begin(follicles, drawn.rates), days), follicles, drawn.rates, sites)
    anagen = np.stack(
        [
            phototrichogram_anagen(seen.anagen_share[k], seen.slowness[k], drawn.slow_misread)[:, 0]
            for k in range(MONTHS)
        ]
    )
    return np.asarray(100.0 * (1.0 - anagen.mean(axis=1)))
