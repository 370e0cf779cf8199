"""Facts that safety rules ask about, by the names of safety.toml [facts]: a value, or None where nobody recorded it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

from follicast.decisions.planning.candidates import grafts_counted, grafts_left, grafts_moved
from follicast.knowledge.load import Knowledge
from follicast.knowledge.safety import SafetyRules
from follicast.knowledge.therapy import Therapy
from follicast.people.health import Lab, Medication, ProductLot, rakowska_met
from follicast.people.person import Person

Fact: TypeAlias = bool | int | float | str | date | tuple[str, ...] | None

_EXTENSIVE: Final = {
    "norwood-hamilton": ("VI", "VII"),
    "ludwig": ("III",),
    "sinclair": ("5",),
    "olsen": ("3",),
    "basp": ("U1", "U2", "U3"),
}


@dataclass(frozen=True)
class Asked:
    """Whom and what a rule is asked about.

    `therapy` is the one in question (None = the person as such); `wanted` are therapies asked for, offered or planned;
    `before` is the jurisdiction an earlier plan was made for (None = no earlier plan).
    """

    person: Person
    knowledge: Knowledge
    rules: SafetyRules
    therapy: Therapy | None
    wanted: frozenset[str]
    before: str | None = None

    def fact(self, name: str) -> Fact:
        """The value of a fact; None = not recorded.

        Raises:
            KeyError: there is no such fact; the rules' own reader refuses such names.
        """
        group, _, key = name.partition(".")
        if group == "conditions":
            return _condition(self.person, key)
        if group == "exam":
            return _sign(self.person, key)
        if group == "this":
            return self._of_therapy(key)
        if group == "insults":
            return max((i.date for i in self.person.insults if i.kind == key), default=None)
        return self._of_person(name)

    def labs(self, analyte: str) -> list[Lab]:
        """Laboratory values of an analyte, the latest last."""
        return [lab for lab in self.person.health.labs if lab.analyte == analyte]

    def medicines(self, medicine_class: str) -> list[Medication]:
        """Medicines of a class, whenever taken."""
        return [m for m in self.person.health.medications if medicine_class in m.classes]

    def selected(self, selectors: Iterable[str], among: Collection[str]) -> list[str]:
        """Ids of the therapies that any selector means, in the order of `among`."""
        chosen = tuple(selectors)
        return [name for name in among if any(self._means(one, self.knowledge.therapies[name]) for one in chosen)]

    def _means(self, selector: str, therapy: Therapy) -> bool:
        how, _, what = selector.partition(":")
        if how == "class":
            return any(self._means(part, therapy) for part in self.rules.classes[what])
        if not what:
            return selector in ("all", therapy.id)
        answers = {
            "kind": therapy.kind == what,
            "route": what in therapy.route,
            "active": what in therapy.active,
            "exclusive": therapy.exclusive == what,
            "contraindicated": what in therapy.contraindicated,
        }
        return answers[how]

    def in_use(self) -> list[str]:
        """Therapies that go on today."""
        return [t.therapy for t in self.person.treatments if t.end is None]

    def region(self) -> str | None:
        """The jurisdiction whose approvals count for the person."""
        place = self.person.jurisdiction
        return None if place is None else self.rules.regions.get(place, place)

    def _of_person(self, name: str) -> Fact:
        person = self.person
        answers: dict[str, Fact] = {
            "person.sex": person.sex,
            "person.age_years": person.age_years,
            "person.jurisdiction": self.region(),
            "person.examined": person.health.examination is not None,
            "person.unknown_medicines": any(not m.classes for m in person.health.medications),
            "person.moved": self.before is not None and self.before != (person.jurisdiction or ""),
            "person.extensive_grade": _extensive(person),
            "salt.score": person.health.salt[-1].score if person.health.salt else None,
            "uses.oil-control": bool(self.selected(["class:oil-control"], self.in_use())),
            "goal.terminal_density": _terminal_at_goal(person),
            **_grafts(person, self.knowledge),
        }
        return answers[name]

    def _of_therapy(self, key: str) -> Fact:
        therapy = self.therapy
        assert therapy is not None, "a rule about no therapy may not ask for facts of one"
        rows = [s.for_hair for s in therapy.status if s.jurisdiction == self.region()]
        known = rows or ([s.for_hair for s in therapy.status] if self.region() is None else [])
        product = next((p for p in self.person.health.products if p.therapy == therapy.id), ProductLot(therapy.id))
        answers: dict[str, Fact] = {
            "wanted": therapy.id in self.wanted,
            "in_use": therapy.id in self.in_use(),
            "fits_sex": self.person.sex in therapy.sexes,
            "allergen": any(name.replace("-", " ") in therapy.active for name in self.person.conditions.allergy),
            "prior_reaction": therapy.id in self.person.conditions.reactions,
            "status_known": bool(rows),
            "for_hair": 2 * sum(known) > len(known),
            "regulatory_reference": bool(product.regulatory_reference),
            "lot": bool(product.lot),
            "expired": None if product.expiry is None else product.expiry < self.person.as_of,
            "no_expiry": product.expiry is None,
            "depth_mm": product.depth_mm,
            "ablative": product.ablative,
        }
        return answers[key]


def _condition(person: Person, key: str) -> Fact:
    value: Fact = getattr(person.conditions, key)
    if key == "partner_pregnancy" and value == "unknown":
        return None
    if person.sex == "male" and key in ("pregnant", "lactating"):
        return False
    return value


def _sign(person: Person, key: str) -> Fact:
    seen = person.health.examination
    if seen is None:
        return None
    if key == "positive_pull_sites":
        return None if seen.pull_test is None else seen.pull_test.positive_sites
    if key == "rakowska":
        return None if seen.trichoscopy is None else rakowska_met(seen.trichoscopy)
    value: Fact = getattr(seen, key)
    return value


def _extensive(person: Person) -> bool:
    """Whether the latest grade leaves least hair in its system."""
    if not person.grades:
        return False
    latest = person.grades[-1]
    if latest.system == "basp":
        return latest.grade[:2] in _EXTENSIVE["basp"]
    return latest.grade in _EXTENSIVE[latest.system]


def _terminal_at_goal(person: Person) -> float | None:
    counts = [m.value for m in person.measurements if m.quantity == "terminal_density" and m.zone == person.goal_zone]
    return counts[-1] if counts else None


def _grafts(person: Person, knowledge: Knowledge) -> dict[str, Fact]:
    """What is known of earlier transplants."""
    graft = next((t.graft for t in knowledge.therapies.values() if t.graft is not None), None)
    latest = max((t.date for t in person.transplants), default=None)
    over = {
        (m.zone, m.date)
        for m in person.measurements
        for t in person.transplants
        if m.zone is not None and m.zone in t.zones and m.date > t.date
    }
    return {
        "grafts.days_since": None if latest is None else (person.as_of - latest).days,
        "grafts.uncounted": sum(t.grafts is None for t in person.transplants),
        "grafts.total": None if graft is None else _rounded(person, grafts_moved(person, graft)),
        "grafts.remaining": None if graft is None else _rounded(person, max(grafts_left(person, graft), 0.0)),
        "grafts.counted_zones": len(over),
    }


def _rounded(person: Person, grafts: float) -> float:
    """As it is where every operation was counted; to five hundred where some number is assumed."""
    return grafts if grafts_counted(person) else 500.0 * round(grafts / 500.0)
