"""What a virtual trial says in sentences: its estimand, the certainty of what it rests on, what it assumes."""

from __future__ import annotations

from typing import Final

from follicast.knowledge.load import Knowledge
from follicast.people.design import COUNTS, Design

_CERTAINTIES: Final = ("very low", "low", "moderate", "high")
_USUAL_DOSES: Final = 5.0


def column(design: Design, k: int) -> str:
    """Name of an arm, of a half of the scalp, or of a sequence."""
    names = [arm.name for arm in design.arms]
    if design.kind == "crossover":
        return f"{names[k]}, then {names[1 - k]}"
    if design.kind == "split-scalp":
        order = (*design.analysis.test, *design.analysis.against)
        return f"{names[order[k]]} (one half)"
    return names[k]


def sides(design: Design) -> tuple[str, str]:
    """The two sides of the comparison."""
    names = [arm.name for arm in design.arms]
    test, against = (" and ".join(names[k] for k in side) for side in (design.analysis.test, design.analysis.against))
    return test, against


def estimand(design: Design) -> str:
    """The estimand in the five attributes of ICH E9(R1)."""
    test, against = sides(design)
    primary = design.primary
    what = "change from baseline in " if primary.has_baseline and design.kind != "crossover" else ""
    events = {
        "treatment policy": "treatment policy: readings count whether or not the treatment was stopped",
        "hypothetical": "hypothetical: as if nobody had stopped; readings after stopping are set aside",
    }[design.analysis.estimand]
    return (
        f"Treatment: {test} against {against}. Population: as the design takes in. Variable: {what}{primary.name} "
        f"({primary.unit}) at week {design.analysis.week:g}, {primary.zone}. Intercurrent event, stopping treatment: "
        f"{events}. Summary: difference of means."
    )


def certainty(design: Design, knowledge: Knowledge) -> str:
    """Certainty of the evidence on the least certain treatment that is tested."""
    tested = {use.therapy for k in design.analysis.test for use in design.arms[k].uses if use.start_week >= 0.0}
    if not tested:
        return "high"
    if design.grafts:
        graft = knowledge.therapies["transplant"].graft
        assert graft is not None
        return min((graft.adjuncts[name].certainty for name in tested), key=_CERTAINTIES.index)
    if off_label(design, knowledge):
        return _CERTAINTIES[0]
    return min((knowledge.therapies[name].certainty for name in tested), key=_CERTAINTIES.index)


def off_label(design: Design, knowledge: Knowledge) -> list[str]:
    """Which tested treatments have not been tried in a sex that the design takes in: name and sex, in words."""
    tested = {use.therapy for k in design.analysis.test for use in design.arms[k].uses if use.start_week >= 0.0}
    return [
        f"{knowledge.therapies[name].name} in {'women' if sex == 'female' else 'men'}"
        for name in sorted(tested)
        for sex in design.population.sexes
        if sex not in knowledge.therapies[name].sexes
    ]


def _of_the_arms(design: Design, knowledge: Knowledge) -> list[str]:
    """What is unusual in what the arms get."""
    said = [
        f"{what} is outside what was studied: the effect is carried over from the other sex."
        for what in off_label(design, knowledge)
    ]
    for arm in design.arms:
        groups: dict[str, list[str]] = {}
        for use in arm.uses:
            therapy = knowledge.therapies[use.therapy]
            if therapy.exclusive is not None and use.therapy not in groups.setdefault(therapy.exclusive, []):
                groups[therapy.exclusive].append(use.therapy)
            if use.dose > _USUAL_DOSES:
                said.append(f"{arm.name} gets {use.dose:g} full daily doses of {use.therapy}, far beyond any trial.")
        said += [
            f"{arm.name} joins {' and '.join(names)}, which act in one way and are not combined in practice."
            for names in groups.values()
            if len(names) > 1
        ]
    compared = {*design.analysis.test, *design.analysis.against}
    said += [
        f"{arm.name} is simulated and shown, and stands on neither side of the comparison."
        for k, arm in enumerate(design.arms)
        if k not in compared
    ]
    return said


def assumptions(design: Design, knowledge: Knowledge, added_sd: float) -> list[str]:
    """What the answer rests on, one sentence each."""
    p = knowledge.parameters
    said = []
    if design.truth.drawn:
        said.append(
            f"{design.truth.draws} worlds are drawn from what is believed, and each trial departs from its world as "
            "published trials do: power is an average over our doubt (assurance), and bias and coverage are against "
            "the effect of each world."
        )
    else:
        said.append(
            "One world is true: every number stands at the middle of what is believed, so the doubt about the effect "
            'itself is left out. parameters = "drawn" takes it in.'
        )
        said += [
            f"{name} stands at probability {chance:g} of what is believed." for name, chance in design.truth.places
        ]
    if design.primary.measure in COUNTS:
        said.append(
            "Every arm moves by itself as its kind of dummy did in published trials, with a spread between trials of "
            f"{p['control.spread'].value:g} hairs/cm2 that arms of one kind share. It is added, never subtracted."
        )
    if added_sd > 0.0:
        said.append(
            f"Individual changes scatter more in published trials (SD {p['between_trial.individual_sd'].value:g} "
            f"hairs/cm2) than simulated hair and instrument do; {added_sd:.1f} hairs/cm2 are added to each reading. "
            'conduct.individual = "simulated" leaves that out and makes trials look stronger.'
        )
    if design.grafts:
        said.append(
            "The survival of grafts differs between people as widely as we doubt it (SD 8 points), and grafts are "
            "counted, not simulated hair by hair. Two boxes on one scalp differ by the chance of counting alone; real "
            "ones differ by handling too, so real trials need more people."
        )
    else:
        said.append("People have lost hair for 2 to 14 years; there is no season.")
    said.append(
        "Replicates draw from a pool of virtual people, with replacement: one may stand in a trial more than once, "
        "with other errors."
    )
    said += _of_the_arms(design, knowledge)
    if design.conduct.leave > 0.0 or design.conduct.stop > 0.0:
        said.append("Who stops or leaves does so at a steady rate and whatever the hair does.")
    if len(design.analysis.looks) > 1:
        said.append("Estimates and intervals are those of all people, as if no look had stopped the trial.")
    if design.analysis.method == "mixed":
        said.append(
            "The curve and the type I error over all replicates are of the analysis of covariance at the same visit."
        )
    return said
