"""Simulator runs for the calibration, side by side in worker processes, each kept on disk under its own key."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import partial

import numpy as np
import numpy.typing as npt

from follicast.inference.evidence import Evidence
from follicast.inference.store import Store, key_of
from follicast.people.compute import Where, run

Floats = npt.NDArray[np.float64]


def _run(evidence: Evidence, seed: int, z: Floats) -> Floats:
    return evidence.outputs(z, seed)


def run_all(evidence: Evidence, z: Floats, seed: int, processes: int, progress: Callable[[float], None]) -> Floats:
    """Outputs of a run at each place, those kept from before taken from disk.

    Args:
        evidence: which rows and facts to simulate.
        z: places [run, name].
        seed: of the virtual people.
        processes: worker processes.
        progress: called with the fraction done.

    Returns:
        Outputs [run, output].
    """
    store = Store.for_user()
    keys = [key_of("run", evidence.key, seed, place.round(9).tobytes().hex()) for place in z]
    found: list[Floats | None] = [kept["outputs"] if (kept := store.get(key)) else None for key in keys]
    missing = [i for i, values in enumerate(found) if values is None]
    done = len(z) - len(missing)
    progress(done / len(z))
    with closing(run(partial(_run, evidence, seed), [z[i] for i in missing], Where(processes))) as results:
        for index, outputs in results:
            i = missing[index]
            found[i] = outputs
            store.put(keys[i], {"outputs": outputs})
            done += 1
            progress(done / len(z))
    return np.stack([values for values in found if values is not None])
