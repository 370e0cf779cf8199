"""What a virtual person's file would say: their true readings, with the errors that `reweight.log_likelihood` expects.

The other direction of the same model: whatever that function takes for the spread of a reading is drawn here from the
same numbers, so records written here are a fair test of any inference that trusts it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from follicast.inference.history import visit_index
from follicast.inference.reweight import explained, graded_look, independent_grades, reported
from follicast.knowledge.load import Knowledge
from follicast.measurement.grades import grade_log_probabilities, patterns
from follicast.measurement.instruments import Readings
from follicast.people.beliefs import named_normals, named_uniforms
from follicast.people.person import Grade, Measurement, Person
from follicast.people.population import Population


def written_record(template: Person, readings: Readings, member: Population, knowledge: Knowledge, seed: int) -> Person:
    """The template with every value and grade replaced by what would have been read of one virtual person.

    Sheds are to be asked for without a standard error of their own, which is relative to what was read. Errors are not
    cut off where a reading becomes impossible (a count below 0), because the likelihood knows no such
    bound.

    Args:
        template: dates, quantities, areas, raters; its values and grades are ignored.
        readings: of that person on `history.visit_days` of the template, one site a zone.
        member: that person, alone.
        knowledge: in force.
        seed: of the errors.

    Returns:
        The person as the file would describe them.
    """
    told = reported(template, knowledge)
    normals = [_normal(seed, member, f"record.{k}") for k in range(len(told.readings))]
    errors = np.linalg.cholesky(told.covariance) @ np.array(normals) if normals else np.empty(0)
    read = explained(template, readings, member, knowledge)[:, 0] + errors
    values = {id(m): _natural(m, float(value)) for m, value in zip(told.readings, read, strict=True)}
    measurements = tuple(replace(m, value=values[id(m)]) for m in template.measurements)
    row = visit_index(template)
    grades: list[Grade] = []
    for k, g in enumerate(independent_grades(template.grades)):
        loss, tolerance = graded_look(g, row[int(template.day(g.date))], readings, member, knowledge)
        chances = np.exp(grade_log_probabilities(g.system, loss, tolerance)[0])
        u = float(named_uniforms(seed, member.number, f"record.grade.{k}")[0])
        grades.append(replace(g, grade=_drawn(list(patterns(g.system)), chances, u)))
    return replace(template, measurements=measurements, grades=tuple(grades))


def _normal(seed: int, member: Population, name: str) -> float:
    return float(named_normals(seed, member.number, name)[0])


def _natural(m: Measurement, value: float) -> float:
    """Back from the scale on which errors are normal."""
    return math.exp(value) if m.quantity == "shed_per_day" else value


def _drawn(grades: Sequence[str], chances: np.ndarray, u: float) -> str:
    """The grade at that place of the cumulative chances."""
    return grades[min(int(np.searchsorted(np.cumsum(chances), u)), len(grades) - 1)]
