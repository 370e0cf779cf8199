"""Codes of codes.toml: which code of which public system means a word of the person file, and how surely."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal, cast, get_args

from follicast.knowledge.labs import analytes
from follicast.knowledge.load import DATA, read_toml, therapies
from follicast.knowledge.number import Place, Table, read_choice, read_float, read_table, read_text, read_texts

FILE = "codes.toml"
Status = Literal["verified", "recalled"]
"""Seen in a published list or in records of others; or from general knowledge, to be checked before use."""
UCUM, LOCAL = "ucum", "local"
_HEAD = frozenset({"version", "checked", "reviewed_by", "canonical", "systems", "units"})


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a public system. `names_ingredient`: it says the substance only, never a strength or a route."""

    system: str
    code: str
    status: Status
    sources: tuple[str, ...]
    names_ingredient: bool


@dataclass(frozen=True, slots=True)
class Drug:
    """What decides which drug it is: ingredient, route ("oral" or "topical"), and strength from `low` to `high`."""

    ingredient: str
    route: str
    low: float
    high: float
    unit: str


@dataclass(frozen=True, slots=True)
class Concept:
    """One word of the person file. `own_code` is its code in our own code system; the label is in our own words."""

    section: str
    key: str
    label: str
    definition: str
    codes: tuple[Code, ...]
    drug: Drug | None

    @property
    def own_code(self) -> str:
        """The code in our own code system."""
        return f"{self.section}.{self.key}"


@dataclass(frozen=True, slots=True)
class CodeTable:
    """All of codes.toml. `systems` maps a short name to a URI, "local" to our own; `units` a word to UCUM."""

    version: str
    canonical: str
    systems: Mapping[str, str]
    units: Mapping[str, str]
    unit_words: Mapping[str, tuple[str, ...]]
    concepts: Mapping[tuple[str, str], Concept]

    def concept(self, section: str, key: str) -> Concept:
        """The concept of one word.

        Raises:
            KeyError: there is none; the tests hold that every word of the person file that is coded has one.
        """
        return self.concepts[section, key]

    def section(self, section: str) -> dict[str, Concept]:
        """The concepts of one part of the person file by their words, in the order of the file."""
        return {key: concept for (part, key), concept in self.concepts.items() if part == section}

    def find(self, uri: str, code: str, section: str | None = None) -> list[Concept]:
        """The concepts that a code of a system means; several where a code says less than we need, such as ATC."""
        return [
            concept
            for concept in self.concepts.values()
            if section in (None, concept.section)
            and (
                (uri == self.systems[LOCAL] and code == concept.own_code)
                or any(uri == self.systems[c.system] and code == c.code for c in concept.codes)
            )
        ]

    def ucum(self, unit: str) -> str:
        """The UCUM code of a unit word of the person file, which is the word itself where nothing else is listed."""
        return self.units.get(unit, unit)

    def unit_word(self, code: str, allowed: tuple[str, ...]) -> str | None:
        """Which of the allowed unit words a UCUM code or a unit's text means; None if none of them."""
        for word in allowed:
            if code in (self.ucum(word), *self.unit_words.get(word, ())):
                return word
        return code if code in allowed else None


@cache
def codes() -> CodeTable:
    """The shipped code table.

    Raises:
        InputError: codes.toml is wrong somewhere; one sentence.
    """
    raw = read_toml(DATA / FILE)
    canonical = read_text(raw.get("canonical"), Place(FILE, "canonical"))
    systems = {
        name: read_text(uri, Place(FILE, f"systems.{name}"))
        for name, uri in _table(raw.get("systems"), Place(FILE, "systems")).items()
    }
    systems[LOCAL] = f"{canonical}/CodeSystem/hair"
    units, words = _units(_table(raw.get("units"), Place(FILE, "units")))
    concepts: dict[tuple[str, str], Concept] = {}
    for section, part in raw.items():
        if section not in _HEAD:
            for key, item in _table(part, Place(FILE, section)).items():
                concepts[section, key] = _concept(section, key, item, systems)
    # a therapy or an analyte that is new in its own file has a code without being listed here
    labels = {("therapy", key): therapy.name for key, therapy in therapies().items()}
    labels |= {("lab", key): analyte.label for key, analyte in analytes().items()}
    for (section, key), label in labels.items():
        concepts.setdefault((section, key), Concept(section, key, label, "", (), None))
    version = read_text(raw.get("version"), Place(FILE, "version"))
    return CodeTable(version, canonical, MappingProxyType(systems), units, words, MappingProxyType(concepts))


def _table(raw: object, place: Place) -> Table:
    if not isinstance(raw, Mapping):
        raise place.refuse(f"found {raw!r}", "a table")
    return raw


def _units(raw: Table) -> tuple[Mapping[str, str], Mapping[str, tuple[str, ...]]]:
    units, words = {}, {}
    for word, item in raw.items():
        place = Place(FILE, f"units.{word}")
        table = read_table(item, place, frozenset({"ucum", "also"}))
        units[word] = read_text(table["ucum"], place.inside("ucum"))
        words[word] = read_texts(table["also"], place.inside("also"))
    return MappingProxyType(units), MappingProxyType(words)


def _concept(section: str, key: str, raw: object, systems: Mapping[str, str]) -> Concept:
    place = Place(FILE, f"{section}.{key}")
    table = read_table(raw, place, frozenset({"label"}), frozenset({"definition", "codes", "drug"}))
    listed = table.get("codes", [])
    if not isinstance(listed, list):
        raise place.inside("codes").refuse(f"found {listed!r}", "a list of tables")
    return Concept(
        section=section,
        key=key,
        label=read_text(table["label"], place.inside("label")),
        definition=read_text(table["definition"], place.inside("definition")) if "definition" in table else "",
        codes=tuple(_code(item, place.inside("codes"), systems) for item in listed),
        drug=_drug(table["drug"], place.inside("drug")) if "drug" in table else None,
    )


def _code(raw: object, place: Place, systems: Mapping[str, str]) -> Code:
    table = read_table(raw, place, frozenset({"system", "code", "status", "sources"}), frozenset({"of"}))
    if "of" in table:
        read_choice(table["of"], ("ingredient",), place.inside("of"))
    return Code(
        system=read_choice(table["system"], tuple(sorted(systems)), place.inside("system")),
        code=read_text(table["code"], place.inside("code")),
        status=cast(Status, read_choice(table["status"], get_args(Status), place.inside("status"))),
        sources=read_texts(table["sources"], place.inside("sources")),
        names_ingredient="of" in table,
    )


def _drug(raw: object, place: Place) -> Drug:
    table = read_table(raw, place, frozenset({"ingredient", "route", "strength", "unit"}))
    strength = table["strength"]
    if not isinstance(strength, list) or len(strength) != 2:
        raise place.inside("strength").refuse(f"found {strength!r}", "the lowest and the highest strength")
    low, high = (read_float(end, place.inside("strength")) for end in strength)
    return Drug(
        ingredient=read_text(table["ingredient"], place.inside("ingredient")),
        route=read_choice(table["route"], ("oral", "topical"), place.inside("route")),
        low=low,
        high=high,
        unit=read_choice(table["unit"], ("mg", "%"), place.inside("unit")),
    )
