"""Group-sequential bounds: the published ones, and that the looks together keep alpha."""

import numpy as np
import pytest

from follicast.decisions.trials.spending import bounds, spent
from follicast.people.design import Spending


# Lan-DeMets bounds for five equal looks, two-sided 0.05, as gsDesign and ldbounds print them.
@pytest.mark.parametrize(
    ("spending", "published"),
    [
        ("obrien-fleming", [4.8769, 3.3569, 2.6803, 2.2898, 2.0310]),
        ("pocock", [2.4380, 2.4268, 2.4101, 2.3966, 2.3859]),
    ],
)
def test_five_equal_looks_have_the_published_bounds(spending: Spending, published: list[float]) -> None:
    found = bounds([0.2, 0.4, 0.6, 0.8, 1.0], 0.05, spending)
    assert found == pytest.approx(published, abs=2e-3)


def test_one_look_is_the_usual_test() -> None:
    assert bounds([1.0], 0.05, "obrien-fleming")[0] == pytest.approx(1.959964, abs=1e-5)


@pytest.mark.parametrize("spending", ["obrien-fleming", "pocock"])
@pytest.mark.parametrize("looks", [[0.5, 1.0], [0.3, 0.45, 0.9, 1.0]])
def test_looks_together_keep_alpha_whatever_their_spacing(spending: Spending, looks: list[float]) -> None:
    bound = bounds(looks, 0.05, spending)
    steps = np.diff([0.0, *looks])
    rng = np.random.default_rng(1)
    score = np.cumsum(np.sqrt(steps) * rng.standard_normal((400_000, len(looks))), axis=1)
    crossed = (np.abs(score / np.sqrt(looks)) > bound).any(axis=1).mean()
    assert crossed == pytest.approx(0.05, abs=4.0 * np.sqrt(0.05 * 0.95 / 400_000))


def test_all_of_alpha_is_spent_at_the_end() -> None:
    assert spent(1.0, 0.025, "obrien-fleming") == pytest.approx(0.025)
    assert spent(1.0, 0.025, "pocock") == pytest.approx(0.025)
