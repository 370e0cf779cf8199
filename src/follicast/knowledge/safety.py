"""Safety rules of safety.toml, typed: when a rule fires, what it stops, what it says, and who may set it aside.

A trigger is data. A test asks one fact, laboratory value, medicine or therapy; `all`, `any` and `not` join tests. What
a fact that nobody recorded counts as is said by every rule (`unknown`), and by a test where it differs. The words are
in docs/guide/safety.md; `decisions.safety` asks them of a person.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias, cast, get_args

from follicast.knowledge.labs import analytes
from follicast.knowledge.load import DATA, Knowledge, read_toml, sources
from follicast.knowledge.medicines import medicine_classes
from follicast.knowledge.number import Place, Table, read_choice, read_float, read_table, read_text, read_texts

FILE = "safety.toml"
Severity = Literal["block", "hold", "warn", "info"]
Scope = Literal["forecast", "plan", "therapies", "recommendation"]
Overrider = Literal["nobody", "prescriber", "clinician"]
Moment = Literal["plan", "session"]
Subject = Literal["fact", "medicine", "lab", "therapy"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""Strictest first."""

COMPARISONS = frozenset({"is", "in", "has", "at_least", "at_most", "above", "below", "given"})
WINDOWS = frozenset({"within_days", "older_than_days", "started_within_days", "taken", "used"})
NEVER = "assumption"


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `unknown` is what "not recorded" counts as; None = as the rule says.

    `wanted` holds the comparisons and windows by name, such as {"at_least": 3} or {"taken": "now"}.
    """

    subject: Subject
    name: str
    wanted: Mapping[str, object]
    unknown: bool | None


@dataclass(frozen=True, slots=True)
class Joined:
    """Tests joined: `all` of them, `any` of them, or `not` the only one."""

    how: Literal["all", "any", "not"]
    parts: tuple[Trigger, ...]


Trigger: TypeAlias = "Question | Joined"


@dataclass(frozen=True, slots=True)
class Shown:
    """A number that a text quotes: a laboratory value or a fact, times a factor."""

    subject: Literal["lab", "fact"]
    name: str
    times: float


@dataclass(frozen=True, slots=True)
class Way:
    """How therapies that any selector of `about` means are paused, in words with a place for {therapy}."""

    about: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One safety rule. `about` selects therapies ("kind:drug", "class:needling", an id ...); empty = the person.

    `observe`: what may still be done is to observe. `jurisdictions` are further texts by country, "other" for the rest.
    `ways` names the list of words by which lines in use are paused, "" = only their names are said. `changed_by` is
    who changed or switched off the shipped rule for a clinic, with the reason.
    """

    id: str
    version: int
    severity: Severity
    title: str
    about: tuple[str, ...]
    bars: tuple[Scope, ...]
    moments: tuple[Moment, ...]
    unknown: bool
    when: Trigger
    text: str
    text_patient: str
    action: str
    hold_days: int | None
    pauses: bool
    cancels_sessions: bool
    observe: bool
    numbers: Mapping[str, Shown]
    override: Overrider
    override_needs: tuple[str, ...]
    jurisdictions: Mapping[str, str]
    sources: tuple[str, ...]
    read: str
    reviewed_by: str
    ways: str = ""
    off: bool = False
    changed_by: str = ""

    def tests(self) -> Iterator[Question]:
        """Every question it asks."""
        yield from _tests(self.when)


def _tests(trigger: Trigger) -> Iterator[Question]:
    if isinstance(trigger, Question):
        yield trigger
    else:
        for part in trigger.parts:
            yield from _tests(part)


