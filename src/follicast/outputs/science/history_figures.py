"""What the model says of hair that nobody treats, beside what was published."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from follicast.inference.rehearsed import Rehearsed
from follicast.outputs.palette import INK, NOTHING, PLAN_A, PLAN_B
from follicast.outputs.science.history import AGES, KENOGEN_YEARS, MONTHS
from follicast.outputs.science.imagined import WEEKS
from follicast.outputs.science.material import Material
from follicast.outputs.science.panels import Curves, Line, curves
from follicast.outputs.science.sheet import Drawing, sheet
from follicast.outputs.science.words import figure, fixed, num, span, table

Floats = npt.NDArray[np.float64]

_WEEKS_A_YEAR = 52.0
_YEARS = [0.0, *(week / _WEEKS_A_YEAR for week in WEEKS)]
_HALF = (376.0, 210.0)
_FIVE = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0)


def section(material: Material) -> tuple[dict[str, str], str]:
    """Figures by name, and the words that go with them."""
    figures = {
        "history-prevalence": _prevalence(material),
        "history-decline": _decline(material),
        "history-weight": _weight(material),
        "history-rest": _rest(material),
    }
    text = "\n\n".join(
        [
            "## Without treatment",
            "What the same numbers say of people whom nobody treats. Bands are 80 % of what is believed about the "
            "mean of such people, not the spread between them. Diamonds are published, with the tolerance that the "
            "facts allow.",
            figure("history-prevalence", "Share of men at Norwood III or more by age"),
            figure("history-decline", "Untreated decline of counts, diameter and growing share over five years"),
            figure("history-weight", "Hair weight over five years, untreated and treated"),
            figure("history-rest", "Empty follicles over fourteen years, and resting hairs through the year"),
            _numbers(material),
        ]
    )
    return figures, text


def _band(draws: Floats) -> tuple[list[float], list[float], list[float]]:
    """Median and 80 % of [draw, x] by x."""
    low, middle, high = np.quantile(draws, [0.1, 0.5, 0.9], axis=0)
    return middle.tolist(), low.tolist(), high.tolist()


def _line(label: str, x: Sequence[float], draws: Floats, colour: str = PLAN_A, dash: tuple[int, ...] = ()) -> Line:
    middle, low, high = _band(draws)
    return Line(label, x, middle, low, high, colour, dash)


def _course(found: Rehearsed, name: str) -> Floats:
    """A reading's own change by week, from zero [draw, week + 1]."""
    places = [i for i, row in enumerate(found.rows) if row.trial_id == name]
    return np.concatenate([np.zeros((found.own.shape[0], 1)), found.own[:, places]], axis=1)


def _level(found: Rehearsed, arm: str, reading: str) -> Floats:
    """A reading's level by week: where it starts plus its own change."""
    start = next(i for i, row in enumerate(found.rows) if row.trial_id == f"start | {reading}")
    return found.net[:, [start]] + _course(found, f"{arm} | {reading} | own")


def _target(material: Material, fact: str, what: str) -> tuple[float, float] | None:
    for check in material.checks:
        if check.fact == fact and what in check.what:
            return 0.5 * (check.low + check.high), 0.5 * (check.high - check.low)
    return None


def _points(
    material: Material, wanted: Sequence[tuple[float, str, str]], words: str = ""
) -> list[tuple[float, float, float, str]]:
    found = []
    for x, fact, what in wanted:
        target = _target(material, fact, what)
        if target is not None:
            found.append((x, target[0], target[1], words))
    return found


def _prevalence(material: Material) -> str:
    shares = material.history.grade3
    points = _points(material, [(23.5, "F28", "18 to 29"), (44.5, "F28", "40 to 49")], "Rhodes 1998")
    middle = np.median(shares, axis=0)
    drawn = curves(
        Curves([_line("", AGES, shares)], "age, years", "% of men", points, x_ticks=[20, 30, 40, 50, 60, 70]),
        "prevalence",
        (736.0, 240.0),
    )
    title = f"{middle[-1]:.0f} % of men have Norwood III or more at {AGES[-1]:g}, {middle[0]:.0f} % at {AGES[0]:g}"
    note = (
        "Share of men whose simulated scalp is graded Norwood III or more. It follows from one liability, which sets "
        "how sensitive a man's follicles are, and when his loss begins. Band: 80 %."
    )
    return sheet(title, note, [drawn])


