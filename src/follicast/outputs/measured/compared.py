"""Two photographs of one site compared: the answer as JSON, as lines for the terminal, and as a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from follicast.language import say
from follicast.measurement.photograph.fate import Alone
from follicast.measurement.photograph.file import PhotoFile
from follicast.measurement.photograph.growth import Growth, grown_between
from follicast.measurement.photograph.measured import Measured, Refused
from follicast.measurement.photograph.pair import Pairing
from follicast.measurement.photograph.sight import Sight
from follicast.measurement.photograph.tips import followed
from follicast.measurement.photograph.visits import Change, Difference, changed_between
from follicast.outputs.measured.pair_picture import change_picture, growth_picture
from follicast.outputs.measured.record import record_of
from follicast.outputs.measured.table import Z80
from follicast.outputs.wording import number, signed, width
from follicast.quantities import InputError

PAIR_PICTURE, VISIT_PICTURE = "pair.svg", "visits.svg"

Photo = tuple[PhotoFile, Measured | Refused]

CLIP = "The hair was clipped just before the first photograph and not again before the second."
PLANE = "Growth is that seen in the plane of the picture; a shaft that leaves the skin at an angle grows faster."
SCALES = "Both photographs have the scale that was given or read; what differs between them by focus is in the error."


def sight_of(measured: Measured, name: str) -> Sight:
    """A measured photograph, ready to be compared.

    Args:
        measured: the photograph.
        name: of the photograph, for messages.

    Raises:
        InputError: its scale is not known.
    """
    um = measured.scale.um_per_px
    if um is None:
        raise InputError(f"{name}: its scale is not known; two photographs are compared by --um-per-px or --bar-mm.")
    return Sight(measured.image, um, measured.hairs, measured.diameter_um, measured.hidden)


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of two photographs: the fields for the JSON, the lines for the terminal, and files by name."""

    record: dict[str, Any]
    lines: list[str]
    files: dict[str, bytes]


def compare_pair(first: Photo, second: Photo, days: float) -> Compared:
    """Growth between two photographs a few days apart.

    Args:
        first: the file and what was measured in it, just after the clip.
        second: likewise, days later.
        days: between them.

    Raises:
        InputError: they cannot be compared; the sentence says why.
    """
    one, two = (followed(sight) for sight in _sights(first, second))
    growth = grown_between(one, two, days)
    names = first[0].name, second[0].name
    record = {"pair": {"photograph": record_of(*second), **growth_record(growth)}}
    return Compared(record, growth_lines(growth, names), {PAIR_PICTURE: growth_picture(growth)})


def compare_visits(earlier: Photo, later: Photo) -> Compared:
    """Change between two visits months apart.

    Args:
        earlier: the file of the earlier visit and what was measured in it.
        later: likewise of the later visit.

    Raises:
        InputError: they cannot be compared; the sentence says why.
    """
    change = changed_between(*_sights(earlier, later))
    names = earlier[0].name, later[0].name
    record = {"visit": {"photograph": record_of(*earlier), **change_record(change)}}
    return Compared(record, change_lines(change, names), {VISIT_PICTURE: change_picture(change)})


def _sights(first: Photo, second: Photo) -> tuple[Sight, Sight]:
    one, two = (_sight(*photo) for photo in (first, second))
    return one, two


def _sight(photo: PhotoFile, result: Measured | Refused) -> Sight:
    if isinstance(result, Refused):
        raise InputError(f"{photo.name}: is not measured, so nothing is compared: {' '.join(result.quality.reasons)}")
    return sight_of(result, photo.name)


def growth_record(growth: Growth) -> dict[str, Any]:
    """What a pair showed, for the JSON of the later photograph; rows are numbers of hairs in the two photographs."""
    pairing = growth.pairing
    hairs = [
        {
            "first": int(pairing.first[row]),
            "second": int(pairing.second[row]),
            "um_per_day": _rounded(rate, 1),
            "anagen": _rounded(anagen, 3),
        }
        for row, rate, anagen in zip(growth.rows, growth.um_per_day, growth.anagen, strict=True)
    ]
    return {
        "days": growth.days,
        "anagen_share": _rounded(growth.share, 3),
        "anagen_share_low": _rounded(growth.share_low, 3),
        "anagen_share_high": _rounded(growth.share_high, 3),
        "undecided_share": _rounded(growth.undecided, 3),
        "growth_um_per_day": _rounded(growth.mean_um_per_day, 1),
        "growth_se_um_per_day": _rounded(growth.mean_error_um_per_day, 1),
        "growth_error_per_hair_um_per_day": _rounded(growth.error_um_per_day, 1),
        "hairs": _rounded(growth.hairs, 1),
        "shed": _rounded(growth.shed, 1),
        "emerged": _rounded(growth.emerged, 1),
        "assumes": [say(CLIP), say(PLANE)],
        "matched": hairs,
        **_pairing_record(pairing),
    }


