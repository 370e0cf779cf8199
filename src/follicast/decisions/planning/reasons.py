"""The answer in one sentence, and why: what was asked for, what the plan is worth, what counts against the others."""

from __future__ import annotations

from collections.abc import Sequence

from follicast.decisions.planning.candidates import NONE, Option, ongoing, planned_adherence
from follicast.decisions.planning.condition import zone_label
from follicast.decisions.planning.shedding import not_simulated
from follicast.decisions.planning.workbench import Workbench
from follicast.decisions.result import Candidate
from follicast.knowledge.load import Knowledge
from follicast.language import say
from follicast.people.person import Person


def listed(knowledge: Knowledge, therapies: Sequence[str]) -> str:
    """Names of therapies inside a sentence: "PRP" keeps its capitals, "Oral finasteride" does not."""
    names = [say(knowledge.therapies[name].name) for name in therapies]
    words = [name if name[:2].isupper() else name[0].lower() + name[1:] for name in names]
    if len(words) < 2:
        return "".join(words)
    return say("{first} and {last}", first=", ".join(words[:-1]), last=words[-1])


def _nothing(person: Person, knowledge: Knowledge) -> str:
    """What "nothing" means for this person."""
    now = ongoing(person)
    return say("nothing (that is, stopping {lines})", lines=listed(knowledge, now)) if now else say("nothing")


def _spoken(knowledge: Knowledge, best: Candidate) -> str:
    """The plan's lines as they stand inside a sentence."""
    lines = listed(knowledge, best.therapies)
    return f"{best.id} ({lines})" if best.id not in ("+".join(best.therapies), NONE) else lines


def sentence(person: Person, knowledge: Knowledge, best: Candidate) -> str:
    """The sentence that answers: what the plan is expected to change, where, by when, and for how many."""
    zone, months = zone_label(person.goal_zone), person.goals.horizon_months
    if best.id == NONE:
        now = best.gain_from_now
        return say(
            "Nothing that was compared is worth its burden here by what is known; without treatment we expect a change "
            "of {middle} hairs per cm2 at the {zone} after {months} months; 8 of 10 people like you would be between "
            "{low} and {high}.",
            middle=f"{now.median:+.0f}",
            zone=zone,
            months=months,
            low=f"{now.lo80:+.0f}",
            high=f"{now.hi80:+.0f}",
        )
    gain = best.gain
    words = {
        "plan": _spoken(knowledge, best),
        "hairs": f"{abs(gain.median):.0f}",
        "zone": zone,
        "months": months,
        "nothing": _nothing(person, knowledge),
        "low": f"{gain.lo80:+.0f}",
        "high": f"{gain.hi80:+.0f}",
    }
    if gain.median >= 0:
        return say(
            "With {plan} we expect {hairs} hairs per cm2 more at the {zone} after {months} months than with {nothing}; "
            "8 of 10 people like you would be between {low} and {high}.",
            **words,
        )
    return say(
        "With {plan} we expect {hairs} hairs per cm2 fewer at the {zone} after {months} months than with {nothing}; "
        "8 of 10 people like you would be between {low} and {high}.",
        **words,
    )


def reasons(person: Person, candidates: Sequence[Candidate]) -> list[str]:
    """Why the first candidate is recommended, in plain words, and why not what was offered."""
    best = candidates[0]
    said = [_wishes(person)]
    if len(candidates) == 1:
        said.append(say("No therapy was left to compare: each is refused, not asked about or not for this person."))
    elif best.id == NONE:
        said.append(say("No regimen was left with a gain after its cost, visits, harms and tablets were taken off."))
    else:
        said += _worth(best)
    rest = [c for c in candidates[1:] if c.id != NONE and c.not_recommended is None]
    if best.id != NONE and rest:
        behind = best.value - rest[0].value
        said.append(say("The next best, {plan}, comes {by} behind.", plan=rest[0].label, by=f"{behind:.1f}"))
    offered = {proposal.name for proposal in person.proposals} - {best.id}
    said += [_against(c, len(candidates)) for c in candidates if c.id in offered]
    barred = [c for c in candidates if c.not_recommended is not None and len(c.therapies) == 1]
    return said + [_barred(c) for c in barred]


def _barred(candidate: Candidate) -> str:
    """Why one is only compared; a reason that names it already is not headed by its name again."""
    reason = str(candidate.not_recommended)
    return reason if reason.startswith(candidate.label) else f"{candidate.label}: {reason}"


def _wishes(person: Person) -> str:
    goals = person.goals
    wants = {
        say("to keep hair"): goals.keep,
        say("to regain hair"): goals.regain,
        say("coverage"): goals.coverage,
        say("no tablets"): goals.no_tablets,
        say("low cost"): goals.low_cost,
        say("few visits"): goals.few_visits,
    }
    said = [
        say("{wish} (weight {weight})", wish=wish, weight=f"{weight:g}") for wish, weight in wants.items() if weight > 0
    ]
    return say("Ranked by what was asked for: {wishes}.", wishes=", ".join(said) or say("hair"))


