"""Does the model reproduce what is published? One row a number: model, tolerance, pass or miss. Nothing is hidden.

The facts, their tolerances and sources are facts.csv; how each is read off the model is written beside it here.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

import follicast.knowledge
from follicast.biology.androgen import dose_effect
from follicast.biology.scalp import Site
from follicast.inference import automaton
from follicast.inference.cohorts import (
    NEVER,
    Cohort,
    cohort,
    graded_sites,
    losses,
    norwood_probabilities,
    person_of,
    settled,
    twin_latents,
    years,
)
from follicast.inference.trial_people import ENTRY, entry_weights
from follicast.knowledge.load import Knowledge
from follicast.knowledge.therapy import EmaxExposure
from follicast.measurement.instruments import phototrichogram_anagen
from follicast.people.beliefs import centre
from follicast.people.person import Person

Floats = npt.NDArray[np.float64]

SHIPPED: Final = "facts.csv"
_THREE_SITES: Final = (Site("vertex", 1.0), Site("occipital-donor", 1.0), Site("temples", 1.0))
_CIRCLE_CM2: Final = 5.07
_PEOPLE: Final = 400
TWIN_PAIRS: Final = 4000


@dataclass(frozen=True)
class Check:
    """One number of one fact. `low` and `high` are the tolerance; `sources` the keys behind it."""

    fact: str
    what: str
    model: float
    low: float
    high: float
    unit: str
    how: str

    @property
    def passed(self) -> bool:
        """Within tolerance."""
        return self.low <= self.model <= self.high


def shipped_facts() -> dict[str, dict[str, str]]:
    """Rows of facts.csv by id: fact, tolerance, source, use."""
    path = Path(follicast.knowledge.__file__).parent / SHIPPED
    with path.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def within(fact: str, what: str, model: float, target: float, tolerance: float, unit: str, how: str) -> Check:
    """A check of target +- tolerance."""
    return Check(fact, what, model, target - tolerance, target + tolerance, unit, how)


def _share(fact: str, what: str, model: float, target: float, share: float, unit: str, how: str) -> Check:
    return within(fact, what, model, target, abs(target) * share, unit, how)


@dataclass(frozen=True)
class _Look:
    """How the facts are looked at: what is believed, the seed, and the share of the usual number of people."""

    knowledge: Knowledge
    seed: int
    effort: float

    def people(self, usual: int) -> int:
        """How many to simulate where `usual` is full effort."""
        return max(40, round(self.effort * usual))

    def parameter(self, key: str) -> float:
        """The middle of what is believed about a parameter."""
        return centre(self.knowledge.parameters[key], key, self.knowledge.shared)

    def cohort(self, who: Person, usual: int, sites: Sequence[Site], **rest: Any) -> Cohort:
        """People like `who`; other arguments as `cohorts.cohort`."""
        return cohort(self.knowledge, who, self.people(usual), sites, seed=self.seed, **rest)


def _theory(look: _Look) -> Iterator[Check]:
    seed = look.seed
    for name, model, target, error in automaton.phase_shares(seed):
        yield within("F1", f"share of {name}", model, target, 3 * error, "fraction", "20,000 follicles, +- 3 SE")
    model, target = automaton.share_spread(seed)
    yield _share(
        "F2", "SD of the anagen share of 100 follicles", model, target, 0.10, "fraction", "1,000 groups of 100"
    )
    for name, model, target in automaton.automaton_shares(seed):
        yield within("F3", f"share of {name}", model, target, 0.001, "fraction", "exponential spans, 250,000 follicles")
    real, imaginary = automaton.automaton_eigenvalue(seed)
    how = "generator with the mean spans that the kernel drew"
    yield within("F3", "real part of the eigenvalue", real, -0.597, 0.001, "1/month", how)
    yield within("F3", "imaginary part", imaginary, 0.326, 0.001, "1/month", how)
    how = "swing of the anagen share in the eighth cycle after full synchrony"
    yield Check("F4", "swing at CV 0.4", automaton.late_swing(seed, 0.4), 0.0, 0.05, "fraction", how)
    yield Check("F4", "swing at CV 0.02", automaton.late_swing(seed, 0.02), 0.2, 1.0, "fraction", how)


def _healthy(look: _Look, ancestry: str) -> Cohort:
    return look.cohort(person_of("male", 27.0, ancestry), 200, _THREE_SITES, latents=NEVER)


def _growth(group: Cohort) -> float:
    """Mean growth of hairs of the cohort's mean diameter, um/day."""
    from follicast.biology.follicle import GROWTH_INTERCEPT, GROWTH_SLOPE

    rates = group.members.rates
    mm = rates[:, GROWTH_INTERCEPT] + rates[:, GROWTH_SLOPE] * group.readings.mean_diameter[0].mean()
    return float(1000.0 * mm.mean())


