"""Random numbers by address."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.reference import draws as plain

from follicast.biology import draws

PUBLISHED = (
    6457827717110365317,
    3203168211198807973,
    9817491932198370423,
    4593380528125082431,
    16408922859458223821,
)
WORDS = st.integers(0, 2**64 - 1)
NAMES = st.integers(0, 2**62)


def test_the_generator_gives_the_published_answers() -> None:
    seed = np.uint64(1234567)
    with np.errstate(over="ignore"):
        found = [int(draws.mix64(seed + np.uint64(k) * draws.GOLDEN)) for k in range(1, 6)]
    assert tuple(found) == PUBLISHED
    assert tuple(plain.mix((1234567 + k * plain.GOLDEN) % 2**64) for k in range(1, 6)) == PUBLISHED


@given(seed=NAMES, person=NAMES, follicle=NAMES)
def test_a_key_is_that_of_plain_arithmetic(seed: int, person: int, follicle: int) -> None:
    assert int(draws.follicle_key(seed, person, follicle)) == plain.follicle_key(seed, person, follicle)


def unmixed(word: int) -> int:
    """The word that the generator's last step turns into this one."""
    word ^= (word >> 31) ^ (word >> 62)
    word = word * pow(0x94D049BB133111EB, -1, 2**64) % 2**64
    word ^= (word >> 27) ^ (word >> 54)
    word = word * pow(0xBF58476D1CE4E5B9, -1, 2**64) % 2**64
    return word ^ (word >> 30) ^ (word >> 60)


@pytest.mark.parametrize("word", [0, 1, 2**63, 2**64 - 1])
def test_no_word_of_the_generator_is_0_or_1(word: int) -> None:
    key = (unmixed(word) - plain.GOLDEN) % 2**64
    assert plain.mix((key + plain.GOLDEN) % 2**64) == word
    assert 0.0 < draws.uniform(np.uint64(key), 0, 0) < 1.0


@given(key=WORDS, purpose=st.integers(0, 6), event=st.integers(0, 2**40))
def test_a_uniform_is_that_of_plain_arithmetic_and_never_0_or_1(key: int, purpose: int, event: int) -> None:
    u = float(draws.uniform(np.uint64(key), purpose, event))
    assert u == plain.uniform(key, purpose, event)
    assert 0.0 < u < 1.0


def test_every_address_has_its_own_number() -> None:
    keys = draws.follicle_keys(5, np.repeat(np.arange(40), 50), np.tile(np.arange(50), 40))
    found = [draws.uniforms(keys, purpose, event) for purpose in range(7) for event in range(8)]
    assert np.unique(np.concatenate(found)).size == 40 * 50 * 7 * 8


def test_uniforms_are_uniform_and_unrelated_between_neighbouring_addresses() -> None:
    keys = draws.follicle_keys(0, np.zeros(200_000, np.int64), np.arange(200_000))
    one, event, purpose = draws.uniforms(keys, 0, 3), draws.uniforms(keys, 0, 4), draws.uniforms(keys, 1, 3)
    counts = np.histogram(one, 50, (0.0, 1.0))[0]
    assert ((counts - 4000.0) ** 2 / 4000.0).sum() < 95.0
    for other in (event, purpose, np.roll(one, 1)):
        assert abs(np.corrcoef(one, other)[0, 1]) < 4.0 / np.sqrt(one.size)


@given(st.floats(0.0, 1.0, exclude_min=True, exclude_max=True))
def test_a_normal_quantile_is_close_to_the_exact_one(u: float) -> None:
    assert draws.normal_quantile(u) == pytest.approx(NormalDist().inv_cdf(u), abs=6e-5)


@given(st.floats(2.0**-53, 32 / 4096, exclude_max=True))
def test_a_normal_quantile_is_exact_in_the_tails(u: float) -> None:
    assert draws.normal_quantile(u) == pytest.approx(NormalDist().inv_cdf(u), rel=1e-12)
    assert draws.normal_quantile(1.0 - u) == pytest.approx(NormalDist().inv_cdf(1.0 - u), rel=1e-12)


def test_normals_have_mean_0_and_sd_1() -> None:
    z = draws.normals(draws.follicle_keys(1, np.zeros(200_000, np.int64), np.arange(200_000)), 0, 0)
    assert abs(z.mean()) < 4.0 / np.sqrt(z.size)
    assert z.std() == pytest.approx(1.0, abs=4.0 / np.sqrt(2 * z.size))
