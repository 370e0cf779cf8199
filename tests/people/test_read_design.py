"""Design files: what is understood, and that whatever is wrong is one sentence before anything runs."""

from pathlib import Path
from typing import Any

import pytest
from tests.decisions.trials.made_trials import design_of, plain
from tests.people.files import ROOT

from follicast.knowledge.load import Knowledge
from follicast.knowledge.trial_design import assumed, setting_of
from follicast.people.read_design import cost_of, parse_design, read_design
from follicast.quantities import InputError

DESIGNS = sorted((ROOT / "examples/trials").glob("*.toml"))
SHAM = {"name": "Sham", "sham": "exosome"}
GRAFTS = [{"name": "Grafts", "measure": "graft_survival"}]


@pytest.mark.parametrize("path", DESIGNS, ids=[path.stem for path in DESIGNS])
def test_every_example_is_a_design(path: Path, knowledge: Knowledge) -> None:
    design = read_design(path, knowledge.therapies)
    assert design.study == f"SIM-{path.stem.upper()}"
    assert cost_of(design)[0] < 1.0


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown therapy": (
        {"arms": [{"name": "A", "treatments": [{"therapy": "finasterid-oral"}]}, SHAM]},
        'arms[1].treatments[1].therapy = "finasterid-oral" is no known therapy; did you mean "finasteride-oral"',
    ),
    "unknown arm in the analysis": ({"analysis": {"week": 24, "test": ["Finastride"]}}, 'did you mean "Finasteride"'),
    "one arm": ({"arms": [SHAM]}, "arms holds 1; a trial has 2 to 12 arms"),
    "two arms of one name": ({"arms": [SHAM, SHAM]}, "the same name"),
    "nobody": ({"people": 0}, "people = 0 must be 5 or more"),
    "people missing": ({"people": None}, "people is missing"),
    "people in words": ({"people": "many"}, 'people = "many" must be a whole number'),
    "a crowd": ({"people": 10**12}, "1,000,000,000,000 people in an arm would take about"),
    "negative weeks": ({"visits": [-4, 0, 24]}, "holds -4, but weeks are counted from 0"),
    "weeks that fall": ({"visits": [0, 24, 12]}, "must be weeks that rise"),
    "no visits": ({"visits": None}, "visits is missing"),
    "no such visit": ({"analysis": {"week": 20}}, "analysis.week = 20 is no week at which"),
    "photograph at week 0": (
        {"endpoints": [{"measure": "photograph", "weeks": [0, 24]}]},
        "cannot be measured at week 0: it compares a photograph",
    ),
    "grafts at week 0": ({"endpoints": GRAFTS}, "cannot be measured at week 0: no graft is in place"),
    "no baseline": ({"endpoints": [{"measure": "total", "weeks": [24]}]}, "needs a visit at week 0"),
    "unknown measure": ({"endpoints": [{"measure": "hairs"}]}, "is not one of total, nonvellus"),
    "unknown zone": ({"endpoints": [{"measure": "total", "zone": "vertx"}]}, 'did you mean "vertex"'),
    "no sessions": (
        {"arms": [{"name": "A", "treatments": [{"therapy": "exosome"}]}, SHAM]},
        "sessions is missing; this therapy is given in sessions",
    ),
    "sessions of a tablet": (
        {"arms": [{"name": "A", "treatments": [{"therapy": "finasteride-oral", "sessions": 3}]}, SHAM]},
        "does not go with finasteride-oral, which is taken daily",
    ),
    "tablet on half a scalp": ({"kind": "split-scalp"}, "which reaches both"),
    "crossover without a period": ({"kind": "crossover"}, "period_weeks is missing"),
    "crossover without its visits": ({"kind": "crossover", "period_weeks": 24}, "lacks the ends of the periods"),
    "covariance within people": (
        {"kind": "crossover", "period_weeks": 24, "visits": [0, 24, 48], "analysis": {"method": "ancova"}},
        'allowed is "difference"',
    ),
    "unknown key": ({"arm": []}, 'did you mean "arms"'),
    "Norwood for women": ({"population": {"sex": "female", "norwood": [2, 4]}}, "is a scale for men"),
    "no sex": ({"population": {}}, "population.sex is missing"),
    "leaving share": ({"conduct": {"leave": 1.5}}, "is outside what is allowed, 0 to 0.9"),
    "looks that fall": ({"analysis": {"week": 24, "looks": [0.8, 0.5]}}, "must be at most 10 shares that rise"),
    "look before anybody": ({"analysis": {"week": 24, "looks": [0.01]}}, "holds 0.01, but looks are shares"),
    "place of nothing": ({"truth": {"places": {"exosom.effect": 0.5}}}, 'did you mean "exosome.effect"'),
    "no adjunct": (
        {"visits": [52], "endpoints": GRAFTS, "analysis": {"week": 52}, "population": {"sex": "male"}},
        "finasteride-oral is no adjunct of grafts",
    ),
    "treatment after the end": (
        {"arms": [{"name": "A", "treatments": [{"therapy": "finasteride-oral", "from_week": 30}]}, SHAM]},
        'finasteride-oral of arm "A" begins in week 30, but the last visit is in week 24',
    ),
    "sessions after the end": (
        {"arms": [{"name": "A", "treatments": [{"therapy": "exosome", "sessions": 20, "interval_days": 30}]}, SHAM]},
        "has its last session in week 81",
    ),
    "place of what nobody gets": ({"truth": {"places": {"exosome.effect": 0.5}}}, "no arm gets what it is the"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_in_one_sentence(name: str, knowledge: Knowledge) -> None:
    changes, expected = WRONG[name]
    with pytest.raises(InputError) as refusal:
        parse_design(plain(**changes), "design.toml", "made", knowledge.therapies)
    said = str(refusal.value)
    assert said.startswith("design.toml: ")
    assert expected in said
    assert "\n" not in said


def test_what_is_too_large_is_refused_with_time_and_memory(knowledge: Knowledge) -> None:
    with pytest.raises(InputError, match=r"about [\d,]+ years and [\d,.]+ GB of memory; allowed are 1,000,000 people"):
        design_of(knowledge, people=10**12)


@pytest.mark.parametrize(("content", "said"), [(b"people = ", "is not TOML"), (b"\xff\xfe", "is not TOML in UTF-8")])
def test_a_file_that_is_no_design_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "design.toml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=said):
        read_design(path, {})
    with pytest.raises(InputError, match="no such file"):
        read_design(tmp_path / "other.toml", {})


def test_background_stands_in_every_arm_and_a_dummy_says_what_the_arm_is_to_its_people(knowledge: Knowledge) -> None:
    arms = [{"name": "A", "treatments": [{"therapy": "exosome", "sessions": 3, "interval_days": 28}]}, SHAM]
    design = design_of(knowledge, arms=arms, background=[{"therapy": "minoxidil-topical-5", "from_week": -26}])
    first, second = design.arms
    assert [use.therapy for use in first.uses] == ["minoxidil-topical-5", "exosome"]
    assert first.uses[1].session_weeks == (0.0, 4.0, 8.0)
    assert [use.therapy for use in second.uses] == ["minoxidil-topical-5"]
    assert first.setting == second.setting == "injection"


def test_the_size_of_the_trial_is_on_its_curve(knowledge: Knowledge) -> None:
    assert design_of(knowledge, sizes=[10, 500]).sizes == (10, 60, 500)
    assert 60 in design_of(knowledge, sizes=None).sizes


def test_every_route_is_something_to_the_people_of_a_trial(knowledge: Knowledge) -> None:
    found = {name: setting_of(therapy.route) for name, therapy in knowledge.therapies.items()}
    assert found["finasteride-oral"] == "tablet"
    assert found["minoxidil-topical-5"] == "lotion"
    assert found["microneedling"] == found["exosome"] == "injection"
    assert found["light"] == "device"
    assert found["transplant"] == "surgery"


def test_every_assumption_is_called_one() -> None:
    assert all(number.grade == "E" and number.read.startswith("assumption") for number in assumed().values())
