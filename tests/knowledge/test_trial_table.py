"""Tables of trials: which files and rows are refused and with what words, and what a row is compared with."""

import csv
import math
import re
from pathlib import Path

import pytest
from tests.knowledge.trials import DRUG, GOOD, SESSION, given, with_doses, written

from follicast.knowledge.load import DATA, therapies
from follicast.knowledge.trial import Arm, Refused, TrialTable
from follicast.knowledge.trial_table import read_trials
from follicast.people.population import ANCESTRIES
from follicast.quantities import ZONES, InputError

# ------------------------------------------------------------------------------------------------------------ the file


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (",".join(DRUG).encode(), "no rows"),
        ("trial_id,µ\n".encode("latin-1"), "not UTF-8"),
        (b'trial_id,drug\n"open', "not CSV"),
        (b"trial_id,drug,unit\nA,b,c\n", "missing columns: sex, measure, week, change_mean"),
        (b"trial_id,therapy,followup_week\nA,b,3\n", "missing columns: sex, measure, change_mean, unit"),
        (b"one,two\n1,2\n", "missing columns: trial_id"),
        ((",".join([*DRUG, "sex"]) + "\nA\n").encode(), "column sex stands twice"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_in_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=re.escape(said)) as caught:
        read_trials(path, therapies())
    assert str(caught.value).startswith("bad.csv: ")
    assert "allowed: " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.csv: cannot be read"):
        read_trials(tmp_path / "none.csv", therapies())


def test_marks_and_line_ends_of_other_systems_and_further_columns_do_not_matter(tmp_path: Path) -> None:
    path = written(tmp_path, [*DRUG, "further"], [GOOD | {"further": "x"}])
    plain = read_trials(path, therapies())
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    assert read_trials(path, therapies()) == plain
    assert plain.name == "table.csv"
    assert len(plain.rows) == 1


def test_a_table_with_only_the_needed_columns_can_be_read(tmp_path: Path) -> None:
    path = written(tmp_path, list(GOOD), [GOOD])
    assert read_trials(path, therapies()).rows[0].observed == 10.0


def test_a_row_with_too_many_cells_is_refused_and_the_next_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, list(GOOD), [GOOD])
    path.write_text(
        path.read_text() + "A_2,M,total,finasteride,24,10,hairs/cm2,7\n\nA_3,M,total,finasteride,24,10,hairs/cm2\n"
    )
    result = read_trials(path, therapies())
    assert [row.line for row in result.rows] == [2, 5]
    assert result.refused[0].line == 3
    assert result.refused[0].reason.startswith("row: found 1 cells too many")


def test_a_hundred_thousand_rows_are_read(tmp_path: Path) -> None:
    drugs = ("placebo", "finasteride 1 mg", "minoxidil 5%", "abracadabra")
    rows = [
        GOOD | {"trial_id": f"T{i // 4}_{i}", "drug": drugs[i % 4], "doi_or_pmid": f"PMID {i // 4}"}
        for i in range(100_000)
    ]
    result = read_trials(written(tmp_path, DRUG, rows), therapies())
    assert len(result.rows) == 75_000
    assert len(result.refused) == 25_000
    assert {row.control_line for row in result.rows[:3]} == {None, 2}
    assert result.rows[-1].control_line == result.rows[-3].line


