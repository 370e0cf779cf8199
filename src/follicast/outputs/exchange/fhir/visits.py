"""Appointments of a plan: still planned, booked at an hour of the clinic's zone, done, missed or cancelled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from follicast.decisions.booking.openings import minutes_of, moment
from follicast.decisions.booking.record import Schedule
from follicast.decisions.result import AppointmentStatus, PlanResult
from follicast.knowledge.codes import codes
from follicast.outputs.exchange.fhir.elements import Entries, Json, coded, day

STATUS: dict[AppointmentStatus, str] = {
    "planned": "pending",
    "booked": "booked",
    "arrived": "arrived",
    "done": "fulfilled",
    "partial": "fulfilled",
    "missed": "noshow",
    "cancelled": "cancelled",
    "void": "entered-in-error",
}
GIVEN = ("done", "partial")
KINDS = ("session", "measure", "surgery")


@dataclass(frozen=True, slots=True)
class Visit:
    """One appointment. `time` is local in `zone`; without them it is a whole day.

    `id` is its name in the schedule. Its calendar name is left out: it follows from the label, which may be a name.
    """

    kind: str
    therapy: str | None
    number: int | None
    of: int | None
    status: AppointmentStatus
    date: dt.date
    earliest: dt.date
    latest: dt.date
    time: str | None
    zone: str | None
    minutes: int | None
    id: str | None


def visits_of(plan: PlanResult, schedule: Schedule | None) -> list[Visit]:
    """The appointments as they stand: of the schedule that was kept since, else of the plan."""
    if schedule is not None:
        return [
            Visit(
                a.kind, a.therapy, a.number, a.of, a.status, a.date, a.earliest, a.latest, a.time,
                schedule.time_zone, a.minutes, a.id,
            )
            for a in schedule.appointments
        ]  # fmt: skip
    return [
        Visit(
            e.kind, e.therapy, e.number, e.of, e.status, e.date, e.earliest, e.latest, e.time,
            e.time_zone, e.minutes, e.id,
        )
        for e in plan.schedule
        if e.kind in KINDS
    ]  # fmt: skip


def write_visits(visits: list[Visit], orders: Mapping[str, Json], out: Entries, subject: Json) -> None:
    """Adds an Appointment for each, and a Procedure for what was done; nothing is left out because it was cancelled."""
    for visit in visits:
        order = orders.get(visit.therapy or "measure")
        if visit.status in GIVEN:
            out.add(_procedure(visit, order, subject))
        made = _appointment(visit, subject)
        if made is not None:
            based = {"basedOn": [order]} if order and _is_service(order, out) else {}
            out.add(made | based)


def _is_service(order: Json, out: Entries) -> bool:
    """An Appointment may be based on a ServiceRequest only."""
    address = order["reference"]
    return any(e["fullUrl"] == address and e["resource"]["resourceType"] == "ServiceRequest" for e in out.entries)


def _what(visit: Visit) -> Json:
    return coded("therapy", visit.therapy) if visit.therapy else coded("event", visit.kind)


def _procedure(visit: Visit, order: Json | None, subject: Json) -> Json:
    made: Json = {
        "resourceType": "Procedure",
        "status": "completed",
        "code": _what(visit),
        "subject": subject,
        "performedDateTime": day(visit.date),
    }
    if visit.status == "partial":
        made["note"] = [{"text": "Only part of it was given."}]
    return made | ({"basedOn": [order]} if order else {})


def _appointment(visit: Visit, subject: Json) -> Json | None:
    """None for what was done on a day without an hour: FHIR wants start and end there, and nobody knows them."""
    status = STATUS[visit.status]
    when: Json = {}
    if visit.time is not None and visit.zone is not None and visit.minutes is not None:
        start = moment(ZoneInfo(visit.zone), visit.date, minutes_of(visit.time))
        local = start.astimezone(ZoneInfo(visit.zone))
        end = (start + dt.timedelta(minutes=visit.minutes)).astimezone(ZoneInfo(visit.zone))
        when = {"start": local.isoformat(), "end": end.isoformat(), "minutesDuration": visit.minutes}
    elif visit.status in (*GIVEN, "arrived", "void"):
        return None
    else:
        status = "cancelled" if visit.status in ("cancelled", "missed") else "proposed"
        span = (visit.date, visit.date) if visit.status == "booked" else (visit.earliest, visit.latest)
        when = {"requestedPeriod": [{"start": day(span[0]), "end": day(span[1])}]}
    made: Json = {
        "resourceType": "Appointment",
        "status": status,
        "serviceType": [coded("event", visit.kind)],
        "participant": [{"actor": subject, "status": "accepted" if status == "booked" else "needs-action"}],
    } | when
    if visit.therapy is not None:
        made["reasonCode"] = [coded("therapy", visit.therapy)]
    if visit.status == "missed" and status == "cancelled":
        made["cancelationReason"] = {"text": "Missed"}
    if visit.number is not None and visit.of is not None:
        made["comment"] = f"Number {visit.number} of {visit.of}"
    if visit.id is not None:
        made["identifier"] = [{"system": f"{codes().canonical}/appointment", "value": visit.id}]
    return made
