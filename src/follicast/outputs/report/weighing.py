"""What leaving a line out and stopping mean, in the words of the report."""

from __future__ import annotations

from follicast.decisions.result import Candidate, PlanLine, PlanResult, Stopping
from follicast.language import say
from follicast.outputs.wording import between, bound, capital, counted, listed, money, number, of_ten, unit_words


def shown_words(result: PlanResult, best: Candidate) -> str:
    """What a later count must exceed to show more than today's, and how often the gain is there against nothing."""
    return say(
        "by more than {amount}; against nothing {share}",
        amount=f"{number(result.smallest_detectable_change)} {unit_words(best.gain.unit)}",
        share=of_ten(best.improves_probability),
    )


def parts_left(share: float) -> str:
    """How much of a gain is left, inside a sentence: "about 40 % of the gain"."""
    if share >= 0.95:
        return say("all of the gain")
    tenths = round(10.0 * share)
    return say("about {share} % of the gain", share=10 * tenths) if tenths else say("nothing of the gain")


def stopping_words(stop: Stopping) -> str:
    """What is left of the gain, month by month after the stop."""
    first = stop.gain[0]
    words = say(
        "the gain is {gain} {unit} then (8 of 10: {range})",
        gain=number(first.median, first.unit),
        unit=unit_words(first.unit),
        range=between(first),
    )
    if all(share is None for share in stop.share_left):
        return bound(say("{sentence}. There is nothing to lose.", sentence=words))
    later = [
        say("{part} {months} later", months=counted(months, "month"), part=parts_left(share))
        for months, share in zip(stop.after, stop.share_left, strict=True)
        if share is not None
    ]
    return bound(say("{sentence}; on average there is left: {later}.", sentence=words, later=listed(later)))


def left_out_words(line: PlanLine, result: PlanResult) -> str:
    """What the plan without this line loses, saves and avoids, and where it would rank."""
    out = line.left_out
    assert out is not None
    saved = [money(out.saves)]
    if out.visits > 0:
        saved.append(counted(out.visits, "clinic visit"))
    if out.hours >= 1.0:
        saved.append(say("{hours} hours a year", hours=number(out.hours)))
    words = say(
        "loses {hairs} {unit}; saves {saved}",
        hairs=number(out.loses, line.adds.unit),
        unit=unit_words(line.adds.unit),
        saved=listed(saved),
    )
    if out.harms:
        harms = "; ".join(harm[:1].lower() + harm[1:] for harm in out.harms)
        words = say("{words}. It avoids: {harms}", words=words, harms=harms)
    rank = {"rank": out.rank, "all": len(result.candidates)}
    return bound(capital(say("{words}. The plan without it ranks {rank} of {all}.", words=words, **rank)))
