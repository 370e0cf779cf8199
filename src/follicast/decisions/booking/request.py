"""What is asked of a schedule, and a schedule while it is being changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from follicast.decisions.booking.diary import zone_of
from follicast.decisions.booking.openings import Busy, Desk
from follicast.decisions.booking.record import Appointment, Schedule, Waiver
from follicast.people.clinic import Clinic
from follicast.quantities import InputError

ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class Move:
    """An appointment to another day, or to a time of it."""

    word: str
    day: date
    time: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """A course to be booked beside the plan: sessions and days between them, None = as usual for the therapy."""

    therapy: str
    sessions: int | None = None
    interval: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for on day `on`. Appointments are named by id, or by number where there is only one course.

    `done` and `partial` may carry the day on which it really was. `stop`, `restart` and `go_on` name a therapy, or
    "all". `waiver` signs for a session that is too near to another one or to an operation.
    """

    on: date
    done: tuple[tuple[str, date | None], ...] = ()
    partial: tuple[tuple[str, date | None], ...] = ()
    arrived: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    cancel: tuple[str, ...] = ()
    void: tuple[str, ...] = ()
    move: tuple[Move, ...] = ()
    stop: str | None = None
    restart: str | None = None
    go_on: str | None = None
    transplant: date | None = None
    book: tuple[Order, ...] = ()
    waiver: Waiver | None = None
    by: str = ""
    why: str = ""


@dataclass
class Work:
    """A schedule being changed, and what the planning of the chain must know of it."""

    schedule: Schedule
    request: Request
    clinic: Clinic | None
    others: tuple[Busy, ...]
    undated: set[str]
    fixed: set[str]

    def put(self, new: Appointment) -> None:
        """The schedule with this appointment in the place of the one of its name."""
        rest = [a for a in self.schedule.appointments if a.id != new.id]
        self.schedule = self.schedule.model_copy(update={"appointments": [*rest, new]})

    def desk(self, without: Iterable[str]) -> Desk:
        """Times that are free when these appointments are left aside."""
        aside, zone = set(without), zone_of(self.schedule)
        own = [b for a in self.schedule.appointments if zone and a.id not in aside and (b := a.busy(zone)) is not None]
        return Desk(self.clinic, (*self.others, *own), self.request.on)


def find(schedule: Schedule, word: str) -> Appointment:
    """The appointment that a word means: its id, or the number of a session where there is one course.

    Raises:
        InputError: there is none, or there are several.
    """
    exact = next((a for a in schedule.appointments if a.id == word), None)
    if exact is not None:
        return exact
    ids = [a.id for a in schedule.appointments if a.live]
    if not word.isdigit():
        raise InputError(f"{word} is no appointment of this schedule; there are {', '.join(ids) or 'none'}.")
    therapies = list(dict.fromkeys(a.therapy for a in schedule.appointments if a.kind == "session"))
    if len(therapies) > 1:
        raise InputError(f"{word} could be of several courses; say which, as in {therapies[0]}-{word}.")
    own = [a for a in schedule.appointments if a.kind == "session" and a.number == int(word)]
    if not own:
        raise InputError(f"there is no session {word}; there are {', '.join(ids) or 'none'}.")
    return max(own, key=lambda a: (a.live, a.round, a.attempt))
