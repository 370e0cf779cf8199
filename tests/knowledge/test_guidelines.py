"""Guideline grades: as written, for whom, never merged, and never without a source."""

from follicast.knowledge.guidelines import grades_of, guidelines, scales
from follicast.knowledge.load import sources, therapies


def test_every_grade_is_of_a_known_therapy_with_a_known_source_and_a_scale() -> None:
    for grade in guidelines():
        assert set(grade.therapies) <= set(therapies())
        assert grade.sources
        assert set(grade.sources) <= set(sources())
        assert grade.guideline in scales()


def test_a_grade_for_men_is_not_told_to_women() -> None:
    of_men, of_women = (
        {(g.guideline, g.grade) for g in grades_of("finasteride-oral", sex)} for sex in ("male", "female")
    )
    assert ("JDA 2017", "A") in of_men - of_women
    assert ("JDA 2017", "D") in of_women - of_men


def test_two_guidelines_stay_two() -> None:
    said = grades_of("light", "female")
    assert [g.guideline for g in said] == ["JDA 2017", "European S3 2018"]
    assert len({g.grade for g in said}) == 2
