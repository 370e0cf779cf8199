"""The page of codes is the one that the data makes."""

from tests.people.files import ROOT

from follicast.outputs.exchange.fhir.reference import page


def test_the_page_of_codes_is_up_to_date() -> None:
    assert (ROOT / "docs/reference/codes.md").read_text(encoding="utf-8") == page()


def test_every_recalled_code_says_so() -> None:
    (row,) = [line for line in page().splitlines() if line.startswith("| `lab.ferritin`")]
    assert "2276-4 (check before use)" in row
    (row,) = [line for line in page().splitlines() if line.startswith("| `condition.male-pattern`")]
    assert "snomed 87872006;" in row
