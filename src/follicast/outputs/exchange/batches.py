"""Imports into a person file: each leaves a record beside it, and can be taken back byte for byte."""

from __future__ import annotations

import hashlib
import json
import shutil
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from follicast.outputs.write import replace_file
from follicast.people.merge import Data, Merged, merge
from follicast.people.read import parse_person, read_person
from follicast.people.rows import Reject, Row
from follicast.people.write import write_blocks
from follicast.quantities import InputError

FOLDER = ".imports"
"""After the name of the person file: where the records of its imports are."""
RECORD, BEFORE = ".json", ".before"


@dataclass(frozen=True, slots=True)
class Batch:
    """What an import did; `id` is None where nothing was new and so nothing was written."""

    id: str | None
    rows_added: int
    duplicates: int
    rejects: tuple[Reject, ...]


def folder_of(path: Path) -> Path:
    """Where the records of a person file's imports are."""
    return path.with_name(path.name + FOLDER)


def import_into(
    path: Path, rows: Sequence[Row], rejects: Sequence[Reject], origin: bytes, known: Collection[str], today: date
) -> Batch:
    """Adds rows to a person file, at its end, leaving every line of it as it is.

    Args:
        path: the person file.
        rows: what was read.
        rejects: rows that could not be read, for the record.
        origin: content of the imported files, whose digest the record keeps.
        known: the therapy ids there are.
        today: the date that nothing may be after.

    Raises:
        InputError: the person file is wrong, or cannot be written. Nothing is changed then.
    """
    read_person(path, known, today)
    target = path.resolve()
    before = target.read_bytes()
    merged = merge(tomllib.loads(before.decode("utf-8-sig")), rows, str(path), known, today)
    refused = (*rejects, *merged.rejects)
    if not merged.added:
        return Batch(None, 0, merged.duplicates, refused)
    after = _with_blocks(before, merged)
    if _read(after, path, known, today) != merged.person:
        raise InputError(f"{path}: rows cannot be added at its end; write lists of blocks as [[name]] blocks.")
    batch = hashlib.sha256(before + b"\0" + origin).hexdigest()[:12]
    record = _record(batch, origin, before, after, merged, refused)
    folder = folder_of(target)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        replace_file(folder / f"{batch}{BEFORE}", before)
        replace_file(folder / f"{batch}{RECORD}", record)
        shutil.copymode(target, folder / f"{batch}{BEFORE}")
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error.strerror}); nothing was changed.") from error
    replace_file(target, after)
    return Batch(batch, merged.rows_added, merged.duplicates, refused)


def _read(content: bytes, path: Path, known: Collection[str], today: date) -> Any:
    """The person of the new content; None where it cannot be read, as blocks after a list in one line cannot."""
    try:
        return parse_person(content.decode("utf-8-sig"), str(path), known, today)
    except InputError:
        return None


def _with_blocks(before: bytes, merged: Merged) -> bytes:
    """The file with the new blocks at its end, in its own line ends."""
    text = ""
    tables = list(dict.fromkeys(table for table, _, _ in merged.added))
    for table in tables:
        blocks: list[Data] = [block for name, block, _ in merged.added if name == table]
        text += write_blocks(
            table, blocks, [f"imported from {place}" for name, _, place in merged.added if name == table]
        )
    if b"\r\n" in before:
        text = text.replace("\n", "\r\n")
    return before + (b"" if before.endswith(b"\n") or not before else b"\n") + text.encode()


def _record(batch: str, origin: bytes, before: bytes, after: bytes, merged: Merged, refused: Sequence[Reject]) -> bytes:
    made = {
        "batch": batch,
        "imported_sha256": hashlib.sha256(origin).hexdigest(),
        "before_sha256": hashlib.sha256(before).hexdigest(),
        "after_sha256": hashlib.sha256(after).hexdigest(),
        "added": [{"table": table, "place": place, "block": block} for table, block, place in merged.added],
        "rows_added": merged.rows_added,
        "duplicates": merged.duplicates,
        "rejects": [{"place": reject.place, "why": reject.why} for reject in refused],
    }
    return (json.dumps(made, ensure_ascii=False, indent=1, default=date.isoformat) + "\n").encode()


def undo(path: Path, batch: str) -> None:
    """Puts the person file back as it was before an import, to the byte, and drops the import's record.

    Raises:
        InputError: there is no such import, or the file was changed after it, which undoing would lose.
    """
    target = path.resolve()
    folder = folder_of(target)
    known = sorted(p.name.removesuffix(RECORD) for p in folder.glob(f"*{RECORD}")) if folder.is_dir() else []
    if batch not in known:
        raise InputError(f"--undo {batch}: {path} has no such import; allowed are {', '.join(known) or 'none'}.")
    record, kept = folder / f"{batch}{RECORD}", folder / f"{batch}{BEFORE}"
    try:
        said = json.loads(record.read_text(encoding="utf-8"))
        before, now = kept.read_bytes(), target.read_bytes()
    except (OSError, ValueError) as problem:
        raise InputError(f"--undo {batch}: its record cannot be read ({problem}).") from None
    if hashlib.sha256(before).hexdigest() != said.get("before_sha256"):
        raise InputError(f"--undo {batch}: the copy from before the import was changed, so it is not put back.")
    digest = hashlib.sha256(now).hexdigest()
    if digest not in (said.get("after_sha256"), said["before_sha256"]):
        later = [name for name in known if _after(folder / f"{name}{RECORD}") == digest]
        hint = f"undo {later[0]} first" if later else "take those changes back by hand first"
        raise InputError(f"--undo {batch}: {path} was changed after that import; {hint}.")
    replace_file(target, before)
    record.unlink()
    kept.unlink()
    if not any(folder.iterdir()):
        folder.rmdir()


def _after(record: Path) -> str:
    try:
        return str(json.loads(record.read_text(encoding="utf-8")).get("after_sha256"))
    except (OSError, ValueError):
        return ""
