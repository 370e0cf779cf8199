"""The person's future under a regimen: the posterior's members carried on from today, on common random numbers.

Every regimen starts from the same members in the same state with the same draws still to come, so a difference
between two regimens is the effect of the lines that differ, person by person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.biology.follicle import ANAGEN
from follicast.biology.scalp import Site
from follicast.biology.simulate import Course, Follicles, begin, simulate
from follicast.biology.treatment import Line
from follicast.inference.history import (
    WINDOW_DAYS,
    Scene,
    drives_of,
    live_through,
    sites_for,
    usual_dose,
    visit_index,
)
from follicast.inference.refine import Posterior, Progress
from follicast.inference.reweight import coverage_by_zone, predicted, whole_scalp
from follicast.knowledge.load import Knowledge
from follicast.measurement.instruments import Readings, mean_rate, read
from follicast.people.person import Person, Transplant
from follicast.people.population import Population
from follicast.quantities import ZONES, InputError

Floats = npt.NDArray[np.float64]

_MONTH: Final = 30.4375


@dataclass(frozen=True)
class PlannedLine:
    """One line from today on: the usual dose for the person, on a share `adherence` of the days.

    Days count from today; `stop` None = to the horizon. Sessions list their days.
    """

    therapy: str
    start: int
    stop: int | None
    adherence: float
    sessions: tuple[int, ...] = ()


@dataclass(frozen=True)
class Regimen:
    """Everything done from today on; without lines it is no treatment, and what was going on stops today."""

    lines: tuple[PlannedLine, ...] = ()
    transplants: tuple[Transplant, ...] = ()


@dataclass(frozen=True)
class Outlook:
    """What happens at the goal zone (hairs/cm2, um, %) and over the scalp (sheds a day), [day, member].

    `zones` is the density of every zone, [day, member, zone] in the order of ZONES.
    """

    days: npt.NDArray[np.int64]
    density: Floats
    nonvellus: Floats
    mean_diameter: Floats
    coverage: Floats
    sheds: Floats
    zones: npt.NDArray[np.float32]


def outlook_days(horizon_days: int) -> npt.NDArray[np.int64]:
    """Days after today that are read: today and every month to the horizon."""
    months = round(horizon_days / _MONTH)
    return np.asarray(np.rint(np.arange(months + 1) * _MONTH), np.int64)


class Stage:
    """The posterior's members standing today, with their readings; `outlook` lets them live on under a regimen.

    A stage knows the operations that may come, because a graft needs a place; every other regimen can be played on it.
    """

    def __init__(
        self,
        person: Person,
        knowledge: Knowledge,
        posterior: Posterior,
        seed: int,
        planned: Sequence[Transplant] = (),
        progress: Progress | None = None,
        sites: Sequence[Site] | None = None,
    ) -> None:
        """Lives through the members' past once.

        `planned` are transplants of the regimens to be played here. `sites`, one a zone, stand in for `sites_for` the
        person; a forecast of one zone needs no others.
        """
        self._person = person
        self._knowledge = knowledge
        self._ids = tuple(sorted(name for name, t in knowledge.therapies.items() if t.kind != "surgery"))
        self._scenes: list[Scene] = []
        self._zone = ZONES.index(person.goal_zone)
        parts: list[Readings] = []
        done = 0
        numbers, latents = posterior.number, posterior.latents
        looked = sites_for(person) if sites is None else sites
        for scene, readings in live_through(person, knowledge, self._ids, seed, numbers, latents, looked, planned):
            self._scenes.append(scene)
            parts.append(readings)
            done += scene.members.size
            if progress is not None:
                progress("Living through the past", done / numbers.size)
        self._past = parts
        self.today = Readings.joined(parts)
        days = self.today.days
        before = mean_rate(self.today.sheds, days, days[-1] - WINDOW_DAYS, days[-1])
        self._shed_before = whole_scalp(before, knowledge)

    def _lines(self, scene: Scene, regimen: Regimen) -> tuple[Line, ...]:
        """Past lines, cut off today, and the regimen's lines on the run's axis."""
        now = float(scene.members.today)
        past = tuple(replace(line, stop=min(line.stop, now)) for line in scene.past)
        return past + tuple(
            Line(
                self._ids.index(line.therapy),
                now + line.start,
                np.inf if line.stop is None else now + line.stop,
                line.adherence,
                tuple(now + day for day in line.sessions),
                dose=usual_dose(self._person, self._knowledge, line.therapy),
            )
            for line in regimen.lines
        )

    def _readings(self, regimen: Regimen, days: npt.NDArray[np.int64]) -> Iterator[Readings]:
        """Readings of each scene on those days after today."""
        for scene in self._scenes:
            members = scene.members
            lines = self._lines(scene, regimen)
            drives = drives_of(members, self._person, self._knowledge, lines, members.today + int(days[-1]) + 1)
            course = simulate(scene.follicles, drives, scene.state, days.astype(float) + members.today)
            yield read(course, scene.follicles, members.rates, scene.sites)

    def told(self) -> list[Floats]:
        """What each member's instruments would have read, without error, for each measurement in the person's order."""
        row = visit_index(self._person)
        return [
            np.concatenate(
                [
                    predicted(m, row[int(self._person.day(m.date))], readings, scene.members, self._knowledge)
                    for scene, readings in zip(self._scenes, self._past, strict=True)
                ]
            )
            for m in self._person.measurements
        ]

    def seen(self, regimen: Regimen, days: npt.NDArray[np.int64]) -> Iterator[tuple[Population, Readings]]:
        """Group by group, members and what is read of them under a regimen on those days after today, the first 0."""
        for scene, readings in zip(self._scenes, self._readings(regimen, days), strict=True):
            yield scene.members, readings

    def lived(
        self, regimen: Regimen, member: int, days: npt.NDArray[np.int64]
    ) -> tuple[Course, Follicles, tuple[Site, ...], int]:
        """One member's follicles on those days after today under a regimen.

        Args:
            regimen: from today on.
            member: place in the posterior.
            days: after today, in order.

        Returns:
            The course of the members simulated together, their follicles, the sites, and which of them it is.

        Raises:
            InputError: there is no such member.
        """
        scene, row = self._scene_of(member)
        today = scene.members.today
        lines = self._lines(scene, regimen)
        drives = drives_of(scene.members, self._person, self._knowledge, lines, today + int(days[-1]) + 1)
        course = simulate(scene.follicles, drives, scene.state, days.astype(float) + today)
        return course, scene.follicles, scene.sites, row

    def remembered(self, member: int, days: npt.NDArray[np.int64]) -> tuple[Course, Follicles, tuple[Site, ...], int]:
        """One member's follicles on days before today, in order; arguments else and returns as in `lived`."""
        scene, row = self._scene_of(member)
        members = scene.members
        drives = drives_of(members, self._person, self._knowledge, scene.past, members.today + 1)
        lived = np.maximum(days.astype(float) + members.today, 0.0)
        course = simulate(scene.follicles, drives, begin(scene.follicles, members.rates), lived)
        return course, scene.follicles, scene.sites, row

    def _scene_of(self, member: int) -> tuple[Scene, int]:
        """Where a member of the posterior stands: the scene, and the row in it."""
        row = member
        for scene in self._scenes:
            if 0 <= row < scene.members.size:
                return scene, row
            row -= scene.members.size
        raise InputError(f"member {member} is not on the stage; allowed: 0 to {self.today.total.shape[1] - 1}.")

    def outlook(self, regimen: Regimen, horizon_days: int, days: npt.NDArray[np.int64] | None = None) -> Outlook:
        """Forecast under a regimen, member by member.

        Args:
            regimen: from today on.
            horizon_days: how far.
            days: after today, in order, the first 0; None = every month to the horizon.

        Returns:
            The outlook at the goal zone on those days.
        """
        days = outlook_days(horizon_days) if days is None else days
        readings = Readings.joined(list(self._readings(regimen, days)))
        zone = self._zone
        return Outlook(
            days=days,
            density=readings.total[:, :, zone],
            nonvellus=readings.nonvellus[:, :, zone],
            mean_diameter=readings.mean_diameter[:, :, zone],
            coverage=coverage_by_zone(readings, self._knowledge)[:, :, zone],
            sheds=self._sheds(readings),
            zones=readings.total.astype(np.float32),
        )

    def before_onset(self) -> Floats:
        """Hairs/cm2 of each member at the goal zone, of these same follicles, before anything happened to them."""
        parts = []
        for scene in self._scenes:
            members = scene.members
            drives = drives_of(members, self._person, self._knowledge, (), 2)
            course = simulate(scene.follicles, drives, begin(scene.follicles, members.rates), np.zeros(1))
            parts.append(read(course, scene.follicles, members.rates, scene.sites).total[0, :, self._zone])
        return np.concatenate(parts)

    def uncut_length(self, least_um: float) -> Floats:
        """Mean length in mm that each member's growing hairs of that thickness would have today, never cut."""
        parts = []
        for scene in self._scenes:
            members = scene.members
            drives = drives_of(members, self._person, self._knowledge, scene.past, members.today + 1)
            today = np.array([float(members.today)])
            course = simulate(scene.follicles, drives, scene.state, today)
            counted = (course.phase[0] == ANAGEN) & (course.diameter_um[0] >= least_um)
            owner = scene.follicles.person[counted]
            total = np.bincount(owner, weights=course.length_mm[0][counted], minlength=members.size)
            parts.append(total / np.maximum(np.bincount(owner, minlength=members.size), 1))
        return np.concatenate(parts)

    def _sheds(self, readings: Readings) -> Floats:
        """Hairs shed a day over the scalp, mean of the two months before each day."""
        rate = whole_scalp(readings.sheds, self._knowledge)
        # The first row counts since day 0 of the run; the rate up to today is known from the past instead.
        rate[0] = self._shed_before
        return np.concatenate([rate[:1], 0.5 * (rate[1:] + rate[:-1])])
