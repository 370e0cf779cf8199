"""Designs for tests, and a pool of people made up so that the answer is known."""

import copy
from typing import Any

import numpy as np

from follicast.inference.trial_pool import Cell, Pool
from follicast.knowledge.load import Knowledge
from follicast.people.design import Design
from follicast.people.read_design import parse_design

PLAIN: dict[str, Any] = {
    "title": "Finasteride against placebo",
    "people": 60,
    "sizes": [30, 60, 90],
    "replicates": 400,
    "pool": 400,
    "visits": [0, 24],
    "population": {"sex": "male", "age": [30, 40]},
    "arms": [
        {"name": "Finasteride", "treatments": [{"therapy": "finasteride-oral"}]},
        {"name": "Placebo", "placebo": "finasteride-oral"},
    ],
    "endpoints": [{"name": "Total count", "measure": "total", "area_cm2": 0.5}],
    "analysis": {"week": 24},
}


def plain(**changes: Any) -> dict[str, Any]:
    """The plain design as a file's data, with other top-level entries; None leaves one out."""
    data = copy.deepcopy(PLAIN) | changes
    return {key: value for key, value in data.items() if value is not None}


def design_of(knowledge: Knowledge, **changes: Any) -> Design:
    """The plain design, changed."""
    return parse_design(plain(**changes), "design.toml", "made", knowledge.therapies)


def normal_pool(effect: float, sd: float, people: int = 4000, baseline_sd: float = 0.0) -> Pool:
    """People whose changes are normal with that spread, and who gain `effect` more in the first arm."""
    from scipy.special import ndtri

    rng = np.random.default_rng(7)
    change = sd * ndtri((rng.permutation(people) + 0.5) / people)
    first = 150.0 + baseline_sd * ndtri((rng.permutation(people) + 0.5) / people)
    truth = np.stack([np.stack([first, first + change + gain]) for gain in (effect, 0.0)])
    return Pool(
        cells=(Cell(0), Cell(1)),
        truth=truth[None, :, None],
        entry=first,
        stage=np.ones(people),
        world=np.zeros(people, np.int64),
        female=np.zeros(people, bool),
        age=np.full(people, 35.0),
        adherence=np.ones(people),
    )
