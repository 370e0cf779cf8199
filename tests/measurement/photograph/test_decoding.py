import numpy as np
import pytest

from follicast.measurement.drawing.closeup import sample_closeup
from follicast.measurement.photograph.decoding import EVIDENCE, candidates, hairs_of, hairs_on
from follicast.measurement.photograph.network import HeatMaps, maps

UM_PER_PX = 5.57
PICTURE = sample_closeup(32, UM_PER_PX, 2, "black", width_px=768, height_px=640).image


def test_every_hair_is_as_sure_as_asked_for_and_the_surest_come_first() -> None:
    shown = maps(PICTURE, UM_PER_PX)
    many, few = hairs_of(shown, 0.2), hairs_of(shown, 0.9)
    assert many.probability.size > few.probability.size
    assert (np.diff(many.probability) <= 0).all()
    assert few.probability.min() >= 0.9


def test_a_root_and_a_tip_that_point_at_each_other_are_one_hair() -> None:
    flat = np.zeros((40, 40), np.float32)
    root, tip, shaft = flat.copy(), flat.copy(), flat.copy()
    root[10, 8], tip[10, 28], shaft[9:12, 8:29] = 0.9, 0.9, 1.0
    to_tip, to_root = np.zeros((40, 40, 2), np.float32), np.zeros((40, 40, 2), np.float32)
    to_tip[10, 8], to_root[10, 28] = (19.0, 0.0), (-21.0, 0.0)
    found = candidates(HeatMaps(root, tip, shaft, to_tip, to_root, (4.0, 4.0)))
    assert found.evidence.shape == (1, len(EVIDENCE))
    # Cell 8 begins at pixel 32 of the photograph and has its centre half a pixel of the network's picture on.
    assert found.root_px == pytest.approx(np.array([[32.5, 40.5]]))
    assert found.tip_px == pytest.approx(np.array([[112.5, 40.5]]))


def test_a_tip_without_a_root_is_a_candidate_where_it_points() -> None:
    flat = np.zeros((40, 40), np.float32)
    tip, to_root = flat.copy(), np.zeros((40, 40, 2), np.float32)
    tip[20, 30], to_root[20, 30] = 0.8, (-12.0, -5.0)
    found = candidates(HeatMaps(flat, tip, flat, np.zeros_like(to_root), to_root, (2.0, 2.0)))
    assert found.root_px == pytest.approx(np.array([[36.0, 30.0]]))
    assert found.evidence[0, EVIDENCE.index("tip alone")] == 1.0


def test_marked_roots_lie_on_the_way_to_their_tips() -> None:
    plain, marked = hairs_of(maps(PICTURE, UM_PER_PX)), hairs_on(PICTURE, UM_PER_PX)
    assert (marked.tip_px == plain.tip_px).all()
    way, on = plain.tip_px - plain.root_px, marked.root_px - plain.root_px
    assert np.abs(way[:, 0] * on[:, 1] - way[:, 1] * on[:, 0]).max() < 1e-6
    assert (on * way).sum(axis=1).mean() > 0.0
    assert (np.hypot(*on.T) <= 0.5 * np.hypot(*way.T) + 30.0).all()


def test_widths_are_about_those_of_the_shafts() -> None:
    drawn = sample_closeup(34, UM_PER_PX, 2, "black", width_px=768, height_px=640, miniaturised=0.05)
    found, truth = hairs_on(drawn.image, UM_PER_PX), drawn.truth
    away = np.hypot(*(found.root_px[:, None] - truth.root_px[None]).transpose(2, 0, 1)) * UM_PER_PX
    own = away.min(axis=1) < 60.0
    ratio = found.width_px[own] / truth.width_px[away.argmin(axis=1)[own]].mean(axis=1)
    assert np.nanmedian(ratio) == pytest.approx(1.0, abs=0.3)