# ------------------------------------------------------------------------------------------------------------ bad rows


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"change_mean": "abc"}, "change_mean: found 'abc'; allowed: a number"),
        ({"change_mean": "nan"}, "change_mean: found 'nan'; allowed: a number"),
        ({"change_mean": "inf"}, "change_mean: found 'inf'"),
        ({"change_mean": "1e999"}, "change_mean: found '1e999'"),
        ({"change_mean": "12,5"}, "change_mean: found '12,5'"),
        ({"change_mean": ""}, "no number"),
        ({"change_mean": "", "baseline_mean": "200"}, "no number"),
        ({"baseline_mean": "x"}, "baseline_mean: found 'x'"),
        ({"change_sd": "-3"}, "change_sd: found '-3'; allowed: a number above 0"),
        ({"change_se": "0"}, "change_se: found '0'"),
        ({"ci_low": "5", "ci_high": "2"}, "ci_low: found '5'; allowed: a number below ci_high"),
        (
            {"unit": "% of baseline", "change_mean": "-120"},
            "change_mean: found -120 % of baseline; allowed: -100 to 1000",
        ),
        ({"unit": "% of baseline", "change_mean": "5000"}, "allowed: -100 to 1000"),
        ({"unit": "% change", "measure": "serum DHT", "change_mean": "-101"}, "allowed: -100 to 100"),
        ({"unit": "%", "measure": "anagen fraction", "change_mean": "130"}, "allowed: -100 to 100"),
        ({"baseline_mean": "50", "change_mean": "-60"}, "allowed: -50 to 1000"),
        ({"change_mean": "90000"}, "change_mean: found 90000 hairs/cm2; allowed: -1000 to 1000"),
        (
            {"drug": "abracadabra 5 mg"},
            "drug: no entry in therapies.toml for 'abracadabra 5 mg'; allowed: a control, or",
        ),
        ({"drug": "setipiprant 1000 mg bid minus placebo"}, "no entry in therapies.toml for 'setipiprant 1000 mg bid'"),
        ({"drug": "bimatoprost 0.03%"}, "no entry in therapies.toml for 'bimatoprost 0.03%'"),
        ({"drug": "minoxidil 5% + abracadabra"}, "no entry in therapies.toml for 'abracadabra'"),
        ({"drug": "dutasteride mesotherapy"}, "no entry in therapies.toml for 'dutasteride mesotherapy'"),
        ({"drug": "finasteride + minoxidil vs monotherapy"}, "drug: found 'monotherapy'"),
        ({"drug": "fin / fin+mx2 / mx2"}, "allowed: one arm a row"),
        ({"drug": "finasteride then placebo"}, 'allowed: how long, such as "52 wk"'),
        ({"drug": "all arms"}, "drug: found 'all arms'; allowed: one arm, for a change"),
        ({"drug": "placebo minus vehicle"}, "allowed: two arms that differ"),
        ({"drug": ""}, "drug: found ''"),
        ({"drug": "finasteride minus"}, "allowed: one arm, or one arm minus another"),
        (
            {"drug": "finasteride 99999 mg"},
            "dose: found 99999 mg a day of finasteride; allowed: more than 0, up to 1000",
        ),
        ({"drug": "finasteride 0 mg"}, "dose: found 0 mg a day of finasteride"),
        ({"unit": "bananas"}, "unit: found 'bananas'; allowed for count: hairs/cm2"),
        ({"unit": "um"}, "unit: found 'um'; allowed for count: hairs/cm2"),
        ({"unit": ""}, "unit: found ''"),
        ({"unit": "% of men"}, "unit: found '% of men'; a share of people"),
        ({"unit": "SMD"}, "unit: found 'SMD'; not a reading"),
        ({"unit": "hairs per dermoscopic field"}, "allowed: a unit with a known area"),
        ({"unit": "% per 5 years"}, "a rate over years"),
        ({"measure": "sebum"}, "measure: found 'sebum'; allowed: count, diameter"),
        ({"measure": "% improved"}, "measure: found '% improved'; a judgement"),
        ({"measure": "exogen count"}, "measure: found 'exogen count'; exogen is not simulated"),
        ({"measure": "A:T ratio"}, "a ratio of two counts"),
        ({"measure": "total density; diameter"}, "several readings in one row"),
        ({"sex": "X"}, "sex: found 'X'; allowed: M, F or M+F"),
        ({"age_mean": "old"}, "age_mean: found 'old'; allowed: 10 to 100 years"),
        ({"n_arm": "many"}, "n_arm: found 'many'; allowed: a number of people"),
        ({"n_arm": "0"}, "n_arm: found '0'"),
        ({"week": ""}, "week: found ''; allowed: weeks from the start"),
        ({"week": "soon"}, "week: found 'soon'; allowed: weeks from 0 to 5000"),
        ({"week": "-4"}, "week: found '-4'"),
        ({"week": "0"}, "week: found '0'; allowed: a week after the start"),
        ({"week": "99999"}, "week: found '99999'"),
        ({"target_area_cm2": "0"}, "target_area_cm2: found '0'"),
        ({"trial_id": " "}, "trial_id: found ''"),
        ({"sessions": "a few"}, "sessions: found 'a few'; allowed: a number of sessions"),
        ({"sessions": "3", "interval_days": "often"}, "interval_days: found 'often'"),
        (
            {"therapy": "conditioned medium+microneedling"},
            "therapy: no entry in therapies.toml for 'conditioned medium'",
        ),
        ({"therapy": "autologous fat+ADRC/SVF"}, "no entry in therapies.toml for 'autologous fat'"),
        (
            {"therapy": "microneedling combined"},
            "therapy: found 'microneedling combined'; allowed: every agent by name",
        ),
        ({"therapy": "LLLT", "followup_week": "4 after last"}, "or the sessions that it counts from"),
        ({"therapy": "FUE", "measure": "graft survival", "unit": "%", "change_mean": "120"}, "allowed: 0 to 100"),
    ],
)
def test_a_row_that_cannot_be_used_says_where_what_and_what_is_allowed(
    reason, cells: dict[str, str], said: str
) -> None:
    found = reason(**cells)
    assert said in found
    assert "\n" not in found


