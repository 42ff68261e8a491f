"""The closed spans: each holds a rolling window of events."""

import os
import re
import shutil
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

from serving.gateway.api.bad_request import BadRequest
from serving.gateway.behavior.log.durable_files import sync_folder
from serving.gateway.behavior.log.durable_files import write_file
from serving.gateway.behavior.log.segment_name import SegmentName
from serving.gateway.behavior.log.segment_name import list_segments
from serving.gateway.behavior.log.segment_name import parse_segment_name

TABLES = ("items", "users")
Tables = Mapping[str, Sequence[bytes]]  # lines with their breaks, by name

_PATTERN = re.compile(r"span-(\d+)")


class SpanFolders:
    """Makes `span-<N>/` folders, as `path: LOG/span-{SPAN}/...` reads them.

    ::

        span-1/  events-000001-0000.jsonl
        span-2/  events-000001-0000.jsonl   (the same file, hard-linked)
                 events-000002-0000.jsonl  exposures-000002-0000.jsonl
                 items-000002-0000.jsonl  users-000002-0000.jsonl

    The pipeline reads the newest span only, and a user's window needs the
    events before it too. Items and users are tables: each span has them
    whole, as they were when it was made, linked if nothing has changed. A
    span is made in a hidden folder and renamed, so
    that half a span is never seen. Spans and segments that are older than
    the window leave.
    """

    def __init__(self, folder: Path, window_spans: int):
        """Removes incomplete spans of a killed process.

        Args:
            folder: holds the spans.
            window_spans: how many spans' segments a span holds, at least 1.

        Raises:
            ValueError: `window_spans` is below 1.
        """
        if window_spans < 1:
            raise ValueError(
                f"`window_spans` must be at least 1. Received: {window_spans}."
            )
        self._folder = folder
        self._window_spans = window_spans
        for left in folder.glob(".span-*"):
            shutil.rmtree(left)
        for span in self.list_folders().values():
            for left in span.glob(".*"):
                left.unlink()

    def list_folders(self) -> dict[int, Path]:
        """Lists spans by number, the lowest first."""
        matches = (
            (_PATTERN.fullmatch(path.name), path)
            for path in self._folder.iterdir()
        )
        return dict(sorted((int(m[1]), path) for m, path in matches if m))

    def list_segments(self) -> list[Path]:
        """Lists the segments of all spans; one file may have several names."""
        folders = self.list_folders().values()
        return [path for one in folders for path in list_segments(one).values()]

    def list_newest(self) -> dict[SegmentName, Path]:
        """Lists the segments of the newest span, which holds all of them."""
        folders = self.list_folders()
        return list_segments(folders[max(folders)]) if folders else {}

    def holds(self, tables: Tables) -> bool:
        """Tells whether the newest span has these tables already."""
        found = {
            name.stream: path
            for name, path in self.list_newest().items()
            if name.stream in TABLES
        }
        return all(
            _is_same(found.get(name), lines) for name, lines in tables.items()
        )

    def seal(
        self, number: int, segments: Iterable[Path], tables: Tables
    ) -> Path:
        """Makes a span from the newest one's segments and further ones.

        Args:
            number: of the span; above all others.
            segments: closed files, named as `SegmentName` says.
            tables: lines by names of `TABLES`; those that are not told stay
                as they are in the newest span.

        Returns:
            The folder.

        Raises:
            BadRequest: neither holds an event.
            OSError: the disk refused; there is no such span.
        """
        sealed = self.list_newest()
        # Spans are counted, not subtracted by number, and all new segments get
        # one number: failed tries use numbers up, and must not push older
        # segments out of the window.
        spans = sorted(
            {name.span for name in sealed if name.stream not in TABLES}
        )
        kept = spans[max(len(spans) - self._window_spans + 1, 0) :]
        oldest = min([number, *kept])
        files = {
            name: path
            for name, path in sealed.items()
            if (name.stream in TABLES or name.span in kept)
            and (
                name.stream not in tables or _is_same(path, tables[name.stream])
            )
        }
        linked = {name.stream for name in files}
        files |= _rename_parts(segments, number)
        if not any(name.stream == "events" for name in files):
            raise BadRequest(
                "A span must hold at least one event. Received: none since "
                f"span {oldest}."
            )
        hidden = self._folder / f".span-{number}"
        span = self._folder / f"span-{number}"
        try:
            hidden.mkdir()
            for name, path in files.items():
                os.link(path, hidden / str(name))
            for stream in tables.keys() - linked:
                if tables[stream]:
                    name = SegmentName(stream, number, 0)
                    write_file(hidden / str(name), tables[stream])
            sync_folder(hidden)
            hidden.rename(span)
        except OSError:
            shutil.rmtree(hidden, ignore_errors=True)
            raise
        sync_folder(self._folder)
        self._remove_older(oldest)
        return span

    def _remove_older(self, oldest: int) -> None:
        for number, path in self.list_folders().items():
            if number < oldest:
                # An incomplete span must not be visible during its removal
                # either.
                hidden = path.rename(path.with_name(f".{path.name}"))
                shutil.rmtree(hidden)


def _is_same(path: Path | None, lines: Sequence[bytes]) -> bool:
    """Tells whether a file holds these lines; no file holds none."""
    if path is None:
        return not lines
    with path.open("rb") as file:
        return all(
            mine == theirs
            for mine, theirs in zip_longest(lines, file, fillvalue=None)
        )


def _rename_parts(
    segments: Iterable[Path], number: int
) -> dict[SegmentName, Path]:
    """Names non-empty segments as parts of one span, the oldest first."""
    names = {
        parse_segment_name(path): path
        for path in segments
        if path.stat().st_size
    }
    found: dict[SegmentName, Path] = {}
    for name, path in sorted(names.items()):
        part = sum(other.stream == name.stream for other in found)
        found[SegmentName(name.stream, number, part)] = path
    return found
