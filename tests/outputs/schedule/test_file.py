"""schedule.json and the clinic's ledger: what is written, what is refused, and that of two writers one wins."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.decisions.booking.diaries import AT, MARCH_3, booked, clinic, course, dates, plan, resource, state
from tests.program import ROOT, SHIPPED, environment, run

from follicast.decisions.booking.changes import changed
from follicast.decisions.booking.diary import arranged
from follicast.decisions.booking.record import Schedule
from follicast.decisions.booking.request import Move, Request
from follicast.decisions.result import Finding
from follicast.outputs.schedule.calendar import render_calendar
from follicast.outputs.schedule.file import (
    booked_by_others,
    cancel_barred,
    find_schedule,
    holding,
    read_schedule,
    render_schedule,
)
from follicast.outputs.schedule.shown import refuse_future
from follicast.outputs.write import write_files
from follicast.people.clinic import Clinic
from follicast.quantities import InputError

CLINIC = """
[clinic]
time_zone = "Asia/Taipei"
ledger = "ledger.json"
[hours]
monday = ["09:00-18:00"]
tuesday = ["09:00-18:00"]
wednesday = ["09:00-10:00"]
thursday = ["09:00-18:00"]
friday = ["09:00-18:00"]
[[rooms]]
name = "Room 1"
[[staff]]
name = "Nurse Wu"
"""


def put(folder: Path, schedule: Schedule, there: Clinic | None = None) -> Path:
    """A plan's folder with this schedule."""
    folder.mkdir(exist_ok=True)
    with holding(folder, schedule, find_schedule(folder), there):
        write_files({"schedule.json": render_schedule(schedule), "calendar.ics": render_calendar(schedule)}, folder)
    return folder


def test_a_schedule_is_read_as_it_was_written(tmp_path: Path) -> None:
    schedule = booked(course(), at=clinic())
    assert read_schedule(put(tmp_path / "a", schedule)) == schedule


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Invalid JSON"),
        ("{}", "Field required"),
        ("[1]", "object"),
        ('{"format": 2}', "format"),
        ("\x00", "Invalid JSON"),
    ],
)
def test_what_is_no_schedule_is_refused_in_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "schedule.json").write_text(text)
    with pytest.raises(InputError, match=said) as refusal:
        read_schedule(tmp_path)
    assert "\n" not in str(refusal.value)
    assert "was not written by this program" in str(refusal.value)


def test_a_folder_without_a_schedule_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file; give the folder that `follicast plan` wrote"):
        read_schedule(tmp_path)


def test_two_appointments_of_one_name_are_refused(tmp_path: Path) -> None:
    data = json.loads(render_schedule(booked(course())))
    data["appointments"].append(data["appointments"][0])
    (tmp_path / "schedule.json").write_text(json.dumps(data))
    with pytest.raises(InputError, match="has the same appointment twice"):
        read_schedule(tmp_path)


def test_who_began_from_an_older_version_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    first = booked(course())
    folder = put(tmp_path / "a", first)
    one = changed(first, Request(MARCH_3, cancel=("6",)), AT)
    other = changed(first, Request(MARCH_3, cancel=("5",)), AT)
    put(folder, one)
    told = pytest.raises(InputError, match=r"changed by somebody else meanwhile \(version 2, read as 1\)")
    with told, holding(folder, other, first):
        raise AssertionError("the block must not run")
    assert read_schedule(folder) == one


def test_the_ledger_knows_what_every_plan_has_booked_and_no_name(tmp_path: Path) -> None:
    there = clinic(rooms=(resource("Room 1"),), ledger=tmp_path / "ledger.json")
    one = booked(course(), at=there, label="Ms One")
    put(tmp_path / "one", one, there)
    assert "One" not in (tmp_path / "ledger.json").read_text()
    assert len(booked_by_others(there, "another")) == len([a for a in one.appointments if a.time])
    assert booked_by_others(there, one.key) == []
    others = booked_by_others(there, "another")
    two = arranged(plan(course(), label="Mr Two"), there, MARCH_3, None, others)[1]
    put(tmp_path / "two", two, there)
    assert two.conflicts(others) == []


def test_a_time_that_somebody_took_meanwhile_is_refused_and_the_ledger_is_as_it_was(tmp_path: Path) -> None:
    there = clinic(rooms=(resource("Room 1"),), ledger=tmp_path / "ledger.json")
    one, two = booked(course(), at=there, label="Ms One"), booked(course(), at=there, label="Mr Two")
    put(tmp_path / "one", one, there)
    kept = (tmp_path / "ledger.json").read_bytes()
    (tmp_path / "two").mkdir()
    with pytest.raises(InputError, match=r"is taken\. Somebody else was first"):
        put(tmp_path / "two", two, there)
    assert (tmp_path / "ledger.json").read_bytes() == kept
    assert list((tmp_path / "two").iterdir()) == []


