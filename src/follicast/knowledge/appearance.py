"""What makes a drawing look like a photograph: appearance.toml, each number with its spread and its reason."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from follicast.knowledge.load import read_toml
from follicast.knowledge.number import Number, Place, number_tables, read_number

APPEARANCE: Final = "appearance.toml"
COLOURS: Final = ("red", "green", "blue")


@cache
def appearance() -> Mapping[str, Number]:
    """The numbers by dotted key; the prior of each is how it differs between drawings, not what is believed of it.

    Raises:
        InputError: a number is incomplete, or something that is not a number stands in the file.
    """
    raw = read_toml(Path(__file__).parent / APPEARANCE)
    return MappingProxyType(
        {place.key: read_number(table, place) for table, place in number_tables(raw, Place(APPEARANCE, ""))}
    )


def usual(key: str) -> float:
    """The usual value of a number, in its own unit."""
    return appearance()[key].value


def by_colour(key: str) -> tuple[float, float, float]:
    """The usual values of a number that has one for red, green and blue."""
    red, green, blue = (usual(f"{key}.{colour}") for colour in COLOURS)
    return red, green, blue
