"""A virtual trial as a design file describes it: whom it takes in, arms, endpoints, conduct, analysis, truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from follicast.knowledge.trial import Setting, Use
from follicast.people.person import Sex

Kind = Literal["parallel", "split-scalp", "crossover"]
Method = Literal["difference", "ancova", "mixed"]
Estimand = Literal["treatment policy", "hypothetical"]
Spending = Literal["obrien-fleming", "pocock"]
Individual = Literal["published", "simulated"]
EndpointMeasure = Literal[
    "total", "nonvellus", "terminal", "diameter", "anagen", "weight", "coverage", "photograph", "graft_survival"
]

COUNTS: tuple[EndpointMeasure, ...] = ("total", "nonvellus", "terminal")
WITHOUT_BASELINE: dict[EndpointMeasure, str] = {
    "photograph": "it compares a photograph with the one of week 0",
    "graft_survival": "no graft is in place before week 0",
}
"""Measures that have no reading at week 0, and why."""
UNITS: dict[EndpointMeasure, str] = {
    "total": "hairs/cm2",
    "nonvellus": "hairs/cm2",
    "terminal": "hairs/cm2",
    "diameter": "um",
    "anagen": "percent of hairs",
    "weight": "mg/cm2 a day",
    "coverage": "percent of scalp",
    "photograph": "grades, -3 to 3",
    "graft_survival": "percent of grafts",
}


@dataclass(frozen=True, slots=True)
class DesignPopulation:
    """Whom the trial takes in. Ages in years; `norwood` from 1 to 7; `density` in total hairs/cm2 as measured.

    `history` is what everybody took before week 0, in weeks that are negative.
    """

    sexes: tuple[Sex, ...]
    age: tuple[float, float]
    ancestry: str
    norwood: tuple[float, float] | None
    density: tuple[float, float] | None
    history: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class DesignArm:
    """One arm, background included in `uses`; `setting` says what its treatment, or its dummy, is to the people."""

    name: str
    uses: tuple[Use, ...]
    setting: Setting


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What is read, where, on how much skin, at which weeks, and how well.

    `matched` says whether every visit counts the same marked site; `error_sd` overrides the instrument's error, in the
    unit of the measure; `grafts` are the grafts counted in each person, for graft survival.
    """

    name: str
    measure: EndpointMeasure
    zone: str
    area_cm2: float
    matched: bool
    error_sd: float | None
    grafts: int
    weeks: tuple[float, ...]

    @property
    def unit(self) -> str:
        """Unit of a reading."""
        return UNITS[self.measure]

    @property
    def has_baseline(self) -> bool:
        """Whether it can be read at week 0."""
        return self.measure not in WITHOUT_BASELINE


@dataclass(frozen=True, slots=True)
class Conduct:
    """What becomes of people. Shares by the last visit: `leave` come no more, `stop` give up treatment but come.

    `adherence` is the range of the share of daily doses taken, spread evenly over people. `individual` says how much
    one person's counts scatter: as published trials found, or as the simulated people and the instrument make them.
    """

    adherence: tuple[float, float]
    leave: float
    stop: float
    individual: Individual


@dataclass(frozen=True, slots=True)
class Analysis:
    """How the question is answered. Arms by index; `looks` are shares of the people, the last one 1."""

    method: Method
    estimand: Estimand
    test: tuple[int, ...]
    against: tuple[int, ...]
    week: float
    alpha: float
    power: float
    looks: tuple[float, ...]
    spending: Spending
    mixed_replicates: int


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true in the simulated world.

    Without `drawn`, one world: shared numbers at the middle of what is believed, or at the probabilities of `places`.
    With it, `draws` worlds from what is believed, shared evenly by the replicates, and the trial's own deviation.
    """

    drawn: bool
    draws: int
    places: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Design:
    """A virtual trial. `people` are randomised to each arm (to each sequence; to the trial, for split scalps)."""

    title: str
    study: str
    kind: Kind
    population: DesignPopulation
    arms: tuple[DesignArm, ...]
    visits: tuple[float, ...]
    period_weeks: float
    washout_weeks: float
    endpoints: tuple[Endpoint, ...]
    conduct: Conduct
    analysis: Analysis
    truth: Truth
    people: int
    sizes: tuple[int, ...]
    replicates: int
    pool: int

    @property
    def primary(self) -> Endpoint:
        """The endpoint that the size of the trial is chosen for."""
        return self.endpoints[0]

    @property
    def grafts(self) -> bool:
        """Whether it reads grafts, not the scalp."""
        return self.primary.measure == "graft_survival"

    @property
    def columns(self) -> int:
        """How many treatments stand side by side: arms, halves of the scalp, or sequences."""
        return len(self.arms)
