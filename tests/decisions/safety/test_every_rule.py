"""What holds for every safety rule: it can fire, it says why, no risk lifts it, and nobody is told to stop a drug."""

import re
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.decisions.safety.safety_people import (
    MAN,
    TODAY,
    WOMAN,
    found,
    lab,
    saying,
    seen,
    shipped,
    signed,
    taking,
    using,
)
from tests.decisions.safety.safety_people import with_health as healthy

import follicast
from follicast.decisions.safety.rules import barred, findings
from follicast.knowledge.labs import analytes
from follicast.knowledge.load import read_toml, sources
from follicast.knowledge.safety import Joined, Question, Rule, Trigger, changed_rules, safety_rules
from follicast.knowledge.therapy import CONTRAINDICATIONS
from follicast.people.health import Examination, ProductLot, PullTest, SaltScore, Trichoscopy
from follicast.people.person import Goals, Grade, Insult, Measurement, Person, Transplant
from follicast.people.read_health import SIGNS
from follicast.quantities import InputError

RULES = safety_rules().rules
RELIEVING = safety_rules().relieving
FLAGS = [
    f.name
    for f in fields(type(MAN.conditions))
    if f.type == "bool | None" and f"conditions.{f.name}" not in RELIEVING | {"conditions.pregnant"}
]


def witness(rule: Rule) -> Person:
    """A person for whom the rule should fire, made from its own trigger."""
    tests = list(rule.tests())
    sexes = [str(t.wanted["is"]) for t in tests if t.name == "person.sex"]
    women_only = {"conditions.pregnant", "conditions.lactating"} & {t.name for t in tests}
    person = WOMAN if "female" in sexes or women_only or rule.about == ("spironolactone-oral",) else MAN
    return _made_so(person, rule.when, rule)


def _made_so(person: Person, trigger: Trigger, rule: Rule) -> Person:
    if isinstance(trigger, Question):
        return _answered(person, trigger, rule)
    if trigger.how == "not":
        return person
    for part in trigger.parts if trigger.how == "all" else trigger.parts[:1]:
        person = _made_so(person, part, rule)
    return person


def _answered(person: Person, test: Question, rule: Rule) -> Person:
    """The person changed so that one test holds."""
    how, wanted = next(iter(test.wanted.items()))
    if test.subject == "lab":
        return _measured(person, test)
    if test.subject == "medicine":
        start = TODAY - timedelta(days=100)
        medicine = replace(taking(f"a {test.name}", test.name), start=start)
        return healthy(person, medications=(*person.health.medications, medicine))
    if test.subject == "therapy":
        return using(person, "finasteride-oral")
    value = wanted[0] if how == "in" else wanted  # type: ignore[index]
    if how in ("above", "below"):
        value = wanted + (1.0 if how == "above" else -1.0)  # type: ignore[operator]
    group, _, key = test.name.partition(".")
    if group == "conditions":
        if how == "given":
            return person
        return saying(person, **{key: (value,) if how == "has" else value})
    if group == "exam":
        return _examined(person, key, how, value)
    if group == "insults":
        strain = Insult(TODAY - timedelta(days=100), key)  # type: ignore[arg-type]
        return replace(person, insults=(*person.insults, strain))
    return _of_another_kind(person, test.name, value, rule)


def _measured(person: Person, test: Question) -> Person:
    how, wanted = next(iter(test.wanted.items()))
    if how == "given":
        return person
    analyte = analytes()[test.name]
    limit = (analyte.low if how == "below" else analyte.high) if wanted == "range" else float(str(wanted))
    assert limit is not None
    return healthy(person, labs=(lab(test.name, limit + (-1.0 if how == "below" else 1.0)),))


def _examined(person: Person, key: str, how: str, value: object) -> Person:
    if key == "positive_pull_sites":
        return seen(person, pull_test=PullTest((5, 5), 60))
    if key == "rakowska":
        return seen(person, trichoscopy=Trichoscopy(yellow_dots=9, thin_share=0.3))
    return seen(person, **{key: TODAY - timedelta(days=60) if how == "within_days" else value})


