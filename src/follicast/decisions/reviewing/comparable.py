"""May a later reading be judged against a baseline at all? If not, why, in one sentence."""

from __future__ import annotations

import datetime as dt

from follicast.decisions.planning.condition import zone_label
from follicast.decisions.planning.stored_forecast import Baseline, StoredForecast
from follicast.decisions.reviewing.expected import baseline_for, measurement_of
from follicast.language import say
from follicast.people.person import DENSITIES, Measurement, Person

DONOR = "occipital-donor"


def withheld(forecast: StoredForecast, m: Measurement, person: Person) -> str | None:
    """Why there is no verdict on a reading; None where there may be one."""
    grafted = _grafted(m, person, forecast)
    if grafted is not None:
        return grafted
    told = baseline_for(forecast, m)
    if told is None:
        return _no_baseline(forecast, m)
    if told.method != m.method:
        return say(
            "Withheld: it was read by another method ({now}) than the baseline ({then}), and methods do not agree "
            "closely enough. Repeat it as the baseline was read.",
            now=m.method or say("not said"),
            then=told.method or say("not said"),
        )
    return None


def _no_baseline(forecast: StoredForecast, m: Measurement) -> str:
    """Nothing of this kind was read before the plan: was something like it?"""
    near = [b for b in forecast.baseline if b.zone == m.zone and _alike(b, m)]
    if near:
        return say(
            "Withheld: this reading counts hairs from {now} on, the baseline from {then} on. They count different "
            "hairs and are never compared. Count again from {then} on.",
            now=threshold_words(m.threshold_um),
            then=threshold_words(max(near, key=lambda b: b.date).threshold_um),
        )
    elsewhere = sorted({b.zone for b in forecast.baseline if b.zone is not None and _alike(b, m)})
    if elsewhere and m.zone is not None:
        return say(
            "Withheld: the baseline was read at another site ({then}). Sites are never compared.",
            then=", ".join(zone_label(zone) for zone in elsewhere),
        )
    return say(
        "There is no baseline: nothing of this kind was read before the plan, so no verdict on this person is "
        "possible. The band shown is that of people like this one."
    )


def _alike(b: Baseline, m: Measurement) -> bool:
    return b.quantity == m.quantity or (b.quantity in DENSITIES and m.quantity in DENSITIES)


def threshold_words(threshold_um: float | None) -> str:
    """The thinnest hair counted, in words."""
    return say("the thinnest hair seen") if threshold_um is None else say("{um} um", um=f"{threshold_um:g}")


def _grafted(m: Measurement, person: Person, forecast: StoredForecast) -> str | None:
    """Grafts in the site, or hair taken out of it since the baseline."""
    for t in person.transplants:
        if t.date > m.date or m.zone is None:
            continue
        if m.zone == DONOR and _since(t.date, forecast, m):
            return say(
                "Withheld: hair was taken out of this site by the transplant of {date}.", date=t.date.isoformat()
            )
        if m.zone != DONOR and (not t.zones or m.zone in t.zones):
            return say(
                "Withheld: the transplant of {date} lies in this site. Grafted hair does not thin and grows in for a "
                "year, so the count says nothing of the treatment. Count a marked site outside the grafts.",
                date=t.date.isoformat(),
            )
    return None


def _since(when: dt.date, forecast: StoredForecast, m: Measurement) -> bool:
    told = baseline_for(forecast, m)
    return told is not None and when >= measurement_of(told).date
