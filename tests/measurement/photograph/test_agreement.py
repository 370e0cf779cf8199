import numpy as np
import pytest

from follicast.measurement.drawing.closeup import sample_closeup
from follicast.measurement.photograph.agreement import agreed
from follicast.measurement.photograph.decoding import FoundHairs
from follicast.measurement.photograph.detect import detect
from follicast.measurement.photograph.hair import SeenHair

UM_PER_PX = 5.0


def network(root: tuple[float, float], tip: tuple[float, float], probability: float) -> FoundHairs:
    return FoundHairs(np.array([root]), np.array([tip]), np.array([probability]), np.array([9.0]))


def shaft(root: tuple[float, float], tip: tuple[float, float]) -> SeenHair:
    return SeenHair(root, tip, np.array([root, tip]), 13.0, 0.8, 0.9)


def test_a_hair_that_both_see_lies_between_and_has_the_width_of_the_shaft() -> None:
    (hair,) = agreed(network((10.0, 10.0), (60.0, 10.0), 0.6), [shaft((14.0, 10.0), (66.0, 10.0))], UM_PER_PX)
    assert 10.0 < hair.root_px[0] < 14.0
    assert 60.0 < hair.tip_px[0] < 66.0
    assert hair.width_px == 13.0
    assert hair.path_px[0] == pytest.approx(hair.root_px)


def test_two_finders_are_surer_than_one() -> None:
    found = network((10.0, 10.0), (60.0, 10.0), 0.9)
    (alone,), (both,) = agreed(found, [], UM_PER_PX), agreed(found, [shaft((10.0, 10.0), (60.0, 10.0))], UM_PER_PX)
    assert both.probability > alone.probability
    assert (alone.root_px, alone.width_px) == ((10.0, 10.0), 9.0)


def test_what_the_network_doubts_needs_a_shaft() -> None:
    found = network((10.0, 10.0), (60.0, 10.0), 0.4)
    assert agreed(found, [], UM_PER_PX) == ()
    assert len(agreed(found, [shaft((12.0, 11.0), (60.0, 12.0))], UM_PER_PX)) == 1


@pytest.mark.parametrize(
    ("root", "tip"),
    [
        pytest.param((60.0, 10.0), (10.0, 10.0), id="other way round"),
        pytest.param((10.0, 60.0), (60.0, 60.0), id="elsewhere"),
        pytest.param((10.0, 10.0), (30.0, 60.0), id="another direction"),
    ],
)
def test_a_shaft_that_lies_otherwise_is_no_support(root: tuple[float, float], tip: tuple[float, float]) -> None:
    assert agreed(network((10.0, 10.0), (60.0, 10.0), 0.4), [shaft(root, tip)], UM_PER_PX) == ()


def test_a_shaft_that_the_network_does_not_see_is_none() -> None:
    nothing = FoundHairs(np.empty((0, 2)), np.empty((0, 2)), np.empty(0), np.empty(0))
    assert agreed(nothing, [shaft((10.0, 10.0), (60.0, 10.0))], UM_PER_PX) == ()


def test_a_shaft_supports_one_hair_only() -> None:
    found = FoundHairs(
        np.array([[10.0, 10.0], [10.0, 14.0]]),
        np.array([[60.0, 10.0], [60.0, 14.0]]),
        np.array([0.5, 0.5]),
        np.array([9.0, 9.0]),
    )
    (hair,) = agreed(found, [shaft((10.0, 10.0), (60.0, 10.0))], UM_PER_PX)
    assert hair.root_px == pytest.approx((10.0, 10.0))


@pytest.mark.parametrize(
    ("root", "tip", "count"),
    [
        ((10.0, 10.0), (60.0, 10.0), 1),  # the same again
        ((0.0, 12.0), (58.0, 11.0), 1),  # the same from further back in the skin
        ((10.0, 24.0), (60.0, 24.0), 2),  # a shaft beside it
        ((10.0, 25.0), (60.0, 10.0), 2),  # two that meet at their tips
        ((62.0, 10.0), (110.0, 10.0), 2),  # one after the other
        ((60.0, 10.0), (10.0, 10.0), 2),  # the other way round, as loose hair may lie
    ],
)
def test_two_hairs_cannot_lie_in_one_place(root: tuple[float, float], tip: tuple[float, float], count: int) -> None:
    found = FoundHairs(
        np.array([(10.0, 10.0), root]), np.array([(60.0, 10.0), tip]), np.array([0.95, 0.9]), np.array([9.0, 9.0])
    )
    hairs = agreed(found, [], UM_PER_PX)
    assert len(hairs) == count
    assert hairs[0].root_px == (10.0, 10.0)


def test_the_hairs_of_a_drawing_are_found_by_both_together() -> None:
    drawn = sample_closeup(41, 5.57, 3, "black", width_px=900, height_px=720)
    truth = drawn.truth
    wanted = truth.root_px[truth.visible & (truth.contrast > 0.3) & truth.within(40.0, (720, 900))]
    seen = np.array([hair.root_px for hair in detect(drawn.image, 5.57)])
    away = np.hypot(*(wanted[:, None] - seen[None]).transpose(2, 0, 1)) * 5.57
    assert len(wanted) >= 15
    assert (away.min(axis=1) < 60.0).mean() > 0.7
