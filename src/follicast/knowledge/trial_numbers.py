"""Numbers as tables of trials write them: "~73", "256 completers of 308", "23 after last", "3 + booster 6 mo"."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from follicast.quantities import DAYS_PER_WEEK, DAYS_PER_YEAR


class RowError(ValueError):
    """A row that cannot be replayed; the message is one sentence: where, what was found, what is allowed."""


SHOWN = 60
LAST_WEEK = 5000.0
LARGEST, SMALLEST = 1e9, 1e-9
NOTHING = frozenset({"", "-", "na", "n/a", "nr", "not reported", "not stated", "unknown", "."})
WEEKS = {
    "d": 1 / DAYS_PER_WEEK,
    "w": 1.0,
    "m": DAYS_PER_YEAR / 12 / DAYS_PER_WEEK,
    "y": DAYS_PER_YEAR / DAYS_PER_WEEK,
}
NUMBER = r"\d+(?:\.\d+)?"
TIME = r"(?P<unit>days?|d|wks?|weeks?|w|mos?|months?|m|yrs?|years?|y)\b"
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212"
_TIDIED = str.maketrans({**dict.fromkeys(DASHES, "-"), "²": "2", "µ": "u", "μ": "u", "\u00a0": " ", "×": "x"})
_WORDED = (
    (re.compile("≥"), ">="),
    (re.compile("≤"), "<="),
    (re.compile("±|\\+/-"), "+-"),
    (re.compile(r"\bper ?cent\b"), "%"),
    (re.compile(r"(?<=[cm]m)\^2|\bcm ?sq\b"), "2"),
    (re.compile(r"\b(?:sq\.? ?cm|square centimet(?:re|er)s?)\b"), "cm2"),
    (re.compile(r"\b(?:micromet(?:re|er)s?|microns?)\b"), "um"),
    (re.compile(r"\bin(?:ch)?\^2"), "inch2"),
    (re.compile(r"\s+"), " "),
)
_UNTIDY = re.compile(r"[≥≤±^]|\+/-|per ?cent|\bsq|micro[mn]|\s\s|[\t\n\r]|cm ?sq")
_THOUSANDS = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?![\d,])")
_PLAIN = re.compile(r"[~≈]?\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)")
_RANGE = re.compile(rf"[~≈<>=]*\s*({NUMBER})\s*(?:-|to)\s*[~]?({NUMBER})")
_WEEK = re.compile(
    rf"(?:week|wk|w)?\.?\s*[~≈<>=]*\s*(?P<low>[+-]?{NUMBER})(?:\s*(?:-|to)\s*(?P<high>{NUMBER}))?\s*(?:{TIME})?(?P<rest>.*)"
)
_AFTER_LAST = re.compile(r"\bafter\b.*\blast|\bpost\b|\bafter (?:the )?(?:end|course|intervention)")
_PARENTHESES = re.compile(r"\(([^()]*)\)")


@lru_cache(maxsize=1 << 16)
def tidy(text: str) -> str:
    """The text in lower case, with one sign for each of the many dashes, micro signs, squares and spaces."""
    text = text.strip().lower()
    if not text.isascii():
        text = text.translate(_TIDIED)
    if _UNTIDY.search(text):
        for pattern, plain in _WORDED:
            text = pattern.sub(plain, text)
    return text


def _whole_numbers(text: str) -> str:
    """The text tidied, with "1,553" written 1553."""
    return _THOUSANDS.sub(lambda match: match[0].replace(",", ""), tidy(text))


def quoted(text: str) -> str:
    """A text of the table as a message shows it: short and on one line."""
    text = repr(text.strip())
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}...'"


def refuse(column: str, text: str, allowed: str) -> RowError:
    """The refusal of one cell: what was found, and what is allowed instead."""
    return RowError(f"{column}: found {quoted(text)}; allowed: {allowed}")


def read_number(text: str, column: str, allowed: str = "a number") -> float | None:
    """One finite number, or None for an empty cell; "~" for about is understood.

    Raises:
        RowError: the cell holds anything else.
    """
    plain = _whole_numbers(text)
    if plain in NOTHING:
        return None
    match = _PLAIN.fullmatch(plain)
    value = float(match[1]) if match else math.nan
    if not abs(value) <= LARGEST:
        raise refuse(column, text, allowed)
    return value


def read_middle(text: str) -> float | None:
    """The number a text begins with, the middle of a range ("4-6"), or None where it begins with neither."""
    plain = tidy(text)
    ends = _RANGE.match(plain)
    if ends:
        return (float(ends[1]) + float(ends[2])) / 2
    first = re.match(rf"[~≈<>=]*\s*({NUMBER})", plain)
    return float(first[1]) if first else None


@dataclass(frozen=True, slots=True)
class Week:
    """When a reading was made; `after_last` counts from the last session, otherwise from the start."""

    value: float
    after_last: bool


def read_week(text: str, column: str) -> Week | None:
    """The week of a reading, or None for an empty cell; a range stands for its middle.

    Raises:
        RowError: a text, a negative week, or one beyond a lifetime.
    """
    plain = tidy(text)
    if plain in NOTHING:
        return None
    allowed = f"weeks from 0 to {LAST_WEEK:g}"
    match = _WEEK.fullmatch(plain)
    if not match:
        raise refuse(column, text, allowed)
    inside = " ".join(_PARENTHESES.findall(match["rest"]))
    outside = _PARENTHESES.sub(" ", match["rest"]).strip()
    noted = not any(sign.isdigit() for sign in inside) and _AFTER_LAST.search(inside) is not None
    after_last = _AFTER_LAST.search(outside) is not None
    if outside and not after_last:
        raise refuse(column, text, allowed)
    low = float(match["low"])
    value = (low + float(match["high"] or low)) / 2 * WEEKS[(match["unit"] or "w")[0]]
    if not 0 <= value <= LAST_WEEK or low < 0:
        raise refuse(column, text, allowed)
    return Week(value, after_last or noted)


@dataclass(frozen=True, slots=True)
class People:
    """How many took part: `n` in the arm and `control` in the other, or `total` in all arms together."""

    n: float | None = None
    control: float | None = None
    total: float | None = None


_POOLED = re.compile(rf"({NUMBER})\s*(?:rcts?|trials?|studies|groups?|sites?|cent(?:re|er)s?)\b")
_PER_ARM = re.compile(rf"({NUMBER})\s*(?:/|per|in each|each)\s*(?:arm|group|side|half)?")
_WHOLE = re.compile(
    rf"({NUMBER})\s*(?:total|enrolled|randomi[sz]ed|completers?|completed|evaluable|analy[sz]ed|overall)"
)
_RATIO = re.compile(r"([1-9]\d*)\s*:\s*([1-9]\d*)")


def read_people(text: str, column: str) -> People:
    """How many people a number stands for; nothing where the text counts trials, not people.

    Raises:
        RowError: a text without any number, or nobody.
    """
    plain = _whole_numbers(text)
    if plain in NOTHING:
        return People()
    pooled = _POOLED.sub(" ", plain)
    each = _PER_ARM.search(pooled)
    if each:
        return _some(People(float(each[1]), float(each[1])), column, text)
    if " vs " in pooled:
        left, right = (_sum(part) for part in pooled.split(" vs ", 1))
        return _some(People(left, right), column, text)
    ratio, rest = _RATIO.search(pooled), _RATIO.sub(" ", pooled)
    whole = [float(match[1]) for match in _WHOLE.finditer(rest)]
    total = min(whole) if whole else _sum(rest)
    if ratio and total is not None:
        one, other = float(ratio[1]), float(ratio[2])
        return _some(People(total * one / (one + other), total * other / (one + other)), column, text)
    if whole:
        return _some(People(total=total), column, text)
    if total is None and pooled == plain:
        raise refuse(column, text, "a number of people, or nothing")
    return _some(People(total), column, text)


def _sum(text: str) -> float | None:
    match = re.search(rf"{NUMBER}(?:\s*\+\s*{NUMBER})*", text)
    return sum(float(part) for part in match[0].split("+")) if match else None


def _some(people: People, column: str, text: str) -> People:
    if any(number is not None and number < 1 for number in (people.n, people.control, people.total)):
        raise refuse(column, text, "a number of people, or nothing")
    return people


@dataclass(frozen=True, slots=True)
class Course:
    """The course of sessions as a row gives it; what it leaves open comes from the therapy.

    `weeks` are the weeks of the sessions where the row lists them, `boosters` those of sessions after the course.
    """

    count: int | None = None
    interval_days: float | None = None
    weeks: tuple[float, ...] = ()
    boosters: tuple[float, ...] = ()
    length_weeks: float | None = None

    def sessions(self, count: int, interval_days: float) -> tuple[float, ...]:
        """Weeks of the sessions, with these defaults for what the row leaves open."""
        if self.weeks:
            return self.weeks
        gap = (self.interval_days or interval_days) / DAYS_PER_WEEK
        regular = tuple(gap * index for index in range(self.count or count))
        return (*regular, *(week for week in self.boosters if week > regular[-1]))

    @property
    def last_week(self) -> float | None:
        """Week of the last session, or the end of a daily course, from what the row says alone."""
        if self.weeks:
            return self.weeks[-1]
        if self.count and (self.count == 1 or self.interval_days):
            return self.sessions(self.count, self.interval_days or 1.0)[-1]
        return self.length_weeks


_RATE = re.compile(
    r"/|\bper\b|\ba (?:day|week|month)\b|daily|weekly|monthly|\btimes\b|\bevery\b|alternate|fortnight|\bq\d"
)
_TIMES = re.compile(r"\bx ?(\d+)\b(?! ?(?:min|s\b|sec|h|d|w|m|y))")
_A_WEEK = re.compile(rf"({NUMBER})(?: ?- ?({NUMBER}))? ?(?:x|times)? ?(?:/|per|a) ?w(?:ee)?k")
_LENGTH = re.compile(rf"(?:\bx|\bfor)\s*({NUMBER})\s*{TIME}")
_BOOSTER = re.compile(rf"boosters?\D*((?:{NUMBER}\s*(?:,|and|&|\+)?\s*)+){TIME}")
_ONCE = re.compile(r"once$|single\b|one\b")
_EVERY = {
    "every other day": 2.0,
    "alternate day": 2.0,
    "daily": 1.0,
    "biweekly": 14.0,
    "weekly": 7.0,
    "fortnight": 14.0,
    "monthly": 30.0,
}
_INTERVAL = re.compile(rf"(?:every|q)\s*({NUMBER})\s*{TIME}")
MOST_SESSIONS = 2000


def read_course(sessions: str, interval: str) -> Course:
    """The course of sessions from the two columns of a table.

    Raises:
        RowError: a column says something that is neither a number nor a rhythm.
    """
    plain, gap = tidy(sessions), tidy(interval)
    length = _LENGTH.search(plain)
    length_weeks = float(length[1]) * WEEKS[length["unit"][0]] if length else None
    listed = re.fullmatch(rf"(days?|weeks?|wks?)\s*((?:{NUMBER}[,;\s]*(?:and)?\s*)+)", gap)
    if listed:
        numbers = sorted(float(number) for number in re.findall(NUMBER, listed[2]))
        scale = WEEKS[listed[1][0]]
        return Course(len(numbers), None, tuple((n - numbers[0]) * scale for n in numbers))
    days = _interval_days(gap)
    if _RATE.search(plain):
        times = _TIMES.search(plain)
        return Course(int(times[1]) if times else None, days or _rhythm_days(plain), (), (), length_weeks)
    middle = 1.0 if _ONCE.match(plain) else read_middle(plain)
    if middle is None and plain not in NOTHING:
        raise refuse("sessions", sessions, 'a number of sessions, "3 + booster 6 mo", or a rhythm such as "3/wk"')
    count = int(middle + 0.5) if middle is not None else 0
    booster = _BOOSTER.search(plain)
    boosters = tuple(float(n) * WEEKS[booster["unit"][0]] for n in re.findall(NUMBER, booster[1])) if booster else ()
    return Course(count if 1 <= count <= MOST_SESSIONS else None, days, (), boosters, length_weeks)


def _interval_days(plain: str) -> float | None:
    days = _rhythm_days(plain) or read_middle(plain)
    if not days and plain not in NOTHING:
        raise refuse("interval_days", plain, 'days, a range of days, or "days 1, 15, 45"')
    return days


def _rhythm_days(plain: str) -> float | None:
    """Days between sessions in words such as "monthly", "every 2 weeks" or "3/wk"."""
    every, a_week = _INTERVAL.search(plain), _A_WEEK.search(plain)
    if every and float(every[1]) > 0:
        return float(every[1]) * WEEKS[every["unit"][0]] * DAYS_PER_WEEK
    if a_week:
        times = (float(a_week[1]) + float(a_week[2] or a_week[1])) / 2
        return DAYS_PER_WEEK / times if times else None
    return next((days for word, days in _EVERY.items() if word in plain), None)
