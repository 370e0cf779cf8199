"""Which therapies may be compared for this person, and the regimen that each combination means, day by day."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from follicast.decisions.result import Excluded
from follicast.inference.forecast import PlannedLine, Regimen
from follicast.knowledge.load import Knowledge
from follicast.knowledge.therapy import SessionExposure, Therapy
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


def excluded(person: Person, knowledge: Knowledge) -> list[Excluded]:
    """Therapies left out for this person, each with the reason."""
    found = []
    for name, therapy in knowledge.therapies.items():
        reason = _reason_against(person, therapy)
        if reason is not None:
            found.append(Excluded(therapy=name, label=therapy.name, reason=reason))
    return found


def _reason_against(person: Person, therapy: Therapy) -> str | None:
    if person.sex not in therapy.sexes:
        return f"Not for {'men' if person.sex == 'male' else 'women'}."
    proposed = {name for proposal in person.proposals for name in proposal.lines}
    if person.considers and therapy.id not in person.considers and therapy.id not in proposed:
        return "Not among the therapies the person file asks about."
    if therapy.id in person.refuses:
        return "Refused by the person."
    classes = _refusable_classes(person, therapy)
    refused = sorted(classes & set(person.refuses))
    if refused:
        return f"Refused by the person: {', '.join(refused)}."
    barred = sorted(_conditions(person) & set(therapy.contraindicated))
    barred += [f"allergy to {name}" for name in person.conditions.allergy if name.replace("-", " ") in therapy.active]
    if barred:
        return f"Not with what is recorded: {', '.join(barred)}."
    return None


def _refusable_classes(person: Person, therapy: Therapy) -> set[str]:
    classes = set()
    if therapy.kind == "drug" and therapy.route.startswith("oral"):
        classes.add("tablets")
    if therapy.kind == "surgery":
        classes.add("surgery")
    if therapy.kind == "session" and "inject" in therapy.route:
        classes.add("injections")
    if standing(person, therapy) < 0.5:
        classes.add("unapproved")
    return classes


def standing(person: Person, therapy: Therapy) -> float:
    """1 where the therapy stands for hair loss in the person's jurisdiction, 0 where it does not.

    Where the jurisdiction or its status is not known, it stands only if it does in most of those that are.
    """
    own = [s.for_hair for s in therapy.status if s.jurisdiction == person.jurisdiction]
    known = own or [s.for_hair for s in therapy.status]
    return float(2 * sum(known) > len(known))


def _conditions(person: Person) -> set[str]:
    """Machine names of what therapies are contra-indicated with; pregnancy not excluded counts as possible."""
    c = person.conditions
    flags = {
        "pregnant": c.pregnant,
        "anticoagulant": c.anticoagulant,
        "scalp-infection": c.scalp_infection,
        "heart-disease": c.heart_disease,
        "mood-history": c.mood_history,
        "keloid": c.keloid,
        "immunosuppressed": c.immunosuppressed,
        "cancer": c.cancer,
        person.sex: True,
        "childbearing": person.sex == "female" and c.childbearing != "not_possible",
    }
    return {name for name, present in flags.items() if present} | {f"allergy-{name}" for name in c.allergy}


def compatible(knowledge: Knowledge, names: Sequence[str]) -> bool:
    """No two therapies of one exclusive group."""
    groups = [g for name in names if (g := knowledge.therapies[name].exclusive)]
    return len(groups) == len(set(groups))


def least_interval(therapy: Therapy) -> float:
    """Fewest days between two of its sessions; 0 for what is not given in sessions."""
    exposure = therapy.exposure
    return exposure.interval_min_days.value if isinstance(exposure, SessionExposure) else 0.0


def session_days(exposure: SessionExposure, horizon_days: int, proposal: Proposal | None) -> tuple[int, ...]:
    """Days of the sessions of a course, with its boosters to the horizon.

    A proposal's own number of sessions and interval (middle of its window) are used instead of the usual ones.
    """
    count = int(exposure.sessions.value)
    gap = exposure.interval_target_days.value
    if proposal is not None and proposal.sessions is not None:
        count = proposal.sessions
    if proposal is not None and proposal.interval_days is not None:
        gap = sum(proposal.interval_days) / 2.0
    days = [FIRST_SESSION_DAY + round(gap * k) for k in range(count)]
    if exposure.boosters_per_year is not None and proposal is None:
        step = DAYS_PER_YEAR / exposure.boosters_per_year.value
        more = math.floor((horizon_days - days[-1]) / step)
        days += [days[-1] + round(step * (k + 1)) for k in range(max(0, more))]
    return tuple(day for day in days if day <= horizon_days)


def _line(person: Person, knowledge: Knowledge, name: str, horizon_days: int, proposal: Proposal | None) -> PlannedLine:
    exposure = knowledge.therapies[name].exposure
    if isinstance(exposure, SessionExposure):
        return PlannedLine(name, 0, None, 1.0, session_days(exposure, horizon_days, proposal))
    known = [t.adherence for t in person.treatments if t.therapy == name and t.adherence is not None]
    adherence = known[-1] if known else knowledge.parameters["adherence.plan"].value
    return PlannedLine(name, 0, None, adherence)


def planned_transplant(person: Person, knowledge: Knowledge) -> Transplant:
    """The operation that is compared: one usual session to the goal zone, no denser than grafts survive."""
    graft = knowledge.therapies[TRANSPLANT].graft
    assert graft is not None
    usual = graft.grafts_later_session if person.transplants else graft.grafts_first_session
    area = knowledge.parameters[f"zone.area.{person.goal_zone}"].value
    grafts = int(min(usual.value, area * knowledge.parameters["transplant.units_per_cm2"].value))
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
    lines = tuple(_line(person, knowledge, n, horizon_days, proposal) for n in names if n != TRANSPLANT)
    surgery = (planned_transplant(person, knowledge),) if TRANSPLANT in names else ()
    label = " + ".join(knowledge.therapies[n].short for n in names) or "Nothing"
    if names and set(names) == set(ongoing(person)):
        label += " (as now)"
    if proposal is not None:
        label = f"{proposal.name}: {label}"
    return Option(tuple(names), label, Regimen(lines, surgery), proposal.name if proposal else None)


def ongoing(person: Person) -> tuple[str, ...]:
    """Therapies the person is using today."""
    return tuple(dict.fromkeys(t.therapy for t in person.treatments if t.end is None))
