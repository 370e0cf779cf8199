"""One reading against two expectations, the plan's and nothing's: too early, cannot tell, on track, below or above.

An expectation is a mixture: what each possible version of the person would be read to have, with the error of that
reading around it. The rule (numbers in review.toml):

1. in the expected shedding window, or before week 12: too early;
2. lower than all but 1.5 % of what the plan's expectation allows: below; higher than all but 1.5 % of it: above;
3. at least 3 times likelier under nothing, and speaking for nothing more strongly than all but 4 % of readings would if
   the plan were right: below;
4. at least 3 times likelier under the plan, and speaking for it more strongly than all but 5 % of readings would under
   nothing: on track;
5. nothing told: too early if this instrument will be more likely to tell than not at a later date, else cannot tell.

So where the plan is right, below or above is said in at most 7 of 100, and where nothing happens, on track in at most 5
of 100; and no other rule with these rates tells more often (Neyman and Pearson: the odds are the best there is to go
by). docs/decisions/0012 says why, bench/review.py measures it on people whose truth is known.
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


@dataclass(frozen=True)
class Limits:
    """Odds below which a reading speaks against the plan, and from which on it speaks for it.

    `telling` is how often it speaks for it where the plan is right.
    """

    low: float
    high: float
    telling: float


def limits_of(plan: Expectation, nothing: Expectation, rule: ReviewRule) -> Limits:
    """The odds at which a reading of that day tells the plan from nothing, at the error rates of the rule."""
    right, idle = odds_of(plan.sample(), plan, nothing), odds_of(nothing.sample(), plan, nothing)
    low = min(1.0 / rule.odds, float(np.quantile(right, rule.reject_plan, method="lower")))
    high = max(rule.odds, float(np.quantile(idle, 1.0 - rule.reject_nothing, method="higher")))
    return Limits(low, high, float(np.mean(right >= high)))


def chance_to_tell(plan: Expectation, nothing: Expectation, rule: ReviewRule) -> float:
    """How often would somebody whose hair goes as forecast be told apart from nothing by such a reading?"""
    return limits_of(plan, nothing, rule).telling


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
    limits = limits_of(plan, nothing, rule)
    early = shedding or day < rule.earliest
    verdict = decide(lower, odds, limits, early, lambda: limits.telling < rule.too_early and later(), rule)
    return Judgement(verdict, lower, odds, limits.telling, shedding)


def decide(
    lower: float, odds: float, limits: Limits, early: bool, waiting_helps: Callable[[], bool], rule: ReviewRule
) -> Verdict:
    """The rule itself.

    Args:
        lower: probability, under the plan, of a reading as low or lower.
        odds: how many times likelier the reading is under the plan than under nothing.
        limits: odds at which readings of that day tell.
        early: before week 12, or while early shedding is expected.
        waiting_helps: whether a later reading of this kind will more likely tell than not; asked if need be.
        rule: the numbers in force.
    """
    if early:
        return "too early"
    if lower < rule.tail or (odds < limits.low and lower < 0.5):
        return "below"
    if 1.0 - lower < rule.tail:
        return "above"
    if odds >= limits.high:
        return "on track"
    return "too early" if waiting_helps() else "cannot tell"
