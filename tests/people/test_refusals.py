"""What no person file may say is refused in one sentence, and nothing a file holds raises anything else."""

import itertools
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.people.files import MAN, THERAPIES, TODAY, WOMAN, count, parse

from follicast.people.read import BLOCKS, LARGEST_BYTES, TABLES, TOP, read_person
from follicast.quantities import InputError


def refusal(text: str) -> str:
    with pytest.raises(InputError) as refused:
        parse(text)
    return str(refused.value)


def is_one_sentence(message: str) -> bool:
    return message.isprintable() and message[-1] in ".?" and ". " not in message and len(message) < 1000


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ["empty", "sex and age"]),
        ("# a comment", ["empty"]),
        ("[person]\nage = 40", ["person.sex is missing", "male, female"]),
        ('[person]\nsex = "male"', ["person.age is missing"]),
        ('[person]\nsex = "man"\nage = 40', ['person.sex = "man"', "male, female"]),
        (MAN.replace("40", "-3"), ["person.age = -3", "12 to 120"]),
        (MAN.replace("40", "121"), ["person.age = 121", "12 to 120"]),
        (MAN.replace("40", "11"), ["person.age = 11", "under 12", "dermatologist"]),
        (MAN.replace("40", '"40"'), ['person.age = "40"', "without quotes"]),
        (MAN.replace("40", "true"), ["person.age = true", "number"]),
        (MAN.replace("40", "nan"), ["person.age = nan", "finite"]),
        (MAN.replace("40", "inf"), ["person.age = inf", "finite"]),
        (MAN.replace("40", "1" * 400), ["person.age", "too large"]),
        (MAN.replace("40", "1" * 990), ["person.age", "too large"]),
        (MAN.replace("as_of = 2026-11-20", "as_of = 2026-11-23"), ["as_of = 2026-11-23", "today, 2026-11-22"]),
        (MAN.replace("as_of = 2026-11-20", "as_of = 0001-01-01"), ["as_of = 0001-01-01", "1950"]),
        (MAN.replace("as_of = 2026-11-20", 'as_of = "2026-11-20"'), ["as_of", "without quotes"]),
        (MAN + "agee = 3", ["person.agee is not a known key", 'did you mean "age"']),
        (MAN + 'refuses = ["surgery"]', ["person.refuses", "top of the file"]),
        ("age = 40\n" + MAN, ["age is not a known key", "belongs under [person]"]),
        ("person = 3", ["person = 3", "[person]"]),
        (MAN + "[measurements]\nvalue = 3", ["measurements", "[[measurements]]"]),
        (MAN + "age = 41", ["not valid TOML", "line 5", "given twice"]),
        (MAN + "label = x", ["not valid TOML", "line 5", "quotes"]),
        (MAN + "onset_age = 41", ["person.onset_age = 41", "8 to 40", "40"]),
        (MAN + "onset_age = 30\nyears_of_loss = 10", ["person.onset_age", "one of the two"]),
        (MAN + "years_of_loss = [9, 8]", ["person.years_of_loss = [9, 8]", "smaller number first"]),
        (MAN + "years_of_loss = [8, 9, 10]", ["person.years_of_loss", "[8, 9]"]),
        (MAN + 'label = "a\\u0000b"', ["person.label", "control characters"]),
        (MAN + 'label = "a\\u202Eb"', ["person.label", "control characters"]),
        (MAN + 'label = " "', ["person.label", "empty"]),
        (MAN + 'jurisdiction = "tw"', ["person.jurisdiction", 'did you mean "TW"']),
        (MAN + 'ancestry = "asian"', ["person.ancestry", "east-asian"]),
        (MAN + 'family = ["aunt"]', ['names "aunt"', "mother"]),
        (MAN + "[budget]\nper_year = 100\ncurrency = 'EUR'", ['budget.currency = "EUR"', "US dollars"]),
        (MAN + "[budget]\ncurrency = 'USD'", ["budget.per_year is missing"]),
        (MAN + "[goals]\nkeep = 4", ["goals.keep = 4", "0 to 3"]),
        (MAN + "[goals]\nkeep = 0\nregain = false", ["goals.keep", "no goal"]),
        (MAN + "[goals]\nhorizon_months = 5.5", ["goals.horizon_months"]),
        (MAN + "[goals]\nadherence = 70", ["goals.adherence = 70", "did you mean 0.7"]),
        (MAN + "[goals]\nadherence = -0.1", ["goals.adherence", "0 to 100"]),
        (MAN + "[goals]\nadherence = { finasteride = 0.5 }", ["goals.adherence.finasteride", "not a known key"]),
        (MAN + "[goals]\nadherence = { light = 50 }", ["goals.adherence.light = 50", "did you mean 0.5"]),
        (MAN + "[conditions]\npregnant = false", ["conditions.pregnant", "male"]),
        (WOMAN + '[conditions]\npregnant = true\nchildbearing = "not_possible"', ["childbearing", "contradicts"]),
        (MAN + '[conditions]\nallergy = ["propylene glycol"]', ['did you mean "propylene-glycol"']),
        ('refuses = ["prp"]\nconsiders = ["prp"]\n' + MAN, ["considers", "prp"]),
        ('refuses = ["tablet"]\n' + MAN, ["refuses", 'did you mean "tablets"']),
        (MAN + '[[proposals]]\nname = "n"\nlines = []', ["proposals[1].lines", "no therapy"]),
        (MAN + '[[proposals]]\nname = "n"\nlines = ["prp"]\ninterval_days = [28, 21]', ["proposals[1].interval_days"]),
    ],
)
def test_bad_input_is_refused_with_the_key_the_value_and_what_is_allowed(text: str, parts: list[str]) -> None:
    message = refusal(text)
    assert message.startswith("p.toml: ")
    assert all(part in message for part in parts), message
    assert is_one_sentence(message), message


