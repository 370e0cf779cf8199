"""Tables of published trials, read into rows that can be replayed and rows that cannot, each with its reason.

    read_trials(Path("drug_trials.csv"), therapies())

Two formats are understood, of drugs and of procedures, by the columns of their header; further columns are ignored.
What the words in the cells mean stands in trial_words.toml.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from follicast.knowledge.therapy import Therapy
from follicast.knowledge.trial import Arm, Refused, TrialRow, TrialTable
from follicast.knowledge.trial_rows import DRUGS, PROCEDURES, Cells, Draft, Format, RowReader
from follicast.quantities import InputError


def read_trials(path: Path, therapies: Mapping[str, Therapy]) -> TrialTable:
    """Reads a table of trials for replay with these therapies.

    Whatever is wrong with a row makes it a `Refused`; only a file that is no such table stops the reading.

    Raises:
        InputError: the file cannot be read, is not CSV in UTF-8, lacks columns or has no rows.
    """
    header, lines = _cells(path)
    reader = RowReader(_layout(header, path), therapies)
    read = [
        reader.read(line, Cells(zip(header, cells, strict=False)), len(cells) - len(header)) for line, cells in lines
    ]
    drafts = [item for item in read if isinstance(item, Draft)]
    rows = _with_controls(list(_with_people(drafts)), {draft.row.line for draft in drafts if draft.control})
    return TrialTable(path.name, tuple(rows), tuple(item for item in read if isinstance(item, Refused)))


def _cells(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header, and each row that is not blank with the line it begins on."""
    allowed = "a CSV table of trials in UTF-8, with a header and rows"
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path.name}: cannot be read ({error.strerror}); allowed: {allowed}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name}: not UTF-8 (at byte {error.start}); allowed: {allowed}") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, list[str]]] = []
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((begins, cells))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{path.name}: line {reader.line_num}: not CSV ({error}); allowed: {allowed}") from error
    if len(rows) < 2:
        raise InputError(f"{path.name}: {'no rows' if rows else 'empty'}; allowed: {allowed}")
    header = [name.strip().lower() for name in rows[0][1]]
    while header and not header[-1]:
        header.pop()
    return header, [(line, _trimmed(cells, len(header))) for line, cells in rows[1:]]


def _trimmed(cells: list[str], width: int) -> list[str]:
    """The cells without empty ones beyond the header."""
    while len(cells) > width and not cells[-1].strip():
        cells.pop()
    return cells


def _layout(header: list[str], path: Path) -> Format:
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise InputError(f"{path.name}: column {twice[0]} stands twice; allowed: each column once")
    for layout in (DRUGS, PROCEDURES):
        if set(layout.needed) <= set(header):
            return layout
    likely = max((DRUGS, PROCEDURES), key=lambda each: len({each.agent, each.week} & set(header)))
    missing = ", ".join(name for name in likely.needed if name not in header)
    raise InputError(
        f"{path.name}: missing columns: {missing}; allowed: a table of {DRUGS.name} ({', '.join(DRUGS.needed)}) "
        f"or of {PROCEDURES.name} ({', '.join(PROCEDURES.needed)}), with further columns as you like"
    )


def _with_people(drafts: Iterable[Draft]) -> Iterator[TrialRow]:
    """The rows with how many took part where only a total is given, and with standard errors that follow from it."""
    drafts = list(drafts)
    arms: dict[str, set[Arm]] = {}
    for draft in drafts:
        if draft.row.against is None:
            arms.setdefault(draft.row.trial, set()).add(draft.row.arm)
    for draft in drafts:
        row = draft.row
        if draft.total is not None:
            contrast = row.against is not None
            share = draft.total / (2 if contrast else len(arms[row.trial]))
            row = replace(row, n=share, n_control=share if contrast else None)
        yield replace(row, se=_standard_error(row, draft.other_sd)) if row.se is None else row


def _standard_error(row: TrialRow, other_sd: float | None) -> float | None:
    if row.sd is None or row.n is None:
        return None
    if row.against is None:
        return row.sd / math.sqrt(row.n)
    return math.sqrt(row.sd**2 / row.n + (other_sd or row.sd) ** 2 / (row.n_control or row.n))


def _with_controls(rows: list[TrialRow], marked: set[int]) -> Iterator[TrialRow]:
    """The rows with the line of their control: an arm of the same trial without a drug, else the marked comparator."""
    without: dict[tuple[object, ...], TrialRow] = {}
    comparators: dict[tuple[object, ...], TrialRow] = {}
    for row in rows:
        if row.against is None and row.week > 0:
            if not row.arm.uses:
                without.setdefault(_alike(row), row)
                without.setdefault((*_alike(row), row.arm.setting), row)
            elif row.line in marked:
                comparators.setdefault(_alike(row), row)
    for row in rows:
        if row.against is not None or not row.arm.uses or row.week <= 0:
            yield row
            continue
        key = _alike(row)
        control = without.get((*key, row.arm.setting)) or without.get(key)
        if control is None and row.line not in marked:
            control = comparators.get(key)
        if control is None:
            yield row
        else:
            yield replace(row, control_line=control.line, n_control=control.n)


def _alike(row: TrialRow) -> tuple[object, ...]:
    """What a row and its control share."""
    return row.trial, row.measure, row.unit.basis, row.unit.per_standard, row.week, row.who.sex, row.who.zones
