"""Which safety rules fire for a person, what they stop, and what has changed since an earlier plan.

One way for a therapy to be barred: a rule of safety.toml. No rule is written here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, cast

from follicast.decisions.result import Finding, Override, PlanResult, Record
from follicast.decisions.safety.facts import Asked
from follicast.decisions.safety.triggers import Answer, holds
from follicast.knowledge.load import Knowledge
from follicast.knowledge.safety import SEVERITIES, Moment, Overrider, Rule, SafetyRules, Shown, rules_in_force
from follicast.language import say
from follicast.people.health import Dismissal
from follicast.people.person import Person
from follicast.quantities import InputError

_MAY: Mapping[Overrider, frozenset[str]] = {
    "nobody": frozenset(),
    "prescriber": frozenset({"prescriber"}),
    "clinician": frozenset({"clinician", "prescriber"}),
}
"""Roles that may set a rule aside."""


class RuleChange(Record):
    """One rule that must be looked at again in an accepted plan; `finding` is what it says now (None = nothing)."""

    rule: str
    why: Literal["version changed", "new rule", "newly fires", "no longer fires"]
    text: str
    finding: Finding | None


def findings(
    person: Person,
    knowledge: Knowledge,
    therapies: Collection[str] | None = None,
    moment: Moment = "plan",
    rules: SafetyRules | None = None,
    before: str | None = None,
) -> list[Finding]:
    """Every rule that fires for a person, the strictest first.

    Args:
        person: as read from a person file, with overrides.
        knowledge: in force.
        therapies: ids that are planned or asked for, besides those the person asks for and uses; None = none.
        moment: a plan is made, or a session begins today.
        rules: None = those in force.
        before: jurisdiction of an earlier plan, "" where it had none; None = there is no earlier plan.

    Raises:
        InputError: an override names no rule, or is by somebody who may not set that rule aside.
    """
    known = rules or rules_in_force(knowledge)
    _check_overrides(person, known)
    offered = {name for proposal in person.proposals for name in proposal.lines}
    wanted = frozenset({*(therapies or ()), *person.considers, *offered} & set(knowledge.therapies))
    asked = Asked(person, knowledge, known, None, wanted, before)
    found = []
    for rule in known.rules.values():
        if moment in rule.moments and not rule.off:
            finding = _fired(rule, asked)
            if finding is not None:
                found.append(finding)
    found += [_switched_off(rule) for rule in known.rules.values() if rule.off]
    order = list(known.rules)
    return sorted(found, key=lambda f: (f.overridden_by is not None, SEVERITIES.index(f.severity), order.index(f.rule)))


def _fired(rule: Rule, asked: Asked) -> Finding | None:
    """What the rule says of this person; None if it does not fire."""
    if not rule.about:
        answer = holds(rule.when, asked, rule.unknown)
        concerned: list[str] = []
        if not answer.holds:
            return None
    else:
        answers = {
            name: holds(rule.when, _about(asked, name), rule.unknown)
            for name in asked.selected(rule.about, _possible(asked))
        }
        concerned = [name for name, answer in answers.items() if answer.holds]
        if not concerned:
            return None
        words = [word for name in concerned for word in answers[name].because]
        answer = Answer(True, tuple(dict.fromkeys(words)))
    return _finding(rule, asked, answer, concerned)


def _possible(asked: Asked) -> list[str]:
    """Therapies worth a word: those for this sex, and any other that is asked for or used all the same."""
    sought = asked.wanted | set(asked.in_use())
    return [name for name, t in asked.knowledge.therapies.items() if asked.person.sex in t.sexes or name in sought]


def _about(asked: Asked, name: str) -> Asked:
    return Asked(
        asked.person, asked.knowledge, asked.rules, asked.knowledge.therapies[name], asked.wanted, asked.before
    )


def _finding(rule: Rule, asked: Asked, answer: Answer, concerned: list[str]) -> Finding:
    stopped = [*asked.knowledge.therapies] if "plan" in rule.bars else concerned
    active = set(asked.in_use()) | asked.wanted
    signed = next((o for o in asked.person.health.overrides if o.rule == rule.id), None)
    numbers = {name: _number(shown, asked) for name, shown in rule.numbers.items()}
    place = asked.person.jurisdiction
    pauses = [name for name in concerned if rule.pauses and name in active and signed is None]
    return Finding(
        rule=rule.id,
        version=rule.version,
        severity=rule.severity,
        title=say(rule.title),
        because=list(answer.because),
        bars=list(rule.bars),
        therapies=[] if signed is not None or not rule.bars else stopped,
        concerns=concerned,
        pauses=pauses,
        pausing=[_paused(name, rule, asked) for name in pauses if rule.ways],
        cancels_sessions=rule.cancels_sessions and signed is None,
        forecast_refused="forecast" in rule.bars and signed is None,
        text=say(rule.text, **numbers),
        text_patient=say(rule.text_patient, **numbers),
        action=say(rule.action),
        hold_days=rule.hold_days,
        sources=list(rule.sources),
        jurisdiction_text=_local(rule, place),
        override=rule.override,
        overridden_by=None if signed is None else _override(signed),
        reviewed_by=rule.reviewed_by,
    )


def _paused(name: str, rule: Rule, asked: Asked) -> str:
    """How one line in use is paused; what another doctor may have prescribed is asked about, nothing more."""
    way = next(way for way in asked.rules.ways[rule.ways] if asked.selected(way.about, [name]))
    return say(way.text, therapy=say(asked.knowledge.therapies[name].name))


def _local(rule: Rule, place: str | None) -> str | None:
    text = rule.jurisdictions.get(place or "other", rule.jurisdictions.get("other"))
    return None if text is None else say(text)


def _number(shown: Shown, asked: Asked) -> str:
    """A number that a text quotes, rounded as its reading deserves."""
    if shown.subject == "lab":
        value = asked.labs(shown.name)[-1].value
    else:
        value = float(cast(float, asked.fact(shown.name)))
    return f"{value * shown.times:.3g}" if abs(value * shown.times) < 1000 else f"{value * shown.times:.0f}"


def _override(signed: Dismissal) -> Override:
    return Override(by=signed.by, role=signed.role, reason=signed.reason, date=signed.date)


def _switched_off(rule: Rule) -> Finding:
    """A rule that a clinic switched off is said, with who did it and why."""
    said = say("This clinic has switched off the rule {rule}. {who}", rule=rule.id, who=rule.changed_by)
    return Finding(
        rule=rule.id,
        version=rule.version,
        severity="info",
        title=say("Switched off: {title}", title=say(rule.title)),
        because=[],
        bars=[],
        therapies=[],
        concerns=[],
        pauses=[],
        pausing=[],
        cancels_sessions=False,
        forecast_refused=False,
        text=said,
        text_patient=said,
        action=say("Ask the clinic if in doubt."),
        hold_days=None,
        sources=[],
        jurisdiction_text=None,
        override=rule.override,
        overridden_by=None,
        reviewed_by=rule.reviewed_by,
    )


def _check_overrides(person: Person, rules: SafetyRules) -> None:
    """Refuses an override of no rule, by a role that may not, or without what the rule asks for."""
    for signed in person.health.overrides:
        rule = rules.rules.get(signed.rule)
        if rule is None:
            raise InputError(
                f"overrides: {signed.rule} is not a safety rule; `follicast safety` prints those that fire."
            )
        if signed.role not in _MAY[rule.override]:
            who = "nobody" if rule.override == "nobody" else " or ".join(sorted(_MAY[rule.override]))
            raise InputError(
                f"overrides: {rule.id} may not be set aside by {signed.by} as {signed.role}; allowed: {who}."
            )
        lacking = [need for need in rule.override_needs if not _granted(need, signed, person)]
        if lacking:
            needs = " and ".join(f"{need} = true" for need in rule.override_needs)
            raise InputError(f"overrides: {rule.id} is set aside only with {needs}; {lacking[0]} is missing.")


def _granted(need: str, signed: Dismissal, person: Person) -> bool:
    """Whether an override has what it needs: written consent, or a fact of [conditions]."""
    if need == "consent":
        return signed.consent
    return getattr(person.conditions, need.removeprefix("conditions.")) is True


def barred(found: Sequence[Finding]) -> dict[str, Finding]:
    """The strictest finding that bars each therapy from the plan; a bar of its recommendation is not one."""
    stopping = [f for f in found if {"plan", "therapies"} & set(f.bars)]
    return {name: f for f in reversed(stopping) for name in f.therapies}


def not_recommended(found: Sequence[Finding]) -> dict[str, Finding]:
    """The strictest finding that keeps each therapy, though compared, from being recommended."""
    return {name: f for f in reversed(found) if "recommendation" in f.bars for name in f.therapies}


def refusals(found: Sequence[Finding]) -> list[Finding]:
    """Findings for which no forecast may be made."""
    return [f for f in found if f.forecast_refused]


def recheck(
    person: Person,
    knowledge: Knowledge,
    old_findings: Sequence[Finding],
    old_versions: Mapping[str, int],
    therapies: Collection[str] | None = None,
    rules: SafetyRules | None = None,
    old_jurisdiction: str | None = None,
    moved_known: bool = False,
) -> list[RuleChange]:
    """What the rules of today say about a plan of earlier; the plan's own snapshot stays as it was.

    Args:
        person: as known today.
        knowledge: in force today.
        old_findings: `PlanResult.safety` of the plan.
        old_versions: `PlanResult.safety_versions` of the plan.
        therapies: the plan's lines.
        rules: None = those in force.
        old_jurisdiction: of the plan; asked only with `moved_known`.
        moved_known: whether `old_jurisdiction` is known.

    Returns:
        Rules to look at again, the strictest first: new ones that fire, those whose version changed and that fire or
        fired, and those that fire now and did not.
    """
    known = rules or rules_in_force(knowledge)
    before = (old_jurisdiction or "") if moved_known else None
    now = {f.rule: f for f in findings(person, knowledge, therapies, "plan", known, before)}
    then = {f.rule: f.title for f in old_findings}
    changes = []
    for name in [*now, *(rule for rule in then if rule not in now)]:
        why = _why(name, now, then, old_versions, known)
        if why is not None:
            changes.append(
                RuleChange(
                    rule=name,
                    why=why,
                    text=_said(why, now[name].title if name in now else then[name]),
                    finding=now.get(name),
                )
            )
    return changes


_Why = Literal["version changed", "new rule", "newly fires", "no longer fires"]


def _why(
    name: str, now: Mapping[str, Finding], then: Collection[str], versions: Mapping[str, int], known: SafetyRules
) -> _Why | None:
    if name not in versions:
        return "new rule" if name in now else None
    if name in known.rules and versions[name] != known.rules[name].version:
        return "version changed"
    if name in now:
        return None if name in then else "newly fires"
    return "no longer fires"


def _said(why: _Why, title: str) -> str:
    return {
        "version changed": say("{title}: this rule has changed since the plan was made. Check again.", title=title),
        "new rule": say("{title}: this rule is new since the plan was made. Check again.", title=title),
        "newly fires": say("{title}: this was not so when the plan was made. Check again.", title=title),
        "no longer fires": say("{title}: this no longer holds.", title=title),
    }[why]


def changed_since(snapshot: PlanResult, person: Person, knowledge: Knowledge) -> list[RuleChange]:
    """What the rules of today say about a stored plan: `recheck` with its findings, versions, lines and country."""
    return recheck(
        person,
        knowledge,
        snapshot.safety,
        snapshot.safety_versions,
        [line.therapy for line in snapshot.lines],
        old_jurisdiction=snapshot.person.jurisdiction,
        moved_known=True,
    )


def session_refusal(person: Person, knowledge: Knowledge, therapy: str) -> Finding | None:
    """The strictest reason why a session of this therapy may not be given, or marked done, today; None if it may.

    Args:
        person: as known on the day, with the product at hand, laboratory values and examination of the day.
        knowledge: in force.
        therapy: id of a session therapy.

    Raises:
        InputError: an override names no rule, or is by somebody who may not set that rule aside.
    """
    return barred(findings(person, knowledge, [therapy], "session")).get(therapy)
