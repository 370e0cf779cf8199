"""How rows about invented people are told from rows about real ones: a flag in every row and the name of the study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

FLAG: Final = "SYNTHETIC"
STUDY: Final = "STUDYID"
PREFIX: Final = "SIM-"


def is_synthetic(row: Mapping[str, Any]) -> bool:
    """Whether a row says that it is invented, by its flag or by its study; letter case of both does not count."""
    told = {str(name).strip().upper(): str(value or "").strip().upper() for name, value in row.items()}
    return told.get(FLAG, "") in ("Y", "YES", "TRUE", "1") or told.get(STUDY, "").startswith(PREFIX)
