"""The words of tables of trials: what doses, courses, measures, units and people come to in the model's terms."""

import math
from dataclasses import replace

import pytest
from tests.knowledge.trials import GOOD, SESSION, given, with_doses

from follicast.knowledge.load import therapies
from follicast.knowledge.trial import Use

# --------------------------------------------------------------------------------------------------------------- doses


@pytest.mark.parametrize(
    ("cells", "uses"),
    [
        ({"drug": "finasteride", "dose": "1 mg", "route": "oral", "frequency": "qd"}, {"finasteride-oral": 1.0}),
        ({"drug": "finasteride", "dose": "0.2 mg", "route": "oral"}, {"finasteride-oral": 0.2}),
        ({"drug": "Finasteride 5mg/d", "route": "oral", "frequency": "bid"}, {"finasteride-oral": 5.0}),
        ({"drug": "finasteride 1 mg", "frequency": "every other day"}, {"finasteride-oral": 0.5}),
        ({"drug": "finasteride 0.25% spray", "route": "topical"}, {"finasteride-topical": 1.0}),
        ({"drug": "topical finasteride"}, {"finasteride-topical": 1.0}),
        ({"drug": "Propecia (finasteride 1 mg)"}, {"finasteride-oral": 1.0}),
        ({"drug": "dutasteride", "dose": "2.5 mg", "route": "oral"}, {"dutasteride-oral": 5.0}),
        ({"drug": "minoxidil 5% solution", "frequency": "bid"}, {"minoxidil-topical-5": 1.0}),
        ({"drug": "minoxidil 5% foam", "frequency": "qd"}, {"minoxidil-topical-5": 0.5}),
        ({"drug": "minoxidil 2% solution", "frequency": "bid"}, {"minoxidil-topical-2": 1.0}),
        ({"drug": "minoxidil 1% solution", "frequency": "bid"}, {"minoxidil-topical-2": 0.5}),
        ({"drug": "minoxidil MX3", "frequency": "bid"}, {"minoxidil-topical-5": 0.6}),
        ({"drug": "minoxidil 5% and 2%", "frequency": "bid"}, {"minoxidil-topical-5": 0.7}),
        ({"drug": "minoxidil", "dose": "1 mg", "route": "oral", "frequency": "qd"}, {"minoxidil-oral": 0.2}),
        ({"drug": "oral minoxidil 0.25-0.75 mg"}, {"minoxidil-oral": 0.1}),
        (
            {"drug": "finasteride 1 mg oral + minoxidil 5% 1 mL qd", "route": "oral+topical", "frequency": "qd"},
            {"finasteride-oral": 1.0, "minoxidil-topical-5": 0.5},
        ),
        (
            {"drug": "topical minoxidil+finasteride", "route": "topical", "frequency": "bid"},
            {"minoxidil-topical-5": 1.0, "finasteride-topical": 1.0},
        ),
        (
            {"drug": "finasteride + minoxidil 5% foam", "dose": "1 mg", "frequency": "qd"},
            {"finasteride-oral": 1.0, "minoxidil-topical-5": 0.5},
        ),
        (
            {"drug": "ketoconazole 2% shampoo and spironolactone 100 mg"},
            {"shampoo-antifungal": 1.0, "spironolactone-oral": 1.0},
        ),
        ({"therapy": "zinc pyrithione shampoo"}, {"shampoo-antifungal": 1.0}),
        ({"therapy": "PRGF-Endoret injections"}, {"prp": 1.0}),
        ({"therapy": "laser helmet"}, {"light": 1.0}),
        ({"therapy": "plant extracellular vesicles"}, {"exosome": 1.0}),
        ({"therapy": "FUE grafts held in PRP"}, {"transplant": 1.0, "prp": 1.0}),
        (
            {
                "therapy": "exosome+oral minoxidil+finasteride+topical minoxidil",
                "source_or_device": "MSC EV; LDOM 0.5-1 mg/d; finasteride 2.5 mg alt-day; 2% minoxidil",
                "route": "intradermal injection",
            },
            {"exosome": 1.0, "minoxidil-oral": 0.15, "finasteride-oral": 1.25, "minoxidil-topical-2": 1.0},
        ),
    ],
)
def test_a_dose_is_a_share_of_the_full_daily_dose(one, cells: dict[str, str], uses: dict[str, float]) -> None:
    assert given(one(**cells).arm) == uses


def test_a_therapy_without_a_dose_response_is_given_in_full(table) -> None:
    known = therapies()
    known = {**known, "minoxidil-oral": replace(known["minoxidil-oral"], exposure=known["light"].exposure)}
    assert given(table(GOOD | {"drug": "oral minoxidil 0.25 mg"}, known=known).rows[0].arm) == {"minoxidil-oral": 1.0}


