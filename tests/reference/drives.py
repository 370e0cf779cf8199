"""What drives the follicles of one person in one group, day by day, in the reference model: plain lists, no tables."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
    own = (use for use in uses if use.therapy == number and not use.sessions)
    return max((use.adherence for use in own if use.start <= day < use.stop), default=0.0)


def sessions_held(number: int, uses: Sequence[Use], day: int) -> int:
    return sum(int(session) == day for use in uses if use.therapy == number for session in use.sessions)


def exposures(number: int, therapy: Therapy, uses: Sequence[Use], days: int) -> list[float]:
    """Exposure on each day: 1 = full daily dose at rest."""
    own = therapy.constants
    level = 0.0
    found = []
    for day in range(days):
        if therapy.kind == "sessions":
            # Each session adds one unit of stimulus; the sum saturates, and decays from day to day.
            level = level + sessions_held(number, uses, day)
            found.append(level / (level + own["half_saturation"]) if level > 0 else 0.0)
            level = level * math.exp(-1 / own["decay_days"])
            continue
        dose = dose_taken(number, uses, day)
        if therapy.kind == "emax":
            goal = own["level"] * (dose / (own["ed50"] + dose) if dose > 0 else 0.0)
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


def drives(
    person: Numbers,
    therapies: Sequence[Therapy],
    uses: Sequence[Use],
    group: str,
    season: Numbers,
    days: int,
) -> list[Day]:
    """Every day of one person in one group.

    `season` has first_day_of_year, peak_day_of_year; `person` has onset_day, ramp_days, season_amplitude and
    inflammation_log.
    """
    exposed = [exposures(k, therapy, uses, days) for k, therapy in enumerate(therapies)]
    found = []
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
        found.append(
            Day(
                anagen_speed=(1 + person["season_amplitude"] * math.cos(turn))
                * math.exp(sums["anagen_hazard"])
                * math.exp(inflammation),
                exit_speed=math.exp(sums["exit_hazard"]),
                relief=ripe * (1 - androgen),
                androgen=ripe * androgen,
                calibre_target=sums["calibre_target"],
                shaft_log=sums["shaft"],
            )
        )
    return found
