"""People and shorthand for the tests of safety rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

from follicast.decisions.result import Finding
from follicast.decisions.safety import rules as safety
from follicast.knowledge.load import Knowledge
from follicast.people.health import Dismissal, Examination, Lab, Medication
from follicast.people.person import Person, Treatment

TODAY = date(2026, 11, 20)
MAN = Person(as_of=TODAY, label="", sex="male", age_years=29.0, jurisdiction="EU")
WOMAN = replace(MAN, sex="female", age_years=31.0)
FIVE_ARI = {"finasteride-oral", "finasteride-topical", "dutasteride-oral"}


@cache
def shipped() -> Knowledge:
    return Knowledge.load()


def found(person: Person, *therapies: str, **options: Any) -> dict[str, Finding]:
    """The findings by rule, strictest first."""
    return {f.rule: f for f in safety.findings(person, shipped(), therapies or None, **options)}


def barred(person: Person, *therapies: str, **options: Any) -> set[str]:
    return set(safety.barred(list(found(person, *therapies, **options).values())))


def saying(person: Person = MAN, **conditions: Any) -> Person:
    """The person with these conditions as well."""
    return replace(person, conditions=replace(person.conditions, **conditions))


def with_health(person: Person = MAN, **health: Any) -> Person:
    return replace(person, health=replace(person.health, **health))


def seen(person: Person = MAN, **signs: Any) -> Person:
    """The person with these signs in the examination as well."""
    before = person.health.examination or Examination(date=TODAY)
    return with_health(person, examination=replace(before, **signs))


def using(person: Person, *therapies: str) -> Person:
    """The person with these therapies in use for a year."""
    start = TODAY - timedelta(days=365)
    return replace(person, treatments=tuple(Treatment(start, name, None, 1.0, (), "") for name in therapies))


def lab(analyte: str, value: float, **limits: Any) -> Lab:
    ends = {"low": None, "high": None} | limits
    return Lab(date=TODAY, analyte=analyte, value=value, written=f"{value:g}", **ends)


def taking(name: str, *classes: str, stopped_days_ago: int | None = None) -> Medication:
    stop = None if stopped_days_ago is None else TODAY - timedelta(days=stopped_days_ago)
    return Medication(name, classes, TODAY - timedelta(days=900), stop)


def signed(rule: str, role: Any = "prescriber", consent: bool = True) -> Dismissal:
    return Dismissal(rule, "Dr Ada Invented", role, "seen and talked through", TODAY, consent)
