"""CSV files as they come: separators, encodings, and files that are none."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from follicast.people.rows import is_known
from follicast.people.sheet import Sheet, read_sheet
from follicast.quantities import InputError

TEXT = "date,therapy,notes\n2026-01-05,prp,王小明\n2026-02-05,prp,محمد 🧑\n"


def read(content: bytes, encoding: str | None = None) -> Sheet:
    return read_sheet(content, "x.csv", is_known, encoding)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separator_and_line_ends_are_found_out(separator: str, end: str) -> None:
    text = TEXT.replace(",", separator).replace("\n", end)
    assert read(text.encode()) == read(TEXT.encode())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_names_of_every_script_survive_every_unicode_encoding(encoding: str) -> None:
    assert read(TEXT.encode(encoding)).rows[1][1][2] == "محمد 🧑"


def test_another_encoding_is_asked_for_and_never_guessed() -> None:
    content = TEXT.splitlines(keepends=True)[0].encode() + "2026-01-05,prp,王小明\n".encode("gb18030")
    with pytest.raises(InputError, match="--encoding"):
        read(content)
    assert read(content, "gb18030").rows[0][1][2] == "王小明"
    with pytest.raises(InputError, match="not known"):
        read(content, "klingon")


def test_lines_keep_their_numbers_past_empty_lines_and_breaks_in_cells() -> None:
    sheet = read(b'date,therapy,notes\n\n2026-01-05,prp,"a\nb"\n,,\n2026-02-05,prp,c\n')
    assert [line for line, _ in sheet.rows] == [3, 6]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        (b"date,therapy\n", "no rows"),
        (b"a\0b,c\n1,2\n", "zero byte"),
        (b"\xff\xfe\x00", "not utf-16"),
        (b"date,therapy\n" + b'"' * 3, "not CSV"),
        (b"a,b\n" + b"1,2\n" * 10_001, "10001 rows"),
        (b"x" * 5_000_001, "larger than 5 MB"),
    ],
)
def test_scenario_46_what_is_no_table_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words) as refusal:
        read(content)
    assert "\n" not in str(refusal.value)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_and_never_crash(content: bytes) -> None:
    with suppress(InputError):
        assert read(content).rows
