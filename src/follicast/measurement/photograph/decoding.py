"""Hairs out of the network's maps: roots and tips that point at each other, and how probable every hair is."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass, replace
from importlib import resources
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from scipy.ndimage import map_coordinates
from scipy.spatial import cKDTree

from follicast.measurement.photograph.emergence import marked_on_um
from follicast.measurement.photograph.network import HeatMaps, Picture
from follicast.measurement.photograph.network import maps as maps_of

Layer = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

EVIDENCE: Final = (
    "paired",
    "root alone",
    "tip alone",
    "paired root",
    "paired tip",
    "miss",
    "lone root",
    "lone tip",
    "shaft",
    "least shaft",
    "length",
    "tip under a lone root",
    "root under a lone tip",
    "beside a better root",
    "beside a better tip",
    "beside a better hair",
    "lone tip beside a better root",
    "root around",
    "tip around",
)
"""What the probability of a hair comes from, by the columns of `Candidates.evidence`."""
_ROOT_AT_LEAST, _TIP_AT_LEAST = 0.06, 0.1
# Cells within which a root and a tip point at each other, and beyond which another hair is not beside.
_PAIR_CELLS, _FAR_CELLS, _AROUND_CELLS = 8.0, 24.0, 1.5
_WAY = np.linspace(0.1, 0.9, 9)
# Where a width is taken, as a share of the way; cells to either side of the axis; the most it may be of the usual one.
_WIDTH_AT, _ASIDE, _MOST_OF_USUAL = np.linspace(0.35, 0.8, 7), np.linspace(-8.0, 8.0, 129), 1.4


@dataclass(frozen=True, slots=True)
class Candidates:
    """What may be a hair: ends on the photograph [hair, (x, y)] in px, evidence [hair, EVIDENCE]."""

    root_px: Floats
    tip_px: Floats
    evidence: Floats


@dataclass(frozen=True, slots=True)
class FoundHairs:
    """Hairs on a photograph, the most probable first.

    Attributes:
        root_px: where they leave the skin [hair, (x, y)].
        tip_px: where they end [hair, (x, y)].
        probability: that each is a hair that a careful human would mark.
        width_px: about how wide each looks; NaN where the maps do not tell.
    """

    root_px: Floats
    tip_px: Floats
    probability: Floats
    width_px: Floats


@dataclass(frozen=True, slots=True)
class _Fitted:
    """roots.toml: weights of the evidence, least probability that counts, and where people mark a root, um on."""

    constant: float
    weights: Floats
    counts_from: float
    mark_um: float


@functools.cache
def _fitted() -> _Fitted:
    text = resources.files("follicast.measurement.photograph").joinpath("roots.toml").read_text(encoding="utf-8")
    values = tomllib.loads(text)
    weights = np.array([values["weight"][name] for name in EVIDENCE])
    return _Fitted(values["constant"], weights, values["counts_from"], values["mark_um"])


def hairs_of(maps: HeatMaps, counts_from: float | None = None) -> FoundHairs:
    """The hairs that the network's maps show.

    Args:
        maps: of a photograph.
        counts_from: least probability; None takes that of roots.toml.
    """
    fitted = _fitted()
    found = candidates(maps)
    probability = 1.0 / (1.0 + np.exp(-(fitted.constant + found.evidence @ fitted.weights)))
    order = np.argsort(-probability, kind="stable")
    order = order[probability[order] >= (fitted.counts_from if counts_from is None else counts_from)]
    root, tip = found.root_px[order], found.tip_px[order]
    wide = _widths(maps.shaft, maps.cells(root), maps.cells(tip)) * float(np.mean(maps.px_per_cell))
    return FoundHairs(root, tip, probability[order], wide)


def hairs_on(image: Picture, um_per_px: float, counts_from: float | None = None) -> FoundHairs:
    """The hairs that the network finds on a photograph, their roots where people would mark them.

    Args:
        image: RGB [h, w, 3].
        um_per_px: its scale.
        counts_from: least probability; None takes that of roots.toml.
    """
    seen = maps_of(image, um_per_px)
    found = hairs_of(seen, counts_from)
    way = found.tip_px - found.root_px
    on_um = _fitted().mark_um + marked_on_um(image, um_per_px, found.root_px, found.tip_px, seen.shaft)
    share = np.minimum(on_um / um_per_px / np.maximum(np.hypot(*way.T), 1e-6), 0.5)
    return replace(found, root_px=found.root_px + share[:, None] * way)


def candidates(maps: HeatMaps) -> Candidates:
    """Every root and tip that the maps show, in pairs where they point at each other, with what speaks for it."""
    root, root_cell = _peaks(maps.root, _ROOT_AT_LEAST)
    tip, tip_cell = _peaks(maps.tip, _TIP_AT_LEAST)
    ahead = np.asarray(root_cell[:, ::-1] + maps.to_tip[root_cell[:, 0], root_cell[:, 1]], np.float64)
    back = np.asarray(tip_cell[:, ::-1] + maps.to_root[tip_cell[:, 0], tip_cell[:, 1]], np.float64)
    root_says = _log_odds(maps.root[root_cell[:, 0], root_cell[:, 1]])
    tip_says = _log_odds(maps.tip[tip_cell[:, 0], tip_cell[:, 1]])
    i, j, miss = _pairs(root, ahead, tip, back)
    lone_root, lone_tip = (np.setdiff1d(np.arange(len(p)), taken) for p, taken in ((root, i), (tip, j)))
    sizes = i.size, lone_root.size, lone_tip.size
    roots = np.concatenate([root[i], root[lone_root], back[lone_tip]])
    tips = np.concatenate([tip[j], ahead[lone_root], tip[lone_tip]])
    if not len(roots):
        return Candidates(roots, tips, np.empty((0, len(EVIDENCE))))
    paired, alone, hanging = (np.repeat(np.eye(3)[k], sizes) for k in range(3))
    nothing = [np.zeros(n) for n in sizes]
    by_root = np.concatenate([root_says[i], nothing[1], nothing[2]])
    by_tip = np.concatenate([tip_says[j], nothing[1], nothing[2]])
    lone_by_root = np.concatenate([nothing[0], root_says[lone_root], nothing[2]])
    lone_by_tip = np.concatenate([nothing[0], nothing[1], tip_says[lone_tip]])
    along = _along(maps.shaft, roots, tips)
    beside = _beside(roots, tips, by_root + lone_by_root + lone_by_tip + 2.0 * paired)
    evidence = [
        paired,
        alone,
        hanging,
        by_root,
        by_tip,
        np.concatenate([miss, nothing[1], nothing[2]]),
        lone_by_root,
        lone_by_tip,
        along.mean(axis=0),
        along.min(axis=0),
        np.log(np.maximum(np.hypot(*(tips - roots).T), 1.0)),
        alone * _near(maps.tip, tips),
        hanging * _near(maps.root, roots),
        *beside,
        hanging * beside[0],
        _around(maps.root, roots),
        _around(maps.tip, tips),
    ]
    return Candidates(maps.px(roots), maps.px(tips), np.stack(evidence, axis=1))


def _log_odds(share: Layer) -> Floats:
    clear = np.clip(share.astype(np.float64), 1e-3, 1.0 - 1e-3)
    return np.asarray(np.log(clear / (1.0 - clear)))


def _peaks(heat: Layer, least: float) -> tuple[Floats, Ints]:
    """Peaks of a map: places between its cells [peak, (x, y)], and the cells [peak, (row, column)]."""
    calm = cv2.GaussianBlur(heat, (0, 0), 0.6)
    cells = np.argwhere((calm >= cv2.dilate(calm, np.ones((3, 3), np.uint8))) & (heat > least))
    wide = cv2.copyMakeBorder(heat, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    place, weight = np.zeros((len(cells), 2)), np.zeros((len(cells), 1))
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            here = wide[cells[:, 0] + 1 + dy, cells[:, 1] + 1 + dx].astype(np.float64)[:, None]
            weight += here
            place += here * (cells[:, ::-1] + [dx, dy])
    return place / np.maximum(weight, 1e-9), cells


def _pairs(root: Floats, ahead: Floats, tip: Floats, back: Floats) -> tuple[Ints, Ints, Floats]:
    """Rows of roots and of tips that point at each other, best first, each at most once, and by how far they miss."""
    if not len(root) or not len(tip):
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    near = cKDTree(tip).query_ball_point(ahead, 2.0 * _PAIR_CELLS)
    i = np.repeat(np.arange(len(root)), [len(rows) for rows in near])
    j = np.array([row for rows in near for row in sorted(rows)], np.int64)
    miss = 0.5 * (np.hypot(*(ahead[i] - tip[j]).T) + np.hypot(*(back[j] - root[i]).T))
    taken: tuple[set[int], set[int]] = (set(), set())
    best: list[int] = []
    for k in np.argsort(miss, kind="stable"):
        if miss[k] > _PAIR_CELLS:
            break
        if i[k] not in taken[0] and j[k] not in taken[1]:
            taken[0].add(int(i[k]))
            taken[1].add(int(j[k]))
            best.append(int(k))
    return i[best], j[best], miss[best]


def _along(shaft: Layer, roots: Floats, tips: Floats) -> Floats:
    """Shaft on the straight way from root to tip [place, hair]."""
    way = roots + _WAY[:, None, None] * (tips - roots)
    return np.asarray(map_coordinates(shaft, way.transpose(2, 0, 1)[::-1], order=1), np.float64)


def _widths(shaft: Layer, roots: Floats, tips: Floats) -> Floats:
    """How wide the shaft map is across each hair, cells; shafts side by side are told by what most are like."""
    if not len(roots):
        return np.empty(0)
    way = tips - roots
    ahead = way / np.maximum(np.hypot(*way.T), 1e-6)[:, None]
    aside = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)
    place = roots + _WIDTH_AT[:, None, None] * way
    lines = place[..., None, :] + _ASIDE[:, None] * aside[:, None, :]
    cover = map_coordinates(shaft, lines.transpose(3, 0, 1, 2)[::-1], order=1) > 0.5
    middle = len(_ASIDE) // 2
    # How far the cover goes on to either side of the axis.
    reach = [np.cumprod(part, axis=2).sum(axis=2) for part in (cover[..., middle:], cover[..., middle::-1])]
    wide = np.where(cover[..., middle], (reach[0] + reach[1] - 1) * (_ASIDE[1] - _ASIDE[0]), np.nan)
    told = np.isfinite(wide).any(axis=0)
    own = np.full(len(roots), np.nan)
    own[told] = np.nanquantile(wide[:, told], 0.25, axis=0)
    return np.minimum(own, _MOST_OF_USUAL * np.nanmedian(own)) if told.any() else own


def _near(heat: Layer, places: Floats) -> Floats:
    """The highest value of a map around places."""
    high = cv2.dilate(heat, np.ones((3, 3), np.uint8))
    return np.asarray(map_coordinates(high, places.T[::-1], order=1), np.float64)


def _around(heat: Layer, places: Floats) -> Floats:
    """How much of a map lies around places, as a logarithm."""
    calm = cv2.GaussianBlur(heat, (0, 0), _AROUND_CELLS)
    return np.asarray(np.log(0.01 + map_coordinates(calm, places.T[::-1], order=1).astype(np.float64)))


def _beside(roots: Floats, tips: Floats, strength: Floats) -> tuple[Floats, Floats, Floats]:
    """How near root, tip and both together are to those of the nearest better candidate: 1 there, 0 far away."""
    rank = np.empty(len(roots), np.int64)
    rank[np.argsort(-strength, kind="stable")] = np.arange(len(roots))
    root_gap, tip_gap = np.full(len(roots), _FAR_CELLS), np.full(len(roots), _FAR_CELLS)
    for one, others in enumerate(cKDTree(roots).query_ball_point(roots, _FAR_CELLS)):
        better = np.array([k for k in sorted(others) if rank[k] < rank[one]], np.int64)
        if better.size:
            of_roots, of_tips = (np.hypot(*(p[better] - p[one]).T) for p in (roots, tips))
            nearest = int(np.argmin(of_roots + of_tips))
            root_gap[one], tip_gap[one] = of_roots[nearest], min(of_tips[nearest], _FAR_CELLS)
    return np.exp(-root_gap / 2.5), np.exp(-tip_gap / 2.5), np.exp(-(root_gap + tip_gap) / 3.0)
