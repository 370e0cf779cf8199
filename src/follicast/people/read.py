"""Reads a person file (TOML) into a `Person`, or refuses it in one sentence: file, key, value and what is allowed."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar, get_args

from follicast.knowledge.grading import grading
from follicast.people import doses, read_health, readings
from follicast.people.health import Dismissal, Health, Lab, SaltScore
from follicast.people.person import (
    SYSTEM_LABELS,
    Budget,
    Goals,
    Grade,
    GradeSystem,
    Insult,
    InsultKind,
    Measurement,
    Person,
    Proposal,
    Rater,
    Scalp,
    Sex,
    Transplant,
    Treatment,
)
from follicast.people.table import Table, Window, closest, shown
from follicast.quantities import DAYS_PER_YEAR, ZONES, InputError, Year

Dated = TypeVar("Dated", Grade, Measurement, Transplant, Insult, Lab, SaltScore, Dismissal)

LARGEST_BYTES = 1_000_000
LONGEST_LINE = 1_000
EARLIEST_AS_OF = date(1950, 1, 1)
SEXES = get_args(Sex)
YOUNGEST_YEARS = 12.0
OLDEST_YEARS = 120.0
EARLIEST_ONSET_YEARS = 8.0

GOAL_WEIGHTS = ("keep", "regain", "coverage", "no_tablets", "low_cost", "few_visits")
ANCESTRIES = ("caucasian", "east-asian", "south-asian", "hispanic", "african")
RELATIVES = tuple("mother father mothers-mother mothers-father fathers-mother fathers-father brother sister".split())
REFUSABLE = ("tablets", "surgery", "injections", "unapproved")
"""Classes of therapy that `refuses` takes beside therapy ids."""
GRADES: dict[GradeSystem, tuple[str, ...]] = {
    system: tuple(grading()[system].grades) for system in get_args(GradeSystem) if system != "basp"
}
SYSTEM_SEX: dict[GradeSystem, Sex] = {
    "norwood-hamilton": "male",
    "ludwig": "female",
    "sinclair": "female",
    "olsen": "female",
}
BASP = re.compile(r"(L|M[0-3]|C[0-3]|U[1-3])(F[1-3])?(V[1-3])?")

TABLES: dict[str, tuple[str, ...]] = {
    "person": ("label", "sex", "age", "ancestry", "jurisdiction", "onset_age", "years_of_loss", "family"),
    "scalp": ("oiliness", "dandruff", "fine_hair"),
    "goals": (*GOAL_WEIGHTS, "zone", "horizon_months", "adherence"),
    "budget": ("per_year", "currency"),
    "conditions": read_health.CONDITION_KEYS,
    "examination": read_health.EXAMINATION_KEYS,
}
BLOCKS: dict[str, tuple[str, ...]] = {
    "grades": ("system", "grade", "date", "rater"),
    "measurements": readings.KEYS,
    "treatments": ("therapy", "start", "end", "adherence", "sessions", "notes"),
    "doses": doses.KEYS,
    "transplants": ("date", "grafts", "zones", "survival", "technique"),
    "insults": ("date", "kind"),
    "proposals": ("name", "lines", "sessions", "interval_days"),
    "labs": read_health.LAB_KEYS,
    "medications": read_health.MEDICATION_KEYS,
    "products": read_health.PRODUCT_KEYS,
    "overrides": read_health.OVERRIDE_KEYS,
}
TOP = ("as_of", "refuses", "considers", *TABLES, *BLOCKS)


@dataclass(frozen=True, slots=True)
class _Basis:
    """What the sections need of one another: who, when, and which therapies exist."""

    sex: Sex
    age_years: Year
    past: Window
    therapies: tuple[str, ...]


def read_person(path: Path, known_therapies: Collection[str], today: date) -> Person:
    """The person described by the file at `path`.

    Args:
        path: a TOML file of at most 1 MB, UTF-8.
        known_therapies: the therapy ids that may be named.
        today: the date that `as_of` defaults to and may not be after.

    Raises:
        InputError: anything at all is wrong with the file; one sentence.
    """
    source = "".join(c if c.isprintable() else "?" for c in str(path))
    return parse_person(_text(path, source), source, known_therapies, today)


def _text(path: Path, source: str) -> str:
    """The file's text, after the checks that need no TOML."""
    wanted = "a person file is a TOML text file of at most 1 MB"
    try:
        if path.is_dir():
            raise InputError(f"{source}: is a directory; {wanted}.")
        if not path.exists():
            raise InputError(f"{source}: no such file; {wanted}.")
        if not path.is_file():
            raise InputError(f"{source}: is not a regular file; {wanted}.")
        with path.open("rb") as stream:
            content = stream.read(LARGEST_BYTES + 1)
    except OSError as problem:
        raise InputError(f"{source}: cannot be read ({problem.strerror}); {wanted}.") from None
    if len(content) > LARGEST_BYTES:
        raise InputError(f"{source}: is larger than 1 MB; {wanted}.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise InputError(f"{source}: is not UTF-8 text (byte {problem.start + 1}); save it as UTF-8.") from None


def parse_person(text: str, source: str, known_therapies: Collection[str], today: date) -> Person:
    """The person described by TOML text; `source` is what messages call it.

    Raises:
        InputError: anything at all is wrong with the text; one sentence.
    """
    data = _toml(text, source)
    if not data:
        raise InputError(f"{source}: is empty; a person file needs at least [person] with sex and age.")
    return person_of(data, source, known_therapies, today)


def person_of(data: Mapping[str, Any], source: str, known_therapies: Collection[str], today: date) -> Person:
    """The person described by the tables of a person file, wherever these came from.

    Raises:
        InputError: anything at all is wrong with them; one sentence.
    """
    top = _checked(source, "", data, TOP)
    as_of = top.when("as_of", Window(EARLIEST_AS_OF, today, f"{EARLIEST_AS_OF}", f"today, {today}")) or today
    person = _table(top, "person")
    sex, age_years = person.required_word("sex", SEXES), _age(person)
    born = as_of - timedelta(days=(age_years + 1) * DAYS_PER_YEAR)
    past = Window(born, as_of, f"birth (age {age_years:g} on {as_of})", f"as_of = {as_of}, so it is in the future")
    basis = _Basis(sex, age_years, past, tuple(known_therapies))
    transplants = _by_date(_transplant(block, basis) for block in _blocks(top, "transplants"))
    treatments = _treatments(_blocks(top, "treatments"), basis)
    refuses = top.words("refuses", (*basis.therapies, *REFUSABLE))
    return Person(
        as_of=as_of,
        label=person.text("label", 80) or f"{'Man' if sex == 'male' else 'Woman'}, {age_years:g}",
        sex=sex,
        age_years=age_years,
        ancestry=person.word("ancestry", ANCESTRIES),
        jurisdiction=_jurisdiction(person),
        years_of_loss=_years_of_loss(person, age_years),
        family=person.words("family", RELATIVES),
        scalp=_scalp(_table(top, "scalp")),
        grades=_by_date(_grade(block, basis) for block in _blocks(top, "grades") if not _is_salt(block)),
        measurements=_measurements(_blocks(top, "measurements"), basis, transplants),
        treatments=treatments,
        doses=doses.read_doses(_blocks(top, "doses"), basis.therapies, treatments, past),
        transplants=transplants,
        insults=_by_date(_insult(block, basis) for block in _blocks(top, "insults")),
        goals=_goals(_table(top, "goals"), basis),
        refuses=refuses,
        considers=_considers(top, basis, refuses),
        proposals=_proposals(_blocks(top, "proposals"), basis),
        budget=_budget(_table(top, "budget")) if top.has("budget") else None,
        conditions=read_health.read_conditions(_table(top, "conditions"), sex, basis.therapies),
        health=_health(top, basis),
    )


def _toml(text: str, source: str) -> dict[str, Any]:
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > LONGEST_LINE:
            raise InputError(
                f"{source}: line {number} has {len(line)} characters, but at most {LONGEST_LINE} are allowed."
            )
    try:
        return tomllib.loads(text + "\n")
    except RecursionError:
        raise InputError(f"{source}: is not valid TOML: brackets are nested too deeply.") from None
    except ValueError as problem:
        reason = " ".join(str(problem).split())[:200]
        if "overwrite" in reason or "twice" in reason:
            reason += "; the same key or table is given twice"
        else:
            reason += "; text needs double quotes, dates and numbers none"
        raise InputError(f"{source}: is not valid TOML: {reason}.") from None


def _checked(source: str, path: str, data: Mapping[str, Any], keys: Collection[str]) -> Table:
    """The table, once every key in it is known."""
    table = Table(source, path, data, keys)
    for key in data:
        if key not in keys:
            home = _home(key)
            hint = f"; it belongs {home}" if home else closest(key, keys)
            raise InputError(
                f"{source}: {table.place(key)} is not a known key; allowed are {', '.join(keys)}{hint}"
                + ("" if hint.endswith("?") else ".")
            )
    return table


def _home(key: str) -> str:
    """The one place in the file where a misplaced key belongs; empty if there is none, or more than one."""
    homes = ["at the top of the file, above the first [table]"] if key in TOP else []
    homes += [f"under [{name}]" for name, keys in TABLES.items() if key in keys]
    homes += [f"under [[{name}]]" for name, keys in BLOCKS.items() if key in keys]
    return homes[0] if len(homes) == 1 else ""


def _table(top: Table, name: str) -> Table:
    raw = top.data.get(name, {})
    if not isinstance(raw, dict):
        top.refuse(name, f"must be one table; write [{name}] on a line of its own and its keys below")
    return _checked(top.source, name, raw, TABLES[name])


def _blocks(top: Table, name: str) -> list[Table]:
    raw = top.data.get(name, [])
    if not isinstance(raw, list) or not all(isinstance(item, dict) for item in raw):
        top.refuse(name, f"must be blocks; write [[{name}]] in double brackets above each")
    top.items(name, "blocks")
    return [_checked(top.source, f"{name}[{n}]", item, BLOCKS[name]) for n, item in enumerate(raw, start=1)]


def _by_date(items: Iterable[Dated]) -> tuple[Dated, ...]:
    """In date order; items of one day in an order that does not depend on the file's."""
    return tuple(sorted(items, key=lambda item: (item.date, repr(item))))


def _age(person: Table) -> Year:
    allowed = f"{YOUNGEST_YEARS:g} to {OLDEST_YEARS:g} years"
    age = person.required_number("age", f"the age at as_of, {allowed}", -math.inf, math.inf)
    if 0 < age < YOUNGEST_YEARS:
        person.refuse("age", f"is under 12: nothing here is for children, so please see a dermatologist; use {allowed}")
    if not YOUNGEST_YEARS <= age <= OLDEST_YEARS:
        person.refuse("age", f"is outside what is allowed, {allowed}")
    return age


def _jurisdiction(person: Table) -> str | None:
    code = person.text("jurisdiction", 80)
    if code is not None and not re.fullmatch(r"[A-Z]{2}", code):
        near = f'; did you mean "{code.upper()}"?' if re.fullmatch(r"[A-Za-z]{2}", code) else ""
        person.refuse(
            "jurisdiction", f'must be a country code of two capital letters such as "TW" or "US", or "EU"{near}'
        )
    return code


def _years_of_loss(person: Table, age: Year) -> tuple[Year, Year] | None:
    longest = age - EARLIEST_ONSET_YEARS
    years = person.span("years_of_loss", 0.0, longest, f"years (no onset before {EARLIEST_ONSET_YEARS:g})")
    if not person.has("onset_age"):
        return years
    if years is not None:
        person.refuse("onset_age", "says the same as years_of_loss; give one of the two")
    onset = person.span("onset_age", EARLIEST_ONSET_YEARS, age, f"years (the age is {age:g})")
    return None if onset is None else (age - onset[1], age - onset[0])


def _scalp(table: Table) -> Scalp:
    return Scalp(
        oiliness=table.word("oiliness", ("low", "normal", "high")),
        dandruff=table.flag("dandruff"),
        fine_hair=table.flag("fine_hair"),
    )


def _health(top: Table, basis: _Basis) -> Health:
    """What safety rules read and the forecast does not."""
    past, products = basis.past, (*basis.therapies, "transplant")
    return Health(
        examination=read_health.read_examination(_table(top, "examination"), past) if top.has("examination") else None,
        labs=_by_date(read_health.read_lab(block, past) for block in _blocks(top, "labs")),
        medications=tuple(read_health.read_medication(block, past) for block in _blocks(top, "medications")),
        products=tuple(read_health.read_product(block, products) for block in _blocks(top, "products")),
        salt=_by_date(read_health.read_salt(block, past) for block in _blocks(top, "grades") if _is_salt(block)),
        overrides=_by_date(read_health.read_override(block, past) for block in _blocks(top, "overrides")),
    )


def _is_salt(block: Table) -> bool:
    """Whether a [[grades]] block is of alopecia areata, whose answer is a safety rule's and not a forecast."""
    return shown(block.data.get("system")).lower() == '"salt"'


def _grade(block: Table, basis: _Basis) -> Grade:
    system = block.required_word("system", get_args(GradeSystem))
    if SYSTEM_SEX.get(system, basis.sex) != basis.sex:
        fitting = [name for name in get_args(GradeSystem) if SYSTEM_SEX.get(name, basis.sex) == basis.sex]
        block.refuse("system", f'does not fit person.sex = "{basis.sex}"; allowed are {", ".join(fitting)}')
    return Grade(
        date=block.required_date("date", basis.past),
        system=system,
        grade=_grade_name(block, system),
        rater=block.word("rater", get_args(Rater)) or "clinician",
    )


def _grade_name(block: Table, system: GradeSystem) -> str:
    block.need("grade", f"the {SYSTEM_LABELS[system]} grade")
    value = block.data["grade"]
    name = str(value) if system == "sinclair" and type(value) is int else value
    if system == "basp":
        if not isinstance(name, str) or not BASP.fullmatch(name):
            block.refuse(
                "grade", 'is not a BASP type: L, M0-M3, C0-C3 or U1-U3, then F1-F3 and V1-V3, such as "M2F1V1"'
            )
    elif not isinstance(name, str) or name not in GRADES[system]:
        grades, near = (
            ", ".join(GRADES[system]),
            closest(name, GRADES[system]) if isinstance(name, str) else ", in quotes",
        )
        block.refuse("grade", f"is not a {SYSTEM_LABELS[system]} grade: {grades}{near}")
    return name


def _measurements(blocks: list[Table], basis: _Basis, transplants: tuple[Transplant, ...]) -> tuple[Measurement, ...]:
    found = [readings.read_measurement(block, basis.past) for block in blocks]
    readings.check_together(blocks, found, transplants)
    return _by_date(found)


def _treatments(blocks: list[Table], basis: _Basis) -> tuple[Treatment, ...]:
    found = [_treatment(block, basis) for block in blocks]
    order = sorted(range(len(found)), key=lambda n: found[n].start)
    last: dict[str, int] = {}
    for n in order:
        earlier = last.get(found[n].therapy)
        if earlier is not None and (found[earlier].end or basis.past.last) > found[n].start:
            blocks[n].refuse(
                "start", f"overlaps treatments[{earlier + 1}] of the same therapy; give that one an end, or merge them"
            )
        last[found[n].therapy] = n
    return tuple(sorted(found, key=lambda treatment: (treatment.start, repr(treatment))))


def _treatment(block: Table, basis: _Basis) -> Treatment:
    if "transplant" in shown(block.data.get("therapy")):
        block.refuse("therapy", "is surgery; write it as a [[transplants]] block")
    therapy = block.required_word("therapy", basis.therapies)
    sessions = block.dates("sessions", basis.past)
    start = sessions[0] if sessions and not block.has("start") else block.required_date("start", basis.past)
    after = Window(start, basis.past.last, f"the start, {start}", "as_of; leave end out while it goes on")
    end = block.when("end", after)
    if sessions and (sessions[0] < start or sessions[-1] > (end or basis.past.last)):
        block.refuse("sessions", f"must lie between the start, {start}, and the end, {end or basis.past.last}")
    return Treatment(
        start=start,
        therapy=therapy,
        end=end or (sessions[-1] if sessions else None),
        adherence=_share(block, "adherence"),
        sessions=sessions,
        notes=block.text("notes", 500) or "",
    )


def _transplant(block: Table, basis: _Basis) -> Transplant:
    when = block.required_date("date", basis.past)
    recipients = tuple(zone for zone in ZONES if zone != "occipital-donor")
    grafts = block.whole("grafts", 1, 8000, "grafts")
    raw = block.data.get("zones", [])
    shared: tuple[tuple[str, int], ...] = ()
    if isinstance(raw, dict):
        table = _checked(block.source, block.place("zones"), raw, recipients)
        counts = ((zone, table.whole(zone, 1, 8000, "grafts")) for zone in recipients)
        shared = tuple((zone, count) for zone, count in counts if count is not None)
        total = sum(count for _, count in shared)
        if grafts not in (None, total) or total > 8000:
            block.refuse("grafts", f"must be the sum over zones, {total}, and at most 8000 grafts")
        grafts, zones = total or None, tuple(zone for zone, _ in shared)
    else:
        zones = block.words("zones", recipients)
    return Transplant(
        date=when,
        grafts=grafts,
        zones=tuple(zone for zone in recipients if zone in zones),
        grafts_by_zone=shared,
        survival=block.number("survival", 0.0, 1.0),
        technique=block.word("technique", ("fue", "strip")),
    )


def _insult(block: Table, basis: _Basis) -> Insult:
    kind = block.required_word("kind", get_args(InsultKind))
    if kind == "childbirth" and basis.sex == "male":
        block.refuse("kind", 'does not fit person.sex = "male"')
    return Insult(date=block.required_date("date", basis.past), kind=kind)


def _goals(table: Table, basis: _Basis) -> Goals:
    usual = Goals()
    weights = {key: _weight(table, key, getattr(usual, key)) for key in GOAL_WEIGHTS}
    if not (weights["keep"] or weights["regain"] or weights["coverage"]):
        table.refuse("keep", "leaves no goal: give one of keep, regain and coverage a weight above 0")
    zone = table.word("zone", ZONES)
    if zone == "occipital-donor":
        table.refuse("zone", "is the donor zone, which pattern hair loss spares; choose another")
    months = table.whole("horizon_months", 6, 60, "months")
    overall, own = _adherence(table, basis)
    return Goals(
        **weights,
        zone=zone,
        horizon_months=usual.horizon_months if months is None else months,
        adherence=overall,
        adherence_by=own,
    )


def _adherence(table: Table, basis: _Basis) -> tuple[float | None, tuple[tuple[str, float], ...]]:
    """The person's own estimate: one share for everything, or a share for each therapy that is named."""
    raw = table.data.get("adherence")
    if not isinstance(raw, dict):
        return _share(table, "adherence"), ()
    inner = _checked(table.source, table.place("adherence"), raw, basis.therapies)
    shares = ((name, _share(inner, name)) for name in basis.therapies)
    return None, tuple((name, share) for name, share in shares if share is not None)


def _share(table: Table, key: str) -> float | None:
    """A share from 0 to 1; a percentage is pointed out."""
    share = table.number(key, 0.0, 100.0)
    if share is not None and share > 1.0:
        table.refuse(key, f"must be a fraction, 0 to 1; did you mean {share / 100:g}?")
    return share


def _weight(table: Table, key: str, usual: float) -> float:
    if isinstance(table.data.get(key), bool):
        return float(table.data[key])
    weight = table.number(key, 0.0, 3.0)
    return usual if weight is None else weight


def _considers(top: Table, basis: _Basis, refuses: tuple[str, ...]) -> tuple[str, ...]:
    considers = top.words("considers", basis.therapies)
    both = [therapy for therapy in considers if therapy in refuses]
    if both:
        top.refuse("considers", f"names {both[0]}, which is in refuses as well; keep it in one of the two")
    return considers


def _proposals(blocks: list[Table], basis: _Basis) -> tuple[Proposal, ...]:
    """The proposals. A plan is known by its name: no two share one, and none is one that the program gives itself."""
    found: list[Proposal] = []
    for block in blocks:
        proposal = _proposal(block, basis)
        if proposal.name in {earlier.name for earlier in found}:
            block.refuse("name", "is the name of an earlier proposal; give each its own")
        if proposal.name == "none" or set(proposal.name.split("+")) <= set(basis.therapies):
            block.refuse("name", 'is what the program itself calls a plan; choose words such as "The clinic\'s offer"')
        found.append(proposal)
    return tuple(found)


def _proposal(block: Table, basis: _Basis) -> Proposal:
    block.need("name", "a short name")
    block.need("lines", "a list of therapy ids")
    lines = block.words("lines", basis.therapies)
    if not lines:
        block.refuse("lines", f"names no therapy; allowed are {', '.join(basis.therapies)}")
    interval = block.span("interval_days", 1.0, 365.0, "days")
    if interval is not None and any(days != int(days) for days in interval):
        block.refuse("interval_days", "must be whole days such as [21, 28]")
    return Proposal(
        name=block.text("name", 80) or "",
        lines=lines,
        sessions=block.whole("sessions", 1, 24, "sessions"),
        interval_days=None if interval is None else (int(interval[0]), int(interval[1])),
    )


def _budget(table: Table) -> Budget:
    if table.data.get("currency", "USD") != "USD":
        table.refuse("currency", 'is not converted: the shipped costs are in US dollars, so give the budget in "USD"')
    return Budget(table.required_number("per_year", "the most to spend a year in US dollars", 0.0, 1e7, "US dollars"))
