"""Virtual people: members of an ensemble that could be this person, before any measurement speaks.

A member is its latent traits (`LATENTS`, standard normal a priori, the ones that inference moves) and one draw of every
shared parameter and of every therapy's effect. What a member is follows from (seed, member number, latents) alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.biology import treatment
from follicast.biology.follicle import RATES
from follicast.biology.scalp import Scalps
from follicast.biology.treatment import CHANNELS, CONSTANTS, GROUPS, KINDS, PERSON_DRIVES, Pharmacy
from follicast.knowledge.load import Knowledge
from follicast.knowledge.number import Number
from follicast.knowledge.posterior import Shared
from follicast.knowledge.therapy import EmaxExposure, LinearExposure, SessionExposure, Therapy
from follicast.people.beliefs import believed, named_normals, named_uniforms
from follicast.people.person import Person
from follicast.quantities import DAYS_PER_YEAR, ZONES

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ANCESTRIES: Final = ("caucasian", "east-asian", "african", "hispanic", "south-asian")
LATENTS: Final = (
    "density",
    "diameter",
    "sensitivity",
    "onset",
    "anagen",
    "telogen",
    "growth",
    *(f"field.{zone}" for zone in ZONES[:4]),
)
# A remembered duration is taken to be right within this share of itself.
_RECALL: Final = 0.15


@dataclass(frozen=True)
class Population:
    """Members of an ensemble; arrays have one row a member.

    `today` is the index of `as_of` on the run's day axis (day 0 is before the earliest onset) and `years_lost` the time
    since onset (negative: not yet). `slow_misread`, `shed_factor` and `grade_tolerance` are each member's instruments.
    """

    number: Ints
    latents: Floats
    rates: Floats
    scalps: Scalps
    drives: Floats
    pharmacy: Pharmacy
    therapies: tuple[str, ...]
    today: int
    first_day_of_year: float
    season_peak: float
    years_lost: Floats
    slow_misread: Floats
    shed_factor: Floats
    grade_tolerance: Floats
    insult_share: Floats

    @property
    def size(self) -> int:
        """Number of members."""
        return int(self.number.size)

    def season(self, days: int) -> Floats:
        """Cosine of the season for that many days from day 0."""
        return treatment.season_by_day(self.first_day_of_year, self.season_peak, days)

    def take(self, rows: Ints) -> Population:
        """The same members, those rows only, in that order."""
        kept: dict[str, object] = {}
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if isinstance(value, np.ndarray):
                value = value[rows]
            elif isinstance(value, Scalps | Pharmacy):
                value = value.take(rows)
            kept[name] = value
        return Population(**kept)  # type: ignore[arg-type]


class _Beliefs:
    """The knowledge in force, drawn for the members of one ensemble."""

    def __init__(self, knowledge: Knowledge, seed: int, members: Ints) -> None:
        self.numbers: Mapping[str, Number] = knowledge.parameters
        self.shared = knowledge.shared
        self.regrowth = knowledge.regrowth
        self.seed = seed
        self.members = members

    def __call__(self, key: str) -> Floats:
        return believed(self.numbers[key], key, self.seed, self.members, self.shared)

    def by_ancestry(self, stem: str, ancestry: Ints) -> Floats:
        table = np.stack([self(f"{stem}.{name}") for name in ANCESTRIES])
        return np.asarray(np.take_along_axis(table, ancestry[None, :], axis=0)[0])


def _ancestries(person: Person, beliefs: _Beliefs) -> Ints:
    if person.ancestry is not None:
        return np.full(beliefs.members.size, ANCESTRIES.index(person.ancestry))
    shares = np.cumsum([beliefs.numbers[f"ancestry.share.{name}"].value for name in ANCESTRIES])
    u = named_uniforms(beliefs.seed, beliefs.members, "ancestry")
    return np.minimum(np.searchsorted(shares / shares[-1], u), len(ANCESTRIES) - 1)


def _onset_ages(person: Person, beliefs: _Beliefs, z: Floats) -> Floats:
    """Age at onset of each member: within what the person says, else from liability."""
    if person.years_of_loss is None:
        sex = person.sex
        earliest = beliefs.numbers["onset.earliest"].value
        return earliest + beliefs(f"onset.{sex}_median") * np.exp(beliefs(f"onset.{sex}_sd_log") * z)
    from scipy.special import ndtr

    low, high = person.years_of_loss
    low, high = low * (1.0 - _RECALL), high * (1.0 + _RECALL)
    return np.asarray(person.age_years - (low + (high - low) * ndtr(z)))


def _sensitivities(person: Person, beliefs: _Beliefs, latents: Mapping[str, Floats], onset: Floats) -> Floats:
    """Median sensitivity by zone: liability (early onset raises it), person, sex and zone field."""
    sex = person.sex
    earliest = beliefs.numbers["onset.earliest"].value
    years = np.maximum(onset - earliest, 0.25)
    early = -np.log(years / beliefs(f"onset.{sex}_median")) / beliefs(f"onset.{sex}_sd_log")
    log_person = beliefs("onset.sensitivity_slope") * early
    log_person += beliefs("sensitivity.person_sd_log") * latents["sensitivity"]
    level = beliefs("sensitivity.female_level") if sex == "female" else np.ones(early.size)
    columns = []
    for zone in ZONES:
        field = beliefs(f"sensitivity.{sex}.{zone}")
        if f"field.{zone}" in latents:
            field = field * np.exp(beliefs("sensitivity.zone_sd_log") * latents[f"field.{zone}"])
        columns.append(level * np.exp(log_person) * field)
    return np.stack(columns, axis=1)


def _rates(person: Person, beliefs: _Beliefs, latents: Mapping[str, Floats], ancestry: Ints) -> Floats:
    b = beliefs
    growth = b.by_ancestry("growth.factor", ancestry)
    growth = growth * np.exp(b.by_ancestry("growth.person_sd", ancestry) * latents["growth"])
    anagen = np.log(b(f"anagen.median.{person.sex}") * DAYS_PER_YEAR)
    columns = {
        "anagen_log_median": anagen + b("anagen.person_sd_log") * latents["anagen"],
        "anagen_sd": b("anagen.sd_log"),
        "anagen_size_exponent": b("anagen.size_exponent"),
        "catagen_log_median": np.log(b("catagen.median")),
        "catagen_sd": b("catagen.sd_log"),
        "telogen_log_median": np.log(b("telogen.median")) + b("telogen.person_sd_log") * latents["telogen"],
        "telogen_sd": b("telogen.sd_log"),
        "telogen_size_exponent": b("telogen.size_exponent"),
        "kenogen_probability": b("kenogen.probability"),
        "kenogen_probability_slope": b("kenogen.probability_slope"),
        "kenogen_log_median": np.log(b("kenogen.median")),
        "kenogen_sd": b("kenogen.sd_log"),
        "kenogen_size_exponent": b("kenogen.size_exponent"),
        "calibre_fraction": b("calibre.fraction"),
        "calibre_recovery": b("calibre.fraction") if b.regrowth == "reversal" else np.zeros(growth.size),
        "calibre_shift": b("calibre.shift"),
        "reserve_loss_per_day": b("reserve.loss_per_year") / DAYS_PER_YEAR,
        "reserve_threshold_log": np.log(b("reserve.threshold")),
        "clock_anagen": b("clock.anagen"),
        "clock_exit": b("clock.exit"),
        "clock_shaft": b("clock.shaft"),
        "shaft_cap": b("clock.shaft_cap"),
        "growth_intercept": growth * b("growth.intercept"),
        "growth_slope": growth * b("growth.slope"),
        "emergence_days": b("growth.emergence"),
        "exponential": np.zeros(growth.size),
    }
    return np.stack([columns[name] for name in RATES], axis=1)


def _healthy_kenogen_share(rates: Floats) -> Floats:
    """Share of a healthy follicle's time that is kenogen: turns hairs/cm2 into follicles/cm2."""
    col = {name: rates[:, i] for i, name in enumerate(RATES)}
    empty = col["kenogen_probability"] * np.exp(col["kenogen_log_median"] + 0.5 * col["kenogen_sd"] ** 2)
    empty = empty + col["emergence_days"]
    full = np.exp(col["anagen_log_median"] + 0.5 * col["anagen_sd"] ** 2)
    full = full + np.exp(col["catagen_log_median"]) + np.exp(col["telogen_log_median"] + 0.5 * col["telogen_sd"] ** 2)
    return np.asarray(empty / (empty + full))


