"""The answer in words and numbers: from judged options to the `PlanResult` that every output reads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from follicast.decisions.candidates import NONE, TRANSPLANT, Option, ongoing
from follicast.decisions.disputed import disputed_regrowth
from follicast.decisions.lines import offers, plan_lines, shedding_windows
from follicast.decisions.result import (
    Band,
    Candidate,
    Certainty,
    Citation,
    Excluded,
    FitQuality,
    Forecasts,
    Interval,
    Measured,
    PersonSummary,
    PlanResult,
    Pool,
    ZoneCondition,
)
from follicast.decisions.schedule import courses, schedule
from follicast.decisions.value import LEVELS, chance, cost_of, interval, visits_of
from follicast.inference.diagnostics import GOOD_PARETO_K, quantile
from follicast.inference.forecast import Outlook
from follicast.inference.history import YEAR_DAYS
from follicast.inference.refine import ENOUGH, Posterior
from follicast.inference.reweight import coverage_by_zone, error_sds, whole_scalp
from follicast.knowledge.load import Knowledge, referral_signs
from follicast.language import language
from follicast.measurement.instruments import Readings, detectable_change, mean_rate
from follicast.people.person import Person
from follicast.quantities import ZONES
from follicast.version import VERSION

if TYPE_CHECKING:
    from follicast.decisions.plan import Judged, Workbench

Floats = npt.NDArray[np.float64]

SCHEMA_VERSION: Final = 1
ZONE_LABELS: Final = {
    "frontal-hairline": "frontal hairline",
    "temples": "temples",
    "mid-scalp": "mid-scalp",
    "vertex": "vertex (crown)",
    "occipital-donor": "back of the head (donor area)",
    "sides": "sides",
}
_CERTAINTIES: Final[tuple[Certainty, ...]] = ("very low", "low", "moderate", "high")
_HAIRS = "hairs/cm2"


def compose(bench: Workbench, ranked: Sequence[Judged], nothing: Outlook, left_out: list[Excluded]) -> PlanResult:
    """Put the whole answer together.

    Args:
        bench: the person, the knowledge and every forecast made.
        ranked: options, the recommended one first.
        nothing: the forecast without treatment.
        left_out: therapies not compared.

    Returns:
        The answer, deterministic.
    """
    person, knowledge = bench.person, bench.knowledge
    weights = bench.posterior.weights
    chosen = ranked[0]
    today = bench.today()
    candidates = [_candidate(bench, judged, nothing, rank + 1) for rank, judged in enumerate(ranked)]
    lines = plan_lines(bench, chosen.option, nothing)
    return PlanResult(
        schema_version=SCHEMA_VERSION,
        follicast_version=VERSION,
        knowledge_hash=knowledge.hash,
        seed=bench.seed,
        as_of=person.as_of,
        horizon_days=bench.horizon_days,
        language=language(),
        person=_summary(person, knowledge),
        answer=_sentence(person, knowledge, candidates[0]),
        fit=_fit_quality(person, bench.posterior),
        zones=_zones(today, weights, knowledge),
        pool=_pool(today, weights, knowledge),
        forecasts=_forecasts(bench, ranked, nothing),
        smallest_detectable_change=detectable_change(knowledge.parameters["instrument.count_sd_matched"].value),
        candidates=candidates,
        excluded=left_out,
        chosen=chosen.option.id,
        reasons=_reasons(person, candidates),
        lines=lines,
        offers=offers(bench, ranked, nothing),
        schedule=schedule(person, knowledge, chosen.option, bench.horizon_days),
        courses=courses(person, knowledge, chosen.option),
        unknowns=[*_unknowns(person, knowledge, chosen.option), disputed_regrowth(bench, chosen, nothing)],
        method=_method(bench),
        citations=_citations(knowledge, chosen.option, candidates),
        measurements=_measurements(person, knowledge),
        referral_signs=list(referral_signs()),
    )


def _summary(person: Person, knowledge: Knowledge) -> PersonSummary:
    names = {name: therapy.name for name, therapy in knowledge.therapies.items()}
    return PersonSummary(
        label=person.label,
        sex=person.sex,
        age_years=person.age_years,
        jurisdiction=person.jurisdiction,
        facts=person.facts(names),
    )


def _listed(knowledge: Knowledge, therapies: Sequence[str]) -> str:
    """Names of therapies inside a sentence: "PRP" keeps its capitals, "Oral finasteride" does not."""
    names = [knowledge.therapies[name].name for name in therapies]
    words = [name if name[:2].isupper() else name[0].lower() + name[1:] for name in names]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _nothing(person: Person, knowledge: Knowledge) -> str:
    """What "nothing" means for this person."""
    now = ongoing(person)
    return f"nothing (that is, stopping {_listed(knowledge, now)})" if now else "nothing"


def _spoken(knowledge: Knowledge, best: Candidate) -> str:
    """The plan's lines as they stand inside a sentence."""
    listed = _listed(knowledge, best.therapies)
    return f"{best.id} ({listed})" if best.id not in ("+".join(best.therapies), NONE) else listed


