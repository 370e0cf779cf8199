"""Reads a design file (TOML) into a `Design`, or refuses it in one sentence before anything runs."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, get_args

from follicast.knowledge.therapy import SessionExposure, Therapy
from follicast.knowledge.trial import Setting, Use
from follicast.knowledge.trial_design import INVASIVE, assumed, setting_of
from follicast.people.design import (
    UNITS,
    WITHOUT_BASELINE,
    Analysis,
    Conduct,
    Design,
    DesignArm,
    DesignPopulation,
    Endpoint,
    Estimand,
    Individual,
    Kind,
    Method,
    Spending,
    Truth,
)
from follicast.people.person import Sex
from follicast.people.read import ANCESTRIES, LARGEST_BYTES
from follicast.people.table import Table, closest, shown
from follicast.quantities import ZONES, InputError

Therapies = Mapping[str, Therapy]

TOP: Final = (
    "title people sizes replicates pool kind visits period_weeks washout_weeks "
    "population arms background endpoints conduct analysis truth"
).split()
_POPULATION: Final = ("sex", "age", "ancestry", "norwood", "density", "history")
_USE: Final = ("therapy", "dose", "from_week", "to_week", "sessions", "interval_days", "session_weeks")
_DUMMIES: Final = ("placebo", "vehicle", "sham")
_ENDPOINT: Final = ("name", "measure", "zone", "area_cm2", "matched", "error_sd", "grafts", "weeks")
_CONDUCT: Final = ("adherence", "leave", "stop", "individual")
_ANALYSIS: Final = tuple("method estimand test against week alpha power looks spending mixed_replicates".split())
_TRUTH: Final = ("parameters", "draws", "places")
_FARTHEST_WEEKS: Final = 1040.0
_MOST_ENDPOINTS: Final = 8
_MOST_ARMS: Final = 12
_MOST_PEOPLE: Final = 1_000_000
_POOL: Final = (200, 50_000)
_REPLICATES: Final = (50, 20_000)
# Measured on 2 cores: readings that one core draws and analyses a second, and bytes that a reading takes meanwhile.
_READINGS_PER_SECOND: Final = 6.0e6
_BYTES_PER_READING: Final = 48.0
# Replicates that are held in memory at a time.
TOGETHER: Final = 50
_MOST_HOURS: Final = 24.0
_MOST_GB: Final = 4.0


def read_design(path: Path, therapies: Therapies) -> Design:
    """The design described by the file at `path`.

    Args:
        path: a TOML file of at most 1 MB, UTF-8.
        therapies: that arms may name, by id.

    Raises:
        InputError: anything at all is wrong with the file; one sentence.
    """
    source = "".join(c if c.isprintable() else "?" for c in str(path))
    wanted = "a design is a TOML text file of at most 1 MB"
    if not path.is_file():
        raise InputError(f"{source}: {'is a directory' if path.is_dir() else 'no such file'}; {wanted}.")
    try:
        raw = path.read_bytes()
        if len(raw) > LARGEST_BYTES:
            raise InputError(f"{source}: has {len(raw):,} bytes; {wanted}.")
        data = tomllib.loads(raw.decode("utf-8-sig"))
    except OSError as error:
        raise InputError(f"{source}: cannot be read ({error.strerror}); {wanted}.") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"{source}: is not TOML in UTF-8 ({error}).") from error
    return parse_design(data, source, path.stem, therapies)


def parse_design(data: Mapping[str, Any], source: str, name: str, therapies: Therapies) -> Design:
    """The design in a parsed file; `name` becomes the study's identifier after SIM-.

    Raises:
        InputError: anything at all is wrong; one sentence.
    """
    return _Reader(data, source, therapies).design(name)


class _Reader:
    """One design being read."""

    def __init__(self, data: Mapping[str, Any], source: str, therapies: Therapies) -> None:
        self.source = source
        self.therapies = therapies
        self.top = self.table("", data, TOP)
        self.kind: Kind = self.top.word("kind", get_args(Kind), "parallel") or "parallel"
        self.visits = self.weeks_of(self.top, "visits")

    def table(self, path: str, data: object, keys: tuple[str, ...] | list[str]) -> Table:
        """A table whose keys are all known."""
        if not isinstance(data, Mapping):
            raise InputError(f"{self.source}: {path} = {shown(data)} must be a table of {', '.join(keys)}.")
        made = Table(self.source, path, data, keys)
        for key in data:
            if key not in keys:
                made.refuse(
                    key, f"is not a key of {path or 'a design'}; known are {', '.join(keys)}{closest(key, keys)}"
                )
        return made

    def part(self, key: str, keys: tuple[str, ...]) -> Table:
        """A table of the top level, empty where the file has none."""
        return self.table(key, self.top.data.get(key, {}), keys)

    def blocks(self, owner: Table, key: str, keys: tuple[str, ...]) -> list[Table]:
        """A list of tables."""
        items = owner.items(key, "tables")
        return [self.table(f"{owner.place(key)}[{k}]", item, keys) for k, item in enumerate(items, 1)]

    def weeks_of(self, table: Table, key: str) -> tuple[float, ...]:
        """Rising weeks from 0 on."""
        table.need(key, "the weeks of the visits such as [0, 12, 24]")
        found = table.items(key, "weeks")
        for week in found:
            if isinstance(week, bool) or not isinstance(week, int | float) or not math.isfinite(week):
                table.refuse(key, f"holds {shown(week)}, but weeks are numbers")
            if not 0.0 <= week <= _FARTHEST_WEEKS:
                table.refuse(key, f"holds {shown(week)}, but weeks are counted from 0 to {_FARTHEST_WEEKS:g}")
        if not found or any(b <= a for a, b in pairwise(found)):
            table.refuse(key, "must be weeks that rise, such as [0, 12, 24]")
        return tuple(float(week) for week in found)

    def design(self, name: str) -> Design:
        """All of it, checked part by part and then together."""
        arms = self.arms()
        endpoints = self.endpoints()
        analysis = self.analysis(arms, endpoints)
        people = self.people("people")
        period, washout = self.crossover()
        made = Design(
            title=self.top.text("title", 200) or name,
            study=f"SIM-{re.sub(r'[^A-Z0-9]+', '-', name.upper()).strip('-') or 'TRIAL'}",
            kind=self.kind,
            population=self.population(),
            arms=arms,
            visits=self.visits,
            period_weeks=period,
            washout_weeks=washout,
            endpoints=endpoints,
            conduct=self.conduct(),
            analysis=analysis,
            truth=self.truth(),
            people=people,
            sizes=self.sizes(people),
            replicates=self.top.whole("replicates", *_REPLICATES) or 2000,
            pool=self.top.whole("pool", *_POOL, "virtual people") or 4000,
        )
        self.together(made)
        return made

    def people(self, key: str) -> int:
        """How many are randomised to each arm."""
        what = "the people randomised to each arm, such as 150"
        self.top.need(key, what)
        value = self.top.data[key]
        if isinstance(value, bool) or not isinstance(value, int):
            self.top.refuse(key, f"must be a whole number: {what}")
        if value < 5:
            self.top.refuse(key, f"must be 5 or more: {what}")
        return value

    def sizes(self, people: int) -> tuple[int, ...]:
        """Sizes of the curve; the trial's own is one of them."""
        found = self.top.items("sizes", "whole numbers")
        for size in found:
            if isinstance(size, bool) or not isinstance(size, int) or size < 5:
                self.top.refuse("sizes", f"holds {shown(size)}, but sizes are whole numbers of 5 or more")
        chosen = found or [max(5, round(people * share)) for share in (0.25, 0.5, 0.75, 1.0, 1.5, 2.0)]
        return tuple(sorted({*chosen, people}))

    def population(self) -> DesignPopulation:
        """Whom it takes in."""
        table = self.part("population", _POPULATION)
        sex = table.required_word("sex", ("male", "female", "any"))
        both: tuple[Sex, ...] = ("male", "female")
        sexes = tuple(one for one in both if sex in (one, "any"))
        norwood = table.span("norwood", 1.0, 7.0, "stages of Norwood-Hamilton")
        if norwood is not None and sexes != ("male",):
            table.refuse("norwood", 'is a scale for men; take sex = "male", or choose by density')
        return DesignPopulation(
            sexes=sexes,
            age=table.span("age", 19.0, 85.0, "years") or (25.0, 45.0),
            ancestry=table.word("ancestry", ANCESTRIES, "caucasian") or "caucasian",
            norwood=norwood,
            density=table.span("density", 5.0, 450.0, "hairs/cm2"),
            history=tuple(self.use(block, before=True) for block in self.blocks(table, "history", _USE)),
        )

    def use(self, table: Table, *, before: bool = False, graft: bool = False) -> Use:
        """One treatment. Before the trial its weeks are negative; a course of sessions says how many."""
        table.need("therapy", "the id of a therapy; `follicast claims` and therapies.toml list them")
        name = str(table.data["therapy"])
        therapy = self.therapies.get(name)
        if therapy is None or not isinstance(table.data["therapy"], str):
            table.refuse("therapy", f"is no known therapy{closest(name, self.therapies)}")
        if graft:
            return Use(name)
        if therapy.exposure is None:
            table.refuse("therapy", "does not act on growing hair and cannot be an arm; read graft_survival for grafts")
        earliest, latest = (-_FARTHEST_WEEKS, 0.0) if before else (0.0, _FARTHEST_WEEKS)
        first = table.number("from_week", earliest, latest, "weeks")
        if before and first is None:
            table.need("from_week", "the week before the trial at which it began, such as -26")
        start = first or 0.0
        stop = table.number("to_week", earliest, _FARTHEST_WEEKS, "weeks")
        if stop is not None and stop <= start:
            table.refuse("to_week", f"is not after from_week = {start:g}")
        dose = table.number("dose", 0.01, 20.0, "full daily doses") or 1.0
        if not isinstance(therapy.exposure, SessionExposure):
            for key in ("sessions", "interval_days", "session_weeks"):
                if table.has(key):
                    table.refuse(key, f"does not go with {name}, which is taken daily")
            return Use(name, dose, start, math.inf if stop is None else stop)
        return Use(name, dose, start, math.inf if stop is None else stop, self.sessions(table, start))

    def sessions(self, table: Table, start: float) -> tuple[float, ...]:
        """Weeks of the sessions of a course."""
        if table.has("session_weeks"):
            return self.weeks_of(table, "session_weeks")
        count = table.whole("sessions", 1, 100, "sessions")
        if count is None:
            table.refuse("sessions", "is missing; this therapy is given in sessions, such as sessions = 6")
        interval = table.number("interval_days", 1.0, 365.0, "days") or 28.0
        return tuple(start + k * interval / 7.0 for k in range(count))

    def arms(self) -> tuple[DesignArm, ...]:
        """The arms, background in each."""
        background = tuple(self.use(block, before=True) for block in self.blocks(self.top, "background", _USE))
        graft = any(
            isinstance(item, Mapping) and item.get("measure") == "graft_survival"
            for item in self.top.items("endpoints", "tables")
        )
        made = [
            self.arm(block, background, graft)
            for block in self.blocks(self.top, "arms", ("name", "treatments", *_DUMMIES))
        ]
        if not 2 <= len(made) <= _MOST_ARMS:
            raise InputError(f"{self.source}: arms holds {len(made)}; a trial has 2 to {_MOST_ARMS} arms.")
        if len({arm.name for arm in made}) < len(made):
            raise InputError(f"{self.source}: two arms have the same name; each needs its own.")
        if self.kind != "parallel" and len(made) != 2:
            self.top.refuse("kind", f"takes exactly two arms; the file has {len(made)}")
        if self.kind == "split-scalp" and not graft:
            self.local(made)
        return tuple(made)

    def local(self, arms: list[DesignArm]) -> None:
        """Refuses a tablet on half a scalp."""
        for k, arm in enumerate(arms, 1):
            for use in arm.uses:
                if use.start_week >= 0.0 and self.therapies[use.therapy].route.startswith("oral"):
                    raise InputError(
                        f"{self.source}: arms[{k}] treats one half of a scalp with {use.therapy}, which reaches both; "
                        'use kind = "parallel" or "crossover".'
                    )

    def arm(self, table: Table, background: tuple[Use, ...], graft: bool) -> DesignArm:
        """One arm; without treatments or a dummy it is an untreated one."""
        table.need("name", "a name for the arm")
        name = table.text("name", 60) or ""
        uses = tuple(self.use(block, graft=graft) for block in self.blocks(table, "treatments", _USE))
        settings: list[Setting] = ["untreated"]
        settings += [setting_of(self.therapies[use.therapy].route) for use in (*background, *uses)]
        for dummy in _DUMMIES:
            if table.has(dummy):
                of = table.required_word(dummy, tuple(self.therapies))
                settings.append(setting_of(self.therapies[of].route))
        return DesignArm(name, (*background, *uses), max(settings, key=INVASIVE.index))

    def crossover(self) -> tuple[float, float]:
        """Weeks of a period and of the pause between them."""
        if self.kind != "crossover":
            for key in ("period_weeks", "washout_weeks"):
                if self.top.has(key):
                    self.top.refuse(key, 'goes with kind = "crossover" only')
            return 0.0, 0.0
        period = self.top.required_number("period_weeks", "the weeks of one period", 1.0, 520.0, "weeks")
        washout = self.top.number("washout_weeks", 0.0, 520.0, "weeks") or 0.0
        wanted = (0.0, period, 2.0 * period + washout)
        if not set(wanted) <= set(self.visits):
            said = ", ".join(f"{week:g}" for week in wanted)
            self.top.refuse("visits", f"lacks the ends of the periods: weeks {said}")
        return period, washout

    def endpoints(self) -> tuple[Endpoint, ...]:
        """What is read; the first is the primary one."""
        made = [self.endpoint(block) for block in self.blocks(self.top, "endpoints", _ENDPOINT)]
        if not 1 <= len(made) <= _MOST_ENDPOINTS:
            raise InputError(
                f"{self.source}: endpoints holds {len(made)}; a trial has 1 to {_MOST_ENDPOINTS}, the primary first."
            )
        if len({e.name for e in made}) < len(made):
            raise InputError(f"{self.source}: two endpoints have the same name; each needs its own.")
        grafts = [e.measure == "graft_survival" for e in made]
        if any(grafts) and len(made) > 1:
            self.top.refuse("endpoints", "reads graft survival beside something else; give it a trial of its own")
        return tuple(made)

    def endpoint(self, table: Table) -> Endpoint:
        """One endpoint."""
        measure = table.required_word("measure", tuple(UNITS))
        asked = self.weeks_of(table, "weeks") if table.has("weeks") else self.visits
        missing = [week for week in asked if week not in self.visits]
        if missing:
            table.refuse("weeks", f"asks for week {missing[0]:g}, at which there is no visit")
        if measure in WITHOUT_BASELINE and 0.0 in asked and (measure == "graft_survival" or table.has("weeks")):
            table.refuse("measure", f"cannot be measured at week 0: {WITHOUT_BASELINE[measure]}")
        if measure not in WITHOUT_BASELINE and 0.0 not in asked:
            table.refuse("weeks" if table.has("weeks") else "measure", "needs a visit at week 0 to be compared with")
        flag = table.flag("matched")
        return Endpoint(
            name=table.text("name", 60) or measure.replace("_", " "),
            measure=measure,
            zone=table.word("zone", ZONES, "vertex") or "vertex",
            area_cm2=table.number("area_cm2", 0.1, 10.0, "cm2") or 1.0,
            matched=True if flag is None else flag,
            error_sd=table.number("error_sd", 0.0, 200.0, UNITS[measure]),
            grafts=table.whole("grafts", 5, 4000, "grafts") or round(assumed()["usual_grafts"].value),
            weeks=tuple(week for week in asked if week > 0.0 or measure not in WITHOUT_BASELINE),
        )

    def conduct(self) -> Conduct:
        """What becomes of people."""
        table = self.part("conduct", _CONDUCT)
        return Conduct(
            adherence=table.span("adherence", 0.05, 1.0, "of the doses") or (1.0, 1.0),
            leave=table.number("leave", 0.0, 0.9, "of the people") or 0.0,
            stop=table.number("stop", 0.0, 0.9, "of the people") or 0.0,
            individual=table.word("individual", get_args(Individual), "published") or "published",
        )

    def sides(self, table: Table, key: str, names: tuple[str, ...], usual: tuple[int, ...]) -> tuple[int, ...]:
        """Arms on one side of the comparison."""
        return tuple(names.index(name) for name in table.words(key, names)) or usual

    def analysis(self, arms: tuple[DesignArm, ...], endpoints: tuple[Endpoint, ...]) -> Analysis:
        """How the question is answered."""
        table = self.part("analysis", _ANALYSIS)
        names = tuple(arm.name for arm in arms)
        test, against = self.sides(table, "test", names, (0,)), self.sides(table, "against", names, (1,))
        if set(test) & set(against):
            table.refuse("against", "names an arm that test names too")
        usual = self.visits[-1] if self.kind != "crossover" else float(self.top.data.get("period_weeks", 0) or 0)
        week = table.number("week", 0.0, _FARTHEST_WEEKS, "weeks")
        week = usual if week is None else week
        for endpoint in endpoints:
            if self.kind != "crossover" and (week not in endpoint.weeks or week <= 0.0):
                said = f"{self.source}: analysis.week = {week:g} is no week at which {shown(endpoint.name)} is measured"
                raise InputError(f"{said}; allowed: {', '.join(f'{w:g}' for w in endpoint.weeks if w > 0.0)}.")
        method: Method = table.word("method", get_args(Method), "difference") or "difference"
        if method != "difference" and (self.kind != "parallel" or not endpoints[0].has_baseline):
            why = f"a {self.kind} trial" if self.kind != "parallel" else "an endpoint without a baseline"
            table.refuse("method", f'does not go with {why}; allowed is "difference"')
        alpha = table.number("alpha", 0.0001, 0.5)
        return Analysis(
            method=method,
            estimand=table.word("estimand", get_args(Estimand), "treatment policy") or "treatment policy",
            test=test,
            against=against,
            week=week,
            alpha=0.05 if alpha is None else alpha,
            power=table.number("power", 0.5, 0.99) or 0.8,
            looks=self.looks(table),
            spending=table.word("spending", get_args(Spending), "obrien-fleming") or "obrien-fleming",
            mixed_replicates=table.whole("mixed_replicates", 10, 2000) or 100,
        )

    def looks(self, table: Table) -> tuple[float, ...]:
        """Shares of the people at which the data are looked at; always the last time with all of them."""
        found = table.items("looks", "shares of the people")
        for share in found:
            if isinstance(share, bool) or not isinstance(share, int | float) or not 0.1 <= share <= 1.0:
                table.refuse("looks", f"holds {shown(share)}, but looks are shares of the people from 0.1 to 1")
        if any(b <= a for a, b in pairwise(found)) or len(found) > 10:
            table.refuse("looks", "must be at most 10 shares that rise, such as [0.5, 1.0]")
        return (*(float(share) for share in found if share < 1.0), 1.0)

    def truth(self) -> Truth:
        """What is true in the simulated world."""
        table = self.part("truth", _TRUTH)
        parameters = table.word("parameters", ("fixed", "drawn"), "fixed")
        raw = table.data.get("places", {})
        if not isinstance(raw, Mapping):
            table.refuse("places", 'must be a table such as { "exosome.effect" = 0.8 }')
        if raw and parameters == "drawn":
            table.refuse("places", 'goes with parameters = "fixed" only')
        heads = {name.split(".")[0] for name in self.therapies} | {t.draws for t in self.therapies.values()}
        known = [f"{head}.effect" for head in sorted(heads)]
        inner = self.table("truth.places", raw, known)
        places = [(key, inner.required_number(key, "a probability", 0.001, 0.999)) for key in raw]
        draws = table.whole("draws", 2, 200, "draws")
        if draws is not None and parameters == "fixed":
            table.refuse("draws", 'goes with parameters = "drawn" only')
        return Truth(parameters == "drawn", (draws or 16) if parameters == "drawn" else 1, tuple(places))

    def together(self, design: Design) -> None:
        """Refuses parts that do not go together, and what would take too long, with an estimate of both."""
        if design.grafts and (design.population.density or design.population.norwood):
            raise InputError(
                f"{self.source}: population.density and norwood choose by hair; a trial of grafts has none."
            )
        if design.kind != "parallel" and (design.conduct.stop > 0.0 or (design.grafts and design.kind == "crossover")):
            raise InputError(
                f'{self.source}: conduct.stop goes with kind = "parallel" only; graft survival is no crossover.'
            )
        if design.grafts:
            graft = self.therapies["transplant"].graft
            allowed = () if graft is None else tuple(graft.adjuncts)
            for arm in design.arms:
                for use in arm.uses:
                    if use.therapy not in allowed:
                        raise InputError(
                            f"{self.source}: {use.therapy} is no adjunct of grafts; allowed are {', '.join(allowed)}."
                        )
        self.never_given(design)
        hours, memory = cost_of(design)
        biggest = max(design.sizes)
        if biggest > _MOST_PEOPLE or hours > _MOST_HOURS or memory > _MOST_GB:
            time = f"{hours:,.1f} hours" if hours < 1e5 else f"{hours / 8766.0:,.0f} years"
            raise InputError(
                f"{self.source}: {biggest:,} people in an arm would take about {time} and {memory:,.1f} GB of memory; "
                f"allowed are {_MOST_PEOPLE:,} people, {_MOST_HOURS:g} hours and {_MOST_GB:g} GB."
            )

    def never_given(self, design: Design) -> None:
        """Refuses treatment that begins after the last visit, and places of effects that nobody feels."""
        end = design.visits[-1]
        for arm in design.arms:
            for use in arm.uses:
                late = max(use.session_weeks, default=use.start_week)
                if late >= end and use.start_week >= 0.0 and not design.grafts:
                    what = "has its last session" if use.session_weeks else "begins"
                    raise InputError(
                        f"{self.source}: {use.therapy} of arm {shown(arm.name)} {what} in week {late:g}, but "
                        f"the last visit is in week {end:g}; allowed is what is given before it."
                    )
        given = {use.therapy for arm in design.arms for use in arm.uses} | {
            u.therapy for u in design.population.history
        }
        felt = {f"{name.split('.')[0]}.effect" for name in given} | {f"{self.therapies[n].draws}.effect" for n in given}
        for name, _ in design.truth.places:
            if name not in felt:
                raise InputError(f"{self.source}: truth.places names {name}, but no arm gets what it is the effect of.")


def cost_of(design: Design) -> tuple[float, float]:
    """About how many hours and GB the replicates of a design take on one core; the pool takes seconds to minutes."""
    visits = len(design.visits) * len(design.endpoints) * design.columns
    readings = float(sum(design.sizes) + max(design.sizes)) * visits * design.replicates
    held = float(max(design.sizes)) * visits * min(TOGETHER, design.replicates)
    return readings / _READINGS_PER_SECOND / 3600.0, held * _BYTES_PER_READING / 1e9
