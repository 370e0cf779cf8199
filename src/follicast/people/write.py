"""Writes a person down again: as the tables of a person file, and as its text, which reads back to an equal person."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from typing import Any, TypeAlias

from follicast.knowledge.labs import analytes
from follicast.knowledge.medicines import classes_of
from follicast.people.health import Health, Lab, Medication
from follicast.people.person import CANONICAL_UNITS, DENSITIES, Goals, Measurement, Person, Transplant
from follicast.people.readings import KEYS, PUNCH_CM2, TRIAL_AREA_CM2, check_together
from follicast.people.table import Table
from follicast.quantities import InputError

Data: TypeAlias = dict[str, Any]
"""The tables of a person file, as a TOML reader gives them."""

WIDEST_LINE = 110
"""Lists and texts longer than this are broken over lines; a person file allows 1,000 characters a line."""
PERSON_KEYS = {"label": "label", "sex": "sex", "age_years": "age", "ancestry": "ancestry"} | {
    name: name for name in ("jurisdiction", "years_of_loss", "family")
}


def person_data(person: Person) -> Data:
    """The tables of a person file that say exactly this person; what is not known is left out.

    A field that this file does not name goes under its own name, so a new table or block of a person needs nothing here
    as long as the file calls things as the person does.
    """
    data: Data = {"as_of": person.as_of, "person": {}}
    for field in fields(person):
        value = getattr(person, field.name)
        if field.name == "as_of":
            continue
        if field.name in PERSON_KEYS:
            if value not in (None, ()):
                data["person"][PERSON_KEYS[field.name]] = _plain(value)
        elif field.name == "measurements":
            data["measurements"] = _measurements(value, person.transplants)
        elif field.name == "transplants":
            data["transplants"] = [_transplant(item) for item in value]
        elif field.name == "health":
            data |= _health(value)
        elif field.name == "goals":
            data["goals"] = _goals(value)
        elif value != _usual(field):
            data[field.name] = _plain(value)
    if person.years_of_loss is not None and person.years_of_loss[0] == person.years_of_loss[1]:
        data["person"]["years_of_loss"] = person.years_of_loss[0]
    data["grades"] = [*data.get("grades", []), *data.pop("salt", [])]
    return {key: value for key, value in data.items() if value not in ({}, []) or key == "examination"}


def _usual(field: Field[Any]) -> object:
    """What a field holds where nothing was said."""
    if field.default_factory is not MISSING:
        return field.default_factory()
    return None if field.default is MISSING else field.default


def _plain(value: Any) -> Any:
    """A value as TOML knows it: a record becomes a table of what differs from the usual, a tuple a list."""
    if is_dataclass(value):
        return {
            field.name: _plain(part)
            for field in fields(value)
            if (part := getattr(value, field.name)) not in (None, ()) and part != _usual(field) and part != ""
        }
    if isinstance(value, tuple | list | frozenset):
        return [_plain(part) for part in (sorted(value) if isinstance(value, frozenset) else value)]
    return value


def _measurements(readings: Sequence[Measurement], transplants: Sequence[Transplant]) -> list[Data]:
    """Blocks in canonical units; a reading that was confirmed against its neighbours is confirmed again."""
    blocks = [_measurement(reading) for reading in readings]
    tables = [Table("", "", block, KEYS) for block in blocks]
    try:
        check_together(tables, readings, transplants)
    except InputError:
        for n, block in enumerate(blocks, start=1):
            try:
                check_together(tables[:n], readings[:n], transplants)
            except InputError:
                block["confirmed"] = True
    return blocks


def _measurement(reading: Measurement) -> Data:
    block = _plain(reading)
    usual = PUNCH_CM2 if reading.method == "biopsy" else TRIAL_AREA_CM2
    ordered: Data = {} if reading.zone is None else {"site": reading.zone}
    ordered |= {"date": reading.date, "quantity": reading.quantity, "value": reading.value}
    ordered["unit"] = CANONICAL_UNITS[reading.quantity]
    left_out = {"zone", *ordered} | ({"area_cm2"} if reading.area_cm2 == usual else set())
    left_out |= set() if reading.matched_site else {"matched_site"}
    if reading.threshold_um is None and reading.quantity in DENSITIES[1:]:
        raise ValueError("a reader gives every count of part of the hairs a threshold")
    return ordered | {key: value for key, value in block.items() if key not in left_out}


def _transplant(surgery: Transplant) -> Data:
    block: Data = _plain(surgery)
    if surgery.grafts_by_zone:
        block["zones"] = dict(surgery.grafts_by_zone)
        del block["grafts_by_zone"]
    return block


def _goals(goals: Goals) -> Data:
    table: Data = _plain(goals)
    own = table.pop("adherence_by", None)
    return table if own is None else table | {"adherence": dict(own)}


def _health(health: Health) -> Data:
    """The tables and blocks of what safety rules read, under the names that the file gives them."""
    data: Data = _plain(health)
    data["labs"] = [_lab(lab) for lab in health.labs]
    data["medications"] = [_medication(taken) for taken in health.medications]
    data["salt"] = [{"system": "salt", "grade": salt.score, "date": salt.date} for salt in health.salt]
    return data


def _lab(lab: Lab) -> Data:
    """A laboratory value in the unit that it was written in."""
    number, _, unit = lab.written.partition(" ")
    factor = analytes()[lab.analyte].units[unit or "1"]
    likely = (_before(lab.value, factor), float(number))
    value = next((v for v in likely if v * factor == lab.value and f"{v:g}" == number), likely[0])
    data: Data = {"analyte": lab.analyte, "date": lab.date, "value": value, "unit": unit or "1"}
    return data | {k: _before(end, factor) for k, end in (("low", lab.low), ("high", lab.high)) if end is not None}


def _before(product: float, factor: float) -> float:
    """The number that gives exactly this product, which a plain division may miss by its last bit."""
    middle = product / factor
    near = (middle, math.nextafter(middle, math.inf), math.nextafter(middle, -math.inf))
    return next((number for number in near if number * factor == product), middle)


def _medication(taken: Medication) -> Data:
    block: Data = _plain(taken)
    given = set(block.pop("classes", [])) - {*classes_of(taken.name)}
    return block | ({"class": min(given)} if given else {})


def write_person(data: Mapping[str, Any], notes: Mapping[str, str] | None = None, head: Sequence[str] = ()) -> str:
    """The text of a person file.

    Args:
        data: its tables.
        notes: comments by place ("as_of", "person.age", "measurements[2]"): where a value came from.
        head: comment lines for the top.
    """
    said = notes or {}
    lines = [f"# {_comment(line)}" for line in head] + ([""] if head else [])
    tables = {key: value for key, value in data.items() if isinstance(value, dict)}
    blocks = {key: value for key, value in data.items() if _is_blocks(value)}
    for key, value in data.items():
        if key not in tables and key not in blocks:
            lines += _pair(key, value, said.get(key))
    for name, table in tables.items():
        lines += ["", f"[{name}]", *_pairs(table, name, said)]
    for name, items in blocks.items():
        lines += list(_block_lines(name, items, said))
    return "\n".join(lines).lstrip("\n") + "\n"


def write_blocks(name: str, items: Sequence[Mapping[str, Any]], notes: Sequence[str]) -> str:
    """The text of more blocks of one name, to stand at the end of a person file; a note for each."""
    said = {f"{name}[{n}]": note for n, note in enumerate(notes, start=1)}
    return "\n".join(_block_lines(name, items, said)) + "\n"


def _is_blocks(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _block_lines(name: str, items: Sequence[Mapping[str, Any]], said: Mapping[str, str]) -> Iterator[str]:
    for n, item in enumerate(items, start=1):
        place = f"{name}[{n}]"
        yield ""
        if place in said:
            yield f"# {_comment(said[place])}"
        yield f"[[{name}]]"
        yield from _pairs(item, place, said)


def _pairs(table: Mapping[str, Any], place: str, said: Mapping[str, str]) -> list[str]:
    return [line for key, value in table.items() for line in _pair(key, value, said.get(f"{place}.{key}"))]


def _pair(key: str, value: Any, note: str | None) -> list[str]:
    lines = f"{_key(key)} = {toml_value(value)}".split("\n")
    if note is not None:
        lines[-1] += f"  # {_comment(note)}"
    return lines


def _comment(text: str) -> str:
    """One line of printable text; a comment may hold no control characters."""
    return "".join(c if c.isprintable() else " " for c in text)[:200]


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _text(key)


def toml_value(value: Any) -> str:
    """One value as TOML text.

    Raises:
        TypeError: TOML has no such value.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise TypeError("a person file holds finite numbers only")
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {toml_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        parts = [toml_value(item) for item in value]
        line = f"[{', '.join(parts)}]"
        return line if len(line) <= WIDEST_LINE else "[\n" + "".join(f"  {part},\n" for part in parts) + "]"
    raise TypeError(f"TOML has no {type(value).__name__}")


def _text(text: str) -> str:
    """A basic string on one line, or folded where it is long: the fold is a backslash and adds nothing to the text."""
    escaped = [_escape(c) for c in text]
    if sum(map(len, escaped)) <= 4 * WIDEST_LINE:
        return f'"{"".join(escaped)}"'
    chunks = [escaped[n : n + WIDEST_LINE] for n in range(0, len(escaped), WIDEST_LINE)]
    folded = "\\\n".join(("\\u0020" if chunk[0] == " " else chunk[0]) + "".join(chunk[1:]) for chunk in chunks)
    return f'"""{folded}"""'


def _escape(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    control = ord(character) < 0x20 or ord(character) == 0x7F
    return f"\\u{ord(character):04x}" if control else character
