"""The title of every figure: its finding in one sentence, computed from the numbers and never assumed."""

from __future__ import annotations

from follicast.decisions.result import Interval, Offer, PlanLine, PlanResult
from follicast.outputs.palette import NOTHING_ID, plan_styles
from follicast.outputs.reading import at_day, at_horizon, band_of, chosen_candidate
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
        return "level with nothing"
    side = "ahead of" if gain.median > 0 else "behind"
    return f"{number(abs(gain.median), gain.unit)} {unit_words(gain.unit)} {side} nothing"


def hero(result: PlanResult) -> str:
    """What does the recommended plan change at the goal zone?"""
    where, when = zone_label(result, result.forecasts.goal_zone), horizon_words(result)
    best = chosen_candidate(result)
    if best is None or result.chosen == NOTHING_ID:
        return nothing(result)
    start = f"After {when} the plan is {_ahead(best.gain)} at the {where}"
    if includes_zero(best.gain):
        return f"{start}, and the 80 % interval ({between(best.gain, sign=True)}) includes no gain at all"
    return f"{start}; 8 of 10 people like you would be between {_between_words(best.gain)}"


def _between_words(gain: Interval) -> str:
    """The 80 % interval of a gain whose sign is sure: "13 and 35 ahead"."""
    low, high = sorted((abs(gain.lo80), abs(gain.hi80)))
    return f"{number(low, gain.unit)} and {number(high, gain.unit)} {'ahead' if gain.median > 0 else 'behind'}"


def nothing(result: PlanResult) -> str:
    """What happens at the goal zone with no treatment?"""
    where, when = zone_label(result, result.forecasts.goal_zone), horizon_words(result)
    band = band_of(result, NOTHING_ID, "density")
    if band is None:
        return f"The course at the {where} with nothing was not forecast"
    now, then = at_day(result, band, 0), at_day(result, band, result.horizon_days)
    return (
        f"With nothing, we expect {number(then.median, then.unit)} {unit_words(then.unit)} at the {where} after {when}"
        f" (8 of 10 people like you: {between(then)}), against {number(now.median, now.unit)} today"
    )


def quantity(result: PlanResult, name: str) -> str:
    """How far apart are the drawn plans in one quantity at the horizon?"""
    ends = {plan: at_horizon(result, plan, name) for plan in plan_styles(result)}
    untreated, plan = ends.get(NOTHING_ID), result.chosen
    if plan == NOTHING_ID:
        plan = next((p for p in ends if p != NOTHING_ID), NOTHING_ID)
    treated = ends.get(plan)
    when, word = horizon_words(result), QUANTITY_WORDS[name]
    if untreated is None or treated is None or plan == NOTHING_ID:
        end = treated or untreated
        return word if end is None else f"{word} after {when}: {number(end.median, end.unit)} {unit_words(end.unit)}"
    who = "the plan" if plan == result.chosen else "the alternative"
    a, b = number(treated.median, treated.unit), number(untreated.median, untreated.unit)
    if a == b:
        return f"{word} after {when}: {a} {unit_words(treated.unit)} with {who} and with nothing"
    return f"{word} after {when}: {a} {unit_words(treated.unit)} with {who}, {b} with nothing"


def pictures(result: PlanResult) -> str:
    """What would the scalp hold at the horizon, at the goal zone?"""
    where, when = zone_label(result, result.forecasts.goal_zone), horizon_words(result)
    now = next((z.density for z in result.zones if z.zone == result.forecasts.goal_zone), None)
    parts = [] if now is None else [f"{number(now.median)} today"]
    for plan, style in plan_styles(result).items():
        end = at_horizon(result, plan, "density")
        if end and plan in (NOTHING_ID, result.chosen):
            words = "with nothing" if plan == NOTHING_ID else f"with the {style.name.lower()}"
            parts.append(f"{number(end.median)} after {when} {words}")
    return f"{capital(where)}: {listed(parts)}, in hairs/cm², simulated"


def condition(result: PlanResult) -> str:
    """Which zone is worst off?"""
    if not result.zones:
        return "No zone was read"
    ranked = sorted(result.zones, key=lambda z: z.miniaturised_share.median)
    worst, best = ranked[-1], ranked[0]
    a, b = (number(z.miniaturised_share.median, "fraction") for z in (worst, best))
    text = f"At the {zone_label(result, worst.zone)} {a} % of the follicles are miniaturised"
    return text if worst is best else f"{text}, at the {zone_label(result, best.zone)} {b} %"


