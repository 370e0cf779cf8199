"""Two follicles of the person's twin from before today: one of the goal zone that shrank, one of the donor area."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from follicast.biology.follicle import ANAGEN, LOST
from follicast.decisions.planning.workbench import Arrays, Workbench
from follicast.quantities import DAYS_PER_YEAR

Floats = npt.NDArray[np.float64]
Place = Literal["goal", "donor"]

YEARS: Final = 12
STEP_DAYS: Final = 45
_DONOR: Final = "occipital-donor"
# Which follicle of a zone is shown: the one that this share of them is thinner than.
_SHARE: Final[dict[Place, float]] = {"goal": 0.25, "donor": 0.5}
_LEAST_STARTS: Final = 2


@dataclass(frozen=True, slots=True)
class FollicleLife:
    """One follicle on days before today.

    Attributes:
        days: before today, negative, in order, the last 0.
        phase: as in `biology.follicle.PHASES`.
        diameter_um: of its hair; 0 where none is out.
        length_mm: of its hair out of the skin, never cut.
    """

    days: npt.NDArray[np.int64]
    phase: npt.NDArray[np.int8]
    diameter_um: Floats
    length_mm: Floats


def follicle_lives(bench: Workbench, member: int) -> dict[Place, FollicleLife]:
    """What one follicle at the goal zone and one at the back of the head of this member went through.

    A goal zone that is the donor area itself has one follicle only.
    """
    places: dict[Place, str] = {"goal": bench.person.goal_zone, "donor": _DONOR}
    if bench.person.goal_zone == _DONOR:
        del places["goal"]
    span = min(float(YEARS), bench.person.age_years - 12.0) * DAYS_PER_YEAR
    days = np.arange(-int(span // STEP_DAYS) * STEP_DAYS, 1, STEP_DAYS)
    found = bench.kept(("lives", member, days.tolist(), places), lambda: _lived(bench, member, days, places))
    names = [f.name for f in fields(FollicleLife) if f.name != "days"]
    return {place: FollicleLife(days, *(found[f"{place} {name}"] for name in names)) for place in places}


def _lived(bench: Workbench, member: int, days: npt.NDArray[np.int64], places: dict[Place, str]) -> Arrays:
    course, follicles, sites, row = bench.stage().remembered(member, days)
    found: Arrays = {}
    for place, zone in places.items():
        site = next(index for index, known in enumerate(sites) if known.zone == zone)
        native = (follicles.person == row) & (follicles.site == site) & np.isneginf(follicles.placed_day)
        starts = ((course.phase[1:] == ANAGEN) & (course.phase[:-1] != ANAGEN)).sum(axis=0)
        alive = native & (course.phase[-1] < LOST)
        telling = np.flatnonzero(alive & (starts >= _LEAST_STARTS))
        telling = telling if telling.size else np.flatnonzero(alive if alive.any() else native)
        sizes = course.size[-1, telling] * follicles.native_um[telling]
        one = telling[np.argsort(sizes, kind="stable")[int(_SHARE[place] * (telling.size - 1))]]
        for name in ("phase", "diameter_um", "length_mm"):
            found[f"{place} {name}"] = getattr(course, name)[:, one]
    return found
