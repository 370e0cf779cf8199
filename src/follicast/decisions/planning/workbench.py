"""Forecasts for one person, each made once: from the store, or played on a stage set up when first needed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import fields
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from follicast.decisions.planning.candidates import TRANSPLANT
from follicast.inference.forecast import Outlook, Regimen, Stage
from follicast.inference.history import goal_sites, past_therapies, sites_for
from follicast.inference.refine import Posterior, Progress, fit
from follicast.inference.store import Store, key_of
from follicast.knowledge.load import Knowledge
from follicast.knowledge.posterior import Regrowth
from follicast.measurement.drawing.strands import ZoneHair, of_person
from follicast.measurement.instruments import Readings
from follicast.people.person import Person, Transplant

Floats = npt.NDArray[np.float64]
Arrays: TypeAlias = dict[str, npt.NDArray[Any]]


class Workbench:
    """The person's posterior, today, and what comes under each regimen."""

    def __init__(self, person: Person, knowledge: Knowledge, seed: int, store: Store, progress: Progress) -> None:
        """Prepares nothing yet; `posterior` fits or finds the twin."""
        self.person = person
        self.knowledge = knowledge
        self.seed = seed
        self.horizon_days = round(person.goals.horizon_months * 30.4375)
        self.progress = progress
        self._store = store
        self._stages: dict[tuple[tuple[Transplant, ...], bool], Stage] = {}
        self._courses: dict[tuple[Regimen, int], Floats] = {}
        self._outlooks: dict[Regimen, Outlook] = {}
        past = {name: repr(knowledge.therapies[name]) for name in (*past_therapies(person), TRANSPLANT)}
        told = (dict(knowledge.parameters), past, knowledge.regrowth, self._calibrated(past))
        self._key = key_of(person.history_key(), sites_for(person), *told, seed)
        self.posterior = self._fitted()

    def under(self, regrowth: Regrowth) -> Workbench:
        """The same person under a hypothesis of regrowth."""
        return Workbench(self.person, self.knowledge.under(regrowth), self.seed, self._store, self.progress)

    def _calibrated(self, therapies: Collection[str]) -> str:
        """Identity of the calibrated draws that matter when these therapies are used."""
        heads = {self.knowledge.therapies[name].draws for name in therapies} | set(therapies)
        return self.knowledge.shared.digest(heads, self.knowledge.parameters)

    def _fitted(self) -> Posterior:
        found = self._store.get(self._key)
        if found is not None:
            k = float(found["pareto_k"])
            return Posterior(
                found["number"],
                found["latents"],
                found["weights"],
                float(found["effective_size"]),
                None if np.isnan(k) else k,
                int(found["rounds"]),
                int(found["drawn"]),
            )
        posterior = fit(self.person, self.knowledge, self.seed, self.progress)
        arrays = {f.name: getattr(posterior, f.name) for f in fields(posterior)}
        arrays["pareto_k"] = np.nan if posterior.pareto_k is None else posterior.pareto_k
        self._store.put(self._key, arrays)
        return posterior

    def stage(self, planned: tuple[Transplant, ...] = (), goal_only: bool = False) -> Stage:
        """The members standing today, with a place for these operations; `goal_only`: hair at the goal zone alone."""
        key = planned, goal_only
        if key not in self._stages:
            sites = goal_sites(self.person) if goal_only else None
            self._stages[key] = Stage(
                self.person, self.knowledge, self.posterior, self.seed, planned, self.progress, sites
            )
        return self._stages[key]

    def today(self) -> Readings:
        """Readings up to today, from the store or from the stage."""
        key = key_of(self._key, "today")
        found = self._store.get(key)
        names = [f.name for f in fields(Readings) if f.name != "sites"]
        if found is not None:
            return Readings(sites=sites_for(self.person), **{name: found[name] for name in names})
        readings = self.stage().today
        self._store.put(key, {name: getattr(readings, name) for name in names})
        return readings

    def outlook(self, regimen: Regimen) -> Outlook:
        """Forecast under a regimen."""
        if regimen not in self._outlooks:
            self._outlooks[regimen] = self._found_or_played(regimen)
        return self._outlooks[regimen]

    def _found_or_played(self, regimen: Regimen) -> Outlook:
        used = {line.therapy: repr(self.knowledge.therapies[line.therapy]) for line in regimen.lines}
        key = key_of(self._key, self.person.goal_zone, regimen, used, self._calibrated(used), self.horizon_days)
        found = self._store.get(key)
        if found is not None:
            return Outlook(**found)
        outlook = self.stage(regimen.transplants).outlook(regimen, self.horizon_days)
        self._store.put(key, {f.name: getattr(outlook, f.name) for f in fields(outlook)})
        return outlook

    def kept(self, what: tuple[object, ...], make: Callable[[], Arrays]) -> Arrays:
        """Arrays of this person's twin, from the store under `what`, or made and put there."""
        key = key_of(self._key, *what)
        found = self._store.get(key)
        if found is not None:
            return dict(found)
        made = make()
        self._store.put(key, made)
        return made

    def heads(self, regimen: Regimen, member: int, days: npt.NDArray[np.int64]) -> list[dict[str, ZoneHair]]:
        """The hair of one member under a regimen on those days after today, zone by zone."""
        used = {line.therapy: repr(self.knowledge.therapies[line.therapy]) for line in regimen.lines}

        def lived() -> Arrays:
            course, follicles, sites, person = self.stage(regimen.transplants).lived(regimen, member, days)
            return {
                f"{row} {zone}": np.array([hair.diameter_um, hair.length_mm])
                for row in range(days.size)
                for zone, hair in of_person(course, follicles, sites, person, row).items()
            }

        found = self.kept(("head", regimen, used, self._calibrated(used), member, days.tolist()), lived)
        areas = {site.zone: site.area_cm2 for site in sites_for(self.person)}
        return [
            {zone: ZoneHair(area, *found[f"{row} {zone}"]) for zone, area in areas.items()} for row in range(days.size)
        ]

    def course(self, regimen: Regimen, months: int) -> Floats:
        """Hairs/cm2 at the goal zone under a regimen, [month, member], from today to that month.

        The same members and draws as `outlook`, at a fraction of its cost: only the goal zone has hair.
        """
        days = round(months * 30.4375)
        known = self._outlooks.get(regimen)
        if known is not None and known.days.size > months:
            return known.density[: months + 1]
        if (regimen, months) not in self._courses:
            used = {line.therapy: repr(self.knowledge.therapies[line.therapy]) for line in regimen.lines}
            key = key_of(self._key, "course", self.person.goal_zone, regimen, used, self._calibrated(used), days)
            found = self._store.get(key)
            if found is None:
                stage = self.stage(regimen.transplants, goal_only=True)
                found = {"density": stage.outlook(regimen, days).density}
                self._store.put(key, found)
            self._courses[regimen, months] = found["density"]
        return self._courses[regimen, months]
