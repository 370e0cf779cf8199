"""Speaking another language, and that nothing is left in English."""

import ast
import importlib.util
import json
import re
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from follicast.decisions.planning.plan import make_plan
from follicast.decisions.result import PlanResult
from follicast.inference.store import Store
from follicast.knowledge.load import Knowledge
from follicast.language import LANGUAGES, language, say, say_number, speaking
from follicast.outputs import wording
from follicast.outputs.report.page import render_report
from follicast.outputs.report.plan_json import render_json
from follicast.people.read import read_person
from follicast.quantities import InputError

PLACE = r"\{[\w.]+\}"


def test_english_is_spoken_unless_told_otherwise() -> None:
    assert language() == "en"
    assert say("none") == "none"


def test_a_language_is_spoken_inside_its_block_only() -> None:
    with speaking("zh-Hans"):
        assert say("none") == "无"
        assert language() == "zh-Hans"
    assert say("none") == "none"


def test_a_text_without_translation_stays_english() -> None:
    with speaking("zh-Hans"):
        assert say("a text that nobody has translated") == "a text that nobody has translated"


def test_values_stand_in_their_places_and_braces_mean_nothing_without_values() -> None:
    assert say("{a} of {b}", a=1, b=2) == "1 of 2"
    assert say("{not a place") == "{not a place"


def test_one_and_many_have_their_own_text() -> None:
    assert say_number("{number} session", "{number} sessions", 1) == "1 session"
    assert say_number("{number} session", "{number} sessions", 6) == "6 sessions"


def test_an_unknown_language_is_refused_with_what_is_allowed() -> None:
    with pytest.raises(InputError, match="allowed are en, zh-Hans"), speaking("xx"):
        pass


COLLECTOR = Path(__file__).parents[1] / "scripts" / "catalogues.py"


