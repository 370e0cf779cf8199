"""Two drawn photographs of one site, hair by hair: the same hairs, their growth, and what came and went.

A counter that errs as counters do stands for the detector, so that what is tested is the comparison.
"""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from follicast.biology.follicle import ANAGEN
from follicast.measurement.drawing.closeup import draw_closeup
from follicast.measurement.drawing.counter import NONE, Errors, seen_by
from follicast.measurement.drawing.patch import Patch, later, revisited, sample_patch
from follicast.measurement.drawing.photograph import Photograph
from follicast.measurement.drawing.view import View, again
from follicast.measurement.photograph.growth import grown_between
from follicast.measurement.photograph.hair import SeenHair
from follicast.measurement.photograph.overlap import Overlap
from follicast.measurement.photograph.pair import GUARD_UM, Pairing, pair_up
from follicast.measurement.photograph.sight import Sight
from follicast.measurement.photograph.visits import changed_between
from follicast.quantities import InputError

UM = 6.0
VIEW = View(seed=3, lamp=3, um_per_px=UM, width_px=1100, height_px=900, flakes_per_cm2=0.0)
DAYS = 2.0
USUAL = Errors()


@pytest.fixture(scope="module")
def patch() -> Patch:
    """Dense dark hair on light skin, a fifth of it at rest."""
    return sample_patch(
        25, field_mm=VIEW.field_mm, grain_um=UM, tone=2, hair="black", units_per_cm2=95.0, miniaturised=0.1
    )


@pytest.fixture(scope="module")
def first(patch: Patch) -> Photograph:
    """The site on the first day."""
    return draw_closeup(patch, VIEW)


@pytest.fixture(scope="module")
def grown(patch: Patch) -> Photograph:
    """The site two days later, the probe put back not quite as it was."""
    return draw_closeup(later(patch, DAYS), again(VIEW, 31))


@pytest.fixture(scope="module")
def revisit(patch: Patch) -> Photograph:
    """The site half a year later: clipped anew, a tenth of the hairs lost, none back."""
    return draw_closeup(revisited(patch, 180.0, lost=0.10, gained=0.0), again(VIEW, 32))


def sighted(drawn: Photograph, seed: int, errors: Errors = USUAL) -> Sight:
    return Sight(drawn.image, UM, seen_by(drawn, seed, errors))


def follicle(drawn: Photograph, hair: SeenHair) -> int:
    """The follicle of a seen hair."""
    away = np.hypot(*(drawn.truth.root_px - hair.root_px).T) + np.hypot(*(drawn.truth.tip_px - hair.tip_px).T)
    return int(drawn.truth.ident[np.argmin(away)])


def common(drawn: Photograph, pairing: Pairing, *, first: bool) -> np.ndarray:
    """Which drawn hairs stand in the area that both photographs show."""
    roots = drawn.truth.root_px * UM / 1000.0
    place = roots if first else pairing.alignment.to_first(roots)
    return np.asarray(Overlap(pairing.one, pairing.two, pairing.alignment).in_both(place, GUARD_UM))


def test_hairs_are_matched_one_to_one_with_themselves(
    first: Photograph, grown: Photograph, revisit: Photograph
) -> None:
    for second, days in ((grown, DAYS), (revisit, None)):
        pairing = pair_up(sighted(first, 1), sighted(second, 2), days)
        one = np.array([follicle(first, pairing.one.hairs[k]) for k in pairing.first])
        two = np.array([follicle(second, pairing.two.hairs[k]) for k in pairing.second])
        assert (one == two).mean() > 0.95
        assert len(set(pairing.first)) == len(set(pairing.second)) == pairing.first.size
        in_both = np.intersect1d(one, two).size
        assert in_both > 0.75 * min(first.truth.visible.sum(), second.truth.visible.sum())
        alone = np.stack([pairing.lost.gone, pairing.lost.overlooked, pairing.lost.false])
        assert alone.sum(axis=0) == pytest.approx(np.ones(pairing.lost.rows.size))


