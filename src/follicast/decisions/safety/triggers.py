"""Whether the trigger of a safety rule holds for a person, and which recorded facts made it so, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import cast

from follicast.decisions.safety.facts import Asked, Fact
from follicast.knowledge.labs import analytes
from follicast.knowledge.medicines import class_label
from follicast.knowledge.safety import Joined, Question, Trigger
from follicast.language import say
from follicast.people.health import Lab, Medication


@dataclass(frozen=True)
class Answer:
    """Whether it holds, and why: facts in words, in the order they were asked, each once."""

    holds: bool
    because: tuple[str, ...] = ()


def holds(trigger: Trigger, asked: Asked, unknown: bool) -> Answer:
    """Does a trigger hold?

    Args:
        trigger: of a rule.
        asked: of whom, and of which therapy.
        unknown: what a fact that nobody recorded counts as, unless a test says otherwise.
    """
    if isinstance(trigger, Joined):
        return _joined(trigger, asked, unknown)
    counts = unknown if trigger.unknown is None else trigger.unknown
    if trigger.subject == "fact":
        return _fact(trigger, asked, counts)
    if trigger.subject == "lab":
        return _lab(trigger, asked, counts)
    if trigger.subject == "medicine":
        return _medicine(trigger, asked, counts)
    return _therapy(trigger, asked)


def _joined(trigger: Joined, asked: Asked, unknown: bool) -> Answer:
    if trigger.how == "not":
        return Answer(not holds(trigger.parts[0], asked, unknown).holds)
    answers = [holds(part, asked, unknown) for part in trigger.parts]
    decided = all(a.holds for a in answers) if trigger.how == "all" else any(a.holds for a in answers)
    words = [word for answer in answers if answer.holds for word in answer.because]
    return Answer(decided, tuple(dict.fromkeys(words)) if decided else ())


def _fact(test: Question, asked: Asked, counts: bool) -> Answer:
    value = asked.fact(test.name)
    label = say(asked.rules.facts[test.name])
    if "given" in test.wanted:
        known = value is not None and value != ()
        return Answer(known == test.wanted["given"], () if known else (say("not recorded: {fact}", fact=label),))
    if value is None:
        return Answer(counts, (say("not recorded: {fact}", fact=label),))
    met = all(_compared(value, how, wanted, asked.person.as_of) for how, wanted in test.wanted.items())
    return Answer(met, () if test.name in asked.rules.unsaid else (_worded(label, value, test),))


def _worded(label: str, value: Fact, test: Question) -> str:
    """One fact in words. What a therapy is, and who the person is, needs none."""
    if test.name.startswith("this.") or value is True:
        return label
    if value is False:
        shown = say("no")
    elif isinstance(value, tuple):
        shown = ", ".join(value)
    elif isinstance(value, float):
        shown = f"{value:g}"
    else:
        shown = say(value) if isinstance(value, str) else str(value)
    return say("{fact}: {value}", fact=label, value=shown)


def _compared(value: Fact, how: str, wanted: object, today: date) -> bool:
    if isinstance(value, date):
        days = (today - value).days
        return 0 <= days <= cast(float, wanted) if how == "within_days" else days > cast(float, wanted)
    if isinstance(value, tuple):
        return wanted in value
    if how == "in":
        return value in cast(list[object], wanted)
    if how in ("is", "has"):
        return value == wanted
    return _measured(cast(float, value), how, cast(float, wanted))


def _measured(value: float, how: str, limit: float) -> bool:
    return {
        "at_least": value >= limit,
        "at_most": value <= limit,
        "above": value > limit,
        "below": value < limit,
    }[how]


def _lab(test: Question, asked: Asked, counts: bool) -> Answer:
    """The latest value, if it is recent enough, against a number or against its range."""
    analyte = analytes()[test.name]
    window = cast(float, test.wanted.get("within_days", float("inf")))
    found = [lab for lab in asked.labs(test.name) if (asked.person.as_of - lab.date).days <= window]
    missing = say("not recorded: {fact}", fact=say(analyte.label))
    if "given" in test.wanted:
        return Answer(bool(found) == test.wanted["given"], () if found else (missing,))
    if not found:
        return Answer(counts, (missing,))
    latest = found[-1]
    limits = {how: _limit(latest, how, wanted) for how, wanted in test.wanted.items() if how != "within_days"}
    if None in limits.values():
        return Answer(counts, (say("no range for {fact}", fact=say(analyte.label)),))
    met = all(_measured(latest.value, how, cast(float, limit)) for how, limit in limits.items())
    return Answer(met, (say("{fact}: {value}", fact=say(analyte.label), value=f"{latest.written}, {latest.date}"),))


def _limit(lab: Lab, how: str, wanted: object) -> float | None:
    """A number as it stands; "range" is the laboratory's own, else the analyte's."""
    if wanted != "range":
        return cast(float, wanted)
    analyte = analytes()[lab.analyte]
    reported = (lab.low, lab.high) if (lab.low, lab.high) != (None, None) else (analyte.low, analyte.high)
    return reported[0] if how in ("below", "at_most") else reported[1]


def _medicine(test: Question, asked: Asked, counts: bool) -> Answer:
    """Whether any medicine of the class fits every window."""
    fitting = [
        m
        for m in asked.medicines(test.name)
        if all(_taken(m, how, wanted, asked.person.as_of, counts) for how, wanted in test.wanted.items())
    ]
    words = tuple(f"{m.name} ({say(class_label(test.name))})" for m in fitting)
    return Answer(bool(fitting), words)


def _taken(medicine: Medication, how: str, wanted: object, today: date, counts: bool) -> bool:
    if how == "taken":
        return medicine.stop is None
    days = cast(float, wanted)
    if how == "within_days":
        return medicine.stop is None or (today - medicine.stop).days <= days
    if how == "started_within_days":
        return counts if medicine.start is None else (today - medicine.start).days <= days
    raise ValueError(f"a medicine has no {how}")


def _therapy(test: Question, asked: Asked) -> Answer:
    """Whether a therapy of this selector is in use, was ever, or is asked for."""
    ever = [t.therapy for t in asked.person.treatments]
    among = {"now": asked.in_use(), "ever": ever, "wanted": [*asked.wanted]}[str(test.wanted["used"])]
    found = asked.selected([test.name], [name for name in asked.knowledge.therapies if name in among])
    return Answer(bool(found), tuple(say(asked.knowledge.therapies[name].name) for name in found))
