"""Cells that a spreadsheet would run never leave, and never enter, as they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from follicast.people.cells import NUMBER, STARTS, guarded, is_formula, unguarded
from follicast.quantities import InputError

NASTY = st.text(st.sampled_from([*STARTS, *"'\" ,;1eA\u00a0\u3000\ufeff", "王", "🧑"]) | st.characters(), max_size=12)


@given(NASTY)
def test_no_cell_that_is_written_begins_a_formula(text: str) -> None:
    cell = guarded(text)
    bare = cell.lstrip(" \u00a0\u3000\ufeff")
    assert not bare or bare[0] not in STARTS or NUMBER.fullmatch(cell)


@given(NASTY)
def test_a_text_comes_back_as_it_was(text: str) -> None:
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("cell", ["-1.5", "+3", "-1e5", "-.5"])
def test_a_number_is_no_formula_whatever_its_sign(cell: str) -> None:
    assert guarded(cell) == cell
    assert unguarded(cell) == cell


@pytest.mark.parametrize(
    "cell",
    ['=HYPERLINK("http://x.example","y")', "+1+cmd", "-2+3", "@SUM(1)", "\t=1", "\r=1", " =1", "\uff1d1+1", "=", "-"],
)
def test_scenario_46_a_formula_is_refused_on_the_way_in(cell: str) -> None:
    assert is_formula(cell)
    with pytest.raises(InputError, match="formula"):
        unguarded(cell)
