"""A file that many threads append to, with one sync for all of them."""

import mmap
import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from serving.gateway.behavior.log.durable_files import sync_folder
from serving.gateway.behavior.log.log_identity import LogIdentity
from serving.gateway.behavior.log.log_line import build_line
from serving.gateway.behavior.log.log_line import find_line_end


class Ticket:
    """The state of one append.

    Attributes:
        first: sequence number of its first record.
        is_settled: whether the outcome is known.
        failure: why they are not; None = they are, or it is not known yet.
    """

    __slots__ = ("failure", "first", "is_settled")

    def __init__(self, first: int):
        self.first = first
        self.is_settled = False
        self.failure: OSError | None = None


class SegmentLog:
    """An append-only JSON Lines file with group commit; safe in threads.

    Every line begins with its sequence number. `write` puts lines into the
    file, where they survive the end of the process, and `wait` returns when
    they survive a power cut: the first thread syncs for all waiting threads. A
    write that fails, for example on a full disk, is truncated, and the log
    continues as soon as there is space. When a sync fails, everything written
    since the last one is truncated, because it is unknown what reached the
    disk. Source: Rebello et al., "Can Applications Recover from fsync
    Failures?", USENIX ATC 2020.
    """

    def __init__(self, path: Path, identity: LogIdentity):
        """Opens a file; an incomplete end, never acknowledged, is truncated.

        Args:
            path: the file; made if need be.
            identity: gives the sequence numbers.

        Raises:
            OSError: the file cannot be opened.
        """
        self._identity = identity
        self._syncing = threading.Lock()  # held by the one that syncs
        self._lock = threading.Lock()  # guards all below; held briefly
        self._unsynced: list[Ticket] = []
        self._open(path)

    @property
    def path(self) -> Path:
        """The file that is written now."""
        return self._path

    @property
    def durable_size(self) -> int:
        """Bytes of the file that survive a power cut."""
        return self._durable

    def append(self, bodies: Sequence[bytes]) -> int:
        """Writes records and waits until they are durable.

        Args:
            bodies: JSON objects, at least one.

        Returns:
            The sequence number of the first; the others follow.

        Raises:
            OSError: they are not durable, and none of them stays.
        """
        ticket = self.write(bodies)
        self.wait(ticket)
        return ticket.first

    def write(self, bodies: Sequence[bytes]) -> Ticket:
        """Writes records without waiting for the disk.

        Args:
            bodies: as of `append`.

        Returns:
            What `wait` takes.

        Raises:
            OSError: there is no room, and none of the records stays.
        """
        with self._lock:
            first = self._identity.take(len(bodies))
            lines = [
                build_line(seq, body) for seq, body in enumerate(bodies, first)
            ]
            self._cut_back()
            try:
                self._end += _write_all(self._file, b"".join(lines))
            except OSError:
                with suppress(OSError):  # otherwise the next write truncates it
                    self._cut_back()
                raise
            ticket = Ticket(first)
            self._unsynced.append(ticket)
            return ticket

    def wait(self, ticket: Ticket) -> None:
        """Waits until the records are durable.

        Raises:
            OSError: they are not, and none of them stays.
        """
        if not ticket.is_settled:
            with self._syncing:
                if not ticket.is_settled:
                    self._sync()
        if ticket.failure:
            raise OSError(
                ticket.failure.errno,
                "The log must reach the disk. Received: "
                f"{ticket.failure.strerror}.",
            ) from ticket.failure

    def flush(self) -> None:
        """Makes all written lines durable, or waits for a running sync.

        Raises:
            OSError: it is not, and what was written last does not stay.
        """
        with self._syncing, self._lock:
            ticket = self._unsynced[-1] if self._unsynced else None
        if ticket:
            self.wait(ticket)

    def rotate(self, path: Path) -> None:
        """Continues in a new file; the old one is durable and closed.

        Raises:
            OSError: as of `flush`, or there is no room for a new file; then
                the old one goes on.
        """
        with self._syncing:
            self._sync()
            with self._lock:
                unsynced, self._unsynced = self._unsynced, []
                try:
                    os.fdatasync(self._file)
                except OSError as error:
                    self._fail(unsynced, error)
                    raise
                self._durable = self._end
                for ticket in unsynced:
                    ticket.is_settled = True
                old = self._file
                self._open(path)
                os.close(old)

    def close(self) -> None:
        """Flushes and closes the file.

        Raises:
            OSError: as of `flush`; the file is closed all the same.
        """
        try:
            self.flush()
        finally:
            os.close(self._file)

    def _open(self, path: Path) -> None:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            size = os.fstat(file).st_size
            end = _find_end(file) if size else 0
            if end < size:
                os.ftruncate(file, end)
            os.fsync(file)
            sync_folder(path.parent)
        except OSError:
            os.close(file)
            raise
        self._path, self._file = path, file
        self._end = self._durable = end

    def _sync(self) -> None:
        """Syncs what is written so far; called while `_syncing` is held."""
        with self._lock:
            tickets, self._unsynced = self._unsynced, []
            end = self._end
        try:
            os.fdatasync(self._file)
        except OSError as error:
            with self._lock:
                # Lines that came meanwhile are after the truncated part.
                tickets += self._unsynced
                self._unsynced = []
                self._fail(tickets, error)
            return
        self._durable = end
        for ticket in tickets:
            ticket.is_settled = True

    def _fail(self, tickets: list[Ticket], error: OSError) -> None:
        self._end = self._durable
        with suppress(OSError):  # otherwise the next write truncates it
            self._cut_back()
        for ticket in tickets:
            ticket.failure = error
            ticket.is_settled = True

    def _cut_back(self) -> None:
        """Truncates what a failure left after the end."""
        if os.fstat(self._file).st_size > self._end:
            os.ftruncate(self._file, self._end)


def _write_all(file: int, data: bytes) -> int:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]
    return len(data)


def _find_end(file: int) -> int:
    with mmap.mmap(file, 0, access=mmap.ACCESS_READ) as content:
        return find_line_end(content)
