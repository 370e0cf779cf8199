"""The published numbers that the shared numbers are calibrated to, and what a run of the simulator says of them."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

import follicast.knowledge
from follicast.inference.facts import fitted_facts
from follicast.inference.literature import (
    FACT_DEVIATIONS,
    Block,
    block_log_likelihood,
    blocks,
    drawn,
    offset,
    sampling_error,
    scales,
)
from follicast.inference.trial_effects import Rehearsal, comparison, therapies_simulated
from follicast.knowledge.load import Knowledge
from follicast.knowledge.number import Number
from follicast.knowledge.posterior import point
from follicast.knowledge.trial import TrialRow, TrialTable
from follicast.knowledge.trial_table import read_trials

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PEOPLE: Final = 240
_EFFORT: Final = 0.3
SHIPPED_TABLES: Final = ("drug_trials.csv", "procedure_trials.csv")
_DATA: Final = Path(follicast.knowledge.__file__).parent
# Numbers that weigh plans and that no run of the simulator reads. Others of that kind are older than the shipped draws.
_JUDGED_WITH: Final = ("preference.harm.", "preference.unread.", "preference.visit_hours")


@cache
def plan() -> Mapping[str, Any]:
    """What is calibrated, and which rows are left out for which reason: calibration.toml."""
    return tomllib.loads((_DATA / "calibration.toml").read_text(encoding="utf-8"))


def shipped_tables(knowledge: Knowledge) -> tuple[TrialTable, ...]:
    """The tables of published trials that the package ships, with sizes of arms from calibration.toml."""
    tables = (read_trials(_DATA / name, knowledge.therapies) for name in SHIPPED_TABLES)
    return tuple(replace(table, rows=tuple(_sized(row) for row in table.rows)) for table in tables)


def _sized(row: TrialRow) -> TrialRow:
    """The row with the size of its arms, where the table carries none and calibration.toml does."""
    for entry in plan()["people"]:
        if row.n is None and any(row.trial_id.startswith(name) for name in entry["rows"]):
            return replace(row, n=entry["arm"], n_control=entry["arm"] if row.contrast else None)
    return row


def left_out(row: TrialRow) -> str | None:
    """Why a row is not fitted, or None if it is: it is named in calibration.toml, or is no net effect."""
    for entry in plan()["left_out"]:
        if any(row.trial_id.startswith(name) for name in entry["rows"]):
            return str(entry["reason"])
    if row.observed is None:
        return "it carries no number"
    if row.level:
        return "it reports a level, not a change"
    return None if row.contrast else "it has no control arm"


def observed_effect(row: TrialRow, by_line: Mapping[int, TrialRow]) -> float:
    """A row's net effect in its own unit (its own change where it has no control)."""
    value = np.nan if row.observed is None else row.observed
    control = by_line[row.control_line].observed if row.control_line is not None else 0.0
    return float(value - (control or 0.0))


def shipped_drug_means(knowledge: Knowledge) -> Callable[[TrialRow], float | None]:
    """The mean net effect of a row's drug in the other shipped trials, in hairs/cm2: what a model has to beat."""
    rows, hairs = [], []
    for table in shipped_tables(knowledge):
        by_line = {row.line: row for row in table.rows}
        for row in table.rows:
            if left_out(row) is None and row.measure.quantity == "count" and row.unit.basis == "absolute":
                rows.append(row)
                hairs.append(observed_effect(row, by_line) / row.unit.per_standard)
    return drug_means(rows, np.array(hairs))


def drug_means(rows: Sequence[TrialRow], hairs: Floats) -> Callable[[TrialRow], float | None]:
    """The mean net effect of a row's drug in the other trials of a set.

    Args:
        rows: rows with a net effect.
        hairs: their net effects in hairs/cm2.

    Returns:
        A function of a row: the mean over the other trials (each trial counts once), or None without any.
    """

    def mean(row: TrialRow) -> float | None:
        by_trial: dict[str, list[float]] = {}
        for other, value in zip(rows, hairs, strict=True):
            if other.drug == row.drug and other.trial != row.trial:
                by_trial.setdefault(other.trial, []).append(float(value))
        return float(np.mean([np.mean(values) for values in by_trial.values()])) if by_trial else None

    return mean


