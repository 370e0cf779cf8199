"""What stops something at a review and did not when the plan was made."""

from types import SimpleNamespace
from typing import cast

from tests.decisions.safety.safety_people import WOMAN, saying, shipped, signed, using, with_health

from follicast.decisions.result import PlanResult
from follicast.decisions.reviewing.alarms import alarms, beside_alarms, changes_since, is_alarm
from follicast.decisions.safety.rules import findings
from follicast.knowledge.safety import safety_rules
from follicast.people.person import Person

PLAN = ["minoxidil-topical-5", "spironolactone-oral"]
BEFORE = using(saying(WOMAN, childbearing="not_possible", pregnant=False), *PLAN)


def planned(person: Person) -> PlanResult:
    """What a plan keeps of its safety findings."""
    kept = SimpleNamespace(
        safety=findings(person, shipped(), PLAN),
        safety_versions=safety_rules().versions,
        person=SimpleNamespace(jurisdiction=person.jurisdiction),
    )
    return cast(PlanResult, kept)


def test_a_pregnancy_since_the_plan_comes_first_with_how_each_line_waits() -> None:
    now = saying(BEFORE, pregnant=True, childbearing="possible")
    changed = changes_since(now, shipped(), planned(BEFORE), PLAN)
    first = alarms(changed, shipped())[0]
    assert (first.rule, first.severity) == ("PREG-NOW", "block")
    assert first.words[0].startswith("You are pregnant")
    assert any("Topical minoxidil 5 %: if no doctor prescribed it" in words for words in first.words)
    assert any("Oral spironolactone: ask the doctor who prescribed it" in words for words in first.words)


def test_beside_an_alarm_nothing_is_said_to_be_over() -> None:
    possible = using(saying(WOMAN, childbearing="possible", pregnant=False), *PLAN)
    pregnant = changes_since(saying(possible, pregnant=True), shipped(), planned(possible), PLAN)
    assert "no longer fires" in {change.why for change in pregnant}
    assert beside_alarms(pregnant) == []
    past = changes_since(saying(possible, childbearing="not_possible"), shipped(), planned(possible), PLAN)
    assert "A pregnancy would end this or make it wait: this no longer holds." in beside_alarms(past)


def test_lines_that_wait_without_more_words_are_named() -> None:
    changed = changes_since(saying(BEFORE, scalp_infection=True), shipped(), planned(BEFORE), PLAN)
    (alarm,) = alarms(changed, shipped())
    assert alarm.rule == "SKIN-INFECTION"
    assert "Topical minoxidil 5 %" in alarm.words[-1]


def test_what_was_so_at_the_plan_is_set_aside_or_only_warns_is_no_alarm() -> None:
    pregnant = saying(BEFORE, pregnant=True, childbearing="possible")
    assert alarms(changes_since(pregnant, shipped(), planned(pregnant), PLAN), shipped()) == []
    infected = saying(BEFORE, scalp_infection=True)
    signed_off = with_health(infected, overrides=(signed("SKIN-INFECTION", "clinician"),))
    assert alarms(changes_since(signed_off, shipped(), planned(BEFORE), PLAN), shipped()) == []
    warned = changes_since(saying(BEFORE, androgen_use=True), shipped(), planned(BEFORE), PLAN)
    assert [(c.rule, is_alarm(c)) for c in warned] == [("ANDROGEN", False)]
    assert changes_since(pregnant, shipped(), None, PLAN) == []
