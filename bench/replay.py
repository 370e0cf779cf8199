"""How long does replaying every shipped drug trial take, and how much memory; and a patient's posterior? Medians.

    .venv/bin/python bench/replay.py [TRIALS.csv]

Targets: the table in less than 10 minutes and 4 GB; a posterior from a rich record in less than 15 s.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUNS = 3
FIT = """
import datetime as dt, time
from pathlib import Path
from follicast.inference.refine import fit
from follicast.knowledge.load import Knowledge, therapies
from follicast.people.read import read_person
knowledge = Knowledge.load()
person = read_person(Path({person!r}), frozenset(therapies()), dt.date(2026, 11, 22))
begun = time.perf_counter()
posterior = fit(person, knowledge, 0, lambda *_: None)
print(time.perf_counter() - begun, posterior.rounds, posterior.drawn, round(posterior.effective_size))
"""


def run(command: list[str]) -> tuple[float, float, str]:
    """Seconds, peak GB and output of a fresh process."""
    environment = os.environ | {"FOLLICAST_CACHE": "", "PYTHONPATH": str(ROOT / "src")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, *command], env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command} failed with status {status}")
    return time.perf_counter() - begun, usage.ru_maxrss / 1e6, said


def main() -> None:
    """Print the rows."""
    shipped = ROOT / "src" / "follicast" / "knowledge" / "drug_trials.csv"
    table = sys.argv[1] if len(sys.argv) > 1 else str(shipped)
    print(f"medians of {RUNS}, {os.cpu_count()} cores")
    replayed = [run(["-m", "follicast", "replay", table, "--quiet", "--json"]) for _ in range(RUNS)]
    seconds, memory = (statistics.median(row[k] for row in replayed) for k in (0, 1))
    print(f"replay {Path(table).name}: {seconds:.1f} s, {memory:.2f} GB")
    for name in sorted(path.name for path in (ROOT / "examples").glob("*.toml")):
        told = [run(["-c", FIT.format(person=str(ROOT / "examples" / name))])[2].split() for _ in range(RUNS)]
        middle = statistics.median(float(words[0]) for words in told)
        print(f"posterior {name}: {middle:.1f} s, {told[0][1]} rounds, {told[0][2]} drawn, {told[0][3]} effective")


if __name__ == "__main__":
    main()
