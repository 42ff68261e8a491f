"""When a version is tried again, and which threads load and unload."""

import dataclasses
from collections.abc import Callable
from concurrent import futures

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
    """

    def __init__(self, num_load_threads: int = 0, num_unload_threads: int = 0):
        """Starts no thread before the first work comes."""
        self._pools = [
            futures.ThreadPoolExecutor(max(count, 1), thread_name_prefix=name)
            for name, count in (
                ("load", num_load_threads),
                ("unload", num_unload_threads),
            )
        ]
        load, unload = self._pools
        self.workers = Workers(load=load.submit, unload=unload.submit)

    def close(self) -> None:
        """Waits for the work under way."""
        for pool in self._pools:
            pool.shutdown()
