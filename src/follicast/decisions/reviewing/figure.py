"""What the figure of a review shows: the forecast as the same instrument reads the same site, and the readings."""

from __future__ import annotations

import numpy as np

from follicast.decisions.planning.stored_forecast import Role, series_key
from follicast.decisions.reviewing.expected import natural, setting_of, smallest_change
from follicast.decisions.reviewing.reading import Reviewer, baseline_points
from follicast.decisions.reviewing.record import ReviewBand, ReviewFigure, ReviewPoint
from follicast.decisions.reviewing.words import label
from follicast.inference.reweight import error_sds
from follicast.language import say
from follicast.people.person import CANONICAL_UNITS, Measurement

LEVELS = (0.10, 0.25, 0.50, 0.75, 0.90)
_WITHIN = 1.2816


def review_figure(reviewer: Reviewer, m: Measurement, adherence_known: bool) -> ReviewFigure | None:
    """The figure of the reading that decides; None where nothing of its kind was forecast.

    Args:
        reviewer: of the forecast.
        m: the reading.
        adherence_known: whether the record says how many doses were taken; if not, half of the doses is drawn too.
    """
    setting = setting_of(reviewer.forecast, m, reviewer.later, reviewer.person, reviewer.knowledge)
    if setting is None:
        return None
    roles: list[Role] = ["nothing"] if reviewer.plan is reviewer.nothing else ["nothing", "plan"]
    if not adherence_known:
        # Not said is not all: both ends are shown, and the planned share between them is left out.
        ends: tuple[Role, ...] = ("all doses", "half of the doses")
        doses = [role for role in ends if reviewer.forecast.course(role) is not None]
        roles = ["nothing", *doses] if len(doses) == len(ends) else [*roles, *doses]
    days = reviewer.forecast.days
    bands = []
    for role in roles:
        rows = []
        for day in days:
            found = reviewer.expected(role, m, setting, float(day))
            assert found is not None
            rows.append([natural(m, float(q)) for q in np.quantile(found.values, LEVELS, method="hazen")])
        q10, q25, q50, q75, q90 = (list(column) for column in zip(*rows, strict=True))
        bands.append(ReviewBand(role=role, label=_label(role), q10=q10, q25=q25, q50=q50, q75=q75, q90=q90))
    same = [o for o in (*baseline_points(reviewer.forecast, m), *reviewer.later) if series_key(o) == series_key(m)]
    return ReviewFigure(
        label=label(m),
        unit=CANONICAL_UNITS[m.quantity],
        days=days,
        bands=bands,
        points=[_point(reviewer, o) for o in same],
        smallest_change=smallest_change(m, setting),
        shedding=reviewer.plan.shedding,
    )


def _label(role: Role) -> str:
    return {
        "nothing": say("Nothing"),
        "plan": say("Plan"),
        "all doses": say("All doses"),
        "half of the doses": say("Half of the doses"),
    }[role]


def _point(reviewer: Reviewer, m: Measurement) -> ReviewPoint:
    _, visit = error_sds(m, reviewer.knowledge)
    if m.quantity == "shed_per_day":
        low, high = m.value * float(np.exp(-_WITHIN * visit)), m.value * float(np.exp(_WITHIN * visit))
    else:
        low, high = max(0.0, m.value - _WITHIN * visit), m.value + _WITHIN * visit
    return ReviewPoint(day=reviewer.forecast.day(m.date), value=m.value, lo80=low, hi80=high)
