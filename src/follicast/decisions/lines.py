"""Each line of the plan by itself: what it adds to the others, what it does alone, its harms, cost and legal status."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from follicast.decisions.candidates import Option, option
from follicast.decisions.result import Cost, Harm, LineEffect, Offer, PlanLine, Status
from follicast.decisions.value import chance, cost_of, interval
from follicast.inference.forecast import Outlook
from follicast.knowledge.therapy import Therapy
from follicast.people.person import Person

if TYPE_CHECKING:
    from follicast.decisions.plan import Judged, Workbench

_HAIRS: Final = "hairs/cm2"
# A line that adds less than this is said to add nothing.
_NOTHING: Final = 1.0
# A plan sheds early when its mean shed exceeds that of nothing by this factor in the first months.
_SHEDDING: Final = 1.1
_EARLY_DAYS: Final = 125
_OFFER_MONTHS: Final = (3, 6, 12, 24)


def plan_lines(bench: Workbench, chosen: Option, nothing: Outlook) -> list[PlanLine]:
    """The lines of the chosen plan, each with and without, on the same members and draws.

    Args:
        bench: of the person.
        chosen: the plan.
        nothing: forecast without treatment.

    Returns:
        One entry a therapy, in the plan's order.
    """
    whole = bench.outlook(chosen.regimen)
    return [_line(bench, chosen, name, whole, nothing) for name in chosen.therapies]


def _proposal_of(person: Person, chosen: Option) -> int | None:
    names = [p.name for p in person.proposals]
    return names.index(chosen.proposal) if chosen.proposal in names else None


def _line(bench: Workbench, chosen: Option, name: str, whole: Outlook, nothing: Outlook) -> PlanLine:
    person, knowledge, weights = bench.person, bench.knowledge, bench.posterior.weights
    index = _proposal_of(person, chosen)
    proposal = None if index is None else person.proposals[index]
    without = _without(bench, chosen, name)
    single = option(person, knowledge, (name,), bench.horizon_days, proposal)
    adds = whole.density[-1] - without.density[-1]
    alone = bench.outlook(single.regimen).density[-1] - nothing.density[-1]
    therapy = knowledge.therapies[name]
    return PlanLine(
        therapy=name,
        label=therapy.name,
        what=_what(therapy, single),
        mechanism=therapy.mechanism,
        adds=interval(adds, weights, _HAIRS),
        alone=interval(alone, weights, _HAIRS),
        adds_nothing_probability=chance(weights, adds < _NOTHING),
        certainty=therapy.certainty,
        evidence=therapy.evidence,
        onset=therapy.onset,
        stopping=therapy.stopping,
        harms=[
            Harm(name=h.name, rate=h.rate, control_rate=h.control_rate, sources=list(h.sources)) for h in therapy.harms
        ],
        do_not_use=list(therapy.do_not_use),
        cost=_cost(bench, single),
        status=_statuses(person, therapy),
        sham_note=therapy.sham_note,
        sources=list(therapy.sources),
        call_doctor=list(therapy.call_doctor),
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
                gain=[interval(values, weights, _HAIRS) for values in gain],
                lines=[_effect(bench, judged.option, name, judged.outlook, months) for name in judged.option.therapies],
                rank=rank + 1,
                cost=cost_of(judged.option.therapies, judged.option.regimen, bench.knowledge, bench.horizon_days),
            )
        )
    return made


def _without(bench: Workbench, whole: Option, name: str) -> Outlook:
    """The same plan without one line, sessions as proposed."""
    index = _proposal_of(bench.person, whole)
    proposal = None if index is None else bench.person.proposals[index]
    rest = tuple(n for n in whole.therapies if n != name)
    return bench.outlook(option(bench.person, bench.knowledge, rest, bench.horizon_days, proposal).regimen)


def _effect(bench: Workbench, whole: Option, name: str, outlook: Outlook, months: list[int]) -> LineEffect:
    weights = bench.posterior.weights
    therapy = bench.knowledge.therapies[name]
    adds = outlook.density[months] - _without(bench, whole, name).density[months]
    return LineEffect(
        therapy=name,
        label=therapy.name,
        adds=[interval(values, weights, _HAIRS) for values in adds],
        adds_nothing_probability=chance(weights, (adds < _NOTHING).all(axis=0)),
        certainty=therapy.certainty,
        sham_note=therapy.sham_note,
    )


def _what(therapy: Therapy, single: Option) -> str:
    sessions = [len(line.sessions) for line in single.regimen.lines if line.sessions]
    if sessions:
        return f"{sessions[0]} sessions: {therapy.dose}; {therapy.route}"
    if single.regimen.transplants:
        operation = single.regimen.transplants[0]
        return f"{operation.grafts} grafts to the {', '.join(operation.zones)}"
    return f"{therapy.dose}, {therapy.route}, {therapy.frequency}"


def _cost(bench: Workbench, single: Option) -> Cost:
    return cost_of(single.therapies, single.regimen, bench.knowledge, bench.horizon_days)


def _statuses(person: Person, therapy: Therapy) -> list[Status]:
    """Where the person lives first; elsewhere after it. A status from memory says so."""
    made = []
    for s in sorted(therapy.status, key=lambda s: s.jurisdiction != person.jurisdiction):
        text = s.status + (" (from memory, to be verified)" if s.tag == "RECALLED" else "")
        made.append(Status(jurisdiction=s.jurisdiction, status=text, checked_on=s.checked_on, sources=list(s.sources)))
    return made


def shedding_windows(bench: Workbench, drawn: Sequence[tuple[str, Outlook]]) -> list[tuple[str, int, int, str]]:
    """Early months in which a plan is expected to shed more than nothing does, plan by plan."""
    weights = bench.posterior.weights
    nothing = drawn[0][1]
    windows = []
    for plan, outlook in drawn[1:]:
        ratio = (outlook.sheds @ weights) / np.maximum(nothing.sheds @ weights, 1e-9)
        months = [i for i, day in enumerate(outlook.days) if 0 < day <= _EARLY_DAYS and ratio[i] > _SHEDDING]
        if months:
            first, last = int(outlook.days[months[0] - 1]), int(outlook.days[months[-1]])
            why = "more resting hairs than usual are pushed out as new growth starts under them"
            windows.append((plan, first, last, why))
    return windows
