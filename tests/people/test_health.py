"""Health facts of a person file: units, tests and criteria, and what they may never be taken for."""

import pytest
from tests.people.files import MAN, WOMAN, parse

from follicast.people.health import Health as NoHealth
from follicast.people.health import Trichoscopy, rakowska, rakowska_met
from follicast.quantities import InputError

LAB = '[[labs]]\nanalyte = "{}"\nvalue = {}\nunit = "{}"\ndate = 2026-11-01\n'


def lab(analyte: str, value: float, unit: str) -> float:
    return parse(MAN + LAB.format(analyte, value, unit)).health.labs[0].value


def test_scenario_33_equal_units_are_equal_and_others_are_not() -> None:
    assert lab("ferritin", 40, "ng/mL") == lab("ferritin", 40, "ug/L") == 40.0
    assert lab("ferritin", 40, "ug/dL") == 400.0
    assert lab("vitamin-d", 30, "nmol/L") == 30.0
    assert lab("vitamin-d", 30, "ng/mL") == pytest.approx(74.88)
    assert lab("testosterone", 500, "ng/dL") == pytest.approx(17.3, abs=0.1)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (LAB.format("ferritin", 40, "mg/L"), ['unit = "mg/L"', "ug/L, ng/mL, ug/dL"]),
        (LAB.format("iron", 40, "ug/L"), ['analyte = "iron"', "ferritin"]),
        (LAB.format("prolactin", 300, "mIU/L"), ['unit = "mIU/L"', "ug/L"]),
        (LAB.format("haemoglobin", 14, "g/L"), ["value = 14", "20 to 300 g/L"]),
        (LAB.format("ferritin", "nan", "ug/L"), ["value = nan", "finite"]),
        (LAB.format("ferritin", 40, "ug/L") + "low = 50\nhigh = 20\n", ["low = 50", "below high"]),
        ("[examination]\nerythema = 4\n", ["erythema = 4", "0 to 3"]),
        ("[examination]\npull_test = { hairs = [3] }\n", ["pull_test.bundle is missing", "50 to 60"]),
        ("[examination]\npull_test = { hairs = [90], bundle = 60 }\n", ["pull_test.hairs", "from 0 to the bundle, 60"]),
        ('[examination]\nsebum = { value = 120, unit = "ug/cm2" }\n', ["sebum.device is missing", "never compared"]),
        ('[examination]\nsebum = { value = 120, unit = "score 0-99", device = "d" }\n', ["value = 120", "0 to 99"]),
        ("[examination]\nshedding_onset = 2026-06-01\nshedding_trigger = 2026-07-01\n", ["after the shedding began"]),
        ("[conditions]\nphq2 = 7\n", ["phq2 = 7", "0 to 6"]),
        ("[conditions]\nlactating = true\n", ["conditions.lactating", "male"]),
        ('[[medications]]\nclass = "retinoid"\n', ["medications[1].name is missing"]),
        ('[[medications]]\nname = "x"\nclass = "pill"\n', ['class = "pill"', "anticoagulant"]),
        ('[[products]]\ntherapy = "exosomes"\n', ['therapy = "exosomes"', 'did you mean "exosome"']),
        (
            '[[overrides]]\nrule = "RF-SCAR"\nby = "A"\nrole = "boss"\nreason = "r"\ndate = 2026-11-01\n',
            ["role", "boss"],
        ),
        ('[[overrides]]\nrule = "RF-SCAR"\nby = "A"\nrole = "clinician"\ndate = 2026-11-01\n', ["reason is missing"]),
    ],
)
def test_bad_health_facts_are_refused_in_one_sentence(text: str, parts: list[str]) -> None:
    with pytest.raises(InputError) as refused:
        parse(MAN + text)
    assert all(part in str(refused.value) for part in parts), str(refused.value)


@pytest.mark.parametrize(
    ("grade", "score", "band"),
    [('"22"', 22.0, "S1"), ("100", 100.0, "S5"), ("0", 0.0, "S0"), ("49.9", 49.9, "S2")],
)
def test_a_salt_score_is_kept_apart_from_grades_of_pattern_loss(grade: str, score: float, band: str) -> None:
    person = parse(f'{MAN}[[grades]]\nsystem = "SALT"\ngrade = {grade}\ndate = 2026-11-01\n')
    assert person.grades == ()
    assert (person.health.salt[0].score, person.health.salt[0].band) == (score, band)


def test_a_salt_score_is_the_weighted_sum_of_its_areas() -> None:
    areas = "{ top = 50, back = 25, right = 0, left = 100 }"
    person = parse(f'{MAN}[[grades]]\nsystem = "salt"\ngrade = {areas}\ndate = 2026-11-01\n')
    assert person.health.salt[0].score == pytest.approx(0.4 * 50 + 0.24 * 25 + 0.18 * 100)


def test_a_known_medicine_brings_its_classes_and_an_unknown_one_none() -> None:
    text = '[[medications]]\nname = "Apixaban"\n[[medications]]\nname = "inventedine"\n'
    known, unknown = parse(MAN + text).health.medications
    assert known.classes == ("anticoagulant",)
    assert unknown.classes == ()


def test_what_is_not_said_is_not_known() -> None:
    person = parse(WOMAN)
    assert person.health == NoHealth()
    assert person.conditions.pregnant is None
    assert person.conditions.childbearing is None


def test_health_facts_do_not_change_the_forecast_of_a_person() -> None:
    text = LAB.format("ferritin", 20, "ug/L") + "[examination]\nitch = 3\n[[medications]]\nname = 'lithium'\n"
    assert parse(MAN + text).history_key() == parse(MAN).history_key()


@pytest.mark.parametrize(
    ("seen", "counted", "met"),
    [
        (Trichoscopy(5, 47.0, 52.0), (2, 0, 2), True),
        (Trichoscopy(5, 61.0, 58.0, None, 2.5, 1.6), (1, 2, 4), True),
        (Trichoscopy(5, 61.0, 58.0, 0.06, 2.5, 1.0, 1.0), (1, 1, 6), False),
        (Trichoscopy(4, 61.0, 58.0, 0.10, 2.0, 1.5, 3.0), (0, 0, 6), False),
        (Trichoscopy(5), (1, 0, 1), None),
    ],
)
def test_rakowska_needs_two_major_or_one_major_and_two_minor(seen: Trichoscopy, counted, met) -> None:
    assert rakowska(seen) == counted
    assert rakowska_met(seen) is met


def test_a_pull_test_counts_sites_above_two_hairs() -> None:
    text = "[examination]\npull_test = { hairs = [2, 3, 0, 5], bundle = 60, days_since_wash = 1 }\n"
    seen = parse(MAN + text).health.examination
    assert seen is not None
    assert seen.pull_test is not None
    assert seen.pull_test.positive_sites == 2


@pytest.mark.parametrize(("age", "reads"), [(12, True), (16, True), (17.9, True)])
def test_scenario_07_a_minor_can_be_read_so_that_the_rules_can_speak(age: float, reads: bool) -> None:
    assert (parse(MAN.replace("40", str(age))).age_years == age) is reads
