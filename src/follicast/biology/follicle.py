"""The rules of one follicle, compiled: how long a phase lasts, how size moves, when the follicle is lost.

A person's rates are one row of a float matrix whose columns are named in `RATES`; a person's drives are one daily table
whose columns are named in `CLOCK_COLUMNS` (see `treatment.build_clocks`). All times are days on one axis; logs are
natural.

The rules, in the order in which the event loop meets them:

1. anagen -> catagen -> telogen -> (kenogen) -> anagen. Each span is median x exp(sd x normal quantile(draw)).
2. A span is counted on a clock, not on the calendar. For anagen the clock runs at h_a x (1 + c_a s x), for telogen and
   kenogen at h_e x (1 + c_e s x), where h are the treatment and season multipliers, s the androgen sensitivity and
   x = maturity x (1 - A) the relief from androgen (0 untreated). A drive thus acts at once on running follicles.
3. At the start of an anagen the log calibre moves a fraction of the way to kappa - shift x s x maturity x A, at most 0.
4. Reserve = exp(-rate x s x integral of maturity x A dt); below a threshold, or past the follicle's ageing day, no new
   anagen starts: the follicle is lost.
5. Size = calibre x reserve. Median anagen = healthy median x size^a; telogen lasts longer in small follicles, and
   kenogen is likelier and may last longer in them.
6. Shaft diameter = native x size x (1 + c_s s x, capped) x exp(shaft channel); growth = (intercept + slope x diameter).
"""

from __future__ import annotations

import math
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from follicast.biology import draws
from follicast.biology.compiled import rule, step

ANAGEN: Final = 0
CATAGEN: Final = 1
TELOGEN: Final = 2
KENOGEN: Final = 3
LOST: Final = 4
HARVESTED: Final = 5
UNPLACED: Final = 6
PHASES: Final = ("anagen", "catagen", "telogen", "kenogen", "lost", "harvested", "unplaced")

RATES: Final = (
    "anagen_log_median",
    "anagen_sd",
    "anagen_size_exponent",
    "catagen_log_median",
    "catagen_sd",
    "telogen_log_median",
    "telogen_sd",
    "telogen_size_exponent",
    "kenogen_probability",
    "kenogen_probability_slope",
    "kenogen_log_median",
    "kenogen_sd",
    "kenogen_size_exponent",
    "calibre_fraction",
    "calibre_recovery",
    "calibre_shift",
    "reserve_loss_per_day",
    "reserve_threshold_log",
    "clock_anagen",
    "clock_exit",
    "clock_shaft",
    "shaft_cap",
    "growth_intercept",
    "growth_slope",
    "emergence_days",
    "exponential",
)
(
    ANAGEN_LOG_MEDIAN,
    ANAGEN_SD,
    ANAGEN_SIZE_EXPONENT,
    CATAGEN_LOG_MEDIAN,
    CATAGEN_SD,
    TELOGEN_LOG_MEDIAN,
    TELOGEN_SD,
    TELOGEN_SIZE_EXPONENT,
    KENOGEN_PROBABILITY,
    KENOGEN_PROBABILITY_SLOPE,
    KENOGEN_LOG_MEDIAN,
    KENOGEN_SD,
    KENOGEN_SIZE_EXPONENT,
    CALIBRE_FRACTION,
    CALIBRE_RECOVERY,
    CALIBRE_SHIFT,
    RESERVE_LOSS,
    RESERVE_THRESHOLD_LOG,
    CLOCK_ANAGEN,
    CLOCK_EXIT,
    CLOCK_SHAFT,
    SHAFT_CAP,
    GROWTH_INTERCEPT,
    GROWTH_SLOPE,
    EMERGENCE_DAYS,
    EXPONENTIAL,
) = range(len(RATES))

# One row a day; the first five are running integrals from the first day, the others the value on that day.
CLOCK_COLUMNS: Final = (
    "anagen_clock",
    "anagen_relief",
    "exit_clock",
    "exit_relief",
    "androgen_dose",
    "androgen_now",
    "calibre_target",
    "shaft_log",
)
ANAGEN_CLOCK, ANAGEN_RELIEF, EXIT_CLOCK, EXIT_RELIEF, ANDROGEN_DOSE, ANDROGEN_NOW, CALIBRE_TARGET, SHAFT_LOG = range(8)

# A clock may slow to this share of its untreated rate, never stop or run backwards.
MINIMUM_CLOCK_RATE: Final = 0.2

Rates = npt.NDArray[np.float64]
Clock = npt.NDArray[np.float64]

# A row of a table as an index: compiled code spends nothing on asking whether it counts from the end.
_place = np.uint64


@rule
def capped_sensitivity(coefficient: float, sensitivity: float) -> float:
    """Signed product coefficient x sensitivity, limited so that the clock keeps `MINIMUM_CLOCK_RATE` at full relief."""
    limit = 1.0 - MINIMUM_CLOCK_RATE
    return max(-limit, min(limit, coefficient * sensitivity))


