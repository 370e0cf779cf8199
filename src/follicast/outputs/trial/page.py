"""report.html of a virtual trial: one file with answer, figures, tables, assumptions. No script, no request."""

from __future__ import annotations

from typing import Any

import jinja2
from markupsafe import Markup

from follicast.decisions.trials.result import Proportion, TrialResult
from follicast.outputs.embedded import embedded_font, page_text
from follicast.outputs.trial.figures import NARROW, WIDE, course_figure, described, flow_figure, power_figure
from follicast.outputs.trial.synthetic import DICTIONARY
from follicast.outputs.wording import bound, typeset


def percent(share: Proportion) -> str:
    """A share with its Monte Carlo error: "83.4 % (± 0.8)"."""
    return f"{100.0 * share.value:.1f}\u00a0% (±\u00a0{100.0 * share.error:.1f})"


def num(value: float, digits: int = 1) -> str:
    """A number with a true minus."""
    shown = f"{value:.{digits}f}"
    return (shown[1:] if float(shown) == 0.0 and shown.startswith("-") else shown).replace("-", "\u2212")


def people_words(result: TrialResult) -> str:
    """How many people the wanted power takes, with what Monte Carlo error leaves open."""
    each = "in the trial" if result.kind == "split-scalp" else "in each arm"
    middle, fewest, most = result.wanted_people
    wanted = f"{100.0 * result.wanted_power:.0f} % power"
    if middle is None:
        largest = result.curve[-1]
        return (
            f"{wanted} is not reached with up to {largest.people:,} people {each} "
            f"({100.0 * largest.power.value:.0f} % there)."
        )
    if middle == result.curve[0].people:
        return f"{wanted} is reached with {middle:,} people {each} or fewer."
    low = f"{fewest:,}" if fewest is not None else "fewer"
    high = f"{most:,}" if most is not None else f"more than {result.curve[-1].people:,}"
    return f"{wanted} takes about {middle:,} people {each} ({low} to {high} by Monte Carlo error)."


def of_a_hundred(share: float) -> str:
    """How many of a hundred; never all and never none of them."""
    if share > 0.99:
        return "more than 99"
    return f"{100.0 * share:.0f}" if share >= 0.01 else "fewer than 1"


def answer_words(result: TrialResult) -> str:
    """The answer in two sentences."""
    primary = result.endpoints[0]
    size = f"{result.people:,} people" + ("" if result.kind == "split-scalp" else " in each arm")
    test, against = (" and ".join(side) for side in (result.test, result.against))
    return (
        f"With {size}, {of_a_hundred(primary.power.value)} of 100 trials of {test} against {against} would find a "
        f"difference in {primary.name.lower()} at week {result.week:g}{_by_which(result)}. {people_words(result)}"
    )


def _by_which(result: TrialResult) -> str:
    """Which estimator the power is of, where it is not the one that the design asks for."""
    if result.mixed is None:
        return ""
    m = result.mixed
    return f" by analysis of covariance (mixed model: {percent(m.power)} of {m.replicates} replicates)"


def dummy_words(result: TrialResult) -> str:
    """What unlike dummies do to the comparison; empty where they are alike."""
    if abs(result.unequal_dummies) < 0.05:
        return ""
    return (
        f"The two sides have unlike dummies: {num(result.unequal_dummies)} {result.endpoints[0].unit} of the "
        "difference that is reported come from that, not from the treatment."
    )


def failed_words(result: TrialResult) -> str:
    """How many replicates told nothing; empty where all did."""
    failed = result.endpoints[0].effect.failed
    if not failed:
        return ""
    return (
        f"In {failed:,} of {result.replicates:,} replicates too few people were left to be analysed: they count as not "
        "significant, and bias and coverage leave them out."
    )


def control_words(result: TrialResult) -> str:
    """Where the control arm's change comes from."""
    c, unit = result.control, result.endpoints[0].unit
    if not result.endpoints[0].weeks or result.endpoints[0].measure == "graft_survival":
        return f"{c.arm}: {num(c.measured)} {unit} on average. Nobody was chosen by a count: nothing regresses."
    return (
        f"The arm {c.arm} changes by {num(c.measured)} {unit} on average: {num(c.hair)} is what its hair does, "
        f"{num(c.dummy)} what dummy and counting add, {num(c.regression)} regression to the mean"
        f"{f', {num(c.rest)} what drawing these people leaves over' if abs(c.rest) >= 0.1 else ''}. "
        "It is reported, and nothing of it is subtracted."
    )


def render_trial(result: TrialResult) -> bytes:
    """Write the whole page.

    Returns:
        One self-contained HTML document in UTF-8; figures are inline SVG, the print face is embedded.
    """
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.FunctionLoader(page_text),
    )
    environment.filters |= {"percent": percent, "num": num, "prose": lambda text: bound(typeset(text))}
    context: dict[str, Any] = {
        "r": result,
        "answer": answer_words(result),
        "control": control_words(result),
        "dummies": dummy_words(result),
        "failed": failed_words(result),
        "each": "in the trial" if result.kind == "split-scalp" else "in each arm",
        "power": {"wide": Markup(power_figure(result, WIDE)), "narrow": Markup(power_figure(result, NARROW))},
        "courses": {"wide": Markup(course_figure(result, WIDE)), "narrow": Markup(course_figure(result, NARROW))},
        "flow": {"wide": Markup(flow_figure(result, narrow=False)), "narrow": Markup(flow_figure(result, narrow=True))},
        "described": Markup(described(result)),
        "dictionary": DICTIONARY,
        "css": Markup(page_text("report.css")),
        "fonts": {weight: embedded_font(weight) for weight in (400, 600)},
    }
    return environment.get_template("trial.html.j2").render(context).encode("utf-8")