def test_a_therapy_added_as_data_makes_its_rows_readable(table) -> None:
    model = therapies()["dutasteride-oral"]
    added = {
        "setipiprant-oral": replace(model, id="setipiprant-oral", name="Oral setipiprant", active="setipiprant"),
        "cortexolone": replace(model, id="cortexolone", name="Cortexolone", active="clascoterone", route="topical"),
        "dutasteride-injected": replace(
            model, id="dutasteride-injected", name="Dutasteride, injected", route="injection"
        ),
    }
    rows = [
        GOOD | {"drug": d}
        for d in ("setipiprant 1 mg bid", "clascoterone 7.5%", "dutasteride mesotherapy", "dutasteride")
    ]
    result = table(*rows, known=with_doses() | added)
    assert result.refused == ()
    assert [row.arm.active for row in result.rows] == [
        ("setipiprant-oral",), ("cortexolone",), ("dutasteride-injected",), ("dutasteride-oral",)
    ]  # fmt: skip
    assert given(result.rows[0].arm) == {"setipiprant-oral": 4.0}


def test_a_therapy_that_is_not_in_force_is_unknown(table) -> None:
    known = {name: each for name, each in with_doses().items() if name != "prp"}
    assert "no entry in therapies.toml for 'prp'" in table(SESSION, known=known).refused[0].reason


# ---------------------------------------------------------------------------------------------------------------- time


def test_what_follows_what_and_stopping(one) -> None:
    switch = one(drug="finasteride 52 wk then placebo 52 wk", week="104").arm
    assert switch.uses == (Use("finasteride-oral", stop_week=52.0),)
    later = one(drug="placebo 4 mo then minoxidil 3%", week="52", frequency="bid").arm.uses[0]
    assert later.start_week == pytest.approx(17.39, abs=0.01)
    assert later.stop_week == math.inf
    stopped = one(drug="minoxidil 5% and 2%, stopped at wk 96", week="120").arm.uses[0]
    assert stopped.stop_week == 96.0
    around = one(therapy="PRP+finasteride 1 mg (-4 wk to +48 wk)").arm.uses
    assert [(use.start_week, use.stop_week) for use in around] == [(0.0, 48.0), (-4.0, 48.0)]


@pytest.mark.parametrize(
    ("sessions", "interval", "weeks"),
    [
        ("3", "28", (0, 4, 8)),
        ("4-6", "21-35", (0, 4, 8, 12, 16)),
        ("~12", "7", tuple(range(12))),
        ("5", "days 1,15,45,75,105", (0, 2, 44 / 7, 74 / 7, 104 / 7)),
        ("3 + booster 6 mo", "21", (0, 3, 6, 26.09)),
        ("", "", (0, 30 / 7, 60 / 7)),
        ("monthly x2", "", (0, 30 / 7)),
        ("1", "", (0,)),
    ],
)
def test_sessions_fall_in_the_weeks_of_their_course(
    one, sessions: str, interval: str, weeks: tuple[float, ...]
) -> None:
    assert one(sessions=sessions, interval_days=interval).arm.uses[0].session_weeks == pytest.approx(weeks, abs=0.01)


def test_what_is_given_in_sessions_together_is_given_at_the_same_visits(one) -> None:
    needled, plasma, lotion = one(therapy="microneedling+PRP+minoxidil 5%", sessions="4").arm.uses
    assert needled.session_weeks == plasma.session_weeks == pytest.approx((0, 30 / 7, 60 / 7, 90 / 7))
    assert lotion.session_weeks == ()
    assert one(therapy="FUE+PRP").arm.uses[1].session_weeks == (0.0,)
    assert one(drug="minoxidil 5% qd + microneedling q3w").arm.uses[1].session_weeks[:3] == pytest.approx((0, 3, 6))
    assert one(therapy="6 sessions of microneedling").arm.uses[0].session_weeks == pytest.approx((0, 2, 4, 6, 8, 10))


@pytest.mark.parametrize(
    ("text", "week"),
    [
        ("24", 24.0),
        ("12-24", 18.0),
        ("~14 (end of 3 cycles)", 14.0),
        ("~21 (3 mo after last)", 21.0),
        ("23 after last", 31.0),
        ("6 (post-intervention)", 14.0),
        (">=520", 520.0),
        ("6 months", 26.09),
        ("week 16", 16.0),
    ],
)
def test_weeks_count_from_the_start_unless_they_say_otherwise(one, text: str, week: float) -> None:
    assert one(followup_week=text, sessions="3", interval_days="28").week == pytest.approx(week, abs=0.01)


def test_a_pooled_result_without_a_week_is_read_at_the_usual_one(table, one) -> None:
    assert one(control_type="before-after", design="meta-analysis", followup_week="").week == 24.0
    assert table(GOOD | {"trial_id": "NMA_X", "week": ""}).rows[0].week == 24.0


