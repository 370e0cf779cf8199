"""data.md: every shipped trial row, what it became, whether it is fitted and why not, and every source."""

from __future__ import annotations

from collections import Counter

from follicast.knowledge.trial import Refused, TrialRow
from follicast.outputs.science.material import Material, reason_left_out
from follicast.outputs.science.trial_words import arm_words, author_words, compared_words, measure_words, people_words
from follicast.outputs.science.words import fixed, num, page, percent, table
from follicast.outputs.wording import typeset

_HEADS = ("row", "source", "people", "arm", "against", "read", "week", "reported", "unit", "n", "seen", "in the fit")


def data_page(material: Material) -> str:
    """The page."""
    rows, refused = material.rows, material.refused
    fitted = [row for row in rows if reason_left_out(row) is None]
    total = len(rows) + len(refused)
    return page(
        "The data",
        f"The package ships {total} rows of published trials in {len(material.tables)} tables. {len(rows)} are "
        f"understood and replayed; {len(fitted)} of those ({percent(len(fitted) / len(rows))}) are net effects that "
        f"the calibration fits. {len(refused)} cannot be replayed. Rows that report a change without a control arm "
        "are never fitted as effects: they are shown, and the latest change of each trial's control arm tells the "
        "offset of its kind of dummy.",
        "Numbers seen in a source are marked READ; RECALLED ones were not, and are not fitted where they are the "
        "only word for an effect. Nothing else was left out: other published results are kept for validation.",
        "## Why rows are not fitted\n\n" + table(("reason", "rows"), _reasons(rows), right=(1,)),
        *(_table(material, k) for k in range(len(material.tables))),
        "## Rows that cannot be replayed\n\n" + _refused(material, refused),
        "## Sources\n\nHow closely each was read: primary (the paper), abstract, secondary (another text reports "
        "it), recalled (from memory, to be verified).",
        _sources(material),
    )


def _reasons(rows: tuple[TrialRow, ...]) -> list[tuple[str, int]]:
    counted = Counter(reason for row in rows if (reason := reason_left_out(row)) is not None)
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def _table(material: Material, k: int) -> str:
    by_line = {row.line: row for row in material.rows}
    knowledge = material.main.knowledge
    lines = []
    for row in material.rows[_start(material, k) : _start(material, k + 1)]:
        reason = reason_left_out(row)
        lines.append(
            (
                f"`{row.trial_id}`",
                author_words(material.lines[row.line]),
                people_words(row),
                arm_words(row.arm, knowledge),
                compared_words(row, knowledge, by_line),
                measure_words(row.measure),
                num(row.week),
                num(row.observed, 4),
                row.unit.text,
                num(row.n),
                row.verification,
                "yes" if reason is None else f"no: {reason}",
            )
        )
    return f"## {material.tables[k].name}\n\n" + table(_HEADS, lines, right=(6, 7, 9))


def _start(material: Material, k: int) -> int:
    return sum(len(table_.rows) for table_ in material.tables[:k])


def _refused(material: Material, refused: tuple[Refused, ...]) -> str:
    rows = [
        (
            f"`{entry.trial_id}`",
            author_words(material.lines[entry.line]),
            fixed(entry.observed, 2),
            entry.unit,
            entry.reason,
        )
        for entry in refused
    ]
    return table(("row", "source", "reported", "unit", "why"), rows, right=(2,))


def _sources(material: Material) -> str:
    lines = []
    for key, source in sorted(material.main.knowledge.sources.items()):
        where = f" <{source.url}>" if source.url else ""
        lines.append(f'- <a id="source-{key}"></a>**{key}** ({source.read}). {typeset(source.text)}{where}')
    return "\n".join(lines)
