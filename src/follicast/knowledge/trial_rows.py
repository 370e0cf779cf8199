"""One row of a table of trials, read cell by cell into the model's own terms, or refused with the reason."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar, cast

from follicast.knowledge.therapy import Therapy
from follicast.knowledge.trial import SCORED_PERCENT, Arm, Refused, Setting, TrialRow, Unit
from follicast.knowledge.trial_agents import Agents
from follicast.knowledge.trial_arms import ArmReader, Columns
from follicast.knowledge.trial_numbers import (
    SMALLEST,
    People,
    RowError,
    Week,
    quoted,
    read_course,
    read_number,
    read_people,
    read_week,
    refuse,
    tidy,
)
from follicast.knowledge.trial_words import Reading, Scale, Words, vocabulary

CONFIDENCE_WIDTH = 3.92
"""Width of a 95 % confidence interval in standard errors."""
MOST_PERCENT = 1000.0
MOST_STANDARD = {"count": 1000.0, "diameter": 300.0}
"""Beyond these (hairs/cm2, um) a number is in another unit than the row says."""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Format:
    """A format of table: what its columns of the agent and of the week are called."""

    name: str
    agent: str
    week: str

    @property
    def needed(self) -> tuple[str, ...]:
        """Columns without which a table is not of this format."""
        return ("trial_id", "sex", "measure", self.agent, self.week, "change_mean", "unit")


DRUGS = Format("drug trials", "drug", "week")
PROCEDURES = Format("procedure trials", "therapy", "followup_week")

_GIVEN = ("dose", "route", "frequency", "source_or_device", "sessions", "interval_days")
_SAME = (
    "trial_id",
    "sex",
    "region",
    "measure",
    "unit",
    "drug",
    "week",
    "therapy",
    "followup_week",
    "control_type",
    *_GIVEN,
)
_PARENTHESES = re.compile(r"\([^()]*\)")
_OTHER_CHANGE = re.compile(r"\(\s*([+-]\d+(?:\.\d+)?|\d+\.\d+|\d+(?=\s*\+-))\s*(?:\+-\s*(\d+(?:\.\d+)?))?\s*%?\s*\)")
_IDENTIFIER = re.compile(r"pmid:? ?\d+|pmc:? ?\d+|nct ?\d+|10\.\d{3,}/[^\s;,]+")
_META = re.compile(r"meta|(?:^|[ _])nma|network", re.IGNORECASE)
_IS_CONTROL = re.compile(r"is (?:the )?(?:control|comparator)")


class Cells(dict[str, str]):
    """The cells of a row by column; a column that the table does not have reads as empty."""

    def __missing__(self, column: str) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A row understood by itself, before the other rows of its trial say who its control is and how many took part.

    `total`: people of all arms together, where that is all the row says. `other_sd`: standard deviation of the other
    arm's changes, for a contrast. `control`: whether the table marks the row as the control or comparator of its trial.
    """

    row: TrialRow
    total: float | None
    other_sd: float | None
    control: bool


@dataclass(frozen=True, slots=True)
class _Figures:
    """The numbers of a row, in its unit."""

    observed: float
    level: bool
    sd: float | None
    se: float | None
    baseline: float | None

    def scaled(self, factor: float) -> _Figures:
        observed, sd, se = (None if x is None else x * factor for x in (self.observed, self.sd, self.se))
        return _Figures(cast(float, observed), self.level, sd, se, None)


@dataclass(frozen=True, slots=True)
class _Compared:
    """What was done, what it is compared with within the row, and the other arm's change where that stands apart."""

    arm: Arm
    against: Arm | None
    other: float = 0.0
    other_sd: float | None = None


class _Remembered(Generic[Result]):
    """A reader that reads each combination of texts once; tables repeat themselves."""

    def __init__(self, read: Callable[..., Result]) -> None:
        self.read = read
        self.known: dict[tuple[Any, ...], Result | RowError] = {}

    def __call__(self, *texts: Any) -> Result:
        if texts not in self.known:
            try:
                self.known[texts] = self.read(*texts)
            except RowError as refusal:
                self.known[texts] = refusal
        found = self.known[texts]
        if isinstance(found, RowError):
            raise RowError(str(found))
        return found