def _of_another_kind(person: Person, name: str, value: object, rule: Rule) -> Person:
    before = Transplant(TODAY - timedelta(days=90), 3000, ("vertex",), (), None, None)
    count = Measurement(TODAY, "vertex", "terminal_density", 0.0, 60.0, 1.0, None, None, False)
    about = rule.about[0].removeprefix("class:") if rule.about else ""
    product = ProductLot("exosome" if about == "exosome" else "microneedling", depth_mm=2.5)
    changes: dict[str, Person] = {
        "person.age_years": replace(person, age_years=float(str(value)) if name == "person.age_years" else 40.0),
        "person.jurisdiction": replace(person, jurisdiction="EU" if value == "EU" else "NZ"),
        "person.unknown_medicines": healthy(person, medications=(taking("inventedine"),)),
        "person.extensive_grade": replace(person, grades=(Grade(TODAY, "basp", "U3", "clinician"),)),
        "salt.score": healthy(person, salt=(SaltScore(TODAY, 10.0),)),
        "grafts.days_since": replace(person, transplants=(before,)),
        "grafts.total": replace(person, transplants=(before,)),
        "grafts.uncounted": replace(person, transplants=(replace(before, grafts=None if value else 3000),)),
        "grafts.counted_zones": replace(person, transplants=(before,), measurements=(count,)),
        "goal.terminal_density": replace(person, measurements=(count,), goals=Goals(zone="vertex")),
        "this.wanted": replace(person, considers=("finasteride-oral", "spironolactone-oral")),
        "this.in_use": using(person, "finasteride-oral"),
        "this.fits_sex": replace(person, considers=("finasteride-oral", "spironolactone-oral")),
        "this.allergen": saying(person, allergy=("minoxidil",)),
        "this.prior_reaction": saying(person, reactions=("light",)),
        "this.depth_mm": healthy(person, products=(product,)),
    }
    return changes.get(name, person)


@pytest.mark.parametrize("name", RULES)
def test_every_rule_can_fire(name: str) -> None:
    rule = RULES[name]
    person = witness(rule)
    moved = "TW" if name == "JURISDICTION-CHANGED" else None
    fired = found(person, moment=rule.moments[0], before=moved)
    assert name in fired
    finding = fired[name]
    assert (finding.version, finding.severity) == (rule.version, rule.severity)
    assert bool(finding.therapies) == bool(set(rule.bars) - {"forecast"})
    assert finding.forecast_refused == ("forecast" in rule.bars)


@pytest.mark.parametrize("name", RULES)
def test_every_rule_is_silent_about_somebody(name: str) -> None:
    rule = RULES[name]
    healthy_man = healthy(
        saying(replace(MAN, age_years=30.0), mood_history=False, phq2=0, heart_disease=False),
        examination=Examination(date=TODAY),
        products=(ProductLot("exosome", "a study", "A1", TODAY, "IND 00000 (invented)"),),
    )
    assert name not in found(healthy_man, moment=rule.moments[0])


@pytest.mark.parametrize("name", RULES)
def test_every_rule_says_what_it_is_and_where_it_is_from(name: str) -> None:
    rule = RULES[name]
    for text in (rule.title, rule.text, rule.text_patient, rule.action, rule.read, rule.reviewed_by):
        assert text.strip()
    assert rule.version >= 1
    assert set(rule.sources) <= set(sources())
    assert rule.sources or rule.read.startswith("assumption")
    assert rule.reviewed_by == "nobody yet"
    if rule.severity in ("warn", "info"):
        assert not rule.bars


STOPPING = re.compile(r"\b(stop|stops|stopping|discontinue|come off|withhold|skip|quit|pause)\b", re.IGNORECASE)
OWN = re.compile(r"\b(finasteride|these lines of|sessions)\b", re.IGNORECASE)


@pytest.mark.parametrize("name", RULES)
def test_no_text_tells_anyone_to_stop_another_doctors_drug(name: str) -> None:
    """The one exception is this plan's own: finasteride for hair, in the words of the European Medicines Agency."""
    rule = RULES[name]
    texts = (rule.text, rule.text_patient, rule.action, rule.title, *rule.jurisdictions.values())
    for sentence in (part for text in texts for part in re.split(r"(?<=[.!?])\s", text)):
        assert not STOPPING.search(sentence) or OWN.search(sentence), sentence
    ways = [way.text for way in safety_rules().ways.get(rule.ways, ())]
    assert all(re.search(r"if no doctor prescribed it|session|ask the doctor", text) for text in ways)
    assert all("doctor" in text for text in ways if STOPPING.search(text))
    about_medicines = {t.name for t in rule.tests() if t.subject == "medicine"} - {
        "5-alpha-reductase-inhibitor",
        "androgen",
    }
    if about_medicines:
        assert re.search(r"as prescribed|goes on|prescriber", " ".join(texts)), name


PACKAGE = Path(follicast.__file__).parent
OTHERS = sorted(
    {s for c in read_toml(PACKAGE / "knowledge" / "medicines.toml").values() for s in c["substances"]}  # type: ignore[index]
    - {"finasteride", "dutasteride", "finasteride 5 mg", "testosterone", "heparin"}
)
ANOTHERS = re.compile(rf"\b({'|'.join(map(re.escape, OTHERS))}|anticoagulants?|blood thinners?)\b", re.IGNORECASE)
FINE = re.compile(r"prescriber|prescribed|\bnever\b|\bnot stop\b|interruption|stopping raises", re.IGNORECASE)