def test_a_failure_while_writing_puts_the_ledger_back(tmp_path: Path) -> None:
    there = clinic(ledger=tmp_path / "ledger.json")
    one = booked(course(), at=there)
    folder = put(tmp_path / "one", one, there)
    kept = json.loads((tmp_path / "ledger.json").read_bytes())
    new = changed(one, Request(date(2027, 3, 1), cancel=("6",)), AT, there)
    with pytest.raises(KeyboardInterrupt), holding(folder, new, one, there):
        raise KeyboardInterrupt
    assert json.loads((tmp_path / "ledger.json").read_bytes()) == kept
    assert read_schedule(folder) == one


def last_slot(tmp_path: Path, *labels: str) -> list[Path]:
    """Plans of these people, and a clinic with one short slot on Wednesdays."""
    (tmp_path / "clinic.toml").write_text(CLINIC)
    there = clinic(hours=(((540, 1080),),) * 2 + ((),) + (((540, 1080),),) * 2 + ((), ()), rooms=(resource("Room 1"),))
    there = replace(there, staff=(resource("Nurse Wu"),), ledger=tmp_path / "ledger.json")
    folders = []
    for n, label in enumerate(labels):
        schedule = arranged(
            plan(course(), label=label), there, MARCH_3, None, booked_by_others(there, label) if n else []
        )[1]
        folders.append(put(tmp_path / label, schedule, there))
    return folders


def raced(commands: list[list[str]], here: Path) -> list[tuple[int, str]]:
    """Exit codes and errors of commands that run at the same moment."""
    running = [
        subprocess.Popen(
            [sys.executable, *SHIPPED, *words], cwd=here, env=environment(), stderr=subprocess.PIPE, text=True
        )
        for words in commands
    ]
    errors = [process.communicate(timeout=120)[1] for process in running]
    return [(process.returncode, error) for process, error in zip(running, errors, strict=True)]


def test_scenario_29_two_receptionists_take_the_last_slot_for_two_people_and_one_is_told(tmp_path: Path) -> None:
    folders = last_slot(tmp_path, "one", "two")
    words = [["schedule", f.name, "--clinic", "clinic.toml", "--on", "2027-03-01"] for f in folders]
    target = "--move=exosome-2=2027-03-31T09:00"
    ended = raced([[*w, target, "--quiet"] for w in words], tmp_path)
    assert sorted(code for code, _ in ended) == [0, 2]
    (loser,) = [error for code, error in ended if code == 2]
    assert "Somebody else was first" in loser or "no free room" in loser
    moved = [state(read_schedule(f), "exosome-2").date == date(2027, 3, 31) for f in folders]
    assert sorted(moved) == [False, True]
    entries = json.loads((tmp_path / "ledger.json").read_text())["bookings"]
    assert len({(entry["start"], entry["room"]) for entry in entries}) == len(entries)


def test_scenario_29_two_writers_of_one_schedule_cannot_both_win(tmp_path: Path) -> None:
    folder = put(tmp_path / "a", booked(course()))
    changes = [["--cancel", "6"], ["--cancel", "5"], ["--move", "2=2027-03-28"], ["--transplant", "2027-08-01"]]
    ended = raced([["schedule", "a", *words, "--on", "2027-03-01", "--quiet"] for words in changes], tmp_path)
    won = sum(code == 0 for code, _ in ended)
    assert won >= 1
    schedule = read_schedule(folder)
    assert schedule.version == 1 + won
    assert [change.version for change in schedule.history] == list(range(1, won + 2))
    assert all("changed by somebody else" in error for code, error in ended if code)


def test_a_plan_made_again_keeps_what_happened_and_the_names_of_what_comes() -> None:
    there = clinic()
    first = booked(course(), at=there)
    begun = changed(first, Request(dates(first)[0], done=(("1", None),)), AT, there)
    answer, again = arranged(plan(course()), there, MARCH_3, begun)
    assert again.key == first.key
    assert {a.uid for a in again.appointments} == {a.uid for a in first.appointments}
    assert state(again, "exosome-1").status == "done"
    assert dates(again) == dates(begun)
    assert [e.id for e in answer.schedule if e.kind == "session"] == [f"exosome-{k}" for k in range(1, 7)]


def test_a_plan_made_again_without_the_course_cancels_what_had_not_begun() -> None:
    first = booked(course(), course("prp", 3))
    _, again = arranged(plan(course()), None, MARCH_3, first)
    assert {a.status for a in again.appointments if a.therapy == "prp"} == {"cancelled"}
    assert all(a.sequence == 1 for a in again.appointments if a.therapy == "prp")
    assert again.version == 2


