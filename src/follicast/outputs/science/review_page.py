"""review.md: how often the verdict of `follicast review` is right, on virtual people whose true hair is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from follicast.knowledge.review_rule import review_rule
from follicast.outputs.palette import HAIRLINE, INK
from follicast.outputs.science.material import Material
from follicast.outputs.science.sheet import Drawing, sheet
from follicast.outputs.science.words import figure, fixed, page, percent, table
from follicast.outputs.svg import Frame, render

ALLOWED = 0.10
"""Share of wrong verdicts of below or above that is accepted."""
_VERDICTS = ("too early", "cannot tell", "on track", "below", "above")
_COLOURS = (HAIRLINE, "#b9bec1", "#8fbf9f", "#d99089", "#86b9c0")
_MONTHS = ("month 2", "month 6", "month 12")


def review_page(material: Material) -> tuple[str, dict[str, str]]:
    """The page, and its figures by name."""
    rule = review_rule()
    parts = [
        "A virtual person is drawn from the same beliefs as everybody else, lives, and is written down with sex, age, "
        "one grade and one count. The fit and the stored forecast see that only. Then the person's own follicles live "
        "on: as planned, with half of the doses, without any, without any and with a fever, or with a second drug that "
        "nobody planned. They are counted again after 2, 6 and 12 months with the error of a real count, and "
        "[`follicast review`](../guide/review.md) judges each count.",
        f"The rule: outside all but {100.0 * rule.tail:g} of 100 of the forecast on one side is below or above. Below "
        f"is also what speaks for nothing more strongly than all but {100.0 * rule.reject_plan:g} of 100 would if the "
        "plan were right; on track is what speaks for the plan more strongly than all but "
        f"{100.0 * rule.reject_nothing:g} of 100 would under nothing. By itself the rule keeps wrong calls under "
        f"{100.0 * (2 * rule.tail + rule.reject_plan):g} of 100 where the plan does what was forecast.",
    ]
    told = material.review_check
    if told is None:
        return page("Is the verdict right?", *parts, "The check was not run for this page."), {}
    parts += [
        _errors(told),
        figure("review-verdicts", "Shares of the five verdicts by what was really done"),
        "## How often each verdict is said",
        _by(told["by story"], "what was really done"),
        "## Where the plan is taken as planned, by plan",
        _by(told["by plan, as planned"], "plan"),
        "## With a marked site and without",
        _by(told["marked site"], "site"),
        "## Where the true change is too small to see",
        _small(told),
        "Made again by `bench/review.py`.",
    ]
    return page("Is the verdict right?", *parts), {"review-verdicts": _figure(told)}


def _errors(told: Mapping[str, Any]) -> str:
    wrong, said, other = told["wrong"], told["wrong of those said"], told["other side"]
    idle = told["false on track"]
    rows = [
        *(
            (f"called below or above though taken as planned, {month}", wrong[month]["readings"], wrong[month]["share"])
            for month in _MONTHS
        ),
        ("below or above, and the truth is inside the forecast", said["verdicts"], said["share"]),
        ("below alone", None, said["share of below"]),
        ("above alone", None, said["share of above"]),
        ("below or above, and the truth is on the other side", other["verdicts"], other["share"]),
        ("on track though nothing was taken, from month 6", idle["readings"], idle["share"]),
    ]
    return (
        f"{told['people']} virtual people; {percent(told['trusted'])} of the fits call themselves trustworthy. The "
        f"target is fewer than {percent(ALLOWED)} wrong.\n\n"
        + table(
            ("error", "of", "share", ""),
            [
                (name, "" if n is None else f"{n:.0f}", f"{fixed(100.0 * share)} %", _judged(name, share))
                for name, n, share in rows
            ],
            right=(1, 2),
        )
        + '\n"The truth is inside": the plan was taken and the true change, without error, lies within the forecast\'s '
        "80 % (above: not beyond it, whatever was taken)."
    )


def _judged(name: str, share: float) -> str:
    watched = name.startswith(("called", "below or above, and the truth is inside"))
    return "**more than allowed**" if watched and share >= ALLOWED else ""


def _by(groups: Mapping[str, Mapping[str, Mapping[str, float]]], head: str) -> str:
    rows = []
    for name, months in groups.items():
        for month, shares in months.items():
            if shares["readings"]:
                numbers = [percent(shares[verdict]) for verdict in _VERDICTS]
                rows.append((name, month, f"{shares['readings']:.0f}", *numbers))
    return table((head, "read", "readings", *_VERDICTS), rows, right=tuple(range(2, 3 + len(_VERDICTS))))


def _small(told: Mapping[str, Any]) -> str:
    rows = []
    for key, name in (
        ("true change inside the smallest detectable one", "inside"),
        ("true change beyond the smallest detectable one", "beyond"),
    ):
        shares = told[key]
        numbers = [percent(shares[verdict]) for verdict in _VERDICTS]
        rows.append((name, f"{shares['readings']:.0f}", *numbers))
    inside = told["true change inside the smallest detectable one"]
    silent = inside["too early"] + inside["cannot tell"]
    return (
        "True change, without error, against the smallest change that the two counts can show:\n\n"
        + table(("true change", "readings", *_VERDICTS), rows, right=tuple(range(1, 2 + len(_VERDICTS))))
        + f'\nWhere it is inside, {percent(silent)} are told "too early" or "cannot tell". The others need not be '
        "wrong: hair that holds still where it was forecast to fall, or to grow, is news."
    )


def _figure(told: Mapping[str, Any]) -> str:
    drawings = [Drawing(_bars(told["by story"], month, f"review-{k}"), month) for k, month in enumerate(_MONTHS[1:])]
    taken, idle = (told["by story"]["not taken"]["month 12"][name] for name in ("below", "on track"))
    return sheet(
        f"What is said of {told['people']} people whose truth is known: one later count often cannot tell",
        f"Bars: share of people by verdict. After 12 months {percent(taken)} of those who took nothing are called "
        f"below and {percent(idle)} on track.",
        drawings,
        columns=2,
    )


def _bars(stories: Mapping[str, Mapping[str, Mapping[str, float]]], month: str, key: str) -> str:
    import altair as alt

    rows: list[dict[str, Any]] = []
    for story, months in stories.items():
        start = 0.0
        for k, verdict in enumerate(_VERDICTS):
            share = 100.0 * months[month][verdict]
            rows.append({"story": story, "from": start, "to": start + share, "verdict": verdict, "order": k})
            start += share
    scale = alt.Scale(domain=list(_VERDICTS), range=list(_COLOURS))
    names: Sequence[str] = list(stories)
    chart = alt.Chart(alt.InlineData(values=rows))
    bars = chart.mark_bar(stroke="white", strokeWidth=0.6).encode(
        x=alt.X("from:Q", axis=alt.Axis(title="% of people", tickCount=5), scale=alt.Scale(domain=[0, 100])),
        x2="to:Q",
        y=alt.Y("story:N", sort=list(names), axis=alt.Axis(title=None, labelLimit=160)),
        color=alt.Color(
            "verdict:N", scale=scale, legend=alt.Legend(title=None, orient="bottom", columns=5, columnPadding=4)
        ),
    )
    words = chart.transform_filter("datum.to - datum.from > 14").transform_calculate(
        middle="(datum.from + datum.to) / 2"
    )
    text = words.mark_text(fontSize=10, color=INK).encode(
        x="middle:Q", y=alt.Y("story:N", sort=list(names)), text="verdict:N"
    )
    return render([bars, text], Frame(416.0, 150.0, 132.0, 28.0, 8.0, 62.0, 11.0), key)
