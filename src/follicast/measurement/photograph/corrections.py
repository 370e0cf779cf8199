"""What a person puts right after looking: hairs to take away and hairs to add, from a TOML or JSON file."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from follicast.measurement.photograph.hair import SeenHair
from follicast.quantities import InputError

LARGEST_BYTES: Final = 1_000_000
MOST: Final = 2_000
_KEYS: Final = ("add", "remove", "by")
_REACH_SHARE: Final = 0.04
"""A place to remove means the nearest hair, unless none is nearer than this share of the shorter side."""
_SAME_SHARE: Final = 0.006
"""A root that is nearer than this share of the shorter side to another is that one."""


@dataclass(frozen=True, slots=True)
class Added:
    """A hair that a person saw: where it leaves the skin and, if given, where it ends, px of the whole photograph."""

    root_px: tuple[float, float]
    tip_px: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Corrections:
    """What is to be put right in one photograph; `by` says who looked."""

    added: tuple[Added, ...] = ()
    removed: tuple[tuple[float, float], ...] = ()
    by: str = ""

    @property
    def count(self) -> int:
        """Number of corrections."""
        return len(self.added) + len(self.removed)


def read_corrections(path: Path, shape: tuple[int, ...]) -> Corrections:
    """The corrections in a file: `remove` and `add` are lists of places (x, y) in px, an added hair may have its tip.

    Args:
        path: TOML, or JSON if its name ends so.
        shape: rows and columns of the photograph.

    Raises:
        InputError: the file cannot be read, or a place in it is none of this photograph.
    """
    data = _content(path)
    wrong = [key for key in data if key not in _KEYS]
    if wrong:
        raise InputError(f"{path}: {wrong[0]} is not a known key; allowed are {', '.join(_KEYS)}.")
    by = data.get("by", "")
    if not isinstance(by, str) or len(by) > 80:
        raise InputError(f"{path}: by must be a text of at most 80 characters.")
    removed = tuple(
        _place(path, f"remove[{n}]", item, shape, ("x", "y"))[0] for n, item in _items(path, data, "remove")
    )
    added = []
    for n, item in _items(path, data, "add"):
        root, tip = _place(path, f"add[{n}]", item, shape, ("x", "y", "tip_x", "tip_y"))
        added.append(Added(root, tip))
    if not removed and not added:
        raise InputError(f"{path}: says nothing to add or to remove.")
    return Corrections(tuple(added), removed, by)


def corrected(
    hairs: Sequence[SeenHair],
    corrections: Corrections,
    shape: tuple[int, ...],
    source: str,
    origin: tuple[float, float] = (0.0, 0.0),
) -> tuple[tuple[SeenHair, ...], np.ndarray[Any, np.dtype[np.bool_]]]:
    """The hairs after the corrections, and which of them a person added.

    Args:
        hairs: that were found, px of the part that is measured.
        corrections: what to put right, px of the whole photograph.
        shape: rows and columns of the part.
        source: what messages call the corrections.
        origin: first pixel of the part in the whole photograph.

    Raises:
        InputError: no hair lies where one is to be removed, or one is counted already where one is to be added.
    """
    told, corrections = corrections, moved(corrections, origin)
    left = list(hairs)
    reach = _REACH_SHARE * min(shape[:2])
    for n, place in enumerate(corrections.removed, start=1):
        away = [_distance(hair, place) for hair in left]
        if not away or min(away) > reach:
            x, y = told.removed[n - 1]
            raise InputError(f"{source}: remove[{n}] ({x:g}, {y:g}): no hair was found there, so none can be removed.")
        left.pop(int(np.argmin(away)))
    for n, one in enumerate(corrections.added, start=1):
        if any(math.dist(hair.root_px, one.root_px) <= _SAME_SHARE * min(shape[:2]) for hair in left):
            x, y = told.added[n - 1].root_px
            raise InputError(f"{source}: add[{n}] ({x:g}, {y:g}): a hair has its root there already.")
    usual = [hair.length_px for hair in hairs] or [0.05 * min(shape[:2])]
    turn = np.radians([hair.direction_deg for hair in hairs] or [0.0])
    ahead = float(np.median(usual)) * np.array([np.cos(turn).mean(), np.sin(turn).mean()])
    made = [_seen(one, ahead) for one in corrections.added]
    return (*left, *made), np.array([False] * len(left) + [True] * len(made), np.bool_)


def moved(corrections: Corrections, by: tuple[float, float]) -> Corrections:
    """The same corrections in a frame whose first pixel lies at `by` px of the old one."""

    def shift(place: tuple[float, float]) -> tuple[float, float]:
        return place[0] - by[0], place[1] - by[1]

    added = tuple(
        Added(shift(one.root_px), None if one.tip_px is None else shift(one.tip_px)) for one in corrections.added
    )
    return replace(corrections, added=added, removed=tuple(shift(place) for place in corrections.removed))


def _seen(one: Added, ahead: np.ndarray[Any, np.dtype[np.float64]]) -> SeenHair:
    tip = one.tip_px or (one.root_px[0] + float(ahead[0]), one.root_px[1] + float(ahead[1]))
    return SeenHair(one.root_px, tip, np.array([one.root_px, tip], np.float64), math.nan, 1.0, 1.0)


def _distance(hair: SeenHair, place: tuple[float, float]) -> float:
    """From a place to the nearest part of a hair, px."""
    start, step = hair.path_px[:-1], np.diff(hair.path_px, axis=0)
    along = ((place - start) * step).sum(axis=1) / np.maximum((step**2).sum(axis=1), 1e-9)
    foot = start + np.clip(along, 0.0, 1.0)[:, None] * step
    return float(np.hypot(*(foot - place).T).min())


def _content(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_BYTES + 1)
    except OSError as problem:
        raise InputError(f"{path}: cannot be read ({problem.strerror}).") from None
    if len(content) > LARGEST_BYTES:
        raise InputError(f"{path}: is larger than 1 MB.")
    try:
        text = content.decode("utf-8-sig")
        data = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except (ValueError, RecursionError) as problem:
        kind = "JSON" if path.suffix.lower() == ".json" else "TOML"
        raise InputError(f"{path}: is not valid {kind} ({' '.join(str(problem).split())[:120]}).") from None
    if not isinstance(data, dict):
        raise InputError(f"{path}: must be a table with add and remove.")
    return data


def _items(path: Path, data: dict[str, Any], key: str) -> list[tuple[int, Any]]:
    raw = data.get(key, [])
    if not isinstance(raw, list) or len(raw) > MOST:
        raise InputError(f"{path}: {key} must be a list of at most {MOST} places.")
    return list(enumerate(raw, start=1))


def _place(
    path: Path, where: str, item: Any, shape: tuple[int, ...], keys: tuple[str, ...]
) -> tuple[tuple[float, float], tuple[float, float] | None]:
    """A root and, where it is given, a tip."""
    if not isinstance(item, dict) or not {"x", "y"} <= set(item) <= set(keys):
        raise InputError(f"{path}: {where} must be a place with {', '.join(keys)} in px.")
    if ("tip_x" in item) != ("tip_y" in item):
        raise InputError(f"{path}: {where} must give both tip_x and tip_y, or neither.")
    limit = {"x": shape[1], "tip_x": shape[1], "y": shape[0], "tip_y": shape[0]}
    for key, value in item.items():
        number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not number or not 0 <= value <= limit[key] - 1:
            raise InputError(f"{path}: {where}.{key} is {value!r}; allowed are 0 to {limit[key] - 1} px.")
    tip = (float(item["tip_x"]), float(item["tip_y"])) if "tip_x" in item else None
    root = (float(item["x"]), float(item["y"]))
    if tip == root:
        raise InputError(f"{path}: {where} has its tip where its root is.")
    return root, tip
