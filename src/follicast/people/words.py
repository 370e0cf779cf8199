"""A person in sentences, in the language being spoken: what is known of the past, of health, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from follicast.language import say, say_number
from follicast.quantities import Year

if TYPE_CHECKING:
    from follicast.people.doses import DoseBreak
    from follicast.people.person import InsultKind, Measurement, Person, Quantity, Scalp, Transplant, Treatment

STALE_DAYS: Final = 365.0
ADULT_YEARS: Final = 18.0
SYSTEM_LABELS: Final = {
    "norwood-hamilton": "Norwood-Hamilton",
    "ludwig": "Ludwig",
    "sinclair": "Sinclair",
    "olsen": "Olsen",
    "basp": "BASP",
}


def _raters() -> dict[str, str]:
    return {"self": say("by the person"), "clinician": say("by a clinician"), "photo": say("from photographs")}


def _insults() -> dict[str, str]:
    return {
        "fever": say("Fever"),
        "surgery": say("Surgery"),
        "childbirth": say("Childbirth"),
        "crash-diet": say("Crash diet"),
        "other": say("A strain on the body"),
    }


def insult_word(kind: InsultKind) -> str:
    """What a strain on the body is called."""
    return _insults()[kind]


def quantity_word(quantity: Quantity) -> str:
    """What a quantity is called."""
    return {
        "total_density": say("All hairs"),
        "nonvellus_density": say("Non-vellus hairs"),
        "terminal_density": say("Terminal hairs"),
        "mean_diameter": say("Mean hair diameter"),
        "anagen_share": say("Share of growing hairs"),
        "shed_per_day": say("Hairs shed a day"),
    }[quantity]


def _units() -> dict[str, str]:
    return {
        "mean_diameter": say("um"),
        "anagen_share": say("%"),
        "shed_per_day": say("hairs/day"),
    }


def _zone(name: str) -> str:
    return {
        "frontal-hairline": say("frontal-hairline"),
        "temples": say("temples"),
        "mid-scalp": say("mid-scalp"),
        "vertex": say("vertex"),
        "occipital-donor": say("occipital-donor"),
        "sides": say("sides"),
    }[name]


def _method(name: str) -> str:
    return {
        "phototrichogram": say("phototrichogram"),
        "trichoscopy": say("trichoscopy"),
        "manual": say("manual"),
        "biopsy": say("biopsy"),
        "trichoscan": say("trichoscan"),
        "collection": say("collection"),
    }[name]


def _relative(name: str) -> str:
    return {
        "mother": say("mother"),
        "father": say("father"),
        "mothers-mother": say("mother's mother"),
        "mothers-father": say("mother's father"),
        "fathers-mother": say("father's mother"),
        "fathers-father": say("father's father"),
        "brother": say("brother"),
        "sister": say("sister"),
    }[name]


def _ancestry(name: str) -> str:
    return {
        "caucasian": say("caucasian"),
        "east-asian": say("east-asian"),
        "south-asian": say("south-asian"),
        "hispanic": say("hispanic"),
        "african": say("african"),
    }[name]


def facts(person: Person, labels: Mapping[str, str]) -> list[str]:
    """What is known of the past, in plain sentences; `labels` maps therapy ids to the words to use for them."""
    age = f"{person.age_years:g}"
    lines = [_who(person).format(age=age, date=person.as_of)]
    lines += _background(person)
    lines += [
        say(
            "Graded {system} {grade} on {date} ({rater}).",
            system=SYSTEM_LABELS[g.system],
            grade=g.grade,
            date=g.date,
            rater=_raters()[g.rater],
        )
        for g in person.grades
    ]
    lines += [_reading(m) for m in person.measurements]
    lines += [_course(t, labels) for t in person.lived]
    lines += [_break(b, labels) for b in person.dose_breaks if b.kind in ("interruption", "stopped")]
    lines += [_surgery(t) for t in person.transplants]
    lines += [
        say("{what} on {date}, which can set off a passing shed.", what=_insults()[i.kind], date=i.date)
        for i in person.insults
    ]
    return lines


def _who(person: Person) -> str:
    """Sex, age and date, with places for the last two."""
    if person.age_years < ADULT_YEARS:
        return (
            say("Boy, {age} years old on {date}.") if person.sex == "male" else say("Girl, {age} years old on {date}.")
        )
    return say("Man, {age} years old on {date}.") if person.sex == "male" else say("Woman, {age} years old on {date}.")


def _number(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def _years(span: tuple[Year, Year]) -> str:
    low, high = span
    return f"{low:.3g}" if low == high else say("{low} to {high}", low=f"{low:.3g}", high=f"{high:.3g}")


def _background(person: Person) -> list[str]:
    """Sentences for ancestry, onset, family and scalp."""
    lines = []
    if person.ancestry is not None:
        lines.append(say("Ancestry: {ancestry}.", ancestry=_ancestry(person.ancestry)))
    if person.years_of_loss is not None:
        lines.append(say("Losing hair for {years} years.", years=_years(person.years_of_loss)))
    if person.family:
        relatives = ", ".join(_relative(name) for name in person.family)
        lines.append(say("Hair loss in the family: {relatives}.", relatives=relatives))
    return lines + _scalp(person.scalp)


def _scalp(scalp: Scalp) -> list[str]:
    lines = []
    if scalp.oiliness is not None:
        degree = {"low": say("low"), "normal": say("normal"), "high": say("high")}[scalp.oiliness]
        lines.append(say("Scalp oiliness: {degree}.", degree=degree))
    if scalp.dandruff is not None:
        lines.append(say("Dandruff.") if scalp.dandruff else say("No dandruff."))
    if scalp.fine_hair is not None:
        lines.append(say("Hair that feels fine and limp.") if scalp.fine_hair else say("Hair that does not feel fine."))
    return lines


def _reading(reading: Measurement) -> str:
    name = quantity_word(reading.quantity)
    if reading.threshold_um is not None:
        name = say("{name} (hairs of {um} um and more)", name=name, um=f"{reading.threshold_um:g}")
    if reading.zone is not None:
        name = say("{name} at the {zone}", name=name, zone=_zone(reading.zone))
    scale = 100.0 if reading.quantity == "anagen_share" else 1.0
    spread = "" if reading.sd is None else f" +- {_number(scale * reading.sd)}"
    told = {
        "name": name,
        "value": _number(scale * reading.value) + spread,
        "unit": _units().get(reading.quantity) or say("hairs/cm2"),
        "date": reading.date,
    }
    if reading.method is None:
        return say("{name}: {value} {unit} on {date}.", **told)
    return say("{name}: {value} {unit} on {date}, by {method}.", method=_method(reading.method), **told)


def _course(treatment: Treatment, labels: Mapping[str, str]) -> str:
    name = labels.get(treatment.therapy, treatment.therapy)
    parts = [
        say("{therapy} from {start}, still going on", therapy=name, start=treatment.start)
        if treatment.end is None
        else say("{therapy} from {start}, until {end}", therapy=name, start=treatment.start, end=treatment.end)
    ]
    if treatment.sessions:
        parts.append(say_number("{number} session", "{number} sessions", len(treatment.sessions)))
    if treatment.adherence is None:
        parts.append(say("how regularly is not known"))
    else:
        parts.append(say("{share} % of the doses taken", share=f"{100 * treatment.adherence:.0f}"))
    return say("{parts}.", parts="; ".join(parts))


def _break(stretch: DoseBreak, labels: Mapping[str, str]) -> str:
    """A stretch without a dose, and whether some of it was written down afterwards."""
    told = {"therapy": labels.get(stretch.therapy, stretch.therapy), "days": stretch.days}
    told |= {"last": stretch.last_dose or "", "resumed": stretch.resumed or ""}
    if stretch.last_dose is None:
        text = say("{therapy}: no dose in the log for {days} days.", **told)
    elif stretch.resumed is None:
        text = say("{therapy}: no dose since {last}, {days} days ago.", **told)
    else:
        text = say("{therapy}: no dose from {last} to {resumed}, {days} days.", **told)
    return f"{text} {say('Partly written down afterwards.')}" if stretch.entered_late else text


def _surgery(transplant: Transplant) -> str:
    grafts = say("an unknown number of grafts")
    if transplant.grafts is not None:
        grafts = say("{number} grafts", number=transplant.grafts)
    if not transplant.zones:
        return say("Hair transplant on {date}: {grafts}, zones not known.", date=transplant.date, grafts=grafts)
    zones = say(" and ").join(_zone(zone) for zone in transplant.zones)
    return say("Hair transplant on {date}: {grafts} to {zones}.", date=transplant.date, grafts=grafts, zones=zones)


def missing(person: Person, labels: Mapping[str, str]) -> list[str]:
    """What would narrow the forecast, the most useful first; `labels` maps therapy ids to the words to use for them."""
    return _missing_counts(person) + _missing_history(person, labels)


def _missing_counts(person: Person) -> list[str]:
    """What counting and measuring would add."""
    zone = person.goal_zone
    counts = [m for m in person.measurements if m.quantity.endswith("_density")]
    visits = sorted({m.date for m in counts})
    lines = []
    if not counts:
        lines.append(
            say(
                "No hair count at any site: a count at the {zone} of a marked 1 cm2, with its diameter threshold, "
                "would narrow the forecast most.",
                zone=_zone(zone),
            )
        )
    elif len(visits) == 1:
        lines.append(
            say("Only one visit with a hair count: the same marked site 6 months apart gives the speed of loss.")
        )
    if counts and zone not in {m.zone for m in counts}:
        lines.append(say("No hair count at the {zone}, where the plan is judged.", zone=_zone(zone)))
    if visits and person.day(visits[-1]) < -STALE_DAYS:
        lines.append(say("The latest hair count is from {date}, more than a year old.", date=visits[-1]))
    if all(m.quantity != "mean_diameter" for m in person.measurements):
        lines.append(say("No hair diameter at any site: it tells thinned hairs, which can recover, from lost ones."))
    if all(m.quantity != "anagen_share" for m in person.measurements):
        lines.append(say("No share of growing hairs (a phototrichogram): it tells a passing shed from lasting loss."))
    return lines


def _missing_history(person: Person, labels: Mapping[str, str]) -> list[str]:
    """What answers and records would add."""
    lines = []
    if not person.grades:
        systems = "Norwood-Hamilton, BASP" if person.sex == "male" else "Ludwig, Sinclair, BASP"
        lines.append(
            say("No grade ({systems}): by a clinician or from photographs, it places the loss.", systems=systems)
        )
    if person.years_of_loss is None:
        lines.append(say("When the loss began is not said: it gives the speed of loss so far."))
    known = {t.therapy for t in person.lived if t.adherence is not None}
    unknown = sorted({t.therapy for t in person.treatments} - known)
    if unknown:
        lines.append(
            say(
                "How regularly {therapies} was used is not said.",
                therapies=", ".join(labels.get(name, name) for name in unknown),
            )
        )
    if any(t.grafts is None or not t.zones for t in person.transplants):
        lines.append(say("How many grafts were moved, and to which zones, is not said: the operation record has it."))
    if person.ancestry is None:
        lines.append(say("Ancestry is not said: usual density and hair diameter differ with it."))
    return lines


def health_facts(person: Person) -> list[str]:
    """What a letter to another doctor says beside the hair: laboratory values, medicines, the SALT score."""
    health = person.health
    lines = [
        say("SALT {score} ({band}) on {date}.", score=f"{s.score:g}", band=s.band, date=s.date) for s in health.salt
    ]
    lines += [
        say("{analyte} {value} on {date}.", analyte=_analyte(v.analyte), value=v.written, date=v.date)
        for v in health.labs
    ]
    for m in health.medications:
        if m.stop is None:
            lines.append(say("Takes {medicine}.", medicine=m.name))
        else:
            lines.append(say("Took {medicine} until {date}.", medicine=m.name, date=m.stop))
    return lines


def _analyte(name: str) -> str:
    from follicast.knowledge.labs import analytes

    return say(analytes()[name].label)
