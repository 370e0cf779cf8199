"""The ledger as it is shown: on the screen, as a page, as JSON, in docs/."""

import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from follicast.cli import main
from follicast.decisions.claims.result import Cell, shipped_results
from follicast.knowledge.claim_tests import claim_tests
from follicast.knowledge.claims import claims
from follicast.knowledge.load import sources
from follicast.outputs.claims import ledger as words
from follicast.outputs.claims.figure import figure_of
from follicast.outputs.claims.ledger import as_data, finding_words, ledger, render_json
from follicast.outputs.claims.markdown import claims_page
from follicast.outputs.claims.page import render_page
from follicast.outputs.claims.terminal import print_list
from follicast.quantities import InputError

ROOT = Path(__file__).parents[3]


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["claims", *arguments]) == 0
    return capsys.readouterr().out


def page(name: str | None = None) -> str:
    return render_page(ledger(name)).decode()


def test_the_list_has_every_claim_on_one_line_with_its_verdict_and_reason(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys).splitlines()
    assert lines[0].startswith(f"Of {len(claims())} claims")
    for claim in claims().values():
        (line,) = [line for line in lines if f" {claim.id} " in line]
        assert f" {claim.verdict} " in line
        assert line.endswith(claim.short)


def test_the_list_is_made_without_the_simulator() -> None:
    program = (
        "import sys; from follicast.cli import main; main(['claims']); "
        "print(*({'numpy', 'numba', 'scipy', 'jinja2'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT / "src")
    assert done.stderr.split() == []
    assert "fda-approved" in done.stdout


def test_a_verdict_chooses_and_the_counts_follow(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "--verdict", "false")
    wrong = [claim for claim in claims().values() if claim.verdict == "false"]
    assert text.startswith(f"Of {len(wrong)} claims 0 are supported")
    assert "fda-approved" in text
    assert "minoxidil-stimulates" not in text


def test_a_name_shows_the_whole_claim_with_its_simulation_and_sham_row(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "first-case")
    claim = claims()["first-case"]
    for part in (claim.quote, claim.why, claim.fair, sources()[claim.sources[0]].text, "Six sham sessions"):
        assert part in text
    assert "What it cannot show:" in text


def test_a_claim_comes_before_a_test_of_the_same_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert "two-weeks" in claims()
    assert "two-weeks" in claim_tests()
    assert "Fair to say" in printed(capsys, "two-weeks")
    assert "Fair to say" not in printed(capsys, "six-sessions")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "claim 'nonsense' is not in the ledger; allowed: follicle-root-cause"),
        (["--verdict", "wrong"], "--verdict 'wrong' is none; allowed: supported, partly"),
    ],
)
def test_what_is_not_there_is_refused_in_a_sentence(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["claims", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_terminal_without_other_letters_is_told_the_same_in_plain_ones() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    print_list(ledger(), console=Console(file=stream, width=200))
    stream.flush()
    stream.seek(0)
    text = stream.read()
    assert "x false" in text
    assert "? untested" in text


def test_a_folder_holds_the_page_and_the_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "--out", str(tmp_path / "ledger"))
    assert sorted(path.name for path in (tmp_path / "ledger").iterdir()) == ["claims.html", "claims.json"]
    assert json.loads((tmp_path / "ledger/claims.json").read_text()) == as_data(ledger())
    assert str(tmp_path / "ledger" / "claims.html") in text


def test_where_a_file_stands_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    assert main(["claims", "--out", str(tmp_path / "taken")]) == 2
    assert (tmp_path / "taken").read_text() == "mine"


def test_the_json_is_what_the_guide_says(capsys: pytest.CaptureFixture[str]) -> None:
    data = json.loads(printed(capsys, "--json"))
    guide = (ROOT / "docs/guide/claims.md").read_text()
    assert sum(data["counts"].values()) == len(data["claims"]) == len(claims())
    result = data["tests"][0]["result"]
    for table in (data, data["claims"][0], data["tests"][0], data["tests"][0]["columns"][0], result, result["arms"][0]):
        assert [key for key in table if f"`{key}" not in guide] == []
    for claim in data["claims"]:
        assert set(claim["sources"]) <= set(data["sources"])


def test_the_page_has_every_claim_and_every_sham_row_and_asks_nothing_of_the_net() -> None:
    html = page()
    for claim in claims().values():
        assert f'id="claim-{claim.id}"' in html
    for test in claim_tests().values():
        assert f'id="test-{test.id}"' in html
    shams = sum(arm.sham for test in claim_tests().values() for arm in test.arms)
    assert html.count('<tr class="sham">') == shams >= 8
    assert "<script" not in html
    assert re.findall(r"(?:src|href)=\"(?!#|https?://|data:,)[^\"]*\"", html) == []
    assert re.findall(r"(?:src=|@import|url\()[\"']?https?:", html) == []


def test_every_link_within_the_page_leads_somewhere() -> None:
    for name in (None, "first-case", "oil"):
        html = page(name)
        assert set(re.findall(r'href="#([^"]+)"', html)) <= set(re.findall(r'\bid="([^"]+)"', html))


def test_a_verdict_is_told_by_word_and_by_a_shape_of_its_own() -> None:
    html = page()
    drawn = re.findall(r'<li>(<svg class="shape".*?</svg>)', html)
    assert len({re.sub("#[0-9a-f]{6}", "", shape) for shape in drawn}) == len(words.VERDICT_WORDS)
    assert all(f">{word}</strong>" in html for word in words.VERDICT_WORDS.values())


def test_a_result_of_other_numbers_is_shown_with_a_warning() -> None:
    old = replace(shipped_results()["oil"], made_of="something else")
    book = ledger("oil", results={"oil": old})
    assert book.stale(book.tests[0])
    assert "have changed since it was run" in render_page(book).decode()
    assert json.loads(render_json(book))["tests"][0]["result"]["current"] is False
    assert "have changed since it was run" not in page("oil")


@pytest.mark.parametrize("name", list(claim_tests()))
def test_a_finding_has_a_number_in_every_place_and_the_figure_a_mark_for_every_cell(name: str) -> None:
    test, result = claim_tests()[name], shipped_results()[name]
    said = finding_words(test, result)
    assert "{" not in said
    assert "not known" not in said
    wide, narrow = figure_of(test, result)
    marks = len(test.arms) * len(test.figure) + len(test.figure)
    for drawing in (wide, narrow):
        found = drawing.count("<circle") + drawing.count("l6.5 6.5") + drawing.count('width="10" height="10"')
        assert found == marks
        lefts = [float(x) for x in re.findall(r'(?:cx|x)="(-?[\d.]+)"', drawing)]
        width = float(re.findall(r'viewBox="0 0 ([\d.]+)', drawing)[0])
        assert min(lefts) >= 0.0
        assert max(lefts) <= width


def test_numbers_are_written_with_sign_and_share_as_they_are_read() -> None:
    columns = {c.key: c for c in claim_tests()["six-sessions"].columns}
    gain, counted = columns["gain6"], columns["counted"]
    assert words.cell_words(Cell(8.6, 1.6, 23.0, 0.4), gain) == "+9 (+2 to +23)"
    assert words.cell_words(Cell(-0.2, -3.4, 2.0, 0.4), gain) == "0 (−3 to +2)"
    assert words.cell_words(Cell(0.314, None, None, 0.02), counted) == "31 of 100"
    assert words.table_cell(Cell(0.314, None, None, 0.021), counted) == "31 ± 2"
    assert words.table_cell(Cell(None, None, None, None), counted) == "-"
    kept = {c.key: c for c in claim_tests()["stopping"].columns}["kept"]
    assert words.cell_words(Cell(0.41, None, None, 0.02), kept) == "41 %"


def test_the_page_in_docs_is_that_of_the_ledger() -> None:
    assert (ROOT / "docs/claims.md").read_text(encoding="utf-8") == claims_page(), (
        "run: python -m follicast.outputs.claims.markdown > docs/claims.md"
    )


def test_no_text_of_the_ledger_shouts_or_sells() -> None:
    text = claims_page()
    assert "!" not in text
    assert re.findall(r"\b(?:miracle|amazing|revolutionary|guaranteed)\b", text) == []


def test_a_ledger_of_nothing_that_exists_is_refused() -> None:
    with pytest.raises(InputError, match="not in the ledger"):
        ledger("nothing-of-the-kind")
