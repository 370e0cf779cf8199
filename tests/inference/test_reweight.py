"""How well a member explains a record: the errors, what is shared between readings, and calibrated ranks."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from scipy import stats
from tests.inference.people import MAN, TODAY, VERTEX, in_order, lived, man, reading, spread

from follicast.inference import history
from follicast.inference.diagnostics import normalised
from follicast.inference.reweight import error_sds, log_likelihood, predicted, reported
from follicast.knowledge.load import Knowledge
from follicast.measurement.instruments import Readings
from follicast.people.person import Goals, Grade, Measurement, Person
from follicast.people.population import Population

MEMBERS = 600
YEAR = man(reading(0.0), reading(0.0, days_ago=365))


@pytest.fixture(scope="module")
def ensemble(knowledge: Knowledge) -> tuple[Population, Readings]:
    """Members of the prior read today and a year ago."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history, "_CLOCK_BYTES", 1e9)
        return lived(YEAR, knowledge, MEMBERS)


@pytest.fixture
def weigh(ensemble, knowledge: Knowledge):
    """Posterior weights of the ensemble under a record of visits today and a year ago."""

    def weights(*record: Measurement, grades: tuple[Grade, ...] = ()) -> np.ndarray:
        missing = [m for m in YEAR.measurements if m.date not in {r.date for r in record}]
        person = man(*sorted(record, key=lambda m: m.date), grades=grades, goals=Goals(zone="vertex"))
        assert history.visit_days(replace(person, measurements=(*record, *missing))) == history.visit_days(YEAR)
        people, readings = ensemble
        rows = [history.visit_days(YEAR).index(day) for day in history.visit_days(person)]
        fewer = Readings(
            **{
                name: getattr(readings, name) if name == "sites" else getattr(readings, name)[rows]
                for name in readings.__dataclass_fields__
            }
        )
        return normalised(log_likelihood(person, fewer, people, knowledge))

    return weights


def test_a_count_pulls_the_density_towards_itself_and_narrows_it(ensemble, weigh) -> None:
    density = ensemble[1].total[-1, :, VERTEX]
    prior = density.mean(), density.std()
    low, high = (spread(density, weigh(reading(value))) for value in (150.0, 260.0))
    assert in_order([150.0 - 14.0, low[0], prior[0], high[0], 260.0 + 14.0])
    assert max(low[1], high[1]) < 0.6 * prior[1]


def test_the_more_precise_the_reading_the_narrower_the_answer(ensemble, weigh) -> None:
    density = ensemble[1].total[-1, :, VERTEX]
    widths = [spread(density, weigh(reading(200.0, sd=sd)))[1] for sd in (14.5, 25.0, 60.0)]
    assert in_order([*widths, density.std()])


def test_a_matched_pair_tells_the_change_better_than_two_spots(ensemble, weigh) -> None:
    total = ensemble[1].total[:, :, VERTEX]
    change = total[-1] - total[history.visit_days(YEAR).index(-365)]
    pair = [reading(205.0, days_ago=365), reading(185.0, matched=True)]
    apart = [pair[0], replace(pair[1], matched_site=False)]
    (mean, matched), (_, unmatched) = (spread(change, weigh(*record)) for record in (pair, apart))
    assert matched < 0.6 * unmatched
    assert mean == pytest.approx(-20.0, abs=3.0)


def test_the_likelihood_is_the_normal_density_with_the_site_error_shared(ensemble, knowledge: Knowledge) -> None:
    people, readings = ensemble
    record = (
        reading(200.0, days_ago=365),
        reading(170.0, days_ago=365, quantity="nonvellus_density", threshold=30.0),
        reading(185.0, matched=True),
        reading(52.0, quantity="mean_diameter"),
    )
    today, before = -1, history.visit_days(YEAR).index(-365)
    shapes = [(readings.total, before), (readings.nonvellus, before), (readings.total, today)]
    means = np.stack([array[row, :, VERTEX] for array, row in shapes], axis=1)
    shared = np.full((3, 3), 14.0**2 - 2.5**2) + np.diag([2.5**2] * 3)
    normal = stats.multivariate_normal(np.zeros(3), shared)
    expected = normal.logpdf(np.array([200.0, 170.0, 185.0]) - means)
    expected += stats.norm(0.0, 3.0).logpdf(52.0 - readings.mean_diameter[today, :, VERTEX])
    assert log_likelihood(man(*record), readings, people, knowledge) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("quantity", "threshold", "name"),
    [
        ("total_density", None, "total"),
        ("nonvellus_density", 30.0, "nonvellus"),
        ("nonvellus_density", 40.0, "nonvellus40"),
        ("terminal_density", 60.0, "terminal"),
        ("terminal_density", 40.0, "nonvellus40"),
        ("mean_diameter", None, "mean_diameter"),
        ("mean_diameter", 30.0, "nonvellus_diameter"),
        ("mean_diameter", 40.0, "nonvellus40_diameter"),
    ],
)
def test_a_reading_is_compared_with_the_same_thinnest_hair(ensemble, knowledge, quantity, threshold, name) -> None:
    people, readings = ensemble
    asked = reading(100.0, quantity=quantity, threshold=threshold)
    mean = predicted(asked, -1, readings, people, knowledge)
    assert mean.tolist() == getattr(readings, name)[-1, :, VERTEX].tolist()


