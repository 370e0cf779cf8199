"""A person's posterior: reweight an ensemble that lived the person's past; where weights run thin, draw again.

Population Monte Carlo (Cappé et al. 2004): each round proposes latents from a heavy-tailed normal fitted to the
weighted members so far, mixed with the prior so that nothing is lost, and every round's members are weighted against
the mixture of all proposals (deterministic-mixture weights, Owen & Zhou 2000). The last weights are Pareto-smoothed;
their tail index and the effective size are part of the answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.inference.diagnostics import GOOD_PARETO_K, effective_size, normalised, smoothed
from follicast.inference.history import live_through, past_therapies, sites_for
from follicast.inference.reweight import log_likelihood
from follicast.knowledge.load import Knowledge
from follicast.people.beliefs import named_uniforms
from follicast.people.person import Person
from follicast.people.population import LATENTS, prior_latents

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FIRST_ROUND: Final = 1200
LATER_ROUND: Final = 800
MOST_ROUNDS: Final = 5
ENOUGH: Final = 250.0
KEPT: Final = 400
_FRESH_PRIOR: Final = 0.2
_WIDEN: Final = 1.3

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Posterior:
    """Members that stand for the person, with weights that sum to one, and how well they do.

    `effective_size` is that of the weighted ensemble before resampling. `pareto_k` is None when nothing was measured.
    """

    number: Ints
    latents: Floats
    weights: Floats
    effective_size: float
    pareto_k: float | None
    rounds: int
    drawn: int

    @property
    def trustworthy(self) -> bool:
        """Enough effective draws and a light enough tail to believe the intervals."""
        good_tail = self.pareto_k is None or self.pareto_k < GOOD_PARETO_K
        return good_tail and self.effective_size >= 0.4 * ENOUGH


@dataclass(frozen=True)
class _Proposal:
    """A normal over latents mixed with the prior; `share` of the mixture is prior."""

    mean: Floats
    chol: Floats
    share: float

    def log_density(self, z: Floats) -> Floats:
        """Log density of the mixture, [n]."""
        prior = _normal_log_density(z, np.zeros(z.shape[1]), np.eye(z.shape[1]))
        if self.share >= 1.0:
            return prior
        own = _normal_log_density(z, self.mean, self.chol)
        return np.logaddexp(math.log(self.share) + prior, math.log(1.0 - self.share) + own)

    def draw(self, seed: int, members: Ints) -> Floats:
        """Latents of these members."""
        z = prior_latents(seed, members)
        fresh = named_uniforms(seed, members, "proposal.fresh") < self.share
        return np.where(fresh[:, None], z, self.mean + z @ self.chol.T)


def _normal_log_density(z: Floats, mean: Floats, chol: Floats) -> Floats:
    white = np.linalg.solve(chol, (z - mean).T)
    log_norm = np.log(np.diag(chol)).sum() + 0.5 * z.shape[1] * math.log(2.0 * math.pi)
    return np.asarray(-0.5 * (white**2).sum(axis=0) - log_norm)


def _fitted(z: Floats, weights: Floats) -> _Proposal:
    """Widened normal through the weighted latents, shrunk towards the prior's spread."""
    # Plain sums, not matrix products: a linear algebra library may add in another order on another machine.
    mean = (weights[:, None] * z).sum(axis=0)
    centred = z - mean
    covariance = np.einsum("n,ni,nj->ij", weights, centred, centred)
    trust = min(1.0, effective_size(weights) / (4.0 * len(LATENTS)))
    covariance = trust * covariance + (1.0 - trust) * np.eye(len(LATENTS))
    chol = np.asarray(np.linalg.cholesky(_WIDEN**2 * covariance + 1e-4 * np.eye(len(LATENTS))))
    return _Proposal(np.asarray(mean), chol, _FRESH_PRIOR)


def _mixture_log_density(z: Floats, proposals: list[_Proposal], sizes: list[int]) -> Floats:
    parts = [math.log(n) + proposal.log_density(z) for proposal, n in zip(proposals, sizes, strict=True)]
    return np.asarray(np.logaddexp.reduce(np.stack(parts), axis=0) - math.log(sum(sizes)))


def _resampled(weights: Floats, kept: int, u: float) -> tuple[Ints, Floats]:
    """Systematic resampling: rows kept, each once, with weights in proportion to how often it was drawn."""
    points = (np.arange(kept) + u) / kept
    rows = np.minimum(np.searchsorted(np.cumsum(weights), points), weights.size - 1)
    unique, counts = np.unique(rows, return_counts=True)
    return unique, counts / kept


def fit(person: Person, knowledge: Knowledge, seed: int, progress: Progress) -> Posterior:
    """Who could this person be, given all that is known?

    Args:
        person: facts, history, grades and measurements.
        knowledge: in force.
        seed: of the run.
        progress: called with a step's name and the fraction done.

    Returns:
        The posterior. With nothing measured it is the population of such people, and says so.
    """
    if not person.measurements and not person.grades:
        members = np.arange(KEPT)
        latents = prior_latents(seed, members)
        return Posterior(members, latents, np.full(KEPT, 1.0 / KEPT), float(KEPT), None, 0, KEPT)
    proposals = [_Proposal(np.zeros(len(LATENTS)), np.eye(len(LATENTS)), 1.0)]
    sizes: list[int] = []
    numbers = np.empty(0, np.int64)
    latents = np.empty((0, len(LATENTS)))
    likelihood = np.empty(0)
    while True:
        size = LATER_ROUND if sizes else FIRST_ROUND
        fresh = numbers.size + np.arange(size)
        z = proposals[-1].draw(seed, fresh)
        step = f"Fitting the twin, round {len(sizes) + 1}"
        likelihood = np.concatenate([likelihood, _likelihoods(person, knowledge, seed, fresh, z, step, progress)])
        numbers, latents = np.concatenate([numbers, fresh]), np.concatenate([latents, z])
        sizes.append(size)
        prior = _normal_log_density(latents, np.zeros(len(LATENTS)), np.eye(len(LATENTS)))
        log_weights = likelihood + prior - _mixture_log_density(latents, proposals, sizes)
        weights, k = smoothed(log_weights)
        enough = effective_size(weights) >= ENOUGH and k < GOOD_PARETO_K
        if enough or len(sizes) == MOST_ROUNDS:
            break
        proposals.append(_fitted(latents, normalised(log_weights)))
    u = float(named_uniforms(seed, np.array([0]), "resample")[0])
    rows, kept = _resampled(weights, KEPT, u)
    return Posterior(numbers[rows], latents[rows], kept, effective_size(weights), k, len(sizes), int(numbers.size))


def _likelihoods(
    person: Person, knowledge: Knowledge, seed: int, members: Ints, z: Floats, step: str, progress: Progress
) -> Floats:
    sites = sites_for(person)
    parts: list[Floats] = []
    done = 0
    progress(step, 0.0)
    for scene, readings in live_through(person, knowledge, past_therapies(person), seed, members, z, sites):
        parts.append(log_likelihood(person, readings, scene.members, knowledge))
        done += scene.members.size
        progress(step, done / members.size)
    return np.concatenate(parts)
