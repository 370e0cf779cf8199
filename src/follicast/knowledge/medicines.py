"""Medicines of medicines.toml: which class of safety rules a substance belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from follicast.knowledge.load import DATA, read_toml
from follicast.knowledge.number import Place, read_table, read_text, read_texts

FILE = "medicines.toml"


@cache
def _table() -> Mapping[str, tuple[str, frozenset[str]]]:
    found = {}
    for name, raw in read_toml(DATA / FILE).items():
        place = Place(FILE, name)
        table = read_table(raw, place, frozenset({"label", "substances"}))
        substances = read_texts(table["substances"], place.inside("substances"))
        found[name] = (read_text(table["label"], place.inside("label")), frozenset(substances))
    return MappingProxyType(found)


def medicine_classes() -> tuple[str, ...]:
    """Every class that rules may ask about."""
    return tuple(_table())


def class_label(name: str) -> str:
    """The class in words."""
    return _table()[name][0]


def classes_of(substance: str) -> tuple[str, ...]:
    """Classes of a substance, by its name in any case; empty if it is not known."""
    words = " ".join(substance.lower().split())
    return tuple(name for name, (_, substances) in _table().items() if words in substances)