def change_record(change: Change) -> dict[str, Any]:
    """What changed between visits, for the JSON of the later photograph."""
    return {
        "hairs": _difference_record(change.hairs, 1),
        "density_per_cm2": _difference_record(change.per_cm2, 1),
        "thickness_mm_per_cm2": None if change.thickness is None else _difference_record(change.thickness, 3),
        "lost": _rounded(change.lost, 1),
        "new": _rounded(change.new, 1),
        "assumes": [say(SCALES)],
        **_pairing_record(change.pairing),
    }


def _pairing_record(pairing: Pairing) -> dict[str, Any]:
    found = pairing.alignment
    return {
        "area_mm2": _rounded(pairing.area_mm2, 2),
        "share_of_first_field": _rounded(pairing.share_of_first, 3),
        "pairs": int(pairing.common.sum()),
        "only_in_first": _alone_record(pairing.lost),
        "only_in_second": _alone_record(pairing.new),
        "alignment": {
            "turn_deg": _rounded(found.turn_deg, 2),
            "scale": _rounded(found.scale, 4),
            "root_error_um": _rounded(found.error_um, 1),
            "roots_found": found.found,
            "roots_possible": found.possible,
            "log10_chance": _rounded(found.log10_chance, 1),
        },
    }


def _alone_record(alone: Alone) -> list[dict[str, Any]]:
    return [
        {"hair": int(row), "gone": _rounded(gone, 3), "overlooked": _rounded(seen, 3), "false": _rounded(false, 3)}
        for row, gone, seen, false in zip(alone.rows, alone.gone, alone.overlooked, alone.false, strict=True)
    ]


def _difference_record(found: Difference, digits: int) -> dict[str, float | None]:
    return {
        "before": _rounded(found.before, digits),
        "after": _rounded(found.after, digits),
        "change": _rounded(found.change, digits),
        "low": _rounded(found.low, digits),
        "high": _rounded(found.high, digits),
        "smallest_detectable": _rounded(found.detectable, digits),
    }


def _rounded(value: float | npt.NDArray[np.float64], digits: int) -> float | None:
    return round(float(value), digits) if np.isfinite(value) else None


def growth_lines(growth: Growth, names: tuple[str, str]) -> list[str]:
    """The pair in words for the terminal; `names` are those of the two photographs."""
    share = [number(v, "share") for v in (growth.share, growth.share_low, growth.share_high)]
    rows = [
        (say("Hairs compared"), say("{n} of the first photograph", n=number(growth.hairs))),
        (say("In anagen"), say("{value} %, {low} to {high}", value=share[0], low=share[1], high=share[2])),
        (say("Undecided"), say("{share} %", share=number(growth.undecided, "share"))),
        (
            say("Growth"),
            say(
                "{mean} µm a day ± {error}, in the plane of the picture",
                mean=number(growth.mean_um_per_day),
                error=number(Z80 * growth.mean_error_um_per_day),
            ),
        ),
        (say("Shed and new"), say("{shed} and {new}", shed=number(growth.shed), new=number(growth.emerged))),
        (say("Assumed"), say(CLIP)),
    ]
    days = number(growth.days) if growth.days == round(growth.days) else f"{growth.days:.1f}"
    head = say("{first} and {second}, {days} days later", first=names[0], second=names[1], days=days)
    return [head, *_aligned(rows)]


def _aligned(rows: list[tuple[str, str]]) -> list[str]:
    wide = max(width(name) for name, _ in rows)
    return [f"  {name}{' ' * (wide - width(name))}  {value}" for name, value in rows]


def change_lines(change: Change, names: tuple[str, str]) -> list[str]:
    """The change between visits in words for the terminal; `names` are those of the two photographs."""
    lines = [
        (
            say("Same skin"),
            say(
                "{area} mm², {share} % of the earlier field",
                area=f"{change.area_mm2:.1f}",
                share=number(change.share_of_earlier, "share"),
            ),
        ),
        (say("Hairs"), _difference_words(change.hairs, 0)),
        (say("Hairs per cm²"), _difference_words(change.per_cm2, 0)),
    ]
    if change.thickness is not None:
        lines.append((say("Thickness, mm per cm²"), _difference_words(change.thickness, 2)))
    lines.append((say("Lost and new"), say("{lost} and {new}", lost=number(change.lost), new=number(change.new))))
    head = say("From {first} to {second}", first=names[0], second=names[1])
    return [head, *_aligned(lines)]


def _difference_words(found: Difference, digits: int) -> str:
    before, after, least = (f"{v:.{digits}f}" for v in (found.before, found.after, found.detectable))
    change, low, high = (_signed(v, digits) for v in (found.change, found.low, found.high))
    return say(
        "{before} → {after}: {change} ({low} to {high}); less than {least} cannot be told from none",
        before=before,
        after=after,
        change=change,
        low=low,
        high=high,
        least=least,
    )


def _signed(value: float, digits: int) -> str:
    if digits == 0:
        return signed(value)
    text = f"{value:+.{digits}f}".replace("-", "−")
    return text if float(f"{value:.{digits}f}") else f"{0:.{digits}f}"
