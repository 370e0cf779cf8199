"""Instruments: what they read is what a slow count finds, thresholds stay apart, and an empty scalp divides nothing."""

import math
from collections import defaultdict

import numpy as np
import pytest

from follicast.biology.follicle import ANAGEN, GROWTH_INTERCEPT, GROWTH_SLOPE, KENOGEN, LOST, RATES, TELOGEN
from follicast.biology.scalp import Site, place_follicles
from follicast.biology.simulate import Course, Drives, Follicles, Pulses, State, begin, simulate
from follicast.biology.treatment import build_clocks
from follicast.inference.automaton import bare_follicles
from follicast.inference.cohorts import person_of
from follicast.knowledge.load import Knowledge
from follicast.measurement.grades import visible_loss
from follicast.measurement.instruments import (
    Readings,
    coverage_score,
    detectable_change,
    mean_rate,
    phototrichogram_anagen,
    read,
)
from follicast.people.population import draw_population, prior_latents

SITES = (Site("vertex", 0.5), Site("occipital-donor", 0.25))
SPEED = 0.35


def scalp_of(diameters: list[float], phases: list[int] | None = None, area: float = 1.0) -> Readings:
    """Readings of one day of one person with these hairs, each growing 0.35 mm a day."""
    count = len(diameters)
    rates = np.zeros((1, len(RATES)))
    rates[0, GROWTH_INTERCEPT] = SPEED
    row = np.array([diameters], np.float32)
    zeros = np.zeros((1, count), np.int32)
    kinds = np.array([phases or [ANAGEN] * count], np.int8)
    sizes = np.ones((1, count), np.float32)
    state = State(**{name: np.empty(0) for name in State.__dataclass_fields__})  # type: ignore[arg-type]
    course = Course(np.array([100.0]), kinds, row, row, sizes, zeros, zeros, state, 0)
    return read(course, bare_follicles(count, 0), rates, (Site("vertex", area),))


@pytest.fixture(scope="session")
def lived(knowledge: Knowledge) -> tuple[Course, Follicles, np.ndarray]:
    """Three men of 40 with long hair loss, on three days."""
    members = np.arange(3)
    people = draw_population(
        person_of("male", 40.0, years=(12.0, 18.0)), knowledge, (), 1, members, prior_latents(1, members)
    )
    follicles = place_follicles(1, people.scalps, SITES)
    clocks = build_clocks(people.pharmacy, people.drives, (), people.season(people.today + 1))
    drives = Drives(people.rates, clocks, Pulses.none(3))
    days = np.array([people.today - 400.0, people.today - 30.0, people.today])
    return simulate(follicles, drives, begin(follicles, people.rates), days), follicles, people.rates


