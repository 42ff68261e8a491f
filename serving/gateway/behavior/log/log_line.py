"""A line of the log: a JSON object that begins with its number."""

import json
import mmap

_HEAD = b'{"seq": '


def build_line(seq: int, body: bytes) -> bytes:
    """Builds a line.

    Args:
        seq: the sequence number, at least 1.
        body: a JSON object with at least one key, without line breaks.

    Returns:
        The line with its line break.
    """
    return b"%s%d, %s\n" % (_HEAD, seq, body[1:])


def read_seq(line: bytes) -> int:
    """Returns the sequence number of a line; 0 = the line has none.

    Only the head is read, so that skipping lines is cheap.
    """
    digits = line[len(_HEAD) : line.find(b",")]
    whole = line.startswith(_HEAD) and line.endswith(b"}\n")
    return int(digits) if whole and digits.isdigit() else 0


def read_record(line: bytes) -> dict | None:
    """Returns the record of a line; None = it is no JSON object."""
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def find_line_end(content: mmap.mmap | bytes) -> int:
    """Finds where the last whole line ends.

    A killed process leaves part of a line, a machine that lost power perhaps
    zero bytes.

    Args:
        content: of a file of lines.

    Returns:
        Bytes up to there; 0 = there is no whole line.
    """
    end = len(content)
    while end:
        start = content.rfind(b"\n", 0, end - 1) + 1
        line = content[start:end]
        if read_seq(line) and read_record(line) is not None:
            return end
        end = start
    return 0
