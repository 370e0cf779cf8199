"""Claims put to simulated twins: the shipped numbers are made again, the sham arm is part of the world."""

from dataclasses import replace

import pytest

from follicast.decisions.claims.result import TestResult as Result
from follicast.decisions.claims.result import as_data, from_data, results_text, shipped_results
from follicast.decisions.claims.simulation import person_of, run_test
from follicast.inference.store import Store
from follicast.knowledge.claim_tests import claim_tests, read_claim_test
from follicast.knowledge.load import Knowledge

TRIED = {
    "title": "Everything that can be read",
    "person": "trial-man",
    "against": "nothing",
    "figure": ["gain"],
    "finding": "{drug.gain}",
    "limits": ["It is a test of the code."],
    "arms": {
        "drug": {"label": "Drug", "lines": ["minoxidil-topical-5"], "control": "lotion"},
        "stopped": {"label": "Stopped", "lines": ["minoxidil-topical-5"], "stop": "6 months"},
        "placebo": {"label": "Placebo", "control": "lotion", "sham": True, "certainty": "moderate"},
        "nothing": {"label": "Nothing"},
    },
    "columns": {
        "level": {"label": "Level", "show": "level", "at": "12 months"},
        "coverage": {"label": "Coverage", "show": "change", "measure": "coverage", "at": "12 months"},
        "gain": {"label": "Gain", "show": "gain", "at": "12 months"},
        "up": {"label": "Up", "show": "share_up", "at": "6 months"},
        "down": {"label": "Down", "show": "share_down", "at": "6 months"},
        "counted": {"label": "Counted", "show": "share_counted_up", "at": "6 months"},
        "seen": {"label": "Seen", "show": "share_gain", "at": "6 months"},
        "first": {"label": "First", "show": "first", "at": ["1 month", "3 months", "6 months", "12 months"]},
        "kept": {"label": "Kept", "show": "kept", "at": "12 months", "from": "6 months"},
        "missing": {"label": "Missing", "show": "missing", "at": "6 months"},
        "missing_lost": {"label": "Missing", "show": "missing", "at": "6 months", "lost_only": True},
        "back": {"label": "Back", "show": "share_back", "at": "6 months"},
        "counted_back": {"label": "Counted back", "show": "share_counted_back", "at": "6 months"},
        "starts": {"label": "Starts", "show": "starts"},
        "balance": {"label": "Balance", "show": "balance"},
        "length": {"label": "Length", "show": "length"},
    },
}


def silent(_step: str, _fraction: float) -> None:
    """Says nothing."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("claims"))


@pytest.fixture(scope="module")
def tried(store: Store) -> Result:
    return run_test(read_claim_test("tried", TRIED), Knowledge.load(), 0, silent, store)


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize("name", ["growth-phase", "two-weeks", "pool"])
def test_a_shipped_result_is_made_again_to_the_same_numbers(name: str, store: Store) -> None:
    shipped = shipped_results()[name]
    again = run_test(claim_tests()[name], Knowledge.load(), shipped.seed, silent, store)
    assert again.cells == shipped.cells
    assert (again.twins, again.effective_size) == (shipped.twins, shipped.effective_size)


def test_every_test_is_shipped_with_a_result_of_the_numbers_in_force() -> None:
    results = shipped_results()
    assert set(results) == set(claim_tests())
    assert [name for name, test in claim_tests().items() if not results[name].current(test)] == []


def test_sham_does_to_hair_what_nothing_does_and_is_counted_more_often() -> None:
    cells = shipped_results()["six-sessions"].cells
    assert cells["sham"]["change"] == cells["nothing"]["change"]
    assert cells["sham"]["improved"] == cells["nothing"]["improved"]
    counted = {arm: row["counted"].value or 0.0 for arm, row in cells.items()}
    assert counted["sham"] > counted["nothing"] + 0.2
    assert counted["offer"] > counted["drugs"] > counted["nothing"]


def test_the_finding_does_not_change_what_a_result_is_made_of_and_an_arm_does() -> None:
    test = claim_tests()["oil"]
    result = shipped_results()["oil"]
    assert result.current(replace(test, finding="Otherwise said.", limits=(), title="Another"))
    assert not result.current(replace(test, arms=(replace(test.arms[0], stop_day=30), *test.arms[1:])))
    assert not result.current(replace(test, columns=(replace(test.columns[0], days=(30,)), *test.columns[1:])))


def test_a_result_of_a_number_that_is_gone_is_out_of_date() -> None:
    result = shipped_results()["oil"]
    odd = replace(result, parameters=(*result.parameters, "number.that.is.gone"))
    assert not odd.current(claim_tests()["oil"])


def test_the_same_test_comes_from_the_store_the_second_time(tried: Result, store: Store) -> None:
    def told(step: str, _fraction: float) -> None:
        raise AssertionError(f"simulated again: {step}")

    assert run_test(read_claim_test("tried", TRIED), Knowledge.load(), 0, told, store) == tried


def test_another_seed_gives_other_numbers_within_its_error(store: Store) -> None:
    one = shipped_results()["growth-phase"].cells["usual"]["length"]
    two = run_test(claim_tests()["growth-phase"], Knowledge.load(), 5, silent, store).cells["usual"]["length"]
    assert one.value is not None
    assert two.value is not None
    assert one.error is not None
    assert one.value != two.value
    assert abs(one.value - two.value) < 5.0 * one.error


def test_a_drug_that_is_stopped_loses_its_gain(tried: Result) -> None:
    kept = {arm: row["kept"].value for arm, row in tried.cells.items()}
    assert kept["nothing"] is None
    assert kept["drug"] is not None
    assert kept["stopped"] is not None
    assert kept["stopped"] < kept["drug"]


def test_what_was_read_before_onset_is_the_same_whatever_is_done(tried: Result) -> None:
    for column in ("starts", "balance", "length"):
        assert len({row[column].value for row in tried.cells.values()}) == 1
    whole, lost = (tried.cells["nothing"][name].value for name in ("missing", "missing_lost"))
    assert whole is not None
    assert lost is not None
    assert lost >= whole > 0.0


def test_a_gain_is_first_countable_after_the_first_month_if_at_all(tried: Result) -> None:
    first = {arm: row["first"] for arm, row in tried.cells.items()}
    assert first["nothing"].value is None
    value, low = first["drug"].value, first["drug"].lo80
    assert value is not None
    assert low is not None
    assert 3.0 <= value <= 12.0
    assert low > 1.0


def test_shares_are_shares_and_intervals_hold_their_median(tried: Result) -> None:
    test = read_claim_test("tried", TRIED)
    for row in tried.cells.values():
        for column in test.columns:
            cell = row[column.key]
            if cell.value is None:
                continue
            assert cell.error is not None
            assert cell.error >= 0.0
            if column.unit == "fraction":
                assert cell.lo80 is None
            else:
                assert cell.lo80 is not None
                assert cell.lo80 <= cell.value
                assert cell.hi80 is None or cell.hi80 >= cell.value


def test_certainty_is_that_of_the_least_certain_line() -> None:
    certainty = shipped_results()["six-sessions"].certainty
    assert (certainty["offer"], certainty["drugs"], certainty["nothing"]) == ("very low", "low", None)


def test_a_result_survives_being_written(tried: Result) -> None:
    assert from_data(as_data(tried)) == tried
    assert b'"value": ' in results_text({"tried": tried})


def test_the_people_of_the_tests_can_be_read_whatever_the_date() -> None:
    person = person_of("man-of-40", Knowledge.load(), 365)
    assert (person.age_years, person.goals.horizon_months) == (40, 12)
