"""The id of a log, and its sequence numbers."""

import json
import threading
import uuid
from pathlib import Path

from serving.gateway.behavior.log.durable_files import write_file
from serving.gateway.behavior.log.log_line import read_record

_RESERVED_AHEAD = 1 << 20


class LogIdentity:
    """Gives rising sequence numbers, each only once; thread-safe.

    A number must not be used again when the end of the log is lost in a power
    cut, or removed with a deleted user: the state may have applied it, and
    would take the new record for a known one. So numbers are reserved in a
    file, a million ahead, and each start begins with numbers that were never
    reserved. 2^53 numbers are enough for billions of starts.

    Attributes:
        log_id: 32 hexadecimal digits, made when the log began.
    """

    def __init__(self, path: Path):
        """Reads the file, or makes it.

        Args:
            path: a JSON file of its own.

        Raises:
            ValueError: the file is of another form.
            OSError: there is no file and none can be written.
        """
        self._path = path
        self._lock = threading.Lock()
        # Keys of a later version are kept as they are.
        self._stored = _read(path) if path.exists() else {}
        self.log_id: str = self._stored.get("log_id") or uuid.uuid4().hex
        self._reserved: int = self._stored.get("reserved", 0)
        if not self._reserved:
            self._reserve(_RESERVED_AHEAD)
        self._next = self._reserved + 1

    def take(self, count: int) -> int:
        """Returns consecutive numbers.

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
        stored = self._stored | {"log_id": self.log_id, "reserved": last}
        write_file(self._path, [json.dumps(stored).encode()])
        self._reserved = last


def _read(path: Path) -> dict:
    stored = read_record(path.read_bytes()) or {}
    log_id, reserved = stored.get("log_id"), stored.get("reserved")
    if not isinstance(log_id, str) or not log_id or type(reserved) is not int:
        raise ValueError(
            "A log's identity must be a JSON object with `log_id` and "
            f"`reserved`. Received: another, in {path}. Put a copy of it back: "
            "with a new one the state would take all events for new."
        )
    return stored