# -------------------------------------------------------------------------------------------------- measures and units


@pytest.mark.parametrize(
    ("text", "quantity", "above", "below", "phases"),
    [
        ("total", "count", 0, math.inf, ()),
        ("density", "count", 0, math.inf, ()),
        ("nonvellus (>=30 um)", "count", 30, math.inf, ()),
        ("terminal/non-vellus TAHC", "count", 30, math.inf, ()),
        ("terminal", "count", 40, math.inf, ()),
        ("terminal ≥ 60 µm", "count", 60, math.inf, ()),
        ("hairs > 0.03 mm", "count", 30, math.inf, ()),
        ("hairs 30-60 um", "count", 30, 60, ()),
        ("vellus hairs", "count", 0, 30, ()),
        ("nano <20um count", "count", 0, 20, ()),
        ("anagen >=40um count", "count", 40, math.inf, ("anagen",)),
        ("telogen count", "count", 0, math.inf, ("telogen",)),
    ],
)
def test_a_count_knows_which_hairs_it_counts(one, text, quantity, above, below, phases) -> None:
    measure = one(measure=text).measure
    assert (measure.quantity, measure.above_um, measure.below_um, measure.phases) == (quantity, above, below, phases)


@pytest.mark.parametrize(
    ("measure", "unit", "quantity", "basis", "per_standard"),
    [
        ("total", "hairs per 1-inch circle", "count", "absolute", 5.07),
        ("total", "hairs per target area", "count", "absolute", 2.0),
        ("total", "hairs per target area (1 cm2)", "count", "absolute", 1.0),
        ("total", "hairs per target area (cm2 assumed)", "count", "absolute", 1.0),
        ("total", "hairs/5.1 cm²", "count", "absolute", 5.1),
        ("total", "hairs per 2.85 cm2", "count", "absolute", 2.85),
        ("total", "hairs/inch2", "count", "absolute", 6.4516),
        ("total", "% of baseline (MEDIAN)", "count", "percent of baseline", 1.0),
        ("total", "percentage points", "count", "percent of baseline", 1.0),
        ("hair weight (interval weight)", "% of baseline", "weight", "percent of baseline", 1.0),
        ("shaft diameter", "um (+2.2%)", "diameter", "absolute", 1.0),
        ("diameter_um", "mm", "diameter", "absolute", 0.001),
        ("shaft diameter", "%", "diameter", "percent of baseline", 1.0),
        ("cumulative hair diameter", "um/cm2 (+1.4%)", "thickness", "absolute", 1000.0),
        ("hair thickness", "mm/cm2", "thickness", "absolute", 1.0),
        ("growth rate", "mm/day", "growth rate", "absolute", 0.001),
        ("anagen fraction", "%", "anagen share", "absolute", 1.0),
        ("anagen fraction", "% of baseline", "anagen share", "percent of baseline", 1.0),
        ("telogen rate", "percentage points", "anagen share", "absolute", -1.0),
        ("scalp DHT", "% change", "scalp DHT", "absolute", 1.0),
        ("serum DHT", "% of baseline", "serum DHT", "absolute", 1.0),
        ("shedding (semi-quantitative)", "%", "shedding", "percent of baseline", 1.0),
        ("shed hairs", "hairs/day", "shedding", "absolute", 1.0),
    ],
)
def test_a_unit_is_known_by_its_measure(one, measure, unit, quantity, basis, per_standard) -> None:
    row = one(measure=measure, unit=unit, target_area_cm2="2", change_mean="0.01")
    assert (row.measure.quantity, row.unit.basis) == (quantity, basis)
    assert row.unit.per_standard == pytest.approx(per_standard)
    assert row.unit.text == unit


def test_a_unit_of_unknown_scale_is_read_relative_to_its_own_baseline(one) -> None:
    row = one(
        measure="shed count", unit="hairs (method not stated)", baseline_mean="200", change_mean="-120", change_sd="20"
    )
    assert (row.observed, row.sd, row.unit.basis) == (-60.0, 10.0, "percent of baseline")
    assert row.unit.text == "% of baseline (from hairs (method not stated))"
    assert row.baseline is None


def test_grafts_and_donor_hair_are_percentages(one) -> None:
    grafts = one(therapy="FUE", measure="hair survival (absolute value, not change)", unit="% of transplanted hairs")
    assert (grafts.measure.quantity, grafts.level, grafts.unit.per_standard) == ("graft survival", True, 1.0)
    donor = one(
        therapy="FUE",
        measure="donor density removed",
        baseline_mean="150",
        change_mean="-60",
        region="occipital",
        followup_week="",
    )
    assert donor.observed == pytest.approx(40 * donor.unit.per_standard)
    assert donor.who.zones == ("occipital-donor",)