def plain_counts(
    course: Course, follicles: Follicles, rates: np.ndarray, day: int
) -> dict[tuple[int, int], dict[str, float]]:
    """Every count per person and site, one follicle after another."""
    found: dict[tuple[int, int], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for i in range(follicles.count):
        here = found[int(follicles.person[i]), int(follicles.site[i])]
        phase, um = int(course.phase[day, i]), float(course.diameter_um[day, i])
        if phase <= KENOGEN:
            here["follicles"] += 1
            here["kenogen"] += phase == KENOGEN
            here["small"] += course.size[day, i] < 0.7
        if phase <= KENOGEN and um > 0.0:
            speed = rates[follicles.person[i], GROWTH_INTERCEPT] + rates[follicles.person[i], GROWTH_SLOPE] * um
            here["total"] += 1
            here["um"] += um
            here["cover"] += um / 1000.0 * speed
            here["anagen"] += phase == ANAGEN
            here["telogen"] += phase == TELOGEN
            here["mg"] += 1.32 * math.pi * (um / 2000.0) ** 2 * speed * (phase == ANAGEN)
            for cut in (30, 40, 60):
                here[f"over{cut}"] += um >= cut
                here[f"um{cut}"] += um * (um >= cut)
    return found


def test_readings_are_what_a_slow_count_finds(lived: tuple[Course, Follicles, np.ndarray]) -> None:
    course, follicles, rates = lived
    readings = read(course, follicles, rates, SITES)
    for day in range(3):
        for (person, site), n in plain_counts(course, follicles, rates, day).items():
            area = SITES[site].area_cm2
            expected = {
                "follicles": n["follicles"] / area,
                "total": n["total"] / area,
                "nonvellus": n["over30"] / area,
                "nonvellus40": n["over40"] / area,
                "terminal": n["over60"] / area,
                "mean_diameter": n["um"] / n["total"],
                "nonvellus_diameter": n["um30"] / max(n["over30"], 1),
                "nonvellus40_diameter": n["um40"] / max(n["over40"], 1),
                "anagen_share": n["anagen"] / n["total"],
                "telogen_share": n["telogen"] / n["total"],
                "kenogen_share": n["kenogen"] / n["follicles"],
                "miniaturised_share": n["small"] / n["follicles"],
                "thickness": n["um"] / 1000.0 / area,
                "ttcc": 100.0 * area / n["cover"],
                "weight": n["mg"] / area,
            }
            read_here = {name: float(getattr(readings, name)[day, person, site]) for name in expected}
            assert read_here == pytest.approx(expected, rel=1e-9)


def test_sheds_and_starts_are_those_between_the_days(lived: tuple[Course, Follicles, np.ndarray]) -> None:
    course, follicles, rates = lived
    readings = read(course, follicles, rates, SITES)
    here = (follicles.person == 1) & (follicles.site == 0)
    for name, counts in (("sheds", course.sheds), ("starts", course.starts)):
        between = (counts[1, here] - counts[0, here]).sum()
        assert getattr(readings, name)[1, 1, 0] == pytest.approx(between / 370.0 / 0.5)
        assert between > 0


def test_shares_lie_between_none_and_all(lived: tuple[Course, Follicles, np.ndarray]) -> None:
    readings = read(*lived, SITES)
    for name in ("anagen_share", "telogen_share", "kenogen_share", "miniaturised_share"):
        share = getattr(readings, name)
        assert share.min() >= 0.0
        assert share.max() <= 1.0
    assert (readings.anagen_share + readings.telogen_share <= 1.0).all()
    assert (readings.nonvellus40 <= readings.nonvellus).all()
    assert (readings.terminal <= readings.nonvellus40).all()


def test_thirty_and_forty_micrometres_are_never_mixed() -> None:
    r = scalp_of([29.999, 30.0, 35.0, 39.999, 40.0, 59.999, 60.0, 0.0])
    assert [float(a[0, 0, 0]) for a in (r.total, r.nonvellus, r.nonvellus40, r.terminal)] == [7.0, 6.0, 3.0, 1.0]
    assert r.nonvellus_diameter[0, 0, 0] == pytest.approx((30.0 + 35.0 + 39.999 + 40.0 + 59.999 + 60.0) / 6)
    assert r.nonvellus40_diameter[0, 0, 0] == pytest.approx((40.0 + 59.999 + 60.0) / 3)


def test_time_to_complete_coverage_is_skin_over_what_grows_a_day() -> None:
    r = scalp_of([70.0] * 200)
    assert r.ttcc[0, 0, 0] == pytest.approx(100.0 / (200 * 0.070 * SPEED), rel=1e-6)
    assert r.ttcc[0, 0, 0] == pytest.approx(20.4, abs=0.05)
    assert scalp_of([70.0] * 100, area=0.5).ttcc[0, 0, 0] == pytest.approx(20.4, abs=0.05)


def test_coverage_is_the_published_line_of_it_within_its_limits(knowledge: Knowledge) -> None:
    p = knowledge.parameters
    numbers = (p["coverage.intercept"], p["coverage.slope"], p["coverage.full"])
    days = np.array([20.4, 50.0, 100.0])
    assert coverage_score(days, *numbers) == pytest.approx(106.41 - 0.72 * days)
    assert coverage_score(np.array([0.0, 200.0, math.inf]), *numbers).tolist() == [97.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("diameters", "phases", "follicles"),
    [([], None, 0.0), ([0.0, 0.0], [LOST, LOST], 0.0), ([0.0, 0.0], [KENOGEN, KENOGEN], 2.0)],
    ids=["no follicles", "all lost", "all empty"],
)
def test_a_scalp_without_hair_divides_by_nothing(knowledge: Knowledge, diameters, phases, follicles) -> None:
    with np.errstate(all="raise"):
        r = scalp_of(diameters, phases)
        p = knowledge.parameters
        coverage = coverage_score(r.ttcc, p["coverage.intercept"], p["coverage.slope"], p["coverage.full"])
        loss = visible_loss(coverage, p["coverage.full"].value)
    assert float(r.follicles[0, 0, 0]) == follicles
    assert r.ttcc[0, 0, 0] == math.inf
    assert (coverage[0, 0, 0], loss[0, 0, 0]) == (0.0, 1.0)
    skipped = ("days", "sites", "ttcc", "follicles", "kenogen_share")
    assert all(not getattr(r, name).any() for name in r.__dataclass_fields__ if name not in skipped)


def test_a_phototrichogram_takes_some_growing_hairs_for_resting() -> None:
    share = np.array([[0.9, 0.5], [0.8, 0.0]])
    slowness = np.array([[1.0, 1.0], [1.0, 9.0]])
    read = phototrichogram_anagen(share, slowness, np.array([0.1, 0.5]))
    assert read == pytest.approx(np.array([[0.81, 0.45], [0.4, 0.0]]))


def test_a_mean_rate_counts_what_fell_between_two_days_whatever_days_lie_between() -> None:
    counts = np.array([5.0, 5.0, 11.0, 12.0, 40.0])
    days = np.array([0.0, 0.0, 60.0, 61.0, 91.0])
    rate = np.diff(counts, prepend=0.0) / np.maximum(np.diff(days, prepend=0.0), 1.0)
    assert mean_rate(rate, days, 0.0, 61.0) == pytest.approx(7.0 / 61.0)
    assert mean_rate(rate, days, 61.0, 91.0) == pytest.approx(28.0 / 30.0)
    assert mean_rate(rate[:, None], days, 60.0, 91.0).tolist() == pytest.approx([29.0 / 31.0])
    assert mean_rate(rate, days, 0.0, 0.0) == 0.0


def test_readings_of_people_are_joined_in_order_and_taken_by_row(lived: tuple[Course, Follicles, np.ndarray]) -> None:
    readings = read(*lived, SITES)
    joined = Readings.joined([readings.take(np.array([2])), readings.take(np.array([0, 1]))])
    assert joined.total.tolist() == readings.total[:, [2, 0, 1]].tolist()
    assert joined.sites == readings.sites


def test_a_detectable_change_exceeds_error_in_nineteen_of_twenty() -> None:
    error = np.random.default_rng(0).normal(0.0, 2.5, (2, 100_000))
    assert (np.abs(error[1] - error[0]) > detectable_change(2.5)).mean() == pytest.approx(0.05, abs=0.003)
