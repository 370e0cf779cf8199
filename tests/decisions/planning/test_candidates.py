"""Which therapies may be compared for a person, and the regimen that each means."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from follicast.decisions.planning.candidates import (
    FIRST_SESSION_DAY,
    TRANSPLANT,
    compatible,
    least_interval,
    ongoing,
    option,
    session_days,
)
from follicast.decisions.planning.left_out import excluded
from follicast.knowledge.load import Knowledge
from follicast.knowledge.therapy import SessionExposure
from follicast.people.person import Conditions, Goals, Person, Proposal, Transplant, Treatment

TODAY = date(2026, 11, 20)
MAN = Person(as_of=TODAY, label="", sex="male", age_years=40.0, jurisdiction="US")
WOMAN = replace(MAN, sex="female")


def left_out(person: Person, knowledge: Knowledge) -> dict[str, str]:
    return {entry.therapy: entry.reason for entry in excluded(person, knowledge)}


def allowed(person: Person, knowledge: Knowledge) -> set[str]:
    return set(knowledge.therapies) - set(left_out(person, knowledge))


def sessions(knowledge: Knowledge, name: str) -> SessionExposure:
    exposure = knowledge.therapies[name].exposure
    assert isinstance(exposure, SessionExposure)
    return exposure


@pytest.mark.parametrize(
    ("names", "together"),
    [
        (("finasteride-oral", "dutasteride-oral"), False),
        (("finasteride-oral", "prp", "finasteride-topical"), False),
        (("minoxidil-topical-5", "minoxidil-oral"), False),
        (("finasteride-oral", "minoxidil-oral", "light"), True),
        (("exosome", "prp"), True),
        ((), True),
    ],
)
def test_of_one_exclusive_group_only_one_is_used(knowledge: Knowledge, names: tuple[str, ...], together: bool) -> None:
    assert compatible(knowledge, names) is together


def test_a_man_who_refuses_nothing_is_offered_all_but_what_is_for_women(knowledge: Knowledge) -> None:
    assert left_out(MAN, knowledge) == {"spironolactone-oral": "Not for men."}


@pytest.mark.parametrize(
    ("refused", "gone"),
    [
        (("prp",), {"prp"}),
        (("tablets",), {"finasteride-oral", "dutasteride-oral", "minoxidil-oral"}),
        (("injections",), {"exosome", "prp"}),
        (("surgery",), {"transplant"}),
        (("surgery", "light"), {"transplant", "light"}),
    ],
)
def test_what_is_refused_by_name_or_class_is_left_out(knowledge: Knowledge, refused, gone) -> None:
    person = replace(MAN, refuses=refused)
    assert allowed(MAN, knowledge) - allowed(person, knowledge) == gone
    assert all(left_out(person, knowledge)[name].startswith("Refused by the person") for name in gone)


def test_unapproved_is_judged_where_the_person_lives(knowledge: Knowledge) -> None:
    american, european = (
        set(left_out(replace(MAN, jurisdiction=place, refuses=("unapproved",)), knowledge)) for place in ("US", "EU")
    )
    assert "exosome" in american & european
    assert "finasteride-topical" in american - european
    assert "finasteride-oral" not in american | european


@pytest.mark.parametrize(
    ("condition", "gone"),
    [
        ({"heart_disease": True}, {"minoxidil-oral"}),
        ({"mood_history": True}, {"finasteride-oral", "finasteride-topical", "dutasteride-oral"}),
        ({"anticoagulant": True}, {"prp", "microneedling", "transplant"}),
        ({"cancer": True}, {"exosome"}),
        ({"allergy": ("propylene-glycol",)}, {"minoxidil-topical-2"}),
        ({"allergy": ("minoxidil",)}, {"minoxidil-topical-2", "minoxidil-topical-5", "minoxidil-oral"}),
        ({"allergy": ("zinc-pyrithione",)}, {"shampoo-antifungal"}),
        ({"heart_disease": False, "cancer": False}, set()),
    ],
)
def test_what_does_not_go_with_a_recorded_condition_is_left_out(knowledge: Knowledge, condition, gone) -> None:
    person = replace(MAN, conditions=Conditions(**condition))
    assert allowed(MAN, knowledge) - allowed(person, knowledge) == gone
    assert all("(rule " in left_out(person, knowledge)[name] for name in gone)


def test_pregnancy_leaves_out_every_drug_that_may_harm_the_child(knowledge: Knowledge) -> None:
    pregnant = replace(WOMAN, conditions=Conditions(pregnant=True))
    assert allowed(pregnant, knowledge) & {"spironolactone-oral", "minoxidil-oral", "minoxidil-topical-5"} == set()


def test_childbearing_counts_as_possible_until_it_is_excluded(knowledge: Knowledge) -> None:
    harmful = replace(
        knowledge.therapies["finasteride-oral"], sexes=("male", "female"), contraindicated=("childbearing",)
    )
    known = replace(knowledge, therapies={"finasteride-oral": harmful})
    answers = (None, "unknown", "possible", "not_possible")
    found = [bool(left_out(replace(WOMAN, conditions=Conditions(childbearing=a)), known)) for a in answers]
    assert found == [True, True, True, False]
    assert not left_out(MAN, known)


def test_with_a_wish_list_only_it_and_what_was_proposed_is_compared(knowledge: Knowledge) -> None:
    offer = Proposal("offer", ("exosome", "light"), None, None)
    person = replace(MAN, considers=("finasteride-oral", TRANSPLANT), proposals=(offer,), refuses=("light",))
    assert allowed(person, knowledge) == {"finasteride-oral", TRANSPLANT, "exosome"}
    assert left_out(person, knowledge)["light"] == "Refused by the person."


@pytest.mark.parametrize("name", ["exosome", "prp", "microneedling"])
def test_a_usual_course_keeps_its_number_and_interval(knowledge: Knowledge, name: str) -> None:
    exposure = sessions(knowledge, name)
    days = session_days(exposure, 730, None)
    assert (len(days), days[0]) == (exposure.sessions.value, FIRST_SESSION_DAY)
    gaps = {later - day for day, later in pairwise(days)}
    assert min(gaps) >= least_interval(knowledge.therapies[name]) > 0.0
    assert max(gaps) <= exposure.interval_max_days.value
    assert least_interval(knowledge.therapies["light"]) == 0.0


def test_a_proposal_brings_its_own_number_and_interval(knowledge: Knowledge) -> None:
    exposure = sessions(knowledge, "exosome")
    days = session_days(exposure, 730, Proposal("a", ("exosome",), 9, (21, 28)))
    assert len(days) == 9
    assert all(21 <= later - day <= 28 for day, later in pairwise(days))
    assert len(session_days(exposure, 730, Proposal("a", ("exosome",), None, None))) == 6
    assert session_days(exposure, 60, Proposal("a", ("exosome",), 9, (21, 21))) == (14, 35, 56)


def test_boosters_go_on_at_their_yearly_rate_to_the_horizon(knowledge: Knowledge) -> None:
    exposure = sessions(knowledge, "prp")
    twice = replace(exposure, boosters_per_year=replace(exposure.sessions, value=2.0))
    days = session_days(twice, 730, None)
    assert days[: len(session_days(exposure, 730, None))] == session_days(exposure, 730, None)
    more = days[int(exposure.sessions.value) - 1 :]
    assert len(more) == 4
    assert {later - day for day, later in pairwise(more)} <= {182, 183}
    assert session_days(twice, 730, Proposal("a", ("prp",), 3, None)) == session_days(exposure, 730, None)


def test_a_combination_is_its_lines_in_order_with_the_persons_own_adherence(knowledge: Knowledge) -> None:
    taken = Treatment(TODAY - timedelta(days=99), "minoxidil-topical-5", None, 0.4, (), "")
    person = replace(MAN, treatments=(taken,))
    made = option(person, knowledge, ("finasteride-oral", "minoxidil-topical-5"), 730)
    assert [(line.therapy, line.adherence) for line in made.regimen.lines] == [
        ("finasteride-oral", knowledge.parameters["adherence.plan"].value),
        ("minoxidil-topical-5", 0.4),
    ]
    assert (made.id, made.label) == ("finasteride-oral+minoxidil-topical-5", "Finasteride 1 mg + Minoxidil 5 %")
    assert option(person, knowledge, ("minoxidil-topical-5",), 730).label == "Minoxidil 5 % (as now)"
    assert (option(person, knowledge, (), 730).id, option(person, knowledge, (), 730).label) == ("none", "Nothing")


def test_an_offer_goes_by_its_own_name(knowledge: Knowledge) -> None:
    offer = Proposal("The clinic's offer", ("exosome", "finasteride-oral"), 5, (21, 28))
    made = option(replace(MAN, proposals=(offer,)), knowledge, offer.lines, 730, offer)
    assert (made.id, made.proposal) == ("The clinic's offer", "The clinic's offer")
    assert [len(line.sessions) for line in made.regimen.lines] == [5, 0]


def test_an_operation_goes_to_the_goal_zone_and_no_denser_than_grafts_survive(knowledge: Knowledge) -> None:
    p = knowledge.parameters
    for zone in ("frontal-hairline", "vertex"):
        made = option(replace(MAN, goals=Goals(zone=zone)), knowledge, (TRANSPLANT,), 730)
        (operation,) = made.regimen.transplants
        assert operation.zones == (zone,)
        assert operation.grafts is not None
        assert operation.grafts <= p[f"zone.area.{zone}"].value * p["transplant.units_per_cm2"].value
        assert operation.date > TODAY
        assert made.regimen.lines == ()
    graft = knowledge.therapies[TRANSPLANT].graft
    assert graft is not None
    before = Transplant(TODAY - timedelta(days=900), 2000, ("vertex",), (), None, None)
    again = option(replace(MAN, transplants=(before,)), knowledge, (TRANSPLANT,), 730).regimen.transplants[0]
    assert again.grafts == graft.grafts_later_session.value


def test_what_is_used_today_is_what_has_no_end(knowledge: Knowledge) -> None:
    past = Treatment(TODAY - timedelta(days=99), "light", TODAY - timedelta(days=9), None, (), "")
    now = replace(past, therapy="prp", end=None)
    assert ongoing(replace(MAN, treatments=(past, now, replace(now, start=TODAY)))) == ("prp",)
