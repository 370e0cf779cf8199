"""CSV out: tidy, disarmed, and read back to the same rows."""

import csv
import io

from hypothesis import HealthCheck, given, settings
from tests.outputs import fixture
from tests.people.drawn import person_tables
from tests.people.files import MAN, THERAPIES, TODAY, count, parse

from follicast.outputs.exchange.tables import FORECAST, SCHEDULE, render_tables
from follicast.people.cells import is_formula
from follicast.people.merge import merge
from follicast.people.person import Person
from follicast.people.read import person_of
from follicast.people.rows import HowToRead, Row, is_known, read_rows
from follicast.people.sheet import read_sheet


def rows(files: dict[str, bytes]) -> list[Row]:
    found: list[Row] = []
    for name, content in files.items():
        reading = read_rows(read_sheet(content, name, is_known), HowToRead())
        assert (reading.rejects, reading.unknown) == ((), ())
        assert f"{reading.table}.csv" == name
        found += reading.rows
    return found


def cells(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(person_tables())
def test_tables_come_back_and_importing_them_into_the_same_person_adds_nothing(tables: dict[str, object]) -> None:
    person = person_of(tables, "drawn", THERAPIES, TODAY)
    files = render_tables(person)
    again = merge(tables, rows(files), "drawn", THERAPIES, TODAY)
    assert (again.rows_added, again.rejects) == (0, ())
    assert all(not is_formula(cell) for content in files.values() for row in cells(content) for cell in row)
    anew = {"as_of": person.as_of, "person": {"sex": person.sex, "age": person.age_years}}
    back = merge(anew, rows(files), "anew", THERAPIES, TODAY).person
    assert distinct(back) == distinct(person)


def distinct(person: Person) -> object:
    """What the tables hold; two blocks that say the same of one thing on one day are one row."""
    readings = {(m.date, m.zone, m.quantity, m.value, m.threshold_um, m.area_cm2) for m in person.measurements}
    grafts = {(t.date, t.grafts) for t in person.transplants}
    labs = {(lab.date, lab.analyte, float(f"{lab.value:.9g}")) for lab in person.health.labs}
    return readings, set(person.grades), set(person.treatments), grafts, set(person.insults), labs


def test_text_of_any_script_has_a_mark_for_spreadsheets_and_plain_text_none() -> None:
    plain = render_tables(parse(MAN + '[[treatments]]\ntherapy = "prp"\nstart = 2026-01-01\n'))
    assert not plain["treatments.csv"].startswith(b"\xef\xbb\xbf")
    chinese = render_tables(parse(MAN + '[[treatments]]\ntherapy = "prp"\nstart = 2026-01-01\nnotes = "王小明"\n'))
    assert chinese["treatments.csv"].startswith(b"\xef\xbb\xbf")


def test_a_formula_in_a_note_leaves_disarmed() -> None:
    files = render_tables(parse(MAN + "[[treatments]]\ntherapy = 'prp'\nstart = 2026-01-01\nnotes = '=1+1'\n"))
    assert cells(files["treatments.csv"])[1][-1] == "'=1+1"


def test_a_plan_adds_its_forecast_and_its_dates() -> None:
    plan = fixture.man_of_40()
    files = render_tables(parse(MAN + count(180)), plan)
    assert len(cells(files[FORECAST])) == 1 + len(plan.forecasts.bands) * len(plan.forecasts.days)
    assert len(cells(files[SCHEDULE])) == 1 + len(plan.schedule)
    assert cells(files[FORECAST])[0][-5:] == ["q10", "q25", "q50", "q75", "q90"]
