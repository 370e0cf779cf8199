"""`follicast schedule`: the appointments of a plan as they stand, changed if asked, and shown on one screen."""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from follicast.decisions.booking_changes import Move, Request, changed, when_of
from follicast.decisions.booking_record import Pending, Schedule, Waiver
from follicast.language import say, say_number, speaking
from follicast.outputs.calendar import render_calendar
from follicast.outputs.schedule_file import booked_by_others, holding, now, read_schedule, render_schedule
from follicast.outputs.write import CALENDAR, SCHEDULE, write_files
from follicast.people.clinic import Clinic
from follicast.quantities import InputError

if TYPE_CHECKING:
    from rich.console import Console

_DATE_TIME: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]([01]\d|2[0-3]):([0-5]\d))?")


def parse_day(option: str, text: str) -> dt.date:
    """A date given on the command line.

    Raises:
        InputError: it is not one.
    """
    try:
        if len(text) != len("2027-03-10"):
            raise ValueError(text)
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{option} {text}: is not a date such as 2027-03-10.") from None


def parse_move(text: str) -> Move:
    """An appointment and where it goes, as in "4=2027-03-10T10:00" or "4=2027-03-10".

    Raises:
        InputError: it is not written so.
    """
    word, _, where = text.partition("=")
    found = _DATE_TIME.fullmatch(where)
    if not word or found is None:
        raise InputError(f"--move {text}: is not written as 4=2027-03-10T10:00 or 4=2027-03-10.")
    time = f"{found[2]}:{found[3]}" if found[2] is not None else None
    return Move(word, parse_day(f"--move {word}=", found[1]), time)


def parse_given(option: str, texts: Sequence[str]) -> tuple[tuple[str, dt.date | None], ...]:
    """Appointments that took place, each perhaps with the day on which it really did ("2=2027-03-12").

    Raises:
        InputError: a day is not a date.
    """
    found = []
    for text in texts:
        word, equals, day = text.partition("=")
        found.append((word, parse_day(f"{option} {word}=", day) if equals else None))
    return tuple(found)


def parse_waiver(text: str | None, on: dt.date) -> Waiver | None:
    """Who signs for an exception and why, as in "Dr Lin: flies abroad".

    Raises:
        InputError: the name or the reason is missing.
    """
    if text is None:
        return None
    name, _, reason = (part.strip() for part in text.partition(":"))
    if not name or not reason:
        raise InputError(f'--override {text!r}: needs a name and a reason, as in "Dr Lin: flies abroad".')
    return Waiver(by=name, reason=reason, on=on)


def request_of(
    on: dt.date,
    done: Sequence[str] | None,
    partial: Sequence[str] | None,
    arrived: Sequence[str] | None,
    missed: Sequence[str] | None,
    move: Sequence[str] | None,
    cancel: Sequence[str] | None,
    void: Sequence[str] | None,
    stop: str | None = None,
    restart: str | None = None,
    go_on: str | None = None,
    transplant: dt.date | None = None,
    *,
    override: str | None = None,
    by: str = "",
    why: str = "",
) -> Request:
    """What the words of the command line ask for.

    Raises:
        InputError: one of them is not written as it must be.
    """
    return Request(
        on=on,
        done=parse_given("--done", done or ()),
        partial=parse_given("--partial", partial or ()),
        arrived=tuple(arrived or ()),
        missed=tuple(missed or ()),
        cancel=tuple(cancel or ()),
        void=tuple(void or ()),
        move=tuple(parse_move(text) for text in move or ()),
        stop=stop,
        restart=restart,
        go_on=go_on,
        transplant=transplant,
        waiver=parse_waiver(override, on),
        by=by,
        why=why,
    )


def run_schedule(
    folder: Path, request: Request, clinic: Clinic | None, *, alarm_hours: int | None, as_json: bool, quiet: bool
) -> None:
    """Show the schedule in a folder, changed first if anything is asked for.

    Args:
        folder: of the plan.
        request: what is asked for.
        clinic: where times are found; None = not given.
        alarm_hours: how long before a calendar should remind; None = as it is.
        as_json: print the schedule as JSON instead of words.
        quiet: print nothing.

    Raises:
        InputError: there is no schedule, or what is asked for cannot be; nothing is written then.
    """
    before = read_schedule(folder)
    asked = replace(request, on=dt.date.min) != Request(dt.date.min) or clinic is not None or alarm_hours is not None
    schedule = before
    if asked:
        others = booked_by_others(clinic, before.key)
        with speaking(before.language):
            alarmed = before if alarm_hours is None else before.model_copy(update={"alarm_hours": alarm_hours})
            schedule = changed(alarmed, request, now(), clinic, others)
            if schedule == alarmed != before:
                schedule = schedule.model_copy(update={"version": before.version + 1})
        if schedule != before:
            with holding(folder, schedule, before, clinic), speaking(schedule.language):
                files = {SCHEDULE: render_schedule(schedule), CALENDAR: render_calendar(schedule)}
                write_files(files, folder)
    if as_json:
        sys.stdout.write(render_schedule(schedule).decode())
    elif not quiet:
        told = schedule.history[-1].what if schedule.version > before.version and schedule.history else []
        with speaking(schedule.language):
            print_schedule(schedule, told, asked=asked)


def print_schedule(
    schedule: Schedule, told: Sequence[str] = (), *, asked: bool = False, console: Console | None = None
) -> None:
    """Say what changed, and the appointments in order of date."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = console or Console()
    for sentence in told:
        console.print(Text(sentence))
    if asked and not told:
        console.print(Text(say("Nothing changed.")))
    if asked:
        console.print()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    for head in (say("Name"), say("Date"), say("State"), say("What"), say("May move to"), say("Where, who")):
        table.add_column(head, overflow="fold")
    for a in schedule.appointments:
        window = f"{a.earliest} - {a.latest}" if a.status in ("planned", "booked") and a.earliest != a.latest else ""
        where = ", ".join(part for part in (a.room, a.staff) if part)
        style = "" if a.live else "dim"
        cells = (a.id, when_of(a), say(a.status), a.text, window, where)
        table.add_row(*(Text(cell) for cell in cells), style=style)
    console.print(table)
    for pending in schedule.pending:
        console.print()
        for sentence in pending_words(pending):
            console.print(Text(sentence))
    conflicts = schedule.conflicts()
    for sentence in conflicts:
        console.print(Text(say("Conflict: {what}", what=sentence), style="bold"))
    console.print()
    zone = schedule.time_zone
    times = say("Times are those of {zone}.", zone=zone) if zone else say("Whole days; no clinic file was given.")
    console.print(Text(say("Version {version}.", version=schedule.version) + " " + times, style="dim"))


def pending_words(pending: Pending) -> list[str]:
    """The decision that waits, with what each way means."""
    lines = [
        say(
            "{therapy}: {days} days between two sessions is more than {limit}. Somebody decides how to go on:",
            therapy=pending.therapy,
            days=pending.gap_days,
            limit=pending.limit_days,
        )
    ]
    names = {"restart": "--restart", "continue": "--continue", "stop": "--stop"}
    for choice in pending.choices:
        count = say_number("{number} session to come", "{number} sessions to come", choice.sessions)
        last = say(", the last on {day}", day=choice.last) if choice.last else ""
        drive = say("mean drive over the next year {share} % of the full effect", share=f"{100 * choice.drive:.0f}")
        lines.append(f"  {names[choice.what]} {pending.therapy}: {count}{last}; {drive}.")
    return lines
