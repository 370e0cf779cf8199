"""Do drawn close-ups look like photographs, in numbers? Statistics of labelled photographs beside those of drawings.

    python bench/photographs_statistics.py FOLDER [--drawings 20]

FOLDER holds NAME.jpg with NAME_labels.csv beside it (columns root_x, root_y, tip_x, tip_y in px). Every statistic is
taken by the same code from both; a row prints the median of the fields and, in brackets, the 10th and 90th percentile
of the fields, and a star where the median of the photographs lies outside the drawings' range.
"""

import argparse
import csv
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Picture = npt.NDArray[np.uint8]

UM_PER_PX = 5.57
# Bands of texture: standard deviations of the two Gaussians whose difference is taken, px.
BANDS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
# Places behind the root at which the hair under the skin is looked at, um.
BEHIND = (0, 50, 100, 150, 200, 300, 400)


def photographs(folder: Path) -> Iterator[tuple[Picture, Floats]]:
    """Each photograph (RGB) with its hairs [hair, (root x, root y, tip x, tip y)]."""
    for path in sorted(folder.glob("*_labels.csv")):
        picture = cv2.imread(str(path).replace("_labels.csv", ".jpg"))
        if picture is None:
            sys.exit(f"{path.name}: no photograph of this name beside it")
        with path.open(encoding="utf-8") as lines:
            rows = [[float(r[k]) for k in ("root_x", "root_y", "tip_x", "tip_y")] for r in csv.DictReader(lines)]
        yield cv2.cvtColor(picture, cv2.COLOR_BGR2RGB).astype(np.uint8), np.array(rows)


def drawings(count: int) -> Iterator[tuple[Picture, Floats]]:
    """Drawings of the kind of the photographs: East Asian hair of the occiput, light to olive skin, same scale."""
    from follicast.knowledge.load import parameters
    from follicast.measurement.drawing.closeup import sample_closeup

    usual_um = parameters()["diameter.east-asian"].value
    spread = parameters()["diameter.person_sd.east-asian"].value
    for seed in range(count):
        own_um = usual_um * float(np.exp(spread * np.random.default_rng(seed).standard_normal()))
        tone = (2, 3, 3, 4)[seed % 4]
        drawn = sample_closeup(seed, UM_PER_PX, tone, "black", mean_um=own_um, miniaturised=0.05)
        # Labellers leave out what they can hardly see.
        shown = drawn.truth.visible & (drawn.truth.contrast > 0.2)
        yield drawn.image, np.concatenate([drawn.truth.root_px[shown], drawn.truth.tip_px[shown]], axis=1)


def sampled(picture: Floats, x: Floats, y: Floats) -> Floats:
    """Values of a float picture at places, bilinear."""
    return np.asarray(
        cv2.remap(picture.astype(np.float32), x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR)
    )


def profiles(picture: Floats, hairs: Floats) -> Floats:
    """Cross sections [hair, along, across, rgb] at 35 to 80 % of the way to the tip, 1/4 px apart, on the axis."""
    along = hairs[:, 2:] - hairs[:, :2]
    length = np.hypot(*along.T)
    unit = along / np.maximum(length, 1.0)[:, None]
    across = np.stack([-unit[:, 1], unit[:, 0]], axis=1)
    share = np.linspace(0.35, 0.8, 9)
    off = np.arange(-30.0, 30.01, 0.25)
    place = (
        hairs[:, None, None, :2]
        + share[None, :, None, None] * along[:, None, None]
        + off[None, None, :, None] * across[:, None, None]
    )
    shape = place.shape[:3]
    cut = sampled(picture, place[..., 0].reshape(shape[0], -1), place[..., 1].reshape(shape[0], -1))
    return cut.reshape(*shape, 3)


def shaft_row(grey_cut: Floats) -> tuple[float, float, float, float] | None:
    """Skin and shaft level, full width at half depth and 20-80 % edge (um) of a cross section, if it is one."""
    middle = grey_cut.size // 2
    even = np.convolve(grey_cut, np.ones(5) / 5, "same")
    skin = float(np.percentile(grey_cut, 75))
    lowest = middle - 24 + int(np.argmin(even[middle - 24 : middle + 25]))
    # The level of a shaft is the middle of its dark run, not its darkest point.
    half = (skin + even[lowest]) / 2
    left = lowest
    while left > 0 and even[left] < half:
        left -= 1
    right = lowest
    while right < even.size - 1 and even[right] < half:
        right += 1
    if left == 0 or right == even.size - 1 or skin - even[lowest] < 12:
        return None
    level = float(np.median(grey_cut[left + 1 : right]))
    high, low = skin - 0.2 * (skin - level), skin - 0.8 * (skin - level)
    edges = []
    for step in (-1, 1):
        i = lowest
        while 0 < i < even.size - 1 and even[i] < low:
            i += step
        j = i
        while 0 < j < even.size - 1 and even[j] < high:
            j += step
        edges.append(abs(j - i) / 4 * UM_PER_PX)
    return skin, level, (right - left) / 4 * UM_PER_PX, min(edges)


