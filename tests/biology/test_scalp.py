"""Where follicles stand, what they are born with, and what a transplant moves."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import numpy as np
import pytest
from tests.biology.builders import YEAR, scalps

from follicast.biology.scalp import Scalps, Site, Transplant, follicular_units, place_follicles
from follicast.biology.simulate import Follicles
from follicast.quantities import ZONES

TOP = Site("vertex", 4.0)
DONOR = Site("occipital-donor", 4.0)
SITES = (TOP, DONOR)


def operation(people: int, day: float = 500.0, hairs: float = 3000.0, survival: float = 0.85) -> Transplant:
    return Transplant(
        day=day,
        hairs=hairs,
        zones=("vertex",),
        areas_cm2=(60.0,),
        donor_area_cm2=60.0,
        survival=np.full(people, survival),
        growth_in_log_median=np.full(people, math.log(100.0)),
        growth_in_sd=0.3,
    )


def equal(one: Follicles, other: Follicles) -> bool:
    return all(np.array_equal(getattr(one, f.name), getattr(other, f.name)) for f in fields(Follicles))


def natives(f: Follicles) -> Follicles:
    return f.take(np.flatnonzero(np.isinf(f.placed_day)))


def grafts(f: Follicles) -> Follicles:
    return f.take(np.flatnonzero(~np.isinf(f.placed_day)))


def test_a_patch_holds_the_persons_density() -> None:
    for area in (0.001, 0.333, 2.0):
        people = 3000
        f = place_follicles(1, scalps(people, density=180.0), (Site("vertex", area),))
        count = np.bincount(f.person, minlength=people)
        assert count.mean() == pytest.approx(180.0 * area, abs=3.5 * 0.5 / math.sqrt(people))
        assert np.ptp(count) <= 1


def test_every_follicle_has_its_own_key_and_person_order() -> None:
    f = place_follicles(1, scalps(20), SITES, (operation(20), operation(20, 900.0)))
    assert np.unique(f.key).size == f.count
    assert (np.diff(f.person) >= 0).all()


def test_the_same_seed_places_the_same_follicles_and_another_seed_others() -> None:
    one, again, other = (place_follicles(seed, scalps(5), SITES) for seed in (1, 1, 2))
    assert equal(one, again)
    assert not np.intersect1d(one.key, other.key).size


def test_a_person_has_the_same_follicles_in_any_company() -> None:
    people: Scalps = scalps(6)
    whole = place_follicles(3, people, SITES)
    for person in range(6):
        own = whole.take(np.flatnonzero(whole.person == person))
        alone = place_follicles(3, people.take(np.array([person])), SITES)
        assert equal(alone, replace(own, person=np.zeros(own.count, np.int64)))


def test_traits_are_spread_as_asked() -> None:
    people = scalps(1, density=50_000.0)
    f = place_follicles(1, people, (Site("vertex", 1.0),))
    vellus = f.scale_log < 0.0
    assert vellus.mean() == pytest.approx(0.07, abs=0.005)
    assert f.native_um[~vellus].mean() == pytest.approx(72.0, rel=0.005)
    assert np.log(f.native_um[~vellus]).std() == pytest.approx(0.2, rel=0.02)
    assert np.median(f.native_um[vellus]) == pytest.approx(22.0, rel=0.02)
    units = follicular_units(1, people, Site("vertex", 1.0), 0, 0)
    for first, expected in ((units.rank == 0, 1.0), (units.rank > 0, math.exp(0.25))):
        assert np.median(f.sensitivity[first]) == pytest.approx(expected, rel=0.02)
    assert np.log(f.sensitivity[units.rank == 0]).std() == pytest.approx(0.5, rel=0.02)
    assert (f.ageing_day < 30.0 * YEAR).mean() == pytest.approx(1.0 - math.exp(-0.06), abs=0.005)


def test_follicles_stand_in_units_of_one_to_four() -> None:
    people = scalps(1, density=20_000.0)
    units = follicular_units(1, people, Site("vertex", 1.0), 0, 0)
    size = np.bincount(units.unit)
    assert np.bincount(size, minlength=5)[1:] / size.size == pytest.approx([0.17, 0.42, 0.31, 0.10], abs=0.012)
    assert (units.rank < size[units.unit]).all()
    side = 10.0
    for place in (units.x_mm, units.y_mm):
        assert ((place >= 0.0) & (place < side)).all()
        halves = np.histogram(place, 2, (0.0, side))[0] / place.size
        assert halves == pytest.approx(0.5, abs=0.02)


def test_the_top_is_driven_apart_from_the_rim() -> None:
    assert [Site(zone, 1.0).group for zone in ZONES] == [0, 0, 0, 0, 1, 1]


def test_a_transplant_leaves_every_native_follicle_where_it_was() -> None:
    people = scalps(5)
    before = place_follicles(2, people, SITES)
    after = natives(place_follicles(2, people, SITES, (operation(5), operation(5, 900.0))))
    assert equal(replace(after, harvested_day=before.harvested_day), before)
    top = after.site == 0
    assert np.isinf(after.harvested_day[top]).all()


def test_a_transplant_adds_what_it_takes() -> None:
    people = 400
    f = place_follicles(2, scalps(people), SITES, (operation(people),))
    taken = np.isfinite(natives(f).harvested_day).sum()
    assert grafts(f).count == pytest.approx(3000.0 / 60.0 * 4.0 * people, rel=0.002)
    assert taken == pytest.approx(grafts(f).count, rel=0.02)
    assert np.unique(grafts(f).placed_day).tolist() == [500.0]
    assert np.unique(natives(f).harvested_day).tolist() == [500.0, math.inf]


def test_a_second_operation_takes_only_what_the_first_left() -> None:
    people = scalps(50)
    one, two = operation(50, 500.0, 3000.0), operation(50, 900.0, 4500.0)
    first = natives(place_follicles(2, people, SITES, (one,))).harvested_day
    both = natives(place_follicles(2, people, SITES, (one, two))).harvested_day
    assert np.array_equal(both[np.isfinite(first)], first[np.isfinite(first)])
    assert (both == 900.0).sum() == pytest.approx(1.5 * (both == 500.0).sum(), rel=0.05)


def test_an_operation_that_asks_for_more_than_is_left_takes_all_that_is_left() -> None:
    people = scalps(5)
    f = natives(place_follicles(2, people, SITES, (operation(5, 500.0, 9000.0), operation(5, 900.0, 9000.0))))
    assert np.isfinite(f.harvested_day[f.site == 1]).all()


def test_grafts_carry_donor_sensitivity_and_survive_with_their_probability() -> None:
    moved = grafts(place_follicles(2, scalps(300), SITES, (operation(300),)))
    assert np.median(moved.sensitivity) == pytest.approx(0.02, rel=0.03)
    alive = np.isfinite(moved.growth_in_days)
    assert alive.mean() == pytest.approx(0.85, abs=4.0 * math.sqrt(0.85 * 0.15 / moved.count))
    assert np.median(moved.growth_in_days[alive]) == pytest.approx(100.0, rel=0.02)
    assert (moved.site == 0).all()
    assert (moved.group == 0).all()


def test_a_second_operation_leaves_the_grafts_of_the_first_as_they_were() -> None:
    people = scalps(10)
    one = grafts(place_follicles(2, people, SITES, (operation(10),)))
    both = grafts(place_follicles(2, people, SITES, (operation(10), operation(10, 900.0))))
    assert equal(both.take(np.flatnonzero(both.placed_day == 500.0)), one)
