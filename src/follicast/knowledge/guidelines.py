"""What guidelines say of each therapy, grade strings as written: guidelines.toml, typed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, cast, get_args

from follicast.knowledge.load import DATA, read_toml
from follicast.knowledge.number import Place, read_choice, read_table, read_text, read_texts
from follicast.knowledge.therapy import Among

GUIDELINES: Final = "guidelines.toml"
_FIELDS: Final = frozenset({"guideline", "version", "population", "therapies", "grade", "read", "sources"})

ReadAs = Literal["primary", "secondary", "recalled"]


@dataclass(frozen=True, slots=True)
class Guideline:
    """One grade of one guideline. Anything but a `primary` reading is to be verified before anyone relies on it."""

    guideline: str
    version: str
    population: Among
    therapies: tuple[str, ...]
    grade: str
    read: ReadAs
    sources: tuple[str, ...]


@cache
def guidelines() -> tuple[Guideline, ...]:
    """Every grade there is, in the order of the file.

    Raises:
        InputError: a field is missing, unknown or not allowed.
    """
    rows = read_toml(DATA / GUIDELINES)["grade"]
    place = Place(GUIDELINES, "grade")
    if not isinstance(rows, list):
        raise place.refuse(f"found {rows!r}", "a list of tables")
    return tuple(_read(row, place.inside(str(k))) for k, row in enumerate(rows))


@cache
def scales() -> Mapping[str, str]:
    """What the grades of a guideline mean, by its name."""
    place = Place(GUIDELINES, "scale")
    table = read_toml(DATA / GUIDELINES)["scale"]
    if not isinstance(table, Mapping):
        raise place.refuse(f"found {table!r}", "a table of texts")
    return {str(name): read_text(text, place.inside(str(name))) for name, text in table.items()}


def grades_of(therapy: str, sex: str, known: Collection[Guideline] | None = None) -> list[Guideline]:
    """What the guidelines say of a therapy for somebody of this sex ("male" or "female")."""
    own = "men" if sex == "male" else "women"
    found = guidelines() if known is None else known
    return [g for g in found if therapy in g.therapies and g.population in (own, "people")]


def _read(raw: object, place: Place) -> Guideline:
    table = read_table(raw, place, _FIELDS)
    return Guideline(
        guideline=read_text(table["guideline"], place.inside("guideline")),
        version=read_text(table["version"], place.inside("version")),
        population=cast(Among, read_choice(table["population"], get_args(Among), place.inside("population"))),
        therapies=read_texts(table["therapies"], place.inside("therapies")),
        grade=read_text(table["grade"], place.inside("grade")),
        read=cast(ReadAs, read_choice(table["read"], get_args(ReadAs), place.inside("read"))),
        sources=read_texts(table["sources"], place.inside("sources")),
    )