@dataclass(frozen=True)
class Evidence:
    """Rows and facts with everything that does not change from run to run.

    `units`, `errors` are by row, taken once at the middle of the priors; `offsets` are control rows, the last of each
    trial; `facts` are targets and standard deviations. `key` names all of it
    for stored runs.
    """

    knowledge: Knowledge
    names: tuple[str, ...]
    rows: tuple[TrialRow, ...]
    observed: Floats
    units: Floats
    errors: Floats
    blocks: tuple[Block, ...]
    offsets: Ints
    fact_targets: Floats
    fact_deviations: Floats
    fact_names: tuple[str, ...]
    key: str

    def trial_of(self, block: Block) -> str:
        """The trial of a block."""
        return self.rows[int(block.rows[0])].trial

    def facts_of(self, block: Block) -> npt.NDArray[np.bool_]:
        """Which facts come from the trial of a block and are left out with it [fact]."""
        ids = {self.rows[int(i)].trial_id for i in block.rows}
        own = {fact for fact, head in plan()["facts_in_trials"].items() if any(i.startswith(head) for i in ids)}
        return np.array([name.split()[0] in own for name in self.fact_names])

    def fact_log_likelihood(self, facts: Floats, error: Floats, chosen: npt.NDArray[np.bool_]) -> Floats:
        """Log likelihood of the chosen facts that these outputs [draw, fact] give, known to `error` [fact]."""
        miss = (self.fact_targets - facts) / np.hypot(self.fact_deviations, error)
        return np.asarray(-0.5 * (miss[:, chosen] ** 2).sum(axis=1))

    def outputs(self, z: Floats, seed: int) -> Floats:
        """What one run says: net effects, own changes, then facts."""
        here = replace(self.knowledge, shared=point(dict(zip(self.names, z.tolist(), strict=True))))
        effects = Rehearsal(self.rows, therapies_simulated(here)).effects(here, PEOPLE, seed)
        facts = [check.model for check in fitted_facts(here, seed, _EFFORT)]
        return np.concatenate([effects.net, effects.own, facts])

    def log_likelihood(self, z: Floats, outputs: Floats, error: Floats) -> Floats:
        """Log likelihood of places [draw, name] whose outputs are these [draw, output], known to `error` [output]."""
        n = len(self.rows)
        net, own, facts = outputs[:, :n], outputs[:, n : 2 * n], outputs[:, 2 * n :]
        total = np.zeros(z.shape[0])
        deviation = self.deviation(z, net)
        deviation = np.hypot(deviation, error[:n])
        for block in self.blocks:
            total += block_log_likelihood(block, net, deviation)
        spread = self._drawn("control.spread", z)
        for i in self.offsets:
            row = self.rows[i]
            centre = own[:, i] / self.units[i] + offset(self.knowledge, row.arm, self.place(z), z.shape[0])
            sd = np.sqrt(spread**2 + (self.errors[i] ** 2 + error[n + i] ** 2) / self.units[i] ** 2)
            total += -np.log(sd) - 0.5 * (((row.observed or 0.0) / self.units[i] - centre) / sd) ** 2
        every = np.ones(len(self.fact_names), dtype=bool)
        return np.asarray(total + self.fact_log_likelihood(facts, error[2 * n :], every))

    def deviation(self, z: Floats, net: Floats) -> Floats:
        """Standard deviation of each row's trial around these net effects [draw, row]."""
        return scales(self.knowledge, self.rows, self.units, self.place(z), z.shape[0]).deviation(net)

    def place(self, z: Floats) -> Any:
        """Column of a name in places [draw, name], or None."""
        return lambda name: z[:, self.names.index(name)] if name in self.names else None

    def _drawn(self, key: str, z: Floats) -> Floats:
        return drawn(self.knowledge, key, self.place(z), z.shape[0])


