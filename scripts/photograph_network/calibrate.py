"""How probable is a hair that the network proposes? Fitted on drawings that it was not trained on.

    python scripts/photograph_network/calibrate.py FOLDER

Writes roots.toml beside the network. Runs with the project's own environment; FOLDER holds drawings of
other seeds (drawings.py). Each is used as drawn and as another instrument would have taken it.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from instruments import photographed
from scipy.optimize import linear_sum_assignment

from follicast.measurement.photograph.decoding import EVIDENCE, candidates
from follicast.measurement.photograph.network import maps

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

NEAR_UM, BORDER_PX = 60.0, 15
CLEAR, HIDDEN, SHORT_UM = 0.15, 0.6, 45.0
WRITTEN = Path(__file__).parents[2] / "src/follicast/measurement/photograph/roots.toml"


def matched(wanted: Floats, found: Floats, near: float) -> Flags:
    """Which of the found places belong to a wanted one, each at most to one, nearest first in sum."""
    hit = np.zeros(len(found), np.bool_)
    if len(wanted) and len(found):
        gap = np.hypot(*(wanted[:, None] - found[None]).transpose(2, 0, 1))
        i, j = linear_sum_assignment(np.where(gap <= near, gap, 1e3))
        hit[j[gap[i, j] <= near]] = True
    return hit


def judged(folder: Path) -> Iterator[tuple[Floats, Flags]]:
    """Evidence of the candidates of each drawing and which of them are hairs."""
    dice = np.random.default_rng(0)
    for path in sorted(folder.glob("[0-9]*.npz")):
        drawn = dict(np.load(path).items())
        um_per_px, side = float(drawn["um"]), min(drawn["image"].shape[:2])
        length_um = np.hypot(*(drawn["line"][:, -1] - drawn["root"]).T) * um_per_px
        clear = (drawn["hidden"] <= HIDDEN) & (drawn["contrast"] >= CLEAR) & (length_um >= SHORT_UM)
        square = np.ascontiguousarray(drawn["image"][:side, :side])
        for picture in (drawn["image"], photographed(dice, square)):
            found = candidates(maps(picture, um_per_px))
            near = NEAR_UM / um_per_px
            is_hair = matched(drawn["root"][clear], found.root_px, near)
            doubtful = matched(drawn["root"][~clear], found.root_px, near) & ~is_hair
            inner = np.array(picture.shape[1::-1]) - 1 - BORDER_PX
            inside = ((found.root_px >= BORDER_PX) & (found.root_px <= inner)).all(axis=1)
            yield found.evidence[inside & ~doubtful], is_hair[inside & ~doubtful]


def fitted(evidence: Floats, is_hair: Flags) -> tuple[float, Floats]:
    """Constant and weights of a logistic regression with a light ridge."""
    mean, spread = evidence.mean(axis=0), evidence.std(axis=0) + 1e-6
    columns = np.c_[np.ones(len(evidence)), (evidence - mean) / spread]
    ridge = np.diag([0.0] + [1.0] * evidence.shape[1])
    weights = np.zeros(columns.shape[1])
    for _ in range(30):
        share = 1.0 / (1.0 + np.exp(-columns @ weights))
        steep = (columns * (share * (1.0 - share) + 1e-9)[:, None]).T @ columns + ridge
        weights = weights + np.linalg.solve(steep, columns.T @ (is_hair - share) - ridge @ weights)
    own = weights[1:] / spread
    return float(weights[0] - own @ mean), own


def main() -> None:
    """Fit and write."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--counts-from", type=float, default=0.5, help="least probability of a hair that is counted")
    arguments.add_argument("--mark-um", type=float, default=0.0, help="how far up the shaft people mark a root")
    given = arguments.parse_args()
    evidence, is_hair = (np.concatenate(part) for part in zip(*judged(given.folder), strict=True))
    constant, weights = fitted(evidence, is_hair)
    lines = [
        "# How probable a hair is by what the network says of it, fitted on drawings by",
        "# scripts/photograph_network/calibrate.py; the names are those of decoding.EVIDENCE.",
        f"counts_from = {given.counts_from:g}",
        f"mark_um = {given.mark_um:g}",
        f"constant = {constant:.4f}",
        "",
        "[weight]",
        *(f'"{name}" = {weight:.4f}' for name, weight in zip(EVIDENCE, weights, strict=True)),
    ]
    WRITTEN.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(is_hair)} candidates, {is_hair.sum()} hairs: {WRITTEN.name}")


if __name__ == "__main__":
    main()
