"""The scheduling scenarios, by their numbers, and the rules of windows and states they rest on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from tests.decisions.booking.diaries import (
    ALL_DAY,
    AS_OF,
    AT,
    HOLIDAY,
    MARCH_3,
    OFFICE,
    WAIVER,
    booked,
    clinic,
    course,
    dates,
    done,
    resource,
    sessions,
    state,
)

from follicast.decisions.booking.changes import cancel_future, changed
from follicast.decisions.booking.courses import free_windows, window_of
from follicast.decisions.booking.openings import Busy, Desk, Slot, local_time_problem, moment
from follicast.decisions.booking.record import TRANSITIONS, Schedule, sessions_done, stepped
from follicast.decisions.booking.request import Move, Request
from follicast.people.clinic import Taken
from follicast.quantities import InputError


def gaps(days: list[date]) -> list[int]:
    return [(later - day).days for day, later in pairwise(days)]


def ask(schedule: Schedule, on: date, **fields: object) -> Schedule:
    at = fields.pop("at", None)
    return changed(schedule, Request(on, **fields), AT, at)  # type: ignore[arg-type]


def test_scenario_22_six_sessions_skip_holidays_and_booked_rooms_within_their_windows() -> None:
    # The day that would be the target of the second session is fully booked in both rooms.
    full = tuple(Taken(datetime.fromisoformat("2027-03-29T09:00"), 540, room, None) for room in ("Room 1", "Room 2"))
    there = clinic(holidays=(HOLIDAY,), bookings=full)
    schedule = booked(course(), at=there)
    days = dates(schedule)
    assert days[0] == MARCH_3
    assert len(days) == 6
    assert all(21 <= gap <= 28 for gap in gaps(days))
    assert 105 <= (days[-1] - days[0]).days <= 140
    assert all(there.shut(day) is None and day != date(2027, 3, 29) for day in days)
    assert all(a.status == "booked" and a.time and a.room and a.staff for a in sessions(schedule))
    assert schedule.conflicts() == []


def test_scenario_22_the_way_ahead_is_seen() -> None:
    # From 3 March every first choice ends at a wall in May: only early choices reach the other side of it.
    shut = frozenset(date(2027, 5, 1) + timedelta(days=n) for n in range(24))
    days = dates(booked(course(), at=clinic(closed=shut)))
    assert all(21 <= gap <= 28 for gap in gaps(days))
    assert not shut & set(days)


def test_no_booking_says_which_session_which_window_and_why() -> None:
    closed = frozenset(date(2027, 4, 1) + timedelta(days=n) for n in range(60))
    with pytest.raises(InputError, match=r"Exosome, session 3 of 6: no time is free from .* counted from Exosome, "):
        booked(course(), at=clinic(closed=closed))
    with pytest.raises(InputError, match=r"session 1 of 6: no member of staff does exosome"):
        booked(course(), at=clinic(staff=(resource("Nurse Wu", "measure"),)))
    with pytest.raises(InputError, match=r"session 1 of 6: no room is for exosome"):
        booked(course(), at=clinic(rooms=(resource("Room 1", "measure"),)))
    busy = tuple(
        Taken(datetime.fromisoformat(f"2027-03-{n:02d}T09:00"), 540, None, who)
        for n in range(1, 31)
        for who in ("A", "B")
    )
    staff = (resource("A"), resource("B", "measure"), resource("C", "measure"))
    with pytest.raises(InputError, match=r"no free member of staff on \d+ days, closed \(Saturday\) on 2 days"):
        booked(course(), at=clinic(bookings=busy, staff=staff))


def test_scenario_23_a_missed_session_keeps_its_place_and_finds_the_next_free_date() -> None:
    there = clinic(holidays=(HOLIDAY,))
    schedule = done(booked(course(), at=there), 1, 2, at=there)
    missed = state(schedule, "exosome-3")
    after = ask(schedule, missed.date, missed=("3",), at=there)
    makeup = state(after, "exosome-3b")
    assert state(after, "exosome-3").status == "missed"
    assert (makeup.number, makeup.status, makeup.attempt) == (3, "booked", 2)
    assert missed.date < makeup.date <= dates(after)[1] + timedelta(days=28 + 7)
    assert all(gap >= 21 for gap in gaps(dates(after)))
    assert [a.number for a in sessions(after)] == [1, 2, 3, 4, 5, 6]
    assert after.pending == []


def test_scenario_23_too_long_a_gap_offers_restart_continue_or_stop_and_what_each_changes() -> None:
    there = clinic()
    schedule = done(booked(course(), at=there), 1, 2, at=there)
    late = dates(schedule)[1] + timedelta(days=70)
    after = ask(schedule, late, missed=("3",), at=there)
    (pending,) = after.pending
    assert pending.gap_days > pending.limit_days == 56
    ways = {choice.what: choice for choice in pending.choices}
    assert {what: choice.sessions for what, choice in ways.items()} == {"restart": 6, "continue": 4, "stop": 0}
    assert ways["restart"].drive > ways["continue"].drive > ways["stop"].drive >= 0.0
    assert all(a.status == "planned" for a in sessions(after)[2:])
    onward = ask(after, late, go_on="all", at=there)
    assert onward.pending == []
    assert all(a.status == "booked" for a in sessions(onward)[2:])
    anew = ask(after, late, restart="exosome", at=there)
    assert [a.id for a in sessions(anew)][2:] == [f"exosome-r2-{k}" for k in range(1, 7)]
    assert all(gap >= 21 for gap in gaps(dates(anew)))
    assert {state(anew, f"exosome-{k}").status for k in (4, 5, 6)} == {"cancelled"}
    stopped = ask(after, late, stop="exosome", at=there)
    assert [a.id for a in sessions(stopped)] == ["exosome-1", "exosome-2"]
    assert stopped.pending == []


def test_scenario_24_ten_days_after_the_last_is_refused_but_for_an_override_with_a_name() -> None:
    there = clinic()
    schedule = booked(course(), at=there)
    near = Move("4", dates(schedule)[2] + timedelta(days=10), "10:00")
    with pytest.raises(
        InputError, match=r"exosome-4 on .* is 10 days after exosome-3 .* at least 21 days .*--override"
    ):
        ask(schedule, AS_OF, move=(near,), at=there)
    after = ask(schedule, AS_OF, move=(near,), waiver=WAIVER, at=there)
    moved = state(after, "exosome-4")
    assert (moved.date, moved.time, moved.waiver) == (near.day, "10:00", WAIVER)
    assert "Override by Dr Lin: flies abroad." in after.history[-1].what
    assert all(gap >= 21 for gap in gaps(dates(after))[3:])
    assert ask(after, AS_OF, cancel=("6",), at=there).history[-1].version == 3
    # It stays where it was signed for, whatever is planned anew.
    assert state(ask(after, AS_OF, cancel=("6",), at=there), "exosome-4").date == near.day


def test_scenario_25_overlapping_sessions_are_refused_and_the_conflict_is_named() -> None:
    there = clinic()
    schedule = booked(course(), course("prp", 3), at=there)
    first = state(schedule, "exosome-1")
    schedule = ask(schedule, AS_OF, move=(Move("exosome-1", first.date, "14:00"),), at=there)
    with pytest.raises(InputError) as refusal:
        ask(schedule, AS_OF, move=(Move("prp-1", first.date, "14:20"),), at=there)
    assert "prp-1 cannot be on 2027-03-03 at 14:20: the person has another appointment" in str(refusal.value)
    assert "exosome-1 is at 14:00 in Room 1 with Nurse Wu" in str(refusal.value)
    clash = [
        a.model_copy(update={"date": first.date, "time": "14:20", "room": "Room 2", "staff": "Nurse Wu"})
        if a.id == "prp-1"
        else a
        for a in schedule.appointments
    ]
    told = schedule.model_copy(update={"appointments": clash}).conflicts()
    assert told == ["exosome-1 and prp-1 on 2027-03-03 at 14:00 and 14:20: the same person, Nurse Wu."]


@pytest.mark.parametrize("there", [None, clinic(hours=ALL_DAY)], ids=["whole days", "clinic"])
def test_scenario_26_an_operation_moves_sessions_out_of_its_protected_days_and_deletes_none(there) -> None:
    schedule = booked(course(), at=there)
    day = date(2027, 4, 30)
    after = ask(schedule, AS_OF, transplant=day, at=there)
    assert len(sessions(after)) == 6
    assert not [d for d in dates(after) if day - timedelta(14) <= d <= day + timedelta(28)]
    assert all(gap >= 21 for gap in gaps(dates(after)))
    assert state(after, "transplant-1").date == day
    with pytest.raises(InputError, match="too near to the operation"):
        ask(after, AS_OF, move=(Move("3", day + timedelta(days=7)),), at=there)


def test_scenario_26_what_was_done_inside_the_protected_days_stays() -> None:
    schedule = done(booked(course()), 1, 2)
    second = dates(schedule)[1]
    after = ask(schedule, second, transplant=second + timedelta(days=5))
    assert dates(after)[:2] == dates(schedule)[:2]
    assert dates(after)[2] > second + timedelta(days=5 + 28)


def test_scenario_30_stopping_cancels_what_comes_and_keeps_what_was_done() -> None:
    schedule = done(booked(course()), 1, 2)
    after = ask(schedule, dates(schedule)[1] + timedelta(days=1), stop="all", why="the person moves away")
    assert [a.id for a in sessions_done(after)] == ["exosome-1", "exosome-2"]
    assert {state(after, f"exosome-{k}").status for k in range(3, 7)} == {"cancelled"}
    assert after.history[-1].why == "the person moves away"
    assert state(after, "measure-6").live


def test_a_paused_line_has_its_coming_sessions_cancelled_and_no_other() -> None:
    schedule = done(booked(course(), course("prp", 3)), 1, at=None)
    after = cancel_future(schedule, ["exosome"], "a rule pauses it", on=dates(schedule)[0] + timedelta(days=1))
    assert [a.id for a in sessions(after)] == ["exosome-1"]
    assert len(sessions(after, "prp")) == 3
    assert after.history[-1].why == "a rule pauses it"
    assert cancel_future(after, ["exosome"], "again", on=after.history[-1].on) == after


def test_done_sessions_never_move_and_come_in_order() -> None:
    schedule = booked(course())
    with pytest.raises(InputError, match="exosome-1 comes before exosome-2"):
        done(schedule, 2)
    after = done(schedule, 1)
    with pytest.raises(InputError, match="exosome-1 is done; only what is planned or booked can be moved"):
        ask(after, dates(schedule)[0], move=(Move("1", dates(schedule)[0] + timedelta(days=1)),))
    with pytest.raises(InputError, match="after 2027-03-01; give --on"):
        ask(schedule, AS_OF, done=(("1", None),))


def test_a_session_given_on_another_day_counts_from_that_day() -> None:
    schedule = booked(course())
    first, second = dates(schedule)[:2]
    late = second + timedelta(days=4)
    after = ask(done(schedule, 1), late, done=(("2", late),))
    assert dates(after)[:2] == [first, late]
    assert (dates(after)[2] - late).days >= 21


def test_every_transition_that_is_not_listed_is_refused() -> None:
    one = sessions(booked(course()))[0]
    for status, allowed in TRANSITIONS.items():
        for target in TRANSITIONS:
            there = one.model_copy(update={"status": status})
            if target in allowed:
                assert stepped(there, target).status == target
            else:
                with pytest.raises(InputError, match=f"is {status} and cannot become {target}"):
                    stepped(there, target)


def test_a_mistake_is_taken_back_and_its_entry_stays() -> None:
    schedule = done(booked(course()), 1)
    after = ask(schedule, dates(schedule)[0], void=("1",))
    assert state(after, "exosome-1").status == "void"
    assert state(after, "exosome-1b").number == 1
    assert len(sessions(after)) == 6


def test_a_partial_session_counts_and_is_not_given_again() -> None:
    schedule = booked(course())
    after = ask(schedule, MARCH_3, partial=(("1", None),))
    assert sessions(after)[0].status == "partial"
    assert len(sessions(after)) == 6


def test_a_cancelled_session_leaves_the_rest_within_their_windows() -> None:
    there = clinic()
    after = ask(booked(course(), at=there), AS_OF, cancel=("3",), at=there)
    assert [a.number for a in sessions(after)] == [1, 2, 4, 5, 6]
    assert all(21 <= gap <= 35 for gap in gaps(dates(after)))


@pytest.mark.parametrize(("least", "meant", "most"), [(21, 24, 28), (21, 30, 42), (7, 14, 28), (21, 21, 28)])
def test_neighbours_keep_their_distance_wherever_in_their_windows_they_fall(least: int, meant: int, most: int) -> None:
    own = course(gaps=[0] + [meant] * 5, shortest_days=least, longest_days=most)
    schedule = booked(own)
    for before, after in pairwise(sessions(schedule)):
        assert (after.earliest - before.latest).days >= least
        assert (after.latest - before.earliest).days <= most
        assert before.earliest <= before.date <= before.latest
    windows = [window_of(own, k) for k in range(6)]
    assert free_windows(dates(schedule), windows)[0][0] == dates(schedule)[0]


def test_a_timed_schedule_needs_the_clinic_file_only_for_another_time() -> None:
    there = clinic()
    schedule = booked(course(), at=there)
    assert sessions_done(done(schedule, 1))[0].id == "exosome-1"
    with pytest.raises(InputError, match="give --clinic"):
        ask(done(schedule, 1), dates(schedule)[1], missed=("2",))
    with pytest.raises(InputError, match="is not that of the schedule, Asia/Taipei"):
        ask(schedule, AS_OF, cancel=("6",), at=clinic(time_zone="Europe/Berlin"))


def test_a_schedule_of_whole_days_can_be_brought_into_a_clinic_later() -> None:
    there = clinic()
    after = ask(booked(course()), AS_OF, at=there)
    assert all(a.status == "booked" and a.time for a in after.appointments if a.date > AS_OF)
    assert all(21 <= gap <= 28 for gap in gaps(dates(after)))


def test_the_baseline_is_counted_before_the_first_session() -> None:
    schedule = booked(course(), at=clinic(), start=AS_OF)
    baseline, first = state(schedule, "measure-0"), state(schedule, "exosome-1")
    assert (baseline.date, baseline.time or "") < (first.date, first.time or "")


def test_what_others_have_booked_is_not_given_away() -> None:
    there = clinic(rooms=(resource("Room 1"),))
    start = moment(there.zone, MARCH_3, 9 * 60)
    day = Busy(start, start + timedelta(hours=9), "Room 1", None)
    desk = Desk(there, [day])
    assert desk.free("exosome", 45, MARCH_3) is None
    assert desk.why_not("exosome", 45, MARCH_3) == "no free room"
    assert desk.free("exosome", 45, MARCH_3 + timedelta(days=1)) == Slot(
        date(2027, 3, 4), "09:00", "Room 1", "Nurse Wu"
    )


def test_hours_that_clocks_skip_or_repeat_are_not_given() -> None:
    night = clinic(time_zone="Europe/Berlin", hours=(((0, 6 * 60),),) * 7, slot_minutes=60)
    spring, autumn = date(2027, 3, 28), date(2027, 10, 31)
    assert local_time_problem(night.zone, spring, "02:30") == "does not exist"
    assert local_time_problem(night.zone, autumn, "02:30") == "comes twice"
    assert local_time_problem(night.zone, autumn, "03:30") is None
    desk = Desk(night)
    for day in (spring, autumn):
        found = desk.free("exosome", 45, day, "02:00")
        assert found is not None
        assert found.time in ("01:00", "03:00")
    assert not desk.holds("exosome", 45, Slot(spring, "02:00", "Room 1", "Nurse Wu"))
    with pytest.raises(InputError, match="2027-03-28 02:30 does not exist in Europe/Berlin"):
        ask(booked(course(), at=night), AS_OF, move=(Move("2", spring, "02:30"),), at=night)


def test_local_time_is_kept_across_a_change_of_the_clocks() -> None:
    there = clinic(time_zone="Europe/Berlin", slot_minutes=60)
    schedule = booked(course(), at=there)
    assert len({a.time for a in sessions(schedule)}) == 1
    zones = {moment(there.zone, a.date, 600).hour for a in sessions(schedule)}
    assert zones == {8, 9}


def test_who_is_away_on_a_weekday_is_not_booked_then() -> None:
    there = clinic(staff=(resource("Nurse Wu", days=frozenset({0, 1})),), hours=OFFICE)
    days = dates(booked(course(), at=there, start=date(2027, 3, 8)))
    assert {day.weekday() for day in days} <= {0, 1}
    assert all(21 <= gap <= 28 for gap in gaps(days))


def test_the_clinic_may_say_its_own_protected_days_and_limits() -> None:
    there = clinic(protected=(7, 7), grace={"exosome": 3}, restart_gap={"exosome": 40}, lengths={"exosome": 60})
    own = booked(course(), at=there).course("exosome")
    assert own is not None
    assert (own.protected_before_days, own.protected_after_days) == (7, 7)
    assert (own.grace_days, own.restart_gap_days, own.minutes) == (3, 40, 60)
    assert replace(there, protected=None).protected is None


def test_what_somebody_moved_stays_when_another_one_is_cancelled_or_missed() -> None:
    schedule = booked(course())
    third = dates(schedule)[2] + timedelta(days=3)
    moved = ask(schedule, AS_OF, move=(Move("3", third),))
    assert dates(moved)[2] == third
    for change in ({"cancel": ("5",)}, {"cancel": ("2",)}, {"cancel": ("4",)}, {"cancel": ("1", "2")}):
        assert state(ask(moved, AS_OF, **change), "exosome-3").date == third
    counted = ask(schedule, AS_OF, move=(Move("measure-6", date(2027, 9, 10)),))
    assert state(ask(counted, AS_OF, cancel=("5",)), "measure-6").date == date(2027, 9, 10)


def test_what_somebody_moved_gives_way_only_to_the_least_interval() -> None:
    schedule = booked(course())
    second, third = dates(schedule)[1:3]
    moved = ask(schedule, AS_OF, move=(Move("3", third - timedelta(days=3)),))
    late = second + timedelta(days=6)
    after = ask(done(moved, 1), late, done=(("2", late),))
    assert (dates(after)[2] - late).days >= 21


def test_a_move_beyond_the_window_is_refused_with_the_days_that_are_allowed_or_signed_for() -> None:
    schedule = booked(course())
    first, second = dates(schedule)[:2]
    far = Move("2", first + timedelta(days=60))
    allowed = f"allowed are {first + timedelta(days=21)} to {first + timedelta(days=28)}, or give --override"
    with pytest.raises(InputError, match=allowed):
        ask(schedule, AS_OF, move=(far,))
    signed = ask(schedule, AS_OF, move=(far,), waiver=WAIVER)
    assert (dates(signed)[1], sessions(signed)[1].waiver) == (far.day, WAIVER)
    assert dates(ask(signed, AS_OF, cancel=("5",)))[1] == far.day
    edge = ask(schedule, AS_OF, move=(Move("2", first + timedelta(days=28)),))
    assert (dates(edge)[1] - second).days == 4
    with pytest.raises(InputError, match="measure-6 cannot move to 2028-01-10: allowed are 2027-08-17 to 2027-09-14"):
        ask(schedule, AS_OF, move=(Move("measure-6", date(2028, 1, 10)),))


def test_a_session_that_was_missed_may_be_made_up_as_late_as_nobody_need_decide() -> None:
    schedule = done(booked(course()), 1)
    first, second = dates(schedule)[:2]
    missed = ask(schedule, second, missed=("2",))
    after = ask(missed, second, move=(Move("2", first + timedelta(days=50)),))
    assert dates(after)[1] == first + timedelta(days=50)
    with pytest.raises(InputError, match=f"allowed are .* to {first + timedelta(days=56)}"):
        ask(missed, second, move=(Move("2", first + timedelta(days=57)),))
