"""Open trials: every registered one is accounted for, and what is predicted is a distribution with its certainty."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from follicast.inference.rehearsed import printed, rehearse, uncertain_names, widened
from follicast.inference.replay import replay
from follicast.knowledge.load import Knowledge
from follicast.knowledge.trial import TrialTable
from follicast.outputs.science.imagined import HAIRS, MAN, NOTHING, TOTAL, course, imagined
from follicast.outputs.science.open_trials import open_trials, registered, written
from follicast.outputs.science.predictions import Predicted, contents, earlier, predict


def quiet(name: str, fraction: float) -> None:
    """Says nothing."""


@pytest.fixture(scope="module", autouse=True)
def own_cache(shared_folder: Path) -> Iterator[None]:
    """The user's own results are left alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOLLICAST_CACHE", str(shared_folder / "predictions"))
        yield


@pytest.fixture(scope="module")
def trials() -> list[Predicted]:
    return predict(Knowledge.load(), quiet, draws=4, people=30)


def test_every_registered_trial_is_predicted_or_said_why_not() -> None:
    lists = ("trial", "graft", "cannot", "reported")
    named = [entry["registry"] for part in lists for entry in written()[part]]
    assert sorted(named) == sorted(registered())


def test_regimens_are_therapies_of_the_model() -> None:
    knowledge = Knowledge.load()
    rows = [question.row for trial in open_trials() for question in trial.questions]
    assert len({row.line for row in rows}) == len(rows)
    for row in rows:
        for use in (*row.arm.uses, *(row.against.uses if row.against else ())):
            assert use.therapy in knowledge.therapies
            assert (knowledge.therapies[use.therapy].kind == "session") == bool(use.session_weeks)


def test_two_sides_of_one_person_count_as_arms_twice_as_large() -> None:
    split = next(trial for trial in open_trials() if trial.registry == "NCT07248410")
    assert split.n == 30
    assert {question.row.n for question in split.questions} == {60}


def test_intervals_are_ordered_and_chances_are_chances(trials: list[Predicted]) -> None:
    made = [p for trial in trials for p in trial.predictions]
    for p in made:
        assert p.low95 <= p.low80 <= p.median <= p.high80 <= p.high95
        assert all(chance is None or 0.0 <= chance <= 1.0 for chance in (p.above, p.finds_more, p.finds_less))
    exosomes = [p for trial in trials for p in trial.predictions if p.against and trial.registry != "NCT06849674"]
    assert {p.certainty for p in exosomes} == {"very low"}
    unknown = next(trial for trial in trials if trial.registry == "NCT06239207")
    assert {p.finds_more for p in unknown.predictions} == {None}


def test_files_say_what_they_were_made_of(trials: list[Predicted]) -> None:
    knowledge = Knowledge.load()
    made = contents(trials, knowledge, "2026-11-22")
    data = json.loads(made["predictions.json"])
    assert data["date"] == "2026-11-22"
    assert data["knowledge_hash"] == knowledge.hash
    assert len(data["code_hash"]) == 64
    assert [trial["registry"] for trial in data["trials"]] == [trial.registry for trial in trials]
    page = made["README.md"].decode()
    assert "VERY LOW" in page.splitlines()[4]
    assert all(sentence.split(";")[0][:40] in page for trial in trials for sentence in trial.assumptions)
    assert "nan" not in page


def test_predictions_of_an_earlier_day_are_kept(tmp_path: Path) -> None:
    assert earlier(tmp_path, "2026-11-22") == {}
    (tmp_path / "predictions.json").write_text('{"date": "2026-11-01"}', encoding="utf-8")
    assert earlier(tmp_path, "2026-11-01") == {}
    assert list(earlier(tmp_path, "2026-11-22")) == ["predictions-2026-11-01.json"]


def test_a_number_that_no_trial_calibrated_keeps_its_doubt_between_draws() -> None:
    knowledge = widened(Knowledge.load(), 16, 0)
    assert set(uncertain_names(knowledge)) <= set(knowledge.shared.names)
    column = knowledge.shared.column("exosome.effect")
    assert column is not None
    assert abs(float(column.mean())) < 1e-6
    assert len(set(column.tolist())) == 16


def test_printed_numbers_are_those_of_the_replay() -> None:
    knowledge = widened(Knowledge.load(), 6, 0)
    rows = [
        imagined(1, "net", course("prp", 3, 4.0), NOTHING, TOTAL, HAIRS, 26.0, who=MAN, n=20.0),
        imagined(2, "own", course("prp", 3, 4.0), None, TOTAL, HAIRS, 26.0, who=MAN, n=20.0),
    ]
    found = rehearse(rows, knowledge, 40, 0, quiet)
    told = replay(TrialTable("imagined", tuple(rows), ()), knowledge, 0, quiet, draws=6, people=40).predicted
    for i, p in enumerate(told):
        assert p.effect == pytest.approx(found.net[:, i].mean())
        numbers = printed(found, i, knowledge, 0)
        assert np.quantile(numbers, [0.1, 0.9]) == pytest.approx([p.low80, p.high80], abs=1e-6)