def pool(result: PlanResult) -> str:
    """Does the hair pool fill or empty?"""
    p = result.pool
    daily = f"Each day about {number(p.inflow_per_day.median)} hairs enter and {number(p.outflow_per_day.median)} leave"
    balance = f"{signed(p.balance_per_year.median, p.balance_per_year.unit)} hairs a year"
    if includes_zero(p.balance_per_year):
        return f"{daily}: {balance}, which cannot be told from balance ({between(p.balance_per_year, sign=True)})"
    return f"{daily}: {balance} (8 of 10 people like you: {between(p.balance_per_year, sign=True)})"


def _line_names(lines: list[PlanLine]) -> str:
    return listed([spoken(line.label) for line in lines])


def lines(result: PlanResult) -> str:
    """Which lines of the plan add hairs, and which cannot be told from nothing?"""
    clear = [line for line in result.lines if line.adds.lo80 > 0]
    unclear = [line for line in result.lines if includes_zero(line.adds)]
    takes = [line for line in result.lines if line.adds.hi80 < 0]
    parts = []
    if clear:
        verb = "adds" if len(clear) == 1 else "each add"
        parts.append(f"{_line_names(clear)} {verb} hairs in at least 9 of 10 people like you")
    if unclear:
        parts.append(f"for {_line_names(unclear)} the 80 % interval includes zero")
    if takes:
        parts.append(f"{_line_names(takes)} {'takes' if len(takes) == 1 else 'take'} hairs away")
    return capital("; ".join(parts)) or "The plan has no line"


def offer(result: PlanResult, offered: Offer) -> str:
    """What is an offered course worth, and which of its lines cannot be told from nothing?"""
    gain, month = offered.gain[-1], offered.months[-1]
    words = f"{capital(offered.name)} ranks {offered.rank} of {len(result.candidates)}: after {counted(month, 'month')}"
    words += f" it is {_ahead(gain)} (8 of 10: {between(gain, sign=True)})"
    unclear = [spoken(line.label) for line in offered.lines if all(adds.lo80 <= 0 for adds in line.adds)]
    if unclear:
        when = listed([str(m) for m in offered.months])
        words += f"; what {listed(unclear)} {'adds' if len(unclear) == 1 else 'add'} cannot be told from nothing"
        words += f" after {when} months"
    return words


def candidates(result: PlanResult) -> str:
    """How clearly does the recommended regimen stand out?"""
    best = chosen_candidate(result)
    others = [c for c in result.candidates if c.id not in (result.chosen, NOTHING_ID)]
    if best is None or not others:
        count = counted(len(result.candidates), "course")
        return f"{count} simulated, nothing included"
    overlap = sum(c.gain.hi80 >= best.gain.lo80 and c.gain.lo80 <= best.gain.hi80 for c in others)
    rank = "Nothing ranks first" if result.chosen == NOTHING_ID else "The recommended plan ranks first"
    rest = f"the 80 % intervals of {overlap} of the {len(others)} others overlap with its own"
    if result.chosen == NOTHING_ID:
        rest = f"the 80 % intervals of {overlap} of the {len(others)} treatments include no gain"
    elif not overlap:
        rest = "no other 80 % interval overlaps with its own"
    return f"{rank} of {len(result.candidates)}; {rest}"


def schedule(result: PlanResult) -> str:
    """How many dates, and from when to when?"""
    events = sorted(result.schedule, key=lambda e: e.date)
    if not events:
        return "There are no dates"
    names = {
        "session": ("session", "sessions"),
        "surgery": ("operation", "operations"),
        "measure": ("measurement", "measurements"),
    }
    counts = [(sum(e.kind == kind for e in events), *words) for kind, words in names.items()]
    parts = [counted(count, one, many) for count, one, many in counts if count] or [counted(len(events), "date")]
    first, last = long_date(events[0].date), long_date(events[-1].date)
    span = first if first == last else f"from {first} to {last}"
    return f"{capital(listed(parts))}, {span}"
