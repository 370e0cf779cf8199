"""One number of the model in a table: prior, posterior, grade, sources, what was read."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from follicast.knowledge.load import Knowledge
from follicast.knowledge.number import Number
from follicast.knowledge.posterior import Shared
from follicast.knowledge.therapy import Therapy
from follicast.outputs.science.words import num, source_links, span
from follicast.people.beliefs import quantiles

Floats = npt.NDArray[np.float64]

_EIGHTY = np.array([0.10, 0.50, 0.90])
HEADS = ("number", "value", "unit", "prior", "calibrated (80 %)", "grade", "sources", "read")


def prior_words(number: Number) -> str:
    """The prior of a number in words."""
    prior = number.prior
    if prior.kind == "fixed":
        return "fixed"
    if prior.kind == "uniform":
        return f"{num(prior['low'])} to {num(prior['high'])}, uniform"
    zero = f"{num(100 * prior['p_zero'])} % exactly 0, else " if prior.kind.startswith("zero_or") else ""
    if prior.kind.endswith("lognormal"):
        return f"{zero}lognormal, median {num(prior['median'])}, log-sd {num(prior['sd_log'])}"
    name = "beta" if prior.kind == "beta" else "normal"
    return f"{zero}{name}, mean {num(prior['mean'])}, sd {num(prior['sd'])}"


def prior_span(number: Number) -> Floats:
    """10, 50 and 90 % points of the prior."""
    return quantiles(number, _EIGHTY)


def posterior_span(number: Number, name: str, shared: Shared) -> Floats | None:
    """10, 50 and 90 % points of the calibrated draws of that name, None where it was not calibrated."""
    from scipy.special import ndtr

    column = shared.column(name)
    if column is None or number.prior.kind == "fixed":
        return None
    return np.asarray(np.quantile(quantiles(number, np.asarray(ndtr(column))), _EIGHTY))


def calibrated_words(number: Number, name: str, shared: Shared) -> str:
    """The calibrated median with its 80 % interval, "-" where it was not calibrated."""
    found = posterior_span(number, name, shared)
    return "-" if found is None else f"{num(found[1])} ({span(float(found[0]), float(found[2]))})"


def number_row(label: str, number: Number, name: str, shared: Shared) -> tuple[str, ...]:
    """One row under `HEADS`."""
    calibrated = calibrated_words(number, name, shared)
    return (
        f"`{label}`",
        num(number.value),
        number.unit,
        prior_words(number),
        calibrated,
        number.grade,
        source_links(number.sources),
        number.read,
    )


def therapy_numbers(therapy: Therapy) -> Iterator[tuple[str, Number, str]]:
    """Numbers of a therapy that act in the model or are compared with it: label, number, name of its draw."""
    exposure = therapy.exposure
    oral = therapy.route == "oral"
    for part in getattr(exposure, "__dataclass_fields__", ()):
        number = getattr(exposure, part)
        if isinstance(number, Number):
            owner = therapy.id if part in ("ed50", "hill") and oral else therapy.draws
            name = f"{therapy.id}.level" if part == "level" else f"{owner}.exposure.{part}"
            yield f"exposure.{part}", number, name
    for channel, number in therapy.channels.items():
        yield f"channel {channel}", number, f"{therapy.draws}.effect"
    if therapy.response is not None:
        yield "response.nonresponder_share", therapy.response.nonresponder_share, ""
        yield "response.sd_log", therapy.response.sd_log, ""
    for key, number in therapy.assay.items():
        yield f"assay.{key}", number, ""
    if therapy.graft is not None:
        for part in therapy.graft.__dataclass_fields__:
            number = getattr(therapy.graft, part)
            if isinstance(number, Number):
                yield f"graft.{part}", number, ""
        for key, adjunct in therapy.graft.adjuncts.items():
            yield f"graft.adjuncts.{key}", adjunct.survival_gain, ""
    if therapy.sham is not None:
        yield "sham", therapy.sham, ""


def named(name: str, knowledge: Knowledge) -> list[tuple[str, Number]]:
    """What a calibrated draw stands for: a parameter, or every channel or exposure part of a therapy that it moves."""
    if name in knowledge.parameters:
        return [(name, knowledge.parameters[name])]
    found: dict[str, Number] = {}
    for therapy in knowledge.therapies.values():
        for label, number, draw in therapy_numbers(therapy):
            if draw == name and number.prior.kind != "fixed":
                found.setdefault(f"{therapy.draws} {label}", number)
    return list(found.items())
