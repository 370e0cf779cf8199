"""Each line of the plan by itself: what it adds, what leaving it out means, what half of it does, when it is judged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.decisions.planning.candidates import Option, option
from follicast.decisions.planning.compared import guideline_grades, statuses_of
from follicast.decisions.planning.condition import HAIRS
from follicast.decisions.planning.harms import harm_score, harms_of
from follicast.decisions.planning.judge import Judge, Judged
from follicast.decisions.planning.stopping import half_of, stopping
from follicast.decisions.planning.telling import hairs_counted, stop_rule
from follicast.decisions.planning.value import burden_of, chance, cost_of, interval, visits_of
from follicast.decisions.planning.workbench import Workbench
from follicast.decisions.result import Cost, LeftOut, LineEffect, Offer, PlanLine, StopRule
from follicast.inference.forecast import Outlook
from follicast.knowledge.therapy import Therapy
from follicast.language import say, say_number
from follicast.measurement.instruments import detectable_change
from follicast.people.person import Person, Proposal

Floats = npt.NDArray[np.float64]

# A line that adds less than this is said to add nothing.
_NOTHING: Final = 1.0
_OFFER_MONTHS: Final = (3, 6, 12, 24)


def plan_lines(judge: Judge, ranked: Sequence[Judged]) -> list[PlanLine]:
    """The lines of the chosen plan, each with and without, on the same members and draws.

    Args:
        judge: of the person's options.
        ranked: every option judged, the chosen plan first.

    Returns:
        One entry a therapy, in the plan's order.
    """
    return [_line(judge, ranked, name) for name in ranked[0].option.therapies]


def _proposal_of(person: Person, chosen: Option) -> Proposal | None:
    return next((p for p in person.proposals if p.name == chosen.proposal), None)


def single_option(bench: Workbench, chosen: Option, name: str) -> Option:
    """One line of a plan by itself, its sessions as the plan has them."""
    return option(bench.person, bench.knowledge, (name,), bench.horizon_days, _proposal_of(bench.person, chosen))


def without_line(bench: Workbench, whole: Option, name: str) -> Option:
    """The same plan without one line, sessions as proposed."""
    rest = tuple(n for n in whole.therapies if n != name)
    return option(bench.person, bench.knowledge, rest, bench.horizon_days, _proposal_of(bench.person, whole))


def _line(judge: Judge, ranked: Sequence[Judged], name: str) -> PlanLine:
    bench = judge.bench
    person, knowledge, weights = bench.person, bench.knowledge, bench.posterior.weights
    chosen = ranked[0].option
    rest = judge.weigh(without_line(bench, chosen, name))
    single = single_option(bench, chosen, name)
    adds = ranked[0].outlook.density[-1] - rest.outlook.density[-1]
    alone = bench.outlook(single.regimen).density[-1] - judge.nothing.density[-1]
    seen = detectable_change(knowledge.parameters["instrument.count_sd_matched"].value)
    therapy = knowledge.therapies[name]
    visits = visits_of(single.therapies, single.regimen, knowledge, bench.horizon_days)
    return PlanLine(
        therapy=name,
        label=say(therapy.name),
        what=_what(therapy, single, person.sex),
        mechanism=say(therapy.mechanism),
        adds=interval(adds, weights, HAIRS),
        alone=interval(alone, weights, HAIRS),
        adds_nothing_probability=chance(weights, adds < _NOTHING),
        unseen=chance(weights, adds < seen),
        certainty=therapy.certainty,
        evidence=say(therapy.evidence),
        onset=say(therapy.onset),
        stopping=say(therapy.stopping),
        harms=harms_of(therapy, person.sex, knowledge),
        harm_score=harm_score(therapy, person.sex, knowledge),
        do_not_use=[say(text) for text in therapy.do_not_use_for(person.sex)],
        cost=_cost(bench, single),
        status=statuses_of(person, therapy),
        sham_note=None if therapy.sham_note is None else say(therapy.sham_note),
        sources=list(therapy.sources),
        call_doctor=[say(text) for text in therapy.call_doctor],
        left_out=_left_out(judge, ranked, name, rest, adds),
        half=half_of(bench, chosen.regimen, name),
        stopping_forecast=stopping(bench, single.regimen),
        stop_rules=line_rules(judge, ranked[0], name),
        burden=burden_of((name,), visits, knowledge, bench.horizon_days),
        guidelines=guideline_grades(name, person.sex),
    )


def line_rules(judge: Judge, chosen: Judged, name: str) -> list[StopRule]:
    """When a count can tell whether the line works: within the plan, and begun by itself."""
    rest = judge.bench.outlook(without_line(judge.bench, chosen.option, name).regimen)
    with_it, without = (hairs_counted(judge.bench, outlook) for outlook in (chosen.outlook, rest))
    rules = [stop_rule(judge.bench, with_it, without, "in the plan")]
    return rules if len(chosen.option.therapies) == 1 else [*rules, rule_alone(judge, chosen.option, name)]


def rule_alone(judge: Judge, chosen: Option, name: str) -> StopRule:
    """The stop rule of a line that is begun by itself."""
    single = judge.bench.outlook(single_option(judge.bench, chosen, name).regimen)
    return stop_rule(
        judge.bench, hairs_counted(judge.bench, single), hairs_counted(judge.bench, judge.nothing), "begun alone"
    )


def _left_out(judge: Judge, ranked: Sequence[Judged], name: str, rest: Judged, adds: Floats) -> LeftOut:
    """What is gained and lost by leaving one line out."""
    bench, chosen = judge.bench, ranked[0].option
    therapy = bench.knowledge.therapies[name]
    visits = [visits_of(o.therapies, o.regimen, bench.knowledge, bench.horizon_days) for o in (chosen, rest.option)]
    hours = [
        burden_of(o.therapies, v, bench.knowledge, bench.horizon_days).hours_per_year
        for o, v in zip((chosen, rest.option), visits, strict=True)
    ]
    weighed = [h for h in harms_of(therapy, bench.person.sex, bench.knowledge) if h.counted_per_100 is not None]
    others = [j for j in ranked if j.barred is None and j.option.id != rest.option.id]
    return LeftOut(
        loses=interval(adds, bench.posterior.weights, HAIRS).median,
        saves=_cost(bench, single_option(bench, chosen, name)),
        visits=visits[0] - visits[1],
        hours=hours[0] - hours[1],
        harms=[h.name for h in weighed],
        harm_score=harm_score(therapy, bench.person.sex, bench.knowledge),
        rank=1 + sum(j.value > rest.value for j in others),
        value=rest.value,
    )


def offers(bench: Workbench, ranked: Sequence[Judged], nothing: Outlook) -> list[Offer]:
    """Each course somebody proposed, against nothing and line by line, after 3, 6, 12 and 24 months and at the horizon.

    Args:
        bench: of the person.
        ranked: every option judged, best first.
        nothing: forecast without treatment.

    Returns:
        One entry a proposal that was judged, in order of rank.
    """
    weights = bench.posterior.weights
    months = sorted({m for m in _OFFER_MONTHS if m < nothing.days.size} | {nothing.days.size - 1})
    made = []
    for rank, judged in enumerate(ranked):
        if judged.option.proposal is None:
            continue
        gain = judged.outlook.density[months] - nothing.density[months]
        made.append(
            Offer(
                name=judged.option.proposal,
                label=judged.option.label,
                months=months,
                gain=[interval(values, weights, HAIRS) for values in gain],
                lines=[_effect(bench, judged.option, name, judged.outlook, months) for name in judged.option.therapies],
                rank=rank + 1,
                cost=cost_of(judged.option.therapies, judged.option.regimen, bench.knowledge, bench.horizon_days),
            )
        )
    return made


def _effect(bench: Workbench, whole: Option, name: str, outlook: Outlook, months: list[int]) -> LineEffect:
    weights = bench.posterior.weights
    therapy = bench.knowledge.therapies[name]
    adds = outlook.density[months] - bench.outlook(without_line(bench, whole, name).regimen).density[months]
    return LineEffect(
        therapy=name,
        label=say(therapy.name),
        adds=[interval(values, weights, HAIRS) for values in adds],
        adds_nothing_probability=chance(weights, (adds < _NOTHING).all(axis=0)),
        certainty=therapy.certainty,
        sham_note=None if therapy.sham_note is None else say(therapy.sham_note),
    )


def _what(therapy: Therapy, single: Option, sex: str) -> str:
    sessions = [len(line.sessions) for line in single.regimen.lines if line.sessions]
    if sessions:
        course = say_number("{number} session", "{number} sessions", sessions[0])
        return f"{course}: {say(therapy.dose_for(sex))}; {say(therapy.route)}"
    if single.regimen.transplants:
        operation = single.regimen.transplants[0]
        return say("{grafts} grafts to the {zones}", grafts=operation.grafts, zones=", ".join(operation.zones))
    return f"{say(therapy.dose_for(sex))}, {say(therapy.route)}, {say(therapy.frequency_for(sex))}"


def _cost(bench: Workbench, single: Option) -> Cost:
    return cost_of(single.therapies, single.regimen, bench.knowledge, bench.horizon_days)
