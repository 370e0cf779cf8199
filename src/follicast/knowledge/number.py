"""One number of the literature, with its unit, prior, sources, grade and what was read."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast, get_args

from follicast.quantities import InputError

Grade = Literal["A", "B", "C", "D", "E"]
PriorKind = Literal["fixed", "normal", "lognormal", "uniform", "beta", "zero_or_normal", "zero_or_lognormal"]
Table: TypeAlias = Mapping[str, object]

GRADES = get_args(Grade)
PRIOR_ARGUMENTS: Mapping[PriorKind, tuple[str, ...]] = {
    "fixed": (),
    "normal": ("mean", "sd"),
    "lognormal": ("median", "sd_log"),
    "uniform": ("low", "high"),
    "beta": ("mean", "sd"),
    "zero_or_normal": ("p_zero", "mean", "sd"),
    "zero_or_lognormal": ("p_zero", "median", "sd_log"),
}
NUMBER_FIELDS = frozenset({"value", "unit", "prior", "sources", "grade", "read"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands, for error sentences: file name and dotted key."""

    file: str
    key: str

    def inside(self, name: str) -> Place:
        """The place of `name` within this table."""
        return Place(self.file, f"{self.key}.{name}" if self.key else name)

    def refuse(self, found: str, allowed: str) -> InputError:
        """The error to raise here: what was found, and what is allowed instead."""
        return InputError(f"{self.file}: {self.key or 'file'}: {found}; allowed: {allowed}")


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed about a number before fitting.

    `args` are the numbers named by `PRIOR_ARGUMENTS[kind]`, in that order and in the unit of the number. A lognormal
    draw is median x exp(sd_log x z) with z standard normal, so a negative median gives the mirrored distribution (for
    amplitudes that must stay negative). `beta` is given by its mean and standard deviation on 0 to 1. `zero_or_...` is
    exactly zero with probability `p_zero` and otherwise the named distribution. `fixed` has no spread.
    """

    kind: PriorKind
    args: tuple[float, ...]

    def __getitem__(self, name: str) -> float:
        """The argument called `name`, for example prior["sd_log"]."""
        return self.args[PRIOR_ARGUMENTS[self.kind].index(name)]

    @property
    def centre(self) -> float | None:
        """Mean or median, times 1 - p_zero where there is a mass at zero; None when fixed."""
        if self.kind == "fixed":
            return None
        if self.kind == "uniform":
            return (self.args[0] + self.args[1]) / 2
        middle = self["median" if self.kind.endswith("lognormal") else "mean"]
        return middle * (1 - self["p_zero"]) if self.kind.startswith("zero_or") else middle

    @property
    def support(self) -> tuple[float, float]:
        """Smallest and largest value a draw can take."""
        if self.kind == "uniform":
            return self.args[0], self.args[1]
        if self.kind == "beta":
            return 0.0, 1.0
        if self.kind.endswith("lognormal"):
            return (0.0, math.inf) if self["median"] > 0 else (-math.inf, 0.0)
        return -math.inf, math.inf


@dataclass(frozen=True, slots=True)
class Number:
    """One number with everything needed to judge it.

    `value` is the centre of the prior, shrunk by the mass at zero where there is one.
    Grades: A several human series, B one good human series or randomised trial, C weak or second-hand human evidence,
    D one small, animal or ex vivo study, E assumption.
    """

    value: float
    unit: str
    prior: Prior
    sources: tuple[str, ...]
    grade: Grade
    read: str

    @property
    def is_assumption(self) -> bool:
        """True when no source stands behind the number."""
        return not self.sources


def is_number_table(value: object) -> bool:
    """Whether a table of a data file is meant as a number."""
    return isinstance(value, Mapping) and "value" in value


def number_tables(raw: Table, place: Place) -> Iterator[tuple[object, Place]]:
    """Every table of a number inside nested tables, with its place.

    Raises:
        InputError: something that is no table stands among them.
    """
    for name, part in raw.items():
        here = place.inside(name)
        if is_number_table(part):
            yield part, here
        elif isinstance(part, Mapping):
            yield from number_tables(part, here)
        else:
            raise here.refuse(f"found {part!r}", "a table with value, unit, prior, sources, grade and read")


def read_number(raw: object, place: Place) -> Number:
    """Reads one number table.

    Raises:
        InputError: a field is missing, unknown or out of its allowed range.
    """
    if not isinstance(raw, Mapping):
        raise place.refuse(f"found {raw!r}", "a table with value, unit, prior, sources, grade and read")
    table = cast(Table, raw)
    if set(table) != NUMBER_FIELDS:
        odd = ", ".join(sorted(set(table) ^ NUMBER_FIELDS))
        raise place.refuse(f"missing or unknown: {odd}", "exactly value, unit, prior, sources, grade and read")
    value = read_float(table["value"], place.inside("value"))
    unit = read_text(table["unit"], place.inside("unit"))
    prior = read_prior(table["prior"], place.inside("prior"))
    sources = read_texts(table["sources"], place.inside("sources"))
    grade = read_choice(table["grade"], GRADES, place.inside("grade"))
    read = read_text(table["read"], place.inside("read"))
    low, high = (0.0, 1.0) if unit == "fraction" else prior.support
    if not low <= value <= high:
        raise place.inside("value").refuse(f"found {value:g} {unit}", f"{low:g} to {high:g}")
    if not sources and (grade != "E" or not read.startswith("assumption")):
        raise place.refuse("no source", 'a source key, or grade "E" with read starting with "assumption"')
    return Number(value, unit, prior, sources, cast(Grade, grade), read)


def read_prior(raw: object, place: Place) -> Prior:
    """Reads one prior: a table with a single entry, the kind."""
    if not isinstance(raw, Mapping) or len(raw) != 1:
        raise place.refuse(f"found {raw!r}", "one of " + ", ".join(PRIOR_ARGUMENTS))
    name, body = next(iter(cast(Table, raw).items()))
    kind = cast(PriorKind, read_choice(name, tuple(PRIOR_ARGUMENTS), place))
    here = place.inside(kind)
    if kind == "fixed":
        if body is not True:
            raise here.refuse(f"found {body!r}", "fixed = true")
        return Prior("fixed", ())
    names = PRIOR_ARGUMENTS[kind]
    if not isinstance(body, Mapping) or set(body) != set(names):
        raise here.refuse(f"found {body!r}", "a table with " + ", ".join(names))
    prior = Prior(kind, tuple(read_float(body[n], here.inside(n)) for n in names))
    _check_prior(prior, here)
    return prior


def _check_prior(prior: Prior, place: Place) -> None:
    given = dict(zip(PRIOR_ARGUMENTS[prior.kind], prior.args, strict=True))
    for spread in ("sd", "sd_log"):
        if given.get(spread, 1.0) <= 0:
            raise place.inside(spread).refuse(f"found {given[spread]:g}", "more than 0")
    if given.get("median") == 0:
        raise place.inside("median").refuse("found 0", "not zero")
    if not 0 <= given.get("p_zero", 0.0) < 1:
        raise place.inside("p_zero").refuse(f"found {given['p_zero']:g}", "0 up to but not 1")
    if prior.kind == "uniform" and given["low"] >= given["high"]:
        raise place.refuse(f"low {given['low']:g} is not below high {given['high']:g}", "low < high")
    if prior.kind == "beta":
        mean = given["mean"]
        if not 0 < mean < 1 or given["sd"] ** 2 >= mean * (1 - mean):
            raise place.refuse(f"mean {mean:g}, sd {given['sd']:g}", "0 < mean < 1 and sd^2 < mean (1 - mean)")


def read_float(raw: object, place: Place) -> float:
    """Reads a finite number; a boolean, text, NaN or infinity is refused."""
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw):
        raise place.refuse(f"found {raw!r}", "a finite number")
    return float(raw)


def read_text(raw: object, place: Place) -> str:
    """Reads a text that is not blank."""
    if not isinstance(raw, str) or not raw.strip():
        raise place.refuse(f"found {raw!r}", "a text")
    return raw


def read_texts(raw: object, place: Place) -> tuple[str, ...]:
    """Reads a list of texts, possibly empty."""
    if not isinstance(raw, list):
        raise place.refuse(f"found {raw!r}", "a list of texts")
    return tuple(read_text(item, place) for item in raw)


def read_choice(raw: object, choices: tuple[str, ...], place: Place) -> str:
    """Reads one word out of a closed list."""
    if raw not in choices:
        raise place.refuse(f"found {raw!r}", "one of " + ", ".join(choices))
    return str(raw)


def read_table(raw: object, place: Place, required: frozenset[str], optional: frozenset[str] = frozenset()) -> Table:
    """Reads a table whose keys are all known and whose required keys are all there."""
    if not isinstance(raw, Mapping):
        raise place.refuse(f"found {raw!r}", "a table")
    unknown = sorted(set(raw) - required - optional)
    if unknown:
        raise place.inside(str(unknown[0])).refuse("unknown key", ", ".join(sorted(required | optional)))
    missing = sorted(required - set(raw))
    if missing:
        raise place.refuse(f"{missing[0]} is missing", "all of " + ", ".join(sorted(required)))
    return cast(Table, raw)
