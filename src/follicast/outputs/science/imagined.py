"""Arms that no trial held, written as rows so that the machinery of the trials plays them: forecasts and schedules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from follicast.knowledge.trial import Arm, Basis, Measure, Participants, TrialRow, Unit, Use

HAIRS: Final = Unit("hairs/cm2", "absolute", 1.0)
MAN: Final = Participants("male", 35.0, "caucasian", ("vertex",), None)
NOTHING: Final = Arm((), "untreated")
TOTAL, NONVELLUS, TERMINAL = Measure("count"), Measure("count", above_um=30.0), Measure("count", above_um=60.0)
DIAMETER, WEIGHT, ANAGEN = Measure("diameter"), Measure("weight"), Measure("anagen share")

STOP_WEEK: Final = 104.0
_FINASTERIDE = Use("finasteride-oral")
_MINOXIDIL = Use("minoxidil-topical-5")
ARMS: Final = {
    "nothing": NOTHING,
    "finasteride": Arm((_FINASTERIDE,), "tablet"),
    "minoxidil": Arm((_MINOXIDIL,), "lotion"),
    "both": Arm((_FINASTERIDE, _MINOXIDIL), "lotion"),
    "finasteride, stopped": Arm((replace(_FINASTERIDE, stop_week=STOP_WEEK),), "tablet"),
    "minoxidil, stopped": Arm((replace(_MINOXIDIL, stop_week=STOP_WEEK),), "lotion"),
}
READINGS: Final[dict[str, tuple[Measure, str, Basis]]] = {
    "total": (TOTAL, "hairs/cm2", "absolute"),
    "non-vellus": (NONVELLUS, "hairs/cm2", "absolute"),
    "terminal": (TERMINAL, "hairs/cm2", "absolute"),
    "diameter": (DIAMETER, "um", "absolute"),
    "weight": (WEIGHT, "% of baseline", "percent of baseline"),
    "anagen share": (ANAGEN, "points", "absolute"),
    "total, %": (TOTAL, "% of baseline", "percent of baseline"),
    "non-vellus, %": (NONVELLUS, "% of baseline", "percent of baseline"),
}
WEEKS: Final = (26.0, 52.0, 78.0, 104.0, 130.0, 156.0, 208.0, 260.0)
SPACINGS: Final = (2.0, 4.0, 8.0)
SESSIONS: Final = (1, 3, 6)
READ_AT: Final = {"3 months": 13.0, "6 months": 26.0, "12 months": 52.0}


def imagined(
    line: int,
    name: str,
    arm: Arm,
    against: Arm | None,
    measure: Measure,
    unit: Unit,
    week: float,
    level: bool = False,
    who: Participants = MAN,
    n: float | None = None,
) -> TrialRow:
    """A row of a trial that nobody held."""
    return TrialRow(
        line, name, name, who, n, n, arm, against, None, measure, unit, week, level, None, None, None, None, "imagined"
    )


def forecast_rows() -> list[TrialRow]:
    """Every arm read in every way at every time: own changes, effects against nothing, and the levels at the start.

    Named "arm | reading | net", "arm | reading | own" and "start | reading".
    """
    rows: list[TrialRow] = []
    for reading, (measure, text, basis) in READINGS.items():
        unit = Unit(text, basis, 1.0)
        if basis == "absolute":
            rows.append(imagined(len(rows) + 1, f"start | {reading}", NOTHING, None, measure, unit, 0.0, level=True))
        for name, arm in ARMS.items():
            for week in WEEKS:
                rows.append(imagined(len(rows) + 1, f"{name} | {reading} | own", arm, None, measure, unit, week))
                if arm is not NOTHING:
                    net = imagined(len(rows) + 1, f"{name} | {reading} | net", arm, NOTHING, measure, unit, week)
                    rows.append(net)
    return rows


def course(therapy: str, sessions: int, spacing: float) -> Arm:
    """So many sessions, so many weeks apart."""
    return Arm((Use(therapy, session_weeks=tuple(spacing * k for k in range(sessions))),), "injection")


def course_name(therapy: str, sessions: int, spacing: float) -> str:
    """Name of a course's rows."""
    return f"{therapy} | {sessions}" if sessions == 1 else f"{therapy} | {sessions} | {spacing:g}"


def schedule_rows(therapies: Sequence[str] = ("exosome", "prp")) -> list[TrialRow]:
    """1, 3 and 6 sessions at each spacing, net of nothing, at 3, 6 and 12 months from the first session."""
    rows: list[TrialRow] = []
    for therapy in therapies:
        for sessions in SESSIONS:
            for spacing in SPACINGS[:1] if sessions == 1 else SPACINGS:
                for week in READ_AT.values():
                    name, arm = course_name(therapy, sessions, spacing), course(therapy, sessions, spacing)
                    rows.append(imagined(len(rows) + 1, name, arm, NOTHING, TOTAL, HAIRS, week))
    return rows
