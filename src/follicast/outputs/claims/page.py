"""claims.html: the ledger as one file to read, check and print. No script, no request."""

from __future__ import annotations

from typing import Any, Final

import jinja2
from markupsafe import Markup

from follicast.decisions.claims.result import TestResult
from follicast.knowledge.claim_tests import ClaimTest
from follicast.knowledge.claims import Verdict, claims_on, topics
from follicast.knowledge.load import sources
from follicast.language import language, say
from follicast.outputs.claims import ledger as words
from follicast.outputs.claims.figure import figure_of
from follicast.outputs.claims.ledger import Ledger
from follicast.outputs.embedded import embedded_font, page_text
from follicast.outputs.palette import GOOD, MUTED, PLAN_B, STOP, WATCH
from follicast.outputs.wording import bound, long_date, typeset
from follicast.version import VERSION

PAGE: Final = "claims.html"
DATA_FILE: Final = "claims.json"
COLOURS: Final[dict[Verdict, str]] = {
    "supported": GOOD,
    "partly": WATCH,
    "unsupported": PLAN_B,
    "false": STOP,
    "untested": MUTED,
}
_SHAPES: Final[dict[Verdict, str]] = {
    "supported": '<circle cx="8" cy="8" r="6.5" fill="{0}"/>',
    "partly": '<circle cx="8" cy="8" r="6" fill="none" stroke="{0}" stroke-width="2"/>'
    '<path d="M8 2A6 6 0 0 0 8 14z" fill="{0}"/>',
    "unsupported": '<circle cx="8" cy="8" r="6" fill="none" stroke="{0}" stroke-width="2"/>',
    "false": '<path d="M3 3L13 13M13 3L3 13" stroke="{0}" stroke-width="2.5"/>',
    "untested": '<path d="M8 1.5L14.5 8L8 14.5L1.5 8z" fill="none" stroke="{0}" stroke-width="2" '
    'stroke-dasharray="3 2"/>',
}


def _shape(verdict: Verdict) -> Markup:
    """The verdict's shape: it tells without colour, and a word stands beside it."""
    inner = _SHAPES[verdict].format(COLOURS[verdict])
    return Markup(f'<svg class="shape" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">{inner}</svg>')


def _prose(text: str) -> str:
    return bound(typeset(text))


def _simulation(test: ClaimTest, book: Ledger) -> dict[str, Any]:
    """One test as the page shows it."""
    result = book.results.get(test.id)
    shown = {claim.id for claim in book.claims}
    made: dict[str, Any] = {
        "id": test.id,
        "title": say(test.title),
        "limits": [say(limit) for limit in test.limits],
        "claims": [claim for claim in claims_on(test.id) if claim.id in shown],
        "heads": [(say(column.label), words.unit_words(column)) for column in test.columns],
        "result": None,
    }
    return made if result is None else made | _found(test, result, book)


def _found(test: ClaimTest, result: TestResult, book: Ledger) -> dict[str, Any]:
    wide, narrow = figure_of(test, result)
    rows = []
    for arm, cells in words.rows(test, result):
        shown = [_cell(test, cells, k) for k in range(len(test.columns))]
        rows.append({"arm": arm, "cells": shown, "certainty": result.certainty.get(arm.key)})
    return {
        "result": result,
        "finding": words.finding_words(test, result),
        "stale": words.stale_words(test) if book.stale(test) else "",
        "made": words.made_words(result),
        "wide": Markup(wide),
        "narrow": Markup(narrow),
        "rows": rows,
    }


def _cell(test: ClaimTest, cells: Any, k: int) -> dict[str, str]:
    column = test.columns[k]
    cell = cells[column.key]
    value = say("not known") if cell.value is None else words.number_words(cell.value, column)
    return {
        "label": f"{say(column.label)}, {words.unit_words(column)}",
        "value": value,
        "range": words.range_words(cell, column) if cell.value is not None else "",
        "error": words.error_words(cell, column),
    }


def render_page(book: Ledger) -> bytes:
    """The whole page.

    Args:
        book: what to show.

    Returns:
        One self-contained HTML document in UTF-8; figures are inline SVG, the print face is embedded.
    """
    order = {key: k + 1 for k, key in enumerate(words.cited(book))}
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.FunctionLoader(page_text),
    )
    environment.filters |= {"prose": _prose, "long_date": long_date, "shape": _shape}
    environment.globals |= {"say": say, "words": words, "order": order}
    groups = [(key, heading, [c for c in book.claims if c.topic == key]) for key, heading in topics().items()]
    context = {
        "book": book,
        "lang": "en-GB" if language() == "en" else language(),
        "sentence": words.count_sentence(book),
        "groups": [group for group in groups if group[2]],
        "simulations": [_simulation(test, book) for test in book.tests],
        "titles": {test.id: say(test.title) for test in book.tests},
        "readings": {source: say(heard) for source, heard in words.READ_WORDS.items()},
        "cited": [sources()[key] for key in order],
        "colours": COLOURS,
        "version": VERSION,
        "css": Markup(page_text("report.css") + page_text("claims.css")),
        "fonts": {weight: embedded_font(weight) for weight in (400, 600)},
    }
    return environment.get_template("claims.html.j2").render(context).encode("utf-8")
