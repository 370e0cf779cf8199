"""The terminal: one screen, the answer first, the path of the report last; progress on standard error."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from follicast.decisions.result import Candidate, Finding, PlanResult
from follicast.language import say, speaking
from follicast.outputs.palette import NOTHING_ID, STOP, plan_styles
from follicast.outputs.report import findings
from follicast.outputs.report.reading import at_day, band_of, before_start, chosen_candidate, ranked, therapy_labels
from follicast.outputs.report.weighing import parts_left
from follicast.outputs.safety.shown import finding_lines, summary_lines
from follicast.outputs.wording import (
    between,
    capital,
    certainty_word,
    counted,
    long_date,
    money,
    number,
    of_ten,
    signed,
    typeset,
    wide_signs,
    zone_label,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID
    from rich.table import Table

PLAIN = str.maketrans({"−": "-", "²": "2", "µ": "u", "×": "x", "–": "-", "…": "...", "\u00a0": " "})
OTHERS_SHOWN = 4


class Progress:
    """Shows how far the work is, on standard error: a bar on a terminal, one line a step elsewhere, silent if quiet.

    Use it as a context manager; `step` may be called from any thread.
    """

    def __init__(self, *, quiet: bool = False, console: Console | None = None) -> None:
        self._quiet = quiet
        self._console = console
        self._bar: RichProgress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._named: set[str] = set()

    def __enter__(self) -> Self:
        if self._quiet:
            return self
        if self._console is None:
            from rich.console import Console

            self._console = Console(stderr=True)
        if self._console.is_terminal:
            from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
            from rich.progress import Progress as RichProgress

            columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
            self._bar = RichProgress(*columns, console=self._console, transient=True)
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def step(self, name: str, fraction: float) -> None:
        """Say that the step called `name` is done by `fraction` (0 to 1); the first call starts it."""
        if self._bar is not None:
            if name not in self._tasks:
                self._tasks[name] = self._bar.add_task(name, total=1.0)
            self._bar.update(self._tasks[name], completed=min(max(fraction, 0.0), 1.0))
        elif not self._quiet and self._console is not None and name not in self._named:
            self._named.add(name)
            self._console.print(f"{name} ...", highlight=False, markup=False)


def print_summary(result: PlanResult, paths: Iterable[Path], *, console: Console | None = None) -> None:
    """Say the answer in one screen.

    Args:
        result: the answer.
        paths: what was written; the report is named last.
        console: where to print; standard output if not given.
    """
    from rich.console import Console
    from rich.text import Text

    console = console or Console()
    plain = "utf" not in (console.encoding or "").lower()

    def put(words: str, style: str = "") -> None:
        words = wide_signs(words)
        console.print(Text(words.translate(PLAIN) if plain else words, style=style))

    with speaking(result.language):
        found, chosen, labels = before_start(result)[0], [line.therapy for line in result.lines], therapy_labels(result)
        urgent = [f for f in found if f.pauses]
        for words, style in finding_lines(urgent, chosen, labels):
            put(words, style)
        put(capital(result.answer), "bold")
        if not result.fit.trustworthy:
            weak = say("Warning: this forecast is weakly founded; do not trust its intervals.")
            put(" ".join([weak, *result.fit.messages]), f"bold {STOP}")
        rest = [f for f in found if not f.pauses] + _holds_on_others(result)
        for words, style in summary_lines(rest, len(result.safety) - len(urgent), chosen, labels):
            put(words, style)
        for table in (_courses(result, plain), _lines(result, plain), _others(result, plain)):
            if table is not None:
                console.print()
                console.print(table)
        console.print()
        for words in _honest(result):
            put(words)
        for words in result.forecasts.shedding_causes:
            put(typeset(words))
        if result.schedule:
            put(say("Dates: {dates}.", dates=findings.schedule(result)))
            timed = [e for e in result.schedule if e.time is not None]
            if timed:
                first = min(timed, key=lambda e: (e.date, e.time or ""))
                when = f"{long_date(first.date)}, {first.time}"
                put(say("The first at a set time: {when} ({zone}).", when=when, zone=first.time_zone))
        put(say("Not a diagnosis."), "dim")
        written = sorted(paths, key=lambda path: path.suffix == ".html")
        if written:
            console.print(Text(say("Report: {path}", path=written[-1])), soft_wrap=True)


def _holds_on_others(result: PlanResult) -> list[Finding]:
    """What holds therapies that stand on the screen only as other plans."""
    shown = {name for c in _rest(result)[:OTHERS_SHOWN] for name in c.therapies}
    return [f for f in before_start(result)[1] if f.severity in ("block", "hold") and shown & set(f.concerns)]


def _rest(result: PlanResult) -> list[Candidate]:
    return [c for c in ranked(result) if c.id != result.chosen and c.id != NOTHING_ID]


def _honest(result: PlanResult) -> list[str]:
    """How likely a later count shows more than today's, and what is left of the gain after stopping."""
    best = chosen_candidate(result)
    if best is None or result.stopping is None:
        return []
    words = [
        say(
            "After {months} a count of the same site would show more than today's in {share} people like you.",
            months=findings.horizon_words(result),
            share=of_ten(1.0 - best.unseen_from_now),
        )
    ]
    left = result.stopping.share_left[-1]
    if left is not None:
        months = counted(result.stopping.month, "month"), counted(result.stopping.after[-1], "month")
        words.append(
            say(
                "Stopped after {first}, on average {part} is left {later} later.",
                first=months[0],
                part=parts_left(left),
                later=months[1],
            )
        )
    return [" ".join(words)]


