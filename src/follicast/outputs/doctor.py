"""What `follicast doctor` says: whether this installation works, and how far the model is from published facts."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from follicast.version import VERSION

if TYPE_CHECKING:
    from follicast.inference.facts import Check

FACTS_FILE = "facts.json"


def installation() -> dict[str, str]:
    """What is installed here, by name, after one follicle has been simulated for a year to prove that it works."""
    import platform

    import numba
    import numpy as np

    from follicast.inference.automaton import phase_shares
    from follicast.inference.store import Store
    from follicast.knowledge.load import knowledge_hash, parameters, sources, therapies

    shares = phase_shares(0)
    works = all(np.isfinite(model) for _, model, _, _ in shares)
    return {
        "follicast": VERSION,
        "python": platform.python_version(),
        "simulator": "works" if works else "does not work",
        "threads": str(numba.config.NUMBA_NUM_THREADS),  # type: ignore[attr-defined]
        "knowledge": f"{len(parameters())} parameters, {len(therapies())} therapies, {len(sources())} sources",
        "knowledge hash": knowledge_hash()[:12],
        "results kept in": str(Store.for_user().folder or "nowhere"),
    }


def print_installation(*, as_json: bool) -> None:
    """Prints what is installed here, a line each or as JSON."""
    found = installation()
    if as_json:
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
        return
    width = max(map(len, found))
    for name, value in found.items():
        sys.stdout.write(f"{name:<{width}}  {value}\n")


def facts_as_data(checks: Sequence[Check]) -> dict[str, Any]:
    """The checks with their published wording, as plain data."""
    from follicast.inference.facts import shipped_facts

    published = shipped_facts()
    rows = [
        {
            "fact": c.fact,
            "what": c.what,
            "model": float(f"{c.model:.6g}"),
            "low": float(f"{c.low:.6g}"),
            "high": float(f"{c.high:.6g}"),
            "unit": c.unit,
            "verdict": "pass" if c.passed else "miss",
            "how": c.how,
            "published": published[c.fact]["fact"],
            "tolerance": published[c.fact]["tolerance"],
            "source": published[c.fact]["source"],
            "use": published[c.fact]["use"],
        }
        for c in checks
    ]
    whole = {row["fact"]: all(r["verdict"] == "pass" for r in rows if r["fact"] == row["fact"]) for row in rows}
    return {"version": VERSION, "facts_passed": sum(whole.values()), "facts": len(whole), "rows": rows}


def show_facts(*, seed: int, out: Path | None, as_json: bool, quiet: bool) -> None:
    """Checks the facts and prints the table, misses included; with a folder, facts.json is written there too."""
    from follicast.inference.facts import check_facts
    from follicast.knowledge.load import Knowledge
    from follicast.outputs.terminal import Progress
    from follicast.outputs.write import check_folder, write_files

    if out is not None:
        check_folder(out)
    with Progress(quiet=quiet) as progress:
        checks = check_facts(Knowledge.load(), seed, progress.step)
    data = facts_as_data(checks)
    text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    if out is not None:
        write_files({FACTS_FILE: text.encode()}, out)
    if as_json:
        sys.stdout.write(text)
    elif not quiet:
        _print_table(checks, data)


def _print_table(checks: Sequence[Check], data: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(soft_wrap=not sys.stdout.isatty())
    missed = sum(not c.passed for c in checks)
    whole = f"{data['facts_passed']} of {data['facts']} facts are reproduced in full"
    console.print(f"{whole}; {missed} of {len(checks)} numbers miss.")
    table = Table(box=None, pad_edge=False)
    for head in ("fact", "what"):
        table.add_column(head)
    for head in ("model", "allowed"):
        table.add_column(head, justify="right")
    for head in ("unit", "verdict"):
        table.add_column(head)
    for c in checks:
        style = "" if c.passed else "bold #b3362b"
        verdict = "pass" if c.passed else "MISS"
        table.add_row(c.fact, c.what, f"{c.model:.3g}", f"{c.low:.3g} to {c.high:.3g}", c.unit, verdict, style=style)
    console.print(table)
    console.print("How each number is read off the model, and its source: --json.")