def _telogen_read(group: Cohort) -> float:
    """Telogen share as a phototrichogram reads it, in %."""
    r = group.readings
    seen = phototrichogram_anagen(r.anagen_share[0], r.slowness[0], group.members.slow_misread)
    return float(100.0 * (1.0 - seen.mean()))


def _healthy_scalp(look: _Look) -> Iterator[Check]:
    how = "200 healthy men of 27; vertex, occiput and temples pooled"
    white = _healthy(look, "caucasian")
    yield _share("F5", "Caucasian density", float(white.readings.total.mean()), 226.5, 0.10, "hairs/cm2", how)
    yield Check("F5", "Caucasian growth", _growth(white), 0.9 * 367, 1.1 * 396, "um/day", how)
    yield Check("F5", "Caucasian telogen, phototrichogram", _telogen_read(white), 9.0, 17.0, "%", how)
    asian = _healthy(look, "east-asian")
    yield _share("F6", "Asian density", float(asian.readings.total.mean()), 175.0, 0.10, "hairs/cm2", how)
    yield _share("F6", "Asian growth", _growth(asian), 411.0, 0.10, "um/day", how)
    yield within("F6", "Asian telogen, phototrichogram", _telogen_read(asian), 12.0, 3.0, "%", how)
    african = _healthy(look, "african")
    yield Check("F6", "African density", float(african.readings.total.mean()), 0.9 * 161, 1.1 * 190, "hairs/cm2", how)
    yield Check("F6", "African growth", _growth(african), 0.9 * 256, 1.1 * 280, "um/day", how)
    yield Check("F6", "African telogen, phototrichogram", _telogen_read(african), 11.0, 21.0, "%", how)
    r = white.readings
    yield within("F7", "anagen, histology", float(100 * r.anagen_share.mean()), 92.0, 2.0, "%", how)
    yield Check("F7", "telogen, histology", float(100 * r.telogen_share.mean()), 4.0, 10.0, "%", how)
    vellus = float((r.total - r.nonvellus).sum())
    yield Check("F7", "terminal to vellus", float(r.nonvellus.sum()) / vellus, 9.0, 25.0, "1", how + "; cut at 30 um")


def _shafts(look: _Look) -> Iterator[Check]:
    yield from _units(look)
    for what, um, target in (("above 60 um (at 76 um)", 76.0, 0.375), ("20 to 30 um (at 25 um)", 25.0, 0.25)):
        model = look.parameter("growth.intercept") + look.parameter("growth.slope") * um
        yield _share("F9", f"growth of hairs {what}", model, target, 0.10, "mm/day", "the growth rule")


def _units(look: _Look) -> Iterator[Check]:
    shares = np.array([look.parameter(f"unit.share.{k}") for k in ("one", "two", "three", "four")])
    mean = float((shares * np.arange(1, 5)).sum() / shares.sum())
    how = "from the unit shares, before any loss"
    yield Check("F8", "hairs per follicular unit", mean, 2.4 - 0.2, 2.5 + 0.2, "hairs", how)
    yield Check("F8", "commonest unit", float(1 + shares.argmax()), 2.0, 2.0, "hairs", how)


def _entered(look: _Look, therapy: str | None) -> tuple[Cohort, Floats]:
    """Men of 33 with 2 to 14 years of loss at the vertex, and how much each counts in a trial that takes thin areas."""
    who = person_of("male", 33.0, years=(2.0, 14.0))
    days = (0.0, 336.0, *years(1.0, 2.0))
    group = look.cohort(who, _PEOPLE, (Site("vertex", 1.0),), days=days, therapy=therapy)
    total = group.readings.total[0, :, 0]
    return group, entry_weights(total, np.ones(total.size))


