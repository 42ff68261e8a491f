"""Batches are formed by real threads; a gate keeps the first one running."""

import threading
import time
from concurrent.futures import Future
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from serving.model_server.batching.batch_scheduler import Batch
from serving.model_server.batching.batch_scheduler import BatchScheduler
from serving.model_server.batching.batch_scheduler import Task
from serving.model_server.batching.batching_parameters import BatchingParameters
from serving.model_server.serving_error import ServingError
from serving.model_server.serving_error import invalid_argument

FOREVER = float("inf")


class Bench:
    """One slot; batches wait at a gate and are noted when they run."""

    def __init__(self, **parameters):
        parameters = {"num_batch_threads": 1} | parameters
        self.parameters = BatchingParameters(**parameters)
        self.scheduler = BatchScheduler(self.parameters)
        self.gate = threading.Event()
        self.num_started = 0
        self.batches: list[list[int]] = []  # sizes of the tasks
        self._threads = ThreadPoolExecutor(16)

    def process(self, batch: Batch) -> None:
        self.num_started += 1
        assert self.gate.wait(30)
        self.batches.append([task.size for task in batch.tasks])
        for task in batch.tasks:
            task.outputs = [task.size]

    def ask(self, *sizes: int, key: str = "q") -> list:
        tasks = [Task({}, size, FOREVER) for size in sizes]
        self.scheduler.run(key, tasks, self.parameters, self.process)
        return [task.outputs for task in tasks]

    def start(self, *sizes: int, key: str = "q") -> Future:
        """Asks from another thread; returns once the request waits."""
        before = self.num_started + self.scheduler.count_waiting()
        future = self._threads.submit(self.ask, *sizes, key=key)
        wait_until(
            lambda: (
                future.done()
                or self.num_started + self.scheduler.count_waiting() > before
            )
        )
        return future

    def finish(self, *futures: Future) -> None:
        self.gate.set()
        for future in futures:
            future.result(30)
        self._threads.shutdown()


def wait_until(condition) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.001)


def test_a_request_alone_runs_at_once():
    bench = Bench()
    bench.gate.set()
    assert bench.ask(3) == [[3]]
    assert bench.batches == [[3]]
    assert bench.scheduler.count_waiting() == 0


def test_b03_what_queued_up_while_the_slot_was_taken_runs_together():
    bench = Bench(batch_timeout_micros=0)
    futures = [bench.start(size) for size in (1, 2, 3, 4)]
    bench.finish(*futures)
    assert bench.batches == [[1], [2, 3, 4]]


def test_b03_an_open_batch_waits_for_more_until_its_time_is_up():
    bench = Bench(batch_timeout_micros=50_000)
    bench.gate.set()
    began = time.monotonic()
    bench.ask(1)
    assert time.monotonic() - began >= 0.05


def test_b03_a_batch_that_is_full_does_not_wait():
    bench = Bench(batch_timeout_micros=10**9, max_batch_size=3)
    bench.gate.set()
    first = bench.start(2)
    bench.ask(1)
    bench.finish(first)
    assert bench.batches == [[2, 1]]


def test_b03_a_batch_that_the_next_request_does_not_fit_does_not_wait():
    bench = Bench(batch_timeout_micros=10**9, max_batch_size=3)
    bench.gate.set()
    first = bench.start(2)
    second = bench.start(2)
    first.result(30)
    bench.ask(1)
    bench.finish(second)
    assert bench.batches == [[2], [2, 1]]


def test_each_key_has_a_queue_and_they_take_turns():
    bench = Bench(max_batch_size=1)
    futures = [bench.start(1, key=key) for key in ("first", "a", "a", "a", "b")]
    order = []
    for key, future in zip("faaab", futures, strict=True):
        future.add_done_callback(lambda _, key=key: order.append(key))
    bench.finish(*futures)
    # b did not wait for all of a.
    assert order.index("b") < len(order) - 1


def test_slots_are_shared_by_all_keys():
    bench = Bench()
    futures = [bench.start(1, key=key) for key in "abc"]
    assert bench.num_started == 1
    assert bench.scheduler.count_waiting() == 2
    bench.finish(*futures)


def test_a_full_queue_does_not_block_another():
    bench = Bench(max_batch_size=1, max_enqueued_batches=1)
    futures = [bench.start(1), bench.start(1), bench.start(1, key="other")]
    bench.finish(*futures)
    assert bench.batches == [[1], [1], [1]]