def test_the_same_plan_made_again_changes_nothing() -> None:
    there = clinic()
    first = booked(course(), at=there)
    assert arranged(plan(course()), there, MARCH_3, first)[1] == first


def test_the_folder_of_somebody_else_is_not_written_over_once_something_happened() -> None:
    first = booked(course(), label="Ms One")
    begun = changed(first, Request(dates(first)[0], done=(("1", None),)), AT)
    with pytest.raises(InputError, match="that of 'Ms One', with what has happened since"):
        arranged(plan(course(), label="Mr Two"), None, MARCH_3, begun)
    assert arranged(plan(course(), label="Mr Two"), None, MARCH_3, first)[1].version == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--move", "4"], "is not written as 4=2027-03-10T10:00"),
        (["--move", "4=2027-13-10"], "is not a date"),
        (["--move", "4=2027-03-10T25:00"], "is not written as"),
        (["--cancel", "9"], "there is no session 9"),
        (["--cancel", "nothing"], "nothing is no appointment of this schedule"),
        (["--override", "Dr Lin"], "needs a name and a reason"),
        (["--stop", "snake-oil"], "snake-oil is no course of this schedule"),
        (["--continue", "all"], "waits for no decision"),
        (["--on", "tomorrow", "--cancel", "6"], "is not a date"),
        (["--clinic", "nowhere.toml"], "cannot be read"),
        (["--book", "exosome=99"], "allowed are 1 to 24"),
        (["--book", "finasteride-oral"], "is no therapy that is given in sessions"),
        (["--book", "exosome"], "is under way already"),
        (["--transplant", "2026-01-01"], "is before 2027-03-01"),
    ],
)
def test_bad_words_are_refused_and_nothing_is_written(tmp_path: Path, capsys, monkeypatch, words, said) -> None:
    from follicast import cli

    folder = put(tmp_path / "a", booked(course()))
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    monkeypatch.chdir(tmp_path)
    assert cli.main(["schedule", "a", "--on", "2027-03-01", *words]) == cli.REFUSED
    out, err = capsys.readouterr()
    assert said in err
    assert out == ""
    assert len(err.splitlines()) == 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_changes_of_a_chinese_schedule_are_told_and_kept_in_chinese(tmp_path: Path, capsys, monkeypatch) -> None:
    folder = put(tmp_path / "a", booked(course()).model_copy(update={"language": "zh-Hans"}))
    from follicast import cli

    monkeypatch.chdir(tmp_path)
    assert cli.main(["schedule", "a", "--cancel", "6", "--on", "2027-03-04"]) == 0
    out, _ = capsys.readouterr()
    told = read_schedule(folder).history[-1].what
    assert any("已取消" in words for words in told)
    assert told[0] in out
    assert "cancelled" not in out


def test_the_command_shows_changes_and_rewrites_the_calendar(tmp_path: Path) -> None:
    folder = put(tmp_path / "a", booked(course()))
    before = (folder / "calendar.ics").read_bytes()
    words = ("schedule", "a", "--move", "1=2027-03-05", "--on", "2027-03-03")
    code, out, err = run(*words, here=tmp_path, program=SHIPPED)
    assert (code, err) == (0, "")
    assert out.startswith("exosome-1 moves from 2027-03-03 to 2027-03-05.")
    code, out, _ = run(
        "schedule",
        "a",
        "--cancel",
        "6",
        "--on",
        "2027-03-04",
        "--alarm",
        "24",
        "--json",
        here=tmp_path,
        program=SHIPPED,
    )
    assert json.loads(out)["version"] == 3
    assert json.loads(out) == json.loads((folder / "schedule.json").read_text())
    assert (folder / "calendar.ics").read_bytes() != before
    assert b"BEGIN:VALARM" in (folder / "calendar.ics").read_bytes()


@pytest.mark.parametrize("word", ["done", "partial", "missed", "arrived"])
def test_what_happened_is_said_once_it_has(word: str) -> None:
    today = date(2027, 3, 3)
    refuse_future(Request(today, done=(("1", today),), move=(Move("2", date(2027, 4, 1)),)), today)
    refuse_future(Request(date(2027, 5, 1), cancel=("2",)), today)
    thing = ("1", None) if word in ("done", "partial") else "1"
    asked: dict[str, Any] = {word: (thing,)}
    with pytest.raises(InputError, match=f"--{word} 1: 2027-03-04 is after today, 2027-03-03"):
        refuse_future(Request(date(2027, 3, 4), **asked), today)