def _pattern_loss(look: _Look) -> Iterator[Check]:
    untreated, weights = _entered(look, None)
    treated, _ = _entered(look, "finasteride-oral")
    how = f"{weights.size} men, those at {ENTRY[0]:.0f} to {ENTRY[1]:.0f} hairs/cm2 counted"

    def mean(values: Floats) -> Floats:
        return np.asarray(values[:, :, 0] @ weights)

    total, nonvellus = mean(untreated.readings.total), mean(untreated.readings.nonvellus)
    change = 100.0 * (total / total[0] - 1.0)
    thick = 100.0 * (nonvellus / nonvellus[0] - 1.0)
    yield within("F11", "untreated vertex, total, 1 year", float(change[2]), -6.5, 2.0, "%", how)
    yield within("F11", "untreated vertex, total, 2 years", float(change[3]), -11.9, 3.0, "%", how)
    yield within("F12", "untreated vertex, non-vellus, 1 year", float(thick[2]), -10.8, 3.0, "%", how)
    yield within("F12", "untreated vertex, non-vellus, 2 years", float(thick[3]), -22.7, 5.0, "%", how)
    yield from _anagen_there(untreated, float(total[0]), how)
    net = _CIRCLE_CM2 * (mean(treated.readings.total) - total)
    yield _share("F20", "finasteride 1 mg, net, 1 year", float(net[2]), 107.0, 0.15, "hairs/5.1 cm2", how)
    yield _share("F20", "finasteride 1 mg, net, 2 years", float(net[3]), 138.0, 0.15, "hairs/5.1 cm2", how)


def _anagen_there(men: Cohort, density: float, how: str) -> Iterator[Check]:
    """Density where trials look, and the anagen share of men tilted to the density of the one that read it."""
    low, high = 196.0, 200.0
    yield Check("F15", "density of the vertex in pattern loss", density, 0.85 * low, 1.15 * high, "hairs/cm2", how)
    total = men.readings.total[0, :, 0]
    weights = entry_weights(total, np.ones(total.size), total, 0.5 * (low + high))
    r = men.readings
    seen = phototrichogram_anagen(r.anagen_share[0], r.slowness[0], men.members.slow_misread)[:, 0]
    share = 100.0 * float(seen @ (weights * total)) / float(weights @ total)
    how = f"men tilted to {0.5 * (low + high):.0f} hairs/cm2, as the trial's"
    yield Check("F15", "anagen share there, phototrichogram", share, 55.0, 67.0, "%", how)


def _kenogen(look: _Look) -> Iterator[Check]:
    who = person_of("female", 40.0, years=(1.0, 3.0))
    group = look.cohort(who, _PEOPLE, (Site("mid-scalp", 0.5),), days=(0.0, *years(14.0)))
    how = "400 women, 1 to 3 years of loss, then 14 more; one woman in the source"
    share = 100.0 * group.readings.kenogen_share.mean(axis=(1, 2))
    whole = 100.0 * (1.0 - group.readings.miniaturised_share.mean(axis=(1, 2)))
    yield within("F19", "kenogen early", float(share[0]), 8.0, 5.0, "%", how)
    yield within("F19", "kenogen 14 years on", float(share[1]), 16.0, 5.0, "%", how)
    yield within("F19", "normal cycles early", float(whole[0]), 60.0, 12.0, "%", how + "; normal = not miniaturised")
    yield within(
        "F19", "normal cycles 14 years on", float(whole[1]), 32.0, 12.0, "%", how + "; normal = not miniaturised"
    )


def _androgen(look: _Look) -> Iterator[Check]:
    knowledge = look.knowledge
    fin, dut = knowledge.therapies["finasteride-oral"], knowledge.therapies["dutasteride-oral"]
    assert isinstance(fin.exposure, EmaxExposure)
    amplitude = centre(fin.channels["androgen"], f"{fin.draws}.effect", knowledge.shared)
    ed50 = centre(fin.exposure.ed50, f"{fin.draws}.exposure.ed50", knowledge.shared)
    hill = centre(fin.exposure.hill, f"{fin.draws}.exposure.hill", knowledge.shared)
    drift = fin.assay["scalp_dht_placebo"].value
    how = "the follicle's androgen channel, read as the biopsy was: with the placebo arm's own fall"
    for dose, target in ((1.0, 64.0), (5.0, 69.0)):
        fall = 1.0 - (1.0 - drift) * (1.0 - amplitude * dose_effect(dose, ed50, hill))
        yield within("F24", f"scalp DHT, finasteride {dose:g} mg", -100 * fall, -target, 6.0, "%", how)
    curve = [dut.assay[k].value for k in ("scalp_emax", "scalp_ed50", "scalp_hill")]
    how = "dose curve through the biopsies; the follicle's own androgen channel is stronger, see docs/decisions"
    for dose, target in ((0.5, 51.0), (2.5, 79.0)):
        fall = curve[0] * dose_effect(dose, curve[1], curve[2])
        yield within("F24", f"scalp DHT, dutasteride {dose:g} mg", -100 * fall, -target, 6.0, "%", how)
    serum = fin.assay["serum_emax"].value * dose_effect(1.0, fin.assay["serum_ed50"].value, 1.0)
    yield within("F25", "serum DHT, finasteride 1 mg", -100 * serum, -71.0, 4.0, "%", "dose curve")
    yield within(
        "F25", "serum DHT, dutasteride 0.5 mg", -100 * dut.assay["serum_dht"].value, -90.0, 4.0, "%", "assay value"
    )


