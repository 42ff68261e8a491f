"""The folder in which a gateway logs events and slates."""

import threading
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import closing
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from serving.gateway.api.bad_request import BadRequest
from serving.gateway.behavior.log.dropped_lines import drop_undone
from serving.gateway.behavior.log.dropped_lines import drop_user
from serving.gateway.behavior.log.dropped_lines import holds_user
from serving.gateway.behavior.log.durable_files import write_file
from serving.gateway.behavior.log.folder_lock import FolderLock
from serving.gateway.behavior.log.forget_notes import ForgetNotes
from serving.gateway.behavior.log.log_identity import LogIdentity
from serving.gateway.behavior.log.log_line import build_line
from serving.gateway.behavior.log.log_line import read_record
from serving.gateway.behavior.log.log_line import read_seq
from serving.gateway.behavior.log.segment_log import SegmentLog
from serving.gateway.behavior.log.segment_name import SegmentName
from serving.gateway.behavior.log.segment_name import list_segments
from serving.gateway.behavior.log.segment_name import parse_segment_name
from serving.gateway.behavior.log.span_folders import SpanFolders
from serving.gateway.behavior.log.span_folders import Tables

STREAMS = ("events", "exposures")


class BehaviorLog:
    """Events and exposures: appended live, closed in spans; thread-safe.

    ::

        lock                see `FolderLock`; its time is the newest span's
        identity.json       the log's id, see `LogIdentity`
        live/               files of the open span; the newest part of each
                            stream is appended to, others are closed
        forgetting/         see `ForgetNotes`
        span-<N>/           see `SpanFolders`

    Attributes:
        streams: the file that is appended to, by name of `STREAMS`.
        forget_notes: users whose deletion is not finished. Their lines are
            removed when the log is opened; the caller removes the note after
            deleting its own records.
    """

    def __init__(self, folder: Path, window_spans: int = 30):
        """Opens or creates a folder, and finishes work that a kill interrupted.

        Args:
            folder: of this log alone, on one file system.
            window_spans: how many spans' events a span holds.

        Raises:
            RuntimeError: another process writes into the folder.
            OSError: the disk refused.
        """
        self._folder = folder
        self._live = folder / "live"
        self._live.mkdir(parents=True, exist_ok=True)
        self._changing = threading.RLock()  # held while closed files change
        self._lock = FolderLock(folder)
        try:
            self._identity = LogIdentity(folder / "identity.json")
            self._spans = SpanFolders(folder, window_spans)
            self.streams = self._open_live()
            self.forget_notes = ForgetNotes(folder / "forgetting", self.log_id)
            for user_id in self.forget_notes.list_users():
                self.forget_user(user_id)
        except BaseException:
            self._lock.close()
            raise

    @property
    def log_id(self) -> str:
        """The log's id, which stays when its folder is moved."""
        return self._identity.log_id

    def read(self, stream: str, after: int) -> Iterator[tuple[int, dict]]:
        """Reads the durable records in the window, oldest first.

        Damaged lines are skipped; `BehaviorExampleGen` lists them as rejects.

        Args:
            stream: one of `STREAMS`.
            after: sequence numbers up to this one are passed over.

        Yields:
            Sequence number and record.
        """
        with ExitStack() as stack:
            with self._changing:
                current = self.streams[stream]
                files = []
                for name, path in self._list_files().items():
                    if name.stream == stream:
                        file = stack.enter_context(path.open("rb"))
                        is_current = path == current.path
                        size = current.durable_size if is_current else None
                        files.append((file, size))
            for file, size in files:
                yield from _read_file(file, size, after)

    def close_span(self, tables: Tables = MappingProxyType({})) -> Path:
        """Closes the open span, without the events that users took back.

        Args:
            tables: what is known of items and users, see `SpanFolders`.

        Returns:
            The folder of the newest span; without anything new, the one
            that is there already.

        Raises:
            BadRequest: neither the log nor its window holds an event.
            OSError: the disk refused; the next call does it all.
        """
        with self._changing:
            folders = self._spans.list_folders()
            live = list_segments(self._live).values()
            is_new = any(path.stat().st_size for path in live)
            if folders and not is_new and self._spans.holds(tables):
                return folders[max(folders)]
            # Checked before any rotation: each rotation leaves a file.
            if not any(
                name.stream == "events" and path.stat().st_size
                for name, path in self._list_files().items()
            ):
                raise BadRequest(
                    "A span must hold at least one event. Received: slates at "
                    "most."
                )
            return self._seal(self._begin_span(), tables)

    def find_sealing_time(self) -> float:
        """Returns when the newest span was made, or else the log.

        Returns:
            Seconds since the epoch, by the clock of this process.

        Raises:
            OSError: the disk refused.
        """
        return self._lock.read_stamp()

    def measure_live(self) -> int:
        """Returns how many bytes were logged since the last span."""
        size = 0
        for path in list_segments(self._live).values():
            with suppress(FileNotFoundError):  # sealed just now
                size += path.stat().st_size
        return size

    def import_events(
        self, bodies: Iterable[bytes], tables: Tables = MappingProxyType({})
    ) -> Path:
        """Makes the first span from events that were logged elsewhere.

        Args:
            bodies: events as JSON objects, by rising time.
            tables: as of `close_span`.

        Returns:
            The folder of the span.

        Raises:
            ValueError: the log holds something already, or there are none.
            OSError: the disk refused.
        """
        with self._changing:
            sizes = [
                path.stat().st_size for path in self._list_files().values()
            ]
            if any(sizes):
                raise ValueError(
                    "Events must be imported before anything is logged. "
                    f"Received: a log of {sum(sizes)} bytes."
                )
            span = self._begin_span()
            target = self._live / str(SegmentName("events", span, 0))
            write_file(
                target,
                (build_line(self._identity.take(1), body) for body in bodies),
            )
            try:
                return self._seal(span, tables)
            finally:
                target.unlink(missing_ok=True)

    def forget_user(self, user_id: str) -> int:
        """Removes a user's lines from all spans and the live files.

        Appending goes on meanwhile; lines that come later stay.

        Returns:
            How many lines there were.

        Raises:
            OSError: the disk refused; some lines may be gone.
        """
        with self._changing:
            for stream in self.streams.values():
                if holds_user(stream.path, user_id):
                    name = parse_segment_name(stream.path)
                    self._rotate(name._replace(part=name.part + 1))
            paths = [*self._list_closed(), *self._spans.list_segments()]
            return drop_user(paths, user_id)

    def flush(self) -> None:
        """Makes all written lines durable.

        Raises:
            OSError: it is not, and what was written last does not stay.
        """
        for stream in self.streams.values():
            stream.flush()

    def close(self) -> None:
        """Flushes, and lets other processes in.

        Raises:
            OSError: as of `flush`; the log is closed all the same.
        """
        with closing(self._lock), ExitStack() as stack:
            for stream in self.streams.values():
                stack.callback(stream.close)

    def _open_live(self) -> dict[str, SegmentLog]:
        for left in self._live.glob(".*"):
            left.unlink()
        sealed = max(self._spans.list_folders(), default=0)
        found = list_segments(self._live)
        span = max((name.span for name in found), default=0)
        span = max(span, sealed + 1)
        for name, path in found.items():
            if name.span <= sealed:
                path.unlink()
        streams = {}
        for stream in STREAMS:
            parts = [n.part for n in found if n[:2] == (stream, span)]
            name = SegmentName(stream, span, max(parts, default=0))
            path = self._live / str(name)
            streams[stream] = SegmentLog(path, self._identity)
        return streams

    def _begin_span(self) -> int:
        """Closes the live files and returns the number of their span."""
        names = [parse_segment_name(s.path) for s in self.streams.values()]
        span = max(name.span for name in names)
        for stream in STREAMS:
            self._rotate(SegmentName(stream, span + 1, 0))
        return span

    def _rotate(self, name: SegmentName) -> None:
        stream = self.streams[name.stream]
        old = stream.path
        stream.rotate(self._live / str(name))
        if not old.stat().st_size:
            old.unlink()

    def _seal(self, span: int, tables: Tables) -> Path:
        new = self._list_closed()
        drop_undone(new, [*new, *self._spans.list_segments()])
        closed = self._list_closed()
        path = self._spans.seal(span, closed, tables)
        self._lock.stamp()
        for segment in closed:
            segment.unlink()
        return path

    def _list_closed(self) -> list[Path]:
        current = {stream.path for stream in self.streams.values()}
        live = list_segments(self._live).values()
        return [path for path in live if path not in current]

    def _list_files(self) -> dict[SegmentName, Path]:
        """Lists every segment in the window, the oldest of a stream first."""
        files = self._spans.list_newest() | list_segments(self._live)
        return dict(sorted(files.items()))


def _read_file(
    file: BinaryIO, size: int | None, after: int
) -> Iterator[tuple[int, dict]]:
    for line in file:
        if size is not None:
            size -= len(line)
            if size < 0:
                return
        seq = read_seq(line)
        if seq > after and (record := read_record(line)) is not None:
            yield seq, record
