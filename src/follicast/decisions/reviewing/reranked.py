"""The plan made again with what was measured since: does it stay first, and if not, why?"""

from __future__ import annotations

from follicast.decisions.planning.stored_forecast import StoredForecast
from follicast.decisions.result import Candidate, PlanResult
from follicast.decisions.reviewing.record import Replanned, ReviewedReading, Verdict
from follicast.language import say


def reranked(
    forecast: StoredForecast, old: PlanResult | None, new: PlanResult, verdict: Verdict, reading: ReviewedReading | None
) -> Replanned:
    """What changed between the plan that was agreed and the one made with the new measurements.

    Args:
        forecast: the stored one of the plan that was agreed.
        old: that plan, where it can be read.
        new: the plan made now.
        verdict: of the review.
        reading: the one that decided.
    """
    agreed = forecast.course("plan")
    therapies = set(agreed.therapies) if agreed else set()
    first = new.candidates[0]
    same = next((c for c in new.candidates if set(c.therapies) == therapies), None)
    stays = set(first.therapies) == therapies
    words = [_stays(first) if stays else _overtaken(first, same)]
    if same is not None and not stays:
        words.append(_because(first, same))
    words += _moved(old, new, therapies)
    if verdict == "below":
        words += _stop_rules(old, reading)
    words.append(
        say("The earlier forecast is kept as it was; `follicast plan` with the new file writes a new plan beside it.")
    )
    return Replanned(
        chosen=new.chosen, label=first.label, rank_of_plan=same.rank if same else None, stays=stays, words=words
    )


def _stays(first: Candidate) -> str:
    return say(
        "The plan stays first: {label}. From now on we expect {low} to {high} hairs/cm2 against nothing, in 8 of 10.",
        label=first.label,
        low=f"{first.gain.lo80:+.0f}",
        high=f"{first.gain.hi80:+.0f}",
    )


def _overtaken(first: Candidate, same: Candidate | None) -> str:
    if not first.therapies and same is not None:
        return say("No treatment now ranks before the plan, which is number {rank}.", rank=same.rank)
    if same is None:
        return say("{label} now ranks first; the plan of before is not among those compared.", label=first.label)
    return say("{label} now ranks before the plan, which is number {rank}.", label=first.label, rank=same.rank)


def _because(first: Candidate, same: Candidate) -> str:
    """The largest part of the difference in worth."""
    if same.not_recommended is not None:
        return same.not_recommended
    gain = first.assured_gain - same.assured_gain
    names = {*first.deductions, *same.deductions}
    saved = {name: same.deductions.get(name, 0.0) - first.deductions.get(name, 0.0) for name in names}
    name = max(saved, key=lambda n: (saved[n], n), default="")
    if not name or gain >= saved[name]:
        return say("Because its less lucky half gains {more} hairs/cm2 more.", more=f"{gain:.1f}")
    return say("Because less counts against it: {what}, {less} hairs/cm2.", what=say(name), less=f"{saved[name]:.1f}")


def _moved(old: PlanResult | None, new: PlanResult, therapies: set[str]) -> list[str]:
    """The plan's expected gain then and now."""
    if old is None:
        return []
    before = next((c for c in old.candidates if set(c.therapies) == therapies), None)
    after = next((c for c in new.candidates if set(c.therapies) == therapies), None)
    if before is None or after is None or not therapies:
        return []
    return [
        say(
            "What the plan was expected to gain against nothing over {months} months: {then} hairs/cm2, {then_from} to "
            "{then_to} in 8 of 10. With the new readings: {now}, {now_from} to {now_to}.",
            months=round(new.horizon_days / 30.4375),
            then=f"{before.gain.median:+.0f}",
            then_from=f"{before.gain.lo80:+.0f}",
            then_to=f"{before.gain.hi80:+.0f}",
            now=f"{after.gain.median:+.0f}",
            now_from=f"{after.gain.lo80:+.0f}",
            now_to=f"{after.gain.hi80:+.0f}",
        )
    ]


def _stop_rules(old: PlanResult | None, reading: ReviewedReading | None) -> list[str]:
    """Which stop rules, agreed with the plan, are met by now."""
    if old is None or reading is None or not reading.matched:
        return []
    rules = [(say("the plan"), old.stop_rule), *((line.label, rule) for line in old.lines for rule in line.stop_rules)]
    found = []
    for name, rule in rules:
        if rule is None or rule.month is None or rule.threshold is None:
            continue
        if (reading.quantity, reading.zone, reading.threshold_um) != (rule.quantity, rule.zone, rule.threshold_um):
            continue
        if reading.day >= round(rule.month * 30.4375) - 15 and reading.value < rule.threshold:
            found.append(say("The stop rule of {line} is met. {rule}", line=name, rule=rule.words))
    return found
