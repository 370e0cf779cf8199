"""Virtual people in number: a chunk of them is one Parquet file, the same wherever and beside whom it is made.

A person is their number: sex, traits and every draw follow from (seed, number), so people 0 to 999 are the same people
in chunks of 100 and of 1,000. Within a chunk people are simulated a few at a time, in a fixed amount of memory.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numba
import numpy as np
import numpy.typing as npt

from follicast.biology.follicle import CLOCK_COLUMNS
from follicast.biology.scalp import Site, place_follicles
from follicast.biology.simulate import Device, Drives, Pulses, begin, simulate
from follicast.biology.treatment import Line, build_clocks
from follicast.inference.ensemble_design import Course, EnsembleDesign
from follicast.inference.history import WINDOW_DAYS, usual_dose
from follicast.inference.store import code_fingerprint
from follicast.knowledge.load import Knowledge
from follicast.measurement.instruments import Readings, mean_rate, read
from follicast.people.beliefs import named_uniforms
from follicast.people.person import Person, Sex
from follicast.people.population import LATENTS, Population, draw_population, prior_latents
from follicast.quantities import DAYS_PER_YEAR, ZONES, InputError

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Everybody is read without a season, as cohorts are: people are met at all times of the year.
_ANY_DATE: Final = date(2026, 1, 1)
# People simulated together by a thread hold about this much: their clocks (bytes a day and drive group), follicles, and
# what is read of them (bytes a follicle and day).
_BLOCK_BYTES: Final = 8e6
_GPU_BLOCK_BYTES: Final = 1e9
_CLOCK_BYTES: Final = 8.0 * len(CLOCK_COLUMNS)
_FOLLICLE_BYTES: Final = 200.0
_READ_BYTES: Final = 21.0
READINGS: Final[dict[str, str]] = {
    "follicles": "cycling follicles, per cm2 of skin",
    "total": "hairs out of the skin, per cm2",
    "nonvellus": "hairs of 30 um and more, per cm2",
    "terminal": "hairs of 60 um and more, per cm2",
    "mean_diameter": "mean shaft diameter of all hairs, um; 0 where there is none",
    "anagen_share": "share of hairs that are in anagen, fraction; 0 where there is none",
    "telogen_share": "share of hairs that are in telogen, fraction; 0 where there is none",
    "kenogen_share": "share of cycling follicles that are empty, fraction",
    "miniaturised_share": "share of cycling follicles below 0.7 of their healthy size, fraction",
    "thickness": "cumulative hair thickness, mm per cm2",
    "ttcc": "time to complete coverage, days; infinite on bare skin",
    "weight": "hair grown a day, mg per cm2",
    "sheds": "hairs shed a day over the 61 days before, per cm2",
}
"""Readings without error, with what each is and its unit, as in measurement/instruments.py."""
COLUMNS: Final[dict[str, str]] = {
    "SYNTHETIC": "Y in every row: nobody in this table has lived",
    "person": "number of the person, from 0; with the seed it says everything about them",
    "sex": "male or female",
    "visit": "number of the visit, from 1",
    "age": "age at the visit, years",
    "zone": "zone of the scalp that the site is in",
    "area": "area of the site, cm2",
    "years_of_loss": "years since the onset of pattern loss at the visit; negative = before it, below -60 = never",
    **{f"latent.{name}": "latent trait, standard deviations from the middle of what is believed" for name in LATENTS},
    **READINGS,
}
"""Every column of an ensemble's files, with what it holds and its unit."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """People `first` to `last` - 1 of an ensemble, and everything that they are made of."""

    design: EnsembleDesign
    seed: int
    first: int
    last: int
    stamp: str
    device: Device = "cpu"

    @property
    def name(self) -> str:
        """Name of its file."""
        return f"people-{self.first:012d}-{self.last - 1:012d}.parquet"


@cache
def knowledge_of(design: EnsembleDesign) -> Knowledge:
    """The knowledge that a design is simulated with."""
    return Knowledge.load(regrowth=design.regrowth)


def stamp_of(design: EnsembleDesign, device: Device = "cpu") -> dict[str, str]:
    """What the bytes of an ensemble depend on besides design and seed: code, knowledge, libraries' versions, a GPU."""
    import pyarrow as pa
    import scipy

    return {
        "code": code_fingerprint(),
        "knowledge": knowledge_of(design).hash,
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "numba": numba.__version__,
        "pyarrow": pa.__version__,
        **({} if device == "cpu" else {"device": device}),
    }


def stamp_text(design: EnsembleDesign, device: Device = "cpu") -> str:
    """`stamp_of` in one line."""
    return " ".join(f"{name}={value}" for name, value in stamp_of(design, device).items())


def make_chunk(chunk: Chunk) -> bytes:
    """The Parquet file of these people, whole.

    Args:
        chunk: who; a function of this alone, so that any worker anywhere gives the same bytes.

    Returns:
        The file's bytes; its metadata name design, seed, people and stamp.

    Raises:
        InputError: this worker has another version of the code, the knowledge or a library than who asks for the chunk.
    """
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    mine = stamp_text(chunk.design, chunk.device)
    if mine != chunk.stamp:
        odd = [new for new, old in zip(mine.split(), chunk.stamp.split(), strict=True) if new != old]
        raise InputError(
            f"a worker has other versions than this ensemble ({', '.join(odd)}); install the same Follicast everywhere."
        )
    sink = io.BytesIO()
    pq.write_table(chunk_table(chunk), sink, compression="zstd", compression_level=3)
    return sink.getvalue()


