"""The event loop: nobody is lost from the books, and the same answer whatever way the work is cut."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields, replace
from random import Random

import numba
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.biology.builders import (
    BALDING,
    FIELDS,
    HEALTHY,
    LOTION,
    SESSION,
    TABLET,
    YEAR,
    World,
    follicles,
    people_drives,
    pharmacy,
    pulse,
    same,
    same_state,
    sessions,
    use,
)

from follicast.biology.follicle import ANAGEN, CATAGEN, HARVESTED, KENOGEN, LOST, TELOGEN, UNPLACED
from follicast.biology.simulate import Course, Drives, Pulses, simulate
from follicast.biology.treatment import build_clocks, season_by_day

Ints = npt.NDArray[np.int64]
THERAPIES = (TABLET, LOTION, SESSION)
REGIMEN = (use(0, 700.0), use(1, 400.0, 3000.0, 0.7), sessions(2, *(800.0 + 25.0 * k for k in range(6))))
PEOPLE = 4


def busy_world(count: int = 60, people: int = PEOPLE) -> World:
    """Everything at once: ageing, harvest, grafts (some of which die, one from before the first day) and an insult."""
    f = follicles(count, people, sensitivity=1.5, spread=0.9)
    n = f.count
    turn = np.arange(n) % 12
    graft = (turn == 3) | (turn == 4) | (turn == 5)
    f = replace(
        f,
        ageing_day=np.where(turn == 0, 2500.0, np.where(turn == 1, -5.0, math.inf)),
        harvested_day=np.where(turn == 2, 1500.25, math.inf),
        placed_day=np.where(graft, np.where(turn == 3, 1500.25, np.where(turn == 4, 2800.0, -90.0)), -math.inf),
        growth_in_days=np.where(graft & (np.arange(n) % 24 < 12), 100.0, math.inf),
        sensitivity=np.where(graft, 0.05, f.sensitivity),
    )
    return World(f, dict(BALDING), {}, THERAPIES, pulses=pulse(people, 1000.5, 0.5))


DENSE = np.linspace(0.0, 4380.0, 439).tolist()


@pytest.fixture(scope="module")
def course() -> Course:
    return busy_world().run(DENSE, REGIMEN)


def test_follicles_are_conserved_at_every_instant(course: Course) -> None:
    f = busy_world().follicles
    placed = (f.placed_day[None, :] <= course.days[:, None]).sum(axis=1)
    cycling, lost, harvested = (
        sum((course.phase == k).sum(axis=1) for k in kinds)
        for kinds in ((ANAGEN, CATAGEN, TELOGEN, KENOGEN), (LOST,), (HARVESTED,))
    )
    assert np.array_equal(cycling + lost + harvested, placed)
    assert np.array_equal((course.phase == UNPLACED).sum(axis=1), f.count - placed)
    assert lost[0] < lost[-1]
    assert harvested[-1] > 0


def test_nobody_comes_back_from_loss_or_harvest(course: Course) -> None:
    for gone in (LOST, HARVESTED):
        before, after = course.phase[:-1] == gone, course.phase[1:] == gone
        assert not (before & ~after).any()
    assert not ((course.phase[1:] == UNPLACED) & (course.phase[:-1] != UNPLACED)).any()


def test_phases_follow_one_another() -> None:
    """Within ten days a follicle of ordinary size goes at most from anagen to telogen, never backwards."""
    world = busy_world()
    ordinary = replace(world.follicles, sensitivity=np.full(world.follicles.count, 0.8))
    course = replace(world, follicles=ordinary).run(DENSE, REGIMEN)
    allowed = {
        ANAGEN: {ANAGEN, CATAGEN, TELOGEN, HARVESTED},
        CATAGEN: {CATAGEN, TELOGEN, HARVESTED},
        TELOGEN: {TELOGEN, KENOGEN, ANAGEN, LOST, HARVESTED},
        KENOGEN: {KENOGEN, ANAGEN, LOST, HARVESTED},
        LOST: {LOST},
        HARVESTED: {HARVESTED},
        UNPLACED: {UNPLACED, KENOGEN, LOST},
    }
    for before, after in allowed.items():
        assert set(np.unique(course.phase[1:][course.phase[:-1] == before]).tolist()) <= after


def test_hair_is_conserved(course: Course) -> None:
    """Every hair shed was once begun: a follicle's starts and sheds never part by more than one."""
    assert (np.abs(course.starts - course.sheds) <= 1).all()
    assert (np.diff(course.starts, axis=0) >= 0).all()
    assert (np.diff(course.sheds, axis=0) >= 0).all()


