"""How long does the main job take, and how much memory? Medians of 5, each run a fresh process.

    .venv/bin/python bench/plan.py [PERSON.toml]

Rows: first (compiled code cached, no earlier result), again (nothing changed), one therapy changed (a proposal that
names another therapy). Targets: first < 60 s and < 2 GB; one therapy changed < 5 s.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUNS = 5
CHANGE = """
[[proposals]]
name = "Another offer"
lines = ["prp", "shampoo-antifungal", "finasteride-oral"]
sessions = 4
interval_days = [25, 35]
"""


def run(person: Path, cache: Path, out: Path) -> tuple[float, float]:
    """Seconds and peak GB of one plan."""
    environment = os.environ | {"FOLLICAST_CACHE": str(cache), "PYTHONPATH": str(ROOT / "src")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", "follicast", "plan", str(person), "--out", str(out), "--quiet"]
    begun = time.perf_counter()
    process = subprocess.Popen(command, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"plan failed with status {status}")
    return time.perf_counter() - begun, usage.ru_maxrss / 1e6


def main() -> None:
    """Print the rows."""
    person = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "examples" / "man-40.toml"
    rows: dict[str, list[tuple[float, float]]] = {"first": [], "again": [], "one therapy changed": []}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        changed = place / "changed.toml"
        changed.write_text(person.read_text(encoding="utf-8") + CHANGE, encoding="utf-8")
        run(person, place / "warm-up", place / "out")
        for _ in range(RUNS):
            cache = place / "cache"
            shutil.rmtree(cache, ignore_errors=True)
            rows["first"].append(run(person, cache, place / "out"))
            rows["again"].append(run(person, cache, place / "out"))
            rows["one therapy changed"].append(run(changed, cache, place / "out"))
    print(f"{person.name}, medians of {RUNS}, {os.cpu_count()} cores")
    for name, measured in rows.items():
        seconds = statistics.median(s for s, _ in measured)
        memory = max(m for _, m in measured)
        print(f"{name:22s} {seconds:6.1f} s   {memory:4.2f} GB peak")


if __name__ == "__main__":
    main()
