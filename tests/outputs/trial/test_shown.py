"""follicast trial from outside: its files, the synthetic rows, and that they never come to stand beside real ones."""

import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from follicast import cli
from follicast.decisions.trials.result import TrialResult
from follicast.outputs.trial.shown import FILES
from follicast.outputs.trial.synthetic import DICTIONARY, joined, refuse_mixture
from follicast.people.invented import is_synthetic
from follicast.quantities import InputError

DESIGN = """
title = "Lotion <b>against</b> vehicle"
people = 30
sizes = [15, 30]
replicates = 100
pool = 300
visits = [0, 12, 24]
[population]
sex = "any"
[[arms]]
name = "Lotion"
[[arms.treatments]]
therapy = "minoxidil-topical-5"
[[arms]]
name = "Vehicle"
vehicle = "minoxidil-topical-5"
[[endpoints]]
measure = "total"
[[endpoints]]
measure = "photograph"
[conduct]
leave = 0.2
stop = 0.2
[analysis]
method = "ancova"
estimand = "hypothetical"
looks = [0.5]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    here = tmp_path_factory.mktemp("trial")
    (here / "lotion.toml").write_text(DESIGN, encoding="utf-8")
    assert cli.main(["trial", str(here / "lotion.toml"), "--out", str(here / "out"), "--quiet"]) == cli.DONE
    return here / "out"


@pytest.fixture(scope="module")
def rows(folder: Path) -> pa.Table:
    return pq.read_table(folder / "synthetic.parquet")


def test_the_folder_holds_every_file_and_the_answer_can_be_read_back(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == set(FILES)
    result = TrialResult.model_validate_json((folder / "trial.json").read_bytes())
    assert result.synthetic
    assert result.study == "SIM-LOTION-0"
    assert "hypothetical: as if nobody had stopped" in result.estimand_words


def test_the_same_seed_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    design = folder.parent / "lotion.toml"
    words = ["trial", str(design), "--out", str(tmp_path / "again"), "--quiet", "--threads", "1"]
    assert cli.main(words) == cli.DONE
    for name in FILES:
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes(), name


def test_the_page_says_power_limits_and_that_everybody_is_simulated(folder: Path) -> None:
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Lotion &lt;b&gt;against&lt;/b&gt; vehicle" in page
    assert "<script" not in page
    assert page.count("<svg") == 6
    for words in ("Everybody here is simulated", "regression to the mean", "Type I error", "Certainty of the evidence"):
        assert words in page


def test_the_summary_tells_the_numbers(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["trial", str(folder.parent / "lotion.toml"), "--out", str(tmp_path / "out")]) == cli.DONE
    said = capsys.readouterr().out
    for words in (
        "power",
        "Bias",
        "Coverage",
        "Type I error",
        "screened",
        "<- this trial",
        "nothing of it is subtracted",
    ):
        assert words in said


def test_a_wrong_design_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(DESIGN.replace("people = 30", "people = 0"), encoding="utf-8")
    assert cli.main(["trial", str(path), "--out", str(tmp_path / "out"), "--json"]) == cli.REFUSED
    said = capsys.readouterr()
    assert "people = 0 must be 5 or more" in json.loads(said.out)["error"]
    assert len(said.err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_every_row_says_that_it_is_synthetic_and_every_column_is_in_the_dictionary(rows: pa.Table) -> None:
    assert rows.num_rows == 60 * (3 + 2)
    assert set(rows["SYNTHETIC"].to_pylist()) == {"Y"}
    assert set(rows["STUDYID"].to_pylist()) == {"SIM-LOTION-0"}
    assert all(name.startswith("SIM-") for name in rows["USUBJID"].to_pylist())
    assert rows.column_names == list(DICTIONARY)
    assert rows.schema.metadata[b"synthetic"] == b"Y"


def test_rows_carry_units_baselines_and_why_a_reading_is_missing(rows: pa.Table) -> None:
    table = rows.to_pylist()
    assert {(row["XHTESTCD"], row["XHSTRESU"]) for row in table} == {("TAHC", "hairs/cm2"), ("GPA", "grades, -3 to 3")}
    for row in table:
        missing = row["XHSTRESN"] is None
        assert missing == (row["XHSTAT"] == "NOT DONE") == bool(row["XHREASND"])
        assert (row["XHBLFL"] == "Y") == (row["VISIT"] == "WEEK 0")
        if row["XHREASND"] == "LOST TO FOLLOW-UP":
            assert row["DSDECOD"] == "LOST TO FOLLOW-UP"
    assert {row["XHREASND"] for row in table} >= {"LOST TO FOLLOW-UP", "TREATMENT STOPPED, SET ASIDE BY THE ESTIMAND"}
    assert {row["SEX"] for row in table} == {"M", "F"}


REAL = {"STUDYID": ["HAIR-7"], "USUBJID": ["HAIR-7-001"], "XHSTRESN": [180.0]}


@pytest.mark.parametrize("real", [REAL, REAL | {"SYNTHETIC": [""]}, {"USUBJID": ["p1"], "XHSTRESN": [180.0]}])
def test_scenario_59_synthetic_rows_are_not_joined_with_real_ones(
    rows: pa.Table, real: dict[str, list[object]]
) -> None:
    with pytest.raises(InputError, match="never put into one table"):
        joined([rows, pa.table(real)])
    with pytest.raises(InputError, match="never put into one table"):
        joined([pa.table(real), rows.slice(0, 1)])


def test_scenario_59_a_row_whose_flag_was_taken_off_is_found_out(rows: pa.Table) -> None:
    with pytest.raises(InputError, match="row 1 is simulated"):
        refuse_mixture([{"STUDYID": "SIM-X-0", "SYNTHETIC": ""}], "table")
    with pytest.raises(InputError, match="row 1 is simulated"):
        refuse_mixture([{"STUDYID": "HAIR-7", "SYNTHETIC": "Y"}], "table")
    without = rows.drop_columns(["SYNTHETIC"])
    with pytest.raises(InputError, match="row 1 is simulated"):
        joined([without])


def test_synthetic_tables_join_one_another_and_so_do_real_ones(rows: pa.Table) -> None:
    assert joined([rows, rows]).num_rows == 2 * rows.num_rows
    assert joined([pa.table(REAL), pa.table(REAL)]).num_rows == 2
    assert is_synthetic(rows.slice(0, 1).to_pylist()[0])


def test_scenario_59_synthetic_rows_are_not_imported_into_a_person(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    person = tmp_path / "man.toml"
    person.write_text('as_of = 2026-11-20\n[person]\nlabel = "Wang"\nsex = "male"\nage = 40\n', encoding="utf-8")
    before = person.read_bytes()
    for mark, value in (("SYNTHETIC", "Y"), ("STUDYID", "SIM-LOTION-0")):
        table = tmp_path / f"{mark}.csv"
        header = f"patient,date,site,quantity,value,unit,{mark}\n"
        table.write_text(header + f"p1,2026-01-05,vertex,total_density,180,hairs/cm2,{value}\n", encoding="utf-8")
        assert cli.main(["import", str(table), "--into", str(person), "--same-person"]) == cli.REFUSED
        assert "simulated" in capsys.readouterr().err
    assert person.read_bytes() == before


def test_the_data_set_is_what_the_file_holds(folder: Path, rows: pa.Table) -> None:
    held = pq.read_table(io.BytesIO((folder / "synthetic.parquet").read_bytes()))
    assert held.equals(rows)
    assert (folder / "dictionary.csv").read_text().splitlines()[0] == "column,meaning"
