"""A trial row in words: who was treated with what, what was read, what became of the number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from follicast.inference.replay import Predicted
from follicast.knowledge.load import Knowledge
from follicast.knowledge.trial import Arm, Measure, TrialRow
from follicast.outputs.science.words import num

# Therapies in the order in which a row is looked for: the one that an arm is about comes first.
PANELS: Final = (
    ("exosome", "Exosomes"),
    ("prp", "Platelet-rich plasma"),
    ("microneedling", "Needling"),
    ("light", "Light"),
    ("shampoo-antifungal", "Antifungal shampoo"),
    ("transplant", "Transplants"),
    ("dutasteride-oral", "Oral dutasteride"),
    ("finasteride-topical", "Topical finasteride"),
    ("finasteride-oral", "Oral finasteride"),
    ("minoxidil-oral", "Oral minoxidil"),
    ("minoxidil-topical", "Topical minoxidil"),
    ("spironolactone-oral", "Spironolactone"),
    ("nothing", "No treatment: control arms and untreated people"),
)


def panel_of(row: TrialRow) -> str:
    """Key of the panel in `PANELS` that a row belongs to."""
    other = row.against.active if row.against is not None else ()
    own = [name for name in row.arm.active if name not in other] or list(row.arm.active)
    for key, _ in PANELS:
        if any(name.startswith(key) for name in own):
            return key
    return "nothing"


def measure_words(measure: Measure) -> str:
    """What was read."""
    words: str = measure.quantity
    if measure.phases:
        words = f"{' and '.join(measure.phases)} {words}"
    if measure.above_um > 0.0 and measure.below_um < 1e6:
        words += f", {num(measure.above_um)} to {num(measure.below_um)} um"
    elif measure.above_um > 0.0:
        words += f", {num(measure.above_um)} um and more"
    elif measure.below_um < 1e6:
        words += f", below {num(measure.below_um)} um"
    return words


def arm_words(arm: Arm, knowledge: Knowledge) -> str:
    """What an arm got."""
    if not arm.uses:
        return "nothing" if arm.setting == "untreated" else f"nothing (dummy: {arm.setting})"
    parts = []
    for use in arm.uses:
        words = knowledge.therapies[use.therapy].short
        if use.session_weeks:
            sessions = "session" if len(use.session_weeks) == 1 else "sessions"
            words += f", {len(use.session_weeks)} {sessions}"
        elif use.dose != 1.0:
            words += f", {num(use.dose)} of the full dose"
        parts.append(words)
    return " + ".join(parts)


def compared_words(row: TrialRow, knowledge: Knowledge, by_line: Mapping[int, TrialRow]) -> str:
    """What a row's number is compared with."""
    if row.level:
        return "a level"
    if row.against is not None:
        return f"{arm_words(row.against, knowledge)}, in the row"
    if row.control_line is not None:
        return by_line[row.control_line].trial_id
    return "its own start"


def people_words(row: TrialRow) -> str:
    """Whom a trial took in."""
    who = row.who
    sex = {"male": "men", "female": "women", "mixed": "men and women"}[who.sex]
    words = f"{sex} of {num(who.age)}, {' and '.join(who.zones)}"
    if who.norwood is not None:
        words += f", Norwood {num(who.norwood[0])} to {num(who.norwood[1])}"
    return words


def author_words(cells: Mapping[str, str]) -> str:
    """Author and year as a link to the source."""
    name = f"{cells.get('first_author', '').strip('() ')} {cells.get('year', '')}".strip() or "not named"
    url = cells.get("url", "")
    return f"[{name}]({url.split(' ')[0]})" if url.startswith("http") else name


def label_of(p: Predicted) -> str:
    """A row in a figure."""
    return f"{p.row.trial_id}, week {num(p.row.week)}"


def inside(p: Predicted, wide: bool) -> bool | None:
    """Whether the reported number lies in the 95 % (wide) or 80 % interval; None where there is none."""
    if p.observed is None:
        return None
    low, high = (p.low95, p.high95) if wide else (p.low80, p.high80)
    return low <= p.observed <= high
