"""Refusals on a real socket: the connection tells whether to go on."""

from starlette.responses import PlainTextResponse

from serving.gateway.access.access import Access
from serving.gateway.access.api_keys import ApiKeys
from serving.gateway.access.guard import Admission
from serving.gateway.access.rate_limits import RateLimits
from tests.serving.gateway.access.live_server import exchange
from tests.serving.gateway.access.live_server import serve

_KEY = b"X-API-Key: reader-key\r\n"


def _guard(key_file):
    keys = ApiKeys.from_file(key_file)
    access = Access(keys, RateLimits(1000))
    return Admission(PlainTextResponse("hello"), access)


def _get(path, headers=b"", last=b"Connection: close\r\n"):
    return b"GET %s HTTP/1.1\r\nHost: g\r\n%s%s\r\n" % (path, headers, last)


def test_connection_of_a_stranger_without_a_body_stays_open(key_file):
    with serve(_guard(key_file)) as port:
        answer = exchange(port, _get(b"/v1/x", last=b"") + _get(b"/v1/x", _KEY))
    assert answer.count(b"HTTP/1.1 401") == 1
    assert answer.count(b"HTTP/1.1 200") == 1


def test_body_of_a_stranger_is_not_waited_for(key_file):
    head = (
        b"POST /v1/events HTTP/1.1\r\nHost: g\r\nContent-Length: 1000000\r\n"
        b"\r\n"
    )
    with serve(_guard(key_file)) as port:
        answer = exchange(port, head)  # until the server hangs up
    assert answer.startswith(b"HTTP/1.1 401")
    assert b"\r\nconnection: close\r\n" in answer.lower()


def test_bytes_that_are_no_text_in_a_header_are_no_key(key_file):
    with serve(_guard(key_file)) as port:
        answer = exchange(port, _get(b"/v1/x", b"X-API-Key: \xff\xfe\r\n"))
    assert answer.startswith(b"HTTP/1.1 401")


def test_key_shown_twice_counts_once(key_file):
    with serve(_guard(key_file)) as port:
        answer = exchange(port, _get(b"/v1/x", _KEY + b"X-API-Key: nobody\r\n"))
    assert answer.startswith(b"HTTP/1.1 200")