def _sentence(person: Person, knowledge: Knowledge, best: Candidate) -> str:
    zone = ZONE_LABELS[person.goal_zone]
    months = person.goals.horizon_months
    if best.id == NONE:
        now = best.gain_from_now
        return (
            "Nothing that was compared is worth its burden here by what is known; without treatment we expect a "
            "change of "
            f"{now.median:+.0f} hairs per cm2 at the {zone} after {months} months; 8 of 10 people like you would "
            "be between "
            f"{now.lo80:+.0f} and {now.hi80:+.0f}."
        )
    g = best.gain
    return (
        f"With {_spoken(knowledge, best)} we expect {abs(g.median):.0f} hairs per cm2 "
        f"{'more' if g.median >= 0 else 'fewer'} at the {zone} "
        f"after {months} months than with {_nothing(person, knowledge)}; 8 of 10 people like you would be between "
        f"{g.lo80:+.0f} and {g.hi80:+.0f}."
    )


def _fit_quality(person: Person, posterior: Posterior) -> FitQuality:
    counts = {
        "grade": len(person.grades),
        "measurement": len(person.measurements),
        "earlier treatment": len(person.treatments),
        "transplant": len(person.transplants),
        "recorded strain": len(person.insults),
    }
    used = [f"{count} {name}{'s' if count > 1 else ''}" for name, count in counts.items() if count]
    used += ["years of loss"] if person.years_of_loss is not None else []
    messages = []
    if posterior.pareto_k is None:
        messages.append("Nothing was measured or graded: this is the forecast of people like you, not of you.")
    elif not posterior.trustworthy:
        messages.append(
            f"The twin is thin: effective size {posterior.effective_size:.0f} (wanted {0.4 * ENOUGH:.0f} or "
            "more), Pareto k "
            f"{posterior.pareto_k:.2f} (wanted below {GOOD_PARETO_K}). The record is unusual for the model, or "
            "contradicts "
            "itself; read every interval as too narrow."
        )
    if person.family:
        messages.append("Family history is recorded but does not enter the forecast yet.")
    return FitQuality(
        draws=int(posterior.number.size),
        effective_size=posterior.effective_size,
        pareto_k=posterior.pareto_k,
        rounds=posterior.rounds,
        trustworthy=posterior.trustworthy,
        used=used,
        missing=person.missing(),
        messages=messages,
    )


