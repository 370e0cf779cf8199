"""Typed access to what the literature says, and to what a site, a person or the command line puts in its place.

    parameters()["anagen.median"].value          the shipped number
    therapies()["finasteride-oral"].channels     the shipped therapies
    Knowledge.load({"site": {...}})              both, with overrides and the provenance of every value in force

Overrides are keyed by the dotted key of a number: a parameter as in parameters.toml ("anagen.median"), a therapy number
with "therapies." before it ("therapies.finasteride-oral.exposure.on_days"). Nested tables do in place of dots.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import Literal, TypeAlias, cast, get_args

from follicast.knowledge.number import (
    Number,
    Place,
    Table,
    is_number_table,
    number_tables,
    read_choice,
    read_float,
    read_number,
    read_table,
    read_text,
    read_texts,
)
from follicast.knowledge.posterior import Regrowth, Shared, shipped
from follicast.knowledge.therapy import Therapy, read_therapy
from follicast.quantities import InputError

Layer = Literal["default", "site", "person", "command line"]
Reading = Literal["primary", "abstract", "secondary", "recalled"]
Overrides: TypeAlias = Mapping[Layer, Mapping[str, object]]

LAYERS: tuple[Layer, ...] = get_args(Layer)
DATA = Path(__file__).parent
PARAMETERS, THERAPIES, SOURCES = "parameters.toml", "therapies.toml", "sources.toml"
REFERRAL = "referral.toml"
THERAPY_PREFIX = "therapies"


@dataclass(frozen=True, slots=True)
class Source:
    """A publication or record, and how closely it was read."""

    key: str
    text: str
    url: str | None
    read: Reading


@dataclass(frozen=True, slots=True)
class Setting:
    """One value given to a key, by which layer, and where it came from (a file, or the layer itself)."""

    layer: Layer
    value: float | str
    origin: str


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything in force after the overrides.

    `hash` identifies data, overrides and hypothesis together: equal hashes mean equal knowledge. `shared` are the
    calibrated draws of the numbers that no override replaced; `regrowth` is the hypothesis of regrowth they belong to.
    `safety_file` holds a clinic's changes of the safety rules (None = as shipped).
    """

    parameters: Mapping[str, Number]
    therapies: Mapping[str, Therapy]
    sources: Mapping[str, Source]
    hash: str
    overridden: Mapping[str, tuple[Setting, ...]]
    shared: Shared = field(default_factory=Shared)
    regrowth: Regrowth = "reversal"
    safety_file: Path | None = None

    @classmethod
    def load(cls, overrides: Overrides | None = None, regrowth: Regrowth = "reversal") -> Knowledge:
        """The shipped knowledge with `overrides` laid over it, in the order of `LAYERS`.

        An override is a number (the prior then becomes that number exactly), a table with value and optionally prior,
        unit and read, or a text where the shipped value is a text of a product.

        Raises:
            InputError: an unknown layer or key, a wrong unit or a value that is not allowed.
        """
        flat = _flatten_layers(overrides or {})
        calibrated = shipped(regrowth)
        if not flat:
            digest = hashlib.sha256((knowledge_hash() + regrowth).encode()).hexdigest()
            return cls(dict(parameters()), dict(therapies()), dict(sources()), digest, {}, calibrated, regrowth)
        raw_parameters, raw_therapies = (cast(dict[str, object], _copy(_raw(name))) for name in (PARAMETERS, THERAPIES))
        trail: dict[str, tuple[Setting, ...]] = {}
        for layer, key, value in flat:
            prefix, _, rest = key.partition(".")
            in_therapies = prefix == THERAPY_PREFIX
            tree, path, file = (raw_therapies, rest, THERAPIES) if in_therapies else (raw_parameters, key, PARAMETERS)
            before, after = _override(tree, path, value, Place(f"{layer} settings", key), layer)
            earlier = trail.get(key, (Setting("default", before, file),))
            trail[key] = (*earlier, Setting(layer, after, f"{layer} settings"))
        said = knowledge_hash() + regrowth + json.dumps(flat, sort_keys=True)
        new_therapies = _read_therapies(raw_therapies)
        return cls(
            _read_parameters(raw_parameters),
            new_therapies,
            dict(sources()),
            hashlib.sha256(said.encode()).hexdigest(),
            trail,
            calibrated.without(_replaced(calibrated, trail, new_therapies)),
            regrowth,
        )

    def under(self, regrowth: Regrowth) -> Knowledge:
        """The same numbers and overrides under a hypothesis of regrowth, with the draws calibrated to it."""
        calibrated = shipped(regrowth)
        kept = calibrated.without(_replaced(calibrated, self.overridden, self.therapies))
        digest = hashlib.sha256(f"{self.hash} {regrowth}".encode()).hexdigest()
        return replace(self, shared=kept, regrowth=regrowth, hash=digest)

    def with_safety(self, path: Path) -> Knowledge:
        """The same with a clinic's changes of the safety rules; `knowledge.safety` reads and checks them.

        Raises:
            InputError: the file cannot be read.
        """
        try:
            content = path.read_bytes()
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror}); give a TOML file of rules") from error
        digest = hashlib.sha256(self.hash.encode() + content).hexdigest()
        return replace(self, safety_file=path, hash=digest)

    def number(self, key: str) -> Number:
        """The number in force under a dotted key, parameters and therapies alike.

        Raises:
            InputError: no number has this key.
        """
        if key in self.parameters:
            return self.parameters[key]
        for name, therapy in self.therapies.items():
            head = f"{THERAPY_PREFIX}.{name}."
            if key.startswith(head):
                part: object = therapy
                for step in key[len(head) :].split("."):
                    part = part.get(step) if isinstance(part, Mapping) else getattr(part, step, None)
                if isinstance(part, Number):
                    return part
        raise InputError(f"{key}: no such number; allowed: the dotted keys of {PARAMETERS} and {THERAPIES}")

    def provenance(self, key: str) -> tuple[Setting, ...]:
        """Every value the key was given, oldest layer first; the last one is in force."""
        if key in self.overridden:
            return self.overridden[key]
        file = THERAPIES if key.startswith(f"{THERAPY_PREFIX}.") else PARAMETERS
        return (Setting("default", self.number(key).value, file),)


