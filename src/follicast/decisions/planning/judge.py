"""What each regimen is worth to this person, and why one may not be the recommendation."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from follicast.decisions.planning.candidates import TRANSPLANT, Option, compatible, least_interval, option
from follicast.decisions.planning.value import cost_of, deductions, visits_of, worth
from follicast.decisions.planning.workbench import Workbench
from follicast.decisions.result import Excluded
from follicast.decisions.safety.rules import findings, not_recommended
from follicast.inference.forecast import Outlook, Regimen
from follicast.language import say
from follicast.quantities import DAYS_PER_YEAR

# From this weight of coverage on, surgery counts as asked for.
_WANTS_COVERAGE: Final = 2.0


@dataclass(frozen=True)
class Judged:
    """An option with its forecast and its worth."""

    option: Option
    outlook: Outlook
    gross: float
    deductions: dict[str, float]
    barred: str | None

    @property
    def value(self) -> float:
        """Worth after deductions, in hairs/cm2."""
        return self.gross - sum(self.deductions.values())


class Judge:
    """Judges options for one person against nothing."""

    def __init__(self, bench: Workbench, left_out: Sequence[Excluded]) -> None:
        """Knows what nothing would bring; judges each combination when asked."""
        self.bench = bench
        self.left_out = {e.therapy: e for e in left_out}
        self.safety = findings(bench.person, bench.knowledge)
        self.only_compared = not_recommended(self.safety)
        self.nothing = bench.outlook(Regimen())
        self.judged: dict[str, Judged] = {}

    def judge(self, names: tuple[str, ...], proposal_index: int | None = None) -> Judged:
        """Judge one combination once."""
        b = self.bench
        proposal = None if proposal_index is None else b.person.proposals[proposal_index]
        made = option(b.person, b.knowledge, names, b.horizon_days, proposal)
        if made.id not in self.judged:
            self.judged[made.id] = self.weigh(made)
        return self.judged[made.id]

    def weigh(self, made: Option) -> Judged:
        """Judge an option without comparing it with the others."""
        b, names = self.bench, made.therapies
        if not names:
            return Judged(made, self.nothing, 0.0, {}, None)
        outlook = b.outlook(made.regimen)
        cost = cost_of(names, made.regimen, b.knowledge, b.horizon_days)
        visits = visits_of(names, made.regimen, b.knowledge, b.horizon_days)
        years = b.horizon_days / DAYS_PER_YEAR
        taken = deductions(b.person, b.knowledge, names, cost, visits, years)
        gross = worth(b.person, outlook, self.nothing, b.posterior.weights)
        return Judged(made, outlook, gross, taken, self._bar(made, cost.low / years))

    def _bar(self, made: Option, least_per_year: float) -> str | None:
        """Every reason why this combination may not be the recommendation, though it is compared; None = it may."""
        budget = self.bench.person.budget
        reasons = [*self._left_out(made), *self._unfit(made)]
        if budget is not None and least_per_year > budget.per_year:
            reasons.append(
                say(
                    "At least {least} USD a year, over the budget of {budget}.",
                    least=f"{least_per_year:.0f}",
                    budget=f"{budget.per_year:.0f}",
                )
            )
        return " ".join(reasons) or None

    def _left_out(self, made: Option) -> list[str]:
        """Lines that are left out, or that a safety rule lets be compared only."""
        reasons = []
        for name in made.therapies:
            if name in self.left_out:
                gone = self.left_out[name]
                reasons.append(say("{therapy} is left out. {reason}", therapy=gone.label, reason=gone.reason))
            elif name in self.only_compared:
                kept = self.only_compared[name]
                reasons.append(say("{title} (rule {rule}).", title=kept.title, rule=kept.rule))
        return reasons

    def _unfit(self, made: Option) -> list[str]:
        """What does not go together, is too close together, or was not asked for."""
        person, knowledge = self.bench.person, self.bench.knowledge
        reasons = []
        if not compatible(knowledge, made.therapies):
            reasons.append(say("Two of its lines do the same and are not used together."))
        for line in made.regimen.lines:
            therapy = knowledge.therapies[line.therapy]
            least = least_interval(therapy)
            if any(later - day < least for day, later in itertools.pairwise(line.sessions)):
                words = {"therapy": say(therapy.name), "days": f"{least:.0f}"}
                reasons.append(say("{therapy} needs {days} days between sessions.", **words))
        asked = TRANSPLANT in person.considers or person.goals.coverage >= _WANTS_COVERAGE
        if TRANSPLANT in made.therapies and not asked:
            reasons.append(
                say("Surgery is compared, not recommended: it needs an examination, and the person did not ask for it.")
            )
        return reasons