@pytest.mark.parametrize(
    ("lines", "parts"),
    [
        ('system = "salt"\ngrade = "122"', ["grades[1].grade = 122", "0 to 100 %"]),
        ('system = "salt"\ngrade = { top = 20 }', ["grades[1].grade.back is missing", "0 to 100 %"]),
        ('system = "ludwig"\ngrade = "I"', ['grades[1].system = "ludwig"', "norwood-hamilton, basp"]),
        ('system = "norwood"\ngrade = "I"', ['did you mean "norwood-hamilton"']),
        ('system = "norwood-hamilton"\ngrade = "VIII"', ['grades[1].grade = "VIII"', "IIIvertex"]),
        ('system = "basp"\ngrade = "M9"', ['grades[1].grade = "M9"', "M2F1V1"]),
        ('system = "basp"\ngrade = "M2\\n"', ["grades[1].grade", "M2F1V1"]),
        ('system = "norwood-hamilton"\ngrade = 3', ["grades[1].grade = 3", "quotes"]),
        ('system = "basp"', ["grades[1].grade is missing"]),
    ],
)
def test_a_grade_must_fit_its_system_and_the_sex(lines: str, parts: list[str]) -> None:
    message = refusal(f"{MAN}[[grades]]\ndate = 2026-11-01\n{lines}")
    assert all(part in message for part in parts), message


