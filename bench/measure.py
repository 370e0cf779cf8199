"""How well and how fast does `follicast measure` read drawn photographs? By skin and hair, the worst named.

    .venv/bin/python bench/measure.py [--seeds 4] [--first 0] [--um-per-px 5.57]

Prints a table of each skin tone and hair colour (share refused, error of the count, bias and spread of the diameter,
error of the terminal share), how the count changes when one photograph is saved again, turned, mirrored or made
brighter (target: CV <= 4 %), and time and memory of 2 megapixels (targets: < 2 s, < 1 GB).
"""

from __future__ import annotations

import argparse
import resource
import time
from dataclasses import dataclass

import cv2
import numpy as np

from follicast.measurement.drawing.closeup import sample_closeup
from follicast.measurement.drawing.hairs import PIGMENTS, Pigment
from follicast.measurement.drawing.photograph import Photograph
from follicast.measurement.photograph.measured import Measured, measure
from follicast.measurement.photograph.scale import told_scale
from follicast.measurement.photograph.shares import TERMINAL_UM, VELLUS_UM

NORMAL_80 = 1.2816


def main() -> None:
    """Prints the tables."""
    given = argparse.ArgumentParser()
    given.add_argument("--seeds", type=int, default=4)
    given.add_argument("--um-per-px", type=float, default=5.57)
    given.add_argument("--first", type=int, default=0, help="number of the first drawing")
    asked = given.parse_args()
    _by_look(range(asked.first, asked.first + asked.seeds), asked.um_per_px)
    _again(asked.um_per_px)
    _cost()


@dataclass(frozen=True)
class _Read:
    """One photograph: relative error of the count, errors of diameters (um), of the terminal share, and what held."""

    count: float
    off_um: np.ndarray
    terminal: float
    held: tuple[bool, bool, bool]


def _by_look(seeds: range, um: float) -> None:
    print("skin hair    refused  count error %      diameter um: middle, mean, SD of middle, SD  terminal (points)")
    worst: list[tuple[float, str]] = []
    held: list[tuple[bool, bool, bool]] = []
    for tone in (1, 3, 5, 6):
        for hair in PIGMENTS:
            reads = [read for seed in seeds if (read := _read(seed, um, tone, hair)) is not None]
            if not reads:
                print(f"{tone:4d} {hair:8s}{len(seeds):4d}/{len(seeds)}")
                continue
            count, off = np.array([read.count for read in reads]), np.concatenate([read.off_um for read in reads])
            # Two hairs that stick together are measured as one: such errors make mean and SD, not the middle.
            middle = float(np.median(off))
            diameter = middle, off.mean(), 1.4826 * np.median(np.abs(off - middle)), off.std()
            print(
                f"{tone:4d} {hair:8s}{len(seeds) - len(reads):4d}/{len(seeds)}  {100 * count.mean():+6.1f} (abs "
                f"{100 * np.abs(count).mean():4.1f})  "
                + "  ".join(f"{number:+6.1f}" for number in diameter)
                + f"  {100 * np.mean([read.terminal for read in reads]):+8.1f}"
            )
            worst.append((float(np.abs(count).mean()), f"skin {tone}, {hair} hair"))
            held += [read.held for read in reads]
    if worst:
        print(f"worst count that was not refused: {max(worst)[1]}, {100 * max(worst)[0]:.1f} %")
        shares = ", ".join(f"{100 * share:.0f} %" for share in np.mean(held, axis=0))
        print(f"80 % intervals of mean diameter, terminal and vellus share that hold: {shares} of {len(held)}")


def _read(seed: int, um: float, tone: int, hair: Pigment) -> _Read | None:
    """How one drawing is read; None where it is refused or says nothing of diameters."""
    drawn = sample_closeup(1000 + seed, um, tone, hair)
    result = measure(drawn.image, told_scale(um))
    if not isinstance(result, Measured) or result.shares is None or result.shares.mean_um is None:
        return None
    true = _counted_truth(drawn, result)
    off = []
    for k in np.flatnonzero(np.isfinite(result.diameter_um)):
        away = np.hypot(*(drawn.truth.root_px - result.hairs[k].root_px).T)
        near = int(np.argmin(np.where(drawn.truth.visible, away, np.inf)))
        if away[near] * um < 60.0:
            off.append(result.diameter_um[k] - drawn.truth.width_um[near].mean())
    wide, shares = drawn.truth.width_um.mean(axis=1)[true], result.shares
    told = (
        (shares.mean_um, shares.mean_um_se, wide.mean()),
        (shares.terminal.share, shares.terminal.se, (wide >= TERMINAL_UM).mean()),
        (shares.vellus.share, shares.vellus.se, (wide < VELLUS_UM).mean()),
    )
    held = tuple(abs(value - truth) <= NORMAL_80 * error for value, error, truth in told)
    return _Read(result.count.hairs / max(true.sum(), 1) - 1.0, np.array(off), told[1][0] - told[1][2], held)


def _counted_truth(drawn: Photograph, result: Measured) -> np.ndarray:
    """The drawn hairs whose root lies in the counted area."""
    height, width = result.area.shape
    x, y = np.rint(drawn.truth.root_px).astype(int).T
    inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    inside[inside] &= result.area[y[inside], x[inside]]
    return drawn.truth.visible & inside


def _again(um: float) -> None:
    cvs = []
    for seed in range(6):
        image = sample_closeup(40 + seed, um, 1 + seed, "black").image
        _, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 85])
        versions = [
            image,
            np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8),
            np.ascontiguousarray(np.rot90(image)),
            np.ascontiguousarray(image[:, ::-1]),
            np.clip(image * 1.05, 0, 255).astype(np.uint8),
        ]
        counts = [r.count.hairs for one in versions if isinstance(r := measure(one, told_scale(um)), Measured)]
        if len(counts) == len(versions):
            cvs.append(np.std(counts) / np.mean(counts))
            print(f"saved again, turned, mirrored, brighter: {counts}, CV {100 * cvs[-1]:.1f} %")
        else:
            print(f"saved again, turned, mirrored, brighter: {len(counts)} of {len(versions)} measured")
    if cvs:
        print(f"mean CV {100 * np.mean(cvs):.1f} % (target 4 %)")


def _cost() -> None:
    image = sample_closeup(7, 4.5, 3, "black", width_px=1632, height_px=1224).image
    times = []
    for _ in range(4):
        start = time.perf_counter()
        measure(image, told_scale(4.5))
        times.append(time.perf_counter() - start)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"2 megapixels: {np.median(times[1:]):.2f} s (first {times[0]:.2f} s), {memory:.2f} GB at most")


if __name__ == "__main__":
    main()
