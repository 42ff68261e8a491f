import gzip

import pyarrow as pa
import pytest

from components.behavior_example_gen.reading import text_blocks


def _read(content: bytes, encoding=None, block_bytes=7):
    stream = pa.BufferReader(content)
    blocks = text_blocks.TextBlocks(stream, encoding, block_bytes)
    return b"".join(blocks), blocks.guess


_TEXT = "id,é\n1,Pokémon “中文”\n"


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"],
)
@pytest.mark.parametrize("block_bytes", [7, 1000])
def test_unicode_is_told_by_marks_and_zeros(encoding, block_bytes):
    content = _TEXT.encode(encoding)
    # Blocks end within characters.
    assert _read(content, block_bytes=block_bytes) == (_TEXT.encode(), None)


def test_mark_of_utf32_is_known_in_both_orders_of_bytes():
    for encoding in ("utf-32-le", "utf-32-be"):
        content = f"\ufeff{_TEXT}".encode(encoding)
        assert _read(content) == (_TEXT.encode(), None)


@pytest.mark.parametrize(
    "name", ["utf-16", "utf-32", "gb18030", "utf-8", "UTF8"]
)
def test_declared_encoding_is_read_without_a_guess(name):
    assert _read(_TEXT.encode(name), name) == (_TEXT.encode(), None)


def test_latin1_is_read_and_said_with_a_word_of_it():
    text = "id,name\n" + "1,plain\n" * 9 + "2,Pokémon ’99 Übung\n"
    content, guess = _read(text.encode("cp1252"), block_bytes=1000)
    assert content.decode() == text
    assert "b'Pok\\xe9mon" in guess
    assert "'Pokémon" in guess


def test_byte_that_no_code_page_knows_stays_a_control_character():
    assert _read(b"caf\xe9 \x81")[0].decode() == "café \x81"


def test_text_that_is_neither_is_refused_with_its_bytes():
    with pytest.raises(UnicodeError, match=r"\\xd6\\xd0\\xce\\xc4"):
        _read("id,中文\n".encode("gb18030"), block_bytes=100)


def test_utf8_with_a_torn_character_stays_as_it_is():
    content = "é, ö, ".encode() + b"\xc3"
    assert _read(content, block_bytes=100) == (content, None)


def test_text_that_is_not_in_its_declared_encoding_is_refused():
    with pytest.raises(UnicodeError, match="utf-16"):
        _read(b"abc", "utf-16")


def test_parts_of_a_packed_file_are_one(tmp_path):
    path = tmp_path / "x.csv.gz"
    path.write_bytes(gzip.compress(b"id,t\n") + gzip.compress(b"1,x\n"))
    with text_blocks.open_unpacked(str(path)) as stream:
        blocks = text_blocks.TextBlocks(stream, None, 100)
        assert list(blocks) == [b"id,t\n1,x\n"]


def test_archive_is_refused(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"PK\x03\x04...")
    with (
        pytest.raises(ValueError, match=r"a zip archive.*x\.csv"),
        text_blocks.open_unpacked(str(path)),
    ):
        pass
