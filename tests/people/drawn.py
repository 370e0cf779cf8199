"""Random person files as tables, valid by construction: every table, block and key that a person file knows."""

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from tests.people.files import THERAPIES

from follicast.knowledge.labs import analytes
from follicast.knowledge.medicines import medicine_classes
from follicast.people.read import ANCESTRIES, GRADES, REFUSABLE, RELATIVES
from follicast.people.read_health import ALLERGENS, CONDITION_FLAGS, SCALES, SEBUM_UNITS, SIGNS
from follicast.people.readings import FACTORS, RANGES, THRESHOLDS_UM
from follicast.quantities import ZONES

AS_OF = date(2026, 11, 20)
FIRST = date(1995, 1, 1)
DAYS = st.dates(FIRST, AS_OF)
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Cf", "Cn")), min_size=1, max_size=60).map(
    str.strip
).filter(bool)  # fmt: skip
SCRIPTS = st.sampled_from(["王小明", "محمد علي", "שרה", "👩🏽‍🦱", 'O\'Brien "Bob" \\ #1', "=1+1", "café", "x" * 80])
TEXT = WORDS | SCRIPTS
SHARE = st.floats(0, 1)
RECIPIENTS = tuple(zone for zone in ZONES if zone != "occipital-donor")
YEARS = st.floats(0, 20) | st.integers(0, 20)


