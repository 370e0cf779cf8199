"""Our numbers beside those of the one other public model that tries the same: who is nearer, by how much."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any, Final

import numpy as np

from follicast.inference.trial_reading import ASSAYED, assay_change
from follicast.knowledge.load import DATA
from follicast.outputs.science.imagined import STOP_WEEK
from follicast.outputs.science.material import Material
from follicast.outputs.science.scores import left_out_rows
from follicast.outputs.science.words import fixed, num, percent, table
from follicast.outputs.wording import counted, typeset

_CIRCLE_CM2: Final = 5.07


@cache
def other_model() -> dict[str, Any]:
    """What it reports: other_model.toml."""
    return tomllib.loads((DATA / "other_model.toml").read_text(encoding="utf-8"))


def comparison_section(material: Material) -> str:
    """The comparison in words and as a table."""
    told = other_model()
    rows, nearer, alone, alone_nearer = [], 0, 0, 0
    for entry in told["rows"]:
        found = _ours(material, entry)
        if found is None:
            continue
        name, unit, observed, ours, without = found
        theirs = float(entry["their"])
        gain = abs(theirs - observed) - abs(ours - observed)
        nearer += gain > 0.0
        if without is not None and not entry["tuned"]:
            alone += 1
            alone_nearer += abs(theirs - observed) > abs(without - observed)
        rows.append(
            (
                f"`{name}`",
                num(observed),
                num(ours),
                "-" if without is None else num(without),
                num(theirs) + (" (tuned)" if entry["tuned"] else ""),
                unit,
                f"{'we' if gain > 0 else 'it'}, by {fixed(abs(gain))}",
                entry.get("note", ""),
            )
        )
    model = told["model"]
    heads = ("row", "reported", "ours", "ours without that trial", "its", "unit", "nearer", "before comparing")
    said = [
        "## Beside another model",
        f"One other public model tries the same: a {model['name']} ({model['source']}, read on {model['read_on']}). "
        f"{model['about']} {model['fitted']} {model['women']}",
        f"{model['withdrawal']} {_withdrawal(material)}",
        f"On {counted(len(rows), 'row')} that both speak of, ours is nearer in {nearer}. Ours is the mean of what such "
        "a trial would print; a placebo arm's holds what placebo arms read by themselves. It has seen most of them "
        "too, "
        "and its serum numbers are dose curves drawn through these very trials, so the fair column is the one without "
        "the trial"
        + (f": of {alone} net effects that neither had seen, ours is nearer in {alone_nearer}." if alone else "."),
        table(heads, rows, right=(1, 2, 3, 4)),
    ]
    return "\n\n".join(typeset(part) if not part.startswith("|") else part for part in said)


def _withdrawal(material: Material) -> str:
    """What ours keeps a year after finasteride is stopped."""
    found = material.main.forecast
    kept = []
    for week in (STOP_WEEK, STOP_WEEK + 52.0):
        for kind, table_ in (("net", found.net), ("own", found.own)):
            name = f"finasteride, stopped | total | {kind}"
            place = next(i for i, row in enumerate(found.rows) if row.trial_id == name and row.week == week)
            kept.append(float(np.median(table_[:, place])))
    before, own_before, after, own_after = kept
    return (
        f"Ours keeps {percent(max(after, 0.0) / before if before > 0.0 else None)} of the gain over nothing by then; "
        f"against "
        f"the start it goes from {fixed(own_before * _CIRCLE_CM2, 0)} to {fixed(own_after * _CIRCLE_CM2, 0)} hairs in "
        f"such a circle."
    )


def _ours(material: Material, entry: dict[str, Any]) -> tuple[str, str, float, float, float | None] | None:
    """Row, unit, reported, ours and ours without that trial, in the other model's unit."""
    per = float(entry.get("per", 1.0))
    view = material.main
    for p in view.predicted:
        if p.row.trial_id != entry["trial_id"] or p.observed is None:
            continue
        if p.row.measure.quantity in ASSAYED:
            change = assay_change(view.knowledge, p.row.arm, p.row.measure.quantity)
            if change is None or p.row.observed is None:
                return None
            return p.row.trial_id, "%", p.row.observed, change, None
        out = next(
            (
                r.mean * per
                for r in left_out_rows(view.calibration)
                if r.trial_id == p.row.trial_id and r.week == p.row.week
            ),
            None,
        )
        unit = p.row.unit.text if per == 1.0 else "hairs per 1-inch circle"
        return p.row.trial_id, unit, p.observed * per, p.mean * per, out
    return None
