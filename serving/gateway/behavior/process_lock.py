"""A lock file: one process at a time has what it stands for."""

import fcntl
import os
import socket
from contextlib import suppress
from pathlib import Path


class ProcessLock:
    """Held until `close`, or until the process ends in whatever way.

    The file says who holds it: process id and host, since on a shared disk the
    holder may be in another container. It stays when the lock is free.
    """

    def __init__(self, path: Path, what: str):
        """Takes the lock; creates the file if there is none.

        Args:
            path: of the file, on a local disk.
            what: belongs to one process, for the message: "The log folder X".

        Raises:
            RuntimeError: another process holds it; the message names it.
            OSError: the disk refused.
        """
        # Unbuffered: what a full disk refuses is not tried again by `close`.
        self._file = path.open("a+b", buffering=0)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = self._read_holder()
            self._file.close()
            raise RuntimeError(
                f"{what} must belong to one gateway at a time. Received: it "
                f"is in use by {holder}, which holds {path}."
            ) from error
        with suppress(OSError):  # a full disk; the lock is held all the same
            self._note_holder()

    def close(self) -> None:
        """Frees the lock."""
        self._file.close()

    def _note_holder(self) -> None:
        times = os.fstat(self._file.fileno())
        try:
            self._file.truncate(0)
            self._file.write(f"{os.getpid()} {socket.gethostname()}\n".encode())
        finally:  # a time that somebody gave the file stays
            os.utime(
                self._file.fileno(), ns=(times.st_atime_ns, times.st_mtime_ns)
            )

    def _read_holder(self) -> str:
        self._file.seek(0)
        told = self._file.read(300).decode(errors="replace")
        process, _, host = told.strip().partition(" ")
        return f"process {process} on {host}" if host else "another process"
