"""`follicast simulate` from outside: killed, interrupted, out of room, and on a real cluster that loses a worker."""

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.program import ROOT, SHIPPED, environment, run, started

CHUNKS = 16
SIZE = ("--people", "320", "--chunk", "20", "--ages", "20,24", "--follicles", "40", "--seed", "1")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def whole(folder: Path) -> list[Path]:
    return sorted(folder.glob("people-*.parquet"))


def wait_for(what: Callable[[], object], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def simulate(here: Path, *words: str) -> tuple[int, str, str]:
    return run("simulate", *words, here=here, program=SHIPPED)


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The ensemble as one process makes it."""
    place = tmp_path_factory.mktemp("right")
    code, out, err = simulate(place, *SIZE, "--out", "e")
    assert (code, out) == (0, "e/manifest.json\n")
    assert "320 of 320 people; " in err
    assert "320 people in this process: about " in err
    made = contents(place / "e")
    assert len(made) == CHUNKS + 1
    return made


def finish(place: Path, right: dict[str, bytes], *words: str) -> None:
    assert simulate(place, "--out", "e", "--resume", "--quiet", *words) == (0, "", "")
    assert contents(place / "e") == right


@pytest.mark.parametrize(
    ("sent", "code", "words"),
    [
        (signal.SIGKILL, -9, ("--workers", "2")),
        (signal.SIGINT, 130, ("--workers", "2")),
        (signal.SIGINT, 130, ("--workers", "0")),
        (signal.SIGKILL, -9, ("--workers", "0")),
    ],
)
def test_a_run_stopped_in_the_middle_is_finished_with_the_same_bytes(
    sent: signal.Signals, code: int, words: tuple[str, ...], tmp_path: Path, right: dict[str, bytes]
) -> None:
    process = started("simulate", *SIZE, "--out", "e", *words, here=tmp_path, program=SHIPPED)
    wait_for(lambda: len(whole(tmp_path / "e")) >= 2)
    workers = children(process.pid)
    process.send_signal(sent)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert "Traceback" not in err
    kept = contents(tmp_path / "e")
    assert 2 <= len(whole(tmp_path / "e")) < CHUNKS
    assert {name: data for name, data in kept.items() if name.startswith("people-")}.items() <= right.items()
    assert not json.loads(kept["manifest.json"])["complete"]
    wait_for(lambda: not any(map(alive, workers)), 15.0)
    finish(tmp_path, right)


def test_a_worker_process_killed_in_the_middle_is_replaced(tmp_path: Path, right: dict[str, bytes]) -> None:
    process = started("simulate", *SIZE, "--out", "e", "--workers", "2", here=tmp_path, program=SHIPPED)
    wait_for(lambda: whole(tmp_path / "e"))
    victim = next(pid for pid in children(process.pid) if b"loky" in Path(f"/proc/{pid}/cmdline").read_bytes())
    os.kill(victim, signal.SIGKILL)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert contents(tmp_path / "e") == right


def test_a_full_disk_is_said_in_one_sentence_and_finished_later(tmp_path: Path, right: dict[str, bytes]) -> None:
    # The system refuses a file as large as the largest chunk, as a disk does that is full by then.
    most = max(map(len, right.values()))
    assert len(right["manifest.json"]) < most
    command = [sys.executable, *SHIPPED, "simulate", *SIZE, "--out", "e", "--quiet"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=environment() | {"PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most - 1, most - 1)),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("follicast: --out e: cannot be written (File too large); what is whole is kept.")
    assert done.stderr.count("\n") == 1
    kept = contents(tmp_path / "e")
    assert all(name == "manifest.json" or right[name] == data for name, data in kept.items())
    finish(tmp_path, right)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--people", "0", "--out", "e"), "--people 0: must be 1 or more."),
        (("--out", "e"), "simulate: say how many with --people N."),
        (("--people", "5"), "simulate: give a folder with --out DIR."),
        (("--people", "5", "--out", "e", "--part", "4/3"), "--part 4/3: must be I/N"),
        (("--people", "5", "--out", "e", "--ages", "-3"), "simulate: ages -3.0: must be a number from 14 to 100."),
        (("--people", "1000000000000", "--out", "e"), "--people 1,000,000,000,000: would take about "),
        (("--out", "e", "--resume"), "e: holds no ensemble"),
        (("--people", "5", "--out", "e", "--workers", "2", "--cluster", "tcp://127.0.0.1:1"), "give one of them"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_runs(
    words: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    code, out, err = simulate(tmp_path, *words)
    assert (code, out) == (2, "")
    assert sentence in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@contextlib.contextmanager
def cluster(folder: Path, size: int = 2, threads: int = 2) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A real Dask scheduler and workers on loopback: its address, and the workers."""
    told = folder / "scheduler.json"
    common = ("--scheduler-file", str(told))
    processes: list[subprocess.Popen[bytes]] = []

    def start(kind: str, *words: str) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-m",
            f"distributed.cli.dask_{kind}",
            *common,
            "--host",
            "127.0.0.1",
            "--no-dashboard",
            *words,
        ]
        with (folder / f"{kind}-{len(processes)}.log").open("wb") as log:
            paths = environment(PYTHONPATH=f"{ROOT / 'src'}:{ROOT}")
            process = subprocess.Popen(command, cwd=folder, env=paths, stdout=log, stderr=log)
        processes.append(process)
        return process

    try:
        start("scheduler", "--port", "0")
        wait_for(told.exists)
        # Two threads in a process whose kernels are parallel: what numba's workqueue layer would not survive.
        much = ("--nthreads", str(threads), "--no-nanny")
        workers = [start("worker", *much, "--name", str(k)) for k in range(size)]
        address = json.loads(told.read_text())["address"]
        yield address, workers
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait(timeout=20)


