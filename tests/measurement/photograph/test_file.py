"""A photograph is read as what it is, or refused in a sentence; where it was taken goes nowhere."""

import hashlib
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from follicast.measurement.photograph.file import PhotoFile, read_photo
from follicast.quantities import InputError

SKIN, SHAFT = (200, 160, 140), (40, 30, 30)
ORIENTATION, GPS = 0x0112, 0x8825


def scene() -> Image.Image:
    """Skin, 300 x 240, with one dark shaft in the top left quarter."""
    image = Image.new("RGB", (300, 240), SKIN)
    image.paste(SHAFT, (40, 30, 100, 40))
    return image


def near(pixel: np.ndarray, colour: tuple[int, int, int], by: int = 12) -> bool:
    return bool(np.abs(pixel.astype(int) - colour).max() <= by)


def test_scenario_41_where_a_photo_was_taken_is_left_behind_and_the_original_is_named_by_its_digest(
    tmp_path: Path,
) -> None:
    path, exif = tmp_path / "visit.jpg", Image.Exif()
    exif.get_ifd(GPS).update({1: "N", 2: (25.0, 2.0, 1.0), 3: "E", 4: (121.0, 33.0, 1.0)})
    scene().save(path, exif=exif, quality=95)
    photo = read_photo(path)
    assert photo.had_place
    assert photo.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert set(PhotoFile.__slots__) == {"name", "sha256", "pixels", "had_place"}
    Image.fromarray(photo.pixels).save(tmp_path / "onward.jpg")
    assert not read_photo(tmp_path / "onward.jpg").had_place


def test_a_photo_is_turned_as_its_camera_says(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # the camera was held upright: turn by a quarter clockwise
    scene().save(tmp_path / "turned.jpg", exif=exif, quality=95)
    pixels = read_photo(tmp_path / "turned.jpg").pixels
    assert pixels.shape == (300, 240, 3)
    assert near(pixels[70, 240 - 35], SHAFT)
    assert near(pixels[35, 70], SKIN)


@pytest.mark.parametrize(("name", "mode"), [("a.png", "RGB"), ("a.tif", "RGB"), ("a.jpg", "CMYK"), ("a.tif", "CMYK")])
def test_every_way_of_saving_shows_the_same_picture(tmp_path: Path, name: str, mode: str) -> None:
    scene().convert(mode).save(tmp_path / name)
    pixels = read_photo(tmp_path / name).pixels
    assert pixels.dtype == np.uint8
    assert near(pixels[35, 70], SHAFT)
    assert near(pixels[200, 200], SKIN)


@pytest.mark.parametrize("name", ["deep.png", "deep.tif"])
def test_sixteen_bits_keep_their_brightness(tmp_path: Path, name: str) -> None:
    deep = np.full((240, 300), 180 * 257, dtype=np.uint16)
    deep[30:40, 40:100] = 30 * 257
    Image.fromarray(deep).save(tmp_path / name)
    pixels = read_photo(tmp_path / name).pixels
    assert pixels[35, 70].tolist() == [30] * 3
    assert pixels[200, 200].tolist() == [180] * 3


def test_a_clear_background_is_white(tmp_path: Path) -> None:
    Image.new("RGBA", (300, 240), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert read_photo(tmp_path / "clear.png").pixels.min() == 255


def test_200_megapixels_are_refused_by_the_head_of_the_file(tmp_path: Path) -> None:
    head = struct.pack(">IIBBBBB", 20_000, 10_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(head)) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))
    data = struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    (tmp_path / "huge.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk + data)  # there is no picture to decode
    with pytest.raises(InputError, match="more than 60 million pixels"):
        read_photo(tmp_path / "huge.png")


def test_what_is_cut_short_is_refused(tmp_path: Path) -> None:
    for name in ("a.jpg", "a.png", "a.tif"):
        path = tmp_path / name
        Image.effect_noise((300, 240), 60).convert("RGB").save(path)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        with pytest.raises(InputError, match=r"damaged or cut short|is not a picture"):
            read_photo(path)


@pytest.mark.parametrize("name", ["moving.png", "moving.tif"])
def test_what_moves_is_refused(tmp_path: Path, name: str) -> None:
    other = Image.new("RGB", (300, 240), SHAFT)
    scene().save(tmp_path / name, save_all=True, append_images=[other])
    with pytest.raises(InputError, match="several pictures or moves"):
        read_photo(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("page.txt", b"a page of text", "is not a picture"),
        ("empty.png", b"", "is not a picture"),
        ("missing.png", None, "cannot be read"),
    ],
)
def test_what_is_no_picture_is_refused(tmp_path: Path, name: str, content: bytes | None, why: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=why):
        read_photo(tmp_path / name)


def test_one_pixel_is_refused(tmp_path: Path) -> None:
    Image.new("RGB", (1, 1)).save(tmp_path / "dot.png")
    with pytest.raises(InputError, match="1 x 1 pixels"):
        read_photo(tmp_path / "dot.png")
