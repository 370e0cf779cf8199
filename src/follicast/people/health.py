"""What is known of a person's health beyond the hair: what safety rules read, and nothing that the forecast reads.

Everywhere None (or an empty list) means "not said". A rule that needs a fact must not take "not said" for "no".
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from follicast.quantities import Micrometre, Share

Childbearing = Literal["possible", "trying", "not_possible", "unknown"]
PartnerPregnancy = Literal["no", "yes", "trying", "unknown"]
Role = Literal["prescriber", "clinician", "patient"]
SALT_AREAS: dict[str, Share] = {"top": 0.40, "back": 0.24, "right": 0.18, "left": 0.18}
"""Share of the scalp of each quadrant of the SALT score."""
SALT_BANDS = ((0.0, "S0"), (25.0, "S1"), (50.0, "S2"), (75.0, "S3"), (100.0, "S4"))
"""A score below the number, and above the one before it, is of that class; 100 is S5."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """Answers about health; None = not said.

    `phq2` is the score of the two-question depression screen, 0 to 6. `anticoagulant_letter`, `mood_cleared` and
    `contraception` are what lifts a hold: a prescriber's letter about the blood thinner, a prescriber's agreement
    after a mood problem, reliable contraception.
    """

    pregnant: bool | None = None
    childbearing: Childbearing | None = None
    lactating: bool | None = None
    contraception: bool | None = None
    partner_pregnancy: PartnerPregnancy | None = None
    phq2: int | None = None
    suicidal_thoughts: bool | None = None
    mood_history: bool | None = None
    mood_cleared: bool | None = None
    anticoagulant: bool | None = None
    anticoagulant_letter: bool | None = None
    low_platelets: bool | None = None
    scalp_infection: bool | None = None
    heart_disease: bool | None = None
    kidney_disease: bool | None = None
    keloid: bool | None = None
    immunosuppressed: bool | None = None
    cancer: bool | None = None
    androgen_use: bool | None = None
    guardian_consent: bool | None = None
    allergy: tuple[str, ...] = ()
    reactions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PullTest:
    """A hair-pull test: hairs that came out at each site, of a bundle of `bundle` hairs."""

    hairs: tuple[int, ...]
    bundle: int
    days_since_wash: float | None = None

    @property
    def positive_sites(self) -> int:
        """Sites at which more came out than the two hairs of healthy people."""
        return sum(count > 2 for count in self.hairs)


@dataclass(frozen=True, slots=True)
class Sebum:
    """One sebum reading in the unit of its own device; readings of two devices are never compared or converted."""

    value: float
    unit: str
    device: str
    hours_since_wash: float | None = None


@dataclass(frozen=True, slots=True)
class Trichoscopy:
    """Readings behind the Rakowska criteria of female pattern hair loss, at about 70-fold magnification.

    `yellow_dots` is their number in four frontal fields together; the ratios are frontal to occipital.
    """

    yellow_dots: int | None = None
    frontal_um: Micrometre | None = None
    occipital_um: Micrometre | None = None
    thin_share: Share | None = None
    single_unit_ratio: float | None = None
    vellus_ratio: float | None = None
    discoloration_ratio: float | None = None


@dataclass(frozen=True, slots=True)
class Examination:
    """What was seen on the scalp and the person; None = not looked for or not said.

    `erythema`, `scale` and `seborrhoeic_dermatitis` are grades 0 to 3, `itch` 0 to 10, `wash_test` the hairs of one
    wash. `shedding_onset` and `shedding_trigger` are dates.
    """

    date: dt.date | None = None
    absent_ostia: bool | None = None
    shiny_skin: bool | None = None
    perifollicular_erythema: bool | None = None
    perifollicular_scale: bool | None = None
    pustules: bool | None = None
    tufting: bool | None = None
    hairline_band: bool | None = None
    eyebrow_loss: bool | None = None
    scalp_pain: bool | None = None
    smooth_patches: bool | None = None
    exclamation_hairs: bool | None = None
    nail_pits: bool | None = None
    broken_hairs: bool | None = None
    black_dots: bool | None = None
    kerion: bool | None = None
    swollen_nodes: bool | None = None
    moth_eaten: bool | None = None
    rash: bool | None = None
    photosensitivity: bool | None = None
    hair_pulling: bool | None = None
    traction: bool | None = None
    suspicious_lesion: bool | None = None
    irregular_cycles: bool | None = None
    hirsutism: bool | None = None
    acne: bool | None = None
    virilisation: bool | None = None
    rapid_onset: bool | None = None
    erythema: int | None = None
    scale: int | None = None
    itch: int | None = None
    seborrhoeic_dermatitis: int | None = None
    folliculitis_count: int | None = None
    wash_test: int | None = None
    shedding_onset: dt.date | None = None
    shedding_trigger: dt.date | None = None
    pull_test: PullTest | None = None
    sebum: Sebum | None = None
    trichoscopy: Trichoscopy | None = None


@dataclass(frozen=True, slots=True)
class Lab:
    """One laboratory value in the analyte's own unit (`analyte` as in labs.toml), and as it was written.

    `low` and `high` are the laboratory's own range in the same unit; None = not given.
    """

    date: dt.date
    analyte: str
    value: float
    low: float | None
    high: float | None
    written: str


@dataclass(frozen=True, slots=True)
class Medication:
    """A medicine that somebody else prescribes or the person takes; `classes` as in safety.toml, by its name.

    `start` None = not known, `stop` None = still taken.
    """

    name: str
    classes: tuple[str, ...]
    start: dt.date | None = None
    stop: dt.date | None = None
    indication: str = ""


@dataclass(frozen=True, slots=True)
class ProductLot:
    """The product at hand for a session therapy: where it comes from, its batch, and what allows its use.

    `regulatory_reference` is the number of an approved trial or ethics vote. `depth_mm` and `ablative` are of a needle
    or laser.
    """

    therapy: str
    source: str = ""
    lot: str = ""
    expiry: dt.date | None = None
    regulatory_reference: str = ""
    depth_mm: float | None = None
    ablative: bool | None = None


@dataclass(frozen=True, slots=True)
class SaltScore:
    """Severity of Alopecia Tool, 0 to 100 % of the scalp: a grade of alopecia areata, never of pattern hair loss."""

    date: dt.date
    score: float

    @property
    def band(self) -> str:
        """The class S0 to S5."""
        if self.score == 0.0:
            return "S0"
        return next((name for top, name in SALT_BANDS[1:] if self.score < top), "S5")


@dataclass(frozen=True, slots=True)
class Dismissal:
    """Somebody sets a safety rule aside, and answers for it. `consent`: the person agreed in writing."""

    rule: str
    by: str
    role: Role
    reason: str
    date: dt.date
    consent: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """Everything of a person that safety rules read and the forecast does not."""

    examination: Examination | None = None
    labs: tuple[Lab, ...] = ()
    medications: tuple[Medication, ...] = ()
    products: tuple[ProductLot, ...] = ()
    salt: tuple[SaltScore, ...] = ()
    overrides: tuple[Dismissal, ...] = ()


def rakowska(seen: Trichoscopy) -> tuple[int, int, int]:
    """How many Rakowska criteria are met: major, minor, and how many of the six could be judged.

    Two major, or one major and two minor, speak for female pattern hair loss (`rakowska_met`). Criteria: Rakowska
    2009, PMC2938574.
    """
    thinner = None
    if seen.frontal_um is not None and seen.occipital_um is not None:
        thinner = seen.frontal_um < seen.occipital_um
    major = (_above(seen.yellow_dots, 4.0), thinner, _above(seen.thin_share, 0.10))
    minor = (
        _above(seen.single_unit_ratio, 2.0),
        _above(seen.vellus_ratio, 1.5),
        _above(seen.discoloration_ratio, 3.0),
    )
    judged = sum(answer is not None for answer in (*major, *minor))
    return sum(bool(m) for m in major), sum(bool(m) for m in minor), judged


def rakowska_met(seen: Trichoscopy) -> bool | None:
    """Whether the criteria are met; None while what was not looked at could still decide."""
    major, minor, judged = rakowska(seen)
    if major >= 2 or (major >= 1 and minor >= 2):
        return True
    return False if judged == 6 else None


def _above(value: float | None, limit: float) -> bool | None:
    return None if value is None else value > limit
