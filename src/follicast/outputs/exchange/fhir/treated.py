"""Treatments and transplants so far: MedicationStatement for drugs, Procedure for courses, sessions and operations."""

from __future__ import annotations

from typing import Any

from follicast.knowledge.codes import Concept, codes
from follicast.outputs.exchange.fhir.elements import (
    Entries,
    Json,
    coded,
    coding,
    day,
    day_of,
    extension,
    extension_of,
    own_url,
    quantity,
    value_of,
    word_of,
)
from follicast.outputs.exchange.fhir.found import Found
from follicast.outputs.exchange.fhir.trees import kept, table_kept
from follicast.people.write import Data

TRANSPLANT = "transplant"
ADHERENCE = "adherence"
SESSION = "session-date"
GRAFTS, SURVIVAL, TECHNIQUE, SHARE = "grafts", "graft-survival", "technique", "grafts-by-zone"


def medication(concept: Concept) -> Json:
    """A drug as a Medication to be contained: ingredient and strength, which decide what it is, beside the codes."""
    made: Json = {
        "resourceType": "Medication",
        "id": "drug",
        "code": {"coding": coding(concept), "text": concept.label},
    }
    drug = concept.drug
    if drug is None:
        return made
    table = codes()
    ingredients = [{"system": table.systems[c.system], "code": c.code} for c in concept.codes if c.names_ingredient]
    named: Json = {"text": drug.ingredient} | ({"coding": ingredients} if ingredients else {})
    made["ingredient"] = [{"itemCodeableConcept": named}]
    if drug.low == drug.high:
        made["ingredient"][0]["strength"] = _strength(drug.low, drug.unit)
    return made


def _strength(amount: float, unit: str) -> Json:
    """A strength as a Ratio: mg in a dose, or g in 100 mL for a percentage."""
    if unit == "mg":
        return {"numerator": quantity(amount, "mg"), "denominator": quantity(1, "{dose}")}
    return {"numerator": quantity(amount, "g"), "denominator": quantity(100, "mL")}


def write_treatments(data: Data, out: Entries, subject: Json) -> None:
    """Adds what was used so far, and takes it out of `data`."""
    for block in data.pop("treatments", []):
        concept = codes().concept("therapy", block.pop("therapy"))
        if concept.drug is None:
            _write_course(block, concept, out, subject)
        else:
            out.add(_statement(block, concept, subject))
    for block in data.pop("transplants", []):
        out.add(_operation(block, subject))


def _used(block: Data, subject: Json) -> Json:
    """What a drug and a course share: when, how regularly, and the words that go with it."""
    period = {"start": day(block.pop("start"))}
    status = "active"
    if "end" in block:
        period["end"], status = day(block.pop("end")), "completed"
    extensions = []
    if "adherence" in block:
        extensions.append(extension(ADHERENCE, valueDecimal=block.pop("adherence")))
    notes = [{"text": block.pop("notes")}] if "notes" in block else []
    return {"status": status, "period": period, "subject": subject, "extension": extensions, "note": notes}


def _statement(block: Data, concept: Concept, subject: Json) -> Json:
    used = _used(block, subject)
    used["extension"] += [extension(SESSION, valueDate=day(when)) for when in block.pop("sessions", [])]
    assert concept.drug is not None
    statement = {
        "resourceType": "MedicationStatement",
        "status": used["status"],
        "contained": [medication(concept)],
        "medicationReference": {"reference": "#drug", "display": concept.label},
        "subject": subject,
        "effectivePeriod": used["period"],
        "dosage": [{"route": coded("route", concept.drug.route)}],
        "note": used["note"],
        "extension": used["extension"] + kept(block),
    }
    return {key: value for key, value in statement.items() if value != []}


def _write_course(block: Data, concept: Concept, out: Entries, subject: Json) -> None:
    """A course of something that is no drug, and its sessions as parts of it."""
    used = _used(block, subject)
    sessions = block.pop("sessions", [])
    course = {
        "resourceType": "Procedure",
        "status": "in-progress" if used["status"] == "active" else "completed",
        "code": {"coding": coding(concept), "text": concept.label},
        "subject": subject,
        "performedPeriod": used["period"],
        "note": used["note"],
        "extension": used["extension"] + kept(block),
    }
    whole = out.add({key: value for key, value in course.items() if value != []})
    for when in sessions:
        out.add(
            {
                "resourceType": "Procedure",
                "status": "completed",
                "partOf": [whole],
                "code": coded("event", "session"),
                "subject": subject,
                "performedDateTime": day(when),
            }
        )


