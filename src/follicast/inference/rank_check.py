"""Do the forecasts of one person tell the truth? Simulation-based calibration on virtual people (Talts et al. 2018).

Each virtual person is drawn from what is believed, lives, is read with the instruments' errors, and is written down as
a `Person`. The real fit and the real forecast then get that record and nothing else. If they are right, the person's
true value falls at a uniformly distributed rank among the posterior's draws, and 80 % intervals hold it 8 times in 10.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final, Literal, get_args

import numpy as np
import numpy.typing as npt

from follicast.inference import refine
from follicast.inference.diagnostics import effective_size, quantile
from follicast.inference.forecast import PlannedLine, Regimen, Stage
from follicast.inference.history import live_through, past_therapies, telling_sites
from follicast.inference.refine import Posterior
from follicast.inference.store import key_of
from follicast.inference.written_record import written_record
from follicast.knowledge.load import Knowledge
from follicast.people.beliefs import named_uniforms
from follicast.people.compute import Where, run
from follicast.people.person import Goals, Grade, Measurement, Person, Quantity, Rater
from follicast.people.population import ANCESTRIES, draw_population, prior_latents
from follicast.people.readings import RANGES
from follicast.quantities import ZONES

Floats = npt.NDArray[np.float64]
Record = Literal["sparse", "rich"]
"""What is known: sex, age and one grade; or three trichograms of the vertex over two years."""

RECORDS: Final[tuple[Record, ...]] = get_args(Record)
ZONE: Final = "vertex"
TABLET: Final = "finasteride-oral"
QUANTITIES: Final = (
    "density today",
    "androgen sensitivity",
    "change in 12 months, nothing",
    "density in 12 months, nothing",
    "change in 12 months, finasteride",
    "density in 12 months, finasteride",
)
"""All at the vertex; finasteride in men only."""
COVERAGES: Final = (0.8, 0.95)
_YEAR_DAYS: Final = 365
# One in so many is a woman.
_WOMEN: Final = 6
_AGES: Final = (22.0, 60.0)
_LONGEST_LOSS: Final = 15.0
_VISITS_DAYS_AGO: Final = ((690, 760), (330, 400), (0, 60))
_BINS: Final = 20
# Hairs/cm2 below which nobody makes a trichogram.
_FEWEST_HAIRS: Final = 30.0

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Checked:
    """One virtual person: where the truth fell. NaN = not asked (finasteride in women).

    `rank` is in (0, 1), `truth` and `middle` (the posterior's median) in the quantity's unit, `within` says for each of
    `COVERAGES` whether the interval held the truth; all by quantity.
    """

    number: int
    rank: tuple[float, ...]
    truth: tuple[float, ...]
    middle: tuple[float, ...]
    within: tuple[tuple[float, ...], ...]
    effective_size: float
    pareto_k: float
    trustworthy: bool
    rounds: int


@dataclass(frozen=True)
class RankCheck:
    """All virtual people of one kind of record, in the order of their numbers."""

    record: Record
    checked: tuple[Checked, ...]

    @property
    def ranks(self) -> Floats:
        """[people, quantity], NaN where not asked."""
        return np.array([c.rank for c in self.checked])

    @property
    def coverage(self) -> Floats:
        """Share of people whose truth lay within the interval, [coverage, quantity]."""
        return np.asarray(np.nanmean(np.array([c.within for c in self.checked]), axis=0))

    @property
    def trusted(self) -> float:
        """Share of people whose fit calls itself trustworthy."""
        return float(np.mean([c.trustworthy for c in self.checked]))

    def select(self, keep: Callable[[Checked], bool]) -> RankCheck:
        """Some of the people only."""
        return RankCheck(self.record, tuple(c for c in self.checked if keep(c)))

    def table(self) -> list[dict[str, float | str]]:
        """One row a quantity: people, mean rank, tests of uniformity and coverage."""
        rows: list[dict[str, float | str]] = []
        for q, name in enumerate(QUANTITIES):
            ranks = self.ranks[:, q]
            ranks = ranks[np.isfinite(ranks)]
            if not ranks.size:
                continue
            chi, ks = uniformity(ranks)
            row: dict[str, float | str] = {"quantity": name, "people": ranks.size, "mean rank": float(ranks.mean())}
            row |= {"rank sd": float(ranks.std()), "p chi-square": chi, "p Kolmogorov": ks}
            row |= {f"within {100 * c:.0f} %": float(self.coverage[i, q]) for i, c in enumerate(COVERAGES)}
            rows.append(row)
        return rows

    def histogram(self, quantity: int, bins: int = _BINS) -> list[int]:
        """People by rank."""
        ranks = self.ranks[:, quantity]
        return [int(n) for n in np.histogram(ranks[np.isfinite(ranks)], bins=bins, range=(0.0, 1.0))[0]]


def uniformity(ranks: Floats) -> tuple[float, float]:
    """How likely such ranks are if they are uniform: p of chi-square over bins, and of Kolmogorov's largest distance.

    The second is a band around the whole cumulative histogram at once.
    """
    from scipy import stats

    bins = max(2, min(_BINS, ranks.size // 5))
    counts = np.histogram(ranks, bins=bins, range=(0.0, 1.0))[0]
    return float(stats.chisquare(counts).pvalue), float(stats.kstest(ranks, "uniform").pvalue)


def rank_of(truth: float, values: Floats, weights: Floats, u: float) -> float:
    """Where the truth falls among weighted draws, in (0, 1).

    With n equal weights it is the usual (draws below + u (ties + 1)) / (n + 1), uniform if truth and draws are alike.

    Args:
        truth: the true value.
        values: draws [n].
        weights: summing to one [n].
        u: a uniform, which settles ties.
    """
    n = effective_size(weights)
    below = weights[values < truth].sum() + u * weights[values == truth].sum()
    return float((n * below + u) / (n + 1.0))


def virtual_facts(record: Record, number: int, seed: int) -> Person:
    """What is asked of virtual person `number`: sex, age, ancestry, years of loss, and dates of what will be read."""
    rng = np.random.default_rng([seed, number, RECORDS.index(record)])
    man = number % _WOMEN != _WOMEN - 1
    today = date(2026, 1, 1) + timedelta(days=int(rng.integers(365)))
    age = round(float(rng.uniform(*_AGES)), 1)
    years = None
    if rng.uniform() < 0.5:
        # So many that the loss began after the earliest onset, even if remembered wrongly.
        least = round(float(rng.uniform(0.5, min(_LONGEST_LOSS, (age - 15.0) / 1.3))), 1)
        years = (least, round(least * 1.1, 1))
    grades: tuple[Grade, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    if record == "sparse":
        rater: Rater = get_args(Rater)[int(rng.integers(len(get_args(Rater))))]
        when = today - timedelta(days=int(rng.integers(90)))
        grades = (Grade(when, "norwood-hamilton" if man else "sinclair", "", rater),)
    else:
        marked = bool(rng.uniform() < 0.5)
        days = [int(rng.integers(low, high)) for low, high in _VISITS_DAYS_AGO]
        measurements = tuple(m for i, ago in enumerate(days) for m in _trichogram(today, ago, marked and i > 0))
    return Person(
        as_of=today,
        label=f"virtual {number}",
        sex="male" if man else "female",
        age_years=age,
        ancestry=ANCESTRIES[int(rng.integers(len(ANCESTRIES)))] if rng.uniform() < 0.7 else None,
        years_of_loss=years,
        grades=grades,
        measurements=measurements,
        goals=Goals(zone=ZONE),
    )


def _trichogram(today: date, days_ago: int, matched: bool) -> list[Measurement]:
    """What one phototrichogram reads at the vertex, values still to come."""
    when = today - timedelta(days=days_ago)
    wanted: tuple[Quantity, ...] = ("total_density", "mean_diameter", "anagen_share")
    return [Measurement(when, ZONE, q, 0.0, None, 1.0, "phototrichogram", None, matched) for q in wanted]


def _regimens(person: Person, knowledge: Knowledge) -> list[Regimen]:
    """Nothing, and for men the tablet as a plan would have it taken."""
    tablet = PlannedLine(TABLET, 0, None, knowledge.parameters["adherence.plan"].value)
    return [Regimen(), *([Regimen((tablet,))] if person.sex == "male" else [])]


def _values(person: Person, knowledge: Knowledge, posterior: Posterior, seed: int) -> Floats:
    """The quantities of each member of a posterior, [quantity, member]: the real forecast, read at the vertex."""
    stage = Stage(person, knowledge, posterior, seed, sites=telling_sites(person))
    zone = ZONES.index(ZONE)
    today = stage.today.total[-1, :, zone]
    members = draw_population(person, knowledge, (), seed, posterior.number, posterior.latents)
    rows = [today, members.scalps.sensitivity[:, zone]]
    for regimen in _regimens(person, knowledge):
        later = stage.outlook(regimen, _YEAR_DAYS).density[-1]
        rows += [later - today, later]
    missing = len(QUANTITIES) - len(rows)
    return np.stack(rows + [np.full(today.size, math.nan)] * missing)


def _alone(number: int, seed: int) -> Posterior:
    """A prior draw as a posterior of one: the truth, so that it is forecast by the very same code."""
    who = np.array([number])
    return Posterior(who, prior_latents(seed, who), np.ones(1), 1.0, None, 0, 1)


def virtual_person(record: Record, number: int, knowledge: Knowledge, seed: int) -> tuple[Person, Floats]:
    """A virtual person's record as a file would have it, and their true value of each of `QUANTITIES`.

    Somebody whose record nobody would write makes place for another. Who is left out follows from the record alone,
    which the fit is given too, so ranks stay uniform.
    """
    for own in count(seed):
        template = virtual_facts(record, number, own)
        one, sites = _alone(number, own), telling_sites(template)
        ids = past_therapies(template)
        ((scene, readings),) = live_through(template, knowledge, ids, own, one.number, one.latents, sites)
        person = written_record(template, readings, scene.members, knowledge, own)
        if all(_is_written(m) for m in person.measurements):
            return person, _values(person, knowledge, one, own)[:, 0]
    raise AssertionError("there is always another person")


def _is_written(m: Measurement) -> bool:
    """Whether a file may say so, and whether there was hair enough to be worth a trichogram."""
    low, high = RANGES[m.quantity]
    return low <= m.value <= high and not (m.quantity == "total_density" and m.value < _FEWEST_HAIRS)


def check_person(record: Record, number: int, knowledge: Knowledge, seed: int) -> Checked:
    """Virtual person `number`: draw, read, fit, forecast, and rank the truth.

    The fit's seed shares nothing with the truth's, and each person's fit has its own.
    """
    truth_seed, fit_seed = (int(s) for s in np.random.SeedSequence([seed, number]).generate_state(2, np.uint32))
    person, truth = virtual_person(record, number, knowledge, truth_seed)
    posterior = refine.fit(person, knowledge, fit_seed, _silent)
    values = _values(person, knowledge, posterior, fit_seed)
    weights = posterior.weights
    ranks, middles, within = [], [], []
    for q, name in enumerate(QUANTITIES):
        asked = bool(np.isfinite(truth[q]))
        u = float(named_uniforms(truth_seed, np.array([number]), f"rank.{name}")[0])
        ranks.append(rank_of(truth[q], values[q], weights, u) if asked else math.nan)
        edges = [0.5, *(0.5 + side * 0.5 * c for c in COVERAGES for side in (-1.0, 1.0))]
        middle, *ends = (float(e) for e in quantile(values[q], weights, np.array(edges)))
        middles.append(middle)
        within.append([float(ends[2 * i] <= truth[q] <= ends[2 * i + 1]) if asked else math.nan for i in range(2)])
    return Checked(
        number=number,
        rank=tuple(ranks),
        truth=tuple(truth.tolist()),
        middle=tuple(middles),
        within=tuple(zip(*within, strict=True)),
        effective_size=posterior.effective_size,
        pareto_k=math.nan if posterior.pareto_k is None else posterior.pareto_k,
        trustworthy=posterior.trustworthy,
        rounds=posterior.rounds,
    )


def rank_check(
    knowledge: Knowledge,
    record: Record,
    people: int,
    seed: int = 0,
    progress: Progress | None = None,
    folder: Path | None = None,
    processes: int = 1,
) -> RankCheck:
    """Check that many virtual people; who was done before, with this code, knowledge and seed, is not done again.

    Args:
        knowledge: in force.
        record: how much is known of each.
        people: how many.
        seed: of the truths and of the fits.
        progress: called with people done and asked for.
        folder: where each person's result is appended as it comes; None = nowhere.
        processes: workers, each with one thread; 1 = this process.

    Returns:
        The ranks of all people, the same whatever was resumed and however many processes there were.
    """
    place = None
    if folder is not None:
        sizes = (refine.FIRST_ROUND, refine.LATER_ROUND, refine.MOST_ROUNDS, refine.ENOUGH, refine.KEPT)
        place = folder / f"{record}-{key_of('rank check', knowledge.hash, record, seed, sizes)[:16]}.jsonl"
    done = {c.number: c for c in _kept(place) if c.number < people}
    for one in _checks(record, [n for n in range(people) if n not in done], knowledge, seed, processes):
        done[one.number] = one
        _keep(one, place)
        if progress is not None:
            progress(len(done), people)
    return RankCheck(record, tuple(done[n] for n in range(people)))


def _checks(
    record: Record, numbers: Sequence[int], knowledge: Knowledge, seed: int, processes: int
) -> Iterator[Checked]:
    """Results as they come."""
    work = partial(_check, record, knowledge, seed)
    with closing(run(work, numbers, Where(0 if processes == 1 else processes))) as results:
        for _, one in results:
            yield one


def _check(record: Record, knowledge: Knowledge, seed: int, number: int) -> Checked:
    return check_person(record, number, knowledge, seed)


def _silent(_step: str, _done: float) -> None:
    """Says nothing."""


def _keep(one: Checked, place: Path | None) -> None:
    if place is None:
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("a", encoding="utf-8") as file:
        # The line break comes first, so that a line cut off by an earlier stop spoils only itself.
        file.write("\n" + json.dumps(asdict(one)))


def _kept(place: Path | None) -> Iterator[Checked]:
    """Results of an earlier run; a last line that was cut off is done again."""
    if place is None or not place.exists():
        return
    for line in place.read_text(encoding="utf-8").splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            continue
        told["within"] = tuple(tuple(w) for w in told["within"])
        yield Checked(**told | {name: tuple(told[name]) for name in ("rank", "truth", "middle")})
