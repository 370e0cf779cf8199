"""schedule.md: one, three and six sessions, and how far apart, as the model has them."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.knowledge.therapy import SessionExposure
from follicast.outputs.science.imagined import READ_AT, SESSIONS, SPACINGS, course_name
from follicast.outputs.science.material import Material
from follicast.outputs.science.numbers import calibrated_words, prior_words
from follicast.outputs.science.panels import Row, forest
from follicast.outputs.science.sheet import Drawing, sheet
from follicast.outputs.science.words import figure, fixed, num, page, percent, source_links, span, table

Floats = npt.NDArray[np.float64]

_LEAST: Final = 0.5
"""Below so many hairs/cm2 after one session a ratio to it says nothing."""
_PARTS = ("decay_days", "half_saturation", "repeat_loss", "memory_days")


def schedule_page(material: Material) -> tuple[str, dict[str, str]]:
    """The page, and its figures by name."""
    names = {row.trial_id.split(" | ")[0] for row in material.schedule.rows}
    therapies: list[str] = [name for name in ("exosome", "prp") if name in names]
    certain: dict[str, str] = {name: material.main.knowledge.therapies[name].certainty for name in therapies}
    text = page(
        "Sessions: how many, how far apart",
        "**Certainty: VERY LOW.** No trial compares numbers or spacings of sessions. What follows is the prior of "
        "how sessions add up, with what plasma and needling trials, all of one schedule each, could tell of it. It "
        "says what the model assumes and what follows from that, not what has been seen.",
        "For exosomes there is a further doubt: no controlled trial of human stem-cell exosomes was read, and the "
        f"prior gives a chance of {percent(_no_effect(material))} that they do nothing. The intervals hold it.",
        "## The assumption",
        "Each session adds to a stimulus that decays; the stimulus saturates; and a session that follows others "
        "finds the follicles that they already woke, so it counts less. Nothing here ever resets miniaturisation.",
        _assumptions(material, therapies),
        "## What follows",
        "Net of nothing, hairs/cm² at the vertex of men of 35, counted from the first session: mean of such men, "
        f"median and 80 % over {material.schedule.net.shape[0]} joint draws. A course of six sessions eight weeks "
        "apart has not ended at 6 months.",
        *(figure(f"schedule-{name}", f"Courses of {name}: effect at 3, 6 and 12 months") for name in therapies),
        _effects(material, therapies, certain),
        "## Against one session",
        "The ratio of a course's effect to that of one session, in the draws in which one session does at least "
        f"{_LEAST:g} hairs/cm² by then; the last column says in how many of the draws that is so. At 12 months one "
        "session has nearly worn off, so ratios there say more about time than about number.",
        _ratios(material, therapies),
        "A registered trial (NCT06697080: three monthly against six fortnightly sessions) will be the first to test "
        "this; our prediction for it is in [predictions](../predictions/README.md).",
    )
    return text, {f"schedule-{name}": _figure(material, name, certain[name]) for name in therapies}


def _no_effect(material: Material) -> float:
    """Prior chance that exosomes do nothing at all."""
    priors = [number.prior for number in material.main.knowledge.therapies["exosome"].channels.values()]
    return max((prior["p_zero"] for prior in priors if prior.kind.startswith("zero_or")), default=0.0)


def _values(material: Material, therapy: str, sessions: int, spacing: float, week: float) -> Floats:
    name = course_name(therapy, sessions, spacing)
    rows = material.schedule.rows
    place = next(i for i, row in enumerate(rows) if row.trial_id == name and row.week == week)
    return np.asarray(material.schedule.net[:, place])


def _courses() -> list[tuple[int, float]]:
    return [(n, spacing) for n in SESSIONS for spacing in (SPACINGS[:1] if n == 1 else SPACINGS)]


def _course_words(sessions: int, spacing: float) -> str:
    return "1 session" if sessions == 1 else f"{sessions} sessions, {spacing:g} weeks apart"


def _assumptions(material: Material, therapies: list[str]) -> str:
    rows = []
    knowledge = material.main.knowledge
    for name in therapies:
        therapy = knowledge.therapies[name]
        exposure = therapy.exposure
        assert isinstance(exposure, SessionExposure)
        for part in _PARTS:
            number = getattr(exposure, part, None)
            if number is None:
                continue
            draw = f"{therapy.draws}.exposure.{part}"
            rows.append(
                (
                    therapy.short,
                    part.replace("_", " "),
                    prior_words(number),
                    number.unit,
                    calibrated_words(number, draw, knowledge.shared),
                    source_links(number.sources),
                    number.read,
                )
            )
    return table(("therapy", "number", "prior", "unit", "calibrated (80 %)", "sources", "read"), rows)


def _effects(material: Material, therapies: list[str], certain: dict[str, str]) -> str:
    rows = []
    for name in therapies:
        for sessions, spacing in _courses():
            cells = []
            for week in READ_AT.values():
                low, middle, high = np.quantile(
                    _values(material, name, sessions, spacing, week), [0.1, 0.5, 0.9]
                ).tolist()
                cells.append(f"{fixed(middle)} ({span(low, high, 1)})")
            rows.append(
                (name, _course_words(sessions, spacing), *cells, f"**{certain[name]}** (schedule: **very low**)")
            )
    return table(("therapy", "course", *READ_AT, "certainty of the effect"), rows, right=(2, 3, 4))


def _ratios(material: Material, therapies: list[str]) -> str:
    rows = []
    for name in therapies:
        for sessions, spacing in _courses()[1:]:
            cells = []
            share = 0.0
            for week in READ_AT.values():
                one = _values(material, name, 1, SPACINGS[0], week)
                some = one >= _LEAST
                if week == READ_AT["6 months"]:
                    share = float(some.mean())
                if some.sum() < 3:
                    cells.append("-")
                    continue
                ratio = _values(material, name, sessions, spacing, week)[some] / one[some]
                low, middle, high = np.quantile(ratio, [0.1, 0.5, 0.9]).tolist()
                cells.append(f"{fixed(middle)} ({span(low, high, 1)})")
            rows.append((name, _course_words(sessions, spacing), *cells, percent(share)))
    return table(("therapy", "course", *READ_AT, "draws, at 6 months"), rows, right=(2, 3, 4, 5))


def _figure(material: Material, name: str, certainty: str) -> str:
    therapy = material.main.knowledge.therapies[name]
    drawings = []
    for when, week in READ_AT.items():
        rows = []
        for sessions, spacing in _courses():
            values = _values(material, name, sessions, spacing, week)
            low95, low80, middle, high80, high95 = np.quantile(values, [0.025, 0.1, 0.5, 0.9, 0.975]).tolist()
            rows.append(Row(_course_words(sessions, spacing), middle, low80, high80, low95, high95))
        drawn = forest(rows, "hairs/cm² against nothing", f"schedule-{name}-{num(week)}", left=200.0)
        drawings.append(Drawing(drawn.svg, f"{when} from the first session"))
    six, one = (
        float(np.median(_values(material, name, n, 4.0 if n > 1 else SPACINGS[0], READ_AT["6 months"]))) for n in (6, 1)
    )
    title = (
        f"{therapy.short}: six sessions four weeks apart give {fixed(six)} hairs/cm2 at 6 months, one gives "
        f"{fixed(one)}"
    )
    note = (
        f"Certainty of the effect: {certainty}; of the schedule: very low, no trial compares schedules. Bar: 80 % of "
        "what is believed about the mean of such men, line: 95 %, tick: median."
    )
    return sheet(title, note, drawings)
