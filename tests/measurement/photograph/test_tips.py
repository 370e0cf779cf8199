"""A shaft is followed to where it ends, whatever length the detector gave it."""

from dataclasses import replace

import numpy as np
import pytest

from follicast.measurement.drawing.closeup import draw_closeup
from follicast.measurement.drawing.counter import NONE, seen_by
from follicast.measurement.drawing.patch import later, sample_patch
from follicast.measurement.drawing.photograph import Photograph
from follicast.measurement.drawing.view import View
from follicast.measurement.photograph.hair import SeenHair
from follicast.measurement.photograph.sight import Sight
from follicast.measurement.photograph.tips import followed

UM = 6.0
VIEW = View(seed=3, lamp=3, um_per_px=UM, width_px=1000, height_px=850, flakes_per_cm2=0.0, clippings_per_cm2=0.0)


@pytest.fixture(scope="module")
def drawn() -> Photograph:
    """Dark hair on light skin, two days after the first photograph of it."""
    patch = sample_patch(25, field_mm=VIEW.field_mm, grain_um=UM, tone=2, hair="black", miniaturised=0.1)
    return draw_closeup(later(patch, 2.0), VIEW)


def shortened(hair: SeenHair, share: float) -> SeenHair:
    """A hair of which the detector saw only the first part."""
    path = hair.path_px[: max(2, round(share * len(hair.path_px)))]
    return replace(hair, path_px=path, tip_px=(float(path[-1, 0]), float(path[-1, 1])))


def test_a_tip_that_was_seen_too_near_is_found_where_the_shaft_ends(drawn: Photograph) -> None:
    whole = seen_by(drawn, 1, NONE)
    # Hairs that touch no other: where two lie along one another, neither end can be told.
    tips = np.array([h.tip_px for h in whole])
    every = np.concatenate([h.path_px for h in whole])
    owner = np.repeat(np.arange(len(whole)), [len(h.path_px) for h in whole])
    alone = []
    for k, hair in enumerate(whole):
        gap = np.hypot(*(hair.path_px[:, None] - every[owner != k][None]).transpose(2, 0, 1)).min()
        edge = np.minimum(tips[k], [999 - tips[k, 0], 849 - tips[k, 1]]).min()
        if gap * UM > 70.0 and edge > 8.0:
            alone.append(k)
    assert len(alone) >= 8
    cut = Sight(drawn.image, UM, tuple(shortened(h, 0.4) for h in whole))
    off_um = [UM * (followed(cut).hairs[k].length_px - whole[k].length_px) for k in alone]
    assert abs(float(np.median(off_um))) < 15.0
    assert float(np.mean(np.abs(off_um) < 60.0)) > 0.7
    before = [UM * (cut.hairs[k].length_px - whole[k].length_px) for k in alone]
    assert np.median(before) < -150.0


def test_where_no_shaft_stands_out_the_tip_is_left_where_it_was() -> None:
    bare = np.full((300, 400, 3), 150, np.uint8)
    line = np.linspace((100.0, 100.0), (140.0, 110.0), 5)
    hair = SeenHair((100.0, 100.0), (140.0, 110.0), line, 8.0, 0.9, 0.9)
    assert followed(Sight(bare, UM, (hair,))).hairs == (hair,)
    assert followed(Sight(bare, UM, ())).hairs == ()


def test_following_never_leaves_the_photograph(drawn: Photograph) -> None:
    seen = Sight(drawn.image, UM, seen_by(drawn, 1))
    inside = [all(0 < end[0] < 999 and 0 < end[1] < 849 for end in (h.root_px, h.tip_px)) for h in seen.hairs]
    ends = np.concatenate([h.path_px for h, within in zip(followed(seen).hairs, inside, strict=True) if within])
    assert (ends > -12.0).all()
    assert (ends < [1012.0, 862.0]).all()
