"""What a transplantation would mean for this person: grafts left in the donor area, survival, shock loss, adjuncts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from follicast.decisions.planning.candidates import (
    TRANSPLANT,
    grafts_counted,
    grafts_left,
    grafts_moved,
    planned_transplant,
)
from follicast.decisions.planning.value import interval
from follicast.decisions.planning.workbench import Workbench
from follicast.decisions.result import Excluded, GraftFacts, Interval, SurvivalAdjunct
from follicast.knowledge.load import Knowledge
from follicast.knowledge.number import Number
from follicast.knowledge.therapy import Graft
from follicast.language import say
from follicast.people.beliefs import believed
from follicast.people.person import Person

Floats = npt.NDArray[np.float64]

# Fewer grafts than this are no operation.
_FEWEST = 100.0


def donor_spent(person: Person, knowledge: Knowledge) -> list[Excluded]:
    """The transplantation as left out, where the donor area has nothing more to give; else nothing."""
    therapy = knowledge.therapies.get(TRANSPLANT)
    if therapy is None or therapy.graft is None or grafts_left(person, therapy.graft) >= _FEWEST:
        return []
    reason = say(
        "The donor area is spent: {moved} grafts were moved, and a donor area gives about {most} in a life.",
        moved=f"{grafts_moved(person, therapy.graft):,.0f}",
        most=f"{therapy.graft.max_grafts_lifetime.value:,.0f}",
    )
    return [Excluded(therapy=TRANSPLANT, label=say(therapy.name), reason=reason)]


def graft_facts(bench: Workbench) -> GraftFacts | None:
    """Numbers of the operation that is compared; None where the donor area is spent or there is no such therapy.

    Args:
        bench: of the person.

    Returns:
        The facts, spread over the members' beliefs.
    """
    person, knowledge = bench.person, bench.knowledge
    therapy = knowledge.therapies.get(TRANSPLANT)
    if therapy is None or therapy.graft is None or donor_spent(person, knowledge):
        return None
    graft = therapy.graft
    operation = planned_transplant(person, knowledge)
    grafts = operation.grafts or 0
    per_graft = graft.hairs_per_graft.value
    survival = _believed(bench, graft.survival, f"transplant.{len(person.transplants)}.survival")
    left = grafts_left(person, graft) - grafts
    shock = _spread(bench, graft.shock_loss_share, "transplant.shock_loss", "fraction")
    return GraftFacts(
        lifetime=graft.max_grafts_lifetime.value,
        moved=grafts_moved(person, graft),
        planned=grafts,
        left=left,
        survival=interval(survival, bench.posterior.weights, "fraction"),
        hairs=interval(grafts * per_graft * survival, bench.posterior.weights, "hairs"),
        shock_loss=shock,
        adjuncts=_adjuncts(bench, graft, grafts * per_graft),
        words=[_moved(grafts, grafts_moved(person, graft), left, grafts_counted(person)), *_healing(shock)],
    )


def _believed(bench: Workbench, number: Number, name: str) -> Floats:
    return believed(number, name, bench.seed, bench.posterior.number, bench.knowledge.shared)


def _spread(bench: Workbench, number: Number, name: str, unit: str) -> Interval:
    return interval(_believed(bench, number, name), bench.posterior.weights, unit)


def _adjuncts(bench: Workbench, graft: Graft, hairs: float) -> list[SurvivalAdjunct]:
    made = []
    for key, adjunct in graft.adjuncts.items():
        gain = hairs * _believed(bench, adjunct.survival_gain, f"transplant.adjunct.{key}")
        made.append(
            SurvivalAdjunct(
                name=say(adjunct.name),
                gain=interval(gain, bench.posterior.weights, "hairs"),
                certainty=adjunct.certainty,
                evidence=say(adjunct.evidence),
            )
        )
    return made


def _moved(grafts: int, moved: float, left: float, counted: bool) -> str:
    """What is moved and what is left; rounded and called assumed where nobody said how many were moved before."""
    if counted:
        return say(
            "{grafts} grafts would be moved. {moved} were moved before; after it about {left} of a lifetime are left.",
            grafts=f"{grafts:,}",
            moved=f"{moved:,.0f}",
            left=f"{max(0.0, left):,.0f}",
        )
    return say(
        "{grafts} grafts would be moved. How many were moved before was not said: with about {moved} assumed, very "
        "roughly {left} of a lifetime are left after it.",
        grafts=f"{grafts:,}",
        moved=f"{100.0 * round(moved / 100.0):,.0f}",
        left=f"{500.0 * round(max(0.0, left) / 500.0):,.0f}",
    )


def _healing(shock: Interval) -> list[str]:
    return [
        say(
            "Native hair between the grafts falls for some months (shock loss): about {middle} % of it, between {low} "
            "% and {high} % in 8 of 10 by assumption. Most grows back; the forecast leaves it out.",
            middle=f"{100.0 * shock.median:.0f}",
            low=f"{100.0 * shock.lo80:.0f}",
            high=f"{100.0 * shock.hi80:.0f}",
        ),
        say("Sessions on the scalp begin four weeks after the operation, when the grafts have healed in."),
        say(
            "Moved follicles keep their resistance to androgens; the hair around them goes on thinning without a drug."
        ),
    ]
