"""Bundles of other programs: what is understood, what is refused in one sentence, what is left aside and why."""

import json
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.outputs.exchange.fhir.made import LOINC, PATIENT, concept, foreign, observation, read, resources, statement
from tests.people.drawn import person_tables
from tests.people.files import MAN, THERAPIES, TODAY, parse

from follicast.outputs.exchange.fhir.bundle import render_bundle
from follicast.people.read import person_of
from follicast.quantities import InputError

ATC, RXNORM, SNOMED = "http://www.whocc.no/atc", "http://www.nlm.nih.gov/research/umls/rxnorm", "http://snomed.info/sct"
OWN = "https://follicast.example/fhir/CodeSystem/hair"
ORAL = [{"route": {"text": "oral"}, "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "mg"}}]}]


def refused(bundle: bytes, patient: str | None = None) -> str:
    with pytest.raises(InputError) as refusal:
        read(bundle, patient=patient)
    sentence = str(refusal.value)
    assert "\n" not in sentence
    assert sentence.startswith(("b.json: ", "entry "))
    return sentence


def why(bundle: bytes) -> list[str]:
    return [item.why for item in read(bundle).ignored]


def density(value: float, unit: str, **more: object) -> dict[str, object]:
    held = {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}
    site = {"bodySite": concept(OWN, "site.vertex")}
    return observation(concept(OWN, "quantity.nonvellus_density"), valueQuantity=held, **site) | more


def test_a_birth_date_gives_the_age_and_the_bundles_day_the_day() -> None:
    person = read(foreign()).person
    assert (person.sex, person.age_years, person.as_of) == ("male", 40.0, date(2026, 11, 20))


def test_the_file_says_where_each_value_came_from() -> None:
    reading = read(foreign(density(180, "/cm2")))
    assert reading.notes["measurements[1]"] == "entry 2 (Observation)"
    assert reading.person.measurements[0].value == 180


@pytest.mark.parametrize(("unit", "value"), [("/cm2", 180.0), ("{hairs}/cm2", 180.0), ("/[sin_i]", 180 / 6.4516)])
def test_a_density_is_read_in_the_units_that_mean_one(unit: str, value: float) -> None:
    assert read(foreign(density(180, unit))).person.measurements[0].value == pytest.approx(value)


@pytest.mark.parametrize("unit", ["/mm2", "%", "um"])
def test_a_wrong_unit_is_refused_with_what_is_allowed(unit: str) -> None:
    assert "{hair}/cm2" in refused(foreign(density(180, unit)))


def test_a_value_that_cannot_be_right_is_refused_with_its_entry() -> None:
    assert "entry 2 (Observation)" in refused(foreign(density(1e9, "/cm2")))


def test_scenario_46_nan_in_a_bundle_is_refused() -> None:
    assert "NaN" in refused(foreign(density(float("nan"), "/cm2")))


def test_a_code_of_ours_that_does_not_exist_is_refused() -> None:
    assert "quantity.hairiness" in refused(foreign(observation(concept(OWN, "quantity.hairiness"), valueInteger=3)))


def test_a_code_of_somebody_elses_is_left_aside_by_name() -> None:
    assert "Body weight" in why(foreign(observation(concept(LOINC, "29463-7", "Body weight"), valueInteger=80)))[0]


@pytest.mark.parametrize(
    ("unit", "value"), [("ng/mL", 40.0), ("ug/L", 40.0), ("ug/dL", 400.0)], ids=["ng/mL", "ug/L", "ug/dL"]
)
def test_scenario_33_ferritin_is_read_in_its_units(unit: str, value: float) -> None:
    held = {"value": 40, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}
    lab = read(foreign(observation(concept(LOINC, "2276-4"), valueQuantity=held))).person.health.labs[0]
    assert (lab.analyte, lab.value) == ("ferritin", value)


def test_alopecia_areata_is_never_read_as_pattern_hair_loss() -> None:
    for system, code in (("http://id.who.int/icd/release/11/mms", "ED70.2"), (SNOMED, "68225006")):
        reading = read(
            foreign({"resourceType": "Condition", "code": concept(system, code), "onsetDateTime": "2020-01-01"})
        )
        assert reading.person.years_of_loss is None
        assert "Alopecia areata is not pattern hair loss" in reading.ignored[0].why


def test_pattern_hair_loss_gives_the_years_of_loss() -> None:
    condition = {"resourceType": "Condition", "code": concept(SNOMED, "87872006")}
    onset = {"onsetAge": {"value": 32, "unit": "years", "system": "http://unitsofmeasure.org", "code": "a"}}
    assert read(foreign(condition | onset)).person.years_of_loss == (8.0, 8.0)
    assert read(foreign(condition | {"onsetDateTime": "2020-11-20"})).person.years_of_loss == (6.0, 6.0)


def test_finasteride_is_told_apart_by_strength_and_not_by_its_codes() -> None:
    substance = concept(RXNORM, "25025", "finasteride")
    one = read(foreign(statement(substance, dosage=ORAL)))
    assert [t.therapy for t in one.person.treatments] == ["finasteride-oral"]
    five = json.loads(json.dumps(ORAL).replace("1", "5"))
    other = read(foreign(statement(substance, dosage=five)))
    assert other.person.treatments == ()
    assert other.person.health.medications[0].name == "finasteride"
    assert "prostate" in other.ignored[0].why


def test_a_drug_code_alone_is_not_enough_where_strength_or_route_decide() -> None:
    reading = read(foreign(statement(concept(ATC, "D11AX01"))))
    assert reading.person.treatments == ()
    assert "minoxidil-topical-5 or minoxidil-topical-2" in reading.ignored[0].why


def test_a_solution_is_read_from_the_strength_of_its_ingredient() -> None:
    ratio = {"numerator": {"value": 50, "unit": "mg"}, "denominator": {"value": 1, "unit": "mL"}}
    drug = {
        "resourceType": "Medication",
        "id": "m",
        "ingredient": [{"itemCodeableConcept": concept(RXNORM, "6984"), "strength": ratio}],
    }
    made = statement(
        {}, contained=[drug], medicationReference={"reference": "#m"}, dosage=[{"route": {"text": "topical"}}]
    )
    del made["medicationCodeableConcept"]
    assert [t.therapy for t in read(foreign(made)).person.treatments] == ["minoxidil-topical-5"]


def test_another_medicine_is_kept_for_the_safety_rules() -> None:
    medicine = read(foreign(statement({"text": "Apixaban"}))).person.health.medications[0]
    assert medicine.classes == ("anticoagulant",)


@pytest.mark.parametrize("status", ["entered-in-error", "not-taken"])
def test_what_was_not_taken_or_entered_in_error_is_left_aside(status: str) -> None:
    assert status in why(foreign(statement({"text": "Apixaban"}, status=status)))[0]


def test_a_modifier_that_is_not_understood_puts_the_resource_aside() -> None:
    turned = density(180, "/cm2", modifierExtension=[{"url": "https://elsewhere.example/not", "valueBoolean": True}])
    reading = read(foreign(turned))
    assert reading.person.measurements == ()
    assert "modifierExtension" in reading.ignored[0].why


def test_what_is_about_somebody_else_is_left_aside() -> None:
    other = density(180, "/cm2", subject={"reference": "Patient/p2"})
    assert why(foreign(other)) == ["it is about somebody else"]


def test_scenario_35_two_patients_of_one_name_and_birth_date_are_never_merged() -> None:
    twins = tuple(PATIENT | {"id": name, "name": [{"text": "Wang Xiaoming"}]} for name in ("p1", "p2"))
    bundle = foreign(density(180, "/cm2"), density(90, "/cm2", subject={"reference": "Patient/p2"}), patients=twins)
    sentence = refused(bundle)
    assert "2 patients (p1, p2)" in sentence
    assert "--patient" in sentence
    assert [m.value for m in read(bundle, patient="p1").person.measurements] == [180]
    assert [m.value for m in read(bundle, patient="p2").person.measurements] == [90]
    assert "p1, p2" in refused(bundle, patient="p3")


def test_a_minor_or_nobody_is_refused() -> None:
    assert "sex" in refused(foreign(patients=({"resourceType": "Patient", "id": "p1", "birthDate": "1990-01-01"},)))
    assert "age" in refused(foreign(patients=({"resourceType": "Patient", "id": "p1", "gender": "male"},)))
    assert "no Patient" in refused(foreign(density(1, "/cm2"), patients=()))


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"resourceType": "Patient"}', b"\xff\xfe", b'{"resourceType": "Bundle"}', b"[" * 100_000],
    ids=["empty", "cut off", "a list", "no Bundle", "binary", "no entries", "deep"],
)
def test_scenario_46_what_is_no_bundle_is_refused(content: bytes) -> None:
    refused(content)


