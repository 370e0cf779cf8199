"""Harms of a therapy for one person: as natural frequencies, and as one expected score that plans are weighed by.

The score is in hairs/cm2: each weighed harm counts by how much more often it happens than without the therapy, times
the weight of its severity (parameters `preference.harm`, assumptions that can be edited). A harm that was reported
without a rate counts at an assumed one (`preference.unread`), because not known is not never; the rate of an arm
without a control counts in full.
"""

from __future__ import annotations

from typing import Final

from follicast.decisions.result import Harm
from follicast.knowledge.load import Knowledge
from follicast.knowledge.therapy import Therapy, TherapyHarm
from follicast.language import say

# Below this many of 100, natural frequencies are told of 1,000.
_RARE: Final = 2.0


def harms_of(therapy: Therapy, sex: str, knowledge: Knowledge) -> list[Harm]:
    """Every harm of a therapy, those that are weighed first.

    Args:
        therapy: whose harms.
        sex: of the person, "male" or "female"; a rate seen in the other sex is told and not weighed.
        knowledge: with the assumed rates.

    Returns:
        The harms in words and numbers.
    """
    told = []
    for harm in therapy.harms:
        counted = _counted(harm, sex, knowledge)
        told.append(
            Harm(
                name=say(harm.name),
                rate=say(harm.rate),
                control_rate=None if harm.control_rate is None else say(harm.control_rate),
                sources=list(harm.sources),
                per_100=harm.per_100,
                control_per_100=harm.control_per_100,
                among=harm.among,
                words=in_words(harm),
                severity=harm.severity,
                counted_per_100=counted,
                assumed=counted is not None and harm.per_100 is None,
            )
        )
    return sorted(told, key=lambda h: h.counted_per_100 is None)


def harm_score(therapy: Therapy, sex: str, knowledge: Knowledge) -> float:
    """Expected harm of a therapy for somebody of this sex, in hairs/cm2."""
    score = 0.0
    for harm in therapy.harms:
        counted = _counted(harm, sex, knowledge)
        if counted is not None:
            score += counted / 100.0 * knowledge.parameters[f"preference.harm.{harm.severity}"].value
    return score


def _counted(harm: TherapyHarm, sex: str, knowledge: Knowledge) -> float | None:
    """Of 100 people, how many more does it happen to? None = not weighed."""
    if harm.severity is None or harm.among not in ("people", "men" if sex == "male" else "women"):
        return None
    if harm.per_100 is None:
        return knowledge.parameters[f"preference.unread.{harm.severity}"].value
    return max(0.0, harm.per_100 - (harm.control_per_100 or 0.0))


def in_words(harm: TherapyHarm) -> str:
    """A harm as natural frequencies: "Of 100 men, 4 with it and 2 on placebo."; empty where there is no number."""
    if harm.per_100 is None:
        return say("How often is not known.") if harm.severity is not None else ""
    rates = [rate for rate in (harm.per_100, harm.control_per_100) if rate]
    base = 1000 if rates and min(rates) < _RARE else 100
    words = {"base": f"{base:,}", "whom": say(harm.among), "with_it": f"{harm.per_100 * base / 100.0:.0f}"}
    if harm.control_per_100 is None:
        return say("Of {base} {whom}, {with_it} with it; no control arm was read.", **words)
    without = f"{harm.control_per_100 * base / 100.0:.0f}"
    return say(
        "Of {base} {whom}, {with_it} with it and {without} on {control}.",
        **words,
        without=without,
        control=say(harm.control),
    )