def _zones(today: Readings, weights: Floats, knowledge: Knowledge) -> list[ZoneCondition]:
    coverage = coverage_by_zone(today, knowledge)
    conditions = []
    for i, zone in enumerate(ZONES):

        def now(values: Floats, unit: str, site: int = i) -> Interval:
            return interval(values[-1, :, site], weights, unit)

        conditions.append(
            ZoneCondition(
                zone=zone,
                label=ZONE_LABELS[zone],
                area_cm2=knowledge.parameters[f"zone.area.{zone}"].value,
                density=now(today.total, _HAIRS),
                nonvellus_density=now(today.nonvellus, _HAIRS),
                mean_diameter=now(today.mean_diameter, "um"),
                anagen_share=now(today.anagen_share, "fraction"),
                kenogen_share=now(today.kenogen_share, "fraction"),
                miniaturised_share=now(today.miniaturised_share, "fraction"),
                coverage=now(coverage, "%"),
            )
        )
    return conditions


def _pool(today: Readings, weights: Floats, knowledge: Knowledge) -> Pool:
    """Mean flows over the last year, so that the season does not pass for loss."""
    last = float(today.days[-1])

    def yearly(rate: Floats) -> Floats:
        return whole_scalp(mean_rate(rate, today.days, last - YEAR_DAYS, last), knowledge)

    inflow, outflow = yearly(today.starts), yearly(today.sheds)
    return Pool(
        inflow_per_day=interval(inflow, weights, "hairs/day"),
        outflow_per_day=interval(outflow, weights, "hairs/day"),
        balance_per_year=interval(365.25 * (inflow - outflow), weights, "hairs/year"),
        hairs_now=interval(whole_scalp(today.total[-1], knowledge), weights, "hairs"),
    )


def _forecasts(bench: Workbench, ranked: Sequence[Judged], nothing: Outlook) -> Forecasts:
    """Bands of nothing, the plan, and what the person proposed or else the best simpler alternative."""
    best = ranked[0]
    drawn: list[tuple[str, Outlook]] = [(NONE, nothing)]
    if best.option.id != NONE:
        drawn.append((best.option.id, best.outlook))
    other = _alternative(ranked, set(ongoing(bench.person)))
    if other is not None:
        drawn.append((other.option.id, other.outlook))
    weights = bench.posterior.weights
    zone = bench.person.goal_zone
    bands = []
    for plan, outlook in drawn:
        series = (
            ("density", _HAIRS, outlook.density, zone),
            ("nonvellus_density", _HAIRS, outlook.nonvellus, zone),
            ("mean_diameter", "um", outlook.mean_diameter, zone),
            ("coverage", "%", outlook.coverage, zone),
            ("shed_per_day", "hairs/day", outlook.sheds, "scalp"),
        )
        for quantity, unit, values, place in series:
            bands.append(_band(plan, quantity, unit, place, values, weights))
        others = [(i, name) for i, name in enumerate(ZONES) if name != zone]
        bands += [_band(plan, "density", _HAIRS, name, outlook.zones[:, :, i], weights) for i, name in others]
    return Forecasts(
        goal_zone=zone,
        days=nothing.days.tolist(),
        plans=[plan for plan, _ in drawn],
        bands=bands,
        shedding_windows=shedding_windows(bench, drawn),
    )


def _band(plan: str, quantity: str, unit: str, zone: str, values: npt.NDArray[np.floating], weights: Floats) -> Band:
    levels = quantile(values.astype(np.float64), weights, LEVELS).T.tolist()
    parts = dict(zip(("q10", "q25", "q50", "q75", "q90"), levels, strict=True))
    return Band.model_validate({"plan": plan, "quantity": quantity, "unit": unit, "zone": zone, **parts})


def _alternative(ranked: Sequence[Judged], current: set[str]) -> Judged | None:
    """What the person was offered or does now, if it is not the plan; else the best that shares no line with it."""
    best = ranked[0].option
    rest = [j for j in ranked[1:] if j.option.id != NONE]
    offered = [j for j in rest if j.option.proposal is not None]
    offered += [j for j in rest if current and set(j.option.therapies) == current]
    other = [
        j for j in rest if not set(j.option.therapies) & set(best.therapies) and TRANSPLANT not in j.option.therapies
    ]
    return next(iter(offered or other), None)


