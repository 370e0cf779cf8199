"""What the shipped therapies must hold: groups, the channels each may act on, honesty about what is not known."""

from datetime import date

import pytest

from follicast.biology.androgen import dose_effect
from follicast.knowledge import load
from follicast.knowledge.load import sources, therapies
from follicast.knowledge.therapy import EmaxExposure, LinearExposure, SessionExposure, Therapy, read_therapy
from follicast.quantities import InputError

IDS = """finasteride-oral finasteride-topical dutasteride-oral minoxidil-topical-2 minoxidil-topical-5 minoxidil-oral
exosome prp microneedling light shampoo-antifungal spironolactone-oral transplant""".split()
BLOCKERS = ("finasteride-oral", "finasteride-topical", "dutasteride-oral")
MINOXIDIL = ("minoxidil-topical-2", "minoxidil-topical-5", "minoxidil-oral")
SESSIONS = ("exosome", "prp", "microneedling")


def raw(name: str) -> dict[str, object]:
    return dict(load._raw("therapies.toml")[name])


def test_the_therapies_of_the_plan_are_there_and_nothing_is_not_one() -> None:
    assert set(therapies()) == set(IDS)


@pytest.mark.parametrize("name", IDS)
def test_an_entry_is_complete(name: str) -> None:
    therapy = therapies()[name]
    assert len(therapy.short) <= 24
    assert therapy.sexes
    assert therapy.harms
    assert therapy.evidence_sources
    assert set(therapy.sources) <= set(sources())
    assert (therapy.exposure is None) == (therapy.kind == "surgery") == (therapy.graft is not None)
    assert (therapy.sham is None) == (therapy.sham_note is None)
    assert ("under-18" in therapy.contraindicated) == (name not in ("light", "shampoo-antifungal"))
    for harm in therapy.harms:
        assert harm.sources or harm.rate.startswith("assumption"), harm.name


@pytest.mark.parametrize("name", IDS)
def test_status_rows_are_dated_and_memory_is_marked(name: str) -> None:
    therapy = therapies()[name]
    assert "US" in {row.jurisdiction for row in therapy.status}
    assert len({row.jurisdiction for row in therapy.status}) == len(therapy.status)
    for row in therapy.status:
        assert date(2026, 10, 31) <= row.checked_on <= date(2026, 11, 22)
        assert bool(row.sources) == (row.tag != "RECALLED")
        if row.tag == "READ":
            assert any(sources()[key].read != "recalled" for key in row.sources)


@pytest.mark.parametrize("name", IDS)
def test_a_cost_is_an_ordered_range_that_says_per_what(name: str) -> None:
    cost = therapies()[name].cost
    assert 0 < cost.low.value <= cost.high.value
    assert cost.low.unit in ("USD/month", "USD/session", "USD/graft", "USD/device")
    assert (cost.lifetime_years is not None) == (cost.low.unit == "USD/device")


def test_exclusive_groups() -> None:
    groups = {name: therapy.exclusive for name, therapy in therapies().items() if therapy.exclusive}
    assert groups == {
        **dict.fromkeys(BLOCKERS, "5-alpha-reductase-inhibitor"),
        **dict.fromkeys(MINOXIDIL, "minoxidil"),
    }


def test_all_minoxidil_shares_draws_channels_and_response_and_differs_in_exposure_only() -> None:
    five, two, oral = (therapies()[name] for name in ("minoxidil-topical-5", "minoxidil-topical-2", "minoxidil-oral"))
    assert {five.draws, two.draws, oral.draws} == {"minoxidil"}
    assert five.channels == two.channels == oral.channels
    assert five.response == two.response == oral.response
    assert two.exposure.ed50 == five.exposure.ed50
    assert share_at_dose(two) / share_at_dose(five) == pytest.approx(0.65, abs=0.01)
    assert share_at_dose(oral) == pytest.approx(share_at_dose(five), abs=0.03)
    assert {name for name, therapy in therapies().items() if therapy.draws != name} == set(MINOXIDIL)


@pytest.mark.parametrize("name", [*BLOCKERS, "spironolactone-oral"])
def test_hormone_blockers_act_on_androgen_only(name: str) -> None:
    therapy = therapies()[name]
    assert set(therapy.channels) == {"androgen"}
    assert therapy.channels["androgen"].prior.kind == "beta"
    assert "pregnant" in therapy.contraindicated