def test_no_text_of_the_package_says_stop_and_names_another_doctors_drug() -> None:
    files = [p for end in ("*.toml", "*.j2", "*.po", "*.py") for p in PACKAGE.rglob(end) if "trial" not in p.name]
    texts = [text for path in files for text in re.findall(r'"((?:[^"\\\n]|\\.)*)"', path.read_text(encoding="utf-8"))]
    assert len(texts) > 3000
    bad = [
        sentence
        for text in texts
        for sentence in re.split(r"(?<=[.!?;])\s", text)
        if STOPPING.search(sentence) and ANOTHERS.search(sentence) and not FINE.search(sentence)
    ]
    assert bad == []


def test_every_contraindication_of_a_therapy_has_a_rule_about_it() -> None:
    asked = {part for rule in RULES.values() for part in rule.about}
    by_fact = {"male": "SEX-FIT", "female": "SEX-FIT", "under-18": "RF-CHILD", "childbearing": "PREG-5ARI"}
    for key in CONTRAINDICATIONS:
        assert f"contraindicated:{key}" in asked or by_fact[key] in RULES, key
    for therapy in shipped().therapies.values():
        if "under-18" in therapy.contraindicated:
            assert f"kind:{therapy.kind}" in RULES["RF-CHILD"].about
        if "childbearing" in therapy.contraindicated:
            assert therapy.exclusive == "5-alpha-reductase-inhibitor"


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("role", ["prescriber", "clinician", "patient"])
def test_an_override_by_a_role_that_may_not_is_refused(name: str, role) -> None:
    rule = RULES[name]
    allowed = {"nobody": set(), "prescriber": {"prescriber"}, "clinician": {"prescriber", "clinician"}}[rule.override]
    person = healthy(saying(witness(rule), contraception=True), overrides=(signed(name, role),))
    if role in allowed:
        assert all(f.therapies == [] for f in findings(person, shipped()) if f.rule == name)
    else:
        with pytest.raises(InputError, match=name):
            findings(person, shipped())


def test_an_override_of_no_rule_is_refused() -> None:
    with pytest.raises(InputError, match="RF-NOTHING is not a safety rule"):
        findings(healthy(overrides=(signed("RF-NOTHING"),)), shipped())


def test_what_is_set_aside_is_listed_last_with_who_did_it() -> None:
    person = healthy(saying(keloid=True), overrides=(signed("CI-KELOID", "clinician"),))
    listed = findings(person, shipped())
    assert listed[-1].rule == "CI-KELOID"
    assert listed[-1].overridden_by is not None
    assert "microneedling" not in barred(listed)


PEOPLE = st.builds(
    lambda sex, age, flags, signs, answers, childbearing, place, using_: using(
        seen(
            saying(
                replace(MAN if sex else WOMAN, age_years=age, jurisdiction=place),
                **{k: v for k, v in flags.items() if not (sex and k == "lactating")},
                **answers,
                **({} if sex else {"childbearing": childbearing}),
            ),
            **signs,
        ),
        *using_,
    ),
    sex=st.booleans(),
    age=st.sampled_from([14.0, 25.0, 44.0, 59.0, 84.0]),
    flags=st.fixed_dictionaries({}, optional={name: st.booleans() for name in FLAGS}),
    signs=st.fixed_dictionaries({}, optional={name: st.booleans() for name in SIGNS}),
    answers=st.fixed_dictionaries(
        {}, optional={"phq2": st.integers(0, 6), "contraception": st.booleans(), "mood_cleared": st.booleans()}
    ),
    childbearing=st.sampled_from(["possible", "trying", "unknown", None, "not_possible"]),
    place=st.sampled_from(["EU", "US", "TW", "DE", "NZ", None]),
    using_=st.sets(st.sampled_from(["finasteride-oral", "minoxidil-topical-5", "prp", "shampoo-antifungal"])).map(
        tuple
    ),
)
RISKS = st.one_of(
    st.sampled_from([*FLAGS, "pregnant"]).map(lambda name: ("condition", name, True)),
    st.sampled_from(SIGNS).map(lambda name: ("sign", name, True)),
    st.integers(3, 6).map(lambda score: ("condition", "phq2", score)),
    st.sampled_from(["anticoagulant", "retinoid", "immunosuppressant", "potassium-sparing", "blood-pressure"]).map(
        lambda name: ("medicine", name, True)
    ),
    st.sampled_from([("inr", 6.0), ("platelets", 60.0), ("potassium", 6.5)]).map(lambda reading: ("lab", *reading)),
)


