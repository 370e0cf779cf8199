"""The Pareto view: regimens not beaten in gain, certainty, harm, cost and burden at once, and what each gives up.

Values are compared on a grid (a whole hair, ten dollars, ten hours), because a difference below it means nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from follicast.decisions.planning.candidates import NONE
from follicast.decisions.planning.value import yearly
from follicast.decisions.result import Candidate, Certainty, TradeOff
from follicast.language import say

CERTAINTIES: Final[tuple[Certainty, ...]] = ("very low", "low", "moderate", "high")
_GAIN, _HARM, _MONEY, _HOURS = 1.0, 0.5, 10.0, 10.0
_TOLD: Final = 3
# Below this a plan is not worth its name (hairs/cm2 after deductions).
WORTH_DOING: Final = 0.5


@dataclass(frozen=True)
class Place:
    """Where a regimen stands on every axis, in steps of the grid; more is better on each."""

    gain: int
    certainty: int
    harm: int
    cost: int
    hours: int

    def beats(self, other: Place) -> bool:
        """At least as good on every axis, and better on one?"""
        mine, theirs = self.axes(), other.axes()
        return mine != theirs and all(a >= b for a, b in zip(mine, theirs, strict=True))

    def axes(self) -> tuple[int, ...]:
        """All five."""
        return self.gain, self.certainty, self.harm, self.cost, self.hours


def place_of(candidate: Candidate, horizon_days: int) -> Place:
    """Where a candidate stands."""
    assert candidate.burden is not None
    return Place(
        gain=round(candidate.assured_gain / _GAIN),
        certainty=CERTAINTIES.index(candidate.certainty),
        harm=-round(candidate.harm_score / _HARM),
        cost=-round(yearly(candidate.cost, horizon_days) / _MONEY),
        hours=-round(candidate.burden.hours_per_year / _HOURS),
    )


def with_front(candidates: Sequence[Candidate], horizon_days: int) -> list[Candidate]:
    """The candidates, each marked whether it is on the front and, if not, which one beats it.

    One that may not be recommended neither stands on the front nor beats another.
    """
    free = [c for c in candidates if c.not_recommended is None]
    places = {c.id: place_of(c, horizon_days) for c in candidates}
    made = []
    for c in candidates:
        above = [other for other in free if places[other.id].beats(places[c.id])]
        beaten_by = min(above, key=lambda other: other.rank).id if above else None
        marks = {"on_front": beaten_by is None and c.not_recommended is None, "beaten_by": beaten_by}
        made.append(c.model_copy(update=marks))
    return made


def trade_offs(candidates: Sequence[Candidate], horizon_days: int) -> list[TradeOff]:
    """What the first candidate gives up against others on the front: the next best, the least harmful, the cheapest.

    Args:
        candidates: by rank, with their marks.
        horizon_days: to turn money into money a year.

    Returns:
        At most three, the next best first; none for "nothing".
    """
    best = candidates[0]
    others = [c for c in candidates[1:] if c.on_front and c.value >= WORTH_DOING]
    if best.id == NONE or not others:
        return []
    picks = [
        others[0],
        max(others, key=lambda c: c.assured_gain),
        min(others, key=lambda c: (c.harm_score, -c.value)),
        min(others, key=lambda c: (yearly(c.cost, horizon_days), -c.value)),
    ]
    chosen = list({c.id: c for c in picks}.values())[:_TOLD]
    return [_trade_off(best, other, horizon_days) for other in chosen]


def _trade_off(best: Candidate, other: Candidate, horizon_days: int) -> TradeOff:
    assert best.burden is not None
    assert other.burden is not None
    gain = other.assured_gain - best.assured_gain
    harm = other.harm_score - best.harm_score
    money = yearly(other.cost, horizon_days) - yearly(best.cost, horizon_days)
    hours = other.burden.hours_per_year - best.burden.hours_per_year
    parts = [
        *_part(gain, _GAIN, say("assured gain {n} hairs/cm2 higher"), say("assured gain {n} hairs/cm2 lower"), ".0f"),
        *_part(harm, _HARM, say("expected harm {n} higher"), say("expected harm {n} lower"), ".1f"),
        *_part(money, _MONEY, say("{n} USD a year dearer"), say("{n} USD a year cheaper"), ",.0f"),
        *_part(hours, _HOURS, say("{n} hours a year longer"), say("{n} hours a year shorter"), ".0f"),
    ]
    if other.certainty != best.certainty:
        parts.append(say("certainty {theirs} instead of {ours}", theirs=say(other.certainty), ours=say(best.certainty)))
    words = say(
        "Instead, {plan}: {parts}.", plan=other.label, parts="; ".join(parts) or say("no difference that counts")
    )
    return TradeOff(
        candidate=other.id,
        label=other.label,
        assured_gain=gain,
        harm_score=harm,
        cost_per_year=money,
        hours_per_year=hours,
        words=words,
    )


def _part(value: float, least: float, more: str, less: str, write: str) -> list[str]:
    """A difference in words, if it is worth one."""
    if abs(value) < 0.5 * least:
        return []
    return [(more if value > 0 else less).replace("{n}", f"{abs(value):{write}}")]
