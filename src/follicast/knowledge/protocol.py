"""How far apart appointments are kept where nothing more exact is said: protocol.toml, each number with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from follicast.knowledge.load import read_toml
from follicast.knowledge.number import Number, Place, read_number, read_table

PROTOCOL: Final = "protocol.toml"
NAMES: Final = frozenset(
    "transplant_before transplant_after first_session_slack booster_slack grace restart_gap operation_slack "
    "measurement_slack length_session length_measure length_transplant".split()
)


@cache
def protocol() -> Mapping[str, Number]:
    """The numbers by name; days, minutes, or multiples as their unit says.

    Raises:
        InputError: the file lacks one, or has one that nobody reads.
    """
    raw = read_table(read_toml(Path(__file__).parent / PROTOCOL), Place(PROTOCOL, ""), NAMES)
    return MappingProxyType({name: read_number(raw[name], Place(PROTOCOL, name)) for name in sorted(NAMES)})


def protocol_days(name: str) -> int:
    """One of the numbers as whole days (or minutes)."""
    return round(protocol()[name].value)