def chunk_table(chunk: Chunk) -> pa.Table:
    """The people of a chunk as rows: person by person, visit by visit, site by site; columns as `COLUMNS`."""
    import pyarrow as pa

    knowledge = knowledge_of(chunk.design)
    numbers = np.arange(chunk.first, chunk.last)
    women = named_uniforms(chunk.seed, numbers, "ensemble.sex") < chunk.design.women
    parts = []
    sexes: tuple[tuple[Sex, Ints], ...] = (("male", numbers[~women]), ("female", numbers[women]))
    for sex, members in sexes:
        who = Person(_ANY_DATE, "", sex, chunk.design.ages[-1], chunk.design.ancestry)
        if members.size:
            parts.append(_columns(chunk, who, knowledge, members))
    joined = {name: np.concatenate([part[name] for part in parts]) for name in COLUMNS}
    order = np.argsort(joined["person"], kind="stable")
    fields = [
        pa.field(name, pa.array(joined[name][:1]).type, nullable=False, metadata={"about": about})
        for name, about in COLUMNS.items()
    ]
    schema = pa.schema(fields, metadata=metadata_of(chunk))
    return pa.table([pa.array(joined[name][order]) for name in COLUMNS], schema=schema)


def metadata_of(chunk: Chunk) -> dict[str, str]:
    """What a chunk's file says of itself."""
    people = f"{chunk.first} to {chunk.last - 1}"
    return {
        "follicast.design": chunk.design.digest(),
        "follicast.seed": str(chunk.seed),
        "follicast.people": people,
        "follicast.stamp": chunk.stamp,
    }


def _columns(chunk: Chunk, who: Person, knowledge: Knowledge, members: Ints) -> dict[str, Any]:
    """Rows of some people of one sex, [person x visit x site] flattened, by column."""
    design, seed = chunk.design, chunk.seed
    sites = design.sites(knowledge)
    ids = tuple(dict.fromkeys(course.therapy for course in design.regimen))
    latents = prior_latents(seed, members)
    drawn = draw_population(who, knowledge, ids, seed, members, latents)
    lines = [_line(course, who, knowledge, ids, drawn.today) for course in design.regimen]
    visits = np.array([drawn.today - (who.age_years - age) * DAYS_PER_YEAR for age in design.ages])
    days = np.union1d(visits, np.maximum(visits - WINDOW_DAYS, 0.0))
    readings = _readings(chunk, drawn, lines, days, sites)
    shape = (members.size, visits.size, len(sites))
    rows = np.searchsorted(days, visits)
    read_of = {name: np.moveaxis(getattr(readings, name)[rows], 0, 1) for name in READINGS if name != "sheds"}
    starts = np.maximum(visits - WINDOW_DAYS, 0.0)
    shed = [mean_rate(readings.sheds, days, a, b) for a, b in zip(starts, visits, strict=True)]
    read_of["sheds"] = np.stack(shed, axis=1)

    def spread(values: Any, axis: int) -> Any:
        array = np.asarray(values)
        return np.broadcast_to(array.reshape([-1 if k == axis else 1 for k in range(3)]), shape).ravel()

    lost = drawn.years_lost[:, None] - (who.age_years - np.array(design.ages))
    return {
        "SYNTHETIC": np.full(math.prod(shape), "Y"),
        "person": spread(members, 0),
        "sex": np.full(math.prod(shape), who.sex),
        "visit": spread(np.arange(1, visits.size + 1, dtype=np.int16), 1),
        "age": spread(design.ages, 1),
        "zone": spread(design.zones, 2),
        "area": spread([site.area_cm2 for site in sites], 2),
        "years_of_loss": np.broadcast_to(lost[:, :, None], shape).ravel(),
        **{f"latent.{name}": spread(latents[:, k], 0) for k, name in enumerate(LATENTS)},
        **{name: read_of[name].astype(np.float32).ravel() for name in READINGS},
    }


def _readings(chunk: Chunk, drawn: Population, lines: list[Line], days: Floats, sites: tuple[Site, ...]) -> Readings:
    """What is read of these people, simulated a few at a time so that their clocks stay in the processor's cache."""
    season = np.zeros(drawn.today + 1)
    groups = sorted({site.group for site in sites})
    hairs = sum(float(drawn.scalps.density[:, ZONES.index(site.zone)].mean()) * site.area_cm2 for site in sites)
    one = _CLOCK_BYTES * len(groups) * season.size + (_FOLLICLE_BYTES + _READ_BYTES * days.size) * hairs
    room = _GPU_BLOCK_BYTES if chunk.device == "cuda" else _BLOCK_BYTES * numba.get_num_threads()
    step = max(1, int(room / one))
    parts = []
    for first in range(0, drawn.size, step):
        some = drawn.take(np.arange(first, min(first + step, drawn.size)))
        follicles = place_follicles(chunk.seed, some.scalps, sites)
        clocks = build_clocks(some.pharmacy, some.drives, lines, season, groups)
        drives = Drives(some.rates, clocks, Pulses.none(some.size))
        course = simulate(follicles, drives, begin(follicles, some.rates), days, chunk.device)
        parts.append(read(course, follicles, some.rates, sites))
    return Readings.joined(parts)


def _line(course: Course, who: Person, knowledge: Knowledge, ids: tuple[str, ...], today: int) -> Line:
    """One therapy of the regimen on the run's axis, at the dose usual for the sex."""

    def day(age: float) -> float:
        return today - (who.age_years - age) * DAYS_PER_YEAR

    start = day(course.from_age)
    stop = math.inf if course.to_age is None else day(course.to_age)
    held: tuple[float, ...] = ()
    if course.sessions is not None and course.interval_days is not None:
        held = tuple(when for k in range(course.sessions) if (when := start + k * course.interval_days) < stop)
    dose = usual_dose(who, knowledge, course.therapy)
    return Line(ids.index(course.therapy), start, stop, course.adherence, held, dose=dose)
