"""What `follicast import` does: a FHIR Bundle or CSV files into a person file, and taking an import back."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from follicast.language import say, say_number
from follicast.outputs.exchange.batches import Batch, import_into, undo
from follicast.outputs.exchange.fhir.found import Ignored
from follicast.outputs.exchange.tables import FORECAST, SCHEDULE
from follicast.outputs.write import replace_file
from follicast.people.merge import SAME, SESSIONS, TREATMENTS, merge
from follicast.people.read import read_person
from follicast.people.rows import HowToRead, Reject, Row, is_known, read_rows
from follicast.people.sheet import read_sheet
from follicast.people.write import write_person
from follicast.quantities import InputError

LARGEST_BYTES = 20_000_000
NOT_READ = {FORECAST: "a forecast is made anew", SCHEDULE: "appointments are kept in schedule.json"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asked for; `known` are the therapy ids there are, `today` the date nothing may be after."""

    known: Collection[str]
    today: date
    out: Path | None = None
    into: Path | None = None
    sex: str | None = None
    age: float | None = None
    patient: str | None = None
    same_person: bool = False
    encoding: str | None = None
    how: HowToRead = field(default_factory=HowToRead)


@dataclass(slots=True)
class _Material:
    """What the files held. `person` are the tables that are no rows, with their notes."""

    origin: bytes = b""
    rows: list[Row] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)
    person: dict[str, Any] | None = None
    notes: dict[str, str] = field(default_factory=dict)


def import_files(path: Path, wanted: Wanted, *, as_json: bool, quiet: bool) -> None:
    """Imports a Bundle, a CSV file or a folder of CSV files, and says what came of it.

    Raises:
        InputError: neither or both of --out and --into, a file that cannot be read, several people, or no usable row.
    """
    if (wanted.out is None) == (wanted.into is None):
        raise InputError("import: say where to: --out PERSON.toml for a new file, or --into PERSON.toml to add to one.")
    material = _material(path, wanted)
    batch = _to_new(path, material, wanted) if wanted.out is not None else _into(path, material, wanted)
    if batch.rejects and not batch.rows_added and not batch.duplicates:
        first = batch.rejects[0]
        raise InputError(
            f"{path}: none of {len(batch.rejects)} rows can be taken; the first, {first.place}: {first.why}"
        )
    _report(batch, material, wanted, as_json=as_json, quiet=quiet)


def read_how(headers: Sequence[str], values: Sequence[str], decimal: str) -> HowToRead:
    """How CSV is to be read, from the words of the command line.

    Raises:
        InputError: a pair without "=", or a decimal sign that there is not.
    """
    if decimal not in ("point", "comma"):
        raise InputError(f"--decimal {decimal}: allowed are point and comma.")
    pairs: dict[str, dict[str, str]] = {}
    for option, words in (("--map", headers), ("--set", values)):
        wrong = [word for word in words if not all(part.strip() for part in word.partition("="))]
        if wrong:
            raise InputError(f"{option} {wrong[0]}: write NAME=VALUE.")
        pairs[option] = {name.strip(): value.strip() for name, _, value in (word.partition("=") for word in words)}
    return HowToRead(pairs["--map"], pairs["--set"], "comma" if decimal == "comma" else "point")


def undo_import(batch: str, path: Path, *, quiet: bool) -> None:
    """Takes an import back.

    Raises:
        InputError: there is no such import, or undoing it would lose later changes.
    """
    undo(path, batch)
    if not quiet:
        sys.stdout.write(say("{file} is as it was before that import.", file=path) + "\n")


# --- the files -------------------------------------------------------------------------------------------------------


def _material(path: Path, wanted: Wanted) -> _Material:
    material = _Material()
    if path.is_dir():
        files = sorted(path.glob("*.csv"))
        if not files:
            raise InputError(f"{path}: has no CSV file; give a Bundle, a CSV file, or a folder with CSV files.")
        for file in files:
            if file.name in NOT_READ:
                material.ignored.append(Ignored(file.name, NOT_READ[file.name]))
            else:
                _sheet(_content(file), str(file), material, wanted)
        return _of_one_person(path, material, wanted)
    content = _content(path)
    if path.suffix.lower() == ".json" or content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{":
        return _bundle(content, path, wanted)
    _sheet(content, str(path), material, wanted)
    return _of_one_person(path, material, wanted)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_BYTES + 1)
    except OSError as problem:
        raise InputError(f"{path}: cannot be read ({problem.strerror}); give a Bundle or a CSV file.") from None
    if len(content) > LARGEST_BYTES:
        raise InputError(f"{path}: is larger than 20 MB.")
    return content


def _sheet(content: bytes, source: str, material: _Material, wanted: Wanted) -> None:
    mapped = wanted.how.headers
    sheet = read_sheet(content, source, lambda header: header in mapped or is_known(header), wanted.encoding)
    reading = read_rows(sheet, wanted.how)
    material.origin += content
    material.rows += reading.rows
    material.rejects += reading.rejects
    for header in reading.unknown:
        words = "".join(c if c.isprintable() else "?" for c in header)[:60]
        material.ignored.append(Ignored(f"{source}, column {words!r}", f"is not a column of {reading.table}"))


