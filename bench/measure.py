"""How well and how fast does `follicast measure` read drawn photographs? By skin and hair, the worst named.

    .venv/bin/python bench/measure.py [--seeds 4] [--um-per-px 5.57]

Prints a table of each skin tone and hair colour (share refused, error of the count, bias and spread of the diameter,
error of the terminal share), how the count changes when one photograph is saved again, turned, mirrored or made
brighter (target: CV <= 4 %), and time and memory of 2 megapixels (targets: < 2 s, < 1 GB).
"""

from __future__ import annotations

import argparse
import resource
import time

import cv2
import numpy as np

from follicast.measurement.drawing.closeup import sample_closeup
from follicast.measurement.drawing.hairs import PIGMENTS, Pigment
from follicast.measurement.drawing.photograph import Photograph
from follicast.measurement.photograph.measured import Measured, measure
from follicast.measurement.photograph.scale import told_scale

TERMINAL = 2


def main() -> None:
    """Prints the tables."""
    given = argparse.ArgumentParser()
    given.add_argument("--seeds", type=int, default=4)
    given.add_argument("--um-per-px", type=float, default=5.57)
    asked = given.parse_args()
    _by_look(asked.seeds, asked.um_per_px)
    _again(asked.um_per_px)
    _cost()


def _by_look(seeds: int, um: float) -> None:
    print("skin hair    refused  count error %      diameter um: bias  SD of the middle  SD  terminal share (points)")
    worst: list[tuple[float, str]] = []
    for tone in (1, 3, 5, 6):
        for hair in PIGMENTS:
            rows = [row for seed in range(seeds) if (row := _errors(seed, um, tone, hair)) is not None]
            if not rows:
                print(f"{tone:4d} {hair:8s}{seeds:4d}/{seeds}")
                continue
            count, off = np.array([row[0] for row in rows]), np.concatenate([row[1] for row in rows])
            share = np.array([row[2] for row in rows])
            # Two hairs that stick together are measured as one: the few such errors make the SD, not the middle.
            spread = (np.median(off), 1.4826 * np.median(np.abs(off - np.median(off))), off.std())
            print(
                f"{tone:4d} {hair:8s}{seeds - len(rows):4d}/{seeds}  {100 * count.mean():+6.1f} (abs "
                f"{100 * np.abs(count).mean():4.1f})  {spread[0]:+8.1f}  {spread[1]:10.1f}  {spread[2]:8.1f}  "
                f"{100 * share.mean():+8.1f}"
            )
            worst.append((float(np.abs(count).mean()), f"skin {tone}, {hair} hair"))
    if worst:
        print(f"worst count that was not refused: {max(worst)[1]}, {100 * max(worst)[0]:.1f} %")


def _errors(seed: int, um: float, tone: int, hair: Pigment) -> tuple[float, np.ndarray, float] | None:
    """Relative error of the count, errors of diameters (um), error of the terminal share; None where refused."""
    drawn = sample_closeup(1000 + seed, um, tone, hair)
    result = measure(drawn.image, told_scale(um))
    if not isinstance(result, Measured) or result.shares is None:
        return None
    true = _counted_truth(drawn, result)
    off = []
    for k in np.flatnonzero(np.isfinite(result.diameter_um)):
        away = np.hypot(*(drawn.truth.root_px - result.hairs[k].root_px).T)
        near = int(np.argmin(away))
        if away[near] * um < 60.0:
            off.append(result.diameter_um[k] - drawn.truth.width_um[near].mean())
    thick = float((drawn.truth.kind[true] == TERMINAL).mean())
    return result.count.hairs / max(true.sum(), 1) - 1.0, np.array(off), (result.shares.terminal.share or 0.0) - thick


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