def shafts(picture: Floats, hairs: Floats) -> dict[str, float]:
    """Contrast, colour, width and edges of the shafts of one field."""
    cuts = profiles(picture, hairs)
    found = []
    colours = []
    for one in cuts:
        rows = [r for r in (shaft_row(c.mean(axis=1)) for c in one) if r is not None]
        if len(rows) >= 5:
            found.append(np.median(np.array(rows), axis=0))
            colours.append(np.median(one[:, 118:123].reshape(-1, 3), axis=0))
    table, tint = np.array(found), np.array(colours)
    contrast = 1.0 - table[:, 1] / table[:, 0]
    return {
        "shaft contrast, median hair": float(np.median(contrast)),
        "shaft contrast, 10th percentile of hairs": float(np.percentile(contrast, 10)),
        "shaft grey level": float(np.median(table[:, 1])),
        "shaft red - blue": float(np.median(tint[:, 0] - tint[:, 2])),
        "shaft width, median, um": float(np.median(table[:, 2])),
        "shaft width, 10th percentile, um": float(np.percentile(table[:, 2], 10)),
        "shaft width, 90th percentile, um": float(np.percentile(table[:, 2], 90)),
        "edge 20-80 %, median, um": float(np.median(table[:, 3])),
        "hairs with a clear cross section, share": len(found) / len(hairs),
    }


def layout(hairs: Floats) -> dict[str, float]:
    """Lengths, directions and neighbours of the hairs of one field."""
    along = hairs[:, 2:] - hairs[:, :2]
    length = np.hypot(*along.T) * UM_PER_PX
    turn = np.arctan2(along[:, 1], along[:, 0])
    mean = np.angle(np.exp(1j * turn).mean())
    off = np.degrees(np.angle(np.exp(1j * (turn - mean))))
    t = np.linspace(0.0, 1.0, 17)[:, None]
    line = hairs[:, None, :2] + t * along[:, None]
    apart = np.sqrt(((line[:, None, :, None] - line[None, :, None, :]) ** 2).sum(axis=4)).min(axis=(2, 3))
    np.fill_diagonal(apart, np.inf)
    near = apart.min(axis=1)
    roots = hairs[:, :2]
    gap = np.sqrt(((roots[:, None] - roots[None]) ** 2).sum(axis=2)) * UM_PER_PX
    np.fill_diagonal(gap, np.inf)
    mates = gap.min(axis=1)
    return {
        "hairs in the field": float(len(hairs)),
        "stub length, median, um": float(np.median(length)),
        "stub length, 10th percentile, um": float(np.percentile(length, 10)),
        "stub length, 90th percentile, um": float(np.percentile(length, 90)),
        "direction, spread in the field, degrees": float(np.median(np.abs(off)) * 1.4826),
        "axes within 80 um of another hair's, share": float((near * UM_PER_PX < 80.0).mean()),
        "another root within 250 um, share": float((mates < 250.0).mean()),
        "distance to that root, median, um": float(np.median(mates[mates < 250.0])) if (mates < 250.0).any() else 0.0,
    }


