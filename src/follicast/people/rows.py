"""Rows of a CSV file as blocks of a person file: columns matched, units demanded, and every bad row says why."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePath
from typing import Any, Literal, get_args

from follicast.knowledge.columns import Column, columns, plain
from follicast.people.cells import NUMBER, unguarded
from follicast.people.invented import is_synthetic
from follicast.people.person import Quantity
from follicast.people.sheet import Sheet
from follicast.people.table import closest
from follicast.quantities import InputError

Decimal = Literal["point", "comma"]
FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
PERSON = ("person", "patient", "person id", "patient id", "subject", "subject id")
_UNIT = re.compile(r"(.+?)\s*[\(\[]\s*([^()\[\]]+?)\s*[\)\]]")
_DAY = re.compile(r"(\d{4})([-/])(\d{2})\2(\d{2})", re.ASCII)
_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Row:
    """One block that came from a line of a table; `table` is the CSV table's name, `place` its file and line."""

    table: str
    place: str
    block: dict[str, Any]
    person: str = ""


@dataclass(frozen=True, slots=True)
class Reject:
    """A line that was not taken, and why."""

    place: str
    why: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a CSV file gave: rows, rejects, and headers that nobody understood."""

    table: str
    rows: tuple[Row, ...]
    rejects: tuple[Reject, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Field:
    """What one column of the file is: a column of the table, or a wide one that holds one quantity."""

    column: Column | None
    unit: str | None = None
    quantity: str | None = None


@dataclass(frozen=True, slots=True)
class HowToRead:
    """How the user says a file is to be read: other headers, values for every row, and the decimal sign."""

    headers: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    decimal: Decimal = "point"


def is_known(header: str) -> bool:
    """Whether any table has a column of this header."""
    name, _ = _split(header)
    return (
        plain(name) in map(plain, PERSON)
        or _quantity(name) is not None
        or any(_matches(column, name) for table in columns().tables.values() for column in table)
    )


def read_rows(sheet: Sheet, how: HowToRead) -> Reading:
    """The rows of a sheet as blocks of the table that its header names.

    Raises:
        InputError: the header names no table, or a number without its unit; a mapping or value does not fit; a row is
            about an invented person.
    """
    for line, cells in sheet.rows:
        if is_synthetic(dict(zip(sheet.header, cells, strict=False))):
            raise InputError(f"{sheet.source}: line {line} is about a simulated person; only real people are imported.")
    table, fields, unknown = _header(sheet, how)
    shared = {key: _Field(_column(table, key, sheet)) for key in how.values}
    rows: list[Row] = []
    rejects: list[Reject] = []
    person = next((n for n, header in enumerate(sheet.header) if plain(header) in map(plain, PERSON)), None)
    for line, cells in sheet.rows:
        place = f"{PurePath(sheet.source).name}, line {line}"
        try:
            who = unguarded(cells[person]) if person is not None and person < len(cells) else ""
            blocks = _blocks(table, sheet, fields, cells, shared, how)
        except InputError as refusal:
            rejects.append(Reject(place, str(refusal)))
            continue
        rows += [Row(table, place, block, who) for block in blocks]
    return Reading(table, tuple(rows), tuple(rejects), unknown)


def _split(header: str) -> tuple[str, str | None]:
    """A header's name and the unit it says in brackets."""
    match = _UNIT.fullmatch(header.strip())
    return (match[1], columns().unit(match[2])) if match else (header.strip(), None)


def _matches(column: Column, name: str) -> bool:
    return plain(name) in map(plain, (column.header, column.bare, *column.names))


def _quantity(name: str) -> str | None:
    """The quantity that a wide column holds."""
    word = columns().word("quantity", name)
    return word if word in get_args(Quantity) else None