class RowReader:
    """Reads the rows of one table, one by one and in order."""

    def __init__(self, layout: Format, therapies: Mapping[str, Therapy]) -> None:
        raw = vocabulary()
        self.layout = layout
        self.words = Words(raw)
        self.agents = Agents(raw, therapies)
        self.arms = ArmReader(self.agents, layout.agent)
        self.people = _Remembered(self.words.people)
        self.reading = _Remembered(self.words.reading)
        self.scale = _Remembered(self.words.scale)
        self.arm = _Remembered(self._arm)
        self.versus = _Remembered(self._versus)
        self.number = _Remembered(read_number)
        self.week = _Remembered(read_week)
        self.count = _Remembered(read_people)
        self.course = _Remembered(read_course)
        self.seen: dict[tuple[str, ...], int] = {}
        self.trials: dict[tuple[str, str, str], str] = {}

    def read(self, line: int, cells: Cells, surplus: int) -> Draft | Refused:
        """One row, understood or refused; `surplus` is how many cells it has beyond the header's."""
        name = cells["trial_id"].strip()
        figures: _Figures | None = None
        try:
            if surplus:
                raise RowError(
                    f"row: found {abs(surplus)} cells too {'many' if surplus > 0 else 'few'}; allowed: as in the header"
                )
            figures = self._figures(cells)
            return self._draft(line, name, cells, figures)
        except RowError as refusal:
            return Refused(line, name, str(refusal), figures.observed if figures else None, cells["unit"].strip())

    def _draft(self, line: int, name: str, cells: Cells, figures: _Figures) -> Draft:
        if not name:
            raise RowError("trial_id: found ''; allowed: a name")
        self._check_new(line, cells)
        reading = self.reading(cells["measure"])
        area = self._positive(cells, "target_area_cm2")
        scale = self.scale(cells["unit"], reading.measure.quantity, area)
        compared = self._compared(cells, reading, scale, figures.level)
        who = self.people(*(cells[c] for c in ("sex", "age_mean", "stage_inclusion", "region", "first_author")))
        people: People = self.count(cells["n_arm"], "n_arm")
        week = 0.0 if figures.level else self._week(cells, reading, compared.arm)
        figures = replace(figures, observed=figures.observed - compared.other)
        _check_numbers(figures, scale, compared.against is not None, cells["unit"])
        unit, figures = _in_unit(figures, reading, scale, cells["unit"].strip())
        second = not compared.arm.uses and people.control is not None
        row = TrialRow(
            line=line,
            trial_id=name,
            trial=self._trial(name, cells),
            who=who,
            n=people.control if second else people.n,
            n_control=people.control if compared.against is not None else None,
            arm=compared.arm,
            against=compared.against,
            control_line=None,
            measure=replace(reading.measure, quantity=scale.quantity),
            unit=unit,
            week=week,
            level=figures.level or reading.level,
            observed=figures.observed,
            sd=None if figures.level else figures.sd,
            se=figures.se,
            baseline=figures.baseline,
            verification=cells["verification"].strip(),
        )
        marked = _IS_CONTROL.match(tidy(cells["control_type"])) is not None
        total = people.total
        if figures.level and figures.sd is not None and people.n is not None:
            row = replace(row, se=figures.sd / math.sqrt(people.n))
        return Draft(row, total, compared.other_sd, marked)

    def _figures(self, cells: Cells) -> _Figures:
        """The numbers of a row; a row read before treatment, or that gives nothing else, is a level."""
        change = self.number(cells["change_mean"], "change_mean")
        baseline = self._positive(cells, "baseline_mean", zero=True)
        spread, sd, se = (self._positive(cells, name) for name in ("baseline_sd", "change_sd", "change_se"))
        low, high = (self.number(cells[name], name) for name in ("ci_low", "ci_high"))
        if se is None and low is not None and high is not None:
            if low >= high:
                raise refuse("ci_low", cells["ci_low"], "a number below ci_high")
            se = (high - low) / CONFIDENCE_WIDTH
        week: Week | None = self.week(cells[self.layout.week], self.layout.week)
        if baseline is not None and (week is None or week.value == 0) and (change is None or week is not None):
            return _Figures(baseline, True, spread, None, baseline)
        if change is None:
            raise RowError("no number: the row carries no number")
        return _Figures(change, False, sd, se, baseline)

    def _positive(self, cells: Cells, column: str, zero: bool = False) -> float | None:
        allowed = "a number from 0" if zero else "a number above 0"
        number: float | None = self.number(cells[column], column, allowed)
        if number is not None and number < (0.0 if zero else SMALLEST):
            raise refuse(column, cells[column], allowed)
        return number

    def _check_new(self, line: int, cells: Cells) -> None:
        """Refuses a row that gives again what an earlier row has given a number for."""
        key = tuple(cells[column].strip().lower() for column in _SAME)
        first = self.seen.setdefault(key, line)
        if first != line:
            same = f"{quoted(cells['trial_id'])} with the arm, measure, unit and week of line {first}"
            raise RowError(f"trial_id: found {same}; allowed: each once")

    def _compared(self, cells: Cells, reading: Reading, scale: Scale, level: bool) -> _Compared:
        """What was done and what it is compared with: in the text, as the control's own change, or by the unit."""
        column = self.layout.agent
        given = tuple(cells[name] for name in _GIVEN)
        whole = self.agents.whole.fullmatch(tidy(cells[column])) is not None
        arm, against = self.arm(cells[column], *given)
        if level:
            return _Compared(arm, None)
        if whole:
            raise refuse(column, cells[column], "one arm, for a change")
        arm = self._left_out(arm, reading)
        control = tidy(cells["control_type"])
        bracket = None if _IS_CONTROL.match(control) else _OTHER_CHANGE.search(control)
        if against is None and (bracket or scale.over_control or self._pooled(cells)):
            named = _PARENTHESES.sub(" ", control).strip()
            if named and not self.agents.none.match(named) and not _IS_CONTROL.match(named):
                against = self.versus(named, arm.setting, *given)
        elif against is not None:
            bracket = None
        if against is None:
            if scale.over_control:
                raise refuse("control_type", cells["control_type"], "the control that the unit is relative to")
            return _Compared(arm, None)
        against = self._left_out(against, reading, arm.setting)
        if against.active == arm.active == ():
            raise refuse(column, cells[column], "two arms that differ")
        if bracket is None:
            return _Compared(arm, against)
        return _Compared(arm, against, float(bracket[1]), float(bracket[2]) if bracket[2] else None)

    def _left_out(self, arm: Arm, reading: Reading, imitated: Setting | None = None) -> Arm:
        """The arm without what both arms had, where the reading leaves that out."""
        if not reading.without:
            return arm
        kept = tuple(use for use in arm.uses if use.therapy not in reading.without)
        return Arm(kept, self.arms.setting(kept) if kept else imitated or arm.setting)

    def _pooled(self, cells: Cells) -> bool:
        return _META.search(f"{cells['design']} {cells['trial_id']}") is not None

    def _arm(self, text: str, *given: str) -> tuple[Arm, Arm | None]:
        return self.arms.row(text, self._columns(given))

    def _versus(self, text: str, imitated: Setting, *given: str) -> Arm:
        return self.arms.control(text, self._columns(given), imitated)

    def _columns(self, given: tuple[str, ...]) -> Columns:
        dose, route, frequency, details, *course = given
        return Columns(dose, route, frequency, details, self.course(*course))

    def _week(self, cells: Cells, reading: Reading, arm: Arm) -> float:
        """Weeks from the start of the trial to the reading of a change."""
        column = self.layout.week
        week: Week | None = self.week(cells[column], column)
        if week is None:
            unstated = self.words.meta_week if self._pooled(cells) else reading.unstated_week
            if unstated is None:
                raise refuse(column, cells[column], "weeks from the start of the trial")
            return unstated
        if week.after_last:
            last = self.course(cells["sessions"], cells["interval_days"]).last_week
            weeks = [use.session_weeks[-1] for use in arm.uses if use.session_weeks] if last is None else [last]
            if not weeks:
                raise refuse(column, cells[column], "weeks from the start, or the sessions that it counts from")
            return week.value + max(weeks)
        if week.value == 0:
            raise refuse(column, cells[column], "a week after the start, for a change")
        return week.value

    def _trial(self, name: str, cells: Cells) -> str:
        """The key of a row's trial: author and year, and any identifier in common or else the beginning of the id."""
        if self.layout is PROCEDURES:
            return name
        author, year = tidy(cells["first_author"]), tidy(cells["year"])
        prefix = name.split("_")[0].lower()
        tokens = _IDENTIFIER.findall(tidy(cells["doi_or_pmid"]))
        asked = tokens or [prefix, *([""] if author and year else [])]
        keys = [(author, year, token) for token in asked]
        found = next((self.trials[key] for key in keys if key in self.trials), None)
        trial = found or " ".join(part for part in (author, year, asked[0]) if part)
        for key in (*keys, (author, year, prefix)):
            self.trials.setdefault(key, trial)
        return trial


