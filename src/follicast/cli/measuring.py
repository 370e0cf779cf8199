"""The command that measures hair in photographs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from follicast.cli.options import REFUSED, Json, Language, Out, Quiet, app, date_of, therapy_names, today
from follicast.language import ENGLISH, speaking

AlsoUm = Annotated[
    list[float] | None,
    typer.Option("--also-um", metavar="UM", min=5.0, max=200.0, help="Also the share at or above this."),
]
Pair = Annotated[
    Path | None, typer.Option("--pair", metavar="IMAGE2", help="The site days later, not clipped again: growth.")
]
Days = Annotated[
    float | None, typer.Option("--days", metavar="D", help="For --pair: days between the two photographs.")
]
Visit = Annotated[
    Path | None, typer.Option("--visit", metavar="EARLIER", help="The site at an earlier visit: what changed.")
]


@app.command()
def measure(
    images: Annotated[
        list[Path], typer.Argument(metavar="IMAGE...", help="Close-ups of shaved scalp: PNG, JPEG, TIFF.")
    ],
    um_per_px: Annotated[
        float | None, typer.Option("--um-per-px", metavar="X", help="Micrometres of skin that a pixel shows.")
    ] = None,
    bar_mm: Annotated[
        float | None, typer.Option("--bar-mm", metavar="MM", help="A scale bar of that length is printed on it.")
    ] = None,
    circle_mm: Annotated[
        float | None, typer.Option("--circle-mm", metavar="MM", help="A red circle of that radius is printed on it.")
    ] = None,
    crop: Annotated[
        str | None, typer.Option("--crop", metavar="X,Y,W,H", help="Measure only this part, in pixels.")
    ] = None,
    corrections: Annotated[
        Path | None, typer.Option("--corrections", metavar="FILE", help="Hairs to add and to remove: TOML or JSON.")
    ] = None,
    also_um: AlsoUm = None,
    pair: Pair = None,
    days: Days = None,
    visit: Visit = None,
    person: Annotated[
        Path | None, typer.Option("--person", metavar="PERSON.toml", help="Write the result into this file.")
    ] = None,
    site: Annotated[
        str | None, typer.Option("--site", metavar="ZONE", help="For --person: where on the scalp.")
    ] = None,
    taken: Annotated[
        str | None, typer.Option("--date", metavar="DATE", help="For --person: when it was taken.")
    ] = None,
    language: Language = ENGLISH,
    out: Out = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Counts the hairs on close-ups of shaved scalp, says how sure that is, and refuses what it cannot measure."""
    from follicast.outputs.measured.shown import Asked, crop_of, run_measure

    with speaking(language):
        asked = Asked(
            therapy_names(),
            today(),
            um_per_px,
            bar_mm,
            circle_mm,
            crop_of(crop),
            corrections,
            tuple(also_um or ()),
            out,
            person,
            site,
            date_of("--date", taken),
            pair,
            days,
            visit,
        )
        if not run_measure(images, asked, as_json=json, quiet=quiet):
            raise typer.Exit(REFUSED)
