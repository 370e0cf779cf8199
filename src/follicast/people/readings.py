"""Measurement blocks of a person file: unit conversion, plausible ranges, and readings that cannot both be right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import get_args

from follicast.people.person import DENSITIES, Measurement, Method, Quantity, Transplant
from follicast.people.table import Table, Window
from follicast.quantities import DAYS_PER_YEAR, ZONES, Cm2, Micrometre

KEYS = tuple(
    "site date quantity value unit field field_area_cm2 threshold_um area_cm2 method sd matched_site confirmed".split()
)
CM2_PER_INCH2 = 2.54**2
INCH_CIRCLE_CM2 = 5.07
PUNCH_CM2 = 0.126
"""Area of the usual 4 mm biopsy punch."""
TRIAL_AREA_CM2 = 1.0
FIELD_AREAS_CM2 = (0.25, 0.5, 0.65, 0.7, 0.9)
"""Fields that dermatoscopes and phototrichogram software usually count."""

DENSITY_UNITS = {"hairs/cm2": 1.0, "hairs/inch2": 1.0 / CM2_PER_INCH2}
FACTORS: dict[Quantity, dict[str, float]] = {
    "total_density": DENSITY_UNITS,
    "nonvellus_density": DENSITY_UNITS,
    "terminal_density": DENSITY_UNITS,
    "mean_diameter": {"um": 1.0, "mm": 1000.0},
    "anagen_share": {"fraction": 1.0, "percent": 0.01},
    "shed_per_day": {"hairs/day": 1.0},
}
RANGES: dict[Quantity, tuple[float, float]] = {
    "total_density": (0.0, 450.0),
    "nonvellus_density": (0.0, 450.0),
    "terminal_density": (0.0, 450.0),
    "mean_diameter": (5.0, 150.0),
    "anagen_share": (0.0, 1.0),
    "shed_per_day": (0.0, 2000.0),
}
THRESHOLDS_UM: dict[Quantity, tuple[Micrometre, ...]] = {
    "nonvellus_density": (30.0, 40.0),
    "terminal_density": (60.0, 40.0, 30.0),
    "mean_diameter": (30.0, 40.0),
}
"""Thinnest hair counted; for a density the first one is the default."""

JUMP_RATIO = 2.5
JUMP_PER_CM2 = 30.0
JUMP_YEARS = 5.0
NESTING_RATIO = 1.25
NEAR_RATIO = 1.35


def read_measurement(block: Table, window: Window) -> Measurement:
    """One [[measurements]] block in canonical units.

    Raises:
        InputError: a key is missing, of the wrong type, or outside its range; a unit does not fit its quantity.
    """
    quantity = block.required_word("quantity", get_args(Quantity))
    area, factor = _scale(block, quantity)
    return Measurement(
        date=block.required_date("date", window),
        zone=_site(block, quantity),
        quantity=quantity,
        value=_value(block, quantity, factor),
        threshold_um=_threshold(block, quantity),
        area_cm2=area,
        method=block.word("method", get_args(Method)),
        sd=_standard_error(block, quantity, factor),
        matched_site=block.flag("matched_site") or False,
    )


def _site(block: Table, quantity: Quantity) -> str | None:
    if quantity == "shed_per_day":
        if block.has("site"):
            block.refuse("site", "does not apply: hairs shed a day are of the whole scalp; leave it out")
        return None
    return block.required_word("site", ZONES)


def _scale(block: Table, quantity: Quantity) -> tuple[Cm2, float]:
    """The area read, and what the file's number is multiplied by to be canonical."""
    units = [*FACTORS[quantity], "hairs/field"] if quantity in DENSITIES else list(FACTORS[quantity])
    block.need("unit", " or ".join(units))
    unit = block.data["unit"]
    if not isinstance(unit, str) or unit not in units:
        block.refuse("unit", f"is not a unit of {quantity}, which takes {' or '.join(units)}")
    area = block.number("area_cm2", 0.01, 20.0, "cm2")
    if unit != "hairs/field":
        for key in ("field", "field_area_cm2"):
            if block.has(key):
                block.refuse(key, 'belongs to unit = "hairs/field" only; the area read is area_cm2')
        usual = PUNCH_CM2 if block.data.get("method") == "biopsy" else TRIAL_AREA_CM2
        return (usual if area is None else area), FACTORS[quantity][unit]
    if area is not None:
        block.refuse("area_cm2", "is not needed with hairs/field, where field_area_cm2 is the area read; leave it out")
    named, field_area = block.word("field", ("inch-circle",)), block.number("field_area_cm2", 0.01, 20.0, "cm2")
    if (named is None) == (field_area is None):
        block.refuse(
            "field_area_cm2",
            'is missing; unit = "hairs/field" needs field_area_cm2 or field = "inch-circle", one of them',
        )
    field_area = INCH_CIRCLE_CM2 if field_area is None else field_area
    return field_area, 1.0 / field_area