def test_every_event_is_counted(course: Course) -> None:
    assert course.events == (course.state.event - busy_world().begin().event).sum()


def test_a_hair_is_out_only_where_a_follicle_holds_one(course: Course) -> None:
    held = course.phase <= TELOGEN
    assert not course.diameter_um[~held].any()
    assert np.array_equal(course.length_mm > 0.0, course.diameter_um > 0.0)


def test_a_hair_grows_until_its_anagen_ends_and_then_stands_still(course: Course) -> None:
    calm = course.days[:-1] > 3300.0
    same_hair = (course.starts[1:] == course.starts[:-1]) & calm[:, None]
    growing = same_hair & (course.phase[1:] == ANAGEN) & (course.length_mm[:-1] > 0.0)
    resting = same_hair & (course.phase[:-1] == TELOGEN) & (course.phase[1:] == TELOGEN)
    step = np.diff(course.length_mm, axis=0)
    assert (step[growing] > 0.0).all()
    assert (step[resting] == 0.0).all()


def test_looking_changes_nothing() -> None:
    """A course read on many days agrees with one read on few."""
    world = busy_world()
    seldom = world.run(DENSE[::73], REGIMEN)
    often = world.run(DENSE, REGIMEN)
    assert same(seldom, often)
    assert same_state(seldom.state, often.state)
    assert seldom.events == often.events


def resumed(world: World, drives: Drives, asked: Sequence[float], stops: Sequence[float]) -> Course:
    """The same course in pieces, each carried on from the state of the one before."""
    state = world.begin()
    events = 0
    parts = []
    for first, last in zip((-1.0, *stops), (*stops, asked[-1]), strict=True):
        days = [day for day in asked if first < day <= last]
        part = simulate(world.follicles, drives, state, np.array([*days, last]))
        parts.append({name: getattr(part, name)[: len(days)] for name in FIELDS})
        state, events = part.state, events + part.events
    arrays = {name: np.concatenate([p[name] for p in parts]) for name in FIELDS}
    return Course(np.array(asked), **arrays, state=state, events=events)


@given(st.lists(st.floats(0.0, 4380.0), min_size=1, max_size=4).map(sorted))
@settings(max_examples=25)
def test_a_run_cut_into_pieces_is_the_run_in_one(stops: list[float]) -> None:
    world = busy_world(20, 2)
    drives = world.drives(REGIMEN)
    whole = simulate(world.follicles, drives, world.begin(), np.array(DENSE))
    pieces = resumed(world, drives, DENSE, stops)
    assert same(whole, pieces)
    assert same_state(whole.state, pieces.state)
    assert whole.events == pieces.events


def test_ten_years_and_then_five_are_fifteen_years() -> None:
    """Also when the first ten were simulated with drives that reach no further."""
    world = replace(busy_world(), days=int(15 * YEAR) + 1)
    short = world.drives(REGIMEN, int(10 * YEAR) + 1)
    first = simulate(world.follicles, short, world.begin(), np.array([0.0, 10 * YEAR - 1.0]))
    days = [10 * YEAR - 1.0, 15 * YEAR - 1.0]
    assert same(world.run(days, REGIMEN), world.run(days, REGIMEN, state=first.state))
    assert same_state(world.run(days, REGIMEN).state, world.run(days, REGIMEN, state=first.state).state)


