"""The follicles whose past is shown: of the person's own twin, one that shrank and one that did not."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from follicast.biology.follicle import ANAGEN, PHASES
from follicast.decisions.planning.follicle_life import STEP_DAYS, YEARS, FollicleLife, Place, follicle_lives
from follicast.decisions.planning.workbench import Workbench
from follicast.inference.store import Store
from follicast.knowledge.load import Knowledge
from follicast.people.read import read_person

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture(scope="module")
def lives(knowledge: Knowledge, store: Store) -> dict[Place, FollicleLife]:
    person = read_person(EXAMPLES / "man-40.toml", knowledge.therapies, date(2026, 11, 20))
    return follicle_lives(Workbench(person, knowledge, 0, store, lambda *_: None), 3)


def test_a_life_ends_today_and_goes_back_in_even_steps(lives: dict[Place, FollicleLife]) -> None:
    for life in lives.values():
        assert life.days[-1] == 0
        assert set(np.diff(life.days)) == {STEP_DAYS}
        assert YEARS * 365.25 - STEP_DAYS < -life.days[0] <= YEARS * 365.25
        assert life.phase.shape == life.diameter_um.shape == life.length_mm.shape == life.days.shape


def test_both_follicles_live_and_have_begun_to_grow_more_than_once(lives: dict[Place, FollicleLife]) -> None:
    for life in lives.values():
        starts = (life.phase[1:] == ANAGEN) & (life.phase[:-1] != ANAGEN)
        assert starts.sum() >= 2
        assert life.phase.max() < PHASES.index("lost")


def test_the_follicle_at_the_goal_zone_shrinks_and_the_donor_one_does_not(lives: dict[Place, FollicleLife]) -> None:
    def kept(life: FollicleLife) -> float:
        out = life.diameter_um[life.diameter_um > 0.0]
        return float(out[-1] / out.max())

    assert kept(lives["goal"]) < 0.7
    assert kept(lives["donor"]) > 0.9


def test_a_hair_is_out_only_with_a_length(lives: dict[Place, FollicleLife]) -> None:
    for life in lives.values():
        assert ((life.diameter_um > 0.0) >= (life.length_mm > 0.0)).all()
