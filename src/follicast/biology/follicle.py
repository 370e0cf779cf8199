"""The rules of one follicle, compiled: how long a phase lasts, how size moves, when the follicle is lost.

A person's rates are one row of a float matrix whose columns are named in `RATES`; a person's drives are one daily table
whose columns are named in `CLOCK_COLUMNS` (see `treatment.build_clocks`). All times are days on one axis; logs are natural.

The rules, in the order in which the event loop meets them:

1. anagen -> catagen -> telogen -> (kenogen) -> anagen. Each span is median x exp(sd x normal quantile(draw)).
2. A span is counted on a clock, not on the calendar. For anagen the clock runs at h_a x (1 + c_a s x), for telogen and
   kenogen at h_e x (1 + c_e s x), where h are the treatment and season multipliers, s the androgen sensitivity and
   x = maturity x (1 - A) the relief from androgen (0 untreated). A drive thus acts at once on running follicles.
3. At the start of an anagen the log calibre moves a fraction of the way to -shift x s x maturity x A + kappa, at most 0.
4. Reserve = exp(-rate x s x integral of maturity x A dt); below a threshold, or past the follicle's ageing day, no new
   anagen starts: the follicle is lost.
5. Size = calibre x reserve. Median anagen = healthy median x size^a; kenogen is likelier and longer in small follicles.
6. Shaft diameter = native x size x (1 + c_s s x, capped) x exp(shaft channel); growth = (intercept + slope x diameter).
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from numba import njit

from follicast.biology import draws

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


@njit(cache=True, inline="always")
def capped_sensitivity(coefficient: float, sensitivity: float) -> float:
    """Signed product coefficient x sensitivity, limited so that the clock keeps `MINIMUM_CLOCK_RATE` at full relief."""
    limit = 1.0 - MINIMUM_CLOCK_RATE
    return max(-limit, min(limit, coefficient * sensitivity))


@njit(cache=True, inline="always")
def integral_at(clock: Clock, column: int, day: float) -> float:
    """A running integral at a moment, linear within its day; `day` counts from the table's first day."""
    row = min(max(int(day), 0), clock.shape[0] - 2)
    low = clock[row, column]
    return low + (day - row) * (clock[row + 1, column] - low)


@njit(cache=True, inline="always")
def relief_at(clock: Clock, day: float) -> float:
    """Androgen relief x = maturity x (1 - A) on a day, from the slope of its integral."""
    row = min(max(int(day), 0), clock.shape[0] - 2)
    rate = clock[row + 1, ANAGEN_CLOCK] - clock[row, ANAGEN_CLOCK]
    return (clock[row + 1, ANAGEN_RELIEF] - clock[row, ANAGEN_RELIEF]) / rate


@njit(cache=True)
def end_on_clock(clock: Clock, column: int, c: float, start: float, span: float) -> float:
    """Day on which `span` clock days have run since `start`; infinity when that is after the table's last day.

    Solves clock(end) - clock(start) = span for clock = table[column] + c x table[column + 1], which rises with time. The
    search starts where an untreated clock would end and follows the local slope, so it takes two or three probes.
    """
    last = clock.shape[0] - 1
    row = int(start)
    value = clock[row, column] + c * clock[row, column + 1]
    if row < last:
        above = clock[row + 1, column] + c * clock[row + 1, column + 1]
        value += (start - row) * (above - value)
    target = value + span
    if not target < clock[last, column] + c * clock[last, column + 1]:
        return math.inf
    low, high = row, last
    guess = min(max(int(start + span), low), last - 1)
    while True:
        at = clock[guess, column] + c * clock[guess, column + 1]
        above = clock[guess + 1, column] + c * clock[guess + 1, column + 1]
        if at > target:
            high = guess
        elif above > target:
            return max(start, guess + (target - at) / (above - at))
        else:
            low = guess + 1
        step = (target - at) / (above - at)
        guess = int(guess + step)
        if guess < low or guess >= high:
            guess = (low + high) // 2


@njit(cache=True, inline="always")
def span_of(rates: Rates, log_median: float, sd: float, u: float) -> float:
    """Length of a phase in clock days for one uniform draw.

    Lognormal with this log median and log sd; with the `exponential` rate set, exponential with mean exp(log_median),
    which is how the published automaton is recovered (facts.csv F3).
    """
    if rates[EXPONENTIAL] > 0.0:
        return -math.exp(log_median) * math.log(1.0 - u)
    return math.exp(log_median + sd * draws.normal_quantile(u))


@njit(cache=True, inline="always")
def anagen_log_median(rates: Rates, scale_log: float, size_log: float) -> float:
    """Log median anagen of a follicle of this log size; `scale_log` is the follicle's own lasting factor."""
    return rates[ANAGEN_LOG_MEDIAN] + scale_log + rates[ANAGEN_SIZE_EXPONENT] * size_log


