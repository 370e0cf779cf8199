"""A person written down as a person file reads back as the same person."""

import tomllib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.people.drawn import person_tables
from tests.people.files import MAN, ROOT, THERAPIES, TODAY, count, parse

from follicast.people.person import Person
from follicast.people.read import parse_person, person_of, read_person
from follicast.people.write import person_data, toml_value, write_person

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=150, suppress_health_check=SLOW, deadline=None)
@given(person_tables())
def test_any_person_survives_being_written_down(tables: dict[str, object]) -> None:
    person = person_of(tables, "drawn", THERAPIES, TODAY)
    assert parse(write_person(person_data(person))) == person


def said(record: Any) -> Iterator[str]:
    """Every field of a record and of the records in it that says something."""
    for field in fields(record):
        value = getattr(record, field.name)
        if value not in (None, (), ""):
            yield f"{type(record).__name__}.{field.name}"
        for part in value if isinstance(value, tuple) else (value,):
            if is_dataclass(part):
                yield from said(part)


def every_field(record: type) -> Iterator[str]:
    hints = get_type_hints(record)
    for field in fields(record):
        yield f"{record.__name__}.{field.name}"
        for part in (hints[field.name], *get_args(hints[field.name])):
            if isinstance(part, type) and is_dataclass(part):
                yield from every_field(part)


def test_the_drawn_people_use_every_field_there_is() -> None:
    """A field that is new and not drawn would be tested nowhere; add it to tests/people/drawn.py."""
    used: set[str] = set()

    @settings(max_examples=1000, suppress_health_check=SLOW, deadline=None, database=None)
    @given(person_tables())
    def collect(tables: dict[str, object]) -> None:
        used.update(said(person_of(tables, "drawn", THERAPIES, TODAY)))

    collect()
    assert set(every_field(Person)) - used == set()


@pytest.mark.parametrize("name", ["man-33", "man-40", "minimal", "woman-45"])
def test_an_example_survives(name: str) -> None:
    person = read_person(ROOT / f"examples/{name}.toml", THERAPIES, TODAY)
    assert parse_person(write_person(person_data(person)), name, THERAPIES, TODAY) == person


def test_readings_that_were_confirmed_are_confirmed_again() -> None:
    text = MAN + count(180, day="2025-11-01") + count(45) + "confirmed = true\n"
    written = write_person(person_data(parse(text)))
    assert written.count("confirmed = true") == 1
    assert parse(written) == parse(text)


def test_comments_say_where_a_value_came_from_and_cannot_break_the_file() -> None:
    data = person_data(parse(MAN))
    written = write_person(data, {"person.age": "entry 1\nage = 99"}, ["From a\rfile"])
    assert written.startswith("# From a file\n")
    assert "age = 40  # entry 1 age = 99\n" in written
    assert parse(written) == parse(MAN)


def test_a_laboratory_value_keeps_the_unit_and_number_it_was_written_with() -> None:
    lab = '[[labs]]\nanalyte = "zinc"\nvalue = {}\nunit = "ug/dL"\nhigh = 130\ndate = 2026-01-05\n'
    for value in ("81.7", "0.1", "5e-324"):
        person = parse(MAN + lab.format(value))
        written = write_person(person_data(person))
        assert parse(written) == person
        assert f"value = {value}" in written
        assert "high = 130" in written


def test_an_examination_in_which_nothing_was_noted_stays_one() -> None:
    person = parse(MAN + "[examination]\n")
    assert parse(write_person(person_data(person))) == person


@given(st.text(max_size=500))
def test_any_text_survives_and_no_line_is_too_long(text: str) -> None:
    line = f"a = {toml_value(text)}"
    assert tomllib.loads(line)["a"] == text
    assert max(map(len, line.split("\n"))) < 1000


def test_a_number_that_is_not_finite_is_never_written() -> None:
    with pytest.raises(TypeError):
        toml_value(float("nan"))
    assert toml_value([date(2026, 1, 1)] * 20).count("\n") == 21
