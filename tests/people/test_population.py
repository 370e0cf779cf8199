"""Virtual people: what one shares with the person described, and what nothing else can change."""

from dataclasses import fields, replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from follicast.biology.scalp import Scalps, Site
from follicast.biology.treatment import CHANNELS, ED50, INFLAMMATION_LOG, ONSET_DAY, Pharmacy
from follicast.inference.cohorts import NEVER, cohort, person_of
from follicast.knowledge.load import Knowledge
from follicast.people.person import Person, Scalp
from follicast.people.population import LATENTS, Population, draw_population, pharmacy_of, prior_latents
from follicast.quantities import ZONES

MAN = Person(as_of=date(2026, 11, 20), label="", sex="male", age_years=40.0, years_of_loss=(8.0, 9.0))
TOP = [ZONES.index(zone) for zone in ("frontal-hairline", "temples", "mid-scalp", "vertex")]


def drawn(knowledge: Knowledge, person: Person = MAN, members: int = 300, ids: tuple[str, ...] = ()) -> Population:
    numbers = np.arange(members)
    return draw_population(person, knowledge, ids, 5, numbers, prior_latents(5, numbers))


def arrays(record: object) -> dict[str, np.ndarray]:
    """Every array with a row a member, nested ones by dotted name."""
    found: dict[str, np.ndarray] = {}
    for field in fields(record):  # type: ignore[arg-type]
        value = getattr(record, field.name)
        if isinstance(value, Scalps | Pharmacy):
            found |= {f"{field.name}.{name}": inner for name, inner in arrays(value).items()}
        elif isinstance(value, np.ndarray) and field.name not in ("unit_shares", "kinds", "reach"):
            found[field.name] = value
    return found


def test_a_member_is_the_same_alone_and_in_a_group(knowledge: Knowledge) -> None:
    ids = ("finasteride-oral", "exosome")
    group = drawn(knowledge, members=30, ids=ids)
    number = np.array([17])
    alone = draw_population(MAN, knowledge, ids, 5, number, prior_latents(5, number))
    for name, value in arrays(alone).items():
        assert value.tolist() == arrays(group)[name][number].tolist(), name
    assert (alone.today, alone.first_day_of_year) == (group.today, group.first_day_of_year)


def test_adding_a_therapy_leaves_every_other_draw_as_it_was(knowledge: Knowledge) -> None:
    few, more = (drawn(knowledge, ids=ids) for ids in (("exosome",), ("prp", "light", "exosome")))
    for name, value in arrays(few).items():
        if not name.startswith("pharmacy"):
            assert value.tolist() == arrays(more)[name].tolist(), name
    assert few.pharmacy.amplitudes[:, 0].tolist() == more.pharmacy.amplitudes[:, 2].tolist()
    assert few.pharmacy.constants[:, 0].tolist() == more.pharmacy.constants[:, 2].tolist()


def test_a_changed_number_changes_its_own_draws_only(knowledge: Knowledge) -> None:
    thicker = Knowledge.load({"site": {"diameter.caucasian": 90.0, "diameter.east-asian": 90.0}})
    before, after = arrays(drawn(knowledge)), arrays(drawn(thicker))
    changed = {name for name in before if before[name].tolist() != after[name].tolist()}
    assert changed == {"scalps.native_um"}


def test_loss_began_when_the_person_says_give_or_take_a_bad_memory(knowledge: Knowledge) -> None:
    people = drawn(knowledge)
    assert people.years_lost.min() >= 8.0 * 0.85
    assert people.years_lost.max() <= 9.0 * 1.15
    assert people.years_lost.std() > 0.2
    assert (people.drives[:, ONSET_DAY] > 0.0).all()
    assert people.today - people.drives[:, ONSET_DAY] == pytest.approx(365.25 * people.years_lost)


def test_with_onset_unsaid_it_comes_from_liability_and_may_lie_ahead(knowledge: Knowledge) -> None:
    young = drawn(knowledge, replace(MAN, age_years=22.0, years_of_loss=None))
    assert 0.05 < (young.years_lost < 0.0).mean() < 0.95
    order = np.argsort(young.latents[:, LATENTS.index("onset")])
    assert (np.diff(young.years_lost[order]) < 0.0).mean() > 0.5


def test_women_are_less_sensitive_and_the_donor_zone_hardly_at_all(knowledge: Knowledge) -> None:
    men = drawn(knowledge).scalps.sensitivity
    women = drawn(knowledge, replace(MAN, sex="female")).scalps.sensitivity
    assert np.median(women[:, TOP].mean(axis=1)) < 0.8 * np.median(men[:, TOP].mean(axis=1))
    donor = ZONES.index("occipital-donor")
    for sensitivity in (men, women):
        assert np.median(sensitivity[:, donor]) < 0.3 * np.median(sensitivity[:, TOP])


