"""The cycle alone against renewal theory and the published follicular automaton (facts F1 to F4)."""

import numpy as np
import pytest

from follicast.inference.automaton import (
    automaton_eigenvalue,
    automaton_shares,
    late_swing,
    phase_shares,
    share_spread,
    tetrachoric,
)

SEEDS = (0, 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_share_of_a_phase_is_its_mean_span_over_the_cycle(seed: int) -> None:
    rows = phase_shares(seed)
    assert [name for name, *_ in rows] == ["anagen", "catagen", "telogen", "kenogen"]
    assert sum(share for _, share, _, _ in rows) == pytest.approx(1.0)
    assert sum(theory for _, _, theory, _ in rows) == pytest.approx(1.0)
    for _, share, theory, error in rows:
        assert abs(share - theory) < 4 * error


def test_a_share_scatters_as_a_binomial() -> None:
    spread, theory = share_spread(0)
    assert spread == pytest.approx(theory, rel=0.1)


def test_memoryless_phases_give_the_published_automaton() -> None:
    for _, share, published in automaton_shares(0):
        assert share == pytest.approx(published, abs=0.001)


def test_the_automaton_relaxes_as_published() -> None:
    assert automaton_eigenvalue(0) == pytest.approx((-0.597, 0.326), abs=0.001)


def test_synchrony_decays_with_spread_and_stays_without() -> None:
    assert late_swing(0, 0.4) < 0.05
    assert late_swing(0, 0.02) > 0.2


@pytest.mark.parametrize("correlation", [0.0, 0.4, 0.8])
def test_tetrachoric_finds_the_correlation_behind_yes_and_no(correlation: float) -> None:
    covariance = [[1.0, correlation], [correlation, 1.0]]
    liability = np.random.default_rng(5).multivariate_normal([0.0, 0.0], covariance, 40_000)
    assert tetrachoric(*(liability.T > 0.6)) == pytest.approx(correlation, abs=0.03)
