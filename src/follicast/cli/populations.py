"""The command about virtual people in number: simulate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from follicast.cli.options import Json, Quiet, app
from follicast.quantities import InputError


@app.command()
def simulate(
    design: Annotated[
        Path | None, typer.Argument(metavar="[DESIGN.toml]", help="Whom, where, when; untreated adults without it.")
    ] = None,
    people: Annotated[int | None, typer.Option("--people", metavar="N", help="How many people.")] = None,
    ages: Annotated[str | None, typer.Option("--ages", metavar="A,B", help="Ages to read at, over the design.")] = None,
    zones: Annotated[str | None, typer.Option("--zones", metavar="A,B", help="Sites, over the design.")] = None,
    follicles: Annotated[int | None, typer.Option("--follicles", metavar="N", help="About so many a site.")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="A new folder.")] = None,
    workers: Annotated[
        int, typer.Option("--workers", metavar="N", min=0, help="Worker processes; 0 = this one, every core.")
    ] = 0,
    cluster: Annotated[
        str | None, typer.Option("--cluster", metavar="tcp://HOST:PORT", help="A Dask scheduler to compute on.")
    ] = None,
    part: Annotated[
        str | None, typer.Option("--part", metavar="I/N", help="Only this share of the chunks: a job of an array.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Finish what was begun in --out.")] = False,
    chunk: Annotated[int | None, typer.Option("--chunk", metavar="N", help="People a file.  [default: 1000]")] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", min=0, max=2**63 - 1, help="Same seed: same people.")
    ] = None,
    device: Annotated[
        str, typer.Option("--device", metavar="cpu|cuda", help="cuda = on an NVIDIA GPU; see the guide of clusters.")
    ] = "cpu",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Simulates virtual people in number to a folder of Parquet files: resumable, and the same bytes on any machine."""
    from follicast.outputs.simulated import Asked, simulate_and_write
    from follicast.people.compute import Where

    if out is None:
        raise InputError("simulate: give a folder with --out DIR.")
    asked = Asked(design, people, ages, zones, follicles, seed, chunk, device)
    where = Where(workers, cluster)
    simulate_and_write(asked, out, where, part, resume=resume, as_json=json, quiet=quiet)
