"""Does the model reproduce what is published? One row a number: model, tolerance, pass or miss. Nothing is hidden.

The facts, their tolerances and sources are facts.csv; how each is read off the model is written beside it here.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

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
from follicast.knowledge.load import Knowledge
from follicast.knowledge.therapy import EmaxExposure
from follicast.measurement.instruments import phototrichogram_anagen

Floats = npt.NDArray[np.float64]

SHIPPED: Final = "facts.csv"
_THREE_SITES: Final = (Site("vertex", 1.0), Site("occipital-donor", 1.0), Site("temples", 1.0))
_CIRCLE_CM2: Final = 5.07
# Entry density of the finasteride programme's men, total hairs/cm2 at the vertex.
_ENTRY: Final = (110.0, 250.0)
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


def _theory(_: Knowledge, seed: int) -> Iterator[Check]:
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


def _healthy(knowledge: Knowledge, ancestry: str, seed: int) -> Cohort:
    return cohort(knowledge, person_of("male", 27.0, ancestry), 200, _THREE_SITES, latents=NEVER, seed=seed)


def _growth(group: Cohort) -> float:
    """Mean growth of hairs of the cohort's mean diameter, um/day."""
    from follicast.biology.follicle import GROWTH_INTERCEPT, GROWTH_SLOPE

    rates = group.members.rates
    mm = rates[:, GROWTH_INTERCEPT] + rates[:, GROWTH_SLOPE] * group.readings.mean_diameter[0].mean()
    return float(1000.0 * mm.mean())


def _telogen_read(group: Cohort) -> float:
    """Telogen share as a phototrichogram reads it, in %."""
    return float(
        100.0 * (1.0 - phototrichogram_anagen(group.readings.anagen_share[0], group.members.slow_misread).mean())
    )


def _healthy_scalp(knowledge: Knowledge, seed: int) -> Iterator[Check]:
    how = "200 healthy men of 27; vertex, occiput and temples pooled"
    white = _healthy(knowledge, "caucasian", seed)
    yield _share("F5", "Caucasian density", float(white.readings.total.mean()), 226.5, 0.10, "hairs/cm2", how)
    yield Check("F5", "Caucasian growth", _growth(white), 0.9 * 367, 1.1 * 396, "um/day", how)
    yield Check("F5", "Caucasian telogen, phototrichogram", _telogen_read(white), 9.0, 17.0, "%", how)
    asian = _healthy(knowledge, "east-asian", seed)
    yield _share("F6", "Asian density", float(asian.readings.total.mean()), 175.0, 0.10, "hairs/cm2", how)
    yield _share("F6", "Asian growth", _growth(asian), 411.0, 0.10, "um/day", how)
    yield within("F6", "Asian telogen, phototrichogram", _telogen_read(asian), 12.0, 3.0, "%", how)
    african = _healthy(knowledge, "african", seed)
    yield Check("F6", "African density", float(african.readings.total.mean()), 0.9 * 161, 1.1 * 190, "hairs/cm2", how)
    yield Check("F6", "African growth", _growth(african), 0.9 * 256, 1.1 * 280, "um/day", how)
    yield Check("F6", "African telogen, phototrichogram", _telogen_read(african), 11.0, 21.0, "%", how)
    r = white.readings
    yield within("F7", "anagen, histology", float(100 * r.anagen_share.mean()), 92.0, 2.0, "%", how)
    yield Check("F7", "telogen, histology", float(100 * r.telogen_share.mean()), 4.0, 10.0, "%", how)
    vellus = float((r.total - r.nonvellus).sum())
    yield Check("F7", "terminal to vellus", float(r.nonvellus.sum()) / vellus, 9.0, 25.0, "1", how + "; cut at 30 um")
    yield from _units(knowledge)
    yield from _calibre_growth(knowledge)


def _units(knowledge: Knowledge) -> Iterator[Check]:
    shares = np.array([knowledge.parameters[f"unit.share.{k}"].value for k in ("one", "two", "three", "four")])
    mean = float((shares * np.arange(1, 5)).sum() / shares.sum())
    how = "from the unit shares, before any loss"
    yield Check("F8", "hairs per follicular unit", mean, 2.4 - 0.2, 2.5 + 0.2, "hairs", how)
    yield Check("F8", "commonest unit", float(1 + shares.argmax()), 2.0, 2.0, "hairs", how)


