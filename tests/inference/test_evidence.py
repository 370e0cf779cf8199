"""What the shared numbers are calibrated to: the shipped rows and facts, and the draws that came of them."""

import math
from dataclasses import replace

import numpy as np
import pytest

from follicast.inference import calibrate
from follicast.inference import evidence as module
from follicast.inference.calibrate import Fit
from follicast.inference.emulator import Emulator
from follicast.inference.evidence import Evidence, gather, left_out, plan, shipped_tables
from follicast.inference.leave_out import leave_out
from follicast.knowledge.load import Knowledge
from follicast.knowledge.posterior import REGROWTHS, Regrowth, Shared, point, shipped
from follicast.people.beliefs import believed


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge.load()


@pytest.fixture(scope="module")
def evidence(knowledge: Knowledge) -> Evidence:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PEOPLE", 40)
        patch.setattr(module, "_EFFORT", 0.1)
        return gather(knowledge, 0)


def test_every_row_left_out_by_name_is_in_a_table_with_a_reason(knowledge: Knowledge) -> None:
    ids = [row.trial_id for table in shipped_tables(knowledge) for row in (*table.rows, *table.refused)]
    for entry in (*plan()["left_out"], *plan()["people"]):
        assert entry.get("reason") or entry.get("read")
        assert [name for name in entry["rows"] if not any(row.startswith(name) for row in ids)] == []


def test_a_fact_from_a_fitted_trial_is_left_out_with_it(evidence: Evidence) -> None:
    by_trial = {evidence.rows[int(b.rows[0])].trial_id.split("_")[0]: evidence.facts_of(b) for b in evidence.blocks}
    told = {name.split()[0] for name, own in zip(evidence.fact_names, by_trial["KAUFMAN1998"], strict=True) if own}
    assert told == {"F20"}
    assert not by_trial["OLSEN2002"].any()


def test_only_net_effects_with_a_number_are_fitted(evidence: Evidence) -> None:
    fitted = [evidence.rows[i] for block in evidence.blocks for i in block.rows]
    assert len(fitted) >= 30
    assert all(left_out(row) is None and row.contrast and row.observed is not None for row in fitted)
    assert not any("exosome" in row.drug for row in fitted)


def test_every_calibrated_name_is_one_that_the_model_draws(knowledge: Knowledge) -> None:
    from follicast.people.population import pharmacy_of

    asked: set[str] = set()

    class Listening(Shared):
        def column(self, name: str) -> None:
            asked.add(name)

    heard = replace(knowledge, shared=Listening())
    pharmacy_of(heard, tuple(n for n, t in knowledge.therapies.items() if t.exposure), 0, np.arange(2))
    assert [name for name in plan()["names"] if name not in asked | set(knowledge.parameters)] == []


def test_a_place_closer_to_the_trials_is_likelier(evidence: Evidence) -> None:
    n = len(evidence.rows)
    outputs = np.concatenate([evidence.observed, np.full(n, 5.0) * evidence.units, evidence.fact_targets])
    z = np.zeros((3, len(evidence.names)))
    stack = np.stack([outputs, 0.5 * outputs, 0.0 * outputs])
    found = evidence.log_likelihood(z, stack, np.zeros(outputs.size))
    assert found[0] > found[1] > found[2]


def test_leaving_a_trial_out_predicts_it_from_the_rest(evidence: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an emulator that says one number moves everything, the rest decides what is said of the one left out."""
    monkeypatch.setattr(calibrate, "_ROUNDS", (2, 2, 3, 6))
    monkeypatch.setattr(calibrate, "_CHAINS", 120)
    names, n = len(evidence.names), len(evidence.rows)
    size = 2 * n + evidence.fact_targets.size
    slope = np.zeros((size, names))
    slope[:n, 0] = 0.1 * np.abs(evidence.observed)
    constant = np.concatenate([evidence.observed, np.zeros(n), evidence.fact_targets])
    emulator = Emulator(constant, slope, np.zeros((size, names, names)), np.zeros(size))
    z = 0.3 * np.random.default_rng(0).standard_normal((8000, names))
    fit = Fit(evidence.names, z, emulator, np.ones(names), 1)
    found = leave_out(evidence, fit, 0, lambda *_: None)
    trials = [entry for entry in found if entry.rows.size]
    assert len(trials) == len(evidence.blocks)
    for entry in trials:
        assert (np.diff(entry.quantiles, axis=1) > 0.0).all()
        assert np.isfinite(entry.shift).all()
    most = max(trials, key=lambda entry: abs(entry.shift[0]))
    assert abs(most.shift[0]) > abs(most.shift[1:]).mean()


@pytest.mark.parametrize("regrowth", REGROWTHS)
def test_the_shipped_draws_belong_to_the_shipped_numbers(regrowth: Regrowth) -> None:
    """Fails when a prior, a trial row or the plan changed: `follicast calibrate --ship` makes the draws anew."""
    draws = shipped(regrowth)
    assert draws.names == tuple(plan()["names"])
    assert draws.provenance["regrowth"] == regrowth
    assert draws.provenance["data_hash"] == gather(Knowledge.load(regrowth=regrowth), 0).key


@pytest.mark.parametrize("regrowth", REGROWTHS)
def test_the_shipped_draws_are_a_posterior_that_learned_something(regrowth: Regrowth) -> None:
    draws = shipped(regrowth)
    assert draws.draws >= 200
    spread = dict(zip(draws.names, draws.z.std(axis=0), strict=True))
    assert spread["minoxidil.effect"] < 0.8
    assert spread["anagen.median.male"] < 0.8
    assert float(draws.provenance["worst_r_hat"]) < 1.1


def test_members_hold_joint_draws_and_all_of_them_equally_often(knowledge: Knowledge) -> None:
    z = np.random.default_rng(0).standard_normal((50, 2))
    shared = Shared(("anagen.median.male", "telogen.median"), z)
    members = np.arange(500)
    numbers = knowledge.parameters
    both = [believed(numbers[name], name, 3, members, shared) for name in shared.names]
    assert len(np.unique(both[0])) == 50
    pairs = {(a, b) for a, b in zip(*both, strict=True)}
    assert len(pairs) == 50
    assert np.unique(both[0], return_counts=True)[1].tolist() == [10] * 50


def test_a_point_says_the_same_to_everybody(knowledge: Knowledge) -> None:
    number = knowledge.parameters["telogen.median"]
    values = believed(number, "telogen.median", 0, np.arange(20), point({"telogen.median": 1.0}))
    assert values == pytest.approx(number.prior["median"] * math.exp(number.prior["sd_log"]))


def test_an_override_puts_its_own_number_in_the_place_of_the_calibrated_one() -> None:
    plain = Knowledge.load()
    changed = Knowledge.load({"site": {"telogen.median": 90.0, "therapies.finasteride-oral.exposure.on_days": 2.0}})
    gone = set(plain.shared.names) - set(changed.shared.names)
    assert gone == {"telogen.median", *(n for n in plain.shared.names if n.startswith("finasteride-oral."))}
    assert plain.hash != changed.hash != changed.under("waking").hash
