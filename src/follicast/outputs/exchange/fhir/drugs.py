"""Which drug a MedicationStatement means: ingredient, strength and route together, never a drug code alone."""

from __future__ import annotations

from typing import Any

from follicast.knowledge.codes import Concept, codes
from follicast.outputs.exchange.fhir.elements import Json, concept_words, day_of, own_codes, word_of
from follicast.outputs.exchange.fhir.found import Found
from follicast.outputs.exchange.fhir.treated import used_block
from follicast.outputs.exchange.fhir.trees import table_kept
from follicast.people.write import Data

NOT_TAKEN = ("entered-in-error", "not-taken", "intended")


def read_statement(statement: Json, found: Found) -> None:
    """A hair therapy, another medicine, or a drug that could be several of ours and so is put aside."""
    if statement.get("status") in NOT_TAKEN:
        found.put_aside(f"its status is {statement['status']}")
        return
    drug = _drug(statement, found)
    concept = drug.get("code")
    own = [code.removeprefix("therapy.") for code in own_codes(concept) if code.startswith("therapy.")]
    candidates = [codes().concept("therapy", own[0])] if own else _candidates(statement, drug)
    if len(candidates) > 1:
        names = " or ".join(item.key for item in candidates)
        found.put_aside(
            f"{concept_words(concept)} could be {names}: its strength and route are needed, not a code alone"
        )
    elif candidates and candidates[0].section == "therapy":
        block = used_block(statement, _period(statement), found)
        found.block("treatments", block | {"therapy": candidates[0].key})
    else:
        found.block("medications", _other(statement, drug, candidates, found))


def _drug(statement: Json, found: Found) -> Json:
    """The Medication, wherever it stands; a bare concept counts as one."""
    if "medicationCodeableConcept" in statement:
        return {"code": statement["medicationCodeableConcept"]}
    return found.resource(statement.get("medicationReference"), statement) or {}


def _period(statement: Json) -> Json:
    when = statement.get("effectiveDateTime")
    period: Json = statement.get("effectivePeriod") or ({"start": when} if when else {})
    return period


def _candidates(statement: Json, drug: Json) -> list[Concept]:
    """Our drugs of the same ingredient, narrowed by the strength and the route where these are said."""
    concepts = [drug.get("code"), *(part.get("itemCodeableConcept") for part in drug.get("ingredient", []))]
    known = [concept for concept in codes().concepts.values() if concept.drug is not None]
    ingredients = {item.drug.ingredient for said in concepts for item in _matching(said, known) if item.drug}
    strength, route = _strength(statement, drug), _route(statement)
    return [
        concept
        for concept in known
        if concept.drug is not None
        and concept.drug.ingredient in ingredients
        and (route is None or concept.drug.route == route)
        and (
            strength is None
            or (strength[1] == concept.drug.unit and concept.drug.low <= strength[0] <= concept.drug.high)
        )
    ]


def _matching(said: Json | None, known: list[Concept]) -> list[Concept]:
    """Drugs that share a code or the ingredient's name with a concept."""
    pairs = {(item.get("system"), item.get("code")) for item in (said or {}).get("coding", [])}
    words = concept_words(said).lower()
    systems = codes().systems
    return [
        concept
        for concept in known
        if any((systems[code.system], code.code) in pairs for code in concept.codes)
        or (said is not None and concept.drug is not None and concept.drug.ingredient == words)
    ]


def _strength(statement: Json, drug: Json) -> tuple[float, str] | None:
    """Amount and unit ("mg" a dose, or "%"), from the ingredient's strength or the dose; None if neither says it."""
    for part in drug.get("ingredient", []):
        ratio = part.get("strength", {})
        top, bottom = ratio.get("numerator", {}), ratio.get("denominator", {})
        if "value" in top and "value" in bottom:
            return _percent_or_mg(float(top["value"]), _unit(top), float(bottom["value"]), _unit(bottom))
    for dosage in statement.get("dosage", []):
        for rate in dosage.get("doseAndRate", []):
            dose = rate.get("doseQuantity", {})
            if "value" in dose and _unit(dose) in ("mg", "%"):
                return float(dose["value"]), _unit(dose)
    return None


def _unit(value: Json) -> str:
    return str(value.get("code") or value.get("unit") or "")


def _percent_or_mg(amount: float, unit: str, per: float, of: str) -> tuple[float, str] | None:
    """A strength as a percentage (g in 100 mL or 100 g), or as mg in one piece."""
    if of in ("mL", "ml", "g"):
        grams = {"g": 1.0, "mg": 0.001}.get(unit)
        return None if grams is None or per <= 0 else (round(100.0 * amount * grams / per, 9), "%")
    if unit == "%":
        return amount, "%"
    return (amount / per, "mg") if unit == "mg" and per > 0 else None


def _route(statement: Json) -> str | None:
    for dosage in statement.get("dosage", []):
        route = word_of(dosage.get("route"), "route")
        if route is not None:
            return route
        words = concept_words(dosage.get("route")).lower() if "route" in dosage else ""
        if words in ("oral", "by mouth", "oral route", "oral use"):
            return "oral"
        if words in ("topical", "topical route", "cutaneous", "cutaneous use"):
            return "topical"
    return None


def _other(statement: Json, drug: Json, candidates: list[Concept], found: Found) -> Data:
    """Another medicine, for the safety rules."""
    known = candidates[0].drug if candidates else None
    name: Any = known.ingredient if known else concept_words(drug.get("code"))
    block: Data = table_kept(statement) | {"name": name}
    period = _period(statement)
    for key, end in (("start", "start"), ("stop", "end")):
        if end in period:
            block[key] = day_of(period[end], f"{found.here}: the {end}")
    reasons = [concept_words(reason) for reason in statement.get("reasonCode", [])]
    if reasons:
        block["indication"] = reasons[0]
    if candidates:
        found.put_aside(f"{candidates[0].label}: not a hair therapy of this program; kept among the other medicines")
    return block
