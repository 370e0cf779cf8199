"""What the safety rules say now and did not say when the plan was made, and which of it comes before any verdict."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from follicast.decisions.result import Finding, PlanResult
from follicast.decisions.reviewing.record import Alarm
from follicast.decisions.safety.rules import RuleChange, recheck
from follicast.knowledge.load import Knowledge
from follicast.language import say
from follicast.people.person import Person


def changes_since(
    person: Person, knowledge: Knowledge, old: PlanResult | None, therapies: Collection[str]
) -> list[RuleChange]:
    """Safety rules that changed since the plan was made, or fire now and did not.

    Args:
        person: on the day of the review.
        knowledge: in force.
        old: the plan; None = it cannot be read, so nothing is known to have changed.
        therapies: the plan's lines.
    """
    if old is None or not old.safety_versions:
        return []
    place = old.person.jurisdiction
    before, versions = old.safety, old.safety_versions
    return recheck(person, knowledge, before, versions, therapies, old_jurisdiction=place, moved_known=True)


def is_alarm(change: RuleChange) -> bool:
    """Whether a rule stops something now and said nothing when the plan was made."""
    found = change.finding
    if found is None or found.overridden_by is not None or found.severity not in ("block", "hold"):
        return False
    return change.why in ("newly fires", "new rule")


def alarms(changes: Sequence[RuleChange], knowledge: Knowledge) -> list[Alarm]:
    """What stops something now and did not at the plan, the strictest first."""
    made = []
    for change in changes:
        found = change.finding
        if found is not None and is_alarm(change):
            severity = "block" if found.severity == "block" else "hold"
            words = [found.text_patient, *_waits(found, knowledge)]
            made.append(Alarm(rule=found.rule, severity=severity, title=found.title, words=words))
    return made


def beside_alarms(changes: Sequence[RuleChange]) -> list[str]:
    """The other changes, in words. Beside an alarm nothing is said to be over: that could be read as all being well."""
    loud = any(is_alarm(change) for change in changes)
    rest = [change for change in changes if not is_alarm(change)]
    return [change.text for change in rest if not (loud and change.why == "no longer fires")]


def _waits(found: Finding, knowledge: Knowledge) -> list[str]:
    """How the lines in use wait; their names where the rule says no more."""
    if found.pausing or not found.pauses:
        return list(found.pausing)
    named = ", ".join(say(knowledge.therapies[name].name) for name in found.pauses)
    return [say("Waits for now: {what}.", what=named)]
