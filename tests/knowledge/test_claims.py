"""The ledger of claims as data: what it must hold, and what it refuses."""

import copy
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from follicast.knowledge.claim_tests import claim_people, claim_tests, days_of, read_claim_test
from follicast.knowledge.claims import (
    CLAIMS,
    LONGEST_QUOTE_WORDS,
    VERDICTS,
    claims,
    claims_on,
    known_claim,
    read_claim,
    topics,
)
from follicast.knowledge.load import sources, therapies
from follicast.knowledge.number import Place
from follicast.knowledge.therapy import SessionExposure
from follicast.people.read import parse_person, read_person
from follicast.quantities import InputError

EXAMPLES = Path(__file__).parents[2] / "examples"
TODAY = date(2026, 12, 1)
CLAIM: Mapping[str, object] = {
    "quote": "some words",
    "speaker": "common",
    "topic": "oil",
    "verdict": "false",
    "certainty": "low",
    "short": "A line.",
    "why": "Because.",
    "fair": "This.",
    "sources": ["theorem"],
}
TEST: Mapping[str, Any] = {
    "title": "A test",
    "person": "trial-man",
    "against": "nothing",
    "figure": ["gain"],
    "finding": "{drug.gain}",
    "limits": ["Much."],
    "arms": {"drug": {"label": "Drug", "lines": ["finasteride-oral"]}, "nothing": {"label": "Nothing"}},
    "columns": {"gain": {"label": "Gain", "show": "gain", "at": "6 months"}},
}


def test_the_advertisement_is_answered_claim_by_claim_and_not_only_against_it() -> None:
    said = [claim for claim in claims().values() if claim.speaker == "advertisement"]
    assert len(said) >= 15
    assert {claim.verdict for claim in claims().values()} == set(VERDICTS)
    assert sum(claim.verdict == "supported" for claim in said) >= 10


@pytest.mark.parametrize("claim", claims().values(), ids=lambda claim: claim.id)
def test_a_claim_is_quoted_in_a_phrase_and_rests_on_sources_that_were_read(claim: Any) -> None:
    assert 1 <= len(claim.quote.split()) <= LONGEST_QUOTE_WORDS
    assert {sources()[key].read for key in claim.sources} != {"recalled"}
    assert claim.checked <= TODAY
    assert claim.topic in topics()


@pytest.mark.parametrize("test", claim_tests().values(), ids=lambda test: test.id)
def test_a_test_bears_on_a_claim_and_says_what_it_cannot_show(test: Any) -> None:
    assert claims_on(test.id)
    assert test.limits


def test_where_sessions_are_tested_a_sham_row_stands_beside_them() -> None:
    with_sessions = [
        test
        for test in claim_tests().values()
        if any(isinstance(therapies()[line].exposure, SessionExposure) for arm in test.arms for line in arm.lines)
    ]
    assert len(with_sessions) >= 5
    assert all(any(arm.sham for arm in test.arms) for test in with_sessions)
    assert all(any("judgement" in limit for limit in test.limits) for test in with_sessions)


@pytest.mark.parametrize(("name", "example"), [("man-of-40", "man-40"), ("man-of-33", "man-33")])
def test_the_two_cases_are_those_of_the_examples(name: str, example: str) -> None:
    known = frozenset(therapies())
    shipped = parse_person(claim_people()[name], CLAIMS, known, TODAY)
    written = read_person(EXAMPLES / f"{example}.toml", known, TODAY)
    assert replace(shipped, proposals=()) == replace(written, proposals=())


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("quote", "a b c d e f g h i j k l m", "13 words"),
        ("verdict", "wrong", "one of supported"),
        ("certainty", "quite", "one of high"),
        ("sources", ["nobody1999"], "nobody1999"),
        ("sources", [], "at least one source"),
        ("short", "x" * 81, "at most 80"),
        ("test", "no-such-test", "no-such-test"),
        ("topic", "weather", "one of cause"),
    ],
)
def test_a_claim_that_cannot_stand_is_refused_by_name(field: str, value: object, said: str) -> None:
    assert read_claim("a", CLAIM).verdict == "false"
    with pytest.raises(InputError, match=said) as refused:
        read_claim("a", {**CLAIM, field: value})
    assert "claims.toml: claim.a" in str(refused.value)


def changed(path: str, value: object) -> dict[str, Any]:
    table = copy.deepcopy(dict(TEST))
    *folders, leaf = path.split(".")
    branch = table
    for folder in folders:
        branch = branch[folder]
    branch[leaf] = value
    return table


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("against", "placebo", "one of drug, nothing"),
        ("figure", ["nought"], "columns of this test"),
        ("arms.drug.lines", ["snake-oil"], "snake-oil"),
        ("arms.drug.person", "healthy-man", "arms of one person"),
        ("arms.drug.overrides", {"anagen.median.male": 2.0}, "arms of one person"),
        ("arms.drug.regrowth", "waking", "arms of one person"),
        ("arms.drug.control", "prayer", "one of untreated"),
        ("arms.drug.interval_days", [21], "the shortest and the longest"),
        ("arms.not a name", {"label": "x"}, "letters, digits and underscores"),
        ("columns.gain.show", "magic", "one of level"),
        ("columns.gain.at", "soon", "6 months"),
        ("person", "nobody", "one of man-of-40"),
    ],
)
def test_a_test_that_cannot_be_run_is_refused_by_name(path: str, value: object, said: str) -> None:
    assert read_claim_test("t", TEST).horizon_days == 183
    with pytest.raises(InputError, match=said) as refused:
        read_claim_test("t", changed(path, value))
    assert "claims.toml: test.t" in str(refused.value)


def test_columns_of_different_units_are_not_drawn_on_one_axis() -> None:
    table = changed("columns.seen", {"label": "Seen", "show": "share_gain", "at": "6 months"})
    table["figure"] = ["gain", "seen"]
    with pytest.raises(InputError, match="with one unit"):
        read_claim_test("t", table)


def test_times_are_whole_days() -> None:
    place = Place(CLAIMS, "at")
    assert [days_of(text, place) for text in ("0 days", "1 week", "6 months", "1 year")] == [0, 7, 183, 365]


def test_an_unknown_claim_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match="'nonsense' is not in the ledger; allowed: follicle-root-cause"):
        known_claim("nonsense")
