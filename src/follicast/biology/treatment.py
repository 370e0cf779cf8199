"""Treatment through channels only: regimen -> exposure by day -> drives on the follicle's clocks.

A regimen is a list of `Line`s (what, from when to when, how faithfully, on which session days). Its exposure is
followed day by day for each person with that person's own constants, and acts on five channels: androgen, anagen
hazard, telogen and kenogen exit, calibre target, shaft output; and on scalp inflammation, which itself only shortens
anagen. Within a channel treatments combine by multiplication (additively on the log), so synergy or redundancy is a
result, never an input; on the two phase hazards their sum approaches a ceiling, as one cell can be pushed only so far.
Nothing here touches a count.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from numba import prange

from follicast.biology.androgen import dose_effect, maturity
from follicast.biology.compiled import compiled, rule, step
from follicast.biology.follicle import (
    ANAGEN_CLOCK,
    ANAGEN_RELIEF,
    ANDROGEN_DOSE,
    ANDROGEN_NOW,
    CALIBRE_TARGET,
    CLOCK_COLUMNS,
    EXIT_CLOCK,
    EXIT_RELIEF,
    SHAFT_LOG,
)

Floats = npt.NDArray[np.float64]

GROUPS: Final = ("top", "rim")
CHANNELS: Final = ("androgen", "anagen_hazard", "exit_hazard", "calibre_target", "shaft", "inflammation")
ANDROGEN, ANAGEN_HAZARD, EXIT_HAZARD, TARGET, SHAFT, INFLAMMATION = range(len(CHANNELS))

KINDS: Final = ("emax", "linear", "sessions")
EMAX, LINEAR, SESSIONS = range(3)

# Columns of a person's constants for one therapy. `ed50` is in units of the full daily dose.
CONSTANTS: Final = (
    "level",
    "ed50",
    "hill",
    "on_days",
    "off_days",
    "decay_days",
    "half_saturation",
    "repeat_loss",
    "memory_days",
)
LEVEL, ED50, HILL, ON_DAYS, OFF_DAYS, DECAY_DAYS, HALF_SATURATION, REPEAT_LOSS, MEMORY_DAYS = range(len(CONSTANTS))

# Columns of what the clocks need of a person besides therapies. `dose_before` is the androgen dose (days x androgen in
# force) received before the table's first day; a ceiling may be infinite, and so may `payback_days` (nothing is paid).
PERSON_DRIVES: Final = (
    "onset_day",
    "ramp_days",
    "season_amplitude",
    "inflammation_log",
    "anagen_ceiling",
    "exit_ceiling",
    "dose_before",
    "payback_days",
    "lag_days",
)
(
    ONSET_DAY,
    RAMP_DAYS,
    SEASON_AMPLITUDE,
    INFLAMMATION_LOG,
    ANAGEN_CEILING,
    EXIT_CEILING,
    DOSE_BEFORE,
    PAYBACK_DAYS,
    LAG_DAYS,
) = range(len(PERSON_DRIVES))


@dataclass(frozen=True)
class Line:
    """One line of a regimen. Days are on the run's axis.

    Attributes:
        therapy: row of the therapy in the constants and amplitudes handed to `build_clocks`.
        start: first day of use (daily therapies).
        stop: first day without it; inf while it goes on.
        adherence: share of the days on which it is taken, 0 to 1; they are spread evenly.
        sessions: days of sessions (session therapies).
        week: share of the dose taken on the first and the following days of a week that repeats; given, it takes the
            place of `adherence`.
        dose: what is taken on such a day, as a share of the full daily dose.
    """

    therapy: int
    start: float
    stop: float
    adherence: float
    sessions: tuple[float, ...] = ()
    week: tuple[float, ...] = ()
    dose: float = 1.0

    def dose_on(self, days: npt.NDArray[np.int64]) -> Floats:
        """Share of the full daily dose taken on each of these days, all of them days of use."""
        since = days - math.ceil(self.start)
        if self.week:
            return self.dose * np.array(self.week)[since % len(self.week)]
        # A dose is due whenever another whole one has come together; the last term keeps rounding out of it.
        due = np.floor(np.stack([since, since + 1]) * self.adherence + 1e-6)
        return self.dose * (due[1] - due[0])


def intake_by_day(lines: Sequence[Line], therapies: int, days: int) -> tuple[Floats, Floats]:
    """Dose taken and sessions held on each day.

    Args:
        lines: the regimen.
        therapies: number of therapies.
        days: number of days.

    Returns:
        intake[therapy, day], share of the full dose; sessions[therapy, day], number of sessions.
    """
    intake = np.zeros((therapies, days))
    sessions = np.zeros((therapies, days))
    for line in lines:
        first = max(0, math.ceil(line.start))
        last = days if math.isinf(line.stop) else min(days, math.ceil(line.stop))
        if last > first and not line.sessions:
            taken = line.dose_on(np.arange(first, last))
            intake[line.therapy, first:last] = np.maximum(intake[line.therapy, first:last], taken)
        for day in line.sessions:
            if 0 <= day < days:
                sessions[line.therapy, int(day)] += 1.0
    return intake, sessions


@step
def _exposure(kind: int, own: Any, intake: Any, sessions: Any, out: Any) -> None:
    """Exposure of one person to one therapy by day, 1 = full daily dose at rest.

    emax: dose-effect of the dose taken, approached at the effect site; forgiving of missed doses.
    linear: in proportion to the doses taken, approached at the effect site.
    sessions: each session adds stimulus that decays; the sum saturates as s / (s + half). A session that others came
    before adds less, 1 / (1 + loss x memory of them), so that six are not six times one.
    """
    rise = 1.0 - math.exp(-1.0 / own[ON_DAYS])
    fall = 1.0 - math.exp(-1.0 / own[OFF_DAYS])
    keep = math.exp(-1.0 / own[DECAY_DAYS])
    remember = math.exp(-1.0 / own[MEMORY_DAYS])
    level = 0.0
    memory = 0.0
    for day in range(out.size):
        if kind == SESSIONS:
            level += sessions[day] / (1.0 + own[REPEAT_LOSS] * memory)
            out[day] = level / (level + own[HALF_SATURATION]) if level > 0.0 else 0.0
            level *= keep
            memory = (memory + sessions[day]) * remember
        else:
            target = own[LEVEL] * (dose_effect(intake[day], own[ED50], own[HILL]) if kind == EMAX else intake[day])
            if target == 0.0 and level < 1e-6:
                level = 0.0
            else:
                level += (target - level) * (rise if target > level else fall)
            out[day] = level


@rule
def below_ceiling(total: float, ceiling: float) -> float:
    """A sum of log hazards as it acts: itself while small, approaching the ceiling on its own side of zero."""
    if math.isinf(ceiling):
        return total
    return math.copysign(-ceiling * math.expm1(-abs(total) / ceiling), total)


@step
def _fill(clock: Any, exposure: Any, reach: Any, amplitude: Any, person: Any, season: Any) -> None:
    """Daily clocks of one person in one group from the exposures, by running sums in day order.

    A therapy that slows the anagen clock keeps hairs growing beyond the end that they would have had. `lag` is how far
    they are behind, in clock days: it grows while the therapy holds them, to what `lag_days` of it hold, and is paid
    back, the clock running faster, as soon as the therapy would no longer hold so much.
    """
    therapies, days = exposure.shape
    anagen = anagen_relief = exit_ = exit_relief = 0.0
    dose = person[DOSE_BEFORE]
    repay = 1.0 - math.exp(-1.0 / person[PAYBACK_DAYS])
    slip = 1.0 - math.exp(-1.0 / person[LAG_DAYS])
    lag = 0.0
    # Exponentials are taken again only when what they are of has changed, which on most days it has not.
    seen_inflammation, shortened = person[INFLAMMATION_LOG], math.exp(person[INFLAMMATION_LOG])
    seen_hazard, slowed = 0.0, math.exp(below_ceiling(0.0, person[ANAGEN_CEILING]))
    seen_leave, run_exit = 0.0, math.exp(below_ceiling(0.0, person[EXIT_CEILING]))
    for day in range(days):
        androgen = 1.0
        hazard = 0.0
        leave = 0.0
        target = 0.0
        shaft = 0.0
        inflammation = person[INFLAMMATION_LOG]
        for k in range(therapies):
            e = exposure[k, day] * reach[k]
            if e > 0.0:
                androgen *= 1.0 - min(1.0, amplitude[k, ANDROGEN] * e)
                hazard += amplitude[k, ANAGEN_HAZARD] * e
                leave += amplitude[k, EXIT_HAZARD] * e
                target += amplitude[k, TARGET] * e
                shaft += amplitude[k, SHAFT] * e
                inflammation *= 1.0 - min(1.0, amplitude[k, INFLAMMATION] * e)
        ripe = maturity(float(day), person[ONSET_DAY], person[RAMP_DAYS])
        relief = ripe * (1.0 - androgen)
        if hazard != seen_hazard:
            seen_hazard, slowed = hazard, math.exp(below_ceiling(hazard, person[ANAGEN_CEILING]))
        if leave != seen_leave:
            seen_leave, run_exit = leave, math.exp(below_ceiling(leave, person[EXIT_CEILING]))
        if inflammation != seen_inflammation:
            seen_inflammation, shortened = inflammation, math.exp(inflammation)
        behind = max(0.0, 1.0 - slowed) * person[LAG_DAYS] - lag
        paid = max(0.0, -behind) * repay
        lag += behind * slip if behind > 0.0 else -paid
        run_anagen = (1.0 + person[SEASON_AMPLITUDE] * season[day]) * shortened * (slowed + paid)
        row = np.uint64(day)
        clock[row, ANAGEN_CLOCK], clock[row, ANAGEN_RELIEF] = anagen, anagen_relief
        clock[row, EXIT_CLOCK], clock[row, EXIT_RELIEF] = exit_, exit_relief
        clock[row, ANDROGEN_DOSE], clock[row, ANDROGEN_NOW] = dose, ripe * androgen
        clock[row, CALIBRE_TARGET], clock[row, SHAFT_LOG] = target, shaft
        anagen += run_anagen
        anagen_relief += run_anagen * relief
        exit_ += run_exit
        exit_relief += run_exit * relief
        dose += ripe * androgen


@compiled(parallel=True)
def _build(
    clocks: Any,
    kinds: Any,
    reach: Any,
    constants: Any,
    amplitudes: Any,
    persons: Any,
    intake: Any,
    sessions: Any,
    season: Any,
    groups: Any,
) -> None:
    therapies, days = intake.shape
    for p in prange(clocks.shape[0]):
        exposure = np.empty((therapies, days))
        for k in range(therapies):
            _exposure(kinds[k], constants[p, k], intake[k], sessions[k], exposure[k])
        for g in groups:
            _fill(clocks[p, g], exposure, reach[:, g], amplitudes[p], persons[p], season)


@dataclass(frozen=True)
class Pharmacy:
    """What the therapies in play do to each person.

    Attributes:
        kinds: index into `KINDS` by therapy.
        reach: [therapy, group], 1 where the therapy reaches the group (0 for a topical outside the treated area).
        constants: [person, therapy, CONSTANTS].
        amplitudes: [person, therapy, CHANNELS] at full exposure.
    """

    kinds: npt.NDArray[np.int64]
    reach: Floats
    constants: Floats
    amplitudes: Floats

    def take(self, rows: npt.NDArray[np.int64]) -> Pharmacy:
        """The same therapies for those people, in that order."""
        return Pharmacy(self.kinds, self.reach, self.constants[rows], self.amplitudes[rows])


def season_by_day(first_day_of_year: float, peak_day_of_year: float, days: int) -> Floats:
    """Cosine of the season on each day: +1 on the day of the year on which most anagens end."""
    day = first_day_of_year + np.arange(days) - peak_day_of_year
    return np.cos(2.0 * np.pi * day / 365.25)


def build_clocks(
    pharmacy: Pharmacy,
    persons: Floats,
    lines: Sequence[Line],
    season: Floats,
    groups: Sequence[int] = range(len(GROUPS)),
) -> Floats:
    """Daily clocks of every person and drive group under a regimen.

    Two regimens that agree until a day give the same clocks, bit for bit, until that day; a line whose amplitudes are
    all zero gives the clocks of no line at all.

    Args:
        pharmacy: what the therapies do to each person.
        persons: [person, PERSON_DRIVES].
        lines: the regimen.
        season: cosine of the season by day; its length is the number of days simulated.
        groups: the groups in which there are follicles; `simulate` refuses the clocks of any other.

    Returns:
        clocks[person, group, day, CLOCK_COLUMNS].
    """
    intake, sessions = intake_by_day(lines, pharmacy.kinds.size, season.size)
    used = np.flatnonzero(intake.any(axis=1) | sessions.any(axis=1))
    clocks = np.empty((persons.shape[0], len(GROUPS), season.size, len(CLOCK_COLUMNS)))
    clocks[:, :, 0, ANAGEN_CLOCK] = np.nan  # of no use until it is built
    _build(
        clocks,
        pharmacy.kinds[used],
        pharmacy.reach[used],
        pharmacy.constants[:, used],
        pharmacy.amplitudes[:, used],
        persons,
        intake[used],
        sessions[used],
        season,
        np.array(groups, np.int64),
    )
    return clocks
