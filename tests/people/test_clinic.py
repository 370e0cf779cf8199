"""The clinic file: what it means, and one sentence for each way to write it wrongly."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.people.files import ROOT, THERAPIES

from follicast.people.clinic import Clinic, read_clinic
from follicast.quantities import InputError

GOOD = """
[clinic]
time_zone = "Europe/Berlin"
[hours]
monday = ["09:00-12:00", "13:00-24:00"]
[[rooms]]
name = "R"
[[staff]]
name = "S"
"""


def read(folder: Path, text: str) -> Clinic:
    (folder / "c.toml").write_text(text, encoding="utf-8")
    return read_clinic(folder / "c.toml", THERAPIES)


def test_the_shipped_file_is_understood() -> None:
    clinic = read_clinic(ROOT / "examples" / "clinic.toml", THERAPIES)
    assert clinic.time_zone == "Asia/Taipei"
    assert clinic.shut(date(2026, 11, 27)) == "before the first bookable date 2026-11-30"
    assert clinic.shut(date(2027, 2, 8)) == "closed (Lunar New Year)"
    assert clinic.shut(date(2027, 1, 1)) == "closed"
    assert clinic.shut(date(2027, 3, 6)) == "closed (Saturday)"
    assert clinic.shut(date(2027, 3, 3)) is None
    assert clinic.hours[2] == ((540, 1080),)
    assert clinic.lengths["transplant"] == 420
    assert clinic.protected == (14, 28)
    assert clinic.restart_gap == {"exosome": 56}
    assert clinic.bookings[0].start == datetime.fromisoformat("2027-01-06T10:00")


def test_what_is_left_out_has_its_usual_value(tmp_path: Path) -> None:
    clinic = read(tmp_path, GOOD)
    assert clinic.hours[0] == ((540, 720), (780, 1440))
    assert clinic.slot_minutes == 30
    assert clinic.rooms[0].does is None
    assert clinic.protected is None
    assert clinic.ledger is None
    assert read(tmp_path, GOOD.replace("[hours]", 'ledger = "b.json"\n[hours]')).ledger == tmp_path / "b.json"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"Europe/Berlin"', '"Berlin"', 'clinic.time_zone = "Berlin" is not an IANA time zone'),
        ('"Europe/Berlin"', '"Europe/Nowhere"', "is not an IANA time zone"),
        ('"Europe/Berlin"', '"../../etc/passwd"', "is not an IANA time zone"),
        ('time_zone = "Europe/Berlin"', "", "clinic.time_zone is missing"),
        ("09:00-12:00", "9-12", "hours.monday"),
        ("09:00-12:00", "12:00-09:00", "is not a span"),
        ("13:00-24:00", "11:00-14:00", "overlap"),
        ("monday", "moonday", 'did you mean "monday"'),
        ('[[rooms]]\nname = "R"', "", "rooms is missing"),
        ('[[staff]]\nname = "S"', "", "staff is missing"),
        ('name = "S"', 'name = "S"\ndoes = ["snake-oil"]', "staff[1].does"),
        ('name = "S"', 'name = "S"\ndays = ["weekend"]', "staff[1].days"),
        ('name = "S"', 'name = "S"\n[[staff]]\nname = "S"', "the same name twice"),
        ("[hours]", "slot_minutes = 1\n[hours]", "slot_minutes = 1 is outside what is allowed, 5 to 240"),
        ("[hours]", "first_date = 2027-01-01T10:00:00\n[hours]", "must be a date"),
        ("[hours]", '[[bookings]]\nstart = "10:00"\nminutes = 5\nroom = "R"\n[hours]', "bookings[1].start"),
        ("[hours]", '[[bookings]]\nstart = 2027-01-01T10:00:00\nminutes = 5\nroom = "X"\n[hours]', "bookings[1].room"),
        ("[hours]", "[[bookings]]\nstart = 2027-01-01T10:00:00\nminutes = 5\n[hours]", "say which room"),
        ("[hours]", "[protected]\nbefore_days = 5\nafter_days = 5\n[hours]", "protected.assumption is missing"),
        ("[hours]", "[courses.exosome]\nweeks = 5\n[hours]", "courses.exosome.weeks is not a known key"),
        ("[hours]", "[lengths]\nsnake-oil = 5\n[hours]", "lengths.snake-oil is not a known key"),
        ("[hours]", "[[holidays]]\nfirst = 2027-01-05\nlast = 2027-01-01\n[hours]", "is before first"),
        ("[clinic]", "[clinic", "is not valid TOML"),
        ("[clinic]", "x = 1\n[clinic]", "x is not a known key"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(InputError) as refusal:
        read(tmp_path, GOOD.replace(old, new, 1))
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert "c.toml" in str(refusal.value)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"\x00", b"x" * 1_000_001])
def test_what_is_no_clinic_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "c.toml").write_bytes(content)
    with pytest.raises(InputError):
        read_clinic(tmp_path / "c.toml", THERAPIES)
    with pytest.raises(InputError, match="cannot be read"):
        read_clinic(tmp_path, THERAPIES)


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("09:00-12:00"),
    lambda part: (
        st.lists(part, max_size=3) | st.dictionaries(st.text("abc_", min_size=1, max_size=5), part, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(["clinic", "hours", "rooms", "staff", "bookings", "lengths", "courses"]), junk))
def test_anything_is_understood_or_refused(data: dict[str, object]) -> None:
    from follicast.people.clinic import _KEYS, _checked, _clinic

    try:
        _clinic(_checked("c.toml", "", data, _KEYS[""]), (*THERAPIES, "transplant", "measure"), Path())
    except InputError as refusal:
        assert str(refusal).startswith("c.toml: ")  # noqa: PT017 - either way is right
