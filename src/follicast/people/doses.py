"""The dose log: days on which a dose was taken or not, and what follows for how regularly a therapy was used.

Days since the last dose: 1 is on time or late, 2 to 7 a gap (it only lowers the share of doses taken), 8 to 30 an
interruption, more a stop unless it is resumed. An interruption and a stop cut the use in two, so that the effect decays
in the model. A day that nobody wrote down is unknown: it is not a dose taken, and it is not a dose left out; a stretch
of such days alone is use of unknown regularity. An empty log says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, Literal

from follicast.people.table import Table, Window

if TYPE_CHECKING:
    from follicast.people.person import Treatment

BreakKind = Literal["late", "gap", "interruption", "stopped"]
KEYS: Final = ("therapy", "date", "first", "last", "taken", "entered")
LATE_DAYS: Final = 1
GAP_DAYS: Final = 7
INTERRUPTION_DAYS: Final = 30
RETROACTIVE_DAYS: Final = 14
"""How long afterwards a day may still be written down."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DoseEntry:
    """Days from `first` to `last` on which every dose was taken, or none was.

    `entered` is the day on which it was written down afterwards; None = on the day itself.
    """

    therapy: str
    first: date
    last: date
    taken: bool
    entered: date | None = None


@dataclass(frozen=True, slots=True)
class DoseBreak:
    """A stretch without a dose. `days` are those since the last dose, at its end; `resumed` None = not yet.

    `last_dose` None = no dose is in the log before it. `entered_late` says that some of it was written down afterwards.
    """

    therapy: str
    last_dose: date | None
    resumed: date | None
    days: int
    kind: BreakKind
    entered_late: bool


def kind_of(days_since_last_dose: int) -> BreakKind:
    """What so many days since the last dose are called."""
    if days_since_last_dose <= LATE_DAYS:
        return "late"
    if days_since_last_dose <= GAP_DAYS:
        return "gap"
    return "interruption" if days_since_last_dose <= INTERRUPTION_DAYS else "stopped"


def read_doses(
    blocks: Sequence[Table], therapies: Sequence[str], treatments: Sequence[Treatment], past: Window
) -> tuple[DoseEntry, ...]:
    """The [[doses]] blocks, in order of date.

    Raises:
        InputError: a block is not what it must be, says something else of a day than another one, lies outside the use
            of its therapy, or was written down too late.
    """
    found: list[DoseEntry] = []
    for block in blocks:
        entry = _entry(block, therapies, past)
        if not any(
            t.therapy == entry.therapy
            and t.start <= entry.first
            and entry.last <= (t.end or past.last)
            and not t.sessions
            for t in treatments
        ):
            block.refuse("therapy", "has no [[treatments]] block of daily use that covers these days; write that first")
        for earlier in found:
            if earlier.therapy == entry.therapy and earlier.first <= entry.last and entry.first <= earlier.last:
                day = max(earlier.first, entry.first)
                block.refuse("therapy", f"has {day} in an earlier [[doses]] block already; say each day once")
        found.append(entry)
    return tuple(sorted(found, key=lambda entry: (entry.first, entry.therapy)))


def _entry(block: Table, therapies: Sequence[str], past: Window) -> DoseEntry:
    therapy = block.required_word("therapy", therapies)
    if block.has("date") == block.has("first"):
        block.refuse("date", "is needed, or first and last for several days, but not both")
    if block.has("date"):
        first = last = block.required_date("date", past)
    else:
        first = block.required_date("first", past)
        last = block.required_date("last", Window(first, past.last, f"first, {first}", past.after))
    taken = block.flag("taken")
    if taken is None:
        block.refuse("taken", "is missing; give true or false, and leave out the days that nobody knows of")
    entered = block.when("entered", Window(last, past.last, f"the last of these days, {last}", past.after))
    if entered is not None and (entered - first).days > RETROACTIVE_DAYS:
        block.refuse(
            "entered", f"is {(entered - first).days} days after {first}; at most {RETROACTIVE_DAYS} are allowed"
        )
    return DoseEntry(therapy, first, last, taken, None if entered == first == last else entered)


def breaks(doses: Iterable[DoseEntry], treatments: Iterable[Treatment], as_of: date) -> tuple[DoseBreak, ...]:
    """Every stretch without a dose that the log is sure of, in order of date."""
    entries = tuple(doses)
    found: list[DoseBreak] = []
    for treatment in treatments:
        found += _Log(treatment, entries, as_of).breaks()
    return tuple(sorted(found, key=lambda b: (b.last_dose or date.min, b.therapy)))


