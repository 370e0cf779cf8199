"""What `follicast measure` does: reads photographs, measures each, writes what there is to check, and says it."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from follicast.language import say
from follicast.measurement.photograph.corrections import read_corrections
from follicast.measurement.photograph.file import PhotoFile, read_photo
from follicast.measurement.photograph.measured import Box, Measured, Refused, measure
from follicast.measurement.photograph.scale import UNKNOWN, Scale, scale_of_bar, scale_of_circle, told_scale
from follicast.outputs.measured.record import record_of, render
from follicast.outputs.measured.table import lines_of
from follicast.outputs.terminal import PLAIN
from follicast.outputs.write import check_folder, write_files
from follicast.quantities import ZONES, InputError

if TYPE_CHECKING:
    from follicast.outputs.measured.compared import Compared


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asked for; `known` are the therapy ids there are, `today` the date nothing may be after."""

    known: Collection[str]
    today: date
    um_per_px: float | None = None
    bar_mm: float | None = None
    circle_mm: float | None = None
    crop: Box | None = None
    corrections: Path | None = None
    also_um: tuple[float, ...] = ()
    out: Path | None = None
    person: Path | None = None
    site: str | None = None
    day: date | None = None
    pair: Path | None = None
    days: float | None = None
    visit: Path | None = None


def crop_of(text: str | None) -> Box | None:
    """A part of a photograph as it is written on the command line.

    Raises:
        InputError: it is not four whole numbers.
    """
    if text is None:
        return None
    try:
        x, y, wide, high = (int(part) for part in text.split(","))
    except ValueError:
        raise InputError(f"--crop {text}: write x,y,width,height in px, such as 100,80,900,700.") from None
    return x, y, wide, high


def measured_of(path: Path, asked: Asked) -> tuple[PhotoFile, Measured | Refused]:
    """One photograph, read and measured.

    Raises:
        InputError: the file, the scale, the crop or the corrections cannot be used.
    """
    photo = read_photo(path)
    corrections = None if asked.corrections is None else read_corrections(asked.corrections, photo.pixels.shape)
    result = measure(
        photo.pixels,
        _scale(photo, asked),
        crop=asked.crop,
        corrections=corrections,
        also_um=asked.also_um,
        name=photo.name if asked.corrections is None else str(asked.corrections),
    )
    return photo, result


def run_measure(paths: Sequence[Path], asked: Asked, *, as_json: bool, quiet: bool) -> bool:
    """Measures photographs and says what came of it; a refused one is left as it is, and the others are measured.

    Args:
        paths: the photographs.
        asked: how.
        as_json: print one JSON object a photograph, one a line.
        quiet: print nothing else.

    Returns:
        Whether every photograph was measured.

    Raises:
        InputError: the arguments do not fit together, or a photograph, given alone, cannot be read.
    """
    _check(paths, asked)
    folder = asked.out if asked.out is not None else Path(f"{paths[0].stem}-measured")
    check_folder(folder, ())
    done = True
    for number, path in enumerate(paths, start=1):
        try:
            photo, result = measured_of(path, asked)
        except InputError as refusal:
            if len(paths) == 1:
                raise
            done = False
            sys.stdout.write(render({"file": path.name, "error": str(refusal)}) if as_json else f"{refusal}\n")
            continue
        done &= isinstance(result, Measured)
        compared = _compared(photo, result, asked)
        record = record_of(photo, result)
        for one in compared:
            record |= one.record
        overlay = _written(photo, result, folder, f"{number}-" if len(paths) > 1 else "", record, compared)
        added = _into_person(photo, result, asked)
        if as_json:
            sys.stdout.write(render(record))
        elif not quiet:
            beside = [line for one in compared for line in one.lines]
            text = "\n".join([*lines_of(photo, result, overlay), *beside, *added])
            sys.stdout.write((text if sys.stdout.isatty() else text.translate(PLAIN)) + "\n")
    return done