def _scalps(
    person: Person,
    beliefs: _Beliefs,
    latents: Mapping[str, Floats],
    ancestry: Ints,
    rates: Floats,
    sensitivity: Floats,
    today: int,
) -> Scalps:
    b = beliefs
    hairs = b.by_ancestry("density", ancestry) * np.exp(
        b.by_ancestry("density.person_sd", ancestry) * latents["density"]
    )
    follicles = hairs / (1.0 - _healthy_kenogen_share(rates))
    native = b.by_ancestry("diameter", ancestry) * np.exp(
        b.by_ancestry("diameter.person_sd", ancestry) * latents["diameter"]
    )
    if person.scalp.fine_hair:
        native = native * np.exp(b("diameter.fine_hair_log"))
    adult = b.numbers["ageing.adult_age"].value
    n = b.members.size
    return Scalps(
        number=b.members,
        density=np.stack([follicles * b(f"density.zone.{zone}") for zone in ZONES], axis=1),
        native_um=native,
        native_sd=b("diameter.follicle_sd_log"),
        vellus_share=b("vellus.share"),
        vellus_um=b("vellus.diameter"),
        vellus_anagen_log=np.log(b("vellus.anagen_factor")),
        sensitivity=sensitivity,
        sensitivity_sd=b("sensitivity.follicle_sd_log"),
        secondary_log=b("sensitivity.secondary_log"),
        ageing_rate=b("ageing.loss_per_year") / DAYS_PER_YEAR,
        adult_day=np.full(n, today + (adult - person.age_years) * DAYS_PER_YEAR),
        unit_shares=np.array([b.numbers[f"unit.share.{k}"].value for k in ("one", "two", "three", "four")]),
    )


