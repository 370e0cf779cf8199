"""Tests of claims by simulation, as data: who, which arms, what is read when. They stand in claims.toml too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final, Literal, cast, get_args

from follicast.knowledge.claims import CLAIMS, ledger_part, read_certainty
from follicast.knowledge.load import parameters, therapies
from follicast.knowledge.number import Place, Table, read_choice, read_float, read_table, read_text, read_texts
from follicast.knowledge.posterior import REGROWTHS, Regrowth
from follicast.knowledge.therapy import Certainty
from follicast.quantities import DAYS_PER_WEEK, DAYS_PER_YEAR

Control = Literal["untreated", "tablet", "lotion", "shampoo", "device", "injection", "surgery"]
Measure = Literal["density", "nonvellus", "coverage", "sheds"]
Show = Literal[
    "level", "change", "share_up", "share_down", "share_counted_up", "gain", "share_gain", "kept", "missing",
    "share_back", "share_counted_back", "first", "starts", "sheds", "balance", "length",
]  # fmt: skip

UNITS: Final[Mapping[Measure, str]] = {
    "density": "hairs/cm2",
    "nonvellus": "hairs/cm2",
    "coverage": "%",
    "sheds": "hairs/day",
}
# What these read is a share of twins, so it has no interval between twins.
SHARES: Final[frozenset[Show]] = frozenset(
    ("share_up", "share_down", "share_counted_up", "share_gain", "share_back", "share_counted_back", "kept")
)
_OWN_UNITS: Final[Mapping[Show, str]] = {
    "first": "months",
    "starts": "hairs/day",
    "sheds": "hairs/day",
    "balance": "hairs/year",
    "length": "cm",
}
_TO_DAYS: Final = {"day": 1.0, "week": DAYS_PER_WEEK, "month": DAYS_PER_YEAR / 12.0, "year": DAYS_PER_YEAR}
# Only readings of hairs against another arm need one.
_AGAINST: Final[frozenset[Show]] = frozenset(("gain", "share_gain", "kept", "first"))


@dataclass(frozen=True, slots=True)
class Arm:
    """One thing that might be done: lines from today on, or nothing; and whose control arm it would be counted as.

    `first_day` is that of the first session; `stop_day` ends every daily line. `control` names the kind of trial arm
    whose own movement a clinic would count on top. `overrides` replace numbers of the model. `certainty` None = that of
    its least certain line.
    """

    key: str
    label: str
    person: str
    lines: tuple[str, ...]
    sessions: int | None
    interval_days: tuple[int, int] | None
    first_day: int | None
    stop_day: int | None
    control: Control
    sham: bool
    certainty: Certainty | None
    regrowth: Regrowth
    overrides: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Column:
    """What is read of every arm: `show` at `days` after today, against `from_days`; `first` looks at all of `days`.

    With `lost_only` it speaks of the twins only that today are short of their own density by a countable change.
    """

    key: str
    label: str
    show: Show
    measure: Measure
    days: tuple[int, ...]
    from_days: int
    lost_only: bool

    @property
    def unit(self) -> str:
        """Unit of what is read."""
        return "fraction" if self.show in SHARES else _OWN_UNITS.get(self.show, UNITS[self.measure])


@dataclass(frozen=True, slots=True)
class ClaimTest:
    """A simulation that bears on claims, as data.

    `against` is the arm that gains are read against. `finding` is a sentence with places such as {offer.counted}, an
    arm's key and a column's. `limits` say what it cannot show. `figure` names the columns that are drawn, of one unit.
    """

    id: str
    title: str
    arms: tuple[Arm, ...]
    columns: tuple[Column, ...]
    against: str
    finding: str
    limits: tuple[str, ...]
    figure: tuple[str, ...]

    @property
    def horizon_days(self) -> int:
        """The last day that is read."""
        return max(max(column.days, default=0) for column in self.columns)


@cache
def claim_tests() -> Mapping[str, ClaimTest]:
    """The tests by id, in the order of the file."""
    return MappingProxyType({key: read_claim_test(key, raw) for key, raw in ledger_part("test").items()})


@cache
def claim_people() -> Mapping[str, str]:
    """The people of the tests: person files (docs/guide/person-file.md) as text, by name."""
    place = Place(CLAIMS, "person")
    return MappingProxyType({key: read_text(text, place.inside(key)) for key, text in ledger_part("person").items()})


_TEST = frozenset({"title", "person", "against", "finding", "limits", "figure", "arms", "columns"})


def read_claim_test(key: str, raw: object) -> ClaimTest:
    """Reads one test.

    Raises:
        InputError: a field is missing, unknown or not allowed, or arms are compared that have other people.
    """
    place = Place(CLAIMS, f"test.{key}")
    table = read_table(raw, place, _TEST)
    person = _person(table["person"], place)
    arms = tuple(_arm(name, part, place.inside("arms"), person) for name, part in _named(table, "arms", place))
    columns = tuple(_column(name, part, place.inside("columns")) for name, part in _named(table, "columns", place))
    against = read_choice(table["against"], tuple(arm.key for arm in arms), place.inside("against"))
    base = next(arm for arm in arms if arm.key == against)
    if any(column.show in _AGAINST for column in columns):
        for arm in arms:
            if (arm.person, arm.regrowth, arm.overrides) != (base.person, base.regrowth, base.overrides):
                raise place.refuse(f"{arm.key} is compared with {against}", "arms of one person with the same numbers")
    return ClaimTest(
        id=key,
        title=read_text(table["title"], place.inside("title")),
        arms=arms,
        columns=columns,
        against=against,
        finding=read_text(table["finding"], place.inside("finding")),
        limits=read_texts(table["limits"], place.inside("limits")),
        figure=_drawn(table, columns, place),
    )


def _drawn(table: Table, columns: tuple[Column, ...], place: Place) -> tuple[str, ...]:
    """The columns to draw, which share an axis and so a unit."""
    names = read_texts(table["figure"], place.inside("figure"))
    units = {c.key: c.unit for c in columns}
    if not names or not set(names) <= set(units) or len({units[name] for name in names}) > 1:
        raise place.inside("figure").refuse(f"found {', '.join(names)}", "columns of this test with one unit")
    return names


def _named(table: Table, name: str, place: Place) -> list[tuple[str, object]]:
    part = table[name]
    if not isinstance(part, Mapping) or not part:
        raise place.inside(name).refuse(f"found {part!r}", "at least one table")
    for key in part:
        if not str(key).isidentifier():
            raise place.inside(name).refuse(f"found {key!r}", "names of letters, digits and underscores")
    return list(cast(Table, part).items())


def _person(raw: object, place: Place) -> str:
    return read_choice(raw, tuple(claim_people()), place.inside("person"))


_ARM = frozenset("person lines sessions interval_days first_day stop control sham certainty regrowth overrides".split())


def _arm(key: str, raw: object, inside: Place, person: str) -> Arm:
    place = inside.inside(key)
    table = read_table(raw, place, frozenset({"label"}), _ARM)
    lines = read_texts(table.get("lines", []), place.inside("lines"))
    for line in lines:
        read_choice(line, tuple(therapies()), place.inside("lines"))
    gaps = table.get("interval_days")
    if gaps is not None and not (isinstance(gaps, list) and len(gaps) == 2):
        raise place.inside("interval_days").refuse(f"found {gaps!r}", "the shortest and the longest, in days")
    overrides = table.get("overrides", {})
    if not isinstance(overrides, Mapping):
        raise place.inside("overrides").refuse(f"found {overrides!r}", "numbers by their dotted key")
    for name in overrides:
        read_choice(name, tuple(parameters()), place.inside("overrides"))
    return Arm(
        key=key,
        label=read_text(table["label"], place.inside("label")),
        person=_person(table["person"], place) if "person" in table else person,
        lines=lines,
        sessions=_whole(table, "sessions", place),
        interval_days=None if gaps is None else (int(gaps[0]), int(gaps[1])),
        first_day=_whole(table, "first_day", place),
        stop_day=days_of(table["stop"], place.inside("stop")) if "stop" in table else None,
        control=cast(
            Control, read_choice(table.get("control", "untreated"), get_args(Control), place.inside("control"))
        ),
        sham=table.get("sham", False) is True,
        certainty=read_certainty(table["certainty"], place) if "certainty" in table else None,
        regrowth=cast(Regrowth, read_choice(table.get("regrowth", REGROWTHS[0]), REGROWTHS, place.inside("regrowth"))),
        overrides={str(name): read_float(value, place.inside(str(name))) for name, value in overrides.items()},
    )


def _whole(table: Table, name: str, place: Place) -> int | None:
    return None if name not in table else int(read_float(table[name], place.inside(name)))


def _column(key: str, raw: object, inside: Place) -> Column:
    place = inside.inside(key)
    table = read_table(raw, place, frozenset({"label", "show"}), frozenset({"measure", "at", "from", "lost_only"}))
    show = cast(Show, read_choice(table["show"], get_args(Show), place.inside("show")))
    times = table.get("at", "0 days")
    listed = times if isinstance(times, list) else [times]
    return Column(
        key=key,
        label=read_text(table["label"], place.inside("label")),
        show=show,
        measure=cast(Measure, read_choice(table.get("measure", "density"), tuple(UNITS), place.inside("measure"))),
        days=tuple(days_of(time, place.inside("at")) for time in listed),
        from_days=days_of(table.get("from", "0 days"), place.inside("from")),
        lost_only=table.get("lost_only", False) is True,
    )


def days_of(raw: object, place: Place) -> int:
    """A time such as "6 months" in whole days.

    Raises:
        InputError: it is not a whole number of days, weeks, months or years.
    """
    found = re.fullmatch(r"(\d+) (day|week|month|year)s?", raw) if isinstance(raw, str) else None
    if found is None:
        raise place.refuse(f"found {raw!r}", 'a whole number of days, weeks, months or years, as in "6 months"')
    return round(int(found[1]) * _TO_DAYS[found[2]])
