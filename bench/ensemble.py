"""How fast are people simulated and stored, and in how much memory? Prints a row for each number of people and workers.

`PYTHONPATH=src .venv/bin/python bench/ensemble.py [PEOPLE ...] [--workers N ...] [--ages 20,30,40,50]`

Each row is a run of `follicast simulate` as a process of its own (2 sites of about 200 follicles). The memory is the
highest sum, looked at five times a second, of what the process and its workers hold for themselves (Pss).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

NODES, CORES = 100, 32
MILLION = 1_000_000


def held(pid: int) -> float:
    """Bytes that a process and its children hold, memory that they share counted once."""
    total = 0.0
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += 1024.0 * float(line.split()[1])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return total
    return total + sum(held(int(child)) for child in children)


def measure(people: int, workers: int, ages: str) -> tuple[float, float, float]:
    """Seconds of the whole command, peak of memory in bytes, bytes on disk."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "ensemble"
        words = f"-m follicast simulate --people {people} --workers {workers} --ages {ages} --quiet --out".split()
        began, peak = time.perf_counter(), 0.0
        process = subprocess.Popen([sys.executable, *words, str(folder)])
        over = threading.Event()
        threading.Thread(target=lambda: (process.wait(), over.set()), daemon=True).start()
        while not over.wait(0.2):
            peak = max(peak, held(process.pid))
        if process.returncode:
            sys.exit("the run failed")
        return time.perf_counter() - began, peak, sum(file.stat().st_size for file in folder.iterdir())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("people", nargs="*", type=int, default=[2_000, 10_000])
    parser.add_argument("--workers", nargs="*", type=int, default=[1, 2])
    parser.add_argument("--ages", default="20,30,40,50")
    asked = parser.parse_args()
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before the first run")
    print(f"{'people':>9} {'workers':>8} {'seconds':>8} {'people/s':>9} {'peak GB':>8} {'MB on disk':>11}")
    rows = []
    for workers in asked.workers:
        for people in asked.people:
            seconds, peak, disk = measure(people, workers, asked.ages)
            rows.append((people, workers, seconds))
            speed = f"{people:>9,} {workers:>8} {seconds:>8.1f} {people / seconds:>9.0f}"
            print(f"{speed} {peak / 1e9:>8.2f} {disk / 1e6:>11.1f}", flush=True)
    project(rows)


def project(rows: list[tuple[int, int, float]]) -> None:
    """A million people, here and on a cluster, from the slope between the smallest and the largest run of a worker."""
    alone = sorted(row for row in rows if row[1] == min(r[1] for r in rows))
    if len(alone) < 2:
        return
    (few, workers, short), (many, _, long) = alone[0], alone[-1]
    each = max(workers, 1) * (long - short) / (many - few)
    print(f"\none person costs one worker {1e3 * each:.2f} ms once it runs, so a million cost")
    print(f"  {MILLION * each / 3600:.1f} worker-hours;")
    seconds = MILLION * each / (NODES * CORES)
    print(f"  {seconds:.1f} s on {NODES} nodes of {CORES} workers each as fast as this one, chunks spread evenly,")
    print("  before what a cluster adds: the start of workers, the last chunk of each, and one writer of results.")


if __name__ == "__main__":
    main()
