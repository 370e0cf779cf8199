"""Grades as readings: the probability that a rater writes a grade, given the visible loss by zone.

A grade is a coarse, poorly repeatable look at four zones. P(grade | loss) falls with the distance between the loss
and the grade's pattern (grades.toml); raters who agree less have a wider tolerance. Nothing converts one system into
another.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import follicast.knowledge

Floats = npt.NDArray[np.float64]


@cache
def _patterns() -> dict[str, Any]:
    path = Path(follicast.knowledge.__file__).parent / "grades.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def graded_zones() -> tuple[str, ...]:
    """The zones a pattern speaks of, in its order."""
    return tuple(_patterns()["zones"])


@cache
def patterns(system: str) -> dict[str, tuple[float, ...]]:
    """Visible loss by zone (in the order of `graded_zones`) for every grade of a system."""
    table = _patterns()
    if system != "basp":
        return {grade: tuple(loss) for grade, loss in table[system].items()}
    specific = table["basp-specific"]
    made: dict[str, tuple[float, ...]] = {}
    for basic, (front, temples) in table["basp-basic"].items():
        for f in ("", "F1", "F2", "F3"):
            for v in ("", "V1", "V2", "V3"):
                bare = 0.9 if basic.startswith("U") else 0.0
                loss = (front, temples, max(bare, specific.get(f, 0.0)), max(bare, specific.get(v, 0.0)))
                made[basic + f + v] = loss
    return made


def visible_loss(coverage: Floats, full: float) -> Floats:
    """Visible loss, 0 none to 1 bare, from the scalp coverage score in %."""
    return np.clip(1.0 - coverage / full, 0.0, 1.0)


def grade_log_probabilities(system: str, loss: Floats, tolerance: Floats) -> Floats:
    """Log P(grade | loss) of every grade of a system.

    Args:
        system: norwood-hamilton, ludwig, sinclair or basp.
        loss: visible loss, [person, zone] in the order of `graded_zones`.
        tolerance: spread of a rater's look around the pattern, by person.

    Returns:
        Log probabilities [person, grade], in the order of `patterns(system)`.
    """
    table = np.array(list(patterns(system).values()))
    distance = ((loss[:, None, :] - table[None, :, :]) ** 2).sum(axis=2)
    score = -distance / (2.0 * tolerance[:, None] ** 2)
    top = score.max(axis=1, keepdims=True)
    return np.asarray(score - top - np.log(np.exp(score - top).sum(axis=1, keepdims=True)))


def grade_likelihood(system: str, grade: str, loss: Floats, tolerance: Floats) -> Floats:
    """Log P(this grade | loss) by person; arguments as in `grade_log_probabilities`."""
    order = list(patterns(system))
    return np.asarray(grade_log_probabilities(system, loss, tolerance)[:, order.index(grade)])
