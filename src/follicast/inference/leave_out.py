"""Each trial and fact left out in turn: what the rest would have predicted for it, and which numbers it moves.

Leaving one out reweights the posterior's draws by one over its likelihood (Pareto-smoothed, Vehtari et al. 2017); where
the tail of those weights is too heavy to trust, the posterior is sampled again without it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.inference.calibrate import Fit, posterior_of
from follicast.inference.diagnostics import GOOD_PARETO_K, quantile, smoothed
from follicast.inference.evidence import Evidence
from follicast.inference.literature import TAILS, Block, block_log_likelihood

Floats = npt.NDArray[np.float64]

_DRAWS: Final = 4000
_PROBABILITIES: Final = np.array([0.025, 0.10, 0.50, 0.90, 0.975])


@dataclass(frozen=True)
class LeftOut:
    """One trial or fact without itself.

    `rows` are places among the evidence's rows (empty for a fact). `mean` and `quantiles` (2.5, 10, 50, 90, 97.5 %) are
    what the rest predicts for each, in the row's own unit, noise included. `shift` is how far leaving it out moves the
    posterior mean of each number, in posterior standard deviations. `again` says that the posterior was sampled again.
    """

    name: str
    rows: npt.NDArray[np.int64]
    mean: Floats
    quantiles: Floats
    shift: Floats
    pareto_k: float
    again: bool


def leave_out(evidence: Evidence, fit: Fit, seed: int, progress: Callable[[str, float], None]) -> list[LeftOut]:
    """Leaves out every trial, then every fact.

    Args:
        evidence: what was calibrated to.
        fit: the posterior.
        seed: of the noise and of chains run again.
        progress: called with a step's name and the fraction done.

    Returns:
        One entry a trial, then one a fact.
    """
    z = fit.thinned(_DRAWS)
    outputs = fit.emulator(z)
    facts = sorted({name.split()[0] for name in evidence.fact_names}, key=lambda fact: int(fact[1:]))
    total = len(evidence.blocks) + len(facts)
    found = []
    for done, block in enumerate(evidence.blocks):
        progress("Leaving trials out", done / total)
        found.append(_trial(evidence, fit, block, z, outputs, seed))
    for done, fact in enumerate(facts, start=len(evidence.blocks)):
        progress("Leaving trials out", done / total)
        found.append(_fact(evidence, fit, fact, z, outputs))
    progress("Leaving trials out", 1.0)
    return found


def _trial(evidence: Evidence, fit: Fit, block: Block, z: Floats, outputs: Floats, seed: int) -> LeftOut:
    net = outputs[:, : len(evidence.rows)]
    deviation = np.hypot(evidence.deviation(z, net), fit.emulator.error[: len(evidence.rows)])
    first = 2 * len(evidence.rows)
    its_facts = evidence.facts_of(block)
    told = evidence.fact_log_likelihood(outputs[:, first:], fit.emulator.error[first:], its_facts)
    weights, k = smoothed(-block_log_likelihood(block, net, deviation) - told)
    again = k > GOOD_PARETO_K
    here, effects, spread = z, net, deviation
    if again:
        silent = np.where(its_facts, np.inf, evidence.fact_deviations)
        kept = tuple(b for b in evidence.blocks if b is not block)
        rest = replace(evidence, blocks=kept, fact_deviations=silent)
        draws, _ = posterior_of(rest, fit.emulator, seed, lambda _: None)
        here = draws[np.linspace(0, draws.shape[0] - 1, _DRAWS).astype(int)]
        effects = fit.emulator(here)[:, : len(evidence.rows)]
        spread = np.hypot(evidence.deviation(here, effects), fit.emulator.error[: len(evidence.rows)])
        weights = np.full(_DRAWS, 1.0 / _DRAWS)
    rng = np.random.default_rng([seed, int(block.rows[0])])
    tails = rng.standard_t(TAILS, (_DRAWS, block.rows.size)) * np.sqrt((TAILS - 2.0) / TAILS)
    sampling = np.sqrt(np.diag(block.covariance)) * rng.standard_normal((_DRAWS, block.rows.size))
    printed = effects[:, block.rows] + spread[:, block.rows] * tails + sampling
    return LeftOut(
        name=evidence.trial_of(block),
        rows=block.rows,
        mean=weights @ effects[:, block.rows],
        quantiles=quantile(printed.T, weights, _PROBABILITIES),
        shift=_shift(z, here, weights),
        pareto_k=k,
        again=again,
    )


def _fact(evidence: Evidence, fit: Fit, fact: str, z: Floats, outputs: Floats) -> LeftOut:
    first = 2 * len(evidence.rows)
    chosen = np.array([name.split()[0] == fact for name in evidence.fact_names])
    weights, k = smoothed(-evidence.fact_log_likelihood(outputs[:, first:], fit.emulator.error[first:], chosen))
    nothing = np.empty(0, np.int64)
    return LeftOut(fact, nothing, np.empty(0), np.empty((0, _PROBABILITIES.size)), _shift(z, z, weights), k, False)


def _shift(z: Floats, without: Floats, weights: Floats) -> Floats:
    """Move of the posterior mean by name, in posterior standard deviations."""
    return np.asarray((weights @ without - z.mean(axis=0)) / np.maximum(z.std(axis=0), 1e-9))
