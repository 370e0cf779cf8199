"""schedule.json and the bookings of a clinic: read, checked, and written so that of two writers only one can win."""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from follicast.decisions.booking.changes import cancel_future
from follicast.decisions.booking.diary import arranged, zone_of
from follicast.decisions.booking.openings import Busy
from follicast.decisions.booking.record import Instant, Schedule, person_key
from follicast.decisions.planning.pictured import Heads
from follicast.decisions.planning.stored_forecast import StoredForecast
from follicast.decisions.result import Finding, PlanResult, Record
from follicast.language import speaking
from follicast.outputs.schedule.calendar import render_calendar
from follicast.outputs.write import CALENDAR, SCHEDULE, write_files, write_outputs
from follicast.people.clinic import Clinic
from follicast.quantities import InputError

_LARGEST_BYTES: Final = 20_000_000


class Entry(Record):
    """One booking in a clinic's ledger: whose (the key of a schedule, not a name), which, and what it takes."""

    key: str
    id: str
    start: Instant
    end: Instant
    room: str | None
    staff: str | None


class Ledger(Record):
    """What every plan has booked in one clinic."""

    version: int
    bookings: list[Entry]


def render_schedule(schedule: Schedule) -> bytes:
    """Write a schedule as JSON in UTF-8, with sorted keys and a newline at the end."""
    return _json(schedule)


def _json(record: Record) -> bytes:
    data = record.model_dump(mode="json")
    return f"{json.dumps(data, sort_keys=True, indent=2, ensure_ascii=False)}\n".encode()


def read_schedule(folder: Path) -> Schedule:
    """The schedule in the folder of a plan.

    Raises:
        InputError: there is none, or it cannot be read; one sentence.
    """
    found = find_schedule(folder)
    if found is None:
        raise InputError(f"{folder / SCHEDULE}: no such file; give the folder that `follicast plan` wrote.")
    return found


def find_schedule(folder: Path) -> Schedule | None:
    """The schedule in a folder, or None if there is none.

    Raises:
        InputError: it cannot be read, or is not a schedule.
    """
    data = _content(folder / SCHEDULE)
    return None if data is None else _parsed(Schedule, data, folder / SCHEDULE)


def _content(path: Path) -> bytes | None:
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise InputError(f"{path}: cannot be read ({problem.strerror}).") from None
    if len(data) > _LARGEST_BYTES:
        raise InputError(f"{path}: is larger than 20 MB, which no schedule is.")
    return data


def _parsed(model: type[Any], data: bytes, path: Path) -> Any:
    try:
        return model.model_validate_json(data)
    except ValidationError as problem:
        first = problem.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise InputError(f"{path}: {place}: {first['msg']}; it was not written by this program.") from None


def booked_by_others(clinic: Clinic | None, schedule_key: str) -> list[Busy]:
    """What other plans have booked in the clinic, from its ledger; nothing where it keeps none."""
    if clinic is None or clinic.ledger is None:
        return []
    entries = _ledger(clinic.ledger).bookings
    return [Busy(e.start, e.end, e.room, e.staff) for e in entries if e.key != schedule_key]


def _ledger(path: Path) -> Ledger:
    data = _content(path)
    found = Ledger(version=0, bookings=[]) if data is None else _parsed(Ledger, data, path)
    assert isinstance(found, Ledger)
    return found


@contextmanager
def holding(folder: Path, new: Schedule, before: Schedule | None, clinic: Clinic | None = None) -> Iterator[None]:
    """Hold the plan's folder (and the clinic's ledger) while the block writes; nobody else can write meanwhile.

    Args:
        folder: of the plan; may not exist yet.
        new: the schedule that the block will write.
        before: the schedule that `new` was made from; None = there was none.
        clinic: whose ledger is to know of the bookings.

    Raises:
        InputError: somebody else has changed the schedule since, or has taken one of the times; nothing is written.
    """
    with _locked(folder) if folder.is_dir() else nullcontext():
        there = find_schedule(folder)
        if (there.version if there else None) != (before.version if before else None):
            raise InputError(
                f"{folder / SCHEDULE}: was changed by somebody else meanwhile (version "
                f"{there.version if there else 'none'}, read as {before.version if before else 'none'}); "
                "nothing was written, look at it and try again."
            )
        ledger = clinic.ledger if clinic is not None else None
        with _booked(ledger, new) if ledger is not None else nullcontext():
            yield


