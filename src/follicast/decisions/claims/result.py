"""What a test of a claim found: cells by arm and column, with what they were found with. Plain data, quick to read.

The shipped results stand in claim_results.json beside the claims; `follicast claims --ship` makes them anew.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import Any, Final

from follicast.knowledge.claim_tests import ClaimTest, claim_people
from follicast.knowledge.load import DATA, parameters, therapies
from follicast.knowledge.number import Number
from follicast.knowledge.posterior import REGROWTHS

RESULTS: Final = "claim_results.json"
_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Cell:
    """One reading of one arm: the median of the twins with their central 80 %, or a share of them.

    `error` is the Monte Carlo standard error of `value`. `value` is None where fewer than half of the twins ever get
    there, or nothing is there to take a share of.
    """

    value: float | None
    lo80: float | None
    hi80: float | None
    error: float | None


@dataclass(frozen=True, slots=True)
class TestResult:
    """All cells of a test, by arm and then column.

    `certainty` is that of each arm's least certain line (None = nothing is done). `twins` were simulated a person;
    `effective_size` is what their weights leave, the least of all arms. `made_of` identifies the test and every number
    it rests on; `parameters` are the keys of those of the model.
    """

    test: str
    cells: Mapping[str, Mapping[str, Cell]]
    certainty: Mapping[str, str | None]
    twins: int
    effective_size: float
    seed: int
    version: str
    date: str
    knowledge_hash: str
    made_of: str
    parameters: tuple[str, ...]

    __test__ = False  # the name is no invitation to pytest

    def current(self, test: ClaimTest) -> bool:
        """Whether the test and every number it rested on are still the same."""
        return self.made_of == made_of(test, self.parameters)


def made_of(test: ClaimTest, keys: Collection[str]) -> str:
    """Digest of a test, its people, the numbers of the model under these keys, its therapies' and the fitted draws.

    Texts that only people read do not count; nor do numbers that came to the model later.
    """
    digest = hashlib.sha256()
    people = {arm.person for arm in test.arms}
    told = [test.arms, test.columns, test.against, [claim_people()[name] for name in sorted(people)]]
    digest.update(repr(told).encode())
    known = parameters()
    for key in sorted(keys):
        digest.update(f"{key} {_number(known[key]) if key in known else 'gone'}\n".encode())
    for name in sorted({line for arm in test.arms for line in arm.lines}):
        digest.update("".join(f"{name} {_number(n)}\n" for n in _numbers(therapies()[name])).encode())
    for regrowth in REGROWTHS:
        digest.update((DATA / f"posterior-{regrowth}.csv").read_bytes())
    return digest.hexdigest()


def _number(number: Number) -> str:
    return f"{number.value!r} {number.unit} {number.prior!r}"


def _numbers(part: object) -> Iterator[Number]:
    """The numbers by which a therapy acts."""
    if isinstance(part, Number):
        yield part
    elif isinstance(part, Mapping):
        for item in part.values():
            yield from _numbers(item)
    elif is_dataclass(part):
        for field in fields(part):
            if field.name in ("exposure", "channels", "response", "graft") or not hasattr(part, "harms"):
                yield from _numbers(getattr(part, field.name))


def rounded(value: float | None) -> float | None:
    """A number as it is written: six digits, so that the last bits of a sum cannot change the file."""
    return None if value is None else float(f"{value:.{_DIGITS}g}") + 0.0


def as_data(result: TestResult) -> dict[str, Any]:
    """A result as plain data for JSON."""
    return {**asdict(result), "parameters": list(result.parameters)}


def from_data(data: Mapping[str, Any]) -> TestResult:
    """A result from what `as_data` made."""
    cells = {arm: {column: Cell(**cell) for column, cell in row.items()} for arm, row in data["cells"].items()}
    return TestResult(**{**data, "cells": cells, "parameters": tuple(data["parameters"])})


def shipped_results() -> Mapping[str, TestResult]:
    """The results that came with this version, by test; empty where none were shipped."""
    path = DATA / RESULTS
    if not path.is_file():
        return {}
    data = json.loads(path.read_text(encoding="utf-8"))
    shared = {"parameters": data["parameters"]}
    return {name: from_data(shared | part) for name, part in data["tests"].items()}


def results_text(results: Mapping[str, TestResult]) -> bytes:
    """The file of shipped results; the keys of the parameters, the same for all, stand once."""
    tests = {name: as_data(result) for name, result in results.items()}
    keys = sorted({key for part in tests.values() for key in part.pop("parameters")})
    data = {"parameters": keys, "tests": tests}
    text = json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False)
    # A cell stands on one line, so that a change of a number is a change of a line.
    text = re.sub(r"\{\s+(\"value\"[^{}]*?)\s+\}", lambda match: "{" + " ".join(match[1].split()) + "}", text)
    return f"{text}\n".encode()