def _decline(material: Material) -> str:
    found = material.main.forecast
    total, thick = (_course(found, f"nothing | {name} | own") for name in ("total, %", "non-vellus, %"))
    years: Sequence[float] = _YEARS
    counts = curves(
        Curves(
            [_line("all", years, total, PLAN_A), _line("30 µm+", years, thick, PLAN_B, (7, 3))],
            "years without treatment",
            "% of the start",
            [
                *_points(material, [(1.0, "F11", "1 year"), (2.0, "F11", "2 years")], "all"),
                *_points(material, [(1.0, "F12", "1 year"), (2.0, "F12", "2 years")], "30 µm+"),
            ],
            x_ticks=_FIVE,
        ),
        "decline",
        _HALF,
    )
    shades = {
        reading: curves(
            Curves(
                [_line("", years, _level(found, "nothing", reading))], "years without treatment", unit, (), False, _FIVE
            ),
            f"decline-{k}",
            _HALF,
        )
        for k, (reading, unit) in enumerate((("diameter", "mean diameter, µm"), ("anagen share", "% growing, as read")))
    }
    levels = curves(
        Curves(
            [
                _line("all", years, _level(found, "nothing", "total"), PLAN_A),
                _line("30 µm+", years, _level(found, "nothing", "non-vellus"), PLAN_B, (7, 3)),
                _line("60 µm+", years, _level(found, "nothing", "terminal"), INK, (2, 2)),
            ],
            "years without treatment",
            "hairs/cm²",
            x_ticks=_FIVE,
        ),
        "decline-levels",
        _HALF,
    )
    end_all, end_thick = float(np.median(total[:, -1])), float(np.median(thick[:, -1]))
    title = (
        f"In five years without treatment the vertex loses {-end_all:.0f} % of all hairs and {-end_thick:.0f} % of "
        "those of 30 um and more"
    )
    note = (
        "Men of 35 with 2 to 14 years of loss who enter at 110 to 250 hairs/cm2, vertex. Diamonds: 26 men of one "
        "study (facts F11 and F12); thick hairs fell about twice as fast there as all hairs."
    )
    drawings = [
        Drawing(counts.svg, "Counts, change"),
        Drawing(levels.svg, "Counts, level"),
        Drawing(shades["diameter"].svg, "Calibre of all hairs"),
        Drawing(shades["anagen share"].svg, "Growing share, phototrichogram"),
    ]
    return sheet(title, note, drawings, columns=2)


def _weight(material: Material) -> str:
    found = material.main.forecast
    years: Sequence[float] = _YEARS
    names = (("nothing", NOTHING, (4, 3)), ("finasteride", PLAN_A, ()), ("minoxidil", PLAN_B, (7, 3)))
    courses = {name: _course(found, f"{name} | weight | own") for name, _, _ in names}
    lines = [_line(name, years, courses[name], colour, dash) for name, colour, dash in names]
    drawn = curves(Curves(lines, "years", "% of the start", x_ticks=_FIVE), "weight", (736.0, 260.0))
    ends = {name: float(np.median(values[:, -1])) for name, values in courses.items()}
    title = (
        f"After five years the weight grown a day is {_change(ends['nothing'])} without treatment and "
        f"{_change(ends['finasteride'])} with finasteride"
    )
    note = (
        "Weight of hair grown a day on a cm2 of the vertex, men of 35. Weight goes with the square of the diameter, "
        "so it moves more than counts. Every dose taken. Certainty: finasteride high, minoxidil high; weight itself "
        "was read in few small trials."
    )
    return sheet(title, note, [drawn])


def _change(percent: float) -> str:
    return f"{abs(percent):.0f} % {'lower' if percent < 0 else 'higher'}"


def _rest(material: Material) -> str:
    empty = material.history.kenogen
    years: Sequence[float] = KENOGEN_YEARS
    points = _points(material, [(0.0, "F19", "kenogen early"), (14.0, "F19", "kenogen 14 years on")], "")
    drawn = Curves([_line("", years, empty)], "years from the first look", "% of follicles", points, x_ticks=years[::2])
    first = curves(drawn, "kenogen", _HALF)
    months: Sequence[float] = [k + 0.5 for k in range(MONTHS)]
    lines = [
        _line("pattern loss", months, material.history.telogen[:, 1], PLAN_B, (7, 3)),
        _line("healthy", months, material.history.telogen[:, 0], PLAN_A),
    ]
    second = curves(
        Curves(lines, "month of the year (0 = 1 January, north)", "% resting, as read", x_ticks=[0, 3, 6, 9, 12]),
        "season",
        _HALF,
    )
    healthy = np.median(material.history.telogen[:, 0], axis=0)
    peak = int(healthy.argmax())
    title = (
        f"Resting hairs of healthy men move between {healthy.min():.0f} and {healthy.max():.0f} % through the year; "
        f"empty follicles of thinning women rise from {np.median(empty[:, 0]):.0f} to {np.median(empty[:, -1]):.0f} % "
        "in 14 years"
    )
    names = "January February March April May June July August September October November December".split()
    note = (
        "Left: women of 40 with 1 to 3 years of loss, mid-scalp; diamonds are one woman, followed for 14 years "
        f"(F19). Right: the highest month is {names[peak]}; series of men found the end of summer, series of women "
        "July."
    )
    heads = ("Empty follicles (kenogen)", "Resting hairs through the year")
    return sheet(title, note, [Drawing(first.svg, heads[0]), Drawing(second.svg, heads[1])], columns=2)


def _numbers(material: Material) -> str:
    found = material.main.forecast
    rows = []
    for name, reading, unit in (
        ("all hairs", "total, %", "% of the start"),
        ("hairs of 30 um and more", "non-vellus, %", "% of the start"),
        ("weight grown a day", "weight", "% of the start"),
        ("mean diameter", "diameter", "um"),
        ("growing share", "anagen share", "points"),
    ):
        course = _course(found, f"nothing | {reading} | own")
        cells = []
        for year in (1, 2, 5):
            k = int(np.argmin(np.abs(np.array(_YEARS) - year)))
            low, middle, high = np.quantile(course[:, k], [0.1, 0.5, 0.9]).tolist()
            cells.append(f"{fixed(middle)} ({span(low, high, 1)})")
        rows.append((name, *cells, unit))
    head = "Untreated men of 35 at the vertex, median (80 % of what is believed about the mean):\n\n"
    ages = table(
        ("age", *(num(age) for age in AGES)),
        [("% at Norwood III or more", *(fixed(value, 0) for value in np.median(material.history.grade3, axis=0)))],
        right=range(1, len(AGES) + 1),
    )
    return head + table(("change of", "1 year", "2 years", "5 years", "unit"), rows, right=(1, 2, 3)) + "\n" + ages