def gather(knowledge: Knowledge, seed: int) -> Evidence:
    """The shipped evidence, ready to be calibrated to.

    Args:
        knowledge: in force; its calibrated draws are set aside, its hypothesis of regrowth is kept.
        seed: of the run at the middle of the priors that gives units and spreads.

    Returns:
        The evidence.
    """
    prior = replace(knowledge, shared=point({}))
    rows = _needed([row for table in shipped_tables(prior) for row in _renumbered(table) if row.observed is not None])
    by_line = {row.line: row for row in rows}
    names = tuple(plan()["names"])
    middle = replace(prior, shared=point(dict.fromkeys(names, 0.0)))
    effects = Rehearsal(rows, therapies_simulated(prior)).effects(middle, PEOPLE, seed)
    known = np.isfinite(effects.net)
    contrast = [comparison(row, by_line) is not None for row in rows]
    errors = np.array(
        [
            np.hypot(sampling_error(prior, row, unit, spread, net), error)
            for row, unit, spread, net, error in zip(
                rows, effects.unit, effects.spread, contrast, effects.error, strict=True
            )
        ]
    )
    chosen = [i for i, row in enumerate(rows) if left_out(row) is None and known[i]]
    observed = np.array([observed_effect(row, by_line) for row in rows])
    shared = np.array([errors[i] ** 2 / 2.0 if row.control_line is not None else 0.0 for i, row in enumerate(rows)])
    checks = fitted_facts(middle, seed, _EFFORT)
    return Evidence(
        knowledge=prior,
        names=names,
        rows=rows,
        observed=observed,
        units=effects.unit,
        errors=errors,
        blocks=tuple(blocks(rows, chosen, observed, errors, shared)),
        offsets=_control_rows(rows),
        fact_targets=np.array([0.5 * (check.low + check.high) for check in checks]),
        fact_deviations=np.array([0.5 * (check.high - check.low) / FACT_DEVIATIONS for check in checks]),
        fact_names=tuple(f"{check.fact} {check.what}" for check in checks),
        key=_key(prior, rows, names),
    )


def _renumbered(table: TrialTable) -> Sequence[TrialRow]:
    """Rows whose lines are unique over both shipped tables."""
    shift = 1_000_000 * SHIPPED_TABLES.index(table.name)
    return [
        replace(
            row,
            line=row.line + shift,
            control_line=None if row.control_line is None else row.control_line + shift,
        )
        for row in table.rows
    ]


def _needed(rows: Sequence[TrialRow]) -> tuple[TrialRow, ...]:
    """Rows that are fitted, their controls, and the control rows whose own course tells an offset."""
    offsets = set(_control_rows(rows).tolist())
    fitted = [i for i, row in enumerate(rows) if left_out(row) is None]
    controls = {rows[i].control_line for i in fitted}
    kept = {*fitted, *offsets, *(i for i, row in enumerate(rows) if row.line in controls)}
    return tuple(rows[i] for i in sorted(kept))


def _control_rows(rows: Sequence[TrialRow]) -> Ints:
    """The latest control row of a count of each trial that is fitted at all."""
    last: dict[str, int] = {}
    for i, row in enumerate(rows):
        reasons = ("it has no control arm", None)
        plain = not row.arm.uses and row.against is None and row.measure.quantity == "count" and not row.level
        if plain and not row.measure.phases and left_out(row) in reasons:
            known = last.get(row.trial)
            if known is None or rows[known].week <= row.week:
                last[row.trial] = i
    return np.array(sorted(last.values()), dtype=np.int64)


def _key(knowledge: Knowledge, rows: Sequence[TrialRow], names: Sequence[str]) -> str:
    """A digest of what runs depend on besides the code: values and priors, rows, names and hypothesis; not of texts."""
    numbers = [
        (key, number.value, number.prior)
        for key, number in sorted(knowledge.parameters.items())
        if not key.startswith(_JUDGED_WITH)
    ]
    acting = [
        (name, part, field, number.value, number.prior)
        for name, therapy in sorted(knowledge.therapies.items())
        for part in ("exposure", "channels", "response")
        for field, number in _numbers_of(getattr(therapy, part))
    ]
    said = repr((numbers, acting, rows, names, knowledge.regrowth, PEOPLE, _EFFORT))
    return hashlib.sha256(said.encode()).hexdigest()


def _numbers_of(part: object) -> list[tuple[str, Number]]:
    """Numbers of a part of a therapy, by name."""
    found = dict(part) if isinstance(part, Mapping) else {}
    if part is not None and not isinstance(part, Mapping):
        found = {name: getattr(part, name) for name in part.__dataclass_fields__}  # type: ignore[attr-defined]
    return [(name, number) for name, number in sorted(found.items()) if isinstance(number, Number)]
