"""The posterior of the shared numbers, from published trials and facts: simulate, emulate, sample, simulate again.

1. A first wave of runs fills the prior (a scrambled Sobol sequence); the same virtual people serve every run.
2. An emulator of every row and fact gives a posterior by elliptical slice sampling.
3. Later waves of runs are drawn from that posterior, widened; the emulator is made again where it matters.
4. The final draws are simulated once more, without the emulator, by `replay`: nothing the user sees is emulated.

Every run is kept under a key of code, knowledge and place, so an interrupted calibration goes on where it stopped.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.inference.emulator import Emulator, fit_emulator
from follicast.inference.evidence import Evidence
from follicast.inference.runs import run_all

Floats = npt.NDArray[np.float64]
Progress = Callable[[str, float], None]

WAVES: Final = (176, 144, 112)
"""Runs of the first wave and of each later one."""
DRAWS: Final = 400
_WIDEN: Final = 1.4
# Nobody believes in a place farther out than this many standard deviations of the prior.
_FARTHEST: Final = 6.0
_CHAINS: Final = 160
# Steps of each round of chains; after each, the ellipses are fitted to it anew. The last round is kept.
_ROUNDS: Final = (60, 80, 120, 300)
# The fitted normal is this much broader, so that its tails are not lighter than the posterior's.
_BROADER: Final = 1.2


@dataclass(frozen=True)
class Fit:
    """A posterior: places of the shared numbers [draw, name], the emulator it rests on, and how well it was sampled.

    `z` holds all kept states of the chains; `shift` is the split R-hat by name (1 = mixed).
    """

    names: tuple[str, ...]
    z: Floats
    emulator: Emulator
    r_hat: Floats
    runs: int

    def thinned(self, count: int) -> Floats:
        """`count` draws, evenly spaced over the chains."""
        return np.asarray(self.z[np.linspace(0, self.z.shape[0] - 1, count).astype(int)])


def first_wave(names: int, count: int, seed: int) -> Floats:
    """Places that fill the prior evenly [count, names]."""
    from scipy.special import ndtri
    from scipy.stats import qmc

    cube = qmc.Sobol(names, seed=seed).random(2 ** math.ceil(math.log2(count)))[:count]
    return np.asarray(ndtri(np.clip(cube, 1e-4, 1.0 - 1e-4)))


def sample(
    log_posterior: Callable[[Floats], Floats], start: Floats, seed: int, progress: Callable[[float], None]
) -> tuple[Floats, Floats]:
    """Draws from a posterior by generalised elliptical slice sampling, many chains side by side.

    Each step slices an ellipse through the present place and a draw of a normal fitted to the chains so far, so nothing
    is tuned and every step is accepted (Murray, Adams & MacKay 2010; Nishihara, Murray & Adams 2014).

    Args:
        log_posterior: log density of places [n, names].
        start: places to start from [chains, names].
        seed: of the chains.
        progress: called with the fraction done.

    Returns:
        Draws [n, names] of the last round, in the order of the chains' time, and split R-hat by name.
    """
    rng = np.random.default_rng(seed)
    names = start.shape[1]
    z, mean = start, start.mean(axis=0)
    chol: Floats = np.eye(names)
    kept: list[Floats] = []
    total, done = sum(_ROUNDS), 0
    for steps in _ROUNDS:
        kept = []
        for _ in range(steps):
            z = _slice(log_posterior, z, mean, chol, rng)
            kept.append(z)
            done += 1
            progress(done / total)
        seen = np.concatenate(kept[steps // 3 :])
        mean = seen.mean(axis=0)
        chol = np.asarray(np.linalg.cholesky(_BROADER**2 * np.cov(seen.T) + 1e-3 * np.eye(names)))
    chain = np.stack(kept)
    return chain.reshape(-1, names), split_r_hat(chain)


def _slice(
    log_posterior: Callable[[Floats], Floats], z: Floats, mean: Floats, chol: Floats, rng: np.random.Generator
) -> Floats:
    """One elliptical slice step of every chain about the normal (mean, chol)."""

    def level_of(places: Floats) -> Floats:
        white = np.linalg.solve(chol, (places - mean).T)
        return np.asarray(log_posterior(places) + 0.5 * (white**2).sum(axis=0))

    chains = z.shape[0]
    other = rng.standard_normal(z.shape) @ chol.T
    level = level_of(z) + np.log(rng.random(chains))
    angle: Floats = np.asarray(rng.uniform(0.0, 2.0 * np.pi, chains))
    low, high = np.asarray(angle - 2.0 * np.pi), angle.copy()
    new, open_ = z.copy(), np.arange(chains)
    while open_.size:
        turn = angle[open_, None]
        tried = mean + (z[open_] - mean) * np.cos(turn) + other[open_] * np.sin(turn)
        inside = level_of(tried) > level[open_]
        new[open_[inside]] = tried[inside]
        open_ = open_[~inside]
        back = angle[open_] < 0.0
        low[open_[back]], high[open_[~back]] = angle[open_[back]], angle[open_[~back]]
        angle[open_] = rng.uniform(low[open_], high[open_])
    return new


def split_r_hat(chain: Floats) -> Floats:
    """Split R-hat by name of chains [step, walker, name]: between-half over within-half variance, 1 when mixed."""
    half = chain.shape[0] // 2
    parts = np.concatenate([chain[:half], chain[half : 2 * half]], axis=1)
    within = parts.var(axis=0, ddof=1).mean(axis=0)
    between = parts.mean(axis=0).var(axis=0, ddof=1)
    return np.asarray(np.sqrt((within * (half - 1) / half + between) / within))


def best_place(log_posterior: Callable[[Floats], Floats], names: int) -> tuple[Floats, Floats]:
    """The highest place of a posterior and the widths around it, to start chains near where they will live."""
    from scipy.optimize import minimize

    step = 1e-3 * np.eye(names)

    def value_and_slope(z: Floats) -> tuple[float, Floats]:
        around = log_posterior(np.concatenate([z[None], z + step, z - step]))
        return -float(around[0]), -(around[1 : names + 1] - around[names + 1 :]) / 2e-3

    found = minimize(value_and_slope, np.zeros(names), jac=True, method="L-BFGS-B", options={"maxiter": 200})
    place = np.asarray(found.x)
    wide = 0.05 * np.eye(names)
    around = log_posterior(np.concatenate([place[None], place + wide, place - wide]))
    bend = -(around[1 : names + 1] + around[names + 1 :] - 2.0 * around[0]) / 0.05**2
    return place, 1.0 / np.sqrt(np.maximum(bend, 1.0))


def posterior_of(
    evidence: Evidence, emulator: Emulator, seed: int, progress: Callable[[float], None]
) -> tuple[Floats, Floats]:
    """Draws of the shared numbers given the evidence through an emulator, and split R-hat by name."""
    names = len(evidence.names)

    def log_posterior(z: Floats) -> Floats:
        inside = np.asarray((np.abs(z) < _FARTHEST).all(axis=1))
        near = np.where(inside[:, None], z, 0.0)
        density = evidence.log_likelihood(near, emulator(near), emulator.error) - 0.5 * (near**2).sum(axis=1)
        return np.where(inside & np.isfinite(density), density, -np.inf)

    place, width = best_place(log_posterior, names)
    start = place + width * np.random.default_rng(seed).standard_normal((_CHAINS, names))
    return sample(log_posterior, start, seed, progress)


def calibrate(evidence: Evidence, seed: int, processes: int, progress: Progress, waves: Sequence[int] = WAVES) -> Fit:
    """The posterior of the shared numbers given the evidence.

    Args:
        evidence: trials and facts with what is to be calibrated.
        seed: of the runs and chains.
        processes: worker processes.
        progress: called with a step's name and the fraction done.
        waves: runs of the first wave and of each later one.

    Returns:
        The posterior.
    """
    names = len(evidence.names)
    z = first_wave(names, waves[0], seed)
    outputs = run_all(evidence, z, seed, processes, lambda done: progress("Simulating, wave 1", done))
    emulator = fit_emulator(z, outputs)
    for wave, count in enumerate(waves[1:], start=2):
        draws, _ = posterior_of(evidence, emulator, seed + wave, lambda done: progress("Sampling", done))
        rows = np.linspace(0, draws.shape[0] - 1, count).astype(int)
        centre = draws.mean(axis=0)
        near = centre + _WIDEN * (draws[rows] - centre)
        step = f"Simulating, wave {wave}"
        fresh = run_all(evidence, near, seed, processes, lambda done, step=step: progress(step, done))  # type: ignore[misc]
        z, outputs = np.concatenate([z, near]), np.concatenate([outputs, fresh])
        emulator = near_emulator(z, outputs, near.shape[0])
    draws, r_hat = posterior_of(evidence, emulator, seed, lambda done: progress("Sampling", done))
    return Fit(evidence.names, draws, emulator, r_hat, z.shape[0])


def near_emulator(z: Floats, outputs: Floats, last: int) -> Emulator:
    """An emulator for the region of the last wave: by output, of all runs or of that wave's, whichever errs less there.

    Args:
        z: places of all runs, the last wave at the end.
        outputs: theirs.
        last: runs of the last wave.
    """
    every, near = fit_emulator(z, outputs), fit_emulator(z[-last:], outputs[-last:])
    # What the emulator of all runs errs on the last wave flatters it, since it has seen them; a quarter is added.
    seen = 1.25 * np.sqrt(((every(z[-last:]) - outputs[-last:]) ** 2).mean(axis=0))
    take = near.error < seen
    return Emulator(
        np.where(take, near.constant, every.constant),
        np.where(take[:, None], near.slope, every.slope),
        np.where(take[:, None, None], near.curvature, every.curvature),
        np.where(take, near.error, seen),
    )
