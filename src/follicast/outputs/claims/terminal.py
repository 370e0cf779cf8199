"""The ledger in the terminal: counts and one line a claim; with a name the whole entry and its simulation."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from follicast.decisions.claims.result import TestResult
from follicast.knowledge.claim_tests import ClaimTest
from follicast.knowledge.claims import Claim, Verdict, topics
from follicast.knowledge.load import sources
from follicast.language import say
from follicast.outputs.claims import ledger as words
from follicast.outputs.claims.ledger import Ledger
from follicast.outputs.wording import place

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_COLOURS: Final[dict[Verdict, str]] = {
    "supported": "#2f7d4f",
    "partly": "#b7791f",
    "unsupported": "#c0632b",
    "false": "#b3362b",
    "untested": "#5d676d",
}
_PLAIN: Final = str.maketrans(
    {
        "●": "+",
        "◐": "~",
        "○": "-",
        "✕": "x",
        "−": "-",
        "²": "2",
        "±": "+-",
        "…": "...",
        "“": '"',
        "”": '"',
    }
)
_GREEK: Final = {0x3B1: "alpha"}
_WIDEST: Final = 240


class _Speaker:
    """Prints lines; plain letters where the terminal has no others."""

    def __init__(self, console: Console | None) -> None:
        from rich.console import Console

        self.console = console or Console()
        if console is None and not self.console.is_terminal:
            # A pipe has no width: rows must not be broken there.
            self.console = Console(width=_WIDEST)
        self.plain = "utf" not in (self.console.encoding or "").lower()

    def put(self, text: str) -> str:
        return text.translate(_PLAIN).translate(_GREEK) if self.plain else text

    def line(self, text: str = "", style: str = "") -> None:
        from rich.text import Text

        self.console.print(Text(self.put(text), style=style), soft_wrap=not self.console.is_terminal)


def print_list(book: Ledger, paths: Iterable[Path] = (), *, console: Console | None = None) -> None:
    """One screen: the counts, then every claim with its verdict and the reason in a line.

    Args:
        book: what to show.
        paths: what was written; named last.
        console: where to print; standard output if not given.
    """
    speaker = _Speaker(console)
    speaker.line(words.count_sentence(book), "bold")
    speaker.line()
    verdicts = max((len(say(words.VERDICT_WORDS[c.verdict])) for c in book.claims), default=0)
    names = max((len(c.id) for c in book.claims), default=0)
    room = speaker.console.width - verdicts - names - 8
    for claim in book.claims:
        _claim_line(speaker, claim, verdicts, names, room)
    speaker.line()
    speaker.line(say("follicast claims NAME shows one claim whole; --out DIR writes the page with the simulations."))
    _written(speaker, paths)


def _claim_line(speaker: _Speaker, claim: Claim, verdicts: int, names: int, room: int) -> None:
    from rich.text import Text

    why = speaker.put(say(claim.short))
    if speaker.console.is_terminal and len(why) > room:
        why = why[: max(room, 1) - 1].rstrip() + speaker.put("…")
    shape = speaker.put(words.VERDICT_SHAPES[claim.verdict])
    text = Text(f"{shape} {say(words.VERDICT_WORDS[claim.verdict]).ljust(verdicts)}", _COLOURS[claim.verdict])
    text.append(f"  {claim.id.ljust(names)}  ", "bold")
    text.append(why, "default")
    speaker.console.print(text, soft_wrap=True)


def print_claims(book: Ledger, paths: Iterable[Path] = (), *, console: Console | None = None) -> None:
    """Whole entries, then the simulations that bear on them."""
    speaker = _Speaker(console)
    for claim in book.claims:
        _entry(speaker, claim)
    for test in book.tests:
        _test(speaker, test, book)
    _written(speaker, paths)


def print_tests(book: Ledger, paths: Iterable[Path] = (), *, console: Console | None = None) -> None:
    """The simulations alone."""
    speaker = _Speaker(console)
    for test in book.tests:
        _test(speaker, test, book)
    _written(speaker, paths)


def _written(speaker: _Speaker, paths: Iterable[Path]) -> None:
    for path in paths:
        speaker.line(str(path))


def _entry(speaker: _Speaker, claim: Claim) -> None:
    verdict = say(words.VERDICT_WORDS[claim.verdict])
    speaker.line(f"“{claim.quote}”", "bold")
    speaker.line(f"{words.VERDICT_SHAPES[claim.verdict]} {verdict}", f"bold {_COLOURS[claim.verdict]}")
    speaker.line(say(words.VERDICT_MEANS[claim.verdict]), "dim")
    speaker.line()
    speaker.line(say(claim.why))
    speaker.line(say("Fair to say: {fair}", fair=say(claim.fair)))
    speaker.line()
    facts = [
        say(topics()[claim.topic]),
        say(words.SPEAKERS[claim.speaker]),
        say("certainty of the evidence: {certainty}", certainty=say(claim.certainty)),
        say("checked {date}", date=claim.checked.isoformat()),
    ]
    if claim.jurisdiction is not None:
        facts.append(say("holds for {place}", place=place(claim.jurisdiction)))
    speaker.line("; ".join(facts) + ".", "dim")
    for key in claim.sources:
        source = sources()[key]
        speaker.line(f"  {source.text} ({say(words.READ_WORDS[source.read])})", "dim")
    speaker.line()


def _test(speaker: _Speaker, test: ClaimTest, book: Ledger) -> None:
    speaker.line(say("Simulation: {title}", title=say(test.title)), "bold")
    result = book.results.get(test.id)
    if result is None:
        speaker.line(say("Not run yet: follicast claims {test} --test", test=test.id))
    else:
        if book.stale(test):
            speaker.line(words.stale_words(test), "#b7791f")
        speaker.line(words.finding_words(test, result))
        speaker.line()
        speaker.console.print(_table(speaker, test, result))
        speaker.line(words.reading_help(), "dim")
        speaker.line(words.made_words(result), "dim")
    speaker.line(say("What it cannot show:"))
    for limit in test.limits:
        speaker.line(f"  {say(limit)}")
    speaker.line()


def _table(speaker: _Speaker, test: ClaimTest, result: TestResult) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    table.add_column("", overflow="fold")
    for column in test.columns:
        head = f"{say(column.label)}, {words.unit_words(column)}"
        table.add_column(speaker.put(head), justify="right", overflow="fold")
    table.add_column(say("certainty"), overflow="fold")
    for arm, cells in words.rows(test, result):
        shown = [speaker.put(words.table_cell(cells[column.key], column)) for column in test.columns]
        certainty = result.certainty.get(arm.key)
        row = [Text(say(arm.label)), *map(Text, shown), Text(say(certainty) if certainty else "")]
        table.add_row(*row, style="bold" if arm.sham else "")
    return table
