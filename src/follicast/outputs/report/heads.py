"""Simulated photographs of a head: today and later, with nothing and with the plan, and how uncertain that is."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Final

import cv2

from follicast.decisions.planning.pictured import Head, Heads
from follicast.decisions.result import PlanResult
from follicast.language import say
from follicast.measurement.drawing.head import ViewName
from follicast.measurement.drawing.portrait import Portrait, take
from follicast.measurement.drawing.strands import Style, grow
from follicast.outputs import wording
from follicast.outputs.palette import MUTED, NOTHING_ID
from follicast.outputs.report import findings
from follicast.outputs.svg import NARROW_WIDTH, WIDE_WIDTH, Figure, text_element

PICTURE_PX: Final = 460
_QUALITY: Final = 84
_VIEWS: Final[dict[str, ViewName]] = {
    "vertex": "vertex",
    "mid-scalp": "midline",
    "frontal-hairline": "frontal",
    "temples": "frontal",
    "sides": "temporal",
    "occipital-donor": "vertex",
}
_MEN: Final = Style(cut_mm=28.0)
_WOMEN: Final = Style(cut_mm=55.0, parted=True)
_GAP: Final = 8.0
_HEAD: Final = 20.0
"""Room for a row of words above pictures."""


def heads_figures(result: PlanResult, heads: Heads | None) -> list[Figure]:
    """The head over time, the same at its ends in one row, and the edges of the forecast; none without a head.

    Args:
        result: the answer.
        heads: of it; None = the answer was read from a file that has none.
    """
    if heads is None:
        return []
    plans = [plan for plan in (NOTHING_ID, result.chosen) if plan in heads.middle]
    plans = list(dict.fromkeys(plans))
    style = _MEN if result.person.sex == "male" else _WOMEN
    camera = Portrait(view=_VIEWS[result.forecasts.goal_zone], size_px=PICTURE_PX, hair="black", skin="light")

    def shot(head: Head) -> str:
        taken = take(grow(head, style), camera, mark=say("simulated"))
        _, data = cv2.imencode(".jpg", taken.picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        return base64.b64encode(data.tobytes()).decode("ascii")

    today = shot(heads.middle[plans[0]][0])
    later = {plan: {month: shot(heads.middle[plan][month]) for month in heads.months[1:]} for plan in plans}
    edges = {plan: (shot(heads.less[plan]), shot(heads.more[plan])) for plan in plans}
    note = say(
        "One simulated head in the middle of the forecast, photographed as a clinic would, hair {length} mm long. "
        "The same follicles in every picture: what differs is what time and treatment did. Not a photograph of you; "
        "colours and style are not yours.",
        length=f"{style.cut_mm:g}",
    )
    month = wording.counted(heads.months[-1], "month")
    unsure = say(
        "Other simulated people like you: of 10, 1 has less cover than the left one and 1 has more than the right one. "
        "What lies between cannot be told beforehand."
    )
    return [
        Figure(
            "heads",
            say("How it may look (simulated): today, with nothing, and with the plan")
            if len(plans) > 1
            else say("How it may look (simulated): today, and later with nothing"),
            note,
            _wide(today, later),
            _narrow(today, later),
        ),
        Figure("heads-row", findings.pictures(result), note, _row(today, later), ""),
        Figure(
            "heads-range",
            say("How sure that picture is, after {months}", months=month),
            unsure,
            _sides(edges, WIDE_WIDTH),
            _sides(edges, NARROW_WIDTH),
        ),
    ]


def _name(plan: str) -> str:
    return say("With nothing") if plan == NOTHING_ID else say("With the plan")


def _picture(x: float, y: float, size: float, data: str) -> str:
    source = f"data:image/jpeg;base64,{data}"
    return f'<image x="{x:g}" y="{y:g}" width="{size:g}" height="{size:g}" href="{source}"/>'


def _words(x: float, y: float, text: str, **attributes: str) -> str:
    return text_element(x, y, wording.capital(text), 13.0, **({"text_anchor": "start"} | attributes))


def _sheet(width: float, height: float, parts: list[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" style="max-width:{width:g}px"'
        f' aria-hidden="true" focusable="false">{"".join(parts)}</svg>'
    )


def _wide(today: str, later: Mapping[str, Mapping[int, str]]) -> str:
    """Today at the left; a row for each plan at its right."""
    months = list(next(iter(later.values())))
    size = (WIDE_WIDTH - _GAP * len(months)) / (len(months) + 1)
    row = _HEAD + size + _GAP
    middle = 0.5 * (len(later) * row - _GAP - size - _HEAD)
    parts = [_words(0.0, middle + 14.0, say("Today"), font_weight="600"), _picture(0.0, middle + _HEAD, size, today)]
    for k, (plan, shots) in enumerate(later.items()):
        for j, (month, data) in enumerate(shots.items()):
            x = (j + 1) * (size + _GAP)
            when = wording.counted(month, "month")
            words = say("{plan}, {months}", plan=_name(plan), months=when)
            parts.append(_words(x, k * row + 14.0, words))
            parts.append(_picture(x, k * row + _HEAD, size, data))
    return _sheet(WIDE_WIDTH, len(later) * row - _GAP, parts)


def _row(today: str, later: Mapping[str, Mapping[int, str]]) -> str:
    """Today, and the last month of each plan beside it."""
    shown = [(say("Today"), today)]
    for plan, shots in later.items():
        month, data = list(shots.items())[-1]
        shown.append((say("{plan}, {months}", plan=_name(plan), months=wording.counted(month, "month")), data))
    size = (WIDE_WIDTH - 2.0 * _GAP) / 3.0
    parts = []
    for k, (words, data) in enumerate(shown):
        parts += [_words(k * (size + _GAP), 14.0, words), _picture(k * (size + _GAP), _HEAD, size, data)]
    return _sheet(WIDE_WIDTH, _HEAD + size, parts)


def _narrow(today: str, later: Mapping[str, Mapping[int, str]]) -> str:
    """Today on top; below it a column for each plan."""
    size = (NARROW_WIDTH - _GAP) / 2.0
    row = _HEAD + size + _GAP
    parts = [_words(0.0, 14.0, say("Today"), font_weight="600"), _picture(0.0, _HEAD, size, today)]
    months = list(next(iter(later.values())))
    for k, (plan, shots) in enumerate(later.items()):
        for j, (month, data) in enumerate(shots.items()):
            words = say("{plan}, {months}", plan=_name(plan), months=wording.counted(month, "month"))
            parts.append(_words(k * (size + _GAP), (j + 1) * row + 14.0, words))
            parts.append(_picture(k * (size + _GAP), (j + 1) * row + _HEAD, size, data))
    return _sheet(NARROW_WIDTH, (len(months) + 1) * row - _GAP, parts)


def _sides(edges: Mapping[str, tuple[str, str]], width: float) -> str:
    """For each plan the head with less and the head with more."""
    across = 2 * len(edges) if width == WIDE_WIDTH else 2
    size = (width - _GAP * (across - 1)) / across
    row = 2.0 * _HEAD + size + _GAP
    parts = []
    for k, (plan, shots) in enumerate(edges.items()):
        column, line = (2 * k, 0) if across > 2 else (0, k)
        x, y = column * (size + _GAP), line * row
        parts.append(_words(x, y + 14.0, _name(plan), font_weight="600"))
        for j, (words, data) in enumerate(
            zip((say("1 in 10: less than this"), say("1 in 10: more than this")), shots, strict=True)
        ):
            parts.append(_words(x + j * (size + _GAP), y + _HEAD + 13.0, words, fill=MUTED))
            parts.append(_picture(x + j * (size + _GAP), y + 2.0 * _HEAD, size, data))
    return _sheet(width, (1 if across > 2 else len(edges)) * row - _GAP, parts)
