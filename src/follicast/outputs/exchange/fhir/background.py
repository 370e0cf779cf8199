"""Who the person is: Patient, age, the condition with its years, relatives, and scalp and hair; written and read."""

from __future__ import annotations

from datetime import date
from typing import Any

from follicast.knowledge.codes import codes
from follicast.outputs.exchange.fhir.elements import (
    Entries,
    Json,
    coded,
    concept_words,
    day,
    day_of,
    extension,
    extension_of,
    number_of,
    quantity,
    unit_of,
    word_of,
    words_of,
)
from follicast.outputs.exchange.fhir.found import Found
from follicast.people.write import Data
from follicast.quantities import DAYS_PER_YEAR

STATUS = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
YEARS = "years-of-loss"


def write_patient(data: Data, out: Entries, *, named: bool) -> Json:
    """Adds the Patient, with the label only if asked, and returns the reference to it."""
    person = data["person"]
    label = person.pop("label", None)
    patient: Json = {"resourceType": "Patient", "gender": person.pop("sex")}
    if named and label is not None:
        patient["name"] = [{"text": label}]
    return out.add(patient)


def write_background(data: Data, out: Entries, subject: Json, as_of: date) -> None:
    """Adds age, condition, relatives and scalp, and takes what they say out of `data`."""
    person = data["person"]
    patient = next(entry["resource"] for entry in out.entries if entry["fullUrl"] == subject["reference"])
    base = {"status": "final", "subject": subject, "effectiveDateTime": day(as_of)}
    out.add(
        {"resourceType": "Observation"}
        | base
        | {"code": coded("person", "age"), "valueQuantity": quantity(person["age"], "years")}
    )
    out.add(_condition(person, subject, as_of, patient["gender"]))
    for relative in person.pop("family", []):
        out.add(
            {
                "resourceType": "FamilyMemberHistory",
                "status": "completed",
                "patient": subject,
                "date": day(as_of),
                "relationship": coded("relative", relative),
                "condition": [{"code": {"text": "Pattern hair loss"}}],
            }
        )
    scalp = data.get("scalp", {})
    for key in [key for key in ("oiliness", "dandruff", "fine_hair") if key in scalp]:
        value = scalp.pop(key)
        said = {"valueBoolean": value} if isinstance(value, bool) else {"valueCodeableConcept": coded(key, value)}
        out.add({"resourceType": "Observation"} | base | {"code": coded("scalp", key)} | said)
    del person["age"]


def _condition(person: Data, subject: Json, as_of: date, sex: str) -> Json:
    condition: Json = {
        "resourceType": "Condition",
        "clinicalStatus": {"coding": [{"system": STATUS, "code": "active"}]},
        "verificationStatus": {"coding": [{"system": VERIFICATION, "code": "provisional"}]},
        "code": coded("condition", f"{sex}-pattern"),
        "subject": subject,
        "recordedDate": day(as_of),
    }
    years = person.pop("years_of_loss", None)
    if years is not None:
        low, high = years if isinstance(years, list) else (years, years)
        span = {"low": quantity(low, "years"), "high": quantity(high, "years")}
        condition["extension"] = [extension(YEARS, valueRange=span)]
        age = person["age"]
        condition["onsetRange"] = {
            "low": quantity(round(age - high, 2), "years"),
            "high": quantity(round(age - low, 2), "years"),
        }
    return condition


# --- read ----------------------------------------------------------------------------------------------------------


def read_patient(patient: Json, found: Found, as_of: date) -> None:
    """Sex, label and, from a birth date, the age."""
    if patient.get("gender") in ("male", "female"):
        found.say("person", "sex", patient["gender"])
    for name in patient.get("name", [])[:1]:
        parts = [*name.get("given", []), name.get("family", "")]
        label = name.get("text") or " ".join(part for part in parts if part)
        if label:
            found.say("person", "label", label)
    if "birthDate" in patient:
        born = day_of(patient["birthDate"], f"{found.here}.birthDate")
        found.say("person", "age", round((as_of - born).days / DAYS_PER_YEAR, 2))


def read_age(observation: Json, found: Found) -> None:
    """The age on the day of the record.

    Raises:
        InputError: it is not in years.
    """
    place = f"{found.here}.valueQuantity"
    unit_of(observation.get("valueQuantity", {}), ("years",), place)
    found.data.setdefault("person", {})["age"] = number_of(observation.get("valueQuantity"), place)
    found.notes["person.age"] = found.here


def read_condition(condition: Json, found: Found, as_of: date) -> None:
    """Pattern hair loss and since when; every other condition is put aside."""
    refuted = words(condition.get("verificationStatus"))
    if {"refuted", "entered-in-error"} & refuted:
        found.put_aside(f"its verification status is {', '.join(sorted(refuted))}")
        return
    if not words_of(condition.get("code"), "condition"):
        other = words_of(condition.get("code"), "other_condition")
        name = concept_words(condition.get("code"))
        if other:
            label = codes().concept("other_condition", other[0]).label
            found.put_aside(
                f"{label} is not pattern hair loss; this program does not forecast it, so ask a dermatologist"
            )
        else:
            found.put_aside(f"the condition {name} is not one that a person file holds")
        return
    exact = extension_of(condition, YEARS)
    if exact is not None:
        span = exact.get("valueRange", {})
        low, high = (number_of(span.get(end), f"{found.here}.extension") for end in ("low", "high"))
        found.say("person", "years_of_loss", low if low == high else [low, high])
        return
    onset = _onset(condition, found, as_of)
    if onset is not None:
        found.say("person", *onset)


def _onset(condition: Json, found: Found, as_of: date) -> tuple[str, Any] | None:
    """The key and value that a foreign onset gives."""
    if "onsetAge" in condition:
        unit_of(condition["onsetAge"], ("years",), f"{found.here}.onsetAge")
        return "onset_age", number_of(condition["onsetAge"], f"{found.here}.onsetAge")
    if "onsetRange" in condition:
        span = condition["onsetRange"]
        return "onset_age", [number_of(span.get(end), f"{found.here}.onsetRange") for end in ("low", "high")]
    if "onsetDateTime" in condition:
        began = day_of(condition["onsetDateTime"], f"{found.here}.onsetDateTime")
        return "years_of_loss", round((as_of - began).days / DAYS_PER_YEAR, 2)
    return None


def words(concept: Json | None) -> set[str]:
    """The codes of a CodeableConcept, whatever their system."""
    return {str(item.get("code")) for item in (concept or {}).get("coding", [])}


def read_relative(history: Json, found: Found) -> None:
    """A relative with hair loss."""
    relative = word_of(history.get("relationship"), "relative")
    ours = any("pattern hair loss" in concept_words(item.get("code")).lower() for item in history.get("condition", []))
    coded_loss = any(words_of(item.get("code"), "condition") for item in history.get("condition", []))
    if not (ours or coded_loss):
        found.put_aside("it does not say pattern hair loss")
    elif relative is None:
        found.put_aside(
            f"the relative {concept_words(history.get('relationship'))} is not one that a person file names"
        )
    else:
        family = found.data.setdefault("person", {}).setdefault("family", [])
        if relative not in family:
            family.append(relative)


def read_scalp(observation: Json, key: str, found: Found) -> None:
    """What the scalp or hair looks like."""
    value = observation.get("valueBoolean")
    found.say("scalp", key, word_of(observation.get("valueCodeableConcept"), key) if value is None else value)