def _worth(best: Candidate) -> list[str]:
    """What the plan is worth: kept and regained, assured, and what counts against it."""
    taken = sum(best.deductions.values())
    said = []
    if best.loss_avoided is not None and best.regained is not None:
        said.append(
            say(
                "Of its gain in hairs that are not vellus, {kept} per cm2 are loss avoided and {regained} are hair "
                "regained above today's count (medians).",
                kept=f"{best.loss_avoided.median:.0f}",
                regained=f"{best.regained.median:.0f}",
            )
        )
    said.append(
        say(
            "The less lucky half of people like you would gain {assured} non-vellus hairs per cm2 by it on average, "
            "weighed by what was asked for; its cost, visits, harms, reach and number of lines count for {taken} "
            "against it.",
            assured=f"{best.assured_gain:.1f}",
            taken=f"{taken:.1f}",
        )
    )
    return said


def _against(offered: Candidate, compared: int) -> str:
    """Why a proposed course is not the recommendation."""
    taken = sum(offered.deductions.values())
    heaviest = max(offered.deductions, key=lambda name: offered.deductions[name])
    why = say(
        "{plan} ranks {rank} of {all}: the less lucky half would gain {assured}, and {taken} counts against it, most "
        "of it {heaviest} ({weight}).",
        plan=offered.label,
        rank=offered.rank,
        all=compared,
        assured=f"{offered.assured_gain:.1f}",
        taken=f"{taken:.1f}",
        heaviest=say(heaviest),
        weight=f"{offered.deductions[heaviest]:.1f}",
    )
    return f"{why} {offered.not_recommended}" if offered.not_recommended else why


def adherence_words(person: Person, knowledge: Knowledge, chosen: Option) -> str:
    """How many of the daily doses the plan is made with, and whose number that is."""
    daily = [line.therapy for line in chosen.regimen.lines if not line.sessions]
    if not daily:
        return ""
    parts, guessed = [], False
    for name in daily:
        share, known = planned_adherence(person, knowledge, name)
        guessed |= not known
        parts.append(f"{say(knowledge.therapies[name].short)} {100.0 * share:.0f} %")
    made = say("The plan is made with these shares of the daily doses: {shares}.", shares=", ".join(parts))
    if not guessed:
        return made
    return say(
        "{made} Nobody said how regularly the lines will be used, so all and half of the doses are shown beside it.",
        made=made,
    )


def unknowns(person: Person, knowledge: Knowledge, chosen: Option) -> list[str]:
    """What nobody knows, in plain words: of the lines, of the person, of the model."""
    texts = not_simulated(person)
    for name in chosen.therapies:
        therapy = knowledge.therapies[name]
        if therapy.certainty in ("low", "very low"):
            texts.append(
                say(
                    "{therapy}: certainty {certainty}. {evidence}",
                    therapy=say(therapy.name),
                    certainty=say(therapy.certainty),
                    evidence=say(therapy.evidence),
                )
            )
    offered = {n for p in person.proposals for n in p.lines} - set(chosen.therapies)
    for name in sorted(offered):
        therapy = knowledge.therapies[name]
        if therapy.certainty == "very low":
            texts.append(
                say(
                    "{therapy}, which was offered: certainty very low. {evidence}",
                    therapy=say(therapy.name),
                    evidence=say(therapy.evidence),
                )
            )
    if len(chosen.therapies) > 1:
        texts.append(
            say(
                "Whether these lines help each other is a result of the model, not of a trial: few combinations were "
                "ever tested against their parts."
            )
        )
    if chosen.therapies:
        texts.append(
            say(
                "How much an eye would see of a gain was never measured against counts. What is told here is what two "
                "counts can show."
            )
        )
    texts.append(_calibrated(knowledge))
    return texts


def _calibrated(knowledge: Knowledge) -> str:
    """Where the numbers behind the model come from."""
    told = knowledge.shared.provenance
    if not told:
        return say("The numbers behind the model are priors that were not fitted to trials.")
    return say(
        "The numbers behind the model were fitted to {effects} net effects of {trials} published trials and {facts} "
        "numbers of published facts ({date}). `follicast doctor --facts` and `follicast replay` show where they miss.",
        effects=told["net_effects"],
        trials=told["trials"],
        facts=told["facts"],
        date=told["date"],
    )


def method(bench: Workbench) -> list[str]:
    """How the answer was made."""
    posterior = bench.posterior
    return [
        say(
            "{drawn} possible versions of this person, each lived from before onset to today through the recorded "
            "treatments and operations, follicle by follicle; {kept} kept, weighted by how well they explain what was "
            "measured.",
            drawn=posterior.drawn,
            kept=posterior.number.size,
        ),
        say(
            "Every plan starts from the same follicles in the same state with the same chance events still to come, so "
            "a difference between plans is the effect of the lines that differ."
        ),
        say(
            "Treatments act on the follicle (androgen, length of growth, end of rest, thickness), never on a count. "
            "Uncertainty of the person, of the model's numbers and of each therapy's effect is in every interval; "
            "certainty of evidence widens it."
        ),
        say(
            "Plans are judged at the {zone} after {months} months, with {share} % of daily doses taken unless the "
            "record or the person says otherwise.",
            zone=zone_label(bench.person.goal_zone),
            months=bench.person.goals.horizon_months,
            share=f"{100 * bench.knowledge.parameters['adherence.plan'].value:.0f}",
        ),
        say(
            "Rates of harms come from trials of months, and are weighed by assumptions that can be edited; what was "
            "reported without a rate counts at an assumed one."
        ),
        say("Not a diagnosis and not a medical device. No text here replaces an examination."),
    ]
