"""The life of one follicle in the reference model, followed day by day: slow, obvious, and without any table."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.reference import draws
from tests.reference.drives import Day, Numbers


@dataclass
class Insult:
    """On `day` a share of the follicles in `phase` are told to leave it, each within `spread_days`."""

    day: float
    phase: str
    share: float
    spread_days: float


@dataclass
class Traits:
    """What a follicle is born with."""

    key: int
    native_um: float
    sensitivity: float
    scale_log: float
    ageing_day: float
    placed_day: float = -math.inf
    growth_in_days: float = math.inf
    harvested_day: float = math.inf


@dataclass
class Reading:
    """The follicle and its hair at one moment."""

    phase: str
    diameter_um: float
    length_mm: float
    size: float
    starts: int
    sheds: int
    event: int


@dataclass
class Follicle:
    """A follicle on its way through time."""

    traits: Traits
    rates: Numbers
    days: Sequence[Day]
    insults: Sequence[Insult] = ()
    dose_before: float = 0.0
    phase: str = "anagen"
    start: float = 0.0
    span: float = 0.0
    event: int = 1
    calibre: float = 0.0
    size: float = 0.0
    anagen_start: float = 0.0
    anagen_end: float = math.inf
    starts: int = 0
    sheds: int = 0
    turns: list[tuple[float, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.begin()

    def length(self, log_median: float, sd: float, u: float) -> float:
        if self.rates["exponential"] > 0:
            return -math.exp(log_median) * math.log(1 - u)
        return math.exp(log_median + sd * draws.normal_quantile(u))

    def log_median(self, phase: str) -> float:
        """Log median span of a phase of this follicle at its present size."""
        log_median = self.rates[f"{phase}_log_median"]
        if phase == "anagen":
            return log_median + self.traits.scale_log + self.rates["anagen_size_exponent"] * self.size
        if phase in ("telogen", "kenogen"):
            return log_median - self.rates[f"{phase}_size_exponent"] * self.size
        return log_median

    def kenogen_chance(self) -> float:
        chance = self.rates["kenogen_probability"]
        chance += self.rates["kenogen_probability_slope"] * (1 - math.exp(self.size))
        return min(1.0, max(0.0, chance))

    def begin(self) -> None:
        """Meet a healthy follicle at a random moment: longer phases are met more often, and longer spans of each."""
        exponential = self.rates["exponential"] > 0
        means = {}
        for phase in ("anagen", "catagen", "telogen", "kenogen"):
            sd = 0.0 if exponential else self.rates[f"{phase}_sd"]
            means[phase] = math.exp(self.log_median(phase) + sd * sd / 2)
        means["kenogen"] *= self.kenogen_chance()
        key = self.traits.key
        met = draws.uniform(key, draws.INITIAL_PHASE, 0) * sum(means.values())
        for phase, mean in means.items():
            self.phase = phase
            if met < mean:
                break
            met = met - mean
        u, age = draws.uniform(key, draws.SPAN, 0), draws.uniform(key, draws.INITIAL_AGE, 0)
        if exponential:
            gone = -math.exp(self.log_median(self.phase)) * math.log(1 - age)
            self.span = -math.exp(self.log_median(self.phase)) * math.log(1 - u)
        else:
            sd = self.rates[f"{self.phase}_sd"]
            whole = math.exp(self.log_median(self.phase) + sd * sd + sd * draws.normal_quantile(u))
            gone, self.span = whole * age, whole * (1 - age)
        if self.phase == "anagen":
            self.anagen_start = -gone
        else:
            self.anagen_end = -gone
            if self.phase != "catagen":
                self.anagen_end -= math.exp(self.log_median("catagen"))
            self.anagen_start = self.anagen_end - math.exp(self.log_median("anagen"))
        if self.traits.ageing_day <= 0:
            self.phase = "lost"
        if self.traits.placed_day > -math.inf:
            self.phase = "unplaced"

    def factor(self, name: str) -> float:
        """How strongly relief speeds a clock of this follicle; never so strongly that it runs below a fifth."""
        return min(0.8, max(-0.8, self.rates[name] * self.traits.sensitivity))

    def speed(self, day: int) -> float:
        """Clock days that run in one day of the present phase."""
        if self.phase == "catagen":
            return 1.0
        drive = self.days[max(day, 0)]
        if self.phase == "anagen":
            return drive.anagen_speed * (1 + self.factor("clock_anagen") * drive.relief)
        return drive.exit_speed * (1 + self.factor("clock_exit") * drive.relief)

    def clock_end(self) -> float:
        """When the span of the phase has run on its clock, day by day; infinity if the days end first."""
        if self.phase == "catagen":
            return self.start + self.span
        left = self.span
        now = self.start
        while math.floor(now) < len(self.days) - 1:
            day = math.floor(now)
            speed = self.speed(day)
            if left < speed * (day + 1 - now):
                return now + left / speed
            left -= speed * (day + 1 - now)
            now = float(day + 1)
        return math.inf

    def end(self) -> float:
        """When the phase ends, whatever ends it."""
        if self.phase in ("lost", "harvested"):
            return math.inf
        if self.phase == "unplaced":
            return self.traits.placed_day
        end = self.clock_end()
        for number, insult in enumerate(self.insults):
            hit = draws.uniform(self.traits.key, draws.PULSE, number) < insult.share
            if hit and insult.phase == self.phase and self.start < insult.day < end:
                delay = insult.spread_days * draws.uniform(self.traits.key, draws.PULSE_DELAY, number)
                end = min(end, insult.day + delay)
        return min(end, self.traits.harvested_day)

    def day_until(self, moment: float) -> Day:
        """The day in force up to a moment: at midnight the day just over."""
        return self.days[max(0, math.ceil(moment) - 1)]

    def androgen_until(self, when: float) -> float:
        """Androgen in force, summed over the time so far."""
        whole = max(0, math.floor(when))
        since = math.fsum(day.androgen for day in self.days[:whole])
        return self.dose_before + since + max(0.0, when - whole) * self.days[whole].androgen

    def turn(self, end: float) -> None:
        """Leave the phase at `end`."""
        before, telogen_over = self.phase, self.phase == "telogen"
        if self.traits.harvested_day <= end:
            self.phase = "harvested"
        elif before == "unplaced":
            self.phase = "kenogen" if self.traits.growth_in_days < math.inf else "lost"
            self.span = self.traits.growth_in_days
        elif before == "anagen":
            self.phase = "catagen"
            self.anagen_end = end
            self.draw_span()
        elif before == "catagen":
            self.phase = "telogen"
            self.draw_span()
        else:
            self.sheds += telogen_over
            reserve = -self.rates["reserve_loss_per_day"] * self.traits.sensitivity * self.androgen_until(end)
            chance = draws.uniform(self.traits.key, draws.KENOGEN, self.event)
            if end >= self.traits.ageing_day or reserve < self.rates["reserve_threshold_log"]:
                self.phase = "lost"
            elif telogen_over and chance < self.kenogen_chance():
                self.phase = "kenogen"
                self.draw_span()
            else:
                self.grow_again(end, reserve)
        self.start = end
        self.event += 1
        self.turns.append((end, self.phase))

    def draw_span(self) -> None:
        u = draws.uniform(self.traits.key, draws.SPAN, self.event)
        self.span = self.length(self.log_median(self.phase), self.rates[f"{self.phase}_sd"], u)

    def grow_again(self, now: float, reserve: float) -> None:
        """A new anagen: the calibre moves towards what androgen allows today."""
        drive = self.day_until(now)
        allowed = drive.calibre_target - self.rates["calibre_shift"] * self.traits.sensitivity * drive.androgen
        allowed = min(0.0, allowed)
        part = self.rates["calibre_recovery"] if allowed > self.calibre else self.rates["calibre_fraction"]
        self.calibre += part * (allowed - self.calibre)
        self.size = self.calibre + reserve
        self.phase = "anagen"
        self.anagen_start, self.anagen_end = now, math.inf
        self.starts += 1
        self.draw_span()

    def read(self, day: float) -> Reading:
        """The follicle on a day that its present phase covers."""
        diameter = length = 0.0
        if self.phase in ("anagen", "catagen", "telogen"):
            made = min(day, self.anagen_end)
            drive = self.day_until(made)
            more = min(self.rates["shaft_cap"], self.rates["clock_shaft"] * self.traits.sensitivity * drive.relief)
            um = self.traits.native_um * math.exp(self.size) * math.exp(drive.shaft_log) * (1 + more)
            growing = made - self.anagen_start - self.rates["emergence_days"]
            if growing > 0:
                diameter = um
                length = growing * (self.rates["growth_intercept"] + self.rates["growth_slope"] * um)
        size = math.exp(self.size)
        return Reading(self.phase, diameter, length, size, self.starts, self.sheds, self.event)


def live(
    traits: Traits,
    rates: Mapping[str, float],
    days: Sequence[Day],
    insults: Sequence[Insult],
    asked: Sequence[float],
    dose_before: float = 0.0,
) -> tuple[list[Reading], Follicle]:
    """The follicle on each asked day, and where it stands on the last; `dose_before` is its androgen before day 0."""
    follicle = Follicle(traits, rates, days, insults, dose_before)
    found = []
    end = follicle.end()
    for day in asked:
        while end <= day:
            follicle.turn(end)
            end = follicle.end()
        found.append(follicle.read(day))
    return found, follicle
