"""All therapies side by side, and what the answer says of its plan beyond the gain."""

from collections.abc import Callable

import pytest

from follicast.decisions.result import PlanResult
from follicast.knowledge.load import Knowledge

Example = Callable[[str], PlanResult]


@pytest.mark.parametrize("name", ["man-40", "woman-45"])
def test_every_therapy_stands_in_the_comparison_once_the_excluded_last_with_the_reason(
    example: Example, knowledge: Knowledge, name: str
) -> None:
    result = example(name)
    rows = result.comparison
    assert sorted(row.therapy for row in rows) == sorted(knowledge.therapies)
    assert [row.excluded is not None for row in rows] == sorted(row.excluded is not None for row in rows)
    assert {row.therapy: row.excluded for row in rows if row.excluded} == {e.therapy: e.reason for e in result.excluded}
    for row in rows:
        assert (row.gain is None) == (row.rank is None) == (row.stopping is None)


def test_a_row_agrees_with_the_candidate_of_that_therapy_alone(example: Example) -> None:
    result = example("man-40")
    alone = {c.therapies[0]: c for c in result.candidates if c.id == "+".join(c.therapies) and len(c.therapies) == 1}
    rows = [row for row in result.comparison if row.therapy in alone]
    assert len(rows) > 5
    for row in rows:
        candidate = alone[row.therapy]
        assert row.gain == candidate.gain
        assert row.rank == candidate.rank
        assert row.unseen == candidate.unseen
        assert row.harm_score == pytest.approx(candidate.harm_score)
        assert row.cost_per_year.low == pytest.approx(candidate.cost.low / (result.horizon_days / 365.25))
        assert row.not_recommended == candidate.not_recommended


def test_first_seen_is_never_where_the_median_gain_stays_below_what_counts_show(example: Example) -> None:
    result = example("man-40")
    for row in result.comparison:
        if row.gain is None:
            continue
        top = row.peak.median if row.peak else 0.0
        assert (row.onset_month is not None) == (top > result.smallest_detectable_change)


def test_guideline_grades_and_legal_status_stand_as_written(example: Example, knowledge: Knowledge) -> None:
    rows = {row.therapy: row for row in example("man-40").comparison}
    assert ("JDA 2017", "A") in {(g.guideline, g.grade) for g in rows["finasteride-oral"].guidelines}
    assert all(g.verify for row in rows.values() for g in row.guidelines)
    for name, row in rows.items():
        known = knowledge.therapies[name].status
        assert {*row.stands_in, *row.not_in} == {status.jurisdiction for status in known}


def test_a_line_left_out_loses_what_it_adds_and_saves_its_cost(example: Example) -> None:
    result = example("man-40")
    ids = {c.id: c for c in result.candidates}
    assert result.lines
    for line in result.lines:
        out = line.left_out
        assert out is not None
        assert out.loses == line.adds.median
        assert out.saves == line.cost
        assert out.rank > 1
        rest = "+".join(name for name in ids[result.chosen].therapies if name != line.therapy)
        if rest in ids and ids[rest].not_recommended is None:
            assert out.rank == ids[rest].rank
            assert out.value == pytest.approx(ids[rest].value)
            assert out.visits == ids[result.chosen].clinic_visits - ids[rest].clinic_visits


def test_kept_and_regained_hairs_add_up_to_the_gain_in_the_mean_of_a_certain_split(example: Example) -> None:
    for c in example("man-40").candidates:
        assert c.loss_avoided is not None
        assert c.regained is not None
        if c.id == "none":
            assert (c.loss_avoided.median, c.regained.median) == (0.0, 0.0)
        else:
            assert c.loss_avoided.hi80 + c.regained.hi80 >= c.gain_nonvellus.median


def test_probabilities_of_seeing_nothing_are_the_other_side_of_seeing_something(example: Example) -> None:
    for c in example("man-40").candidates:
        assert c.unseen == pytest.approx(1.0 - c.improves_probability)


def test_the_plan_says_its_doses_when_it_can_be_judged_and_what_stopping_leaves(example: Example) -> None:
    result = example("man-40")
    assert "80 %" in result.adherence
    assert "all and half of the doses are shown" in result.adherence
    assert result.half is not None
    assert result.full is not None
    assert result.half.gain.median <= result.full.gain.median
    assert result.stopping is not None
    assert result.stop_rule is not None
    assert result.schema_version == 2