def test_what_is_not_valid_fhir_is_refused_with_the_place() -> None:
    assert "valueQuantity" in refused(
        foreign(observation(concept(OWN, "quantity.mean_diameter"), valueQuantity="60 um"))
    )


def test_a_resource_of_an_unknown_kind_is_left_aside() -> None:
    assert "not read" in why(foreign({"resourceType": "Immunization"}))[0]


def test_sessions_that_stand_alone_are_read_as_treatment() -> None:
    session = {
        "resourceType": "Procedure",
        "status": "completed",
        "code": concept(OWN, "therapy.prp"),
        "performedDateTime": "2026-05-01T10:00:00+08:00",
    }
    (treatment,) = read(foreign(session)).person.treatments
    assert treatment.sessions == (date(2026, 5, 1),)


def test_our_own_bundle_is_read_without_the_explanations() -> None:
    bundle = render_bundle(parse(MAN))
    assert {item.what.split("(")[1][:-1] for item in read(bundle).ignored} == {"Device", "Provenance", "CodeSystem"}
    assert len(resources(bundle, "Patient")) == 1


def places(part: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a JSON value."""
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    return [here for key, value in inner for here in ((*path, key), *places(value, (*path, key)))]


JUNK = [
    None,
    True,
    0,
    -1,
    1e308,
    "",
    "x\n",
    "2026",
    [],
    {},
    [{}],
    [None],
    "=1",
    {"reference": "#x"},
    {"coding": [None]},
]


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(person_tables(), st.data())
def test_a_damaged_bundle_is_read_or_refused_in_one_sentence_and_never_crashes(
    tables: dict[str, object], data: st.DataObject
) -> None:
    bundle = json.loads(render_bundle(person_of(tables, "drawn", THERAPIES, TODAY), named=True))
    bundle["entry"] = [e for e in bundle["entry"] if e["resource"]["resourceType"] != "CodeSystem"]
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(places(bundle)))
        part = bundle
        for step in way:
            part = part[step]
        if data.draw(st.booleans()):
            del part[last]
        else:
            part[last] = data.draw(st.sampled_from(JUNK))
    try:
        read(json.dumps(bundle).encode())
    except InputError as refusal:
        sentence = str(refusal)
    else:
        sentence = "read"
    assert sentence.isprintable()


def test_another_resource_is_refused_by_its_name_without_its_line_breaks() -> None:
    with pytest.raises(InputError, match="is Patient, not a Bundle") as refusal:
        read(json.dumps({"resourceType": "Pat\nient"}).encode())
    assert str(refusal.value).isprintable()


def test_a_session_that_is_damaged_where_it_names_its_course_is_refused() -> None:
    course = '[[treatments]]\ntherapy = "prp"\nstart = 2026-01-10\nsessions = [2026-01-10, 2026-02-10, 2026-03-10]\n'
    bundle = json.loads(render_bundle(parse(MAN + course)))
    parts = [e["resource"] for e in bundle["entry"] if "partOf" in e["resource"]]
    assert parts
    for part in parts:
        part["partOf"] = True
    assert "is not valid FHIR R4 at partOf" in refused(json.dumps(bundle).encode())
