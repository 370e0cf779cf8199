"""The vocabulary of tables of trials (trial_words.toml), and how people, measures and units are read with it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast, get_args

from follicast.knowledge.load import DATA, read_toml
from follicast.knowledge.number import Place, Table, read_choice, read_float, read_table, read_text, read_texts
from follicast.knowledge.trial import SCORED_PERCENT, Basis, Measure, Participants, Quantity, TrialSex
from follicast.knowledge.trial_numbers import DASHES, NUMBER, RowError, quoted, read_middle, tidy
from follicast.quantities import ZONES

WORDS = "trial_words.toml"
UNSTATED = frozenset({"age", "zones", "week_of_meta_analysis", "setting"})
MEASURE_KEYS = frozenset({"quantity", "level", "above_um", "below_um", "phases", "opposite", "without", "refuse"})
UNIT_KEYS = frozenset({"fits", "quantity", "per_standard", "area", "percent", "over_control", "refuse"})
Phase = Literal["anagen", "catagen", "telogen"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a row reads: the measure, and what follows from its kind.

    `level`: the number is a level, not a change. `opposite`: the row gives what the measure loses. `without`: therapies
    that both arms had and that this reading leaves out. `unstated_week`: when it is read where the row does not say.
    """

    measure: Measure
    level: bool
    opposite: bool
    without: tuple[str, ...]
    unstated_week: float | None


@dataclass(frozen=True, slots=True)
class Scale:
    """What a unit means for a quantity; `per_standard` is None where the scale is not known.

    `over_control`: the number is a difference from the control arm. `quantity` replaces the measure's own.
    """

    basis: Basis
    per_standard: float | None
    over_control: bool
    quantity: Quantity
    percent: bool


@dataclass(frozen=True, slots=True)
class _MeasureWord:
    pattern: re.Pattern[str]
    reading: Reading | None
    refuse: str


@dataclass(frozen=True, slots=True)
class _UnitWord:
    pattern: re.Pattern[str]
    fits: tuple[str, ...]
    quantity: Quantity | None
    per_standard: float | None
    by_column: bool
    percent: str
    over_control: bool
    refuse: str


def word_pattern(words: tuple[str, ...], place: Place) -> re.Pattern[str]:
    """The pattern that finds any of these words as a whole word."""
    for word in words:
        compiled(word, place)
    return compiled(rf"(?<![a-z0-9])(?:{'|'.join(words) or '(?!)'})(?![a-z])", place)


def compiled(pattern: object, place: Place) -> re.Pattern[str]:
    """A pattern of the vocabulary.

    Raises:
        InputError: it is not a regular expression.
    """
    text = read_text(pattern, place)
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise place.refuse(f"found {text!r} ({error})", "a regular expression") from error


def tables(raw: Table, name: str) -> Iterator[tuple[Table, Place]]:
    """The entries of a list of tables of the vocabulary, each with its place."""
    place = Place(WORDS, name)
    entries = raw.get(name)
    if not isinstance(entries, list):
        raise place.refuse(f"found {entries!r}", f"tables [[{name}]]")
    for index, entry in enumerate(entries):
        here = place.inside(str(index))
        if not isinstance(entry, Mapping):
            raise here.refuse(f"found {entry!r}", "a table")
        yield cast(Table, entry), here


