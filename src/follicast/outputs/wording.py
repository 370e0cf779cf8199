"""Numbers into words: one way to write a number, an interval, a date or a chance, used by every output."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from follicast.decisions.result import Certainty, Cost, Interval, PlanResult
from follicast.language import locale, say
from follicast.quantities import DAYS_PER_YEAR

MINUS = "−"
NBSP = "\u00a0"
DAYS_PER_MONTH = DAYS_PER_YEAR / 12.0
UNITS = {
    "hairs/cm2": "hairs/cm²",
    "um": "µm",
    "fraction": "%",
    "share": "%",
    "percent": "%",
    "hairs/day": "hairs a day",
    "hairs/year": "hairs a year",
}
HAN = r"\u4e00-\u9fff"
WIDE = r"\u2e80-\u9fff\uff00-\uffef"
PIECE = rf" *(?:[{WIDE}]|[^ {WIDE}]+)[，。；：、！？）》”]*"
"""What a line may break after: a word, or a Chinese character, with the signs that close it."""
WHOLE_SCALP = ("hairs", "hairs/year")
CERTAINTIES: dict[Certainty, str] = {"high": "high", "moderate": "moderate", "low": "low", "very low": "very low"}
CERTAINTY: dict[Certainty, str] = {
    "high": "more trials are unlikely to change the estimate",
    "moderate": "more trials are likely to change the estimate somewhat",
    "low": "more trials are very likely to change the estimate",
    "very low": "the estimate is hardly better than a guess",
}


SEXES = {"male": "male", "female": "female"}


def certainty_word(certainty: Certainty) -> str:
    """One of the four fixed words, said."""
    return say(CERTAINTIES[certainty])


PLACES = {"US": "US", "EU": "EU", "UK": "UK", "JP": "JP", "KR": "KR", "CN": "CN", "TW": "TW", "SA": "SA"}
"""Places whose rules are recorded, as they are said."""


def place(code: str) -> str:
    """The name of a country or union; its code where no name is known."""
    return say(PLACES[code]) if code in PLACES else code


def unit_words(unit: str) -> str:
    """How is this unit written for a reader?"""
    return say(UNITS.get(unit, unit))


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
    return say("{low} to {high}", low=write(interval.lo80, interval.unit), high=write(interval.hi80, interval.unit))


def includes_zero(interval: Interval) -> bool:
    """Does the central 80 % reach zero, so that a gain cannot be told from none?"""
    return interval.lo80 <= 0.0 <= interval.hi80


def months(days: float) -> int:
    """Days as whole months."""
    return round(days / DAYS_PER_MONTH)


def long_date(day: date) -> str:
    """A date as "12 March 2026", as the language writes it."""
    return _dated(day, say("d MMMM y"))


def short_date(day: date) -> str:
    """A date as "12 Mar 2026", as the language writes it."""
    return _dated(day, say("d MMM y"))


def day_of_year(day: date) -> str:
    """A date without its year, as "12 Mar"."""
    return _dated(day, say("d MMM"))


def month_name(day: date, year: bool = False) -> str:
    """The month of a date as "Mar", or "Mar 2026"."""
    return _dated(day, say("MMM y") if year else say("MMM"))


def _dated(day: date, pattern: str) -> str:
    """A date by a pattern of CLDR, whatever the locale of the machine."""
    from babel.dates import format_date  # imported late: only documents have dates

    return format_date(day, pattern, locale=locale())


def of_ten(share: float) -> str:
    """A chance as a natural frequency, e.g. "6 of 10"."""
    count = round(10.0 * share)
    if count == 0:
        return say("fewer than 1 of 10")
    return say("more than 9 of 10") if count == 10 else say("{count} of 10", count=count)


def money(cost: Cost) -> str:
    """A cost range as "EUR 300 to 660"."""
    if cost.low == cost.high:
        return say("none") if cost.high == 0 else f"{cost.currency} {cost.low:,.0f}"
    return say("{currency} {low} to {high}", currency=cost.currency, low=f"{cost.low:,.0f}", high=f"{cost.high:,.0f}")


def _date_words(match: re.Match[str]) -> str:
    try:
        return long_date(date.fromisoformat(match[0]))
    except ValueError:
        return match[0]


def typeset(text: str) -> str:
    """Prose from a data file with its signs and units as a printer sets them, and dates in words."""
    text = re.sub(r"(?<![A-Za-z\d-])[12]\d{3}-[01]\d-[0-3]\d(?![\d-])", _date_words, text)
    text = re.sub(rf"(?<![^\W{WIDE}])(?<!\.)-(?=\d)", MINUS, text)
    text = re.sub(r"(?<=\d) um(?![a-z])", " µm", text.replace("+-", "±"))
    return wide_signs(re.sub(r"(?<![a-z_])cm2(?![a-z0-9_])", "cm²", text))


def wide_signs(text: str) -> str:
    """The text with the wide signs that belong to Chinese wherever a sign stands beside a Chinese character."""
    if re.search(f"[{HAN}]", text) is None:
        return text  # Curly quotes are Chinese signs only among Chinese characters.
    text = re.sub(rf"(?<=[{HAN}）”])([,;:])(?: |(?=<|$))|([,;:]) (?=[{HAN}“])", _wide, text)
    text = re.sub(rf" ?\(([^()<>]*[{HAN}][^()<>]*)\)", r"（\1）", text)
    text = re.sub(rf"(?<=[{HAN}）”])\.(?= |<|$)", "。", text)
    text = re.sub(rf"(?<=[^\s.])\. (?=[{HAN}“])", "。", text)
    text = re.sub(rf"(?<=\d)[ \u00a0](?=[{HAN}])", "", text)
    return re.sub(rf"(?<=[。；：，）]) +(?=[{HAN}“A-Z\d])", "", text)


def _wide(match: re.Match[str]) -> str:
    return {",": "，", ";": "；", ":": "："}[match[1] or match[2]]


def bound(text: str) -> str:
    """The text with numbers kept on one line with what belongs to them, "5 %", "× 6", and commands in quotes."""
    text = re.sub(r"`([^`]+)`", r"“\1”", text)
    return re.sub(r"(?<=\d) %|(?<=×) (?=\d)", lambda match: match[0].replace(" ", NBSP), text)


def capital(text: str) -> str:
    """The sentence, typeset, with a capital first letter."""
    return typeset(text[:1].upper() + text[1:])


def listed(items: list[str]) -> str:
    """Items as a phrase: "a", "a and b", "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return say("{items} and {last}", items=say(", ").join(items[:-1]), last=items[-1])