@pytest.mark.parametrize(
    ("block", "parts"),
    [
        (count(150, "um"), ['unit = "um"', "hairs/cm2 or hairs/inch2 or hairs/field"]),
        (count(451), ["value = 451 hairs/cm2", "0 to 450", 'did you mean unit = "hairs/inch2"']),
        (count(-1), ["value = -1", "0 to 450"]),
        (count("nan"), ["value = nan", "finite"]),
        (count("1e9"), ["0 to 450"]),
        (count(45, "hairs/field"), ["field_area_cm2 is missing", "inch-circle"]),
        (count(0.06, "um", quantity="mean_diameter"), ["value = 0.06 um", "5 to 150 um", 'did you mean unit = "mm"']),
        (count(60, "mm", quantity="mean_diameter"), ["0.005 to 0.15 mm", 'did you mean unit = "um"']),
        (count(85, "fraction", quantity="anagen_share"), ["0 to 1 fraction", 'did you mean unit = "percent"']),
        (count(0.85, "percent", quantity="anagen_share"), ['did you mean unit = "fraction"']),
        (count(150) + "threshold_um = 35", ["threshold_um = 35", "30 or 40"]),
        (count(150, quantity="total_density") + "threshold_um = 30", ["does not apply to total_density"]),
        (count(150) + "sd = 0", ["measurements[1].sd = 0", "above 0"]),
        (count(150, day="2026-11-21"), ["measurements[1].date = 2026-11-21", "in the future"]),
        (count(150, day="1920-01-01"), ["measurements[1].date = 1920-01-01", "before birth"]),
        (count(80, "hairs/day", quantity="shed_per_day"), ["measurements[1].site", "whole scalp"]),
        (count(150).replace("vertex", "crown"), ['site = "crown"', "vertex"]),
        (count(150) + "field_area_cm2 = 0.25", ["field_area_cm2 = 0.25", "hairs/field"]),
    ],
)
def test_a_measurement_must_have_a_unit_and_a_number_that_can_be_right(block: str, parts: list[str]) -> None:
    message = refusal(MAN + block)
    assert all(part in message for part in parts), message
    assert is_one_sentence(message), message


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (45, 'did you mean unit = "hairs/field" with field_area_cm2 = 0.25'),
        (90, ""),
        (440, 'with field = "inch-circle"'),
        (300, "are both units right"),
        (20, "are both units right"),
    ],
)
def test_a_density_that_jumps_since_last_time_is_questioned(value: int, hint: str) -> None:
    text = MAN + count(180 if value < 300 else 100, day="2025-11-01") + count(value)
    if not hint:
        assert len(parse(text).measurements) == 2
        return
    message = refusal(text)
    assert f"measurements[2].value = {value} hairs/cm2 is implausible next to" in message
    assert hint in message
    assert parse(text + "confirmed = true").measurements[1].value == value


def test_a_transplant_explains_a_rise_but_not_a_fall() -> None:
    graft = '[[transplants]]\ndate = 2026-01-01\nzones = ["vertex"]\n'
    assert parse(MAN + graft + count(30, day="2025-11-01") + count(100)).measurements
    assert "implausible" in refusal(MAN + graft + count(100, day="2025-11-01") + count(30))


def test_thick_hairs_cannot_outnumber_all_hairs() -> None:
    message = refusal(MAN + count(100, quantity="total_density") + count(180))
    assert "measurements[2].value = 180" in message
    assert "total_density" in message


@pytest.mark.parametrize(
    ("lines", "parts"),
    [
        ('therapy = "minoxidil"\nstart = 2026-01-01', ['"minoxidil"', "minoxidil-topical-5", "did you mean"]),
        ('therapy = "finastride-oral"\nstart = 2026-01-01', ['did you mean "finasteride-oral"']),
        ('therapy = "hair-transplant"\nstart = 2026-01-01', ["[[transplants]]"]),
        ('therapy = "light"', ["treatments[1].start is missing"]),
        ('therapy = "light"\nstart = 2027-01-01', ["treatments[1].start = 2027-01-01", "future"]),
        ('therapy = "light"\nstart = 1985-01-01', ["treatments[1].start = 1985-01-01", "before birth"]),
        ('therapy = "light"\nstart = 2026-02-01\nend = 2026-01-01', ["treatments[1].end", "before the start"]),
        ('therapy = "light"\nstart = 2026-01-01\nadherence = 80', ["adherence = 80", "did you mean 0.8"]),
        ('therapy = "prp"\nstart = 2026-01-01\nsessions = [2025-01-01]', ["treatments[1].sessions"]),
        ('therapy = "prp"\nsessions = [2026-01-01, 2026-01-01]', ["the same date twice"]),
        ('therapy = "prp"\nstart = 2026-01-01T10:00:00', ["treatments[1].start", "without a time"]),
    ],
)
def test_a_treatment_must_be_known_and_in_the_past(lines: str, parts: list[str]) -> None:
    message = refusal(f"{MAN}[[treatments]]\n{lines}")
    assert all(part in message for part in parts), message


def test_the_same_therapy_twice_at_once_is_refused() -> None:
    first = '[[treatments]]\ntherapy = "light"\nstart = 2026-01-01\n'
    assert "treatments[2].start = 2026-02-01 overlaps treatments[1]" in refusal(
        MAN + first + first.replace("2026-01", "2026-02")
    )


