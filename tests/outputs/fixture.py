"""Synthetic answers to develop and test the outputs against: shapes of a real one, numbers made up and labelled so."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

from follicast.decisions.result import (
    Band,
    Candidate,
    Citation,
    Cost,
    Event,
    Excluded,
    FitQuality,
    Forecasts,
    Harm,
    Interval,
    LineEffect,
    Measured,
    Offer,
    PersonSummary,
    PlanLine,
    PlanResult,
    Pool,
    Status,
    ZoneCondition,
)

AS_OF = date(2026, 3, 12)
HORIZON = 365
DAYS = [round(30.4375 * month) for month in range(25)]
Z80, Z50 = 1.2816, 0.6745
HAIRS = "hairs/cm2"
FINASTERIDE, MINOXIDIL, EXOSOMES = "finasteride-oral", "minoxidil-topical-5", "exosomes"
CHOSEN = "finasteride-oral+minoxidil-topical-5+exosomes-6"
ALTERNATIVE = "dutasteride-oral+minoxidil-oral"


def interval(median: float, sd: float, unit: str, low: float = -math.inf, high: float = math.inf) -> Interval:
    """A normal-shaped interval, clipped to what is possible."""
    lo80, lo50, hi50, hi80 = (min(max(median + z * sd, low), high) for z in (-Z80, -Z50, Z50, Z80))
    return Interval(median=median, lo50=lo50, hi50=hi50, lo80=lo80, hi80=hi80, unit=unit)


def zone(name: str, label: str, area: float, density: float, diameter: float, mini: float) -> ZoneCondition:
    return ZoneCondition(
        zone=name,
        label=label,
        area_cm2=area,
        density=interval(density, 14.0, HAIRS, 0.0),
        nonvellus_density=interval(density * (1 - 0.45 * mini), 12.0, HAIRS, 0.0),
        mean_diameter=interval(diameter, 2.6, "um", 0.0),
        anagen_share=interval(0.86 - 0.35 * mini, 0.035, "fraction", 0.0, 1.0),
        kenogen_share=interval(0.04 + 0.26 * mini, 0.03, "fraction", 0.0, 1.0),
        miniaturised_share=interval(mini, 0.06, "fraction", 0.0, 1.0),
        coverage=interval(98.0 - 70.0 * mini * mini, 4.0, "%", 0.0, 100.0),
    )


def man_zones() -> list[ZoneCondition]:
    return [
        zone("frontal-hairline", "frontal hairline", 48.0, 142.0, 56.0, 0.42),
        zone("temples", "temples", 36.0, 104.0, 49.0, 0.58),
        zone("mid-scalp", "mid-scalp", 110.0, 158.0, 58.0, 0.36),
        zone("vertex", "vertex (crown)", 92.0, 131.0, 53.0, 0.49),
        zone("occipital-donor", "back of the head (donor)", 150.0, 196.0, 71.0, 0.09),
        zone("sides", "sides", 170.0, 184.0, 69.0, 0.11),
    ]


def band(plan: str, quantity: Any, unit: str, where: str, middle: Any, sd0: float, growth: float) -> Band:
    quantiles: dict[str, list[float]] = {"q10": [], "q25": [], "q50": [], "q75": [], "q90": []}
    for day in DAYS:
        years = day / 365.25
        centre, sd = middle(years), sd0 + growth * math.sqrt(years)
        for key, z in zip(quantiles, (-Z80, -Z50, 0.0, Z50, Z80), strict=True):
            quantiles[key].append(max(centre + z * sd, 0.0))
    return Band(plan=plan, quantity=quantity, unit=unit, zone=where, **quantiles)


def _rise(gain: float, dip: float = 0.0) -> Any:
    """Gain towards a plateau, after an early dip centred on week 7."""
    return lambda t: gain * (1 - math.exp(-2.2 * t)) - dip * math.exp(-(((t - 0.14) / 0.1) ** 2))


def bands_of(plan: str, gain: float, dip: float, zones: list[ZoneCondition], goal: str) -> list[Band]:
    rise = _rise(gain, dip)
    out = []
    for z in zones:
        share = z.miniaturised_share.median / 0.5
        out.append(
            band(
                plan,
                "density",
                HAIRS,
                z.zone,
                lambda t, z=z, share=share: z.density.median - 5.2 * share * t + share * rise(t),
                8.0,
                7.0,
            )
        )
    z = next(z for z in zones if z.zone == goal)
    mu, cover = z.mean_diameter.median, z.coverage.median
    out += [
        band(plan, "nonvellus_density", HAIRS, goal, lambda t: 101.0 - 6.0 * t + 1.2 * rise(t), 7.0, 8.0),
        band(plan, "mean_diameter", "um", goal, lambda t: mu - 1.1 * t + 0.16 * rise(t), 1.6, 1.3),
        band(plan, "coverage", "%", goal, lambda t: cover - 2.0 * t + 0.35 * rise(t), 3.0, 3.0),
        band(plan, "shed_per_day", "hairs/day", "scalp", lambda t: 88.0 + 3.0 * t - 1.1 * rise(t), 12.0, 8.0),
    ]
    return out


def status(jurisdiction: str, words: str, source: str) -> Status:
    return Status(jurisdiction=jurisdiction, status=words, checked_on=date(2026, 2, 20), sources=[source])


def finasteride() -> PlanLine:
    return PlanLine(
        therapy=FINASTERIDE,
        label="finasteride, oral",
        what="1 mg tablet once a day, for as long as the effect is wanted",
        mechanism="Blocks 5-alpha-reductase type II, so less dihydrotestosterone reaches the follicle.",
        adds=interval(13.4, 6.2, HAIRS),
        alone=interval(15.8, 6.9, HAIRS),
        adds_nothing_probability=0.03,
        certainty="high",
        evidence="Two placebo-controlled trials, 1,553 men, 1 and 2 years (synthetic text for tests).",
        onset="first difference after 3 to 6 months, most of it after 12 to 24",
        stopping="what was gained is lost again within about 12 months",
        harms=[
            Harm(name="decreased libido", rate="1.8 %", control_rate="1.3 %", sources=["kaufman1998"]),
            Harm(name="erectile dysfunction", rate="1.3 %", control_rate="0.7 %", sources=["kaufman1998"]),
            Harm(
                name="low mood, suicidal thoughts", rate="frequency not known", control_rate=None, sources=["ema2025"]
            ),
        ],
        do_not_use=["Pregnant women, or women who may become pregnant, must not use it.", "Not under 18 years."],
        cost=Cost(low=120, high=360, currency="EUR", basis="30 tablets a month, 12 months"),
        status=[
            status("EU", "authorised for men aged 18 to 41", "ema2025"),
            status("US", "approved for men", "fda-label"),
        ],
        sham_note=None,
        sources=["kaufman1998", "ema2025"],
        call_doctor=["low mood or thoughts of harming yourself", "a lump, pain or discharge of the breast"],
    )


def minoxidil() -> PlanLine:
    return PlanLine(
        therapy=MINOXIDIL,
        label="minoxidil 5 %, topical",
        what="1 ml of solution or half a cap of foam on the scalp, twice a day",
        mechanism="Shortens the resting phase and lengthens growth; needs an enzyme that some people lack.",
        adds=interval(9.1, 6.8, HAIRS),
        alone=interval(11.9, 7.4, HAIRS),
        adds_nothing_probability=0.12,
        certainty="moderate",
        evidence="Placebo-controlled trials of 32 to 48 weeks (synthetic text for tests).",
        onset="shedding in weeks 2 to 8, first difference after 4 months",
        stopping="what was gained is shed within 3 to 6 months",
        harms=[
            Harm(name="itching, scaling", rate="6 %", control_rate="3 %", sources=["olsen2002"]),
            Harm(name="unwanted facial hair", rate="1 %", control_rate=None, sources=["olsen2002"]),
        ],
        do_not_use=["Not on an inflamed, infected or broken scalp."],
        cost=Cost(
            low=180,
            high=300,
            currency="EUR",
            basis="Minoxidil 5 %: 12 months at 15 to 25 EUR/month (editable defaults, not quotations)",
        ),
        status=[status("EU", "authorised, without prescription", "ema2025"), status("US", "approved", "fda-label")],
        sham_note=None,
        sources=["olsen2002"],
        call_doctor=["chest pain, fast heartbeat, fainting, swollen hands or feet"],
    )


def exosomes() -> PlanLine:
    return PlanLine(
        therapy=EXOSOMES,
        label="stem-cell exosomes",
        what="six sessions, 21 to 28 days apart, injected into the scalp",
        mechanism="Vesicles thought to start growth earlier and delay its end, in mice and in the dish.",
        adds=interval(1.6, 5.6, HAIRS),
        alone=interval(2.4, 6.4, HAIRS),
        adds_nothing_probability=0.46,
        certainty="very low",
        evidence="No trial against saline or needling alone was found (synthetic text for tests).",
        onset="not known; series report counts at 3 to 6 months",
        stopping="not known; in controlled analogues the effect is gone within about a year",
        harms=[
            Harm(name="pain and redness", rate="most people", control_rate=None, sources=["nahm2024"]),
            Harm(name="granuloma, skin necrosis", rate="case reports", control_rate=None, sources=["nahm2024"]),
        ],
        do_not_use=["active infection of the scalp", "cancer now or recently", "pregnancy"],
        cost=Cost(
            low=1800,
            high=4200,
            currency="EUR",
            basis="Six sessions at 300 to 700 EUR/session (editable defaults, not quotations)",
        ),
        status=[
            status("EU", "not authorised as a medicine", "ema2025"),
            status("US", "no approved exosome product", "fda2019"),
        ],
        sham_note="Needles and saline alone added 11 to 16 hairs/cm2 in trials; that gain is not counted here.",
        sources=["nahm2024", "fda2019", *(f"a-source-without-a-citation-{k}" for k in range(8))],
        call_doctor=["fever, spreading redness, black or open skin where it was injected", "lumps that stay"],
    )


CATALOGUE: list[tuple[str, str, float, float, Cost, int, Any, float]] = [
    (CHOSEN, "finasteride + minoxidil 5 % + exosomes × 6", 24.1, 8.8, (2100, 4860), 6, "moderate", 4.0),
    ("finasteride-oral+minoxidil-topical-5", "finasteride + minoxidil 5 %", 22.5, 7.4, (300, 660), 0, "moderate", 3.0),
    (ALTERNATIVE, "dutasteride + oral minoxidil", 17.3, 9.5, (400, 900), 2, "low", 8.0),
    ("dutasteride-oral", "dutasteride, oral", 18.8, 7.7, (240, 480), 1, "moderate", 4.0),
    ("finasteride-oral", "finasteride, oral", 15.8, 6.9, (120, 360), 0, "high", 1.5),
    ("finasteride-topical", "finasteride, topical", 12.9, 7.1, (360, 600), 0, "moderate", 1.0),
    ("minoxidil-oral", "minoxidil, oral", 13.1, 8.0, (60, 180), 2, "low", 2.5),
    ("minoxidil-topical-5", "minoxidil 5 %, topical", 11.9, 7.4, (180, 300), 0, "moderate", 2.2),
    ("minoxidil-topical-2", "minoxidil 2 %, topical", 8.7, 6.6, (150, 260), 0, "moderate", 2.0),
    ("light", "low-level light", 6.8, 8.2, (400, 900), 0, "low", 1.1),
    ("prp", "platelet-rich plasma × 4", 7.4, 9.7, (1200, 2400), 4, "very low", 3.1),
    ("microneedling", "microneedling", 3.9, 7.8, (300, 900), 6, "very low", 1.2),
    ("exosomes-6", "stem-cell exosomes × 6", 2.4, 6.4, (1800, 4200), 6, "very low", 4.4),
    ("antifungal-shampoo", "antifungal shampoo", 0.8, 2.9, (60, 140), 0, "low", 0.3),
]


def candidate(row: Any, rank: int) -> Candidate:
    name, label, gain, sd, money, visits, certainty, burden = row
    return Candidate(
        id=name,
        label=label,
        therapies=[part.removesuffix("-6") for part in name.split("+")],
        gain=interval(gain, sd, HAIRS),
        gain_from_now=interval(gain - 5.1, sd + 1.0, HAIRS),
        gain_nonvellus=interval(1.15 * gain, sd, HAIRS),
        gain_coverage=interval(0.35 * gain, 0.4 * sd, "%"),
        improves_probability=min(max(0.5 + (gain - 9.0) / 40.0, 0.01), 0.99),
        cost=Cost(low=money[0], high=money[1], currency="EUR", basis="12 months"),
        clinic_visits=visits,
        certainty=certainty,
        value=gain - burden,
        deductions={"cost": 0.6 * burden, "visits": 0.4 * burden},
        rank=rank,
    )


def nothing(rank: int) -> Candidate:
    zero = interval(0.0, 0.0, HAIRS)
    return Candidate(
        id="none",
        label="nothing",
        therapies=[],
        gain=zero,
        gain_from_now=interval(-5.1, 4.0, HAIRS),
        gain_nonvellus=zero,
        gain_coverage=interval(0.0, 0.0, "%"),
        improves_probability=0.0,
        cost=Cost(low=0, high=0, currency="EUR", basis="12 months"),
        clinic_visits=0,
        certainty="high",
        value=0.0,
        deductions={},
        rank=rank,
    )


def schedule() -> list[Event]:
    def event(
        day: int, slack: int, private: str, therapy: str | None, kind: Any, k: int | None, n: int | None
    ) -> Event:
        when = AS_OF + timedelta(days=day)
        return Event(
            date=when,
            earliest=when - timedelta(days=min(slack, day)),
            latest=when + timedelta(days=slack),
            private=private,
            therapy=therapy,
            kind=kind,
            number=k,
            of=n,
        )

    events = [
        event(1, 0, "Start finasteride 1 mg, one tablet a day", FINASTERIDE, "start", None, None),
        event(1, 0, "Start minoxidil 5 %, twice a day", MINOXIDIL, "start", None, None),
    ]
    events += [
        event(14 + 24 * k, 4 if k else 7, f"Exosome session {k + 1} of 6", EXOSOMES, "session", k + 1, 6)
        for k in range(6)
    ]
    events += [
        event(day, 14, "Count and diameter at the marked site, standard photographs", None, "measure", k, 3)
        for k, day in ((1, 120), (2, 240), (3, 365))
    ]
    return sorted(events, key=lambda e: (e.date, e.private))


def citations() -> list[Citation]:
    rows = {
        "kaufman1998": "Kaufman KD et al. Finasteride in the treatment of men. J Am Acad Dermatol 1998;39:578-589.",
        "olsen2002": "Olsen EA et al. 5 % minoxidil versus 2 % and placebo. J Am Acad Dermatol 2002;47:377-385.",
        "nahm2024": "Nahm et al. Necrotizing granulomas after exosomes. Dermatol Rev 2024.",
        "ema2025": "European Medicines Agency. Review of finasteride and dutasteride, 2025.",
        "fda-label": "US Food and Drug Administration. Label text.",
        "fda2019": "US Food and Drug Administration. Notification on exosome products, 6 December 2019.",
    }
    return [
        Citation(key=k, text=v, url=f"https://example.org/{k}" if k != "nahm2024" else None) for k, v in rows.items()
    ]


def measurements() -> list[Measured]:
    def point(days_ago: int, quantity: Any, value: float, sd: float, unit: str) -> Measured:
        half = Z80 * sd
        return Measured(
            date=AS_OF - timedelta(days=days_ago),
            zone="vertex",
            quantity=quantity,
            value=value,
            lo80=value - half,
            hi80=value + half,
            unit=unit,
        )

    return [
        point(190, "density", 139.0, 8.0, HAIRS),
        point(10, "density", 133.0, 8.0, HAIRS),
        point(10, "mean_diameter", 54.0, 2.0, "um"),
    ]


def offers() -> list[Offer]:
    """What a clinic proposed: exosomes, a shampoo and finasteride."""

    def effect(therapy: str, label: str, gains: list[float], sd: float, nothing: float, certainty: Any) -> LineEffect:
        return LineEffect(
            therapy=therapy,
            label=label,
            adds=[interval(gain, sd, HAIRS) for gain in gains],
            adds_nothing_probability=nothing,
            certainty=certainty,
            sham_note="Needles and saline alone added 11 to 16 hairs/cm2 in trials." if therapy == EXOSOMES else None,
        )

    return [
        Offer(
            name="The clinic's offer",
            label="The clinic's offer: exosomes + antifungal shampoo + finasteride",
            months=[6, 12, 24],
            gain=[interval(gain, 8.0, HAIRS) for gain in (11.0, 17.5, 16.0)],
            lines=[
                effect(EXOSOMES, "stem-cell exosomes", [3.1, 2.2, 0.4], 5.5, 0.44, "very low"),
                effect("antifungal-shampoo", "antifungal shampoo", [0.3, 0.4, 0.4], 1.1, 0.71, "low"),
                effect(FINASTERIDE, "finasteride, oral", [8.2, 14.9, 15.3], 6.1, 0.04, "high"),
            ],
            rank=5,
            cost=Cost(low=1980, high=4700, currency="EUR", basis="12 months"),
        )
    ]


def man_of_40(**changes: Any) -> PlanResult:
    """The main case: a transplant years ago, still losing; three lines recommended, six sessions."""
    zones = man_zones()
    bands = [
        *bands_of("none", 0.0, 0.0, zones, "vertex"),
        *bands_of(CHOSEN, 26.0, 9.0, zones, "vertex"),
        *bands_of(ALTERNATIVE, 14.0, 11.0, zones, "vertex"),
    ]
    fields: dict[str, Any] = dict(
        schema_version=1,
        follicast_version="0.1.0",
        knowledge_hash="24e9e9494187a6e44b6ca003e3257a96e83057cee1c92b77cc94d2c36f0a1b2c",
        seed=20260312,
        as_of=AS_OF,
        horizon_days=HORIZON,
        person=PersonSummary(
            label="man-40",
            sex="male",
            age_years=40.2,
            jurisdiction="EU",
            facts=[
                "hair loss for 8 to 9 years, Norwood-Hamilton IV",
                "minoxidil before, stopped",
                "transplant in 2023, 1,800 grafts to the frontal hairline, still losing",
            ],
        ),
        answer=(
            "With finasteride, minoxidil 5 % and six exosome sessions we expect 24 more hairs per cm2 at the vertex"
            " after 12 months than with nothing; 8 of 10 people like you would be between 13 and 35."
        ),
        fit=FitQuality(
            draws=2000,
            effective_size=742.0,
            pareto_k=0.41,
            rounds=3,
            trustworthy=True,
            used=["age, sex, onset", "Norwood-Hamilton IV (2026-03-02)", "2 counts at the vertex", "1 diameter"],
            missing=[
                "No share of growing hairs (a phototrichogram): it tells a passing shed from lasting loss.",
                "Ancestry is not said: usual density and hair diameter differ with it.",
            ],
            messages=[],
        ),
        zones=zones,
        pool=Pool(
            inflow_per_day=interval(66.0, 11.0, "hairs/day", 0.0),
            outflow_per_day=interval(76.0, 12.0, "hairs/day", 0.0),
            balance_per_year=interval(-3650.0, 2100.0, "hairs/year"),
            hairs_now=interval(86400.0, 7200.0, "hairs", 0.0),
        ),
        forecasts=Forecasts(
            goal_zone="vertex",
            days=DAYS,
            plans=["none", CHOSEN, ALTERNATIVE],
            bands=bands,
            shedding_windows=[
                (CHOSEN, 14, 84, "minoxidil ends the resting phase of many follicles at once"),
                (ALTERNATIVE, 14, 90, "minoxidil ends the resting phase of many follicles at once"),
            ],
        ),
        smallest_detectable_change=14.0,
        candidates=[*(candidate(row, k + 1) for k, row in enumerate(CATALOGUE)), nothing(len(CATALOGUE) + 1)],
        excluded=[
            Excluded(therapy="spironolactone", label="spironolactone", reason="used in women only"),
            Excluded(therapy="transplant", label="hair transplantation", reason="refused in the person file"),
        ],
        offers=offers(),
        chosen=CHOSEN,
        reasons=[
            "Ranks first after deductions for cost, visits and harms.",
            "Without the exosome sessions the plan ranks second and costs EUR 1,800 to 4,200 less.",
        ],
        lines=[finasteride(), minoxidil(), exosomes()],
        schedule=schedule(),
        unknowns=[
            "Whether this person has the enzyme that activates minoxidil.",
            "What exosomes add over saline injected the same way: no trial was found.",
            "Whether hair loss continues around the transplant at the same pace.",
        ],
        method=[
            "A posterior of 2,000 virtual people with this history, each simulated follicle by follicle.",
            "Every plan runs on the same random numbers, so differences are person by person.",
        ],
        citations=citations(),
        measurements=measurements(),
        referral_signs=[
            "bald patches that came suddenly",
            "pain, burning, redness, scale or pus on the scalp",
            "loss of eyebrows, or scalp that looks smooth and shiny",
        ],
    )
    return PlanResult(**(fields | changes))


def untreated(**changes: Any) -> PlanResult:
    """Nothing is recommended: no line, no session, only measurements."""
    base = man_of_40()
    order = ["none", *(row[0] for row in CATALOGUE)]
    by_id = {c.id: c for c in base.candidates}
    small = [by_id[name].model_copy(update={"rank": k + 1}) for k, name in enumerate(order)]
    forecasts = base.forecasts.model_copy(
        update={
            "plans": ["none", CHOSEN],
            "bands": [b for b in base.forecasts.bands if b.plan in ("none", CHOSEN)],
            "shedding_windows": [w for w in base.forecasts.shedding_windows if w[0] == CHOSEN],
        }
    )
    fields: dict[str, Any] = dict(
        chosen="none",
        candidates=small,
        forecasts=forecasts,
        lines=[],
        schedule=[event for event in base.schedule if event.kind == "measure"],
        reasons=["No plan gains enough to pay for its cost and visits."],
        answer="We recommend no treatment: no plan is worth its cost to this person; at the vertex we expect 126 hairs"
        " per cm2 after 12 months, and 8 of 10 people like you would be between 107 and 145.",
    )
    return man_of_40(**(fields | changes))


def minimal(**changes: Any) -> PlanResult:
    """Sex and age only: nothing measured, one line, no session, one source, intervals wide or of zero width."""
    base = man_of_40()
    single = "finasteride-oral"
    zones = [base.zones[3]]
    bands = [
        *bands_of("none", 0.0, 0.0, zones, "vertex"),
        *bands_of(single, 17.0, 0.0, zones, "vertex"),
    ]
    line = finasteride().model_copy(
        update={"alone": finasteride().adds, "harms": [], "do_not_use": [], "status": [], "call_doctor": []}
    )
    fields: dict[str, Any] = dict(
        person=PersonSummary(label="man of 40", sex="male", age_years=40.0, jurisdiction=None, facts=[]),
        fit=FitQuality(
            draws=2000,
            effective_size=38.0,
            pareto_k=None,
            rounds=0,
            trustworthy=False,
            used=["age, sex"],
            missing=["any count", "any grade", "onset"],
            messages=["Nothing was measured, so this is the forecast of men of 40 at large."],
        ),
        zones=zones,
        forecasts=Forecasts(goal_zone="vertex", days=DAYS, plans=["none", single], bands=bands, shedding_windows=[]),
        candidates=[candidate(CATALOGUE[4], 1), nothing(2)],
        chosen=single,
        lines=[line],
        offers=[],
        schedule=[],
        excluded=[],
        unknowns=[],
        reasons=[],
        citations=citations()[:1],
        measurements=[],
        referral_signs=[],
        answer="With oral finasteride we expect 16 more hairs per cm2 at the vertex after 12 months than with nothing;"
        " 8 of 10 people like you would be between 7 and 25.",
    )
    return man_of_40(**(fields | changes))


def woman_of_45(**changes: Any) -> PlanResult:
    """A woman: mid-scalp is the goal, androgen lines excluded, two lines of which one may add nothing."""
    zones = [
        zone("frontal-hairline", "frontal hairline", 46.0, 171.0, 60.0, 0.22),
        zone("temples", "temples", 34.0, 150.0, 56.0, 0.27),
        zone("mid-scalp", "mid-scalp (parting)", 112.0, 139.0, 53.0, 0.41),
        zone("vertex", "vertex (crown)", 90.0, 155.0, 56.0, 0.33),
        zone("occipital-donor", "back of the head", 148.0, 201.0, 66.0, 0.10),
        zone("sides", "sides", 168.0, 192.0, 65.0, 0.12),
    ]
    chosen, other = "minoxidil-topical-5+light", "spironolactone"
    rows: list[Any] = [
        (chosen, "minoxidil 5 % + low-level light", 14.6, 8.4, (520, 1100), 0, "low", 2.0),
        (other, "spironolactone, oral", 5.2, 9.0, (80, 160), 3, "low", 1.0),
        ("minoxidil-topical-5", "minoxidil 5 %, topical", 12.0, 7.2, (180, 300), 0, "moderate", 1.0),
    ]
    light = exosomes().model_copy(
        update={
            "therapy": "light",
            "label": "low-level light",
            "what": "25 minutes, three times a week, at home",
            "certainty": "low",
            "sham_note": None,
            "harms": [],
        }
    )
    fields: dict[str, Any] = dict(
        horizon_days=730,
        person=PersonSummary(
            label="woman-45",
            sex="female",
            age_years=45.4,
            jurisdiction="US",
            facts=["Ludwig I, parting wider for 4 years"],
        ),
        zones=zones,
        forecasts=Forecasts(
            goal_zone="mid-scalp",
            days=DAYS,
            plans=["none", chosen, other],
            bands=[
                *bands_of("none", 0.0, 0.0, zones, "mid-scalp"),
                *bands_of(chosen, 16.0, 8.0, zones, "mid-scalp"),
                *bands_of(other, 6.0, 0.0, zones, "mid-scalp"),
            ],
            shedding_windows=[(chosen, 14, 70, "minoxidil ends the resting phase of many follicles at once")],
        ),
        candidates=[*(candidate(row, k + 1) for k, row in enumerate(rows)), nothing(4)],
        chosen=chosen,
        lines=[minoxidil(), light],
        offers=[],
        schedule=[event for event in schedule() if event.therapy == MINOXIDIL or event.kind == "measure"],
        measurements=[],
        excluded=[Excluded(therapy="dutasteride-oral", label="dutasteride, oral", reason="harms a pregnancy")],
        answer="With minoxidil 5 % and low-level light we expect 15 more hairs per cm2 at the mid-scalp after 24 months"
        " than with nothing; 8 of 10 people like you would be between 4 and 25.",
    )
    return man_of_40(**(fields | changes))


ALL = {"man-40": man_of_40, "untreated": untreated, "minimal": minimal, "woman-45": woman_of_45}
