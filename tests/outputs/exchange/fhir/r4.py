"""FHIR R4 (4.0.1) as published: the elements of every type that our Bundles use, taken from the definitions once.

Each type's elements with their types; * marks a list, ! a required one. R4B, which the library validates against, has
the same for these types, and this table is what shows it.
"""

import json
from pathlib import Path
from typing import Any

TYPES: dict[str, dict[str, str]] = json.loads((Path(__file__).parent / "r4-elements.json").read_text(encoding="utf-8"))
PRIMITIVE = {"string": str, "number": (int, float), "boolean": bool}


def faults(kind: str, value: Any, place: str = "") -> list[str]:
    """Everything in a JSON object that FHIR R4 does not know, or that it misses."""
    if kind in PRIMITIVE:
        wrong = not isinstance(value, PRIMITIVE[kind]) or (kind == "number" and isinstance(value, bool))
        return [f"{place}: {value!r} is not a {kind}"] if wrong or value == "" else []
    if kind == "Resource":
        kind = value["resourceType"]
    if kind not in TYPES:
        return [f"{place}: the type {kind} is not in the table"]
    if not isinstance(value, dict) or not value:
        return [f"{place}: {value!r} is not a {kind}"]
    elements = TYPES[kind]
    found = [f"{place}: {key} is missing" for key, of in elements.items() if of.endswith("!") and key not in value]
    for key, part in value.items():
        here = f"{place}.{key}"
        of = elements.get(key)
        if key == "resourceType":
            continue
        if of is None:
            found.append(f"{here}: R4 has no such element")
        elif of.startswith("*") != isinstance(part, list) or part == []:
            found.append(f"{here}: {part!r} must be {'a filled list' if of.startswith('*') else 'one value'}")
        else:
            for item in part if isinstance(part, list) else [part]:
                found += faults(of.strip("*!"), item, here)
    return found
