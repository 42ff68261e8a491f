"""Opens files that may be packed, and reads text of any encoding as UTF-8."""

import codecs
import contextlib
import re
from collections.abc import Callable
from collections.abc import Iterator

import pyarrow as pa

from components.behavior_example_gen.reading.file_access import open_file

_PACKED = {b"\x1f\x8b": "gzip", b"BZh": "bz2", b"\x28\xb5\x2f\xfd": "zstd"}
_UNREADABLE = {b"PK\x03\x04": "a zip archive or an Excel workbook"}
_BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",  # begins like the next
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
    codecs.BOM_UTF32_BE: "utf-32-be",
}
_PEEKED_BYTES = 1 << 12
_MIN_NULS = 0.02  # of the bytes of UTF-16: delimiters and line breaks have some
# Letters with accents stand alone among others; where most bytes that are no
# UTF-8 have a neighbour of their kind, the text is Chinese or Cyrillic.
_MAX_RUN = 1.5
_WINDOWS_1252 = "".join(
    bytes([code]).decode("cp1252", errors="ignore") or chr(code)
    for code in range(256)
)


@contextlib.contextmanager
def open_unpacked(path: str) -> Iterator[pa.NativeFile]:
    """Opens a file; gzip, bzip2 and Zstandard are known by their content.

    Raises:
        ValueError: it is an archive.
    """
    with open_file(path) as raw:
        head = raw.read(4)
        raw.seek(0)
        for magic, what in _UNREADABLE.items():
            if head.startswith(magic):
                raise ValueError(
                    "files must be plain or gzip. "
                    f"Received: {what}: {path}. Remedy: unpack it, or save "
                    "the table as CSV."
                )
        stream = pa.PythonFile(raw, mode="r")
        for magic, codec in _PACKED.items():
            if head.startswith(magic):
                stream = pa.CompressedInputStream(stream, codec)
        yield stream


class TextBlocks:
    """Iterates over a stream as blocks of UTF-8, without a byte order mark.

    The encoding is that of `encoding`, or told by trying: UTF-32 by its mark,
    UTF-16 by its own or its zeros, UTF-8, and where the first text that is not
    ASCII is no UTF-8, Windows-1252, which holds Latin-1. What is UTF-8 but for
    some bytes is handed on as it is.

    Iterating raises UnicodeError where the text is in another encoding.

    Attributes:
        guess: None, or why and as what the text is read that is no UTF-8.
    """

    def __init__(
        self,
        stream: pa.NativeFile,
        encoding: str | None,
        block_bytes: int,
        quote: Callable[[str], str] = str,
    ):
        """Takes a file.

        Args:
            stream: its bytes, unpacked.
            encoding: as set; None = it shall be found.
            block_bytes: of a block.
            quote: what a message says for a text of the file.
        """
        self.guess = None
        self._stream = stream
        self._block_bytes = block_bytes
        self._quote = quote
        self._declared = encoding and codecs.lookup(encoding).name
        self._is_told = False  # is the encoding known?
        self._decode = None  # None: blocks are UTF-8

    def __iter__(self) -> Iterator[bytes]:
        block = self._begin(self._read())
        while True:
            following = self._read()
            text = self._to_utf8(block, is_last=not following)
            if text:
                yield text
            if not following:
                return
            block = following

    def _read(self) -> bytes:
        """Returns a whole block: packed files come in shorter pieces."""
        parts = []
        missing = self._block_bytes
        while missing and (part := self._stream.read(missing)):
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _begin(self, block: bytes) -> bytes:
        """Returns the first block without its mark."""
        encoding = self._declared
        for mark, name in _BOMS.items():
            if block.startswith(mark) and encoding in (None, name, name[:6]):
                encoding = name
                block = block[len(mark) :]
        encoding = encoding or _find_utf16(block[:_PEEKED_BYTES])
        self._is_told = encoding is not None
        if encoding not in (None, "utf-8"):
            self._decode = codecs.getincrementaldecoder(encoding)().decode
        return block

    def _to_utf8(self, block: bytes, is_last: bool) -> bytes:
        if not self._is_told and not block.isascii():
            self._is_told = True
            if self._is_latin(block):
                self._decode = _from_windows_1252
        return self._decode(block, is_last).encode() if self._decode else block

    def _is_latin(self, block: bytes) -> bool:
        try:
            codecs.getincrementaldecoder("utf-8")().decode(block)
        except UnicodeDecodeError:
            pass
        else:
            return False
        text = block.decode(errors="surrogateescape")
        runs = re.findall("[\udc80-\udcff]+", text)
        num_bad = sum(map(len, runs))
        num_good = len(re.findall("[^\x00-\x7f]", text)) - num_bad
        if num_good >= num_bad:
            return False
        sample = _find_sample(block)
        if num_bad > _MAX_RUN * len(runs):
            raise UnicodeError(
                f"{self._quote(repr(sample))}, which is neither UTF-8 nor "
                "UTF-16 nor Latin-1,"
            )
        shown = f"{sample} becomes {_from_windows_1252(sample, True)!r}"
        self.guess = (
            "is not UTF-8 and is read as Windows-1252 (Latin-1): "
            f"{self._quote(shown)}. If that is wrong, set `encoding`; if it "
            "is right, set it to cp1252"
        )
        return True


def _from_windows_1252(block: bytes, is_last: bool) -> str:
    del is_last  # one byte is one character
    return codecs.charmap_decode(block, "strict", _WINDOWS_1252)[0]


def _find_sample(block: bytes) -> bytes:
    """Returns what stands around the first byte that is no UTF-8."""
    try:
        block.decode()
    except UnicodeDecodeError as error:
        begin = error.start
    before = re.split(rb"[\r\n\t,;]", block[max(begin - 20, 0) : begin])[-1]
    return before + re.split(rb"[\r\n\t,;]", block[begin : begin + 20])[0]


def _find_utf16(head: bytes) -> str | None:
    first, second = head[::2].count(0), head[1::2].count(0)
    if first + second < max(_MIN_NULS * len(head), 1):
        return None
    if second > 9 * first:
        return "utf-16-le"
    return "utf-16-be" if first > 9 * second else None