def lived(doses: Iterable[DoseEntry], treatments: Iterable[Treatment], as_of: date) -> tuple[Treatment, ...]:
    """The treatments as they were used: cut where the log shows an interruption or a stop, with the share of doses.

    Args:
        doses: the log.
        treatments: as the person file has them; their own `adherence` stands for the days before and after the log.
        as_of: the day the person is described on.

    Returns:
        Stretches of use in order of their start. `end` is the first day without the therapy, None = it goes on.
    """
    entries = tuple(doses)
    found: list[Treatment] = []
    for treatment in treatments:
        found += _Log(treatment, entries, as_of).stretches()
    return tuple(sorted(found, key=lambda t: (t.start, repr(t))))


class _Log:
    """The log of one treatment, day by day."""

    def __init__(self, treatment: Treatment, doses: tuple[DoseEntry, ...], as_of: date) -> None:
        self.treatment = treatment
        self.until = treatment.end or as_of
        self.days: dict[date, bool] = {}
        self.late: set[date] = set()
        for entry in doses:
            inside = entry.therapy == treatment.therapy and treatment.start <= entry.first <= self.until
            day = entry.first
            while inside and not treatment.sessions and day <= min(entry.last, self.until):
                self.days[day] = entry.taken
                if entry.entered is not None and entry.entered > day:
                    self.late.add(day)
                day += _DAY
        self.taken = sorted(day for day, took in self.days.items() if took)

    def breaks(self) -> list[DoseBreak]:
        """The stretches without a dose in which at least one day is known to be without."""
        found = []
        for last, resumed in self._runs():
            begin = last or min(self.days) - _DAY
            end = resumed or self.until + _DAY
            known = [day for day, took in self.days.items() if begin < day < end and not took]
            if not known:
                continue
            days = ((resumed or max(known)) - begin).days
            if resumed is None and days > GAP_DAYS:
                days = (self.until - begin).days  # no dose is known of since
            late = any(day in self.late for day in known)
            found.append(DoseBreak(self.treatment.therapy, last, resumed, days, kind_of(days), late))
        return found

    def _runs(self) -> list[tuple[date | None, date | None]]:
        """Each dose with the next one, and what lies before the first and after the last."""
        if not self.days:
            return []
        ends: list[date | None] = [*self.taken, None]
        starts: list[date | None] = [None, *self.taken]
        return [(a, b) for a, b in zip(starts, ends, strict=True) if a is None or b is None or (b - a).days > 1]

    def stretches(self) -> list[Treatment]:
        """The treatment in pieces."""
        if not self.days:
            return [self.treatment]
        long = [each for each in self.breaks() if each.kind in ("interruption", "stopped")]
        cuts = [((each.last_dose or min(self.days) - _DAY) + _DAY, each.resumed) for each in long]
        first, last = min(self.days), max(self.days)
        edges = {
            self.treatment.start,
            first,
            last + _DAY,
            *(a for a, _ in cuts),
            *(b for _, b in cuts if b is not None),
        }
        edges |= self._unknown()
        order = sorted(day for day in edges if self.treatment.start <= day <= self.until)
        pieces: list[Treatment] = []
        for k, start in enumerate(order):
            end = order[k + 1] if k + 1 < len(order) else self.treatment.end
            if any(a <= start and (b is None or start < b) for a, b in cuts) or start == end:
                continue
            share = self._share(start, end or self.until + _DAY, first, last)
            if pieces and pieces[-1].end == start and pieces[-1].adherence == share:
                pieces[-1] = replace(pieces[-1], end=end)
            else:
                pieces.append(replace(self.treatment, start=start, end=end, adherence=share))
        return pieces

    def _unknown(self) -> set[date]:
        """Where stretches of a week and more that nobody wrote down begin and end."""
        edges: set[date] = set()
        for last, resumed in self._runs():
            if last is not None and resumed is not None and kind_of((resumed - last).days) not in ("late", "gap"):
                edges |= {last + _DAY, resumed}
        return edges

    def _share(self, start: date, end: date, first: date, last: date) -> float | None:
        """Share of the doses taken on the days that are known; outside the log what the person file says."""
        if end <= first or start > last:
            return self.treatment.adherence
        known = [took for day, took in self.days.items() if start <= day < end]
        return sum(known) / len(known) if known else None


def late_entries(doses: Iterable[DoseEntry]) -> Mapping[str, int]:
    """Days of each therapy that were written down afterwards."""
    counts: dict[str, int] = {}
    for entry in doses:
        if entry.entered is not None:
            counts[entry.therapy] = counts.get(entry.therapy, 0) + (entry.last - entry.first).days + 1
    return counts
