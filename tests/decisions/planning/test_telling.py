"""When a count can tell, by which count, and the plan begun line by line."""

from datetime import date

import numpy as np
import pytest

from follicast.decisions.planning.candidates import option
from follicast.decisions.planning.telling import fast_first, staged, stop_rule
from follicast.decisions.planning.workbench import Workbench
from follicast.decisions.result import StopRule
from follicast.inference.forecast import Regimen
from follicast.inference.store import Store
from follicast.knowledge.load import Knowledge
from follicast.people.person import Measurement, Person

TODAY = date(2026, 11, 20)
MAN = Person(
    as_of=TODAY, label="", sex="male", age_years=36.0, jurisdiction="US", ancestry="caucasian", years_of_loss=(5.0, 6.0)
)
ALL = ("finasteride-oral", "minoxidil-topical-5", "light")


@pytest.fixture
def bench(store: Store, knowledge: Knowledge) -> Workbench:
    return Workbench(MAN, knowledge, 0, store, lambda *_: None)


def course(bench: Workbench, a_month: float) -> np.ndarray:
    """Every member at 120 today, and so many hairs more each month."""
    members = bench.posterior.weights.size
    return 120.0 + a_month * np.arange(25.0)[:, None] * np.ones(members)[None, :]


def test_what_grows_fast_can_be_told_soon_and_what_does_nothing_never(bench: Workbench) -> None:
    fast, slow, none = (stop_rule(bench, course(bench, m), course(bench, 0.0), "in the plan") for m in (3.0, 1.0, 0.0))
    assert fast.month is not None
    assert slow.month is not None
    assert 3 <= fast.month < slow.month
    assert (none.month, none.threshold) == (None, None)
    assert none.probability == pytest.approx(0.10, abs=0.03)
    assert "cannot tell within 24 months" in none.words


def test_the_threshold_lies_where_nine_of_ten_of_those_who_respond_read_above(bench: Workbench) -> None:
    rule = stop_rule(bench, course(bench, 3.0), course(bench, 0.0), "in the plan")
    assert rule.month is not None
    assert rule.threshold is not None
    error = np.sqrt(2.0) * bench.knowledge.parameters["instrument.count_sd_matched"].value
    assert rule.threshold == pytest.approx(120.0 + 3.0 * rule.month - 1.2816 * error, abs=0.2 * error)
    assert rule.probability >= 0.8
    assert f"at month {rule.month}" in rule.words
    assert f"below {rule.threshold:.0f} per cm2" in rule.words


def test_the_rule_is_counted_from_the_persons_own_count_where_there_is_one(store: Store, knowledge: Knowledge) -> None:
    read = Measurement(TODAY, "vertex", "total_density", 150.0, None, 1.0, None, None, False)
    person = Person(**{f: getattr(MAN, f) for f in MAN.__slots__ if f != "measurements"}, measurements=(read,))
    bench = Workbench(person, knowledge, 0, store, lambda *_: None)
    rule = stop_rule(bench, course(bench, 3.0), course(bench, 0.0), "in the plan")
    assert "about 150" in rule.words


def test_no_rule_tells_anybody_to_stop_a_drug(bench: Workbench) -> None:
    rule = stop_rule(bench, course(bench, 3.0), course(bench, 0.0), "in the plan")
    assert "ask who prescribed it" in rule.words


def test_the_fast_line_comes_first_and_surgery_last(bench: Workbench) -> None:
    weeks = [bench.knowledge.therapies[name].onset_weeks.value for name in fast_first(bench, ALL)]
    assert weeks == sorted(weeks)
    assert fast_first(bench, ("transplant", *ALL))[-1] == "transplant"


def test_one_line_at_a_time_waits_until_the_one_before_can_be_judged(bench: Workbench, knowledge: Knowledge) -> None:
    made = option(MAN, knowledge, ALL, bench.horizon_days)
    outlook, nothing = bench.outlook(made.regimen), bench.outlook(Regimen())
    rule = StopRule(basis="begun alone", month=5, threshold=100.0, probability=0.9, words="")
    whole, gain = outlook.density[-1], outlook.density[-1] - nothing.density[-1]
    found = staged(bench, made, lambda _: rule, gain, whole)
    assert found is not None
    assert [name for name, _, _ in found.starts] == fast_first(bench, ALL)
    assert [day for _, day, _ in found.starts] == [0, 152, 304]
    assert found.costs.lo80 <= found.costs.median <= found.costs.hi80
    assert found.gain.median == pytest.approx(np.median(gain) - found.costs.median, abs=6.0)
    assert "month 5" in found.starts[1][2]


def test_a_single_line_cannot_be_staged(bench: Workbench, knowledge: Knowledge) -> None:
    made = option(MAN, knowledge, ("light",), bench.horizon_days)
    assert staged(bench, made, lambda _: None, np.zeros(1), np.zeros(1)) is None  # type: ignore[arg-type, return-value]
