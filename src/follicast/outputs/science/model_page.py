"""model.md: the state, the rules with their equations and evidence, every number, every therapy."""

from __future__ import annotations

import inspect
import re
from typing import Final

from follicast.biology import androgen, follicle, treatment
from follicast.knowledge.load import Knowledge
from follicast.knowledge.therapy import Therapy
from follicast.outputs.science.material import Material
from follicast.outputs.science.numbers import HEADS, number_row, therapy_numbers
from follicast.outputs.science.words import page, source_links, table

# Which numbers each rule of biology/follicle.py stands on, by the beginning of their keys, with the rule's equation.
RULES: Final[dict[int, tuple[str, tuple[str, ...]]]] = {
    1: (
        r"$T = m\,e^{\sigma\,\Phi^{-1}(u)}$ for each phase, $u$ a draw with an address (seed, person, follicle, event)",
        (
            "anagen.median",
            "anagen.sd_log",
            "anagen.person_sd_log",
            "catagen.",
            "telogen.",
            "kenogen.median",
            "kenogen.sd_log",
            "kenogen.probability",
        ),
    ),
    2: (
        r"$\mathrm{d}\tau_a = h_a\,(1 + c_a s x)\,\mathrm{d}t$ in anagen, $\mathrm{d}\tau_e = h_e\,(1 + c_e s "
        r"x)\,\mathrm{d}t$ "
        r"in telogen and kenogen, $x = r(t)\,(1 - A)$, $r$ the ramp after onset; a phase ends when $\tau$ has run $T$",
        ("clock.anagen", "clock.exit", "maturity.", "season.", "inflammation.", "ceiling.", "insult.", "withdrawal."),
    ),
    3: (
        r"$\log c' = \log c + f\,(\min(0,\ \kappa - \delta\,s\,r A) - \log c)$ at the start of each anagen; "
        r"upward steps use the fraction of the hypothesis of regrowth",
        ("calibre.",),
    ),
    4: (
        r"$\log R = -\lambda\,s \int r A\,\mathrm{d}t$; lost when $\log R < \log \theta$, or past the follicle's "
        r"ageing day",
        ("reserve.", "ageing."),
    ),
    5: (
        r"size $= c\,R$; median anagen $= m\,\mathrm{size}^{a}$; kenogen with probability "
        r"$p + p'(1 - \mathrm{size})$ and median $m_k\,\mathrm{size}^{-b}$",
        ("anagen.size_exponent", "kenogen.size_exponent", "kenogen.probability_slope"),
    ),
    6: (
        r"$d = d_0\,\mathrm{size}\,(1 + \min(q,\ c_s s x))\,e^{\text{shaft}}$, growth $= i + g\,d$ mm a day",
        ("clock.shaft", "growth."),
    ),
}
OTHERS: Final[dict[str, tuple[str, ...]]] = {
    "Androgen sensitivity: who, where, when": ("sensitivity.", "onset."),
    "Scalp: density, diameter, units, vellus hair, zones, ancestry": (
        "density.",
        "diameter.",
        "vellus.",
        "ancestry.",
        "unit.",
        "zone.area.",
    ),
    "Instruments and graders": ("instrument.", "coverage.", "grade."),
    "What trials add to the model": ("between_trial.", "control."),
    "Use, preference, surgery": ("adherence.", "preference.", "transplant."),
}
_STATE: Final = (
    ("phase", "anagen, catagen, telogen, kenogen, lost; harvested and not yet placed for grafts", "which one is it in"),
    ("end of the phase", "clock days", "how long it still has to run on its own clock"),
    ("calibre", "log, at most 0", "the part of size that can come back; moves at the start of an anagen only"),
    (
        "reserve",
        "log, at most 0",
        "the part of size that cannot; falls with androgen, and at a threshold the follicle is lost",
    ),
    ("native diameter, sensitivity, rank in its unit", "traits", "drawn once; a moved follicle keeps them"),
)


def keys_of(starts: tuple[str, ...], knowledge: Knowledge) -> list[str]:
    """Parameters whose key begins with one of these, where no longer beginning elsewhere claims them.

    Without beginnings: those that nothing claims.
    """
    every = [start for _, group in RULES.values() for start in group] + [s for group in OTHERS.values() for s in group]

    def owner(key: str) -> str:
        return max((start for start in every if key.startswith(start)), key=len, default="")

    return [key for key in knowledge.parameters if owner(key) in (starts or ("",))]


