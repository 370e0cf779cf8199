"""Pregnancy, trying for a child, and the year after a birth: what ends, what waits, and what is asked of whom."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.decisions.safety.safety_people import MAN, TODAY, WOMAN, barred, found, saying, using

from follicast.people.person import Insult, Person

CONCERNED = {
    "minoxidil-topical-5",
    "minoxidil-topical-2",
    "minoxidil-oral",
    "spironolactone-oral",
    "exosome",
    "prp",
    "microneedling",
    "light",
    "transplant",
}


def after(kind: str, days: int, person: Person = WOMAN) -> Person:
    return replace(person, insults=(Insult(TODAY - timedelta(days=days), kind),))  # type: ignore[arg-type]


@pytest.mark.parametrize("childbearing", ["possible", "trying", "unknown", None])
@pytest.mark.parametrize("pregnant", [False, None])
def test_a_woman_who_may_conceive_is_told_which_lines_a_pregnancy_ends(childbearing, pregnant) -> None:
    finding = found(saying(WOMAN, childbearing=childbearing, pregnant=pregnant))["PREG-ENDS"]
    assert set(finding.concerns) == CONCERNED
    assert finding.therapies == []
    assert "Before you try for a child" in finding.text_patient
    assert finding.sources


@pytest.mark.parametrize(
    "person",
    [
        MAN,
        saying(WOMAN, childbearing="not_possible"),
        replace(WOMAN, age_years=66.0),
        saying(WOMAN, pregnant=True),
    ],
)
def test_nobody_else_is(person: Person) -> None:
    assert "PREG-ENDS" not in found(person)


def test_in_pregnancy_everything_but_the_shampoo_waits() -> None:
    pregnant = saying(WOMAN, pregnant=True)
    assert barred(pregnant) == CONCERNED
    rules = found(pregnant)
    assert {rules[name].severity for name in ("PREG-SESSIONS", "PREG-LIGHT")} == {"hold"}
    assert "transplant" in rules["PREG-SESSIONS"].therapies


@pytest.mark.parametrize("answers", [{"pregnant": True}, {"pregnant": True, "childbearing": "possible"}])
def test_contraception_is_not_asked_of_somebody_who_is_pregnant(answers) -> None:
    assert not {"PREG-CONTRACEPTION", "PREG-UNKNOWN", "PREG-ASK", "PREG-TRYING"} & set(found(saying(WOMAN, **answers)))


def test_who_tries_for_a_child_is_held_and_not_sent_for_contraception() -> None:
    trying = saying(WOMAN, childbearing="trying", pregnant=False)
    assert {"minoxidil-topical-5", "minoxidil-oral", "spironolactone-oral"} <= barred(trying)
    assert "PREG-CONTRACEPTION" not in found(trying)
    assert "finasteride-oral" in barred(trying, "finasteride-oral")


def test_each_line_in_use_is_named_with_how_it_waits_and_no_other_doctors_drug_is_stopped() -> None:
    lines = ("minoxidil-topical-5", "spironolactone-oral", "prp", "light")
    rules = found(saying(using(WOMAN, *lines), pregnant=True))
    said = {name: words for f in rules.values() for name, words in zip(f.pauses, f.pausing, strict=True)}
    assert set(said) == set(lines)
    assert "if no doctor prescribed it to you, pause it today" in said["minoxidil-topical-5"]
    assert "ask that doctor today" in said["minoxidil-topical-5"]
    assert said["spironolactone-oral"].startswith("Oral spironolactone: ask the doctor who prescribed it today")
    assert "pause" not in said["spironolactone-oral"]
    assert "no further session" in said["prp"]
    assert "pause it today" in said["light"]


@pytest.mark.parametrize(
    ("kind", "window"), [("childbirth", 365), ("fever", 270), ("surgery", 270), ("crash-diet", 270)]
)
def test_a_strain_on_the_body_warns_of_a_shed_as_long_as_one_may_come(kind: str, window: int) -> None:
    told = found(after(kind, window))["TE-STRAIN"]
    assert told.severity == "warn"
    assert any(str(TODAY - timedelta(days=window)) in because for because in told.because)
    assert "TE-STRAIN" not in found(after(kind, window + 1))


def test_the_latest_of_several_strains_counts() -> None:
    early, late = (Insult(TODAY - timedelta(days=days), "fever") for days in (900, 60))
    assert "TE-STRAIN" in found(replace(WOMAN, insults=(early, late)))


def test_after_a_birth_breastfeeding_is_asked_before_minoxidil() -> None:
    mother = after("childbirth", 90)
    assert "minoxidil-topical-5" in barred(mother)
    assert found(mother)["LACTATION-ASK"].severity == "hold"
    weaned = found(saying(mother, lactating=False))
    assert "LACTATION-ASK" not in weaned
    assert "LACTATION" in found(saying(mother, lactating=True))
    assert "LACTATION-ASK" not in found(after("childbirth", 400))
