"""calibration.md: how the shared numbers were fitted, what the data moved, which datum moved what, how well it ran."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from follicast.inference import calibrate, emulator, leave_out, literature
from follicast.outputs.science.material import Material, View
from follicast.outputs.science.numbers import calibrated_words, named, prior_span
from follicast.outputs.science.panels import Row, forest
from follicast.outputs.science.scores import trial_names
from follicast.outputs.science.sheet import sheet
from follicast.outputs.science.words import figure, fixed, num, page, span, table
from follicast.outputs.wording import counted

_EIGHTY = 1.2816
_LEARNED = 0.7


def calibration_page(material: Material) -> tuple[str, dict[str, str]]:
    """The page, and its figures by name."""
    figures = {f"calibration-{view.regrowth}": _figure(view) for view in material.views}
    text = page(
        "The calibration",
        "The numbers that all people share are fitted together, to net effects of published trials and to published "
        "facts. What follows is the method as its code describes it, where the shipped draws come from, and what the "
        "data moved.",
        "## Method",
        _quoted(calibrate),
        "**The emulator.** " + _flat(emulator),
        "**The likelihood.** " + _flat(literature),
        "**Leaving out.** " + _flat(leave_out),
        _settings(),
        "## Where the shipped draws come from",
        _provenance(material),
        "## What the data moved",
        "Each number stands as a place in its prior: 0 is the prior's median, 1 its 84 % point. The pale bar is 80 % "
        "of the prior, the dark one 80 % of what is believed after the data. A number whose bars are alike was not "
        "informed.",
        *(_learned(view) for view in material.views),
        "## Which datum moves which number",
        "Shift: the posterior mean with the datum less its mean without it, in posterior standard deviations. Above "
        "1 in size, one datum carries the number.",
        *(_moved(view) for view in material.views),
        "## How well it ran",
        *(_ran(view) for view in material.views),
        "## Making it again\n\n```\nfollicast calibrate --out docs/science/data --ship\npython -m "
        "follicast.outputs.science docs/science docs/science/data\n```\n\nA stopped calibration goes on where it was: "
        "every run is kept under a key of code, knowledge and place. `--ship` puts the draws where the package reads "
        "them.",
    )
    return text, figures


def _flat(module: Any) -> str:
    """A module's docstring without its first sentence's line breaks."""
    return " ".join((inspect.getdoc(module) or "").split())


def _quoted(module: Any) -> str:
    return inspect.getdoc(module) or ""


def _settings() -> str:
    rows = [
        ("runs of each wave", ", ".join(map(str, calibrate.WAVES))),
        ("draws shipped", calibrate.DRAWS),
        ("degrees of freedom of a trial's deviation", num(literature.TAILS)),
        ("standard deviations in half a fact's tolerance", num(literature.FACT_DEVIATIONS)),
    ]
    return table(("setting", "value"), rows, right=(1,))


def _provenance(material: Material) -> str:
    told = {view.regrowth: dict(view.knowledge.shared.provenance) for view in material.views}
    keys = list(dict.fromkeys(key for values in told.values() for key in values if key != "regrowth"))
    rows = [(key.replace("_", " "), *(_short(values.get(key, "-")) for values in told.values())) for key in keys]
    return table(("", *(f"{name} of small hairs" if name == "reversal" else name for name in told)), rows)


def _short(value: str) -> str:
    return f"`{value[:12]}`" if len(value) > 40 else value.replace("-", "\u2011") if value[:2] == "20" else value


def _entries(view: View) -> dict[str, Mapping[str, Any]]:
    return {entry["name"]: entry for entry in view.calibration["names"]}


def _places(view: View, name: str, entry: Mapping[str, Any]) -> tuple[float, float, float]:
    """10, 50 and 90 % points of a number's place in its prior."""
    column = view.knowledge.shared.column(name)
    if column is None:
        return entry["mean"] - _EIGHTY * entry["sd"], entry["mean"], entry["mean"] + _EIGHTY * entry["sd"]
    low, middle, high = np.quantile(column, [0.1, 0.5, 0.9]).tolist()
    return low, middle, high


