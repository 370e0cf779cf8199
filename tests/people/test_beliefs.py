"""Draws by name: what they depend on, and that they follow the prior they are drawn from."""

import zlib

import numpy as np
import pytest
from scipy import stats

from follicast.knowledge.load import Knowledge
from follicast.knowledge.number import Number, Prior, PriorKind
from follicast.knowledge.posterior import Shared, point
from follicast.people.beliefs import believed, centre, named_normals, named_uniforms, quantiles

U = (np.arange(999) + 1.0) / 1000.0


def number(kind: PriorKind, *args: float, unit: str = "1", value: float = 2.0) -> Number:
    return Number(value, unit, Prior(kind, args), (), "E", "assumption: for a test")


def test_a_draw_depends_on_seed_member_and_name_only() -> None:
    many = named_uniforms(3, np.arange(100), "anagen")
    assert named_uniforms(3, np.array([70, 2]), "anagen").tolist() == [many[70], many[2]]
    for other in (named_uniforms(4, np.arange(100), "anagen"), named_uniforms(3, np.arange(100), "anagem")):
        assert not (other == many).any()


def test_named_uniforms_are_uniform_and_of_different_names_independent() -> None:
    members = np.arange(20_000)
    one, other = named_uniforms(0, members, "one"), named_uniforms(0, members, "two")
    assert stats.kstest(one, "uniform").pvalue > 1e-3
    assert abs(np.corrcoef(one, other)[0, 1]) < 4 / np.sqrt(members.size)
    assert stats.kstest(named_normals(0, members, "one"), "norm").pvalue > 1e-3


def test_no_two_numbers_in_force_share_their_draws(knowledge: Knowledge) -> None:
    names = [*knowledge.parameters, *(f"{t.draws}.effect" for t in knowledge.therapies.values())]
    assert len({zlib.crc32(name.encode()) for name in names}) == len(set(names))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (number("normal", 3.0, 0.5), stats.norm(3.0, 0.5).ppf(U)),
        (number("lognormal", 3.0, 0.5), stats.lognorm(0.5, scale=3.0).ppf(U)),
        (number("lognormal", -3.0, 0.5, value=-2.0), -stats.lognorm(0.5, scale=3.0).ppf(U)),
        (number("uniform", -1.0, 4.0), stats.uniform(-1.0, 5.0).ppf(U)),
        (number("beta", 0.3, 0.1), stats.beta(0.3 * 20.0, 0.7 * 20.0).ppf(U)),
        (number("fixed"), np.full(U.size, 2.0)),
    ],
    ids=["normal", "lognormal", "mirrored lognormal", "uniform", "beta", "fixed"],
)
def test_quantiles_are_those_of_the_prior(given: Number, expected: np.ndarray) -> None:
    assert quantiles(given, U) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("kind", "rest"),
    [("zero_or_normal", stats.norm(3.0, 0.5)), ("zero_or_lognormal", stats.lognorm(0.5, scale=3.0))],
)
def test_a_prior_with_a_mass_at_zero_has_it_there_and_nowhere_else(kind: PriorKind, rest) -> None:
    values = quantiles(number(kind, 0.38, 3.0, 0.5), U)
    below = U < 0.38
    assert (values[below] == 0.0).all()
    assert values[~below][1:] == pytest.approx(rest.ppf((U[~below][1:] - 0.38) / 0.62), rel=1e-6)
    assert (values[~below] != 0.0).all()


def test_draws_scatter_as_the_prior_says() -> None:
    values = believed(number("lognormal", 3.0, 0.5), "size", 0, np.arange(20_000), Shared())
    assert stats.kstest(values, stats.lognorm(0.5, scale=3.0).cdf).pvalue > 1e-3


def test_a_fraction_stays_one_whatever_its_prior() -> None:
    values = believed(number("normal", 0.9, 0.5, unit="fraction"), "share", 0, np.arange(2000), Shared())
    assert (values.min(), values.max()) == (0.0, 1.0)


def test_calibrated_draws_take_the_place_of_the_prior_and_stay_together() -> None:
    size, share = number("lognormal", 3.0, 0.5), number("normal", 0.5, 0.1)
    joint = np.array([[-1.0, 2.0], [0.0, 0.0], [1.0, -2.0]])
    shared = Shared(("size", "share"), joint)
    one, other = (believed(n, name, 0, np.arange(300), shared) for n, name in ((size, "size"), (share, "share")))
    places = np.round(np.stack([np.log(one / 3.0) / 0.5, (other - 0.5) / 0.1], axis=1), 6)
    found, times = np.unique(places, axis=0, return_counts=True)
    assert found == pytest.approx(joint, abs=1e-6)
    assert times.tolist() == [100, 100, 100]
    alone, free = (believed(size, "weight", 0, np.arange(300), s) for s in (shared, Shared()))
    assert np.array_equal(alone, free)


def test_the_centre_of_a_number_is_the_median_of_its_calibrated_draws_else_its_value() -> None:
    given = number("lognormal", 3.0, 0.5)
    assert centre(given, "size", Shared()) == given.value
    assert centre(given, "size", point({"size": 1.0})) == pytest.approx(3.0 * np.exp(0.5))
