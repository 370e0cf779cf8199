"""The clinic file (TOML): when the clinic is open, which rooms and people it has, and what they can do."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from follicast.people.table import Table, Window, closest, shown
from follicast.quantities import InputError

WEEKDAYS: Final = tuple("monday tuesday wednesday thursday friday saturday sunday".split())
MEASURE: Final = "measure"
"""The task of counting and photographing, beside the therapy ids."""
LARGEST_BYTES: Final = 1_000_000
_SPAN: Final = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_DAY_MINUTES: Final = 24 * 60
_FIRST, _LAST = date(2000, 1, 1), date(2200, 1, 1)
_ANY = Window(_FIRST, _LAST, f"{_FIRST}", f"{_LAST}")
_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "": ("clinic", "hours", "holidays", "rooms", "staff", "bookings", "lengths", "protected", "courses"),
    "clinic": ("name", "time_zone", "first_date", "slot_minutes", "closed", "ledger"),
    "holidays": ("name", "first", "last"),
    "rooms": ("name", "does", "closed"),
    "staff": ("name", "does", "days", "away"),
    "bookings": ("start", "minutes", "room", "staff"),
    "protected": ("before_days", "after_days", "assumption"),
    "courses": ("grace_days", "restart_gap_days"),
}


@dataclass(frozen=True, slots=True)
class Holiday:
    """Days on which the clinic is closed, both ends included."""

    name: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Resource:
    """A room or a member of staff. `does` None = everything; `days` are weekdays, 0 = Monday; `off` single days."""

    name: str
    does: frozenset[str] | None
    days: frozenset[int]
    off: frozenset[date]

    def serves(self, task: str, day: date) -> bool:
        """Whether this task can be done here, or by this person, on that day, leaving other bookings aside."""
        return self.can(task) and day.weekday() in self.days and day not in self.off

    def can(self, task: str) -> bool:
        """Whether this task can be done here, or by this person, at all."""
        return self.does is None or task in self.does


@dataclass(frozen=True, slots=True)
class Taken:
    """A booking that stands: from a local time on, for so many minutes; room or staff None = not taken by it."""

    start: datetime
    minutes: int
    room: str | None
    staff: str | None


@dataclass(frozen=True, slots=True)
class Clinic:
    """One clinic. `hours` are open spans of each weekday in minutes after midnight, local time.

    `lengths` are minutes by task, `protected` the days before and after an operation without sessions (None = the
    protocol's), `grace` and `restart_gap` days by therapy. `ledger` is the file that holds the bookings of every plan.
    """

    time_zone: str
    hours: tuple[tuple[tuple[int, int], ...], ...]
    rooms: tuple[Resource, ...]
    staff: tuple[Resource, ...]
    name: str = ""
    first_date: date | None = None
    slot_minutes: int = 30
    closed: frozenset[date] = frozenset()
    holidays: tuple[Holiday, ...] = ()
    bookings: tuple[Taken, ...] = ()
    lengths: Mapping[str, int] = field(default_factory=dict)
    protected: tuple[int, int] | None = None
    grace: Mapping[str, int] = field(default_factory=dict)
    restart_gap: Mapping[str, int] = field(default_factory=dict)
    ledger: Path | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The time zone with its rules."""
        return ZoneInfo(self.time_zone)

    def shut(self, day: date) -> str | None:
        """Why nobody works on that day, in words; None = the clinic is open."""
        if self.first_date is not None and day < self.first_date:
            return f"before the first bookable date {self.first_date}"
        for holiday in self.holidays:
            if holiday.first <= day <= holiday.last:
                return f"closed ({holiday.name})"
        if day in self.closed:
            return "closed"
        return None if self.hours[day.weekday()] else f"closed ({WEEKDAYS[day.weekday()].capitalize()})"


def read_clinic(path: Path, known_therapies: Collection[str]) -> Clinic:
    """The clinic described by the file at `path`.

    Args:
        path: a TOML file of at most 1 MB, UTF-8.
        known_therapies: the therapy ids that rooms and staff may name, beside "measure".

    Raises:
        InputError: anything at all is wrong with the file; one sentence.
    """
    source = "".join(c if c.isprintable() else "?" for c in str(path))
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_BYTES + 1)
    except OSError as problem:
        raise InputError(f"{source}: cannot be read ({problem.strerror}); give a clinic file (TOML).") from None
    if len(content) > LARGEST_BYTES:
        raise InputError(f"{source}: is larger than 1 MB; a clinic file is a TOML text file of at most 1 MB.")
    try:
        data = tomllib.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as problem:
        reason = " ".join(str(problem).split())[:200]
        raise InputError(f"{source}: is not valid TOML in UTF-8: {reason}.") from None
    tasks = (*dict.fromkeys((*known_therapies, "transplant")), MEASURE)
    return _clinic(_checked(source, "", data, _KEYS[""]), tasks, path.parent)


