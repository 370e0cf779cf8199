"""A FHIR Bundle into the tables of a person file: what we understand is read, the rest is listed with the reason."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NoReturn

from follicast.knowledge.codes import codes
from follicast.outputs.exchange.fhir import background, drugs, health_record, observed, treated
from follicast.outputs.exchange.fhir.elements import Json, concept_words, day_of, own_codes, words_of
from follicast.outputs.exchange.fhir.found import Found, Ignored
from follicast.outputs.exchange.fhir.record import QUESTIONNAIRE
from follicast.outputs.exchange.fhir.trees import table_of_items
from follicast.people.person import Person
from follicast.people.read import person_of
from follicast.quantities import InputError

LARGEST_BYTES = 20_000_000
PLANNED = {
    "CarePlan": "a plan is made anew from the person file",
    "MedicationRequest": "an order is not a record of what was used",
    "ServiceRequest": "an order is not a record of what was used",
    "Appointment": "appointments are kept in schedule.json",
    "RiskAssessment": "a forecast is made anew from the person file",
    "Device": "it only names a program",
    "Provenance": "it only says where the Bundle comes from",
    "CodeSystem": "it only explains our codes",
}
"""What a Bundle of ours holds beside the record, and why it is not read."""
READ = (
    "Patient Observation Condition FamilyMemberHistory MedicationStatement Procedure AllergyIntolerance "
    "QuestionnaireResponse"
).split()
VOID = ("entered-in-error", "cancelled")


@dataclass(frozen=True, slots=True)
class Reading:
    """What came out of a Bundle: the person, the tables, where each value came from, and what was left aside."""

    person: Person
    data: dict[str, Any]
    notes: Mapping[str, str]
    ignored: tuple[Ignored, ...]


def read_bundle(
    content: bytes, source: str, known_therapies: Collection[str], today: date, patient: str | None = None
) -> Reading:
    """The person that a Bundle describes.

    Args:
        content: the file.
        source: what messages call it.
        known_therapies: the therapy ids there are.
        today: the date that nothing may be after.
        patient: id of the Patient to read, where there are several.

    Raises:
        InputError: it is no Bundle, holds several patients and none was named, or a value cannot be right.
    """
    bundle = _json(content, source)
    found = Found(source, _addresses(bundle, source))
    who = _patient(bundle, source, patient)
    as_of = _as_of(bundle, today, source)
    found.data["as_of"] = as_of
    asked = sorted(_entries(bundle), key=lambda pair: pair[1].get("resourceType") != "QuestionnaireResponse")
    for name, resource in asked:
        found.here = name
        kind = str(resource.get("resourceType"))
        if kind in PLANNED:
            found.put_aside(PLANNED[kind])
        elif kind not in READ:
            found.put_aside("this kind of resource is not read")
        elif resource is who or (kind != "Patient" and _is_about(resource, who, found)):
            _check(resource, source, name)
            _read(kind, resource, found, as_of)
        else:
            found.put_aside("it is about somebody else")
    return _reading(found, known_therapies, today)


def _json(content: bytes, source: str) -> Json:
    wanted = "a FHIR R4 Bundle as JSON in UTF-8, of at most 20 MB"
    if len(content) > LARGEST_BYTES:
        raise InputError(f"{source}: is larger than 20 MB; {wanted}.")

    def refuse(name: str) -> NoReturn:
        raise InputError(f"{source}: holds {name}, which is not a number; {wanted}.")

    try:
        bundle = json.loads(content.decode("utf-8-sig"), parse_constant=refuse)
    except InputError:
        raise
    except (UnicodeDecodeError, ValueError, RecursionError) as problem:
        raise InputError(f"{source}: is not JSON ({str(problem)[:80]}); {wanted}.") from None
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        held = bundle.get("resourceType") if isinstance(bundle, dict) else type(bundle).__name__
        kind = re.sub(r"[^A-Za-z]", "", str(held))[:40] or "something else"
        raise InputError(f"{source}: is {kind}, not a Bundle; {wanted}.")
    try:
        whole: Json = _without_null(bundle)
    except RecursionError:
        raise InputError(f"{source}: is nested too deeply; {wanted}.") from None
    return whole


def _without_null(part: Any) -> Any:
    """The same without null, which FHIR's JSON does not allow and which says nothing."""
    if isinstance(part, dict):
        return {key: _without_null(value) for key, value in part.items() if value is not None}
    return [_without_null(value) for value in part if value is not None] if isinstance(part, list) else part


def _entries(bundle: Json) -> list[tuple[str, Json]]:
    """Every resource with a name for messages."""
    entries = bundle.get("entry") or []
    named = []
    for n, entry in enumerate(entries if isinstance(entries, list) else [], start=1):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict):
            kind = re.sub(r"[^A-Za-z]", "", str(resource.get("resourceType")))[:40]
            named.append((f"entry {n} ({kind})", resource))
    return named


def _addresses(bundle: Json, source: str) -> dict[str, Json]:
    if not _entries(bundle):
        raise InputError(f"{source}: the Bundle has no resources.")
    found: dict[str, Json] = {}
    for entry in bundle["entry"]:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict):
            found[str(entry.get("fullUrl") or f"entry {len(found)}")] = resource
            if "id" in resource:
                found.setdefault(f"{resource.get('resourceType')}/{resource['id']}", resource)
    return found


