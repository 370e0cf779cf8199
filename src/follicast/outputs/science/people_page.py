"""people.md: is the forecast of one person calibrated? Ranks of the truth and coverage on virtual people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from follicast.outputs.palette import HAIRLINE, INK, MUTED, PLAN_A
from follicast.outputs.science.material import Material
from follicast.outputs.science.sheet import Drawing, sheet
from follicast.outputs.science.words import figure, fixed, page, percent, table
from follicast.outputs.svg import Frame, render

_SIZE = (310.0, 110.0)
# Points by which coverage may lie off before it counts as a miss.
ALLOWED = 0.03
_RECORDS = {
    "sparse": "sex, age and one grade",
    "rich": "three trichograms of the vertex over two years",
}


def people_page(material: Material) -> tuple[str, dict[str, str]]:
    """The page, and its figures by name."""
    parts = [
        "A virtual person is drawn from the same beliefs as everybody else, lives, is measured with the instruments' "
        "errors and written down as a person file would have it. The fit sees the file only. If the fit and the "
        "forecast are right, the truth is equally likely to rank anywhere among the draws (simulation-based "
        "calibration, Talts et al. 2018), and 80 % and 95 % intervals hold it that often.",
        "This says that the inference is right for people like the model's. Whether real people are like the model's "
        "is a question for [validation](validation.md).",
    ]
    if not material.rank_check:
        return page("Forecasts of one person", *parts, "The check was not run for this page."), {}
    figures: dict[str, str] = {}
    for told in material.rank_check:
        name = f"people-{told['record']}"
        figures[name] = _histograms(told)
        parts += [
            f"## Known: {_RECORDS.get(told['record'], told['record'])}",
            _summary(told),
            figure(name, f"Histograms of the rank of the truth, record {told['record']}"),
            _coverage(told["quantities"]),
        ]
    parts.append("Made again by `bench/rank_check.py`.")
    return page("Forecasts of one person", *parts), figures


def _summary(told: Mapping[str, Any]) -> str:
    sizes, tails = told["effective size"], told["pareto k"]
    return (
        f"{told['people']} virtual people. {percent(told['trusted'])} of the fits call themselves trustworthy "
        f"(effective size at least 100, Pareto k below 0.7); effective size {fixed(sizes['least'], 0)} at least, "
        f"{fixed(sizes['median'], 0)} in the middle; Pareto k at most {fixed(tails['most'], 2)}; "
        f"{fixed(told['rounds'], 1)} rounds of drawing on average. Untrusted fits are counted like the others."
    )


def _coverage(rows: Sequence[Mapping[str, Any]]) -> str:
    heads = ("at the vertex", "people", "mean rank", "p chi-square", "p Kolmogorov", "within 80 %", "within 95 %", "")
    return table(
        heads,
        [
            (
                row["quantity"],
                f"{row['people']}",
                fixed(row["mean rank"], 2),
                fixed(row["p chi-square"], 2),
                fixed(row["p Kolmogorov"], 2),
                f"{fixed(100.0 * row['within 80 %'])} %",
                f"{fixed(100.0 * row['within 95 %'])} %",
                "" if _holds(row) else "**more than 3 points off**",
            )
            for row in rows
        ],
        right=(1, 2, 3, 4, 5, 6),
    )


def _holds(row: Mapping[str, Any]) -> bool:
    off = max(abs(row[f"within {level} %"] - level / 100.0) for level in (80, 95))
    return bool(off <= ALLOWED)


def _histograms(told: Mapping[str, Any]) -> str:
    drawings = [
        Drawing(_bars(counts, f"{told['record']}-{k}"), name)
        for k, (name, counts) in enumerate(told["histograms"].items())
        if sum(counts)
    ]
    return sheet(
        f"Where the truth ranks among the draws: {told['people']} people known by {_RECORDS[told['record']]}",
        "Bars: people by rank. Flat is right; a hill means intervals too wide, a valley too narrow, a slope a bias. "
        "Grey: what 95 of 100 flat histograms would show in each bar.",
        drawings,
        columns=2,
    )


def _bars(counts: Sequence[int], key: str) -> str:
    import altair as alt
    from scipy.stats import binom

    bins, people = len(counts), sum(counts)
    low, high = (float(binom.ppf(p, people, 1.0 / bins)) for p in (0.025, 0.975))
    most = 1.15 * max(high, *counts)
    x = alt.X("from:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=alt.Axis(title="rank", values=[0, 0.5, 1]))
    y = alt.Y("n:Q", scale=alt.Scale(domain=[0, most], nice=False), axis=alt.Axis(title="people", tickCount=3))
    values = [{"from": k / bins, "to": (k + 1) / bins, "n": n} for k, n in enumerate(counts)]
    chart = alt.Chart(alt.InlineData(values=values))
    bars = chart.mark_bar(color=PLAN_A, stroke=HAIRLINE, strokeWidth=0.5).encode(x=x, x2="to:Q", y=y, y2=alt.datum(0))
    band = alt.Chart(alt.InlineData(values=[{"from": 0.0, "to": 1.0, "n": high, "low": low}]))
    area = band.mark_rect(color=MUTED, opacity=0.25).encode(x=x, x2="to:Q", y=y, y2="low:Q")
    flat = alt.Chart(alt.InlineData(values=[{"n": people / bins}])).mark_rule(color=INK, strokeDash=[3, 3]).encode(y=y)
    return render([bars, area, flat], Frame(_SIZE[0], _SIZE[1], 46.0, 14.0, 8.0, 40.0, 11.0), key)
