"""The small parts of FHIR resources: coded words, quantities, references, our own extensions; and reading them back."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any, TypeAlias

from follicast.knowledge.codes import LOCAL, UCUM, Concept, codes
from follicast.quantities import InputError

Json: TypeAlias = dict[str, Any]
"""One JSON object of FHIR."""


class Entries:
    """The entries of a Bundle as they are made. An address follows from the seed and the place, so it is repeatable."""

    def __init__(self, seed: str) -> None:
        self._space = uuid.uuid5(uuid.NAMESPACE_URL, f"{codes().canonical}/{seed}")
        self.entries: list[Json] = []

    def add(self, resource: Json) -> Json:
        """Puts a resource at the end and returns a reference to it."""
        address = uuid.uuid5(self._space, f"{resource['resourceType']}/{len(self.entries)}")
        named = {"resourceType": resource["resourceType"], "id": str(address)} | resource
        self.entries.append({"fullUrl": f"urn:uuid:{address}", "resource": named})
        return {"reference": f"urn:uuid:{address}"}


def own_url(name: str) -> str:
    """The address of one of our extensions."""
    return f"{codes().canonical}/StructureDefinition/{name}"


def coding(concept: Concept) -> list[Json]:
    """The codings of a concept: ours with our label, then those of public systems that mean the whole of it."""
    table = codes()
    public = [
        {"system": table.systems[code.system], "code": code.code} for code in concept.codes if not code.names_ingredient
    ]
    own = {"system": table.systems[LOCAL], "version": table.version, "code": concept.own_code, "display": concept.label}
    return [own, *public]


def coded(section: str, key: str) -> Json:
    """A word of the person file as a CodeableConcept."""
    concept = codes().concept(section, key)
    return {"coding": coding(concept), "text": concept.label}


def quantity(value: float, unit: str) -> Json:
    """A number with a unit word of the person file as a Quantity in UCUM."""
    table = codes()
    return {"value": value, "unit": unit, "system": table.systems[UCUM], "code": table.ucum(unit)}


def extension(name: str, **value: Any) -> Json:
    """One of our extensions; the one keyword is its value[x], or `extension` for parts."""
    return {"url": own_url(name), **value}


def day(value: date) -> str:
    """A day as FHIR writes it."""
    return value.isoformat()


def without_nothing(resource: Json) -> Json:
    """The resource without what has no value; FHIR allows no empty element."""
    return {key: value for key, value in resource.items() if value not in (None, [], {}, "")}


# --- reading back --------------------------------------------------------------------------------------------------


def words_of(concept: Json | None, section: str) -> list[str]:
    """Which words of one section a CodeableConcept means, ours first; none if it is not known there."""
    found = [
        concept_.key
        for item in (concept or {}).get("coding", [])
        for concept_ in codes().find(item.get("system", ""), item.get("code", ""), section)
    ]
    return list(dict.fromkeys(found))


def word_of(concept: Json | None, section: str) -> str | None:
    """The one word of a section that a CodeableConcept means; None if none or several."""
    found = words_of(concept, section)
    return found[0] if len(found) == 1 else None


def own_codes(concept: Json | None) -> list[str]:
    """The codes of a CodeableConcept that belong to our own code system."""
    own = codes().systems[LOCAL]
    return [item.get("code", "") for item in (concept or {}).get("coding", []) if item.get("system") == own]


def concept_words(concept: Json | None) -> str:
    """A CodeableConcept in words: its text, else the first coding's display, else its code."""
    held = concept or {}
    first: Json = next(iter(held.get("coding", [])), {})
    words = held.get("text") or first.get("display") or f"{first.get('system', '?')} {first.get('code', '?')}"
    return " ".join(str(words).split())[:80]


def extension_of(resource: Json, name: str) -> Json | None:
    """Our extension of this name, if the resource has it."""
    url = own_url(name)
    return next((item for item in resource.get("extension", []) if item.get("url") == url), None)


def value_of(part: Json | None) -> Any:
    """The value[x] of an extension or answer, whatever its type."""
    return next((value for key, value in (part or {}).items() if key.startswith("value")), None)


def day_of(text: Any, place: str) -> date:
    """The day of a FHIR date, dateTime or instant.

    Raises:
        InputError: it is missing, or says only a month or a year.
    """
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        raise InputError(f"{place}: {text!r} does not say a day; a date such as 2026-03-31 is needed.") from None


def unit_of(value: Json, allowed: Sequence[str], place: str) -> str:
    """The unit word of a Quantity, by its UCUM code, else by its text.

    Raises:
        InputError: the unit is missing or not one of those allowed.
    """
    table = codes()
    code = value.get("code") if value.get("system") == table.systems[UCUM] else value.get("unit")
    said = value.get("unit")
    if said in allowed and table.ucum(str(said)) == code:
        return str(said)
    word = table.unit_word(str(code), tuple(allowed))
    if word is None:
        wanted = ", ".join(table.ucum(unit) for unit in allowed)
        raise InputError(f"{place}: the unit {code!r} does not fit; allowed are {wanted} (UCUM).")
    return word


def number_of(value: Any, place: str) -> float:
    """The number of a Quantity.

    Raises:
        InputError: there is none, or it is only a bound.
    """
    held = value if isinstance(value, dict) else {}
    number = held.get("value")
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise InputError(f"{place}: has no number.")
    if held.get("comparator"):
        raise InputError(f"{place}: {held['comparator']}{number} is a bound, not a number.")
    return float(number)
