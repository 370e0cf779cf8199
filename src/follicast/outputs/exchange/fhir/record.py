"""A person as entries of a Bundle: resources where FHIR has them, a QuestionnaireResponse for all the rest."""

from __future__ import annotations

import copy
import hashlib
import json
from datetime import date

from follicast.knowledge.codes import codes
from follicast.outputs.exchange.fhir.background import write_background, write_patient
from follicast.outputs.exchange.fhir.elements import Entries, Json, day
from follicast.outputs.exchange.fhir.health_record import write_health
from follicast.outputs.exchange.fhir.observed import write_readings
from follicast.outputs.exchange.fhir.treated import write_treatments
from follicast.outputs.exchange.fhir.trees import items
from follicast.people.person import Person
from follicast.people.write import Data, person_data

QUESTIONNAIRE = "Questionnaire/person-file"


def write_record(person: Person, *, named: bool) -> tuple[Entries, Json]:
    """The person's own record.

    Args:
        person: who.
        named: also give the label, which may be a name; the addresses of the entries do not follow from it.

    Returns:
        The entries so far, and the reference to the Patient.
    """
    data = copy.deepcopy(person_data(person))
    as_of: date = data.pop("as_of")
    out = Entries(_seed(data))
    subject = write_patient(data, out, named=named)
    write_background(data, out, subject, as_of)
    write_readings(data, out, subject)
    write_treatments(data, out, subject)
    write_health(data, out, subject, as_of)
    left = {key: value for key, value in data.items() if value not in ({}, []) or key == "examination"}
    if left:
        out.add(
            {
                "resourceType": "QuestionnaireResponse",
                "questionnaire": f"{codes().canonical}/{QUESTIONNAIRE}",
                "status": "completed",
                "subject": subject,
                "authored": day(as_of),
                "item": items(left),
            }
        )
    return out, subject


def _seed(data: Data) -> str:
    """A digest of what is known, the label left out: with it a guessed name could be confirmed."""
    person = {key: value for key, value in data["person"].items() if key != "label"}
    said = json.dumps(data | {"person": person}, sort_keys=True, default=date.isoformat)
    return hashlib.sha256(said.encode()).hexdigest()
