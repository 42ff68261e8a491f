"""A child process that is started again when it ends."""

import logging
import subprocess
import threading
import time
from collections.abc import Sequence

_logger = logging.getLogger(__name__)

_STOP_SECONDS = 30.0
_SOUND_SECONDS = 60.0  # a process that ran as long was not broken at its start
_MAX_WAIT_SECONDS = 60.0


class RestartedProcess:
    """Runs a command until it is stopped, and again when it ends.

    The first end is logged as an error. While the process keeps ending soon
    after its start, each wait is twice the one before, up to a minute, and
    nothing more is logged.
    """

    def __init__(
        self, name: str, command: Sequence[str], first_wait: float = 1.0
    ):
        """Starts the process, without its output; not yet the restarts.

        Args:
            name: of the process in messages: "The model server".
            command: program and arguments.
            first_wait: seconds before the first restart.
        """
        self._name = name
        self._command = list(command)
        self._first_wait = first_wait
        self._is_stopping = threading.Event()
        self._lock = threading.Lock()  # no start after the stop
        self._process = self._start()
        self._began = time.monotonic()
        self._thread = threading.Thread(
            target=self._keep, name="restarts", daemon=True
        )

    @property
    def process(self) -> subprocess.Popen:
        """The process that was started last."""
        return self._process

    def keep_alive(self) -> None:
        """From now on the process is started again when it ends."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the process for good."""
        with self._lock:
            self._is_stopping.set()
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._thread.is_alive():
            self._thread.join()

    def _keep(self) -> None:
        wait = self._first_wait
        is_told = False
        while True:
            status = self._process.wait()
            if self._is_stopping.is_set():
                return
            if time.monotonic() - self._began >= _SOUND_SECONDS:
                wait, is_told = self._first_wait, False
            if not is_told:
                _logger.error(
                    "%s ended with status %d. It is started again until it "
                    "runs.",
                    self._name,
                    status,
                )
                is_told = True
            if self._is_stopping.wait(wait):
                return
            wait = min(2 * wait, _MAX_WAIT_SECONDS)
            with self._lock:
                if self._is_stopping.is_set():
                    return
                self._process = self._start()
                self._began = time.monotonic()

    def _start(self) -> subprocess.Popen:
        return subprocess.Popen(
            self._command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