@cache
def parameters() -> Mapping[str, Number]:
    """The numbers of the model by dotted key."""
    return MappingProxyType(_read_parameters(_raw(PARAMETERS)))


@cache
def therapies() -> Mapping[str, Therapy]:
    """The therapies by id. No treatment is the absence of lines, not an entry."""
    return MappingProxyType(_read_therapies(_raw(THERAPIES)))


@cache
def sources() -> Mapping[str, Source]:
    """The sources by key."""
    return MappingProxyType({key: _read_source(key, raw) for key, raw in _raw(SOURCES).items()})


@cache
def referral_signs() -> tuple[str, ...]:
    """Signs that a forecast does not apply and a doctor should look first."""
    return read_texts(_raw(REFERRAL)["signs"], Place(REFERRAL, "signs"))


@cache
def knowledge_hash() -> str:
    """SHA-256 (hex) of every data file of this folder, names and contents."""
    digest = hashlib.sha256()
    for path in sorted([*DATA.glob("*.toml"), *DATA.glob("*.csv")]):
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)} ".encode() + content)
    return digest.hexdigest()


def read_toml(path: Path) -> dict[str, object]:
    """Reads a TOML file, or says in one sentence why it cannot be read.

    Raises:
        InputError: the file is missing, not text or not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path.name}: cannot be read ({error.strerror}); allowed: a TOML file") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path.name}: not TOML ({error}); allowed: a TOML file in UTF-8") from error


@cache
def _raw(name: str) -> Table:
    return read_toml(DATA / name)


def _read_parameters(raw: Table) -> dict[str, Number]:
    return {place.key: read_number(table, place) for table, place in number_tables(raw, Place(PARAMETERS, ""))}


def _read_therapies(raw: Table) -> dict[str, Therapy]:
    return {name: read_therapy(name, part, THERAPIES) for name, part in raw.items()}


def _read_source(key: str, raw: object) -> Source:
    place = Place(SOURCES, key)
    table = read_table(raw, place, frozenset({"text", "read"}), frozenset({"url"}))
    url = read_text(table["url"], place.inside("url")) if "url" in table else None
    reading = read_choice(table["read"], get_args(Reading), place.inside("read"))
    return Source(key, read_text(table["text"], place.inside("text")), url, cast(Reading, reading))


def _flatten_layers(overrides: Overrides) -> list[tuple[Layer, str, object]]:
    unknown = [layer for layer in overrides if layer not in LAYERS[1:]]
    if unknown:
        raise InputError(f"{unknown[0]} settings: unknown layer; allowed: {', '.join(LAYERS[1:])}")
    flat: list[tuple[Layer, str, object]] = []
    for layer in LAYERS[1:]:
        table = overrides.get(layer, {})
        if not isinstance(table, Mapping):
            raise InputError(f"{layer} settings: found {table!r}; allowed: a table of dotted keys")
        flat += sorted(((layer, key, value) for key, value in _leaves(table)), key=itemgetter(1))
    return flat


def _leaves(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, part in table.items():
        key = f"{prefix}{name}"
        if isinstance(part, Mapping) and not is_number_table(part):
            yield from _leaves(part, f"{key}.")
        else:
            yield key, part


def _override(
    tree: dict[str, object], path: str, value: object, place: Place, layer: Layer
) -> tuple[float | str, float | str]:
    """Puts `value` into the raw tree at `path` and returns the value before and after."""
    *folders, leaf = path.split(".")
    branch: object = tree
    for step in folders:
        branch = branch.get(step) if isinstance(branch, dict) else None
    default = branch.get(leaf) if isinstance(branch, dict) else None
    if isinstance(branch, dict) and isinstance(default, str) and "product" in folders:
        branch[leaf] = read_text(value, place)
        return default, str(branch[leaf])
    if not isinstance(branch, dict) or not is_number_table(default):
        raise place.refuse("unknown key", f"the dotted key of a number of {PARAMETERS} or {THERAPIES}")
    old = cast(Table, default)
    branch[leaf] = new = _replacement(old, value, place, layer)
    number = read_number(new, place)
    return float(cast(float, old["value"])), number.value


def _replacement(old: Table, value: object, place: Place, layer: Layer) -> Table:
    optional = frozenset({"unit", "prior", "read"})
    given = read_table(value, place, frozenset({"value"}), optional) if isinstance(value, Mapping) else {"value": value}
    if given.get("unit", old["unit"]) != old["unit"]:
        raise place.inside("unit").refuse(f"found {given['unit']!r}", str(old["unit"]))
    number = read_float(given["value"], place)
    return {
        "value": number,
        "unit": old["unit"],
        "prior": given.get("prior", {"fixed": True}),
        "sources": [],
        "grade": "E",
        "read": f"assumption: set in the {layer} settings" + (f": {given['read']}" if "read" in given else ""),
    }


def _replaced(shared: Shared, overridden: Mapping[str, object], known: Mapping[str, Therapy]) -> frozenset[str]:
    """Calibrated draws that an override puts out of force: its own number's, or all of its therapy's."""
    heads = {known[key.split(".")[1]].draws for key in overridden if key.startswith(f"{THERAPY_PREFIX}.")}
    return frozenset(name for name in shared.names if name in overridden or name.split(".")[0] in heads)


def _copy(part: object) -> object:
    """A copy of the raw tables; the leaves, which are never changed in place, are shared."""
    return {name: _copy(item) for name, item in part.items()} if isinstance(part, Mapping) else part