@pytest.mark.parametrize("name", SESSIONS)
def test_a_session_never_undoes_miniaturisation(name: str) -> None:
    therapy = therapies()[name]
    assert set(therapy.channels) == {"anagen_hazard", "exit_hazard"}
    assert isinstance(therapy.exposure, SessionExposure)
    low, target, high = (
        getattr(therapy.exposure, f"interval_{which}_days").value for which in ("min", "target", "max")
    )
    assert low <= target <= high
    assert therapy.sham is not None


def test_signs_of_the_hazards() -> None:
    for therapy in therapies().values():
        if "anagen_hazard" in therapy.channels:
            assert therapy.channels["anagen_hazard"].prior.support[1] <= 0, "anagen may only get longer"
            assert therapy.channels["exit_hazard"].prior.support[0] >= 0, "rest may only get shorter"


def test_shampoo_acts_on_inflammation_only() -> None:
    assert set(therapies()["shampoo-antifungal"].channels) == {"inflammation"}


def test_only_exosomes_may_do_exactly_nothing_and_the_chance_is_said() -> None:
    for name, therapy in therapies().items():
        for channel in therapy.channels.values():
            assert channel.prior.kind.startswith("zero_or") == (name == "exosome")
    exosome = therapies()["exosome"]
    shares = {channel.prior["p_zero"] for channel in exosome.channels.values()}
    assert len(shares) == 1
    assert 0.35 <= shares.pop() <= 0.40
    assert exosome.certainty == "very low"
    assert exosome.target["net-24-weeks"].effect.value == pytest.approx(6.0)
    assert exosome.exposure.sessions.value == 6
    assert (exosome.exposure.interval_min_days.value, exosome.exposure.interval_max_days.value) == (21, 28)
    for row in exosome.status:
        assert "approved" in row.status or "authorised" in row.status


def share_at_dose(therapy: Therapy) -> float:
    """Share of what an infinite dose would do."""
    exposure = therapy.exposure
    assert isinstance(exposure, EmaxExposure)
    return dose_effect(exposure.dose.value, exposure.ed50.value, exposure.hill.value)


def at_dose(therapy: Therapy) -> float:
    return therapy.channels["androgen"].value * share_at_dose(therapy)


def test_finasteride_removes_the_placebo_corrected_share_of_scalp_dht() -> None:
    finasteride = therapies()["finasteride-oral"]
    scalp, placebo = finasteride.assay["scalp_dht"].value, finasteride.assay["scalp_dht_placebo"].value
    assert at_dose(finasteride) == pytest.approx(1 - (1 - scalp) / (1 - placebo), abs=0.002)


def test_dutasteride_is_centred_between_biopsies_and_counts_and_wide() -> None:
    dutasteride = therapies()["dutasteride-oral"]
    assert at_dose(dutasteride) == pytest.approx(0.70, abs=0.005)
    assert 0.08 <= dutasteride.channels["androgen"].prior["sd"] * share_at_dose(dutasteride) <= 0.12
    assert dutasteride.assay["scalp_dht"].value < at_dose(therapies()["finasteride-oral"])


def test_the_assay_fit_of_dutasteride_gives_back_the_three_doses() -> None:
    assay = therapies()["dutasteride-oral"].assay
    emax, ed50, hill = (assay[f"scalp_{name}"].value for name in ("emax", "ed50", "hill"))
    for dose, fall in ((0.1, 0.32), (0.5, 0.51), (2.5, 0.79)):
        assert emax * dose**hill / (ed50**hill + dose**hill) == pytest.approx(fall, abs=0.06)


@pytest.mark.parametrize(
    ("name", "target", "net", "measure"),
    [
        ("finasteride-oral", "men-52-weeks", 107 / 5.07, "total"),
        ("finasteride-oral", "men-104-weeks", 138 / 5.07, "total"),
        ("finasteride-topical", "men-24-weeks", 20.2 - 6.7, "nonvellus"),
        ("dutasteride-oral", "men-24-weeks", 17.7 + 0.96, "nonvellus"),
        ("minoxidil-topical-5", "men-48-weeks", 18.6 - 3.9, "nonvellus"),
        ("minoxidil-topical-2", "men-48-weeks", 12.7 - 3.9, "nonvellus"),
        ("minoxidil-topical-2", "women-32-weeks", 12.0, "nonvellus"),
        ("minoxidil-oral", "men-24-weeks-over-topical", 5.5, "total"),
        ("prp", "net-24-weeks", 8.0, "total"),
        ("microneedling", "added-to-minoxidil-24-weeks", 10.0, "total"),
        ("light", "net-26-weeks", 14.0, "terminal"),
    ],
)
def test_targets_are_net_of_the_control_arm(name: str, target: str, net: float, measure: str) -> None:
    entry = therapies()[name].target[target]
    assert entry.effect.value == pytest.approx(net, abs=0.1)
    assert entry.measure == measure
    assert entry.effect.unit == "hairs/cm2"


