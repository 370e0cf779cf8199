"""A person file read for a later day."""

from datetime import date
from pathlib import Path

import pytest
from tests.people.files import MAN, THERAPIES, TODAY, count

from follicast.people.later import read_later
from follicast.people.person import Person
from follicast.quantities import InputError

WRITTEN = MAN.replace("2026-11-20", "2025-11-20") + "years_of_loss = [5, 6]\n"


def read(tmp_path: Path, text: str, on: date | None) -> Person:
    path = tmp_path / "p.toml"
    path.write_text(text)
    return read_later(path, THERAPIES, on, TODAY)


def test_age_and_years_of_loss_go_on_to_the_day_of_the_review(tmp_path: Path) -> None:
    person = read(tmp_path, WRITTEN + count(150, day="2026-11-01"), date(2026, 11, 20))
    assert person.as_of == date(2026, 11, 20)
    assert person.age_years == pytest.approx(41.0, abs=0.01)
    assert person.years_of_loss == pytest.approx((6.0, 7.0), abs=0.01)
    assert len(person.measurements) == 1


def test_without_a_day_the_file_stands_as_it_is(tmp_path: Path) -> None:
    assert read(tmp_path, WRITTEN, None).as_of == date(2025, 11, 20)
    with pytest.raises(InputError, match="in the future"):
        read(tmp_path, WRITTEN + count(150, day="2026-11-01"), None)


@pytest.mark.parametrize(
    ("text", "on", "why"),
    [
        (WRITTEN, date(2025, 1, 1), "is before as_of"),
        (WRITTEN, date(2027, 1, 1), "is after today"),
        (WRITTEN.replace("40", '"40"'), date(2026, 1, 1), "person.age"),
        (WRITTEN.replace("2025-11-20", '"soon"'), date(2026, 1, 1), "as_of"),
        ("person = 3", date(2026, 1, 1), "person"),
        ("[", date(2026, 1, 1), "not valid TOML"),
        ("", date(2026, 1, 1), "empty"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(tmp_path: Path, text: str, on: date, why: str) -> None:
    with pytest.raises(InputError, match=why):
        read(tmp_path, text, on)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_later(tmp_path / "none.toml", THERAPIES, date(2026, 1, 1), TODAY)
