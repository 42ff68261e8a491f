"""Bytes that no caller means well: a 4xx for each, no crash, no growth."""

import contextlib
import json
import socket
from collections.abc import Iterator

import pytest

from serving.gateway.records.event import MAX_ID_LENGTH
from tests.serving.gateway.calls import list_ids
from tests.serving.gateway.faults.gateway_process import MARKER
from tests.serving.gateway.faults.gateway_process import GatewayProcess

_MAX_GROWTH_BYTES = 48 << 20  # a tenth of what is sent meanwhile
_SECONDS = 30.0  # until the gateway must have answered or hung up
_EVENTS = "/v1/events"
_SLATES = "/v1/recommendations"


@pytest.fixture(scope="module")
def gateway(upstream, tmp_path_factory) -> Iterator[GatewayProcess]:
    gateway = GatewayProcess(
        tmp_path_factory.mktemp("raw"),
        upstream={"address": upstream.address},
        limits={"body_seconds": 1.0},
    )
    yield gateway
    try:
        # Whatever came, it is still the same process, and works.
        assert gateway.process.poll() is None
        slate = gateway.client.post(_SLATES, json={"user_id": MARKER}).json()
        assert slate["source"] == "model"
        assert list_ids(slate)
        gateway.check_privacy()
        assert '"status": 500' not in gateway.log.read_text()
    finally:
        gateway.close()


def _exchange(gateway: GatewayProcess, *parts: bytes) -> bytes:
    """Sends bytes as they are; returns all until the gateway hangs up."""
    address = ("127.0.0.1", gateway.port)
    received = b""
    with (
        socket.create_connection(address, timeout=_SECONDS) as caller,
        contextlib.suppress(ConnectionError),  # it hung up on us first
    ):
        for part in parts:
            caller.sendall(part)
        while part := caller.recv(1 << 16):
            received += part
    return received


def _read_status(answer: bytes) -> int:
    assert answer.startswith(b"HTTP/1.1 "), answer[:200]
    return int(answer.split()[1])


def _build_post(path: str, body: bytes, *headers: str) -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        "Connection: close",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def _build_event(item_id: bytes, more: bytes = b"") -> bytes:
    return b'{"events": [{"user_id": "%s", "item_id": "%s"%s}]}' % (
        MARKER.encode(),
        item_id,
        more,
    )


def _shorten(given: bytes | str) -> str:
    text = given if isinstance(given, str) else given.decode("latin-1")
    return ascii(text[:32])[1:-1]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (_EVENTS, b""),
        (_EVENTS, b"{"),
        (_EVENTS, b"\xff\xfe\x00"),
        (_EVENTS, b"\xef\xbb\xbf{}"),
        (_EVENTS, json.dumps({"events": []}).encode("utf-16")),
        (_EVENTS, b"[" * 500_000),
        (_EVENTS, b'{"events":' * 50_000),
        (_EVENTS, b'{"events": [' + b"{}," * 200_000 + b"{}]}"),
        (_EVENTS, b"9" * 1_000_000),
        (_EVENTS, b'{"events": ' + b"9" * 1_000_000 + b"}"),
        (_EVENTS, b"{" + b'"a": 1, ' * 100_000 + b'"a": 1}'),
        (_EVENTS, b'{"' + b"a" * 900_000 + b'": 1}'),
        (_EVENTS, b'{"__proto__": {"x": 1}, "events": null}'),
        (_EVENTS, _build_event(b"\xff")),
        (_EVENTS, _build_event(b"\xed\xa0\x80")),
        (_EVENTS, _build_event(b"\\ud800")),
        (_EVENTS, _build_event(b"\x00")),
        (_EVENTS, _build_event(b"")),
        (_EVENTS, _build_event(b"x" * (MAX_ID_LENGTH + 1))),
        (_EVENTS, _build_event(b"a", b', "value": NaN')),
        (_EVENTS, _build_event(b"a", b', "value": Infinity')),
        (_EVENTS, _build_event(b"a", b', "value": 1e308')),
        (_EVENTS, _build_event(b"a", b', "value": 1e999')),
        (_EVENTS, _build_event(b"a", b', "value": 1' + b"0" * 400)),
        (_EVENTS, _build_event(b"a", b', "value": -1' + b"0" * 5000)),
        (_EVENTS, _build_event(b"a", b', "timestamp": -1')),
        (_EVENTS, _build_event(b"a", b', "timestamp": 1e300')),
        (_EVENTS, _build_event(b"a", b', "timestamp": "now"')),
        (_EVENTS, _build_event(b"a", b', "value": true')),
        (_EVENTS, _build_event(b"a", b', "event_type": "\\u0000"')),
        (_SLATES, b'{"k": -0.5}'),
        (_SLATES, b'{"k": 1e308}'),
        (_SLATES, b'{"k": 1' + b"0" * 400 + b"}"),
        (_SLATES, b'{"diversity": 1e-400, "popularity": -1e400}'),
        (_SLATES, b'{"constraints": {"min_price": 1e308}}'),
        (_SLATES, b'{"session": "' + b"x" * 100 + b'"}'),
    ],
    ids=_shorten,
)
def test_body_that_makes_no_sense_is_refused(gateway, path, body):
    answer = _exchange(gateway, _build_post(path, body))
    assert _read_status(answer) in (400, 413, 422)
    assert b'{"detail":"' in answer


