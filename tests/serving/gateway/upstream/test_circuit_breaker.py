import threading

import pytest

from serving.gateway.upstream.circuit_breaker import CircuitBreaker
from serving.gateway.upstream.circuit_breaker import CircuitState


class _Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return _Clock()


@pytest.fixture
def breaker(clock):
    return CircuitBreaker(3, 2.0, clock)


def _call(breaker, is_success):
    breaker.record(breaker.admit(), is_success)


def _open(breaker):
    for _ in range(3):
        _call(breaker, is_success=False)
    assert breaker.state is CircuitState.OPEN


def test_third_failure_in_a_row_opens(breaker):
    for _ in range(2):
        _call(breaker, is_success=False)
    assert breaker.state is CircuitState.CLOSED
    _call(breaker, is_success=False)
    assert breaker.state is CircuitState.OPEN
    assert breaker.admit() is None


def test_success_in_between_starts_the_count_again(breaker):
    for is_success in (False, False, True, False, False):
        _call(breaker, is_success)
    assert breaker.state is CircuitState.CLOSED


def test_what_says_nothing_of_the_server_does_not_count(breaker):
    for is_success in (False, None, False, None, None):
        _call(breaker, is_success)
    assert breaker.state is CircuitState.CLOSED
    _call(breaker, is_success=False)  # the third in a row, but for those
    assert breaker.state is CircuitState.OPEN


def test_one_call_at_a_time_tries_again_after_two_seconds(breaker, clock):
    _open(breaker)
    clock.now += 1.9
    assert breaker.admit() is None
    clock.now += 0.1
    assert breaker.state is CircuitState.HALF_OPEN
    permit = breaker.admit()
    assert permit is not None
    assert breaker.admit() is None  # one is enough to see
    breaker.record(permit, is_success=True)
    assert breaker.state is CircuitState.CLOSED
    assert breaker.admit() is not None


def test_failed_try_waits_two_seconds_more(breaker, clock):
    _open(breaker)
    clock.now += 2.0
    _call(breaker, is_success=False)
    clock.now += 1.9
    assert breaker.admit() is None
    clock.now += 0.1
    assert breaker.admit() is not None


def test_try_that_tells_nothing_leaves_it_to_the_next(breaker, clock):
    _open(breaker)
    clock.now += 2.0
    _call(breaker, is_success=None)
    assert breaker.state is CircuitState.HALF_OPEN
    assert breaker.admit() is not None


def test_failures_are_counted_anew_after_it_closed(breaker, clock):
    _open(breaker)
    clock.now += 2.0
    _call(breaker, is_success=True)
    for _ in range(2):
        _call(breaker, is_success=False)
    assert breaker.state is CircuitState.CLOSED


@pytest.mark.parametrize("is_success", [True, False])
def test_call_from_before_it_opened_changes_nothing(breaker, clock, is_success):
    late = breaker.admit()
    _open(breaker)
    clock.now += 2.0
    probe = breaker.admit()
    breaker.record(late, is_success)
    assert breaker.admit() is None  # still one probe under way
    breaker.record(probe, is_success=True)
    assert breaker.state is CircuitState.CLOSED


def test_calls_of_threads_run_side_by_side(breaker):
    both_inside = threading.Barrier(2, timeout=10)

    def call():
        permit = breaker.admit()
        both_inside.wait()
        breaker.record(permit, is_success=True)

    threads = [threading.Thread(target=call) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not both_inside.broken
