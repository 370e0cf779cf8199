"""What the safety rules say of a person, as one object: for `follicast safety`, and where no forecast may be made."""

from __future__ import annotations

import datetime as dt

from follicast.decisions.result import Citation, Finding, PersonSummary, Record
from follicast.decisions.safety.rules import findings, refusals
from follicast.knowledge.load import Knowledge
from follicast.knowledge.safety import rules_in_force
from follicast.language import language, say
from follicast.people.person import Person
from follicast.people.words import health_facts
from follicast.version import VERSION

OBSERVATION_DAYS = (183, 365)
"""When somebody who may only be observed is measured again: after half a year and a year."""


class SafetyAnswer(Record):
    """The findings of a person, the strictest first, without any forecast.

    `health` are laboratory values and medicines in words. `observe` are the dates to measure again where the only plan
    is to observe; empty otherwise.
    """

    schema_version: int
    follicast_version: str
    knowledge_hash: str
    language: str
    as_of: dt.date
    person: PersonSummary
    health: list[str]
    forecast_refused: bool
    findings: list[Finding]
    versions: dict[str, int]
    observe: list[dt.date]
    citations: list[Citation]


def safety_answer(person: Person, knowledge: Knowledge) -> SafetyAnswer:
    """What do the safety rules say of this person?

    Raises:
        InputError: an override names no rule, or is by somebody who may not set that rule aside.
    """
    found = findings(person, knowledge)
    rules = rules_in_force(knowledge)
    watching = any(rules.rules[f.rule].observe for f in found)
    keys = dict.fromkeys(key for finding in found for key in finding.sources)
    cited = [knowledge.sources[key] for key in keys]
    return SafetyAnswer(
        schema_version=1,
        follicast_version=VERSION,
        knowledge_hash=knowledge.hash,
        language=language(),
        as_of=person.as_of,
        person=PersonSummary(
            label=person.label,
            sex=person.sex,
            age_years=person.age_years,
            jurisdiction=person.jurisdiction,
            facts=person.facts({name: say(therapy.name) for name, therapy in knowledge.therapies.items()}),
        ),
        health=health_facts(person),
        forecast_refused=bool(refusals(found)),
        findings=found,
        versions=rules.versions,
        observe=[person.as_of + dt.timedelta(days=days) for days in OBSERVATION_DAYS] if watching else [],
        citations=[Citation(key=source.key, text=source.text, url=source.url) for source in cited],
    )
