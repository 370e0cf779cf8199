"""The hair cycle without treatment: shares, their spread, the published automaton, synchrony and season."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from tests.biology.builders import HEALTHY, YEAR, World, follicles

from follicast.biology import draws
from follicast.biology.follicle import ANAGEN, CATAGEN, KENOGEN, LOST, RATES, TELOGEN
from follicast.biology.simulate import State
from follicast.biology.treatment import season_by_day
from follicast.knowledge.load import parameters

Floats = npt.NDArray[np.float64]
MONTH = YEAR / 12.0
# Means in months of anagen, telogen and latency in the published automaton (facts.csv F3), and what must come back.
AUTOMATON = (3.6, 2.4, 2.0)
SHARES = np.array([0.45, 0.30, 0.25])
EIGENVALUE = complex(-0.597, 0.326)


def healthy(count: int, years: float, **rate: float) -> World:
    return World(follicles(count, sensitivity=0.5), dict(HEALTHY), rate, days=int(years * YEAR) + 2)


def shares(phases: npt.NDArray[np.int8]) -> Floats:
    """Share of anagen, catagen, telogen and kenogen on each day."""
    return np.stack([(phases == k).mean(axis=-1) for k in (ANAGEN, CATAGEN, TELOGEN, KENOGEN)], axis=-1)


def mean_spans(world: World) -> Floats:
    """Mean days a cycle spends in each phase."""
    rate = world.rates[0]
    names = dict(zip(RATES, rate, strict=True))
    means = []
    for phase in ("anagen", "catagen", "telogen", "kenogen"):
        sd = 0.0 if names["exponential"] else names[f"{phase}_sd"]
        chance = names["kenogen_probability"] if phase == "kenogen" else 1.0
        means.append(chance * math.exp(names[f"{phase}_log_median"] + 0.5 * sd**2))
    return np.array(means)


@pytest.mark.parametrize("exponential", [0.0, 1.0], ids=["lognormal", "exponential"])
@pytest.mark.parametrize("kenogen", [0.0, 0.3, 1.0])
def test_the_long_run_share_of_a_phase_is_its_mean_span_over_the_cycle(exponential: float, kenogen: float) -> None:
    world = healthy(40_000, 40, exponential=exponential, kenogen_probability=kenogen)
    course = world.run([0.0, 20 * YEAR, 40 * YEAR])
    law = mean_spans(world) / mean_spans(world).sum()
    error = np.sqrt(law * (1.0 - law) / world.follicles.count)
    assert (np.abs(shares(course.phase) - law) <= 3.5 * error).all()


def test_the_spread_of_a_share_between_patches_is_that_of_independent_follicles() -> None:
    patches, size = 600, 200
    world = healthy(patches * size, 16)
    anagen = (world.run([0.0, 8 * YEAR, 16 * YEAR]).phase == ANAGEN).reshape(3, patches, size).mean(axis=2)
    p = (mean_spans(world) / mean_spans(world).sum())[ANAGEN]
    assert anagen.std(axis=1) == pytest.approx(math.sqrt(p * (1.0 - p) / size), rel=0.1)


def test_the_scalp_starts_as_it_stays() -> None:
    """Time to the end of the phase, time since its start and length of the hair do not drift from the first day on."""
    world = healthy(60_000, 30)
    course = world.run([0.0, 30 * YEAR])
    early, late = (np.sort(course.length_mm[row][course.phase[row] == ANAGEN]) for row in (0, 1))
    quantiles = np.linspace(0.05, 0.95, 19)
    assert np.quantile(early, quantiles) == pytest.approx(np.quantile(late, quantiles), rel=0.04)


def automaton(count: int, months: float) -> World:
    anagen, telogen, latency = (math.log(mean * MONTH) for mean in AUTOMATON)
    return healthy(
        count,
        months / 12.0,
        exponential=1.0,
        anagen_log_median=anagen,
        telogen_log_median=telogen,
        kenogen_log_median=latency,
        catagen_log_median=-20.0,
        kenogen_probability=1.0,
        kenogen_probability_slope=0.0,
    )


def all_in_anagen(world: World) -> State:
    """Every follicle at the first day of an anagen whose length is its own draw."""
    state = world.begin()
    u = draws.uniforms(world.follicles.key, draws.SPAN, 0)
    rate = dict(zip(RATES, world.rates[0], strict=True))
    z = draws.normals(world.follicles.key, draws.SPAN, 0)
    lognormal = np.exp(rate["anagen_log_median"] + rate["anagen_sd"] * z)
    exponential = -np.exp(rate["anagen_log_median"]) * np.log(1.0 - u)
    n = u.size
    return replace(
        state,
        phase=np.full(n, ANAGEN, np.int8),
        span=exponential if rate["exponential"] else lognormal,
        anagen_start=np.zeros(n),
        anagen_end=np.full(n, math.inf),
    )


def test_exponential_phases_recover_the_shares_of_the_published_automaton() -> None:
    world = automaton(200_000, 36)
    found = shares(world.run([0.0, 12 * MONTH, 36 * MONTH]).phase)[:, [ANAGEN, TELOGEN, KENOGEN]]
    assert np.array(AUTOMATON) / sum(AUTOMATON) == pytest.approx(SHARES, abs=1e-12)
    assert (np.abs(found - SHARES) <= 3.5 * np.sqrt(SHARES * (1.0 - SHARES) / world.follicles.count)).all()


def test_exponential_phases_relax_like_the_published_automaton() -> None:
    """From full synchrony the shares follow the automaton's equations, whose eigenvalue is the published one."""
    a, t, k = (1.0 / mean for mean in AUTOMATON)
    generator = np.array([[-a, a, 0.0], [0.0, -t, t], [k, 0.0, -k]])
    values, vectors = np.linalg.eig(generator)
    slow = values[np.argmax(values.imag)]
    assert slow == pytest.approx(EIGENVALUE, abs=0.001)

    world = automaton(400_000, 13)
    months = np.arange(0.0, 12.5, 0.5)
    found = shares(world.run((months * MONTH).tolist(), state=all_in_anagen(world)).phase)
    found = found[:, [ANAGEN, TELOGEN, KENOGEN]]
    law = np.stack([np.real(vectors @ np.diag(np.exp(values * m)) @ np.linalg.inv(vectors))[0] for m in months])
    error = np.sqrt(np.maximum(law * (1.0 - law), 0.0) / world.follicles.count)
    assert (np.abs(found - law) <= 4.0 * error + 1e-9).all()

    # The eigenvalue as the data alone give it: one step of half a month turns each departure from rest into the next.
    away = (found - SHARES)[:9, :2]
    step = np.linalg.lstsq(away[:-1], away[1:], rcond=None)[0]
    measured = np.log(np.linalg.eigvals(step).astype(complex)) / 0.5
    assert measured[np.argmax(measured.imag)] == pytest.approx(EIGENVALUE, abs=0.01)


