"""One TOML table, read with checks: whatever is wrong becomes one `InputError` sentence that names the place."""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NoReturn, TypeVar

from follicast.quantities import InputError

Word = TypeVar("Word", bound=str)
SHOWN_CHARACTERS = 60
TEXT_DIRECTION_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
LINE_BREAKS = frozenset("\u2028\u2029")


def shown(value: Any) -> str:
    """A value as the message shows it: short, on one line, no control characters."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        if any(isinstance(item, (dict, list)) for item in value):
            return "a list"
        text = "[" + ", ".join(shown(item) for item in value[:8]) + (", ...]" if len(value) > 8 else "]")
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, str):
        text = _quoted(value)
    elif isinstance(value, int) and abs(value) >= 10**15:
        text = "a number of more than 15 digits"
    else:
        text = str(value)
    return text if len(text) <= SHOWN_CHARACTERS + 2 else text[:SHOWN_CHARACTERS] + "..."


def _quoted(text: str) -> str:
    printable = repr(text[: SHOWN_CHARACTERS + 1])[1:-1].replace("\\'", "'")
    return f'"{printable}"'


def closest(word: str, allowed: Collection[str]) -> str:
    """'; did you mean ...?' for a near miss or a beginning, else nothing; letter case does not count."""
    lowered = {candidate.lower(): candidate for candidate in allowed}
    start = word[:100].lower().strip()
    begins = [name for name in lowered if len(start) > 2 and name.startswith(start)]
    near = begins[:3] or difflib.get_close_matches(start, lowered, n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(shown(lowered[name]) for name in near)}?" if near else ""


def _key_text(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]{1,40}", key) else shown(key)


@dataclass(frozen=True, slots=True)
class Window:
    """The dates allowed, both ends included; `before` and `after` say what a date outside them is before or after."""

    first: date
    last: date
    before: str
    after: str


class Table:
    """One table of the file; `path` is its name as messages give it ("measurements[2]"; blocks count from 1)."""

    def __init__(self, source: str, path: str, data: Mapping[str, Any], keys: Collection[str]) -> None:
        self.source = source
        self.path = path
        self.data = data
        self.keys = keys

    def place(self, key: str) -> str:
        """The full name of a key, as in `person.age`."""
        return f"{self.path}.{_key_text(key)}" if self.path else _key_text(key)

    def refuse(self, key: str, why: str) -> NoReturn:
        """Raises the one sentence about `key`; `why` follows the value and completes the sentence.

        Raises:
            InputError: always.
        """
        value = f" = {shown(self.data[key])}" if not isinstance(self.data.get(key, {}), dict) else ""
        end = "" if why.endswith(("?", ".")) else "."
        raise InputError(f"{self.source}: {self.place(key)}{value} {why}{end}")

    def has(self, key: str) -> bool:
        """Whether the file gives this key."""
        return key in self.data

    def need(self, key: str, what: str) -> None:
        """Refuses the table if `key` is missing; `what` says what to write."""
        if key not in self.data:
            self.refuse(key, f"is missing; give {what}")

    def required_number(self, key: str, what: str, low: float, high: float, unit: str = "") -> float:
        """A finite number within [low, high]; `what` says what to write."""
        self.need(key, what)
        return self._bounded(key, what, low, high, unit)

    def number(self, key: str, low: float, high: float, unit: str = "") -> float | None:
        """A finite number within [low, high] (in `unit`), or None if absent."""
        allowed = f"{low:g} to {high:g}{' ' + unit if unit else ''}"
        return self._bounded(key, allowed, low, high, unit) if key in self.data else None

    def _bounded(self, key: str, what: str, low: float, high: float, unit: str) -> float:
        value = self._finite(key, self.data[key], what)
        if not low <= value <= high:
            self.refuse(key, f"is outside what is allowed, {low:g} to {high:g}{' ' + unit if unit else ''}")
        return value

    def whole(self, key: str, low: int, high: int, unit: str = "") -> int | None:
        """A whole number within [low, high], or None if absent."""
        value = self.number(key, low, high, unit)
        if value is not None and value != int(value):
            self.refuse(key, f"must be a whole number, {low} to {high}{' ' + unit if unit else ''}")
        return None if value is None else int(value)

    def span(self, key: str, low: float, high: float, unit: str) -> tuple[float, float] | None:
        """A number, or a range [shortest, longest], within [low, high]; a number x reads as (x, x)."""
        if key not in self.data:
            return None
        raw = self.data[key]
        ends = raw if isinstance(raw, list) else [raw]
        if isinstance(raw, list) and len(raw) != 2:
            self.refuse(key, f"must be one number or a range of two such as [8, 9], in {unit}")
        first, last = (self._finite(key, end, f"{low:g} to {high:g} {unit}") for end in (ends[0], ends[-1]))
        if not low <= first <= last <= high:
            self.refuse(key, f"must lie within {low:g} to {high:g} {unit}, the smaller number first")
        return first, last

    def _finite(self, key: str, value: Any, what: str) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            hint = "; write it without quotes" if isinstance(value, str) and _is_number(value) else ""
            self.refuse(key, f"must be a number: {what}{hint}")
        if isinstance(value, int) and abs(value) >= 10**15:
            self.refuse(key, f"is too large: {what}")
        if not math.isfinite(value):
            self.refuse(key, f"must be a finite number: {what}")
        return float(value)

    def word(self, key: str, allowed: Sequence[Word], default: Word | None = None) -> Word | None:
        """One of the allowed words, or `default` if absent."""
        return self._one_of(key, self.data[key], allowed) if key in self.data else default

    def required_word(self, key: str, allowed: Sequence[Word]) -> Word:
        """One of the allowed words."""
        self.need(key, f"one of {', '.join(allowed)}")
        return self._one_of(key, self.data[key], allowed)

    def words(self, key: str, allowed: Sequence[Word]) -> tuple[Word, ...]:
        """A list of different allowed words in the file's order, or () if absent."""
        found = tuple(self._one_of(key, item, allowed) for item in self.items(key, "words"))
        if len(set(found)) < len(found):
            self.refuse(key, "names the same thing twice")
        return found

    def _one_of(self, key: str, value: Any, allowed: Sequence[Word]) -> Word:
        for candidate in allowed:
            if value == candidate and isinstance(value, str):
                return candidate
        near = closest(value, allowed) if isinstance(value, str) else ""
        member = f"names {shown(value)}, which " if isinstance(self.data[key], list) else ""
        self.refuse(key, f"{member}is not one of {', '.join(allowed)}{near}")

    def items(self, key: str, what: str) -> list[Any]:
        """A list of at most 1,000 items, or [] if absent."""
        value = self.data.get(key, [])
        if not isinstance(value, list):
            self.refuse(key, f"must be a list of {what} in square brackets")
        if len(value) > 1000:
            self.refuse(key, f"has {len(value)} items, but at most 1000 are allowed")
        return value

    def flag(self, key: str) -> bool | None:
        """True, false, or None if absent."""
        value = self.data.get(key)
        if value is not None and not isinstance(value, bool):
            self.refuse(key, "must be true or false, without quotes")
        return value

    def text(self, key: str, longest: int) -> str | None:
        """Free text on one line of any script, one plain space between its words, or None if absent."""
        value = self.data.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            self.refuse(key, "must be text in quotes")
        if len(value) > longest:
            self.refuse(key, f"has {len(value)} characters, but at most {longest} are allowed")
        if any(unicodedata.category(c) == "Cc" or c in TEXT_DIRECTION_CONTROLS | LINE_BREAKS for c in value):
            self.refuse(
                key, "must not hold control characters or line breaks; letters of any script and emoji are fine"
            )
        if not value.strip():
            self.refuse(key, "is empty; leave the key out or write something")
        return " ".join(value.split())

    def when(self, key: str, window: Window) -> date | None:
        """A date within the window, or None if absent."""
        return self._within(key, self.data[key], window) if key in self.data else None

    def required_date(self, key: str, window: Window) -> date:
        """A date within the window."""
        self.need(key, "a date such as 2026-03-31")
        return self._within(key, self.data[key], window)

    def dates(self, key: str, window: Window) -> tuple[date, ...]:
        """Different dates within the window in date order, or () if absent."""
        found = [self._within(key, item, window) for item in self.items(key, "dates")]
        if len(set(found)) < len(found):
            self.refuse(key, "has the same date twice")
        return tuple(sorted(found))

    def _within(self, key: str, value: Any, window: Window) -> date:
        # a TOML date-time is a Python date too, so the type must match exactly
        if type(value) is not date:
            self.refuse(key, "must be a date such as 2026-03-31, without quotes and without a time")
        member = f"has {value}, which " if isinstance(self.data[key], list) else ""
        if value < window.first:
            self.refuse(key, f"{member}is before {window.before}")
        if value > window.last:
            self.refuse(key, f"{member}is after {window.after}")
        return value


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
