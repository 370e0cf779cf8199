"""A plan that may not be made: the letter instead of it. And the safety rules on their own."""

from __future__ import annotations

import sys
from pathlib import Path

from follicast.decisions.safety.answer import safety_answer
from follicast.knowledge.load import Knowledge
from follicast.language import say
from follicast.outputs.safety.shown import print_safety, render_safety_json, write_refusal
from follicast.outputs.schedule.file import cancel_barred
from follicast.outputs.write import CALENDAR
from follicast.people.person import Person


def _names(knowledge: Knowledge) -> dict[str, str]:
    return {name: say(therapy.name) for name, therapy in knowledge.therapies.items()}


def show_safety(person: Person, knowledge: Knowledge, *, as_json: bool, quiet: bool) -> None:
    """Prints the safety findings of a person.

    Raises:
        InputError: an override is not allowed, or a clinic's rules are wrong somewhere.
    """
    answer = safety_answer(person, knowledge)
    if as_json:
        sys.stdout.write(render_safety_json(answer).decode())
    elif not quiet:
        print_safety(answer, _names(knowledge))


def refuse_if_unsafe(person: Person, knowledge: Knowledge, folder: Path, *, as_json: bool, quiet: bool) -> bool:
    """Writes a referral letter in place of the plan where a rule forbids a forecast, and says so.

    Returns:
        Whether the plan is refused.

    Raises:
        InputError: an override is not allowed, a clinic's rules are wrong somewhere, or the folder cannot be written.
    """
    answer = safety_answer(person, knowledge)
    if not answer.forecast_refused:
        return False
    paths = write_refusal(answer, folder)
    if (folder / "plan.json").exists():
        sys.stderr.write(f"follicast: an older plan in {folder} no longer holds\n")
    if cancel_barred(folder, answer.findings, person.as_of):
        sys.stderr.write(f"follicast: its coming sessions are cancelled in {folder / CALENDAR}\n")
    if as_json:
        sys.stdout.write(render_safety_json(answer).decode())
    elif quiet:
        sys.stderr.write(f"follicast: no forecast is made for this person; see {paths[0]}\n")
    else:
        print_safety(answer, _names(knowledge), paths)
    return True