def _check(paths: Sequence[Path], asked: Asked) -> None:
    """Arguments that do not fit together, before anything is read."""
    given = [
        name
        for name, value in (
            ("--um-per-px", asked.um_per_px),
            ("--bar-mm", asked.bar_mm),
            ("--circle-mm", asked.circle_mm),
        )
        if value is not None
    ]
    if len(given) > 1:
        raise InputError(f"{' and '.join(given)}: give one of them.")
    if asked.corrections is not None and len(paths) > 1:
        raise InputError("--corrections: belongs to one photograph; measure them one at a time.")
    if (asked.pair is None) != (asked.days is None):
        raise InputError("--pair, --days: belong together; give the later photograph and the days between the two.")
    if len(paths) > 1 and (asked.pair is not None or asked.visit is not None):
        raise InputError("--pair, --visit: belong to one photograph; compare them one at a time.")
    if asked.person is None:
        if asked.site is not None or asked.day is not None:
            raise InputError("--site, --date: belong to --person PERSON.toml.")
        return
    if len(paths) > 1 or asked.site is None or asked.day is None:
        raise InputError("--person: needs --site and --date, and one photograph.")
    if asked.site not in ZONES:
        raise InputError(f"--site {asked.site}: allowed are {', '.join(ZONES)}.")
    if not given:
        raise InputError("--person: without a scale there is no density to write; give --um-per-px or --bar-mm.")


def _scale(photo: PhotoFile, asked: Asked) -> Scale:
    if asked.um_per_px is not None:
        return told_scale(asked.um_per_px, photo.pixels)
    if asked.bar_mm is not None:
        return scale_of_bar(photo.pixels, asked.bar_mm, photo.name)
    if asked.circle_mm is not None:
        return scale_of_circle(photo.pixels, asked.circle_mm, photo.name)
    return UNKNOWN


def _compared(photo: PhotoFile, result: Measured | Refused, asked: Asked) -> list[Compared]:
    """What the photograph shows beside the other ones that were given.

    Raises:
        InputError: they cannot be compared.
    """
    if isinstance(result, Refused) or (asked.pair is None and asked.visit is None):
        return []
    from follicast.outputs.measured.compared import compare_pair, compare_visits

    # What was said of one photograph alone does not hold for the other.
    plain = replace(asked, crop=None, corrections=None)
    made = []
    if asked.pair is not None and asked.days is not None:
        made.append(compare_pair((photo, result), measured_of(asked.pair, plain), asked.days))
    if asked.visit is not None:
        made.append(compare_visits(measured_of(asked.visit, plain), (photo, result)))
    return made


def _written(
    photo: PhotoFile,
    result: Measured | Refused,
    folder: Path,
    prefix: str,
    record: dict[str, Any],
    compared: list[Compared],
) -> Path | None:
    """The record and, if there is something to check, the pictures; where the first is."""
    stem = f"{prefix}{Path(photo.name).stem}"
    contents = {f"{stem}.json": render(record).encode()}
    contents |= {f"{stem}-{name}": data for one in compared for name, data in one.files.items()}
    if isinstance(result, Refused):
        write_files(contents, folder)
        return None
    from follicast.outputs.measured.overlay import draw_overlay

    name = f"{stem}-check.png"
    write_files({name: draw_overlay(result, photo.name), **contents}, folder)
    return folder / name


def _into_person(photo: PhotoFile, result: Measured | Refused, asked: Asked) -> list[str]:
    """What was written to the person's file; nothing of a photograph that was refused."""
    if asked.person is None or asked.site is None or asked.day is None or isinstance(result, Refused):
        return []
    from follicast.outputs.measured.person_rows import add_to_person

    batch = add_to_person(asked.person, photo, result, asked.site, asked.day, asked.known, asked.today)
    if batch.id is None:
        return [say("{file} has these measurements already.", file=asked.person)]
    return [
        say("{number} measurements were added to {file}.", number=batch.rows_added, file=asked.person),
        say("Take it back with: follicast import --undo {batch} --into {file}", batch=batch.id, file=asked.person),
    ]
