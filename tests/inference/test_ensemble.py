"""A person is their number: what an ensemble holds does not depend on chunks, and its columns mean what they say."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from follicast.inference import ensemble
from follicast.inference.ensemble import COLUMNS, Chunk, chunk_table, make_chunk, stamp_text
from follicast.inference.ensemble_design import Course, EnsembleDesign, design_from, read_design
from follicast.inference.ensemble_folder import (
    MANIFEST,
    Ensemble,
    ensemble_of,
    estimate,
    read_ensemble,
    read_manifest,
    refuse_absurd,
    simulate_ensemble,
)
from follicast.knowledge.load import Knowledge
from follicast.people.compute import Where
from follicast.people.population import LATENTS, prior_latents
from follicast.quantities import InputError

DESIGN = EnsembleDesign(follicles=30, ages=(20.0, 24.0))
FEW = Ensemble(DESIGN, people=25, seed=3, chunk=10)


def rows(design: EnsembleDesign, first: int, last: int, seed: int = 3) -> pd.DataFrame:
    table = chunk_table(Chunk(design, seed, first, last, stamp_text(design)))
    return table.to_pandas()


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_person_is_the_same_in_any_chunk() -> None:
    whole = rows(DESIGN, 0, 20)
    parts = pd.concat([rows(DESIGN, 0, 7), rows(DESIGN, 7, 20)], ignore_index=True)
    pd.testing.assert_frame_equal(whole, parts, check_exact=True)


def test_a_person_is_the_same_however_many_are_simulated_together(monkeypatch: pytest.MonkeyPatch) -> None:
    together = rows(DESIGN, 0, 20)
    monkeypatch.setattr(ensemble, "_BLOCK_BYTES", 1.0)
    pd.testing.assert_frame_equal(together, rows(DESIGN, 0, 20), check_exact=True)


def test_another_seed_is_other_people() -> None:
    assert not np.allclose(rows(DESIGN, 0, 5)["latent.density"], rows(DESIGN, 0, 5, seed=4)["latent.density"])


def test_a_later_visit_leaves_who_people_are_as_it_was() -> None:
    short = rows(DESIGN, 0, 12)
    long = rows(replace(DESIGN, ages=(20.0, 24.0, 30.0)), 0, 12)
    seen = long[long.age <= 24.0].reset_index(drop=True)
    traits = [name for name in COLUMNS if name.startswith("latent") or name in ("person", "sex", "zone", "age", "area")]
    pd.testing.assert_frame_equal(short[traits], seen[traits], check_exact=True)
    np.testing.assert_allclose(short.years_of_loss, seen.years_of_loss)


def test_every_row_is_one_person_one_visit_one_site_and_says_that_nobody_lived() -> None:
    frame = rows(DESIGN, 5, 15)
    assert list(frame.columns) == list(COLUMNS)
    assert len(frame) == 10 * len(DESIGN.ages) * len(DESIGN.zones)
    assert not frame.duplicated(["person", "visit", "zone"]).any()
    assert set(frame.SYNTHETIC) == {"Y"}
    assert frame.person.is_monotonic_increasing
    latents = prior_latents(3, np.arange(5, 15))
    first = frame.drop_duplicates("person")
    np.testing.assert_array_equal(first[[f"latent.{name}" for name in LATENTS]].to_numpy(), latents)
    np.testing.assert_allclose(frame.groupby("person").years_of_loss.agg(np.ptp), 4.0)


def test_a_site_holds_about_as_many_follicles_as_asked() -> None:
    frame = rows(replace(DESIGN, follicles=200, ages=(18.0,), women=1.0), 0, 80)
    assert 150 < (frame.follicles * frame.area).mean() < 250


def test_the_share_of_women_is_as_asked() -> None:
    for women in (0.0, 1.0):
        assert set(rows(replace(DESIGN, women=women), 0, 6).sex) == {"female" if women else "male"}


def test_a_regimen_changes_those_who_take_it_only_from_then_on() -> None:
    design = EnsembleDesign(women=0.0, zones=("vertex",), follicles=100, ages=(40.0, 45.0))
    treated = replace(design, regimen=(Course("finasteride-oral", 40.0),))
    nothing, finasteride = (rows(d, 0, 60).set_index(["person", "age"]).total for d in (design, treated))
    before = nothing.index.get_level_values("age") == 40.0
    np.testing.assert_array_equal(nothing[before], finasteride[before])
    assert finasteride[~before].mean() > nothing[~before].mean()


def test_the_file_documents_every_column() -> None:
    schema = pq.read_schema(io.BytesIO(make_chunk(Chunk(DESIGN, 3, 0, 4, stamp_text(DESIGN)))))
    assert {field.name: field.metadata[b"about"].decode() for field in schema} == COLUMNS
    assert schema.metadata[b"follicast.people"] == b"0 to 3"


def test_a_worker_with_other_code_refuses_instead_of_giving_other_bytes() -> None:
    stamp = stamp_text(DESIGN).replace("code=", "code=0")
    with pytest.raises(InputError, match=r"a worker has other versions .* install the same Follicast everywhere"):
        make_chunk(Chunk(DESIGN, 3, 0, 4, stamp))


def test_an_ensemble_is_read_back_whole(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    simulate_ensemble(FEW, tmp_path / "e", progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 25), (10, 25), (20, 25), (25, 25)]
    frame = read_ensemble(tmp_path / "e").to_table().to_pandas()
    pd.testing.assert_frame_equal(frame, rows(DESIGN, 0, 25), check_exact=True)
    assert ensemble_of(tmp_path / "e") == FEW


def test_processes_and_parts_give_the_same_folder(tmp_path: Path) -> None:
    simulate_ensemble(FEW, tmp_path / "here")
    simulate_ensemble(FEW, tmp_path / "processes", Where(2))
    for k in (3, 1, 2):
        simulate_ensemble(FEW, tmp_path / "parts", part=(k, 3))
    assert not read_manifest(tmp_path / "parts")["complete"]
    with pytest.raises(InputError, match="is not finished"):
        read_ensemble(tmp_path / "parts")
    simulate_ensemble(FEW, tmp_path / "parts", resume=True)
    assert contents(tmp_path / "here") == contents(tmp_path / "processes") == contents(tmp_path / "parts")


@pytest.mark.parametrize("harm", ["lost", "cut", "altered", "other people"])
def test_what_is_missing_or_wrong_is_made_again_with_the_same_bytes(tmp_path: Path, harm: str) -> None:
    simulate_ensemble(FEW, tmp_path)
    right = contents(tmp_path)
    file = tmp_path / sorted(right)[2]
    if harm == "lost":
        file.unlink()
    elif harm == "cut":
        file.write_bytes(right[file.name][:-100])
    elif harm == "altered":
        file.write_bytes(right[file.name].replace(b"vertex", b"vertix", 1))
    else:
        # As if the manifest had been saved before that chunk, and somebody put another file there.
        file.write_bytes(right[sorted(right)[1]])
        (tmp_path / MANIFEST).write_bytes(
            right[MANIFEST].replace(read_manifest(tmp_path)["chunks"][1]["sha256"].encode(), b"0" * 64)
        )
    (tmp_path / ".people.0.partial").write_bytes(b"half")
    simulate_ensemble(ensemble_of(tmp_path), tmp_path, resume=True)
    assert contents(tmp_path) == right


def test_a_folder_is_only_finished_as_what_it_was_begun_as(tmp_path: Path) -> None:
    simulate_ensemble(FEW, tmp_path)
    with pytest.raises(InputError, match="holds an ensemble already"):
        simulate_ensemble(FEW, tmp_path)
    others = {"seed": replace(FEW, seed=4), "people": replace(FEW, people=26), "chunk": replace(FEW, chunk=5)}
    others["design"] = replace(FEW, design=replace(DESIGN, follicles=31))
    for key, other in others.items():
        with pytest.raises(InputError, match=f"begun with another {key}"):
            simulate_ensemble(other, tmp_path, resume=True)
    with pytest.raises(InputError, match="another version of device"):
        simulate_ensemble(replace(FEW, device="cuda"), tmp_path, resume=True)
    manifest = tmp_path / MANIFEST
    manifest.write_text(manifest.read_text().replace('"numpy": "', '"numpy": "0.'))
    with pytest.raises(InputError, match="another version of numpy"):
        simulate_ensemble(FEW, tmp_path, resume=True)


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="holds other files"):
        simulate_ensemble(FEW, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_what_is_absurd_is_refused_with_an_estimate(tmp_path: Path) -> None:
    for wanted, why in (
        (Ensemble(DESIGN, 10**12), "that is too long"),
        (Ensemble(replace(DESIGN, follicles=1, ages=(14.0,)), 3 * 10**9), "are free there|at most 200,000"),
        (Ensemble(DESIGN, 10**6, chunk=1), "at most 200,000"),
    ):
        with pytest.raises(InputError, match=rf"would take about .* GB of memory and .* GB of disk .*({why})"):
            refuse_absurd(wanted, tmp_path / "none", Where())
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match=r"GB of memory\. Use fewer workers"):
        refuse_absurd(Ensemble(DESIGN, 1000), tmp_path, Where(100_000))


def test_the_estimate_grows_with_people_and_shrinks_with_workers() -> None:
    one, two = estimate(Ensemble(DESIGN, 10_000), 1), estimate(Ensemble(DESIGN, 20_000), 4)
    assert two.seconds == pytest.approx(one.seconds / 2)
    assert two.disk == pytest.approx(2 * one.disk)
    assert two.memory == pytest.approx(4 * one.memory)


def test_a_design_file_says_everything(tmp_path: Path, knowledge: Knowledge) -> None:
    file = tmp_path / "design.toml"
    file.write_text(
        'women = 0.25\nancestry = "east-asian"\nzones = ["mid-scalp"]\nfollicles = 50\nages = [30, 31.5]\n'
        '[[regimen]]\ntherapy = "exosome"\nfrom_age = 30\nsessions = 3\n'
    )
    read = read_design(file, knowledge)
    assert read == EnsembleDesign(0.25, "east-asian", "reversal", ("mid-scalp",), 50, (30.0, 31.5), read.regimen)
    assert (read.regimen[0].sessions, read.regimen[0].adherence) == (3, 1.0)
    assert read.regimen[0].interval_days


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"woman": 1}, "woman: is not a key here"),
        ({"women": 1.5}, "women 1.5: must be a number from 0 to 1"),
        ({"women": float("nan")}, "women nan: must be a number"),
        ({"ancestry": "martian"}, "ancestry 'martian': must be one of"),
        ({"regrowth": "magic"}, "regrowth 'magic': must be one of"),
        ({"zones": ["beard"]}, "zones .*: must be one or more of"),
        ({"zones": ["vertex", "vertex"]}, "each once"),
        ({"zones": "vertex"}, "zones 'vertex': must be a list"),
        ({"follicles": 0}, "follicles 0: must be a number from 1"),
        ({"ages": []}, "must be 1 to 100 ages"),
        ({"ages": [30, 20]}, "rising"),
        ({"ages": [5]}, "ages 5: must be a number from 14 to 100"),
        ({"ages": ["x"]}, "ages 'x': must be a number"),
        ({"regimen": [{"therapy": "snake oil", "from_age": 20}]}, "therapy 'snake oil': must be one of"),
        ({"regimen": [{"therapy": "finasteride-oral"}]}, "from_age None: must be a number"),
        ({"regimen": [{"therapy": "finasteride-oral", "from_age": 20, "to_age": 19}]}, "to_age 19: must be a number"),
        ({"regimen": [{"therapy": "finasteride-oral", "from_age": 20, "sessions": 3}]}, "not given in sessions"),
        ({"regimen": ["finasteride-oral"]}, "must be a table"),
    ],
)
def test_a_design_that_makes_no_sense_is_refused(told: dict[str, object], sentence: str, knowledge: Knowledge) -> None:
    with pytest.raises(InputError, match=rf"^d\.toml.*{sentence}"):
        design_from(told, "d.toml", knowledge)
