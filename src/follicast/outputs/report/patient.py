"""What stands on the two pages for the patient: answer, pictures and bands; then the plan and what it risks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from follicast.decisions.result import Event, Finding, Harm, PlanLine, PlanResult
from follicast.language import say
from follicast.outputs import wording
from follicast.outputs.palette import NOTHING_ID, plan_styles
from follicast.outputs.report import findings
from follicast.outputs.report.pdf_blocks import Block, Run, page_figure
from follicast.outputs.report.reading import before_start, chosen_candidate, therapy_labels, visit_days
from follicast.outputs.report.weighing import shown_words, stopping_words
from follicast.outputs.safety.shown import about_lines
from follicast.outputs.svg import Figure

MOST_DATES = 12
MOST_HARMS = 3
MOST_UNKNOWNS = 4
STATUSES_ELSEWHERE = 2


def patient_content(result: PlanResult, drawn: Mapping[str, Figure]) -> dict[str, Any]:
    """The words and drawings of both pages, in the language being spoken."""
    pictures, bands = drawn.get("heads-row") or drawn.get("pictures"), drawn.get("forecast")
    parts = [
        _plan(result),
        _dates(result),
        _harms(result),
        _not_for(result),
        _calls(result),
        _stopping(result),
        _unknowns(result),
        _standing(result),
    ]
    urgent = [finding for finding in _told(result) if finding.pauses]
    return {
        "alarms": [_finding(finding, result) for finding in urgent],
        "disclaimer": say(
            "Not a diagnosis. A forecast by a model, with its uncertainty, to talk through with a doctor."
        ),
        "warnings": _warnings(result),
        "key": _key(result),
        "pictures": None if pictures is None else page_figure(pictures),
        "bands": None if bands is None else page_figure(bands),
        "notes": [*_alternative(result), *_shedding(result)],
        "parts": [part for part in parts if part is not None],
    }


def _words(text: str) -> list[Run]:
    return [(wording.bound(wording.typeset(text)), "")]


def _part(
    title: str, points: list[list[Run]], note: str = "", table: Block | None = None, columns: int = 1
) -> dict[str, Any]:
    """One part of the second page."""
    return {"title": title, "points": points, "note": note, "table": table, "columns": columns}


def _warnings(result: PlanResult) -> list[list[Run]]:
    """Safety findings that pause nothing that is in use, strictest first, and a forecast that is weakly founded."""
    found: list[list[Run]] = [_finding(finding, result) for finding in _told(result) if not finding.pauses]
    if not result.fit.trustworthy:
        words = say("Too few simulated people match this one for the intervals to be trusted.")
        found.append([(say("Warning: this forecast is weakly founded."), "bold"), (f" {words}", "")])
    return found


def _told(result: PlanResult) -> list[Finding]:
    """Safety findings that stop or change something, the strictest first."""
    return [finding for finding in before_start(result)[0] if finding.severity != "info"]


def _finding(finding: Finding, result: PlanResult) -> list[Run]:
    """What one safety rule says, and which lines it means."""
    planned = [line.therapy for line in result.lines]
    lines = about_lines(finding, planned, therapy_labels(result))
    title, text = (say("{sentence}.", sentence=finding.title.rstrip(".。")), "bold"), (f" {finding.text_patient}", "")
    if not finding.pausing:
        return [title, *((f" {words}", "") for words in lines), text]
    return [title, text, *(run for words in lines for run in (("", "break"), (f"– {words}", "")))]


def _key(result: PlanResult) -> list[Block]:
    """The four numbers of the plan; none where the plan is nothing."""
    best = chosen_candidate(result)
    if best is None or best.id == NOTHING_ID:
        return []
    months, unit = findings.horizon_words(result), wording.unit_words(best.gain.unit)
    rows = []
    for title, gain in (
        (say("Against nothing, after {months}", months=months), best.gain),
        (say("Against today, after {months}", months=months), best.gain_from_now),
    ):
        span = say("8 of 10: {range}", range=wording.between(gain, sign=True))
        rows.append((title, f"{wording.signed(gain.median, gain.unit)} {unit}", span))
    seen = wording.of_ten(1.0 - best.unseen_from_now)
    rows.append((say("Chance that a later count shows more than today's"), seen, shown_words(result, best)))
    visits = wording.counted(len(visit_days(result)), "dated visit")
    rows.append((say("Cost and visits, {months}", months=months), wording.money(best.cost), visits))
    return [{"term": [(a, "")], "value": [(wording.bound(b), ""), (wording.bound(c), "range")]} for a, b, c in rows]


def _alternative(result: PlanResult) -> list[str]:
    """What the drawn alternative is."""
    others = [s for s in plan_styles(result).values() if s.plan not in (NOTHING_ID, result.chosen)]
    return [wording.typeset(say("{name}: {plan}.", name=style.name, plan=style.label)) for style in others]


def _shedding(result: PlanResult) -> list[str]:
    """What has happened that sheds hair, and the early shedding that the plan is expected to bring."""
    styles = plan_styles(result)
    notes = [wording.typeset(words) for words in result.forecasts.shedding_causes]
    for plan, first, last, why in result.forecasts.shedding_windows:
        if plan == result.chosen and plan in styles:
            name = styles[plan].name
            if first < 1:
                text = say(
                    "{plan}: more shedding is expected in the first {last} days, because {why}.",
                    plan=name,
                    last=last,
                    why=why,
                )
            else:
                text = say(
                    "{plan}: more shedding is expected from day {first} to day {last}, because {why}.",
                    plan=name,
                    first=first,
                    last=last,
                    why=why,
                )
            notes.append(f"{text} {say('It is part of the forecast and no reason to stop.')}")
    return notes


def _plan(result: PlanResult) -> dict[str, Any]:
    """The lines with what each adds, how certain that is, and what it costs."""
    title = say("The plan and its cost")
    best = chosen_candidate(result)
    if best is None or result.chosen == NOTHING_ID or not result.lines:
        words = say("The plan is no treatment. It costs nothing and can be reconsidered at any visit.")
        return _part(title, [], words)
    months = findings.horizon_words(result)
    unit = wording.unit_words(result.lines[0].adds.unit)
    heads = (
        say("Line"),
        say("What is done"),
        say("Adds, {unit}", unit=unit),
        say("Certainty"),
        say("Cost, {months}", months=months),
    )
    rows: list[list[list[Run]]] = [
        [_line_name(line), _words(wording.capital(line.what)), *_numbers(line)] for line in result.lines
    ]
    rows.append(
        [
            [(say("The whole plan"), "")],
            _words(wording.counted(len(visit_days(result)), "dated visit")),
            [(wording.signed(best.gain.median), ""), (wording.between(best.gain, sign=True), "range")],
            [(wording.certainty_word(best.certainty), "")],
            _words(wording.money(best.cost)),
        ]
    )
    note = say("Adds: the plan minus the plan without the line, and the range for 8 of 10 people like you.")
    note += say(" ") + say("Costs are defaults that can be edited, not offers.")
    return _part(title, [], note, _table([[_words(head) for head in heads]], rows))


def _line_name(line: PlanLine) -> list[Run]:
    return [(wording.bound(wording.capital(line.label)), "")]


def _numbers(line: PlanLine) -> list[list[Run]]:
    return [
        [(wording.signed(line.adds.median), ""), (wording.between(line.adds, sign=True), "range")],
        [(wording.certainty_word(line.certainty), "")],
        _words(wording.money(line.cost)),
    ]


def _table(head: list[list[list[Run]]], rows: list[list[list[Run]]]) -> Block:
    def row(cells: list[list[Run]], strong: bool = False) -> Block:
        return {"cells": [{"runs": runs, "span": 1} for runs in cells], "strong": strong}

    last = len(rows) - 1
    return {
        "caption": [],
        "head": [row(cells) for cells in head],
        "rows": [row(cells, k == last) for k, cells in enumerate(rows)],
        "columns": [22, 34, 15, 12, 17],
    }


def _dates(result: PlanResult) -> dict[str, Any]:
    """The first dates; all are in the report and in the calendar."""
    events = sorted(result.schedule, key=lambda event: (event.date, event.time or "", event.private))
    if not events:
        return _part(say("Dates"), [], say("There are no dates to keep."))
    points = [_event(event) for event in events[:MOST_DATES]]
    more = len(events) - len(points)
    note = say("{number} more dates are in the report and in the calendar file.", number=more) if more else ""
    return _part(say("Dates"), points, note, columns=2)


def _event(event: Event) -> list[Run]:
    when = wording.short_date(event.date) + (f", {event.time}" if event.time is not None else "")
    return [(f"{when}{say(': ')}", "bold"), *_words(wording.capital(event.private))]


def _harms(result: PlanResult) -> dict[str, Any] | None:
    """The first harms of each line with their rates."""
    if not result.lines:
        return None
    points: list[list[Run]] = []
    for line in result.lines:
        told = []
        for harm in _own_harms(line, result)[:MOST_HARMS]:
            control = harm.control_rate or say("not known")
            told.append(say("{harm}: {rate} (without it: {control})", harm=harm.name, rate=harm.rate, control=control))
        known = say("; ").join(told) if told else say("none is recorded, which does not mean there are none")
        points.append(
            [(f"{wording.capital(line.label)}{say(': ')}", "bold"), *_words(say("{sentence}.", sentence=known))]
        )
    return _part(say("Harms"), points, say("The report has all that are recorded."))


def _own_harms(line: PlanLine, result: PlanResult) -> list[Harm]:
    """Those seen in people of this sex, or in people of both."""
    other = "women" if result.person.sex == "male" else "men"
    return [harm for harm in line.harms if harm.among != other]


def _not_for(result: PlanResult) -> dict[str, Any] | None:
    """Who should not use the lines; what several lines share is said once."""
    named: dict[str, list[str]] = {}
    for line in result.lines:
        for text in line.do_not_use:
            named.setdefault(text, []).append(wording.capital(line.label))
    whose: dict[tuple[str, ...], list[str]] = {}
    for text, labels in named.items():
        whose.setdefault(tuple(labels), []).append(text)
    points = [
        [(f"{say(', ').join(labels)}{say(': ')}", "bold"), *_words(say(" ").join(texts))]
        for labels, texts in whose.items()
    ]
    return _part(say("Who should not use it, or only with care"), points) if points else None


def _stopping(result: PlanResult) -> dict[str, Any] | None:
    """What stopping everything, and each line, is expected to leave."""
    if not result.lines:
        return None
    points: list[list[Run]] = []
    if result.stopping is not None:
        lead = say("If everything stops after {months}", months=wording.counted(result.stopping.month, "month"))
        points.append([(f"{lead}{say(': ')}", "bold"), *_words(stopping_words(result.stopping))])
    points += [
        [(f"{wording.capital(line.label)}{say(': ')}", "bold"), *_words(wording.capital(line.stopping))]
        for line in result.lines
    ]
    return _part(say("When it is stopped"), points)


def _calls(result: PlanResult) -> dict[str, Any]:
    """The signs that mean: stop, call a doctor; and those that no plan changes."""
    points: list[list[Run]] = []
    for line in result.lines:
        if line.call_doctor:
            signs = say("; ").join(line.call_doctor)
            points.append(
                [(f"{wording.capital(line.label)}{say(': ')}", "bold"), *_words(say("{sentence}.", sentence=signs))]
            )
    if result.referral_signs:
        signs = say("; ").join(result.referral_signs)
        lead = say("Whatever the plan, see a doctor first with: ")
        points.append([(lead, "bold"), *_words(say("{sentence}.", sentence=signs))])
    return _part(say("Stop and call a doctor with"), points)


def _unknowns(result: PlanResult) -> dict[str, Any]:
    """What nobody knows."""
    points = [_words(wording.capital(text)) for text in result.unknowns[:MOST_UNKNOWNS]]
    points += [_words(text) for text in result.fit.messages]
    return _part(say("What we do not know"), points)


def _standing(result: PlanResult) -> dict[str, Any] | None:
    """The legal status of each line where the person lives, dated; of two places where that is not known."""
    points: list[list[Run]] = []
    for line in result.lines:
        own = [status for status in line.status if status.jurisdiction == result.person.jurisdiction]
        told = [
            say(
                "{place}: {status} (checked on {date})",
                place=wording.place(status.jurisdiction),
                status=status.status,
                date=wording.short_date(status.checked_on),
            )
            for status in own or line.status[:STATUSES_ELSEWHERE]
        ]
        words = say("{sentence}.", sentence=say("; ").join(told)) if told else say("We do not know its legal status.")
        points.append([(f"{wording.capital(line.label)}{say(': ')}", "bold"), *_words(words)])
    note = "" if result.person.jurisdiction else say("No country was given, so two of those known are named.")
    return _part(say("Legal status"), points, note) if points else None
