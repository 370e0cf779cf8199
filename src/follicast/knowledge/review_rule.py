"""The rule by which a measurement is judged against a forecast, and what to check: review.toml, with reasons."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import Final

from follicast.knowledge.labs import analytes
from follicast.knowledge.load import DATA, read_toml
from follicast.knowledge.number import Place, read_choice, read_number, read_table, read_text, read_texts
from follicast.quantities import Day, Share

FILE: Final = "review.toml"
ANSWERED_BY_RECORD: Final = ("adherence", "sessions", "reading", "insult", "medicines", "skin")
"""What a check may ask beside laboratory values."""
LAB_DAYS: Final = 365
"""A laboratory value older than this answers nothing."""


@dataclass(frozen=True, slots=True)
class ReviewRule:
    """The numbers of the rule; `decisions.verdict` says how they are used."""

    tail: Share
    reject_plan: Share
    reject_nothing: Share
    odds: float
    tells: Share
    too_early: Share
    earliest: Day
    visit: Day
    late_start: Day


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at when hair is below the forecast; `asks` is what of the record may answer it."""

    asks: str
    text: str
    sources: tuple[str, ...]


@cache
def review_rule() -> ReviewRule:
    """The rule in force.

    Raises:
        InputError: review.toml lacks a number or has one that nobody reads.
    """
    names = frozenset(field.name for field in fields(ReviewRule))
    raw = read_table(_file()["rule"], Place(FILE, "rule"), names)
    return ReviewRule(**{name: read_number(raw[name], Place(FILE, f"rule.{name}")).value for name in names})


@cache
def checks() -> tuple[Check, ...]:
    """What to look at when hair is below the forecast, in order.

    Raises:
        InputError: an entry is wrong somewhere; one sentence.
    """
    raw = _file()["checks"]
    place = Place(FILE, "checks")
    if not isinstance(raw, list):
        raise place.refuse(f"found {raw!r}", "[[checks]] blocks")
    return tuple(_check(entry, place.inside(str(k))) for k, entry in enumerate(raw, start=1))


def _file() -> dict[str, object]:
    return dict(read_table(read_toml(DATA / FILE), Place(FILE, ""), frozenset({"rule", "checks"})))


def _check(raw: object, place: Place) -> Check:
    table = read_table(raw, place, frozenset({"asks", "text", "sources"}))
    return Check(
        asks=read_choice(table["asks"], (*ANSWERED_BY_RECORD, *analytes()), place.inside("asks")),
        text=read_text(table["text"], place.inside("text")),
        sources=read_texts(table["sources"], place.inside("sources")),
    )
