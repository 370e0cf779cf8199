"""Readings as clinics write them down: the acceptance scenarios of measurements, by number."""

import pytest
from tests.people.files import MAN, count, parse

from follicast.quantities import InputError


def refusal(text: str) -> str:
    with pytest.raises(InputError) as refused:
        parse(text)
    return str(refused.value)


def test_scenario_31_hairs_per_field_ask_for_the_area_of_the_field() -> None:
    asked = refusal(MAN + count(45, "hairs/field"))
    assert "field_area_cm2 is missing" in asked
    (reading,) = parse(MAN + count(45, "hairs/field") + "field_area_cm2 = 0.25\n").measurements
    assert reading.value == pytest.approx(180.0)


def test_scenario_31_a_count_per_field_taken_for_one_per_cm2_is_refused_and_the_factor_offered() -> None:
    refused = refusal(MAN + count(180, day="2026-05-01") + count(45, day="2026-11-01"))
    assert "45 hairs/cm2 is implausible next to 180 hairs/cm2" in refused
    assert 'did you mean unit = "hairs/field" with field_area_cm2 = 0.25' in refused
    right = MAN + count(180, day="2026-05-01") + count(45, "hairs/field", "2026-11-01") + "field_area_cm2 = 0.25\n"
    assert [m.value for m in parse(right).measurements] == pytest.approx([180.0, 180.0])


def test_scenario_32_a_diameter_needs_its_unit_and_mm_taken_for_um_is_refused() -> None:
    diameter = count(0.06, "um", quantity="mean_diameter")
    refused = refusal(MAN + diameter)
    assert "value = 0.06 um is outside what is allowed" in refused
    assert 'did you mean unit = "mm"' in refused
    missing = refusal(MAN + "\n".join(line for line in diameter.splitlines() if "unit" not in line) + "\n")
    assert "unit is missing" in missing
    assert "um or mm" in missing
    assert "inch" in refusal(MAN + count(0.0024, "inch", quantity="mean_diameter"))
    (reading,) = parse(MAN + count(0.06, "mm", quantity="mean_diameter")).measurements
    assert reading.value == pytest.approx(60.0)
