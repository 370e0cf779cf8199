"""forecast.json on disk: written once, never changed. A plan made anew keeps the earlier one under another name."""

from __future__ import annotations

from pathlib import Path

from follicast.decisions.planning.stored_forecast import StoredForecast
from follicast.decisions.reviewing.plan_folder import FORECAST, next_kept_name
from follicast.outputs.report.plan_json import render_record


def forecast_files(forecast: StoredForecast, folder: Path) -> dict[str, bytes]:
    """What is to be written for a forecast, by file name.

    Args:
        forecast: made now.
        folder: of the plan. A forecast.json in it that says anything else is written out again as forecast-1.json (or
            the next free number), byte for byte.
    """
    new = render_record(forecast)
    place = folder / FORECAST
    old = place.read_bytes() if place.is_file() else new
    return {FORECAST: new} if old == new else {next_kept_name(folder): old, FORECAST: new}