@rule
def integral_at(clock: Clock, column: int, day: float) -> float:
    """A running integral at a moment, linear within its day; nothing has run before the table's first day."""
    day = max(day, 0.0)
    row = min(int(day), clock.shape[0] - 2)
    low = clock[_place(row), column]
    return low + (day - row) * (clock[_place(row + 1), column] - low)


@rule
def day_until(clock: Clock, moment: float) -> int:
    """Row of the day whose drives are in force up to a moment; at midnight that is the day just over.

    Two plans that part on a day thus agree in everything that is read at its first moment.
    """
    return min(max(int(math.ceil(moment)) - 1, 0), clock.shape[0] - 2)  # noqa: RUF046 (likewise)


@rule
def relief_on(clock: Clock, row: int) -> float:
    """Androgen relief x = maturity x (1 - A) on the day of a row, from the slope of its integral."""
    here, there = _place(row), _place(row + 1)
    rate = clock[there, ANAGEN_CLOCK] - clock[here, ANAGEN_CLOCK]
    return (clock[there, ANAGEN_RELIEF] - clock[here, ANAGEN_RELIEF]) / rate


class Guide(NamedTuple):
    """Coarse inverse of a clock without relief: day[k] is when it reads k / scale.

    It says where `end_on_clock` looks first; no answer depends on it.
    """

    day: Any
    scale: float


@rule
def _reading(clock: Clock, column: int, c: float, row: int) -> float:
    at = _place(row)
    return clock[at, column] + c * clock[at, column + 1]


@step
def _row_of(clock: Clock, column: int, c: float, target: float, low: int, guess: int) -> int:
    """Row in whose day the clock reads `target`, not before `low`; the last row if the table ends first.

    The clock rises, so secant steps kept inside a bracket find it.
    """
    high = clock.shape[0] - 1
    if not target < _reading(clock, column, c, high):
        return high
    while low < high:
        if guess < low or guess >= high:
            guess = (low + high) // 2
        at = _reading(clock, column, c, guess)
        above = _reading(clock, column, c, guess + 1)
        if at > target:
            high = guess
        elif above > target:
            return guess
        else:
            low = guess + 1
        guess += int(math.floor((target - at) / (above - at)))  # noqa: RUF046 (a float on a GPU)
    return low


@step
def fill_guide(clock: Clock, column: int, day: Any) -> float:
    """Fill the days of a guide (two cells or more) to a clock and return its scale.

    This also walks the table in the order in which memory is quick, so that the jumps to come find it close by.
    """
    last = clock.shape[0] - 1
    cell_days = clock[last, column] / (day.size - 1)
    row = stride = 0
    for k in range(day.size):
        reading = k * cell_days
        found = min(_row_of(clock, column, 0.0, reading, row, row + stride), last - 1)
        row, stride = found, found - row
        low = clock[_place(row), column]
        day[k] = row + (reading - low) / (clock[_place(row + 1), column] - low)
    return 1.0 / cell_days


@rule
def end_on_clock(clock: Clock, guide: Guide, column: int, c: float, start: float, span: float) -> float:
    """Day on which `span` clock days have run since `start`; infinity when that is after the table's last day.

    Solves clock(end) - clock(start) = span for clock = table[column] + c x table[column + 1], which rises with time.
    The guess takes relief to stay as it is and is nearly always right; where it is not, a search mends it. Before its
    first day the clock runs as on that day.
    """
    last = clock.shape[0] - 1
    row = min(max(int(start), 0), last - 1)
    bare = clock[_place(row), column]
    speed = clock[_place(row + 1), column] - bare
    at = _reading(clock, column, c, row)
    above = _reading(clock, column, c, row + 1)
    target = at + (start - row) * (above - at) + span
    # Without relief the two clocks run alike, and a division is saved.
    ahead = span if above - at == speed else span * (speed / (above - at))
    cell = (bare + speed * (start - row) + ahead) * guide.scale
    k = int(min(max(cell, 0.0), guide.day.size - 2.0))
    day = guide.day[_place(k)]
    day += (cell - k) * (guide.day[_place(k + 1)] - day)
    guess = int(min(max(day, float(row)), last - 1.0))
    at = _reading(clock, column, c, guess)
    above = _reading(clock, column, c, guess + 1)
    if not at <= target < above:
        guess = _row_of(clock, column, c, target, row, guess)
        if guess == last:
            return math.inf
        at = _reading(clock, column, c, guess)
        above = _reading(clock, column, c, guess + 1)
    return max(start, guess + (target - at) / (above - at))


@rule
def span_of(rates: Rates, log_median: float, sd: float, u: float) -> float:
    """Length of a phase in clock days for one uniform draw.

    Lognormal with this log median and log sd; with the `exponential` rate set, exponential with mean exp(log_median),
    which is how the published automaton is recovered (facts.csv F3).
    """
    if rates[EXPONENTIAL] > 0.0:
        return -math.exp(log_median) * math.log(1.0 - u)
    return math.exp(log_median + sd * draws.normal_quantile(u))


@rule
def anagen_log_median(rates: Rates, scale_log: float, size_log: float) -> float:
    """Log median anagen of a follicle of this log size; `scale_log` is the follicle's own lasting factor."""
    return rates[ANAGEN_LOG_MEDIAN] + scale_log + rates[ANAGEN_SIZE_EXPONENT] * size_log


