"""What `follicast replay` writes: good rows replayed, bad rows with a reason, bad tables refused."""

import json
from pathlib import Path

import pytest

from follicast.knowledge.load import Knowledge
from follicast.outputs.science.replayed import REPLAY_FILE, show_replay
from follicast.quantities import InputError

HEADER = "trial_id,sex,measure,drug,dose,route,frequency,week,change_mean,unit,n_arm"
# A laboratory reading needs no virtual people, so this is quick.
DHT = "D1,M,serum DHT,finasteride,1 mg,oral,qd,6,-70,% change,40"


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge.load()


def table(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "trials.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def replayed(path: Path, knowledge: Knowledge, out: Path) -> dict:
    show_replay(path, knowledge, seed=0, out=out, as_json=False, quiet=True)
    return json.loads((out / REPLAY_FILE).read_text(encoding="utf-8"))


def test_good_rows_are_replayed_beside_bad_ones_that_say_why(tmp_path: Path, knowledge: Knowledge) -> None:
    bad = (
        "X1,M,serum DHT,elixir,1 mg,oral,qd,6,-70,% change,40",
        "X2,M,serum DHT,finasteride,1 mg,oral,qd,6,abc,% change,40",
    )
    told = replayed(table(tmp_path, DHT, *bad), knowledge, tmp_path / "out")
    status = {row["trial_id"]: (row["status"], row["reason"]) for row in told["rows"]}
    assert status["D1"] == ("replayed", "")
    assert status["X1"][0] == status["X2"][0] == "not replayed"
    assert "elixir" in status["X1"][1]
    assert "abc" in status["X2"][1]
    (good,) = (row for row in told["rows"] if row["trial_id"] == "D1")
    assert good["lo95"] < good["lo80"] < good["predicted_mean"] < good["hi80"] < good["hi95"]
    assert -80.0 < good["predicted_mean"] < -60.0
    assert good["observed"] == -70.0
    assert good["unit"] == "% change"


def test_every_row_of_the_table_is_in_the_answer_in_its_order(tmp_path: Path, knowledge: Knowledge) -> None:
    rows = [
        DHT.replace("D1", f"D{k}") if k % 2 else f"Q{k},M,global,finasteride,1 mg,oral,qd,52,,points,40"
        for k in range(8)
    ]
    told = replayed(table(tmp_path, *rows), knowledge, tmp_path / "out")
    assert [row["trial_id"] for row in told["rows"]] == [row.split(",")[0] for row in rows]
    assert told["all_rows"]["n"] == 4


def test_the_score_of_a_table_without_counts_says_so(tmp_path: Path, knowledge: Knowledge) -> None:
    told = replayed(table(tmp_path, DHT), knowledge, tmp_path / "out")
    assert told["score"]["n"] == 0
    assert told["score"]["mae"] is None
    assert {"coverage80", "coverage95", "mae_no_effect", "mae_drug_mean", "crps"} <= set(told["score"])


def test_json_goes_to_standard_output(tmp_path: Path, knowledge: Knowledge, capsys: pytest.CaptureFixture[str]) -> None:
    show_replay(table(tmp_path, DHT), knowledge, seed=0, out=None, as_json=True, quiet=True)
    assert json.loads(capsys.readouterr().out)["table"] == "trials.csv"


def test_a_table_without_the_columns_is_refused_in_a_sentence(tmp_path: Path, knowledge: Knowledge) -> None:
    with pytest.raises(InputError, match=r"trials\.csv: .*week"):
        replayed(table(tmp_path, "D1,M", header="trial_id,sex"), knowledge, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_table_that_is_not_there_is_refused(tmp_path: Path, knowledge: Knowledge) -> None:
    with pytest.raises(InputError, match="no such file"):
        replayed(tmp_path / "none.csv", knowledge, tmp_path / "out")
