"""Grading systems and tests of grading.toml: what each is, who it is for, and what each grade means in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from follicast.knowledge.load import DATA, read_toml
from follicast.knowledge.number import Place, read_choice, read_table, read_text, read_texts

FILE = "grading.toml"
_REQUIRED = frozenset({"label", "sexes", "kind", "sources", "note", "grades"})


@dataclass(frozen=True, slots=True)
class GradingSystem:
    """One system: its grades in order with their definitions, its sources, and what must be known to read it."""

    id: str
    label: str
    sexes: tuple[str, ...]
    kind: str
    sources: tuple[str, ...]
    note: str
    grades: Mapping[str, str]


@cache
def grading() -> Mapping[str, GradingSystem]:
    """The systems by id, grades in their own order.

    Raises:
        InputError: grading.toml is wrong somewhere; one sentence.
    """
    return MappingProxyType({name: _read(name, raw) for name, raw in read_toml(DATA / FILE).items()})


def _read(name: str, raw: object) -> GradingSystem:
    place = Place(FILE, name)
    table = read_table(raw, place, _REQUIRED)
    sexes = read_texts(table["sexes"], place.inside("sexes"))
    for sex in sexes:
        read_choice(sex, ("male", "female"), place.inside("sexes"))
    grades = table["grades"]
    if not isinstance(grades, Mapping) or not grades:
        raise place.inside("grades").refuse(f"found {grades!r}", "a table of grades with their definitions")
    return GradingSystem(
        id=name,
        label=read_text(table["label"], place.inside("label")),
        sexes=sexes,
        kind=read_text(table["kind"], place.inside("kind")),
        sources=read_texts(table["sources"], place.inside("sources")),
        note=read_text(table["note"], place.inside("note")),
        grades={str(code): read_text(text, place.inside(str(code))) for code, text in grades.items()},
    )
