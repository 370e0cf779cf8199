"""One person: what is known of their hair, their treatments so far, and what they want.

Read from TOML by `follicast.people.read.read_person`. Every value is canonical: densities per cm2, diameters in um,
shares as fractions, sheds per day. Dates stay dates; `Person.day` turns one into days from `as_of` (negative = past).
Lists are in date order, whatever their order in the file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Literal

from follicast.people import doses as dose_log
from follicast.people import words
from follicast.people.doses import DoseBreak, DoseEntry
from follicast.people.health import Conditions as Conditions
from follicast.people.health import Health
from follicast.people.words import SYSTEM_LABELS as SYSTEM_LABELS
from follicast.quantities import DAYS_PER_YEAR, Cm2, Day, Micrometre, Share, Year

Sex = Literal["male", "female"]
GradeSystem = Literal["norwood-hamilton", "ludwig", "sinclair", "olsen", "basp"]
Rater = Literal["self", "clinician", "photo"]
InsultKind = Literal["fever", "surgery", "childbirth", "crash-diet", "other"]
Quantity = Literal[
    "total_density", "nonvellus_density", "terminal_density", "mean_diameter", "anagen_share", "shed_per_day"
]
Method = Literal["phototrichogram", "trichoscopy", "manual", "biopsy", "trichoscan", "collection"]
DENSITIES: tuple[Quantity, ...] = ("total_density", "nonvellus_density", "terminal_density")
CANONICAL_UNITS: dict[Quantity, str] = {
    "total_density": "hairs/cm2",
    "nonvellus_density": "hairs/cm2",
    "terminal_density": "hairs/cm2",
    "mean_diameter": "um",
    "anagen_share": "fraction",
    "shed_per_day": "hairs/day",
}
PAST = frozenset(
    "as_of sex age_years ancestry years_of_loss family scalp grades measurements treatments doses transplants "
    "insults".split()
)
NORWOOD_ZONES = {
    "I": "frontal-hairline",
    "II": "frontal-hairline",
    "IIa": "frontal-hairline",
    "III": "frontal-hairline",
    "IIIa": "frontal-hairline",
    "IVa": "mid-scalp",
    "Va": "mid-scalp",
}
BASP_ZONES = (("V", "vertex"), ("F", "mid-scalp"), ("U", "vertex"), ("M", "temples"), ("C", "frontal-hairline"))


@dataclass(frozen=True, slots=True)
class Scalp:
    """What the scalp and hair look like; None = not said."""

    oiliness: Literal["low", "normal", "high"] | None = None
    dandruff: bool | None = None
    fine_hair: bool | None = None


@dataclass(frozen=True, slots=True)
class Grade:
    """One reading of a grading system. `grade` is spelt as in the system's list, e.g. "IIIvertex", "M2F1V1", "3"."""

    date: date
    system: GradeSystem
    grade: str
    rater: Rater


@dataclass(frozen=True, slots=True)
class Measurement:
    """One reading of one quantity, in `CANONICAL_UNITS[quantity]`.

    `zone` is None for sheds (whole scalp). `threshold_um` is the thinnest hair counted (None = every hair seen).
    `area_cm2` is the area read. `sd` is the standard error as reported, in the canonical unit (None = not reported).
    `matched_site` says that the same marked skin was read as last time.
    """

    date: date
    zone: str | None
    quantity: Quantity
    value: float
    threshold_um: Micrometre | None
    area_cm2: Cm2
    method: Method | None
    sd: float | None
    matched_site: bool


@dataclass(frozen=True, slots=True)
class Treatment:
    """One therapy over one stretch of time. `end` None = still going on; `adherence` None = unknown, not full."""

    start: date
    therapy: str
    end: date | None
    adherence: Share | None
    sessions: tuple[date, ...]
    notes: str


@dataclass(frozen=True, slots=True)
class Transplant:
    """One session of hair transplantation.

    `grafts` None and `zones` empty = not known. `grafts_by_zone` pairs (zone, grafts) only where the file says how they
    were shared out. `survival` is the share of grafts that took (None = not known).
    """

    date: date
    grafts: int | None
    zones: tuple[str, ...]
    grafts_by_zone: tuple[tuple[str, int], ...]
    survival: Share | None
    technique: Literal["fue", "strip"] | None


