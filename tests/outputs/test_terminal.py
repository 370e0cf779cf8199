from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console
from tests.outputs.fixture import ALL, man_of_40, minimal

from follicast.outputs.terminal import Progress, print_summary


def _printed(name: str, width: int = 80) -> str:
    stream = io.StringIO()
    print_summary(
        ALL[name](), [Path("out/report.html"), Path("out/plan.json")], console=Console(file=stream, width=width)
    )
    return stream.getvalue()


@pytest.mark.parametrize("name", ALL)
def test_one_screen_answer_first_report_last(name: str) -> None:
    text = _printed(name, width=100)
    lines = text.rstrip("\n").split("\n")
    assert len(lines) <= 30
    assert lines[0].startswith(ALL[name]().answer[:30])
    assert lines[-1] == "Report: out/report.html"
    assert "\x1b" not in text
    assert all(len(line) <= 100 for line in lines)
    assert "!" not in text


def test_says_when_the_forecast_is_not_to_be_trusted() -> None:
    assert "Warning: this forecast is weakly founded" in _printed("minimal")
    assert "Warning" not in _printed("man-40")


def test_what_may_not_be_recommended_is_said_to_be_compared_only() -> None:
    result = man_of_40()
    rest = [c for c in result.candidates if c.id not in (result.chosen, "none")]
    first = min(rest, key=lambda c: c.rank)
    barred = [
        c.model_copy(update={"not_recommended": "Not asked for." if c is first else None}) for c in result.candidates
    ]
    stream = io.StringIO()
    print_summary(result.model_copy(update={"candidates": barred}), [], console=Console(file=stream, width=200))
    (line,) = [line for line in stream.getvalue().splitlines() if "(compared only)" in line]
    assert line.startswith(f"{first.rank}. ")


def test_columns_line_up() -> None:
    rows = [line for line in _printed("man-40").split("\n") if line.startswith(("Finasteride,", "Stem-cell"))]
    assert len({row.index("EUR") for row in rows}) == 1


def test_colour_only_on_a_terminal() -> None:
    stream = io.StringIO()
    print_summary(
        man_of_40(), [], console=Console(file=stream, width=90, force_terminal=True, color_system="truecolor")
    )
    assert "\x1b[" in stream.getvalue()


def test_ascii_streams_get_ascii() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    print_summary(man_of_40(), [Path("report.html")], console=Console(file=stream, width=80))
    stream.flush()
    assert b"-6 to +9" in raw.getvalue()


def test_progress_speaks_once_a_step_where_there_is_no_terminal() -> None:
    stream = io.StringIO()
    with Progress(console=Console(file=stream)) as progress:
        for fraction in (0.0, 0.5, 1.0):
            progress.step("Fitting", fraction)
        progress.step("Drawing", 1.0)
    assert stream.getvalue() == "Fitting ...\nDrawing ...\n"


def test_progress_is_silent_when_quiet() -> None:
    stream = io.StringIO()
    with Progress(quiet=True, console=Console(file=stream, force_terminal=True)) as progress:
        progress.step("Fitting", 0.5)
    assert stream.getvalue() == ""


def test_progress_writes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress() as progress:
        progress.step("Fitting", 0.1)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Fitting" in captured.err


def test_progress_draws_a_bar_on_a_terminal() -> None:
    stream = io.StringIO()
    with Progress(console=Console(file=stream, force_terminal=True, width=80)) as progress:
        progress.step("Fitting", 0.25)
        progress.step("Fitting", 2.0)
    assert "Fitting" in stream.getvalue()


def test_minimal_has_no_empty_table() -> None:
    assert "Other plans" not in _printed("minimal")
    assert minimal().schedule == []
    assert "Dates" not in _printed("minimal")