def _of_one_person(path: Path, material: _Material, wanted: Wanted) -> _Material:
    """The rows of one person: people of one name are told apart by the user and by nobody else."""
    if wanted.patient is not None:
        others = [row for row in material.rows if row.person != wanted.patient]
        material.rows = [row for row in material.rows if row.person == wanted.patient]
        if not material.rows:
            names = ", ".join(sorted({row.person or "no name" for row in others})[:10])
            raise InputError(f"{path}: --patient {wanted.patient}: no such person; allowed are {names}.")
        material.ignored += [Ignored(row.place, "it is about somebody else") for row in others]
    people = sorted({row.person for row in material.rows if row.person})
    if len(people) > 1:
        raise InputError(
            f"{path}: has rows of {len(people)} people ({', '.join(people[:10])}), who are never taken for one; choose "
            "one with --patient NAME."
        )
    return material


def _bundle(content: bytes, path: Path, wanted: Wanted) -> _Material:
    from follicast.outputs.exchange.fhir.reading import read_bundle

    reading = read_bundle(content, str(path), wanted.known, wanted.today, wanted.patient)
    material = _Material(content, ignored=list(reading.ignored), person=reading.data, notes=dict(reading.notes))
    for table in SAME:
        for n, block in enumerate(reading.data.get(table, []), start=1):
            place = f"{path.name}, {reading.notes.get(f'{table}[{n}]', table)}"
            dates = block.get("sessions", []) if table == TREATMENTS else []
            plain = {key: value for key, value in block.items() if not (dates and key == "sessions")}
            material.rows.append(Row(table, place, plain))
            material.rows += [Row(SESSIONS, place, {"therapy": block["therapy"], "date": when}) for when in dates]
    return material


# --- where they go ---------------------------------------------------------------------------------------------------


def _to_new(path: Path, material: _Material, wanted: Wanted) -> Batch:
    """A new person file; nothing that is there is ever written over."""
    out = wanted.out
    assert out is not None
    if out.exists() or not out.resolve().parent.is_dir():
        raise InputError(f"--out {out}: give a new file in a folder that is there, or add to a file with --into.")
    head = [f"Imported from {path.name} on {wanted.today}. Check it, then plan with it."]
    if material.person is not None:
        replace_file(out, write_person(material.person, material.notes, head).encode())
        return Batch(None, len(material.rows), 0, ())
    if wanted.sex is None or wanted.age is None:
        raise InputError("--out: a CSV file does not say who it is about; add --sex and --age, or use --into.")
    who = {"as_of": wanted.today, "person": {"sex": wanted.sex, "age": wanted.age}}
    merged = merge(who, material.rows, str(out), wanted.known, wanted.today)
    refused = (*material.rejects, *merged.rejects)
    notes: dict[str, str] = {}
    for table in SAME:
        places = [place for name, _, place in merged.added if name == table]
        notes |= {f"{table}[{n}]": place for n, place in enumerate(places, start=1)}
    if merged.added:
        replace_file(out, write_person(merged.data, notes, head).encode())
    return Batch(None, merged.rows_added, merged.duplicates, refused)


def _into(path: Path, material: _Material, wanted: Wanted) -> Batch:
    """Into a file that is there, of a person whom the user names."""
    into = wanted.into
    assert into is not None
    person = read_person(into, wanted.known, wanted.today)
    names = {row.person for row in material.rows if row.person}
    if not wanted.same_person and (material.person is not None or names - {person.label}):
        raise InputError(
            f"{path}: says who it is about, and nobody is taken for {into} by a name or a birth date; if you know that "
            "it is the same person, say --same-person."
        )
    if material.person is not None:
        if material.person["person"]["sex"] != person.sex:
            raise InputError(f"{path}: is about somebody of another sex than {into}.")
        left = [key for key in material.person if key not in (*SAME, "as_of")]
        material.ignored.append(Ignored(", ".join(left), f"rows only are added to a file; {into} keeps its own"))
    return import_into(into, material.rows, material.rejects, material.origin, wanted.known, wanted.today)


# --- what is said ----------------------------------------------------------------------------------------------------


def _report(batch: Batch, material: _Material, wanted: Wanted, *, as_json: bool, quiet: bool) -> None:
    where = wanted.out or wanted.into
    if as_json:
        answer = {
            "file": str(where),
            "batch": batch.id,
            "rows_added": batch.rows_added,
            "duplicates": batch.duplicates,
            "rejects": [{"place": reject.place, "why": reject.why} for reject in batch.rejects],
            "ignored": [{"what": item.what, "why": item.why} for item in material.ignored],
        }
        sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=1) + "\n")
    elif not quiet:
        sys.stdout.write("\n".join(_lines(batch, material.ignored, where)) + "\n")


def _lines(batch: Batch, ignored: Sequence[Ignored], where: Path | None) -> list[str]:
    lines = [
        say(
            "{file}: {added}, {duplicates}, {rejected}.",
            file=where,
            added=say_number("{number} new row", "{number} new rows", batch.rows_added),
            duplicates=say_number("{number} duplicate", "{number} duplicates", batch.duplicates),
            rejected=say_number("{number} rejected", "{number} rejected", len(batch.rejects)),
        )
    ]
    lines += [say("Rejected: {place}: {why}", place=reject.place, why=reject.why) for reject in batch.rejects]
    lines += [say("Left aside: {what}: {why}", what=item.what, why=item.why) for item in ignored]
    if batch.id is not None:
        lines.append(
            say("Take it back with: follicast import --undo {batch} --into {file}", batch=batch.id, file=where)
        )
    return lines
