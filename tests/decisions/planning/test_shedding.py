"""Why hair is shed about now: what happened to the person comes before what is begun."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from tests.decisions.safety.safety_people import MAN, TODAY, WOMAN, saying, shipped

from follicast.decisions.planning.candidates import option
from follicast.decisions.planning.shedding import not_simulated, shedding_causes, shedding_windows
from follicast.inference.forecast import Outlook
from follicast.people.person import Insult, Person, Treatment

DAYS = np.array([0, 30, 61, 91, 122])
WEIGHTS = np.array([0.5, 0.5])


def ended(days_ago: int, therapy: str = "minoxidil-topical-5") -> Person:
    end = TODAY - timedelta(days=days_ago)
    return replace(MAN, treatments=(Treatment(end - timedelta(days=900), therapy, end, 1.0, (), ""),))


def shedding(*per_day: float) -> Outlook:
    """An outlook of two members that shed so many hairs a day."""
    sheds = np.repeat(np.array(per_day)[:, None], 2, axis=1)
    rest = np.zeros_like(sheds)
    return Outlook(DAYS, rest, rest, rest, rest, sheds, np.zeros((*sheds.shape, 1), np.float32))


def why(person: Person, *therapies: str) -> str:
    knowledge = shipped()
    drawn = [
        (option(person, knowledge, (), 365), shedding(100, 100, 100, 100, 100)),
        (option(person, knowledge, therapies, 365), shedding(100, 150, 180, 120, 100)),
    ]
    ((plan, first, last, words),) = shedding_windows(person, knowledge, drawn, WEIGHTS)
    assert (plan, first, last) == ("+".join(therapies), 0, 91)
    return words


def test_a_line_that_was_stopped_is_what_sheds() -> None:
    (told,) = shedding_causes(ended(75), shipped())
    assert told.startswith("Topical minoxidil 5 % was stopped on 2026-09-06.")
    assert "with the plan and with nothing" in told
    assert shedding_causes(ended(400), shipped()) == []
    assert shedding_causes(MAN, shipped()) == []


def test_a_shampoo_that_was_stopped_is_not() -> None:
    assert shedding_causes(ended(75, "shampoo-antifungal"), shipped()) == []


def test_what_is_begun_again_is_said_to_be_so() -> None:
    assert "Topical minoxidil 5 %, stopped not long ago, is begun again" in why(ended(75), "minoxidil-topical-5")
    assert "new growth starts" in why(ended(75), "finasteride-oral")
    assert "new growth starts" in why(MAN, "minoxidil-topical-5")


@pytest.mark.parametrize(("kind", "days", "told"), [("childbirth", 300, 1), ("fever", 300, 0), ("fever", 100, 1)])
def test_a_strain_is_named_while_its_shed_may_come(kind, days, told) -> None:
    strained = replace(WOMAN, insults=(Insult(TODAY - timedelta(days=days), kind),))
    assert len(shedding_causes(strained, shipped())) == told


def test_what_is_not_simulated_is_said_to_those_whom_it_concerns() -> None:
    for woman in (saying(WOMAN, pregnant=True), saying(WOMAN, childbearing="trying")):
        assert "are not simulated" in not_simulated(woman)[0]
    mother = replace(WOMAN, insults=(Insult(TODAY - timedelta(days=120), "childbirth"),))
    assert "simulates neither pregnancy nor breastfeeding" in not_simulated(mother)[0]
    for nobody in (MAN, saying(WOMAN, childbearing="possible"), replace(mother, as_of=TODAY + timedelta(days=400))):
        assert not_simulated(nobody) == []
