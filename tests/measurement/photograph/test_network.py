import cv2
import numpy as np
import pytest

from follicast.measurement.drawing.closeup import sample_closeup
from follicast.measurement.photograph.decoding import hairs_of
from follicast.measurement.photograph.network import Picture, maps

UM_PER_PX = 5.57
DRAWN = sample_closeup(31, UM_PER_PX, 3, "black", width_px=1024, height_px=800)
PICTURE = DRAWN.image


def inner(places: np.ndarray, shape: tuple[int, ...], guard: float = 25.0) -> np.ndarray:
    return np.all((places >= guard) & (places <= np.array(shape[1::-1]) - 1 - guard), axis=1)


def apart_um(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.hypot(*(first[:, None] - second[None]).transpose(2, 0, 1)) * UM_PER_PX


def test_the_roots_of_a_drawn_patch_are_found() -> None:
    found = hairs_of(maps(PICTURE, UM_PER_PX))
    truth = DRAWN.truth
    clear = truth.visible & (truth.contrast > 0.25)
    wanted = clear & inner(truth.root_px, PICTURE.shape)
    seen = inner(found.root_px, PICTURE.shape)
    assert wanted.sum() >= 10
    assert (apart_um(truth.root_px[wanted], found.root_px).min(axis=1) < 60.0).mean() >= 0.75
    assert (apart_um(found.root_px[seen], truth.root_px).min(axis=1) < 60.0).mean() >= 0.75


def test_tips_lie_where_the_shafts_end() -> None:
    found = hairs_of(maps(PICTURE, UM_PER_PX))
    truth = DRAWN.truth
    near = apart_um(found.root_px, truth.root_px)
    sure = (near.min(axis=1) < 60.0) & (found.probability > 0.8)
    own = truth.tip_px[near.argmin(axis=1)]
    assert np.median(np.hypot(*(found.tip_px - own)[sure].T)) * UM_PER_PX < 60.0


def test_the_same_photograph_gives_the_same_bytes() -> None:
    first, second = (hairs_of(maps(PICTURE, UM_PER_PX)) for _ in range(2))
    assert first.root_px.tobytes() == second.root_px.tobytes()
    assert first.probability.tobytes() == second.probability.tobytes()


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (190, 150, 130), (90, 60, 45), (255, 0, 0)])
def test_an_image_of_one_colour_shows_no_hair(colour: tuple[int, int, int]) -> None:
    picture = np.full((300, 400, 3), colour, np.uint8)
    assert hairs_of(maps(picture, UM_PER_PX)).probability.size == 0


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (64, 64)])
def test_a_photograph_of_a_few_pixels_is_read_all_the_same(shape: tuple[int, int]) -> None:
    found = hairs_of(maps(np.full((*shape, 3), 140, np.uint8), UM_PER_PX))
    assert found.root_px.shape == (0, 2)


def test_a_photograph_at_twice_the_scale_shows_the_same_hairs() -> None:
    large = np.asarray(cv2.resize(PICTURE, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)
    usual, fine = hairs_of(maps(PICTURE, UM_PER_PX)), hairs_of(maps(large, UM_PER_PX / 2))
    back = (fine.root_px + 0.5) / 2 - 0.5
    sure = usual.probability > 0.8
    assert (apart_um(usual.root_px[sure], back).min(axis=1) < 30.0).mean() > 0.9


def test_a_mirrored_photograph_shows_nearly_as_many_hairs() -> None:
    usual, turned = (hairs_of(maps(np.ascontiguousarray(p), UM_PER_PX)) for p in (PICTURE, PICTURE[:, ::-1]))
    assert turned.probability.size == pytest.approx(usual.probability.size, rel=0.15)


def test_a_photograph_of_several_tiles_shows_the_hairs_of_its_parts() -> None:
    part = PICTURE[:512, :512]
    many: Picture = np.ascontiguousarray(np.tile(part, (4, 4, 1)))
    whole, one = hairs_of(maps(many, UM_PER_PX)), hairs_of(maps(part, UM_PER_PX))
    inside = one.root_px[inner(one.root_px, part.shape, 60.0) & (one.probability > 0.6)]
    assert len(inside) >= 4
    for corner in ((0, 0), (512, 512), (1024, 512), (1536, 1536)):
        assert (apart_um(inside + corner, whole.root_px).min(axis=1) < 30.0).mean() > 0.8
