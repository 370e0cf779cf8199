"""What an ensemble is made of: whom, where and at which ages they are read, under which regimen; from a TOML file."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from follicast.biology.scalp import Site
from follicast.knowledge.load import Knowledge, read_toml
from follicast.knowledge.posterior import REGROWTHS, Regrowth, known
from follicast.knowledge.therapy import SessionExposure
from follicast.people.population import ANCESTRIES
from follicast.quantities import ZONES, InputError

MOST_FOLLICLES: Final = 100_000
MOST_AGES: Final = 100
_OLDEST: Final = 100.0
_KEYS: Final = ("women", "ancestry", "regrowth", "zones", "follicles", "ages", "regimen")
_LINE_KEYS: Final = ("therapy", "from_age", "to_age", "adherence", "sessions", "interval_days")


@dataclass(frozen=True, slots=True)
class Course:
    """One therapy of the regimen, between two ages in years; `to_age` None = it goes on.

    `adherence` is the share of daily doses taken. `sessions` and `interval_days` are for therapies given in sessions.
    """

    therapy: str
    from_age: float
    to_age: float | None = None
    adherence: float = 1.0
    sessions: int | None = None
    interval_days: float | None = None


@dataclass(frozen=True, slots=True)
class EnsembleDesign:
    """Whom an ensemble holds and what is read of them.

    Attributes:
        women: share of people who are women.
        ancestry: of everybody; None = as parameters.toml shares people out.
        regrowth: how hair comes back.
        zones: a site in each of these.
        follicles: about so many on each site, in a person of usual density.
        ages: in years at which everybody is read, rising.
        regimen: what everybody takes; empty = untreated.
    """

    women: float = 0.5
    ancestry: str | None = None
    regrowth: Regrowth = "reversal"
    zones: tuple[str, ...] = ("vertex", "frontal-hairline")
    follicles: int = 200
    ages: tuple[float, ...] = (20.0, 30.0, 40.0, 50.0)
    regimen: tuple[Course, ...] = ()

    def digest(self) -> str:
        """SHA-256 of everything it says."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    def sites(self, knowledge: Knowledge) -> tuple[Site, ...]:
        """Its sites, with the area on which a person of usual density has that many hairs."""
        usual = knowledge.parameters[f"density.{self.ancestry or ANCESTRIES[0]}"].value
        return tuple(
            Site(zone, self.follicles / (usual * knowledge.parameters[f"density.zone.{zone}"].value))
            for zone in self.zones
        )


def read_design(path: Path, knowledge: Knowledge) -> EnsembleDesign:
    """The design that a TOML file describes.

    Raises:
        InputError: it cannot be read, or something in it is not allowed.
    """
    return design_from(dict(read_toml(path)), str(path), knowledge)


def design_from(told: Mapping[str, Any], where: str, knowledge: Knowledge) -> EnsembleDesign:
    """The design that a table of keys and values describes.

    Args:
        told: keys of a design file; what is missing takes the default.
        where: the file, for the sentence of a refusal.
        knowledge: for the therapies that can be named.

    Raises:
        InputError: something in it is not allowed.
    """
    usual = EnsembleDesign()
    _only(told, _KEYS, where)
    women = _number(told, "women", usual.women, 0.0, 1.0, where)
    ancestry = told.get("ancestry")
    if ancestry is not None and ancestry not in ANCESTRIES:
        raise InputError(f"{where}: ancestry {ancestry!r}: must be one of {', '.join(ANCESTRIES)}.")
    regrowth = told.get("regrowth", usual.regrowth)
    if regrowth not in REGROWTHS:
        raise InputError(f"{where}: regrowth {regrowth!r}: must be one of {', '.join(REGROWTHS)}.")
    zones = _items(told, "zones", list(usual.zones), where)
    if not zones or len(set(map(str, zones))) < len(zones) or not set(map(str, zones)) <= set(ZONES):
        raise InputError(f"{where}: zones {zones}: must be one or more of {', '.join(ZONES)}, each once.")
    follicles = _number(told, "follicles", usual.follicles, 1, MOST_FOLLICLES, where)
    youngest = knowledge.parameters["onset.earliest"].value
    ages = [_within(age, "ages", youngest, _OLDEST, where) for age in _items(told, "ages", list(usual.ages), where)]
    if not 1 <= len(ages) <= MOST_AGES or sorted(set(ages)) != ages:
        raise InputError(f"{where}: ages {ages}: must be 1 to {MOST_AGES} ages in years, rising.")
    lines = _items(told, "regimen", [], where)
    regimen = tuple(_course(line, n, where, knowledge) for n, line in enumerate(lines, start=1))
    return EnsembleDesign(women, ancestry, known(regrowth), tuple(zones), int(follicles), tuple(ages), regimen)


def _course(told: Any, number: int, where: str, knowledge: Knowledge) -> Course:
    place = f"{where}: regimen {number}"
    if not isinstance(told, Mapping):
        raise InputError(f"{place}: must be a table [[regimen]].")
    _only(told, _LINE_KEYS, place)
    able = [name for name, therapy in knowledge.therapies.items() if therapy.graft is None]
    therapy = told.get("therapy")
    if therapy not in able:
        raise InputError(f"{place}: therapy {therapy!r}: must be one of {', '.join(sorted(able))}.")
    start = _number(told, "from_age", None, 0.0, _OLDEST, place)
    stop = None if told.get("to_age") is None else _number(told, "to_age", None, start, _OLDEST, place)
    adherence = _number(told, "adherence", 1.0, 0.0, 1.0, place)
    exposure = knowledge.therapies[str(therapy)].exposure
    sessions = interval = None
    if isinstance(exposure, SessionExposure):
        sessions = int(_number(told, "sessions", exposure.sessions.value, 1, 1000, place))
        interval = _number(told, "interval_days", exposure.interval_target_days.value, 1, 3650, place)
    elif "sessions" in told or "interval_days" in told:
        raise InputError(f"{place}: {therapy} is not given in sessions; leave out sessions and interval_days.")
    return Course(str(therapy), start, stop, adherence, sessions, interval)


def _only(told: Mapping[str, Any], allowed: tuple[str, ...], where: str) -> None:
    for key in told:
        if key not in allowed:
            raise InputError(f"{where}: {key}: is not a key here; allowed are {', '.join(allowed)}.")


def _items(told: Mapping[str, Any], key: str, usual: list[Any], where: str) -> list[Any]:
    value = told.get(key, usual)
    if not isinstance(value, list | tuple):
        raise InputError(f"{where}: {key} {value!r}: must be a list.")
    return list(value)


def _number(told: Mapping[str, Any], key: str, usual: float | None, low: float, high: float, where: str) -> float:
    return _within(told.get(key, usual), key, low, high, where)


def _within(value: Any, key: str, low: float, high: float, where: str) -> float:
    right = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not right or not low <= value <= high:
        raise InputError(f"{where}: {key} {value!r}: must be a number from {low:g} to {high:g}.")
    return float(value)