def _calibre_growth(knowledge: Knowledge) -> Iterator[Check]:
    p = knowledge.parameters
    for what, um, target in (("above 60 um (at 76 um)", 76.0, 0.375), ("20 to 30 um (at 25 um)", 25.0, 0.25)):
        model = p["growth.intercept"].value + p["growth.slope"].value * um
        yield _share("F9", f"growth of hairs {what}", model, target, 0.10, "mm/day", "the growth rule")


def _entered(knowledge: Knowledge, seed: int, therapy: str | None) -> tuple[Cohort, npt.NDArray[np.bool_]]:
    """Men of 33 with 2 to 14 years of loss at the vertex, and which of them meet the entry density."""
    who = person_of("male", 33.0, years=(2.0, 14.0))
    days = (0.0, 336.0, *years(1.0, 2.0))
    group = cohort(knowledge, who, _PEOPLE, (Site("vertex", 1.0),), days, therapy=therapy, seed=seed)
    base = group.readings.total[0, :, 0]
    return group, (base >= _ENTRY[0]) & (base <= _ENTRY[1])


def _pattern_loss(knowledge: Knowledge, seed: int) -> Iterator[Check]:
    untreated, inside = _entered(knowledge, seed, None)
    treated, _ = _entered(knowledge, seed, "finasteride-oral")
    how = f"{int(inside.sum())} of {_PEOPLE} men entered at {_ENTRY[0]:.0f} to {_ENTRY[1]:.0f} hairs/cm2"

    def mean(values: Floats) -> Floats:
        return np.asarray(values[:, inside, 0].mean(axis=1))

    total, nonvellus = mean(untreated.readings.total), mean(untreated.readings.nonvellus)
    change = 100.0 * (total / total[0] - 1.0)
    thick = 100.0 * (nonvellus / nonvellus[0] - 1.0)
    yield within("F11", "untreated vertex, total, 1 year", float(change[2]), -6.5, 2.0, "%", how)
    yield within("F11", "untreated vertex, total, 2 years", float(change[3]), -11.9, 3.0, "%", how)
    yield within("F12", "untreated vertex, non-vellus, 1 year", float(thick[2]), -10.8, 3.0, "%", how)
    yield within("F12", "untreated vertex, non-vellus, 2 years", float(thick[3]), -22.7, 5.0, "%", how)
    share = phototrichogram_anagen(untreated.readings.anagen_share[0], untreated.members.slow_misread)[inside].mean()
    yield Check(
        "F15", "density of the vertex in pattern loss", float(total[0]), 196 * 0.85, 200 * 1.15, "hairs/cm2", how
    )
    yield Check("F15", "anagen share there, phototrichogram", float(100 * share), 55.0, 67.0, "%", how)
    net = _CIRCLE_CM2 * (mean(treated.readings.total) - total)
    yield _share("F20", "finasteride 1 mg, net, 1 year", float(net[2]), 107.0, 0.15, "hairs/5.1 cm2", how)
    yield _share("F20", "finasteride 1 mg, net, 2 years", float(net[3]), 138.0, 0.15, "hairs/5.1 cm2", how)


def _kenogen(knowledge: Knowledge, seed: int) -> Iterator[Check]:
    who = person_of("female", 40.0, years=(1.0, 3.0))
    group = cohort(knowledge, who, _PEOPLE, (Site("mid-scalp", 0.5),), (0.0, *years(14.0)), seed=seed)
    how = "400 women, 1 to 3 years of loss, then 14 more; one woman in the source"
    share = 100.0 * group.readings.kenogen_share.mean(axis=(1, 2))
    whole = 100.0 * (1.0 - group.readings.miniaturised_share.mean(axis=(1, 2)))
    yield within("F19", "kenogen early", float(share[0]), 8.0, 5.0, "%", how)
    yield within("F19", "kenogen 14 years on", float(share[1]), 16.0, 5.0, "%", how)
    yield within("F19", "normal cycles early", float(whole[0]), 60.0, 12.0, "%", how + "; normal = not miniaturised")
    yield within(
        "F19", "normal cycles 14 years on", float(whole[1]), 32.0, 12.0, "%", how + "; normal = not miniaturised"
    )