def _value(block: Table, quantity: Quantity, factor: float) -> float:
    unit = block.data["unit"]
    low, high = RANGES[quantity]
    canonical = f"{low / factor:g} to {high / factor:g} {unit}"
    number = block.required_number("value", f"what was read, {canonical}", -math.inf, math.inf)
    if not low <= number * factor <= high:
        fits = [
            other
            for other, scale in FACTORS[quantity].items()
            if other != unit and number > 0 and low <= number * scale <= high
        ]
        hint = f'; did you mean unit = "{fits[0]}"?' if fits else ""
        block.refuse("value", f"{unit} is outside what is allowed, {canonical} for {quantity}{hint}")
    if unit == "percent" and 0 < number <= 1 and not block.flag("confirmed"):
        block.refuse(
            "value",
            'percent is implausibly low; did you mean unit = "fraction" (if it is right, add confirmed = true)?',
        )
    return number * factor


def _threshold(block: Table, quantity: Quantity) -> Micrometre | None:
    allowed = THRESHOLDS_UM.get(quantity, ())
    threshold = block.number("threshold_um", -math.inf, math.inf)
    if threshold is None:
        return allowed[0] if quantity in DENSITIES and allowed else None
    if not allowed:
        block.refuse("threshold_um", f"does not apply to {quantity}; leave it out")
    if threshold not in allowed:
        choice = " or ".join(f"{micrometres:g}" for micrometres in sorted(allowed))
        block.refuse("threshold_um", f"um is not a threshold that is modelled for {quantity}; allowed are {choice}")
    return threshold


def _standard_error(block: Table, quantity: Quantity, factor: float) -> float | None:
    high = RANGES[quantity][1] / factor
    error = block.number("sd", 0.0, high, block.data["unit"])
    if error == 0:
        block.refuse("sd", "must be above 0; leave it out if the standard error is not known")
    return None if error is None else error * factor


def check_together(blocks: Sequence[Table], readings: Sequence[Measurement], transplants: Sequence[Transplant]) -> None:
    """Refuses densities that cannot both be right: part above whole on one day, or a jump between visits.

    `blocks` and `readings` go together in file order. `confirmed = true` on either reading of a pair lets it pass.

    Raises:
        InputError: names the later reading of the first such pair.
    """
    pairs = sorted(
        ((reading, block) for reading, block in zip(readings, blocks, strict=True) if reading.quantity in DENSITIES),
        key=lambda pair: pair[0].date,
    )
    last: dict[tuple[object, ...], tuple[Measurement, Table]] = {}
    for reading, block in pairs:
        series = (reading.zone, reading.quantity, reading.threshold_um)
        if series in last:
            _check_jump(*last[series], reading, block, transplants)
        for earlier, other in last.values():
            if (earlier.date, earlier.zone) == (reading.date, reading.zone):
                _check_nesting(earlier, other, reading, block)
        last[series] = reading, block


def _check_nesting(earlier: Measurement, other: Table, reading: Measurement, block: Table) -> None:
    part, whole = sorted((earlier, reading), key=lambda m: m.threshold_um or 0.0, reverse=True)
    if (part.threshold_um or 0.0) == (whole.threshold_um or 0.0) or part.value <= NESTING_RATIO * whole.value:
        return
    if not (block.flag("confirmed") or other.flag("confirmed")):
        block.refuse(
            "value",
            f"{block.data['unit']} cannot be right with {other.place('value')} of the same day and site: "
            f"{part.value:.0f} {part.quantity} is more than {whole.value:.0f} {whole.quantity} per cm2 "
            "(check both units; if they are right, add confirmed = true)",
        )


def _check_jump(
    earlier: Measurement, other: Table, reading: Measurement, block: Table, transplants: Sequence[Transplant]
) -> None:
    low, high = sorted((earlier.value, reading.value))
    years = (reading.date - earlier.date).days / DAYS_PER_YEAR
    if high - low < JUMP_PER_CM2 or high < JUMP_RATIO * low or years > JUMP_YEARS:
        return
    grafted = any(
        earlier.date <= surgery.date <= reading.date and (not surgery.zones or reading.zone in surgery.zones)
        for surgery in transplants
    )
    if (grafted and reading.value > earlier.value) or block.flag("confirmed") or other.flag("confirmed"):
        return
    block.refuse(
        "value",
        f"{block.data['unit']} is implausible next to {earlier.value:.0f} hairs/cm2 at the same site on {earlier.date}"
        f"; {_likely_unit(block, reading.value, earlier.value)} (if it is right, add confirmed = true)?",
    )


def _likely_unit(block: Table, value: float, usual: float) -> str:
    """What the number probably was, given what this site usually reads."""
    if block.data["unit"] == "hairs/field":
        return "is the area of the field right"
    by_area = {area: f'did you mean unit = "hairs/field" with field_area_cm2 = {area:g}' for area in FIELD_AREAS_CM2}
    by_area[INCH_CIRCLE_CM2] = 'did you mean unit = "hairs/field" with field = "inch-circle"'
    by_area[CM2_PER_INCH2] = 'did you mean unit = "hairs/inch2"'
    distance = {area: abs(math.log(max(value, 1e-9) / area / max(usual, 1e-9))) for area in by_area}
    nearest = min(distance, key=distance.__getitem__)
    if block.data["unit"] == "hairs/cm2" and distance[nearest] < math.log(NEAR_RATIO):
        return by_area[nearest]
    return "are both units right"
