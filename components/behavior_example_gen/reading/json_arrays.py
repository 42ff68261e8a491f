"""Takes JSON arrays of objects apart, whether or not they span lines."""

import codecs
import json
import re
from collections.abc import Iterator

from components.behavior_example_gen.reading.raw_batch import BadLine

_BETWEEN = re.compile(r"[\s,\[\]]*")
_NEXT_OBJECT = re.compile(r"(?<=\})\s*,\s*(?=\{)")
_MAX_ELEMENT = 16 << 20  # characters; a longer one is taken for broken


def is_array(block: bytes) -> bool:
    """Tells whether a file that begins with `block` is a JSON array."""
    return block.lstrip().startswith(b"[")


def split(
    blocks: Iterator[bytes],
) -> Iterator[tuple[list[bytes], list[int], list[BadLine]]]:
    """Yields the elements of arrays, each in one line.

    Yields:
        Elements; the line of the file at which each begins; and what is no
        JSON, up to where the next object seems to begin.
    """
    decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
    text = ""
    line = 1
    for block in blocks:
        text += decode(block)
        part = _Part(text, line, is_last=False)
        yield part.elements, part.numbers, part.bad
        text, line = part.rest, part.line
    part = _Part(text + decode(b"", True), line, is_last=True)
    yield part.elements, part.numbers, part.bad


class _Part:
    """The elements in some text.

    Attributes:
        rest: text of an element that is not complete.
        line: at which that begins.
    """

    def __init__(self, text: str, line: int, is_last: bool):
        self.elements = []
        self.numbers = []
        self.bad = []
        self.line = line
        decoder = json.JSONDecoder()
        at = 0
        while True:
            begin = _BETWEEN.match(text, at).end()
            self.line += text.count("\n", at, begin)
            at = begin
            if at == len(text):
                break
            try:
                _, end = decoder.raw_decode(text, at)
            except ValueError:
                end = None
            if end == len(text) and not is_last:
                break  # a number may go on
            if end is None:
                if not is_last and len(text) - at < _MAX_ELEMENT:
                    break
                end = self._skip(text, at)
            else:
                self._add(text[at:end])
            self.line += text.count("\n", at, end)
            at = end
        self.rest = text[at:]

    def _add(self, element: str) -> None:
        # Between tokens a line break is a blank; in strings there is none.
        element = element.replace("\n", " ").replace("\r", " ")
        self.elements.append(element.encode(errors="surrogateescape"))
        self.numbers.append(self.line)

    def _skip(self, text: str, at: int) -> int:
        found = _NEXT_OBJECT.search(text, at)
        end = found.start() if found else len(text)
        broken = text[at:end].encode(errors="surrogateescape")
        shown = broken.decode(errors="backslashreplace")
        self.bad.append(BadLine(self.line, "not JSON", shown))
        return end
