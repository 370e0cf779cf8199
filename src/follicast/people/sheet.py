"""A CSV file as header and rows: encoding, separator and line ends are found out, nothing of a value is guessed."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable
from dataclasses import dataclass

from follicast.quantities import InputError

LARGEST_BYTES = 5_000_000
MOST_ROWS = 10_000
SEPARATORS = (",", ";", "\t", "|")
BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
WANTED = "a CSV file with a header, in UTF-8, of at most 5 MB and 10,000 rows"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One CSV file. Every row is its line number in the file and its cells, trimmed; empty rows are left out."""

    source: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_sheet(content: bytes, source: str, known: Callable[[str], bool], encoding: str | None = None) -> Sheet:
    """The rows of a CSV file.

    Args:
        content: the file.
        source: what messages call it.
        known: whether a header is one that is understood, which tells the separator.
        encoding: of the file, where it is not UTF-8 (or UTF-16 with its mark).

    Raises:
        InputError: it is empty, too large, not text in that encoding, or has no rows below a header.
    """
    if len(content) > LARGEST_BYTES:
        raise InputError(f"{source}: is larger than 5 MB; give {WANTED}.")
    text = _text(content, source, encoding)
    if not text.strip():
        raise InputError(f"{source}: is empty; give {WANTED}.")
    if "\0" in text:
        raise InputError(f"{source}: holds a zero byte, so it is not text; give {WANTED}.")
    separator = _separator(text, known)
    found: list[tuple[int, tuple[str, ...]]] = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        line = 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((line, tuple(cell.strip(" \u00a0\u3000") for cell in cells)))
            line = reader.line_num + 1
    except csv.Error as problem:
        raise InputError(f"{source}: line {reader.line_num} is not CSV ({problem}); give {WANTED}.") from None
    if len(found) < 2:
        raise InputError(f"{source}: has a header and no rows; give {WANTED}.")
    if len(found) - 1 > MOST_ROWS:
        raise InputError(f"{source}: has {len(found) - 1} rows; give {WANTED}.")
    return Sheet(source, found[0][1], tuple(found[1:]))


def _text(content: bytes, source: str, encoding: str | None) -> str:
    named = encoding or next((name for mark, name in BYTE_ORDER_MARKS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(codecs.lookup(named).name).removeprefix("\ufeff")
    except LookupError:
        raise InputError(f"--encoding {named}: is not known; such as utf-8, gb18030, windows-1252.") from None
    except UnicodeDecodeError as problem:
        raise InputError(
            f"{source}: is not {named} text (byte {problem.start + 1}); save it as UTF-8, or say --encoding, such as "
            "gb18030 or windows-1252."
        ) from None


def _separator(text: str, known: Callable[[str], bool]) -> str:
    """The separator under which most of the header is understood; of equals the one with more columns."""
    first = next(line for line in text.splitlines() if line.strip())

    def score(separator: str) -> tuple[int, int]:
        cells = next(iter(csv.reader([first], delimiter=separator)), [])
        return sum(known(cell.strip()) for cell in cells), len(cells)

    return max(SEPARATORS, key=score)