def _inflammation(person: Person, beliefs: _Beliefs) -> Floats:
    if person.scalp.oiliness == "high" or person.scalp.dandruff:
        return beliefs("inflammation.high")
    if person.scalp.oiliness == "low":
        return np.zeros(beliefs.members.size)
    return beliefs("inflammation.normal")


def _constants(therapy: Therapy, seed: int, members: Ints, shared: Shared) -> tuple[int, Floats]:
    """Kind of exposure and each member's constants for one therapy (columns `treatment.CONSTANTS`)."""
    table = np.ones((members.size, len(CONSTANTS)))

    def draw(name: str, number: Number, owner: str = therapy.draws) -> Floats:
        return np.maximum(believed(number, f"{owner}.exposure.{name}", seed, members, shared), 1e-3)

    exposure = therapy.exposure
    if isinstance(exposure, SessionExposure):
        table[:, treatment.DECAY_DAYS] = draw("decay_days", exposure.decay_days)
        table[:, treatment.HALF_SATURATION] = draw("half_saturation", exposure.half_saturation)
        table[:, treatment.REPEAT_LOSS] = draw("repeat_loss", exposure.repeat_loss)
        table[:, treatment.MEMORY_DAYS] = draw("memory_days", exposure.memory_days)
        return KINDS.index("sessions"), table
    if isinstance(exposure, EmaxExposure):
        # How well a tablet works at a dose says nothing of how well a lotion of the same drug does.
        owner = therapy.id if therapy.route == "oral" else therapy.draws
        table[:, treatment.ED50] = draw("ed50", exposure.ed50, owner) / exposure.dose.value
        table[:, treatment.HILL] = draw("hill", exposure.hill, owner)
    if isinstance(exposure, LinearExposure):
        table[:, treatment.LEVEL] = believed(exposure.level, f"{therapy.id}.level", seed, members, shared)
    if isinstance(exposure, EmaxExposure | LinearExposure):
        table[:, treatment.ON_DAYS] = draw("on_days", exposure.on_days)
        table[:, treatment.OFF_DAYS] = draw("off_days", exposure.off_days)
    return KINDS.index("emax" if isinstance(exposure, EmaxExposure) else "linear"), table


def _amplitudes(therapy: Therapy, seed: int, members: Ints, shared: Shared) -> Floats:
    """Each member's effect on each channel at full exposure: how good the therapy is x how this person responds."""
    table = np.zeros((members.size, len(CHANNELS)))
    answer = np.ones(members.size)
    if therapy.response is not None:
        # A body that answers one therapy of a mechanism well answers the others well too.
        mechanism = therapy.exclusive or therapy.draws
        sd = therapy.response.sd_log.value
        answer = np.exp(sd * named_normals(seed, members, f"{mechanism}.response") - 0.5 * sd**2)
        silent = named_uniforms(seed, members, f"{mechanism}.nonresponse") < therapy.response.nonresponder_share.value
        answer = np.where(silent, 0.0, answer)
    # One draw says how good the therapy is on every phase channel, so that "no effect" is no effect on all of them.
    for channel, number in therapy.channels.items():
        table[:, CHANNELS.index(channel)] = believed(number, f"{therapy.draws}.effect", seed, members, shared) * answer
    return table


