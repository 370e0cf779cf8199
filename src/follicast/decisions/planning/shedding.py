"""When more hair than usual is expected to be shed, and why: by what happened to the person, by what is begun."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.decisions.planning.candidates import Option, ongoing
from follicast.inference.forecast import Outlook
from follicast.knowledge.load import Knowledge
from follicast.language import say
from follicast.people.person import Person
from follicast.people.words import insult_word

Floats = npt.NDArray[np.float64]

# A plan sheds early when its mean shed exceeds that of nothing by this factor in the first months.
_SHEDDING: Final = 1.1
_EARLY_DAYS: Final = 125
# What was stopped, or strained the body, sheds hair for about so long: assumptions, as in the rule TE-STRAIN.
_AFTER_STOP: Final = 183
_AFTER_STRAIN: Final = 270
_AFTER_BIRTH: Final = 365


def shedding_windows(
    person: Person, knowledge: Knowledge, drawn: Sequence[tuple[Option, Outlook]], weights: Floats
) -> list[tuple[str, int, int, str]]:
    """Early months in which a plan is expected to shed more than nothing does, plan by plan, and why.

    Args:
        person: with what is used today and was before.
        knowledge: in force.
        drawn: nothing first, then the plans that are drawn.
        weights: of the members.
    """
    windows = []
    for option, outlook in drawn[1:]:
        window = early_shedding(outlook, drawn[0][1], weights)
        if window is not None:
            windows.append((option.id, *window, _why(person, knowledge, option)))
    return windows


def early_shedding(outlook: Outlook, nothing: Outlook, weights: Floats) -> tuple[int, int] | None:
    """First and last day on which a regimen is expected to shed more than nothing does; None = no such days."""
    ratio = (outlook.sheds @ weights) / np.maximum(nothing.sheds @ weights, 1e-9)
    months = [i for i, day in enumerate(outlook.days) if 0 < day <= _EARLY_DAYS and ratio[i] > _SHEDDING]
    return (int(outlook.days[months[0] - 1]), int(outlook.days[months[-1]])) if months else None


def _why(person: Person, knowledge: Knowledge, option: Option) -> str:
    """Why a plan sheds more than nothing: it begins something, or begins again what was stopped."""
    again = [name for name, _ in _stopped(person, knowledge) if name in option.therapies]
    if again:
        return say(
            "{lines}, stopped not long ago, is begun again: the hairs that its stopping sent to rest are pushed out "
            "sooner",
            lines=", ".join(say(knowledge.therapies[name].name) for name in again),
        )
    return say("more resting hairs than usual are pushed out as new growth starts under them")


def shedding_causes(person: Person, knowledge: Knowledge) -> list[str]:
    """What has happened that sheds hair about now, whatever is planned: lines that ended, strains on the body, a birth.

    Args:
        person: with treatments and strains up to today.
        knowledge: in force.

    Returns:
        A sentence for each, the latest first.
    """
    found = []
    for name, end in _stopped(person, knowledge):
        words = {"line": say(knowledge.therapies[name].name), "date": end.isoformat()}
        text = say(
            "{line} was stopped on {date}. Hairs that it kept growing go to rest and are shed in the months after, "
            "with the plan and with nothing; that is part of the forecast.",
            **words,
        )
        found.append((end, text))
    for strain in person.insults:
        since, birth = (person.as_of - strain.date).days, strain.kind == "childbirth"
        if since <= (_AFTER_BIRTH if birth else _AFTER_STRAIN):
            text = say(
                "{strain} on {date}: a passing shed 2 to 4 months later is usual, whatever is done. Most of this hair "
                "comes back by itself.",
                strain=insult_word(strain.kind),
                date=strain.date.isoformat(),
            )
            found.append((strain.date, text))
    return [text for _, text in sorted(found, key=lambda pair: (-pair[0].toordinal(), pair[1]))]


def _stopped(person: Person, knowledge: Knowledge) -> list[tuple[str, date]]:
    """Drugs and devices that ended not long ago and are not used today, with the day."""
    ends: dict[str, date] = {}
    for t in person.lived:
        if t.end is None or t.therapy in ongoing(person) or (person.as_of - t.end).days > _AFTER_STOP:
            continue
        if knowledge.therapies[t.therapy].kind in ("drug", "device"):
            ends[t.therapy] = max(t.end, ends.get(t.therapy, t.end))
    return list(ends.items())


def not_simulated(person: Person) -> list[str]:
    """What of pregnancy and birth the model does not simulate, for whom it matters."""
    conditions = person.conditions
    if conditions.pregnant or conditions.childbearing == "trying":
        return [
            say(
                "Pregnancy, the shed after birth and breastfeeding are not simulated. In pregnancy fewer hairs are "
                "shed than usual; 2 to 4 months after birth many are shed together, and most of them come back within "
                "a year. The forecast is as if neither happened."
            )
        ]
    day = person.as_of
    births = [i.date for i in person.insults if i.kind == "childbirth" and (day - i.date).days <= _AFTER_BIRTH]
    if not births:
        return []
    return [
        say(
            "How much hair is shed after the birth of {date} is not known: the model takes it for one passing strain "
            "like a fever, and simulates neither pregnancy nor breastfeeding. A count or grade of these months is too "
            "low.",
            date=max(births).isoformat(),
        )
    ]
