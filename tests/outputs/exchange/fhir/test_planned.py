"""A plan as resources: orders, appointments, forecasts, and what they rest on."""

import json
from datetime import date, timedelta

import pytest
from tests.outputs.exchange.fhir.made import PERSON, man_plan, read, resources
from tests.outputs.exchange.fhir.r4 import faults
from tests.people.files import parse

from follicast.decisions.booking.record import Schedule
from follicast.decisions.result import Course, Event, PlanResult
from follicast.outputs.exchange.fhir.bundle import render_bundle
from follicast.outputs.exchange.fhir.elements import Entries
from follicast.outputs.exchange.fhir.planned import timing
from follicast.outputs.exchange.fhir.visits import visits_of, write_visits


@pytest.fixture(scope="module")
def bundle() -> bytes:
    return render_bundle(parse(PERSON), man_plan())


def test_a_plan_is_valid_r4(bundle: bytes) -> None:
    assert faults("Bundle", json.loads(bundle)) == []


def test_a_plan_is_a_draft_until_somebody_agrees(bundle: bytes) -> None:
    for kind in ("CarePlan", "MedicationRequest", "ServiceRequest"):
        assert {part["status"] for part in resources(bundle, kind)} == {"draft"}
        assert {part["intent"] for part in resources(bundle, kind)} == {"plan"}
    active = render_bundle(parse(PERSON), man_plan(), status="active")
    assert resources(active, "CarePlan")[0]["status"] == "active"


def test_every_line_is_ordered_once_and_belongs_to_the_plan(bundle: bytes) -> None:
    (care,) = resources(bundle, "CarePlan")
    plan = man_plan()
    orders = resources(bundle, "MedicationRequest") + resources(bundle, "ServiceRequest")
    assert len([o for o in orders if "extension" in o]) == len(plan.lines) == len(care["activity"])
    assert all(order["basedOn"] == [{"reference": f"urn:uuid:{care['id']}"}] for order in orders)


def test_off_label_and_certainty_travel_with_the_order(bundle: bytes) -> None:
    for order in resources(bundle, "MedicationRequest"):
        names = [part["url"].rsplit("/", 1)[1] for part in order["extension"]]
        assert "certainty" in names
        assert "legal-status" in names


def test_the_forecast_says_its_certainty_interval_and_horizon(bundle: bytes) -> None:
    plan = man_plan()
    chosen = next(c for c in plan.candidates if c.id == plan.chosen)
    assessment = resources(bundle, "RiskAssessment")[0]
    (prediction,) = assessment["prediction"]
    assert prediction["probabilityDecimal"] == pytest.approx(100 * (1 - chosen.improves_probability), abs=0.06)
    assert prediction["whenPeriod"]["start"] == plan.as_of.isoformat()
    assert chosen.certainty.upper() in prediction["rationale"]
    parts = {part["url"]: part for part in prediction["extension"][0]["extension"]}
    assert parts["median"]["valueQuantity"]["value"] == pytest.approx(chosen.gain.median, abs=0.006)
    assert parts["interval-80"]["valueRange"]["low"]["value"] == pytest.approx(chosen.gain.lo80, abs=0.006)
    assert parts["certainty"]["valueCodeableConcept"]["coding"][0]["code"].startswith("certainty.")
    assert plan.follicast_version in assessment["method"]["text"]


def test_the_provenance_names_version_knowledge_and_seed(bundle: bytes) -> None:
    plan = man_plan()
    made = resources(bundle, "Provenance")[-1]
    held = {
        e["what"]["identifier"]["system"].rsplit("/", 1)[1]: e["what"]["identifier"]["value"] for e in made["entity"]
    }
    assert held == {"knowledge-hash": plan.knowledge_hash, "seed": str(plan.seed)}
    versions = {v["value"] for device in resources(bundle, "Device") for v in device["version"]}
    assert plan.follicast_version in versions


def test_a_plan_does_not_come_back_as_a_record(bundle: bytes) -> None:
    person = parse(PERSON)
    back = read(bundle, today=person.as_of)
    assert back.person.treatments == person.treatments
    assert {"CarePlan", "Appointment"} <= {item.what.split("(")[1][:-1] for item in back.ignored}


