"""The hairs of a patch: what each one is, and how they are drawn from what is known of hair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
import numpy.typing as npt

from follicast.knowledge.appearance import usual
from follicast.knowledge.load import parameters
from follicast.measurement.drawing.dice import Dice
from follicast.measurement.drawing.layout import Layout

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Pigment = Literal["black", "brown", "blond", "red", "grey", "white", "dyed"]

PIGMENTS: Final = get_args(Pigment)
# Classes by diameter in um: below the first vellus, from the second on terminal.
CLASS_BOUNDS_UM: Final = (30.0, 60.0)
CLASSES: Final = ("vellus", "intermediate", "terminal")


@dataclass(frozen=True, slots=True)
class Hairs:
    """The follicles of a patch, arrays [hair]; `length_um` at or below 0 means that no hair is out.

    Attributes:
        ident: number of the follicle, the same in every photograph of the patch.
        unit: number of its follicular unit.
        x_mm: place of the root in the patch, to the right.
        y_mm: the same, downwards.
        direction_rad: direction in which it points, in the patch (0 right, pi / 2 down).
        exit_rad: angle between shaft and skin.
        curvature_per_mm: turn of the direction along the shaft, rad/mm.
        diameter_um: diameter of the shaft.
        length_um: length out of the skin; negative: still to grow before it comes out.
        phase: as in `biology.follicle`.
        growth_um_per_day: growth while in anagen.
        shed_in_days: days until a telogen hair falls; inf for others.
        eumelanin: concentration, in the unit of appearance.toml.
        pheomelanin: likewise.
        dyed_from_um: distance from the root from which the shaft is dyed; inf where it is not.
        medulla: light sent back by the medulla, 0 for none.
        tapered: never cut since it came out, so that it ends in a point.
        mate: row of the hair it sticks to, -1 for none.
        side: on which side of it (the sign) and how far: 1 side by side, less lying partly over it.
        join_um: distance from the root at which the two have come together.
        split_um: distance from the root at which they part.
        split_rad: angle at which they part.
        cut_rad: slant of the cut end against the square.
    """

    ident: Ints
    unit: Ints
    x_mm: Floats
    y_mm: Floats
    direction_rad: Floats
    exit_rad: Floats
    curvature_per_mm: Floats
    diameter_um: Floats
    length_um: Floats
    phase: npt.NDArray[np.int8]
    growth_um_per_day: Floats
    shed_in_days: Floats
    eumelanin: Floats
    pheomelanin: Floats
    dyed_from_um: Floats
    medulla: Floats
    tapered: npt.NDArray[np.bool_]
    mate: Ints
    side: Floats
    join_um: Floats
    split_um: Floats
    split_rad: Floats
    cut_rad: Floats

    @property
    def count(self) -> int:
        """Number of follicles, those without a hair included."""
        return int(self.ident.size)

    @property
    def out(self) -> npt.NDArray[np.bool_]:
        """Which follicles have a hair out of the skin."""
        return np.asarray(self.length_um > 0.0)

    @property
    def kind(self) -> Ints:
        """Class by diameter: index into `CLASSES`."""
        return np.searchsorted(np.array(CLASS_BOUNDS_UM), self.diameter_um, side="right").astype(np.int64)


def diameters(seed: int, rank: Ints, mean_um: float | None, miniaturised: float | None) -> Floats:
    """Diameters of a person's hairs: terminal, miniaturised and vellus by nature."""
    dice, known, n = Dice(seed, "diameters"), parameters(), rank.size
    mean, share = dice.of("shaft.mean_um"), dice.of("shaft.miniaturised_share")
    mean, share = mean if mean_um is None else mean_um, share if miniaturised is None else miniaturised
    healthy = mean * np.exp(known["diameter.follicle_sd_log"].value * dice.stream.standard_normal(n))
    # Secondaries of a unit miniaturise before its primary.
    small = dice.stream.uniform(size=n) < share * np.where(rank > 0, 1.2, 0.8)
    shrunk = np.where(small, healthy * dice.many("shaft.miniaturised_factor", n), healthy)
    vellus = dice.stream.uniform(size=n) < known["vellus.share"].value
    fine = known["vellus.diameter"].value * np.exp(0.2 * dice.stream.standard_normal(n))
    return np.clip(np.where(vellus, fine, shrunk), 12.0, 140.0)


