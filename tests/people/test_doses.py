"""The dose log (6.5): late, gap, interruption, stop; unknown is not taken; what the model is told of it."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.people.files import MAN, parse

from follicast.inference.history import past_lines
from follicast.knowledge.load import Knowledge
from follicast.people.doses import DoseEntry, kind_of, lived
from follicast.people.person import Treatment
from follicast.people.write import person_data
from follicast.quantities import InputError

START = date(2026, 3, 1)
USE = '[[treatments]]\ntherapy = "minoxidil-topical-5"\nstart = 2026-03-01\n'


def block(first: str, last: str | None = None, taken: bool = True, rest: str = "") -> str:
    when = f"date = {first}" if last is None else f"first = {first}\nlast = {last}"
    return f'[[doses]]\ntherapy = "minoxidil-topical-5"\n{when}\ntaken = {str(taken).lower()}\n{rest}'


def log(*stretches: tuple[int, int, bool]) -> tuple[DoseEntry, ...]:
    """Entries from a first to a last day of use, counted from 0."""
    day = timedelta(days=1)
    return tuple(DoseEntry("m", START + first * day, START + last * day, taken) for first, last, taken in stretches)


def used(
    *stretches: tuple[int, int, bool], until: int = 100, adherence: float | None = None
) -> list[tuple[int, int | None, float | None]]:
    """The pieces of a treatment of 100 days under a log: first day, end, share."""
    treatment = Treatment(START, "m", None, adherence, (), "")
    pieces = lived(log(*stretches), [treatment], START + timedelta(days=until))
    days = lambda when: None if when is None else (when - START).days  # noqa: E731
    return [(days(p.start) or 0, days(p.end), p.adherence) for p in pieces]


@pytest.mark.parametrize(
    ("days", "kind"),
    [(0, "late"), (1, "late"), (2, "gap"), (7, "gap"), (8, "interruption"), (30, "interruption"), (31, "stopped")],
)
def test_scenario_6_5_days_since_the_last_dose_have_four_names(days: int, kind: str) -> None:
    assert kind_of(days) == kind


def test_scenario_39_an_empty_log_is_unknown_and_never_full() -> None:
    assert used() == [(0, None, None)]
    assert parse(MAN + USE).lived[0].adherence is None


def test_a_gap_only_lowers_the_share_of_doses() -> None:
    assert used((0, 39, True), (40, 44, False), (45, 100, True)) == [(0, None, pytest.approx(96 / 101))]


def test_an_interruption_cuts_the_use_in_two() -> None:
    assert used((0, 39, True), (40, 59, False), (60, 100, True)) == [(0, 40, 1.0), (60, None, 1.0)]


def test_after_a_month_it_has_stopped_unless_it_is_resumed() -> None:
    assert used((0, 39, True), (40, 50, False)) == [(0, 40, 1.0)]
    assert used((0, 39, True), (40, 80, False), (81, 100, True)) == [(0, 40, 1.0), (81, None, 1.0)]


def test_an_unknown_day_is_neither_a_dose_nor_a_dose_left_out() -> None:
    assert used((0, 9, True), (13, 100, True)) == [(0, None, 1.0)]
    assert used((0, 9, True), (60, 100, True)) == [(0, 10, 1.0), (10, 60, None), (60, None, 1.0)]
    # One day known to be without, among unknown ones, makes it days since the last dose.
    assert used((0, 9, True), (20, 20, False), (60, 100, True)) == [(0, 10, 1.0), (60, None, 1.0)]


def test_before_and_after_the_log_stands_what_the_file_says() -> None:
    assert used((40, 49, True), (50, 50, False), until=100, adherence=0.5) == [
        (0, 40, 0.5),
        (40, 51, pytest.approx(10 / 11)),
        (51, None, 0.5),
    ]


def test_a_dose_that_is_only_late_is_no_break() -> None:
    person = parse(MAN + USE + block("2026-03-01", "2026-04-01") + block("2026-04-02", "2026-05-01"))
    assert person.dose_breaks == ()


def test_the_facts_say_when_nothing_was_taken_and_what_was_written_down_late() -> None:
    person = parse(
        MAN
        + USE
        + block("2026-03-01", "2026-05-31")
        + block("2026-06-01", "2026-06-12", taken=False, rest="entered = 2026-06-14\n")
        + block("2026-06-13", "2026-11-20")
    )
    (stretch,) = person.dose_breaks
    assert (stretch.days, stretch.kind, stretch.entered_late) == (13, "interruption", True)
    told = " ".join(person.facts())
    assert "no dose from 2026-05-31 to 2026-06-13, 13 days. Partly written down afterwards." in told
    assert "100 % of the doses taken" in told


def test_the_model_is_told_of_a_stop_and_a_start(knowledge: Knowledge) -> None:
    text = MAN + USE + block("2026-03-01", "2026-05-31") + block("2026-06-01", "2026-06-20", taken=False)
    person = parse(text + block("2026-06-21", "2026-11-20"))
    lines = past_lines(person, knowledge, ["minoxidil-topical-5"], 1000)
    days = [(line.start - 1000, line.stop - 1000, line.adherence) for line in lines]
    assert days[0] == (person.day(date(2026, 3, 1)), person.day(date(2026, 6, 1)), 1.0)
    assert days[1] == (person.day(date(2026, 6, 21)), float("inf"), 1.0)


def test_the_log_is_part_of_the_past_and_of_the_file_that_is_written() -> None:
    bare, logged = parse(MAN + USE), parse(MAN + USE + block("2026-06-01", taken=False))
    assert bare.history_key() != logged.history_key()
    assert '"doses"' not in bare.history_key()
    (entry,) = person_data(logged)["doses"]
    assert entry["taken"] is False


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (block("2026-01-01"), "has no [[treatments]] block of daily use that covers these days"),
        (block("2026-06-01") + block("2026-06-01", taken=False), "has 2026-06-01 in an earlier [[doses]] block"),
        (block("2026-06-01", rest="entered = 2026-06-16\n"), "is 15 days after 2026-06-01; at most 14 are allowed"),
        (block("2026-06-01", rest="entered = 2026-05-31\n"), "is before the last of these days"),
        (block("2026-06-01", rest="first = 2026-06-01\n"), "is needed, or first and last for several days"),
        (block("2026-06-05", "2026-06-01"), "is before first, 2026-06-05"),
        (block("2026-12-01"), "is after as_of"),
        (block("2026-06-01").replace("taken = true\n", ""), "taken is missing; give true or false"),
        (block("2026-06-01").replace("true", "0.5"), "must be true or false"),
        (block("2026-06-01").replace("minoxidil-topical-5", "snake-oil"), "is not one of"),
        (block("2026-06-01", rest="dose = 1\n"), "doses[1].dose is not a known key"),
    ],
)
def test_a_log_that_cannot_be_right_is_refused(text: str, said: str) -> None:
    with pytest.raises(InputError) as refusal:
        parse(MAN + USE + text)
    assert said in str(refusal.value)
    assert "doses[" in str(refusal.value)


def test_a_day_may_be_written_down_fourteen_days_later() -> None:
    (entry,) = parse(MAN + USE + block("2026-06-01", rest="entered = 2026-06-15\n")).doses
    assert entry.entered == date(2026, 6, 15)


stretches = st.lists(st.tuples(st.integers(1, 45), st.sampled_from([True, False, None])), min_size=1, max_size=8)


@settings(max_examples=150, deadline=None)
@given(stretches, st.sampled_from([None, 0.5]))
def test_pieces_never_overlap_and_no_share_is_above_what_is_known(parts, declared) -> None:
    day, entries = 0, []
    for length, took in parts:
        if took is not None:
            entries.append((day, day + length - 1, took))
        day += length
    pieces = used(*entries, until=day, adherence=declared)
    for (start, end, share), (later, _, _) in pairwise(pieces):
        assert end is not None
        assert start < end <= later
        assert share is None or 0.0 <= share <= 1.0
    taken = {d for first, last, took in entries if took for d in range(first, last + 1)}
    for d in taken:
        assert any(start <= d and (end is None or d < end) for start, end, _ in pieces)
    if not taken and entries and not any(share == 0.5 for *_, share in pieces):
        assert all(share in (None, 0.0) for *_, share in pieces)