def _figure(view: View) -> str:
    rows = []
    informed = 0
    for name, entry in _entries(view).items():
        low, middle, high = _places(view, name, entry)
        informed += entry["sd"] < _LEARNED
        rows.append(Row(name, middle, low, high, back=(-_EIGHTY, _EIGHTY), right=f"sd {entry['sd']:.2f}"))
    title = f"{informed} of {len(rows)} numbers are narrower than {_LEARNED:g} of their prior after the data"
    note = (
        f"Hypothesis: {view.regrowth}. Dark bar: 80 % after the data, tick: median. Pale bar: 80 % of the prior. On "
        "the right: standard deviation left, 1 = nothing learned."
    )
    drawn = forest(rows, "place in the prior, prior standard deviations", f"cal-{view.regrowth}")
    return sheet(title, note, [drawn])


def _learned(view: View) -> str:
    rows = []
    for name, entry in _entries(view).items():
        for label, number in named(name, view.knowledge):
            low, middle, high = prior_span(number).tolist()
            rows.append(
                (
                    f"`{label}`",
                    number.unit,
                    f"{num(middle)} ({span(low, high)})",
                    calibrated_words(number, name, view.knowledge.shared),
                    fixed(entry["sd"], 2),
                    fixed(entry["r_hat"], 3),
                )
            )
    heads = ("number", "unit", "prior median (80 %)", "calibrated median (80 %)", "sd left", "R-hat")
    return (
        f"### {view.regrowth.capitalize()}\n\n"
        + figure(f"calibration-{view.regrowth}", f"Prior and posterior of every calibrated number, {view.regrowth}")
        + "\n"
        + table(heads, rows, right=(4, 5))
    )


def _moved(view: View) -> str:
    names = trial_names(view.calibration)
    rows = []
    for name, entry in _entries(view).items():
        moved = "; ".join(f"{names.get(m['datum'], m['datum'])} ({fixed(m['shift'], 2)})" for m in entry["moved_by"])
        rows.append((f"`{name}`", moved))
    return f"### {view.regrowth.capitalize()}\n\n" + table(("number", "moved most by (shift)"), rows)


def _ran(view: View) -> str:
    rows = view.calibration["rows"]
    ratio = [entry["emulator_error"] / max(entry["error"], 1e-9) for entry in rows]
    worst = sorted(range(len(rows)), key=lambda k: -ratio[k])[:5]
    r_hat = max((entry["r_hat"] for entry in view.calibration["names"]), default=float("nan"))
    again = sum(bool(entry["sampled_again"]) for entry in rows)
    said = (
        f"### {view.regrowth.capitalize()}\n\n{counted(view.calibration['runs'], 'run')} of the simulator. The "
        f"largest split R-hat is {r_hat:.3f} (1 = mixed; above 1.01 look twice, above 1.05 do not trust). The "
        f"emulator's leave-one-out error is {num(float(np.median(ratio)), 2)} of a row's own standard error in the "
        f"middle and {num(max(ratio), 2)} at worst; it is added to every datum's error. {again} of {len(rows)} fitted "
        "rows belong to trials whose posterior was sampled again without them, because reweighting could not be "
        "trusted."
    )
    table_rows = [
        (
            f"`{rows[k]['trial_id']}`",
            num(rows[k]["week"]),
            num(rows[k]["emulator_error"], 2),
            num(rows[k]["error"], 2),
            rows[k]["unit"],
        )
        for k in worst
    ]
    heads = ("row, worst five", "week", "emulator error", "standard error of the row", "unit")
    facts = [
        (
            entry["fact"],
            f"{num(entry['target'])} ± {num(entry['tolerance'])}",
            num(entry["fitted"]),
            num(entry["sd"], 2),
            num(entry["emulator_error"], 2),
        )
        for entry in view.calibration["facts"]
    ]
    fact_heads = ("fact, as the emulator fits it", "target", "fitted", "sd", "emulator error")
    return "\n\n".join([said, table(heads, table_rows, right=(1, 2, 3)), table(fact_heads, facts, right=(2, 3, 4))])
