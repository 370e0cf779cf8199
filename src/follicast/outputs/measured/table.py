"""What a measured photograph says on the terminal: the answer first, each number with its interval."""

from __future__ import annotations

from pathlib import Path

from follicast.language import say
from follicast.measurement.photograph.file import PhotoFile
from follicast.measurement.photograph.measured import Measured, Refused
from follicast.measurement.photograph.shares import Part, Shares
from follicast.outputs.wording import width

Z80 = 1.2816


def lines_of(photo: PhotoFile, result: Measured | Refused, overlay: Path | None) -> list[str]:
    """The lines about one photograph.

    Args:
        photo: the file.
        result: what came of it.
        overlay: where the picture to check is; None = none was written.
    """
    if isinstance(result, Refused):
        return [
            say("{file} is not measured, and is left as it is.", file=photo.name),
            *(f"  {reason}" for reason in result.quality.reasons),
        ]
    count = result.count
    hairs = say("{value}, {low} to {high}", **_range(count.hairs, count.hairs_se, 0))
    rows = [(say("Hairs counted"), hairs)]
    if count.per_cm2 is not None and count.area_mm2 is not None:
        density = say("{value}, {low} to {high}", **_range(count.per_cm2, count.per_cm2_se or 0.0, 0))
        rows.insert(0, (say("Hairs per cm²"), density))
        rows.append((say("Area read"), f"{count.area_mm2:.1f} mm²"))
    rows.append((say("Units"), _units(result)))
    if result.shares is not None:
        rows += _thickness(result.shares)
    rows.append((say("Scale"), say("not known") if result.scale.um_per_px is None else result.scale.how))
    if result.added.any() or result.removed:
        put_right = say("{added} added, {removed} removed", added=int(result.added.sum()), removed=result.removed)
        rows.append((say("Corrected by hand"), put_right))
    if overlay is not None:
        rows.append((say("Check it"), str(overlay)))
    wide = max(width(name) for name, _ in rows)
    head = say("{file}: value, and 80 % interval.", file=photo.name)
    return [head, *(f"  {name}{' ' * (wide - width(name))}  {value}" for name, value in rows)]


def _units(result: Measured) -> str:
    count = result.count
    each = "-" if count.hairs_per_unit is None else f"{count.hairs_per_unit:.1f}"
    if count.units_per_cm2 is None:
        return say("{units}, {each} hairs each", units=count.units, each=each)
    per = f"{count.units_per_cm2:.0f}"
    return say("{units} ({per} per cm²), {each} hairs each", units=count.units, per=per, each=each)


def _thickness(shares: Shares) -> list[tuple[str, str]]:
    if shares.mean_um is None:
        return [(say("Diameter"), say("too few could be measured"))]
    mean = say(
        "{value} µm, {low} to {high}, of {count} hairs",
        count=shares.measured,
        **_range(shares.mean_um, shares.mean_um_se or 0.0, 1),
    )
    parts = (
        (say("Thinner than 30 µm, of the hairs found"), shares.vellus),
        (say("30 to 60 µm"), shares.intermediate),
        (say("60 µm and more"), shares.terminal),
        *((say("{um} µm and more", um=f"{bound:g}"), part) for bound, part in sorted(shares.over.items())),
    )
    rows = [(say("Mean diameter"), mean), *((name, _percent(part)) for name, part in parts)]
    if shares.thickness_mm_per_cm2 is not None:
        sum_of = say(
            "{value} mm/cm², {low} to {high}", **_range(shares.thickness_mm_per_cm2, shares.thickness_se or 0.0, 1)
        )
        rows.append((say("Cumulative thickness"), sum_of))
    rows.append((say("Note"), say("most hairs thinner than 30 µm are missed; no share of them here rules them out")))
    return rows


def _percent(part: Part) -> str:
    if part.share is None:
        return "-"
    share, reach = 100.0 * part.share, 100.0 * Z80 * (part.se or 0.0)
    low, high = f"{max(share - reach, 0.0):.0f}", f"{min(share + reach, 100.0):.0f}"
    return say("{value} %, {low} to {high}", value=f"{share:.0f}", low=low, high=high)


def _range(value: float, error: float, digits: int) -> dict[str, str]:
    low, high = max(value - Z80 * error, 0.0), value + Z80 * error
    return {"value": f"{value:.{digits}f}", "low": f"{low:.{digits}f}", "high": f"{high:.{digits}f}"}
