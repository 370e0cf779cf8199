"""What made the entries of a Bundle, and from what: the program with its version, the knowledge, the seed."""

from __future__ import annotations

from datetime import date

from follicast.decisions.result import PlanResult
from follicast.knowledge.codes import codes
from follicast.outputs.exchange.fhir.elements import Entries, Json
from follicast.version import VERSION


def instant(day: date) -> str:
    """The first moment of a day: a file of the same content is the same file, whenever it is written."""
    return f"{day.isoformat()}T00:00:00Z"


def write_provenance(as_of: date, subject: Json, plan: PlanResult | None, planned: list[Json], out: Entries) -> None:
    """Adds the program as a Device, and a Provenance of the record and of the plan."""
    program = _program(VERSION, out)
    _provenance(as_of, [subject], program, [], out)
    if plan is not None:
        if plan.follicast_version != VERSION:
            program = _program(plan.follicast_version, out)
        known = (("knowledge-hash", plan.knowledge_hash), ("seed", str(plan.seed)))
        _provenance(plan.as_of, planned, program, [_entity(*pair) for pair in known], out)


def _program(version: str, out: Entries) -> Json:
    device = {
        "resourceType": "Device",
        "deviceName": [{"name": "Follicast", "type": "other"}],
        "version": [{"value": version}],
        "type": {"text": "Software: forecast of hair, follicle by follicle; not a diagnosis"},
    }
    return out.add(device)


def _entity(name: str, value: str) -> Json:
    return {"role": "source", "what": {"identifier": {"system": f"{codes().canonical}/{name}", "value": value}}}


def _provenance(as_of: date, target: list[Json], program: Json, entity: list[Json], out: Entries) -> None:
    made: Json = {
        "resourceType": "Provenance",
        "target": target,
        "recorded": instant(as_of),
        "agent": [{"type": {"text": "assembler"}, "who": program}],
    }
    out.add(made | ({"entity": entity} if entity else {}))