@pytest.mark.parametrize(
    "lines", ["grafts = 0", "grafts = 8001", "grafts = 10.5", 'zones = ["occipital-donor"]', "survival = 1.1"]
)
def test_a_transplant_must_be_possible(lines: str) -> None:
    key = lines.split(" ")[0]
    assert f"transplants[1].{key}" in refusal(f"{MAN}[[transplants]]\ndate = 2024-01-01\n{lines}")


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "empty"),
        (b"\xff\xfe" + b"x" * 10, "UTF-8"),
        (bytes(range(256)) * 40_000, "larger than 1 MB"),
        (b"#" + b"x" * (LARGEST_BYTES + 1), "larger than 1 MB"),
        (b"a = " + b"[\n" * 3000, "nested too deeply"),
        (b"a" + b".a" * 3000 + b"=1", "line 1 has"),
        (b"\x00", "TOML"),
    ],
)
def test_a_file_that_is_no_person_file_is_refused(tmp_path: Path, content: bytes, part: str) -> None:
    path = tmp_path / "p.toml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=part) as refused:
        read_person(path, THERAPIES, TODAY)
    assert str(refused.value).startswith(str(path))


@pytest.mark.parametrize(("name", "part"), [("", "directory"), ("none.toml", "no such file"), ("x" * 300, "cannot be")])
def test_a_path_that_is_no_file_is_refused(tmp_path: Path, name: str, part: str) -> None:
    with pytest.raises(InputError, match=part):
        read_person(tmp_path / name, THERAPIES, TODAY)


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_bytes(b"\xef\xbb\xbf" + MAN.encode())
    assert read_person(path, THERAPIES, TODAY).sex == "male"


def read_or_refuse(content: bytes, path: Path) -> None:
    path.write_bytes(content)
    try:
        person = read_person(path, THERAPIES, TODAY)
        message = " ".join([*person.facts(), *person.missing(), person.history_key(), "."])
    except InputError as refused:
        message = str(refused)
    assert message.isprintable()
    assert message[-1] in ".?"


FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
VALUES = st.one_of(
    st.sampled_from(
        "true nan -inf 0 -1 3 40 0.5 1e308 9999999999999999 [] [1] [1,2] [[1]] {} {vertex=1} 'male' 'vertex' 'prp' "
        "['prp'] ['vertex'] 2026-01-01 [2026-01-01] 0001-01-01 9999-12-31 2026-01-01T00:00:00Z 07:32:00 'II' "
        "'basp' 'nonvellus_density' 'hairs/cm2' 'hairs/field' 'um' 'fraction' 'fever' {a={b={c=1}}} [{a=1}]".split()
    ),
    st.text(st.characters(exclude_characters="'\n\r", exclude_categories=["Cs", "Cc"])).map("'{}'".format),
)
KEYS = sorted({*TOP, *itertools.chain(*TABLES.values(), *BLOCKS.values())} - {"sex", "age", "person"})
LINES = st.tuples(st.sampled_from([*KEYS, "nothing"]), VALUES).map(" = ".join)
HEADS = st.sampled_from([*(f"[{name}]" for name in TABLES if name != "person"), *(f"[[{name}]]" for name in BLOCKS)])


@FUZZ
@given(st.binary(max_size=2000))
def test_any_bytes_read_or_are_refused(tmp_path: Path, content: bytes) -> None:
    read_or_refuse(content, tmp_path / "p.toml")


@FUZZ
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
@example("a" + ".a" * 450 + " = 1")
@example(f"{MAN}[[grades]]\nsystem" + ".a" * 450 + " = 1")
@example(f"{MAN}[[treatments]]\ntherapy" + ".a" * 450 + " = 1")
@example(f"{MAN}family = [{{a" + ".a" * 450 + " = 1}]")
def test_any_text_reads_or_is_refused(tmp_path: Path, text: str) -> None:
    read_or_refuse(text.encode(), tmp_path / "p.toml")
    read_or_refuse((MAN + text).encode(), tmp_path / "p.toml")


@FUZZ
@given(st.lists(LINES, max_size=2), st.lists(st.tuples(HEADS, st.lists(LINES, min_size=1, max_size=6)), max_size=3))
def test_any_keys_with_any_values_read_or_are_refused(
    tmp_path: Path, top: list[str], sections: list[tuple[str, list[str]]]
) -> None:
    body = "\n".join(line for head, lines in sections for line in (head, *lines))
    read_or_refuse("\n".join([MAN, *top, body]).encode(), tmp_path / "p.toml")
