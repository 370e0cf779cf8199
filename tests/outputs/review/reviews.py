"""Reviews and forecasts made by hand, for the tests of what is written and shown."""

from datetime import date
from typing import Any

from follicast.decisions.planning.stored_forecast import Baseline, DrawnSeries, ForecastCourse, Role, StoredForecast
from follicast.decisions.records import Interval
from follicast.decisions.reviewing.record import (
    KeptForecast,
    Replanned,
    Review,
    ReviewBand,
    ReviewedReading,
    ReviewFigure,
    ReviewPoint,
    SessionsSoFar,
)

PLANNED = date(2026, 1, 10)
DAYS = [0, 91, 183, 274, 365]


def a_forecast(**changes: Any) -> StoredForecast:
    """Two draws, counted at the vertex, under nothing and one drug."""

    def course(role: Role, therapies: list[str], step: float) -> ForecastCourse:
        values = [[150.0 + step * k, 160.0 + step * k] for k in range(len(DAYS))]
        series = DrawnSeries(
            quantity="nonvellus_density", zone="vertex", threshold_um=30.0, unit="hairs/cm2", values=values
        )
        adherence = dict.fromkeys(therapies, 0.8)
        name = "+".join(therapies) or "none"
        return ForecastCourse(
            role=role, plan=name, label=name, therapies=therapies, adherence=adherence, shedding=None, series=[series]
        )

    baseline = Baseline(
        date=PLANNED,
        zone="vertex",
        quantity="nonvellus_density",
        threshold_um=30.0,
        value=152.0,
        sd=None,
        area_cm2=1.0,
        method="phototrichogram",
        matched_site=False,
        expected=[150.0, 160.0],
    )
    made = StoredForecast(
        schema_version=1,
        follicast_version="0.1.0",
        code="0123456789abcdef",
        knowledge_hash="k",
        regrowth="reversal",
        input_hash="i",
        seed=0,
        as_of=PLANNED,
        person="Man",
        goal_zone="vertex",
        horizon_days=365,
        individual=True,
        trustworthy=True,
        adherence_known=True,
        draws=2,
        days=DAYS,
        baseline=[baseline],
        courses=[course("nothing", [], -3.0), course("plan", ["minoxidil-topical-5"], 5.0)],
    )
    return made.model_copy(update=changes)


def span(low: float, high: float, unit: str = "hairs/cm2") -> Interval:
    middle, part = 0.5 * (low + high), 0.25 * (high - low)
    return Interval(median=middle, lo50=middle - part, hi50=middle + part, lo80=low, hi80=high, unit=unit)


def a_reading(**changes: Any) -> ReviewedReading:
    """A count that has fallen below the forecast."""
    made = ReviewedReading(
        date=date(2026, 7, 12),
        day=183,
        label="Non-vellus hairs of 30 um and more, vertex (crown)",
        quantity="nonvellus_density",
        zone="vertex",
        threshold_um=30.0,
        method="phototrichogram",
        unit="hairs/cm2",
        value=128.0,
        value_sd=2.5,
        baseline_date=PLANNED,
        baseline_value=150.0,
        matched=True,
        change=-22.0,
        smallest_change=7.0,
        expected=span(7.0, 43.0),
        nothing=span(-8.0, 12.0),
        full=span(9.0, 45.0),
        half=span(4.0, 37.0),
        band=None,
        verdict="below",
        withheld=None,
        reason="It fell.",
        lower=0.001,
        odds=0.01,
        telling=0.6,
        tells_from=date(2027, 1, 10),
    )
    return made.model_copy(update=changes)


def a_review(**changes: Any) -> Review:
    """One man, below his forecast after half a year."""
    rows = [[140.0 + 2.0 * k + step for k in range(len(DAYS))] for step in (0.0, 4.0, 8.0, 12.0, 18.0)]
    keys = ("q10", "q25", "q50", "q75", "q90")
    bands = [
        ReviewBand(role=role, label=label, **dict(zip(keys, rows, strict=True)))
        for role, label in (("nothing", "Nothing"), ("plan", "Plan"))
    ]
    points = [ReviewPoint(day=d, value=v, lo80=v - 3.0, hi80=v + 3.0) for d, v in ((0, 150.0), (183, 128.0))]
    made = Review(
        schema_version=1,
        follicast_version="0.1.0",
        knowledge_hash="0123456789abcdef",
        seed=0,
        language="en",
        on=date(2026, 7, 12),
        person="Man & <b>wife</b>",
        plan_as_of=PLANNED,
        plan="minoxidil-topical-5",
        plan_label="Minoxidil 5 %",
        verdict="below",
        headline="Below the forecast after 6 months of Minoxidil 5 %: non-vellus hairs.",
        reasons=["It fell."],
        deciding=0,
        readings=[a_reading()],
        checks=["Thyroid: TSH.", "Iron: ferritin."],
        next_date=date(2027, 1, 10),
        next_words="The next date that can tell in 8 of 10: 2027-01-10, by the same reading.",
        doses=["Topical minoxidil 5 %: 80 % of the doses taken, 80 % planned."],
        adherence_known=True,
        sessions=[
            SessionsSoFar(
                therapy="prp",
                label="PRP",
                planned=3,
                done=2,
                partial=0,
                missed=1,
                cancelled=0,
                unsaid=0,
                words="2 of 3.",
            )
        ],
        grades=["Norwood-Hamilton IV, then III on 2026-07-12: noted."],
        safety=["Heart disease: this rule has changed since the plan was made. Check again."],
        replanned=Replanned(
            chosen="none", label="Nothing", rank_of_plan=2, stays=False, words=["It ranks second now."]
        ),
        figure=ReviewFigure(
            label="Non-vellus hairs",
            unit="hairs/cm2",
            days=DAYS,
            bands=bands,
            points=points,
            smallest_change=7.0,
            shedding=(0, 91),
        ),
        forecasts=[
            KeptForecast(
                file=name,
                as_of=PLANNED,
                follicast_version=version,
                code="c",
                seed=0,
                decides=version == "0.1.0",
                verdict="below",
                expected=span(7.0, 43.0),
            )
            for name, version in (("forecast-1.json", "0.1.0"), ("forecast.json", "0.2.0"))
        ],
        method=["A rule."],
    )
    return made.model_copy(update=changes)
