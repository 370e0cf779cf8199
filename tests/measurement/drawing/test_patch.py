"""Patches: units keep their distance, hairs keep their identity, and simulated follicles become hairs of a patch."""

import numpy as np
import pytest

from follicast.biology.follicle import ANAGEN, GROWTH_INTERCEPT, GROWTH_SLOPE, KENOGEN, TELOGEN
from follicast.biology.scalp import Site, follicular_units, place_follicles
from follicast.biology.simulate import Drives, Pulses, begin, simulate
from follicast.biology.treatment import build_clocks
from follicast.inference.cohorts import person_of
from follicast.knowledge.appearance import appearance, usual
from follicast.knowledge.load import Knowledge, sources
from follicast.measurement.drawing.dice import Dice
from follicast.measurement.drawing.hairs import CLASSES
from follicast.measurement.drawing.layout import hard_core
from follicast.measurement.drawing.patch import Patch, later, patch_from_hairs, revisited, sample_patch
from follicast.measurement.drawing.shape import axes
from follicast.people.population import draw_population, prior_latents
from follicast.quantities import InputError


@pytest.mark.parametrize("per_cm2", [60.0, 80.0, 100.0])
def test_no_two_units_are_nearer_than_the_hard_core(per_cm2: float) -> None:
    places = hard_core(3, (10.0, 10.0), per_cm2)
    gap = np.sqrt(((places[:, None] - places[None]) ** 2).sum(axis=2))
    np.fill_diagonal(gap, np.inf)
    assert len(places) == round(per_cm2)
    assert gap.min() >= usual("unit.hard_core") * 10.0 / np.sqrt(per_cm2)
    assert (places >= 0.0).all()
    assert (places <= 10.0).all()


def test_units_hold_one_to_four_hairs_near_one_another() -> None:
    hairs = sample_patch(2).hairs
    _, members = np.unique(hairs.unit, return_counts=True)
    assert set(members) <= {1, 2, 3, 4}
    roots = np.stack([hairs.x_mm, hairs.y_mm], axis=1)
    first = np.searchsorted(hairs.unit, hairs.unit)
    away = np.hypot(*(roots - roots[first]).T)[np.arange(hairs.count) != first]
    assert 0.05 <= np.median(away) <= 0.25
    assert away.max() < 1.05


def test_hairs_that_stick_together_touch_where_they_are_long_enough() -> None:
    found = []
    for seed in range(4):
        hairs = sample_patch(seed, mean_um=80.0).hairs
        line = axes(hairs, 25)[..., :2]
        for i in np.flatnonzero((hairs.mate >= 0) & hairs.out & hairs.out[hairs.mate]):
            j = hairs.mate[i]
            apart_um = 1000.0 * np.hypot(hairs.x_mm[i] - hairs.x_mm[j], hairs.y_mm[i] - hairs.y_mm[j])
            meets_um = max(hairs.join_um[i], 2.5 * apart_um)
            if min(hairs.length_um[i], hairs.length_um[j]) > 1.2 * meets_um + apart_um:
                near = np.sqrt(((line[i][:, None] - line[j][None]) ** 2).sum(axis=2)).min()
                found.append(1000.0 * near / (0.5 * (hairs.diameter_um[i] + hairs.diameter_um[j])))
        assert (hairs.mate[hairs.mate[hairs.mate >= 0]] < 0).all()
    assert len(found) > 10
    assert max(found) < 1.15


def test_growth_shedding_and_new_hairs_of_later_days() -> None:
    patch = sample_patch(6)
    after = later(patch, 20.0)
    old, new = patch.hairs, after.hairs
    assert np.array_equal(old.ident, new.ident)
    growing = (old.phase == ANAGEN) & old.out
    assert new.length_um[growing] - old.length_um[growing] == pytest.approx(20.0 * old.growth_um_per_day[growing])
    shed = old.shed_in_days <= 20.0
    assert shed.any()
    assert not new.out[shed].any()
    assert (new.phase[shed] == KENOGEN).all()
    resting = (old.phase == TELOGEN) & ~shed
    assert np.array_equal(new.length_um[resting], old.length_um[resting])
    assert (new.out & ~old.out).any()
    assert after.day == 20.0
    # Two steps are one.
    twice = later(later(patch, 8.0), 12.0).hairs
    assert twice.length_um == pytest.approx(new.length_um)


