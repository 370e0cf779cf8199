"""Futures on common random numbers: what differs between two regimens is the effect of the lines that differ."""

from dataclasses import fields, replace
from datetime import timedelta

import numpy as np
import pytest
from tests.inference.people import MAN, TODAY, VERTEX, man, reading

from follicast.inference import history
from follicast.inference.forecast import Outlook, PlannedLine, Regimen, Stage, outlook_days
from follicast.inference.history import live_through, operations, sites_for
from follicast.inference.refine import Posterior
from follicast.inference.reweight import whole_scalp
from follicast.knowledge.load import Knowledge
from follicast.people.person import Goals, Insult, Person, Transplant, Treatment
from follicast.people.population import prior_latents
from follicast.quantities import ZONES

MEMBERS = 60
FINASTERIDE = PlannedLine("finasteride-oral", 0, None, 1.0)


def staged(person: Person, knowledge: Knowledge, planned: tuple[Transplant, ...] = ()) -> Stage:
    """The first members of the prior, standing today."""
    numbers = np.arange(MEMBERS)
    weights = np.full(MEMBERS, 1.0 / MEMBERS)
    posterior = Posterior(numbers, prior_latents(0, numbers), weights, float(MEMBERS), None, 0, MEMBERS)
    return Stage(person, knowledge, posterior, 0, planned)


@pytest.fixture(scope="module")
def stage(knowledge: Knowledge) -> Stage:
    return staged(MAN, knowledge)


def same(one: Outlook, other: Outlook, until: int | None = None) -> bool:
    rows = slice(None, until)
    return all(np.array_equal(getattr(one, f.name)[rows], getattr(other, f.name)[rows]) for f in fields(Outlook))


def test_a_therapy_without_amplitude_is_nothing_exactly(knowledge: Knowledge) -> None:
    channels = knowledge.therapies["light"].channels
    idle = Knowledge.load({"site": {f"therapies.light.channels.{name}": 0.0 for name in channels}})
    on_stage = staged(MAN, idle)
    light = on_stage.outlook(Regimen((PlannedLine("light", 0, None, 1.0),)), 365)
    assert same(light, on_stage.outlook(Regimen(), 365))
    assert not same(staged(MAN, knowledge).outlook(Regimen((PlannedLine("light", 0, None, 1.0),)), 365), light)


def test_regimens_that_agree_until_a_date_agree_until_that_date(stage: Stage) -> None:
    later = stage.outlook(Regimen((FINASTERIDE, PlannedLine("light", 200, None, 1.0))), 365)
    never = stage.outlook(Regimen((FINASTERIDE,)), 365)
    agree = int((outlook_days(365) < 200).sum())
    assert same(later, never, agree)
    assert not np.array_equal(later.density[-1], never.density[-1])


def test_a_line_that_stops_is_as_one_that_goes_on_until_it_stops(stage: Stage) -> None:
    stopped = stage.outlook(Regimen((replace(FINASTERIDE, stop=200),)), 730)
    going_on = stage.outlook(Regimen((FINASTERIDE,)), 730)
    assert same(stopped, going_on, int((outlook_days(730) < 200).sum()))
    assert stopped.density[-1].mean() < going_on.density[-1].mean()


def test_the_first_day_is_today(stage: Stage) -> None:
    outlook = stage.outlook(Regimen(), 182)
    assert np.array_equal(outlook.density[0], stage.today.total[-1, :, VERTEX])
    assert np.array_equal(outlook.zones[:, :, VERTEX], outlook.density.astype(np.float32))
    assert outlook.days[[0, -1]].tolist() == [0, 183]


def test_members_are_the_same_however_they_are_grouped(
    stage: Stage, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "_CLOCK_BYTES", 1.0)
    assert history.group_size(MAN, knowledge, 0) == 8
    grouped = staged(MAN, knowledge)
    assert same(grouped.outlook(Regimen((FINASTERIDE,)), 365), stage.outlook(Regimen((FINASTERIDE,)), 365))


def test_nothing_means_that_what_goes_on_today_stops(knowledge: Knowledge) -> None:
    taken = Treatment(TODAY - timedelta(days=1200), "finasteride-oral", None, 1.0, (), "")
    on_stage = staged(replace(MAN, treatments=(taken,)), knowledge)
    stopped, going_on = on_stage.outlook(Regimen(), 730), on_stage.outlook(Regimen((FINASTERIDE,)), 730)
    assert stopped.density[-1].mean() < going_on.density[-1].mean() - 5.0
    assert np.array_equal(stopped.density[0], going_on.density[0])


def test_past_treatment_has_left_its_mark_by_today(stage: Stage, knowledge: Knowledge) -> None:
    taken = Treatment(TODAY - timedelta(days=1200), "finasteride-oral", None, 1.0, (), "")
    treated = staged(replace(MAN, treatments=(taken,)), knowledge)
    rarely = staged(replace(MAN, treatments=(replace(taken, adherence=0.0),)), knowledge)
    assert treated.today.total[-1, :, VERTEX].mean() > stage.today.total[-1, :, VERTEX].mean() + 5.0
    assert np.array_equal(rarely.today.total, stage.today.total)


