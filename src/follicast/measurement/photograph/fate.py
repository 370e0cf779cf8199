"""What became of a hair that is in one photograph only: gone, overlooked, or never a hair.

Three things can make a hair stand alone. Each has its prior: how sure the detector was, how often it overlooks, how
many hairs come and go; the last two are learned from the pair itself. The pixels of the other photograph, read where
the hair should be, then decide between them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from follicast.measurement.photograph.presence import odds_of_absence, readings, territories
from follicast.measurement.photograph.sight import Sight

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# What is believed before the pair is looked at, and how many hairs the belief is worth: the share overlooked; the share
# gone or new between visits; the same a day, while a hundred thousand hairs shed one or two hundred.
_OVERLOOKED, _WORTH = 0.06, 12.0
# A hair whose place other hairs cover is overlooked more often, and no pixel tells.
_COVERED = 0.2
_CHANGED, _CHANGED_A_DAY, _CHANGED_WORTH = 0.04, 0.002, 40.0


@dataclass(frozen=True, slots=True)
class Alone:
    """Hairs seen in one photograph only, in the area that both show.

    The three probabilities of a hair add to 1.

    Attributes:
        rows: of its photograph.
        gone: probability that it is not in the other photograph.
        overlooked: probability that it is there and was not seen.
        false: probability that it is no hair.
    """

    rows: Ints
    gone: Floats
    overlooked: Floats
    false: Floats

    @property
    def real(self) -> Floats:
        """Probability that it is a hair."""
        return np.asarray(self.gone + self.overlooked)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two photographs, seen from itself.

    Attributes:
        own: the photograph.
        other: the other photograph.
        ends_there_mm: roots and tips of its hairs where they would be in the other, mm of that [hair, end, (x, y)].
        lengths_um: of its hairs, no longer than they can be in the other [hair].
        match: row of each hair in the other, -1 for none [hair].
        alone: rows that were not, though the other shows their place.
    """

    own: Sight
    other: Sight
    ends_there_mm: Floats
    lengths_um: Floats
    match: Ints
    alone: Ints


def fates(side: Side, days: float | None = None) -> Alone:
    """What became of the hairs of one photograph that were not found in the other?

    Args:
        side: the photograph.
        days: between the two, where they are a few; None: visits months apart.
    """
    believed = _CHANGED if days is None else min(_CHANGED, _CHANGED_A_DAY * days)
    if not side.alone.size:
        none = np.empty(0)
        return Alone(side.alone, none, none, none)
    return _weighed(side.alone, side.own.probability[side.alone], _odds(side), int((side.match >= 0).sum()), believed)


def _odds(side: Side) -> Floats:
    """How many times likelier the pixels of the other photograph are without the hair than with it [alone]."""
    ends, there = side.own.ends_mm, side.ends_there_mm
    rows = np.arange(side.own.count)
    own = readings(side.own, territories(side.own), rows, ends[:, 0], _ahead(ends), side.lengths_um)
    return odds_of_absence(side.other, own, there[:, 0], _ahead(there), side.lengths_um, side.match, side.alone)


def _ahead(ends: Floats) -> Floats:
    way = ends[:, 1] - ends[:, 0]
    return np.asarray(way / np.maximum(np.hypot(*way.T), 1e-9)[:, None])


def _weighed(rows: Ints, sure: Floats, odds: Floats, matched: int, believed: float) -> Alone:
    """The three probabilities, with the shares overlooked and changed learned from all of them together."""
    overlooked, changed = _OVERLOOKED, believed
    covered = np.isnan(odds)
    odds = np.where(covered, 1.0, odds)
    table = np.zeros((3, rows.size))
    for _ in range(40):
        missed = np.where(covered, np.maximum(overlooked, _COVERED), overlooked)
        table = np.stack([sure * changed * odds, sure * (1.0 - changed) * missed, (1.0 - sure) * odds])
        table /= table.sum(axis=0)
        gone, unseen, _ = table.sum(axis=1)
        there = matched + unseen
        overlooked = (_WORTH * _OVERLOOKED + unseen) / (_WORTH + there)
        changed = (_CHANGED_WORTH * believed + gone) / (_CHANGED_WORTH + there + gone)
    return Alone(rows, table[0], table[1], table[2])
