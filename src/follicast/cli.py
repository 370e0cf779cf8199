"""The command line: reads the arguments, calls the layers below, and turns refusals into sentences and exit codes.

Every command takes the shared options `Out`, `Seed`, `Threads`, `Json` and `Quiet`, and imports what it needs inside
its body: `--help` and a refused argument must not wait for the simulator.
"""

from __future__ import annotations

import datetime as dt
import json as json_text
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from follicast.language import ENGLISH, LANGUAGES, speaking
from follicast.quantities import InputError
from follicast.version import VERSION

if TYPE_CHECKING:
    from follicast.people.clinic import Clinic

DONE, FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130

PersonFile = Annotated[Path, typer.Argument(metavar="PERSON.toml", help="What is known of the person.")]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Folder to write to.  [default: named by input]")
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Same seed, version and input: same answer.")]
Threads = Annotated[int | None, typer.Option("--threads", metavar="N", min=1, help="Threads.  [default: every core]")]
Json = Annotated[bool, typer.Option("--json", help="Print the answer, or the error, as JSON on standard output.")]
Regrowth = Annotated[
    str, typer.Option("--regrowth", metavar="NAME", help="How hair comes back: reversal (of small hairs) or waking.")
]
Language = Annotated[
    str, typer.Option("--language", metavar="TAG", help=f"Language of what is written: {', '.join(LANGUAGES)}.")
]
Rules = Annotated[
    Path | None, typer.Option("--rules", metavar="FILE", help="Safety rules that a clinic has changed, signed.")
]
ClinicFile = Annotated[
    Path | None, typer.Option("--clinic", metavar="CLINIC.toml", help="Opening hours, rooms and staff: books times.")
]
Alarm = Annotated[
    int | None, typer.Option("--alarm", metavar="HOURS", min=0, max=672, help="Calendars remind so long before.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print no progress and no summary.")]
Names: TypeAlias = list[str] | None