@dataclass(frozen=True, slots=True)
class SafetyRules:
    """The rules in force, with the words of their facts.

    `facts` are labels by the name of the fact; `relieving` are facts that may stand under `not`, because knowing them
    makes a person safer; `unsaid` are not told among the reasons; `classes` are named lists of selectors of therapies;
    `regions` map a country to the jurisdiction whose approvals count there; `ways` are lists of words by which lines in
    use are paused, the first that means a therapy being the one that is said.
    """

    rules: Mapping[str, Rule]
    facts: Mapping[str, str]
    relieving: frozenset[str]
    unsaid: frozenset[str]
    classes: Mapping[str, tuple[str, ...]]
    regions: Mapping[str, str]
    ways: Mapping[str, tuple[Way, ...]] = field(default_factory=dict)
    origin: Mapping[str, str] = field(default_factory=dict)

    @property
    def versions(self) -> dict[str, int]:
        """Version of every rule."""
        return {name: rule.version for name, rule in self.rules.items()}


_RULE_REQUIRED = frozenset(
    {"version", "severity", "title", "bars", "unknown", "when", "text", "text_patient", "action", "override"}
    | {"sources", "read", "reviewed_by"}
)
_RULE_OPTIONAL = frozenset(
    {"about", "moments", "hold_days", "pauses", "cancels_sessions", "observe", "numbers", "override_needs"}
    | {"jurisdictions", "ways"}
)
_SIGNED = frozenset({"changed_by", "role", "reason", "date"})


@cache
def safety_rules() -> SafetyRules:
    """The shipped rules.

    Raises:
        InputError: safety.toml is wrong somewhere; one sentence.
    """
    return read_rules(read_toml(DATA / FILE), FILE)


def read_rules(raw: Table, file: str) -> SafetyRules:
    """Rules from the tables of a file of the form of safety.toml.

    Raises:
        InputError: a key, a word, a fact or a source is not known; one sentence.
    """
    parts = frozenset({"facts", "relieving", "unsaid", "classes", "regions", "ways", "rules"})
    table = read_table(raw, Place(file, ""), parts)
    labels = cast(Table, table["facts"])
    facts = {str(name): read_text(label, Place(file, f"facts.{name}")) for name, label in labels.items()}
    relieving = frozenset(read_texts(table["relieving"], Place(file, "relieving")))
    classes = cast(Table, table["classes"])
    known = SafetyRules(
        rules={},
        facts=facts,
        relieving=relieving,
        unsaid=frozenset(read_texts(table["unsaid"], Place(file, "unsaid"))),
        classes={str(name): read_texts(part, Place(file, f"classes.{name}")) for name, part in classes.items()},
        regions={
            country: str(region)
            for region, countries in cast(Table, table["regions"]).items()
            for country in read_texts(countries, Place(file, f"regions.{region}"))
        },
        ways={
            str(name): tuple(_way(entry, Place(file, f"ways.{name}.{k}")) for k, entry in enumerate(entries))
            for name, entries in cast(Mapping[str, list[object]], table["ways"]).items()
        },
    )
    rules = {str(name): _rule(str(name), part, file, known) for name, part in cast(Table, table["rules"]).items()}
    return replace(known, rules=rules)


def _way(raw: object, place: Place) -> Way:
    table = read_table(raw, place, frozenset({"about", "text"}))
    text = read_text(table["text"], place.inside("text"))
    if "{therapy}" not in text:
        raise place.inside("text").refuse(f"found {text!r}", "words with a place for {therapy}")
    return Way(read_texts(table["about"], place.inside("about")), text)


