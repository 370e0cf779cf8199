"""What stands in the table of a review: one row a reading, in the words and numbers of every output."""

from __future__ import annotations

from dataclasses import dataclass

from follicast.decisions.records import Interval
from follicast.decisions.reviewing.record import Review, ReviewedReading, Verdict
from follicast.language import say
from follicast.outputs.palette import GOOD, MUTED, STOP
from follicast.outputs.wording import between, capital, number, short_date, signed, unit_words

SHAPES: dict[Verdict | None, str] = {
    "too early": "○",
    "cannot tell": "◇",
    "on track": "●",
    "below": "▼",
    "above": "▲",
    None: "–",
}
COLOURS: dict[Verdict | None, str] = {
    "too early": MUTED,
    "cannot tell": MUTED,
    "on track": GOOD,
    "below": STOP,
    "above": GOOD,
    None: MUTED,
}
"""A shape and a word go with every colour."""


@dataclass(frozen=True)
class Row:
    """One reading as it is shown; empty where there is nothing to say."""

    label: str
    date: str
    read: str
    change: str
    expected: str
    nothing: str
    full: str
    half: str
    smallest: str
    verdict: str
    shape: str
    colour: str
    reason: str
    deciding: bool


def verdict_word(verdict: Verdict | None) -> str:
    """One of the five, or that it is withheld."""
    return {
        "too early": say("too early"),
        "cannot tell": say("cannot tell"),
        "on track": say("on track"),
        "below": say("below"),
        "above": say("above"),
        None: say("withheld"),
    }[verdict]


def rows(review: Review) -> list[Row]:
    """The table, the deciding reading first, then the latest."""
    order = sorted(
        range(len(review.readings)), key=lambda k: (k != review.deciding, -review.readings[k].date.toordinal(), k)
    )
    return [_row(review.readings[k], deciding=k == review.deciding) for k in order]


def _row(r: ReviewedReading, *, deciding: bool) -> Row:
    expected = _span(r.expected)
    if r.band is not None:
        expected = say("{range} for people like this one", range=between(r.band))
    return Row(
        label=capital(r.label),
        date=short_date(r.date),
        read=_read(r),
        change=_change(r),
        expected=expected,
        nothing=_span(r.nothing),
        full=_span(r.full),
        half=_span(r.half),
        smallest=_smallest(r),
        verdict=verdict_word(r.verdict),
        shape=SHAPES[r.verdict],
        colour=COLOURS[r.verdict],
        reason=r.reason,
        deciding=deciding,
    )


def _span(found: Interval | None) -> str:
    return between(found, sign=True) if found is not None else ""


def _read(r: ReviewedReading) -> str:
    now = number(r.value, r.unit)
    words = f"{number(r.baseline_value, r.unit)} → {now}" if r.baseline_value is not None else now
    return say("{number} {unit}", number=words, unit=unit_words(r.unit))


def _change(r: ReviewedReading) -> str:
    if r.change is None:
        return ""
    share = _percent(r.change, r.baseline_value)
    return f"{signed(r.change, r.unit)} ({share})" if share else signed(r.change, r.unit)


def _smallest(r: ReviewedReading) -> str:
    if r.smallest_change is None:
        return ""
    share = _percent(r.smallest_change, r.baseline_value).lstrip("+")
    words = number(r.smallest_change, r.unit)
    return f"{words} ({share})" if share else words


def _percent(part: float, whole: float | None) -> str:
    return f"{signed(100.0 * part / whole)} %" if whole else ""