def test_a_course_without_dates_is_held_at_its_usual_interval(knowledge: Knowledge) -> None:
    begun = TODAY - timedelta(days=300)
    course = Treatment(begun, "exosome", TODAY - timedelta(days=100), None, (), "")
    lines = history.past_lines(replace(MAN, treatments=(course,)), knowledge, ("exosome",), 3000)
    assert [day - 2700.0 for day in lines[0].sessions] == [0.0, 24.0, 48.0, 72.0, 96.0, 120.0]
    dated = replace(course, sessions=(begun, begun + timedelta(days=40)))
    lines = history.past_lines(replace(MAN, treatments=(dated,)), knowledge, ("exosome",), 3000)
    assert lines[0].sessions == (2700.0, 2740.0)


def test_women_are_given_their_own_dose_in_the_past_and_in_a_plan(knowledge: Knowledge) -> None:
    woman = replace(MAN, sex="female")
    share = knowledge.therapies["minoxidil-oral"].exposure.female_dose_share.value  # type: ignore[union-attr]
    for person, dose in ((MAN, 1.0), (woman, share)):
        taken = tuple(
            Treatment(TODAY - timedelta(days=90), name, None, 0.8, (), "") for name in ("light", "minoxidil-oral")
        )
        lines = history.past_lines(replace(person, treatments=taken), knowledge, ("light", "minoxidil-oral"), 3000)
        assert [(line.therapy, line.dose, line.adherence) for line in lines] == [(0, 1.0, 0.8), (1, dose, 0.8)]
    as_men = Knowledge.load({"site": {"therapies.minoxidil-oral.exposure.female_dose_share": 1.0}})
    regimen = Regimen((PlannedLine("minoxidil-oral", 0, None, 1.0),))
    low, high = (staged(woman, known).outlook(regimen, 365).density[-1].mean() for known in (knowledge, as_men))
    nothing = staged(woman, knowledge).outlook(Regimen(), 365).density[-1].mean()
    assert nothing + 1.0 < low < high


def test_a_planned_transplant_adds_to_its_zone_and_takes_from_the_donor(stage: Stage, knowledge: Knowledge) -> None:
    operation = Transplant(TODAY + timedelta(days=60), 2000, ("vertex",), (), None, None)
    grafted = staged(MAN, knowledge, (operation,)).outlook(Regimen((), (operation,)), 730)
    nothing = stage.outlook(Regimen(), 730)
    gain = grafted.zones[-1].astype(float).mean(axis=0) - nothing.zones[-1].mean(axis=0)
    assert gain[VERTEX] > 20.0
    assert gain[ZONES.index("occipital-donor")] < -5.0
    untouched = [ZONES.index(zone) for zone in ("frontal-hairline", "temples", "mid-scalp", "sides")]
    assert np.array_equal(grafted.zones[:, :, untouched], nothing.zones[:, :, untouched])
    assert np.array_equal(grafted.density[:2], nothing.density[:2])


def test_grafts_go_where_the_record_says(knowledge: Knowledge) -> None:
    when = TODAY - timedelta(days=900)
    shared = Transplant(when, 1500, ("temples", "vertex"), (("temples", 500), ("vertex", 1000)), None, None)
    unknown = Transplant(when, None, (), (), None, None)
    per_graft = knowledge.therapies["transplant"].graft.hairs_per_graft.value  # type: ignore[union-attr]
    person = replace(MAN, transplants=(shared,))
    made = operations(person, knowledge, 0, np.arange(3), 3000)
    assert [(t.zones, t.hairs, t.day) for t in made] == [
        (("temples",), 500 * per_graft, 2100.0),
        (("vertex",), 1000 * per_graft, 2100.0),
    ]
    usual = operations(replace(MAN, transplants=(unknown,)), knowledge, 0, np.arange(3), 3000)
    assert {t.zones[0] for t in usual} == {"frontal-hairline", "mid-scalp", "vertex"}
    assert len({round(t.density, 6) for t in usual}) == 1


def test_a_transplant_from_before_the_run_is_there_from_its_first_day(knowledge: Knowledge) -> None:
    old = Transplant(TODAY - timedelta(days=6000), 2000, ("vertex",), (), 1.0, None)
    made = operations(replace(MAN, transplants=(old,)), knowledge, 0, np.arange(3), 2400)
    assert [t.day for t in made] == [0.0]


def test_an_insult_sheds_two_to_five_months_later_and_damps_out(knowledge: Knowledge) -> None:
    fever = replace(MAN, insults=(Insult(TODAY - timedelta(days=30), "fever"),))
    struck, spared = (staged(person, knowledge).outlook(Regimen(), 730).sheds.mean(axis=1) for person in (fever, MAN))
    ratio = struck / spared
    assert ratio[0] < 1.1
    assert ratio[3:5].max() > 1.5
    assert abs(ratio[-1] - 1.0) < 0.15


def test_what_is_shed_today_is_the_mean_of_two_months_whatever_was_read_since(
    stage: Stage, knowledge: Knowledge
) -> None:
    seen = man(reading(190.0, days_ago=9), goals=Goals(zone="vertex"))
    assert staged(seen, knowledge).outlook(Regimen(), 182).sheds[0] == pytest.approx(
        stage.outlook(Regimen(), 182).sheds[0]
    )


def test_every_hair_shed_is_counted_once_over_the_year(stage: Stage, knowledge: Knowledge) -> None:
    outlook = stage.outlook(Regimen(), 365)
    numbers = np.arange(MEMBERS)
    scenes = live_through(MAN, knowledge, (), 0, numbers, prior_latents(0, numbers), sites_for(MAN))
    rate = np.concatenate([whole_scalp(readings.sheds[-1], knowledge) for _, readings in scenes])
    assert outlook.sheds[0] == pytest.approx(rate)
    assert outlook.sheds[1:].mean() == pytest.approx(rate.mean(), rel=0.25)
