"""The commands about what is known and how well the model holds: claims, replay, calibrate, trial, doctor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from follicast.cli.options import Design, Json, Language, Out, Quiet, Regrowth, Seed, Threads, app, limit_threads
from follicast.language import ENGLISH, speaking


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
    from follicast.outputs.claims.shown import show_claims

    if test or ship:
        limit_threads(threads)
    with speaking(language):
        show_claims(name, verdict=verdict, run=test, ship=ship, out=out, seed=seed, as_json=json, quiet=quiet)


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
    limit_threads(threads)
    from follicast.knowledge.load import Knowledge
    from follicast.knowledge.posterior import known
    from follicast.outputs.science.replayed import show_replay

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
    from follicast.outputs.science.calibrated import calibrate_and_write
    from follicast.outputs.terminal import Progress

    wanted = REGROWTHS if regrowth == "both" else (known(regrowth),)
    with Progress(quiet=quiet) as progress:
        paths = calibrate_and_write(wanted, seed=seed, processes=processes, out=out, ship=ship, progress=progress.step)
    if not quiet:
        typer.echo("\n".join(str(path) for path in paths))


@app.command()
def trial(
    design: Design, out: Out = None, seed: Seed = 0, threads: Threads = None, json: Json = False, quiet: Quiet = False
) -> None:
    """Holds a virtual trial thousands of times: power by size, bias, coverage, type I error, one synthetic data set."""
    limit_threads(threads)
    from follicast.outputs.trial.shown import run_trial

    run_trial(design, out or Path(f"{design.stem}-trial"), seed, as_json=json, quiet=quiet)


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
    limit_threads(threads)
    from follicast.outputs.doctor import print_installation, show_facts

    if facts:
        show_facts(seed=seed, out=out, as_json=json, quiet=quiet)
    else:
        print_installation(as_json=json)