def _operation(block: Data, subject: Json) -> Json:
    extensions = []
    zones = block.pop("zones", [])
    if isinstance(zones, dict):
        for zone, grafts in zones.items():
            parts = [{"url": "zone", "valueCode": zone}, {"url": "grafts", "valueInteger": grafts}]
            extensions.append(extension(SHARE, extension=parts))
    if "grafts" in block:
        extensions.append(extension(GRAFTS, valueInteger=block.pop("grafts")))
    if "survival" in block:
        extensions.append(extension(SURVIVAL, valueDecimal=block.pop("survival")))
    if "technique" in block:
        extensions.append(extension(TECHNIQUE, valueCode=block.pop("technique")))
    operation = {
        "resourceType": "Procedure",
        "status": "completed",
        "code": coded("therapy", TRANSPLANT),
        "subject": subject,
        "performedDateTime": day(block.pop("date")),
        "bodySite": [coded("site", zone) for zone in zones],
        "extension": extensions + kept(block),
    }
    return {key: value for key, value in operation.items() if value != []}


# --- read ----------------------------------------------------------------------------------------------------------


def used_block(resource: Json, period: Json, found: Found) -> Data:
    """When and how regularly something was used."""
    block: Data = table_kept(resource)
    block["start"] = day_of(period.get("start"), f"{found.here}: the start")
    if "end" in period:
        block["end"] = day_of(period["end"], f"{found.here}: the end")
    adherence = extension_of(resource, ADHERENCE)
    if adherence is not None:
        block["adherence"] = value_of(adherence)
    notes = " ".join(note.get("text", "") for note in resource.get("note", []))
    if notes:
        block["notes"] = notes
    url = own_url(SESSION)
    dates = [day_of(value_of(part), found.here) for part in resource.get("extension", []) if part.get("url") == url]
    return block | ({"sessions": dates} if dates else {})


def read_procedure(procedure: Json, found: Found) -> None:
    """A course, or an operation; a session is read with its course, or makes one of its own."""
    if procedure.get("status") in ("preparation", "not-done", "entered-in-error", "unknown"):
        found.put_aside(f"its status is {procedure['status']}")
        return
    if "event.session" in _own(procedure.get("code")) and procedure.get("partOf"):
        return
    therapy = word_of(procedure.get("code"), "therapy")
    if therapy == TRANSPLANT:
        found.block("transplants", _transplant(procedure, found))
    elif therapy is None:
        found.put_aside("the procedure is not one that a person file holds")
    elif procedure.get("performedPeriod") or not procedure.get("performedDateTime"):
        found.block("treatments", _course(procedure, therapy, found))
    else:
        _session(procedure, therapy, found)


def _session(procedure: Json, therapy: str, found: Found) -> None:
    """A session without a course: with the others of its therapy it makes one, whichever entry it is."""
    block = _course(procedure, therapy, found)
    held = [block for block in found.data.get("treatments", []) if block["therapy"] == therapy]
    if any(set(block["sessions"]) <= set(known.get("sessions", [])) for known in held):
        return
    bare = {"start", "end", "therapy", "sessions"}
    alone = found.loose.get(therapy)
    if alone is None or set(block) != bare:
        found.block("treatments", block)
        if set(block) == bare:
            found.loose[therapy] = block
        return
    days = sorted({*alone["sessions"], *block["sessions"]})
    alone |= {"sessions": days, "start": days[0], "end": days[-1]}


def _own(concept: Json | None) -> list[str]:
    return [str(item.get("code")) for item in (concept or {}).get("coding", [])]


def _course(procedure: Json, therapy: str, found: Found) -> Data:
    when = procedure.get("performedDateTime")
    period = procedure.get("performedPeriod") or {"start": when, "end": when}
    block = used_block(procedure, period, found) | {"therapy": therapy}
    sessions = [
        day_of(part.get("performedDateTime"), found.here)
        for part in found.resources.values()
        if part.get("resourceType") == "Procedure"
        and any(found.resource(whole, part) is procedure for whole in _wholes(part))
    ]
    if when and "performedPeriod" not in procedure:
        sessions.append(block["start"])
    return block | ({"sessions": sorted(set(sessions))} if sessions else {})


def _wholes(part: Json) -> list[Any]:
    """What a procedure says that it is part of; nothing where the file is damaged there."""
    held = part.get("partOf")
    return held if isinstance(held, list) else []


def _transplant(procedure: Json, found: Found) -> Data:
    when: Any = procedure.get("performedDateTime") or procedure.get("performedPeriod", {}).get("start")
    block: Data = table_kept(procedure) | {"date": day_of(when, f"{found.here}.performedDateTime")}
    zones = [word_of(site, "site") for site in procedure.get("bodySite", [])]
    if None in zones:
        found.put_aside("one of its body sites is not a zone that we know; the rest was read")
    shares = {}
    for part in procedure.get("extension", []):
        if part.get("url") == own_url(SHARE):
            values = {piece.get("url"): value_of(piece) for piece in part.get("extension", [])}
            shares[str(values.get("zone"))] = values.get("grafts")
    if shares:
        block["zones"] = shares
    elif any(zones):
        block["zones"] = [zone for zone in zones if zone is not None]
    for name, key in ((GRAFTS, "grafts"), (SURVIVAL, "survival"), (TECHNIQUE, "technique")):
        held = extension_of(procedure, name)
        if held is not None:
            block[key] = value_of(held)
    return block