def test_a_counter_without_error_leaves_only_what_changed(first: Photograph, revisit: Photograph) -> None:
    pairing = pair_up(sighted(first, 1, NONE), sighted(revisit, 2, NONE))
    gone = set(first.truth.ident) - set(revisit.truth.ident)
    lost = [follicle(first, pairing.one.hairs[k]) for k in pairing.lost.rows]
    truly = [f for f, sure in zip(lost, pairing.lost.gone, strict=True) if sure > 0.5]
    assert len(truly) >= 3
    assert sum(f in gone for f in truly) / len(truly) > 0.8


def test_a_hair_that_was_overlooked_is_told_from_one_that_is_gone(first: Photograph, revisit: Photograph) -> None:
    seen, other = sighted(first, 1, NONE), sighted(revisit, 2, NONE)
    # Three hairs that stand alone are struck from the later photograph's list: the shafts are still in the picture.
    still = pair_up(seen, other)
    roots = still.root_mm
    apart = np.hypot(*np.moveaxis(roots[:, None] - roots[None], -1, 0)) + 9.0 * np.eye(len(roots))
    struck = np.flatnonzero(still.common & (apart.min(axis=1) > 0.25) & ~still.cut_off.any(axis=1))[:3]
    kept = [h for k, h in enumerate(other.hairs) if k not in set(still.second[struck])]
    told = pair_up(seen, replace(other, hairs=tuple(kept)))
    at = [int(np.flatnonzero(told.lost.rows == still.first[k])[0]) for k in struck]
    assert len(at) == 3
    assert (told.lost.overlooked[at] > 0.8).all()
    gone = [k for k, row in enumerate(told.lost.rows) if follicle(first, seen.hairs[row]) not in revisit.truth.ident]
    assert told.lost.gone[gone].mean() > 0.6


def test_growth_and_the_share_in_anagen_are_those_of_the_hairs(first: Photograph, grown: Photograph) -> None:
    growth = grown_between(sighted(first, 1), sighted(grown, 2), DAYS)
    pairing, off = growth.pairing, []
    path = [np.hypot(*np.moveaxis(np.diff(d.truth.polyline_px, axis=1), -1, 0)).sum(axis=1) for d in (first, grown)]
    row = [{int(f): k for k, f in enumerate(d.truth.ident)} for d in (first, grown)]
    for k, rate in zip(growth.rows, growth.um_per_day, strict=True):
        f, g = (
            follicle(first, pairing.one.hairs[pairing.first[k]]),
            follicle(grown, pairing.two.hairs[pairing.second[k]]),
        )
        if f == g and np.isfinite(rate):
            off.append(rate - (path[1][row[1][f]] * grown.um_per_px - path[0][row[0][f]] * first.um_per_px) / DAYS)
    assert len(off) > 30
    assert abs(float(np.median(off))) < 25.0
    assert float(np.median(np.abs(off))) < 25.0
    shown = common(first, pairing, first=True) & first.truth.visible
    true = float(np.mean(first.truth.phase[shown] == ANAGEN))
    assert growth.share == pytest.approx(true, abs=0.06)
    assert growth.share_low <= true <= growth.share_high
    assert growth.undecided < 0.25
    truly = np.array(
        [first.truth.phase[row[0][follicle(first, pairing.one.hairs[pairing.first[k]])]] for k in growth.rows]
    )
    sure = (growth.anagen > 0.9) | (growth.anagen < 0.1)
    assert ((growth.anagen > 0.5) == (truly == ANAGEN))[sure].mean() > 0.9


def test_a_tip_beyond_the_border_does_not_take_a_hair_out_of_anagen(first: Photograph, grown: Photograph) -> None:
    growth = grown_between(sighted(first, 1, NONE), sighted(grown, 2, NONE), DAYS)
    cut = growth.pairing.cut_off[growth.rows].any(axis=1)
    assert cut.any()
    assert np.isnan(growth.um_per_day[cut]).all()
    assert np.isfinite(growth.anagen).all()
    assert growth.anagen[cut].mean() > 0.5


