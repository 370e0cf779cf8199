"""Which candidates are simulated: the guess, the chances, and the pick."""

import numpy as np
import pytest
from tests.inference.people import MAN, VERTEX, lived, man, reading

from follicast.inference.history import live_through, sites_for, telling_sites
from follicast.inference.reweight import Reported
from follicast.inference.surrogate import Surrogate, features, level_for, picked
from follicast.knowledge.load import Knowledge
from follicast.people.person import Grade
from follicast.people.population import LATENTS, prior_latents
from follicast.quantities import ZONES

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("size", [1, 50, 400, 999])
def test_chances_add_up_to_the_number_wanted_and_nobody_is_picked_twice(size: int) -> None:
    worth = RNG.normal(0.0, 40.0, 1000)
    chance = np.minimum(0.0, worth + level_for(worth, size))
    assert np.exp(chance).sum() == pytest.approx(size, rel=1e-6)
    rows = picked(chance, size, 0.3)
    assert rows.size == size
    assert rows.max() < 1000


def test_each_is_picked_as_often_as_its_chance_says() -> None:
    worth = RNG.normal(0.0, 2.0, 40)
    chance = np.minimum(0.0, worth + level_for(worth, 10))
    times = np.zeros(40)
    for u in (np.arange(500) + 0.5) / 500:
        times[picked(chance, 10, float(u))] += 1
    assert times / 500 == pytest.approx(np.exp(chance), abs=0.005)


def test_a_linear_instrument_is_guessed_and_its_noise_measured() -> None:
    known = np.column_stack([RNG.normal(3.0, 2.0, (2000, 3)), np.full(2000, 7.0)])
    noise = RNG.normal(0.0, 0.5, 2000)
    means = (4.0 + known[:, 0] - 2.0 * known[:, 1] + noise)[None, :]
    told = Reported((reading(1.0),), np.array([1.0]), np.array([[0.1]]))
    surrogate = Surrogate.learnt(known, means, np.zeros(2000), told)
    promise = surrogate.log_promise(known)
    guess = 4.0 + known[:, 0] - 2.0 * known[:, 1]
    expected = -0.25 * (1.0 - guess) ** 2 / (0.25 + 0.05)
    near = np.abs(guess - 1.0) < 3.0
    assert np.abs(promise[near] - expected[near]).mean() < 0.2
    assert promise[near] == pytest.approx(expected[near], abs=1.0)


def test_features_are_finite_and_begin_with_the_latents(knowledge: Knowledge) -> None:
    people, _ = lived(man(reading(100.0), years_of_loss=None), knowledge, 40)
    for person in (MAN, man(reading(100.0)), man(reading(80.0, quantity="shed_per_day", zone=None))):
        known = features(people, person)
        assert np.isfinite(known).all()
        assert known[:, : len(LATENTS)].tolist() == people.latents.tolist()


def test_where_nothing_was_read_no_follicle_is_simulated_and_nothing_changes_elsewhere(knowledge: Knowledge) -> None:
    person = man(reading(100.0))
    numbers = np.arange(20)
    told = [
        next(live_through(person, knowledge, (), 0, numbers, prior_latents(0, numbers), sites))[1].total
        for sites in (sites_for(person), telling_sites(person))
    ]
    assert told[0][:, :, VERTEX].tolist() == told[1][:, :, VERTEX].tolist()
    others = [i for i in range(len(ZONES)) if i != VERTEX]
    assert not told[1][:, :, others].any()


def test_a_grade_tells_of_the_graded_zones_and_a_collection_of_all() -> None:
    graded = man(grades=(Grade(MAN.as_of, "basp", "M2", "self"),))
    shed = man(reading(80.0, quantity="shed_per_day", zone=None))
    seen = [[site.area_cm2 > 0.1 for site in telling_sites(person)] for person in (MAN, graded, shed)]
    assert [sum(zones) for zones in seen] == [1, 4, 6]