def smooth(picture: Floats, sigma: float) -> Floats:
    """Gaussian blur; wide ones at a coarser grid, which changes nothing that is left."""
    step = max(1, int(sigma / 4))
    if step == 1:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma))
    size = (picture.shape[1], picture.shape[0])
    small = cv2.resize(picture, (size[0] // step, size[1] // step), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(cv2.GaussianBlur(small, (0, 0), sigma / step), size, interpolation=cv2.INTER_LINEAR))


def bare_skin(picture: Floats, hairs: Floats) -> npt.NDArray[np.bool_]:
    """Pixels away from shafts, from the hair under the skin and from printed words and lines."""
    hidden = np.zeros(picture.shape[:2], np.uint8)
    for x0, y0, x1, y1 in hairs:
        back = np.array([x0 - 0.6 * (x1 - x0), y0 - 0.6 * (y1 - y0)])
        cv2.line(hidden, tuple(int(v) for v in back), (int(x1), int(y1)), 255, 60)
    grey = picture.mean(axis=2)
    dark = grey < 0.75 * smooth(grey, 40)
    printed = (picture.max(axis=2) - picture.min(axis=2)) > 70
    hidden |= cv2.dilate((dark | printed).astype(np.uint8) * 255, np.ones((25, 25), np.uint8))
    hidden[:40], hidden[-90:] = 255, 255
    return np.asarray(hidden == 0)


def texture(picture: Floats, skin: npt.NDArray[np.bool_]) -> dict[str, float]:
    """Level, colour, gradients and texture by scale of the bare skin of one field."""
    grey = picture.mean(axis=2)
    filled = grey.copy()
    weight = smooth(skin.astype(np.float32), 20) + 1e-6
    filled[~skin] = (smooth(grey * skin, 20) / weight)[~skin]
    told: dict[str, float] = {}
    for k, name in enumerate(("red", "green", "blue")):
        told[f"skin {name}"] = float(np.median(picture[..., k][skin]))
    blurred = [smooth(filled, s) for s in BANDS]
    for i, s in enumerate(BANDS[:-1]):
        told[f"skin texture {s:g} to {BANDS[i + 1]:g} px, grey levels"] = float(
            (blurred[i] - blurred[i + 1])[skin].std()
        )
    told["skin texture above 64 px, grey levels"] = float(blurred[-1][skin].std())
    fine = (blurred[1] - blurred[3])[skin]
    told["skin texture 1 to 4 px, skew"] = float(((fine - fine.mean()) ** 3).mean() / fine.std() ** 3)
    told["skin above 200 grey, % of pixels"] = float((grey[skin] > 200).mean() * 100)
    coarse = [smooth(picture[..., k] * skin, 64) / smooth(skin.astype(np.float32), 64).clip(1e-3) for k in (0, 1, 2)]
    tint = (coarse[0] - coarse[2])[skin]
    told["red - blue, 5th percentile of places"], told["red - blue, 95th percentile of places"] = np.percentile(
        tint, [5, 95]
    )
    for k, name in ((0, "red"), (2, "blue")):
        told[f"skin mottle 8 to 64 px, {name} - green"] = float(
            (smooth(picture[..., k] - picture[..., 1], 8) - smooth(picture[..., k] - picture[..., 1], 64))[skin].std()
        )
    return told


def shadows(picture: Floats, hairs: Floats) -> dict[str, float]:
    """The hair that goes on under the skin: how much darker than the skin around, by the distance behind the root."""
    along = hairs[:, 2:] - hairs[:, :2]
    unit = along / np.hypot(*along.T)[:, None]
    across = np.stack([-unit[:, 1], unit[:, 0]], axis=1)
    calm = smooth(picture, 3)
    told = {}
    for um in BEHIND:
        place = hairs[:, :2] - um / UM_PER_PX * unit
        beside = [place + s * 260 / UM_PER_PX * across for s in (-1, 1)]
        here = sampled(calm, place[None, :, 0], place[None, :, 1])[0]
        around = np.maximum(*(sampled(calm, b[None, :, 0], b[None, :, 1])[0] for b in beside))
        inside = (around.mean(axis=1) > 60) & (place > 10).all(axis=1) & (place < [1270, 1014]).all(axis=1)
        share = here[inside] / around[inside]
        told[f"{um} um behind the root, grey / skin"] = float(np.median(share.mean(axis=1)))
        if um in (100, 200):
            told[f"{um} um behind the root, (red / skin) / (blue / skin)"] = float(np.median(share[:, 0] / share[:, 2]))
    return told


def field(picture: Picture, hairs: Floats) -> dict[str, float]:
    """All statistics of one field."""
    values = picture.astype(np.float32)
    skin = bare_skin(values, hairs)
    return layout(hairs) | shafts(values, hairs) | shadows(values, hairs) | texture(values, skin)


def summary(rows: list[dict[str, float]]) -> dict[str, Floats]:
    """10th, 50th and 90th percentile over the fields, by statistic."""
    return {name: np.percentile([r[name] for r in rows], [10, 50, 90]) for name in rows[0]}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--drawings", type=int, default=20)
    given = arguments.parse_args()
    real = summary([field(*one) for one in photographs(given.folder)])
    drawn = summary([field(*one) for one in drawings(given.drawings)]) if given.drawings else {}
    print(f"{'statistic':<58}{'photographs':>26}{'drawings':>28}")
    for name, (low, middle, high) in real.items():
        line = f"{name:<58}{middle:9.2f} ({low:7.2f} {high:7.2f})"
        if name in drawn:
            l2, m2, h2 = drawn[name]
            line += f"  {m2:9.2f} ({l2:7.2f} {h2:7.2f}){'' if l2 <= middle <= h2 else ' *'}"
        print(line)


if __name__ == "__main__":
    main()