def test_a_cluster_that_loses_a_worker_loses_nothing(tmp_path: Path, right: dict[str, bytes]) -> None:
    with cluster(tmp_path) as (address, workers):
        process = started("simulate", *SIZE, "--out", "e", "--cluster", address, here=tmp_path, program=SHIPPED)
        wait_for(lambda: len(whole(tmp_path / "e")) >= 2)
        workers[0].kill()
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        assert f"on the cluster {address}" in err
        assert contents(tmp_path / "e") == right
        assert workers[1].poll() is None


def test_eight_processes_give_the_bytes_of_one(tmp_path: Path, right: dict[str, bytes]) -> None:
    code, _, err = simulate(tmp_path, *SIZE, "--out", "e", "--workers", "8")
    assert code == 0, err
    assert contents(tmp_path / "e") == right


def test_a_cluster_of_eight_workers_gives_the_bytes_of_one_process(tmp_path: Path, right: dict[str, bytes]) -> None:
    with cluster(tmp_path, size=8, threads=1) as (address, _):
        code, _, err = simulate(tmp_path, *SIZE, "--out", "e", "--cluster", address)
        assert code == 0, err
        assert contents(tmp_path / "e") == right


def test_a_cluster_that_is_gone_is_said_and_finished_elsewhere(tmp_path: Path, right: dict[str, bytes]) -> None:
    with cluster(tmp_path) as (address, _):
        process = started("simulate", *SIZE, "--out", "e", "--cluster", address, here=tmp_path, program=SHIPPED)
        wait_for(lambda: len(whole(tmp_path / "e")) >= 2)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 2, err
    assert "--cluster" in err.splitlines()[-1]
    finish(tmp_path, right, "--workers", "1")


def test_a_gpu_that_is_not_there_is_said_before_anything_is_made(tmp_path: Path) -> None:
    words = ("simulate", *SIZE, "--out", "e", "--device", "cuda")
    code, out, err = run(*words, here=tmp_path, program=SHIPPED, CUDA_VISIBLE_DEVICES="-1")
    assert (code, out) == (2, "")
    assert "--device cuda: no NVIDIA GPU can be used here" in err
    assert len(err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