def _androgen(knowledge: Knowledge, _: int) -> Iterator[Check]:
    fin, dut = knowledge.therapies["finasteride-oral"], knowledge.therapies["dutasteride-oral"]
    assert isinstance(fin.exposure, EmaxExposure)
    amplitude, ed50 = fin.channels["androgen"].value, fin.exposure.ed50.value
    drift = fin.assay["scalp_dht_placebo"].value
    how = "the follicle's androgen channel, read as the biopsy was: with the placebo arm's own fall"
    for dose, target in ((1.0, 64.0), (5.0, 69.0)):
        fall = 1.0 - (1.0 - drift) * (1.0 - amplitude * dose_effect(dose, ed50, 1.0))
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


def _natural_history(knowledge: Knowledge, seed: int) -> Iterator[Check]:
    for span, age, target in (("18 to 29", 23.5, 16.0), ("40 to 49", 44.5, 53.0)):
        group = cohort(knowledge, person_of("male", age), 800, graded_sites(0.4), seed=seed)
        third = 3
        share = float(100 * norwood_probabilities(group, knowledge)[:, third:].sum(axis=1).mean())
        yield within("F28", f"Norwood III or more at {span}", share, target, 5.0, "%", f"800 men of {age:g}")
    yield from _twins(knowledge, seed)
    yield from _coverage(knowledge, seed)
    ageing = cohort(
        knowledge, person_of("female", 40.0), 300, (Site("vertex", 1.0),), (0.0, *years(20.0)), NEVER, seed=seed
    )
    kept = ageing.readings.follicles.mean(axis=(1, 2))
    loss = -100.0 * math.log(kept[1] / kept[0]) / 20.0
    yield Check("F38", "follicles lost by age alone", loss, 0.0, 0.3 + 0.1, "%/year", "300 healthy women, 40 to 60")


def _twins(knowledge: Knowledge, seed: int) -> Iterator[Check]:
    still = settled(knowledge)
    h2 = knowledge.parameters["onset.heritability"].value
    found = []
    for shared in (1.0, 0.5):
        pair = []
        for side, z in enumerate(twin_latents(seed, TWIN_PAIRS, shared, h2)):
            group = cohort(still, person_of("male", 30.0), TWIN_PAIRS, graded_sites(0.5), latents=z, seed=seed + side)
            pair.append(losses(group, still).max(axis=1) > 0.35)
        found.append(automaton.tetrachoric(pair[0], pair[1]))
    how = f"{TWIN_PAIRS:,} pairs of each kind at 30; twice the difference of the tetrachoric correlations of loss"
    yield Check("F31", "heritability of the liability", 2.0 * (found[0] - found[1]), 0.72, 0.90, "fraction", how)


def _coverage(knowledge: Knowledge, seed: int) -> Iterator[Check]:
    slope = knowledge.parameters["coverage.slope"].value
    how = "200 healthy people at the vertex; 5 coverage points are 7 days"
    for sex, target in (("male", 19.6), ("female", 21.6)):
        who = person_of("male" if sex == "male" else "female", 35.0)
        group = cohort(knowledge, who, 200, (Site("vertex", 1.0),), latents=NEVER, seed=seed)
        days = float(np.median(group.readings.ttcc))
        yield within("F36", f"time to complete coverage, healthy {sex}", days, target, 5.0 / slope, "days", how)
    early = cohort(knowledge, person_of("male", 30.0), 600, graded_sites(0.5), seed=seed)
    mild = norwood_probabilities(early, knowledge)[:, :2].sum(axis=1) > 0.7
    points = 100.0 * (1.0 - losses(early, knowledge)[mild][:, 3].mean())
    yield within(
        "F36",
        "coverage of Norwood I and II, of full",
        float(points),
        97.0,
        5.0,
        "%",
        "men of 30 graded I or II, vertex",
    )


_CHECKS: Final[tuple[tuple[str, Callable[[Knowledge, int], Iterator[Check]]], ...]] = (
    ("Phases and synchrony", _theory),
    ("Healthy scalp", _healthy_scalp),
    ("Pattern loss and finasteride", _pattern_loss),
    ("Kenogen", _kenogen),
    ("Androgen", _androgen),
    ("Natural history", _natural_history),
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
    found: list[Check] = []
    for done, (name, run) in enumerate(_CHECKS):
        progress(name, done / len(_CHECKS))
        found += list(run(knowledge, seed))
    progress("Facts", 1.0)
    return sorted(found, key=lambda check: int(check.fact[1:]))
