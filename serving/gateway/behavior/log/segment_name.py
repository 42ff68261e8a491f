"""The names of the log's files."""

import re
from pathlib import Path
from typing import NamedTuple

_PATTERN = re.compile(r"([a-z]+)-(\d{6,})-(\d{4,})\.jsonl")


class SegmentName(NamedTuple):
    """`<stream>-<span>-<part>.jsonl`; sorts by age within a stream.

    Attributes:
        stream: "events" or "exposures"; of tables in a span, "items" or
            "users".
        span: number of the span that was open while it was written.
        part: counts the files of one stream and span from 0.
    """

    stream: str
    span: int
    part: int

    def __str__(self) -> str:
        return f"{self.stream}-{self.span:06d}-{self.part:04d}.jsonl"


def parse_segment_name(path: Path) -> SegmentName | None:
    """Parses the name of a file; None = it is no segment."""
    match = _PATTERN.fullmatch(path.name)
    if not match:
        return None
    stream, span, part = match.groups()
    return SegmentName(stream, int(span), int(part))


def list_segments(folder: Path) -> dict[SegmentName, Path]:
    """Lists the segments of a folder, the oldest of a stream first."""
    named = ((parse_segment_name(path), path) for path in folder.iterdir())
    return dict(sorted((name, path) for name, path in named if name))
