"""Our own code system as a FHIR CodeSystem, for what no public system has a code."""

from __future__ import annotations

from follicast.knowledge.codes import LOCAL, codes
from follicast.outputs.exchange.fhir.elements import Json
from follicast.people.person import SYSTEM_LABELS
from follicast.people.read import GRADES

DESCRIPTION = (
    "Words of the Follicast person file for hair, scalp and treatment. No LOINC code was found for hair density, hair "
    "diameter or the grading systems. Codes are section.word; a BASP type is grade.basp. and the type, such as "
    "grade.basp.M2F1V1, by the grammar of that concept's definition. Nobody has reviewed this code system yet."
)


def code_system() -> Json:
    """The CodeSystem resource: every concept of codes.toml, and every grade."""
    table = codes()
    concepts = []
    for concept in table.concepts.values():
        made = {"code": concept.own_code, "display": concept.label}
        concepts.append(made | ({"definition": concept.definition} if concept.definition else {}))
    for system, grades in GRADES.items():
        concepts += [
            {"code": f"grade.{system}.{grade}", "display": f"{SYSTEM_LABELS[system]} {grade}"} for grade in grades
        ]
    return {
        "resourceType": "CodeSystem",
        "url": table.systems[LOCAL],
        "version": table.version,
        "name": "FollicastHair",
        "title": "Hair, scalp and treatment words of Follicast",
        "status": "draft",
        "experimental": True,
        "description": DESCRIPTION,
        "caseSensitive": True,
        "compositional": True,
        "content": "complete",
        "count": len(concepts),
        "concept": concepts,
    }
