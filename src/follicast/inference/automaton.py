"""The cycle alone, without a person: renewal theory and the published automaton as exact checks of the engine."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
from numba import njit

from follicast.biology import draws
from follicast.biology.follicle import ANAGEN, CATAGEN, PHASES, RATES, TELOGEN, span_of
from follicast.biology.simulate import Course, Drives, Follicles, Pulses, State, begin, simulate
from follicast.biology.treatment import CHANNELS, CONSTANTS, PERSON_DRIVES, Pharmacy, build_clocks

Floats = npt.NDArray[np.float64]

_MONTH: Final = 30.4375
# Mean months of anagen, telogen and latency (kenogen) of the automaton: facts.csv F3.
_MONTHS: Final = (3.6, 2.4, 2.0)
_ZERO: Final = 1e-9


def cycle_rates(medians: dict[str, float], sds: dict[str, float], kenogen: float, exponential: bool = False) -> Floats:
    """Rates [1, RATES] of one person whose follicles only cycle; medians (means if exponential) in days."""
    row = np.zeros((1, len(RATES)))
    values = {f"{phase}_log_median": math.log(days) for phase, days in medians.items()}
    values |= {f"{phase}_sd": sd for phase, sd in sds.items()}
    values |= {"kenogen_probability": kenogen, "exponential": float(exponential), "reserve_threshold_log": -math.inf}
    for name, value in values.items():
        row[0, RATES.index(name)] = value
    return row


def bare_follicles(count: int, seed: int) -> Follicles:
    """Follicles of one person without androgen sensitivity, ageing or grafts."""
    zeros, ints = np.zeros(count), np.zeros(count, np.int64)
    never = np.full(count, math.inf)
    return Follicles(
        key=draws.follicle_keys(seed, ints, np.arange(count)),
        person=ints,
        group=ints,
        site=ints,
        native_um=np.full(count, 70.0),
        sensitivity=zeros,
        scale_log=zeros,
        ageing_day=never,
        placed_day=-never,
        growth_in_days=never,
        harvested_day=never,
    )


def undriven(rates: Floats, days: int) -> Drives:
    """Drives of one person with no androgen, season or treatment for that many days."""
    nothing = Pharmacy(
        np.empty(0, np.int64), np.empty((0, 2)), np.empty((1, 0, len(CONSTANTS))), np.empty((1, 0, len(CHANNELS)))
    )
    still = dict.fromkeys(PERSON_DRIVES, 0.0) | {"onset_day": math.inf, "ramp_days": 1.0, "lag_days": 1.0}
    still |= dict.fromkeys(("anagen_ceiling", "exit_ceiling", "payback_days"), math.inf)
    clocks = build_clocks(nothing, np.array([[still[name] for name in PERSON_DRIVES]]), (), np.zeros(days + 1))
    return Drives(rates, clocks, Pulses.none(1))


def _run(rates: Floats, count: int, seed: int, days: Floats, state: State | None = None) -> Course:
    follicles = bare_follicles(count, seed)
    start = begin(follicles, rates) if state is None else state
    return simulate(follicles, undriven(rates, math.ceil(days[-1])), start, days)


def _ordinary() -> tuple[Floats, dict[str, float]]:
    """A healthy cycle and its mean phase lengths in days."""
    medians = {"anagen": 1095.75, "catagen": 17.0, "telogen": 90.0, "kenogen": 210.0}
    sds = {"anagen": 0.5, "catagen": 0.2, "telogen": 0.3, "kenogen": 0.4}
    means = {phase: medians[phase] * math.exp(0.5 * sds[phase] ** 2) for phase in medians}
    means["kenogen"] *= 0.25
    return cycle_rates(medians, sds, 0.25), means


def phase_shares(seed: int) -> list[tuple[str, float, float, float]]:
    """Share of each phase after ten years: name, simulated, mean span over mean cycle, standard error."""
    rates, means = _ordinary()
    count = 20_000
    phase = _run(rates, count, seed, np.array([3652.0])).phase[0]
    rows = []
    for k, name in enumerate(PHASES[:4]):
        p = means[name] / sum(means.values())
        rows.append((name, float((phase == k).mean()), p, math.sqrt(p * (1.0 - p) / count)))
    return rows


def share_spread(seed: int) -> tuple[float, float]:
    """Standard deviation of the anagen share of groups of 100 follicles: simulated, sqrt(p (1 - p) / N)."""
    rates, means = _ordinary()
    phase = _run(rates, 100_000, seed, np.array([3652.0])).phase[0].reshape(1000, 100)
    p = means["anagen"] / sum(means.values())
    return float((phase == ANAGEN).mean(axis=1).std()), math.sqrt(p * (1.0 - p) / 100.0)


def _automaton_rates() -> Floats:
    anagen, telogen, kenogen = (month * _MONTH for month in _MONTHS)
    medians = {"anagen": anagen, "catagen": _ZERO, "telogen": telogen, "kenogen": kenogen}
    return cycle_rates(medians, dict.fromkeys(medians, 0.0), 1.0, exponential=True)


def automaton_shares(seed: int) -> list[tuple[str, float, float]]:
    """Shares of anagen, telogen and latency of the memoryless automaton: name, simulated, published."""
    days = np.arange(12.0, 36.0) * 30.0
    phase = _run(_automaton_rates(), 250_000, seed, days).phase
    published = (0.45, 0.30, 0.25)
    kinds = (ANAGEN, TELOGEN, TELOGEN + 1)
    names = ("anagen", "telogen", "latency")
    return [(n, float((phase == k).mean()), p) for n, k, p in zip(names, kinds, published, strict=True)]


@njit(cache=True)
def _mean_span(rates: Floats, log_median: float, uniforms: Floats) -> float:
    total = 0.0
    for u in uniforms:
        total += span_of(rates, log_median, 0.0, u)
    return total / uniforms.size


def automaton_eigenvalue(seed: int) -> tuple[float, float]:
    """Slowest relaxation of the automaton per month (real, imaginary part), from the mean spans the kernel drew."""
    rates = _automaton_rates()[0]
    count = 4_000_000
    keys = draws.follicle_keys(seed, np.zeros(count, np.int64), np.arange(count))
    means = [_mean_span(rates, math.log(month), draws.uniforms(keys, draws.SPAN, e)) for e, month in enumerate(_MONTHS)]
    a, t, k = (1.0 / mean for mean in means)
    generator = np.array([[-a, 0.0, k], [a, -t, 0.0], [0.0, t, -k]])
    values = np.linalg.eigvals(generator)
    slow = values[np.argmax(values.imag)]
    return float(slow.real), float(abs(slow.imag))


def late_swing(seed: int, cv: float) -> float:
    """Swing of the anagen share over the eighth cycle of follicles that all began anagen together.

    Args:
        seed: of the draws.
        cv: coefficient of variation of every lognormal span.

    Returns:
        Largest minus smallest share in that cycle; near 0 when synchrony has decayed.
    """
    sd = math.sqrt(math.log1p(cv * cv))
    medians = {"anagen": 240.0, "catagen": 17.0, "telogen": 90.0, "kenogen": 60.0}
    rates = cycle_rates(medians, dict.fromkeys(medians, sd), 0.0)
    follicles = bare_follicles(20_000, seed)
    state = begin(follicles, rates)
    span = 240.0 * np.exp(sd * draws.normals(follicles.key, draws.SPAN, 0))
    together = replace(
        state,
        phase=np.full(follicles.count, ANAGEN, np.int8),
        span=span,
        anagen_start=np.zeros(follicles.count),
        anagen_end=np.full(follicles.count, math.inf),
    )
    cycle = sum(medians[p] for p in ("anagen", "catagen", "telogen"))
    days = np.arange(7.0 * cycle, 8.0 * cycle, 5.0)
    course = simulate(follicles, undriven(rates, math.ceil(days[-1])), together, days)
    share = (course.phase == ANAGEN).mean(axis=1) + (course.phase == CATAGEN).mean(axis=1)
    return float(share.max() - share.min())


def tetrachoric(first: npt.NDArray[np.bool_], second: npt.NDArray[np.bool_]) -> float:
    """Correlation of the two liabilities behind two yes/no readings of pairs.

    Args:
        first: reading of one member of each pair.
        second: reading of the other.

    Returns:
        The correlation whose bivariate normal gives the observed share of pairs that agree on yes.
    """
    from scipy.optimize import brentq
    from scipy.stats import multivariate_normal, norm

    share = 0.5 * (first.mean() + second.mean())
    both = float((first & second).mean())
    cut = norm.ppf(share)

    def gap(r: float) -> float:
        return float(multivariate_normal.cdf([cut, cut], mean=[0.0, 0.0], cov=[[1.0, r], [r, 1.0]])) - both

    return float(brentq(gap, -0.95, 0.999))
