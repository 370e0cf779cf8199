import numpy as np
import pytest

from follicast.inference.emulator import fit_emulator


def places(count: int, names: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, names))


def test_a_quadratic_is_recovered() -> None:
    def outputs(z: np.ndarray) -> np.ndarray:
        return np.stack([3.0 + 2.0 * z[:, 0] - z[:, 1] + 0.5 * z[:, 0] * z[:, 1] + 0.3 * z[:, 2] ** 2, z[:, 3]], axis=1)

    emulator = fit_emulator(places(160, 6, 0), outputs(places(160, 6, 0)))
    fresh = places(200, 6, 1)
    miss = np.sqrt(((emulator(fresh) - outputs(fresh)) ** 2).mean(axis=0))
    assert miss == pytest.approx([0.0, 0.0], abs=0.06)


def test_its_error_is_what_it_errs_on_runs_it_has_not_seen() -> None:
    def outputs(z: np.ndarray) -> np.ndarray:
        return (np.exp(0.4 * z[:, 0]) + np.sin(2.0 * z[:, 1]) + z[:, 2])[:, None]

    emulator = fit_emulator(places(150, 8, 0), outputs(places(150, 8, 0)))
    fresh = places(2000, 8, 1)
    miss = float(np.sqrt(((emulator(fresh) - outputs(fresh)) ** 2).mean()))
    assert 0.7 < emulator.error[0] / miss < 1.4


def test_an_output_that_never_moves_is_a_constant_without_error() -> None:
    emulator = fit_emulator(places(40, 3, 0), np.full((40, 1), 7.0))
    assert emulator(places(5, 3, 1)) == pytest.approx(7.0)
    assert emulator.error[0] == 0.0
