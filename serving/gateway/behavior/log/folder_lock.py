"""The lock of a log folder, which also records a time."""

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path


class FolderLock:
    """Held from the start to `close`, or to the end of the process."""

    def __init__(self, folder: Path):
        """Takes the lock; creates the file if there is none.

        Raises:
            RuntimeError: another process holds it.
            OSError: the disk refused.
        """
        self._path = folder / "lock"
        self._file = self._path.open("ab")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.close()
            raise RuntimeError(
                "A log folder must belong to one process at a time. Received: "
                f"{folder}, which another one has open."
            ) from error

    def stamp(self) -> None:
        """Records the present time, by the clock of this process."""
        now = time.time()
        with suppress(OSError):
            os.utime(self._path, (now, now))

    def read_stamp(self) -> float:
        """Returns the time that `stamp` recorded, or when the file was made.

        Returns:
            Seconds since the epoch.

        Raises:
            OSError: the disk refused.
        """
        return self._path.stat().st_mtime

    def close(self) -> None:
        """Frees the lock."""
        self._file.close()
