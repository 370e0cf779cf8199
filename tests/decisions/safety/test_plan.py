"""What safety rules do to a whole plan, from small ensembles."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from tests.decisions.safety.safety_people import MAN, TODAY, WOMAN, saying, seen, signed, using, with_health

from follicast.decisions.planning.plan import make_plan
from follicast.decisions.result import PlanResult
from follicast.decisions.safety.rules import changed_since, session_refusal
from follicast.inference.store import Store
from follicast.knowledge.load import Knowledge
from follicast.people.health import ProductLot
from follicast.people.person import Goals, Grade, Measurement, Person, Proposal
from follicast.quantities import InputError

Planned = Callable[[Person], PlanResult]
SHORT = Goals(horizon_months=6)


@pytest.fixture
def planned(store: Store, knowledge: Knowledge) -> Planned:
    return lambda person: make_plan(person, knowledge, 0, store=store)


def test_scenario_45_no_terminal_hair_at_84_gives_a_plan_without_division_errors(planned: Planned) -> None:
    none = Measurement(TODAY, "vertex", "terminal_density", 0.0, 60.0, 1.0, None, None, False)
    man = replace(
        MAN,
        age_years=84.0,
        grades=(Grade(TODAY, "basp", "U3", "clinician"),),
        measurements=(none,),
        goals=replace(SHORT, zone="vertex"),
        considers=("finasteride-oral", "minoxidil-topical-5"),
    )
    with np.errstate(divide="raise", invalid="raise"):
        result = planned(man)
    assert any(finding.title == "No responsive follicles" for finding in result.safety)
    assert all(np.isfinite([c.gain.median, c.gain.lo80, c.gain.hi80, c.value]).all() for c in result.candidates)


def test_scenario_43_without_a_baseline_the_forecast_says_it_is_of_people_like_them(planned: Planned) -> None:
    result = planned(replace(MAN, goals=SHORT, considers=("finasteride-oral",)))
    assert result.fit.pareto_k is None
    assert any("of people like you, not of you" in message for message in result.fit.messages)
    assert result.fit.missing[0].startswith("No hair count at any site")


def test_scenario_03_in_pregnancy_the_forecast_is_run_off_treatment(planned: Planned) -> None:
    woman = saying(using(replace(WOMAN, goals=SHORT), "minoxidil-topical-5"), pregnant=True)
    result = planned(replace(woman, considers=("minoxidil-topical-5", "light")))
    assert "minoxidil-topical-5" not in result.chosen
    assert {entry.therapy: entry.reason for entry in result.excluded}[
        "minoxidil-topical-5"
    ] == "Pregnancy (rule PREG-NOW)."
    assert [f.pauses for f in result.safety if f.rule == "PREG-NOW"] == [["minoxidil-topical-5"]]


def test_a_recent_shed_leaves_nothing_to_recommend_and_the_course_without_treatment(planned: Planned) -> None:
    result = planned(seen(replace(MAN, goals=SHORT), shedding_onset=TODAY - timedelta(days=40)))
    assert result.chosen == "none"
    assert all("RF-TE" in entry.reason for entry in result.excluded)
    assert result.safety[0].rule == "RF-TE"


def test_an_unapproved_product_is_compared_and_not_recommended(planned: Planned) -> None:
    offer = Proposal("Offer", ("exosome",), 6, (21, 28))
    result = planned(replace(MAN, goals=SHORT, proposals=(offer,), considers=("exosome",), jurisdiction="US"))
    mine = {c.id: c.not_recommended for c in result.candidates}
    assert mine["exosome"] == mine["Offer"] == "Exosomes: not approved, research only (rule EXO-UNAPPROVED)."
    assert result.chosen == "none"


def test_no_forecast_can_be_had_around_the_rules(planned: Planned) -> None:
    with pytest.raises(InputError, match=r"Signs of scarring hair loss \(RF-SCAR\)"):
        planned(seen(absent_ostia=True))
    with pytest.raises(InputError, match="RF-CHILD"):
        planned(replace(MAN, age_years=16.0))


def test_an_override_stands_in_the_answer(planned: Planned) -> None:
    man = with_health(saying(replace(MAN, goals=SHORT), keloid=True), overrides=(signed("CI-KELOID", "clinician"),))
    result = planned(replace(man, considers=("light",)))
    (finding,) = (f for f in result.safety if f.rule == "CI-KELOID")
    assert finding.overridden_by is not None
    assert finding.overridden_by.by == "Dr Ada Invented"


def test_scenario_20_a_stored_plan_is_asked_again(planned: Planned, knowledge: Knowledge) -> None:
    man = replace(MAN, goals=SHORT, considers=("light",))
    result = planned(man)
    assert changed_since(result, man, knowledge) == []
    later = {c.rule: c.why for c in changed_since(result, saying(man, scalp_infection=True), knowledge)}
    assert later == {"SKIN-INFECTION": "newly fires"}
    moved = {c.rule for c in changed_since(result, replace(man, jurisdiction="NZ"), knowledge)}
    assert "JURISDICTION-CHANGED" in moved
    assert result.safety_versions["SKIN-INFECTION"] == 1


def test_scenario_11_a_session_without_a_batch_cannot_be_marked_done(knowledge: Knowledge) -> None:
    refused = session_refusal(MAN, knowledge, "exosome")
    assert refused is not None
    assert refused.rule == "EXO-LOT"
    ready = with_health(products=(ProductLot("exosome", lot="A1", expiry=TODAY),))
    assert session_refusal(ready, knowledge, "exosome") is None
    assert session_refusal(MAN, knowledge, "prp") is None
