"""The table of facts: all of them, misses included, as `follicast doctor --facts` prints it."""

import json
import math
from pathlib import Path

import pytest
from tests.program import run

from follicast.inference.cohorts import settled
from follicast.inference.facts import Check, shipped_facts, within
from follicast.knowledge.load import Knowledge

ASKED = [f"F{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 15, 19, 20, 24, 25, 28, 31, 36, 38)]


@pytest.fixture(scope="session")
def facts(once, tmp_path_factory: pytest.TempPathFactory) -> dict:
    """The answer of the command line, with fewer pairs of twins than shipped."""

    def make() -> str:
        here = tmp_path_factory.mktemp("facts")
        code, out, err = run("doctor", "--facts", "--json", "--out", here / "found", here=here)
        assert (code, (here / "found" / "facts.json").read_text()) == (0, out)
        assert "Natural history" in err
        return out

    return json.loads(once("facts", make))


def test_every_fact_asked_for_is_in_the_table_in_order(facts: dict) -> None:
    assert list(dict.fromkeys(row["fact"] for row in facts["rows"])) == ASKED
    assert facts["facts"] == len(ASKED)


def test_theory_is_met_exactly(facts: dict) -> None:
    assert {row["verdict"] for row in facts["rows"] if row["fact"] in ("F1", "F2", "F3", "F4")} == {"pass"}


def test_every_verdict_follows_from_its_numbers_and_no_miss_is_hidden(facts: dict) -> None:
    for row in facts["rows"]:
        assert row["low"] <= row["high"]
        assert (row["verdict"] == "pass") == (row["low"] <= row["model"] <= row["high"])
    missed = {row["fact"] for row in facts["rows"] if row["verdict"] == "miss"}
    assert facts["facts_passed"] == len(ASKED) - len(missed)


def test_every_row_says_what_is_published_where_and_how_it_was_read(facts: dict) -> None:
    published = shipped_facts()
    for row in facts["rows"]:
        assert all(row[key] for key in ("what", "unit", "how", "published", "tolerance", "source", "use"))
        assert row["published"] == published[row["fact"]]["fact"]
        assert math.isfinite(row["model"])
    assert len({(row["fact"], row["what"]) for row in facts["rows"]}) == len(facts["rows"])


def test_the_model_is_near_enough_to_pattern_loss_to_be_of_use(facts: dict) -> None:
    model = {row["what"]: row["model"] for row in facts["rows"]}
    assert model["untreated vertex, total, 2 years"] < model["untreated vertex, total, 1 year"] < 0.0
    assert model["finasteride 1 mg, net, 2 years"] > model["finasteride 1 mg, net, 1 year"] > 50.0
    assert model["Norwood III or more at 40 to 49"] > model["Norwood III or more at 18 to 29"]
    assert model["kenogen 14 years on"] > model["kenogen early"]


def test_a_check_passes_within_its_tolerance_ends_included() -> None:
    assert [within("F1", "x", value, 10.0, 2.0, "%", "y").passed for value in (7.9, 8.0, 12.0, 12.1)] == [0, 1, 1, 0]
    assert not Check("F1", "x", math.nan, 0.0, 1.0, "%", "y").passed


def test_settled_knowledge_has_no_spread_and_the_same_values(knowledge: Knowledge) -> None:
    still = settled(knowledge).parameters
    assert {number.prior.kind for number in still.values()} == {"fixed"}
    assert {name: number.value for name, number in still.items()} == {
        name: number.value for name, number in knowledge.parameters.items()
    }


def test_the_shipped_table_asks_for_what_the_file_publishes() -> None:
    assert set(ASKED) <= set(shipped_facts())
    assert (Path(__file__).parents[2] / "src/follicast/knowledge/facts.csv").is_file()
