"""The title of every figure: its finding in one sentence, computed from the numbers and never assumed."""

from __future__ import annotations

from follicast.decisions.result import Interval, Offer, PlanLine, PlanResult
from follicast.language import say
from follicast.outputs.palette import NOTHING_ID, plan_styles
from follicast.outputs.report.reading import at_day, at_horizon, band_of, chosen_candidate
from follicast.outputs.wording import (
    between,
    capital,
    counted,
    includes_zero,
    listed,
    long_date,
    months,
    number,
    signed,
    spoken,
    unit_words,
    zone_label,
)

QUANTITY_WORDS = {
    "density": "Hairs",
    "nonvellus_density": "Non-vellus hairs",
    "mean_diameter": "Mean diameter",
    "coverage": "Coverage",
    "shed_per_day": "Shedding",
}


def horizon_words(result: PlanResult) -> str:
    """The horizon as "12 months"."""
    return counted(months(result.horizon_days), "month")


def _ahead(gain: Interval) -> str:
    """A gain over nothing as "9 hairs/cm² ahead of nothing"."""
    if not round(gain.median):
        return say("level with nothing")
    words = {"amount": number(abs(gain.median), gain.unit), "unit": unit_words(gain.unit)}
    if gain.median > 0:
        return say("{amount} {unit} ahead of nothing", **words)
    return say("{amount} {unit} behind nothing", **words)


def hero(result: PlanResult) -> str:
    """What does the recommended plan change at the goal zone?"""
    where, when = zone_label(result, result.forecasts.goal_zone), horizon_words(result)
    best = chosen_candidate(result)
    if best is None or result.chosen == NOTHING_ID:
        return nothing(result)
    words = {"when": when, "ahead": _ahead(best.gain), "zone": where}
    if includes_zero(best.gain):
        return say(
            "After {when} the plan is {ahead} at the {zone}, and the 80 % interval ({range}) includes no gain at all",
            **words,
            range=between(best.gain, sign=True),
        )
    return say(
        "After {when} the plan is {ahead} at the {zone}; 8 of 10 people like you would be between {range}",
        **words,
        range=_between_words(best.gain),
    )


def _between_words(gain: Interval) -> str:
    """The 80 % interval of a gain whose sign is sure: "13 and 35 ahead"."""
    low, high = sorted((abs(gain.lo80), abs(gain.hi80)))
    words = {"low": number(low, gain.unit), "high": number(high, gain.unit)}
    return say("{low} and {high} ahead", **words) if gain.median > 0 else say("{low} and {high} behind", **words)


def nothing(result: PlanResult) -> str:
    """What happens at the goal zone with no treatment?"""
    where, when = zone_label(result, result.forecasts.goal_zone), horizon_words(result)
    band = band_of(result, NOTHING_ID, "density")
    if band is None:
        return say("The course at the {zone} with nothing was not forecast", zone=where)
    now, then = at_day(result, band, 0), at_day(result, band, result.horizon_days)
    return say(
        "With nothing, we expect {amount} {unit} at the {zone} after {when} (8 of 10 people like you: {range}), "
        "against {now} today",
        amount=number(then.median, then.unit),
        unit=unit_words(then.unit),
        zone=where,
        when=when,
        range=between(then),
        now=number(now.median, now.unit),
    )


def quantity(result: PlanResult, name: str) -> str:
    """How far apart are the drawn plans in one quantity at the horizon?"""
    ends = {plan: at_horizon(result, plan, name) for plan in plan_styles(result)}
    untreated, plan = ends.get(NOTHING_ID), result.chosen
    if plan == NOTHING_ID:
        plan = next((p for p in ends if p != NOTHING_ID), NOTHING_ID)
    treated = ends.get(plan)
    words = {"quantity": say(QUANTITY_WORDS[name]), "when": horizon_words(result)}
    if untreated is None or treated is None or plan == NOTHING_ID:
        end = treated or untreated
        if end is None:
            return words["quantity"]
        words |= {"amount": number(end.median, end.unit), "unit": unit_words(end.unit)}
        return say("{quantity} after {when}: {amount} {unit}", **words)
    who = say("the plan") if plan == result.chosen else say("the alternative")
    a, b = number(treated.median, treated.unit), number(untreated.median, untreated.unit)
    words |= {"amount": a, "unit": unit_words(treated.unit), "who": who}
    if a == b:
        return say("{quantity} after {when}: {amount} {unit} with {who} and with nothing", **words)
    return say("{quantity} after {when}: {amount} {unit} with {who}, {other} with nothing", **words, other=b)


def pictures(result: PlanResult) -> str:
    """What would the scalp hold at the horizon, at the goal zone?"""
    where, when = zone_label(result, result.forecasts.goal_zone), horizon_words(result)
    now = next((z.density for z in result.zones if z.zone == result.forecasts.goal_zone), None)
    parts = [] if now is None else [say("{amount} today", amount=number(now.median))]
    for plan in plan_styles(result):
        end = at_horizon(result, plan, "density")
        if end and plan in (NOTHING_ID, result.chosen):
            words = {"amount": number(end.median), "when": when}
            if plan == NOTHING_ID:
                parts.append(say("{amount} after {when} with nothing", **words))
            else:
                parts.append(say("{amount} after {when} with the plan", **words))
    return say("{zone}: {parts}, in hairs/cm², simulated", zone=capital(where), parts=listed(parts))


def condition(result: PlanResult) -> str:
    """Which zone is worst off?"""
    if not result.zones:
        return say("No zone was read")
    ranked = sorted(result.zones, key=lambda z: z.miniaturised_share.median)
    worst, best = ranked[-1], ranked[0]
    words = {"zone": zone_label(result, worst.zone), "share": number(worst.miniaturised_share.median, "fraction")}
    if worst is best:
        return say("At the {zone} {share} % of the follicles are miniaturised", **words)
    return say(
        "At the {zone} {share} % of the follicles are miniaturised, at the {other} {least} %",
        **words,
        other=zone_label(result, best.zone),
        least=number(best.miniaturised_share.median, "fraction"),
    )


