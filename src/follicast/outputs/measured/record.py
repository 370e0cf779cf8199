"""A measured photograph as JSON: one object, which holds no number of a count where the photograph was refused."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from follicast.measurement.photograph.file import PhotoFile
from follicast.measurement.photograph.measured import Measured, Refused
from follicast.measurement.photograph.shares import Part, Shares
from follicast.version import VERSION


def record_of(photo: PhotoFile, result: Measured | Refused) -> dict[str, Any]:
    """What is known of a photograph after it was measured.

    Args:
        photo: the file.
        result: what came of it.
    """
    made: dict[str, Any] = {"file": photo.name, "sha256": photo.sha256, "version": VERSION}
    made["quality"] = {
        "passed": result.quality.passed,
        "reasons": list(result.quality.reasons),
        "figures": {name: _number(value, 4) for name, value in result.quality.figures.items()},
    }
    made |= {"scale_source": result.scale.source, "scale": result.scale.how}
    made["um_per_px"] = _number(result.scale.um_per_px, 4)
    if isinstance(result, Refused):
        return made
    count, on = result.count, result.count.counted
    made |= {
        "hairs": round(count.hairs),
        "hairs_se": _number(count.hairs_se, 2),
        "area_mm2": _number(count.area_mm2, 3),
        "density_per_cm2": _number(count.per_cm2, 1),
        "density_se": _number(count.per_cm2_se, 1),
        "units": count.units,
        "units_per_cm2": _number(count.units_per_cm2, 1),
        "hairs_per_unit": _number(count.hairs_per_unit, 3),
        "hairs_per_unit_se": _number(count.hairs_per_unit_se, 3),
        "diameters_um": [_number(value, 1) for value in result.diameter_um[on] if math.isfinite(value)],
        "blur_px": _number(result.blur_px, 2),
        "crop": None if result.crop is None else list(result.crop),
        "corrections": {"added": int(result.added.sum()), "removed": result.removed},
    }
    made["shares"] = None if result.shares is None else _shares(result.shares)
    made["each_hair"] = [_hair(result, k) for k in range(len(result.hairs))]
    return made


def render(record: Mapping[str, Any]) -> str:
    """A record as one line of JSON."""
    return json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n"


def _shares(shares: Shares) -> dict[str, Any]:
    made: dict[str, Any] = {"measured": shares.measured}
    for name in ("vellus", "intermediate", "terminal"):
        made[name] = _part(getattr(shares, name))
    made["over"] = [{"um": bound, **_part(part)} for bound, part in sorted(shares.over.items())]
    made |= {
        "mean_um": _number(shares.mean_um, 1),
        "mean_um_se": _number(shares.mean_um_se, 1),
        "thickness_mm_per_cm2": _number(shares.thickness_mm_per_cm2, 2),
        "thickness_se": _number(shares.thickness_se, 2),
    }
    return made


def _part(part: Part) -> dict[str, float | None]:
    return {"share": _number(part.share, 3), "se": _number(part.se, 3)}


def _hair(result: Measured, k: int) -> dict[str, Any]:
    hair = result.hairs[k]
    x, y = (0, 0) if result.crop is None else result.crop[:2]
    return {
        "x": round(hair.root_px[0] + x, 1),
        "y": round(hair.root_px[1] + y, 1),
        "tip_x": round(hair.tip_px[0] + x, 1),
        "tip_y": round(hair.tip_px[1] + y, 1),
        "unit": int(result.unit[k]),
        "counted": bool(result.count.counted[k]),
        "added": bool(result.added[k]),
        "probability": _number(hair.probability, 3),
        "diameter_um": _number(float(result.diameter_um[k]), 1),
        "diameter_se": _number(float(result.diameter_error_um[k]), 1),
    }


def _number(value: float | None, digits: int) -> float | None:
    """A rounded number; None for what is not known."""
    return None if value is None or not math.isfinite(value) else round(float(value), digits)