def test_a_therapy_with_a_clock_channel_has_a_target_to_be_set_by() -> None:
    for therapy in therapies().values():
        if {"anagen_hazard", "exit_hazard", "inflammation"} & set(therapy.channels):
            assert therapy.target, therapy.id


def test_daily_references_have_exposure_one() -> None:
    for name in ("finasteride-topical", "light", "shampoo-antifungal", "spironolactone-oral"):
        exposure = therapies()[name].exposure
        assert isinstance(exposure, LinearExposure)
        assert exposure.level.value == 1.0


def test_transplant_numbers() -> None:
    graft = therapies()["transplant"].graft
    assert 0.61 < graft.survival.value < 0.95
    assert graft.hairs_per_graft.value == 2.3
    assert set(graft.adjuncts) == {"prp", "exosome"}
    exosome = graft.adjuncts["exosome"].survival_gain
    assert 0 <= exosome.value <= 0.02
    assert exosome.prior["sd"] == 0.05
    assert exosome.is_assumption


def changed(name: str, **fields: object) -> dict[str, object]:
    return raw(name) | fields


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (changed("exosome", magic=1), "exosome.magic: unknown key"),
        ({}, "is missing; allowed: all of"),
        (7, "found 7; allowed: a table"),
        (changed("exosome", short="x" * 25), "at most 24 characters"),
        (changed("exosome", kind="potion"), "exosome.kind: found 'potion'; allowed: one of drug, session"),
        (changed("exosome", sexes=["other"]), "exosome.sexes: found 'other'; allowed: one of male, female"),
        (changed("exosome", certainty="sure"), "allowed: one of high, moderate, low, very low"),
        (changed("exosome", contraindicated=["gout"]), "found 'gout'"),
        (changed("exosome", channels={"luck": 1}), "exosome.channels.luck: unknown key"),
        (changed("exosome", channels={"androgen": 0.5}), "channels.androgen: found 0.5; allowed: a table"),
        (changed("exosome", exposure={"kind": "daily"}), "allowed: one of emax, linear, sessions"),
        (changed("exosome", exposure=3), "allowed: one of emax, linear, sessions"),
        (changed("exosome", harms={"name": "x"}), "allowed: a list of tables"),
        (changed("exosome", harms=[{"name": "x"}]), "exosome.harms.0: rate is missing"),
        (changed("exosome", cost=raw("exosome")["cost"] | {"editable": False}), "true: a cost is never a fact"),
        (
            changed("exosome", cost=raw("exosome")["cost"] | {"low": raw("prp")["cost"]["low"] | {"value": 9e9}}),
            "low not",
        ),
        (changed("exosome", status=[raw("exosome")["status"][0] | {"sources": []}]), 'or tag "RECALLED"'),
        (changed("exosome", status=[raw("exosome")["status"][0] | {"checked_on": "today"}]), "allowed: a date"),
        (
            changed("finasteride-oral", exposure=raw("finasteride-oral")["exposure"] | {"ed50": raw("light")["sham"]}),
            "allowed: the unit of dose, mg/day",
        ),
    ],
)
def test_a_bad_entry_is_refused_in_one_sentence(table: object, said: str) -> None:
    name = "finasteride-oral" if isinstance(table, dict) and table.get("active") == "finasteride" else "exosome"
    with pytest.raises(InputError) as refusal:
        read_therapy(name, table, "therapies.toml")
    assert str(refusal.value).startswith(f"therapies.toml: {name}")
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_dose_that_differs_between_men_and_women_is_told_to_each_alone() -> None:
    found = therapies()
    foam, tablet = found["minoxidil-topical-5"], found["minoxidil-oral"]
    assert (tablet.dose_for("male"), tablet.dose_for("female")) == ("2.5 to 5 mg", "0.25 to 1.25 mg")
    assert (foam.frequency_for("male"), foam.frequency_for("female")) == ("twice a day", "once a day")
    for therapy in found.values():
        for sex in therapy.sexes:
            told = f"{therapy.dose_for(sex)} {therapy.frequency_for(sex)}"
            assert "(men)" not in told
            assert "(women)" not in told
        assert any("PSA" in text for text in therapy.do_not_use_for("female")) is False
    assert any("PSA" in text for text in found["finasteride-oral"].do_not_use_for("male"))
    assert any("pregnancy" in text for text in foam.do_not_use_for("female"))
    assert not any("pregnancy" in text for text in foam.do_not_use_for("male"))
