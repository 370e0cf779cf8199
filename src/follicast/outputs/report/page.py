"""report.html: one file a patient can read, a clinician can check and a printer can print. No script, no request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import jinja2
from markupsafe import Markup, escape

from follicast.decisions.result import Citation, Interval, PlanLine, PlanResult, Status
from follicast.knowledge.guidelines import scales
from follicast.language import say, speaking
from follicast.outputs import wording
from follicast.outputs.embedded import embedded_font, page_text
from follicast.outputs.palette import NOTHING_ID, plan_styles
from follicast.outputs.report import findings, weighing
from follicast.outputs.report.charts import figures
from follicast.outputs.report.reading import (
    at_day,
    band_of,
    before_start,
    chosen_candidate,
    compared,
    therapy_labels,
    visit_days,
)
from follicast.outputs.safety.shown import about_lines, may_set_aside, severity_word
from follicast.outputs.svg import Figure

QUANTITIES = {
    "density": "Hairs per cm²",
    "nonvellus_density": "Non-vellus hairs per cm²",
    "mean_diameter": "Mean diameter, µm",
    "coverage": "Coverage, %",
    "shed_per_day": "Shedding, hairs a day",
}
GOOD_K = 0.7
SCHEDULE_MONTHS = (6, 12, 24, 60)


def _median(interval: Interval) -> str:
    return wording.number(interval.median, interval.unit)


def _cell(interval: Interval, sign: bool = False) -> Markup:
    """A table cell: the median, then the 80 % interval in a quieter voice."""
    write = wording.signed if sign else wording.number
    middle = write(interval.median, interval.unit)
    return Markup('{} <span class="range">{}</span>').format(middle, wording.between(interval, sign))


def _course_with_nothing(result: PlanResult) -> tuple[list[str], list[dict[str, Any]]]:
    """The table of what happens with nothing: heads, and one row a quantity."""
    last = result.forecasts.days[-1] if result.forecasts.days else 0
    wanted = [(0, say("today"))]
    for month in SCHEDULE_MONTHS:
        day = round(month * wording.DAYS_PER_MONTH)
        if day <= last + 16:
            wanted.append((day, wording.counted(month, "month")))
    rows = []
    for quantity in QUANTITIES:
        band = band_of(result, NOTHING_ID, quantity)
        if band is None:
            continue
        rows.append({"label": say(QUANTITIES[quantity]), "cells": [at_day(result, band, day) for day, _ in wanted]})
    return [head for _, head in wanted], rows


def _statuses(line: PlanLine, jurisdiction: str | None) -> list[Status]:
    """The line's legal status, the person's own jurisdiction first."""
    return sorted(line.status, key=lambda s: (s.jurisdiction != jurisdiction, s.jurisdiction))


def _window(earliest: date, latest: date) -> str:
    """The days a date may move to, in words."""
    if earliest == latest:
        return say("fixed")
    first = wording.day_of_year(earliest) if earliest.year == latest.year else wording.short_date(earliest)
    return say("{first} to {last}", first=first, last=wording.short_date(latest))


def _cited(result: PlanResult) -> tuple[list[Citation], list[Citation]]:
    """The sources the report refers to, in order of first mention, and the others."""
    keys: dict[str, None] = dict.fromkeys(key for finding in result.safety for key in finding.sources)
    for line in result.lines:
        mentioned = [line.sources, *(s.sources for s in _statuses(line, result.person.jurisdiction))]
        for group in mentioned:
            keys |= dict.fromkeys(group)
    for line in result.lines:
        for harm in line.harms:
            keys |= dict.fromkeys(harm.sources)
    for row in result.comparison:
        told = [harm.sources for harm in row.harms[:3]] + [grade.sources for grade in row.guidelines]
        for group in (*told, *([row.status.sources] if row.status else [])):
            keys |= dict.fromkeys(group)
    known = {citation.key: citation for citation in result.citations}
    return [known[key] for key in keys if key in known], [c for c in result.citations if c.key not in keys]


def _reference_filter(cited: list[Citation]) -> Any:
    """Source keys to numbered links into the list of sources."""
    order = {citation.key: k + 1 for k, citation in enumerate(cited)}

    def refs(keys: list[str]) -> Markup:
        links = [
            Markup('<a href="#source-{0}">{0}</a>').format(order[key]) if key in order else escape(key) for key in keys
        ]
        return Markup(' <span class="refs">[{}]</span>').format(Markup(", ").join(links)) if links else Markup("")

    return refs


def _said(text: str, /, **values: object) -> str:
    """`say` for the page: values that are HTML stay so, all else is escaped."""
    if not any(isinstance(value, Markup) for value in values.values()):
        return say(text, **values)
    return Markup(escape(say(text))).format(**values)


def _environment(cited: list[Citation]) -> jinja2.Environment:
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.FunctionLoader(page_text),
    )
    environment.globals |= {
        "say": _said,
        "counted": wording.counted,
        "left_out_words": weighing.left_out_words,
        "shown_words": weighing.shown_words,
        "stopping_words": weighing.stopping_words,
    }
    environment.filters |= {
        "between": wording.between,
        "bound": wording.bound,
        "capital": lambda text: wording.bound(wording.capital(text)),
        "cell": _cell,
        "certainty": wording.certainty_word,
        "css": lambda text: Markup(re.sub(r"[^\w\s.,/-]", lambda sign: f"\\{ord(sign[0]):x} ", text)),
        "long_date": wording.long_date,
        "median": _median,
        "money": wording.money,
        "months": lambda days: wording.counted(wording.months(days), "month"),
        "number": wording.number,
        "place": wording.place,
        "of_ten_parts": weighing.parts_left,
        "of_ten": wording.of_ten,
        "refs": _reference_filter(cited),
        "short_date": wording.short_date,
        "signed": wording.signed,
        "typeset": lambda text: wording.bound(wording.typeset(text)),
        "unit": wording.unit_words,
    }
    return environment


def render_report(result: PlanResult, drawn: Mapping[str, Figure] | None = None) -> bytes:
    """Write the whole report, in the language of the answer.

    Args:
        result: the answer.
        drawn: its figures, where they are drawn already.

    Returns:
        One self-contained HTML document in UTF-8; figures are inline SVG, the print face is embedded.
    """
    with speaking(result.language):
        return wording.wide_signs(_page(result, figures(result) if drawn is None else drawn)).encode("utf-8")


def _page(result: PlanResult, drawn: Mapping[str, Figure]) -> str:
    heads, rows = _course_with_nothing(result)
    events = sorted(result.schedule, key=lambda e: (e.date, e.time or "", e.private))
    cited, uncited = _cited(result)
    labels = therapy_labels(result)
    context = {
        "cited": cited,
        "uncited": uncited,
        "r": result,
        "figures": {key: _drawn(figure) for key, figure in drawn.items()},
        "styles": plan_styles(result).values(),
        "best": chosen_candidate(result),
        "visits": wording.counted(len(visit_days(result)), "dated visit"),
        "chosen_lines": [line.therapy for line in result.lines],
        "labels": labels,
        "safety": before_start(result)[0],
        "safety_elsewhere": before_start(result)[1],
        "severity_word": severity_word,
        "may_set_aside": may_set_aside,
        "about_lines": lambda finding: about_lines(finding, [line.therapy for line in result.lines], labels),
        "scales": scales(),
        "nothing": result.chosen == NOTHING_ID,
        "goal": wording.zone_label(result, result.forecasts.goal_zone),
        "untreated_heads": heads,
        "untreated_rows": rows,
        "untreated": findings.nothing(result),
        "compared": compared(result),
        "time_zone": next((e.time_zone for e in events if e.time_zone is not None), None),
        "events": [(event, _window(event.earliest, event.latest)) for event in events],
        "statuses": {line.therapy: _statuses(line, result.person.jurisdiction) for line in result.lines},
        "certainty_words": [(wording.certainty_word(word), say(wording.CERTAINTY[word])) for word in wording.CERTAINTY],
        "sex": say(wording.SEXES[result.person.sex]),
        "good_k": GOOD_K,
        "end": result.as_of + timedelta(days=result.horizon_days),
        "css": Markup(page_text("report.css")),
        "fonts": {weight: embedded_font(weight) for weight in (400, 600)},
    }
    return _environment(cited).get_template("report.html.j2").render(context)


def _drawn(figure: Figure) -> dict[str, Any]:
    """A figure whose drawings, made by our own code, may enter the page unescaped."""
    return {
        "key": figure.key,
        "title": figure.title,
        "note": figure.note,
        "wide": Markup(figure.wide),
        "narrow": Markup(figure.narrow),
        "moving": figure.moving,
    }
