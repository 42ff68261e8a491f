"""When a version is tried again, and which threads load and unload."""

import dataclasses
import functools
from collections.abc import Callable
from concurrent import futures

from serving.background_thread import Watch

_Work = Callable[[], None]


def _run_at_once(work: _Work) -> None:
    work()


@dataclasses.dataclass(frozen=True)
class RetryPolicy:
    """How often a version that fails to load is tried again."""

    max_num_load_retries: int = 5
    interval_seconds: float = 60.0  # negative = none


@dataclasses.dataclass(frozen=True)
class Workers:
    """Runs loads and unloads; by default in the thread that calls `step`."""

    load: Callable[[_Work], object] = _run_at_once
    unload: Callable[[_Work], object] = _run_at_once


class WorkerThreads:
    """Threads that load and unload, apart from the loop that decides.

    TF Serving runs loads within that loop by default, so that a slow load
    stalls every model (SERVING rule H-11). Here a pool of its own takes them
    whatever the number of threads is: 0 means one at a time.

    Attributes:
        workers: what hands the work to the threads.
        watches: of loads and of unloads: whether the last one ended in a
            defect.
    """

    def __init__(
        self,
        num_load_threads: int = 0,
        num_unload_threads: int = 0,
        on_change: Callable[[], object] | None = None,
    ):
        """Starts no thread before the first work comes.

        Args:
            num_load_threads: how many load at a time; 0 = one.
            num_unload_threads: likewise.
            on_change: called when the problem of a watch appears or is gone.
        """
        self._pools: list[futures.ThreadPoolExecutor] = []
        self._on_change = on_change
        self.watches: list[Watch] = []
        self.workers = Workers(
            load=self._open_pool("load", num_load_threads),
            unload=self._open_pool("unload", num_unload_threads),
        )

    def close(self) -> None:
        """Waits for the work under way."""
        for pool in self._pools:
            pool.shutdown()

    def _open_pool(self, name: str, count: int) -> Callable[[_Work], object]:
        pool = futures.ThreadPoolExecutor(
            max(count, 1), thread_name_prefix=name
        )
        self._pools.append(pool)
        # Nobody asks what became of the work: it must tell by itself.
        watch = Watch(name, self._on_change)
        self.watches.append(watch)
        return functools.partial(pool.submit, _run_watched, watch)


def _run_watched(watch: Watch, work: _Work) -> None:
    with watch:
        work()
