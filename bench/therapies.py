"""Does each therapy's channel reproduce the published effect it was set to? Net gain in a cohort, target beside it.

    .venv/bin/python bench/therapies.py

Cohort: Caucasian men (vertex) and women (mid-scalp) of 35 with 2 to 14 years of loss who enter at 110 to 250 hairs/cm2;
every dose taken; no sham term. Net = treated minus untreated on the same members and draws.
"""

from __future__ import annotations

import numpy as np

from follicast.biology.scalp import Site
from follicast.decisions.planning.candidates import session_days
from follicast.inference.cohorts import Cohort, cohort, person_of
from follicast.knowledge.load import Knowledge
from follicast.knowledge.therapy import SessionExposure, Therapy
from follicast.people.person import Sex

PEOPLE = 600
WEEKS = (8, 12, 16, 24, 36, 48, 52, 104)
PLACES: dict[Sex, str] = {"male": "vertex", "female": "mid-scalp"}


def study(knowledge: Knowledge, sex: Sex, therapy: Therapy | None) -> Cohort:
    """The cohort under a therapy taken in full, or under nothing."""
    days = (0.0, *(7.0 * week for week in WEEKS))
    sessions: tuple[float, ...] = ()
    if therapy is not None and isinstance(therapy.exposure, SessionExposure):
        sessions = tuple(float(day) for day in session_days(therapy.exposure, int(days[-1]), None))
    name = None if therapy is None else therapy.id
    person = person_of(sex, 35.0, years=(2.0, 14.0))
    return cohort(knowledge, person, PEOPLE, (Site(PLACES[sex], 1.0),), days, therapy=name, sessions=sessions)


def main() -> None:
    """Print the rows."""
    knowledge = Knowledge.load()
    for sex in PLACES:
        untreated = study(knowledge, sex, None)
        base = untreated.readings.total[0, :, 0]
        inside = (base >= 110.0) & (base <= 250.0)
        weeks = " ".join(f"{week:5d}" for week in WEEKS)
        print(
            f"\n{sex}, {PLACES[sex]}, {int(inside.sum())} entered\n{'non-vellus, net, by week':26s} {weeks}   targets"
        )
        for therapy in knowledge.therapies.values():
            if therapy.kind == "surgery" or sex not in therapy.sexes:
                continue
            treated = study(knowledge, sex, therapy)
            gain = (treated.readings.nonvellus - untreated.readings.nonvellus)[1:, inside, 0].mean(axis=1)
            row = " ".join(f"{value:5.1f}" for value in np.round(gain, 1))
            goals = [t for t in therapy.target.values() if t.sex == sex]
            words = "; ".join(
                f"{t.effect.value:g} {t.measure} at week {t.week.value:g} against {t.against}" for t in goals
            )
            print(f"{therapy.id:26s} {row}   {words}")


if __name__ == "__main__":
    main()
