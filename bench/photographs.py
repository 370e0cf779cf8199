"""How well are hairs found in photographs that people have labelled?

    python bench/photographs.py FOLDER [--json FILE] [--write FILE.md]

FOLDER holds NAME.jpg with NAME_labels.csv beside it (columns class, root_x, root_y, tip_x, tip_y in px), and was
labelled by quadrants: hairs that a border or a seam of the quadrants cuts have no label. So a guard band of 60 px along
both is left out: a hair is judged when its labelled root lies outside the band, a find when its own root does.
Finds and labels are matched one to one by the Hungarian method, as many pairs as lie within 60 um of each other at the
root, the nearest of all such. A find on debris (class abnormal) is neither right nor wrong. Fields are halved in sorted
order: the detector was developed on the first, third, ... and is judged on the others.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from follicast.measurement.photograph.detect import detect
from follicast.measurement.photograph.hair import SeenHair

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Picture = npt.NDArray[np.uint8]

UM_PER_PX = 5.57
TOLERANCE_UM = 60.0
GUARD_PX = 60.0
# Roots nearer than this, linked one to the next, are one unit; the same for labels and for finds.
UNIT_UM = 200.0
# Two people on these photographs (the makers' own comparison): F1, count error, median root error, median turn.
PEOPLE = {"f1": 0.925, "count_error": 0.062, "root_um": 20.0, "turn_deg": 1.5}


@dataclass(frozen=True)
class Field:
    """A labelled photograph: hairs and debris [hair, (root x, root y, tip x, tip y)]."""

    name: str
    picture: Picture
    hairs: Floats
    debris: Floats


@dataclass(frozen=True)
class Score:
    """What was found in one field, of what could be judged there."""

    name: str
    labelled: int
    found: int
    hits: int
    missed: int
    false: int
    hairs_per_unit: float
    found_per_unit: float
    root_um: list[float] = field(repr=False)
    turn_deg: list[float] = field(repr=False)
    seconds: float = 0.0

    @property
    def count_error(self) -> float:
        """Finds against labels, as a share."""
        return self.found / self.labelled - 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.hits / (2 * self.hits + self.missed + self.false)


def fields(folder: Path) -> list[Field]:
    """The labelled photographs of a folder, by name."""
    read = []
    for path in sorted(folder.glob("*_labels.csv")):
        picture = cv2.imread(str(path).replace("_labels.csv", ".jpg"))
        if picture is None:
            sys.exit(f"{path.name}: no photograph of this name beside it")
        with path.open(encoding="utf-8") as lines:
            rows = list(csv.DictReader(lines))
        ends = np.array([[float(r[k]) for k in ("root_x", "root_y", "tip_x", "tip_y")] for r in rows])
        debris = np.array([r["class"] == "abnormal" for r in rows])
        rgb = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB).astype(np.uint8)
        read.append(Field(path.name.removesuffix("_labels.csv"), rgb, ends[~debris], ends[debris]))
    return read


def judged(roots: Floats, shape: tuple[int, ...]) -> Flags:
    """Which roots lie outside the guard band."""
    height, width = shape[:2]
    x, y = roots.T
    inside = (x > GUARD_PX) & (x < width - GUARD_PX) & (y > GUARD_PX) & (y < height - GUARD_PX)
    return np.asarray(inside & (abs(x - width / 2) > GUARD_PX) & (abs(y - height / 2) > GUARD_PX))


def matched(first: Floats, second: Floats, reach: float) -> tuple[Ints, Ints]:
    """As many pairs of places within reach as can be, nearest first."""
    if not (len(first) and len(second)):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    away = np.hypot(*(first[:, None] - second[None]).transpose(2, 0, 1))
    i, j = linear_sum_assignment(np.where(away <= reach, away - 1000.0 * reach, 0.0))
    near = away[i, j] <= reach
    return i[near], j[near]


def per_unit(roots: Floats) -> float:
    """Hairs per unit, roots linked one to the next."""
    if not len(roots):
        return float("nan")
    near = np.hypot(*(roots[:, None] - roots[None]).transpose(2, 0, 1)) <= UNIT_UM / UM_PER_PX
    from scipy.sparse.csgraph import connected_components

    return len(roots) / int(connected_components(near)[0])


def ends_of(hairs: tuple[SeenHair, ...]) -> Floats:
    """[hair, (root x, root y, tip x, tip y)]."""
    return np.array([[*h.root_px, *h.tip_px] for h in hairs], dtype=np.float64).reshape(-1, 4)


def scored(labelled: Field, found: Floats, seconds: float = 0.0) -> Score:
    """How the finds [find, (root x, root y, tip x, tip y)] in a field agree with its labels."""
    reach = TOLERANCE_UM / UM_PER_PX
    hairs, shape = labelled.hairs, labelled.picture.shape
    i, j = matched(found[:, :2], hairs[:, :2], reach)
    of_find, of_hair = np.full(len(found), -1), np.full(len(hairs), -1)
    of_find[i], of_hair[j] = j, i
    on_debris = np.zeros(len(found), np.bool_)
    left = np.flatnonzero(of_find < 0)
    on_debris[left[matched(found[left, :2], labelled.debris[:, :2], reach)[0]]] = True
    in_hair, in_find = judged(hairs[:, :2], shape), judged(found[:, :2], shape) & ~on_debris
    hit = in_hair & (of_hair >= 0)
    off = found[of_hair[hit]] - hairs[hit]
    turn = np.angle(_way(found[of_hair[hit]]) / _way(hairs[hit]), deg=True)
    return Score(
        labelled.name,
        int(in_hair.sum()),
        int(in_find.sum()),
        int(hit.sum()),
        int((in_hair & ~hit).sum()),
        int((in_find & (of_find < 0)).sum()),
        per_unit(hairs[in_hair, :2]),
        per_unit(found[in_find, :2]),
        (np.hypot(*off[:, :2].T) * UM_PER_PX).tolist(),
        abs(turn).tolist(),
        seconds,
    )


def _way(ends: Floats) -> npt.NDArray[np.complex128]:
    return np.asarray((ends[:, 2] - ends[:, 0]) + 1j * (ends[:, 3] - ends[:, 1]))


def summary(scores: list[Score]) -> dict[str, float]:
    """All fields together."""
    hits, missed, false = (sum(getattr(s, k) for s in scores) for k in ("hits", "missed", "false"))
    error = np.array([s.count_error for s in scores])
    return {
        "fields": len(scores),
        "labelled": sum(s.labelled for s in scores),
        "precision": hits / max(hits + false, 1),
        "recall": hits / max(hits + missed, 1),
        "f1": 2 * hits / max(2 * hits + missed + false, 1),
        "count_error": float(np.abs(error).mean()),
        "count_bias": float(error.mean()),
        "root_um": float(np.median([v for s in scores for v in s.root_um])),
        "turn_deg": float(np.median([v for s in scores for v in s.turn_deg])),
        "hairs_per_unit": float(np.mean([s.hairs_per_unit for s in scores])),
        "found_per_unit": float(np.mean([s.found_per_unit for s in scores])),
        "unit_error": float(np.mean([abs(s.found_per_unit - s.hairs_per_unit) for s in scores])),
        "seconds": float(np.median([s.seconds for s in scores])),
    }


def tables(scores: list[Score]) -> str:
    """Markdown: the fields one by one, then the halves."""
    lines = [
        "| Field | Half | Labelled | Found | Precision | Recall | F1 | Count error |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for k, s in enumerate(scores):
        lines.append(
            f"| {s.name} | {'judged' if k % 2 else 'developed'} | {s.labelled} | {s.found} "
            f"| {s.hits / max(s.hits + s.false, 1):.2f} | {s.hits / max(s.labelled, 1):.2f} | {s.f1:.2f} "
            f"| {100 * s.count_error:+.0f} % |"
        )
    developed, judgement = summary(scores[::2]), summary(scores[1::2])
    rows = (
        ("Precision", "precision", "{:.2f}", None),
        ("Recall", "recall", "{:.2f}", None),
        ("F1 at 60 µm", "f1", "{:.3f}", "f1"),
        ("Count error per field, mean absolute", "count_error", "{:.1%}", "count_error"),
        ("Count bias", "count_bias", "{:+.1%}", None),
        ("Root error, median, µm", "root_um", "{:.0f}", "root_um"),
        ("Direction error, median, degrees", "turn_deg", "{:.1f}", "turn_deg"),
        ("Hairs per unit, labelled", "hairs_per_unit", "{:.2f}", None),
        ("Hairs per unit, found", "found_per_unit", "{:.2f}", None),
        ("Hairs per unit, mean absolute error", "unit_error", "{:.2f}", None),
    )
    lines += ["", "| | Developed on | Judged on | Two people |", "|---|--:|--:|--:|"]
    for title, key, form, human in rows:
        people = form.format(PEOPLE[human]) if human else ""
        lines.append(f"| {title} | {form.format(developed[key])} | {form.format(judgement[key])} | {people} |")
    return "\n".join(lines)


def main() -> None:
    """Prints the tables; writes them where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", type=Path, help="write every figure here")
    parser.add_argument("--write", type=Path, help="put the tables between the marks of this page")
    given = parser.parse_args()
    labelled = fields(given.folder)
    if not labelled:
        sys.exit(f"{given.folder}: no *_labels.csv there")
    detect(labelled[0].picture[:256, :256], UM_PER_PX)  # compiles
    scores = []
    for one in labelled:
        start = time.perf_counter()
        hairs = detect(one.picture, UM_PER_PX)
        scores.append(scored(one, ends_of(hairs), time.perf_counter() - start))
    text = tables(scores)
    print(text)
    megapixels = labelled[0].picture[..., 0].size / 1e6
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\n{summary(scores)['seconds']:.1f} s a field of {megapixels:.1f} megapixels, {memory:.0f} MB at most")
    if given.json:
        parts = {"developed": scores[::2], "judged": scores[1::2], "all": scores}
        out = {name: summary(part) for name, part in parts.items()} | {"fields": [asdict(s) for s in scores]}
        given.json.write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")
    if given.write:
        page = given.write.read_text(encoding="utf-8")
        before, _, rest = page.partition("<!-- fields -->\n")
        _, _, after = rest.partition("<!-- end of fields -->")
        given.write.write_text(f"{before}<!-- fields -->\n{text}\n<!-- end of fields -->{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
