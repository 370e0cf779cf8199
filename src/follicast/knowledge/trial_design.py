"""What a virtual trial assumes where its design says nothing: trial_design.toml, each number with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from follicast.knowledge.load import read_toml
from follicast.knowledge.number import Number, Place, read_number, read_table
from follicast.knowledge.trial import Setting

FILE: Final = "trial_design.toml"
NAMES: Final = frozenset("weight_sd coverage_sd photograph_step photograph_sd most_grade usual_grafts".split())
_SETTINGS: Final[tuple[tuple[str, Setting], ...]] = (
    ("oral", "tablet"),
    ("topical", "lotion"),
    ("shampoo", "shampoo"),
    ("injection", "injection"),
    ("needling", "injection"),
    ("surgery", "surgery"),
)
INVASIVE: Final[tuple[Setting, ...]] = ("untreated", "tablet", "shampoo", "lotion", "device", "injection", "surgery")
"""Settings by how much they are to a person; the last one in an arm says what the arm moves by itself."""


@cache
def assumed() -> Mapping[str, Number]:
    """The numbers by name.

    Raises:
        InputError: the file lacks one, or has one that nobody reads.
    """
    raw = read_table(read_toml(Path(__file__).parent / FILE), Place(FILE, ""), NAMES)
    return MappingProxyType({name: read_number(raw[name], Place(FILE, name)) for name in sorted(NAMES)})


def setting_of(route: str) -> Setting:
    """What a treatment of this route, or its dummy, is to the people of a trial."""
    return next((setting for begins, setting in _SETTINGS if route.startswith(begins)), "device")
