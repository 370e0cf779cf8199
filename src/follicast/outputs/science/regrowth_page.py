"""regrowth.md: the two hypotheses of how hair comes back, in fit, in forecasts, and what could tell them apart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from follicast.inference.rehearsed import Rehearsed
from follicast.outputs.palette import PLAN_A, PLAN_B
from follicast.outputs.science.imagined import ARMS, READINGS, STOP_WEEK, WEEKS
from follicast.outputs.science.material import Material, View
from follicast.outputs.science.panels import Curves, Line, curves
from follicast.outputs.science.scores import LeftOutRow, left_out_rows, trial_names
from follicast.outputs.science.sheet import Drawing, sheet
from follicast.outputs.science.words import figure, fixed, num, page, span, table

Floats = npt.NDArray[np.float64]

ARM_SIZE = 100
_TOLD_APART = 2.0
_HALF = (376.0, 210.0)
_CERTAINTY = {"finasteride": "high", "minoxidil": "high", "both": "high for each, low together", "nothing": "moderate"}
_NAMES = {
    "reversal": "**Reversal**: a small follicle that starts a new growth phase with less androgen starts it larger. "
    "Vellus hairs can become terminal again. This is the shipped hypothesis.",
    "waking": "**Waking**: no follicle ever becomes larger. Hair comes back because resting and empty follicles start "
    "to grow sooner and growing ones stop later.",
}


def regrowth_page(material: Material) -> tuple[str, dict[str, str]]:
    """The page, and its figures by name."""
    said = "\n".join(f"- {_NAMES[view.regrowth]}" for view in material.views)
    parts = [
        "Whether treated hair comes from small follicles that grow large again, or from follicles that were only "
        "asleep, is disputed. The model holds both as named hypotheses, calibrated separately to the same data.",
        said,
    ]
    figures: dict[str, str] = {}
    if len(material.views) < 2:
        parts.append("Only one hypothesis was calibrated here, so there is nothing to compare.")
        return page("Regrowth: two hypotheses", *parts), figures
    figures["regrowth-forecast"] = _figure(material)
    parts += [
        "## Which fits better",
        _fit(material),
        "## What they forecast",
        "Men of 35 at the vertex with 2 to 14 years of loss; every dose taken; means with 80 % of what is believed "
        f"about them. Stopped: taken until week {num(STOP_WEEK)}.",
        figure("regrowth-forecast", "Effect of finasteride under both hypotheses, four readings over five years"),
        _forecasts(material),
        "## Which reading could tell them apart",
        f"Each line imagines a trial of {ARM_SIZE} people an arm. Apart: the difference of the two forecasts over the "
        "standard error of such a trial together with the doubt within each hypothesis. Above 2 the reading could "
        "tell.",
        _tests(material),
        "The rows of small trials of diameter and weight in our tables are too noisy to decide. What would: hairs "
        "counted by thickness (30, 40, 60 um) in one large controlled trial of a 5-alpha-reductase inhibitor over "
        "two years or more, and its first year after stopping.",
    ]
    return page("Regrowth: two hypotheses", *parts), figures


def _by_trial(view: View) -> dict[str, list[LeftOutRow]]:
    found: dict[str, list[LeftOutRow]] = {}
    for row in left_out_rows(view.calibration):
        found.setdefault(row.trial, []).append(row)
    return found


def _fit(material: Material) -> str:
    first, second = (_by_trial(view) for view in material.views)
    names: list[str] = [view.regrowth for view in material.views]
    names_of = trial_names(material.main.calibration)
    rows = []
    total = 0.0
    differences = []
    for trial, ours in first.items():
        theirs = second.get(trial)
        if theirs is None:
            continue
        scores = [float(np.mean([row.log_score for row in group])) for group in (ours, theirs)]
        errors = [
            float(np.mean([abs(row.mean - row.observed) / row.unit_size for row in group])) for group in (ours, theirs)
        ]
        difference = scores[0] - scores[1]
        differences.append(difference)
        total += difference
        rows.append(
            (
                names_of[trial],
                ours[0].drug,
                str(len(ours)),
                *(fixed(score, 2) for score in scores),
                fixed(difference, 2),
                *(fixed(error) for error in errors),
            )
        )
    rows.sort(key=lambda row: row[0])
    spread = float(np.std(differences, ddof=1) * np.sqrt(len(differences))) if len(differences) > 1 else float("nan")
    heads = (
        "trial",
        "contrast",
        "rows",
        *(f"log score, {n}" for n in names),
        "difference",
        *(f"error, {n}" for n in names),
    )
    verdict = _verdict(total, spread, names)
    return (
        "Each trial is predicted without itself. The log score is the mean over its rows of the log density of the "
        "reported number (a t with five degrees of freedom as wide as the 80 % interval, in standard units; higher "
        f"is better); the error is the mean absolute one in standard units. Summed over {len(rows)} trials, "
        f"{names[0]} scores {fixed(total, 1)} more than {names[1]}, with a standard error of {fixed(spread, 1)}. "
        f"{verdict}\n\n" + table(heads, rows, right=range(2, 8))
    )


def _verdict(total: float, spread: float, names: list[str]) -> str:
    if not np.isfinite(spread) or abs(total) <= _TOLD_APART * spread:
        return "The trials do not tell the hypotheses apart."
    better = names[0] if total > 0.0 else names[1]
    return f"The trials favour {better}."


def _place(found: Rehearsed, arm: str, reading: str, week: float) -> int:
    kind = "own" if arm == "nothing" else "net"
    return next(
        i for i, row in enumerate(found.rows) if row.trial_id == f"{arm} | {reading} | {kind}" and row.week == week
    )


def _values(view: View, arm: str, reading: str, week: float) -> Floats:
    """The effect against nothing (the own change of nothing itself) in every draw."""
    return np.asarray(view.forecast.net[:, _place(view.forecast, arm, reading, week)])


def _shown(values: Floats) -> str:
    low, middle, high = np.quantile(values, [0.1, 0.5, 0.9]).tolist()
    return f"{fixed(middle)} ({span(low, high, 1)})"


def _forecasts(material: Material) -> str:
    rows = []
    for arm in ARMS:
        for reading in ("total", "non-vellus", "terminal", "diameter", "weight"):
            weeks = (104.0, 156.0, 260.0) if "stopped" in arm else (52.0, 104.0, 260.0)
            for week in weeks:
                cells = [_shown(_values(view, arm, reading, week)) for view in material.views]
                certainty = _CERTAINTY[arm.split(",")[0]]
                rows.append((arm, reading, num(week), *cells, READINGS[reading][1], certainty))
    heads = ("arm", "read", "week", *(view.regrowth for view in material.views), "unit", "certainty")
    note = (
        "Arms against nothing at the same time; nothing against its own start. No long controlled trial stands "
        "behind year 5.\n\n"
    )
    return note + table(heads, rows, right=(2,))


def _tests(material: Material) -> str:
    first, second = material.views
    rows = []
    for arm in (name for name in ARMS if name != "nothing"):
        for reading in ("total", "non-vellus", "terminal", "diameter", "weight", "anagen share"):
            for week in (26.0, 52.0, 104.0, 156.0, 260.0):
                a, b = _values(first, arm, reading, week), _values(second, arm, reading, week)
                place = _place(first.forecast, arm, reading, week)
                error = float(first.forecast.spread[:, place].mean()) * np.sqrt(2.0 / ARM_SIZE)
                gap = float(a.mean() - b.mean())
                apart = abs(gap) / float(np.sqrt(error**2 + a.var() + b.var()))
                rows.append((apart, arm, reading, week, a, b, READINGS[reading][1]))
    rows.sort(key=lambda row: -row[0])
    best = rows[:15]
    told = sum(row[0] > _TOLD_APART for row in rows)
    heads = ("apart", "arm", "read", "week", first.regrowth, second.regrowth, "unit")
    lines = [
        (fixed(apart, 1), arm, reading, num(week), _shown(a), _shown(b), unit)
        for apart, arm, reading, week, a, b, unit in best
    ]
    return f"{told} of {len(rows)} readings could tell. The best fifteen:\n\n" + table(heads, lines, right=(0, 3))


def _figure(material: Material) -> str:
    drawings = []
    weeks = [0.0, *WEEKS]
    years = [week / 52.0 for week in weeks]
    for reading, title in (
        ("total", "All hairs, hairs/cm²"),
        ("terminal", "Hairs of 60 µm and more, hairs/cm²"),
        ("diameter", "Mean diameter, µm"),
        ("weight", "Weight grown a day, % of the start"),
    ):
        lines = []
        for view, colour, dash in zip(material.views, (PLAN_A, PLAN_B), ((), (7, 3)), strict=False):
            draws = np.stack([_values(view, "finasteride", reading, week) for week in WEEKS], axis=1)
            draws = np.concatenate([np.zeros((draws.shape[0], 1)), draws], axis=1)
            low, middle, high = np.quantile(draws, [0.1, 0.5, 0.9], axis=0)
            lines.append(Line(view.regrowth, years, middle.tolist(), low.tolist(), high.tolist(), colour, dash))
        drawn = curves(
            Curves(lines, "years of finasteride", "against nothing", x_ticks=(0, 1, 2, 3, 4, 5)),
            f"regrowth-{reading}",
            _HALF,
        )
        drawings.append(Drawing(drawn.svg, title))
    gaps = {
        reading: float(np.median(_values(material.views[0], "finasteride", reading, 260.0)))
        - float(np.median(_values(material.views[1], "finasteride", reading, 260.0)))
        for reading in ("total", "diameter")
    }
    heading = (
        f"After five years of finasteride the hypotheses are {abs(gaps['total']):.0f} hairs/cm2 and "
        f"{abs(gaps['diameter']):.1f} um apart"
    )
    note = (
        "Effect against nothing, men of 35, vertex. Band: 80 % of what is believed. Certainty at five years: low, no "
        "controlled trial runs so long."
    )
    return sheet(heading, note, drawings, columns=2)
