"""A patch of scalp hair by hair, as photographs of it will be judged.

A patch is made once (`sample_patch` from distributions, `patch_from_hairs` from follicles of the simulator) and then
lives: `later` lets days pass, `revisited` months with a new clip. A hair keeps its row and `ident` all the time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.biology.follicle import ANAGEN, KENOGEN, TELOGEN
from follicast.measurement.drawing.dice import Dice
from follicast.measurement.drawing.hairs import (
    PIGMENTS,
    Hairs,
    Pigment,
    clipped,
    diameters,
    grown,
    growth_of,
    long_lengths,
)
from follicast.measurement.drawing.layout import lay_out
from follicast.quantities import InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

TONES: Final = (1, 2, 3, 4, 5, 6)
# Skin kept round the field, mm: hairs that reach into it, and room to put the probe back not quite at the same place.
MARGIN_MM: Final = 0.8


@dataclass(frozen=True, slots=True)
class Patch:
    """A patch of scalp, field and margin round it.

    Attributes:
        seed: of everything about it that stays: skin, vessels, hairs.
        tone: skin tone, 1 (lightest) to 6, in the order of Fitzpatrick.
        pigment: what the hair is called.
        width_mm: of the patch with its margin.
        height_mm: likewise.
        grain_um: fineness at which its skin is worked out.
        units_mm: places of its follicular units [unit, (x, y)].
        flow_rad: mean direction of its hair.
        hairs: its follicles.
        day: days since it was first photographed.
        clips: how often it has been clipped since then.
    """

    seed: int
    tone: int
    pigment: Pigment
    width_mm: float
    height_mm: float
    grain_um: float
    units_mm: Floats
    flow_rad: float
    hairs: Hairs
    day: float = 0.0
    clips: int = 0

    @property
    def units_per_cm2(self) -> float:
        """Density of the follicular units, empty ones included."""
        return 100.0 * len(self.units_mm) / (self.width_mm * self.height_mm)


def sample_patch(
    seed: int,
    *,
    field_mm: tuple[float, float] = (7.13, 5.7),
    grain_um: float = 5.57,
    tone: int | None = None,
    hair: Pigment | None = None,
    units_per_cm2: float | None = None,
    mean_um: float | None = None,
    miniaturised: float | None = None,
    shaven: bool = True,
) -> Patch:
    """A patch of some scalp, its hairs drawn from parameters.toml and appearance.toml.

    Args:
        seed: of the patch; the same seed and arguments make the same patch.
        field_mm: width and height of the field that will be photographed.
        grain_um: fineness of the skin, best the um per px of the photograph.
        tone: skin tone 1 to 6; None draws one.
        hair: colour of the hair; None draws one.
        units_per_cm2: density of follicular units; None draws one.
        mean_um: mean diameter of its terminal hairs; None draws one.
        miniaturised: share of its terminal hairs that are miniaturised; None draws one.
        shaven: clipped short a day or two ago, or long.

    Raises:
        InputError: an argument is outside its range.
    """
    dice = Dice(seed, "person")
    tone = int(dice.stream.integers(1, 7)) if tone is None else tone
    hair = PIGMENTS[int(dice.stream.integers(len(PIGMENTS)))] if hair is None else hair
    _check(tone, hair, field_mm, grain_um)
    size = field_mm[0] + 2.0 * MARGIN_MM, field_mm[1] + 2.0 * MARGIN_MM
    layout = lay_out(seed, size, units_per_cm2 or dice.of("unit.density"))
    n = layout.unit.size
    diameter = diameters(seed, layout.rank, mean_um, miniaturised)
    roll = Dice(seed, "cycle")
    resting = roll.stream.uniform(size=n) < roll.of("phase.telogen_share")
    phase = np.where(resting, TELOGEN, ANAGEN).astype(np.int8)
    growth = growth_of(roll, diameter)
    shed = np.where(resting, roll.many("phase.shed_days", n), np.inf)
    empty = roll.stream.uniform(size=n) < roll.of("phase.empty_share")
    length = clipped(seed, 0, growth * ~resting) if shaven else long_lengths(seed, n)
    length = np.where(empty, -growth * roll.many("phase.emerge_days", n), length)
    state = (np.where(empty, ANAGEN, phase).astype(np.int8), growth, np.where(empty, np.inf, shed), length, empty)
    made = grown(seed, layout, np.arange(n), diameter, state, hair, shaven=shaven)
    return Patch(seed, tone, hair, *size, grain_um, layout.units_mm, layout.flow_rad, made)


def patch_from_hairs(
    seed: int,
    diameter_um: Floats,
    phase: npt.NDArray[np.int8],
    growth_um_per_day: Floats,
    unit: Ints,
    *,
    units_per_cm2: float,
    field_mm: tuple[float, float] = (7.13, 5.7),
    grain_um: float = 5.57,
    tone: int = 3,
    hair: Pigment = "black",
) -> Patch:
    """A patch that shows follicles of the simulator at one moment of their course, clipped the day before.

    The same seed and the same units give every follicle the same place, so that two moments of one course are two
    visits to one spot. Units beyond those that the patch holds are left out; `ident` says which rows it shows.

    Args:
        seed: of the patch.
        diameter_um: [follicle], 0 where no shaft is out (`Course.diameter_um` of one day).
        phase: [follicle], as in `biology.follicle`.
        growth_um_per_day: [follicle], while in anagen.
        unit: [follicle], number of its follicular unit (`biology.scalp.follicular_units`), ascending.
        units_per_cm2: their density on the scalp.
        field_mm: width and height of the field that will be photographed.
        grain_um: fineness of the skin, best the um per px of the photograph.
        tone: skin tone 1 to 6.
        hair: colour of the hair.

    Raises:
        InputError: an argument is outside its range, or there are fewer units than the patch holds.
    """
    _check(tone, hair, field_mm, grain_um)
    size = field_mm[0] + 2.0 * MARGIN_MM, field_mm[1] + 2.0 * MARGIN_MM
    layout = lay_out(seed, size, units_per_cm2, unit)
    rows = np.arange(layout.unit.size)
    um = np.asarray(diameter_um, np.float64)[rows]
    kind = np.asarray(phase, np.int8)[rows]
    growth = np.asarray(growth_um_per_day, np.float64)[rows]
    roll = Dice(seed, "cycle")
    shed = np.where(kind == TELOGEN, roll.many("phase.shed_days", rows.size), np.inf)
    empty = um <= 0.0
    length = np.where(
        empty, -growth * roll.many("phase.emerge_days", rows.size), clipped(seed, 0, growth * (kind == ANAGEN))
    )
    made = grown(seed, layout, rows, np.where(empty, 20.0, um), (kind, growth, shed, length, empty), hair, shaven=True)
    return Patch(seed, tone, hair, *size, grain_um, layout.units_mm, layout.flow_rad, made)


def later(patch: Patch, days: float) -> Patch:
    """The same patch some days on: anagen hairs have grown, some telogen hairs are gone, new ones are out.

    Raises:
        InputError: days is negative.
    """
    if not days >= 0.0:
        raise InputError(f"days: found {days:g}; allowed: 0 or more")
    hairs = patch.hairs
    growing = hairs.phase == ANAGEN
    length = hairs.length_um + np.where(growing, hairs.growth_um_per_day * days, 0.0)
    shed = hairs.shed_in_days <= days
    moved = replace(
        hairs,
        length_um=np.where(shed, 0.0, length),
        phase=np.where(shed, KENOGEN, hairs.phase).astype(np.int8),
        shed_in_days=np.where(shed, np.inf, hairs.shed_in_days - days),
        dyed_from_um=hairs.dyed_from_um + np.where(growing, hairs.growth_um_per_day * days, 0.0),
    )
    return replace(patch, hairs=moved, day=patch.day + days)


def revisited(patch: Patch, days: float, *, lost: float = 0.02, gained: float = 0.02, thinner: float = 0.0) -> Patch:
    """The same patch months on and clipped anew: phases dealt again, some hairs lost for good, some back.

    Args:
        patch: at the earlier visit.
        days: between the visits.
        lost: share of the follicles with a hair that have none now.
        gained: share of the follicles with a hair, of which there are as many more now, as far as follicles were empty.
        thinner: mean fall of the log diameter of the hairs that stay.

    Raises:
        InputError: a share is outside 0 to 1, or days is negative.
    """
    if not (0.0 <= lost <= 1.0 and 0.0 <= gained <= 1.0 and days >= 0.0):
        raise InputError(
            f"visit: found lost {lost:g}, gained {gained:g}, days {days:g}; allowed: shares 0 to 1, days 0 or more"
        )
    hairs, n, clips = patch.hairs, patch.hairs.count, patch.clips + 1
    roll = Dice(patch.seed, "visit", clips)
    had = hairs.out
    order = roll.stream.permutation(n)
    gone = np.isin(np.arange(n), order[had[order]][: round(lost * had.sum())])
    back = np.isin(np.arange(n), order[~had[order]][: round(gained * had.sum())])
    out = (had & ~gone) | back
    resting = roll.stream.uniform(size=n) < np.mean(hairs.phase[had] == TELOGEN)
    growing = out & ~resting
    length = np.where(out, clipped(patch.seed, clips, hairs.growth_um_per_day * growing), -np.inf)
    changed = replace(
        hairs,
        diameter_um=hairs.diameter_um * math.exp(-thinner),
        length_um=length,
        phase=np.where(out, np.where(resting, TELOGEN, ANAGEN), KENOGEN).astype(np.int8),
        shed_in_days=np.where(out & resting, roll.many("phase.shed_days", n), np.inf),
        cut_rad=np.radians(roll.many("clip.cut_angle", n)),
        tapered=np.zeros(n, np.bool_),
    )
    return replace(patch, hairs=changed, day=patch.day + days, clips=clips)


def _check(tone: int, hair: str, field_mm: tuple[float, float], grain_um: float) -> None:
    if tone not in TONES:
        raise InputError(f"skin tone: found {tone}; allowed: 1 to 6")
    if hair not in PIGMENTS:
        raise InputError(f"hair: found {hair!r}; allowed: {', '.join(PIGMENTS)}")
    if not all(0.5 <= side <= 30.0 for side in field_mm):
        raise InputError(f"field: found {field_mm[0]:g} x {field_mm[1]:g} mm; allowed: 0.5 to 30 mm a side")
    if not 1.0 <= grain_um <= 20.0:
        raise InputError(f"um per px: found {grain_um:g}; allowed: 1 to 20")
