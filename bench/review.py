"""How often is the verdict of `follicast review` right? Virtual people whose true hair is known.

    .venv/bin/python bench/review.py [--people 1000] [--processes 2] [--seed 0] [--out FOLDER]

Each person costs about four seconds of one core. Results are appended to FOLDER as they come: stop it when you like,
and the same command goes on from there, unless code or knowledge changed. The summary is FOLDER/review-check.json; put
it into docs/science/data to have it on the page. Target: of the people in whom the plan does what was forecast, fewer
than 1 in 10 are called below or above, and fewer than 1 in 10 of these two verdicts are wrong.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

# Before numba and the linear algebra library are loaded: workers share the machine by person, not within one.
for name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

from follicast.decisions.reviewing.check import CheckedReview, Visit, check_review  # noqa: E402
from follicast.decisions.reviewing.score import summary  # noqa: E402
from follicast.inference.store import key_of  # noqa: E402
from follicast.knowledge.load import Knowledge  # noqa: E402
from follicast.knowledge.review_rule import review_rule  # noqa: E402


def kept(place: Path) -> Iterator[CheckedReview]:
    """People done before; a last line that was cut off is done again."""
    if not place.exists():
        return
    for line in place.read_text(encoding="utf-8").splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            continue
        told["visits"] = tuple(Visit(**visit) for visit in told["visits"])
        yield CheckedReview(**told)


def checked(numbers: Sequence[int], knowledge: Knowledge, seed: int, processes: int) -> Iterator[CheckedReview]:
    """People as they come."""
    if processes == 1:
        yield from (check_review(number, knowledge, seed) for number in numbers)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        jobs = [pool.submit(check_review, number, knowledge, seed) for number in numbers]
        try:
            yield from (job.result() for job in as_completed(jobs))
        finally:
            pool.shutdown(cancel_futures=True)


def show(told: dict[str, object], indent: str = "") -> None:
    """Print the summary."""
    for key, value in told.items():
        if isinstance(value, dict):
            print(f"{indent}{key}")
            show(value, indent + "  ")
        else:
            print(f"{indent}{key}: {value:.3f}" if isinstance(value, float) else f"{indent}{key}: {value}")


def main() -> None:
    """Check, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("build") / "review-check")
    asked = parser.parse_args()
    knowledge = Knowledge.load()
    key = key_of("review check", knowledge.hash, asked.seed, review_rule())
    place = asked.out / f"review-{key[:16]}.jsonl"
    asked.out.mkdir(parents=True, exist_ok=True)
    done = {one.number: one for one in kept(place) if one.number < asked.people}
    begun = time.perf_counter()
    missing = [number for number in range(asked.people) if number not in done]
    for one in checked(missing, knowledge, asked.seed, asked.processes):
        done[one.number] = one
        with place.open("a", encoding="utf-8") as file:
            # The line break comes first, so that a line cut off by an earlier stop spoils only itself.
            file.write("\n" + json.dumps(asdict(one)))
        if len(done) % 20 == 0 or len(done) == asked.people:
            print(f"{len(done)} of {asked.people}, {time.perf_counter() - begun:.0f} s", flush=True)
    told = summary([done[number] for number in sorted(done)])
    show(told)
    (asked.out / "review-check.json").write_text(json.dumps(told, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
