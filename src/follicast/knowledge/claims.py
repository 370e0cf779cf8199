"""The ledger of claims: what is said about hair loss and its treatment, and what is known of it.

Everything stands in claims.toml: the claims with their verdicts and, for `claim_tests`, the people and the tests that
bear on them. Adding a claim or a test needs no programmer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Final, Literal, cast, get_args

from follicast.knowledge.load import DATA, read_toml, sources
from follicast.knowledge.number import Place, Table, read_choice, read_table, read_text, read_texts
from follicast.knowledge.therapy import Certainty
from follicast.quantities import InputError

Verdict = Literal["supported", "partly", "unsupported", "false", "untested"]
Speaker = Literal["advertisement", "common"]

VERDICTS: Final = get_args(Verdict)
CLAIMS: Final = "claims.toml"
LONGEST_QUOTE_WORDS: Final = 12
LONGEST_SHORT: Final = 80


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim: who says it, what is known of it, and what could fairly be said instead.

    `certainty` is that of the evidence on the question itself. `test` names the simulation that bears on it.
    """

    id: str
    quote: str
    speaker: Speaker
    topic: str
    verdict: Verdict
    certainty: Certainty
    short: str
    why: str
    fair: str
    sources: tuple[str, ...]
    checked: date
    jurisdiction: str | None
    test: str | None


@cache
def topics() -> Mapping[str, str]:
    """The topics of the ledger in the order in which it is told, with their headings."""
    place = Place(CLAIMS, "topics")
    found = {}
    for key, raw in ledger_part("topics").items():
        table = read_table(raw, place.inside(key), frozenset({"heading"}))
        found[key] = read_text(table["heading"], place.inside(key).inside("heading"))
    return MappingProxyType(found)


@cache
def claims() -> Mapping[str, Claim]:
    """The claims by id, in the order of the file."""
    return MappingProxyType({key: read_claim(key, raw) for key, raw in ledger_part("claim").items()})


def claims_on(test: str) -> tuple[Claim, ...]:
    """The claims that a test bears on."""
    return tuple(claim for claim in claims().values() if claim.test == test)


@cache
def _raw() -> Table:
    place = Place(CLAIMS, "")
    return read_table(read_toml(DATA / CLAIMS), place, frozenset({"checked", "topics", "claim", "person", "test"}))


def ledger_part(name: str) -> Table:
    """A table of claims.toml as it was written."""
    part = _raw()[name]
    if not isinstance(part, Mapping):
        raise Place(CLAIMS, name).refuse(f"found {part!r}", "a table")
    return cast(Table, part)


_CLAIM = frozenset({"quote", "speaker", "topic", "verdict", "certainty", "short", "why", "fair", "sources"})


def read_claim(key: str, raw: object) -> Claim:
    """Reads one claim.

    Raises:
        InputError: a field is missing, unknown or not allowed.
    """
    place = Place(CLAIMS, f"claim.{key}")
    table = read_table(raw, place, _CLAIM, frozenset({"checked", "jurisdiction", "test"}))
    quote = read_text(table["quote"], place.inside("quote"))
    if len(quote.split()) > LONGEST_QUOTE_WORDS:
        raise place.inside("quote").refuse(f"{len(quote.split())} words", f"at most {LONGEST_QUOTE_WORDS}")
    keys = read_texts(table["sources"], place.inside("sources"))
    for source in keys:
        read_choice(source, tuple(sources()), place.inside("sources"))
    test = read_choice(table["test"], tuple(ledger_part("test")), place.inside("test")) if "test" in table else None
    jurisdiction = read_text(table["jurisdiction"], place.inside("jurisdiction")) if "jurisdiction" in table else None
    checked = table.get("checked", _raw()["checked"])
    if not isinstance(checked, date) or not keys:
        raise place.refuse("a date that is none, or no source", "a date, and at least one source")
    return Claim(
        id=key,
        quote=quote,
        speaker=cast(Speaker, read_choice(table["speaker"], get_args(Speaker), place.inside("speaker"))),
        topic=read_choice(table["topic"], tuple(topics()), place.inside("topic")),
        verdict=cast(Verdict, read_choice(table["verdict"], VERDICTS, place.inside("verdict"))),
        certainty=read_certainty(table["certainty"], place),
        short=_short(table["short"], place.inside("short")),
        why=read_text(table["why"], place.inside("why")),
        fair=read_text(table["fair"], place.inside("fair")),
        sources=keys,
        checked=checked,
        jurisdiction=jurisdiction,
        test=test,
    )


def _short(raw: object, place: Place) -> str:
    """A reason that fits one line."""
    text = read_text(raw, place)
    if len(text) > LONGEST_SHORT:
        raise place.refuse(f"{len(text)} letters", f"at most {LONGEST_SHORT}")
    return text


def read_certainty(raw: object, place: Place) -> Certainty:
    """Reads one of the four words of certainty.

    Raises:
        InputError: it is none of them.
    """
    return cast(Certainty, read_choice(raw, get_args(Certainty), place.inside("certainty")))


def known_claim(name: str) -> Claim:
    """The claim of that id.

    Raises:
        InputError: there is none.
    """
    if name not in claims():
        raise InputError(f"claim {name!r} is not in the ledger; allowed: {', '.join(claims())}.")
    return claims()[name]