def pharmacy_of(knowledge: Knowledge, ids: Sequence[str], seed: int, members: Ints) -> Pharmacy:
    """What these therapies do to each member, drawn from the therapies' priors and the spread between people.

    Args:
        knowledge: in force.
        ids: therapies, in the order in which regimens will name them by row.
        seed: of the run.
        members: member numbers.

    Returns:
        The pharmacy of the members; a topical or scalp therapy reaches the treated top only.
    """
    known = [knowledge.therapies[name] for name in ids]
    made = [_constants(therapy, seed, members, knowledge.shared) for therapy in known]
    reach = np.array([[1.0, 1.0 if t.route.startswith("oral") else 0.0] for t in known]).reshape(
        len(known), len(GROUPS)
    )
    shape = (members.size, 0)
    constants = np.stack([c for _, c in made], axis=1) if made else np.empty((*shape, len(CONSTANTS)))
    effects = [_amplitudes(therapy, seed, members, knowledge.shared) for therapy in known]
    amplitudes = np.stack(effects, axis=1) if effects else np.empty((*shape, len(CHANNELS)))
    return Pharmacy(np.array([k for k, _ in made], np.int64), reach, constants, amplitudes)


def _day_of_year(when: date) -> float:
    return float(when.timetuple().tm_yday)


def draw_population(
    person: Person, knowledge: Knowledge, ids: Sequence[str], seed: int, members: Ints, latents: Floats
) -> Population:
    """Members that share what the person says of themselves (sex, age, ancestry, onset, scalp), with these latents.

    Args:
        person: facts that condition the prior directly; grades and measurements are left to inference.
        knowledge: in force.
        ids: therapies in play.
        seed: of the run.
        members: member numbers, integers [n].
        latents: standard normal a priori, [n, LATENTS].

    Returns:
        The n members, ready to be simulated.
    """
    b = _Beliefs(knowledge, seed, members)
    z = {name: latents[:, i] for i, name in enumerate(LATENTS)}
    ancestry = _ancestries(person, b)
    onset = _onset_ages(person, b, z["onset"])
    years_lost = person.age_years - onset
    # Day 0 comes before anything happens; nothing that a member draws depends on where it is.
    today = math.ceil((person.age_years - b.numbers["onset.earliest"].value) * DAYS_PER_YEAR)
    if person.years_of_loss is not None:
        today = math.ceil((person.years_of_loss[1] * (1.0 + _RECALL) + 1.0) * DAYS_PER_YEAR)
    rates = _rates(person, b, z, ancestry)
    drives = np.stack(
        [
            today - years_lost * DAYS_PER_YEAR,
            b("maturity.ramp") * DAYS_PER_YEAR,
            np.clip(b("season.amplitude"), 0.0, 0.9),
            _inflammation(person, b),
            b("ceiling.anagen_hazard"),
            b("ceiling.exit_hazard"),
            np.zeros(members.size),
            b("withdrawal.payback_days"),
            b("withdrawal.lag_days"),
        ],
        axis=1,
    )
    assert drives.shape[1] == len(PERSON_DRIVES)
    return Population(
        number=members,
        latents=latents,
        rates=rates,
        scalps=_scalps(person, b, z, ancestry, rates, _sensitivities(person, b, z, onset), today),
        drives=drives,
        pharmacy=pharmacy_of(knowledge, ids, seed, members),
        therapies=tuple(ids),
        today=today,
        first_day_of_year=_day_of_year(person.as_of) - today,
        season_peak=b.numbers["season.anagen_end_day"].value,
        years_lost=years_lost,
        slow_misread=b("instrument.slow_misread"),
        shed_factor=b("instrument.shed_factor"),
        grade_tolerance=b("grade.tolerance"),
        insult_share=b("insult.share"),
    )


def prior_latents(seed: int, members: Ints) -> Floats:
    """Standard normal latents of these members, [n, LATENTS]."""
    return np.stack([named_normals(seed, members, f"latent.{name}") for name in LATENTS], axis=1)