def growth_of(dice: Dice, diameter_um: Floats) -> Floats:
    """Growth in um a day of hairs of these diameters, while in anagen."""
    known = parameters()
    usual_mm = known["growth.intercept"].value + known["growth.slope"].value * diameter_um
    own = np.exp(usual("growth.hair_sd_log") * dice.stream.standard_normal(diameter_um.size))
    return 1000.0 * usual_mm * own


def clipped(seed: int, clip: int, growing_um_per_day: Floats) -> Floats:
    """Lengths after a clip and the growth since, by the number of the clip."""
    dice, n = Dice(seed, "clip", clip), growing_um_per_day.size
    left = dice.of("clip.length_um") * np.exp(usual("clip.hair_sd_log") * dice.stream.standard_normal(n))
    return left + growing_um_per_day * dice.of("clip.days_since")


def long_lengths(seed: int, n: int) -> Floats:
    """Lengths in um of hair that is not clipped."""
    return 1000.0 * Dice(seed, "long").many("long.length_mm", n)


def grown(
    seed: int,
    layout: Layout,
    ident: Ints,
    diameter: Floats,
    state: tuple[npt.NDArray[np.int8], Floats, Floats, Floats, npt.NDArray[np.bool_]],
    hair: Pigment,
    *,
    shaven: bool,
) -> Hairs:
    """Hairs with everything that belongs to one: shape, colour, end.

    Args:
        seed: of the patch.
        layout: where they stand.
        ident: their numbers.
        diameter: in um.
        state: phase, growth (um a day), days to shedding, length out of the skin (um), and which have never been cut.
        hair: what their colour is called.
        shaven: clipped short, or long.
    """
    n = ident.size
    phase, growth, shed, length, tapered = state
    dice = Dice(seed, "shapes")
    bend = dice.many("curvature.per_mm" if shaven else "curvature.long_per_mm", n)
    eumelanin, pheomelanin, dyed_from = _pigments(seed, hair, diameter)
    has_medulla = (dice.stream.uniform(size=n) < usual("hair.medulla_share")) & (diameter >= CLASS_BOUNDS_UM[1])
    return Hairs(
        ident=ident,
        unit=layout.unit,
        x_mm=layout.x_mm,
        y_mm=layout.y_mm,
        direction_rad=layout.direction_rad,
        exit_rad=layout.exit_rad,
        curvature_per_mm=bend * np.where(dice.stream.uniform(size=n) < 0.5, -1.0, 1.0),
        diameter_um=diameter,
        length_um=length,
        phase=phase,
        growth_um_per_day=growth,
        shed_in_days=shed,
        eumelanin=eumelanin,
        pheomelanin=pheomelanin,
        dyed_from_um=dyed_from,
        medulla=np.where(has_medulla, dice.many("hair.medulla", n), 0.0),
        tapered=tapered,
        mate=layout.mate if shaven else np.full(n, -1),
        side=layout.side,
        join_um=dice.many("adhere.join_um", n),
        split_um=dice.many("adhere.split_um", n),
        split_rad=np.radians(dice.many("adhere.split_angle", n)),
        cut_rad=np.radians(dice.many("clip.cut_angle", n)),
    )


def _pigments(seed: int, hair: Pigment, diameter: Floats) -> tuple[Floats, Floats, Floats]:
    """Eumelanin, pheomelanin and where the dye begins, by hair."""
    dice, n = Dice(seed, "pigments"), diameter.size
    dark, white = (
        (dice.of(f"hair.{name}.eumelanin"), dice.of(f"hair.{name}.pheomelanin"))
        for name in ("black" if hair in ("grey", "dyed") else hair, "white")
    )
    turned = np.full(n, hair == "white")
    if hair in ("grey", "dyed"):
        turned = dice.stream.uniform(size=n) < dice.of("hair.white_share")
    own = np.exp(usual("hair.colour_sd_log") * dice.stream.standard_normal(n))
    own *= np.minimum(1.0, diameter / (2.0 * usual("hair.usual_radius_um"))) ** usual("hair.thin_exponent")
    dyed_from = np.full(n, dice.of("hair.dyed_root_um") if hair == "dyed" else np.inf)
    return np.where(turned, white[0], dark[0]) * own, np.where(turned, white[1], dark[1]) * own, dyed_from
