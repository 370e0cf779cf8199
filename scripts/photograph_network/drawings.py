"""Drawn close-ups to train and to calibrate the network of photographs, one .npz each.

    python scripts/photograph_network/drawings.py FOLDER --first 500000 --count 900      to train on
    python scripts/photograph_network/drawings.py FOLDER --first 900000 --count 46       to calibrate on

Runs with the project's own environment. No photograph of anybody is used.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

import follicast.knowledge.appearance as look
from follicast.measurement.drawing.closeup import draw_closeup
from follicast.measurement.drawing.hairs import PIGMENTS, Hairs
from follicast.measurement.drawing.patch import TONES, Patch, sample_patch
from follicast.measurement.drawing.view import View, sample_view

WIDTH_PX, HEIGHT_PX = 704, 576
TONE_SHARES = (0.15, 0.22, 0.23, 0.18, 0.12, 0.10)
BLACK_SHARE = 0.65
# Numbers of appearance.toml that differ more between these drawings than between people, from and to.
ROOTS = {
    "root.emerge_um": (12.0, 130.0),
    "root.absorbance": (0.9, 2.6),
    "root.fade_um": (110.0, 350.0),
    "root.blur_um": (9.0, 35.0),
}


def scene(seed: int) -> tuple[Patch, View]:
    """A patch and a view of it, more varied than people and instruments are."""
    dice = np.random.default_rng([seed, 77])
    um_per_px = float(dice.uniform(4.8, 7.2))
    tone = int(dice.choice(TONES, p=TONE_SHARES))
    shares = np.full(len(PIGMENTS), (1.0 - BLACK_SHARE) / (len(PIGMENTS) - 1))
    shares[PIGMENTS.index("black")] = BLACK_SHARE
    hair = PIGMENTS[int(dice.choice(len(PIGMENTS), p=shares))]
    view = sample_view(seed, um_per_px=um_per_px, width_px=WIDTH_PX, height_px=HEIGHT_PX)
    view = replace(view, jpeg_quality=int(dice.integers(70, 97)))
    if dice.uniform() < 0.3:
        view = replace(view, clippings_per_cm2=float(dice.uniform(10, 60)))
    if dice.uniform() < 0.3:
        many = float(dice.uniform(0, 1500))
        view = replace(view, flakes_per_cm2=many if dice.uniform() < 0.2 else None)
    patch = sample_patch(
        seed,
        field_mm=view.field_mm,
        grain_um=um_per_px,
        tone=tone,
        hair=hair,
        units_per_cm2=float(dice.uniform(30, 115)),
        mean_um=float(dice.uniform(52, 98)),
        miniaturised=float(dice.beta(1.2, 3)),
    )
    return replace(patch, hairs=_varied(dice, patch.hairs)), view


def _varied(dice: np.random.Generator, hairs: Hairs) -> Hairs:
    """Fewer hairs that stick together, shorter or longer stubs, units that stand closer together or point together."""
    alone = dice.uniform(size=hairs.count) < (1.0 if dice.uniform() < 0.25 else float(dice.uniform(0.0, 0.7)))
    longer = float(np.exp(dice.normal(0, 0.3)))
    length = np.where(hairs.length_um > 0, hairs.length_um * longer, hairs.length_um)
    hairs = replace(hairs, mate=np.where(alone, -1, hairs.mate), length_um=length)
    near = float(dice.uniform(0.3, 1.0)) if dice.uniform() < 0.7 else 1.0
    members = np.maximum(np.bincount(hairs.unit), 1)
    middle = [(np.bincount(hairs.unit, at) / members)[hairs.unit] for at in (hairs.x_mm, hairs.y_mm)]
    x, y = (m + near * (at - m) for m, at in zip(middle, (hairs.x_mm, hairs.y_mm), strict=True))
    # Straight stubs of a unit that meet near their tips, or beyond them.
    meet_mm = np.exp(dice.uniform(np.log(0.2), np.log(1.2), members.size))[hairs.unit]
    flow = np.angle(
        np.bincount(hairs.unit, np.cos(hairs.direction_rad)) + 1j * np.bincount(hairs.unit, np.sin(hairs.direction_rad))
    )
    flow = flow[hairs.unit]
    towards = np.arctan2(middle[1] + meet_mm * np.sin(flow) - y, middle[0] + meet_mm * np.cos(flow) - x) + np.radians(
        dice.normal(0, 3, hairs.count)
    )
    meeting = (dice.uniform(size=members.size) < float(dice.choice([0.0, 0.2, 0.6, 0.9])))[hairs.unit]
    return replace(
        hairs,
        x_mm=x,
        y_mm=y,
        mate=np.where(meeting, -1, hairs.mate),
        direction_rad=np.where(meeting, towards, hairs.direction_rad),
    )


@contextmanager
def _other_roots(seed: int) -> Iterator[None]:
    """Roots that come out of the skin more or less gradually, and are seen through it more or less."""
    dice, usual = np.random.default_rng([seed, 78]), look.appearance
    table = dict(usual())
    for key, (low, high) in ROOTS.items():
        value = float(np.exp(dice.uniform(np.log(low), np.log(high))))
        table[key] = replace(table[key], value=value)
    look.appearance = lambda: table  # type: ignore[assignment]
    try:
        yield
    finally:
        look.appearance = usual


def main() -> None:
    """Draw what is missing in the folder."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--first", type=int, default=500_000)
    arguments.add_argument("--count", type=int, default=900)
    given = arguments.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    for seed in range(given.first, given.first + given.count):
        path = given.folder / f"{seed}.npz"
        if path.exists():
            continue
        with _other_roots(seed):
            drawn = draw_closeup(*scene(seed))
        truth = drawn.truth
        part = path.with_name(f"part-{path.name}")
        np.savez(
            part,
            image=drawn.image,
            um=drawn.um_per_px,
            root=truth.root_px.astype(np.float32),
            line=truth.polyline_px.astype(np.float32),
            width=truth.width_px.mean(axis=1).astype(np.float32),
            hidden=truth.hidden.astype(np.float32),
            contrast=truth.contrast.astype(np.float32),
        )
        part.rename(path)


if __name__ == "__main__":
    main()
