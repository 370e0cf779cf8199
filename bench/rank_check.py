"""Are forecasts of one person calibrated? Ranks of the truth and coverage on virtual people, on two kinds of record.

    .venv/bin/python bench/rank_check.py [--people 600] [--processes 2] [--seed 0] [--record sparse|rich] [--out FOLDER]

One person in six is a woman, who is not asked about finasteride. Results are appended to FOLDER as they come: stop it
when you like, and the same command goes on from there, unless code or knowledge changed. The summary is
FOLDER/rank-check.json. Targets: ranks uniform (p above 0.01), 80 % and 95 % intervals within 3 points.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from pathlib import Path

# Before numba and the linear algebra library are loaded: workers share the machine by person, not within one.
for name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

from follicast.inference.rank_check import QUANTITIES, RECORDS, RankCheck, rank_check  # noqa: E402
from follicast.knowledge.load import Knowledge  # noqa: E402


def summary(check: RankCheck) -> dict[str, object]:
    """What is written down of one kind of record."""
    sizes = [c.effective_size for c in check.checked]
    tails = [c.pareto_k for c in check.checked]
    return {
        "record": check.record,
        "people": len(check.checked),
        "quantities": check.table(),
        "histograms": {name: check.histogram(q) for q, name in enumerate(QUANTITIES)},
        "trusted": check.trusted,
        "effective size": {"least": min(sizes), "median": statistics.median(sizes)},
        "pareto k": {"median": statistics.median(tails), "most": max(tails)},
        "rounds": statistics.mean(c.rounds for c in check.checked),
    }


def show(check: RankCheck) -> None:
    """Print the rows."""
    told = summary(check)
    print(f"\n{check.record}: {told['people']} people, {100 * check.trusted:.0f} % of fits trusted")
    print(f"effective size {told['effective size']}, Pareto k {told['pareto k']}, rounds {told['rounds']:.1f}")
    for row in check.table():
        numbers = "  ".join(f"{k} {v:.3f}" for k, v in row.items() if isinstance(v, float))
        print(f"{row['quantity']:34s} {row['people']:4d}  {numbers}")
    for q, name in enumerate(QUANTITIES):
        print(f"{name:34s} {check.histogram(q, 10)}")


def main() -> None:
    """Check, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=600)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--record", choices=RECORDS)
    parser.add_argument("--out", type=Path, default=Path("build") / "rank-check")
    asked = parser.parse_args()
    knowledge = Knowledge.load()
    told = []
    for record in RECORDS if asked.record is None else (asked.record,):
        begun = time.perf_counter()

        def progress(done: int, people: int, record: str = record, begun: float = begun) -> None:
            if done % 20 == 0 or done == people:
                print(f"{record}: {done} of {people}, {time.perf_counter() - begun:.0f} s", flush=True)

        check = rank_check(knowledge, record, asked.people, asked.seed, progress, asked.out, asked.processes)
        show(check)
        told.append(summary(check))
    asked.out.mkdir(parents=True, exist_ok=True)
    (asked.out / "rank-check.json").write_text(json.dumps(told, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
