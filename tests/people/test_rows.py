"""Rows as blocks: columns of many names, units demanded, and a reason for every row that is not taken."""

import csv
import io
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.people.files import THERAPIES, TODAY

from follicast.people.merge import merge
from follicast.people.rows import HowToRead, Reading, is_known, read_rows
from follicast.people.sheet import read_sheet
from follicast.quantities import InputError

LONG = "date,site,quantity,value,unit"


def read(text: str, **how: Any) -> Reading:
    headers = how.get("headers", {})
    sheet = read_sheet(text.encode(), "x.csv", lambda header: header in headers or is_known(header))
    return read_rows(sheet, HowToRead(**how))


def refused(text: str, **how: Any) -> str:
    with pytest.raises(InputError) as refusal:
        read(text, **how)
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


def rejected(cells: str, header: str = LONG, **how: Any) -> str:
    (reject,) = read(f"{header}\n{cells}\n", **how).rejects
    assert reject.place == "x.csv, line 2"
    return reject.why


def test_one_row_a_reading() -> None:
    (row,) = read(f"{LONG},threshold_um\n2026-11-01,vertex,nonvellus_density,180,hairs/cm2,30\n").rows
    assert row.block == {
        "date": date(2026, 11, 1),
        "site": "vertex",
        "quantity": "nonvellus_density",
        "value": 180.0,
        "unit": "hairs/cm2",
        "threshold_um": 30.0,
    }


def test_quantities_in_columns_with_their_units_are_a_reading_each() -> None:
    text = "Visit;Zone;Total hair density (/cm²);Mean hair diameter [µm];Anagen (%)\n2026-11-01;Crown;180;62;\n"
    rows = read(text).rows
    assert [(r.block["quantity"], r.block["value"], r.block["unit"]) for r in rows] == [
        ("total_density", 180.0, "hairs/cm2"),
        ("mean_diameter", 62.0, "um"),
    ]
    assert {row.block["site"] for row in rows} == {"vertex"}


@pytest.mark.parametrize(
    "header",
    ["date,site,quantity,value", "date,site,total_density", "date,site,quantity,value,unit,threshold"],
)
def test_a_header_without_its_unit_is_refused(header: str) -> None:
    assert "unit" in refused(f"{header}\n2026-11-01,vertex,1,1,1,1\n")


def test_a_unit_may_stand_in_the_header_of_the_value_or_be_set_for_all() -> None:
    row = "\n2026-11-01,vertex,total_density,180\n"
    assert read(f"date,site,quantity,value (hairs/cm2){row}").rows[0].block["unit"] == "hairs/cm2"
    assert read(f"date,site,quantity,value{row}", values={"unit": "/cm2"}).rows[0].block["unit"] == "hairs/cm2"


def test_a_share_in_percent_and_an_area_in_mm2_become_the_files_units() -> None:
    text = "therapy,start,adherence (%)\nprp,2026-01-01,80\n"
    assert read(text).rows[0].block["adherence"] == pytest.approx(0.8)
    text = f"{LONG},area (mm2)\n2026-11-01,vertex,total_density,180,hairs/cm2,25\n"
    assert read(text).rows[0].block["area_cm2"] == pytest.approx(0.25)


def test_headers_can_be_mapped_and_unknown_ones_are_named() -> None:
    text = "Wann,site,quantity,value,unit,Wetter\n2026-11-01,vertex,total_density,180,hairs/cm2,=1+1\n"
    reading = read(text, headers={"Wann": "date"})
    assert reading.rows[0].block["date"] == date(2026, 11, 1)
    assert reading.unknown == ("Wetter",)
    assert "Weather" in refused(text, headers={"Weather": "date"})
    assert "klingon" in refused(text, headers={"Wann": "date"}, values={"klingon": "1"})


def test_a_decimal_comma_is_noticed_and_understood_only_when_said() -> None:
    cells = '2026-11-01,vertex,total_density,"144,5",hairs/cm2'
    assert "--decimal comma" in rejected(cells)
    assert read(f"{LONG}\n{cells}\n", decimal="comma").rows[0].block["value"] == 144.5
    assert "point" in rejected(cells.replace("144,5", "1.144,5"), decimal="comma")


