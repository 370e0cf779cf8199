"""Harms of a therapy for one person: natural frequencies, and one score that not-known does not make zero."""

from dataclasses import replace

import pytest

from follicast.decisions.planning.harms import harm_score, harms_of, in_words
from follicast.knowledge.load import Knowledge
from follicast.knowledge.therapy import TherapyHarm

HARM = TherapyHarm("Any", "3.8 %", "2.1 %", (), per_100=3.8, control_per_100=2.1, among="men", severity="moderate")


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (HARM, "Of 100 men, 4 with it and 2 on placebo."),
        (replace(HARM, per_100=1.8, control_per_100=1.3), "Of 1,000 men, 18 with it and 13 on placebo."),
        (replace(HARM, control_per_100=None), "Of 100 men, 4 with it; no control arm was read."),
        (replace(HARM, control="minoxidil alone", among="women"), "Of 100 women, 4 with it and 2 on minoxidil alone."),
        (replace(HARM, per_100=None, control_per_100=None), "How often is not known."),
        (replace(HARM, per_100=None, control_per_100=None, severity=None), ""),
    ],
)
def test_a_harm_is_told_of_people_not_of_per_cent(harm: TherapyHarm, words: str) -> None:
    assert in_words(harm) == words


def score_of(knowledge: Knowledge, *harms: TherapyHarm, sex: str = "male") -> float:
    return harm_score(replace(knowledge.therapies["light"], harms=harms), sex, knowledge)


def test_only_the_excess_over_the_control_arm_counts(knowledge: Knowledge) -> None:
    weight = knowledge.parameters["preference.harm.moderate"].value
    assert score_of(knowledge, HARM) == pytest.approx(0.017 * weight)
    assert score_of(knowledge, replace(HARM, control_per_100=None)) == pytest.approx(0.038 * weight)
    assert score_of(knowledge, replace(HARM, control_per_100=5.0)) == 0.0
    assert score_of(knowledge, replace(HARM, severity=None)) == 0.0


def test_a_harm_without_a_rate_is_not_taken_for_none(knowledge: Knowledge) -> None:
    unread = replace(HARM, per_100=None, control_per_100=None, severity="serious")
    rate = knowledge.parameters["preference.unread.serious"].value
    assert score_of(knowledge, unread) == pytest.approx(
        rate / 100.0 * knowledge.parameters["preference.harm.serious"].value
    )
    told = harms_of(replace(knowledge.therapies["light"], harms=(unread,)), "male", knowledge)[0]
    assert (told.assumed, told.counted_per_100) == (True, rate)


def test_a_rate_seen_in_women_is_told_to_a_man_and_not_weighed(knowledge: Knowledge) -> None:
    hers = replace(HARM, among="women")
    assert score_of(knowledge, hers) == 0.0 < score_of(knowledge, hers, sex="female")
    (told,) = harms_of(replace(knowledge.therapies["light"], harms=(hers,)), "male", knowledge)
    assert told.counted_per_100 is None
    assert "women" in told.words


def test_adding_a_harm_never_lowers_the_score(knowledge: Knowledge) -> None:
    for therapy in knowledge.therapies.values():
        for sex in ("male", "female"):
            parts = [harm_score(replace(therapy, harms=therapy.harms[:k]), sex, knowledge) for k in range(5)]
            assert parts == sorted(parts)


def test_numbers_stand_in_the_rate_they_were_taken_from(knowledge: Knowledge) -> None:
    """A rate that was typed as a number and as words says the same in both, where the words give a percentage."""
    for therapy in knowledge.therapies.values():
        for harm in therapy.harms:
            if harm.per_100 is not None and f"{harm.per_100:g} %" not in harm.rate:
                counted = [part.split() for part in harm.rate.replace("(", " (").split(",")]
                assert any("of" in words for words in counted) or therapy.id == "transplant", (therapy.id, harm)
