"""Vocabulary of units: plain floats whose annotation says the unit. Conversion happens only at the edges."""

from __future__ import annotations

from typing import Annotated, TypeAlias

Day: TypeAlias = Annotated[float, "days"]
Year: TypeAlias = Annotated[float, "years"]
Micrometre: TypeAlias = Annotated[float, "um"]
PerCm2: TypeAlias = Annotated[float, "per cm2"]
Cm2: TypeAlias = Annotated[float, "cm2"]
Share: TypeAlias = Annotated[float, "fraction, 0 to 1"]

DAYS_PER_YEAR = 365.25
DAYS_PER_WEEK = 7.0

ZONES = ("frontal-hairline", "temples", "mid-scalp", "vertex", "occipital-donor", "sides")
"""The zones of the scalp, front to back; every layer names a zone by one of these."""


class InputError(ValueError):
    """Input that cannot be used; the message is one sentence: the file, the key, the value and what is allowed."""