def _rule(name: str, raw: object, file: str, known: SafetyRules) -> Rule:
    place = Place(file, f"rules.{name}")
    table = read_table(raw, place, _RULE_REQUIRED, _RULE_OPTIONAL)
    unknown = _flag(table, "unknown", place, None)
    rule = Rule(
        id=name,
        version=int(read_float(table["version"], place.inside("version"))),
        severity=cast(Severity, read_choice(table["severity"], SEVERITIES, place.inside("severity"))),
        title=read_text(table["title"], place.inside("title")),
        about=read_texts(table.get("about", []), place.inside("about")),
        bars=cast("tuple[Scope, ...]", _choices(table, "bars", get_args(Scope), place)),
        moments=cast("tuple[Moment, ...]", _choices(table, "moments", get_args(Moment), place)) or get_args(Moment),
        unknown=unknown,
        when=_trigger(table["when"], place.inside("when"), known, False),
        text=read_text(table["text"], place.inside("text")),
        text_patient=read_text(table["text_patient"], place.inside("text_patient")),
        action=read_text(table["action"], place.inside("action")),
        hold_days=int(read_float(table["hold_days"], place.inside("hold_days"))) if "hold_days" in table else None,
        pauses=_flag(table, "pauses", place, False),
        cancels_sessions=_flag(table, "cancels_sessions", place, False),
        observe=_flag(table, "observe", place, False),
        numbers=_numbers(table.get("numbers", {}), place.inside("numbers"), known),
        override=cast(Overrider, read_choice(table["override"], get_args(Overrider), place.inside("override"))),
        override_needs=read_texts(table.get("override_needs", []), place.inside("override_needs")),
        jurisdictions={str(c): str(t) for c, t in cast(Table, table.get("jurisdictions", {})).items()},
        sources=read_texts(table["sources"], place.inside("sources")),
        read=read_text(table["read"], place.inside("read")),
        reviewed_by=read_text(table["reviewed_by"], place.inside("reviewed_by")),
        ways=read_choice(table["ways"], tuple(known.ways), place.inside("ways")) if "ways" in table else "",
    )
    _check(rule, place)
    return rule


def _check(rule: Rule, place: Place) -> None:
    """What must hold between the parts of a rule."""
    for key in rule.sources:
        if key not in sources():
            raise place.inside("sources").refuse(f"found {key!r}", "keys of sources.toml")
    if not rule.sources and not rule.read.startswith(NEVER):
        raise place.inside("read").refuse("no source", f"a source key, or read starting with {NEVER!r}")
    if rule.severity in ("warn", "info") and rule.bars:
        raise place.inside("bars").refuse(f"a rule that says {rule.severity} stops nothing", "[]")
    if "therapies" in rule.bars and not rule.about:
        raise place.inside("about").refuse("no therapy", 'selectors of therapies, or bars = ["plan"]')


def _choices(table: Table, key: str, allowed: tuple[str, ...], place: Place) -> tuple[str, ...]:
    return tuple(read_choice(word, allowed, place.inside(key)) for word in read_texts(table.get(key, []), place))


def _flag(table: Table, key: str, place: Place, default: bool | None) -> bool:
    value = table.get(key, default)
    if not isinstance(value, bool):
        raise place.inside(key).refuse(f"found {value!r}", "true or false")
    return value


def _numbers(raw: object, place: Place, known: SafetyRules) -> Mapping[str, Shown]:
    shown = {}
    for name, part in cast(Table, raw).items():
        here = place.inside(name)
        table = read_table(part, here, frozenset(), frozenset({"lab", "fact", "times"}))
        subject: Literal["lab", "fact"] = "lab" if "lab" in table else "fact"
        target = read_text(table.get(subject, ""), here)
        _known_name(subject, target, here, known)
        shown[str(name)] = Shown(subject, target, read_float(table.get("times", 1.0), here))
    return shown


def _trigger(raw: object, place: Place, known: SafetyRules, negated: bool) -> Trigger:
    if not isinstance(raw, Mapping) or not raw:
        raise place.refuse(f"found {raw!r}", "a test, or all, any or not of tests")
    joins: tuple[Literal["all", "any"], ...] = ("all", "any")
    for how in joins:
        if how in raw:
            parts = raw[how]
            if len(raw) != 1 or not isinstance(parts, list) or not parts:
                raise place.refuse(f"found {raw!r}", f"{how} = [tests] and nothing beside it")
            made = tuple(_trigger(part, place.inside(f"{how}.{k}"), known, negated) for k, part in enumerate(parts))
            return Joined(how, made)
    if "not" in raw:
        return Joined("not", (_trigger(raw["not"], place.inside("not"), known, not negated),))
    return _test(cast(Table, raw), place, known, negated)


