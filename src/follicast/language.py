"""The language in which people are spoken to: every text that a person reads passes `say`, whose English is its key.

A catalogue (languages/TAG.po, gettext's format) maps English texts to another language. English needs none. Texts in
data files (therapies, rules, claims) are keys too: say them where they are shown. Messages about wrong input and the
words of the command line stay English. Names of people and what they wrote are never translated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Final

from follicast.quantities import InputError

ENGLISH: Final = "en"
LANGUAGES: Final[Mapping[str, str]] = {ENGLISH: "English", "zh-Hans": "简体中文"}
"""Tag (BCP 47) and own name of every language there is."""

_spoken: ContextVar[str] = ContextVar("spoken", default=ENGLISH)


def language() -> str:
    """The tag of the language being spoken."""
    return _spoken.get()


def locale() -> str:
    """The language being spoken as babel names it."""
    return _spoken.get().replace("-", "_")


@contextmanager
def speaking(tag: str) -> Iterator[None]:
    """Speaks that language inside the block.

    Raises:
        InputError: there is no such language.
    """
    if tag not in LANGUAGES:
        raise InputError(f"language {tag!r} is not known; allowed are {', '.join(LANGUAGES)}.")
    token = _spoken.set(tag)
    try:
        yield
    finally:
        _spoken.reset(token)


def say(text: str, /, **values: object) -> str:
    """A text in the language being spoken.

    Args:
        text: in English; places for values are written {name}. A constant, or a text of a data file.
        values: what stands in these places, already worded; without any, braces mean nothing.

    Returns:
        The text; in English where the catalogue has none.
    """
    found = _catalogue(_spoken.get()).get(text, text)
    return found.format(**values) if values else found


def say_number(one: str, many: str, number: int, /, **values: object) -> str:
    """The text for one thing or for many; {number} stands for the number in both."""
    return say(one if number == 1 else many, number=number, **values)


@cache
def _catalogue(tag: str) -> Mapping[str, str]:
    if tag == ENGLISH:
        return {}
    from babel.messages.pofile import read_po  # takes a fifth of a second, which English need not wait for

    with (Path(__file__).parent / "languages" / f"{tag}.po").open("rb") as stream:
        catalogue = read_po(stream)
    return {str(message.id): str(message.string) for message in catalogue if message.id and message.string}
