"""What the check of verdicts comes to: error rates, power, and where nothing is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias, TypeVar

from follicast.decisions.reviewing.check import MONTHS, STORIES, CheckedReview, Story, Visit

VERDICTS: Final = ("too early", "cannot tell", "on track", "below", "above")
# Inside this part of the forecast of the true change, a person goes as forecast.
_INSIDE: Final = (0.1, 0.9)

Case: TypeAlias = tuple[CheckedReview, Visit]
Rates: TypeAlias = dict[str, float]
Item = TypeVar("Item")


def summary(people: Sequence[CheckedReview]) -> dict[str, object]:
    """Error rates and power.

    `wrong` is of people: those in whom the plan is taken as planned and who are called below or above, at each month.
    `wrong of those said` is of verdicts: below said of somebody who took the plan (or more) and whose true change is
    not below the forecast's 80 %, or above of somebody whose true change is not above it. `other side` is below said
    of a true change above the forecast's middle while the plan was taken, or above of one below it.
    """
    cases = [(person, visit) for person in people for visit in person.visits]
    judged = [case for case in cases if case[1].verdict in ("below", "above")]
    return {
        "people": len(people),
        "trusted": _share(people, lambda p: p.trustworthy),
        "wrong": {
            f"month {month}": _rate(cases, lambda c: _planned(c) and c[1].month == month, _called)  # noqa: B023
            for month in MONTHS
        },
        "wrong of those said": _error(judged, is_wrong),
        "other side": _error(judged, on_the_other_side),
        "false on track": _rate(cases, lambda c: _idle(c) and c[1].verdict != "too early", _on_track),
        "by story": {story: _by_month([c for c in cases if c[0].story == story]) for story in dict.fromkeys(STORIES)},
        "by plan, as planned": {
            plan: _by_month([c for c in cases if _planned(c) and c[0].plan == plan])
            for plan in sorted({person.plan for person in people})
        },
        "marked site": {
            name: _by_month([c for c in cases if c[0].marked is marked])
            for name, marked in (("marked", True), ("not marked", False))
        },
        "true change inside the smallest detectable one": _verdicts([c for c in cases if _small(c)]),
        "true change beyond the smallest detectable one": _verdicts([c for c in cases if not _small(c)]),
        "ranks of the true change, as planned": {
            f"month {month}": _histogram([v.rank for p, v in cases if _planned((p, v)) and v.month == month])
            for month in MONTHS
        },
    }


def is_wrong(case: Case) -> bool:
    """Whether a verdict of below or above is wrong of the truth."""
    person, visit = case
    if visit.verdict == "above":
        return visit.rank <= _INSIDE[1]
    return _takes_it(person) and visit.rank >= _INSIDE[0]


def on_the_other_side(case: Case) -> bool:
    """Whether a verdict of below or above points away from the truth."""
    person, visit = case
    if visit.verdict == "above":
        return visit.rank < 0.5
    return _takes_it(person) and visit.rank > 0.5


def _takes_it(person: CheckedReview) -> bool:
    return person.story in ("as planned", "more than planned")


def _planned(case: Case) -> bool:
    story: Story = "as planned"
    return case[0].story == story


def _idle(case: Case) -> bool:
    return case[0].story in ("not taken", "not taken, and a fever")


def _called(case: Case) -> bool:
    return case[1].verdict in ("below", "above")


def _on_track(case: Case) -> bool:
    return case[1].verdict == "on track"


def _small(case: Case) -> bool:
    return abs(case[1].change) <= case[1].smallest


def _by_month(cases: Sequence[Case]) -> dict[str, Rates]:
    return {f"month {month}": _verdicts([c for c in cases if c[1].month == month]) for month in MONTHS}


def _verdicts(cases: Sequence[Case]) -> Rates:
    """How often each verdict is said, of how many."""
    told = {name: _share(cases, lambda c: c[1].verdict == name) for name in VERDICTS}  # noqa: B023
    return {"readings": float(len(cases))} | told


def _rate(cases: Sequence[Case], among: Callable[[Case], bool], which: Callable[[Case], bool]) -> Rates:
    chosen = [case for case in cases if among(case)]
    return {"readings": float(len(chosen)), "share": _share(chosen, which)}


def _error(judged: Sequence[Case], wrong: Callable[[Case], bool]) -> Rates:
    said = {name: [c for c in judged if c[1].verdict == name] for name in ("below", "above")}
    return {
        "verdicts": float(len(judged)),
        "share": _share(judged, wrong),
        "share of below": _share(said["below"], wrong),
        "share of above": _share(said["above"], wrong),
    }


def _histogram(ranks: Sequence[float], bins: int = 10) -> list[int]:
    made = [0] * bins
    for rank in ranks:
        made[min(int(rank * bins), bins - 1)] += 1
    return made


def _share(items: Sequence[Item], which: Callable[[Item], bool]) -> float:
    return sum(map(which, items)) / len(items) if items else 0.0
