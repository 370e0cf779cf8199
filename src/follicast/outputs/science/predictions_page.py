"""README.md of docs/predictions: one table, then each trial with what was assumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from follicast.outputs.science.open_trials import registered, written
from follicast.outputs.science.words import fixed, num, percent, span, table
from follicast.outputs.wording import typeset

if TYPE_CHECKING:
    from follicast.outputs.science.predictions import Predicted, Prediction

_MADE = (
    "<!-- Made by `python -m follicast.outputs.science.predictions docs/predictions`; "
    "never edited after its date. -->\n"
)
_HEADS = (
    "compared",
    "read",
    "week",
    "mean",
    "80 %",
    "95 %",
    "unit",
    "chance above 0",
    "chance of p < 0.05, more",
    "less",
    "certainty",
)


def predictions_page(trials: Sequence[Predicted], data: Mapping[str, Any]) -> str:
    """The page."""
    posterior = data["posterior"]
    made = (
        f"Made on {data['date']} with follicast {data['version']}; code `{data['code_hash'][:12]}`, knowledge "
        f"`{data['knowledge_hash'][:12]}`, posterior of {posterior.get('date', 'no date')} "
        f"({posterior.get('runs', 'no')} runs, hypothesis: {data['regrowth']})."
    )
    if not data["calibrated"]:
        made += " **No calibration was in force: these are the priors.**"
    parts = [
        "# Predictions of trials that have not reported",
        "**Certainty: VERY LOW.** No controlled trial of human stem-cell exosomes was read. What stands below is a "
        "prior with a large share of exactly no effect, put through the model, with what control arms do by "
        "themselves and the sampling of trials of that size. It is written down so that we can be held to it.",
        made + " Everything is in [predictions.json](predictions.json).",
        "## All contrasts, last reading",
        _overview(trials),
        "More is in favour of the arm named first. A chance of significance needs the number of people: where the "
        "register does not give it, and for diameters (no error of a reading is known), there is none. It counts how "
        "often |number| > 1.96 standard errors over all joint draws.",
        *(_trial(trial) for trial in trials),
        "## What cannot be expressed\n\n"
        + table(("trial", "design", "why"), [_cannot(entry) for entry in written()["cannot"]]),
        "## Registered and reported already\n\n"
        + table(("trial", "note"), [(entry["registry"], entry["note"]) for entry in written()["reported"]]),
        f"## How each will be scored\n\n{data['scoring']}",
    ]
    return _MADE + "\n" + "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _cannot(entry: Mapping[str, str]) -> tuple[str, str, str]:
    told = registered()[entry["registry"]]
    return entry["registry"], told["arms"] or told["design"], entry["reason"]


def _overview(trials: Sequence[Predicted]) -> str:
    rows = []
    for trial in trials:
        contrasts = [p for p in trial.predictions if p.against is not None]
        for measure in dict.fromkeys(p.measure for p in contrasts):
            last = max((p for p in contrasts if p.measure == measure), key=lambda p: p.week)
            rows.append((f"{_name(trial.registry)}: {trial.title}", *_cells(last)))
    return table(("trial", *_HEADS), rows, right=(4, 8, 9, 10))


def _name(registry: str) -> str:
    return registry.strip("()").split(";")[0]


def _cells(p: Prediction) -> tuple[str, ...]:
    compared = f"{p.arm} over {p.against}" if p.against is not None else f"{p.arm}, before and after"
    if p.measure == "grafts growing" and p.against is None:
        compared = p.arm
    return (
        compared,
        p.measure,
        num(p.week),
        fixed(p.mean),
        span(p.low80, p.high80, 1),
        span(p.low95, p.high95, 1),
        p.unit,
        percent(p.above),
        percent(p.finds_more),
        percent(p.finds_less),
        f"**{p.certainty.upper() if p.certainty == 'very low' else p.certainty}**",
    )


def _trial(trial: Predicted) -> str:
    assumed = "\n".join(f"- {typeset(sentence)}" for sentence in trial.assumptions)
    size = f"; {num(trial.n)} people " + ("in all" if trial.design == "within person" else "an arm") if trial.n else ""
    return (
        f"## {_name(trial.registry)}: {trial.title}\n\n[Register]({trial.url}). {typeset(trial.stated)} Design: "
        f"{trial.design}{size}."
        + (f" Status as stored: {trial.status}." if trial.status else "")
        + f"\n\nAssumed:\n\n{assumed}\n\n"
        + table(_HEADS, [_cells(p) for p in trial.predictions], right=(3, 7, 8, 9))
    )
