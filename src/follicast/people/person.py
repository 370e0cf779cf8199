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

from follicast.people.health import Conditions as Conditions
from follicast.people.health import Health
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
    "as_of sex age_years ancestry years_of_loss family scalp grades measurements treatments transplants insults".split()
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
STALE_DAYS = 365.0
SYSTEM_LABELS = {
    "norwood-hamilton": "Norwood-Hamilton",
    "ludwig": "Ludwig",
    "sinclair": "Sinclair",
    "olsen": "Olsen",
    "basp": "BASP",
}
RATERS = {"self": "by the person", "clinician": "by a clinician", "photo": "from photographs"}
INSULT_LABELS = {
    "fever": "Fever",
    "surgery": "Surgery",
    "childbirth": "Childbirth",
    "crash-diet": "Crash diet",
    "other": "A strain on the body",
}
QUANTITY_LABELS = {
    "total_density": "All hairs",
    "nonvellus_density": "Non-vellus hairs",
    "terminal_density": "Terminal hairs",
    "mean_diameter": "Mean hair diameter",
    "anagen_share": "Share of growing hairs",
    "shed_per_day": "Hairs shed a day",
}


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
        return json.dumps(past, sort_keys=True, separators=(",", ":"), default=date.isoformat)

    def facts(self, labels: Mapping[str, str] | None = None) -> list[str]:
        """What is known of the past, in plain sentences; `labels` maps therapy ids to the words to use for them."""
        lines = [f"{'Man' if self.sex == 'male' else 'Woman'}, {self.age_years:g} years old on {self.as_of}."]
        lines += _background(self)
        lines += [f"Graded {SYSTEM_LABELS[g.system]} {g.grade} on {g.date} ({RATERS[g.rater]})." for g in self.grades]
        lines += [_reading(m) for m in self.measurements]
        lines += [_course(t, labels or {}) for t in self.treatments]
        lines += [_surgery(t) for t in self.transplants]
        lines += [f"{INSULT_LABELS[i.kind]} on {i.date}, which can set off a passing shed." for i in self.insults]
        return lines

    def missing(self) -> list[str]:
        """What would narrow the forecast, the most useful first."""
        return _missing_counts(self) + _missing_history(self)


def _zone_of(grade: Grade) -> str:
    """The zone where one grade says that there is most to keep or regain."""
    if grade.system == "basp":
        for letter, zone in BASP_ZONES:
            if letter in grade.grade:
                return zone
    if grade.system == "norwood-hamilton":
        return NORWOOD_ZONES.get(grade.grade, "vertex")
    return "mid-scalp"


def _number(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def _years(span: tuple[Year, Year]) -> str:
    low, high = span
    return f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"


def _background(person: Person) -> list[str]:
    """Sentences for ancestry, onset, family and scalp."""
    lines = []
    if person.ancestry is not None:
        lines.append(f"Ancestry: {person.ancestry}.")
    if person.years_of_loss is not None:
        lines.append(f"Losing hair for {_years(person.years_of_loss)} years.")
    if person.family:
        lines.append(f"Hair loss in the family: {', '.join(person.family)}.")
    scalp = person.scalp
    if scalp.oiliness is not None:
        lines.append(f"Scalp oiliness: {scalp.oiliness}.")
    if scalp.dandruff is not None:
        lines.append("Dandruff." if scalp.dandruff else "No dandruff.")
    if scalp.fine_hair is not None:
        lines.append("Hair that feels fine and limp." if scalp.fine_hair else "Hair that does not feel fine.")
    return lines


def _reading(reading: Measurement) -> str:
    name = QUANTITY_LABELS[reading.quantity]
    if reading.threshold_um is not None:
        name += f" (hairs of {reading.threshold_um:g} um and more)"
    place = "" if reading.zone is None else f" at the {reading.zone}"
    how = "" if reading.method is None else f", by {reading.method}"
    unit = CANONICAL_UNITS[reading.quantity]
    scale, unit = (100.0, "%") if unit == "fraction" else (1.0, unit)
    spread = "" if reading.sd is None else f" +- {_number(scale * reading.sd)}"
    return f"{name}{place}: {_number(scale * reading.value)}{spread} {unit} on {reading.date}{how}."


def _course(treatment: Treatment, labels: Mapping[str, str]) -> str:
    name = labels.get(treatment.therapy, treatment.therapy)
    until = "still going on" if treatment.end is None else f"until {treatment.end}"
    parts = [f"{name} from {treatment.start}, {until}"]
    if treatment.sessions:
        parts.append(f"{len(treatment.sessions)} session{'s' if len(treatment.sessions) > 1 else ''}")
    if treatment.adherence is None:
        parts.append("how regularly is not known")
    else:
        parts.append(f"{100 * treatment.adherence:.0f} % of the doses taken")
    return "; ".join(parts) + "."


def _surgery(transplant: Transplant) -> str:
    grafts = "an unknown number of grafts" if transplant.grafts is None else f"{transplant.grafts} grafts"
    where = f" to {' and '.join(transplant.zones)}" if transplant.zones else ", zones not known"
    return f"Hair transplant on {transplant.date}: {grafts}{where}."


def _missing_counts(person: Person) -> list[str]:
    """What counting and measuring would add."""
    zone = person.goal_zone
    counts = [m for m in person.measurements if m.quantity in DENSITIES]
    visits = sorted({m.date for m in counts})
    lines = []
    if not counts:
        lines.append(
            f"No hair count at any site: a count at the {zone} of a marked 1 cm2, with its diameter threshold, "
            "would narrow the forecast most."
        )
    elif len(visits) == 1:
        lines.append("Only one visit with a hair count: the same marked site 6 months apart gives the speed of loss.")
    if counts and zone not in {m.zone for m in counts}:
        lines.append(f"No hair count at the {zone}, where the plan is judged.")
    if visits and person.day(visits[-1]) < -STALE_DAYS:
        lines.append(f"The latest hair count is from {visits[-1]}, more than a year old.")
    if all(m.quantity != "mean_diameter" for m in person.measurements):
        lines.append("No hair diameter at any site: it tells thinned hairs, which can recover, from lost ones.")
    if all(m.quantity != "anagen_share" for m in person.measurements):
        lines.append("No share of growing hairs (a phototrichogram): it tells a passing shed from lasting loss.")
    return lines


def _missing_history(person: Person) -> list[str]:
    """What answers and records would add."""
    lines = []
    if not person.grades:
        system = "Norwood-Hamilton or BASP" if person.sex == "male" else "Ludwig, Sinclair or BASP"
        lines.append(f"No grade: {system}, by a clinician or from photographs, places the loss on the scalp.")
    if person.years_of_loss is None:
        lines.append("When the loss began is not said: it gives the speed of loss so far.")
    unknown = sorted({t.therapy for t in person.treatments if t.adherence is None})
    if unknown:
        lines.append(f"How regularly {', '.join(unknown)} was used is not said.")
    if any(t.grafts is None or not t.zones for t in person.transplants):
        lines.append("How many grafts were moved, and to which zones, is not said: the operation record has it.")
    if person.ancestry is None:
        lines.append("Ancestry is not said: usual density and hair diameter differ with it.")
    return lines