@pytest.mark.parametrize(
    ("shortest", "longest", "wanted"),
    [
        (21, 28, {"count": 6, "frequency": 1, "period": 3, "periodMax": 4, "periodUnit": "wk"}),
        (10, 12, {"count": 6, "frequency": 1, "period": 10, "periodMax": 12, "periodUnit": "d"}),
        (14, 14, {"count": 6, "frequency": 1, "period": 2, "periodUnit": "wk"}),
    ],
)
def test_a_course_is_a_count_and_an_interval(shortest: int, longest: int, wanted: dict[str, object]) -> None:
    course = Course.model_construct(gaps=[0] + [shortest] * 5, shortest_days=shortest, longest_days=longest)
    assert timing(course) == {"repeat": wanted}


def with_event(**changes: object) -> PlanResult:
    plan = man_plan()
    event = next(e for e in plan.schedule if e.kind == "session")
    return plan.model_copy(update={"schedule": [Event.model_validate(event.model_dump() | changes)]})


def appointments(plan: PlanResult, schedule: Schedule | None = None) -> list[dict[str, object]]:
    made = render_bundle(parse(PERSON), plan, schedule)
    assert faults("Bundle", json.loads(made)) == []
    return resources(made, "Appointment")


def test_a_whole_day_is_a_proposal_with_its_window() -> None:
    (visit,) = appointments(with_event())
    assert visit["status"] == "proposed"
    assert "start" not in visit


@pytest.mark.parametrize(
    ("zone", "day", "start"),
    [
        ("Asia/Taipei", date(2026, 5, 5), "2026-05-05T10:00:00+08:00"),
        ("Europe/Berlin", date(2026, 3, 28), "2026-03-28T10:00:00+01:00"),
        ("Europe/Berlin", date(2026, 3, 29), "2026-03-29T10:00:00+02:00"),
    ],
)
def test_an_hour_is_given_with_the_offset_of_that_day(zone: str, day: date, start: str) -> None:
    booked = {"date": day, "earliest": day, "latest": day, "time": "10:00", "time_zone": zone, "minutes": 30}
    (visit,) = appointments(with_event(status="booked", **booked))
    assert (visit["status"], visit["start"]) == ("booked", start)
    assert visit["end"] == start.replace("10:00:00", "10:30:00")


def test_a_cancelled_appointment_is_kept_and_a_done_one_is_a_procedure_as_well() -> None:
    hour = {"time": "10:00", "time_zone": "Asia/Taipei", "minutes": 30}
    assert [visit["status"] for visit in appointments(with_event(status="cancelled", **hour))] == ["cancelled"]
    assert [visit["status"] for visit in appointments(with_event(status="cancelled"))] == ["cancelled"]
    assert [visit["status"] for visit in appointments(with_event(status="missed", **hour))] == ["noshow"]
    done = render_bundle(parse(PERSON), with_event(status="done"))
    assert resources(done, "Appointment") == []
    assert resources(done, "Procedure")[-1]["status"] == "completed"


def test_sessions_done_since_come_back_as_one_course_each_counted_once() -> None:
    plan, start = with_event(), man_plan().as_of
    days = [start + timedelta(days=k) for k in (20, 45, 70)]
    event = plan.schedule[0].model_dump() | {"kind": "session", "therapy": "prp", "status": "done"}
    events = [Event.model_validate(event | {"date": d, "earliest": d, "latest": d, "id": f"prp-{d}"}) for d in days]
    done = render_bundle(parse(PERSON), plan.model_copy(update={"schedule": events}))
    back = read(done).person
    (course,) = [t for t in back.treatments if t.therapy == "prp"]
    assert (course.start, course.end, list(course.sessions)) == (days[0], days[-1], days)
    assert back.as_of == days[-1]
    again = render_bundle(back, plan.model_copy(update={"schedule": events}))
    assert [t.sessions for t in read(again).person.treatments if t.therapy == "prp"] == [tuple(days)]


def test_a_count_to_come_is_based_on_its_order() -> None:
    plan = man_plan()
    event = next(e for e in plan.schedule if e.kind == "measure")
    made = render_bundle(parse(PERSON), plan.model_copy(update={"schedule": [event]}))
    (visit,) = resources(made, "Appointment")
    order = resources(made, "ServiceRequest")[-1]
    assert visit["basedOn"] == [{"reference": f"urn:uuid:{order['id']}"}]
    assert order["occurrenceTiming"]["event"] == [event.date.isoformat()]


def test_an_appointment_is_based_on_an_order_and_never_on_a_prescription() -> None:
    plan = man_plan()
    out = Entries("x")
    order = out.add({"resourceType": "MedicationRequest"})
    write_visits(visits_of(plan, None), dict.fromkeys([e.therapy or "measure" for e in plan.schedule], order), out, {})
    assert all("basedOn" not in entry["resource"] for entry in out.entries)
