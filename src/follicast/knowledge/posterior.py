"""What the published trials and facts taught about the numbers that all people share: joint draws, by name.

A draw is kept as its place within the prior of its number, in standard normal quantiles: 0 is the prior's median, 1 its
84 % point. So the shipped table says at a glance which numbers the data moved, and a prior with a mass at zero is no
exception. `follicast calibrate` makes the tables; `people.beliefs` hands each member of an ensemble one row of them, so
numbers that the data tie together stay tied.
"""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from follicast.quantities import InputError

# The shipped numbers load without numpy, so it is imported only where draws are made.
if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats: TypeAlias = npt.NDArray[np.float64]

Regrowth = Literal["reversal", "waking"]
"""How hair comes back: small follicles grow large again (reversal), or only dormant terminal ones wake (waking)."""

REGROWTHS: tuple[Regrowth, ...] = get_args(Regrowth)
_DATA = Path(__file__).parent


def _no_draws() -> Floats:
    import numpy as np

    return np.empty((1, 0))


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """Joint draws of shared numbers: z[draw, name] within their priors, and where they come from.

    Without names it says nothing, and every number is drawn from its own prior.
    """

    names: tuple[str, ...] = ()
    z: Floats = field(default_factory=_no_draws)
    provenance: Mapping[str, str] = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        """Whether both say the same, draw by draw."""
        if not isinstance(other, Shared) or self.z.shape != other.z.shape:
            return False
        return self.names == other.names and self.provenance == other.provenance and bool((self.z == other.z).all())

    __hash__ = None  # type: ignore[assignment]

    @property
    def draws(self) -> int:
        """How many joint draws."""
        return int(self.z.shape[0])

    def column(self, name: str) -> Floats | None:
        """The draws of one number, or None where it was not calibrated."""
        return self.z[:, self.names.index(name)] if name in self.names else None

    def at(self, draw: int) -> Shared:
        """That draw alone: every member then holds the same shared numbers."""
        return replace(self, z=self.z[draw : draw + 1])

    def digest(self, heads: Collection[str], keys: Collection[str]) -> str:
        """Identity of the draws of these parameters (by key) and therapies (by the head of their draws' names)."""
        kept = [i for i, name in enumerate(self.names) if name in keys or name.split(".")[0] in heads]
        told = repr([self.names[i] for i in kept]).encode() + self.z[:, kept].tobytes()
        return hashlib.sha256(told).hexdigest()

    def without(self, dropped: frozenset[str]) -> Shared:
        """The same draws of the other names."""
        kept = [i for i, name in enumerate(self.names) if name not in dropped]
        return replace(self, names=tuple(self.names[i] for i in kept), z=self.z[:, kept])


def point(values: Mapping[str, float]) -> Shared:
    """Shared numbers that stand at these places of their priors, for everybody."""
    import numpy as np

    return Shared(tuple(values), np.array([list(values.values())]))


def table_name(regrowth: Regrowth) -> str:
    """File of the draws under a hypothesis; its provenance lies beside it with the ending .toml."""
    return f"posterior-{regrowth}.csv"


@cache
def shipped(regrowth: Regrowth) -> Shared:
    """The draws shipped with the package; none before the first calibration.

    Raises:
        InputError: a table that is not one of draws.
    """
    return read_draws(_DATA / table_name(regrowth))


def read_draws(path: Path) -> Shared:
    """Draws as `calibrate` wrote them; none where there is no file.

    Raises:
        InputError: a table that is not one of draws.
    """
    import numpy as np

    if not path.exists():
        return Shared()
    with path.open(encoding="utf-8", newline="") as file:
        names, *rows = csv.reader(file)
    try:
        z = np.array([[float(cell) for cell in row] for row in rows])
    except ValueError as error:
        raise InputError(f"{path.name}: {error}; allowed: a table of numbers under a line of names") from error
    if z.ndim != 2 or z.shape[1] != len(names) or not np.isfinite(z).all():
        raise InputError(f"{path.name}: rows of unequal length; allowed: a table of numbers under a line of names")
    about = path.with_suffix(".toml")
    told = tomllib.loads(about.read_text(encoding="utf-8")) if about.exists() else {}
    return Shared(tuple(names), z, {key: str(value) for key, value in told.items()})


def draws_as_text(shared: Shared) -> str:
    """The table of draws as `read_draws` reads it, to four decimals."""
    lines = [",".join(shared.names)]
    lines += [",".join(f"{value:.4f}" for value in row) for row in shared.z]
    return "\n".join(lines) + "\n"


def known(regrowth: str) -> Regrowth:
    """The hypothesis of that name.

    Raises:
        InputError: no such hypothesis.
    """
    for name in REGROWTHS:
        if name == regrowth:
            return name
    raise InputError(f"regrowth: found {regrowth!r}; allowed: {' or '.join(REGROWTHS)}")
