"""Forms batches of waiting requests, and decides when each runs.

Source: tensorflow/core/kernels/batching_util/shared_batch_scheduler.h
(SERVING rules B-03, B-05 to B-07). One difference: the scheduler has no
threads. The thread of one of a batch's requests runs the batch, so that a
request that need not wait stays in its thread. If all of them run another part
of their request already, the batch gets a thread: its slot must not wait.
`num_batch_threads` bounds how many batches run at once, of all models.
"""

import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Mapping
from collections.abc import Sequence

import grpc
import numpy as np

from serving.model_server.batching.batching_parameters import BatchingParameters
from serving.model_server.metrics.server_metrics import ServerMetrics
from serving.model_server.serving_error import CatchErrors
from serving.model_server.serving_error import ServingError
from serving.model_server.serving_error import invalid_argument

METRICS_PREFIX = "/tensorflow/serving/batching_session/"


class Inbox(queue.SimpleQueue):
    """What one waiting thread is told: a batch to run, or None.

    None means that one of its tasks is finished.

    Attributes:
        is_leading: the thread runs a batch, or is told to; guarded by the
            scheduler's lock.
    """

    is_leading = False


class Task:
    """Rows that run together: a request, or a part of a large one.

    Attributes:
        feeds: tensor name to value, `size` rows each.
        size: rows.
        deadline: seconds on the clock after which no caller waits.
        enqueued: seconds on the clock.
        outputs: the result; None = not yet, or `error`.
        error: why there are no outputs.
    """

    def __init__(
        self, feeds: Mapping[str, np.ndarray], size: int, deadline: float
    ):
        self.feeds = feeds
        self.size = size
        self.deadline = deadline
        self.enqueued = 0.0
        self.outputs: list[np.ndarray] | None = None
        self.error: ServingError | None = None
        self.inbox: Inbox | None = None  # of the waiting thread


class Batch:
    """Tasks that run together."""

    def __init__(self, process: Callable[["Batch"], None]):
        self.tasks: list[Task] = []
        self.size = 0
        self.due = 0.0  # seconds on the clock; it runs then, full or not
        self.process = process