def test_hair_that_feels_fine_is_thinner(knowledge: Knowledge) -> None:
    fine = drawn(knowledge, replace(MAN, scalp=Scalp(fine_hair=True))).scalps.native_um
    ratio = fine / drawn(knowledge).scalps.native_um
    assert np.median(ratio) < 0.95
    assert (ratio < 1.0).mean() > 0.9


def test_an_oily_scalp_is_more_inflamed_than_a_usual_one_and_a_dry_one_is_not(knowledge: Knowledge) -> None:
    oily, usual, dry, flaky = (
        drawn(knowledge, replace(MAN, scalp=scalp)).drives[:, INFLAMMATION_LOG].mean()
        for scalp in (Scalp(oiliness="high"), Scalp(), Scalp(oiliness="low"), Scalp(dandruff=True))
    )
    assert oily == flaky > usual > dry == 0.0


def test_stated_ancestry_holds_for_all_and_unstated_is_a_mixture(knowledge: Knowledge) -> None:
    asian = drawn(knowledge, replace(MAN, ancestry="east-asian")).scalps.native_um
    mixed, white = drawn(knowledge).scalps.native_um, drawn(knowledge, replace(MAN, ancestry="caucasian"))
    assert white.scalps.native_um.mean() < mixed.mean() < asian.mean()
    assert 0.35 < (mixed == white.scalps.native_um).mean() < 0.55


def test_healthy_people_have_no_miniaturised_follicles(knowledge: Knowledge) -> None:
    site = (Site("vertex", 1.0),)
    healthy = cohort(knowledge, person_of("male", 45.0), 60, site, latents=NEVER)
    losing = cohort(knowledge, person_of("male", 45.0, years=(15.0, 20.0)), 60, site)
    assert healthy.readings.miniaturised_share.max() == 0.0
    assert losing.readings.miniaturised_share.mean() > 0.1


def test_a_topical_stays_on_the_treated_top_and_a_tablet_does_not(knowledge: Knowledge) -> None:
    ids = ("minoxidil-topical-5", "minoxidil-oral", "exosome")
    assert pharmacy_of(knowledge, ids, 0, np.arange(2)).reach.tolist() == [[1.0, 0.0], [1.0, 1.0], [1.0, 0.0]]


def test_no_effect_is_no_effect_on_any_channel(knowledge: Knowledge) -> None:
    amplitudes = pharmacy_of(knowledge, ("exosome",), 0, np.arange(4000)).amplitudes[:, 0]
    channels = [CHANNELS.index(name) for name in knowledge.therapies["exosome"].channels]
    silent = (amplitudes[:, channels] == 0.0).sum(axis=1)
    assert set(silent) == {0, len(channels)}
    therapy = knowledge.therapies["exosome"]
    prior = next(iter(therapy.channels.values())).prior
    assert therapy.response is not None
    expected = 1.0 - (1.0 - prior["p_zero"]) * (1.0 - therapy.response.nonresponder_share.value)
    assert (silent > 0).mean() == pytest.approx(expected, abs=0.03)


def test_who_answers_one_therapy_of_a_mechanism_answers_the_others(knowledge: Knowledge) -> None:
    blockers = ("finasteride-oral", "finasteride-topical", "dutasteride-oral")
    given = pharmacy_of(knowledge, (*blockers, "light"), 0, np.arange(2000)).amplitudes
    silent = (given == 0.0).all(axis=2)
    order = np.argsort([knowledge.therapies[name].response.nonresponder_share.value for name in blockers])
    for fewer, more in pairwise(order):
        assert (silent[:, fewer] <= silent[:, more]).all()
    assert silent[:, 0].any()
    assert 0.0 < silent[silent[:, 0], 3].mean() < 0.5


def test_lotions_of_one_drug_share_a_dose_curve_and_its_tablet_has_its_own(knowledge: Knowledge) -> None:
    ids = ("minoxidil-topical-5", "minoxidil-topical-2", "minoxidil-oral")
    five, two, oral = pharmacy_of(knowledge, ids, 0, np.arange(500)).constants[:, :, ED50].T
    assert two == pytest.approx(five * 100.0 / 40.0)
    assert abs(np.corrcoef(np.log(five), np.log(oral))[0, 1]) < 0.2


def test_without_therapies_there_is_an_empty_pharmacy(knowledge: Knowledge) -> None:
    assert drawn(knowledge).pharmacy.amplitudes.shape == (300, 0, len(CHANNELS))
