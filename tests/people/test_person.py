"""What a person file means."""

import itertools
from datetime import date

import pytest
from tests.people.files import MAN, ROOT, THERAPIES, TODAY, WOMAN, count, parse

from follicast.people.read import BLOCKS, TABLES, TOP, read_person


@pytest.mark.parametrize("name", ["man-40", "man-33", "woman-45", "minimal"])
def test_every_shipped_example_reads(name: str) -> None:
    person = read_person(ROOT / "examples" / f"{name}.toml", THERAPIES, TODAY)
    assert person.as_of == (TODAY if name == "minimal" else date(2026, 11, 20))
    assert person.facts()


def test_the_first_case_of_the_brief_says_no_more_than_the_brief() -> None:
    person = read_person(ROOT / "examples" / "man-40.toml", THERAPIES, TODAY)
    assert person.years_of_loss == (8, 9)
    assert not person.measurements
    assert person.transplants[0].grafts is None
    assert 2 * 365 < -person.day(person.transplants[0].date) < 3 * 365
    assert person.proposals[0].sessions == 6
    assert person.proposals[0].interval_days == (21, 28)


def test_sex_and_age_are_enough_and_as_of_is_then_today() -> None:
    person = parse('[person]\nsex = "female"\nage = 30.5')
    assert (person.as_of, person.age_years, person.label) == (TODAY, 30.5, "Woman, 30.5")
    assert (person.goals.keep, person.goals.regain, person.goals.horizon_months) == (1, 1, 24)


def test_own_adherence_is_one_share_or_one_for_each_therapy_that_is_named() -> None:
    assert (parse(MAN).goals.adherence, parse(MAN).goals.adherence_by) == (None, ())
    assert parse(MAN + "[goals]\nadherence = 0.7").goals.adherence == 0.7
    each = parse(MAN + "[goals.adherence]\nlight = 0.5\nfinasteride-oral = 0.9").goals
    assert each.adherence is None
    assert dict(each.adherence_by) == {"light": 0.5, "finasteride-oral": 0.9}
    assert parse(MAN + "[goals]\nadherence = 0.7").history_key() == parse(MAN).history_key()


def test_days_and_ages_count_from_as_of() -> None:
    person = parse(MAN)
    assert person.day(date(2026, 11, 10)) == -10
    assert person.age_on(date(2025, 11, 20)) == pytest.approx(39, abs=0.01)


@pytest.mark.parametrize(
    ("block", "value", "area"),
    [
        (count(150), 150, 1),
        (count(150) + "area_cm2 = 0.5\n", 150, 0.5),
        (count(45, "hairs/field") + "field_area_cm2 = 0.25\n", 180, 0.25),
        (count(876, "hairs/field") + 'field = "inch-circle"\n', 172.78, 5.07),
        (count(967.74, "hairs/inch2"), 150, 1),
        (count(20, "hairs/field") + 'method = "biopsy"\nfield_area_cm2 = 0.126\n', 158.73, 0.126),
        (count(0.06, "mm", quantity="mean_diameter"), 60, 1),
        (count(78, "percent", quantity="anagen_share"), 0.78, 1),
    ],
)
def test_measurements_are_converted_to_canonical_units(block: str, value: float, area: float) -> None:
    reading = parse(MAN + block).measurements[0]
    assert reading.value == pytest.approx(value, abs=0.01)
    assert reading.area_cm2 == area


def test_the_standard_error_is_converted_like_the_value() -> None:
    reading = parse(MAN + count(45, "hairs/field") + "field_area_cm2 = 0.25\nsd = 2\n").measurements[0]
    assert reading.sd == 8


@pytest.mark.parametrize(
    ("quantity", "given_um", "stored_um"),
    [
        ("nonvellus_density", None, 30),
        ("nonvellus_density", 40, 40),
        ("terminal_density", None, 60),
        ("total_density", None, None),
    ],
)
def test_each_count_carries_its_threshold(quantity: str, given_um: int | None, stored_um: int | None) -> None:
    line = "" if given_um is None else f"threshold_um = {given_um}\n"
    assert parse(MAN + count(150, quantity=quantity) + line).measurements[0].threshold_um == stored_um


@pytest.mark.parametrize(
    ("line", "years"),
    [("years_of_loss = [8, 9]", (8, 9)), ("onset_age = [31, 33]", (7, 9)), ("onset_age = 32", (8, 8))],
)
def test_onset_reads_as_years_of_loss(line: str, years: tuple[float, float]) -> None:
    assert parse(MAN + line).years_of_loss == years


