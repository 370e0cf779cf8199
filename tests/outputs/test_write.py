from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from tests.outputs.fixture import man_of_40, minimal

from follicast.outputs import write
from follicast.outputs.report import charts
from follicast.outputs.report import page as report
from follicast.outputs.write import FILES as EVERY_FILE
from follicast.outputs.write import check_folder, write_outputs
from follicast.quantities import InputError

# The stored forecast is only written where there is one.
FILES = EVERY_FILE[:-1]


@pytest.fixture(autouse=True)
def quick_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing is tested here, not drawing."""
    monkeypatch.setattr(report, "render_report", lambda result, _drawn: result.answer.encode())
    monkeypatch.setattr(charts, "figures", lambda _result, _heads: {})


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_writes_a_new_folder_with_parents(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b"
    paths = write_outputs(man_of_40(), target)
    assert [path.name for path in paths] == list(FILES)
    assert sorted(_contents(target)) == sorted(FILES)
    assert json.loads((target / "plan.json").read_bytes())["seed"] == 20260312
    assert list(tmp_path.rglob("*.partial")) == []


def test_replaces_its_own_files_and_leaves_others(tmp_path: Path) -> None:
    write_outputs(man_of_40(), tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    before = _contents(tmp_path)
    write_outputs(minimal(), tmp_path)
    after = _contents(tmp_path)
    assert sorted(after) == sorted([*FILES, "notes.txt"])
    assert after["notes.txt"] == b"mine"
    assert all(after[name] != before[name] for name in FILES)


@pytest.mark.parametrize("failure", [KeyboardInterrupt, OSError])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_failure_between_exchanges_leaves_the_old_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: type[BaseException], after: int
) -> None:
    write_outputs(man_of_40(), tmp_path)
    before = _contents(tmp_path)
    done = []
    replace = Path.replace

    def failing(self: Path, target: Path) -> Path:
        if "old" not in self.parts:
            if len(done) == after:
                raise failure
            done.append(self.name)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(InputError if failure is OSError else failure):
        write_outputs(minimal(), tmp_path)
    assert _contents(tmp_path) == before


@pytest.mark.parametrize("existing", [True, False])
def test_a_failure_while_writing_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, existing: bool
) -> None:
    target = tmp_path / "plan"
    if existing:
        target.mkdir()
    calls = []

    def failing(path: Path, data: bytes) -> None:
        calls.append(path)
        if len(calls) == 2:
            raise KeyboardInterrupt
        path.write_bytes(data)

    monkeypatch.setattr(write, "_write_through", failing)
    with pytest.raises(KeyboardInterrupt):
        write_outputs(man_of_40(), target)
    assert list(tmp_path.rglob("*")) == ([target] if existing else [])


def test_first_plan_in_a_folder_that_fails_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = Path.replace

    def failing(self: Path, target: Path) -> Path:
        if self.name == FILES[-1]:
            raise KeyboardInterrupt
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(KeyboardInterrupt):
        write_outputs(man_of_40(), tmp_path)
    assert _contents(tmp_path) == {}


def test_refuses_what_it_cannot_write(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(InputError, match="is a file"):
        check_folder(file)
    with pytest.raises(InputError, match="is a file"):
        check_folder(file / "below")
    taken = tmp_path / "taken"
    (taken / "plan.json").mkdir(parents=True)
    with pytest.raises(InputError, match=r"plan\.json in it is a folder"):
        check_folder(taken)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match="link to nothing"):
        check_folder(tmp_path / "dangling")


def test_refuses_a_folder_it_may_not_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(InputError, match="may not be written"):
        write_outputs(man_of_40(), tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_one_clear_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write, "_write_through", full)
    with pytest.raises(InputError, match="No space left on device"):
        write_outputs(man_of_40(), tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


def test_same_answer_same_bytes(tmp_path: Path) -> None:
    write_outputs(man_of_40(), tmp_path / "a")
    write_outputs(man_of_40(), tmp_path / "b")
    assert _contents(tmp_path / "a") == _contents(tmp_path / "b")