@njit(cache=True, inline="always")
def kenogen_log_median(rates: Rates, size_log: float) -> float:
    """Log median kenogen; smaller follicles stay empty longer."""
    return rates[KENOGEN_LOG_MEDIAN] - rates[KENOGEN_SIZE_EXPONENT] * size_log


@njit(cache=True, inline="always")
def kenogen_chance(rates: Rates, size_log: float) -> float:
    """Probability that telogen ends in an empty follicle instead of a new anagen."""
    chance = rates[KENOGEN_PROBABILITY] + rates[KENOGEN_PROBABILITY_SLOPE] * (1.0 - math.exp(size_log))
    return min(1.0, max(0.0, chance))


@njit(cache=True, inline="always")
def reserve_log(rates: Rates, clock: Clock, sensitivity: float, day: float) -> float:
    """Log of the irreversible part of size: it falls in proportion to sensitivity x androgen so far."""
    return -rates[RESERVE_LOSS] * sensitivity * integral_at(clock, ANDROGEN_DOSE, day)


@njit(cache=True, inline="always")
def next_calibre(rates: Rates, clock: Clock, sensitivity: float, calibre: float, day: float) -> float:
    """Log calibre of the anagen that starts on `day`; `calibre` is that of the anagen before.

    Recovery (towards a larger target) has its own fraction: zero under the hypothesis that regrowth wakes dormant terminal
    follicles and never enlarges small ones.
    """
    row = min(max(int(day), 0), clock.shape[0] - 1)
    target = -rates[CALIBRE_SHIFT] * sensitivity * clock[row, ANDROGEN_NOW] + clock[row, CALIBRE_TARGET]
    target = min(0.0, target)
    fraction = rates[CALIBRE_RECOVERY] if target > calibre else rates[CALIBRE_FRACTION]
    return calibre + fraction * (target - calibre)


@njit(cache=True, inline="always")
def shaft_diameter(
    rates: Rates, clock: Clock, native_um: float, sensitivity: float, size_log: float, day: float
) -> float:
    """Diameter in um of the shaft made on `day` by a follicle of this log size."""
    row = min(max(int(day), 0), clock.shape[0] - 1)
    boost = 1.0 + min(rates[SHAFT_CAP], rates[CLOCK_SHAFT] * sensitivity * relief_at(clock, day))
    return native_um * math.exp(size_log + clock[row, SHAFT_LOG]) * boost


@njit(cache=True, inline="always")
def growth_mm_per_day(rates: Rates, diameter_um: float) -> float:
    """Linear growth rate of a shaft of this diameter: thicker hair grows faster."""
    return rates[GROWTH_INTERCEPT] + rates[GROWTH_SLOPE] * diameter_um


@njit(cache=True)
def stationary_start(rates: Rates, scale_log: float, key: Any) -> tuple[int, float, float]:
    """Phase, clock days already run and clock days still to run for a healthy follicle met at a random moment.

    Phase with probability proportional to its mean span; within it a length-biased span (lognormal: the log mean rises by
    sd squared; exponential: the remainder is again exponential) and a uniform age. The renewal process is then stationary
    from the first day, so no burn-in is simulated. Source: renewal theory (Cox 1962, Renewal Theory, chapter 5).
    """
    keno = kenogen_chance(rates, 0.0)
    log_medians = (
        anagen_log_median(rates, scale_log, 0.0),
        rates[CATAGEN_LOG_MEDIAN],
        rates[TELOGEN_LOG_MEDIAN],
        kenogen_log_median(rates, 0.0),
    )
    sds = (rates[ANAGEN_SD], rates[CATAGEN_SD], rates[TELOGEN_SD], rates[KENOGEN_SD])
    exponential = rates[EXPONENTIAL] > 0.0
    total = 0.0
    for k in range(4):
        mean = math.exp(log_medians[k] + (0.0 if exponential else 0.5 * sds[k] * sds[k]))
        total += mean * (keno if k == KENOGEN else 1.0)
    left = draws.uniform(key, draws.INITIAL_PHASE, 0) * total
    phase = 0
    for k in range(4):
        mean = math.exp(log_medians[k] + (0.0 if exponential else 0.5 * sds[k] * sds[k]))
        mean *= keno if k == KENOGEN else 1.0
        phase = k
        if left < mean:
            break
        left -= mean
    u = draws.uniform(key, draws.SPAN, 0)
    age = draws.uniform(key, draws.INITIAL_AGE, 0)
    if exponential:
        run = -math.exp(log_medians[phase]) * math.log(1.0 - age)
        return phase, run, -math.exp(log_medians[phase]) * math.log(1.0 - u)
    biased = math.exp(log_medians[phase] + sds[phase] ** 2 + sds[phase] * draws.normal_quantile(u))
    return phase, biased * age, biased * (1.0 - age)
