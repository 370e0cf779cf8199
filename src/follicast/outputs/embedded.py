"""What a self-contained page carries inside: its style, its print face, and its words."""

from __future__ import annotations

import base64
from importlib import resources

from markupsafe import Markup, escape

from follicast.language import say


def page_text(name: str) -> str:
    """A template or style sheet of outputs/pages."""
    return resources.files(__package__).joinpath("pages", name).read_text(encoding="utf-8")


def embedded_font(weight: int) -> str:
    """The print face of that weight, in base64."""
    name = f"fonts/source-sans-3-latin-{weight}-normal.woff2"
    return base64.b64encode(resources.files(__package__).joinpath(name).read_bytes()).decode("ascii")


def said_in_page(text: str, /, **values: object) -> str:
    """`say` for a page: values that are HTML stay so, all else is escaped."""
    if not any(isinstance(value, Markup) for value in values.values()):
        return say(text, **values)
    return Markup(escape(say(text))).format(**values)