def test_a_row_before_treatment_is_a_level(one) -> None:
    row = one(drug="all arms", week="0", change_mean="", baseline_mean="876", baseline_sd="100", n_arm="25")
    assert (row.level, row.observed, row.week, row.against, row.control_line) == (True, 876.0, 0.0, None, None)
    assert row.se == pytest.approx(20.0)


# ------------------------------------------------------------------------------------------------------ people, errors


@pytest.mark.parametrize(
    ("cells", "n"),
    [
        ({"n_arm": "~73"}, 73.0),
        ({"n_arm": "1,108"}, 1108.0),
        ({"n_arm": "212 total, ~106/arm"}, 106.0),
        ({"n_arm": "396 in 7 RCTs"}, 396.0),
        ({"n_arm": "5 RCTs"}, None),
        ({"n_arm": "~31 of 123"}, 31.0),
        ({"n_arm": "256 completers of 308", "drug": "finasteride minus placebo"}, 128.0),
        ({"n_arm": "270 total, 2:1"}, 180.0),
        ({"n_arm": ""}, None),
    ],
)
def test_how_many_took_part(one, cells: dict[str, str], n: float | None) -> None:
    assert one(**cells).n == n


def test_a_total_is_shared_by_the_arms_of_its_trial(table) -> None:
    arms = ("placebo", "finasteride 1 mg", "finasteride 5 mg")
    rows = table(*(GOOD | {"drug": drug, "n_arm": "249 total", "change_sd": "10"} for drug in arms)).rows
    assert {row.n for row in rows} == {83.0}
    assert rows[0].se == pytest.approx(10 / math.sqrt(83))


def test_the_standard_error_is_printed_or_follows_from_the_interval_or_the_spread(one) -> None:
    assert one(change_se="2.5", change_sd="20", n_arm="100", ci_low="0", ci_high="3.92").se == 2.5
    assert one(ci_low="5.9", ci_high="17.5").se == pytest.approx(2.96, abs=0.01)
    assert one(change_sd="20", n_arm="100").se == pytest.approx(2.0)
    assert one(change_sd="20", n_arm="100 vs 25", drug="finasteride vs placebo").se == pytest.approx(math.sqrt(20))
    assert one(change_sd="20").se is None


VERTEX, BOTH = ["vertex"], ["mid-scalp", "vertex"]


@pytest.mark.parametrize(
    ("cells", "age", "ancestry", "zones", "norwood"),
    [
        ({"age_mean": "38.5", "region": "vertex"}, 38.5, None, VERTEX, None),
        ({"stage_inclusion": "age 18-41, mild (II vertex-V)"}, 29.5, None, VERTEX, (2, 5)),
        ({"stage_inclusion": "men with BPH (older)"}, 65, None, VERTEX, None),
        ({"stage_inclusion": "men 41-60"}, 50.5, None, VERTEX, None),
        ({"stage_inclusion": "Norwood III-VI, 26-51 y", "first_author": "(Thai)"}, 38.5, "east-asian", VERTEX, (3, 6)),
        ({"stage_inclusion": "men 18-55, IIIv/IVv/Vv"}, 36.5, None, VERTEX, (3, 5)),
        ({"stage_inclusion": "Indian men, Norwood 2-5, Ludwig 1-2"}, 36, "south-asian", VERTEX, (2, 5)),
        ({"stage_inclusion": "men IV-V, women I-II, 43-64 y", "sex": "M+F"}, 53.5, None, BOTH, (4, 5)),
        ({"stage_inclusion": "Chinese women Savin D3-D6", "sex": "F"}, 42, "east-asian", ["mid-scalp"], None),
        ({"stage_inclusion": "women, Ludwig I-II", "sex": ""}, 42, None, ["mid-scalp"], None),
        ({"region": "frontotemporal and crown"}, 36, None, ["temples", "vertex"], None),
        ({"region": "frontal/parietal"}, 36, None, ["mid-scalp"], None),
        ({"region": "frontal hairline"}, 36, None, ["frontal-hairline", "mid-scalp"], None),
    ],
)  # fmt: skip
def test_who_took_part(one, cells, age, ancestry, zones, norwood) -> None:
    who = one(**cells).who
    assert (who.age, who.ancestry, list(who.zones), who.norwood) == (age, ancestry, zones, norwood)


@pytest.mark.parametrize(
    ("text", "inclusion", "sex"),
    [
        ("M", "", "male"),
        ("women", "", "female"),
        ("M+F", "", "mixed"),
        ("", "Ludwig I-II", "female"),
        ("", "Norwood III", "male"),
        ("", "AGA", "mixed"),
    ],
)
def test_the_sex_comes_from_its_column_or_else_from_the_inclusion(one, text: str, inclusion: str, sex: str) -> None:
    assert one(sex=text, stage_inclusion=inclusion).who.sex == sex