def telogen_swing(cv: float, after_cycles: float = 8.0) -> float:
    """Highest minus lowest telogen share over two cycles, long after a fully synchronous start."""
    sd = math.sqrt(math.log(1.0 + cv**2))
    spread = {f"{phase}_sd": sd for phase in ("anagen", "catagen", "telogen", "kenogen")}
    world = healthy(20_000, 60, kenogen_probability=0.0, **spread)
    cycle = mean_spans(world).sum()
    days = np.linspace(after_cycles, after_cycles + 2.0, 80) * cycle
    telogen = shares(world.run(days.tolist(), state=all_in_anagen(world)).phase)[:, TELOGEN]
    return float(telogen.max() - telogen.min())


def test_full_synchrony_decays() -> None:
    assert telogen_swing(0.4, 0.1) > 0.08 > 0.02 > telogen_swing(0.4, 4.0)


def test_spans_as_varied_as_human_ones_do_not_moult() -> None:
    standard_error = math.sqrt(0.06 * 0.94 / 20_000)
    for cv in (0.4, 0.6):
        assert telogen_swing(cv) < 8.0 * standard_error


def test_spans_without_variation_moult_for_ever() -> None:
    assert telogen_swing(0.005) > 0.9
    assert telogen_swing(0.005) > telogen_swing(0.1) > telogen_swing(0.4)


@pytest.fixture(scope="module")
def seasonal() -> tuple[Floats, Floats]:
    """Day of the year and telogen share of a healthy scalp with the shipped season, over five years."""
    number = {name: parameters()[name].value for name in parameters()}
    rate = {
        "anagen_log_median": math.log(number["anagen.median.male"] * YEAR),
        "anagen_sd": number["anagen.sd_log"],
        "telogen_log_median": math.log(number["telogen.median"]),
        "telogen_sd": number["telogen.sd_log"],
        "kenogen_probability": number["kenogen.probability"],
    }
    drive = HEALTHY | {"season_amplitude": number["season.amplitude"]}
    world = World(follicles(40_000), drive, rate, days=int(10 * YEAR), peak=number["season.anagen_end_day"])
    days = np.arange(4 * YEAR, 9 * YEAR, 7.0)
    found = shares(world.run(days.tolist()).phase)
    return (10.0 + days) % YEAR, found[:, TELOGEN] / found[:, :KENOGEN].sum(axis=1)


def test_telogen_peaks_in_late_summer(seasonal: tuple[Floats, Floats]) -> None:
    day, telogen = seasonal
    turn = 2.0 * math.pi * day / YEAR
    peak = math.atan2(float((telogen * np.sin(turn)).mean()), float((telogen * np.cos(turn)).mean()))
    assert 213.0 <= peak / (2.0 * math.pi) * YEAR % YEAR <= 262.0


def test_the_season_moves_telogen_by_three_to_eight_points(seasonal: tuple[Floats, Floats]) -> None:
    assert 0.03 <= seasonal[1].max() - seasonal[1].min() <= 0.08


def test_the_season_is_a_wave_with_its_peak_on_the_named_day() -> None:
    season = season_by_day(100.0, 185.0, 800)
    assert season.max() == season[85] == 1.0
    assert abs(season[: int(2 * YEAR)].mean()) < 0.01


def test_age_alone_takes_follicles_at_its_rate() -> None:
    f = follicles(50_000)
    u = draws.uniforms(f.key, draws.TRAIT, 3)
    world = World(replace(f, ageing_day=-np.log(u) / (0.01 / YEAR)), dict(HEALTHY), days=int(31 * YEAR))
    left = (world.run([0.0, 30 * YEAR]).phase != LOST).mean(axis=1)
    assert left[0] == 1.0
    # A follicle whose time has come goes at the end of its cycle, four years later on average.
    assert math.exp(-0.3) < left[1] < math.exp(-0.24)
