"""`follicast claims`: the ledger to the screen, as JSON or as a folder with a page, after running tests if asked."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from follicast.outputs.claims.ledger import Ledger, is_test, ledger, render_json

if TYPE_CHECKING:
    from follicast.decisions.claims.result import TestResult


def show_claims(
    name: str | None,
    *,
    verdict: str | None,
    run: bool,
    ship: bool,
    out: Path | None,
    seed: int,
    as_json: bool,
    quiet: bool,
) -> None:
    """Shows the ledger or a part of it.

    Args:
        name: of a claim or a test; None = all.
        verdict: only claims with this verdict.
        run: run the tests of what is shown, in place of the shipped results.
        ship: put the results where this package reads them.
        out: folder for claims.html and claims.json; None = none is written.
        seed: of the tests.
        as_json: print JSON.
        quiet: print nothing else.

    Raises:
        InputError: no such claim, test or verdict, or the folder cannot be written.
    """
    book = ledger(name, verdict)
    if out is not None:
        from follicast.outputs.claims.page import DATA_FILE, PAGE
        from follicast.outputs.write import check_folder

        check_folder(out, (PAGE, DATA_FILE))
    if run or ship:
        results = _run(book, seed, quiet=quiet)
        book = ledger(name, verdict, results)
        if ship:
            _ship(book)
    paths = [] if out is None else _write(book, out)
    if as_json:
        sys.stdout.write(render_json(book).decode())
    elif not quiet:
        _print(book, name, paths, run=run)


def _run(book: Ledger, seed: int, *, quiet: bool) -> Mapping[str, TestResult]:
    """The tests of the ledger, each from the store or simulated."""
    from follicast.decisions.claims.simulation import run_test
    from follicast.knowledge.load import Knowledge
    from follicast.outputs.terminal import Progress

    knowledge = Knowledge.load()
    with Progress(quiet=quiet) as progress:
        return {test.id: run_test(test, knowledge, seed, progress.step) for test in book.tests}


def _ship(book: Ledger) -> None:
    from follicast.decisions.claims.result import RESULTS, results_text
    from follicast.knowledge.load import DATA
    from follicast.outputs.write import write_files

    write_files({RESULTS: results_text(book.results)}, DATA)


def _write(book: Ledger, out: Path) -> list[Path]:
    from follicast.outputs.claims.page import DATA_FILE, PAGE, render_page
    from follicast.outputs.write import write_files

    return write_files({DATA_FILE: render_json(book), PAGE: render_page(book)}, out)


def _print(book: Ledger, name: str | None, paths: list[Path], *, run: bool) -> None:
    from follicast.outputs.claims import terminal as claims_terminal

    if name is None and not run:
        claims_terminal.print_list(book, paths)
    elif run or (name is not None and is_test(name)):
        claims_terminal.print_tests(book, paths)
    else:
        claims_terminal.print_claims(book, paths)
