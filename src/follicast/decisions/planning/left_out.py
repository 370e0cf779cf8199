"""Which therapies are not compared for a person, each with the reason: safety first, then what the person wants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from follicast.decisions.planning.candidates import standing
from follicast.decisions.result import Excluded, Finding
from follicast.decisions.safety.rules import barred, findings
from follicast.knowledge.load import Knowledge
from follicast.knowledge.therapy import Therapy
from follicast.language import say
from follicast.people.person import Person


def excluded(person: Person, knowledge: Knowledge, found: Sequence[Finding] | None = None) -> list[Excluded]:
    """Therapies left out for this person, each with the reason.

    Args:
        person: with conditions, refusals and wishes.
        knowledge: in force.
        found: safety findings; None = they are asked for here.
    """
    stopped = barred(findings(person, knowledge) if found is None else found)
    left_out = []
    for name, therapy in knowledge.therapies.items():
        reason = _reason_against(person, therapy, stopped)
        if reason is not None:
            left_out.append(Excluded(therapy=name, label=say(therapy.name), reason=reason))
    return left_out


def _reason_against(person: Person, therapy: Therapy, stopped: Mapping[str, Finding]) -> str | None:
    if therapy.id in stopped:
        finding = stopped[therapy.id]
        return say("{title} (rule {rule}).", title=finding.title, rule=finding.rule)
    if person.sex not in therapy.sexes:
        return say("Not for men.") if person.sex == "male" else say("Not for women.")
    proposed = {name for proposal in person.proposals for name in proposal.lines}
    if person.considers and therapy.id not in person.considers and therapy.id not in proposed:
        return say("Not among the therapies the person file asks about.")
    if therapy.id in person.refuses:
        return say("Refused by the person.")
    refused = sorted(_refusable_classes(person, therapy) & set(person.refuses))
    if refused:
        return say("Refused by the person: {classes}.", classes=", ".join(say(word) for word in refused))
    return None


def _refusable_classes(person: Person, therapy: Therapy) -> set[str]:
    classes = set()
    if therapy.kind == "drug" and therapy.route.startswith("oral"):
        classes.add("tablets")
    if therapy.kind == "surgery":
        classes.add("surgery")
    if therapy.kind == "session" and "inject" in therapy.route:
        classes.add("injections")
    if standing(person, therapy) < 0.5:
        classes.add("unapproved")
    return classes
