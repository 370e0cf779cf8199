"""Person files as text, for the tests of this folder."""

from datetime import date
from pathlib import Path

from follicast.people.person import Person
from follicast.people.read import parse_person

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 22)
THERAPIES = tuple(
    "finasteride-oral finasteride-topical dutasteride-oral minoxidil-topical-2 minoxidil-topical-5 minoxidil-oral "
    "exosome prp microneedling light shampoo-antifungal spironolactone-oral".split()
)
MAN = 'as_of = 2026-11-20\n[person]\nsex = "male"\nage = 40\n'
WOMAN = MAN.replace('"male"', '"female"')
COUNT = '[[measurements]]\nsite = "vertex"\ndate = {}\nquantity = "{}"\nvalue = {}\nunit = "{}"\n'


def parse(text: str) -> Person:
    return parse_person(text, "p.toml", THERAPIES, TODAY)


def count(
    value: float | str, unit: str = "hairs/cm2", day: str = "2026-11-01", quantity: str = "nonvellus_density"
) -> str:
    return COUNT.format(day, quantity, value, unit)
