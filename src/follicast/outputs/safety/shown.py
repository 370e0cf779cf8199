"""What the safety rules say, strictest first: on the terminal, as JSON, and where a plan is not made."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from follicast.decisions.result import Finding
from follicast.decisions.safety.answer import SafetyAnswer
from follicast.knowledge.safety import Severity
from follicast.language import say, say_number
from follicast.outputs.palette import MUTED, PLAN_A, STOP, WATCH
from follicast.outputs.wording import capital, long_date, typeset

if TYPE_CHECKING:
    from rich.console import Console

LETTER, SAFETY = "referral.html", "safety.json"
COLOURS = {"block": STOP, "hold": STOP, "warn": WATCH, "info": PLAN_A}
SHOWN_IN_SUMMARY = 5


def severity_word(finding: Finding) -> str:
    """One of four fixed words, or that somebody has set the rule aside."""
    if finding.overridden_by is not None:
        return say("set aside")
    return strictness(finding.severity)


def strictness(severity: Severity) -> str:
    """One of four fixed words."""
    return {"block": say("block"), "hold": say("hold"), "warn": say("warn"), "info": say("info")}[severity]


def may_set_aside(finding: Finding) -> str:
    """Who may set the rule aside, or who has."""
    signed = finding.overridden_by
    if signed is not None:
        return say(
            "Set aside by {name} ({role}) on {date}: {reason}",
            name=signed.by,
            role={"prescriber": say("prescriber"), "clinician": say("clinician")}[signed.role],
            date=long_date(signed.date),
            reason=signed.reason,
        )
    return {
        "nobody": say("Nobody may set this rule aside."),
        "prescriber": say("Only a prescriber may set this rule aside, with name and reason."),
        "clinician": say("A clinician may set this rule aside, with name and reason."),
    }[finding.override]


def stops(finding: Finding, names: dict[str, str]) -> str:
    """What the finding stops, in words; empty where it stops nothing. `names` are the therapies' names by id."""
    if finding.overridden_by is not None or not finding.bars:
        return ""
    parts = [say("the forecast")] if "forecast" in finding.bars else []
    if "plan" in finding.bars:
        parts.append(say("every line of the plan"))
    elif finding.therapies:
        parts.append(_named(finding.therapies, names))
    words = ", ".join(parts)
    if "recommendation" in finding.bars:
        return say("Compared, not recommended: {what}.", what=words)
    return say("Stops: {what}.", what=words)


def about_lines(finding: Finding, planned: Sequence[str], names: dict[str, str]) -> list[str]:
    """Which lines a finding means, for the person: how each line in use waits, else which lines of the plan.

    Args:
        finding: of the rules.
        planned: ids of the plan's lines.
        names: the therapies' names by id.
    """
    if finding.overridden_by is not None:
        return []
    if finding.pausing:
        return list(finding.pausing)
    if finding.pauses:
        return [say("Waits for now: {what}.", what=_named(finding.pauses, names))]
    own = [name for name in planned if name in finding.concerns]
    if own:
        return [say("In this plan: {what}.", what=_named(own, names))]
    if finding.cancels_sessions:
        return [say("Waits for now: {what}.", what=_named(finding.concerns, names))]
    return []


def _named(therapies: Sequence[str], names: dict[str, str]) -> str:
    return ", ".join(names.get(name, name) for name in therapies)


def render_safety_json(answer: SafetyAnswer) -> bytes:
    """safety.json: keys sorted, UTF-8, the same bytes for the same answer."""
    text = json.dumps(answer.model_dump(mode="json"), sort_keys=True, indent=2, ensure_ascii=False)
    return f"{text}\n".encode()


def write_refusal(answer: SafetyAnswer, folder: Path) -> list[Path]:
    """Writes the referral letter and safety.json, in place of a plan.

    Raises:
        InputError: the folder cannot be written.
    """
    from follicast.outputs.safety.referral import render_letter
    from follicast.outputs.write import write_files

    return write_files({LETTER: render_letter(answer), SAFETY: render_safety_json(answer)}, folder)


def print_safety(
    answer: SafetyAnswer, names: dict[str, str], paths: Sequence[Path] = (), *, console: Console | None = None
) -> None:
    """Prints the findings in full.

    Args:
        answer: of the rules.
        names: the therapies' names by id.
        paths: what was written.
        console: where to print; standard output if not given.
    """
    from rich.console import Console
    from rich.text import Text

    console = console or Console(highlight=False)

    def line(words: str, style: str = "", indent: int = 7) -> None:
        from rich.padding import Padding

        console.print(Padding(Text(typeset(words), style=style), (0, 0, 0, indent), expand=False))

    if answer.forecast_refused:
        line(
            say("No forecast and no plan is made for {person}: a doctor first.", person=answer.person.label), "bold", 0
        )
    else:
        count = len(answer.findings)
        line(
            say_number(
                "{number} safety rule has something to say.", "{number} safety rules have something to say.", count
            ),
            "bold",
            0,
        )
    for finding in answer.findings:
        console.print()
        head = Text(f"{severity_word(finding):<6} ", style=f"bold {COLOURS[finding.severity]}")
        head.append(finding.title, style="bold")
        head.append("  " + say("{rule}, version {version}", rule=finding.rule, version=finding.version), style=MUTED)
        console.print(head)
        if finding.because:
            line(say("Because: {facts}.", facts="; ".join(finding.because)))
        for text in (finding.text, finding.jurisdiction_text, stops(finding, names), *finding.pausing):
            if text:
                line(text)
        line(say("To do: {action}", action=finding.action))
        line(may_set_aside(finding), MUTED)
    console.print()
    line(say("Reviewed by nobody yet. Not a diagnosis."), "dim", 0)
    for path in paths:
        console.print(Text(capital(say("written: {path}", path=path))), soft_wrap=True)


def finding_lines(found: Sequence[Finding], planned: Sequence[str], names: dict[str, str]) -> list[tuple[str, str]]:
    """Each finding by its title with its colour, then the lines it means; arguments as in `about_lines`."""
    lines: list[tuple[str, str]] = []
    for f in found:
        lines.append((f"{severity_word(f)}: {f.title} ({f.rule})", COLOURS[f.severity]))
        lines += [(f"  {words}", "") for words in about_lines(f, planned, names)]
    return lines


def summary_lines(
    found: Sequence[Finding], number: int, planned: Sequence[str] = (), names: dict[str, str] | None = None
) -> list[tuple[str, str]]:
    """Each strict finding on the plan with the lines it means and its colour; how many more of the `number` there are.

    Args:
        found: findings on the plan, the strictest first.
        number: of all findings.
        planned: ids of the plan's lines.
        names: the therapies' names by id.
    """
    strict = [f for f in found if f.severity != "info" and f.overridden_by is None][:SHOWN_IN_SUMMARY]
    lines = finding_lines(strict, planned, names or {})
    rest = number - len(strict)
    if rest:
        lines.append((_notes_left(rest, more=bool(strict)), MUTED))
    return lines


def _notes_left(rest: int, *, more: bool) -> str:
    """How many notes are not shown; "more" only where some are."""
    if more:
        one, many = "{number} more note on safety is in the report.", "{number} more notes on safety are in the report."
        return say_number(one, many, rest)
    return say_number("{number} note on safety is in the report.", "{number} notes on safety are in the report.", rest)