def _natural_history(look: _Look) -> Iterator[Check]:
    for span, age, target in (("18 to 29", 23.5, 16.0), ("40 to 49", 44.5, 53.0)):
        group = look.cohort(person_of("male", age), 800, graded_sites(0.4))
        third = 3
        share = float(100 * norwood_probabilities(group, look.knowledge)[:, third:].sum(axis=1).mean())
        yield within(
            "F28", f"Norwood III or more at {span}", share, target, 5.0, "%", f"{group.members.size} men of {age:g}"
        )


def _ageing(look: _Look) -> Iterator[Check]:
    site = (Site("vertex", 1.0),)
    ageing = look.cohort(person_of("female", 40.0), 300, site, days=(0.0, *years(20.0)), latents=NEVER)
    kept = ageing.readings.follicles.mean(axis=(1, 2))
    loss = -100.0 * math.log(kept[1] / kept[0]) / 20.0
    yield Check("F38", "follicles lost by age alone", loss, 0.0, 0.3 + 0.1, "%/year", "300 healthy women, 40 to 60")


def _twins(look: _Look) -> Iterator[Check]:
    knowledge, seed = look.knowledge, look.seed
    still = settled(knowledge)
    h2 = look.parameter("onset.heritability")
    found = []
    for shared in (1.0, 0.5):
        pair = []
        for side, z in enumerate(twin_latents(seed, TWIN_PAIRS, shared, h2)):
            group = cohort(still, person_of("male", 30.0), TWIN_PAIRS, graded_sites(0.5), latents=z, seed=seed + side)
            pair.append(losses(group, still).max(axis=1) > 0.35)
        found.append(automaton.tetrachoric(pair[0], pair[1]))
    how = f"{TWIN_PAIRS:,} pairs of each kind at 30; twice the difference of the tetrachoric correlations of loss"
    yield Check("F31", "heritability of the liability", 2.0 * (found[0] - found[1]), 0.72, 0.90, "fraction", how)


def _coverage(look: _Look) -> Iterator[Check]:
    slope = look.parameter("coverage.slope")
    how = "200 healthy people at the vertex; 5 coverage points are 7 days"
    for sex, target in (("male", 19.6), ("female", 21.6)):
        who = person_of("male" if sex == "male" else "female", 35.0)
        group = look.cohort(who, 200, (Site("vertex", 1.0),), latents=NEVER)
        days = float(np.median(group.readings.ttcc))
        yield within("F36", f"time to complete coverage, healthy {sex}", days, target, 5.0 / slope, "days", how)
    early = look.cohort(person_of("male", 30.0), 600, graded_sites(0.5))
    mild = norwood_probabilities(early, look.knowledge)[:, :2].sum(axis=1) > 0.7
    points = 100.0 * (1.0 - losses(early, look.knowledge)[mild][:, 3].mean())
    yield within(
        "F36",
        "coverage of Norwood I and II, of full",
        float(points),
        97.0,
        5.0,
        "%",
        "men of 30 graded I or II, vertex",
    )


_EXACT: Final = (("Phases and synchrony", _theory), ("Shafts and units", _shafts), ("Twins", _twins))
_FITTED: Final = (
    ("Healthy scalp", _healthy_scalp),
    ("Pattern loss and finasteride", _pattern_loss),
    ("Kenogen", _kenogen),
    ("Androgen", _androgen),
    ("Natural history", _natural_history),
    ("Coverage", _coverage),
    ("Ageing", _ageing),
)


def check_facts(knowledge: Knowledge, seed: int, progress: Callable[[str, float], None]) -> list[Check]:
    """Every fact the model is asked to reproduce so far, read off the model.

    Args:
        knowledge: in force.
        seed: of the cohorts.
        progress: called with a step's name and the fraction done.

    Returns:
        One entry a number, passes and misses alike, in the order of the facts.
    """
    look = _Look(knowledge, seed, 1.0)
    groups = (*_EXACT, *_FITTED)
    found: list[Check] = []
    for done, (name, run) in enumerate(groups):
        progress(name, done / len(groups))
        found += list(run(look))
    progress("Facts", 1.0)
    return sorted(found, key=lambda check: int(check.fact[1:]))


def fitted_facts(knowledge: Knowledge, seed: int, effort: float) -> list[Check]:
    """The facts that depend on calibrated numbers, with `effort` times the people of `check_facts`."""
    look = _Look(knowledge, seed, effort)
    return [check for _, run in _FITTED for check in run(look)]
