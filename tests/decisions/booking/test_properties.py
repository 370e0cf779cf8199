"""What holds for any schedule, clinic and sequence of changes: nothing too near, nothing lost, nothing double."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.decisions.booking.diaries import AS_OF, WAIVER, booked, clinic, course, resource

from follicast.decisions.booking.changes import changed
from follicast.decisions.booking.diary import visible
from follicast.decisions.booking.openings import minutes_of, moment
from follicast.decisions.booking.record import Schedule
from follicast.decisions.booking.replan import window_in
from follicast.decisions.booking.request import ALL, Move, Request
from follicast.people.clinic import Clinic, Taken
from follicast.quantities import InputError

FUZZ = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
ZONES = ("Asia/Taipei", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")

days = st.integers(0, 260).map(lambda n: AS_OF + timedelta(days=n))


@st.composite
def clinics(draw: st.DrawFn) -> Clinic:
    """A clinic that is open on four weekdays or more, with a few closed days and some bookings."""
    spans = draw(st.sampled_from([((540, 1020),), ((480, 720), (780, 1080)), ((0, 360),), ((600, 960),)]))
    off = draw(st.sets(st.integers(0, 6), max_size=3))
    rooms = tuple(resource(f"Room {n}") for n in range(1, draw(st.integers(1, 2)) + 1))
    staff = tuple(resource(f"Person {n}") for n in range(1, draw(st.integers(1, 2)) + 1))
    taken = draw(st.lists(st.tuples(days, st.integers(540, 900), st.sampled_from([30, 120, 400])), max_size=8))
    bookings = tuple(
        Taken(datetime.combine(day, time(start // 60, start % 60)), minutes, "Room 1", "Person 1")
        for day, start, minutes in taken
    )
    return clinic(
        time_zone=draw(st.sampled_from(ZONES)),
        hours=tuple(() if n in off else spans for n in range(7)),
        rooms=rooms,
        staff=staff,
        closed=frozenset(draw(st.sets(days, max_size=12))),
        bookings=bookings,
        slot_minutes=draw(st.sampled_from([15, 30, 60])),
    )


courses = st.lists(
    st.sampled_from(
        [
            course(),
            course("prp", 3, gaps=[0, 30, 30], longest_days=42, restart_gap_days=84),
            course("microneedling", 8, gaps=[0] + [14] * 7, shortest_days=7, restart_gap_days=40),
        ]
    ),
    min_size=1,
    max_size=2,
    unique_by=lambda c: c.therapy,
)
times = st.sampled_from([None, "09:00", "10:30", "01:30", "02:30", "15:00"])
KINDS = "done given_late partial missed cancel void arrived move move_signed transplant stop restart go_on".split()
steps = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 5), st.integers(-20, 40), times), min_size=2, max_size=9
)
Step = tuple[str, int, int, str | None]


def asked(schedule: Schedule, on: date, step: Step) -> Request:
    """A request that has a chance: the next sessions in turn, on or after their day."""
    kind, index, offset, at = step
    waiting = [a for a in schedule.appointments if a.kind == "session" and a.status in ("planned", "booked", "arrived")]
    given = [a for a in schedule.appointments if a.kind == "session" and a.status in ("done", "partial", "missed")]
    pool = given if kind == "void" and given else waiting or schedule.appointments
    a = pool[index % len(pool) if kind in ("move", "move_signed", "cancel", "void") else 0]
    day, later = max(on, a.date), max(on, a.date + timedelta(days=abs(offset)))
    move = (Move(a.id, max(on, a.date + timedelta(days=offset)), at),)
    return {
        "done": Request(day, done=((a.id, None),)),
        "given_late": Request(later, done=((a.id, later),)),
        "partial": Request(day, partial=((a.id, None),)),
        "missed": Request(later, missed=(a.id,)),
        "cancel": Request(on, cancel=(a.id,)),
        "void": Request(on, void=(a.id,)),
        "arrived": Request(day, arrived=(a.id,)),
        "move": Request(on, move=move),
        "move_signed": Request(on, move=move, waiver=WAIVER),
        "transplant": Request(on, transplant=later),
        "stop": Request(on, stop=a.therapy if offset > 20 else ALL),
        "restart": Request(on, restart=ALL),
        "go_on": Request(on, go_on=ALL),
    }[kind]


def nothing_is_too_near(schedule: Schedule) -> None:
    for own in schedule.courses:
        for before, after in pairwise(schedule.chain(own.therapy)):
            gap = (after.date - before.date).days
            assert gap > 0
            assert after.waiver is not None or gap >= window_in(schedule, own, after).shortest
            if after.status in ("planned", "booked") and before.waiver is None and after.waiver is None:
                assert (after.earliest - before.latest).days >= min(gap, window_in(schedule, own, after).shortest)


def nothing_is_lost(old: Schedule, new: Schedule) -> None:
    kept = {a.id: a for a in new.appointments}
    for a in old.appointments:
        b = kept[a.id]
        assert b.uid == a.uid
        assert b.sequence == a.sequence + (visible(a) != visible(b))
        if a.status in ("done", "partial", "missed", "cancelled", "void"):
            assert (b.date, b.time, b.room, b.staff) == (a.date, a.time, a.room, a.staff)
    uids = [a.uid for a in new.appointments]
    assert len(set(uids)) == len(uids)
    places = {(a.therapy, a.round, a.number) for a in old.appointments if a.kind == "session"}
    for place in places:
        there = [a for a in new.appointments if (a.therapy, a.round, a.number) == place]
        assert sum(a.live for a in there) == 1 or any(a.status == "cancelled" for a in there)


def everything_has_its_room(schedule: Schedule, there: Clinic, changed_ids: Sequence[str]) -> None:
    assert schedule.conflicts() == []
    for a in schedule.appointments:
        if not a.live or a.time is None or a.id not in changed_ids:
            continue
        assert there.shut(a.date) is None
        start = moment(there.zone, a.date, minutes_of(a.time))
        end = start + timedelta(minutes=a.minutes)
        spans = there.hours[a.date.weekday()]
        assert any(moment(there.zone, a.date, s) <= start and end <= moment(there.zone, a.date, e) for s, e in spans)
        assert start.astimezone(there.zone).strftime("%H:%M") == a.time
        for booking in there.bookings:
            other = booking.start.replace(tzinfo=there.zone).astimezone(UTC)
            apart = end <= other or start >= other + timedelta(minutes=booking.minutes)
            assert apart or (a.room != booking.room and a.staff != booking.staff)


def lived(schedule: Schedule, there: Clinic | None, plan: Sequence[Step]) -> None:
    """Play the changes one after the other, and check after each."""
    on = AS_OF
    for n, step in enumerate(plan):
        request = asked(schedule, on, step)
        at = datetime.combine(AS_OF, time(8), UTC) + timedelta(hours=n)
        try:
            new = changed(schedule, request, at, there)
        except InputError:
            continue
        on = request.on
        nothing_is_too_near(new)
        nothing_is_lost(schedule, new)
        before = {a.id: (a.date, a.time) for a in schedule.appointments}
        fresh = [a.id for a in new.appointments if before.get(a.id) != (a.date, a.time)]
        if there is not None:
            everything_has_its_room(new, there, fresh)
        assert new.version == schedule.version + (new != schedule)
        assert Schedule.model_validate_json(new.model_dump_json()) == new
        schedule = new


# What was written down so late that the next session had come too near, or had passed.
LATE: list[Step] = [("given_late", 0, 22, None), ("given_late", 0, 40, None), ("missed", 0, 30, None)]
ON_THE_DAY: list[Step] = [("transplant", 0, 0, "09:00"), ("move", 0, 40, None)]


@FUZZ
@example([course()], LATE)
@example([course()], ON_THE_DAY)
@given(courses, steps)
def test_whole_days_live_through_any_changes(own, plan) -> None:
    schedule = booked(*own)
    nothing_is_too_near(schedule)
    lived(schedule, None, plan)


@FUZZ
@given(clinics(), courses, steps)
def test_a_diary_lives_through_any_changes(there, own, plan) -> None:
    try:
        schedule = booked(*own, at=there)
    except InputError:
        return
    nothing_is_too_near(schedule)
    everything_has_its_room(schedule, there, [a.id for a in schedule.appointments])
    lived(schedule, there, plan)


@FUZZ
@given(clinics(), st.integers(0, 60))
def test_a_first_booking_keeps_every_window(there: Clinic, start: int) -> None:
    own = course()
    try:
        schedule = booked(own, at=there, start=AS_OF + timedelta(days=start))
    except InputError:
        return
    for before, after in pairwise(schedule.chain("exosome")):
        assert 21 <= (after.date - before.date).days <= 28
