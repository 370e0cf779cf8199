"""Which members are worth simulating? A guess of what each would read, made from what is drawn of them beforehand.

Much of what decides a reading is no latent: numbers that all people share, responses, instruments. They cannot be
proposed, only drawn; but drawing is a thousand times cheaper than simulating. So a round draws many candidates and
lives through the past with the few that a linear regression on the earlier rounds' members deems promising. How likely
each was to be picked is known and divided out of its weight, so a poor guess costs precision but never truth.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.inference.diagnostics import effective_size, tempered
from follicast.inference.reweight import Reported
from follicast.people.person import Person
from follicast.people.population import Population
from follicast.quantities import ZONES

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Members that the regression listens to: at least this many effective ones for each feature.
_PER_FEATURE: Final = 5.0
_RIDGE: Final = 0.01
# A candidate this many standard deviations out is guessed like one just there.
_FARTHEST: Final = 6.0
# Onset further ahead than this tells nothing more.
_YEARS_AHEAD: Final = -10.0
_NOT_TRAITS: Final = ("number", "density", "sensitivity", "adult_day", "unit_shares")


def features(members: Population, person: Person) -> Floats:
    """What is known of members before they are simulated, [member, feature]: latents, rates, traits where measured."""
    asked = {m.zone for m in person.measurements}
    zones = [i for i, zone in enumerate(ZONES) if zone in asked or None in asked]
    s, n = members.scalps, members.size
    lost = np.maximum(members.years_lost, 0.0)[:, None]
    sensitivity = s.sensitivity[:, zones]
    columns = [
        members.latents,
        members.rates,
        members.drives[:, 1:],
        members.pharmacy.constants.reshape(n, -1),
        members.pharmacy.amplitudes.reshape(n, -1),
        np.log(s.density[:, zones]),
        np.log(np.maximum(sensitivity, 1e-9)),
        np.maximum(members.years_lost, _YEARS_AHEAD)[:, None],
        lost,
        lost * sensitivity,
        np.stack([members.slow_misread, members.shed_factor, members.insult_share], axis=1),
        np.stack([getattr(s, f.name) for f in fields(s) if f.name not in _NOT_TRAITS], axis=1),
    ]
    return np.concatenate(columns, axis=1)


@dataclass(frozen=True)
class Surrogate:
    """A linear guess of readings from features, and how far off guess and instrument may be together.

    `coefficients` [feature + 1, k] are for features moved by `centre` and divided by `scale`.
    """

    centre: Floats
    scale: Floats
    coefficients: Floats
    values: Floats
    chol: Floats

    @classmethod
    def learnt(cls, known: Floats, means: Floats, log_weights: Floats, told: Reported) -> Surrogate:
        """Regression of what members would have read [k, member] on their features [member, feature].

        Members that explain the record count more, as sharply as their number allows.
        """
        weights = tempered(log_weights, _PER_FEATURE * known.shape[1])
        centre = np.einsum("n,nf->f", weights, known)
        spread = np.sqrt(np.einsum("n,nf->f", weights, (known - centre) ** 2))
        scale = np.where(spread > 1e-9 * (1.0 + np.abs(centre)), spread, np.inf)
        x = _regressors(known, centre, scale)
        # Plain sums, not matrix products: a linear algebra library may add in another order on another machine.
        heavy = weights[:, None] * x
        square = np.einsum("nf,ng->fg", heavy, x) + _RIDGE * np.eye(x.shape[1])
        coefficients = np.linalg.solve(square, np.einsum("nf,kn->fk", heavy, means))
        off = means.T - np.einsum("nf,fk->nk", x, coefficients)
        # A regression leaves too little over where it has nearly as many coefficients as members.
        lost = min(0.5, x.shape[1] / effective_size(weights))
        residual = np.einsum("n,nk,nl->kl", weights, off, off) / (1.0 - lost)
        return cls(centre, scale, coefficients, told.values, np.linalg.cholesky(residual + 0.5 * told.covariance))

    def log_promise(self, known: Floats) -> Floats:
        """Log of how much simulating each is worth: the root of the mean square of the likelihood it may turn out with.

        For a likelihood normal in the reading with covariance E, and a guess off by covariance R, that is a normal with
        covariance R + E/2, square-rooted; picking in proportion to it gives the steadiest weights.
        """
        x = _regressors(known, self.centre, self.scale)
        off = self.values - np.einsum("nf,fk->nk", x, self.coefficients)
        white = np.linalg.solve(self.chol, off.T)
        return np.asarray(-0.25 * (white**2).sum(axis=0))


def _regressors(known: Floats, centre: Floats, scale: Floats) -> Floats:
    x = np.clip((known - centre) / scale, -_FARTHEST, _FARTHEST)
    return np.concatenate([np.ones((len(x), 1)), x], axis=1)


def level_for(log_worth: Floats, size: int) -> float:
    """Level at which probabilities min(1, exp(log worth + level)) add up to `size`."""
    low, high = -float(log_worth.max()) - 50.0, -float(log_worth.min()) + 1.0
    for _ in range(100):
        middle = 0.5 * (low + high)
        if np.minimum(1.0, np.exp(np.minimum(log_worth + middle, 0.0))).sum() < size:
            low = middle
        else:
            high = middle
    return high


def picked(log_chance: Floats, size: int, u: float) -> Ints:
    """Rows picked with these probabilities, which add up to `size`: systematic sampling, none twice."""
    reached = np.cumsum(np.exp(log_chance))
    return np.unique(np.searchsorted(reached * (size / reached[-1]), np.arange(size) + u))