def test_the_change_between_visits_is_that_of_the_same_skin(first: Photograph, revisit: Photograph) -> None:
    change = changed_between(sighted(first, 1), sighted(revisit, 2))
    before, after = (common(d, change.pairing, first=k == 0) for k, d in enumerate((first, revisit)))
    true = int((~np.isin(revisit.truth.ident[after], first.truth.ident)).sum())
    true -= int((~np.isin(first.truth.ident[before], revisit.truth.ident)).sum())
    assert true < 0
    assert change.hairs.low <= true <= change.hairs.high
    assert abs(change.hairs.change - true) < 0.06 * before.sum()
    assert change.hairs.after - change.hairs.before == pytest.approx(change.hairs.change)
    assert change.per_cm2.change == pytest.approx(change.hairs.change / (change.area_mm2 / 100.0))
    assert 0.0 < change.hairs.detectable < 0.15 * before.sum()
    assert change.thickness is not None
    assert change.thickness.low < change.thickness.change < change.thickness.high


def test_the_same_hairs_wider_are_a_change_of_thickness_and_not_of_count(first: Photograph, grown: Photograph) -> None:
    one, two = sighted(first, 1, NONE), sighted(grown, 2, NONE)
    wide = replace(two, diameters_um=1.2 * two.widths_um)
    before, after = changed_between(one, two), changed_between(one, wide)
    assert after.hairs == before.hairs
    assert before.thickness is not None
    assert after.thickness is not None
    gained = (after.thickness.change - before.thickness.change) / before.thickness.before
    assert gained == pytest.approx(0.2, abs=0.03)


@pytest.mark.parametrize("days", [0.0, -2.0, 400.0, float("nan")])
def test_days_that_show_no_growth_are_refused(first: Photograph, days: float) -> None:
    sight = sighted(first, 1)
    with pytest.raises(InputError, match="days: found"):
        grown_between(sight, sight, days)


def saved_again(drawn: Photograph, how: str) -> Photograph:
    """A copy of a photograph: the same file, saved worse, brighter, or cropped."""
    image = drawn.image
    if how == "jpeg":
        _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 60])
        image = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    if how == "brighter":
        image = np.clip(image * 1.05, 0, 255).astype(np.uint8)
    return replace(drawn, image=image)


@pytest.mark.parametrize("how", ["same", "jpeg", "brighter"])
def test_the_same_photograph_twice_is_refused(first: Photograph, how: str) -> None:
    copy = saved_again(first, how)
    with pytest.raises(InputError, match="is the first one again"):
        grown_between(sighted(first, 1), sighted(copy, 2), DAYS)
    with pytest.raises(InputError, match="is the first one again"):
        changed_between(sighted(first, 1), sighted(copy, 2))


def test_a_photograph_of_another_site_is_refused(first: Photograph) -> None:
    other = draw_closeup(sample_patch(77, field_mm=VIEW.field_mm, grain_um=UM, tone=2, hair="black"), VIEW)
    with pytest.raises(InputError, match="does not show the site"):
        changed_between(sighted(first, 1), sighted(other, 2))


def test_a_mirrored_photograph_is_refused(first: Photograph, grown: Photograph) -> None:
    sight = sighted(grown, 2)
    last = grown.image.shape[1] - 1.0
    hairs = [
        replace(h, root_px=(last - h.root_px[0], h.root_px[1]), tip_px=(last - h.tip_px[0], h.tip_px[1]))
        for h in sight.hairs
    ]
    mirrored = Sight(np.ascontiguousarray(grown.image[:, ::-1]), UM, tuple(hairs))
    with pytest.raises(InputError, match="mirrored"):
        grown_between(sighted(first, 1), mirrored, DAYS)


def test_a_clip_in_between_and_a_wrong_order_are_named(first: Photograph, grown: Photograph, patch: Patch) -> None:
    with pytest.raises(InputError, match="the order is wrong"):
        grown_between(sighted(grown, 2), sighted(first, 1), DAYS)
    clipped = replace(patch, hairs=replace(patch.hairs, length_um=0.8 * patch.hairs.length_um))
    with pytest.raises(InputError, match="clipped in between"):
        grown_between(sighted(first, 1), sighted(draw_closeup(clipped, again(VIEW, 33)), 2), DAYS)


def test_too_little_of_the_site_is_refused(first: Photograph, grown: Photograph) -> None:
    seen = sighted(grown, 2, NONE)
    strip = np.zeros(grown.image.shape[:2], np.bool_)
    strip[:, 220:] = True
    with pytest.raises(InputError, match=r"at least 30 % is needed"):
        changed_between(sighted(first, 1, NONE), replace(seen, hidden=strip))
