from __future__ import annotations

import itertools
from datetime import date

import pytest

from follicast.decisions.result import Cost, Interval
from follicast.outputs import wording
from follicast.outputs.report.bands import nice_ticks, spread


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (-4.4, "hairs/cm2", "−4"),
        (-0.3, "hairs/cm2", "0"),
        (0.486, "fraction", "49"),
        (53.04, "um", "53.0"),
        (-3650.0, "hairs/year", "−3,600"),
        (-959.0, "hairs/year", "−960"),
        (86400.0, "hairs", "86,000"),
        (99.6, "hairs/day", "100"),
    ],
)
def test_number(value: float, unit: str, text: str) -> None:
    assert wording.number(value, unit) == text


@pytest.mark.parametrize(("value", "text"), [(9.2, "+9"), (0.2, "0"), (-0.2, "0"), (-4.0, "−4")])
def test_signed(value: float, text: str) -> None:
    assert wording.signed(value) == text


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.0, "fewer than 1 of 10"), (0.04, "fewer than 1 of 10"), (0.46, "5 of 10"), (0.97, "more than 9 of 10")],
)
def test_natural_frequency(share: float, words: str) -> None:
    assert wording.of_ten(share) == words


def test_dates_do_not_depend_on_the_locale() -> None:
    assert wording.long_date(date(2026, 3, 2)) == "2 March 2026"
    assert wording.short_date(date(2026, 9, 30)) == "30 Sep 2026"


def test_typeset_says_dates_in_words() -> None:
    assert wording.typeset("graded on 2026-03-02 (self)") == "graded on 2 March 2026 (self)"


def test_typeset_sets_units() -> None:
    assert wording.typeset("53 um at the vertex, 144 +- 7 per cm2") == "53 µm at the vertex, 144 ± 7 per cm²"


def test_signs_before_english_quotes_stay_english() -> None:
    assert wording.wide_signs("fitted to facts (2026). “follicast doctor” shows more") == (
        "fitted to facts (2026). “follicast doctor” shows more"
    )


def test_typeset_leaves_names_and_ranges_alone() -> None:
    text = "PMID 2026-13-02, 5-alpha-reductase, between -4 and 24 per cm2, DOI 10.1/x-3"
    assert wording.typeset(text) == "PMID 2026-13-02, 5-alpha-reductase, between −4 and 24 per cm², DOI 10.1/x-3"


def test_labels_inside_sentences() -> None:
    assert wording.spoken("Finasteride, oral") == "oral finasteride"
    assert wording.spoken("PRP") == "PRP"
    assert wording.listed(["a", "b", "c"]) == "a, b and c"


def test_wrapped_labels_have_at_most_two_lines() -> None:
    lines = wording.wrapped("finasteride + minoxidil + exosomes + shampoo + light + microneedling", 20, 2)
    assert len(lines) == 2
    assert lines[-1].endswith("…")
    assert all(len(line) <= 20 for line in lines)


def test_money() -> None:
    assert wording.money(Cost(low=0, high=0, currency="EUR", basis="")) == "none"
    assert wording.money(Cost(low=100, high=100, currency="EUR", basis="")) == "EUR 100"
    assert wording.money(Cost(low=100, high=1200, currency="USD", basis="")) == "USD 100 to 1,200"


def test_includes_zero() -> None:
    interval = Interval(median=3, lo50=1, hi50=5, lo80=-1, hi80=7, unit="hairs/cm2")
    assert wording.includes_zero(interval)
    assert not wording.includes_zero(interval.model_copy(update={"lo80": 0.5}))
    assert wording.between(interval, sign=True) == "−1 to +7"


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 183), (-6400, 100), (45.2, 59.9), (0.0, 0.0), (53.0, 53.0)])
def test_ticks_span_the_data(low: float, high: float) -> None:
    ticks = nice_ticks(low, max(high, low + 1e-6), 5)
    assert ticks[0] <= low
    assert ticks[-1] >= high
    assert ticks == sorted(set(ticks))


def test_labels_are_moved_apart_and_stay_inside() -> None:
    placed = spread([50.0, 51.0, 49.0, 100.0], 12.0, 0.0, 100.0)
    assert all(0.0 <= at <= 100.0 for at in placed)
    ordered = sorted(placed)
    assert all(b - a >= 12.0 - 1e-9 for a, b in itertools.pairwise(ordered))
    assert placed[2] < placed[0] < placed[1]