def test_a_session_of_next_century_is_not_done_today(tmp_path: Path) -> None:
    folder = put(tmp_path / "a", booked(course()))
    before = (folder / "schedule.json").read_bytes()
    words = ("schedule", "a", "--done", "1=2126-03-03", "--on", "2126-03-03")
    code, out, err = run(*words, here=tmp_path, program=SHIPPED)
    assert (code, out) == (2, "")
    assert "is after today" in err
    assert (folder / "schedule.json").read_bytes() == before


def test_a_course_that_a_rule_bars_is_not_booked(tmp_path: Path, capsys, monkeypatch) -> None:
    from follicast import cli

    folder = put(tmp_path / "a", booked())
    finding = {"rule": "EXO-UNAPPROVED", "title": "Exosomes: not approved", "therapies": ["exosome"]}
    (folder / "plan.json").write_text(json.dumps({"safety": [finding]}))
    monkeypatch.chdir(tmp_path)
    words = ["schedule", "a", "--on", "2027-03-01", "--book"]
    assert cli.main([*words, "exosome=6@21-28"]) == cli.REFUSED
    assert "EXO-UNAPPROVED bars it" in capsys.readouterr().err
    assert cli.main([*words, "prp=6@21-28", "--quiet"]) == cli.DONE
    after = read_schedule(folder)
    assert [a.id for a in after.chain("prp")] == [f"prp-{k}" for k in range(1, 7)]
    assert cli.main(["schedule", "a", "--move", "2=2027-03-27", "--on", "2027-03-01", "--quiet"]) == cli.DONE
    assert Move("2", date(2027, 3, 27)).day == state(read_schedule(folder), "prp-2").date


def test_the_shipped_clinic_file_books_six_sessions() -> None:
    from follicast.knowledge.load import therapies
    from follicast.people.clinic import read_clinic

    there = read_clinic(ROOT / "examples" / "clinic.toml", therapies())
    schedule = booked(course(), at=there)
    assert len(schedule.chain("exosome")) == 6
    assert schedule.conflicts() == []


def finding(**fields: object) -> Finding:
    usual: dict[str, object] = {
        "rule": "PREG-NOW", "version": 1, "severity": "block", "title": "Pregnancy", "because": [],
        "bars": ["therapies"],
        "therapies": ["exosome"], "concerns": ["exosome"], "pauses": ["exosome"], "cancels_sessions": True,
        "forecast_refused": False, "text": "", "text_patient": "", "action": "", "hold_days": None, "sources": [],
        "jurisdiction_text": None, "override": "nobody", "overridden_by": None, "reviewed_by": "nobody yet",
    }  # fmt: skip
    return Finding.model_validate(usual | fields)


def coming(schedule: Schedule, therapy: str) -> list[str]:
    return [a.id for a in schedule.appointments if a.kind == "session" and a.therapy == therapy and a.live]


def test_scenario_3_a_rule_that_pauses_a_therapy_cancels_its_coming_sessions_and_no_others(tmp_path: Path) -> None:
    schedule = booked(course(), course("prp"), at=clinic())
    first = next(a for a in schedule.appointments if a.kind == "session" and a.therapy == "exosome")
    given = changed(schedule, Request(first.date, done=((first.id, None),)), AT)
    folder = put(tmp_path / "a", given)
    assert cancel_barred(folder, [finding()], first.date)
    after = read_schedule(folder)
    assert coming(after, "exosome") == [first.id]
    assert coming(after, "prp") == coming(given, "prp")
    assert (folder / "calendar.ics").read_text().count("STATUS:CANCELLED") == 5
    assert "regnan" not in (folder / "calendar.ics").read_text()
    assert not cancel_barred(folder, [finding()], first.date)


def test_a_refused_forecast_cancels_every_coming_session_and_a_rule_that_was_set_aside_none(tmp_path: Path) -> None:
    schedule = booked(course(), course("prp"), at=clinic())
    folder = put(tmp_path / "a", schedule)
    signed = {"by": "Dr Lin", "role": "prescriber", "reason": "agreed", "date": MARCH_3}
    assert not cancel_barred(folder, [finding(overridden_by=signed)], MARCH_3)
    assert not cancel_barred(folder, [finding(severity="hold", cancels_sessions=False)], MARCH_3)
    assert cancel_barred(folder, [finding(forecast_refused=True, pauses=[], therapies=[])], date(2027, 3, 1))
    assert coming(read_schedule(folder), "prp") == []


def test_a_folder_without_a_schedule_has_nothing_to_cancel(tmp_path: Path) -> None:
    assert not cancel_barred(tmp_path / "none", [finding()], MARCH_3)
