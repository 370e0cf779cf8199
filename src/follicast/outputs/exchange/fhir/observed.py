"""Readings of hair and scalp as Observations, and back: counts, diameters, sheds, grades, what set off a shed."""

from __future__ import annotations

from typing import Any

from follicast.knowledge.codes import codes
from follicast.outputs.exchange.fhir.elements import (
    Entries,
    Json,
    coded,
    coding,
    concept_words,
    day,
    day_of,
    number_of,
    own_codes,
    quantity,
    unit_of,
    word_of,
)
from follicast.outputs.exchange.fhir.found import Found
from follicast.outputs.exchange.fhir.trees import kept, table_kept
from follicast.people.person import SYSTEM_LABELS
from follicast.people.readings import FACTORS
from follicast.people.write import Data
from follicast.quantities import InputError

COMPONENT_UNITS = {"threshold_um": "um", "area_cm2": "cm2"}


def _observation(block: Data, subject: Json) -> Json:
    """What every reading has: it is final, about the person, of one day."""
    return {
        "resourceType": "Observation",
        "status": "final",
        "subject": subject,
        "effectiveDateTime": day(block.pop("date")),
    }


def write_readings(data: Data, out: Entries, subject: Json) -> None:
    """Adds measurements, grades and insults, and takes them out of `data`."""
    for block in data.pop("measurements", []):
        out.add(_measurement(block, subject))
    for block in data.pop("grades", []):
        out.add(_grade(block, subject))
    for block in data.pop("insults", []):
        observation = _observation(block, subject) | {
            "code": coded("trigger", "event"),
            "valueCodeableConcept": coded("trigger", block.pop("kind")),
        }
        out.add(observation | _rest(block))


def _rest(block: Data) -> Json:
    """Keys that no element took."""
    left = kept(block)
    return {"extension": left} if left else {}


def _measurement(block: Data, subject: Json) -> Json:
    observation = _observation(block, subject)
    name, unit = block.pop("quantity"), block.pop("unit")
    observation |= {"code": coded("quantity", name), "valueQuantity": quantity(block.pop("value"), unit)}
    if "site" in block:
        observation["bodySite"] = coded("site", block.pop("site"))
    if "method" in block:
        observation["method"] = coded("method", block.pop("method"))
    units = COMPONENT_UNITS | {"sd": unit}
    component = [
        {"code": coded("component", key), "valueQuantity": quantity(block.pop(key), of)}
        for key, of in units.items()
        if key in block
    ]
    if "matched_site" in block:
        component.append({"code": coded("component", "matched_site"), "valueBoolean": block.pop("matched_site")})
    return observation | ({"component": component} if component else {}) | _rest(block)


def _grade(block: Data, subject: Json) -> Json:
    observation = _observation(block, subject)
    system, grade = block.pop("system"), block.pop("grade")
    concept = codes().concept("grade", system)
    observation["code"] = {"coding": coding(concept), "text": concept.label}
    if system == "salt":
        observation["valueQuantity"] = quantity(grade, "percent")
    else:
        own = coding(concept)[0]
        words = f"{SYSTEM_LABELS[system]} {grade}"
        observation["valueCodeableConcept"] = {
            "coding": [own | {"code": f"{concept.own_code}.{grade}", "display": words}],
            "text": words,
        }
    if "rater" in block:
        observation["method"] = coded("rater", block.pop("rater"))
    return observation | _rest(block)


# --- read ----------------------------------------------------------------------------------------------------------


def _effective(observation: Json, found: Found) -> Any:
    period = observation.get("effectivePeriod", {})
    when = observation.get("effectiveDateTime") or observation.get("effectiveInstant") or period.get("start")
    return day_of(when, f"{found.here}.effectiveDateTime")


def read_measurement(observation: Json, name: str, found: Found) -> None:
    """A number of hair, in any unit that its quantity can be given in.

    Raises:
        InputError: no number, or a unit that does not fit.
    """
    place = f"{found.here}.valueQuantity"
    value = observation.get("valueQuantity", {})
    units = tuple(next(factors for known, factors in FACTORS.items() if known == name))
    block: Data = table_kept(observation) | {
        "date": _effective(observation, found),
        "quantity": name,
        "value": number_of(value, place),
        "unit": unit_of(value, units, place),
    }
    for key, section, element in (("site", "site", "bodySite"), ("method", "method", "method")):
        if element in observation:
            block[key] = _known(observation[element], section, f"{found.here}.{element}")
    for part in observation.get("component", []):
        _read_component(part, block, found)
    found.block("measurements", block)


def _known(concept: Json, section: str, place: str) -> str:
    """The word of a section that a concept means.

    Raises:
        InputError: it means none of them.
    """
    word = word_of(concept, section)
    if word is None:
        allowed = ", ".join(item.own_code for item in codes().section(section).values())
        raise InputError(f"{place}: {concept_words(concept)!r} is not known; allowed are our codes {allowed}.")
    return word


def _read_component(part: Json, block: Data, found: Found) -> None:
    key = word_of(part.get("code"), "component")
    place = f"{found.here}.component"
    if key == "matched_site":
        block[key] = part.get("valueBoolean")
    elif key == "sd":
        unit = unit_of(part.get("valueQuantity", {}), (block["unit"],), place)
        block[key] = number_of(part["valueQuantity"], f"{place} in {unit}")
    elif key in COMPONENT_UNITS:
        value = part.get("valueQuantity", {})
        unit_of(value, (COMPONENT_UNITS[key],), place)
        block[key] = number_of(value, place)
    else:
        found.put_aside(f"its component {concept_words(part.get('code'))} is not known; the rest was read")


def read_grade(observation: Json, system: str, found: Found) -> None:
    """A grade of one system; its own list is checked with the person file.

    Raises:
        InputError: the value is not a code of that system.
    """
    block: Data = table_kept(observation) | {"date": _effective(observation, found), "system": system}
    if system == "salt":
        unit_of(observation.get("valueQuantity", {}), ("percent",), f"{found.here}.valueQuantity")
        block["grade"] = number_of(observation.get("valueQuantity"), f"{found.here}.valueQuantity")
    else:
        start = f"grade.{system}."
        grades = [code for code in own_codes(observation.get("valueCodeableConcept")) if code.startswith(start)]
        if not grades:
            said = concept_words(observation.get("valueCodeableConcept"))
            raise InputError(
                f"{found.here}.valueCodeableConcept: {said!r} is not a code {start}... of our code system."
            )
        block["grade"] = grades[0].removeprefix(start)
    rater = word_of(observation.get("method"), "rater")
    if rater is not None:
        block["rater"] = rater
    found.block("grades", block)


def read_insult(observation: Json, found: Found) -> None:
    """An event that can set off a shed."""
    kind = _known(observation.get("valueCodeableConcept", {}), "trigger", f"{found.here}.valueCodeableConcept")
    found.block("insults", table_kept(observation) | {"date": _effective(observation, found), "kind": kind})
