"""A person as a Bundle: valid R4, nothing lost, nobody named."""

import json
from datetime import date

import pytest
from hypothesis import HealthCheck, example, given, settings
from tests.outputs.exchange.fhir.made import read, resources
from tests.outputs.exchange.fhir.r4 import faults
from tests.people.drawn import person_tables
from tests.people.files import MAN, THERAPIES, TODAY, WOMAN, count, parse

from follicast.knowledge.codes import codes
from follicast.outputs.exchange.fhir.bundle import check, render_bundle
from follicast.people.read import person_of

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=120, suppress_health_check=SLOW, deadline=None)
@given(person_tables())
@example({"as_of": date(2026, 11, 20), "person": {"sex": "male", "age": 32.0}, "medications": [{"name": "0\xa0 0"}]})
def test_any_person_survives_a_bundle_and_the_bundle_is_r4(tables: dict[str, object]) -> None:
    person = person_of(tables, "drawn", THERAPIES, TODAY)
    bundle = render_bundle(person, named=True)
    assert read(bundle).person == person
    assert faults("Bundle", json.loads(bundle)) == []


def test_the_label_is_given_only_if_asked_for_and_the_rest_survives_without() -> None:
    person = parse(MAN.replace("age = 40", 'age = 40\nlabel = "王小明"\nyears_of_loss = 3'))
    bundle = render_bundle(person)
    assert "王小明" not in bundle.decode()
    assert "王小明" in render_bundle(person, named=True).decode()
    back = read(bundle).person
    assert back.label == "Man, 40"
    assert back.years_of_loss == person.years_of_loss


def test_the_addresses_do_not_follow_from_the_label() -> None:
    one, other = (parse(MAN.replace("age = 40", f'age = 40\nlabel = "{name}"')) for name in ("Ann", "Ben"))
    assert render_bundle(one) == render_bundle(other)


def test_the_same_person_gives_the_same_bytes() -> None:
    person = parse(MAN + count(180))
    assert render_bundle(person) == render_bundle(person)


def test_a_partner_is_a_category_on_the_persons_record_and_never_a_patient() -> None:
    bundle = render_bundle(parse(MAN + '[conditions]\npartner_pregnancy = "yes"\n'))
    assert len(resources(bundle, "Patient")) == 1
    assert resources(bundle, "RelatedPerson") == []
    answers = [o["valueCodeableConcept"] for o in resources(bundle, "Observation") if "valueCodeableConcept" in o]
    assert [c["coding"][0]["code"] for c in answers] == ["partner.yes"]


def test_pattern_hair_loss_is_provisional_and_coded_by_sex() -> None:
    for text, snomed in ((MAN, "87872006"), (WOMAN, "1108009")):
        (condition,) = resources(render_bundle(parse(text)), "Condition")
        assert condition["verificationStatus"]["coding"][0]["code"] == "provisional"
        held = {(item["system"], item["code"]) for item in condition["code"]["coding"]}
        assert ("http://snomed.info/sct", snomed) in held
        assert ("http://hl7.org/fhir/sid/icd-10", "L64.9") in held


def test_a_count_says_unit_site_threshold_and_area() -> None:
    text = MAN + count(180) + "threshold_um = 40\narea_cm2 = 0.5\nsd = 7\nmatched_site = true\n"
    (reading,) = [o for o in resources(render_bundle(parse(text)), "Observation") if "bodySite" in o]
    assert reading["valueQuantity"]["code"] == "{hair}/cm2"
    assert reading["bodySite"]["coding"][0]["code"] == "site.vertex"
    parts = {part["code"]["coding"][0]["code"]: part for part in reading["component"]}
    assert parts["component.threshold_um"]["valueQuantity"]["value"] == 40
    assert parts["component.area_cm2"]["valueQuantity"]["code"] == "cm2"
    assert parts["component.sd"]["valueQuantity"]["code"] == "{hair}/cm2"
    assert parts["component.matched_site"]["valueBoolean"] is True


def test_a_drug_carries_ingredient_strength_and_route_beside_its_codes() -> None:
    bundle = render_bundle(parse(MAN + '[[treatments]]\ntherapy = "finasteride-oral"\nstart = 2025-01-01\n'))
    (statement,) = resources(bundle, "MedicationStatement")
    (drug,) = statement["contained"]
    assert ("http://www.whocc.no/atc", "D11AX10") in {(c["system"], c["code"]) for c in drug["code"]["coding"]}
    assert drug["ingredient"][0]["itemCodeableConcept"]["text"] == "finasteride"
    assert drug["ingredient"][0]["strength"]["numerator"]["value"] == 1
    assert statement["dosage"][0]["route"]["coding"][0]["code"] == "route.oral"


def test_every_own_code_in_a_bundle_is_in_the_code_system_that_travels_with_it() -> None:
    text = MAN + count(180) + '[[grades]]\nsystem = "norwood-hamilton"\ngrade = "IV"\ndate = 2026-11-01\n'
    bundle = render_bundle(parse(text))
    (system,) = resources(bundle, "CodeSystem")
    known = {concept["code"] for concept in system["concept"]}
    own = codes().systems["local"]
    assert system["url"] == own

    def used(part: object) -> list[str]:
        if isinstance(part, list):
            return [code for item in part for code in used(item)]
        if isinstance(part, dict):
            here = [part["code"]] if part.get("system") == own else []
            return here + [code for item in part.values() for code in used(item)]
        return []

    found = used(json.loads(bundle))
    assert "grade.norwood-hamilton.IV" in found
    assert set(found) <= known
    assert len(known) == system["count"] == len(system["concept"])


def test_what_is_not_fhir_is_not_written() -> None:
    with pytest.raises(ValueError, match="gender"):
        check({"resourceType": "Patient", "gender": ["male"]})
