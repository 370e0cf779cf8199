"""The folder of a plan as `follicast review` finds it: every forecast that was kept, the plan, the schedule."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from pydantic import ValidationError

from follicast.decisions.booking.record import Schedule
from follicast.decisions.planning.stored_forecast import StoredForecast
from follicast.decisions.records import Record
from follicast.decisions.result import PlanResult
from follicast.people.person import Person
from follicast.quantities import DAYS_PER_YEAR, InputError

FORECAST: Final = "forecast.json"
# Years; two whole ages a year apart may be up to two years out.
_SAME_YEAR: Final = 2.0
_KEPT: Final = re.compile(r"forecast-(\d+)\.json")

Kind = TypeVar("Kind", bound=Record)


@dataclass(frozen=True)
class PlanFolder:
    """What a plan's folder holds: forecasts by file name, the first made first; None = not there or not readable."""

    forecasts: tuple[tuple[str, StoredForecast], ...]
    plan: PlanResult | None
    schedule: Schedule | None


def read_plan_folder(folder: Path) -> PlanFolder:
    """The folder that `follicast plan` wrote.

    Raises:
        InputError: there is no such folder, no forecast in it, or one that cannot be read.
    """
    if not folder.is_dir():
        raise InputError(f"--plan {folder}: no such folder; give the folder that `follicast plan` wrote.")
    names = [*kept_names(folder), FORECAST]
    if not (folder / FORECAST).is_file():
        raise InputError(f"--plan {folder}: {FORECAST} is missing; `follicast plan` writes it beside plan.json.")
    forecasts = tuple((name, _read(folder / name, StoredForecast.model_validate_json)) for name in names)
    plan = folder / "plan.json"
    schedule = folder / "schedule.json"
    return PlanFolder(
        forecasts=forecasts,
        plan=_if_readable(plan),
        schedule=_read(schedule, Schedule.model_validate_json) if schedule.is_file() else None,
    )


def refuse_another_person(person: Person, plan: PlanResult | None) -> None:
    """Refuses to hold one person's file against the plan of another: their sex and year of birth must agree.

    A label is not compared, since it may say an age. Ages are whole years in most files, so a year either way is the
    same year of birth.

    Raises:
        InputError: the plan is somebody else's.
    """
    if plan is None:
        return
    planned, now = _born(plan.as_of, plan.person.age_years), _born(person.as_of, person.age_years)
    if plan.person.sex != person.sex or abs(planned - now) > _SAME_YEAR:
        raise InputError(
            f"this person file is of a {person.sex} born about {now:.0f}, the plan of a {plan.person.sex} born about "
            f"{planned:.0f}; give the folder of their own plan with --plan."
        )


def _born(on: dt.date, age_years: float) -> float:
    return on.year + on.timetuple().tm_yday / DAYS_PER_YEAR - age_years


def kept_names(folder: Path) -> list[str]:
    """Names of earlier forecasts kept in a folder, the first made first."""
    found = [match for path in folder.glob("forecast-*.json") if (match := _KEPT.fullmatch(path.name))]
    return [match[0] for match in sorted(found, key=lambda match: int(match[1]))]


def next_kept_name(folder: Path) -> str:
    """The name under which the next earlier forecast is kept."""
    numbers = [int(match[1]) for name in kept_names(folder) if (match := _KEPT.fullmatch(name))]
    return f"forecast-{max(numbers, default=0) + 1}.json"


def _read(path: Path, parse: Callable[[str], Kind]) -> Kind:
    try:
        return parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as problem:
        why = problem.errors()[0]["msg"] if isinstance(problem, ValidationError) else str(problem)
        raise InputError(f"{path}: cannot be read ({why}); only files that follicast wrote are allowed.") from None


def _if_readable(path: Path) -> PlanResult | None:
    """The plan; one of a version with other fields is left aside, because the forecast is what counts."""
    try:
        return PlanResult.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError):
        return None
