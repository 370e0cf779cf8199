"""A man with a plan of minoxidil, his stored forecast from a small ensemble, and the same man later."""

from dataclasses import replace
from datetime import date, timedelta

from follicast.decisions.planning.stored_forecast import StoredForecast
from follicast.decisions.result import PlanResult
from follicast.decisions.reviewing.plan_folder import PlanFolder
from follicast.people.person import Grade, Measurement, Person, Treatment

PLANNED = date(2026, 1, 10)
MINOXIDIL = "minoxidil-topical-5"
BASELINE = Measurement(PLANNED, "vertex", "nonvellus_density", 150.0, 30.0, 1.0, "phototrichogram", None, False)
THICK = replace(BASELINE, threshold_um=40.0, value=125.0)
WIDE = replace(BASELINE, zone="mid-scalp", value=170.0, sd=8.5)
MAN = Person(
    as_of=PLANNED,
    label="Man",
    sex="male",
    age_years=36.0,
    jurisdiction="US",
    ancestry="caucasian",
    years_of_loss=(5.0, 6.0),
    grades=(Grade(PLANNED, "norwood-hamilton", "IV", "clinician"),),
    measurements=(BASELINE, WIDE),
    considers=(MINOXIDIL,),
)


def later(days: int, *readings: Measurement, taken: float | None = 0.8, begun: int = 0, **changes: object) -> Person:
    """The same man that many days later; `taken` None = the record does not say how many doses."""
    on = PLANNED + timedelta(days=days)
    years = days / 365.25
    used = Treatment(PLANNED + timedelta(days=begun), MINOXIDIL, None, taken, (), "")
    man = replace(
        MAN,
        as_of=on,
        age_years=MAN.age_years + years,
        years_of_loss=(5.0 + years, 6.0 + years),
        measurements=(*MAN.measurements, *readings),
        treatments=(used,),
    )
    return replace(man, **changes)  # type: ignore[arg-type]


def again(days: int, value: float, of: Measurement = BASELINE, **changes: object) -> Measurement:
    """The baseline's site read again."""
    changed = {"matched_site": True} | changes
    return replace(of, date=PLANNED + timedelta(days=days), value=value, **changed)  # type: ignore[arg-type]


def folder(forecast: StoredForecast, plan: PlanResult | None = None) -> PlanFolder:
    return PlanFolder((("forecast.json", forecast),), plan, None)
