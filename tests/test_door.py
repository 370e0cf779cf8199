"""The door: `./follicast` from anywhere, its exit codes, and how it recognises a finished installation."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from follicast import InputError, __version__, cli

ROOT = Path(__file__).parents[1]


def door(*words: str, program: Path = ROOT / "follicast", **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program, *words], env=os.environ | variables, cwd="/", capture_output=True, text=True)


def shell(script: str, here: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs `script` after scripts/environment.sh in an environment of `variables` only."""
    source = f'here={here}; . "{ROOT}/scripts/environment.sh"; {script}'
    return subprocess.run(
        ["sh", "-c", source], env={"PATH": os.environ["PATH"]} | variables, capture_output=True, text=True
    )


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch):
    """Gives the command line a command `fail` that raises what it is told."""

    def arrange(error: BaseException) -> None:
        def fail(json: cli.options.Json = False) -> None:
            raise error

        monkeypatch.setattr(cli.app, "registered_commands", list(cli.app.registered_commands))
        cli.app.command("fail")(fail)

    return arrange


def test_it_prints_the_version_from_any_folder() -> None:
    answer = door("--version")
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, f"follicast {__version__}\n", "")


def test_it_works_through_a_symbolic_link(tmp_path: Path) -> None:
    link = tmp_path / "hair"
    link.symlink_to(ROOT / "follicast")
    assert door("--version", program=link).stdout == f"follicast {__version__}\n"


def test_without_a_command_it_says_what_there_is() -> None:
    answer = door()
    assert answer.returncode == 0
    assert "plan" in answer.stdout
    assert "doctor" in answer.stdout


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["plna"], "plna"),
        (["plan"], "PERSON.toml"),
        (["plan", "--no-such-option"], "--no-such-option"),
        (["plan", "person.toml", "--seed", "-1"], "--seed"),
        (["plan", "person.toml", "--threads", "many"], "--threads"),
    ],
)
def test_a_word_it_does_not_know_is_refused_in_one_line(words: list[str], named: str) -> None:
    answer = door(*words)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert named in answer.stderr
    assert answer.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (InputError("a.toml: age is -3; allowed: 0 to 120"), 2, "a.toml: age is -3; allowed: 0 to 120"),
        (OSError("disk full"), 1, "OSError: disk full (FOLLICAST_DEBUG=1 shows where)"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_every_ending_has_its_code_and_one_sentence(failing, capsys, error, code, sentence) -> None:
    failing(error)
    assert cli.main(["fail"]) == code
    assert capsys.readouterr() == ("", f"follicast: {sentence}\n")
    assert cli.main(["fail", "--json"]) == code
    assert json.loads(capsys.readouterr().out) == {"error": sentence}


def test_a_failure_can_be_traced(failing, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(RuntimeError("a fault of ours"))
    monkeypatch.setenv("FOLLICAST_DEBUG", "1")
    with pytest.raises(RuntimeError, match="a fault of ours"):
        cli.main(["fail"])


def test_compiled_code_is_kept_whatever_the_caller_has_set() -> None:
    assert shell('echo "${PYTHONDONTWRITEBYTECODE-kept}"', PYTHONDONTWRITEBYTECODE="1").stdout == "kept\n"


@pytest.mark.parametrize("variables", [{}, {"HOME": ""}, {"HOME": "/nonexistent"}])
def test_there_is_a_home_to_write_to_whatever_the_caller_has_set(variables: dict[str, str], tmp_path: Path) -> None:
    assert shell('[ -w "$HOME" ] && echo "$HOME"', TMPDIR=str(tmp_path), **variables).stdout.startswith("/")


def test_an_installation_counts_only_when_finished_and_of_this_lock(tmp_path: Path) -> None:
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to(sys.executable)
    lock = tmp_path / "requirements.lock"
    lock.write_text("numpy==1\n")
    check = "installed requirements.lock"
    assert shell(check, tmp_path).returncode != 0
    assert shell(f"stamp requirements.lock > {tmp_path}/.venv/requirements.lock; {check}", tmp_path).returncode == 0
    lock.write_text("numpy==2\n")
    assert shell(check, tmp_path).returncode != 0
