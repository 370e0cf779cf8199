"""Where on one photograph a place of another photograph of the same skin lies: found by the pattern of the roots.

No landmark is asked for: the roots of the hairs are a constellation that no other site has. Pairs of roots of the one
photograph are laid on pairs of the other that are as far apart; the placing under which most other roots fall on roots
is the right one if it is far better than chance allows. Least squares then let the skin shear a little, and a smooth
field lets it be drawn by the edge of the probe.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree
from scipy.stats import binom

from follicast.measurement.photograph.sight import Sight
from follicast.quantities import InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Complexes = npt.NDArray[np.complex128]

LEAST_HAIRS: Final = 8
"""Fewer hairs than this are no constellation."""
LEAST_SHARE: Final = 0.4
"""Share of the roots of the common area that must find a root for the two to show one site."""
CHANCE: Final = 1e-4
"""Probability with which two photographs of different sites are taken for one site."""

# Ends of a scale that one instrument can have against itself when it is put back.
_SCALES: Final = (0.93, 1.07)
# How near a root must fall to a root while the placing is sought, mm, and how finely that is looked up.
_REACH, _STEP = 0.09, 0.02
# Pairs of roots nearer than this, mm, say little of the turn; and how far, rad, hairs may point away from it.
_LEAST_BASE, _TURNED_AWAY = 1.0, math.radians(35.0)
_PLACINGS, _BATCH, _ENOUGH = 400_000, 4096, -9.0
# The field by which the skin is drawn: how far it is alike, mm, how large it is, and the error of a root, mm.
_ALIKE, _DRAWN, _ROOT = 1.8, 0.03, 0.03


@dataclass(frozen=True, slots=True)
class Alignment:
    """How the second photograph lies on the first.

    Attributes:
        matrix: affine [2, 3] from mm of the second to mm of the first.
        knots_mm: where the skin was seen to be drawn [knot, (x, y)], in mm of the first.
        pulls: weights of the field there [knot, (x, y)].
        found: roots of the second that lie on a root of the first.
        possible: roots of the second that lie in the first.
        log10_chance: of as many by chance, over all placings tried.
        error_um: standard deviation of a root against its like, in each direction.
    """

    matrix: Floats
    knots_mm: Floats = field(repr=False)
    pulls: Floats = field(repr=False)
    found: int
    possible: int
    log10_chance: float
    error_um: float

    @property
    def scale(self) -> float:
        """Size of the second against the first."""
        return math.sqrt(abs(float(np.linalg.det(self.matrix[:, :2]))))

    @property
    def turn_deg(self) -> float:
        """Turn of the second against the first."""
        return math.degrees(math.atan2(self.matrix[1, 0] - self.matrix[0, 1], self.matrix[0, 0] + self.matrix[1, 1]))

    def to_first(self, place_mm: Floats) -> Floats:
        """Places [..., (x, y)] of the second photograph in mm of the first."""
        flat = place_mm @ self.matrix[:, :2].T + self.matrix[:, 2]
        return np.asarray(flat + self._drawn(flat))

    def to_second(self, place_mm: Floats) -> Floats:
        """Places [..., (x, y)] of the first photograph in mm of the second."""
        flat = place_mm
        for _ in range(4):
            flat = place_mm - self._drawn(flat)
        return np.asarray((flat - self.matrix[:, 2]) @ np.linalg.inv(self.matrix[:, :2]).T)

    def _drawn(self, place: Floats) -> Floats:
        if not len(self.knots_mm):
            return np.zeros_like(place)
        return np.asarray(_alike(place, self.knots_mm) @ self.pulls)


def align(first: Sight, second: Sight) -> Alignment:
    """How does the second photograph lie on the first?

    Raises:
        InputError: one of them has too few hairs, the second is mirrored, or they do not show one site.
    """
    for name, sight in (("first", first), ("second", second)):
        if sight.count < LEAST_HAIRS:
            raise InputError(
                f"{name} photograph: found {sight.count} hairs; a site is found again by at least {LEAST_HAIRS}."
            )
    ends = second.ends_mm
    found, chance = _placed(first, ends)
    if found is not None:
        return _fitted(first, ends, found, chance)
    if _placed(first, ends * [-1.0, 1.0])[0] is not None:
        raise InputError("second photograph: shows the same site mirrored; turn it back before it is compared.")
    raise InputError(
        "second photograph: does not show the site of the first, or too little of it; no hair is compared."
    )


def _placed(first: Sight, ends: Floats) -> tuple[Floats | None, float]:
    """The placing [2, 3] under which most roots meet, None if chance could do as well; and log10 of that chance."""
    grid = _near_roots(first)
    roots = first.ends_mm[:, 0]
    chance = float(np.clip(grid.mean(), 1e-4, 0.5))
    best, tried, most, top, over = np.zeros(2, np.complex128), 0, -1.0, 0, 0
    moved_from = ends[:, 0, 0] + 1j * ends[:, 0, 1]
    for turns, shifts in _placings(first.ends_mm, ends):
        tried += turns.size
        moved = turns[:, None] * moved_from[None] + shifts[:, None]
        x, y = (np.floor(part / _STEP).astype(np.int64) for part in (moved.real, moved.imag))
        inside = (x >= 0) & (y >= 0) & (x < grid.shape[1]) & (y < grid.shape[0])
        met = grid[np.clip(y, 0, grid.shape[0] - 1), np.clip(x, 0, grid.shape[1] - 1)] & inside
        n, k = inside.sum(axis=1), met.sum(axis=1)
        score = np.where(
            k > n * chance, k * np.log(np.maximum(k, 1) / np.maximum(n * chance, 1e-9)) - k + n * chance, 0
        )
        at = int(np.argmax(score))
        if score[at] > most:
            most, top, over, best = float(score[at]), int(k[at]), int(n[at]), np.array([turns[at], shifts[at]])
        if _log10_tail(top, over, chance) + math.log10(tried) < _ENOUGH and top >= 0.7 * over:
            break
    # The hairs of a unit fall together: half as many facts as hairs.
    tail = 0.5 * _log10_tail(top, over, chance) + math.log10(max(tried, 1))
    if tail > math.log10(CHANCE) or top < LEAST_SHARE * over or top < min(LEAST_HAIRS, len(roots)):
        return None, tail
    turn, shift = best
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]]), tail


def _log10_tail(k: int, n: int, chance: float) -> float:
    return float(binom.logsf(k - 1, n, chance)) / math.log(10.0) if k > 0 else 0.0


def _near_roots(first: Sight) -> npt.NDArray[np.bool_]:
    """Which cells of the first photograph lie near a root."""
    wide, high = first.size_mm
    y, x = np.mgrid[0 : math.ceil(high / _STEP), 0 : math.ceil(wide / _STEP)]
    cells = (np.stack([x, y], axis=-1) + 0.5) * _STEP
    away, _ = cKDTree(first.ends_mm[:, 0]).query(cells, distance_upper_bound=_REACH)
    return np.asarray(away <= _REACH)


def _placings(ends: Floats, others: Floats) -> Iterator[tuple[Complexes, Complexes]]:
    """Batches of similarities (turn, shift), complex, that lay two roots of the others on two of the first."""
    place, other = (e[:, 0, 0] + 1j * e[:, 0, 1] for e in (ends, others))
    way, other_way = (np.angle((e[:, 1] - e[:, 0]) @ [1.0, 1j]) for e in (ends, others))
    i, j = np.triu_indices(place.size, 1)
    far = np.abs(place[i] - place[j]) > _LEAST_BASE
    order = np.random.default_rng(0).permutation(int(far.sum()))
    i, j = i[far][order], j[far][order]
    k, m = np.nonzero(~np.eye(other.size, dtype=np.bool_))
    base = other[k] - other[m]
    k, m, base = (part[np.abs(base) > 0.9 * _LEAST_BASE] for part in (k, m, base))
    turns: list[Complexes] = []
    shifts: list[Complexes] = []
    held = total = 0
    for p, q in zip(i, j, strict=True):
        turn = (place[p] - place[q]) / base
        fits = (np.abs(turn) > _SCALES[0]) & (np.abs(turn) < _SCALES[1])
        angle = np.angle(turn[fits])
        for a, b in ((way[p], other_way[k[fits]]), (way[q], other_way[m[fits]])):
            # A root may be taken for a tip: an axis and not an arrow.
            off = np.abs((a - b - angle + math.pi / 2) % math.pi - math.pi / 2)
            angle = np.where(off < _TURNED_AWAY, angle, np.nan)
        good = np.flatnonzero(fits)[np.isfinite(angle)]
        turns.append(turn[good])
        shifts.append(place[p] - turn[good] * other[k[good]])
        held += good.size
        if held >= _BATCH:
            yield np.concatenate(turns), np.concatenate(shifts)
            total, held, turns, shifts = total + held, 0, [], []
        if total >= _PLACINGS:
            return
    if held:
        yield np.concatenate(turns), np.concatenate(shifts)


def _fitted(first: Sight, ends: Floats, matrix: Floats, chance: float) -> Alignment:
    """The placing made exact: an affine map by least squares, then the smooth field of what is left."""
    roots, own = ends[:, 0], first.ends_mm[:, 0]
    hit, of = np.empty(0, np.int64), np.empty(0, np.int64)
    for reach in (0.15, 0.12, 0.10, 0.08, 0.08):
        hit, of = _mutual(roots @ matrix[:, :2].T + matrix[:, 2], own, reach)
        matrix = _least_squares(roots[hit], own[of])
    moved = roots @ matrix[:, :2].T + matrix[:, 2]
    left = own[of] - moved[hit]
    cover = _alike(moved[hit], moved[hit])
    noise = (_ROOT / _DRAWN) ** 2 * np.eye(hit.size)
    pulls = np.asarray(np.linalg.solve(cover + noise, left), np.float64)
    # What each root would be told by the others: the residual left out, by the diagonal of the inverse.
    alone = pulls / np.diag(np.linalg.inv(cover + noise))[:, None]
    error = 1.4826 * float(np.median(np.abs(alone)))
    wide, high = first.size_mm
    possible = int(np.all((moved >= 0.0) & (moved <= [wide, high]), axis=1).sum())
    return Alignment(matrix, moved[hit], pulls, int(hit.size), possible, chance, 1000.0 * error)


def _mutual(moved: Floats, own: Floats, reach: float) -> tuple[Ints, Ints]:
    """Pairs that are each other's nearest, within reach."""
    away, nearest = cKDTree(own).query(moved)
    _, back = cKDTree(moved).query(own)
    hit = np.flatnonzero((away <= reach) & (back[nearest] == np.arange(len(moved))))
    return np.asarray(hit, np.int64), np.asarray(nearest[hit], np.int64)


