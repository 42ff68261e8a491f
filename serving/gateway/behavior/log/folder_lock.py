"""The lock of a log folder, which also records a time."""

import os
import time
from contextlib import suppress
from pathlib import Path

from serving.gateway.behavior.process_lock import ProcessLock


class FolderLock:
    """Held from the start to `close`, or to the end of the process."""

    def __init__(self, folder: Path):
        """Takes the lock; creates the file if there is none.

        Raises:
            RuntimeError: another process holds it.
            OSError: the disk refused.
        """
        self._path = folder / "lock"
        self._lock = ProcessLock(self._path, f"The log folder {folder}")

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
        self._lock.close()
