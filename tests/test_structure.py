"""What holds for every file of the project, whoever wrote it."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import follicast

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
LOCKS = ("requirements.lock", "requirements-dev.lock")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def place(path: Path, node: Function | None = None) -> str:
    return f"{path.relative_to(ROOT)}" + (f":{node.lineno} {node.name}" if node else "")


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, Function))


def code_lines(node: Function) -> int:
    first = node.body[0]
    documented = isinstance(first, ast.Expr) and ast.get_docstring(node) is not None
    docstring = (first.end_lineno or first.lineno) - first.lineno + 1 if documented else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - docstring


def public_functions(body: list[ast.stmt]) -> Iterator[Function]:
    for node in body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            if isinstance(node, ast.ClassDef):
                yield from public_functions(node.body)
            else:
                yield node


def project_files() -> Iterator[tuple[str, str]]:
    """Every text file that is tracked or would be."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in filter(None, names):
        try:
            yield name, (ROOT / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue


def pins(lock: str) -> dict[str, int]:
    """Each `name==version ; marker` of a lock file with its number of hashes."""
    entries = re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text())
    return {entry.split("\\")[0].strip(): entry.count("--hash=sha256:") for entry in entries}


def test_no_file_is_longer_than_500_lines() -> None:
    assert [place(path) for path in SOURCES if len(path.read_text().splitlines()) > 500] == []


def test_no_function_is_longer_than_60_lines() -> None:
    assert [place(path, node) for path in SOURCES for node in functions(path) if code_lines(node) > 60] == []


def test_every_public_function_says_what_it_answers() -> None:
    assert [
        place(path, node)
        for path in SOURCES
        for node in public_functions(ast.parse(path.read_text()).body)
        if not ast.get_docstring(node)
    ] == []


def test_every_module_is_named_after_what_it_holds() -> None:
    vague = {"common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}
    assert [place(path) for path in SOURCES if vague & set(path.relative_to(ROOT).with_suffix("").parts)] == []


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"\.\./shared", id="folder beside the repository"),
        pytest.param(r"(?<![\w.])/(work|root|farm)(?![\w-])", id="folder of a build machine"),
        pytest.param(r"(?<![\w.])/(home|Users)/\w", id="somebody's home"),
        pytest.param(r"https?://[^\s\"'<>]*(pypi|pythonhosted|deb\.debian|npmjs|/simple\b)", id="registry"),
        pytest.param(r"https?://[^\s\"'<>]*\.(whl|deb|tgz|tar\.gz)", id="download"),
    ],
)
def test_no_file_names_a_place_that_a_stranger_does_not_have(pattern: str) -> None:
    found = re.compile(pattern)
    assert [f"{name}: {hit[0]}" for name, text in project_files() if (hit := found.search(text))] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_pins_with_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert [line for line in text.splitlines() if line.startswith("-")] == []
    assert [pin for pin, hashes in pins(lock).items() if "==" not in pin or not hashes] == []


def test_the_locks_agree_with_each_other_and_hold_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    runtime, dev = (set(pins(lock)) for lock in LOCKS)
    assert runtime <= dev
    for wanted, locked in ((project["dependencies"], runtime), (project["optional-dependencies"]["dev"], dev)):
        assert {re.split("[<>=]", name)[0] for name in wanted} <= {pin.split("==")[0] for pin in locked}


def test_the_public_names_are_sorted_and_exist() -> None:
    assert follicast.__all__ == sorted(follicast.__all__)
    assert [name for name in follicast.__all__ if not hasattr(follicast, name)] == []
    assert not hasattr(follicast, "no_such_name")


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    heavy = {"altair", "arviz_stats", "numba", "numpy", "pandas", "scipy", "vl_convert"}
    program = f"import sys, follicast.cli; print(*({heavy!r} & set(sys.modules)))"
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    loaded = subprocess.run(
        [sys.executable, "-c", program], env=environment, check=True, capture_output=True, text=True
    )
    assert loaded.stdout.split() == []


# Numbers that are arithmetic or geometry, not biology: halves, the year of a season, a grid's centre, a day's fraction.
ARITHMETIC = {0.0, 0.2, 0.5, 1.0, 2.0, 10.0, 365.25, 1e-6}


def test_no_number_of_biology_is_written_into_the_model() -> None:
    written = []  # draws.py is mathematics: its constants are those of published algorithms
    for path in sorted(set((ROOT / "src/follicast/biology").glob("*.py")) - {ROOT / "src/follicast/biology/draws.py"}):
        for node in functions(path):
            floats = [n for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, float)]
            written += [f"{place(path, node)}: {n.value}" for n in floats if n.value not in ARITHMETIC]
    assert not written
