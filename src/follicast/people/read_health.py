"""Reads what safety rules need from a person file: conditions, examination, laboratory values, medicines, products."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, get_args

from follicast.knowledge.labs import analytes
from follicast.knowledge.medicines import classes_of, medicine_classes
from follicast.people.health import (
    SALT_AREAS,
    Childbearing,
    Conditions,
    Dismissal,
    Examination,
    Lab,
    Medication,
    PartnerPregnancy,
    ProductLot,
    PullTest,
    Role,
    SaltScore,
    Sebum,
    Trichoscopy,
)
from follicast.people.table import Table, Window, closest, shown

CONDITION_FLAGS = tuple(
    "lactating contraception suicidal_thoughts mood_history mood_cleared anticoagulant anticoagulant_letter "
    "low_platelets scalp_infection heart_disease kidney_disease keloid immunosuppressed cancer androgen_use "
    "guardian_consent".split()
)
WOMENS = ("pregnant", "childbearing", "lactating")
ALLERGENS = tuple(
    "propylene-glycol minoxidil finasteride dutasteride spironolactone ketoconazole zinc-pyrithione "
    "local-anaesthetic".split()
)
CONDITION_KEYS = ("pregnant", "childbearing", "partner_pregnancy", "phq2", *CONDITION_FLAGS, "allergy", "reactions")

SIGNS = tuple(
    "absent_ostia shiny_skin perifollicular_erythema perifollicular_scale pustules tufting hairline_band eyebrow_loss "
    "scalp_pain smooth_patches exclamation_hairs nail_pits broken_hairs black_dots kerion swollen_nodes moth_eaten "
    "rash photosensitivity hair_pulling traction suspicious_lesion irregular_cycles hirsutism acne virilisation "
    "rapid_onset".split()
)
SCALES = {
    "erythema": 3,
    "scale": 3,
    "itch": 10,
    "seborrhoeic_dermatitis": 3,
    "folliculitis_count": 500,
    "wash_test": 2000,
}
"""Highest grade or number; all begin at 0."""
PULL_KEYS = ("hairs", "bundle", "days_since_wash")
SEBUM_KEYS = ("value", "unit", "device", "hours_since_wash")
SEBUM_UNITS = {"ug/cm2": 400.0, "score 0-99": 99.0}
"""Units of the Sebumeter and of score devices, with the largest value; there is no way from one to the other."""
TRICHOSCOPY_KEYS = (
    "yellow_dots",
    "frontal_um",
    "occipital_um",
    "thin_share",
    "single_unit_ratio",
    "vellus_ratio",
    "discoloration_ratio",
)
EXAMINATION_KEYS = (
    "date",
    *SIGNS,
    *SCALES,
    "shedding_onset",
    "shedding_trigger",
    "pull_test",
    "sebum",
    "trichoscopy",
)
LAB_KEYS = ("analyte", "value", "unit", "low", "high", "date")
MEDICATION_KEYS = ("name", "class", "start", "stop", "indication")
PRODUCT_KEYS = ("therapy", "source", "lot", "expiry", "regulatory_reference", "depth_mm", "ablative")
OVERRIDE_KEYS = ("rule", "by", "role", "reason", "date", "consent")
LATEST_EXPIRY = date(2100, 1, 1)


def read_conditions(table: Table, sex: str, therapies: Sequence[str]) -> Conditions:
    """The [conditions] table.

    Raises:
        InputError: a key is of the wrong type, or does not fit the sex, or two answers contradict each other.
    """
    for key in WOMENS:
        if sex == "male" and table.has(key):
            table.refuse(key, 'does not fit person.sex = "male"; leave it out')
    pregnant = table.flag("pregnant")
    childbearing = table.word("childbearing", get_args(Childbearing))
    if pregnant and childbearing == "not_possible":
        table.refuse("childbearing", "contradicts conditions.pregnant = true")
    return Conditions(
        pregnant=pregnant,
        childbearing=childbearing,
        partner_pregnancy=table.word("partner_pregnancy", get_args(PartnerPregnancy)),
        phq2=table.whole("phq2", 0, 6, "points"),
        allergy=table.words("allergy", ALLERGENS),
        reactions=table.words("reactions", therapies),
        **{key: table.flag(key) for key in CONDITION_FLAGS},
    )


def read_examination(table: Table, past: Window) -> Examination:
    """The [examination] table.

    Raises:
        InputError: a sign, a grade or a number cannot be right.
    """
    onset, trigger = table.when("shedding_onset", past), table.when("shedding_trigger", past)
    if onset is not None and trigger is not None and trigger > onset:
        table.refuse("shedding_trigger", f"is after the shedding began, {onset}")
    seen: dict[str, Any] = {sign: table.flag(sign) for sign in SIGNS}
    seen |= {name: table.whole(name, 0, most) for name, most in SCALES.items()}
    return Examination(
        **seen,
        date=table.when("date", past),
        shedding_onset=onset,
        shedding_trigger=trigger,
        pull_test=_pull_test(table),
        sebum=_sebum(table),
        trichoscopy=_trichoscopy(table),
    )


def _inner(table: Table, key: str, keys: Collection[str]) -> Table | None:
    """A table within a table, once every key in it is known; None if absent."""
    if not table.has(key):
        return None
    raw = table.data[key]
    if not isinstance(raw, dict):
        table.refuse(key, f"must be a table with {', '.join(keys)}")
    inner = Table(table.source, table.place(key), raw, keys)
    for name in raw:
        if name not in keys:
            inner.refuse(name, f"is not a known key; allowed are {', '.join(keys)}{closest(name, keys)}")
    return inner


def _pull_test(table: Table) -> PullTest | None:
    pull = _inner(table, "pull_test", PULL_KEYS)
    if pull is None:
        return None
    bundle = pull.whole("bundle", 10, 100, "hairs in the bundle")
    if bundle is None:
        pull.refuse("bundle", "is missing; give the number of hairs that were pulled, usually 50 to 60")
    hairs = [_pull_count(pull, item, bundle) for item in pull.items("hairs", "hairs that came out, one number a site")]
    if not hairs:
        pull.refuse("hairs", "is missing; give the hairs that came out, one number a site, such as [1, 0, 3, 0]")
    return PullTest(tuple(hairs), bundle, pull.number("days_since_wash", 0.0, 60.0, "days"))


def _pull_count(pull: Table, item: Any, bundle: int) -> int:
    """Hairs of one site, at most the bundle."""
    if isinstance(item, bool) or not isinstance(item, int) or not 0 <= item <= bundle:
        pull.refuse("hairs", f"has {shown(item)}, which is not a whole number from 0 to the bundle, {bundle}")
    return item


def _sebum(table: Table) -> Sebum | None:
    sebum = _inner(table, "sebum", SEBUM_KEYS)
    if sebum is None:
        return None
    unit = sebum.required_word("unit", tuple(SEBUM_UNITS))
    value = sebum.required_number("value", f"the reading in {unit}", 0.0, SEBUM_UNITS[unit], unit)
    device = sebum.text("device", 80)
    if device is None:
        sebum.refuse("device", "is missing; name the device, because readings of two devices are never compared")
    return Sebum(value, unit, device, sebum.number("hours_since_wash", 0.0, 720.0, "hours"))


def _trichoscopy(table: Table) -> Trichoscopy | None:
    seen = _inner(table, "trichoscopy", TRICHOSCOPY_KEYS)
    if seen is None:
        return None
    return Trichoscopy(
        yellow_dots=seen.whole("yellow_dots", 0, 500, "dots in four frontal fields"),
        frontal_um=seen.number("frontal_um", 5.0, 150.0, "um"),
        occipital_um=seen.number("occipital_um", 5.0, 150.0, "um"),
        thin_share=seen.number("thin_share", 0.0, 1.0, "of the hairs"),
        single_unit_ratio=seen.number("single_unit_ratio", 0.0, 50.0),
        vellus_ratio=seen.number("vellus_ratio", 0.0, 50.0),
        discoloration_ratio=seen.number("discoloration_ratio", 0.0, 50.0),
    )


def read_lab(block: Table, past: Window) -> Lab:
    """One [[labs]] block in the analyte's own unit.

    Raises:
        InputError: the analyte or unit is not known, or the value cannot be right in that unit.
    """
    known = analytes()
    analyte = known[block.required_word("analyte", tuple(known))]
    unit = block.required_word("unit", tuple(analyte.units))
    factor = analyte.units[unit]
    low, high = (bound / factor for bound in analyte.plausible)
    value = block.required_number("value", f"the value in {unit}", low, high, unit)
    ends = [block.number(key, 0.0, high, unit) for key in ("low", "high")]
    if ends[0] is not None and ends[1] is not None and ends[0] >= ends[1]:
        block.refuse("low", f"must be below high, {ends[1]:g} {unit}")
    return Lab(
        date=block.required_date("date", past),
        analyte=analyte.id,
        value=value * factor,
        low=None if ends[0] is None else ends[0] * factor,
        high=None if ends[1] is None else ends[1] * factor,
        written=f"{value:g}" if unit == "1" else f"{value:g} {unit}",
    )


def read_medication(block: Table, past: Window) -> Medication:
    """One [[medications]] block; classes follow from the name where it is known.

    Raises:
        InputError: the name is missing, a class is not known, or the dates are the wrong way round.
    """
    name = block.text("name", 80)
    if name is None:
        block.refuse("name", 'is missing; give the substance, such as "apixaban"')
    start = block.when("start", past)
    after = past if start is None else Window(start, past.last, f"the start, {start}", past.after)
    classes = {*classes_of(name)}
    given = block.word("class", medicine_classes())
    return Medication(
        name=name,
        classes=tuple(sorted(classes | ({given} if given else set()))),
        start=start,
        stop=block.when("stop", after),
        indication=block.text("indication", 200) or "",
    )


def read_product(block: Table, therapies: Sequence[str]) -> ProductLot:
    """One [[products]] block.

    Raises:
        InputError: the therapy is not known, or a date or a depth cannot be right.
    """
    window = Window(date(2000, 1, 1), LATEST_EXPIRY, "2000", f"{LATEST_EXPIRY}")
    return ProductLot(
        therapy=block.required_word("therapy", therapies),
        source=block.text("source", 200) or "",
        lot=block.text("lot", 80) or "",
        expiry=block.when("expiry", window),
        regulatory_reference=block.text("regulatory_reference", 200) or "",
        depth_mm=block.number("depth_mm", 0.1, 10.0, "mm"),
        ablative=block.flag("ablative"),
    )


def read_salt(block: Table, past: Window) -> SaltScore:
    """A [[grades]] block with system "salt": a score 0 to 100, or the loss of each quadrant in %.

    Raises:
        InputError: the score is missing or outside 0 to 100.
    """
    when = block.required_date("date", past)
    raw = block.data.get("grade")
    if isinstance(raw, dict):
        areas = _inner(block, "grade", tuple(SALT_AREAS))
        assert areas is not None
        losses = {area: areas.required_number(area, "its loss, 0 to 100 %", 0.0, 100.0, "%") for area in SALT_AREAS}
        return SaltScore(when, sum(SALT_AREAS[area] * loss for area, loss in losses.items()))
    text = str(raw) if isinstance(raw, str) else ""
    if text.strip().replace(".", "", 1).isdecimal() and text.isascii():
        number = Table(block.source, block.path, {"grade": float(text)}, block.keys)
        return SaltScore(when, number.required_number("grade", "a SALT score", 0.0, 100.0, "%"))
    return SaltScore(when, block.required_number("grade", "a SALT score of 0 to 100", 0.0, 100.0, "%"))


def read_override(block: Table, past: Window) -> Dismissal:
    """One [[overrides]] block. Whether its role may set that rule aside is asked where the rules are.

    Raises:
        InputError: the rule, the name, the role, the reason or the date is missing.
    """
    words = {}
    for key, what in (("rule", "the id of the rule"), ("by", "a name"), ("reason", "the reason in a sentence")):
        text = block.text(key, 500)
        if text is None:
            block.refuse(key, f"is missing; give {what}")
        words[key] = text
    return Dismissal(
        rule=words["rule"],
        by=words["by"],
        role=block.required_word("role", get_args(Role)),
        reason=words["reason"],
        date=block.required_date("date", past),
        consent=block.flag("consent") or False,
    )