def maybe(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A table in which any of the keys may be missing."""
    return st.fixed_dictionaries({}, optional=keys)


def some(words: tuple[str, ...], most: int = 4) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(words), unique=True, min_size=1, max_size=most)


@st.composite
def measurements(draw: st.DrawFn) -> dict[str, Any]:
    quantity = draw(st.sampled_from(list(FACTORS)))
    unit = draw(st.sampled_from(list(FACTORS[quantity])))
    factor, (low, high) = FACTORS[quantity][unit], RANGES[quantity]
    value = draw(st.floats(low / factor, high / factor, exclude_max=True).filter(lambda x: low <= x * factor <= high))
    block = {"date": draw(DAYS), "quantity": quantity, "value": value, "unit": unit, "confirmed": True}
    if quantity != "shed_per_day":
        block["site"] = draw(st.sampled_from(ZONES))
    if quantity in THRESHOLDS_UM:
        block |= draw(maybe(threshold_um=st.sampled_from(THRESHOLDS_UM[quantity])))
    return block | draw(
        maybe(
            area_cm2=st.floats(0.01, 20),
            method=st.sampled_from(["phototrichogram", "trichoscopy", "manual", "biopsy", "trichoscan", "collection"]),
            sd=st.floats(1e-6, 0.9 * high / factor),
            matched_site=st.booleans(),
        )
    )


@st.composite
def treatments(draw: st.DrawFn) -> list[dict[str, Any]]:
    blocks = []
    for therapy in draw(some(THERAPIES, 5)):
        start = draw(DAYS)
        block: dict[str, Any] = {"therapy": therapy, "start": start}
        if draw(st.booleans()):
            block["end"] = start + timedelta(days=draw(st.integers(0, (AS_OF - start).days)))
        last = block.get("end", AS_OF)
        gaps = st.integers(0, (last - start).days).map(lambda days, start=start: start + timedelta(days=days))
        block |= draw(maybe(adherence=SHARE, notes=TEXT, sessions=st.lists(gaps, unique=True, min_size=1, max_size=5)))
        blocks.append(block)
    return blocks


def doses(draw: st.DrawFn, used: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A dose log of one of the treatments in daily use, a block for each of a few stretches that follow each other."""
    daily = [block for block in used if "sessions" not in block]
    if not daily or draw(st.booleans()):
        return []
    block = draw(st.sampled_from(daily))
    day, last, found = block["start"], block.get("end", AS_OF), []
    for length in draw(st.lists(st.integers(0, 12), min_size=1, max_size=4)):
        end = day + timedelta(days=length)
        if end > last:
            break
        entry = {"therapy": block["therapy"], "first": day, "last": end, "taken": draw(st.booleans())}
        if end < AS_OF and draw(st.booleans()):
            entry["entered"] = end + timedelta(days=1)
        found.append(entry)
        day = end + timedelta(days=draw(st.integers(1, 20)))
    return found


@st.composite
def transplants(draw: st.DrawFn) -> dict[str, Any]:
    block = {"date": draw(DAYS)} | draw(maybe(survival=SHARE, technique=st.sampled_from(["fue", "strip"])))
    if draw(st.booleans()):
        zones = draw(some(RECIPIENTS))
        return block | {"zones": {zone: draw(st.integers(1, 1500)) for zone in zones}}
    return block | draw(maybe(grafts=st.integers(1, 8000), zones=some(RECIPIENTS)))


@st.composite
def labs(draw: st.DrawFn) -> dict[str, Any]:
    analyte = analytes()[draw(st.sampled_from(list(analytes())))]
    unit = draw(st.sampled_from(list(analyte.units)))
    low, high = (end / analyte.units[unit] for end in analyte.plausible)
    value = draw(
        st.floats(low, high, exclude_max=True).map(lambda x: float(f"{x:.4g}")).filter(lambda x: low <= x <= high)
    )
    block = {"analyte": analyte.id, "unit": unit, "value": value, "date": draw(DAYS)}
    return block | draw(maybe(low=st.floats(0, high / 3), high=st.floats(high / 2, 0.9 * high)))


def grades(sex: str) -> st.SearchStrategy[dict[str, Any]]:
    systems = ("norwood-hamilton",) if sex == "male" else ("ludwig", "sinclair", "olsen")
    listed = [(system, grade) for system in systems for grade in GRADES[system]]
    basp = st.from_regex(r"(L|M[0-3]|C[0-3]|U[1-3])(F[1-3])?(V[1-3])?", fullmatch=True).map(lambda g: ("basp", g))
    salt = st.floats(0, 100).map(lambda score: ("salt", score))
    return st.tuples(st.sampled_from(listed) | basp | salt, DAYS, st.sampled_from(["self", "clinician", "photo"])).map(
        lambda drawn: (
            {"system": drawn[0][0], "grade": drawn[0][1], "date": drawn[1]}
            | ({"rater": drawn[2]} if drawn[0][0] != "salt" else {})
        )
    )


EXAMINATION = maybe(
    date=DAYS,
    **{sign: st.booleans() for sign in SIGNS},
    **{name: st.integers(0, most) for name, most in SCALES.items()},
    shedding_onset=st.dates(date(2020, 1, 1), AS_OF),
    shedding_trigger=st.dates(FIRST, date(2019, 12, 31)),
    pull_test=st.fixed_dictionaries(
        {"hairs": st.lists(st.integers(0, 10), min_size=1, max_size=4), "bundle": st.integers(10, 100)},
        optional={"days_since_wash": st.floats(0, 60)},
    ),
    sebum=st.sampled_from(list(SEBUM_UNITS)).flatmap(
        lambda unit: st.fixed_dictionaries(
            {"unit": st.just(unit), "value": st.floats(0, SEBUM_UNITS[unit]), "device": TEXT},
            optional={"hours_since_wash": st.floats(0, 720)},
        )
    ),
    trichoscopy=maybe(
        yellow_dots=st.integers(0, 500),
        frontal_um=st.floats(5, 150),
        occipital_um=st.floats(5, 150),
        thin_share=SHARE,
        single_unit_ratio=st.floats(0, 50),
        vellus_ratio=st.floats(0, 50),
        discoloration_ratio=st.floats(0, 50),
    ),
)
GOALS = maybe(
    keep=st.floats(0.1, 3),
    regain=st.floats(0, 3),
    coverage=st.integers(0, 3),
    no_tablets=st.booleans(),
    zone=st.sampled_from(RECIPIENTS),
    horizon_months=st.integers(6, 60),
    low_cost=st.floats(0, 3),
    few_visits=st.floats(0, 3),
    adherence=SHARE | st.dictionaries(st.sampled_from(THERAPIES), SHARE, min_size=1, max_size=3),
)
PROPOSALS = st.lists(
    st.fixed_dictionaries(
        {"name": TEXT.filter(lambda name: name != "none"), "lines": some(THERAPIES)},
        optional={
            "sessions": st.integers(1, 24),
            "interval_days": st.integers(1, 300) | st.tuples(st.integers(1, 100), st.integers(101, 365)).map(list),
        },
    ),
    max_size=2,
    unique_by=lambda block: block["name"],
)
MEDICATIONS = st.fixed_dictionaries(
    {"name": TEXT | st.sampled_from(["apixaban", "Lithium", "isotretinoin"])},
    optional={
        "start": st.dates(FIRST, date(2020, 1, 1)),
        "stop": st.dates(date(2020, 1, 2), AS_OF),
        "indication": TEXT,
        "class": st.sampled_from(medicine_classes()),
    },
)
PRODUCTS = st.fixed_dictionaries(
    {"therapy": st.sampled_from(THERAPIES)},
    optional={
        "source": TEXT,
        "lot": TEXT,
        "expiry": st.dates(date(2020, 1, 1), date(2030, 1, 1)),
        "regulatory_reference": TEXT,
        "depth_mm": st.floats(0.1, 10),
        "ablative": st.booleans(),
    },
)
OVERRIDES = st.fixed_dictionaries(
    {"rule": TEXT, "by": TEXT, "role": st.sampled_from(["prescriber", "clinician"]), "reason": TEXT, "date": DAYS},
    optional={"consent": st.booleans()},
)


@st.composite
def person_tables(draw: st.DrawFn) -> dict[str, Any]:
    """The tables of one whole person file."""
    sex = draw(st.sampled_from(["male", "female"]))
    spans = st.tuples(YEARS, YEARS).map(lambda ends: sorted(map(float, ends)))
    person = {"sex": sex, "age": draw(st.floats(32, 110) | st.integers(32, 110)), "label": draw(TEXT)} | draw(
        maybe(
            ancestry=st.sampled_from(ANCESTRIES),
            jurisdiction=st.sampled_from(["TW", "US", "EU"]),
            years_of_loss=YEARS | spans,
            family=some(RELATIVES),
        )
    )
    kinds = ["fever", "surgery", "crash-diet", "other", *(["childbirth"] if sex == "female" else [])]
    women = {"pregnant": st.booleans(), "childbearing": st.sampled_from(["possible", "unknown"])}
    conditions = maybe(
        **(women if sex == "female" else {}),
        **{flag: st.booleans() for flag in CONDITION_FLAGS if sex == "female" or flag != "lactating"},
        phq2=st.integers(0, 6),
        partner_pregnancy=st.sampled_from(["no", "yes", "trying", "unknown"]),
        allergy=some(ALLERGENS),
        reactions=some(THERAPIES),
    )
    few = {"max_size": 3}
    used = draw(treatments()) if draw(st.booleans()) else []
    log = {"treatments": used, "doses": doses(draw, used)}
    return {"as_of": AS_OF, "person": person, **{name: part for name, part in log.items() if part}} | draw(
        maybe(
            refuses=some(REFUSABLE),
            considers=some(THERAPIES),
            scalp=maybe(
                oiliness=st.sampled_from(["low", "normal", "high"]), dandruff=st.booleans(), fine_hair=st.booleans()
            ),
            grades=st.lists(grades(sex), **few),
            measurements=st.lists(measurements(), **few),
            transplants=st.lists(transplants(), **few),
            insults=st.lists(st.fixed_dictionaries({"date": DAYS, "kind": st.sampled_from(kinds)}), **few),
            goals=GOALS,
            proposals=PROPOSALS,
            budget=st.fixed_dictionaries({"per_year": st.floats(0, 1e7)}),
            conditions=conditions,
            examination=EXAMINATION,
            labs=st.lists(labs(), **few),
            medications=st.lists(MEDICATIONS, **few),
            products=st.lists(PRODUCTS, **few),
            overrides=st.lists(OVERRIDES, **few),
        )
    )
