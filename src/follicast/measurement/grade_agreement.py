"""How far two looks at one head agree: from a grade to what another rater, or another system, would write.

A grade never turns into another. It only makes losses more or less likely, and each of those losses makes grades of
another look more or less likely. Losses are spread over the pattern space: every pattern of the systems that fit the
sex, each system with the same weight, blurred by the tolerance of a look (an assumption, like the patterns).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from follicast.knowledge.grading import grading
from follicast.knowledge.load import parameters
from follicast.language import say
from follicast.measurement.grades import grade_log_probabilities, patterns
from follicast.people.person import SYSTEM_LABELS, Grade, GradeSystem, Rater, Sex

Floats = npt.NDArray[np.float64]

DRAWS: Final = 40_000
"""Losses that are tried: shares come out within about 1 % of themselves."""
_SEED: Final = 20261120
BY_CHANCE: Final = 0.1
"""A change of grade that unchanged heads show less often than this may be a change."""

Called = Literal["no change", "not called a change", "may be a change"]


@dataclass(frozen=True)
class Spread:
    """What a second look writes: probability of each grade of a system, the likeliest first. They sum to 1."""

    system: GradeSystem
    grade: str
    to: GradeSystem
    chances: dict[str, float]


@dataclass(frozen=True)
class GradeChange:
    """Two grades of one system, and what may be said of them.

    `by_chance` is the share of unchanged heads whose second grade would be at least this far off, in this direction.
    """

    called: Called
    by_chance: float
    words: str


@cache
def _losses(sex: Sex) -> tuple[Floats, Floats, Floats]:
    """Losses [draw, zone] over the pattern space of a sex, and a tolerance of the first and of the second look."""
    rng = np.random.default_rng(_SEED)
    systems = [name for name in SYSTEM_LABELS if sex in grading()[name].sexes]
    tolerance = parameters()["grade.tolerance"].prior
    spread = [np.exp(np.log(tolerance["median"]) + tolerance["sd_log"] * rng.standard_normal(DRAWS)) for _ in range(2)]
    rows = []
    for share, name in zip(np.array_split(np.arange(DRAWS), len(systems)), systems, strict=True):
        table = np.array(list(patterns(name).values()))
        rows.append(table[rng.integers(len(table), size=share.size)])
    middle = parameters()["grade.tolerance"].value
    loss = np.concatenate(rows) + middle * rng.standard_normal((DRAWS, rows[0].shape[1]))
    return np.clip(loss, 0.0, 1.0), spread[0], spread[1]


@cache
def second_look(
    system: GradeSystem, grade: str, to: GradeSystem, sex: Sex, first: Rater = "clinician", second: Rater = "clinician"
) -> Spread:
    """What would another rater write of the same head?

    Args:
        system: of the first grade.
        grade: the first grade.
        to: system of the second look; the same, or another that fits the sex.
        sex: of the person.
        first: who graded.
        second: who would grade.

    Returns:
        The probability of every grade of `to`.

    Raises:
        KeyError: the system has no such grade.
    """
    loss, one, two = _losses(sex)
    factor = {who: parameters()[f"grade.rater.{who}"].value for who in (first, second)}
    order = list(patterns(system))
    told = grade_log_probabilities(system, loss, one * factor[first])[:, order.index(grade)]
    weights = np.exp(told - told.max())
    table = np.exp(grade_log_probabilities(to, loss, two * factor[second]))
    chances = weights @ table / weights.sum()
    ranked = sorted(zip(patterns(to), chances.tolist(), strict=True), key=lambda item: -item[1])
    return Spread(system, grade, to, dict(ranked))


def grade_change(before: Grade, after: Grade, sex: Sex) -> GradeChange:
    """What may be said when a later grade differs?

    Args:
        before: the earlier grade.
        after: a later one of the same system.
        sex: of the person.

    Returns:
        What it is called, in words. By another rater it is never called a change.
    """
    chances = second_look(before.system, before.grade, before.system, sex, before.rater, after.rater).chances
    extent = {name: sum(loss) for name, loss in patterns(before.system).items()}
    now, then = extent[after.grade], extent[before.grade]
    told = {"system": SYSTEM_LABELS[after.system], "then": before.grade, "now": after.grade}
    if after.grade == before.grade:
        return GradeChange("no change", chances[after.grade], say("{system} {now}, as before.", **told))
    off = sum(p for name, p in chances.items() if (extent[name] <= now if now < then else extent[name] >= now))
    told["often"] = f"{10.0 * off:.0f}" if off >= 0.05 else say("fewer than 1")
    if before.rater != after.rater:
        words = say(
            "{system} {then}, then {now} by another rater: noted, not called a change. Raters agree poorly: of 10 "
            "heads that stay as they are, about {often} would be graded so or further off.",
            **told,
        )
        return GradeChange("not called a change", off, words)
    if off >= BY_CHANCE:
        words = say(
            "{system} {then}, then {now}: noted, not called a change. Of 10 heads that stay as they are, about {often} "
            "would be graded so or further off.",
            **told,
        )
        return GradeChange("not called a change", off, words)
    words = say(
        "{system} {then}, then {now}: more than a second look usually differs. It may be a change; a count can tell.",
        **told,
    )
    return GradeChange("may be a change", off, words)
