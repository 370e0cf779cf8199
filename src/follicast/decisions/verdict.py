"""One reading against two expectations, the plan's and nothing's: too early, cannot tell, on track, below or above.

An expectation is a mixture: what each possible version of the person would be read to have, with the error of that
reading around it. The rule (numbers in review.toml):

1. in the expected shedding window, or before week 12: too early;
2. lower than all but 2 % of what the plan's expectation allows, or 20 times likelier under nothing: below;
3. higher than all but 2 % of it: above;
4. 5 times likelier under the plan than under nothing: on track;
5. nothing told: too early if this instrument will be more likely to tell than not at a later date, else cannot tell.

Where the plan is right, (2) by the odds happens in at most 1 of 20, and (2) and (3) together in at most 9 of 100,
whatever the shape of the expectations (Markov's inequality for a likelihood ratio); where nothing happens, (4) in at
most 1 of 5. docs/decisions/0012 says why, bench/review.py measures how far below these bounds it stays.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from follicast.knowledge.review_rule import ReviewRule

Floats = npt.NDArray[np.float64]
Verdict = Literal["too early", "cannot tell", "on track", "below", "above"]

_NODES: Final = 5
# Odds beyond this are no longer told apart; it also keeps numbers finite.
_MOST_LOG_ODDS: Final = 20.0


@dataclass(frozen=True)
class Expectation:
    """What a reading would be: one value for each version of the person [n], and the sd of the reading around it."""

    values: Floats
    sd: float

    def below(self, reading: float) -> float:
        """Probability of a lower reading."""
        from scipy.special import ndtr

        return float(np.mean(ndtr((reading - self.values) / self.sd)))

    def log_density(self, readings: Floats) -> Floats:
        """Log density at each reading [k]."""
        z = (readings[:, None] - self.values[None, :]) / self.sd
        top = -0.5 * (z**2).min(axis=1)
        within = np.exp(-0.5 * z**2 - top[:, None]).mean(axis=1)
        return np.asarray(top + np.log(within) - math.log(self.sd) - 0.5 * math.log(2.0 * math.pi))

    def sample(self) -> Floats:
        """Readings that stand for it: each value at the nodes of the error's distribution."""
        from scipy.special import ndtri

        nodes = ndtri((np.arange(_NODES) + 0.5) / _NODES)
        return np.asarray((self.values[:, None] + self.sd * nodes[None, :]).ravel())

    def quantiles(self, probabilities: Sequence[float]) -> list[float]:
        """Readings below which it lies with these probabilities."""
        return [float(q) for q in np.quantile(self.sample(), probabilities, method="hazen")]


@dataclass(frozen=True)
class Judgement:
    """A verdict and what it rests on.

    `lower` is the probability, under the plan, of a reading as low or lower. `odds` say how many times likelier the
    reading is under the plan than under nothing. `telling` is the chance, under the plan, that a reading on that day
    is told apart from nothing.
    """

    verdict: Verdict
    lower: float
    odds: float
    telling: float
    shedding: bool


def odds_of(readings: Floats, plan: Expectation, nothing: Expectation) -> Floats:
    """How many times likelier each reading is under the plan than under nothing."""
    logs = plan.log_density(readings) - nothing.log_density(readings)
    return np.exp(np.clip(logs, -_MOST_LOG_ODDS, _MOST_LOG_ODDS))


def chance_to_tell(plan: Expectation, nothing: Expectation, rule: ReviewRule) -> float:
    """How often would somebody whose hair goes as forecast be told apart from nothing by such a reading?"""
    return float(np.mean(odds_of(plan.sample(), plan, nothing) >= rule.odds_on_track))


def judge(
    reading: float,
    plan: Expectation,
    nothing: Expectation,
    day: float,
    shedding: bool,
    later: Callable[[], bool],
    rule: ReviewRule,
) -> Judgement:
    """The verdict on one reading.

    Args:
        reading: on the scale of the expectations.
        plan: what would be read under the plan.
        nothing: what would be read under nothing.
        day: days since the plan began.
        shedding: whether early shedding is expected on that day.
        later: whether a reading of this kind will be more likely to tell than not at a later date; asked if need be.
        rule: the numbers in force.
    """
    lower = plan.below(reading)
    odds = float(odds_of(np.array([reading]), plan, nothing)[0])
    telling = chance_to_tell(plan, nothing, rule)
    early = shedding or day < rule.earliest
    verdict = decide(lower, odds, early, lambda: telling < rule.too_early and later(), rule)
    return Judgement(verdict, lower, odds, telling, shedding)


def decide(lower: float, odds: float, early: bool, waiting_helps: Callable[[], bool], rule: ReviewRule) -> Verdict:
    """The rule itself.

    Args:
        lower: probability, under the plan, of a reading as low or lower.
        odds: how many times likelier the reading is under the plan than under nothing.
        early: before week 12, or while early shedding is expected.
        waiting_helps: whether a later reading of this kind will more likely tell than not; asked if need be.
        rule: the numbers in force.
    """
    if early:
        return "too early"
    if lower < rule.tail or (odds * rule.odds_below <= 1.0 and lower < 0.5):
        return "below"
    if 1.0 - lower < rule.tail:
        return "above"
    if odds >= rule.odds_on_track:
        return "on track"
    return "too early" if waiting_helps() else "cannot tell"
