"""Rows of trials, real or imagined, played for many joint draws of the shared numbers, and what each would print.

A number that no trial could calibrate (every number of the exosome entry) is drawn from its prior once for each joint
draw, so that the doubt about a therapy is not averaged away over the people who take it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.inference.evidence import plan
from follicast.inference.literature import TAILS, drawn, offset, sampling_error, scales
from follicast.inference.store import Store, key_of
from follicast.inference.trial_effects import Rehearsal, comparison, therapies_simulated
from follicast.knowledge.load import Knowledge
from follicast.knowledge.number import Number
from follicast.knowledge.posterior import Shared
from follicast.knowledge.therapy import Therapy
from follicast.knowledge.trial import TrialRow

Floats = npt.NDArray[np.float64]
Progress = Callable[[str, float], None]

COPIES: Final = 64
_PARTS: Final = ("net", "own", "error", "spread", "unit")


def uncertain_names(knowledge: Knowledge) -> tuple[str, ...]:
    """Draws of calibrated parameters and of all therapies that have a spread, by name, in a fixed order."""
    names = dict.fromkeys(plan()["names"])
    for therapy in knowledge.therapies.values():
        names.update(dict.fromkeys(_therapy_names(therapy)))
    return tuple(names)


def _therapy_names(therapy: Therapy) -> Iterator[str]:
    """Names of a therapy's draws, as `people.population` draws them."""
    if any(number.prior.kind != "fixed" for number in therapy.channels.values()):
        yield f"{therapy.draws}.effect"
    for part in ("decay_days", "half_saturation", "repeat_loss", "memory_days", "on_days", "off_days"):
        if _free(getattr(therapy.exposure, part, None)):
            yield f"{therapy.draws}.exposure.{part}"
    owner = therapy.id if therapy.route == "oral" else therapy.draws
    for part in ("ed50", "hill"):
        if _free(getattr(therapy.exposure, part, None)):
            yield f"{owner}.exposure.{part}"
    if _free(getattr(therapy.exposure, "level", None)):
        yield f"{therapy.id}.level"
    if therapy.graft is not None:
        yield f"{therapy.id}.survival"


def _free(number: Number | None) -> bool:
    return number is not None and number.prior.kind != "fixed"


def widened(knowledge: Knowledge, draws: int, seed: int) -> Knowledge:
    """The same knowledge with `draws` joint draws, and a place in its prior for every number that was not calibrated.

    Args:
        knowledge: in force; its calibrated draws are thinned evenly.
        draws: how many.
        seed: of the places of the numbers that were not calibrated, each spread evenly over its prior.

    Returns:
        It; overridden numbers stay fixed.
    """
    from scipy.special import ndtri

    shared = knowledge.shared
    if shared.names:
        draws = min(draws, shared.draws)
        columns = shared.z[np.linspace(0, shared.draws - 1, draws).astype(int)]
    else:
        columns = np.empty((draws, 0))
    added = [name for name in uncertain_names(knowledge) if name not in shared.names]
    places = []
    for name in added:
        order = np.random.default_rng([seed, zlib.crc32(name.encode())]).permutation(draws)
        places.append(ndtri((order + 0.5) / draws))
    z = np.column_stack([columns, *places]) if places else columns
    return replace(knowledge, shared=Shared((*shared.names, *added), z, shared.provenance))


@dataclass(frozen=True)
class Rehearsed:
    """Rows played for every joint draw; arrays are [draw, row] in each row's own unit, as `trial_effects.Effects`."""

    rows: tuple[TrialRow, ...]
    net: Floats
    own: Floats
    error: Floats
    spread: Floats
    unit: Floats

    def place(self, line: int) -> int:
        """Index of the row of that line."""
        return [row.line for row in self.rows].index(line)


def rehearse(rows: Sequence[TrialRow], knowledge: Knowledge, people: int, seed: int, progress: Progress) -> Rehearsed:
    """Plays rows for every joint draw of `knowledge`; a stored answer to the same question is used.

    Args:
        rows: of trials, real or imagined.
        knowledge: with its joint draws, best `widened`.
        people: virtual people of each kind for every draw.
        seed: of the people.
        progress: called with a step's name and the fraction done.

    Returns:
        What every row should report in every draw.
    """
    store = Store.for_user()
    shared = knowledge.shared
    key = key_of("rehearsed", rows, knowledge.hash, shared.names, shared.z.round(9).tobytes().hex(), people, seed)
    kept = store.get(key)
    if kept is None:
        rehearsal = Rehearsal(rows, therapies_simulated(knowledge))
        runs = []
        for draw in range(shared.draws):
            progress("Rehearsing", draw / shared.draws)
            runs.append(rehearsal.effects(replace(knowledge, shared=shared.at(draw)), people, seed))
        kept = {part: np.stack([getattr(run, part) for run in runs]) for part in _PARTS}
        store.put(key, kept)
    progress("Rehearsing", 1.0)
    return Rehearsed(tuple(rows), **{part: np.asarray(kept[part]) for part in _PARTS})


def standard_error(found: Rehearsed, i: int, knowledge: Knowledge) -> float:
    """Standard error of row i's number in a trial of its size, own unit."""
    row = found.rows[i]
    by_line = {other.line: other for other in found.rows}
    unit, spread = float(found.unit[:, i].mean()), float(found.spread[:, i].mean())
    return sampling_error(knowledge, row, unit, spread, comparison(row, by_line) is not None)


def printed(found: Rehearsed, i: int, knowledge: Knowledge, seed: int) -> Floats:
    """Numbers that trials like row i would print [draw, copy]: effect, the trial's own deviation, control, sampling.

    Only counts that are not net of a control carry what the arm moves by itself.
    """
    row = found.rows[i]
    draws = found.net.shape[0]
    by_line = {other.line: other for other in found.rows}
    contrast = comparison(row, by_line) is not None
    unit = float(found.unit[:, i].mean())

    def place(name: str) -> Floats | None:
        return knowledge.shared.column(name)

    held = scales(knowledge, [row], np.array([unit]), place, draws)
    deviation = held.deviation(found.net[:, [i]])[:, 0]
    if row.level and row.measure.quantity == "count":
        deviation = knowledge.parameters["between_trial.level"].value * np.abs(found.net[:, i])
    shift, wobble = np.zeros(draws), np.zeros(draws)
    if not contrast and not row.level and row.measure.quantity == "count":
        shift = unit * offset(knowledge, row.arm, place, draws)
        wobble = unit * drawn(knowledge, "control.spread", place, draws)
    error = np.hypot(standard_error(found, i, knowledge), float(found.error[:, i].mean()))
    rng = np.random.default_rng([seed, row.line])
    tails = rng.standard_t(TAILS, (draws, COPIES)) * np.sqrt((TAILS - 2.0) / TAILS)
    plain = rng.standard_normal((draws, COPIES))
    noise = deviation[:, None] * tails + np.hypot(error, wobble)[:, None] * plain
    return np.asarray((found.net[:, i] + shift)[:, None] + noise)