def test_a_state_is_left_as_it_was() -> None:
    world = busy_world()
    state = world.begin()
    world.run([4000.0], REGIMEN, state)
    assert same_state(state, world.begin())


@pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="one processor")
def test_the_number_of_threads_does_not_change_a_bit() -> None:
    world = busy_world(3000)
    asked = [0.0, 2000.0, 4000.0]
    courses = []
    before = numba.get_num_threads()
    try:
        for threads in (1, 2):
            numba.set_num_threads(threads)
            courses.append(world.run(asked, REGIMEN))
    finally:
        numba.set_num_threads(before)
    assert same(*courses)
    assert same_state(courses[0].state, courses[1].state)
    assert courses[0].events == courses[1].events


@given(st.randoms(use_true_random=False), st.integers(1, 6))
@settings(max_examples=20)
def test_any_chunking_gives_the_same_bits(chance: Random, pieces: int) -> None:
    world = busy_world(20, 2)
    drives = world.drives(REGIMEN)
    order = list(range(world.follicles.count))
    chance.shuffle(order)
    asked = np.array(DENSE[::40])
    whole = simulate(world.follicles, drives, world.begin(), asked)
    for rows in np.array_split(np.array(order), pieces):
        part = simulate(world.follicles.take(rows), drives, world.begin().take(rows), asked)
        assert all(np.array_equal(getattr(part, name), getattr(whole, name)[:, rows]) for name in FIELDS)
        assert same_state(part.state, whole.state.take(rows))


def test_a_person_alone_is_the_person_in_company() -> None:
    world = busy_world(50)
    whole = world.run(DENSE[::40], REGIMEN)
    for person in range(PEOPLE):
        rows = np.flatnonzero(world.follicles.person == person)
        own = world.follicles.take(rows)
        alone = replace(
            world, follicles=replace(own, person=np.zeros(rows.size, np.int64)), pulses=pulse(1, 1000.5, 0.5)
        )
        part = alone.run(DENSE[::40], REGIMEN)
        assert all(np.array_equal(getattr(part, name), getattr(whole, name)[:, rows]) for name in FIELDS)


def test_no_follicles_have_no_course() -> None:
    none = busy_world().follicles.take(np.empty(0, np.int64))
    world = busy_world()
    course = simulate(none, world.drives(), world.begin().take(np.empty(0, np.int64)), np.array([0.0, 100.0]))
    assert course.phase.shape == (2, 0)
    assert course.events == 0


@given(
    split=st.integers(1, 4300),
    therapies=st.tuples(st.integers(0, 2), st.integers(0, 2)),
    before=st.tuples(st.integers(0, 2), st.integers(0, 4000), st.floats(0.1, 1.0)),
)
@settings(max_examples=40)
def test_plans_that_agree_until_a_day_agree_follicle_by_follicle_until_that_day(
    split: int, therapies: tuple[int, int], before: tuple[int, int, float]
) -> None:
    world = busy_world(20, 2)
    common = use(*before[:2], math.inf, before[2]) if before[0] < 2 else sessions(2, before[1])
    lines = [sessions(2, split, split + 30.0) if k == 2 else use(k, split) for k in therapies]
    asked = sorted({*DENSE[::10], float(split)})
    one, other = (world.run(asked, (common, line)) for line in lines)
    assert same(one, other, upto=float(split))
    stopped = world.run(asked, (replace(common, stop=float(split)),))
    assert common.sessions or same(one, stopped, upto=float(split))


@pytest.mark.parametrize("days", [[], [10.0, 5.0], [0.0, 1e6], [math.nan]])
def test_days_that_cannot_be_simulated_are_refused(days: list[float]) -> None:
    with pytest.raises(ValueError, match="days must rise"):
        busy_world().run(days)


