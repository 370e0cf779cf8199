import numpy as np
import pytest

from follicast.inference.calibrate import best_place, first_wave, near_emulator, sample, split_r_hat
from follicast.inference.emulator import fit_emulator

MEAN = np.array([1.0, -0.5, 0.0])
CHOL = np.array([[0.5, 0.0, 0.0], [0.3, 0.4, 0.0], [0.0, 0.0, 1.0]])


def gaussian(z: np.ndarray) -> np.ndarray:
    white = np.linalg.solve(CHOL, (z - MEAN).T)
    return -0.5 * (white**2).sum(axis=0)


def test_the_first_wave_fills_the_prior_evenly() -> None:
    z = first_wave(5, 256, seed=1)
    assert z.shape == (256, 5)
    assert z.mean(axis=0) == pytest.approx(0.0, abs=0.05)
    assert z.std(axis=0) == pytest.approx(1.0, abs=0.05)


def test_the_highest_place_of_a_normal_is_its_mean() -> None:
    place, width = best_place(gaussian, 3)
    assert place == pytest.approx(MEAN, abs=1e-3)
    assert (width > 0.0).all()
    assert (width <= 1.0).all()


def test_chains_give_back_a_posterior_that_is_known() -> None:
    place, width = best_place(gaussian, 3)
    start = place + width * np.random.default_rng(0).standard_normal((24, 3))
    draws, r_hat = sample(gaussian, start, seed=0, progress=lambda _: None)
    assert draws.mean(axis=0) == pytest.approx(MEAN, abs=0.06)
    assert np.cov(draws.T) == pytest.approx(CHOL @ CHOL.T, abs=0.08)
    assert (r_hat < 1.05).all()


def test_the_same_seed_gives_the_same_chains() -> None:
    start = np.random.default_rng(0).standard_normal((24, 3))
    first, again = (sample(gaussian, start, seed=3, progress=lambda _: None)[0] for _ in range(2))
    assert np.array_equal(first, again)


def test_chains_that_disagree_are_told_by_r_hat() -> None:
    rng = np.random.default_rng(0)
    mixed = rng.standard_normal((200, 8, 1))
    apart = mixed + np.arange(8)[None, :, None]
    assert split_r_hat(mixed)[0] < 1.02
    assert split_r_hat(apart)[0] > 1.5


def test_the_last_wave_decides_where_the_emulator_must_be_right() -> None:
    rng = np.random.default_rng(0)
    wide, near = rng.standard_normal((200, 2)), 1.5 + 0.2 * rng.standard_normal((80, 2))
    z = np.concatenate([wide, near])
    outputs = np.tanh(3.0 * z[:, :1] - 4.0)
    fresh = 1.5 + 0.2 * rng.standard_normal((300, 2))
    true = np.tanh(3.0 * fresh[:, :1] - 4.0)
    miss_all = np.abs(fit_emulator(z, outputs)(fresh) - true).mean()
    miss_near = np.abs(near_emulator(z, outputs, 80)(fresh) - true).mean()
    assert miss_near < 0.5 * miss_all
