"""referral.html: where no forecast may be made, a letter to a doctor to print and sign, and a page for the person."""

from __future__ import annotations

from typing import Any

import jinja2
from markupsafe import Markup

from follicast.decisions.safety.answer import SafetyAnswer
from follicast.language import say, speaking
from follicast.outputs import wording
from follicast.outputs.embedded import embedded_font, page_text
from follicast.outputs.safety.shown import may_set_aside, severity_word

STYLE = """
.letter { margin-top: 2rem; } .letter h2 { margin-top: 2.5rem; }
.why { margin-top: 1.25rem; border-left: 4px solid var(--stop); padding-left: 1rem; }
.why.warn, .why.info { border-color: var(--hairline); }
.why h3 { margin-top: 0; }
.sign { margin-top: 3.5rem; display: grid; grid-template-columns: 1fr 1fr; gap: 2rem; max-width: var(--text); }
.sign div { border-top: 1px solid var(--ink); padding-top: .25rem; color: var(--muted); font-size: .9375rem; }
.meta { display: grid; grid-template-columns: 7rem 1fr; gap: .25rem 1rem; max-width: var(--text); margin-top: 1rem; }
.meta dt { color: var(--muted); font-weight: 400; } .meta dd { margin: 0; }
@media print { .own { break-before: page; } .why { break-inside: avoid; } }
"""


def _said(text: str, /, **values: object) -> str:
    return say(text, **values)


def render_letter(answer: SafetyAnswer) -> bytes:
    """Write the letter.

    Args:
        answer: of the safety rules, with the findings that forbid a forecast.

    Returns:
        One self-contained HTML document in UTF-8, in the language of the answer: the letter for the doctor, then a page
        for the person.
    """
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.FunctionLoader(page_text),
    )
    environment.globals |= {"say": _said, "may_set_aside": may_set_aside, "severity_word": severity_word}
    environment.filters |= {
        "bound": wording.bound,
        "long_date": wording.long_date,
        "typeset": lambda text: wording.bound(wording.typeset(text)),
    }
    strict = [f for f in answer.findings if f.severity in ("block", "hold") and f.overridden_by is None]
    asked = [f for f in strict if f.forecast_refused or "plan" in f.bars]
    others = [f for f in answer.findings if f not in asked and not f.concerns and f.severity != "info"]
    named = {key for f in (*asked, *others) for key in f.sources}
    context: dict[str, Any] = {
        "a": answer,
        "asked": asked,
        "others": others,
        "cited": [citation for citation in answer.citations if citation.key in named],
        "css": Markup(page_text("report.css") + STYLE),
        "fonts": {weight: embedded_font(weight) for weight in (400, 600)},
    }
    with speaking(answer.language):
        return environment.get_template("referral.html.j2").render(context).encode("utf-8")
