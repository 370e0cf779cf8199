"""Speaking another language."""

import pytest

from follicast.language import language, say, say_number, speaking
from follicast.quantities import InputError


def test_english_is_spoken_unless_told_otherwise() -> None:
    assert language() == "en"
    assert say("none") == "none"


def test_a_language_is_spoken_inside_its_block_only() -> None:
    with speaking("zh-Hans"):
        assert say("none") == "无"
        assert language() == "zh-Hans"
    assert say("none") == "none"


def test_a_text_without_translation_stays_english() -> None:
    with speaking("zh-Hans"):
        assert say("a text that nobody has translated") == "a text that nobody has translated"


def test_values_stand_in_their_places_and_braces_mean_nothing_without_values() -> None:
    assert say("{a} of {b}", a=1, b=2) == "1 of 2"
    assert say("{not a place") == "{not a place"


def test_one_and_many_have_their_own_text() -> None:
    assert say_number("{number} session", "{number} sessions", 1) == "1 session"
    assert say_number("{number} session", "{number} sessions", 6) == "6 sessions"


def test_an_unknown_language_is_refused_with_what_is_allowed() -> None:
    with pytest.raises(InputError, match="allowed are en, zh-Hans"), speaking("xx"):
        pass
