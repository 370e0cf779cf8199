"""Where a course finds its dates: each window counted from the date before it, chosen with the whole chain in view.

A chain is searched by the cost of the way ahead: a date after which the rest cannot be booked costs infinitely much, so
the first way taken is the best one, and if there is none, none exists beside what is booked already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Final

from follicast.decisions.booking.openings import Busy, Desk, Slot, moment
from follicast.quantities import InputError

_NEVER: Final = 10**9
# A date that is changed weighs more than any way a date differs from the one meant; a far too late one still more.
_MOVED: Final = 1_000
_BY_HAND: Final = 1_000_000
_LATE_DAY: Final = 10
_TOO_LATE: Final = 5_000
_TOO_LATE_DAY: Final = 100
# Ways that one course is booked before it is given up that another one finds no time beside it.
_WAYS: Final = 100


@dataclass(frozen=True, slots=True)
class Step:
    """One appointment to be given a date.

    Days are counted from the date before it in the chain. `longest` is where lateness begins, `grace` days more are
    hardly late, and `farthest` is the last day considered. `wish` is where it stands now: kept if it can be. `fixed`
    says that it stays there; `waived` that no window binds it; `by_hand` that somebody chose its day, which
    is then changed only if nothing else is possible, and is never late.
    """

    id: str
    name: str
    task: str
    minutes: int
    shortest: int
    target: int
    longest: int
    grace: int = 0
    farthest: int = 0
    wish: Slot | None = None
    fixed: bool = False
    waived: bool = False
    by_hand: bool = False

    @property
    def least(self) -> int:
        """Fewest days after the one before: one where somebody signed for it."""
        return 1 if self.waived else self.shortest


@dataclass(frozen=True, slots=True)
class Chain:
    """Appointments of which each follows the one before. `anchor` is what the first is counted from.

    `closed` are stretches of days without sessions (round an operation); `first_day` is the earliest day for any step.
    `opens` says that what comes later must not come before this chain's only appointment is over.
    """

    anchor: date
    steps: tuple[Step, ...]
    closed: tuple[tuple[date, date], ...] = ()
    first_day: date | None = None
    opens: bool = False
    after: str = ""


class _Way:
    """The search through one chain."""

    def __init__(self, chain: Chain, desk: Desk) -> None:
        self.chain, self.desk = chain, desk
        self.stuck: dict[int, date] = {}
        self._ahead: dict[tuple[int, date], int] = {}
        self._kept: dict[int, bool] = {}
        self._open: dict[tuple[str, int, date], bool] = {}

    def window(self, k: int, before: date) -> tuple[date, date, date]:
        """First day, last day that is not late, and last day considered."""
        step = self.chain.steps[k]
        first, last = before + timedelta(days=step.shortest), before + timedelta(days=step.longest)
        room = timedelta(days=step.longest - step.shortest)
        begin = max(first, self.chain.first_day or first)
        for start, end in sorted(self.chain.closed):
            # A window that an operation cuts goes on after it, so that nothing is lost.
            if begin <= end and start <= last:
                last = max(last, end + timedelta(days=1) + room)
        farthest = max(last, before + timedelta(days=step.farthest))
        if step.farthest > step.longest:
            farthest = max(farthest, begin + room + timedelta(days=step.grace))
        return begin, last, farthest

    def choices(self, k: int, before: date) -> list[tuple[int, date]]:
        """Days that can be had, each with what it costs."""
        step = self.chain.steps[k]
        if step.fixed:
            assert step.wish is not None
            first = before + timedelta(days=step.least)
            return [(0, step.wish.date)] if step.wish.date >= first else []
        begin, last, farthest = self.window(k, before)
        found = []
        for offset in range((farthest - begin).days + 1):
            day = begin + timedelta(days=offset)
            if self._can(k, day):
                found.append((self._cost(k, before, day, last), day))
        chosen = step.wish.date if step.by_hand and step.wish is not None else None
        if chosen is not None and chosen > farthest and self._can(k, chosen):
            found.append((self._cost(k, before, chosen, last), chosen))
        return found

    def _can(self, k: int, day: date) -> bool:
        step = self.chain.steps[k]
        if any(start <= day <= end for start, end in self.chain.closed):
            return False
        key = (step.task, step.minutes, day)
        if key not in self._open:
            self._open[key] = self.desk.free(step.task, step.minutes, day) is not None
        return self._open[key]

    def _keeps(self, k: int) -> bool:
        step = self.chain.steps[k]
        if k not in self._kept:
            self._kept[k] = step.wish is not None and self.desk.holds(step.task, step.minutes, step.wish)
        return self._kept[k]

    def _cost(self, k: int, before: date, day: date, last: date) -> int:
        step = self.chain.steps[k]
        stays = step.wish is not None and day == step.wish.date and self._keeps(k)
        if step.by_hand:
            return 0 if stays else _BY_HAND + (day - before).days
        cost = abs((day - before).days - step.target)
        late = (day - last).days
        if late > step.grace:
            cost += _TOO_LATE + _TOO_LATE_DAY * (late - step.grace)
        elif late > 0:
            cost += _LATE_DAY * late
        if step.wish is not None and not stays:
            cost += _MOVED
        return cost

    def ahead(self, k: int, before: date) -> int:
        """Least cost of steps k, k+1, ... after a date; _NEVER if they cannot all be had."""
        if k == len(self.chain.steps):
            return 0
        key = (k, before)
        if key not in self._ahead:
            choices = self.choices(k, before)
            if not choices:
                self.stuck.setdefault(k, before)
            self._ahead[key] = min((cost + self.ahead(k + 1, day) for cost, day in sorted(choices)), default=_NEVER)
        return min(self._ahead[key], _NEVER)

    def ways(self, k: int, before: date, near: str | None) -> Iterator[list[Slot]]:
        """Every way to book the rest, the best first as far as one choice at a time can tell."""
        if k == len(self.chain.steps):
            yield []
            return
        step = self.chain.steps[k]
        order = sorted((cost + self.ahead(k + 1, day), day) for cost, day in self.choices(k, before))
        for cost, day in order:
            if cost >= _NEVER:
                return
            slot = self._slot(k, day, near if step.wish is None else step.wish.time or near)
            for rest in self.ways(k + 1, day, slot.time or near):
                yield [slot, *rest]

    def _slot(self, k: int, day: date, near: str | None) -> Slot:
        step = self.chain.steps[k]
        if step.wish is not None and (step.fixed or (day == step.wish.date and self._keeps(k))):
            return step.wish
        slot = self.desk.free(step.task, step.minutes, day, near)
        assert slot is not None
        return slot

    def refusal(self) -> str:
        """Why there is no way, in one sentence: which appointment, which window, and what is in the way."""
        k = max(self.stuck)
        step, before = self.chain.steps[k], self.stuck[k]
        nobody = self.desk.nobody(step.task)
        if nobody is not None:
            return f"{step.name}: {nobody}."
        counted = f"counted from {self.chain.steps[k - 1].name} on {before}" if k else self.chain.after
        counted = f", {counted}" if counted else ""
        if step.fixed:
            assert step.wish is not None
            least = before + timedelta(days=step.least)
            return f"{step.name} stands on {step.wish.date}, which is before {least}, the earliest day{counted}."
        begin, _, farthest = self.window(k, before)
        days = [begin + timedelta(days=n) for n in range((farthest - begin).days + 1)]
        reasons = Counter(self._against(step, day) for day in days)
        told = ", ".join(f"{why} on {n} {'day' if n == 1 else 'days'}" for why, n in reasons.most_common())
        return f"{step.name}: no time is free from {begin} to {farthest}{counted}: {told}."

    def _against(self, step: Step, day: date) -> str:
        if any(start <= day <= end for start, end in self.chain.closed):
            return "too near to the operation"
        return self.desk.why_not(step.task, step.minutes, day)


def book(chains: Sequence[Chain], desk: Desk, near: str | None = None) -> dict[str, Slot]:
    """Dates for every appointment of these chains, in the order of the chains.

    Args:
        chains: what to book. A later chain gives way to an earlier one; where it finds no time beside it, other ways
            to book the earlier ones are tried.
        desk: where times are found.
        near: local time of day to begin looking at.

    Returns:
        The slot of each step by its id.

    Raises:
        InputError: no booking was found; which appointment, in which window, and why.
    """
    refusals: list[tuple[int, str]] = []
    found = _booked(tuple(chains), desk, near, None, refusals)
    if found is None:
        raise InputError(max(refusals, key=lambda r: r[0])[1])
    return found


def _booked(
    chains: tuple[Chain, ...], desk: Desk, near: str | None, opened: date | None, refusals: list[tuple[int, str]]
) -> dict[str, Slot] | None:
    if not chains:
        return {}
    chain = _opened(chains[0], opened)
    way = _Way(chain, desk)
    if way.ahead(0, chain.anchor) >= _NEVER:
        refusals.append((-len(chains), way.refusal()))
        return None
    for slots in islice(way.ways(0, chain.anchor, near), _WAYS):
        made = dict(zip((step.id for step in chain.steps), slots, strict=True))
        taken = [b for step, slot in zip(chain.steps, slots, strict=True) if (b := _taken(desk, chain, step, slot))]
        rest = _booked(chains[1:], desk.plus(taken), near, slots[0].date if chain.opens else opened, refusals)
        if rest is not None:
            return made | rest
    return None


def _opened(chain: Chain, opened: date | None) -> Chain:
    if opened is None or chain.opens or (chain.first_day is not None and chain.first_day >= opened):
        return chain
    return Chain(chain.anchor, chain.steps, chain.closed, opened, False, chain.after)


def _taken(desk: Desk, chain: Chain, step: Step, slot: Slot) -> Busy | None:
    """The time a step takes; that of an opening one begins with the day, so that nothing comes before it."""
    busy = desk.busy(slot, step.minutes, step.id)
    if busy is None or not chain.opens or desk.clinic is None:
        return busy
    return Busy(moment(desk.clinic.zone, slot.date, 0), busy.end, busy.room, busy.staff, busy.whose)