@pytest.mark.parametrize(
    "value", ["NaN", "inf", "1,234.5", "10^9", "\uff11\uff18\uff10", "abc", "0x10", "1_000", "--5"]
)
def test_scenario_46_what_is_no_plain_number_is_rejected(value: str) -> None:
    assert "value" in rejected(f'2026-11-01,vertex,total_density,"{value}",hairs/cm2')


@pytest.mark.parametrize("day", ["01/11/2026", "2026-13-01", "2026-02-30", "1.11.2026", "2026-11-01T10:00"])
def test_a_date_that_could_be_two_days_is_rejected(day: str) -> None:
    assert "2026-03-31" in rejected(f"{day},vertex,total_density,180,hairs/cm2")


def test_a_row_with_too_many_cells_is_rejected_and_the_others_are_kept() -> None:
    good = "2026-11-01,vertex,total_density,180,hairs/cm2"
    reading = read(f"{LONG}\n{good}\n2026-11-01,vertex,total_density,1,5,hairs/cm2\n{good}\n")
    assert [row.place for row in reading.rows] == ["x.csv, line 2", "x.csv, line 4"]
    assert "6 cells under 5 headers" in reading.rejects[0].why


def test_scenario_46_a_formula_in_a_text_is_rejected_and_a_disarmed_one_is_text() -> None:
    head = "therapy,start,notes"
    assert "formula" in rejected('prp,2026-01-01,"=HYPERLINK(""http://x.example"")"', head)
    assert read(f"{head}\nprp,2026-01-01,'=1+1\n").rows[0].block["notes"] == "=1+1"


def test_a_table_is_known_by_its_columns() -> None:
    tables = {
        "date,system,grade\n2026-01-01,norwood,IV\n": "grades",
        "therapy,start,end\nprp,2026-01-01,\n": "treatments",
        "therapy,date\nprp,2026-01-01\n": "sessions",
        "date,grafts,zones\n2026-01-01,2000,vertex:900 mid-scalp:1100\n": "transplants",
        "date,kind\n2026-01-01,fever\n": "insults",
        "date,analyte,value,unit\n2026-01-01,ferritin,40,ug/L\n": "labs",
    }
    assert {read(text).table for text in tables} == set(tables.values())
    assert all(read(text).table == table for text, table in tables.items())
    assert "measurements need date" in refused("colour,shape\nred,round\n")


def test_the_same_column_twice_is_refused() -> None:
    assert "both date" in refused("date,visit,system,grade\n2026-01-01,2026-01-01,norwood,IV\n")


def test_grafts_by_zone_need_no_total() -> None:
    (row,) = read("date,grafts,zones\n2026-01-01,2000,vertex:900 mid-scalp:1100\n").rows
    assert row.block["zones"] == {"vertex": 900, "mid-scalp": 1100}
    assert "vertex:many" in rejected("2026-01-01,2000,vertex:many", "date,grafts,zones")


HEADERS = st.sampled_from(
    [*LONG.split(","), "sd", "therapy", "start", "notes", "area (mm2)", "total_density (/cm2)", "x"]
)
CELLS = st.sampled_from(["", "180", "-1", "NaN", "1e999", "2026-01-05", "vertex", "=1", "'=1", "prp", "王"]) | st.text(
    max_size=6
)


@settings(deadline=None)
@given(st.lists(HEADERS, min_size=1, max_size=6), st.lists(st.lists(CELLS, max_size=7), min_size=1, max_size=4))
def test_any_table_is_read_rejected_or_refused_and_never_crashes(header: list[str], body: list[list[str]]) -> None:
    stream = io.StringIO()
    csv.writer(stream).writerows([header, *body])
    with suppress(InputError):
        reading = read(stream.getvalue())
        assert all(isinstance(row.block, dict) for row in reading.rows)
        assert all(reject.why for reject in reading.rejects)
        merge({"person": {"sex": "male", "age": 40}}, reading.rows, "p.toml", THERAPIES, TODAY)