app = typer.Typer(name="follicast", add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.callback(invoke_without_command=True)
def follicast(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", is_eager=True, help="Print the version and exit.")] = False,
) -> None:
    """Forecasts a person's hair follicle by follicle, with and without each treatment, and makes a plan from it."""
    if version:
        typer.echo(f"follicast {VERSION}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def plan(
    person: PersonFile,
    regrowth: Regrowth = "reversal",
    language: Language = ENGLISH,
    rules: Rules = None,
    clinic: ClinicFile = None,
    start: Annotated[
        str | None,
        typer.Option("--start", metavar="DATE", help="No session before this day.  [default: in a fortnight]"),
    ] = None,
    alarm: Alarm = None,
    out: Out = None,
    seed: Seed = 0,
    threads: Threads = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Fits the person's twin, forecasts every candidate, and writes the plan: report, calendar and JSON."""
    from follicast.outputs.terminal import Progress, print_summary
    from follicast.people.read import read_person

    with speaking(language), Progress(quiet=quiet) as progress:
        progress.step("Reading", 0.0)
        who = read_person(person, _therapies(), _today())
        folder = out if out is not None else Path(f"{person.stem}-plan")
        diary, first = _clinic(clinic), _date("--start", start)

        from follicast.outputs.write import check_folder

        check_folder(folder)
        _limit_threads(threads)

        from follicast.knowledge.load import Knowledge
        from follicast.knowledge.posterior import known
        from follicast.outputs.refused import refuse_if_unsafe

        knowledge = Knowledge.load(regrowth=known(regrowth))
        knowledge = knowledge if rules is None else knowledge.with_safety(rules)
        if refuse_if_unsafe(who, knowledge, folder, as_json=json, quiet=quiet):
            raise typer.Exit(REFUSED)

        from follicast.decisions.plan import plan_and_forecast

        answer, forecast = plan_and_forecast(who, knowledge, seed, progress.step)
        progress.step("Writing the report", 0.0)
        from follicast.outputs.schedule_file import write_plan

        answer, paths = write_plan(answer, folder, forecast, diary, first, alarm)
    if json:
        from follicast.outputs.plan_json import render_json

        sys.stdout.write(render_json(answer).decode())
    elif not quiet:
        with speaking(language):
            print_summary(answer, paths)


@app.command()
def safety(
    person: PersonFile,
    language: Language = ENGLISH,
    rules: Rules = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Says which safety rules fire for a person, the strictest first, without a forecast."""
    from follicast.knowledge.load import Knowledge
    from follicast.outputs.refused import show_safety
    from follicast.people.read import read_person

    with speaking(language):
        who = read_person(person, _therapies(), _today())
        knowledge = Knowledge.load()
        show_safety(who, knowledge if rules is None else knowledge.with_safety(rules), as_json=json, quiet=quiet)


@app.command()
def review(
    person: PersonFile,
    plan: Annotated[
        Path | None, typer.Option("--plan", metavar="DIR", help="Folder of the plan.  [default: PERSON-plan]")
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="Day of the review.  [default: as_of of the file]")
    ] = None,
    no_replan: Annotated[bool, typer.Option("--no-replan", help="Judge only; do not rank the plans again.")] = False,
    regrowth: Regrowth = "reversal",
    language: Language = ENGLISH,
    out: Out = None,
    seed: Seed = 0,
    threads: Threads = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Is it working? Holds what was measured since a plan against its forecast: verdict, why, and what to do."""
    from follicast.outputs.terminal import Progress
    from follicast.people.later import read_later

    with speaking(language), Progress(quiet=quiet) as progress:
        progress.step("Reading", 0.0)
        who = read_later(person, _therapies(), _date("--on", on), _today())
        folder = out if out is not None else Path(f"{person.stem}-review")
        from follicast.decisions.plan_folder import read_plan_folder
        from follicast.outputs.review import FILES, print_review, write_review
        from follicast.outputs.write import check_folder

        check_folder(folder, FILES)
        kept = read_plan_folder(plan if plan is not None else Path(f"{person.stem}-plan"))
        _limit_threads(threads)
        from follicast.decisions.review import review as reviewed
        from follicast.knowledge.load import Knowledge
        from follicast.knowledge.posterior import known

        knowledge = Knowledge.load(regrowth=known(regrowth))
        answer = reviewed(who, knowledge, kept, seed, progress.step, replan=not no_replan)
        paths = write_review(answer, folder)
    if json:
        from follicast.outputs.plan_json import render_record

        sys.stdout.write(render_record(answer).decode())
    elif not quiet:
        with speaking(language):
            print_review(answer, paths)


@app.command()
def doctor(
    facts: Annotated[
        bool, typer.Option("--facts", help="Compare the model with published facts, misses included.")
    ] = False,
    out: Out = None,
    seed: Seed = 0,
    threads: Threads = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Says whether this installation works and, with --facts, how well the model reproduces what is published."""
    _limit_threads(threads)
    from follicast.outputs.doctor import print_installation, show_facts

    if facts:
        show_facts(seed=seed, out=out, as_json=json, quiet=quiet)
    else:
        print_installation(as_json=json)


@app.command()
def replay(
    table: Annotated[Path, typer.Argument(metavar="TRIALS.csv", help="A table of published trials.")],
    regrowth: Regrowth = "reversal",
    out: Out = None,
    seed: Seed = 0,
    threads: Threads = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Predicts every row of a table of trials from the calibrated model, and scores it, misses included."""
    _limit_threads(threads)
    from follicast.knowledge.load import Knowledge
    from follicast.knowledge.posterior import known
    from follicast.outputs.replayed import show_replay

    knowledge = Knowledge.load(regrowth=known(regrowth))
    show_replay(table, knowledge, seed=seed, out=out, as_json=json, quiet=quiet)


@app.command()
def calibrate(
    regrowth: Annotated[str, typer.Option("--regrowth", metavar="NAME", help="reversal, waking or both.")] = "both",
    processes: Annotated[int, typer.Option("--processes", metavar="N", min=1, help="Worker processes.")] = 2,
    ship: Annotated[bool, typer.Option("--ship", help="Also put the draws where this package reads them.")] = False,
    out: Out = None,
    seed: Seed = 0,
    quiet: Quiet = False,
) -> None:
    """Makes the shared numbers anew from the shipped trials and facts; stopped, it goes on where it was."""
    from follicast.knowledge.posterior import REGROWTHS, known
    from follicast.outputs.calibrated import calibrate_and_write
    from follicast.outputs.terminal import Progress

    wanted = REGROWTHS if regrowth == "both" else (known(regrowth),)
    with Progress(quiet=quiet) as progress:
        paths = calibrate_and_write(wanted, seed=seed, processes=processes, out=out, ship=ship, progress=progress.step)
    if not quiet:
        typer.echo("\n".join(str(path) for path in paths))


@app.command()
def grades(
    system: Annotated[str | None, typer.Argument(metavar="[SYSTEM]", help="One system; all without it.")] = None,
    convert: Annotated[
        str | None, typer.Option("--convert", metavar="SYSTEM:GRADE", help="What another rater would write, by chance.")
    ] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="SYSTEM", help="Only into this system.")] = None,
    rater: Annotated[
        str, typer.Option("--rater", metavar="WHO", help="Who gave the grade: self, clinician or photo.")
    ] = "clinician",
    language: Language = ENGLISH,
    out: Out = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Says what each grade of hair loss means; with --out, as a page with a picture of each."""
    from follicast.outputs.grades import show_grades

    with speaking(language):
        show_grades(system, convert, to, rater, out=out, as_json=json, quiet=quiet)


@app.command()
def claims(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="A claim, or a test, to show whole.")] = None,
    verdict: Annotated[
        str | None,
        typer.Option("--verdict", metavar="X", help="Only supported, partly, unsupported, false or untested."),
    ] = None,
    test: Annotated[bool, typer.Option("--test", help="Run the simulations of what is shown.")] = False,
    ship: Annotated[bool, typer.Option("--ship", help="Also put their results where this package reads them.")] = False,
    language: Language = ENGLISH,
    out: Out = None,
    seed: Seed = 0,
    threads: Threads = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Shows what is claimed about hair loss and its treatment, what is known of it, and what simulations say."""
    from follicast.outputs.claims_shown import show_claims

    if test or ship:
        _limit_threads(threads)
    with speaking(language):
        show_claims(name, verdict=verdict, run=test, ship=ship, out=out, seed=seed, as_json=json, quiet=quiet)


@app.command()
def export(
    person: PersonFile,
    plan: Annotated[
        Path | None, typer.Option("--plan", metavar="FOLDER", help="Add the plan that `follicast plan` wrote there.")
    ] = None,
    fhir: Annotated[Path | None, typer.Option("--fhir", metavar="FILE.json", help="Write a FHIR R4 Bundle.")] = None,
    tables: Annotated[Path | None, typer.Option("--csv", metavar="DIR", help="Write tidy CSV files.")] = None,
    named: Annotated[bool, typer.Option("--named", help="Give the label along, which may be a name.")] = False,
    active: Annotated[bool, typer.Option("--active", help="The plan is agreed, no longer a draft.")] = False,
    quiet: Quiet = False,
) -> None:
    """Writes a person, and their plan, for other programs: a FHIR R4 Bundle, CSV files, or both."""
    from follicast.outputs.exported import export_person
    from follicast.people.read import read_person

    who = read_person(person, _therapies(), _today())
    export_person(who, plan=plan, fhir=fhir, tables=tables, active=active, named=named, quiet=quiet)


@app.command("import")
def import_(
    files: Annotated[
        Path | None, typer.Argument(metavar="[BUNDLE.json|FILE.csv|DIR]", help="A FHIR Bundle, or CSV.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="PERSON.toml", help="A new person file.")] = None,
    into: Annotated[Path | None, typer.Option("--into", metavar="PERSON.toml", help="Add rows to this file.")] = None,
    undo: Annotated[str | None, typer.Option("--undo", metavar="BATCH", help="Take an import back.")] = None,
    sex: Annotated[str | None, typer.Option("--sex", metavar="SEX", help="For --out from CSV.")] = None,
    age: Annotated[float | None, typer.Option("--age", metavar="YEARS", help="For --out from CSV.")] = None,
    patient: Annotated[
        str | None, typer.Option("--patient", metavar="ID", help="Whose rows, where there are several people.")
    ] = None,
    same_person: Annotated[
        bool, typer.Option("--same-person", help="You know that it is the person of --into.")
    ] = False,
    headers: Annotated[
        list[str] | None, typer.Option("--map", metavar="HEADER=COLUMN", help="What a header means; repeatable.")
    ] = None,
    values: Annotated[
        list[str] | None, typer.Option("--set", metavar="COLUMN=VALUE", help="A value of every row; repeatable.")
    ] = None,
    decimal: Annotated[str, typer.Option("--decimal", metavar="SIGN", help="point or comma.")] = "point",
    encoding: Annotated[
        str | None, typer.Option("--encoding", metavar="NAME", help="Of CSV that is not UTF-8, such as gb18030.")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Reads a FHIR Bundle or CSV into a person file; the same rows twice add nothing, and an import can be undone."""
    from follicast.outputs.imported import Wanted, import_files, read_how, undo_import

    if undo is not None:
        if into is None or files is not None:
            raise InputError("--undo: give the batch and --into PERSON.toml, and no file to import.")
        undo_import(undo, into, quiet=quiet)
        return
    if files is None:
        raise InputError("import: give a FHIR Bundle (JSON), a CSV file, or a folder of CSV files.")
    how = read_how(headers or [], values or [], decimal)
    wanted = Wanted(_therapies(), _today(), out, into, sex, age, patient, same_person, encoding, how)
    import_files(files, wanted, as_json=json, quiet=quiet)


@app.command()
def schedule(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder that `follicast plan` wrote.")],
    done: Annotated[
        Names, typer.Option("--done", metavar="NAME", help="Took place; 2=2027-03-12 if on another day.")
    ] = None,
    partial: Annotated[Names, typer.Option("--partial", metavar="NAME", help="Took place in part.")] = None,
    arrived: Annotated[Names, typer.Option("--arrived", metavar="NAME", help="The person is there.")] = None,
    missed: Annotated[
        Names, typer.Option("--missed", metavar="NAME", help="Did not come; finds the next free date.")
    ] = None,
    move: Annotated[
        Names, typer.Option("--move", metavar="NAME", help="To another day or time: 4=2027-03-10T10:00.")
    ] = None,
    cancel: Annotated[Names, typer.Option("--cancel", metavar="NAME", help="Will not take place.")] = None,
    void: Annotated[Names, typer.Option("--void", metavar="NAME", help="Was entered by mistake.")] = None,
    stop: Annotated[str | None, typer.Option("--stop", metavar="THERAPY", help="Cancel what comes; or all.")] = None,
    restart: Annotated[
        str | None, typer.Option("--restart", metavar="THERAPY", help="The course anew; or all.")
    ] = None,
    go_on: Annotated[
        str | None, typer.Option("--continue", metavar="THERAPY", help="Go on after a long gap; or all.")
    ] = None,
    transplant: Annotated[str | None, typer.Option("--transplant", metavar="DATE", help="An operation.")] = None,
    book: Annotated[Names, typer.Option("--book", metavar="COURSE", help="A course: exosome=6@21-28.")] = None,
    override: Annotated[
        str | None, typer.Option("--override", metavar="NAME: REASON", help="Signs for an interval that is too short.")
    ] = None,
    clinic: ClinicFile = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="The day of the change.  [default: today]")
    ] = None,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who makes the change.")] = "",
    why: Annotated[str, typer.Option("--why", metavar="WORDS", help="Why, for the history.")] = "",
    alarm: Alarm = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Shows the appointments of a plan and changes them: done, missed, moved, cancelled, stopped, restarted."""
    from follicast.outputs.schedule_file import read_schedule
    from follicast.outputs.schedule_shown import request_of, run_schedule

    read_schedule(folder)
    given = (done, partial, arrived, missed, move, cancel, void)
    ways = (stop, restart, go_on, _date("--transplant", transplant), book)
    request = request_of(_date("--on", on) or _today(), *given, *ways, override=override, by=by, why=why)
    run_schedule(folder, request, _clinic(clinic), alarm_hours=alarm, as_json=json, quiet=quiet)


def _clinic(path: Path | None) -> Clinic | None:
    """The clinic file, if one is given."""
    if path is None:
        return None
    from follicast.people.clinic import read_clinic

    return read_clinic(path, _therapies())


def _therapies() -> frozenset[str]:
    """Therapies a person file may name."""
    from follicast.knowledge.load import therapies

    return frozenset(therapies())


def _today() -> dt.date:
    """Today where this machine stands."""
    return dt.datetime.now().astimezone().date()


def _date(option: str, text: str | None) -> dt.date | None:
    """A date given on the command line."""
    try:
        return None if text is None else dt.date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{option} {text}: is not a date; write it as 2027-03-03.") from None


def _limit_threads(threads: int | None) -> None:
    """Use at most that many threads in the simulator; the answer is the same for any number."""
    if threads is not None:
        import numba

        most: int = numba.config.NUMBA_NUM_THREADS  # type: ignore[attr-defined]
        numba.set_num_threads(min(threads, most))


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Args:
        arguments: the words after the program's name; those it was started with when None.

    Returns:
        The exit code: 0 done, 1 failed, 2 input refused, 130 interrupted.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code: int | None = app(words, prog_name="follicast", standalone_mode=False)
    except InputError as refusal:
        return _stop(REFUSED, str(refusal), words)
    except typer.TyperException as refusal:
        return _stop(REFUSED, refusal.format_message(), words)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception as failure:
        if os.environ.get("FOLLICAST_DEBUG"):
            raise
        why = f"{type(failure).__name__}: {failure} (FOLLICAST_DEBUG=1 shows where)"
        return _stop(FAILED, why, words)
    if code == INTERRUPTED:
        return _stop(INTERRUPTED, "interrupted", words)
    return code or DONE


def _stop(code: int, sentence: str, words: Sequence[str]) -> int:
    typer.echo(f"follicast: {sentence}", err=True)
    if "--json" in words:
        typer.echo(json_text.dumps({"error": sentence}, ensure_ascii=False))
    return code
