"""validation.md: predicted against reported, in sample and with each trial left out; facts; misses; the other model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from follicast.inference.facts import shipped_facts
from follicast.inference.replay import Predicted, Score, score, scored
from follicast.outputs.science import history_figures
from follicast.outputs.science.material import Material, View, reason_left_out, reason_of
from follicast.outputs.science.other_model import comparison_section
from follicast.outputs.science.panels import Row, forest
from follicast.outputs.science.scores import LeftOutRow, left_out_rows, left_out_score
from follicast.outputs.science.sheet import Drawing, sheet
from follicast.outputs.science.trial_words import PANELS, inside, label_of, measure_words, panel_of
from follicast.outputs.science.words import figure, fixed, num, page, percent, span, table

_READ = (
    "Bar: 80 % of the numbers that such a trial prints, line: 95 %, tick: the mean. Diamond: reported, inside 95 %. "
    "Red square: reported, outside 95 %. Grey: not fitted."
)


def validation_page(material: Material) -> tuple[str, dict[str, str]]:
    """The page, and its figures by name."""
    figures = panels(material.main)
    figures["validation-left-out"] = _left_out_figure(material)
    history, history_text = history_figures.section(material)
    figures |= history
    text = page(
        "Validation",
        "How far the model is from what was published, misses first. All intervals are for the number that a trial "
        "of that size prints: the doubt about the model's numbers, the trial's own deviation, and sampling.",
        "## The score",
        _score_text(material),
        "## Misses",
        "Every reported number outside its 95 % interval in the replay, with the likely reason and where we see the "
        "fault. The reasons are data (`knowledge/misses.toml`); they were written by hand after looking.",
        _misses(material.main),
        "## Predicted and reported, by therapy",
        _READ
        + " Counts are in hairs/cm² whatever the row's own unit. A change without a control arm holds what lotion, "
        "needles and counting do by themselves; only net effects are effects. The replay has seen the fitted rows: "
        "for prediction proper see the next section.",
        *(_panel_text(material, key, words) for key, words in PANELS if f"validation-{key}" in figures),
        "## Each trial left out",
        "The same rows, each predicted by a calibration that never saw its trial.",
        figure(
            "validation-left-out", "Every fitted row of counts, predicted without its trial, with what was reported"
        ),
        _left_out_table(material),
        "## Facts",
        _facts(material),
        history_text,
        comparison_section(material),
    )
    return text, figures


def _score_text(material: Material) -> str:
    rows = []
    for view in material.views:
        fitted = [p for p in view.predicted if reason_left_out(p.row) is None]
        rest = [p for p in scored(view.predicted) if reason_left_out(p.row) is not None]
        out = left_out_score(left_out_rows(view.calibration), material.drug_mean, material.rows)
        for name, found in (
            ("fitted rows, in sample", score(fitted, material.drug_mean)),
            ("fitted rows, **each trial left out**", out),
            ("rows not fitted", score(rest, material.drug_mean)),
        ):
            rows.append((view.regrowth, name, *_score_cells(found)))
    heads = (
        "hypothesis",
        "net effects of counts",
        "n",
        "in 80 %",
        "in 95 %",
        "mean error",
        "of no effect",
        "where the drug has other trials",
        "of their mean",
        "n",
    )
    return (
        table(heads, rows, right=range(2, 10))
        + "\nErrors are mean absolute errors in hairs/cm². A model is of use where its error is below that of "
        "predicting no effect, and below that of taking the mean of the drug's other trials. Only the middle line of "
        "each hypothesis is prediction. Rows that are not fitted were set aside for what is said of them in "
        "[data](data.md): most are meta-analyses, numbers that were recalled, or counts that cannot be right."
    )


def _score_cells(found: Score) -> tuple[str, ...]:
    return (
        str(found.n),
        percent(found.coverage80),
        percent(found.coverage95),
        fixed(found.mae),
        fixed(found.mae_no_effect),
        fixed(found.mae_there),
        fixed(found.mae_drug_mean),
        str(found.n_drug_mean),
    )


def _misses(view: View) -> str:
    rows = []
    for p in view.predicted:
        if inside(p, wide=True) is not False:
            continue
        blame, reason = reason_of(p.row.trial_id)
        rows.append(
            (
                f"`{p.row.trial_id}`",
                measure_words(p.row.measure),
                num(p.row.week),
                p.kind,
                f"{num(p.observed)}",
                f"{num(p.mean)} ({span(p.low95, p.high95)})",
                p.row.unit.text,
                "fitted" if reason_left_out(p.row) is None else "not fitted",
                p.certainty,
                blame,
                reason,
            )
        )
    known = sum(p.observed is not None for p in view.predicted)
    heads = (
        "row",
        "read",
        "week",
        "kind",
        "reported",
        "predicted (95 %)",
        "unit",
        "",
        "certainty",
        "fault",
        "likely reason",
    )
    said = (
        f"{len(rows)} of {known} reported numbers ({percent(len(rows) / max(known, 1))}) lie outside; 5 % would be "
        "expected.\n\n"
    )
    return said + table(heads, rows, right=(2, 4))


def panels(view: View) -> dict[str, str]:
    """One figure a therapy."""
    found = {}
    for key, words in PANELS:
        rows = [p for p in view.predicted if panel_of(p.row) == key and p.observed is not None]
        if rows:
            found[f"validation-{key}"] = _panel(key, words, rows)
    return found


def _panel(key: str, words: str, rows: Sequence[Predicted]) -> str:
    groups: dict[tuple[str, str, str], list[Predicted]] = {}
    for p in rows:
        groups.setdefault((*_quantity(p), p.kind), []).append(p)
    drawings = []
    for k, ((name, unit, kind), group) in enumerate(sorted(groups.items(), key=lambda item: _place(item[0]))):
        drawn = forest([_row(p) for p in group], unit, f"{key}-{k}", zero=kind != "level")
        words_of_kind = "own changes" if key == "nothing" and kind == "change" else _KINDS[kind]
        drawings.append(Drawing(drawn.svg, f"{name}: {words_of_kind}"))
    within = sum(bool(inside(p, wide=True)) for p in rows)
    fitted = [p for p in scored(rows) if reason_left_out(p.row) is None]
    net = [abs(p.mean - (p.observed or 0.0)) / p.unit_size for p in fitted]
    title = f"{words}: {within} of {len(rows)} reported numbers lie in the 95 % interval"
    if net:
        title += f"; fitted counts are missed by {sum(net) / len(net):.0f} hairs/cm2 on average"
    return sheet(title, _READ, drawings)


_KINDS = {"net effect": "net effects", "change": "own changes, without a control arm", "level": "levels"}
_UNITS = {"diameter": "µm", "anagen share": "points", "growth rate": "µm a day", "scalp DHT": "%", "serum DHT": "%"}


def _place(group: tuple[str, str, str]) -> tuple[bool, str, int]:
    """Order of the drawings: counts first, net effects before own changes before levels."""
    return group[0] != "Counts", group[0], list(_KINDS).index(group[2])


def _quantity(p: Predicted) -> tuple[str, str]:
    """What a row reads and the unit it is drawn in."""
    quantity = p.row.measure.quantity
    if quantity == "count":
        return "Counts", "hairs/cm²"
    name = quantity[:1].upper() + quantity[1:]
    if p.row.unit.basis == "percent of baseline":
        return name, "% of baseline"
    return name, _UNITS.get(quantity, p.row.unit.text)


def _row(p: Predicted) -> Row:
    size = p.unit_size if p.row.measure.quantity == "count" else 1.0
    return Row(
        label_of(p),
        p.mean / size,
        p.low80 / size,
        p.high80 / size,
        p.low95 / size,
        p.high95 / size,
        None if p.observed is None else p.observed / size,
        hollow=reason_left_out(p.row) is not None,
        outside=inside(p, wide=True) is False,
    )


def _panel_text(material: Material, key: str, words: str) -> str:
    certain = [t.certainty for name, t in material.main.knowledge.therapies.items() if name.startswith(key)]
    said = f" Certainty of the evidence: **{certain[0]}**." if certain else ""
    return f"### {words}\n\n{said.strip()}\n\n" + figure(f"validation-{key}", f"{words}: predicted and reported")


def _left_out_figure(material: Material) -> str:
    rows = [row for row in left_out_rows(material.main.calibration) if row.measure == "count"]
    drawn = forest(
        [
            Row(
                f"{row.trial_id}, week {num(row.week)}",
                row.mean / row.unit_size,
                row.low80 / row.unit_size,
                row.high80 / row.unit_size,
                row.low95 / row.unit_size,
                row.high95 / row.unit_size,
                row.observed / row.unit_size,
                outside=not row.inside95,
            )
            for row in rows
        ],
        "net effect, hairs/cm²",
        "left-out",
    )
    inner = sum(row.inside80 for row in rows)
    outer = sum(row.inside95 for row in rows)
    title = (
        f"Without its own trial, {inner} of {len(rows)} net effects lie in the 80 % interval and {outer} in the 95 % "
        "interval"
    )
    return sheet(title, _READ, [drawn])


def _left_out_table(material: Material) -> str:
    rows = left_out_rows(material.main.calibration)
    return table(
        ("row", "therapy", "certainty", "read", "week", "reported", "predicted", "80 %", "95 %", "unit", ""),
        [
            (
                f"`{row.trial_id}`",
                row.drug,
                certainty_of_drug(row, material),
                row.measure,
                num(row.week),
                num(row.observed),
                num(row.mean),
                span(row.low80, row.high80),
                span(row.low95, row.high95),
                row.unit,
                "" if row.inside80 else ("outside 80 %" if row.inside95 else "**outside 95 %**"),
            )
            for row in rows
        ],
        right=(4, 5, 6),
    )


def certainty_of_drug(row: LeftOutRow, material: Material) -> str:
    """Certainty of the least certain therapy of a row's contrast."""
    names = row.drug.replace(" over ", "+").split("+")
    known: Mapping[str, object] = material.main.knowledge.therapies
    order = ("very low", "low", "moderate", "high")
    found = [material.main.knowledge.therapies[name].certainty for name in names if name in known]
    return min(found, key=order.index, default="-")


def _facts(material: Material) -> str:
    published = shipped_facts()
    rows = []
    missed = 0
    for check in material.checks:
        missed += not check.passed
        blame, reason = ("", "") if check.passed else reason_of(check.fact)
        rows.append(
            (
                check.fact,
                check.what,
                num(check.model),
                span(check.low, check.high),
                check.unit,
                "pass" if check.passed else "**miss**",
                published[check.fact]["use"],
                check.how,
                f"{blame}: {reason}" if reason else "",
            )
        )
    whole = {c.fact: all(k.passed for k in material.checks if k.fact == c.fact) for c in material.checks}
    said = (
        f"{sum(whole.values())} of {len(whole)} facts are reproduced in full; {missed} of {len(rows)} numbers miss. A "
        "fact marked calibrate was fitted, so a pass is no prediction; one marked test was not."
    )
    heads = ("fact", "what", "model", "allowed", "unit", "", "use", "how", "likely reason of a miss")
    return said + "\n\n" + table(heads, rows, right=(2,))
