"""An ensemble on disk: a folder of one Parquet file a chunk and a manifest, safe against any stop and finished later.

A file stands under its own name only when it is whole and on the disk, so whatever stopped a run (kill, Ctrl-C, power,
a full disk), what is there is right and the rest is made again with the same bytes. Only one result is in memory at a
time here; workers hold a chunk each.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from follicast.biology.simulate import Device
from follicast.inference.ensemble import COLUMNS, Chunk, knowledge_of, make_chunk, metadata_of, stamp_of, stamp_text
from follicast.inference.ensemble_design import EnsembleDesign, design_from
from follicast.people.compute import HERE, Where, run, workers_of
from follicast.quantities import InputError
from follicast.version import VERSION

if TYPE_CHECKING:
    import pyarrow.dataset as ds  # type: ignore[import-untyped]

MANIFEST: Final = "manifest.json"
FORMAT: Final = "follicast ensemble 1"
CHUNK_PEOPLE: Final = 1000
_MOST_CHUNKS: Final = 200_000
_LONGEST_DAYS: Final = 400.0
_SAVE_SECONDS: Final = 5.0
# Processor time (docs/performance.md) and a third more; for an estimate before a run, no more.
_SECONDS_PER_FOLLICLE_YEAR: Final = 1e-7
_SECONDS_PER_PERSON_YEAR: Final = 1.5e-5
_BYTES_PER_PERSON: Final = 100.0
_BYTES_PER_ROW: Final = 55.0
_WORKER_BYTES: Final = 450e6
_MEMORY_PER_STORED_BYTE: Final = 12.0

Progress = Callable[[int, int], None]
"""Told people done and people in all."""


@dataclass(frozen=True, slots=True)
class Ensemble:
    """People 0 to `people` - 1 of a design and seed, `chunk` of them a file."""

    design: EnsembleDesign
    people: int
    seed: int = 0
    chunk: int = CHUNK_PEOPLE
    device: Device = "cpu"

    def __post_init__(self) -> None:
        if self.people < 1:
            raise InputError(f"--people {self.people}: must be 1 or more.")
        if self.chunk < 1:
            raise InputError(f"--chunk {self.chunk}: must be 1 or more.")

    def chunks(self) -> list[Chunk]:
        """Its chunks, in the order of the people."""
        stamp = stamp_text(self.design, self.device)
        firsts = range(0, self.people, self.chunk)
        ends = ((a, min(a + self.chunk, self.people)) for a in firsts)
        return [Chunk(self.design, self.seed, a, b, stamp, self.device) for a, b in ends]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an ensemble costs, roughly: seconds, bytes of memory, bytes of disk."""

    seconds: float
    memory: float
    disk: float

    def words(self) -> str:
        """In one phrase."""
        units = (("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0), ("seconds", 1.0))
        unit, size = next((u for u in units if self.seconds >= 2.0 * u[1]), units[-1])
        gb = f"{self.memory / 1e9:,.1f} GB of memory and {self.disk / 1e9:,.1f} GB of disk"
        return f"about {self.seconds / size:,.0f} {unit}, {gb}"


def estimate(wanted: Ensemble, workers: int) -> Estimate:
    """Time, memory and disk that an ensemble will take on so many workers."""
    design = wanted.design
    rows = len(design.ages) * len(design.zones)
    years = design.ages[-1] - knowledge_of(design).parameters["onset.earliest"].value + 1.0
    follicle_years = design.follicles * len(design.zones) * years
    one = _SECONDS_PER_FOLLICLE_YEAR * follicle_years + _SECONDS_PER_PERSON_YEAR * years
    stored = _BYTES_PER_PERSON + _BYTES_PER_ROW * rows
    held = _WORKER_BYTES + _MEMORY_PER_STORED_BYTE * stored * min(wanted.chunk, wanted.people)
    return Estimate(wanted.people * one / workers, held * workers, wanted.people * stored)


def refuse_absurd(wanted: Ensemble, folder: Path, where: Where) -> Estimate:
    """What it will cost, or a refusal before anything runs.

    Raises:
        InputError: it needs more disk than is free, years of time, too many files, or the cluster cannot be reached.
    """
    workers = workers_of(where)
    cost = estimate(wanted, workers)
    near = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    said = f"--people {wanted.people:,}: would take {cost.words()} on {workers} workers"
    if cost.seconds > _LONGEST_DAYS * 86400.0:
        raise InputError(f"{said}; that is too long. Ask for fewer people, or use more workers.")
    if cost.disk > (free := shutil.disk_usage(near).free):
        raise InputError(f"{said}; only {free / 1e9:,.1f} GB are free there. Ask for fewer people, or another --out.")
    if (files := -(-wanted.people // wanted.chunk)) > _MOST_CHUNKS:
        raise InputError(f"{said}, in {files:,} files; at most {_MOST_CHUNKS:,} are allowed. Give a larger --chunk.")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if where.cluster is None and cost.memory > memory:
        raise InputError(f"{said}; this machine has {memory / 1e9:,.1f} GB of memory. Use fewer workers.")
    return cost


def simulate_ensemble(
    wanted: Ensemble,
    folder: Path,
    where: Where = HERE,
    *,
    resume: bool = False,
    part: tuple[int, int] | None = None,
    progress: Progress | None = None,
) -> Path:
    """Simulates an ensemble into a folder, or finishes one that was begun there.

    Args:
        wanted: the ensemble.
        folder: made if need be; holds nothing else.
        where: to compute; the bytes are the same everywhere.
        resume: go on with what the folder holds.
        part: (i, n): only every nth chunk, beginning with the ith from 1, for jobs that share a folder; none of them
            completes the manifest, a last run with `resume` does.
        progress: told after each chunk.

    Returns:
        The manifest.

    Raises:
        InputError: the folder holds something else, cannot be written, or is full; what is whole is kept.
    """
    chunks = wanted.chunks()
    sums = _begin(wanted, chunks, folder, resume=resume, shared=part is not None)
    mine = chunks if part is None else chunks[part[0] - 1 :: part[1]]
    missing = [chunk for chunk in mine if not _is_kept(chunk, folder, sums)]
    total = sum(chunk.last - chunk.first for chunk in mine)
    done = total - sum(chunk.last - chunk.first for chunk in missing)
    saved = time.monotonic()
    try:
        with closing(run(make_chunk, missing, where)) as results:
            if progress is not None:
                progress(done, total)
            for index, data in results:
                chunk = missing[index]
                _write(folder / chunk.name, data)
                sums[chunk.name] = hashlib.sha256(data).hexdigest()
                done += chunk.last - chunk.first
                if progress is not None:
                    progress(done, total)
                if part is None and time.monotonic() - saved > _SAVE_SECONDS:
                    _write(folder / MANIFEST, _manifest(wanted, chunks, sums))
                    saved = time.monotonic()
        if part is None:
            _write(folder / MANIFEST, _manifest(wanted, chunks, sums))
    except OSError as error:
        raise InputError(
            f"--out {folder}: cannot be written ({error.strerror or error}); what is whole is kept. "
            "Make room and run again with --resume."
        ) from error
    return folder / MANIFEST


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of an ensemble.

    Raises:
        InputError: there is none, or it is not one.
    """
    try:
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{folder}: holds no ensemble ({MANIFEST} cannot be read).") from error
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise InputError(f"{folder / MANIFEST}: is not the manifest of an ensemble of this version.")
    return told


def ensemble_of(folder: Path) -> Ensemble:
    """The ensemble that a folder was begun with, so that it can be finished.

    Raises:
        InputError: the folder holds none.
    """
    told = read_manifest(folder)
    design = {key: value for key, value in told["design"].items() if value is not None}
    design["regimen"] = [{k: v for k, v in line.items() if v is not None} for line in design["regimen"]]
    knowledge = knowledge_of(EnsembleDesign())
    where = str(folder / MANIFEST)
    device: Device = "cuda" if told["stamp"].get("device") == "cuda" else "cpu"
    return Ensemble(design_from(design, where, knowledge), told["people"], told["seed"], told["chunk"], device)


def read_ensemble(folder: Path) -> ds.Dataset:
    """The people of a finished ensemble as a pyarrow data set; `.to_table(columns=...).to_pandas()` gives a frame.

    Args:
        folder: that `simulate_ensemble` wrote.

    Returns:
        A data set with the columns of `COLUMNS`, read file by file as it is asked.

    Raises:
        InputError: the folder holds no ensemble, it is not finished, or a file is missing.
    """
    import pyarrow.dataset as ds

    told = read_manifest(folder)
    if not told["complete"]:
        raise InputError(f"{folder}: the ensemble is not finished; run `follicast simulate --out {folder} --resume`.")
    files = [folder / chunk["file"] for chunk in told["chunks"]]
    for file in files:
        if not file.exists():
            raise InputError(f"{file}: is missing; run `follicast simulate --out {folder} --resume`.")
    return ds.dataset([str(file) for file in files], format="parquet")


def _begin(wanted: Ensemble, chunks: Sequence[Chunk], folder: Path, *, resume: bool, shared: bool) -> dict[str, str]:
    """Makes the folder ready; returns the digests that an earlier run left, by file."""
    if (folder / MANIFEST).exists():
        told = read_manifest(folder)
        if not resume and not shared:
            raise InputError(
                f"--out {folder}: holds an ensemble already; finish it with --resume, or give a new folder."
            )
        _refuse_other(wanted, told, folder)
        if not shared:
            for stale in folder.glob(".*.partial"):
                stale.unlink(missing_ok=True)
        return {chunk["file"]: chunk["sha256"] for chunk in told["chunks"] if chunk["sha256"]}
    if folder.exists() and not folder.is_dir():
        raise InputError(f"--out {folder}: this is a file; give a folder.")
    if not shared and folder.exists() and any(not place.name.startswith(".") for place in folder.iterdir()):
        raise InputError(f"--out {folder}: holds other files; give a new folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / MANIFEST, _manifest(wanted, chunks, {}))
    except OSError as error:
        raise InputError(f"--out {folder}: cannot be written ({error.strerror or error}).") from error
    return {}


def _refuse_other(wanted: Ensemble, told: dict[str, Any], folder: Path) -> None:
    """A folder is finished only as what it was begun as."""
    asked = json.loads(_manifest(wanted, (), {}))
    for key in ("design", "people", "seed", "chunk"):
        if asked[key] != told[key]:
            raise InputError(f"--out {folder}: was begun with another {key}; give a new folder, or the same {key}.")
    odd = [name for name in told["stamp"] | asked["stamp"] if told["stamp"].get(name) != asked["stamp"].get(name)]
    if odd:
        raise InputError(
            f"--out {folder}: was begun with another version of {', '.join(odd)}; finish it with that one, "
            "or begin anew in a new folder."
        )


def _manifest(wanted: Ensemble, chunks: Sequence[Chunk], sums: dict[str, str]) -> bytes:
    """The manifest, the same bytes for the same state of the folder."""
    listed = [{"file": c.name, "people": [c.first, c.last - 1], "sha256": sums.get(c.name)} for c in chunks]
    told = {
        "format": FORMAT,
        "complete": all(entry["sha256"] for entry in listed),
        "version": VERSION,
        "people": wanted.people,
        "seed": wanted.seed,
        "chunk": wanted.chunk,
        "design": asdict(wanted.design),
        "design_sha256": wanted.design.digest(),
        "stamp": stamp_of(wanted.design, wanted.device),
        "columns": COLUMNS,
        "chunks": listed,
    }
    return (json.dumps(told, indent=1) + "\n").encode()


def _is_kept(chunk: Chunk, folder: Path, sums: dict[str, str]) -> bool:
    """Whether the file of a chunk is there and right; its digest is then in `sums`."""
    import pyarrow as pa
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    try:
        data = (folder / chunk.name).read_bytes()
    except OSError:
        sums.pop(chunk.name, None)
        return False
    digest = hashlib.sha256(data).hexdigest()
    try:
        # Written after the manifest was last saved, a file is read whole; else its digest says that it is.
        known = chunk.name in sums
        schema = pq.read_schema(pa.BufferReader(data)) if known else pq.read_table(pa.BufferReader(data)).schema
    except (pa.ArrowException, OSError):
        sums.pop(chunk.name, None)
        return False
    told = schema.metadata or {}
    if any(told.get(k.encode()) != v.encode() for k, v in metadata_of(chunk).items()):
        sums.pop(chunk.name, None)
        return False
    if not known:
        sums[chunk.name] = digest
    if sums[chunk.name] == digest:
        return True
    del sums[chunk.name]
    return False


def _write(path: Path, data: bytes) -> None:
    """Puts a file in its place whole: temporary file, fsync, rename, fsync of the folder."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(6)}.partial")
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        _sync(path.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
