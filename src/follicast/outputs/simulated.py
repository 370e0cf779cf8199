"""`follicast simulate`: virtual people in number, here, in worker processes or on a cluster, to a folder of Parquet."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from follicast.quantities import InputError

if TYPE_CHECKING:
    from follicast.biology.simulate import Device
    from follicast.inference.ensemble_folder import Ensemble
    from follicast.people.compute import Where

_EVERY_SECONDS: Final = 10.0
_EVERY_SECONDS_ON_A_SCREEN: Final = 0.5


class Pace:
    """Says on standard error how many people are done, at what rate, and about how long the rest will take."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._screen = sys.stderr.isatty()
        self._began = self._told = time.monotonic()
        self._first: int | None = None

    def __call__(self, done: int, total: int) -> None:
        """Told after each chunk; says so now and then, and at the end."""
        now = time.monotonic()
        if self._first is None:
            self._first, self._began = done, now
        wait = _EVERY_SECONDS_ON_A_SCREEN if self._screen else _EVERY_SECONDS
        if self._quiet or (now - self._told < wait and done < total):
            return
        self._told = now
        line = f"{done:,} of {total:,} people"
        rate = (done - self._first) / max(now - self._began, 1e-9)
        if rate > 0.0:
            line += f"; {rate:,.0f} people/s; {_duration((total - done) / rate)} left"
        end = "\r" if self._screen and done < total else "\n"
        sys.stderr.write(f"{line:<78}{end}" if self._screen else f"{line}\n")
        sys.stderr.flush()


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line said of whom to simulate; None = not said."""

    design: Path | None = None
    people: int | None = None
    ages: str | None = None
    zones: str | None = None
    follicles: int | None = None
    seed: int | None = None
    chunk: int | None = None
    device: str = "cpu"

    def given(self) -> dict[str, Any]:
        """Keys of the design that the command line gives, over the file."""
        told = {"ages": _list(self.ages), "zones": _list(self.zones), "follicles": self.follicles}
        return {key: value for key, value in told.items() if value is not None}


def simulate_and_write(
    asked: Asked, folder: Path, where: Where, part: str | None, *, resume: bool, as_json: bool, quiet: bool
) -> None:
    """Simulates what is asked for into a folder, or finishes what was begun there, and says so.

    Args:
        asked: whom.
        folder: new, or begun before.
        where: to compute.
        part: "I/N" for one job of an array.
        resume: finish what was begun.
        as_json: print what was made as JSON.
        quiet: print nothing.

    Raises:
        InputError: something asked for is not allowed, or more than there is time, memory or disk for.
    """
    share = _part(part)
    from follicast.inference.ensemble_folder import ensemble_of, refuse_absurd, simulate_ensemble

    if resume and asked.people is None:
        if asked != Asked():
            raise InputError("--resume: takes everything from the folder; leave out the design and its options.")
        wanted = ensemble_of(folder)
    else:
        wanted = _wanted(asked)
    if wanted.device == "cuda" and where.cluster is None:
        from follicast.biology.gpu import refuse_without_gpu

        refuse_without_gpu()
    cost = refuse_absurd(wanted, folder, where)
    if not quiet:
        sys.stderr.write(f"{wanted.people:,} people {where.words()}: {cost.words()} in all, by estimate\n")
    path = simulate_ensemble(wanted, folder, where, resume=resume, part=share, progress=Pace(quiet=quiet))
    if as_json:
        sys.stdout.write(json.dumps({"manifest": str(path), "people": wanted.people}) + "\n")
    elif not quiet:
        sys.stdout.write(f"{path}\n")


def _wanted(asked: Asked) -> Ensemble:
    """The ensemble that the command line asks for."""
    from follicast.inference.ensemble import knowledge_of
    from follicast.inference.ensemble_design import EnsembleDesign, design_from
    from follicast.inference.ensemble_folder import CHUNK_PEOPLE, Ensemble
    from follicast.knowledge.load import read_toml

    if asked.people is None:
        raise InputError("simulate: say how many with --people N.")
    told = {**({} if asked.design is None else read_toml(asked.design)), **asked.given()}
    name = "simulate" if asked.design is None else asked.design.name
    design = design_from(told, name, knowledge_of(EnsembleDesign()))
    if asked.device not in ("cpu", "cuda"):
        raise InputError(f"--device {asked.device}: must be cpu or cuda.")
    chunk = CHUNK_PEOPLE if asked.chunk is None else asked.chunk
    device: Device = "cuda" if asked.device == "cuda" else "cpu"
    return Ensemble(design, asked.people, asked.seed or 0, chunk, device)


def _list(text: str | None) -> list[Any] | None:
    """Words or numbers between commas."""
    if text is None:
        return None
    items: list[Any] = []
    for item in text.split(","):
        try:
            items.append(float(item))
        except ValueError:
            items.append(item.strip())
    return items


def _part(text: str | None) -> tuple[int, int] | None:
    """(i, n) of "i/n"."""
    if text is None:
        return None
    first, _, last = text.partition("/")
    if not (first.isdigit() and last.isdigit() and 1 <= int(first) <= int(last)):
        raise InputError(f"--part {text}: must be I/N with I from 1 to N, such as 3/100.")
    return int(first), int(last)