def riskier(person: Person, risk: tuple[str, str, object]) -> Person:
    kind, name, value = risk
    if kind == "condition":
        if person.sex == "male" and name in ("pregnant", "lactating"):
            return person
        changed = {name: value, **({"childbearing": "possible"} if name == "pregnant" else {})}
        before = person.conditions.phq2
        return saying(person, **(changed if name != "phq2" else {"phq2": max(int(str(value)), before or 0)}))
    if kind == "sign":
        return seen(person, **{name: True})
    if kind == "medicine":
        return healthy(person, medications=(*person.health.medications, taking(f"a {name}", name)))
    return healthy(person, labs=(*person.health.labs, lab(name, float(str(value)))))


@settings(max_examples=400, deadline=None)
@given(PEOPLE, st.lists(RISKS, min_size=1, max_size=3))
def test_adding_a_risk_never_removes_a_block(person: Person, risks: list[tuple[str, str, object]]) -> None:
    before = findings(person, shipped())
    for risk in risks:
        person = riskier(person, risk)
    after = findings(person, shipped())
    assert set(barred(before)) <= set(barred(after))
    strict = [f for f in before if f.severity in ("block", "hold")]
    now = {f.rule: set(f.therapies) for f in after}
    for finding in strict:
        assert set(finding.therapies) <= now.get(finding.rule, set()) | set(barred(after)), finding.rule
    assert any(f.forecast_refused for f in after) or not any(f.forecast_refused for f in before)


@settings(max_examples=200, deadline=None)
@given(PEOPLE)
def test_the_strictest_is_always_first_and_nothing_is_listed_twice(person: Person) -> None:
    listed = findings(person, shipped())
    order = ["block", "hold", "warn", "info"]
    assert [order.index(f.severity) for f in listed] == sorted(order.index(f.severity) for f in listed)
    assert len({f.rule for f in listed}) == len(listed)


def test_not_joins_only_facts_that_make_a_person_safer() -> None:
    def negated(trigger: Trigger, under: bool) -> set[str]:
        if isinstance(trigger, Question):
            return {trigger.name} if under else set()
        flipped = under != (trigger.how == "not")
        return {name for part in trigger.parts for name in negated(part, flipped)}

    for rule in RULES.values():
        assert negated(rule.when, False) <= RELIEVING
        assert isinstance(rule.when, Question | Joined)


CHANGE = """
[rules.{rule}]
version = {version}
changed_by = "Dr Bo Invented"
role = "medical director"
reason = "our own protocol"
date = 2026-11-01
{what}
"""


def clinic(tmp_path: Path, rule: str, version: int, what: str) -> Path:
    path = tmp_path / "clinic.toml"
    path.write_text(CHANGE.format(rule=rule, version=version, what=what), encoding="utf-8")
    return path


def test_a_clinic_switches_a_rule_off_with_name_and_reason_and_that_is_said(tmp_path: Path) -> None:
    rules = changed_rules(safety_rules(), clinic(tmp_path, "CI-KELOID", 2, "off = true"))
    listed = {f.rule: f for f in findings(saying(keloid=True), shipped(), rules=rules)}
    assert (listed["CI-KELOID"].severity, listed["CI-KELOID"].therapies) == ("info", [])
    assert "Dr Bo Invented (medical director), 2026-11-01: our own protocol" in listed["CI-KELOID"].text


def test_a_clinic_changes_a_rule_under_a_new_version(tmp_path: Path) -> None:
    path = clinic(tmp_path, "SKIN-INFECTION", 2, 'when = { fact = "exam.folliculitis_count", above = 2 }')
    rules = changed_rules(safety_rules(), path)
    man = seen(folliculitis_count=3)
    assert "SKIN-INFECTION" not in found(man)
    assert "SKIN-INFECTION" in found(man, rules=rules)


@pytest.mark.parametrize(
    ("rule", "version", "what", "part"),
    [
        ("RF-SCAR", 2, "off = true", "nobody may set aside"),
        ("RF-SCAR", 2, 'override = "clinician"', "nobody may set aside"),
        ("CI-KELOID", 1, "off = true", "above the shipped 1"),
        ("CI-KELOID", 2, 'when = { fact = "exam.nothing", is = true }', "names of"),
        ("CI-KELOID", 2, 'when.not = { fact = "conditions.keloid", is = true }', "relieving"),
        ("CI-KELOID", 2, 'severity = "never"', "block, hold, warn, info"),
        ("OWN-RULE", 1, 'severity = "warn"', "is missing"),
    ],
)
def test_a_change_that_may_not_be_is_refused(tmp_path: Path, rule: str, version: int, what: str, part: str) -> None:
    with pytest.raises(InputError, match=part):
        changed_rules(safety_rules(), clinic(tmp_path, rule, version, what))
