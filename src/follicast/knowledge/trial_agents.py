"""The agents of trials: which words name a drug, a route or a dummy, and which therapy stands for a drug."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import cast, get_args

from follicast.knowledge.number import Place, Table, read_choice, read_float, read_table, read_text, read_texts
from follicast.knowledge.therapy import Therapy
from follicast.knowledge.trial import Setting
from follicast.knowledge.trial_numbers import tidy
from follicast.knowledge.trial_words import UNSTATED, WORDS, compiled, tables, word_lists, word_pattern

INVASIVE: tuple[Setting, ...] = ("untreated", "tablet", "shampoo", "lotion", "device", "injection", "surgery")
ANY = "any"
SEEN = 1 << 14
"""Texts remembered by each of the readers; tables repeat themselves."""
_SLASH = r" ?/ ?(?!d\b|day|w\b|wk|week|mo\b|month|ml|min|cm|session|kg|\d)"


@dataclass(frozen=True, slots=True)
class Option:
    """A therapy for one route of a drug; for solutions up to `up_to_percent` where that is finite."""

    route: str
    id: str
    up_to_percent: float = math.inf
    times_a_day: float = 1.0
    ml: float = 1.0


@dataclass(frozen=True, slots=True)
class Drug:
    """An agent by the words for it; without options there is no therapy to replay it with."""

    name: str
    pattern: re.Pattern[str]
    options: tuple[Option, ...] = ()
    unstated_route: str = ANY
    unstated_percent: float | None = None
    unstated_mg: float | None = None


@dataclass(frozen=True, slots=True)
class Dummy:
    """What a control arm is given; one that `beats` makes a dummy of the drug named beside it."""

    pattern: re.Pattern[str]
    setting: Setting | None
    beats: bool


class Agents:
    """Drugs, routes and dummies of a vocabulary, joined with the therapies in force."""

    def __init__(self, raw: Table, therapies: Mapping[str, Therapy]) -> None:
        self.therapies = therapies
        self.routes = tuple(_route(table, place) for table, place in tables(raw, "route"))
        self.dummies = tuple(_dummy(table, place) for table, place in tables(raw, "dummy"))
        self.frequencies = tuple(
            (compiled(table.get("pattern"), place), read_float(table.get("per_day"), place))
            for table, place in tables(raw, "frequency")
        )
        place = Place(WORDS, "comparison")
        keys = frozenset({"split", "sequence", "together", "stopped", "none", "whole", "vague", "unfinished", "noise"})
        comparison = read_table(raw.get("comparison"), place, keys)
        lists = {key: read_texts(comparison[key], place.inside(key)) for key in keys - {"stopped"}}
        self.split, self.none, self.whole, self.vague, self.unfinished, self.noise = (
            word_pattern(lists[key], place.inside(key))
            for key in ("split", "none", "whole", "vague", "unfinished", "noise")
        )
        self.sequence = compiled(rf"\s(?:{'|'.join(lists['sequence'])})(?:\s|$)", place.inside("sequence"))
        together = "|".join(rf"\s{word}\s" for word in lists["together"])
        self.together = compiled(rf"\s*[+,;]\s*|{together}|{_SLASH}", place.inside("together"))
        stopped = read_text(comparison["stopped"], place.inside("stopped"))
        self.stopped = compiled(rf",?\s*\b(?:{stopped})(.*)$", place.inside("stopped"))
        unstated = read_table(raw.get("unstated"), Place(WORDS, "unstated"), UNSTATED)
        self.setting = _setting(unstated["setting"], Place(WORDS, "unstated.setting"))
        self.route_of = lru_cache(SEEN)(self._route_of)
        self.per_day = lru_cache(SEEN)(self._per_day)
        self.named = lru_cache(SEEN)(self._named)
        self.drugs = _drugs(raw, therapies, self)

    def _route_of(self, text: str) -> tuple[str, ...]:
        """Routes that a text names, in the order of the vocabulary."""
        return tuple(name for name, pattern, _ in self.routes if pattern.search(text))

    def setting_of(self, text: str) -> Setting | None:
        """The most invasive setting that a text names."""
        return most_invasive([setting for _, pattern, setting in self.routes if pattern.search(text)])

    def _per_day(self, text: str) -> float | None:
        """How often a day something is given, or None where the text does not say."""
        for pattern, per_day in self.frequencies:
            match = pattern.search(text)
            if match:
                groups = match.groupdict()
                times, upto = (float(groups.get(name) or 0) for name in ("times", "upto"))
                every = float(groups.get("every") or groups.get("every2") or 1)
                middle = (times + upto) / 2 if upto else times or 1.0
                return per_day * middle / every if every else None
        return None

    @property
    def known(self) -> str:
        """What may be named, for messages."""
        here = [drug.name for drug in self.drugs if any(option.id in self.therapies for option in drug.options)]
        return "a control, or " + ", ".join(here)

    def _named(self, text: str) -> tuple[tuple[Drug, ...], str]:
        """Drugs that a text names, and the text without their words."""
        found: list[Drug] = []
        for drug in self.drugs:
            if drug.pattern.search(text):
                found.append(drug)
                text = drug.pattern.sub(" ", text)
        return tuple(found), text

    def dummy(self, text: str) -> Dummy | None:
        """The dummy that a text names."""
        return next((dummy for dummy in self.dummies if dummy.pattern.search(text)), None)


def most_invasive(settings: Iterable[Setting]) -> Setting | None:
    """The most invasive of some settings, None of none."""
    return max(settings, key=INVASIVE.index, default=None)


def _setting(raw: object, place: Place) -> Setting:
    return cast(Setting, read_choice(raw, get_args(Setting), place))


def _route(raw: Table, place: Place) -> tuple[str, re.Pattern[str], Setting]:
    table = read_table(raw, place, frozenset({"name", "setting", "words"}))
    words = word_pattern(read_texts(table["words"], place), place.inside("words"))
    return read_text(table["name"], place), words, _setting(table["setting"], place.inside("setting"))


def _dummy(raw: Table, place: Place) -> Dummy:
    table = read_table(raw, place, frozenset({"words"}), frozenset({"setting", "beats"}))
    words = word_pattern(read_texts(table["words"], place), place.inside("words"))
    setting = _setting(table["setting"], place.inside("setting")) if "setting" in table else None
    return Dummy(words, setting, bool(table.get("beats")))


def _drugs(raw: Table, therapies: Mapping[str, Therapy], agents: Agents) -> tuple[Drug, ...]:
    """The drugs of the vocabulary with the therapies in force, and the therapies that the vocabulary does not name."""
    without = [Drug(name, words) for name, words in word_lists(raw.get("no_therapy"), Place(WORDS, "no_therapy"))]
    drugs = without + [_drug(table, place) for table, place in tables(raw, "drug")]
    placed = {option.id for drug in drugs for option in drug.options}
    known = [replace(d, options=tuple(option for option in d.options if option.id in therapies)) for d in drugs]
    added: list[Drug] = []
    for therapy in therapies.values():
        if therapy.id in placed:
            continue
        routes = agents.route_of(tidy(therapy.route)) if therapy.kind == "drug" else ()
        route = routes[0] if routes else ANY
        terms = [
            tidy(term) for term in (*re.split(r", | or ", therapy.active), therapy.name, therapy.id.replace("-", " "))
        ]
        option = Option(route, therapy.id)
        at = next((i for i, drug in enumerate(known) if _same(drug, terms)), None)
        if at is None:
            pattern = word_pattern(tuple(re.escape(term) for term in terms), Place(WORDS, therapy.id))
            added.append(Drug(therapy.active, pattern, (option,), route))
        else:
            drug = known[at]
            usual = drug.unstated_route if drug.options else route
            known[at] = replace(drug, options=(*drug.options, option), unstated_route=usual)
    return (*added, *known)


def _same(drug: Drug, terms: Iterable[str]) -> bool:
    return any(term == drug.name.lower() or drug.pattern.fullmatch(term) for term in terms)


def _drug(raw: Table, place: Place) -> Drug:
    optional = frozenset({"unstated_route", "unstated_percent", "unstated_mg"})
    table = read_table(raw, place, frozenset({"name", "words", "options"}), optional)
    percent, mg = (
        read_float(table[key], place.inside(key)) if key in table else None
        for key in ("unstated_percent", "unstated_mg")
    )
    listed = table["options"]
    if not isinstance(listed, list):
        raise place.inside("options").refuse(f"found {listed!r}", "a list of tables with route and id")
    return Drug(
        name=read_text(table["name"], place.inside("name")),
        pattern=word_pattern(read_texts(table["words"], place.inside("words")), place.inside("words")),
        options=tuple(_option(entry, place.inside("options")) for entry in listed),
        unstated_route=read_text(table.get("unstated_route", ANY), place.inside("unstated_route")),
        unstated_percent=percent,
        unstated_mg=mg,
    )


def _option(raw: object, place: Place) -> Option:
    numbers = ("up_to_percent", "times_a_day", "ml")
    table = read_table(raw, place, frozenset({"route", "id"}), frozenset(numbers))
    given = {name: read_float(table[name], place.inside(name)) for name in numbers if name in table}
    return Option(read_text(table["route"], place), read_text(table["id"], place), **given)
