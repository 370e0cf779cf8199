"""People, Bundles and plans for the tests of this folder."""

import json
from datetime import date
from typing import Any

from tests.outputs import fixture
from tests.people.files import MAN, THERAPIES, TODAY

from follicast.decisions.result import PlanResult
from follicast.outputs.exchange.fhir.reading import Reading, read_bundle

Json = dict[str, Any]
PATIENT = {"resourceType": "Patient", "id": "p1", "gender": "male", "birthDate": "1986-11-20"}
SUBJECT = {"reference": "Patient/p1"}
PERSON = MAN.replace("2026-11-20", f"{fixture.AS_OF}")
LOINC = "http://loinc.org"


def resources(bundle: bytes | Json, kind: str) -> list[Json]:
    held = json.loads(bundle) if isinstance(bundle, bytes) else bundle
    return [entry["resource"] for entry in held["entry"] if entry["resource"]["resourceType"] == kind]


def foreign(*parts: Json, patients: tuple[Json, ...] = (PATIENT,)) -> bytes:
    """A Bundle of another program: the patient and these resources about them."""
    about = [part if part["resourceType"] == "Patient" else {"subject": SUBJECT} | part for part in parts]
    entries = [{"fullUrl": f"https://elsewhere.example/{n}", "resource": r} for n, r in enumerate((*patients, *about))]
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": "2026-11-20T08:00:00+08:00",
        "entry": entries,
    }
    return json.dumps(bundle).encode()


def read(bundle: bytes, today: date = TODAY, patient: str | None = None) -> Reading:
    return read_bundle(bundle, "b.json", THERAPIES, today, patient)


def concept(system: str, code: str, text: str | None = None) -> Json:
    return {"coding": [{"system": system, "code": code}]} | ({"text": text} if text else {})


def observation(code: Json, **value: Any) -> Json:
    return {"resourceType": "Observation", "status": "final", "code": code, "effectiveDateTime": "2026-10-01"} | value


def statement(code: Json, **more: Any) -> Json:
    period = {"start": "2024-01-01"}
    made = {"resourceType": "MedicationStatement", "status": "active", "medicationCodeableConcept": code}
    return made | {"effectivePeriod": period} | more


def man_plan() -> PlanResult:
    """The synthetic plan, with the therapy ids that there are."""
    text = fixture.man_of_40().model_dump_json().replace('"exosomes"', '"exosome"').replace("exosomes-6", "exosome-6")
    return PlanResult.model_validate_json(text)