def _least_squares(place: Floats, target: Floats) -> Floats:
    """Affine map [2, 3]; a similarity where there are too few places for more. Far residuals weigh less."""
    weight = np.ones(len(place))
    matrix = np.zeros((2, 3))
    for _ in range(4):
        matrix = _affine(place, target, weight) if len(place) >= 12 else _similarity(place, target, weight)
        off = np.hypot(*(target - place @ matrix[:, :2].T - matrix[:, 2]).T)
        weight = 1.0 / np.maximum(1.0, off / 0.04)
    return matrix


def _affine(place: Floats, target: Floats, weight: Floats) -> Floats:
    design = np.column_stack([place, np.ones(len(place))])
    root = np.sqrt(weight)[:, None]
    # The shear of skin under a probe is small: a weak pull towards the similarity keeps few places from bending it.
    start = _similarity(place, target, weight)
    middle = np.append(np.average(place, axis=0, weights=weight), 0.0)
    known = np.vstack([root * (design - middle), 0.1 * np.diag([1.0, 1.0, 0.0])])
    left = target - place @ start[:, :2].T - start[:, 2]
    change = np.linalg.lstsq(known, np.vstack([root * left, np.zeros((3, 2))]))[0]
    made = start.copy()
    made[:, :2] += change[:2].T
    made[:, 2] += change[2] - change[:2].T @ middle[:2]
    return made


def _similarity(place: Floats, target: Floats, weight: Floats) -> Floats:
    z, w = place[:, 0] + 1j * place[:, 1], target[:, 0] + 1j * target[:, 1]
    middle, aim = np.average(z, weights=weight), np.average(w, weights=weight)
    turn = (weight * (w - aim) * np.conj(z - middle)).sum() / max((weight * np.abs(z - middle) ** 2).sum(), 1e-12)
    shift = aim - turn * middle
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])


def _alike(place: Floats, knots: Floats) -> Floats:
    """How far the draw of the skin at places [..., 2] is that at knots [knot, 2]: 1 at the same place."""
    apart2 = ((place[..., None, :] - knots) ** 2).sum(axis=-1)
    return np.asarray(np.exp(-0.5 * apart2 / _ALIKE**2))
