"""review.html: one file with the verdict, why, the figure, every reading, and what to do. No script, no request."""

from __future__ import annotations

from typing import Any

import jinja2
from markupsafe import Markup

from follicast.decisions.reviewing.record import Review
from follicast.language import ENGLISH
from follicast.outputs import wording
from follicast.outputs.embedded import embedded_font, page_text, said_in_page
from follicast.outputs.review.cells import COLOURS, SHAPES, rows, verdict_word
from follicast.outputs.review.drawing import review_drawing
from follicast.outputs.safety.shown import strictness
from follicast.outputs.svg import Figure


def render_review(review: Review) -> bytes:
    """Write the whole page, in the language being spoken.

    Returns:
        One self-contained HTML document in UTF-8; the figure is inline SVG, the print face is embedded.
    """
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.FunctionLoader(page_text),
    )
    environment.globals |= {"say": said_in_page, "strictness": strictness}
    environment.filters |= {
        "long_date": wording.long_date,
        "short_date": wording.short_date,
        "between": wording.between,
        "prose": lambda text: wording.bound(wording.typeset(text)),
        "capital": lambda text: wording.bound(wording.capital(text)),
    }
    figure = review_drawing(review)
    found = rows(review)
    shown = review.verdict if review.deciding is not None else None
    context: dict[str, Any] = {
        "r": review,
        "lang": "en-GB" if review.language == ENGLISH else review.language,
        "rows": found,
        "doses": not review.adherence_known and any(row.half for row in found),
        "figure": _drawn(figure) if figure is not None else None,
        "word": verdict_word(shown),
        "shape": SHAPES[shown],
        "colour": COLOURS[shown],
        "words_of": verdict_word,
        "css": Markup(page_text("report.css")),
        "fonts": {weight: embedded_font(weight) for weight in (400, 600)},
    }
    return environment.get_template("review.html.j2").render(context).encode("utf-8")


def _drawn(figure: Figure) -> dict[str, Any]:
    """A figure whose drawings, made by our own code, may enter the page unescaped."""
    drawings = {"wide": Markup(figure.wide), "narrow": Markup(figure.narrow)}
    return {"title": figure.title, "note": figure.note} | drawings
