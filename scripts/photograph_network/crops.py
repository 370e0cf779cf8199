"""Crops of the drawings for training, each turned, rescaled and photographed anew at random, with what to learn."""

import itertools
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from instruments import clouds, photographed
from torch.utils.data import IterableDataset

Layer = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]
Places = Callable[[npt.NDArray[Any]], npt.NDArray[Any]]

# As in follicast.measurement.photograph.network.
WORKING_UM, STEP, REACH = 8.0, 2, 15.0
CROP_PX = 192
CELLS = CROP_PX // STEP
MAPS = 7
# A hair as clear as this is to be found; a less clear, hidden or very short one may be found or not.
CLEAR, FAINT, HIDDEN, SHORT_UM = 0.15, 0.08, 0.45, 45.0
# Two hairs that lie nearer than this, at the roots and half as much at the tips, may be taken for one.
ONE_PLACE_UM = 60.0
PALE, PALE_SHARE = 0.45, 0.4
PEAK_CELLS, NEAR_CELLS = (1.6, 1.2), 2.5


class Crops(IterableDataset[Any]):
    """Endless crops: picture, maps to learn, weights of the root and tip maps, places where the vectors are learnt."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.seed = folder, seed

    def __iter__(self) -> Iterator[tuple[Picture, Layer, Layer, Layer]]:
        cv2.setNumThreads(1)
        dice = np.random.default_rng(self.seed)
        kept: dict[Path, dict[str, Any]] = {}
        names: list[Path] = []
        for number in itertools.count():
            # More may have been drawn meanwhile.
            names = sorted(self.folder.glob("[0-9]*.npz")) if number % 1000 == 0 else names
            name = names[int(dice.integers(len(names)))]
            if name not in kept:
                kept[name] = dict(np.load(name).items())
            # Hair that hardly shows teaches less than hair that does, and clinics clip and dye for a count.
            if np.median(kept[name]["contrast"]) < PALE and dice.uniform() > PALE_SHARE:
                continue
            picture, to_crop, scale = _cut(dice, kept[name])
            learnt = _to_learn(kept[name], to_crop, scale)
            shone = _streaks(dice, picture, kept[name], to_crop, scale)
            skinned = _membranes(dice, shone, kept[name], to_crop, scale)
            yield photographed(dice, _scales(dice, skinned, kept[name], to_crop)), *learnt


def _cut(dice: np.random.Generator, drawn: dict[str, Any]) -> tuple[Picture, Places, float]:
    """A part of a drawing near the working scale, turned and mirrored; where its places come to lie; its scale."""
    scale = float(drawn["um"]) / WORKING_UM * float(np.exp(dice.uniform(-0.22, 0.22)))
    turn = float(dice.uniform(0, 2 * math.pi))
    flip = -1.0 if dice.uniform() < 0.5 else 1.0
    cos, sin = math.cos(turn), math.sin(turn)
    matrix = scale * np.array([[cos * flip, -sin], [sin * flip, cos]])
    picture = drawn["image"]
    height, width = picture.shape[:2]
    margin = min(CROP_PX / 2 / scale * 1.3, height / 2 - 1)
    centre = np.array([dice.uniform(margin, width - margin), dice.uniform(margin, height - margin)])
    if len(drawn["root"]) and dice.uniform() < 0.9:
        chosen = drawn["root"][int(dice.integers(len(drawn["root"])))]
        centre = np.clip(chosen + dice.normal(0, 30, 2), margin, [width - margin, height - margin])
    shift = np.array([CROP_PX / 2 - 0.5] * 2) - matrix @ centre
    if scale < 0.8:
        picture = cv2.GaussianBlur(picture, (0, 0), 0.35 / scale)
    how = cv2.INTER_LINEAR if dice.uniform() < 0.5 else cv2.INTER_CUBIC
    size = (CROP_PX, CROP_PX)
    cut = cv2.warpAffine(picture, np.c_[matrix, shift], size, flags=how, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(cut, np.uint8), lambda places: places @ matrix.T + shift, scale


def _membranes(
    dice: np.random.Generator, picture: Picture, drawn: dict[str, Any], to_crop: Places, scale: float
) -> Picture:
    """Bright wrinkled skin at the mouths of some follicles, which hides where a shaft begins."""
    share = float(dice.choice([0.0, 0.3, 0.7]))
    roots = to_crop(drawn["root"].astype(np.float64))
    inside = ((roots > -10) & (roots < CROP_PX + 10)).all(axis=1)
    chosen = np.flatnonzero(inside & (dice.uniform(size=len(roots)) < share))
    if not chosen.size:
        return picture
    y, x = np.mgrid[0:CROP_PX, 0:CROP_PX].astype(np.float32)
    where = np.zeros((CROP_PX, CROP_PX), np.float32)
    for i in chosen:
        ahead = to_crop(drawn["line"][i, -1].astype(np.float64)) - roots[i]
        back = roots[i] - float(dice.uniform(-4, 14)) * ahead / max(float(np.hypot(*ahead)), 1e-6)
        wide = float(dice.uniform(4, 13)) * scale
        where += np.exp(-((x - back[0]) ** 2 + (y - back[1]) ** 2) / (2 * wide**2))
    texture = clouds(dice, CROP_PX, float(dice.uniform(1.5, 4))) + 0.5 * clouds(
        dice, CROP_PX, float(dice.uniform(5, 12))
    )
    bright = (
        np.clip(texture - float(dice.uniform(0.0, 1.0)), 0, 2) * float(dice.uniform(0.1, 0.45)) * np.minimum(where, 1)
    )
    bright = np.asarray(cv2.GaussianBlur(bright, (0, 0), 0.6))[..., None]
    light = picture / np.float32(255.0)
    light = light + bright * (np.array([0.85, 0.88, 0.92], np.float32) - light)
    return np.asarray(np.clip(255.0 * light, 0, 255), np.uint8)


def _streaks(
    dice: np.random.Generator, picture: Picture, drawn: dict[str, Any], to_crop: Places, scale: float
) -> Picture:
    """Light lines and spots on shafts, which make one shaft look like two side by side, or like several in a row."""
    share = float(dice.choice([0.0, 0.3, 0.8]))
    line = to_crop(drawn["line"].reshape(-1, 2).astype(np.float64)).reshape(drawn["line"].shape)
    inside = ((line > -20) & (line < CROP_PX + 20)).all(axis=2).any(axis=1)
    chosen = np.flatnonzero(inside & (dice.uniform(size=len(line)) < share))
    if not chosen.size:
        return picture
    cover = np.zeros((CROP_PX * 2, CROP_PX * 2), np.float32)
    for i in chosen:
        wide = float(drawn["width"][i]) * scale
        way = line[i, -1] - line[i, 0]
        across = np.array([-way[1], way[0]]) / max(float(np.hypot(*way)), 1e-6)
        first, last = np.sort(dice.uniform(0, len(line[i]), 2).astype(int))
        part = line[i][first : last + 1] + float(dice.uniform(-0.35, 0.35)) * wide * across
        thick = max(1, round(2 * wide * float(dice.uniform(0.08, 0.3))))
        cv2.polylines(cover, [np.round(2 * part).astype(np.int32)], False, float(dice.uniform(0.1, 1.0)), thick)
    cover = cv2.resize(cover, (CROP_PX, CROP_PX), interpolation=cv2.INTER_AREA)
    spots = np.clip(0.6 + 0.6 * clouds(dice, CROP_PX, float(dice.uniform(2, 10))), 0, 1)
    cover = np.asarray(cv2.GaussianBlur(cover * spots, (0, 0), float(dice.uniform(0.5, 1.0))))[..., None]
    light = picture / np.float32(255.0)
    light = light + float(dice.uniform(0.1, 0.6)) * cover * (np.quantile(light, 0.8, axis=(0, 1)) - light)
    return np.asarray(np.clip(255.0 * light, 0, 255), np.uint8)


def _scales(dice: np.random.Generator, picture: Picture, drawn: dict[str, Any], to_crop: Places) -> Picture:
    """Scales of skin that lie on shafts, mostly near their roots, and seem to break them."""
    share = float(dice.choice([0.0, 0.0, 0.15, 0.35, 0.7]))
    roots = to_crop(drawn["root"].astype(np.float64))
    inside = ((roots > -10) & (roots < CROP_PX + 10)).all(axis=1)
    chosen = np.flatnonzero(inside & (dice.uniform(size=len(roots)) < share))
    light = picture / np.float32(255.0)
    for i in np.repeat(chosen, dice.integers(1, 3, chosen.size)):
        way = to_crop(drawn["line"][i, -1].astype(np.float64)) - roots[i]
        long = max(float(np.hypot(*way)), 1e-6)
        ahead = way / long
        along = float(dice.uniform(-6, 22)) if dice.uniform() < 0.7 else float(dice.uniform(0, 1)) * long
        middle = roots[i] + min(along, long) * ahead + dice.normal(0, 2.5, 2)
        light = _scale(dice, light, middle, ahead)
    return np.asarray(np.clip(255.0 * light, 0, 255), np.uint8)


def _scale(dice: np.random.Generator, light: Layer, middle: npt.NDArray[Any], ahead: npt.NDArray[Any]) -> Layer:
    """One scale: ragged, pale, more or less dense, at times in rings across the shaft."""
    reach = 26
    x0, y0 = (int(np.clip(round(at) - reach, 0, CROP_PX - 1)) for at in middle)
    x1, y1 = (int(np.clip(round(at) + reach, 0, CROP_PX)) for at in middle)
    if x1 <= x0 or y1 <= y0:
        return light
    y, x = np.mgrid[y0:y1, x0:x1].astype(np.float32)
    off = x - middle[0], y - middle[1]
    on, across = off[0] * ahead[0] + off[1] * ahead[1], off[1] * ahead[0] - off[0] * ahead[1]
    long, wide = (float(np.exp(dice.uniform(np.log(2.5), np.log(11)))) for _ in range(2))
    ragged = clouds(dice, 2 * reach, float(dice.uniform(3, 9)))[: y1 - y0, : x1 - x0]
    rise = 1.0 - (on / long) ** 2 - (across / wide) ** 2 + float(dice.uniform(0.2, 1.0)) * ragged
    cover = np.clip(float(dice.uniform(1.0, 5.0)) * rise, 0, 1) * float(dice.uniform(0.2, 0.95))
    if dice.uniform() < 0.3:
        cover *= 0.5 + 0.5 * np.sin(on * (2 * math.pi / float(dice.uniform(3, 7))))
    texture = 1 + float(dice.uniform(0, 0.25)) * clouds(dice, 2 * reach, float(dice.uniform(1.2, 4)))
    here = light[y0:y1, x0:x1]
    skin = np.quantile(light, 0.8, axis=(0, 1))
    pale = skin + float(dice.uniform(-0.15, 0.6)) * (np.array([0.88, 0.9, 0.94], np.float32) - skin)
    cover = np.asarray(cv2.GaussianBlur(cover.astype(np.float32), (0, 0), 0.6))[..., None]
    out = light.copy()
    out[y0:y1, x0:x1] = here + cover * (pale * texture[: y1 - y0, : x1 - x0, None] - here)
    return np.asarray(out, np.float32)


def _to_learn(drawn: dict[str, Any], to_crop: Places, scale: float) -> tuple[Layer, Layer, Layer]:
    maps = np.zeros((MAPS, CELLS, CELLS), np.float32)
    weight = np.ones((2, CELLS, CELLS), np.float32)
    pointing = np.zeros((2, CELLS, CELLS), np.float32)
    nearest = np.full((2, CELLS, CELLS), np.inf)
    shaft = np.zeros((CELLS * 4, CELLS * 4), np.uint8)
    line = to_crop(drawn["line"].reshape(-1, 2).astype(np.float64)).reshape(drawn["line"].shape) / STEP
    root, tip = to_crop(drawn["root"].astype(np.float64)) / STEP, line[:, -1]
    long_um = np.hypot(*(tip - root).T) * STEP * WORKING_UM
    merged = _merged(root * STEP * WORKING_UM, tip * STEP * WORKING_UM, drawn["width"])
    y, x = np.mgrid[0:CELLS, 0:CELLS]
    for i in range(len(root)):
        if (line[i].min(axis=0) > CELLS + 8).any() or (line[i].max(axis=0) < -8).any():
            continue
        if drawn["contrast"][i] >= FAINT:
            wide = max(1, round(float(drawn["width"][i]) * scale / STEP * 4))
            cv2.polylines(shaft, [np.round(line[i] * 4 + 1.5).astype(np.int32)], False, 255, wide)
        if merged[i] or drawn["hidden"][i] > HIDDEN or drawn["contrast"][i] < CLEAR or long_um[i] < SHORT_UM:
            weight[0][(x - root[i, 0]) ** 2 + (y - root[i, 1]) ** 2 <= 36] = 0
            weight[1][(x - tip[i, 0]) ** 2 + (y - tip[i, 1]) ** 2 <= 25] = 0
            continue
        for k, (here, there) in enumerate(((root[i], tip[i]), (tip[i], root[i]))):
            _peak(maps[k], here, PEAK_CELLS[k])
            away = (x - here[0]) ** 2 + (y - here[1]) ** 2
            near = (away <= NEAR_CELLS**2) & (away < nearest[k])
            nearest[k][near], pointing[k][near] = away[near], 1
            maps[3 + 2 * k][near] = (there[0] - x[near]) / REACH
            maps[4 + 2 * k][near] = (there[1] - y[near]) / REACH
    weight[maps[:2] >= 0.99] = 1
    maps[2] = cv2.resize(shaft, (CELLS, CELLS), interpolation=cv2.INTER_AREA) / 255.0
    return maps, weight, pointing


def _merged(root_um: npt.NDArray[Any], tip_um: npt.NDArray[Any], width: Layer) -> npt.NDArray[np.bool_]:
    """Which hairs lie so near to a wider one that nobody tells them apart [hair]."""
    if not len(root_um):
        return np.zeros(0, np.bool_)
    apart = [np.hypot(*(ends[:, None] - ends[None]).transpose(2, 0, 1)) for ends in (root_um, tip_um)]
    wider = (width[None] > width[:, None]) | ((width[None] == width[:, None]) & np.tri(len(width), k=-1, dtype=bool))
    return np.asarray(((apart[0] + 0.5 * apart[1] < ONE_PLACE_UM) & wider).any(axis=1))


def _peak(heat: Layer, place: npt.NDArray[Any], wide: float) -> None:
    """Raise a peak at a place; the nearest cell is 1."""
    column, row, reach = round(float(place[0])), round(float(place[1])), 6
    if not all(-reach < middle < CELLS + reach for middle in (column, row)):
        return
    rows = slice(max(0, row - reach), min(CELLS, row + reach + 1))
    columns = slice(max(0, column - reach), min(CELLS, column + reach + 1))
    y, x = np.mgrid[rows, columns]
    hill = np.exp(-((x - place[0]) ** 2 + (y - place[1]) ** 2) / (2 * wide**2))
    hill[(y == row) & (x == column)] = 1.0
    np.maximum(heat[rows, columns], hill, out=heat[rows, columns])