def _table(heads: tuple[str, ...], plain: bool, right: tuple[int, ...]) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    for k, head in enumerate(heads):
        words = head.translate(PLAIN) if plain else head
        table.add_column(words, justify="right" if k in right else "left", no_wrap=k > 0, overflow="fold")
    return table


def _row(table: Table, cells: list[str], plain: bool, style: str = "") -> None:
    from rich.text import Text

    said = [wide_signs(cell) for cell in cells]
    table.add_row(*(Text(cell.translate(PLAIN) if plain else cell) for cell in said), style=style)


def _heads() -> tuple[str, str, str]:
    return say("8 of 10"), say("certainty"), say("cost")


def _courses(result: PlanResult, plain: bool) -> Table | None:
    """Hairs per cm2 at the goal zone today and at the horizon under each drawn plan."""
    where, when = zone_label(result, result.forecasts.goal_zone), findings.horizon_words(result)
    table = _table((say("Hairs per cm², {zone}", zone=where), say("today"), when, say("8 of 10")), plain, right=(1, 2))
    for plan, style in plan_styles(result).items():
        band = band_of(result, plan, "density")
        if band is None:
            continue
        now, then = at_day(result, band, 0), at_day(result, band, result.horizon_days)
        name = style.name if plan == NOTHING_ID else f"{style.name}: {style.label}"
        _row(table, [name, number(now.median), number(then.median), between(then)], plain, style.ink)
    return table if table.row_count else None


def _lines(result: PlanResult, plain: bool) -> Table | None:
    """What each line of the plan adds."""
    if not result.lines:
        return None
    table = _table((say("Each line of the plan"), say("adds"), *_heads()), plain, right=(1,))
    for line in result.lines:
        cells = [capital(line.label), signed(line.adds.median), between(line.adds, sign=True)]
        _row(table, [*cells, certainty_word(line.certainty), money(line.cost)], plain)
    return table


def _others(result: PlanResult, plain: bool) -> Table | None:
    """The best of the rest, and nothing."""
    rows = _rest(result)
    if not rows:
        return None
    table = _table((say("Other plans, against nothing"), say("gain"), *_heads()), plain, right=(1,))
    for c in rows[:OTHERS_SHOWN]:
        name = f"{c.rank}. {capital(c.label)}"
        if c.not_recommended is not None:
            name = say("{plan} (compared only)", plan=name)
        cells = [name, signed(c.gain.median), between(c.gain, sign=True)]
        _row(table, [*cells, certainty_word(c.certainty), money(c.cost)], plain)
    return table
