"""What `follicast export` does: a person, and their plan, as a FHIR Bundle or as CSV files."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from follicast.decisions.booking.record import Schedule
from follicast.decisions.result import PlanResult
from follicast.language import say
from follicast.outputs.write import PLAN, check_folder, replace_file, write_files
from follicast.people.person import Person
from follicast.quantities import InputError

SCHEDULE = "schedule.json"

Read = TypeVar("Read", bound=BaseModel)


def export_person(
    person: Person,
    *,
    plan: Path | None,
    fhir: Path | None,
    tables: Path | None,
    active: bool,
    named: bool,
    quiet: bool,
) -> None:
    """Writes the files that were asked for, and says which.

    Args:
        person: who.
        plan: the folder of `follicast plan`; None = the record only.
        fhir: the Bundle's file.
        tables: the folder of the CSV files.
        active: the plan is agreed and no longer a draft.
        named: the label goes along.
        quiet: say nothing.

    Raises:
        InputError: nothing was asked for, the plan is another person's, or something cannot be read or written.
    """
    if fhir is None and tables is None:
        raise InputError("export: nothing to write; give --fhir FILE.json, --csv DIR, or both.")
    result, schedule = (None, None) if plan is None else _plan(plan, person)
    written: list[Path] = []
    if fhir is not None and (fhir.is_dir() or not fhir.resolve().parent.is_dir()):
        raise InputError(f"--fhir {fhir}: give a file in a folder that is there.")
    if tables is not None:
        from follicast.outputs.exchange.tables import render_tables

        files = render_tables(person, result)
        if not files:
            raise InputError("--csv: this person has no measurement, grade, treatment or other row to write.")
        check_folder(tables, tuple(files))
        written += write_files(files, tables)
    if fhir is not None:
        from follicast.outputs.exchange.fhir.bundle import render_bundle

        bundle = render_bundle(person, result, schedule, status="active" if active else "draft", named=named)
        replace_file(fhir, bundle)
        written.append(fhir)
    if not quiet:
        sys.stdout.write("".join(f"{path}\n" for path in written))
        if fhir is not None and not named:
            sys.stdout.write(say("The label was left out; free texts, such as notes, went along.") + "\n")


def _plan(folder: Path, person: Person) -> tuple[PlanResult, Schedule | None]:
    """The plan of a folder, and its schedule if one is kept there.

    Raises:
        InputError: there is none, or it is of another person or day.
    """
    if not (folder / PLAN).is_file():
        raise InputError(f"--plan {folder}: {PLAN} is missing; give the folder that `follicast plan` wrote.")
    plan = _read(folder / PLAN, PlanResult.model_validate_json)
    about = plan.person
    if (plan.as_of, about.sex, about.label) != (person.as_of, person.sex, person.label) or (
        abs(about.age_years - person.age_years) > 1e-3
    ):
        raise InputError(f"--plan {folder}: is the plan of another person or day; make it anew with `follicast plan`.")
    path = folder / SCHEDULE
    return plan, _read(path, Schedule.model_validate_json) if path.is_file() else None


def _read(path: Path, parse: Callable[[str], Read]) -> Read:
    try:
        return parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as problem:
        why = problem.errors()[0]["msg"] if isinstance(problem, ValidationError) else str(problem)
        raise InputError(f"{path}: cannot be read ({why}); only files that follicast wrote are allowed.") from None
