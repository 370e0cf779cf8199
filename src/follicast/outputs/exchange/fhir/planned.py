"""A plan as resources: CarePlan, what it orders, its appointments, what it forecasts, and what all that rests on."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from follicast.decisions.result import Candidate, Course, PlanLine, PlanResult
from follicast.knowledge.codes import codes
from follicast.knowledge.load import therapies
from follicast.language import say
from follicast.outputs.exchange.fhir.elements import Entries, Json, coded, day, extension
from follicast.outputs.exchange.fhir.treated import medication
from follicast.outputs.exchange.fhir.visits import Visit, write_visits

PlanStatus = Literal["draft", "active"]
DAYS_PER_WEEK = 7


def write_plan(plan: PlanResult, visits: list[Visit], status: PlanStatus, out: Entries, subject: Json) -> list[Json]:
    """Adds the plan.

    Args:
        plan: the answer of `follicast plan`.
        visits: its appointments as they stand now.
        status: "draft" until somebody who may has agreed to it.
        out: where to add.
        subject: the reference to the Patient.

    Returns:
        References to what was added, for the Provenance.
    """
    condition = next(e["fullUrl"] for e in out.entries if e["resource"]["resourceType"] == "Condition")
    first = len(out.entries)
    care = out.add(_care_plan(plan, status, subject, condition))
    courses = {course.therapy: course for course in plan.courses}
    orders: dict[str, Json] = {}
    for line in plan.lines:
        drug = codes().concept("therapy", line.therapy).drug
        made = _prescription(line, status) if drug else _order(line, status, courses.get(line.therapy))
        made |= {"subject": subject, "basedOn": [care], "authoredOn": day(plan.as_of)}
        orders[line.therapy] = out.add(made)
    measures = [visit.date for visit in visits if visit.kind == "measure"]
    if measures:
        orders["measure"] = out.add(
            {
                "resourceType": "ServiceRequest",
                "status": status,
                "intent": "plan",
                "code": coded("order", "measure"),
                "subject": subject,
                "basedOn": [care],
                "occurrenceTiming": {"event": [day(when) for when in measures]},
                "authoredOn": day(plan.as_of),
            }
        )
    write_visits(visits, orders, out, subject)
    offered = {offer.name for offer in plan.offers}
    for candidate in plan.candidates:
        if candidate.id == plan.chosen or candidate.id in offered:
            out.add(_forecast(plan, candidate, subject, condition))
    return [{"reference": entry["fullUrl"]} for entry in out.entries[first:]]


def _care_plan(plan: PlanResult, status: PlanStatus, subject: Json, condition: str) -> Json:
    courses = {course.therapy: course for course in plan.courses}
    notes = [f"{finding.severity}: {finding.title}. {finding.text}" for finding in plan.safety]
    care: Json = {
        "resourceType": "CarePlan",
        "language": plan.language,
        "status": status,
        "intent": "plan",
        "title": next(item.label for item in plan.candidates if item.id == plan.chosen),
        "description": plan.answer,
        "subject": subject,
        "period": {"start": day(plan.as_of)},
        "created": day(plan.as_of),
        "addresses": [{"reference": condition}],
    }
    if plan.lines:
        care["activity"] = [{"detail": _activity(line, courses.get(line.therapy))} for line in plan.lines]
    return care | ({"note": [{"text": note} for note in notes]} if notes else {})


def _activity(line: PlanLine, course: Course | None) -> Json:
    drug = codes().concept("therapy", line.therapy).drug
    detail: Json = {
        "kind": "MedicationRequest" if drug else "ServiceRequest",
        "code": coded("therapy", line.therapy),
        "status": "not-started",
        "description": line.what,
    }
    if course is not None:
        detail["scheduledTiming"] = timing(course)
    return detail


def timing(course: Course) -> Json:
    """How often and how far apart, in weeks where the days are whole weeks."""
    near, far = course.shortest_days, course.longest_days
    weeks = near % DAYS_PER_WEEK == 0 and far % DAYS_PER_WEEK == 0
    per, unit = (DAYS_PER_WEEK, "wk") if weeks else (1, "d")
    repeat: Json = {"count": len(course.gaps), "frequency": 1, "period": near // per, "periodUnit": unit}
    if far > near:
        repeat["periodMax"] = far // per
    return {"repeat": repeat}


def _evidence(line: PlanLine) -> list[Json]:
    """How sure the effect is, and the legal status where it was looked up: off-label is never left out."""
    known = {status.jurisdiction: status.for_hair for status in therapies()[line.therapy].status}
    extensions = [extension("certainty", valueCodeableConcept=_certainty(line.certainty))]
    for status in line.status:
        parts: list[Json] = [{"url": "jurisdiction", "valueCode": status.jurisdiction}]
        if status.jurisdiction in known:
            parts.append({"url": "off-label", "valueBoolean": not known[status.jurisdiction]})
        parts += [
            {"url": "status", "valueString": status.status},
            {"url": "checked-on", "valueDate": day(status.checked_on)},
        ]
        extensions.append(extension("legal-status", extension=parts))
    return extensions


def _certainty(words: str) -> Json:
    return coded("certainty", words.replace(" ", "-"))


def _prescription(line: PlanLine, status: PlanStatus) -> Json:
    concept = codes().concept("therapy", line.therapy)
    assert concept.drug is not None
    return {
        "resourceType": "MedicationRequest",
        "status": status,
        "intent": "plan",
        "contained": [medication(concept)],
        "medicationReference": {"reference": "#drug", "display": concept.label},
        "dosageInstruction": [{"text": line.what, "route": coded("route", concept.drug.route)}],
        "extension": _evidence(line),
    }


def _order(line: PlanLine, status: PlanStatus, course: Course | None) -> Json:
    order = {
        "resourceType": "ServiceRequest",
        "status": status,
        "intent": "plan",
        "code": coded("therapy", line.therapy),
        "note": [{"text": line.what}],
        "extension": _evidence(line),
    }
    return order | ({"occurrenceTiming": timing(course)} if course else {})


def _forecast(plan: PlanResult, candidate: Candidate, subject: Json, condition: str) -> Json:
    """The forecast of one regimen: how likely no visible change is, and the gain with its interval."""
    gain = candidate.gain
    unit = {"unit": gain.unit, "system": codes().systems["ucum"], "code": codes().ucum(gain.unit)}
    ends = {"low": {"value": round(gain.lo80, 2)} | unit, "high": {"value": round(gain.hi80, 2)} | unit}
    parts: list[Json] = [
        {"url": "median", "valueQuantity": {"value": round(gain.median, 2)} | unit},
        {"url": "interval-80", "valueRange": ends},
        {"url": "certainty", "valueCodeableConcept": _certainty(candidate.certainty)},
    ]
    prediction = {
        "outcome": coded("forecast", "no-visible-change"),
        # FHIR gives a probability here in percent
        "probabilityDecimal": round(100.0 * (1.0 - candidate.improves_probability), 1),
        "whenPeriod": {"start": day(plan.as_of), "end": day(plan.as_of + timedelta(days=plan.horizon_days))},
        "rationale": say("Certainty of the evidence: {certainty}.", certainty=say(candidate.certainty).upper()),
        "extension": [extension("forecast-gain", extension=parts)],
    }
    return {
        "resourceType": "RiskAssessment",
        "status": "final",
        "method": coded("forecast", "method") | {"text": f"Follicast {plan.follicast_version}, {candidate.label}"},
        "code": {"text": candidate.label},
        "subject": subject,
        "condition": {"reference": condition},
        "occurrenceDateTime": day(plan.as_of),
        "prediction": [prediction],
        "note": [{"text": text} for text in plan.method],
    }