def test_clocks_built_for_the_top_alone_move_the_top_alike_and_nobody_else() -> None:
    world = busy_world()
    season = season_by_day(10.0, world.peak, world.days)
    people = people_drives(world.drive, world.people)
    clocks = build_clocks(pharmacy(world.therapies, world.people), people, REGIMEN, season, [0])
    half = world.drives(REGIMEN).with_clocks(clocks)
    top = np.flatnonzero(world.follicles.group == 0)
    whole = world.run([0.0, 3000.0], REGIMEN)
    part = simulate(world.follicles.take(top), half, world.begin().take(top), np.array([0.0, 3000.0]))
    assert all(np.array_equal(getattr(part, name), getattr(whole, name)[:, top]) for name in FIELDS)
    with pytest.raises(ValueError, match="were not built"):
        simulate(world.follicles, half, world.begin(), np.array([0.0, 3000.0]))


def healthy(pulses: Pulses | None = None) -> World:
    return World(follicles(20_000), dict(HEALTHY), pulses=pulses, days=4000)


def test_an_insult_sheds_two_to_four_months_later_and_damps_out() -> None:
    days = np.arange(500.0, 3500.0, 10.0)
    plain = np.diff(healthy().run(days.tolist()).sheds.sum(axis=1)).astype(float)
    shed = np.diff(healthy(pulse(1, 1000.0, 0.3)).run(days.tolist()).sheds.sum(axis=1)).astype(float)
    since = days[1:] - 1000.0
    base = plain.mean()
    peak = since[np.argmax(shed)]
    assert (shed[since <= 0.0] == plain[since <= 0.0]).all()
    assert 60.0 <= peak <= 140.0
    assert shed.max() > 4.0 * base
    assert shed[since < 40.0].max() < 1.5 * base
    late = shed[-60:].reshape(-1, 12).mean(axis=1)
    assert late == pytest.approx(base, rel=0.15)


def test_an_insult_reaches_its_share_of_the_follicles_in_its_phase() -> None:
    asked = [0.0, 1000.0, 1030.0]
    plain, hit = healthy().run(asked), healthy(pulse(1, 1000.0, 0.3)).run(asked)
    there = (plain.phase[1] == ANAGEN) & (plain.phase[2] == ANAGEN)
    assert same(plain, hit, upto=1000.0)
    assert (hit.phase[2][there] != ANAGEN).mean() == pytest.approx(0.3, abs=0.015)
    elsewhere = plain.phase[1] != ANAGEN
    assert np.array_equal(plain.phase[2][elsewhere], hit.phase[2][elsewhere])


def test_an_insult_with_no_share_changes_nothing() -> None:
    one, other = healthy().run([0.0, 3000.0]), healthy(pulse(1, 1000.0, 0.0)).run([0.0, 3000.0])
    assert same(one, other)
    assert same_state(one.state, other.state)


def test_grafts_keep_the_sensitivity_of_their_donor_place() -> None:
    """Twelve years after, what was moved into a balding place is as it was; what grew there has shrunk."""
    f = follicles(2000, sensitivity=1.2)
    moved = np.arange(f.count) % 2 == 0
    f = replace(
        f,
        group=np.zeros(f.count, np.int64),
        sensitivity=np.where(moved, 0.02, f.sensitivity),
        placed_day=np.where(moved, 50.0, -math.inf),
        growth_in_days=np.where(moved, 90.0, math.inf),
    )
    course = World(f, dict(BALDING)).run([0.0, 4390.0])
    grown = course.starts[-1] > 0
    assert grown[moved].mean() > 0.99
    assert np.median(course.size[-1, moved & grown]) > 0.97
    assert np.median(course.size[-1, ~moved & grown]) < 0.8


