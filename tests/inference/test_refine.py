"""The posterior of a person: a known answer, what more knowledge does, and what a contradiction does."""

import numpy as np
import pytest
from scipy import stats
from tests.inference.people import MAN, VERTEX, in_order, lived, man, reading, spread

from follicast.inference import refine
from follicast.inference.diagnostics import GOOD_PARETO_K
from follicast.inference.forecast import Stage
from follicast.inference.refine import Posterior, fit
from follicast.inference.reweight import Reported, log_likelihood_of
from follicast.knowledge.load import Knowledge
from follicast.people.beliefs import named_normals
from follicast.people.person import Person
from follicast.people.population import LATENTS, prior_latents

CONTRADICTION = man(reading(250.0, days_ago=365), reading(60.0, matched=True))


def silent(step: str, fraction: float) -> None:
    """Says nothing."""


@pytest.fixture
def fitted(knowledge: Knowledge, small: None):
    def posterior(person: Person, seed: int = 0) -> Posterior:
        return fit(person, knowledge, seed, silent)

    return posterior


SEEN, HIDDEN, ERROR = 1.0, 0.5, 0.4


@pytest.fixture
def gaussian(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readings of which the posterior is known: 3 and -2, with errors.

    The first reads latent 0 and a number drawn with the member that shows before simulating; the second reads latent 1
    and one that does not show.
    """

    def live(lived, person, knowledge, seed, numbers, z, told, step, progress) -> None:
        seen, hidden = (named_normals(0, numbers, name) for name in ("seen", "hidden"))
        means = np.stack([z[:, 0] + SEEN * seen, z[:, 1] + HIDDEN * hidden])
        lived.add(numbers, z, np.column_stack([z, seen]), means, log_likelihood_of(told, means))

    def features(members, person) -> np.ndarray:
        return np.column_stack([members.latents, named_normals(0, members.number, "seen")])

    def reported(person, knowledge) -> Reported:
        return Reported((reading(3.0), reading(-2.0)), np.array([3.0, -2.0]), ERROR**2 * np.eye(2))

    for function in (live, features, reported):
        monkeypatch.setattr(refine, {"live": "_live"}.get(function.__name__, function.__name__), function)
    for name, size in {"FIRST_ROUND": 1200, "LATER_ROUND": 800, "KEPT": 400, "ENOUGH": 600.0}.items():
        monkeypatch.setattr(refine, name, size)


@pytest.mark.parametrize("seed", range(3))
def test_refining_finds_the_known_posterior_of_a_normal_reading(gaussian, knowledge: Knowledge, seed: int) -> None:
    posterior = fit(man(reading(1.0)), knowledge, seed, silent)
    seen, hidden = (named_normals(0, posterior.number, name) for name in ("seen", "hidden"))
    parts = [(posterior.latents[:, 0], 1.0, 3.0, SEEN), (seen, SEEN, 3.0, 1.0)]
    parts += [(posterior.latents[:, 1], 1.0, -2.0, HIDDEN), (hidden, HIDDEN, -2.0, 1.0)]
    for values, slope, read, other in parts:
        total = slope**2 + other**2 + ERROR**2
        sd = np.sqrt(1.0 - slope**2 / total)
        mean, width = spread(values, posterior.weights)
        assert mean == pytest.approx(slope * read / total, abs=4 * sd / np.sqrt(posterior.effective_size))
        assert width == pytest.approx(sd, rel=0.15)
    others = [spread(posterior.latents[:, k], posterior.weights) for k in range(2, len(LATENTS))]
    assert max(abs(mean) for mean, _ in others) < 0.25
    assert np.mean([width for _, width in others]) == pytest.approx(1.0, abs=0.08)
    assert posterior.rounds > 1
    assert posterior.trustworthy


def test_every_round_adds_members_of_its_own(gaussian, knowledge: Knowledge) -> None:
    posterior = fit(man(reading(1.0)), knowledge, 0, silent)
    assert posterior.drawn == 1200 + 800 * (posterior.rounds - 1)
    assert len(set(posterior.number)) == posterior.number.size
    assert posterior.number.max() >= 1200 + 800
    assert posterior.weights.sum() == pytest.approx(1.0)
    assert 1.0 / (posterior.weights**2).sum() <= posterior.number.size <= 400


@pytest.mark.parametrize("u", [0.01, 0.5, 0.99])
def test_a_member_is_kept_once_with_the_weight_it_was_drawn_with(u: float) -> None:
    rows, weights = refine._resampled(np.array([0.5, 0.0, 0.25, 0.25]), 8, u)
    assert rows.tolist() == [0, 2, 3]
    assert weights.tolist() == [0.5, 0.25, 0.25]


def test_with_nothing_measured_it_is_the_population(fitted) -> None:
    posterior = fitted(MAN)
    assert posterior.pareto_k is None
    assert posterior.latents.tolist() == prior_latents(0, np.arange(150)).tolist()
    assert set(posterior.weights) == {1 / 150}


def test_the_more_is_known_the_narrower_the_density(fitted, knowledge: Knowledge) -> None:
    records = [
        (),
        (reading(200.0, quantity="nonvellus_density", threshold=30.0),),
        (reading(207.0, days_ago=365, sd=3.0), reading(200.0, matched=True, sd=3.0)),
    ]
    widths, means = [], []
    for record in records:
        posterior = fitted(man(*record))
        stage = Stage(man(*record), knowledge, posterior, 0)
        mean, width = spread(stage.today.total[-1, :, VERTEX], posterior.weights)
        widths.append(width)
        means.append(mean)
    assert in_order([*widths[::-1]])
    assert means[2] == pytest.approx(200.0, abs=6.0)
    assert widths[2] < 15.0


def test_a_plain_record_is_trusted_and_a_contradictory_one_is_not(fitted) -> None:
    plain, contradiction = fitted(man(reading(200.0))), fitted(CONTRADICTION)
    assert plain.trustworthy
    assert plain.pareto_k is not None
    assert plain.pareto_k < GOOD_PARETO_K
    assert not contradiction.trustworthy
    assert contradiction.rounds == refine.MOST_ROUNDS
    assert contradiction.pareto_k is not None
    assert np.isfinite(contradiction.pareto_k)


def test_a_reading_that_says_nothing_leaves_the_population(fitted) -> None:
    posterior = fitted(man(reading(80.0, days_ago=5000, quantity="shed_per_day", zone=None)))
    assert posterior.trustworthy
    assert posterior.effective_size == pytest.approx(500.0)


def test_the_same_seed_gives_the_same_members_and_another_gives_others(fitted) -> None:
    one, again, other = (fitted(man(reading(150.0)), seed) for seed in (1, 1, 2))
    assert one.number.tolist() == again.number.tolist()
    assert one.latents.tolist() == again.latents.tolist()
    assert one.weights.tolist() == again.weights.tolist()
    assert one.latents[0].tolist() != other.latents[0].tolist()


def test_progress_tells_the_round_and_how_far_it_is(knowledge: Knowledge, small: None) -> None:
    told: list[tuple[str, float]] = []
    posterior = fit(man(reading(150.0)), knowledge, 0, lambda step, fraction: told.append((step, fraction)))
    assert {step for step, _ in told} == {f"Fitting the twin, round {k + 1}" for k in range(posterior.rounds)}
    assert told[0][1] == 0.0
    assert told[-1][1] == 1.0


def test_ranks_of_true_densities_are_uniform_after_refinement(fitted, knowledge, monkeypatch) -> None:
    """Simulation-based calibration (Talts et al. 2018): 40 people of the prior, counted and measured with error."""
    for name, size in {"FIRST_ROUND": 250, "LATER_ROUND": 150, "KEPT": 80, "ENOUGH": 60.0}.items():
        monkeypatch.setattr(refine, name, size)
    newly = {"years_of_loss": (1.0, 2.0)}
    truth = lived(man(**newly), knowledge, 40, seed=77)[1]
    density, diameter = truth.total[-1, :, VERTEX], truth.mean_diameter[-1, :, VERTEX]
    noise = np.random.default_rng(3).normal(0.0, [[14.0], [3.0]], (2, 40))
    ranks, rounds = [], []
    for k in range(40):
        count = reading(density[k] + noise[0, k])
        person = man(count, reading(diameter[k] + noise[1, k], quantity="mean_diameter"), **newly)
        posterior = fitted(person, seed=k)
        today = Stage(person, knowledge, posterior, k).today.total[-1, :, VERTEX]
        ranks.append(posterior.weights[today < density[k]].sum())
        rounds.append(posterior.rounds)
    assert stats.chisquare(np.histogram(ranks, bins=5, range=(0.0, 1.0))[0]).pvalue > 0.001
    assert 0.3 < np.mean(ranks) < 0.7
    assert max(rounds) > 1
