"""What safety rules read, as far as FHIR has a place for it: laboratory, medicines, allergies, pull test, sebum."""

from __future__ import annotations

from datetime import date

from follicast.knowledge.codes import codes
from follicast.knowledge.labs import analytes
from follicast.outputs.exchange.fhir.background import words
from follicast.outputs.exchange.fhir.elements import (
    Entries,
    Json,
    coded,
    concept_words,
    day,
    day_of,
    number_of,
    quantity,
    unit_of,
    word_of,
)
from follicast.outputs.exchange.fhir.found import Found
from follicast.outputs.exchange.fhir.trees import kept, table_kept
from follicast.people.read_health import SEBUM_UNITS
from follicast.people.write import Data

CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
ALLERGY_STATUS = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
SEBUM = tuple(SEBUM_UNITS)


def write_health(data: Data, out: Entries, subject: Json, as_of: date) -> None:
    """Adds what FHIR has resources for, and takes it out of `data`; answers without one stay for the questionnaire."""
    for block in data.pop("labs", []):
        out.add(_lab(block, subject))
    for block in data.pop("medications", []):
        out.add(_medication(block, subject))
    conditions = data.get("conditions", {})
    base = {"resourceType": "Observation", "status": "final", "subject": subject, "effectiveDateTime": day(as_of)}
    if "pregnant" in conditions:
        answer = coded("pregnancy", "yes" if conditions.pop("pregnant") else "no")
        out.add(base | {"code": coded("pregnancy", "status"), "valueCodeableConcept": answer})
    if "partner_pregnancy" in conditions:
        answer = coded("partner", conditions.pop("partner_pregnancy"))
        out.add(base | {"code": coded("partner", "status"), "valueCodeableConcept": answer})
    if "phq2" in conditions:
        out.add(base | {"code": coded("mood", "phq2"), "valueInteger": conditions.pop("phq2")})
    for allergen in conditions.pop("allergy", []):
        active = {"coding": [{"system": ALLERGY_STATUS, "code": "active"}]}
        allergy = {"resourceType": "AllergyIntolerance", "clinicalStatus": active, "code": coded("allergen", allergen)}
        out.add(allergy | {"patient": subject, "recordedDate": day(as_of)})
    examination = data.get("examination", {})
    seen = base | {"effectiveDateTime": day(examination.get("date", as_of))}
    if "pull_test" in examination:
        out.add(seen | _pull_test(examination.pop("pull_test")))
    if "sebum" in examination:
        out.add(seen | _sebum(examination.pop("sebum")))


def _lab(block: Data, subject: Json) -> Json:
    unit, analyte = block.pop("unit"), block.pop("analyte")
    made: Json = {
        "resourceType": "Observation",
        "status": "final",
        "category": [{"coding": [{"system": CATEGORY, "code": "laboratory"}]}],
        "code": coded("lab", analyte),
        "subject": subject,
        "effectiveDateTime": day(block.pop("date")),
        "valueQuantity": quantity(block.pop("value"), unit),
    }
    ends = {end: quantity(block.pop(end), unit) for end in ("low", "high") if end in block}
    left = kept(block)
    return made | ({"referenceRange": [ends]} if ends else {}) | ({"extension": left} if left else {})


def _medication(block: Data, subject: Json) -> Json:
    period = {name: day(block.pop(key)) for key, name in (("start", "start"), ("stop", "end")) if key in block}
    made: Json = {
        "resourceType": "MedicationStatement",
        "status": "completed" if "end" in period else "active",
        "medicationCodeableConcept": {"text": block.pop("name")},
        "subject": subject,
    }
    if "indication" in block:
        made["reasonCode"] = [{"text": block.pop("indication")}]
    left = kept(block)
    return made | ({"effectivePeriod": period} if period else {}) | ({"extension": left} if left else {})


def _pull_test(pull: Data) -> Json:
    hairs = [{"code": coded("component", "pull_hairs"), "valueInteger": count} for count in pull.pop("hairs")]
    bundle = {"code": coded("component", "pull_bundle"), "valueInteger": pull.pop("bundle")}
    left = kept(pull)
    test = {"code": coded("examination", "pull_test"), "component": [*hairs, bundle]}
    return test | ({"extension": left} if left else {})


def _sebum(sebum: Data) -> Json:
    made: Json = {
        "code": coded("examination", "sebum"),
        "valueQuantity": quantity(sebum.pop("value"), sebum.pop("unit")),
    }
    made["device"] = {"display": sebum.pop("device")}
    left = kept(sebum)
    return made | ({"extension": left} if left else {})


# --- read ----------------------------------------------------------------------------------------------------------


def read_lab(observation: Json, analyte: str, found: Found) -> None:
    """A laboratory value in any unit of its analyte.

    Raises:
        InputError: no number, or a unit that the analyte is not measured in.
    """
    place = f"{found.here}.valueQuantity"
    units = tuple(analytes()[analyte].units)
    unit = unit_of(observation.get("valueQuantity", {}), units, place)
    block: Data = table_kept(observation) | {
        "analyte": analyte,
        "date": day_of(observation.get("effectiveDateTime"), f"{found.here}.effectiveDateTime"),
        "value": number_of(observation["valueQuantity"], place),
        "unit": unit,
    }
    for span in observation.get("referenceRange", [])[:1]:
        for end in ("low", "high"):
            if end in span and unit_of(span[end], units, place) == unit:
                block[end] = number_of(span[end], place)
    found.block("labs", block)


def read_answer(observation: Json, section: str, found: Found) -> None:
    """Pregnancy, a partner's pregnancy, or the score of the depression screen."""
    answer = observation.get("valueCodeableConcept")
    if section == "mood":
        found.say("conditions", "phq2", observation.get("valueInteger"))
        return
    word = word_of(answer, section)
    if word is None:
        found.put_aside(f"the answer {concept_words(answer)} is not known")
    elif section == "partner":
        found.say("conditions", "partner_pregnancy", word)
    else:
        found.say("conditions", "pregnant", word == "yes")


def read_allergy(allergy: Json, found: Found) -> None:
    """An allergy that a safety rule asks about."""
    word = word_of(allergy.get("code"), "allergen")
    by_name = {concept.label.lower(): concept.key for concept in codes().section("allergen").values()}
    word = word or by_name.get(concept_words(allergy.get("code")).lower())
    status = words(allergy.get("clinicalStatus")) | words(allergy.get("verificationStatus"))
    if status & {"inactive", "resolved", "refuted", "entered-in-error"}:
        found.put_aside(f"its status is {', '.join(sorted(status))}")
    elif word is None:
        found.put_aside(f"no safety rule asks about {concept_words(allergy.get('code'))}")
    else:
        found.data.setdefault("conditions", {}).setdefault("allergy", []).append(word)


def read_examined(observation: Json, key: str, found: Found) -> None:
    """A hair-pull test or a sebum reading.

    Raises:
        InputError: sebum in a unit of no device that is known.
    """
    block: Data = table_kept(observation)
    if key == "pull_test":
        block["hairs"] = []
        for part in observation.get("component", []):
            name = word_of(part.get("code"), "component")
            if name == "pull_hairs":
                block["hairs"].append(part.get("valueInteger"))
            elif name == "pull_bundle":
                block["bundle"] = part.get("valueInteger")
    else:
        value, place = observation.get("valueQuantity", {}), f"{found.here}.valueQuantity"
        block |= {"unit": unit_of(value, SEBUM, place), "value": number_of(value, place)}
        block["device"] = observation.get("device", {}).get("display")
    found.say("examination", key, block)
