"""Seconds that each view of a whole head takes at 1,200 px: `python bench/views.py`."""

from __future__ import annotations

import time

import numpy as np

from follicast.measurement.drawing.head import POSES
from follicast.measurement.drawing.portrait import Portrait, take
from follicast.measurement.drawing.strands import Style, ZoneHair, grow
from follicast.quantities import ZONES


def main() -> None:
    """Draw a full head in every view, once to warm up and three times by the clock."""
    full = {zone: ZoneHair(1.0, np.full(190, 70.0), np.full(190, 200.0)) for zone in ZONES}
    take(grow(full, Style()), Portrait())
    for view in POSES:
        spent = []
        for _ in range(3):
            start = time.perf_counter()
            strands = grow(full, Style())
            take(strands, Portrait(view))
            spent.append(time.perf_counter() - start)
        print(f"{view}: {len(strands.zone)} hairs, {min(spent):.2f} s (best of 3), {max(spent):.2f} s (worst)")


if __name__ == "__main__":
    main()
