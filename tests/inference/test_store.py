"""Results on disk: found again by what they are made of, and never half-written or half-believed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from tests.inference.people import MAN, man, reading

import follicast.version
from follicast.decisions.planning.plan import Workbench
from follicast.inference.forecast import Regimen
from follicast.inference.store import Store, code_fingerprint, key_of
from follicast.knowledge.load import Knowledge
from follicast.people.person import Budget, Goals, Person, Treatment

ARRAYS = {"density": np.arange(6.0).reshape(2, 3), "k": np.array(0.4)}


@pytest.fixture
def kept(tmp_path: Path) -> Store:
    return Store(tmp_path / "results")


def damaged(content: bytes) -> dict[str, bytes]:
    flipped = bytearray(content)
    for place in range(0, len(flipped), 7):
        flipped[place] ^= 0xFF
    return {
        "empty": b"",
        "cut short": content[: len(content) // 2],
        "without its end": content[:-3],
        "noise": np.random.default_rng(0).bytes(2000),
        "bits flipped": bytes(flipped),
        "another format": b"\x93NUMPY" + content,
    }


def test_what_is_put_is_found_again(kept: Store) -> None:
    kept.put("a", ARRAYS)
    found = kept.get("a")
    assert found is not None
    assert {name: value.tolist() for name, value in found.items()} == {"density": [[0, 1, 2], [3, 4, 5]], "k": 0.4}
    assert kept.get("b") is None


def test_a_damaged_file_counts_as_absent_and_is_replaced(kept: Store) -> None:
    kept.put("a", ARRAYS)
    place = kept.folder / "a.npz"  # type: ignore[operator]
    for name, content in damaged(place.read_bytes()).items():
        place.write_bytes(content)
        assert kept.get("a") is None, name
        kept.put("a", ARRAYS)
        assert kept.get("a") is not None, name


def test_any_single_damaged_byte_is_absent_or_harmless(kept: Store) -> None:
    kept.put("a", ARRAYS)
    place = kept.folder / "a.npz"  # type: ignore[operator]
    whole = place.read_bytes()
    for at in range(len(whole)):
        place.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        found = kept.get("a")
        values = [] if found is None else [found[name].tolist() for name in found if name in ARRAYS]
        assert all(value in ([[0, 1, 2], [3, 4, 5]], 0.4) for value in values)


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, MemoryError, OSError])
def test_an_interrupted_put_leaves_nothing(kept: Store, monkeypatch: pytest.MonkeyPatch, interruption) -> None:
    def write_some(file, **arrays):
        file.write(b"half of it")
        raise interruption

    monkeypatch.setattr(np, "savez", write_some)
    try:
        kept.put("a", ARRAYS)
    except interruption:
        assert interruption is not OSError
    assert list(kept.folder.iterdir()) == []  # type: ignore[union-attr]
    assert kept.get("a") is None


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = Store(tmp_path / "file" / "results")
    store.put("a", ARRAYS)
    assert store.get("a") is None
    store.trim()


def test_the_folder_is_named_by_the_environment_and_may_be_nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("FOLLICAST_CACHE", str(tmp_path))
    assert Store.for_user().folder == tmp_path
    monkeypatch.setenv("FOLLICAST_CACHE", "")
    nowhere = Store.for_user()
    nowhere.put("a", ARRAYS)
    nowhere.trim()
    assert (nowhere.folder, nowhere.get("a")) == (None, None)


def test_the_longest_unused_go_first(kept: Store) -> None:
    import os

    for age, key in enumerate("abc"):
        kept.put(key, ARRAYS)
        os.utime(kept.folder / f"{key}.npz", (age, age))  # type: ignore[operator]
    assert kept.get("a") is not None
    size = (kept.folder / "a.npz").stat().st_size  # type: ignore[operator]
    kept.trim(most_bytes=2.5 * size)
    assert [kept.get(key) is not None for key in "abc"] == [True, False, True]


def test_the_key_changes_with_every_part_and_with_the_patterns_of_grades(tmp_path, monkeypatch) -> None:
    assert key_of("a", 1) == key_of("a", 1)
    assert len({key_of("a", 1), key_of("a", 2), key_of("a"), key_of(1, "a")}) == 4
    before = code_fingerprint()
    grades = tmp_path / "knowledge" / "grades.toml"
    grades.parent.mkdir()
    monkeypatch.setattr(follicast.version, "__file__", str(tmp_path / "version.py"))
    seen = {before}
    for text in ("zones = []", 'zones = ["vertex"]'):
        grades.write_text(text)
        code_fingerprint.cache_clear()
        seen.add(code_fingerprint())
    code_fingerprint.cache_clear()
    assert len(seen) == 3


@pytest.fixture
def simulated(store: Store, knowledge: Knowledge) -> Callable[..., set[str]]:
    """Which steps were simulated, and not found, to forecast nothing for this person."""

    def steps(person: Person, known: Knowledge = knowledge, seed: int = 0) -> set[str]:
        told: set[str] = set()
        bench = Workbench(person, known, seed, store, lambda step, _: told.add(step.split(",")[0]))
        bench.outlook(Regimen())
        return told

    return steps


PAST = "Living through the past"
FIT = "Fitting the twin"
PERSON = man(reading(200.0, days_ago=30), goals=Goals(zone="vertex"))


def test_what_does_not_touch_the_past_finds_it_again(simulated) -> None:
    simulated(PERSON)
    assert simulated(PERSON) == set()
    wish = replace(PERSON.goals, low_cost=3.0, keep=0.0)
    conditions = replace(PERSON.conditions, cancer=True)
    other = replace(PERSON, refuses=("tablets",), budget=Budget(10.0), goals=wish, label="X", conditions=conditions)
    assert simulated(other) == set()


def test_a_changed_price_or_text_of_an_unused_therapy_finds_the_past_again(simulated) -> None:
    simulated(PERSON)
    assert simulated(PERSON, Knowledge.load({"site": {"therapies.light.cost.low": 1.0}})) == set()


def test_whatever_touches_the_past_fits_again(simulated) -> None:
    simulated(PERSON)
    counted = replace(PERSON, measurements=(reading(201.0, days_ago=30),))
    taken = Treatment(PERSON.as_of - timedelta(days=500), "light", None, 0.5, (), "")
    for changed in (replace(PERSON, age_years=36.0), counted, replace(PERSON, treatments=(taken,))):
        assert simulated(changed) == {FIT, PAST}
    assert simulated(PERSON, Knowledge.load({"site": {"telogen.median": 79.0}})) == {FIT, PAST}
    assert simulated(PERSON, seed=1) == {FIT, PAST}
    assert simulated(replace(PERSON, goals=Goals(zone="mid-scalp"))) == {FIT, PAST}


def test_another_goal_zone_among_those_measured_is_not_answered_with_the_first(simulated, store, knowledge) -> None:
    both = replace(PERSON, measurements=(*PERSON.measurements, reading(150.0, zone="temples", days_ago=30)))
    benches = [
        Workbench(replace(both, goals=Goals(zone=zone)), knowledge, 0, store, lambda *_: None)
        for zone in ("vertex", "temples")
    ]
    vertex, temples = (bench.outlook(Regimen()) for bench in benches)
    assert not np.array_equal(vertex.density, temples.density)
    assert np.array_equal(vertex.zones, temples.zones)


def test_a_longer_horizon_is_simulated_anew(simulated) -> None:
    simulated(PERSON)
    assert simulated(replace(PERSON, goals=replace(PERSON.goals, horizon_months=36))) == {PAST}
    assert MAN.goals.horizon_months == 24
