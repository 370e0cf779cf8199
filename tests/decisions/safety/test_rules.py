"""Acceptance scenarios of safety, by their numbers: what each person may not have, and what is said."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.decisions.safety.safety_people import (
    FIVE_ARI,
    MAN,
    TODAY,
    WOMAN,
    barred,
    found,
    lab,
    saying,
    seen,
    shipped,
    signed,
    taking,
    using,
    with_health,
)

from follicast.decisions.planning.left_out import excluded
from follicast.decisions.safety.rules import findings, not_recommended, recheck, refusals
from follicast.knowledge.safety import SafetyRules, safety_rules
from follicast.people.health import ProductLot, SaltScore
from follicast.people.person import Goals, Grade, Measurement, Proposal, Transplant
from follicast.quantities import InputError

EVERY = set(shipped().therapies)


def test_scenario_01_a_pregnant_partner_warns_and_does_not_block() -> None:
    man = saying(using(MAN, "finasteride-oral"), partner_pregnancy="yes")
    finding = found(man)["PARTNER-5ARI"]
    assert (finding.severity, finding.therapies) == ("warn", [])
    assert "finasteride-oral" in finding.concerns
    assert not barred(man) & FIVE_ARI
    for part in ("crushed or broken tablets", "leaking capsules", "6 months after dutasteride", "1 month after finast"):
        assert part in finding.text
    assert "disagree" in finding.text
    british = found(replace(man, jurisdiction="GB"))["PARTNER-5ARI"].jurisdiction_text
    american = found(replace(man, jurisdiction="US"))["PARTNER-5ARI"].jurisdiction_text
    elsewhere = found(replace(man, jurisdiction="NZ"))["PARTNER-5ARI"].jurisdiction_text
    assert british
    assert american
    assert elsewhere
    assert len({british, american, elsewhere}) == 3
    assert "PARTNER-5ARI" not in found(saying(man, partner_pregnancy="no"))


@pytest.mark.parametrize("childbearing", ["possible", "unknown", None])
def test_scenario_02_where_pregnancy_is_possible_or_not_known_a_dht_inhibitor_is_blocked(childbearing) -> None:
    offer = Proposal("offer", ("finasteride-oral", "dutasteride-oral"), None, None)
    woman = replace(saying(WOMAN, childbearing=childbearing), proposals=(offer,))
    finding = found(woman)["PREG-5ARI"]
    assert finding.severity == "block"
    assert {"finasteride-oral", "dutasteride-oral"} == set(finding.therapies)
    assert "PREG-5ARI" not in found(replace(woman, conditions=replace(woman.conditions, childbearing="not_possible")))


def test_scenario_02_only_a_prescriber_sets_it_aside_with_contraception_consent_and_a_reason() -> None:
    offer = Proposal("offer", ("finasteride-oral",), None, None)
    woman = replace(saying(WOMAN, childbearing="possible"), proposals=(offer,))
    safe = saying(woman, contraception=True)
    for person, dismissal in (
        (safe, signed("PREG-5ARI", "clinician")),
        (safe, signed("PREG-5ARI", consent=False)),
        (woman, signed("PREG-5ARI")),
    ):
        with pytest.raises(InputError, match="PREG-5ARI"):
            found(with_health(person, overrides=(dismissal,)))
    finding = found(with_health(safe, overrides=(signed("PREG-5ARI"),)))["PREG-5ARI"]
    assert finding.therapies == []
    assert finding.overridden_by is not None
    assert (finding.overridden_by.by, finding.overridden_by.role) == ("Dr Ada Invented", "prescriber")
    assert finding.overridden_by.reason


def test_scenario_03_a_pregnancy_during_the_plan_pauses_its_lines_and_cancels_sessions() -> None:
    lines = ("minoxidil-topical-5", "spironolactone-oral", "exosome", "prp", "light")
    pregnant = saying(using(WOMAN, "minoxidil-topical-5", "spironolactone-oral"), pregnant=True)
    rules = found(pregnant, *lines)
    paused = {name for finding in rules.values() for name in finding.pauses}
    assert paused == {"minoxidil-topical-5", "spironolactone-oral", "exosome", "prp", "light"}
    assert {"minoxidil-topical-2", "minoxidil-oral", "spironolactone-oral", "exosome"} <= barred(pregnant, *lines)
    assert rules["PREG-NOW"].cancels_sessions
    assert rules["PREG-SESSIONS"].cancels_sessions
    assert "off treatment" in rules["PREG-NOW"].text
    assert rules["PREG-NOW"].override == "nobody"


def test_scenario_04_signs_of_scarring_stop_everything_whatever_the_grade() -> None:
    grade = Grade(TODAY, "norwood-hamilton", "III", "clinician")
    man = seen(replace(MAN, grades=(grade,)), absent_ostia=True, perifollicular_scale=True)
    finding = next(iter(found(man).values()))
    assert (finding.rule, finding.severity, finding.override) == ("RF-SCAR", "block", "nobody")
    assert finding.forecast_refused
    assert len(finding.because) == 2
    assert barred(man) == EVERY
    reasons = {entry.therapy: entry.reason for entry in excluded(man, shipped())}
    assert "RF-SCAR" in reasons["transplant"]
    assert "RF-SCAR" in reasons["microneedling"]
    assert "urgently" in finding.action


def test_scenario_05_a_band_and_lost_eyebrows_outweigh_a_ludwig_grade() -> None:
    grade = Grade(TODAY, "ludwig", "I", "clinician")
    woman = seen(replace(WOMAN, age_years=58.0, grades=(grade,)), hairline_band=True, eyebrow_loss=True)
    assert found(woman)["RF-SCAR"].forecast_refused
    assert barred(woman) == EVERY


def test_scenario_06_a_salt_score_refuses_the_forecast() -> None:
    finding = found(with_health(salt=(SaltScore(TODAY, 22.0),)))["RF-AREATA"]
    assert finding.forecast_refused
    assert "model is for pattern hair loss" in finding.text
    assert any("22" in reason for reason in finding.because)


def test_scenario_07_under_18_there_is_no_drug_plan_but_observation() -> None:
    girl = replace(WOMAN, age_years=16.0, grades=(Grade(TODAY, "ludwig", "I", "clinician"),))
    rules = found(girl)
    assert rules["RF-CHILD"].forecast_refused
    assert safety_rules().rules["RF-CHILD"].observe
    assert {t.id for t in shipped().therapies.values() if t.kind == "drug" and "female" in t.sexes} <= barred(girl)
    assert "guardian" in rules["RF-CHILD-CONSENT"].text
    agreed = saying(girl, guardian_consent=True)
    assert "RF-CHILD-CONSENT" not in found(agreed)
    assert "shampoo-antifungal" not in barred(agreed)
    assert found(agreed)["RF-CHILD"].forecast_refused
    assert "RF-CHILD" not in found(replace(girl, age_years=18.0))


def test_scenario_08_isotretinoin_and_needling_shows_both_positions_and_does_not_block() -> None:
    man = with_health(medications=(taking("isotretinoin", "retinoid", stopped_days_ago=61),))
    finding = found(man)["ISO-NEEDLING"]
    assert finding.severity == "warn"
    assert "microneedling" in finding.concerns
    assert "at least 6 months" in finding.text
    assert "insufficient evidence" in finding.text
    assert "signs" in finding.text
    assert "microneedling" not in barred(man)
    assert "ISO-NEEDLING" not in found(
        with_health(medications=(taking("isotretinoin", "retinoid", stopped_days_ago=200),))
    )
    for product in (ProductLot("microneedling", depth_mm=2.5), ProductLot("microneedling", ablative=True)):
        deep = with_health(man, products=(product,))
        assert found(deep)["ISO-DEEP"].severity == "hold"
        assert "microneedling" in barred(deep)
    chosen = with_health(man, overrides=(signed("ISO-NEEDLING", "clinician"),))
    assert found(chosen)["ISO-NEEDLING"].overridden_by is not None


def test_scenario_09_an_anticoagulant_holds_surgery_until_the_prescriber_has_written() -> None:
    man = replace(with_health(medications=(taking("apixaban", "anticoagulant"),)), considers=("transplant",))
    finding = found(man)["BLEED-ANTICOAGULANT"]
    assert finding.severity == "hold"
    assert "transplant" in finding.therapies
    assert "goes on taking it" in finding.text
    assert "Keep taking it exactly as prescribed" in finding.text_patient
    assert {"jaad2021-doac", "yagyu-anticoagulants"} <= set(finding.sources)
    assert "transplant" not in barred(saying(man, anticoagulant_letter=True))
    aspirin = replace(with_health(medications=(taking("aspirin", "antiplatelet"),)), considers=("transplant",))
    assert found(aspirin)["BLEED-ANTIPLATELET"].severity == "warn"
    assert "transplant" not in barred(aspirin)


def test_scenario_10_an_earlier_transplant_reduces_the_donor_and_its_skin_is_no_baseline() -> None:
    before = Transplant(TODAY - timedelta(days=240), 3000, ("vertex",), (("vertex", 3000),), None, None)
    count = Measurement(TODAY, "vertex", "total_density", 120.0, None, 1.0, None, None, False)
    man = replace(MAN, transplants=(before,), measurements=(count,), considers=("transplant",))
    rules = found(man)
    graft = shipped().therapies["transplant"].graft
    assert graft is not None
    assert f"{graft.max_grafts_lifetime.value - 3000:.0f}" in rules["GRAFT-DONOR"].text
    unsaid = found(replace(man, transplants=(replace(before, grafts=None),)))
    assert "GRAFT-DONOR" not in unsaid
    assert "GRAFT-DONOR-ASSUMED" not in rules
    assert "an assumption" in unsaid["GRAFT-DONOR-ASSUMED"].text
    told = unsaid["GRAFT-DONOR-ASSUMED"].text_patient
    assert "very roughly" in told
    assert all(int(number) % 500 == 0 for number in re.findall(r"\d+", told))
    assert "not a baseline" in rules["GRAFT-SITE"].text
    assert "transplant" in rules["GRAFT-RECENT"].therapies
    elsewhere = replace(man, measurements=(replace(count, zone="mid-scalp"),))
    earlier = replace(man, measurements=(replace(count, date=TODAY - timedelta(days=300)),))
    assert "GRAFT-SITE" not in found(elsewhere)
    assert "GRAFT-SITE" not in found(earlier)


def test_scenario_11_an_exosome_product_needs_a_status_a_reference_and_a_batch() -> None:
    unknown = found(replace(MAN, jurisdiction="NZ"))["EXO-NO-STATUS"]
    assert (unknown.severity, unknown.therapies, unknown.override) == ("block", ["exosome"], "nobody")
    american = replace(MAN, jurisdiction="US")
    assert "EXO-NO-STATUS" not in found(american)
    rules = list(found(american).values())
    assert not_recommended(rules)["exosome"].rule == "EXO-UNAPPROVED"
    study = with_health(american, products=(ProductLot("exosome", regulatory_reference="IND 00000 (invented)"),))
    assert "EXO-UNAPPROVED" not in found(study)
    assert "exosome" in barred(study, moment="session")
    ready = ProductLot("exosome", lot="A1", expiry=TODAY, regulatory_reference="IND 00000 (invented)")
    assert "exosome" not in barred(with_health(american, products=(ready,)), moment="session")
    for bad in (replace(ready, lot=""), replace(ready, expiry=None), replace(ready, expiry=TODAY - timedelta(days=1))):
        assert "exosome" in barred(with_health(american, products=(bad,)), moment="session")
    assert any("not approved" in status.status for status in shipped().therapies["exosome"].status)


def test_scenario_12_another_country_holds_the_plan_until_every_line_is_read_again() -> None:
    taiwan = replace(MAN, jurisdiction="TW")
    old = findings(taiwan, shipped())
    changes = {
        c.rule: c
        for c in recheck(
            replace(MAN, jurisdiction="EU"),
            shipped(),
            old,
            safety_rules().versions,
            ("finasteride-oral",),
            old_jurisdiction="TW",
            moved_known=True,
        )
    }
    hold = changes["JURISDICTION-CHANGED"]
    assert hold.why == "newly fires"
    assert hold.finding is not None
    assert (hold.finding.severity, set(hold.finding.therapies)) == ("hold", EVERY)
    assert "Hold task" in hold.finding.action
    same = recheck(taiwan, shipped(), old, safety_rules().versions, old_jurisdiction="TW", moved_known=True)
    assert same == []


@pytest.mark.parametrize("answers", [{"phq2": 3}, {"suicidal_thoughts": True}, {"phq2": 6, "suicidal_thoughts": True}])
def test_scenario_13_a_mood_alarm_on_finasteride_is_urgent(answers) -> None:
    man = saying(using(MAN, "finasteride-oral"), **answers)
    finding = next(iter(found(man).values()))
    assert (finding.rule, finding.severity) == ("RF-MOOD-URGENT", "block")
    assert finding.pauses == ["finasteride-oral"]
    assert "emergency number" in finding.text_patient
    assert "European Medicines Agency" in finding.text_patient
    assert "stop finasteride" in finding.text_patient
    assert "Contact task" in finding.action
    with pytest.raises(InputError, match="RF-MOOD-URGENT"):
        found(with_health(man, overrides=(signed("RF-MOOD-URGENT", "patient"),)))
    assert "RF-MOOD-URGENT" not in found(saying(using(MAN, "finasteride-oral"), phq2=2, suicidal_thoughts=False))


def test_scenario_14_psa_is_shown_adjusted_beside_the_raw_value() -> None:
    man = with_health(using(replace(MAN, age_years=52.0), "finasteride-oral"), labs=(lab("psa", 2.1),))
    finding = found(man)["PSA-ADJUST"]
    assert "PSA 2.1 ug/L, adjusted about 4.2" in finding.text
    assert man.health.labs[0].value == 2.1
    assert "PSA-ADJUST" not in found(replace(man, treatments=()))


def test_scenario_15_an_allergy_to_the_vehicle_blocks_the_solution_and_offers_foam() -> None:
    man = saying(allergy=("propylene-glycol",))
    assert barred(man) & {"minoxidil-topical-2", "minoxidil-topical-5"} == {"minoxidil-topical-2"}
    assert "foam" in found(man)["ALLERGY-VEHICLE"].text
    assert found(man)["ALLERGY-FOAM"].concerns == ["minoxidil-topical-5"]


def test_scenario_16_an_inr_of_48_holds_todays_needles() -> None:
    man = with_health(medications=(taking("warfarin", "anticoagulant"),), labs=(lab("inr", 4.8),))
    man = saying(man, anticoagulant_letter=True)
    finding = found(man, "microneedling", moment="session")["BLEED-INR"]
    assert finding.severity == "hold"
    assert {"microneedling", "prp", "exosome"} <= set(finding.therapies)
    assert "4.8" in finding.text
    assert "BLEED-INR" not in found(with_health(man, labs=(lab("inr", 2.5),)), moment="session")


def test_scenario_17_an_infected_scalp_holds_the_session() -> None:
    for man in (saying(scalp_infection=True), seen(folliculitis_count=6)):
        finding = found(man, moment="session")["SKIN-INFECTION"]
        assert (finding.severity, finding.hold_days) == ("hold", 14)
        assert {"microneedling", "prp", "exosome"} <= set(finding.therapies)
        assert "rules of the series" in finding.text
    assert "SKIN-INFECTION" not in found(seen(folliculitis_count=5), moment="session")


def test_scenario_18_severe_dandruff_without_oil_control_is_a_suggestion() -> None:
    man = seen(seborrhoeic_dermatitis=3)
    finding = found(man)["SKIN-SEBORRHOEIC"]
    assert (finding.severity, finding.therapies) == ("warn", [])
    assert "suggest" in finding.text
    assert "SKIN-SEBORRHOEIC" not in found(using(man, "shampoo-antifungal"))
    assert "SKIN-SEBORRHOEIC" not in found(seen(seborrhoeic_dermatitis=2))


def test_scenario_19_of_a_warn_and_a_block_the_block_wins_and_both_are_listed() -> None:
    man = with_health(
        saying(keloid=True), medications=(taking("isotretinoin", "retinoid"), taking("aspirin", "antiplatelet"))
    )
    rules = list(found(man).values())
    about = [f for f in rules if "microneedling" in f.concerns]
    assert {"CI-KELOID", "ISO-NEEDLING", "BLEED-ANTIPLATELET"} <= {f.rule for f in about}
    assert about[0].rule == "CI-KELOID"
    assert {e.therapy: e.reason for e in excluded(man, shipped())}["microneedling"].endswith("(rule CI-KELOID).")


def changed(rule: str, **fields: object) -> SafetyRules:
    rules = safety_rules()
    return replace(rules, rules={**rules.rules, rule: replace(rules.rules[rule], **fields)})


def test_scenario_20_a_changed_rule_marks_an_old_plan_for_a_check_and_keeps_its_snapshot() -> None:
    man = saying(keloid=True)
    old = findings(man, shipped())
    kept = [f.model_dump() for f in old]
    changes = recheck(man, shipped(), old, safety_rules().versions, rules=changed("CI-KELOID", version=2))
    assert [(c.rule, c.why) for c in changes] == [("CI-KELOID", "version changed")]
    assert "Check again" in changes[0].text
    assert [f.model_dump() for f in old] == kept
    assert old[0].version == 1
    without = {name: v for name, v in safety_rules().versions.items() if name != "CI-KELOID"}
    again = recheck(man, shipped(), [f for f in old if f.rule != "CI-KELOID"], without)
    assert [(c.rule, c.why) for c in again] == [("CI-KELOID", "new rule")]
    healed = recheck(MAN, shipped(), old, safety_rules().versions)
    assert [(c.rule, c.why, c.finding) for c in healed] == [("CI-KELOID", "no longer fires", None)]


def test_scenario_21_androgens_from_outside_are_a_warning_and_a_limit_of_the_forecast() -> None:
    for man in (saying(androgen_use=True), with_health(medications=(taking("testosterone", "androgen"),))):
        finding = found(man)["ANDROGEN"]
        assert finding.severity == "warn"
        assert "outside the range that the model was calibrated to" in finding.text


def test_scenario_33_units_of_laboratory_values_decide_what_is_low() -> None:
    low, normal = (with_health(labs=(lab("vitamin-d", value),)) for value in (30.0, 30.0 * 2.496))
    assert "LAB-VITD" in found(low)
    assert "LAB-VITD" not in found(normal)
    own_range = with_health(labs=(lab("ferritin", 25.0, low=10.0, high=300.0),))
    assert "RF-FE" not in found(own_range)
    assert "RF-FE" in found(with_health(labs=(lab("ferritin", 25.0),)))


@pytest.mark.parametrize(("grade", "said"), [("U3", True), ("U3F3V3", True), ("M2V1", False)])
def test_scenario_45_no_terminal_hair_and_the_widest_grade_means_no_responsive_follicles(grade, said) -> None:
    none = Measurement(TODAY, "vertex", "terminal_density", 0.0, 60.0, 1.0, None, None, False)
    man = replace(
        MAN,
        age_years=84.0,
        grades=(Grade(TODAY, "basp", grade, "clinician"),),
        measurements=(none,),
        goals=Goals(zone="vertex"),
    )
    rules = found(man)
    assert ("NO-RESPONSIVE" in rules) is said
    if said:
        assert rules["NO-RESPONSIVE"].title == "No responsive follicles"


@pytest.mark.parametrize(
    ("person", "rule"),
    [
        (seen(shedding_onset=TODAY - timedelta(days=90)), "RF-TE"),
        (seen(wash_test=150), "RF-TE"),
        (seen(WOMAN, hirsutism=True), "RF-ENDO"),
        (seen(moth_eaten=True), "RF-SYPH-LUP"),
    ],
)
def test_a_red_flag_of_the_history_holds_every_line_of_the_plan(person, rule) -> None:
    assert found(person)[rule].severity == "hold"
    assert barred(person) == EVERY


@pytest.mark.parametrize(
    ("person", "refused"),
    [
        (seen(black_dots=True), True),
        (seen(broken_hairs=True, scale=2), True),
        (seen(broken_hairs=True), False),
        (seen(nail_pits=True), True),
        (MAN, False),
    ],
)
def test_the_forecast_is_refused_where_the_loss_is_of_another_kind(person, refused) -> None:
    assert bool(refusals(list(found(person).values()))) is refused


@pytest.mark.parametrize(
    ("conditions", "gone"),
    [
        ({"low_platelets": True}, {"prp"}),
        ({"allergy": ("local-anaesthetic",)}, {"exosome", "prp", "transplant"}),
        ({"kidney_disease": True}, {"minoxidil-oral"}),
        ({"reactions": ("light",)}, {"light"}),
    ],
)
def test_a_recorded_condition_bars_what_does_not_go_with_it(conditions, gone) -> None:
    assert barred(saying(**conditions)) == gone


def test_a_platelet_count_below_its_range_bars_platelet_rich_plasma() -> None:
    assert barred(with_health(labs=(lab("platelets", 120.0),))) == {"prp"}
    assert barred(with_health(labs=(lab("platelets", 220.0),))) == set()


@pytest.mark.parametrize("childbearing", ["possible", "unknown", None])
def test_tablets_that_harm_a_child_wait_for_contraception(childbearing) -> None:
    woman = saying(WOMAN, childbearing=childbearing, pregnant=False)
    assert {"spironolactone-oral", "minoxidil-oral"} <= barred(woman)
    assert not {"spironolactone-oral", "minoxidil-oral"} & barred(saying(woman, contraception=True))
    assert not {"spironolactone-oral", "minoxidil-oral"} & barred(saying(WOMAN, childbearing="not_possible"))


def test_a_medicine_that_sheds_hair_is_reviewed_by_its_prescriber() -> None:
    new = replace(taking("lithium", "lithium"), start=TODAY - timedelta(days=60))
    assert "as prescribed" in found(with_health(medications=(new,)))["RF-DRUG"].text_patient
    assert "RF-DRUG" not in found(with_health(medications=(taking("lithium", "lithium"),)))
    assert "RF-DRUG" in found(with_health(medications=(replace(new, start=None),)))
    assert "MEDICINE-UNKNOWN" in found(with_health(medications=(taking("inventedine"),)))