@pytest.mark.parametrize(
    ("item_id", "wanted"),
    [
        (b"\\u0000", "\0"),
        (b"\\n\\r\\t", "\n\r\t"),
        (b"\\u202e\\ufeff\\uffff", "\u202e\ufeff\uffff"),
        (b"\\ud83d\\ude00", "\U0001f600"),
        ("e\u0301 \u00e9".encode(), "e\u0301 \u00e9"),
        (b"'; DROP TABLE events; --", "'; DROP TABLE events; --"),
        (b"<script>{{7*7}}</script>${x}%s", "<script>{{7*7}}</script>${x}%s"),
        (b"../../etc/passwd", "../../etc/passwd"),
    ],
)
def test_odd_text_is_kept_as_it_is(gateway, item_id, wanted):
    user_id = f"{MARKER} {wanted}"
    body = json.loads(_build_event(item_id))
    body["events"][0]["user_id"] = user_id
    answer = gateway.client.post(_EVENTS, json=body)
    assert answer.json()["accepted"] == 1
    path = "".join(f"%{byte:02X}" for byte in user_id.encode())
    events = gateway.client.get(f"/v1/users/{path}/events").json()["events"]
    assert [event["item_id"] for event in events] == [wanted]
    slate = gateway.client.post(_SLATES, json={"user_id": user_id})
    assert slate.status_code == 200
    forgotten = gateway.client.delete(f"/v1/users/{path}").json()
    assert forgotten["removed"] == 2  # an event and a slate


@pytest.mark.parametrize(
    "target",
    [
        "/v1/users/%00/events?limit=0",
        "/v1/users/%ff%fe/events?limit=x",
        "/v1/users/" + "%2e" * (MAX_ID_LENGTH + 1) + "/events",
        "/v1/users//events",
        "/v1/users/%",
        "/v1/similar?item_id=%00",
        "/v1/similar?item_id=%ED%A0%80",
        "/v1/similar",
        "/v1/similar?item_id=" + "a" * (MAX_ID_LENGTH + 1),
        "/v1/items?limit=1e3",
        "/v1/items?limit=" + "9" * 5000,
        "/v1/items?limit=-0.0",
        "/v1/recommendations?k=0x10",
        "/v1/recommendations?diversity=nan",
        "/v1/recommendations?popularity=-inf",
        "/v1/recommendations?k=%D9%A3%D9%A0%D9%A0",  # 300 in Arabic digits
        "/v1/policies/%00/reset",
        "/../../etc/passwd",
        "//v1/items",
        "/v1/items/../users",
        "*",
        "http://elsewhere/v1/none",
        "/" + "a" * 60_000,
        "/" + "a" * 70_000,
    ],
    ids=_shorten,
)
def test_target_that_makes_no_sense_is_refused(gateway, target):
    head = (
        f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )
    status = _read_status(_exchange(gateway, head.encode()))
    assert 400 <= status < 500


@pytest.mark.parametrize(
    "method", ["PUT", "PATCH", "TRACE", "CONNECT", "OPTIONS", "get", "X" * 999]
)
@pytest.mark.parametrize("path", [_EVENTS, _SLATES, "/healthz", "/"])
def test_method_that_is_not_there_is_refused(gateway, method, path):
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n"
    head += "Connection: close\r\n\r\n"
    assert _read_status(_exchange(gateway, head.encode())) in (400, 405)


@pytest.mark.parametrize(
    "message",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
        b"\x00" * 1000,
        b"\r\n" * 1000,
        b"GET\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",  # no Host
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nb\x00d: y\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nbad : y\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n"
        + b"a: b\r\n" * 200_000
        + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\na: "
        + b"b" * 1_000_000
        + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"c" * 1_000_000,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
    ids=_shorten,
)
def test_what_is_no_http_is_refused(gateway, message):
    answer = _exchange(gateway, message)
    if answer:
        assert 400 <= _read_status(answer) < 500


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: -1",
        "Content-Length: x",
        "Content-Length: 1e3",
        "Content-Length: " + "9" * 5000,
        "Content-Length: 2\r\nContent-Length: 3",
        "Content-Length: 2\r\nTransfer-Encoding: chunked",
        "Content-Length: \xb2",
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n",
        "Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n",
        "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n{}",
        "Transfer-Encoding: chunked\r\n\r\n2\r\n{}trash",
    ],
)
def test_length_that_makes_no_sense_is_refused(gateway, headers):
    head = f"POST {_EVENTS} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n\r\n"
    answer = _exchange(gateway, head.encode("latin-1"), b"{}")
    if answer:  # what is cut short needs no answer
        assert 400 <= _read_status(answer) < 500


def test_body_that_trickles_is_not_waited_for(gateway):
    head = _build_post(_EVENTS, b"").replace(b"Length: 0", b"Length: 99")
    address = ("127.0.0.1", gateway.port)
    with socket.create_connection(address, timeout=_SECONDS) as caller:
        caller.sendall(head + b'{"events"')
        assert _read_status(caller.recv(1 << 16)) == 408


def test_flood_of_large_bodies_and_made_up_ids_grows_nothing(gateway):
    def flood(first: int) -> None:
        for number in range(first, first + 40):
            _exchange(gateway, _build_post(_EVENTS, b"[" * (1 << 20)))
            _exchange(gateway, _build_post(_EVENTS, b" " * (8 << 20)))
            gateway.client.get(f"/v1/made-up-{number}/{MARKER}")
            gateway.client.request(f"METHOD{number}", "/healthz")
            gateway.client.get(f"/v1/similar?item_id={number}")
            body = {"scenario": f"{MARKER}{number}", "need": "x" * 10_000}
            assert gateway.client.post(_SLATES, json=body).is_success

    flood(0)  # what is allocated once is no growth
    before = gateway.measure_memory()
    flood(1000)
    assert gateway.measure_memory() - before < _MAX_GROWTH_BYTES
    page = gateway.client.get("/metrics").text
    assert "made-up" not in page
    assert "METHOD" not in page
    assert len(page) < 60_000
