"""The compiled model and the plain day-by-day reference of the same rules tell the same story, follicle by follicle."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from tests.biology.builders import (
    BALDING,
    HEALTHY,
    LOTION,
    SESSION,
    TABLET,
    YEAR,
    Therapy,
    World,
    follicles,
    joined,
    pulse,
    scalps,
    sessions,
    use,
    weekly,
)
from tests.reference import drives as plain_drives
from tests.reference import follicle as plain

from follicast.biology.follicle import PHASES, RATES
from follicast.biology.scalp import Site, Transplant, place_follicles
from follicast.biology.simulate import Course, Follicles, Pulses
from follicast.biology.treatment import CHANNELS, CONSTANTS, GROUPS, Line

PEOPLE = 3
DAYS = 12 * 366
ASKED = (0.0, 0.5, 100.0, 365.0, 800.25, 1500.0, 2190.0, 3000.5, 4000.0, 4383.0)
COURSE = tuple(700.0 + 25.0 * k for k in range(6))
THERAPIES = (TABLET, LOTION, SESSION)


def plain_days(world: World, lines: Sequence[Line]) -> dict[str, list[plain_drives.Day]]:
    """The reference's days of everybody (all are alike) by group."""
    therapies = [
        plain_drives.Therapy(
            t.kind,
            {"top": t.top, "rim": t.rim},
            {name: getattr(t, name) for name in CONSTANTS},
            {name: getattr(t, name) for name in CHANNELS},
        )
        for t in world.therapies
    ]
    uses = [plain_drives.Use(x.therapy, x.start, x.stop, x.adherence, x.sessions, x.week, x.dose) for x in lines]
    season = {"first_day_of_year": 10.0, "peak_day_of_year": world.peak}
    return {g: plain_drives.drives(world.drive, therapies, uses, g, season, world.days) for g in GROUPS}


def plain_insults(pulses: Pulses | None) -> list[plain.Insult]:
    if pulses is None:
        return []
    numbered = zip(pulses.day, pulses.phase, pulses.share[0], pulses.spread_days, strict=True)
    return [plain.Insult(float(d), PHASES[k], float(s), float(w)) for d, k, s, w in numbered]


def plain_traits(f: Follicles, i: int) -> plain.Traits:
    names = "native_um sensitivity scale_log ageing_day placed_day growth_in_days harvested_day".split()
    return plain.Traits(int(f.key[i]), *(float(getattr(f, name)[i]) for name in names))


def assert_same_story(world: World, lines: Sequence[Line] = ()) -> Course:
    f = world.follicles
    course = world.run(ASKED, lines)
    days, insults = plain_days(world, lines), plain_insults(world.pulses)
    before = world.drive["dose_before"]
    table = dict(zip(RATES, world.rates[0].tolist(), strict=True))
    for i in range(f.count):
        told, last = plain.live(plain_traits(f, i), table, days[GROUPS[f.group[i]]], insults, ASKED, before)
        assert [r.phase for r in told] == [PHASES[k] for k in course.phase[:, i]]
        assert [r.starts for r in told] == course.starts[:, i].tolist()
        assert [r.sheds for r in told] == course.sheds[:, i].tolist()
        assert last.event == course.state.event[i]
        assert last.start == pytest.approx(course.state.start[i], abs=1e-6)
        assert last.calibre == pytest.approx(course.state.calibre[i], abs=1e-9)
        assert [r.size for r in told] == pytest.approx(course.size[:, i], rel=1e-6)
        assert [r.diameter_um for r in told] == pytest.approx(course.diameter_um[:, i], rel=1e-6)
        assert [r.length_mm for r in told] == pytest.approx(course.length_mm[:, i], rel=1e-6, abs=1e-5)
    return course


def world(**changed: object) -> World:
    base = World(follicles(40, PEOPLE), therapies=THERAPIES, days=DAYS)
    return replace(base, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "drive", [HEALTHY, HEALTHY | {"season_amplitude": 0.5}, BALDING], ids=["calm", "season", "all"]
)
def test_untreated_follicles(drive: dict[str, float]) -> None:
    assert_same_story(world(drive=drive))


