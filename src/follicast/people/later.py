"""A person file read for a later day than it was written for: `follicast review --on DATE`."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from datetime import date, datetime
from pathlib import Path
from typing import Any

from follicast.people.person import Person
from follicast.people.read import LARGEST_BYTES, LONGEST_LINE, person_of, read_person
from follicast.quantities import DAYS_PER_YEAR, InputError


def read_later(path: Path, known_therapies: Collection[str], on: date | None, today: date) -> Person:
    """The person of a file on a later day: age and years of loss have gone on by the time between.

    Args:
        path: of the file.
        known_therapies: the therapy ids that may be named.
        on: the day; None = the day of the file.
        today: no day after this is allowed.

    Raises:
        InputError: the day is before `as_of` or after today, or anything is wrong with the file; one sentence.
    """
    if on is None:
        return read_person(path, known_therapies, today)
    if on > today:
        raise InputError(f"--on {on}: is after today, {today}; a review looks back.")
    data = _tables(path)
    written = data.get("as_of", on)
    if not data or not isinstance(written, date) or isinstance(written, datetime):
        return read_person(path, known_therapies, on)  # which says what is wrong with the file
    if written > on:
        raise InputError(f"--on {on}: is before as_of of {path.name}, {written}; give a day on or after it.")
    return person_of(_moved(data, (on - written).days / DAYS_PER_YEAR, on), path.name, known_therapies, on)


def _tables(path: Path) -> dict[str, Any]:
    """The tables of the file; none where it is not what a person file may be."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            return {}
        text = path.read_text(encoding="utf-8-sig")
        return {} if any(len(line) > LONGEST_LINE for line in text.split("\n")) else tomllib.loads(text)
    except (OSError, ValueError, RecursionError):
        return {}


def _moved(data: dict[str, Any], years: float, on: date) -> dict[str, Any]:
    """The tables with the day of the review; what is not a number is left for the reader to refuse."""
    person = data.get("person")
    if not isinstance(person, dict):
        return data | {"as_of": on}
    later = dict(person)
    for name in ("age", "years_of_loss"):
        raw = person.get(name)
        if isinstance(raw, list):
            later[name] = [_later(item, years) for item in raw]
        elif raw is not None:
            later[name] = _later(raw, years)
    return data | {"as_of": on, "person": later}


def _later(raw: object, years: float) -> object:
    number = isinstance(raw, int | float) and not isinstance(raw, bool)
    return round(float(raw) + years, 3) if number else raw  # type: ignore[arg-type]