def test_a_refused_row_does_not_stop_the_others_and_keeps_its_number(table) -> None:
    result = table(GOOD, GOOD | {"trial_id": "A_2", "drug": "abracadabra"}, GOOD | {"trial_id": "A_3"})
    assert [row.trial_id for row in result.rows] == ["A_1", "A_3"]
    assert [(each.line, each.trial_id, each.observed, each.unit) for each in result.refused] == [
        (3, "A_2", 10.0, "hairs/cm2")
    ]


def test_the_same_row_twice_is_refused_and_other_arms_weeks_and_measures_are_not(table) -> None:
    changed = (
        {"week": "48"},
        {"measure": "terminal"},
        {"drug": "placebo"},
        {"unit": "% of baseline"},
        {"dose": "5 mg"},
    )
    result = table(GOOD, GOOD | {"change_mean": "11"}, *(GOOD | each for each in changed))
    assert [row.line for row in result.rows] == [2, 4, 5, 6, 7, 8]
    assert "trial_id: found 'A_1' with the arm, measure, unit and week of line 2" in result.refused[0].reason


# ---------------------------------------------------------------------------------------------- contrasts and controls


def test_a_contrast_stands_against_its_other_arm(one) -> None:
    net = one(drug="finasteride minus placebo", dose="1 mg", route="oral")
    assert net.against == Arm((), "tablet")
    assert net.drug == "finasteride-oral"
    assert net.contrast
    assert one(drug="minoxidil 5% foam vs placebo foam").against == Arm((), "lotion")
    heads = one(
        drug="oral minoxidil 5 mg minus topical minoxidil 5%",
        route="oral vs topical",
        frequency="oral qd vs topical bid",
        n_arm="33 vs 35",
    )
    assert given(heads.arm) == {"minoxidil-oral": 1.0}
    assert given(heads.against) == {"minoxidil-topical-5": 1.0}
    assert (heads.n, heads.n_control) == (33.0, 35.0)
    assert given(one(drug="oral minoxidil 5 mg minus 0.25 mg").against) == {"minoxidil-oral": 0.05}


def test_the_control_is_the_dummy_arm_of_the_same_trial_measure_unit_and_week(table) -> None:
    paper = {"first_author": "Doe", "year": "2001"}
    rows = [
        GOOD | paper | {"trial_id": "D_1", "drug": "placebo", "route": "oral", "doi_or_pmid": "PMID 7", "n_arm": "50"},
        GOOD | paper | {"trial_id": "E_2", "doi_or_pmid": "10.1/x; PMID 7"},
        GOOD | paper | {"trial_id": "D_3", "doi_or_pmid": "PMID 7", "week": "48"},
        GOOD | paper | {"trial_id": "D_4", "doi_or_pmid": "PMID 7", "unit": "% of baseline"},
        GOOD | paper | {"trial_id": "D_5", "doi_or_pmid": "PMID 7", "measure": "terminal"},
        GOOD | paper | {"trial_id": "D_6", "doi_or_pmid": "PMID 8"},
        GOOD | paper | {"trial_id": "D_7", "doi_or_pmid": "PMID 7", "drug": "finasteride minus placebo"},
        GOOD | paper | {"trial_id": "D_8", "doi_or_pmid": "PMID 7", "drug": "minoxidil 5%", "region": "frontal"},
        GOOD | paper | {"trial_id": "D_9", "doi_or_pmid": "PMID 7", "drug": "minoxidil 5%"},
    ]
    found = table(*rows).rows
    assert [row.control_line for row in found] == [None, 2, None, None, None, None, None, None, 2]
    assert found[1].n_control == 50.0
    assert found[0].trial == found[1].trial != found[5].trial


def test_without_a_dummy_arm_the_marked_comparator_is_the_control(table) -> None:
    needled = SESSION | {"therapy": "microneedling+minoxidil 5%", "control_type": "minoxidil"}
    lotion = SESSION | {"therapy": "minoxidil 5%", "control_type": "is control"}
    untreated = SESSION | {"therapy": "saline injection", "control_type": "is control"}
    assert [row.control_line for row in table(needled, lotion).rows] == [3, None]
    assert [row.control_line for row in table(needled, lotion, untreated).rows] == [4, 4, None]


