"""The commands that write a person for other programs and read what they write."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from follicast.cli.options import Json, PersonFile, Quiet, app, therapy_names, today
from follicast.quantities import InputError


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
    from follicast.outputs.exchange.exported import export_person
    from follicast.people.read import read_person

    who = read_person(person, therapy_names(), today())
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
    from follicast.outputs.exchange.imported import Wanted, import_files, read_how, undo_import

    if undo is not None:
        if into is None or files is not None:
            raise InputError("--undo: give the batch and --into PERSON.toml, and no file to import.")
        undo_import(undo, into, quiet=quiet)
        return
    if files is None:
        raise InputError("import: give a FHIR Bundle (JSON), a CSV file, or a folder of CSV files.")
    how = read_how(headers or [], values or [], decimal)
    wanted = Wanted(therapy_names(), today(), out, into, sex, age, patient, same_person, encoding, how)
    import_files(files, wanted, as_json=json, quiet=quiet)
