import logging
import sys
import threading

import pytest

from serving.background_thread import BackgroundThread
from serving.background_thread import Watch
from serving.background_thread import describe_problems


@pytest.fixture
def start():
    """Starts threads; they are stopped after the test."""
    started = []

    def start_(work, **options):
        thread = BackgroundThread("sweeper", work, 0.001, **options)
        started.append(thread)
        thread.start()
        return thread

    yield start_
    for thread in started:
        thread.stop()


class Rounds:
    """Work that fails as it is told to, one round at a time."""

    def __init__(self):
        self.fail = lambda: None
        self._next = threading.Semaphore(0)
        self._done = threading.Semaphore(0)
        self._is_over = False

    def __call__(self):
        if self._is_over:
            return
        self._next.acquire()
        try:
            self.fail()
        finally:
            self._done.release()

    def run(self, count):
        for _ in range(count):
            self._next.release()
        for _ in range(count):
            assert self._done.acquire(timeout=30)

    def end(self):
        self._is_over = True
        self._next.release()


@pytest.fixture
def rounds():
    made = Rounds()
    yield made
    made.end()


@pytest.mark.parametrize(
    "fail",
    [lambda: 1 / 0, lambda: sys.exit("enough"), lambda: {}["user's words"]],
)
def test_thread_outlives_what_its_work_raises(start, rounds, fail):
    thread = start(rounds)
    rounds.fail = fail
    rounds.run(3)
    rounds.fail = lambda: None
    rounds.run(2)  # the first of these is over when the second begins
    assert thread.problem is None
    rounds.end()


def test_problem_is_told_until_a_round_succeeds(start, rounds, caplog):
    changes = threading.Semaphore(0)
    with caplog.at_level(logging.INFO):
        thread = start(rounds, on_change=changes.release)
        rounds.fail = lambda: {}["user's words"]
        rounds.run(3)
        assert changes.acquire(timeout=30)
        assert thread.problem == "it fails: KeyError"
        assert describe_problems([thread, Watch("other")]) == {
            "sweeper": "it fails: KeyError"
        }
        rounds.fail = lambda: None
        rounds.run(1)
        assert changes.acquire(timeout=30)
    assert thread.problem is None
    # Once, not for each of the three rounds.
    assert [record.getMessage() for record in caplog.records] == [
        "sweeper must not fail. It is tried again.",
        "sweeper works again.",
    ]
    rounds.end()


def test_thread_that_is_not_started_or_was_stopped_has_no_problem():
    thread = BackgroundThread("sweeper", lambda: 1 / 0, 60.0)
    assert thread.problem is None
    thread.stop()
    thread.stop()
    assert thread.problem is None


def test_first_round_comes_at_once_where_it_is_to():
    has_begun = threading.Event()
    thread = BackgroundThread(
        "sweeper", has_begun.set, 3600.0, begins_at_once=True
    )
    thread.start()
    assert has_begun.wait(30)
    thread.stop()


def test_thread_that_ended_all_the_same_is_told():
    thread = BackgroundThread("sweeper", lambda: None, 60.0)
    thread._thread = threading.Thread(target=lambda: None)
    thread.start()
    thread._thread.join(30)
    assert thread.problem == "it ended"


def test_watch_takes_what_happens_in_its_block():
    watch = Watch("block")
    with watch:
        raise ValueError("something that somebody wrote")
    assert watch.problem == "it fails: ValueError"
    with watch:
        pass
    assert watch.problem is None
    with watch:
        raise ValueError
    watch.note_success()
    assert watch.problem is None
