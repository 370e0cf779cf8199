"""The answer in words and numbers: from judged options to the `PlanResult` that every output reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from follicast.decisions.booking.courses import courses
from follicast.decisions.planning.candidates import TRANSPLANT, Option
from follicast.decisions.planning.compared import comparison
from follicast.decisions.planning.condition import HAIRS, hair_pool, measured_so_far, zones_today
from follicast.decisions.planning.disputed import disputed_regrowth
from follicast.decisions.planning.forecasts import drawn_forecasts
from follicast.decisions.planning.front import CERTAINTIES, trade_offs, with_front
from follicast.decisions.planning.grafts import graft_facts
from follicast.decisions.planning.judge import Judge, Judged
from follicast.decisions.planning.lines import offers, plan_lines, rule_alone
from follicast.decisions.planning.reasons import adherence_words, method, reasons, sentence, unknowns
from follicast.decisions.planning.schedule import breaks_of, schedule
from follicast.decisions.planning.stopping import HALF, doses, stopping
from follicast.decisions.planning.telling import hairs_counted, staged, stop_rule
from follicast.decisions.planning.value import burden_of, chance, cost_of, interval, split, visits_of
from follicast.decisions.result import (
    Candidate,
    Certainty,
    Citation,
    Excluded,
    Finding,
    FitQuality,
    PersonSummary,
    PlanResult,
    Staged,
    StopRule,
)
from follicast.inference.diagnostics import GOOD_PARETO_K
from follicast.inference.refine import ENOUGH, Posterior
from follicast.knowledge.guidelines import guidelines
from follicast.knowledge.load import Knowledge, referral_signs
from follicast.knowledge.safety import rules_in_force
from follicast.language import language, say, say_number
from follicast.measurement.instruments import detectable_change
from follicast.people.person import Person
from follicast.version import VERSION

SCHEMA_VERSION: Final = 2


def compose(judge: Judge, ranked: Sequence[Judged], left_out: list[Excluded]) -> PlanResult:
    """Put the whole answer together.

    Args:
        judge: of the person's options, with every forecast made.
        ranked: options, the recommended one first.
        left_out: therapies not compared.

    Returns:
        The answer, deterministic.
    """
    bench, nothing = judge.bench, judge.nothing
    person, knowledge, weights = bench.person, bench.knowledge, bench.posterior.weights
    chosen, today = ranked[0], bench.today()
    candidates = with_front([_candidate(judge, j, rank + 1) for rank, j in enumerate(ranked)], bench.horizon_days)
    treated = bool(chosen.option.therapies)
    regimen = chosen.option.regimen
    return PlanResult(
        schema_version=SCHEMA_VERSION,
        follicast_version=VERSION,
        knowledge_hash=knowledge.hash,
        seed=bench.seed,
        as_of=person.as_of,
        horizon_days=bench.horizon_days,
        language=language(),
        person=_summary(person, knowledge),
        answer=sentence(person, knowledge, candidates[0]),
        fit=_fit_quality(person, knowledge, bench.posterior),
        zones=zones_today(today, weights, knowledge),
        pool=hair_pool(today, weights, knowledge),
        forecasts=drawn_forecasts(bench, ranked, nothing, [name for f in judge.safety for name in f.pauses]),
        smallest_detectable_change=_seen(knowledge),
        candidates=candidates,
        excluded=left_out,
        chosen=chosen.option.id,
        reasons=reasons(person, candidates),
        lines=plan_lines(judge, ranked),
        offers=offers(bench, ranked, nothing),
        schedule=schedule(person, knowledge, chosen.option, bench.horizon_days, judge.safety),
        courses=courses(person, knowledge, chosen.option),
        breaks=breaks_of(person),
        unknowns=[*unknowns(person, knowledge, chosen.option), disputed_regrowth(bench, chosen, nothing)],
        method=method(bench),
        citations=_citations(knowledge, chosen.option, candidates, judge.safety),
        measurements=measured_so_far(person, knowledge),
        referral_signs=[say(sign) for sign in referral_signs()],
        safety=judge.safety,
        safety_versions=rules_in_force(knowledge).versions,
        trade_offs=trade_offs(candidates, bench.horizon_days),
        adherence=adherence_words(person, knowledge, chosen.option),
        half=doses(bench, regimen, HALF) if treated else None,
        full=doses(bench, regimen, 1.0) if treated else None,
        stopping=stopping(bench, regimen) if treated else None,
        stop_rule=_plan_rule(judge, chosen) if treated else None,
        staged=_staged(judge, chosen),
        comparison=comparison(judge, ranked, left_out),
        grafts=None if TRANSPLANT in {e.therapy for e in left_out} else graft_facts(bench),
    )


def _seen(knowledge: Knowledge) -> float:
    return detectable_change(knowledge.parameters["instrument.count_sd_matched"].value)


def _plan_rule(judge: Judge, chosen: Judged) -> StopRule:
    """When a count can tell whether the plan as a whole does more than nothing."""
    working, idle = (hairs_counted(judge.bench, outlook) for outlook in (chosen.outlook, judge.nothing))
    return stop_rule(judge.bench, working, idle, "in the plan")


def _staged(judge: Judge, chosen: Judged) -> Staged | None:
    whole = chosen.outlook.density[-1]
    gain = whole - judge.nothing.density[-1]
    return staged(judge.bench, chosen.option, lambda name: rule_alone(judge, chosen.option, name), gain, whole)


def _names(knowledge: Knowledge) -> dict[str, str]:
    """What each therapy is called."""
    return {name: say(therapy.name) for name, therapy in knowledge.therapies.items()}


def _summary(person: Person, knowledge: Knowledge) -> PersonSummary:
    return PersonSummary(
        label=person.label,
        sex=person.sex,
        age_years=person.age_years,
        jurisdiction=person.jurisdiction,
        facts=person.facts(_names(knowledge)),
    )


def _fit_quality(person: Person, knowledge: Knowledge, posterior: Posterior) -> FitQuality:
    used = _used(person)
    messages = []
    if posterior.pareto_k is None:
        messages.append(say("Nothing was measured or graded: this is the forecast of people like you, not of you."))
    elif not posterior.trustworthy:
        messages.append(
            say(
                "The twin is thin: effective size {size} (wanted {wanted} or more), Pareto k {k} (wanted below "
                "{good}). The record is unusual for the model, or contradicts itself; read every interval as too "
                "narrow.",
                size=f"{posterior.effective_size:.0f}",
                wanted=f"{0.4 * ENOUGH:.0f}",
                k=f"{posterior.pareto_k:.2f}",
                good=f"{GOOD_PARETO_K:.2f}",
            )
        )
    if person.family:
        messages.append(say("Family history is recorded but does not enter the forecast yet."))
    return FitQuality(
        draws=int(posterior.number.size),
        effective_size=posterior.effective_size,
        pareto_k=posterior.pareto_k,
        rounds=posterior.rounds,
        trustworthy=posterior.trustworthy,
        used=used,
        missing=person.missing(_names(knowledge)),
        messages=messages,
    )


def _used(person: Person) -> list[str]:
    """What of the record the twin was fitted to."""
    counts = (
        ("{number} grade", "{number} grades", len(person.grades)),
        ("{number} measurement", "{number} measurements", len(person.measurements)),
        ("{number} earlier treatment", "{number} earlier treatments", len(person.treatments)),
        ("{number} transplant", "{number} transplants", len(person.transplants)),
        ("{number} recorded strain", "{number} recorded strains", len(person.insults)),
    )
    used = [say_number(one, many, count) for one, many, count in counts if count]
    return [*used, say("years of loss")] if person.years_of_loss is not None else used


def _certainty(knowledge: Knowledge, names: Sequence[str]) -> Certainty:
    """That of the least certain line; nothing at all is certain."""
    ranks = [CERTAINTIES.index(knowledge.therapies[name].certainty) for name in names]
    return CERTAINTIES[min(ranks)] if ranks else "high"


def _candidate(judge: Judge, judged: Judged, rank: int) -> Candidate:
    bench, nothing = judge.bench, judge.nothing
    weights, knowledge = bench.posterior.weights, bench.knowledge
    outlook, made = judged.outlook, judged.option
    gain = outlook.density[-1] - nothing.density[-1]
    from_now = outlook.density[-1] - nothing.density[0]
    seen = _seen(knowledge)
    avoided, regained = split(outlook.nonvellus[-1], nothing.nonvellus[-1], nothing.nonvellus[0])
    visits = visits_of(made.therapies, made.regimen, knowledge, bench.horizon_days)
    return Candidate(
        id=made.id,
        label=made.label,
        therapies=list(made.therapies),
        gain=interval(gain, weights, HAIRS),
        gain_from_now=interval(from_now, weights, HAIRS),
        gain_nonvellus=interval(outlook.nonvellus[-1] - nothing.nonvellus[-1], weights, HAIRS),
        gain_coverage=interval(outlook.coverage[-1] - nothing.coverage[-1], weights, "%"),
        improves_probability=chance(weights, gain > seen),
        cost=cost_of(made.therapies, made.regimen, knowledge, bench.horizon_days),
        clinic_visits=visits,
        certainty=_certainty(knowledge, made.therapies),
        value=judged.value,
        deductions=judged.deductions,
        rank=rank,
        not_recommended=judged.barred,
        loss_avoided=interval(avoided, weights, HAIRS),
        regained=interval(regained, weights, HAIRS),
        assured_gain=judged.gross,
        unseen=chance(weights, gain <= seen),
        unseen_from_now=chance(weights, from_now <= seen),
        harm_score=judged.deductions.get("harms", 0.0),
        burden=burden_of(made.therapies, visits, knowledge, bench.horizon_days),
    )


def _citations(
    knowledge: Knowledge, chosen: Option, candidates: Sequence[Candidate], safety: Sequence[Finding]
) -> list[Citation]:
    """Sources of the safety rules that fire, of the lines, of every therapy compared, and of harms and status."""
    names = dict.fromkeys((*chosen.therapies, *(n for c in candidates for n in c.therapies)))
    keys = dict.fromkeys(key for finding in safety for key in finding.sources)
    keys |= dict.fromkeys(key for name in names for key in knowledge.therapies[name].sources)
    keys |= dict.fromkeys(key for grade in guidelines() for key in grade.sources)
    for therapy in knowledge.therapies.values():
        told = [harm.sources for harm in therapy.harms] + [status.sources for status in therapy.status]
        keys |= dict.fromkeys(key for group in told for key in group)
    found = [knowledge.sources[key] for key in keys]
    return [Citation(key=s.key, text=s.text, url=s.url) for s in found]