def test_a_visit_months_later_loses_and_regains_the_asked_shares() -> None:
    patch = sample_patch(6, units_per_cm2=90.0)
    after = revisited(patch, 180.0, lost=0.10, gained=0.03, thinner=0.05)
    had, has = patch.hairs.out, after.hairs.out
    assert (had & ~has).sum() == round(0.10 * had.sum())
    assert (~had & has).sum() == min(round(0.03 * had.sum()), (~had).sum())
    assert after.hairs.diameter_um == pytest.approx(patch.hairs.diameter_um * np.exp(-0.05))
    assert np.array_equal(after.hairs.x_mm, patch.hairs.x_mm)
    kept = had & has
    assert not np.allclose(after.hairs.length_um[kept], patch.hairs.length_um[kept])
    again = revisited(patch, 180.0, lost=0.10, gained=0.03, thinner=0.05)
    assert np.array_equal(again.hairs.length_um, after.hairs.length_um)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"tone": 0}, "skin tone: found 0"),
        ({"hair": "green"}, "hair: found 'green'"),
        ({"field_mm": (0.1, 5.0)}, "field: found 0.1 x 5 mm"),
        ({"grain_um": 0.1}, "um per px: found 0.1"),
        ({"units_per_cm2": 1000.0}, "follicular units per cm2: found 1000"),
    ],
)
def test_what_is_outside_its_range_is_refused(change: dict[str, object], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        sample_patch(1, **change)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="days: found -1"):
        later(sample_patch(1), -1.0)
    with pytest.raises(InputError, match="lost 2"):
        revisited(sample_patch(1), 10.0, lost=2.0)


def simulated(knowledge: Knowledge) -> tuple[list[Patch], np.ndarray, np.ndarray, np.ndarray]:
    """Patches of a man's vertex at 40, two years apart, with the follicles they were made of and their units."""
    members = np.arange(1)
    people = draw_population(
        person_of("male", 40.0, years=(12.0, 18.0)), knowledge, (), 1, members, prior_latents(1, members)
    )
    site = Site("vertex", 1.0)
    follicles = place_follicles(1, people.scalps, (site,))
    clocks = build_clocks(people.pharmacy, people.drives, (), people.season(people.today + 1))
    drives = Drives(people.rates, clocks, Pulses.none(1))
    course = simulate(follicles, drives, begin(follicles, people.rates), np.array([people.today - 730.0, people.today]))
    unit = follicular_units(1, people.scalps, site, 0, 0).unit
    rates = people.rates[0]
    made = []
    for day in range(2):
        um = course.diameter_um[day].astype(np.float64)
        growth = 1000.0 * (rates[GROWTH_INTERCEPT] + rates[GROWTH_SLOPE] * um)
        made.append(patch_from_hairs(5, um, course.phase[day], growth, unit, units_per_cm2=float(unit.max() + 1)))
    return made, course.diameter_um, course.phase, unit


def test_simulated_follicles_become_hairs_with_their_own_diameter_and_phase(knowledge: Knowledge) -> None:
    (before, after), diameter, phase, unit = simulated(knowledge)
    for day, patch in enumerate((before, after)):
        hairs = patch.hairs
        assert hairs.count > 60
        assert np.array_equal(hairs.unit, unit[hairs.ident])
        out = diameter[day][hairs.ident] > 0.0
        assert np.array_equal(hairs.out, out)
        assert hairs.diameter_um[out] == pytest.approx(diameter[day][hairs.ident][out])
        assert np.array_equal(hairs.phase[out], phase[day][hairs.ident][out])
        assert set(hairs.kind) <= set(range(len(CLASSES)))
    # Two moments of one course are two visits to one spot.
    assert np.array_equal(before.hairs.x_mm, after.hairs.x_mm)
    assert np.array_equal(before.hairs.ident, after.hairs.ident)
    assert not np.array_equal(before.hairs.diameter_um, after.hairs.diameter_um)


def test_too_few_follicles_for_a_patch_are_refused() -> None:
    few = np.full(10, 70.0)
    with pytest.raises(InputError, match="unit: found 10 units; allowed: at least the"):
        patch_from_hairs(1, few, np.zeros(10, np.int8), few, np.arange(10), units_per_cm2=80.0)
    with pytest.raises(InputError, match="out of order"):
        patch_from_hairs(1, few, np.zeros(10, np.int8), few, np.arange(10)[::-1], units_per_cm2=80.0)


def test_every_number_of_appearance_can_be_drawn_and_names_its_sources() -> None:
    for key, number in appearance().items():
        drawn = Dice(1, "test").many(key, 2000)
        assert np.isfinite(drawn).all()
        low, high = np.percentile(drawn, [1, 99])
        assert low <= number.value <= high, key
        assert set(number.sources) <= set(sources())


def test_one_purpose_never_changes_the_draws_of_another() -> None:
    first = Dice(1, "a")
    first.many("hair.line", 100)
    assert Dice(1, "b").turn() == Dice(1, "b").turn()
    assert Dice(1, "a").turn() != Dice(1, "b").turn()
    assert Dice(1, "a", 1).turn() != Dice(1, "a", 2).turn()
