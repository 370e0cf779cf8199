"""People and their readings, for the tests of this folder."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from follicast.inference.history import live_through, sites_for
from follicast.knowledge.load import Knowledge
from follicast.measurement.instruments import Readings
from follicast.people.person import Measurement, Person, Quantity
from follicast.people.population import Population, prior_latents
from follicast.quantities import ZONES

TODAY = date(2026, 11, 20)
VERTEX = ZONES.index("vertex")
MAN = Person(as_of=TODAY, label="", sex="male", age_years=35.0, ancestry="caucasian", years_of_loss=(4.0, 5.0))


def reading(
    value: float,
    days_ago: int = 0,
    quantity: Quantity = "total_density",
    zone: str | None = "vertex",
    threshold: float | None = None,
    sd: float | None = None,
    matched: bool = False,
) -> Measurement:
    """One reading of 1 cm2 by an unnamed method."""
    when = TODAY - timedelta(days=days_ago)
    return Measurement(when, zone, quantity, value, threshold, 1.0, None, sd, matched)


def man(*readings: Measurement, **changes: object) -> Person:
    return replace(MAN, measurements=readings, **changes)  # type: ignore[arg-type]


def lived(person: Person, knowledge: Knowledge, members: int, seed: int = 0) -> tuple[Population, Readings]:
    """Members of the prior, all of them, with their readings on the person's visit days."""
    numbers = np.arange(members)
    scenes = list(live_through(person, knowledge, (), seed, numbers, prior_latents(seed, numbers), sites_for(person)))
    assert len(scenes) == 1
    return scenes[0][0].members, scenes[0][1]


def spread(values: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """Weighted mean and standard deviation."""
    mean = float(weights @ values)
    return mean, float(np.sqrt(weights @ (values - mean) ** 2))


def in_order(values: Sequence[float]) -> bool:
    return all(a < b for a, b in pairwise(values))