def _check_numbers(figures: _Figures, scale: Scale, contrast: bool, text: str) -> None:
    """Refuses what no scalp can show: a loss of more than there was, a share beyond 100 %."""
    column = "baseline_mean" if figures.level else "change_mean"
    low, high = -MOST_PERCENT, MOST_PERCENT
    if scale.quantity == "graft survival":
        low, high = (-100.0, 100.0) if contrast else (0.0, 100.0)
    elif scale.percent and scale.quantity in SCORED_PERCENT and scale.basis == "absolute":
        low, high = (0.0 if figures.level else -100.0), 100.0
    elif scale.basis == "percent of baseline":
        if figures.level:
            raise refuse("unit", text, "a unit of its own for a level before treatment")
        low = -MOST_PERCENT if contrast else -100.0
    else:
        most = MOST_STANDARD.get(scale.quantity, math.inf) * (scale.per_standard or math.inf)
        low, high = (0.0 if figures.level else -most), most
        if figures.baseline is not None and not contrast and not figures.level:
            low = max(low, -figures.baseline)
    if not low <= figures.observed <= high:
        raise RowError(f"{column}: found {figures.observed:g} {text.strip()}; allowed: {low:g} to {high:g}")


def _in_unit(figures: _Figures, reading: Reading, scale: Scale, text: str) -> tuple[Unit, _Figures]:
    """The row's unit in terms of the model's, and the numbers in it.

    Where the scale of a unit is not known the numbers become percent of the row's own baseline. Hair taken from the
    donor area is a percentage to the model, so its unit carries the baseline and the sign of the row.
    """
    baseline = figures.baseline
    if scale.quantity == "donor removed":
        sign = -1.0 if figures.observed < 0 else 1.0
        if scale.percent:
            return Unit(text, "absolute", sign), replace(figures, baseline=None)
        if not baseline:
            raise refuse("baseline_mean", "", "the density before, to make a share of the hairs removed")
        return Unit(text, "absolute", sign * baseline / 100), figures
    if reading.opposite:
        if figures.level or scale.basis != "absolute":
            raise refuse("unit", text, "percentage points of change, for hairs in telogen")
        return Unit(text, "absolute", -1.0), figures
    if scale.per_standard is None:
        if figures.level or not baseline:
            raise refuse("unit", text, "a unit with a known area or time, or a change beside its baseline_mean")
        share = 100 * figures.observed / baseline
        if not -100 <= share <= MOST_PERCENT:
            found = f"found {figures.observed:g} of {baseline:g} {text}"
            raise RowError(f"change_mean: {found}; allowed: -100 to {MOST_PERCENT:g} % of baseline_mean")
        return Unit(f"% of baseline (from {text})", "percent of baseline", 1.0), figures.scaled(100 / baseline)
    relative = scale.percent and not figures.level
    return Unit(text, scale.basis, scale.per_standard), replace(figures, baseline=None) if relative else figures
