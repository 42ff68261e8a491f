"""Requests are counted by key or address, here or in Redis."""

import asyncio
import shutil
import signal
import socket
import subprocess
import time

import pytest

from serving.gateway.access.rate_limits import RateLimits

_SECONDS = 1000  # a window that a test hardly ever sees the end of
_HERE = "10.0.0.1"


def _count(limits, *callers, tries=_SECONDS + 10):
    """Returns how many requests of each caller went on."""

    async def count_all():
        return [
            sum([await limits.hit(*caller) is None for _ in range(tries)])
            for caller in callers
        ]

    return asyncio.run(count_all())


def test_window_takes_what_it_is_long_times_the_rate():
    limits = RateLimits(1, _SECONDS)
    assert _count(limits, ("shop", _HERE)) == [1000]
    assert _count(RateLimits(3, 100), ("shop", _HERE), tries=400) == [300]


def test_caller_over_the_limit_is_told_when_to_come_again():
    limits = RateLimits(1, _SECONDS)

    async def ask():
        for _ in range(1000):
            assert await limits.hit("shop", _HERE) is None
        return await limits.hit("shop", _HERE)

    # The window that began at a multiple of 1000 s goes on for at most that
    # long, and counts for as long again.
    assert 1 <= asyncio.run(ask()) <= 2000


def test_every_key_has_its_own_count_wherever_it_calls_from():
    limits = RateLimits(1, _SECONDS)
    callers = [("shop", _HERE), ("shop", "10.0.0.2"), ("jobs", _HERE)]
    assert _count(limits, *callers) == [1000, 0, 1000]


def test_strangers_are_counted_by_address():
    limits = RateLimits(1, _SECONDS)
    limits._salt = b"0"  # these two have slots of their own
    callers = [(None, _HERE), (None, "10.0.0.2"), (None, _HERE)]
    assert _count(limits, *callers) == [1000, 1000, 0]


def test_addresses_of_one_ipv6_network_are_one_caller():
    limits = RateLimits(1, _SECONDS)
    limits._salt = b"0"
    callers = [
        (None, "2001:db8::1"),
        (None, "2001:db8::ffff:1"),  # the same /64
        (None, "2001:db8:0:1::1"),  # the next /64
    ]
    assert _count(limits, *callers) == [1000, 0, 1000]


def test_caller_on_a_unix_socket_has_a_count_too():
    assert _count(RateLimits(1, _SECONDS), (None, "")) == [1000]


def test_counters_are_bounded_however_many_addresses_call():
    limits = RateLimits(1, _SECONDS)

    async def call_from_everywhere():
        for number in range(20_000):
            await limits.hit(None, f"10.{number >> 8}.{number & 255}.1")

    asyncio.run(call_from_everywhere())
    # A counter for this window, and room for one of the next.
    assert len(limits._local.storage.storage) <= 2 * 4096


@pytest.mark.parametrize(
    "url", ["redis://:p%40%2F@localhost/0", "rediss://localhost:1/0"]
)
def test_redis_is_opened_with_a_password_and_without_a_port(url):
    limits = RateLimits(1, redis_url=url)
    # Nobody answers there: calls are counted in this process.
    assert asyncio.run(limits.hit(None, "10.0.0.1")) is None


@pytest.fixture
def start_redis(tmp_path):
    """Starts Redis on a free port, once or again."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    started = []

    def start():
        flags = ["--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        started.append(
            subprocess.Popen(
                [program, *flags, "--dir", str(tmp_path)],
                stdout=subprocess.DEVNULL,
            )
        )
        end = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
            except ConnectionRefusedError:
                assert time.monotonic() < end
                time.sleep(0.01)
            else:
                return f"redis://127.0.0.1:{port}/0", started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_processes_that_share_redis_share_counts(start_redis):
    url, _ = start_redis()
    one, other = (RateLimits(1, _SECONDS, url) for _ in range(2))
    assert _count(one, ("shop", _HERE), tries=400) == [400]
    assert _count(other, ("shop", _HERE), tries=700) == [600]


def test_redis_keeps_no_addresses(start_redis):
    import redis

    url, _ = start_redis()
    _count(RateLimits(1, _SECONDS, url), (None, "10.9.8.7"), tries=1)
    with redis.Redis.from_url(url) as client:
        names = client.keys("*")
        assert names
        assert not [name for name in names if b"10.9.8.7" in name]
        # And they end by themselves: after this window and the next.
        assert all(0 < client.ttl(name) <= 2 * _SECONDS for name in names)


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSTOP])
def test_without_redis_each_process_counts_for_itself(
    start_redis, caplog, sign
):
    url, process = start_redis()
    limits = RateLimits(1, _SECONDS, url)

    async def ask():
        assert await limits.hit("shop", _HERE) is None
        process.send_signal(sign)
        began = time.monotonic()
        hits = [await limits.hit("shop", _HERE) for _ in range(50)]
        count = hits.count(None)
        return count, time.monotonic() - began

    count, seconds = asyncio.run(ask())
    assert count == 50
    # The first of them waited 0.1 s; if each had, it would take 5 s.
    assert seconds < 4.5
    assert caplog.text.count("Redis does not count requests") == 1
