"""The folder of a plan: all of it or none of it. Nothing half-written ever stands where a reader looks."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

from follicast.decisions.booking.record import Schedule, schedule_of
from follicast.decisions.planning.pictured import Heads
from follicast.decisions.planning.stored_forecast import StoredForecast
from follicast.decisions.result import PlanResult
from follicast.decisions.reviewing.plan_folder import FORECAST
from follicast.quantities import InputError

REPORT, PAPER, PATIENT, CALENDAR, PLAN = "report.html", "report.pdf", "patient.pdf", "calendar.ics", "plan.json"
SCHEDULE = "schedule.json"
FILES = (REPORT, PAPER, PATIENT, CALENDAR, SCHEDULE, PLAN, FORECAST)


def check_folder(folder: Path, names: tuple[str, ...] = FILES) -> None:
    """Can these files be written here? Asked before the work begins, so that nobody waits for a refusal.

    Raises:
        InputError: the path is a file, holds a folder where a file of ours belongs, or may not be written.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"--out {folder}: this is a file; give a folder")
    for name in names:
        if (folder / name).is_dir():
            raise InputError(f"--out {folder}: {name} in it is a folder; give another folder or move it away")
    near = folder
    while not near.exists():
        if near.is_symlink():
            raise InputError(f"--out {folder}: {near} is a link to nothing; give another folder")
        near = near.parent
    if not near.is_dir():
        raise InputError(f"--out {folder}: {near} is a file; give a path that leads through folders")
    if not os.access(near, os.W_OK | os.X_OK):
        raise InputError(f"--out {folder}: {near} may not be written; give a folder that may")


def write_outputs(
    result: PlanResult,
    out_dir: Path,
    forecast: StoredForecast | None = None,
    schedule: Schedule | None = None,
    heads: Heads | None = None,
) -> list[Path]:
    """Write the report, the paper ones, calendar.ics and the JSON files of an answer, in the answer's language.

    Everything is rendered and written to a temporary folder first: beside a new folder, inside one that exists (the
    same file system, whatever is mounted there). A new folder is then renamed into place; in one that exists our files
    are exchanged one by one and put back if anything, Ctrl-C included, comes between. Other files are left alone.

    Args:
        result: the answer.
        out_dir: the folder, made if need be.
        forecast: to be kept as forecast.json; one that is there and differs is kept beside it.
        schedule: of its appointments; None = as the answer has them, with nothing happened yet.
        heads: to be drawn; None = the report has no pictures of heads.

    Returns:
        The paths written: the report, on paper too, the patient's two pages, calendar, schedule, JSON, the forecast.

    Raises:
        InputError: the folder cannot be written.
    """
    from follicast.language import speaking
    from follicast.outputs.report.charts import figures
    from follicast.outputs.report.page import render_report
    from follicast.outputs.report.pdf import render_patient_pdf, render_pdf
    from follicast.outputs.report.plan_json import render_json
    from follicast.outputs.review.forecast_file import forecast_files
    from follicast.outputs.schedule.calendar import render_calendar
    from follicast.outputs.schedule.file import render_schedule

    check_folder(out_dir)
    schedule = schedule or schedule_of(result)
    with speaking(result.language):
        drawn = figures(result, heads)
        page = render_report(result, drawn)
        contents = {
            REPORT: page,
            PAPER: render_pdf(result, page),
            PATIENT: render_patient_pdf(result, drawn),
            CALENDAR: render_calendar(schedule),
            SCHEDULE: render_schedule(schedule),
            PLAN: render_json(result),
        }
    if forecast is not None:
        contents |= forecast_files(forecast, out_dir)
    return write_files(contents, out_dir)


def write_files(contents: dict[str, bytes], folder: Path) -> list[Path]:
    """Write files into a folder, all of them or none, as `write_outputs` says.

    Args:
        contents: what each file holds, by name.
        folder: where; made if need be.

    Returns:
        The paths written.

    Raises:
        InputError: the folder cannot be written.
    """
    try:
        _write(contents, folder)
    except OSError as error:
        raise InputError(
            f"--out {folder}: cannot be written ({error.strerror or error}); nothing was changed"
        ) from error
    return [folder / name for name in contents]


def replace_file(path: Path, data: bytes) -> None:
    """Put a file in place of another at once, with the same permissions: either the old one stands there or the new.

    Raises:
        InputError: it cannot be written.
    """
    partial = path.with_name(f".follicast-{secrets.token_hex(6)}.partial")
    try:
        try:
            partial.touch(mode=0o600)
            _write_through(partial, data)
            if path.exists():
                shutil.copymode(path, partial)
            partial.replace(path)
            _sync(path.parent)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror or error}); nothing was changed.") from error


def _write(contents: dict[str, bytes], folder: Path) -> None:
    exists = folder.is_dir()
    folder.parent.mkdir(parents=True, exist_ok=True)
    near = folder if exists else folder.parent
    partial = near / f".follicast-{secrets.token_hex(6)}.partial"
    partial.mkdir()
    try:
        for name, data in contents.items():
            _write_through(partial / name, data)
        _sync(partial)
        if exists:
            _exchange(partial, folder, tuple(contents))
        else:
            partial.rename(folder)
        _sync(near)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _write_through(path: Path, data: bytes) -> None:
    """Write a file and wait until the disk has it."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Wait until the disk has the names in a folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _exchange(partial: Path, folder: Path, names: tuple[str, ...]) -> None:
    """Put the new files in place of the old; on any interruption put the old ones back."""
    kept = partial / "old"
    kept.mkdir()
    for name in names:
        if (folder / name).exists():
            shutil.copy2(folder / name, kept / name)
    try:
        for name in names:
            (partial / name).replace(folder / name)
    except BaseException:
        for name in names:
            if (kept / name).exists():
                (kept / name).replace(folder / name)
            elif not (partial / name).exists():
                (folder / name).unlink(missing_ok=True)
        raise
