"""How were the faces for paper made? Needs fonttools and brotli, which nothing else here needs.

    python scripts/faces.py SOURCE_SANS_FOLDER NOTO_CJK_FOLDER DEJAVU_SANS.ttf

The first folder holds the woff2 files of Fontsource's @fontsource/source-sans-3, the second NotoSansCJK-Regular.ttc and
NotoSansCJK-Bold.ttc (Debian's fonts-noto-cjk), the file is DejaVuSans.ttf (Debian's fonts-dejavu-core).
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

FONTS: Final = Path(__file__).resolve().parents[1] / "src/follicast/outputs/fonts"
WEIGHTS: Final = {400: "Regular", 600: "Semibold"}
PARTS: Final = ("latin", "latin-ext", "greek", "cyrillic", "vietnamese")
FEATURES: Final = "kern liga locl mark mkmk ccmp tnum init medi fina rlig isol calt".split()
HAN_SIGNS: Final = ((0x20, 0x250), (0x370, 0x530), (0x2010, 0x2070), (0x3000, 0x3020), (0xFF00, 0xFFF0))
BOLD_TERMS: Final = "毳酮囊雌雄浆萎皲癣瘢屑鳞痂疱疹癌瘤脓羟胱酯醇肽胰腺"
"""Characters of this field outside the commonest 3,755, for headings."""
FURTHER: Final = (
    (0x530, 0x780),
    (0xE00, 0xE80),
    (0x10A0, 0x1100),
    (0x200B, 0x2010),
    (0x202A, 0x202F),
    (0x2066, 0x206A),
    (0x2100, 0x2200),
    (0x25A0, 0x2800),
    (0xFB1D, 0xFE00),
    (0xFE70, 0xFF00),
    (0x1F600, 0x1F650),
)


def gb2312(rows: range) -> set[int]:
    """Code points of rows of GB 2312; 0xB0 to 0xD7 are the commonest characters."""
    pairs = (bytes((row, cell)).decode("gb2312", "ignore") for row in rows for cell in range(0xA1, 0xFF))
    return {ord(character) for character in pairs if character}


def spans(ranges: Iterable[tuple[int, int]]) -> set[int]:
    """Every code point of half-open ranges."""
    return {point for first, end in ranges for point in range(first, end)}


def cut(font: TTFont, points: set[int]) -> None:
    """Keep only these code points."""
    options = Options()
    options.layout_features, options.hinting, options.notdef_outline = FEATURES, False, True
    options.drop_tables += ["DSIG", "VORG", "FFTM"]
    options.recalc_timestamp = False
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=points)
    subsetter.subset(font)


def rename(font: TTFont, family: str, weight: int) -> None:
    """Give a changed face its own name, keeping its copyright and licence."""
    style, names = WEIGHTS[weight], font["name"]
    names.names = [record for record in names.names if record.nameID in (0, 13, 14) and record.langID == 0x409]
    whole = f"{family.replace(' ', '')}-{style}"
    named = {1: family, 2: style, 3: whole, 4: f"{family} {style}", 6: whole, 16: family, 17: style}
    for number, name in named.items():
        names.setName(name, number, 3, 1, 0x409)
    font["OS/2"].usWeightClass = weight
    if "CFF " in font:
        table = font["CFF "].cff
        table.fontNames = [whole]
        top = table.topDictIndex[0]
        top.FullName, top.FamilyName, top.Weight = f"{family} {style}", family, style


def sans(folder: Path, weight: int) -> TTFont:
    """The parts of Source Sans 3 in one face; only the first keeps its layout tables."""
    with tempfile.TemporaryDirectory() as place:
        paths = []
        for part in PARTS:
            font = TTFont(folder / f"source-sans-3-{part}-{weight}-normal.woff2")
            font.flavor = None
            dropped = ("GSUB", "GDEF", "STAT") if part == "latin" else ("GPOS", "GSUB", "GDEF", "STAT", "gasp")
            for table in (*dropped, "prep", "fpgm", "cvt "):
                if table in font and (part != "latin" or table in dropped):
                    del font[table]
            paths.append(f"{place}/{part}.ttf")
            font.save(paths[-1])
        return Merger().merge(paths)


def main(sources: Path, noto: Path, dejavu: Path) -> None:
    """Makes the five files."""
    for weight, source in ((400, "Regular"), (600, "Bold")):
        font = sans(sources, weight)
        rename(font, "Follicast Sans", weight)
        font.save(FONTS / f"follicast-sans-{weight}.ttf")
        collection = TTCollection(noto / f"NotoSansCJK-{source}.ttc")
        font = next(face for face in collection.fonts if "Sans CJK SC" in face["name"].getDebugName(1))
        signs = gb2312(range(0xA1, 0xB0)) | spans(HAN_SIGNS)
        characters = gb2312(range(0xB0, 0xD8)) | set(map(ord, BOLD_TERMS))
        cut(font, signs | (gb2312(range(0xB0, 0xF8)) if weight == 400 else characters))
        rename(font, "Follicast Han", weight)
        font.save(FONTS / f"follicast-han-{weight}.otf")
    font = TTFont(dejavu)
    cut(font, spans(FURTHER) | {0x20})
    rename(font, "Follicast Further", 400)
    font.save(FONTS / "follicast-further-400.ttf")


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