def model_page(material: Material) -> str:
    """The page."""
    knowledge = material.main.knowledge
    return page(
        "The model",
        "A scalp is a set of follicles. Each runs through its own cycle on its own clock; a count, a photograph, a "
        "grade or a trial is a reading of many of them. A treatment acts through six channels and on nothing else. "
        "This page is made from the code and the data files; [data](data.md) has the trials and the sources, "
        "[calibration](calibration.md) how the numbers were fitted, [validation](validation.md) how well they do.",
        "## State of a follicle\n\n" + table(("what", "kind", "meaning"), _STATE),
        "## The rules",
        _cleaned(inspect.getdoc(follicle) or "").split("\n\n")[1],
        *(_rule(number, knowledge) for number in RULES),
        "## How a treatment acts",
        _treatment(),
        "## People, scalps, instruments, trials",
        "The same table for every other number of the model.",
        *(_group(title, starts, knowledge) for title, starts in {**OTHERS, "Further numbers": ()}.items()),
        "## Therapies",
        "A channel's amplitude holds at full exposure. Amplitudes are set, and where trials allow calibrated, so "
        "that virtual trials give back published net effects. Certainty is that of the evidence for the effect on "
        "hair.",
        *(_therapy(therapy, knowledge) for therapy in knowledge.therapies.values()),
        _grades(),
    )


def _cleaned(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"`\1`", text)


def _rule_text(number: int) -> str:
    """A numbered rule of the module's docstring as one line."""
    doc = inspect.getdoc(follicle) or ""
    found = re.search(rf"^{number}\. (.*?)(?=^\d\. |\Z)", doc, re.DOTALL | re.MULTILINE)
    assert found is not None
    return " ".join(found[1].split())


def _rule(number: int, knowledge: Knowledge) -> str:
    equation, starts = RULES[number]
    keys = keys_of(starts, knowledge)
    rows = [number_row(key, knowledge.parameters[key], key, knowledge.shared) for key in keys]
    return f"### Rule {number}\n\n{_rule_text(number)}\n\n{equation}\n\n" + table(HEADS, rows)


def _group(title: str, starts: tuple[str, ...], knowledge: Knowledge) -> str:
    keys = keys_of(starts, knowledge)
    if not keys:
        return ""
    rows = [number_row(key, knowledge.parameters[key], key, knowledge.shared) for key in keys]
    return f"### {title}\n\n" + table(HEADS, rows)


def _treatment() -> str:
    parts = [_cleaned(inspect.getdoc(treatment) or "")]
    functions = {
        "androgen.maturity": androgen.maturity,
        "androgen.dose_effect": androgen.dose_effect,
        "treatment._exposure": treatment._exposure,
        "treatment.below_ceiling": treatment.below_ceiling,
    }
    rows = []
    for name, function in functions.items():
        source = getattr(function, "py_func", function)
        rows.append((f"`{name}`", inspect.getdoc(source) or ""))
    return "\n\n".join([*parts, table(("rule", "what it says"), rows)])


def _therapy(therapy: Therapy, knowledge: Knowledge) -> str:
    rows = [number_row(label, number, name, knowledge.shared) for label, number, name in therapy_numbers(therapy)]
    targets = [
        f"{key}: {target.effect.value:g} {target.effect.unit} at week {target.week.value:g} against {target.against} "
        f"({target.measure}, {target.sex})"
        for key, target in therapy.target.items()
    ]
    said = [
        f"### {therapy.name}",
        f"Certainty of the evidence: **{therapy.certainty}**. {therapy.evidence}",
        f"*Mechanism.* {therapy.mechanism} *Onset.* {therapy.onset} *Stopping.* {therapy.stopping}",
        f"Sources: {source_links(therapy.evidence_sources)}.",
    ]
    if targets:
        said.append("Published net effects that its channels were set to: " + "; ".join(targets) + ".")
    return "\n\n".join([*said, table(HEADS, rows)])


def _grades() -> str:
    return "## Grades of a number\n\n" + table(
        ("grade", "means"),
        [
            ("A", "several human series"),
            ("B", "one good human series or randomised trial"),
            ("C", "weak or second-hand human evidence"),
            ("D", "one small, animal or ex vivo study"),
            ("E", "assumption"),
        ],
    )
