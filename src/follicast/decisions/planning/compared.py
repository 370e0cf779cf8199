"""All therapies side by side for one person: onset, peak, what stopping leaves, harms, cost, burden, standing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.decisions.planning.candidates import option
from follicast.decisions.planning.condition import HAIRS
from follicast.decisions.planning.harms import harm_score, harms_of
from follicast.decisions.planning.judge import Judge, Judged
from follicast.decisions.planning.stopping import stopping
from follicast.decisions.planning.value import burden_of, chance, cost_of, interval, visits_of
from follicast.decisions.planning.workbench import Workbench
from follicast.decisions.result import Cost, Excluded, GuidelineGrade, Status, TherapyRow
from follicast.inference.diagnostics import quantile
from follicast.knowledge.guidelines import grades_of
from follicast.knowledge.therapy import Therapy
from follicast.language import say
from follicast.measurement.instruments import detectable_change
from follicast.people.person import Person
from follicast.quantities import DAYS_PER_YEAR

Floats = npt.NDArray[np.float64]

# A course that never gains this much has no peak (hairs/cm2).
_LEAST: Final = 1.0


def comparison(judge: Judge, ranked: Sequence[Judged], left_out: Sequence[Excluded]) -> list[TherapyRow]:
    """Every therapy there is, the compared ones by the rank they have alone, then those left out, each with the reason.

    Args:
        judge: of the person's options.
        ranked: every option judged, best first.
        left_out: therapies not compared.

    Returns:
        One row a therapy.
    """
    why = {entry.therapy: entry.reason for entry in left_out}
    known = judge.bench.knowledge.therapies
    ranks = {j.option.therapies[0]: k + 1 for k, j in enumerate(ranked) if j.option.id in known}
    rows = [_row(judge, name, why, ranks) for name in known]
    return sorted(rows, key=lambda row: (row.excluded is not None, row.rank or len(ranked)))


def _row(judge: Judge, name: str, why: Mapping[str, str], ranks: Mapping[str, int]) -> TherapyRow:
    bench = judge.bench
    person, knowledge = bench.person, bench.knowledge
    therapy = knowledge.therapies[name]
    alone = option(person, knowledge, (name,), bench.horizon_days)
    visits = visits_of((name,), alone.regimen, knowledge, bench.horizon_days)
    simulated = name in ranks
    gain = bench.outlook(alone.regimen).density - judge.nothing.density if simulated else None
    weights = bench.posterior.weights
    onset, peak = (None, None) if gain is None else _course(bench, gain)
    statuses = statuses_of(person, therapy)
    return TherapyRow(
        therapy=name,
        label=say(therapy.name),
        excluded=why.get(name),
        gain=None if gain is None else interval(gain[-1], weights, HAIRS),
        onset=say(therapy.onset),
        onset_month=onset,
        peak_month=peak,
        peak=None if gain is None or peak is None else interval(gain[peak], weights, HAIRS),
        stopping=stopping(bench, alone.regimen) if simulated else None,
        stopping_text=say(therapy.stopping),
        unseen=None if gain is None else chance(weights, gain[-1] < _seen(bench)),
        harms=harms_of(therapy, person.sex, knowledge),
        harm_score=harm_score(therapy, person.sex, knowledge),
        cost_per_year=_a_year(cost_of((name,), alone.regimen, knowledge, bench.horizon_days), bench.horizon_days),
        burden=burden_of((name,), visits, knowledge, bench.horizon_days),
        certainty=therapy.certainty,
        guidelines=guideline_grades(name, person.sex),
        status=next((s for s in statuses if s.jurisdiction == person.jurisdiction), None),
        stands_in=[s.jurisdiction for s in therapy.status if s.for_hair],
        not_in=[s.jurisdiction for s in therapy.status if not s.for_hair],
        rank=ranks.get(name),
        not_recommended=judge.judged[name].barred if simulated else None,
    )


def _seen(bench: Workbench) -> float:
    return detectable_change(bench.knowledge.parameters["instrument.count_sd_matched"].value)


def _course(bench: Workbench, gain: Floats) -> tuple[int | None, int | None]:
    """The first month at which the median gain exceeds what two counts can show, and that of the largest one."""
    middle = np.array([quantile(values, bench.posterior.weights, np.array([0.5]))[0] for values in gain])
    above = np.flatnonzero(middle > _seen(bench))
    peak = int(np.argmax(middle))
    return (int(above[0]) if above.size else None), (peak if middle[peak] >= _LEAST else None)


def _a_year(cost: Cost, horizon_days: int) -> Cost:
    share = DAYS_PER_YEAR / horizon_days
    return cost.model_copy(update={"low": cost.low * share, "high": cost.high * share})


def guideline_grades(name: str, sex: str) -> list[GuidelineGrade]:
    """What guidelines say of a therapy for somebody of this sex."""
    return [
        GuidelineGrade(
            guideline=g.guideline,
            version=g.version,
            population=say(g.population),
            grade=say(g.grade),
            verify=g.read != "primary",
            sources=list(g.sources),
        )
        for g in grades_of(name, sex)
    ]


def statuses_of(person: Person, therapy: Therapy) -> list[Status]:
    """Legal status, where the person lives first, elsewhere after it. A status from memory says so."""
    made = []
    for s in sorted(therapy.status, key=lambda s: s.jurisdiction != person.jurisdiction):
        text = say(s.status)
        if s.tag == "RECALLED":
            text = say("{status} (from memory, to be verified)", status=text)
        made.append(Status(jurisdiction=s.jurisdiction, status=text, checked_on=s.checked_on, sources=list(s.sources)))
    return made
