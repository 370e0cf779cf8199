"""`follicast schedule`: the appointments of a plan as they stand, changed if asked, and shown on one screen."""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from follicast.decisions.booking.changes import changed, when_of
from follicast.decisions.booking.record import STATES, Pending, Schedule, Waiver
from follicast.decisions.booking.request import Move, Order, Request
from follicast.language import say, say_number, speaking
from follicast.outputs.schedule.calendar import render_calendar
from follicast.outputs.schedule.file import booked_by_others, holding, now, read_schedule, render_schedule
from follicast.outputs.write import CALENDAR, PLAN, SCHEDULE, write_files
from follicast.people.clinic import Clinic
from follicast.quantities import InputError

if TYPE_CHECKING:
    from rich.console import Console

_ORDER: Final = re.compile(r"([a-z0-9-]+)(?:=(\d{1,3})(?:@(\d{1,3})-(\d{1,3}))?)?")
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


def parse_order(text: str) -> Order:
    """A course to book, as in "exosome", "exosome=6" or "exosome=6@21-28".

    Raises:
        InputError: it is not written so.
    """
    found = _ORDER.fullmatch(text)
    if found is None or (found[3] is not None and not 1 <= int(found[3]) <= int(found[4]) <= 365):
        raise InputError(f"--book {text}: is not written as exosome, exosome=6 or exosome=6@21-28.")
    count = None if found[2] is None else int(found[2])
    if count is not None and not 1 <= count <= 24:
        raise InputError(f"--book {text}: has {count} sessions; allowed are 1 to 24.")
    return Order(found[1], count, None if found[3] is None else (int(found[3]), int(found[4])))


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
    book: Sequence[str] | None = None,
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
        book=tuple(parse_order(text) for text in book or ()),
        waiver=parse_waiver(override, on),
        by=by,
        why=why,
    )


def refuse_future(request: Request, today: dt.date) -> None:
    """Refuses to write down as happened what nobody can have seen yet; plans for a later day are no such thing.

    Raises:
        InputError: something took place, or did not, on a day after today.
    """
    given = [("--done", word) for word, _ in request.done] + [("--partial", word) for word, _ in request.partial]
    given += [("--arrived", word) for word in request.arrived] + [("--missed", word) for word in request.missed]
    days = [request.on, *(day for _, day in (*request.done, *request.partial) if day is not None)]
    if given and max(days) > today:
        option, word = given[0]
        raise InputError(f"{option} {word}: {max(days)} is after today, {today}; say what happened once it has.")


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
    _refuse_barred(folder, request)
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


def _refuse_barred(folder: Path, request: Request) -> None:
    """Refuses to book what a safety rule of the plan bars."""
    path = folder / PLAN
    if not request.book or not path.is_file():
        return
    try:
        findings = json.loads(path.read_bytes()).get("safety", [])
        barred = {name: finding for finding in findings for name in finding["therapies"]}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{path}: cannot be read as a plan; make it again with `follicast plan`.") from None
    for order in request.book:
        if order.therapy in barred:
            finding = barred[order.therapy]
            raise InputError(f"--book {order.therapy}: {finding['rule']} bars it ({finding['title']}).")


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
    heads = (say("Name"), say("Date"), say("State"), say("May move, days"), say("What"), say("Where, who"))
    for k, head in enumerate(heads):
        table.add_column(head, overflow="fold", no_wrap=k < 4)
    for a in schedule.appointments:
        window = ""
        if a.status in ("planned", "booked") and a.earliest != a.latest:
            window = f"{(a.earliest - a.date).days:+d} to {(a.latest - a.date).days:+d}".replace("+0", "0")
        where = ", ".join(part for part in (a.room, a.staff) if part)
        style = "" if a.live else "dim"
        what = say("session {number} of {of}", number=a.number, of=a.of) if a.number else a.text.split(":")[0]
        cells = (a.id, when_of(a), say(STATES[a.status]), window, what, where)
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