def _patient(bundle: Json, source: str, wanted: str | None) -> Json:
    """The one Patient. Two of the same name are two people until somebody says otherwise."""
    patients = [resource for _, resource in _entries(bundle) if resource.get("resourceType") == "Patient"]
    ids = [str(item.get("id", "?"))[:64] for item in patients]
    if not patients:
        raise InputError(f"{source}: the Bundle has no Patient; a person needs at least sex and age.")
    if wanted is not None:
        chosen = [item for item in patients if item.get("id") == wanted]
        if len(chosen) != 1:
            raise InputError(f"{source}: --patient {wanted}: no such Patient; allowed are {', '.join(ids)}.")
        return chosen[0]
    if len(patients) > 1:
        raise InputError(
            f"{source}: has {len(patients)} patients ({', '.join(ids[:10])}), who are never taken for one person, "
            "whatever their names; choose one with --patient ID."
        )
    return patients[0]


def _as_of(bundle: Json, today: date, source: str) -> date:
    """The day the record is of: that of the Bundle, else today."""
    stamp = bundle.get("timestamp")
    return today if stamp is None else day_of(stamp, f"{source}: Bundle.timestamp")


def _is_about(resource: Json, who: Json, found: Found) -> bool:
    reference = resource.get("subject") or resource.get("patient")
    held = found.resource(reference, resource)
    return held is who


def _check(resource: Json, source: str, name: str) -> None:
    """Whether a resource is what the standard says, before anything in it is believed.

    Raises:
        InputError: it is not.
    """
    from fhir.resources.R4B import get_fhir_model_class
    from pydantic import ValidationError

    try:
        get_fhir_model_class(str(resource["resourceType"])).model_validate(resource)
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        said = f"{where[:80]}: {first['msg'][:120]}".replace("\n", " ").replace("\t", " ")
        shown = "".join(c if c.isprintable() else "?" for c in said)
        raise InputError(f"{source}: {name}: is not valid FHIR R4 at {shown}.") from None
    except (KeyError, TypeError, AttributeError, RecursionError):
        raise InputError(f"{source}: {name}: is not valid FHIR R4; a part of it is of no known type.") from None


def _read(kind: str, resource: Json, found: Found, as_of: date) -> None:
    if resource.get("modifierExtension"):
        found.put_aside("it has a modifierExtension, which may turn its meaning round")
    elif resource.get("status") in VOID:
        found.put_aside(f"its status is {resource['status']}")
    elif kind == "Patient":
        background.read_patient(resource, found, as_of)
    elif kind == "Observation":
        _read_observation(resource, found)
    elif kind == "Condition":
        background.read_condition(resource, found, as_of)
    elif kind == "FamilyMemberHistory":
        background.read_relative(resource, found)
    elif kind == "MedicationStatement":
        drugs.read_statement(resource, found)
    elif kind == "Procedure":
        treated.read_procedure(resource, found)
    elif kind == "AllergyIntolerance":
        health_record.read_allergy(resource, found)
    elif resource.get("questionnaire") == f"{codes().canonical}/{QUESTIONNAIRE}":
        _merge(found.data, table_of_items(resource.get("item", [])))
    else:
        found.put_aside("it answers a questionnaire that is not ours")


def _merge(data: dict[str, Any], tree: Mapping[str, Any]) -> None:
    for key, value in tree.items():
        if isinstance(value, dict) and isinstance(data.get(key), dict):
            _merge(data[key], value)
        else:
            data[key] = value


def _read_observation(observation: Json, found: Found) -> None:
    """One reading, by what its code means.

    Raises:
        InputError: a code of ours that is not in our code system.
    """
    code = observation.get("code")
    for section in ("quantity", "grade", "scalp", "lab", "examination", "trigger", "pregnancy", "partner", "mood"):
        keys = words_of(code, section)
        if not keys:
            continue
        if section == "quantity":
            observed.read_measurement(observation, keys[0], found)
        elif section == "grade":
            observed.read_grade(observation, keys[0], found)
        elif section == "scalp":
            background.read_scalp(observation, keys[0], found)
        elif section == "lab":
            health_record.read_lab(observation, keys[0], found)
        elif section == "examination":
            health_record.read_examined(observation, keys[0], found)
        elif section == "trigger":
            observed.read_insult(observation, found)
        else:
            health_record.read_answer(observation, section, found)
        return
    if words_of(code, "person") == ["age"]:
        background.read_age(observation, found)
    elif own_codes(code):
        raise InputError(f"{found.source}: {found.here}.code: {own_codes(code)[0]!r} is not in our code system.")
    else:
        found.put_aside(f"the code {concept_words(code)} is not one that a person file holds")


def _reading(found: Found, known_therapies: Collection[str], today: date) -> Reading:
    found.data = _without_null(found.data)
    person = found.data.get("person", {})
    for key, what in (
        ("sex", "Patient.gender male or female"),
        ("age", "Patient.birthDate, or an age of LOINC 30525-0"),
    ):
        if key not in person:
            raise InputError(f"{found.source}: the Bundle does not say the person's {key}; it needs {what}.")
    try:
        who = person_of(found.data, found.source, known_therapies, today)
    except InputError as refusal:
        raise InputError(_placed(str(refusal), found.notes)) from None
    return Reading(who, found.data, found.notes, tuple(found.ignored))


def _placed(message: str, notes: Mapping[str, str]) -> str:
    """The sentence with the resource that a block came from beside its place."""
    return re.sub(
        r"\b([a-z_]+\[\d+\])",
        lambda match: f"{match[1]}, from {notes[match[1]]}," if match[1] in notes else match[1],
        message,
        count=1,
    )
