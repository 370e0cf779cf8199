"""When a count can tell whether a line works, the change that says it does not, and the plan begun line by line.

A count of the same marked site is read with error, today and later. Where a line works as forecast, 9 of 10 people
read above some change since the baseline; where it does nothing, most read below it, from some booked count on. That
count, and that change, are the stop rule. The plan as a whole is judged as a review judges it (`reviewing.agreed`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from follicast.decisions.booking.courses import measuring_days
from follicast.decisions.planning.candidates import FIRST_SESSION_DAY, TRANSPLANT, Option
from follicast.decisions.planning.condition import HAIRS, zone_label
from follicast.decisions.planning.value import interval
from follicast.decisions.planning.workbench import Workbench
from follicast.decisions.result import Staged, StopRule
from follicast.decisions.reviewing.words import label
from follicast.inference.diagnostics import quantile
from follicast.inference.forecast import Outlook, PlannedLine
from follicast.inference.reweight import error_sds
from follicast.language import say
from follicast.people.person import DENSITIES, Measurement, Person

Floats = npt.NDArray[np.float64]
Basis = Literal["in the plan", "begun alone"]

# Where it works, this share of readings lies below the threshold; where it does nothing, at least that share must.
_MISSED: Final = 0.10
_TOLD: Final = 0.80
BASELINE_DAYS: Final = 60
"""A count so recent stands for the baseline."""
# A line that is begun later than so many months before the end cannot be seen.
_FIRST_MONTH: Final = 3
_NODES: Final = 40
# Where no count can tell, the next line begins after this; no wait is longer than the longest.
_USUAL_WAIT: Final = 6
_LONGEST_WAIT: Final = 12


def stop_rule(bench: Workbench, working: Floats, idle: Floats, basis: Basis) -> StopRule:
    """At which booked count does one know that it has not worked, and by what change?

    Args:
        bench: of the person.
        working: hairs/cm2 at the goal zone where it works as forecast [month, member], as `hairs_counted` reads them.
        idle: the same where it does nothing.
        basis: what is compared.

    Returns:
        The rule, in words too.
    """
    weights = bench.posterior.weights
    own = _own_of_outlook(bench.person)
    error = math.sqrt(2.0) * _visit_sd(bench, own)
    probability = 0.0
    for month in measuring_days(bench.horizon_days):
        if month >= working.shape[0]:
            break
        change = _read(working[month] - working[0], error)
        limit = float(quantile(change, _spread(weights), np.array([_MISSED]))[0])
        probability = float(_spread(weights) @ (_read(idle[month] - idle[0], error) < limit))
        if probability >= _TOLD:
            return _rule(bench, own, basis, month, limit, probability)
    words = say(
        "One marked site cannot tell within {months} months whether it works: at the last count a reading would show "
        "it in only {share} of 10 in whom it does nothing.",
        months=working.shape[0] - 1,
        share=f"{10.0 * probability:.0f}",
    )
    return StopRule(basis=basis, month=None, threshold=None, probability=probability, words=words)


def own_count(person: Person) -> Measurement | None:
    """The baseline that a later count is held against: the latest recent count, at the goal zone if there is one."""
    recent = [
        m
        for m in person.measurements
        if m.quantity in DENSITIES and m.zone is not None and (person.as_of - m.date).days <= BASELINE_DAYS
    ]
    return max(recent, key=lambda m: (m.zone == person.goal_zone, m.date), default=None)


def hairs_counted(bench: Workbench, outlook: Outlook) -> Floats:
    """The hairs that the person's own counts count, at the goal zone [month, member]."""
    own = _own_of_outlook(bench.person)
    return outlook.density if own is None or own.threshold_um is None else outlook.nonvellus


def _own_of_outlook(person: Person) -> Measurement | None:
    """The person's baseline, if an outlook has what it counts: all hairs, or those of 30 um and more."""
    own = own_count(person)
    return own if own is not None and own.zone == person.goal_zone and own.threshold_um in (None, 30.0) else None


def _visit_sd(bench: Workbench, own: Measurement | None) -> float:
    """The error of one visit to a marked site."""
    if own is None:
        return bench.knowledge.parameters["instrument.count_sd_matched"].value
    return error_sds(own, bench.knowledge)[1]


def _rule(
    bench: Workbench, own: Measurement | None, basis: Basis, month: int, change: float, probability: float
) -> StopRule:
    found = StopRule(basis=basis, month=month, threshold=None, probability=probability, words="", change=change)
    if own is None:
        words = say(
            "First have all hairs of a marked site of the {zone} counted: there is no count to start from. If the "
            "count of month {month} has not risen by more than {change} per cm2 since then, it has not done what was "
            "forecast: check how regularly it was used, then ask who prescribed it whether to go on.",
            zone=zone_label(bench.person.goal_zone),
            month=month,
            change=f"{change:.0f}",
        )
        if change < 0.0:
            words = say(
                "First have all hairs of a marked site of the {zone} counted: there is no count to start from. If the "
                "count of month {month} has fallen by more than {change} per cm2 since then, it has not done what was "
                "forecast: check how regularly it was used, then ask who prescribed it whether to go on.",
                zone=zone_label(bench.person.goal_zone),
                month=month,
                change=f"{-change:.0f}",
            )
        return found.model_copy(update={"words": words})
    return held_against(found, own)


