"""Tables of columns.toml: which CSV columns there are, what else they are called, which units their headers may say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal, cast, get_args

from follicast.knowledge.load import DATA, read_toml
from follicast.knowledge.number import Place, Table, read_choice, read_float, read_table, read_text, read_texts

FILE = "columns.toml"
Kind = Literal["date", "word", "whole", "number", "flag", "text"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its header, the key of the person file, how a cell is read, and factors of units to the key's."""

    header: str
    key: str
    kind: Kind
    names: tuple[str, ...]
    units: Mapping[str, float]

    @property
    def bare(self) -> str:
        """The header without the unit at its end."""
        return next(
            (self.header.removesuffix(f"_{u}") for u in self.units if self.header.endswith(f"_{u}")), self.header
        )


@dataclass(frozen=True, slots=True)
class ColumnTable:
    """All of columns.toml. `words` are further words by column and word; `units` further spellings by unit."""

    tables: Mapping[str, tuple[Column, ...]]
    needs: Mapping[str, tuple[str, ...]]
    words: Mapping[str, Mapping[str, str]]
    units: Mapping[str, str]

    def word(self, column: str, text: str) -> str:
        """The word of the person file that a cell means; the cell itself where none is known."""
        return self.words.get(column, {}).get(plain(text), text)

    def unit(self, text: str) -> str:
        """The unit word that a spelling means; the spelling itself where none is known."""
        return self.units.get(" ".join(text.casefold().split()), text)


def plain(text: str) -> str:
    """A header or word as it is compared: case, spaces, hyphens and underscores do not count."""
    return re.sub(r"[\s_-]+", "", text.casefold())


@cache
def columns() -> ColumnTable:
    """The shipped tables.

    Raises:
        InputError: columns.toml is wrong somewhere; one sentence.
    """
    raw = read_table(read_toml(DATA / FILE), Place(FILE, ""), frozenset({"units", "words", "tables"}))
    tables, needs = {}, {}
    for name, part in _items(raw["tables"], Place(FILE, "tables")):
        place = Place(FILE, f"tables.{name}")
        table = read_table(part, place, frozenset({"needs", "columns"}))
        needs[name] = read_texts(table["needs"], place.inside("needs"))
        listed = _items(table["columns"], place.inside("columns"))
        tables[name] = tuple(_column(header, item, place.inside(header)) for header, item in listed)
    return ColumnTable(
        MappingProxyType(tables), MappingProxyType(needs), _words(raw["words"]), _spellings(raw["units"])
    )


def _items(raw: object, place: Place) -> list[tuple[str, object]]:
    if not isinstance(raw, Mapping):
        raise place.refuse(f"found {raw!r}", "a table")
    return list(cast(Table, raw).items())


def _column(header: str, raw: object, place: Place) -> Column:
    table = read_table(raw, place, frozenset({"read", "names"}), frozenset({"units", "key"}))
    units = {u: read_float(f, place) for u, f in _items(table.get("units", {}), place.inside("units"))}
    return Column(
        header=header,
        key=read_text(table["key"], place.inside("key")) if "key" in table else header,
        kind=cast(Kind, read_choice(table["read"], get_args(Kind), place.inside("read"))),
        names=read_texts(table["names"], place.inside("names")),
        units=MappingProxyType(units),
    )


def _words(raw: object) -> Mapping[str, Mapping[str, str]]:
    found: dict[str, Mapping[str, str]] = {}
    for column, part in _items(raw, Place(FILE, "words")):
        known: dict[str, str] = {}
        for word, names in _items(part, Place(FILE, f"words.{column}")):
            spelt = read_texts(names, Place(FILE, f"words.{column}.{word}"))
            known |= {plain(name): word for name in (word, *spelt)}
        found[column] = known
    return found


def _spellings(raw: object) -> Mapping[str, str]:
    known: dict[str, str] = {}
    for unit, names in _items(raw, Place(FILE, "units")):
        known |= {name.casefold(): unit for name in (unit, *read_texts(names, Place(FILE, f"units.{unit}")))}
    return known
