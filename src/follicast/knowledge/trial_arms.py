"""What an arm of a trial got: "finasteride 52 wk then placebo 52 wk", "microneedling+minoxidil 5%", "saline injection".

A text is taken apart in this order: what it is compared with ("minus", "vs"), what follows what ("then", "stopped at wk
96"), what is given together ("+", "and", "/"), and in each part the agent, its route and its dose. Columns of the row
(dose, route, frequency) fill in what the text leaves open; the vocabulary says the rest.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from follicast.knowledge.therapy import EmaxExposure, Kind, SessionExposure, Therapy
from follicast.knowledge.trial import Arm, Setting, Use
from follicast.knowledge.trial_agents import ANY, Agents, Drug, Option, most_invasive
from follicast.knowledge.trial_numbers import MOST_SESSIONS, NUMBER, TIME, WEEKS, Course, RowError, quoted, tidy

NO_COURSE = Course()
MOST_DOSES = 1000.0


@dataclass(frozen=True, slots=True)
class Columns:
    """The other columns that say what was given; `details` may name agents with their doses ("finasteride 2.5 mg")."""

    dose: str = ""
    route: str = ""
    frequency: str = ""
    details: str = ""
    course: Course = NO_COURSE


@dataclass(frozen=True, slots=True)
class _Dose:
    mg: tuple[float, ...]
    percent: tuple[float, ...]
    ml: float | None
    per_day: float | None

    @property
    def stated(self) -> bool:
        return bool(self.mg or self.percent)


_PARENTHESES = re.compile(r"\([^()]*\)")
_MILLIGRAMS = {"mg": 1.0, "ug": 0.001, "mcg": 0.001}
_MG = re.compile(rf"({NUMBER})(?: ?- ?({NUMBER}))? ?(mg|ug|mcg)(?! ?/ ?(?:ml|kg|l\b|cm2))")
_PERCENT = re.compile(rf"({NUMBER})(?: ?- ?({NUMBER}))? ?%")
_ML = re.compile(rf"({NUMBER}) ?(?:ml|g)\b")
_DURATION = re.compile(rf"(?<![\w.])({NUMBER}) ?-?{TIME}")
_WINDOW = re.compile(rf"\(?([+-]?{NUMBER}) ?{TIME} to \+?({NUMBER}) ?(?:{TIME.replace('unit', 'unit2')})\)?")
_SESSIONS = re.compile(r"(\d+) (?:monthly |weekly )?(?:sessions?|treatments?|injections?)\b")


class ArmReader:
    """Reads what the arms of a row got."""

    def __init__(self, agents: Agents, column: str) -> None:
        self.agents = agents
        self.column = column

    def row(self, text: str, columns: Columns) -> tuple[Arm, Arm | None]:
        """The arm of a row, and what it is compared with where the text is a contrast ("A minus B").

        Raises:
            RowError: an agent without a therapy, or a text that does not say what was given.
        """
        plain = tidy(text)
        sides = _apart(self.agents.split, plain)
        if len(sides) > 2 or not all(sides):
            raise self._refuse(text, "one arm, or one arm minus another")
        arm = self.arm(sides[0], self._side(columns, 0))
        if len(sides) == 1:
            return arm, None
        other = sides[1]
        if self._is_modifier(_apart(self.agents.together, other)[0]) and not self.agents.dummy(other):
            other = f"{_PERCENT.sub(' ', _MG.sub(' ', _apart(self.agents.together, sides[0])[0]))} {other}"
        second = self._side(columns, 1)
        if second.dose == columns.dose:  # one dose is that of the first side
            second = replace(second, dose="", details="")
        return arm, self.arm(other, second, arm.setting)

    def _side(self, columns: Columns, index: int) -> Columns:
        """What the columns say of one side of a contrast: "oral qd vs topical bid" has two, others hold for both."""

        def half(text: str) -> str:
            pieces = _apart(self.agents.split, tidy(text))
            return pieces[index] if len(pieces) == 2 else text

        dose, route, frequency, details = map(half, (columns.dose, columns.route, columns.frequency, columns.details))
        return Columns(dose, route, frequency, details, columns.course)

    def control(self, text: str, columns: Columns, setting: Setting) -> Arm:
        """The arm that a column such as control_type names; a dummy without a route imitates `setting`.

        Raises:
            RowError: as for `row`.
        """
        return self.arm(tidy(text), replace(columns, dose="", route="", details=""), setting)

    def arm(self, plain: str, columns: Columns, imitated: Setting | None = None) -> Arm:
        """One arm, from its text without any comparison."""
        if self.agents.whole.fullmatch(plain.strip()):
            return Arm((), "untreated")
        segments = _apart(self.agents.sequence, plain)
        uses: list[Use] = []
        settings: list[Setting] = []
        start = 0.0
        for index, segment in enumerate(segments):
            body, begin, stop = self._window(segment, start)
            if index + 1 < len(segments):
                duration = _DURATION.search(segment)
                if duration is None:
                    raise self._refuse(segment, 'how long, such as "52 wk", before what follows')
                stop = start + float(duration[1]) * WEEKS[duration["unit"][0]]
                body = body.replace(duration[0], " ")
            got, setting = self._segment(body, columns, imitated)
            uses += [self._timed(use, begin if self._daily(use) else start, stop) for use in got]
            settings.append(setting)
            start = stop
        return Arm(tuple(uses), most_invasive(settings) or self.agents.setting)

    def _timed(self, use: Use, begin: float, stop: float) -> Use:
        """The use from `begin` to `stop`, its sessions counted from `begin`."""
        weeks = tuple(begin + week for week in use.session_weeks if begin + week < stop)
        return replace(use, start_week=begin, stop_week=stop, session_weeks=weeks)

    def _daily(self, use: Use) -> bool:
        return self.agents.therapies[use.therapy].kind not in ("session", "surgery")

    def setting(self, uses: Iterable[Use]) -> Setting:
        """What these uses are to the people of an arm."""
        return most_invasive(self._therapy_setting(use.therapy) for use in uses) or self.agents.setting

    def _window(self, segment: str, start: float) -> tuple[str, float, float]:
        """The segment without the weeks it begins and stops at, and these."""
        window = _WINDOW.search(segment)
        if window:
            scale = WEEKS[window["unit2"][0]]
            begin, stop = float(window[1]) * WEEKS[window["unit"][0]], float(window[3]) * scale
            return segment.replace(window[0], " "), start + begin, start + stop
        stopped = self.agents.stopped.search(segment)
        if not stopped:
            return segment, start, math.inf
        when = re.search(rf"(?:(wk|week|month|mo|day|year)s? ?)?({NUMBER})(?: ?{TIME})?", stopped[1])
        if not when:
            raise self._refuse(segment, 'the week of stopping, such as "stopped at wk 96"')
        week = float(when[2]) * WEEKS[(when["unit"] or when[1] or "w")[0]]
        return segment[: stopped.start()], start, start + week

    def _segment(self, body: str, columns: Columns, imitated: Setting | None) -> tuple[list[Use], Setting]:
        """What is given together in one stretch of time."""
        if re.search(r"\S / \S", _PARENTHESES.sub(" ", body)):
            raise self._refuse(body, "one arm a row")
        parts: list[str] = []
        for part in _apart(self.agents.together, body):
            if parts and self._is_modifier(part):
                parts[-1] += f" {part}"
            elif part:
                parts.append(part)
        lead = next((name for name, pattern, _ in self.agents.routes if pattern.match(body.strip())), "")
        uses: list[Use] = []
        settings: list[Setting] = []
        visits = ""
        for part in parts:
            outside = _PARENTHESES.sub(" ", part)
            dummy, (drugs, rest) = self.agents.dummy(outside), self.agents.named(outside)
            if not drugs and not dummy:
                drugs, rest = self.agents.named(part)
            if dummy and (dummy.beats or not drugs):
                named = self.agents.setting_of(outside) or dummy.setting
                settings.append(named or imitated or self.agents.setting_of(tidy(columns.route)) or self.agents.setting)
                continue
            if not drugs:
                vague = self.agents.vague.search(outside)
                raise self._refuse(part, self.agents.known) if vague else self._unknown(part)
            alone = len(parts) == len(drugs) == 1
            used = [self._use(drug, part, lead, columns, alone) for drug in drugs]
            visits += "" if all(map(self._daily, used)) else f" {part}"
            uses += used
            if self.agents.unfinished.search(rest):
                raise self._refuse(part, "every agent by name")
        if not parts:
            raise self._refuse(body, self.agents.known)
        rhythm = visits if any(map(self._daily, uses)) else f"{visits} {tidy(columns.frequency)}"
        uses = self._in_sessions(list(dict.fromkeys(uses)), rhythm, columns.course)
        settings += [self._therapy_setting(use.therapy) for use in uses]
        return uses, most_invasive(settings) or self.agents.setting

    def _use(self, drug: Drug, part: str, lead: str, columns: Columns, alone: bool) -> Use:
        dose = self._full_dose(drug, part, columns, alone)
        route = self._route(drug, part, lead, columns, alone, dose)
        options = [option for option in drug.options if option.route in (route, ANY)]
        if not options:
            raise self._unknown(part)
        percent = _mean(dose.percent)
        if percent is None and not dose.mg:
            percent = drug.unstated_percent
        option = next((o for o in options if percent is None or percent <= o.up_to_percent), options[-1])
        therapy = self.agents.therapies.get(option.id)
        if therapy is None:
            raise self._unknown(part)
        share = self._share(therapy, drug, option, dose, percent)
        return Use(therapy.id, share)

    def _share(self, therapy: Therapy, drug: Drug, option: Option, dose: _Dose, percent: float | None) -> float:
        """The daily dose as a share of the full one; 1 where the therapy has no dose-response or the row no dose."""
        exposure = therapy.exposure
        if not isinstance(exposure, EmaxExposure) or not exposure.dose.unit.startswith("mg"):
            return 1.0
        times = dose.per_day if dose.per_day is not None else option.times_a_day
        if dose.mg:
            daily = sum(dose.mg) / len(dose.mg) * times
        elif percent is not None and (dose.percent or option.route == "topical"):
            daily = 10 * percent * (dose.ml or option.ml) * times
        elif drug.unstated_mg is not None and option.route == "oral":
            daily = drug.unstated_mg * times
        else:
            return 1.0
        share = daily / exposure.dose.value
        if not 0 < share <= MOST_DOSES:
            most = MOST_DOSES * exposure.dose.value
            raise RowError(f"dose: found {daily:g} mg a day of {drug.name}; allowed: more than 0, up to {most:g}")
        return share

    def _in_sessions(self, uses: list[Use], said: str, course: Course) -> list[Use]:
        """The uses with the weeks of their sessions, from the columns or else from what the text has `said` of them.

        What is given in sessions is given at the same visits; what the row leaves open is as usual for the therapy with
        the longest interval, and beside an operation it is the operation.
        """
        therapies = [self.agents.therapies[use.therapy] for use in uses]
        exposures = [each.exposure for each in therapies if isinstance(each.exposure, SessionExposure)]
        if not exposures:
            return uses
        usual = max(exposures, key=lambda each: each.interval_target_days.value)
        count, days = int(usual.sessions.value), usual.interval_target_days.value
        if any(each.kind == "surgery" for each in therapies):
            count = 1
        counted, rhythm = _SESSIONS.search(said), self.agents.per_day(said)
        if counted and not course.count and not course.weeks:
            course = replace(course, count=min(max(int(counted[1]), 1), MOST_SESSIONS))
        if rhythm and not course.interval_days:
            course = replace(course, interval_days=1 / rhythm)
        weeks = course.sessions(count, days)
        in_sessions = [isinstance(each.exposure, SessionExposure) for each in therapies]
        return [replace(use, session_weeks=weeks) if yes else use for use, yes in zip(uses, in_sessions, strict=True)]

    def _route(self, drug: Drug, part: str, lead: str, columns: Columns, alone: bool, dose: _Dose) -> str:
        """The route of a drug: its own words, its dose, the word before the whole text, the row's column, its usual."""
        served = {option.route for option in drug.options}
        own = self.agents.route_of(part)
        if len(own) == 1 and (alone or own[0] in served):
            return own[0]
        for route, found in (("topical", dose.percent), ("oral", dose.mg)):
            if found and route in served and not any(name in served for name in own):
                return route
        if lead in served:
            return lead
        column = self.agents.route_of(tidy(columns.route))
        if len(column) == 1 and (alone or column[0] in served):
            return column[0]
        return next((name for name in own if name in served), drug.unstated_route)

    def _dose(self, text: str, drug: Drug) -> _Dose:
        strength = next((m["strength"] for m in drug.pattern.finditer(text) if m.groupdict().get("strength")), None)
        mg = tuple(_middle(match) * _MILLIGRAMS[match[3]] for match in _MG.finditer(text))
        percent = tuple(_middle(match) for match in _PERCENT.finditer(text)) or ((float(strength),) if strength else ())
        ml = _ML.search(_MG.sub(" ", text))
        return _Dose(mg, percent, float(ml[1]) if ml else None, self.agents.per_day(text))

    def _full_dose(self, drug: Drug, part: str, columns: Columns, alone: bool) -> _Dose:
        """The dose in a drug's own words, else the one that the other columns give it."""
        own = self._dose(part, drug)
        found = own if own.stated else self._column_dose(drug, self.agents.route_of(part), columns, alone) or own
        rhythms = (
            own.per_day,
            found.per_day,
            *(self.agents.per_day(tidy(t)) for t in (columns.frequency, columns.route)),
        )
        per_day = next((rhythm for rhythm in rhythms if rhythm is not None), None)
        return replace(found, ml=own.ml or found.ml, per_day=per_day)

    def _column_dose(self, drug: Drug, routes: tuple[str, ...], columns: Columns, alone: bool) -> _Dose | None:
        """A dose in the row's other columns: one that names this drug, else one that suits no other."""
        served = {option.route for option in drug.options} if alone else {drug.unstated_route}
        suited: _Dose | None = None
        for piece in re.split(r"[;+,]| and ", f"{tidy(columns.dose)};{tidy(columns.details)}"):
            dose = self._dose(piece, drug)
            route = "topical" if dose.percent else "oral"
            if not dose.stated or (len(routes) == 1 and routes[0] in ("oral", "topical") and routes[0] != route):
                continue
            named, _ = self.agents.named(piece)
            if drug in named:
                return dose
            if not named and suited is None and route in served:
                suited = dose
        return suited

    def _is_modifier(self, text: str) -> bool:
        """Whether a part only says more of the part before it: a dose, a route, a frequency."""
        if self.agents.named(text)[0] or self.agents.dummy(text):
            return False
        rest = _PARENTHESES.sub(" ", text)
        for pattern in (_MG, _PERCENT, _ML, *(p for p, _ in self.agents.frequencies), _DURATION):
            rest = pattern.sub(" ", rest)
        for _, pattern, _ in self.agents.routes:
            rest = pattern.sub(" ", rest)
        return not re.search(r"[a-z]", self.agents.noise.sub(" ", rest))

    def _therapy_setting(self, name: str) -> Setting:
        therapy = self.agents.therapies[name]
        return _SETTINGS.get(therapy.kind) or self.agents.setting_of(tidy(therapy.route)) or self.agents.setting

    def _refuse(self, text: str, allowed: str) -> RowError:
        return RowError(f"{self.column}: found {quoted(text)}; allowed: {allowed}")

    def _unknown(self, what: str) -> RowError:
        return RowError(f"{self.column}: no entry in therapies.toml for {quoted(what)}; allowed: {self.agents.known}")


_SETTINGS: Mapping[Kind, Setting] = {
    "session": "injection",
    "surgery": "surgery",
    "device": "device",
    "shampoo": "shampoo",
}


def _apart(pattern: re.Pattern[str], text: str) -> list[str]:
    """The pieces of a text between matches of a pattern that stand outside parentheses."""
    masked = _PARENTHESES.sub(lambda match: "(" * len(match[0]), text)
    pieces, begin = [], 0
    for match in pattern.finditer(masked):
        pieces.append(text[begin : match.start()].strip())
        begin = match.end()
    return [*pieces, text[begin:].strip()]


def _middle(match: re.Match[str]) -> float:
    return (float(match[1]) + float(match[2] or match[1])) / 2


def _mean(numbers: tuple[float, ...]) -> float | None:
    return sum(numbers) / len(numbers) if numbers else None