def pool(result: PlanResult) -> str:
    """Does the hair pool fill or empty?"""
    p = result.pool
    words = {
        "enter": number(p.inflow_per_day.median),
        "leave": number(p.outflow_per_day.median),
        "balance": signed(p.balance_per_year.median, p.balance_per_year.unit),
        "range": between(p.balance_per_year, sign=True),
    }
    if includes_zero(p.balance_per_year):
        return say(
            "Each day about {enter} hairs enter and {leave} leave: {balance} hairs a year, which cannot be told from "
            "balance ({range})",
            **words,
        )
    return say(
        "Each day about {enter} hairs enter and {leave} leave: {balance} hairs a year (8 of 10 people like you: "
        "{range})",
        **words,
    )


def _line_names(lines: list[PlanLine]) -> str:
    return listed([spoken(line.label) for line in lines])


def lines(result: PlanResult) -> str:
    """Which lines of the plan add hairs, and which cannot be told from nothing?"""
    clear = [line for line in result.lines if line.adds.lo80 > 0]
    unclear = [line for line in result.lines if includes_zero(line.adds)]
    takes = [line for line in result.lines if line.adds.hi80 < 0]
    parts = []
    if clear:
        one, many = (
            "{lines} adds hairs in at least 9 of 10 people like you",
            "{lines} each add hairs in at least 9 of 10 people like you",
        )
        parts.append(say(one if len(clear) == 1 else many, lines=_line_names(clear)))
    if unclear:
        parts.append(say("for {lines} the 80 % interval includes zero", lines=_line_names(unclear)))
    if takes:
        one, many = "{lines} takes hairs away", "{lines} take hairs away"
        parts.append(say(one if len(takes) == 1 else many, lines=_line_names(takes)))
    return capital("; ".join(parts)) or say("The plan has no line")


def offer(result: PlanResult, offered: Offer) -> str:
    """What is an offered course worth, and which of its lines cannot be told from nothing?"""
    gain, month = offered.gain[-1], offered.months[-1]
    words = say(
        "{offer} ranks {rank} of {all}: after {when} it is {ahead} (8 of 10: {range})",
        offer=capital(offered.name),
        rank=offered.rank,
        all=len(result.candidates),
        when=counted(month, "month"),
        ahead=_ahead(gain),
        range=between(gain, sign=True),
    )
    unclear = [spoken(line.label) for line in offered.lines if all(adds.lo80 <= 0 for adds in line.adds)]
    if not unclear:
        return words
    one, many = (
        "{sentence}; what {lines} adds cannot be told from nothing after {months} months",
        "{sentence}; what {lines} add cannot be told from nothing after {months} months",
    )
    when = listed([str(m) for m in offered.months])
    return say(one if len(unclear) == 1 else many, sentence=words, lines=listed(unclear), months=when)


def candidates(result: PlanResult) -> str:
    """How clearly does the recommended regimen stand out?"""
    best = chosen_candidate(result)
    others = [c for c in result.candidates if c.id not in (result.chosen, NOTHING_ID)]
    if best is None or not others:
        return say("{courses} simulated, nothing included", courses=counted(len(result.candidates), "course"))
    overlap = sum(c.gain.hi80 >= best.gain.lo80 and c.gain.lo80 <= best.gain.hi80 for c in others)
    words = {"all": len(result.candidates), "overlap": overlap, "others": len(others)}
    if result.chosen == NOTHING_ID:
        return say(
            "Nothing ranks first of {all}; the 80 % intervals of {overlap} of the {others} treatments include no gain",
            **words,
        )
    if not overlap:
        return say("The recommended plan ranks first of {all}; no other 80 % interval overlaps with its own", **words)
    return say(
        "The recommended plan ranks first of {all}; the 80 % intervals of {overlap} of the {others} others overlap "
        "with its own",
        **words,
    )


def front(result: PlanResult) -> str:
    """How many plans are not beaten, and is the recommendation one of them?"""
    best = chosen_candidate(result)
    free = sum(c.not_recommended is None for c in result.candidates)
    words = {"front": sum(c.on_front for c in result.candidates), "all": free}
    if best is None or best.on_front:
        return say(
            "{front} of {all} plans are not beaten in gain, certainty, harm, cost and hours at once; the recommended "
            "one is among them",
            **words,
        )
    beaten = next((c.label for c in result.candidates if c.id == best.beaten_by), "")
    return say(
        "{front} of {all} plans are not beaten in gain, certainty, harm, cost and hours at once; the recommended one "
        "is beaten by {plan}, which asks for something else the person would rather not have",
        **words,
        plan=beaten,
    )


def schedule(result: PlanResult) -> str:
    """How many dates, and from when to when?"""
    events = sorted(result.schedule, key=lambda e: e.date)
    if not events:
        return say("There are no dates")
    names = {
        "session": ("session", "sessions"),
        "surgery": ("operation", "operations"),
        "measure": ("measurement", "measurements"),
    }
    counts = [(sum(e.kind == kind for e in events), *words) for kind, words in names.items()]
    parts = [counted(count, one, many) for count, one, many in counts if count] or [counted(len(events), "date")]
    first, last = long_date(events[0].date), long_date(events[-1].date)
    if first == last:
        return say("{dates}, {day}", dates=capital(listed(parts)), day=first)
    return say("{dates}, from {first} to {last}", dates=capital(listed(parts)), first=first, last=last)