def _column(table: str, key: str, sheet: Sheet) -> Column:
    """The column of a key that the user named.

    Raises:
        InputError: the table has none.
    """
    for column in columns().tables[table]:
        if key in (column.header, column.key, column.bare):
            return column
    allowed = [column.header for column in columns().tables[table]]
    raise InputError(
        f"{sheet.source}: {table} have no column {key!r}; allowed are {', '.join(allowed)}{closest(key, allowed)}"
    )


def _header(sheet: Sheet, how: HowToRead) -> tuple[str, list[_Field | None], tuple[str, ...]]:
    """Which table the file is, what each of its columns is, and the headers that are not known."""
    missing = [header for header in how.headers if header not in sheet.header]
    if missing:
        raise InputError(f"{sheet.source}: --map {missing[0]}: no such header; allowed are {', '.join(sheet.header)}.")
    names = [how.headers.get(header, header) for header in sheet.header]
    table = _table(sheet, names, how)
    fields = [_field(table, name, sheet) for name in names]
    seen: set[str] = set()
    for header, item in zip(sheet.header, fields, strict=True):
        key = (item.quantity or item.column.key) if item and item.column else (item.quantity if item else None)
        if key in seen:
            raise InputError(f"{sheet.source}: two columns are both {key}; the second is {header!r}.")
        seen |= {key} if key else set()
    unknown = tuple(
        header
        for header, item in zip(sheet.header, fields, strict=True)
        if item is None and plain(header) not in map(plain, PERSON)
    )
    wide = any(item and item.quantity for item in fields)
    given = seen | set(how.values)
    needed = {"value": "value, with its unit", "quantity": "quantity", "unit": "unit"} if not wide else {}
    if table == "measurements":
        lacking = [words for key, words in needed.items() if key not in given and not _in_header(key, fields)]
        if lacking:
            raise InputError(f"{sheet.source}: measurements have no column {lacking[0]}; a unit is never guessed.")
    return table, fields, unknown


def _in_header(key: str, fields: Sequence[_Field | None]) -> bool:
    """Whether the unit is said in the header of the value."""
    return key == "unit" and any(f and f.column and f.column.header == "value" and f.unit for f in fields)


def _table(sheet: Sheet, names: Sequence[str], how: HowToRead) -> str:
    """The table that most of the headers belong to, among those whose needed columns are all there."""
    known = columns()
    split = [_split(name)[0] for name in names]
    scores = {}
    for table, listed in known.tables.items():
        held = {column.key for column in listed for name in split if _matches(column, name)} | set(how.values)
        wide = table == "measurements" and any(_quantity(name) for name in split)
        if set(known.needs[table]) <= held and (table != "measurements" or wide or "value" in held):
            scores[table] = len(held) + wide
    if not scores:
        wanted = "; ".join(
            f"{table}: {', '.join(keys)}" for table, keys in known.needs.items() if table != "measurements"
        )
        raise InputError(
            f"{sheet.source}: the header ({', '.join(sheet.header)[:120]}) is not of a table we know; measurements "
            f"need date, quantity, value and unit, or a column such as 'total_density (hairs/cm2)'; {wanted} "
            "(other headers: --map HEADER=COLUMN)."
        )
    return max(scores, key=scores.__getitem__)


def _field(table: str, header: str, sheet: Sheet) -> _Field | None:
    name, unit = _split(header)
    for column in columns().tables[table]:
        if not _matches(column, name):
            continue
        if not column.units:
            return _Field(column, unit)
        if unit is None:
            unit = next((u for u in column.units if plain(name) == plain(f"{column.bare}_{u}")), None)
        if unit not in column.units:
            allowed = " or ".join(f"'{column.bare} ({word})'" for word in column.units)
            raise InputError(f"{sheet.source}: the header {header!r} needs its unit: {allowed}.")
        return _Field(column, unit)
    quantity = _quantity(name) if table == "measurements" else None
    if quantity is not None and unit is None:
        raise InputError(f"{sheet.source}: the header {header!r} needs its unit, such as '{quantity} (hairs/cm2)'.")
    return None if quantity is None else _Field(None, unit, quantity)


