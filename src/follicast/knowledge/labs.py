"""Laboratory analytes of labs.toml: units that can be converted exactly, plausible values, fallback ranges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from follicast.knowledge.load import DATA, read_toml
from follicast.knowledge.number import Place, read_float, read_table, read_text, read_texts

FILE = "labs.toml"
_REQUIRED = frozenset({"label", "unit", "units", "plausible", "sources", "read"})


@dataclass(frozen=True, slots=True)
class Analyte:
    """What a laboratory measures. `units` are factors to `unit`; `low` and `high` hold where no range was reported."""

    id: str
    label: str
    unit: str
    units: Mapping[str, float]
    plausible: tuple[float, float]
    low: float | None
    high: float | None
    sources: tuple[str, ...]
    read: str


@cache
def analytes() -> Mapping[str, Analyte]:
    """The analytes by id.

    Raises:
        InputError: labs.toml is wrong somewhere; one sentence.
    """
    return MappingProxyType({name: _read(name, raw) for name, raw in read_toml(DATA / FILE).items()})


def _read(name: str, raw: object) -> Analyte:
    place = Place(FILE, name)
    table = read_table(raw, place, _REQUIRED, frozenset({"low", "high"}))
    units = table["units"]
    if not isinstance(units, Mapping) or units.get(table["unit"]) != 1:
        raise place.inside("units").refuse(f"found {units!r}", "a table of factors with 1 for the unit itself")
    plausible = table["plausible"]
    if not isinstance(plausible, list) or len(plausible) != 2:
        raise place.inside("plausible").refuse(f"found {plausible!r}", "a list of two numbers")
    lowest, highest = (read_float(end, place.inside("plausible")) for end in plausible)
    low, high = (read_float(table[key], place.inside(key)) if key in table else None for key in ("low", "high"))
    return Analyte(
        id=name,
        label=read_text(table["label"], place.inside("label")),
        unit=read_text(table["unit"], place.inside("unit")),
        units={str(unit): read_float(factor, place.inside("units")) for unit, factor in units.items()},
        plausible=(lowest, highest),
        low=low,
        high=high,
        sources=read_texts(table["sources"], place.inside("sources")),
        read=read_text(table["read"], place.inside("read")),
    )