def _test(raw: Table, place: Place, known: SafetyRules, negated: bool) -> Question:
    subjects = [subject for subject in get_args(Subject) if subject in raw]
    if len(subjects) != 1:
        raise place.refuse(f"found {sorted(raw)}", "exactly one of " + ", ".join(get_args(Subject)))
    subject = cast(Subject, subjects[0])
    table = read_table(raw, place, frozenset({subject}), COMPARISONS | WINDOWS | {"unknown"})
    name = read_text(table[subject], place.inside(subject))
    _known_name(subject, name, place, known)
    if negated and name not in known.relieving:
        raise place.refuse(f"{name} under not", "facts listed as relieving, so that a risk never lifts a rule")
    wanted = {key: value for key, value in table.items() if key in COMPARISONS | WINDOWS}
    if not wanted:
        raise place.refuse("no comparison", ", ".join(sorted(COMPARISONS | WINDOWS)))
    unknown = _flag(table, "unknown", place, None) if "unknown" in table else None
    return Question(subject, name, wanted, unknown)


def _known_name(subject: str, name: str, place: Place, known: SafetyRules) -> None:
    if subject == "fact" and name not in known.facts:
        raise place.refuse(f"fact {name!r}", "names of [facts]")
    if subject == "lab" and name not in analytes():
        raise place.refuse(f"lab {name!r}", ", ".join(analytes()))
    if subject == "medicine" and name not in medicine_classes():
        raise place.refuse(f"medicine {name!r}", ", ".join(medicine_classes()))


def rules_in_force(knowledge: Knowledge) -> SafetyRules:
    """The shipped rules, or as the clinic of `knowledge` has changed them.

    Raises:
        InputError: the clinic's file is wrong somewhere; one sentence.
    """
    if knowledge.safety_file is None:
        return safety_rules()
    return changed_rules(safety_rules(), knowledge.safety_file)


def changed_rules(shipped: SafetyRules, path: Path) -> SafetyRules:
    """The shipped rules as a clinic has changed them, in a file that says who did so and why.

    Each table [rules.ID] holds what differs, a `version` above the shipped one, and `changed_by`, `role`, `reason` and
    `date`. `off = true` switches a rule off; one that nobody may set aside cannot be.

    Raises:
        InputError: the file cannot be read, a change is not signed, or a rule may not be changed so.
    """
    raw = read_toml(path)
    table = read_table(raw, Place(path.name, ""), frozenset({"rules"}))
    original = cast(Mapping[str, Table], tomllib.loads((DATA / FILE).read_text(encoding="utf-8"))["rules"])
    rules = dict(shipped.rules)
    for name, part in cast(Mapping[str, object], table["rules"]).items():
        place = Place(path.name, f"rules.{name}")
        change = read_table(part, place, _SIGNED | {"version"}, _RULE_REQUIRED | _RULE_OPTIONAL | {"off"})
        rules[name] = _changed(name, change, place, original.get(name, {}), shipped)
    return replace(
        shipped, rules=rules, origin={**shipped.origin, **dict.fromkeys(rules.keys() & set(table), path.name)}
    )


def _changed(name: str, change: Table, place: Place, original: Table, shipped: SafetyRules) -> Rule:
    signed = {key: read_text(change[key], place.inside(key)) for key in ("changed_by", "role", "reason")}
    when = change["date"]
    if not isinstance(when, date):
        raise place.inside("date").refuse(f"found {when!r}", "a date such as 2026-11-22")
    before = shipped.rules.get(name)
    off = _flag(change, "off", place, False)
    if before is not None and (off or "override" in change) and before.override == "nobody":
        raise place.refuse(f"{name} is a rule that nobody may set aside", "changes of its texts and sources")
    merged = {**original, **{key: value for key, value in change.items() if key not in _SIGNED | {"off"}}}
    rule = _rule(name, merged, place.file, shipped)
    if before is not None and rule.version <= before.version:
        raise place.inside("version").refuse(f"found {rule.version}", f"a number above the shipped {before.version}")
    who = f"{signed['changed_by']} ({signed['role']}), {when}: {signed['reason']}"
    return replace(rule, off=off, changed_by=who)