def test_a_controls_own_change_in_brackets_makes_the_number_a_net_effect(one) -> None:
    net = one(change_mean="71.1", control_type="saline (-26.7)")
    assert net.observed == pytest.approx(97.8)
    assert net.against == Arm((), "injection")
    spread = one(therapy="LLLT", change_mean="17.2", change_sd="12.1", control_type="sham (-2.1±18.3)", n_arm="20")
    assert spread.observed == pytest.approx(19.3)
    assert spread.against == Arm((), "device")
    assert spread.se == pytest.approx(math.sqrt((12.1**2 + 18.3**2) / 20))
    assert one(control_type="saline (n=9)").against is None
    assert one(control_type="sham (2:1)").observed == 10.0


def test_a_pooled_difference_stands_against_the_control_it_names(one) -> None:
    pooled = one(therapy="minoxidil 5% + microneedling", control_type="minoxidil 5%", design="meta-analysis")
    assert pooled.against is not None
    assert pooled.against.active == ("minoxidil-topical-5",)
    assert one(therapy="LLLT", unit="% vs sham", control_type="sham").against == Arm((), "device")


@pytest.mark.parametrize(
    ("cells", "setting"),
    [
        ({"drug": "placebo", "route": "oral"}, "tablet"),
        ({"drug": "vehicle"}, "lotion"),
        ({"drug": "placebo shampoo"}, "shampoo"),
        ({"drug": "no treatment", "route": "none"}, "untreated"),
        ({"drug": "finasteride 1 mg"}, "tablet"),
        ({"drug": "finasteride 1 mg + minoxidil vehicle"}, "lotion"),
        ({"therapy": "saline injection"}, "injection"),
        ({"therapy": "sham device"}, "device"),
        ({"therapy": "PRP+topical placebo"}, "injection"),
        ({"therapy": "FUE+saline"}, "surgery"),
    ],
)
def test_an_arm_is_set_by_the_most_invasive_thing_given_or_mimicked(one, cells: dict[str, str], setting: str) -> None:
    assert one(**cells).arm.setting == setting


def test_hair_around_grafts_is_read_without_the_grafts(one) -> None:
    row = one(therapy="transplant+finasteride", measure="surrounding native hair count", control_type="placebo (-13.5)")
    assert row.arm.active == ("finasteride-oral",)
    assert row.against == Arm((), "tablet")
    assert row.observed == pytest.approx(23.5)


# -------------------------------------------------------------------------------------------------- the shipped tables


@pytest.fixture(scope="module")
def shipped() -> dict[str, TrialTable]:
    return {name: read_trials(DATA / f"{name}_trials.csv", with_doses()) for name in ("drug", "procedure")}


def carrying_a_number(refused: tuple[Refused, ...]) -> list[Refused]:
    return [each for each in refused if not each.reason.startswith("no number")]


@pytest.mark.parametrize(("name", "least"), [("drug", 0.9), ("procedure", 0.6)])
def test_most_shipped_rows_with_a_number_can_be_replayed(shipped, name: str, least: float) -> None:
    result = shipped[name]
    assert len(result.rows) / (len(result.rows) + len(carrying_a_number(result.refused))) >= least
    assert all((each.observed is None) == each.reason.startswith("no number") for each in result.refused)


def test_every_shipped_row_is_read_or_refused_once_and_refers_to_what_exists(shipped) -> None:
    for name, result in shipped.items():
        with (DATA / f"{name}_trials.csv").open(encoding="utf-8-sig", newline="") as file:
            ids = [row["trial_id"] for row in csv.DictReader(file)]
        lines = sorted([row.line for row in result.rows] + [each.line for each in result.refused])
        assert lines == list(range(2, len(ids) + 2))
        by_line = {row.line: row for row in result.rows}
        for row in result.rows:
            assert row.trial_id == ids[row.line - 2]
            assert row.who.ancestry is None or row.who.ancestry in ANCESTRIES
            assert set(row.who.zones) <= set(ZONES)
            assert {use.therapy for use in row.arm.uses} <= set(therapies())
            assert row.observed is not None
            if row.control_line is not None:
                control = by_line[row.control_line]
                assert (control.trial, control.measure, control.week) == (row.trial, row.measure, row.week)


def test_the_only_drug_rows_refused_with_a_number_are_judgements_phases_not_simulated_and_other_drugs(shipped) -> None:
    words = ("judgement", "exogen", "clascoterone", "kx-826")
    refused = carrying_a_number(shipped["drug"].refused)
    assert [each for each in refused if not any(word in each.reason for word in words)] == []


def test_the_net_effect_of_a_published_trial_is_found_through_its_control(shipped) -> None:
    rows = {row.trial_id: row for row in shipped["drug"].rows}
    net, men, placebo = (rows[f"KAUFMAN1998_{part}_W52"] for part in ("NET", "FIN", "PBO"))
    assert men.control_line == placebo.line
    assert net.observed == men.observed - placebo.observed