def _clinic(top: Table, tasks: tuple[str, ...], folder: Path) -> Clinic:
    own = _table(top, "clinic", _KEYS["clinic"])
    rooms = tuple(_resource(block, tasks, "closed") for block in _blocks(top, "rooms"))
    staff = tuple(_resource(block, tasks, "away") for block in _blocks(top, "staff"))
    for key, found in (("rooms", rooms), ("staff", staff)):
        if not found:
            raise InputError(f"{top.source}: {key} is missing; write [[{key}]] above each, with a name.")
        if len({r.name for r in found}) < len(found):
            raise InputError(f"{top.source}: {key} has the same name twice; give each its own.")
    ledger = own.text("ledger", 200)
    lengths = _table(top, "lengths", tasks)
    courses = {name: _inner(top, "courses", name) for name in _table(top, "courses", tasks).data}
    return Clinic(
        time_zone=_zone(own),
        hours=_hours(_table(top, "hours", WEEKDAYS)),
        rooms=rooms,
        staff=staff,
        name=own.text("name", 80) or "",
        first_date=own.when("first_date", _ANY),
        slot_minutes=own.whole("slot_minutes", 5, 240, "minutes") or 30,
        closed=frozenset(own.dates("closed", _ANY)),
        holidays=tuple(_holiday(block) for block in _blocks(top, "holidays")),
        bookings=tuple(_booking(block, rooms, staff) for block in _blocks(top, "bookings")),
        lengths={key: lengths.whole(key, 5, _DAY_MINUTES, "minutes") or 0 for key in lengths.data},
        protected=_protected(_table(top, "protected", _KEYS["protected"])) if top.has("protected") else None,
        grace={n: days for n, t in courses.items() if (days := t.whole("grace_days", 0, 90, "days")) is not None},
        restart_gap={n: days for n, t in courses.items() if (days := t.whole("restart_gap_days", 1, 999, "days"))},
        ledger=None if ledger is None else folder / ledger,
    )


def _checked(source: str, path: str, data: Mapping[str, Any], keys: Collection[str]) -> Table:
    table = Table(source, path, data, keys)
    for key in data:
        if key not in keys:
            near = closest(key, keys)
            end = "" if near else "."
            raise InputError(
                f"{source}: {table.place(key)} is not a known key; allowed are {', '.join(keys)}{near}{end}"
            )
    return table


def _table(top: Table, name: str, keys: Collection[str]) -> Table:
    raw = top.data.get(name, {})
    if not isinstance(raw, dict):
        top.refuse(name, f"must be one table; write [{name}] on a line of its own and its keys below")
    return _checked(top.source, name, raw, keys)


def _inner(top: Table, outer: str, name: str) -> Table:
    raw = top.data[outer][name]
    if not isinstance(raw, dict):
        raise InputError(f"{top.source}: {outer}.{name} must be one table; write [{outer}.{name}] and its keys below.")
    return _checked(top.source, f"{outer}.{name}", raw, _KEYS[outer])


def _blocks(top: Table, name: str) -> list[Table]:
    raw = top.items(name, "blocks")
    if not all(isinstance(item, dict) for item in raw):
        top.refuse(name, f"must be blocks; write [[{name}]] in double brackets above each")
    return [_checked(top.source, f"{name}[{n}]", item, _KEYS[name]) for n, item in enumerate(raw, start=1)]


def _zone(own: Table) -> str:
    own.need("time_zone", 'the IANA name, such as "Asia/Taipei" or "Europe/Berlin"')
    name = own.text("time_zone", 80) or ""
    try:
        if "/" not in name and name != "UTC":
            raise ValueError(name)
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        own.refuse("time_zone", 'is not an IANA time zone such as "Asia/Taipei" or "Europe/Berlin"')
    return name


def _hours(table: Table) -> tuple[tuple[tuple[int, int], ...], ...]:
    if not table.data:
        raise InputError(f'{table.source}: hours is missing; write [hours] and below it monday = ["09:00-17:00"].')
    week = []
    for name in WEEKDAYS:
        spans: list[tuple[int, int]] = []
        for text in table.items(name, 'spans such as "09:00-17:00"'):
            found = _SPAN.fullmatch(text) if isinstance(text, str) else None
            h1, m1, h2, m2 = (int(part) for part in found.groups()) if found else (0, 0, 0, 0)
            first, last = 60 * h1 + m1, 60 * h2 + m2
            if not first < last <= _DAY_MINUTES:
                table.refuse(name, f'names {shown(text)}, which is not a span such as "09:00-17:00"')
            if spans and first < spans[-1][1]:
                table.refuse(name, "has spans that overlap or are out of order")
            spans.append((first, last))
        week.append(tuple(spans))
    return tuple(week)


def _resource(block: Table, tasks: tuple[str, ...], off: str) -> Resource:
    block.need("name", "a name")
    days = block.words("days", WEEKDAYS) if "days" in block.keys else ()
    return Resource(
        name=block.text("name", 80) or "",
        does=frozenset(block.words("does", tasks)) if block.has("does") else None,
        days=frozenset(WEEKDAYS.index(day) for day in days) if days else frozenset(range(7)),
        off=frozenset(block.dates(off, _ANY)),
    )


def _holiday(block: Table) -> Holiday:
    first = block.required_date("first", _ANY)
    last = block.when("last", Window(first, first + timedelta(days=366), f"first, {first}", "a year after first"))
    return Holiday(block.text("name", 80) or "holiday", first, last or first)


def _booking(block: Table, rooms: tuple[Resource, ...], staff: tuple[Resource, ...]) -> Taken:
    start = block.data.get("start")
    if not isinstance(start, datetime) or start.tzinfo is not None:
        block.refuse("start", "must be a local date and time such as 2027-03-03T10:00:00, without quotes or offset")
    block.need("minutes", "how long it takes")
    room = block.word("room", [r.name for r in rooms])
    who = block.word("staff", [r.name for r in staff])
    if room is None and who is None:
        block.refuse("room", "is missing; say which room or which member of staff (or both) is taken")
    return Taken(start, block.whole("minutes", 1, _DAY_MINUTES, "minutes") or 0, room, who)


def _protected(table: Table) -> tuple[int, int]:
    table.need("assumption", "in words where these days come from")
    table.text("assumption", 500)
    found = []
    for key in ("before_days", "after_days"):
        table.need(key, "a number of days, 0 to 365")
        found.append(table.whole(key, 0, 365, "days") or 0)
    return found[0], found[1]
