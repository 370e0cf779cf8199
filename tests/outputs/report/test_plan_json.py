from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.outputs.fixture import ALL, HAIRS, interval, man_of_40

from follicast.decisions.result import PlanResult
from follicast.outputs.report.plan_json import json_schema, reference_page, render_json

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "plan-json.md"


@pytest.mark.parametrize("name", ALL)
def test_same_answer_same_bytes_and_readable_back(name: str) -> None:
    result = ALL[name]()
    data = render_json(result)
    assert data == render_json(ALL[name]())
    again = PlanResult.model_validate_json(data)
    assert render_json(again) == data
    assert data.endswith(b"}\n")


def test_last_bits_of_a_sum_do_not_matter() -> None:
    result = man_of_40()
    nudged = result.model_copy(update={"smallest_detectable_change": 14.0 * (1 + 1e-12)})
    assert render_json(nudged) == render_json(result)
    other = result.model_copy(update={"smallest_detectable_change": 14.01})
    assert render_json(other) != render_json(result)


def test_keys_are_sorted_and_minus_zero_is_zero() -> None:
    result = man_of_40(smallest_detectable_change=-0.0)
    data = json.loads(render_json(result), object_pairs_hook=list)
    keys = [key for key, _ in data]
    assert keys == sorted(keys)
    assert '"smallest_detectable_change": 0.0' in render_json(result).decode()


def test_number_lists_stand_on_one_line_and_text_is_untouched() -> None:
    tricky = "a list [\n1,\n2\n] inside words"
    text = render_json(man_of_40(unknowns=[tricky])).decode()
    assert json.loads(text)["unknowns"] == [tricky]
    assert any(line.strip().startswith('"q50": [') and line.rstrip().endswith("],") for line in text.splitlines())


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_refuses_what_is_not_a_number(bad: float) -> None:
    result = man_of_40()
    pool = result.pool.model_copy(update={"hairs_now": interval(1.0, 1.0, HAIRS).model_copy(update={"median": bad})})
    with pytest.raises(ValueError, match="finite"):
        render_json(result.model_copy(update={"pool": pool}))


def test_reference_page_is_current() -> None:
    assert REFERENCE.read_text(encoding="utf-8") == reference_page(), (
        "run: python -m follicast.outputs.report.plan_json > docs/reference/plan-json.md"
    )


def test_every_field_is_documented() -> None:
    page = reference_page()
    for definition in [json_schema(), *json_schema()["$defs"].values()]:
        for field in definition.get("properties", {}):
            assert f"| `{field}` |" in page
