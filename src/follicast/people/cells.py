"""Cells of a CSV file: what a spreadsheet would run as a formula is disarmed on the way out, refused on the way in."""

from __future__ import annotations

import re

from follicast.quantities import InputError

STARTS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
"""What makes a spreadsheet take a cell for a formula; the last four are the wide forms that some of them take too."""
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
GUARD = "'"


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would run the cell; a plain number is not run, whatever its sign."""
    start = text.lstrip(" \u00a0\u3000\ufeff")
    return bool(start) and start[0] in STARTS and not NUMBER.fullmatch(text)


def guarded(text: str) -> str:
    """A text as a cell that no spreadsheet runs: an apostrophe before it where it would be, or had one already."""
    return GUARD + text if is_formula(text.lstrip(GUARD)) else text


def unguarded(text: str) -> str:
    """The text of a cell, without the apostrophe that disarms it.

    Raises:
        InputError: the cell is a formula that nobody disarmed.
    """
    if is_formula(text):
        raise InputError(
            f"{text[:40]!r} begins like a formula that a spreadsheet would run; put an apostrophe before it to keep it "
            "as text"
        )
    return text[1:] if text.startswith(GUARD) and is_formula(text.lstrip(GUARD)) else text
