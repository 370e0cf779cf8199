"""What a counter that errs as counters do would see of a drawn photograph, from its truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import beta

from follicast.measurement.drawing.dice import Dice
from follicast.measurement.drawing.photograph import Photograph
from follicast.measurement.photograph.hair import SeenHair


@dataclass(frozen=True, slots=True)
class Errors:
    """How a counter errs.

    Attributes:
        missed: share of the visible hairs that it does not see.
        false: hairs that it sees where none is, as a share of the visible ones.
        root_um: standard deviation of a root, in each direction.
        tip_um: likewise of a tip.
        width: standard deviation of the log width.
        turned: share of hairs whose root it takes for the tip.
    """

    missed: float = 0.05
    false: float = 0.04
    root_um: float = 20.0
    tip_um: float = 20.0
    width: float = 0.05
    turned: float = 0.0


# What a counter feels of a hair and of what is none, 0 to 1, as beta distributions.
_TRUE, _FALSE = (12.0, 1.0), (3.0, 3.0)

NONE: Final = Errors(0.0, 0.0, 0.0, 0.0, 0.0)


def seen_by(drawn: Photograph, seed: int, errors: Errors = Errors()) -> tuple[SeenHair, ...]:
    """The hairs that a counter with such errors sees, with the probabilities that it gives them.

    Args:
        drawn: the photograph.
        seed: of the errors; another photograph needs another.
        errors: how it errs.
    """
    dice, truth = Dice(seed, "counter").stream, drawn.truth
    seen = []
    for k in np.flatnonzero(truth.visible):
        lost, turned = dice.uniform() < errors.missed, dice.uniform() < errors.turned
        root, tip = (dice.normal(0.0, um / drawn.um_per_px, 2) for um in (errors.root_um, errors.tip_um))
        width = float(truth.width_px[k].mean()) * float(np.exp(errors.width * dice.standard_normal()))
        sure = _sure(dice.beta(*_TRUE), errors)
        if lost:
            continue
        share = np.linspace(0.0, 1.0, truth.polyline_px.shape[1])[:, None]
        line = truth.polyline_px[k] + (1.0 - share) * root + share * tip
        seen.append(_hair(line[::-1] if turned else line, width, sure, 0.6 if turned else 0.97))
    height, width_px = drawn.image.shape[:2]
    for _ in range(dice.poisson(errors.false * truth.visible.sum())):
        start, turn = dice.uniform(size=2) * (width_px, height), dice.uniform(0.0, 2.0 * np.pi)
        end = start + dice.uniform(100.0, 400.0) / drawn.um_per_px * np.array([np.cos(turn), np.sin(turn)])
        seen.append(_hair(np.linspace(start, end, 5), 40.0 / drawn.um_per_px, _sure(dice.beta(*_FALSE), errors), 0.6))
    return tuple(seen)


def _hair(line: npt.NDArray[np.float64], width: float, sure: float, root_certain: float) -> SeenHair:
    (rx, ry), (tx, ty) = line[0], line[-1]
    return SeenHair((float(rx), float(ry)), (float(tx), float(ty)), line, width, sure, root_certain)


def _sure(feeling: float, errors: Errors) -> float:
    """The probability that what was felt is a hair, by the rule of Bayes: a counter that knows how often it errs."""
    if errors.false == 0.0:
        return 1.0
    real, other = (share * beta.pdf(feeling, *shape) for share, shape in ((1.0, _TRUE), (errors.false, _FALSE)))
    return float(real / (real + other))
