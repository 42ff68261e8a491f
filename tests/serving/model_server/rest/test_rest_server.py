"""The REST port as a whole: limits, slow callers, start and stop."""

import contextlib
import select
import socket
import threading
from collections.abc import Iterator
from collections.abc import Mapping

import httpx
import pytest

from serving.model_server.metrics.server_metrics import ServerMetrics
from serving.model_server.rest.rest_options import RestOptions
from serving.model_server.rest.rest_server import RestServer

_PREDICT = "/v1/models/half_plus_two:predict"
_HEAD = f"POST {_PREDICT} HTTP/1.1\r\nhost: x\r\n".encode()


@contextlib.contextmanager
def _serve(models, host="127.0.0.1", **options) -> Iterator[RestServer]:
    metrics = ServerMetrics(models)
    server = RestServer(host, 0, models, metrics, RestOptions(**options))
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _connect(server: RestServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=30)


def _post(server: RestServer) -> httpx.Response:
    url = f"http://127.0.0.1:{server.port}{_PREDICT}"
    body = b'{"inputs": 2}'
    return httpx.post(url, content=body, trust_env=False, verify=False)


def test_f03_any_address_means_ipv4_too(rest_models):
    with _serve(rest_models, "[::]") as server:
        assert _post(server).json() == {"outputs": 3.0}


def test_taken_port_is_an_error(rest_models):
    with _serve(rest_models) as server:
        second = RestServer(
            "127.0.0.1", server.port, rest_models, ServerMetrics()
        )
        with pytest.raises(OSError, match="in use"):
            second.start()
        second.stop()


def test_stopped_server_answers_no_more_and_frees_its_port(rest_models):
    with _serve(rest_models) as server:
        port = server.port
        assert _post(server).status_code == 200
    again = RestServer("127.0.0.1", port, rest_models, ServerMetrics())
    again.start()
    assert _post(again).status_code == 200
    again.stop()
    with pytest.raises(httpx.ConnectError):
        _post(again)


class _Gate(Mapping):
    """Models whose lookup waits until the gate is opened."""

    def __init__(self, models):
        self._models = models
        self.num_waiting = threading.Semaphore(0)
        self.is_open = threading.Event()

    def __getitem__(self, name):
        self.num_waiting.release()
        assert self.is_open.wait(30)
        return self._models[name]

    def __iter__(self):
        return iter(self._models)

    def __len__(self):
        return len(self._models)


def test_request_beyond_the_concurrent_ones_is_turned_away(rest_models):
    gate = _Gate(rest_models)
    server = RestServer(
        "127.0.0.1",
        0,
        gate,
        ServerMetrics(),
        RestOptions(max_concurrent_requests=2, num_threads=2),
    )
    server.start()
    answers = []
    callers = [
        threading.Thread(target=lambda: answers.append(_post(server)))
        for _ in range(2)
    ]
    for caller in callers:
        caller.start()
    assert gate.num_waiting.acquire(timeout=30)
    assert gate.num_waiting.acquire(timeout=30)
    refused = _post(server)
    gate.is_open.set()
    for caller in callers:
        caller.join()
    server.stop()
    assert refused.status_code == 429
    assert "2 requests run or wait already" in refused.json()["error"]
    assert [answer.status_code for answer in answers] == [200, 200]


def test_running_call_is_finished_before_the_server_stops(rest_models):
    gate = _Gate(rest_models)
    server = RestServer("127.0.0.1", 0, gate, ServerMetrics())
    server.start()
    answers = []
    caller = threading.Thread(target=lambda: answers.append(_post(server)))
    caller.start()
    assert gate.num_waiting.acquire(timeout=30)
    stopper = threading.Thread(target=server.stop)
    stopper.start()
    gate.is_open.set()
    stopper.join()
    caller.join()
    assert answers[0].json() == {"outputs": 3.0}


def test_slow_callers_do_not_hold_up_others(rest_models):
    with _serve(rest_models, num_threads=1) as server:
        slow = [_connect(server) for _ in range(50)]
        for number, caller in enumerate(slow):
            head = b"content-length: 100\r\n\r\n{" if number % 2 else b"x-a: "
            caller.sendall(_HEAD + head)
        assert _post(server).json() == {"outputs": 3.0}
        for caller in slow:
            caller.close()


def test_body_that_takes_too_long_is_answered_408(rest_models):
    with (
        _serve(rest_models, transfer_timeout_seconds=0.2) as server,
        _connect(server) as caller,
    ):
        caller.sendall(_HEAD + b"content-length: 100\r\n\r\n{")
        answer = b"".join(iter(lambda: caller.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"took too long to arrive" in answer


@pytest.mark.parametrize("sent", [b"", b"POST /v1", _HEAD])
def test_head_that_takes_too_long_ends_the_connection(rest_models, sent):
    with (
        _serve(rest_models, transfer_timeout_seconds=0.2) as server,
        _connect(server) as caller,
    ):
        caller.sendall(sent)
        assert caller.recv(4096) == b""


def test_second_head_on_a_connection_has_its_deadline_too(rest_models):
    with (
        _serve(rest_models, transfer_timeout_seconds=1.0) as server,
        _connect(server) as caller,
    ):
        caller.sendall(_HEAD + b'content-length: 13\r\n\r\n{"inputs": 2}')
        assert caller.recv(4096).startswith(b"HTTP/1.1 200 ")
        caller.sendall(b"POST /v1")
        rest = b"".join(iter(lambda: caller.recv(4096), b""))
        assert not rest.startswith(b"HTTP/1.1")


def test_answer_that_nobody_takes_ends_the_connection(rest_models):
    text = b"x" * (16 << 20)  # more than the buffers of a socket hold
    body = b'{"signature_name": "echo_string", "inputs": "' + text + b'"}'
    head = (
        "POST /v1/models/toolbox:predict HTTP/1.1\r\nhost: x\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    ).encode()
    hang_up = select.poll()
    with (
        _serve(rest_models, transfer_timeout_seconds=3.0) as server,
        socket.socket() as caller,
    ):
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        caller.settimeout(30)
        caller.connect(("127.0.0.1", server.port))
        caller.sendall(head + body)
        hang_up.register(caller, 0)  # only what nobody can switch off
        ((_, events),) = hang_up.poll(60_000)
    assert events & (select.POLLHUP | select.POLLERR)


def test_caller_that_hangs_up_harms_nobody(rest_models):
    with _serve(rest_models) as server:
        with _connect(server) as caller:
            caller.sendall(_HEAD + b"content-length: 100\r\n\r\n{")
        assert _post(server).status_code == 200


def test_cors_headers_come_with_every_answer_when_switched_on(rest_models):
    with _serve(rest_models, enable_cors=True) as server:
        url = f"http://127.0.0.1:{server.port}{_PREDICT}"
        headers = {"origin": "https://shop.example"}
        options = httpx.options(url, headers=headers, trust_env=False)
        answers = [options, _post(server)]
    for answer in answers:
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["access-control-allow-methods"] == "POST, GET"
        assert answer.headers["access-control-allow-headers"] == "Content-Type"


def test_monitoring_page_is_off_unless_it_has_a_path(rest_models):
    with _serve(rest_models) as server:
        url = f"http://127.0.0.1:{server.port}/monitoring/prometheus/metrics"
        assert httpx.get(url, trust_env=False).status_code == 404