def _blocks(
    table: str,
    sheet: Sheet,
    fields: Sequence[_Field | None],
    cells: Sequence[str],
    shared: Mapping[str, _Field],
    how: HowToRead,
) -> list[dict[str, Any]]:
    """The block of one line; one for each filled wide column where the quantities are columns."""
    if len(cells) > len(fields):
        raise InputError(
            f"has {len(cells)} cells under {len(fields)} headers; a comma in a text or a decimal comma needs quotes"
        )
    block: dict[str, Any] = {}
    wide: list[dict[str, Any]] = []
    pairs = [(f, cell, header) for f, cell, header in zip(fields, cells, sheet.header, strict=False) if f]
    pairs += [(f, how.values[key], key) for key, f in shared.items()]
    for item, cell, header in pairs:
        if cell == "":
            continue
        try:
            if item.quantity is not None:
                wide.append({"quantity": item.quantity, "value": _number(cell, how.decimal), "unit": item.unit})
            elif item.column is not None:
                block[item.column.key] = _value(item, cell, how.decimal)
                if item.column.header == "value" and item.unit:
                    block["unit"] = item.unit
        except InputError as refusal:
            raise InputError(f"{header}: {refusal}") from None
    if table == "transplants" and "zones" in block:
        block["zones"] = _zones(block["zones"])
        if isinstance(block["zones"], dict):
            block.pop("grafts", None)
    return [block | reading for reading in wide] if wide else ([block] if block else [])


def _value(item: _Field, cell: str, decimal: Decimal) -> Any:
    """One cell as its column reads it."""
    column = item.column
    assert column is not None
    if column.kind == "date":
        return _day(cell)
    if column.kind in ("number", "whole"):
        number = _number(cell, decimal)
        if column.kind == "whole":
            return int(number) if number.is_integer() and abs(number) < 1e15 else number
        return number * column.units[item.unit] if column.units and item.unit else number
    if column.kind == "flag":
        flag = FLAGS.get(cell.casefold())
        if flag is None:
            raise InputError(f"{cell[:40]!r} must be true or false")
        return flag
    text = unguarded(cell)
    if column.header == "unit":
        return columns().unit(text)
    return columns().word(column.header, text) if column.kind == "word" else text


def _number(cell: str, decimal: Decimal) -> float:
    """A plain number; a decimal comma only where the user said so, thousands never."""
    if decimal == "comma":
        if "." in cell:
            raise InputError(f"{cell[:40]!r} has a point, though --decimal comma was said")
        cell = cell.replace(",", ".", 1)
    if NUMBER.fullmatch(cell):
        return float(cell)
    if _COMMA.fullmatch(cell):
        raise InputError(
            f"{cell[:40]!r} has a comma: write a decimal point, or say --decimal comma if it is a decimal one"
        )
    raise InputError(f"{cell[:40]!r} is not a number such as 144.5")


def _day(cell: str) -> date:
    match = _DAY.fullmatch(cell)
    if match:
        try:
            return date(int(match[1]), int(match[3]), int(match[4]))
        except ValueError:
            pass
    raise InputError(f"{cell[:40]!r} is not a date such as 2026-03-31")


def _zones(text: str) -> Any:
    """Zones as "vertex mid-scalp", or with their grafts as "vertex:900 mid-scalp:1100"."""
    parts = [part for part in re.split(r"[\s;,]+", text) if part]
    if not any(":" in part for part in parts):
        return parts
    shares = dict(part.partition(":")[::2] for part in parts)
    if not all(re.fullmatch(r"\d{1,5}", count, re.ASCII) for count in shares.values()):
        raise InputError(
            f"zones: {text[:60]!r} must be zones, or zones with grafts such as 'vertex:900 mid-scalp:1100'"
        )
    return {zone: int(count) for zone, count in shares.items()}
