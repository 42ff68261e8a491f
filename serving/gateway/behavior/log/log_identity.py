"""Who a log is, and which sequence numbers it has given."""

import json
import threading
import uuid
from pathlib import Path

from serving.gateway.behavior.log.durable_files import write_file

_RESERVED_AHEAD = 1 << 20


class LogIdentity:
    """Hands out rising sequence numbers, none of them twice; thread-safe.

    A number must not come back when the end of the log is lost to a power
    cut or removed because a user is to be forgotten: the state has perhaps
    applied it, and would take the new record for a known one. So numbers are
    reserved in a file, a million ahead, and each start begins with numbers
    that were never reserved before. 2^53 of them last for billions of
    starts.

    Attributes:
        log_id: 32 hexadecimal digits, made when the log began.
    """

    def __init__(self, path: Path):
        """Reads the file, or makes it.

        Args:
            path: a JSON file of its own.

        Raises:
            OSError: there is no file and none can be written.
        """
        self._path = path
        self._lock = threading.Lock()
        if path.exists():
            stored = json.loads(path.read_bytes())
            self.log_id: str = stored["log_id"]
            self._reserved: int = stored["reserved"]
        else:
            self.log_id = uuid.uuid4().hex
            self._reserve(_RESERVED_AHEAD)
        self._next = self._reserved + 1

    def take(self, count: int) -> int:
        """Takes numbers that belong together.

        Args:
            count: how many, at least 1.

        Returns:
            The first of them, at least 1.

        Raises:
            OSError: more had to be reserved and the disk refused.
        """
        with self._lock:
            last = self._next + count - 1
            if last > self._reserved:
                self._reserve(last + _RESERVED_AHEAD)
            first, self._next = self._next, last + 1
            return first

    def _reserve(self, last: int) -> None:
        stored = {"log_id": self.log_id, "reserved": last}
        write_file(self._path, [json.dumps(stored).encode()])
        self._reserved = last
