"""Stops calling a server that does not answer, and retries later."""

import threading
import time
from collections.abc import Callable
from enum import StrEnum


class CircuitState(StrEnum):
    """Whether calls are allowed."""

    CLOSED = "closed"  # all of them
    OPEN = "open"  # none
    HALF_OPEN = "half_open"  # one at a time, as a probe


class CircuitBreaker:
    """Counts failures in a row; safe in threads, holds no lock while calling.

    A caller requests a permit and, if it gets one, must `record` the outcome of
    its call in any case. Outcomes of calls from before the last change of state
    are ignored.

    pybreaker (1.4) holds its lock during a call: four calls of 0.2 s in four
    threads take it 0.8 s. It also uses the wall clock.

    Source: Nygard, Release It!, 2nd edition, section 5.2.
    """

    def __init__(
        self,
        num_failures: int,
        open_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ):
        """Begins closed.

        Args:
            num_failures: how many in a row open it, at least 1.
            open_seconds: until a call may try again.
            clock: seconds that never go back.
        """
        self._num_failures = num_failures
        self._open_seconds = open_seconds
        self._clock = clock
        self._lock = threading.Lock()  # guards all below
        self._count = 0  # failures in a row
        self._opened_at: float | None = None  # None = closed
        self._is_probing = False
        self._epoch = 0  # rises with every change of state

    @property
    def state(self) -> CircuitState:
        """The state for the next caller, apart from a running probe."""
        with self._lock:
            if self._opened_at is None:
                return CircuitState.CLOSED
            return (
                CircuitState.HALF_OPEN
                if self._is_time_to_probe()
                else CircuitState.OPEN
            )

    def admit(self) -> int | None:
        """Returns a permit for one call, or None: do not call."""
        with self._lock:
            if self._opened_at is not None:
                if self._is_probing or not self._is_time_to_probe():
                    return None
                self._is_probing = True
                self._epoch += 1
            return self._epoch

    def record(self, permit: int, is_success: bool | None) -> None:
        """Records the outcome of a call.

        Args:
            permit: what `admit` returned.
            is_success: None = it says nothing about the server.
        """
        with self._lock:
            if permit != self._epoch:
                return
            if is_success:
                self._count = 0
                self._change(None)
            elif is_success is None:
                self._is_probing = False  # the next caller tries
            else:
                self._count += 1
                if self._is_probing or self._count >= self._num_failures:
                    self._change(self._clock())

    def _is_time_to_probe(self) -> bool:
        return self._clock() >= self._opened_at + self._open_seconds

    def _change(self, opened_at: float | None) -> None:
        if opened_at != self._opened_at:
            self._epoch += 1
        self._opened_at = opened_at
        self._is_probing = False
