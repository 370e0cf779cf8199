"""Two follicles as stills and as an animation: what is drawn is what was simulated."""

import base64
import io
import re

import cv2
import numpy as np
from PIL import Image
from tests.outputs.fixture import man_of_40

from follicast.biology.follicle import ANAGEN, KENOGEN, TELOGEN
from follicast.decisions.planning.follicle_life import FollicleLife
from follicast.decisions.planning.pictured import Heads
from follicast.language import speaking
from follicast.outputs.report.cycle import HEIGHT, STILLS, WIDTH, cycle_figure
from follicast.outputs.svg import Figure

DAYS = np.arange(-360, 1, 45)


def life(phase: int, um: float, mm: float) -> FollicleLife:
    n = DAYS.size
    return FollicleLife(DAYS, np.full(n, phase, np.int8), np.full(n, um), np.full(n, mm))


def figure(goal: FollicleLife, donor: FollicleLife) -> Figure:
    made = cycle_figure(man_of_40(), Heads((0,), {}, {}, {}, {"goal": goal, "donor": donor}))
    assert made is not None
    return made


def stills(drawn: Figure) -> list[np.ndarray]:
    found = re.findall(r'href="data:image/jpeg;base64,([^"]+)"', drawn.wide)
    decoded = [cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_GRAYSCALE) for data in found]
    return [picture for picture in decoded if picture is not None]


def dark(picture: np.ndarray, low: int, high: int) -> int:
    """Dark pixels of the middle of the left follicle between two rows."""
    return int((picture[low:high, WIDTH // 2 - 40 : WIDTH // 2 + 60] < 90).sum())


ORDINARY = life(ANAGEN, 70.0, 200.0)


def test_the_animation_plays_every_moment_and_rests_on_today() -> None:
    movie = Image.open(io.BytesIO(base64.b64decode(figure(ORDINARY, ORDINARY).moving)))
    assert movie.format == "WEBP"
    assert movie.size == (2 * WIDTH, HEIGHT)
    # A still stretch may be joined to fewer frames; none is made up.
    assert 1 <= getattr(movie, "n_frames", 1) <= DAYS.size


def test_the_stills_begin_with_the_first_day_and_end_today() -> None:
    assert len(stills(figure(ORDINARY, ORDINARY))) == STILLS


def test_a_thicker_and_longer_hair_is_drawn_larger() -> None:
    small, large = (stills(figure(life(ANAGEN, um, mm), ORDINARY))[0] for um, mm in ((25.0, 40.0), (85.0, 400.0)))
    assert dark(large, 120, 230) > 4 * dark(small, 120, 230)


def test_an_empty_follicle_has_no_hair() -> None:
    empty = life(KENOGEN, 0.0, 0.0)
    first = stills(figure(FollicleLife(DAYS, empty.phase, empty.diameter_um, empty.length_mm), ORDINARY))[0]
    assert dark(first, 120, 300) < 40


def test_a_resting_follicle_reaches_less_deep() -> None:
    growing, resting = (stills(figure(life(phase, 70.0, 5.0), ORDINARY))[0] for phase in (ANAGEN, TELOGEN))
    assert dark(growing, 265, 300) > 100
    assert dark(resting, 265, 300) < 50


def test_the_words_in_the_pictures_follow_the_language() -> None:
    english = stills(figure(ORDINARY, ORDINARY))[0]
    with speaking("zh-Hans"):
        chinese = stills(figure(ORDINARY, ORDINARY))[0]
    assert (english[:100] != chinese[:100]).any()


def test_without_lives_there_is_no_figure() -> None:
    assert cycle_figure(man_of_40(), None) is None
    assert cycle_figure(man_of_40(), Heads((0,), {}, {}, {}, {})) is None
