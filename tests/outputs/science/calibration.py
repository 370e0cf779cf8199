"""A folder as `follicast calibrate` would write it, with numbers made up: shapes only, nothing in it means anything."""

import json
from pathlib import Path

import numpy as np

from follicast.inference.evidence import left_out, observed_effect, plan, shipped_tables
from follicast.knowledge.load import Knowledge
from follicast.knowledge.posterior import Regrowth, Shared, draws_as_text, table_name

PROVENANCE = {"made_by": "a test", "version": "0.0", "date": "2026-11-22", "seed": "0", "runs": "7"}


def made_up(folder: Path, regrowth: Regrowth = "reversal", draws: int = 12) -> Path:
    """Writes diagnostics, draws and provenance of a calibration that never happened."""
    rng = np.random.default_rng(0)
    names = list(plan()["names"])
    z = 0.5 * rng.standard_normal((draws, len(names)))
    rows = []
    for table in shipped_tables(Knowledge.load(regrowth=regrowth)):
        by_line = {row.line: row for row in table.rows}
        for row in table.rows:
            if left_out(row) is not None:
                continue
            value = observed_effect(row, by_line)
            width = 8.0 * row.unit.per_standard
            mean = 0.7 * value
            rows.append(
                {
                    "trial_id": row.trial_id,
                    "trial": row.trial,
                    "drug": row.drug,
                    "measure": row.measure.quantity,
                    "week": row.week,
                    "unit": row.unit.text,
                    "unit_size": row.unit.per_standard,
                    "observed": value,
                    "error": 0.3 * width,
                    "fitted": 0.9 * value,
                    "left_out_mean": mean,
                    "left_out": {
                        name: mean + k * width
                        for name, k in (("lo95", -2.0), ("lo80", -1.2), ("median", 0.0), ("hi80", 1.2), ("hi95", 2.0))
                    },
                    "pareto_k": 0.4,
                    "sampled_again": False,
                    "emulator_error": 0.05 * width,
                }
            )
    moved = [{"datum": rows[0]["trial"], "shift": 0.7}, {"datum": "F20", "shift": -0.2}]
    found = {
        "regrowth": regrowth,
        "runs": 7,
        "names": [
            {"name": name, "mean": float(z[:, k].mean()), "sd": float(z[:, k].std()), "r_hat": 1.01, "moved_by": moved}
            for k, name in enumerate(names)
        ],
        "rows": rows,
        "facts": [
            {"fact": "F11 made up", "target": 1.0, "tolerance": 0.5, "fitted": 1.2, "sd": 0.1, "emulator_error": 0.01}
        ],
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"calibration-{regrowth}.json").write_text(json.dumps(found), encoding="utf-8")
    drawn = Shared(tuple(names), z, PROVENANCE)
    (folder / table_name(regrowth)).write_text(draws_as_text(drawn), encoding="utf-8")
    told = "".join(f'{key} = "{value}"\n' for key, value in PROVENANCE.items())
    (folder / table_name(regrowth)).with_suffix(".toml").write_text(told, encoding="utf-8")
    (folder / "rank-check.json").write_text(json.dumps([ranked("sparse"), ranked("rich")]), encoding="utf-8")
    return folder


def ranked(record: str) -> dict[str, object]:
    """What a check of ranks writes of one record: the first quantity well covered, the second not."""
    rows = [
        {
            "quantity": name,
            "people": 100,
            "mean rank": 0.5,
            "rank sd": 0.29,
            "p chi-square": 0.4,
            "p Kolmogorov": 0.6,
            "within 80 %": inside,
            "within 95 %": 0.95,
        }
        for name, inside in (("density today", 0.81), ("androgen sensitivity", 0.74))
    ]
    return {
        "record": record,
        "people": 100,
        "quantities": rows,
        "histograms": {row["quantity"]: [5] * 20 for row in rows} | {"not asked": [0] * 20},
        "trusted": 0.97,
        "effective size": {"least": 60.0, "median": 250.0},
        "pareto k": {"median": 0.2, "most": 0.9},
        "rounds": 1.5,
    }
