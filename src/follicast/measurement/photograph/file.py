"""Reads a photograph from a file, upright and as 8-bit RGB, or refuses it before what cannot be one is decoded.

Only pixels leave this file: where a photograph was taken, and whatever else a camera wrote beside the picture, stays in
the original, which is named by its digest.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from follicast.quantities import InputError

MOST_PIXELS: Final = 60_000_000
MOST_BYTES: Final = 300_000_000
LEAST_SIDE_PX: Final = 200
FORMATS: Final = ("PNG", "JPEG", "MPO", "TIFF")
"""MPO is a phone's JPEG with a second view behind it; its first picture is the photograph."""
_SIXTEEN_BIT: Final = ("I;16", "I;16B", "I;16L", "I")
_GPS: Final = 0x8825


@dataclass(frozen=True, slots=True)
class PhotoFile:
    """A photograph as it was read.

    Attributes:
        name: of the file, without its folder.
        sha256: digest of the original file, to the byte.
        pixels: [height, width, 3], red, green and blue from 0 to 255, turned upright.
        had_place: the original says where it was taken; that is not copied anywhere.
    """

    name: str
    sha256: str
    pixels: NDArray[np.uint8]
    had_place: bool


def read_photo(path: Path) -> PhotoFile:
    """What is in a photograph, turned as its camera says, in 8-bit RGB.

    Args:
        path: a PNG, JPEG or TIFF file of one picture, 8 or 16 bit, grey, RGB or CMYK.

    Raises:
        InputError: it is no such file, is cut short, moves, or is too large or too small to be a close-up.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path}: is larger than {MOST_BYTES // 1_000_000} MB; save it smaller.")
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}).") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is stricter
            with Image.open(io.BytesIO(content)) as image:
                _check(path, image)
                had_place = bool(image.getexif().get_ifd(_GPS))
                upright = ImageOps.exif_transpose(image)
                pixels = _rgb(upright)
    except Image.DecompressionBombError:
        raise InputError(_too_large(path)) from None
    except UnidentifiedImageError:
        raise InputError(f"{path}: is not a picture that can be read; allowed are PNG, JPEG and TIFF.") from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: is damaged or cut short ({error}); export it again.") from None
    return PhotoFile(path.name, hashlib.sha256(content).hexdigest(), pixels, had_place)


def _check(path: Path, image: Image.Image) -> None:
    """Refuses by what the head of the file says, before the picture itself is decoded."""
    if image.format not in FORMATS:
        raise InputError(f"{path}: is a {image.format} file; allowed are PNG, JPEG and TIFF.")
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise InputError(_too_large(path))
    if min(width, height) < LEAST_SIDE_PX:
        raise InputError(
            f"{path}: is {width} x {height} pixels; no hair is measured on less than {LEAST_SIDE_PX} a side."
        )
    if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
        raise InputError(f"{path}: holds several pictures or moves; give one still picture.")


def _too_large(path: Path) -> str:
    return f"{path}: has more than {MOST_PIXELS // 1_000_000} million pixels; save it smaller, or crop it."


def _rgb(image: Image.Image) -> NDArray[np.uint8]:
    """8-bit RGB; what shines through stands on white, as on paper."""
    if image.mode in _SIXTEEN_BIT:
        grey: NDArray[Any] = np.clip(np.rint(np.asarray(image, dtype=np.float64) / 257.0), 0, 255)
        return np.repeat(grey.astype(np.uint8)[:, :, None], 3, axis=2)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        clear = image.convert("RGBA")
        paper = Image.new("RGBA", clear.size, "white")
        return np.array(Image.alpha_composite(paper, clear).convert("RGB"))
    return np.array(image.convert("RGB"))
