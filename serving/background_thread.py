"""Threads that continue after an error, and report it.

If an unexpected error ends a thread, its work stops, and the process still
looks healthy. Here no error ends a thread: it is logged, `problem` reports it
until the work succeeds again, and the next round follows.
"""

import logging
import threading
from collections.abc import Callable
from collections.abc import Iterable
from types import TracebackType

_logger = logging.getLogger(__name__)


class Watch:
    """A block that runs repeatedly; records the result of the last run.

    No caller waits for a background thread, so `SystemExit` counts as an error,
    too.

    Attributes:
        name: name of the block in the log and in `problem`.
        problem: the last error, without texts of users; None = no error, or not
            run yet.
    """

    def __init__(
        self,
        name: str,
        on_change: Callable[[], object] | None = None,
    ):
        """Begins without a problem.

        Args:
            name: see there.
            on_change: called when a problem appears or is gone.
        """
        self.name = name
        self.problem: str | None = None
        self._on_change = on_change

    def __enter__(self) -> "Watch":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        problem = None if kind is None else f"it fails: {kind.__name__}"
        self._note(problem, error)
        return True

    def note_success(self) -> None:
        """Records that the block's work was done elsewhere."""
        self._note(None, None)

    def _note(self, problem: str | None, error: BaseException | None) -> None:
        before, self.problem = self.problem, problem
        if self.problem != before:
            if self.problem is None:
                _logger.info("%s works again.", self.name)
            else:
                _logger.error(
                    "%s must not fail. It is tried again.",
                    self.name,
                    exc_info=error,
                )
            if self._on_change is not None:
                self._on_change()


class BackgroundThread:
    """Repeats its work until it is stopped.

    Attributes:
        name: of the thread.
        is_stopping: set once it is to end; the work may wait with it.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[], object],
        seconds: float,
        begins_at_once: bool = False,
        on_change: Callable[[], object] | None = None,
    ):
        """Prepares the thread; it does not run yet.

        Args:
            name: see there.
            work: one round. It handles the errors that it expects.
            seconds: from the end of one round to the next.
            begins_at_once: whether the first round does not wait as long.
            on_change: called when `problem` appears or is gone.
        """
        self.name = name
        self.is_stopping = threading.Event()
        self._work = work
        self._seconds = seconds
        self._begins_at_once = begins_at_once
        self._watch = Watch(name, on_change)
        self._thread = threading.Thread(
            target=self._run, name=name, daemon=True
        )
        self._is_started = False

    @property
    def is_alive(self) -> bool:
        """Whether it runs and is not about to end."""
        return self._thread.is_alive() and not self.is_stopping.is_set()

    @property
    def problem(self) -> str | None:
        """The last error of its work; None = no error, or not started."""
        if not self._is_started or self.is_stopping.is_set():
            return None
        return self._watch.problem if self._thread.is_alive() else "it ended"

    def start(self) -> None:
        """Starts it.

        Raises:
            RuntimeError: the system gives no thread.
        """
        self._thread.start()
        self._is_started = True

    def stop(self) -> None:
        """Ends it after the round under way; twice is fine."""
        self.is_stopping.set()
        if self._is_started:
            self._thread.join()

    def _run(self) -> None:
        wait = 0.0 if self._begins_at_once else self._seconds
        while not self.is_stopping.wait(wait):
            with self._watch:
                self._work()
            wait = self._seconds


def describe_problems(
    watched: Iterable[BackgroundThread | Watch],
) -> dict[str, str]:
    """Returns what is wrong, by name; empty = nothing."""
    found = ((one.name, one.problem) for one in watched)
    return {name: problem for name, problem in found if problem is not None}
