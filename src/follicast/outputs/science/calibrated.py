"""What `follicast calibrate` writes: the draws, where they come from, and how the model stands without each datum."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from follicast.knowledge.load import DATA, Knowledge
from follicast.knowledge.posterior import Regrowth, Shared, draws_as_text, table_name
from follicast.outputs.write import check_folder, write_files
from follicast.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

    from follicast.inference.calibrate import Fit
    from follicast.inference.evidence import Evidence
    from follicast.inference.leave_out import LeftOut


def calibrate_and_write(
    regrowths: tuple[Regrowth, ...],
    *,
    seed: int,
    processes: int,
    out: Path | None,
    ship: bool,
    progress: Callable[[str, float], None],
) -> list[Path]:
    """Calibrates under each hypothesis of regrowth and writes draws, provenance and diagnostics.

    Args:
        regrowths: hypotheses.
        seed: of everything.
        processes: worker processes.
        out: folder; `calibration` here when None.
        ship: also put the draws where the package reads them.
        progress: called with a step's name and the fraction done.

    Returns:
        What was written.

    Raises:
        InputError: a folder that cannot be written.
    """
    from follicast.inference.calibrate import DRAWS, calibrate
    from follicast.inference.evidence import gather
    from follicast.inference.leave_out import leave_out

    folder = Path("calibration") if out is None else out
    check_folder(folder)
    written: list[Path] = []
    for regrowth in regrowths:

        def step(name: str, fraction: float, regrowth: str = regrowth) -> None:
            progress(f"{regrowth}: {name}", fraction)

        evidence = gather(Knowledge.load(regrowth=regrowth), seed)
        fit = calibrate(evidence, seed, processes, step)
        left = leave_out(evidence, fit, seed, step)
        shared = Shared(evidence.names, fit.thinned(DRAWS), provenance(evidence, fit, seed))
        files = draws_files(shared, regrowth)
        found = json.dumps(diagnostics(evidence, fit, left), indent=1, allow_nan=False) + "\n"
        written += write_files({**files, f"calibration-{regrowth}.json": found.encode()}, folder)
        if ship:
            written += write_files(files, DATA)
    return written


def provenance(evidence: Evidence, fit: Fit, seed: int) -> dict[str, str]:
    """Where draws come from: data, code, seed and day."""
    from follicast.inference.store import code_fingerprint

    return {
        "made_by": "follicast calibrate",
        "version": VERSION,
        "regrowth": evidence.knowledge.regrowth,
        "data_hash": evidence.key,
        "code_hash": code_fingerprint(),
        "seed": str(seed),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "runs": str(fit.runs),
        "net_effects": str(sum(block.rows.size for block in evidence.blocks)),
        "trials": str(len(evidence.blocks)),
        "facts": str(len(evidence.fact_names)),
        "worst_r_hat": f"{fit.r_hat.max():.3f}",
    }


def draws_files(shared: Shared, regrowth: Regrowth) -> dict[str, bytes]:
    """The table of draws and its provenance, by file name."""
    name = table_name(regrowth)
    told = "".join(f'{key} = "{value}"\n' for key, value in shared.provenance.items())
    return {name: draws_as_text(shared).encode(), name.replace(".csv", ".toml"): told.encode()}


def diagnostics(evidence: Evidence, fit: Fit, left: list[LeftOut]) -> dict[str, Any]:
    """Everything the science pages say of a calibration, as plain data."""
    from follicast.inference.literature import FACT_DEVIATIONS

    n = len(evidence.rows)
    z = fit.thinned(4000)
    outputs = fit.emulator(z)
    by_row = {int(i): (entry, k) for entry in left for k, i in enumerate(entry.rows)}
    rows = []
    for i, (entry, k) in sorted(by_row.items()):
        row = evidence.rows[i]
        low95, low80, median, high80, high95 = entry.quantiles[k].tolist()
        rows.append(
            {
                "trial_id": row.trial_id,
                "trial": row.trial,
                "drug": row.drug,
                "measure": row.measure.quantity,
                "week": row.week,
                "unit": row.unit.text,
                "unit_size": float(evidence.units[i]),
                "observed": float(evidence.observed[i]),
                "error": float(evidence.errors[i]),
                "fitted": float(outputs[:, i].mean()),
                "left_out_mean": float(entry.mean[k]),
                "left_out": {"lo95": low95, "lo80": low80, "median": median, "hi80": high80, "hi95": high95},
                "pareto_k": float(entry.pareto_k),
                "sampled_again": entry.again,
                "emulator_error": float(fit.emulator.error[i]),
            }
        )
    facts = [
        {
            "fact": name,
            "target": float(evidence.fact_targets[k]),
            "tolerance": FACT_DEVIATIONS * float(evidence.fact_deviations[k]),
            "fitted": float(outputs[:, 2 * n + k].mean()),
            "sd": float(outputs[:, 2 * n + k].std()),
            "emulator_error": float(fit.emulator.error[2 * n + k]),
        }
        for k, name in enumerate(evidence.fact_names)
    ]
    names = [
        {
            "name": name,
            "mean": float(fit.z[:, k].mean()),
            "sd": float(fit.z[:, k].std()),
            "r_hat": float(fit.r_hat[k]),
            "moved_by": moved_by(left, k),
        }
        for k, name in enumerate(fit.names)
    ]
    return {"regrowth": evidence.knowledge.regrowth, "runs": fit.runs, "names": names, "rows": rows, "facts": facts}


def moved_by(left: list[LeftOut], k: int, most: int = 3) -> list[dict[str, Any]]:
    """The data that move a number most: its mean with the datum less its mean without, in posterior deviations."""
    ranked = sorted(left, key=lambda entry: -abs(entry.shift[k]))[:most]
    return [{"datum": entry.name, "shift": float(np.round(-entry.shift[k], 3))} for entry in ranked]
