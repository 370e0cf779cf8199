"""limits.md: whom and what the model does not speak of, and what nobody has measured. And the section's index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from follicast.knowledge.load import referral_signs
from follicast.knowledge.number import Number
from follicast.outputs.science.material import Material
from follicast.outputs.science.numbers import prior_words, therapy_numbers
from follicast.outputs.science.words import num, page, percent, table
from follicast.outputs.wording import capital

_OUTSIDE = (
    (
        "Other kinds of hair loss",
        "alopecia areata, scarring alopecias, tinea, trichotillomania, loss under chemotherapy: the model has no "
        "front, no immune attack, no infection",
    ),
    ("People under 18", "refused: neither the onset nor the drugs hold for them"),
    ("Pregnancy and the year after it", "only the passing shed after childbirth, as one trigger among others"),
    (
        "Hormones that change",
        "androgen acts through sensitivity and its relief by drugs; a tumour, testosterone taken or blocked for "
        "another reason, or the menopause, is not modelled",
    ),
    (
        "Women",
        "fewer trials, no untreated series over several years, one woman behind the long view of empty follicles",
    ),
    (
        "Ancestry",
        "density, diameter and growth differ; sensitivity and response to drugs are taken as alike because no trial "
        "says otherwise",
    ),
    ("The southern hemisphere", "the season runs by the northern calendar"),
    (
        "More than five years ahead",
        "a plan may look 60 months ahead; controlled trials end at two years, so everything later is extrapolation",
    ),
    ("Harms", "listed with their sources, never simulated and never weighed against hairs"),
    ("A diagnosis", "nothing here is one"),
)


def limits_page(material: Material) -> str:
    """The page."""
    knowledge = material.main.knowledge
    assumed = list(_assumptions(material))
    total = sum(1 for _ in _numbers(material))
    weak: Counter[str] = Counter(number.grade for _, number in _numbers(material))
    refused = Counter(entry.reason.split(":")[0] for entry in material.refused)
    certain = [(t.name, t.certainty, t.evidence) for t in knowledge.therapies.values()]
    return page(
        "Limits of use",
        "The model is for androgenetic (pattern) hair loss of adults. It is a research tool and an aid to a "
        "conversation, not a medical device and not a diagnosis.",
        "## Signs that it does not apply\n\nA doctor should look first:\n\n"
        + "\n".join(f"- {capital(sign)}." for sign in referral_signs()),
        "## Whom and what it does not speak of\n\n" + table(("what", "why"), _OUTSIDE),
        "## How sure the evidence for each therapy is\n\n" + table(("therapy", "certainty", "evidence"), certain),
        "## What was never measured",
        f"{len(assumed)} of {total} numbers that the model uses have no source: they are assumptions, written as "
        "such. By grade: "
        + ", ".join(f"{grade} {weak[grade]}" for grade in "ABCDE")
        + ". Those that stand for biology or treatment, with how wide they are taken:",
        table(("number", "value", "unit", "prior", "what is assumed"), assumed, right=(1,)),
        "## What published rows could not be used for\n\n"
        + table(
            ("why a row cannot be replayed", "rows"),
            refused.most_common(),
            right=(1,),
        ),
        _interval_limits(material),
    )


def _numbers(material: Material) -> Iterator[tuple[str, Number]]:
    knowledge = material.main.knowledge
    yield from knowledge.parameters.items()
    for therapy in knowledge.therapies.values():
        for label, number, _ in therapy_numbers(therapy):
            yield f"{therapy.id} {label}", number


def _assumptions(material: Material) -> Iterator[tuple[str, ...]]:
    for label, number in _numbers(material):
        if number.is_assumption:
            read = number.read.removeprefix("assumption").lstrip(": ")
            yield f"`{label}`", num(number.value), number.unit, prior_words(number), read or "-"


def _interval_limits(material: Material) -> str:
    outside = [p for p in material.main.predicted if p.observed is not None and not p.low95 <= p.observed <= p.high95]
    known = sum(p.observed is not None for p in material.main.predicted)
    return (
        "## What an interval holds, and what it does not\n\nIt holds the doubt about the calibrated numbers and "
        "about the therapies' own, the deviation of a trial or a person, and chance. It does not hold the form of "
        f"the model: if the rules are wrong, the interval is too narrow. {percent(len(outside) / max(known, 1))} of "
        "all reported numbers lie outside their 95 % interval, where 5 % would be expected; "
        "[validation](validation.md) names each."
    )


INDEX = (
    ("model.md", "the rules with their equations, every number with its evidence, every therapy"),
    ("data.md", "every trial row that ships, what it became, whether it is fitted; all sources"),
    ("calibration.md", "how the numbers were fitted, what the data moved, which datum moved what"),
    ("validation.md", "predicted against reported, misses first; facts; natural history; beside another model"),
    ("people.md", "whether the forecast of one person is calibrated: ranks and coverage on virtual people"),
    ("review.md", "whether `follicast review` is right: error rates and power on virtual people"),
    ("regrowth.md", "two hypotheses of how hair comes back, and what could tell them apart"),
    ("schedule.md", "numbers and spacings of sessions, certainty very low"),
    ("limits.md", "whom and what the model does not speak of, what nobody has measured"),
)


def index_page(material: Material) -> str:
    """README.md of the section."""
    told = dict(material.main.knowledge.shared.provenance)
    made = ", ".join(f"{key.replace('_', ' ')} {told[key]}" for key in ("date", "version", "runs") if key in told)
    rows = [(f"[{name}]({name})", words) for name, words in INDEX]
    return page(
        "The science",
        "What the model says, what it rests on, and where it is wrong. Every page is made from the code and the data "
        "by `python -m follicast.outputs.science docs/science docs/science/data`, so it cannot drift from them. "
        f"Calibration: {made or 'not dated'}.",
        table(("page", "what is in it"), rows),
        "How hairs are found in photographs, and how well: [photographs](photographs.md). What the model says of "
        "trials that have not reported yet: [predictions](../predictions/README.md).",
    )
