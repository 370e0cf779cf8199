"""The ledger as every output shows it: entries with their tests and results, the words for them, and its JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from types import SimpleNamespace
from typing import Any, Final

from follicast.decisions.claims.result import Cell, TestResult, shipped_results
from follicast.knowledge.claim_tests import Arm, ClaimTest, Column, claim_tests
from follicast.knowledge.claims import VERDICTS, Claim, Speaker, Verdict, claims, claims_on, known_claim
from follicast.knowledge.load import Reading, knowledge_hash, sources
from follicast.language import say
from follicast.quantities import InputError
from follicast.version import VERSION

SCHEMA_VERSION: Final = 1
MINUS: Final = "−"
VERDICT_WORDS: Final[Mapping[Verdict, str]] = {
    "supported": "supported",
    "partly": "partly",
    "unsupported": "unsupported",
    "false": "false",
    "untested": "untested",
}
VERDICT_MEANS: Final[Mapping[Verdict, str]] = {
    "supported": "What is known carries it.",
    "partly": "A part is true, and another part is not or goes too far.",
    "unsupported": "It is said as a fact, and what is known does not carry it.",
    "false": "What is known contradicts it.",
    "untested": "Nobody has made the comparison, so nobody can know.",
}
VERDICT_SHAPES: Final[Mapping[Verdict, str]] = {
    "supported": "●",
    "partly": "◐",
    "unsupported": "○",
    "false": "✕",
    "untested": "?",
}
SPEAKERS: Final[Mapping[Speaker, str]] = {
    "advertisement": "said in the advertisement",
    "common": "said in many advertisements",
}
READ_WORDS: Final[Mapping[Reading, str]] = {
    "primary": "read itself",
    "abstract": "abstract read",
    "secondary": "read about in another text",
    "recalled": "from memory, to be verified",
}
_UNIT_WORDS: Final = {
    "fraction": "of 100",
    "hairs/cm2": "hairs/cm²",
    "hairs/day": "hairs a day",
    "hairs/year": "hairs a year",
    "months": "months",
    "cm": "cm",
    "%": "%",
}
_SIGNED: Final = ("change", "gain", "balance")


@dataclass(frozen=True, slots=True)
class Ledger:
    """The entries to show, the tests that bear on them, and the results there are."""

    claims: tuple[Claim, ...]
    tests: tuple[ClaimTest, ...]
    results: Mapping[str, TestResult]

    @property
    def counts(self) -> Mapping[Verdict, int]:
        """How many entries have each verdict, every verdict named."""
        found = Counter(claim.verdict for claim in self.claims)
        return {verdict: found[verdict] for verdict in VERDICTS}

    def stale(self, test: ClaimTest) -> bool:
        """Whether the result shown was made with other numbers, or for another test, than there are now."""
        return test.id in self.results and not self.results[test.id].current(test)


def ledger(
    name: str | None = None, verdict: str | None = None, results: Mapping[str, TestResult] | None = None
) -> Ledger:
    """The whole ledger, or a part of it.

    Args:
        name: of a claim, or of a test for the claims that it bears on; None = all.
        verdict: only claims with this verdict.
        results: to show in place of the shipped ones.

    Returns:
        The part asked for.

    Raises:
        InputError: no claim, test or verdict has that name.
    """
    if verdict is not None and verdict not in VERDICTS:
        raise InputError(f"--verdict {verdict!r} is none; allowed: {', '.join(VERDICTS)}.")
    chosen = tuple(claims().values())
    if name is not None:
        chosen = claims_on(name) if is_test(name) else (known_claim(name),)
    chosen = tuple(claim for claim in chosen if verdict in (None, claim.verdict))
    wanted = {claim.test for claim in chosen}
    tests = tuple(test for key, test in claim_tests().items() if key in wanted)
    return Ledger(chosen, tests, {**shipped_results(), **(results or {})})


def is_test(name: str) -> bool:
    """Whether a name is that of a test; a claim of the same name comes first."""
    return name in claim_tests() and name not in claims()


def count_sentence(book: Ledger) -> str:
    """The answer in one sentence."""
    n = {str(verdict): count for verdict, count in book.counts.items()}
    return say(
        "Of {all} claims {supported} are supported by what is known, {partly} partly; {unsupported} are unsupported, "
        "{false} false, and {untested} nobody has tested.",
        all=len(book.claims),
        **n,
    )


def number_words(value: float, column: Column, signed: bool | None = None) -> str:
    """A number of a column as it is written: a share of 100 twins, else with its sign where it is a difference."""
    if column.unit == "fraction":
        return f"{100.0 * value:.0f}"
    few = column.unit in ("cm", "hairs/day") and abs(value) < 9.95
    text = f"{value:,.{1 if few else 0}f}".replace("-", MINUS)
    if not text.strip("-0.,−"):
        return "0"
    plus = (column.show in _SIGNED) if signed is None else signed
    return f"+{text}" if plus and value > 0.0 else text


def cell_words(cell: Cell, column: Column) -> str:
    """A cell in a sentence: "31 of 100", "+9 (+2 to +23)"."""
    if cell.value is None:
        return say("not known")
    if column.show == "kept":
        return say("{number} %", number=number_words(cell.value, column))
    if column.unit == "fraction":
        return say("{number} of 100", number=number_words(cell.value, column))
    span = range_words(cell, column)
    return number_words(cell.value, column) + (f" ({span})" if span else "")


def range_words(cell: Cell, column: Column) -> str:
    """The central 80 % of the twins; empty for a share, and where nothing can differ."""
    if cell.lo80 is None or (cell.lo80, cell.hi80) == (0.0, 0.0):
        return ""
    low = number_words(cell.lo80, column)
    return say("{low} to {high}", low=low, high="…" if cell.hi80 is None else number_words(cell.hi80, column))


def error_words(cell: Cell, column: Column) -> str:
    """The Monte Carlo error beside a cell."""
    if cell.value is None or cell.error is None or (cell.lo80, cell.hi80) == (0.0, 0.0):
        return ""
    error = 100.0 * cell.error if column.unit == "fraction" else cell.error
    return f"± {error:.0f}" if error >= 10.0 or column.unit == "fraction" else f"± {error:.1f}"


def table_cell(cell: Cell, column: Column) -> str:
    """A cell of a table without its unit: value, range and Monte Carlo error."""
    if cell.value is None:
        return "-"
    span = range_words(cell, column)
    text = number_words(cell.value, column) + (f" ({span})" if span else "")
    return f"{text} {error_words(cell, column)}".strip()


def unit_words(column: Column) -> str:
    """The unit of a column as it is written."""
    return say("%") if column.show == "kept" else say(_UNIT_WORDS[column.unit])


def finding_words(test: ClaimTest, result: TestResult) -> str:
    """The finding of a test with the numbers of a result in their places."""
    places = {
        arm.key: SimpleNamespace(**{c.key: cell_words(result.cells[arm.key][c.key], c) for c in test.columns})
        for arm in test.arms
        if arm.key in result.cells
    }
    return say(test.finding, **places)


def made_words(result: TestResult) -> str:
    """How a result was made."""
    return say(
        "{twins} twins a person, worth {size} equal ones; the same twins and chance events in every row; seed {seed}, "
        "Follicast {version}, {date}.",
        twins=result.twins,
        size=f"{result.effective_size:.0f}",
        seed=result.seed,
        version=result.version,
        date=result.date,
    )


def reading_help() -> str:
    """How to read the table of a test."""
    return say(
        "In brackets stands where 8 of 10 twins lie. The small ± is the error of simulating so many twins and no "
        "more. Countable means more than two counts of a marked site can be off."
    )


def stale_words(test: ClaimTest) -> str:
    """What to say of a result that was made with other numbers."""
    return say(
        "The numbers behind this simulation have changed since it was run. Run it anew: follicast claims {test} --test",
        test=test.id,
    )


def cited(book: Ledger) -> list[str]:
    """Source keys in the order of first mention."""
    return list(dict.fromkeys(key for claim in book.claims for key in claim.sources))


def as_data(book: Ledger) -> dict[str, Any]:
    """The ledger as plain data."""
    return {
        "schema_version": SCHEMA_VERSION,
        "follicast_version": VERSION,
        "knowledge_hash": knowledge_hash(),
        "summary": count_sentence(book),
        "counts": dict(book.counts),
        "claims": [_claim_data(claim) for claim in book.claims],
        "tests": [_test_data(test, book) for test in book.tests],
        "sources": {key: asdict(sources()[key]) for key in cited(book)},
    }


def _claim_data(claim: Claim) -> dict[str, Any]:
    return {**asdict(claim), "sources": list(claim.sources), "checked": claim.checked.isoformat()}


def _test_data(test: ClaimTest, book: Ledger) -> dict[str, Any]:
    result = book.results.get(test.id)
    data: dict[str, Any] = {
        "id": test.id,
        "title": test.title,
        "claims": [claim.id for claim in claims_on(test.id)],
        "against": test.against,
        "columns": [{"key": c.key, "label": c.label, "show": c.show, "unit": c.unit} for c in test.columns],
        "limits": list(test.limits),
        "result": None,
    }
    if result is None:
        return data
    data["result"] = {
        "finding": finding_words(test, result),
        "current": not book.stale(test),
        **{name: getattr(result, name) for name in ("twins", "effective_size", "seed", "version", "date")},
        "knowledge_hash": result.knowledge_hash,
        "arms": [
            {
                "key": arm.key,
                "label": arm.label,
                "sham": arm.sham,
                "certainty": result.certainty.get(arm.key),
                "cells": {key: asdict(cell) for key, cell in result.cells.get(arm.key, {}).items()},
            }
            for arm in test.arms
        ],
    }
    return data


def render_json(book: Ledger) -> bytes:
    """The ledger as JSON in UTF-8."""
    return (json.dumps(as_data(book), indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def rows(test: ClaimTest, result: TestResult) -> Sequence[tuple[Arm, Mapping[str, Cell]]]:
    """Arms with their cells, those of a result that knows them."""
    return [(arm, result.cells[arm.key]) for arm in test.arms if arm.key in result.cells]