def _certainty(knowledge: Knowledge, names: Sequence[str]) -> Certainty:
    """That of the least certain line; nothing at all is certain."""
    ranks = [_CERTAINTIES.index(knowledge.therapies[name].certainty) for name in names]
    return _CERTAINTIES[min(ranks)] if ranks else "high"


def _candidate(bench: Workbench, judged: Judged, nothing: Outlook, rank: int) -> Candidate:
    weights = bench.posterior.weights
    outlook, made = judged.outlook, judged.option
    gain = outlook.density[-1] - nothing.density[-1]
    seen = detectable_change(bench.knowledge.parameters["instrument.count_sd_matched"].value)
    return Candidate(
        id=made.id,
        label=made.label,
        therapies=list(made.therapies),
        gain=interval(gain, weights, _HAIRS),
        gain_from_now=interval(outlook.density[-1] - nothing.density[0], weights, _HAIRS),
        gain_nonvellus=interval(outlook.nonvellus[-1] - nothing.nonvellus[-1], weights, _HAIRS),
        gain_coverage=interval(outlook.coverage[-1] - nothing.coverage[-1], weights, "%"),
        improves_probability=chance(weights, gain > seen),
        cost=cost_of(made.therapies, made.regimen, bench.knowledge, bench.horizon_days),
        clinic_visits=visits_of(made.therapies, made.regimen, bench.knowledge, bench.horizon_days),
        certainty=_certainty(bench.knowledge, made.therapies),
        value=judged.value,
        deductions=judged.deductions,
        rank=rank,
        not_recommended=judged.barred,
    )


def _reasons(person: Person, candidates: Sequence[Candidate]) -> list[str]:
    best = candidates[0]
    goals = person.goals
    wants = {
        "to keep hair": goals.keep,
        "to regain hair": goals.regain,
        "coverage": goals.coverage,
        "no tablets": goals.no_tablets,
        "low cost": goals.low_cost,
        "few visits": goals.few_visits,
    }
    said = ", ".join(f"{name} (weight {weight:g})" for name, weight in wants.items() if weight > 0.0)
    reasons = [f"Ranked by what was asked for: {said or 'hair'}."]
    taken = sum(best.deductions.values())
    if len(candidates) == 1:
        reasons.append("No therapy was left to compare: each is refused, not asked about or not for this person.")
    elif best.id == NONE:
        reasons.append("No regimen was left with a gain after its cost, visits and tablets were taken off.")
    else:
        reasons.append(
            f"The less lucky half of people like you would gain {best.value + taken:.1f} non-vellus hairs per cm2 "
            "by it on "
            f"average; its cost, visits, reach and number of lines count for {taken:.1f} against it."
        )
    rest = [c for c in candidates[1:] if c.id != NONE and c.not_recommended is None]
    if best.id != NONE and rest:
        reasons.append(f"The next best, {rest[0].label}, comes {best.value - rest[0].value:.1f} behind.")
    offered = {proposal.name for proposal in person.proposals} - {best.id}
    reasons += [_against(c, len(candidates)) for c in candidates if c.id in offered]
    barred = [c for c in candidates if c.not_recommended is not None and len(c.therapies) == 1]
    reasons += [f"{c.label}: {c.not_recommended}" for c in barred]
    return reasons


def _against(offered: Candidate, compared: int) -> str:
    """Why a proposed course is not the recommendation."""
    taken = sum(offered.deductions.values())
    heaviest = max(offered.deductions, key=lambda name: offered.deductions[name])
    return (
        f"{offered.label} ranks {offered.rank} of {compared}: the less lucky half would gain "
        f"{offered.value + taken:.1f}, and "
        f"{taken:.1f} counts against it, most of it {heaviest} ({offered.deductions[heaviest]:.1f})."
        + (f" {offered.not_recommended}" if offered.not_recommended else "")
    )


