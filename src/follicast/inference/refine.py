"""A person's posterior: reweight an ensemble that lived the person's past; where weights run thin, draw again.

Population Monte Carlo (Cappé et al. 2004): each round proposes latents from a heavy-tailed normal fitted to the
weighted members so far, mixed with the prior so that nothing is lost, and of many candidates lives through the past
with those whose readings promise to fit (`surrogate`). Every round's members are weighted against the mixture of all
rounds (deterministic-mixture weights, Owen & Zhou 2000). The last weights are Pareto-smoothed; their tail index and the
effective size are part of the answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.inference.diagnostics import GOOD_PARETO_K, effective_size, smoothed, tempered
from follicast.inference.history import live_through, past_therapies, telling_sites
from follicast.inference.reweight import (
    Reported,
    explained,
    grade_log_likelihood,
    log_likelihood_of,
    reported,
)
from follicast.inference.surrogate import Surrogate, features, level_for, picked
from follicast.knowledge.load import Knowledge
from follicast.people.beliefs import named_uniforms
from follicast.people.person import Person
from follicast.people.population import LATENTS, draw_population, prior_latents

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FIRST_ROUND: Final = 1200
LATER_ROUND: Final = 800
MOST_ROUNDS: Final = 12
ENOUGH: Final = 250.0
KEPT: Final = 400
# Candidates drawn for each member that is simulated.
CANDIDATES: Final = 32
_FRESH_PRIOR: Final = 0.2
_WIDEN: Final = 1.2
# A proposal is fitted to at least this many effective members for each latent.
_PER_LATENT: Final = 20.0

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
    """How one round's members were come by: a normal over latents mixed with the prior, and what was picked of it.

    `share` of the mixture is prior. Of `candidates`, those were picked whose surrogate promised most, at `level`;
    without a surrogate all were.
    """

    mean: Floats
    chol: Floats
    share: float
    candidates: int
    surrogate: Surrogate | None = None
    level: float = 0.0

    def log_density(self, z: Floats) -> Floats:
        """Log density of the mixture, [n]."""
        prior = _prior_log_density(z)
        if self.share >= 1.0:
            return prior
        own = _normal_log_density(z, self.mean, self.chol)
        return np.logaddexp(math.log(self.share) + prior, math.log(1.0 - self.share) + own)

    def draw(self, seed: int, members: Ints) -> Floats:
        """Latents of these members."""
        z = prior_latents(seed, members)
        fresh = named_uniforms(seed, members, "proposal.fresh") < self.share
        return np.where(fresh[:, None], z, self.mean + z @ self.chol.T)

    def log_worth(self, z: Floats, known: Floats) -> Floats:
        """Log of what simulating a member with these latents and features is worth, up to a constant."""
        assert self.surrogate is not None
        return self.surrogate.log_promise(known) + _prior_log_density(z) - self.log_density(z)

    def log_chance(self, z: Floats, known: Floats) -> Floats:
        """Log probability of being picked."""
        if self.surrogate is None:
            return np.zeros(len(z))
        return np.minimum(0.0, self.log_worth(z, known) + self.level)

    def log_expected(self, z: Floats, known: Floats) -> Floats:
        """Log of the density of members that this round was to simulate there."""
        return math.log(self.candidates) + self.log_density(z) + self.log_chance(z, known)


@dataclass
class _Ensemble:
    """All members simulated so far: number [n], latents, features, readings explained [k, n], log likelihood [n]."""

    number: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    latents: Floats = field(default_factory=lambda: np.empty((0, len(LATENTS))))
    known: Floats = field(default_factory=lambda: np.empty((0, 0)))
    means: Floats = field(default_factory=lambda: np.empty((0, 0)))
    likelihood: Floats = field(default_factory=lambda: np.empty(0))

    def add(self, number: Ints, latents: Floats, known: Floats, means: Floats, likelihood: Floats) -> None:
        """Takes in one round."""
        first = not self.number.size
        self.number = np.concatenate([self.number, number])
        self.latents = np.concatenate([self.latents, latents])
        self.known = known if first else np.concatenate([self.known, known])
        self.means = means if first else np.concatenate([self.means, means], axis=1)
        self.likelihood = np.concatenate([self.likelihood, likelihood])

    def log_weights(self, rounds: list[_Proposal]) -> Floats:
        """Log of posterior over the mixture of all rounds."""
        parts = np.stack([one.log_expected(self.latents, self.known) for one in rounds])
        return np.asarray(self.likelihood + _prior_log_density(self.latents) - np.logaddexp.reduce(parts, axis=0))


def _normal_log_density(z: Floats, mean: Floats, chol: Floats) -> Floats:
    white = np.linalg.solve(chol, (z - mean).T)
    log_norm = np.log(np.diag(chol)).sum() + 0.5 * z.shape[1] * math.log(2.0 * math.pi)
    return np.asarray(-0.5 * (white**2).sum(axis=0) - log_norm)


def _prior_log_density(z: Floats) -> Floats:
    return np.asarray(-0.5 * (z**2).sum(axis=1) - 0.5 * z.shape[1] * math.log(2.0 * math.pi))


def _fitted(z: Floats, log_weights: Floats) -> tuple[Floats, Floats]:
    """Mean and Cholesky factor of a widened normal through the weighted latents."""
    # A few heavy members say nothing of the spread: they are toned down until enough of them speak.
    weights = tempered(log_weights, _PER_LATENT * len(LATENTS))
    # Plain sums, not matrix products: a linear algebra library may add in another order on another machine.
    mean = (weights[:, None] * z).sum(axis=0)
    centred = z - mean
    covariance = np.einsum("n,ni,nj->ij", weights, centred, centred)
    return mean, np.linalg.cholesky(_WIDEN**2 * covariance + 1e-4 * np.eye(len(LATENTS)))


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
    told = reported(person, knowledge)
    lived = _Ensemble()
    rounds = [_Proposal(np.zeros(len(LATENTS)), np.eye(len(LATENTS)), 1.0, FIRST_ROUND)]
    numbers = np.arange(FIRST_ROUND)
    z = prior_latents(seed, numbers)
    drawn = FIRST_ROUND
    while True:
        _live(lived, person, knowledge, seed, numbers, z, told, f"Fitting the twin, round {len(rounds)}", progress)
        log_weights = lived.log_weights(rounds)
        weights, k = smoothed(log_weights)
        enough = effective_size(weights) >= ENOUGH and k < GOOD_PARETO_K
        if enough or len(rounds) == MOST_ROUNDS:
            break
        surrogate = Surrogate.learnt(lived.known, lived.means, log_weights, told) if told.readings else None
        more = LATER_ROUND * (CANDIDATES if surrogate else 1)
        proposal = _Proposal(*_fitted(lived.latents, log_weights), _FRESH_PRIOR, more, surrogate)
        proposal, numbers, z = _candidates(proposal, person, knowledge, seed, drawn + np.arange(more))
        rounds.append(proposal)
        drawn += more
    u = float(named_uniforms(seed, np.array([0]), "resample")[0])
    rows, kept = _resampled(weights, KEPT, u)
    size, simulated = effective_size(weights), int(lived.number.size)
    return Posterior(lived.number[rows], lived.latents[rows], kept, size, k, len(rounds), simulated)


def _candidates(
    proposal: _Proposal, person: Person, knowledge: Knowledge, seed: int, members: Ints
) -> tuple[_Proposal, Ints, Floats]:
    """The proposal with its level set, and the numbers and latents of the members picked."""
    z = proposal.draw(seed, members)
    if proposal.surrogate is None:
        return proposal, members, z
    known = features(draw_population(person, knowledge, past_therapies(person), seed, members, z), person)
    proposal = replace(proposal, level=level_for(proposal.log_worth(z, known), LATER_ROUND))
    u = float(named_uniforms(seed, members[:1], "proposal.picked")[0])
    rows = picked(proposal.log_chance(z, known), LATER_ROUND, u)
    return proposal, members[rows], z[rows]


def _live(
    lived: _Ensemble,
    person: Person,
    knowledge: Knowledge,
    seed: int,
    numbers: Ints,
    z: Floats,
    told: Reported,
    step: str,
    progress: Progress,
) -> None:
    """Adds members that lived the person's past, with what their instruments would have read."""
    done = 0
    progress(step, 0.0)
    known, means, grades = [], [], []
    for scene, readings in live_through(
        person, knowledge, past_therapies(person), seed, numbers, z, telling_sites(person)
    ):
        known.append(features(scene.members, person))
        means.append(explained(person, readings, scene.members, knowledge))
        grades.append(grade_log_likelihood(person, readings, scene.members, knowledge))
        done += scene.members.size
        progress(step, done / numbers.size)
    read = np.concatenate(means, axis=1)
    lived.add(numbers, z, np.concatenate(known), read, log_likelihood_of(told, read) + np.concatenate(grades))
