"""The commands about one person: plan, safety, grades, review, schedule."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from follicast.cli.options import (
    REFUSED,
    Alarm,
    ClinicFile,
    Json,
    Language,
    Names,
    Out,
    PersonFile,
    Quiet,
    Regrowth,
    Rules,
    Seed,
    Threads,
    app,
    clinic_of,
    date_of,
    limit_threads,
    therapy_names,
    today,
)
from follicast.language import ENGLISH, speaking


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
        who = read_person(person, therapy_names(), today())
        folder = out if out is not None else Path(f"{person.stem}-plan")
        diary, first = clinic_of(clinic), date_of("--start", start)

        from follicast.outputs.write import check_folder

        check_folder(folder)
        limit_threads(threads)

        from follicast.knowledge.load import Knowledge
        from follicast.knowledge.posterior import known
        from follicast.outputs.safety.refused import refuse_if_unsafe

        knowledge = Knowledge.load(regrowth=known(regrowth))
        knowledge = knowledge if rules is None else knowledge.with_safety(rules)
        if refuse_if_unsafe(who, knowledge, folder, as_json=json, quiet=quiet):
            raise typer.Exit(REFUSED)

        from follicast.decisions.planning.plan import plan_and_forecast

        answer, forecast, heads = plan_and_forecast(who, knowledge, seed, progress.step)
        progress.step("Writing the report", 0.0)
        from follicast.outputs.schedule.file import write_plan

        answer, paths = write_plan(answer, folder, forecast, diary, first, alarm, heads)
    if json:
        from follicast.outputs.report.plan_json import render_json

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
    from follicast.outputs.safety.refused import show_safety
    from follicast.people.read import read_person

    with speaking(language):
        who = read_person(person, therapy_names(), today())
        knowledge = Knowledge.load()
        show_safety(who, knowledge if rules is None else knowledge.with_safety(rules), as_json=json, quiet=quiet)


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
    from follicast.outputs.grades.shown import show_grades

    with speaking(language):
        show_grades(system, convert, to, rater, out=out, as_json=json, quiet=quiet)


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
        who = read_later(person, therapy_names(), date_of("--on", on), today())
        folder = out if out is not None else Path(f"{person.stem}-review")
        from follicast.decisions.reviewing.plan_folder import read_plan_folder
        from follicast.outputs.review.shown import FILES, print_review, write_review
        from follicast.outputs.write import check_folder

        check_folder(folder, FILES)
        kept = read_plan_folder(plan if plan is not None else Path(f"{person.stem}-plan"))
        limit_threads(threads)
        from follicast.decisions.reviewing.review import review as reviewed
        from follicast.knowledge.load import Knowledge
        from follicast.knowledge.posterior import known

        knowledge = Knowledge.load(regrowth=known(regrowth))
        answer = reviewed(who, knowledge, kept, seed, progress.step, replan=not no_replan)
        paths = write_review(answer, folder)
    if json:
        from follicast.outputs.report.plan_json import render_record

        sys.stdout.write(render_record(answer).decode())
    elif not quiet:
        with speaking(language):
            print_review(answer, paths)


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
    from follicast.outputs.schedule.file import read_schedule
    from follicast.outputs.schedule.shown import refuse_future, request_of, run_schedule

    read_schedule(folder)
    given = (done, partial, arrived, missed, move, cancel, void)
    ways = (stop, restart, go_on, date_of("--transplant", transplant), book)
    request = request_of(date_of("--on", on) or today(), *given, *ways, override=override, by=by, why=why)
    refuse_future(request, today())
    run_schedule(folder, request, clinic_of(clinic), alarm_hours=alarm, as_json=json, quiet=quiet)