def _unknowns(person: Person, knowledge: Knowledge, chosen: Option) -> list[str]:
    """What nobody knows, in plain words: of the lines, of the person, of the model."""
    texts = []
    for name in chosen.therapies:
        therapy = knowledge.therapies[name]
        if therapy.certainty in ("low", "very low"):
            texts.append(f"{therapy.name}: certainty {therapy.certainty}. {therapy.evidence}")
    offered = {n for p in person.proposals for n in p.lines} - set(chosen.therapies)
    for name in sorted(offered):
        therapy = knowledge.therapies[name]
        if therapy.certainty == "very low":
            texts.append(f"{therapy.name}, which was offered: certainty very low. {therapy.evidence}")
    if len(chosen.therapies) > 1:
        texts.append(
            "Whether these lines help each other is a result of the model, not of a trial: few combinations were ever "
            "tested against their parts."
        )
    texts.append(_calibrated(knowledge))
    return texts


def _calibrated(knowledge: Knowledge) -> str:
    """Where the numbers behind the model come from."""
    told = knowledge.shared.provenance
    if not told:
        return "The numbers behind the model are priors that were not fitted to trials."
    return (
        f"The numbers behind the model were fitted to {told['net_effects']} net effects of {told['trials']} published "
        f"trials and {told['facts']} numbers of published facts ({told['date']}). `follicast doctor --facts` and "
        "`follicast replay` show where they miss."
    )


def _method(bench: Workbench) -> list[str]:
    posterior = bench.posterior
    return [
        f"{posterior.drawn} possible versions of this person, each lived from before onset to today through the "
        "recorded "
        f"treatments and operations, follicle by follicle; {posterior.number.size} kept, weighted by how well "
        "they explain "
        "what was measured.",
        "Every plan starts from the same follicles in the same state with the same chance events still to come, so a "
        "difference between plans is the effect of the lines that differ.",
        "Treatments act on the follicle (androgen, length of growth, end of rest, thickness), never on a count. "
        "Uncertainty "
        "of the person, of the model's numbers and of each therapy's effect is in every interval; certainty of "
        "evidence "
        "widens it.",
        f"Plans are judged at the {ZONE_LABELS[bench.person.goal_zone]} after {bench.person.goals.horizon_months} "
        "months, "
        f"with {100 * bench.knowledge.parameters['adherence.plan'].value:.0f} % of daily doses taken unless the "
        "record says "
        "otherwise.",
        "Not a diagnosis and not a medical device. No text here replaces an examination.",
    ]


def _measurements(person: Person, knowledge: Knowledge) -> list[Measured]:
    """Readings that can be drawn beside the bands, with their 80 % error; those of another threshold cannot."""
    names: dict[tuple[str, float | None], str] = {
        ("total_density", None): "density",
        ("nonvellus_density", 30.0): "nonvellus_density",
        ("mean_diameter", None): "mean_diameter",
    }
    made = []
    for m in person.measurements:
        if (m.quantity, m.threshold_um) in names:
            half = 1.2816 * math.hypot(*error_sds(m, knowledge))
            made.append(
                Measured.model_validate(
                    {
                        "date": m.date,
                        "zone": m.zone,
                        "quantity": names[m.quantity, m.threshold_um],
                        "value": m.value,
                        "lo80": max(0.0, m.value - half),
                        "hi80": m.value + half,
                        "unit": "um" if m.quantity == "mean_diameter" else _HAIRS,
                    }
                )
            )
    return made


def _citations(knowledge: Knowledge, chosen: Option, candidates: Sequence[Candidate]) -> list[Citation]:
    """Sources of the chosen lines and, after them, of every therapy compared."""
    names = dict.fromkeys((*chosen.therapies, *(n for c in candidates for n in c.therapies)))
    keys = dict.fromkeys(key for name in names for key in knowledge.therapies[name].sources)
    found = [knowledge.sources[key] for key in keys]
    return [Citation(key=s.key, text=s.text, url=s.url) for s in found]
