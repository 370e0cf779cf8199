"""Rows put into a person: what is there already is not added again, what cannot be right says why, the rest is kept.

A row is the same as another if it says the same of the same thing on the same day (`_key`); who is who is never guessed
from a name, so rows go into the one person that the user names.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from follicast.people.person import Person
from follicast.people.read import person_of
from follicast.people.rows import Reject, Row
from follicast.quantities import InputError

Data: TypeAlias = dict[str, Any]
SESSIONS, TREATMENTS = "sessions", "treatments"
SAME: dict[str, tuple[str, ...]] = {
    "measurements": ("date", "zone", "quantity", "value", "threshold_um", "area_cm2"),
    "grades": ("date", "system", "grade", "rater"),
    "treatments": ("therapy", "start", "end", "adherence", "notes"),
    "transplants": ("date", "grafts"),
    "insults": ("date", "kind"),
    "labs": ("date", "analyte", "value"),
    "medications": ("name", "start", "stop"),
}
"""What makes two blocks the same; the sessions of a treatment are compared one by one."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of it: the combined tables and their person, and what was added, there already, or rejected."""

    data: Data
    person: Person
    added: tuple[tuple[str, Data, str], ...]
    rows_added: int
    duplicates: int
    rejects: tuple[Reject, ...]


@dataclass(slots=True)
class _Unit:
    """One new block and the rows that it is made of."""

    table: str
    block: Data
    rows: list[Row]

    @property
    def order(self) -> tuple[date, str]:
        """By date, so that what is implausible is judged against what came before."""
        when = self.block.get("date") or self.block.get("start") or min(self.block.get("sessions", [date.max]))
        return when, repr(sorted(self.block.items(), key=str))


def merge(data: Mapping[str, Any], rows: Sequence[Row], source: str, known: Collection[str], today: date) -> Merged:
    """The person of `data` with the rows added that are new and can be right.

    Args:
        data: tables of a person file.
        rows: blocks from other files.
        source: what messages call the person file.
        known: the therapy ids there are.
        today: the date that nothing may be after.

    Raises:
        InputError: `data` itself is not a person.
    """
    person = person_of(data, source, known, today)
    alone = _Alone({"as_of": person.as_of, "person": {"sex": person.sex, "age": person.age_years}}, known, today)
    held = {table: {_key(table, item) for item in _items(person, table)} for table in SAME}
    given = {(t.therapy, when) for t in person.treatments for when in t.sessions}
    units, sessions, rejects, duplicates = [], [], [], 0
    for row in rows:
        try:
            key = alone.key(row)
        except InputError as refusal:
            rejects.append(Reject(row.place, str(refusal)))
            continue
        seen = given if row.table == SESSIONS else held[row.table]
        if key in seen:
            duplicates += 1
            continue
        seen.add(key)  # type: ignore[arg-type]
        if row.table == SESSIONS:
            sessions.append(row)
        else:
            units.append(_Unit(row.table, dict(row.block), [row]))
    units = sorted([*units, *_with_sessions(units, sessions)], key=lambda unit: unit.order)
    combined, kept, refused = _together(dict(data), units, source, known, today)
    added = tuple((unit.table, unit.block, unit.rows[0].place) for unit in kept)
    final = person_of(combined, source, known, today)
    return Merged(combined, final, added, sum(len(u.rows) for u in kept), duplicates, (*rejects, *refused))


@dataclass(frozen=True, slots=True)
class _Alone:
    """Reads one row as if it were all that is known of the person."""

    basis: Data
    known: Collection[str]
    today: date

    def key(self, row: Row) -> Hashable:
        """What the row says, as it is compared.

        Raises:
            InputError: it cannot be right, whatever else is known.
        """
        table, block = row.table, row.block
        if table == SESSIONS:
            table, block = TREATMENTS, {"therapy": block.get("therapy"), "sessions": [block.get("date")]}
        try:
            person = person_of(self.basis | {table: [block]}, "", self.known, self.today)
        except InputError as refusal:
            raise InputError(str(refusal).removeprefix(": ").replace(f"{table}[1].", "", 1)) from None
        if row.table == SESSIONS:
            course = person.treatments[0]
            return course.therapy, course.sessions[0]
        found = list(_items(person, table))
        if not found:
            raise InputError("grades alopecia areata, which is not imported; write it into the person file itself")
        return _key(table, found[0])


def _items(person: Person, table: str) -> Iterator[Any]:
    yield from getattr(person, table) if hasattr(person, table) else getattr(person.health, table)


def _key(table: str, item: Any) -> Hashable:
    values = (getattr(item, name) for name in SAME[table])
    return tuple(float(f"{value:.9g}") if isinstance(value, float) else value for value in values)


def _with_sessions(units: list[_Unit], sessions: list[Row]) -> list[_Unit]:
    """Sessions go to the new course that covers them; those without one make a course of their own."""
    loose: dict[str, _Unit] = {}
    for row in sessions:
        therapy, when = row.block["therapy"], row.block["date"]
        unit = next((u for u in units if u.table == TREATMENTS and _covers(u.block, therapy, when)), None)
        if unit is None:
            unit = loose.setdefault(therapy, _Unit(TREATMENTS, {"therapy": therapy}, []))
        unit.block.setdefault("sessions", []).append(when)
        unit.block["sessions"].sort()
        unit.rows.append(row)
    return list(loose.values())


def _covers(block: Data, therapy: str, when: date) -> bool:
    return bool(block["therapy"] == therapy and block["start"] <= when <= block.get("end", date.max))


def _together(
    data: Data, units: Sequence[_Unit], source: str, known: Collection[str], today: date
) -> tuple[Data, list[_Unit], list[Reject]]:
    """The units that fit to what is known and to one another, tried in halves, so that one bad row costs little."""
    kept: list[_Unit] = []
    rejects: list[Reject] = []

    def take(part: Sequence[_Unit]) -> None:
        nonlocal data
        if not part:
            return
        try:
            tried = _combined(data, part)
            person_of(tried, source, known, today)
        except InputError as refusal:
            if len(part) == 1:
                rejects.extend(Reject(row.place, _reason(str(refusal), data, source)) for row in part[0].rows)
            else:
                take(part[: len(part) // 2])
                take(part[len(part) // 2 :])
        else:
            data = tried
            kept.extend(part)

    take(units)
    return data, kept, rejects


def _combined(data: Data, units: Sequence[_Unit]) -> Data:
    combined = dict(data)
    for unit in units:
        combined[unit.table] = [*combined.get(unit.table, []), unit.block]
    return combined


def _reason(refusal: str, data: Data, source: str) -> str:
    """The refusal as seen from the row: its own place is the row's, others keep theirs in the person file."""
    text = refusal.removeprefix(f"{source}: ")
    for table in SAME:
        text = text.replace(f"{table}[{len(data.get(table, [])) + 1}].", "")
    return text
