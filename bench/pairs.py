"""Are two photographs of one site compared well? Drawn pairs of every skin and hair tone, held to the truth.

    python bench/pairs.py [--seeds 2] [--counter detector|simulated] [--um-per-px 5.57] [--width 1280] [--height 1024]

For each of six skin tones and seven hair colours: a pair two or three days apart (anagen share, growth in the plane of
the picture) and a visit half a year later with 1 to 10 % of the hairs lost (change of the count). A row is a tone; the
worst are named at the end. `simulated` is a counter that misses 5 %, adds 4 % and puts roots and tips 20 um off.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from follicast.biology.follicle import ANAGEN
from follicast.measurement.drawing.closeup import draw_closeup
from follicast.measurement.drawing.counter import seen_by
from follicast.measurement.drawing.hairs import PIGMENTS, Pigment
from follicast.measurement.drawing.patch import TONES, later, revisited, sample_patch
from follicast.measurement.drawing.photograph import Photograph
from follicast.measurement.drawing.view import again, sample_view
from follicast.measurement.photograph.growth import grown_between
from follicast.measurement.photograph.hair import SeenHair
from follicast.measurement.photograph.overlap import Overlap
from follicast.measurement.photograph.pair import GUARD_UM, Pairing
from follicast.measurement.photograph.sight import Sight
from follicast.measurement.photograph.tips import followed
from follicast.measurement.photograph.visits import changed_between
from follicast.quantities import InputError

Counter = Callable[[Photograph, int], tuple[SeenHair, ...]]
# What lies under this contrast is there but no camera shows it.
SEEN = 0.05


@dataclass(frozen=True)
class Row:
    """One pair of photographs: what was found and what is true; empty with the reason where it was refused."""

    kind: str
    seed: int
    tone: int
    hair: str
    refused: str = ""
    hairs: float = 0.0
    found: float = 0.0
    true: float = 0.0
    low: float = 0.0
    high: float = 0.0
    growth_bias: float = 0.0
    growth_error: float = 0.0
    undecided: float = 0.0


def sighted(drawn: Photograph, counter: Counter, seed: int, um_per_px: float) -> Sight:
    """A drawing as the counter sees it, at the nominal scale, which is what a clinic knows."""
    return Sight(drawn.image, um_per_px, counter(drawn, seed))


def inside(drawn: Photograph, pairing: Pairing, *, first: bool) -> npt.NDArray[np.bool_]:
    """Which hairs of a drawing can be seen and stand in the common area."""
    sight = pairing.one if first else pairing.two
    roots = drawn.truth.root_px * (sight.um_per_px / 1000.0)
    place = roots if first else pairing.alignment.to_first(roots)
    area = Overlap(pairing.one, pairing.two, pairing.alignment).in_both(place, GUARD_UM)
    return np.asarray(area & (drawn.truth.contrast >= SEEN))


def pair_row(
    seed: int, tone: int, hair: str, days: float, drawn: tuple[Photograph, Photograph], sights: tuple[Sight, Sight]
) -> Row:
    """Anagen share and growth of a pair."""
    try:
        growth = grown_between(*sights, days)
    except InputError as refusal:
        return Row("pair", seed, tone, hair, str(refusal))
    first, second = drawn
    shown = inside(first, growth.pairing, first=True) & first.truth.visible
    true = float(np.mean(first.truth.phase[shown] == ANAGEN))
    off = []
    scale = second.um_per_px / first.um_per_px
    length = [np.hypot(*np.diff(d.truth.polyline_px, axis=1).transpose(2, 0, 1)).sum(axis=1) for d in drawn]
    for row, rate in zip(growth.rows, growth.um_per_day, strict=True):
        own, other = (
            nearest(d, s.hairs[k[row]])
            for d, s, k in ((first, sights[0], growth.pairing.first), (second, sights[1], growth.pairing.second))
        )
        if np.isfinite(rate) and own >= 0 and other >= 0 and first.truth.ident[own] == second.truth.ident[other]:
            grown = (length[1][other] * scale - length[0][own]) * sights[0].um_per_px / days
            off.append(rate - grown)
    return Row(
        "pair", seed, tone, hair, "", float(shown.sum()), growth.share, true, growth.share_low, growth.share_high,
        float(np.median(off)), float(np.median(np.abs(off))), growth.undecided,
    )  # fmt: skip


def nearest(drawn: Photograph, hair: SeenHair) -> int:
    """Row of the drawn hair that was seen, -1 for none."""
    away = np.hypot(*(drawn.truth.root_px - hair.root_px).T)
    best = int(np.argmin(away))
    return best if away[best] * drawn.um_per_px < 80.0 else -1


def visit_row(
    seed: int, tone: int, hair: str, drawn: tuple[Photograph, Photograph], sights: tuple[Sight, Sight]
) -> Row:
    """Change of the count between visits."""
    try:
        change = changed_between(*sights)
    except InputError as refusal:
        return Row("visit", seed, tone, hair, str(refusal))
    before, after = (inside(d, change.pairing, first=k == 0) for k, d in enumerate(drawn))
    one, two = (set(d.truth.ident[d.truth.contrast >= SEEN]) for d in drawn)
    lost = sum(ident not in two for ident in drawn[0].truth.ident[before])
    new = sum(ident not in one for ident in drawn[1].truth.ident[after])
    count = float(before.sum())
    found = change.hairs
    shares = [value / max(count, 1.0) for value in (found.change, new - lost, found.low, found.high)]
    return Row("visit", seed, tone, hair, "", count, *shares)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--seeds", type=int, default=1, help="pairs of each skin and hair tone")
    arguments.add_argument("--first", type=int, default=0, help="first seed")
    arguments.add_argument("--counter", choices=("detector", "simulated"), default="detector")
    arguments.add_argument("--um-per-px", type=float, default=5.57)
    arguments.add_argument("--width", type=int, default=1280)
    arguments.add_argument("--height", type=int, default=1024)
    arguments.add_argument("--json", type=Path, help="file for every row")
    given = arguments.parse_args()
    counter: Counter = seen_by if given.counter == "simulated" else detected
    rows = []
    for seed in range(given.first, given.first + given.seeds):
        for tone in TONES:
            for number, hair in enumerate(PIGMENTS):
                own = 1000 * seed + 10 * tone + number
                rows += compared(own, tone, hair, counter, (given.um_per_px, given.width, given.height))
                print(*(f"{r.kind} {r.tone} {r.hair}: {told(r)};" for r in rows[-2:]), flush=True)
    if given.json:
        given.json.write_text(json.dumps([asdict(row) for row in rows]), encoding="utf-8")
    table(rows)


def detected(drawn: Photograph, _: int) -> tuple[SeenHair, ...]:
    """What the detector sees."""
    from follicast.measurement.photograph.detect import detect

    return detect(drawn.image, drawn.view.um_per_px)


def compared(seed: int, tone: int, hair: Pigment, counter: Counter, size: tuple[float, int, int]) -> list[Row]:
    """A pair and a visit of one patch."""
    um, width, height = size
    view = sample_view(seed, um_per_px=um, width_px=width, height_px=height)
    patch = sample_patch(seed, field_mm=view.field_mm, grain_um=um, tone=tone, hair=hair)
    days, lost = 2.0 + seed % 2, 0.01 * (1 + seed % 10)
    first = draw_closeup(patch, view)
    second = draw_closeup(later(patch, days), again(view, seed + 500_000))
    third = draw_closeup(revisited(patch, 180.0, lost=lost, gained=0.02), again(view, seed + 700_000))
    one, two, three = (sighted(d, counter, seed + k, um) for k, d in enumerate((first, second, third)))
    # The simulated counter sees tips where they are; those of the detector are followed first, as the command does.
    pair = (one, two) if counter is seen_by else (followed(one), followed(two))
    return [
        pair_row(seed, tone, hair, days, (first, second), pair),
        visit_row(seed, tone, hair, (first, third), (one, three)),
    ]


def told(row: Row) -> str:
    """A row in words."""
    if row.refused:
        return row.refused
    growth = f", growth {row.growth_bias:+.0f} ({row.growth_error:.0f}) um/d" if row.kind == "pair" else ""
    return f"{100 * row.found:.1f} % for {100 * row.true:.1f} % of {row.hairs:.0f}{growth}"


def table(rows: list[Row]) -> None:
    """Errors by skin tone and by hair colour, then the worst."""
    heads = (
        f"{'anagen share, points':>24}{'growth, um a day':>24}{'undecided':>11}{'change, % of count':>24}{'refused':>9}"
    )
    print(f"\n{'':<12}{heads}")
    print(
        f"{'':<12}{'mean error  mean |error|':>24}{'bias   median |error|':>24}{'':>11}{'mean error  mean |error|':>24}"
    )
    groups = [(f"skin {t}", [r for r in rows if r.tone == t]) for t in TONES]
    groups += [(h, [r for r in rows if r.hair == h]) for h in PIGMENTS] + [("all", rows)]
    for name, some in groups:
        pairs, visits = ([r for r in some if r.kind == kind and not r.refused] for kind in ("pair", "visit"))
        off, change = (100 * np.array([r.found - r.true for r in which] or [np.nan]) for which in (pairs, visits))
        names = ("growth_bias", "growth_error", "undecided")
        bias, error, doubt = (np.array([getattr(r, k) for r in pairs] or [np.nan]) for k in names)
        refused = sum(bool(r.refused) for r in some)
        print(
            f"{name:<12}{off.mean():>12.1f}{np.abs(off).mean():>12.1f}{bias.mean():>12.0f}{error.mean():>12.0f}"
            f"{100 * doubt.mean():>10.0f}%{change.mean():>12.1f}{np.abs(change).mean():>12.1f}{refused:>9}"
        )
    for kind in ("pair", "visit"):
        some = [r for r in rows if r.kind == kind and not r.refused]
        if not some:
            continue
        held = np.mean([r.low <= r.true <= r.high for r in some])
        worst = max(some, key=lambda r: abs(r.found - r.true))
        where = f"skin {worst.tone}, {worst.hair}, seed {worst.seed}: {told(worst)}"
        print(f"{kind}: the interval holds the truth in {100 * held:.0f} %; worst: {where}")


if __name__ == "__main__":
    main()