def word_lists(raw: object, place: Place) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Each key of a table of word lists, with the pattern of its words."""
    if not isinstance(raw, Mapping):
        raise place.refuse(f"found {raw!r}", "a table of word lists")
    for name, words in raw.items():
        here = place.inside(str(name))
        yield str(name), word_pattern(read_texts(words, here), here)


@cache
def vocabulary() -> Table:
    """The vocabulary as it stands in its file."""
    return read_toml(DATA / WORDS)


class Words:
    """People, measures and units of a vocabulary."""

    def __init__(self, raw: Table) -> None:
        self._read_people(raw)
        self.measures = tuple(_measure_word(table, place) for table, place in tables(raw, "measure"))
        self.units = tuple(_unit_word(table, place) for table, place in tables(raw, "unit"))

    def _read_people(self, raw: Table) -> None:
        place = Place(WORDS, "unstated")
        unstated = read_table(raw.get("unstated"), place, UNSTATED)
        sexes = frozenset(get_args(TrialSex))
        ages = read_table(unstated["age"], place.inside("age"), sexes)
        zones = read_table(unstated["zones"], place.inside("zones"), sexes)
        self.ages = {sex: read_float(ages[sex], place.inside("age")) for sex in sexes}
        self.zones = {sex: _zones(zones[sex], place.inside("zones")) for sex in sexes}
        self.meta_week = read_float(unstated["week_of_meta_analysis"], place.inside("week_of_meta_analysis"))
        self.sexes = tuple(word_lists(raw.get("sex"), Place(WORDS, "sex")))
        hints = read_table(raw.get("sex_from_inclusion"), Place(WORDS, "sex_from_inclusion"), sexes - {"mixed"})
        self.sex_hints = [(sex, compiled(text, Place(WORDS, "sex_from_inclusion"))) for sex, text in hints.items()]
        self.ancestries = tuple(word_lists(raw.get("ancestry"), Place(WORDS, "ancestry")))
        self.regions = [
            (compiled(table.get("pattern"), place), _zones(table.get("zones"), place))
            for table, place in tables(raw, "region")
        ]
        self.older = [
            (compiled(table.get("pattern"), place), read_float(table.get("years"), place))
            for table, place in tables(raw, "age")
        ]

    def sex(self, text: str, inclusion: str) -> TrialSex:
        """Who took part; from the inclusion where the column is empty.

        Raises:
            RowError: the column holds another word.
        """
        plain = tidy(text)
        if plain:
            for name, pattern in self.sexes:
                if pattern.fullmatch(plain):
                    return cast(TrialSex, name)
            raise RowError(f"sex: found {quoted(text)}; allowed: M, F or M+F")
        hinted = [name for name, pattern in self.sex_hints if pattern.search(inclusion)]
        return cast(TrialSex, hinted[0]) if len(hinted) == 1 else "mixed"

    def people(self, sex: str, age: str, inclusion: str, region: str, author: str) -> Participants:
        """Whom a trial took in, from five columns of the table.

        Raises:
            RowError: a sex or an age that cannot be read.
        """
        who = self.sex(sex, inclusion)
        plain = tidy(inclusion)
        origin = f"{plain} {tidy(author)}"
        named = [name for name, pattern in self.ancestries if pattern.search(origin)]
        ancestry = named[0] if len(named) == 1 else None
        stages = None if who == "female" else norwood(inclusion)
        return Participants(who, self._age(age, plain, who), ancestry, self._region(region, who), stages)

    def _age(self, text: str, inclusion: str, sex: TrialSex) -> float:
        if tidy(text):
            age = read_middle(text)
            if age is None or not OLDEST[0] <= age <= OLDEST[1]:
                raise RowError(f"age_mean: found {quoted(text)}; allowed: {OLDEST[0]:g} to {OLDEST[1]:g} years")
            return age
        ends = _AGES.search(inclusion)
        if ends:
            low, high = (float(part) for part in ends.groups() if part)
            if OLDEST[0] <= low <= high <= OLDEST[1]:
                return (low + high) / 2
        older = [years for pattern, years in self.older if pattern.search(inclusion)]
        lowest = _OVER.search(inclusion)
        return older[0] if older else max(self.ages[sex], float(lowest[1]) if lowest else 0.0)

    def _region(self, text: str, sex: TrialSex) -> tuple[str, ...]:
        plain, found = tidy(text), set[str]()
        for pattern, zones in self.regions:
            if pattern.search(plain):
                found.update(zones)
                plain = pattern.sub(" ", plain)
        return tuple(zone for zone in ZONES if zone in found) or self.zones[sex]

    def reading(self, text: str) -> Reading:
        """What a text such as "terminal >=60 um" counts or measures.

        Raises:
            RowError: nothing that the model reads.
        """
        plain = tidy(text).replace("_", " ")
        for word in self.measures:
            if word.pattern.search(plain):
                if word.reading is None:
                    raise RowError(f"measure: found {quoted(text)}; {word.refuse}")
                return _with_threshold(word.reading, plain)
        known = ", ".join(get_args(Quantity))
        raise RowError(f"measure: found {quoted(text)}; allowed: {known}")

    def scale(self, text: str, quantity: Quantity, area: float | None) -> Scale:
        """What a unit means for a quantity; `area` is the target area (cm2) where the row gives it.

        Raises:
            RowError: an unknown unit, or one of another quantity.
        """
        plain = tidy(text)
        for word in self.units:
            match = word.pattern.search(plain)
            if match is None or (word.fits and quantity not in word.fits):
                continue
            if word.refuse:
                raise RowError(f"unit: found {quoted(text)}; {word.refuse}")
            if word.percent:
                relative = quantity not in SCORED_PERCENT or (word.percent != "points" and quantity == "anagen share")
                basis: Basis = "percent of baseline" if relative else "absolute"
                return Scale(basis, 1.0, word.over_control, quantity, True)
            per_standard, given = word.per_standard, match.groupdict().get("area")
            if per_standard is not None and (given or word.by_column):
                factor = float(given) if given else area
                per_standard = per_standard * factor if factor else None
            return Scale("absolute", per_standard, False, word.quantity or quantity, False)
        raise RowError(f"unit: found {quoted(text)}; allowed for {quantity}: {_ALLOWED_UNITS[quantity]}")


OLDEST = (10.0, 100.0)
_AGES = re.compile(
    r"\b(?:age[ds]?|(?:wo)?men|males?|patients|subjects|volunteers)\D{0,12}?\b(\d{2}) ?(?:-|to|and) ?(\d{2})(?!\d)"
    r"|(?<![\d.])(\d{2}) ?(?:-|to) ?(\d{2}) ?(?:y\b|yrs?\b|years?\b)"
)
_OVER = re.compile(r"(?:>=?|over|above|at least|older than) ?(\d{2})(?= ?(?:y\b|yrs?\b|years?\b|[,;)]|$))")
_SIZE = rf"({NUMBER}) ?(um|mm)"
_BETWEEN = re.compile(rf"({NUMBER}) ?(?:um|mm)? ?(?:-|to) ?{_SIZE}")
_ABOVE = re.compile(rf"(?:>=?|at least|over|above|thicker than|from) ?{_SIZE}")
_BELOW = re.compile(rf"(?:<=?|under|below|thinner than|up to) ?{_SIZE}")
_MICROMETRES = {"um": 1.0, "mm": 1000.0}
_ROMAN = {"I": 1.0, "II": 2.0, "III": 3.0, "IV": 4.0, "V": 5.0, "VI": 6.0, "VII": 7.0}
_STAGE = re.compile(r"(?<![A-Za-z.])(?<!phase )(VII|VI|IV|V|III|II|I)[vaA]?(?![A-Za-z0-9])")
_ARABIC = re.compile(
    r"(?:norwood|hamilton|\bnh?\b|grade|stage|type)\D{0,20}([1-7])[av]?(?: ?(?:-|to|or) ?([1-7]))?(?!\d)", re.IGNORECASE
)
_OTHER_SCALE = re.compile(r"ludwig|sinclair|savin|\bwom[ae]n\b|\bfphl\b|basp|fitzpatrick|skin", re.IGNORECASE)
_ALLOWED_UNITS: Mapping[Quantity, str] = {
    "count": "hairs/cm2, hairs per a stated area, % of baseline",
    "diameter": "um, mm, % of baseline",
    "weight": "mg/cm2/day, % of baseline",
    "thickness": "mm/cm2, um/cm2, % of baseline",
    "anagen share": "percentage points, %",
    "growth rate": "um/day, mm/day, % of baseline",
    "shedding": "hairs/day, % of baseline",
    "scalp DHT": "% change",
    "serum DHT": "% change",
    "graft survival": "%",
    "donor removed": "%, hairs/cm2",
}


def norwood(inclusion: str) -> tuple[float, float] | None:
    """The range of Norwood-Hamilton stages in a text such as "Norwood IIa-V, 30-60 y", or None."""
    stages: list[float] = []
    for clause in re.split(r"[,;]", inclusion):
        if not _OTHER_SCALE.search(clause):
            stages += [_ROMAN[match[1]] for match in _STAGE.finditer(clause.translate(_DASHED))]
            stages += [float(part) for match in _ARABIC.finditer(tidy(clause)) for part in match.groups() if part]
    return (min(stages), max(stages)) if stages else None


_DASHED = str.maketrans(dict.fromkeys(DASHES, "-"))


def _with_threshold(reading: Reading, plain: str) -> Reading:
    """The reading with the shaft diameters that the text itself gives."""
    between, above, below = (pattern.search(plain) for pattern in (_BETWEEN, _ABOVE, _BELOW))
    if not (between or above or below):
        return reading
    low, high = 0.0, math.inf
    if between:
        scale = _MICROMETRES[between[3]]
        low, high = float(between[1]) * scale, float(between[2]) * scale
    else:
        low = float(above[1]) * _MICROMETRES[above[2]] if above else low
        high = float(below[1]) * _MICROMETRES[below[2]] if below else high
    measure = Measure(reading.measure.quantity, low, high, reading.measure.phases)
    return Reading(measure, reading.level, reading.opposite, reading.without, reading.unstated_week)


def _zones(raw: object, place: Place) -> tuple[str, ...]:
    return tuple(read_choice(zone, ZONES, place) for zone in read_texts(raw, place))


def _measure_word(raw: Table, place: Place) -> _MeasureWord:
    table = read_table(raw, place, frozenset({"pattern"}), MEASURE_KEYS | {"unstated_week"})
    pattern = compiled(table["pattern"], place.inside("pattern"))
    if "refuse" in table:
        return _MeasureWord(pattern, None, read_text(table["refuse"], place.inside("refuse")))
    quantity = cast(Quantity, read_choice(table.get("quantity"), get_args(Quantity), place.inside("quantity")))
    low = read_float(table.get("above_um", 0), place.inside("above_um"))
    high = read_float(table["below_um"], place.inside("below_um")) if "below_um" in table else math.inf
    phases = read_texts(table.get("phases", []), place.inside("phases"))
    known = tuple(cast(Phase, read_choice(phase, get_args(Phase), place.inside("phases"))) for phase in phases)
    week = read_float(table["unstated_week"], place.inside("unstated_week")) if "unstated_week" in table else None
    without = read_texts(table.get("without", []), place.inside("without"))
    measure = Measure(quantity, low, high, known)
    return _MeasureWord(
        pattern, Reading(measure, bool(table.get("level")), bool(table.get("opposite")), without, week), ""
    )


def _unit_word(raw: Table, place: Place) -> _UnitWord:
    table = read_table(raw, place, frozenset({"pattern"}), UNIT_KEYS)
    choices = get_args(Quantity)
    quantity = read_choice(table["quantity"], choices, place.inside("quantity")) if "quantity" in table else None
    percent = read_choice(table["percent"], ("points", "of baseline"), place) if "percent" in table else ""
    return _UnitWord(
        pattern=compiled(table["pattern"], place.inside("pattern")),
        fits=tuple(read_choice(name, choices, place) for name in read_texts(table.get("fits", []), place)),
        quantity=cast(Quantity | None, quantity),
        per_standard=read_float(table["per_standard"], place) if "per_standard" in table else None,
        by_column="area" in table and read_choice(table["area"], ("column",), place.inside("area")) == "column",
        percent=percent,
        over_control=bool(table.get("over_control")),
        refuse=read_text(table["refuse"], place.inside("refuse")) if "refuse" in table else "",
    )
