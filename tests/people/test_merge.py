"""Rows into a person: nothing twice, nothing impossible, the good rows kept."""

import tomllib
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.people.files import MAN, THERAPIES, TODAY, count

from follicast.people.merge import Merged, merge
from follicast.people.rows import Row


def reading(value: float, day: str = "2026-11-01", **more: Any) -> Row:
    block = {"site": "vertex", "date": date.fromisoformat(day), "quantity": "nonvellus_density", "value": value}
    return Row("measurements", f"line {value:g}", block | {"unit": "hairs/cm2"} | more)


def session(day: str, therapy: str = "prp") -> Row:
    return Row("sessions", f"session {day}", {"therapy": therapy, "date": date.fromisoformat(day)})


def merged(text: str, *rows: Row) -> Merged:
    return merge(tomllib.loads(text), rows, "p.toml", THERAPIES, TODAY)


def test_scenario_31_a_count_of_a_field_given_as_density_is_rejected_with_the_likely_area() -> None:
    result = merged(MAN + count(180, day="2025-11-01"), reading(45), reading(170, "2026-10-01"))
    assert [m.value for m in result.person.measurements] == [180, 170]
    (reject,) = result.rejects
    assert "implausible next to 180" in reject.why or "implausible next to 170" in reject.why
    assert "field_area_cm2 = 0.25" in reject.why


def test_scenario_31_hairs_per_field_need_the_area_and_are_then_multiplied() -> None:
    field = {"unit": "hairs/field"}
    assert "field_area_cm2" in merged(MAN, reading(45, **field)).rejects[0].why
    result = merged(MAN + count(180, day="2025-11-01"), reading(45, field_area_cm2=0.25, **field))
    assert [m.value for m in result.person.measurements] == [180, 180]


def test_scenario_32_a_diameter_in_mm_is_asked_back() -> None:
    row = reading(0.06, quantity="mean_diameter", unit="um")
    assert 'unit = "mm"' in merged(MAN, row).rejects[0].why


def test_scenario_46_negative_and_enormous_values_are_rejected() -> None:
    result = merged(MAN, reading(-5), reading(1e9), reading(180))
    assert len(result.rejects) == 2
    assert result.rows_added == 1


def test_a_row_that_is_there_is_a_duplicate_whatever_its_unit() -> None:
    inches = reading(180 * 6.4516, unit="hairs/inch2")
    result = merged(MAN + count(180), reading(180), inches)
    assert (result.rows_added, result.duplicates) == (0, 2)


def test_the_same_row_twice_in_one_file_is_added_once() -> None:
    result = merged(MAN, reading(180), reading(180))
    assert (result.rows_added, result.duplicates) == (1, 1)


def test_one_bad_row_among_many_costs_only_itself() -> None:
    rows = [reading(150 + n, f"2026-{1 + n // 25:02}-{1 + n % 25:02}") for n in range(200)]
    result = merged(MAN, *rows[:117], reading(20, "2026-06-01", confirmed=False), *rows[117:])
    assert result.rows_added == 200
    assert len(result.rejects) == 1
    assert "implausible" in result.rejects[0].why


def test_sessions_without_a_course_make_one_and_join_a_new_one() -> None:
    result = merged(MAN, session("2026-03-01"), session("2026-04-01"))
    (course,) = result.person.treatments
    assert course.sessions == (date(2026, 3, 1), date(2026, 4, 1))
    treated = Row("treatments", "line 2", {"therapy": "prp", "start": date(2026, 2, 1), "end": date(2026, 5, 1)})
    (course,) = merged(MAN, session("2026-03-01"), treated).person.treatments
    assert (course.start, course.sessions) == (date(2026, 2, 1), (date(2026, 3, 1),))


def test_a_session_inside_a_course_of_the_file_is_rejected_and_a_known_one_is_a_duplicate() -> None:
    text = MAN + '[[treatments]]\ntherapy = "prp"\nsessions = [2026-03-01, 2026-05-01]\n'
    result = merged(text, session("2026-03-01"), session("2026-04-01"), session("2026-06-01"))
    assert (result.duplicates, result.rows_added) == (1, 0)
    assert all("overlaps treatments[1]" in reject.why for reject in result.rejects)


def test_a_reading_after_the_day_of_the_file_is_rejected_as_future() -> None:
    assert "future" in merged(MAN, reading(180, "2026-11-21")).rejects[0].why


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([45.0, 150.0, 180.0, 1e6]), st.dates(date(2020, 1, 1), date(2026, 11, 20))),
        max_size=12,
    ),
    st.randoms(use_true_random=False),
)
def test_merging_again_in_any_order_adds_nothing(drawn: list[tuple[float, date]], order: Any) -> None:
    rows = [reading(value, when.isoformat()) for value, when in drawn]
    first = merged(MAN, *rows)
    again = rows.copy()
    order.shuffle(again)
    second = merge(first.data, again, "p.toml", THERAPIES, TODAY)
    assert second.rows_added == 0
    assert second.person == first.person
    assert first.rows_added + first.duplicates + len(first.rejects) == len(rows)