@dataclass(frozen=True, slots=True)
class Insult:
    """Something that pushes growing hairs into rest together (telogen effluvium two to four months later)."""

    date: date
    kind: InsultKind


@dataclass(frozen=True, slots=True)
class Goals:
    """What the person wants: weights 0 (do not care) to 3. `zone` None = chosen by grade and sex.

    `adherence` is the share of daily doses the person expects to take (None = not said), `adherence_by` the same for
    therapies of their own.
    """

    keep: float = 1.0
    regain: float = 1.0
    coverage: float = 0.0
    no_tablets: float = 0.0
    low_cost: float = 0.0
    few_visits: float = 0.0
    zone: str | None = None
    horizon_months: int = 24
    adherence: Share | None = None
    adherence_by: tuple[tuple[str, Share], ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A course somebody has offered, to be judged beside the others.

    `sessions` and `interval_days` (shortest, longest) are for its session therapies; None = the therapy's usual course.
    """

    name: str
    lines: tuple[str, ...]
    sessions: int | None
    interval_days: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Budget:
    """The most the person will spend a year, in US dollars."""

    per_year: float
    currency: Literal["USD"] = "USD"


@dataclass(frozen=True, slots=True)
class Person:
    """One person at `as_of`. `age_years` and `years_of_loss` (shortest, longest) are at `as_of`."""

    as_of: date
    label: str
    sex: Sex
    age_years: Year
    ancestry: str | None = None
    jurisdiction: str | None = None
    years_of_loss: tuple[Year, Year] | None = None
    family: tuple[str, ...] = ()
    scalp: Scalp = Scalp()
    grades: tuple[Grade, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    treatments: tuple[Treatment, ...] = ()
    transplants: tuple[Transplant, ...] = ()
    insults: tuple[Insult, ...] = ()
    doses: tuple[DoseEntry, ...] = ()
    goals: Goals = Goals()
    refuses: tuple[str, ...] = ()
    considers: tuple[str, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    budget: Budget | None = None
    conditions: Conditions = field(default_factory=Conditions)
    health: Health = field(default_factory=Health)

    def day(self, when: date) -> Day:
        """Days from `as_of` to `when`; negative = past."""
        return float((when - self.as_of).days)

    def age_on(self, when: date) -> Year:
        """Age in years on `when`."""
        return self.age_years + self.day(when) / DAYS_PER_YEAR

    @property
    def lived(self) -> tuple[Treatment, ...]:
        """The treatments as they were used: cut where the dose log shows an interruption or a stop."""
        return dose_log.lived(self.doses, self.treatments, self.as_of)

    @property
    def dose_breaks(self) -> tuple[DoseBreak, ...]:
        """Stretches without a dose that the log is sure of."""
        return dose_log.breaks(self.doses, self.treatments, self.as_of)

    @property
    def goal_zone(self) -> str:
        """The zone that plans are judged at: the person's own choice, else where the latest grade says the loss is."""
        if self.goals.zone is not None:
            return self.goals.zone
        if self.grades:
            return _zone_of(self.grades[-1])
        return "vertex" if self.sex == "male" else "mid-scalp"

    def history_key(self) -> str:
        """Canonical JSON of everything that determines the past, and of nothing else: the key of a fitted posterior."""
        past = {name: value for name, value in asdict(self).items() if name in PAST}
        for treatment in past["treatments"]:
            del treatment["notes"]
        if not past["doses"]:
            del past["doses"]
        return json.dumps(past, sort_keys=True, separators=(",", ":"), default=date.isoformat)

    def facts(self, labels: Mapping[str, str] | None = None) -> list[str]:
        """What is known of the past, in plain sentences; `labels` maps therapy ids to the words to use for them."""
        return words.facts(self, labels or {})

    def missing(self, labels: Mapping[str, str] | None = None) -> list[str]:
        """What would narrow the forecast, the most useful first; `labels` as in `facts`."""
        return words.missing(self, labels or {})


def _zone_of(grade: Grade) -> str:
    """The zone where one grade says that there is most to keep or regain."""
    if grade.system == "basp":
        for letter, zone in BASP_ZONES:
            if letter in grade.grade:
                return zone
    if grade.system == "norwood-hamilton":
        return NORWOOD_ZONES.get(grade.grade, "vertex")
    return "mid-scalp"