def test_a_graft_starts_growing_after_its_dormancy_or_never() -> None:
    f = follicles(400)
    survives = np.arange(f.count) % 4 != 0
    f = replace(f, placed_day=np.full(f.count, 300.0), growth_in_days=np.where(survives, 100.0, math.inf))
    course = World(f, dict(HEALTHY)).run([299.0, 300.0, 399.5, 400.5, 4000.0])
    assert (course.phase[0] == UNPLACED).all()
    assert (course.phase[1:, ~survives] == LOST).all()
    assert (course.phase[1:3, survives] == KENOGEN).all()
    assert (course.phase[3, survives] == ANAGEN).all()
    assert (course.starts[3, survives] == 1).all()


def test_what_happens_at_the_very_moment_of_the_last_day_has_happened() -> None:
    f = follicles(40)
    f = replace(f, placed_day=np.where(np.arange(40) % 2, 300.0, -math.inf), growth_in_days=np.full(40, 100.0))
    f = replace(f, harvested_day=np.where(np.arange(40) % 2, math.inf, 300.0))
    course = World(f, dict(HEALTHY)).run([300.0])
    assert set(course.phase[0, ::2].tolist()) == {HARVESTED}
    assert set(course.phase[0, 1::2].tolist()) == {KENOGEN}
    assert (course.state.phase == course.phase[0]).all()


def test_a_harvested_follicle_goes_on_its_day_whatever_it_does() -> None:
    f = follicles(400)
    f = replace(f, harvested_day=np.linspace(1.0, 3000.0, f.count))
    days = np.linspace(0.0, 3600.0, 200)
    course = World(f, dict(BALDING)).run(days.tolist())
    assert np.array_equal(course.phase == HARVESTED, days[:, None] >= f.harvested_day[None, :])


def test_size_stays_within_0_and_1_and_reserve_never_rises() -> None:
    world = World(follicles(1500, sensitivity=2.0, spread=1.0), therapies=(TABLET,))
    course = world.run(DENSE[::10], (use(0, 2000.0),))
    assert ((course.size > 0.0) & (course.size <= 1.0)).all()
    reserve, state = np.zeros(world.follicles.count), world.begin()
    for day in DENSE[20::20]:
        state = world.run([day], (use(0, 2000.0),), state).state
        fresh = state.anagen_start > 0.0
        now = np.where(fresh, state.size - state.calibre, reserve)
        assert (now <= reserve + 1e-12).all()
        reserve = now
    assert reserve.min() < -0.2


def test_treatment_can_restore_calibre_but_not_reserve() -> None:
    rate = {"telogen_size_exponent": 0.0}
    cure = replace(TABLET, androgen=1.0, ed50=1e-6, on_days=1.0)
    world = World(follicles(1500, sensitivity=2.0), rate=rate, therapies=(cure,))
    course = world.run([0.0, 1500.0, 4390.0], (use(0, 1500.0),))
    cycled = (course.starts[2] - course.starts[1]) >= 6
    assert cycled.sum() > 50
    assert course.state.calibre[cycled] == pytest.approx(0.0, abs=0.02)
    assert (course.size[2, cycled] < 0.99).all()
    assert (course.size[2, cycled] > course.size[1, cycled]).mean() > 0.95


@pytest.mark.parametrize("recovery", [0.0, 0.6], ids=["wakes only", "enlarges"])
def test_the_two_hypotheses_of_regrowth_differ_in_whether_a_follicle_ever_grows_larger(recovery: float) -> None:
    world = World(follicles(1500, sensitivity=2.0), dict(BALDING), {"calibre_recovery": recovery}, (TABLET,))
    sizes = world.run(DENSE[::5], (use(0, 1500.0),)).size
    larger = np.diff(sizes, axis=0).max()
    if recovery == 0.0:
        assert larger <= 0.0
    else:
        assert larger > 0.05


def test_follicles_and_states_keep_their_fields_when_taken() -> None:
    f = follicles(30)
    rows = np.array([5, 2, 29])
    assert all(np.array_equal(getattr(f.take(rows), x.name), getattr(f, x.name)[rows]) for x in fields(f))
