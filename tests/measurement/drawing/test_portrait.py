"""Drawn heads: what changes in the picture is what changed in the follicles."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from follicast.biology.scalp import Site, place_follicles
from follicast.biology.simulate import Drives, Pulses, begin, simulate
from follicast.biology.treatment import build_clocks
from follicast.inference.cohorts import person_of
from follicast.knowledge.load import Knowledge
from follicast.measurement.drawing.head import POSES, places, semi_axes, zone_areas_cm2, zone_at
from follicast.measurement.drawing.portrait import Portrait, Taken, take
from follicast.measurement.drawing.strands import Strands, Style, ZoneHair, grow, of_person
from follicast.measurement.instruments import read
from follicast.people.population import draw_population, prior_latents
from follicast.quantities import ZONES, InputError

SMALL = 300


def hair(per_cm2: int, um: float = 70.0) -> ZoneHair:
    return ZoneHair(1.0, np.full(per_cm2, um), np.full(per_cm2, 200.0))


def head(vertex: ZoneHair) -> Mapping[str, ZoneHair]:
    return {**{zone: hair(150) for zone in ZONES}, "vertex": vertex}


def shot(strands: Strands, **how: Any) -> Taken:
    return take(strands, Portrait(size_px=SMALL, **how))


def covered(vertex: ZoneHair) -> float:
    taken = shot(grow(head(vertex), Style(cut_mm=8.0)))
    middle = slice(SMALL // 2 - 30, SMALL // 2 + 30)
    return float(taken.hair[middle, middle].mean())


def test_less_hair_covers_less_scalp() -> None:
    shares = [covered(hair(n)) for n in (20, 60, 120, 220)]
    assert all(a + 0.02 < b for a, b in pairwise(shares)), shares


def test_finer_hair_covers_less_scalp() -> None:
    assert covered(hair(120, 35.0)) + 0.05 < covered(hair(120, 80.0))


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, again = (shot(grow(head(hair(90)), Style())) for _ in range(2))
    assert first.picture.tobytes() == again.picture.tobytes()


def test_another_seed_gives_another_picture() -> None:
    assert (shot(grow(head(hair(90)), Style(), 1)).picture != shot(grow(head(hair(90)), Style(), 2)).picture).any()


def test_only_hairs_of_the_changed_zone_change() -> None:
    before, after = (grow(head(hair(n)), Style()) for n in (160, 60))
    vertex = ZONES.index("vertex")
    np.testing.assert_array_equal(before.points[before.zone != vertex], after.points[after.zone != vertex])
    assert (before.zone == vertex).sum() > 2 * (after.zone == vertex).sum()


def test_pixels_far_from_the_changed_zone_stay_as_they_were() -> None:
    short = Style(cut_mm=5.0)
    before, after = (shot(grow(head(hair(n)), short)).picture for n in (160, 40))
    changed = np.abs(before.astype(int) - after.astype(int)).max(axis=2) > 2
    assert changed[SMALL // 2 - 20 : SMALL // 2 + 20].any()
    assert not changed[: SMALL // 8].any()
    assert not changed[:, : SMALL // 8].any()


def test_a_hair_that_grew_thicker_stays_in_its_place() -> None:
    thin, thick = (grow(head(hair(100, um)), Style()) for um in (40.0, 60.0))
    np.testing.assert_array_equal(thin.points, thick.points)
    assert (thick.diameter_um >= thin.diameter_um).all()


def test_a_head_has_the_density_of_its_follicles() -> None:
    strands = grow(head(hair(80)), Style())
    found = (strands.zone == ZONES.index("vertex")).sum() / zone_areas_cm2(0)["vertex"]
    assert found == pytest.approx(80.0, rel=0.03)


def test_no_hair_goes_through_the_skull() -> None:
    strands = grow(head(hair(100)), Style(cut_mm=40.0))
    level = np.linalg.norm(strands.points / semi_axes(), axis=2)
    assert level.min() > 0.999


def test_the_mark_stands_in_the_picture() -> None:
    strands = grow({}, Style())
    named, other = (take(strands, Portrait(size_px=SMALL), mark).picture for mark in ("simulated", "."))
    changed = (named != other).any(axis=2)
    corner = (slice(int(0.92 * SMALL), SMALL), slice(0, SMALL // 3))
    assert changed[corner].sum() > 150
    assert changed.sum() == changed[corner].sum()
    assert (named[corner].min(axis=2) > 190).sum() > 60
    with pytest.raises(InputError, match="must say that the picture is simulated"):
        take(strands, Portrait(size_px=SMALL), mark=" ")


@pytest.mark.parametrize("view", list(POSES))
def test_every_view_shows_hair_and_skin(view: Any) -> None:
    taken = shot(grow(head(hair(5)), Style(cut_mm=10.0)), view=view)
    assert taken.hair[taken.on_head].max() > 0.9
    assert taken.hair[taken.on_head].min() < 0.1


def test_left_and_right_have_the_same_zones() -> None:
    directions = places(0).direction[::500]
    np.testing.assert_array_equal(zone_at(directions), zone_at(directions * [-1.0, 1.0, 1.0]))


def test_what_cannot_be_drawn_is_refused() -> None:
    bad: Any = "chin"
    with pytest.raises(InputError, match="chin"):
        grow({bad: hair(10)}, Style())
    with pytest.raises(InputError, match="allowed: vertex"):
        Portrait(view=bad)
    with pytest.raises(InputError, match="size_px"):
        Portrait(size_px=10)
    with pytest.raises(InputError, match="skin"):
        Portrait(skin=bad)
    with pytest.raises(InputError, match="cut_mm"):
        Style(cut_mm=500.0)
    with pytest.raises(InputError, match="area_cm2"):
        ZoneHair(0.0, np.ones(1), np.ones(1))


def test_a_simulated_person_is_drawn_with_the_density_that_is_read_of_him(knowledge: Knowledge) -> None:
    members, sites = np.arange(2), tuple(Site(zone, 1.0) for zone in ZONES)
    someone = person_of("male", 40.0, years=(12.0, 18.0))
    people = draw_population(someone, knowledge, (), 1, members, prior_latents(1, members))
    follicles = place_follicles(1, people.scalps, sites)
    clocks = build_clocks(people.pharmacy, people.drives, (), people.season(people.today + 1))
    drives = Drives(people.rates, clocks, Pulses.none(2))
    course = simulate(follicles, drives, begin(follicles, people.rates), np.array([0.0, people.today]))
    read_of = read(course, follicles, people.rates, sites).total[:, 1]
    areas = zone_areas_cm2(0)
    for day in (0, 1):
        strands = grow(of_person(course, follicles, sites, 1, day), Style())
        drawn = np.bincount(strands.zone, minlength=len(ZONES)) / [areas[zone] for zone in ZONES]
        np.testing.assert_allclose(drawn, read_of[day], rtol=0.06, atol=3.0)
