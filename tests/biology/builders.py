"""Small worlds for the tests of the follicle model: a few people, their follicles, therapies and drives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np
import numpy.typing as npt

from follicast.biology import draws
from follicast.biology.follicle import RATES
from follicast.biology.scalp import Scalps
from follicast.biology.simulate import Course, Drives, Follicles, Pulses, State, begin, simulate
from follicast.biology.treatment import (
    CHANNELS,
    CONSTANTS,
    KINDS,
    PERSON_DRIVES,
    Line,
    Pharmacy,
    build_clocks,
    season_by_day,
)
from follicast.quantities import ZONES

YEAR = 365.25
FOREVER = math.inf
FIELDS = ("phase", "diameter_um", "length_mm", "size", "starts", "sheds")

RATE = {
    "anagen_log_median": math.log(3.0 * YEAR),
    "anagen_sd": 0.5,
    "anagen_size_exponent": 4.0,
    "catagen_log_median": math.log(17.0),
    "catagen_sd": 0.2,
    "telogen_log_median": math.log(84.0),
    "telogen_sd": 0.3,
    "kenogen_probability": 0.25,
    "kenogen_probability_slope": 0.8,
    "kenogen_log_median": math.log(200.0),
    "kenogen_sd": 0.4,
    "telogen_size_exponent": 0.3,
    "kenogen_size_exponent": 0.1,
    "calibre_fraction": 0.7,
    "calibre_recovery": 0.6,
    "calibre_shift": 0.2,
    "reserve_loss_per_day": 0.044 / YEAR,
    "reserve_threshold_log": math.log(0.3),
    "clock_anagen": -0.4,
    "clock_exit": 0.15,
    "clock_shaft": 0.1,
    "shaft_cap": 0.12,
    "growth_intercept": 0.19,
    "growth_slope": 0.0024,
    "emergence_days": 14.0,
    "exponential": 0.0,
}
HEALTHY = {
    "onset_day": math.inf,
    "ramp_days": 1.0,
    "season_amplitude": 0.0,
    "inflammation_log": 0.0,
    "anagen_ceiling": math.inf,
    "exit_ceiling": math.inf,
    "dose_before": 0.0,
    "payback_days": math.inf,
    "lag_days": 1.0,
}
BALDING = {
    "onset_day": 200.0,
    "ramp_days": 700.0,
    "season_amplitude": 0.35,
    "inflammation_log": 0.1,
    "anagen_ceiling": 0.8,
    "exit_ceiling": 1.2,
    "dose_before": 0.0,
    "payback_days": 40.0,
    "lag_days": 100.0,
}


@dataclass(frozen=True)
class Therapy:
    """One therapy, the same for everybody: constants, reach by group and amplitudes by channel."""

    kind: str = "emax"
    top: float = 1.0
    rim: float = 1.0
    level: float = 1.0
    ed50: float = 0.1
    hill: float = 1.0
    on_days: float = 20.0
    off_days: float = 30.0
    decay_days: float = 25.0
    half_saturation: float = 1.0
    repeat_loss: float = 1.5
    memory_days: float = 120.0
    androgen: float = 0.0
    anagen_hazard: float = 0.0
    exit_hazard: float = 0.0
    calibre_target: float = 0.0
    shaft: float = 0.0
    inflammation: float = 0.0

    def silent(self) -> Therapy:
        """The same therapy without any effect."""
        return replace(self, **dict.fromkeys(CHANNELS, 0.0))


TABLET = Therapy("emax", ed50=0.05, hill=1.6, androgen=0.6)
LOTION = Therapy(
    "linear",
    rim=0.0,
    on_days=40.0,
    anagen_hazard=-0.3,
    exit_hazard=0.8,
    calibre_target=0.1,
    shaft=0.05,
    inflammation=0.2,
)
SESSION = Therapy("sessions", rim=0.0, anagen_hazard=-0.4, exit_hazard=0.5)


def use(therapy: int, start: float = 0.0, stop: float = math.inf, dose: float = 1.0, adherence: float = 1.0) -> Line:
    return Line(therapy, start, stop, adherence, dose=dose)


def weekly(therapy: int, start: float, *doses: float) -> Line:
    """So much on the first days of every week of use, nothing on the others."""
    return Line(therapy, start, math.inf, 1.0, week=(doses + (0.0,) * 7)[:7])


def sessions(therapy: int, *days: float) -> Line:
    return Line(therapy, days[0], math.inf, 1.0, days)


def pharmacy(therapies: Sequence[Therapy], people: int = 1) -> Pharmacy:
    constants = np.array([[getattr(t, name) for name in CONSTANTS] for t in therapies]).reshape(-1, len(CONSTANTS))
    amplitudes = np.array([[getattr(t, name) for name in CHANNELS] for t in therapies]).reshape(-1, len(CHANNELS))
    return Pharmacy(
        kinds=np.array([KINDS.index(t.kind) for t in therapies], np.int64),
        reach=np.array([[t.top, t.rim] for t in therapies]).reshape(-1, 2),
        constants=np.repeat(constants[None], people, axis=0),
        amplitudes=np.repeat(amplitudes[None], people, axis=0),
    )


def people_drives(drive: dict[str, float], people: int = 1) -> npt.NDArray[np.float64]:
    return np.tile([drive[name] for name in PERSON_DRIVES], (people, 1))


def rates(people: int = 1, **changed: float) -> npt.NDArray[np.float64]:
    assert set(changed) <= set(RATES)
    table = RATE | changed
    return np.tile([table[name] for name in RATES], (people, 1))


def follicles(count: int, people: int = 1, seed: int = 1, sensitivity: float = 0.8, spread: float = 0.5) -> Follicles:
    """So many follicles a person, half of them in each group, ordered by person, nothing planned for any of them."""
    person = np.repeat(np.arange(people), count)
    n = person.size
    key = draws.follicle_keys(seed, person, np.tile(np.arange(count), people))
    noise = draws.normals(key, draws.TRAIT, 0)
    return Follicles(
        key=key,
        person=person,
        group=np.tile((np.arange(count) >= count // 2).astype(np.int64), people),
        site=np.zeros(n, np.int64),
        native_um=70.0 * np.exp(0.2 * draws.normals(key, draws.TRAIT, 1)),
        sensitivity=sensitivity * np.exp(spread * noise),
        scale_log=np.zeros(n),
        ageing_day=np.full(n, math.inf),
        placed_day=np.full(n, -math.inf),
        growth_in_days=np.full(n, math.inf),
        harvested_day=np.full(n, math.inf),
    )


def scalps(people: int = 1, density: float = 200.0, **changed: float) -> Scalps:
    """People whose scalps are all alike, sensitive on top and hardly at the rim."""
    whole = {
        "native_um": 72.0,
        "native_sd": 0.2,
        "vellus_share": 0.07,
        "vellus_um": 22.0,
        "vellus_anagen_log": -1.5,
        "sensitivity_sd": 0.5,
        "secondary_log": 0.25,
        "ageing_rate": 0.002 / YEAR,
        "adult_day": 0.0,
    }
    whole.update(changed)
    field = [0.9, 1.2, 0.8, 1.0, 0.02, 0.03]
    return Scalps(
        number=np.arange(people),
        density=np.full((people, len(ZONES)), density),
        sensitivity=np.tile(field, (people, 1)),
        unit_shares=np.array([0.17, 0.42, 0.31, 0.10]),
        **{name: np.full(people, value) for name, value in whole.items()},
    )


def pulse(people: int, day: float, share: float, phase: int = 0, spread_days: float = 30.0) -> Pulses:
    return Pulses(np.array([day]), np.array([phase]), np.full((people, 1), share), np.array([spread_days]))


@dataclass(frozen=True)
class World:
    """Follicles of some people who are all alike, with the therapies at hand, over so many days."""

    follicles: Follicles
    drive: dict[str, float] = field(default_factory=lambda: dict(BALDING))
    rate: dict[str, float] = field(default_factory=dict)
    therapies: tuple[Therapy, ...] = ()
    days: int = 12 * 366
    pulses: Pulses | None = None
    peak: float = 185.0

    @property
    def people(self) -> int:
        return int(self.follicles.person.max()) + 1

    @property
    def rates(self) -> npt.NDArray[np.float64]:
        return rates(self.people, **self.rate)

    def clocks(self, lines: Sequence[Line] = (), days: int | None = None) -> npt.NDArray[np.float64]:
        season = season_by_day(10.0, self.peak, days or self.days)
        return build_clocks(
            pharmacy(self.therapies, self.people), people_drives(self.drive, self.people), lines, season
        )

    def drives(self, lines: Sequence[Line] = (), days: int | None = None) -> Drives:
        return Drives(self.rates, self.clocks(lines, days), self.pulses or Pulses.none(self.people))

    def begin(self) -> State:
        return begin(self.follicles, self.rates)

    def run(self, asked: Sequence[float], lines: Sequence[Line] = (), state: State | None = None) -> Course:
        return simulate(self.follicles, self.drives(lines), state or self.begin(), np.array(asked, float))


def same(one: Course, other: Course, upto: float = math.inf) -> bool:
    """Whether two courses agree bit for bit on every day they share up to a day."""
    a, b = np.isin(one.days, other.days) & (one.days <= upto), np.isin(other.days, one.days) & (other.days <= upto)
    return all(np.array_equal(getattr(one, name)[a], getattr(other, name)[b]) for name in FIELDS)


def same_state(one: State, other: State) -> bool:
    return all(np.array_equal(getattr(one, f.name), getattr(other, f.name)) for f in fields(State))


def joined(parts: Sequence[Follicles]) -> Follicles:
    return Follicles(**{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Follicles)})
