"""The colours: one meaning each, safe for colour-blind readers and in grey print, the same in every output."""

from __future__ import annotations

from dataclasses import dataclass

from follicast.decisions.result import PlanResult
from follicast.language import say

INK = "#1c2b33"
PAPER = "#fcfbf8"
HAIRLINE = "#d9d6cf"
MUTED = "#5d676d"
NOTHING = "#7d858a"
PLAN_A = "#0f6e7a"
PLAN_B = "#c0632b"
PLAN_C = "#6a5aa3"
GOOD = "#2f7d4f"
WATCH = "#b7791f"
STOP = "#b3362b"

NOTHING_ID = "none"


@dataclass(frozen=True)
class PlanStyle:
    """How one drawn plan looks everywhere: its short name, colour, dash pattern (empty = solid) and full label."""

    plan: str
    name: str
    colour: str
    dash: tuple[int, ...]
    label: str
    recommended: bool

    @property
    def ink(self) -> str:
        """The colour for words: the grey of nothing is too pale to read."""
        return MUTED if self.colour == NOTHING else self.colour


def plan_styles(result: PlanResult) -> dict[str, PlanStyle]:
    """Which colour, dash and short name does each drawn plan get?

    Nothing is grey and dashed, the recommended plan A and solid, the others B and C with their own dashes.
    """
    labels = {candidate.id: candidate.label for candidate in result.candidates}
    others = iter(((PLAN_B, (7, 3)), (PLAN_C, (2, 2))))
    styles = {}
    for plan in result.forecasts.plans[:3]:
        chosen = plan == result.chosen
        label = labels.get(plan, plan)
        if plan == NOTHING_ID:
            styles[plan] = PlanStyle(plan, say("Nothing"), NOTHING, (4, 3), label, chosen)
        elif chosen:
            styles[plan] = PlanStyle(plan, say("Plan"), PLAN_A, (), label, chosen)
        else:
            colour, dash = next(others)
            styles[plan] = PlanStyle(plan, say("Alternative"), colour, dash, label, chosen)
    return styles
