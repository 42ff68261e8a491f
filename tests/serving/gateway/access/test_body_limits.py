"""Bodies over a raw socket: too large, too slow, cut off, or malformed."""

import contextlib
import socket
import time

import pytest
from starlette.requests import ClientDisconnect
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from serving.gateway.access.body_limits import BodyLimits
from tests.serving.gateway.access.live_server import exchange
from tests.serving.gateway.access.live_server import serve

_MAX_BYTES = 1000
_SECONDS = 0.3


class _Echo:
    """Answers with the length of the body; knows what reached it."""

    def __init__(self):
        self.bodies = []

    async def __call__(self, scope, receive, send):
        try:
            body = await Request(scope, receive).body()
        except ClientDisconnect:
            body = None
        self.bodies.append(body)
        await PlainTextResponse(str(body and len(body)))(scope, receive, send)


@pytest.fixture
def echo():
    return _Echo()


@pytest.fixture
def port(echo):
    with serve(BodyLimits(echo, _MAX_BYTES, _SECONDS)) as port:
        yield port


def _post(*headers: bytes) -> bytes:
    lines = [b"POST / HTTP/1.1", b"Host: g", b"Connection: close", *headers]
    return b"\r\n".join([*lines, b"", b""])


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def test_largest_body_goes_through_as_it_was_sent(port, echo):
    body = bytes(range(250)) * 4
    answer = exchange(port, _post(b"Content-Length: 1000"), body)
    assert answer.endswith(b"\r\n\r\n1000")
    assert echo.bodies == [body]


def test_chunks_are_put_together(port, echo):
    exchange(
        port,
        _post(b"Transfer-Encoding: chunked"),
        _chunk(b"a" * 600),
        _chunk(b"b" * 400),
        b"0\r\n\r\n",
    )
    assert echo.bodies == [b"a" * 600 + b"b" * 400]


def test_request_without_a_body_is_not_waited_for(port, echo):
    answer = exchange(
        port, b"GET / HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 200")
    assert echo.bodies == [b""]


@pytest.mark.parametrize("length", [b"1001", b"99999999999999999999"])
def test_announced_body_too_large_is_refused_before_it_comes(
    port, echo, length
):
    answer = exchange(port, _post(b"Content-Length: " + length))
    assert answer.startswith(b"HTTP/1.1 413")
    assert answer.endswith(
        b'{"detail":"The body must have at most 1000 bytes."}'
    )
    assert b"\r\nconnection: close\r\n" in answer.lower()
    assert echo.bodies == []


def test_chunks_are_refused_as_soon_as_they_are_too_many(port, echo):
    answer = exchange(
        port,
        _post(b"Transfer-Encoding: chunked"),
        _chunk(b"a" * 600),
        _chunk(b"b" * 401),  # and no end
    )
    assert answer.startswith(b"HTTP/1.1 413")
    assert echo.bodies == []


@pytest.mark.parametrize(
    ("header", "part"),
    [
        (b"Content-Length: 10", b"a"),
        (b"Content-Length: 10", b""),
        (b"Transfer-Encoding: chunked", _chunk(b"a")),
    ],
)
def test_body_that_does_not_come_is_not_waited_for(port, echo, header, part):
    began = time.monotonic()
    answer = exchange(port, _post(header), part)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"must arrive within 0.3 s" in answer
    assert time.monotonic() - began >= _SECONDS
    assert echo.bodies == []


def test_slow_drops_do_not_put_the_deadline_off(port, echo):
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=10) as opened:
        opened.sendall(_post(b"Content-Length: 1000"))
        opened.settimeout(0.02)
        answer = b""
        while b"408" not in answer:
            assert time.monotonic() - began < 60
            opened.sendall(b"a")
            with contextlib.suppress(TimeoutError):
                answer += opened.recv(1000)
    assert echo.bodies == []


def test_caller_who_hangs_up_gets_nothing_done(port, echo):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as opened:
        opened.sendall(_post(b"Content-Length: 10") + b"a")
    # Whoever comes next is served as ever.
    assert exchange(port, _post(b"Content-Length: 1"), b"b").endswith(b"1")
    assert echo.bodies == [b"b"]


@pytest.mark.parametrize(
    "headers",
    [
        [b"Content-Length: ten"],
        [b"Content-Length: -1"],
        [b"Content-Length: +5"],
        [b"Content-Length: 5, 6"],
        [b"Content-Length: 5", b"Content-Length: 6"],
        [b"Transfer-Encoding: gzip"],
        [b"Content-Length: \xb2"],  # a digit of Latin-1
        [b"X-\xff: 1"],
    ],
)
def test_head_that_makes_no_sense_is_no_request(port, echo, headers):
    answer = exchange(port, _post(*headers))
    assert answer[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 501")
    assert echo.bodies == []


def test_head_without_end_is_cut_off(port, echo):
    answer = exchange(port, _post(b"X: " + b"a" * 1_000_000))
    assert answer[:12] in (b"HTTP/1.1 400", b"")
    assert echo.bodies == []


def test_chunk_without_a_length_is_the_end(port, echo):
    answer = exchange(
        port, _post(b"Transfer-Encoding: chunked"), b"zz\r\nhello\r\n"
    )
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
    assert echo.bodies == []
