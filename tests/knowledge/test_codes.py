"""The code table: every code has a status and a source, and the known traps stay shut."""

import pytest

from follicast.knowledge.codes import codes
from follicast.knowledge.labs import analytes
from follicast.knowledge.load import sources, therapies
from follicast.quantities import InputError

ATC, ICD11 = "http://www.whocc.no/atc", "http://id.who.int/icd/release/11/mms"


def test_a_verified_code_rests_on_a_source_that_was_read() -> None:
    for concept in codes().concepts.values():
        for code in concept.codes:
            assert code.sources
            assert set(code.sources) <= set(sources())
            seen = any(sources()[key].read != "recalled" for key in code.sources)
            assert seen == (code.status == "verified"), code


def test_every_therapy_and_every_analyte_has_a_code_of_ours_even_if_it_is_new() -> None:
    table = codes()
    for section, known in (("therapy", therapies()), ("lab", analytes())):
        assert set(known) <= set(table.section(section))


def test_areata_is_not_pattern_hair_loss_in_any_system() -> None:
    (areata,) = codes().find(ICD11, "ED70.2")
    assert areata.key == "areata"
    assert [concept.key for concept in codes().find(ICD11, "ED70.0")] == ["male-pattern"]


def test_one_substance_at_two_strengths_has_two_atc_codes() -> None:
    assert [(c.section, c.key) for c in codes().find(ATC, "D11AX10")] == [("therapy", "finasteride-oral")]
    assert [(c.section, c.key) for c in codes().find(ATC, "G04CB01")] == [("other_drug", "finasteride-5")]


def test_one_atc_code_may_stand_for_two_therapies() -> None:
    assert {c.key for c in codes().find(ATC, "D11AX01")} == {"minoxidil-topical-2", "minoxidil-topical-5"}


def test_no_two_drugs_of_one_ingredient_and_route_overlap_in_strength() -> None:
    drugs = [c.drug for c in codes().concepts.values() if c.drug is not None]
    for n, one in enumerate(drugs):
        for other in drugs[n + 1 :]:
            if (one.ingredient, one.route, one.unit) == (other.ingredient, other.route, other.unit):
                assert one.high < other.low or other.high < one.low


def test_our_addresses_lead_to_no_host() -> None:
    assert codes().canonical.split("/")[2].endswith(".example")
    assert codes().systems["local"].startswith(codes().canonical)


def test_a_unit_is_known_by_its_ucum_code_and_by_what_others_write() -> None:
    table = codes()
    assert table.unit_word("/cm2", ("hairs/cm2",)) == "hairs/cm2"
    assert table.unit_word("/mm2", ("hairs/cm2",)) is None
    assert table.unit_word("m[IU]/L", ("mU/L",)) == "mU/L"


def test_a_code_without_a_status_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from follicast.knowledge import codes as module

    raw = module.read_toml(module.DATA / module.FILE)
    del raw["condition"]["male-pattern"]["codes"][0]["status"]  # type: ignore[index]
    monkeypatch.setattr(module, "read_toml", lambda _: raw)
    with pytest.raises(InputError, match=r"condition\.male-pattern"):
        codes.__wrapped__()
