"""A transplantation for this person: what the donor area still gives, and what else happens."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from follicast.decisions.planning.candidates import (
    FIRST_SESSION_DAY,
    OPERATION_DAY,
    TRANSPLANT,
    grafts_left,
    grafts_moved,
    option,
)
from follicast.decisions.planning.grafts import donor_spent, graft_facts
from follicast.decisions.planning.workbench import Workbench
from follicast.inference.store import Store
from follicast.knowledge.load import Knowledge
from follicast.knowledge.protocol import protocol_days
from follicast.people.person import Person, Transplant

TODAY = date(2026, 11, 20)
MAN = Person(as_of=TODAY, label="", sex="male", age_years=40.0, jurisdiction="US")


def operated(*grafts: int | None) -> Person:
    done = [Transplant(TODAY - timedelta(days=900 - k), n, ("vertex",), (), None, None) for k, n in enumerate(grafts)]
    return replace(MAN, transplants=tuple(done))


def test_scenario_10_recorded_grafts_lower_what_the_donor_area_gives(knowledge: Knowledge) -> None:
    graft = knowledge.therapies[TRANSPLANT].graft
    assert graft is not None
    most = graft.max_grafts_lifetime.value
    assert grafts_left(MAN, graft) == most
    assert grafts_left(operated(2000, 1500), graft) == most - 3500
    assert grafts_moved(operated(None), graft) == graft.grafts_first_session.value
    few = option(operated(3000, 2600), knowledge, (TRANSPLANT,), 730).regimen.transplants[0]
    assert few.grafts == most - 5600


def test_a_spent_donor_area_rules_surgery_out_and_says_so(knowledge: Knowledge) -> None:
    (gone,) = donor_spent(operated(3500, 2450), knowledge)
    assert gone.therapy == TRANSPLANT
    assert "The donor area is spent: 5,950 grafts were moved" in gone.reason
    assert donor_spent(operated(3500), knowledge) == []


def test_sessions_wait_until_the_grafts_have_healed(knowledge: Knowledge) -> None:
    alone, after = (option(MAN, knowledge, names, 730) for names in (("exosome",), ("exosome", TRANSPLANT)))
    assert alone.regimen.lines[0].sessions[0] == FIRST_SESSION_DAY
    assert after.regimen.lines[0].sessions[0] == OPERATION_DAY + protocol_days("transplant_after") + 1


def test_survival_shock_loss_and_adjuncts_are_told_with_their_certainty(store: Store, knowledge: Knowledge) -> None:
    facts = graft_facts(Workbench(operated(2000), knowledge, 0, store, lambda *_: None))
    assert facts is not None
    assert facts.left == pytest.approx(facts.lifetime - facts.moved - facts.planned)
    assert 0.0 < facts.survival.lo80 < facts.survival.hi80 <= 1.0
    assert 0.0 <= facts.shock_loss.lo80 < facts.shock_loss.hi80 < 1.0
    assert {adjunct.certainty for adjunct in facts.adjuncts} == {"very low"}
    assert all(adjunct.gain.lo80 < 0.0 < adjunct.gain.hi80 for adjunct in facts.adjuncts)
    assert any("shock loss" in words for words in facts.words)
