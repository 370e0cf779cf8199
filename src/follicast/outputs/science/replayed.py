"""What `follicast replay` says: every row predicted and reported, the rows that cannot be, and the score."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from follicast.quantities import InputError
from follicast.version import VERSION

if TYPE_CHECKING:
    from follicast.inference.replay import Predicted, Replay, Score
    from follicast.knowledge.load import Knowledge
    from follicast.knowledge.trial import Refused

REPLAY_FILE = "replay.json"
_DIGITS = 6


def _number(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{_DIGITS}g}")


def _predicted_row(p: Predicted) -> dict[str, Any]:
    return {
        "line": p.row.line,
        "trial_id": p.row.trial_id,
        "drug": p.row.drug,
        "kind": p.kind,
        "control": p.control,
        "measure": p.row.measure.quantity,
        "week": p.row.week,
        "observed": _number(p.observed),
        "predicted_mean": _number(p.mean),
        "predicted_median": _number(p.median),
        "lo80": _number(p.low80),
        "hi80": _number(p.high80),
        "lo95": _number(p.low95),
        "hi95": _number(p.high95),
        "unit": p.row.unit.text,
        "reported": _number(p.row.observed),
        "inside80": None if p.observed is None else p.low80 <= p.observed <= p.high80,
        "inside95": None if p.observed is None else p.low95 <= p.observed <= p.high95,
        "crps": _number(p.crps),
        "certainty": p.certainty,
        "status": "replayed",
        "reason": "",
    }


def _refused_row(r: Refused) -> dict[str, Any]:
    empty = dict.fromkeys(
        ("drug", "kind", "control", "measure", "week", "predicted_mean", "predicted_median", "lo80", "hi80", "lo95")
    )
    rest = dict.fromkeys(("hi95", "inside80", "inside95", "crps", "certainty"))
    own = {"line": r.line, "trial_id": r.trial_id, "observed": _number(r.observed), "reported": _number(r.observed)}
    return {**own, **empty, **rest, "unit": r.unit, "status": "not replayed", "reason": r.reason}


def _score_data(score: Score) -> dict[str, Any]:
    return {
        "what": "net effects of counts, errors in hairs/cm2",
        "n": score.n,
        "coverage80": _number(score.coverage80),
        "coverage95": _number(score.coverage95),
        "mae": _number(score.mae),
        "mae_no_effect": _number(score.mae_no_effect),
        "mae_drug_mean": _number(score.mae_drug_mean),
        "mae_where_drug_mean": _number(score.mae_there),
        "n_drug_mean": score.n_drug_mean,
        "crps": _number(score.crps),
    }


def replay_as_data(replay: Replay, score: Score, knowledge: Knowledge) -> dict[str, Any]:
    """The replay as plain data, rows in the order of the file."""
    rows = [_predicted_row(p) for p in replay.predicted] + [_refused_row(r) for r in replay.refused]
    rows.sort(key=lambda row: row["line"])
    seen = [p for p in replay.predicted if p.observed is not None]
    return {
        "version": VERSION,
        "table": replay.name,
        "regrowth": knowledge.regrowth,
        "knowledge_hash": knowledge.hash,
        "calibrated": dict(knowledge.shared.provenance),
        "draws": replay.draws,
        "people": replay.people,
        "score": _score_data(score),
        "all_rows": {
            "n": len(seen),
            "coverage80": _number(_share([p.low80 <= (p.observed or 0.0) <= p.high80 for p in seen])),
            "coverage95": _number(_share([p.low95 <= (p.observed or 0.0) <= p.high95 for p in seen])),
        },
        "rows": rows,
    }


def _share(hits: list[bool]) -> float | None:
    return sum(hits) / len(hits) if hits else None


def show_replay(table: Path, knowledge: Knowledge, *, seed: int, out: Path | None, as_json: bool, quiet: bool) -> None:
    """Replays a table and prints what came of it; with a folder, replay.json is written there too.

    Raises:
        InputError: the file is no table of trials, or the folder cannot be written.
    """
    from follicast.outputs.write import check_folder, write_files

    if not table.is_file():
        raise InputError(f"{table}: no such file; allowed: a CSV table of trials (docs/guide/replay.md)")
    if out is not None:
        check_folder(out)
    from follicast.inference.evidence import shipped_drug_means
    from follicast.inference.replay import replay, score
    from follicast.knowledge.trial_table import read_trials
    from follicast.outputs.terminal import Progress

    rows = read_trials(table, knowledge.therapies)
    with Progress(quiet=quiet) as progress:
        made = replay(rows, knowledge, seed, progress.step)
    scored = score(made.predicted, shipped_drug_means(knowledge))
    data = replay_as_data(made, scored, knowledge)
    text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    if out is not None:
        write_files({REPLAY_FILE: text.encode()}, out)
    if as_json:
        sys.stdout.write(text)
    elif not quiet:
        print_replay(made, scored)


def print_replay(replay: Replay, score: Score) -> None:
    """The rows as a table, misses marked, the score above it and what could not be replayed below."""
    from rich.console import Console
    from rich.table import Table

    console = Console(soft_wrap=not sys.stdout.isatty())
    console.print(score_sentence(score), highlight=False)
    table = Table(box=None, pad_edge=False)
    for head in ("row", "against", "week"):
        table.add_column(head)
    for head in ("reported", "predicted", "80 % interval"):
        table.add_column(head, justify="right")
    table.add_column("unit")
    for p in replay.predicted:
        inside = p.observed is None or p.low80 <= p.observed <= p.high80
        table.add_row(
            p.row.trial_id,
            against_of(p),
            f"{p.row.week:g}",
            "-" if p.observed is None else f"{p.observed:.3g}",
            f"{p.mean:.3g}",
            f"{p.low80:.3g} to {p.high80:.3g}",
            p.row.unit.text,
            style="" if inside else "bold #b3362b",
        )
    console.print(table)
    if replay.refused:
        console.print(f"\n{len(replay.refused)} rows cannot be replayed:", highlight=False)
        for r in replay.refused:
            console.print(f"  {r.reason}", highlight=False, markup=False)


def against_of(p: Predicted) -> str:
    """What a row's number is compared with, in a word or two."""
    if p.control is not None:
        return p.control
    if p.row.against is not None:
        return "+".join(p.row.against.active) or "control, in the row"
    return "level" if p.kind == "level" else "its own start"


def score_sentence(score: Score) -> str:
    """The score in one sentence."""
    if score.n == 0 or score.mae is None or score.mae_no_effect is None or score.coverage80 is None:
        return "No row reports a net effect of a count, so there is nothing to score."
    said = (
        f"{score.n} net effects of counts: {100 * score.coverage80:.0f} % lie in the 80 % interval; mean error "
        f"{score.mae:.1f} hairs/cm2, against {score.mae_no_effect:.1f} for no effect"
    )
    if score.mae_drug_mean is not None and score.mae_there is not None:
        said += (
            f"; where the drug has other trials ({score.n_drug_mean}), {score.mae_there:.1f} against "
            f"{score.mae_drug_mean:.1f} for their mean"
        )
    return said + "."