def spoken(label: str) -> str:
    """A label inside a sentence: "Finasteride, oral" is said as "oral finasteride"; an acronym keeps its capitals."""
    if label[1:2].islower():
        label = label[:1].lower() + label[1:]
    noun, comma, kind = label.partition(", ")
    return f"{kind} {noun}" if comma and kind.isalpha() else label


def width(text: str) -> int:
    """How much room a text takes, in letters; a Chinese character takes that of two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def wrapped(text: str, letters: int, most: int) -> list[str]:
    """The text on at most `most` lines of about `letters` letters, cut with an ellipsis where it does not fit."""
    lines = [""]
    for piece in re.findall(PIECE, bound(typeset(text))):
        if lines[-1] and width(lines[-1]) + width(piece.rstrip()) > letters:
            lines.append(piece)
        else:
            lines[-1] += piece
    lines = [line.strip(" ") for line in lines]
    if len(lines) > most:
        last = lines[most - 1]
        while width(last) > letters - 1:
            last = last[:-1]
        lines = [*lines[: most - 1], f"{last.rstrip(' +')}…"]
    return lines


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """A count with its noun, e.g. "1 session", "6 sessions"."""
    words = f"{{number}} {noun}", f"{{number}} {plural or noun + 's'}"
    return say(words[0] if count == 1 else words[1], number=f"{count:,}")


def zone_label(result: PlanResult, zone: str) -> str:
    """The name of a zone inside a sentence, without its gloss in brackets."""
    label = next((z.label for z in result.zones if z.zone == zone), zone)
    label = re.split(r" \(|（", label)[0]
    return label[:1].lower() + label[1:]