@contextmanager
def _booked(path: Path, new: Schedule) -> Iterator[None]:
    """The ledger with the times of a schedule; put back as it was if the block fails."""
    if not path.parent.is_dir():
        raise InputError(f"clinic.ledger: {path.parent} is no folder; give a path beside the clinic file.")
    with _locked(path.parent / f".{path.name}.lock"):
        old = _ledger(path)
        rest = [entry for entry in old.bookings if entry.key != new.key]
        clashes = new.conflicts(Busy(e.start, e.end, e.room, e.staff) for e in rest)
        if clashes:
            raise InputError(f"{clashes[0]} Somebody else was first; nothing was written, try again.")
        ledger = Ledger(version=old.version + 1, bookings=[*rest, *_entries(new)])
        write_files({path.name: _json(ledger)}, path.parent)
        try:
            yield
        except BaseException:
            write_files({path.name: _json(old)}, path.parent)
            raise


def _entries(schedule: Schedule) -> list[Entry]:
    zone = zone_of(schedule)
    found = [(a.id, busy) for a in schedule.appointments if zone is not None and (busy := a.busy(zone)) is not None]
    return [Entry(key=schedule.key, id=n, start=b.start, end=b.end, room=b.room, staff=b.staff) for n, b in found]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Nobody else is inside this block for the same folder, or lock file, on this machine."""
    flags = os.O_RDONLY if path.is_dir() else os.O_RDWR | os.O_CREAT
    try:
        handle = os.open(path, flags, 0o644)
    except OSError as problem:
        raise InputError(f"{path}: cannot be locked ({problem.strerror}).") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def now() -> dt.datetime:
    """This instant (UTC), to the second."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def without_barred(schedule: Schedule, findings: Iterable[Finding], on: dt.date) -> Schedule:
    """The schedule with the coming sessions cancelled that a safety rule blocks or pauses; what was given stays.

    Args:
        schedule: as it stands.
        findings: of the safety rules today; one that was set aside cancels nothing.
        on: from which day on.
    """
    for finding in findings:
        if finding.overridden_by is not None:
            continue
        barred = set(finding.pauses) if finding.cancels_sessions else set()
        if finding.severity == "block" and "therapies" in finding.bars:
            barred |= set(finding.therapies)
        booked = {a.therapy for a in schedule.appointments if a.kind == "session" and a.therapy is not None}
        if finding.forecast_refused or (finding.severity == "block" and "plan" in finding.bars):
            barred = booked
        coming = {a.therapy for a in schedule.appointments if a.therapy in barred & booked and a.live and a.date > on}
        if coming:
            schedule = cancel_future(schedule, sorted(barred & booked), f"{finding.title} ({finding.rule})", on=on)
    return schedule


def cancel_barred(folder: Path, findings: Iterable[Finding], on: dt.date) -> bool:
    """Cancels, in the folder of an earlier plan, the coming sessions that safety rules now bar.

    Returns:
        Whether there were any.

    Raises:
        InputError: the schedule cannot be read or written, or was changed meanwhile.
    """
    before = find_schedule(folder) if folder.is_dir() else None
    if before is None:
        return False
    with speaking(before.language):
        after = without_barred(before, findings, on)
        if after == before:
            return False
        with holding(folder, after, before, None):
            write_files({SCHEDULE: render_schedule(after), CALENDAR: render_calendar(after)}, folder)
    return True


def write_plan(
    result: PlanResult,
    folder: Path,
    forecast: StoredForecast | None = None,
    clinic: Clinic | None = None,
    start: dt.date | None = None,
    alarm_hours: int | None = None,
    heads: Heads | None = None,
) -> tuple[PlanResult, list[Path]]:
    """Arrange a plan's dates and write everything; a plan that is in the folder already is gone on from.

    Args:
        result: the answer, with whole-day dates.
        folder: where; made if need be.
        forecast: to be kept for later reviews.
        clinic: where times are booked; None = whole days.
        start: the first day that a session may be on.
        alarm_hours: how long before a calendar should remind; None = not, or as it was.
        heads: to be drawn in the report.

    Returns:
        The answer with its dates, and the paths written.

    Raises:
        InputError: no booking was found, or the folder cannot be written, or was changed meanwhile; nothing is written.
    """
    before = find_schedule(folder) if folder.is_dir() else None
    others = booked_by_others(clinic, before.key if before is not None else person_key(result))
    with speaking(result.language):
        earlier = None if before is None else without_barred(before, result.safety, result.as_of)
        answer, schedule = arranged(result, clinic, start, earlier, others)
    if alarm_hours is not None:
        schedule = schedule.model_copy(update={"alarm_hours": alarm_hours})
    with holding(folder, schedule, before, clinic):
        return answer, write_outputs(answer, folder, forecast, schedule, heads)
