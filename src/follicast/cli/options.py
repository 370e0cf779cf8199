"""What the commands share: the program, its options, exit codes, and how an argument is read."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from follicast.language import LANGUAGES
from follicast.quantities import InputError

if TYPE_CHECKING:
    from follicast.people.clinic import Clinic

DONE, FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130

PersonFile = Annotated[Path, typer.Argument(metavar="PERSON.toml", help="What is known of the person.")]
Design = Annotated[Path, typer.Argument(metavar="DESIGN.toml", help="A virtual trial.")]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Folder to write to.  [default: named by input]")
]
Seed = Annotated[
    int, typer.Option("--seed", metavar="N", min=0, max=2**63 - 1, help="Same seed, version and input: same answer.")
]
Threads = Annotated[int | None, typer.Option("--threads", metavar="N", min=1, help="Threads.  [default: every core]")]
Json = Annotated[bool, typer.Option("--json", help="Print the answer, or the error, as JSON on standard output.")]
Regrowth = Annotated[
    str, typer.Option("--regrowth", metavar="NAME", help="How hair comes back: reversal (of small hairs) or waking.")
]
Language = Annotated[
    str, typer.Option("--language", metavar="TAG", help=f"Language of what is written: {', '.join(LANGUAGES)}.")
]
Rules = Annotated[
    Path | None, typer.Option("--rules", metavar="FILE", help="Safety rules that a clinic has changed, signed.")
]
ClinicFile = Annotated[
    Path | None, typer.Option("--clinic", metavar="CLINIC.toml", help="Opening hours, rooms and staff: books times.")
]
Alarm = Annotated[
    int | None, typer.Option("--alarm", metavar="HOURS", min=0, max=672, help="Calendars remind so long before.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print no progress and no summary.")]
Names: TypeAlias = list[str] | None

app = typer.Typer(name="follicast", add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def clinic_of(path: Path | None) -> Clinic | None:
    """The clinic file, if one is given."""
    if path is None:
        return None
    from follicast.people.clinic import read_clinic

    return read_clinic(path, therapy_names())


def therapy_names() -> frozenset[str]:
    """Therapies a person file may name."""
    from follicast.knowledge.load import therapies

    return frozenset(therapies())


def today() -> dt.date:
    """Today where this machine stands."""
    return dt.datetime.now().astimezone().date()


def date_of(option: str, text: str | None) -> dt.date | None:
    """A date given on the command line."""
    try:
        return None if text is None else dt.date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{option} {text}: is not a date; write it as 2027-03-03.") from None


def limit_threads(threads: int | None) -> None:
    """Use at most that many threads in the simulator; the answer is the same for any number."""
    if threads is not None:
        import numba

        most: int = numba.config.NUMBA_NUM_THREADS  # type: ignore[attr-defined]
        numba.set_num_threads(min(threads, most))
