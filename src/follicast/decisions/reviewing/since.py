"""What happened between the plan and the review: doses, sessions, grades; and the person as they lived since."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from follicast.decisions.booking.record import GIVEN, Appointment, Schedule
from follicast.decisions.planning.stored_forecast import ForecastCourse, StoredForecast
from follicast.decisions.reviewing.record import SessionsSoFar
from follicast.knowledge.load import Knowledge
from follicast.knowledge.review_rule import ReviewRule
from follicast.knowledge.therapy import SessionExposure
from follicast.language import say
from follicast.measurement.grade_agreement import grade_change
from follicast.people.person import Person, Treatment
from follicast.people.words import SYSTEM_LABELS
from follicast.quantities import Day, Share


@dataclass(frozen=True)
class LineSince:
    """One line of the plan as the record has it: None = not said."""

    therapy: str
    label: str
    planned: Share | None
    taken: Share | None
    begun: dt.date | None
    ended: dt.date | None

    @property
    def daily(self) -> bool:
        """Whether it is taken in doses, not in sessions."""
        return self.planned is not None

    def words(self) -> str:
        """The line in one sentence."""
        if self.begun is None:
            return say("{line}: the record does not say whether it was begun.", line=self.label)
        if self.ended is not None:
            return say("{line}: stopped on {date}.", line=self.label, date=self.ended.isoformat())
        if not self.daily:
            return say("{line}: begun on {date}.", line=self.label, date=self.begun.isoformat())
        if self.taken is None:
            return say("{line}: how many doses were taken is not said; not said does not mean all.", line=self.label)
        return say(
            "{line}: {taken} % of the doses taken, {planned} % planned.",
            line=self.label,
            taken=f"{100.0 * self.taken:.0f}",
            planned=f"{100.0 * (self.planned or 0.0):.0f}",
        )


def lines_since(
    person: Person, forecast: StoredForecast, course: ForecastCourse, knowledge: Knowledge
) -> list[LineSince]:
    """Each line of the plan as it was taken since."""
    found = []
    for name in course.therapies:
        if name not in knowledge.therapies or knowledge.therapies[name].kind == "surgery":
            continue
        own = [t for t in person.treatments if t.therapy == name and (t.end is None or t.end >= forecast.as_of)]
        last = own[-1] if own else None
        found.append(
            LineSince(
                therapy=name,
                label=say(knowledge.therapies[name].name),
                planned=course.adherence.get(name),
                taken=_taken(name, person, forecast) if last else None,
                begun=max(last.start, forecast.as_of) if last else None,
                ended=last.end if last else None,
            )
        )
    return found


def _taken(therapy: str, person: Person, forecast: StoredForecast) -> Share | None:
    """The share of doses taken from the plan to the end of the line, breaks counted; None = some of it is not said."""
    own = [t for t in person.treatments if t.therapy == therapy and (t.end is None or t.end >= forecast.as_of)]
    first = max(forecast.as_of, own[0].start)
    last = person.as_of if own[-1].end is None else min(own[-1].end, person.as_of)
    whole = (last - first).days
    if whole <= 0:
        return own[-1].adherence
    share = 0.0
    for t in person.lived:
        days = (min(t.end or last, last) - max(t.start, first)).days
        if t.therapy == therapy and days > 0:
            if t.adherence is None:
                return None
            share += t.adherence * days
    return min(1.0, share / whole)


def delay(lines: list[LineSince], forecast: StoredForecast, rule: ReviewRule) -> Day:
    """Days by which the plan was begun late; 0 where it was not, or nobody says."""
    begun = [line.begun for line in lines if line.begun is not None]
    late = float(min(forecast.day(when) for when in begun)) if begun else 0.0
    return late if late > rule.late_start else 0.0


def sessions_so_far(schedule: Schedule | None, on: dt.date, knowledge: Knowledge) -> list[SessionsSoFar]:
    """What became of each course of sessions up to that day."""
    if schedule is None:
        return []
    made = []
    names = dict.fromkeys(
        a.therapy for a in schedule.appointments if a.kind == "session" and a.therapy is not None and a.status != "void"
    )
    for name in names:
        own = [a for a in schedule.appointments if a.therapy == name and a.kind == "session" and a.status != "void"]
        past = [a for a in own if a.date <= on]
        count = {s: sum(a.status == s for a in past) for s in ("done", "partial", "missed", "cancelled")}
        planned = _planned(own)
        unsaid = len(past) - sum(count.values())
        label = say(knowledge.therapies[name].name) if name in knowledge.therapies else name
        words = say(
            "{line}: {done} of {planned} sessions done, {missed} missed.",
            line=label,
            done=count["done"] + count["partial"],
            planned=planned,
            missed=count["missed"],
        )
        if unsaid:
            words += " " + say("Of {number} past ones nobody has said whether they took place.", number=unsaid)
        made.append(SessionsSoFar(therapy=name, label=label, planned=planned, unsaid=unsaid, words=words, **count))
    return made


def _planned(sessions: list[Appointment]) -> int:
    """How many sessions were meant: the places of the courses, however often one was tried.

    What was cancelled because the course began anew has its place in the new one.
    """
    last = max(a.round for a in sessions)
    return len({(a.round, a.number) for a in sessions if a.status != "cancelled" or a.round == last})


def grades_since(person: Person, as_of: dt.date) -> list[str]:
    """Grades after the plan beside those before it: noted; by another rater never called a change."""
    words = []
    for system in dict.fromkeys(g.system for g in person.grades):
        own = [g for g in person.grades if g.system == system]
        before, after = [g for g in own if g.date <= as_of], [g for g in own if g.date > as_of]
        if not after:
            continue
        date = after[-1].date.isoformat()
        if before:
            changed = grade_change(before[-1], after[-1], person.sex)
            words.append(say("{date}: {words}", date=date, words=changed.words))
        else:
            name, now = SYSTEM_LABELS[system], after[-1].grade
            words.append(
                say("{date}: {system} {now}: noted. No grade of this system before.", date=date, system=name, now=now)
            )
    return words


def lived_since(
    person: Person, forecast: StoredForecast, lines: list[LineSince], schedule: Schedule | None, knowledge: Knowledge
) -> Person:
    """The person with the plan's lines among their treatments, where the record leaves them out.

    A line nobody speaks of counts as taken from the plan's first day with unknown regularity; of sessions only those
    that the schedule calls done count.
    """
    added = []
    for line in lines:
        if line.begun is not None:
            continue
        if isinstance(knowledge.therapies[line.therapy].exposure, SessionExposure):
            done = _done(schedule, line.therapy, person.as_of)
            if done:
                added.append(Treatment(done[0], line.therapy, done[-1], None, done, ""))
        else:
            added.append(Treatment(forecast.as_of, line.therapy, None, None, (), ""))
    together = sorted((*person.treatments, *added), key=lambda t: (t.start, t.therapy))
    return replace(person, treatments=tuple(together))


def _done(schedule: Schedule | None, therapy: str, on: dt.date) -> tuple[dt.date, ...]:
    if schedule is None:
        return ()
    return tuple(a.date for a in schedule.chain(therapy) if a.status in GIVEN and a.date <= on)
