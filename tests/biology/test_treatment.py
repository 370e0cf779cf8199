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
)

from follicast.biology.androgen import dose_effect, maturity
from follicast.biology.follicle import (
    ANAGEN,
    ANAGEN_CLOCK,
    ANDROGEN_NOW,
    CALIBRE_TARGET,
    EXIT_CLOCK,
    KENOGEN,
    SHAFT_LOG,
    TELOGEN,
)
from follicast.biology.simulate import Course
from follicast.biology.treatment import Line, intake_by_day

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


def test_missed_tablets_are_forgiven_where_the_dose_saturates_and_not_where_it_does_not() -> None:
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


def test_within_a_channel_treatments_multiply() -> None:
    both = (replace(TABLET, androgen=0.6), replace(TABLET, androgen=0.4, ed50=0.2))
    lines = (use(0, 0.0), use(1, 0.0))
    apart = [androgen(both, (line,)) for line in lines]
    assert androgen(both, lines) == pytest.approx(apart[0] * apart[1], rel=1e-12)

    hazards = World(follicles(2), dict(HEALTHY), therapies=(LOTION, SESSION), days=900)
    regimens: Sequence[Sequence[Line]] = ((), (use(0, 0.0),), (sessions(1, 5.0),), (use(0, 0.0), sessions(1, 5.0)))
    for column in (ANAGEN_CLOCK, EXIT_CLOCK):
        none, one, two, together = (np.diff(hazards.clocks(x)[0, TOP, :, column]) for x in regimens)
        assert together / none == pytest.approx((one / none) * (two / none), rel=1e-9)


def test_inflammation_shortens_anagen_and_nothing_else_and_can_at_most_be_cleared() -> None:
    calm, sore = (World(follicles(2), HEALTHY | {"inflammation_log": x}, days=900) for x in (0.0, 0.2))
    for column in (EXIT_CLOCK, SHAFT_LOG, CALIBRE_TARGET, ANDROGEN_NOW):
        assert np.array_equal(calm.clocks()[..., column], sore.clocks()[..., column])
    speed = np.diff(sore.clocks()[0, TOP, :, ANAGEN_CLOCK])
    assert speed == pytest.approx(math.exp(0.2), rel=1e-9)
    cleared = replace(sore, therapies=(Therapy("linear", inflammation=5.0, on_days=1.0),)).clocks((use(0, 0.0),))
    assert np.diff(cleared[0, TOP, 100:, ANAGEN_CLOCK]) == pytest.approx(1.0, rel=1e-9)


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
    world = World(follicles(40_000), dict(HEALTHY), therapies=(Therapy("sessions", exit_hazard=2.0),), days=4000)
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
    world = World(follicles(3000), dict(RIPE), therapies=(SESSION,))
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
    assert gain[2] < 0.4 * gain[1]
