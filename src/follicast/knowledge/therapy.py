"""What is known about one therapy, typed, and how it is read from therapies.toml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Literal, TypeAlias, cast, get_args

from follicast.knowledge.by_sex import BySex, read_by_sex
from follicast.knowledge.number import (
    Number,
    Place,
    Table,
    read_choice,
    read_float,
    read_number,
    read_table,
    read_text,
    read_texts,
)

Kind = Literal["drug", "session", "device", "shampoo", "surgery"]
Sex = Literal["male", "female"]
Certainty = Literal["high", "moderate", "low", "very low"]
Channel = Literal["androgen", "anagen_hazard", "exit_hazard", "calibre_target", "shaft", "inflammation"]
Tag = Literal["READ", "READ-2", "RECALLED"]
Measure = Literal["total", "nonvellus", "terminal"]
Among = Literal["men", "women", "people"]
Severity = Literal["passing", "mild", "moderate", "serious"]

CHANNEL_UNITS: Mapping[Channel, str] = {
    "androgen": "fraction",
    "anagen_hazard": "log",
    "exit_hazard": "log",
    "calibre_target": "log",
    "shaft": "log",
    "inflammation": "fraction",
}
CONTRAINDICATIONS = frozenset(
    "pregnant childbearing under-18 female male allergy-propylene-glycol anticoagulant scalp-infection cancer "
    "immunosuppressed keloid heart-disease low-platelets mood-history".split()
)
SHORT_NAME_LENGTH = 24


@dataclass(frozen=True, slots=True)
class EmaxExposure:
    """Daily drug that saturates: exposure = dose^h / (ed50^h + dose^h), reached and left with first-order lags.

    The exposure at `dose` is below 1; a channel amplitude belongs to an infinite dose (Emax). `dose` and `ed50` share a
    unit; h is `hill`; `on_days` and `off_days` are time constants of the effect site. `female_dose_share` is what women
    are given as a share of `dose`; None = the same as men.
    """

    dose: Number
    ed50: Number
    hill: Number
    on_days: Number
    off_days: Number
    female_dose_share: Number | None


@dataclass(frozen=True, slots=True)
class LinearExposure:
    """Daily drug, device or shampoo used as described: exposure = level, reached and left with first-order lags."""

    level: Number
    on_days: Number
    off_days: Number


@dataclass(frozen=True, slots=True)
class SessionExposure:
    """Course of sessions: each adds to a decaying stimulus s; exposure = s / (s + half_saturation).

    A session adds 1 / (1 + repeat_loss x m), where the memory m gains 1 with every session. `decay_days` (of s) and
    `memory_days` (of m) are time constants. `boosters_per_year` is None when nothing is planned after the course.
    """

    decay_days: Number
    half_saturation: Number
    repeat_loss: Number
    memory_days: Number
    sessions: Number
    interval_min_days: Number
    interval_target_days: Number
    interval_max_days: Number
    boosters_per_year: Number | None


Exposure: TypeAlias = EmaxExposure | LinearExposure | SessionExposure
_EXPOSURES: Mapping[str, type[EmaxExposure] | type[LinearExposure] | type[SessionExposure]] = {
    "emax": EmaxExposure,
    "linear": LinearExposure,
    "sessions": SessionExposure,
}


@dataclass(frozen=True, slots=True)
class Target:
    """A published effect that the channels must reproduce: hairs/cm2 net of `against`, at `week`."""

    effect: Number
    week: Number
    sex: Sex
    measure: Measure
    against: str


@dataclass(frozen=True, slots=True)
class Response:
    """Spread between people: share who do not respond at all, and log-sd of the amplitude among the others."""

    nonresponder_share: Number
    sd_log: Number


@dataclass(frozen=True, slots=True)
class TherapyHarm:
    """One harm: rate with its n, the control arm's rate where a trial gives it.

    `per_100` and `control_per_100` are these rates as numbers, None where none was read; `among` whom they hold for and
    `control` what the control arm used. Harms with a `severity` are weighed, the others only shown.
    """

    name: str
    rate: str
    control_rate: str | None
    sources: tuple[str, ...]
    per_100: float | None = None
    control_per_100: float | None = None
    among: Among = "people"
    control: str = "placebo"
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class TherapyCost:
    """Editable default range of the cost; never a fact. The unit says per what: month, session, graft or device."""

    low: Number
    high: Number
    basis: str
    lifetime_years: Number | None


@dataclass(frozen=True, slots=True)
class LegalStatus:
    """Status in one jurisdiction as found on `checked_on`; RECALLED means to be verified before anyone relies on it.

    `for_hair` is True where it is approved, cleared, sold or recommended (guideline grade A or B) for hair loss.
    """

    jurisdiction: str
    status: str
    for_hair: bool
    checked_on: date
    sources: tuple[str, ...]
    tag: Tag


@dataclass(frozen=True, slots=True)
class Product:
    """What is injected: editable by the clinic, because products differ and no dose-response is known."""

    source_cell: str
    route: str
    particle_dose: Number
    dose_exponent: Number


@dataclass(frozen=True, slots=True)
class Adjunct:
    """Something added at grafting: gain in graft survival, as a fraction of grafted hairs."""

    name: str
    certainty: Certainty
    evidence: str
    survival_gain: Number


@dataclass(frozen=True, slots=True)
class Graft:
    """Numbers of a hair transplantation."""

    survival: Number
    hairs_per_graft: Number
    growth_in_median_days: Number
    growth_in_sd_log: Number
    shock_loss_share: Number
    max_grafts_lifetime: Number
    grafts_first_session: Number
    grafts_later_session: Number
    adjuncts: Mapping[str, Adjunct]


@dataclass(frozen=True, slots=True)
class Therapy:
    """One therapy: what it is, how it acts, what is known of it and how surely.

    Two therapies of the same `exclusive` group are never combined; they share a mechanism, so a person who responds
    well to one, or not at all, does so to the others (each by its own `response`). Therapies with the same `draws` are
    one substance: they share their channel draws and, by one route, the dose curve. `channels` are amplitudes at full
    exposure; where their priors have a mass at zero, the zero is drawn once for the therapy, which acts through all of
    them or through none. `sham` is what the control arm of its trials moved by itself (hairs/cm2), never part of the
    effect. `call_doctor` are signs to stop and ask. `assay` holds laboratory readings as reported. `evidence_sources`
    stand behind evidence, onset and stopping.
    """

    id: str
    name: str
    short: str
    kind: Kind
    active: str
    exclusive: str | None
    draws: str
    route: str
    dose: str
    frequency: str
    sexes: tuple[Sex, ...]
    mechanism: str
    certainty: Certainty
    evidence: str
    evidence_sources: tuple[str, ...]
    onset: str
    onset_weeks: Number
    stopping: str
    sham: Number | None
    sham_note: str | None
    visits_per_year: Number
    minutes_per_day: Number | None
    exposure: Exposure | None
    channels: Mapping[Channel, Number]
    target: Mapping[str, Target]
    assay: Mapping[str, Number]
    response: Response | None
    harms: tuple[TherapyHarm, ...]
    do_not_use: tuple[str, ...]
    call_doctor: tuple[str, ...]
    contraindicated: tuple[str, ...]
    cost: TherapyCost
    status: tuple[LegalStatus, ...]
    product: Product | None
    graft: Graft | None
    by_sex: Mapping[str, BySex]

    def dose_for(self, sex: str) -> str:
        """The dose that somebody of this sex takes."""
        return self._of(sex).dose or self.dose

    def frequency_for(self, sex: str) -> str:
        """How often somebody of this sex uses it."""
        return self._of(sex).frequency or self.frequency

    def do_not_use_for(self, sex: str) -> tuple[str, ...]:
        """Who should not use it, as far as it concerns somebody of this sex."""
        return (*self._of(sex).do_not_use, *self.do_not_use)

    def _of(self, sex: str) -> BySex:
        return self.by_sex.get(sex, BySex())

    @property
    def sources(self) -> tuple[str, ...]:
        """Every source key this entry rests on, in order of appearance, once each."""
        return tuple(dict.fromkeys([*self.evidence_sources, *_source_keys(self)]))


def _source_keys(part: object) -> Iterator[str]:
    if isinstance(part, Number | TherapyHarm | LegalStatus):
        yield from part.sources
    elif isinstance(part, Mapping):
        for item in part.values():
            yield from _source_keys(item)
    elif isinstance(part, tuple):
        for item in part:
            yield from _source_keys(item)
    elif is_dataclass(part):
        for field in fields(part):
            yield from _source_keys(getattr(part, field.name))


_TEXTS = ("name", "short", "active", "route", "dose", "frequency", "mechanism", "evidence", "onset", "stopping")
_REQUIRED = frozenset(
    {*_TEXTS, "kind", "sexes", "certainty", "evidence_sources", "onset_weeks", "visits_per_year", "harms"}
    | {"do_not_use", "call_doctor", "contraindicated", "cost", "status"}
)
_OPTIONAL = frozenset(
    {"exclusive", "draws", "sham", "sham_note", "exposure", "channels", "target", "assay", "response"}
    | {"product", "graft", "minutes_per_day", "by_sex"}
)


def read_therapy(name: str, raw: object, file: str) -> Therapy:
    """Reads one table of therapies.toml.

    Raises:
        InputError: a field is missing, unknown or not allowed.
    """
    place = Place(file, name)
    table = read_table(raw, place, _REQUIRED, _OPTIONAL)
    texts = {field: read_text(table[field], place.inside(field)) for field in _TEXTS}
    if len(texts["short"]) > SHORT_NAME_LENGTH:
        raise place.inside("short").refuse(f"found {texts['short']!r}", f"at most {SHORT_NAME_LENGTH} characters")
    keys = read_texts(table["contraindicated"], place.inside("contraindicated"))
    for key in keys:
        read_choice(key, tuple(sorted(CONTRAINDICATIONS)), place.inside("contraindicated"))
    sexes = read_texts(table["sexes"], place.inside("sexes"))
    return Therapy(
        id=name,
        **texts,
        kind=cast(Kind, read_choice(table["kind"], get_args(Kind), place.inside("kind"))),
        exclusive=_optional_text(table, "exclusive", place),
        draws=_optional_text(table, "draws", place) or name,
        sexes=tuple(cast(Sex, read_choice(sex, get_args(Sex), place.inside("sexes"))) for sex in sexes),
        certainty=_read_certainty(table, place),
        evidence_sources=read_texts(table["evidence_sources"], place.inside("evidence_sources")),
        onset_weeks=read_number(table["onset_weeks"], place.inside("onset_weeks")),
        sham=_optional_number(table, "sham", place),
        sham_note=_optional_text(table, "sham_note", place),
        visits_per_year=read_number(table["visits_per_year"], place.inside("visits_per_year")),
        minutes_per_day=_optional_number(table, "minutes_per_day", place),
        exposure=_read_exposure(table["exposure"], place.inside("exposure")) if "exposure" in table else None,
        channels=_read_channels(table.get("channels", {}), place.inside("channels")),
        target={key: _read_target(part, here) for key, part, here in _parts(table.get("target", {}), place, "target")},
        assay={key: read_number(part, here) for key, part, here in _parts(table.get("assay", {}), place, "assay")},
        response=_read_response(table["response"], place.inside("response")) if "response" in table else None,
        harms=tuple(_read_harm(item, here) for item, here in _items(table["harms"], place, "harms")),
        do_not_use=read_texts(table["do_not_use"], place.inside("do_not_use")),
        call_doctor=read_texts(table["call_doctor"], place.inside("call_doctor")),
        contraindicated=keys,
        cost=_read_cost(table["cost"], place.inside("cost")),
        status=tuple(_read_status(item, here) for item, here in _items(table["status"], place, "status")),
        product=_read_product(table["product"], place.inside("product")) if "product" in table else None,
        graft=_read_graft(table["graft"], place.inside("graft")) if "graft" in table else None,
        by_sex=read_by_sex(table.get("by_sex", {}), place),
    )


def _parts(raw: object, place: Place, name: str) -> Iterator[tuple[str, object, Place]]:
    here = place.inside(name)
    if not isinstance(raw, Mapping):
        raise here.refuse(f"found {raw!r}", "a table")
    for key, part in raw.items():
        yield str(key), part, here.inside(str(key))


def _items(raw: object, place: Place, name: str) -> Iterator[tuple[object, Place]]:
    here = place.inside(name)
    if not isinstance(raw, list):
        raise here.refuse(f"found {raw!r}", "a list of tables")
    for index, item in enumerate(raw):
        yield item, here.inside(str(index))


def _optional_text(table: Table, name: str, place: Place) -> str | None:
    return read_text(table[name], place.inside(name)) if name in table else None


def _optional_number(table: Table, name: str, place: Place) -> Number | None:
    return read_number(table[name], place.inside(name)) if name in table else None


def _read_certainty(table: Table, place: Place) -> Certainty:
    return cast(Certainty, read_choice(table["certainty"], get_args(Certainty), place.inside("certainty")))


def _read_exposure(raw: object, place: Place) -> Exposure:
    kind = raw.get("kind") if isinstance(raw, Mapping) else None
    shape = _EXPOSURES[read_choice(kind, tuple(_EXPOSURES), place.inside("kind"))]
    names = {field.name for field in fields(shape)}
    optional = frozenset({"boosters_per_year", "female_dose_share"} & names)
    table = read_table(raw, place, frozenset({"kind"} | names) - optional, optional)
    numbers = {name: _optional_number(table, name, place) for name in sorted(names)}
    exposure = shape(**numbers)  # type: ignore[arg-type]
    if isinstance(exposure, EmaxExposure) and exposure.dose.unit != exposure.ed50.unit:
        raise place.inside("ed50.unit").refuse(f"found {exposure.ed50.unit}", f"the unit of dose, {exposure.dose.unit}")
    return exposure


def _read_channels(raw: object, place: Place) -> Mapping[Channel, Number]:
    table = read_table(raw, place, frozenset(), frozenset(CHANNEL_UNITS))
    channels = {cast(Channel, name): read_number(part, place.inside(name)) for name, part in table.items()}
    for name, number in channels.items():
        if number.unit != CHANNEL_UNITS[name]:
            raise place.inside(f"{name}.unit").refuse(f"found {number.unit}", CHANNEL_UNITS[name])
    return channels


def _read_target(raw: object, place: Place) -> Target:
    table = read_table(raw, place, frozenset({"effect", "week", "sex", "measure", "against"}))
    return Target(
        effect=read_number(table["effect"], place.inside("effect")),
        week=read_number(table["week"], place.inside("week")),
        sex=cast(Sex, read_choice(table["sex"], get_args(Sex), place.inside("sex"))),
        measure=cast(Measure, read_choice(table["measure"], get_args(Measure), place.inside("measure"))),
        against=read_text(table["against"], place.inside("against")),
    )


def _read_response(raw: object, place: Place) -> Response:
    table = read_table(raw, place, frozenset({"nonresponder_share", "sd_log"}))
    share = read_number(table["nonresponder_share"], place.inside("nonresponder_share"))
    return Response(share, read_number(table["sd_log"], place.inside("sd_log")))


def _read_harm(raw: object, place: Place) -> TherapyHarm:
    optional = frozenset({"control_rate", "per_100", "control_per_100", "among", "control", "severity"})
    table = read_table(raw, place, frozenset({"name", "rate", "sources"}), optional)
    return TherapyHarm(
        name=read_text(table["name"], place.inside("name")),
        rate=read_text(table["rate"], place.inside("rate")),
        control_rate=_optional_text(table, "control_rate", place),
        sources=read_texts(table["sources"], place.inside("sources")),
        per_100=_optional_rate(table, "per_100", place),
        control_per_100=_optional_rate(table, "control_per_100", place),
        among=cast(Among, read_choice(table.get("among", "people"), get_args(Among), place.inside("among"))),
        control=_optional_text(table, "control", place) or "placebo",
        severity=cast(Severity, read_choice(table["severity"], get_args(Severity), place.inside("severity")))
        if "severity" in table
        else None,
    )


def _optional_rate(table: Table, name: str, place: Place) -> float | None:
    if name not in table:
        return None
    rate = read_float(table[name], place.inside(name))
    if not 0.0 <= rate <= 100.0:
        raise place.inside(name).refuse(f"found {rate:g}", "0 to 100, as many of 100 it happens to")
    return rate


def _read_cost(raw: object, place: Place) -> TherapyCost:
    table = read_table(raw, place, frozenset({"low", "high", "editable", "basis"}), frozenset({"lifetime_years"}))
    if table["editable"] is not True:
        raise place.inside("editable").refuse(f"found {table['editable']!r}", "true: a cost is never a fact")
    low, high = (read_number(table[name], place.inside(name)) for name in ("low", "high"))
    if low.unit != high.unit or low.value > high.value:
        raise place.refuse("low and high disagree", "the same unit, and low not above high")
    basis = read_text(table["basis"], place.inside("basis"))
    return TherapyCost(low, high, basis, _optional_number(table, "lifetime_years", place))


def _read_status(raw: object, place: Place) -> LegalStatus:
    table = read_table(raw, place, frozenset({"jurisdiction", "status", "for_hair", "checked_on", "sources", "tag"}))
    checked_on = table["checked_on"]
    if not isinstance(checked_on, date):
        raise place.inside("checked_on").refuse(f"found {checked_on!r}", "a date such as 2026-10-31")
    sources = read_texts(table["sources"], place.inside("sources"))
    tag = cast(Tag, read_choice(table["tag"], get_args(Tag), place.inside("tag")))
    if not sources and tag != "RECALLED":
        raise place.inside("sources").refuse("no source", 'a source key, or tag "RECALLED"')
    jurisdiction = read_text(table["jurisdiction"], place.inside("jurisdiction"))
    for_hair = table["for_hair"]
    if not isinstance(for_hair, bool):
        raise place.inside("for_hair").refuse(f"found {for_hair!r}", "true or false")
    return LegalStatus(
        jurisdiction, read_text(table["status"], place.inside("status")), for_hair, checked_on, sources, tag
    )


def _read_product(raw: object, place: Place) -> Product:
    table = read_table(raw, place, frozenset({"source_cell", "route", "particle_dose", "dose_exponent"}))
    return Product(
        source_cell=read_text(table["source_cell"], place.inside("source_cell")),
        route=read_text(table["route"], place.inside("route")),
        particle_dose=read_number(table["particle_dose"], place.inside("particle_dose")),
        dose_exponent=read_number(table["dose_exponent"], place.inside("dose_exponent")),
    )


def _read_graft(raw: object, place: Place) -> Graft:
    names = frozenset(field.name for field in fields(Graft))
    table = read_table(raw, place, names)
    numbers = {name: read_number(table[name], place.inside(name)) for name in sorted(names - {"adjuncts"})}
    adjuncts = {key: _read_adjunct(part, here) for key, part, here in _parts(table["adjuncts"], place, "adjuncts")}
    return Graft(**numbers, adjuncts=adjuncts)


def _read_adjunct(raw: object, place: Place) -> Adjunct:
    table = read_table(raw, place, frozenset({"name", "certainty", "evidence", "survival_gain"}))
    return Adjunct(
        name=read_text(table["name"], place.inside("name")),
        certainty=_read_certainty(table, place),
        evidence=read_text(table["evidence"], place.inside("evidence")),
        survival_gain=read_number(table["survival_gain"], place.inside("survival_gain")),
    )
