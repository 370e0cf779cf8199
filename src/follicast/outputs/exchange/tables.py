"""A person and a plan as tidy CSV files: one row a reading, units in the header, nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from follicast.decisions.result import PlanResult
from follicast.knowledge.columns import columns
from follicast.people.cells import guarded
from follicast.people.person import Person
from follicast.people.write import person_data

FORECAST, SCHEDULE = "forecast.csv", "schedule.csv"
FORECAST_HEADER = ("plan", "zone", "quantity", "unit", "day", "date", "q10", "q25", "q50", "q75", "q90")
SCHEDULE_HEADER = tuple("id date earliest latest kind therapy number of status time time_zone".split())


def render_tables(person: Person, plan: PlanResult | None = None) -> dict[str, bytes]:
    """CSV files by name: the tables of the person that have rows, and the forecast and schedule of a plan.

    Text is UTF-8, with a byte order mark where it is not plain ASCII, so that spreadsheets show every script.
    """
    data = person_data(person)
    data["sessions"] = [
        {"therapy": block["therapy"], "date": when}
        for block in data.get("treatments", [])
        for when in block.get("sessions", [])
    ]
    data["grades"] = [block for block in data.get("grades", []) if block["system"] != "salt"]
    files = {}
    for table, listed in columns().tables.items():
        rows = [[block.get(column.key) for column in listed] for block in data.get(table, [])]
        if rows:
            files[f"{table}.csv"] = render_csv([column.header for column in listed], rows)
    if plan is not None:
        files[FORECAST] = render_csv(FORECAST_HEADER, _forecast(plan))
        files[SCHEDULE] = render_csv(
            SCHEDULE_HEADER, [[getattr(event, name) for name in SCHEDULE_HEADER] for event in plan.schedule]
        )
    return files


def _forecast(plan: PlanResult) -> Iterable[list[Any]]:
    for band in plan.forecasts.bands:
        quantiles = (band.q10, band.q25, band.q50, band.q75, band.q90)
        for n, day in enumerate(plan.forecasts.days):
            when = plan.as_of + timedelta(days=day)
            yield [band.plan, band.zone, band.quantity, band.unit, day, when, *(q[n] for q in quantiles)]


def render_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """One table: comma, CRLF (RFC 4180), cells that look like formulas disarmed."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    text = stream.getvalue()
    return text.encode("utf-8" if text.isascii() else "utf-8-sig")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return " ".join(f"{key}:{part}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return guarded(" ".join(map(str, value)))
    return guarded(str(value))
