"""The sealed spans: each one is a whole rolling window of behaviour."""

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from serving.gateway.api.bad_request import BadRequest
from serving.gateway.behavior.log.durable_files import sync_folder
from serving.gateway.behavior.log.segment_name import SegmentName
from serving.gateway.behavior.log.segment_name import list_segments
from serving.gateway.behavior.log.segment_name import parse_segment_name

_PATTERN = re.compile(r"span-(\d+)")


class SpanFolders:
    """Makes `span-<N>/` folders, as `path: LOG/span-{SPAN}/...` reads them.

    ::

        span-1/  events-000001-0000.jsonl
        span-2/  events-000001-0000.jsonl   (the same file, hard-linked)
                 events-000002-0000.jsonl  exposures-000002-0000.jsonl

    The pipeline reads the newest span only, and a user's window needs the
    events before it too. A span is made in a hidden folder and renamed, so
    that half a span is never seen. Spans and segments that are older than
    the window leave.
    """

    def __init__(self, folder: Path, window_spans: int):
        """Cleans up what a killed process left half made.

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

    def list_newest(self) -> dict[SegmentName, Path]:
        """Lists the segments of the newest span, which are all there are."""
        folders = self.list_folders()
        return list_segments(folders[max(folders)]) if folders else {}

    def seal(self, number: int, segments: Iterable[Path]) -> Path:
        """Makes a span of the newest one's segments and further ones.

        Args:
            number: of the span; above all others.
            segments: closed files, named as `SegmentName` says.

        Returns:
            The folder.

        Raises:
            BadRequest: neither holds an event.
            OSError: the disk refused; there is no such span.
        """
        sealed = self.list_newest()
        # Counted, not reckoned by number, and all that is new under one
        # number: tries that fail use numbers up, and must not push what is
        # older out of the window.
        spans = sorted({name.span for name in sealed})
        kept = spans[max(len(spans) - self._window_spans + 1, 0) :]
        oldest = min([number, *kept])
        files = {
            name: path for name, path in sealed.items() if name.span in kept
        }
        files |= _name_anew(segments, number)
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
                # Half a span must not be seen while it leaves either.
                hidden = path.rename(path.with_name(f".{path.name}"))
                shutil.rmtree(hidden)


def _name_anew(
    segments: Iterable[Path], number: int
) -> dict[SegmentName, Path]:
    """Names what is not empty as parts of one span, the oldest first."""
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