def test_growing_hairs_are_compared_as_misread(ensemble, knowledge: Knowledge) -> None:
    people, readings = ensemble
    mean = predicted(reading(0.7, quantity="anagen_share"), -1, readings, people, knowledge)
    misread = readings.slowness[-1, :, VERTEX] * people.slow_misread
    assert mean == pytest.approx(readings.anagen_share[-1, :, VERTEX] * (1.0 - misread))


def test_what_is_shed_is_counted_over_two_months_whatever_else_was_read(knowledge: Knowledge) -> None:
    shed = reading(80.0, quantity="shed_per_day", zone=None, days_ago=1)
    alone, busy = man(shed), man(reading(190.0), reading(200.0, days_ago=2), shed)
    means = []
    for person in (alone, busy):
        people, readings = lived(person, knowledge, 30)
        row = history.visit_index(person)[-1]
        means.append(predicted(shed, row, readings, people, knowledge))
    wider = {site.zone for site in history.sites_for(busy)} - {"vertex"}
    assert len(wider) == 5
    assert means[0] == pytest.approx(means[1])


def test_the_error_of_a_count_grows_as_its_field_shrinks(knowledge: Knowledge) -> None:
    whole, quarter, circle = (
        np.hypot(*error_sds(replace(reading(200.0), area_cm2=area), knowledge)) for area in (1.0, 0.25, 5.07)
    )
    assert quarter == pytest.approx(2.0 * whole)
    assert circle == whole == 14.0
    assert error_sds(reading(200.0, sd=20.0), knowledge) == (0.0, 20.0)


def test_of_one_system_on_one_day_only_the_last_grade_counts(weigh) -> None:
    one, other = (Grade(TODAY, "norwood-hamilton", name, "clinician") for name in ("III", "VI"))
    assert weigh(grades=(other, one)).tolist() == weigh(grades=(one,)).tolist()
    assert weigh(grades=(other,)).tolist() != weigh(grades=(one,)).tolist()


def test_a_clinicians_grade_weighs_more_than_ones_own(weigh) -> None:
    sizes = [
        1.0 / (weigh(grades=(Grade(TODAY, "norwood-hamilton", "V", rater),)) ** 2).sum()
        for rater in ("clinician", "photo", "self")
    ]
    assert in_order(sizes)


def test_counts_of_one_photograph_with_a_stated_error_err_together(knowledge: Knowledge) -> None:
    record = (
        reading(160.0, sd=24.0),
        reading(160.0, sd=24.0, quantity="nonvellus_density", threshold=30.0),
        reading(40.0, sd=9.0, quantity="terminal_density", threshold=60.0),
        reading(52.0, quantity="mean_diameter", sd=2.0),
    )
    errors = reported(man(*record), knowledge).covariance
    sds = np.sqrt(np.diag(errors))
    alike = errors / np.outer(sds, sds)
    assert alike[0, 1] == pytest.approx(0.98)
    assert alike[0, 2] == pytest.approx(0.5 * 9.0 / 14.0)
    assert alike[0, 3] == 0.0
    assert np.linalg.eigvalsh(errors).min() > 0.0


def test_nothing_measured_weighs_nothing(ensemble, knowledge: Knowledge) -> None:
    assert not log_likelihood(replace(YEAR, measurements=()), ensemble[1], ensemble[0], knowledge).any()


def test_ranks_of_true_densities_are_uniform(ensemble, knowledge: Knowledge) -> None:
    """Simulation-based calibration (Talts et al. 2018): 60 people of the prior, each counted once with its error."""
    people, readings = ensemble
    truth = lived(YEAR, knowledge, 60, seed=99)[1].total[-1, :, VERTEX]
    density = readings.total[-1, :, VERTEX]
    noise = np.random.default_rng(7).normal(0.0, 14.0, truth.size)
    ranks = []
    for value, error in zip(truth, noise, strict=True):
        weights = normalised(
            log_likelihood(man(reading(value + error), reading(0, 365, sd=1e9)), readings, people, knowledge)
        )
        ranks.append(weights[density < value].sum())
    counts = np.histogram(ranks, bins=6, range=(0.0, 1.0))[0]
    assert stats.chisquare(counts).pvalue > 0.001
    assert 0.35 < np.mean(ranks) < 0.65


def test_a_person_lives_on_the_days_of_the_record() -> None:
    person: Person = man(
        reading(200.0, days_ago=10), grades=(Grade(TODAY - timedelta(days=400), "basp", "M2", "self"),)
    )
    assert history.visit_days(person) == [-461, -400, -365, -71, -61, -10, 0]
    assert MAN.measurements == ()
