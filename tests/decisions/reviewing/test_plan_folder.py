"""The folder of a plan is read whole, or refused in one sentence."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.outputs.exchange.fhir.made import man_plan
from tests.outputs.review.reviews import a_forecast
from tests.people.files import parse

from follicast.decisions.reviewing.plan_folder import (
    kept_names,
    next_kept_name,
    read_plan_folder,
    refuse_another_person,
)
from follicast.outputs.report.plan_json import render_record
from follicast.outputs.review.forecast_file import forecast_files
from follicast.outputs.write import write_files
from follicast.people.person import Person
from follicast.quantities import InputError


def test_an_earlier_forecast_is_kept_byte_for_byte_and_the_same_one_is_not_kept_twice(tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    first, second = a_forecast(), a_forecast(follicast_version="99.0")
    write_files(forecast_files(first, folder), folder)
    assert forecast_files(first, folder) == {"forecast.json": render_record(first)}
    write_files(forecast_files(first, folder), folder)
    assert kept_names(folder) == []
    write_files(forecast_files(second, folder), folder)
    assert (folder / "forecast-1.json").read_bytes() == render_record(first)
    assert (folder / "forecast.json").read_bytes() == render_record(second)
    write_files(forecast_files(first, folder), folder)
    assert kept_names(folder) == ["forecast-1.json", "forecast-2.json"]
    assert next_kept_name(folder) == "forecast-3.json"
    found = read_plan_folder(folder)
    assert [name for name, _ in found.forecasts] == ["forecast-1.json", "forecast-2.json", "forecast.json"]
    assert [f.follicast_version for _, f in found.forecasts] == [
        first.follicast_version,
        "99.0",
        first.follicast_version,
    ]
    assert (found.plan, found.schedule) == (None, None)


def test_kept_forecasts_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for number in (10, 2, 1):
        (tmp_path / f"forecast-{number}.json").write_text("{}")
    (tmp_path / "forecast-old.json").write_text("{}")
    assert kept_names(tmp_path) == ["forecast-1.json", "forecast-2.json", "forecast-10.json"]
    assert next_kept_name(tmp_path) == "forecast-11.json"


@pytest.mark.parametrize("text", ["", "{}", "[", '{"schema_version": 1, "seed": "x"}', "\x00"])
def test_a_forecast_that_is_none_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "forecast.json").write_text(text)
    with pytest.raises(InputError, match=r"forecast\.json: cannot be read"):
        read_plan_folder(tmp_path)


def test_a_folder_without_a_forecast_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"forecast\.json is missing"):
        read_plan_folder(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        read_plan_folder(tmp_path / "nowhere")


def test_a_plan_of_other_fields_is_left_aside_because_the_forecast_counts(tmp_path: Path) -> None:
    (tmp_path / "forecast.json").write_bytes(render_record(a_forecast()))
    (tmp_path / "plan.json").write_text('{"schema_version": 99}')
    assert read_plan_folder(tmp_path).plan is None


def test_a_plan_is_for_one_sex_and_one_year_of_birth() -> None:
    plan = man_plan()
    man = parse(f'as_of = {plan.as_of}\n[person]\nsex = "male"\nage = {plan.person.age_years}\n')
    later = replace(man, as_of=plan.as_of + timedelta(days=730), age_years=man.age_years + 2.0)
    for same in (man, later, replace(later, age_years=man.age_years + 1.0), replace(man, label="renamed")):
        refuse_another_person(same, plan)
    refuse_another_person(man, None)
    others: list[Person] = [replace(man, sex="female"), replace(man, age_years=man.age_years + 9.0)]
    for other in others:
        with pytest.raises(
            InputError, match=r"this person file is of a .* born about .*, the plan of a male born about"
        ):
            refuse_another_person(other, plan)
