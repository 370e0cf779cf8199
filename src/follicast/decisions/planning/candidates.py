"""Which therapies may be compared for this person, and the regimen that each combination means, day by day."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from follicast.inference.forecast import PlannedLine, Regimen
from follicast.knowledge.load import Knowledge
from follicast.knowledge.protocol import protocol_days
from follicast.knowledge.therapy import Graft, SessionExposure, Therapy
from follicast.language import say
from follicast.people.person import Person, Proposal, Transplant
from follicast.quantities import DAYS_PER_YEAR

NONE: Final = "none"
TRANSPLANT: Final = "transplant"

# A session needs an appointment and an operation needs preparing; daily lines start today.
FIRST_SESSION_DAY: Final = 14
OPERATION_DAY: Final = 60


@dataclass(frozen=True)
class Option:
    """One regimen to simulate: its therapies in order, what to call it, and who proposed it (None = we did)."""

    therapies: tuple[str, ...]
    label: str
    regimen: Regimen
    proposal: str | None = None

    @property
    def id(self) -> str:
        """Stable name: the proposal's, or the therapies joined."""
        return self.proposal or "+".join(self.therapies) or NONE


def standing(person: Person, therapy: Therapy) -> float:
    """1 where the therapy stands for hair loss in the person's jurisdiction, 0 where it does not.

    Where the jurisdiction or its status is not known, it stands only if it does in most of those that are.
    """
    own = [s.for_hair for s in therapy.status if s.jurisdiction == person.jurisdiction]
    known = own or [s.for_hair for s in therapy.status]
    return float(2 * sum(known) > len(known))


def compatible(knowledge: Knowledge, names: Sequence[str]) -> bool:
    """No two therapies of one exclusive group."""
    groups = [g for name in names if (g := knowledge.therapies[name].exclusive)]
    return len(groups) == len(set(groups))


def least_interval(therapy: Therapy) -> float:
    """Fewest days between two of its sessions; 0 for what is not given in sessions."""
    exposure = therapy.exposure
    return exposure.interval_min_days.value if isinstance(exposure, SessionExposure) else 0.0


def session_days(
    exposure: SessionExposure, horizon_days: int, proposal: Proposal | None, first: int = FIRST_SESSION_DAY
) -> tuple[int, ...]:
    """Days of the sessions of a course from its first day, with its boosters to the horizon.

    A proposal's own number of sessions and interval (middle of its window) are used instead of the usual ones.
    """
    count = int(exposure.sessions.value)
    gap = exposure.interval_target_days.value
    if proposal is not None and proposal.sessions is not None:
        count = proposal.sessions
    if proposal is not None and proposal.interval_days is not None:
        gap = sum(proposal.interval_days) / 2.0
    days = [first + round(gap * k) for k in range(count)]
    if exposure.boosters_per_year is not None and proposal is None:
        step = DAYS_PER_YEAR / exposure.boosters_per_year.value
        more = math.floor((horizon_days - days[-1]) / step)
        days += [days[-1] + round(step * (k + 1)) for k in range(max(0, more))]
    return tuple(day for day in days if day <= horizon_days)


def planned_adherence(person: Person, knowledge: Knowledge, name: str) -> tuple[float, bool]:
    """The share of its daily doses that a line is planned with, and whether anybody said so.

    The person's own estimate for this therapy comes first, then what is on record for it, then their estimate for
    everything, then the usual share.
    """
    own = dict(person.goals.adherence_by)
    if name in own:
        return own[name], True
    known = [t.adherence for t in person.lived if t.therapy == name and t.adherence is not None]
    if known:
        return known[-1], True
    if person.goals.adherence is not None:
        return person.goals.adherence, True
    return knowledge.parameters["adherence.plan"].value, False


def _line(
    person: Person, knowledge: Knowledge, name: str, horizon_days: int, proposal: Proposal | None, first: int
) -> PlannedLine:
    exposure = knowledge.therapies[name].exposure
    if isinstance(exposure, SessionExposure):
        return PlannedLine(name, 0, None, 1.0, session_days(exposure, horizon_days, proposal, first))
    return PlannedLine(name, 0, None, planned_adherence(person, knowledge, name)[0])


def grafts_moved(person: Person, graft: Graft) -> float:
    """Grafts moved so far; an operation of which nobody said how many counts as a usual one."""
    usual = [graft.grafts_first_session.value] + [graft.grafts_later_session.value] * len(person.transplants)
    return sum(float(t.grafts) if t.grafts is not None else usual[k] for k, t in enumerate(person.transplants))


def grafts_counted(person: Person) -> bool:
    """Whether somebody said of every operation how many grafts it moved."""
    return all(t.grafts is not None for t in person.transplants)


def grafts_left(person: Person, graft: Graft) -> float:
    """Grafts that the donor area still has to give."""
    return graft.max_grafts_lifetime.value - grafts_moved(person, graft)


def planned_transplant(person: Person, knowledge: Knowledge) -> Transplant:
    """The operation that is compared: a usual session to the goal zone, no denser than survives, from what is left."""
    graft = knowledge.therapies[TRANSPLANT].graft
    assert graft is not None
    usual = graft.grafts_later_session if person.transplants else graft.grafts_first_session
    area = knowledge.parameters[f"zone.area.{person.goal_zone}"].value
    most = area * knowledge.parameters["transplant.units_per_cm2"].value
    grafts = int(max(0.0, min(usual.value, most, grafts_left(person, graft))))
    day = person.as_of + timedelta(days=OPERATION_DAY)
    return Transplant(day, grafts, (person.goal_zone,), ((person.goal_zone, grafts),), None, None)


def option(
    person: Person, knowledge: Knowledge, names: Sequence[str], horizon_days: int, proposal: Proposal | None = None
) -> Option:
    """The regimen that these therapies mean for this person.

    Args:
        person: with adherence and goal zone.
        knowledge: in force.
        names: therapy ids.
        horizon_days: to which daily lines go on and boosters are booked.
        proposal: whose number of sessions and interval to use.

    Returns:
        The option, its lines in the order of `names`.
    """
    # Sessions on the scalp wait until grafts have healed in.
    healed = OPERATION_DAY + protocol_days("transplant_after") + 1
    first = healed if TRANSPLANT in names else FIRST_SESSION_DAY
    lines = tuple(_line(person, knowledge, n, horizon_days, proposal, first) for n in names if n != TRANSPLANT)
    surgery = (planned_transplant(person, knowledge),) if TRANSPLANT in names else ()
    label = " + ".join(say(knowledge.therapies[n].short) for n in names) or say("Nothing")
    if names and set(names) == set(ongoing(person)):
        label = say("{plan} (as now)", plan=label)
    if proposal is not None:
        label = f"{proposal.name}: {label}"
    return Option(tuple(names), label, Regimen(lines, surgery), proposal.name if proposal else None)


def ongoing(person: Person) -> tuple[str, ...]:
    """Therapies the person is using today."""
    return tuple(dict.fromkeys(t.therapy for t in person.lived if t.end is None))