def test_sessions_give_the_start_and_end_they_imply() -> None:
    course = parse(MAN + '[[treatments]]\ntherapy = "prp"\nsessions = [2026-05-01, 2026-03-01]\n').treatments[0]
    assert (course.start, course.end) == (date(2026, 3, 1), date(2026, 5, 1))
    assert course.adherence is None


def test_grafts_by_zone_add_up() -> None:
    block = "[[transplants]]\ndate = 2024-05-01\nzones = { vertex = 900, mid-scalp = 1100 }\n"
    transplant = parse(MAN + block).transplants[0]
    assert (transplant.grafts, transplant.zones) == (2000, ("mid-scalp", "vertex"))


@pytest.mark.parametrize(
    ("head", "grade", "zone"),
    [
        (MAN, None, "vertex"),
        (WOMAN, None, "mid-scalp"),
        (MAN, ("norwood-hamilton", "II"), "frontal-hairline"),
        (MAN, ("norwood-hamilton", "IIIvertex"), "vertex"),
        (MAN, ("basp", "M2V1"), "vertex"),
        (WOMAN, ("basp", "LF2"), "mid-scalp"),
        (WOMAN, ("sinclair", "3"), "mid-scalp"),
    ],
)
def test_the_goal_zone_follows_grade_and_sex(head: str, grade: tuple[str, str] | None, zone: str) -> None:
    block = "" if grade is None else '[[grades]]\nsystem = "{}"\ngrade = "{}"\ndate = 2026-11-01\n'.format(*grade)
    assert parse(head + block).goal_zone == zone
    assert parse(f'{head}{block}[goals]\nzone = "temples"').goal_zone == "temples"


@pytest.mark.parametrize("label", ["陳先生", "محمد", "👩‍🦱 of 45", "=HYPERLINK(1)"])
def test_labels_of_any_script_are_kept(label: str) -> None:
    assert parse(f'{MAN}label = "{label}"').label == label


def test_wishes_do_not_change_the_history_key() -> None:
    wishes = (
        'considers = ["prp"]\nrefuses = ["surgery"]\n'
        + MAN
        + 'label = "x"\njurisdiction = "TW"\n[goals]\nlow_cost = 2\n'
        "[budget]\nper_year = 100\n[conditions]\nkeloid = true\n"
        '[[proposals]]\nname = "n"\nlines = ["light"]\n'
    )
    assert parse(wishes).history_key() == parse(MAN).history_key()


def test_the_order_of_blocks_does_not_change_the_history_key() -> None:
    blocks = [count(150, day="2025-01-01"), count(140), count(60, "um", quantity="mean_diameter")]
    assert len({parse(MAN + "".join(order)).history_key() for order in itertools.permutations(blocks)}) == 1


@pytest.mark.parametrize(
    "change",
    [
        ('"male"', '"female"'),
        ("age = 40", "age = 41"),
        ("2026-11-20", "2026-11-19"),
        ("age = 40", "age = 40\nyears_of_loss = 3"),
        ("age = 40", 'age = 40\n[scalp]\noiliness = "high"'),
        ("age = 40", "age = 40\n" + count(150)),
        ("age = 40", 'age = 40\n[[treatments]]\ntherapy = "light"\nstart = 2026-01-01'),
        ("age = 40", "age = 40\n[[transplants]]\ndate = 2026-01-01"),
        ("age = 40", 'age = 40\n[[insults]]\ndate = 2026-01-01\nkind = "fever"'),
    ],
)
def test_every_fact_of_the_past_changes_the_history_key(change: tuple[str, str]) -> None:
    assert parse(MAN.replace(*change)).history_key() != parse(MAN).history_key()


def test_facts_are_plain_sentences_with_labels_for_therapies() -> None:
    facts = parse(MAN + count(150) + '[[treatments]]\ntherapy = "light"\nstart = 2026-01-01').facts(
        {"light": "Red light"}
    )
    assert "Non-vellus hairs (hairs of 30 um and more) at the vertex: 150 hairs/cm2 on 2026-11-01." in facts
    assert any(fact.startswith("Red light from 2026-01-01, still going on") for fact in facts)


def test_what_is_missing_starts_with_the_hair_count_and_shrinks_as_more_is_known() -> None:
    assert parse(MAN).missing()[0].startswith("No hair count at any site")
    assert parse(MAN + count(150)).missing()[0].startswith("Only one visit")
    both = parse(MAN + count(150) + count(160, day="2026-01-01")).missing()
    assert not any("count" in line for line in both)


def test_the_guide_explains_every_key() -> None:
    guide = (ROOT / "docs" / "guide" / "person-file.md").read_text(encoding="utf-8")
    keys = {*TOP, *itertools.chain(*TABLES.values(), *BLOCKS.values())}
    assert [key for key in sorted(keys) if f"`{key}`" not in guide and f"[{key}]" not in guide] == []