@rule
def telogen_log_median(rates: Rates, size_log: float) -> float:
    """Log median telogen; smaller follicles rest longer."""
    return rates[TELOGEN_LOG_MEDIAN] - rates[TELOGEN_SIZE_EXPONENT] * size_log


@rule
def kenogen_log_median(rates: Rates, size_log: float) -> float:
    """Log median kenogen; smaller follicles stay empty longer."""
    return rates[KENOGEN_LOG_MEDIAN] - rates[KENOGEN_SIZE_EXPONENT] * size_log


@rule
def kenogen_chance(rates: Rates, size_log: float) -> float:
    """Probability that telogen ends in an empty follicle instead of a new anagen."""
    chance = rates[KENOGEN_PROBABILITY] + rates[KENOGEN_PROBABILITY_SLOPE] * (1.0 - math.exp(size_log))
    return min(1.0, max(0.0, chance))


@rule
def reserve_log(rates: Rates, clock: Clock, sensitivity: float, day: float) -> float:
    """Log of the irreversible part of size: it falls in proportion to sensitivity x androgen so far."""
    return -rates[RESERVE_LOSS] * sensitivity * integral_at(clock, ANDROGEN_DOSE, day)


@rule
def next_calibre(rates: Rates, clock: Clock, sensitivity: float, calibre: float, day: float) -> float:
    """Log calibre of the anagen that starts on `day`; `calibre` is that of the anagen before.

    Recovery (towards a larger target) has its own fraction: zero under the hypothesis that regrowth wakes dormant
    terminal follicles and never enlarges small ones.
    """
    row = _place(day_until(clock, day))
    target = -rates[CALIBRE_SHIFT] * sensitivity * clock[row, ANDROGEN_NOW] + clock[row, CALIBRE_TARGET]
    target = min(0.0, target)
    fraction = rates[CALIBRE_RECOVERY] if target > calibre else rates[CALIBRE_FRACTION]
    return calibre + fraction * (target - calibre)


@rule
def shaft_diameter(
    rates: Rates, clock: Clock, native_um: float, sensitivity: float, size_log: float, day: float
) -> float:
    """Diameter in um of the shaft made up to `day` by a follicle of this log size."""
    row = day_until(clock, day)
    boost = 1.0 + min(rates[SHAFT_CAP], rates[CLOCK_SHAFT] * sensitivity * relief_on(clock, row))
    return native_um * math.exp(size_log + clock[_place(row), SHAFT_LOG]) * boost


@rule
def growth_mm_per_day(rates: Rates, diameter_um: float) -> float:
    """Linear growth rate of a shaft of this diameter: thicker hair grows faster."""
    return rates[GROWTH_INTERCEPT] + rates[GROWTH_SLOPE] * diameter_um


@step
def stationary_start(rates: Rates, scale_log: float, key: Any) -> tuple[int, float, float]:
    """Phase, clock days already run and clock days still to run for a healthy follicle met at a random moment.

    Phase with probability proportional to its mean span; within it a length-biased span (lognormal: the log mean rises
    by sd squared; exponential: the remainder is again exponential) and a uniform age. The renewal process is then
    stationary from the first day, so no burn-in is simulated. Source: renewal theory (Cox 1962, Renewal Theory, chapter
    5).
    """
    keno = kenogen_chance(rates, 0.0)
    log_medians = (
        anagen_log_median(rates, scale_log, 0.0),
        rates[CATAGEN_LOG_MEDIAN],
        telogen_log_median(rates, 0.0),
        kenogen_log_median(rates, 0.0),
    )
    sds = (rates[ANAGEN_SD], rates[CATAGEN_SD], rates[TELOGEN_SD], rates[KENOGEN_SD])
    exponential = rates[EXPONENTIAL] > 0.0
    # Half the sd squared turns a lognormal's median into its mean.
    half = 0.0 if exponential else 0.5
    means = (
        math.exp(log_medians[ANAGEN] + half * sds[ANAGEN] * sds[ANAGEN]),
        math.exp(log_medians[CATAGEN] + half * sds[CATAGEN] * sds[CATAGEN]),
        math.exp(log_medians[TELOGEN] + half * sds[TELOGEN] * sds[TELOGEN]),
        math.exp(log_medians[KENOGEN] + half * sds[KENOGEN] * sds[KENOGEN]) * keno,
    )
    left = draws.uniform(key, draws.INITIAL_PHASE, 0) * (means[0] + means[1] + means[2] + means[3])
    phase = ANAGEN
    while phase < KENOGEN and left >= means[phase]:
        left -= means[phase]
        phase += 1
    u = draws.uniform(key, draws.SPAN, 0)
    age = draws.uniform(key, draws.INITIAL_AGE, 0)
    if exponential:
        run = -math.exp(log_medians[phase]) * math.log(1.0 - age)
        return phase, run, -math.exp(log_medians[phase]) * math.log(1.0 - u)
    biased = math.exp(log_medians[phase] + sds[phase] ** 2 + sds[phase] * draws.normal_quantile(u))
    return phase, biased * age, biased * (1.0 - age)
