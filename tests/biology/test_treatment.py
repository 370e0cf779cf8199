"""Regimen to exposure to drives: doses, sessions, channels, and what they do to follicles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.biology.builders import (
    BALDING,
    HEALTHY,
    LOTION,
    RATE,
    SESSION,
    TABLET,
    YEAR,
    Therapy,
    World,
    follicles,
    same,
    same_state,
    sessions,
    use,
    weekly,
)

from follicast.biology.androgen import dose_effect, maturity
from follicast.biology.follicle import (
    ANAGEN,
    ANAGEN_CLOCK,
    ANDROGEN_DOSE,
    ANDROGEN_NOW,
    CALIBRE_TARGET,
    EXIT_CLOCK,
    KENOGEN,
    SHAFT_LOG,
    TELOGEN,
)
from follicast.biology.simulate import Course
from follicast.biology.treatment import Line, below_ceiling, intake_by_day

Floats = npt.NDArray[np.float64]
TOP, RIM = 0, 1
DOSE = st.floats(0.0, 1.0)
DAY = st.integers(0, 900)
KIND = st.sampled_from(["emax", "linear", "sessions"])
# Androgen at its full from the first day.
RIPE = HEALTHY | {"onset_day": -1.0}


def exposure(therapy: Therapy, lines: Sequence[Line], days: int = 1000, group: int = TOP) -> Floats:
    """Exposure by day, read off a channel on which full exposure counts as 1."""
    probe = World(follicles(2), dict(HEALTHY), therapies=(replace(therapy.silent(), calibre_target=1.0),), days=days)
    return np.asarray(probe.clocks(lines)[0, group, :, CALIBRE_TARGET])


def androgen(therapies: tuple[Therapy, ...], lines: Sequence[Line], days: int = 1000) -> Floats:
    world = World(follicles(2), dict(RIPE), therapies=therapies, days=days)
    return np.asarray(world.clocks(lines)[0, TOP, :, ANDROGEN_NOW])


def lines_of(kind: str, start: int, length: int, dose: float) -> tuple[Line, ...]:
    return (sessions(0, start, start + length) if kind == "sessions" else use(0, start, start + length, dose),)


@given(low=DOSE, high=DOSE, ed50=st.floats(0.001, 2.0), emax=DOSE, kind=st.sampled_from(["emax", "linear"]), stop=DAY)
def test_more_dose_never_means_more_androgen(
    low: float, high: float, ed50: float, emax: float, kind: str, stop: int
) -> None:
    low, high = sorted((low, high))
    drug = Therapy(kind, ed50=ed50, androgen=emax)
    less, more = (androgen((drug,), (use(0, 50.0, stop, dose),)) for dose in (low, high))
    assert (more <= less).all()
    assert ((more >= 0.0) & (less <= 1.0)).all()


@given(dose=st.floats(0.0, 100.0), ed50=st.floats(1e-3, 100.0), hill=st.floats(0.5, 4.0))
def test_a_dose_effect_is_a_share_that_is_half_at_the_ed50(dose: float, ed50: float, hill: float) -> None:
    assert 0.0 <= dose_effect(dose, ed50, hill) <= 1.0
    assert dose_effect(ed50, ed50, hill) == pytest.approx(0.5)
    assert dose_effect(0.0, ed50, hill) == 0.0
    assert dose_effect(dose, ed50, hill) <= dose_effect(dose * 1.1 + 1e-3, ed50, hill)


def test_androgen_acts_from_onset_and_fully_after_the_ramp() -> None:
    found = [maturity(day, 100.0, 200.0) for day in (0.0, 100.0, 200.0, 300.0, 9000.0)]
    assert found == [0.0, 0.0, 0.5, 1.0, 1.0]
    assert maturity(0.0, math.inf, 1.0) == 0.0


@given(kind=KIND, start=DAY, length=st.integers(1, 400), dose=DOSE)
def test_a_therapy_with_zero_amplitudes_changes_no_drive(kind: str, start: int, length: int, dose: float) -> None:
    world = World(follicles(2), therapies=(replace(TABLET.silent(), kind=kind), TABLET), days=1000)
    other = (use(1, 100.0),)
    assert np.array_equal(world.clocks(lines_of(kind, start, length, dose) + other), world.clocks(other))


@pytest.mark.parametrize("kind", ["emax", "linear", "sessions"])
def test_a_therapy_with_zero_amplitudes_changes_not_one_event(kind: str) -> None:
    world = World(follicles(200), therapies=(replace(TABLET.silent(), kind=kind), TABLET))
    asked = [0.0, 1000.0, 2500.0, 4000.0]
    with_it = world.run(asked, (*lines_of(kind, 300, 700, 1.0), use(1, 500.0)))
    without = world.run(asked, (use(1, 500.0),))
    assert same(with_it, without)
    assert same_state(with_it.state, without.state)
    assert with_it.events == without.events


def test_zero_dose_is_no_treatment() -> None:
    world = World(follicles(50), therapies=(TABLET, LOTION))
    nothing = (use(0, 100.0, 900.0, 0.0), use(1, 200.0, math.inf, 0.0))
    assert np.array_equal(world.clocks(nothing), world.clocks())


def test_a_line_that_ends_when_it_begins_is_no_treatment() -> None:
    world = World(follicles(2), therapies=(TABLET,))
    assert np.array_equal(world.clocks((use(0, 100.0, 100.0),)), world.clocks())


def test_half_the_dose_costs_little_where_the_dose_saturates_and_half_where_it_does_not() -> None:
    for kind, kept in (("emax", 0.95), ("linear", 0.5)):
        drug = Therapy(kind, ed50=0.04)
        half, full = (exposure(drug, (use(0, 0.0, math.inf, dose),))[-1] for dose in (0.5, 1.0))
        assert half / full == pytest.approx(kept, abs=0.02)


def test_exposure_builds_up_and_fades_with_its_own_times() -> None:
    found = exposure(Therapy("linear", on_days=20.0, off_days=60.0), (use(0, 100.0, 500.0),))
    assert (found[:100] == 0.0).all()
    assert found[119] == pytest.approx(1.0 - math.exp(-1.0))
    assert found[499] == pytest.approx(1.0, abs=1e-8)
    assert found[559] == pytest.approx(math.exp(-1.0), rel=1e-6)
    assert exposure(Therapy("linear", on_days=20.0, off_days=5.0), (use(0, 100.0, 300.0),))[-1] == 0.0


@given(st.lists(st.integers(0, 400), min_size=2, max_size=8, unique=True), st.floats(0.2, 5.0), st.floats(1.0, 80.0))
@settings(max_examples=40)
def test_sessions_add_up_to_less_than_as_many_times_one(days: list[int], half: float, decay: float) -> None:
    therapy = Therapy("sessions", half_saturation=half, decay_days=decay)
    course = exposure(therapy, (sessions(0, *sorted(days)),))
    alone = sum(exposure(therapy, (sessions(0, day),)) for day in days)
    assert (course <= alone + 1e-12).all()
    assert course.sum() <= len(days) * exposure(therapy, (sessions(0, 0),), 1400).sum() + 1e-9
    assert (course < 1.0).all()


def test_a_session_counts_on_its_day_and_fades() -> None:
    found = exposure(Therapy("sessions", decay_days=25.0), (sessions(0, 30.7),))
    assert (found[:30] == 0.0).all()
    assert found[30] == 0.5
    assert (np.diff(found[30:]) < 0.0).all()


def stimulus(therapy: Therapy, *days: float) -> Floats:
    """What a session has added up to on each day, before it saturates."""
    found = exposure(therapy, (sessions(0, *days),))
    return therapy.half_saturation * found / (1.0 - found)


def test_a_session_counts_less_the_fresher_the_memory_of_others_is() -> None:
    added = {}
    for gap in (1.0, 30.0, 120.0, 400.0):
        therapy = Therapy("sessions", decay_days=5.0, repeat_loss=2.0, memory_days=120.0)
        course = stimulus(therapy, 10.0, 10.0 + gap)
        added[gap] = course[int(10 + gap)] - course[int(9 + gap)] * math.exp(-1.0 / 5.0)
        assert added[gap] == pytest.approx(1.0 / (1.0 + 2.0 * math.exp(-gap / 120.0)))
    assert sorted(added.values()) == list(added.values())


def test_without_repeat_loss_sessions_add_up() -> None:
    therapy = Therapy("sessions", decay_days=20.0, repeat_loss=0.0)
    one, other = (stimulus(therapy, day) for day in (50.0, 80.0))
    assert stimulus(therapy, 50.0, 80.0) == pytest.approx(one + other)


def test_a_steeper_dose_curve_takes_more_of_the_smallest_doses_and_less_of_large_ones() -> None:
    flat, steep = (Therapy("emax", ed50=0.03, hill=hill) for hill in (1.0, 1.6))
    for dose, kept in ((0.01, (0.25, 0.147)), (0.03, (0.5, 0.5)), (1.0, (0.971, 0.996))):
        found = [exposure(drug, (use(0, 0.0, math.inf, dose),))[-1] for drug in (flat, steep)]
        assert found == pytest.approx(kept, abs=1e-3)


def test_six_sessions_gain_less_than_six_times_one_session() -> None:
    world = World(follicles(30_000), dict(HEALTHY), therapies=(SESSION,), days=1200)
    asked = np.arange(400.0, 900.0, 20.0).tolist()

    def anagen(*lines: Line) -> Floats:
        return np.asarray((world.run(asked, lines).phase == ANAGEN).mean(axis=1))

    one, six = sessions(0, 400.0), sessions(0, *(400.0 + 25.0 * k for k in range(6)))
    gains = [(anagen(line) - anagen()).max() for line in (one, six)]
    assert 0.003 < gains[0] < gains[1] < 4.0 * gains[0]


def test_a_therapy_acts_only_where_it_reaches() -> None:
    world = World(follicles(2), therapies=(LOTION, SESSION, TABLET), days=900)
    plain = world.clocks()
    local = world.clocks((use(0, 100.0), sessions(1, 200.0, 230.0)))
    assert np.array_equal(local[:, RIM], plain[:, RIM])
    assert not np.array_equal(local[:, TOP], plain[:, TOP])
    swallowed = world.clocks((use(2, 100.0),))
    assert np.array_equal(swallowed[:, TOP], swallowed[:, RIM])


def test_within_a_channel_treatments_multiply_where_there_is_no_ceiling() -> None:
    both = (replace(TABLET, androgen=0.6), replace(TABLET, androgen=0.4, ed50=0.2))
    lines = (use(0, 0.0), use(1, 0.0))
    apart = [androgen(both, (line,)) for line in lines]
    assert androgen(both, lines) == pytest.approx(apart[0] * apart[1], rel=1e-12)

    hazards = World(follicles(2), dict(HEALTHY), therapies=(LOTION, SESSION), days=900)
    regimens: Sequence[Sequence[Line]] = ((), (use(0, 0.0),), (sessions(1, 5.0),), (use(0, 0.0), sessions(1, 5.0)))
    for column in (ANAGEN_CLOCK, EXIT_CLOCK):
        none, one, two, together = (np.diff(hazards.clocks(x)[0, TOP, :, column]) for x in regimens)
        assert together / none == pytest.approx((one / none) * (two / none), rel=1e-9)


def speeds(world: World, column: int, *lines: Line) -> Floats:
    return np.asarray(np.diff(world.clocks(lines)[0, TOP, :, column]))


def test_under_a_ceiling_two_treatments_gain_less_than_their_product_and_more_than_either() -> None:
    low = HEALTHY | {"anagen_ceiling": 0.5, "exit_ceiling": 0.7}
    lines = (use(0, 0.0), sessions(1, 5.0))
    for column, ceiling in ((ANAGEN_CLOCK, 0.5), (EXIT_CLOCK, 0.7)):
        capped, free = (World(follicles(2), drive, therapies=(LOTION, SESSION), days=900) for drive in (low, HEALTHY))
        log_free, log_both, one, two = (
            np.abs(np.log(speeds(world, column, *given))[5:100])
            for world, given in ((free, lines), (capped, lines), (capped, lines[:1]), (capped, lines[1:]))
        )
        assert log_both == pytest.approx(ceiling * (1.0 - np.exp(-log_free / ceiling)), abs=1e-9)
        assert (log_both < one + two).all()
        assert (log_both >= np.maximum(one, two)).all()


@given(small=st.floats(-30.0, 30.0), more=st.floats(1e-3, 10.0), ceiling=st.floats(0.01, 100.0))
def test_a_ceiling_keeps_zero_sign_and_order_and_a_high_one_leaves_the_sum(
    small: float, more: float, ceiling: float
) -> None:
    assert below_ceiling(0.0, ceiling) == 0.0
    acting = below_ceiling(small, ceiling)
    assert abs(acting) <= min(abs(small), ceiling) * (1.0 + 1e-12)
    assert acting * small >= 0.0
    assert below_ceiling(-small, ceiling) == -acting
    assert below_ceiling(small + more, ceiling) >= acting
    if abs(small) + more < 5.0 * ceiling:
        assert below_ceiling(small + more, ceiling) > acting
    assert below_ceiling(small, 1e9) == pytest.approx(small, rel=1e-6)
    assert below_ceiling(small, math.inf) == small


HELD = HEALTHY | {"payback_days": 30.0, "lag_days": 100.0}


def test_growth_that_was_held_back_catches_up_after_withdrawal_and_no_further() -> None:
    holder = Therapy("linear", on_days=1.0, off_days=1.0, anagen_hazard=-0.5)
    owing, free = (World(follicles(2), drive, therapies=(holder,), days=3000) for drive in (HELD, HEALTHY))
    line = use(0, 100.0, 2000.0)
    speed, bare = speeds(owing, ANAGEN_CLOCK, line), speeds(free, ANAGEN_CLOCK, line)
    assert np.array_equal(speed[:2000], bare[:2000])
    extra = speed[2000:] - bare[2000:]
    held = 1.0 - math.exp(-0.5)
    assert extra.sum() == pytest.approx(100.0 * held, rel=0.01)
    assert extra[:30].sum() == pytest.approx(100.0 * held * (1.0 - math.exp(-1.0)), rel=0.1)
    assert extra[300:] == pytest.approx(0.0, abs=1e-2)


@given(
    start=DAY,
    stops=st.lists(st.integers(0, 300), min_size=1, max_size=4),
    hazard=st.floats(-2.0, 1.0),
    lag=st.floats(0.5, 500.0),
    payback=st.floats(0.5, 500.0),
)
def test_no_treated_clock_overtakes_the_untreated_one_by_catching_up(
    start: int, stops: list[int], hazard: float, lag: float, payback: float
) -> None:
    therapies = (Therapy("linear", on_days=5.0, off_days=10.0, anagen_hazard=hazard), replace(SESSION, exit_hazard=0.0))
    drive = HEALTHY | {"payback_days": payback, "lag_days": lag}
    world = World(follicles(2), drive, therapies=therapies, days=1500)
    days = np.cumsum([start, *stops])
    lines = [use(0, float(a), float(b)) for a, b in zip(days[:-1:2], days[1::2], strict=False)]
    if hazard < 0.0:
        lines.append(sessions(1, *days.tolist()))
    gone = np.asarray(world.clocks(lines)[0, TOP, :, ANAGEN_CLOCK] - world.clocks()[0, TOP, :, ANAGEN_CLOCK])
    assert (gone <= 1e-6).all() if hazard <= 0.0 else (gone >= -1e-6).all()
    assert (np.diff(world.clocks(lines)[0, TOP, :, ANAGEN_CLOCK]) > 0.0).all()


def test_only_what_slows_anagen_is_paid_back() -> None:
    others = replace(LOTION, anagen_hazard=0.0)
    for therapy in (TABLET, others, replace(SESSION, anagen_hazard=0.0)):
        drives = [dict(BALDING), BALDING | {"payback_days": math.inf}]
        lines = (sessions(0, 300.0, 400.0) if therapy.kind == "sessions" else use(0, 300.0, 600.0),)
        one, other = (World(follicles(2), d, therapies=(therapy,), days=1500).clocks(lines) for d in drives)
        assert np.array_equal(one, other)


def test_season_and_inflammation_act_above_a_ceiling() -> None:
    drive = HEALTHY | {"anagen_ceiling": 1e-9, "inflammation_log": 0.2, "season_amplitude": 0.3}
    world = World(follicles(2), drive, therapies=(LOTION,), days=900)
    found = speeds(world, ANAGEN_CLOCK)
    assert found.max() > 1.25 * math.exp(0.2) > found.mean() > 1.1
    open_world = replace(world, drive=drive | {"anagen_ceiling": math.inf})
    assert np.array_equal(found, speeds(open_world, ANAGEN_CLOCK))


def test_androgen_met_before_the_first_day_counts_as_if_it_had_run_here() -> None:
    for before in (0.0, 1234.5):
        table = World(follicles(2), BALDING | {"dose_before": before}, therapies=(TABLET,), days=900)
        dose = table.clocks((use(0, 300.0),))[0, TOP, :, ANDROGEN_DOSE]
        assert dose[0] == before
        plain = replace(table, drive=dict(BALDING)).clocks((use(0, 300.0),))[0, TOP, :, ANDROGEN_DOSE]
        assert dose - before == pytest.approx(plain, abs=1e-9)


def test_inflammation_shortens_anagen_and_nothing_else_and_can_at_most_be_cleared() -> None:
    calm, sore = (World(follicles(2), HEALTHY | {"inflammation_log": x}, days=900) for x in (0.0, 0.2))
    for column in (EXIT_CLOCK, SHAFT_LOG, CALIBRE_TARGET, ANDROGEN_NOW):
        assert np.array_equal(calm.clocks()[..., column], sore.clocks()[..., column])
    speed = np.diff(sore.clocks()[0, TOP, :, ANAGEN_CLOCK])
    assert speed == pytest.approx(math.exp(0.2), rel=1e-9)
    cleared = replace(sore, therapies=(Therapy("linear", inflammation=5.0, on_days=1.0),)).clocks((use(0, 0.0),))
    assert np.diff(cleared[0, TOP, 100:, ANAGEN_CLOCK]) == pytest.approx(1.0, rel=1e-9)


@given(start=st.integers(-20, 60).map(lambda day: day + 0.5), week=st.lists(DOSE, min_size=7, max_size=7))
def test_a_week_repeats_from_the_first_day_of_use(start: float, week: list[float]) -> None:
    days = 100
    line = replace(use(0, start, 90.0, adherence=0.3), week=tuple(week))
    whole, half = (intake_by_day((replace(line, dose=dose),), 1, days)[0] for dose in (1.0, 0.5))
    first = math.ceil(start)
    assert whole[0].tolist() == [week[(day - first) % 7] if first <= day < 90 else 0.0 for day in range(days)]
    assert np.array_equal(half, 0.5 * whole)


@given(start=st.floats(-30.5, 60.5), adherence=DOSE, dose=DOSE)
def test_missed_doses_are_spread_evenly_over_the_days_of_use(start: float, adherence: float, dose: float) -> None:
    days = 400
    first = max(0, math.ceil(start))
    taken = intake_by_day((use(0, start, 360.0, dose, adherence),), 1, days)[0][0]
    assert not taken[:first].any()
    assert not taken[360:].any()
    assert set(taken) <= {0.0, dose}
    due = intake_by_day((use(0, start, 360.0, 1.0, adherence),), 1, days)[0][0, first:360]
    assert np.array_equal(dose * due, taken[first:360])
    for span in (7, 30, due.size):
        counts = np.convolve(due, np.ones(span), "valid")
        assert (np.abs(counts - adherence * span) < 1.0 + 1e-3).all()


def test_four_doses_of_five_leave_out_every_fifth_day_and_full_adherence_none() -> None:
    for adherence, every in ((0.8, 5), (0.9, 10), (0.75, 4)):
        taken = intake_by_day((use(0, 0.0, adherence=adherence),), 1, 3000)[0][0]
        assert taken.reshape(-1, every).sum(axis=1).tolist() == [every - 1.0] * (3000 // every)
    for adherence in (0.0, 1.0):
        assert (intake_by_day((use(0, 0.0, adherence=adherence),), 1, 40_000)[0] == adherence).all()


def test_a_week_of_equal_doses_is_that_dose() -> None:
    world = World(follicles(2), therapies=(TABLET, LOTION), days=900)
    every_day = (weekly(0, 100.0, *(0.6,) * 7), weekly(1, 200.0, *(1.0,) * 7))
    assert np.array_equal(world.clocks(every_day), world.clocks((use(0, 100.0, math.inf, 0.6), use(1, 200.0))))


def test_tablets_missed_in_a_row_leave_little_gap_where_the_effect_fades_slowly() -> None:
    slow, fast = (Therapy("emax", ed50=0.03, on_days=3.0, off_days=days) for days in (40.0, 2.0))
    kept = [exposure(t, (weekly(0, 0.0, 1, 1, 1, 1),))[-70:].mean() / exposure(t, (use(0),))[-1] for t in (slow, fast)]
    assert kept[0] > 0.9 > 0.7 > kept[1]


def test_of_two_lines_of_one_therapy_the_larger_dose_counts() -> None:
    lines = (use(0, 10.0, 50.0, 0.4), use(0, 30.0, 40.0, 0.9), use(0, 45.2, 60.0, 0.1))
    intake, held = intake_by_day((*lines, sessions(1, 5.0, 5.9, 300.0)), 2, 100)
    assert intake[0, [9, 10, 29, 30, 39, 40, 49, 50, 59, 60]].tolist() == [0, 0.4, 0.4, 0.9, 0.9, 0.4, 0.4, 0.1, 0.1, 0]
    assert held[1, 5] == 2.0
    assert held.sum() == 2.0
    assert not intake[1].any()


@given(split=DAY, starts=st.tuples(DAY, DAY, DAY), doses=st.tuples(DOSE, DOSE, DOSE))
def test_regimens_that_agree_until_a_day_drive_alike_until_that_day(
    split: int, starts: tuple[int, int, int], doses: tuple[float, float, float]
) -> None:
    world = World(follicles(2), therapies=(TABLET, LOTION, SESSION), days=1000)
    common = (use(0, starts[0], 900.0, doses[0]), use(1, starts[1], 800.0, doses[1]), sessions(2, starts[2]))
    plain, other = (tuple(replace(line, stop=min(line.stop, stop)) for line in common) for stop in (math.inf, split))
    one, two = world.clocks((*plain, use(1, split, math.inf, doses[2]))), world.clocks((*other, sessions(2, split)))
    integrals, values = slice(0, ANDROGEN_NOW), slice(ANDROGEN_NOW, None)
    assert np.array_equal(one[:, :, : split + 1, integrals], two[:, :, : split + 1, integrals])
    assert np.array_equal(one[:, :, :split, values], two[:, :, :split, values])


def sheds_by_month(course: Course) -> Floats:
    return np.asarray(np.diff(course.sheds.sum(axis=1)).astype(float))


def test_opening_the_exit_sheds_early_and_the_shedding_damps_out() -> None:
    world = World(follicles(20_000), dict(HEALTHY), therapies=(Therapy("linear", on_days=10.0, exit_hazard=0.8),))
    days = np.arange(600.0, 3200.0, 30.0).tolist()
    before = sheds_by_month(world.run(days)).mean()
    found = sheds_by_month(world.run(days, (use(0, 690.0),))) / before
    assert found[:3] == pytest.approx(1.0, abs=0.1)
    assert found[3:6].max() > 1.5
    assert found[-24:].mean() == pytest.approx(1.0, abs=0.1)
    assert abs(found[-24:] - found[-24:].mean()).max() < 0.2


def test_what_sessions_began_goes_on_and_then_dips() -> None:
    """Follicles called out of rest together grow on after the last session, and rest together later."""
    each = Therapy("sessions", exit_hazard=2.0, repeat_loss=0.0)
    world = World(follicles(40_000), dict(HEALTHY), therapies=(each,), days=4000)
    days = np.arange(300.0, 3600.0, 30.0)
    treated = (world.run(days.tolist(), (sessions(0, *(400.0 + 25.0 * k for k in range(6))),)).phase == ANAGEN).mean(
        axis=1
    )
    plain = (world.run(days.tolist()).phase == ANAGEN).mean(axis=1)
    gain = treated - plain
    # Twice the time in which the stimulus fades after the last session.
    assert gain[np.searchsorted(days, 750.0)] > 0.01
    assert gain[days > 1200.0].min() < -0.002
    assert abs(gain[-10:].mean()) < 0.003


def test_a_session_never_resets_miniaturisation() -> None:
    """Under steady androgen calibre depends on how many anagens have met it, whatever called them."""
    world = World(follicles(3000), dict(RIPE), therapies=(replace(SESSION, repeat_loss=0.0),))
    plain = world.run([0.0, 4000.0])
    course = world.run([0.0, 4000.0], (sessions(0, *(400.0 + 25.0 * k for k in range(40))),))
    assert (course.starts[-1] != plain.starts[-1]).mean() > 0.05
    floor = -RATE["calibre_shift"] * world.follicles.sensitivity
    for one in (plain, course):
        left = (1.0 - RATE["calibre_fraction"]) ** one.starts[-1]
        assert one.state.calibre == pytest.approx(floor * (1.0 - left), abs=1e-12)


def test_less_androgen_lengthens_growth_and_thickens_hair_at_once() -> None:
    world = World(follicles(20_000), BALDING | {"season_amplitude": 0.0}, therapies=(TABLET,), days=4500)
    asked = [3000.0, 3120.0]
    plain, treated = world.run(asked), world.run(asked, (use(0, 3000.0),))
    assert same(plain, treated, 3000.0)
    for phase, sign in ((ANAGEN, 1), (TELOGEN, -1), (KENOGEN, -1)):
        assert sign * ((treated.phase[1] == phase).sum() - (plain.phase[1] == phase).sum()) > 0
    still = (plain.starts[1] == plain.starts[0]) & (plain.phase[1] == ANAGEN) & (treated.phase[1] == ANAGEN)
    assert (treated.diameter_um[1, still] >= plain.diameter_um[1, still]).all()
    assert treated.diameter_um[1, still].mean() > 1.005 * plain.diameter_um[1, still].mean()


def test_stopping_a_drug_gives_back_what_it_gained() -> None:
    world = World(follicles(10_000), BALDING | {"season_amplitude": 0.0}, therapies=(TABLET,), days=int(13 * YEAR))
    asked = [2000.0, 3000.0, 4500.0]
    hairs = [(world.run(asked, line).diameter_um > 30.0).mean(axis=1) for line in ((), (use(0, 2000.0, 3000.0),))]
    gain = hairs[1] - hairs[0]
    assert gain[0] == 0.0
    assert gain[1] > 0.02
    assert gain[2] < 0.45 * gain[1]