def test_a_request_in_parts_needs_room_for_all_of_them():
    bench = Bench(
        max_batch_size=8,
        max_enqueued_batches=2,
        enable_large_batch_splitting=True,
        max_execution_batch_size=2,
    )
    first, second = bench.start(2), bench.start(1)
    # Room: 1 beside the second, and one batch of 2.
    with pytest.raises(ServingError) as caught:
        bench.ask(2, 2)
    assert caught.value.code is grpc.StatusCode.UNAVAILABLE
    assert "task size is 4 but scheduling capacity is only 3" in str(
        caught.value
    )
    bench.finish(first, second)


def test_parts_of_one_request_may_each_be_led_by_it():
    bench = Bench(max_batch_size=1)
    bench.gate.set()
    bench.parameters = BatchingParameters(max_batch_size=3)
    assert bench.ask(1, 1, 1) == [[1], [1], [1]]


def test_parts_of_one_request_run_at_once_as_far_as_there_are_slots():
    bench = Bench(num_batch_threads=3)
    # Each of the first three waits for the two others.
    meeting = threading.Barrier(3)
    places = iter(range(4))

    def process(batch):
        if next(places) < 3:
            meeting.wait(30)
        for task in batch.tasks:
            task.outputs = [task.size]

    parts = BatchingParameters(
        max_batch_size=4,
        enable_large_batch_splitting=True,
        max_execution_batch_size=1,
    )
    tasks = [Task({}, 1, FOREVER) for _ in range(4)]
    bench.scheduler.run("q", tasks, parts, process)
    assert [(task.outputs, task.error) for task in tasks] == [([1], None)] * 4
    assert bench.scheduler.count_running() == 0


def test_requests_in_parts_do_not_wait_for_each_other_in_a_circle():
    bench = Bench(
        max_batch_size=64,
        max_enqueued_batches=1000,
        enable_large_batch_splitting=True,
        max_execution_batch_size=2,
        num_batch_threads=2,
    )
    futures = [bench.start(1, 2, 1, 2) for _ in range(12)]
    bench.finish(*futures)
    assert sum(map(sum, bench.batches)) == 12 * 6


def test_a_batch_that_fails_fails_for_all_and_frees_its_slot():
    bench = Bench()

    def process(batch):
        bench.process(batch)
        raise invalid_argument("no such thing")

    tasks = [Task({}, 1, FOREVER)]
    bench.gate.set()
    bench.scheduler.run("q", tasks, bench.parameters, process)
    assert tasks[0].error.message == "no such thing"
    assert bench.ask(1) == [[1]]


def test_a_defect_in_a_batch_is_told_to_all_and_leaves_the_slot_free():
    bench = Bench()
    blocker = bench.start(1, key="blocker")

    def process(batch):
        raise KeyError("defect")

    tasks = [[Task({}, 1, FOREVER)] for _ in range(2)]
    with ThreadPoolExecutor() as threads:
        futures = []
        for nth, own in enumerate(tasks):
            futures.append(
                threads.submit(
                    bench.scheduler.run, "q", own, bench.parameters, process
                )
            )
            wait_until(
                lambda nth=nth: bench.scheduler.count_waiting() == nth + 1
            )
        bench.finish(blocker)
        for future in futures:
            future.result(30)
    for (task,) in tasks:
        assert task.error.code is grpc.StatusCode.INTERNAL
        assert task.error.message == "KeyError: 'defect'"
    # The one slot takes the next batch.
    done = []
    after = [Task({}, 1, FOREVER)]
    bench.scheduler.run("after", after, bench.parameters, done.append)
    assert [batch.tasks for batch in done] == [after]


def test_a_closed_scheduler_takes_nothing_and_finishes_what_it_has():
    bench = Bench()
    futures = [bench.start(1), bench.start(1)]
    bench.scheduler.close()
    with pytest.raises(ServingError, match="shut down") as caught:
        bench.ask(1)
    assert caught.value.code is grpc.StatusCode.UNAVAILABLE
    bench.finish(*futures)


def test_many_threads_lose_nothing():
    bench = Bench(
        max_batch_size=4,
        num_batch_threads=2,
        batch_timeout_micros=200,
        max_enqueued_batches=1000,
    )
    bench.gate.set()
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda n: bench.ask(1 + n % 4), range(2000)))
    assert answers == [[[1 + n % 4]] for n in range(2000)]
    assert max(map(sum, bench.batches)) <= 4
