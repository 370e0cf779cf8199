"""Numbers into words: one way to write a number, an interval, a date or a chance, used by every output."""

from __future__ import annotations

import re
from datetime import date

from follicast.decisions.result import Certainty, Cost, Interval, PlanResult
from follicast.quantities import DAYS_PER_YEAR

MINUS = "−"
NBSP = "\u00a0"
DAYS_PER_MONTH = DAYS_PER_YEAR / 12.0
MONTHS = "January February March April May June July August September October November December".split()
UNITS = {
    "hairs/cm2": "hairs/cm²",
    "um": "µm",
    "fraction": "%",
    "share": "%",
    "percent": "%",
    "hairs/day": "hairs a day",
    "hairs/year": "hairs a year",
}
WHOLE_SCALP = ("hairs", "hairs/year")
CERTAINTY: dict[Certainty, str] = {
    "high": "more trials are unlikely to change the estimate",
    "moderate": "more trials are likely to change the estimate somewhat",
    "low": "more trials are very likely to change the estimate",
    "very low": "the estimate is hardly better than a guess",
}


def unit_words(unit: str) -> str:
    """How is this unit written for a reader?"""
    return UNITS.get(unit, unit)


def shown(value: float, unit: str) -> float:
    """What number stands before `unit_words(unit)`? Fractions become per cent."""
    return 100.0 * value if unit in ("fraction", "share") else value


def decimals(unit: str) -> int:
    """How many decimals does a reader need? Diameters are read to a tenth of a micrometre, all else to whole units."""
    return 1 if unit == "um" else 0


def number(value: float, unit: str = "") -> str:
    """The number alone, with a true minus sign; thousands, and anything of the whole scalp, keep two figures."""
    value = shown(value, unit)
    if abs(value) >= (100.0 if unit in WHOLE_SCALP else 1000.0):
        value = float(f"{value:.2g}")
    text = f"{value:,.{decimals(unit)}f}"
    if not text.strip("-0.,"):
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def signed(value: float, unit: str = "") -> str:
    """The number with its sign, for differences."""
    text = number(value, unit)
    return text if text.startswith(MINUS) or not text.strip("0.") else f"+{text}"


def between(interval: Interval, sign: bool = False) -> str:
    """The central 80 % in words, e.g. "120 to 178" or "−4 to +24"."""
    write = signed if sign else number
    return f"{write(interval.lo80, interval.unit)} to {write(interval.hi80, interval.unit)}"


def includes_zero(interval: Interval) -> bool:
    """Does the central 80 % reach zero, so that a gain cannot be told from none?"""
    return interval.lo80 <= 0.0 <= interval.hi80


def months(days: float) -> int:
    """Days as whole months."""
    return round(days / DAYS_PER_MONTH)


def long_date(day: date) -> str:
    """A date as "12 March 2026", whatever the locale."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def short_date(day: date) -> str:
    """A date as "12 Mar 2026", whatever the locale."""
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def of_ten(share: float) -> str:
    """A chance as a natural frequency, e.g. "6 of 10"."""
    count = round(10.0 * share)
    if count == 0:
        return "fewer than 1 of 10"
    return "more than 9 of 10" if count == 10 else f"{count} of 10"


def money(cost: Cost) -> str:
    """A cost range as "EUR 300 to 660"."""
    if cost.low == cost.high:
        return "none" if cost.high == 0 else f"{cost.currency} {cost.low:,.0f}"
    return f"{cost.currency} {cost.low:,.0f} to {cost.high:,.0f}"


def _date_words(match: re.Match[str]) -> str:
    try:
        return long_date(date.fromisoformat(match[0]))
    except ValueError:
        return match[0]


def typeset(text: str) -> str:
    """Prose from a data file with its signs and units as a printer sets them, and dates in words."""
    text = re.sub(r"\b[12]\d{3}-[01]\d-[0-3]\d\b", _date_words, text)
    text = re.sub(r"(?<![\w.])-(?=\d)", MINUS, text)
    text = re.sub(r"(?<=\d) um\b", " µm", text.replace("+-", "±"))
    return re.sub(r"\bcm2\b", "cm²", text)


def bound(text: str) -> str:
    """The text with numbers kept on one line with what belongs to them: "5 %", "× 6"."""
    return re.sub(r"(?<=\d) %|(?<=×) (?=\d)", lambda match: match[0].replace(" ", NBSP), text)


def capital(text: str) -> str:
    """The sentence, typeset, with a capital first letter."""
    return typeset(text[:1].upper() + text[1:])


def listed(items: list[str]) -> str:
    """Items as a phrase: "a", "a and b", "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def spoken(label: str) -> str:
    """A label inside a sentence: "Finasteride, oral" is said as "oral finasteride"; an acronym keeps its capitals."""
    if label[1:2].islower():
        label = label[:1].lower() + label[1:]
    noun, comma, kind = label.partition(", ")
    return f"{kind} {noun}" if comma and kind.isalpha() else label


def wrapped(text: str, letters: int, most: int) -> list[str]:
    """The text on at most `most` lines of about `letters` letters, cut with an ellipsis where it does not fit."""
    lines = [""]
    for word in bound(typeset(text)).split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > letters:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".lstrip()
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1][: letters - 1].rstrip(' +')}…"]
    return lines


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """A count with its noun, e.g. "1 session", "6 sessions"."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def zone_label(result: PlanResult, zone: str) -> str:
    """The name of a zone inside a sentence, without its gloss in brackets."""
    label = next((z.label for z in result.zones if z.zone == zone), zone).split(" (")[0]
    return label[:1].lower() + label[1:]
