"""What drives the follicles of one person in one group, day by day, in the reference model: plain lists, no tables."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

Numbers = Mapping[str, float]


@dataclass
class Therapy:
    """One therapy for one person: how exposure follows intake, where it reaches, what full exposure does by channel."""

    kind: str
    reach: Mapping[str, float]
    constants: Numbers
    amplitudes: Numbers


@dataclass
class Use:
    """One line of a regimen."""

    therapy: int
    start: float
    stop: float
    adherence: float
    sessions: Sequence[float]
    week: Sequence[float] = ()
    dose: float = 1.0


@dataclass
class Day:
    """One day: speed of the two clocks without relief, relief, androgen in force, calibre target, log shaft factor."""

    anagen_speed: float
    exit_speed: float
    relief: float
    androgen: float
    calibre_target: float
    shaft_log: float


def dose_taken(number: int, uses: Sequence[Use], day: int) -> float:
    """Share of the full dose taken on a day; of two lines of one therapy the larger counts."""
    taken = [0.0]
    for use in uses:
        if use.therapy == number and not use.sessions and use.start <= day < use.stop:
            since_start = math.floor(day - use.start)
            share = use.week[since_start % 7] if use.week else due(use.adherence, since_start)
            taken.append(use.dose * share)
    return max(taken)


def due(adherence: float, day: int) -> int:
    """Whether a dose is taken on a day of use: whole doses as they come together, so many days out of so many."""
    share = Fraction(adherence).limit_denominator(10_000)
    return math.floor(share * (day + 1)) - math.floor(share * day)


def sessions_held(number: int, uses: Sequence[Use], day: int) -> int:
    return sum(int(session) == day for use in uses if use.therapy == number for session in use.sessions)


def exposures(number: int, therapy: Therapy, uses: Sequence[Use], days: int) -> list[float]:
    """Exposure on each day: 1 = full daily dose at rest."""
    own = therapy.constants
    level = 0.0
    memory = 0.0
    found = []
    for day in range(days):
        if therapy.kind == "sessions":
            # A session adds stimulus, less when others are remembered; the sum saturates, and decays from day to day.
            held_today = sessions_held(number, uses, day)
            level = level + held_today / (1 + own["repeat_loss"] * memory)
            memory = memory + held_today
            found.append(level / (level + own["half_saturation"]) if level > 0 else 0.0)
            level = level * math.exp(-1 / own["decay_days"])
            memory = memory * math.exp(-1 / own["memory_days"])
            continue
        dose = dose_taken(number, uses, day)
        if therapy.kind == "emax":
            dose, half = dose ** own["hill"], own["ed50"] ** own["hill"]
            goal = own["level"] * dose / (half + dose)
        else:
            goal = own["level"] * dose
        if goal == 0 and level < 1e-6:
            level = 0.0
        elif goal > level:
            level = level + (goal - level) * (1 - math.exp(-1 / own["on_days"]))
        else:
            level = level + (goal - level) * (1 - math.exp(-1 / own["off_days"]))
        found.append(level)
    return found


def ripeness(day: int, person: Numbers) -> float:
    """Share of the androgen response that the scalp shows."""
    if day <= person["onset_day"]:
        return 0.0
    return min(1.0, (day - person["onset_day"]) / person["ramp_days"])


def held(total: float, ceiling: float) -> float:
    """A sum of log hazards under its ceiling; an infinite one leaves it as it is."""
    if ceiling == math.inf:
        return total
    pushed = ceiling * (1 - math.exp(-abs(total) / ceiling))
    return pushed if total > 0 else -pushed


def held_back(behind: float, slowed: float, person: Numbers) -> tuple[float, float]:
    """Clock days by which growing hairs are behind after this day, and how many they catch up on it.

    `slowed` is the speed at which therapies let the clock run, 1 without any.
    """
    could_be_behind = (1 - slowed) * person["lag_days"] if slowed < 1 else 0.0
    if behind > could_be_behind:
        caught_up = (behind - could_be_behind) * (1 - math.exp(-1 / person["payback_days"]))
        return behind - caught_up, caught_up
    return behind + (could_be_behind - behind) * (1 - math.exp(-1 / person["lag_days"])), 0.0


def drives(
    person: Numbers,
    therapies: Sequence[Therapy],
    uses: Sequence[Use],
    group: str,
    season: Numbers,
    days: int,
) -> list[Day]:
    """Every day of one person in one group.

    `season` has first_day_of_year, peak_day_of_year; `person` has onset_day, ramp_days, season_amplitude,
    inflammation_log, anagen_ceiling, exit_ceiling, payback_days, lag_days (`dose_before` is the follicle's affair).
    """
    exposed = [exposures(k, therapy, uses, days) for k, therapy in enumerate(therapies)]
    found = []
    behind = 0.0
    for day in range(days):
        sums = dict.fromkeys(("anagen_hazard", "exit_hazard", "calibre_target", "shaft"), 0.0)
        androgen = 1.0
        inflammation = person["inflammation_log"]
        for therapy, exposure in zip(therapies, exposed, strict=True):
            e = exposure[day] * therapy.reach[group]
            androgen = androgen * (1 - min(1, therapy.amplitudes["androgen"] * e))
            inflammation = inflammation * (1 - min(1, therapy.amplitudes["inflammation"] * e))
            for channel in sums:
                sums[channel] = sums[channel] + therapy.amplitudes[channel] * e
        turn = 2 * math.pi * (season["first_day_of_year"] + day - season["peak_day_of_year"]) / 365.25
        ripe = ripeness(day, person)
        slowed = math.exp(held(sums["anagen_hazard"], person["anagen_ceiling"]))
        behind, paid = held_back(behind, slowed, person)
        found.append(
            Day(
                anagen_speed=(1 + person["season_amplitude"] * math.cos(turn))
                * (slowed + paid)
                * math.exp(inflammation),
                exit_speed=math.exp(held(sums["exit_hazard"], person["exit_ceiling"])),
                relief=ripe * (1 - androgen),
                androgen=ripe * androgen,
                calibre_target=sums["calibre_target"],
                shaft_log=sums["shaft"],
            )
        )
    return found
