"""`follicast review`: one screen in the terminal, and a folder with review.html and review.json."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from follicast.decisions.reviewing.record import Review
from follicast.language import say, speaking
from follicast.outputs.palette import STOP
from follicast.outputs.review.cells import COLOURS, Row, rows
from follicast.outputs.safety.shown import strictness
from follicast.outputs.wording import capital, typeset

if TYPE_CHECKING:
    from rich.console import Console

PAGE, DATA_FILE = "review.html", "review.json"
FILES = (PAGE, DATA_FILE)
CHECKS_SHOWN = 5


def write_review(review: Review, folder: Path) -> list[Path]:
    """Write review.html and review.json, both or neither.

    Args:
        review: the answer.
        folder: made if need be.

    Returns:
        The paths written, the page first.

    Raises:
        InputError: the folder cannot be written.
    """
    from follicast.outputs.report.plan_json import render_record
    from follicast.outputs.review.page import render_review
    from follicast.outputs.write import write_files

    with speaking(review.language):
        page = render_review(review)
    return write_files({PAGE: page, DATA_FILE: render_record(review)}, folder)


def print_review(review: Review, paths: Iterable[Path], *, console: Console | None = None) -> None:
    """Say the answer in one screen.

    Args:
        review: the answer.
        paths: what was written; the page is named last.
        console: where to print; standard output if not given.
    """
    from rich.console import Console
    from rich.text import Text

    from follicast.outputs.terminal import PLAIN

    console = console or Console()
    plain = "utf" not in (console.encoding or "").lower()

    def tell(words: str, style: str = "") -> None:
        console.print(Text(words.translate(PLAIN) if plain else words, style=style))

    for alarm in review.alarms:
        tell(f"{strictness(alarm.severity)}: {alarm.title} ({alarm.rule})", f"bold {STOP}")
        for words in alarm.words:
            tell(f"  {typeset(words)}")
    if review.alarms:
        tell(say("This comes before any verdict on the hair."), "bold")
        console.print()
    tell(capital(review.headline), f"bold {COLOURS[review.verdict if review.deciding is not None else None]}")
    for reason in review.reasons:
        tell(typeset(reason))
    found = rows(review)
    console.print()
    for row in found:
        first, second = _lines(row if not review.adherence_known else replace(row, full="", half=""))
        tell(first, row.colour)
        if second.strip():
            tell(second)
    if any(row.smallest for row in found):
        tell(say("Ranges: what was forecast of the change, 8 of 10."), "dim")
    console.print()
    tell(typeset(review.next_words))
    for words in _since(review):
        tell(typeset(words))
    if review.checks:
        tell(say("To check:"), "bold")
        for words in review.checks[:CHECKS_SHOWN]:
            tell(f"- {typeset(words)}")
        if len(review.checks) > CHECKS_SHOWN:
            tell(say("- and {number} more in the report", number=len(review.checks) - CHECKS_SHOWN))
    if review.replanned is not None:
        for words in review.replanned.words[:2]:
            tell(typeset(words))
    tell(say("Not a diagnosis."), "dim")
    written = sorted(paths, key=lambda path: path.suffix == ".html")
    if written:
        console.print(Text(say("Report: {path}", path=written[-1])), soft_wrap=True)


def _since(review: Review) -> list[str]:
    """Safety, doses, sessions and grades since the plan."""
    words = [*review.safety, *review.doses]
    if not review.adherence_known:
        words.append(say("So the forecast is shown with all and with half of the doses."))
    return [*words, *(s.words for s in review.sessions), *review.grades]


def _lines(row: Row) -> tuple[str, str]:
    """A reading on two lines: its verdict and name, then its numbers."""
    first = f"{row.shape} {row.verdict}: {row.label}, {row.date}"
    told = [
        (say("change {range}"), row.change),
        (say("plan {range}"), "" if row.full and row.half else row.expected),
        (say("all doses {range}"), row.full if row.half else ""),
        (say("half {range}"), row.half if row.full else ""),
        (say("nothing {range}"), row.nothing),
        (say("detectable {range}"), row.smallest),
    ]
    return first, "  " + say("; ").join(words.format(range=value) for words, value in told if value)
