"""Clinics, courses and schedules for the tests of booking."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from follicast.decisions.booking.changes import changed
from follicast.decisions.booking.diary import arranged
from follicast.decisions.booking.record import Appointment, Schedule, Waiver
from follicast.decisions.booking.request import Request
from follicast.decisions.result import Course, Event, PersonSummary, PlanResult
from follicast.people.clinic import Clinic, Holiday, Resource

AS_OF = date(2027, 3, 1)
MARCH_3 = date(2027, 3, 3)
AT = datetime(2027, 3, 1, 8, tzinfo=UTC)
EVERY_DAY = frozenset(range(7))
ALL_DAY = (((8 * 60, 18 * 60),),) * 5 + ((), ())
OFFICE = (((9 * 60, 12 * 60), (13 * 60, 18 * 60)),) * 5 + ((), ())
WAIVER = Waiver(by="Dr Lin", reason="flies abroad", on=AS_OF)


def resource(name: str, *does: str, days: frozenset[int] = EVERY_DAY, off: tuple[date, ...] = ()) -> Resource:
    return Resource(name, frozenset(does) if does else None, days, frozenset(off))


def clinic(**fields: object) -> Clinic:
    """Open on weekdays, one room and one nurse, unless said otherwise."""
    usual = {
        "time_zone": "Asia/Taipei",
        "hours": OFFICE,
        "rooms": (resource("Room 1"), resource("Room 2")),
        "staff": (resource("Nurse Wu"), resource("Dr Lin")),
    }
    return Clinic(**usual | fields)  # type: ignore[arg-type]


HOLIDAY = Holiday("Tomb Sweeping", date(2027, 3, 26), date(2027, 4, 2))


def course(therapy: str = "exosome", sessions: int = 6, **fields: object) -> Course:
    usual = {
        "therapy": therapy,
        "label": therapy.capitalize(),
        "gaps": [0] + [24] * (sessions - 1),
        "shortest_days": 21,
        "longest_days": 28,
        "grace_days": 7,
        "restart_gap_days": 56,
        "booster_slack_days": 14,
        "protected_before_days": 14,
        "protected_after_days": 28,
        "minutes": 45,
        "first_day": AS_OF + timedelta(days=14),
    }
    return Course.model_validate(usual | fields)


def event(kind: str, day: int, slack: int = 14, **fields: object) -> Event:
    when = AS_OF + timedelta(days=day)
    usual = {"date": when, "earliest": when - timedelta(slack), "latest": when + timedelta(slack), "kind": kind}
    rest = {"private": f"{kind} on day {day}", "therapy": None, "number": None, "of": None}
    return Event.model_validate(usual | rest | fields)


MEASURES = (event("measure", 0, 0, id="measure-0"), event("measure", 183, id="measure-6"))


def plan(*courses: Course, events: tuple[Event, ...] = MEASURES, label: str = "Man, 40") -> PlanResult:
    """As much of a plan as booking reads."""
    person = PersonSummary(label=label, sex="male", age_years=40, jurisdiction="TW", facts=[])
    made = PlanResult.model_construct(person=person, as_of=AS_OF, schedule=list(events), courses=list(courses))
    made, _ = arranged(made, start=courses[0].first_day if courses else None)
    return made


def booked(*courses: Course, at: Clinic | None = None, start: date = MARCH_3, label: str = "Man, 40") -> Schedule:
    """The schedule of a plan with these courses, in a clinic."""
    return arranged(plan(*courses, label=label), at, start)[1]


def sessions(schedule: Schedule, therapy: str = "exosome") -> list[Appointment]:
    return schedule.chain(therapy)


def dates(schedule: Schedule, therapy: str = "exosome") -> list[date]:
    return [a.date for a in sessions(schedule, therapy)]


def state(schedule: Schedule, name: str) -> Appointment:
    return next(a for a in schedule.appointments if a.id == name)


def done(schedule: Schedule, *numbers: int, at: Clinic | None = None, on: date | None = None) -> Schedule:
    """The schedule once these sessions were done, each on its day."""
    days = [state(schedule, f"exosome-{n}").date for n in numbers]
    request = Request(on or max(days), done=tuple((f"exosome-{n}", None) for n in numbers))
    return changed(schedule, request, AT, at)
