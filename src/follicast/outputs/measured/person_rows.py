"""A measured photograph as rows of a person file, which `follicast import --undo` takes back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Any

from follicast.measurement.photograph.file import PhotoFile
from follicast.measurement.photograph.measured import Measured
from follicast.measurement.photograph.shares import Part
from follicast.outputs.exchange.batches import Batch, import_into, undo
from follicast.people.person import Quantity
from follicast.people.rows import Row
from follicast.quantities import InputError
from follicast.version import VERSION

LEAST_DIAMETERS = 12
"""With fewer measured diameters no share and no mean goes into a person's file."""


def add_to_person(
    path: Path, photo: PhotoFile, result: Measured, site: str, day: date, known: Collection[str], today: date
) -> Batch:
    """Adds what was measured to a person file: densities, and the mean diameter, each with method and error.

    Args:
        path: the person file.
        photo: the photograph's file.
        result: what it showed.
        site: zone of the scalp.
        day: when it was taken.
        known: the therapy ids there are.
        today: the date that nothing may be after.

    Raises:
        InputError: the photograph has no scale, or the person file is wrong. Nothing is changed then.
    """
    if result.count.per_cm2 is None or result.count.area_mm2 is None:
        raise InputError("--person: without a scale there is no density to write; give --um-per-px or --bar-mm.")
    place = f"{photo.name}, measured with Follicast {VERSION}, sha256 {photo.sha256[:16]}"
    rows = [Row("measurements", place, block) for block in _blocks(result, site, day)]
    batch = import_into(path, rows, (), photo.sha256.encode(), known, today)
    if batch.rejects:
        if batch.id is not None:
            undo(path, batch.id)
        raise InputError(f"{path}: {batch.rejects[0].why}")
    return batch


def _blocks(result: Measured, site: str, day: date) -> list[dict[str, Any]]:
    count, shares = result.count, result.shares
    assert count.per_cm2 is not None
    assert count.area_mm2 is not None
    area = max(0.01, round(count.area_mm2 / 100.0, 4))

    def block(quantity: Quantity, value: float, unit: str, error: float, bound: float | None = None) -> dict[str, Any]:
        made: dict[str, Any] = {"site": site, "date": day, "quantity": quantity, "value": round(value, 1), "unit": unit}
        made |= {} if bound is None else {"threshold_um": bound}
        return made | {"area_cm2": area, "method": "trichoscopy", "sd": max(round(error, 1), 0.1)}

    density, error = count.per_cm2, count.per_cm2_se or 0.0
    made = [block("total_density", density, "hairs/cm2", error)]
    if shares is None or shares.measured < LEAST_DIAMETERS or shares.mean_um is None:
        return made
    thick = Part(1.0 - (shares.vellus.share or 0.0), shares.vellus.se)
    for quantity, part, bound in (
        ("nonvellus_density", thick, 30.0),
        ("terminal_density", shares.terminal, 60.0),
    ):
        share = part.share or 0.0
        spread = ((error * share) ** 2 + (density * (part.se or 0.0)) ** 2) ** 0.5
        made.append(block(quantity, density * share, "hairs/cm2", spread, bound))  # type: ignore[arg-type]
    made.append(block("mean_diameter", shares.mean_um, "um", max(shares.mean_um_se or 0.0, 1.0)))
    return made
