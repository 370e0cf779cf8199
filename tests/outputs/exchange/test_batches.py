"""Imports into a file: once only, all or nothing, and back to the byte."""

import stat
from pathlib import Path

import pytest
from tests.people.files import THERAPIES, TODAY

from follicast import cli
from follicast.outputs import write
from follicast.outputs.exchange import batches
from follicast.people.read import read_person

PERSON = """# kept by hand
as_of = 2026-11-20   # the day

[person]
label = "王小明"
sex = "male"
age = 40
"""
HEADER = "date,site,quantity,value,unit,threshold_um\n"
SITES = ("vertex", "mid-scalp", "temples", "sides")
ROWS = [f"2026-{1 + n % 10:02}-01,{SITES[n // 10]},nonvellus_density,{150 + n},hairs/cm2,30\n" for n in range(37)]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "p.toml").write_text(PERSON, encoding="utf-8")
    (tmp_path / "counts.csv").write_text(HEADER + "".join(ROWS), encoding="utf-8")
    return tmp_path


def run(here: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = cli.main(["import", *(str(here / w) if "." in w else w for w in words), "--into", str(here / "p.toml")])
    out, err = capsys.readouterr()
    return code, out + err


def batch(here: Path) -> str:
    (record,) = (here / "p.toml.imports").glob("*.json")
    return record.stem


def everything(here: Path) -> dict[str, bytes]:
    return {str(p.relative_to(here)): p.read_bytes() for p in here.rglob("*") if p.is_file()}


def test_scenario_34_the_same_rows_twice_reordered_and_renamed_add_nothing(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "37 new rows, 0 duplicates, 0 rejected" in run(here, capsys, "counts.csv")[1]
    after = everything(here)
    assert "0 new rows, 37 duplicates, 0 rejected" in run(here, capsys, "counts.csv")[1]
    assert everything(here) == after
    (here / "other.csv").write_text(HEADER + "".join(reversed(ROWS)), encoding="utf-8")
    assert "0 new rows, 37 duplicates, 0 rejected" in run(here, capsys, "other.csv")[1]
    assert len(read_person(here / "p.toml", THERAPIES, TODAY).measurements) == 37


@pytest.mark.parametrize("before", [PERSON, PERSON.rstrip("\n"), "\ufeff" + PERSON.replace("\n", "\r\n")])
def test_scenario_34_undo_restores_the_file_to_the_byte(
    here: Path, capsys: pytest.CaptureFixture[str], before: str
) -> None:
    (here / "p.toml").write_bytes(before.encode())
    untouched = everything(here)
    run(here, capsys, "counts.csv")
    assert (here / "p.toml").read_bytes().startswith(before.encode())
    assert run(here, capsys, "--undo", batch(here))[0] == cli.DONE
    assert everything(here) == untouched
    assert not (here / "p.toml.imports").exists()


def test_imports_are_taken_back_newest_first(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(here, capsys, "counts.csv")
    first = batch(here)
    between = (here / "p.toml").read_bytes()
    (here / "more.csv").write_text(HEADER + "2026-11-01,vertex,nonvellus_density,150,hairs/cm2,30\n", encoding="utf-8")
    run(here, capsys, "more.csv")
    second = next(p.stem for p in (here / "p.toml.imports").glob("*.json") if p.stem != first)
    code, words = run(here, capsys, "--undo", first)
    assert code == cli.REFUSED
    assert f"undo {second} first" in words
    assert run(here, capsys, "--undo", second)[0] == cli.DONE
    assert (here / "p.toml").read_bytes() == between
    assert run(here, capsys, "--undo", first)[0] == cli.DONE
    assert (here / "p.toml").read_text(encoding="utf-8") == PERSON


def test_undo_never_loses_what_was_written_since(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(here, capsys, "counts.csv")
    with (here / "p.toml").open("a", encoding="utf-8") as file:
        file.write("# a line of my own\n")
    held = everything(here)
    code, words = run(here, capsys, "--undo", batch(here))
    assert (code, everything(here)) == (cli.REFUSED, held)
    assert "changed after that import" in words
    assert "allowed are" in run(here, capsys, "--undo", "nothing")[1]


def test_scenario_55_a_break_in_the_middle_leaves_the_person_as_it_was(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (here / "p.toml").read_bytes()
    whole = write.replace_file

    def broken(path: Path, data: bytes) -> None:
        if path.name == "p.toml":
            raise KeyboardInterrupt
        whole(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(batches, "replace_file", broken)
        assert run(here, capsys, "counts.csv")[0] == cli.INTERRUPTED
    assert (here / "p.toml").read_bytes() == before
    assert "37 new rows" in run(here, capsys, "counts.csv")[1]


def test_the_file_keeps_its_permissions_and_the_copies_have_no_more(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "p.toml").chmod(0o640)
    run(here, capsys, "counts.csv")
    assert stat.S_IMODE((here / "p.toml").stat().st_mode) == 0o640
    for path in (here / "p.toml.imports").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) & ~0o640 == 0


def test_good_rows_are_kept_and_bad_ones_say_why(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "mixed.csv").write_text(HEADER + ROWS[0] + ROWS[1].replace("151", "NaN") + ROWS[2], encoding="utf-8")
    code, words = run(here, capsys, "mixed.csv")
    assert code == cli.DONE
    assert "2 new rows, 0 duplicates, 1 rejected" in words
    assert "mixed.csv, line 3: value: 'NaN' is not a number" in words


def test_a_file_without_one_good_row_changes_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "bad.csv").write_text(HEADER + ROWS[0].replace("150", "1000000000"), encoding="utf-8")
    held = everything(here)
    code, words = run(here, capsys, "bad.csv")
    assert (code, everything(here)) == (cli.REFUSED, held)
    assert "outside what is allowed" in words


def test_blocks_after_a_list_on_one_line_are_refused_and_not_half_written(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "p.toml").write_text("measurements = []\n" + PERSON, encoding="utf-8")
    held = everything(here)
    code, words = run(here, capsys, "counts.csv")
    assert (code, everything(here)) == (cli.REFUSED, held)
    assert "[[name]]" in words


def test_a_link_stays_a_link(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "real").mkdir()
    (here / "p.toml").rename(here / "real/p.toml")
    (here / "p.toml").symlink_to(here / "real/p.toml")
    run(here, capsys, "counts.csv")
    assert (here / "p.toml").is_symlink()
    assert len(read_person(here / "real/p.toml", THERAPIES, TODAY).measurements) == 37
