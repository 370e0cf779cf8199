"""Makes docs/predictions: what the model says of registered trials before they report, dated, to be held to it.

python -m follicast.outputs.science.predictions FOLDER
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from follicast.inference.rehearsed import Progress, Rehearsed, printed, rehearse, standard_error, widened
from follicast.inference.replay import certainty_of
from follicast.inference.store import code_fingerprint
from follicast.knowledge.load import Knowledge
from follicast.outputs.science.open_trials import OpenTrial, open_trials, registered, written
from follicast.people.beliefs import quantiles
from follicast.quantities import DAYS_PER_WEEK, InputError
from follicast.version import VERSION

Floats = npt.NDArray[np.float64]

FILE, PAGE = "predictions.json", "README.md"
DRAWS: Final = 80
PEOPLE: Final = 160
SEED: Final = 0
_PROBABILITIES: Final = (0.025, 0.10, 0.50, 0.90, 0.975)
_SIGNIFICANT: Final = 1.959964


@dataclass(frozen=True)
class Prediction:
    """One number before it is known, in hairs/cm2, um or points.

    `mean` to `high95` describe the number that the trial will print; `effect_*` the model's effect without the trial's
    noise. `above` is the chance that the printed number is above 0; `finds_more` and `finds_less` that it is so far
    from 0 that p < 0.05, None where the number of people or the error of one reading is not known.
    """

    arm: str
    against: str | None
    measure: str
    unit: str
    week: float
    mean: float
    median: float
    low80: float
    high80: float
    low95: float
    high95: float
    effect_mean: float
    effect_low80: float
    effect_high80: float
    above: float
    finds_more: float | None
    finds_less: float | None
    certainty: str


@dataclass(frozen=True)
class Predicted:
    """An open trial with its predictions."""

    registry: str
    title: str
    design: str
    n: float | None
    stated: str
    assumptions: tuple[str, ...]
    url: str
    status: str
    predictions: tuple[Prediction, ...]


def predict(knowledge: Knowledge, progress: Progress, draws: int = DRAWS, people: int = PEOPLE) -> list[Predicted]:
    """Predicts every open trial whose arms can be expressed.

    Args:
        knowledge: in force.
        progress: called with a step's name and the fraction done.
        draws: joint draws of the shared numbers, as far as there are so many.
        people: virtual people of each kind for every draw.

    Returns:
        The trials, in the order of open_trials.toml, operations last.
    """
    wide = widened(knowledge, draws, SEED)
    trials = open_trials()
    found = rehearse([q.row for trial in trials for q in trial.questions], wide, people, SEED, progress)
    return [_trial(trial, found, wide) for trial in trials] + [_grafts(entry, wide) for entry in written()["graft"]]


def _trial(trial: OpenTrial, found: Rehearsed, knowledge: Knowledge) -> Predicted:
    made = []
    for question in trial.questions:
        i = found.place(question.row.line)
        tested = question.n is not None and question.against is not None and question.measure == "density"
        error = standard_error(found, i, knowledge) if tested else None
        sure = certainty_of(question.row, knowledge)
        if question.against is None and sure in ("moderate", "high"):
            sure = "low"  # most of a change without a control arm is what lotion, needles and counting do
        made.append(
            _prediction(
                (question.arm, question.against, question.measure, question.row.unit.text, question.week),
                found.net[:, i],
                printed(found, i, knowledge, SEED),
                error,
                sure,
            )
        )
    return _predicted(trial.registry, trial, tuple(made))


def _predicted(registry: str, trial: OpenTrial, made: tuple[Prediction, ...]) -> Predicted:
    told = registered()[registry]
    return Predicted(
        registry=registry,
        title=trial.title,
        design=trial.design,
        n=trial.n,
        stated=trial.stated,
        assumptions=trial.assumptions,
        url=told["url"],
        status=told["status_dates"],
        predictions=made,
    )


def _prediction(
    named: tuple[str, str | None, str, str, float], effect: Floats, numbers: Floats, error: float | None, certainty: str
) -> Prediction:
    """One number from the model's effects [draw], the numbers of trials like it [draw, copy] and a trial's error."""
    low95, low80, median, high80, high95 = np.quantile(numbers, _PROBABILITIES).tolist()
    effect_low, effect_high = np.quantile(effect, [0.10, 0.90]).tolist()
    more = less = None
    if error is not None:
        more = float((numbers > _SIGNIFICANT * error).mean())
        less = float((numbers < -_SIGNIFICANT * error).mean())
    arm, against, measure, unit, week = named
    return Prediction(
        arm=arm,
        against=against,
        measure=measure,
        unit=unit,
        week=week,
        mean=float(numbers.mean()),
        median=median,
        low80=low80,
        high80=high80,
        low95=low95,
        high95=high95,
        effect_mean=float(effect.mean()),
        effect_low80=effect_low,
        effect_high80=effect_high,
        above=float((numbers > 0.0).mean()),
        finds_more=more,
        finds_less=less,
        certainty=certainty,
    )


def _grafts(entry: dict[str, Any], knowledge: Knowledge) -> Predicted:
    """Grafts with an adjunct against grafts without: how many have begun to grow by then, in points."""
    from scipy.special import ndtr

    graft = knowledge.therapies["transplant"].graft
    assert graft is not None
    rng = np.random.default_rng([SEED, len(entry["registry"])])
    u = rng.uniform(size=(4, 4000))
    survival = quantiles(graft.survival, u[0])
    gain = quantiles(graft.adjuncts[entry["adjunct"]].survival_gain, u[1])
    median, spread = quantiles(graft.growth_in_median_days, u[2]), quantiles(graft.growth_in_sd_log, u[3])
    error = float(entry["patient_sd"]) * float(np.sqrt(2.0 / entry["n"]))
    own = knowledge.parameters["between_trial.grafts"].value
    made = []
    for week in entry["weeks"]:
        grown = ndtr((np.log(week * DAYS_PER_WEEK) - np.log(median)) / spread)
        levels = 100.0 * survival * grown
        effect = 100.0 * np.clip(survival + gain, 0.0, 1.0) * grown - levels
        noise = np.hypot(error, 0.0) * rng.standard_normal((effect.size, 1))
        wobble = np.hypot(error / np.sqrt(2.0), own) * rng.standard_normal((levels.size, 1))
        certainty = graft.adjuncts[entry["adjunct"]].certainty
        named: tuple[str, str | None, str, str, float] = (
            entry["adjunct"],
            "saline",
            "grafts growing",
            "points",
            float(week),
        )
        made.append(_prediction(named, effect, effect[:, None] + noise, error, certainty))
        named = ("saline", None, "grafts growing", "%", float(week))
        made.append(_prediction(named, levels, np.clip(levels[:, None] + wobble, 0.0, 100.0), None, "low"))
    trial = OpenTrial(
        entry["registry"], entry["title"], "parallel", entry["n"], entry["stated"], tuple(entry["assumptions"]), ()
    )
    return _predicted(entry["registry"], trial, tuple(made))


def _digits(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")


def as_data(trials: Sequence[Predicted], knowledge: Knowledge, date: str) -> dict[str, Any]:
    """The predictions with everything that fixes them: version, code, knowledge, posterior and day."""
    return {
        "version": VERSION,
        "date": date,
        "code_hash": code_fingerprint(),
        "knowledge_hash": knowledge.hash,
        "regrowth": knowledge.regrowth,
        "posterior": dict(knowledge.shared.provenance),
        "calibrated": bool(knowledge.shared.names),
        "seed": SEED,
        "draws": DRAWS,
        "people": PEOPLE,
        "certainty": "very low",
        "scoring": SCORING,
        "trials": [
            {
                "registry": trial.registry,
                "title": trial.title,
                "design": trial.design,
                "n": trial.n,
                "status": trial.status,
                "url": trial.url,
                "stated": trial.stated,
                "assumptions": list(trial.assumptions),
                "predictions": [
                    {
                        "arm": p.arm,
                        "against": p.against,
                        "measure": p.measure,
                        "unit": p.unit,
                        "week": p.week,
                        "predicted_mean": _digits(p.mean),
                        "predicted_median": _digits(p.median),
                        "lo80": _digits(p.low80),
                        "hi80": _digits(p.high80),
                        "lo95": _digits(p.low95),
                        "hi95": _digits(p.high95),
                        "effect_mean": _digits(p.effect_mean),
                        "effect_lo80": _digits(p.effect_low80),
                        "effect_hi80": _digits(p.effect_high80),
                        "probability_above_zero": _digits(p.above),
                        "probability_significantly_more": _digits(p.finds_more),
                        "probability_significantly_less": _digits(p.finds_less),
                        "certainty": p.certainty,
                        "reported": None,
                        "crps": None,
                    }
                    for p in trial.predictions
                ],
            }
            for trial in trials
        ],
        "cannot": [dict(entry) for entry in written()["cannot"]],
        "reported": [dict(entry) for entry in written()["reported"]],
    }


SCORING: Final = (
    "When a trial reports, each number is scored by the continuous ranked probability score of the interval's "
    "distribution (0 is perfect, in the number's unit) beside that of predicting no effect, and counted as inside or "
    "outside the 80 % and the 95 % interval. Nothing is changed after the fact: a prediction that was made under a "
    "wrong assumption is scored as it stands, and a second line says what the right assumption would have given."
)


def contents(trials: Sequence[Predicted], knowledge: Knowledge, date: str) -> dict[str, bytes]:
    """The two files by name."""
    from follicast.outputs.science.predictions_page import predictions_page

    data = as_data(trials, knowledge, date)
    text = json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    return {FILE: text.encode(), PAGE: predictions_page(trials, data).encode()}


def earlier(folder: Path, date: str) -> dict[str, bytes]:
    """Predictions of an earlier day that stand in the folder, under a name with their day: none is ever lost."""
    standing = folder / FILE
    if not standing.is_file():
        return {}
    kept = standing.read_bytes()
    day = json.loads(kept)["date"]
    return {} if day == date else {f"predictions-{day}.json": kept}


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the predictions; returns the exit code."""
    from follicast.outputs.terminal import Progress as Bar
    from follicast.outputs.write import check_folder, write_files

    today = dt.datetime.now(dt.UTC).date().isoformat()
    parser = argparse.ArgumentParser(
        prog="python -m follicast.outputs.science.predictions", description="Makes docs/predictions."
    )
    parser.add_argument("folder", type=Path, help="where the files go")
    parser.add_argument("--date", default=today, help="day of the predictions; today if left out")
    asked = parser.parse_args(arguments)
    try:
        check_folder(asked.folder)
        knowledge = Knowledge.load()
        with Bar() as progress:
            trials = predict(knowledge, progress.step)
        write_files(contents(trials, knowledge, asked.date) | earlier(asked.folder, asked.date), asked.folder)
    except InputError as refusal:
        sys.stderr.write(f"predictions: {refusal}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