def test_exponential_phases() -> None:
    assert_same_story(world(rate={"exponential": 1.0}))


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param((use(0, 365.0),), id="tablet"),
        pytest.param((use(0, 365.0, 2000.0, 0.4), use(0, 1200.0, 3000.0, 0.9)), id="tablet on and off, unfaithfully"),
        pytest.param((use(1, 500.0, 2500.0, 0.7),), id="lotion on the top"),
        pytest.param((use(0, 365.0, 3000.0, 0.3, 0.57), use(1, 400.5, 3000.0, 1.0, 0.8)), id="doses missed evenly"),
        pytest.param((weekly(0, 365.5, 1, 1, 1, 1), weekly(1, 500.0, 1, 0.5, 0, 1)), id="some days of the week only"),
        pytest.param((sessions(2, *COURSE),), id="six sessions"),
        pytest.param((use(0, 400.5), use(1, 900.0), sessions(2, *COURSE)), id="tablet, lotion and sessions"),
    ],
)
def test_treated_follicles(lines: tuple[Line, ...]) -> None:
    course = assert_same_story(world(), lines)
    assert course.events > 10 * world().follicles.count


def test_a_therapy_that_overwhelms_a_channel() -> None:
    strong = Therapy(androgen=1.4, inflammation=3.0, ed50=0.01, anagen_hazard=0.3, exit_hazard=-0.5, shaft=0.3)
    assert_same_story(world(therapies=(strong,)), (use(0, 100.0),))


def test_follicles_so_sensitive_that_their_clocks_and_reserve_reach_the_limits() -> None:
    f = follicles(40, PEOPLE, sensitivity=4.0, spread=0.9)
    course = assert_same_story(world(follicles=f), (use(0, 1500.0),))
    assert (course.phase[-1] == PHASES.index("lost")).any()


def test_follicles_that_met_androgen_before_the_first_day() -> None:
    older = world(drive=BALDING | {"dose_before": 12.0 * YEAR})
    course = assert_same_story(older)
    assert course.size[-1].mean() < 0.9 * world().run(ASKED).size[-1].mean()
    assert (course.phase[-1] == PHASES.index("lost")).any()


@pytest.mark.parametrize("ceiling", [0.3, math.inf])
def test_phase_channels_under_a_low_ceiling_and_under_none(ceiling: float) -> None:
    drive = BALDING | {"anagen_ceiling": ceiling, "exit_ceiling": ceiling}
    assert_same_story(world(drive=drive), (use(1, 500.0), sessions(2, *COURSE)))


def test_ageing_follicles() -> None:
    f = follicles(40, PEOPLE)
    ageing = np.linspace(-500.0, 6000.0, f.count)
    course = assert_same_story(world(follicles=replace(f, ageing_day=ageing)))
    assert (course.phase[0] == PHASES.index("lost")).any()
    assert (course.phase[-1] == PHASES.index("lost")).sum() > (course.phase[0] == PHASES.index("lost")).sum()


@pytest.mark.parametrize("phase", range(4))
def test_an_insult_in_any_phase(phase: int) -> None:
    assert_same_story(world(pulses=pulse(PEOPLE, 1000.25, 0.5, phase, 40.0)))


def test_insults_that_overlap() -> None:
    first, second = pulse(PEOPLE, 1010.0, 0.6), pulse(PEOPLE, 1000.0, 0.6)
    both = Pulses(
        *(np.concatenate([getattr(p, name) for p in (first, second)]) for name in ("day", "phase")),
        np.concatenate([first.share, second.share], axis=1),
        np.concatenate([first.spread_days, second.spread_days]),
    )
    assert_same_story(world(pulses=both))


@pytest.mark.parametrize("day", [900.0, -300.5], ids=["in the run", "before its first day"])
def test_a_transplant(day: float) -> None:
    operation = Transplant(
        day=day,
        hairs=900.0,
        zones=("vertex",),
        areas_cm2=(20.0,),
        donor_area_cm2=20.0,
        survival=np.full(PEOPLE, 0.8),
        growth_in_log_median=np.full(PEOPLE, math.log(100.0)),
        growth_in_sd=0.3,
    )
    sites = (Site("vertex", 0.15), Site("occipital-donor", 0.15))
    f = place_follicles(3, scalps(PEOPLE), sites, (operation,))
    course = assert_same_story(world(follicles=f), (use(0, 2 * YEAR), sessions(2, *COURSE)))
    final = {PHASES[k] for k in course.phase[-1]}
    assert {"anagen", "harvested", "lost"} <= final
    assert (course.phase[0] == PHASES.index("unplaced")).any() == (day > 0.0)


def test_grafts_that_wait_longer_than_the_run() -> None:
    f = follicles(10, PEOPLE)
    late = replace(f, placed_day=np.full(f.count, 600.0), growth_in_days=np.geomspace(10.0, 9000.0, f.count))
    course = assert_same_story(world(follicles=joined([late])))
    assert (course.phase[-1] == PHASES.index("kenogen")).any()
