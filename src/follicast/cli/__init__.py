"""The command line: reads the arguments, calls the layers below, and turns refusals into sentences and exit codes.

Every command takes the shared options of `options`, and imports what it needs inside its body: `--help` and a refused
argument must not wait for the simulator. A module of commands is imported here, in the order of `--help`.
"""

from __future__ import annotations

import json as json_text
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from follicast.cli import care, evidence, exchange, measuring, populations  # their commands
from follicast.cli.options import DONE, FAILED, INTERRUPTED, REFUSED, app
from follicast.quantities import InputError
from follicast.version import VERSION

__all__ = ["care", "evidence", "exchange", "main", "measuring", "populations"]


@app.callback(invoke_without_command=True)
def follicast(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", is_eager=True, help="Print the version and exit.")] = False,
) -> None:
    """Forecasts a person's hair follicle by follicle, with and without each treatment, and makes a plan from it."""
    if version:
        typer.echo(f"follicast {VERSION}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Args:
        arguments: the words after the program's name; those it was started with when None.

    Returns:
        The exit code: 0 done, 1 failed, 2 input refused, 130 interrupted.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code: int | None = app(words, prog_name="follicast", standalone_mode=False)
    except InputError as refusal:
        return _stop(REFUSED, str(refusal), words)
    except typer.TyperException as refusal:
        return _stop(REFUSED, refusal.format_message(), words)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception as failure:
        if os.environ.get("FOLLICAST_DEBUG"):
            raise
        why = f"{type(failure).__name__}: {failure} (FOLLICAST_DEBUG=1 shows where)"
        return _stop(FAILED, why, words)
    if code == INTERRUPTED:
        return _stop(INTERRUPTED, "interrupted", words)
    return code or DONE


def _stop(code: int, sentence: str, words: Sequence[str]) -> int:
    typer.echo(f"follicast: {sentence}", err=True)
    if "--json" in words:
        typer.echo(json_text.dumps({"error": sentence}, ensure_ascii=False))
    return code
