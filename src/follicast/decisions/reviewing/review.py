"""Is it working? New measurements against the forecast that was stored with the plan, and the plan made again.

The headline rests on one reading: of the latest visit, the comparable one of a marked site, and among these the one
whose instrument tells most, whatever it reads. All others are shown beside it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from follicast.decisions.planning.plan import make_plan
from follicast.decisions.planning.shedding import not_simulated, shedding_causes
from follicast.decisions.planning.stored_forecast import StoredForecast
from follicast.decisions.records import Interval
from follicast.decisions.reviewing import words
from follicast.decisions.reviewing.alarms import alarms, beside_alarms, changes_since
from follicast.decisions.reviewing.figure import review_figure
from follicast.decisions.reviewing.plan_folder import PlanFolder, refuse_another_person
from follicast.decisions.reviewing.reading import Reviewer
from follicast.decisions.reviewing.record import KeptForecast, Replanned, Review, ReviewedReading, Verdict
from follicast.decisions.reviewing.reranked import reranked
from follicast.decisions.reviewing.since import (
    LineSince,
    delay,
    grades_since,
    lines_since,
    lived_since,
    sessions_so_far,
)
from follicast.decisions.safety.rules import findings, refusals
from follicast.inference.refine import Progress
from follicast.inference.store import Store
from follicast.knowledge.labs import analytes
from follicast.knowledge.load import Knowledge
from follicast.knowledge.review_rule import LAB_DAYS, ReviewRule, checks, review_rule
from follicast.language import language, say
from follicast.people.health import Lab
from follicast.people.person import Measurement, Person
from follicast.quantities import InputError
from follicast.version import VERSION

SCHEMA_VERSION: Final = 1
_FULL: Final = 0.8
"""A share of doses from which on it is not what to ask about first."""


def _silent(step: str, fraction: float) -> None:
    """Says nothing about progress."""


def review(
    person: Person,
    knowledge: Knowledge,
    folder: PlanFolder,
    seed: int = 0,
    progress: Progress = _silent,
    store: Store | None = None,
    replan: bool = True,
) -> Review:
    """Is what was measured since the plan what was forecast?

    Args:
        person: as the person file has them on the day of the review.
        knowledge: in force.
        folder: of the plan.
        seed: of the plan that is made again.
        progress: called with a step's name and the fraction done.
        store: of results made before; None = the user's own.
        replan: whether to fit the twin and rank the plans again.

    Returns:
        The review.

    Raises:
        InputError: the plan is another person's, or nothing was measured or graded since any forecast of it.
    """
    refuse_another_person(person, folder.plan)
    name, forecast = deciding_forecast(folder.forecasts, person)
    rule = review_rule()
    reviewer, lines = reviewer_of(forecast, person, knowledge, rule)
    progress("Judging the readings", 0.0)
    readings = [reviewer.read(m) for m in reviewer.later]
    deciding = deciding_reading(readings, reviewer.later, rule)
    decides = None if deciding is None else readings[deciding]
    verdict: Verdict = decides.verdict if decides is not None and decides.verdict is not None else "cannot tell"
    plan = _plan_words(reviewer)
    known = all(line.taken is not None or not line.daily for line in lines)
    changed = changes_since(person, knowledge, folder.plan, reviewer.plan.therapies)
    answer = Review(
        schema_version=SCHEMA_VERSION,
        follicast_version=VERSION,
        knowledge_hash=knowledge.hash,
        seed=seed,
        language=language(),
        on=person.as_of,
        person=person.label,
        plan_as_of=forecast.as_of,
        plan=reviewer.plan.plan,
        plan_label=reviewer.plan.label,
        verdict=verdict,
        headline=words.headline(verdict, decides, plan),
        reasons=_reasons(readings, deciding, reviewer),
        deciding=deciding,
        readings=readings,
        checks=_checks(person, lines, forecast) if any(r.verdict == "below" for r in readings) else [],
        next_date=_next_date(decides, person.as_of),
        next_words=_next_words(decides, reviewer, deciding),
        doses=[line.words() for line in lines],
        adherence_known=known,
        sessions=sessions_so_far(folder.schedule, person.as_of, knowledge),
        grades=grades_since(person, forecast.as_of),
        alarms=alarms(changed, knowledge),
        safety=beside_alarms(changed),
        replanned=_replanned(person, knowledge, folder, reviewer, lines, verdict, decides, seed, progress, store)
        if replan and not refusals(findings(person, knowledge))
        else None,
        figure=None if deciding is None else review_figure(reviewer, reviewer.later[deciding], known),
        forecasts=_kept(folder, name, None if deciding is None else reviewer.later[deciding], person, knowledge, rule),
        method=_method(forecast, rule),
    )
    progress("Judging the readings", 1.0)
    return answer


def deciding_forecast(forecasts: Sequence[tuple[str, StoredForecast]], person: Person) -> tuple[str, StoredForecast]:
    """The forecast that later readings are held against: the latest that anything was read after, as first made.

    Raises:
        InputError: nothing was read after any of them.
    """
    dates = [m.date for m in person.measurements] + [g.date for g in person.grades]
    followed = [(name, f) for name, f in forecasts if any(when > f.as_of for when in dates)]
    if not followed:
        last = max(f.as_of for _, f in forecasts)
        raise InputError(
            f"the person file has no measurement or grade after {last}, the day of the plan; add what was measured "
            "since, each with its date, and set as_of to the day of the review (or give --on)."
        )
    latest = max(f.as_of for _, f in followed)
    return next((name, f) for name, f in followed if f.as_of == latest)


def reviewer_of(
    forecast: StoredForecast, person: Person, knowledge: Knowledge, rule: ReviewRule
) -> tuple[Reviewer, list[LineSince]]:
    """What holds readings against a forecast, and how each line of the plan was taken since."""
    later = tuple(m for m in person.measurements if m.date > forecast.as_of)
    reviewer = Reviewer(forecast, person, later, knowledge, rule)
    lines = lines_since(person, forecast, reviewer.plan, knowledge)
    return replace(reviewer, delay=delay(lines, forecast, rule)), lines


def deciding_reading(
    readings: Sequence[ReviewedReading], measured: Sequence[Measurement], rule: ReviewRule
) -> int | None:
    """Which reading the headline rests on; chosen by date, site and instrument, never by what it reads."""
    judged = [k for k, r in enumerate(readings) if r.verdict is not None]
    if not judged:
        return None
    last = max(measured[k].date for k in judged)
    visit = [k for k in judged if (last - measured[k].date).days <= rule.visit]
    return max(visit, key=lambda k: (readings[k].matched, round(readings[k].telling or 0.0, 3), measured[k].date, -k))


def _plan_words(reviewer: Reviewer) -> str:
    return reviewer.plan.label if reviewer.plan.therapies else say("no treatment")


def _reasons(readings: Sequence[ReviewedReading], deciding: int | None, reviewer: Reviewer) -> list[str]:
    """Why, in plain words: the deciding reading first."""
    found = []
    if deciding is not None:
        found.append(readings[deciding].reason)
        verdict = readings[deciding].verdict
        others = [r for k, r in enumerate(readings) if k != deciding]
        found += words.disagreeing(verdict, others) if verdict is not None else []
    else:
        found += list(dict.fromkeys(r.reason for r in readings if r.reason))
    if not reviewer.forecast.individual:
        found.append(
            say("Nothing had been measured or graded before the plan: its forecast is that of people like this one.")
        )
    elif not reviewer.forecast.trustworthy:
        found.append(say("The forecast of the plan is weakly founded: read every interval as too narrow."))
    if reviewer.delay:
        found.append(
            say("The plan was begun {days} days late, and is read from that day.", days=f"{reviewer.delay:.0f}")
        )
    if deciding is not None and readings[deciding].half is not None:
        found += _at_half(readings[deciding])
    return found + shedding_causes(reviewer.person, reviewer.knowledge) + not_simulated(reviewer.person)


def _at_half(reading: ReviewedReading) -> list[str]:
    half = reading.half
    if reading.verdict != "below" or half is None or reading.change is None:
        return []
    if half.lo80 <= reading.change <= half.hi80:
        return [
            say("It would fit half of the doses: {low} to {high}.", low=f"{half.lo80:+.0f}", high=f"{half.hi80:+.0f}")
        ]
    return []


def _checks(person: Person, lines: Sequence[LineSince], forecast: StoredForecast) -> list[str]:
    """What to look at, with what the record already answers."""
    made = []
    for check in checks():
        if check.asks == "sessions" and all(line.daily for line in lines):
            continue
        answered = _answer(check.asks, person, lines, forecast)
        made.append(say(check.text) + (f" {answered}" if answered else ""))
    return made


def _answer(asks: str, person: Person, lines: Sequence[LineSince], forecast: StoredForecast) -> str:
    if asks == "adherence":
        taken = [line for line in lines if line.daily and line.taken is not None]
        return " ".join(line.words() for line in taken)
    if asks == "insult":
        since = [i for i in person.insults if i.date > forecast.as_of]
        return " ".join(say("On record: {date}.", date=i.date.isoformat()) for i in since)
    if asks == "medicines":
        new = [m for m in person.health.medications if m.start is not None and m.start > forecast.as_of]
        return " ".join(say("New since the plan: {name}.", name=m.name) for m in new)
    if asks in analytes():
        return _lab([lab for lab in person.health.labs if lab.analyte == asks], person.as_of)
    return ""


def _lab(labs: Sequence[Lab], on: dt.date) -> str:
    recent = [lab for lab in labs if (on - lab.date).days <= LAB_DAYS]
    if not recent:
        return ""
    lab = recent[-1]
    usual = analytes()[lab.analyte]
    low, high = (lab.low, lab.high) if (lab.low, lab.high) != (None, None) else (usual.low, usual.high)
    inside = (low is None or lab.value >= low) and (high is None or lab.value <= high)
    told = {"value": lab.written, "date": lab.date.isoformat()}
    if inside:
        return say("On record: {value} on {date}, in range.", **told)
    return say("On record: {value} on {date}, out of range: that comes first.", **told)


def _next_date(reading: ReviewedReading | None, on: dt.date) -> dt.date | None:
    if reading is None or reading.tells_from is None:
        return None
    return reading.tells_from if reading.tells_from > on else None


def _next_words(reading: ReviewedReading | None, reviewer: Reviewer, deciding: int | None) -> str:
    if reading is None or deciding is None:
        return say(
            "Read the marked site of the baseline again: the same method, the same threshold. Without a baseline, "
            "today's reading can be one for the next plan."
        )
    if reading.verdict == "below":
        return say("This reading tells. Repeat it before anything is changed.")
    if reading.verdict in ("on track", "above"):
        return say("This reading tells. Repeat it in 6 months.")
    when = _next_date(reading, reviewer.person.as_of)
    if when is not None:
        return say("The next date that can tell in 8 of 10: {date}, by the same reading.", date=when.isoformat())
    if reading.tells_from is not None:
        return say("Such readings can tell since {date}. Repeat it in 6 months.", date=reading.tells_from.isoformat())
    if not reading.matched:
        return say(
            "Readings of an unmarked site cannot tell the plan from nothing within {months} months. Mark the site and "
            "count the same skin from now on.",
            months=round(reviewer.forecast.horizon_days / 30.4375),
        )
    return words.never_tells(reviewer.forecast, reading.label)


def _replanned(
    person: Person,
    knowledge: Knowledge,
    folder: PlanFolder,
    reviewer: Reviewer,
    lines: list[LineSince],
    verdict: Verdict,
    decides: ReviewedReading | None,
    seed: int,
    progress: Progress,
    store: Store | None,
) -> Replanned:
    lived = lived_since(person, reviewer.forecast, lines, folder.schedule, knowledge)
    new = make_plan(lived, knowledge, seed, progress, store)
    return reranked(reviewer.forecast, folder.plan, new, verdict, decides)


def _kept(
    folder: PlanFolder,
    name: str,
    decided: Measurement | None,
    person: Person,
    knowledge: Knowledge,
    rule: ReviewRule,
) -> list[KeptForecast]:
    """Every forecast of this plan that was kept, and what each says of the deciding reading."""
    made = []
    for file, forecast in folder.forecasts:
        verdict: Verdict | None = None
        expected: Interval | None = None
        if decided is not None and decided.date > forecast.as_of:
            reading = reviewer_of(forecast, person, knowledge, rule)[0].read(decided)
            verdict, expected = reading.verdict, reading.expected
        made.append(
            KeptForecast(
                file=file,
                as_of=forecast.as_of,
                follicast_version=forecast.follicast_version,
                code=forecast.code,
                seed=forecast.seed,
                decides=file == name,
                verdict=verdict,
                expected=expected,
            )
        )
    return made


def _method(forecast: StoredForecast, rule: ReviewRule) -> list[str]:
    return [
        say(
            "The forecast of {date} was stored with the plan, {draws} versions of this person each under the plan and "
            "under nothing, and has not been changed since.",
            date=forecast.as_of.isoformat(),
            draws=forecast.draws,
        ),
        say(
            "Below or above: outside all but {tail} of 100 of what was forecast, on one side, with the error of both "
            "readings; below also when the reading speaks for nothing more strongly than all but {plan} of 100 would "
            "if the plan were right. Where it is right, one or the other is said wrongly in fewer than 1 of 10.",
            tail=f"{100.0 * rule.tail:g}",
            plan=f"{100.0 * rule.reject_plan:g}",
        ),
        say(
            "On track: inside that range, and speaking for the plan more strongly than all but {nothing} of 100 would "
            "with nothing. Everything else cannot tell, or is too early where a later reading of the same kind will "
            "tell more likely than not.",
            nothing=f"{100.0 * rule.reject_nothing:g}",
        ),
        say("Not a diagnosis and not a medical device. No text here replaces an examination."),
    ]