class BatchScheduler:
    """Queues of batches, and the slots that they run in.

    A queue exists only while a batch waits in it.
    """

    def __init__(
        self,
        parameters: BatchingParameters,
        metrics: ServerMetrics | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        """Prepares the slots.

        Args:
            parameters: how many batches may run at once, and how batches are
                formed of models that do not say so themselves.
            metrics: where sizes and waiting times are counted.
            clock: seconds, never going back.
        """
        self.parameters = parameters
        self.metrics = metrics
        self.clock = clock
        self._num_free = parameters.num_batch_threads
        self._lock = threading.Lock()
        self._queues: dict[Hashable, deque[Batch]] = {}
        self._is_closed = False

    def run(
        self,
        key: Hashable,
        tasks: Sequence[Task],
        parameters: BatchingParameters,
        process: Callable[[Batch], None],
    ) -> None:
        """Returns when every task has its outputs or its error.

        Args:
            key: tasks of one key may run together.
            tasks: all of one request.
            parameters: how batches are formed.
            process: runs a batch and sets the tasks' outputs or errors;
                called once for each batch, by any thread, for several at once.

        Raises:
            ServingError: the queue is full, or the request too large.
        """
        inbox = Inbox()
        now = self.clock()
        with self._lock:
            batches = self._queues.get(key, deque())
            self._check_capacity(batches, tasks, parameters)
            for task in tasks:
                task.inbox = inbox
                task.enqueued = now
                _enqueue(batches, task, parameters, process)
            self._queues[key] = batches
            due = batches[-1].due
            self._dispatch(now)
        num_waiting = len(tasks)
        while num_waiting:
            # Once the last of ours was due, whoever frees a slot starts it.
            wait = None if now >= due else max(due - self.clock(), 0.0)
            try:
                message = inbox.get(timeout=wait)
            except queue.Empty:
                now = self.clock()
                with self._lock:
                    self._dispatch(now)
                continue
            if message is None:
                num_waiting -= 1
            else:
                self._lead(message, inbox)

    def count_running(self) -> int:
        """Counts the batches that run."""
        return self.parameters.num_batch_threads - self._num_free

    def count_waiting(self) -> int:
        """Counts the tasks that wait in any queue."""
        with self._lock:
            return sum(
                len(batch.tasks)
                for batches in self._queues.values()
                for batch in batches
            )

    def close(self) -> None:
        """Takes no new request; those that wait are still run."""
        with self._lock:
            self._is_closed = True

    def _check_capacity(
        self,
        batches: deque[Batch],
        tasks: Sequence[Task],
        parameters: BatchingParameters,
    ) -> None:
        if self._is_closed:
            raise _unavailable("The batch scheduler is shut down.")
        size = sum(task.size for task in tasks)
        if size > parameters.max_batch_size:
            raise invalid_argument(
                f"Task size {size} is larger than maximum input batch size "
                f"{parameters.max_batch_size}"
            )
        num_batches = max(len(batches), 1)  # an empty one is always open
        most = parameters.max_enqueued_batches
        full = "The batch scheduling queue to which this task was submitted is"
        is_split = parameters.enable_large_batch_splitting
        open_size = batches[-1].size if batches else 0
        limit = parameters.execution_size
        if not is_split and open_size + size > limit and num_batches >= most:
            raise _unavailable(
                f"{full} full; currently {num_batches} batches enqueued and "
                f"max_enqueued_batches is {most}"
            )
        capacity = (most - num_batches) * limit + limit - open_size
        if is_split and size > capacity:
            raise _unavailable(
                f"{full} full; task size is {size} but scheduling capacity is "
                f"only {capacity} (num_enqueued_batches={num_batches}, "
                f"max_enqueued_batches={most}, open_batch_size={open_size}, "
                f"max_execution_batch_size={limit})"
            )

    def _dispatch(self, now: float) -> None:
        """Gives due batches to free slots; queues take turns."""
        is_any_due = True
        while self._num_free and is_any_due:
            is_any_due = False
            for key in list(self._queues):
                batches = self._queues[key]
                if batches[0].due > now:
                    continue
                batch = batches.popleft()
                del self._queues[key]
                if batches:
                    self._queues[key] = batches  # the last in line now
                    is_any_due = True
                self._num_free -= 1
                self._hand_over(batch)
                if not self._num_free:
                    return

    def _hand_over(self, batch: Batch) -> None:
        """Finds a thread that runs a batch; called with the lock held."""
        inboxes = [task.inbox for task in batch.tasks]
        leader = next((one for one in inboxes if not one.is_leading), None)
        if leader is None:
            try:
                threading.Thread(
                    target=self._lead, args=[batch], name="batch", daemon=True
                ).start()
                return
            except RuntimeError:  # no more threads: it waits for one of its own
                leader = inboxes[0]
        leader.is_leading = True
        leader.put(batch)

    def _lead(self, batch: Batch, inbox: Inbox | None = None) -> None:
        """Runs a batch.

        Args:
            batch: has a slot, which is given back.
            inbox: of this thread; None = it was started for the batch.
        """
        # After any error, the slot is free again and every caller gets an
        # answer.
        with CatchErrors("running a batch") as caught:
            self._observe(batch)
            batch.process(batch)
        with self._lock:
            self._num_free += 1
            if inbox is not None:
                inbox.is_leading = False
            self._dispatch(self.clock())
        for task in batch.tasks:
            if caught.error is not None:
                task.error = caught.error
            task.inbox.put(None)

    def _observe(self, batch: Batch) -> None:
        if self.metrics is None:
            return
        now = self.clock()
        labels = {"thread_pool_name": self.parameters.thread_pool_name}
        for task in batch.tasks:
            self.metrics.observe(
                METRICS_PREFIX + "queuing_latency",
                labels,
                1e6 * (now - task.enqueued),
            )


def _enqueue(
    batches: deque[Batch],
    task: Task,
    parameters: BatchingParameters,
    process: Callable[[Batch], None],
) -> None:
    limit = parameters.execution_size
    if not batches or batches[-1].size + task.size > limit:
        if batches:
            batches[-1].due = task.enqueued  # nothing more goes in
        batches.append(Batch(process))
        wait = parameters.batch_timeout_micros / 1e6
        batches[-1].due = task.enqueued + wait
    batches[-1].tasks.append(task)
    batches[-1].size += task.size
    if batches[-1].size >= limit:
        batches[-1].due = task.enqueued


def _unavailable(message: str) -> ServingError:
    return ServingError(grpc.StatusCode.UNAVAILABLE, message)
