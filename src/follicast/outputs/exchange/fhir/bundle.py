"""The Bundle: put together, checked against the published definitions, and written as the same bytes every time."""

from __future__ import annotations

import json

from follicast.decisions.booking.record import Schedule
from follicast.decisions.result import PlanResult
from follicast.knowledge.codes import codes
from follicast.outputs.exchange.fhir.code_system import code_system
from follicast.outputs.exchange.fhir.elements import Json
from follicast.outputs.exchange.fhir.made_by import instant, write_provenance
from follicast.outputs.exchange.fhir.planned import PlanStatus, write_plan
from follicast.outputs.exchange.fhir.record import write_record
from follicast.outputs.exchange.fhir.visits import GIVEN, visits_of
from follicast.people.person import Person


def render_bundle(
    person: Person,
    plan: PlanResult | None = None,
    schedule: Schedule | None = None,
    *,
    status: PlanStatus = "draft",
    named: bool = False,
) -> bytes:
    """A person, and their plan if there is one, as a FHIR R4 Bundle in UTF-8.

    Args:
        person: whose record it is.
        plan: the answer of `follicast plan` for them.
        schedule: the appointments as they were kept since; None = those of the plan.
        status: of the plan; "active" once somebody who may has agreed to it.
        named: also give the label of the person file, which may be a name.

    Raises:
        ValueError: the Bundle is not valid FHIR, which is a fault of this program.
    """
    out, subject = write_record(person, named=named)
    visits = visits_of(plan, schedule) if plan is not None else []
    planned = write_plan(plan, visits, status, out, subject) if plan is not None else []
    write_provenance(person.as_of, subject, plan, planned, out)
    out.add(code_system())
    bundle: Json = {
        "resourceType": "Bundle",
        "identifier": {"system": f"{codes().canonical}/bundle", "value": out.entries[0]["resource"]["id"]},
        "type": "collection",
        "timestamp": instant(max([person.as_of, *(visit.date for visit in visits if visit.status in GIVEN)])),
        "entry": out.entries,
    }
    check(bundle)
    return (json.dumps(bundle, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def check(resource: Json) -> None:
    """Validates a resource against the published definitions (R4B, which is R4 for every resource used here).

    Raises:
        ValueError: it is not valid, with what is wrong where.
    """
    from fhir.resources.R4B import get_fhir_model_class

    get_fhir_model_class(resource["resourceType"]).model_validate(resource)