@pytest.fixture(scope="module")
def collector() -> ModuleType:
    """The command that collects every text, as a module."""
    spec = importlib.util.spec_from_file_location("catalogues", COLLECTOR)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["catalogues"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def found(collector: ModuleType) -> Any:
    return collector.collect()


def test_every_text_that_is_said_is_a_constant_or_comes_from_a_data_file(found: Any) -> None:
    assert found.unknown == []


def test_the_catalogues_are_up_to_date(collector: ModuleType, found: Any) -> None:
    stale = [path.name for path, text in collector.catalogues(found).items() if path.read_text() != text]
    assert stale == [], "run python scripts/catalogues.py"


@pytest.mark.parametrize("tag", [tag for tag in LANGUAGES if tag != "en"])
def test_every_text_has_a_translation_with_the_same_places(collector: ModuleType, found: Any, tag: str) -> None:
    path = collector.LANGUAGES / f"{tag}.po"
    assert collector.missing(found, path) == []
    assert "reviewed by:" in path.read_text().splitlines()[0]
    said = [(str(message.id), str(message.string)) for message in collector.read(path) if message.id]
    assert [key for key, text in said if sorted(re.findall(PLACE, key)) != sorted(re.findall(PLACE, text))] == []


def test_a_text_of_code_template_and_data_is_found(found: Any) -> None:
    assert "Oral finasteride 1 mg" in found.keys
    assert "What happens with nothing" in found.keys
    assert {"{number} month", "{number} months"} <= set(found.keys)
    assert "very low" in found.keys


def test_a_text_that_nobody_knows_is_reported(collector: ModuleType, tmp_path: Path) -> None:
    held = collector.Found()
    reader = collector._Reader(held, collector.SOURCE / "x.py", {collector.SOURCE / "x.py": {}})
    reader.visit(ast.parse("def f(x):\n    say(x)\n    say('plain')\n    say(f'{x} made up')\n"))
    assert list(held.keys) == ["plain"]
    assert len(held.unknown) == 2


# Words of names, units, programs and files that stay as they are in a Chinese text.
STAY = set(
    "PRP DHT FDA EMA JDA European Norwood Hamilton Ludwig Sinclair BASP Pareto Follicast follicast doctor facts replay "
    "USD EUR plan json products examination medications overrides mood_history phq2 heart_disease toml medicines IND "
    "kenogen SALT PHQ PSA TSH DHEAS SHBG INR ACE VDRL ANA ENA Rakowska TrichoScan Sebumeter".split()
)


def test_a_chinese_report_has_no_english_left(
    knowledge: Knowledge, store: Store, example: Callable[[str], PlanResult]
) -> None:
    example("man-40")  # what it simulated is in the store
    path = Path(__file__).parents[1] / "examples" / "man-40.toml"
    with speaking("zh-Hans"):
        person = read_person(path, knowledge.therapies, date(2026, 11, 20))
        result = make_plan(person, knowledge, 0, store=store)
    assert result.language == "zh-Hans"
    page = render_report(result).decode()
    own = {person.label, *(proposal.name for proposal in person.proposals)}
    page = re.sub(r"<style\b.*?</style>|<[ou]l class=\"sources\">.*?</[ou]l>", " ", page, flags=re.DOTALL)
    text = re.sub(r"<[^>]+>", " ", page).replace("&#39;", "'")
    for words in own:
        text = text.replace(words, " ")
    text = re.sub(r"[0-9a-f]{12,}|[A-Z0-9]+(?:-[A-Z0-9]+)+", " ", text)
    left = {word for word in re.findall(r"[A-Za-z_]{3,}", text) if word not in STAY}
    assert left == set()
    assert "头顶" in text
    assert 'lang="zh-Hans"' in page


def test_machine_words_stay_english_in_a_chinese_plan(example: Callable[[str], PlanResult]) -> None:
    result = example("minimal").model_copy(update={"language": "zh-Hans"})
    data = json.loads(render_json(result))
    assert data["language"] == "zh-Hans"
    assert {candidate["certainty"] for candidate in data["candidates"]} <= {"high", "moderate", "low", "very low"}


def test_dates_lists_and_signs_follow_the_language() -> None:
    day = date(2026, 9, 3)
    assert wording.long_date(day) == "3 September 2026"
    with speaking("zh-Hans"):
        assert wording.long_date(day) == "2026年9月3日"
        assert wording.listed(["甲", "乙", "丙"]) == "甲、乙和丙"
        assert wording.typeset("自2026-09-03起, 变化-3 cm2") == "自2026年9月3日起，变化−3 cm²"
        assert wording.typeset("+37 根/cm2") == "+37根/cm²"
        assert wording.counted(1, "month") == "1个月"
        assert wording.of_ten(0.8) == "10人中8人"


def test_a_chinese_label_is_cut_into_lines_between_characters() -> None:
    lines = wording.wrapped("口服非那雄胺1 mg，外用米诺地尔5 %，每日两次，长期使用", 20, 3)
    assert all(wording.width(line) <= 22 for line in lines)
    assert not any(line.startswith(("，", "。")) for line in lines)


HAN = r"[\u4e00-\u9fff]"


def test_no_chinese_text_has_a_western_sign_after_a_chinese_character(collector: ModuleType) -> None:
    messages = [m for m in collector.read(collector.LANGUAGES / "zh-Hans.po") if m.id and m.string]
    wrong = [str(m.string) for m in messages if re.search(rf"{HAN}[,;:!?]|{HAN}\.(?![\w.])", str(m.string))]
    assert wrong == []


def test_words_that_read_badly_in_chinese_do_not_come_back(collector: ModuleType) -> None:
    messages = [m for m in collector.read(collector.LANGUAGES / "zh-Hans.po") if m.id and m.string]
    for bad in ("假仪器", "假治疗", "法律地位", "运气较差", "十分之"):
        assert [str(m.string) for m in messages if bad in str(m.string)] == []


def test_places_have_chinese_names() -> None:
    with speaking("zh-Hans"):
        assert [wording.place(code) for code in ("US", "EU", "JP", "NZ")] == ["美国", "欧盟", "日本", "NZ"]
    assert wording.place("US") == "US"
