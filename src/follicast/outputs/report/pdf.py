"""The report on paper, set by typst from the same data and figures as the page: the same bytes for the same answer.

Nothing of the machine enters: the faces are our own (outputs/fonts), no package is fetched, and the day in the file is
that of the answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, time
from importlib import resources
from pathlib import Path
from typing import Any, Final

from follicast.decisions.result import PlanResult
from follicast.language import language, say, speaking
from follicast.outputs import wording
from follicast.outputs.palette import PAPER
from follicast.outputs.report.patient import patient_content
from follicast.outputs.report.pdf_blocks import blocks
from follicast.outputs.svg import Figure

FACE: Final = "Follicast Sans"
LONGEST_WORD: Final = 26
LONGEST_LABEL: Final = 60
BREAK: Final = "\u200b"


def render_pdf(result: PlanResult, page: bytes) -> bytes:
    """The whole report on paper.

    Args:
        result: the answer.
        page: its report.html, whose sections, tables and figures are set here.

    Returns:
        A PDF, in the language of the answer.
    """
    with speaking(result.language):
        content = _frame(result) | {"blocks": blocks(page.decode("utf-8"))}
    return _set("report.typ", content, result)


def render_patient_pdf(result: PlanResult, drawn: Mapping[str, Figure]) -> bytes:
    """Two pages for the patient.

    Args:
        result: the answer.
        drawn: its figures.

    Returns:
        A PDF of two A4 pages, in the language of the answer.
    """
    with speaking(result.language):
        content = _frame(result) | patient_content(result, drawn)
    return _set("patient.typ", content, result)


def _frame(result: PlanResult) -> dict[str, Any]:
    """What stands on every page: whose it is, of which day, by which version, and what it is not."""
    tag, _, script = language().partition("-")
    label = result.person.label
    if wording.width(label) > LONGEST_LABEL:
        label = f"{label[: LONGEST_LABEL // 2]}…"
    date = wording.long_date(result.as_of)
    age = say("{number} years old", number=int(result.person.age_years))
    version = say("Follicast {version}", version=result.follicast_version)
    knowledge = say("knowledge {hash}", hash=result.knowledge_hash[:12])
    return {
        "lang": tag,
        "region": {"Hans": "cn"}.get(script, "gb"),
        "title": say("Hair forecast and plan"),
        "who": f"{label} · {say(wording.SEXES[result.person.sex])}, {age} · {date}",
        "whose": label,
        "made": say("Made for {date}", date=date),
        "foot": f"{say('Not a diagnosis and not a medical device.')} {version} · {knowledge}",
        "page": say("Page {page} of {pages}"),
        "answer": wording.bound(wording.typeset(result.answer)),
    }


def _set(template: str, content: dict[str, Any], result: PlanResult) -> bytes:
    """Compile one template with its content."""
    import typst

    day = int(datetime.combine(result.as_of, time(), tzinfo=UTC).timestamp())
    with resources.as_file(resources.files("follicast.outputs")) as folder:
        compiler = typst.Compiler(
            str(folder / "pages" / template),
            root=str(folder),
            font_paths=_faces(folder),
            sys_inputs={"data": _json(content)},
        )
        made = compiler.compile(format="pdf", timestamp=day)
    if not isinstance(made, bytes):
        raise TypeError(f"{template} was not set as one document")
    return made


def _faces(folder: Path) -> Any:
    """Our own faces and no others, so that a page looks the same on every machine."""
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder / "fonts")])


def _json(content: dict[str, Any]) -> str:
    return json.dumps(_prepared(content), ensure_ascii=False, sort_keys=True)


def _prepared(value: Any) -> Any:
    """Drawings in our face and on white; words with places to break."""
    if isinstance(value, str):
        return _paper_drawing(value) if value.startswith("<svg") else breakable(wording.wide_signs(value))
    if isinstance(value, dict):
        return {key: _prepared(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_prepared(item) for item in value]
    return value


def _paper_drawing(svg: str) -> str:
    """A drawing of the page as paper needs it: our face named, halos under their letters, white for the page's tint."""
    svg = svg.replace('font-family="sans-serif"', f'font-family="{FACE}"').replace(PAPER, "#ffffff")
    svg = svg.replace("<svg ", f'<svg font-family="{FACE}" ', 1)
    return re.sub(r"<text (?=[^>]*\bstroke=)", '<text paint-order="stroke" stroke-linejoin="round" ', svg)


def breakable(text: str) -> str:
    """The text without control signs, and with places to break in words too long for a line, such as addresses."""
    text = re.sub(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", "", text)

    def opened(match: re.Match[str]) -> str:
        parts = re.sub(r"([/.?&=_:-])(?=\w)", rf"\1{BREAK}", match[0]).split(BREAK)
        return BREAK.join(re.sub(rf"(.{{{LONGEST_WORD}}})(?=.)", rf"\1{BREAK}", part) for part in parts)

    return re.sub(rf"[^\s\u2e80-\u9fff\uff00-\uffef]{{{LONGEST_WORD},}}", opened, text)
