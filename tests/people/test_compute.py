"""Chunks give the same results wherever they run, whatever happens to a worker, and leave no process behind."""

import ast
import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from tests.people import chores

from follicast.people import compute
from follicast.people.compute import Where, run, workers_of
from follicast.quantities import InputError


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("workers", [0, 1, 2, 8])
def test_every_chunk_comes_back_once_with_its_own_result(workers: int) -> None:
    found = dict(run(chores.square, range(40), Where(workers)))
    assert found == {n: n * n for n in range(40)}


def test_nothing_to_do_is_done() -> None:
    assert [list(run(chores.square, [], Where(workers))) for workers in (0, 2)] == [[], []]


def test_a_killed_worker_costs_nothing_but_time(tmp_path: Path) -> None:
    found = dict(run(partial(chores.dies_once, str(tmp_path)), range(12), Where(2)))
    assert found == {n: n * n for n in range(12)}
    assert (tmp_path / "died").exists()


def test_work_that_always_kills_its_worker_is_given_up_in_one_sentence() -> None:
    with pytest.raises(InputError, match=r"worker processes were lost 4 times .* fewer workers or smaller chunks"):
        list(run(chores.always_dies, range(3), Where(1)))


@pytest.mark.parametrize("workers", [0, 2])
def test_an_error_of_the_work_itself_is_not_tried_again(workers: int) -> None:
    with pytest.raises(ValueError, match="seven"):
        list(run(chores.refuses_seven, range(20), Where(workers)))


def test_worker_processes_compute_with_one_thread() -> None:
    assert set(dict(run(chores.threads, range(4), Where(2))).values()) == {1}


def test_results_do_not_pile_up_when_nobody_takes_them() -> None:
    results = run(chores.square_slowly, range(10_000), Where(2))
    assert next(results)[1] >= 0
    results.close()


def test_workers_are_gone_when_the_run_is_over() -> None:
    pids = set(dict(run(chores.process, range(6), Where(2))).values())
    assert os.getpid() not in pids
    deadline = time.monotonic() + 10.0
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(alive, pids))


@pytest.mark.parametrize(
    ("workers", "cluster", "sentence"),
    [(-1, None, "--workers -1: must be 0 or more"), (2, "tcp://127.0.0.1:8786", "give one of them")],
)
def test_a_place_that_makes_no_sense_is_refused(workers: int, cluster: str | None, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        Where(workers, cluster)


def test_workers_here_are_counted_without_a_cluster() -> None:
    assert [workers_of(Where(n)) for n in (0, 1, 3)] == [1, 1, 3]


def test_without_the_cluster_extra_one_sentence_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['distributed'] = None\n"
        "from follicast.people.compute import Where, run\n"
        "list(run(abs, [1], Where(cluster='tcp://127.0.0.1:8786')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert 'pip install ".[cluster]"' in done.stderr.splitlines()[-1]


def test_it_imports_nothing_heavy_and_knows_nothing_of_hair() -> None:
    program = (
        "import sys, follicast.people.compute as c; print(*({'joblib', 'distributed', 'numba'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == []
    tree = ast.parse(Path(compute.__file__).read_text())
    ours = {
        node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and "follicast" in str(node.module)
    }
    assert ours == {"follicast.quantities"}
