"""Stopping, half doses, and the cheap forecast of the goal zone that both are read from."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from follicast.decisions.planning.candidates import TRANSPLANT, option, planned_adherence
from follicast.decisions.planning.stopping import doses, goes_on, half_of, stopped, stopping, with_doses
from follicast.decisions.planning.workbench import Workbench
from follicast.inference.forecast import PlannedLine, Regimen
from follicast.inference.store import Store
from follicast.knowledge.load import Knowledge
from follicast.people.person import Goals, Person, Treatment

TODAY = date(2026, 11, 20)
MAN = Person(
    as_of=TODAY, label="", sex="male", age_years=36.0, jurisdiction="US", ancestry="caucasian", years_of_loss=(5.0, 6.0)
)
BOTH = ("finasteride-oral", "minoxidil-topical-5")


@pytest.fixture
def bench(store: Store, knowledge: Knowledge) -> Workbench:
    return Workbench(MAN, knowledge, 0, store, lambda *_: None)


def regimen(knowledge: Knowledge, *names: str) -> Regimen:
    return option(MAN, knowledge, names, 730).regimen


def test_the_goal_zone_alone_gives_the_very_hairs_of_the_whole_scalp(
    bench: Workbench, store: Store, knowledge: Knowledge
) -> None:
    for names in (BOTH, (TRANSPLANT,)):
        made = regimen(knowledge, *names)
        alone = Workbench(MAN, knowledge, 0, store, lambda *_: None).course(made, 24)
        assert np.array_equal(alone, bench.outlook(made).density)


def test_stopping_ends_daily_lines_and_leaves_out_later_sessions() -> None:
    made = Regimen((PlannedLine("a", 0, None, 0.8), PlannedLine("b", 0, None, 1.0, (14, 40, 400))))
    assert stopped(made, 365) == Regimen((PlannedLine("a", 0, 365, 0.8), PlannedLine("b", 0, None, 1.0, (14, 40))))
    assert goes_on(made, 365)
    assert not goes_on(stopped(made, 365), 365)


def test_after_stopping_the_gain_of_a_drug_goes(bench: Workbench, knowledge: Knowledge) -> None:
    for name in BOTH:
        found = stopping(bench, regimen(knowledge, name))
        left = [share for share in found.share_left if share is not None]
        assert len(left) == 2
        assert 1.0 > left[0] > left[1] >= 0.0
        assert found.gain[0].median > found.gain[2].median
    lotion, tablet = (stopping(bench, regimen(knowledge, name)).share_left[0] or 0.0 for name in reversed(BOTH))
    assert lotion < tablet


def test_moved_follicles_stay_when_everything_stops(bench: Workbench, knowledge: Knowledge) -> None:
    share = stopping(bench, regimen(knowledge, TRANSPLANT)).share_left[-1]
    assert share is not None
    assert share > 0.8


def test_of_nothing_there_is_no_share_left(bench: Workbench) -> None:
    found = stopping(bench, Regimen())
    assert found.share_left == [None, None]
    assert all(gain.median == 0.0 for gain in found.gain)


def test_scenario_39_an_unknown_adherence_is_shown_at_full_and_at_half(bench: Workbench, knowledge: Knowledge) -> None:
    made = regimen(knowledge, *BOTH)
    half, full = doses(bench, made, 0.5), doses(bench, made, 1.0)
    assert half is not None
    assert full is not None
    assert half.gain.median < full.gain.median
    assert half.costs.median > full.costs.median
    assert doses(bench, with_doses(made, 1.0), 1.0) is None


def test_half_of_the_tablets_costs_less_than_half_of_the_gain(bench: Workbench, knowledge: Knowledge) -> None:
    made = regimen(knowledge, "finasteride-oral")
    half = half_of(bench, made, "finasteride-oral")
    assert half is not None
    assert half.gain.median > 0.5 * (half.gain.median + half.costs.median)
    assert half_of(bench, regimen(knowledge, "exosome"), "exosome") is None


def test_the_persons_own_estimate_comes_before_the_record_and_the_usual(knowledge: Knowledge) -> None:
    taken = Treatment(TODAY, "finasteride-oral", None, 0.4, (), "")
    person = replace(MAN, treatments=(taken,))
    usual = knowledge.parameters["adherence.plan"].value
    assert planned_adherence(MAN, knowledge, "finasteride-oral") == (usual, False)
    assert planned_adherence(person, knowledge, "finasteride-oral") == (0.4, True)
    own = replace(person, goals=Goals(adherence=0.7))
    assert planned_adherence(own, knowledge, "finasteride-oral") == (0.4, True)
    assert planned_adherence(own, knowledge, "light") == (0.7, True)
    each = replace(person, goals=Goals(adherence_by=(("finasteride-oral", 0.9),)))
    assert planned_adherence(each, knowledge, "finasteride-oral") == (0.9, True)