def held_against(rule: StopRule, own: Measurement) -> StopRule:
    """The rule in the person's own counts: quantity, threshold and site of the baseline, and the change from it."""
    assert rule.change is not None
    limit = max(0.0, own.value + rule.change)
    words = say(
        "If the count of month {month} ({what}) is below {count} per cm2, that is {change} against the {value} of "
        "{date}, it has not done what was forecast: check how regularly it was used, then ask who prescribed it "
        "whether to go on.",
        month=rule.month,
        what=label(own),
        count=f"{limit:.0f}",
        change=f"{limit - own.value:+.0f}",
        value=f"{own.value:.0f}",
        date=own.date.isoformat(),
    )
    told = {"zone": own.zone, "quantity": own.quantity, "threshold_um": own.threshold_um, "baseline": own.value}
    return rule.model_copy(update={"threshold": limit, "words": words, **told})


def _read(change: Floats, error: float) -> Floats:
    """Each member's change as it may be read: its true change at the nodes of the error's distribution."""
    from scipy.special import ndtri

    nodes = ndtri((np.arange(_NODES) + 0.5) / _NODES)
    return np.asarray((change[:, None] + error * nodes[None, :]).ravel())


def _spread(weights: Floats) -> Floats:
    """The members' weights shared among the nodes."""
    return np.repeat(weights / _NODES, _NODES)


def fast_first(bench: Workbench, therapies: Sequence[str]) -> list[str]:
    """Lines in the order in which their effect is first seen; surgery has its own date and stands last."""
    known = bench.knowledge.therapies
    return sorted(therapies, key=lambda name: (name == TRANSPLANT, known[name].onset_weeks.value, name))


def staged(
    bench: Workbench, chosen: Option, rule_alone: Callable[[str], StopRule], gain: Floats, whole: Floats
) -> Staged | None:
    """The plan begun one line at a time; None where there is nothing to take apart or no time for it.

    Args:
        bench: of the person.
        chosen: the plan.
        rule_alone: the stop rule of a line begun alone.
        gain: what the plan gains against nothing at the horizon [member].
        whole: hairs/cm2 under the plan at the horizon [member].

    Returns:
        Starts with reasons, and what the waiting costs.
    """
    order = [name for name in fast_first(bench, chosen.therapies) if name != TRANSPLANT]
    if len(order) < 2:
        return None
    day, starts = 0, {}
    for k, name in enumerate(order):
        starts[name] = (day, _why(bench, order, k, rule_alone))
        month = rule_alone(name).month
        day += round(min(_LONGEST_WAIT, month or _USUAL_WAIT) * 30.4375)
    if max(first for first, _ in starts.values()) > bench.horizon_days - _FIRST_MONTH * 30:
        return None
    lines = tuple(_begun(line, starts[line.therapy][0], bench.horizon_days) for line in chosen.regimen.lines)
    later = bench.course(replace(chosen.regimen, lines=lines), bench.person.goals.horizon_months)[-1]
    weights = bench.posterior.weights
    costs = interval(whole - later, weights, HAIRS)
    return Staged(
        starts=[(name, first, why) for name, (first, why) in starts.items()],
        gain=interval(gain - (whole - later), weights, HAIRS),
        costs=costs,
        words=_staged_words(bench, starts, costs.median),
    )


def _begun(line: PlannedLine, day: int, horizon_days: int) -> PlannedLine:
    """The line begun that much later."""
    if not line.sessions:
        return replace(line, start=line.start + day)
    moved = tuple(d + day - (FIRST_SESSION_DAY if day else 0) for d in line.sessions)
    return replace(line, sessions=tuple(d for d in moved if d <= horizon_days))


def _why(bench: Workbench, order: Sequence[str], k: int, rule_alone: Callable[[str], StopRule]) -> str:
    known = bench.knowledge.therapies
    weeks = f"{known[order[k]].onset_weeks.value:.0f}"
    if k == 0:
        return say("First, because it shows first: from about week {weeks}.", weeks=weeks)
    before = rule_alone(order[k - 1])
    name = say(known[order[k - 1]].short)
    if before.month is None:
        return say(
            "After {months} months of {before}, which no count of one site can judge by itself.",
            months=_USUAL_WAIT,
            before=name,
        )
    return say("When a count can tell whether {before} works, month {month}.", before=name, month=before.month)


def _staged_words(bench: Workbench, starts: dict[str, tuple[int, str]], costs: float) -> str:
    known = bench.knowledge.therapies
    parts = []
    for name, (day, _) in starts.items():
        when = bench.person.as_of + timedelta(days=day)
        parts.append(say("{line} from {date}", line=say(known[name].short), date=when.isoformat()))
    return say(
        "If you want to know which line works, begin one at a time, fast ones first: {starts}. At the end that costs "
        "{hairs} hairs/cm2 against beginning all at once.",
        starts=", ".join(parts),
        hairs=f"{costs:.0f}",
    )
